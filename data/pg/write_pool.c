#include "data/pg/write_pool.h"

#include <stdlib.h>

struct write_pool {
    struct read_pool *connections; /* what it knows about keeping them holds for writing as well */
};

enum status write_pool_new(struct write_pool **out, const char *conninfo, unsigned connections_max, struct error *err)
{
    *out = NULL;
    struct write_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = read_pool_new(&pool->connections, conninfo, connections_max, err);
    if (status != STATUS_OK) free(pool);
    else *out = pool;
    return status;
}

void write_pool_free(struct write_pool *pool)
{
    if (pool == NULL) return;
    read_pool_free(pool->connections);
    free(pool);
}

static enum status begin(struct write_pool *pool, const struct write_actor *actor, const char *act, const char *sql,
                         struct write_tx *out, struct error *err)
{
    *out = (struct write_tx){.pool = pool, .actor = actor};
    enum status status = STATUS_OK;
    /* a connection that was kept may have died meanwhile: nothing has been done yet, so the next one may try */
    for (int attempt = 0; attempt < 3; attempt++) {
        status = read_pool_take(pool->connections, &out->pg, err);
        if (status != STATUS_OK) {
            out->pg = NULL;
            return status;
        }
        status = pg_exec(out->pg, "BEGIN", err);
        if (status == STATUS_OK || pg_alive(out->pg)) break;
        read_pool_give(pool->connections, out->pg);
        out->pg = NULL;
    }
    if (status == STATUS_OK) {
        const char *values[] = {actor->id, actor->holder, actor->role, actor->request, act};
        status = pg_query(out->pg, sql, 5, values, NULL, err);
    }
    if (status != STATUS_OK) write_abort(out);
    return status;
}

enum status write_begin(struct write_pool *pool, const struct write_actor *actor, const char *act, struct write_tx *out,
                        struct error *err)
{
    return begin(pool, actor, act, "SELECT baochang.desk_begin($1, $2, $3, $4, $5)", out, err);
}

enum status write_begin_aside(struct write_pool *pool, const struct write_actor *actor, const char *act,
                              struct write_tx *out, struct error *err)
{
    return begin(pool, actor, act, "SELECT baochang.desk_begin_aside($1, $2, $3, $4, $5)", out, err);
}

enum status write_commit(struct write_tx *tx, struct error *err)
{
    enum status status = pg_exec(tx->pg, "COMMIT", err);
    if (status != STATUS_OK) pg_try(tx->pg, "ROLLBACK");
    read_pool_give(tx->pool->connections, tx->pg);
    tx->pg = NULL;
    return status;
}

void write_abort(struct write_tx *tx)
{
    if (tx->pg == NULL) return;
    pg_try(tx->pg, "ROLLBACK");
    read_pool_give(tx->pool->connections, tx->pg);
    tx->pg = NULL;
}
