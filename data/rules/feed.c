#include "data/rules/feed.h"

#include "data/pg/migrate.h"
#include "data/rules/county_store.h"
#include "data/rules/rules_held.h"
#include "geo/base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct feed {
    struct feed_options options;
    char *conninfo, *network_version;
    int wake_fd; /* becomes readable when the feed is to end */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct feed_state state; /* under mutex */

    /* the thread's own */
    struct rules_held *held;
    int64_t logged_rejection; /* so that each refused version is one alarm, not one every poll */
    bool told_away, told_starts;
};

/* ---- state ------------------------------------------------------------------------------------------------- */

static void tell(struct feed *f)
{
    pthread_mutex_lock(&f->mutex);
    struct feed_state copy = f->state;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->mutex);
    if (f->options.state) f->options.state(f->options.context, &copy);
}

static void contact(struct feed *f)
{
    pthread_mutex_lock(&f->mutex);
    f->state.connected = true;
    f->state.contact_mono_ms = pg_now_ms();
    pthread_mutex_unlock(&f->mutex);
    f->told_away = false;
    tell(f);
}

static void lost(struct feed *f, const struct error *why)
{
    pthread_mutex_lock(&f->mutex);
    f->state.connected = false;
    pthread_mutex_unlock(&f->mutex);
    if (!f->told_away && why->status != STATUS_CANCELLED) {
        char text[400];
        log_event(LOG_WARN, "database_away", "code=%s why=%s", status_code(why->status),
                  log_quote(text, sizeof text, why->log[0] ? why->log : why->en));
        f->told_away = true;
    }
    tell(f);
}

static void rejected(struct feed *f, int64_t version, const struct error *why)
{
    pthread_mutex_lock(&f->mutex);
    f->state.rejected = version;
    f->state.failures++;
    pthread_mutex_unlock(&f->mutex);
    if (f->logged_rejection != version) {
        char text[400], more[400];
        log_event(LOG_ERROR, "rules_rejected", "version=%lld code=%s why=%s more=%s", (long long)version,
                  status_code(why->status), log_quote(text, sizeof text, why->en),
                  log_quote(more, sizeof more, why->log));
        f->logged_rejection = version;
    }
    tell(f);
}

struct feed_state feed_state_get(struct feed *feed)
{
    pthread_mutex_lock(&feed->mutex);
    struct feed_state copy = feed->state;
    pthread_mutex_unlock(&feed->mutex);
    return copy;
}

bool feed_wait(struct feed *feed, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&feed->mutex);
    while (feed->state.version < 0 && pthread_cond_timedwait(&feed->changed, &feed->mutex, &until) == 0) {
    }
    bool published = feed->state.version >= 0;
    pthread_mutex_unlock(&feed->mutex);
    return published;
}

/* ---- reading and publishing -------------------------------------------------------------------------------- */

/* A network that was made from other roads is served on, but whoever runs the service must hear of it. */
static enum status compare_roads(struct feed *f, struct pg *pg, struct error *err)
{
    bool current = true;
    if (f->network_version == NULL) return STATUS_OK;
    enum status status = load_network_is_current(pg, f->network_version, &current, err);
    if (status != STATUS_OK) return status;
    pthread_mutex_lock(&f->mutex);
    bool changed = f->state.network_outdated == current;
    f->state.network_outdated = !current;
    pthread_mutex_unlock(&f->mutex);
    if (changed && !current)
        log_event(LOG_WARN, "network_outdated", "network=%s advice=\"run prepare and start serve again\"", f->network_version);
    return STATUS_OK;
}

/* What could not be published, for the alarm: the version that is there now. */
static enum status refuse(struct feed *f, struct pg *pg, const struct error *why, struct error *err)
{
    int64_t wanted;
    if (!pg_alive(pg)) {
        *err = *why;
        return why->status;
    }
    enum status status = load_rules_version(pg, &wanted, err);
    if (status == STATUS_OK) rejected(f, wanted, why);
    return status;
}

