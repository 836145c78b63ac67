/* Choice of order: in which order a vehicle calls at its stops, between an origin and a destination that are fixed.
 *
 * A table of costs between places would be only a lower bound: a vehicle leaves a call on the arc it came by, so what
 * the next leg costs depends on how it arrived. So the table is between *states* of places (each direction, each copy
 * of an arc), and the dynamic programme of Held and Karp (1962) runs over (calls left, state). Under the loose reading
 * that is exact; as soon as rules change with time it is again a lower bound, and so:
 *
 *   1. h(left, state) for every set of calls left: what the rest costs at least, over all orders of the rest;
 *   2. orders are taken in rising order of their bound (A* over beginnings of orders, h ahead);
 *   3. each is driven by the real planner, until the next bound is not below the best that was found.
 *
 * Exact, then, means: no order of these stops has a cheaper plan in this planner, and of equally cheap ones the one with
 * the lower bound, then the lexicographically first. Where nothing depends on time the first order driven is the answer. With
 * rests each order is driven with its own (routing/search/rests.h), which the bound knows nothing of, so more of them are, and each takes much longer: after
 * TOUR_DRIVES_RESTED_MAX the best so far is the answer, whose gap is stated as for more stops.
 *
 * Above TOUR_EXACT_MAX stops: cheapest insertion, then moving and turning stretches of the order until no such change
 * makes it cheaper (loosely, by states), then one drive; and a lower bound for the gap from spanning trees with prices on
 * places (Held, Karp 1970), because whoever visits all places in a row has drawn a spanning tree. */
#ifndef ROUTING_TOUR_H
#define ROUTING_TOUR_H

#include "routing/search/journey.h"

enum { TOUR_EXACT_MAX = 12, TOUR_DRIVES_MAX = 1000, TOUR_DRIVES_RESTED_MAX = 50, TOUR_OPENING_MAX = 64 };

struct tour_tools {
    struct query *query;
    const struct metric_source *metrics; /* of the loose reading */
    /* The cost of the best lawful journey in this order (stops as numbers 1 … stop_count, by their place), UINT64_MAX if
     * there is none. SEARCH_BUDGET_EXCEEDED ends the proof, not the choice. */
    enum status (*drive)(void *context, const uint8_t *order, uint64_t *cost, struct error *err);
    void *context;
    /* Where a journey may stop between any two calls, if that makes it cheaper: bounds allow for it. */
    const struct place *opening;
    uint32_t opening_count; /* at most TOUR_OPENING_MAX */
    uint32_t drives_max;    /* then the proof ends */
};

struct tour {
    bool found;      /* some order is lawful: the one in `order`; otherwise `order` is the given one */
    bool exact;      /* proved: no other is cheaper, or (not found) none is lawful */
    uint64_t cost;   /* in the units of the preference */
    uint64_t bound;  /* no order costs less; equal to cost where exact */
    uint32_t drives; /* orders that the planner drove */
    uint8_t order[CALLS_MAX];
};

/** Orders places[1 … stop_count]; places[0] and those behind the stops (at least one) stay where they are.
 *  SEARCH_BUDGET_EXCEEDED only when no lawful order was found before. Cost: one query per pair of states (some 15 µs
 *  each), then 2^stops · states² steps, then the drives. */
MUST_USE enum status tour_find(struct constraint *c, const struct tour_tools *tools, const struct place *places,
                               uint32_t place_count, uint32_t stop_count, struct tour *out, struct error *err);

#endif
