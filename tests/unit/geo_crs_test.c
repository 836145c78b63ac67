#include "geo/corridor.h"
#include "geo/crs.h"
#include "geo/geodesic.h"
#include "geo/linear.h"
#include "geo/offset.h"
#include "geo/area.h"
#include "geo/validity.h"
#include "tests/unit/geo_random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int64_t apart_mm(struct point a, struct point b)
{
    return geodesic_distance_mm(point_to_e7(a), point_to_e7(b));
}

static void web_map_offsets_have_their_published_size_and_come_back_exactly(void **state)
{
    (void)state;
    /* the county seats of the facts page: published GCJ-02 centres and their conversion, both rounded to 4 decimals */
    static const struct point pairs[][2] = {{{112.5446, 32.9949}, {112.5388, 32.9969}},
                                            {{111.4858, 33.3030}, {111.4797, 33.3046}},
                                            {{113.4061, 32.3672}, {113.3998, 32.3691}}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct point wgs84 = offset_wgs84_from_gcj02(pairs[i][0]);
        assert_true(fabs(wgs84.lon_deg - pairs[i][1].lon_deg) <= 0.0001);
        assert_true(fabs(wgs84.lat_deg - pairs[i][1].lat_deg) <= 0.0001);
    }
    random_seed(12);
    for (int i = 0; i < 5000; i++) {
        struct point p = {110.977 + random_bits() % 28320 * 1e-4, 32.271 + random_bits() % 15320 * 1e-4};
        struct point gcj02 = offset_gcj02_from_wgs84(p), bd09 = offset_bd09_from_wgs84(p);
        int64_t shift = apart_mm(p, gcj02), far = apart_mm(p, bd09);
        assert_true(shift > 540000 && shift < 635000);
        assert_true(far > 1000000 && far < 1500000);
        struct point back = offset_wgs84_from_gcj02(gcj02);
        assert_true(fabs(back.lon_deg - p.lon_deg) < 1e-10 && fabs(back.lat_deg - p.lat_deg) < 1e-10);
        back = offset_wgs84_from_bd09(bd09);
        assert_true(fabs(back.lon_deg - p.lon_deg) < 1e-9 && fabs(back.lat_deg - p.lat_deg) < 1e-9);
    }
    struct point porto = {-8.61, 41.15}, same = offset_gcj02_from_wgs84(porto);
    assert_true(same.lon_deg == porto.lon_deg && same.lat_deg == porto.lat_deg);
}

static struct crs *opened(const char *name)
{
    struct crs *crs = NULL;
    struct error err = ERROR_INIT;
    if (crs_open(name, &crs, &err) != STATUS_OK) fail_msg("%s: %s", name, err.en);
    assert_string_equal(crs_name_get(crs), name);
    return crs;
}

static void survey_systems_are_easting_then_northing(void **state)
{
    (void)state;
    /* Nanyang's centre lies by the border of two 3-degree zones */
    static const struct {
        const char *name;
        double easting_minimum, easting_maximum;
    } systems[] = {{"EPSG:4508", 640000, 645000}, {"EPSG:4546", 640000, 645000}, {"EPSG:4547", 360000, 365000},
                   {"EPSG:4525", 37640000, 37645000}, {"EPSG:4526", 38360000, 38365000}, {"EPSG:32649", 640000, 645000},
                   {"EPSG:3857", 12520000, 12540000}};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        struct crs *crs = opened(systems[i].name);
        struct crs_position p = {112.53, 32.99};
        assert_false(crs_is_geographic(crs));
        assert_false(crs_is_base(crs));
        assert_int_equal(crs_from_base(crs, &p, 1, NULL), STATUS_OK);
        if (!(p.x > systems[i].easting_minimum && p.x < systems[i].easting_maximum)) fail_msg("%s: %f %f", systems[i].name, p.x, p.y);
        assert_true(p.y > 3600000 && p.y < 3900000);
        assert_int_equal(crs_to_base(crs, &p, 1, NULL), STATUS_OK);
        assert_true(fabs(p.x - 112.53) < 1e-9 && fabs(p.y - 32.99) < 1e-9);
        crs_close(crs);
    }
}

static void the_axis_order_of_the_register_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool flipped;
    } systems[] = {{"EPSG:4490", true}, {"EPSG:4326", true}, {"EPSG:4547", true}, {"EPSG:4508", true},
                   {"EPSG:3857", false}, {"EPSG:32649", false}, {"gcj02", false}, {"bd09", false}};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        struct crs *crs = opened(systems[i].name);
        if (crs_is_flipped(crs) != systems[i].flipped) fail_msg("%s", systems[i].name);
        crs_close(crs);
    }
}

