#include "routing/planner/planner.h"

#include "routing/constraint/conflict.h"
#include "routing/constraint/lasting.h"
#include "routing/constraint/loose.h"
#include "routing/constraint/metric_derive.h"
#include "routing/constraint/zone_set.h"
#include "routing/explain/explain.h"
#include "routing/plan/alternatives.h"
#include "routing/plan/checker.h"
#include "routing/search/reach_area.h"
#include "routing/search/rests.h"
#include "routing/search/search.h"
#include "routing/search/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_MAX = 1 << 30, METRICS_MAX = 512, ATTEMPTS_MAX = 2 * (CREDENTIALS_MAX + 2) /* two for each of lasting.h */ };

static const int64_t LOOSE_MS = 24ll * 3600 * 1000, EXACT_MS = 4ll * 24 * 3600 * 1000;

struct planner {
    const struct base *base;
    struct query *query;
    struct search *search;
    struct projection *projection;
    struct geos *geos;
    struct checker *checker;
    struct pieces lorry, light;
    struct arena scratch;
    struct avoid_area avoid;
    weight *arc_weight, *weights; /* made on first use */
    uint8_t *penalty;             /* likewise */
    /* of the request at hand */
    const struct view *view;
    enum planner_mode mode;
    struct shared_metric *metrics[METRICS_MAX];
    uint32_t metric_count;
    struct zone_binding *bindings[ATTEMPTS_MAX]; /* that its constraints hold */
    uint32_t binding_count;
    const void *signature; /* of the last metric */
    size_t signature_size;
};

enum status planner_new(const struct base *base, struct planner **out, struct error *err)
{
    struct planner *p = calloc(1, sizeof *p);
    if (!p) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    p->base = base;
    arena_init(&p->scratch, SCRATCH_MAX);
    enum status status = query_new(base->hierarchy, &p->query, err);
    if (status == STATUS_OK) status = search_new(base, &p->search, err);
    if (status == STATUS_OK) status = projection_open(base->network.projection, &p->projection, err);
    if (status == STATUS_OK) status = geos_open(&p->geos, err);
    if (status == STATUS_OK) status = checker_new(base, &p->checker, err);
    if (status == STATUS_OK) status = pieces_init(&p->lorry, &base->network, true, err);
    if (status == STATUS_OK) status = pieces_init(&p->light, &base->network, false, err);
    if (status != STATUS_OK) {
        planner_free(p);
        return status;
    }
    *out = p;
    return STATUS_OK;
}

static void request_done(struct planner *p)
{
    for (uint32_t i = 0; i < p->metric_count; i++) shared_metric_release(p->metrics[i]);
    p->metric_count = 0;
    for (uint32_t i = 0; i < p->binding_count; i++) zone_binding_release(p->bindings[i]);
    p->binding_count = 0;
    p->signature = NULL;
    area_free(p->avoid.area);
    p->avoid.area = NULL;
    arena_reset(&p->scratch);
    if (p->search) search_settle(p->search);
}

void planner_free(struct planner *p)
{
    if (!p) return;
    request_done(p);
    query_free(p->query);
    search_free(p->search);
    checker_free(p->checker);
    geos_close(p->geos);
    projection_close(p->projection);
    pieces_clear(&p->lorry);
    pieces_clear(&p->light);
    arena_clear(&p->scratch);
    area_stretches_clear(&p->avoid.stretches);
    free(p->avoid.stamp);
    free(p->arc_weight);
    free(p->weights);
    free(p->penalty);
    free(p);
}

/* ---- metrics ---------------------------------------------------------------------------------------------------------- */

static enum status metric_make(struct planner *p, const struct constraint *c, const void *signature, size_t size,
                               struct shared_metric **out, struct error *err)
{
    const struct turn_graph *g = &p->base->turns;
    if (!p->arc_weight) p->arc_weight = malloc(((size_t)g->arc_count + 1) * sizeof *p->arc_weight);
    if (!p->weights) p->weights = malloc(((size_t)g->turn_count + 1) * sizeof *p->weights);
    if (!p->arc_weight || !p->weights) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    loose_weights(c, p->arc_weight, p->weights);
    return metric_derive(p->view->metrics, p->base->hierarchy, p->weights, signature, size, out, err);
}

static enum status metric_get(void *context, const struct constraint *c, const struct metric **out, struct error *err)
{
    struct planner *p = context;
    size_t size;
    const void *signature = loose_signature(c, &size);
    if (!signature) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (p->signature && p->signature_size == size && memcmp(p->signature, signature, size) == 0) {
        *out = p->metrics[p->metric_count - 1]->metric;
        return STATUS_OK;
    }
    if (p->metric_count == METRICS_MAX) {
        for (uint32_t i = 0; i < p->metric_count; i++) shared_metric_release(p->metrics[i]);
        p->metric_count = 0;
    }
    struct shared_metric *shared = metric_cache_find(p->view->metrics, signature, size);
    if (!shared) {
        if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
        enum status status = metric_make(p, c, signature, size, &shared, err);
        if (status != STATUS_OK) return status;
    }
    p->metrics[p->metric_count++] = shared;
    p->signature = signature;
    p->signature_size = size;
    *out = shared->metric;
    return STATUS_OK;
}

