#include "routing/search/table_tree.h"

#include "routing/hierarchy/potential.h"
#include "routing/search/table_ends.h"
#include "routing/search/table_label.h"

#include <stdlib.h>
#include <string.h>

#define NO_SLOT UINT32_MAX

/* How a node at its distance is reached: from an end of the source, or over a turn; the first of so many ways. */
struct tree_step {
    uint32_t node, ways;
    uint32_t end, before; /* UINT32_MAX: not that */
    turn_id turn;
    bool circles;         /* some cost nothing: such may go in circles, and are only counted */
};

struct table_tree {
    struct potential *distance;
    uint32_t *slot_of; /* [node_count] */
    struct tree_slot *slots;
    uint32_t slot_count, slot_capacity;
    struct tree_step *stack;
    uint32_t stack_capacity;
    struct table_ends from, to;
    /* of the rows at hand */
    const struct constraint *c;
    const struct metric *metric;
    const struct place *places;
    const uint32_t *targets;
    const struct place *source;
};

enum status table_tree_new(const struct base *base, struct table_tree **out, struct error *err)
{
    struct table_tree *t = calloc(1, sizeof *t);
    if (!t) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = potential_new(base->hierarchy, &t->distance, err);
    t->slot_of = malloc(((size_t)base->turns.node_count + 1) * sizeof *t->slot_of);
    if (status == STATUS_OK && !t->slot_of) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status != STATUS_OK) {
        table_tree_free(t);
        return status;
    }
    memset(t->slot_of, 0xFF, ((size_t)base->turns.node_count + 1) * sizeof *t->slot_of);
    *out = t;
    return STATUS_OK;
}

void table_tree_free(struct table_tree *t)
{
    if (!t) return;
    potential_free(t->distance);
    free(t->slot_of);
    free(t->slots);
    free(t->stack);
    table_ends_clear(&t->from);
    table_ends_clear(&t->to);
    free(t);
}

/* ---- groups ---------------------------------------------------------------------------------------------------------- */

enum { OPENS_MAX = 32 };

/* What a leg with this end opens. */
struct opens {
    uint32_t place, count;
    uint32_t what[OPENS_MAX]; /* its piece, then zones, ascending */
};

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int by_what(const void *a, const void *b)
{
    const struct opens *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? -1 : 1;
    return memcmp(x->what, y->what, x->count * sizeof *x->what);
}

static struct opens opens_of(struct constraint *c, const struct place *place, uint32_t index)
{
    struct opens o = {.place = index, .count = 1};
    constraint_leg(c, place->at, place->at);
    o.what[0] = c->piece_from;
    if (c->leg_zone_count < OPENS_MAX) {
        memcpy(o.what + 1, c->leg_zones, c->leg_zone_count * sizeof *o.what);
        o.count += c->leg_zone_count;
        qsort(o.what + 1, o.count - 1, sizeof *o.what, by_number);
    } else { /* a group of its own */
        o.what[0] = UINT32_MAX;
        o.what[o.count++] = index;
    }
    return o;
}

enum status table_groups(struct constraint *c, const struct place *places, const bool *there, uint32_t count,
                         uint32_t *group, uint32_t *group_count, struct error *err)
{
    struct opens *all = malloc(((size_t)count + 1) * sizeof *all);
    uint32_t present = 0;
    if (!all) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < count; i++)
        if (there[i]) all[present++] = opens_of(c, &places[i], i);
    qsort(all, present, sizeof *all, by_what);
    *group_count = 0;
    for (uint32_t i = 0; i < present; i++) {
        if (i == 0 || by_what(&all[i - 1], &all[i]) != 0) ++*group_count;
        group[all[i].place] = *group_count - 1;
    }
    free(all);
    return STATUS_OK;
}

/* ---- the tree -------------------------------------------------------------------------------------------------------- */

