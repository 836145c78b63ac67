/* The unrestricted metric of a preference: every turn lawful, every road at its free speed, no zone, no gate, no toll. No
 * metric of any request with this preference is cheaper anywhere, so it can guide all of them (routing/hierarchy/guided.h).
 * It depends on the roads only and outlives every version of the rules. */
#ifndef ROUTING_GUIDE_H
#define ROUTING_GUIDE_H

#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"

/** Customizes it; stripped (metric_strip): 8 bytes for each arc of the hierarchy. STATUS_NO_MEMORY. As long as one
 *  customization. */
MUST_USE enum status guide_new(const struct base *base, enum preference prefer, struct metric **out, struct error *err);

#endif