static enum status metric_get_free(void *context, const struct constraint *c, const struct metric **out,
                                   struct error *err)
{
    struct planner *p = context;
    struct constraint free_reading;
    enum status status = constraint_free_reading(c, &free_reading, err);
    if (status != STATUS_OK) return status;
    return metric_get(p, &free_reading, out, err);
}

/* ---- setting up a request ------------------------------------------------------------------------------------------------ */

static enum status avoid_init(struct planner *p, const struct route_request *request, struct avoid_area **out,
                              struct error *err)
{
    struct multipolygon_mm shape = {0};
    *out = NULL;
    if (request->avoid_area.part_count == 0) return STATUS_OK;
    if (!p->avoid.stamp) p->avoid.stamp = calloc((size_t)p->base->network.road_count + 1, sizeof *p->avoid.stamp);
    if (!p->avoid.stamp) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (++p->avoid.generation == 0x7FFFFFFF) {
        memset(p->avoid.stamp, 0, ((size_t)p->base->network.road_count + 1) * sizeof *p->avoid.stamp);
        p->avoid.generation = 1;
    }
    enum status status = multipolygon_project(&request->avoid_area, p->projection, &shape, err);
    if (status == STATUS_OK) status = area_new(&shape, &p->avoid.area, err);
    multipolygon_mm_clear(&shape);
    if (status == STATUS_OK) *out = &p->avoid;
    return status;
}

static uint64_t services_ms(const struct route_request *request)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < request->call_count; i++) sum += request->calls[i].service_ms;
    return sum;
}

static enum status constraint_make(struct planner *p, const struct view *view, const struct route_request *request,
                                   int64_t loose_ms, struct avoid_area *avoid, struct constraint *c, struct error *err)
{
    int64_t extra = (int64_t)services_ms(request) + request->max_wait_ms;
    const struct pieces *pieces = vehicle_is_lorry(&request->vehicle) ? &p->lorry : &p->light;
    assert(p->binding_count < ATTEMPTS_MAX);
    enum status status = constraint_init(c, view->base, view->rules, request, pieces, request->depart_ms + loose_ms + extra,
                                         request->depart_ms + EXACT_MS + extra, avoid, &p->scratch, err);
    if (status == STATUS_OK) p->bindings[p->binding_count++] = c->binding; /* the constraint has no end of its own */
    return status;
}

static void call_pointer(struct error *err, const struct route_request *request, uint32_t i)
{
    if (i == 0)
        error_pointer(err, "/origin/location");
    else if (i == request->call_count)
        error_pointer(err, "/base/location");
    else if (i + 1 == request->call_count)
        error_pointer(err, "/destination/location");
    else
        error_pointer(err, "/stops/%u/location", i - 1);
}

struct journeying {
    struct constraint c;
    struct place places[CALLS_MAX + 1];
    uint32_t place_count;
    struct breach refused[CALLS_MAX + 1];
    bool any_refused;
    struct journey journey;
};

static enum status places_snap(struct planner *p, const struct route_request *request, struct journeying *x,
                               struct error *err)
{
    x->place_count = request->call_count + (request->loop ? 1 : 0);
    x->any_refused = false;
    for (uint32_t i = 0; i < x->place_count; i++) {
        const struct call *call = i < request->call_count ? &request->calls[i]
                                  : request->has_base     ? &request->base
                                                          : &request->calls[0];
        x->refused[i] = (struct breach){.cause = STATUS_OK, .zone = UINT32_MAX, .checkpoint = UINT32_MAX,
                                        .closure = UINT32_MAX, .road = NO_ROAD};
        enum status status = place_snap(&x->c, p->base->spatial, p->projection, call, i, false, &x->places[i],
                                        &x->refused[i], err);
        if (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED) {
            x->any_refused = true;
            struct breach none;
            status = place_snap(&x->c, p->base->spatial, p->projection, call, i, true, &x->places[i], &none, err);
        }
        if (status != STATUS_OK) {
            call_pointer(err, request, i);
            return status;
        }
    }
    return STATUS_OK;
}

/* ---- a route -------------------------------------------------------------------------------------------------------------- */

static enum status explain(struct planner *p, struct journeying *x, uint32_t budget, struct arena *arena,
                           struct answer *answer, struct error *err)
{
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    if (p->mode == PLANNER_BRIEF) {
        answer->cause = STATUS_DISCONNECTED;
        for (uint32_t i = x->place_count; i-- > 0 && x->any_refused;)
            if (x->refused[i].cause != STATUS_OK) answer->cause = x->refused[i].cause;
        return STATUS_OK;
    }
    struct metric_source freed = {metric_get_free, p};
    struct explain_tools tools = {.search = p->search, .plan = {p->geos, p->projection},
                                  .free_metrics = &freed, .budget = budget};
    enum status status = explain_run(&x->c, &tools, x->places, x->place_count, x->any_refused ? x->refused : NULL, arena,
                                     answer, &answer->settled, err);
    if (status != STATUS_OK || !x->c.request->report_violations || !answer->relaxed) return status;
    answer->plans[0] = (struct plan *)(uintptr_t)answer->relaxed;
    answer->plan_count = 1;
    answer->cause = STATUS_OK;
    return STATUS_OK;
}