enum status table_tree_targets(struct table_tree *t, const struct constraint *c, const struct metric *metric,
                               const struct place *places, const uint32_t *targets, uint32_t target_count, struct error *err)
{
    enum status status = STATUS_OK;
    t->c = c;
    t->metric = metric;
    t->places = places;
    t->targets = targets;
    table_ends_reset(&t->to);
    for (uint32_t k = 0; k < target_count && status == STATUS_OK; k++)
        status = table_ends_reach(&t->to, c, &places[targets[k]], err);
    return status;
}

static bool grow(void *array, uint32_t *capacity, size_t size)
{
    uint32_t wanted = *capacity ? 2 * *capacity : 1024;
    void *more = realloc(*(void **)array, wanted * size);
    if (!more) return false;
    *(void **)array = more;
    *capacity = wanted;
    return true;
}

/* Where not time is preferred: whether what is closed at `at`, as in `m`, opens to who waits, or comes as late for as little. */
static bool opens_later(const struct table_tree *t, const struct tree_slot *at, const struct table_ride *ride, struct move *m)
{
    const struct constraint *c = t->c;
    if (c->request->prefer == PREFER_TIME) return false;
    const int64_t last = (at->till_ms > at->hi_ms ? at->till_ms : at->hi_ms) + (m->gate || !ride->before ? c->request->max_wait_ms : 0);
    while (m->change_ms <= last)
        if (table_ride_at(c, ride, m->change_ms, m)) return true;
    return false;
}

/* Drives on from where `at` left off. */
static bool drive(const struct table_tree *t, struct tree_slot *at, const struct table_ride *ride)
{
    const int64_t wait = t->c->request->max_wait_ms, begin = at->arrive_ms;
    struct move m;
    if (!table_ride_at(t->c, ride, begin, &m)) {
        at->unsure = at->unsure || opens_later(t, at, ride, &m);
        return false;
    }
    const int64_t limit = m.gate || !ride->before ? begin + wait : at->hi_ms, till = at->till_ms + (m.gate && at->till_ms > at->hi_ms ? wait : 0);
    const int64_t hi = limit > begin ? table_ride_until(t->c, ride, begin, limit, &m) : begin;
    at->cut = at->cut || hi < limit;
    if (till > at->hi_ms && table_ride_until(t->c, ride, begin, till, &m) < till) at->unsure = true; /* others fare otherwise */
    at->cost += passage_cost(t->c, &m);
    at->length_mm += m.length_mm;
    at->arrive_ms = m.arrive_ms;
    at->hi_ms = m.arrive_ms + (hi - begin);
    at->till_ms = till > limit ? m.arrive_ms + (till - begin) : at->hi_ms;
    return true;
}

/* The first arc, in part, and the one after it. */
static void begin(const struct table_tree *t, uint32_t end, struct tree_slot *s)
{
    const struct leg_goal *start = &t->source->starts[t->from.state[end]];
    struct leg_seed seed = {.node = start->node, .offset_mm = start->offset_mm};
    const struct table_ride first = {.use = leg_first_use(t->c, &seed), .leaves = &t->source->at};
    const struct table_ride next = {.before = &first.use, .turn = t->from.turn[end],
                                    .use = arc_use_whole(t->c->n, t->c->g->node_arc[s->node])};
    s->arrive_ms = s->hi_ms = s->till_ms = t->c->depart_ms;
    s->lawful = drive(t, s, &first) && drive(t, s, &next);
}

/* Whether the move into a node is part of a cheapest way there. */
static bool is_tight(struct table_tree *t, uint32_t tail, weight edge, weight distance)
{
    if (edge >= WEIGHT_INFINITY) return false;
    weight before = potential_get(t->distance, tail);
    return before < WEIGHT_INFINITY && before + edge == distance;
}

