/* The order of the stops, proved through the planner itself. */
#ifndef ROUTING_PLANNER_ORDER_H
#define ROUTING_PLANNER_ORDER_H

#include "routing/planner/planner.h"
#include "routing/search/tour.h"

/** Chooses the order of the request's stops (all calls but origin and destination; a base stays the end) and puts them into
 *  it: asked then, planner_route gives the best plan over all orders, byte for byte the answer to the question with its
 *  stops in that order. `out->order` says which stops of the question they were, from 1; what is proved about it, and
 *  where not, says routing/search/tour.h. Rests that are asked for are part of each order's plan. Nothing is changed when no order is lawful (found false): planner_route explains that.
 *  Counts the settled arcs of all drives together against the request's budget. On a worker. */
MUST_USE enum status planner_order(struct planner *p, const struct view *view, struct route_request *request,
                                   struct tour *out, uint32_t *settled, struct error *err);

#endif
