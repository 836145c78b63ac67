/* The area that a request keeps away from, as the checker asks about it. */
#ifndef ROUTING_AVOIDED_H
#define ROUTING_AVOIDED_H

#include "geo/prepared.h"
#include "geo/projection.h"
#include "routing/constraint/itinerary.h"
#include "routing/network/network.h"

/** Those parts of request->avoid_area, at least one, that a road of the plan comes near, prepared (geo/prepared.h); `*out` NULL
 *  when there are none. A road lies in a part only if their boxes meet, and parts that meet in no more than points (as those
 *  of a request do) are eroded each by itself, so what is left out would change nothing. Errors as multipolygon_project's and
 *  prepared_new's. O(parts · arcs), and GEOS for the parts that are near. */
MUST_USE enum status avoided_prepare(struct geos *geos, struct projection *projection, const struct network *n,
                                     const struct route_request *request, const struct plan *plan, struct prepared **out,
                                     struct error *err);

#endif