static struct tree_step step_to(struct table_tree *t, uint32_t node)
{
    const struct turn_graph *g = t->c->g;
    struct tree_step s = {.node = node, .end = UINT32_MAX, .before = UINT32_MAX};
    weight distance = potential_get(t->distance, node);
    for (uint32_t e = 0; e < t->from.count; e++)
        if (t->from.node[e] == node && t->from.initial[e] == distance && s.ways++ == 0) s.end = e;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1]; i++) {
        weight edge = t->metric->edge[g->in_turn[i]];
        if (!is_tight(t, g->tail[i], edge, distance)) continue;
        s.ways++;
        s.circles = s.circles || edge == 0;
        if (edge == 0 || s.end != UINT32_MAX || s.before != UINT32_MAX) continue;
        s.before = g->tail[i];
        s.turn = g->in_turn[i];
    }
    return s;
}

/* What costs more by the clock than by the loose reading is not the best; but who waits may pay less. */
static void hold_to(const struct table_tree *t, struct tree_slot *s, uint64_t cost)
{
    if (s->lawful && s->cost != cost && s->cut && t->c->request->prefer != PREFER_TIME) s->unsure = true;
    s->lawful = s->lawful && s->cost == cost;
    s->every = s->every && s->lawful;
}

/* The node's slot from that of the one before, or from the source. */
static struct tree_slot slot_after(struct table_tree *t, uint32_t node, uint32_t end, uint32_t tail, turn_id turn)
{
    struct tree_slot s = {.node = node, .every = true};
    if (end != UINT32_MAX) begin(t, end, &s);
    if (tail != UINT32_MAX) {
        s = t->slots[t->slot_of[tail]];
        s.node = node;
        struct arc_use before = arc_use_whole(t->c->n, t->c->g->node_arc[tail]);
        const struct table_ride ride = {.before = &before, .turn = turn, .use = arc_use_whole(t->c->n, t->c->g->node_arc[node])};
        s.lawful = s.lawful && drive(t, &s, &ride);
    }
    hold_to(t, &s, potential_get(t->distance, node));
    return s;
}

/* One more of the ways that tie. */
static void tie(struct tree_slot *s, const struct tree_slot *other)
{
    s->every = s->every && other->every;
    s->unsure = s->unsure || other->unsure;
    if (!other->lawful) return; /* then it costs more, or is unsure */
    const bool even = s->lawful && s->arrive_ms == other->arrive_ms, every = s->every;
    const bool uneven = s->uneven || other->uneven || (s->lawful && s->length_mm != other->length_mm);
    const struct tree_slot before = *s;
    if (!s->lawful || other->arrive_ms < s->arrive_ms) *s = *other;
    s->unsure = before.unsure || other->unsure;
    s->cut = before.cut || other->cut;
    s->even = even || before.even || other->even;
    s->every = every;
    s->uneven = uneven;
    if (before.lawful && before.till_ms > s->till_ms) s->till_ms = before.till_ms;
    if (other->till_ms > s->till_ms) s->till_ms = other->till_ms;
}

/* Whether all ways of a step are driven, or the first only. */
static bool drives_all(const struct table_tree *t, const struct tree_step *step)
{
    return step->ways > 1 && !step->circles && (t->c->request->prefer != PREFER_TIME || t->c->request->max_wait_ms == 0);
}

static struct tree_slot take_step(struct table_tree *t, const struct tree_step *step)
{
    const struct turn_graph *g = t->c->g;
    const weight distance = potential_get(t->distance, step->node);
    if (!drives_all(t, step)) {
        struct tree_slot s = slot_after(t, step->node, step->end, step->before, step->turn);
        s.unsure = s.unsure || step->ways != 1;
        s.tied = s.tied || step->ways != 1;
        return s;
    }
    struct tree_slot s = {.node = step->node, .every = true};
    for (uint32_t e = 0; e < t->from.count; e++) {
        if (t->from.node[e] != step->node || t->from.initial[e] != distance) continue;
        const struct tree_slot other = slot_after(t, step->node, e, UINT32_MAX, 0);
        tie(&s, &other);
    }
    for (uint32_t i = g->first_in[step->node]; i < g->first_in[step->node + 1]; i++) {
        if (!is_tight(t, g->tail[i], t->metric->edge[g->in_turn[i]], distance)) continue;
        const struct tree_slot other = slot_after(t, step->node, UINT32_MAX, g->tail[i], g->in_turn[i]);
        tie(&s, &other);
    }
    s.tied = true;
    return s;
}

