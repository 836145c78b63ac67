#include "routing/explain/cut.h"

#include "routing/constraint/conflict.h"
#include "routing/constraint/leg_geometry.h"
#include "routing/search/heap.h"
#include "routing/search/journey.h"

#include <stdlib.h>
#include <string.h>

enum { SEEDS_MAX = 2 * PLACE_STATES_MAX + 4 };

/* A state in which the leg may begin. */
struct first {
    struct leg_seed seed; /* lo_ms: the moment */
    bool open;
    int64_t end_ms;       /* at the end of its arc */
};

struct held {
    uint32_t leg;
    arc_id arc;
    uint32_t from_mm, to_mm;
    int64_t at_ms;
    uint32_t breach_count;
    struct breach breaches[CUT_BREACHES_MAX];
};

/* One leg. */
struct layer {
    const struct place *to;
    int64_t *at_ms;   /* [node] earliest moment at its end; TIME_OPEN: not reached */
    uint8_t *beyond;  /* [node] */
    struct first firsts[SEEDS_MAX];
    uint32_t first_count;
    int64_t goal_ms[PLACE_STATES_MAX]; /* arrival in each state of the place; TIME_OPEN: none */
    bool wanted[PLACE_STATES_MAX];     /* not reached, and the journey could go on from there */
};

struct cutting {
    struct constraint *c;
    struct heap heap;
    struct layer *layers, *layer; /* all; the one that is being looked at */
    struct held *held;
    size_t held_count, held_capacity;
    uint32_t budget, *settled;
    bool exact, memory_out;
};

/* A move at a moment; says whether it is open and when it ends. */
static bool move_make(struct cutting *x, const struct arc_use *u, turn_id turn, const struct arc_use *v, int64_t at_ms,
                      int64_t *end_ms)
{
    struct move m;
    bool open = passage_move(x->c, u, turn, v, at_ms, MOVE_EXACT, &m, NULL);
    if (m.change_ms != TIME_OPEN && m.change_ms <= at_ms + (int64_t)x->c->request->max_wait_ms + SEARCH_DAWDLE_MS)
        x->exact = false;
    *end_ms = m.arrive_ms;
    return open;
}

static void reach_node(struct cutting *x, arc_node v, int64_t at_ms)
{
    if (x->layer->at_ms[v] <= at_ms) return;
    x->layer->at_ms[v] = at_ms;
    if (!heap_push(&x->heap, (struct heap_item){(uint64_t)(at_ms - x->c->depart_ms), v})) x->memory_out = true;
}

/* Along every turn out of node u, which is left at `at_ms`; the place itself too. */
static void relax(struct cutting *x, arc_node u, const struct arc_use *use, int64_t at_ms)
{
    const struct turn_graph *g = x->c->g;
    int64_t end;
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++) {
        arc_node v = g->head[t];
        if (g->forbidden_to[t] & x->c->subject) continue;
        for (uint32_t i = 0; i < x->layer->to->state_count; i++) {
            struct arc_use last = leg_last_use(x->c, &x->layer->to->states[i]);
            if (x->layer->to->states[i].node == v && move_make(x, use, t, &last, at_ms, &end) && end < x->layer->goal_ms[i])
                x->layer->goal_ms[i] = end;
        }
        struct arc_use whole = arc_use_whole(x->c->n, g->node_arc[v]);
        if (x->layer->at_ms[v] > at_ms && move_make(x, use, t, &whole, at_ms, &end)) reach_node(x, v, end);
    }
}

static enum status spread(struct cutting *x, struct error *err)
{
    const struct constraint *c = x->c;
    int64_t end;
    for (uint32_t i = 0; i < x->layer->first_count; i++) {
        struct first *f = &x->layer->firsts[i];
        struct arc_use use = leg_first_use(c, &f->seed);
        for (uint32_t k = 0; k < x->layer->to->state_count; k++) {
            if (x->layer->to->states[k].node != f->seed.node || x->layer->to->states[k].offset_mm < f->seed.offset_mm) continue;
            struct arc_use only = leg_only_use(c, &f->seed, &x->layer->to->states[k]);
            if (move_make(x, NULL, 0, &only, f->seed.lo_ms, &end) && end < x->layer->goal_ms[k]) x->layer->goal_ms[k] = end;
        }
        f->open = move_make(x, NULL, 0, &use, f->seed.lo_ms, &f->end_ms);
        if (f->open) relax(x, f->seed.node, &use, f->end_ms);
    }
    while (x->heap.count > 0 && !x->memory_out) {
        struct heap_item top = heap_pop(&x->heap);
        if ((uint64_t)(x->layer->at_ms[top.node] - c->depart_ms) != top.cost) continue;
        if (++*x->settled > x->budget)
            return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, x->budget);
        if (*x->settled % 1024 == 0 && c->request->cancelled && __atomic_load_n(c->request->cancelled, __ATOMIC_RELAXED))
            return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        struct arc_use whole = arc_use_whole(c->n, c->g->node_arc[top.node]);
        relax(x, top.node, &whole, x->layer->at_ms[top.node]);
    }
    return x->memory_out ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY) : STATUS_OK;
}

