#include "geo/polyline.h"

#include <stdbool.h>

enum { NUMBER_MAX = 7, CHUNK = 128 }; /* 33 bits in groups of 5 */

static int32_t unit_e7(enum polyline_precision precision)
{
    return precision == POLYLINE_5 ? 100 : 10;
}

static int32_t divide_round(int32_t value, int32_t unit)
{
    return value < 0 ? -((-value + unit / 2) / unit) : (value + unit / 2) / unit;
}

static char *put(char *at, int32_t difference, bool json)
{
    uint32_t bits = (uint32_t)difference << 1;
    if (difference < 0) bits = ~bits;
    for (;;) {
        char c = (char)((bits & 31) + (bits >= 32 ? 32 : 0) + 63);
        *at++ = c;
        if (json && c == '\\') *at++ = c;
        if (bits < 32) return at;
        bits >>= 5;
    }
}

static void encode(struct buffer *out, const struct point_e7 *points, size_t count, enum polyline_precision precision,
                   bool json)
{
    int32_t unit = unit_e7(precision), lon = 0, lat = 0;
    for (size_t done = 0; done < count;) {
        size_t n = count - done < CHUNK ? count - done : CHUNK;
        char *room = buffer_room(out, n * 4 * NUMBER_MAX), *at = room;
        if (room == NULL) return;
        for (size_t i = 0; i < n; i++, done++) {
            int32_t next_lat = divide_round(points[done].lat_e7, unit), next_lon = divide_round(points[done].lon_e7, unit);
            at = put(at, next_lat - lat, json);
            at = put(at, next_lon - lon, json);
            lat = next_lat;
            lon = next_lon;
        }
        *at = '\0';
        out->length += (size_t)(at - room);
    }
}

void polyline_encode(struct buffer *out, const struct point_e7 *points, size_t count, enum polyline_precision precision)
{
    encode(out, points, count, precision, false);
}

void polyline_encode_json(struct buffer *out, const struct point_e7 *points, size_t count,
                          enum polyline_precision precision)
{
    encode(out, points, count, precision, true);
}

static enum status broken(struct error *err, size_t at)
{
    enum status status = error_set(err, STATUS_INVALID, MESSAGE_POLYLINE_BROKEN);
    error_log(err, "polyline: byte %zu", at);
    return status;
}

/* One number; moves *at. False when it is broken, overlong or does not fit 31 bits. */
static bool take(const char *text, size_t length, size_t *at, int64_t *difference)
{
    uint64_t bits = 0;
    for (int shift = 0; shift < 5 * NUMBER_MAX; shift += 5) {
        if (*at >= length) return false;
        int group = (unsigned char)text[*at] - 63;
        if (group < 0 || group > 63) return false;
        ++*at;
        bits |= (uint64_t)(group & 31) << shift;
        if (group >= 32) continue;
        if (group == 0 && shift > 0) return false; /* the writer would have stopped before */
        *difference = (bits & 1) != 0 ? -(int64_t)(bits >> 1) - 1 : (int64_t)(bits >> 1);
        return true;
    }
    return false;
}

enum status polyline_decode(const char *text, size_t length, enum polyline_precision precision, struct point_e7 *out,
                            size_t capacity, size_t *count, struct error *err)
{
    int64_t unit = unit_e7(precision), lon = 0, lat = 0;
    *count = 0;
    for (size_t at = 0; at < length;) {
        size_t start = at;
        int64_t lat_difference, lon_difference;
        if (!take(text, length, &at, &lat_difference) || !take(text, length, &at, &lon_difference))
            return broken(err, at);
        lat += lat_difference; /* sums stay small: the point before was on the earth */
        lon += lon_difference;
        if (lon * unit < -LON_E7_MAX || lon * unit > LON_E7_MAX || lat * unit < -LAT_E7_MAX || lat * unit > LAT_E7_MAX)
            return broken(err, start);
        if (*count >= capacity) return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_LINE_POINTS, capacity);
        out[(*count)++] = (struct point_e7){(int32_t)(lon * unit), (int32_t)(lat * unit)};
    }
    return STATUS_OK;
}
