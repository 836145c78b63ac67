#include "geo/geodesic.h"
#include "geo/point.h"
#include "geo/projection.h"
#include "tests/unit/geo_random.h"

#include <math.h>
#include <proj.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void a_point_is_valid_only_when_finite_and_in_range(void **state)
{
    (void)state;
    assert_true(point_valid((struct point){180, -90}));
    assert_false(point_valid((struct point){NAN, 0}));
    assert_false(point_valid((struct point){0, NAN}));
    assert_false(point_valid((struct point){INFINITY, 0}));
    assert_false(point_valid((struct point){180.0000001, 0}));
    assert_false(point_valid((struct point){0, 1e300}));
    assert_true(point_e7_valid((struct point_e7){-1800000000, 900000000}));
    assert_false(point_e7_valid((struct point_e7){1800000001, 0}));
    assert_false(point_e7_valid((struct point_e7){-1800000001, 0}));
    assert_false(point_e7_valid((struct point_e7){0, 900000001}));
    assert_false(point_e7_valid((struct point_e7){0, -900000001}));
}

static void rounding_to_e7_goes_half_away_from_zero_and_back_without_loss(void **state)
{
    (void)state;
    struct point_e7 p = point_to_e7((struct point){0.00000005, -0.00000005});
    assert_int_equal(p.lon_e7, 1);
    assert_int_equal(p.lat_e7, -1);
    random_seed(7);
    for (int i = 0; i < 100000; i++) {
        struct point_e7 a = {(int32_t)((double)random_bits() / INT32_MAX * 3.6e9 - 1.8e9),
                             (int32_t)((double)random_bits() / INT32_MAX * 1.8e9 - 0.9e9)};
        struct point_e7 b = point_to_e7(point_from_e7(a));
        assert_true(point_e7_equal(a, b));
    }
    assert_int_equal(round_to_i32(1e300), INT32_MAX);
    assert_int_equal(round_to_i32(-1e300), INT32_MIN);
    assert_int_equal(round_to_i32(NAN), 0);
}

static void boxes_join_grow_and_saturate(void **state)
{
    (void)state;
    struct point_mm points[] = {{1, 5}, {-3, 2}, {4, -6}};
    struct box_mm box = box_mm_of(points, 3);
    assert_int_equal(box.min_x_mm, -3);
    assert_int_equal(box.max_y_mm, 5);
    struct box_mm empty = box_mm_of(points, 0);
    assert_true(box_mm_is_empty(&empty));
    struct box_mm joined = box_mm_join(&empty, &box);
    assert_memory_equal(&joined, &box, sizeof box);
    struct point_e7 corners[] = {{1109770000, 338030000}, {1138090000, 322710000}};
    struct box_e7 whole = box_e7_of(corners, 2);
    struct box degrees = box_from_e7(&whole);
    assert_true(degrees.min_lon_deg == 110.977 && degrees.min_lat_deg == 32.271 && degrees.max_lon_deg == 113.809 &&
                degrees.max_lat_deg == 33.803);
    assert_true(box_valid(&degrees));
    struct box upside_down = {0, 1, 1, 0}, beyond = {0, 0, 181, 1};
    assert_false(box_valid(&upside_down));
    assert_false(box_valid(&beyond));
    struct box_mm edge = {INT32_MIN + 1, 0, INT32_MAX - 1, 0};
    edge = box_mm_grow(&edge, 10);
    assert_int_equal(edge.min_x_mm, INT32_MIN);
    assert_int_equal(edge.max_x_mm, INT32_MAX);
    empty = box_mm_grow(&empty, 10);
    assert_true(box_mm_is_empty(&empty));
}

static void geodesic_lengths_agree_with_known_values(void **state)
{
    (void)state;
    /* One degree of longitude on the equator is a·π/180; a quadrant of the meridian is 10,001,965.729 m. */
    assert_int_equal(geodesic_distance_mm((struct point_e7){0, 0}, (struct point_e7){10000000, 0}), 111319491);
    assert_int_equal(geodesic_distance_mm((struct point_e7){0, 0}, (struct point_e7){0, 900000000}), 10001965729);
    struct point_e7 line[] = {{0, 0}, {10000000, 0}, {10000000, 0}, {0, 0}};
    assert_int_equal(geodesic_line_mm(line, 4), 222638982);
    assert_int_equal(geodesic_line_mm(line, 1), 0);
    assert_int_equal(geodesic_line_mm(line, 0), 0);
}

