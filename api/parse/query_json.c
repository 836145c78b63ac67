#include "api/parse/query_json.h"

#include <stdio.h>
#include <string.h>

#define VEHICLE_ROWS(X)                                                                                              \
    X("vehicle.class", TEXT) X("vehicle.height_m", NUMBER) X("vehicle.width_m", NUMBER)                              \
    X("vehicle.length_m", NUMBER) X("vehicle.gross_weight_t", NUMBER) X("vehicle.axle_load_t", NUMBER)               \
    X("vehicle.axles", NUMBER) X("vehicle.hazmat", BOOLEAN) X("vehicle.livestock", BOOLEAN)                          \
    X("vehicle.emission", TEXT) X("vehicle.plate", TEXT) X("vehicle.cargo", TEXT)

#define COMMON_ROWS(X)                                                                                               \
    X("max_snap_m", NUMBER) X("min_rules_version", NUMBER) X("max_rules_age_s", NUMBER) X("as_of", TEXT) X("crs", TEXT)

#define ROUTE_ROWS(X)                                                                                                \
    X("origin", CALL) X("destination", CALL) X("stops", CALLS) X("loop", TEXT) X("base", CALL)                       \
    X("depart_at", TEXT) X("max_wait_s", NUMBER) VEHICLE_ROWS(X) X("credentials", CREDENTIALS)                       \
    X("avoid.polygons", JSON) X("avoid.zones", TEXTS) X("avoid.road_classes", TEXTS) X("avoid.tolls", BOOLEAN)       \
    X("prefer", TEXT) X("alternatives", NUMBER) X("endpoints", TEXT) X("on_violation", TEXT) X("geometry", TEXT)     \
    X("steps", BOOLEAN) X("corridor_m", NUMBER) X("optimise_order", BOOLEAN)                          \
    X("rests.max_drive_s", NUMBER) X("rests.rest_s", NUMBER) COMMON_ROWS(X)

#define SNAP_ROWS(X) X("location", POINT) X("number", NUMBER) VEHICLE_ROWS(X) COMMON_ROWS(X)

#define ROW(name, kind) {name, QUERY_##kind},
#define KEY(name, kind) name,
const struct query_row query_route_rows[] = {ROUTE_ROWS(ROW){NULL, QUERY_TEXT}};
const struct query_row query_snap_rows[] = {SNAP_ROWS(ROW){NULL, QUERY_TEXT}};
const char *const query_route_keys[] = {ROUTE_ROWS(KEY) NULL};
const char *const query_snap_keys[] = {SNAP_ROWS(KEY) NULL};
#undef ROW
#undef KEY

enum { LIST_MAX = 256 };

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* "vehicle.height_m" as "/vehicle/height_m". */
static enum status refuse(struct error *err, enum message message, const char *name)
{
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/%s", name);
    for (char *p = pointer; *p; p++)
        if (*p == '.') *p = '/';
    error_set(err, STATUS_INVALID, message, name);
    error_pointer(err, "%s", pointer);
    return STATUS_INVALID;
}

/* One number, spelled as JSON spells it; NULL otherwise. */
static json_t *number(const char *text, size_t length)
{
    json_t *value = json_loadb(text, length, JSON_DECODE_ANY, NULL);
    if (value && !json_is_number(value)) {
        json_decref(value);
        return NULL;
    }
    /* blanks around a number are fine in JSON and not in a query */
    if (value && strcspn(text, " \t\r\n") < length) {
        json_decref(value);
        return NULL;
    }
    return value;
}

static json_t *point(const char *text, size_t length)
{
    const char *comma = memchr(text, ',', length);
    if (comma == NULL) return NULL;
    json_t *x = number(text, (size_t)(comma - text));
    json_t *y = number(comma + 1, length - (size_t)(comma - text) - 1);
    json_t *pair = x && y ? json_array() : NULL;
    if (pair == NULL || json_array_append(pair, x) || json_array_append(pair, y)) {
        json_decref(pair);
        pair = NULL;
    }
    json_decref(x);
    json_decref(y);
    return pair;
}

