/* The innermost loops: element-wise minima over rows of weights, written so that the compiler turns them into vector
 * instructions, and compiled twice (baseline x86-64 and AVX2; the loader picks). Sums cannot overflow: both terms are
 * <= WEIGHT_INFINITY, and a minimum with a stored weight brings the result back into range.
 *
 * Include it only in files that begin with VECTOR_FILE's pragma; put VECTOR_CLONES on the functions that call it. */
#ifndef ROUTING_VECTOR_H
#define ROUTING_VECTOR_H

#include "routing/digraph.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__)
/* Sanitizers cannot follow the resolver that picks a clone before they are set up. */
#define VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define VECTOR_CLONES
#endif

#define VECTOR_INLINE static inline __attribute__((always_inline))

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
