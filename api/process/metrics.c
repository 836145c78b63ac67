#include "api/process/metrics.h"

#include "api/process/router.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Upper bounds of the buckets, in microseconds: 50 µs to 30 s. The last bucket has none. */
static const uint64_t bounds_us[] = {50,    100,    250,    500,    1000,    2500,    5000,    10000,   25000,
                                     50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000};
enum { BOUNDS = sizeof bounds_us / sizeof *bounds_us, CLASSES = 5, CACHE_LINE = 64 };

struct histogram {
    _Atomic uint64_t bucket[BOUNDS + 1];
    _Atomic uint64_t sum_us;
};

struct route_figures {
    _Atomic uint64_t answered[CLASSES]; /* 1xx … 5xx */
    _Atomic uint64_t bytes_out;
    struct histogram duration;
};

struct block {
    _Atomic uint64_t counters[COUNTER_COUNT];
    struct histogram histograms[HISTOGRAM_COUNT];
    struct route_figures routes[]; /* route_count and one for no route */
};

struct metrics {
    unsigned block_count; /* threads and one shared */
    size_t block_size;
    const struct route *routes;
    size_t route_count;
    _Atomic double gauges[GAUGE_COUNT];
    _Atomic bool gauge_known[GAUGE_COUNT];
    char *blocks;
};

static const struct {
    const char *name, *help;
} counters[] = {
#define X(symbol, name, help) {name, help},
    METRIC_COUNTERS(X)
}, gauges[] = {
    METRIC_GAUGES(X)
}, histograms[] = {
    METRIC_HISTOGRAMS(X)
#undef X
};

enum status metrics_new(struct metrics **out, unsigned threads, const struct route *routes, size_t route_count,
                        struct error *err)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    size_t size = sizeof(struct block) + (route_count + 1) * sizeof(struct route_figures);
    metrics->block_size = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    metrics->block_count = threads + 1;
    metrics->routes = routes;
    metrics->route_count = route_count;
    metrics->blocks = aligned_alloc(CACHE_LINE, metrics->block_size * metrics->block_count);
    if (metrics->blocks == NULL) {
        free(metrics);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    memset(metrics->blocks, 0, metrics->block_size * metrics->block_count);
    *out = metrics;
    return STATUS_OK;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL) return;
    free(metrics->blocks);
    free(metrics);
}

static struct block *block_of(const struct metrics *metrics, unsigned thread)
{
    unsigned at = thread < metrics->block_count ? thread : metrics->block_count - 1;
    return (struct block *)(void *)(metrics->blocks + at * metrics->block_size);
}

static void add(_Atomic uint64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static void histogram_add(struct histogram *histogram, uint64_t us)
{
    unsigned bucket = 0;
    while (bucket < BOUNDS && us > bounds_us[bucket]) bucket++;
    add(&histogram->bucket[bucket], 1);
    add(&histogram->sum_us, us);
}

void metrics_count(struct metrics *metrics, unsigned thread, enum metric_counter counter, uint64_t n)
{
    if (metrics) add(&block_of(metrics, thread)->counters[counter], n);
}

void metrics_observe(struct metrics *metrics, unsigned thread, enum metric_histogram histogram, uint64_t us)
{
    if (metrics) histogram_add(&block_of(metrics, thread)->histograms[histogram], us);
}

void metrics_gauge_set(struct metrics *metrics, enum metric_gauge gauge, double value)
{
    if (metrics == NULL) return;
    atomic_store_explicit(&metrics->gauges[gauge], value, memory_order_relaxed);
    atomic_store_explicit(&metrics->gauge_known[gauge], true, memory_order_relaxed);
}

void metrics_request(struct metrics *metrics, unsigned thread, size_t route, int http_status, uint64_t us,
                     uint64_t bytes_out)
{
    if (metrics == NULL) return;
    if (route > metrics->route_count) route = metrics->route_count;
    struct route_figures *figures = &block_of(metrics, thread)->routes[route];
    int class = http_status / 100 - 1;
    if (class >= 0 && class < CLASSES) add(&figures->answered[class], 1);
    add(&figures->bytes_out, bytes_out);
    histogram_add(&figures->duration, us);
}

uint64_t metrics_sum(const struct metrics *metrics, enum metric_counter counter)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < metrics->block_count; i++) sum += get(&block_of(metrics, i)->counters[counter]);
    return sum;
}

struct histogram_sum {
    uint64_t bucket[BOUNDS + 1], sum_us;
};

