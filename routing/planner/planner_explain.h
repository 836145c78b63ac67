/* Explanations: what stands in the way, or what rules cost. */
#ifndef ROUTING_PLANNER_EXPLAIN_H
#define ROUTING_PLANNER_EXPLAIN_H

#include "routing/explain/cut.h"
#include "routing/explain/detour.h"
#include "routing/planner/planner.h"

/* Why there is no lawful plan, or why the one there is is longer than the way without rules. */
struct explanation {
    struct answer answer;      /* of the question as a route without alternatives, never with a plan that breaks a rule */
    struct cut cut;            /* where there is no plan */
    struct detour detour;      /* where there is one */
};

/** Explains `request` under `view`; as planner_route, on a worker. `request->alternatives` and `report_violations` are
 *  not looked at. All searches together share the request's budget for each of: the answer, the cut, the detour. */
MUST_USE enum status planner_explain(struct planner *p, const struct view *view, const struct route_request *request,
                                     struct arena *arena, struct explanation *out, struct error *err);

#endif
