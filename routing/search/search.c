#include "routing/search/search.h"

#include "routing/search/closed_in.h"
#include "routing/search/opposite.h"

#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 1u << 27, LABELS_KEPT = 1 << 16, PARENT_NONE = 0xFFFFFFFF };

enum { LOOK_BACK_FIRST = 64, LOOK_BACK_STEP = 4 }; /* arcs looked at, and how many more for the next time */

enum { FACING_AFTER = 256, FACING_MISSES_MAX = 32 }; /* labels settled; replays in vain */

enum label_flag { LABEL_FIRST = 1, LABEL_GOAL = 2 }; /* on the seed's own arc; at a goal */

struct label {
    int64_t lo_ms, hi_ms, moved_ms, shift_ms;
    uint64_t cost;
    arc_node node;
    turn_id turn;
    uint32_t parent, next; /* next: of the same arc node */
    uint16_t seed;
    uint8_t goal, flags;
};

struct queue_item {
    uint64_t key;
    uint32_t label;
};

struct search {
    const struct base *base;
    struct potential *potential;
    struct moments *moments; /* or NULL */
    struct label *labels;
    size_t label_count, label_capacity;
    struct queue_item *heap;
    size_t heap_count, heap_capacity;
    uint32_t *stamp, *first; /* [node_count] settled labels of an arc node, valid if stamp == generation */
    uint32_t generation;
    /* of the run */
    const struct constraint *c;
    const struct search_stop *stop;
    const struct leg_seed *seeds;
    const struct leg_goal *goals;
    uint32_t goal_count;
    enum search_mode mode;
    enum move_reading reading; /* MOVE_EXACT, or MOVE_LOOSE for search_least */
    bool by_time, memory_out;
    uint64_t most;  /* that a way may cost */
    const uint64_t *behind; /* of search_aim */
    uint64_t nearest;       /* the least of it */
    bool arrives;   /* a way to a goal is known, perhaps not the best */
    uint32_t closed_in; /* rules that must be broken to come to a goal from outside of `around` */
    struct closed_in *around;
    struct search_result *result;
    struct facing {
        struct opposite *opposite; /* made on first use */
        uint32_t after;       /* so many labels it begins */
        bool on, going, done; /* it has begun; it goes on; nothing but what it has settled can be of use any more */
        uint64_t base;        /* what the seeds cost already, the least of them */
        uint64_t met, known;  /* the least by both of them so far; a way so dear is known to be open */
        uint32_t missed;      /* ways that were not */
    } facing;
};

