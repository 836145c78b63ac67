/* What shapes cost: exact areas, the checker, the index, corridors, encodings. No data needed.
 *
 *   geo_bench
 *
 * Roads are lines of 5 points and 400 m spread over the box of the polygon; polygons have 10,000 vertices. */
#include "geo/area.h"
#include "geo/corridor.h"
#include "geo/geojson.h"
#include "geo/geodesic.h"
#include "geo/linear.h"
#include "geo/polyline.h"
#include "geo/prepared.h"
#include "geo/rtree.h"
#include "geo/validity.h"

#include "tests/bench/stopwatch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { VERTICES = 10000, LINES = 200000, LINE_POINTS = 5 };

static uint64_t seed = 7;

static int32_t below(int64_t n)
{
    return (int32_t)(stopwatch_random(&seed) % (uint64_t)n);
}

static void must(enum status status, const struct error *err)
{
    if (status == STATUS_OK) return;
    printf("failed: %s %s %s\n", status_name(status), err->en, err->log);
    exit(1);
}

static void *memory(size_t count, size_t size)
{
    void *out = calloc(count, size);
    if (out == NULL) exit(1);
    return out;
}

/* A ragged lake of 60 km; or a comb of 60 km whose teeth are 12 m wide, the worst there is. */
static void lake(struct point_mm *points)
{
    for (int i = 0; i < VERTICES; i++) {
        double angle = 6.283185307179586 * i / VERTICES;
        double r = 25e6 + 4e6 * sin(9 * angle) + 1e6 * sin(57 * angle) + below(60000);
        points[i] = (struct point_mm){(int32_t)(r * cos(angle)), (int32_t)(r * sin(angle))};
    }
    points[VERTICES] = points[0];
}

static void comb(struct point_mm *points)
{
    for (int i = 0; i < VERTICES - 1; i++)
        points[i] = (struct point_mm){-30000000 + i / 2 * 12000, (i + 1) % 4 < 2 ? -25000000 : 30000000};
    points[VERTICES - 1] = (struct point_mm){30000000, -30000000};
    points[0] = (struct point_mm){-30000000, -30000000};
    points[VERTICES] = points[0];
}

static void bench_area(const char *name, void (*make)(struct point_mm *), const struct point_mm *lines)
{
    struct error err = ERROR_INIT;
    struct point_mm *points = memory(VERTICES + 1, sizeof *points);
    uint32_t parts[] = {0, 1}, rings[] = {0, VERTICES + 1};
    struct multipolygon_mm shape = {1, 1, VERTICES + 1, parts, rings, points};
    struct area *area = NULL;
    make(points);
    double start = stopwatch_us();
    must(area_new(&shape, &area, &err), &err);
    double build_us = stopwatch_us() - start;

    struct area_rule rule = AREA_RULE_DEFAULT;
    struct area_stretches out = AREA_STRETCHES_INIT;
    size_t in = 0, stretches = 0;
    start = stopwatch_us();
    for (size_t i = 0; i < LINES; i++) {
        must(area_clip(area, lines + i * LINE_POINTS, LINE_POINTS, &rule, &out, &err), &err);
        in += out.count > 0;
        stretches += out.count;
    }
    double clip_us = stopwatch_us() - start;
    size_t located = 0;
    start = stopwatch_us();
    for (size_t i = 0; i < LINES; i++) located += area_locate(area, lines[i * LINE_POINTS]) == AREA_INSIDE;
    double locate_us = stopwatch_us() - start;
    printf("%-6s area_new %.2f ms; area_clip %.3f us a road (%.3f a segment; %zu of %d in, %zu stretches); area_locate %.3f us\n",
           name, build_us / 1000, clip_us / LINES, clip_us / LINES / (LINE_POINTS - 1), in, LINES, stretches,
           locate_us / LINES);

    /* roads along the border: every segment is near */
    size_t along = VERTICES - 1 - LINE_POINTS;
    start = stopwatch_us();
    for (size_t i = 0; i < along; i++) must(area_clip(area, points + i, LINE_POINTS, &rule, &out, &err), &err);
    printf("%-6s roads along the border: %.3f us a segment\n", name,
           (stopwatch_us() - start) / (double)along / (LINE_POINTS - 1));

    struct geos *geos = NULL;
    struct prepared *prepared = NULL;
    must(geos_open(&geos, &err), &err);
    start = stopwatch_us();
    must(prepared_new(geos, &shape, &prepared, &err), &err);
    double prepare_us = stopwatch_us() - start;
    size_t offends = 0, asked = LINES / 200;
    start = stopwatch_us();
    for (size_t i = 0; i < asked; i++) offends += prepared_offends(prepared, lines + i * LINE_POINTS, LINE_POINTS, 5);
    printf("%-6s prepared_new %.1f ms; prepared_offends %.2f us a road (%zu of %zu)\n", name, prepare_us / 1000,
           (stopwatch_us() - start) / (double)asked, offends, asked);
    prepared_free(prepared);
    geos_close(geos);
    area_stretches_clear(&out);
    area_free(area);
    free(points);
}

