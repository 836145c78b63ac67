#include "routing/search/moments.h"

#include "routing/search/heap.h"
#include "routing/search/table_ends.h"
#include "routing/search/search.h"
#include "routing/search/table_label.h"

#include <stdlib.h>
#include <string.h>

enum { ROUND_MS = 60 * 1000, /* an interval that grows does so by that at least */
       ROUNDS_MAX = 16,      /* looks at each node on average, then nothing is proven */
       LOOK_EVERY = 4096 };

/* What is known of a node. */
struct node_moments {
    int64_t soonest_ms;           /* TIME_OPEN: nobody is ever there */
    int64_t last_ms;              /* 0: nobody is there, as far as is known */
    uint64_t sure;                /* what costs more is no later than ... */
    int64_t sure_ms;              /* ... SEARCH_DAWDLE_MS after this; sure UINT64_MAX: not known */
};

/* To be looked at: by `cost` at least, until `until_ms`; sure: there is one at most so dear and so late. */
struct coming {
    uint64_t cost;
    int64_t until_ms;
    arc_node node;
    bool sure;
};

struct moments {
    const struct base *base;
    const struct constraint *c;
    const struct metric *metric;
    const struct place *from;
    struct node_moments *nodes;
    struct heap by_time;
    struct coming *heap;
    size_t count, capacity;
    bool unknown; /* nothing can be proven */
};

