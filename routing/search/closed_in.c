#include "routing/search/closed_in.h"

#include <stdlib.h>
#include <string.h>

struct closed_in {
    const struct base *base;
    uint32_t *stamp, *seen; /* [node_count] looked at; found by a move that breaks a rule */
    uint32_t *level;        /* [node_count] of those looked at */
    uint32_t generation, outside; /* outside: the level of all others, at least */
    arc_node *queue, *next; /* [node_count] by level; of the level after */
};

enum status closed_in_new(const struct base *base, struct closed_in **out, struct error *err)
{
    struct closed_in *x = calloc(1, sizeof *x);
    *out = NULL;
    if (!x) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    x->base = base;
    x->stamp = calloc((size_t)base->turns.node_count + 1, sizeof *x->stamp);
    x->seen = calloc((size_t)base->turns.node_count + 1, sizeof *x->seen);
    x->level = malloc(((size_t)base->turns.node_count + 1) * sizeof *x->level);
    x->queue = malloc(((size_t)base->turns.node_count + 1) * sizeof *x->queue);
    x->next = malloc(((size_t)base->turns.node_count + 1) * sizeof *x->next);
    if (!x->stamp || !x->seen || !x->level || !x->queue || !x->next) {
        closed_in_free(x);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    *out = x;
    return STATUS_OK;
}

void closed_in_free(struct closed_in *x)
{
    if (!x) return;
    free(x->stamp);
    free(x->seen);
    free(x->level);
    free(x->queue);
    free(x->next);
    free(x);
}

/* What comes and goes counts as absent, unless it has come to stay by then. */
static struct rule_force *steady(const struct constraint *c, int64_t from_ms, const struct rule_force *forces, uint32_t count)
{
    struct rule_force *made = arena_take(c->arena, (count + 1) * sizeof *made);
    for (uint32_t k = 0; k < count && made; k++) {
        made[k] = forces[k];
        if (forces[k].force.flip_count == 0) continue;
        const bool stays = force_throughout(&forces[k].force, from_ms, c->until_ms);
        made[k] = (struct rule_force){.force = {.initial = stays}, .ever = stays, .const_on = stays, .sometime = stays};
    }
    return made;
}

enum status closed_in_rules(const struct constraint *c, int64_t from_ms, struct constraint *out, struct error *err)
{
    const struct rule_bindings *held = &c->bindings;
    struct rule_force *forces = steady(c, from_ms, c->forces, held->zones ? held->zones->classes.count : 1);
    struct rule_force *closures = steady(c, from_ms, c->closure_forces, held->closures ? held->closures->classes.count : 0);
    uint32_t openings = held->checkpoints ? held->checkpoints->classes.count : 0, earns = openings ? c->earns->count : 0;
    struct rule_force *never = arena_zero(c->arena, openings + 1, sizeof *never);
    bool *green = arena_zero(c->arena, earns + 1, sizeof *green);
    if (!forces || !closures || !never || !green) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t k = 0; k < openings; k++) never[k].ever = c->openings[k].ever;
    for (uint32_t k = 0; k < earns; k++) green[k] = c->input->checkpoints[c->earns->first[k]].green_count > 0;
    *out = *c;
    out->forces = forces;
    out->closure_forces = closures;
    out->checkpoints_lifted = LIFTED_USABLE;
    out->openings = never;
    out->green = green;
    out->varying = false;
    return STATUS_OK;
}

uint32_t closed_in_new_breaches(const struct constraint *c, const struct arc_use *u, const struct move_log *log)
{
    const struct rules *r = c->rules;
    uint32_t count = 0;
    for (uint32_t i = 0; i < log->breach_count; i++) {
        const struct breach *b = &log->breaches[i];
        bool going_on = false;
        if (u && b->zone != UINT32_MAX && b->checkpoint == UINT32_MAX && !constraint_zone(c, b->zone)->gated)
            for (uint32_t k = r->arc_first_member[u->arc]; k < r->arc_first_member[u->arc + 1]; k++)
                going_on = going_on || r->member[k].zone == b->zone;
        if (u && b->closure != UINT32_MAX)
            for (uint32_t k = r->arc_first_closure[u->arc]; k < r->arc_first_closure[u->arc + 1]; k++)
                going_on = going_on || r->arc_closure[k] == b->closure;
        count += !going_on;
    }
    return count;
}

enum onward { STEP_NONE, STEP_FREE, STEP_BREAKS };

