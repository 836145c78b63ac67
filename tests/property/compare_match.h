/* A drive that is known, matched. */
#ifndef TESTS_COMPARE_MATCH_H
#define TESTS_COMPARE_MATCH_H

#include "geo/projection.h"
#include "routing/constraint/constraint.h"

/* right: positions that came back to the arc they were driven on. */
struct match_tally {
    uint32_t traces, whole, positions, right;
};

/** Positions every `step_mm` of a drive over these arcs, with noise of `sigma_mm` if `noisy`: without noise they are matched
 *  whole and no longer than driven; with it the likeliest way costs no more than the true one. Twice the same. */
void match_compare(const struct base *base, struct projection *projection, const arc_id *arcs, uint32_t arc_count, uint32_t step_mm,
                   uint32_t sigma_mm, bool noisy, uint64_t *random, struct match_tally *tally, uint64_t seed);

#endif
