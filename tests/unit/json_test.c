#include "api/json/reader.h"
#include "api/json/writer.h"
#include "api/wire/time_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- reader ------------------------------------------------------------------------------------------------ */

static void a_document_that_is_not_json_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
        const char *pointer;
    } rows[] = {
        {"", STATUS_INVALID, ""},
        {"{", STATUS_INVALID, ""},
        {"{\"a\":1} x", STATUS_INVALID, ""},
        {"{\"a\":01}", STATUS_INVALID, NULL},
        {"{\"a\":NaN}", STATUS_INVALID, NULL},
        {"{'a':1}", STATUS_INVALID, NULL},
        {"{\"a\":[1,2,{\"b\":tru}]}", STATUS_INVALID, "/a/2/b"},
        {"{\"a\":1,\"a\":2}", STATUS_DUPLICATE_MEMBER, "/a"},
        {"{\"v\":{\"x\":[{\"k\":1},{\"k\":1,\"k\":1}]}}", STATUS_DUPLICATE_MEMBER, "/v/x/1/k"},
        {"{\"a\":1e999}", STATUS_OUT_OF_RANGE, "/a"},
        {"{\"a\":[0,99999999999999999999]}", STATUS_OUT_OF_RANGE, "/a/1"},
        {"{\"a\":\"\xff\"}", STATUS_INVALID, NULL},
        {"{\"a\":\"\\u0000\"}", STATUS_INVALID, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        json_t *value;
        enum status status = reader_parse(rows[i].text, strlen(rows[i].text), &value, &err);
        if (status != rows[i].status || err.status != rows[i].status)
            fail_msg("%s: %s", rows[i].text, status_name(status));
        if (rows[i].pointer) assert_string_equal(err.pointer, rows[i].pointer);
        assert_true(err.zh[0] && err.en[0]);
        assert_null(value);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    char text[256];
    for (int depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        struct error err = ERROR_INIT;
        json_t *value;
        enum status status = reader_parse(text, 2 * (size_t)depth, &value, &err);
        assert_int_equal(status, depth <= JSON_DEPTH_MAX ? STATUS_OK : STATUS_TOO_LARGE);
        json_decref(value);
    }
}

static void values_are_checked_by_type_and_range(void **state)
{
    (void)state;
    static const char text[] = "{\"n\":2.5,\"i\":7,\"s\":\"路\",\"b\":true,\"z\":null,\"c\":\"a\\nb\",\"t\":\"2026-11-20T08:"
                               "00:00+08:00\",\"list\":[1,2],\"weird~/key\":1}";
    struct error err = ERROR_INIT;
    json_t *value;
    assert_int_equal(reader_parse(text, strlen(text), &value, &err), STATUS_OK);
    struct json_at root = {.value = value}, at;
    double number = 0;
    int64_t integer = 0;
    bool boolean = false;
    const char *string = NULL;
    size_t count = 0;

    assert_true(reader_find(&root, "n", &at));
    assert_int_equal(reader_number(&at, 0, 3, &number, &err), STATUS_OK);
    assert_true(number == 2.5);
    assert_int_equal(reader_number(&at, 0, 2, &number, &err), STATUS_OUT_OF_RANGE);
    assert_string_equal(err.pointer, "/n");
    assert_string_equal(err.limit, "2");
    assert_string_equal(err.actual, "2.5");
    assert_int_equal(reader_integer(&at, 0, 3, &integer, &err), STATUS_INVALID);
    assert_int_equal(reader_boolean(&at, &boolean, &err), STATUS_INVALID);
    assert_int_equal(reader_text(&at, 0, 9, &string, &err), STATUS_INVALID);

    assert_true(reader_find(&root, "s", &at));
    assert_int_equal(reader_text(&at, 1, 3, &string, &err), STATUS_OK);
    assert_string_equal(string, "路");
    assert_int_equal(reader_text(&at, 1, 2, &string, &err), STATUS_OUT_OF_RANGE);
    static const char *const codes[] = {"路", "桥", NULL}, *const others[] = {"a", "b", NULL};
    unsigned choice = 9;
    assert_int_equal(reader_choice(&at, codes, &choice, &err), STATUS_OK);
    assert_int_equal(choice, 0);
    assert_int_equal(reader_choice(&at, others, &choice, &err), STATUS_INVALID);
    assert_non_null(strstr(err.en, "a, b"));

    assert_true(reader_find(&root, "c", &at));
    assert_int_equal(reader_text(&at, 0, 9, &string, &err), STATUS_INVALID);
    assert_true(reader_find(&root, "z", &at));
    assert_int_equal(reader_number(&at, 0, 9, &number, &err), STATUS_INVALID);
    int64_t time_ms = 0;
    assert_true(reader_find(&root, "t", &at));
    assert_int_equal(reader_time(&at, &time_ms, &err), STATUS_OK);
    assert_true(time_ms == INT64_C(1795132800000));

    assert_true(reader_find(&root, "list", &at));
    assert_int_equal(reader_array(&at, 0, 2, &count, &err), STATUS_OK);
    assert_int_equal(count, 2);
    struct json_at element = reader_element(&at, 1);
    assert_int_equal(reader_number(&element, 0, 1, &number, &err), STATUS_OUT_OF_RANGE);
    assert_string_equal(err.pointer, "/list/1");
    assert_int_equal(reader_array(&at, 3, 9, &count, &err), STATUS_OUT_OF_RANGE);

    assert_false(reader_find(&root, "absent", &at));
    assert_int_equal(reader_require(&root, "absent", &at, &err), STATUS_MISSING_MEMBER);
    assert_string_equal(err.pointer, "/absent");
    static const char *const some[] = {"n", "i", "s", "b", "z", "c", "t", "list", NULL};
    assert_int_equal(reader_members(&root, some, &err), STATUS_UNKNOWN_MEMBER);
    assert_string_equal(err.pointer, "/weird~0~1key");
    json_decref(value);
}

/* ---- times ------------------------------------------------------------------------------------------------- */

static void only_rfc3339_times_with_an_offset_are_read(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "2026-11-20", "2026-11-20T08:00:00", "2026-11-20 08:00:00Z", "2026-11-20t08:00:00Z", "2026-11-20T08:00:00z",
        "2026-13-20T08:00:00Z", "2026-02-29T08:00:00Z", "2026-11-31T08:00:00Z", "2026-11-20T24:00:00Z",
        "2026-11-20T08:60:00Z", "2026-11-20T08:00:60Z", "2026-11-20T08:00:00+0800", "2026-11-20T08:00:00+24:00",
        "2026-11-20T08:00:00-00:00", "2026-11-20T08:00:00.Z", "2026-11-20T08:00:00.1234567890Z",
        "2026-11-20T08:00:00Zx", "1969-12-31T23:59:59Z", "02026-11-20T08:00:00Z", "2026-11-20T8:00:00Z",
    };
    int64_t at;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (time_parse(bad[i], strlen(bad[i]), &at)) fail_msg("%s was read", bad[i]);
    static const struct {
        const char *text;
        int64_t ms;
        const char *back;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T08:00:00+08:00"},
        {"2024-02-29T23:59:59.5+08:00", INT64_C(1709222399500), "2024-02-29T23:59:59.500+08:00"},
        {"2026-11-20T08:00:00+08:00", INT64_C(1795132800000), "2026-11-20T08:00:00+08:00"},
        {"2026-11-19T19:00:00-05:00", INT64_C(1795132800000), "2026-11-20T08:00:00+08:00"},
        {"2000-01-01T00:00:00.001999999Z", INT64_C(946684800001), "2000-01-01T08:00:00.001+08:00"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(time_parse(good[i].text, strlen(good[i].text), &at));
        if (at != good[i].ms) fail_msg("%s gave %lld", good[i].text, (long long)at);
        char text[TIME_TEXT_SIZE];
        assert_int_equal(time_format(at, text), strlen(good[i].back));
        assert_string_equal(text, good[i].back);
    }
}

static void times_survive_the_way_out_and_in(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        int64_t at = (int64_t)(x % UINT64_C(253402200000000)), back;
        char text[TIME_TEXT_SIZE];
        size_t length = time_format(at, text);
        assert_true(time_parse(text, length, &back));
        assert_true(at == back);
    }
    char text[TIME_TEXT_SIZE];
    assert_int_equal(time_format(INT64_MAX, text), 0);
    assert_int_equal(time_format(INT64_MIN, text), 0);
}

