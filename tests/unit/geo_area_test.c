#include "geo/area.h"
#include "geo/multipolygon.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* A square of 100 m with a hole of 20 m in its middle, in millimetres. */
static struct area *square_with_hole(void)
{
    static struct point_mm points[] = {{0, 0},         {100000, 0},    {100000, 100000}, {0, 100000},    {0, 0},
                                       {40000, 40000}, {40000, 60000}, {60000, 60000},   {60000, 40000}, {40000, 40000}};
    static uint32_t parts[] = {0, 2}, rings[] = {0, 5, 10};
    struct multipolygon_mm shape = {1, 2, 10, parts, rings, points};
    struct area *area = NULL;
    assert_int_equal(area_new(&shape, &area, NULL), STATUS_OK);
    return area;
}

static void a_point_is_inside_on_the_border_or_outside(void **state)
{
    (void)state;
    struct area *area = square_with_hole();
    assert_int_equal(area_locate(area, (struct point_mm){1, 1}), AREA_INSIDE);
    assert_int_equal(area_locate(area, (struct point_mm){0, 50000}), AREA_BORDER);
    assert_int_equal(area_locate(area, (struct point_mm){100000, 100000}), AREA_BORDER);
    assert_int_equal(area_locate(area, (struct point_mm){50000, 50000}), AREA_OUTSIDE);
    assert_int_equal(area_locate(area, (struct point_mm){50000, 40000}), AREA_BORDER);
    assert_int_equal(area_locate(area, (struct point_mm){-1, 40000}), AREA_OUTSIDE);
    assert_int_equal(area_locate(area, (struct point_mm){30000, 40000}), AREA_INSIDE);
    assert_true(fabs(area_surface_m2(area) - 9600) < 1e-9);
    struct box_mm box = area_box(area);
    assert_true(box.min_x_mm == 0 && box.min_y_mm == 0 && box.max_x_mm == 100000 && box.max_y_mm == 100000);
    struct area_stretches work = AREA_STRETCHES_INIT;
    bool meets = false;
    assert_int_equal(area_meets(area, (struct point_mm[]){{-10000, 10000}, {110000, 10000}}, 2, &AREA_RULE_DEFAULT, &work, &meets, NULL), STATUS_OK);
    assert_true(meets);
    assert_int_equal(area_meets(area, (struct point_mm[]){{-10000, 10000}, {1000, 10000}}, 2, &AREA_RULE_DEFAULT, &work, &meets, NULL), STATUS_OK);
    assert_false(meets);
    area_stretches_clear(&work);
    area_free(area);
    area_free(NULL);
}

static void check(const struct area *area, const struct point_mm *line, size_t n, enum area_border border, size_t expected,
                  const int64_t (*stretches)[2])
{
    struct area_stretches out = AREA_STRETCHES_INIT;
    struct area_rule rule = AREA_RULE_DEFAULT;
    rule.border = border;
    assert_int_equal(area_clip(area, line, n, &rule, &out, NULL), STATUS_OK);
    assert_int_equal(out.count, expected);
    for (size_t i = 0; i < expected; i++) {
        assert_int_equal(out.items[i].from_mm, stretches[i][0]);
        assert_int_equal(out.items[i].to_mm, stretches[i][1]);
    }
    area_stretches_clear(&out);
}

static void a_road_through_it_counts_from_border_to_border(void **state)
{
    (void)state;
    struct area *area = square_with_hole();
    check(area, (struct point_mm[]){{-10000, 10000}, {110000, 10000}}, 2, AREA_BORDER_OUTSIDE, 1,
          (int64_t[][2]){{10000, 110000}});
    check(area, (struct point_mm[]){{-10000, 50000}, {110000, 50000}}, 2, AREA_BORDER_OUTSIDE, 2,
          (int64_t[][2]){{10000, 50000}, {70000, 110000}});
    check(area, (struct point_mm[]){{10000, 10000}, {20000, 10000}, {20000, 20000}}, 3, AREA_BORDER_OUTSIDE, 1,
          (int64_t[][2]){{0, 20000}});
    check(area, (struct point_mm[]){{-10000, 10000}, {-10000, 30000}}, 2, AREA_BORDER_OUTSIDE, 0, NULL);
    area_free(area);
}

