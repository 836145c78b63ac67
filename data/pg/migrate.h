/* The database's schema: numbered migrations inside the program, applied in order, each once.
 *
 * `schema_version` keeps number, name and checksum of each that was applied. A migration that was applied is never
 * edited, only followed by another: a checksum that differs is an error. Two programs that migrate at the same time
 * wait for each other on an advisory lock. */
#ifndef DATA_MIGRATE_H
#define DATA_MIGRATE_H

#include "data/pg/pg.h"

struct migration {
    int version;
    const char *name;
    const char *sql;
};

/* From data/migrations, made at build time by embed.sh; version i is migrations[i - 1]. */
extern const struct migration migrations[];
extern const unsigned migration_count;

/** Brings the schema up to this program's version. `pg` belongs to the role that owns the schema. *applied (may be
 *  NULL) counts what was done. CONFLICT when the schema is newer than the program or a checksum differs; INTERNAL when a
 *  migration fails (its transaction is undone, and the error says which). */
MUST_USE enum status migrate_apply(struct pg *pg, unsigned *applied, struct error *err);

/** STATUS_OK if the schema is exactly the one this program was built for. CONFLICT with a text that says what to do
 *  when it is older, newer or changed; UNAVAILABLE when there is none yet. Any role. */
MUST_USE enum status migrate_check(struct pg *pg, struct error *err);

/** For `serve` at its start: connects, looks, and disconnects. A database that is away is no error here (the feed looks
 *  again when it comes); one whose schema is missing, older, newer or changed is, and so is a connection that will
 *  never be let in. Takes five seconds at most. */
MUST_USE enum status migrate_check_at_start(const char *conninfo, struct error *err);

/** For commands: as migrate_check, but a schema that is missing or older is brought up to date if the role may do
 *  that (it owns the schema, or may make one). */
MUST_USE enum status migrate_ensure(struct pg *pg, struct error *err);

#endif
