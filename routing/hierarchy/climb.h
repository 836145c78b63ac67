/* Climbing the elimination tree from one place, block by block, and walking back down from where it came to. Shared by queries
 * (query.h) and tables with ways (pairs.h), so that both name the same way. */
#ifndef ROUTING_CLIMB_H
#define ROUTING_CLIMB_H

#include "routing/hierarchy/metric.h"
#include "routing/hierarchy/vector.h"

/* Ranks from `from` to the end of the block, with their distances from the place. */
struct climbed {
    uint32_t block, from;
    const weight *distance; /* [end of the block - from] */
};

/* The node before another on the way that the climb has found to it. */
struct climb_step {
    uint32_t rank; /* NOTHING: there is none */
    uint32_t arc;  /* from there */
    weight distance;
};

/** The lowest rank below `at` through which `at` has its distance. `climbed` ascending; `weights` are the metric's in the
 *  climb's direction. O(blocks · log heads + nodes that see `at`). */
struct climb_step climb_before(const struct hierarchy *hierarchy, const struct climbed *climbed, uint32_t count, const weight *weights,
                               uint32_t at, weight distance);

/** Relaxes the upward arcs of the ranks [from, end of block) over `distance` [node_count]; nodes at `bound` or beyond cannot help.
 *  `row` is scratch [width]. */
VECTOR_INLINE void climb_block(const struct hierarchy *h, weight *restrict distance, const weight *restrict weights,
                               weight *restrict row, uint32_t block, uint32_t from, weight bound)
{
    const uint32_t last = h->block_first[block + 1] - 1;
    const uint32_t *outer = h->outer + h->outer_first[block];
    const uint32_t count = h->outer_first[block + 1] - h->outer_first[block];
    if (from == last) {
        const weight here = distance[from];
        if (here >= bound) return;
        const weight *arc = weights + h->first_arc[from];
        for (uint32_t i = 0; i < count; i++) {
            const weight sum = here + arc[i];
            if (sum < distance[outer[i]]) distance[outer[i]] = sum;
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++) row[i] = distance[outer[i]];
    for (uint32_t v = from; v <= last; v++) {
        const weight here = distance[v];
        if (here >= bound) continue;
        const weight *arc = weights + h->first_arc[v];
        vector_relax(distance + v + 1, here, arc, last - v);
        vector_relax(row, here, arc + (last - v), count);
    }
    for (uint32_t i = 0; i < count; i++) distance[outer[i]] = row[i];
}

#endif