static void a_stretch_must_be_longer_than_the_threshold(void **state)
{
    (void)state;
    struct area *area = square_with_hole();
    check(area, (struct point_mm[]){{-10000, 10000}, {5000, 10000}}, 2, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, (struct point_mm[]){{-10000, 10000}, {5001, 10000}}, 2, AREA_BORDER_OUTSIDE, 1,
          (int64_t[][2]){{10000, 15001}});
    /* the corner is cut off 3 m from its tip: a stretch of 4.24 m */
    check(area, (struct point_mm[]){{-10000, 13000}, {13000, -10000}}, 2, AREA_BORDER_OUTSIDE, 0, NULL);
    area_free(area);
}

static void a_road_along_the_border_is_outside_unless_the_zone_says_otherwise(void **state)
{
    (void)state;
    struct area *area = square_with_hole();
    struct point_mm exact[] = {{-10000, 0}, {110000, 0}}, inner[] = {{-10000, 400}, {110000, 400}};
    struct point_mm outer[] = {{-10000, -400}, {110000, -400}}, wavy[] = {{-10000, 300}, {50000, -300}, {110000, 300}};
    struct point_mm deeper[] = {{-10000, 600}, {110000, 600}}, away[] = {{-10000, -600}, {110000, -600}};
    check(area, exact, 2, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, inner, 2, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, outer, 2, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, wavy, 3, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, deeper, 2, AREA_BORDER_OUTSIDE, 1, (int64_t[][2]){{10000, 110000}});
    check(area, exact, 2, AREA_BORDER_INSIDE, 1, (int64_t[][2]){{9500, 110500}});
    check(area, inner, 2, AREA_BORDER_INSIDE, 1, (int64_t[][2]){{9500, 110500}});
    check(area, outer, 2, AREA_BORDER_INSIDE, 1, (int64_t[][2]){{9700, 110300}});
    check(area, wavy, 3, AREA_BORDER_INSIDE, 1, (int64_t[][2]){{9500, 110506}});
    check(area, away, 2, AREA_BORDER_INSIDE, 0, NULL);
    /* it follows the border and then turns in: all of that stretch counts */
    struct point_mm turns[] = {{10000, 0}, {50000, 0}, {50000, 30000}};
    check(area, turns, 3, AREA_BORDER_OUTSIDE, 1, (int64_t[][2]){{40000, 70000}});
    area_free(area);
}

static void stretches_that_meet_in_a_point_of_the_border_are_one(void **state)
{
    (void)state;
    /* two triangles that touch in (0, 0), and a road through both and through the point */
    struct point_mm points[] = {{0, 0}, {10000, 10000}, {10000, -10000}, {0, 0}, {0, 0}, {-10000, -10000}, {-10000, 10000}, {0, 0}};
    uint32_t parts[] = {0, 1, 2}, rings[] = {0, 4, 8};
    struct multipolygon_mm shape = {2, 2, 8, parts, rings, points};
    struct area *area = NULL;
    assert_int_equal(area_new(&shape, &area, NULL), STATUS_OK);
    check(area, (struct point_mm[]){{-4000, 0}, {4000, 0}}, 2, AREA_BORDER_OUTSIDE, 1, (int64_t[][2]){{0, 8000}});
    check(area, (struct point_mm[]){{-4000, 0}, {0, 0}, {4000, 0}}, 3, AREA_BORDER_OUTSIDE, 1, (int64_t[][2]){{0, 8000}});
    check(area, (struct point_mm[]){{0, -4000}, {0, 0}, {0, 4000}}, 3, AREA_BORDER_OUTSIDE, 0, NULL);
    area_free(area);
}

