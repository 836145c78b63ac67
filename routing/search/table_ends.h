/* What leaves places and what leads to them, for tables: the arcs after the first turn and those before the last one, with what
 * the ends cost by the loose reading. First and last arcs are used in part, so the hierarchy never weighs them. */
#ifndef ROUTING_TABLE_ENDS_H
#define ROUTING_TABLE_ENDS_H

#include "routing/search/place.h"

/* Place i has the ends first[i] .. first[i + 1). All zero bytes: empty. */
struct table_ends {
    uint32_t *first;   /* [place_count + 1] */
    arc_node *node;    /* after the first turn, or before the last */
    weight *initial;   /* what the place's part of it costs */
    turn_id *turn;     /* between node and the place's own arc */
    uint8_t *state;    /* index into the place's starts or states */
    uint32_t place_count, count, place_capacity, capacity;
};

/** Forgets the places, keeps the memory. */
void table_ends_reset(struct table_ends *e);
void table_ends_clear(struct table_ends *e);

/** Adds one place, for the leg that the constraint looks at. `place` NULL: one that nothing leaves or leads to. STATUS_NO_MEMORY. */
MUST_USE enum status table_ends_leave(struct table_ends *e, const struct constraint *c, const struct place *place, struct error *err);
MUST_USE enum status table_ends_reach(struct table_ends *e, const struct constraint *c, const struct place *place, struct error *err);

/** Whether there may be a way between two places that has no arc between the first and the last. */
bool table_ends_touch(const struct constraint *c, const struct place *from, const struct place *to);

/** The least that such a way costs by the loose reading, UINT64_MAX if there is none. */
uint64_t table_ends_direct(const struct constraint *c, const struct place *from, const struct place *to);

#endif
