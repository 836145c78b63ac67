/* Turn restriction relations resolved to the roads that their ways became. */
#ifndef DATA_OSM_OSM_TURNS_H
#define DATA_OSM_OSM_TURNS_H

#include "data/osm/osm_build.h"

/** Appends a turn per from × to of every restriction that resolves; the others are counted in the report. alias and
 *  node_of are osm_build's tables by place. */
MUST_USE enum status osm_turns_resolve(struct osm_collection *c, uint32_t *alias, const uint32_t *node_of,
                                       struct osm_built *built, struct error *err);

#endif
