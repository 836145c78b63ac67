/* One leg between two places: where it may start and end in the turn graph, and its cheapest way under the loose
 * reading, from a customized metric.
 *
 * First and last arcs are used in part, so the hierarchy never weighs them: its sources are the arcs after the first
 * turn, its targets the arcs before the last one, with what the ends cost as initial weights. */
#ifndef ROUTING_LEG_H
#define ROUTING_LEG_H

#include "routing/constraint/passage.h"
#include "routing/hierarchy/guided.h"

/* A vehicle about to leave: on arc node `node`, `offset_mm` along its arc, at any moment of [lo, hi]. */
struct leg_seed {
    arc_node node;
    uint32_t offset_mm;
    uint32_t extra_ms;    /* turning round on the spot */
    uint32_t from;        /* the caller's index of what came before */
    uint64_t cost;        /* so far, in the units of the preference */
    int64_t lo_ms, hi_ms; /* moments at which it may start */
    int64_t moved_ms;     /* all that took time so far but waiting */
};

/* Where it may stop. */
struct leg_goal {
    arc_node node;
    uint32_t offset_mm;
};

/* A step of a way: the arc node reached. The first hop is the seed's own. */
struct hop {
    arc_node node;
    turn_id turn;          /* by which it was reached; unused in the first */
    uint32_t wait_ms;      /* before the move that reached it */
    int64_t shift_ms;      /* what the move took; guided search only */
    int64_t parent_hi_ms;  /* the latest moment at which it could begin without waiting there; guided search only */
};

struct leg_way {
    uint32_t seed, goal; /* indices */
    uint64_t cost;       /* from the journey's beginning */
    int64_t lo_ms, hi_ms, moved_ms;
    uint32_t hop_count;
    struct hop *hops;    /* in the constraint's arena */
    uint32_t begin_wait_ms; /* set when times are chosen: before the first move, beyond the call's service */
};

/** What `extra_ms` on the spot costs under the preference. */
uint64_t leg_extra_cost(const struct constraint *c, uint32_t extra_ms);

/** The used part of the first arc, of the last, and of one that is both. */
struct arc_use leg_first_use(const struct constraint *c, const struct leg_seed *seed);
struct arc_use leg_last_use(const struct constraint *c, const struct leg_goal *goal);
struct arc_use leg_only_use(const struct constraint *c, const struct leg_seed *seed, const struct leg_goal *goal);

/** Cheapest way by the loose reading from any seed to any goal; way->cost UINT64_MAX when there is none. With `path`
 *  the hops are given. Times are not looked at. STATUS_NO_MEMORY. */
MUST_USE enum status leg_loose(const struct constraint *c, struct query *query, const struct metric *metric,
                               const struct leg_seed *seeds, uint32_t seed_count, const struct leg_goal *goals,
                               uint32_t goal_count, bool path, struct leg_way *way, struct error *err);

/* What finds a way before there is a metric. */
struct leg_guide {
    struct guided *guided;
    const struct metric *guide; /* nowhere dearer than the loose reading */
    const weight *weights;      /* [turn_count] of the loose reading (constraint/loose.h) */
    uint32_t *budget;           /* arcs that may be settled; taken from */
};

/** The way that leg_loose gives with the metric of these weights, with its hops. STATUS_WOULD_BLOCK when that cannot be told
 *  without the metric. STATUS_NO_MEMORY. */
MUST_USE enum status leg_guided(const struct constraint *c, const struct leg_guide *guide, const struct leg_seed *seeds,
                                uint32_t seed_count, const struct leg_goal *goals, uint32_t goal_count, struct leg_way *way,
                                struct error *err);

#endif
