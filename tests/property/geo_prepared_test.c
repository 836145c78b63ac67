/* Two ways to ask what part of a road lies in a polygon, with no code in common: exact areas, and GEOS. */
#include "geo/area.h"
#include "geo/linear.h"
#include "geo/prepared.h"
#include "geo/validity.h"

#include <geos_c.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { RINGS_MAX = 8, POINTS_MAX = 400 };

struct random_shape {
    struct multipolygon_mm shape;
    uint32_t parts[RINGS_MAX + 1], rings[RINGS_MAX + 1];
    struct point_mm points[POINTS_MAX];
};

static struct geos *geos;
static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

static void star(struct random_shape *s, int32_t x, int32_t y, int32_t least, int32_t most)
{
    uint32_t corners = 3 + random_below(30);
    uint32_t first = s->shape.point_count;
    s->rings[s->shape.ring_count++] = first;
    for (uint32_t i = 0; i < corners; i++) {
        double angle = 6.283185307179586 * i / corners, r = least + random_below((uint32_t)(most - least));
        s->points[s->shape.point_count++] = (struct point_mm){x + (int32_t)(r * cos(angle)), y + (int32_t)(r * sin(angle))};
    }
    s->points[s->shape.point_count++] = s->points[first];
}

/* Stars with star-shaped holes, side by side. */
static void star_shape(struct random_shape *s)
{
    uint32_t parts = 1 + random_below(3);
    for (uint32_t p = 0; p < parts; p++) {
        s->parts[p] = s->shape.ring_count;
        int32_t x = (int32_t)p * 220000;
        star(s, x, 0, 50000, 105000);
        if (random_below(2)) star(s, x + (int32_t)random_below(4000), 0, 3000, 18000);
    }
    s->shape.part_count = parts;
}

/* Rings of a coarse grid: shared vertices and collinear edges abound; only valid ones are used. */
static void grid_shape(struct random_shape *s)
{
    uint32_t parts = 1 + random_below(2);
    for (uint32_t p = 0; p < parts; p++) {
        s->parts[p] = s->shape.ring_count;
        uint32_t rings = 1 + random_below(2);
        for (uint32_t r = 0; r < rings; r++) {
            uint32_t first = s->shape.point_count, corners = 3 + random_below(5);
            s->rings[s->shape.ring_count++] = first;
            uint32_t grid = r == 0 ? 9 : 4, offset = r == 0 ? 0 : 2;
            for (uint32_t i = 0; i < corners; i++)
                s->points[s->shape.point_count++] = (struct point_mm){(int32_t)(random_below(grid) + offset) * 20000, (int32_t)(random_below(grid) + offset) * 20000};
            s->points[s->shape.point_count++] = s->points[first];
        }
    }
    s->shape.part_count = parts;
}

static bool is_valid(const struct random_shape *s)
{
    GEOSGeometry *geometry = geos_multipolygon_m(geos, &s->shape);
    assert_non_null(geometry);
    char valid = GEOSisValid_r(geos_handle(geos), geometry);
    GEOSGeom_destroy_r(geos_handle(geos), geometry);
    return valid == 1;
}

static void random_shape(struct random_shape *s)
{
    do {
        *s = (struct random_shape){0};
        s->shape = (struct multipolygon_mm){0, 0, 0, s->parts, s->rings, s->points};
        if (random_below(2)) star_shape(s);
        else grid_shape(s);
        s->parts[s->shape.part_count] = s->shape.ring_count;
        s->rings[s->shape.ring_count] = s->shape.point_count;
    } while (!is_valid(s));
}

