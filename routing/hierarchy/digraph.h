/* A directed graph in compressed sparse rows, and the weights that live on it.
 *
 * Everything at graph level (order, hierarchy, metric, query, potential, many) speaks this language and knows
 * nothing of roads: the caller decides what a node is. In baochang it is the turn graph: a node is a directed road
 * arc, an edge is a lawful turn, and the weight of edge a -> b is the cost of the turn plus the weight of b.
 *
 *   edges of node v:  first_out[v] <= e < first_out[v + 1],  going to head[e]
 *
 * An edge is named by its index in `head` everywhere. Self loops and parallel edges are allowed. */
#ifndef ROUTING_DIGRAPH_H
#define ROUTING_DIGRAPH_H

#include "geo/base/error.h"

#include <stddef.h>
#include <stdint.h>

/** A cost: milliseconds, millimetres, or any other unit that the caller keeps to. Always <= WEIGHT_INFINITY. */
typedef uint32_t weight;

/** No way. A sum that reaches it is it. Half of the range, so that two weights add without overflow. */
#define WEIGHT_INFINITY ((weight)2147483647)

/** No node, no edge, no arc. */
#define NOTHING UINT32_MAX

/** Largest graphs that the hierarchy takes; ids keep one or two bits free for tags. */
#define DIGRAPH_NODES_MAX ((uint32_t)1 << 30)
#define DIGRAPH_EDGES_MAX ((uint32_t)1 << 30)

/** Borrowed arrays: first_out[node_count + 1], ascending from 0 to arc_count, and head[arc_count]. */
struct digraph {
    uint32_t node_count;
    uint32_t arc_count;
    const uint32_t *first_out;
    const uint32_t *head;
};

/** a + b, saturating at WEIGHT_INFINITY; both must be <= WEIGHT_INFINITY. */
static inline weight weight_add(weight a, weight b)
{
    weight sum = a + b;
    return sum < WEIGHT_INFINITY ? sum : WEIGHT_INFINITY;
}

/** The graph with every edge turned round, in owned memory. Edges of a node are in ascending order of the original
 *  edge id, so the result is the same on every machine. */
struct digraph_reverse {
    uint32_t *first_out; /* node_count + 1 */
    uint32_t *head;      /* arc_count: the original tail */
    uint32_t *edge;      /* arc_count: the original edge id */
};

/** Are the arrays those of a graph (ascending offsets, heads in range, within the maxima)? STATUS_INVALID if not.
 *  O(nodes + edges). */
MUST_USE enum status digraph_check(const struct digraph *graph, struct error *err);

/** Fills `out` (clear it with digraph_reverse_clear). STATUS_NO_MEMORY. O(nodes + edges). */
MUST_USE enum status digraph_reverse_init(struct digraph_reverse *out, const struct digraph *graph,
                                          struct error *err);
void digraph_reverse_clear(struct digraph_reverse *reverse);

#endif
