#include "routing/planner/relay.h"

#include "routing/constraint/passage.h"
#include "routing/planner/planner_core.h"
#include "routing/planner/planner_route.h"
#include "routing/rules/facilities.h"

#include <string.h>

enum { TRIALS_MAX = 1 << 28 };

const char *relay_verdict_code(enum relay_verdict verdict)
{
    static const char *const codes[] = {"serves", "no_way_to", "no_stay", "no_way_on"};
    return codes[verdict];
}

/* A plan for one of the two, or NULL and why it cannot call at the station: one off the roads of this vehicle is only no station for it. */
static enum status part_plan(struct planner *p, const struct view *view, const struct route_request *request, struct arena *arena,
                             const struct plan **plan, enum status *cause, uint32_t *settled, struct error *err)
{
    struct answer answer;
    struct error aside = ERROR_INIT;
    *plan = NULL;
    *cause = STATUS_OK;
    enum status status = planner_route(p, view, request, PLANNER_BRIEF, arena, &answer, &aside);
    *settled += answer.settled;
    if (status == STATUS_OK && answer.cause == STATUS_OK) *plan = answer.plans[0];
    else if (status == STATUS_OK && answer.cause != STATUS_DISCONNECTED) *cause = answer.cause;
    else if (status != STATUS_OK) *cause = status;
    if (status == STATUS_OK || status_http(status) == 422) return STATUS_OK;
    if (err) *err = aside;
    return status;
}

/* Whether what takes over may stand where its plan begins while goods are handed over, until it departs. What ends before it is
 * there opens nothing. */
static enum status may_stand(struct planner *p, const struct view *view, const struct route_request *request, const struct plan *plan,
                             uint32_t hand_over_ms, struct arena *arena, bool *may, struct error *err)
{
    struct constraint c;
    struct breach breach;
    int64_t never = TIME_OPEN;
    struct route_request *standing = arena_copy(arena, request, sizeof *request);
    if (!standing) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    standing->depart_ms = request->depart_ms - hand_over_ms;
    standing->left_at_home_ms = plan->legs[plan->leg_count - 1].arrive_ms;
    standing->avoid_area.part_count = 0; /* what is avoided is no rule about it */
    planner_begin(p, view, PLANNER_FULL);
    enum status status = planner_constrain(p, view, standing, PLANNER_LOOSE_MS, NULL, &c, err);
    if (status == STATUS_OK)
        *may = constraint_call_open(&c, (struct road_position){plan->waypoints[0].road, plan->waypoints[0].offset_mm}, false,
                                    standing->depart_ms, request->depart_ms, &never, &breach);
    planner_done(p);
    return status;
}

static enum status parts_plan(struct planner *p, const struct view *view, struct relayed *out, struct relay_trial *trial,
                              struct arena *arena, const struct plan **outer, const struct plan **inner, struct error *err)
{
    const struct facility *f = &view->rules->input->facilities[trial->facility];
    const struct call stop = {.point = f->point, .name = f->name};
    bool may = true;
    *inner = NULL;
    out->outer->calls[1] = out->inner->calls[0] = stop;
    trial->verdict = RELAY_NO_WAY_TO;
    enum status status = part_plan(p, view, out->outer, arena, outer, &trial->cause, &out->settled, err);
    if (status != STATUS_OK || !*outer) return status;
    out->inner->depart_ms = (*outer)->legs[(*outer)->leg_count - 1].arrive_ms + out->hand_over_ms;
    trial->verdict = RELAY_NO_WAY_ON;
    status = part_plan(p, view, out->inner, arena, inner, &trial->cause, &out->settled, err);
    if (status != STATUS_OK || !*inner) return status;
    status = may_stand(p, view, out->inner, *inner, out->hand_over_ms, arena, &may, err);
    trial->verdict = may ? RELAY_SERVES : RELAY_NO_STAY;
    if (!may) *inner = NULL;
    return status;
}

