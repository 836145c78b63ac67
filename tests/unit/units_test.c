/* OpenStreetMap values with their units, and the lorry speeds that stand in for what is not tagged. */
#include "data/import/import_text.h"
#include "data/import/road_defaults.h"
#include "data/osm/osm_access.h"
#include "data/osm/osm_units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void lengths_are_read_in_metres_feet_and_inches(void **state)
{
    static const struct {
        const char *text;
        uint32_t mm;
    } cases[] = {{"4", 4000},        {"4.2", 4200},      {"4,2", 4200},      {"4.2 m", 4200}, {"4.2m", 4200},  {" 3.95 ", 3950},
                 {"420 cm", 4200},   {"7'6\"", 2286},    {"13'6\"", 4114},   {"12'", 3657},   {"12 ft", 3657}, {"7 ft 6 in", 2286},
                 {"3.5;7.5", 3500},  {"4.5|4.2", 4200},  {"none;3.8", 3800}, {"4米", 4000},   {"126\"", 3200}, {"11'0''", 3352}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t mm = 0;

        if (osm_length_mm(cases[i].text, &mm) != OSM_VALUE_NUMBER || mm != cases[i].mm)
            fail_msg("\"%s\" gave %u mm, not %u", cases[i].text, mm, cases[i].mm);
    }
}

static void words_for_no_limit_are_not_numbers_and_nonsense_is_unknown(void **state)
{
    static const char *const none[] = {"none", "default", "unsigned", "no_sign", "no_indications", "None", "none;default"};
    static const char *const below[] = {"below_default", "none;below_default"};
    static const char *const unknown[] = {"",     "abc",    "4 parsecs", "-3",  "4..2", "4.2.1", "0x10", "1e3", "nan",
                                          "inf",  "4'13\"", "4m5",       "4 m 5", "4;x", ";",     "0.01", "99999999", "７"};
    uint32_t mm;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) assert_int_equal(osm_length_mm(none[i], &mm), OSM_VALUE_NONE);
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) assert_int_equal(osm_length_mm(below[i], &mm), OSM_VALUE_BELOW_DEFAULT);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        if (osm_length_mm(unknown[i], &mm) != OSM_VALUE_UNKNOWN) fail_msg("\"%s\" was understood", unknown[i]);
}

static void weights_are_read_in_tonnes_kilograms_pounds_and_short_tons(void **state)
{
    static const struct {
        const char *text;
        uint32_t kg;
    } cases[] = {{"3.5", 3500}, {"3.5 t", 3500}, {"3.5t", 3500},   {"7,5", 7500},       {"3500 kg", 3500}, {"40000 lbs", 18143},
                 {"10 st", 9071}, {"5 tons", 4535}, {"30吨", 30000}, {"16 t; 12 t", 12000}, {"18.0", 18000}};
    uint32_t kg = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (osm_weight_kg(cases[i].text, &kg) != OSM_VALUE_NUMBER || kg != cases[i].kg)
            fail_msg("\"%s\" gave %u kg, not %u", cases[i].text, kg, cases[i].kg);
    assert_int_equal(osm_weight_kg("none", &kg), OSM_VALUE_NONE);
    assert_int_equal(osm_weight_kg("1,234 kg", &kg), OSM_VALUE_UNKNOWN); /* 1.234 kg is no limit of a road */
    assert_int_equal(osm_weight_kg("heavy", &kg), OSM_VALUE_UNKNOWN);
}

static void speeds_are_read_with_units_and_country_codes(void **state)
{
    static const struct {
        const char *text;
        int kmh_tenths;
    } cases[] = {{"50", 500},       {"30 mph", 482},     {"50 km/h", 500}, {"CN:urban", 500},   {"DE:rural", 800},
                 {"DE:zone:30", 300}, {"DE:zone30", 300}, {"zone:20", 200}, {"CN:motorway", 1200}, {"walk", 70}, {"80;60", 600}};
    double kmh = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (osm_speed_kmh(cases[i].text, &kmh) != OSM_VALUE_NUMBER || (int)(kmh * 10) != cases[i].kmh_tenths)
            fail_msg("\"%s\" gave %.2f km/h", cases[i].text, kmh);
    assert_int_equal(osm_speed_kmh("none", &kmh), OSM_VALUE_NONE);
    assert_int_equal(osm_speed_kmh("signals", &kmh), OSM_VALUE_NONE);
    assert_int_equal(osm_speed_kmh("fast", &kmh), OSM_VALUE_UNKNOWN);
    assert_int_equal(osm_speed_kmh("0", &kmh), OSM_VALUE_UNKNOWN);
    assert_int_equal(osm_speed_kmh("60 furlongs", &kmh), OSM_VALUE_UNKNOWN);
}

