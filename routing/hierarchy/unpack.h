/* What an arc of the hierarchy stands for: the edges of the graph along the way that gave it its weight. */
#ifndef ROUTING_UNPACK_H
#define ROUTING_UNPACK_H

#include "routing/hierarchy/metric.h"

#include <stdbool.h>

/** A growable list of slots or edges; owned memory. */
struct unpack_list {
    uint32_t *items;
    size_t count, capacity;
};

/** Appends one. False if memory is out. */
MUST_USE bool unpack_list_push(struct unpack_list *list, uint32_t value);

/** Appends the edges of `slot` (of weight < WEIGHT_INFINITY) in driving direction to `edges`. `low` is the lower end
 *  of the slot's arc. `stack` is working memory, reused. The choice among equals is as query.h says: the edge of least
 *  id if one is as short as the slot, otherwise the triangle with the lowest middle. STATUS_NO_MEMORY. O(edges) once
 *  the origins are known. Several threads may unpack from one metric. */
MUST_USE enum status unpack_slot(const struct metric *metric, uint32_t low, uint32_t slot, struct unpack_list *stack,
                                 struct unpack_list *edges, struct error *err);

#endif