/* Of both vehicles, by what the request prefers: to a fen. */
static uint64_t cost_of(const struct route_request *request, const struct plan *outer, const struct plan *inner)
{
    const struct constraint c = {.request = request, .unit_mm = 1}; /* all that passage_cost_of looks at */
    if (request->prefer == PREFER_TIME) return (uint64_t)(inner->legs[inner->leg_count - 1].arrive_ms - request->depart_ms);
    uint64_t under_way_ms = (uint64_t)outer->duration_ms - outer->wait_ms + inner->duration_ms - inner->wait_ms;
    return passage_cost_of(&c, under_way_ms, outer->distance_mm + inner->distance_mm, ((uint64_t)outer->toll_fen + inner->toll_fen) * 100);
}

static void shape_wanted(struct route_request *r, const struct route_request *by)
{
    r->want_geometry = by && by->want_geometry;
    r->want_steps = by && by->want_steps;
    r->corridor_mm = by ? by->corridor_mm : 0;
}

static enum status find(struct planner *p, const struct view *view, const struct route_request *request, const struct relay *with,
                         struct arena *arena, struct arena *trials, struct relayed *out, struct error *err)
{
    const struct rules_input *input = view->rules->input;
    const struct plan *outer, *inner;
    uint32_t count;
    uint64_t best = UINT64_MAX;
    const struct point_e7 ends[2] = {request->calls[0].point, request->calls[1].point};
    const uint32_t *stations = facilities_near(input, FACILITY_TRANSFER, ends, 2, RELAY_STATIONS_MAX, arena, &count);
    out->outer = arena_copy(arena, request, sizeof *request);
    out->inner = arena_copy(arena, request, sizeof *request);
    if (!stations || !out->outer || !out->inner) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    out->outer->report_violations = out->inner->report_violations = false;
    out->outer->alternatives = out->inner->alternatives = 0;
    out->hand_over_ms = with->has_hand_over ? with->hand_over_ms : input->journeys.hand_over_ms;
    out->outer->stay_ms = out->hand_over_ms;
    for (uint32_t i = 0; i < input->facility_count; i++) out->station_count += (input->facilities[i].uses & FACILITY_TRANSFER) != 0;
    out->trial_count = count;
    out->tried = true;
    out->inner->vehicle = with->vehicle;
    out->inner->credential_count = with->credential_count;
    memcpy(out->inner->credentials, with->credentials, sizeof with->credentials);
    shape_wanted(out->outer, NULL), shape_wanted(out->inner, NULL); /* until the station is chosen */
    for (uint32_t i = 0; i < count; i++) {
        out->trials[i].facility = stations[i];
        enum status status = parts_plan(p, view, out, &out->trials[i], trials, &outer, &inner, err);
        if (status != STATUS_OK) return status;
        uint64_t cost = inner ? cost_of(request, outer, inner) : UINT64_MAX;
        if (cost < best || (inner && cost == best && stations[i] < out->facility)) {
            best = cost;
            out->facility = stations[i];
        }
        arena_reset(trials);
    }
    if (best == UINT64_MAX) return STATUS_OK;
    shape_wanted(out->outer, request), shape_wanted(out->inner, request);
    struct relay_trial chosen = {.facility = out->facility};
    enum status status = parts_plan(p, view, out, &chosen, arena, &out->outer_plan, &out->inner_plan, err);
    out->found = status == STATUS_OK && out->inner_plan != NULL;
    for (uint32_t k = 0; out->found && k < out->inner_plan->leg_count; k++)
        ((struct leg *)(uintptr_t)out->inner_plan->legs)[k].kind = LEG_RELAY;
    return status;
}

enum status relay_find(struct planner *p, const struct view *view, const struct route_request *request, const struct relay *with,
                       struct arena *arena, struct relayed *out, struct error *err)
{
    struct arena trials;
    *out = (struct relayed){0};
    if (request->call_count != 2 || request->loop) return error_set(err, STATUS_INVALID, MESSAGE_RELAY_DIRECT);
    arena_init(&trials, TRIALS_MAX);
    enum status status = find(p, view, request, with, arena, &trials, out, err);
    arena_clear(&trials);
    return status;
}
