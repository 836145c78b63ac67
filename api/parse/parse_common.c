#include "api/parse/parse_common.h"

#include "api/parse/parse_area.h"
#include "api/wire/time_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_BYTES_MAX = 200,
    SERVICE_MAX_S = 7 * 86400,
    CODE_BYTES_MAX = 64,
    RULES_AGE_MAX_S = 7 * 86400,
};

/* A lower bound for moments: anything earlier is a mistake of units (seconds for milliseconds, a zero date). */
static const int64_t DEPART_MIN_MS = INT64_C(946684800000);  /* 2000-01-01 */
static const int64_t DEPART_MAX_MS = INT64_C(4102444800000); /* 2100-01-01 */

enum status parse_milli(const struct json_at *at, double min, double max, uint32_t *out, struct error *err)
{
    double value;
    TRY(reader_number(at, min, max, &value, err));
    *out = (uint32_t)llround(value * 1000);
    return STATUS_OK;
}

enum status parse_crs(struct parse *parse, const struct json_at *object, struct error *err)
{
    struct json_at at;
    parse->crs = WIRE_CRS_DEFAULT;
    if (!reader_find(object, "crs", &at)) return STATUS_OK;
    const char *name;
    TRY(reader_text(&at, 1, sizeof parse->crs.name - 1, &name, err));
    enum status status = wire_crs_open(parse->systems, name, &parse->crs, err);
    if (status == STATUS_OK) return STATUS_OK;
    if (err) snprintf(err->actual, sizeof err->actual, "%s", name);
    (void)reader_here(&at, err);
    return status;
}

enum status parse_location(struct parse *parse, const struct json_at *at, struct point_e7 *out, struct error *err)
{
    size_t count;
    TRY(reader_array(at, 2, 2, &count, err));
    struct json_at x_at = reader_element(at, 0), y_at = reader_element(at, 1);
    double x, y;
    if (parse->crs.degrees) {
        TRY(reader_number(&x_at, -180, 180, &x, err));
        enum status status = reader_number(&y_at, -90, 90, &y, err);
        if (status == STATUS_OUT_OF_RANGE) {
            char limit[sizeof err->limit], actual[sizeof err->actual];
            if (err == NULL) return status;
            memcpy(limit, err->limit, sizeof limit);
            memcpy(actual, err->actual, sizeof actual);
            error_set(err, status, MESSAGE_LATITUDE_RANGE);
            memcpy(err->limit, limit, sizeof limit);
            memcpy(err->actual, actual, sizeof actual);
            return reader_here(&y_at, err);
        }
        if (status != STATUS_OK) return status;
    } else {
        TRY(reader_number(&x_at, -1e9, 1e9, &x, err));
        TRY(reader_number(&y_at, -1e9, 1e9, &y, err));
    }
    if (wire_crs_in(&parse->crs, x, y, out, err) != STATUS_OK) return reader_here(at, err);
    return STATUS_OK;
}

enum status parse_call(struct parse *parse, const struct json_at *at, struct call *out, struct error *err)
{
    static const char *const members[] = {"location", "name", "service_s", "side", "turning_place", NULL};
    static const char *const sides[] = {"any", "curb", NULL};
    struct json_at member;
    *out = (struct call){.side = SIDE_ANY};
    TRY(reader_members(at, members, err));
    TRY(reader_require(at, "location", &member, err));
    TRY(parse_location(parse, &member, &out->point, err));
    if (reader_find(at, "name", &member))
        TRY(reader_text_dup(&member, 0, NAME_BYTES_MAX, parse->arena, &out->name, err));
    if (reader_find(at, "service_s", &member)) TRY(parse_milli(&member, 0, SERVICE_MAX_S, &out->service_ms, err));
    unsigned side = SIDE_ANY;
    if (reader_find(at, "side", &member)) TRY(reader_choice(&member, sides, &side, err));
    out->side = (enum call_side)side;
    if (reader_find(at, "turning_place", &member)) TRY(reader_boolean(&member, &out->turning_place, err));
    return STATUS_OK;
}

/* ---- vehicle ----------------------------------------------------------------------------------------------- */

/* A short string into a fixed field of the vehicle. */
static enum status short_text(const struct json_at *object, const char *name, char *out, size_t size,
                              struct error *err)
{
    struct json_at at;
    const char *text;
    if (!reader_find(object, name, &at)) return STATUS_OK;
    TRY(reader_text(&at, 1, size - 1, &text, err));
    memcpy(out, text, strlen(text) + 1);
    return STATUS_OK;
}