enum status moments_new(const struct base *base, struct moments **out, struct error *err)
{
    struct moments *m = calloc(1, sizeof *m);
    if (m) m->nodes = malloc(((size_t)base->turns.node_count + 1) * sizeof *m->nodes);
    if (!m || !m->nodes) {
        moments_free(m);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    m->base = base;
    *out = m;
    return STATUS_OK;
}

void moments_free(struct moments *m)
{
    if (!m) return;
    free(m->nodes);
    free(m->heap);
    heap_clear(&m->by_time);
    free(m);
}

bool moments_do(const struct constraint *c)
{
    return c->varying && c->request->prefer != PREFER_TIME && c->request->max_wait_ms == 0 && !c->penalty && !c->dearest;
}

/* ---- the queue: least cost first, the sure ones first of those, then the lower node ------------------------------------ */

static bool before(const struct coming *a, const struct coming *b)
{
    if (a->cost != b->cost) return a->cost < b->cost;
    if (a->sure != b->sure) return a->sure;
    return a->node != b->node ? a->node < b->node : a->until_ms < b->until_ms;
}

static bool push(struct moments *m, struct coming item)
{
    if (m->count == m->capacity) {
        const size_t wanted = m->capacity ? 2 * m->capacity : 1024;
        struct coming *more = realloc(m->heap, wanted * sizeof *more);
        if (!more) return false;
        m->heap = more;
        m->capacity = wanted;
    }
    size_t i = m->count++;
    for (; i > 0 && before(&item, &m->heap[(i - 1) / 4]); i = (i - 1) / 4) m->heap[i] = m->heap[(i - 1) / 4];
    m->heap[i] = item;
    return true;
}

static struct coming pop(struct moments *m)
{
    const struct coming top = m->heap[0], item = m->heap[--m->count];
    size_t i = 0;
    for (size_t child = 1; child < m->count; child = 4 * i + 1) {
        size_t best = child;
        for (size_t k = child + 1; k < child + 4 && k < m->count; k++)
            if (before(&m->heap[k], &m->heap[best])) best = k;
        if (!before(&m->heap[best], &item)) break;
        m->heap[i] = m->heap[best];
        i = best;
    }
    m->heap[i] = item;
    return top;
}

/* ---- moves ----------------------------------------------------------------------------------------------------------- */

/* Nothing that lasts as long as the loose reading does makes such a move. */
static bool shut(const struct moments *m, turn_id turn)
{
    return (m->c->g->forbidden_to[turn] & m->c->subject) || m->metric->edge[turn] >= WEIGHT_INFINITY;
}

/* The soonest arrival of who begins the move at `at_ms` or later; TIME_OPEN: never. */
static int64_t soonest_arrival(const struct moments *m, const struct table_ride *ride, int64_t at_ms)
{
    int64_t best = TIME_OPEN;
    for (struct move move; at_ms < best; at_ms = move.change_ms)
        if (table_ride_at(m->c, ride, at_ms, &move) && move.arrive_ms < best) best = move.arrive_ms;
    return best;
}

/* The last arrival of who begins the move from `at_ms` to `until_ms`; 0: none can. */
static int64_t last_arrival(const struct moments *m, const struct table_ride *ride, int64_t at_ms, int64_t until_ms)
{
    int64_t last = 0;
    for (struct move move; at_ms <= until_ms; at_ms = move.change_ms) {
        if (!table_ride_at(m->c, ride, at_ms, &move)) continue;
        const int64_t end = move.change_ms <= until_ms ? move.change_ms - 1 : until_ms;
        if (move.arrive_ms + (end - at_ms) > last) last = move.arrive_ms + (end - at_ms);
    }
    return last;
}

/* The moves that follow on the source's own arcs, which are used in part, and at one moment. */
struct leaving {
    struct arc_use use;
    struct move first;
    struct table_ride ride;
};

static bool leave(const struct moments *m, uint32_t start, struct leaving *out)
{
    const struct leg_seed seed = {.node = m->from->starts[start].node, .offset_mm = m->from->starts[start].offset_mm};
    const struct table_ride ride = {.use = leg_first_use(m->c, &seed), .leaves = &m->from->at};
    out->use = ride.use;
    out->ride = (struct table_ride){.before = &out->use};
    return table_ride_at(m->c, &ride, m->c->depart_ms, &out->first);
}

static bool leave_by(const struct moments *m, struct leaving *l, turn_id turn, struct move *next)
{
    l->ride.turn = turn;
    l->ride.use = arc_use_whole(m->c->n, m->c->g->node_arc[m->c->g->head[turn]]);
    return !(m->c->g->forbidden_to[turn] & m->c->subject) && table_ride_at(m->c, &l->ride, l->first.arrive_ms, next); /* the metric knows whole arcs */
}

static bool given_up(const struct moments *m)
{
    const bool *flag = m->c->request->cancelled;
    return flag && __atomic_load_n(flag, __ATOMIC_RELAXED);
}

/* ---- from below ------------------------------------------------------------------------------------------------------ */

static bool there_at(struct moments *m, arc_node node, int64_t at_ms)
{
    if (at_ms >= m->nodes[node].soonest_ms || at_ms > m->c->loose_until_ms) return true; /* nothing is proven of later than that */
    m->nodes[node].soonest_ms = at_ms;
    return heap_push(&m->by_time, (struct heap_item){(uint64_t)(at_ms - m->c->depart_ms), node});
}

static enum status find_soonest(struct moments *m, struct error *err)
{
    const struct turn_graph *g = m->c->g;
    bool room = true;
    uint32_t looked = 0;
    for (uint32_t i = 0; i < m->from->start_count; i++) {
        struct leaving l;
        struct move next;
        const arc_node node = m->from->starts[i].node;
        if (!leave(m, i, &l)) continue;
        for (turn_id t = g->first_out[node]; t < g->first_out[node + 1]; t++)
            if (leave_by(m, &l, t, &next)) room = room && there_at(m, g->head[t], next.arrive_ms);
    }
    while (m->by_time.count > 0 && room) {
        const struct heap_item item = heap_pop(&m->by_time);
        const int64_t at = m->c->depart_ms + (int64_t)item.cost;
        if (at != m->nodes[item.node].soonest_ms) continue;
        if (++looked % LOOK_EVERY == 0 && given_up(m)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        const struct arc_use u = arc_use_whole(m->c->n, g->node_arc[item.node]);
        for (turn_id t = g->first_out[item.node]; t < g->first_out[item.node + 1]; t++) {
            if (shut(m, t) || m->nodes[g->head[t]].soonest_ms <= at) continue;
            const struct table_ride ride = {.before = &u, .turn = t, .use = arc_use_whole(m->c->n, g->node_arc[g->head[t]])};
            room = room && there_at(m, g->head[t], soonest_arrival(m, &ride, at));
        }
    }
    m->by_time.count = 0;
    return room ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- from above ------------------------------------------------------------------------------------------------------ */

/* Takes in what comes to a node; false where that says nothing new. */
static bool take(struct moments *m, const struct coming *x)
{
    struct node_moments *v = &m->nodes[x->node];
    int64_t until = x->until_ms;
    bool fresh = false;
    if (x->sure) {
        if (v->sure < x->cost) return false;
        fresh = v->sure == UINT64_MAX || x->until_ms < v->sure_ms;
        if (fresh) v->sure_ms = x->until_ms;
        v->sure = x->cost;
        until += SEARCH_DAWDLE_MS;
    } else if (x->cost > v->sure && until > v->sure_ms + SEARCH_DAWDLE_MS) {
        until = v->sure_ms + SEARCH_DAWDLE_MS;
    }
    if (until <= v->last_ms) return fresh;
    v->last_ms = v->last_ms && !x->sure && until < v->last_ms + ROUND_MS ? v->last_ms + ROUND_MS : until;
    m->unknown = m->unknown || v->last_ms > m->c->loose_until_ms;
    return true;
}

/* A move on from a node that was taken. */
static bool go_on(struct moments *m, const struct coming *x, const struct arc_use *use, turn_id turn)
{
    const struct node_moments *u = &m->nodes[x->node], *v = &m->nodes[m->c->g->head[turn]];
    const struct table_ride ride = {.before = use, .turn = turn, .use = arc_use_whole(m->c->n, m->c->g->node_arc[m->c->g->head[turn]])};
    struct move move;
    const bool open = table_ride_at(m->c, &ride, u->soonest_ms, &move);
    const int64_t took = move.arrive_ms - u->soonest_ms;
    const uint64_t cost = open ? x->cost + passage_cost(m->c, &move) : 0;
    const bool sure = x->sure && open && move.change_ms > x->until_ms, even = open && move.change_ms > u->last_ms;
    bool room = true;
    if (sure && cost <= v->sure) room = push(m, (struct coming){cost, x->until_ms + took, m->c->g->head[turn], true});
    if (sure && even && u->last_ms <= x->until_ms + SEARCH_DAWDLE_MS) return room; /* all of it is what the sure one stands for */
    const int64_t last = even ? u->last_ms + took : last_arrival(m, &ride, u->soonest_ms, u->last_ms);
    if (last <= v->last_ms || !last) return room;
    return room && push(m, (struct coming){x->cost + m->metric->edge[turn], last, m->c->g->head[turn], false});
}

static enum status find_last(struct moments *m, struct error *err)
{
    const struct turn_graph *g = m->c->g;
    const uint64_t most = (uint64_t)ROUNDS_MAX * g->node_count;
    bool room = true;
    uint64_t looked = 0;
    m->count = 0;
    for (uint32_t i = 0; i < m->from->start_count; i++) {
        struct leaving l;
        struct move next;
        const arc_node node = m->from->starts[i].node;
        if (!leave(m, i, &l)) continue;
        for (turn_id t = g->first_out[node]; t < g->first_out[node + 1]; t++)
            if (leave_by(m, &l, t, &next))
                room = room && push(m, (struct coming){passage_cost(m->c, &l.first) + passage_cost(m->c, &next), next.arrive_ms, g->head[t], true});
    }
    while (m->count > 0 && room) {
        const struct coming x = pop(m);
        if (!take(m, &x)) continue;
        if (++looked % LOOK_EVERY == 0 && given_up(m)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        if (looked > most) m->unknown = true;
        if (m->unknown) break;
        const struct arc_use u = arc_use_whole(m->c->n, g->node_arc[x.node]);
        for (turn_id t = g->first_out[x.node]; t < g->first_out[x.node + 1] && room; t++)
            if (!shut(m, t)) room = go_on(m, &x, &u, t);
    }
    return room ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- the question ---------------------------------------------------------------------------------------------------- */

enum status moments_from(struct moments *m, const struct constraint *c, const struct metric *metric, const struct place *from,
                         struct error *err)
{
    m->c = c;
    m->metric = metric;
    m->from = from;
    m->unknown = false;
    m->by_time.count = 0;
    for (uint32_t v = 0; v < c->g->node_count; v++) m->nodes[v] = (struct node_moments){.soonest_ms = TIME_OPEN, .sure = UINT64_MAX};
    enum status status = find_soonest(m, err);
    return status == STATUS_OK ? find_last(m, err) : status;
}

bool moments_reach(const struct moments *m, const struct place *to)
{
    const struct turn_graph *g = m->c->g;
    if (m->unknown || table_ends_touch(m->c, m->from, to)) return true;
    for (uint32_t k = 0; k < to->state_count; k++)
        for (uint32_t i = g->first_in[to->states[k].node]; i < g->first_in[to->states[k].node + 1]; i++) {
            const struct node_moments *u = &m->nodes[g->tail[i]];
            if ((g->forbidden_to[g->in_turn[i]] & m->c->subject) || u->last_ms < u->soonest_ms) continue;
            const struct arc_use before = arc_use_whole(m->c->n, g->node_arc[g->tail[i]]);
            const struct table_ride last = {.before = &before, .turn = g->in_turn[i], .use = leg_last_use(m->c, &to->states[k]), .ends = &to->at};
            if (last_arrival(m, &last, u->soonest_ms, u->last_ms)) return true;
        }
    return false;
}
