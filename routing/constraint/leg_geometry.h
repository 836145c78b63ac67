/* The shape of a leg: its arcs' points, with partial first and last arcs. */
#ifndef ROUTING_LEG_GEOMETRY_H
#define ROUTING_LEG_GEOMETRY_H

#include "routing/constraint/itinerary.h"

/** The point `offset_mm` along an arc. */
struct point_e7 leg_arc_point(const struct network *n, arc_id a, uint32_t offset_mm);

/** Fills leg->points and point_count from its arcs and offsets. first_point[arc_count + 1]: where the points of each
 *  arc begin (an arc starts at the last point of the one before). False when the arena is full. O(points). */
MUST_USE bool leg_points(const struct network *n, struct leg *leg, struct arena *arena, uint32_t *first_point);

#endif
