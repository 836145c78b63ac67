/* The coordinate offsets of Chinese web maps: GCJ-02 (AMap, Tencent) and BD-09 (Baidu).
 *
 * The algorithm is the public reconstruction (eviltransform and its many copies), not an official specification; the
 * inverse iterates until it moves less than 1e-11 degree (a micrometre), so that going there and back loses nothing.
 * Outside the box 72.004–137.8347° E, 0.8293–55.8271° N GCJ-02 equals WGS 84, as its users have it. Convert at the
 * edge, once; store the source system with each row. Pure functions, about 0.3 µs forward, 2 µs back. */
#ifndef GEO_OFFSET_H
#define GEO_OFFSET_H

#include "geo/point.h"

struct point offset_gcj02_from_wgs84(struct point wgs84);
struct point offset_wgs84_from_gcj02(struct point gcj02);
struct point offset_bd09_from_wgs84(struct point wgs84);
struct point offset_wgs84_from_bd09(struct point bd09);

#endif
