/* One question of a route: the planner's answer against the oracle's. Used on random worlds and on real networks. */
#ifndef TESTS_COMPARE_ROUTE_H
#define TESTS_COMPARE_ROUTE_H

#include "tests/property/route_world.h"

/* lifted: how often the oracle was asked about an explanation; skipped: comparisons that were too large for it; off: a place
 * that this vehicle finds no road at, or whose point is in a closed zone and its road is not. */
struct route_tally {
    uint32_t plans, none, skipped, gates, second_tier, lifted, off;
};

/** Plans and fails the test unless a plan costs what the oracle finds, or the oracle finds none either and lifting the rules
 *  that the refusal names opens a way while lifting all but one of them does not. The oracle gives up past `label_max`. */
void route_compare(struct planner *p, const struct route_world *w, const struct route_request *q, const struct oracle_place *places,
                   uint32_t place_count, uint32_t label_max, struct route_tally *t, uint64_t seed);

/* waited: plans that wait; opened: where there is none without. */
struct wait_tally {
    uint32_t plans, waited, opened, none, skipped, off;
};

/** With leave to wait so long a plan is no worse than the best that waiting in steps of `step_ms` at the origin, at calls and at
 *  gates can give, nor than the one without; and it waits no longer. */
void wait_compare(struct planner *p, const struct route_world *w, struct route_request *q, uint32_t max_wait_ms, uint32_t step_ms,
                  const struct oracle_place *places, uint32_t place_count, uint32_t label_max, struct wait_tally *t, uint64_t seed);

/** Whether a point is in an area, by counting edges. */
bool route_area_holds(const struct multipolygon *area, struct point_e7 p);

/** When one seed is replayed: the plan's arcs, the zones they lie in, what the request asked for. */
void route_show(const struct plan *plan, const struct route_world *w, const struct route_request *q);

#endif