/* Finds the journey in both tiers; x->journey.cost UINT64_MAX when there is none. */
static enum status find(struct planner *p, struct journeying *x, uint32_t budget, struct answer *answer, bool *late,
                        struct error *err)
{
    struct metric_source metrics = {metric_get, p};
    *late = false;
    enum status status = journey_loose(&x->c, p->query, &metrics, x->places, x->place_count, &x->journey, err);
    answer->tier |= 1;
    if (status != STATUS_OK || x->journey.cost == UINT64_MAX) return status;
    uint64_t cost;
    bool lawful;
    journey_replay(&x->c, x->places, &x->journey, MOVE_EXACT, NULL, &cost, &lawful);
    if (lawful && cost == x->journey.cost) {
        *late = x->c.varying && x->journey.legs[x->journey.leg_count - 1].arrive_ms > x->c.loose_until_ms;
        return STATUS_OK;
    }
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    answer->tier |= 2;
    return journey_search(&x->c, p->search, &metrics, x->places, x->place_count, budget, &answer->settled, &x->journey,
                          late, err);
}

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
    struct metric_source metrics = {metric_get, d->planner};
    struct arena *before = c->arena;
    bool late;
    c->arena = &d->drives;
    enum status status = journey_search(c, d->planner->search, &metrics, places, place_count, d->budget, d->settled, j, &late, err);
    for (uint32_t k = 0; status == STATUS_OK && j->cost != UINT64_MAX && k < j->leg_count; k++) {
        struct leg_way *way = &j->legs[k].way;
        way->hops = arena_copy(before, way->hops, way->hop_count * sizeof *way->hops);
        if (!way->hops) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    d->planner->signature = NULL; /* it lived in that arena */
    c->arena = before;
    arena_reset(&d->drives);
    return status;
}

/* Puts rests into the journey where the driver needs them; x->journey.cost UINT64_MAX when that cannot be done. */
static enum status rest(struct planner *p, struct journeying *x, uint32_t budget, struct answer *answer, bool *late,
                        struct error *err)
{
    struct metric_source metrics = {metric_get, p};
    struct journey_limits limits = journey_limits_of(x->c.request, x->c.input);
    struct resting_drive drives = {.planner = p, .x = x, .budget = budget, .settled = &answer->settled};
    struct rests_tools tools = {p->query, &metrics, p->base->spatial, p->projection, drive_with_rests, &drives};
    bool found;
    if (!x->c.request->rests || x->journey.cost == UINT64_MAX ||
        rests_longest_drive(&x->c, x->places, &x->journey, limits) <= limits.max_drive_ms)
        return STATUS_OK;
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    answer->cause = STATUS_NO_REST_AREA;
    arena_init(&drives.drives, SCRATCH_MAX);
    enum status status = rests_find(&x->c, &tools, limits, x->places, &x->place_count, &x->journey, &found, err);
    arena_clear(&drives.drives);
    if (status == STATUS_OK && found) {
        answer->cause = STATUS_OK;
        *late = x->journey.legs[x->journey.leg_count - 1].arrive_ms > x->c.loose_until_ms;
    }
    return status;
}

struct verifying {
    struct planner *planner;
    const struct route_request *request;
};

static enum status verify(void *context, const struct plan *plan, struct error *err)
{
    struct verifying *x = context;
    return checker_verify(x->planner->checker, x->planner->view, x->request, plan, err);
}

static enum status alternatives(struct planner *p, struct journeying *x, uint32_t budget, struct arena *arena,
                                struct answer *answer, struct error *err)
{
    struct verifying verifying = {p, x->c.request};
    struct metric_source metrics = {metric_get, p};
    if (x->c.request->alternatives == 0) return STATUS_OK;
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    if (!p->penalty) p->penalty = calloc((size_t)p->base->network.arc_count + 1, 1);
    if (!p->penalty) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct alternatives_tools tools = {.search = p->search, .query = p->query, .plan = {p->geos, p->projection}, .metrics = &metrics,
                                       .penalty = p->penalty, .budget = budget / 32, .verify = verify, .context = &verifying};
    return alternatives_add(&x->c, &tools, x->places, x->place_count, arena, answer, err);
}

