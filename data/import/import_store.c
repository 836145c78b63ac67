#include "data/import/import_store.h"

#include "data/import/road_defaults.h"

#include <stdlib.h>

static const char *const access_text[] = {[ACCESS_YES] = "yes", [ACCESS_DESTINATION] = "destination", [ACCESS_NO] = "no"};

enum status import_store_begin(struct import_store *store, struct pg *pg, const char *source, bool replace_all,
                               struct error *err)
{
    const char *const values[] = {source};
    struct pg_result r = {0};
    enum status s;

    *store = (struct import_store){.pg = pg, .source = source};
    s = pg_exec(pg, "BEGIN", err);
    if (s != STATUS_OK) return s;
    store->open = true;
    /* readers go on reading the old roads; a second import waits */
    s = pg_exec(pg, "LOCK TABLE road, road_node, turn_restriction IN SHARE ROW EXCLUSIVE MODE", err);
    if (s == STATUS_OK && replace_all) {
        s = pg_exec(pg, "DELETE FROM turn_restriction; DELETE FROM road_node; DELETE FROM road", err);
    } else if (s == STATUS_OK) {
        s = pg_query(pg, "DELETE FROM turn_restriction t USING road r WHERE r.id = t.from_road AND r.source = $1", 1, values,
                     NULL, err);
        if (s == STATUS_OK)
            s = pg_query(pg,
                         "DELETE FROM road_node n USING (SELECT from_node AS id FROM road WHERE source = $1 "
                         "UNION SELECT to_node FROM road WHERE source = $1) u WHERE u.id = n.id",
                         1, values, NULL, err);
        if (s == STATUS_OK) s = pg_query(pg, "DELETE FROM road WHERE source = $1", 1, values, NULL, err);
    }
    if (s == STATUS_OK)
        s = pg_query(pg,
                     "SELECT COALESCE((SELECT max(id) FROM road), 0)::bigint, "
                     "COALESCE(GREATEST((SELECT max(id) FROM road_node), (SELECT max(GREATEST(from_node, to_node)) FROM road)), 0)::bigint",
                     0, NULL, &r, err);
    if (s == STATUS_OK) {
        store->road_offset = pg_i64(&r, 0, 0);
        store->node_offset = pg_i64(&r, 0, 1);
    }
    pg_result_clear(&r);
    return s;
}

enum status import_store_pause(struct import_store *store, struct error *err)
{
    enum status s;

    if (!store->writing) return STATUS_OK;
    store->writing = false;
    s = pg_copy_write_end(&store->writer, NULL, err);
    return s;
}

static enum status begin_copy(struct import_store *store, const char *sql, struct error *err)
{
    enum status s = import_store_pause(store, err);

    if (s == STATUS_OK) s = pg_copy_write_begin(store->pg, sql, &store->writer, err);
    store->writing = s == STATUS_OK;
    return s;
}

enum status import_store_roads(struct import_store *store, struct error *err)
{
    return begin_copy(store,
                      "COPY road (id, geom, class, name, ref, from_node, to_node, forward, backward, speed_forward_kmh, "
                      "speed_backward_kmh, access_lorry_forward, access_lorry_backward, access_light_forward, "
                      "access_light_backward, max_height_m, max_width_m, max_length_m, max_gross_t, max_axle_load_t, "
                      "max_axles, bridge_limit_t, hazmat, bridge, tunnel, layer, toll, roundabout, ramp, station_id, "
                      "source, source_id, tags) FROM STDIN (FORMAT binary)",
                      err);
}

static void write_limit(struct pg_copy_writer *w, uint32_t value)
{
    if (value) pg_write_f64(w, value / 1000.0);
    else pg_write_null(w);
}

static void write_text(struct pg_copy_writer *w, const char *text)
{
    pg_write_text(w, text && *text ? text : NULL);
}

static void write_shape(struct pg_copy_writer *w, const struct point_e7 *shape, uint32_t count)
{
    double fixed[64][2], (*points)[2] = count <= 64 ? fixed : malloc(count * sizeof *points);

    if (!points) {
        w->failed = STATUS_NO_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        points[i][0] = shape[i].lon_e7 / 1e7;
        points[i][1] = shape[i].lat_e7 / 1e7;
    }
    pg_write_line(w, (const double (*)[2])points, count);
    if (points != fixed) free(points);
}

