/* area_clip against an oracle that knows no index and no shortcut: on a coarse grid, where vertices, edges and roads
 * coincide all the time, sample points of the road are located one by one in whole numbers. */
#include "geo/area_cells.h"
#include "geo/linear.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { RINGS = 4, POINTS = 60, SAMPLES = 24, GRID = 9, CELL_MM = 48000 };

struct random_shape {
    struct multipolygon_mm shape;
    uint32_t parts[RINGS + 1], rings[RINGS + 1];
    struct point_mm points[RINGS * (POINTS + 1)];
};

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

/* Rings of random grid points: they cross themselves and each other, run back on themselves, share edges. */
static void random_shape(struct random_shape *out)
{
    uint32_t rings = 1 + random_below(RINGS), n = 0;
    for (uint32_t r = 0; r < rings; r++) {
        uint32_t points = 3 + random_below(random_below(4) == 0 ? POINTS - 3 : 6);
        out->parts[r] = out->rings[r] = 0;
        out->parts[r] = r;
        out->rings[r] = n;
        struct point_mm p = {(int32_t)random_below(GRID), (int32_t)random_below(GRID)};
        for (uint32_t i = 0; i < points; i++) {
            if (random_below(3) == 0) p.x_mm = (int32_t)random_below(GRID);
            else if (random_below(3) == 0) p.y_mm = (int32_t)random_below(GRID);
            else p = (struct point_mm){(int32_t)random_below(GRID), (int32_t)random_below(GRID)};
            out->points[n++] = (struct point_mm){p.x_mm * CELL_MM, p.y_mm * CELL_MM};
        }
        out->points[n++] = out->points[out->rings[r]];
    }
    out->parts[rings] = rings;
    out->rings[rings] = n;
    out->shape = (struct multipolygon_mm){rings, rings, n, out->parts, out->rings, out->points};
}

/* Plain even-odd count at (x, y) / scale; border = −1. */
static int oracle_place(const struct multipolygon_mm *shape, int64_t x, int64_t y, int64_t scale)
{
    int inside = 0;
    for (uint32_t r = 0; r < shape->ring_count; r++) {
        for (uint32_t i = shape->ring_first_point[r]; i + 1 < shape->ring_first_point[r + 1]; i++) {
            int64_t ax = shape->points[i].x_mm * scale - x, ay = shape->points[i].y_mm * scale - y;
            int64_t bx = shape->points[i + 1].x_mm * scale - x, by = shape->points[i + 1].y_mm * scale - y;
            int64_t turn = ax * by - ay * bx;
            if (turn == 0 && ((ax <= 0) != (bx < 0) || ax == 0 || bx == 0) && ((ay <= 0) != (by < 0) || ay == 0 || by == 0) &&
                ax * bx + ay * by <= 0)
                return -1;
            if ((ay > 0) != (by > 0) && (turn > 0) == (by > ay)) inside ^= 1;
        }
    }
    return inside;
}

static double oracle_border_distance(const struct multipolygon_mm *shape, double x, double y)
{
    double best = INFINITY;
    for (uint32_t r = 0; r < shape->ring_count; r++) {
        for (uint32_t i = shape->ring_first_point[r]; i + 1 < shape->ring_first_point[r + 1]; i++) {
            double ax = shape->points[i].x_mm, ay = shape->points[i].y_mm;
            double ex = shape->points[i + 1].x_mm - ax, ey = shape->points[i + 1].y_mm - ay;
            double l2 = ex * ex + ey * ey, t = l2 > 0 ? ((x - ax) * ex + (y - ay) * ey) / l2 : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            best = fmin(best, hypot(x - ax - t * ex, y - ay - t * ey));
        }
    }
    return best;
}

static size_t random_line(struct point_mm *line, int step)
{
    size_t n = 2 + random_below(5);
    for (size_t i = 0; i < n; i++)
        line[i] = (struct point_mm){(int32_t)(random_below((uint32_t)((GRID + 2) * CELL_MM / step))) * step - CELL_MM,
                                    (int32_t)(random_below((uint32_t)((GRID + 2) * CELL_MM / step))) * step - CELL_MM};
    return n;
}

static bool in_stretch(const struct area_stretches *s, int64_t at_mm, int64_t slack_mm, bool *sure)
{
    bool in = false;
    for (size_t i = 0; i < s->count; i++) {
        if (llabs(at_mm - s->items[i].from_mm) <= slack_mm || llabs(at_mm - s->items[i].to_mm) <= slack_mm) *sure = false;
        if (s->items[i].from_mm < at_mm && at_mm < s->items[i].to_mm) in = true;
    }
    return in;
}

