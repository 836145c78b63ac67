#include "data/pg/migrate.h"

#include "geo/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static void checksum(const struct migration *m, char out[33])
{
    XXH128_hash_t h = XXH3_128bits(m->sql, strlen(m->sql));
    snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64, (uint64_t)h.low64);
}

/* How many migrations the database has, after comparing each with ours. 0 when there is no schema. */
static enum status applied_count(struct pg *pg, unsigned *count, struct error *err)
{
    struct pg_result rows = {0};
    *count = 0;
    enum status status =
        pg_query(pg, "SELECT to_regclass('baochang.schema_version') IS NOT NULL", 0, NULL, &rows, err);
    bool there = status == STATUS_OK && pg_bool(&rows, 0, 0);
    pg_result_clear(&rows);
    if (status != STATUS_OK || !there) return status;
    status = pg_query(pg, "SELECT version, checksum FROM baochang.schema_version ORDER BY version", 0, NULL, &rows,
                      err);
    if (status != STATUS_OK) return status;
    for (int i = 0; i < rows.count && status == STATUS_OK; i++) {
        int64_t version = pg_i64(&rows, i, 0);
        char ours[33];
        if (version > (int64_t)migration_count) {
            status = error_set(err, STATUS_CONFLICT, MESSAGE_SCHEMA_NEWER, (int)pg_i64(&rows, rows.count - 1, 0),
                               (int)migration_count);
        } else if (version != i + 1 ||
                   (checksum(&migrations[i], ours), strcmp(ours, pg_text(&rows, i, 1)) != 0)) {
            status = error_set(err, STATUS_CONFLICT, MESSAGE_SCHEMA_CHANGED, (int)version);
        }
    }
    if (status == STATUS_OK) *count = (unsigned)rows.count;
    pg_result_clear(&rows);
    return status;
}

/* Makes one failed statement's error say which migration it was, and keeps what the server said. */
static enum status failed(const struct migration *m, struct error *cause, struct error *err)
{
    if (cause->status == STATUS_UNAVAILABLE || cause->status == STATUS_CANCELLED) {
        if (err) *err = *cause;
        return cause->status;
    }
    const char *why = cause->log[0] ? cause->log : cause->en;
    return error_set(err, STATUS_INTERNAL, MESSAGE_MIGRATION_FAILED, m->version, m->name, why);
}

static enum status apply_one(struct pg *pg, const struct migration *m, struct error *err)
{
    struct error cause = ERROR_INIT;
    char version[16], sum[33];
    snprintf(version, sizeof version, "%d", m->version);
    checksum(m, sum);
    enum status status = pg_exec(pg, "BEGIN", &cause);
    if (status == STATUS_OK) status = pg_exec(pg, m->sql, &cause);
    if (status == STATUS_OK)
        status = pg_query(pg, "INSERT INTO baochang.schema_version (version, name, checksum) VALUES ($1, $2, $3)", 3,
                          (const char *[]){version, m->name, sum}, NULL, &cause);
    if (status == STATUS_OK) status = pg_exec(pg, "COMMIT", &cause);
    if (status == STATUS_OK) {
        log_event(LOG_INFO, "migration_applied", "version=%d name=%s", m->version, m->name);
        return STATUS_OK;
    }
    pg_try(pg, "ROLLBACK");
    return failed(m, &cause, err);
}

enum status migrate_apply(struct pg *pg, unsigned *applied, struct error *err)
{
    unsigned before = 0, done = 0;
    if (applied) *applied = 0;
    /* the number is ours alone: "baochang" read as a number */
    enum status status = pg_exec(pg, "SELECT pg_advisory_lock(7088546914318806631)", err);
    if (status != STATUS_OK) return status;
    status = applied_count(pg, &before, err);
    for (unsigned i = before; i < migration_count && status == STATUS_OK; i++) {
        status = apply_one(pg, &migrations[i], err);
        if (status == STATUS_OK) done++;
    }
    pg_try(pg, "SELECT pg_advisory_unlock(7088546914318806631)");
    if (applied) *applied = done;
    return status;
}

enum status migrate_check(struct pg *pg, struct error *err)
{
    unsigned count = 0;
    enum status status = applied_count(pg, &count, err);
    if (status != STATUS_OK) return status;
    if (count == 0) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_SCHEMA_MISSING);
    if (count < migration_count)
        return error_set(err, STATUS_CONFLICT, MESSAGE_SCHEMA_OLDER, (int)count, (int)migration_count);
    return STATUS_OK;
}

enum status migrate_check_at_start(const char *conninfo, struct error *err)
{
    const struct pg_options options = {.application = "baochang start", .connect_timeout_ms = 5000,
                                       .statement_timeout_ms = 5000, .wake_fd = -1};
    struct pg *pg = NULL;
    bool lasting = false;
    struct error why = ERROR_INIT;
    enum status status = pg_open(&pg, conninfo, &options, &lasting, &why);
    bool there = status == STATUS_OK;
    if (there) status = migrate_check(pg, &why);
    if (there && !pg_alive(pg)) status = STATUS_OK; /* it went away meanwhile */
    pg_close(pg);
    if (status == STATUS_OK || (!there && !lasting)) return STATUS_OK;
    if (err) *err = why;
    return status;
}

enum status migrate_ensure(struct pg *pg, struct error *err)
{
    enum status status = migrate_check(pg, err);
    if (status == STATUS_OK || !err || (err->message != MESSAGE_SCHEMA_MISSING && err->message != MESSAGE_SCHEMA_OLDER))
        return status;
    struct pg_result rows = {0};
    struct error own = ERROR_INIT;
    enum status asked = pg_query(pg,
                                 "SELECT CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE') "
                                 "ELSE pg_has_role(n.nspowner, 'USAGE') END "
                                 "FROM (VALUES (1)) v LEFT JOIN pg_namespace n ON n.nspname = 'baochang'",
                                 0, NULL, &rows, &own);
    bool may = asked == STATUS_OK && pg_bool(&rows, 0, 0);
    pg_result_clear(&rows);
    if (!may) return status;
    *err = (struct error)ERROR_INIT;
    return migrate_apply(pg, NULL, err);
}
