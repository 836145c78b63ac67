#include "routing/search/leg.h"

#include <string.h>

uint64_t leg_extra_cost(const struct constraint *c, uint32_t extra_ms)
{
    struct move m = {.turn_ms = extra_ms};
    return passage_cost(c, &m);
}

struct arc_use leg_first_use(const struct constraint *c, const struct leg_seed *seed)
{
    struct arc_use use = arc_use_whole(c->n, c->g->node_arc[seed->node]);
    use.from_mm = seed->offset_mm;
    use.first = true;
    return use;
}

struct arc_use leg_last_use(const struct constraint *c, const struct leg_goal *goal)
{
    struct arc_use use = arc_use_whole(c->n, c->g->node_arc[goal->node]);
    use.to_mm = goal->offset_mm;
    use.last = true;
    return use;
}

struct arc_use leg_only_use(const struct constraint *c, const struct leg_seed *seed, const struct leg_goal *goal)
{
    struct arc_use use = leg_first_use(c, seed);
    use.to_mm = goal->offset_mm;
    use.last = true;
    return use;
}

/* What a source or target of the query stands for. */
struct end {
    uint32_t index; /* seed or goal */
    turn_id turn;
};

enum { ENDS_MAX = 1024 };

struct direct {
    uint64_t cost;
    uint32_t seed, goal;
    turn_id turn; /* UINT32_MAX: on one arc */
};

static void take_direct(struct direct *best, uint64_t cost, uint32_t seed, uint32_t goal, turn_id turn)
{
    if (cost < best->cost) *best = (struct direct){cost, seed, goal, turn};
}

static enum status path_take(const struct constraint *c, struct leg_way *way, const struct leg_seed *seeds,
                             const struct leg_goal *goals, const struct direct *direct, const struct query_path *path,
                             const struct end *sources, const struct end *targets, struct error *err)
{
    uint32_t middle = path ? path->edge_count + 1 : 0, count = 0;
    struct hop *hops = arena_zero(c->arena, middle + 2, sizeof *hops);
    if (!hops) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (!path) {
        way->seed = direct->seed;
        way->goal = direct->goal;
        hops[count++].node = seeds[way->seed].node;
        if (direct->turn != UINT32_MAX)
            hops[count++] = (struct hop){.node = goals[way->goal].node, .turn = direct->turn};
    } else {
        const struct end *source = &sources[path->source], *target = &targets[path->target];
        way->seed = source->index;
        way->goal = target->index;
        hops[count++].node = seeds[way->seed].node;
        for (uint32_t i = 0; i < middle; i++)
            hops[count++] = (struct hop){.node = path->nodes[i], .turn = i == 0 ? source->turn : path->edges[i - 1]};
        hops[count++] = (struct hop){.node = goals[way->goal].node, .turn = target->turn};
    }
    way->hops = hops;
    way->hop_count = count;
    return STATUS_OK;
}

/* Finds the way between the ends: by a metric, or by a guide. */
struct finder {
    struct query *query;
    const struct metric *metric;
    const struct leg_guide *guide; /* NULL: by the metric */
};

static void finder_reset(const struct finder *f)
{
    if (f->guide) guided_reset(f->guide->guided, f->guide->guide, f->guide->weights);
    else query_reset(f->query, f->metric);
}

static enum status finder_source(const struct finder *f, arc_node v, weight initial)
{
    return f->guide ? guided_source(f->guide->guided, v, initial) : query_source(f->query, v, initial);
}

static enum status finder_target(const struct finder *f, arc_node v, weight initial)
{
    return f->guide ? guided_target(f->guide->guided, v, initial) : query_target(f->query, v, initial);
}

/* The least weight; one of `limit` or more is as good as none. */
static enum status finder_run(const struct finder *f, uint64_t limit, weight *best, struct error *err)
{
    if (!f->guide) {
        *best = query_run(f->query);
        return STATUS_OK;
    }
    return guided_run(f->guide->guided, limit < WEIGHT_INFINITY ? (weight)limit : WEIGHT_INFINITY, f->guide->budget, best, err);
}

static enum status finder_path(const struct finder *f, struct query_path *path, struct error *err)
{
    return f->guide ? guided_path(f->guide->guided, path, err) : query_path(f->query, path, err);
}

