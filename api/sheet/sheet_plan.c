#include "api/sheet/sheet_plan.h"

#include "api/json/reader.h"
#include "api/wire/time_text.h"
#include "geo/polyline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What one plan is read with: where memory comes from, how coordinates are meant, how much there may still be. */
struct reading {
    struct arena *arena;
    struct wire_crs crs;
    size_t rows, points;
    enum status status; /* of rows_of */
    struct error *err;
};

static enum status no_memory(struct reading *r)
{
    return error_set(r->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status bad(struct reading *r, const char *where)
{
    error_set(r->err, STATUS_INVALID, MESSAGE_SHEET_DOCUMENT, where);
    return STATUS_INVALID;
}

/* Code points that move or hide their neighbours: marks, embeddings, overrides and isolates of direction, separators. */
static size_t unsafe_length(const unsigned char *p)
{
    if (*p < 0x20 || *p == 0x7F) return 1;
    if (*p == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F) return 2;
    if (*p != 0xE2 || (p[1] != 0x80 && p[1] != 0x81)) return 0;
    if (p[1] == 0x80) return (p[2] >= 0x8B && p[2] <= 0x8F) || (p[2] >= 0xA8 && p[2] <= 0xAE) ? 3 : 0;
    return p[2] >= 0xA0 && p[2] <= 0xAF ? 3 : 0;
}

const char *sheet_text(struct arena *arena, const char *text)
{
    if (text == NULL) text = "";
    size_t length = strnlen(text, SHEET_TEXT_MAX + 1);
    bool cut = length > SHEET_TEXT_MAX;
    if (cut) {
        length = SHEET_TEXT_MAX;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
    }
    char *out = arena_take(arena, length + sizeof "…");
    if (out == NULL) return NULL;
    size_t at = 0;
    for (size_t i = 0; i < length;) {
        size_t skip = unsafe_length((const unsigned char *)text + i);
        out[at++] = skip ? ' ' : text[i];
        i += skip ? skip : 1;
    }
    memcpy(out + at, cut ? "…" : "", cut ? sizeof "…" : 1);
    return out;
}

/* ---- members -------------------------------------------------------------------------------------------------- */

static const char *text_of(struct reading *r, const json_t *object, const char *name)
{
    return sheet_text(r->arena, json_string_value(json_object_get(object, name)));
}

static double number_of(const json_t *object, const char *name)
{
    double value = json_number_value(json_object_get(object, name));
    return isfinite(value) ? value : 0;
}

static int64_t time_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    int64_t at;
    return text && time_parse(text, strlen(text), &at) ? at : INT64_MAX;
}

static enum status point_of(struct reading *r, const json_t *pair, struct point_e7 *out)
{
    if (!json_is_number(json_array_get(pair, 0)) || !json_is_number(json_array_get(pair, 1))) return bad(r, "location");
    return wire_crs_in(&r->crs, json_number_value(json_array_get(pair, 0)), json_number_value(json_array_get(pair, 1)), out, r->err);
}

/* Room for the elements of an array, counted against what a sheet may hold. NULL: r->status says why. */
static void *rows_of(struct reading *r, const json_t *array, size_t size, uint32_t *count)
{
    size_t n = json_array_size(array);
    void *rows = NULL;
    if (n > SHEET_ROWS_MAX - r->rows) {
        r->status = error_set(r->err, STATUS_TOO_LARGE, MESSAGE_SHEET_ROWS, SHEET_ROWS_MAX);
        return NULL;
    }
    r->rows += n;
    *count = (uint32_t)n;
    rows = arena_zero(r->arena, n ? n : 1, size);
    if (rows == NULL) r->status = no_memory(r);
    return rows;
}

/* ---- geometry -------------------------------------------------------------------------------------------------- */

static enum status points_room(struct reading *r, size_t count, struct point_e7 **out)
{
    if (count > SHEET_POINTS_MAX - r->points) return error_set(r->err, STATUS_TOO_LARGE, MESSAGE_SHEET_POINTS, SHEET_POINTS_MAX);
    *out = arena_take(r->arena, (count ? count : 1) * sizeof **out);
    return *out ? STATUS_OK : no_memory(r);
}

static bool near(struct point_e7 a, struct point_e7 b)
{
    return llabs((long long)a.lon_e7 - b.lon_e7) < 200000 && llabs((long long)a.lat_e7 - b.lat_e7) < 200000;
}

static enum status decode(struct reading *r, const char *text, enum polyline_precision precision, struct point_e7 *points,
                          size_t capacity, size_t *count)
{
    TRY(polyline_decode(text, strlen(text), precision, points, capacity, count, r->err));
    for (size_t i = 0; !r->crs.identity && i < *count; i++) {
        struct point p = point_from_e7(points[i]);
        TRY(wire_crs_in(&r->crs, p.lon_deg, p.lat_deg, &points[i], r->err));
    }
    return STATUS_OK;
}

/* An answer does not say in which precision its lines are written; with the wrong one a line begins ten times as far from
 * the equator, or a tenth. It must begin where its leg does. */
static enum status encoded_line(struct reading *r, const char *text, struct point_e7 begin, struct sheet_leg *leg)
{
    struct point_e7 *points;
    size_t capacity = strlen(text) / 2 + 1, count = 0;
    TRY(points_room(r, capacity, &points));
    enum status status = decode(r, text, POLYLINE_6, points, capacity, &count);
    if (status != STATUS_OK || count == 0 || !near(points[0], begin)) TRY(decode(r, text, POLYLINE_5, points, capacity, &count));
    if (count == 0 || !near(points[0], begin)) return bad(r, "geometry");
    leg->points = points;
    leg->point_count = (uint32_t)count;
    r->points += count;
    return STATUS_OK;
}

static enum status line_of(struct reading *r, const json_t *geometry, struct point_e7 begin, struct sheet_leg *leg)
{
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    struct point_e7 *points;
    if (json_is_string(geometry)) return encoded_line(r, json_string_value(geometry), begin, leg);
    size_t count = json_array_size(coordinates);
    TRY(points_room(r, count, &points));
    for (size_t i = 0; i < count; i++) TRY(point_of(r, json_array_get(coordinates, i), &points[i]));
    leg->points = points;
    leg->point_count = (uint32_t)count;
    r->points += count;
    return STATUS_OK;
}

/* ---- parts of a leg --------------------------------------------------------------------------------------------- */

static enum status gates_of(struct reading *r, const json_t *array, struct sheet_leg *leg)
{
    struct sheet_gate *gates;
    gates = rows_of(r, array, sizeof *gates, &leg->gate_count);
    if (gates == NULL) return r->status;
    leg->gates = gates;
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        const json_t *gate = json_array_get(array, i), *used = json_object_get(gate, "credentials");
        const char *direction = json_string_value(json_object_get(gate, "direction")), *list = "";
        for (size_t k = 0; k < json_array_size(used) && list; k++) {
            const char *type = json_string_value(json_array_get(used, k));
            list = arena_printf(r->arena, "%s%s%s", list, k ? ", " : "", type ? type : "");
        }
        gates[i] = (struct sheet_gate){.name = text_of(r, gate, "name"), .zone_name = text_of(r, gate, "zone_name"),
                                       .credentials = list ? sheet_text(r->arena, list) : NULL,
                                       .enter = direction && strcmp(direction, "enter") == 0,
                                       .green = json_is_true(json_object_get(gate, "green_channel")), .at_ms = time_of(gate, "at"),
                                       .inspection_s = number_of(gate, "inspection_s"), .wait_s = number_of(gate, "wait_s")};
        if (!gates[i].name || !gates[i].zone_name || !gates[i].credentials) return no_memory(r);
        TRY(point_of(r, json_object_get(gate, "location"), &gates[i].point));
    }
    return STATUS_OK;
}

