/* Several areas as one whose inside is the inside of any of them.
 *
 * Areas that are drawn apart (features of a collection) may overlap; put into one multipolygon as they are, the ground
 * that two of them cover would be outside by even-odd count. */
#ifndef GEO_SHAPE_UNION_H
#define GEO_SHAPE_UNION_H

#include "geo/geos.h"
#include "geo/multipolygon.h"

#include <stddef.h>

/** Joins `count` ≥ 1 valid shapes into empty *out (owns its memory). Shapes whose boxes meet, directly or by way of
 *  others, are overlaid on the e7 grid (GEOS OverlayNG with snap rounding: borders that cross move by at most one grid
 *  step, 1 cm); the rest is put beside them unchanged, in order. INTERNAL when GEOS fails, NO_MEMORY. Cost: O(points)
 *  apart, about 40 µs a point overlaid. */
MUST_USE enum status shape_union(struct geos *geos, const struct multipolygon *shapes, size_t count,
                                 struct multipolygon *out, struct error *err);

#endif
