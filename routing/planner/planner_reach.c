#include "routing/planner/planner_reach.h"

#include "routing/planner/planner_core.h"
#include "routing/search/reach_area.h"

static enum status reach_question(struct planner *p, const struct view *view, const struct route_request *constraints,
                                  const struct call *origin, bool by_distance, struct arena *arena,
                                  struct reach_answer *answer, struct error *err)
{
    struct constraint c;
    struct place place;
    struct breach refused;
    struct avoid_area *avoid;
    uint32_t budget = planner_budget(constraints);
    enum status status = planner_avoid(p, constraints, &avoid, err);
    if (status == STATUS_OK) status = planner_constrain(p, view, constraints, PLANNER_LOOSE_MS, avoid, &c, err);
    if (status == STATUS_OK)
        status = place_snap(&c, p->base->spatial, p->projection, origin, 0, false, &place, &refused, err);
    if (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED)
        error_set(err, status, status == STATUS_ROAD_CLOSED ? MESSAGE_REACH_ORIGIN_CLOSED : MESSAGE_REACH_ORIGIN_IN_ZONE);
    if (status != STATUS_OK) return status;
    answer->origin = (struct waypoint){.requested = origin->point, .snapped = place.snapped,
                                       .distance_mm = place.distance_mm, .road = place.at.road,
                                       .offset_mm = place.at.offset_mm, .moved = place.moved};
    return reach_run(&c, &place, by_distance, budget, arena, answer, err);
}

/* Where credentials end meanwhile, what can be reached is what can be reached with one or another of them (lasting.h). */
static enum status reach_lasting(struct planner *p, const struct view *view, const struct route_request *constraints,
                                 const struct call *origin, bool by_distance, struct arena *arena,
                                 struct reach_answer *answer, struct error *err)
{
    int64_t ends[CREDENTIALS_MAX];
    uint32_t count = lasting_ends(constraints, PLANNER_EXACT_MS, ends), answered = 0;
    if (count == 0) return reach_question(p, view, constraints, origin, by_distance, arena, answer, err);
    struct route_request *question = arena_copy(&p->scratch, constraints, sizeof *constraints);
    if (!question) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct reach_answer one = *answer;
    struct road_position from = {0};
    for (uint32_t k = 0; k <= count; k++) {
        struct error aside = ERROR_INIT;
        lasting_question(question, ends, count, k);
        enum status status = reach_question(p, view, question, origin, by_distance, arena, &one, k ? &aside : err);
        struct road_position at = {one.origin.road, one.origin.offset_mm};
        if (k && (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED || status == STATUS_SNAP_TOO_FAR))
            continue; /* without those credentials one cannot begin there */
        if (status != STATUS_OK) {
            if (k && err) *err = aside;
            return status;
        }
        if (answered && (from.road != at.road || from.offset_mm != at.offset_mm)) continue;
        from = at;
        status = reach_merge(answer, &one, answered++ == 0, arena, err);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static enum status reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct call *origin, bool by_distance, uint32_t width_mm, struct arena *arena,
                         struct reach_answer *answer, struct error *err)
{
    enum status status = reach_lasting(p, view, constraints, origin, by_distance, arena, answer, err);
    struct band_bounds bounds = {.steps = REACH_AREA_STEPS, .cancelled = constraints->cancelled};
    for (uint32_t k = 0; k < answer->contour_count && status == STATUS_OK && width_mm; k++)
        status = reach_area_make(&p->base->network, p->projection, width_mm, &bounds, &answer->contours[k], err);
    return status;
}

enum status planner_reach(struct planner *p, const struct view *view, const struct route_request *constraints,
                          const struct call *origin, bool by_distance, uint32_t width_mm, struct arena *arena,
                          struct reach_answer *answer, struct error *err)
{
    planner_begin(p, view, PLANNER_FULL);
    enum status status = reach(p, view, constraints, origin, by_distance, width_mm, arena, answer, err);
    planner_done(p);
    return status;
}
