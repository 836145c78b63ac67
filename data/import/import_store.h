/* Roads into PostGIS: one transaction, COPY BINARY, replacing what the same source brought before.
 *
 *   struct import_store store;
 *   import_store_begin(&store, pg, "porto.osm.pbf", false, &err);
 *   import_store_roads(&store, &err);  for each road: import_store_road(&store, &row);
 *   import_store_nodes(&store, &err);  for each node: import_store_node(&store, &row);
 *   import_store_turns(&store, &err);  for each turn: import_store_turn(&store, &row);
 *   import_store_commit(&store, &err);          // or import_store_abort(&store), also after a failure
 *
 * Ids are numbered by the caller from 1; the store adds an offset above every id of other sources. Until the commit
 * nobody sees anything of it, and a failure leaves the previous import untouched. */
#ifndef DATA_IMPORT_STORE_H
#define DATA_IMPORT_STORE_H

#include "data/pg/pg_copy.h"
#include "geo/point.h"
#include "routing/network/network.h"

struct import_road {
    int64_t id, from_node, to_node; /* from 1 */
    enum road_class class;
    const char *name, *ref;         /* NULL or "" = none */
    bool forward, backward, bridge, tunnel, toll, roundabout, hazmat_no;
    uint16_t speed_forward_kmh, speed_backward_kmh;
    enum access lorry_forward, lorry_backward, light_forward, light_backward;
    uint32_t limits[LIMIT_COUNT];   /* mm, kg, count; 0 = none */
    int8_t layer;
    const char *ramp;               /* NULL, "entry", "exit" */
    int64_t station_id;             /* the database's id, 0 = none */
    const char *source_id, *tags_json;
    const struct point_e7 *shape;
    uint32_t shape_count;
};

struct import_node {
    int64_t id;
    struct point_e7 point;
    bool turning_place, signals, toll_booth;
    const char *barrier;
};

struct import_turn {
    int64_t from_road, via_node, to_road; /* via_node 0 when there are via roads */
    const int64_t *via_roads;
    uint32_t via_road_count; /* at most 8 */
    bool only, lorry, light, hazmat;
    const char *condition, *source_id;
};

struct import_store {
    struct pg *pg;
    const char *source;
    struct pg_copy_writer writer;
    bool writing, open;
    int64_t road_offset, node_offset;
    uint64_t roads, nodes, turns;
};

/** Begins and removes what `source` brought before; with `replace_all` every road of every source. One import at a
 *  time: a second one waits for the table's lock, at most lock_timeout_ms. */
MUST_USE enum status import_store_begin(struct import_store *store, struct pg *pg, const char *source,
                                        bool replace_all, struct error *err);

MUST_USE enum status import_store_roads(struct import_store *store, struct error *err);
void import_store_road(struct import_store *store, const struct import_road *road);
MUST_USE enum status import_store_nodes(struct import_store *store, struct error *err);
void import_store_node(struct import_store *store, const struct import_node *node);
MUST_USE enum status import_store_turns(struct import_store *store, struct error *err);
void import_store_turn(struct import_store *store, const struct import_turn *turn);

/** Ends the COPY under way, so that other statements can run in the same transaction. */
MUST_USE enum status import_store_pause(struct import_store *store, struct error *err);

MUST_USE enum status import_store_commit(struct import_store *store, struct error *err);

/** Rolls back if the transaction is still open. Safe after anything. */
void import_store_abort(struct import_store *store);

#endif