static enum status route(struct planner *p, const struct view *view, const struct route_request *request,
                         struct journeying *x, struct arena *arena, struct answer *answer, struct error *err)
{
    struct avoid_area *avoid;
    uint32_t budget = request->budget_settled ? request->budget_settled : SEARCH_BUDGET_DEFAULT;
    enum status status = avoid_init(p, request, &avoid, err);
    if (status != STATUS_OK) return status;
    for (int attempt = 0;; attempt++) { /* the second time nothing is taken for constant that changes */
        bool late = false;
        const struct constraint before = attempt ? x->c : (struct constraint){0};
        status = constraint_make(p, view, request, attempt ? EXACT_MS : LOOSE_MS, avoid, &x->c, err);
        if (status != STATUS_OK) return status;
        if (attempt && constraint_reads_alike(&before, &x->c)) break; /* it would find the same again */
        if ((status = places_snap(p, request, x, err)) != STATUS_OK) return status;
        if (x->any_refused) return explain(p, x, budget, arena, answer, err);
        answer->cause = STATUS_OK;
        if ((status = find(p, x, budget, answer, &late, err)) != STATUS_OK) return status;
        if ((status = rest(p, x, budget, answer, &late, err)) != STATUS_OK) return status;
        bool none = x->journey.cost == UINT64_MAX || answer->cause != STATUS_OK;
        if (attempt == 0 && x->c.varying && (late || none)) continue;
        break;
    }
    if (x->journey.cost == UINT64_MAX) return explain(p, x, budget, arena, answer, err);
    struct plan_tools tools = {p->geos, p->projection};
    struct plan *plan;
    status = plan_build(&x->c, &tools, x->places, x->place_count, &x->journey, MOVE_EXACT, arena, &plan, err);
    if (status != STATUS_OK) return status;
    if (answer->cause == STATUS_NO_REST_AREA) { /* the way without rests shows where they are missing */
        plan->issuable = false;
        answer->relaxed = plan;
        return STATUS_OK;
    }
    status = checker_verify(p->checker, view, request, plan, err);
    if (status != STATUS_OK) return status;
    answer->plans[0] = plan;
    answer->plan_count = 1;
    answer->cause = STATUS_OK;
    return alternatives(p, x, budget, arena, answer, err);
}

/* ---- with credentials that last ---------------------------------------------------------------------------------------------- */

struct routing {
    struct planner *planner;
    const struct view *view;
    struct journeying *x;
    struct arena *arena;
    struct answer *answer;
    enum planner_mode mode;
};

static enum status route_attempt(void *context, const struct route_request *request, bool last, uint64_t *cost,
                                 struct error *err)
{
    struct routing *r = context;
    struct answer *a = r->answer;
    *a = (struct answer){.settled = a->settled, .tier = a->tier};
    r->planner->mode = r->mode == PLANNER_FULL && !last ? PLANNER_BRIEF : r->mode;
    enum status status = route(r->planner, r->view, request, r->x, r->arena, a, err);
    bool found = status == STATUS_OK && a->cause == STATUS_OK && a->plan_count > 0 && a->plans[0]->issuable;
    *cost = found ? r->x->journey.cost : UINT64_MAX;
    return status;
}

static enum status route_lasting(struct planner *p, const struct view *view, const struct route_request *request,
                                 struct journeying *x, struct arena *arena, struct answer *answer, struct error *err)
{
    struct routing r = {p, view, x, arena, answer, p->mode};
    struct lasting l = {.attempt = route_attempt, .context = &r};
    return lasting_run(&l, request, EXACT_MS, &p->scratch, err);
}

enum status planner_route(struct planner *p, const struct view *view, const struct route_request *request,
                          enum planner_mode mode, struct arena *arena, struct answer *answer, struct error *err)
{
    *answer = (struct answer){0};
    if (request->call_count < 2 || request->call_count > CALLS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_CALLS_COUNT, (unsigned)CALLS_MAX);
    p->view = view;
    p->mode = mode;
    struct journeying *x = arena_take(&p->scratch, sizeof *x);
    enum status status = x ? route_lasting(p, view, request, x, arena, answer, err)
                           : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    request_done(p);
    return status;
}

/* ---- choice of order -------------------------------------------------------------------------------------------------------- */

/* What the planner drives one order after another with. */
struct ordering {
    struct planner *planner;
    struct journeying *x;
    struct place places[CALLS_MAX + 1]; /* as asked */
    struct arena drives;                /* what a drive takes is given back after it */
    struct answer tally;
    uint32_t stop_count, budget;
    bool late;                          /* the best so far went past the loose interval */
    uint64_t best;
};

static enum status drive(void *context, const uint8_t *order, uint64_t *cost, struct error *err)
{
    struct ordering *o = context;
    struct journeying *x = o->x;
    struct arena *before = x->c.arena;
    bool late;
    for (uint32_t i = 0; i < o->stop_count; i++) x->places[i + 1] = o->places[order[i]];
    x->c.arena = &o->drives;
    enum status status = find(o->planner, x, o->budget, &o->tally, &late, err);
    o->planner->signature = NULL; /* it lived in that arena */
    arena_reset(&o->drives);
    x->c.arena = before;
    *cost = x->journey.cost;
    if (status == STATUS_OK && *cost < o->best) o->best = *cost, o->late = late;
    return status;
}

