#include "api/handlers/osrm.h"

#include "api/encode/encode_osrm.h"
#include "api/handlers/common.h"
#include "api/wire/time_text.h"
#include "routing/planner/planner_match.h"
#include "routing/planner/planner_order.h"
#include "routing/planner/planner_route.h"
#include "routing/planner/planner_table.h"

#include <stdio.h>
#include <string.h>

const char *const osrm_keys[] = {"*", NULL};

struct osrm_state {
    struct osrm_query query;
    struct route_request request;
    struct rules_hold hold;
};

static void reply_fault(struct exchange *x, enum osrm_code code, const char *message, enum status reason)
{
    struct buffer out;
    buffer_init(&out, 1 << 16);
    encode_osrm_fault(&out, code, message, reason);
    exchange_reply(x, 400, "application/json", &out);
    buffer_clear(&out);
}

static void reply_no_memory(struct exchange *x)
{
    struct error err = ERROR_INIT;
    error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    exchange_problem(x, &err);
}

/* What the planner would not do, as OSRM says it; errors that OSRM has no word for stay problem documents. */
static void reply_error(struct exchange *x, const struct error *err)
{
    /* outside of the network is as far from a road as outside of the radius */
    if (err->status == STATUS_SNAP_TOO_FAR || err->status == STATUS_OUT_OF_RANGE)
        reply_fault(x, OSRM_NO_SEGMENT, "One of the supplied input coordinates could not snap to street segment.",
                    err->status);
    else if (status_http(err->status) == 422) reply_fault(x, OSRM_NO_ROUTE, err->en, err->status);
    else if (status_http(err->status) == 400) reply_fault(x, OSRM_INVALID_OPTIONS, err->en, err->status);
    else exchange_problem(x, err);
}

/* Parses the target into x->user; false when it was answered. */
static bool begin(struct exchange *x, enum osrm_service service)
{
    struct osrm_fault fault;
    if (!handler_ready(x)) return false;
    struct osrm_state *state = arena_zero(x->arena, 1, sizeof *state);
    x->user = state;
    if (state == NULL) {
        reply_no_memory(x);
        return false;
    }
    state->hold = RULES_HOLD_ANY;
    if (!osrm_query_parse(service, exchange_param(x, "profile"), exchange_param(x, "coordinates"), x->target, x->arena,
                          &state->query, &fault)) {
        if (fault.code == OSRM_OK) reply_no_memory(x);
        else reply_fault(x, fault.code, fault.message, STATUS_OK);
        return false;
    }
    struct route_request *r = &state->request;
    r->vehicle = state->query.vehicle;
    r->depart_ms = (time_now_ms() + 999) / 1000 * 1000;
    r->avoid_classes = state->query.avoid_classes;
    r->avoid_tolls = state->query.avoid_tolls;
    r->max_snap_mm = OSRM_SNAP_MM;
    r->cancelled = handler_cancelled(x);
    return true;
}

/* Whether each place was found, within the radius asked for; otherwise answers. */
static bool within_radius(struct exchange *x, const struct waypoint *waypoints, uint32_t count, const uint32_t *index)
{
    const struct osrm_query *q = &((struct osrm_state *)x->user)->query;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t coordinate = index ? index[i] : i;
        bool too_far = waypoints[i].refused == STATUS_SNAP_TOO_FAR;
        if (waypoints[i].refused == STATUS_OK && q->radius_mm && coordinate < q->count)
            too_far = waypoints[i].distance_mm > q->radius_mm[coordinate];
        if (!too_far) continue;
        char message[120];
        snprintf(message, sizeof message, "Could not find a matching segment for coordinate %u", coordinate);
        reply_fault(x, OSRM_NO_SEGMENT, message, STATUS_SNAP_TOO_FAR);
        return false;
    }
    return true;
}

/* ---- route ------------------------------------------------------------------------------------------------- */

static void reply_cause(struct exchange *x, enum osrm_code code, enum status cause)
{
    struct error err = ERROR_INIT;
    if (cause == STATUS_SNAP_TOO_FAR) {
        error_set(&err, STATUS_SNAP_TOO_FAR, MESSAGE_CAUSE_SNAP_TOO_FAR);
        reply_error(x, &err);
    } else {
        reply_fault(x, code, cause == STATUS_DISCONNECTED ? "Impossible route between points"
                                                          : "No route: rules or limits are in the way", cause);
    }
}

