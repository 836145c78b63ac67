#include "routing/planner/planner.h"

#include "routing/constraint/conflict.h"
#include "routing/constraint/lasting.h"
#include "routing/constraint/zone_set.h"
#include "routing/explain/explain.h"
#include "routing/plan/alternatives.h"
#include "routing/planner/workspace.h"
#include "routing/search/reach_area.h"
#include "routing/search/rests.h"

#include <string.h>
#include <stdlib.h>

static void call_pointer(struct error *err, const struct route_request *request, uint32_t i)
{
    if (i == 0)
        error_pointer(err, "/origin/location");
    else if (i == request->call_count)
        error_pointer(err, "/base/location");
    else if (i + 1 == request->call_count)
        error_pointer(err, "/destination/location");
    else
        error_pointer(err, "/stops/%u/location", i - 1);
}

struct journeying {
    struct constraint c;
    struct place places[CALLS_MAX + 1];
    uint32_t place_count;
    struct breach refused[CALLS_MAX + 1];
    bool any_refused;
    struct journey journey;
};

static enum status places_snap(struct planner *p, const struct route_request *request, struct journeying *x,
                               struct error *err)
{
    x->place_count = request->call_count + (request->loop ? 1 : 0);
    x->any_refused = false;
    for (uint32_t i = 0; i < x->place_count; i++) {
        const struct call *call = i < request->call_count ? &request->calls[i]
                                  : request->has_base     ? &request->base
                                                          : &request->calls[0];
        x->refused[i] = (struct breach){.cause = STATUS_OK, .zone = UINT32_MAX, .checkpoint = UINT32_MAX,
                                        .closure = UINT32_MAX, .road = NO_ROAD};
        enum status status = place_snap(&x->c, p->base->spatial, p->projection, call, i, false, &x->places[i],
                                        &x->refused[i], err);
        if (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED) {
            x->any_refused = true;
            struct breach none;
            status = place_snap(&x->c, p->base->spatial, p->projection, call, i, true, &x->places[i], &none, err);
        }
        if (status != STATUS_OK) {
            call_pointer(err, request, i);
            return status;
        }
    }
    return STATUS_OK;
}

/* ---- a route -------------------------------------------------------------------------------------------------------------- */

static enum status explain(struct planner *p, struct journeying *x, uint32_t budget, struct arena *arena,
                           struct answer *answer, struct error *err)
{
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    if (p->mode == PLANNER_BRIEF) {
        answer->cause = STATUS_DISCONNECTED;
        for (uint32_t i = x->place_count; i-- > 0 && x->any_refused;)
            if (x->refused[i].cause != STATUS_OK) answer->cause = x->refused[i].cause;
        return STATUS_OK;
    }
    struct metric_source freed = {.get = metric_supply_get_free, .context = &p->supply};
    struct explain_tools tools = {.search = p->search, .plan = {p->geos, p->projection},
                                  .free_metrics = &freed, .budget = budget};
    enum status status = explain_run(&x->c, &tools, x->places, x->place_count, x->any_refused ? x->refused : NULL, arena,
                                     answer, &answer->settled, err);
    if (status != STATUS_OK || !x->c.request->report_violations || !answer->relaxed) return status;
    answer->plans[0] = (struct plan *)(uintptr_t)answer->relaxed;
    answer->plan_count = 1;
    answer->cause = STATUS_OK;
    return STATUS_OK;
}

/* Finds the journey in both tiers; x->journey.cost UINT64_MAX when there is none. */
static enum status find(struct planner *p, struct journeying *x, uint32_t budget, struct answer *answer, bool *late,
                        struct error *err)
{
    struct metric_source metrics = {metric_supply_get, metric_supply_meanwhile, &p->supply};
    *late = false;
    enum status status = journey_loose(&x->c, p->query, &metrics, x->places, x->place_count, &x->journey, err);
    answer->tier |= 1;
    if (status != STATUS_OK || x->journey.cost == UINT64_MAX) return status;
    uint64_t cost;
    bool lawful;
    journey_replay(&x->c, x->places, &x->journey, MOVE_EXACT, NULL, &cost, &lawful);
    if (lawful && cost == x->journey.cost) {
        *late = x->c.varying && x->journey.legs[x->journey.leg_count - 1].arrive_ms > x->c.loose_until_ms;
        return STATUS_OK;
    }
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    answer->tier |= 2;
    return journey_search(&x->c, p->search, &metrics, x->places, x->place_count, budget, &answer->settled, &x->journey,
                          late, err);
}

