#include "routing/planner/planner_route.h"

#include "routing/explain/explain.h"
#include "routing/plan/alternatives.h"
#include "routing/planner/planner_core.h"
#include "routing/planner/planner_rests.h"
#include "routing/search/search.h"

#include <stdlib.h>

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
    struct metric_source freed = {.get = metric_supply_get_free, .context = &p->supply, .free = true};
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
    struct error placing = ERROR_INIT;
    uint32_t budget = planner_budget(request);
    enum status status = planner_avoid(p, request, &avoid, err), placed;
    if (status != STATUS_OK) return status;
    for (int attempt = 0;; attempt++) { /* the second time nothing is taken for constant that changes */
        bool late = false;
        const struct constraint before = attempt ? x->c : (struct constraint){0};
        status = planner_constrain(p, view, request, attempt ? planner_exact_ms(p->base) : PLANNER_LOOSE_MS, avoid, &x->c, err);
        if (status != STATUS_OK) return status;
        if (attempt && constraint_reads_alike(&before, &x->c)) break; /* it would find the same again */
        placed = planner_places(p, request, x, &placing);
        if (placed != STATUS_OK || x->any_refused) { /* who comes there days later may find open what is closed until then */
            if (attempt == 0 && x->c.varying && (placed == STATUS_OK || placed == STATUS_SNAP_TOO_FAR)) continue;
            break;
        }
        answer->cause = STATUS_OK;
        if ((status = planner_find(p, x, budget, answer, &late, err)) != STATUS_OK) return status;
        if ((status = planner_rests(p, x, budget, UINT64_MAX, answer, &late, err)) != STATUS_OK) return status;
        bool none = x->journey.cost == UINT64_MAX || answer->cause != STATUS_OK;
        if (attempt == 0 && x->c.varying && (late || none)) continue;
        break;
    }
    if (placed != STATUS_OK) {
        if (err) *err = placing;
        return placed;
    }
    if (x->any_refused || x->journey.cost == UINT64_MAX) return explain(p, x, budget, arena, answer, err);
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
    bool unrested;                          /* an attempt found a way on which nobody can rest where that is due: the first's */
    int64_t left_at_home_ms, end_before_ms;
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
    if (status == STATUS_OK && a->cause == STATUS_NO_REST_AREA && !r->unrested) {
        r->unrested = true;
        r->left_at_home_ms = request->left_at_home_ms;
        r->end_before_ms = request->end_before_ms;
    }
    return status;
}

/* Where some credentials open a way on which nobody can rest, that is what is missing, not the credentials: the last question,
 * without them, would say so. */
static enum status unrested(struct routing *r, const struct route_request *request, struct error *err)
{
    struct route_request *again = arena_copy(&r->planner->scratch, request, sizeof *request);
    uint64_t cost;
    if (!again) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    again->left_at_home_ms = r->left_at_home_ms;
    again->end_before_ms = r->end_before_ms;
    return route_attempt(r, again, true, &cost, err);
}

enum status planner_route_within(struct planner *p, const struct view *view, const struct route_request *request,
                                 struct journeying *x, struct arena *arena, struct answer *answer, struct error *err)
{
    struct routing r = {.planner = p, .view = view, .x = x, .arena = arena, .answer = answer, .mode = p->mode};
    struct lasting l = {.attempt = route_attempt, .context = &r};
    enum status status = lasting_run(&l, request, planner_exact_ms(p->base), &p->scratch, err);
    if (status == STATUS_OK && r.unrested && answer->cause != STATUS_OK && answer->cause != STATUS_NO_REST_AREA)
        status = unrested(&r, request, err);
    return status;
}

enum status planner_route(struct planner *p, const struct view *view, const struct route_request *request,
                          enum planner_mode mode, struct arena *arena, struct answer *answer, struct error *err)
{
    *answer = (struct answer){0};
    if (request->call_count < 2 || request->call_count > CALLS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_CALLS_COUNT, (unsigned)CALLS_MAX);
    planner_begin(p, view, mode);
    struct journeying *x = arena_take(&p->scratch, sizeof *x);
    enum status status = x ? planner_route_within(p, view, request, x, arena, answer, err)
                           : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) metric_supply_answered(&p->supply);
    planner_done(p);
    return status;
}
