#include "routing/constraint/touched.h"

#include <stdlib.h>
#include <string.h>

enum status touched_init(struct touched_arcs *t, uint32_t arc_count, struct error *err)
{
    *t = (struct touched_arcs){.words = (size_t)arc_count / 64 + 1};
    t->bits = calloc(t->words, sizeof *t->bits);
    return t->bits ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

void touched_clear(struct touched_arcs *t)
{
    free(t->bits);
    *t = (struct touched_arcs){0};
}

void touched_add_road(struct touched_arcs *t, const struct network *n, road_index road)
{
    for (uint32_t way = 0; way < 2; way++) {
        arc_id a = n->road_arc[2 * (size_t)road + way];
        if (a != NO_ARC) touched_add(t, a);
    }
}

void touched_add_differing(struct touched_arcs *t, const struct network *n, const uint64_t *a, const uint64_t *b)
{
    for (size_t i = 0; i <= n->road_count / 64; i++)
        for (uint64_t bits = a[i] ^ b[i]; bits; bits &= bits - 1)
            touched_add_road(t, n, (road_index)(64 * i + (size_t)__builtin_ctzll(bits)));
}

void touched_empty(struct touched_arcs *t)
{
    memset(t->bits, 0, t->words * sizeof *t->bits);
    t->count = 0;
}

/* Whether it says anything to the loose reading of this leg. */
static bool zone_counts(const struct constraint *c, uint32_t zone)
{
    const struct zone_state *z = constraint_zone(c, zone);
    if (!constraint_binds_throughout(c, z) || constraint_zone_lifted(c, zone)) return false;
    return z->forbids || z->gated || z->slow_permille > 1000 || (z->leg_dependent && !constraint_zone_open(c, zone));
}

bool touched_find(struct touched_arcs *t, const struct constraint *c, uint32_t most)
{
    const struct rules *r = c->rules;
    for (uint32_t zone = 0; c->zones && zone < c->input->zone_count; zone++) {
        if (!zone_counts(c, zone)) continue;
        for (uint32_t i = r->zone_first_arc[zone]; i < r->zone_first_arc[zone + 1]; i++) touched_add(t, r->zone_arc[i]);
        if (t->count > most) return false;
    }
    for (uint32_t closure = 0; closure < c->input->closure_count; closure++) {
        const struct rule_force *f = constraint_closure(c, closure);
        if (!f || !f->const_on) continue;
        for (uint32_t i = r->closure_first_arc[closure]; i < r->closure_first_arc[closure + 1]; i++) touched_add(t, r->closure_arc[i]);
        if (t->count > most) return false;
    }
    for (uint32_t i = 0; i < c->lifted_count; i++) touched_add_road(t, c->n, c->lifted_roads[i]);
    return t->count <= most;
}