/* Rests are driven one way after another: what a search takes is given back after it. */
struct resting_drive {
    struct planner *planner;
    struct journeying *x;
    struct arena drives;
    uint32_t budget, *settled;
};

static enum status drive_with_rests(void *context, const struct place *places, uint32_t place_count, struct journey *j,
                                    struct error *err)
{
    struct resting_drive *d = context;
    struct constraint *c = &d->x->c;
    struct metric_source metrics = {.get = metric_supply_get, .context = &d->planner->supply};
    struct arena *before = c->arena;
    bool late;
    c->arena = &d->drives;
    enum status status = journey_search(c, d->planner->search, &metrics, places, place_count, d->budget, d->settled, j, &late, err);
    for (uint32_t k = 0; status == STATUS_OK && j->cost != UINT64_MAX && k < j->leg_count; k++) {
        struct leg_way *way = &j->legs[k].way;
        way->hops = arena_copy(before, way->hops, way->hop_count * sizeof *way->hops);
        if (!way->hops) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    metric_supply_forget(&d->planner->supply); /* the signature lived in that arena */
    c->arena = before;
    arena_reset(&d->drives);
    return status;
}

/* Puts rests into the journey where the driver needs them; x->journey.cost UINT64_MAX when that cannot be done. */
static enum status rest(struct planner *p, struct journeying *x, uint32_t budget, struct answer *answer, bool *late,
                        struct error *err)
{
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
    struct journey_limits limits = journey_limits_of(x->c.request, x->c.input);
    struct resting_drive drives = {.planner = p, .x = x, .budget = budget, .settled = &answer->settled};
    struct rests_tools tools = {p->query, &metrics, p->base->spatial, p->projection, drive_with_rests, &drives};
    bool found;
    if (!x->c.request->rests || x->journey.cost == UINT64_MAX ||
        rests_longest_drive(&x->c, x->places, &x->journey, limits) <= limits.max_drive_ms)
        return STATUS_OK;
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    answer->cause = STATUS_NO_REST_AREA;
    arena_init(&drives.drives, SCRATCH_MAX);
    enum status status = rests_find(&x->c, &tools, limits, x->places, &x->place_count, &x->journey, &found, err);
    arena_clear(&drives.drives);
    if (status == STATUS_OK && found) {
        answer->cause = STATUS_OK;
        *late = x->journey.legs[x->journey.leg_count - 1].arrive_ms > x->c.loose_until_ms;
    }
    return status;
}

struct verifying {
    struct planner *planner;
    const struct route_request *request;
};

static enum status verify(void *context, const struct plan *plan, struct error *err)
{
    struct verifying *x = context;
    return checker_verify(x->planner->checker, x->planner->view, x->request, plan, err);
}

static enum status alternatives(struct planner *p, struct journeying *x, uint32_t budget, struct arena *arena,
                                struct answer *answer, struct error *err)
{
    struct verifying verifying = {p, x->c.request};
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
    if (x->c.request->alternatives == 0) return STATUS_OK;
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    if (!p->penalty) p->penalty = calloc((size_t)p->base->network.arc_count + 1, 1);
    if (!p->penalty) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct alternatives_tools tools = {.search = p->search, .query = p->query, .plan = {p->geos, p->projection}, .metrics = &metrics,
                                       .penalty = p->penalty, .budget = budget / 32, .verify = verify, .context = &verifying};
    return alternatives_add(&x->c, &tools, x->places, x->place_count, arena, answer, err);
}

static enum status route(struct planner *p, const struct view *view, const struct route_request *request,
                         struct journeying *x, struct arena *arena, struct answer *answer, struct error *err)
{
    struct avoid_area *avoid;
    uint32_t budget = request->budget_settled ? request->budget_settled : SEARCH_BUDGET_DEFAULT;
    enum status status = planner_avoid(p, request, &avoid, err);
    if (status != STATUS_OK) return status;
    for (int attempt = 0;; attempt++) { /* the second time nothing is taken for constant that changes */
        bool late = false;
        const struct constraint before = attempt ? x->c : (struct constraint){0};
        status = planner_constraint(p, view, request, attempt ? EXACT_MS : LOOSE_MS, avoid, &x->c, err);
        if (status != STATUS_OK) return status;
        if (attempt && constraint_reads_alike(&before, &x->c)) break; /* it would find the same again */
        if ((status = places_snap(p, request, x, err)) != STATUS_OK) return status;
        if (x->any_refused) return explain(p, x, budget, arena, answer, err);
        answer->cause = STATUS_OK;
        if ((status = find(p, x, budget, answer, &late, err)) != STATUS_OK) return status;
        if ((status = rest(p, x, budget, answer, &late, err)) != STATUS_OK) return status;
        bool none = x->journey.cost == UINT64_MAX || answer->cause != STATUS_OK;
        if (attempt == 0 && x->c.varying && (late || none)) continue;
        break;
    }
    if (x->journey.cost == UINT64_MAX) return explain(p, x, budget, arena, answer, err);
    struct plan_tools tools = {p->geos, p->projection};
    struct plan *plan;
    status = plan_build(&x->c, &tools, x->places, x->place_count, &x->journey, MOVE_EXACT, arena, &plan, err);
    if (status != STATUS_OK) return status;
    if (answer->cause == STATUS_NO_REST_AREA) { /* the way without rests shows where they are missing */
        plan->issuable = false;
        answer->relaxed = plan;
        return STATUS_OK;
    }
    status = checker_verify(p->checker, view, request, plan, err);
    if (status != STATUS_OK) return status;
    answer->plans[0] = plan;
    answer->plan_count = 1;
    answer->cause = STATUS_OK;
    return alternatives(p, x, budget, arena, answer, err);
}

/* ---- with credentials that last ---------------------------------------------------------------------------------------------- */

struct routing {
    struct planner *planner;
    const struct view *view;
    struct journeying *x;
    struct arena *arena;
    struct answer *answer;
    enum planner_mode mode;
};

static enum status route_attempt(void *context, const struct route_request *request, bool last, uint64_t *cost,
                                 struct error *err)
{
    struct routing *r = context;
    struct answer *a = r->answer;
    *a = (struct answer){.settled = a->settled, .tier = a->tier};
    r->planner->mode = r->mode == PLANNER_FULL && !last ? PLANNER_BRIEF : r->mode;
    enum status status = route(r->planner, r->view, request, r->x, r->arena, a, err);
    bool found = status == STATUS_OK && a->cause == STATUS_OK && a->plan_count > 0 && a->plans[0]->issuable;
    *cost = found ? r->x->journey.cost : UINT64_MAX;
    return status;
}

static enum status route_lasting(struct planner *p, const struct view *view, const struct route_request *request,
                                 struct journeying *x, struct arena *arena, struct answer *answer, struct error *err)
{
    struct routing r = {p, view, x, arena, answer, p->mode};
    struct lasting l = {.attempt = route_attempt, .context = &r};
    return lasting_run(&l, request, EXACT_MS, &p->scratch, err);
}

enum status planner_route(struct planner *p, const struct view *view, const struct route_request *request,
                          enum planner_mode mode, struct arena *arena, struct answer *answer, struct error *err)
{
    *answer = (struct answer){0};
    if (request->call_count < 2 || request->call_count > CALLS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_CALLS_COUNT, (unsigned)CALLS_MAX);
    planner_begin(p, view, mode);
    struct journeying *x = arena_take(&p->scratch, sizeof *x);
    enum status status = x ? route_lasting(p, view, request, x, arena, answer, err)
                           : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) metric_supply_answered(&p->supply);
    planner_done(p);
    return status;
}

