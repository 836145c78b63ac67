/* OpenStreetMap ids to dense numbers 0, 1, 2, … in the order of first insertion. Open addressing, 12 bytes an id. */
#ifndef DATA_OSM_OSM_ID_MAP_H
#define DATA_OSM_OSM_ID_MAP_H

#include "geo/base/error.h"

#include <stddef.h>
#include <stdint.h>

#define OSM_NO_INDEX UINT32_MAX

struct osm_id_map {
    int64_t *ids; /* [count], by number */
    uint32_t *slots, count, capacity;
    size_t mask;
};

void osm_id_map_clear(struct osm_id_map *map);

/** The number of an id, or OSM_NO_INDEX. Cost: constant. */
uint32_t osm_id_map_find(const struct osm_id_map *map, int64_t id);

/** The number of an id, inserted if new. NO_MEMORY, also beyond 2^31 ids. */
MUST_USE enum status osm_id_map_add(struct osm_id_map *map, int64_t id, uint32_t *index, struct error *err);

#endif
