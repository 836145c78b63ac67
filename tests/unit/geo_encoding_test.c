#include "geo/geojson.h"
#include "geo/polyline.h"
#include "geo/wkb.h"
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

static void written_as(int32_t e7, const char *text)
{
    struct buffer out;
    buffer_init(&out, 100);
    geojson_number(&out, e7);
    assert_string_equal(out.data, text);
    assert_int_equal(out.length, strlen(text));
    buffer_clear(&out);
}

static void numbers_are_written_in_their_shortest_form(void **state)
{
    (void)state;
    written_as(0, "0");
    written_as(1, "0.0000001");
    written_as(-1, "-0.0000001");
    written_as(1125200000, "112.52");
    written_as(-1800000000, "-180");
    written_as(1799999999, "179.9999999");
    written_as(-90000000, "-9");
    written_as(10000000, "1");
    written_as(100000000, "10");
    written_as(12345678, "1.2345678");
    written_as(10100000, "1.01");
    written_as(INT32_MIN, "-214.7483648");
    random_seed(11);
    for (int i = 0; i < 20000; i++) {
        int32_t e7 = (int32_t)(((uint32_t)random_bits() << 1 ^ (uint32_t)random_bits()));
        char expected[20];
        struct buffer out;
        buffer_init(&out, 100);
        geojson_number(&out, e7);
        snprintf(expected, sizeof expected, "%.7f", e7 / 1e7);
        size_t n = strlen(expected);
        while (expected[n - 1] == '0') n--;
        if (expected[n - 1] == '.') n--;
        expected[n] = 0;
        assert_string_equal(out.data, expected);
        buffer_clear(&out);
    }
}

static void shapes_are_written_as_the_standard_asks(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 1 << 20);
    struct point_e7 line[300];
    for (int i = 0; i < 300; i++) line[i] = (struct point_e7){i * 5000000, -i * 2500000};
    geojson_line(&out, line, 3);
    assert_string_equal(out.data, "{\"type\":\"LineString\",\"coordinates\":[[0,0],[0.5,-0.25],[1,-0.5]]}");
    buffer_reset(&out);
    geojson_positions(&out, line, 0);
    assert_string_equal(out.data, "[]");
    buffer_reset(&out);
    geojson_positions(&out, line, 300);
    size_t commas = 0;
    for (size_t i = 0; i < out.length; i++) commas += out.data[i] == ',';
    assert_int_equal(commas, 300 + 299);
    assert_int_equal(out.failed, STATUS_OK);
    buffer_reset(&out);
    geojson_point(&out, line[1]);
    assert_string_equal(out.data, "{\"type\":\"Point\",\"coordinates\":[0.5,-0.25]}");
    buffer_reset(&out);

    /* a shell that turns right and a hole that turns left are written the other way round */
    struct point_e7 points[] = {{0, 0}, {0, 40000000}, {40000000, 0}, {0, 0}, {10000000, 10000000}, {20000000, 10000000}, {10000000, 20000000}, {10000000, 10000000}};
    uint32_t parts[] = {0, 2}, rings[] = {0, 4, 8};
    struct multipolygon shape = {1, 2, 8, parts, rings, points};
    geojson_multipolygon(&out, &shape);
    assert_string_equal(out.data, "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[0,4],[0,0]],[[1,1],[1,2],[2,1],[1,1]]]}");
    buffer_reset(&out);
    uint32_t two_parts[] = {0, 1, 2};
    struct multipolygon two = {2, 2, 8, two_parts, rings, points};
    geojson_multipolygon(&out, &two);
    assert_string_equal(out.data, "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[4,0],[0,4],[0,0]]],[[[1,1],[2,1],[1,2],[1,1]]]]}");
    buffer_clear(&out);
    buffer_init(&out, 10);
    geojson_line(&out, line, 300);
    assert_int_equal(out.failed, STATUS_TOO_LARGE);
    buffer_clear(&out);
}

