/* The ground near lines against exact distances: what is near is inside, what is far is not, and the shape is valid in
 * the eyes of GEOS, on lines of many kinds drawn over many tiles. */
#include "geo/band.h"
#include "geo/validity.h"
#include "tests/property/oracle_graph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { LINES_MAX = 200, POINTS_MAX = 4000, PROBES = 400 };

static const char PLANE[] = "EPSG:4508 origin=640000,3670000";
static struct projection *projection;
static struct geos *geos;

struct world {
    struct point_mm points[POINTS_MAX];
    size_t first[LINES_MAX + 1], count;
    uint32_t width_mm;
    int32_t size_mm;
};

static int open_all(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    return projection_open(PLANE, &projection, &err) == STATUS_OK && geos_open(&geos, &err) == STATUS_OK ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    projection_close(projection);
    geos_close(geos);
    return 0;
}

static int32_t between(uint64_t *random, int32_t low, int32_t high)
{
    return low + (int32_t)oracle_below(random, (uint32_t)(high - low) + 1);
}

/* Streets along a grid (borders along edges of the drawing grid, many small holes), winding roads, stars, dots, and long
 * straight lines. */
static void world_make(struct world *w, uint64_t *random)
{
    static const uint32_t widths[] = {10000, 20000, 20001, 50000, 199999, 200000, 1000000, 5000000};
    uint32_t kind = oracle_below(random, 5), lines = 1 + oracle_below(random, LINES_MAX - 1);
    size_t used = 0;
    w->width_mm = widths[oracle_below(random, sizeof widths / sizeof *widths)];
    w->size_mm = (int32_t)w->width_mm / 2 * between(random, 1, 60);
    if (w->size_mm > 150000000) w->size_mm = 150000000;
    w->count = 0;
    int32_t cell = (int32_t)w->width_mm / 12 * between(random, 20, 40);
    for (uint32_t i = 0; i < lines && used + 20 < POINTS_MAX; i++) {
        struct point_mm p = {between(random, -w->size_mm, w->size_mm), between(random, -w->size_mm, w->size_mm)};
        w->first[w->count++] = used;
        if (kind == 0) p = (struct point_mm){p.x_mm / cell * cell, p.y_mm / cell * cell};
        w->points[used++] = p;
        if (kind == 0) { /* a block's side */
            bool east = oracle_below(random, 2);
            w->points[used++] = (struct point_mm){p.x_mm + (east ? cell : 0), p.y_mm + (east ? 0 : cell)};
        } else if (kind == 1) { /* winding */
            for (uint32_t k = oracle_below(random, 18); k > 0; k--) {
                p.x_mm += between(random, -(int32_t)w->width_mm, (int32_t)w->width_mm * 2);
                p.y_mm += between(random, -(int32_t)w->width_mm, (int32_t)w->width_mm);
                w->points[used++] = p;
            }
        } else if (kind == 2) { /* out of one place */
            w->points[used - 1] = (struct point_mm){0, 0};
            w->points[used++] = p;
        } else if (kind == 3 && oracle_below(random, 3) == 0) { /* next to a dot */
            w->points[used++] = (struct point_mm){p.x_mm + between(random, -1, 1), p.y_mm + between(random, -1, 1)};
        } else if (kind == 4) {
            w->points[used++] = (struct point_mm){between(random, -w->size_mm, w->size_mm), p.y_mm + between(random, 0, 1000)};
        }
    }
    w->first[w->count] = used;
}

static double distance_mm(const struct world *w, struct point_mm p)
{
    double least = INFINITY;
    for (size_t i = 0; i < w->count; i++)
        for (size_t k = w->first[i]; k < w->first[i + 1]; k++) {
            struct point_mm a = w->points[k], b = w->points[k + 1 < w->first[i + 1] ? k + 1 : k];
            double dx = (double)b.x_mm - a.x_mm, dy = (double)b.y_mm - a.y_mm, px = (double)p.x_mm - a.x_mm;
            double py = (double)p.y_mm - a.y_mm, length2 = dx * dx + dy * dy, t = length2 > 0 ? (px * dx + py * dy) / length2 : 0;
            t = fmax(0, fmin(1, t));
            least = fmin(least, hypot(px - t * dx, py - t * dy));
        }
    return least;
}

static bool inside(const struct multipolygon *shape, struct point_e7 p)
{
    bool in = false;
    for (uint32_t r = 0; r < shape->ring_count; r++)
        for (uint32_t i = shape->ring_first_point[r]; i + 1 < shape->ring_first_point[r + 1]; i++) {
            struct point_e7 a = shape->points[i], b = shape->points[i + 1];
            if ((a.lat_e7 > p.lat_e7) == (b.lat_e7 > p.lat_e7)) continue;
            double x = a.lon_e7 + ((double)p.lat_e7 - a.lat_e7) * ((double)b.lon_e7 - a.lon_e7) / ((double)b.lat_e7 - a.lat_e7);
            if (p.lon_e7 < x) in = !in;
        }
    return in;
}

