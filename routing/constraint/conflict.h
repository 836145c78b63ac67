/* One rule in the way: setting it aside, telling whether two breaches are of the same rule, and what a person is told
 * would open it. */
#ifndef ROUTING_CONFLICT_H
#define ROUTING_CONFLICT_H

#include "routing/constraint/constraint.h"

/** Sets the breached rule aside in `c` (or puts it back): the zone, the checkpoint, the closure, what the request avoids,
 *  or what binds the road. At most LIFTED_ROADS_MAX roads are set aside at one time; more are left as they are. */
void conflict_lift(struct constraint *c, const struct breach *b, bool on);

/** Puts back everything that was set aside. */
void conflict_restore(struct constraint *c);

/** Whether setting the one aside sets the other aside too. */
bool conflict_same(const struct breach *a, const struct breach *b);

/** The breach as a caller reads it, broken at `point`. */
struct conflict conflict_of(const struct constraint *c, const struct breach *b, struct point_e7 point);

#endif
