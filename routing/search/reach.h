/* Reach: every position that one leg from a place can end at within a time or a length, with exact ends on the arcs that
 * are reached in part.
 *
 * Dijkstra over the turn graph, every move judged by routing/constraint/passage.h at the moment it is made, earliest (or shortest)
 * label first. Where a leg may end decides what it may pass (zones and roads open to destination traffic only), so
 * positions are put into classes by what they open: one search serves the class that opens nothing, and each other
 * class goes on from there through what it opens. */
#ifndef ROUTING_REACH_H
#define ROUTING_REACH_H

#include "routing/search/place.h"

enum { REACH_CONTOURS_MAX = 8 };

/* Distances computed for the areas of one question (geo/band.h), some seconds' worth. The densest demo, a million arcs
 * reached whole, takes half of it at the least width of 20 m. */
#define REACH_AREA_STEPS ((uint64_t)4000000000)

struct reach_part {
    arc_id arc;
    uint32_t from_mm, to_mm; /* along the arc in travel direction; to the millimetre */
};

struct reach_contour {
    uint32_t limit;             /* ms or mm */
    uint32_t part_count;
    struct reach_part *parts;   /* by (arc, from_mm), apart from each other; in the arena */
    struct multipolygon area;   /* filled by planner_reach; owns its memory */
};

struct reach_answer {
    struct waypoint origin;
    uint32_t contour_count;
    struct reach_contour contours[REACH_CONTOURS_MAX];
    bool exact;       /* no rule that was met changes within the contours' reach; otherwise only the earliest arrival at
                         each arc was followed: a later one might get farther */
    uint32_t settled;
};

/** Fills parts, `exact` and `settled`; contour_count and the limits are set by the caller. `by_distance`: limits are mm
 *  driven, otherwise ms since the departure. Without waiting beyond inspections. constraint_leg is called on `c`.
 *  STATUS_SEARCH_BUDGET_EXCEEDED past `budget` settled arc nodes (of all searches), STATUS_CANCELLED,
 *  STATUS_NO_MEMORY. Any thread; the memory of the search is its own, about 50 bytes per arc node. */
MUST_USE enum status reach_run(struct constraint *c, const struct place *origin, bool by_distance, uint32_t budget,
                               struct arena *arena, struct reach_answer *answer, struct error *err);

/** Adds what `more` reaches to `into`, whose parts are then in `arena`; with `first` that is all there is. Exact if both are.
 *  STATUS_NO_MEMORY. */
MUST_USE enum status reach_merge(struct reach_answer *into, const struct reach_answer *more, bool first, struct arena *arena,
                                 struct error *err);

/** Frees the areas. */
void reach_answer_clear(struct reach_answer *answer);

#endif
