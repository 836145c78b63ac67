#include "routing/search/tour.h"

#include "routing/search/table.h"
#include "routing/search/tour_bound.h"

#include <stdlib.h>
#include <string.h>

#define NO_WAY UINT64_MAX

/* Costs between states, numbered through: 0 stands for the origin with all its starts, then the states of each place. */
struct table_of_states {
    uint32_t place_count, stop_count, state_count; /* places: the calls', then those that open something */
    uint32_t first_state[CALLS_MAX + 2 + TOUR_OPENING_MAX]; /* of each place */
    uint64_t *cost;                      /* [state_count * state_count] from, to */
    uint64_t *tail;                      /* [state_count] of a stop: from there through the places behind the stops */
};

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a == NO_WAY || b == NO_WAY ? NO_WAY : a + b;
}

static uint64_t *cell(const struct table_of_states *t, uint32_t from, uint32_t to)
{
    return &t->cost[(size_t)from * t->state_count + to];
}

/* ---- the table --------------------------------------------------------------------------------------------------------- */

/* Costs of one leg from each state of place i to each of place k. */
static enum status pair_fill(struct constraint *c, const struct tour_tools *tools, const struct metric *metric,
                             const struct place *places, const struct table_of_states *t, uint32_t i, uint32_t k,
                             struct error *err)
{
    bool by_time = c->request->prefer == PREFER_TIME;
    constraint_leg(c, places[i].at, places[k].at);
    if (!metric) {
        enum status status = tools->metrics->get(tools->metrics->context, c, &metric, err);
        if (status != STATUS_OK) return status;
    }
    for (uint32_t s = t->first_state[i]; s < t->first_state[i + 1]; s++) {
        struct leg_seed seeds[JOURNEY_LEAVES_MAX] = {0};
        uint32_t seed_count = 0;
        if (i == 0)
            for (; seed_count < places[0].start_count; seed_count++)
                seeds[seed_count] = (struct leg_seed){.node = places[0].starts[seed_count].node,
                                                      .offset_mm = places[0].starts[seed_count].offset_mm};
        else
            seed_count = journey_leave(c, &places[i], places[i].states[s - t->first_state[i]], (struct leg_seed){0}, seeds);
        uint64_t service = by_time && i > 0 ? places[i].call->service_ms : 0;
        for (uint32_t r = 0; r < places[k].state_count; r++) {
            struct leg_way way;
            enum status status = leg_loose(c, tools->query, metric, seeds, seed_count, &places[k].states[r], 1, false, &way, err);
            if (status != STATUS_OK) return status;
            *cell(t, s, t->first_state[k] + r) = plus(way.cost, service);
        }
    }
    return STATUS_OK;
}

/* A stop in between may make a leg cheaper (Floyd, Warshall). */
static void pass_by(const struct table_of_states *t, uint32_t first)
{
    for (uint32_t o = first; o < t->state_count; o++)
        for (uint32_t s = 0; s < t->state_count; s++)
            for (uint32_t r = 0; r < t->state_count; r++) {
                uint64_t cost = plus(*cell(t, s, o), *cell(t, o, r));
                if (cost < *cell(t, s, r)) *cell(t, s, r) = cost;
            }
}

/* `places`: `calls` of the journey, then those that open something. */
static enum status table_fill(struct constraint *c, const struct tour_tools *tools, const struct place *places, uint32_t calls,
                              uint32_t place_count, uint32_t stop_count, struct table_of_states *t, struct error *err)
{
    bool there[CALLS_MAX + 1 + TOUR_OPENING_MAX];
    const struct metric *metric = NULL;
    enum status status = STATUS_OK;
    *t = (struct table_of_states){.place_count = place_count, .stop_count = stop_count};
    for (uint32_t i = 0; i < place_count; i++) {
        there[i] = true;
        t->first_state[i] = t->state_count;
        t->state_count += i == 0 ? 1 : places[i].state_count;
    }
    t->first_state[place_count] = t->state_count;
    size_t cells = (size_t)t->state_count * t->state_count;
    t->cost = arena_take(c->arena, cells * sizeof *t->cost);
    t->tail = arena_take(c->arena, t->state_count * sizeof *t->tail);
    if (!t->cost || !t->tail) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    memset(t->cost, 0xFF, cells * sizeof *t->cost);
    memset(t->tail, 0xFF, t->state_count * sizeof *t->tail);
    if (table_uniform(c, places, there, place_count)) status = tools->metrics->get(tools->metrics->context, c, &metric, err);
    for (uint32_t i = 0; i < place_count && status == STATUS_OK; i++)
        for (uint32_t k = 1; k < place_count && status == STATUS_OK; k++) {
            bool from_fixed = i > stop_count, to_fixed = k > stop_count;
            if (i < calls && k < calls) {
                if (i + 1 == calls || i == k || (from_fixed && k != i + 1) || (!from_fixed && to_fixed && k != stop_count + 1)) continue;
                if (i == 0 && to_fixed) continue; /* there are stops in between */
            }
            status = pair_fill(c, tools, metric, places, t, i, k, err);
        }
    if (status != STATUS_OK) return status;
    pass_by(t, t->first_state[calls]);
    for (uint32_t s = t->first_state[calls - 1]; s < t->first_state[calls]; s++) t->tail[s] = 0;
    for (uint32_t i = calls - 1; i-- > 1;)
        for (uint32_t s = t->first_state[i]; s < t->first_state[i + 1]; s++) {
            uint32_t next = i > stop_count ? i + 1 : stop_count + 1;
            for (uint32_t r = t->first_state[next]; r < t->first_state[next + 1]; r++) {
                uint64_t cost = plus(*cell(t, s, r), t->tail[r]);
                if (cost < t->tail[s]) t->tail[s] = cost;
            }
        }
    return STATUS_OK;
}

