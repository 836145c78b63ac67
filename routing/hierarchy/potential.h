/* Exact distances to a set of targets, computed lazily, only for the nodes that are asked for.
 *
 * Under the metric that it was made from the value is the distance itself. Under any metric whose weights are nowhere
 * smaller it is a lower bound, and feasible for A*: p(u) <= w(u, v) + p(v).
 * Strasser, Zeitz: A Fast and Tight Heuristic for A* in Road Networks, SEA 2021 (CCH-Potentials).
 *
 *   potential_reset(potential, metric);
 *   potential_target(potential, node, 0);
 *   … potential_get(potential, v) …
 *
 * One object per thread. */
#ifndef ROUTING_POTENTIAL_H
#define ROUTING_POTENTIAL_H

#include "routing/hierarchy/metric.h"

/** Kept visible only so that potential_get can be inlined: do not touch. */
struct potential {
    const struct hierarchy *hierarchy;
    const weight *climb; /* weights of arcs on the way up from the targets */
    const weight *sweep; /* weights of arcs on the way up from the nodes asked for */
    weight *value; /* [node_count] by rank: distance to the targets, or POTENTIAL_UNKNOWN */
    weight *below; /* [node_count] by rank: way up from the targets, reversed; WEIGHT_INFINITY off it */
    uint32_t *known;   /* blocks with values to forget */
    uint32_t *climbed; /* blocks whose `below` is to be forgotten */
    uint32_t *stack;   /* first ranks asked for, block by block up the tree */
    weight *row;       /* values of the outer heads of one block */
    size_t known_count, climbed_count;
};

#define POTENTIAL_UNKNOWN UINT32_MAX

/** A workspace of about 8 bytes per node and 12 per block. The hierarchy must outlive it. STATUS_NO_MEMORY. */
MUST_USE enum status potential_new(const struct hierarchy *hierarchy, struct potential **out, struct error *err);
void potential_free(struct potential *potential);

/** Forgets targets and values; O(values computed since the last reset). `metric` must live until the next reset. */
void potential_reset(struct potential *potential, const struct metric *metric);

/** The same for the other direction: afterwards potential_get(v) is the distance from the "targets" (which are sources
 *  then) to v, and potential_target's weight is paid before leaving. For reach and isochrones. */
void potential_reset_from(struct potential *potential, const struct metric *metric);

/** Adds a target: `node` < node_count with `initial` to pay after reaching it. All targets before the first get.
 *  O(ancestors). */
void potential_target(struct potential *potential, uint32_t node, weight initial);

/** Computes what is not yet known; use potential_get. */
weight potential_compute(struct potential *potential, uint32_t rank);

/** min over targets (distance + initial), WEIGHT_INFINITY if none can be reached. Amortised: every ancestor of every
 *  node asked for is computed once. */
static inline weight potential_get(struct potential *potential, uint32_t node)
{
    uint32_t rank = potential->hierarchy->rank[node];
    weight value = potential->value[rank];
    return value != POTENTIAL_UNKNOWN ? value : potential_compute(potential, rank);
}

#endif
