/* What changed rules do to plans and places: judged and, where needed, planned again under a view that may be private.
 *
 *   struct rule_names names = {zone_ids, …};                       // what the changes name
 *   impact_arcs(before, after, &names, &arena, &arcs, &arc_count, &err);
 *   plan_index_touched(index, arcs, arc_count, …);                 // only these can be hit
 *   impact_plan(planner, before, after, &request, plan, plan_before, false, &arena, &impact, &err);
 *
 * Pure, like everything in this folder; nothing is kept. */
#ifndef ROUTING_IMPACT_H
#define ROUTING_IMPACT_H

#include "routing/planner/planner.h"

/* Ids of the rules that differ between two views. */
struct rule_names {
    uint32_t zone_count, checkpoint_count, closure_count;
    const char *const *zones, *const *checkpoints, *const *closures;
};

/** The arcs on which the named rules act before or after, each once, ascending: area sets, gates, closed roads. NO_MEMORY. */
MUST_USE enum status impact_arcs(const struct view *before, const struct view *after, const struct rule_names *names,
                                 struct arena *arena, arc_id **arcs, uint32_t *count, struct error *err);

enum impact_kind { IMPACT_UNAFFECTED, IMPACT_DETOUR, IMPACT_BROKEN, IMPACT_KIND_COUNT };
const char *impact_kind_code(enum impact_kind kind);

struct impact {
    enum impact_kind kind;
    bool already;                       /* it was unlawful before as well */
    struct judgement why;               /* under the rules after; OFFENCE_NONE: only slower, or a shorter way is open */
    enum status cause;                  /* of a broken one */
    int64_t duration_ms, distance_mm;   /* of a detour: difference to what the plan says */
    const struct plan *plan;            /* the way there is, in the arena; NULL: as planned, or none */
    uint32_t settled;
};

/** What becomes of one plan. `request` is its question, leaving when `plan` does; `plan` was read for judging under `after`,
 *  `as_before` under `before`. UNAFFECTED: it may go as planned and is
 *  not later for it; with `relaxing` (something is lifted) that is not enough: it is compared with the best there is
 *  after. Errors are of the planner, where they are not a cause; those that say that this question goes beyond the budget
 *  make the plan BROKEN with that cause. */
MUST_USE enum status impact_plan(struct planner *p, const struct view *before, const struct view *after,
                                 struct route_request *request, const struct plan *plan, const struct plan *as_before,
                                 bool relaxing, struct arena *arena, struct impact *out, struct error *err);

/* What becomes of a journey that is made every day, of which no plan is kept. */
struct journey_impact {
    struct impact impact; /* BROKEN and `already`: there was no lawful way before either; then `why` is OFFENCE_NONE */
    bool opened;          /* UNAFFECTED in that sense only: there was no lawful way, and now there is one */
    enum status before;   /* the cause of there being none before; STATUS_OK: there was one */
};

/** Compares the best lawful way before and after, both leaving when the request says. With `relaxing` it is searched anew
 *  although the way of before stays lawful. Errors as of impact_plan. Cost: a search, judging its result, and a second
 *  search where that is needed. */
MUST_USE enum status impact_journey(struct planner *p, const struct view *before, const struct view *after,
                                    struct route_request *request, bool relaxing, struct arena *arena, struct journey_impact *out,
                                    struct error *err);

/** How soon a vehicle comes to each of `places` from the nearest of `seats` or, with `back`, from each of them to the nearest
 *  seat: soonest_ms[i], UINT32_MAX where there is no lawful way. `constraints` holds the vehicle and the departure. */
MUST_USE enum status impact_reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                                  const struct call *seats, uint32_t seat_count, const struct call *places, uint32_t place_count,
                                  bool back, struct arena *arena, uint32_t *soonest_ms, struct error *err);

#endif
