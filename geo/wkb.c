#include "geo/wkb.h"

#include <math.h>
#include <string.h>

enum {
    TYPE_POINT = 1,
    TYPE_LINE = 2,
    TYPE_POLYGON = 3,
    TYPE_MULTIPOLYGON = 6,
    SRID_CGCS2000 = 4490,
    SRID_WGS84 = 4326,
};

#define FLAG_SRID 0x20000000u

struct reader {
    const unsigned char *at, *end;
    bool big_endian;
};

static enum status broken(struct error *err)
{
    return error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_WKB_BROKEN);
}

/* ---- numbers ---- */

static bool read_u8(struct reader *in, unsigned *out)
{
    if (in->at == in->end) return false;
    *out = *in->at++;
    return true;
}

static bool read_u32(struct reader *in, uint32_t *out)
{
    if (in->end - in->at < 4) return false;
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value |= (uint32_t)in->at[i] << 8 * (in->big_endian ? 3 - i : i);
    in->at += 4;
    *out = value;
    return true;
}

static bool read_double(struct reader *in, double *out)
{
    if (in->end - in->at < 8) return false;
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)in->at[i] << 8 * (in->big_endian ? 7 - i : i);
    in->at += 8;
    memcpy(out, &value, sizeof *out);
    return true;
}

/* Byte order, type and, outside, SRID of a geometry. */
static enum status read_head(struct reader *in, bool outer, uint32_t *type, struct error *err)
{
    unsigned order;
    uint32_t word, srid = SRID_CGCS2000;
    if (!read_u8(in, &order) || order > 1) return broken(err);
    in->big_endian = order == 0;
    if (!read_u32(in, &word)) return broken(err);
    *type = word & ~FLAG_SRID;
    if ((word & FLAG_SRID) != 0) {
        if (!outer || !read_u32(in, &srid)) return broken(err);
        if (srid != SRID_CGCS2000 && srid != SRID_WGS84)
            return error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_WKB_SRID, (unsigned)srid);
    }
    return STATUS_OK;
}

static enum status wrong_type(struct error *err, uint32_t type, const char *expected)
{
    enum status status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_WKB_TYPE, expected);
    error_log(err, "wkb type 0x%08x", (unsigned)type);
    return status;
}

/* A count that the remaining bytes can hold, each item being at least `least` bytes. */
static bool read_count(struct reader *in, size_t least, uint32_t *count)
{
    return read_u32(in, count) && *count <= (size_t)(in->end - in->at) / least;
}

static enum status read_position(struct reader *in, struct point_e7 *out, struct error *err)
{
    struct point p;
    if (!read_double(in, &p.lon_deg) || !read_double(in, &p.lat_deg)) return broken(err);
    if (!isfinite(p.lon_deg) || !isfinite(p.lat_deg)) return error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_NOT_A_NUMBER);
    if (!point_valid(p))
        return error_set(err, STATUS_INVALID_GEOMETRY, fabs(p.lat_deg) <= 90 ? MESSAGE_LON_RANGE : MESSAGE_LAT_RANGE);
    *out = point_to_e7(p);
    return STATUS_OK;
}

/* ---- reading ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

enum status wkb_unhex(const char *hex, size_t length, unsigned char *out, struct error *err)
{
    if (length % 2 != 0) return broken(err);
    for (size_t i = 0; i < length; i += 2) {
        int high = hex_value(hex[i]), low = hex_value(hex[i + 1]);
        if (high < 0 || low < 0) return broken(err);
        out[i / 2] = (unsigned char)(high << 4 | low);
    }
    return STATUS_OK;
}

enum status wkb_read_point(const unsigned char *bytes, size_t size, struct point_e7 *out, struct error *err)
{
    struct reader in = {bytes, bytes + size, false};
    uint32_t type;
    enum status status = read_head(&in, true, &type, err);
    if (status != STATUS_OK) return status;
    if (type != TYPE_POINT) return wrong_type(err, type, "Point");
    status = read_position(&in, out, err);
    if (status != STATUS_OK) {
        error_pointer(err, "/coordinates");
        return status;
    }
    return in.at == in.end ? STATUS_OK : broken(err);
}

enum status wkb_read_line(const unsigned char *bytes, size_t size, struct point_e7 *out, size_t capacity, size_t *count,
                          struct error *err)
{
    struct reader in = {bytes, bytes + size, false};
    uint32_t type, points;
    *count = 0;
    enum status status = read_head(&in, true, &type, err);
    if (status != STATUS_OK) return status;
    if (type != TYPE_LINE) return wrong_type(err, type, "LineString");
    if (!read_count(&in, 16, &points)) return broken(err);
    if (points > capacity) return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_LINE_POINTS, capacity);
    if (points < 2) return error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_LINE_TOO_SHORT);
    for (uint32_t i = 0; i < points; i++) {
        status = read_position(&in, &out[i], err);
        if (status != STATUS_OK) {
            error_pointer(err, "/coordinates/%u", i);
            return status;
        }
    }
    if (in.at != in.end) return broken(err);
    *count = points;
    return STATUS_OK;
}

/* The rings of a polygon whose head has been read. */
static enum status read_part(struct reader *in, struct multipolygon_builder *builder, struct error *err)
{
    uint32_t rings;
    enum status status = multipolygon_builder_part(builder, err);
    if (status != STATUS_OK) return status;
    if (!read_count(in, 4, &rings)) return broken(err);
    for (uint32_t r = 0; r < rings; r++) {
        uint32_t points;
        status = multipolygon_builder_ring(builder, err);
        if (status != STATUS_OK) return status;
        if (!read_count(in, 16, &points)) return broken(err);
        for (uint32_t i = 0; i < points; i++) {
            double lon_deg, lat_deg;
            if (!read_double(in, &lon_deg) || !read_double(in, &lat_deg)) return broken(err);
            status = multipolygon_builder_point(builder, lon_deg, lat_deg, err);
            if (status != STATUS_OK) return status;
        }
    }
    return STATUS_OK;
}

