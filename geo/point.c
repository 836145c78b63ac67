#include "geo/point.h"

#include <assert.h>
#include <math.h>

bool point_valid(struct point point)
{
    /* A NaN fails every comparison. */
    return point.lon_deg >= -180.0 && point.lon_deg <= 180.0 && point.lat_deg >= -90.0 && point.lat_deg <= 90.0;
}

bool point_e7_valid(struct point_e7 point)
{
    return point.lon_e7 >= -LON_E7_MAX && point.lon_e7 <= LON_E7_MAX && point.lat_e7 >= -LAT_E7_MAX &&
           point.lat_e7 <= LAT_E7_MAX;
}

int32_t round_to_i32(double value)
{
    if (isnan(value)) return 0;
    double rounded = round(value);
    if (rounded >= (double)INT32_MAX) return INT32_MAX;
    if (rounded <= (double)INT32_MIN) return INT32_MIN;
    return (int32_t)rounded;
}

struct point_e7 point_to_e7(struct point point)
{
    assert(point_valid(point));
    return (struct point_e7){round_to_i32(point.lon_deg * 1e7), round_to_i32(point.lat_deg * 1e7)};
}

struct point point_from_e7(struct point_e7 point)
{
    /* Division by an exact 1e7 is correctly rounded; a product with 1e-7 would not be. */
    return (struct point){(double)point.lon_e7 / 1e7, (double)point.lat_e7 / 1e7};
}

bool box_valid(const struct box *box)
{
    return point_valid((struct point){box->min_lon_deg, box->min_lat_deg}) &&
           point_valid((struct point){box->max_lon_deg, box->max_lat_deg}) &&
           box->min_lon_deg <= box->max_lon_deg && box->min_lat_deg <= box->max_lat_deg;
}

struct box box_from_e7(const struct box_e7 *box)
{
    return (struct box){(double)box->min_lon_e7 / 1e7, (double)box->min_lat_e7 / 1e7,
                        (double)box->max_lon_e7 / 1e7, (double)box->max_lat_e7 / 1e7};
}

struct box_mm box_mm_join(const struct box_mm *a, const struct box_mm *b)
{
    struct box_mm out = *a;
    if (b->min_x_mm < out.min_x_mm) out.min_x_mm = b->min_x_mm;
    if (b->min_y_mm < out.min_y_mm) out.min_y_mm = b->min_y_mm;
    if (b->max_x_mm > out.max_x_mm) out.max_x_mm = b->max_x_mm;
    if (b->max_y_mm > out.max_y_mm) out.max_y_mm = b->max_y_mm;
    return out;
}

struct box_mm box_mm_of(const struct point_mm *points, size_t count)
{
    struct box_mm box = BOX_MM_EMPTY;
    for (size_t i = 0; i < count; i++) box_mm_add(&box, points[i]);
    return box;
}

struct box_e7 box_e7_of(const struct point_e7 *points, size_t count)
{
    struct box_e7 box = BOX_E7_EMPTY;
    for (size_t i = 0; i < count; i++) box_e7_add(&box, points[i]);
    return box;
}

static int32_t saturate(int64_t value)
{
    return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

struct box_mm box_mm_grow(const struct box_mm *box, int32_t by_mm)
{
    assert(by_mm >= 0);
    if (box_mm_is_empty(box)) return *box;
    return (struct box_mm){saturate((int64_t)box->min_x_mm - by_mm), saturate((int64_t)box->min_y_mm - by_mm),
                           saturate((int64_t)box->max_x_mm + by_mm), saturate((int64_t)box->max_y_mm + by_mm)};
}
