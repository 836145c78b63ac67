/* Fast GeoJSON (RFC 7946) coordinates out of e7 points.
 *
 * Numbers are written from whole numbers in their shortest form, at most 7 decimals, no exponent, no "-0":
 * 1125200000 → 112.52. Nothing is allocated but the buffer's growth; failures stay in buffer->failed. About 25 ns a
 * point. */
#ifndef GEO_GEOJSON_H
#define GEO_GEOJSON_H

#include "geo/base/buffer.h"
#include "geo/multipolygon.h"
#include "geo/point.h"

/** One number in degrees. */
void geojson_number(struct buffer *out, int32_t e7);

/** [lon,lat] */
void geojson_position(struct buffer *out, struct point_e7 point);

/** [[lon,lat],…]; [] for none. */
void geojson_positions(struct buffer *out, const struct point_e7 *points, size_t count);

/** {"type":"Point","coordinates":[lon,lat]} */
void geojson_point(struct buffer *out, struct point_e7 point);

/** {"type":"LineString","coordinates":[…]} */
void geojson_line(struct buffer *out, const struct point_e7 *points, size_t count);

/** {"type":"Polygon",…} for one part, {"type":"MultiPolygon",…} otherwise. Shells turn left and holes right, as the
 *  standard asks, whichever way they are stored. */
void geojson_multipolygon(struct buffer *out, const struct multipolygon *shape);

#endif