enum status parse_vehicle(struct parse *parse, const struct json_at *at, struct vehicle *out, struct error *err)
{
    static const char *const members[] = {"class", "height_m", "width_m", "length_m", "gross_weight_t", "axle_load_t",
                                          "axles", "hazmat", "livestock", "emission", "plate", "cargo", NULL};
    static const char *const emissions[] = {"unknown", "0", "1", "2", "3", "4", "5", "6", "new_energy", NULL};
    (void)parse;
    *out = (struct vehicle){0};
    struct json_at member;
    TRY(reader_members(at, members, err));
    TRY(short_text(at, "class", out->class_code, sizeof out->class_code, err));
    TRY(short_text(at, "plate", out->plate, sizeof out->plate, err));
    TRY(short_text(at, "cargo", out->cargo, sizeof out->cargo, err));
    uint32_t *const values[] = {&out->height_mm, &out->width_mm, &out->length_mm, &out->gross_kg, &out->axle_load_kg};
    const struct vehicle_range *r = VEHICLE_RANGES;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++, r++)
        if (reader_find(at, r->member, &member))
            TRY(parse_milli(&member, r->least / r->scale, r->most / r->scale, values[i], err));
    int64_t axles = 0;
    if (reader_find(at, r->member, &member)) TRY(reader_integer(&member, r->least, r->most, &axles, err));
    out->axles = (uint32_t)axles;
    if (reader_find(at, "hazmat", &member)) TRY(reader_boolean(&member, &out->hazmat, err));
    if (reader_find(at, "livestock", &member)) TRY(reader_boolean(&member, &out->livestock, err));
    unsigned emission = EMISSION_UNKNOWN;
    if (reader_find(at, "emission", &member)) TRY(reader_choice(&member, emissions, &emission, err));
    out->emission = (enum emission)emission;
    enum status status = vehicle_complete(out, err);
    return status == STATUS_OK ? status : reader_below(at, err);
}

/* ---- credentials, areas, classes --------------------------------------------------------------------------- */

static enum status parse_credential(struct parse *parse, const struct json_at *at, struct credential *out,
                                    struct error *err)
{
    static const char *const members[] = {"type", "number", "issued_at", "valid_from", "valid_until", NULL};
    struct json_at member;
    *out = (struct credential){.issued_ms = INT64_MIN, .valid_from_ms = INT64_MIN, .valid_until_ms = TIME_OPEN};
    TRY(reader_members(at, members, err));
    TRY(reader_require(at, "type", &member, err));
    TRY(reader_text_dup(&member, 1, CODE_BYTES_MAX, parse->arena, &out->type_code, err));
    if (reader_find(at, "number", &member))
        TRY(reader_text_dup(&member, 1, NAME_BYTES_MAX, parse->arena, &out->number, err));
    if (reader_find(at, "issued_at", &member)) TRY(reader_time(&member, &out->issued_ms, err));
    if (reader_find(at, "valid_from", &member)) TRY(reader_time(&member, &out->valid_from_ms, err));
    if (reader_find(at, "valid_until", &member)) {
        TRY(reader_time(&member, &out->valid_until_ms, err));
        if (out->valid_until_ms <= out->valid_from_ms) {
            error_set(err, STATUS_INVALID, MESSAGE_VALIDITY_ORDER);
            return reader_here(&member, err);
        }
    }
    if (credential_dated(out)) return STATUS_OK;
    error_set(err, STATUS_INVALID, MESSAGE_CREDENTIAL_UNDATED);
    return reader_here(at, err);
}

enum status parse_credentials(struct parse *parse, const struct json_at *at, struct route_request *out,
                                     struct error *err)
{
    size_t count;
    TRY(reader_array(at, 0, CREDENTIALS_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(at, i);
        TRY(parse_credential(parse, &element, &out->credentials[i], err));
    }
    out->credential_count = (uint32_t)count;
    return STATUS_OK;
}

static enum status parse_avoid(struct parse *parse, const struct json_at *at, struct route_request *out,
                               struct error *err)
{
    static const char *const members[] = {"polygons", "zones", "road_classes", "tolls", NULL};
    struct json_at member;
    size_t count;
    TRY(reader_members(at, members, err));
    if (reader_find(at, "zones", &member)) {
        TRY(reader_array(&member, 0, AVOID_ZONES_MAX, &count, err));
        for (size_t i = 0; i < count; i++) {
            struct json_at element = reader_element(&member, i);
            TRY(reader_text_dup(&element, 1, CODE_BYTES_MAX, parse->arena, &out->avoid_zones[i], err));
        }
        out->avoid_zone_count = (uint32_t)count;
    }
    if (reader_find(at, "road_classes", &member)) {
        static const char *codes[ROAD_CLASS_COUNT + 1] = {
#define X(name, code, zh) [ROAD_##name] = code,
            ROAD_CLASS_LIST(X)
#undef X
        };
        TRY(reader_array(&member, 0, ROAD_CLASS_COUNT, &count, err));
        for (size_t i = 0; i < count; i++) {
            struct json_at element = reader_element(&member, i);
            unsigned class;
            TRY(reader_choice(&element, codes, &class, err));
            out->avoid_classes |= (road_class_mask)1 << class;
        }
    }
    if (reader_find(at, "tolls", &member)) TRY(reader_boolean(&member, &out->avoid_tolls, err));
    if (reader_find(at, "polygons", &member))
        TRY(parse_area(parse, &member, &MULTIPOLYGON_LIMITS_DEFAULT, &out->avoid_area, err));
    return STATUS_OK;
}

enum status parse_moment(const struct json_at *at, int64_t *out_ms, struct error *err)
{
    TRY(reader_time(at, out_ms, err));
    if (*out_ms >= DEPART_MIN_MS && *out_ms < DEPART_MAX_MS) return STATUS_OK;
    error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_DEPART_RANGE);
    if (err) {
        char time[TIME_TEXT_SIZE];
        time_format(*out_ms < DEPART_MIN_MS ? DEPART_MIN_MS : DEPART_MAX_MS - 1, time);
        snprintf(err->limit, sizeof err->limit, "%s", time);
        time_format(*out_ms, time);
        snprintf(err->actual, sizeof err->actual, "%s", time);
    }
    return reader_here(at, err);
}

