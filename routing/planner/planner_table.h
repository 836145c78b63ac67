/* Tables: from each of some calls to each of others. */
#ifndef ROUTING_PLANNER_TABLE_H
#define ROUTING_PLANNER_TABLE_H

#include "routing/planner/planner.h"

/** Durations (ms) and distances (mm) between calls under the request's constraints (its own calls are ignored);
 *  UINT32_MAX, or UINT64_MAX, where there is no lawful way. Credentials last to the end of each, and a call has one place on the road for all
 *  of them. STATUS_TOO_LARGE: a way takes longer than 49 days, or there are too many cells. durations/distances: sources × targets, row by row; either may be NULL.
 *  A call that cannot be used has cells without a way, and its waypoint says why; one outside the plane is an error. */
MUST_USE enum status planner_table(struct planner *p, const struct view *view, const struct route_request *constraints,
                                   const struct call *sources, uint32_t source_count, const struct call *targets,
                                   uint32_t target_count, uint32_t *durations_ms, uint64_t *distances_mm,
                                   struct waypoint *source_points, struct waypoint *target_points, struct error *err);

/** A table of durations of which only the soonest of each column (or, `of_sources`, of each row) is sure to be there; other cells
 *  may be UINT32_MAX although there is a way. Cheaper than the table: what cannot be the soonest is not looked at closely. */
MUST_USE enum status planner_soonest(struct planner *p, const struct view *view, const struct route_request *constraints,
                                     const struct call *sources, uint32_t source_count, const struct call *targets, uint32_t target_count,
                                     bool of_sources, uint32_t *durations_ms, struct error *err);

#endif
