/* Other plans for the same request: what is driven already is made dearer and the search run again (the penalty method:
 * Bader, Dees, Geisberger, Sanders 2011), then smoothed through a point of what is new, every rule judged as for the first. An
 * alternative costs at most half as much again, shares at most 7/10 of its length with any plan before it, and is locally optimal
 * (Abraham, Delling, Goldberg, Werneck 2013): of what it drives that no plan before it drives, a stretch that costs up to a quarter
 * of the first plan's leg cannot be done cheaper. That is tested on windows of twice the length by the loose reading, so a way that
 * only the clock makes reasonable may be passed over; nothing unreasonable is offered. Nor is what costs less than the first plan:
 * that comes to some arc later than the search lets any (SEARCH_DAWDLE_MS), and the first plan must not depend on how many are wanted. */
#ifndef ROUTING_ALTERNATIVES_H
#define ROUTING_ALTERNATIVES_H

#include "routing/plan/plan_build.h"

struct alternatives_tools {
    struct search *search;
    struct query *query;
    struct plan_tools plan;
    const struct metric_source *metrics;
    uint8_t *penalty; /* [arc_count], all zero; is so again afterwards */
    uint32_t budget;
    /* what the first plan had to pass too */
    enum status (*verify)(void *context, const struct plan *plan, struct error *err);
    void *context;
};

/** Adds up to request->alternatives plans behind answer->plans[0]. Running out of the budget ends it without an error. */
MUST_USE enum status alternatives_add(struct constraint *c, const struct alternatives_tools *tools,
                                      const struct place *places, uint32_t place_count, struct arena *arena,
                                      struct answer *answer, struct error *err);

#endif