static enum status order(struct planner *p, const struct view *view, const struct route_request *request,
                         struct ordering *o, struct tour *out, struct error *err)
{
    struct avoid_area *avoid;
    struct metric_source metrics = {metric_get, p};
    struct tour_tools tools = {p->query, &metrics, drive, o};
    o->budget = request->budget_settled ? request->budget_settled : SEARCH_BUDGET_DEFAULT;
    o->stop_count = request->call_count - 2;
    enum status status = avoid_init(p, request, &avoid, err);
    /* bounds by distance or cost hold as long as the journey keeps within the loose interval: let that be long */
    for (int attempt = request->prefer == PREFER_TIME ? 0 : 1; attempt < 2 && status == STATUS_OK; attempt++) {
        status = constraint_make(p, view, request, attempt ? EXACT_MS : LOOSE_MS, avoid, &o->x->c, err);
        if (status == STATUS_OK) status = places_snap(p, request, o->x, err);
        if (status != STATUS_OK || o->x->any_refused) break; /* the answer will say what is refused */
        memcpy(o->places, o->x->places, sizeof o->places);
        o->best = UINT64_MAX;
        o->late = false;
        status = tour_find(&o->x->c, &tools, o->places, o->x->place_count, o->stop_count, out, err);
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
    p->view = view;
    p->mode = PLANNER_FULL;
    struct ordering *o = arena_zero(&p->scratch, 1, sizeof *o);
    struct call *calls = arena_copy(&p->scratch, request->calls, sizeof request->calls);
    enum status status = STATUS_NO_MEMORY;
    if (o) o->planner = p, o->x = arena_take(&p->scratch, sizeof *o->x);
    if (!o || !calls || !o->x) {
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    } else {
        arena_init(&o->drives, SCRATCH_MAX);
        struct order_attempts attempts = {p, view, o, out};
        struct lasting lasting = {.attempt = order_attempt, .context = &attempts};
        status = lasting_run(&lasting, request, EXACT_MS, &p->scratch, err);
        arena_clear(&o->drives);
        *settled = o->tally.settled;
        for (uint32_t i = 0; i < stops && status == STATUS_OK && out->found; i++)
            request->calls[i + 1] = calls[out->order[i]];
    }
    request_done(p);
    return status;
}

/* ---- explanations ---------------------------------------------------------------------------------------------------------- */

static enum status explain_more(struct planner *p, struct journeying *x, struct arena *arena, struct explanation *out,
                                struct error *err)
{
    const struct route_request *request = x->c.request;
    uint32_t budget = request->budget_settled ? request->budget_settled : SEARCH_BUDGET_DEFAULT, settled = 0;
    enum status status;
    conflict_restore(&x->c);
    if (out->answer.cause == STATUS_OK) {
        struct metric_source freed = {metric_get_free, p};
        struct detour_tools tools = {.search = p->search, .query = p->query, .plan = {p->geos, p->projection},
                                     .free_metrics = &freed, .budget = budget};
        status = detour_find(&x->c, &tools, x->places, x->place_count, &x->journey, arena, &out->detour, &settled, err);
    } else {
        status = cut_find(&x->c, x->places, x->place_count, budget, arena, &out->cut, &settled, err);
    }
    out->answer.settled += settled;
    return status;
}

enum status planner_explain(struct planner *p, const struct view *view, const struct route_request *request,
                            struct arena *arena, struct explanation *out, struct error *err)
{
    *out = (struct explanation){0};
    if (request->call_count < 2 || request->call_count > CALLS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_CALLS_COUNT, (unsigned)CALLS_MAX);
    p->view = view;
    p->mode = PLANNER_FULL;
    struct journeying *x = arena_take(&p->scratch, sizeof *x);
    struct route_request *one = arena_take(&p->scratch, sizeof *one);
    enum status status = STATUS_NO_MEMORY;
    if (!x || !one) {
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    } else {
        *one = *request;
        one->alternatives = 0;
        one->report_violations = false;
        status = route_lasting(p, view, one, x, arena, &out->answer, err);
        if (status == STATUS_OK) status = explain_more(p, x, arena, out, err);
    }
    request_done(p);
    return status;
}

enum status planner_judge(struct planner *p, const struct view *view, const struct route_request *request,
                          const struct plan *plan, struct judgement *out, struct error *err)
{
    return checker_judge(p->checker, view, request, plan, out, err);
}

enum status planner_area_arcs(struct planner *p, const struct multipolygon *area, struct arena *arena, arc_id **arcs,
                              uint32_t *count, struct error *err)
{
    const struct zone zone = {.id = "", .area = *area};
    struct zone_set *set;
    enum status status = zone_set_new(&p->base->network, p->base->spatial, p->projection, &zone, &set, err);
    if (status != STATUS_OK) return status;
    *count = set->arc_count;
    *arcs = arena_copy(arena, set->arcs, set->arc_count * sizeof **arcs);
    zone_set_release(set);
    return *arcs || *count == 0 ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- snapping ------------------------------------------------------------------------------------------------------------- */

enum { SNAPS_MAX = 100 };

enum status planner_snap(struct planner *p, const struct view *view, const struct vehicle *vehicle, struct point_e7 at,
                         uint32_t max_mm, struct waypoint *out, uint32_t max_count, uint32_t *count, struct error *err)
{
    struct constraint c;
    struct road_place found[SNAPS_MAX];
    struct route_request *request = arena_zero(&p->scratch, 1, sizeof *request);
    if (!request) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    request->vehicle = *vehicle;
    request->depart_ms = view->rules->as_of_ms;
    if (max_count > SNAPS_MAX) max_count = SNAPS_MAX;
    enum status status = constraint_make(p, view, request, 0, NULL, &c, err);
    if (status == STATUS_OK)
        status = place_nearest(&c, p->base->spatial, p->projection, at, max_mm, true, found, max_count, count, err);
    for (uint32_t i = 0; status == STATUS_OK && i < *count; i++)
        out[i] = (struct waypoint){.requested = at, .snapped = found[i].point, .distance_mm = found[i].distance_mm,
                                   .road = found[i].road, .offset_mm = found[i].offset_mm};
    request_done(p);
    return status;
}

/* ---- tables --------------------------------------------------------------------------------------------------------------- */

/* A cell by the loose reading, which no way undercuts. */
struct cell {
    uint64_t cost;
    uint32_t row, column;
};

struct table {
    struct constraint c;
    struct place *places; /* sources, then targets */
    bool *there;
    uint32_t source_count, target_count;
    uint32_t *durations_ms, *distances_mm;
    struct journey journey;
    bool soonest, of_rows;      /* only the soonest cell of each column, or row, is asked for */
    struct cell *line;          /* one of these, then */
    /* where credentials end meanwhile, and the table is made of several questions (lasting.h); else NULL */
    uint64_t *costs;             /* of the cells so far */
    struct road_position *first; /* where a call was snapped to: a table has one place for each, that of the first question */
    bool *known;
};

static void measure(void *context, uint32_t leg, uint32_t hop, const struct arc_use *use, int64_t begin_ms,
                    const struct move *m, const struct move_log *log)
{
    (void)leg, (void)hop, (void)use, (void)begin_ms, (void)log;
    *(uint64_t *)context += m->length_mm;
}

static enum status cell(struct planner *p, struct table *t, uint32_t row, uint32_t column, uint32_t budget,
                        struct error *err)
{
    size_t at = (size_t)row * t->target_count + column;
    if (!t->there[row] || !t->there[t->source_count + column]) return STATUS_OK;
    if (t->costs && t->costs[at] != UINT64_MAX && t->c.request->prefer == PREFER_TIME) return STATUS_OK; /* later ends later */
    struct place pair[2] = {t->places[row], t->places[t->source_count + column]};
    struct metric_source metrics = {metric_get, p};
    enum status status = journey_loose(&t->c, p->query, &metrics, pair, 2, &t->journey, err);
    if (status != STATUS_OK || t->journey.cost == UINT64_MAX) return status;
    uint64_t cost, length = 0;
    bool lawful, late;
    uint32_t settled = 0;
    journey_replay(&t->c, pair, &t->journey, MOVE_EXACT, NULL, &cost, &lawful);
    if (!lawful || cost != t->journey.cost) {
        if (budget == 0) return STATUS_OK;
        status = journey_search(&t->c, p->search, &metrics, pair, 2, budget, &settled, &t->journey, &late, err);
        if (status != STATUS_OK || t->journey.cost == UINT64_MAX) return status;
    }
    struct journey_visitor visitor = {measure, &length};
    journey_replay(&t->c, pair, &t->journey, MOVE_EXACT, &visitor, &cost, &lawful);
    if (t->costs && t->journey.cost >= t->costs[at]) return STATUS_OK;
    if (t->costs) t->costs[at] = t->journey.cost;
    if (t->durations_ms) t->durations_ms[at] = (uint32_t)(t->journey.legs[0].arrive_ms - t->c.depart_ms);
    if (t->distances_mm) t->distances_mm[at] = (uint32_t)length;
    return STATUS_OK;
}

/* Gives back what a cell took. */
static void cell_done(struct planner *p, struct arena *cells)
{
    p->signature = NULL; /* it lived in that arena */
    arena_reset(cells);
    for (uint32_t m = 0; m + 1 < p->metric_count; m++) shared_metric_release(p->metrics[m]);
    if (p->metric_count > 1) p->metrics[0] = p->metrics[p->metric_count - 1], p->metric_count = 1;
}

static int by_cost(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    if (x->cost != y->cost) return x->cost < y->cost ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row) + (x->column > y->column) - (x->column < y->column); /* one of the two is the same */
}

/* The soonest cell of a column, or of a row (ms: time is preferred): first the soonest of those whose loose way is lawful as it is, then
 * whatever may undercut it, in the order of what none undercuts, each only as far as it is sooner than the best yet. */
static enum status soonest(struct planner *p, struct table *t, uint32_t k, uint32_t budget, struct arena *cells, struct error *err)
{
    struct metric_source metrics = {metric_get, p};
    uint32_t length = t->of_rows ? t->target_count : t->source_count, count = 0;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < length && status == STATUS_OK; i++) {
        struct cell *cell = &t->line[count];
        *cell = (struct cell){.row = t->of_rows ? k : i, .column = t->of_rows ? i : k};
        if (!t->there[cell->row] || !t->there[t->source_count + cell->column]) continue;
        struct place pair[2] = {t->places[cell->row], t->places[t->source_count + cell->column]};
        status = journey_loose(&t->c, p->query, &metrics, pair, 2, &t->journey, err);
        cell->cost = t->journey.cost;
        count += status == STATUS_OK && cell->cost != UINT64_MAX;
        cell_done(p, cells);
    }
    qsort(t->line, count, sizeof *t->line, by_cost);
    for (int searching = 0; searching < 2; searching++)
        for (uint32_t i = 0; i < count && status == STATUS_OK && !(t->c.dearest && t->line[i].cost >= t->c.dearest); i++) {
            uint32_t *ms = &t->durations_ms[(size_t)t->line[i].row * t->target_count + t->line[i].column];
            if (*ms == UINT32_MAX) status = cell(p, t, t->line[i].row, t->line[i].column, searching ? budget : 0, err);
            if (*ms != UINT32_MAX && (!t->c.dearest || *ms < t->c.dearest)) t->c.dearest = (uint64_t)*ms + !*ms;
            cell_done(p, cells);
        }
    t->c.dearest = 0;
    return status;
}

