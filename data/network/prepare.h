/* From the roads in PostGIS to the snapshot that `serve` maps: load, build the network and its turn graph, order,
 * contract, write. */
#ifndef DATA_PREPARE_H
#define DATA_PREPARE_H

#include "data/network/load_network.h"
#include "data/pg/pg.h"
#include "routing/network/network_build.h"

enum prepare_stage { PREPARE_LOAD, PREPARE_BUILD, PREPARE_ORDER, PREPARE_CONTRACT, PREPARE_WRITE, PREPARE_STAGE_COUNT };

struct prepare_report {
    struct load_network_report loaded;
    struct network_build_report built;
    uint32_t nodes, roads, arcs, turn_nodes, turns, shortcuts;
    uint64_t file_bytes;
    uint32_t stage_ms[PREPARE_STAGE_COUNT];
    char version[33];
};

/* Told when a stage begins (done false) and ends (done true), and in PREPARE_LOAD now and then the roads so far. */
typedef void (*prepare_progress)(void *context, enum prepare_stage stage, bool done, uint64_t count);

/** Prepares the network of the database `pg` is connected to (its schema checked by the caller) into the file
 *  `snapshot`, which changes in one step at the end, and notes the version in network_state. INVALID when there are no
 *  roads. `progress` may be NULL. */
MUST_USE enum status prepare_network(struct pg *pg, const char *snapshot, prepare_progress progress, void *context,
                                     struct prepare_report *report, struct error *err);

#endif
