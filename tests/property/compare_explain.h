/* One explanation against the oracle: what each rule costs is the difference between two answers, and the cut separates. */
#ifndef TESTS_COMPARE_EXPLAIN_H
#define TESTS_COMPARE_EXPLAIN_H

#include "tests/property/route_world.h"

/* measured: costs that the oracle was asked for; skipped: of these too large for it; off: a place without a road. */
struct explain_tally {
    uint32_t plans, none, skipped, measured, rules, longer, cuts, arcs, inexact, off;
};

/** Explains and compares. Credentials that end under way are not for it: what rules cost is said for those that the plan was
 *  made with. */
void explain_compare(struct planner *p, const struct route_world *w, const struct route_request *q, const struct oracle_place *places,
                     uint32_t place_count, uint32_t label_max, struct explain_tally *t, uint64_t seed);

#endif
