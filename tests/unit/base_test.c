#include "geo/base/arena.h"
#include "geo/base/buffer.h"
#include "geo/base/error.h"
#include "geo/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* The conversions of a format, in order, so that two texts can be compared. */
static void conversions(const char *format, char *out, size_t size)
{
    size_t n = 0;
    for (const char *p = format; *p; p++) {
        if (*p != '%') continue;
        if (p[1] == '%') {
            p++;
            continue;
        }
        const char *end = p + 1 + strcspn(p + 1, "diouxXeEfgGcs");
        for (const char *q = end; q > p && n + 2 < size; q--)
            if (strchr("diouxXeEfgGcszlhj*", *q)) out[n++] = *q;
        p = end;
    }
    out[n] = '\0';
}

static void every_message_takes_the_same_arguments_in_both_languages(void **state)
{
    (void)state;
    for (int m = 0; m < MESSAGE_COUNT; m++) {
        char zh[64], en[64];
        conversions(message_text(m, LANGUAGE_ZH), zh, sizeof zh);
        conversions(message_text(m, LANGUAGE_EN), en, sizeof en);
        if (strcmp(zh, en) != 0) fail_msg("%s / %s", message_text(m, LANGUAGE_ZH), message_text(m, LANGUAGE_EN));
    }
}

static void an_error_keeps_whole_characters_when_it_cuts(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char name[400];
    for (size_t i = 0; i + 3 < sizeof name; i += 3) memcpy(name + i, "路", 4);
    assert_int_equal(error_set(&err, STATUS_TOO_LARGE, MESSAGE_LIMIT_BYTES, name, (size_t)10), STATUS_TOO_LARGE);
    size_t length = strlen(err.zh);
    assert_true(length > sizeof err.zh - 5);
    assert_int_equal(length % 3, 0);
}

static void a_pointer_prefix_goes_in_front(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    error_pointer(&err, "/coordinates/%d", 3);
    error_pointer_prefix(&err, "/avoid/polygons");
    assert_string_equal(err.pointer, "/avoid/polygons/coordinates/3");
}

static void every_status_has_a_code_and_an_http_status(void **state)
{
    (void)state;
    for (int s = 0; s < STATUS_COUNT; s++) {
        assert_true(strlen(status_code(s)) > 1);
        assert_in_range(status_http(s), 200, 599);
    }
}

static void an_arena_refuses_more_than_its_maximum(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100000);
    assert_non_null(arena_take(&arena, 60000));
    assert_null(arena_take(&arena, 60000));
    assert_null(arena_take(&arena, SIZE_MAX));
    assert_null(arena_zero(&arena, SIZE_MAX / 2, 4));
    arena_reset(&arena);
    char *text = arena_printf(&arena, "%s-%d", "G", 40);
    assert_string_equal(text, "G-40");
    assert_non_null(arena_take(&arena, 90000));
    arena_clear(&arena);
}

static void a_buffer_fails_once_and_stays_failed(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    buffer_text(&buffer, "12345");
    buffer_printf(&buffer, "%s", "678901");
    assert_int_equal(buffer.failed, STATUS_TOO_LARGE);
    buffer_char(&buffer, '6');
    assert_int_equal(buffer.length, 5);
    buffer_reset(&buffer);
    buffer_printf(&buffer, "%d", 1234567890);
    assert_int_equal(buffer.failed, STATUS_OK);
    size_t length;
    char *data = buffer_take(&buffer, &length);
    assert_string_equal(data, "1234567890");
    buffer.data = data;
    buffer_clear(&buffer);
}

static void log_values_are_quoted(void **state)
{
    (void)state;
    char out[64];
    assert_string_equal(log_quote(out, sizeof out, "a\"b\n"), "\"a\\\"b\\x0A\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_takes_the_same_arguments_in_both_languages),
        cmocka_unit_test(an_error_keeps_whole_characters_when_it_cuts),
        cmocka_unit_test(a_pointer_prefix_goes_in_front),
        cmocka_unit_test(every_status_has_a_code_and_an_http_status),
        cmocka_unit_test(an_arena_refuses_more_than_its_maximum),
        cmocka_unit_test(a_buffer_fails_once_and_stays_failed),
        cmocka_unit_test(log_values_are_quoted),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
