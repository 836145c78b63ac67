#include "api/encode/plan_export.h"

#include "api/json/reader.h"
#include "geo/base/arena.h"
#include "geo/polyline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { PART, NUMBER, NAME, KIND, AT, UNTIL, DISTANCE, DURATION, ROAD, ZONE, DIRECTION, INSPECTION, GREEN, COLUMN_COUNT };

static const struct export_field fields[COLUMN_COUNT] = {
    [PART] = {"part", "组成", "part", EXPORT_TEXT},          [NUMBER] = {"number", "序号", "number", EXPORT_INTEGER},
    [NAME] = {"name", "名称", "name", EXPORT_TEXT},          [KIND] = {"kind", "类型", "kind", EXPORT_TEXT},
    [AT] = {"at", "时间", "at", EXPORT_TEXT},                [UNTIL] = {"until", "结束时间", "until", EXPORT_TEXT},
    [DISTANCE] = {"distance_m", "距离米", "distance_m", EXPORT_REAL}, [DURATION] = {"duration_s", "用时秒", "duration_s", EXPORT_REAL},
    [ROAD] = {"road", "道路", "road", EXPORT_TEXT},          [ZONE] = {"zone", "区域", "zone", EXPORT_TEXT},
    [DIRECTION] = {"direction", "方向", "direction", EXPORT_TEXT}, [INSPECTION] = {"inspection_s", "查验秒数", "inspect_s", EXPORT_REAL},
    [GREEN] = {"green_channel", "绿色通道", "green", EXPORT_BOOLEAN},
};
static const struct export_sheet sheet = {"plan", "方案", fields, COLUMN_COUNT};

/* A row on its way. Numbers are written into room. */
struct row {
    const char *values[COLUMN_COUNT];
    char room[COLUMN_COUNT][32];
};

static void set_text(struct row *row, enum column column, const json_t *value)
{
    row->values[column] = json_string_value(value);
}

static void set_number(struct row *row, enum column column, const json_t *value)
{
    if (!json_is_number(value)) return;
    snprintf(row->room[column], sizeof row->room[column], "%.15g", json_number_value(value));
    row->values[column] = row->room[column];
}

static void set_count(struct row *row, enum column column, size_t count)
{
    snprintf(row->room[column], sizeof row->room[column], "%zu", count);
    row->values[column] = row->room[column];
}

/* GeoJSON of a line that came encoded. NULL: it is damaged, or memory is out. */
static json_t *decoded(const char *text, enum polyline_precision precision)
{
    struct arena arena;
    struct point_e7 *points;
    size_t count = 0;
    arena_init(&arena, (size_t)256 << 20);
    json_t *line = NULL;
    points = arena_take(&arena, (strlen(text) / 2 + 1) * sizeof *points);
    if (points && polyline_decode(text, strlen(text), precision, points, strlen(text) / 2 + 1, &count, NULL) == STATUS_OK) {
        json_t *coordinates = json_array();
        for (size_t i = 0; coordinates && i < count; i++)
            if (json_array_append_new(coordinates, json_pack("[f, f]", points[i].lon_e7 / 1e7, points[i].lat_e7 / 1e7)) != 0) {
                json_decref(coordinates);
                coordinates = NULL;
            }
        line = coordinates ? json_pack("{s:s, s:o}", "type", "LineString", "coordinates", coordinates) : NULL;
    }
    arena_clear(&arena);
    return line;
}

