#include "routing/rules/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct vehicle lorry(void)
{
    return (struct vehicle){.gross_kg = 31000, .axles = 4, .emission = EMISSION_4, .plate = "豫R12345", .cargo = "coal"};
}

static void an_empty_filter_matches_everybody(void **state)
{
    (void)state;
    struct vehicle v = lorry(), nobody = {0};
    struct subject zero = {0}, open = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX};
    assert_int_equal(subject_match(&zero, &v), SUBJECT_YES);
    assert_int_equal(subject_match(&open, &v), SUBJECT_YES);
    assert_int_equal(subject_match(&zero, &nobody), SUBJECT_YES);
}

static void bounds_of_weight_and_axles_are_inclusive(void **state)
{
    (void)state;
    struct vehicle v = lorry();
    static const struct {
        struct subject subject;
        bool matches;
    } cases[] = {
        {{.gross_min_kg = 31000}, true},  {{.gross_min_kg = 31001}, false}, {{.gross_max_kg = 31000}, true},
        {{.gross_max_kg = 30999}, false}, {{.axles_min = 4}, true},         {{.axles_min = 5}, false},
        {{.axles_max = 4}, true},         {{.axles_max = 3}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(subject_match(&cases[i].subject, &v), cases[i].matches ? SUBJECT_YES : SUBJECT_NO);
}

static void everything_that_is_set_must_match(void **state)
{
    (void)state;
    struct vehicle v = lorry();
    struct subject s = {.hazmat = NO, .livestock = NO, .lorry = YES, .gross_min_kg = 1000};
    assert_true(subject_matches(&s, &v));
    s.hazmat = YES;
    assert_false(subject_matches(&s, &v));
    v.hazmat = true;
    assert_true(subject_matches(&s, &v));
    v.livestock = true;
    assert_false(subject_matches(&s, &v));
    s.livestock = ANY;
    s.lorry = NO;
    assert_false(subject_matches(&s, &v));
}

static void plates_match_by_prefix_or_by_coming_from_elsewhere(void **state)
{
    (void)state;
    static const char *const local[] = {"豫R", "豫A"};
    struct vehicle v = lorry();
    struct subject s = {.plate_prefix_count = 2, .plate_prefixes = local};
    assert_int_equal(subject_match(&s, &v), SUBJECT_YES);
    s.plate_prefixes_negated = true;
    assert_int_equal(subject_match(&s, &v), SUBJECT_NO);
    snprintf(v.plate, sizeof v.plate, "鄂F00001");
    assert_int_equal(subject_match(&s, &v), SUBJECT_YES);
    s.plate_prefixes_negated = false;
    assert_int_equal(subject_match(&s, &v), SUBJECT_NO);
}

static void doubt_about_plate_and_emission_binds(void **state)
{
    (void)state;
    static const char *const local[] = {"豫R"}, *const coal[] = {"coal"};
    struct vehicle v = lorry();
    struct subject stage = {.emissions = 1u << EMISSION_3 | 1u << EMISSION_4};
    struct subject plate = {.plate_prefix_count = 1, .plate_prefixes = local};
    struct subject cargo = {.cargo_count = 1, .cargos = coal};
    assert_int_equal(subject_match(&stage, &v), SUBJECT_YES);
    assert_int_equal(subject_match(&cargo, &v), SUBJECT_YES);
    v.emission = EMISSION_6;
    assert_int_equal(subject_match(&stage, &v), SUBJECT_NO);
    v.emission = EMISSION_UNKNOWN;
    assert_int_equal(subject_match(&stage, &v), SUBJECT_PERHAPS);
    assert_true(subject_matches(&stage, &v));
    v.plate[0] = '\0';
    assert_int_equal(subject_match(&plate, &v), SUBJECT_PERHAPS);
    v.cargo[0] = '\0';
    assert_int_equal(subject_match(&cargo, &v), SUBJECT_NO);
    stage.gross_min_kg = 40000; /* no doubt about the weight */
    assert_int_equal(subject_match(&stage, &v), SUBJECT_NO);
}

static void kinds_of_rule_are_found_by_their_code(void **state)
{
    (void)state;
    for (int k = 0; k < RULE_KIND_COUNT; k++) {
        enum rule_kind kind = RULE_KIND_COUNT;
        assert_true(rule_kind_parse(rule_kind_code((enum rule_kind)k), &kind));
        assert_int_equal(kind, k);
    }
    enum rule_kind kind;
    assert_false(rule_kind_parse("open", &kind));
    assert_string_equal(closure_action_code(CLOSURE_SPEED), "speed_limit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_filter_matches_everybody),
        cmocka_unit_test(bounds_of_weight_and_axles_are_inclusive),
        cmocka_unit_test(everything_that_is_set_must_match),
        cmocka_unit_test(plates_match_by_prefix_or_by_coming_from_elsewhere),
        cmocka_unit_test(doubt_about_plate_and_emission_binds),
        cmocka_unit_test(kinds_of_rule_are_found_by_their_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
