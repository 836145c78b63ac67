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

static int compare_zones(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* The zones that bind all through as the binding counts them, then in what this request differs. */
static bool put_zones(struct writer *w, const struct constraint *c, bool *gated)
{
    uint32_t number = 0, count = c->input->zone_count;
    *gated = false;
    if (c->binding) {
        bool *on = arena_take(c->arena, c->binding->class_count * sizeof *on);
        for (uint32_t k = 0; k < c->binding->class_count && on; k++) on[k] = c->forces[k].const_on;
        if (!on || zone_binding_number(c->binding, on, &number, gated, NULL) != STATUS_OK) return false;
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
        qsort(open, w->count - first, sizeof *open, compare_zones);
    }
    put(w, UINT32_MAX);
    for (uint32_t k = 0; k <= count / 64; k++)
        for (uint64_t bits = c->zone_lifted[k]; bits; bits &= bits - 1) {
            uint32_t zone = 64 * k + (uint32_t)__builtin_ctzll(bits);
            if (constraint_binds_throughout(c, constraint_zone(c, zone))) put(w, zone);
        }
    put(w, UINT32_MAX);
    return true;
}

const void *loose_signature(const struct constraint *c, size_t *size)
{
    const struct rules *r = c->rules;
    size_t zone_words = 2 * ((size_t)c->input->zone_count / 64 + 1);
    size_t capacity = 20 + ROAD_CLASS_COUNT + LIFTED_ROADS_MAX + (r->limits_count + 31) / 32 + 2 * (size_t)c->avoided_count +
                      c->leg_zone_count + zone_words + 2 * (size_t)c->input->closure_count + 2 * (size_t)c->input->checkpoint_count;
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
    if (!put_zones(&w, c, &gated)) return NULL;
    for (uint32_t i = 0; i < c->input->closure_count; i++)
        if (c->closures[i].bound && c->closures[i].const_on && !c->closures[i].lifted) put(&w, i);
    put(&w, UINT32_MAX);
    for (uint32_t i = 0; i < c->input->checkpoint_count && gated; i++) {
        const struct checkpoint_state *s = &c->checkpoints[i];
        if (!s->loose_usable && !s->lifted) continue;
        put(&w, i);
        put(&w, s->loose_inspection_ms);
    }
    put(&w, UINT32_MAX);
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