/* ---- writer ------------------------------------------------------------------------------------------------ */

static void commas_and_brackets_come_right(void **state)
{
    (void)state;
    struct buffer out;
    struct json_writer w;
    buffer_init(&out, 1000);
    writer_init(&w, &out);
    writer_open_object(&w);
    writer_key(&w, "a"), writer_open_array(&w), writer_integer(&w, -1), writer_open_array(&w), writer_close_array(&w);
    writer_null(&w), writer_boolean(&w, true), writer_close_array(&w);
    writer_key(&w, "b"), writer_open_object(&w), writer_close_object(&w);
    writer_key(&w, "c"), writer_text(&w, NULL);
    writer_key(&w, "d"), writer_raw(&w, "{}", 2);
    writer_close_object(&w);
    assert_string_equal(out.data, "{\"a\":[-1,[],null,true],\"b\":{},\"c\":null,\"d\":{}}");
    buffer_clear(&out);
}

static void numbers_are_exact_and_short(void **state)
{
    (void)state;
    struct buffer out;
    struct json_writer w;
    buffer_init(&out, 1000);
    writer_init(&w, &out);
    writer_open_array(&w);
    writer_milli(&w, 12500), writer_milli(&w, 0), writer_milli(&w, -5), writer_milli(&w, 1000), writer_decimal(&w, INT64_MIN, 0);
    writer_decimal(&w, INT64_MAX, 9), writer_number(&w, 1.25, 1), writer_number(&w, 1e300, 2), writer_number(&w, 0.0 / 0.0, 2);
    writer_point_e7(&w, (struct point_e7){1125300000, -330100001});
    writer_time(&w, 0);
    writer_close_array(&w);
    assert_string_equal(out.data, "[12.5,0,-0.005,1,-9223372036854775808,9223372036.854775807,1.3,null,null,"
                                  "[112.53,-33.0100001],\"1970-01-01T08:00:00+08:00\"]");
    buffer_clear(&out);
}