static void draw(const struct world *w, struct multipolygon *out)
{
    struct error err = ERROR_INIT;
    struct band_bounds bounds = {.steps = UINT64_MAX};
    enum status status = band_make(projection, w->points, w->first, w->count, w->width_mm, &bounds, out, &err);
    if (status != STATUS_OK) fail_msg("%s: %s %s", status_code(status), err.en, err.log);
}

/* A place near the edge of what should be inside, where mistakes are. */
static struct point_mm probe(const struct world *w, uint64_t *random)
{
    struct point_mm p = w->points[oracle_below(random, (uint32_t)w->first[w->count])];
    double angle = oracle_below(random, 628319) / 1e5, far = w->width_mm * (oracle_below(random, 1500) / 1e3);
    if (oracle_below(random, 4) == 0)
        return (struct point_mm){between(random, -w->size_mm, w->size_mm), between(random, -w->size_mm, w->size_mm)};
    return (struct point_mm){p.x_mm + (int32_t)(far * cos(angle)), p.y_mm + (int32_t)(far * sin(angle))};
}

static void what_is_near_is_inside_and_what_is_far_is_not(void **state)
{
    (void)state;
    static struct world w;
    uint64_t seed = oracle_seed("band");
    uint32_t in = 0, out = 0, holes = 0, parts = 0;
    for (uint32_t i = 0; oracle_goes_on(i, oracle_rounds(300), in > 0 && out > 0 && holes > 0 && parts > 0); i++) {
        uint64_t random = seed + i;
        struct multipolygon shape;
        struct error err = ERROR_INIT;
        world_make(&w, &random);
        draw(&w, &shape);
        if (multipolygon_check(geos, &shape, MULTIPOLYGON_KIND_MULTIPOLYGON, NULL, &err) != STATUS_OK)
            fail_msg("seed %llu: %s %s", (unsigned long long)(seed + i), err.en, err.pointer);
        holes += shape.ring_count > shape.part_count;
        parts += shape.part_count > 1;
        for (int k = 0; k < PROBES; k++) {
            struct point_mm p = probe(&w, &random);
            struct point_e7 e7;
            double part = distance_mm(&w, p) / w.width_mm;
            assert_int_equal(projection_inverse(projection, &p, 1, &e7, &err), STATUS_OK);
            bool is_in = inside(&shape, e7);
            /* the smallest hole that may be left open has a fifth of the width about its middle */
            if (part < 0.9 ? !is_in : part > 1.3 && is_in)
                fail_msg("seed %llu: (%d, %d) is %s at %.3f of the width %u", (unsigned long long)(seed + i), p.x_mm, p.y_mm,
                         is_in ? "inside" : "outside", part, w.width_mm);
            in += is_in;
            out += !is_in;
        }
        multipolygon_clear(&shape);
    }
    printf("band: %u probes in, %u out, %u shapes with holes, %u of several parts\n", in, out, holes, parts);
}

static void the_border_of_one_line_is_within_a_tenth(void **state)
{
    (void)state;
    static struct world w;
    uint64_t seed = oracle_seed("band line");
    for (uint32_t i = 0; i < oracle_rounds(100); i++) {
        uint64_t random = seed + i;
        struct multipolygon shape;
        struct error err = ERROR_INIT;
        world_make(&w, &random);
        w.count = 1;
        if (w.first[1] > 2) w.first[1] = 2; /* straight, so that nothing is enclosed */
        draw(&w, &shape);
        assert_int_equal(shape.part_count, 1);
        assert_int_equal(shape.ring_count, 1);
        for (uint32_t k = 0; k < shape.point_count; k++) {
            struct point_mm p;
            assert_int_equal(projection_forward(projection, &shape.points[k], 1, &p, &err), STATUS_OK);
            double part = distance_mm(&w, p) / w.width_mm;
            if (fabs(part - 1) > 0.1) fail_msg("seed %llu: a vertex at %.3f of the width", (unsigned long long)(seed + i), part);
        }
        multipolygon_clear(&shape);
    }
}

