/* Finds places by what a person types: county seats, facilities, enterprises, toll stations, checkpoints, roads. */
#ifndef DATA_PLACE_SEARCH_H
#define DATA_PLACE_SEARCH_H

#include "data/pg/pg.h"
#include "geo/base/buffer.h"

enum { PLACE_QUERY_MAX = 200, PLACE_LIMIT_DEFAULT = 10, PLACE_LIMIT_MAX = 50 };

/** Appends {"results":[{"kind", "id", "name", "name_en", "detail", "location":[lon, lat]}]}: the best first, at most `limit`.
 *  Places match anywhere in either name, roads by the beginning of their name or by their number; aliases of roads count.
 *  A road and a stake (data/registers/stake.h) is the place on each carriageway whose tags have it, from stake_from_km to stake_to_km
 *  along the geometry, with "direction" up, down or both. A road's location is its point nearest to `near` (lon, lat in degrees), or NULL: of any of its pieces. Same names and
 *  ranks go by kind and id, so that the same data answers the same. */
MUST_USE enum status place_search(struct pg *pg, const char *query, const double *near, unsigned limit, struct buffer *out,
                                  struct error *err);

#endif
