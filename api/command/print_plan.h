/* A plan as text for people: what a planner at the bureau reads on a terminal. */
#ifndef API_PRINT_PLAN_H
#define API_PRINT_PLAN_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"
#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"

/** Appends the plan: totals, then for each leg its times, steps, gates, zones and limits, then warnings. */
void print_plan(struct buffer *out, const struct view *view, const struct route_request *request,
                const struct plan *plan, enum language language);

/** Appends why there is none: the rules in the way and what each would need. */
void print_no_plan(struct buffer *out, const struct view *view, const struct answer *answer, enum language language);

#endif