static void a_direct_step_undoes_an_inverse_one(void **state)
{
    (void)state;
    struct point_e7 a = {1125200000, 329900000}, b = {1114858000, 333030000};
    double bearing = geodesic_bearing_deg(a, b);
    assert_true(bearing > 270 && bearing < 360);
    struct point_e7 c = geodesic_direct(a, bearing, (double)geodesic_distance_mm(a, b) / 1000);
    assert_true(abs(c.lon_e7 - b.lon_e7) <= 1 && abs(c.lat_e7 - b.lat_e7) <= 1);
    assert_true(geodesic_bearing_deg(a, a) == 0);
}

/* Mapped prefecture of Nanyang. */
static const struct box nanyang = {110.977, 32.271, 113.809, 33.803};

static void nanyang_gets_the_six_degree_zone_of_111_east(void **state)
{
    (void)state;
    char text[PROJECTION_TEXT_MAX];
    struct error err = ERROR_INIT;
    assert_int_equal(projection_choose(&nanyang, text, sizeof text, &err), STATUS_OK);
    assert_string_equal(text, "EPSG:4508 origin=630000,3660000");
    struct box luxembourg = {5.7, 49.4, 6.6, 50.2};
    assert_int_equal(projection_choose(&luxembourg, text, sizeof text, &err), STATUS_OK);
    assert_string_equal(text, "+proj=tmerc +lon_0=6 +k=1 +x_0=500000 +ellps=GRS80 +units=m origin=510000,5520000");
    struct box sao_paulo = {-46.66, -23.56, -46.62, -23.53};
    assert_int_equal(projection_choose(&sao_paulo, text, sizeof text, &err), STATUS_OK);
    assert_non_null(strstr(text, "+lon_0=-48 "));
    struct box henan = {107, 29.5, 118, 38.8};
    assert_int_equal(projection_choose(&henan, text, sizeof text, &err), STATUS_OK);
    assert_non_null(strstr(text, "+lon_0=114 "));
    struct box edge = {136, 40, 138, 42};
    assert_int_equal(projection_choose(&edge, text, sizeof text, &err), STATUS_OK);
    assert_non_null(strstr(text, "EPSG:4512 "));
}

static void an_extent_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    char text[PROJECTION_TEXT_MAX];
    struct error err = ERROR_INIT;
    struct box asia = {28, 8, 140, 62}, tall = {100, -10, 101, 60}, bad = {2, 0, 1, 1}, nan = {NAN, 0, 1, 1};
    assert_int_equal(projection_choose(&asia, text, sizeof text, &err), STATUS_OUT_OF_RANGE);
    assert_string_equal(err.en, "the roads span 112.0 degrees of longitude, one projected plane takes 40");
    assert_true(strcmp(err.limit, "40") == 0 && strcmp(err.actual, "112") == 0);
    assert_int_equal(projection_choose(&tall, text, sizeof text, &err), STATUS_OUT_OF_RANGE);
    assert_non_null(strstr(err.en, "km from their middle, one projected plane takes 2000"));
    assert_string_equal(err.limit, "2000000");
    assert_int_equal(projection_choose(&bad, text, sizeof text, &err), STATUS_INVALID);
    assert_int_equal(projection_choose(&nan, text, sizeof text, &err), STATUS_INVALID);
}

static void only_its_own_texts_open_a_projection(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "EPSG:4508", "EPSG:4547 origin=0,0", "EPSG:4508 origin=0,0 ", "EPSG:04508 origin=0,0",
                                      "EPSG:4508 origin= 1,0", "EPSG:4508 origin=0,99999999999999999999",
                                      "+proj=merc", "+proj=tmerc +lon_0=181 +k=1 +x_0=500000 +ellps=GRS80 +units=m origin=0,0"};
    struct projection *projection = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(projection_open(bad[i], &projection, NULL), STATUS_INVALID);
        assert_null(projection);
    }
    char *endless = malloc(5000);
    memset(endless, 'x', 4999);
    endless[4999] = 0;
    assert_int_equal(projection_open(endless, &projection, NULL), STATUS_INVALID);
    free(endless);
    projection_close(NULL);
}

