/* /ogc/routes: OGC API - Routes (draft), a thin translation onto the planner (api/ogc/ogc_route.h).
 *
 * POST answers at once with the route. A signed-in caller's route is kept as a plan (data/plans/plan_store.h), so it can be
 * fetched, listed and deleted, and its state follows the rules like every plan's; a caller without a key gets the route
 * and no link to it. Classes: core, manage-routes (list, fetch, definition, delete), mode, intermediate-waypoints,
 * height, weight, obstacles, time (of departure). */
#ifndef API_HANDLERS_OGC_ROUTES_H
#define API_HANDLERS_OGC_ROUTES_H

#include "api/process/exchange.h"

void ogc_route_compute(struct exchange *x);
void ogc_routes_list(struct exchange *x);
void ogc_route_read(struct exchange *x);
void ogc_route_definition(struct exchange *x);
void ogc_route_delete(struct exchange *x);

#endif
