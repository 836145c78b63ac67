#include "routing/rules/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define MINUTE ((int64_t)60000)
#define DAY ((int64_t)86400000)

/* 2026-11-23, a Monday, 00:00 in Shanghai */
#define MONDAY ((int64_t)1795363200000)

enum { ALL_WEEK = 0x7F, ALL_KINDS = 0x0F };

static void without_windows_the_interval_is_half_open(void **state)
{
    (void)state;
    struct schedule s = {.from_ms = MONDAY, .until_ms = MONDAY + DAY};
    assert_false(schedule_holds(&s, NULL, -1, MONDAY - 1));
    assert_true(schedule_holds(&s, NULL, -1, MONDAY));
    assert_true(schedule_holds(&s, NULL, -1, MONDAY + DAY - 1));
    assert_false(schedule_holds(&s, NULL, -1, MONDAY + DAY));
    assert_int_equal(schedule_next_change(&s, NULL, -1, MONDAY - DAY), MONDAY);
    assert_int_equal(schedule_next_change(&s, NULL, -1, MONDAY), MONDAY + DAY);
    assert_int_equal(schedule_next_change(&s, NULL, -1, MONDAY + DAY), TIME_OPEN);
}

static void an_unbounded_schedule_always_holds(void **state)
{
    (void)state;
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    assert_true(schedule_holds(&s, NULL, -1, INT64_MIN));
    assert_true(schedule_holds(&s, NULL, -1, MONDAY));
    assert_int_equal(schedule_next_change(&s, NULL, -1, MONDAY), TIME_OPEN);
}

/* The city truck ban of Nanyang: working days 08–19, plates 1 and 6 on Mondays, 2 and 7 on Tuesdays. */
static const struct window ban[] = {
    {.weekdays = 1 << 0, .day_kinds = 1 << DAY_WORKDAY | 1 << DAY_MAKEUP_WORKDAY, .from_min = 480, .until_min = 1140,
     .plate_tails = 1 << 1 | 1 << 6},
    {.weekdays = 1 << 1, .day_kinds = 1 << DAY_WORKDAY | 1 << DAY_MAKEUP_WORKDAY, .from_min = 480, .until_min = 1140,
     .plate_tails = 1 << 2 | 1 << 7},
};
static const struct schedule banned = {
    .from_ms = INT64_MIN, .until_ms = TIME_OPEN, .window_count = 2, .windows = ban};

static void a_ban_by_plate_tail_binds_these_plates_on_their_day(void **state)
{
    (void)state;
    assert_true(schedule_holds(&banned, NULL, 6, MONDAY + 480 * MINUTE));
    assert_false(schedule_holds(&banned, NULL, 6, MONDAY + 480 * MINUTE - 1));
    assert_true(schedule_holds(&banned, NULL, 6, MONDAY + 1140 * MINUTE - 1));
    assert_false(schedule_holds(&banned, NULL, 6, MONDAY + 1140 * MINUTE));
    assert_false(schedule_holds(&banned, NULL, 7, MONDAY + 600 * MINUTE));
    assert_true(schedule_holds(&banned, NULL, 7, MONDAY + DAY + 600 * MINUTE));
    assert_true(schedule_holds(&banned, NULL, PLATE_TAIL_UNKNOWN, MONDAY + 600 * MINUTE)); /* doubt closes */
    assert_false(schedule_holds(&banned, NULL, PLATE_TAIL_NONE, MONDAY + 600 * MINUTE));
    assert_int_equal(schedule_next_change(&banned, NULL, 7, MONDAY), MONDAY + DAY + 480 * MINUTE);
    assert_int_equal(schedule_next_change(&banned, NULL, 6, MONDAY + 1140 * MINUTE), MONDAY + 7 * DAY + 480 * MINUTE);
}

static void holidays_are_free_and_makeup_workdays_are_not(void **state)
{
    (void)state;
    /* Monday is a holiday, and the Sunday after it is worked instead. */
    static const uint8_t kinds[] = {DAY_HOLIDAY, DAY_WORKDAY, DAY_WORKDAY, DAY_WORKDAY, DAY_WORKDAY, DAY_WEEKEND,
                                    DAY_MAKEUP_WORKDAY};
    struct calendar c = {.first_day = (int32_t)((MONDAY + 8 * 3600000) / DAY), .day_count = 7, .kind = kinds};
    struct window work[] = {{.weekdays = ALL_WEEK, .day_kinds = 1 << DAY_WORKDAY | 1 << DAY_MAKEUP_WORKDAY,
                             .from_min = 480, .until_min = 1140}};
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN, .window_count = 1, .windows = work};
    assert_false(schedule_holds(&s, &c, -1, MONDAY + 600 * MINUTE));
    assert_true(schedule_holds(&s, &c, -1, MONDAY + DAY + 600 * MINUTE));
    assert_false(schedule_holds(&s, &c, -1, MONDAY + 5 * DAY + 600 * MINUTE));
    assert_true(schedule_holds(&s, &c, -1, MONDAY + 6 * DAY + 600 * MINUTE));
    assert_true(schedule_holds(&s, &c, -1, MONDAY + 7 * DAY + 600 * MINUTE)); /* outside the table: by weekday */
    assert_false(schedule_holds(&s, &c, -1, MONDAY + 13 * DAY + 600 * MINUTE));
    assert_int_equal(schedule_next_change(&s, &c, -1, MONDAY), MONDAY + DAY + 480 * MINUTE);
}

static void windows_that_touch_are_one(void **state)
{
    (void)state;
    struct window night[] = {
        {.weekdays = ALL_WEEK, .day_kinds = ALL_KINDS, .from_min = 1320, .until_min = 1440},
        {.weekdays = ALL_WEEK, .day_kinds = ALL_KINDS, .from_min = 0, .until_min = 360},
    };
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = MONDAY + 10 * DAY, .window_count = 2, .windows = night};
    assert_int_equal(schedule_next_change(&s, NULL, -1, MONDAY + 1330 * MINUTE), MONDAY + DAY + 360 * MINUTE);
    struct window all[] = {{.weekdays = ALL_WEEK, .day_kinds = ALL_KINDS, .from_min = 0, .until_min = 1440}};
    s.window_count = 1;
    s.windows = all;
    assert_int_equal(schedule_next_change(&s, NULL, -1, MONDAY), MONDAY + 10 * DAY);
}

static void times_before_1970_and_empty_intervals_are_harmless(void **state)
{
    (void)state;
    assert_false(schedule_holds(&banned, NULL, 1, INT64_MIN));
    assert_false(schedule_holds(&banned, NULL, 1, INT64_MAX));
    assert_int_equal(schedule_next_change(&banned, NULL, 1, INT64_MIN), TIME_OPEN);
    assert_true(schedule_holds(&banned, NULL, 1, MONDAY - 7 * DAY * 3000 + 480 * MINUTE));
    struct schedule empty = {.from_ms = MONDAY, .until_ms = MONDAY};
    assert_false(schedule_holds(&empty, NULL, 1, MONDAY));
    assert_int_equal(schedule_next_change(&empty, NULL, 1, MONDAY - 1), TIME_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_windows_the_interval_is_half_open),
        cmocka_unit_test(an_unbounded_schedule_always_holds),
        cmocka_unit_test(a_ban_by_plate_tail_binds_these_plates_on_their_day),
        cmocka_unit_test(holidays_are_free_and_makeup_workdays_are_not),
        cmocka_unit_test(windows_that_touch_are_one),
        cmocka_unit_test(times_before_1970_and_empty_intervals_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
