/* Guided exact search: A* over the turn graph with hierarchy potentials (Strasser, Zeitz 2021), every rule judged at
 * the moment when the vehicle would be there.
 *
 * A label is a way to an arc together with the moments [lo, hi] at which the vehicle can be at its end: one moment if
 * it may not wait, otherwise all those that waiting before the departure or at gates can give (as in safe interval
 * path planning: Phillips, Likhachev 2011). Rules that do not hold cut the interval into runs.
 *
 * A later arrival may find a gate open that an earlier one finds closed. So:
 *   - SEARCH_EARLIEST keeps the earliest label of an arc node only, or, where not time decides, those that are earlier than all
 *     cheaper ones; and says in `result.doubt` whether some move that was refused would have been allowed within the next
 *     SEARCH_DAWDLE_MS, or one that was made would have been faster or cheaper, and what a journey with that move costs at least:
 *     what costs less is exact.
 *   - SEARCH_FINE, where not time decides: those that are earlier than all cheaper ones, be it by a millisecond; `doubt.later` as above.
 *   - SEARCH_ALL keeps every label whose driving took not more than SEARCH_DAWDLE_MS longer than that of another at its arc
 *     node which can have waited as little and as long.
 *     Nobody is sent round in circles for longer to pass the time: for that there is max_wait. Arrivals at an arc node
 *     less than SEARCH_GRAIN_MS after one that is kept count as that one: nobody's predicted time is better than that,
 *     and told apart by the millisecond the ways of a town, by which minutes can be lost, would be without number. So a
 *     node has at most DAWDLE / GRAIN + 1 labels (without leave to wait). What is found is lawful to the millisecond all
 *     the same; what the grain can hide is a way that is lawful only by arriving in such a gap.
 * For preferences other than time labels are settled in order of cost. Of equally dear ones those are dropped that another
 * covers; a dearer one where a cheaper one gives every moment that it gives, or (SEARCH_ALL) is earlier by so much as above.
 * With a bound on the cost of the whole journey (`most`, and what lies `behind` each goal) only those are left that can still
 * be part of one within it. */
#ifndef ROUTING_SEARCH_H
#define ROUTING_SEARCH_H

#include "routing/hierarchy/potential.h"
#include "routing/search/leg.h"
#include "routing/search/moments.h"

enum { SEARCH_DAWDLE_MS = 5 * 60 * 1000, SEARCH_GRAIN_MS = 30 * 1000, SEARCH_BUDGET_DEFAULT = 4000000,
       SEARCH_WAYS_MAX = 512 /* for each goal */ };

enum search_mode {
    SEARCH_EARLIEST,
    SEARCH_FINE,
    SEARCH_ALL,
    SEARCH_RELAXED, /* rules may be broken, each time for SEARCH_PRICE: as few as possible, then as cheap as possible */
};

/* The price of beginning to break a rule; going on breaking the same one on the next arc is free. */
#define SEARCH_PRICE ((uint64_t)1 << 40)

struct search; /* workspace of one thread */

MUST_USE enum status search_new(const struct base *base, struct search **out, struct error *err);
void search_free(struct search *s);

/** After so many labels a search round polygons has one from its goals beside it (opposite.h); UINT32_MAX: never. For tests: the
 *  answer is the same. */
void search_face_after(struct search *s, uint32_t labels);

/** Workspace for bounds of moments (moments.h), made on first use and kept until search_settle. STATUS_NO_MEMORY. */
MUST_USE enum status search_moments(struct search *s, struct moments **out, struct error *err);

/** Between requests: gives back what only an unusually long search needed. */
void search_settle(struct search *s);

struct search_stop {
    bool origin, last;        /* the journey begins, ends with this leg */
    struct road_position from, to;
    uint32_t service_ms;      /* at `to` */
};

/* Why a search that does not keep all labels may not have found the best, or anything: what a journey that it did not look at costs, at
 * least; UINT64_MAX: there is no such. Never under penalties. */
struct search_doubt {
    uint64_t later;          /* a move was refused, or was slower or dearer, that a later vehicle may make */
    uint64_t thinned, early; /* SEARCH_EARLIEST, not by time: by the grain a label was dropped for a cheaper one that is later; a move was
                                refused that an earlier vehicle may make. One is no doubt without the other. */
};

#define SEARCH_NO_DOUBT ((struct search_doubt){UINT64_MAX, UINT64_MAX, UINT64_MAX})

/** A journey that is in doubt costs at least so much. */
static inline void search_note(uint64_t *doubt, uint64_t least)
{
    if (least < *doubt) *doubt = least;
}

struct search_result {
    uint32_t way_count;       /* cheapest first; more than one only if all are asked for */
    struct leg_way *ways;
    struct search_doubt doubt;
    bool late;                /* passed the end of the loose interval: the potentials prove nothing */
    bool cut;                 /* something was left out because it would have cost more than `most` */
};

/** From a seed at no cost, with what lies behind each goal: the least that any lawful way to a goal and on from there can
 *  cost by the loose reading of `c` (constraint_leg done) or a freer one, whose metric it is. First search_aim, once for the
 *  leg; `behind[k]` is what follows goal k, UINT64_MAX if nothing can, NULL: nothing does. search_bound: UINT64_MAX if
 *  there is no way. Both are good until the next search_run or search_aim. O(turns of the seed's arc). */
void search_aim(struct search *s, const struct constraint *c, const struct metric *metric, const struct leg_goal *goals,
                uint32_t goal_count, const uint64_t *behind);
uint64_t search_bound(struct search *s, const struct leg_seed *seed);

/** Ways from the seeds to the goals under constraint `c` (constraint_leg done). `metric` belongs to c's loose reading
 *  or to a freer one. `all`: every way that is not dominated, otherwise the cheapest only. With `behind`, as in search_aim,
 *  nothing leads on from some goals and from others at a cost; ways that with it cost more than `most` are left out (unless by
 *  time or relaxed), and `result->cut` says whether there may be any. Ways as dear as c->dearest are not looked for. `*settled`
 *  is added to and bounded by `budget`: STATUS_SEARCH_BUDGET_EXCEEDED. STATUS_CANCELLED when the request's flag is raised. */
MUST_USE enum status search_run(struct search *s, const struct constraint *c, const struct metric *metric,
                                const struct search_stop *stop, const struct leg_seed *seeds, uint32_t seed_count,
                                const struct leg_goal *goals, uint32_t goal_count, enum search_mode mode, bool all,
                                const uint64_t *behind, uint64_t most, uint32_t budget, uint32_t *settled,
                                struct search_result *result, struct error *err);

/** What a way from the seeds to a goal and on from there (`behind`, as in search_aim; some goal leads on) costs at least at any
 *  moment: by the rules `always` (closed_in_rules) that always hold. UINT64_MAX: there is none, ever. `metric` is of the free
 *  reading. Not by time. Otherwise as search_run; one label for each arc node. */
MUST_USE enum status search_least(struct search *s, const struct constraint *always, const struct metric *metric,
                                  const struct search_stop *stop, const struct leg_seed *seeds, uint32_t seed_count,
                                  const struct leg_goal *goals, uint32_t goal_count, const uint64_t *behind, uint32_t budget,
                                  uint32_t *settled, uint64_t *least, struct error *err);

#endif
