#include "api/parse/osrm_query.h"

#include "geo/polyline.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATES_MAX = 2000 };

const char *osrm_code_text(enum osrm_code code)
{
    static const char *const texts[] = {
#define X(name, text) [OSRM_##name] = text,
        OSRM_CODE_LIST(X)
#undef X
    };
    return texts[code];
}

__attribute__((format(printf, 3, 4))) static bool fail(struct osrm_fault *fault, enum osrm_code code,
                                                       const char *format, ...)
{
    va_list arguments;
    fault->code = code;
    va_start(arguments, format);
    vsnprintf(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
    return false;
}

static bool no_memory(struct osrm_fault *fault)
{
    *fault = (struct osrm_fault){.code = OSRM_OK};
    return false;
}

/* ---- pieces ------------------------------------------------------------------------------------------------ */

/* A decimal number of `length` bytes; digits, a point, a sign and an exponent, nothing that strtod would add. */
static bool decimal(const char *text, size_t length, double *out)
{
    char copy[40], *end;
    if (length == 0 || length >= sizeof copy || strspn(text, "0123456789+-.eE") < length) return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

static bool whole(const char *text, size_t length, uint32_t *out)
{
    if (length == 0 || length > 9 || strspn(text, "0123456789") < length) return false;
    uint32_t value = 0;
    for (size_t i = 0; i < length; i++) value = value * 10 + (uint32_t)(text[i] - '0');
    *out = value;
    return true;
}

/* Walks the pieces between separators; an empty text has one empty piece. */
struct pieces {
    const char *at;
    char separator;
    bool over;
};

static bool piece_next(struct pieces *pieces, const char **text, size_t *length)
{
    if (pieces->over) return false;
    const char *end = strchr(pieces->at, pieces->separator);
    *text = pieces->at;
    *length = end ? (size_t)(end - pieces->at) : strlen(pieces->at);
    pieces->over = end == NULL;
    if (end) pieces->at = end + 1;
    return true;
}

static uint32_t piece_count(const char *text, char separator)
{
    uint32_t count = 1;
    for (; *text; text++) count += *text == separator;
    return count;
}

static bool is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool boolean(const char *key, const char *text, bool *out, struct osrm_fault *fault)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: %s must be true or false", key);
    *out = text[0] == 't';
    return true;
}

/* ---- coordinates ------------------------------------------------------------------------------------------- */

static bool coordinate_list(const char *text, struct arena *arena, struct osrm_query *out, struct osrm_fault *fault)
{
    const char *piece;
    size_t length;
    struct pieces pieces = {text, ';', false};
    uint32_t count = piece_count(text, ';');
    if (count > COORDINATES_MAX) return fail(fault, OSRM_TOO_BIG, "Too many coordinates");
    out->calls = arena_zero(arena, count, sizeof *out->calls);
    if (out->calls == NULL) return no_memory(fault);
    while (piece_next(&pieces, &piece, &length)) {
        const char *comma = memchr(piece, ',', length);
        double lon, lat;
        if (comma == NULL || !decimal(piece, (size_t)(comma - piece), &lon) ||
            !decimal(comma + 1, length - (size_t)(comma - piece) - 1, &lat))
            return fail(fault, OSRM_INVALID_QUERY, "Query string malformed close to position %zu",
                        (size_t)(piece - text));
        struct point point = {lon, lat};
        if (!point_valid(point)) return fail(fault, OSRM_INVALID_VALUE, "Invalid coordinate value.");
        out->calls[out->count++].point = point_to_e7(point);
    }
    return true;
}

static bool coordinate_polyline(const char *code, size_t length, enum polyline_precision precision,
                                struct arena *arena, struct osrm_query *out, struct osrm_fault *fault)
{
    size_t count = 0, capacity = length / 2 + 1;
    struct error err = ERROR_INIT;
    struct point_e7 *points = arena_zero(arena, capacity, sizeof *points);
    if (points == NULL) return no_memory(fault);
    if (polyline_decode(code, length, precision, points, capacity, &count, &err) != STATUS_OK || count == 0)
        return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: not an encoded polyline");
    if (count > COORDINATES_MAX) return fail(fault, OSRM_TOO_BIG, "Too many coordinates");
    out->calls = arena_zero(arena, count, sizeof *out->calls);
    if (out->calls == NULL) return no_memory(fault);
    for (size_t i = 0; i < count; i++) out->calls[i].point = points[i];
    out->count = (uint32_t)count;
    return true;
}

static bool coordinates_parse(const char *text, struct arena *arena, struct osrm_query *out, struct osrm_fault *fault)
{
    static const struct {
        const char *word;
        enum polyline_precision precision;
    } forms[] = {{"polyline(", POLYLINE_5}, {"polyline6(", POLYLINE_6}};
    size_t length = strlen(text);
    if (length > 5 && strcmp(text + length - 5, ".json") == 0) { /* the only format there is */
        char *copy = arena_strdup(arena, text);
        if (copy == NULL) return no_memory(fault);
        copy[length -= 5] = '\0';
        text = copy;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t word = strlen(forms[i].word);
        if (strncmp(text, forms[i].word, word) != 0) continue;
        if (text[length - 1] != ')') return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: no closing bracket");
        return coordinate_polyline(text + word, length - word - 1, forms[i].precision, arena, out, fault);
    }
    return coordinate_list(text, arena, out, fault);
}

static bool profile_parse(const char *profile, struct osrm_query *out, struct osrm_fault *fault)
{
    static const char *const plain[] = {"truck", "driving", "car"}; /* what clients send without thinking of lorries */
    struct error err = ERROR_INIT;
    out->vehicle = (struct vehicle){0};
    bool named = true;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) named = named && strcmp(profile, plain[i]) != 0;
    if (named) {
        if (strlen(profile) >= sizeof out->vehicle.class_code)
            return fail(fault, OSRM_INVALID_URL, "Profile not found");
        snprintf(out->vehicle.class_code, sizeof out->vehicle.class_code, "%s", profile);
    }
    if (vehicle_complete(&out->vehicle, &err) == STATUS_OK) return true;
    return fail(fault, OSRM_INVALID_URL, "Profile not found: use truck, truck_2_axle … truck_6_axle, light_truck or van");
}

