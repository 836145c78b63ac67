#include "routing/planner/planner_table.h"

#include "routing/planner/planner_core.h"
#include "routing/search/table.h"

#include <stdlib.h>

/* A cell by the loose reading, which no way undercuts. */
struct cell {
    uint64_t cost;
    uint32_t row, column;
};

/* How long the loose reading of a table lasts: longer than any journey, or "no way" would be said of places that one comes to only
 * when some rule is over. */
static int64_t table_loose_ms(const struct planner *p)
{
    return network_distance_unit_mm(&p->base->network) == 1 ? PLANNER_LOOSE_MS : planner_exact_ms(p->base);
}

/* What is known of a cell of a table that is made row by row. */
enum cell_state {
    CELL_ASKED,
    CELL_BROKEN, /* the cheapest way by the loose reading breaks a rule by the clock */
    CELL_ALONE,  /* to be planned by itself */
    CELL_DONE,
};

struct table {
    struct constraint c;
    struct place *places; /* sources, then targets */
    bool *there;
    uint32_t source_count, target_count;
    uint32_t *durations_ms;
    uint64_t *distances_mm;
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
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
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
    int64_t duration_ms = t->journey.legs[0].arrive_ms - t->c.depart_ms;
    if (duration_ms >= UINT32_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_PLAN_TOO_LONG);
    if (t->durations_ms) t->durations_ms[at] = (uint32_t)duration_ms;
    if (t->distances_mm) t->distances_mm[at] = length;
    return STATUS_OK;
}

/* Gives back what a cell took. */
static void cell_done(struct planner *p, struct arena *cells)
{
    metric_supply_forget(&p->supply); /* the signature lived in that arena */
    arena_reset(cells);
    metric_supply_thin(&p->supply);
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
    struct metric_source metrics = {.get = metric_supply_get, .context = &p->supply};
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
            error_pointer(err, source ? "/sources/%u" : "/targets/%u", source ? i : i - t->source_count);
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
                                 .road = NO_ROAD, .call = i,
                                 .refused = source && status == STATUS_DESTINATION_IN_CLOSED_ZONE ? STATUS_ORIGIN_IN_CLOSED_ZONE : status};
        if (status == STATUS_OK)
            *out = (struct waypoint){.requested = call->point, .snapped = t->places[i].snapped,
                                     .distance_mm = t->places[i].distance_mm, .road = t->places[i].at.road,
                                     .offset_mm = t->places[i].at.offset_mm, .call = i, .moved = t->places[i].moved};
    }
    return STATUS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* Cells that rows (table_tree.h) decide; the rest is planned one by one. */
struct rows {
    uint32_t *group;       /* [places] */
    uint32_t group_count;
    uint32_t *first;       /* [group_count + 1] into: */
    uint32_t *targets;     /* places, group by group */
    uint32_t *asked, *open; /* of the row at hand; of those, whose length is to be found */
    struct table_cell *cells, *paired;
    uint8_t *state;        /* [cells of the table] enum cell_state */
    uint32_t *least;       /* [cells of the table] what the cell costs at least */
};

/* Reading the rules anew for a shorter time costs a metric; it pays where so many turns come to one cell whose way is not lawful
 * by the clock, or fewer. */
enum { WINDOW_TURNS_MAX = 256 };

static const int64_t WINDOWS_MS[] = {3600000, 2 * 3600000, 4 * 3600000, 8 * 3600000};

