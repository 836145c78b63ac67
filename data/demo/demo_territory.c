#include "data/demo/demo_territory.h"

#include "data/demo/demo_random.h"

#include <math.h>

const struct demo_seat demo_seats[DEMO_SEATS] = {
    {"411302", "宛城区", "Wancheng", 112.54, 33.00}, {"411303", "卧龙区", "Wolong", 112.52, 32.99},
    {"411321", "南召县", "Nanzhao", 112.43, 33.49},  {"411322", "方城县", "Fangcheng", 113.00, 33.26},
    {"411323", "西峡县", "Xixia", 111.48, 33.30},    {"411324", "镇平县", "Zhenping", 112.23, 33.04},
    {"411325", "内乡县", "Neixiang", 111.84, 33.05}, {"411326", "淅川县", "Xichuan", 111.48, 33.14},
    {"411327", "社旗县", "Sheqi", 112.93, 33.06},    {"411328", "唐河县", "Tanghe", 112.83, 32.69},
    {"411329", "新野县", "Xinye", 112.36, 32.53},    {"411330", "桐柏县", "Tongbai", 113.40, 32.37},
    {"411381", "邓州市", "Dengzhou", 112.09, 32.68},
};

const struct demo_town demo_towns[DEMO_TOWNS] = {
    {"南阳", "Nanyang", 112.53, 32.995, 7000}, {"南召", "Nanzhao", 112.43, 33.49, 1900},
    {"方城", "Fangcheng", 113.00, 33.26, 2100}, {"西峡", "Xixia", 111.48, 33.30, 2100},
    {"镇平", "Zhenping", 112.23, 33.04, 2200}, {"内乡", "Neixiang", 111.84, 33.05, 2100},
    {"淅川", "Xichuan", 111.48, 33.14, 2000},  {"社旗", "Sheqi", 112.93, 33.06, 2000},
    {"唐河", "Tanghe", 112.83, 32.69, 2300},   {"新野", "Xinye", 112.36, 32.53, 2100},
    {"桐柏", "Tongbai", 113.40, 32.37, 1900},  {"邓州", "Dengzhou", 112.09, 32.68, 2800},
};

/* Own convex outline, rounded to 0.01°, counter-clockwise. */
static const double outline_deg[][2] = {
    {111.05, 33.10}, {111.22, 32.80}, {111.60, 32.48}, {112.00, 32.32}, {112.60, 32.24}, {113.20, 32.22},
    {113.62, 32.28}, {113.82, 32.42}, {113.80, 32.66}, {113.62, 33.10}, {113.40, 33.46}, {113.18, 33.66},
    {112.70, 33.78}, {112.10, 33.79}, {111.50, 33.73}, {111.14, 33.63}, {110.98, 33.42},
};
enum { OUTLINE = sizeof outline_deg / sizeof outline_deg[0], CELL_MAX = 64 };

struct demo_point demo_seat_point(unsigned seat)
{
    return demo_plane_from_degrees(demo_seats[seat].lon_deg, demo_seats[seat].lat_deg);
}

struct demo_point demo_town_point(unsigned town)
{
    return demo_plane_from_degrees(demo_towns[town].lon_deg, demo_towns[town].lat_deg);
}

void demo_town_ring(unsigned town, double factor, struct demo_point ring[DEMO_RING_POINTS])
{
    static const double unit[DEMO_RING_POINTS][2] = {{1, 0.45},  {0.45, 1},   {-0.45, 1},  {-1, 0.45},
                                                     {-1, -0.45}, {-0.45, -1}, {0.45, -1}, {1, -0.45}};
    struct demo_point centre = demo_town_point(town);
    double r = demo_towns[town].ring_m * factor;

    for (unsigned i = 0; i < DEMO_RING_POINTS; i++)
        ring[i] = (struct demo_point){centre.x_m + r * unit[i][0], centre.y_m + r * unit[i][1]};
}

unsigned demo_county_of(struct demo_point p)
{
    unsigned best = 0;
    double best_m = INFINITY;

    for (unsigned i = 0; i < DEMO_SEATS; i++) {
        double d = demo_distance(p, demo_seat_point(i));

        if (d < best_m) {
            best_m = d;
            best = i;
        }
    }
    return best;
}

