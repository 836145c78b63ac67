/* Small balanced vertex separators by inertial flow: nodes are lined up along a direction, the ends of the line become
 * sources and sinks, and a minimum vertex cut between them is found by maximum flow. The ends grow step by step with
 * the flow kept, which gives a series of cuts from small and lopsided to balanced; the cut that promises the
 * shallowest elimination tree wins.
 *
 * Schild, Sommer: On Balanced Separators in Road Networks, SEA 2015 (inertial flow);
 * Hamann, Strasser: Graph Bisection with Pareto Optimization, JEA 2018 (growing the ends). */
#ifndef ROUTING_SEPARATOR_H
#define ROUTING_SEPARATOR_H

#include "routing/hierarchy/lines.h"

/** Working memory for pieces of up to `nodes` nodes; reused from piece to piece. */
struct separator_workspace;
MUST_USE struct separator_workspace *separator_workspace_new(uint32_t nodes);
void separator_workspace_free(struct separator_workspace *workspace);

/** Fills side[node_count]. No edge joins left and right; both may be empty only if the piece is tiny. The piece should
 *  be connected. Depends on piece, seed and `directions` (how many lines are tried, at least 1) only.
 *  O(directions * cut * edges) at worst, in practice a few dozen passes over the edges. */
void separator_find(struct separator_workspace *workspace, const struct piece *piece, uint32_t directions,
                    uint64_t seed, uint8_t *side);

/** Given a cut of the piece in side[], takes a better one within a few edges of it, if there is one: a minimum cut of that strip.
 *  `sizes` counts left, right and cut, before and after. False if memory is out. O(nodes + cut * strip) at worst. */
MUST_USE bool separator_refine(struct separator_workspace *workspace, const struct piece *piece, uint8_t *side,
                               uint32_t sizes[3]);

#endif
