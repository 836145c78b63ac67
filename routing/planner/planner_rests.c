#include "routing/planner/planner_rests.h"

/* Rests are driven one way after another: what a search takes is given back after it. */
struct resting_drive {
    struct planner *planner;
    struct journeying *x;
    struct arena drives;
    uint32_t budget, *settled;
};

static enum status drive_with_rests(void *context, const struct place *places, uint32_t place_count, struct journey *j,
                                    struct error *err)
{
    struct resting_drive *d = context;
    struct constraint *c = &d->x->c;
    struct metric_source metrics = {.get = metric_supply_get, .context = &d->planner->supply};
    struct arena *before = c->arena;
    bool late;
    c->arena = &d->drives;
    enum status status = journey_search(c, d->planner->search, &metrics, places, place_count, d->budget, d->settled, j, &late, err);
    for (uint32_t k = 0; status == STATUS_OK && j->cost != UINT64_MAX && k < j->leg_count; k++) {
        struct leg_way *way = &j->legs[k].way;
        way->hops = arena_copy(before, way->hops, way->hop_count * sizeof *way->hops);
        if (!way->hops) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    metric_supply_forget(&d->planner->supply); /* the signature lived in that arena */
    c->arena = before;
    arena_reset(&d->drives);
    return status;
}

static struct rests_tools tools_of(struct planner *p, const struct metric_source *metrics, struct resting_drive *drives)
{
    return (struct rests_tools){p->query, metrics, p->base->spatial, p->projection, drive_with_rests, drives};
}

enum status planner_rests(struct planner *p, struct journeying *x, uint32_t budget, uint64_t most, struct answer *answer, bool *late,
                          struct error *err)
{
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
    struct journey_limits limits = journey_limits_of(x->c.request, x->c.input);
    struct resting_drive drives = {.planner = p, .x = x, .budget = budget, .settled = &answer->settled};
    struct rests_tools tools = tools_of(p, &metrics, &drives);
    bool found;
    answer->cause = STATUS_OK;
    if (!x->c.request->rests || x->journey.cost == UINT64_MAX ||
        rests_longest_drive(&x->c, x->places, &x->journey, limits) <= limits.max_drive_ms)
        return STATUS_OK;
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    answer->cause = STATUS_NO_REST_AREA;
    arena_init(&drives.drives, PLANNER_SCRATCH_MAX);
    enum status status = rests_find(&x->c, &tools, limits, most, x->places, &x->place_count, &x->journey, &found, err);
    arena_clear(&drives.drives);
    if (status == STATUS_OK && found) {
        answer->cause = STATUS_OK;
        *late = x->journey.legs[x->journey.leg_count - 1].arrive_ms > x->c.loose_until_ms;
    }
    return status;
}

enum status planner_rests_opening(struct planner *p, struct journeying *x, struct place *out, uint32_t *count, struct error *err)
{
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
    struct rests_tools tools = tools_of(p, &metrics, NULL);
    *count = 0;
    if (!x->c.request->rests) return STATUS_OK;
    return rests_opening(&x->c, &tools, journey_limits_of(x->c.request, x->c.input), out, count, err);
}