/* ---- options that every service takes ---------------------------------------------------------------------- */

static bool size_matches(const char *key, const char *text, uint32_t count, struct osrm_fault *fault)
{
    uint32_t given = piece_count(text, ';');
    if (given == count) return true;
    return fail(fault, OSRM_INVALID_OPTIONS, "Number of elements in %s size %u does not match coordinate size %u", key,
                given, count);
}

static bool radiuses(const char *text, struct arena *arena, struct osrm_query *out, struct osrm_fault *fault)
{
    const char *piece;
    size_t length;
    struct pieces pieces = {text, ';', false};
    if (!size_matches("radiuses", text, out->count, fault)) return false;
    out->radius_mm = arena_zero(arena, out->count, sizeof *out->radius_mm);
    if (out->radius_mm == NULL) return no_memory(fault);
    for (uint32_t i = 0; piece_next(&pieces, &piece, &length); i++) {
        double radius;
        out->radius_mm[i] = UINT32_MAX;
        if (length == 0 || is(piece, length, "unlimited")) continue;
        if (!decimal(piece, length, &radius) || radius < 0)
            return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: radiuses");
        out->radius_mm[i] = radius > 4e6 ? UINT32_MAX : (uint32_t)llround(radius * 1000);
    }
    return true;
}

static bool approaches(const char *text, struct osrm_query *out, struct osrm_fault *fault)
{
    const char *piece;
    size_t length;
    struct pieces pieces = {text, ';', false};
    if (!size_matches("approaches", text, out->count, fault)) return false;
    for (uint32_t i = 0; piece_next(&pieces, &piece, &length); i++) {
        if (is(piece, length, "curb")) out->calls[i].side = SIDE_CURB;
        else if (length != 0 && !is(piece, length, "unrestricted"))
            return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: approaches");
    }
    return true;
}

