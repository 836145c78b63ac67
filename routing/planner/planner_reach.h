/* What can be reached from a place. */
#ifndef ROUTING_PLANNER_REACH_H
#define ROUTING_PLANNER_REACH_H

#include "routing/planner/planner.h"
#include "routing/search/reach.h"

/** Where one leg from `origin` can end within each of the answer's contours (contour_count and limits set by the
 *  caller, in ms, or in mm if `by_distance`), under the request's constraints (its own calls are ignored), without
 *  waiting; see routing/search/reach.h. With `width_mm` the areas are made too: the ground within it of the parts. Parts live in
 *  `arena`; reach_answer_clear frees the areas, also after an error. The origin must be usable at the departure:
 *  otherwise ORIGIN_IN_CLOSED_ZONE, or the cause of what forbids every first move from it (ROAD_CLOSED, TIME_WINDOW, …), saying which
 *  rule and what would open it, or SNAP_TOO_FAR; with no pointer. SEARCH_BUDGET_EXCEEDED when the
 *  search or the drawing passes its budget, CANCELLED soon after the flag is raised. On a worker. */
MUST_USE enum status planner_reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                                   const struct call *origin, bool by_distance, uint32_t width_mm, struct arena *arena,
                                   struct reach_answer *answer, struct error *err);

#endif
