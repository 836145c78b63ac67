#include "geo/linear.h"

#include <assert.h>
#include <math.h>

__extension__ typedef __int128 wide; /* products of two coordinate differences (33 bits and a sign each) */
__extension__ typedef unsigned __int128 uwide;

struct vector {
    int64_t x, y;
};

static struct vector between(struct point_mm a, struct point_mm b)
{
    return (struct vector){(int64_t)b.x_mm - a.x_mm, (int64_t)b.y_mm - a.y_mm};
}

static wide cross(struct vector u, struct vector v)
{
    return (wide)u.x * v.y - (wide)u.y * v.x;
}

static wide dot(struct vector u, struct vector v)
{
    return (wide)u.x * v.x + (wide)u.y * v.y;
}

/* numerator / denominator to the nearest, halves away from zero; denominator > 0 */
static int64_t divide_round(wide numerator, wide denominator)
{
    if (numerator < 0) return -(int64_t)((-2 * numerator + denominator) / (2 * denominator));
    return (int64_t)((2 * numerator + denominator) / (2 * denominator));
}

static uint64_t clamp_u64(uwide value)
{
    return value > UINT64_MAX ? UINT64_MAX : (uint64_t)value;
}

int64_t linear_segment_mm(struct point_mm a, struct point_mm b)
{
    double dx = (double)b.x_mm - (double)a.x_mm, dy = (double)b.y_mm - (double)a.y_mm;
    return (int64_t)(sqrt(dx * dx + dy * dy) + 0.5);
}

int64_t linear_length_mm(const struct point_mm *line, size_t count)
{
    int64_t length = 0;
    for (size_t i = 1; i < count; i++) length += linear_segment_mm(line[i - 1], line[i]);
    return length;
}

/* The squared distance, exact and rounded down; `along` receives where: 0 at a, 1 at b, ½ (any between) inside. */
static uint64_t segment_distance2(struct point_mm a, struct point_mm b, struct point_mm p, double *along)
{
    struct vector d = between(a, b), v = between(a, p);
    wide reach = dot(d, v), length2 = dot(d, d);
    if (reach <= 0) {
        *along = 0;
        return clamp_u64((uwide)dot(v, v));
    }
    if (reach >= length2) {
        struct vector w = between(b, p);
        *along = 1;
        return clamp_u64((uwide)dot(w, w));
    }
    *along = 0.5;
    wide c = cross(d, v);
    if (c < 0) c = -c;
    if (c <= INT64_MAX) return clamp_u64((uwide)c * (uwide)c / (uwide)length2);
    /* Only for segments of more than 1,500 km seen from as far: the square would not fit 128 bits. */
    double approximate = (double)c / sqrt((double)length2), square = approximate * approximate;
    return square < 0x1p64 ? (uint64_t)square : UINT64_MAX;
}

uint64_t linear_segment_distance2(struct point_mm a, struct point_mm b, struct point_mm p)
{
    double along;
    return segment_distance2(a, b, p, &along);
}

/* A lower bound of the squared distance that needs no division: to the segment's box, a little reduced. */
static double box_distance2(struct point_mm a, struct point_mm b, struct point_mm p)
{
    double dx = 0, dy = 0;
    int32_t min_x = a.x_mm < b.x_mm ? a.x_mm : b.x_mm, max_x = a.x_mm < b.x_mm ? b.x_mm : a.x_mm;
    int32_t min_y = a.y_mm < b.y_mm ? a.y_mm : b.y_mm, max_y = a.y_mm < b.y_mm ? b.y_mm : a.y_mm;
    if (p.x_mm < min_x) dx = (double)min_x - p.x_mm;
    if (p.x_mm > max_x) dx = (double)p.x_mm - max_x;
    if (p.y_mm < min_y) dy = (double)min_y - p.y_mm;
    if (p.y_mm > max_y) dy = (double)p.y_mm - max_y;
    return (dx * dx + dy * dy) * (1 - 1e-12) - 1;
}

