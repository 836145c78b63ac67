#include "data/demo/demo_border.h"

#include "data/demo/demo_random.h"
#include "data/demo/demo_surface.h"
#include "geo/base/buffer.h"

#include <string.h>

enum { PURPOSE_BLOB = 120 };

enum status demo_blob(const struct demo_model *m, double lon_deg, double lat_deg, double radius_m,
                      struct demo_path *ring, struct error *err)
{
    const double turn_x = 0.9659258262890683, turn_y = 0.25881904510252074; /* 15 degrees */
    struct demo_point centre = demo_plane_from_degrees(lon_deg, lat_deg), v = {1, 0};
    uint64_t key = (uint64_t)(lon_deg * 1e5) * 1000003U + (uint64_t)(lat_deg * 1e5);
    enum status s = STATUS_OK;

    for (unsigned i = 0; s == STATUS_OK && i < 24; i++) {
        double r = radius_m * (0.94 + 0.12 * demo_unit(m->seed, PURPOSE_BLOB, key + i));

        s = demo_path_add(ring, demo_point_add(centre, v, r), err);
        v = (struct demo_point){v.x_m * turn_x - v.y_m * turn_y, v.x_m * turn_y + v.y_m * turn_x};
    }
    return s;
}

enum status demo_river_band(double south_deg, double north_deg, double half_m, struct demo_path *ring,
                            struct error *err)
{
    struct demo_path river = {0};
    double south = demo_plane_from_degrees(112, south_deg).y_m, north = demo_plane_from_degrees(112, north_deg).y_m;
    enum status s = demo_river(&river, err);

    for (int side = 0; s == STATUS_OK && side < 2; side++)
        for (size_t n = 1; s == STATUS_OK && n + 1 < river.count; n++) {
            size_t i = side ? river.count - 1 - n : n;
            struct demo_point p = river.points[i], right = demo_right(demo_direction(river.points[i - 1], river.points[i + 1]));

            if (p.y_m >= south && p.y_m <= north) s = demo_path_add(ring, demo_point_add(p, right, side ? half_m : -half_m), err);
        }
    demo_path_clear(&river);
    return s;
}

enum status demo_ring_wkt(struct demo_model *m, const struct demo_path *ring, const char **wkt, struct error *err)
{
    struct buffer text;
    enum status s = STATUS_OK;

    buffer_init(&text, 1 << 20);
    buffer_text(&text, "SRID=4490;MULTIPOLYGON(((");
    for (size_t i = 0; i <= ring->count; i++) {
        struct point_e7 p = demo_plane_to_e7(ring->points[i % ring->count]);

        buffer_printf(&text, "%s%.6f %.6f", i ? "," : "", p.lon_e7 / 1e7, p.lat_e7 / 1e7);
    }
    buffer_text(&text, ")))");
    *wkt = text.failed ? NULL : arena_strdup(&m->arena, text.data);
    if (!*wkt) s = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    buffer_clear(&text);
    return s;
}

/* Along the road from the crossing to the outside, 150 m or as far as it goes short of its end. */
static struct demo_point step_outside(const struct demo_model *m, const struct demo_road *r, double along_m,
                                      const struct demo_path *ring, double *room_m)
{
    const struct demo_point *points = m->points + r->first_point;
    double length = demo_path_length(points, r->point_count);
    double forth = along_m + 150 < length ? 150 : 0.8 * (length - along_m);
    double back = along_m > 150 ? 150 : 0.8 * along_m;
    struct demo_point p, q, tangent;

    demo_path_at(points, r->point_count, along_m + forth, &p, &tangent);
    demo_path_at(points, r->point_count, along_m - back, &q, &tangent);
    if (!demo_ring_contains(ring->points, ring->count, p)) {
        *room_m = forth;
        return p;
    }
    *room_m = demo_ring_contains(ring->points, ring->count, q) ? 0 : back;
    return q;
}

static bool near_another(const struct demo_border_crossing *all, size_t count, struct demo_point p)
{
    for (size_t i = 0; i < count; i++)
        if (demo_distance(all[i].border, p) < 3000) return true;
    return false;
}

static size_t cross_road(const struct demo_model *m, const struct demo_path *ring, uint32_t road,
                         struct demo_border_crossing *out, size_t count, size_t most)
{
    const struct demo_road *r = &m->roads[road];
    const struct demo_point *points = m->points + r->first_point;
    double along = 0;

    for (size_t i = 1; i < r->point_count; i++) {
        for (size_t k = 0; k < ring->count && count < most; k++) {
            double t, u, room_m;
            struct demo_border_crossing c = {.road = road};

            if (!demo_segments_cross(points[i - 1], points[i], ring->points[k], ring->points[(k + 1) % ring->count], &t, &u))
                continue;
            c.border = (struct demo_point){points[i - 1].x_m + t * (points[i].x_m - points[i - 1].x_m),
                                           points[i - 1].y_m + t * (points[i].y_m - points[i - 1].y_m)};
            c.outside = step_outside(m, r, along + t * demo_distance(points[i - 1], points[i]), ring, &room_m);
            if (room_m >= 50 && !near_another(out, count, c.border)) out[count++] = c;
        }
        along += demo_distance(points[i - 1], points[i]);
    }
    return count;
}

size_t demo_border_crossings(const struct demo_model *m, const struct demo_path *ring, enum road_class worst,
                             struct demo_border_crossing *out, size_t most)
{
    size_t count = 0;

    for (enum road_class class = ROAD_TRUNK; class <= worst; class++)
        for (uint32_t r = 0; r < m->road_count && count < most; r++)
            if (!m->roads[r].dropped && m->roads[r].class == class && m->roads[r].lorry == ACCESS_YES && *m->roads[r].ref)
                count = cross_road(m, ring, r, out, count, most);
    return count;
}