enum status search_new(const struct base *base, struct search **out, struct error *err)
{
    struct search *s = calloc(1, sizeof *s);
    if (!s) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    s->base = base;
    s->stamp = calloc((size_t)base->turns.node_count + 1, sizeof *s->stamp);
    s->first = malloc(((size_t)base->turns.node_count + 1) * sizeof *s->first);
    enum status status = STATUS_OK;
    if (!s->stamp || !s->first)
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    else
        status = potential_new(base->hierarchy, &s->potential, err);
    if (status == STATUS_OK) status = closed_in_new(base, &s->around, err);
    s->facing.after = FACING_AFTER;
    if (status != STATUS_OK) {
        search_free(s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

void search_free(struct search *s)
{
    if (!s) return;
    potential_free(s->potential);
    closed_in_free(s->around);
    moments_free(s->moments);
    opposite_free(s->facing.opposite);
    free(s->labels);
    free(s->heap);
    free(s->stamp);
    free(s->first);
    free(s);
}

void search_face_after(struct search *s, uint32_t labels)
{
    s->facing.after = labels;
}

enum status search_moments(struct search *s, struct moments **out, struct error *err)
{
    enum status status = s->moments ? STATUS_OK : moments_new(s->base, &s->moments, err);
    *out = s->moments;
    return status;
}

void search_settle(struct search *s)
{
    moments_free(s->moments);
    s->moments = NULL;
    if (s->label_capacity > LABELS_KEPT) {
        free(s->labels);
        s->labels = NULL;
        s->label_count = s->label_capacity = 0;
    }
    if (s->heap_capacity > LABELS_KEPT) {
        free(s->heap);
        s->heap = NULL;
        s->heap_count = s->heap_capacity = 0;
    }
}

/* ---- heap: least key first, then the earlier, then the label that was made first ----------------------------------- */

static bool item_less(const struct search *s, struct queue_item a, struct queue_item b)
{
    if (a.key != b.key) return a.key < b.key;
    int64_t lo_a = s->labels[a.label].lo_ms, lo_b = s->labels[b.label].lo_ms;
    return lo_a != lo_b ? lo_a < lo_b : a.label < b.label;
}

static bool queue_push(struct search *s, struct queue_item item)
{
    if (s->heap_count == s->heap_capacity) {
        size_t capacity = s->heap_capacity ? 2 * s->heap_capacity : 1024;
        struct queue_item *grown = realloc(s->heap, capacity * sizeof *grown);
        if (!grown) return false;
        s->heap = grown;
        s->heap_capacity = capacity;
    }
    size_t i = s->heap_count++;
    while (i > 0) {
        size_t up = (i - 1) / 4;
        if (!item_less(s, item, s->heap[up])) break;
        s->heap[i] = s->heap[up];
        i = up;
    }
    s->heap[i] = item;
    return true;
}

static struct queue_item queue_pop(struct search *s)
{
    struct queue_item top = s->heap[0], item = s->heap[--s->heap_count];
    size_t i = 0;
    for (;;) {
        size_t child = 4 * i + 1, best = child;
        if (child >= s->heap_count) break;
        for (size_t k = child + 1; k < child + 4 && k < s->heap_count; k++)
            if (item_less(s, s->heap[k], s->heap[best])) best = k;
        if (!item_less(s, s->heap[best], item)) break;
        s->heap[i] = s->heap[best];
        i = best;
    }
    s->heap[i] = item;
    return top;
}

/* ---- labels ------------------------------------------------------------------------------------------------------- */

static int64_t latest(const struct search *s, int64_t moved_ms)
{
    return s->c->depart_ms + moved_ms + s->c->request->max_wait_ms;
}

/* When something is there: the end of a label or of a way. */
struct there {
    int64_t lo_ms, hi_ms, moved_ms;
    uint64_t cost;
};

static struct there there_of(const struct label *l)
{
    return (struct there){l->lo_ms, l->hi_ms, l->moved_ms, l->cost};
}

/* Does `k` give, to within the grain, every moment that `l` gives? */
static bool covers(const struct there *k, const struct there *l)
{
    return k->lo_ms <= l->lo_ms && l->hi_ms < k->hi_ms + SEARCH_GRAIN_MS && l->moved_ms < k->moved_ms + SEARCH_GRAIN_MS;
}

/* Has `k` waited, or can it have waited, as little and as long as `l`, to within the grain? Then all by which `l` is later is
 * driving. One that had to wait to come here at all is no measure for one that need not. */
static bool waits_as(const struct there *k, const struct there *l)
{
    return k->lo_ms - k->moved_ms < l->lo_ms - l->moved_ms + SEARCH_GRAIN_MS &&
           l->hi_ms - l->moved_ms < k->hi_ms - k->moved_ms + SEARCH_GRAIN_MS;
}

/* Could it have waited not at all and as long as the request allows? */
static bool waits_freely(const struct search *s, const struct there *k)
{
    const struct there any = {s->c->depart_ms, s->c->depart_ms + s->c->request->max_wait_ms, 0, 0};
    return waits_as(k, &any);
}

/* Does `k`, which was settled before it at the same place, make `l` useless? */
static bool outdoes(const struct search *s, const struct there *k, const struct there *l)
{
    if (!s->c->varying || s->mode == SEARCH_RELAXED) return true; /* settled in order of cost */
    if (s->by_time)
        return s->mode == SEARCH_EARLIEST || covers(k, l) || (l->moved_ms > k->moved_ms + SEARCH_DAWDLE_MS && waits_as(k, l));
    if (covers(k, l)) return true;
    if (k->cost == l->cost) return false; /* settled in order of arrival */
    if (!waits_as(k, l)) return false;
    if (s->mode == SEARCH_ALL) return l->moved_ms > k->moved_ms + SEARCH_DAWDLE_MS;
    if (s->mode == SEARCH_FINE) return k->lo_ms <= l->lo_ms;
    return k->lo_ms < l->lo_ms + SEARCH_GRAIN_MS;
}

/* Does it? Where it does only by the grain, that is remembered: no journey with `l` costs less than `least`. */
static bool outdoes_thinning(struct search *s, const struct there *k, const struct there *l, uint64_t least)
{
    if (!outdoes(s, k, l)) return false;
    if (s->mode == SEARCH_EARLIEST && !s->by_time && k->lo_ms > l->lo_ms) search_note(&s->result->doubt.thinned, least);
    return true;
}

/* Is there a settled label at the node that makes this one useless? `least`: what a journey with it costs, at least. */
static bool dominated(struct search *s, const struct label *l, uint64_t least)
{
    if (s->stamp[l->node] != s->generation) return false;
    struct there late = there_of(l);
    const bool moments = !s->by_time && s->mode != SEARCH_ALL && s->c->request->max_wait_ms == 0; /* nothing can wait */
    uint64_t below = 0; /* the dearest of those that cost less */
    for (uint32_t i = s->first[l->node]; i != PARENT_NONE; i = s->labels[i].next) {
        struct there k = there_of(&s->labels[i]);
        if (moments && k.cost < below) return false; /* whoever is cheaper still comes later than one of those */
        if (outdoes_thinning(s, &k, &late, least)) return true;
        if (k.cost < late.cost) below = k.cost;
    }
    return false;
}

/* What lies behind a goal, beyond the least of all; a bound from below where a weight cannot hold it. */
static weight behind_of(const struct search *s, uint32_t k)
{
    uint64_t more = s->behind ? s->behind[k] - s->nearest : 0;
    return more < WEIGHT_INFINITY / 16 ? (weight)more : WEIGHT_INFINITY / 16; /* a leg must fit in beside it */
}

static bool leads_on(const struct search *s, uint32_t k)
{
    return !s->behind || s->behind[k] < UINT64_MAX;
}

static void behind_set(struct search *s, const uint64_t *behind)
{
    s->behind = behind;
    s->nearest = behind ? UINT64_MAX : 0;
    for (uint32_t k = 0; k < s->goal_count && behind; k++)
        if (behind[k] < s->nearest) s->nearest = behind[k];
}

/* What lies ahead of a label at least, without `nearest`; UINT64_MAX: nothing leads on. */
static uint64_t ahead_of(struct search *s, const struct label *l)
{
    if (l->flags & LABEL_GOAL) return behind_of(s, l->goal);
    if (l->flags & LABEL_FIRST) return 0;
    const weight ahead = potential_get(s->potential, l->node);
    return ahead < WEIGHT_INFINITY ? ahead : UINT64_MAX;
}

static void meet(struct search *s, const struct label *l);
static bool useless(const struct search *s, const struct label *l);

static void label_push(struct search *s, const struct label *l)
{
    uint64_t ahead = ahead_of(s, l);
    s->arrives = s->arrives || (l->flags & LABEL_GOAL);
    if (!(l->flags & (LABEL_FIRST | LABEL_GOAL))) {
        if (ahead == UINT64_MAX || dominated(s, l, l->cost + ahead + s->nearest)) return;
        if (s->facing.on) {
            meet(s, l);
            if (useless(s, l)) return;
        }
        if (s->closed_in) ahead += SEARCH_PRICE * closed_in_level(s->around, l->node);
    }
    if (l->cost + ahead + s->nearest > s->most) {
        s->result->cut = true;
        return;
    }
    if (s->label_count == s->label_capacity) {
        size_t capacity = s->label_capacity ? 2 * s->label_capacity : 1024;
        struct label *grown = capacity <= LABELS_MAX ? realloc(s->labels, capacity * sizeof *grown) : NULL;
        if (!grown) {
            s->memory_out = true;
            return;
        }
        s->labels = grown;
        s->label_capacity = capacity;
    }
    s->labels[s->label_count] = *l;
    if (!queue_push(s, (struct queue_item){l->cost + ahead, (uint32_t)s->label_count}))
        s->memory_out = true;
    else
        s->label_count++;
}

/* ---- moves over intervals ------------------------------------------------------------------------------------------ */

/* Where a move starts from: a label or a seed. */
struct origin {
    const struct arc_use *use; /* NULL at a seed */
    int64_t lo_ms, hi_ms, moved_ms;
    uint64_t cost;
    bool hold; /* waiting is allowed before the move */
    const struct road_position *leaves; /* the call it leaves, or NULL */
};

/* One move begun at `at_ms`, with what must hold at the calls at its ends. */
static bool try_move(const struct search *s, const struct origin *o, turn_id turn, const struct arc_use *v, int64_t at_ms,
                     struct move *m)
{
    bool open = passage_move(s->c, o->use, turn, v, at_ms, s->reading, m, NULL);
    if (o->leaves) open = constraint_call_open(s->c, *o->leaves, false, at_ms, at_ms, &m->change_ms, NULL) && open;
    if (open && v->last) {
        int64_t change = TIME_OPEN, stay = s->stop->service_ms;
        open = constraint_call_open(s->c, s->stop->to, false, m->arrive_ms, m->arrive_ms + stay, &change, NULL);
        if (change != TIME_OPEN && at_ms + (change - m->arrive_ms) < m->change_ms)
            m->change_ms = at_ms + (change - m->arrive_ms);
    }
    return open;
}

static void expand_relaxed(struct search *s, const struct origin *o, turn_id turn, const struct arc_use *v,
                           struct label l)
{
    struct move m;
    struct move_log log;
    if (!passage_move(s->c, o->use, turn, v, o->lo_ms, MOVE_RELAX, &m, &log)) return;
    l.lo_ms = l.hi_ms = m.arrive_ms;
    l.shift_ms = m.arrive_ms - o->lo_ms;
    l.moved_ms = o->moved_ms + l.shift_ms;
    l.cost = o->cost + passage_cost(s->c, &m) + SEARCH_PRICE * closed_in_new_breaches(s->c, o->use, &log);
    label_push(s, &l);
}

/* What a move costs this search. */
static uint64_t move_cost(const struct search *s, const struct arc_use *v, const struct move *m)
{
    uint64_t cost = passage_cost(s->c, m);
    return s->c->penalty ? cost + cost * s->c->penalty[v->arc] / 2 : cost;
}

/* Would who comes up to five minutes earlier be let pass? By nothing that costs less than it does is remembered. */
static void look_before(struct search *s, const struct origin *o, turn_id turn, const struct arc_use *v, uint64_t ahead)
{
    int64_t at = o->lo_ms - SEARCH_DAWDLE_MS > s->c->depart_ms ? o->lo_ms - SEARCH_DAWDLE_MS : s->c->depart_ms;
    struct move m;
    for (; at < o->lo_ms; at = m.change_ms)
        if (try_move(s, o, turn, v, at, &m)) search_note(&s->result->doubt.early, o->cost + move_cost(s, v, &m) + ahead);
}

/* Would who comes later than `best` allows, until `last`, be let pass, faster or cheaper than `cheapest`? */
static void look_behind(struct search *s, const struct origin *o, turn_id turn, const struct arc_use *v, int64_t at, int64_t last,
                        int64_t best, uint64_t cheapest, uint64_t ahead)
{
    struct move m;
    for (; at <= last; at = m.change_ms) {
        if (!try_move(s, o, turn, v, at, &m)) continue;
        const uint64_t cost = s->by_time ? (uint64_t)(m.arrive_ms - s->c->depart_ms) : o->cost + move_cost(s, v, &m);
        if (m.arrive_ms < best || (!s->by_time && cost < cheapest)) search_note(&s->result->doubt.later, cost + ahead);
    }
}

/* Makes the labels that a move gives; `l` holds what does not depend on time. */
static void expand(struct search *s, const struct origin *o, turn_id turn, const struct arc_use *v, struct label l)
{
    const bool by_time = s->by_time;
    int64_t at = o->lo_ms, limit = o->hi_ms;
    struct move m;
    if (o->hold) limit = latest(s, o->moved_ms);
    if (o->use && (s->c->g->forbidden_to[turn] & s->c->subject)) return;
    if (s->mode == SEARCH_RELAXED) {
        expand_relaxed(s, o, turn, v, l);
        return;
    }
    const bool earliest = (s->mode == SEARCH_EARLIEST || s->mode == SEARCH_FINE) && !s->c->penalty;
    bool at_once = false;         /* open to who does not wait */
    int64_t best = INT64_MAX;     /* arrival so far */
    uint64_t cheapest = UINT64_MAX; /* move so far, where not by time */
    while (at <= limit) {
        bool open = try_move(s, o, turn, v, at, &m);
        if (m.gate && limit < latest(s, o->moved_ms)) limit = latest(s, o->moved_ms);
        int64_t change = m.change_ms;
        at_once = at_once || (open && at == o->lo_ms);
        if (open) {
            int64_t shift = m.arrive_ms - at;
            struct move later;
            while (change <= limit && try_move(s, o, turn, v, change, &later) && later.arrive_ms - change == shift)
                change = later.change_ms; /* the run goes on as long as the move takes the same time */
            l.lo_ms = at + shift;
            l.hi_ms = (change <= limit ? change - 1 : limit) + shift;
            l.shift_ms = shift;
            l.moved_ms = o->moved_ms + shift;
            l.cost = by_time ? (uint64_t)(l.lo_ms - s->c->depart_ms) : o->cost + move_cost(s, v, &m);
            if (!earliest || !by_time || l.lo_ms < best) label_push(s, &l);
            if (l.lo_ms < best) best = l.lo_ms;
            if (!by_time && l.cost < cheapest) cheapest = l.cost;
        }
        at = change;
        if (change == TIME_OPEN) break;
    }
    if (!earliest) return;
    uint64_t ahead = ahead_of(s, &l);
    if (ahead == UINT64_MAX) return;
    ahead += s->nearest;
    if (s->mode == SEARCH_EARLIEST && !by_time && !at_once && o->cost + ahead < s->result->doubt.early) look_before(s, o, turn, v, ahead);
    if (at == TIME_OPEN || o->cost + ahead >= s->result->doubt.later) return;
    /* too late for this label: would one that comes later find it open, faster or cheaper? By time, one that had to wait may be
     * followed by any that need not; otherwise only by such as can have waited like it. */
    const struct there at_origin = {o->lo_ms, limit, o->moved_ms, 0};
    int64_t last = TIME_OPEN - 1;
    if (!by_time) last = limit + SEARCH_DAWDLE_MS + SEARCH_GRAIN_MS;
    else if (waits_freely(s, &at_origin)) last = o->lo_ms + SEARCH_DAWDLE_MS + s->c->request->max_wait_ms;
    look_behind(s, o, turn, v, at, last, best, cheapest, ahead);
}

static void expand_label(struct search *s, uint32_t index)
{
    const struct turn_graph *g = s->c->g;
    struct label l = s->labels[index];
    struct arc_use u = arc_use_whole(s->c->n, g->node_arc[l.node]);
    if (l.flags & LABEL_FIRST) u = leg_first_use(s->c, &s->seeds[l.seed]);
    struct origin o = {.use = &u, .lo_ms = l.lo_ms, .hi_ms = l.hi_ms, .moved_ms = l.moved_ms, .cost = l.cost};
    for (turn_id t = g->first_out[l.node]; t < g->first_out[l.node + 1]; t++) {
        if (g->forbidden_to[t] & s->c->subject) continue;
        arc_node v = g->head[t];
        struct label next = {.node = v, .turn = t, .parent = index, .seed = l.seed};
        for (uint32_t k = 0; k < s->goal_count; k++) {
            if (s->goals[k].node != v || !leads_on(s, k)) continue;
            struct arc_use last = leg_last_use(s->c, &s->goals[k]);
            struct label goal = next;
            goal.flags = LABEL_GOAL;
            goal.goal = (uint8_t)k;
            expand(s, &o, t, &last, goal);
        }
        if (potential_get(s->potential, v) >= WEIGHT_INFINITY) continue;
        if (s->stamp[v] == s->generation && (!s->c->varying || s->mode == SEARCH_RELAXED || (s->by_time && s->mode == SEARCH_EARLIEST)))
            continue;
        struct arc_use whole = arc_use_whole(s->c->n, g->node_arc[v]);
        expand(s, &o, t, &whole, next);
    }
}

static void begin(struct search *s, uint32_t index)
{
    const struct leg_seed *seed = &s->seeds[index];
    struct origin o = {.lo_ms = seed->lo_ms + seed->extra_ms, .hi_ms = seed->hi_ms + seed->extra_ms,
                       .moved_ms = seed->moved_ms + seed->extra_ms, .cost = seed->cost, .hold = true,
                       .leaves = &s->stop->from};
    if (!s->by_time) o.cost += leg_extra_cost(s->c, seed->extra_ms);
    struct label l = {.node = seed->node, .parent = PARENT_NONE, .seed = (uint16_t)index};
    for (uint32_t k = 0; k < s->goal_count; k++) {
        if (s->goals[k].node != seed->node || s->goals[k].offset_mm < seed->offset_mm || !leads_on(s, k)) continue;
        struct arc_use only = leg_only_use(s->c, seed, &s->goals[k]);
        struct label goal = l;
        goal.flags = LABEL_GOAL;
        goal.goal = (uint8_t)k;
        expand(s, &o, 0, &only, goal);
    }
    struct arc_use first = leg_first_use(s->c, seed);
    l.flags = LABEL_FIRST;
    expand(s, &o, 0, &first, l);
}

/* ---- results -------------------------------------------------------------------------------------------------------- */

static enum status way_take(struct search *s, uint32_t index, struct leg_way *way, struct error *err)
{
    const struct label *goal = &s->labels[index];
    uint32_t count = 0;
    for (uint32_t i = index; i != PARENT_NONE; i = s->labels[i].parent) count++;
    struct hop *hops = arena_zero(s->c->arena, count, sizeof *hops);
    if (!hops) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *way = (struct leg_way){.seed = goal->seed, .goal = goal->goal, .cost = goal->cost, .lo_ms = goal->lo_ms,
                            .hi_ms = goal->hi_ms, .moved_ms = goal->moved_ms, .hop_count = count, .hops = hops};
    for (uint32_t i = index, k = count; i != PARENT_NONE; i = s->labels[i].parent) {
        const struct label *l = &s->labels[i];
        hops[--k] = (struct hop){.node = l->node, .turn = l->turn, .shift_ms = l->shift_ms};
        hops[k].parent_hi_ms = l->parent == PARENT_NONE ? s->seeds[l->seed].hi_ms + s->seeds[l->seed].extra_ms
                                                        : s->labels[l->parent].hi_ms;
    }
    return STATUS_OK;
}

static bool cancelled(const struct constraint *c)
{
    return c->request->cancelled && __atomic_load_n(c->request->cancelled, __ATOMIC_RELAXED);
}

static bool way_dominated(struct search *s, const struct label *l)
{
    const struct search_result *r = s->result;
    struct there late = there_of(l);
    for (uint32_t i = 0; i < r->way_count; i++) {
        const struct leg_way *w = &r->ways[i];
        struct there k = {w->lo_ms, w->hi_ms, w->moved_ms, w->cost};
        if (w->goal == l->goal && outdoes_thinning(s, &k, &late, l->cost + behind_of(s, l->goal) + s->nearest)) return true;
    }
    return false;
}

static enum status way_add(struct search *s, uint32_t index, struct error *err)
{
    struct search_result *r = s->result;
    if (way_dominated(s, &s->labels[index])) return STATUS_OK;
    if (r->way_count == SEARCH_WAYS_MAX * s->goal_count)
        return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, SEARCH_WAYS_MAX * s->goal_count);
    if (r->way_count % 8 == 0 && (r->way_count & (r->way_count - 1)) == 0) { /* 0, 8, 16, 32, … */
        struct leg_way *more = arena_take(s->c->arena, (r->way_count ? 2 * r->way_count : 8) * sizeof *more);
        if (!more) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        if (r->way_count > 0) memcpy(more, r->ways, r->way_count * sizeof *more);
        r->ways = more;
    }
    return way_take(s, index, &r->ways[r->way_count++], err);
}

static void targets_set(struct search *s, const struct metric *metric)
{
    const struct turn_graph *g = s->c->g;
    struct move m;
    potential_reset(s->potential, metric);
    for (uint32_t k = 0; k < s->goal_count; k++)
        for (uint32_t i = g->first_in[s->goals[k].node]; i < g->first_in[s->goals[k].node + 1] && leads_on(s, k); i++)
            if (!(g->forbidden_to[g->in_turn[i]] & s->c->subject)) {
                struct arc_use whole = arc_use_whole(s->c->n, g->node_arc[g->tail[i]]);
                struct arc_use last = leg_last_use(s->c, &s->goals[k]);
                if (s->mode == SEARCH_RELAXED)
                    potential_target(s->potential, g->tail[i], 0);
                else if (passage_move(s->c, &whole, g->in_turn[i], &last, s->c->depart_ms, MOVE_LOOSE, &m, NULL))
                    potential_target(s->potential, g->tail[i], weight_add(passage_cost(s->c, &m), behind_of(s, k)));
            }
}

/* ---- bounds from below ---------------------------------------------------------------------------------------------- */

void search_aim(struct search *s, const struct constraint *c, const struct metric *metric, const struct leg_goal *goals,
                uint32_t goal_count, const uint64_t *behind)
{
    s->c = c;
    s->goals = goals;
    s->goal_count = goal_count;
    s->mode = SEARCH_ALL;
    behind_set(s, behind);
    targets_set(s, metric);
}

/* A loose move, and what it costs; false if it is not open. */
static bool loose_move(const struct search *s, const struct arc_use *u, turn_id turn, const struct arc_use *v, uint64_t *cost)
{
    struct move m;
    if (!passage_move(s->c, u, turn, v, s->c->depart_ms, MOVE_LOOSE, &m, NULL)) return false;
    *cost = passage_cost(s->c, &m);
    return true;
}

uint64_t search_bound(struct search *s, const struct leg_seed *seed)
{
    const struct turn_graph *g = s->c->g;
    uint64_t best = UINT64_MAX, begun, cost;
    struct arc_use first = leg_first_use(s->c, seed);
    for (uint32_t k = 0; k < s->goal_count; k++) {
        if (s->goals[k].node != seed->node || s->goals[k].offset_mm < seed->offset_mm || !leads_on(s, k)) continue;
        struct arc_use only = leg_only_use(s->c, seed, &s->goals[k]);
        if (loose_move(s, NULL, 0, &only, &cost) && cost + behind_of(s, k) < best) best = cost + behind_of(s, k);
    }
    bool open = loose_move(s, NULL, 0, &first, &begun);
    for (turn_id t = g->first_out[seed->node]; open && t < g->first_out[seed->node + 1]; t++) {
        arc_node v = g->head[t];
        for (uint32_t k = 0; k < s->goal_count; k++) {
            if (s->goals[k].node != v || !leads_on(s, k)) continue;
            struct arc_use last = leg_last_use(s->c, &s->goals[k]);
            if (loose_move(s, &first, t, &last, &cost) && begun + cost + behind_of(s, k) < best) best = begun + cost + behind_of(s, k);
        }
        struct arc_use whole = arc_use_whole(s->c->n, g->node_arc[v]);
        weight ahead = potential_get(s->potential, v);
        if (ahead < WEIGHT_INFINITY && loose_move(s, &first, t, &whole, &cost) && begun + cost + ahead < best)
            best = begun + cost + ahead;
    }
    return best == UINT64_MAX ? best : best + leg_extra_cost(s->c, seed->extra_ms) + s->nearest;
}

/* How many milliseconds it is from the seeds to the goals at least, and when they begin; false where potentials are no times. */
static bool least_time(struct search *s, uint32_t seed_count, int64_t *begin_ms, int64_t *least_ms)
{
    if (s->c->request->prefer != PREFER_TIME || s->c->penalty) return false;
    int64_t arrive = INT64_MAX;
    *begin_ms = INT64_MAX;
    for (uint32_t i = 0; i < seed_count; i++) {
        const weight ahead = potential_get(s->potential, s->seeds[i].node);
        const int64_t begin = s->seeds[i].lo_ms;
        if (begin < *begin_ms) *begin_ms = begin;
        if (ahead < WEIGHT_INFINITY && begin + ahead < arrive) arrive = begin + ahead;
    }
    *least_ms = arrive - *begin_ms;
    return arrive != INT64_MAX;
}

static bool hopeless_under(struct search *s, const struct constraint *rules, uint32_t seed_count, uint32_t looked,
                           const struct closed_in_near *near)
{
    bool hopeless = closed_in_find(s->around, rules, s->goals, s->goal_count, looked, near);
    for (uint32_t i = 0; i < seed_count && hopeless; i++)
        hopeless = !closed_in_reached_from(s->around, s->goals, s->goal_count, s->seeds[i].node);
    return hopeless;
}

/* After looking at `looked` arcs in vain: are the goals closed in by less than that? `*hopeless`: nothing can arrive. First by what
 * always holds, then around the goals by what holds from when one can be there. */
static enum status look_back(struct search *s, uint32_t seed_count, uint32_t looked, bool *hopeless, struct error *err)
{
    enum { AROUND_SHARE = 4 }; /* of the way there: the nearer, the later one comes, but the less is looked at */
    const bool relaxed = s->mode == SEARCH_RELAXED;
    struct constraint always, then;
    struct closed_in_near near = {s->potential, 0, &always};
    int64_t begin, least;
    *hopeless = false;
    if (s->arrives && !relaxed) return STATUS_OK;
    enum status status = closed_in_rules(s->c, s->c->depart_ms, &always, err);
    const bool timed = s->c->varying && least_time(s, seed_count, &begin, &least);
    if (status == STATUS_OK && timed) {
        near.most = (weight)(least / AROUND_SHARE);
        status = closed_in_rules(s->c, begin + least - near.most, &then, err);
    }
    if (status != STATUS_OK) return status;
    if (!relaxed) {
        *hopeless = hopeless_under(s, &always, seed_count, looked, NULL) || (timed && hopeless_under(s, &then, seed_count, looked, &near));
        return STATUS_OK;
    }
    s->closed_in = closed_in_levels(s->around, &always, s->goals, s->goal_count, looked, NULL);
    if (timed) {
        const uint32_t levels = closed_in_levels(s->around, &then, s->goals, s->goal_count, looked, &near);
        if (levels > s->closed_in) s->closed_in = levels;
        else (void)closed_in_levels(s->around, &always, s->goals, s->goal_count, looked, NULL);
    }
    /* Bounds that are greater and still consistent: what is settled stays right, what is not is put in order again. */
    size_t count = s->heap_count;
    struct queue_item *items = count ? malloc(count * sizeof *items) : NULL;
    if (count && !items) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (count) memcpy(items, s->heap, count * sizeof *items);
    s->heap_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct label *l = &s->labels[items[i].label];
        if (!(l->flags & (LABEL_FIRST | LABEL_GOAL)))
            items[i].key = l->cost + potential_get(s->potential, l->node) + SEARCH_PRICE * closed_in_level(s->around, l->node);
        (void)queue_push(s, items[i]); /* there was room for all of them */
    }
    free(items);
    return STATUS_OK;
}

/* ---- beside a search from the goals ----------------------------------------------------------------------------------
 *
 * Both go on in turns, the one with fewer nodes before it first. Where they meet, the way on is driven by the clock; once one is known to
 * be open, labels from which the rest of the way is dearer are dropped, and when the other search has nothing left that is as cheap, all
 * that it has not settled. Labels on cheapest ways stay, in the order that they had, so the way is the same one as without: those
 * dropped are on none. A node that has its label already is not gone back from: by which way it is reached is decided.
 *
 * The other search knows the loose reading: good for ways that end within it, and for all where no rule changes. */

static bool faces(const struct search *s, bool one)
{
    return one && s->mode == SEARCH_EARLIEST && s->reading == MOVE_EXACT && !s->c->penalty && s->c->avoid && !s->c->lift_avoid &&
           (s->by_time || !s->c->varying);
}

static enum status face(struct search *s, const struct metric *metric, uint32_t seed_count, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    struct facing *f = &s->facing;
    enum status status = f->opposite ? STATUS_OK : opposite_new(s->base, &f->opposite, err);
    if (status != STATUS_OK) return status;
    opposite_begin(f->opposite, s->c, metric);
    f->base = UINT64_MAX;
    for (uint32_t i = 0; i < seed_count; i++)
        if (s->seeds[i].cost < f->base) f->base = s->seeds[i].cost;
    for (uint32_t i = 0; i < seed_count; i++) {
        const struct leg_seed *seed = &s->seeds[i];
        const struct arc_use first = leg_first_use(s->c, seed);
        uint64_t begun, cost;
        if (!loose_move(s, NULL, 0, &first, &begun)) continue;
        begun += seed->cost - f->base + leg_extra_cost(s->c, seed->extra_ms);
        for (turn_id t = g->first_out[seed->node]; t < g->first_out[seed->node + 1]; t++) {
            const struct arc_use whole = arc_use_whole(s->c->n, g->node_arc[g->head[t]]);
            if (loose_move(s, &first, t, &whole, &cost) && begun + cost < WEIGHT_INFINITY)
                opposite_source(f->opposite, g->head[t], (weight)(begun + cost));
        }
    }
    for (uint32_t k = 0; k < s->goal_count; k++) {
        const struct arc_use last = leg_last_use(s->c, &s->goals[k]);
        if (!leads_on(s, k) || constraint_avoids(s->c, last.arc, last.from_mm, last.to_mm)) continue;
        for (uint32_t i = g->first_in[s->goals[k].node]; i < g->first_in[s->goals[k].node + 1]; i++) {
            const struct arc_use whole = arc_use_whole(s->c->n, g->node_arc[g->tail[i]]);
            uint64_t cost;
            if (loose_move(s, &whole, g->in_turn[i], &last, &cost) &&
                !opposite_goal(f->opposite, g->tail[i], g->in_turn[i], cost + behind_of(s, k)))
                return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        }
    }
    f->on = f->going = true;
    return STATUS_OK;
}

/* Drives on from a label by the way that the other search knows: what that costs, UINT64_MAX if it is not open at once all along. */
static uint64_t drive_on(const struct search *s, const struct label *l)
{
    const struct turn_graph *g = s->c->g;
    const struct opposite *opposite = s->facing.opposite;
    struct arc_use at = arc_use_whole(s->c->n, g->node_arc[l->node]);
    int64_t now = l->lo_ms;
    uint64_t cost = l->cost;
    struct move m;
    for (arc_node v = l->node;;) {
        const turn_id turn = opposite->next[v];
        const struct origin o = {.use = &at};
        const uint64_t rest = opposite->rest[v];
        v = g->head[turn];
        for (uint32_t k = 0; k < s->goal_count; k++) {
            uint64_t last_cost;
            const struct arc_use last = leg_last_use(s->c, &s->goals[k]);
            if (s->goals[k].node != v || !leads_on(s, k) || !loose_move(s, &at, turn, &last, &last_cost) ||
                last_cost + behind_of(s, k) != rest)
                continue;
            if (!try_move(s, &o, turn, &last, now, &m)) return UINT64_MAX;
            if (s->c->varying && m.arrive_ms > s->c->loose_until_ms) return UINT64_MAX;
            return cost + move_cost(s, &last, &m) + behind_of(s, k);
        }
        const struct arc_use whole = arc_use_whole(s->c->n, g->node_arc[v]);
        if (opposite_rest(opposite, v) >= rest || !try_move(s, &o, turn, &whole, now, &m)) return UINT64_MAX;
        cost += move_cost(s, &whole, &m);
        now = m.arrive_ms;
        at = whole;
    }
}

static void meet(struct search *s, const struct label *l)
{
    struct facing *f = &s->facing;
    const uint64_t rest = opposite_rest(f->opposite, l->node);
    if (rest == UINT64_MAX || l->cost + rest >= f->met || f->missed == FACING_MISSES_MAX) return;
    f->met = l->cost + rest;
    const uint64_t cost = drive_on(s, l);
    if (cost < f->known) f->known = cost;
    f->missed += cost == UINT64_MAX;
}

/* Can nothing that goes on from this label be the answer? */
static bool useless(const struct search *s, const struct label *l)
{
    const struct facing *f = &s->facing;
    if (opposite_settled(f->opposite, l->node)) return l->cost + opposite_rest(f->opposite, l->node) > f->known;
    return f->done;
}

/* One step of the other search, if it is its turn; false: it is not. */
static bool face_step(struct search *s, bool *memory_out)
{
    struct facing *f = &s->facing;
    if (!f->going || f->opposite->heap.count > s->heap_count) return false;
    const uint64_t least = opposite_least(f->opposite);
    if (least == UINT64_MAX || least + f->base > f->known || f->missed == FACING_MISSES_MAX) {
        f->going = false;
        f->done = least == UINT64_MAX ? f->known != UINT64_MAX || !s->c->varying : least + f->base > f->known;
        return false;
    }
    const arc_node v = opposite_settle(f->opposite);
    if (s->stamp[v] == s->generation) meet(s, &s->labels[s->first[v]]);
    else if (!opposite_expand(f->opposite, v)) *memory_out = true;
    return true;
}

static enum status run(struct search *s, const struct constraint *c, const struct metric *metric,
                       const struct search_stop *stop, const struct leg_seed *seeds, uint32_t seed_count,
                       const struct leg_goal *goals, uint32_t goal_count, enum search_mode mode, bool all,
                       const uint64_t *behind, uint64_t most, uint32_t budget, uint32_t *settled, struct search_result *result, struct error *err)
{
    s->c = c;
    s->stop = stop;
    s->seeds = seeds;
    s->goals = goals;
    s->goal_count = goal_count;
    s->mode = mode;
    s->by_time = c->request->prefer == PREFER_TIME && mode != SEARCH_RELAXED && !c->penalty;
    s->most = s->by_time || mode == SEARCH_RELAXED ? UINT64_MAX : most;
    behind_set(s, behind);
    s->memory_out = s->arrives = false;
    s->closed_in = 0;
    s->result = result;
    s->label_count = s->heap_count = 0;
    *result = (struct search_result){.doubt = SEARCH_NO_DOUBT};
    if (++s->generation == 0) {
        memset(s->stamp, 0, ((size_t)s->base->turns.node_count + 1) * sizeof *s->stamp);
        s->generation = 1;
    }
    enum status status = STATUS_OK;
    targets_set(s, metric);
    for (uint32_t i = 0; i < seed_count; i++) begin(s, i);
    int64_t first_goal = INT64_MAX;
    uint32_t looked = 0, look_at = LOOK_BACK_FIRST;
    const bool one = !all || (!c->varying && goal_count == 1) || (s->by_time && goal_count == 1);
    const bool facing = faces(s, one);
    s->facing.on = s->facing.going = s->facing.done = false;
    s->facing.met = s->facing.known = UINT64_MAX;
    s->facing.missed = 0;
    while (s->heap_count > 0 && !s->memory_out) {
        if (s->facing.on && face_step(s, &s->memory_out)) {
            if (++*settled > budget) return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, budget);
            continue;
        }
        struct queue_item top = queue_pop(s);
        if (c->dearest && top.key >= c->dearest) break;
        uint32_t index = top.label;
        struct label *l = &s->labels[index];
        if (l->flags & LABEL_GOAL) {
            if (all && s->by_time && first_goal != INT64_MAX && l->lo_ms > first_goal + SEARCH_DAWDLE_MS + c->request->max_wait_ms)
                break;
            struct there arrival = there_of(l);
            if (l->lo_ms < first_goal && waits_freely(s, &arrival)) first_goal = l->lo_ms; /* a measure for all that follow */
            if (l->lo_ms > c->loose_until_ms) result->late = true;
            if ((status = way_add(s, index, err)) != STATUS_OK) return status;
            bool more = all && (c->varying || goal_count > 1) && mode != SEARCH_RELAXED && !(s->by_time && mode == SEARCH_EARLIEST && goal_count == 1);
            if (!more) break;
            continue;
        }
        if (!(l->flags & LABEL_FIRST)) {
            if (dominated(s, l, top.key + s->nearest)) continue;
            if (s->facing.on) {
                meet(s, l);
                if (useless(s, l)) continue;
            }
            bool fresh = s->stamp[l->node] != s->generation;
            l->next = fresh ? PARENT_NONE : s->first[l->node];
            s->stamp[l->node] = s->generation;
            s->first[l->node] = index;
        }
        if (l->lo_ms > c->loose_until_ms) result->late = true;
        if (++*settled > budget)
            return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, budget);
        if (*settled % 1024 == 0 && cancelled(c)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        if (++looked == s->facing.after && facing && (status = face(s, metric, seed_count, err)) != STATUS_OK) return status;
        if (looked == look_at && !(s->facing.on && !c->varying)) {
            bool hopeless;
            if ((status = look_back(s, seed_count, looked, &hopeless, err)) != STATUS_OK) return status;
            if (hopeless) break;
            look_at *= LOOK_BACK_STEP;
        }
        expand_label(s, index);
    }
    if (s->memory_out) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return STATUS_OK;
}

