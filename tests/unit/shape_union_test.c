#include "geo/shape_union.h"
#include "geo/validity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* An axis-parallel rectangle, with an optional rectangular hole one unit inside. */
struct rectangle {
    struct multipolygon shape;
    uint32_t part_first_ring[2], ring_first_point[3];
    struct point_e7 points[10];
};

static void rectangle_init(struct rectangle *r, int32_t west, int32_t south, int32_t east, int32_t north, bool hole)
{
    memset(r, 0, sizeof *r);
    const struct point_e7 shell[5] = {{west, south}, {east, south}, {east, north}, {west, north}, {west, south}};
    const struct point_e7 inner[5] = {{west + 10, south + 10}, {west + 10, north - 10}, {east - 10, north - 10},
                                      {east - 10, south + 10}, {west + 10, south + 10}};
    memcpy(r->points, shell, sizeof shell);
    memcpy(r->points + 5, inner, sizeof inner);
    r->part_first_ring[1] = hole ? 2 : 1;
    r->ring_first_point[1] = 5, r->ring_first_point[2] = 10;
    r->shape = (struct multipolygon){.part_count = 1, .ring_count = hole ? 2 : 1, .point_count = hole ? 10 : 5,
                                     .part_first_ring = r->part_first_ring, .ring_first_point = r->ring_first_point,
                                     .points = r->points};
}

/* Even-odd count over all rings, for points off every edge. */
static bool inside(const struct multipolygon *m, int32_t x, int32_t y)
{
    bool in = false;
    for (uint32_t r = 0; r < m->ring_count; r++) {
        for (uint32_t i = m->ring_first_point[r]; i + 1 < m->ring_first_point[r + 1]; i++) {
            struct point_e7 a = m->points[i], b = m->points[i + 1];
            if ((a.lat_e7 > y) == (b.lat_e7 > y)) continue;
            int64_t cross = (int64_t)(b.lon_e7 - a.lon_e7) * (y - a.lat_e7) - (int64_t)(x - a.lon_e7) * (b.lat_e7 - a.lat_e7);
            if ((cross > 0) == (b.lat_e7 > a.lat_e7)) in = !in;
        }
    }
    return in;
}

static void the_inside_of_the_union_is_the_inside_of_any(void **state)
{
    struct geos *geos = *state;
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 300; round++) {
        struct rectangle rectangles[5];
        struct multipolygon shapes[5], joined;
        size_t count = 1 + (size_t)round % 5;
        for (size_t i = 0; i < count; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            int32_t west = (int32_t)(x % 20) * 10, south = (int32_t)(x / 20 % 20) * 10;
            rectangle_init(&rectangles[i], west, south, west + 40 + (int32_t)(x / 400 % 10) * 10,
                           south + 40 + (int32_t)(x / 4000 % 10) * 10, x / 40000 % 2);
            shapes[i] = rectangles[i].shape;
        }
        struct error err = ERROR_INIT;
        assert_int_equal(shape_union(geos, shapes, count, &joined, &err), STATUS_OK);
        assert_int_equal(multipolygon_check(geos, &joined, MULTIPOLYGON_KIND_MULTIPOLYGON, NULL, &err), STATUS_OK);
        for (int32_t px = -5; px < 360; px += 10) {
            for (int32_t py = -5; py < 360; py += 10) {
                bool any = false;
                for (size_t i = 0; i < count; i++) any |= inside(&shapes[i], px, py);
                if (inside(&joined, px, py) != any) fail_msg("round %d: %d %d", round, px, py);
            }
        }
        multipolygon_clear(&joined);
    }
}

static void shapes_apart_are_left_as_they_are(void **state)
{
    struct geos *geos = *state;
    struct rectangle a, b;
    struct error err = ERROR_INIT;
    struct multipolygon joined;
    rectangle_init(&a, 0, 0, 100, 100, true);
    rectangle_init(&b, 200, 0, 300, 100, false);
    const struct multipolygon shapes[] = {a.shape, b.shape};
    assert_int_equal(shape_union(geos, shapes, 2, &joined, &err), STATUS_OK);
    assert_int_equal(joined.part_count, 2);
    assert_int_equal(joined.ring_count, 3);
    assert_int_equal(joined.point_count, 15);
    assert_memory_equal(joined.points, a.points, 10 * sizeof *a.points);
    assert_memory_equal(joined.points + 10, b.points, 5 * sizeof *b.points);
    assert_int_equal(joined.part_first_ring[1], 2);
    assert_int_equal(joined.ring_first_point[3], 15);
    multipolygon_clear(&joined);
}

static int open_geos(void **state)
{
    struct error err = ERROR_INIT;
    return geos_open((struct geos **)state, &err) == STATUS_OK ? 0 : -1;
}

static int close_geos(void **state)
{
    geos_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_inside_of_the_union_is_the_inside_of_any),
        cmocka_unit_test(shapes_apart_are_left_as_they_are),
    };
    return cmocka_run_group_tests(tests, open_geos, close_geos);
}