static void reply_route(struct exchange *x, const struct view *view, const struct answer *answer)
{
    struct osrm_state *state = x->user;
    if (answer->cause != STATUS_OK) {
        reply_cause(x, OSRM_NO_ROUTE, answer->cause);
        return;
    }
    if (!within_radius(x, answer->plans[0]->waypoints, answer->plans[0]->waypoint_count, NULL)) return;
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    encode_osrm_route(&out, view, &state->query, answer);
    exchange_reply(x, 200, "application/json", &out);
    buffer_clear(&out);
}

/* The reference on `view` is taken over. */
static enum status ask(struct exchange *x, struct view *view, enum planner_mode mode)
{
    struct osrm_state *state = x->user;
    struct app_local *local = x->local;
    struct error err = ERROR_INIT;
    struct answer answer = {0};
    enum status status = planner_route(local->planner, view, &state->request, mode, x->arena, &answer, &err);
    if (status == STATUS_OK) {
        exchange_charge(x, answer.settled);
        handler_count(x, answer.cause == STATUS_OK ? COUNTER_PLANS : COUNTER_NO_ROUTE);
        reply_route(x, view, &answer);
    } else if (status != STATUS_WOULD_BLOCK || mode == PLANNER_FULL) {
        if (status == STATUS_CHECKER_DISAGREES) handler_count(x, COUNTER_CHECKER_DISAGREEMENTS);
        reply_error(x, &err);
    }
    view_release(view);
    return status;
}

static void route_work(struct exchange *x)
{
    struct osrm_state *state = x->user;
    struct view *view = handler_view_on_worker(x, &state->hold);
    if (view) (void)ask(x, view, PLANNER_FULL);
}

static void ask_for_shape(const struct osrm_query *q, struct route_request *r)
{
    r->want_steps = q->steps;
    r->want_geometry = q->steps || q->annotations || q->overview != OSRM_NONE;
}

void osrm_route(struct exchange *x)
{
    if (!begin(x, OSRM_ROUTE)) return;
    struct osrm_state *state = x->user;
    struct osrm_query *q = &state->query;
    struct route_request *r = &state->request;
    memcpy(r->calls, q->calls, q->count * sizeof *q->calls);
    r->call_count = q->count;
    r->alternatives = q->alternatives;
    ask_for_shape(q, r);
    struct view *view = handler_view(x, &state->hold, osrm_route);
    if (view && ask(x, view, PLANNER_QUICK) == STATUS_WOULD_BLOCK) exchange_submit(x, route_work);
}

/* ---- trip -------------------------------------------------------------------------------------------------- */

/* A round trip comes back to where it began: to the first coordinate, or to the last if that is to be the end and the
 * beginning is free. `coordinate[i]` is that of call i. */
static void trip_calls(const struct osrm_query *q, struct route_request *r, uint32_t *coordinate)
{
    bool both = q->source == OSRM_FIRST && q->destination == OSRM_LAST;
    uint32_t first = q->destination == OSRM_LAST && !both ? q->count - 1 : 0;
    r->call_count = 0;
    coordinate[r->call_count++] = first;
    for (uint32_t i = 0; i < q->count; i++)
        if (i != first) coordinate[r->call_count++] = i;
    r->loop = q->roundtrip && both; /* from the last, which stays the last, home */
    if (q->roundtrip && !both) coordinate[r->call_count++] = first;
    for (uint32_t i = 0; i < r->call_count; i++) r->calls[i] = q->calls[coordinate[i]];
}