/* Reads the rules and publishes them, if they are new or this connection is. A status other than OK means that the connection
 * is of no more use; rules that cannot be used are no such reason. */
static enum status publish(struct feed *f, struct pg *pg, bool fresh, struct error *err)
{
    const struct rules_input *input;
    struct error why = ERROR_INIT;
    int64_t started = pg_now_ms();
    enum status status = rules_held_read(f->held, pg, &input, &why);
    int64_t loaded = pg_now_ms();
    if (status == STATUS_OK && !fresh && input->version == f->state.version) return STATUS_OK;
    if (status == STATUS_OK) status = f->options.publish(f->options.context, input, &why);
    int64_t done = pg_now_ms();
    if (status != STATUS_OK) return refuse(f, pg, &why, err);
    pthread_mutex_lock(&f->mutex);
    f->state.version = input->version;
    f->state.rejected = -1;
    f->state.publications++;
    f->state.load_ms = (uint32_t)(loaded - started);
    f->state.publish_ms = (uint32_t)(done - loaded);
    pthread_mutex_unlock(&f->mutex);
    f->logged_rejection = -1;
    log_event(LOG_DEBUG, "rules_loaded", "version=%lld zones=%u checkpoints=%u closures=%u load_ms=%lld publish_ms=%lld",
              (long long)input->version, input->zone_count, input->checkpoint_count, input->closure_count,
              (long long)(loaded - started), (long long)(done - loaded));
    contact(f);
    return STATUS_OK;
}

/* A county's switch whose moment has come becomes a version, of which this connection is notified like of any other. Sets how long
 * to wait for the next. What goes wrong here keeps no rules from being followed. */
static enum status begin_due(struct feed *f, struct pg *pg, uint32_t *wait_ms, struct error *err)
{
    struct error why = ERROR_INIT;
    int64_t next_ms = -1;
    enum status status = county_begin(pg, &next_ms, &why);
    *wait_ms = f->options.poll_ms;
    if (status != STATUS_OK && !pg_alive(pg)) {
        *err = why;
        return status;
    }
    if (status != STATUS_OK && !f->told_starts) {
        char text[400];
        log_event(LOG_ERROR, "county_starts_late", "code=%s why=%s", status_code(status),
                  log_quote(text, sizeof text, why.log[0] ? why.log : why.en));
    }
    f->told_starts = status != STATUS_OK;
    if (next_ms >= 0 && next_ms < (int64_t)*wait_ms) *wait_ms = (uint32_t)next_ms;
    return STATUS_OK;
}

/* Asks for the version, which also shows that the server is there, and whether the roads are still those that are served. */
static enum status look(struct feed *f, struct pg *pg, int64_t *version, struct error *err)
{
    pg_patience_set(pg, f->options.heartbeat_ms);
    enum status status = load_rules_version(pg, version, err);
    if (status == STATUS_OK) status = compare_roads(f, pg, err);
    pg_patience_set(pg, 0);
    if (status == STATUS_OK) contact(f);
    return status;
}

/* Follows the changes over one connection until it breaks or the feed ends. Whoever was notified reads at once; what the version
 * is, is asked for afterwards: it finds what no notification told of. */
static enum status follow(struct feed *f, struct pg *pg, struct error *err)
{
    enum status status = pg_exec(pg, "LISTEN baochang_rules", err);
    bool fresh = true; /* whatever we knew before this connection may have been missed or undone */
    unsigned told = 0;
    rules_held_forget(f->held);
    while (status == STATUS_OK) {
        int64_t version = -1;
        uint32_t wait_ms;
        bool tried = fresh || told;
        if (tried) status = publish(f, pg, fresh, err);
        fresh = false;
        if (status == STATUS_OK) status = look(f, pg, &version, err);
        bool missed = version != f->state.version && !(tried && version == f->state.rejected);
        if (status == STATUS_OK && missed) status = publish(f, pg, false, err);
        if (status == STATUS_OK) status = begin_due(f, pg, &wait_ms, err);
        if (status == STATUS_OK) status = pg_notifications(pg, wait_ms, &told, NULL, 0, err);
    }
    return status;
}

