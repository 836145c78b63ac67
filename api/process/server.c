#include "api/process/server.h"

#include "api/http/listener.h"
#include "api/process/event_thread.h"
#include "api/process/limiter.h"
#include "api/process/metrics.h"
#include "geo/base/log.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CALLERS = 65536, THREADS_MAX = 256, INHERITED_FIRST = 3, POOL_GRACE_MS = 2000 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static unsigned cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

unsigned server_threads(const struct server_options *options)
{
    return options->threads ? options->threads : cores();
}

unsigned server_workers(const struct server_options *options)
{
    return options->workers ? options->workers : cores();
}

static void *worker_workspace(void *context, unsigned worker)
{
    struct server *server = context;
    struct worker_local *local = &server->worker_locals[worker];
    local->number = worker;
    if (server->options.local_new == NULL) return local;
    local->local = server->options.local_new(server->options.app, server->thread_count + worker);
    return local->local ? local : NULL;
}

static void worker_workspace_free(void *context, void *workspace)
{
    struct server *server = context;
    struct worker_local *local = workspace;
    if (local->local && server->options.local_free) server->options.local_free(server->options.app, local->local);
    local->local = NULL;
}

/* Sets up the threads on sockets handed down, or on sockets of their own. */
static enum status threads_open(struct server *server, struct error *err)
{
    const struct server_options *options = &server->options;
    unsigned inherited = options->socket_activation ? http_listen_inherited() : 0;
    if (inherited > LISTENERS_MAX) inherited = LISTENERS_MAX;
    int fds[LISTENERS_MAX];
    for (unsigned i = 0; i < inherited; i++) fds[i] = INHERITED_FIRST + (int)i;
    enum status status = STATUS_OK;
    server->port = options->port;
    if (inherited == 0 && options->port != 0) {
        /* with SO_REUSEPORT a second service on the port would not be noticed: ask without it first */
        int probe;
        status = http_listen(options->address, &server->port, false, &probe, err);
        if (status == STATUS_OK) close(probe);
    }
    for (unsigned i = 0; i < server->thread_count && status == STATUS_OK; i++) {
        unsigned count = inherited;
        if (inherited == 0) {
            status = http_listen(options->address, &server->port, true, &fds[0], err);
            count = 1;
        }
        if (status != STATUS_OK) break;
        status = event_thread_init(&server->threads[i], server, i, fds, count, inherited == 0, err);
        if (status != STATUS_OK && inherited == 0) close(fds[0]);
    }
    return status;
}

static void on_libevent(int severity, const char *message)
{
    char quoted[512];
    log_event(severity >= EVENT_LOG_ERR ? LOG_ERROR : severity == EVENT_LOG_WARN ? LOG_WARN : LOG_DEBUG, "libevent",
              "detail=%s", log_quote(quoted, sizeof quoted, message));
}

enum status server_open(struct server **out, const struct server_options *options, struct error *err)
{
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    event_set_log_callback(on_libevent);
    server->options = *options;
    server->thread_count = server_threads(options);
    server->worker_count = server_workers(options);
    server->limits = (struct http_limits){.head_ms = options->head_ms,
                                          .body_ms = options->body_ms,
                                          .idle_ms = options->idle_ms,
                                          .write_ms = options->write_ms,
                                          .body_rate_min = options->body_rate_min,
                                          .requests_max = options->requests_per_connection_max,
                                          .pipelined_max = options->pipelined_max,
                                          .turn_ms = options->turn_ms};
    enum status status;
    if (server->thread_count > THREADS_MAX || server->worker_count > THREADS_MAX) {
        status = error_set(err, STATUS_INVALID, MESSAGE_OPTION_BOUNDS, "threads", 0LL, (long long)THREADS_MAX);
        goto failed;
    }
    if (options->rate_units) {
        status = limiter_new(&server->limiter, options->rate_units, options->rate_burst, CALLERS, err);
        if (status != STATUS_OK) goto failed;
    }
    status = router_new(&server->router, options->routes, options->route_count, err);
    if (status != STATUS_OK) goto failed;
    server->threads = calloc(server->thread_count, sizeof *server->threads);
    server->worker_locals = calloc(server->worker_count, sizeof *server->worker_locals);
    if (server->threads == NULL || server->worker_locals == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto failed;
    }
    const struct pool_options pool = {.workers = server->worker_count,
                                      .queue_length = options->queue_length,
                                      .queue_deadline_ms = options->queue_deadline_ms,
                                      .workspace_new = worker_workspace,
                                      .workspace_free = worker_workspace_free,
                                      .context = server};
    status = threads_open(server, err);
    if (status == STATUS_OK) status = pool_new(&server->pool, &pool, err);
    if (status != STATUS_OK) goto failed;
    *out = server;
    return STATUS_OK;

failed:
    server_close(server);
    return status;
}

