#include "routing/search/table.h"

#include <stdlib.h>

bool table_uniform(const struct constraint *c, const struct place *places, const bool *there, uint32_t count)
{
    const struct membership *m;
    if (c->varying || c->avoid) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!there[i]) continue;
        for (uint32_t k = 0; constraint_inside(c, places[i].at, &m, k); k++) {
            const struct zone_state *z = constraint_zone(c, m->zone);
            if (z->leg_dependent && constraint_binds(c, z)) return false;
        }
        for (uint32_t way = 0; way < 2 && c->pieces->of_arc; way++) {
            arc_id a = c->n->road_arc[2 * (size_t)places[i].at.road + way];
            if (a != NO_ARC && c->pieces->of_arc[a]) return false;
        }
    }
    return true;
}

/* Entries of all sources or all targets, growing. */
struct entries {
    uint32_t *first, *node;
    weight *initial;
    uint32_t count, capacity;
};

static bool entry_add(struct entries *e, uint32_t node, uint64_t initial)
{
    if (initial >= WEIGHT_INFINITY) return true;
    if (e->count == e->capacity) {
        uint32_t capacity = e->capacity ? 2 * e->capacity : 256;
        uint32_t *nodes = realloc(e->node, capacity * sizeof *nodes);
        if (nodes) e->node = nodes;
        weight *initials = realloc(e->initial, capacity * sizeof *initials);
        if (initials) e->initial = initials;
        if (!nodes || !initials) return false;
        e->capacity = capacity;
    }
    e->node[e->count] = node;
    e->initial[e->count++] = (weight)initial;
    return true;
}

static void entries_clear(struct entries *e)
{
    free(e->first);
    free(e->node);
    free(e->initial);
}

/* What leaves a place: the arcs after the first turn. */
static bool source_add(const struct constraint *c, const struct place *p, struct entries *e)
{
    const struct turn_graph *g = c->g;
    struct move m;
    for (uint32_t i = 0; i < p->start_count; i++) {
        struct leg_seed seed = {.node = p->starts[i].node, .offset_mm = p->starts[i].offset_mm};
        struct arc_use first = leg_first_use(c, &seed);
        if (!passage_move(c, NULL, 0, &first, c->depart_ms, MOVE_LOOSE, &m, NULL)) continue;
        uint64_t cost = passage_cost(c, &m);
        for (turn_id t = g->first_out[seed.node]; t < g->first_out[seed.node + 1]; t++) {
            struct arc_use whole = arc_use_whole(c->n, g->node_arc[g->head[t]]);
            if (passage_move(c, &first, t, &whole, c->depart_ms, MOVE_LOOSE, &m, NULL) &&
                !entry_add(e, g->head[t], cost + passage_cost(c, &m)))
                return false;
        }
    }
    return true;
}

static bool target_add(const struct constraint *c, const struct place *p, struct entries *e)
{
    const struct turn_graph *g = c->g;
    struct move m;
    for (uint32_t k = 0; k < p->state_count; k++) {
        struct arc_use last = leg_last_use(c, &p->states[k]);
        for (uint32_t i = g->first_in[p->states[k].node]; i < g->first_in[p->states[k].node + 1]; i++) {
            struct arc_use whole = arc_use_whole(c->n, g->node_arc[g->tail[i]]);
            if (passage_move(c, &whole, g->in_turn[i], &last, c->depart_ms, MOVE_LOOSE, &m, NULL) &&
                !entry_add(e, g->tail[i], passage_cost(c, &m)))
                return false;
        }
    }
    return true;
}

/* Ways that the hierarchy does not see: on one arc, or over a single turn. */
static uint64_t direct_cost(const struct constraint *c, const struct place *from, const struct place *to)
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

enum status table_costs(const struct constraint *c, const struct metric *metric, const struct place *places,
                        const bool *there, uint32_t source_count, uint32_t target_count, uint32_t *costs,
                        struct error *err)
{
    struct entries from = {0}, to = {0};
    enum status status = STATUS_NO_MEMORY;
    from.first = calloc((size_t)source_count + 1, sizeof *from.first);
    to.first = calloc((size_t)target_count + 1, sizeof *to.first);
    bool made = from.first && to.first;
    for (uint32_t i = 0; made && i < source_count; i++) {
        if (there[i]) made = source_add(c, &places[i], &from);
        from.first[i + 1] = from.count;
    }
    for (uint32_t k = 0; made && k < target_count; k++) {
        if (there[source_count + k]) made = target_add(c, &places[source_count + k], &to);
        to.first[k + 1] = to.count;
    }
    if (!made) {
        error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    struct many_places sources = {.count = source_count, .first = from.first, .node = from.node, .initial = from.initial};
    struct many_places targets = {.count = target_count, .first = to.first, .node = to.node, .initial = to.initial};
    if ((status = many_to_many(metric, &sources, &targets, costs, err)) != STATUS_OK) goto done;
    for (uint32_t i = 0; i < source_count; i++)
        for (uint32_t k = 0; k < target_count; k++) {
            uint32_t *cell = &costs[(size_t)i * target_count + k];
            if (*cell >= WEIGHT_INFINITY) *cell = UINT32_MAX;
            if (!there[i] || !there[source_count + k]) continue;
            const struct place *a = &places[i], *b = &places[source_count + k];
            if (c->n->arc_head[a->starts[0].node] != c->n->arc_tail[b->starts[0].node] && a->at.road != b->at.road &&
                c->n->arc_tail[a->starts[0].node] != c->n->arc_head[b->starts[0].node] &&
                c->n->arc_head[a->starts[0].node] != c->n->arc_head[b->starts[0].node] &&
                c->n->arc_tail[a->starts[0].node] != c->n->arc_tail[b->starts[0].node])
                continue; /* the roads do not touch */
            uint64_t direct = direct_cost(c, a, b);
            if (direct < *cell) *cell = (uint32_t)direct;
        }
done:
    entries_clear(&from);
    entries_clear(&to);
    return status;
}