static enum status put(struct export *e, const json_t *geometry, const struct row *row, struct error *err)
{
    char *text = geometry ? json_dumps(geometry, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    if (geometry && text == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = export_feature(e, &sheet, text, row->values, err);
    free(text);
    return status;
}

static enum status put_point(struct export *e, const json_t *place, const struct row *row, struct error *err)
{
    json_t *point = json_pack("{s:s, s:O}", "type", "Point", "coordinates", place);
    enum status status = point ? put(e, point, row, err) : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    json_decref(point);
    return status;
}

static enum status put_leg(struct export *e, const json_t *leg, size_t number, enum polyline_precision precision, struct error *err)
{
    const json_t *geometry = json_object_get(leg, "geometry"), *gates = json_object_get(leg, "gates");
    json_t *line = json_is_string(geometry) ? decoded(json_string_value(geometry), precision) : json_incref((json_t *)geometry);
    struct row row = {.values = {[PART] = "leg"}};
    if (!json_is_object(line)) {
        json_decref(line);
        return error_set(err, STATUS_CONFLICT, MESSAGE_PLAN_NO_GEOMETRY);
    }
    set_count(&row, NUMBER, number);
    set_text(&row, KIND, json_object_get(leg, "kind"));
    set_text(&row, AT, json_object_get(leg, "depart_at"));
    set_text(&row, UNTIL, json_object_get(leg, "arrive_at"));
    set_number(&row, DISTANCE, json_object_get(leg, "distance_m"));
    set_number(&row, DURATION, json_object_get(leg, "duration_s"));
    enum status status = put(e, line, &row, err);
    json_decref(line);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(gates); i++) {
        const json_t *gate = json_array_get(gates, i);
        struct row of_gate = {.values = {[PART] = "gate"}};
        set_count(&of_gate, NUMBER, i + 1);
        set_text(&of_gate, NAME, json_object_get(gate, "name"));
        set_text(&of_gate, AT, json_object_get(gate, "at"));
        set_text(&of_gate, ZONE, json_object_get(gate, "zone"));
        set_text(&of_gate, DIRECTION, json_object_get(gate, "direction"));
        set_number(&of_gate, INSPECTION, json_object_get(gate, "inspection_s"));
        of_gate.values[GREEN] = json_is_true(json_object_get(gate, "green_channel")) ? "true" : "false";
        status = put_point(e, json_object_get(gate, "location"), &of_gate, err);
    }
    return status;
}

static enum status put_plan(struct export *e, const json_t *plan, enum polyline_precision precision, struct error *err)
{
    const json_t *waypoints = json_object_get(plan, "waypoints"), *legs = json_object_get(plan, "legs");
    const json_t *corridor = json_object_get(plan, "corridor");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(legs); i++) status = put_leg(e, json_array_get(legs, i), i + 1, precision, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(waypoints); i++) {
        const json_t *waypoint = json_array_get(waypoints, i);
        struct row row = {.values = {[PART] = "waypoint"}};
        set_count(&row, NUMBER, i);
        set_text(&row, NAME, json_object_get(waypoint, "name"));
        set_text(&row, ROAD, json_object_get(waypoint, "road"));
        set_number(&row, DISTANCE, json_object_get(waypoint, "distance_m"));
        status = put_point(e, json_object_get(waypoint, "snapped"), &row, err);
    }
    if (status == STATUS_OK && json_is_object(corridor)) status = put(e, corridor, &(struct row){.values = {[PART] = "corridor"}}, err);
    return status;
}

static bool in_degrees(const json_t *answer)
{
    const char *crs = json_string_value(json_object_get(answer, "crs"));
    return crs == NULL || strcmp(crs, "EPSG:4490") == 0 || strcmp(crs, "EPSG:4326") == 0;
}

enum status plan_export(const char *request, const char *answer, size_t length, struct export *e, struct error *err)
{
    json_t *document, *question = json_loads(request, 0, NULL);
    const char *format = json_string_value(json_object_get(question, "geometry"));
    enum polyline_precision precision = format && strcmp(format, "polyline5") == 0 ? POLYLINE_5 : POLYLINE_6;
    json_decref(question);
    TRY(reader_parse(answer, length, &document, err));
    enum status status = in_degrees(document) ? put_plan(e, json_array_get(json_object_get(document, "plans"), 0), precision, err)
                                              : error_set(err, STATUS_CONFLICT, MESSAGE_PLAN_NO_GEOMETRY);
    json_decref(document);
    return status;
}

enum status plan_export_check(const char *answer, size_t length, struct error *err)
{
    json_t *document;
    TRY(reader_parse(answer, length, &document, err));
    const json_t *legs = json_object_get(json_array_get(json_object_get(document, "plans"), 0), "legs");
    bool good = in_degrees(document);
    for (size_t i = 0; i < json_array_size(legs); i++) {
        const json_t *geometry = json_object_get(json_array_get(legs, i), "geometry");
        good &= json_is_string(geometry) || json_is_object(geometry);
    }
    json_decref(document);
    return good ? STATUS_OK : error_set(err, STATUS_CONFLICT, MESSAGE_PLAN_NO_GEOMETRY);
}
