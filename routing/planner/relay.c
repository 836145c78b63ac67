#include "routing/planner/relay.h"

#include "routing/constraint/passage.h"
#include "routing/planner/planner_route.h"
#include "routing/rules/facilities.h"

#include <string.h>

enum { TRIALS_MAX = 1 << 28 };

/* A plan for one of the two, or NULL: a station off the roads of this vehicle is only no station for it. */
static enum status part_plan(struct planner *p, const struct view *view, const struct route_request *request, struct arena *arena,
                             const struct plan **plan, uint32_t *settled, struct error *err)
{
    struct answer answer;
    struct error aside = ERROR_INIT;
    *plan = NULL;
    enum status status = planner_route(p, view, request, PLANNER_BRIEF, arena, &answer, &aside);
    *settled += answer.settled;
    if (status == STATUS_OK && answer.cause == STATUS_OK) *plan = answer.plans[0];
    if (status == STATUS_OK || status_http(status) == 422) return STATUS_OK;
    if (err) *err = aside;
    return status;
}

static enum status parts_plan(struct planner *p, const struct view *view, struct relayed *out, uint32_t facility,
                              struct arena *arena, const struct plan **outer, const struct plan **inner, struct error *err)
{
    const struct facility *f = &view->rules->input->facilities[facility];
    const struct call stop = {.point = f->point, .name = f->name};
    *inner = NULL;
    out->outer->calls[1] = out->inner->calls[0] = stop;
    enum status status = part_plan(p, view, out->outer, arena, outer, &out->settled, err);
    if (status != STATUS_OK || !*outer) return status;
    out->inner->depart_ms = (*outer)->legs[(*outer)->leg_count - 1].arrive_ms + out->hand_over_ms;
    return part_plan(p, view, out->inner, arena, inner, &out->settled, err);
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
    out->inner->vehicle = with->vehicle;
    out->inner->credential_count = with->credential_count;
    memcpy(out->inner->credentials, with->credentials, sizeof with->credentials);
    shape_wanted(out->outer, NULL), shape_wanted(out->inner, NULL); /* until the station is chosen */
    for (uint32_t i = 0; i < count; i++) {
        enum status status = parts_plan(p, view, out, stations[i], trials, &outer, &inner, err);
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
    enum status status = parts_plan(p, view, out, out->facility, arena, &out->outer_plan, &out->inner_plan, err);
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