/* From the costs of standing in the states of place i to those of standing in the states of place k. */
static void go_on(const struct table_of_states *t, uint32_t i, const uint64_t *at, uint32_t k, uint64_t *to)
{
    uint32_t first_i = t->first_state[i], first_k = t->first_state[k];
    for (uint32_t r = first_k; r < t->first_state[k + 1]; r++) {
        uint64_t best = NO_WAY;
        for (uint32_t s = first_i; s < t->first_state[i + 1]; s++) {
            uint64_t cost = plus(at[s - first_i], *cell(t, s, r));
            if (cost < best) best = cost;
        }
        to[r - first_k] = best;
    }
}

/* What an order costs loosely. */
static uint64_t order_cost(const struct table_of_states *t, const uint8_t *order)
{
    uint64_t at[2][PLACE_STATES_MAX] = {{0}}, best = NO_WAY;
    uint32_t before = 0;
    for (uint32_t i = 0; i < t->stop_count; i++) {
        go_on(t, before, at[i & 1], order[i], at[~i & 1]);
        before = order[i];
    }
    for (uint32_t s = t->first_state[before]; s < t->first_state[before + 1]; s++) {
        uint64_t cost = plus(at[t->stop_count & 1][s - t->first_state[before]], t->tail[s]);
        if (cost < best) best = cost;
    }
    return best;
}

/* ---- up to twelve stops: proof ------------------------------------------------------------------------------------------- */

/* A beginning of an order. */
struct beginning {
    uint64_t bound;       /* no order that begins so costs less */
    uint32_t left;        /* set of stops not visited: bit 0 is stop 1 */
    uint32_t length;
    uint8_t order[TOUR_EXACT_MAX];
    uint64_t at[PLACE_STATES_MAX]; /* costs of standing in the last place's states */
};

enum { BEGINNINGS_MAX = 200000 };

struct beginnings {
    struct beginning **heap;
    uint32_t count;
    struct arena arena;
};

static bool comes_before(const struct beginning *a, const struct beginning *b)
{
    if (a->bound != b->bound) return a->bound < b->bound;
    uint32_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->order, b->order, shorter);
    return order < 0 || (order == 0 && a->length > b->length);
}

static void beginning_push(struct beginnings *q, struct beginning *item)
{
    uint32_t i = q->count++;
    for (; i > 0 && comes_before(item, q->heap[(i - 1) / 2]); i = (i - 1) / 2) q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = item;
}

static struct beginning *beginning_pop(struct beginnings *q)
{
    struct beginning *top = q->heap[0], *item = q->heap[--q->count];
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < q->count; i = child) {
        if (child + 1 < q->count && comes_before(q->heap[child + 1], q->heap[child])) child++;
        if (!comes_before(q->heap[child], item)) break;
        q->heap[i] = q->heap[child];
    }
    q->heap[i] = item;
    return top;
}