static void outline_points(struct demo_point ring[OUTLINE])
{
    for (unsigned i = 0; i < OUTLINE; i++) ring[i] = demo_plane_from_degrees(outline_deg[i][0], outline_deg[i][1]);
}

bool demo_territory_contains(struct demo_point p)
{
    struct demo_point ring[OUTLINE];

    outline_points(ring);
    return demo_ring_contains(ring, OUTLINE, p);
}

/* Corners computed from two sides differ in the last bits; whole decimetres make neighbours agree. */
static struct demo_point rounded(struct demo_point p)
{
    return (struct demo_point){round(p.x_m / 10) * 10, round(p.y_m / 10) * 10};
}

/* Keeps the part of a convex ring that is nearer to `own` than to `other` (Sutherland, Hodgman 1974). */
static size_t clip_nearer(const struct demo_point *in, size_t count, struct demo_point own, struct demo_point other,
                          struct demo_point *out)
{
    struct demo_point middle = {(own.x_m + other.x_m) / 2, (own.y_m + other.y_m) / 2};
    struct demo_point normal = demo_direction(own, other);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        struct demo_point a = in[i], b = in[(i + 1) % count];
        double da = (a.x_m - middle.x_m) * normal.x_m + (a.y_m - middle.y_m) * normal.y_m;
        double db = (b.x_m - middle.x_m) * normal.x_m + (b.y_m - middle.y_m) * normal.y_m;

        if (da <= 0) out[n++] = a;
        if ((da < 0 && db > 0) || (da > 0 && db < 0)) {
            double t = da / (da - db);

            out[n++] = (struct demo_point){a.x_m + t * (b.x_m - a.x_m), a.y_m + t * (b.y_m - a.y_m)};
        }
        if (n >= CELL_MAX - 2) break;
    }
    return n;
}

/* Bends the straight side a→b by displacing midpoints. The hash sees the ends in one order only, so that both
 * neighbours bend their common border alike. The bend stays below 800 m: two seats are 2 km apart. */
static enum status bend(struct demo_point a, struct demo_point b, unsigned depth, double most_m, struct demo_path *out,
                        struct error *err)
{
    bool swap = a.x_m > b.x_m || (a.x_m == b.x_m && a.y_m > b.y_m);
    struct demo_point lo = swap ? b : a, hi = swap ? a : b, middle, side;
    double length = demo_distance(a, b), amount = 0.07 * length;
    uint64_t key;
    enum status s;

    if (!depth || length < 1500) return STATUS_OK;
    if (amount > most_m) amount = most_m;
    key = (uint64_t)(int64_t)llround(lo.x_m + hi.x_m) * 2654435761U + (uint64_t)(int64_t)llround(lo.y_m + hi.y_m);
    side = demo_right(demo_direction(lo, hi));
    middle = (struct demo_point){(lo.x_m + hi.x_m) / 2, (lo.y_m + hi.y_m) / 2};
    middle = rounded(demo_point_add(middle, side, (2 * demo_unit(7, 1, key) - 1) * amount));
    s = bend(a, middle, depth - 1, most_m / 2, out, err);
    if (s == STATUS_OK) s = demo_path_add(out, middle, err);
    if (s == STATUS_OK) s = bend(middle, b, depth - 1, most_m / 2, out, err);
    return s;
}

enum status demo_county_ring(unsigned seat, struct demo_path *ring, struct error *err)
{
    struct demo_point one[CELL_MAX], two[CELL_MAX], *from = one, *to = two;
    size_t count = OUTLINE;
    enum status s = STATUS_OK;

    outline_points(one);
    for (unsigned i = 0; i < DEMO_SEATS; i++) {
        struct demo_point *swap = from;

        if (i == seat) continue;
        count = clip_nearer(from, count, demo_seat_point(seat), demo_seat_point(i), to);
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < count; i++) from[i] = rounded(from[i]);
    for (size_t i = 0; s == STATUS_OK && i < count; i++) {
        struct demo_point a = from[i], b = from[(i + 1) % count];

        if (demo_distance(a, b) < 1) continue;
        s = demo_path_add(ring, a, err);
        if (s == STATUS_OK) s = bend(a, b, 4, 400, ring, err);
    }
    return s;
}