static void run(bool fine)
{
    int64_t samples = 0, insides = 0, borders = 0;
    struct area_stretches out = AREA_STRETCHES_INIT;
    for (int round = 0; round < 1500; round++) {
        struct random_shape s;
        struct area *area = NULL;
        random_shape(&s);
        assert_int_equal(area_new(&s.shape, &area, NULL), STATUS_OK);
        for (int i = 0; i < 40; i++) {
            struct point_mm p = {(int32_t)random_below((GRID + 1) * 2) * CELL_MM / 2, (int32_t)random_below((GRID + 1) * 2) * CELL_MM / 2};
            int expected = oracle_place(&s.shape, p.x_mm, p.y_mm, 1);
            enum area_place place = area_locate(area, p);
            assert_int_equal(place, expected < 0 ? AREA_BORDER : expected ? AREA_INSIDE : AREA_OUTSIDE);
        }
        for (int l = 0; l < 20; l++) {
            struct point_mm line[8];
            size_t n = random_line(line, fine ? 1 : CELL_MM / 2);
            struct area_rule rule = {.longer_than_mm = 0, .border_mm = 0, .border = AREA_BORDER_OUTSIDE};
            assert_int_equal(area_clip(area, line, n, &rule, &out, NULL), STATUS_OK);
            int64_t start = 0;
            for (size_t i = 0; i + 1 < n; i++) {
                int64_t length = linear_segment_mm(line[i], line[i + 1]);
                for (int64_t k = 1; k < 2 * SAMPLES && length > 0; k += 2) {
                    int64_t x = line[i].x_mm * (2 * SAMPLES - k) + line[i + 1].x_mm * k;
                    int64_t y = line[i].y_mm * (2 * SAMPLES - k) + line[i + 1].y_mm * k;
                    int expected = oracle_place(&s.shape, x, y, 2 * SAMPLES);
                    bool sure = true, in = in_stretch(&out, start + length * k / (2 * SAMPLES), 2, &sure);
                    samples++;
                    insides += expected == 1;
                    borders += expected == -1;
                    if (expected == -1) {
                        /* on the border: outside, or a touching point between two stretches */
                        continue;
                    }
                    if (sure) assert_int_equal(in, expected == 1);
                }
                start += length;
            }
        }
        area_free(area);
    }
    area_stretches_clear(&out);
    print_message("%lld samples, %lld inside, %lld on the border\n", (long long)samples, (long long)insides, (long long)borders);
    assert_true(insides > samples / 20);
}

static void stretches_hold_exactly_the_inner_points_of_a_road_on_the_grid(void **state)
{
    (void)state;
    run(false);
}

static void stretches_hold_exactly_the_inner_points_of_any_road(void **state)
{
    (void)state;
    run(true);
}

/* A road all on the border has no stretch; a stretch lies where the depth rule says. */
static void a_stretch_counts_only_when_it_is_long_and_reaches_deep(void **state)
{
    (void)state;
    struct area_stretches all = AREA_STRETCHES_INIT, deep = AREA_STRETCHES_INIT, with_border = AREA_STRETCHES_INIT;
    int kept = 0, dropped = 0;
    for (int round = 0; round < 1500; round++) {
        struct random_shape s;
        struct area *area = NULL;
        random_shape(&s);
        assert_int_equal(area_new(&s.shape, &area, NULL), STATUS_OK);
        for (int l = 0; l < 10; l++) {
            /* roads that nearly follow grid lines, so that many stretches are shallow */
            struct point_mm line[8];
            size_t n = random_line(line, CELL_MM);
            for (size_t i = 0; i < n; i++) {
                line[i].x_mm += (int32_t)random_below(1400) - 700;
                line[i].y_mm += (int32_t)random_below(1400) - 700;
            }
            struct area_rule any = {.longer_than_mm = 1, .border_mm = 0, .border = AREA_BORDER_OUTSIDE};
            struct area_rule rule = AREA_RULE_DEFAULT, border = AREA_RULE_DEFAULT;
            border.border = AREA_BORDER_INSIDE;
            assert_int_equal(area_clip(area, line, n, &any, &all, NULL), STATUS_OK);
            assert_int_equal(area_clip(area, line, n, &rule, &deep, NULL), STATUS_OK);
            assert_int_equal(area_clip(area, line, n, &border, &with_border, NULL), STATUS_OK);
            size_t d = 0;
            for (size_t i = 0; i < all.count; i++) {
                int64_t from = all.items[i].from_mm, to = all.items[i].to_mm;
                double depth = 0;
                bool counted = d < deep.count && deep.items[d].from_mm == from && deep.items[d].to_mm == to;
                if (counted) d++;
                for (int k = 0; k <= 200; k++) {
                    struct point_mm p = linear_point_at(line, n, from + (to - from) * k / 200, NULL);
                    depth = fmax(depth, oracle_border_distance(&s.shape, p.x_mm, p.y_mm));
                }
                if (to - from > 5000 && depth > 502) assert_true(counted);
                if (to - from <= 5000) assert_false(counted);
                /* between samples the depth grows by half their spacing at most */
                if (depth + (double)(to - from) / 400 < 498) assert_false(counted);
                kept += counted;
                dropped += !counted;
                if (counted) {
                    bool covered = false;
                    for (size_t b = 0; b < with_border.count; b++)
                        covered |= with_border.items[b].from_mm <= from && with_border.items[b].to_mm >= to;
                    assert_true(covered);
                }
            }
            assert_int_equal(d, deep.count);
            int64_t length = linear_length_mm(line, n);
            for (int k = 0; k <= 100; k++) {
                int64_t at = length * k / 100;
                struct point_mm p = linear_point_at(line, n, at, NULL);
                double distance = oracle_border_distance(&s.shape, p.x_mm, p.y_mm);
                bool sure = true, in = in_stretch(&with_border, at, 3, &sure);
                if (!sure || fabs(distance - 500) < 3) continue;
                bool expected = distance < 500 || oracle_place(&s.shape, p.x_mm, p.y_mm, 1) == 1;
                if (in) assert_true(expected);
            }
        }
        area_free(area);
    }
    area_stretches_clear(&all);
    area_stretches_clear(&deep);
    area_stretches_clear(&with_border);
    print_message("%d stretches kept, %d dropped\n", kept, dropped);
    assert_true(kept > 1000 && dropped > 1000);
}

