/* Counters, gauges and histograms, rendered as Prometheus text.
 *
 * Names and helps are declared once below; adding a row is all it takes. Each thread counts in its own block, without
 * locks and without sharing cache lines; rendering adds the blocks up. `thread` is exchange->thread; code that has no
 * number passes METRICS_SHARED. Any thread may render at any time.
 *
 *   metrics_count(metrics, x->thread, COUNTER_CHECKER_DISAGREEMENTS, 1);
 *   metrics_observe(metrics, x->thread, HISTOGRAM_QUEUE_WAIT, microseconds);
 *   metrics_gauge_set(metrics, GAUGE_RULES_VERSION, version);
 */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stddef.h>
#include <stdint.h>

struct metrics;
struct route;

/*        symbol                  name after baochang_               help */
#define METRIC_COUNTERS(X)                                                                                           \
    X(CONNECTIONS,            "connections_accepted_total",      "Connections accepted.")                            \
    X(BAD_REQUESTS,           "http_refused_total",              "Requests refused by the parser or a deadline.")    \
    X(BUSY,                   "busy_total",                      "Requests refused because the service was busy.")   \
    X(CLIENT_LEFT,            "client_left_total",               "Requests whose client left before the answer.")    \
    X(LATE,                   "late_total",                      "Requests answered 504 at their deadline.")         \
    X(HANDLER_SILENT,         "handler_silent_total",            "Handlers that returned without an answer.")        \
    X(PLANS,                  "plans_total",                     "Questions answered with a plan.")                  \
    X(NO_ROUTE,               "no_route_total",                  "Questions without a lawful route.")                \
    X(CHECKER_DISAGREEMENTS,  "checker_disagreements_total",     "Plans that the geometric checker refused.")        \
    X(PUBLICATIONS,           "publications_total",              "Rules views published.")                           \
    X(MEANWHILE,              "meanwhile_total",                 "Questions answered before their metric was made.") \
    X(CUSTOMIZED,             "customizations_total",            "Metrics made in the background.")                  \
    X(LIMITED,                "rate_limited_total",              "Requests refused by a token bucket.")

#define METRIC_GAUGES(X)                                                                                             \
    X(CONNECTIONS_OPEN,       "connections_open",                "Connections open now.")                            \
    X(EXCHANGES_OPEN,         "requests_in_flight",              "Requests being read or worked on now.")            \
    X(POOL_QUEUED,            "pool_queued",                     "Jobs waiting for a worker.")                       \
    X(POOL_RUNNING,           "pool_running",                    "Jobs on a worker.")                                \
    X(BODY_BYTES,             "request_body_bytes",              "Bytes of request bodies held now.")                \
    X(RULES_VERSION,          "rules_version",                   "Version of the rules in force.")                   \
    X(RULES_AGE,              "rules_age_seconds",               "Seconds since the rules were last known current.") \
    X(NETWORK_ARCS,           "network_arcs",                    "Arcs of the road network in memory.")              \
    X(DATABASE_UP,            "database_up",                     "1 while the change feed is connected.")            \
    X(DATABASE_RECONNECTS,    "database_reconnects",             "Times the feed's connection was made again.")      \
    X(RULES_REJECTED,         "rules_rejected",                  "1 while a newer version could not be taken over.") \
    X(LISTENERS,              "event_listeners",                 "Clients that listen for events now.")              \
    X(STARTED,                "process_start_time_seconds",      "Start of the process, Unix time.")

#define METRIC_HISTOGRAMS(X)                                                                                         \
    X(QUEUE_WAIT,             "pool_wait_seconds",               "Time a job waited for a worker.")                  \
    X(PUBLICATION,            "publication_seconds",             "Time from the commit to the view in force.")

enum metric_counter {
#define X(symbol, name, help) COUNTER_##symbol,
    METRIC_COUNTERS(X)
#undef X
    COUNTER_COUNT
};

enum metric_gauge {
#define X(symbol, name, help) GAUGE_##symbol,
    METRIC_GAUGES(X)
#undef X
    GAUGE_COUNT
};

enum metric_histogram {
#define X(symbol, name, help) HISTOGRAM_##symbol,
    METRIC_HISTOGRAMS(X)
#undef X
    HISTOGRAM_COUNT
};

#define METRICS_SHARED UINT32_MAX

/** Room for `threads` blocks and the rows of `routes` (borrowed). Errors: NO_MEMORY. */
MUST_USE enum status metrics_new(struct metrics **out, unsigned threads, const struct route *routes,
                                 size_t route_count, struct error *err);
void metrics_free(struct metrics *metrics);

/* All of these accept NULL metrics and do nothing then. Cost: some nanoseconds. */
void metrics_count(struct metrics *metrics, unsigned thread, enum metric_counter counter, uint64_t n);
void metrics_observe(struct metrics *metrics, unsigned thread, enum metric_histogram histogram, uint64_t us);
void metrics_gauge_set(struct metrics *metrics, enum metric_gauge gauge, double value);

/** One request is answered. `route` SIZE_MAX: no row matched. */
void metrics_request(struct metrics *metrics, unsigned thread, size_t route, int http_status, uint64_t us,
                     uint64_t bytes_out);

/** Sum of a counter over all threads. */
uint64_t metrics_sum(const struct metrics *metrics, enum metric_counter counter);

/** Appends the exposition text. Routes that were never asked for are left out. */
void metrics_render(const struct metrics *metrics, struct buffer *out);

#endif