static enum status rows_init(struct planner *p, struct table *t, struct rows *r, struct error *err)
{
    size_t places = (size_t)t->source_count + t->target_count, cells = (size_t)t->source_count * t->target_count;
    enum status status = p->tree ? STATUS_OK : table_tree_new(p->base, &p->tree, err);
    if (status == STATUS_OK && !p->shadow) status = table_shadow_new(p->base, &p->shadow, err);
    if (status != STATUS_OK) return status;
    r->group = arena_zero(&p->scratch, places + 1, sizeof *r->group);
    r->first = arena_zero(&p->scratch, places + 2, sizeof *r->first);
    r->targets = arena_zero(&p->scratch, (size_t)t->target_count + 1, sizeof *r->targets);
    r->asked = arena_zero(&p->scratch, (size_t)t->target_count + 1, sizeof *r->asked);
    r->open = arena_zero(&p->scratch, (size_t)t->target_count + 1, sizeof *r->open);
    r->cells = arena_zero(&p->scratch, (size_t)t->target_count + 1, sizeof *r->cells);
    r->paired = arena_zero(&p->scratch, (size_t)t->target_count + 1, sizeof *r->paired);
    r->state = arena_zero(&p->scratch, cells + 1, sizeof *r->state);
    r->least = arena_zero(&p->scratch, cells + 1, sizeof *r->least);
    if (!r->group || !r->first || !r->targets || !r->asked || !r->open || !r->cells || !r->paired || !r->state || !r->least)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    status = table_groups(&t->c, t->places, t->there, (uint32_t)places, r->group, &r->group_count, err);
    if (status != STATUS_OK) return status;
    uint32_t count = 0;
    for (uint32_t group = 0; group < r->group_count; group++) {
        r->first[group] = count;
        for (uint32_t k = t->source_count; k < places; k++)
            if (t->there[k] && r->group[k] == group) r->targets[count++] = k;
    }
    r->first[r->group_count] = count;
    bool later_is_worse = t->costs && t->c.request->prefer == PREFER_TIME;
    for (size_t at = 0; at < cells; at++)
        if (later_is_worse && t->costs[at] != UINT64_MAX) r->state[at] = CELL_DONE;
    return STATUS_OK;
}

static void cell_take(struct table *t, struct rows *r, uint64_t window, size_t at, const struct table_cell *cell)
{
    if (cell->verdict == TABLE_UNSURE || cell->verdict == TABLE_TIED) r->state[at] = CELL_ALONE;
    if (cell->verdict == TABLE_REFUTED || (cell->verdict == TABLE_NO_WAY && window == UINT64_MAX)) r->state[at] = CELL_DONE;
    if (cell->verdict == TABLE_BROKEN) { /* also what is vague in the shadow */
        r->state[at] = CELL_BROKEN;
        if (cell->cost > r->least[at]) r->least[at] = (uint32_t)cell->cost;
    }
    if (cell->verdict != TABLE_LAWFUL || cell->cost > window) return;
    r->state[at] = cell->length_open && t->distances_mm ? CELL_ALONE : CELL_DONE;
    if (r->state[at] == CELL_ALONE) return;
    if (t->costs && cell->cost >= t->costs[at]) return;
    if (t->costs) t->costs[at] = cell->cost;
    if (t->durations_ms) t->durations_ms[at] = cell->duration_ms;
    if (t->distances_mm) t->distances_mm[at] = cell->length_mm;
}

/* A look at cells that are open, by one loose reading. What is said of costs up to `window` is true. */
struct look {
    struct constraint *c;
    uint64_t window; /* UINT64_MAX: that of a day */
    bool rest;       /* once more at what is left */
    struct constraint *by_time; /* where not time is preferred: the same by time; or NULL */
};

static bool looked_at(const struct rows *r, const struct look *look, size_t at)
{
    if (look->rest) return r->state[at] == CELL_BROKEN;
    if (look->window == UINT64_MAX) return r->state[at] == CELL_ASKED;
    return r->state[at] == CELL_BROKEN && r->least[at] <= look->window / 4 * 3; /* and may well cost no more than it */
}

/* A plan for a cell looks at some thousand arcs; a shadow may be as large as what plans for its cells would look at. One as large as a
 * prefecture is always worth it: where there is no way each plan looks at all of that. */
enum { SHADOW_ARCS_MIN = 65536, SHADOW_ARCS_PER_CELL = 2048 };

static bool in_the_dark(const struct table_cell *cell, const struct table_row *row, bool time)
{
    return cell->verdict == TABLE_BROKEN || (cell->verdict == TABLE_NO_WAY && !row->whole) || (cell->verdict == TABLE_TIED && !time);
}

/* What the tree leaves in the dark. */
static enum status shadows(struct planner *p, const struct table *t, const struct rows *r, const struct look *look,
                           struct table_row *row, const uint32_t *targets, uint32_t count, struct error *err)
{
    const bool time = look->c->request->prefer == PREFER_TIME;
    enum status status = STATUS_OK;
    if (time && !look->rest && look->window == UINT64_MAX) return STATUS_OK; /* windows first */
    row->arcs_max = SHADOW_ARCS_MIN;
    for (uint32_t n = 0; n < count; n++) row->arcs_max += in_the_dark(&r->cells[n], row, time) ? SHADOW_ARCS_PER_CELL : 0;
    table_shadow_begin(p->shadow, row);
    for (uint32_t n = 0; n < count && status == STATUS_OK; n++) {
        struct table_cell *cell = &r->cells[n];
        if (in_the_dark(cell, row, time))
            status = table_shadow_cell(p->shadow, &t->places[targets[r->asked[n]]], cell, err);
    }
    return status;
}