/* h[left * states + state]: the rest costs at least so much. */
static uint64_t *rest_costs(const struct constraint *c, const struct table_of_states *t)
{
    uint32_t states = t->first_state[t->stop_count + 1];
    size_t sets = (size_t)1 << t->stop_count;
    uint64_t *h = arena_take(c->arena, sets * states * sizeof *h);
    if (!h) return NULL;
    memset(h, 0xFF, sets * states * sizeof *h);
    memcpy(h, t->tail, states * sizeof *h);
    for (size_t left = 1; left < sets; left++) {
        uint64_t *row = h + left * states;
        for (uint32_t i = 1; i <= t->stop_count; i++) {
            if (left >> (i - 1) & 1) continue; /* one stands at i, so it is not left */
            for (uint32_t s = t->first_state[i]; s < t->first_state[i + 1]; s++)
                for (uint32_t k = 1; k <= t->stop_count; k++) {
                    if (!(left >> (k - 1) & 1)) continue;
                    const uint64_t *after = h + (left & ~((size_t)1 << (k - 1))) * states;
                    for (uint32_t r = t->first_state[k]; r < t->first_state[k + 1]; r++) {
                        uint64_t cost = plus(*cell(t, s, r), after[r]);
                        if (cost < row[s]) row[s] = cost;
                    }
                }
        }
    }
    return h;
}

/* Pushes every way to go on by one stop. */
static enum status extend(struct beginnings *q, const struct table_of_states *t, const uint64_t *h,
                          const struct beginning *b, struct error *err)
{
    uint32_t states = t->first_state[t->stop_count + 1], before = b->length ? b->order[b->length - 1] : 0;
    for (uint32_t k = 1; k <= t->stop_count; k++) {
        if (!(b->left >> (k - 1) & 1)) continue;
        struct beginning *next = arena_zero(&q->arena, 1, sizeof *next);
        if (!next || q->count == BEGINNINGS_MAX)
            return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, (unsigned)BEGINNINGS_MAX);
        memcpy(next->order, b->order, b->length);
        next->order[b->length] = (uint8_t)k;
        next->length = b->length + 1;
        next->left = b->left & ~(1u << (k - 1));
        next->bound = NO_WAY;
        go_on(t, before, b->at, k, next->at);
        for (uint32_t s = t->first_state[k]; s < t->first_state[k + 1]; s++) {
            uint64_t cost = plus(next->at[s - t->first_state[k]], h[(size_t)next->left * states + s]);
            if (cost < next->bound) next->bound = cost;
        }
        if (next->bound != NO_WAY) beginning_push(q, next);
    }
    return STATUS_OK;
}

static enum status prove(struct beginnings *q, const struct tour_tools *tools, const struct table_of_states *t,
                         const uint64_t *h, struct tour *out, struct error *err)
{
    struct beginning start = {.left = (1u << t->stop_count) - 1};
    enum status status = extend(q, t, h, &start, err);
    while (status == STATUS_OK && q->count > 0 && q->heap[0]->bound < out->cost) {
        struct beginning *b = beginning_pop(q);
        out->bound = b->bound;
        if (b->left) {
            status = extend(q, t, h, b, err);
            continue;
        }
        if (out->drives == tools->drives_max)
            return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, (unsigned)tools->drives_max);
        uint64_t cost;
        out->drives++;
        status = tools->drive(tools->context, b->order, &cost, err);
        if (status != STATUS_OK || cost >= out->cost) continue;
        out->cost = cost;
        out->found = true;
        memcpy(out->order, b->order, t->stop_count);
    }
    if (status == STATUS_OK) {
        out->exact = true;
        out->bound = out->cost;
    }
    return status;
}

static enum status choose_exactly(const struct constraint *c, const struct tour_tools *tools,
                                  const struct table_of_states *t, struct tour *out, struct error *err)
{
    const uint64_t *h = rest_costs(c, t);
    struct beginnings q = {.heap = arena_take(c->arena, BEGINNINGS_MAX * sizeof *q.heap)};
    if (!h || !q.heap) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    arena_init(&q.arena, (size_t)BEGINNINGS_MAX * 2 * sizeof **q.heap);
    enum status status = prove(&q, tools, t, h, out, err);
    arena_clear(&q.arena);
    return status;
}

/* ---- more stops: improvement ----------------------------------------------------------------------------------------------- */

/* Moves the stretch [from, from + length) to before what stands at `to` of the rest, turned round if asked. */
static void move_stretch(const uint8_t *order, uint32_t count, uint32_t from, uint32_t length, uint32_t to, bool turned,
                         uint8_t *out)
{
    uint32_t n = 0, rest = 0;
    for (uint32_t i = 0; i <= count; i++) {
        if (i >= from && i < from + length) continue;
        if (rest++ == to)
            for (uint32_t k = 0; k < length; k++) out[n++] = order[turned ? from + length - 1 - k : from + k];
        if (i < count) out[n++] = order[i];
    }
}

