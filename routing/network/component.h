/* Which arcs hang together: islands for snapping to avoid, and the ramps that join motorways. Used while a network is
 * built. */
#ifndef ROUTING_COMPONENT_H
#define ROUTING_COMPONENT_H

#include "routing/network/turn_graph.h"

/** Strongly connected components of the turn graph as a lorry may drive it: arcs that lorries may not use are
 *  islands of their own. component[arc] = 0 for the largest (most arc nodes; ties: lowest arc), then 1, 2, … in that
 *  order; an arc with copies belongs to the largest component that any of them is in. `count` may be NULL.
 *  STATUS_NO_MEMORY. O(turns). Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972. */
MUST_USE enum status component_mark(const struct network *n, const struct turn_graph *turns, uint32_t *component,
                                    uint32_t *count, struct error *err);

#define NO_TURN ((turn_id)UINT32_MAX)

/** Whether a move of the turn graph may be made: the turn `turn`, or with NO_TURN the node `node` itself. */
typedef bool component_may(const void *context, arc_node node, turn_id turn);

/** The same for whatever may be driven. */
MUST_USE enum status component_mark_where(const struct network *n, const struct turn_graph *turns, component_may *may, const void *context,
                                          uint32_t *component, uint32_t *count, struct error *err);

/** Sets ROAD_THROUGH_RAMP in road_flags[road] for motorway links on a way from a motorway to a motorway over motorway
 *  links alone. Such a way passes no toll booth, no entry or exit ramp of a toll station and no junction with another
 *  kind of road (across which one may leave the motorway and come back), and makes no sharp turn (over 135°), which
 *  would be turning back at the foot of a ramp. STATUS_NO_MEMORY. O(turns). */
MUST_USE enum status component_through_ramps(const struct network *n, const struct turn_graph *turns,
                                             uint16_t *road_flags, struct error *err);

#endif
