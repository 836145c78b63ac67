#include "geo/geojson.h"

#include <string.h>

enum { NUMBER_MAX = 12, /* -180.1234567 */ POSITION_MAX = 2 * NUMBER_MAX + 3, CHUNK = 128 };

static const char two_digits[] = "0001020304050607080910111213141516171819"
                                 "2021222324252627282930313233343536373839"
                                 "4041424344454647484950515253545556575859"
                                 "6061626364656667686970717273747576777879"
                                 "8081828384858687888990919293949596979899";

/* Writes e7 / 10^7 and returns the end. */
static char *put_number(char *at, int32_t e7)
{
    uint32_t value = e7 < 0 ? 0u - (uint32_t)e7 : (uint32_t)e7;
    if (e7 < 0) *at++ = '-';
    uint32_t whole = value / 10000000, fraction = value % 10000000;
    if (whole >= 100) {
        *at++ = (char)('0' + whole / 100);
        memcpy(at, two_digits + 2 * (whole % 100), 2);
        at += 2;
    } else if (whole >= 10) {
        memcpy(at, two_digits + 2 * whole, 2);
        at += 2;
    } else {
        *at++ = (char)('0' + whole);
    }
    if (fraction == 0) return at;
    *at = '.';
    uint32_t high = fraction / 1000, low = fraction % 1000; /* 4 + 3 digits */
    memcpy(at + 1, two_digits + 2 * (high / 100), 2);
    memcpy(at + 3, two_digits + 2 * (high % 100), 2);
    memcpy(at + 5, two_digits + 2 * (low / 10), 2);
    at[7] = (char)('0' + low % 10);
    char *end = at + 8;
    while (end[-1] == '0') end--;
    return end;
}

static char *put_position(char *at, struct point_e7 point)
{
    *at++ = '[';
    at = put_number(at, point.lon_e7);
    *at++ = ',';
    at = put_number(at, point.lat_e7);
    *at++ = ']';
    return at;
}

static void finish(struct buffer *out, char *end)
{
    *end = '\0';
    out->length = (size_t)(end - out->data);
}

void geojson_number(struct buffer *out, int32_t e7)
{
    char *room = buffer_room(out, NUMBER_MAX);
    if (room != NULL) finish(out, put_number(room, e7));
}

void geojson_position(struct buffer *out, struct point_e7 point)
{
    char *room = buffer_room(out, POSITION_MAX);
    if (room != NULL) finish(out, put_position(room, point));
}

/* [first, first + step, …]: `step` −1 writes a ring the other way round. */
static void positions(struct buffer *out, const struct point_e7 *first, size_t count, int step)
{
    buffer_char(out, '[');
    for (size_t done = 0; done < count;) {
        size_t n = count - done < CHUNK ? count - done : CHUNK;
        char *at = buffer_room(out, n * (POSITION_MAX + 1));
        if (at == NULL) return;
        for (size_t i = 0; i < n; i++, done++, first += done < count ? step : 0) {
            if (done > 0) *at++ = ',';
            at = put_position(at, *first);
        }
        finish(out, at);
    }
    buffer_char(out, ']');
}

void geojson_positions(struct buffer *out, const struct point_e7 *points, size_t count)
{
    positions(out, points, count, 1);
}

void geojson_point(struct buffer *out, struct point_e7 point)
{
    buffer_text(out, "{\"type\":\"Point\",\"coordinates\":");
    geojson_position(out, point);
    buffer_char(out, '}');
}

void geojson_line(struct buffer *out, const struct point_e7 *points, size_t count)
{
    buffer_text(out, "{\"type\":\"LineString\",\"coordinates\":");
    positions(out, points, count, 1);
    buffer_char(out, '}');
}

/* Whether a ring turns left (its surface is positive). */
static bool turns_left(const struct point_e7 *points, size_t count)
{
    double twice = 0; /* the sign is all that matters; relative to the first point little is lost */
    for (size_t i = 1; i + 1 < count; i++) {
        double ax = (double)points[i].lon_e7 - points[0].lon_e7, ay = (double)points[i].lat_e7 - points[0].lat_e7;
        double bx = (double)points[i + 1].lon_e7 - points[0].lon_e7, by = (double)points[i + 1].lat_e7 - points[0].lat_e7;
        twice += ax * by - ay * bx;
    }
    return twice > 0;
}

void geojson_multipolygon(struct buffer *out, const struct multipolygon *shape)
{
    bool multi = shape->part_count != 1;
    buffer_text(out, multi ? "{\"type\":\"MultiPolygon\",\"coordinates\":[" : "{\"type\":\"Polygon\",\"coordinates\":");
    for (uint32_t p = 0; p < shape->part_count; p++) {
        uint32_t first_ring = shape->part_first_ring[p];
        buffer_text(out, p > 0 ? ",[" : "[");
        for (uint32_t r = first_ring; r < shape->part_first_ring[p + 1]; r++) {
            const struct point_e7 *points = shape->points + shape->ring_first_point[r];
            size_t count = shape->ring_first_point[r + 1] - shape->ring_first_point[r];
            if (r > first_ring) buffer_char(out, ',');
            if (turns_left(points, count) == (r == first_ring))
                positions(out, points, count, 1);
            else
                positions(out, points + count - 1, count, -1);
        }
        buffer_char(out, ']');
    }
    buffer_text(out, multi ? "]}" : "}");
}
