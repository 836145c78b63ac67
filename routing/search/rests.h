/* Rests: where a driver who may drive for so long stops for so long (semantics, section 5: four hours, twenty minutes).
 *
 * A rest is a stop at a facility for resting, joined lawfully like a call: the vehicle goes on as it came. What counts as
 * driving is drives and turns; gates and waiting do not count and do not rest anybody. A call of at least the length of a
 * rest is one. No rest where calls are forbidden, and none in a zone that is open only to legs which start or end inside
 * it: to rest there would open it to through traffic. A zone that a call opened to its leg is open up to the first rest
 * only: that is stricter than need be, never laxer.
 *
 * Found by label setting over (calls done, state of a place) with the two costs (cost so far, driven since the last rest);
 * a label is dropped only where another is no worse in both. Ahead is the cost without any rest, which bounds from below
 * (where no rest lies on a road for destination traffic, or on one that lies partly in a zone of caution; there nothing does).
 *
 * Exact means: of all ways to put rests between the calls, with each leg the cheapest between its two states, none is
 * cheaper and keeps the limit. A leg that is dearer but has less driving in it (a long wait at a gate, or distance as the
 * preference) is not looked for; so by distance and cost a way that the clock chooses, dearer and quicker than that of the loose
 * reading, is missed where the driving of the latter is past the limit. Where the clock says something else than the loose reading
 * (rules that change with time, roads for destination traffic), every way to put rests is kept, each is judged by the clock in
 * rising order of its bound, and the cheapest that keeps both rules and limit is taken; more than RESTS_DRIVES_MAX of them are
 * past the budget. */
#ifndef ROUTING_RESTS_H
#define ROUTING_RESTS_H

#include "routing/search/journey.h"

enum { RESTS_AREAS_MAX = 128, RESTS_DRIVES_MAX = 500 };

struct rests_tools {
    struct query *query;
    const struct metric_source *metrics;
    const struct spatial *spatial;
    struct projection *projection;
    /* The exact journey through these places, with its hops in the constraint's arena; cost UINT64_MAX: there is none. */
    enum status (*drive)(void *context, const struct place *places, uint32_t place_count, struct journey *j, struct error *err);
    void *context;
};

/** The longest stretch of driving without a rest. The journey has been replayed or found. */
uint32_t rests_longest_drive(struct constraint *c, const struct place *places, struct journey *j, struct journey_limits limits);

/** Puts rests between the places and finds the journey. `*found` false: it cannot be done, or not with CALLS_MAX + 1 places.
 *  `places` has room for CALLS_MAX + 1, `*place_count` becomes their new number; unchanged if nothing is found. Of more than
 *  RESTS_AREAS_MAX facilities those nearest to the lines between calls are looked at. */
MUST_USE enum status rests_find(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits,
                                struct place *places, uint32_t *place_count, struct journey *j, bool *found,
                                struct error *err);

#endif
