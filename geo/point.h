/* Points and boxes in the three kinds of coordinates used in the house.
 *
 *   deg   doubles, lon then lat, as they come from and go to the outside
 *   e7    1e-7 degree in int32 (1.1 cm on the ground): what is stored, hashed and sent
 *   mm    easting, northing in the metric plane of a network (geo/projection.h), int32, exact predicates live here
 *
 * Rounding is to the nearest unit, halves away from zero, everywhere. Longitude, then latitude; x, then y. */
#ifndef GEO_POINT_H
#define GEO_POINT_H

#include "geo/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct point {
    double lon_deg, lat_deg;
};

struct point_e7 {
    int32_t lon_e7, lat_e7;
};

struct point_mm {
    int32_t x_mm, y_mm;
};

/* Closed boxes. Empty when a minimum is greater than its maximum. They never cross the 180th meridian. */
struct box {
    double min_lon_deg, min_lat_deg, max_lon_deg, max_lat_deg;
};

struct box_e7 {
    int32_t min_lon_e7, min_lat_e7, max_lon_e7, max_lat_e7;
};

struct box_mm {
    int32_t min_x_mm, min_y_mm, max_x_mm, max_y_mm;
};

#define LON_E7_MAX 1800000000
#define LAT_E7_MAX 900000000

/** Finite, |lon| ≤ 180 and |lat| ≤ 90. */
bool point_valid(struct point point);

/** |lon| ≤ 180° and |lat| ≤ 90°. */
bool point_e7_valid(struct point_e7 point);

/** Nearest e7 point. `point` must be valid (assert). */
struct point_e7 point_to_e7(struct point point);

/** The double nearest to each coordinate: converting back gives the same e7. */
struct point point_from_e7(struct point_e7 point);

/** Nearest integer, halves away from zero; saturates at the ends of int32; NaN gives 0. */
int32_t round_to_i32(double value);

static inline bool point_e7_equal(struct point_e7 a, struct point_e7 b)
{
    return a.lon_e7 == b.lon_e7 && a.lat_e7 == b.lat_e7;
}

static inline bool point_mm_equal(struct point_mm a, struct point_mm b)
{
    return a.x_mm == b.x_mm && a.y_mm == b.y_mm;
}

/* ---- boxes ---- */

#define BOX_MM_EMPTY ((struct box_mm){INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN})
#define BOX_E7_EMPTY ((struct box_e7){INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN})

/** Corners finite and in range, minimum ≤ maximum. */
bool box_valid(const struct box *box);

struct box box_from_e7(const struct box_e7 *box);

static inline bool box_mm_is_empty(const struct box_mm *box)
{
    return box->min_x_mm > box->max_x_mm || box->min_y_mm > box->max_y_mm;
}

static inline bool box_mm_intersects(const struct box_mm *a, const struct box_mm *b)
{
    return a->min_x_mm <= b->max_x_mm && b->min_x_mm <= a->max_x_mm && a->min_y_mm <= b->max_y_mm &&
           b->min_y_mm <= a->max_y_mm;
}

static inline bool box_mm_contains(const struct box_mm *box, struct point_mm p)
{
    return box->min_x_mm <= p.x_mm && p.x_mm <= box->max_x_mm && box->min_y_mm <= p.y_mm &&
           p.y_mm <= box->max_y_mm;
}

static inline void box_mm_add(struct box_mm *box, struct point_mm p)
{
    if (p.x_mm < box->min_x_mm) box->min_x_mm = p.x_mm;
    if (p.x_mm > box->max_x_mm) box->max_x_mm = p.x_mm;
    if (p.y_mm < box->min_y_mm) box->min_y_mm = p.y_mm;
    if (p.y_mm > box->max_y_mm) box->max_y_mm = p.y_mm;
}

static inline void box_e7_add(struct box_e7 *box, struct point_e7 p)
{
    if (p.lon_e7 < box->min_lon_e7) box->min_lon_e7 = p.lon_e7;
    if (p.lon_e7 > box->max_lon_e7) box->max_lon_e7 = p.lon_e7;
    if (p.lat_e7 < box->min_lat_e7) box->min_lat_e7 = p.lat_e7;
    if (p.lat_e7 > box->max_lat_e7) box->max_lat_e7 = p.lat_e7;
}

/** The smallest box around both. */
struct box_mm box_mm_join(const struct box_mm *a, const struct box_mm *b);

/** The box around `count` points; empty when there are none. */
struct box_mm box_mm_of(const struct point_mm *points, size_t count);
struct box_e7 box_e7_of(const struct point_e7 *points, size_t count);

/** The box grown by `by_mm` ≥ 0 on each side, saturating. An empty box stays empty. */
struct box_mm box_mm_grow(const struct box_mm *box, int32_t by_mm);

#endif
