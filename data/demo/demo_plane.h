/* The drawing plane of the demo: metres east and north of 112.4° E, 33.0° N.
 *
 * The demo is schematic, so a fixed scale per degree is enough, and only + − × ÷ and sqrt are used: their results
 * are fixed by IEEE 754, which keeps the prefecture identical on every machine. Trigonometry is not. */
#ifndef DATA_DEMO_DEMO_PLANE_H
#define DATA_DEMO_DEMO_PLANE_H

#include "geo/base/error.h"
#include "geo/point.h"

#include <stdbool.h>
#include <stddef.h>

struct demo_point {
    double x_m, y_m;
};

/* A growable line of points. Zero-initialised is empty. */
struct demo_path {
    struct demo_point *points;
    size_t count, capacity;
};

enum { DEMO_PATH_POINTS_MAX = 1 << 20 };

void demo_path_clear(struct demo_path *path);
MUST_USE enum status demo_path_add(struct demo_path *path, struct demo_point point, struct error *err);

struct demo_point demo_plane_from_degrees(double lon_deg, double lat_deg);
struct point_e7 demo_plane_to_e7(struct demo_point p);

struct demo_point demo_point_add(struct demo_point p, struct demo_point direction, double distance_m);
double demo_distance(struct demo_point a, struct demo_point b);
/** The unit vector from a to b; east if they coincide. */
struct demo_point demo_direction(struct demo_point a, struct demo_point b);
/** The vector turned a quarter to the right (clockwise). */
struct demo_point demo_right(struct demo_point v);
double demo_path_length(const struct demo_point *points, size_t count);

/** Point and unit tangent at a distance along a line of at least two points (clamped to its ends). */
void demo_path_at(const struct demo_point *points, size_t count, double along_m, struct demo_point *point,
                  struct demo_point *tangent);

/** A gentle curve through all control points (Catmull-Rom), a point about every `step_m`. Appends to `out`. */
MUST_USE enum status demo_path_curve(const struct demo_point *controls, size_t count, double step_m,
                                     struct demo_path *out, struct error *err);

/** A cubic Bézier from a (leaving along ta) to b (arriving along tb), `pieces` + 1 points. Appends to `out`. */
MUST_USE enum status demo_path_bend(struct demo_point a, struct demo_point ta, struct demo_point b,
                                    struct demo_point tb, unsigned pieces, struct demo_path *out, struct error *err);

/** Where two segments cross in their interiors or touch; t and u in 0..1 along ab and cd. */
bool demo_segments_cross(struct demo_point a, struct demo_point b, struct demo_point c, struct demo_point d, double *t,
                         double *u);

/** Distance from p to segment ab; *t is the nearest point's place along it. */
double demo_segment_distance(struct demo_point p, struct demo_point a, struct demo_point b, double *t);

/** Inside a ring (not repeated last point); even-odd. */
bool demo_ring_contains(const struct demo_point *ring, size_t count, struct demo_point p);

#endif
