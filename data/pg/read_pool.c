#include "data/pg/read_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_MS = 2000, RETRY_MS = 200, CONNECTIONS_MAX = 64 };

struct read_pool {
    pthread_mutex_t lock;
    pthread_cond_t given;
    char *conninfo;
    unsigned connections_max, open_count, idle_count;
    int64_t retry_at_ms; /* while the database is away: not before this moment */
    struct pg *idle[CONNECTIONS_MAX];
};

static const struct pg_options options = {
    .application = "baochang read",
    .connect_timeout_ms = 2000,
    .statement_timeout_ms = 5000,
    .lock_timeout_ms = 2000,
    .idle_transaction_ms = 10000,
    .wake_fd = -1,
};

enum status read_pool_new(struct read_pool **out, const char *conninfo, unsigned connections_max, struct error *err)
{
    struct read_pool *pool = calloc(1, sizeof *pool);
    char *copy = strdup(conninfo);
    if (pool == NULL || copy == NULL) {
        free(pool);
        free(copy);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->given, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&pool->lock, NULL);
    pool->conninfo = copy;
    pool->connections_max = connections_max < 1 ? 1 : connections_max > CONNECTIONS_MAX ? CONNECTIONS_MAX : connections_max;
    *out = pool;
    return STATUS_OK;
}

void read_pool_free(struct read_pool *pool)
{
    if (pool == NULL) return;
    for (unsigned i = 0; i < pool->idle_count; i++) pg_close(pool->idle[i]);
    pthread_cond_destroy(&pool->given);
    pthread_mutex_destroy(&pool->lock);
    free(pool->conninfo);
    free(pool);
}

/* A connection that the server has closed meanwhile (a restart) would fail the next caller: its end can be seen. */
static bool still_there(struct pg *pg)
{
    unsigned count;
    return pg_notifications(pg, 0, &count, NULL, 0, NULL) == STATUS_OK && pg_alive(pg);
}

enum status read_pool_take(struct read_pool *pool, struct pg **out, struct error *err)
{
    int64_t until_ms = pg_now_ms() + WAIT_MS;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    enum status status = STATUS_OK;
    pthread_mutex_lock(&pool->lock);
    while (pool->idle_count == 0 && pool->open_count == pool->connections_max && status == STATUS_OK)
        if (pthread_cond_timedwait(&pool->given, &pool->lock, &until) != 0) status = STATUS_UNAVAILABLE;
    while (status == STATUS_OK && pool->idle_count > 0) {
        struct pg *idle = pool->idle[--pool->idle_count];
        pthread_mutex_unlock(&pool->lock);
        if (still_there(idle)) {
            *out = idle;
            return STATUS_OK;
        }
        pg_close(idle);
        pthread_mutex_lock(&pool->lock);
        pool->open_count--;
    }
    if (status == STATUS_OK && pg_now_ms() < pool->retry_at_ms) status = STATUS_UNAVAILABLE;
    if (status == STATUS_OK) pool->open_count++;
    pthread_mutex_unlock(&pool->lock);
    if (status != STATUS_OK) return error_set(err, status, MESSAGE_DATABASE_AWAY);

    status = pg_open(out, pool->conninfo, &options, NULL, err);
    if (status == STATUS_OK) return STATUS_OK;
    pthread_mutex_lock(&pool->lock);
    pool->open_count--;
    pool->retry_at_ms = pg_now_ms() + RETRY_MS;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->lock);
    return status;
}

void read_pool_give(struct read_pool *pool, struct pg *pg)
{
    bool alive = pg_alive(pg);
    if (!alive) pg_close(pg);
    pthread_mutex_lock(&pool->lock);
    if (alive)
        pool->idle[pool->idle_count++] = pg;
    else
        pool->open_count--;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}
