/* One table between a few calls: against the oracle, against routes, and against itself. */
#ifndef TESTS_COMPARE_TABLE_H
#define TESTS_COMPARE_TABLE_H

#include "tests/property/route_world.h"

struct table_tally {
    uint32_t cells, ways, ending, skipped;
};

/** Pair by pair (both quantities asked for) and by one sweep (one of them), a table of at most 16 calls says the same; and as
 *  the oracle (by distance: as routes, not the oracle's moments). `at`: where the calls lie. */
void table_compare(struct planner *p, const struct route_world *w, const struct route_request *q, const struct call *calls,
                   const struct oracle_place *at, uint32_t side, uint32_t label_max, struct table_tally *count, uint64_t seed);

/** Time and length, of the very way that the planner takes. Where credentials end, the table holds on to the first place that a
 *  call was put on, and a route does not: then nothing is compared. */
void table_says_what_the_route_says(struct planner *p, const struct route_world *w, const struct route_request *q,
                                    const struct call *from, const struct call *to, uint32_t ms, uint64_t mm,
                                    unsigned long long seed);

#endif
