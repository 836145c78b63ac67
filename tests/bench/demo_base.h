/* The demo prefecture as the engine holds it, for benchmarks that need no database. */
#ifndef TESTS_BENCH_DEMO_BASE_H
#define TESTS_BENCH_DEMO_BASE_H

#include "routing/constraint/view.h"
#include "routing/hierarchy/order.h"

/** Ends the program with the message when `status` is not OK. */
void demo_must(enum status status, const struct error *err);

/** Roads and turns alone of the demo of a scale into zeroed structures, cleared by network_clear, turn_graph_clear. */
void demo_network_make(struct network *network, struct turn_graph *turns, unsigned scale);

/** The junctions between which the arc nodes lie, as prepare has them, in owned arrays. */
void demo_cells_make(struct order_cells *cells, const struct network *network, const struct turn_graph *turns);
void demo_cells_clear(struct order_cells *cells);

/** The demo of a scale (1: 45,000 arcs) into zeroed `*base`, cleared by demo_base_clear. Prints its size. */
void demo_base_make(struct base *base, unsigned scale);
void demo_base_clear(struct base *base);

#endif
