#include "routing/network/turn_automaton.h"

#include "routing/network/network_build.h"

#include <stdlib.h>
#include <string.h>

/* States of a network are numbered in 32 bits together with its arcs. */
enum { COPIES_MAX = 50000000 };

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_sequences(const void *left, const void *right)
{
    const struct turn_sequence *a = left, *b = right;
    for (int i = 0; i < a->count && i < b->count; i++) {
        int order = compare_u32(a->arcs[i], b->arcs[i]);
        if (order != 0) return order;
    }
    if (a->count != b->count) return a->count - b->count;
    if (a->only != b->only) return a->only - b->only;
    return a->subjects - b->subjects;
}

static int compare_children(const void *left, const void *right)
{
    const struct turn_child *a = left, *b = right;
    int order = compare_u32(a->state, b->state);
    return order != 0 ? order : compare_u32(a->next, b->next);
}

static int compare_orders(const void *left, const void *right)
{
    const struct turn_order *a = left, *b = right;
    int order = compare_u32(a->state, b->state);
    return order != 0 ? order : compare_u32(a->next, b->next);
}

bool turn_forbidden_to_all(uint8_t mask)
{
    return (mask & (TURN_LORRY | TURN_LIGHT)) == (TURN_LORRY | TURN_LIGHT);
}

static bool is_copy(const struct turn_automaton *a, uint32_t state)
{
    return state >= a->arc_count;
}

static const struct turn_state *copy_of(const struct turn_automaton *a, uint32_t state)
{
    return &a->states[state - a->arc_count];
}

uint32_t turn_automaton_next(const struct turn_automaton *a, uint32_t state, arc_id next)
{
    for (;;) {
        struct turn_child key = {.state = state, .next = next};
        const struct turn_child *found =
            a->child_count == 0 ? NULL
                                : bsearch(&key, a->children, a->child_count, sizeof key, compare_children);
        if (found != NULL) return found->child;
        if (!is_copy(a, state)) return next;
        state = copy_of(a, state)->fail;
    }
}

/* What the beginning `state` itself says, without the shorter ones inside it. */
static uint8_t forbidden_here(const struct turn_automaton *a, uint32_t state, arc_id next)
{
    size_t low = 0, high = a->order_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->orders[middle].state < state)
            low = middle + 1;
        else
            high = middle;
    }
    uint8_t no = 0, bound = 0, allowed = 0;
    for (; low < a->order_count && a->orders[low].state == state; low++) {
        const struct turn_order *o = &a->orders[low];
        bound |= o->only;
        if (o->next != next) continue;
        no |= o->no;
        allowed |= o->only;
    }
    return (uint8_t)(no | (bound & ~allowed));
}

uint8_t turn_automaton_forbidden(const struct turn_automaton *a, uint32_t state, arc_id next)
{
    if (a->order_count == 0) return 0;
    uint8_t mask = 0;
    for (;;) {
        mask |= forbidden_here(a, state, next);
        if (!is_copy(a, state)) return mask;
        state = copy_of(a, state)->fail;
    }
}

/* Makes the states from sorted sequences; a beginning shared with the sequence before is that one's state. */
static void grow(struct turn_automaton *a, const struct turn_sequence *sequences, size_t count)
{
    const struct turn_sequence *before = NULL;
    uint32_t path[TURN_SEQUENCE_MAX] = {0}; /* states of the sequence before, by length of the beginning − 1 */
    for (size_t s = 0; s < count; s++) {
        const struct turn_sequence *q = &sequences[s];
        int shared = 0;
        while (before != NULL && shared < before->count - 1 && shared < q->count - 1 &&
               before->arcs[shared] == q->arcs[shared])
            shared++;
        for (int i = 0; i < q->count - 1; i++) {
            if (i >= shared) {
                path[i] = q->arcs[0];
                if (i > 0) {
                    path[i] = a->arc_count + a->copy_count;
                    a->states[a->copy_count++] = (struct turn_state){.parent = path[i - 1], .arc = q->arcs[i]};
                    a->children[a->child_count++] =
                        (struct turn_child){.state = path[i - 1], .next = q->arcs[i], .child = path[i]};
                }
            }
            if (q->only)
                a->orders[a->order_count++] =
                    (struct turn_order){.state = path[i], .next = q->arcs[i + 1], .only = q->subjects};
        }
        if (!q->only)
            a->orders[a->order_count++] = (struct turn_order){
                .state = path[q->count - 2], .next = q->arcs[q->count - 1], .no = q->subjects};
        before = q;
    }
}

