/* Small balanced vertex separators by inertial flow: nodes are lined up along a direction, the ends of the line become
 * sources and sinks, and a minimum vertex cut between them is found by maximum flow. The ends grow step by step with
 * the flow kept, which gives a series of cuts from small and lopsided to balanced; the cut that promises the
 * shallowest elimination tree wins.
 *
 * Schild, Sommer: On Balanced Separators in Road Networks, SEA 2015 (inertial flow);
 * Hamann, Strasser: Graph Bisection with Pareto Optimization, JEA 2018 (growing the ends). */
#ifndef ROUTING_SEPARATOR_H
#define ROUTING_SEPARATOR_H

#include "routing/hierarchy/digraph.h"

/** An undirected simple graph: every neighbour in both lists. Borrowed arrays. */
struct piece {
    uint32_t node_count;
    const uint32_t *first;    /* node_count + 1 */
    const uint32_t *adjacent; /* first[node_count] */
    const int32_t *x, *y;     /* node_count each, in the same unit, or NULL */
};

enum separator_side { SEPARATOR_LEFT, SEPARATOR_RIGHT, SEPARATOR_CUT };

/** Working memory for pieces of up to `nodes` nodes; reused from piece to piece. */
struct separator_workspace;
MUST_USE struct separator_workspace *separator_workspace_new(uint32_t nodes);
void separator_workspace_free(struct separator_workspace *workspace);

/** Fills side[node_count]. No edge joins left and right; both may be empty only if the piece is tiny. The piece should
 *  be connected. Depends on piece, seed and `directions` (how many lines are tried, at least 1) only.
 *  O(directions * cut * edges) at worst, in practice a few dozen passes over the edges. */
void separator_find(struct separator_workspace *workspace, const struct piece *piece, uint32_t directions,
                    uint64_t seed, uint8_t *side);

#endif
