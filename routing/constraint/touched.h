/* The arcs on which something other than the vehicle may count in a request's loose reading: those of zones and closures that
 * bind all through and are not lifted, and of lifted roads. On all others a request reads what its vehicle alone would.
 *
 * Gates need no arcs of their own: they stand on arcs of their zones, and are asked for only there. What is avoided by zone is a
 * zone; what is avoided by polygon is not part of the loose reading. */
#ifndef ROUTING_TOUCHED_H
#define ROUTING_TOUCHED_H

#include "routing/constraint/constraint.h"

struct touched_arcs {
    uint64_t *bits; /* [words] by arc */
    size_t words;
    uint32_t count; /* of bits that are set */
};

/** Room for a network of `arc_count`, empty. STATUS_NO_MEMORY. */
MUST_USE enum status touched_init(struct touched_arcs *t, uint32_t arc_count, struct error *err);
void touched_clear(struct touched_arcs *t);

static inline bool touched_has(const struct touched_arcs *t, arc_id a)
{
    return t->bits[a / 64] >> a % 64 & 1;
}

static inline void touched_add(struct touched_arcs *t, arc_id a)
{
    t->count += !touched_has(t, a);
    t->bits[a / 64] |= (uint64_t)1 << a % 64;
}

void touched_add_road(struct touched_arcs *t, const struct network *n, road_index road);

/** Adds the roads whose bits differ. */
void touched_add_differing(struct touched_arcs *t, const struct network *n, const uint64_t *a, const uint64_t *b);

void touched_empty(struct touched_arcs *t);

/** Adds those of a constraint. False as soon as they are more than `most`, with some of them in it.
 *  O(zones + closures + their arcs). */
bool touched_find(struct touched_arcs *t, const struct constraint *c, uint32_t most);

#endif
