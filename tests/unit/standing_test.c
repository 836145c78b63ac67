#include "data/pg/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void states_and_acts_are_told_in_each_language(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    assert_int_equal(standing_forbids(&err, "draft", "approve"), STATUS_CONFLICT);
    assert_string_equal(err.zh, "当前状态为“草稿”，不能批准");
    assert_string_equal(err.en, "its state is \"draft\", which does not allow approval");
    assert_int_equal(standing_forbids(&err, "submitted", "stand-down"), STATUS_CONFLICT);
    assert_string_equal(err.zh, "当前状态为“待批准”，不能转回平时");
    assert_non_null(strstr(err.en, "\"waiting for approval\""));
}

/* Every state and act that the database or a handler knows has a name. */
static void none_is_told_by_its_code_in_chinese(void **state)
{
    static const char *const states[] = {"active", "approved", "broken", "cancelled", "closed", "done", "draft", "empty", "expired", "failed",
                                         "lifted", "prepared", "rejected", "replaced", "retired", "running", "submitted", "withdrawn"};
    static const char *const acts[] = {"activate", "approve", "cancel", "create", "delete", "drill", "file", "lift", "reject", "replace",
                                       "replan", "retire", "stand-down", "submit"};
    (void)state;
    struct error err = ERROR_INIT;
    for (size_t s = 0; s < sizeof states / sizeof *states; s++)
        for (size_t a = 0; a < sizeof acts / sizeof *acts; a++) {
            standing_forbids(&err, states[s], acts[a]);
            assert_null(strstr(err.zh, states[s]));
            assert_null(strstr(err.zh, acts[a]));
        }
    standing_forbids(&err, "unheard", "of");
    assert_non_null(strstr(err.zh, "unheard"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_and_acts_are_told_in_each_language),
        cmocka_unit_test(none_is_told_by_its_code_in_chinese),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
