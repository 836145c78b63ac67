/* Node orders for the hierarchy, by nested dissection: cut the graph in two with a small separator, put the separator
 * last, order both sides in the same way. The smaller the separators, the faster everything that follows. */
#ifndef ROUTING_ORDER_H
#define ROUTING_ORDER_H

#include "routing/hierarchy/digraph.h"

/** Where the nodes are, in 1e-7 degrees. Optional: it only makes the order better. */
struct order_coordinates {
    const int32_t *lon_e7, *lat_e7; /* node_count each, borrowed */
};

/** Writes order[rank] = node (rank 0 is the least important), a permutation of all nodes, with our own separators
 *  (dissection.h).
 *
 *  `coordinates` may be NULL. The same graph, coordinates and seed give the same order on any machine and number of
 *  threads; it starts up to 8, one per processor. STATUS_INVALID for arrays that are no graph, STATUS_NO_MEMORY.
 *  Cost: O(edges log nodes) in practice, about 5 s for a million nodes. Any thread; calls run independently. */
MUST_USE enum status order_nested_dissection(const struct digraph *graph, const struct order_coordinates *coordinates,
                                             uint32_t seed, uint32_t *order, struct error *err);

/** What the nodes are arcs of: node v lies between cells tail[v] and head[v], and neighbours have a cell in common. In a turn
 *  graph cells are junctions. Borrowed. */
struct order_cells {
    uint32_t cell_count;
    const uint32_t *tail, *head;    /* node_count each */
    const int32_t *lon_e7, *lat_e7; /* cell_count each, or NULL: where the cells are */
};

/** As order_nested_dissection, for a graph that is known to be that of the arcs of a smaller one: several times sooner (10 s of
 *  processor for a million arcs of a dense mesh), and as good. STATUS_INVALID also if a cell is out of range or neighbours have
 *  none in common. */
MUST_USE enum status order_by_cells(const struct digraph *graph, const struct order_cells *cells, uint32_t seed, uint32_t *order,
                                    struct error *err);

/** The same through METIS (metis_order.h), to compare with. A little faster, with 10 to 15 percent more arcs in the
 *  hierarchy and queries a quarter slower; see routing/README.md. One call at a time in a process. */
MUST_USE enum status order_metis(const struct digraph *graph, uint32_t seed, uint32_t *order, struct error *err);

#endif
