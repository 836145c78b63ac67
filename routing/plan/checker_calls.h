/* Does a plan serve what was asked? The calls in their order, each where the roads come nearest to it by its own side, no earlier
 * and with no more waiting than the question allows. What happens between them is checker.h's. */
#ifndef ROUTING_CHECKER_CALLS_H
#define ROUTING_CHECKER_CALLS_H

#include "geo/projection.h"
#include "routing/constraint/itinerary.h"
#include "routing/constraint/offence.h"

struct calls_offence {
    enum offence_kind kind; /* OFFENCE_NONE: it does */
    uint32_t leg;
    int64_t at_ms;
    struct point_e7 point;
};

/** Of a plan whose legs join its waypoints one by one and have arcs of the network `n`. Takes whatever a plan may say. O(waypoints). */
MUST_USE enum status checker_calls(struct projection *projection, const struct network *n, const struct rules_input *input,
                                   const struct route_request *request, const struct plan *plan, struct calls_offence *out,
                                   struct error *err);

#endif
