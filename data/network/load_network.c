#include "data/network/load_network.h"

#include "data/pg/pg_copy.h"
#include "geo/wkb.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The columns of a road, in the order of the COPY. */
enum road_column {
    ID, GEOM, CLASS, NAME, REF, FROM_NODE, TO_NODE, FORWARD, BACKWARD, SPEED_FORWARD, SPEED_BACKWARD,
    LORRY_FORWARD, LORRY_BACKWARD, LIGHT_FORWARD, LIGHT_BACKWARD,
    HEIGHT, WIDTH, LENGTH, GROSS, AXLE_LOAD, AXLES, BRIDGE_LIMIT,
    HAZMAT, BRIDGE, TUNNEL, LAYER, TOLL, ROUNDABOUT, RAMP, STATION, ROAD_COLUMNS
};

static const char roads_sql[] =
    "COPY (SELECT id, geom, class, name, ref, from_node, to_node, forward, backward, speed_forward_kmh, "
    "speed_backward_kmh, access_lorry_forward, access_lorry_backward, access_light_forward, access_light_backward, "
    "max_height_m, max_width_m, max_length_m, max_gross_t, max_axle_load_t, max_axles, bridge_limit_t, "
    "hazmat, bridge, tunnel, layer, toll, roundabout, ramp, station_id FROM road) TO STDOUT (FORMAT binary)";

/* A facility that is declared a turning place lends that to the nearest node within 300 m. Nodes have no spatial index of
 * their own (it would slow every import); the roads beside a facility lead to them. */
static const char nodes_sql[] =
    "COPY (SELECT n.id, n.turning_place OR f.id IS NOT NULL, n.signals, n.toll_booth FROM road_node n "
    "LEFT JOIN (SELECT DISTINCT q.id FROM facility p, LATERAL (SELECT m.id, m.geom "
    "  FROM road r, road_node m WHERE r.geom && ST_Expand(p.geom, 0.005) AND m.id IN (r.from_node, r.to_node) "
    "  ORDER BY m.geom <-> p.geom, m.id LIMIT 1) q "
    "  WHERE p.turning_place AND p.state IN ('standby', 'active') "
    "  AND ST_DWithin(q.geom::geography, p.geom::geography, 300)) f ON f.id = n.id) TO STDOUT (FORMAT binary)";

static const char turns_sql[] =
    "COPY (SELECT id, from_road, via_node, via_roads, to_road, kind, subjects, condition IS NOT NULL "
    "FROM turn_restriction) TO STDOUT (FORMAT binary)";

/* Texts of a COPY row are not terminated: they are copied here, one after the other. */
struct scratch {
    char *text;
    size_t capacity;
    struct point_e7 *points;
    size_t point_capacity;
};

static void scratch_clear(struct scratch *s)
{
    free(s->text);
    free(s->points);
}

static bool scratch_room(struct scratch *s, size_t text, size_t points)
{
    if (text > s->capacity) {
        char *grown = realloc(s->text, 2 * text);
        if (grown == NULL) return false;
        s->text = grown;
        s->capacity = 2 * text;
    }
    if (points > s->point_capacity) {
        struct point_e7 *grown = realloc(s->points, 2 * points * sizeof *grown);
        if (grown == NULL) return false;
        s->points = grown;
        s->point_capacity = 2 * points;
    }
    return true;
}

static const char *terminated(char **at, const struct pg_field *f)
{
    if (f->bytes == NULL) return NULL;
    char *text = *at;
    memcpy(text, f->bytes, f->length);
    text[f->length] = '\0';
    *at += f->length + 1;
    return text;
}

static uint8_t access_of(const struct pg_field *f)
{
    if (pg_field_is(f, "yes")) return ACCESS_YES;
    return pg_field_is(f, "destination") ? ACCESS_DESTINATION : ACCESS_NO;
}

/* Metres or tonnes to millimetres or kilograms; 0 = no limit. */
static uint32_t thousandths(const struct pg_field *f)
{
    double value = pg_field_f64(f);
    return value > 0 && value < 4e6 ? (uint32_t)lround(value * 1000) : 0;
}

static enum status malformed(struct error *err, const char *table, int64_t id)
{
    enum status status = error_set(err, STATUS_CORRUPT, MESSAGE_ROW_UNUSABLE, table, (long long)id);
    return status;
}

