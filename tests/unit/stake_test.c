#include "data/registers/stake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void roads_and_stakes_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *road;
        uint32_t metre;
    } cases[] = {
        {"G40 K1132+500", "G40", 1132500}, {"G40K1132+500", "G40", 1132500},   {"  G40\tk1132 ", "G40", 1132000},
        {"沪陕高速K7+05", "沪陕高速", 7005}, {"S83 K30.25", "S83", 30250},       {"G312 K0+000", "G312", 0},
        {"G40 K1132＋5", "G40", 1132005},   {"KK12 K3+001", "KK12", 3001},       {"G40 K99999+999", "G40", 99999999},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stake stake;
        assert_true(stake_parse(cases[i].text, &stake));
        assert_string_equal(stake.road, cases[i].road);
        assert_int_equal(stake.metre, cases[i].metre);
    }
}

static void what_is_none_is_left_to_others(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "G40", "K1132+500", " K1132", "G40 K", "G40 K1132+", "G40 K1132+5000", "G40 K1132+500m",
                                        "G40 K100000", "G40 1132+500", "KFC", "G40 K12.3456", "G40 K-5", "南召县", "K"};
    struct stake stake;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_false(stake_parse(cases[i], &stake));
    char longest[400];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 390, "K1+000", 7);
    assert_false(stake_parse(longest, &stake));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(roads_and_stakes_are_read), cmocka_unit_test(what_is_none_is_left_to_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