static void lines_without_length_have_no_stretch(void **state)
{
    (void)state;
    struct area *area = square_with_hole();
    struct point_mm same[] = {{10000, 10000}, {10000, 10000}, {10000, 10000}}, border[] = {{0, 0}, {0, 0}};
    check(area, same, 3, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, same, 1, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, same, 0, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, border, 2, AREA_BORDER_OUTSIDE, 0, NULL);
    check(area, border, 2, AREA_BORDER_INSIDE, 0, NULL);
    area_free(area);
}

static void the_widest_coordinates_do_not_overflow(void **state)
{
    (void)state;
    struct point_mm points[] = {{INT32_MIN, INT32_MIN}, {INT32_MAX, INT32_MIN}, {INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN}};
    uint32_t parts[] = {0, 1}, rings[] = {0, 4};
    struct multipolygon_mm shape = {1, 1, 4, parts, rings, points};
    struct area *area = NULL;
    assert_int_equal(area_new(&shape, &area, NULL), STATUS_OK);
    assert_int_equal(area_locate(area, (struct point_mm){1, 0}), AREA_INSIDE);
    assert_int_equal(area_locate(area, (struct point_mm){0, 0}), AREA_BORDER);
    assert_int_equal(area_locate(area, (struct point_mm){0, 1}), AREA_OUTSIDE);
    check(area, (struct point_mm[]){{INT32_MIN, INT32_MAX}, {INT32_MAX, INT32_MIN}}, 2, AREA_BORDER_OUTSIDE, 1,
          (int64_t[][2]){{3037000500, 6074000999}});
    area_free(area);
}

/* ---- multipolygon ---- */

static void a_builder_makes_the_flat_shape(void **state)
{
    (void)state;
    struct multipolygon_builder *b = multipolygon_builder_new(MULTIPOLYGON_KIND_MULTIPOLYGON, &MULTIPOLYGON_LIMITS_DEFAULT);
    struct multipolygon shape, twin;
    for (int part = 0; part < 3; part++) {
        assert_int_equal(multipolygon_builder_part(b, NULL), STATUS_OK);
        for (int ring = 0; ring <= part; ring++) {
            double x = 112 + part, s = ring == 0 ? 0.5 : 0.1;
            assert_int_equal(multipolygon_builder_ring(b, NULL), STATUS_OK);
            assert_int_equal(multipolygon_builder_point(b, x, 33, NULL), STATUS_OK);
            assert_int_equal(multipolygon_builder_point(b, x + s, 33, NULL), STATUS_OK);
            assert_int_equal(multipolygon_builder_point(b, x, 33 + s, NULL), STATUS_OK);
            assert_int_equal(multipolygon_builder_point(b, x, 33, NULL), STATUS_OK);
        }
    }
    assert_int_equal(multipolygon_builder_take(b, &shape, NULL), STATUS_OK);
    assert_int_equal(shape.part_count, 3);
    assert_int_equal(shape.ring_count, 6);
    assert_int_equal(shape.point_count, 24);
    assert_int_equal(shape.part_first_ring[3], 6);
    assert_int_equal(shape.ring_first_point[6], 24);
    assert_int_equal(shape.points[1].lon_e7, 1125000000);
    assert_int_equal(multipolygon_dup(&shape, &twin, NULL), STATUS_OK);
    assert_memory_equal(twin.points, shape.points, 24 * sizeof *shape.points);
    assert_int_equal(multipolygon_box(&twin).max_lon_e7, 1145000000);
    multipolygon_clear(&shape);
    multipolygon_clear(&twin);
    struct error err = ERROR_INIT;
    assert_int_equal(multipolygon_builder_take(b, &shape, &err), STATUS_INVALID_GEOMETRY);
    assert_string_equal(err.pointer, "/coordinates");
    multipolygon_builder_free(b);
    multipolygon_builder_free(NULL);
}