/* ---- choice of order -------------------------------------------------------------------------------------------------------- */

/* What the planner drives one order after another with. */
struct ordering {
    struct planner *planner;
    struct journeying *x;
    struct place places[CALLS_MAX + 1]; /* as asked */
    struct arena drives;                /* what a drive takes is given back after it */
    struct answer tally;
    uint32_t stop_count, budget;
    bool late;                          /* the best so far went past the loose interval */
    uint64_t best;
};

static enum status drive(void *context, const uint8_t *order, uint64_t *cost, struct error *err)
{
    struct ordering *o = context;
    struct journeying *x = o->x;
    struct arena *before = x->c.arena;
    bool late;
    for (uint32_t i = 0; i < o->stop_count; i++) x->places[i + 1] = o->places[order[i]];
    x->c.arena = &o->drives;
    enum status status = find(o->planner, x, o->budget, &o->tally, &late, err);
    metric_supply_forget(&o->planner->supply); /* the signature lived in that arena */
    arena_reset(&o->drives);
    x->c.arena = before;
    *cost = x->journey.cost;
    if (status == STATUS_OK && *cost < o->best) o->best = *cost, o->late = late;
    return status;
}

static enum status order(struct planner *p, const struct view *view, const struct route_request *request,
                         struct ordering *o, struct tour *out, struct error *err)
{
    struct avoid_area *avoid;
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
    struct tour_tools tools = {p->query, &metrics, drive, o};
    o->budget = request->budget_settled ? request->budget_settled : SEARCH_BUDGET_DEFAULT;
    o->stop_count = request->call_count - 2;
    enum status status = planner_avoid(p, request, &avoid, err);
    /* bounds by distance or cost hold as long as the journey keeps within the loose interval: let that be long */
    for (int attempt = request->prefer == PREFER_TIME ? 0 : 1; attempt < 2 && status == STATUS_OK; attempt++) {
        status = planner_constraint(p, view, request, attempt ? EXACT_MS : LOOSE_MS, avoid, &o->x->c, err);
        if (status == STATUS_OK) status = places_snap(p, request, o->x, err);
        if (status != STATUS_OK || o->x->any_refused) break; /* the answer will say what is refused */
        memcpy(o->places, o->x->places, sizeof o->places);
        o->best = UINT64_MAX;
        o->late = false;
        status = tour_find(&o->x->c, &tools, o->places, o->x->place_count, o->stop_count, out, err);
        if (status == STATUS_OK && !(o->x->c.varying && (o->late || !out->found))) break;
    }
    return status;
}

