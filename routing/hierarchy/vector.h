/* The innermost loops: element-wise minima over rows of weights, written so that the compiler turns them into vector
 * instructions (geo/base/vector_clones.h). Sums cannot overflow: both terms are <= WEIGHT_INFINITY, and a minimum with a
 * stored weight brings the result back into range. */
#ifndef ROUTING_VECTOR_H
#define ROUTING_VECTOR_H

#include "geo/base/vector_clones.h"
#include "routing/hierarchy/digraph.h"

/** to[i] = min(to[i], a + from[i]); the rows may not overlap. Left to the compiler on purpose: rows are short (a
 *  dozen, seldom a hundred), but cutting them by hand into eights made queries a third to a half slower: with the last
 *  two overlapping, loads span two earlier stores; and loops of a fixed length were unrolled to scalars. */
VECTOR_INLINE void vector_relax(weight *restrict to, weight a, const weight *restrict from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const weight sum = a + from[i];
        to[i] = to[i] < sum ? to[i] : sum;
    }
}

/** min(best, min over i of a[i] + b[i]); may exceed WEIGHT_INFINITY only if best does. */
VECTOR_INLINE weight vector_least_sum(weight best, const weight *restrict a, const weight *restrict b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const weight sum = a[i] + b[i];
        best = best < sum ? best : sum;
    }
    return best;
}

#endif