static enum status slot_add(struct table_tree *t, const struct tree_slot *s, struct error *err)
{
    if (t->slot_count == t->slot_capacity && !grow(&t->slots, &t->slot_capacity, sizeof *t->slots))
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    t->slot_of[s->node] = t->slot_count;
    t->slots[t->slot_count++] = *s;
    return STATUS_OK;
}

/* A node before the step's that is not on the tree yet, or UINT32_MAX. */
static uint32_t missing_before(struct table_tree *t, const struct tree_step *step)
{
    const struct turn_graph *g = t->c->g;
    if (!drives_all(t, step)) return step->before != UINT32_MAX && t->slot_of[step->before] == NO_SLOT ? step->before : UINT32_MAX;
    for (uint32_t i = g->first_in[step->node]; i < g->first_in[step->node + 1]; i++)
        if (is_tight(t, g->tail[i], t->metric->edge[g->in_turn[i]], potential_get(t->distance, step->node)) && t->slot_of[g->tail[i]] == NO_SLOT)
            return g->tail[i];
    return UINT32_MAX;
}

/* Puts a node that can be reached on the tree, and before it all on the way there. */
static enum status slot_get(struct table_tree *t, uint32_t node, const struct tree_slot **out, struct error *err)
{
    uint32_t depth = 0;
    enum status status = STATUS_OK;
    for (uint32_t at = t->slot_of[node] == NO_SLOT ? node : UINT32_MAX; at != UINT32_MAX || depth > 0;) {
        if (at != UINT32_MAX) {
            if (depth == t->stack_capacity && !grow(&t->stack, &t->stack_capacity, sizeof *t->stack))
                return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
            t->stack[depth++] = step_to(t, at);
        }
        at = missing_before(t, &t->stack[depth - 1]);
        if (at != UINT32_MAX) continue;
        struct tree_slot s = take_step(t, &t->stack[--depth]);
        if ((status = slot_add(t, &s, err)) != STATUS_OK) return status;
    }
    *out = &t->slots[t->slot_of[node]];
    return status;
}

