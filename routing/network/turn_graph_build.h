/* Makes the turn graph of a network: every lawful turn with its cost, and the copies of arcs that turn restrictions
 * over several roads need. Used by network_build.h. */
#ifndef ROUTING_TURN_GRAPH_BUILD_H
#define ROUTING_TURN_GRAPH_BUILD_H

#include "routing/network/turn_automaton.h"
#include "routing/network/turn_graph.h"

/** Whether `to` may follow `from` before any restriction is asked: they meet, and turning round happens only at dead
 *  ends and turning places. */
bool turn_exists(const struct network *n, arc_id from, arc_id to);

/** Builds `out` from the arcs, nodes, flags and plane shapes of `n`. `degree` [node_count]: road ends at each node.
 *  STATUS_NO_MEMORY, STATUS_TOO_LARGE. O(turns · log restrictions). */
MUST_USE enum status turn_graph_build(const struct network *n, const uint32_t *degree,
                                      const struct turn_automaton *automaton, struct turn_graph *out,
                                      struct error *err);

#endif