static void a_road_driven_the_other_way_has_the_same_stretches(void **state)
{
    (void)state;
    struct area_stretches there = AREA_STRETCHES_INIT, back = AREA_STRETCHES_INIT;
    for (int round = 0; round < 3000; round++) {
        struct random_shape s;
        struct area *area = NULL;
        random_shape(&s);
        assert_int_equal(area_new(&s.shape, &area, NULL), STATUS_OK);
        struct point_mm line[8], turned[8];
        size_t n = random_line(line, random_below(2) ? CELL_MM : 1);
        for (size_t i = 0; i < n; i++) turned[i] = line[n - 1 - i];
        struct area_rule rule = AREA_RULE_DEFAULT;
        rule.border = random_below(2) ? AREA_BORDER_INSIDE : AREA_BORDER_OUTSIDE;
        assert_int_equal(area_clip(area, line, n, &rule, &there, NULL), STATUS_OK);
        assert_int_equal(area_clip(area, turned, n, &rule, &back, NULL), STATUS_OK);
        assert_int_equal(there.count, back.count);
        int64_t length = linear_length_mm(line, n);
        for (size_t i = 0; i < there.count; i++) {
            assert_true(llabs(there.items[i].from_mm - (length - back.items[there.count - 1 - i].to_mm)) <= 1);
            assert_true(llabs(there.items[i].to_mm - (length - back.items[there.count - 1 - i].from_mm)) <= 1);
        }
        area_free(area);
    }
    area_stretches_clear(&there);
    area_stretches_clear(&back);
}

/* What the cells decide is what the exact answer is, also where vertices and edges lie on their sides; and they decide wherever
 * the border is farther away than two of them. */
