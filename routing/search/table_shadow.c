#include "routing/search/table_shadow.h"

#include "routing/search/search.h"

#include <stdlib.h>

enum { SHADOW_MAX = 1 << 15 }; /* arcs in one shadow: beyond that cells are planned by themselves */

/* A node in a shadow: when one can first be at the end of its arc. */
struct inside {
    struct tree_slot at; /* at.lawful: it is reached */
    uint32_t shadow;
    bool settled;
};

struct table_shadow {
    struct table_tree *tree;
    const struct constraint *c;
    const struct place *source;
    uint32_t *inside_of; /* [node_count] index + 1, 0: in no shadow that is known */
    struct inside *insides;
    uint32_t inside_count, inside_capacity;
    bool *told; /* [shadow] all that can be said of it is known */
    uint32_t shadow_count, shadow_capacity;
    struct heap heap;
};

enum status table_shadow_new(const struct base *base, struct table_shadow **out, struct error *err)
{
    struct table_shadow *s = calloc(1, sizeof *s);
    if (s) s->inside_of = calloc((size_t)base->turns.node_count + 1, sizeof *s->inside_of);
    if (!s || !s->inside_of) {
        table_shadow_free(s);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    *out = s;
    return STATUS_OK;
}

void table_shadow_free(struct table_shadow *s)
{
    if (!s) return;
    free(s->inside_of);
    free(s->insides);
    free(s->told);
    heap_clear(&s->heap);
    free(s);
}

void table_shadow_begin(struct table_shadow *s, struct table_tree *tree, const struct constraint *c, const struct place *source)
{
    for (uint32_t i = 0; i < s->inside_count; i++) s->inside_of[s->insides[i].at.node] = 0;
    s->inside_count = s->shadow_count = 0;
    s->tree = tree;
    s->c = c;
    s->source = source;
}

/* ---- which arcs ------------------------------------------------------------------------------------------------------ */

static bool begins_at(const struct place *source, arc_node node)
{
    for (uint32_t i = 0; i < source->start_count; i++)
        if (source->starts[i].node == node) return true;
    return false;
}

/* What is known of a node from outside of the shadow at hand: from the tree as long as the loose reading lasts, or from another
 * shadow. `*out` NULL: it is in the dark. `*told` false: nothing can be said of it. */
static enum status outside(struct table_shadow *s, arc_node node, const struct tree_slot **out, bool *told, struct error *err)
{
    const struct inside *in = s->inside_of[node] ? &s->insides[s->inside_of[node] - 1] : NULL;
    *out = NULL;
    *told = !begins_at(s->source, node); /* there the arc is used in part */
    if (in && in->shadow == s->shadow_count) return STATUS_OK;
    if (in) {
        *told = *told && s->told[in->shadow];
        *out = &in->at;
        return STATUS_OK;
    }
    enum status status = table_tree_slot(s->tree, node, out, err);
    if (status == STATUS_OK && *out && (!(*out)->lawful || (*out)->arrive_ms > s->c->loose_until_ms)) *out = NULL;
    return status;
}

/* All that leads to a node: what is in the dark joins the shadow. */
static enum status look_behind(struct table_shadow *s, arc_node node, bool *told, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1] && *told; i++) {
        arc_node tail = g->tail[i];
        const struct tree_slot *slot;
        if (g->forbidden_to[g->in_turn[i]] & s->c->subject) continue;
        enum status status = outside(s, tail, &slot, told, err);
        if (status != STATUS_OK) return status;
        if (!*told || slot || s->inside_of[tail]) continue;
        if (s->inside_count == s->inside_capacity) {
            uint32_t capacity = s->inside_capacity ? 2 * s->inside_capacity : 1024;
            struct inside *more = realloc(s->insides, capacity * sizeof *more);
            if (!more) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
            s->insides = more;
            s->inside_capacity = capacity;
        }
        s->insides[s->inside_count++] = (struct inside){.at = {.node = tail}, .shadow = s->shadow_count};
        s->inside_of[tail] = s->inside_count;
    }
    return STATUS_OK;
}

/* ---- when ------------------------------------------------------------------------------------------------------------ */

/* The move from the end of `from`'s arc along `use`, `to` the place where it ends there or NULL. False: coming later would help.
 * `*after` is not lawful where the move is refused. */
static bool drive(const struct table_shadow *s, const struct tree_slot *from, turn_id turn, const struct arc_use *use,
                  const struct place *to, struct tree_slot *after)
{
    const struct arc_use before = arc_use_whole(s->c->n, s->c->g->node_arc[from->node]);
    const int64_t last = from->arrive_ms + SEARCH_DAWDLE_MS + s->c->request->max_wait_ms;
    *after = *from;
    after->lawful = false;
    for (int64_t at = from->arrive_ms; at <= last;) {
        struct move m;
        bool open = passage_move(s->c, &before, turn, use, at, MOVE_EXACT, &m, NULL);
        int64_t next = m.change_ms;
        if (open && to) {
            int64_t change = TIME_OPEN;
            open = constraint_call_open(s->c, to->at, false, m.arrive_ms, m.arrive_ms, &change, NULL);
            if (change != TIME_OPEN && at + (change - m.arrive_ms) < next) next = at + (change - m.arrive_ms);
        }
        if (open && at == from->arrive_ms) {
            if (s->c->request->max_wait_ms > 0) return false;
            after->lawful = true;
            after->arrive_ms = m.arrive_ms;
            after->length_mm += m.length_mm;
        } else if (open && (!after->lawful || m.arrive_ms < after->arrive_ms)) {
            return false;
        }
        at = next;
    }
    return true;
}

