/* Customized metrics by constraint signature (routing/constraint/loose.h), the least recently used thrown out first when a bound
 * on bytes is passed. One cache belongs to one view, so signatures need not mention the rules' version.
 *
 *   struct shared_metric *m = metric_cache_find(cache, signature, size);
 *   if (!m) { …metric_new(…, &metric)…; m = metric_cache_add(cache, signature, size, metric); }
 *   … m->metric …
 *   shared_metric_release(m);
 *
 * Rules that change leave most metrics as they are or nearly so. A new view's cache is handed what the one before held
 * (metric_cache_inherit): not to be found by signature, only to make new metrics from (metric_derive.h).
 *
 * Any number of threads; a lock is held for nanoseconds. */
#ifndef ROUTING_METRIC_CACHE_H
#define ROUTING_METRIC_CACHE_H

#include "routing/hierarchy/metric.h"

#include <stdatomic.h>

struct metric_cache;

struct shared_metric {
    struct metric *metric;
    atomic_uint references;
};

MUST_USE enum status metric_cache_new(size_t bytes_max, struct metric_cache **out, struct error *err);
void metric_cache_free(struct metric_cache *cache);

/** The metric with this signature with a reference for the caller, or NULL. */
MUST_USE struct shared_metric *metric_cache_find(struct metric_cache *cache, const void *signature, size_t size);

/** Takes `metric` (freed on failure too). If somebody else added the same signature meanwhile, theirs is returned and
 *  `metric` freed. One that is larger than the bound is returned but not kept. NULL when memory is out. */
MUST_USE struct shared_metric *metric_cache_add(struct metric_cache *cache, const void *signature, size_t size,
                                                struct metric *metric);

/** The same for a metric that is shared already: another signature for the same weights, of this cache or of the one
 *  before. Takes a reference of its own; the bytes count for each signature. */
MUST_USE struct shared_metric *metric_cache_share(struct metric_cache *cache, const void *signature, size_t size,
                                                  struct shared_metric *metric);

struct shared_metric *shared_metric_get(struct shared_metric *m);
void shared_metric_release(struct shared_metric *m);

enum { METRIC_BASES_MAX = 16 };

/** Takes the metrics used last in `before` as bases, as far as the bound on bytes allows. They are the first to be
 *  thrown out. `before` may be in use. */
void metric_cache_inherit(struct metric_cache *cache, struct metric_cache *before);

/** Metrics to begin from, each with a reference for the caller: those used last, then the inherited. Returns how many. */
uint32_t metric_cache_bases(struct metric_cache *cache, struct shared_metric *bases[METRIC_BASES_MAX]);

/** An inherited base has been made into a metric of this cache, which is nearer to what will be asked: lets go of it. */
void metric_cache_base_done(struct metric_cache *cache, const struct shared_metric *base);

struct metric_cache_figures {
    size_t bytes, entries;
    uint64_t hits, misses;
};
struct metric_cache_figures metric_cache_figures(struct metric_cache *cache);

#endif
