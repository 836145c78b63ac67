#include "api/background/events.h"

#include "data/pg/read_pool.h"
#include "data/rules/rule_events.h"
#include "geo/base/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RING = 1024,            /* versions */
    RING_BYTES = 16 << 20,  /* of their text */
    FIRST_BATCH = 256,      /* versions from before the start, for those who come again after it */
    PIECE = 64 * 1024,      /* of what is written to a listener at once, and what may lie before it */
    RETRY_MS = 1000,        /* after a reading that failed */
    AHEAD_MS = 5000,        /* a listener may come from a process that was quicker by so much */
    PLANS_MS = 1000,        /* least time between two tellings that plans have changed */
    RECONNECT_MS = 2000     /* what listeners are told to wait before they come again */
};

struct told {
    int64_t version;
    char *text; /* as it goes over the wire */
    size_t length;
};

struct listener {
    struct events *events;
    bool used, greeted, placed; /* placed: its version was found among those that are kept */
    struct exchange_token token;
    int64_t version;   /* the last one it was told of */
    uint64_t state_at; /* number of the state it was told of */
    uint64_t plans_at; /* and of the change of plans */
    int64_t written_ms, since_ms;
};

struct events {
    struct events_options options;
    struct read_pool *reads;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread, stop;
    struct server *server;