/* As tree slots are compared: the sooner, and of two at once the first, unsure. */
static bool take_sooner(struct tree_slot *best, const struct tree_slot *other)
{
    if (best->lawful && other->arrive_ms == best->arrive_ms) best->unsure = true;
    if (best->lawful && other->arrive_ms >= best->arrive_ms) return false;
    *best = *other;
    return true;
}

static enum status reach(struct table_shadow *s, const struct tree_slot *from, turn_id turn, arc_node node, bool *told, struct error *err)
{
    struct inside *in = &s->insides[s->inside_of[node] - 1];
    struct arc_use use = arc_use_whole(s->c->n, s->c->g->node_arc[node]);
    struct tree_slot after;
    *told = drive(s, from, turn, &use, NULL, &after) && !(after.lawful && in->settled && after.arrive_ms <= in->at.arrive_ms);
    after.node = node;
    if (!*told || !after.lawful || !take_sooner(&in->at, &after)) return STATUS_OK;
    return heap_push(&s->heap, (struct heap_item){(uint64_t)after.arrive_ms, node})
               ? STATUS_OK
               : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status enter(struct table_shadow *s, arc_node node, bool *told, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    enum status status = STATUS_OK;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1] && *told && status == STATUS_OK; i++) {
        const struct tree_slot *slot;
        if (g->forbidden_to[g->in_turn[i]] & s->c->subject) continue;
        status = outside(s, g->tail[i], &slot, told, err);
        if (status != STATUS_OK || !*told || !slot || !slot->lawful) continue;
        const struct tree_slot from = *slot;
        status = reach(s, &from, g->in_turn[i], node, told, err);
    }
    return status;
}

static enum status spread(struct table_shadow *s, bool *told, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    enum status status = STATUS_OK;
    while (s->heap.count > 0 && *told && status == STATUS_OK) {
        arc_node node = heap_pop(&s->heap).node;
        struct inside *in = &s->insides[s->inside_of[node] - 1];
        if (in->settled) continue;
        in->settled = true;
        for (turn_id turn = g->first_out[node]; turn < g->first_out[node + 1] && *told && status == STATUS_OK; turn++) {
            uint32_t index = s->inside_of[g->head[turn]];
            if ((g->forbidden_to[turn] & s->c->subject) || !index || s->insides[index - 1].shadow != in->shadow) continue;
            status = reach(s, &in->at, turn, g->head[turn], told, err);
        }
    }
    s->heap.count = 0;
    return status;
}

/* The shadow around a place, if it is not known yet. */
static enum status shadow_of(struct table_shadow *s, const struct place *place, bool *told, struct error *err)
{
    uint32_t first = s->inside_count, done = first;
    enum status status = STATUS_OK;
    if (s->shadow_count == s->shadow_capacity) {
        uint32_t capacity = s->shadow_capacity ? 2 * s->shadow_capacity : 64;
        bool *more = realloc(s->told, capacity * sizeof *more);
        if (!more) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        s->told = more;
        s->shadow_capacity = capacity;
    }
    *told = true;
    for (uint32_t k = 0; k < place->state_count && *told && status == STATUS_OK; k++)
        status = look_behind(s, place->states[k].node, told, err);
    for (; done < s->inside_count && *told && status == STATUS_OK; done++) {
        status = look_behind(s, s->insides[done].at.node, told, err);
        if (s->inside_count - first > SHADOW_MAX) *told = false;
    }
    for (uint32_t i = first; i < s->inside_count && *told && status == STATUS_OK; i++) status = enter(s, s->insides[i].at.node, told, err);
    if (status == STATUS_OK) status = spread(s, told, err);
    s->told[s->shadow_count++] = *told;
    return status;
}

enum status table_shadow_cell(struct table_shadow *s, const struct place *place, struct table_cell *cell, struct error *err)
{
    const struct turn_graph *g = s->c->g;
    struct tree_slot best = {0};
    bool told = false;
    enum status status = shadow_of(s, place, &told, err);
    for (uint32_t k = 0; k < place->state_count && told && status == STATUS_OK; k++) {
        arc_node node = place->states[k].node;
        struct arc_use last = leg_last_use(s->c, &place->states[k]);
        told = !begins_at(s->source, node);
        for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1] && told && status == STATUS_OK; i++) {
            const struct tree_slot *slot;
            struct tree_slot after;
            if (g->forbidden_to[g->in_turn[i]] & s->c->subject) continue;
            status = outside(s, g->tail[i], &slot, &told, err);
            if (status != STATUS_OK || !told || !slot || !slot->lawful) continue;
            told = drive(s, slot, g->in_turn[i], &last, place, &after);
            if (told && after.lawful) (void)take_sooner(&best, &after);
        }
    }
    if (status != STATUS_OK || !told) return status;
    if (!best.lawful) {
        cell->verdict = TABLE_REFUTED;
    } else if (best.unsure) {
        cell->verdict = TABLE_UNSURE;
        cell->cost = UINT64_MAX;
    } else {
        cell->verdict = TABLE_LAWFUL;
        cell->duration_ms = (uint32_t)(best.arrive_ms - s->c->depart_ms);
        cell->cost = cell->duration_ms;
        cell->length_mm = best.length_mm;
    }
    return status;
}
