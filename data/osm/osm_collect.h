/* What an OpenStreetMap file says about roads, gathered in two passes so that objects may come in any order: first the
 * ways that are roads and the turn restrictions, then the nodes those need. Held in memory: about 150 bytes a way and
 * 30 bytes a node. */
#ifndef DATA_OSM_OSM_COLLECT_H
#define DATA_OSM_OSM_COLLECT_H

#include "data/osm/osm_id_map.h"
#include "data/osm/osm_restriction.h"
#include "data/osm/osm_road.h"
#include "geo/point.h"

struct osm_kept_way {
    int64_t id;
    uint64_t digest; /* of its content, to tell a repeated object from a contradicting one */
    size_t first_ref;
    uint32_t ref_count;
    struct osm_road road;
};

enum osm_barrier { OSM_BARRIER_NONE, OSM_BARRIER_LORRIES, OSM_BARRIER_ALL };

struct osm_place {
    struct point_e7 point;
    bool known, signals, toll_booth, turning_place;
    uint8_t barrier;     /* enum osm_barrier */
    uint32_t limits_row; /* index + 1 into collection limits, 0 = none */
};

struct osm_collection {
    struct arena arena;
    struct import_report *report;
    struct osm_kept_way *ways;      /* by id after osm_collect */
    size_t way_count, way_capacity;
    int64_t *refs;                  /* node ids, runs of the ways */
    size_t ref_count, ref_capacity;
    struct osm_restriction *restrictions;
    size_t restriction_count, restriction_capacity;
    struct osm_id_map way_index, relation_index, node_index;
    uint64_t *relation_digests; /* by relation_index */
    size_t relation_capacity;
    struct osm_place *places;       /* by node_index */
    uint32_t (*limits)[LIMIT_COUNT];
    size_t limits_count, limits_capacity;
    bool progress;
    uint64_t seen;
};

/** Reads the file twice. Refuses contradictions: one id with two contents, a position out of range. */
MUST_USE enum status osm_collect(const char *path, struct import_report *report, bool progress,
                                 struct osm_collection *out, struct error *err);
void osm_collection_clear(struct osm_collection *c);

/** The handlers of the two passes, for tests and fuzzing: osm_collect is init, pass one, prepare, pass two, finish. */
void osm_collection_init(struct osm_collection *c, struct import_report *report);
struct osm_handlers osm_collect_roads(struct osm_collection *c);
MUST_USE enum status osm_collect_prepare(struct osm_collection *c, struct error *err);
struct osm_handlers osm_collect_nodes(struct osm_collection *c);

#endif