/* A number that JSON and the database both hold. */
static enum status version_of(const char *digits, struct rules_moment *out, struct error *err)
{
    if (strlen(digits) > 18) {
        error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_AS_OF_VERSION);
        error_bounds(err, 1e18, strtod(digits, NULL));
        return STATUS_OUT_OF_RANGE;
    }
    out->version = strtoll(digits, NULL, 10);
    return STATUS_OK;
}

enum status parse_as_of_text(const char *text, struct rules_moment *out, struct error *err)
{
    size_t length = strlen(text);
    *out = RULES_MOMENT_NOW;
    enum status status = STATUS_OK;
    if (length > 0 && strspn(text, "0123456789") == length) status = version_of(text, out, err);
    else if (!time_parse(text, length, &out->at_ms)) status = error_set(err, STATUS_INVALID, MESSAGE_AS_OF_FORM);
    return status;
}

enum status parse_as_of(const struct json_at *at, struct rules_moment *out, struct error *err)
{
    *out = RULES_MOMENT_NOW;
    if (json_is_null(at->value)) return STATUS_OK;
    enum status status = STATUS_OK;
    if (json_is_integer(at->value)) return reader_integer(at, 0, INT64_C(999999999999999999), &out->version, err);
    if (json_is_string(at->value)) status = parse_as_of_text(json_string_value(at->value), out, err);
    else status = error_set(err, STATUS_INVALID, MESSAGE_AS_OF_FORM);
    return status == STATUS_OK ? status : reader_here(at, err);
}

enum status parse_constraints(struct parse *parse, const struct json_at *object, struct route_request *out,
                              struct rules_demand *demand, struct error *err)
{
    static const char *const endpoints[] = {"reject", "nearest_outside", NULL};
    struct json_at member;
    unsigned choice = ENDPOINTS_REJECT;

    *demand = RULES_DEMAND_ANY;
    if (reader_find(object, "as_of", &member)) TRY(parse_as_of(&member, &demand->as_of, err));
    if (rules_moment_is_past(&demand->as_of) && !parse->past) { /* never ignored */
        error_set(err, STATUS_INVALID, MESSAGE_AS_OF_NOT_HERE);
        return reader_here(&member, err);
    }
    if (reader_find(object, "min_rules_version", &member) && !json_is_null(member.value))
        TRY(reader_integer(&member, 0, JSON_WHOLE_MAX, &demand->min_version, err));
    if (reader_find(object, "max_rules_age_s", &member)) {
        uint32_t age_ms;
        TRY(parse_milli(&member, 0, RULES_AGE_MAX_S, &age_ms, err));
        demand->max_age_ms = age_ms;
    }
    if (rules_moment_is_past(&demand->as_of) && (demand->min_version >= 0 || demand->max_age_ms >= 0)) {
        error_set(err, STATUS_INVALID, MESSAGE_EITHER_OR, "as_of", demand->min_version >= 0 ? "min_rules_version" : "max_rules_age_s");
        error_pointer(err, "/as_of");
        return reader_below(object, err);
    }

    out->depart_ms = demand->as_of.at_ms != INT64_MIN ? demand->as_of.at_ms : parse->now_ms;
    if (reader_find(object, "depart_at", &member)) TRY(parse_moment(&member, &out->depart_ms, err));
    if (reader_find(object, "vehicle", &member)) {
        TRY(parse_vehicle(parse, &member, &out->vehicle, err));
    } else {
        out->vehicle = (struct vehicle){0};
        TRY(vehicle_complete(&out->vehicle, err));
    }
    if (reader_find(object, "credentials", &member)) TRY(parse_credentials(parse, &member, out, err));
    if (reader_find(object, "avoid", &member)) TRY(parse_avoid(parse, &member, out, err));
    if (reader_find(object, "endpoints", &member)) TRY(reader_choice(&member, endpoints, &choice, err));
    out->endpoints = (enum endpoint_policy)choice;
    out->max_snap_mm = SNAP_DEFAULT_MM;
    if (reader_find(object, "max_snap_m", &member)) TRY(parse_milli(&member, 1, SNAP_MAX_M, &out->max_snap_mm, err));
    return STATUS_OK;
}
