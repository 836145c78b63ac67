/* A whole journey: places in order, the cheapest lawful way through all of them, with lawful joins. A vehicle that
 * arrives at a call on one arc goes on from that arc; where the call is a turning place it may turn round.
 *
 * Both directions at every call are carried along, so the choice is made over the whole journey. */
#ifndef ROUTING_JOURNEY_H
#define ROUTING_JOURNEY_H

#include "routing/search/place.h"
#include "routing/search/search.h"

enum { JOURNEY_TURN_ROUND_MS = 20000, JOURNEY_LEGS_MAX = CALLS_MAX, JOURNEY_LEAVES_MAX = 3 };

/* How the journey gets a metric for the constraint's present leg: from a cache, or made. STATUS_WOULD_BLOCK if it may
 * not be made now. The metric lives until the journey is done. */
struct metric_source {
    enum status (*get)(void *context, const struct constraint *c, const struct metric **out, struct error *err);
    /* May be NULL: the same, or NULL in `*out` and what legs of a loose journey are found by until the metric is there. */
    enum status (*meanwhile)(void *context, const struct constraint *c, const struct metric **out, struct leg_guide *guide,
                             struct error *err);
    void *context;
    bool free; /* of the free reading: it says nothing of what rules cost */
};

struct journey_leg {
    struct leg_seed seed;
    struct leg_goal goal;
    struct leg_way way;
    int64_t begin_ms;   /* of the first move (after turning round, if it did) */
    int64_t arrive_ms;
    uint32_t wait_ms;   /* before beginning, at the call */
};

struct journey {
    uint32_t leg_count;
    struct journey_leg legs[JOURNEY_LEGS_MAX];
    uint64_t cost;      /* UINT64_MAX: there is none */
};

/** How a vehicle that stands at `at` of a place may leave it: on along its arc, or turned round where the call is a turning
 *  place. `seed` says all else. At most JOURNEY_LEAVES_MAX into `out`; returns how many. */
uint32_t journey_leave(const struct constraint *c, const struct place *place, struct leg_goal at, struct leg_seed seed,
                       struct leg_seed *out);

/** Cheapest journey under the loose reading, without times. */
MUST_USE enum status journey_loose(struct constraint *c, struct query *query, const struct metric_source *metrics,
                                   const struct place *places, uint32_t place_count, struct journey *j,
                                   struct error *err);

/** Exact journey by guided search; times and waits chosen. `*late`: it went past the loose interval. */
MUST_USE enum status journey_search(struct constraint *c, struct search *search, const struct metric_source *metrics,
                                    const struct place *places, uint32_t place_count, uint32_t budget,
                                    uint32_t *settled, struct journey *j, bool *late, struct error *err);

/** The journey that breaks as few rules as it can (SEARCH_RELAXED), then costs least. `metric` is that of the free
 *  reading. journey->cost UINT64_MAX: not even that exists. */
MUST_USE enum status journey_relaxed(struct constraint *c, struct search *search, const struct metric_source *metrics,
                                     const struct place *places, uint32_t place_count, uint32_t budget,
                                     uint32_t *settled, struct journey *j, struct error *err);

/** What a replay tells about each hop. `use` is the part of the arc, `begin_ms` the moment the move began (after any
 *  wait). Called in driving order. */
struct journey_visitor {
    void (*hop)(void *context, uint32_t leg, uint32_t hop, const struct arc_use *use, int64_t begin_ms,
                const struct move *move, const struct move_log *log);
    void *context;
};

/** Drives the journey by the clock with the waits in it. Fills begin_ms and arrive_ms of the legs; `*cost` is what it
 *  cost, `*lawful` whether every rule was kept. `visitor` may be NULL (then it stops at the first breach). */
void journey_replay(struct constraint *c, const struct place *places, struct journey *j, enum move_reading reading,
                    const struct journey_visitor *visitor, uint64_t *cost, bool *lawful);

#endif
