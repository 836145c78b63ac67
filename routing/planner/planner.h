/* The planner: from a question to verified plans, tables, areas of reach, or to the reason why there is none. One file for each
 * kind of question (planner_route.h and those beside it); what they share is planner_core.h. */
#ifndef ROUTING_PLANNER_H
#define ROUTING_PLANNER_H

#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"
#include "routing/plan/checker.h"
#include "routing/planner/metric_supply.h"

struct planner; /* reusable workspace of one thread: query and search state sized to the network */

MUST_USE enum status planner_new(const struct base *base, struct planner **out, struct error *err);
void planner_free(struct planner *p);

/** From now on questions about routes are answered while their metric is made by `maker` (copied), where that can be decided;
 *  the answers are the same. Before the first request. */
void planner_maker_set(struct planner *p, const struct metric_maker *maker);

enum planner_mode {
    PLANNER_QUICK, /* on an event loop: only what answers within about a millisecond; otherwise STATUS_WOULD_BLOCK */
    PLANNER_FULL,  /* on a worker: builds metrics or has them built, searches within the budget, explains */
    PLANNER_BRIEF, /* the same without explaining: where there is no plan, the cause is that of the first call that is
                      refused, or DISCONNECTED, with no conflicts. For thousands of questions that are asked at once */
};

/** How a plan that was kept stands under `view`; see checker_judge. Some 30 µs, more the first time under new rules. */
MUST_USE enum status planner_judge(struct planner *p, const struct view *view, const struct route_request *request,
                                   const struct plan *plan, struct judgement *out, struct error *err);

/** The arcs in an area, ascending, in `arena`: those of a zone drawn there with no accuracy of its own. Microseconds for
 *  each road near its border. */
MUST_USE enum status planner_area_arcs(struct planner *p, const struct multipolygon *area, struct arena *arena,
                                       arc_id **arcs, uint32_t *count, struct error *err);

/** Nearest places this vehicle may use, for /v1/snap and /nearest: at most `max_count`, nearest first. */
MUST_USE enum status planner_snap(struct planner *p, const struct view *view, const struct vehicle *vehicle,
                                  struct point_e7 at, uint32_t max_mm, struct waypoint *out, uint32_t max_count,
                                  uint32_t *count, struct error *err);

#endif
