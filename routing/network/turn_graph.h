/* The turn graph: the search graph of the engine.
 *
 * Its nodes are *arc nodes*: arc node i < arc_count stands for "having entered arc i". Arc nodes beyond arc_count are
 * copies of an arc that remember how it was reached, needed only on the via roads of turn restrictions that span
 * several roads; those of one arc have consecutive ids. An edge a → b is a lawful turn from arc(a) to arc(b). U-turns
 * exist only at dead ends and turning places. Turns that are forbidden to some vehicles only are kept, with the mask
 * of subjects they are forbidden to: a vehicle with subjects m may take turn t if (forbidden_to[t] & m) == 0.
 *
 * A way that begins on an arc begins at arc node i < arc_count (nothing is remembered); one that ends on an arc may
 * end at that node or at any of the arc's copies.
 *
 * Weight of edge a → b under a metric = turn cost + weight of arc(b); so the weight of a path from arc node s to arc
 * node t counts every arc but the first. (Buchhold, Wagner, Zeitz, Zündorf: Customizable Contraction Hierarchies
 * with Turn Costs, ATMOS 2020.) */
#ifndef ROUTING_TURN_GRAPH_H
#define ROUTING_TURN_GRAPH_H

#include "geo/base/error.h"
#include "routing/network/network.h"

typedef uint32_t arc_node;
typedef uint32_t turn_id; /* index of an edge of the turn graph */

/* Element type, name, number of elements. One list for building, freeing, saving and mapping. */
#define TURN_GRAPH_ARRAYS(X)                                                                    \
    X(uint32_t, first_out,    g->node_count + 1)                                                \
    X(arc_node, head,         g->turn_count)    /* sorted within a tail */                      \
    X(uint32_t, cost_ms,      g->turn_count)    /* of the manoeuvre, without the arc */         \
    X(uint8_t,  forbidden_to, g->turn_count)    /* enum turn_subject mask; 0 = lawful for all */\
    X(uint32_t, first_in,     g->node_count + 1)                                                \
    X(arc_node, tail,         g->turn_count)    /* of the i-th incoming turn of a node */       \
    X(turn_id,  in_turn,      g->turn_count)    /* and its index among the outgoing ones */     \
    X(arc_id,   node_arc,     g->node_count)    /* the arc an arc node stands for */            \
    X(uint32_t, first_copy,   g->arc_count + 1) /* arc → its copies, into copy */               \
    X(arc_node, copy,         g->node_count - g->arc_count)

struct turn_graph {
    uint32_t arc_count, node_count, turn_count;
#define X(type, name, count) const type *name;
    TURN_GRAPH_ARRAYS(X)
#undef X
    void *memory;
};

void turn_graph_clear(struct turn_graph *g);

/** As network_place: points the arrays into `memory` (aligned to 64) or only counts the bytes when it is NULL. */
size_t turn_graph_place(struct turn_graph *g, void *memory);

#endif
