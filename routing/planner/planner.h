/* The planner: from a request to verified plans, or to the reason why there is none. */
#ifndef ROUTING_PLANNER_H
#define ROUTING_PLANNER_H

#include "routing/constraint/itinerary.h"
#include "routing/constraint/view.h"
#include "routing/explain/cut.h"
#include "routing/explain/detour.h"
#include "routing/match/match_judge.h"
#include "routing/planner/metric_supply.h"
#include "routing/plan/checker.h"
#include "routing/search/reach.h"
#include "routing/search/tour.h"

struct planner; /* reusable workspace of one thread: query and search state sized to the network */

MUST_USE enum status planner_new(const struct base *base, struct planner **out, struct error *err);
void planner_free(struct planner *p);

/** From now on questions about routes are answered while their metric is made by `maker` (copied), where that can be decided;
 *  the answers are the same. Before the first request. */
void planner_maker_set(struct planner *p, const struct metric_maker *maker);

enum planner_mode {
    PLANNER_QUICK, /* on an event loop: only what answers within about a millisecond; otherwise STATUS_WOULD_BLOCK */
    PLANNER_FULL,  /* on a worker: builds metrics or has them built, searches within the budget, explains */
    PLANNER_BRIEF, /* the same without explaining: where there is no plan, the cause is that of the first call that is
                      refused, or DISCONNECTED, with no conflicts. For thousands of questions that are asked at once */
};

/** Answers `request` under `view`. The answer and all it points to live in `arena`.
 *
 *  STATUS_OK and answer->cause STATUS_OK: at least one plan, each verified by the geometric checker.
 *  STATUS_OK and another cause: no lawful plan; conflicts and relaxed plan say why.
 *  STATUS_WOULD_BLOCK: only in PLANNER_QUICK; ask again on a worker.
 *  Anything else: an error (bad request, unknown credential type, budget, disagreement with the checker).
 *
 *  Deterministic: same request, network version and rules version give the same bytes in the answer. One planner is
 *  used by one thread at a time. */
MUST_USE enum status planner_route(struct planner *p, const struct view *view, const struct route_request *request,
                                   enum planner_mode mode, struct arena *arena, struct answer *answer,
                                   struct error *err);

/** Chooses the order of the request's stops (all calls but origin and destination; a base stays the end) and puts them into
 *  it: asked then, planner_route gives the best plan over all orders, byte for byte the answer to the question with its
 *  stops in that order. `out->order` says which stops of the question they were, from 1; what is proved about it, and
 *  where not, says routing/search/tour.h. Nothing is changed when no order is lawful (found false): planner_route explains that.
 *  Counts the settled arcs of all drives together against the request's budget. On a worker. */
MUST_USE enum status planner_order(struct planner *p, const struct view *view, struct route_request *request,
                                   struct tour *out, uint32_t *settled, struct error *err);

/* Why there is no lawful plan, or why the one there is is longer than the way without rules. */
struct explanation {
    struct answer answer;      /* of the question as a route without alternatives, never with a plan that breaks a rule */
    struct cut cut;            /* where there is no plan */
    struct detour detour;      /* where there is one */
};

/** Explains `request` under `view`; as planner_route, on a worker. `request->alternatives` and `report_violations` are
 *  not looked at. All searches together share the request's budget for each of: the answer, the cut, the detour. */
MUST_USE enum status planner_explain(struct planner *p, const struct view *view, const struct route_request *request,
                                     struct arena *arena, struct explanation *out, struct error *err);

/** How a plan that was kept stands under `view`; see checker_judge. Some 30 µs, more the first time under new rules. */
MUST_USE enum status planner_judge(struct planner *p, const struct view *view, const struct route_request *request,
                                   const struct plan *plan, struct judgement *out, struct error *err);

/** The arcs in an area, ascending, in `arena`: those of a zone drawn there with no accuracy of its own. Microseconds for
 *  each road near its border. */
MUST_USE enum status planner_area_arcs(struct planner *p, const struct multipolygon *area, struct arena *arena,
                                       arc_id **arcs, uint32_t *count, struct error *err);

/** Nearest places this vehicle may use, for /v1/snap and /nearest: at most `max_count`, nearest first. */
MUST_USE enum status planner_snap(struct planner *p, const struct view *view, const struct vehicle *vehicle,
                                  struct point_e7 at, uint32_t max_mm, struct waypoint *out, uint32_t max_count,
                                  uint32_t *count, struct error *err);

/** Where one leg from `origin` can end within each of the answer's contours (contour_count and limits set by the
 *  caller, in ms, or in mm if `by_distance`), under the request's constraints (its own calls are ignored), without
 *  waiting; see routing/search/reach.h. With `width_mm` the areas are made too: the ground within it of the parts. Parts live in
 *  `arena`; reach_answer_clear frees the areas, also after an error. The origin must be usable: otherwise the zone's
 *  status (DESTINATION_IN_CLOSED_ZONE, ROAD_CLOSED) or SNAP_TOO_FAR, with no pointer. SEARCH_BUDGET_EXCEEDED when the
 *  search or the drawing passes its budget, CANCELLED soon after the flag is raised. On a worker. */
MUST_USE enum status planner_reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                                   const struct call *origin, bool by_distance, uint32_t width_mm, struct arena *arena,
                                   struct reach_answer *answer, struct error *err);

/* The roads that were driven, and whether that was lawful. */
struct driven {
    struct match_answer match;
    const struct match_stretch **stretches; /* [matching_count]: of each matching, in driving order; NULL: not judged */
    uint32_t *stretch_count;
};

/** Matches positions to roads and, with `judge`, judges each matching under the request's constraints (its own calls are
 *  ignored; its depart_ms must be the time of the first position, where they have times) and the rules of `view`. Errors
 *  as match_run. On a worker. */
MUST_USE enum status planner_match(struct planner *p, const struct view *view, const struct route_request *constraints,
                                   const struct match_position *positions, uint32_t count,
                                   const struct match_options *options, bool judge, struct arena *arena,
                                   struct driven *out, struct error *err);

#endif