static bool bearings(const char *text, const struct osrm_query *out, struct osrm_fault *fault)
{
    if (!size_matches("bearings", text, out->count, fault)) return false;
    if (strspn(text, ";") == strlen(text)) return true; /* none for any coordinate */
    return fail(fault, OSRM_INVALID_OPTIONS, "bearings are not supported");
}

static bool exclude(const char *text, struct osrm_query *out, struct osrm_fault *fault)
{
    const char *piece;
    size_t length;
    struct pieces pieces = {text, ',', false};
    while (piece_next(&pieces, &piece, &length)) {
        char code[24];
        enum road_class class;
        if (is(piece, length, "toll")) {
            out->avoid_tolls = true;
            continue;
        }
        snprintf(code, sizeof code, "%.*s", (int)(length < sizeof code ? length : sizeof code - 1), piece);
        if (!road_class_parse(code, &class))
            return fail(fault, OSRM_INVALID_VALUE, "Exclude flag combination is not supported.");
        out->avoid_classes |= (road_class_mask)1 << class;
        if (class == ROAD_MOTORWAY) out->avoid_classes |= (road_class_mask)1 << ROAD_MOTORWAY_LINK;
    }
    return true;
}

/* 1: known and good, 0: known and bad (*fault is set), −1: not one of these. */
static int common_option(const char *key, const char *value, struct arena *arena, struct osrm_query *out,
                         struct osrm_fault *fault)
{
    if (strcmp(key, "radiuses") == 0) return radiuses(value, arena, out, fault);
    if (strcmp(key, "approaches") == 0) return approaches(value, out, fault);
    if (strcmp(key, "bearings") == 0) return bearings(value, out, fault);
    if (strcmp(key, "hints") == 0) return size_matches("hints", value, out->count, fault);
    if (strcmp(key, "exclude") == 0) return exclude(value, out, fault);
    if (strcmp(key, "generate_hints") == 0) return boolean(key, value, &out->hints, fault);
    if (strcmp(key, "skip_waypoints") == 0) return boolean(key, value, &out->skip_waypoints, fault);
    if (strcmp(key, "snapping") == 0) {
        if (strcmp(value, "default") == 0 || strcmp(value, "any") == 0) return 1;
        return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: snapping");
    }
    return -1;
}

/* ---- route ------------------------------------------------------------------------------------------------- */

static bool choice(const char *key, const char *value, const char *const *words, unsigned *out,
                   struct osrm_fault *fault)
{
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(words[i], value) != 0) continue;
        *out = i;
        return true;
    }
    return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: %s", key);
}

static bool route_annotations(const char *value, struct osrm_query *out, struct osrm_fault *fault)
{
    const char *piece;
    size_t length;
    struct pieces pieces = {value, ',', false};
    out->annotations = 0;
    if (strcmp(value, "false") == 0) return true;
    if (strcmp(value, "true") == 0) {
        out->annotations = OSRM_ANNOTATE_DURATION | OSRM_ANNOTATE_DISTANCE | OSRM_ANNOTATE_SPEED |
                           OSRM_ANNOTATE_WEIGHT | OSRM_ANNOTATE_DATASOURCES;
        return true;
    }
    while (piece_next(&pieces, &piece, &length)) {
        if (is(piece, length, "duration")) out->annotations |= OSRM_ANNOTATE_DURATION;
        else if (is(piece, length, "distance")) out->annotations |= OSRM_ANNOTATE_DISTANCE;
        else if (is(piece, length, "speed")) out->annotations |= OSRM_ANNOTATE_SPEED;
        else if (is(piece, length, "weight")) out->annotations |= OSRM_ANNOTATE_WEIGHT;
        else if (is(piece, length, "datasources")) out->annotations |= OSRM_ANNOTATE_DATASOURCES;
        else if (is(piece, length, "nodes"))
            return fail(fault, OSRM_INVALID_OPTIONS, "annotations=nodes is not supported");
        else return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: annotations");
    }
    return true;
}

