/* What the wire itself costs: reading a request, writing coordinates, strings and numbers. Run: make bench-wire, or the
 * program itself. */
#include "api/json/writer.h"
#include "api/parse/parse_route.h"
#include "tests/bench/stopwatch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000, POINTS = 2000, VERTICES = 10000 };

static double us_each(double us, double count)
{
    return us / count;
}

static void bench_parse(const char *what, const char *text, int rounds)
{
    static struct route_question question;
    struct arena arena;
    struct crs_cache systems = {0};
    struct geos *geos = NULL;
    struct error err = ERROR_INIT;
    if (geos_open(&geos, &err) != STATUS_OK) exit(1);
    const struct parse_setting setting = {&arena, &systems, 0, LANGUAGE_ZH, geos, false, false};
    size_t length = strlen(text);
    arena_init(&arena, 256 << 20);
    double begin = stopwatch_us();
    for (int i = 0; i < rounds; i++) {
        arena_reset(&arena);
        if (parse_route_text(text, length, &setting, &question, &err) != STATUS_OK) {
            fprintf(stderr, "%s: %s %s\n", what, err.pointer, err.en);
            exit(1);
        }
    }
    printf("parse %-28s %7zu bytes %10.2f us\n", what, length, us_each(stopwatch_us() - begin, rounds));
    arena_clear(&arena);
    crs_cache_clear(&systems);
    geos_close(geos);
}

static void bench_points(void)
{
    static struct point_e7 points[POINTS];
    struct buffer out;
    struct json_writer w;
    for (int i = 0; i < POINTS; i++) points[i] = (struct point_e7){1125300000 + i * 1234, 330100000 + (i * 7919) % 100003};
    buffer_init(&out, 1 << 20);
    double begin = stopwatch_us();
    for (int i = 0; i < 1000; i++) {
        buffer_reset(&out);
        writer_init(&w, &out);
        writer_points_e7(&w, points, POINTS);
    }
    printf("write a line of %d points %16zu bytes %10.2f us\n", POINTS, out.length, us_each(stopwatch_us() - begin, 1000));
    buffer_clear(&out);
}

static void bench_text(void)
{
    static const char text[] = "经检查点“邓州西查验点”驶入管控区 Pass the checkpoint";
    struct buffer out;
    struct json_writer w;
    buffer_init(&out, 1 << 20);
    double begin = stopwatch_us();
    for (int i = 0; i < ROUNDS * 10; i++) {
        buffer_reset(&out);
        writer_init(&w, &out);
        writer_text_bytes(&w, text, sizeof text - 1);
    }
    printf("write a text of %zu bytes %33.3f us\n", sizeof text - 1, us_each(stopwatch_us() - begin, ROUNDS * 10));
    buffer_clear(&out);
}

int main(void)
{
    bench_parse("origin and destination", "{\"origin\":{\"location\":[112.53,33.01]},\"destination\":{\"location\":[111.48,33.3]}}", ROUNDS);
    bench_parse("vehicle, credentials, times",
                "{\"origin\":{\"location\":[112.53,33.01],\"name\":\"南阳\"},\"stops\":[{\"location\":[112.9,32.7],\"service_s\":1800}],"
                "\"destination\":{\"location\":[111.48,33.3],\"service_s\":3600},\"loop\":\"return\",\"depart_at\":\"2026-11-20T08:00:00+08:00\","
                "\"vehicle\":{\"class\":\"truck_6_axle\",\"height_m\":4.0,\"width_m\":2.55,\"length_m\":17.1,\"gross_weight_t\":49,"
                "\"axle_load_t\":10,\"axles\":6,\"hazmat\":false,\"plate\":\"豫R12345\"},\"credentials\":[{\"type\":\"key_goods_pass\","
                "\"valid_until\":\"2026-12-01T00:00:00+08:00\"},{\"type\":\"nucleic_acid\",\"issued_at\":\"2026-11-19T08:00:00+08:00\"}]}",
                ROUNDS);
    struct buffer area;
    buffer_init(&area, 4 << 20);
    buffer_text(&area, "{\"origin\":{\"location\":[112.53,33.01]},\"destination\":{\"location\":[111.48,33.3]},\"avoid\":{\"polygons\":{"
                       "\"type\":\"Polygon\",\"coordinates\":[[");
    for (int i = 0; i <= VERTICES; i++)
        buffer_printf(&area, "%s[%.7f,%.7f]", i ? "," : "", 112 + 0.1 * cos(6.283185307179586 * (i % VERTICES) / VERTICES),
                      33 + 0.1 * sin(6.283185307179586 * (i % VERTICES) / VERTICES));
    buffer_text(&area, "]]}}}");
    bench_parse("an area of 10,000 vertices", area.data, 50);
    buffer_clear(&area);
    bench_points();
    bench_text();
    return 0;
}