/* Depth by depth: where each beginning falls back to. */
static void link_failures(struct turn_automaton *a, const uint8_t *depth)
{
    for (int level = 2; level < TURN_SEQUENCE_MAX; level++)
        for (uint32_t i = 0; i < a->copy_count; i++) {
            if (depth[i] != level) continue;
            struct turn_state *state = &a->states[i];
            state->fail = is_copy(a, state->parent)
                              ? turn_automaton_next(a, copy_of(a, state->parent)->fail, state->arc)
                              : state->arc;
        }
}

static int compare_ranks(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Drops states that no vehicle reaches and sorts the others by their arc; `rename` [copy_count] is working memory. */
static enum status renumber(struct turn_automaton *a, uint32_t *rename, struct error *err)
{
    uint32_t alive = 0;
    uint64_t *ranks = malloc((a->copy_count + 1) * sizeof *ranks);
    struct turn_state *states = calloc(a->copy_count + 1, sizeof *states);
    if (ranks == NULL || states == NULL) {
        free(ranks);
        free(states);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    for (uint32_t i = 0; i < a->copy_count; i++) { /* parents come first */
        const struct turn_state *state = &a->states[i];
        bool reached = (!is_copy(a, state->parent) || rename[state->parent - a->arc_count] != NO_ARC) &&
                       !turn_forbidden_to_all(turn_automaton_forbidden(a, state->parent, state->arc));
        rename[i] = reached ? 0 : NO_ARC;
        if (reached) ranks[alive++] = (uint64_t)state->arc << 32 | i;
    }
    if (alive > 0) qsort(ranks, alive, sizeof *ranks, compare_ranks);
    for (uint32_t i = 0; i < alive; i++) rename[(uint32_t)ranks[i]] = a->arc_count + i;
#define RENAMED(state) (is_copy(a, state) ? rename[(state) - a->arc_count] : (state))
    for (uint32_t i = 0; i < alive; i++) {
        struct turn_state state = a->states[(uint32_t)ranks[i]];
        state.parent = RENAMED(state.parent);
        state.fail = RENAMED(state.fail);
        states[i] = state;
    }
    size_t kept = 0;
    for (size_t i = 0; i < a->child_count; i++) {
        struct turn_child child = a->children[i];
        child.state = RENAMED(child.state);
        child.child = RENAMED(child.child);
        if (child.state != NO_ARC && child.child != NO_ARC) a->children[kept++] = child;
    }
    a->child_count = kept;
    kept = 0;
    for (size_t i = 0; i < a->order_count; i++) {
        struct turn_order order = a->orders[i];
        order.state = RENAMED(order.state);
        if (order.state != NO_ARC) a->orders[kept++] = order;
    }
    a->order_count = kept;
#undef RENAMED
    if (a->child_count > 0) qsort(a->children, a->child_count, sizeof *a->children, compare_children);
    if (a->order_count > 0) qsort(a->orders, a->order_count, sizeof *a->orders, compare_orders);
    free(a->states);
    a->states = states;
    a->copy_count = alive;
    free(ranks);
    return STATUS_OK;
}

enum status turn_automaton_init(struct turn_automaton *out, uint32_t arc_count, struct turn_sequence *sequences,
                                size_t count, struct error *err)
{
    enum status status = STATUS_OK;
    uint32_t *rename = NULL;
    uint8_t *depth = NULL;
    *out = (struct turn_automaton){.arc_count = arc_count};
    size_t room = 1;
    for (size_t i = 0; i < count; i++) room += sequences[i].count;
    if (room > COPIES_MAX || arc_count > UINT32_MAX - 1 - COPIES_MAX)
        return error_set(err, STATUS_TOO_LARGE, MESSAGE_NETWORK_TOO_LARGE, (size_t)COPIES_MAX);
    out->states = calloc(room, sizeof *out->states);
    out->children = calloc(room, sizeof *out->children);
    out->orders = calloc(room, sizeof *out->orders);
    rename = calloc(room, sizeof *rename);
    depth = calloc(room, sizeof *depth);
    if (out->states == NULL || out->children == NULL || out->orders == NULL || rename == NULL || depth == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    if (count > 0) qsort(sequences, count, sizeof *sequences, compare_sequences);
    grow(out, sequences, count);
    if (out->child_count > 0) qsort(out->children, out->child_count, sizeof *out->children, compare_children);
    if (out->order_count > 0) qsort(out->orders, out->order_count, sizeof *out->orders, compare_orders);
    for (uint32_t i = 0; i < out->copy_count; i++)
        depth[i] = is_copy(out, out->states[i].parent) ? (uint8_t)(depth[out->states[i].parent - arc_count] + 1) : 2;
    link_failures(out, depth);
    status = renumber(out, rename, err);
done:
    free(rename);
    free(depth);
    return status;
}

void turn_automaton_clear(struct turn_automaton *automaton)
{
    free(automaton->states);
    free(automaton->children);
    free(automaton->orders);
    *automaton = (struct turn_automaton){0};
}