/* Roads anywhere, along grid lines, through and along the polygon's own vertices. */
static size_t random_line(const struct random_shape *s, struct point_mm *line)
{
    size_t n = 2 + random_below(6);
    uint32_t style = random_below(4);
    for (size_t i = 0; i < n; i++) {
        struct point_mm p = {(int32_t)random_below(300000) - 80000, (int32_t)random_below(300000) - 80000};
        struct point_mm vertex = s->points[random_below(s->shape.point_count)];
        if (style == 1) p = (struct point_mm){(int32_t)random_below(10) * 20000, (int32_t)random_below(10) * 20000};
        if (style == 2) p = vertex;
        if (style == 3) p = (struct point_mm){vertex.x_mm + (int32_t)random_below(3000) - 1500, vertex.y_mm + (int32_t)random_below(3000) - 1500};
        line[i] = p;
    }
    return n;
}

/* The length of a line strictly inside, by overlay: what it shares with the closed polygon less what it shares with
 * the border. */
static double overlay_m(const struct random_shape *s, const struct point_mm *line, size_t n)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    double sum = 0;
    GEOSGeometry *polygon = geos_multipolygon_m(geos, &s->shape), *border = GEOSBoundary_r(handle, polygon);
    for (size_t i = 0; i + 1 < n; i++) {
        if (point_mm_equal(line[i], line[i + 1])) continue;
        GEOSGeometry *segment = geos_line_m(geos, line + i, 2);
        GEOSGeometry *in = GEOSIntersection_r(handle, polygon, segment), *on = GEOSIntersection_r(handle, border, segment);
        double in_m = 0, on_m = 0;
        assert_non_null(in);
        assert_non_null(on);
        assert_int_equal(GEOSLength_r(handle, in, &in_m), 1);
        assert_int_equal(GEOSLength_r(handle, on, &on_m), 1);
        sum += in_m - on_m;
        GEOSGeom_destroy_r(handle, in);
        GEOSGeom_destroy_r(handle, on);
        GEOSGeom_destroy_r(handle, segment);
    }
    GEOSGeom_destroy_r(handle, border);
    GEOSGeom_destroy_r(handle, polygon);
    return sum;
}

static void exact_stretches_add_up_to_the_overlay_of_geos(void **state)
{
    (void)state;
    struct area_stretches out = AREA_STRETCHES_INIT;
    struct area_rule all = {.longer_than_mm = 0, .border_mm = 0, .border = AREA_BORDER_OUTSIDE};
    double total = 0;
    for (int round = 0; round < 800; round++) {
        struct random_shape s;
        struct area *area = NULL;
        random_shape(&s);
        assert_int_equal(area_new(&s.shape, &area, NULL), STATUS_OK);
        for (int l = 0; l < 10; l++) {
            struct point_mm line[8];
            size_t n = random_line(&s, line);
            assert_int_equal(area_clip(area, line, n, &all, &out, NULL), STATUS_OK);
            int64_t sum = 0;
            for (size_t i = 0; i < out.count; i++) sum += out.items[i].to_mm - out.items[i].from_mm;
            double expected = overlay_m(&s, line, n);
            total += expected;
            /* each crossing is rounded to a millimetre, and stretches of a millimetre may be lost */
            if (fabs((double)sum / 1000 - expected) > 0.03) fail_msg("%f m, GEOS says %f m", (double)sum / 1000, expected);
        }
        area_free(area);
    }
    area_stretches_clear(&out);
    print_message("%.0f km inside\n", total / 1000);
    assert_true(total > 10000);
}

static void what_the_checker_calls_an_offence_the_compiler_has_closed(void **state)
{
    (void)state;
    struct area_stretches out = AREA_STRETCHES_INIT;
    struct area_rule rule = AREA_RULE_DEFAULT;
    int offences = 0, closed = 0, lines = 0;
    for (int round = 0; round < 1200; round++) {
        struct random_shape s;
        struct area *area = NULL;
        struct prepared *prepared = NULL;
        random_shape(&s);
        assert_int_equal(area_new(&s.shape, &area, NULL), STATUS_OK);
        assert_int_equal(prepared_new(geos, &s.shape, &prepared, NULL), STATUS_OK);
        for (int l = 0; l < 20; l++, lines++) {
            struct point_mm line[8];
            size_t n = random_line(&s, line);
            assert_int_equal(area_clip(area, line, n, &rule, &out, NULL), STATUS_OK);
            bool offends = prepared_offends(prepared, line, n, 5);
            if (offends) assert_true(out.count > 0);
            offences += offends;
            closed += out.count > 0;
        }
        prepared_free(prepared);
        area_free(area);
    }
    area_stretches_clear(&out);
    print_message("%d lines, %d closed, %d offend\n", lines, closed, offences);
    assert_true(offences > closed * 8 / 10 && closed < lines);
}

