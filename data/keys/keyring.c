#include "data/keys/keyring.h"

#include "geo/base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { POLL_MS = 5000, RETRY_MS = 1000 };

struct entry {
    struct key_holder holder;
    unsigned char hash[KEY_HASH_BYTES];
};

struct keyring {
    char *conninfo, *pepper_path;
    pthread_mutex_t lock; /* of what follows; held for microseconds */
    pthread_cond_t read_once;
    struct entry *entries; /* by id */
    size_t count;
    bool known, has_pepper;
    struct pepper pepper;
    int64_t contact_ms; /* monotonic: last time the database was asked successfully */
    int wake_fd;
    bool has_thread;
    pthread_t thread;
};

/* ---- reading ----------------------------------------------------------------------------------------------- */

static const char read_sql[] =
    "SELECT id, hash, role, holder, COALESCE(county, ''), COALESCE(company, ''),"
    " floor(extract(epoch FROM expires_at) * 1000)::bigint FROM baochang.access_key"
    " WHERE revoked_at IS NULL AND expires_at > now() ORDER BY id COLLATE \"C\" LIMIT 100001";

static void put(char *out, size_t size, const struct pg_result *rows, int row, int column)
{
    snprintf(out, size, "%s", pg_text(rows, row, column));
}

static enum status read_keys(struct keyring *k, struct pg *pg, struct error *err)
{
    struct pg_result rows = {0};
    struct pepper pepper;
    struct error why = ERROR_INIT;
    bool has_pepper = pepper_read(k->pepper_path, false, &pepper, &why) == STATUS_OK;
    enum status status = pg_query(pg, read_sql, 0, NULL, &rows, err);
    if (status != STATUS_OK) return status;
    if (rows.count > KEYRING_MAX) status = error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_FEATURES, KEYRING_MAX);
    struct entry *entries = status == STATUS_OK ? calloc((size_t)rows.count + 1, sizeof *entries) : NULL;
    if (status == STATUS_OK && entries == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (int i = 0; status == STATUS_OK && i < rows.count; i++) {
        struct entry *e = &entries[i];
        size_t length;
        const unsigned char *hash = pg_bytes(&rows, i, 1, &length);
        if (length == KEY_HASH_BYTES) memcpy(e->hash, hash, KEY_HASH_BYTES);
        put(e->holder.id, sizeof e->holder.id, &rows, i, 0);
        put(e->holder.role, sizeof e->holder.role, &rows, i, 2);
        put(e->holder.holder, sizeof e->holder.holder, &rows, i, 3);
        put(e->holder.county, sizeof e->holder.county, &rows, i, 4);
        put(e->holder.company, sizeof e->holder.company, &rows, i, 5);
        e->holder.expires_ms = pg_i64(&rows, i, 6);
    }
    if (status == STATUS_OK) {
        if (rows.count > 0 && !has_pepper) {
            char text[400];
            log_event(LOG_WARN, "pepper_missing", "why=%s", log_quote(text, sizeof text, why.en));
        }
        pthread_mutex_lock(&k->lock);
        struct entry *old = k->entries;
        k->entries = entries;
        k->count = (size_t)rows.count;
        k->known = true;
        k->has_pepper = has_pepper;
        if (has_pepper) k->pepper = pepper;
        k->contact_ms = pg_now_ms();
        pthread_cond_broadcast(&k->read_once);
        pthread_mutex_unlock(&k->lock);
        free(old);
    }
    sodium_memzero(&pepper, sizeof pepper);
    pg_result_clear(&rows);
    return status;
}

/* Reads again after each notification and every POLL_MS; ends when the connection does. */
static enum status follow(struct keyring *k, struct pg *pg, struct error *err)
{
    enum status status = pg_exec(pg, "LISTEN baochang_keys", err);
    while (status == STATUS_OK) {
        status = read_keys(k, pg, err);
        unsigned count;
        if (status == STATUS_OK) status = pg_notifications(pg, POLL_MS, &count, NULL, 0, err);
    }
    return status;
}