static void add_ring(struct multipolygon_builder *b, int points)
{
    assert_int_equal(multipolygon_builder_ring(b, NULL), STATUS_OK);
    for (int i = 0; i < points; i++) assert_int_equal(multipolygon_builder_point(b, 112 + i * 0.1, 33, NULL), STATUS_OK);
}

static void every_bad_number_is_named_by_its_pointer(void **state)
{
    (void)state;
    struct box expected = {110, 31, 114, 34};
    struct multipolygon_limits limits = {.points = 20, .rings = 3, .parts = 2, .expected = &expected};
    struct {
        double lon, lat;
        enum message message;
    } cases[] = {{NAN, 33, MESSAGE_NOT_A_NUMBER}, {112, INFINITY, MESSAGE_NOT_A_NUMBER}, {1e300, 33, MESSAGE_LON_RANGE},
                 {112, -90.1, MESSAGE_LAT_RANGE}, {33, 112, MESSAGE_SWAPPED},            {181, 33, MESSAGE_LON_RANGE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        struct multipolygon_builder *b = multipolygon_builder_new(MULTIPOLYGON_KIND_MULTIPOLYGON, &limits);
        assert_int_equal(multipolygon_builder_part(b, NULL), STATUS_OK);
        add_ring(b, 2);
        assert_int_equal(multipolygon_builder_point(b, cases[i].lon, cases[i].lat, &err), STATUS_INVALID_GEOMETRY);
        assert_int_equal(err.message, cases[i].message);
        assert_string_equal(err.pointer, "/coordinates/0/0/2");
        multipolygon_builder_free(b);
    }
    /* both orders are possible coordinates, but only one lies where the network is */
    struct box porto = {-8.7, 41.1, -8.5, 41.2};
    limits.expected = &porto;
    struct error err = ERROR_INIT;
    struct multipolygon_builder *b = multipolygon_builder_new(MULTIPOLYGON_KIND_POLYGON, &limits);
    assert_int_equal(multipolygon_builder_part(b, NULL), STATUS_OK);
    assert_int_equal(multipolygon_builder_ring(b, NULL), STATUS_OK);
    assert_int_equal(multipolygon_builder_point(b, 41.15, -8.6, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_SWAPPED);
    assert_string_equal(err.pointer, "/coordinates/0/0");
    multipolygon_builder_free(b);
}

static void open_short_and_missing_rings_and_too_many_are_refused(void **state)
{
    (void)state;
    struct multipolygon_limits limits = {.points = 10, .rings = 3, .parts = 2};
    struct error err = ERROR_INIT;
    struct multipolygon shape;
    struct multipolygon_builder *b = multipolygon_builder_new(MULTIPOLYGON_KIND_POLYGON, &limits);
    assert_int_equal(multipolygon_builder_part(b, NULL), STATUS_OK);
    assert_int_equal(multipolygon_builder_take(b, &shape, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_PART_EMPTY);
    add_ring(b, 3);
    assert_int_equal(multipolygon_builder_take(b, &shape, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_RING_TOO_SHORT);
    assert_string_equal(err.pointer, "/coordinates/0");
    assert_int_equal(multipolygon_builder_point(b, 115, 33, NULL), STATUS_OK);
    assert_int_equal(multipolygon_builder_ring(b, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_RING_NOT_CLOSED);
    for (int i = 0; i < 6; i++) assert_int_equal(multipolygon_builder_point(b, 112, 33, NULL), STATUS_OK);
    assert_int_equal(multipolygon_builder_point(b, 112, 33, &err), STATUS_TOO_LARGE);
    assert_string_equal(err.limit, "10");
    assert_int_equal(multipolygon_builder_ring(b, NULL), STATUS_OK);
    multipolygon_builder_free(b);

    b = multipolygon_builder_new(MULTIPOLYGON_KIND_MULTIPOLYGON, &(struct multipolygon_limits){.points = 100, .rings = 2, .parts = 2});
    for (int i = 0; i < 2; i++) {
        assert_int_equal(multipolygon_builder_part(b, NULL), STATUS_OK);
        assert_int_equal(multipolygon_builder_ring(b, NULL), STATUS_OK);
        for (int k = 0; k < 4; k++) assert_int_equal(multipolygon_builder_point(b, 1, 1, NULL), STATUS_OK);
    }
    assert_int_equal(multipolygon_builder_ring(b, &err), STATUS_TOO_LARGE);
    assert_int_equal(err.message, MESSAGE_TOO_MANY_RINGS);
    assert_int_equal(multipolygon_builder_part(b, &err), STATUS_TOO_LARGE);
    assert_int_equal(err.message, MESSAGE_TOO_MANY_PARTS);
    multipolygon_builder_free(b);
}

static void long_edges_are_cut_before_they_are_projected(void **state)
{
    (void)state;
    struct multipolygon_builder *b = multipolygon_builder_new(MULTIPOLYGON_KIND_POLYGON, &MULTIPOLYGON_LIMITS_DEFAULT);
    assert_int_equal(multipolygon_builder_part(b, NULL), STATUS_OK);
    assert_int_equal(multipolygon_builder_ring(b, NULL), STATUS_OK);
    const double corners[][2] = {{112.5, 33}, {113.5, 33}, {113.5, 33.001}, {112.5, 33.001}, {112.5, 33}};
    for (int i = 0; i < 5; i++) assert_int_equal(multipolygon_builder_point(b, corners[i][0], corners[i][1], NULL), STATUS_OK);
    struct multipolygon shape;
    struct multipolygon_mm plane;
    struct projection *projection = NULL;
    assert_int_equal(multipolygon_builder_take(b, &shape, NULL), STATUS_OK);
    multipolygon_builder_free(b);
    assert_int_equal(projection_open("EPSG:4508 origin=630000,3660000", &projection, NULL), STATUS_OK);
    assert_int_equal(multipolygon_project(&shape, projection, &plane, NULL), STATUS_OK);
    assert_int_equal(plane.point_count, 112 + 1 + 112 + 1 + 1);
    assert_true(point_mm_equal(plane.points[0], plane.points[plane.point_count - 1]));
    /* the middle of the strip 111 m wide stays in it: uncut, the edge's chord would leave it by 110 m */
    struct area *area = NULL;
    struct point_e7 middle = {1130000000, 330005000};
    struct point_mm at;
    assert_int_equal(projection_forward(projection, &middle, 1, &at, NULL), STATUS_OK);
    assert_int_equal(area_new(&plane, &area, NULL), STATUS_OK);
    assert_int_equal(area_locate(area, at), AREA_INSIDE);
    area_free(area);
    multipolygon_mm_clear(&plane);
    multipolygon_clear(&shape);
    projection_close(projection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_inside_on_the_border_or_outside),
        cmocka_unit_test(a_road_through_it_counts_from_border_to_border),
        cmocka_unit_test(a_stretch_must_be_longer_than_the_threshold),
        cmocka_unit_test(a_road_along_the_border_is_outside_unless_the_zone_says_otherwise),
        cmocka_unit_test(stretches_that_meet_in_a_point_of_the_border_are_one),
        cmocka_unit_test(lines_without_length_have_no_stretch),
        cmocka_unit_test(the_widest_coordinates_do_not_overflow),
        cmocka_unit_test(a_builder_makes_the_flat_shape),
        cmocka_unit_test(every_bad_number_is_named_by_its_pointer),
        cmocka_unit_test(open_short_and_missing_rings_and_too_many_are_refused),
        cmocka_unit_test(long_edges_are_cut_before_they_are_projected),
    };
    return cmocka_run_group_tests_name("geo_area", tests, NULL, NULL);
}