/* ---- beyond ----------------------------------------------------------------------------------------------------------- */

/* Is it one of the layer's ends that matter? */
static bool wanted(const struct layer *layer, arc_node v)
{
    bool yes = false;
    for (uint32_t i = 0; i < layer->to->state_count; i++) yes = yes || (layer->wanted[i] && layer->to->states[i].node == v);
    return yes;
}

static void beyond_add(struct cutting *x, arc_node *queue, size_t *count, arc_node u)
{
    if (x->layer->beyond[u] || x->layer->at_ms[u] != TIME_OPEN) return;
    x->layer->beyond[u] = 1;
    queue[(*count)++] = u;
}

static void beyond_before(struct cutting *x, arc_node *queue, size_t *count, arc_node v)
{
    const struct turn_graph *g = x->c->g;
    for (uint32_t i = g->first_in[v]; i < g->first_in[v + 1]; i++)
        if (!(g->forbidden_to[g->in_turn[i]] & x->c->subject)) beyond_add(x, queue, count, g->tail[i]);
}

static enum status beyond_fill(struct cutting *x, struct error *err)
{
    size_t count = 0;
    arc_node *queue = malloc(((size_t)x->c->g->node_count + 1) * sizeof *queue);
    if (!queue) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < x->layer->to->state_count; i++)
        if (x->layer->wanted[i]) beyond_before(x, queue, &count, x->layer->to->states[i].node);
    for (size_t done = 0; done < count; done++) beyond_before(x, queue, &count, queue[done]);
    free(queue);
    return STATUS_OK;
}

/* ---- the moves between ---------------------------------------------------------------------------------------------------- */

static void hold(struct cutting *x, const struct arc_use *u, turn_id turn, const struct arc_use *v, int64_t at_ms)
{
    struct move m;
    struct move_log log;
    (void)passage_move(x->c, u, turn, v, at_ms, MOVE_RELAX, &m, &log);
    if (log.breach_count == 0) return; /* open: the journey fails for another reason */
    if (x->held_count == x->held_capacity) {
        size_t more = x->held_capacity ? 2 * x->held_capacity : 256;
        struct held *grown = realloc(x->held, more * sizeof *grown);
        if (!grown) {
            x->memory_out = true;
            return;
        }
        x->held = grown;
        x->held_capacity = more;
    }
    struct held *h = &x->held[x->held_count++];
    *h = (struct held){.leg = (uint32_t)(x->layer - x->layers), .arc = v->arc, .from_mm = v->from_mm, .to_mm = v->to_mm, .at_ms = at_ms};
    h->breach_count = log.breach_count < CUT_BREACHES_MAX ? log.breach_count : CUT_BREACHES_MAX;
    memcpy(h->breaches, log.breaches, h->breach_count * sizeof *h->breaches);
}

static void hold_turns(struct cutting *x, arc_node u, const struct arc_use *use, int64_t at_ms)
{
    const struct turn_graph *g = x->c->g;
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++) {
        arc_node v = g->head[t];
        if (g->forbidden_to[t] & x->c->subject) continue;
        struct arc_use whole = arc_use_whole(x->c->n, g->node_arc[v]);
        if (x->layer->beyond[v]) hold(x, use, t, &whole, at_ms);
        for (uint32_t i = 0; i < x->layer->to->state_count; i++) {
            struct arc_use last = leg_last_use(x->c, &x->layer->to->states[i]);
            if (x->layer->wanted[i] && x->layer->to->states[i].node == v) hold(x, use, t, &last, at_ms);
        }
    }
}

/* Does a way on from this node lead to a wanted end without R? */
static bool leads_beyond(const struct cutting *x, const struct layer *layer, arc_node u)
{
    const struct turn_graph *g = x->c->g;
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++)
        if (!(g->forbidden_to[t] & x->c->subject) && (layer->beyond[g->head[t]] || wanted(layer, g->head[t]))) return true;
    return false;
}