/* Goes once through all changes in a fixed sequence and makes those that make the order cheaper. */
static bool improve(const struct table_of_states *t, uint8_t *order, uint64_t *cost)
{
    uint8_t changed[CALLS_MAX];
    uint32_t n = t->stop_count;
    bool better = false;
    for (uint32_t length = 1; length <= n; length++)
        for (uint32_t from = 0; from + length <= n; from++)
            for (uint32_t to = 0; to <= n - length; to++) {
                if (length > 3 && to != from) continue; /* long stretches are only turned round where they are */
                for (int turned = to == from; turned <= (length > 1); turned++) {
                    move_stretch(order, n, from, length, to, turned, changed);
                    uint64_t now = order_cost(t, changed);
                    if (now >= *cost) continue;
                    *cost = now;
                    memcpy(order, changed, n);
                    better = true;
                }
            }
    return better;
}

enum { PASSES_MAX = 50 };

static void choose_well(const struct table_of_states *t, uint8_t *order)
{
    struct table_of_states some = *t;
    uint8_t tried[CALLS_MAX];
    for (some.stop_count = 1; some.stop_count <= t->stop_count; some.stop_count++) { /* insert stop by stop */
        uint32_t n = some.stop_count, place = n - 1;
        uint64_t best = NO_WAY;
        order[n - 1] = (uint8_t)n;
        for (uint32_t to = 0; to < n; to++) {
            move_stretch(order, n, n - 1, 1, to, false, tried);
            uint64_t cost = order_cost(&some, tried);
            if (cost < best) best = cost, place = to;
        }
        move_stretch(order, n, n - 1, 1, place, false, tried);
        memcpy(order, tried, n);
    }
    uint64_t cost = order_cost(t, order);
    for (uint32_t i = 0; i < PASSES_MAX && improve(t, order, &cost); i++) continue;
}

/* Lower bound over all orders, from the least cost between places in either direction. */
static uint64_t bound_below(const struct constraint *c, const struct table_of_states *t, uint64_t above)
{
    uint32_t nodes = t->stop_count + 2; /* origin, stops, what comes behind */
    uint64_t *edge = arena_take(c->arena, (size_t)nodes * nodes * sizeof *edge);
    if (!edge) return 0;
    memset(edge, 0xFF, (size_t)nodes * nodes * sizeof *edge);
    for (uint32_t i = 0; i <= t->stop_count; i++)
        for (uint32_t s = t->first_state[i]; s < t->first_state[i + 1]; s++) {
            for (uint32_t k = 1; k <= t->stop_count; k++)
                for (uint32_t r = t->first_state[k]; k != i && r < t->first_state[k + 1]; r++) {
                    uint64_t cost = *cell(t, s, r);
                    if (cost < edge[i * nodes + k]) edge[i * nodes + k] = cost;
                    if (cost < edge[k * nodes + i]) edge[k * nodes + i] = cost;
                }
            if (i > 0 && t->tail[s] < edge[i * nodes + nodes - 1])
                edge[i * nodes + nodes - 1] = edge[(nodes - 1) * nodes + i] = t->tail[s];
        }
    return tour_bound(edge, nodes, above, c->arena);
}

static enum status choose_by_search(const struct constraint *c, const struct tour_tools *tools,
                                    const struct table_of_states *t, struct tour *out, struct error *err)
{
    uint8_t order[CALLS_MAX];
    uint64_t cost;
    choose_well(t, order);
    out->drives = 1;
    enum status status = tools->drive(tools->context, order, &cost, err);
    if (status != STATUS_OK || cost == NO_WAY) return status;
    out->found = true;
    out->cost = cost;
    out->bound = bound_below(c, t, cost);
    out->exact = out->bound == cost;
    memcpy(out->order, order, t->stop_count);
    return STATUS_OK;
}

/* ---- both ------------------------------------------------------------------------------------------------------------------ */

enum status tour_find(struct constraint *c, const struct tour_tools *tools, const struct place *places,
                      uint32_t place_count, uint32_t stop_count, struct tour *out, struct error *err)
{
    struct table_of_states t;
    *out = (struct tour){.cost = NO_WAY};
    for (uint32_t i = 0; i < stop_count; i++) out->order[i] = (uint8_t)(i + 1);
    struct place *all = arena_take(c->arena, ((size_t)place_count + tools->opening_count) * sizeof *all);
    if (!all) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    memcpy(all, places, place_count * sizeof *all);
    if (tools->opening_count > 0) memcpy(all + place_count, tools->opening, tools->opening_count * sizeof *all);
    enum status status = table_fill(c, tools, all, place_count, place_count + tools->opening_count, stop_count, &t, err);
    if (status != STATUS_OK) return status;
    status = stop_count <= TOUR_EXACT_MAX ? choose_exactly(c, tools, &t, out, err) : choose_by_search(c, tools, &t, out, err);
    return status == STATUS_SEARCH_BUDGET_EXCEEDED && out->found ? STATUS_OK : status;
}