enum status table_tree_slot(struct table_tree *t, arc_node node, const struct tree_slot **out, struct error *err)
{
    *out = NULL;
    return potential_get(t->distance, node) < WEIGHT_INFINITY ? slot_get(t, node, out, err) : STATUS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* On from a slot to a place by one of the ends that lead there. */
static struct tree_slot arrive(const struct table_tree *t, const struct place *place, uint32_t end, const struct tree_slot *slot, uint64_t best)
{
    struct tree_slot at = *slot;
    const struct arc_use before = arc_use_whole(t->c->n, t->c->g->node_arc[at.node]);
    const struct table_ride last = {.before = &before, .turn = t->to.turn[end], .use = leg_last_use(t->c, &place->states[t->to.state[end]]),
                                    .ends = &place->at};
    at.lawful = at.lawful && drive(t, &at, &last);
    hold_to(t, &at, best);
    return at;
}

/* By time all ways that cost the same are there at the same moment. */
static enum table_verdict verdict_by_time(const struct table_tree *t, const struct tree_slot *at, bool tied, struct table_cell *cell)
{
    if (at->unsure || (tied && t->c->request->max_wait_ms > 0)) return at->lawful ? TABLE_UNSURE : TABLE_TIED;
    if (!at->lawful) return TABLE_BROKEN;
    if (at->arrive_ms - t->c->depart_ms >= UINT32_MAX) return TABLE_UNSURE; /* whoever plans it by itself says that */
    if (t->c->varying && at->arrive_ms > t->c->loose_until_ms) return TABLE_UNSURE; /* the loose reading proves nothing of it */
    cell->duration_ms = (uint32_t)(at->arrive_ms - t->c->depart_ms);
    cell->length_mm = at->length_mm;
    cell->length_open = at->uneven;
    cell->all_lawful = at->every;
    return TABLE_LAWFUL;
}

static enum table_verdict verdict_else(const struct table_tree *t, const struct tree_slot *at, bool tied, struct table_cell *cell)
{
    if (tied) return at->lawful ? TABLE_UNSURE : TABLE_TIED;
    if (!at->lawful) return TABLE_BROKEN;
    if (at->arrive_ms - t->c->depart_ms >= UINT32_MAX) return TABLE_UNSURE; /* whoever plans it by itself says that */
    if (t->c->varying && at->arrive_ms > t->c->loose_until_ms) return TABLE_UNSURE; /* the loose reading proves nothing of it */
    cell->duration_ms = (uint32_t)(at->arrive_ms - t->c->depart_ms);
    cell->length_mm = at->length_mm;
    return TABLE_LAWFUL;
}

static enum status cell(struct table_tree *t, uint32_t k, struct table_cell *out, struct error *err)
{
    const struct place *place = &t->places[t->targets[k]];
    uint64_t best = UINT64_MAX;
    uint32_t ways = 0;
    *out = (struct table_cell){.verdict = TABLE_UNSURE, .cost = UINT64_MAX};
    if (table_ends_touch(t->c, t->source, place)) return STATUS_OK;
    for (uint32_t e = t->to.first[k]; e < t->to.first[k + 1]; e++) {
        weight distance = potential_get(t->distance, t->to.node[e]);
        if (distance < WEIGHT_INFINITY && (uint64_t)distance + t->to.initial[e] < best) best = (uint64_t)distance + t->to.initial[e];
    }
    out->verdict = TABLE_NO_WAY;
    if (best >= WEIGHT_INFINITY) return STATUS_OK;
    struct tree_slot at = {.every = true};
    for (uint32_t e = t->to.first[k]; e < t->to.first[k + 1]; e++) {
        weight distance = potential_get(t->distance, t->to.node[e]);
        if (distance >= WEIGHT_INFINITY || (uint64_t)distance + t->to.initial[e] != best) continue;
        const struct tree_slot *slot = NULL;
        enum status status = slot_get(t, t->to.node[e], &slot, err);
        if (status != STATUS_OK) return status;
        const struct tree_slot other = arrive(t, place, e, slot, best);
        const bool tied = at.tied || other.tied, unsure = at.unsure || other.unsure;
        if (ways++ == 0) at = other;
        else tie(&at, &other);
        at.tied = tied;
        at.unsure = unsure;
    }
    const bool tied = ways > 1 || at.tied;
    out->cost = best;
    out->verdict = t->c->request->prefer == PREFER_TIME ? verdict_by_time(t, &at, tied, out) : verdict_else(t, &at, tied, out);
    return STATUS_OK;
}

enum status table_tree_row(struct table_tree *t, const struct place *source, const uint32_t *asked, uint32_t asked_count,
                           struct table_cell *cells, struct error *err)
{
    t->source = source;
    for (uint32_t i = 0; i < t->slot_count; i++) t->slot_of[t->slots[i].node] = NO_SLOT;
    t->slot_count = 0;
    table_ends_reset(&t->from);
    enum status status = table_ends_leave(&t->from, t->c, source, err);
    if (status != STATUS_OK) return status;
    potential_reset_from(t->distance, t->metric);
    for (uint32_t e = 0; e < t->from.count; e++) potential_target(t->distance, t->from.node[e], t->from.initial[e]);
    for (uint32_t i = 0; i < asked_count && status == STATUS_OK; i++) status = cell(t, asked[i], &cells[i], err);
    return status;
}
