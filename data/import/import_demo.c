#include "data/import/import_demo.h"

#include "data/demo/demo.h"
#include "data/demo/demo_registers.h"
#include "data/import/import_store.h"

#include <stdio.h>
#include <stdlib.h>

static enum status store_roads(struct import_store *store, const struct demo_model *m, const int64_t *station_ids,
                               struct error *err)
{
    struct point_e7 *shape = NULL;
    size_t most = 2;
    enum status s = import_store_roads(store, err);

    for (size_t i = 0; i < m->road_count; i++)
        if (m->roads[i].point_count > most) most = m->roads[i].point_count;
    if (s == STATUS_OK) shape = malloc(most * sizeof *shape);
    if (s == STATUS_OK && !shape) s = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t i = 0; s == STATUS_OK && i < m->road_count; i++) {
        const struct demo_road *r = &m->roads[i];
        struct import_road row = {.id = (int64_t)i + 1, .from_node = (int64_t)r->from + 1, .to_node = (int64_t)r->to + 1,
                                  .class = r->class, .name = r->name, .ref = r->ref, .forward = r->forward,
                                  .backward = r->backward, .bridge = r->bridge, .tunnel = r->tunnel, .toll = r->toll,
                                  .hazmat_no = r->hazmat_no, .speed_forward_kmh = r->speed_kmh,
                                  .speed_backward_kmh = r->speed_kmh, .lorry_forward = r->lorry, .lorry_backward = r->lorry,
                                  .light_forward = r->light, .light_backward = r->light, .layer = r->layer,
                                  .ramp = r->ramp == DEMO_RAMP_ENTRY ? "entry" : r->ramp == DEMO_RAMP_EXIT ? "exit" : NULL,
                                  .station_id = r->station ? station_ids[r->station - 1] : 0, .shape = shape,
                                  .shape_count = (uint32_t)r->point_count};

        if (r->dropped) continue;
        for (size_t k = 0; k < LIMIT_COUNT; k++) row.limits[k] = r->limits[k];
        for (size_t k = 0; k < r->point_count; k++) shape[k] = demo_plane_to_e7(m->points[r->first_point + k]);
        import_store_road(store, &row);
    }
    free(shape);
    return s;
}

static enum status store_nodes(struct import_store *store, const struct demo_model *m, struct error *err)
{
    enum status s = import_store_nodes(store, err);

    for (size_t i = 0; s == STATUS_OK && i < m->node_count; i++) {
        const struct demo_node *n = &m->nodes[i];

        if (n->dropped) continue;
        import_store_node(store, &(struct import_node){.id = (int64_t)i + 1, .point = n->point, .turning_place = n->turning_place,
                                                       .signals = n->signals, .toll_booth = n->toll_booth,
                                                       .barrier = n->barrier});
    }
    return s;
}

static enum status store_turns(struct import_store *store, const struct demo_model *m, struct error *err)
{
    enum status s = import_store_turns(store, err);

    for (size_t i = 0; s == STATUS_OK && i < m->turn_count; i++) {
        const struct demo_turn *t = &m->turns[i];

        import_store_turn(store, &(struct import_turn){.from_road = (int64_t)t->from_road + 1,
                                                       .via_node = (int64_t)t->via_node + 1,
                                                       .to_road = (int64_t)t->to_road + 1, .only = t->only, .lorry = true,
                                                       .light = !t->lorries_only, .hazmat = true});
    }
    return s;
}

/* Stakes (桩号) of the expressways, schematic: along the longer carriageway from a round number; the other one has those beside it. Measured in metres,
 * on the plane of 114° E. */
static enum status store_stakes(struct pg *pg, struct error *err)
{
    return pg_exec(pg,
                   "WITH pieces AS (SELECT id, ref, ST_Transform(geom, 4547) AS geom FROM road WHERE source = 'demo' AND class = 'motorway' AND ref IS NOT NULL),"
                   " lines AS (SELECT ref, (ST_Dump(ST_LineMerge(ST_Collect(geom ORDER BY id)))).geom AS line FROM pieces GROUP BY ref),"
                   " axes AS (SELECT DISTINCT ON (ref) ref, line, ST_Length(line) / 1000 AS km,"
                   "      CASE WHEN ref LIKE 'G%' THEN 1000 ELSE 0 END AS base FROM lines ORDER BY ref, ST_Length(line) DESC, ST_AsText(line))"
                   " UPDATE road r SET tags = COALESCE(r.tags, '{}') || jsonb_build_object("
                   "      'stake_from_km', round((base + km * ST_LineLocatePoint(line, ST_StartPoint(p.geom)))::numeric, 3),"
                   "      'stake_to_km', round((base + km * ST_LineLocatePoint(line, ST_EndPoint(p.geom)))::numeric, 3))"
                   " FROM pieces p JOIN axes a USING (ref) WHERE r.id = p.id",
                   err);
}

enum status import_demo(struct pg *pg, const struct import_demo_options *options, struct import_report *report,
                        struct error *err)
{
    struct demo_model m = {0};
    struct demo_rules *rules = NULL;
    struct demo_places *places = NULL;
    struct import_store store = {0};
    int64_t *station_ids = NULL;
    enum status s;

    *report = (struct import_report){0};
    if (options->scale < 1 || options->scale > DEMO_SCALE_MAX) {
        s = error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_DEMO_SCALE, DEMO_SCALE_MAX);
        error_bounds(err, DEMO_SCALE_MAX, options->scale);
        return s;
    }
    demo_model_init(&m, options->seed, options->scale);
    if (!options->quiet) fprintf(stderr, "demo: drawing the schematic prefecture, seed %llu, scale %u\n",
                                 (unsigned long long)options->seed, options->scale);
    s = demo_generate(&m, err);
    if (s != STATUS_OK) goto done;
    rules = calloc(1, sizeof *rules);
    places = calloc(1, sizeof *places);
    station_ids = calloc(m.station_count + 1, sizeof *station_ids);
    if (!rules || !places || !station_ids) {
        s = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    demo_places_draw(&m, places);
    s = demo_rules_draw(&m, rules, err);
    if (!options->quiet) fprintf(stderr, "demo: storing %zu roads, %zu zones, %zu checkpoints\n", m.road_count,
                                 rules->zone_count, rules->checkpoint_count);
    if (s == STATUS_OK) s = import_store_begin(&store, pg, "demo", options->replace_all, err);
    if (s == STATUS_OK) s = demo_registers_clear(pg, options->replace_all, err);
    if (s == STATUS_OK) s = demo_registers_store(pg, &m, places, options->replace_all, station_ids, err);
    if (s == STATUS_OK) s = store_roads(&store, &m, station_ids, err);
    if (s == STATUS_OK) s = store_nodes(&store, &m, err);
    if (s == STATUS_OK) s = store_turns(&store, &m, err);
    if (s == STATUS_OK) s = import_store_pause(&store, err);
    if (s == STATUS_OK) s = store_stakes(pg, err);
    if (s == STATUS_OK) s = demo_rules_store(pg, rules, store.road_offset, err);
    if (s == STATUS_OK) s = import_store_commit(&store, err);
    report->roads = store.roads;
    report->nodes = store.nodes;
    report->turns = store.turns;
done:
    import_store_abort(&store);
    demo_model_clear(&m);
    free(rules);
    free(places);
    free(station_ids);
    return s;
}