static bool route_alternatives(const char *value, struct osrm_query *out, struct osrm_fault *fault)
{
    uint32_t number = strcmp(value, "true") == 0;
    if (!number && strcmp(value, "false") != 0 && !whole(value, strlen(value), &number))
        return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: alternatives");
    if (number > OSRM_ALTERNATIVES_MAX)
        return fail(fault, OSRM_TOO_BIG, "Requested number of alternatives %u is higher than current maximum (%d)", number, OSRM_ALTERNATIVES_MAX);
    out->alternatives = number;
    return true;
}

static bool route_option(const char *key, const char *value, struct osrm_query *out, struct osrm_fault *fault)
{
    static const char *const geometries[] = {"polyline", "polyline6", "geojson", NULL};
    static const char *const overviews[] = {"simplified", "full", "false", NULL};
    static const char *const straights[] = {"default", "true", "false", NULL};
    unsigned which = 0;
    if (strcmp(key, "alternatives") == 0) return route_alternatives(value, out, fault);
    if (strcmp(key, "steps") == 0) return boolean(key, value, &out->steps, fault);
    if (strcmp(key, "annotations") == 0) return route_annotations(value, out, fault);
    if (strcmp(key, "geometries") == 0) {
        if (!choice(key, value, geometries, &which, fault)) return false;
        out->geometry = (enum osrm_geometry)which;
        return true;
    }
    if (strcmp(key, "overview") == 0) {
        if (!choice(key, value, overviews, &which, fault)) return false;
        out->overview = (enum osrm_overview)which;
        return true;
    }
    /* a turn round at a waypoint is lawful where the law allows one, whatever this says */
    if (strcmp(key, "continue_straight") == 0) return choice(key, value, straights, &which, fault);
    if (strcmp(key, "waypoints") == 0) return fail(fault, OSRM_INVALID_OPTIONS, "waypoints is not supported");
    return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: unknown option %.40s", key);
}

/* ---- trip -------------------------------------------------------------------------------------------------- */

static bool trip_option(const char *key, const char *value, struct osrm_query *out, struct osrm_fault *fault)
{
    static const char *const sources[] = {"any", "first", NULL};
    static const char *const destinations[] = {"any", "last", NULL};
    unsigned which = 0;
    if (strcmp(key, "roundtrip") == 0) return boolean(key, value, &out->roundtrip, fault);
    if (strcmp(key, "source") == 0) {
        if (!choice(key, value, sources, &which, fault)) return false;
        out->source = which ? OSRM_FIRST : OSRM_ANY;
        return true;
    }
    if (strcmp(key, "destination") == 0) {
        if (!choice(key, value, destinations, &which, fault)) return false;
        out->destination = which ? OSRM_LAST : OSRM_ANY;
        return true;
    }
    if (strcmp(key, "alternatives") == 0 || strcmp(key, "continue_straight") == 0)
        return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: unknown option %.40s", key);
    return route_option(key, value, out, fault);
}

/* What OSRM does not do either: one way with a free end. */
static bool trip_possible(const struct osrm_query *q, struct osrm_fault *fault)
{
    if (q->roundtrip || (q->source == OSRM_FIRST && q->destination == OSRM_LAST)) return true;
    return fail(fault, OSRM_NOT_IMPLEMENTED, "This request is not supported: roundtrip=false needs source=first and destination=last");
}

/* ---- table ------------------------------------------------------------------------------------------------- */

static bool table_side(const char *key, const char *value, struct arena *arena, uint32_t count, uint32_t **out,
                       uint32_t *out_count, struct osrm_fault *fault)
{
    const char *piece;
    size_t length;
    struct pieces pieces = {value, ';', false};
    if (strcmp(value, "all") == 0) return true; /* the default, filled in below */
    uint32_t given = piece_count(value, ';');
    if (given > count) return fail(fault, OSRM_INVALID_OPTIONS, "%s has more elements than there are coordinates", key);
    *out = arena_zero(arena, given, sizeof **out);
    if (*out == NULL) return no_memory(fault);
    while (piece_next(&pieces, &piece, &length)) {
        uint32_t index;
        if (!whole(piece, length, &index)) return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: %s", key);
        if (index >= count)
            return fail(fault, OSRM_INVALID_OPTIONS, "%s index %u is not a coordinate: there are %u", key, index, count);
        (*out)[(*out_count)++] = index;
    }
    return true;
}