static enum status table_places(struct planner *p, struct table *t, const struct call *sources,
                                const struct call *targets, struct waypoint *source_points,
                                struct waypoint *target_points, struct error *err)
{
    for (uint32_t i = 0; i < t->source_count + t->target_count; i++) {
        bool source = i < t->source_count;
        const struct call *call = source ? &sources[i] : &targets[i - t->source_count];
        struct waypoint *out = source ? (source_points ? &source_points[i] : NULL)
                                      : (target_points ? &target_points[i - t->source_count] : NULL);
        struct breach refused;
        struct error aside = ERROR_INIT;
        enum status status = place_snap(&t->c, p->base->spatial, p->projection, call, i, false, &t->places[i], &refused,
                                        &aside);
        if (status == STATUS_NO_MEMORY || status == STATUS_OUT_OF_RANGE) {
            if (err) *err = aside;
            return status;
        }
        bool again = t->costs && t->known[i];
        t->there[i] = status == STATUS_OK;
        if (again)
            t->there[i] = t->there[i] && t->first[i].road == t->places[i].at.road &&
                          t->first[i].offset_mm == t->places[i].at.offset_mm;
        else if (t->costs && t->there[i])
            t->known[i] = true, t->first[i] = t->places[i].at;
        if (!out || again) continue;
        *out = (struct waypoint){.requested = call->point, .snapped = call->point, .distance_mm = UINT32_MAX,
                                 .road = NO_ROAD, .call = i};
        if (status == STATUS_OK)
            *out = (struct waypoint){.requested = call->point, .snapped = t->places[i].snapped,
                                     .distance_mm = t->places[i].distance_mm, .road = t->places[i].at.road,
                                     .offset_mm = t->places[i].at.offset_mm, .call = i, .moved = t->places[i].moved};
    }
    return STATUS_OK;
}