void import_store_road(struct import_store *store, const struct import_road *road)
{
    struct pg_copy_writer *w = &store->writer;

    pg_write_row(w, 33);
    pg_write_i64(w, store->road_offset + road->id);
    write_shape(w, road->shape, road->shape_count);
    pg_write_text(w, road_default_code(road->class));
    write_text(w, road->name);
    write_text(w, road->ref);
    pg_write_i64(w, store->node_offset + road->from_node);
    pg_write_i64(w, store->node_offset + road->to_node);
    pg_write_bool(w, road->forward);
    pg_write_bool(w, road->backward);
    pg_write_i16(w, (int16_t)road->speed_forward_kmh);
    pg_write_i16(w, (int16_t)road->speed_backward_kmh);
    pg_write_text(w, access_text[road->lorry_forward]);
    pg_write_text(w, access_text[road->lorry_backward]);
    pg_write_text(w, access_text[road->light_forward]);
    pg_write_text(w, access_text[road->light_backward]);
    write_limit(w, road->limits[LIMIT_HEIGHT]);
    write_limit(w, road->limits[LIMIT_WIDTH]);
    write_limit(w, road->limits[LIMIT_LENGTH]);
    write_limit(w, road->limits[LIMIT_GROSS_WEIGHT]);
    write_limit(w, road->limits[LIMIT_AXLE_LOAD]);
    if (road->limits[LIMIT_AXLES]) pg_write_i16(w, (int16_t)road->limits[LIMIT_AXLES]);
    else pg_write_null(w);
    write_limit(w, road->limits[LIMIT_BRIDGE]);
    pg_write_text(w, road->hazmat_no ? "no" : "yes");
    pg_write_bool(w, road->bridge);
    pg_write_bool(w, road->tunnel);
    pg_write_i16(w, road->layer);
    pg_write_bool(w, road->toll);
    pg_write_bool(w, road->roundabout);
    pg_write_text(w, road->ramp);
    if (road->station_id) pg_write_i64(w, road->station_id);
    else pg_write_null(w);
    pg_write_text(w, store->source);
    pg_write_text(w, road->source_id);
    pg_write_jsonb(w, road->tags_json);
    store->roads++;
}

enum status import_store_nodes(struct import_store *store, struct error *err)
{
    return begin_copy(store,
                      "COPY road_node (id, geom, turning_place, signals, toll_booth, barrier) FROM STDIN (FORMAT binary)", err);
}

void import_store_node(struct import_store *store, const struct import_node *node)
{
    struct pg_copy_writer *w = &store->writer;

    pg_write_row(w, 6);
    pg_write_i64(w, store->node_offset + node->id);
    pg_write_point(w, node->point.lon_e7 / 1e7, node->point.lat_e7 / 1e7);
    pg_write_bool(w, node->turning_place);
    pg_write_bool(w, node->signals);
    pg_write_bool(w, node->toll_booth);
    pg_write_text(w, node->barrier);
    store->nodes++;
}

enum status import_store_turns(struct import_store *store, struct error *err)
{
    return begin_copy(store,
                      "COPY turn_restriction (from_road, via_node, via_roads, to_road, kind, subjects, condition, source_id) "
                      "FROM STDIN (FORMAT binary)",
                      err);
}

void import_store_turn(struct import_store *store, const struct import_turn *turn)
{
    struct pg_copy_writer *w = &store->writer;
    const char *subjects[3];
    uint32_t subject_count = 0;
    int64_t via[8];

    for (uint32_t i = 0; i < turn->via_road_count && i < 8; i++) via[i] = store->road_offset + turn->via_roads[i];
    if (turn->lorry) subjects[subject_count++] = "lorry";
    if (turn->light) subjects[subject_count++] = "light";
    if (turn->hazmat) subjects[subject_count++] = "hazmat";
    pg_write_row(w, 8);
    pg_write_i64(w, store->road_offset + turn->from_road);
    if (turn->via_road_count) pg_write_null(w);
    else pg_write_i64(w, store->node_offset + turn->via_node);
    pg_write_i64_array(w, via, turn->via_road_count);
    pg_write_i64(w, store->road_offset + turn->to_road);
    pg_write_text(w, turn->only ? "only" : "no");
    pg_write_text_array(w, subjects, subject_count);
    pg_write_text(w, turn->condition);
    pg_write_text(w, turn->source_id);
    store->turns++;
}

enum status import_store_commit(struct import_store *store, struct error *err)
{
    enum status s = import_store_pause(store, err);

    if (s == STATUS_OK) s = pg_exec(store->pg, "COMMIT", err);
    if (s != STATUS_OK) return s;
    store->open = false;
    return pg_exec(store->pg, "ANALYZE road; ANALYZE road_node; ANALYZE turn_restriction", err);
}

void import_store_abort(struct import_store *store)
{
    if (store->writing) pg_copy_write_abort(&store->writer);
    store->writing = false;
    if (store->open && pg_alive(store->pg)) (void)!pg_exec(store->pg, "ROLLBACK", NULL);
    store->open = false;
}