static void histogram_gather(struct histogram_sum *to, const struct histogram *from)
{
    for (unsigned i = 0; i <= BOUNDS; i++) to->bucket[i] += get(&from->bucket[i]);
    to->sum_us += get(&from->sum_us);
}

static void histogram_render(struct buffer *out, const char *name, const char *label, const struct histogram_sum *sum)
{
    uint64_t below = 0;
    const char *comma = *label ? "," : "";
    for (unsigned i = 0; i <= BOUNDS; i++) {
        below += sum->bucket[i];
        if (i < BOUNDS)
            buffer_printf(out, "baochang_%s_bucket{%s%sle=\"%g\"} %llu\n", name, label, comma,
                          (double)bounds_us[i] / 1e6, (unsigned long long)below);
        else
            buffer_printf(out, "baochang_%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, label, comma,
                          (unsigned long long)below);
    }
    const char *open = *label ? "{" : "", *close = *label ? "}" : "";
    buffer_printf(out, "baochang_%s_sum%s%s%s %.6f\n", name, open, label, close, (double)sum->sum_us / 1e6);
    buffer_printf(out, "baochang_%s_count%s%s%s %llu\n", name, open, label, close, (unsigned long long)below);
}

static void title(struct buffer *out, const char *name, const char *help, const char *type)
{
    buffer_printf(out, "# HELP baochang_%s %s\n# TYPE baochang_%s %s\n", name, help, name, type);
}

static const char *route_name(const struct metrics *metrics, size_t route)
{
    return route < metrics->route_count ? metrics->routes[route].name : "none";
}

static void routes_render(const struct metrics *metrics, struct buffer *out)
{
    title(out, "http_requests_total", "Requests answered, by route and class of status.", "counter");
    for (size_t r = 0; r <= metrics->route_count; r++) {
        for (int class = 0; class < CLASSES; class++) {
            uint64_t sum = 0;
            for (unsigned i = 0; i < metrics->block_count; i++)
                sum += get(&block_of(metrics, i)->routes[r].answered[class]);
            if (sum)
                buffer_printf(out, "baochang_http_requests_total{route=\"%s\",class=\"%dxx\"} %llu\n",
                              route_name(metrics, r), class + 1, (unsigned long long)sum);
        }
    }
    title(out, "http_response_bytes_total", "Bytes of answers, by route.", "counter");
    for (size_t r = 0; r <= metrics->route_count; r++) {
        uint64_t sum = 0;
        for (unsigned i = 0; i < metrics->block_count; i++) sum += get(&block_of(metrics, i)->routes[r].bytes_out);
        if (sum)
            buffer_printf(out, "baochang_http_response_bytes_total{route=\"%s\"} %llu\n", route_name(metrics, r),
                          (unsigned long long)sum);
    }
    title(out, "http_request_duration_seconds", "From the head of a request to its answer.", "histogram");
    for (size_t r = 0; r <= metrics->route_count; r++) {
        struct histogram_sum sum = {0};
        for (unsigned i = 0; i < metrics->block_count; i++)
            histogram_gather(&sum, &block_of(metrics, i)->routes[r].duration);
        uint64_t all = 0;
        for (unsigned i = 0; i <= BOUNDS; i++) all += sum.bucket[i];
        if (all == 0) continue;
        char label[80];
        snprintf(label, sizeof label, "route=\"%s\"", route_name(metrics, r));
        histogram_render(out, "http_request_duration_seconds", label, &sum);
    }
}

void metrics_render(const struct metrics *metrics, struct buffer *out)
{
    for (unsigned c = 0; c < COUNTER_COUNT; c++) {
        title(out, counters[c].name, counters[c].help, "counter");
        buffer_printf(out, "baochang_%s %llu\n", counters[c].name, (unsigned long long)metrics_sum(metrics, c));
    }
    for (unsigned g = 0; g < GAUGE_COUNT; g++) {
        if (!atomic_load_explicit(&metrics->gauge_known[g], memory_order_relaxed)) continue;
        title(out, gauges[g].name, gauges[g].help, "gauge");
        buffer_printf(out, "baochang_%s %.15g\n", gauges[g].name,
                      atomic_load_explicit(&metrics->gauges[g], memory_order_relaxed));
    }
    for (unsigned h = 0; h < HISTOGRAM_COUNT; h++) {
        struct histogram_sum sum = {0};
        for (unsigned i = 0; i < metrics->block_count; i++)
            histogram_gather(&sum, &block_of(metrics, i)->histograms[h]);
        title(out, histograms[h].name, histograms[h].help, "histogram");
        histogram_render(out, histograms[h].name, "", &sum);
    }
    routes_render(metrics, out);
}
