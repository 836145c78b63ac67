/* How cheap can a row of visits be at least? Whoever drives from the first place through all others to the last has drawn
 * a spanning tree in which the two ends have one edge and all others two. So no row is cheaper than the cheapest spanning
 * tree; and a price put on a place, paid once for each edge there and given back for the edges it must have, changes no
 * row but drives the tree towards being one (Held, Karp 1970). All in whole numbers. */
#ifndef ROUTING_TOUR_BOUND_H
#define ROUTING_TOUR_BOUND_H

#include "geo/base/arena.h"

#include <stdint.h>

/** The best bound found for rows from place 0 to place count - 1 through all others. `edge`: symmetric, [count * count],
 *  UINT64_MAX where there is none; at least 3 places. `above` is the cost of some row. Never more than `above`; 0 when
 *  the arena is full. Some 300 · count² steps. */
uint64_t tour_bound(const uint64_t *edge, uint32_t count, uint64_t above, struct arena *arena);

#endif
