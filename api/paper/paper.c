#include "api/paper/paper.h"

#include "geo/polyline.h"

#include <math.h>
#include <string.h>

enum { TEXT_MAX = 200, LEGS_MAX = 2 * CALLS_MAX, GATES_MAX = 4096, POINTS_MAX = 4000000, TEXT_LINE_MAX = 64 << 20 };

#define LENGTH_MAX_MM 1e15 /* whole millimetres, and tenths of them, are exact in a number of the wire */

struct reading {
    struct arena *arena;
    const struct rules_input *in;
    struct parse parse;
    struct paper *out;
    struct error *err;
};

static enum status no_memory(const struct reading *r)
{
    return error_set(r->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status scaled_to(const struct reading *r, const struct json_at *object, const char *name, double scale, double most, int64_t *out)
{
    struct json_at at;
    double value;
    TRY(reader_require(object, name, &at, r->err));
    TRY(reader_number(&at, 0, most / scale, &value, r->err));
    *out = llround(value * scale);
    return STATUS_OK;
}

/* Seconds or metres as ms or mm; yuan as fen. */
static enum status scaled(const struct reading *r, const struct json_at *object, const char *name, double scale, uint32_t *out)
{
    int64_t value;
    TRY(scaled_to(r, object, name, scale, UINT32_MAX, &value));
    *out = (uint32_t)value;
    return STATUS_OK;
}

/* What was added up from many roads: metres as mm. */
static enum status length_of(const struct reading *r, const struct json_at *object, const char *name, uint64_t *out)
{
    int64_t value;
    TRY(scaled_to(r, object, name, 1000, LENGTH_MAX_MM, &value));
    *out = (uint64_t)value;
    return STATUS_OK;
}

static enum status moment(const struct reading *r, const struct json_at *object, const char *name, int64_t *out)
{
    struct json_at at;
    TRY(reader_require(object, name, &at, r->err));
    return reader_time(&at, out, r->err);
}

static enum status place(struct reading *r, const struct json_at *object, const char *name, struct point_e7 *out)
{
    struct json_at at;
    TRY(reader_require(object, name, &at, r->err));
    return parse_location(&r->parse, &at, out, r->err);
}

static enum status list(const struct reading *r, const struct json_at *object, const char *name, size_t most,
                        struct json_at *at, uint32_t *count)
{
    size_t n;
    TRY(reader_require(object, name, at, r->err));
    TRY(reader_array(at, 0, most, &n, r->err));
    *count = (uint32_t)n;
    return STATUS_OK;
}

static enum status unknown(const struct reading *r, const struct json_at *at)
{
    error_set(r->err, STATUS_INVALID, MESSAGE_PAPER_NAME);
    return reader_here(at, r->err);
}

static enum status checkpoint_of(const struct reading *r, const struct json_at *object, uint32_t *out)
{
    struct json_at at;
    const char *id;
    TRY(reader_require(object, "checkpoint", &at, r->err));
    TRY(reader_text(&at, 1, TEXT_MAX, &id, r->err));
    for (uint32_t i = 0; i < r->in->checkpoint_count; i++)
        if (strcmp(r->in->checkpoints[i].id, id) == 0) {
            *out = i;
            return STATUS_OK;
        }
    return unknown(r, &at);
}

static enum status zone_of(const struct reading *r, const struct json_at *object, uint32_t *out)
{
    struct json_at at;
    const char *id;
    TRY(reader_require(object, "zone", &at, r->err));
    TRY(reader_text(&at, 1, TEXT_MAX, &id, r->err));
    for (uint32_t i = 0; i < r->in->zone_count; i++)
        if (strcmp(r->in->zones[i].id, id) == 0) {
            *out = i;
            return STATUS_OK;
        }
    return unknown(r, &at);
}

/* ---- a leg ------------------------------------------------------------------------------------------------- */

/* Which of the two encoded forms it is cannot be seen: 1e-5 degrees is tried where 1e-6 leads off the earth or away from
 * where the leg begins. */
static enum status polyline(struct reading *r, const struct json_at *at, struct point_e7 begin, struct leg *leg)
{
    const char *text;
    TRY(reader_text(at, 1, TEXT_LINE_MAX, &text, r->err));
    size_t length = strlen(text), count = 0;
    struct point_e7 *points = arena_zero(r->arena, length / 2 + 2, sizeof *points);
    if (points == NULL) return no_memory(r);
    uint32_t tolerance = 6;
    enum status status = polyline_decode(text, length, POLYLINE_6, points, length / 2 + 2, &count, r->err);
    if (status != STATUS_OK || count == 0 || fabs((double)points[0].lat_e7 - begin.lat_e7) > 10000) {
        tolerance = 51;
        status = polyline_decode(text, length, POLYLINE_5, points, length / 2 + 2, &count, r->err);
    }
    if (status != STATUS_OK) return reader_here(at, r->err);
    if (tolerance > r->out->tolerance_e7) r->out->tolerance_e7 = tolerance;
    leg->points = points;
    leg->point_count = (uint32_t)count;
    return STATUS_OK;
}

static enum status line(struct reading *r, const struct json_at *object, struct point_e7 begin, struct leg *leg)
{
    struct json_at at, coordinates;
    if (!reader_find(object, "geometry", &at) || json_is_null(at.value)) {
        error_set(r->err, STATUS_INVALID, MESSAGE_PAPER_GEOMETRY);
        return reader_here(object, r->err);
    }
    if (json_is_string(at.value)) return polyline(r, &at, begin, leg);
    TRY(list(r, &at, "coordinates", POINTS_MAX, &coordinates, &leg->point_count));
    struct point_e7 *points = arena_zero(r->arena, (size_t)leg->point_count + 1, sizeof *points);
    if (points == NULL) return no_memory(r);
    for (uint32_t i = 0; i < leg->point_count; i++) {
        struct json_at element = reader_element(&coordinates, i);
        TRY(parse_location(&r->parse, &element, &points[i], r->err));
    }
    leg->points = points;
    return STATUS_OK;
}

static enum status gate(struct reading *r, const struct json_at *at, struct paper_gate *out)
{
    static const char *const directions[] = {"enter", "exit", NULL};
    struct gate_passage *p = &out->passage;
    struct json_at member;
    unsigned direction;
    TRY(checkpoint_of(r, at, &p->checkpoint));
    TRY(zone_of(r, at, &p->zone));
    TRY(reader_require(at, "direction", &member, r->err));
    TRY(reader_choice(&member, directions, &direction, r->err));
    p->direction = direction == 0 ? GATE_ENTER : GATE_EXIT;
    TRY(moment(r, at, "at", &p->at_ms));
    TRY(scaled(r, at, "wait_s", 1000, &p->wait_ms));
    TRY(scaled(r, at, "inspection_s", 1000, &p->inspection_ms));
    TRY(reader_require(at, "green_channel", &member, r->err));
    TRY(reader_boolean(&member, &p->green_channel, r->err));
    TRY(place(r, at, "location", &p->point));
    TRY(length_of(r, at, "offset_m", &p->offset_mm));
    TRY(list(r, at, "credentials", PAPER_CREDENTIALS_MAX, &member, &out->credential_count));
    for (uint32_t i = 0; i < out->credential_count; i++) {
        struct json_at element = reader_element(&member, i);
        TRY(reader_text_dup(&element, 1, TEXT_MAX, r->arena, &out->credentials[i], r->err));
    }
    return STATUS_OK;
}

static enum status contact(struct reading *r, const struct json_at *at, struct zone_contact *out)
{
    struct json_at member;
    const char *code;
    TRY(zone_of(r, at, &out->zone));
    TRY(reader_require(at, "rule", &member, r->err));
    TRY(reader_text(&member, 1, TEXT_MAX, &code, r->err));
    if (!rule_kind_parse(code, &out->kind)) return unknown(r, &member);
    TRY(length_of(r, at, "distance_m", &out->distance_mm));
    TRY(moment(r, at, "enter_at", &out->enter_ms));
    return moment(r, at, "leave_at", &out->leave_ms);
}

static enum status leg_of(struct reading *r, const struct json_at *at, struct point_e7 begin, struct paper_leg *out)
{
    const char *kinds[LEG_LAST_MILE + 2] = {NULL};
    struct leg *leg = &out->leg;
    struct json_at member;
    unsigned kind;
    int64_t from, to;
    for (int i = 0; i <= LEG_LAST_MILE; i++) kinds[i] = leg_kind_code((enum leg_kind)i);
    TRY(reader_require(at, "kind", &member, r->err));
    TRY(reader_choice(&member, kinds, &kind, r->err));
    leg->kind = (enum leg_kind)kind;
    TRY(reader_require(at, "from", &member, r->err));
    TRY(reader_integer(&member, 0, LEGS_MAX, &from, r->err));
    TRY(reader_require(at, "to", &member, r->err));
    TRY(reader_integer(&member, 0, LEGS_MAX, &to, r->err));
    leg->from = (uint32_t)from;
    leg->to = (uint32_t)to;
    TRY(moment(r, at, "depart_at", &leg->depart_ms));
    TRY(moment(r, at, "arrive_at", &leg->arrive_ms));
    TRY(scaled(r, at, "drive_s", 1000, &leg->drive_ms));
    TRY(scaled(r, at, "wait_s", 1000, &leg->wait_ms));
    TRY(length_of(r, at, "distance_m", &leg->distance_mm));
    TRY(line(r, at, begin, leg));
    TRY(list(r, at, "gates", GATES_MAX, &member, &leg->gate_count));
    struct paper_gate *gates = arena_zero(r->arena, (size_t)leg->gate_count + 1, sizeof *gates);
    if (gates == NULL) return no_memory(r);
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        struct json_at element = reader_element(&member, i);
        TRY(gate(r, &element, &gates[i]));
    }
    out->gates = gates;
    TRY(list(r, at, "zones", GATES_MAX, &member, &leg->zone_count));
    struct zone_contact *zones = arena_zero(r->arena, (size_t)leg->zone_count + 1, sizeof *zones);
    if (zones == NULL) return no_memory(r);
    for (uint32_t i = 0; i < leg->zone_count; i++) {
        struct json_at element = reader_element(&member, i);
        TRY(contact(r, &element, &zones[i]));
    }
    leg->zones = zones;
    return STATUS_OK;
}

/* ---- a plan ------------------------------------------------------------------------------------------------ */

static enum status waypoint(struct reading *r, const struct json_at *at, struct paper_waypoint *out)
{
    struct json_at member;
    TRY(place(r, at, "requested", &out->requested));
    TRY(place(r, at, "snapped", &out->snapped));
    TRY(scaled(r, at, "distance_m", 1000, &out->distance_mm));
    TRY(reader_require(at, "road_id", &member, r->err));
    TRY(reader_integer(&member, INT64_MIN, INT64_MAX, &out->road_id, r->err));
    if (reader_find(at, "moved", &member)) TRY(reader_boolean(&member, &out->moved, r->err));
    if (!reader_find(at, "rest", &member)) return STATUS_OK;
    const char *id;
    TRY(reader_text(&member, 1, TEXT_MAX, &id, r->err));
    for (uint32_t i = 0; i < r->in->facility_count && out->rest == 0; i++)
        if (strcmp(r->in->facilities[i].id, id) == 0) out->rest = i + 1;
    return out->rest ? STATUS_OK : unknown(r, &member);
}

static enum status plan_of(struct reading *r, const struct json_at *at, struct paper_plan *out)
{
    struct json_at member;
    const char *digest;
    TRY(scaled(r, at, "duration_s", 1000, &out->duration_ms));
    TRY(scaled(r, at, "drive_s", 1000, &out->drive_ms));
    TRY(scaled(r, at, "wait_s", 1000, &out->wait_ms));
    TRY(length_of(r, at, "distance_m", &out->distance_mm));
    TRY(scaled(r, at, "toll_cny", 100, &out->toll_fen));
    TRY(reader_require(at, "issuable", &member, r->err));
    TRY(reader_boolean(&member, &out->issuable, r->err));
    TRY(reader_require(at, "digest", &member, r->err));
    TRY(reader_text(&member, 1, PLAN_DIGEST_SIZE - 1, &digest, r->err));
    memcpy(out->digest, digest, strlen(digest) + 1);
    TRY(list(r, at, "waypoints", LEGS_MAX, &member, &out->waypoint_count));
    struct paper_waypoint *waypoints = arena_zero(r->arena, (size_t)out->waypoint_count + 1, sizeof *waypoints);
    if (waypoints == NULL) return no_memory(r);
    for (uint32_t i = 0; i < out->waypoint_count; i++) {
        struct json_at element = reader_element(&member, i);
        TRY(waypoint(r, &element, &waypoints[i]));
    }
    out->waypoints = waypoints;
    TRY(list(r, at, "legs", LEGS_MAX, &member, &out->leg_count));
    struct paper_leg *legs = arena_zero(r->arena, (size_t)out->leg_count + 1, sizeof *legs);
    if (legs == NULL) return no_memory(r);
    for (uint32_t i = 0; i < out->leg_count; i++) {
        struct json_at element = reader_element(&member, i);
        TRY(leg_of(r, &element, i < out->waypoint_count ? waypoints[i].snapped : (struct point_e7){0, 0}, &legs[i]));
    }
    out->legs = legs;
    return STATUS_OK;
}

enum status paper_versions(const struct json_at *answer, struct arena *arena, struct paper *out, struct error *err)
{
    struct json_at at;
    TRY(reader_require(answer, "network_version", &at, err));
    TRY(reader_text_dup(&at, 1, TEXT_MAX, arena, &out->network_version, err));
    TRY(reader_require(answer, "rules_version", &at, err));
    return reader_integer(&at, 0, INT64_MAX, &out->rules_version, err);
}

enum status paper_read(const struct json_at *answer, const struct rules_input *in, struct crs_cache *systems,
                       struct arena *arena, struct paper *out, struct error *err)
{
    struct reading r = {.arena = arena, .in = in, .out = out, .err = err,
                        .parse = {.arena = arena, .systems = systems, .crs = WIRE_CRS_DEFAULT}};
    struct json_at plans;
    size_t count;
    *out = (struct paper){.tolerance_e7 = 1};
    TRY(paper_versions(answer, arena, out, err));
    TRY(parse_crs(&r.parse, answer, err));
    if (!r.parse.crs.identity) out->tolerance_e7 = 100;
    TRY(reader_require(answer, "plans", &plans, err));
    TRY(reader_array(&plans, 1, PAPER_PLANS_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(&plans, i);
        TRY(plan_of(&r, &element, &out->plans[out->plan_count++]));
    }
    return STATUS_OK;
}

enum status paper_order(const struct json_at *answer, struct route_request *request, struct error *err)
{
    struct json_at order, sequence;
    struct call calls[CALLS_MAX];
    bool taken[CALLS_MAX] = {false};
    size_t count, stops = request->call_count - 2;
    if (!reader_find(answer, "order", &order)) return STATUS_OK;
    TRY(reader_require(&order, "sequence", &sequence, err));
    TRY(reader_array(&sequence, stops, stops, &count, err));
    memcpy(calls, request->calls, sizeof calls);
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(&sequence, i);
        int64_t at;
        TRY(reader_integer(&element, 0, (int64_t)stops - 1, &at, err));
        if (taken[at]) {
            error_set(err, STATUS_INVALID, MESSAGE_PAPER_ORDER);
            return reader_here(&element, err);
        }
        taken[at] = true;
        request->calls[1 + i] = calls[1 + at];
    }
    return STATUS_OK;
}