static enum status zones_of(struct reading *r, const json_t *array, struct sheet_leg *leg)
{
    struct sheet_zone *zones;
    zones = rows_of(r, array, sizeof *zones, &leg->zone_count);
    if (zones == NULL) return r->status;
    leg->zones = zones;
    for (uint32_t i = 0; i < leg->zone_count; i++) {
        const json_t *zone = json_array_get(array, i);
        const char *rule = json_string_value(json_object_get(zone, "rule"));
        zones[i] = (struct sheet_zone){.id = text_of(r, zone, "zone"), .name = text_of(r, zone, "name"), .why = text_of(r, zone, "why"),
                                       .distance_m = number_of(zone, "distance_m"), .enter_ms = time_of(zone, "enter_at"),
                                       .leave_ms = time_of(zone, "leave_at")};
        if (!zones[i].id || !zones[i].name || !zones[i].why) return no_memory(r);
        if (rule == NULL || !rule_kind_parse(rule, &zones[i].kind)) return bad(r, "rule");
    }
    return STATUS_OK;
}

static enum status limits_of(struct reading *r, const json_t *array, struct sheet_leg *leg)
{
    struct sheet_limit *limits;
    limits = rows_of(r, array, sizeof *limits, &leg->limit_count);
    if (limits == NULL) return r->status;
    leg->limits = limits;
    for (uint32_t i = 0; i < leg->limit_count; i++) {
        const json_t *limit = json_array_get(array, i);
        limits[i] = (struct sheet_limit){.kind = text_of(r, limit, "kind"), .name = text_of(r, limit, "name"),
                                         .road = text_of(r, limit, "road"), .limit = number_of(limit, "limit"),
                                         .vehicle = number_of(limit, "vehicle"),
                                         .assumed = json_is_true(json_object_get(limit, "assumed"))};
        if (!limits[i].kind || !limits[i].name || !limits[i].road) return no_memory(r);
    }
    return STATUS_OK;
}