static void the_order_of_lines_does_not_matter(void **state)
{
    (void)state;
    static struct world w, other;
    uint64_t seed = oracle_seed("band order");
    for (uint32_t i = 0; i < oracle_rounds(60); i++) {
        uint64_t random = seed + i;
        struct multipolygon shape, twin;
        world_make(&w, &random);
        other = w;
        size_t used = 0;
        for (size_t k = 0; k < w.count; k++) { /* from the last to the first */
            size_t from = w.first[w.count - 1 - k], count = w.first[w.count - k] - from;
            other.first[k] = used;
            memcpy(other.points + used, w.points + from, count * sizeof *w.points);
            used += count;
        }
        draw(&w, &shape);
        draw(&other, &twin);
        assert_int_equal(shape.point_count, twin.point_count);
        assert_int_equal(shape.ring_count, twin.ring_count);
        assert_int_equal(shape.part_count, twin.part_count);
        assert_memory_equal(shape.points, twin.points, shape.point_count * sizeof *shape.points);
        assert_memory_equal(shape.ring_first_point, twin.ring_first_point, (shape.ring_count + 1) * sizeof(uint32_t));
        assert_memory_equal(shape.part_first_ring, twin.part_first_ring, (shape.part_count + 1) * sizeof(uint32_t));
        multipolygon_clear(&shape);
        multipolygon_clear(&twin);
    }
}

/* Shells turn against the clock and come first, holes turn with it and lie in their shell. */
static void parts_are_shells_with_their_own_holes(void **state)
{
    (void)state;
    static struct world w;
    uint64_t seed = oracle_seed("band parts");
    uint32_t holes = 0;
    for (uint32_t i = 0; oracle_goes_on(i, oracle_rounds(60), holes > 0); i++) {
        uint64_t random = seed + i;
        struct multipolygon shape;
        world_make(&w, &random);
        draw(&w, &shape);
        for (uint32_t p = 0; p < shape.part_count; p++)
            for (uint32_t r = shape.part_first_ring[p]; r < shape.part_first_ring[p + 1]; r++) {
                uint32_t shell = shape.part_first_ring[p], points[2] = {shape.ring_first_point[r], shape.ring_first_point[r + 1]};
                double area = 0;
                for (uint32_t k = points[0]; k + 1 < points[1]; k++)
                    area += ((double)shape.points[k].lon_e7 - shape.points[points[0]].lon_e7) *
                                ((double)shape.points[k + 1].lat_e7 - shape.points[k].lat_e7) -
                            ((double)shape.points[k].lat_e7 - shape.points[points[0]].lat_e7) *
                                ((double)shape.points[k + 1].lon_e7 - shape.points[k].lon_e7);
                assert_true(r == shell ? area > 0 : area < 0);
                if (r == shell) continue;
                holes++;
                struct multipolygon alone = {1, 1, 0, (uint32_t[]){0, 1},
                                             (uint32_t[]){shape.ring_first_point[shell], shape.ring_first_point[shell + 1]},
                                             shape.points};
                assert_true(inside(&alone, shape.points[points[0]]));
            }
        multipolygon_clear(&shape);
    }
}

static void bounds_are_kept(void **state)
{
    (void)state;
    const struct point_mm points[] = {{0, 0}, {10000000, 0}};
    const size_t first[] = {0, 2};
    struct multipolygon shape;
    struct error err = ERROR_INIT;
    struct band_bounds bounds = {.steps = UINT64_MAX};
    assert_int_equal(band_make(projection, points, first, 1, 200000, &bounds, &shape, &err), STATUS_OK);
    uint64_t needed = UINT64_MAX - bounds.steps;
    multipolygon_clear(&shape);
    bounds.steps = needed;
    assert_int_equal(band_make(projection, points, first, 1, 200000, &bounds, &shape, &err), STATUS_OK);
    assert_int_equal(bounds.steps, 0);
    multipolygon_clear(&shape);
    bounds.steps = needed - 1;
    assert_int_equal(band_make(projection, points, first, 1, 200000, &bounds, &shape, &err), STATUS_SEARCH_BUDGET_EXCEEDED);
    assert_null(shape.points);
    bool cancelled = true;
    bounds = (struct band_bounds){.steps = UINT64_MAX, .cancelled = &cancelled};
    assert_int_equal(band_make(projection, points, first, 1, 200000, &bounds, &shape, &err), STATUS_CANCELLED);
    assert_null(shape.points);
    bounds = (struct band_bounds){.steps = UINT64_MAX};
    assert_int_equal(band_make(projection, points, first, 1, BAND_WIDTH_MIN_MM - 1, &bounds, &shape, &err), STATUS_INVALID);
    assert_int_equal(band_make(projection, points, first, 1, BAND_WIDTH_MAX_MM + 1, &bounds, &shape, &err), STATUS_INVALID);
    assert_int_equal(band_make(projection, points, first, 0, 200000, &bounds, &shape, &err), STATUS_OK);
    assert_int_equal(shape.part_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_near_is_inside_and_what_is_far_is_not),
        cmocka_unit_test(the_border_of_one_line_is_within_a_tenth),
        cmocka_unit_test(the_order_of_lines_does_not_matter),
        cmocka_unit_test(parts_are_shells_with_their_own_holes),
        cmocka_unit_test(bounds_are_kept),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
