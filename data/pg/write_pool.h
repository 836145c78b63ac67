/* Transactions that change rules, each on behalf of somebody: the connections, the lock, the name in the audit log.
 *
 *   struct write_tx tx;
 *   if (write_begin(pool, &actor, "submit", &tx, &err) != STATUS_OK) return …;   // UNAVAILABLE: no database
 *   … pg_query(tx.pg, …) …
 *   status = write_commit(&tx, &err);                                            // or
 *   write_abort(&tx);                                                            // also fine after a commit
 *
 * A transaction begins with the lock that orders all changes of rules, so whoever holds one sees the last state and
 * nobody else can change it. Nothing but the database may be waited for in between. Thread-safe pool. */
#ifndef DATA_WRITE_POOL_H
#define DATA_WRITE_POOL_H

#include "data/pg/read_pool.h"

/* Who acts. Texts are borrowed. */
struct write_actor {
    const char *id, *holder, *role; /* of the key */
    const char *scope;              /* county, or NULL: everything */
    const char *request;            /* X-Request-Id */
};

struct write_pool;

struct write_tx {
    struct write_pool *pool;
    struct pg *pg;
    const struct write_actor *actor;
};

/** `conninfo` is copied. At most `connections_max` are open at one time. */
MUST_USE enum status write_pool_new(struct write_pool **out, const char *conninfo, unsigned connections_max,
                                    struct error *err);
void write_pool_free(struct write_pool *pool);

/** Begins a transaction and takes the lock; waits two seconds for each. UNAVAILABLE, CONFLICT (others are writing for
 *  too long: try again). `act` is what the audit log will say. */
MUST_USE enum status write_begin(struct write_pool *pool, const struct write_actor *actor, const char *act,
                                 struct write_tx *out, struct error *err);

/** The same for an act that changes no rules: without the lock, so that it holds nobody up. */
MUST_USE enum status write_begin_aside(struct write_pool *pool, const struct write_actor *actor, const char *act,
                                       struct write_tx *out, struct error *err);

/** Commits and gives the connection back, whatever the result. */
MUST_USE enum status write_commit(struct write_tx *tx, struct error *err);

/** Undoes everything and gives the connection back. Does nothing on a transaction that is over. */
void write_abort(struct write_tx *tx);

#endif
