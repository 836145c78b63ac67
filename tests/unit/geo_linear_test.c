#include "geo/linear.h"
#include "tests/unit/geo_random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct point_mm bend[] = {{0, 0}, {1000, 0}, {1000, 0}, {1000, 2000}};

static void offsets_add_up_over_rounded_segments(void **state)
{
    (void)state;
    assert_int_equal(linear_length_mm(bend, 4), 3000);
    assert_int_equal(linear_length_mm(bend, 1), 0);
    assert_int_equal(linear_segment_mm((struct point_mm){0, 0}, (struct point_mm){3, 4}), 5);
    assert_int_equal(linear_segment_mm((struct point_mm){INT32_MIN, INT32_MIN}, (struct point_mm){INT32_MAX, INT32_MAX}),
                     (int64_t)llround(4294967295.0 * sqrt(2)));
}

static void the_nearest_position_names_offset_distance_and_side(void **state)
{
    (void)state;
    struct linear_position at;
    linear_nearest(bend, 4, (struct point_mm){500, 300}, &at);
    assert_int_equal(at.offset_mm, 500);
    assert_int_equal(at.distance_mm, 300);
    assert_int_equal(at.distance2_mm2, 90000);
    assert_int_equal(at.side, -1);
    assert_int_equal(at.segment, 0);
    linear_nearest(bend, 4, (struct point_mm){1500, 1000}, &at);
    assert_int_equal(at.offset_mm, 2000);
    assert_int_equal(at.at.x_mm, 1000);
    assert_int_equal(at.at.y_mm, 1000);
    assert_int_equal(at.side, 1);
    assert_int_equal(at.segment, 2);
    linear_nearest(bend, 4, (struct point_mm){1000, 2500}, &at);
    assert_int_equal(at.offset_mm, 3000);
    assert_int_equal(at.distance_mm, 500);
    linear_nearest(bend, 1, (struct point_mm){3, 4}, &at);
    assert_int_equal(at.offset_mm, 0);
    assert_int_equal(at.distance_mm, 5);
}

static void of_equally_near_positions_the_first_is_taken(void **state)
{
    (void)state;
    /* a hairpin: both legs 500 from the point */
    const struct point_mm hairpin[] = {{0, 0}, {4000, 0}, {4000, 1000}, {0, 1000}};
    struct linear_position at;
    linear_nearest(hairpin, 4, (struct point_mm){2000, 500}, &at);
    assert_int_equal(at.offset_mm, 2000);
    linear_nearest(bend, 4, (struct point_mm){1300, -400}, &at); /* nearest is the vertex, in two segments */
    assert_int_equal(at.offset_mm, 1000);
    assert_int_equal(at.distance_mm, 500);
    assert_int_equal(at.segment, 0);
}

static void the_widest_distances_saturate(void **state)
{
    (void)state;
    const struct point_mm diagonal[] = {{INT32_MIN, INT32_MAX}, {INT32_MAX, INT32_MIN}}, edge[] = {{INT32_MIN, INT32_MIN}, {INT32_MAX, INT32_MIN}};
    struct linear_position at;
    linear_nearest(diagonal, 2, (struct point_mm){INT32_MAX, INT32_MAX}, &at);
    assert_true(at.distance2_mm2 > 9223372000000000000u && at.distance2_mm2 < 9223372050000000000u);
    linear_nearest(edge, 2, (struct point_mm){0, INT32_MAX}, &at);
    assert_true(at.distance2_mm2 > 18446744060000000000u);
    assert_int_equal(linear_segment_distance2(edge[0], edge[0], (struct point_mm){INT32_MAX, INT32_MAX}), UINT64_MAX);
}

static void points_at_offsets_are_held_inside_the_line(void **state)
{
    (void)state;
    size_t segment;
    struct point_mm p = linear_point_at(bend, 4, 1500, &segment);
    assert_int_equal(p.x_mm, 1000);
    assert_int_equal(p.y_mm, 500);
    assert_int_equal(segment, 2);
    p = linear_point_at(bend, 4, -5, NULL);
    assert_int_equal(p.x_mm, 0);
    p = linear_point_at(bend, 4, 99999, NULL);
    assert_int_equal(p.y_mm, 2000);
}

static void bearings_follow_the_direction_of_travel(void **state)
{
    (void)state;
    assert_true(linear_bearing_deg(bend, 4, 0) == 90);
    assert_true(linear_bearing_deg(bend, 4, 999) == 90);
    assert_true(linear_bearing_deg(bend, 4, 1000) == 0);
    assert_true(linear_bearing_deg(bend, 4, 3000) == 0);
    const struct point_mm west[] = {{0, 0}, {-1, 0}};
    assert_true(linear_bearing_deg(west, 2, 0) == 270);
    assert_true(linear_bearing_deg(west, 1, 0) == 0);
}

static void a_part_keeps_the_vertices_between_its_ends(void **state)
{
    (void)state;
    struct point_mm out[6];
    assert_int_equal(linear_part(bend, 4, 250, 1500, out), 3);
    assert_int_equal(out[0].x_mm, 250);
    assert_int_equal(out[1].x_mm, 1000);
    assert_int_equal(out[1].y_mm, 0);
    assert_int_equal(out[2].y_mm, 500);
    assert_int_equal(linear_part(bend, 4, 700, 700, out), 1);
    assert_int_equal(out[0].x_mm, 700);
    assert_int_equal(linear_part(bend, 4, 0, 3000, out), 3); /* the doubled vertex is dropped */
    assert_int_equal(linear_part(bend, 4, 1000, 3000, out), 2);
}

static void parts_of_random_lines_have_the_length_asked_for(void **state)
{
    (void)state;
    const char *env = getenv("SEED");
    unsigned seed = env != NULL ? (unsigned)strtoul(env, NULL, 10) : 1;
    print_message("SEED=%u\n", seed);
    random_seed(seed);
    for (int round = 0; round < 2000; round++) {
        struct point_mm line[20], out[22];
        size_t n = 2 + (size_t)random_bits() % 18;
        for (size_t i = 0; i < n; i++) line[i] = (struct point_mm){random_bits() % 1000000 - 500000, random_bits() % 1000000 - 500000};
        int64_t length = linear_length_mm(line, n), from = random_bits() % (length + 1), to = from + random_bits() % (length - from + 1);
        size_t m = linear_part(line, n, from, to, out);
        assert_true(m <= n + 2);
        int64_t got = linear_length_mm(out, m);
        assert_true(llabs(got - (to - from)) <= 4);
        /* a point on the line is found again where it was taken, unless the line meets itself */
        struct linear_position at;
        linear_nearest(line, n, linear_point_at(line, n, from, NULL), &at);
        assert_true(at.distance2_mm2 <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_add_up_over_rounded_segments),
        cmocka_unit_test(the_nearest_position_names_offset_distance_and_side),
        cmocka_unit_test(of_equally_near_positions_the_first_is_taken),
        cmocka_unit_test(the_widest_distances_saturate),
        cmocka_unit_test(points_at_offsets_are_held_inside_the_line),
        cmocka_unit_test(bearings_follow_the_direction_of_travel),
        cmocka_unit_test(a_part_keeps_the_vertices_between_its_ends),
        cmocka_unit_test(parts_of_random_lines_have_the_length_asked_for),
    };
    return cmocka_run_group_tests_name("geo_linear", tests, NULL, NULL);
}