enum status wkb_read_multipolygon(const unsigned char *bytes, size_t size, const struct multipolygon_limits *limits,
                                  struct multipolygon *out, struct error *err)
{
    struct reader in = {bytes, bytes + size, false};
    struct multipolygon_builder *builder = NULL;
    uint32_t type, parts = 1;
    *out = (struct multipolygon){0};
    enum status status = read_head(&in, true, &type, err);
    if (status != STATUS_OK) return status;
    if (type != TYPE_POLYGON && type != TYPE_MULTIPOLYGON) return wrong_type(err, type, "Polygon, MultiPolygon");
    bool multi = type == TYPE_MULTIPOLYGON;
    builder = multipolygon_builder_new(multi ? MULTIPOLYGON_KIND_MULTIPOLYGON : MULTIPOLYGON_KIND_POLYGON, limits);
    if (builder == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (multi && !read_count(&in, 9, &parts)) {
        status = broken(err);
        goto done;
    }
    for (uint32_t p = 0; p < parts; p++) {
        if (multi) {
            status = read_head(&in, false, &type, err);
            if (status == STATUS_OK && type != TYPE_POLYGON) status = wrong_type(err, type, "Polygon");
            if (status != STATUS_OK) goto done;
        }
        status = read_part(&in, builder, err);
        if (status != STATUS_OK) goto done;
    }
    if (in.at != in.end) {
        status = broken(err);
        goto done;
    }
    status = multipolygon_builder_take(builder, out, err);
done:
    multipolygon_builder_free(builder);
    return status;
}

/* ---- writing ---- */

static char *put_u32(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) *at++ = (char)(value >> 8 * i & 0xFF);
    return at;
}

static char *put_double(char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++) *at++ = (char)(bits >> 8 * i & 0xFF);
    return at;
}

static char *put_head(char *at, uint32_t type, bool outer)
{
    *at++ = 1;
    at = put_u32(at, outer ? type | FLAG_SRID : type);
    return outer ? put_u32(at, SRID_CGCS2000) : at;
}

static char *put_positions(char *at, const struct point_e7 *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct point p = point_from_e7(points[i]);
        at = put_double(at, p.lon_deg);
        at = put_double(at, p.lat_deg);
    }
    return at;
}

static void finish(struct buffer *out, char *end)
{
    *end = '\0';
    out->length = (size_t)(end - out->data);
}

void wkb_write_point(struct buffer *out, struct point_e7 point)
{
    char *at = buffer_room(out, 9 + 16);
    if (at == NULL) return;
    at = put_head(at, TYPE_POINT, true);
    finish(out, put_positions(at, &point, 1));
}

void wkb_write_line(struct buffer *out, const struct point_e7 *points, size_t count)
{
    char *at = buffer_room(out, 9 + 4 + 16 * count);
    if (at == NULL) return;
    at = put_u32(put_head(at, TYPE_LINE, true), (uint32_t)count);
    finish(out, put_positions(at, points, count));
}

void wkb_write_multipolygon(struct buffer *out, const struct multipolygon *shape)
{
    char *at = buffer_room(out, 13 + 9 * (size_t)shape->part_count + 4 * (size_t)shape->ring_count +
                                    16 * (size_t)shape->point_count);
    if (at == NULL) return;
    at = put_u32(put_head(at, TYPE_MULTIPOLYGON, true), shape->part_count);
    for (uint32_t p = 0; p < shape->part_count; p++) {
        at = put_head(at, TYPE_POLYGON, false);
        at = put_u32(at, shape->part_first_ring[p + 1] - shape->part_first_ring[p]);
        for (uint32_t r = shape->part_first_ring[p]; r < shape->part_first_ring[p + 1]; r++) {
            uint32_t first = shape->ring_first_point[r], count = shape->ring_first_point[r + 1] - first;
            at = put_positions(put_u32(at, count), shape->points + first, count);
        }
    }
    finish(out, at);
}

void wkb_hex(struct buffer *out, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char *in = bytes;
    char *at = buffer_room(out, 2 * size);
    if (at == NULL) return;
    for (size_t i = 0; i < size; i++) {
        *at++ = digits[in[i] >> 4];
        *at++ = digits[in[i] & 15];
    }
    finish(out, at);
}
