#include "routing/rules/toll.h"
#include "routing/rules/vehicle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct vehicle of_class(const char *code)
{
    struct vehicle v = {0};
    snprintf(v.class_code, sizeof v.class_code, "%s", code);
    return v;
}

static void what_is_not_given_is_the_legal_maximum_of_the_axle_count(void **state)
{
    (void)state;
    static const struct {
        const char *class;
        uint32_t axles, gross_kg, length_mm, axle_load_kg;
    } legal[] = {
        {"truck_2_axle", 2, 18000, 12000, 11500}, {"truck_3_axle", 3, 25000, 12000, 11500},
        {"truck_4_axle", 4, 31000, 12000, 11500}, {"truck_5_axle", 5, 43000, 18100, 11500},
        {"truck_6_axle", 6, 49000, 18100, 11500}, {"light_truck", 2, 4500, 6000, 4500},
        {"van", 2, 3500, 6000, 3500},
    };
    for (size_t i = 0; i < sizeof legal / sizeof legal[0]; i++) {
        struct error err = ERROR_INIT;
        struct vehicle v = of_class(legal[i].class);
        assert_int_equal(vehicle_complete(&v, &err), STATUS_OK);
        assert_int_equal(v.axles, legal[i].axles);
        assert_int_equal(v.gross_kg, legal[i].gross_kg);
        assert_int_equal(v.length_mm, legal[i].length_mm);
        assert_int_equal(v.axle_load_kg, legal[i].axle_load_kg);
        assert_int_equal(v.height_mm, 4000);
        assert_int_equal(v.width_mm, 2550);
        assert_int_equal(v.assumed, VEHICLE_HEIGHT | VEHICLE_WIDTH | VEHICLE_LENGTH | VEHICLE_GROSS | VEHICLE_AXLE_LOAD);
    }
}

static void a_vehicle_of_which_nothing_is_known_is_the_largest(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct vehicle v = {0}, again;
    assert_int_equal(vehicle_complete(&v, &err), STATUS_OK);
    assert_int_equal(v.axles, 6);
    assert_int_equal(v.gross_kg, 49000);
    assert_int_equal(v.assumed, 0x3F);
    again = v;
    assert_int_equal(vehicle_complete(&again, &err), STATUS_OK);
    assert_memory_equal(&v, &again, sizeof v);
}

static void what_is_given_is_kept(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct vehicle v = of_class("truck_6_axle");
    v.axles = 8;
    v.gross_kg = 90000;
    v.height_mm = 4200;
    v.speed_limit_expressway_kmh = 70;
    v.hazmat = true;
    assert_int_equal(vehicle_complete(&v, &err), STATUS_OK);
    assert_int_equal(v.axles, 8);
    assert_int_equal(v.gross_kg, 90000);
    assert_int_equal(v.height_mm, 4200);
    assert_int_equal(v.assumed, VEHICLE_WIDTH | VEHICLE_LENGTH | VEHICLE_AXLE_LOAD);
    assert_int_equal(v.speed_limit_expressway_kmh, 70);
    assert_int_equal(v.speed_limit_other_kmh, 60);
}

static void what_cannot_be_is_refused_at_its_member(void **state)
{
    (void)state;
#define REFUSED(member, status, ...)                             \
    do {                                                         \
        struct error err = ERROR_INIT;                           \
        struct vehicle v = of_class("truck_5_axle");             \
        __VA_ARGS__;                                             \
        assert_int_equal(vehicle_complete(&v, &err), status);    \
        assert_string_equal(err.pointer, member);                \
    } while (0)
    REFUSED("/class", STATUS_INVALID, v = of_class("tricycle"));
    REFUSED("/axles", STATUS_INVALID, v.axles = 6);
    REFUSED("/axles", STATUS_OUT_OF_RANGE, v.axles = 41);
    REFUSED("/axles", STATUS_OUT_OF_RANGE, v.axles = 1);
    REFUSED("/height_m", STATUS_OUT_OF_RANGE, v.height_mm = 499);
    REFUSED("/height_m", STATUS_OUT_OF_RANGE, v.height_mm = 10001);
    REFUSED("/width_m", STATUS_OUT_OF_RANGE, v.width_mm = 10001);
    REFUSED("/length_m", STATUS_OUT_OF_RANGE, v.length_mm = 999);
    REFUSED("/gross_weight_t", STATUS_OUT_OF_RANGE, v.gross_kg = 1000001);
    REFUSED("/axle_load_t", STATUS_OUT_OF_RANGE, v.axle_load_kg = 99);
    REFUSED("/axle_load_t", STATUS_INVALID, v.axle_load_kg = 5001; v.gross_kg = 5000);
}