static enum status leg_find(const struct constraint *c, const struct finder *finder, const struct leg_seed *seeds,
                            uint32_t seed_count, const struct leg_goal *goals, uint32_t goal_count, bool path,
                            struct leg_way *way, struct error *err)
{
    const struct turn_graph *g = c->g;
    struct end sources[ENDS_MAX], targets[ENDS_MAX];
    uint32_t source_count = 0, target_count = 0;
    struct direct direct = {.cost = UINT64_MAX};
    struct move m;
    uint64_t base = UINT64_MAX;
    for (uint32_t i = 0; i < seed_count; i++)
        if (seeds[i].cost < base) base = seeds[i].cost;
    *way = (struct leg_way){.cost = UINT64_MAX};
    finder_reset(finder);
    for (uint32_t i = 0; i < seed_count; i++) {
        const struct leg_seed *s = &seeds[i];
        uint64_t cost = s->cost - base + leg_extra_cost(c, s->extra_ms);
        for (uint32_t k = 0; k < goal_count; k++) {
            if (goals[k].node != s->node || goals[k].offset_mm < s->offset_mm) continue;
            struct arc_use only = leg_only_use(c, s, &goals[k]);
            if (passage_move(c, NULL, 0, &only, c->depart_ms, MOVE_LOOSE, &m, NULL))
                take_direct(&direct, cost + passage_cost(c, &m), i, k, UINT32_MAX);
        }
        struct arc_use first = leg_first_use(c, s);
        if (!passage_move(c, NULL, 0, &first, c->depart_ms, MOVE_LOOSE, &m, NULL)) continue;
        cost += passage_cost(c, &m);
        for (turn_id t = g->first_out[s->node]; t < g->first_out[s->node + 1]; t++) {
            arc_node v = g->head[t];
            for (uint32_t k = 0; k < goal_count; k++) {
                if (goals[k].node != v) continue;
                struct arc_use last = leg_last_use(c, &goals[k]);
                if (passage_move(c, &first, t, &last, c->depart_ms, MOVE_LOOSE, &m, NULL))
                    take_direct(&direct, cost + passage_cost(c, &m), i, k, t);
            }
            struct arc_use whole = arc_use_whole(c->n, g->node_arc[v]);
            if (source_count == ENDS_MAX || !passage_move(c, &first, t, &whole, c->depart_ms, MOVE_LOOSE, &m, NULL))
                continue;
            uint64_t initial = cost + passage_cost(c, &m);
            if (initial >= WEIGHT_INFINITY) continue;
            if (finder_source(finder, v, (weight)initial) != STATUS_OK)
                return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
            sources[source_count++] = (struct end){i, t};
        }
    }
    for (uint32_t k = 0; k < goal_count; k++) {
        struct arc_use last = leg_last_use(c, &goals[k]);
        arc_node v = goals[k].node;
        for (uint32_t i = g->first_in[v]; i < g->first_in[v + 1] && target_count < ENDS_MAX; i++) {
            struct arc_use whole = arc_use_whole(c->n, g->node_arc[g->tail[i]]);
            if (!passage_move(c, &whole, g->in_turn[i], &last, c->depart_ms, MOVE_LOOSE, &m, NULL)) continue;
            if (finder_target(finder, g->tail[i], passage_cost(c, &m)) != STATUS_OK)
                return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
            targets[target_count++] = (struct end){k, g->in_turn[i]};
        }
    }
    weight best = WEIGHT_INFINITY;
    if (source_count && target_count) {
        enum status status = finder_run(finder, direct.cost, &best, err);
        if (status != STATUS_OK) return status;
    }
    bool by_query = best < WEIGHT_INFINITY && best < direct.cost;
    if (!by_query && direct.cost == UINT64_MAX) return STATUS_OK;
    way->cost = base + (by_query ? best : direct.cost);
    if (!path) return STATUS_OK;
    struct query_path found;
    if (by_query) {
        enum status status = finder_path(finder, &found, err);
        if (status != STATUS_OK) return status;
    }
    return path_take(c, way, seeds, goals, &direct, by_query ? &found : NULL, sources, targets, err);
}

enum status leg_loose(const struct constraint *c, struct query *query, const struct metric *metric,
                      const struct leg_seed *seeds, uint32_t seed_count, const struct leg_goal *goals,
                      uint32_t goal_count, bool path, struct leg_way *way, struct error *err)
{
    const struct finder finder = {.query = query, .metric = metric};
    return leg_find(c, &finder, seeds, seed_count, goals, goal_count, path, way, err);
}

enum status leg_guided(const struct constraint *c, const struct leg_guide *guide, const struct leg_seed *seeds,
                       uint32_t seed_count, const struct leg_goal *goals, uint32_t goal_count, struct leg_way *way,
                       struct error *err)
{
    const struct finder finder = {.guide = guide};
    return leg_find(c, &finder, seeds, seed_count, goals, goal_count, true, way, err);
}