static void cells_know_where_roads_far_from_the_border_lie(void **state)
{
    (void)state;
    struct area_stretches out = AREA_STRETCHES_INIT;
    struct area_cells *cells = malloc(sizeof *cells);
    int decided[3] = {0};
    assert_non_null(cells);
    for (int round = 0; round < 1500; round++) {
        struct random_shape s;
        struct area *area = NULL;
        random_shape(&s);
        const int32_t unit = round % 3 == 0 ? CELL_MM : round % 3 == 1 ? 65536 : 32;
        for (uint32_t i = 0; i < s.shape.point_count; i++) {
            s.points[i].x_mm = s.points[i].x_mm / CELL_MM * unit;
            s.points[i].y_mm = s.points[i].y_mm / CELL_MM * unit;
        }
        assert_int_equal(area_new(&s.shape, &area, NULL), STATUS_OK);
        area_cells_fill(cells, &s.shape);
        const double cell = ldexp(1, cells->shift);
        for (int l = 0; l < 200; l++) {
            struct point_mm line[2];
            const uint32_t most = (uint32_t)(GRID + 2) * (uint32_t)unit, length = 1 + random_below((uint32_t)unit);
            const int step = random_below(2) ? 1 : unit / 32;
            for (int i = 0; i < 2; i++) {
                line[i].x_mm = i ? line[0].x_mm + (int32_t)random_below(length) : (int32_t)random_below(most) / step * step - unit;
                line[i].y_mm = i ? line[0].y_mm - (int32_t)random_below(length) : (int32_t)random_below(most) / step * step - unit;
            }
            const struct box_mm box = box_mm_of(line, 2);
            const enum area_place place = area_cells_place(cells, &box);
            const struct area_rule rule = {.longer_than_mm = 0, .border_mm = 0, .border = AREA_BORDER_OUTSIDE};
            const double x = (box.min_x_mm + (double)box.max_x_mm) / 2, y = (box.min_y_mm + (double)box.max_y_mm) / 2;
            decided[place]++;
            if (oracle_border_distance(&s.shape, x, y) > hypot(x - box.min_x_mm, y - box.min_y_mm) + 3 * cell + 3)
                assert_int_not_equal(place, AREA_BORDER);
            if (place == AREA_BORDER) continue;
            assert_int_equal(area_clip(area, line, 2, &rule, &out, NULL), STATUS_OK);
            const int64_t whole = linear_length_mm(line, 2);
            if (place == AREA_OUTSIDE || whole == 0) assert_int_equal(out.count, 0);
            else assert_true(out.count == 1 && out.items[0].from_mm == 0 && out.items[0].to_mm == whole);
            for (int i = 0; i < 2; i++) assert_int_equal(area_locate(area, line[i]), place);
        }
        area_free(area);
    }
    area_stretches_clear(&out);
    free(cells);
    print_message("%d outside, %d inside, %d near a border\n", decided[AREA_OUTSIDE], decided[AREA_INSIDE], decided[AREA_BORDER]);
    assert_true(decided[AREA_INSIDE] > 10000);
}

/* The same sequence was run with gcc and clang, -O0 to -O3, with and without -march=native: a change of this number is
 * a change of answers, and plans made before it are not reproduced. */
static void a_fixed_sequence_gives_the_same_stretches_on_every_machine(void **state)
{
    (void)state;
    uint64_t kept_state = random_state, hash = 14695981039346656037u;
    struct area_stretches out = AREA_STRETCHES_INIT;
    random_state = 1;
    for (int round = 0; round < 500; round++) {
        struct point_mm points[101], line[4];
        uint32_t parts[] = {0, 1}, rings[] = {0, 101};
        struct multipolygon_mm shape = {1, 1, 101, parts, rings, points};
        struct area *area = NULL;
        for (int i = 0; i < 100; i++) {
            points[i].x_mm = (int32_t)random_below(1000000);
            points[i].y_mm = (int32_t)random_below(1000000);
        }
        points[100] = points[0];
        assert_int_equal(area_new(&shape, &area, NULL), STATUS_OK);
        for (int l = 0; l < 20; l++) {
            struct area_rule rule = AREA_RULE_DEFAULT;
            rule.border = l % 2 ? AREA_BORDER_INSIDE : AREA_BORDER_OUTSIDE;
            for (int i = 0; i < 4; i++) {
                line[i].x_mm = (int32_t)random_below(1000000);
                line[i].y_mm = (int32_t)random_below(1000000);
            }
            assert_int_equal(area_clip(area, line, 4, &rule, &out, NULL), STATUS_OK);
            for (size_t i = 0; i < out.count; i++) {
                hash = (hash ^ (uint64_t)out.items[i].from_mm) * 1099511628211u;
                hash = (hash ^ (uint64_t)out.items[i].to_mm) * 1099511628211u;
            }
        }
        area_free(area);
    }
    area_stretches_clear(&out);
    random_state = kept_state;
    if (hash != 0xba757639b2bae881u) fail_msg("%016llx", (unsigned long long)hash);
}

int main(void)
{
    const char *env = getenv("SEED");
    random_state = env != NULL ? strtoull(env, NULL, 10) : 20261121;
    printf("SEED=%llu\n", (unsigned long long)random_state);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretches_hold_exactly_the_inner_points_of_a_road_on_the_grid),
        cmocka_unit_test(stretches_hold_exactly_the_inner_points_of_any_road),
        cmocka_unit_test(a_stretch_counts_only_when_it_is_long_and_reaches_deep),
        cmocka_unit_test(cells_know_where_roads_far_from_the_border_lie),
        cmocka_unit_test(a_fixed_sequence_gives_the_same_stretches_on_every_machine),
        cmocka_unit_test(a_road_driven_the_other_way_has_the_same_stretches),
    };
    return cmocka_run_group_tests_name("geo_area_property", tests, NULL, NULL);
}