static void lorries_are_over_three_and_a_half_tonnes(void **state)
{
    (void)state;
    struct vehicle v = {.gross_kg = 3500};
    assert_false(vehicle_is_lorry(&v));
    v.gross_kg = 3501;
    assert_true(vehicle_is_lorry(&v));
}

static void the_last_digit_of_a_plate_skips_letters_and_characters(void **state)
{
    (void)state;
    static const struct {
        const char *plate;
        int tail;
    } plates[] = {{"豫R12345", 5}, {"豫R1234A", 4}, {"豫R1234挂", 4}, {"豫RD12345", 5}, {"", -1}, {"豫RABCDE", -1}};
    for (size_t i = 0; i < sizeof plates / sizeof plates[0]; i++) {
        struct vehicle v = {0};
        snprintf(v.plate, sizeof v.plate, "%s", plates[i].plate);
        assert_int_equal(vehicle_plate_tail(&v), plates[i].tail);
    }
}

static void bridges_bear_the_gross_weight(void **state)
{
    (void)state;
    struct vehicle v = {.height_mm = 1, .width_mm = 2, .length_mm = 3, .gross_kg = 4, .axle_load_kg = 5, .axles = 6};
    static const uint32_t expected[LIMIT_COUNT] = {1, 2, 3, 4, 5, 6, 4};
    for (int k = 0; k < LIMIT_COUNT; k++) assert_int_equal(vehicle_value(&v, (enum limit_kind)k), expected[k]);
}

static void tolls_go_by_axles_weight_and_a_length_that_was_said(void **state)
{
    (void)state;
    static const struct { const char *class; uint32_t axles, gross_kg, length_mm, expected; } cases[] = {
        {"van", 0, 0, 0, 1},        {"light_truck", 0, 4499, 0, 1}, {"light_truck", 0, 4500, 0, 2}, {"van", 0, 0, 5999, 1},
        {"van", 0, 0, 6000, 2},     {"truck_2_axle", 0, 0, 0, 2},   {"truck_3_axle", 0, 0, 0, 3},   {"", 4, 0, 0, 4},
        {"", 5, 0, 0, 5},           {"truck_6_axle", 0, 0, 0, 6},   {"truck_6_axle", 9, 0, 0, 6},   {"", 0, 0, 0, 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vehicle v = {.axles = cases[i].axles, .gross_kg = cases[i].gross_kg, .length_mm = cases[i].length_mm};
        struct error err = ERROR_INIT;
        snprintf(v.class_code, sizeof v.class_code, "%s", cases[i].class);
        assert_int_equal(vehicle_complete(&v, &err), STATUS_OK);
        assert_int_equal(toll_class(&v), cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_is_the_legal_maximum_of_the_axle_count),
        cmocka_unit_test(a_vehicle_of_which_nothing_is_known_is_the_largest),
        cmocka_unit_test(what_is_given_is_kept),
        cmocka_unit_test(what_cannot_be_is_refused_at_its_member),
        cmocka_unit_test(lorries_are_over_three_and_a_half_tonnes),
        cmocka_unit_test(the_last_digit_of_a_plate_skips_letters_and_characters),
        cmocka_unit_test(bridges_bear_the_gross_weight),
        cmocka_unit_test(tolls_go_by_axles_weight_and_a_length_that_was_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
