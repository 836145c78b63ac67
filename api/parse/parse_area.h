/* Areas drawn in a request: GeoJSON Polygon, MultiPolygon, or a Feature or FeatureCollection of them (RFC 7946).
 *
 * Validate, never repair: the numbers are checked one by one, then rings and topology, and the error names the place.
 * Several features become one shape whose inside is the inside of any of them. */
#ifndef API_PARSE_AREA_H
#define API_PARSE_AREA_H

#include "api/parse/parse_common.h"
#include "geo/multipolygon.h"

/** Reads an area into arrays of the arena; *out is all zero for an empty MultiPolygon or FeatureCollection. Errors:
 *  those of the reader, INVALID_GEOMETRY, TOO_LARGE past the caps of `limits`. */
MUST_USE enum status parse_area(struct parse *parse, const struct json_at *at, const struct multipolygon_limits *limits,
                                struct multipolygon *out, struct error *err);

#endif
