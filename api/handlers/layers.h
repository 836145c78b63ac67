/* What the map draws: the rules in force as GeoJSON, the registers, and what the network is. */
#ifndef API_HANDLERS_LAYERS_H
#define API_HANDLERS_LAYERS_H

#include "geo/base/error.h"
#include "geo/point.h"

struct exchange;

/** `count` numbers separated by commas and nothing else. */
MUST_USE bool numbers_parse(const char *text, int count, double *out);

/** "west,south,east,north" in degrees. INVALID, with the pointer /bbox. */
MUST_USE enum status bbox_parse(const char *text, struct box *out, struct error *err);

/** GET /v1/zones, /v1/checkpoints, /v1/closures?bbox=w,s,e,n&at=…: those of the current view, as FeatureCollections.
 *  `at` (default now) decides `in_force`. */
void zones_read(struct exchange *x);
void checkpoints_read(struct exchange *x);
void closures_read(struct exchange *x);

/** GET /v1/facilities?bbox=…: facilities, enterprises, toll stations and county seats, from the database. */
void facilities_read(struct exchange *x);

/** GET /v1/network: extent, counts, versions, credential types, age of the rules. */
void network_read(struct exchange *x);

/* Keys of the queries, for the routes table. */
extern const char *const layer_keys[];

#endif
