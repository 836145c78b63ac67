/* A line with fewer points that looks the same: Douglas and Peucker, 1973, for overviews that are only shown. */
#ifndef API_SIMPLIFY_H
#define API_SIMPLIFY_H

#include "geo/point.h"

#include <stddef.h>

/** Writes to `out` (room for `count`) the points that stay: the ends, and whatever lies farther than `tolerance_e7` (units
 *  of latitude; longitudes are scaled by the cosine) from the line between those kept. Without memory all stay. Cost:
 *  n log n for lines as roads are, without recursion. */
void simplify_line(const struct point_e7 *points, size_t count, double tolerance_e7, struct point_e7 *out,
                   size_t *out_count);

/** A tolerance that cannot be seen on a screen which shows the whole line. */
double simplify_tolerance(const struct point_e7 *points, size_t count);

#endif
