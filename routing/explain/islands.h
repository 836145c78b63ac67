/* Islands that changed rules create: roads that may be driven themselves, and that a vehicle could come to and leave before
 * and can no longer. What the rules close is not an island; what lies behind it is. */
#ifndef ROUTING_ISLANDS_H
#define ROUTING_ISLANDS_H

#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"

struct island {
    const road_index *roads; /* that hang together, ascending */
    uint32_t road_count;
    uint64_t length_mm;
    uint32_t vehicles;       /* bit i: for the vehicle of request i */
};

/** Compares two sets of rules for `request_count` (≤ 32) vehicles, each leaving at its request's departure: rules that bind
 *  then count. A road is come to and left from and for the largest strongly connected part of the moves that are open to
 *  that vehicle; who has stopped on it may set out either way, so a stub before a closed road is no island. It is taken to
 *  have what gates ask for; a zone for destinations alone is open to whoever goes there, and closed to who would have to
 *  pass it. Islands in the arena, the longest first. Cost: for each vehicle, the weights of a metric and a search of the
 *  turn graph, twice. NO_MEMORY; those of the constraints. */
MUST_USE enum status islands_find(const struct base *base, const struct rules *before, const struct rules *after,
                                  const struct route_request *const *requests, uint32_t request_count, struct arena *arena,
                                  struct island **out, uint32_t *count, struct error *err);

#endif
