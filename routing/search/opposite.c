#include "routing/search/opposite.h"

#include <stdlib.h>
#include <string.h>

enum status opposite_new(const struct base *base, struct opposite **out, struct error *err)
{
    const size_t n = (size_t)base->turns.node_count + 1;
    struct opposite *o = calloc(1, sizeof *o);
    *out = NULL;
    if (!o) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    o->base = base;
    o->stamp = calloc(n, sizeof *o->stamp);
    o->rest = malloc(n * sizeof *o->rest);
    o->next = malloc(n * sizeof *o->next);
    enum status status = o->stamp && o->rest && o->next ? potential_new(base->hierarchy, &o->potential, err)
                                                        : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) *out = o;
    else opposite_free(o);
    return status;
}

void opposite_free(struct opposite *o)
{
    if (!o) return;
    potential_free(o->potential);
    heap_clear(&o->heap);
    free(o->stamp);
    free(o->rest);
    free(o->next);
    free(o);
}

void opposite_begin(struct opposite *o, const struct constraint *c, const struct metric *metric)
{
    o->c = c;
    o->heap.count = 0;
    if (++o->generation == UINT32_MAX / 2) {
        memset(o->stamp, 0, ((size_t)o->base->turns.node_count + 1) * sizeof *o->stamp);
        o->generation = 1;
    }
    potential_reset_from(o->potential, metric);
}

void opposite_source(struct opposite *o, arc_node v, weight cost)
{
    potential_target(o->potential, v, cost);
}

static bool reach(struct opposite *o, arc_node v, turn_id turn, uint64_t cost)
{
    const weight before = potential_get(o->potential, v);
    if (before >= WEIGHT_INFINITY || opposite_rest(o, v) <= cost) return true;
    o->stamp[v] = 2 * o->generation;
    o->rest[v] = cost;
    o->next[v] = turn;
    return heap_push(&o->heap, (struct heap_item){cost + before, v});
}

bool opposite_goal(struct opposite *o, arc_node v, turn_id turn, uint64_t cost)
{
    return reach(o, v, turn, cost);
}

uint64_t opposite_least(struct opposite *o)
{
    while (o->heap.count > 0 && opposite_settled(o, o->heap.items[0].node)) (void)heap_pop(&o->heap);
    return o->heap.count > 0 ? o->heap.items[0].cost : UINT64_MAX;
}

arc_node opposite_settle(struct opposite *o)
{
    const arc_node v = heap_pop(&o->heap).node;
    o->stamp[v] = 2 * o->generation + 1;
    return v;
}

bool opposite_expand(struct opposite *o, arc_node v)
{
    const struct constraint *c = o->c;
    const struct turn_graph *g = c->g;
    const struct arc_use to = arc_use_whole(c->n, g->node_arc[v]);
    if (constraint_avoids(c, to.arc, to.from_mm, to.to_mm)) return true;
    for (uint32_t i = g->first_in[v]; i < g->first_in[v + 1]; i++) {
        const arc_node u = g->tail[i];
        if (opposite_rest(o, u) <= o->rest[v]) continue;
        const struct arc_use from = arc_use_whole(c->n, g->node_arc[u]);
        struct move m;
        if (!passage_move(c, &from, g->in_turn[i], &to, c->depart_ms, MOVE_LOOSE, &m, NULL)) continue;
        if (!reach(o, u, g->in_turn[i], o->rest[v] + passage_cost(c, &m))) return false;
    }
    return true;
}
