/* Connections for reading, shared by the workers: map tiles, registers, everything a request reads from the database
 * and that is not part of the rules view.
 *
 *   struct pg *pg;
 *   if (read_pool_take(pool, &pg, &err) != STATUS_OK) return …;   // UNAVAILABLE: the database is away or all are busy
 *   … pg_query(pg, …) …
 *   read_pool_give(pool, pg);                                     // also after an error: a broken one is closed
 *
 * Connections are made when first needed and kept. A database that is away is asked again at most five times a second, so
 * that requests fail at once instead of waiting in line for a time-out. Thread-safe. */
#ifndef DATA_READ_POOL_H
#define DATA_READ_POOL_H

#include "data/pg/pg.h"
#include "geo/base/error.h"

struct read_pool;

/** `conninfo` is copied. At most `connections_max` (1..64) are open at one time. */
MUST_USE enum status read_pool_new(struct read_pool **out, const char *conninfo, unsigned connections_max,
                                   struct error *err);
/** After the last give. */
void read_pool_free(struct read_pool *pool);

/** Waits for a free connection for at most two seconds. */
MUST_USE enum status read_pool_take(struct read_pool *pool, struct pg **out, struct error *err);
void read_pool_give(struct read_pool *pool, struct pg *pg);

#endif
