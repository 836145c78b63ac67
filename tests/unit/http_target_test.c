#include "api/http/target.h"

#include "geo/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static enum status parse(struct http_target *target, const char *text, struct error *err)
{
    arena_reset(&arena);
    size_t length = strlen(text);
    char *copy = malloc(length ? length : 1); /* exactly as long, for the sanitizer */
    memcpy(copy, text, length);
    enum status status = http_target_parse(target, copy, length, &arena, err);
    free(copy);
    return status;
}

static void a_target_is_decoded_once(void **state)
{
    (void)state;
    struct http_target t;
    assert_int_equal(parse(&t, "/v1/z%6fnes/%E8%B1%AB%2541?at=2026-11-20T08:00:00+08:00&name=a%20b%2Fc&e=&q=a=b/?", NULL),
                     STATUS_OK);
    assert_int_equal(t.segment_count, 3);
    assert_string_equal(t.segment[0], "v1");
    assert_string_equal(t.segment[1], "zones");
    assert_string_equal(t.segment[2], "豫%41");
    assert_int_equal(t.key_count, 4);
    assert_string_equal(http_target_query(&t, "at"), "2026-11-20T08:00:00+08:00");
    assert_string_equal(http_target_query(&t, "name"), "a b/c");
    assert_string_equal(http_target_query(&t, "e"), "");
    assert_string_equal(http_target_query(&t, "q"), "a=b/?");
    assert_null(http_target_query(&t, "absent"));
    assert_int_equal(parse(&t, "/%F0%9f%9A%9a%ed%9f%BF%c3%A9%f4%8f%bf%bf", NULL), STATUS_OK);
    assert_string_equal(t.segment[0], "\xF0\x9F\x9A\x9A\xED\x9F\xBF\xC3\xA9\xF4\x8F\xBF\xBF");
    assert_int_equal(parse(&t, "/Az09-._~!$&'()*+,;=:@", NULL), STATUS_OK);
    assert_int_equal(parse(&t, "/", NULL), STATUS_OK);
    assert_int_equal(t.segment_count, 0);
    assert_int_equal(parse(&t, "/a/?", NULL), STATUS_OK);
    assert_int_equal(t.segment_count, 2);
    assert_string_equal(t.segment[1], "");
}

static void what_is_doubtful_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "a", "*", "//", "/a//b", "//a", "/a//", "/.", "/..", "/a/../b", "/a/.", "/%2e", "/%2E%2e/a", "/.%2e",
        "/%", "/%4", "/%zz", "/%g0", "/a%2", "/%00", "/a%00b", "/%0a", "/%1f", "/%7f", "/a%2fb", "/a%2Fb",
        "/%:0", "/%@0", "/%`0", "/%0:", "/%/0", "/%f0%80%80%80", "/%e0%80%80", "/%f5%80%80%80", "/%e8%c1%80", "/%e8%41%80",
        "/%c3", "/%80", "/%ef%bf", "/a\xE8\xB1\xAB",
        "/%ff", "/%c0%af", "/%e8%b1", "/%ed%a0%80", "/%f4%90%80%80", "/a b", "/a\"b", "/a<b", "/a\\b", "/a^b", "/a`b",
        "/a{b}", "/a|b", "/a#b", "/a[b]", "/?a", "/?=b", "/?&", "/?a=b&", "/?a=b&&c=d", "/?a=%00", "/?a=%0d%0a", "/?a=%",
        "/?a=\"", "/?a=[", "/?%ff=a", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct http_target t;
        struct error err = ERROR_INIT;
        if (parse(&t, bad[i], &err) != STATUS_INVALID) fail_msg("taken: %s", bad[i]);
        assert_int_equal(err.status, STATUS_INVALID);
        assert_true(err.en[0] && err.zh[0]);
    }
}

static void a_key_given_twice_is_named(void **state)
{
    (void)state;
    struct http_target t;
    struct error err = ERROR_INIT;
    assert_int_equal(parse(&t, "/?at=1&crs=2&%61t=3", &err), STATUS_DUPLICATE_MEMBER);
    assert_string_equal(err.pointer, "?at");
    assert_non_null(strstr(err.en, "at"));
}

static void an_unknown_key_is_named(void **state)
{
    (void)state;
    static const char *const allowed[] = {"at", "crs", NULL};
    struct http_target t;
    struct error err = ERROR_INIT;
    assert_int_equal(parse(&t, "/?crs=1&att=2", &err), STATUS_OK);
    assert_int_equal(http_target_check(&t, allowed, &err), STATUS_UNKNOWN_MEMBER);
    assert_string_equal(err.pointer, "?att");
    assert_int_equal(parse(&t, "/?crs=1&at=2", &err), STATUS_OK);
    assert_int_equal(http_target_check(&t, allowed, &err), STATUS_OK);
    assert_int_equal(http_target_check(&t, NULL, &err), STATUS_UNKNOWN_MEMBER);
    assert_int_equal(parse(&t, "/", &err), STATUS_OK);
    assert_int_equal(http_target_check(&t, NULL, &err), STATUS_OK);
}

static void too_many_keys_are_refused(void **state)
{
    (void)state;
    char text[1024];
    size_t n = (size_t)snprintf(text, sizeof text, "/?k0=v");
    struct http_target t;
    for (int i = 1; i < TARGET_KEYS_MAX; i++) n += (size_t)snprintf(text + n, sizeof text - n, "&k%d=v", i);
    assert_int_equal(parse(&t, text, NULL), STATUS_OK);
    snprintf(text + n, sizeof text - n, "&more=v");
    assert_int_equal(parse(&t, text, NULL), STATUS_INVALID);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    struct arena small;
    arena_init(&small, 16);
    struct http_target t;
    const char *text = "/a/quite/long/path/that/does/not/fit";
    assert_int_equal(http_target_parse(&t, text, strlen(text), &small, NULL), STATUS_NO_MEMORY);
    arena_clear(&small);
}

static int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_decoded_once),  cmocka_unit_test(what_is_doubtful_is_refused),
        cmocka_unit_test(a_key_given_twice_is_named), cmocka_unit_test(an_unknown_key_is_named),
        cmocka_unit_test(too_many_keys_are_refused),  cmocka_unit_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests_name("http_target", tests, open_arena, close_arena);
}
