#include "routing/constraint/loose_patch.h"

#include "routing/constraint/loose.h"

struct patching {
    const struct constraint *c;
    const struct touched_arcs *touched;
    const weight *own, *others;
    weight *weights;
};

static weight along(const struct patching *p, arc_id a)
{
    return touched_has(p->touched, a) ? p->own[a] : p->others[a];
}

static void turns_into(const struct patching *p, arc_id b, arc_node node)
{
    const struct turn_graph *g = p->c->g;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1]; i++) {
        const arc_id a = g->node_arc[g->tail[i]];
        const turn_id t = g->in_turn[i];
        p->weights[t] = loose_turn_weight(p->c, a, along(p, a), t, b, p->own[b]);
    }
}

static void turns_out_of(const struct patching *p, arc_id a, arc_node node)
{
    const struct turn_graph *g = p->c->g;
    for (turn_id t = g->first_out[node]; t < g->first_out[node + 1]; t++) {
        const arc_id b = g->node_arc[g->head[t]];
        if (touched_has(p->touched, b)) continue; /* as a turn into that */
        p->weights[t] = loose_turn_weight(p->c, a, p->own[a], t, b, p->others[b]);
    }
}

static void arc(const struct patching *p, arc_id a)
{
    const struct turn_graph *g = p->c->g;
    const bool gated = p->own[a] == NOTHING;
    turns_into(p, a, a);
    if (gated) turns_out_of(p, a, a);
    for (uint32_t k = g->first_copy[a]; k < g->first_copy[a + 1]; k++) {
        turns_into(p, a, g->copy[k]);
        if (gated) turns_out_of(p, a, g->copy[k]);
    }
}

/* The next one that is touched, from `a` on: in the order of arcs, which is that of their turns in memory. */
static arc_id next_touched(const struct touched_arcs *t, arc_id a)
{
    size_t word = a / 64;
    uint64_t bits = word < t->words ? t->bits[word] >> a % 64 << a % 64 : 0;
    while (!bits && ++word < t->words) bits = t->bits[word];
    return bits ? (arc_id)(64 * word + (size_t)__builtin_ctzll(bits)) : NO_ARC;
}

void loose_patch(const struct constraint *c, const struct touched_arcs *t, weight *own, const weight *others, weight *weights)
{
    const struct patching p = {c, t, own, others, weights};
    for (arc_id a = next_touched(t, 0); a != NO_ARC; a = next_touched(t, a + 1)) own[a] = loose_arc_weight(c, a);
    for (arc_id a = next_touched(t, 0); a != NO_ARC; a = next_touched(t, a + 1)) arc(&p, a);
}