/* Where ways that tie differ in length and are all lawful, the route takes the one that a query names (table_pairs.h), by the metric
 * of a day. */
static enum status lengths(struct planner *p, const struct table *t, struct rows *r, const struct table_row *row, const uint32_t *targets,
                           uint32_t target_count, uint32_t count, bool *begun, struct error *err)
{
    uint32_t open = 0, back = 0;
    enum status status = STATUS_OK;
    for (uint32_t n = 0; n < count; n++)
        if (r->cells[n].length_open && r->cells[n].all_lawful) r->open[open++] = r->asked[n];
    if (open == 0) return STATUS_OK;
    if (!p->pairs) status = table_pairs_new(p->base, &p->pairs, err);
    if (status == STATUS_OK && !*begun)
        status = table_pairs_targets(p->pairs, row->c, row->metric, row->metric, t->places, targets, target_count, err);
    *begun = true;
    if (status == STATUS_OK) status = table_pairs_row(p->pairs, row->source, r->open, open, r->paired, err);
    for (uint32_t n = 0; n < count && status == STATUS_OK; n++) {
        struct table_cell *cell = &r->cells[n];
        if (!cell->length_open || !cell->all_lawful) continue;
        const struct table_cell *paired = &r->paired[back++];
        if (paired->verdict == TABLE_LAWFUL && paired->cost == cell->cost) cell->length_mm = paired->length_mm, cell->length_open = false;
    }
    return status;
}

/* The rows from one group of sources to one of targets. */
static enum status group_look(struct planner *p, struct table *t, struct rows *r, const struct look *look, uint32_t from,
                              uint32_t to, struct error *err)
{
    struct constraint *c = look->c;
    const bool *stop = c->request->cancelled;
    const uint32_t *targets = r->targets + r->first[to];
    const uint32_t target_count = r->first[to + 1] - r->first[to];
    struct table_row at = {.tree = p->tree, .c = c, .by_time = look->by_time, .whole = look->window == UINT64_MAX};
    bool begun = false, pairs_begun = false;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < t->source_count && status == STATUS_OK; i++) {
        if (!t->there[i] || r->group[i] != from) continue;
        size_t row = (size_t)i * t->target_count - t->source_count;
        uint32_t count = 0;
        for (uint32_t k = 0; k < target_count; k++)
            if (looked_at(r, look, row + targets[k])) r->asked[count++] = k;
        if (count == 0) continue;
        if (stop && __atomic_load_n(stop, __ATOMIC_RELAXED)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        if (!begun) {
            begun = true;
            if (look->by_time) {
                constraint_leg(look->by_time, t->places[i].at, t->places[targets[0]].at);
                if ((status = metric_supply_get(&p->supply, look->by_time, &at.time, err)) != STATUS_OK) return status;
            }
            constraint_leg(c, t->places[i].at, t->places[targets[0]].at);
            if ((status = metric_supply_get(&p->supply, c, &at.metric, err)) != STATUS_OK) return status;
            status = table_tree_targets(p->tree, c, at.metric, t->places, targets, target_count, err);
            if (status != STATUS_OK) return status;
        }
        at.source = &t->places[i];
        status = table_tree_row(p->tree, at.source, r->asked, count, r->cells, err);
        if (status == STATUS_OK && t->distances_mm && at.whole && !look->rest && table_loose_ms(p) == PLANNER_LOOSE_MS)
            status = lengths(p, t, r, &at, targets, target_count, count, &pairs_begun, err);
        if (status == STATUS_OK) status = shadows(p, t, r, look, &at, targets, count, err);
        for (uint32_t n = 0; n < count && status == STATUS_OK; n++)
            cell_take(t, r, look->window, row + targets[r->asked[n]], &r->cells[n]);
    }
    return status;
}

