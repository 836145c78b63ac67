/* Nested dissection with our own separators (separator.h): the recursion, what is taken off before it, and the small
 * pieces at its end. */
#ifndef ROUTING_DISSECTION_H
#define ROUTING_DISSECTION_H

#include "routing/hierarchy/cells.h"

/** Writes order[rank] = node for an undirected simple graph, connected or not; coordinates may be NULL.
 *
 *  `cells` may be NULL: with them, the graph is cut where few nodes lie between two sets of cells, which is found several times
 *  sooner.
 *
 *  1. Nodes of degree 0, 1 and 2 are contracted first, in rounds of independent ones (so that a chain of k of them
 *     becomes a tree of depth log k): on road networks this leaves a third to a half.
 *  2. The rest is cut in two, recursively.
 *  3. Pieces of at most 64 nodes are contracted by minimum degree, counting neighbours in the separators around them.
 *
 *  Up to `threads` threads; the result is the same for any number. STATUS_NO_MEMORY. */
MUST_USE enum status dissection_order(const struct piece *graph, const struct cells *cells, unsigned threads, uint64_t seed,
                                      uint32_t *order, struct error *err);

#endif