static void the_plane_of_the_network_and_the_register_agree(void **state)
{
    (void)state;
    struct crs *crs = opened("EPSG:4508");
    struct projection *projection = NULL;
    assert_int_equal(projection_open("EPSG:4508 origin=630000,3660000", &projection, NULL), STATUS_OK);
    struct point_e7 e7 = {1125300000, 329900000};
    struct point_mm mm;
    struct crs_position p = {112.53, 32.99};
    assert_int_equal(projection_forward(projection, &e7, 1, &mm, NULL), STATUS_OK);
    assert_int_equal(crs_from_base(crs, &p, 1, NULL), STATUS_OK);
    assert_true(fabs(p.x - 630000 - mm.x_mm / 1000.0) < 0.001 && fabs(p.y - 3660000 - mm.y_mm / 1000.0) < 0.001);
    projection_close(projection);
    crs_close(crs);
}

static void wgs84_and_cgcs2000_are_equal_and_offsets_have_names(void **state)
{
    (void)state;
    static const char *const names[] = {"EPSG:4490", "EPSG:4326"};
    for (int i = 0; i < 2; i++) {
        struct crs *crs = opened(names[i]);
        struct crs_position p = {112.53, 32.99};
        assert_true(crs_is_base(crs) && crs_is_geographic(crs));
        assert_int_equal(crs_to_base(crs, &p, 1, NULL), STATUS_OK);
        assert_true(p.x == 112.53 && p.y == 32.99);
        crs_close(crs);
    }
    static const char *const offsets[] = {"gcj02", "bd09"};
    for (int i = 0; i < 2; i++) {
        struct crs *crs = opened(offsets[i]);
        struct crs_position p[2] = {{112.53, 32.99}, {111.0, 33.0}};
        assert_true(crs_is_geographic(crs) && !crs_is_base(crs));
        assert_int_equal(crs_from_base(crs, p, 2, NULL), STATUS_OK);
        assert_true(fabs(p[0].x - 112.53) > 0.005);
        assert_int_equal(crs_to_base(crs, p, 2, NULL), STATUS_OK);
        assert_true(fabs(p[0].x - 112.53) < 1e-9 && fabs(p[1].y - 33.0) < 1e-9);
        crs_close(crs);
    }
    /* European systems, for the tests' networks there */
    struct crs *crs = opened("EPSG:3763");
    struct crs_position p = {-8.61, 41.15};
    assert_int_equal(crs_from_base(crs, &p, 1, NULL), STATUS_OK);
    assert_true(p.x < -30000 && p.x > -50000 && p.y > 150000 && p.y < 180000);
    crs_close(crs);
}

static void unknown_solid_and_secret_systems_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "EPSG:", "EPSG:0", "EPSG:04490", "EPSG:4490 ", "epsg:4490", "EPSG:999999", "EPSG:1234567", "4490",
                                      "EPSG:4479", "EPSG:4480", "EPSG:4979", "EPSG:5773", "EPSG:4610", "EPSG:4214", "EPSG:4555", "EPSG:2381", "EPSG:21419",
                                      "+proj=longlat", "GCJ02", "wgs84"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct crs *crs = NULL;
        struct error err = ERROR_INIT;
        if (crs_open(bad[i], &crs, &err) != STATUS_INVALID) fail_msg("%s is accepted", bad[i]);
        assert_int_equal(err.message, MESSAGE_CRS_NOT_ACCEPTED);
        assert_null(crs);
    }
    crs_close(NULL);
}

static void positions_that_are_not_on_earth_are_refused(void **state)
{
    (void)state;
    struct crs *crs = opened("EPSG:4547");
    struct crs_position bad[] = {{NAN, 0}, {0, INFINITY}, {1e300, 0}, {1e9, 1e9}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct crs_position p = bad[i];
        assert_int_equal(crs_to_base(crs, &p, 1, NULL), STATUS_OUT_OF_RANGE);
        p = bad[i];
        assert_int_equal(crs_from_base(crs, &p, 1, NULL), STATUS_OUT_OF_RANGE);
    }
    crs_close(crs);
}

/* ---- corridor ---- */

static struct geos *geos;
static struct projection *projection;

static int open_all(void **state)
{
    (void)state;
    return geos_open(&geos, NULL) == STATUS_OK &&
                   projection_open("EPSG:4508 origin=630000,3660000", &projection, NULL) == STATUS_OK
               ? 0
               : -1;
}

static int close_all(void **state)
{
    (void)state;
    geos_close(geos);
    projection_close(projection);
    return 0;
}

