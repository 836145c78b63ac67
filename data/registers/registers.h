/* Registers as GeoJSON, for maps and for choosing places by name. */
#ifndef DATA_REGISTERS_H
#define DATA_REGISTERS_H

#include "data/pg/read_pool.h"
#include "geo/base/buffer.h"

/** Facilities, enterprises, toll stations and county seats as one FeatureCollection, ordered by kind and name. `bbox`:
 *  west, south, east, north in degrees, or NULL. At most 20,000 features: more is TOO_LARGE, never a part of them. */
MUST_USE enum status register_places(struct read_pool *pool, const double *bbox, struct buffer *out, struct error *err);

#endif
