/* The metric of a request's loose reading (routing/constraint/constraint.h): its signature, so that requests which mean the same
 * share one, and its weights. */
#ifndef ROUTING_LOOSE_H
#define ROUTING_LOOSE_H

#include "routing/constraint/passage.h"

/** What the weights depend on, as bytes from the constraint's arena. NULL when the arena is full. O(limits + closures + checkpoints). */
MUST_USE const void *loose_signature(const struct constraint *c, size_t *size);

/** Fills weights[turn_count] with the cost of every move between whole arcs. `arc_weight` is scratch of arc_count.
 *  O(turns + turns at gated zones · zones there). */
void loose_weights(const struct constraint *c, weight *arc_weight, weight *weights);

#endif
