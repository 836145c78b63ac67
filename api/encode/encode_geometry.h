/* Lines and areas on the wire, in the CRS and format the request asked for. */
#ifndef API_ENCODE_GEOMETRY_H
#define API_ENCODE_GEOMETRY_H

#include "api/json/writer.h"
#include "api/parse/parse_route.h"
#include "geo/multipolygon.h"

/** [x, y]. */
void encode_point(struct json_writer *w, const struct wire_crs *crs, struct point_e7 point);

/** A GeoJSON LineString or a polyline string, by form->geometry; null when that is GEOMETRY_NONE. One point is written
 *  twice: a line has two. */
void encode_line(struct json_writer *w, const struct wire_form *form, const struct point_e7 *points, size_t count);

/** A GeoJSON Polygon or MultiPolygon; null when it is empty. */
void encode_area(struct json_writer *w, const struct wire_crs *crs, const struct multipolygon *area);

/** An encoded polyline (Google's algorithm) of `decimals` 5 or 6 as a JSON string. Lat before lon, as that format
 *  has it. */
void encode_polyline(struct json_writer *w, const struct point_e7 *points, size_t count, unsigned decimals);

#endif
