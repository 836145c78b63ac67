/* Writing JSON straight into a buffer, without a tree in between.
 *
 *   struct json_writer w;
 *   writer_init(&w, &buffer);
 *   writer_open_object(&w);
 *   writer_key(&w, "duration_s"), writer_milli(&w, 12500);      // 12.5
 *   writer_key(&w, "points"), writer_open_array(&w);
 *   …
 *   writer_close_array(&w);
 *   writer_close_object(&w);
 *   if (buffer.failed) …                                        // sticky, looked at once
 *
 * Commas come by themselves. Strings are escaped; bytes that are not UTF-8 become U+FFFD, so that the result is always
 * valid JSON. Numbers are written from integers, by their own code: the same bytes on every machine and locale. */
#ifndef API_JSON_WRITER_H
#define API_JSON_WRITER_H

#include "geo/base/buffer.h"
#include "geo/point.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
    struct buffer *out;
    bool follows; /* a comma is due before the next value or key */
};

void writer_init(struct json_writer *w, struct buffer *out);

void writer_open_object(struct json_writer *w);
void writer_close_object(struct json_writer *w);
void writer_open_array(struct json_writer *w);
void writer_close_array(struct json_writer *w);

/** `key` is written as it is: only for names that need no escape. */
void writer_key(struct json_writer *w, const char *key);

/** NULL writes null. */
void writer_text(struct json_writer *w, const char *text);
void writer_text_bytes(struct json_writer *w, const char *text, size_t length);
void writer_integer(struct json_writer *w, int64_t value);
void writer_boolean(struct json_writer *w, bool value);
void writer_null(struct json_writer *w);

/** value / 10^decimals, exactly, without trailing zeros. decimals ≤ 9. */
void writer_decimal(struct json_writer *w, int64_t value, unsigned decimals);

/** value / 1000: ms as s, mm as m, kg as t. */
void writer_milli(struct json_writer *w, int64_t value);

/** Rounded to `decimals` ≤ 9 places; null when not finite or beyond ±9e9. */
void writer_number(struct json_writer *w, double value, unsigned decimals);

/** [lon, lat] with up to seven places. */
void writer_point_e7(struct json_writer *w, struct point_e7 point);

/** [[lon, lat], …]; the quick way for a geometry. */
void writer_points_e7(struct json_writer *w, const struct point_e7 *points, size_t count);

/** A time in +08:00, or null when it is open (INT64_MIN, INT64_MAX). */
void writer_time(struct json_writer *w, int64_t time_ms);

/** A piece of JSON made elsewhere, as one value. */
void writer_raw(struct json_writer *w, const char *json, size_t length);

#endif
