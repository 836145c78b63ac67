/* Why there is no lawful plan: the cheapest set of rules whose lifting opens one, reduced until no member can be
 * dropped, the plan that breaks them (never issuable), and one typed cause. */
#ifndef ROUTING_EXPLAIN_H
#define ROUTING_EXPLAIN_H

#include "routing/plan/plan_build.h"
#include "routing/search/journey.h"

struct explain_tools {
    struct search *search;
    struct plan_tools plan;
    const struct metric_source *free_metrics; /* of the free reading */
    uint32_t budget;
};

/** Fills answer->cause, conflicts, relaxed. `refused[i]` (may be NULL) says what forbids a call at place i
 *  (kind and cause; cause STATUS_OK: nothing). `places` are snapped without regard to zones where one is refused.
 *  c's lifted flags are changed. Plans go to `arena`. STATUS_TOO_LARGE: there are roads from place to place, but a leg over them
 *  costs more than a weight holds (joined.h). */
MUST_USE enum status explain_run(struct constraint *c, const struct explain_tools *tools, const struct place *places,
                                 uint32_t place_count, const struct breach *refused, struct arena *arena,
                                 struct answer *answer, uint32_t *settled, struct error *err);

#endif
