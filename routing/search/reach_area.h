/* What a contour of reach looks like on the ground: its parts as lines, and the area around them. */
#ifndef ROUTING_REACH_AREA_H
#define ROUTING_REACH_AREA_H

#include "geo/band.h"
#include "routing/search/reach.h"

/** The points of a part in driving order, from one exact end to the other, in a growing block: *points (freed by the
 *  caller) has room for *room and is made larger if need be. `*count` is at least 2. STATUS_NO_MEMORY. */
MUST_USE enum status reach_part_points(const struct network *n, const struct reach_part *part, struct point_e7 **points,
                                       size_t *room, size_t *count, struct error *err);

/** contour->area: the ground within `width_mm` of its parts, drawn by band_make: errors and accuracy are its. A road that
 *  is reached in both directions counts once. */
MUST_USE enum status reach_area_make(const struct network *n, struct projection *projection, uint32_t width_mm,
                                     struct band_bounds *bounds, struct reach_contour *contour, struct error *err);

#endif
