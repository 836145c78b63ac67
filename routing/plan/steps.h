/* Directions: what a driver is told, one step per manoeuvre. */
#ifndef ROUTING_STEPS_H
#define ROUTING_STEPS_H

#include "routing/constraint/constraint.h"

/** Fills leg->steps from its arcs, points and gates. first_point as leg_points gives it; gate_hop[gate_count]: the hop
 *  at which each gate is passed. A step's distance and time run to the next one; inspections and waits belong to the
 *  gate's step. False when the arena is full. */
MUST_USE bool steps_make(const struct constraint *c, struct leg *leg, const uint32_t *first_point,
                         const uint32_t *gate_hop, struct arena *arena);

#endif