static void *run(void *argument)
{
    struct keyring *k = argument;
    const struct pg_options options = {.application = "baochang keys", .connect_timeout_ms = 5000,
                                       .statement_timeout_ms = 10000, .lock_timeout_ms = 10000,
                                       .idle_transaction_ms = 60000, .wake_fd = k->wake_fd};
    bool told = false;
    for (;;) {
        struct pg *pg = NULL;
        struct error err = ERROR_INIT;
        enum status status = pg_open(&pg, k->conninfo, &options, NULL, &err);
        if (status == STATUS_OK) {
            told = false;
            status = follow(k, pg, &err);
        }
        pg_close(pg);
        if (status == STATUS_CANCELLED) return NULL;
        if (!told) {
            char text[400];
            log_event(LOG_WARN, "keys_away", "code=%s why=%s", status_code(status),
                      log_quote(text, sizeof text, err.log[0] ? err.log : err.en));
            told = true;
        }
        struct pollfd fd = {.fd = k->wake_fd, .events = POLLIN};
        if (poll(&fd, 1, RETRY_MS) > 0) return NULL;
    }
}

/* ---- life -------------------------------------------------------------------------------------------------- */

enum status keyring_open(struct keyring **out, const char *conninfo, const char *pepper_path, struct error *err)
{
    *out = NULL;
    struct keyring *k = calloc(1, sizeof *k);
    if (k == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    pthread_mutex_init(&k->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&k->read_once, &monotonic);
    pthread_condattr_destroy(&monotonic);
    k->conninfo = strdup(conninfo);
    k->pepper_path = strdup(pepper_path);
    k->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum status status = STATUS_OK;
    if (sodium_init() < 0 || k->conninfo == NULL || k->pepper_path == NULL || k->wake_fd < 0 ||
        pthread_create(&k->thread, NULL, run, k) != 0)
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status != STATUS_OK) {
        keyring_close(k);
        return status;
    }
    k->has_thread = true;
    *out = k;
    return STATUS_OK;
}

void keyring_close(struct keyring *k)
{
    if (k == NULL) return;
    if (k->has_thread) {
        uint64_t one = 1;
        ssize_t written = write(k->wake_fd, &one, sizeof one);
        (void)written; /* the counter of an eventfd that is added to once cannot be full */
        pthread_join(k->thread, NULL);
    }
    if (k->wake_fd >= 0) close(k->wake_fd);
    pthread_cond_destroy(&k->read_once);
    pthread_mutex_destroy(&k->lock);
    sodium_memzero(&k->pepper, sizeof k->pepper);
    free(k->entries);
    free(k->conninfo);
    free(k->pepper_path);
    free(k);
}

bool keyring_wait(struct keyring *k, unsigned timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_mutex_lock(&k->lock);
    while (!k->known && pthread_cond_timedwait(&k->read_once, &k->lock, &until) == 0) {
    }
    bool known = k->known;
    pthread_mutex_unlock(&k->lock);
    return known;
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

static int by_id(const void *id, const void *entry)
{
    return strcmp(id, ((const struct entry *)entry)->holder.id);
}

enum status keyring_find(struct keyring *k, const char *text, int64_t now_ms, struct key_holder *out, struct error *err)
{
    char id[KEY_ID_SIZE];
    unsigned char secret[KEY_SECRET_BYTES], hash[KEY_HASH_BYTES];
    if (!key_parse(text, id, secret)) return error_set(err, STATUS_UNAUTHORISED, MESSAGE_KEY_REFUSED);
    enum status status;
    pthread_mutex_lock(&k->lock);
    if (!k->known || !k->has_pepper || pg_now_ms() - k->contact_ms > KEYRING_STALE_MS) {
        status = error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    } else {
        key_hash(&k->pepper, id, secret, hash);
        const struct entry *e = bsearch(id, k->entries, k->count, sizeof *k->entries, by_id);
        if (e && sodium_memcmp(hash, e->hash, sizeof hash) == 0 && now_ms < e->holder.expires_ms) {
            *out = e->holder;
            status = STATUS_OK;
        } else {
            status = error_set(err, STATUS_UNAUTHORISED, MESSAGE_KEY_REFUSED);
        }
    }
    pthread_mutex_unlock(&k->lock);
    sodium_memzero(secret, sizeof secret);
    return status;
}