static void hold_all(struct cutting *x)
{
    const struct constraint *c = x->c;
    for (uint32_t i = 0; i < x->layer->first_count && !x->memory_out; i++) {
        const struct first *f = &x->layer->firsts[i];
        struct arc_use use = leg_first_use(c, &f->seed);
        for (uint32_t k = 0; k < x->layer->to->state_count; k++) {
            if (!x->layer->wanted[k] || x->layer->to->states[k].node != f->seed.node ||
                x->layer->to->states[k].offset_mm < f->seed.offset_mm)
                continue;
            struct arc_use only = leg_only_use(c, &f->seed, &x->layer->to->states[k]);
            hold(x, NULL, 0, &only, f->seed.lo_ms);
        }
        if (f->open) hold_turns(x, f->seed.node, &use, f->end_ms);
        else if (leads_beyond(x, x->layer, f->seed.node)) hold(x, NULL, 0, &use, f->seed.lo_ms);
    }
    for (arc_node u = 0; u < c->g->node_count && !x->memory_out; u++) {
        if (x->layer->at_ms[u] == TIME_OPEN) continue;
        struct arc_use whole = arc_use_whole(c->n, c->g->node_arc[u]);
        hold_turns(x, u, &whole, x->layer->at_ms[u]);
    }
}

/* ---- the answer ------------------------------------------------------------------------------------------------------------- */

static int compare_place(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    if (x->leg != y->leg) return x->leg < y->leg ? -1 : 1;
    if (x->arc != y->arc) return x->arc < y->arc ? -1 : 1;
    if (x->from_mm != y->from_mm) return x->from_mm < y->from_mm ? -1 : 1;
    if (x->to_mm != y->to_mm) return x->to_mm < y->to_mm ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static int compare_time(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
    return compare_place(a, b);
}

/* Moves onto the same part of an arc count once, with what forbids any of them. */
static void merge(struct cutting *x)
{
    size_t count = 0;
    if (x->held_count == 0) return;
    qsort(x->held, x->held_count, sizeof *x->held, compare_place);
    for (size_t i = 0; i < x->held_count; i++) {
        struct held *last = count ? &x->held[count - 1] : NULL;
        const struct held *h = &x->held[i];
        if (!last || last->leg != h->leg || last->arc != h->arc || last->from_mm != h->from_mm || last->to_mm != h->to_mm) {
            x->held[count++] = *h;
            continue;
        }
        for (uint32_t k = 0; k < h->breach_count; k++) {
            bool known = last->breach_count == CUT_BREACHES_MAX;
            for (uint32_t n = 0; n < last->breach_count && !known; n++)
                known = conflict_same(&last->breaches[n], &h->breaches[k]) && last->breaches[n].kind == h->breaches[k].kind;
            if (!known) last->breaches[last->breach_count++] = h->breaches[k];
        }
    }
    x->held_count = count;
    qsort(x->held, x->held_count, sizeof *x->held, compare_time);
}

static enum status answer(struct cutting *x, struct arena *arena, struct cut *cut, struct error *err)
{
    const struct network *n = x->c->n;
    merge(x);
    cut->total = (uint32_t)x->held_count;
    cut->arc_count = cut->total < CUT_ARCS_MAX ? cut->total : CUT_ARCS_MAX;
    cut->arcs = arena_zero(arena, cut->arc_count + 1, sizeof *cut->arcs);
    if (!cut->arcs) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < cut->arc_count; i++) {
        const struct held *h = &x->held[i];
        struct breach *breaches = arena_zero(arena, h->breach_count, sizeof *breaches);
        struct conflict *conflicts = arena_zero(arena, h->breach_count, sizeof *conflicts);
        if (!breaches || !conflicts) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        memcpy(breaches, h->breaches, h->breach_count * sizeof *breaches);
        for (uint32_t k = 0; k < h->breach_count; k++)
            conflicts[k] = conflict_of(x->c, &breaches[k], leg_arc_point(n, h->arc, h->from_mm));
        cut->arcs[i] = (struct cut_arc){.leg = h->leg, .arc = h->arc, .from_mm = h->from_mm, .to_mm = h->to_mm, .at_ms = h->at_ms,
                                        .breach_count = h->breach_count, .breaches = breaches, .conflicts = conflicts};
    }
    return STATUS_OK;
}

/* ---- leg by leg --------------------------------------------------------------------------------------------------------------- */

static void first_add(struct cutting *x, struct leg_goal state, int64_t at_ms)
{
    if (x->layer->first_count == SEEDS_MAX) return;
    x->layer->firsts[x->layer->first_count++] =
        (struct first){.seed = {.node = state.node, .offset_mm = state.offset_mm, .lo_ms = at_ms, .hi_ms = at_ms}};
}

