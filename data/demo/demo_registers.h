/* The demo's registers and rules into the database: counties, stations, aliases, places, calendar, zones, checkpoints,
 * gates, closures. Runs inside the transaction of the road import, so that roads and rules appear together. */
#ifndef DATA_DEMO_DEMO_REGISTERS_H
#define DATA_DEMO_DEMO_REGISTERS_H

#include "data/demo/demo_places.h"
#include "data/demo/demo_rules.h"
#include "data/pg/pg.h"

/** Removes what an earlier demo left (ids that begin with "demo-"); with `replace_all` every rule and place. */
MUST_USE enum status demo_registers_clear(struct pg *pg, bool replace_all, struct error *err);

/** Counties, stations, aliases, calendar, places. station_ids receives the database's id per station. With `replace_all`
 *  toll stations of others are removed. */
MUST_USE enum status demo_registers_store(struct pg *pg, const struct demo_model *m, const struct demo_places *places,
                                          bool replace_all, int64_t *station_ids, struct error *err);

/** Zones, checkpoints, gates, closures, and a prepared plan of a county. road_offset + index + 1 is the id of a road. */
MUST_USE enum status demo_rules_store(struct pg *pg, const struct demo_rules *rules, int64_t road_offset,
                                      struct error *err);

#endif