static void trip_work(struct exchange *x)
{
    struct osrm_state *state = x->user;
    struct app_local *local = x->local;
    struct osrm_query *q = &state->query;
    struct route_request *r = &state->request;
    struct error err = ERROR_INIT;
    struct answer answer = {0};
    struct tour tour;
    uint32_t coordinate[CALLS_MAX], ordered[CALLS_MAX], at[CALLS_MAX] = {0}, settled = 0;
    struct view *view = handler_view_on_worker(x, &state->hold);
    if (view == NULL) return;
    trip_calls(q, r, coordinate);
    ask_for_shape(q, r);
    enum status status = planner_order(local->planner, view, r, &tour, &settled, &err);
    if (status == STATUS_OK) status = planner_route(local->planner, view, r, PLANNER_FULL, x->arena, &answer, &err);
    exchange_charge(x, (uint64_t)settled + answer.settled);
    memcpy(ordered, coordinate, sizeof ordered);
    for (uint32_t i = 1; i + 1 < r->call_count && status == STATUS_OK; i++) ordered[i] = coordinate[tour.order[i - 1]];
    for (uint32_t i = r->call_count; i-- > 0;) at[ordered[i]] = i; /* the first call there */
    if (status != STATUS_OK) {
        if (status == STATUS_CHECKER_DISAGREES) handler_count(x, COUNTER_CHECKER_DISAGREEMENTS);
        reply_error(x, &err);
    } else if (answer.cause != STATUS_OK) {
        handler_count(x, COUNTER_NO_ROUTE);
        reply_cause(x, OSRM_NO_TRIPS, answer.cause);
    } else if (within_radius(x, answer.plans[0]->waypoints, r->call_count, ordered)) {
        struct buffer out;
        handler_count(x, COUNTER_PLANS);
        buffer_init(&out, ANSWER_MAX);
        encode_osrm_trip(&out, view, q, &answer, at);
        exchange_reply(x, 200, "application/json", &out);
        buffer_clear(&out);
    }
    view_release(view);
}

void osrm_trip(struct exchange *x)
{
    if (begin(x, OSRM_TRIP)) exchange_submit(x, trip_work);
}

/* ---- match ------------------------------------------------------------------------------------------------- */

enum { MATCH_SIGMA_MM = 5000, MATCH_SIGMA_MIN_MM = 1000, MATCH_SIGMA_MAX_MM = 1000000, MATCH_GAP_MS = 60000,
       MATCH_BUDGET = 8000000 };
#define MATCH_ANSWER_MAX ((size_t)256 << 20)

static struct match_position *match_positions(struct exchange *x, const struct osrm_query *q)
{
    struct match_position *positions = arena_zero(x->arena, q->count, sizeof *positions);
    for (uint32_t i = 0; positions && i < q->count; i++) {
        uint32_t sigma = q->radius_mm && q->radius_mm[i] != UINT32_MAX ? q->radius_mm[i] : MATCH_SIGMA_MM;
        if (sigma < MATCH_SIGMA_MIN_MM) sigma = MATCH_SIGMA_MIN_MM;
        if (sigma > MATCH_SIGMA_MAX_MM) sigma = MATCH_SIGMA_MAX_MM;
        positions[i] = (struct match_position){.point = q->calls[i].point, .sigma_mm = sigma,
                                               .at_ms = q->timestamps_s ? q->timestamps_s[i] * 1000 : MATCH_NO_TIME};
    }
    return positions;
}

static void match_work(struct exchange *x)
{
    struct osrm_state *state = x->user;
    struct app_local *local = x->local;
    struct osrm_query *q = &state->query;
    struct error err = ERROR_INIT;
    struct driven driven;
    struct match_position *positions = match_positions(x, q);
    struct match_options options = {.gap_ms = q->ignore_gaps ? INT64_MAX : MATCH_GAP_MS, .tidy = q->tidy,
                                    .budget = MATCH_BUDGET, .cancelled = handler_cancelled(x)};
    struct view *view = positions ? handler_view_on_worker(x, &state->hold) : NULL;
    if (positions == NULL) reply_no_memory(x);
    if (view == NULL) return;
    struct arena arena;
    arena_init(&arena, MATCH_ANSWER_MAX);
    enum status status = planner_match(local->planner, view, &state->request, positions, q->count, &options, false, &arena,
                                       &driven, &err);
    exchange_charge(x, driven.match.settled + q->count);
    if (status == STATUS_OUT_OF_RANGE || (status == STATUS_OK && driven.match.matching_count == 0)) {
        reply_fault(x, OSRM_NO_MATCH, "Could not match the trace.", STATUS_OK);
    } else if (status != STATUS_OK) {
        reply_error(x, &err);
    } else {
        struct buffer out;
        buffer_init(&out, ANSWER_MAX);
        if (encode_osrm_match(&out, view, q, &driven.match, &arena)) exchange_reply(x, 200, "application/json", &out);
        else reply_no_memory(x);
        buffer_clear(&out);
    }
    arena_clear(&arena);
    view_release(view);
}

