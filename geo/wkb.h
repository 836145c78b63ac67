/* Well-known binary, as PostGIS sends and takes it (EWKB): points, lines, polygons and multi polygons in lon/lat.
 *
 * Reading is strict: exactly one geometry and nothing behind it, two dimensions, SRID 4490, 4326 or none (the two
 * are equal at this accuracy), finite coordinates in range, rings closed. Both byte orders. Nothing is read outside
 * [bytes, bytes + size). Errors are STATUS_INVALID_GEOMETRY with the reason, and the same JSON pointer that the
 * geometry would have in GeoJSON. Source: OGC 06-103r4, and PostGIS for the SRID flag. */
#ifndef GEO_WKB_H
#define GEO_WKB_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"
#include "geo/multipolygon.h"
#include "geo/point.h"

/** Decodes hexadecimal text (either case) to `out`, which has room for length / 2 bytes. */
MUST_USE enum status wkb_unhex(const char *hex, size_t length, unsigned char *out, struct error *err);

MUST_USE enum status wkb_read_point(const unsigned char *bytes, size_t size, struct point_e7 *out,
                                    struct error *err);

/** A line of at least two points into the caller's array; a capacity of size / 16 is always enough. STATUS_TOO_LARGE
 *  when it is not. */
MUST_USE enum status wkb_read_line(const unsigned char *bytes, size_t size, struct point_e7 *out, size_t capacity,
                                   size_t *count, struct error *err);

/** A Polygon or MultiPolygon into empty `*out`, by a multipolygon_builder with `limits`. Not checked for validity. */
MUST_USE enum status wkb_read_multipolygon(const unsigned char *bytes, size_t size,
                                           const struct multipolygon_limits *limits, struct multipolygon *out,
                                           struct error *err);

/** Append little-endian EWKB with SRID 4490. A multipolygon is always written as MultiPolygon. */
void wkb_write_point(struct buffer *out, struct point_e7 point);
void wkb_write_line(struct buffer *out, const struct point_e7 *points, size_t count);
void wkb_write_multipolygon(struct buffer *out, const struct multipolygon *shape);

/** Appends bytes as upper-case hexadecimal text. */
void wkb_hex(struct buffer *out, const void *bytes, size_t size);

#endif