static bool table_option(const char *key, const char *value, struct arena *arena, struct osrm_query *out,
                         struct osrm_fault *fault)
{
    if (strcmp(key, "sources") == 0)
        return table_side(key, value, arena, out->count, &out->sources, &out->source_count, fault);
    if (strcmp(key, "destinations") == 0)
        return table_side(key, value, arena, out->count, &out->targets, &out->target_count, fault);
    if (strcmp(key, "annotations") == 0) {
        const char *piece;
        size_t length;
        struct pieces pieces = {value, ',', false};
        out->want_durations = out->want_distances = false;
        while (piece_next(&pieces, &piece, &length)) {
            if (is(piece, length, "duration")) out->want_durations = true;
            else if (is(piece, length, "distance")) out->want_distances = true;
            else return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: annotations");
        }
        return true;
    }
    if (strcmp(key, "scale_factor") == 0) {
        if (!decimal(value, strlen(value), &out->scale) || out->scale <= 0 || out->scale > 1000)
            return fail(fault, OSRM_INVALID_OPTIONS, "scale_factor must be greater than 0");
        return true;
    }
    if (strcmp(key, "fallback_speed") == 0 || strcmp(key, "fallback_coordinate") == 0)
        return fail(fault, OSRM_INVALID_OPTIONS, "%s is not supported: no lawful way is answered with null", key);
    return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: unknown option %.40s", key);
}

static bool all_of_them(uint32_t **list, uint32_t *list_count, uint32_t count, struct arena *arena,
                        struct osrm_fault *fault)
{
    if (*list) return true;
    *list = arena_zero(arena, count, sizeof **list);
    if (*list == NULL) return no_memory(fault);
    for (uint32_t i = 0; i < count; i++) (*list)[i] = i;
    *list_count = count;
    return true;
}

/* ---- all together ------------------------------------------------------------------------------------------ */

static bool nearest_option(const char *key, const char *value, struct osrm_query *out, struct osrm_fault *fault)
{
    if (strcmp(key, "number") != 0)
        return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: unknown option %.40s", key);
    if (!whole(value, strlen(value), &out->number)) return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: number");
    if (out->number < 1) return fail(fault, OSRM_INVALID_OPTIONS, "number must be at least 1");
    if (out->number > OSRM_NEAREST_MAX)
        return fail(fault, OSRM_TOO_BIG, "Number of results %u is higher than current maximum (%d)", out->number,
                    OSRM_NEAREST_MAX);
    return true;
}

/* ---- match ------------------------------------------------------------------------------------------------- */

static bool timestamps(const char *text, struct arena *arena, struct osrm_query *out, struct osrm_fault *fault)
{
    const char *piece;
    size_t length;
    struct pieces pieces = {text, ';', false};
    if (!size_matches("timestamps", text, out->count, fault)) return false;
    out->timestamps_s = arena_zero(arena, out->count, sizeof *out->timestamps_s);
    if (out->timestamps_s == NULL) return no_memory(fault);
    for (uint32_t i = 0; piece_next(&pieces, &piece, &length); i++) {
        if (length == 0 || length > 10 || strspn(piece, "0123456789") < length)
            return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: timestamps");
        for (size_t k = 0; k < length; k++) out->timestamps_s[i] = out->timestamps_s[i] * 10 + (piece[k] - '0');
        if (i > 0 && out->timestamps_s[i] < out->timestamps_s[i - 1])
            return fail(fault, OSRM_INVALID_VALUE, "Timestamps need to be monotonically increasing.");
    }
    return true;
}

