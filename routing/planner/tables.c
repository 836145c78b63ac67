#include "routing/planner/tables.h"

#include "routing/constraint/lasting.h"
#include "routing/planner/workspace.h"
#include "routing/search/table.h"

#include <stdlib.h>

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
    struct metric_source metrics = {planner_metric, p};
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
    struct metric_source metrics = {planner_metric, p};
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
    enum status status = planner_avoid(p, constraints, &avoid, err);
    if (status == STATUS_OK) status = planner_constraint(p, view, constraints, LOOSE_MS, avoid, &t->c, err);
    if (status == STATUS_OK) status = table_places(p, t, sources, targets, source_points, target_points, err);
    if (status != STATUS_OK) return status;
    bool time = constraints->prefer == PREFER_TIME, distance = constraints->prefer == PREFER_DISTANCE;
    if (!t->costs && ((time && !t->distances_mm) || (distance && !t->durations_ms)) && t->source_count &&
        t->target_count && table_uniform(&t->c, t->places, t->there, t->source_count + t->target_count)) {
        const struct metric *metric;
        if ((status = planner_metric(p, &t->c, &metric, err)) != STATUS_OK) return status;
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
    planner_done(p);
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
