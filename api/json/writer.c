#include "api/json/writer.h"

#include "api/wire/time_text.h"

#include <math.h>
#include <string.h>

void writer_init(struct json_writer *w, struct buffer *out)
{
    *w = (struct json_writer){.out = out};
}

static void separate(struct json_writer *w)
{
    if (w->follows) buffer_char(w->out, ',');
    w->follows = true;
}

static void open_with(struct json_writer *w, char bracket)
{
    separate(w);
    buffer_char(w->out, bracket);
    w->follows = false;
}

static void close_with(struct json_writer *w, char bracket)
{
    buffer_char(w->out, bracket);
    w->follows = true;
}

void writer_open_object(struct json_writer *w)
{
    open_with(w, '{');
}

void writer_close_object(struct json_writer *w)
{
    close_with(w, '}');
}

void writer_open_array(struct json_writer *w)
{
    open_with(w, '[');
}

void writer_close_array(struct json_writer *w)
{
    close_with(w, ']');
}

void writer_key(struct json_writer *w, const char *key)
{
    size_t length = strlen(key);
    char *room = buffer_room(w->out, length + 4);
    if (room == NULL) return;
    char *p = room;
    if (w->follows) *p++ = ',';
    *p++ = '"';
    memcpy(p, key, length);
    p += length;
    *p++ = '"', *p++ = ':', *p = '\0';
    w->out->length += (size_t)(p - room);
    w->follows = false;
}

/* ---- strings ----------------------------------------------------------------------------------------------- */

/* Length of the well-formed UTF-8 sequence at p (RFC 3629: no overlong form, no surrogate), or 0. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4) return 0;
    size_t need = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (left < need) return 0;
    for (size_t i = 1; i < need; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
    if (p[0] == 0xED && p[1] > 0x9F) return 0;
    if (p[0] == 0xF0 && p[1] < 0x90) return 0;
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
    return need;
}

static void escape(struct buffer *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 0};
    size_t length = 2;
    switch (c) {
    case '"': text[1] = '"'; break;
    case '\\': text[1] = '\\'; break;
    case '\n': text[1] = 'n'; break;
    case '\r': text[1] = 'r'; break;
    case '\t': text[1] = 't'; break;
    default:
        memcpy(text, "\\u00", 4);
        text[4] = hex[c >> 4];
        text[5] = hex[c & 15];
        length = 6;
    }
    buffer_bytes(out, text, length);
}

void writer_text_bytes(struct json_writer *w, const char *text, size_t length)
{
    separate(w);
    buffer_char(w->out, '"');
    const unsigned char *p = (const unsigned char *)text;
    size_t start = 0, i = 0;
    while (i < length) {
        unsigned char c = p[i];
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            i++;
            continue;
        }
        size_t good = c >= 0x80 ? utf8_length(p + i, length - i) : 0;
        if (good) {
            i += good;
            continue;
        }
        buffer_bytes(w->out, text + start, i - start);
        if (c < 0x80) escape(w->out, c);
        else buffer_text(w->out, "\xEF\xBF\xBD");
        start = ++i;
    }
    buffer_bytes(w->out, text + start, length - start);
    buffer_char(w->out, '"');
}

void writer_text(struct json_writer *w, const char *text)
{
    if (text == NULL) writer_null(w);
    else writer_text_bytes(w, text, strlen(text));
}

void writer_raw(struct json_writer *w, const char *json, size_t length)
{
    separate(w);
    buffer_bytes(w->out, json, length);
}

/* ---- numbers ----------------------------------------------------------------------------------------------- */

enum { DECIMAL_SIZE = 32 };

static char *put_unsigned(char *p, uint64_t value)
{
    char digits[20];
    unsigned n = 0;
    do digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n) *p++ = digits[--n];
    return p;
}

/* At most 1 + 20 + 1 + 9 characters. */
static char *put_decimal(char *p, int64_t value, unsigned decimals)
{
    static const uint32_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint32_t scale = power[decimals];
    if (value < 0) *p++ = '-';
    p = put_unsigned(p, magnitude / scale);
    uint32_t fraction = (uint32_t)(magnitude % scale);
    if (fraction == 0) return p;
    while (fraction % 10 == 0) fraction /= 10, decimals--;
    *p++ = '.';
    for (unsigned i = decimals; i-- > 0; fraction /= 10) p[i] = (char)('0' + fraction % 10);
    return p + decimals;
}

void writer_decimal(struct json_writer *w, int64_t value, unsigned decimals)
{
    char *room = buffer_room(w->out, DECIMAL_SIZE);
    if (room == NULL) return;
    char *p = room;
    if (w->follows) *p++ = ',';
    p = put_decimal(p, value, decimals);
    *p = '\0';
    w->out->length += (size_t)(p - room);
    w->follows = true;
}

void writer_integer(struct json_writer *w, int64_t value)
{
    writer_decimal(w, value, 0);
}

void writer_milli(struct json_writer *w, int64_t value)
{
    writer_decimal(w, value, 3);
}

void writer_number(struct json_writer *w, double value, unsigned decimals)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    if (!isfinite(value) || fabs(value) > 9e9) writer_null(w);
    else writer_decimal(w, llround(value * power[decimals]), decimals);
}

void writer_boolean(struct json_writer *w, bool value)
{
    separate(w);
    buffer_text(w->out, value ? "true" : "false");
}

void writer_null(struct json_writer *w)
{
    separate(w);
    buffer_bytes(w->out, "null", 4);
}

void writer_time(struct json_writer *w, int64_t time_ms)
{
    char text[TIME_TEXT_SIZE];
    size_t length = time_format(time_ms, text);
    if (length == 0) writer_null(w);
    else writer_text_bytes(w, text, length);
}

/* ---- points ------------------------------------------------------------------------------------------------ */

enum { POINT_SIZE = 32 }; /* ",[-180.1234567,-90.1234567]" */

static char *put_point(char *p, struct point_e7 point)
{
    *p++ = '[';
    p = put_decimal(p, point.lon_e7, 7);
    *p++ = ',';
    p = put_decimal(p, point.lat_e7, 7);
    *p++ = ']';
    return p;
}

void writer_point_e7(struct json_writer *w, struct point_e7 point)
{
    char *room = buffer_room(w->out, POINT_SIZE);
    if (room == NULL) return;
    char *p = room;
    if (w->follows) *p++ = ',';
    p = put_point(p, point);
    *p = '\0';
    w->out->length += (size_t)(p - room);
    w->follows = true;
}

void writer_points_e7(struct json_writer *w, const struct point_e7 *points, size_t count)
{
    writer_open_array(w);
    for (size_t done = 0; done < count;) {
        /* room for a run of points at once: looking at the buffer for each would cost as much as the digits */
        size_t run = count - done < 64 ? count - done : 64;
        char *room = buffer_room(w->out, run * POINT_SIZE);
        if (room == NULL) return;
        char *p = room;
        for (size_t i = 0; i < run; i++) {
            if (w->follows) *p++ = ',';
            w->follows = true;
            p = put_point(p, points[done + i]);
        }
        *p = '\0';
        w->out->length += (size_t)(p - room);
        done += run;
    }
    writer_close_array(w);
}