enum status server_start(struct server *server, struct error *err)
{
    enum status status = pool_start(server->pool, err);
    for (unsigned i = 0; i < server->thread_count && status == STATUS_OK; i++) {
        struct event_thread *thread = &server->threads[i];
        thread->running = pthread_create(&thread->thread, NULL, event_thread_main, thread) == 0;
        if (!thread->running) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    atomic_store(&server->started, true);
    if (status != STATUS_OK) {
        server_stop(server);
        if (!server_join(server)) error_log(err, "a worker did not end");
    }
    return status;
}

void server_stop(struct server *server)
{
    if (atomic_load(&server->stopping)) return;
    atomic_store(&server->stop_deadline_ms, now_ms() + server->options.stop_ms);
    atomic_store(&server->stopping, true);
    for (unsigned i = 0; i < server->thread_count; i++) event_thread_wake(&server->threads[i]);
}

bool server_join(struct server *server)
{
    for (unsigned i = 0; i < server->thread_count; i++) {
        struct event_thread *thread = &server->threads[i];
        if (thread->running) pthread_join(thread->thread, NULL);
        thread->running = false;
    }
    /* what still runs has been cancelled with its connection; a worker that does not look is not waited for long */
    pool_stop(server->pool);
    return pool_join(server->pool, now_ms() + POOL_GRACE_MS);
}

void server_close(struct server *server)
{
    if (server == NULL) return;
    for (unsigned i = 0; server->threads && i < server->thread_count; i++) event_thread_clear(&server->threads[i]);
    pool_free(server->pool);
    router_free(server->router);
    limiter_free(server->limiter);
    free(server->threads);
    free(server->worker_locals);
    free(server);
}

bool server_submit(struct server *server, struct pool_job *job)
{
    return pool_submit(server->pool, job);
}

struct metrics *server_metrics(const struct server *server)
{
    return server->options.metrics;
}

uint64_t server_limit_key(const struct server *server, const void *name, size_t length)
{
    return server->limiter ? limiter_key(server->limiter, name, length) : 0;
}

unsigned server_port(const struct server *server)
{
    return server->port;
}

bool server_accepting(const struct server *server)
{
    return atomic_load(&server->started) && !atomic_load(&server->stopping);
}

bool server_turning(const struct server *server, unsigned within_ms)
{
    int64_t now = now_ms();
    for (unsigned i = 0; i < server->thread_count; i++)
        if (now - atomic_load_explicit(&server->threads[i].turned_ms, memory_order_relaxed) > (int64_t)within_ms)
            return false;
    return true;
}

void server_gauges(struct server *server)
{
    struct metrics *metrics = server->options.metrics;
    unsigned connections = 0, exchanges = 0;
    for (unsigned i = 0; i < server->thread_count; i++) {
        connections += atomic_load_explicit(&server->threads[i].connections, memory_order_relaxed);
        exchanges += atomic_load_explicit(&server->threads[i].exchanges, memory_order_relaxed);
    }
    struct pool_figures figures;
    pool_figures_get(server->pool, &figures);
    metrics_gauge_set(metrics, GAUGE_CONNECTIONS_OPEN, connections);
    metrics_gauge_set(metrics, GAUGE_EXCHANGES_OPEN, exchanges);
    metrics_gauge_set(metrics, GAUGE_POOL_QUEUED, figures.queued);
    metrics_gauge_set(metrics, GAUGE_POOL_RUNNING, figures.running);
    metrics_gauge_set(metrics, GAUGE_BODY_BYTES, (double)atomic_load(&server->body_bytes));
}
