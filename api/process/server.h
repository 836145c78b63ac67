/* N event threads, each with its own event base, its own SO_REUSEPORT listener and its own connections; a routes
 * table; a worker pool.
 *
 *   struct server *server;
 *   struct server_options options = SERVER_OPTIONS_DEFAULT;
 *   options.routes = routes, options.route_count = n, options.app = app;
 *   if (server_open(&server, &options, &err) != STATUS_OK) …
 *   server_start(server, &err);
 *   … wait for SIGTERM …
 *   server_stop(server);          // stop accepting, finish what is in flight
 *   if (server_join(server))      // returns at the latest some 30 s later
 *       server_close(server);
 *
 * Handlers and what they may do: api/process/exchange.h. Rows of the routes table: api/process/router.h. */
#ifndef API_SERVER_H
#define API_SERVER_H

#include "api/process/exchange.h"
#include "api/process/pool.h"
#include "api/process/router.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct server;
struct metrics;

struct server_options {
    const char *address; /* numeric, v4 or v6 */
    unsigned port;       /* 0: any; see server_port */
    bool socket_activation; /* use the sockets of LISTEN_FDS when there are some */
    unsigned threads;       /* event threads; 0: one per core */
    unsigned workers;       /* worker threads; 0: one per core */
    unsigned queue_length, queue_deadline_ms;
    unsigned connections_max; /* over all threads; the listener pauses above */
    unsigned requests_per_connection_max, pipelined_max;
    unsigned head_ms, body_ms, idle_ms, write_ms, request_ms, stop_ms; /* absolute deadlines */
    unsigned body_rate_min;                                           /* bytes a second */
    size_t bodies_max; /* bytes of request bodies held at one moment, over all connections; 503 above */
    bool access_log;   /* one line per request */
    unsigned turn_ms;  /* overload: see http_host_overloaded; 0: never refuses for that */
    uint64_t rate_units, rate_burst; /* token buckets per caller; rate 0: none */
    const char *trusted_proxies;     /* whose X-Forwarded-For is believed, "127.0.0.1,::1" */
    const char *cors_origins;        /* api/http/cors.h; NULL: pages of no other origin */
    enum language language; /* when the client does not say */

    const struct route *routes;
    size_t route_count;
    struct metrics *metrics; /* borrowed; may be NULL */

    void *app; /* handed to every handler as x->app */
    /* workspace of each event thread and worker, made and freed on the calling thread of server_open/close; may be
     * NULL. `thread` counts event threads first, then workers. */
    void *(*local_new)(void *app, unsigned thread);
    void (*local_free)(void *app, void *local);
    /* who is calling and whether they may: runs after the head is read and before the body is, for every matched
     * route; sets x->subject. Anything but OK is answered as a problem. NULL: only routes open to ROLE_ANONYMOUS. */
    enum status (*admit)(struct exchange *x, struct error *err);
};

#define SERVER_OPTIONS_DEFAULT                                                                                       \
    {                                                                                                                \
        .address = "127.0.0.1", .port = 8080, .queue_length = 1024, .queue_deadline_ms = 1000,                       \
        .connections_max = 10000, .requests_per_connection_max = 1000, .pipelined_max = 32, .head_ms = 5000,         \
        .body_ms = 10000, .idle_ms = 30000, .write_ms = 15000, .request_ms = 20000, .stop_ms = 28000,                \
        .body_rate_min = 1024, .bodies_max = (size_t)256 << 20, .access_log = true, .turn_ms = 50,                   \
        .trusted_proxies = "127.0.0.1,::1"                                                                           \
    }

/** Binds and prepares; nothing is accepted yet. `options` is copied, what it points to is borrowed. Errors: INVALID
 *  (routes, address), IO (address in use, descriptors), NO_MEMORY. */
MUST_USE enum status server_open(struct server **out, const struct server_options *options, struct error *err);

/** Starts the threads. Signals must already be blocked in the caller, the threads inherit that. */
MUST_USE enum status server_start(struct server *server, struct error *err);

/** Begins a graceful stop: no new connections, `Connection: close` on every answer, work in flight is finished.
 *  Returns at once. Any thread; twice is once. */
void server_stop(struct server *server);

/** Waits until the threads have ended, at the latest stop_ms (and 2 s for workers that have been told to give up)
 *  after server_stop; what is left then is cut off. False: a worker still runs, so that server_close must not be
 *  called and the process can only end. */
MUST_USE bool server_join(struct server *server);

/** Frees everything; after server_join, or without server_start. NULL is fine. */
void server_close(struct server *server);

/** Whether every event thread has turned in the last `within_ms`: what a watchdog asks. */
bool server_turning(const struct server *server, unsigned within_ms);

/** How many event threads and workers these options mean: `threads` and `workers`, or one per core. */
unsigned server_threads(const struct server_options *options);
unsigned server_workers(const struct server_options *options);

/** Has a worker run `job`, which belongs to the pool until then (api/process/pool.h). False when the queue is full or the workers
 *  end. Any thread; does not block. */
MUST_USE bool server_submit(struct server *server, struct pool_job *job);

/** Sets the gauges that only the server knows; before metrics_render. Any thread. */
void server_gauges(struct server *server);

/** What it was opened with; may be NULL. */
struct metrics *server_metrics(const struct server *server);

/** The bucket of a caller with a name of its own (a key's id), for x->limit_key. 0 when nothing is limited. */
uint64_t server_limit_key(const struct server *server, const void *name, size_t length);

/** The port that was bound. */
unsigned server_port(const struct server *server);

/** True while it neither stops nor has stopped: what /readyz asks. */
bool server_accepting(const struct server *server);

#endif
