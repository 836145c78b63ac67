/* Which facilities of a kind are worth a look for a journey: those nearest to the lines between its places. */
#ifndef ROUTING_FACILITIES_H
#define ROUTING_FACILITIES_H

#include "geo/base/arena.h"
#include "routing/rules/rules.h"

/** Indices of facilities with one of `uses`, by the detour that each makes of the lines between the points (at least two,
 *  measured along the axes), then by index; at most `max`. In `arena`; NULL when it is full. */
MUST_USE uint32_t *facilities_near(const struct rules_input *input, uint32_t uses, const struct point_e7 *points,
                                   uint32_t point_count, uint32_t max, struct arena *arena, uint32_t *count);

#endif
