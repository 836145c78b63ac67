/* What is reached from a place against the oracle of routes. */
#ifndef TESTS_COMPARE_REACH_H
#define TESTS_COMPARE_REACH_H

#include "tests/property/route_world.h"

struct reach_tally {
    uint32_t in, out, never, refused, inexact, skipped; /* skipped: positions that were too far for the oracle */
};

/** Three contours at about one, two, three times `unit` (ms, or mm where the request prefers distance): each of so many random
 *  positions is in one exactly if the oracle finds a leg there within its limit, and then lies in its area. Without
 *  `exact` in the answer it may be too small, never too large. Makes one leg of the request. */
void reach_compare(struct planner *p, const struct route_world *w, struct route_request *q, struct oracle_place origin, uint32_t unit,
                   uint32_t targets, uint32_t label_max, uint64_t *random, struct reach_tally *t, uint64_t seed);

#endif
