#include "routing/constraint/loose.h"

#include <stdlib.h>
#include <string.h>

struct writer {
    uint32_t *words;
    size_t count, capacity;
};

static void put(struct writer *w, uint32_t word)
{
    if (w->count < w->capacity) w->words[w->count++] = word;
}

static int compare_words(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Which classes bind all through. NULL when the arena is full. */
static bool *constant(const struct constraint *c, const struct rule_force *forces, uint32_t count)
{
    bool *on = arena_take(c->arena, count * sizeof *on);
    for (uint32_t k = 0; k < count && on; k++) on[k] = forces[k].const_on;
    return on;
}

/* The next of the rules that are lifted from `*at` on; UINT32_MAX: no more. */
static uint32_t next_lifted(const struct constraint *c, const uint64_t *bits, uint32_t count, uint32_t *at)
{
    while (c->rules_lifted && *at < count) {
        uint64_t rest = bits[*at / 64] >> *at % 64;
        if (rest) {
            *at += (uint32_t)__builtin_ctzll(rest) + 1;
            return *at - 1;
        }
        *at = (*at / 64 + 1) * 64;
    }
    return UINT32_MAX;
}

static size_t lifted_most(const struct constraint *c)
{
    const struct rules_input *in = c->input;
    return c->rules_lifted ? (size_t)in->zone_count + in->closure_count + 2 * (size_t)in->checkpoint_count : 0;
}

/* The rules that bind all through as the bindings count them, then in what this request differs. */
static bool put_zones(struct writer *w, const struct constraint *c, bool *gated)
{
    uint32_t number = 0, at = 0, zone;
    struct zone_binding *b = c->bindings.zones;
    *gated = false;
    if (b) {
        bool *on = constant(c, c->forces, b->classes.count);
        if (!on || zone_binding_number(b, on, &number, gated, NULL) != STATUS_OK) return false;
    }
    put(w, number);
    for (uint32_t i = 0; i < c->avoided_count; i++) put(w, c->avoided[i].zone);
    put(w, UINT32_MAX);
    if (c->leg_zone_count > 0) {
        uint32_t *open = w->words + w->count, first = (uint32_t)w->count;
        for (uint32_t i = 0; i < c->leg_zone_count; i++) {
            const struct zone_state *z = constraint_zone(c, c->leg_zones[i]);
            if (z->leg_dependent && constraint_binds_throughout(c, z)) put(w, c->leg_zones[i]);
        }
        qsort(open, w->count - first, sizeof *open, compare_words);
    }
    put(w, UINT32_MAX);
    while ((zone = next_lifted(c, c->zone_lifted, c->input->zone_count, &at)) != UINT32_MAX)
        if (constraint_binds_throughout(c, constraint_zone(c, zone))) put(w, zone);
    put(w, UINT32_MAX);
    return true;
}

static bool put_closures(struct writer *w, const struct constraint *c)
{
    uint32_t number = 0, at = 0, closure;
    struct closure_binding *b = c->bindings.closures;
    if (b) {
        bool *on = constant(c, c->closure_forces, b->classes.count);
        if (!on || closure_binding_number(b, on, &number, NULL) != STATUS_OK) return false;
        while ((closure = next_lifted(c, c->closure_lifted, c->input->closure_count, &at)) != UINT32_MAX)
            if (c->closure_class[closure] != CLOSURE_UNBOUND && on[c->closure_class[closure]]) put(w, closure);
    }
    put(w, UINT32_MAX);
    put(w, number);
    return true;
}

/* Where no zone is gated nobody asks a checkpoint. */
static bool put_checkpoints(struct writer *w, const struct constraint *c, bool gated)
{
    uint32_t number = 0, at = 0, checkpoint;
    struct checkpoint_binding *b = c->bindings.checkpoints;
    if (b && gated) {
        uint32_t classes = b->classes.count;
        bool *counts = arena_take(c->arena, ((size_t)classes + c->asks->count + c->earns->count) * sizeof *counts);
        if (!counts) return false;
        for (uint32_t k = 0; k < classes; k++) counts[k] = c->openings[k].sometime;
        for (uint32_t k = 0; k < c->asks->count; k++) counts[classes + k] = c->asking[k].loose;
        memcpy(counts + classes + c->asks->count, c->green, c->earns->count * sizeof *counts);
        if (checkpoint_binding_number(b, counts, &number, NULL) != STATUS_OK) return false;
        while ((checkpoint = next_lifted(c, c->checkpoint_lifted, c->input->checkpoint_count, &at)) != UINT32_MAX)
            if (!constraint_checkpoint_loose(c, checkpoint)) put(w, checkpoint), put(w, constraint_loose_inspection_ms(c, checkpoint));
    }
    put(w, UINT32_MAX);
    put(w, number);
    put(w, c->checkpoints_lifted);
    return true;
}

const void *loose_signature(const struct constraint *c, size_t *size)
{
    const struct rules *r = c->rules;
    size_t capacity = 24 + ROAD_CLASS_COUNT + LIFTED_ROADS_MAX + (r->limits_count + 31) / 32 + c->avoided_count + c->leg_zone_count +
                      lifted_most(c);
    struct writer w = {.words = arena_take(c->arena, capacity * sizeof(uint32_t)), .capacity = capacity};
    if (!w.words) return NULL;
    const struct vehicle *v = &c->request->vehicle;
    put(&w, (uint32_t)c->request->prefer | (uint32_t)c->subject << 4 | (uint32_t)c->pieces_open << 8 |
                (uint32_t)c->request->avoid_tolls << 9 | (uint32_t)v->hazmat << 10 | (uint32_t)c->lift_arcs << 11);
    for (int class = 0; class < ROAD_CLASS_COUNT && c->request->prefer == PREFER_COST; class++)
        put(&w, c->input->tolls.centifen_per_km[class][c->toll_class]);
    put(&w, (uint32_t)v->speed_limit_expressway_kmh | (uint32_t)v->speed_limit_other_kmh << 16);
    put(&w, c->request->avoid_classes);
    for (uint32_t row = 0; row < r->limits_count; row += 32) {
        uint32_t word = 0;
        for (uint32_t k = row; k < r->limits_count && k < row + 32; k++)
            word |= (uint32_t)(c->row_fails[k] != 0) << (k - row);
        put(&w, word);
    }
    bool gated;
    if (!put_zones(&w, c, &gated) || !put_closures(&w, c) || !put_checkpoints(&w, c, gated)) return NULL;
    for (uint32_t i = 0; i < c->lifted_count; i++) put(&w, c->lifted_roads[i]);
    put(&w, c->lift_avoid);
    *size = w.count * sizeof *w.words;
    return w.words;
}

static bool in_gated_zone(const struct constraint *c, arc_id a)
{
    const struct rules *r = c->rules;
    for (uint32_t i = r->arc_first_member[a]; i < r->arc_first_member[a + 1]; i++) {
        const struct zone_state *z = constraint_zone(c, r->member[i].zone);
        if (z->gated && constraint_binds_throughout(c, z)) return true;
    }
    return false;
}

weight loose_arc_weight(const struct constraint *c, arc_id a)
{
    struct move m;
    if (in_gated_zone(c, a)) return NOTHING;
    const struct arc_use use = arc_use_whole(c->n, a);
    return passage_move(c, NULL, 0, &use, c->depart_ms, MOVE_LOOSE, &m, NULL) ? passage_cost(c, &m) : WEIGHT_INFINITY;
}

void loose_weights(const struct constraint *c, weight *arc_weight, weight *weights)
{
    const struct turn_graph *g = c->g;
    for (arc_id a = 0; a < c->n->arc_count; a++) arc_weight[a] = loose_arc_weight(c, a);
    for (arc_node u = 0; u < g->node_count; u++) {
        const arc_id a = g->node_arc[u];
        const weight along = arc_weight[a];
        for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++) {
            const arc_id b = g->node_arc[g->head[t]];
            weights[t] = loose_turn_weight(c, a, along, t, b, arc_weight[b]);
        }
    }
}