struct order_attempts {
    struct planner *planner;
    const struct view *view;
    struct ordering *ordering;
    struct tour *out;
};

static enum status order_attempt(void *context, const struct route_request *request, bool last, uint64_t *cost, struct error *err)
{
    struct order_attempts *a = context;
    (void)last;
    *a->out = (struct tour){.cost = UINT64_MAX, .exact = true};
    for (uint32_t i = 0; i + 2 < request->call_count; i++) a->out->order[i] = (uint8_t)(i + 1);
    enum status status = order(a->planner, a->view, request, a->ordering, a->out, err);
    *cost = status == STATUS_OK && a->out->found ? a->out->cost : UINT64_MAX;
    return status;
}

enum status planner_order(struct planner *p, const struct view *view, struct route_request *request, struct tour *out,
                          uint32_t *settled, struct error *err)
{
    *out = (struct tour){.cost = UINT64_MAX, .exact = true};
    *settled = 0;
    if (request->call_count < 2 || request->call_count > CALLS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_CALLS_COUNT, (unsigned)CALLS_MAX);
    uint32_t stops = request->call_count - 2;
    for (uint32_t i = 0; i < stops; i++) out->order[i] = (uint8_t)(i + 1);
    if (stops < 2) return STATUS_OK;
    planner_begin(p, view, PLANNER_FULL);
    struct ordering *o = arena_zero(&p->scratch, 1, sizeof *o);
    struct call *calls = arena_copy(&p->scratch, request->calls, sizeof request->calls);
    enum status status = STATUS_NO_MEMORY;
    if (o) o->planner = p, o->x = arena_take(&p->scratch, sizeof *o->x);
    if (!o || !calls || !o->x) {
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    } else {
        arena_init(&o->drives, SCRATCH_MAX);
        struct order_attempts attempts = {p, view, o, out};
        struct lasting lasting = {.attempt = order_attempt, .context = &attempts};
        status = lasting_run(&lasting, request, EXACT_MS, &p->scratch, err);
        arena_clear(&o->drives);
        *settled = o->tally.settled;
        for (uint32_t i = 0; i < stops && status == STATUS_OK && out->found; i++)
            request->calls[i + 1] = calls[out->order[i]];
    }
    planner_done(p);
    return status;
}

/* ---- explanations ---------------------------------------------------------------------------------------------------------- */

static enum status explain_more(struct planner *p, struct journeying *x, struct arena *arena, struct explanation *out,
                                struct error *err)
{
    const struct route_request *request = x->c.request;
    uint32_t budget = request->budget_settled ? request->budget_settled : SEARCH_BUDGET_DEFAULT, settled = 0;
    enum status status;
    conflict_restore(&x->c);
    if (out->answer.cause == STATUS_OK) {
        struct metric_source freed = {.get = metric_supply_get_free, .context = &p->supply};
        struct detour_tools tools = {.search = p->search, .query = p->query, .plan = {p->geos, p->projection},
                                     .free_metrics = &freed, .budget = budget};
        status = detour_find(&x->c, &tools, x->places, x->place_count, &x->journey, arena, &out->detour, &settled, err);
    } else {
        status = cut_find(&x->c, x->places, x->place_count, budget, arena, &out->cut, &settled, err);
    }
    out->answer.settled += settled;
    return status;
}

