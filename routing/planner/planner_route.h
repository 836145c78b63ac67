/* A route: plans from call to call, or why there is none. */
#ifndef ROUTING_PLANNER_ROUTE_H
#define ROUTING_PLANNER_ROUTE_H

#include "routing/planner/planner.h"

/** Answers `request` under `view`. The answer and all it points to live in `arena`.
 *
 *  STATUS_OK and answer->cause STATUS_OK: at least one plan, each verified by the geometric checker.
 *  STATUS_OK and another cause: no lawful plan; conflicts and relaxed plan say why.
 *  STATUS_WOULD_BLOCK: only in PLANNER_QUICK; ask again on a worker.
 *  Anything else: an error (bad request, unknown credential type, budget, disagreement with the checker).
 *
 *  Deterministic: same request, network version and rules version give the same bytes in the answer. One planner is
 *  used by one thread at a time. */
MUST_USE enum status planner_route(struct planner *p, const struct view *view, const struct route_request *request,
                                   enum planner_mode mode, struct arena *arena, struct answer *answer,
                                   struct error *err);

struct journeying;

/** The same between the questions of this folder: what was found out on the way stays in `x`, p->view and p->mode are set, and
 *  planner_done is the caller's. */
MUST_USE enum status planner_route_within(struct planner *p, const struct view *view, const struct route_request *request,
                                          struct journeying *x, struct arena *arena, struct answer *answer,
                                          struct error *err);

#endif