static double border_distance(const struct multipolygon_mm *shape, struct point_mm p)
{
    double best = INFINITY;
    for (uint32_t r = 0; r < shape->ring_count; r++)
        for (uint32_t i = shape->ring_first_point[r]; i + 1 < shape->ring_first_point[r + 1]; i++)
            best = fmin(best, sqrt((double)linear_segment_distance2(shape->points[i], shape->points[i + 1], p)));
    return best;
}

static void the_checkers_longest_stretch_agrees_with_walking_the_line(void **state)
{
    (void)state;
    enum { STEP_MM = 250 };
    int long_ones = 0;
    for (int round = 0; round < 300; round++) {
        struct random_shape s;
        struct area *area = NULL;
        struct prepared *prepared = NULL;
        random_shape(&s);
        assert_int_equal(area_new(&s.shape, &area, NULL), STATUS_OK);
        assert_int_equal(prepared_new(geos, &s.shape, &prepared, NULL), STATUS_OK);
        for (int l = 0; l < 4; l++) {
            struct point_mm line[8];
            size_t n = random_line(&s, line);
            double longest_m = 0;
            assert_int_equal(prepared_stretch(prepared, line, n, &longest_m, NULL), STATUS_OK);
            /* surely inside the eroded polygon, and perhaps inside: its round corners are cut by 5 mm */
            int64_t sure = 0, most_sure = 0, maybe = 0, most_maybe = 0, length = linear_length_mm(line, n);
            for (int64_t at = 0; at <= length; at += STEP_MM) {
                struct point_mm p = linear_point_at(line, n, at, NULL);
                bool in = area_locate(area, p) == AREA_INSIDE;
                double depth = in ? border_distance(&s.shape, p) : 0;
                sure = depth > 1015 ? sure + 1 : 0;
                maybe = depth > 985 ? maybe + 1 : 0;
                if (sure > most_sure) most_sure = sure;
                if (maybe > most_maybe) most_maybe = maybe;
            }
            /* between two samples the depth falls by half a step at most, so `sure` may hide a short gap */
            bool shaky = most_sure != most_maybe;
            if (!shaky && most_sure > 8) {
                double low = (double)(most_sure - 1) * STEP_MM / 1000, high = (double)(most_sure + 1) * STEP_MM / 1000;
                bool fits = longest_m > low - 0.1 && longest_m < high + 0.1;
                long_ones += fits;
                /* a gap that the samples step over is allowed only if it is there: then the stretch is shorter */
                if (!fits && longest_m > high + 0.1) fail_msg("%f m, walking says at most %f m", longest_m, high);
                if (!fits && longest_m < low / 2 - 0.5 && longest_m < 5) fail_msg("%f m, walking says at least %f m", longest_m, low);
            }
        }
        prepared_free(prepared);
        area_free(area);
    }
    print_message("%d long stretches agree\n", long_ones);
    assert_true(long_ones > 200);
}

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

int main(void)
{
    const char *env = getenv("SEED");
    random_state = env != NULL ? strtoull(env, NULL, 10) : 411300;
    printf("SEED=%llu\n", (unsigned long long)random_state);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_stretches_add_up_to_the_overlay_of_geos),
        cmocka_unit_test(what_the_checker_calls_an_offence_the_compiler_has_closed),
        cmocka_unit_test(the_checkers_longest_stretch_agrees_with_walking_the_line),
    };
    return cmocka_run_group_tests_name("geo_prepared_property", tests, open_geos, close_geos);
}