static void strings_are_always_valid_json(void **state)
{
    (void)state;
    struct buffer out;
    struct json_writer w;
    buffer_init(&out, 100000);
    writer_init(&w, &out);
    writer_text(&w, "\"\\\n\x01 路\xff\xc0\xaf\xed\xa0\x80\x7f");
    assert_string_equal(out.data, "\"\\\"\\\\\\n\\u0001 路\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                                  "\xEF\xBF\xBD\\u007f\"");
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 5000; i++) {
        char text[24];
        for (size_t k = 0; k < sizeof text; k++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            text[k] = (char)(x >> 20);
        }
        buffer_reset(&out);
        writer_init(&w, &out);
        writer_text_bytes(&w, text, sizeof text);
        json_error_t bad;
        json_t *value = json_loadb(out.data, out.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &bad);
        if (value == NULL) fail_msg("%s: %s", bad.text, out.data);
        json_decref(value);
    }
    buffer_clear(&out);
}

static void many_points_are_written_like_one(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct point_e7 points[COUNT];
    uint64_t x = 88172645463325252u;
    struct buffer quick, slow;
    struct json_writer w;
    buffer_init(&quick, 1 << 20);
    buffer_init(&slow, 1 << 20);
    for (int i = 0; i < COUNT; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        points[i] = (struct point_e7){(int32_t)((int64_t)(x % 3600000001u) - LON_E7_MAX),
                                      (int32_t)((int64_t)((x >> 32) % 1800000001u) - LAT_E7_MAX)};
    }
    writer_init(&w, &quick);
    writer_points_e7(&w, points, COUNT);
    writer_init(&w, &slow);
    writer_open_array(&w);
    for (int i = 0; i < COUNT; i++) writer_point_e7(&w, points[i]);
    writer_close_array(&w);
    assert_string_equal(quick.data, slow.data);
    json_t *value = json_loads(quick.data, 0, NULL);
    assert_int_equal(json_array_size(value), COUNT);
    for (int i = 0; i < COUNT; i++) {
        double lon = json_number_value(json_array_get(json_array_get(value, (size_t)i), 0));
        assert_int_equal(round_to_i32(lon * 1e7), points[i].lon_e7);
    }
    json_decref(value);
    buffer_clear(&quick);
    buffer_clear(&slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_that_is_not_json_is_refused_with_its_place),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(values_are_checked_by_type_and_range),
        cmocka_unit_test(only_rfc3339_times_with_an_offset_are_read),
        cmocka_unit_test(times_survive_the_way_out_and_in),
        cmocka_unit_test(commas_and_brackets_come_right),
        cmocka_unit_test(numbers_are_exact_and_short),
        cmocka_unit_test(strings_are_always_valid_json),
        cmocka_unit_test(many_points_are_written_like_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
