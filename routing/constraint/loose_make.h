/* The weights of a request's loose reading at the cost of what the rules in force touch: those of its vehicle alone, copied
 * (bare_weights.h), and what the rules touch (touched.h) worked out anew on the copy (loose_patch.h).
 *
 * The result equals loose_weights byte for byte (property test `loose`): a turn weighs what loose_turn_weight says, either way. */
#ifndef ROUTING_LOOSE_MAKE_H
#define ROUTING_LOOSE_MAKE_H

#include "routing/constraint/bare_weights.h"
#include "routing/constraint/touched.h"

/* Room of one thread, made on first use. All zero bytes: none yet. */
struct loose_room {
    struct touched_arcs touched;
    weight *arc_weight; /* [arc_count] */
    uint64_t *shut;     /* by road */
};

void loose_room_clear(struct loose_room *room);

struct loose_limits {
    uint32_t touched; /* more arcs than these: everything is worked out */
    uint32_t near;    /* of so many roads other limits may hold in what is begun from: these roads are touched then */
};
struct loose_limits loose_limits_of(const struct network *n); /* as measured; tests have others */

/** Fills weights[turn_count]. `store` belongs to the constraint's network. STATUS_NO_MEMORY. O(what is touched), a copy of turn_count
 *  weights, and O(roads) bits; O(turns) for the first of a kind of vehicle. */
MUST_USE enum status loose_make(struct loose_room *room, struct bare_store *store, const struct constraint *c,
                                struct loose_limits limits, weight *weights, struct error *err);

#endif