enum status search_run(struct search *s, const struct constraint *c, const struct metric *metric,
                       const struct search_stop *stop, const struct leg_seed *seeds, uint32_t seed_count,
                       const struct leg_goal *goals, uint32_t goal_count, enum search_mode mode, bool all,
                       const uint64_t *behind, uint64_t most, uint32_t budget, uint32_t *settled, struct search_result *result, struct error *err)
{
    s->reading = MOVE_EXACT;
    return run(s, c, metric, stop, seeds, seed_count, goals, goal_count, mode, all, behind, most, budget, settled, result, err);
}

enum status search_least(struct search *s, const struct constraint *always, const struct metric *metric, const struct search_stop *stop,
                         const struct leg_seed *seeds, uint32_t seed_count, const struct leg_goal *goals, uint32_t goal_count,
                         const uint64_t *behind, uint32_t budget, uint32_t *settled, uint64_t *least, struct error *err)
{
    struct search_result result;
    s->reading = MOVE_LOOSE;
    enum status status = run(s, always, metric, stop, seeds, seed_count, goals, goal_count, SEARCH_ALL, false, behind, UINT64_MAX, budget,
                             settled, &result, err);
    *least = UINT64_MAX;
    if (status == STATUS_OK && result.way_count) *least = result.ways[0].cost + behind_of(s, result.ways[0].goal) + s->nearest;
    return status;
}