struct nearest {
    const struct point_mm *lines;
    struct point_mm p;
    int visited;
};

static uint64_t road_distance2(void *context, uint32_t road)
{
    struct nearest *n = context;
    struct linear_position at;
    linear_nearest(n->lines + (size_t)road * LINE_POINTS, LINE_POINTS, n->p, &at);
    return at.distance2_mm2;
}

static bool first_five(void *context, uint32_t road, uint64_t distance2)
{
    struct nearest *n = context;
    (void)road;
    (void)distance2;
    return ++n->visited < 5;
}

static void bench_index(const struct point_mm *lines)
{
    struct error err = ERROR_INIT;
    struct box_mm *boxes = memory(LINES, sizeof *boxes);
    for (size_t i = 0; i < LINES; i++) boxes[i] = box_mm_of(lines + i * LINE_POINTS, LINE_POINTS);
    struct rtree tree;
    double start = stopwatch_us();
    must(rtree_build(boxes, NULL, LINES, &tree, &err), &err);
    double build_us = stopwatch_us() - start;
    enum { ASKED = 100000 };
    struct rtree_heap heap = {0};
    start = stopwatch_us();
    for (int i = 0; i < ASKED; i++) {
        struct nearest n = {lines, {below(60000000) - 30000000, below(60000000) - 30000000}, 0};
        must(rtree_nearest(&tree, n.p, 500000, &heap, road_distance2, first_five, &n, &err), &err);
    }
    printf("rtree  %d boxes: build %.1f ms, %.1f bytes each; five nearest roads %.2f us\n", LINES, build_us / 1000,
           (double)tree.size / LINES, (stopwatch_us() - start) / ASKED);
    rtree_heap_clear(&heap);
    rtree_clear(&tree);
    free(boxes);
}

static void bench_encodings(void)
{
    enum { POINTS = 2000, ROUNDS = 500 };
    struct point_e7 *route = memory(POINTS, sizeof *route);
    route[0] = (struct point_e7){1115000000, 330000000};
    for (int i = 1; i < POINTS; i++)
        route[i] = (struct point_e7){route[i - 1].lon_e7 + below(15000), route[i - 1].lat_e7 + below(16000) - 8000};
    struct buffer out;
    buffer_init(&out, 1 << 24);
    double start = stopwatch_us();
    for (int i = 0; i < ROUNDS; i++) {
        buffer_reset(&out);
        geojson_line(&out, route, POINTS);
    }
    double geojson_us = stopwatch_us() - start;
    size_t geojson_bytes = out.length;
    start = stopwatch_us();
    for (int i = 0; i < ROUNDS; i++) {
        buffer_reset(&out);
        polyline_encode_json(&out, route, POINTS, POLYLINE_6);
    }
    double polyline_us = stopwatch_us() - start;
    start = stopwatch_us();
    int64_t length_mm = 0;
    for (int i = 0; i < 20; i++) length_mm = geodesic_line_mm(route, POINTS);
    double length_us = (stopwatch_us() - start) / 20;
    printf("route of %d points, %.0f km: GeoJSON %.1f ns a point (%zu bytes), polyline6 %.1f ns, geodesic %.0f ns\n", POINTS,
           (double)length_mm / 1e6, geojson_us * 1000 / ROUNDS / POINTS, geojson_bytes,
           polyline_us * 1000 / ROUNDS / POINTS, length_us * 1000 / POINTS);

    struct error err = ERROR_INIT;
    struct geos *geos = NULL;
    struct projection *projection = NULL;
    struct multipolygon corridor;
    must(geos_open(&geos, &err), &err);
    must(projection_open("EPSG:4508 origin=630000,3660000", &projection, &err), &err);
    struct point_mm *plane = memory(POINTS, sizeof *plane);
    start = stopwatch_us();
    for (int i = 0; i < 100; i++) must(projection_forward(projection, route, POINTS, plane, &err), &err);
    double forward_ns = (stopwatch_us() - start) * 10 / POINTS;
    start = stopwatch_us();
    must(corridor_make(geos, projection, route, POINTS, 200, &corridor, &err), &err);
    printf("projection %.0f ns a point; corridor of 200 m: %.1f ms, %u points\n", forward_ns,
           (stopwatch_us() - start) / 1000, corridor.point_count);
    free(plane);
    multipolygon_clear(&corridor);
    projection_close(projection);
    geos_close(geos);
    buffer_clear(&out);
    free(route);
}

int main(void)
{
    struct point_mm *lines = memory((size_t)LINES * LINE_POINTS, sizeof *lines);
    for (size_t i = 0; i < LINES; i++) {
        struct point_mm p = {below(60000000) - 30000000, below(60000000) - 30000000};
        for (int k = 0; k < LINE_POINTS; k++) {
            lines[i * LINE_POINTS + (size_t)k] = p;
            p.x_mm += below(200000) - 60000;
            p.y_mm += below(200000) - 60000;
        }
    }
    bench_area("lake", lake, lines);
    bench_area("comb", comb, lines);
    bench_index(lines);
    bench_encodings();
    free(lines);
    return 0;
}