static void the_plane_agrees_with_the_register_of_crs_to_the_millimetre(void **state)
{
    (void)state;
    PJ_CONTEXT *context = proj_context_create();
    for (int code = 4502; code <= 4512; code++) {
        char text[PROJECTION_TEXT_MAX], name[20];
        snprintf(text, sizeof text, "EPSG:%d origin=600000,3660000", code);
        snprintf(name, sizeof name, "EPSG:%d", code);
        struct projection *projection = NULL;
        assert_int_equal(projection_open(text, &projection, NULL), STATUS_OK);
        assert_string_equal(projection_text_get(projection), text);
        PJ *reference = proj_create_crs_to_crs(context, "EPSG:4490", name, NULL);
        assert_non_null(reference);
        for (int i = 0; i < 50; i++) {
            struct point_e7 p = {(75 + 6 * (code - 4502)) * 10000000 + (i - 25) * 1100003, 320000000 + i * 400009};
            struct point_e7 back;
            struct point_mm q;
            assert_int_equal(projection_forward(projection, &p, 1, &q, NULL), STATUS_OK);
            /* the register has latitude, longitude → northing, easting */
            PJ_COORD c = proj_trans(reference, PJ_FWD, proj_coord(p.lat_e7 / 1e7, p.lon_e7 / 1e7, 0, 0));
            assert_true(fabs((c.xy.y - 600000) * 1000 - q.x_mm) < 0.51);
            assert_true(fabs((c.xy.x - 3660000) * 1000 - q.y_mm) < 0.51);
            assert_int_equal(projection_inverse(projection, &q, 1, &back, NULL), STATUS_OK);
            assert_true(point_e7_equal(p, back));
        }
        proj_destroy(reference);
        projection_close(projection);
    }
    proj_context_destroy(context);
}

static void projecting_works_in_place_over_many_points_and_refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct projection *projection = NULL;
    assert_int_equal(projection_open("EPSG:4508 origin=630000,3660000", &projection, NULL), STATUS_OK);
    enum { N = 1000 };
    struct point_e7 points[N];
    union {
        struct point_e7 lonlat;
        struct point_mm plane;
    } same[N];
    for (int i = 0; i < N; i++) same[i].lonlat = points[i] = (struct point_e7){1110000000 + i * 20000, 330000000 - i * 100};
    assert_int_equal(projection_forward(projection, &same[0].lonlat, N, &same[0].plane, NULL), STATUS_OK);
    assert_int_equal(projection_inverse(projection, &same[0].plane, N, &same[0].lonlat, NULL), STATUS_OK);
    for (int i = 0; i < N; i++) assert_true(point_e7_equal(points[i], same[i].lonlat));
    struct point_mm out[N];
    struct error err = ERROR_INIT;
    points[N - 1] = (struct point_e7){-690000000, 330000000};
    assert_int_equal(projection_forward(projection, points, N, out, &err), STATUS_OUT_OF_RANGE);
    points[N - 1] = (struct point_e7){210000000, 0};
    assert_int_equal(projection_forward(projection, points, N, out, &err), STATUS_OUT_OF_RANGE);
    projection_close(projection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_valid_only_when_finite_and_in_range),
        cmocka_unit_test(rounding_to_e7_goes_half_away_from_zero_and_back_without_loss),
        cmocka_unit_test(boxes_join_grow_and_saturate),
        cmocka_unit_test(geodesic_lengths_agree_with_known_values),
        cmocka_unit_test(a_direct_step_undoes_an_inverse_one),
        cmocka_unit_test(nanyang_gets_the_six_degree_zone_of_111_east),
        cmocka_unit_test(an_extent_that_does_not_fit_is_refused),
        cmocka_unit_test(only_its_own_texts_open_a_projection),
        cmocka_unit_test(the_plane_agrees_with_the_register_of_crs_to_the_millimetre),
        cmocka_unit_test(projecting_works_in_place_over_many_points_and_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests_name("geo_point", tests, NULL, NULL);
}
