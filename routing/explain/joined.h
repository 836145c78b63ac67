/* Whether roads join the places of a journey at all, whatever the rules and however long the way. A search by cost says none both
 * where there is none and where the cost of a leg is more than a weight holds (2^31: 24.8 days, 2,147 or 21,474 km, 214,748 yuan);
 * this tells the two apart. */
#ifndef ROUTING_JOINED_H
#define ROUTING_JOINED_H

#include "routing/search/journey.h"

/** By breadth-first search over the turn graph, one leg after the other: turn restrictions for this vehicle hold, other rules do
 *  not. STATUS_NO_MEMORY. O(turns · legs), tens of milliseconds on a million arcs; memory of its own. Any thread. */
MUST_USE enum status places_joined(const struct constraint *c, const struct place *places, uint32_t place_count, bool *joined,
                                   struct error *err);

#endif
