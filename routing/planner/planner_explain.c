#include "routing/planner/planner_explain.h"

#include "routing/constraint/conflict.h"
#include "routing/planner/planner_core.h"
#include "routing/planner/planner_route.h"

static enum status explain_more(struct planner *p, struct journeying *x, struct arena *arena, struct explanation *out,
                                struct error *err)
{
    const struct route_request *request = x->c.request;
    uint32_t budget = planner_budget(request), settled = 0;
    enum status status;
    conflict_restore(&x->c);
    if (out->answer.cause == STATUS_OK) {
        struct metric_source freed = {.get = metric_supply_get_free, .context = &p->supply, .free = true};
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
        status = planner_route_within(p, view, one, x, arena, &out->answer, err);
        if (status == STATUS_OK) status = explain_more(p, x, arena, out, err);
    }
    planner_done(p);
    return status;
}