void osrm_match(struct exchange *x)
{
    if (begin(x, OSRM_MATCH)) exchange_submit(x, match_work);
}

/* ---- table ------------------------------------------------------------------------------------------------- */

static struct call *side_calls(struct exchange *x, const struct osrm_query *q, const uint32_t *index, uint32_t count)
{
    struct call *calls = arena_zero(x->arena, count, sizeof *calls);
    for (uint32_t i = 0; calls && i < count; i++) calls[i] = q->calls[index[i]];
    return calls;
}

static void table_work(struct exchange *x)
{
    struct osrm_state *state = x->user;
    struct app_local *local = x->local;
    struct osrm_query *q = &state->query;
    struct error err = ERROR_INIT;
    size_t cells = (size_t)q->source_count * q->target_count;
    struct call *sources = side_calls(x, q, q->sources, q->source_count);
    struct call *targets = side_calls(x, q, q->targets, q->target_count);
    struct waypoint *source_points = arena_zero(x->arena, q->source_count, sizeof *source_points);
    struct waypoint *target_points = arena_zero(x->arena, q->target_count, sizeof *target_points);
    uint32_t *durations = q->want_durations ? arena_zero(x->arena, cells, sizeof *durations) : NULL;
    uint64_t *distances = q->want_distances ? arena_zero(x->arena, cells, sizeof *distances) : NULL;
    if (!sources || !targets || !source_points || !target_points || (q->want_durations && !durations) ||
        (q->want_distances && !distances)) {
        reply_no_memory(x);
        return;
    }
    struct view *view = handler_view_on_worker(x, &state->hold);
    if (view == NULL) return;
    enum status status = planner_table(local->planner, view, &state->request, sources, q->source_count, targets,
                                       q->target_count, durations, distances, source_points, target_points, &err);
    exchange_charge(x, cells);
    if (status != STATUS_OK) {
        reply_error(x, &err);
    } else if (within_radius(x, source_points, q->source_count, q->sources) &&
               within_radius(x, target_points, q->target_count, q->targets)) {
        struct buffer out;
        buffer_init(&out, ANSWER_MAX);
        encode_osrm_table(&out, view, q, durations, distances, source_points, target_points);
        exchange_reply(x, 200, "application/json", &out);
        buffer_clear(&out);
    }
    view_release(view);
}

void osrm_table(struct exchange *x)
{
    if (begin(x, OSRM_TABLE)) exchange_submit(x, table_work);
}

/* ---- nearest ----------------------------------------------------------------------------------------------- */

void osrm_nearest(struct exchange *x)
{
    if (!begin(x, OSRM_NEAREST)) return;
    struct osrm_state *state = x->user;
    struct app_local *local = x->local;
    struct osrm_query *q = &state->query;
    struct error err = ERROR_INIT;
    uint32_t count = 0, limit_mm = q->radius_mm && q->radius_mm[0] < OSRM_SNAP_MM ? q->radius_mm[0] : OSRM_SNAP_MM;
    struct waypoint *places = arena_zero(x->arena, q->number, sizeof *places);
    if (places == NULL) {
        reply_no_memory(x);
        return;
    }
    struct view *view = handler_view(x, &state->hold, osrm_nearest);
    if (view == NULL) return;
    enum status status = planner_snap(local->planner, view, &q->vehicle, q->calls[0].point, limit_mm, places, q->number,
                                      &count, &err);
    if (status != STATUS_OK) {
        reply_error(x, &err);
    } else if (count == 0) {
        reply_fault(x, OSRM_NO_SEGMENT, "Could not find a matching segments for coordinate 0", STATUS_OK);
    } else {
        struct buffer out;
        buffer_init(&out, 1 << 20);
        encode_osrm_nearest(&out, view, q, places, count);
        exchange_reply(x, 200, "application/json", &out);
        buffer_clear(&out);
    }
    view_release(view);
}
