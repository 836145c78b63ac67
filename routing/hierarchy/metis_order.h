/* The one file that knows METIS (Karypis, Kumar: A Fast and High Quality Multilevel Scheme for Partitioning Irregular
 * Graphs, SIAM J. Sci. Comput. 1998). */
#ifndef ROUTING_METIS_ORDER_H
#define ROUTING_METIS_ORDER_H

#include "routing/hierarchy/separator.h"

/** Writes order[rank] = node, by METIS_NodeND on an undirected simple graph. The same seed gives the same order, but
 *  METIS keeps its random numbers in the C library's global state: one call at a time in a process.
 *  STATUS_NO_MEMORY, STATUS_INTERNAL. */
MUST_USE enum status metis_order(const struct piece *graph, uint32_t seed, uint32_t *order, struct error *err);

#endif