static void durations_of_ferries_are_read(void **state)
{
    uint32_t s = 0;

    (void)state;
    assert_true(osm_duration_s("00:15", &s) && s == 900);
    assert_true(osm_duration_s("1:30:30", &s) && s == 5430);
    assert_true(osm_duration_s("20", &s) && s == 1200);
    assert_true(osm_duration_s("PT1H5M", &s) && s == 3900);
    assert_false(osm_duration_s("soon", &s));
    assert_false(osm_duration_s("1:2:3:4", &s));
    assert_false(osm_duration_s("P", &s));
    assert_false(osm_duration_s("", &s));
}

static void access_values_are_known_or_closed(void **state)
{
    enum access a = ACCESS_YES;

    (void)state;
    assert_true(osm_access_parse("designated", &a) && a == ACCESS_YES);
    assert_true(osm_access_parse("delivery;no", &a) && a == ACCESS_DESTINATION);
    assert_true(osm_access_parse("agricultural;forestry", &a) && a == ACCESS_NO);
    assert_true(osm_access_parse("customers", &a) && a == ACCESS_DESTINATION);
    assert_false(osm_access_parse("maybe", &a));
    assert_int_equal(a, ACCESS_NO);
    assert_false(osm_access_parse("yes;maybe", &a));
    assert_int_equal(a, ACCESS_NO);
}

static void lorry_speed_is_the_lesser_of_sign_and_default(void **state)
{
    (void)state;
    assert_int_equal(road_default_speed_kmh(ROAD_MOTORWAY, 120), 85);
    assert_int_equal(road_default_speed_kmh(ROAD_MOTORWAY, 60), 60);
    assert_int_equal(road_default_speed_kmh(ROAD_TRUNK, 0), 65);
    assert_int_equal(road_default_speed_kmh(ROAD_SERVICE, 1), 5);
    for (int c = 0; c < ROAD_CLASS_COUNT; c++) {
        const struct road_default *d = road_default_get((enum road_class)c);

        assert_in_range(d->lorry_kmh, 5, d->lorry_max_kmh);
        assert_true(strlen(road_default_code((enum road_class)c)) > 3);
    }
}

static void text_from_files_is_valid_bounded_and_quoted(void **state)
{
    static const char *const invalid[] = {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe5\x8d", "a\x80", "\xf8\x88\x80\x80\x80"};
    enum status status = STATUS_OK;
    struct arena arena;
    struct buffer out;

    (void)state;
    arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
        assert_false(import_text_valid(invalid[i]));
        assert_null(import_text_keep(&arena, invalid[i], 100, &status));
    }
    assert_true(import_text_valid("南阳 \xf0\x9f\x9a\x9b"));
    assert_string_equal(import_text_keep(&arena, "  南阳\t  路 \n", 100, &status), "南阳 路");
    assert_string_equal(import_text_keep(&arena, "南阳路", 7, &status), "南阳"); /* never half a character */
    assert_null(import_text_keep(&arena, " \n ", 100, &status));
    assert_null(import_text_keep(&arena, NULL, 100, &status));
    assert_int_equal(status, STATUS_OK);
    arena_clear(&arena);
    arena_init(&arena, 4);
    assert_null(import_text_keep(&arena, "too long for it", 100, &status));
    assert_int_equal(status, STATUS_NO_MEMORY);
    arena_clear(&arena);
    buffer_init(&out, 1000);
    import_text_json(&out, "a\"b\\c\n南\x01");
    assert_string_equal(out.data, "\"a\\\"b\\\\c\\u000a南\\u0001\"");
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_read_in_metres_feet_and_inches),
        cmocka_unit_test(words_for_no_limit_are_not_numbers_and_nonsense_is_unknown),
        cmocka_unit_test(weights_are_read_in_tonnes_kilograms_pounds_and_short_tons),
        cmocka_unit_test(speeds_are_read_with_units_and_country_codes),
        cmocka_unit_test(durations_of_ferries_are_read),
        cmocka_unit_test(access_values_are_known_or_closed),
        cmocka_unit_test(lorry_speed_is_the_lesser_of_sign_and_default),
        cmocka_unit_test(text_from_files_is_valid_bounded_and_quoted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