static enum status rows_look(struct planner *p, struct table *t, struct rows *r, const struct look *look, struct arena *cells,
                             struct error *err)
{
    struct arena *before = look->c->arena;
    enum status status = STATUS_OK;
    look->c->arena = cells;
    if (look->by_time) look->by_time->arena = cells;
    for (uint32_t from = 0; from < r->group_count && status == STATUS_OK; from++)
        for (uint32_t to = 0; to < r->group_count && status == STATUS_OK; to++) {
            status = group_look(p, t, r, look, from, to, err);
            cell_done(p, cells);
        }
    look->c->arena = before;
    if (look->by_time) look->by_time->arena = before;
    return status;
}

/* The same rows where nothing changes with time (table_pairs.h). `by_time`: the question by time where something else is preferred. */
static enum status group_pairs(struct planner *p, struct table *t, struct rows *r, const struct look *all, struct constraint *by_time,
                               uint32_t from, uint32_t to, struct error *err)
{
    struct constraint *c = &t->c;
    const uint32_t *targets = r->targets + r->first[to];
    const uint32_t target_count = r->first[to + 1] - r->first[to];
    const bool *stop = c->request->cancelled;
    bool begun = false;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < t->source_count && status == STATUS_OK; i++) {
        if (!t->there[i] || r->group[i] != from) continue;
        size_t row = (size_t)i * t->target_count - t->source_count;
        uint32_t count = 0;
        for (uint32_t k = 0; k < target_count; k++)
            if (r->state[row + targets[k]] == CELL_ASKED) r->asked[count++] = k;
        if (count == 0) continue;
        if (stop && __atomic_load_n(stop, __ATOMIC_RELAXED)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        if (!begun) {
            const struct metric *metric, *time;
            begun = true;
            constraint_leg(c, t->places[i].at, t->places[targets[0]].at);
            if (!table_pairs_do(c)) return group_look(p, t, r, all, from, to, err);
            if (by_time) {
                constraint_leg(by_time, t->places[i].at, t->places[targets[0]].at);
                if ((status = metric_supply_get(&p->supply, by_time, &time, err)) != STATUS_OK) return status;
            }
            if ((status = metric_supply_get(&p->supply, c, &metric, err)) != STATUS_OK) return status;
            status = table_pairs_targets(p->pairs, c, metric, by_time ? time : metric, t->places, targets, target_count, err);
            if (status != STATUS_OK) return status;
        }
        status = table_pairs_row(p->pairs, &t->places[i], r->asked, count, r->cells, err);
        for (uint32_t n = 0; n < count && status == STATUS_OK; n++)
            cell_take(t, r, UINT64_MAX, row + targets[r->asked[n]], &r->cells[n]);
    }
    return status;
}

static enum status pairs_decide(struct planner *p, struct table *t, struct rows *r, const struct look *all, struct constraint *by_time,
                                struct arena *cells, struct error *err)
{
    struct arena *before = t->c.arena;
    enum status status = p->pairs ? STATUS_OK : table_pairs_new(p->base, &p->pairs, err);
    if (status != STATUS_OK) return status;
    t->c.arena = cells;
    if (by_time) by_time->arena = cells;
    for (uint32_t from = 0; from < r->group_count && status == STATUS_OK; from++)
        for (uint32_t to = 0; to < r->group_count && status == STATUS_OK; to++) {
            status = group_pairs(p, t, r, all, by_time, from, to, err);
            cell_done(p, cells);
        }
    t->c.arena = before;
    return status;
}

/* The same question by time. */
static enum status constrain_by_time(struct planner *p, const struct view *view, const struct route_request *constraints,
                                     struct avoid_area *avoid, struct constraint **out, struct error *err)
{
    struct route_request *request = arena_copy(&p->scratch, constraints, sizeof *constraints);
    *out = arena_zero(&p->scratch, 1, sizeof **out);
    if (!request || !*out) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    request->prefer = PREFER_TIME;
    return planner_constrain(p, view, request, table_loose_ms(p), avoid, *out, err);
}

/* Decides what rows can. A rule that binds for some hours from now on is none to the loose reading, which looks a day ahead, so
 * ways through it break it by the clock. Of plans that end within an hour or a few nothing is lost by looking no further than
 * that, and where time decides, a plan that ends within the window is better than any that does not. */