/* ---- the thread -------------------------------------------------------------------------------------------- */

/* Sleeps unless the feed is to end; whether it may go on. */
static bool pause_for(struct feed *f, uint32_t ms)
{
    struct pollfd fd = {.fd = f->wake_fd, .events = POLLIN};
    int64_t until = pg_now_ms() + ms;
    for (;;) {
        int64_t left = until - pg_now_ms();
        if (left <= 0) return true;
        int n = poll(&fd, 1, (int)left);
        if (n > 0) return false;
        if (n < 0 && errno != EINTR) return false;
    }
}

/* Half to all of it, so that many services do not come back at the same moment. */
static uint32_t with_jitter(uint32_t ms)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random) random = (uint32_t)pg_now_ms();
    return ms / 2 + random % (ms / 2 + 1);
}

static void *run(void *argument)
{
    struct feed *f = argument;
    const struct pg_options options = {.application = "baochang feed",
                                       .connect_timeout_ms = f->options.connect_timeout_ms,
                                       .statement_timeout_ms = f->options.statement_timeout_ms,
                                       .lock_timeout_ms = f->options.statement_timeout_ms,
                                       .idle_transaction_ms = 60000,
                                       .wake_fd = f->wake_fd};
    uint32_t backoff = f->options.backoff_first_ms;
    for (;;) {
        struct pg *pg = NULL;
        struct error err = ERROR_INIT;
        bool lasting = false;
        enum status status = pg_open(&pg, f->conninfo, &options, &lasting, &err);
        if (status == STATUS_OK) {
            status = migrate_check(pg, &err);
            lasting = status != STATUS_OK && pg_alive(pg);
        }
        if (status == STATUS_OK) {
            backoff = f->options.backoff_first_ms;
            pthread_mutex_lock(&f->mutex);
            f->state.reconnects++;
            pthread_mutex_unlock(&f->mutex);
            status = follow(f, pg, &err);
        }
        pg_close(pg);
        lost(f, &err);
        if (status == STATUS_CANCELLED) return NULL;
        if (lasting) log_event(LOG_ERROR, "database_alarm", "code=%s", status_code(status));
        if (!pause_for(f, with_jitter(lasting ? f->options.backoff_lasting_ms : backoff))) return NULL;
        backoff = backoff * 2 < f->options.backoff_most_ms ? backoff * 2 : f->options.backoff_most_ms;
    }
}

enum status feed_open(struct feed **out, const struct feed_options *options, struct error *err)
{
    *out = NULL;
    struct feed *f = calloc(1, sizeof *f);
    if (f == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    f->options = *options;
    f->state = (struct feed_state){.version = -1, .rejected = -1, .contact_mono_ms = -1};
    f->logged_rejection = -1;
    pthread_mutex_init(&f->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&f->changed, &clock);
    pthread_condattr_destroy(&clock);
    f->conninfo = strdup(options->conninfo);
    f->network_version = options->network_version ? strdup(options->network_version) : NULL;
    f->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum status status = rules_held_new(&f->held, err);
    if (f->conninfo == NULL || f->wake_fd < 0 || (options->network_version && f->network_version == NULL)) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK && pthread_create(&f->thread, NULL, run, f) != 0)
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status != STATUS_OK) {
        feed_close(f);
        return status;
    }
    f->has_thread = true;
    *out = f;
    return STATUS_OK;
}

void feed_close(struct feed *f)
{
    if (f == NULL) return;
    if (f->has_thread) {
        uint64_t one = 1;
        ssize_t written = write(f->wake_fd, &one, sizeof one);
        (void)written; /* the counter of an eventfd that is only ever added to once cannot be full */
        pthread_join(f->thread, NULL);
    }
    if (f->wake_fd >= 0) close(f->wake_fd);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->mutex);
    rules_held_free(f->held);
    free(f->conninfo);
    free(f->network_version);
    free(f);
}