static void the_polyline_of_the_documentation_is_reproduced(void **state)
{
    (void)state;
    const struct point_e7 points[] = {{-1202000000, 385000000}, {-1209500000, 407000000}, {-1264530000, 432520000}};
    struct point_e7 back[20];
    size_t count;
    struct buffer out;
    buffer_init(&out, 1000);
    polyline_encode(&out, points, 3, POLYLINE_5);
    assert_string_equal(out.data, "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    assert_int_equal(polyline_decode(out.data, out.length, POLYLINE_5, back, 20, &count, NULL), STATUS_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(points, back, sizeof points);
    assert_int_equal(polyline_decode(out.data, out.length, POLYLINE_5, back, 2, &count, NULL), STATUS_TOO_LARGE);
    buffer_clear(&out);
}

static void random_polylines_come_back_and_json_doubles_backslashes(void **state)
{
    (void)state;
    const char *env = getenv("SEED");
    unsigned seed = env != NULL ? (unsigned)strtoul(env, NULL, 10) : 4;
    print_message("SEED=%u\n", seed);
    random_seed(seed);
    enum { N = 500 };
    struct point_e7 points[N], back[N];
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < N; i++)
            points[i] = (struct point_e7){(random_bits() % 36000001 - 18000000) * 100, (random_bits() % 18000001 - 9000000) * 100};
        struct buffer out, json;
        buffer_init(&out, 1 << 20);
        buffer_init(&json, 1 << 20);
        enum polyline_precision precision = round % 2 ? POLYLINE_5 : POLYLINE_6;
        polyline_encode(&out, points, N, precision);
        polyline_encode_json(&json, points, N, precision);
        size_t count, backslashes = 0;
        for (size_t i = 0; i < out.length; i++) backslashes += out.data[i] == '\\';
        assert_int_equal(json.length, out.length + backslashes);
        assert_int_equal(polyline_decode(out.data, out.length, precision, back, N, &count, NULL), STATUS_OK);
        assert_int_equal(count, N);
        assert_memory_equal(points, back, sizeof points);
        buffer_clear(&out);
        buffer_clear(&json);
    }
}

static void broken_polylines_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"_p~iF", "_p~iF~ps|", "_p~iF~ps|U_", "\x1f\x1f", "\x7f\x7f", "_??", "~~~~~~~~~~", "{{{{{{{{~A?", "_p~iF~ps|U\xff?", "ghyyqXghyyqX"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct point_e7 out[20];
        size_t count;
        struct error err = ERROR_INIT;
        assert_int_equal(polyline_decode(bad[i], strlen(bad[i]), POLYLINE_5, out, 20, &count, &err), STATUS_INVALID);
    }
}

/* ---- WKB ---- */

static size_t unhex(const char *hex, unsigned char *out)
{
    assert_int_equal(wkb_unhex(hex, strlen(hex), out, NULL), STATUS_OK);
    return strlen(hex) / 2;
}