static json_t *call(const char *text, size_t length)
{
    json_t *location = point(text, length);
    if (location == NULL) return NULL;
    return json_pack("{s:o}", "location", location);
}

static json_t *credential(const char *text, size_t length)
{
    const char *at = memchr(text, '@', length);
    if (at == NULL) return json_pack("{s:s%}", "type", text, length);
    size_t type = (size_t)(at - text);
    return json_pack("{s:s%, s:s%}", "type", text, type, "issued_at", at + 1, length - type - 1);
}

static json_t *word(const char *text, size_t length)
{
    return json_stringn(text, length);
}

/* Pieces between separators, each made by `make`. NULL when one is refused. */
static json_t *list(const char *text, char separator, json_t *(*make)(const char *, size_t))
{
    json_t *array = json_array();
    for (const char *p = text; array;) {
        const char *end = strchr(p, separator);
        size_t length = end ? (size_t)(end - p) : strlen(p);
        json_t *piece = length && json_array_size(array) < LIST_MAX ? make(p, length) : NULL;
        if (piece == NULL || json_array_append_new(array, piece)) {
            json_decref(array);
            return NULL;
        }
        if (end == NULL) break;
        p = end + 1;
    }
    return array;
}

static json_t *make_value(const struct query_row *row, const char *text)
{
    switch (row->kind) {
    case QUERY_TEXT: return json_string(text);
    case QUERY_NUMBER: return number(text, strlen(text));
    case QUERY_BOOLEAN:
        return strcmp(text, "true") == 0 ? json_true() : strcmp(text, "false") == 0 ? json_false() : NULL;
    case QUERY_POINT: return point(text, strlen(text));
    case QUERY_CALL: return call(text, strlen(text));
    case QUERY_CALLS: return list(text, ';', call);
    case QUERY_TEXTS: return list(text, ',', word);
    case QUERY_CREDENTIALS: return list(text, ';', credential);
    case QUERY_JSON: return json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    }
    return NULL;
}

static enum message expectation(enum query_kind kind)
{
    switch (kind) {
    case QUERY_NUMBER: return MESSAGE_QUERY_NUMBER;
    case QUERY_BOOLEAN: return MESSAGE_JSON_TYPE_BOOLEAN;
    case QUERY_POINT:
    case QUERY_CALL: return MESSAGE_QUERY_POINT;
    case QUERY_CALLS: return MESSAGE_QUERY_POINTS;
    case QUERY_JSON: return MESSAGE_QUERY_JSON;
    case QUERY_TEXT:
    case QUERY_TEXTS:
    case QUERY_CREDENTIALS: break;
    }
    return MESSAGE_QUERY_LIST;
}

/* Puts `value` (taken) where the dotted name says. */
static int put(json_t *document, const char *name, json_t *value)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL) return json_object_set_new(document, name, value);
    char outer[32];
    snprintf(outer, sizeof outer, "%.*s", (int)(dot - name), name);
    json_t *inner = json_object_get(document, outer);
    if (inner == NULL) {
        inner = json_object();
        if (inner == NULL || json_object_set_new(document, outer, inner)) {
            json_decref(value);
            return -1;
        }
    }
    return json_object_set_new(inner, dot + 1, value);
}

enum status query_to_json(const struct http_target *target, const struct query_row *rows, json_t **out,
                          struct error *err)
{
    *out = NULL;
    json_t *document = json_object();
    if (document == NULL) return no_memory(err);
    for (const struct query_row *row = rows; row->name; row++) {
        const char *text = http_target_query(target, row->name);
        if (text == NULL) continue;
        json_t *value = make_value(row, text);
        if (value == NULL) {
            json_decref(document);
            return refuse(err, expectation(row->kind), row->name);
        }
        if (put(document, row->name, value)) {
            json_decref(document);
            return no_memory(err);
        }
    }
    *out = document;
    return STATUS_OK;
}
