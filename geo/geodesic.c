#include "geo/geodesic.h"

#include <geodesic.h>
#include <math.h>

/* geod_init costs about as much as one distance; a shared constant would be mutable global state. */
static void ellipsoid_init(struct geod_geodesic *ellipsoid)
{
    geod_init(ellipsoid, 6378137.0, 1.0 / 298.257222101);
}

int64_t geodesic_line_mm(const struct point_e7 *points, size_t count)
{
    if (count < 2) return 0;
    struct geod_geodesic ellipsoid;
    ellipsoid_init(&ellipsoid);
    double sum_m = 0;
    for (size_t i = 1; i < count; i++) {
        if (point_e7_equal(points[i - 1], points[i])) continue;
        struct point a = point_from_e7(points[i - 1]), b = point_from_e7(points[i]);
        double length_m = 0;
        geod_inverse(&ellipsoid, a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg, &length_m, NULL, NULL);
        sum_m += length_m;
    }
    return llround(sum_m * 1000.0);
}

int64_t geodesic_distance_mm(struct point_e7 from, struct point_e7 to)
{
    struct point_e7 pair[2] = {from, to};
    return geodesic_line_mm(pair, 2);
}

double geodesic_bearing_deg(struct point_e7 from, struct point_e7 to)
{
    if (point_e7_equal(from, to)) return 0;
    struct geod_geodesic ellipsoid;
    ellipsoid_init(&ellipsoid);
    struct point a = point_from_e7(from), b = point_from_e7(to);
    double azimuth = 0;
    geod_inverse(&ellipsoid, a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg, NULL, &azimuth, NULL);
    if (azimuth < 0) azimuth += 360.0;
    return azimuth >= 360.0 ? 0.0 : azimuth;
}

struct point_e7 geodesic_direct(struct point_e7 from, double bearing_deg, double distance_m)
{
    struct geod_geodesic ellipsoid;
    ellipsoid_init(&ellipsoid);
    struct point start = point_from_e7(from), end = {0, 0};
    geod_direct(&ellipsoid, start.lat_deg, start.lon_deg, bearing_deg, distance_m, &end.lat_deg, &end.lon_deg, NULL);
    return point_to_e7(end);
}