static bool match_option(const char *key, const char *value, struct arena *arena, struct osrm_query *out,
                         struct osrm_fault *fault)
{
    static const char *const gaps[] = {"split", "ignore", NULL};
    unsigned which = 0;
    if (strcmp(key, "timestamps") == 0) return timestamps(value, arena, out, fault);
    if (strcmp(key, "tidy") == 0) return boolean(key, value, &out->tidy, fault);
    if (strcmp(key, "gaps") == 0) {
        if (!choice(key, value, gaps, &which, fault)) return false;
        out->ignore_gaps = which == 1;
        return true;
    }
    if (strcmp(key, "steps") == 0 && strcmp(value, "true") == 0)
        return fail(fault, OSRM_INVALID_OPTIONS, "steps are not supported for a match");
    if (strcmp(key, "alternatives") == 0 || strcmp(key, "continue_straight") == 0)
        return fail(fault, OSRM_INVALID_QUERY, "Query string malformed: unknown option %.40s", key);
    return route_option(key, value, out, fault);
}

static bool count_fits(enum osrm_service service, uint32_t count, struct osrm_fault *fault)
{
    if (service == OSRM_NEAREST) {
        if (count == 1) return true;
        return fail(fault, OSRM_INVALID_OPTIONS, "Only one input coordinate is supported");
    }
    if (service == OSRM_TRIP && count == 1) return fail(fault, OSRM_INVALID_OPTIONS, "Number of coordinates needs to be at least two.");
    if (service == OSRM_TRIP && count >= CALLS_MAX) /* the way back is a call as well */
        return fail(fault, OSRM_TOO_BIG, "Number of entries %u is higher than current maximum (%d)", count, CALLS_MAX - 1);
    if (service == OSRM_MATCH && count < 2)
        return fail(fault, OSRM_INVALID_OPTIONS, "Number of coordinates needs to be at least two.");
    if (service == OSRM_ROUTE && count < 2)
        return fail(fault, OSRM_INVALID_OPTIONS, "Number of coordinates needs to be at least two.");
    if (service == OSRM_ROUTE && count > CALLS_MAX)
        return fail(fault, OSRM_TOO_BIG, "Number of entries %u is higher than current maximum (%d)", count, CALLS_MAX);
    return true;
}

bool osrm_query_parse(enum osrm_service service, const char *profile, const char *coordinates,
                      const struct http_target *target, struct arena *arena, struct osrm_query *out,
                      struct osrm_fault *fault)
{
    *out = (struct osrm_query){.hints = true, .number = 1, .want_durations = true, .scale = 1, .roundtrip = true};
    *fault = (struct osrm_fault){.code = OSRM_OK};
    if (!profile_parse(profile, out, fault) || !coordinates_parse(coordinates, arena, out, fault) ||
        !count_fits(service, out->count, fault))
        return false;
    for (unsigned i = 0; i < target->key_count; i++) {
        const char *key = target->key[i], *value = target->value[i];
        int known = common_option(key, value, arena, out, fault);
        if (known < 0)
            known = service == OSRM_ROUTE   ? route_option(key, value, out, fault)
                    : service == OSRM_TRIP  ? trip_option(key, value, out, fault)
                    : service == OSRM_MATCH ? match_option(key, value, arena, out, fault)
                    : service == OSRM_TABLE ? table_option(key, value, arena, out, fault)
                                            : nearest_option(key, value, out, fault);
        if (!known) return false;
    }
    if (service == OSRM_TRIP) return trip_possible(out, fault);
    if (service != OSRM_TABLE) return true;
    if (!all_of_them(&out->sources, &out->source_count, out->count, arena, fault) ||
        !all_of_them(&out->targets, &out->target_count, out->count, arena, fault))
        return false;
    if (out->source_count > OSRM_TABLE_SIDE_MAX || out->target_count > OSRM_TABLE_SIDE_MAX)
        return fail(fault, OSRM_TOO_BIG, "Number of entries %u is higher than current maximum (%d)",
                    out->source_count > out->target_count ? out->source_count : out->target_count, OSRM_TABLE_SIDE_MAX);
    return true;
}
