#include "geo/prepared.h"
#include "geo/validity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct geos *geos;

static int open_geos(void **state)
{
    (void)state;
    return geos_open(&geos, NULL) == STATUS_OK ? 0 : -1;
}

static int close_geos(void **state)
{
    (void)state;
    geos_close(geos);
    return 0;
}

/* Rings as lists of x, y in units of 0.1°, each ended by −1; parts ended by −2, all by −3. */
static struct multipolygon shape_of(const int *numbers)
{
    struct multipolygon_builder *b = multipolygon_builder_new(MULTIPOLYGON_KIND_MULTIPOLYGON, &MULTIPOLYGON_LIMITS_DEFAULT);
    struct multipolygon shape;
    bool part = false, ring = false;
    for (const int *n = numbers; *n != -3; n++) {
        if (!part) assert_int_equal(multipolygon_builder_part(b, NULL), STATUS_OK);
        if (*n != -2 && !ring) assert_int_equal(multipolygon_builder_ring(b, NULL), STATUS_OK);
        part = *n != -2;
        ring = *n >= 0;
        if (*n >= 0) {
            assert_int_equal(multipolygon_builder_point(b, 112 + n[0] * 0.1, 32 + n[1] * 0.1, NULL), STATUS_OK);
            n++;
        } else if (*n == -1 && (n[1] == -2)) {
            n++;
            part = false;
        }
    }
    assert_int_equal(multipolygon_builder_take(b, &shape, NULL), STATUS_OK);
    multipolygon_builder_free(b);
    return shape;
}

static void refused(const int *numbers, enum message message, const char *pointer)
{
    struct multipolygon shape = shape_of(numbers);
    struct multipolygon_fault fault = {0};
    struct error err = ERROR_INIT;
    assert_int_equal(multipolygon_check(geos, &shape, MULTIPOLYGON_KIND_MULTIPOLYGON, &fault, &err), STATUS_INVALID_GEOMETRY);
    assert_string_equal(err.en, message_text(message, LANGUAGE_EN));
    assert_string_equal(err.pointer, pointer);
    assert_true(fault.at.lon_e7 >= 1120000000 && fault.at.lon_e7 <= 1140000000);
    multipolygon_clear(&shape);
}

static void invalid_polygons_are_refused_with_reason_and_place(void **state)
{
    (void)state;
    refused((int[]){0, 0, 10, 10, 10, 0, 0, 9, 0, 0, -1, -2, -3}, MESSAGE_SELF_INTERSECTION, "/coordinates/0/0/3");
    refused((int[]){0, 0, 10, 0, 10, 10, 0, 10, 0, 0, -1, 11, 11, 12, 11, 11, 12, 11, 11, -1, -2, -3}, MESSAGE_HOLE_OUTSIDE, "/coordinates/0/1/0");
    refused((int[]){0, 0, 10, 0, 10, 10, 0, 10, 0, 0, -1, 1, 1, 8, 1, 8, 8, 1, 8, 1, 1, -1, 3, 3, 4, 3, 3, 4, 3, 3, -1, -2, -3}, MESSAGE_HOLES_NESTED,
            "/coordinates/0/2/0");
    refused((int[]){0, 0, 10, 0, 10, 10, 0, 10, 0, 0, -1, -2, 2, 2, 3, 2, 2, 3, 2, 2, -1, -2, -3}, MESSAGE_SHELLS_NESTED, "/coordinates/1/0/0");
    refused((int[]){0, 0, 10, 0, 10, 10, 0, 10, 0, 0, -1, 0, 5, 5, 10, 10, 5, 5, 0, 0, 5, -1, -2, -3}, MESSAGE_INTERIOR_DISCONNECTED,
            "/coordinates/0/1/2");
    refused((int[]){0, 0, 0, 0, 0, 0, 0, 0, -1, -2, -3}, MESSAGE_RING_COLLAPSED, "/coordinates/0/0/0");
}

static void in_a_polygon_the_pointer_has_no_part(void **state)
{
    (void)state;
    struct multipolygon shape = shape_of((int[]){0, 0, 10, 10, 10, 0, 0, 9, 0, 0, -1, -2, -3});
    struct error err = ERROR_INIT;
    assert_int_equal(multipolygon_check(geos, &shape, MULTIPOLYGON_KIND_POLYGON, NULL, &err), STATUS_INVALID_GEOMETRY);
    assert_string_equal(err.pointer, "/coordinates/0/3");
    multipolygon_clear(&shape);
}