static enum status add_road(struct network_builder *builder, const struct pg_field *f, struct scratch *s,
                            struct error *err)
{
    struct road_row row = {.id = pg_field_i64(&f[ID]), .from_node = pg_field_i64(&f[FROM_NODE]),
                           .to_node = pg_field_i64(&f[TO_NODE])};
    if (!scratch_room(s, f[CLASS].length + f[NAME].length + f[REF].length + 3, f[GEOM].length / 16 + 1))
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    char *at = s->text;
    const char *class = terminated(&at, &f[CLASS]);
    row.name = terminated(&at, &f[NAME]);
    row.ref = terminated(&at, &f[REF]);
    if (class == NULL || !road_class_parse(class, &row.class)) return malformed(err, "road", row.id);
    row.forward = pg_field_bool(&f[FORWARD]);
    row.backward = pg_field_bool(&f[BACKWARD]);
    row.speed_forward_kmh = (uint16_t)pg_field_i64(&f[SPEED_FORWARD]);
    row.speed_backward_kmh = (uint16_t)pg_field_i64(&f[SPEED_BACKWARD]);
    row.access_lorry_forward = access_of(&f[LORRY_FORWARD]);
    row.access_lorry_backward = access_of(&f[LORRY_BACKWARD]);
    row.access_light_forward = access_of(&f[LIGHT_FORWARD]);
    row.access_light_backward = access_of(&f[LIGHT_BACKWARD]);
    row.layer = (int8_t)pg_field_i64(&f[LAYER]);
    row.station_id = pg_field_i64(&f[STATION]);
    row.limits[LIMIT_HEIGHT] = thousandths(&f[HEIGHT]);
    row.limits[LIMIT_WIDTH] = thousandths(&f[WIDTH]);
    row.limits[LIMIT_LENGTH] = thousandths(&f[LENGTH]);
    row.limits[LIMIT_GROSS_WEIGHT] = thousandths(&f[GROSS]);
    row.limits[LIMIT_AXLE_LOAD] = thousandths(&f[AXLE_LOAD]);
    row.limits[LIMIT_AXLES] = (uint32_t)pg_field_i64(&f[AXLES]);
    row.limits[LIMIT_BRIDGE] = thousandths(&f[BRIDGE_LIMIT]);
    row.flags = (uint16_t)((pg_field_bool(&f[BRIDGE]) ? ROAD_BRIDGE : 0) |
                           (pg_field_bool(&f[TUNNEL]) ? ROAD_TUNNEL : 0) |
                           (pg_field_bool(&f[TOLL]) ? ROAD_TOLL : 0) |
                           (pg_field_bool(&f[ROUNDABOUT]) ? ROAD_ROUNDABOUT : 0) |
                           (pg_field_is(&f[HAZMAT], "yes") ? 0 : ROAD_HAZMAT_NO) |
                           (pg_field_is(&f[RAMP], "entry") ? ROAD_ENTRY_RAMP : 0) |
                           (pg_field_is(&f[RAMP], "exit") ? ROAD_EXIT_RAMP : 0));
    size_t count = 0;
    enum status status = wkb_read_line(f[GEOM].bytes, f[GEOM].length, s->points, s->point_capacity, &count, err);
    if (status != STATUS_OK) {
        error_log(err, "road %" PRId64, row.id);
        return status;
    }
    row.shape = s->points;
    row.shape_count = (uint32_t)count;
    return network_builder_road(builder, &row, err);
}

static enum status add_node(struct network_builder *builder, const struct pg_field *f, struct error *err)
{
    struct node_row row = {.id = pg_field_i64(&f[0]),
                           .flags = (uint8_t)((pg_field_bool(&f[1]) ? NODE_TURNING_PLACE : 0) |
                                              (pg_field_bool(&f[2]) ? NODE_SIGNALS : 0) |
                                              (pg_field_bool(&f[3]) ? NODE_TOLL_BOOTH : 0))};
    return network_builder_node(builder, &row, err);
}

enum { VIA_ROADS_MAX = 8 };

