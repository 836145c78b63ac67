#include "geo/offset.h"

#include <math.h>

#define PI 3.14159265358979324
#define AXIS_M 6378245.0                 /* Krasovsky 1940 */
#define ECCENTRICITY2 0.00669342162296594323
#define BD_SCALE (PI * 3000.0 / 180.0)
#define ENOUGH_DEG 1e-11

enum { ROUNDS = 30 };

static bool is_offset(struct point p)
{
    return p.lon_deg >= 72.004 && p.lon_deg <= 137.8347 && p.lat_deg >= 0.8293 && p.lat_deg <= 55.8271;
}

struct point offset_gcj02_from_wgs84(struct point wgs84)
{
    if (!is_offset(wgs84)) return wgs84;
    double x = wgs84.lon_deg - 105.0, y = wgs84.lat_deg - 35.0, root = sqrt(fabs(x));
    double common = (20.0 * sin(6.0 * x * PI) + 20.0 * sin(2.0 * x * PI)) * 2.0 / 3.0;
    double north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common;
    north += (20.0 * sin(y * PI) + 40.0 * sin(y / 3.0 * PI)) * 2.0 / 3.0;
    north += (160.0 * sin(y / 12.0 * PI) + 320.0 * sin(y * PI / 30.0)) * 2.0 / 3.0;
    double east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common;
    east += (20.0 * sin(x * PI) + 40.0 * sin(x / 3.0 * PI)) * 2.0 / 3.0;
    east += (150.0 * sin(x / 12.0 * PI) + 300.0 * sin(x / 30.0 * PI)) * 2.0 / 3.0;
    double latitude = wgs84.lat_deg / 180.0 * PI, s = sin(latitude);
    double magic = 1.0 - ECCENTRICITY2 * s * s, root_magic = sqrt(magic);
    north = north * 180.0 / ((AXIS_M * (1.0 - ECCENTRICITY2)) / (magic * root_magic) * PI);
    east = east * 180.0 / (AXIS_M / root_magic * cos(latitude) * PI);
    return (struct point){wgs84.lon_deg + east, wgs84.lat_deg + north};
}

static struct point bd09_from_gcj02(struct point gcj02)
{
    double x = gcj02.lon_deg, y = gcj02.lat_deg;
    double radius = sqrt(x * x + y * y) + 0.00002 * sin(y * BD_SCALE);
    double angle = atan2(y, x) + 0.000003 * cos(x * BD_SCALE);
    return (struct point){radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006};
}

struct point offset_bd09_from_wgs84(struct point wgs84)
{
    return bd09_from_gcj02(offset_gcj02_from_wgs84(wgs84));
}

/* The point that `forward` takes to `target`: the offset changes so slowly that walking back by the error of the last
 * guess gains two digits a round. */
static struct point inverse(struct point (*forward)(struct point), struct point target)
{
    struct point guess = target;
    for (int i = 0; i < ROUNDS; i++) {
        struct point there = forward(guess);
        double lon = there.lon_deg - target.lon_deg, lat = there.lat_deg - target.lat_deg;
        guess.lon_deg -= lon;
        guess.lat_deg -= lat;
        if (fabs(lon) < ENOUGH_DEG && fabs(lat) < ENOUGH_DEG) break;
    }
    return guess;
}

struct point offset_wgs84_from_gcj02(struct point gcj02)
{
    return inverse(offset_gcj02_from_wgs84, gcj02);
}

struct point offset_wgs84_from_bd09(struct point bd09)
{
    return inverse(offset_gcj02_from_wgs84, inverse(bd09_from_gcj02, bd09));
}
