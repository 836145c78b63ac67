#include "routing/planner/planner_order.h"

#include "routing/planner/planner_core.h"
#include "routing/planner/planner_rests.h"

#include <string.h>

_Static_assert((int)RESTS_OPENING_MAX == (int)TOUR_OPENING_MAX, "what rests open is what a tour allows for");

/* What the planner drives one order after another with. */
struct ordering {
    struct planner *planner;
    struct journeying *x;
    struct place places[CALLS_MAX + 1]; /* as asked */
    struct arena drives;                /* what a drive takes is given back after it */
    struct answer tally;
    struct place opening[RESTS_OPENING_MAX];
    uint32_t place_count, stop_count, budget;
    bool late;                          /* the best so far went past the loose interval */
    uint64_t best;
};

static enum status drive(void *context, const uint8_t *order, uint64_t *cost, struct error *err)
{
    struct ordering *o = context;
    struct journeying *x = o->x;
    struct arena *before = x->c.arena;
    bool late;
    memcpy(x->places, o->places, sizeof x->places); /* without the rests of the order before */
    x->place_count = o->place_count;
    for (uint32_t i = 0; i < o->stop_count; i++) x->places[i + 1] = o->places[order[i]];
    x->c.arena = &o->drives;
    enum status status = planner_find(o->planner, x, o->budget, &o->tally, &late, err);
    if (status == STATUS_OK) status = planner_rests(o->planner, x, o->budget, o->best, &o->tally, &late, err);
    metric_supply_forget(&o->planner->supply); /* the signature lived in that arena */
    arena_reset(&o->drives);
    x->c.arena = before;
    *cost = o->tally.cause == STATUS_OK ? x->journey.cost : UINT64_MAX;
    if (status == STATUS_OK && *cost < o->best) o->best = *cost, o->late = late;
    return status;
}

static enum status order(struct planner *p, const struct view *view, const struct route_request *request,
                         struct ordering *o, struct tour *out, struct error *err)
{
    struct avoid_area *avoid;
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
    struct tour_tools tools = {.query = p->query, .metrics = &metrics, .drive = drive, .context = o, .opening = o->opening,
                               .drives_max = request->rests ? TOUR_DRIVES_RESTED_MAX : TOUR_DRIVES_MAX};
    uint32_t opening = 0;
    o->budget = planner_budget(request);
    o->stop_count = request->call_count - 2;
    enum status status = planner_avoid(p, request, &avoid, err);
    /* bounds by distance or cost hold as long as the journey keeps within the loose interval: let that be long */
    for (int attempt = request->prefer == PREFER_TIME ? 0 : 1; attempt < 2 && status == STATUS_OK; attempt++) {
        status = planner_constrain(p, view, request, attempt ? planner_exact_ms(p->base) : PLANNER_LOOSE_MS, avoid, &o->x->c, err);
        if (status == STATUS_OK) status = planner_places(p, request, o->x, err);
        if (attempt == 0 && o->x->c.varying && (status == STATUS_SNAP_TOO_FAR || (status == STATUS_OK && o->x->any_refused))) {
            status = STATUS_OK; /* as for a route: days later it may be open */
            continue;
        }
        if (status != STATUS_OK || o->x->any_refused) break; /* the answer will say what is refused */
        memcpy(o->places, o->x->places, sizeof o->places);
        o->place_count = o->x->place_count;
        o->best = UINT64_MAX;
        o->late = false;
        if ((status = planner_rests_opening(p, o->x, o->opening, &opening, err)) != STATUS_OK) break;
        tools.opening_count = opening < RESTS_OPENING_MAX ? opening : RESTS_OPENING_MAX;
        status = tour_find(&o->x->c, &tools, o->places, o->place_count, o->stop_count, out, err);
        if (opening > RESTS_OPENING_MAX) out->exact = false, out->bound = 0; /* there may be a cheaper one past those left out */
        if (status == STATUS_OK && !(o->x->c.varying && (o->late || !out->found))) break;
    }
    return status;
}

struct order_attempts {
    struct planner *planner;
    const struct view *view;
    struct ordering *ordering;
    struct tour *out;
};

static enum status order_attempt(void *context, const struct route_request *request, bool last, uint64_t *cost, struct error *err)
{
    struct order_attempts *a = context;
    (void)last;
    *a->out = (struct tour){.cost = UINT64_MAX, .exact = true};
    for (uint32_t i = 0; i + 2 < request->call_count; i++) a->out->order[i] = (uint8_t)(i + 1);
    enum status status = order(a->planner, a->view, request, a->ordering, a->out, err);
    *cost = status == STATUS_OK && a->out->found ? a->out->cost : UINT64_MAX;
    return status;
}

enum status planner_order(struct planner *p, const struct view *view, struct route_request *request, struct tour *out,
                          uint32_t *settled, struct error *err)
{
    *out = (struct tour){.cost = UINT64_MAX, .exact = true};
    *settled = 0;
    if (request->call_count < 2 || request->call_count > CALLS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_CALLS_COUNT, (unsigned)CALLS_MAX);
    uint32_t stops = request->call_count - 2;
    for (uint32_t i = 0; i < stops; i++) out->order[i] = (uint8_t)(i + 1);
    if (stops < 2) return STATUS_OK;
    planner_begin(p, view, PLANNER_FULL);
    struct ordering *o = arena_zero(&p->scratch, 1, sizeof *o);
    struct call *calls = arena_copy(&p->scratch, request->calls, sizeof request->calls);
    enum status status = STATUS_NO_MEMORY;
    if (o) o->planner = p, o->x = arena_take(&p->scratch, sizeof *o->x);
    if (!o || !calls || !o->x) {
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    } else {
        arena_init(&o->drives, PLANNER_SCRATCH_MAX);
        struct order_attempts attempts = {p, view, o, out};
        struct lasting lasting = {.attempt = order_attempt, .context = &attempts};
        status = lasting_run(&lasting, request, planner_exact_ms(p->base), &p->scratch, err);
        arena_clear(&o->drives);
        *settled = o->tally.settled;
        for (uint32_t i = 0; i < stops && status == STATUS_OK && out->found; i++)
            request->calls[i + 1] = calls[out->order[i]];
    }
    planner_done(p);
    return status;
}