static enum onward step_of(const struct constraint *rules, const struct arc_use *u, turn_id turn, const struct arc_use *v, bool breaking)
{
    struct move m;
    struct move_log log;
    if (rules->g->forbidden_to[turn] & rules->subject) return STEP_NONE;
    if (!breaking) return passage_move(rules, u, turn, v, rules->depart_ms, MOVE_EXACT, &m, NULL) ? STEP_FREE : STEP_NONE;
    if (!passage_move(rules, u, turn, v, rules->depart_ms, MOVE_RELAX, &m, &log)) return STEP_NONE;
    return closed_in_new_breaches(rules, u, &log) == 0 ? STEP_FREE : STEP_BREAKS;
}

/* A search by levels: how far it has come. */
struct looking {
    const struct constraint *rules;
    const struct closed_in_near *near;
    bool breaking, far; /* far: it leads back farther than that */
    uint32_t level, count, next_count;
};

/* All moves to `v` from the node it is, or in that part of. */
static void look(struct closed_in *x, struct looking *l, arc_node node, const struct arc_use *v)
{
    const struct turn_graph *g = l->rules->g;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1]; i++) {
        arc_node u = g->tail[i];
        if (x->stamp[u] == x->generation) continue;
        const struct arc_use whole = arc_use_whole(l->rules->n, g->node_arc[u]);
        const bool far = l->near && potential_get(l->near->potential, u) > l->near->most; /* one may leave it before the rules hold */
        enum onward step = step_of(far ? l->near->always : l->rules, &whole, g->in_turn[i], v, l->breaking);
        if (step != STEP_NONE && far) {
            l->far = true;
            return;
        }
        if (step == STEP_FREE) {
            x->stamp[u] = x->generation;
            x->level[u] = l->level;
            x->queue[l->count++] = u;
        } else if (step == STEP_BREAKS && x->seen[u] != x->generation) {
            x->seen[u] = x->generation;
            x->next[l->next_count++] = u;
        }
    }
}

/* Returns whether all was looked at. */
static bool look_back(struct closed_in *x, struct looking *l, const struct leg_goal *goals, uint32_t goal_count, uint32_t most)
{
    if (++x->generation == 0) {
        memset(x->stamp, 0, ((size_t)x->base->turns.node_count + 1) * sizeof *x->stamp);
        memset(x->seen, 0, ((size_t)x->base->turns.node_count + 1) * sizeof *x->seen);
        x->generation = 1;
    }
    for (uint32_t k = 0; k < goal_count; k++) {
        const struct arc_use last = leg_last_use(l->rules, &goals[k]);
        look(x, l, goals[k].node, &last);
    }
    for (uint32_t done = 0; done < l->count || l->next_count > 0;) {
        if (l->count > most || l->far) return false;
        if (done == l->count) { /* the next level */
            l->level++;
            for (uint32_t i = 0; i < l->next_count; i++) {
                arc_node u = x->next[i];
                if (x->stamp[u] == x->generation) continue;
                x->stamp[u] = x->generation;
                x->level[u] = l->level;
                x->queue[l->count++] = u;
            }
            l->next_count = 0;
            continue;
        }
        const struct arc_use v = arc_use_whole(l->rules->n, l->rules->g->node_arc[x->queue[done]]);
        look(x, l, x->queue[done++], &v);
    }
    return !l->far;
}

bool closed_in_find(struct closed_in *x, const struct constraint *rules, const struct leg_goal *goals, uint32_t goal_count,
                    uint32_t most, const struct closed_in_near *near)
{
    struct looking l = {.rules = rules, .near = near};
    return look_back(x, &l, goals, goal_count, most);
}

uint32_t closed_in_levels(struct closed_in *x, const struct constraint *rules, const struct leg_goal *goals, uint32_t goal_count,
                          uint32_t most, const struct closed_in_near *near)
{
    struct looking l = {.rules = rules, .near = near, .breaking = true};
    (void)look_back(x, &l, goals, goal_count, most);
    x->outside = l.level;
    return l.level;
}

bool closed_in_looked_at(const struct closed_in *x, arc_node u)
{
    return x->stamp[u] == x->generation;
}

uint32_t closed_in_level(const struct closed_in *x, arc_node u)
{
    return closed_in_looked_at(x, u) ? x->level[u] : x->outside;
}

/* A seed uses a part of its arc only, and what a whole arc breaks its part may not: so its next arcs are asked. */
bool closed_in_reached_from(const struct closed_in *x, const struct leg_goal *goals, uint32_t goal_count, arc_node seed)
{
    const struct turn_graph *g = &x->base->turns;
    bool reached = closed_in_looked_at(x, seed);
    for (uint32_t k = 0; k < goal_count && !reached; k++) reached = goals[k].node == seed;
    for (turn_id t = g->first_out[seed]; t < g->first_out[seed + 1] && !reached; t++) {
        reached = closed_in_looked_at(x, g->head[t]);
        for (uint32_t k = 0; k < goal_count && !reached; k++) reached = goals[k].node == g->head[t];
    }
    return reached;
}
