/* Builds the topology of a hierarchy: hierarchy_new (declared in hierarchy.h with its contract) lives here. */
#ifndef ROUTING_CONTRACTION_H
#define ROUTING_CONTRACTION_H

#include "routing/hierarchy/hierarchy.h"

/** A node joins the block of the node before it, its child, although it sees `extra` heads that the block does not,
 *  if the arcs that the block must then hold in vain stay few: extra * (nodes in the block) <= CONTRACTION_SLACK.
 *  Larger blocks make longer vectors; measured, see routing/README.md. */
enum { CONTRACTION_SLACK = 1 };

#endif
