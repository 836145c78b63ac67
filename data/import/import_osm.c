#include "data/import/import_osm.h"

#include "data/import/import_store.h"
#include "data/osm/osm_build.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static enum status store_roads(struct import_store *store, const struct osm_collection *c, const struct osm_built *b,
                               struct error *err)
{
    struct point_e7 *shape = NULL;
    uint32_t most = 2;
    enum status s = import_store_roads(store, err);

    for (size_t r = 0; r < b->road_count; r++)
        if (b->roads[r].place_count > most) most = b->roads[r].place_count;
    if (s == STATUS_OK) shape = malloc(most * sizeof *shape);
    if (s == STATUS_OK && !shape) s = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t r = 0; s == STATUS_OK && r < b->road_count; r++) {
        const struct osm_built_road *built = &b->roads[r];
        const struct osm_kept_way *way = &c->ways[built->way];
        const struct osm_road *road = &way->road;
        char source_id[32];
        struct import_road row = {
            .id = (int64_t)r + 1, .from_node = (int64_t)built->from + 1, .to_node = (int64_t)built->to + 1, .class = road->class,
            .name = road->name, .ref = road->ref, .forward = road->forward, .backward = road->backward, .bridge = road->bridge,
            .tunnel = road->tunnel, .toll = road->toll, .roundabout = road->roundabout, .hazmat_no = road->hazmat_no,
            .speed_forward_kmh = built->speed_kmh[0], .speed_backward_kmh = built->speed_kmh[1],
            .lorry_forward = road->access.lorry[0], .lorry_backward = road->access.lorry[1],
            .light_forward = road->access.light[0], .light_backward = road->access.light[1], .layer = road->layer,
            .source_id = source_id, .tags_json = road->tags_json, .shape = shape, .shape_count = built->place_count};

        snprintf(source_id, sizeof source_id, "way/%" PRId64, way->id);
        for (size_t k = 0; k < LIMIT_COUNT; k++) row.limits[k] = built->limits[k];
        for (uint32_t k = 0; k < built->place_count; k++) shape[k] = c->places[b->places[built->first_place + k]].point;
        import_store_road(store, &row);
    }
    free(shape);
    return s;
}

static enum status store_nodes(struct import_store *store, const struct osm_collection *c, const struct osm_built *b,
                               struct error *err)
{
    static const char *const barriers[] = {NULL, "lorry", "closed"};
    enum status s = import_store_nodes(store, err);

    for (size_t n = 0; s == STATUS_OK && n < b->node_count; n++) {
        const struct osm_place *place = &c->places[b->nodes[n].place];

        import_store_node(store, &(struct import_node){.id = (int64_t)n + 1, .point = place->point, .turning_place = place->turning_place,
                                                       .signals = place->signals, .toll_booth = place->toll_booth,
                                                       .barrier = barriers[place->barrier]});
    }
    return s;
}

static enum status store_turns(struct import_store *store, const struct osm_built *b, struct error *err)
{
    enum status s = import_store_turns(store, err);

    for (size_t t = 0; s == STATUS_OK && t < b->turn_count; t++) {
        const struct osm_built_turn *turn = &b->turns[t];
        int64_t via[8];
        char source_id[40];

        for (uint32_t k = 0; k < turn->via_road_count; k++) via[k] = (int64_t)turn->via_roads[k] + 1;
        snprintf(source_id, sizeof source_id, "relation/%" PRId64, turn->relation);
        import_store_turn(store, &(struct import_turn){.from_road = (int64_t)turn->from + 1, .via_node = (int64_t)turn->via_node + 1,
                                                       .to_road = (int64_t)turn->to + 1, .via_roads = via,
                                                       .via_road_count = turn->via_road_count, .only = turn->only,
                                                       .lorry = turn->lorry, .light = turn->light, .hazmat = turn->hazmat,
                                                       .condition = turn->condition, .source_id = turn->relation ? source_id : "barrier"});
    }
    return s;
}

enum status import_osm(struct pg *pg, const struct import_osm_options *options, struct import_report *report, struct error *err)
{
    struct osm_collection c = {0};
    struct osm_built built = {0};
    struct import_store store = {0};
    enum status s;

    *report = (struct import_report){0};
    s = osm_collect(options->path, report, !options->quiet, &c, err);
    if (s == STATUS_OK && !c.way_count)
        s = error_set(err, STATUS_INVALID, MESSAGE_IMPORT_FORMAT, options->path, "no roads in it");
    if (s == STATUS_OK) s = osm_build(&c, &built, err);
    if (s == STATUS_OK && !options->quiet)
        fprintf(stderr, "import: storing %zu roads, %zu nodes, %zu turn restrictions\n", built.road_count, built.node_count,
                built.turn_count);
    if (s == STATUS_OK) s = import_store_begin(&store, pg, options->source, options->replace_all, err);
    if (s == STATUS_OK) s = store_roads(&store, &c, &built, err);
    if (s == STATUS_OK) s = store_nodes(&store, &c, &built, err);
    if (s == STATUS_OK) s = store_turns(&store, &built, err);
    if (s == STATUS_OK) s = import_store_commit(&store, err);
    import_store_abort(&store);
    report->roads = store.roads;
    report->nodes = store.nodes;
    report->turns = store.turns;
    osm_built_clear(&built);
    osm_collection_clear(&c);
    return s;
}
