#include "api/parse/parse_route.h"

#include <stdio.h>
#include <string.h>

enum { WAIT_MAX_S = 7 * 86400, CORRIDOR_MAX_M = 5000, CORRIDOR_DEFAULT_MM = 200000, ALTERNATIVES_MAX = 3 };

static enum status parse_calls(struct parse *parse, const struct json_at *root, struct route_request *out,
                               struct error *err)
{
    struct json_at member;
    TRY(reader_require(root, "origin", &member, err));
    TRY(parse_call(parse, &member, &out->calls[0], err));
    uint32_t count = 1;
    if (reader_find(root, "stops", &member)) {
        size_t stops;
        TRY(reader_array(&member, 0, CALLS_MAX - 2, &stops, err));
        for (size_t i = 0; i < stops; i++) {
            struct json_at stop = reader_element(&member, i);
            TRY(parse_call(parse, &stop, &out->calls[count++], err));
        }
    }
    TRY(reader_require(root, "destination", &member, err));
    TRY(parse_call(parse, &member, &out->calls[count++], err));
    out->call_count = count;

    static const char *const loops[] = {"none", "return", NULL};
    unsigned loop = 0;
    if (reader_find(root, "loop", &member)) TRY(reader_choice(&member, loops, &loop, err));
    out->loop = loop == 1;
    if (reader_find(root, "base", &member)) {
        if (!out->loop) {
            error_set(err, STATUS_INVALID, MESSAGE_BASE_WITHOUT_LOOP);
            return reader_here(&member, err);
        }
        TRY(parse_call(parse, &member, &out->base, err));
        out->has_base = true;
    }
    return STATUS_OK;
}

static enum status parse_form(const struct json_at *root, struct route_question *out, struct error *err)
{
    static const char *const formats[] = {"geojson", "polyline5", "polyline6", "none", NULL};
    struct json_at member;
    unsigned format = GEOMETRY_GEOJSON;
    if (reader_find(root, "geometry", &member)) {
        TRY(reader_choice(&member, formats, &format, err));
        if ((format == GEOMETRY_POLYLINE5 || format == GEOMETRY_POLYLINE6) && !out->form.crs.degrees) {
            error_set(err, STATUS_INVALID, MESSAGE_POLYLINE_NEEDS_DEGREES, out->form.crs.name);
            return reader_here(&member, err);
        }
    }
    out->form.geometry = (enum geometry_format)format;
    out->form.steps = true;
    if (reader_find(root, "steps", &member)) TRY(reader_boolean(&member, &out->form.steps, err));
    out->route.want_geometry = out->form.geometry != GEOMETRY_NONE;
    out->route.want_steps = out->form.steps;
    out->route.corridor_mm = out->route.want_geometry ? CORRIDOR_DEFAULT_MM : 0;
    if (reader_find(root, "corridor_m", &member))
        TRY(parse_milli(&member, 0, CORRIDOR_MAX_M, &out->route.corridor_mm, err));
    return STATUS_OK;
}

static enum status parse_rests(const struct parse_setting *setting, const struct json_at *root, struct route_question *out,
                               struct error *err)
{
    static const char *const members[] = {"max_drive_s", "rest_s", NULL};
    struct json_at rests, member;
    if (!reader_find(root, "rests", &rests)) return STATUS_OK;
    const char *other = out->route.alternatives ? "alternatives" : NULL;
    if (!setting->journeys || other) {
        error_set(err, STATUS_INVALID, setting->journeys ? MESSAGE_RESTS_WITHOUT : MESSAGE_JOURNEY_NOT_HERE, other ? other : "rests");
        return reader_here(&rests, err);
    }
    TRY(reader_members(&rests, members, err));
    if (reader_find(&rests, "max_drive_s", &member)) TRY(parse_milli(&member, 600, 86400, &out->route.max_drive_ms, err));
    if (reader_find(&rests, "rest_s", &member)) TRY(parse_milli(&member, 60, 86400, &out->route.rest_ms, err));
    out->route.rests = true;
    return STATUS_OK;
}

