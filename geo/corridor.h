/* The band around a plan inside which the vehicle must stay (semantics, section 5). */
#ifndef GEO_CORRIDOR_H
#define GEO_CORRIDOR_H

#include "geo/geos.h"
#include "geo/multipolygon.h"
#include "geo/projection.h"

/** The points within `width_m` (1 to 10,000) of the line, as a valid multi polygon into empty `*out`.
 *
 *  Buffered in the plane of `projection` with round ends and corners. The line is thinned by 2 % of the width first
 *  and arcs have 4 chords a quarter, so that the border is within 4 % of the width of where it should be; holes
 *  smaller than a tenth of width² are closed. A line of one point gives a disc. STATUS_INVALID for no point or a
 *  width out of bounds, STATUS_OUT_OF_RANGE when it does not fit the plane, STATUS_TOO_LARGE above 1,000,000 points,
 *  STATUS_INTERNAL when GEOS fails, STATUS_NO_MEMORY. Some ten milliseconds for a plan of 300 km. */
MUST_USE enum status corridor_make(struct geos *geos, struct projection *projection, const struct point_e7 *line,
                                   size_t count, double width_m, struct multipolygon *out, struct error *err);

#endif