static enum status rows_decide(struct planner *p, const struct view *view, const struct route_request *constraints,
                               struct avoid_area *avoid, struct table *t, struct rows *r, struct arena *cells, struct error *err)
{
    const struct look rest = {.c = &t->c, .window = UINT64_MAX, .rest = true};
    struct look all = {.c = &t->c, .window = UINT64_MAX};
    enum status status = rows_init(p, t, r, err);
    struct constraint *by_time = NULL;
    if (status == STATUS_OK && constraints->prefer != PREFER_TIME)
        status = constrain_by_time(p, view, constraints, avoid, &by_time, err);
    if (status == STATUS_OK && table_pairs_do(&t->c)) return pairs_decide(p, t, r, &all, by_time, cells, err);
    if (t->c.varying) all.by_time = by_time;
    if (status == STATUS_OK) status = rows_look(p, t, r, &all, cells, err);
    if (constraints->prefer != PREFER_TIME) return status;
    for (size_t i = 0; i < sizeof WINDOWS_MS / sizeof *WINDOWS_MS && status == STATUS_OK; i++) {
        struct look look = {.c = arena_zero(&p->scratch, 1, sizeof *look.c), .window = (uint64_t)WINDOWS_MS[i]};
        uint32_t broken = 0;
        if (!look.c) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        for (size_t at = 0; at < (size_t)t->source_count * t->target_count; at++) broken += looked_at(r, &look, at);
        if ((uint64_t)broken * WINDOW_TURNS_MAX < p->base->turns.turn_count) continue;
        status = planner_constrain(p, view, constraints, WINDOWS_MS[i], avoid, look.c, err);
        if (status == STATUS_OK) status = rows_look(p, t, r, &look, cells, err);
    }
    return status == STATUS_OK ? rows_look(p, t, r, &rest, cells, err) : status;
}

/* ---- cells that nobody comes to ---------------------------------------------------------------------------------------- */

/* By distance and cost a plan in vain looks at the whole network twice. When anybody can be where (moments.h) is found once for a
 * source, and told of all targets under the same rules; asked for where a plan was in vain, in its row or its column. */
struct vain {
    struct moments *moments; /* made when they are first asked for */
    bool *column;            /* [target_count] some source does not come there */
    uint32_t row, group;     /* the moments at hand; row UINT32_MAX: none */
    uint32_t vain_row;       /* where a plan was in vain last */
};

static enum status never_comes(struct planner *p, struct table *t, const struct rows *r, struct vain *v, uint32_t i, uint32_t k, bool *never,
                               struct error *err)
{
    const struct metric *metric;
    const struct place *from = &t->places[i], *to = &t->places[t->source_count + k];
    const uint32_t group = r->group[t->source_count + k];
    enum status status = STATUS_OK;
    *never = false;
    if (!moments_do(&t->c) || !t->there[i] || !t->there[t->source_count + k] || (!v->column[k] && v->vain_row != i)) return STATUS_OK;
    constraint_leg(&t->c, from->at, to->at);
    if (v->row != i || v->group != group) {
        if (!v->moments) status = moments_new(p->base, &v->moments, err);
        if (status == STATUS_OK) status = metric_supply_get(&p->supply, &t->c, &metric, err);
        if (status == STATUS_OK) status = moments_from(v->moments, &t->c, metric, from, err);
        v->row = i;
        v->group = group;
    }
    if (status == STATUS_OK) *never = !moments_reach(v->moments, to);
    return status;
}

/* Plans what rows did not decide. */
static enum status cells_plan(struct planner *p, struct table *t, const struct rows *r, uint32_t budget, struct arena *cells, struct error *err)
{
    struct vain vain = {.row = UINT32_MAX, .vain_row = UINT32_MAX, .column = arena_zero(&p->scratch, (size_t)t->target_count + 1, sizeof *vain.column)};
    enum status status = vain.column ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < t->source_count && status == STATUS_OK; i++)
        for (uint32_t k = 0; k < t->target_count && status == STATUS_OK; k++) {
            const size_t at = (size_t)i * t->target_count + k;
            bool never;
            if (r->state[at] == CELL_DONE) continue;
            t->journey.cost = 0;
            status = never_comes(p, t, r, &vain, i, k, &never, err);
            if (status == STATUS_OK && !never) status = cell(p, t, i, k, budget, err);
            if (t->journey.cost == UINT64_MAX) vain.column[k] = true, vain.vain_row = i;
            cell_done(p, cells);
        }
    moments_free(vain.moments);
    return status;
}

