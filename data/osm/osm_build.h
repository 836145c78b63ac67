/* From collected ways and nodes to roads between junctions, and from restriction relations to turns between roads.
 *
 * A way is cut at every node that another way uses, at its ends, at barriers, booths, turning circles and where its nodes
 * are missing from the file. A barrier that stops every motor vehicle gives each side a dead end of its own; one that
 * stops lorries only becomes turn restrictions for lorries. Nodes at the same position that follow each other are one.
 * Numbering follows the ways' ids, so the order of the file does not matter. */
#ifndef DATA_OSM_OSM_BUILD_H
#define DATA_OSM_OSM_BUILD_H

#include "data/osm/osm_collect.h"

struct osm_built_road {
    uint32_t way;            /* into collection ways */
    size_t first_place;      /* into built places: its shape */
    uint32_t place_count;
    uint32_t from, to;       /* nodes */
    uint32_t from_place, to_place; /* indices of the OSM nodes at its ends */
    uint32_t limits[LIMIT_COUNT];
    uint16_t speed_kmh[2];
};

struct osm_built_node {
    uint32_t place; /* into collection places */
};

struct osm_built_turn {
    uint32_t from, via_node, to, via_roads[8];
    uint32_t via_road_count;
    bool only, lorry, light, hazmat;
    const char *condition;
    int64_t relation; /* 0: from a barrier */
};

struct osm_built {
    struct osm_built_road *roads;
    size_t road_count, road_capacity;
    struct osm_built_node *nodes;
    size_t node_count, node_capacity;
    struct osm_built_turn *turns;
    size_t turn_count, turn_capacity;
    uint32_t *places;          /* shapes */
    size_t place_count, place_capacity;
    uint32_t *way_first_road;  /* [way_count + 1] */
};

/** Cost: linear. Errors: NO_MEMORY. What is left out is counted in the collection's report. */
MUST_USE enum status osm_build(struct osm_collection *c, struct osm_built *out, struct error *err);
void osm_built_clear(struct osm_built *built);

/** Appends an element, used by the two stages. */
MUST_USE enum status osm_built_add_turn(struct osm_built *built, const struct osm_built_turn *turn, struct error *err);

#endif
