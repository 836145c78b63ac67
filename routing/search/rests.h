/* Rests: where a driver who may drive for so long stops for so long (semantics, section 5: four hours, twenty minutes).
 *
 * A rest is a stop at a facility for resting, joined lawfully like a call: the vehicle goes on as it came. What counts as
 * driving is drives and turns; gates and waiting do not count and do not rest anybody. A call of at least the length of a
 * rest is one. No rest where calls are forbidden, and none in a zone that is open only to legs which start or end inside
 * it: to rest there would open it to through traffic. A zone that a call opened to its leg is open up to the first rest
 * only: that is stricter than need be, never laxer. At a facility that is declared a turning place the vehicle may turn round.
 *
 * Found by label setting over (calls done, state of a place) with the two costs (cost so far, driven since the last rest); a
 * label is dropped only where another is no worse in both. Ahead is what the rest of the journey costs at least: without rests, but by such places of rest as open a way (a turning place, a
 * road for destination traffic, one that lies partly in a zone of caution).
 *
 * Between two states two ways are looked at, the cheapest and the one with the least driving (PREFER_DRIVING: drives and turns, no
 * inspections). So, exact means, where the clock says what the loose reading says: of all ways to put rests between the calls, each
 * leg being one of these two, none that keeps the limit is cheaper; and `no_rest_area` means that no ways at all keep it. What is
 * missed is a leg between both, neither the cheapest nor the quickest.
 *
 * Where the clock says something else than the loose reading (rules that change with time, roads for destination traffic), every way
 * to put rests is kept, with the least cost and the least driving that the loose reading gives each leg as its bounds; each is driven
 * by the clock in rising order of its bound: the cheapest journey through these places, and where that drives too long, the one with
 * the least driving in all. The cheapest of these that keep rules and limit is taken (or one of ways that the loose reading chose, if
 * it is lawful and cheaper); missed is a journey between the two through the same places, and one with more driving in all but less
 * in the longest stretch. More than RESTS_DRIVES_MAX ways to put rests are past the budget. */
#ifndef ROUTING_RESTS_H
#define ROUTING_RESTS_H

#include "routing/search/journey.h"

enum { RESTS_AREAS_MAX = 128, RESTS_DRIVES_MAX = 500, RESTS_OPENING_MAX = 64 };

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

/** Puts rests between the places and finds the journey, if one costs less than `most`. `*found` false: it cannot be done, or not with
 *  CALLS_MAX + 1 places. `places` has room for CALLS_MAX + 1, `*place_count` becomes their new number; unchanged if nothing is found. Of more than
 *  RESTS_AREAS_MAX facilities those nearest to the lines between calls are looked at. */
MUST_USE enum status rests_find(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits,
                                uint64_t most, struct place *places, uint32_t *place_count, struct journey *j, bool *found,
                                struct error *err);

/** The places of rest past which a journey may cost less than one that does not stop there (a turning place, a road for destination
 *  traffic, one that lies partly in a zone of caution), snapped, into `out`, which has room for RESTS_OPENING_MAX. `*count` more
 *  than that: there are more. O(facilities). */
MUST_USE enum status rests_opening(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits, struct place *out,
                                   uint32_t *count, struct error *err);

#endif
