/* Rests for who must rest, between the questions of this folder. */
#ifndef ROUTING_PLANNER_RESTS_H
#define ROUTING_PLANNER_RESTS_H

#include "routing/planner/planner_core.h"
#include "routing/search/rests.h"

/** Puts rests into x's journey where the driver needs them (routing/search/rests.h) and is asked to take them; x->places and
 *  x->place_count then have them too. answer->cause STATUS_NO_REST_AREA and x unchanged: that cannot be done, or not for less than
 *  `most`. `*late` is set if there are rests. */
MUST_USE enum status planner_rests(struct planner *p, struct journeying *x, uint32_t budget, uint64_t most, struct answer *answer,
                                   bool *late, struct error *err);

/** rests_opening for x; none where nobody rests. */
MUST_USE enum status planner_rests_opening(struct planner *p, struct journeying *x, struct place *out, uint32_t *count, struct error *err);

#endif
