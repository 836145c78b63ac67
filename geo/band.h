/* The ground near many lines, as one shape: what a vehicle can reach, drawn.
 *
 * Drawn on a grid of a tenth of the width: the distance of its nodes from the lines, then the border between those
 * within and those beyond. That costs in proportion to the ground covered, not to the lines that cross it, it is done
 * tile by tile, and the rings are apart from each other by construction, so nothing has to be overlaid or repaired. */
#ifndef GEO_BAND_H
#define GEO_BAND_H

#include "geo/multipolygon.h"
#include "geo/projection.h"

enum { BAND_WIDTH_MIN_MM = 10000, BAND_WIDTH_MAX_MM = 10000000 };

/* What drawing may take. */
struct band_bounds {
    uint64_t steps;        /* distances that may still be computed; taken from. One takes about a nanosecond */
    const bool *cancelled; /* read atomically for every tile; may be NULL */
};

/** The ground within `width_mm` (BAND_WIDTH_MIN_MM to _MAX_MM) of `count` lines of the plane, as a valid multi polygon
 *  into empty `*out`, shells against the clock. Line i is points[first[i]] .. points[first[i + 1] - 1], at least one of
 *  them. What is within 0.9 of the width is inside; what is beyond 1.1 of it is outside, but for holes smaller than a
 *  tenth of the width's square, which are closed. No lines give an empty shape.
 *
 *  The same lines in any order give the same bytes. STATUS_INVALID for a width out of bounds,
 *  STATUS_SEARCH_BUDGET_EXCEEDED past bounds->steps, STATUS_CANCELLED, STATUS_TOO_LARGE above 10,000,000 points of lines or
 *  4,000,000 of the result, STATUS_OUT_OF_RANGE when it does not fit the plane, STATUS_NO_MEMORY. */
MUST_USE enum status band_make(struct projection *projection, const struct point_mm *points, const size_t *first,
                               size_t count, uint32_t width_mm, struct band_bounds *bounds, struct multipolygon *out,
                               struct error *err);

#endif
