/* Roads, nodes and turn restrictions from PostGIS into a network builder, in one consistent read. */
#ifndef DATA_LOAD_NETWORK_H
#define DATA_LOAD_NETWORK_H

#include "data/pg/pg.h"
#include "routing/network/network_build.h"

struct load_network_report {
    uint64_t roads, nodes, turns;
    int64_t road_version;       /* of road_state: which roads these were */
    uint64_t turns_conditional; /* kept in the database for later, not binding yet */
};

/** Streams all rows into `builder` (COPY in binary form). `progress` (may be NULL) is called now and then with the
 *  number of roads read so far. Errors: those of pg.h and of the builder, which name the row. About a million roads
 *  in two seconds. */
MUST_USE enum status load_network(struct pg *pg, struct network_builder *builder,
                                  void (*progress)(void *context, uint64_t roads), void *context,
                                  struct load_network_report *report, struct error *err);

#endif
