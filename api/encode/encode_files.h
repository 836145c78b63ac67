/* A plan as files that other programs open: GeoJSON for maps, GPX 1.1 for navigation devices. Coordinates are longitude
 * and latitude of CGCS2000, which such programs take for WGS 84; both agree within a metre. */
#ifndef API_ENCODE_FILES_H
#define API_ENCODE_FILES_H

#include "api/encode/encode_route.h"

/** A FeatureCollection: a line for each leg, then points for calls and gates, each with `kind`, names and times. */
void encode_plan_geojson(struct buffer *out, const struct route_encoder *encoder, const struct plan *plan);

/** A track for each leg, waypoints for calls and gates. Only what depends on the plan is in it: the same plan gives the
 *  same bytes. */
void encode_plan_gpx(struct buffer *out, const struct route_encoder *encoder, const struct plan *plan);

/** Text between tags and in attributes of XML: escaped, control characters as blanks. `text` is UTF-8. */
void encode_xml_text(struct buffer *out, const char *text);

#endif