static void valid_polygons_pass_and_a_touching_hole_is_valid(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct multipolygon shape = shape_of((int[]){0, 0, 10, 0, 10, 10, 0, 10, 0, 0, -1, 0, 5, 5, 6, 5, 4, 0, 5, -1, -2, 10, 10, 12, 10, 12, 12, 10, 10, -1, -2, -3});
    assert_int_equal(shape.part_count, 2);
    assert_int_equal(multipolygon_check(geos, &shape, MULTIPOLYGON_KIND_MULTIPOLYGON, NULL, &err), STATUS_OK);
    multipolygon_clear(&shape);
}

/* A square of 100 m with a hole of 20 m in its middle. */
static struct prepared *square(void)
{
    static struct point_mm points[] = {{0, 0},         {100000, 0},    {100000, 100000}, {0, 100000},    {0, 0},
                                       {40000, 40000}, {40000, 60000}, {60000, 60000},   {60000, 40000}, {40000, 40000}};
    static uint32_t parts[] = {0, 2}, rings[] = {0, 5, 10};
    struct multipolygon_mm shape = {1, 2, 10, parts, rings, points};
    struct prepared *prepared = NULL;
    assert_int_equal(prepared_new(geos, &shape, &prepared, NULL), STATUS_OK);
    return prepared;
}

static void longest(struct prepared *prepared, const struct point_mm *line, size_t n, double expected)
{
    double got = -1;
    assert_int_equal(prepared_stretch(prepared, line, n, &got, NULL), STATUS_OK);
    if (!(got > expected - 0.001 && got < expected + 0.001)) fail_msg("%f, not %f", got, expected);
}

static void the_checker_measures_inside_the_eroded_polygon(void **state)
{
    (void)state;
    struct prepared *prepared = square();
    longest(prepared, (struct point_mm[]){{-10000, 10000}, {110000, 10000}}, 2, 98);
    longest(prepared, (struct point_mm[]){{-10000, 50000}, {110000, 50000}}, 2, 38);
    longest(prepared, (struct point_mm[]){{-10000, 900}, {110000, 900}}, 2, 0);
    longest(prepared, (struct point_mm[]){{10000, 10000}, {20000, 10000}, {20000, 20000}}, 3, 20);
    longest(prepared, (struct point_mm[]){{200000, 10000}, {210000, 10000}}, 2, 0);
    longest(prepared, (struct point_mm[]){{10000, 10000}}, 1, 0);
    /* a loop that meets itself is still one stretch */
    longest(prepared, (struct point_mm[]){{10000, 20000}, {30000, 20000}, {30000, 10000}, {20000, 10000}, {20000, 30000}}, 5, 60);
    assert_true(prepared_offends(prepared, (struct point_mm[]){{-10000, 10000}, {8000, 10000}}, 2, 5));
    assert_false(prepared_offends(prepared, (struct point_mm[]){{-10000, 10000}, {6900, 10000}}, 2, 5));
    prepared_free(prepared);
    prepared_free(NULL);
}

static void what_erosion_swallows_never_offends(void **state)
{
    (void)state;
    struct point_mm points[] = {{0, 0}, {100000, 0}, {100000, 1900}, {0, 1900}, {0, 0}};
    uint32_t parts[] = {0, 1}, rings[] = {0, 5};
    struct multipolygon_mm shape = {1, 1, 5, parts, rings, points};
    struct prepared *prepared = NULL;
    assert_int_equal(prepared_new(geos, &shape, &prepared, NULL), STATUS_OK);
    assert_false(prepared_offends(prepared, (struct point_mm[]){{0, 950}, {100000, 950}}, 2, 5));
    prepared_free(prepared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalid_polygons_are_refused_with_reason_and_place),
        cmocka_unit_test(in_a_polygon_the_pointer_has_no_part),
        cmocka_unit_test(valid_polygons_pass_and_a_touching_hole_is_valid),
        cmocka_unit_test(the_checker_measures_inside_the_eroded_polygon),
        cmocka_unit_test(what_erosion_swallows_never_offends),
    };
    return cmocka_run_group_tests_name("geo_validity", tests, open_geos, close_geos);
}
