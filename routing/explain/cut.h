/* The cut of a journey that has no lawful way: the places where the vehicle is held up.
 *
 *   reached   R: arc nodes that the vehicle can come to the end of by lawful moves
 *   beyond    B: arc nodes outside R from which the end can be come to without passing R again, were every rule set aside
 *             (turn restrictions are part of the network)
 *   cut       the moves from R into B, each forbidden by at least one rule
 *
 *        R ───► ║ ──► B ──► B ──► end       Every way to the end, lawful or not, leaves R for the last time by a move of
 *        R ───► ║ ──► B ────────► end       the cut. So opening anything but the cut does not help, and a closed road
 *        R ───► │ ──► back into R           that only leads back into R is not in it.
 *
 * The end is that of the first leg which cannot be done. A vehicle goes on from a call as it arrived there: each leg is a
 * layer of its own, and where the next leg could only be begun from a direction in which nobody can arrive, the cut lies
 * in the leg before.
 *
 * Moves are told as the arcs they lead onto. Judged at the earliest moment that the vehicle can be there, without
 * waiting: `exact` says that at no other moment within reach the answer would be different. */
#ifndef ROUTING_CUT_H
#define ROUTING_CUT_H

#include "routing/search/place.h"

enum { CUT_ARCS_MAX = 1000, CUT_BREACHES_MAX = 16 };

struct cut_arc {
    uint32_t leg;                 /* of the journey, as all that follows */
    arc_id arc;
    uint32_t from_mm, to_mm;      /* the part that would be driven */
    int64_t at_ms;                /* the earliest moment at which the vehicle could be before it */
    uint32_t breach_count;        /* at least 1 */
    const struct breach *breaches;
    const struct conflict *conflicts; /* the same, as a caller reads them */
};

struct cut {
    uint32_t leg;       /* the first leg whose end cannot be come to; UINT32_MAX: each end can, something else forbids it */
    uint32_t arc_count; /* given: those that are met first */
    uint32_t total;     /* there are */
    struct cut_arc *arcs;
    uint32_t reached;   /* arc nodes in R of that leg */
    bool exact;
};

/** Fills `cut` for the journey through `places`. Breaches and conflicts live in `arena`. constraint_leg is
 *  called on `c`. STATUS_SEARCH_BUDGET_EXCEEDED past `budget` settled arc nodes (added to `*settled`), STATUS_CANCELLED,
 *  STATUS_NO_MEMORY. O(turns log arcs) and 9 bytes per arc node, for each leg up to the first that
 *  cannot be done. */
MUST_USE enum status cut_find(struct constraint *c, const struct place *places, uint32_t place_count, uint32_t budget,
                              struct arena *arena, struct cut *cut, uint32_t *settled, struct error *err);

#endif