static enum status parse_relay(struct parse *parse, const struct parse_setting *setting, const struct json_at *root,
                               struct route_question *out, struct error *err)
{
    static const char *const members[] = {"vehicle", "credentials", "hand_over_s", NULL};
    struct json_at at, member;
    if (!reader_find(root, "relay", &at)) return STATUS_OK;
    enum status status = !setting->journeys ? error_set(err, STATUS_INVALID, MESSAGE_JOURNEY_NOT_HERE, "relay")
                         : out->store       ? error_set(err, STATUS_INVALID, MESSAGE_RELAY_NOT_STORED)
                         : out->route.call_count != 2 || out->route.loop ? error_set(err, STATUS_INVALID, MESSAGE_RELAY_DIRECT)
                                                                         : STATUS_OK;
    if (status != STATUS_OK) return reader_here(&at, err);
    struct relay *relay = arena_zero(setting->arena, 1, sizeof *relay);
    struct route_request *inner = arena_zero(setting->arena, 1, sizeof *inner);
    if (relay == NULL || inner == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    TRY(reader_members(&at, members, err));
    if (reader_find(&at, "vehicle", &member)) {
        TRY(parse_vehicle(parse, &member, &relay->vehicle, err));
    } else {
        snprintf(relay->vehicle.class_code, sizeof relay->vehicle.class_code, "light_truck");
        TRY(vehicle_complete(&relay->vehicle, err));
    }
    if (reader_find(&at, "credentials", &member)) TRY(parse_credentials(parse, &member, inner, err));
    relay->credential_count = inner->credential_count;
    memcpy(relay->credentials, inner->credentials, sizeof relay->credentials);
    relay->has_hand_over = reader_find(&at, "hand_over_s", &member);
    if (relay->has_hand_over) TRY(parse_milli(&member, 0, 86400, &relay->hand_over_ms, err));
    out->relay = relay;
    return STATUS_OK;
}

/* What would not be in the answer is refused rather than left out. */
static enum status check_one_plan(const struct json_at *root, const struct route_question *q, struct error *err)
{
    struct json_at member;
    const char *name = q->store ? "store" : q->route.alternatives ? "alternatives" : q->route.report_violations ? "on_violation" : NULL;
    if (name == NULL || !reader_find(root, name, &member)) return STATUS_OK;
    error_set(err, STATUS_INVALID, MESSAGE_JOURNEY_NOT_HERE, name);
    return reader_here(&member, err);
}

static enum status check_figures(const struct json_at *root, const struct route_question *q, struct error *err)
{
    const struct {
        const char *name;
        bool wanted;
    } members[] = {{"geometry", q->route.want_geometry}, {"steps", q->route.want_steps}, {"corridor_m", q->route.corridor_mm > 0}};
    struct json_at member;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (!members[i].wanted || !reader_find(root, members[i].name, &member)) continue;
        error_set(err, STATUS_INVALID, MESSAGE_JOURNEY_NOT_HERE, members[i].name);
        return reader_here(&member, err);
    }
    return STATUS_OK;
}

enum status parse_preference(const struct json_at *root, struct route_request *out, struct error *err)
{
    static const char *const preferences[] = {"time", "distance", "cost", NULL};
    struct json_at member;
    unsigned choice = 0;
    if (reader_find(root, "prefer", &member)) TRY(reader_choice(&member, preferences, &choice, err));
    out->prefer = (enum preference)choice;
    if (reader_find(root, "max_wait_s", &member)) TRY(parse_milli(&member, 0, WAIT_MAX_S, &out->max_wait_ms, err));
    return STATUS_OK;
}

enum status parse_route(const struct json_at *root, const struct parse_setting *setting, struct route_question *out,
                        struct error *err)
{
    static const char *const members[] = {"origin", "stops", "destination", "loop", "base", "max_wait_s", "prefer",
                                          "alternatives", "on_violation", "geometry", "steps", "corridor_m", "store", "optimise_order",
                                          "rests", "relay",
                                          CONSTRAINT_MEMBERS, NULL};
    static const char *const on_violations[] = {"fail", "report", NULL};
    struct parse parse = {.arena = setting->arena, .systems = setting->systems, .geos = setting->geos,
                          .now_ms = (setting->now_ms + 999) / 1000 * 1000,
                          .past = setting->past};
    struct json_at member;
    unsigned choice = 0;
    int64_t number = 0;

    memset(out, 0, sizeof *out);
    struct route_request *route = &out->route;
    TRY(reader_members(root, members, err));
    TRY(parse_crs(&parse, root, err));
    out->form.crs = parse.crs;
    out->form.language = setting->language;
    TRY(parse_calls(&parse, root, route, err));
    TRY(parse_constraints(&parse, root, route, &out->demand, err));
    TRY(parse_form(root, out, err));
    TRY(parse_preference(root, route, err));
    if (reader_find(root, "alternatives", &member)) TRY(reader_integer(&member, 0, ALTERNATIVES_MAX, &number, err));
    route->alternatives = (uint32_t)number;
    choice = 0;
    if (reader_find(root, "on_violation", &member)) TRY(reader_choice(&member, on_violations, &choice, err));
    route->report_violations = choice == 1;
    if (reader_find(root, "store", &member)) TRY(reader_boolean(&member, &out->store, err));
    if (reader_find(root, "optimise_order", &member)) TRY(reader_boolean(&member, &out->optimise_order, err));
    if (setting->one_plan) TRY(check_one_plan(root, out, err));
    if (setting->figures) TRY(check_figures(root, out, err));
    if (out->optimise_order && (out->store || !setting->journeys)) {
        error_set(err, STATUS_INVALID, setting->journeys ? MESSAGE_ORDER_NOT_STORED : MESSAGE_JOURNEY_NOT_HERE, "optimise_order");
        return reader_here(&member, err);
    }
    TRY(parse_rests(setting, root, out, err));
    TRY(parse_relay(&parse, setting, root, out, err));
    if (out->store && route->report_violations) {
        error_set(err, STATUS_INVALID, MESSAGE_STORE_LAWFUL_ONLY);
        return reader_here(&member, err);
    }
    if (out->store && reader_find(root, "as_of", &member) && !json_is_null(member.value)) {
        error_set(err, STATUS_INVALID, MESSAGE_STORE_NOT_AS_OF);
        return reader_here(&member, err);
    }
    return STATUS_OK;
}

enum status parse_route_text(const char *text, size_t length, const struct parse_setting *setting,
                             struct route_question *out, struct error *err)
{
    json_t *document;
    TRY(reader_parse(text, length, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_route(&root, setting, out, err);
    json_decref(document);
    return status;
}