void linear_nearest(const struct point_mm *line, size_t count, struct point_mm p, struct linear_position *out)
{
    assert(count >= 1);
    struct vector first = between(line[0], p);
    *out = (struct linear_position){.at = line[0], .distance2_mm2 = clamp_u64((uwide)dot(first, first))};
    int64_t start_mm = 0, best_start_mm = 0;
    double best_along = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        int64_t length_mm = linear_segment_mm(line[i], line[i + 1]);
        if (box_distance2(line[i], line[i + 1], p) < (double)out->distance2_mm2) {
            double along;
            uint64_t distance2 = segment_distance2(line[i], line[i + 1], p, &along);
            if (distance2 < out->distance2_mm2) {
                out->distance2_mm2 = distance2;
                out->segment = i;
                best_along = along;
                best_start_mm = start_mm;
            }
        }
        start_mm += length_mm;
    }
    out->offset_mm = best_start_mm;
    if (count > 1) {
        struct point_mm a = line[out->segment], b = line[out->segment + 1];
        struct vector d = between(a, b), v = between(a, p);
        int64_t length_mm = linear_segment_mm(a, b);
        if (best_along >= 1) {
            out->at = b;
            out->offset_mm += length_mm;
        } else if (best_along > 0) {
            wide reach = dot(d, v), length2 = dot(d, d);
            out->offset_mm += divide_round(reach * length_mm, length2);
            out->at.x_mm = (int32_t)(a.x_mm + divide_round(reach * d.x, length2));
            out->at.y_mm = (int32_t)(a.y_mm + divide_round(reach * d.y, length2));
        } else {
            out->at = a;
        }
        wide side = cross(d, v);
        out->side = side > 0 ? -1 : side < 0 ? 1 : 0;
    }
    out->distance_mm = (int64_t)(sqrt((double)out->distance2_mm2) + 0.5);
}

static struct point_mm on_segment(struct point_mm a, struct point_mm b, int64_t along_mm, int64_t length_mm)
{
    if (along_mm <= 0 || length_mm <= 0) return a;
    if (along_mm >= length_mm) return b;
    struct vector d = between(a, b);
    return (struct point_mm){(int32_t)(a.x_mm + divide_round((wide)d.x * along_mm, length_mm)),
                             (int32_t)(a.y_mm + divide_round((wide)d.y * along_mm, length_mm))};
}

struct point_mm linear_point_at(const struct point_mm *line, size_t count, int64_t offset_mm, size_t *segment)
{
    assert(count >= 1);
    if (segment != NULL) *segment = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        int64_t length_mm = linear_segment_mm(line[i], line[i + 1]);
        if (segment != NULL) *segment = i;
        if (offset_mm < length_mm) return on_segment(line[i], line[i + 1], offset_mm, length_mm);
        offset_mm -= length_mm;
    }
    return line[count - 1];
}

double linear_bearing_deg(const struct point_mm *line, size_t count, int64_t offset_mm)
{
    struct vector direction = {0, 0};
    for (size_t i = 0; i + 1 < count; i++) {
        int64_t length_mm = linear_segment_mm(line[i], line[i + 1]);
        if (length_mm == 0) continue;
        direction = between(line[i], line[i + 1]);
        if (offset_mm < length_mm) break;
        offset_mm -= length_mm;
    }
    if (direction.x == 0 && direction.y == 0) return 0;
    double degrees = atan2((double)direction.x, (double)direction.y) * (180.0 / 3.14159265358979323846);
    if (degrees < 0) degrees += 360.0;
    return degrees >= 360.0 ? 0.0 : degrees;
}

size_t linear_part(const struct point_mm *line, size_t count, int64_t from_mm, int64_t to_mm, struct point_mm *out)
{
    assert(count >= 1 && from_mm >= 0 && from_mm <= to_mm);
    size_t written = 0;
    int64_t start_mm = 0;
    out[written++] = linear_point_at(line, count, from_mm, NULL);
    if (from_mm == to_mm) return written;
    for (size_t i = 0; i + 1 < count; i++) {
        int64_t end_mm = start_mm + linear_segment_mm(line[i], line[i + 1]);
        if (end_mm >= to_mm) break;
        if (end_mm > from_mm && end_mm > start_mm) out[written++] = line[i + 1];
        start_mm = end_mm;
    }
    out[written++] = linear_point_at(line, count, to_mm, NULL);
    return written;
}
