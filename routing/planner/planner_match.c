#include "routing/planner/planner_match.h"

#include "routing/planner/planner_core.h"

static enum status match(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct match_position *positions, uint32_t count, const struct match_options *options,
                         bool judge, struct arena *arena, struct driven *out, struct error *err)
{
    struct constraint c;
    struct avoid_area *avoid;
    enum status status = match_run(p->base, p->projection, positions, count, options, arena, &out->match, err);
    if (status != STATUS_OK || !judge) return status;
    uint32_t matchings = out->match.matching_count;
    out->stretches = arena_zero(arena, (size_t)matchings + 1, sizeof *out->stretches);
    out->stretch_count = arena_zero(arena, (size_t)matchings + 1, sizeof *out->stretch_count);
    if (!out->stretches || !out->stretch_count) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if ((status = planner_avoid(p, constraints, &avoid, err)) != STATUS_OK) return status;
    if ((status = planner_constrain(p, view, constraints, PLANNER_LOOSE_MS, avoid, &c, err)) != STATUS_OK) return status;
    for (uint32_t i = 0; i < matchings && status == STATUS_OK; i++)
        status = match_judge(&c, positions, &out->match, &out->match.matchings[i], arena, &out->stretches[i],
                             &out->stretch_count[i], err);
    return status;
}

enum status planner_match(struct planner *p, const struct view *view, const struct route_request *constraints,
                          const struct match_position *positions, uint32_t count, const struct match_options *options,
                          bool judge, struct arena *arena, struct driven *out, struct error *err)
{
    *out = (struct driven){0};
    planner_begin(p, view, PLANNER_FULL);
    enum status status = match(p, view, constraints, positions, count, options, judge, arena, out, err);
    planner_done(p);
    return status;
}
