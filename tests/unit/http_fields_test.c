#include "api/http/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_language_liked_better_wins(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        enum language language;
    } cases[] = {
        {NULL, LANGUAGE_ZH},
        {"", LANGUAGE_ZH},
        {"en", LANGUAGE_EN},
        {"EN-us", LANGUAGE_EN},
        {"zh-CN", LANGUAGE_ZH},
        {"fr", LANGUAGE_ZH},
        {"fr, en;q=0.3", LANGUAGE_EN},
        {"en;q=0.5, zh;q=0.6", LANGUAGE_ZH},
        {"zh;q=0.5,en;q=0.6", LANGUAGE_EN},
        {"en, zh", LANGUAGE_EN},
        {"zh, en", LANGUAGE_ZH},
        {"en;q=0, zh;q=0.1", LANGUAGE_ZH},
        {"en;q=0", LANGUAGE_ZH},
        {"*", LANGUAGE_ZH},
        {"en;q=0.5, *;q=0.8", LANGUAGE_ZH},
        {"english", LANGUAGE_ZH},
        {"en;q=", LANGUAGE_ZH},
        {",,;;q=1,", LANGUAGE_ZH},
        {"en;Q=0.5, zh; \t q=0.4", LANGUAGE_EN},
        {"zh;q=0.5, en;q=1.9", LANGUAGE_EN},
        {"zh;q=0.999, en;q=2", LANGUAGE_ZH},
        {"zh;q=0.5, en;x=1", LANGUAGE_EN},
        {"zh;q=0.5, en;q", LANGUAGE_EN},
        {"zh;q=0.5, en;qq=1;q=0.2", LANGUAGE_ZH},
        {"zh;q=0.1234, en;q=0.1235", LANGUAGE_ZH}, /* three digits count */
        {"zh;q=0.x, en;q=0.001", LANGUAGE_EN},
        {"zh;q=0, en;q=0, *;q=0.5, *;q=0.1", LANGUAGE_ZH},
        {"en ;q=0.5", LANGUAGE_EN},
        {"en\t", LANGUAGE_EN},
        {"e", LANGUAGE_ZH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (http_accept_language(cases[i].value, LANGUAGE_ZH) != cases[i].language) fail_msg("%s", cases[i].value);
    assert_int_equal(http_accept_language("fr", LANGUAGE_EN), LANGUAGE_EN);
}

static void a_media_type_is_compared_without_its_parameters(void **state)
{
    (void)state;
    const char *allowed = "application/json|application/geo+json";
    assert_true(http_media_type_is("application/json", allowed));
    assert_true(http_media_type_is("Application/GEO+json", allowed));
    assert_true(http_media_type_is("application/json; charset=utf-8", allowed));
    assert_true(http_media_type_is("application/json;charset=\"UTF-8\"", allowed));
    assert_true(http_media_type_is("application/json; profile=x", allowed));
    assert_false(http_media_type_is("application/json; charset=gbk", allowed));
    assert_false(http_media_type_is("application/json; charset=utf-80", allowed));
    assert_false(http_media_type_is("application/jso", allowed));
    assert_false(http_media_type_is("application/jsom", allowed));
    assert_false(http_media_type_is("application/json2", allowed));
    assert_false(http_media_type_is("text/plain", allowed));
    assert_false(http_media_type_is("", allowed));
    assert_false(http_media_type_is(NULL, allowed));
}

static void entity_tags_are_found_in_lists(void **state)
{
    (void)state;
    assert_true(http_tags_have("\"a\"", "a", false));
    assert_true(http_tags_have("\"x\", \"a\"", "a", false));
    assert_true(http_tags_have("*", "a", false));
    assert_true(http_tags_have("W/\"a\"", "a", true));
    assert_false(http_tags_have("W/\"a\"", "a", false));
    assert_true(http_tags_have("W/\"a\", \"a\"", "a", false));
    assert_false(http_tags_have("\"ab\"", "a", true));
    assert_false(http_tags_have("a", "a", true));
    assert_false(http_tags_have("W", "W", true));
    assert_false(http_tags_have("W\"a\"", "a", true));
    assert_false(http_tags_have("\"b\"", "a", true));
    assert_false(http_tags_have(" \t, ", "a", true));
    assert_false(http_tags_have("\"a", "a", true));
    assert_false(http_tags_have("", "a", true));
}

static void only_sane_request_ids_are_taken_over(void **state)
{
    (void)state;
    assert_true(http_request_id_is_sane("abc-123_X.y"));
    assert_false(http_request_id_is_sane(NULL));
    assert_false(http_request_id_is_sane("short"));
    assert_false(http_request_id_is_sane("has-a-tail\x80"));
    assert_false(http_request_id_is_sane("has a blank"));
    assert_false(http_request_id_is_sane("quote\"quote"));
    assert_false(http_request_id_is_sane("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_language_liked_better_wins),
        cmocka_unit_test(a_media_type_is_compared_without_its_parameters),
        cmocka_unit_test(entity_tags_are_found_in_lists),
        cmocka_unit_test(only_sane_request_ids_are_taken_over),
    };
    return cmocka_run_group_tests_name("http_fields", tests, NULL, NULL);
}
