#include "routing/planner/planner_reach.h"

#include "routing/constraint/conflict.h"
#include "routing/planner/planner_core.h"
#include "routing/search/reach_area.h"

#include <string.h>

/* Nothing can be reached because of this rule: what it is called, and what would open it. */
static enum status refuse(const struct constraint *c, const struct breach *b, struct point_e7 at, struct error *err)
{
    struct conflict conflict = conflict_of(c, b, at);
    bool stands = b->cause == STATUS_DESTINATION_IN_CLOSED_ZONE;
    enum message message = stands ? MESSAGE_REACH_ORIGIN_IN_ZONE : MESSAGE_REACH_ORIGIN_CLOSED;
    struct error en = ERROR_INIT; /* what is needed is said in each language by itself */
    enum status status = error_set(err, stands ? STATUS_ORIGIN_IN_CLOSED_ZONE : b->cause, message, conflict.needed_zh);
    (void)error_set(&en, status, message, conflict.needed_en);
    if (err) memcpy(err->en, en.en, sizeof err->en);
    return status;
}

/* What forbids the first move from the origin, whichever way; false if nothing does. */
static bool shut_in(struct constraint *c, const struct place *origin, struct breach *b)
{
    constraint_leg(c, origin->at, origin->at);
    for (uint32_t i = 0; i < origin->start_count; i++) {
        const struct leg_seed seed = {.node = origin->starts[i].node, .offset_mm = origin->starts[i].offset_mm};
        const struct arc_use use = leg_first_use(c, &seed);
        struct move m;
        struct move_log log;
        (void)passage_move(c, NULL, 0, &use, c->depart_ms, MOVE_EXACT, &m, &log);
        if (log.breach_count == 0) return false;
        *b = log.breaches[0];
    }
    return origin->start_count > 0;
}

/* `*nothing` is set to why, where nothing is reached because no first move is lawful. */
static enum status reach_question(struct planner *p, const struct view *view, const struct route_request *constraints,
                                  const struct call *origin, bool by_distance, struct arena *arena,
                                  struct reach_answer *answer, struct error *nothing, struct error *err)
{
    struct constraint c;
    struct place place;
    struct breach b;
    struct avoid_area *avoid;
    uint32_t budget = planner_budget(constraints), most = 0;
    int64_t never = TIME_OPEN;
    enum status status = planner_avoid(p, constraints, &avoid, err);
    if (status == STATUS_OK) status = planner_constrain(p, view, constraints, PLANNER_LOOSE_MS, avoid, &c, err);
    if (status != STATUS_OK) return status;
    status = place_snap(&c, p->base->spatial, p->projection, origin, 0, false, &place, &b, err);
    if (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED) return refuse(&c, &b, origin->point, err);
    if (status != STATUS_OK) return status;
    /* what binds for some hours is no matter of snapping, but here the vehicle leaves at one moment */
    if (!constraint_call_open(&c, place.at, false, c.depart_ms, c.depart_ms, &never, &b)) return refuse(&c, &b, origin->point, err);
    answer->origin = (struct waypoint){.requested = origin->point, .snapped = place.snapped,
                                       .distance_mm = place.distance_mm, .road = place.at.road,
                                       .offset_mm = place.at.offset_mm, .moved = place.moved};
    status = reach_run(&c, &place, by_distance, budget, arena, answer, err);
    for (uint32_t k = 0; k < answer->contour_count; k++) most += answer->contours[k].part_count;
    if (status == STATUS_OK && most == 0 && shut_in(&c, &place, &b)) (void)refuse(&c, &b, origin->point, nothing);
    return status;
}

/* Where credentials end meanwhile, what can be reached is what can be reached with one or another of them (lasting.h). */
static enum status reach_lasting(struct planner *p, const struct view *view, const struct route_request *constraints,
                                 const struct call *origin, bool by_distance, struct arena *arena,
                                 struct reach_answer *answer, struct error *nothing, struct error *err)
{
    int64_t ends[CREDENTIALS_MAX];
    uint32_t count = lasting_ends(constraints, planner_exact_ms(p->base), ends), answered = 0;
    if (count == 0) return reach_question(p, view, constraints, origin, by_distance, arena, answer, nothing, err);
    struct route_request *question = arena_copy(&p->scratch, constraints, sizeof *constraints);
    if (!question) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct reach_answer one = *answer;
    struct road_position from = {0};
    for (uint32_t k = 0; k <= count; k++) {
        struct error aside = ERROR_INIT;
        lasting_question(question, ends, count, k);
        enum status status = reach_question(p, view, question, origin, by_distance, arena, &one, nothing, k ? &aside : err);
        struct road_position at = {one.origin.road, one.origin.offset_mm};
        if (k && (status == STATUS_ORIGIN_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED || status == STATUS_SNAP_TOO_FAR))
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
    struct error nothing = ERROR_INIT;
    uint32_t parts = 0;
    enum status status = reach_lasting(p, view, constraints, origin, by_distance, arena, answer, &nothing, err);
    for (uint32_t k = 0; k < answer->contour_count; k++) parts += answer->contours[k].part_count;
    if (status == STATUS_OK && parts == 0 && nothing.status != STATUS_OK) {
        if (err) *err = nothing;
        return nothing.status;
    }
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