static void what_postgis_writes_is_read(void **state)
{
    (void)state;
    unsigned char bytes[500];
    struct point_e7 points[10];
    size_t count;
    /* SELECT ST_GeomFromText('POINT(112.52 32.99)', 4490) */
    size_t size = unhex("01010000208A110000E17A14AE47215C401F85EB51B87E4040", bytes);
    assert_int_equal(wkb_read_point(bytes, size, &points[0], NULL), STATUS_OK);
    assert_int_equal(points[0].lon_e7, 1125200000);
    assert_int_equal(points[0].lat_e7, 329900000);
    /* big-endian LINESTRING(1 2,3 4) without SRID */
    size = unhex("0000000002000000023FF0000000000000400000000000000040080000000000004010000000000000", bytes);
    assert_int_equal(wkb_read_line(bytes, size, points, 10, &count, NULL), STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(points[1].lon_e7, 30000000);
    assert_int_equal(points[1].lat_e7, 40000000);
    assert_int_equal(wkb_read_line(bytes, size, points, 1, &count, NULL), STATUS_TOO_LARGE);
}

static struct multipolygon sample_shape(void)
{
    static struct point_e7 points[] = {{0, 0}, {40000000, 0}, {0, 40000000}, {0, 0}, {10000000, 10000000}, {10000000, 20000000}, {20000000, 10000000}, {10000000, 10000000}, {-5, -5}, {-7, -5}, {-5, -9}, {-5, -5}};
    static uint32_t parts[] = {0, 2, 3}, rings[] = {0, 4, 8, 12};
    return (struct multipolygon){2, 3, 12, parts, rings, points};
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    struct multipolygon shape = sample_shape(), back;
    struct buffer out, hex;
    buffer_init(&out, 10000);
    buffer_init(&hex, 10000);
    wkb_write_multipolygon(&out, &shape);
    assert_int_equal(wkb_read_multipolygon((unsigned char *)out.data, out.length, &MULTIPOLYGON_LIMITS_DEFAULT, &back, NULL), STATUS_OK);
    assert_int_equal(back.point_count, shape.point_count);
    assert_memory_equal(back.points, shape.points, shape.point_count * sizeof *shape.points);
    assert_memory_equal(back.part_first_ring, shape.part_first_ring, 3 * 4);
    assert_memory_equal(back.ring_first_point, shape.ring_first_point, 4 * 4);
    wkb_hex(&hex, out.data, out.length);
    unsigned char *bytes = malloc(out.length);
    assert_int_equal(wkb_unhex(hex.data, hex.length, bytes, NULL), STATUS_OK);
    assert_memory_equal(bytes, out.data, out.length);
    free(bytes);
    multipolygon_clear(&back);
    struct point_e7 points[12];
    size_t count;
    buffer_reset(&out);
    wkb_write_line(&out, shape.points, 12);
    assert_int_equal(wkb_read_line((unsigned char *)out.data, out.length, points, out.length / 16, &count, NULL), STATUS_OK);
    assert_int_equal(count, 12);
    assert_memory_equal(points, shape.points, sizeof points);
    buffer_reset(&out);
    wkb_write_point(&out, shape.points[11]);
    assert_int_equal(wkb_read_point((unsigned char *)out.data, out.length, points, NULL), STATUS_OK);
    assert_true(point_e7_equal(points[0], shape.points[11]));
    buffer_clear(&out);
    buffer_clear(&hex);
}

static void every_prefix_and_every_extra_byte_is_refused(void **state)
{
    (void)state;
    struct multipolygon shape = sample_shape(), back;
    struct buffer out;
    buffer_init(&out, 10000);
    wkb_write_multipolygon(&out, &shape);
    for (size_t n = 0; n < out.length; n++) {
        unsigned char *part = malloc(n + 1); /* exact, so that a read too far is seen */
        memcpy(part, out.data, n);
        unsigned char *exact = malloc(n > 0 ? n : 1);
        memcpy(exact, part, n);
        assert_int_equal(wkb_read_multipolygon(exact, n, &MULTIPOLYGON_LIMITS_DEFAULT, &back, NULL), STATUS_INVALID_GEOMETRY);
        free(part);
        free(exact);
    }
    assert_int_equal(wkb_read_multipolygon((unsigned char *)out.data, out.length + 1, &MULTIPOLYGON_LIMITS_DEFAULT, &back, NULL), STATUS_INVALID_GEOMETRY);
    buffer_clear(&out);
}

static void foreign_systems_types_and_numbers_are_refused_by_name(void **state)
{
    (void)state;
    unsigned char bytes[500];
    struct point_e7 point;
    struct multipolygon shape;
    struct error err = ERROR_INIT;
    size_t size = unhex("0101000020110F0000E17A14AE47215C401F85EB51B87E4040", bytes); /* 3857 */
    assert_int_equal(wkb_read_point(bytes, size, &point, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_WKB_SRID);
    size = unhex("0101000080E17A14AE47215C401F85EB51B87E40400000000000000000", bytes); /* POINT Z */
    assert_int_equal(wkb_read_point(bytes, size, &point, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_WKB_TYPE);
    size = unhex("0101000000000000000000F87F000000000000F87F", bytes); /* POINT EMPTY */
    assert_int_equal(wkb_read_point(bytes, size, &point, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_NOT_A_NUMBER);
    size = unhex("0103000000FFFFFFFF", bytes); /* 4 billion rings in 0 bytes */
    assert_int_equal(wkb_read_multipolygon(bytes, size, &MULTIPOLYGON_LIMITS_DEFAULT, &shape, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_WKB_BROKEN);
    size = unhex("010600000000000000", bytes); /* MULTIPOLYGON EMPTY */
    assert_int_equal(wkb_read_multipolygon(bytes, size, &MULTIPOLYGON_LIMITS_DEFAULT, &shape, &err), STATUS_INVALID_GEOMETRY);
    assert_int_equal(err.message, MESSAGE_POLYGON_EMPTY);
    assert_int_equal(wkb_unhex("0G", 2, bytes, NULL), STATUS_INVALID_GEOMETRY);
    assert_int_equal(wkb_unhex("000", 3, bytes, NULL), STATUS_INVALID_GEOMETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_in_their_shortest_form),
        cmocka_unit_test(shapes_are_written_as_the_standard_asks),
        cmocka_unit_test(the_polyline_of_the_documentation_is_reproduced),
        cmocka_unit_test(random_polylines_come_back_and_json_doubles_backslashes),
        cmocka_unit_test(broken_polylines_are_refused),
        cmocka_unit_test(what_postgis_writes_is_read),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(every_prefix_and_every_extra_byte_is_refused),
        cmocka_unit_test(foreign_systems_types_and_numbers_are_refused_by_name),
    };
    return cmocka_run_group_tests_name("geo_encoding", tests, NULL, NULL);
}
