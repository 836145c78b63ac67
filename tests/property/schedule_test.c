/* Schedules against somebody who looks at the wall clock and the calendar minute by minute (glibc's, in the zone of
 * Shanghai written as UTC-8). */
#include "routing/rules/schedule.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define MINUTE ((int64_t)60000)
#define DAY ((int64_t)86400000)

enum { WINDOWS_MAX = 4, DAYS = 30 };

struct case_of {
    struct schedule schedule;
    struct window windows[WINDOWS_MAX];
    struct calendar calendar;
    uint8_t kinds[DAYS];
    int tail;
    int64_t start_ms;
};

static bool holds_by_the_clock(const struct case_of *c, int64_t at_ms)
{
    if (at_ms < c->schedule.from_ms || at_ms >= c->schedule.until_ms) return false;
    if (c->schedule.window_count == 0) return true;
    int64_t seconds = at_ms / 1000 - (at_ms % 1000 < 0);
    time_t local = (time_t)(seconds + 8 * 3600);
    struct tm tm;
    gmtime_r(&local, &tm);
    int weekday = (tm.tm_wday + 6) % 7, minute = tm.tm_hour * 60 + tm.tm_min;
    struct tm midnight = tm;
    midnight.tm_hour = midnight.tm_min = midnight.tm_sec = 0;
    int64_t day = timegm(&midnight) / 86400 - c->calendar.first_day;
    int kind = day >= 0 && day < (int64_t)c->calendar.day_count ? c->kinds[day]
               : weekday >= 5                                   ? DAY_WEEKEND
                                                                : DAY_WORKDAY;
    for (uint32_t i = 0; i < c->schedule.window_count; i++) {
        const struct window *w = &c->windows[i];
        bool day_fits = (w->weekdays & 1 << weekday) && (w->day_kinds & 1 << kind);
        bool plate_fits = w->plate_tails == 0 || c->tail == PLATE_TAIL_UNKNOWN || (c->tail >= 0 && (w->plate_tails & 1 << c->tail));
        if (day_fits && plate_fits && w->from_min <= minute && minute < w->until_min) return true;
    }
    return false;
}

static void make_case(struct case_of *c, uint64_t *random)
{
    memset(c, 0, sizeof *c);
    c->start_ms = (int64_t)1790000000000 + oracle_below(random, 400) * DAY + oracle_below(random, 86400000);
    c->tail = (int)oracle_below(random, 12) - 2;
    c->calendar.first_day = (int32_t)(c->start_ms / DAY) + (int32_t)oracle_below(random, 10) - 5;
    c->calendar.day_count = oracle_below(random, DAYS + 1);
    c->calendar.kind = c->kinds;
    for (int i = 0; i < DAYS; i++) c->kinds[i] = (uint8_t)oracle_below(random, 4);
    c->schedule.windows = c->windows;
    c->schedule.window_count = oracle_below(random, WINDOWS_MAX + 1);
    for (uint32_t i = 0; i < WINDOWS_MAX; i++) {
        uint32_t from = oracle_below(random, 24) * 60 + (oracle_below(random, 3) ? 0 : oracle_below(random, 60));
        uint32_t until = oracle_below(random, 4) ? from + 1 + oracle_below(random, 1440 - from) : 1440;
        c->windows[i] = (struct window){
            .weekdays = oracle_below(random, 2) ? 0x7F : (uint8_t)oracle_below(random, 128),
            .day_kinds = oracle_below(random, 2) ? 0x0F : (uint8_t)oracle_below(random, 16),
            .from_min = (uint16_t)from, .until_min = (uint16_t)until,
            .plate_tails = oracle_below(random, 2) ? 0 : (uint16_t)oracle_below(random, 1024)};
    }
    c->schedule.from_ms = oracle_below(random, 2) ? INT64_MIN : c->start_ms + oracle_below(random, 5 * 1440) * MINUTE;
    c->schedule.until_ms =
        oracle_below(random, 2) ? TIME_OPEN : c->start_ms + (int64_t)oracle_below(random, 12 * 86400) * 1000;
}

static void a_schedule_holds_when_the_clock_says_so(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("schedule holds");
    for (int round = 0; round < 60; round++) {
        struct case_of c;
        make_case(&c, &random);
        for (int64_t m = 0; m < 10 * 1440; m++) {
            int64_t at = c.start_ms - 2 * DAY + m * MINUTE;
            assert_int_equal(schedule_holds(&c.schedule, &c.calendar, c.tail, at), holds_by_the_clock(&c, at));
        }
        for (int k = 0; k < 200; k++) { /* a millisecond around every boundary there can be */
            int64_t midnight = (c.start_ms / DAY + oracle_below(&random, 12)) * DAY - 8 * 3600000;
            const struct window *w = &c.windows[oracle_below(&random, WINDOWS_MAX)];
            int64_t edge = midnight + (oracle_below(&random, 2) ? w->from_min : w->until_min) * MINUTE;
            if (oracle_below(&random, 8) == 0) edge = c.schedule.until_ms;
            if (oracle_below(&random, 8) == 0) edge = c.schedule.from_ms;
            if (edge == INT64_MIN || edge == TIME_OPEN) continue;
            for (int64_t d = -1; d <= 1; d++)
                assert_int_equal(schedule_holds(&c.schedule, &c.calendar, c.tail, edge + d),
                                 holds_by_the_clock(&c, edge + d));
        }
    }
}

static void the_next_change_is_the_first_minute_or_bound_at_which_the_answer_differs(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("schedule next change");
    for (int round = 0; round < 1500; round++) {
        struct case_of c;
        make_case(&c, &random);
        int64_t at = c.start_ms + (int64_t)oracle_below(&random, 6 * 86400) * 1000 - DAY;
        bool now = holds_by_the_clock(&c, at);
        int64_t change = schedule_next_change(&c.schedule, &c.calendar, c.tail, at);
        int64_t seen = change < at + 20 * DAY ? change : at + 20 * DAY;
        if (change != TIME_OPEN) {
            assert_true(change > at);
            assert_int_not_equal(holds_by_the_clock(&c, change), now);
        }
        for (int64_t t = at; t < seen; t += MINUTE) assert_int_equal(holds_by_the_clock(&c, t), now);
        if (change != TIME_OPEN) assert_int_equal(holds_by_the_clock(&c, change - 1), now);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schedule_holds_when_the_clock_says_so),
        cmocka_unit_test(the_next_change_is_the_first_minute_or_bound_at_which_the_answer_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
