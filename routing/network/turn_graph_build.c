#include "routing/network/turn_graph_build.h"

#include "routing/network/turn_cost.h"

#include <stdlib.h>
#include <string.h>

enum { TURNS_MAX = 1 << 30 };

bool turn_exists(const struct network *n, arc_id from, arc_id to)
{
    node_id via = n->arc_head[from];
    if (n->arc_tail[to] != via) return false;
    return to != network_opposite(n, from) || (n->node_flags[via] & (NODE_DEAD_END | NODE_TURNING_PLACE)) != 0;
}

/* The arc that a state of the automaton stands on. */
static arc_id arc_of(const struct turn_automaton *a, uint32_t state)
{
    return state < a->arc_count ? state : a->states[state - a->arc_count].arc;
}

/* Calls for each turn out of `state`; returns their number. `heads`, `costs`, `masks` may be NULL to count only. */
static uint32_t turns_of(const struct network *n, const uint32_t *degree, const struct turn_automaton *a,
                         uint32_t state, arc_node *heads, uint32_t *costs, uint8_t *masks)
{
    arc_id from = arc_of(a, state);
    node_id via = n->arc_head[from];
    uint32_t count = 0;
    for (arc_id to = n->node_first_arc[via]; to < n->node_first_arc[via + 1]; to++) {
        if (!turn_exists(n, from, to)) continue;
        uint8_t mask = turn_automaton_forbidden(a, state, to);
        if (turn_forbidden_to_all(mask)) continue;
        if (heads != NULL) {
            uint32_t head = turn_automaton_next(a, state, to), i = count;
            uint32_t cost = turn_cost_ms(n, from, to, degree[via]);
            for (; i > 0 && heads[i - 1] > head; i--) {
                heads[i] = heads[i - 1];
                costs[i] = costs[i - 1];
                masks[i] = masks[i - 1];
            }
            heads[i] = head;
            costs[i] = cost;
            masks[i] = mask;
        }
        count++;
    }
    return count;
}

enum status turn_graph_build(const struct network *n, const uint32_t *degree, const struct turn_automaton *a,
                             struct turn_graph *out, struct error *err)
{
    memset(out, 0, sizeof *out);
    struct turn_graph made = {.arc_count = n->arc_count, .node_count = n->arc_count + a->copy_count};
    uint64_t turns = 0;
    for (uint32_t state = 0; state < made.node_count; state++)
        turns += turns_of(n, degree, a, state, NULL, NULL, NULL);
    if (turns > TURNS_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_NETWORK_TOO_LARGE, (size_t)TURNS_MAX);
    made.turn_count = (uint32_t)turns;

    size_t size = turn_graph_place(&made, NULL);
    made.memory = aligned_alloc(64, size);
    if (made.memory == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    memset(made.memory, 0, size); /* padding too: the snapshot is the same on every machine */
    turn_graph_place(&made, made.memory);
#define X(type, name, count) type *name = (type *)made.name;
    TURN_GRAPH_ARRAYS(X)
#undef X

    uint32_t at = 0;
    for (uint32_t state = 0; state < made.node_count; state++) {
        first_out[state] = at;
        node_arc[state] = arc_of(a, state);
        at += turns_of(n, degree, a, state, head + at, cost_ms + at, forbidden_to + at);
    }
    first_out[made.node_count] = at;

    /* incoming turns, by counting; first_in[v + 1] is the next free place of v while they are put there */
    for (turn_id t = 0; t < made.turn_count; t++)
        if (head[t] + 2 <= made.node_count) first_in[head[t] + 2]++;
    for (uint32_t v = 2; v <= made.node_count; v++) first_in[v] += first_in[v - 1];
    for (uint32_t v = 0; v < made.node_count; v++)
        for (turn_id t = first_out[v]; t < first_out[v + 1]; t++) {
            uint32_t place = first_in[head[t] + 1]++;
            tail[place] = v;
            in_turn[place] = t;
        }

    for (uint32_t i = 0; i < a->copy_count; i++) {
        copy[i] = n->arc_count + i;
        first_copy[a->states[i].arc + 1]++;
    }
    for (arc_id arc = 0; arc < n->arc_count; arc++) first_copy[arc + 1] += first_copy[arc];
    *out = made;
    return STATUS_OK;
}