static enum status add_turn(struct network_builder *builder, const struct pg_field *f,
                            struct load_network_report *report, struct error *err)
{
    struct turn_restriction_row row = {.id = pg_field_i64(&f[0]), .from_road = pg_field_i64(&f[1]),
                                       .via_node = pg_field_i64(&f[2]), .to_road = pg_field_i64(&f[4]),
                                       .only = pg_field_is(&f[5], "only")};
    if (pg_field_bool(&f[7])) {
        report->turns_conditional++;
        return STATUS_OK;
    }
    int64_t via[VIA_ROADS_MAX];
    struct pg_array roads, subjects;
    if (!pg_array_parse(f[3].bytes, f[3].length, &roads) || roads.count > VIA_ROADS_MAX ||
        !pg_array_parse(f[6].bytes, f[6].length, &subjects))
        return malformed(err, "turn_restriction", row.id);
    for (uint32_t i = 0; i < roads.count; i++) via[i] = pg_array_i64(&roads);
    row.via_roads = via;
    row.via_road_count = roads.count;
    for (uint32_t i = 0; i < subjects.count; i++) {
        size_t length;
        const char *text = pg_array_text(&subjects, &length);
        struct pg_field subject = {(const unsigned char *)text, length};
        row.subjects |= (uint8_t)(pg_field_is(&subject, "lorry") ? TURN_LORRY
                                  : pg_field_is(&subject, "light") ? TURN_LIGHT : TURN_HAZMAT);
    }
    report->turns++;
    return network_builder_turn(builder, &row, err);
}

static enum status read_roads(struct pg *pg, struct network_builder *builder,
                              void (*progress)(void *context, uint64_t roads), void *context,
                              struct load_network_report *report, struct error *err)
{
    struct pg_copy_reader rows;
    struct scratch scratch = {0};
    bool more = true;
    enum status status = pg_copy_read_begin(pg, roads_sql, ROAD_COLUMNS, &rows, err);
    while (status == STATUS_OK && (status = pg_copy_read_row(&rows, &more, err)) == STATUS_OK && more) {
        status = add_road(builder, rows.fields, &scratch, err);
        if (++report->roads % 100000 == 0 && progress) progress(context, report->roads);
    }
    pg_copy_read_end(&rows);
    scratch_clear(&scratch);
    return status;
}

static enum status read_nodes(struct pg *pg, struct network_builder *builder, struct load_network_report *report,
                              struct error *err)
{
    struct pg_copy_reader rows;
    bool more = true;
    enum status status = pg_copy_read_begin(pg, nodes_sql, 4, &rows, err);
    while (status == STATUS_OK && (status = pg_copy_read_row(&rows, &more, err)) == STATUS_OK && more) {
        status = add_node(builder, rows.fields, err);
        report->nodes++;
    }
    pg_copy_read_end(&rows);
    return status;
}

static enum status read_turns(struct pg *pg, struct network_builder *builder, struct load_network_report *report,
                              struct error *err)
{
    struct pg_copy_reader rows;
    bool more = true;
    enum status status = pg_copy_read_begin(pg, turns_sql, 8, &rows, err);
    while (status == STATUS_OK && (status = pg_copy_read_row(&rows, &more, err)) == STATUS_OK && more)
        status = add_turn(builder, rows.fields, report, err);
    pg_copy_read_end(&rows);
    return status;
}

static enum status read_version(struct pg *pg, struct load_network_report *report, struct error *err)
{
    struct pg_result rows = {0};
    enum status status = pg_query(pg, "SELECT version FROM road_state", 0, NULL, &rows, err);
    if (status == STATUS_OK && rows.count == 1) report->road_version = pg_i64(&rows, 0, 0);
    pg_result_clear(&rows);
    return status;
}

enum status load_network(struct pg *pg, struct network_builder *builder,
                         void (*progress)(void *context, uint64_t roads), void *context,
                         struct load_network_report *report, struct error *err)
{
    *report = (struct load_network_report){0};
    enum status status = pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status != STATUS_OK) return status;
    status = read_version(pg, report, err);
    if (status == STATUS_OK) status = read_roads(pg, builder, progress, context, report, err);
    if (status == STATUS_OK) status = read_nodes(pg, builder, report, err);
    if (status == STATUS_OK) status = read_turns(pg, builder, report, err);
    pg_try(pg, "ROLLBACK");
    return status;
}