    /* under the lock */
    int64_t reached;       /* what the process answers by; −1: nothing yet */
    int64_t floor, newest; /* the ring holds the versions above floor up to newest */
    struct told ring[RING];
    unsigned first, count;
    size_t bytes;
    bool connected, stale;
    uint64_t state_number;
    bool plans_changed;    /* and not told yet */
    uint64_t plans_number; /* counts the tellings */
    int64_t plans_told_ms;
    unsigned used;
    uint64_t told;
    struct listener *listeners;
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the ring; under the lock ------------------------------------------------------------------------------- */

static void ring_drop(struct events *e)
{
    struct told *oldest = &e->ring[e->first];
    e->floor = oldest->version;
    e->bytes -= oldest->length;
    free(oldest->text);
    e->first = (e->first + 1) % RING;
    e->count--;
}

static void ring_empty(struct events *e, int64_t floor)
{
    while (e->count) ring_drop(e);
    e->floor = e->newest = floor;
}

/* ---- writing; on the event thread of the listener --------------------------------------------------------------- */

static void deliver(struct exchange *x);

static void write_state(const struct events *e, struct buffer *out)
{
    buffer_printf(out, "event: state\ndata: {\"connected\":%s,\"stale\":%s,\"rules_version\":", e->connected ? "true" : "false",
                  e->stale ? "true" : "false");
    if (e->reached < 0) buffer_text(out, "null}\n\n");
    else buffer_printf(out, "%" PRId64 "}\n\n", e->reached);
}

/* The next piece for a listener. Whether there is more. With the lock held. */
static bool compose(struct events *e, struct listener *l, struct buffer *out)
{
    if (!l->greeted) {
        buffer_printf(out, "retry: %d\n\n", RECONNECT_MS);
        l->greeted = true;
    }
    if (l->state_at != e->state_number) {
        write_state(e, out);
        l->state_at = e->state_number;
    }
    if (l->plans_at != e->plans_number) {
        buffer_text(out, "event: plans\ndata: {}\n\n");
        l->plans_at = e->plans_number;
    }
    if (l->version < 0) l->version = e->reached; /* wants only what comes */
    if (e->newest < 0) return false;
    bool ahead = l->version > e->reached;
    if (ahead && monotonic_ms() - l->since_ms < AHEAD_MS) return false;
    if (ahead || l->version < e->floor) {
        /* a version that this database never had (an old backup was put back), or too long ago */
        buffer_printf(out, "id: %" PRId64 "\nevent: reset\ndata: {\"rules_version\":%" PRId64 "}\n\n", e->reached, e->reached);
        l->version = e->reached;
    }
    l->placed = true;
    for (unsigned i = 0; i < e->count; i++) {
        const struct told *t = &e->ring[(e->first + i) % RING];
        if (t->version <= l->version) continue;
        if (out->length > 0 && out->length + t->length > PIECE) return true;
        buffer_bytes(out, t->text, t->length);
        l->version = t->version;
    }
    return false;
}

static void deliver(struct exchange *x)
{
    struct listener *l = x->user;
    struct events *e = l->events;
    if (exchange_stream_queued(x) > PIECE) return; /* goes on when that has been taken */
    struct buffer out;
    buffer_init(&out, RING_BYTES + PIECE);
    pthread_mutex_lock(&e->lock);
    bool behind = l->placed && l->version < e->floor;
    bool more = !behind && compose(e, l, &out);
    int64_t now_ms = monotonic_ms();
    if (!behind && out.length == 0 && now_ms - l->written_ms >= (int64_t)e->options.heartbeat_ms) buffer_text(&out, ":\n\n");
    if (out.length) l->written_ms = now_ms;
    bool failed = out.failed != STATUS_OK;
    if (more && e->server && exchange_resume(e->server, l->token, deliver) != STATUS_OK) failed = true;
    pthread_mutex_unlock(&e->lock);
    if (behind || failed) exchange_stream_end(x, true);
    else exchange_stream_write(x, out.data, out.length);
    buffer_clear(&out);
}

static void left(struct exchange *x)
{
    struct listener *l = x->user;
    struct events *e = l->events;
    pthread_mutex_lock(&e->lock);
    l->used = false;
    e->used--;
    pthread_mutex_unlock(&e->lock);
}

enum status events_listen(struct events *e, struct exchange *x, int64_t after, struct error *err)
{
    static const struct exchange_stream_hooks hooks = {.more = deliver, .left = left};
    struct listener *free_one = NULL;
    pthread_mutex_lock(&e->lock);
    for (unsigned i = 0; i < e->options.listeners_max && free_one == NULL && e->server; i++)
        if (!e->listeners[i].used) free_one = &e->listeners[i];
    if (free_one) {
        int64_t now_ms = monotonic_ms();
        /* the state before any is 0, so that everybody is told the one there is */
        *free_one = (struct listener){.events = e, .version = after, .plans_at = e->plans_number, .written_ms = now_ms, .since_ms = now_ms};
        x->user = free_one;
        free_one->token = exchange_stream(x, "text/event-stream", &hooks);
        free_one->used = true;
        e->used++;
    }
    pthread_mutex_unlock(&e->lock);
    if (free_one == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_LISTENERS_FULL, e->options.listeners_max);
    deliver(x);
    return STATUS_OK;
}

/* ---- reading; on the thread of the events ----------------------------------------------------------------------- */

static enum status take(void *context, int64_t version, const char *event)
{
    struct events *e = context;
    size_t room = strlen(event) + 64;
    char *text = malloc(room);
    if (text == NULL) return STATUS_NO_MEMORY;
    int length = snprintf(text, room, "id: %" PRId64 "\nevent: rules\ndata: %s\n\n", version, event);
    pthread_mutex_lock(&e->lock);
    while (e->count == RING || (e->count && e->bytes + (size_t)length > RING_BYTES)) ring_drop(e);
    e->ring[(e->first + e->count++) % RING] = (struct told){version, text, (size_t)length};
    e->bytes += (size_t)length;
    e->newest = version;
    e->told++;
    pthread_mutex_unlock(&e->lock);
    return STATUS_OK;
}

/* Reads what is not in the ring yet. Whether it is all there now. */
static bool catch_up(struct events *e, int64_t newest, int64_t reached)
{
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    enum status status = read_pool_take(e->reads, &pg, &err);
    if (status == STATUS_OK) {
        if (newest < 0 || newest > reached) { /* the start, or a database that went back */
            newest = reached > FIRST_BATCH ? reached - FIRST_BATCH : 0;
            pthread_mutex_lock(&e->lock);
            ring_empty(e, newest);
            pthread_mutex_unlock(&e->lock);
        }
        status = rule_events_read(pg, newest, reached, take, e, &err);
        read_pool_give(e->reads, pg);
    }
    if (status == STATUS_OK) return true;
    log_event(LOG_WARN, "events_late", "version=%" PRId64 " code=%s", reached, status_code(status));
    return false;
}

/* Sends every listener to its event thread: to be written to, or to see whether it is time for a sign of life. */
static void wake_all(struct events *e)
{
    for (unsigned i = 0, left_over = e->used; i < e->options.listeners_max && left_over && e->server; i++) {
        if (!e->listeners[i].used) continue;
        left_over--;
        if (exchange_resume(e->server, e->listeners[i].token, deliver) == STATUS_NO_MEMORY) return; /* at the next turn */
    }
}

static void *run(void *context)
{
    struct events *e = context;
    int64_t told_version = -1;
    uint64_t told_state = 0;
    pthread_mutex_lock(&e->lock);
    while (!e->stop) {
        bool late = false;
        if (e->newest != e->reached && e->reached >= 0) {
            int64_t newest = e->newest, reached = e->reached;
            pthread_mutex_unlock(&e->lock);
            late = !catch_up(e, newest, reached);
            pthread_mutex_lock(&e->lock);
        }
        int64_t plans_in_ms = e->plans_changed ? e->plans_told_ms + PLANS_MS - monotonic_ms() : INT64_MAX;
        bool plans_due = plans_in_ms <= 0;
        if (plans_due) {
            e->plans_changed = false;
            e->plans_number++;
            e->plans_told_ms = monotonic_ms();
            plans_in_ms = INT64_MAX;
        }
        if (e->newest != told_version || e->state_number != told_state || plans_due) wake_all(e);
        told_version = e->newest;
        told_state = e->state_number;
        if (e->stop || (!late && e->newest != e->reached && e->reached >= 0)) continue;
        int64_t wait_ms = late ? RETRY_MS : e->options.heartbeat_ms / 2 + 1;
        int64_t until = monotonic_ms() + (plans_in_ms < wait_ms ? plans_in_ms : wait_ms);
        struct timespec at = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
        /* what is new ends the wait; after a whole one it is time to look for silences */
        if (pthread_cond_timedwait(&e->changed, &e->lock, &at) != 0 && !late) wake_all(e);
    }
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

/* ---- from outside ------------------------------------------------------------------------------------------------- */

enum status events_new(struct events **out, struct read_pool *reads, const struct events_options *options, struct error *err)
{
    *out = NULL;
    struct events *e = calloc(1, sizeof *e);
    if (e == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    e->options = *options;
    e->reads = reads;
    e->reached = e->newest = e->floor = -1;
    e->state_number = 1;
    e->listeners = calloc(options->listeners_max ? options->listeners_max : 1, sizeof *e->listeners);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&e->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&e->lock, NULL);
    if (e->listeners) e->has_thread = pthread_create(&e->thread, NULL, run, e) == 0;
    if (!e->has_thread) {
        events_free(e);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    *out = e;
    return STATUS_OK;
}

void events_free(struct events *e)
{
    if (e == NULL) return;
    pthread_mutex_lock(&e->lock);
    e->stop = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
    if (e->has_thread) pthread_join(e->thread, NULL);
    ring_empty(e, -1);
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e->listeners);
    free(e);
}

void events_server_set(struct events *e, struct server *server)
{
    pthread_mutex_lock(&e->lock);
    e->server = server;
    pthread_mutex_unlock(&e->lock);
}

void events_rules_reached(struct events *e, int64_t version)
{
    pthread_mutex_lock(&e->lock);
    e->reached = version;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

void events_state(struct events *e, bool connected, bool stale)
{
    pthread_mutex_lock(&e->lock);
    if (e->connected != connected || e->stale != stale) {
        e->connected = connected;
        e->stale = stale;
        e->state_number++;
        pthread_cond_signal(&e->changed);
    }
    pthread_mutex_unlock(&e->lock);
}

void events_plans(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    e->plans_changed = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

struct events_figures events_figures_get(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    struct events_figures figures = {.listeners = e->used, .told = e->told};
    pthread_mutex_unlock(&e->lock);
    return figures;
}
