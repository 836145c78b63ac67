/* Lengths and directions on the ellipsoid of CGCS2000 (GRS 80: a = 6,378,137 m, 1/f = 298.257222101).
 *
 * Source: C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87, 2013, as implemented in PROJ's geodesic.h;
 * accurate to 15 nm. Pure functions, any thread, nothing can fail. About a microsecond per pair of points. */
#ifndef GEO_GEODESIC_H
#define GEO_GEODESIC_H

#include "geo/point.h"

/** Length of a polyline in millimetres, rounded once at the end. 0 for fewer than two points. O(count). */
int64_t geodesic_line_mm(const struct point_e7 *points, size_t count);

/** Distance of two points in millimetres, rounded to the nearest. */
int64_t geodesic_distance_mm(struct point_e7 from, struct point_e7 to);

/** Direction at `from` towards `to`, clockwise from north, in [0, 360). 0 when the points are equal. */
double geodesic_bearing_deg(struct point_e7 from, struct point_e7 to);

/** The point `distance_m` from `from` in direction `bearing_deg`. `from` must be valid. */
struct point_e7 geodesic_direct(struct point_e7 from, double bearing_deg, double distance_m);

#endif
