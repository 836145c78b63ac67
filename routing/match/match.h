/* Map matching: from positions that were reported on the way to the roads that were driven.
 *
 * A hidden Markov model (Newson, Krumm 2009): each position may have been on any road near it, the less likely the
 * farther (a normal distribution of its accuracy); from one to the next the vehicle drove about as far by road as the
 * positions are apart (an exponential distribution of the difference). Viterbi's algorithm finds the likeliest sequence.
 * Negative logarithms are added up as whole millimetres: a difference of one counts MATCH_BETA_MM / difference, so ties
 * and orders are the same on every machine.
 *
 *   positions   ·p0        ·p1            ·p2 outlier   ·p3
 *   candidates  a b        b c d                         d
 *   cost        d²β/2σ²    + |road − straight|           …
 *
 * Every road counts, also those that were forbidden: whether it was lawful to drive there is another question
 * (routing/match/match_judge.h). Only the direction of one-way roads is a fact. A turn that is forbidden, and turning round,
 * count as a longer way, so that they are found where they happened and not where noise suggests them. */
#ifndef ROUTING_MATCH_H
#define ROUTING_MATCH_H

#include "geo/base/arena.h"
#include "geo/projection.h"
#include "routing/constraint/constraint.h"
#include "routing/network/spatial.h"

enum {
    MATCH_POSITIONS_MAX = 5000,
    MATCH_BETA_MM = 10000,
    MATCH_ROADS_MAX = 12,         /* near a position */
    MATCH_PLACES_MAX = 4,         /* on one road, which may wind or cross itself */
    MATCH_RADIUS_MIN_MM = 50000,  /* how near: this, or three times the accuracy */
    MATCH_OUTLIERS_MAX = 3,       /* positions in a row that may be left out before the trace is cut in two */
    MATCH_SPEED_MAX_M_S = 50,
    MATCH_ROUND_MM = 200000,      /* turning round where that is not foreseen */
    MATCH_FORBIDDEN_MM = 50000,   /* a turn that is not lawful */
};
#define MATCH_NO_TIME INT64_MIN

struct match_position {
    struct point_e7 point;
    int64_t at_ms;     /* ascending; MATCH_NO_TIME in all or none */
    uint32_t sigma_mm; /* its accuracy: one standard deviation */
};

struct match_options {
    int64_t gap_ms;    /* a longer pause cuts the trace; INT64_MAX: none does */
    bool tidy;         /* leave out positions within two standard deviations of the one before */
    uint32_t budget;   /* arcs that all searches together may settle */
    const bool *cancelled;
};

/* What became of a position. */
struct match_point {
    bool matched;
    uint32_t matching, index;  /* the how-manieth of which matching */
    arc_id arc;
    uint32_t offset_mm;        /* in travel direction */
    uint32_t distance_mm;
    uint32_t alternatives;     /* other places it might have been at */
    struct point_e7 snapped;
};

/* A part of an arc between two matched positions. */
struct match_piece {
    arc_id arc;
    uint32_t from_mm, to_mm;
    uint32_t leg;              /* from point `leg` of the matching to the next */
};

/** Whether a piece goes on along the arc of the one before it: a leg begins where the one before ended. */
static inline bool match_goes_on(const struct match_piece *before, const struct match_piece *p)
{
    return before->leg != p->leg && before->arc == p->arc;
}

struct matching {
    uint32_t point_count;      /* at least 2 */
    const uint32_t *positions; /* their indices, ascending */
    uint32_t piece_count;
    const struct match_piece *pieces; /* in driving order */
    uint64_t distance_mm, cost;
    uint32_t confidence_permille; /* beta / (beta + mean cost of a position) */
};

struct match_answer {
    uint32_t point_count;
    struct match_point *points; /* one for each position */
    uint32_t matching_count;
    struct matching *matchings;
    uint32_t settled;
};

/** Matches. Everything goes to `arena`. No matching at all: matching_count 0. STATUS_OUT_OF_RANGE (index in the pointer
 *  "/positions/%u/location"): outside the network's plane. STATUS_SEARCH_BUDGET_EXCEEDED, STATUS_CANCELLED, NO_MEMORY.
 *  O(positions · candidates · arcs within reach). Any thread; `projection` is the caller's. */
MUST_USE enum status match_run(const struct base *base, struct projection *projection, const struct match_position *positions,
                               uint32_t count, const struct match_options *options, struct arena *arena,
                               struct match_answer *answer, struct error *err);

#endif