static void a_corridor_holds_what_is_near_the_line_and_nothing_far(void **state)
{
    (void)state;
    random_seed(31);
    for (int round = 0; round < 30; round++) {
        enum { N = 40 };
        struct point_e7 line[N];
        struct point_mm plane[N];
        double width = round % 3 == 0 ? 50 : 200;
        line[0] = (struct point_e7){1120000000 + random_bits() % 10000000, 330000000};
        for (int i = 1; i < N; i++)
            line[i] = (struct point_e7){line[i - 1].lon_e7 + random_bits() % 60000 - 20000, line[i - 1].lat_e7 + random_bits() % 60000 - 30000};
        struct multipolygon shape;
        struct multipolygon_mm shape_mm;
        struct area *area = NULL;
        assert_int_equal(corridor_make(geos, projection, line, N, width, &shape, NULL), STATUS_OK);
        assert_int_equal(multipolygon_check(geos, &shape, MULTIPOLYGON_KIND_MULTIPOLYGON, NULL, NULL), STATUS_OK);
        assert_int_equal(multipolygon_project(&shape, projection, &shape_mm, NULL), STATUS_OK);
        assert_int_equal(area_new(&shape_mm, &area, NULL), STATUS_OK);
        assert_int_equal(projection_forward(projection, line, N, plane, NULL), STATUS_OK);
        for (int i = 0; i < 2000; i++) {
            struct point_mm anchor = plane[random_bits() % N];
            struct point_mm p = {anchor.x_mm + random_bits() % 1200000 - 600000, anchor.y_mm + random_bits() % 1200000 - 600000};
            struct linear_position at;
            linear_nearest(plane, N, p, &at);
            if ((double)at.distance_mm < width * 950) assert_int_equal(area_locate(area, p), AREA_INSIDE);
            /* a small hole that was closed may hold points a little farther away */
            if ((double)at.distance_mm > width * 1350) assert_int_equal(area_locate(area, p), AREA_OUTSIDE);
        }
        area_free(area);
        multipolygon_mm_clear(&shape_mm);
        multipolygon_clear(&shape);
    }
}

static void a_corridor_around_one_point_is_a_disc_and_bad_widths_are_refused(void **state)
{
    (void)state;
    struct point_e7 still[] = {{1125300000, 329900000}, {1125300000, 329900000}};
    struct multipolygon shape;
    for (size_t n = 1; n <= 2; n++) {
        assert_int_equal(corridor_make(geos, projection, still, n, 200, &shape, NULL), STATUS_OK);
        assert_int_equal(shape.part_count, 1);
        assert_int_equal(shape.ring_count, 1);
        assert_true(shape.point_count >= 16);
        multipolygon_clear(&shape);
    }
    struct error err = ERROR_INIT;
    assert_int_equal(corridor_make(geos, projection, still, 2, 0.5, &shape, &err), STATUS_INVALID);
    assert_int_equal(corridor_make(geos, projection, still, 2, NAN, &shape, &err), STATUS_INVALID);
    assert_int_equal(corridor_make(geos, projection, still, 0, 200, &shape, &err), STATUS_INVALID);
    struct point_e7 far[] = {{0, 0}, {1, 1}};
    assert_int_equal(corridor_make(geos, projection, far, 2, 200, &shape, &err), STATUS_OUT_OF_RANGE);
    /* a loop smaller than the thinning */
    struct point_e7 loop[] = {{1125300000, 329900000}, {1125300050, 329900000}, {1125300050, 329900050}, {1125300000, 329900000}};
    assert_int_equal(corridor_make(geos, projection, loop, 4, 200, &shape, NULL), STATUS_OK);
    multipolygon_clear(&shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(web_map_offsets_have_their_published_size_and_come_back_exactly),
        cmocka_unit_test(survey_systems_are_easting_then_northing),
        cmocka_unit_test(the_axis_order_of_the_register_is_known),
        cmocka_unit_test(the_plane_of_the_network_and_the_register_agree),
        cmocka_unit_test(wgs84_and_cgcs2000_are_equal_and_offsets_have_names),
        cmocka_unit_test(unknown_solid_and_secret_systems_are_refused),
        cmocka_unit_test(positions_that_are_not_on_earth_are_refused),
        cmocka_unit_test(a_corridor_holds_what_is_near_the_line_and_nothing_far),
        cmocka_unit_test(a_corridor_around_one_point_is_a_disc_and_bad_widths_are_refused),
    };
    return cmocka_run_group_tests_name("geo_crs", tests, open_all, close_all);
}
