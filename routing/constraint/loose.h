/* The metric of a request's loose reading (routing/constraint/constraint.h): its signature, so that requests which mean the same
 * share one, and its weights. */
#ifndef ROUTING_LOOSE_H
#define ROUTING_LOOSE_H

#include "routing/constraint/passage.h"

/** What the weights depend on, as bytes from the constraint's arena. NULL when the arena is full. O(limits + different hours
 *  and requirements of the rules); what many rules come to is one number (binding_cache.h). */
MUST_USE const void *loose_signature(const struct constraint *c, size_t *size);

/** What driving along an arc weighs, whoever comes to it; NOTHING where a gated zone binds: that hangs on where from. */
weight loose_arc_weight(const struct constraint *c, arc_id a);

/** The weight of turn `t` from arc `a` to arc `b`, given loose_arc_weight of both: the one place where it is worked out. */
static inline weight loose_turn_weight(const struct constraint *c, arc_id a, weight along_a, turn_id t, arc_id b, weight along_b)
{
    const enum preference prefer = c->request->prefer;
    const bool by_time = prefer == PREFER_TIME || prefer == PREFER_DRIVING;
    const uint32_t turn_ms = c->g->cost_ms[t];
    if (c->g->forbidden_to[t] & c->subject) return WEIGHT_INFINITY;
    if (along_a != NOTHING && along_b != NOTHING && (by_time || prefer == PREFER_DISTANCE || turn_ms == 0))
        return along_b == WEIGHT_INFINITY ? WEIGHT_INFINITY : weight_add(along_b, by_time ? turn_ms : 0);
    struct move m;
    const struct arc_use from = arc_use_whole(c->n, a), to = arc_use_whole(c->n, b);
    return passage_move(c, &from, t, &to, c->depart_ms, MOVE_LOOSE, &m, NULL) ? passage_cost(c, &m) : WEIGHT_INFINITY;
}

/** Fills weights[turn_count] with the cost of every move between whole arcs. `arc_weight` is scratch of arc_count.
 *  O(turns + turns at gated zones · zones there). */
void loose_weights(const struct constraint *c, weight *arc_weight, weight *weights);

#endif