static enum status table_question(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct call *sources, const struct call *targets, struct table *t,
                         struct waypoint *source_points, struct waypoint *target_points, struct error *err)
{
    struct avoid_area *avoid;
    enum status status = avoid_init(p, constraints, &avoid, err);
    if (status == STATUS_OK) status = constraint_make(p, view, constraints, LOOSE_MS, avoid, &t->c, err);
    if (status == STATUS_OK) status = table_places(p, t, sources, targets, source_points, target_points, err);
    if (status != STATUS_OK) return status;
    bool time = constraints->prefer == PREFER_TIME, distance = constraints->prefer == PREFER_DISTANCE;
    if (!t->costs && ((time && !t->distances_mm) || (distance && !t->durations_ms)) && t->source_count &&
        t->target_count && table_uniform(&t->c, t->places, t->there, t->source_count + t->target_count)) {
        const struct metric *metric;
        if ((status = metric_get(p, &t->c, &metric, err)) != STATUS_OK) return status;
        return table_costs(&t->c, metric, t->places, t->there, t->source_count, t->target_count,
                           time ? t->durations_ms : t->distances_mm, err);
    }
    uint32_t budget = constraints->budget_settled ? constraints->budget_settled : SEARCH_BUDGET_DEFAULT;
    struct arena cells; /* what a cell takes is given back after it */
    arena_init(&cells, SCRATCH_MAX);
    struct arena *before = t->c.arena;
    t->c.arena = &cells;
    bool lines = t->line && !t->costs;
    for (uint32_t k = 0; lines && k < (t->of_rows ? t->source_count : t->target_count) && status == STATUS_OK; k++)
        status = soonest(p, t, k, budget, &cells, err);
    for (uint32_t i = 0; !lines && i < t->source_count && status == STATUS_OK; i++)
        for (uint32_t k = 0; k < t->target_count && status == STATUS_OK; k++) {
            status = cell(p, t, i, k, budget, err);
            cell_done(p, &cells);
        }
    t->c.arena = before;
    arena_clear(&cells);
    return status;
}

