/* Whether flat arrays that came from a file are a network and its turn graph: every index within its bounds and every
 * pair of arrays in agreement. After these checks no function of the engine can be led out of an array. */
#ifndef DATA_SNAPSHOT_CHECK_H
#define DATA_SNAPSHOT_CHECK_H

#include "routing/network/network.h"
#include "routing/network/turn_graph.h"

/** NULL if it is one, else what is wrong, in English, for a log. O(size). Pure. */
const char *network_fault(const struct network *n);

/** The same for a turn graph of that (faultless) network. */
const char *turn_graph_fault(const struct turn_graph *g, const struct network *n);

#endif
