#include "data/demo/demo_plane.h"

#include <math.h>
#include <stdlib.h>

static const double origin_lon_deg = 112.4, origin_lat_deg = 33.0;
static const double metres_per_lon_deg = 93500, metres_per_lat_deg = 110900;

void demo_path_clear(struct demo_path *path)
{
    free(path->points);
    *path = (struct demo_path){0};
}

enum status demo_path_add(struct demo_path *path, struct demo_point point, struct error *err)
{
    if (path->count == path->capacity) {
        size_t capacity = path->capacity ? path->capacity * 2 : 16;
        struct demo_point *points;

        if (capacity > DEMO_PATH_POINTS_MAX) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        points = realloc(path->points, capacity * sizeof *points);
        if (!points) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        path->points = points;
        path->capacity = capacity;
    }
    path->points[path->count++] = point;
    return STATUS_OK;
}

struct demo_point demo_plane_from_degrees(double lon_deg, double lat_deg)
{
    return (struct demo_point){(lon_deg - origin_lon_deg) * metres_per_lon_deg,
                               (lat_deg - origin_lat_deg) * metres_per_lat_deg};
}

struct point_e7 demo_plane_to_e7(struct demo_point p)
{
    return (struct point_e7){(int32_t)llround((origin_lon_deg + p.x_m / metres_per_lon_deg) * 1e7),
                             (int32_t)llround((origin_lat_deg + p.y_m / metres_per_lat_deg) * 1e7)};
}

struct demo_point demo_point_add(struct demo_point p, struct demo_point direction, double distance_m)
{
    return (struct demo_point){p.x_m + direction.x_m * distance_m, p.y_m + direction.y_m * distance_m};
}

double demo_distance(struct demo_point a, struct demo_point b)
{
    double dx = b.x_m - a.x_m, dy = b.y_m - a.y_m;

    return sqrt(dx * dx + dy * dy);
}

struct demo_point demo_direction(struct demo_point a, struct demo_point b)
{
    double d = demo_distance(a, b);

    if (d <= 0) return (struct demo_point){1, 0};
    return (struct demo_point){(b.x_m - a.x_m) / d, (b.y_m - a.y_m) / d};
}

struct demo_point demo_right(struct demo_point v)
{
    return (struct demo_point){v.y_m, -v.x_m};
}

double demo_path_length(const struct demo_point *points, size_t count)
{
    double length = 0;

    for (size_t i = 1; i < count; i++) length += demo_distance(points[i - 1], points[i]);
    return length;
}

void demo_path_at(const struct demo_point *points, size_t count, double along_m, struct demo_point *point,
                  struct demo_point *tangent)
{
    size_t i = 1;
    double length = demo_distance(points[0], points[1]), t;

    while (i + 1 < count && along_m > length) {
        along_m -= length;
        i++;
        length = demo_distance(points[i - 1], points[i]);
    }
    t = length > 0 ? along_m / length : 0;
    if (t < 0) t = 0;
    if (t > 1) t = 1;
    *tangent = demo_direction(points[i - 1], points[i]);
    *point = (struct demo_point){points[i - 1].x_m + t * (points[i].x_m - points[i - 1].x_m),
                                 points[i - 1].y_m + t * (points[i].y_m - points[i - 1].y_m)};
}

static double spline(double a, double b, double c, double d, double t)
{
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);
}

enum status demo_path_curve(const struct demo_point *controls, size_t count, double step_m, struct demo_path *out,
                            struct error *err)
{
    enum status s = demo_path_add(out, controls[0], err);

    for (size_t i = 0; s == STATUS_OK && i + 1 < count; i++) {
        const struct demo_point *b = controls + i, *c = b + 1;
        const struct demo_point *a = i ? b - 1 : b, *d = i + 2 < count ? c + 1 : c;
        unsigned pieces = (unsigned)(demo_distance(*b, *c) / step_m) + 1;

        for (unsigned k = 1; s == STATUS_OK && k <= pieces; k++) {
            double t = (double)k / pieces;
            struct demo_point p = k == pieces ? *c
                                              : (struct demo_point){spline(a->x_m, b->x_m, c->x_m, d->x_m, t),
                                                                    spline(a->y_m, b->y_m, c->y_m, d->y_m, t)};

            s = demo_path_add(out, p, err);
        }
    }
    return s;
}

enum status demo_path_bend(struct demo_point a, struct demo_point ta, struct demo_point b, struct demo_point tb,
                           unsigned pieces, struct demo_path *out, struct error *err)
{
    double handle = 0.45 * demo_distance(a, b);
    struct demo_point a1 = demo_point_add(a, ta, handle), b1 = demo_point_add(b, tb, -handle);
    enum status s = STATUS_OK;

    for (unsigned k = 0; s == STATUS_OK && k <= pieces; k++) {
        double t = (double)k / pieces, r = 1 - t;
        double w0 = r * r * r, w1 = 3 * r * r * t, w2 = 3 * r * t * t, w3 = t * t * t;
        struct demo_point p = {w0 * a.x_m + w1 * a1.x_m + w2 * b1.x_m + w3 * b.x_m,
                               w0 * a.y_m + w1 * a1.y_m + w2 * b1.y_m + w3 * b.y_m};

        if (k == 0) p = a;
        if (k == pieces) p = b;
        s = demo_path_add(out, p, err);
    }
    return s;
}

bool demo_segments_cross(struct demo_point a, struct demo_point b, struct demo_point c, struct demo_point d, double *t,
                         double *u)
{
    double rx = b.x_m - a.x_m, ry = b.y_m - a.y_m, sx = d.x_m - c.x_m, sy = d.y_m - c.y_m;
    double det = rx * sy - ry * sx, qx = c.x_m - a.x_m, qy = c.y_m - a.y_m;

    if (det == 0) return false;
    *t = (qx * sy - qy * sx) / det;
    *u = (qx * ry - qy * rx) / det;
    return *t >= 0 && *t <= 1 && *u >= 0 && *u <= 1;
}

double demo_segment_distance(struct demo_point p, struct demo_point a, struct demo_point b, double *t)
{
    double dx = b.x_m - a.x_m, dy = b.y_m - a.y_m, d2 = dx * dx + dy * dy;
    double place = d2 > 0 ? ((p.x_m - a.x_m) * dx + (p.y_m - a.y_m) * dy) / d2 : 0;

    if (place < 0) place = 0;
    if (place > 1) place = 1;
    *t = place;
    return demo_distance(p, (struct demo_point){a.x_m + place * dx, a.y_m + place * dy});
}

bool demo_ring_contains(const struct demo_point *ring, size_t count, struct demo_point p)
{
    bool inside = false;

    for (size_t i = 0, j = count - 1; i < count; j = i++) {
        const struct demo_point *a = ring + i, *b = ring + j;

        if ((a->y_m > p.y_m) != (b->y_m > p.y_m) &&
            p.x_m < (b->x_m - a->x_m) * (p.y_m - a->y_m) / (b->y_m - a->y_m) + a->x_m)
            inside = !inside;
    }
    return inside;
}
