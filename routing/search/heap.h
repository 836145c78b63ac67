/* A queue of arc nodes by cost for plain Dijkstra searches: least cost first, then the lower node, so that the order is
 * the same on every machine. Nodes may be in it several times; whoever takes one out drops what is out of date. */
#ifndef ROUTING_HEAP_H
#define ROUTING_HEAP_H

#include "routing/network/turn_graph.h"

struct heap_item {
    uint64_t cost;
    arc_node node;
};

/* All zero is an empty heap. */
struct heap {
    struct heap_item *items;
    size_t count, capacity;
};

/** False when memory is out; then nothing has changed. O(log n). */
MUST_USE bool heap_push(struct heap *h, struct heap_item item);

/** Takes out the least. The heap must not be empty. O(log n). */
struct heap_item heap_pop(struct heap *h);

void heap_clear(struct heap *h);

#endif