static enum status table(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct call *sources, const struct call *targets, struct table *t,
                         struct waypoint *source_points, struct waypoint *target_points, struct error *err)
{
    int64_t ends[CREDENTIALS_MAX];
    size_t cells = (size_t)t->source_count * t->target_count, places = (size_t)t->source_count + t->target_count;
    uint32_t count = lasting_ends(constraints, EXACT_MS, ends);
    for (size_t i = 0; i < cells; i++) {
        if (t->durations_ms) t->durations_ms[i] = UINT32_MAX;
        if (t->distances_mm) t->distances_mm[i] = UINT32_MAX;
    }
    if (count == 0) return table_question(p, view, constraints, sources, targets, t, source_points, target_points, err);
    struct route_request *question = arena_copy(&p->scratch, constraints, sizeof *constraints);
    t->costs = arena_take(&p->scratch, (cells + 1) * sizeof *t->costs);
    t->first = arena_zero(&p->scratch, places + 1, sizeof *t->first);
    t->known = arena_zero(&p->scratch, places + 1, sizeof *t->known);
    if (!question || !t->costs || !t->first || !t->known) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t i = 0; i < cells; i++) t->costs[i] = UINT64_MAX;
    enum status status = STATUS_OK;
    for (uint32_t k = 0; k <= count && status == STATUS_OK; k++) {
        lasting_question(question, ends, count, k);
        status = table_question(p, view, question, sources, targets, t, source_points, target_points, err);
    }
    return status;
}

static enum status table_of(struct planner *p, const struct view *view, const struct route_request *constraints,
                            const struct call *sources, const struct call *targets, const struct table *asked,
                            struct waypoint *source_points, struct waypoint *target_points, struct error *err)
{
    size_t count = (size_t)asked->source_count + asked->target_count;
    p->view = view;
    p->mode = PLANNER_FULL;
    struct table *t = arena_copy(&p->scratch, asked, sizeof *asked);
    enum status status = STATUS_NO_MEMORY;
    if (t) {
        t->line = asked->soonest ? arena_zero(&p->scratch, count + 1, sizeof *t->line) : NULL;
        t->places = arena_zero(&p->scratch, count + 1, sizeof *t->places);
        t->there = arena_zero(&p->scratch, count + 1, sizeof *t->there);
    }
    if (!t || !t->places || !t->there || (asked->soonest && !t->line))
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    else
        status = table(p, view, constraints, sources, targets, t, source_points, target_points, err);
    request_done(p);
    return status;
}

enum status planner_table(struct planner *p, const struct view *view, const struct route_request *constraints,
                          const struct call *sources, uint32_t source_count, const struct call *targets,
                          uint32_t target_count, uint32_t *durations_ms, uint32_t *distances_mm,
                          struct waypoint *source_points, struct waypoint *target_points, struct error *err)
{
    const struct table asked = {.source_count = source_count, .target_count = target_count, .durations_ms = durations_ms, .distances_mm = distances_mm};
    return table_of(p, view, constraints, sources, targets, &asked, source_points, target_points, err);
}

enum status planner_soonest(struct planner *p, const struct view *view, const struct route_request *constraints,
                            const struct call *sources, uint32_t source_count, const struct call *targets, uint32_t target_count,
                            bool of_sources, uint32_t *durations_ms, struct error *err)
{
    const struct table asked = {.source_count = source_count, .target_count = target_count, .durations_ms = durations_ms,
                                .soonest = constraints->prefer == PREFER_TIME, .of_rows = of_sources};
    return table_of(p, view, constraints, sources, targets, &asked, NULL, NULL, err);
}

/* ---- reach ---------------------------------------------------------------------------------------------------------------- */

static enum status reach_question(struct planner *p, const struct view *view, const struct route_request *constraints,
                                  const struct call *origin, bool by_distance, struct arena *arena,
                                  struct reach_answer *answer, struct error *err)
{
    struct constraint c;
    struct place place;
    struct breach refused;
    struct avoid_area *avoid;
    uint32_t budget = constraints->budget_settled ? constraints->budget_settled : SEARCH_BUDGET_DEFAULT;
    enum status status = avoid_init(p, constraints, &avoid, err);
    if (status == STATUS_OK) status = constraint_make(p, view, constraints, LOOSE_MS, avoid, &c, err);
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
    uint32_t count = lasting_ends(constraints, EXACT_MS, ends), answered = 0;
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
    p->view = view;
    p->mode = PLANNER_FULL;
    enum status status = reach(p, view, constraints, origin, by_distance, width_mm, arena, answer, err);
    request_done(p);
    return status;
}

/* ---- matching ------------------------------------------------------------------------------------------------------------- */

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
    if ((status = avoid_init(p, constraints, &avoid, err)) != STATUS_OK) return status;
    if ((status = constraint_make(p, view, constraints, LOOSE_MS, avoid, &c, err)) != STATUS_OK) return status;
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
    p->view = view;
    p->mode = PLANNER_FULL;
    enum status status = match(p, view, constraints, positions, count, options, judge, arena, out, err);
    request_done(p);
    return status;
}
