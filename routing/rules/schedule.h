/* When a rule holds. Times are milliseconds since 1970-01-01T00:00Z; wall-clock parts are Asia/Shanghai (+08:00, no
 * daylight saving). All intervals are half-open [from, until). */
#ifndef ROUTING_SCHEDULE_H
#define ROUTING_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define TIME_OPEN INT64_MAX /* until further notice */

enum day_kind { DAY_WORKDAY, DAY_WEEKEND, DAY_HOLIDAY, DAY_MAKEUP_WORKDAY };

/* Kinds of days from the table calendar_day; days outside it go by weekday. */
struct calendar {
    int32_t first_day;   /* days since 1970-01-01, Shanghai date */
    uint32_t day_count;
    const uint8_t *kind; /* enum day_kind */
};

struct window {
    uint8_t weekdays;   /* bit 0 Monday … bit 6 Sunday; 0x7F all */
    uint8_t day_kinds;  /* bit 1 << enum day_kind; 0x0F all */
    uint16_t from_min, until_min; /* minutes of the day, 0 ≤ from < until ≤ 1440; one past midnight is two rows */
    uint16_t plate_tails; /* bit d: for plates whose last digit is d; 0 = all plates */
};

struct schedule {
    int64_t from_ms, until_ms; /* INT64_MIN / TIME_OPEN when unbounded */
    uint32_t window_count;     /* 0: the whole interval */
    const struct window *windows;
};

/* Beside the last digits 0 … 9. Doubt closes: where a rule goes by the last digit, one that nobody knows counts as every
 * digit. For what opens instead (the hours of a checkpoint) it counts as none. */
enum { PLATE_TAIL_UNKNOWN = -1, PLATE_TAIL_NONE = -2 };

static inline int plate_tail_for_opening(int plate_tail)
{
    return plate_tail == PLATE_TAIL_UNKNOWN ? PLATE_TAIL_NONE : plate_tail;
}

/** Whether they are written alike, window by window: then they hold at the same moments. O(windows). */
bool schedule_same(const struct schedule *a, const struct schedule *b);

/** Does it hold at `at_ms` for a plate with this last digit? */
bool schedule_holds(const struct schedule *s, const struct calendar *c, int plate_tail, int64_t at_ms);

/** The first moment after `at_ms` at which schedule_holds changes, or TIME_OPEN. Looks at most 400 days ahead within
 *  the interval. */
int64_t schedule_next_change(const struct schedule *s, const struct calendar *c, int plate_tail, int64_t at_ms);

#endif