enum status planner_explain(struct planner *p, const struct view *view, const struct route_request *request,
                            struct arena *arena, struct explanation *out, struct error *err)
{
    *out = (struct explanation){0};
    if (request->call_count < 2 || request->call_count > CALLS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_CALLS_COUNT, (unsigned)CALLS_MAX);
    planner_begin(p, view, PLANNER_FULL);
    struct journeying *x = arena_take(&p->scratch, sizeof *x);
    struct route_request *one = arena_take(&p->scratch, sizeof *one);
    enum status status = STATUS_NO_MEMORY;
    if (!x || !one) {
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    } else {
        *one = *request;
        one->alternatives = 0;
        one->report_violations = false;
        status = route_lasting(p, view, one, x, arena, &out->answer, err);
        if (status == STATUS_OK) status = explain_more(p, x, arena, out, err);
    }
    planner_done(p);
    return status;
}

enum status planner_judge(struct planner *p, const struct view *view, const struct route_request *request,
                          const struct plan *plan, struct judgement *out, struct error *err)
{
    return checker_judge(p->checker, view, request, plan, out, err);
}

enum status planner_area_arcs(struct planner *p, const struct multipolygon *area, struct arena *arena, arc_id **arcs,
                              uint32_t *count, struct error *err)
{
    const struct zone zone = {.id = "", .area = *area};
    struct zone_set *set;
    enum status status = zone_set_new(&p->base->network, p->base->spatial, p->projection, &zone, &set, err);
    if (status != STATUS_OK) return status;
    *count = set->arc_count;
    *arcs = arena_copy(arena, set->arcs, set->arc_count * sizeof **arcs);
    zone_set_release(set);
    return *arcs || *count == 0 ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- snapping ------------------------------------------------------------------------------------------------------------- */

enum { SNAPS_MAX = 100 };

enum status planner_snap(struct planner *p, const struct view *view, const struct vehicle *vehicle, struct point_e7 at,
                         uint32_t max_mm, struct waypoint *out, uint32_t max_count, uint32_t *count, struct error *err)
{
    struct constraint c;
    struct road_place found[SNAPS_MAX];
    struct route_request *request = arena_zero(&p->scratch, 1, sizeof *request);
    if (!request) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    request->vehicle = *vehicle;
    request->depart_ms = view->rules->as_of_ms;
    if (max_count > SNAPS_MAX) max_count = SNAPS_MAX;
    enum status status = planner_constraint(p, view, request, 0, NULL, &c, err);
    if (status == STATUS_OK)
        status = place_nearest(&c, p->base->spatial, p->projection, at, max_mm, true, found, max_count, count, err);
    for (uint32_t i = 0; status == STATUS_OK && i < *count; i++)
        out[i] = (struct waypoint){.requested = at, .snapped = found[i].point, .distance_mm = found[i].distance_mm,
                                   .road = found[i].road, .offset_mm = found[i].offset_mm};
    planner_done(p);
    return status;
}

/* ---- reach ---------------------------------------------------------------------------------------------------------------- */

static enum status reach_question(struct planner *p, const struct view *view, const struct route_request *constraints,
                                  const struct call *origin, bool by_distance, struct arena *arena,
                                  struct reach_answer *answer, struct error *err)
{
    struct constraint c;
    struct place place;
    struct breach refused;
    struct avoid_area *avoid;
    uint32_t budget = constraints->budget_settled ? constraints->budget_settled : SEARCH_BUDGET_DEFAULT;
    enum status status = planner_avoid(p, constraints, &avoid, err);
    if (status == STATUS_OK) status = planner_constraint(p, view, constraints, LOOSE_MS, avoid, &c, err);
    if (status == STATUS_OK)
        status = place_snap(&c, p->base->spatial, p->projection, origin, 0, false, &place, &refused, err);
    if (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED)
        error_set(err, status, status == STATUS_ROAD_CLOSED ? MESSAGE_REACH_ORIGIN_CLOSED : MESSAGE_REACH_ORIGIN_IN_ZONE);
    if (status != STATUS_OK) return status;
    answer->origin = (struct waypoint){.requested = origin->point, .snapped = place.snapped,
                                       .distance_mm = place.distance_mm, .road = place.at.road,
                                       .offset_mm = place.at.offset_mm, .moved = place.moved};
    return reach_run(&c, &place, by_distance, budget, arena, answer, err);
}

/* Where credentials end meanwhile, what can be reached is what can be reached with one or another of them (lasting.h). */
static enum status reach_lasting(struct planner *p, const struct view *view, const struct route_request *constraints,
                                 const struct call *origin, bool by_distance, struct arena *arena,
                                 struct reach_answer *answer, struct error *err)
{
    int64_t ends[CREDENTIALS_MAX];
    uint32_t count = lasting_ends(constraints, EXACT_MS, ends), answered = 0;
    if (count == 0) return reach_question(p, view, constraints, origin, by_distance, arena, answer, err);
    struct route_request *question = arena_copy(&p->scratch, constraints, sizeof *constraints);
    if (!question) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct reach_answer one = *answer;
    struct road_position from = {0};
    for (uint32_t k = 0; k <= count; k++) {
        struct error aside = ERROR_INIT;
        lasting_question(question, ends, count, k);
        enum status status = reach_question(p, view, question, origin, by_distance, arena, &one, k ? &aside : err);
        struct road_position at = {one.origin.road, one.origin.offset_mm};
        if (k && (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED || status == STATUS_SNAP_TOO_FAR))
            continue; /* without those credentials one cannot begin there */
        if (status != STATUS_OK) {
            if (k && err) *err = aside;
            return status;
        }
        if (answered && (from.road != at.road || from.offset_mm != at.offset_mm)) continue;
        from = at;
        status = reach_merge(answer, &one, answered++ == 0, arena, err);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static enum status reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct call *origin, bool by_distance, uint32_t width_mm, struct arena *arena,
                         struct reach_answer *answer, struct error *err)
{
    enum status status = reach_lasting(p, view, constraints, origin, by_distance, arena, answer, err);
    struct band_bounds bounds = {.steps = REACH_AREA_STEPS, .cancelled = constraints->cancelled};
    for (uint32_t k = 0; k < answer->contour_count && status == STATUS_OK && width_mm; k++)
        status = reach_area_make(&p->base->network, p->projection, width_mm, &bounds, &answer->contours[k], err);
    return status;
}

enum status planner_reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                          const struct call *origin, bool by_distance, uint32_t width_mm, struct arena *arena,
                          struct reach_answer *answer, struct error *err)
{
    planner_begin(p, view, PLANNER_FULL);
    enum status status = reach(p, view, constraints, origin, by_distance, width_mm, arena, answer, err);
    planner_done(p);
    return status;
}

/* ---- matching ------------------------------------------------------------------------------------------------------------- */

static enum status match(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct match_position *positions, uint32_t count, const struct match_options *options,
                         bool judge, struct arena *arena, struct driven *out, struct error *err)
{
    struct constraint c;
    struct avoid_area *avoid;
    enum status status = match_run(p->base, p->projection, positions, count, options, arena, &out->match, err);
    if (status != STATUS_OK || !judge) return status;
    uint32_t matchings = out->match.matching_count;
    out->stretches = arena_zero(arena, (size_t)matchings + 1, sizeof *out->stretches);
    out->stretch_count = arena_zero(arena, (size_t)matchings + 1, sizeof *out->stretch_count);
    if (!out->stretches || !out->stretch_count) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if ((status = planner_avoid(p, constraints, &avoid, err)) != STATUS_OK) return status;
    if ((status = planner_constraint(p, view, constraints, LOOSE_MS, avoid, &c, err)) != STATUS_OK) return status;
    for (uint32_t i = 0; i < matchings && status == STATUS_OK; i++)
        status = match_judge(&c, positions, &out->match, &out->match.matchings[i], arena, &out->stretches[i],
                             &out->stretch_count[i], err);
    return status;
}

enum status planner_match(struct planner *p, const struct view *view, const struct route_request *constraints,
                          const struct match_position *positions, uint32_t count, const struct match_options *options,
                          bool judge, struct arena *arena, struct driven *out, struct error *err)
{
    *out = (struct driven){0};
    planner_begin(p, view, PLANNER_FULL);
    enum status status = match(p, view, constraints, positions, count, options, judge, arena, out, err);
    planner_done(p);
    return status;
}
