#include "routing/search/table_ends.h"

#include <stdlib.h>

void table_ends_reset(struct table_ends *e)
{
    e->place_count = e->count = 0;
}

void table_ends_clear(struct table_ends *e)
{
    free(e->first);
    free(e->node);
    free(e->initial);
    free(e->turn);
    free(e->state);
    *e = (struct table_ends){0};
}

static bool grow(void *array, size_t count, size_t size)
{
    void *more = realloc(*(void **)array, count * size);
    if (more) *(void **)array = more;
    return more;
}

static enum status room_for_place(struct table_ends *e, struct error *err)
{
    if (e->place_count + 1 >= e->place_capacity) {
        uint32_t capacity = e->place_capacity ? 2 * e->place_capacity : 64;
        if (!grow(&e->first, capacity, sizeof *e->first)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        e->place_capacity = capacity;
    }
    e->first[0] = 0;
    e->first[++e->place_count] = e->count;
    return STATUS_OK;
}

static enum status add(struct table_ends *e, arc_node node, uint64_t initial, turn_id turn, uint32_t state, struct error *err)
{
    if (initial >= WEIGHT_INFINITY) return STATUS_OK;
    if (e->count == e->capacity) {
        uint32_t capacity = e->capacity ? 2 * e->capacity : 256;
        if (!grow(&e->node, capacity, sizeof *e->node) || !grow(&e->initial, capacity, sizeof *e->initial) ||
            !grow(&e->turn, capacity, sizeof *e->turn) || !grow(&e->state, capacity, sizeof *e->state))
            return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        e->capacity = capacity;
    }
    e->node[e->count] = node;
    e->initial[e->count] = (weight)initial;
    e->turn[e->count] = turn;
    e->state[e->count] = (uint8_t)state;
    e->first[e->place_count] = ++e->count;
    return STATUS_OK;
}

enum status table_ends_leave(struct table_ends *e, const struct constraint *c, const struct place *p, struct error *err)
{
    const struct turn_graph *g = c->g;
    struct move m;
    enum status status = room_for_place(e, err);
    for (uint32_t i = 0; p && i < p->start_count && status == STATUS_OK; i++) {
        struct leg_seed seed = {.node = p->starts[i].node, .offset_mm = p->starts[i].offset_mm};
        struct arc_use first = leg_first_use(c, &seed);
        if (!passage_move(c, NULL, 0, &first, c->depart_ms, MOVE_LOOSE, &m, NULL)) continue;
        uint64_t cost = passage_cost(c, &m);
        for (turn_id t = g->first_out[seed.node]; t < g->first_out[seed.node + 1] && status == STATUS_OK; t++) {
            struct arc_use whole = arc_use_whole(c->n, g->node_arc[g->head[t]]);
            if (passage_move(c, &first, t, &whole, c->depart_ms, MOVE_LOOSE, &m, NULL))
                status = add(e, g->head[t], cost + passage_cost(c, &m), t, i, err);
        }
    }
    return status;
}

enum status table_ends_reach(struct table_ends *e, const struct constraint *c, const struct place *p, struct error *err)
{
    const struct turn_graph *g = c->g;
    struct move m;
    enum status status = room_for_place(e, err);
    for (uint32_t k = 0; p && k < p->state_count; k++) {
        struct arc_use last = leg_last_use(c, &p->states[k]);
        for (uint32_t i = g->first_in[p->states[k].node]; i < g->first_in[p->states[k].node + 1] && status == STATUS_OK; i++) {
            struct arc_use whole = arc_use_whole(c->n, g->node_arc[g->tail[i]]);
            if (passage_move(c, &whole, g->in_turn[i], &last, c->depart_ms, MOVE_LOOSE, &m, NULL))
                status = add(e, g->tail[i], passage_cost(c, &m), g->in_turn[i], k, err);
        }
    }
    return status;
}

bool table_ends_touch(const struct constraint *c, const struct place *from, const struct place *to)
{
    const struct network *n = c->n;
    if (from->start_count == 0 || to->start_count == 0) return true; /* nothing to tell it by */
    arc_id a = from->starts[0].node, b = to->starts[0].node;
    return from->at.road == to->at.road || n->arc_head[a] == n->arc_tail[b] || n->arc_tail[a] == n->arc_head[b] ||
           n->arc_head[a] == n->arc_head[b] || n->arc_tail[a] == n->arc_tail[b];
}

uint64_t table_ends_direct(const struct constraint *c, const struct place *from, const struct place *to)
{
    const struct turn_graph *g = c->g;
    uint64_t best = UINT64_MAX;
    struct move m;
    for (uint32_t i = 0; i < from->start_count; i++) {
        struct leg_seed seed = {.node = from->starts[i].node, .offset_mm = from->starts[i].offset_mm};
        struct arc_use first = leg_first_use(c, &seed);
        for (uint32_t k = 0; k < to->state_count; k++) {
            const struct leg_goal *goal = &to->states[k];
            if (goal->node == seed.node && goal->offset_mm >= seed.offset_mm) {
                struct arc_use only = leg_only_use(c, &seed, goal);
                if (passage_move(c, NULL, 0, &only, c->depart_ms, MOVE_LOOSE, &m, NULL) && passage_cost(c, &m) < best)
                    best = passage_cost(c, &m);
            }
            for (turn_id t = g->first_out[seed.node]; t < g->first_out[seed.node + 1]; t++) {
                if (g->head[t] != goal->node) continue;
                struct arc_use last = leg_last_use(c, goal);
                if (!passage_move(c, NULL, 0, &first, c->depart_ms, MOVE_LOOSE, &m, NULL)) continue;
                uint64_t cost = passage_cost(c, &m);
                if (passage_move(c, &first, t, &last, c->depart_ms, MOVE_LOOSE, &m, NULL) &&
                    cost + passage_cost(c, &m) < best)
                    best = cost + passage_cost(c, &m);
            }
        }
    }
    return best;
}
