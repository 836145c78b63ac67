#include "api/wire/time_text.h"

#include <string.h>
#include <time.h>

enum { SHANGHAI_OFFSET_MS = 8 * 3600 * 1000 };
static const int64_t DAY_MS = 86400000;

/* Days since 1970-01-01 of a date of the Gregorian calendar, and back (H. Hinnant, "chrono-compatible low-level date
 * algorithms"): years start in March, so that the leap day is a year's last. */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = y / 400; /* y ≥ 1969 here */
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

static void civil_from_days(int64_t z, int *y, unsigned *m, unsigned *d)
{
    z += 719468;
    int64_t era = z / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = (int)(yoe + era * 400) + (*m <= 2);
}

/* `count` digits at text[*at]; moves on. */
static bool digits(const char *text, size_t length, size_t *at, unsigned count, unsigned *out)
{
    unsigned value = 0;
    for (unsigned i = 0; i < count; i++, (*at)++) {
        if (*at >= length || text[*at] < '0' || text[*at] > '9') return false;
        value = value * 10 + (unsigned)(text[*at] - '0');
    }
    *out = value;
    return true;
}

static bool sign(const char *text, size_t length, size_t *at, char c)
{
    if (*at >= length || text[*at] != c) return false;
    (*at)++;
    return true;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool time_parse(const char *text, size_t length, int64_t *out_ms)
{
    size_t at = 0;
    unsigned year, month, day, hour, minute, second, fraction_ms = 0;
    if (!digits(text, length, &at, 4, &year) || !sign(text, length, &at, '-') ||
        !digits(text, length, &at, 2, &month) || !sign(text, length, &at, '-') ||
        !digits(text, length, &at, 2, &day) || !sign(text, length, &at, 'T') ||
        !digits(text, length, &at, 2, &hour) || !sign(text, length, &at, ':') ||
        !digits(text, length, &at, 2, &minute) || !sign(text, length, &at, ':') ||
        !digits(text, length, &at, 2, &second))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    if (sign(text, length, &at, '.')) {
        unsigned count = 0, scale = 100;
        for (; at < length && text[at] >= '0' && text[at] <= '9'; at++, count++) {
            fraction_ms += (unsigned)(text[at] - '0') * scale;
            scale /= 10;
        }
        if (count == 0 || count > 9) return false;
    }
    int64_t offset_ms = 0;
    if (!sign(text, length, &at, 'Z')) {
        bool minus = sign(text, length, &at, '-');
        if (!minus && !sign(text, length, &at, '+')) return false;
        unsigned oh, om;
        if (!digits(text, length, &at, 2, &oh) || !sign(text, length, &at, ':') ||
            !digits(text, length, &at, 2, &om) || oh > 23 || om > 59)
            return false;
        if (minus && oh == 0 && om == 0) return false;
        offset_ms = (int64_t)(oh * 60 + om) * 60000 * (minus ? -1 : 1);
    }
    if (at != length) return false;
    *out_ms = days_from_civil(year, month, day) * DAY_MS + (int64_t)((hour * 60 + minute) * 60 + second) * 1000 +
              fraction_ms - offset_ms;
    return true;
}

static char *pad(char *out, unsigned value, unsigned count)
{
    for (unsigned i = count; i-- > 0; value /= 10) out[i] = (char)('0' + value % 10);
    return out + count;
}

size_t time_format(int64_t time_ms, char out[TIME_TEXT_SIZE])
{
    out[0] = '\0';
    if (time_ms < -(int64_t)SHANGHAI_OFFSET_MS || time_ms >= INT64_C(253402272000000)) return 0;
    int64_t local = time_ms + SHANGHAI_OFFSET_MS;
    unsigned ms = (unsigned)(local % DAY_MS);
    int year;
    unsigned month, day;
    civil_from_days(local / DAY_MS, &year, &month, &day);
    char *p = pad(out, (unsigned)year, 4);
    *p++ = '-', p = pad(p, month, 2);
    *p++ = '-', p = pad(p, day, 2);
    *p++ = 'T', p = pad(p, ms / 3600000, 2);
    *p++ = ':', p = pad(p, ms / 60000 % 60, 2);
    *p++ = ':', p = pad(p, ms / 1000 % 60, 2);
    if (ms % 1000) *p++ = '.', p = pad(p, ms % 1000, 3);
    memcpy(p, "+08:00", 7);
    return (size_t)(p - out) + 6;
}

int64_t time_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
