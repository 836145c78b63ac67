/* OGC API - Routes (draft): a route definition becomes a question for the planner, an answer becomes the Route Exchange
 * Model. Pure translation, from JSON to JSON.
 *
 *   definition  {"inputs": {"name", "waypoints": MultiPoint, "preference", "mode", "height", "weight", "obstacles":
 *                MultiPolygon, "when": {"timestamp", "type"}}}                       (earlier drafts: without "inputs")
 *   question    {"origin", "stops", "destination", "prefer", "vehicle", "avoid", "depart_at"} for api/parse/parse_route.h
 *
 * What cannot be kept to is refused, never left out: an arrival time, a mode that is no class of vehicles. */
#ifndef API_OGC_ROUTE_H
#define API_OGC_ROUTE_H

#include "api/json/reader.h"
#include "geo/base/buffer.h"

/** `*question` is JSON text in `arena`; *name the name that was given, or "". Errors point into the definition. */
MUST_USE enum status ogc_route_question(const struct json_at *definition, struct arena *arena, const char **question, const char **name,
                                        struct error *err);

/** Makes an error about the question one about the definition: its pointer. `wrapped`: the definition has "inputs". */
void ogc_route_blame(struct error *err, size_t waypoints, bool wrapped);

/** Appends the route as a GeoJSON FeatureCollection (overview, start, segments, end) made of an answer of /v1/route with
 *  geometry and steps. Lengths and times of the segments sum up to those of the overview: what a leg takes beyond driving
 *  (waiting, inspections, service at its end) is in its last segment. `id` names the route where it is
 *  kept, or NULL; `base` (api/public_url.h) is what its links begin with. */
MUST_USE enum status ogc_route_model(const char *answer, size_t length, const char *name, const char *base, const char *id, const char *processed_at,
                                     struct buffer *out, struct error *err);

/** Values of `mode`, up to NULL; the first is the default. */
extern const char *const ogc_route_modes[];

#endif
