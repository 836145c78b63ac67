/* OpenStreetMap PBF through libreadosm. */
#ifndef DATA_OSM_OSM_PBF_H
#define DATA_OSM_OSM_PBF_H

#include "data/osm/osm_reader.h"

/** As osm_read, for a .pbf file. */
MUST_USE enum status osm_pbf_read(const char *path, const struct osm_handlers *handlers, struct error *err);

#endif