/* The states in which the leg after `done` begins. */
static void firsts_after(struct cutting *x, const struct layer *done)
{
    int64_t earliest = TIME_OPEN;
    const struct place *place = done->to;
    for (uint32_t i = 0; i < place->state_count; i++) {
        if (done->goal_ms[i] == TIME_OPEN) continue;
        first_add(x, place->states[i], done->goal_ms[i] + place->call->service_ms);
        if (done->goal_ms[i] < earliest) earliest = done->goal_ms[i];
    }
    for (uint32_t i = 0; i < place->start_count && place->call->turning_place; i++)
        first_add(x, place->starts[i], earliest + place->call->service_ms + JOURNEY_TURN_ROUND_MS);
}

/* Lays the layer out and goes as far as the rules let; `*there`: to some state of its end. */
static enum status layer_spread(struct cutting *x, const struct place *to, bool *there, struct error *err)
{
    struct layer *layer = x->layer;
    size_t nodes = x->c->g->node_count;
    *there = false;
    layer->to = to;
    layer->at_ms = malloc((nodes + 1) * sizeof *layer->at_ms);
    layer->beyond = calloc(nodes + 1, 1);
    if (!layer->at_ms || !layer->beyond) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t v = 0; v < nodes; v++) layer->at_ms[v] = TIME_OPEN;
    for (uint32_t i = 0; i < PLACE_STATES_MAX; i++) layer->goal_ms[i] = TIME_OPEN;
    enum status status = spread(x, err);
    for (uint32_t i = 0; i < to->state_count; i++) *there = *there || layer->goal_ms[i] != TIME_OPEN;
    return status;
}

/* Of a layer before the last: the states in which nobody arrives, but from which the next leg could be done. */
static void wanted_before(struct cutting *x, const struct layer *next)
{
    struct layer *layer = x->layer;
    for (uint32_t i = 0; i < layer->to->state_count; i++) {
        struct leg_goal s = layer->to->states[i];
        bool leads = leads_beyond(x, next, s.node);
        for (uint32_t k = 0; k < next->to->state_count; k++)
            leads = leads || (next->wanted[k] && next->to->states[k].node == s.node &&
                              next->to->states[k].offset_mm >= s.offset_mm);
        layer->wanted[i] = layer->goal_ms[i] == TIME_OPEN && leads;
    }
}

/* From the last layer back to the first: what is beyond, and the moves into it. */
static enum status collect(struct cutting *x, const struct place *places, uint32_t last, struct error *err)
{
    enum status status = STATUS_OK;
    for (uint32_t k = last + 1; k-- > 0 && status == STATUS_OK;) {
        x->layer = &x->layers[k];
        constraint_leg(x->c, places[k].at, places[k + 1].at);
        for (uint32_t i = 0; k == last && i < x->layer->to->state_count; i++) x->layer->wanted[i] = true;
        if (k < last) wanted_before(x, &x->layers[k + 1]);
        status = beyond_fill(x, err);
        if (status == STATUS_OK) hold_all(x);
        if (x->memory_out) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    return status;
}

enum status cut_find(struct constraint *c, const struct place *places, uint32_t place_count, uint32_t budget,
                     struct arena *arena, struct cut *cut, uint32_t *settled, struct error *err)
{
    struct cutting x = {.c = c, .budget = budget, .settled = settled, .exact = true};
    enum status status = STATUS_OK;
    *cut = (struct cut){.leg = UINT32_MAX};
    x.layer = x.layers = calloc(place_count, sizeof *x.layers);
    if (!x.layers) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < places[0].start_count; i++) first_add(&x, places[0].starts[i], c->depart_ms);
    for (uint32_t k = 0; k + 1 < place_count && cut->leg == UINT32_MAX; k++) {
        bool there = false;
        x.layer = &x.layers[k];
        constraint_leg(c, places[k].at, places[k + 1].at);
        if (k > 0) firsts_after(&x, &x.layers[k - 1]);
        if ((status = layer_spread(&x, &places[k + 1], &there, err)) != STATUS_OK) goto done;
        if (!there) cut->leg = k;
    }
    cut->exact = x.exact;
    if (cut->leg == UINT32_MAX) goto done;
    for (arc_node u = 0; u < c->g->node_count; u++) cut->reached += x.layer->at_ms[u] != TIME_OPEN;
    if ((status = collect(&x, places, cut->leg, err)) == STATUS_OK) status = answer(&x, arena, cut, err);
done:
    for (uint32_t k = 0; k < place_count; k++) {
        free(x.layers[k].at_ms);
        free(x.layers[k].beyond);
    }
    free(x.layers);
    free(x.held);
    heap_clear(&x.heap);
    return status;
}
