#include "routing/search/table_tree.h"

#include "routing/hierarchy/potential.h"
#include "routing/search/table_ends.h"

#include <stdlib.h>
#include <string.h>

#define NO_SLOT UINT32_MAX

/* How a node at its distance is reached: from an end of the source, or over a turn. `ways` counts up to two. */
struct tree_step {
    uint32_t node, ways;
    uint32_t end, before; /* UINT32_MAX: not that */
    turn_id turn;
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

/* Drives on from where `at` left off. */
static bool drive(const struct table_tree *t, struct tree_slot *at, const struct arc_use *before, turn_id turn, const struct arc_use *use)
{
    struct move m;
    if (!passage_move(t->c, before, turn, use, at->arrive_ms, MOVE_EXACT, &m, NULL)) return false;
    at->cost += passage_cost(t->c, &m);
    at->length_mm += m.length_mm;
    at->arrive_ms = m.arrive_ms;
    return true;
}

/* The first arc, in part, and the one after it. */
static void begin(const struct table_tree *t, uint32_t end, struct tree_slot *s)
{
    const struct leg_goal *start = &t->source->starts[t->from.state[end]];
    struct leg_seed seed = {.node = start->node, .offset_mm = start->offset_mm};
    struct arc_use first = leg_first_use(t->c, &seed), whole = arc_use_whole(t->c->n, t->c->g->node_arc[s->node]);
    int64_t never = TIME_OPEN, at_ms = t->c->depart_ms;
    s->arrive_ms = at_ms;
    s->lawful = constraint_call_open(t->c, t->source->at, false, at_ms, at_ms, &never, NULL) && drive(t, s, NULL, 0, &first) &&
                drive(t, s, &first, t->from.turn[end], &whole);
}

/* Of several the first; one that costs nothing is counted only, for such may go in circles. */
static struct tree_step step_to(struct table_tree *t, uint32_t node)
{
    const struct turn_graph *g = t->c->g;
    struct tree_step s = {.node = node, .end = UINT32_MAX, .before = UINT32_MAX};
    weight distance = potential_get(t->distance, node);
    for (uint32_t e = 0; e < t->from.count; e++)
        if (t->from.node[e] == node && t->from.initial[e] == distance && s.ways++ == 0) s.end = e;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1]; i++) {
        weight edge = t->metric->edge[g->in_turn[i]];
        if (edge >= WEIGHT_INFINITY) continue;
        weight before = potential_get(t->distance, g->tail[i]);
        if (before >= WEIGHT_INFINITY || before + edge != distance) continue;
        s.ways++;
        if (edge == 0 || s.end != UINT32_MAX || s.before != UINT32_MAX) continue;
        s.before = g->tail[i];
        s.turn = g->in_turn[i];
    }
    return s;
}

/* The node's slot from that of the one before, or from the source. */
static struct tree_slot take_step(struct table_tree *t, const struct tree_step *step)
{
    struct tree_slot s = {.node = step->node};
    if (step->end != UINT32_MAX) begin(t, step->end, &s);
    if (step->before != UINT32_MAX) {
        s = t->slots[t->slot_of[step->before]];
        s.node = step->node;
        struct arc_use before = arc_use_whole(t->c->n, t->c->g->node_arc[step->before]);
        struct arc_use use = arc_use_whole(t->c->n, t->c->g->node_arc[step->node]);
        s.lawful = s.lawful && drive(t, &s, &before, step->turn, &use);
    }
    s.lawful = s.lawful && s.cost == potential_get(t->distance, step->node);
    s.unsure = s.unsure || step->ways != 1;
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

/* Puts a node that can be reached on the tree, and before it all on the way there. */
static enum status slot_get(struct table_tree *t, uint32_t node, const struct tree_slot **out, struct error *err)
{
    uint32_t depth = 0;
    enum status status = STATUS_OK;
    for (uint32_t at = node; t->slot_of[at] == NO_SLOT; at = t->stack[depth - 1].before) {
        if (depth == t->stack_capacity && !grow(&t->stack, &t->stack_capacity, sizeof *t->stack))
            return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        t->stack[depth++] = step_to(t, at);
        if (t->stack[depth - 1].before == UINT32_MAX) break;
    }
    while (depth > 0 && status == STATUS_OK) {
        struct tree_slot s = take_step(t, &t->stack[--depth]);
        status = slot_add(t, &s, err);
    }
    if (status == STATUS_OK) *out = &t->slots[t->slot_of[node]];
    return status;
}

enum status table_tree_slot(struct table_tree *t, arc_node node, const struct tree_slot **out, struct error *err)
{
    *out = NULL;
    return potential_get(t->distance, node) < WEIGHT_INFINITY ? slot_get(t, node, out, err) : STATUS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static enum status cell(struct table_tree *t, uint32_t k, struct table_cell *out, struct error *err)
{
    const struct place *place = &t->places[t->targets[k]];
    uint64_t best = UINT64_MAX;
    uint32_t ways = 0, end = 0;
    *out = (struct table_cell){.verdict = TABLE_UNSURE, .cost = UINT64_MAX};
    if (table_ends_touch(t->c, t->source, place)) return STATUS_OK;
    for (uint32_t e = t->to.first[k]; e < t->to.first[k + 1]; e++) {
        weight distance = potential_get(t->distance, t->to.node[e]);
        if (distance >= WEIGHT_INFINITY) continue;
        uint64_t cost = (uint64_t)distance + t->to.initial[e];
        if (cost < best) best = cost, ways = 0, end = e;
        ways += cost == best;
    }
    out->verdict = TABLE_NO_WAY;
    if (ways == 0 || best >= WEIGHT_INFINITY) return STATUS_OK;
    out->verdict = TABLE_UNSURE;
    const struct tree_slot *slot = NULL;
    enum status status = slot_get(t, t->to.node[end], &slot, err);
    if (status != STATUS_OK || ways > 1 || slot->unsure) return status;
    out->cost = best;
    out->verdict = TABLE_BROKEN;
    if (!slot->lawful) return STATUS_OK;
    struct tree_slot at = *slot;
    struct arc_use before = arc_use_whole(t->c->n, t->c->g->node_arc[at.node]);
    struct arc_use last = leg_last_use(t->c, &place->states[t->to.state[end]]);
    int64_t never = TIME_OPEN;
    if (!drive(t, &at, &before, t->to.turn[end], &last)) return STATUS_OK;
    if (!constraint_call_open(t->c, place->at, false, at.arrive_ms, at.arrive_ms, &never, NULL)) return STATUS_OK;
    out->duration_ms = (uint32_t)(at.arrive_ms - t->c->depart_ms);
    out->length_mm = at.length_mm;
    if ((t->c->request->prefer == PREFER_TIME ? out->duration_ms : at.cost) == best) out->verdict = TABLE_LAWFUL;
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
