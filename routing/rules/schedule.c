#include "routing/rules/schedule.h"

#include <stddef.h>
#include <string.h>

#define DAY_MS ((int64_t)86400000)
#define SHANGHAI_MS ((int64_t)8 * 3600000)
#define HORIZON_DAYS 400

enum { MINUTE_MS = 60000, DAY_MINUTES = 1440 };

/* Shanghai date as days since 1970-01-01. */
static int64_t day_of(int64_t at_ms)
{
    int64_t local = at_ms + SHANGHAI_MS;
    return local >= 0 ? local / DAY_MS : -((DAY_MS - 1 - local) / DAY_MS);
}

static int64_t day_start_ms(int64_t day)
{
    return day * DAY_MS - SHANGHAI_MS;
}

/* 0 Monday … 6 Sunday; 1970-01-01 was a Thursday. */
static int weekday_of(int64_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7);
}

static enum day_kind kind_of(const struct calendar *c, int64_t day)
{
    if (c != NULL && day >= c->first_day && day - c->first_day < (int64_t)c->day_count)
        return (enum day_kind)c->kind[day - c->first_day];
    return weekday_of(day) >= 5 ? DAY_WEEKEND : DAY_WORKDAY;
}

static bool tail_fits(const struct window *w, int plate_tail)
{
    if (w->plate_tails == 0 || plate_tail == PLATE_TAIL_UNKNOWN) return true;
    return plate_tail >= 0 && (w->plate_tails >> plate_tail & 1) != 0;
}

static bool window_on(const struct window *w, int weekday, enum day_kind kind, int plate_tail)
{
    if ((w->weekdays >> weekday & 1) == 0 || (w->day_kinds >> kind & 1) == 0) return false;
    return tail_fits(w, plate_tail);
}

/* Far from the ends of the number range, so that no sum below overflows. */
static bool is_a_time(int64_t at_ms)
{
    return at_ms > INT64_MIN / 2 && at_ms < INT64_MAX / 2;
}

bool schedule_same(const struct schedule *a, const struct schedule *b)
{
    return a->from_ms == b->from_ms && a->until_ms == b->until_ms && a->window_count == b->window_count &&
           (a->window_count == 0 || memcmp(a->windows, b->windows, a->window_count * sizeof *a->windows) == 0);
}

bool schedule_holds(const struct schedule *s, const struct calendar *c, int plate_tail, int64_t at_ms)
{
    if (at_ms < s->from_ms || at_ms >= s->until_ms) return false;
    if (s->window_count == 0) return true;
    if (!is_a_time(at_ms)) return false;
    int64_t day = day_of(at_ms), minute = (at_ms - day_start_ms(day)) / MINUTE_MS;
    int weekday = weekday_of(day);
    enum day_kind kind = kind_of(c, day);
    for (uint32_t i = 0; i < s->window_count; i++) {
        const struct window *w = &s->windows[i];
        if (minute >= w->from_min && minute < w->until_min && window_on(w, weekday, kind, plate_tail)) return true;
    }
    return false;
}

static bool any_window_on(const struct schedule *s, const struct calendar *c, int plate_tail, int64_t day)
{
    int weekday = weekday_of(day);
    enum day_kind kind = kind_of(c, day);
    for (uint32_t i = 0; i < s->window_count; i++)
        if (window_on(&s->windows[i], weekday, kind, plate_tail)) return true;
    return false;
}

/* The first minute after `minute` on which a window begins or ends, or the next midnight. */
static int next_edge(const struct schedule *s, int minute)
{
    int edge = DAY_MINUTES;
    for (uint32_t i = 0; i < s->window_count; i++) {
        const struct window *w = &s->windows[i];
        if (w->from_min > minute && w->from_min < edge) edge = w->from_min;
        if (w->until_min > minute && w->until_min < edge) edge = w->until_min;
    }
    return edge;
}

/* Whether some window is for this plate at all: without this, each look ahead would walk through 400 days in which nothing
 * can change. */
static bool is_for(const struct schedule *s, int plate_tail)
{
    for (uint32_t i = 0; i < s->window_count; i++)
        if (tail_fits(&s->windows[i], plate_tail)) return true;
    return false;
}

int64_t schedule_next_change(const struct schedule *s, const struct calendar *c, int plate_tail, int64_t at_ms)
{
    bool now = schedule_holds(s, c, plate_tail, at_ms);
    int64_t at = at_ms;
    if (at < s->from_ms) {
        at = s->from_ms;
        if (at >= s->until_ms) return TIME_OPEN; /* an empty interval */
        if (schedule_holds(s, c, plate_tail, at) != now) return at;
    }
    if (at >= s->until_ms) return TIME_OPEN;
    if (s->window_count == 0) return s->until_ms; /* it holds until then */
    if (!is_a_time(at) || !is_for(s, plate_tail)) return TIME_OPEN;

    int64_t day = day_of(at), last = day + HORIZON_DAYS;
    int minute = (int)((at - day_start_ms(day)) / MINUTE_MS);
    while (day <= last) {
        /* days on which nothing can begin are most of a year for a rule of holidays */
        if (!now && minute == 0 && !any_window_on(s, c, plate_tail, day)) {
            day++;
            if (day_start_ms(day) >= s->until_ms) return TIME_OPEN;
            if (schedule_holds(s, c, plate_tail, day_start_ms(day))) return day_start_ms(day);
            continue;
        }
        minute = next_edge(s, minute);
        if (minute == DAY_MINUTES) {
            day++;
            minute = 0;
        }
        int64_t edge = day_start_ms(day) + (int64_t)minute * MINUTE_MS;
        if (edge >= s->until_ms) return now ? s->until_ms : TIME_OPEN;
        if (schedule_holds(s, c, plate_tail, edge) != now) return edge;
    }
    return TIME_OPEN;
}