static enum status leg_of(struct reading *r, const json_t *object, const struct sheet_plan *plan, struct sheet_leg *leg)
{
    json_int_t from = json_integer_value(json_object_get(object, "from")), to = json_integer_value(json_object_get(object, "to"));
    if (from < 0 || from >= plan->call_count || to < 0 || to >= plan->call_count) return bad(r, "legs");
    *leg = (struct sheet_leg){.kind = text_of(r, object, "kind"), .from = (uint32_t)from, .to = (uint32_t)to,
                              .depart_ms = time_of(object, "depart_at"), .arrive_ms = time_of(object, "arrive_at"),
                              .distance_m = number_of(object, "distance_m"), .drive_s = number_of(object, "drive_s"),
                              .wait_s = number_of(object, "wait_s")};
    if (leg->kind == NULL) return no_memory(r);
    TRY(line_of(r, json_object_get(object, "geometry"), plan->calls[from].point, leg));
    TRY(gates_of(r, json_object_get(object, "gates"), leg));
    TRY(zones_of(r, json_object_get(object, "zones"), leg));
    return limits_of(r, json_object_get(object, "limits"), leg);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static enum status calls_of(struct reading *r, const json_t *array, struct sheet_plan *plan)
{
    struct sheet_call *calls;
    calls = rows_of(r, array, sizeof *calls, &plan->call_count);
    if (calls == NULL) return r->status;
    plan->calls = calls;
    for (uint32_t i = 0; i < plan->call_count; i++) {
        const json_t *call = json_array_get(array, i);
        calls[i] = (struct sheet_call){.name = text_of(r, call, "name"), .road = text_of(r, call, "road"),
                                       .distance_m = number_of(call, "distance_m"), .moved = json_is_true(json_object_get(call, "moved")),
                                       .rest = json_is_string(json_object_get(call, "rest"))};
        if (!calls[i].name || !calls[i].road) return no_memory(r);
        TRY(point_of(r, json_object_get(call, "snapped"), &calls[i].point));
    }
    return STATUS_OK;
}

static enum status plan_of(struct reading *r, const json_t *object, struct sheet_plan *out)
{
    const json_t *legs = json_object_get(object, "legs"), *warnings = json_object_get(object, "warnings");
    struct sheet_leg *rows;
    const char **texts;
    out->digest = text_of(r, object, "digest");
    out->duration_s = number_of(object, "duration_s");
    out->distance_m = number_of(object, "distance_m");
    out->toll_cny = number_of(object, "toll_cny");
    out->issuable = json_is_true(json_object_get(object, "issuable"));
    if (out->digest == NULL) return no_memory(r);
    TRY(calls_of(r, json_object_get(object, "waypoints"), out));
    if (out->call_count < 2 || json_array_size(legs) == 0) return bad(r, "plans");
    rows = rows_of(r, legs, sizeof *rows, &out->leg_count);
    if (rows == NULL) return r->status;
    out->legs = rows;
    for (uint32_t i = 0; i < out->leg_count; i++) TRY(leg_of(r, json_array_get(legs, i), out, &rows[i]));
    texts = rows_of(r, warnings, sizeof *texts, &out->warning_count);
    if (texts == NULL) return r->status;
    out->warnings = texts;
    for (uint32_t i = 0; i < out->warning_count; i++) {
        texts[i] = text_of(r, json_array_get(warnings, i), "text");
        if (texts[i] == NULL) return no_memory(r);
    }
    return STATUS_OK;
}

enum status sheet_plan_read(const char *answer, size_t length, uint32_t index, struct crs_cache *systems, struct arena *arena,
                            struct sheet_plan *out, struct error *err)
{
    struct reading r = {.arena = arena, .err = err, .crs = WIRE_CRS_DEFAULT};
    json_t *document;
    *out = (struct sheet_plan){0};
    TRY(reader_parse(answer, length, &document, err));
    const char *crs = json_string_value(json_object_get(document, "crs"));
    const json_t *plan = json_array_get(json_object_get(document, "plans"), index);
    out->decision_id = text_of(&r, document, "decision_id");
    out->network_version = text_of(&r, document, "network_version");
    out->rules_version = json_integer_value(json_object_get(document, "rules_version"));
    out->as_of_ms = time_of(document, "as_of");
    enum status status = out->decision_id && out->network_version ? STATUS_OK : no_memory(&r);
    if (status == STATUS_OK && crs) status = wire_crs_open(systems, crs, &r.crs, err);
    if (status == STATUS_OK) status = plan ? plan_of(&r, plan, out) : bad(&r, "plans");
    json_decref(document);
    return status;
}