/* Is one quantity asked for, and is it what costs are? Costs by distance in a coarser unit than millimetres (network.h) are not
 * what a plan says. */
static bool sweep_tells(const struct table *t)
{
    switch (t->c.request->prefer) {
    case PREFER_TIME: return !t->distances_mm;
    case PREFER_DISTANCE: return !t->durations_ms && t->c.unit_mm == 1;
    default: return false;
    }
}

static enum status sweep(struct planner *p, struct table *t, struct error *err)
{
    size_t cells = (size_t)t->source_count * t->target_count;
    uint32_t *costs = t->durations_ms ? t->durations_ms : arena_take(&p->scratch, cells * sizeof *costs);
    const struct metric *metric;
    if (!costs) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = metric_supply_get(&p->supply, &t->c, &metric, err);
    if (status == STATUS_OK)
        status = table_costs(&t->c, metric, t->places, t->there, t->source_count, t->target_count, costs, err);
    for (size_t i = 0; i < cells && t->distances_mm && status == STATUS_OK; i++)
        t->distances_mm[i] = costs[i] == UINT32_MAX ? UINT64_MAX : costs[i];
    return status;
}

static enum status table_question(struct planner *p, const struct view *view, const struct route_request *constraints,
                         const struct call *sources, const struct call *targets, struct table *t,
                         struct waypoint *source_points, struct waypoint *target_points, struct error *err)
{
    struct avoid_area *avoid;
    enum status status = planner_avoid(p, constraints, &avoid, err);
    if (status == STATUS_OK) status = planner_constrain(p, view, constraints, table_loose_ms(p), avoid, &t->c, err);
    if (status == STATUS_OK) status = table_places(p, t, sources, targets, source_points, target_points, err);
    if (status != STATUS_OK) return status;
    if (!t->costs && sweep_tells(t) && t->source_count && t->target_count &&
        table_uniform(&t->c, t->places, t->there, t->source_count + t->target_count))
        return sweep(p, t, err);
    uint32_t budget = planner_budget(constraints);
    struct arena cells; /* what a cell takes is given back after it */
    struct rows rows;
    arena_init(&cells, PLANNER_SCRATCH_MAX);
    bool lines = t->line && !t->costs;
    if (!lines) status = rows_decide(p, view, constraints, avoid, t, &rows, &cells, err);
    struct arena *before = t->c.arena;
    t->c.arena = &cells;
    for (uint32_t k = 0; lines && k < (t->of_rows ? t->source_count : t->target_count) && status == STATUS_OK; k++)
        status = soonest(p, t, k, budget, &cells, err);
    if (!lines && status == STATUS_OK) status = cells_plan(p, t, &rows, budget, &cells, err);
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
    uint32_t count = lasting_ends(constraints, planner_exact_ms(p->base), ends);
    for (size_t i = 0; i < cells; i++) {
        if (t->durations_ms) t->durations_ms[i] = UINT32_MAX;
        if (t->distances_mm) t->distances_mm[i] = UINT64_MAX;
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
    planner_begin(p, view, PLANNER_FULL);
    struct table *t = arena_copy(&p->scratch, asked, sizeof *asked);
    struct route_request *question = arena_copy(&p->scratch, constraints, sizeof *constraints);
    enum status status = STATUS_NO_MEMORY;
    if (question) question->call_count = 0; /* services at its own calls would prolong the loose reading */
    if (t) {
        t->line = asked->soonest ? arena_zero(&p->scratch, count + 1, sizeof *t->line) : NULL;
        t->places = arena_zero(&p->scratch, count + 1, sizeof *t->places);
        t->there = arena_zero(&p->scratch, count + 1, sizeof *t->there);
    }
    if (!question || !t || !t->places || !t->there || (asked->soonest && !t->line))
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    else
        status = table(p, view, question, sources, targets, t, source_points, target_points, err);
    planner_done(p);
    return status;
}

enum status planner_table(struct planner *p, const struct view *view, const struct route_request *constraints,
                          const struct call *sources, uint32_t source_count, const struct call *targets,
                          uint32_t target_count, uint32_t *durations_ms, uint64_t *distances_mm,
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
