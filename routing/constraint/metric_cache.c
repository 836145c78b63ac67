#include "routing/constraint/metric_cache.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct entry {
    struct entry *next;            /* in its bucket */
    struct entry *newer, *older;   /* by use */
    uint64_t hash;
    size_t size, bytes;
    struct shared_metric *shared;
    unsigned char signature[];
};

struct metric_cache {
    pthread_mutex_t lock;
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t bytes, bytes_max, entries;
    uint64_t hits, misses;
    struct shared_metric *inherited[METRIC_BASES_MAX]; /* used last first; their bytes count */
    uint32_t inherited_count;
};

static uint64_t hash_of(const unsigned char *bytes, size_t size)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a over words; the signature is padded with zeros in effect */
    while (size >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        h = (h ^ word) * 1099511628211u;
        h ^= h >> 29;
        bytes += 8;
        size -= 8;
    }
    while (size-- > 0) h = (h ^ *bytes++) * 1099511628211u;
    return h ^ h >> 32;
}

enum status metric_cache_new(size_t bytes_max, struct metric_cache **out, struct error *err)
{
    struct metric_cache *cache = calloc(1, sizeof *cache);
    if (!cache) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    cache->bytes_max = bytes_max;
    pthread_mutex_init(&cache->lock, NULL);
    *out = cache;
    return STATUS_OK;
}

static void unlink_entry(struct metric_cache *cache, struct entry *e)
{
    if (e->newer)
        e->newer->older = e->older;
    else
        cache->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        cache->oldest = e->newer;
    e->newer = e->older = NULL;
}

static void push_newest(struct metric_cache *cache, struct entry *e)
{
    e->older = cache->newest;
    e->newer = NULL;
    if (cache->newest)
        cache->newest->newer = e;
    else
        cache->oldest = e;
    cache->newest = e;
}

static void drop(struct metric_cache *cache, struct entry *e)
{
    struct entry **at = &cache->buckets[e->hash % BUCKETS];
    while (*at != e) at = &(*at)->next;
    *at = e->next;
    unlink_entry(cache, e);
    cache->bytes -= e->bytes;
    cache->entries--;
    shared_metric_release(e->shared);
    free(e);
}

static void drop_inherited(struct metric_cache *cache, uint32_t index)
{
    struct shared_metric *base = cache->inherited[index];
    cache->bytes -= metric_bytes(base->metric);
    cache->inherited_count--;
    for (uint32_t i = index; i < cache->inherited_count; i++) cache->inherited[i] = cache->inherited[i + 1];
    shared_metric_release(base);
}

void metric_cache_free(struct metric_cache *cache)
{
    if (!cache) return;
    while (cache->inherited_count > 0) drop_inherited(cache, cache->inherited_count - 1);
    while (cache->oldest) drop(cache, cache->oldest);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct entry *find(struct metric_cache *cache, uint64_t hash, const void *signature, size_t size)
{
    struct entry *e = cache->buckets[hash % BUCKETS];
    while (e && (e->hash != hash || e->size != size || memcmp(e->signature, signature, size) != 0)) e = e->next;
    return e;
}

struct shared_metric *metric_cache_find(struct metric_cache *cache, const void *signature, size_t size)
{
    uint64_t hash = hash_of(signature, size);
    struct shared_metric *shared = NULL;
    pthread_mutex_lock(&cache->lock);
    struct entry *e = find(cache, hash, signature, size);
    if (e) {
        unlink_entry(cache, e);
        push_newest(cache, e);
        shared = e->shared;
        atomic_fetch_add(&shared->references, 1);
        cache->hits++;
    } else {
        cache->misses++;
    }
    pthread_mutex_unlock(&cache->lock);
    return shared;
}

struct shared_metric *metric_cache_share(struct metric_cache *cache, const void *signature, size_t size,
                                         struct shared_metric *shared)
{
    uint64_t hash = hash_of(signature, size);
    struct entry *e = malloc(sizeof *e + size);
    if (!e) return NULL;
    *e = (struct entry){.hash = hash, .size = size, .bytes = metric_bytes(shared->metric) + sizeof *e + size,
                        .shared = shared};
    memcpy(e->signature, signature, size);
    if (e->bytes > cache->bytes_max) {
        free(e);
        return shared_metric_get(shared);
    }
    pthread_mutex_lock(&cache->lock);
    struct entry *same = find(cache, hash, signature, size);
    if (same) {
        struct shared_metric *theirs = shared_metric_get(same->shared);
        pthread_mutex_unlock(&cache->lock);
        free(e);
        return theirs;
    }
    shared_metric_get(shared); /* the cache's */
    while (cache->bytes + e->bytes > cache->bytes_max && cache->inherited_count)
        drop_inherited(cache, cache->inherited_count - 1);
    while (cache->bytes + e->bytes > cache->bytes_max && cache->oldest) drop(cache, cache->oldest);
    e->next = cache->buckets[hash % BUCKETS];
    cache->buckets[hash % BUCKETS] = e;
    push_newest(cache, e);
    cache->bytes += e->bytes;
    cache->entries++;
    pthread_mutex_unlock(&cache->lock);
    return shared_metric_get(shared);
}

struct shared_metric *metric_cache_add(struct metric_cache *cache, const void *signature, size_t size,
                                       struct metric *metric)
{
    struct shared_metric *shared = calloc(1, sizeof *shared);
    if (!shared) {
        metric_free(metric);
        return NULL;
    }
    shared->metric = metric;
    atomic_init(&shared->references, 1);
    struct shared_metric *added = metric_cache_share(cache, signature, size, shared);
    shared_metric_release(shared);
    return added;
}

/* ---- what to begin from -------------------------------------------------------------------------------------------- */

static bool listed(struct shared_metric *const *bases, uint32_t count, const struct shared_metric *m)
{
    for (uint32_t i = 0; i < count; i++)
        if (bases[i] == m) return true;
    return false;
}

uint32_t metric_cache_bases(struct metric_cache *cache, struct shared_metric *bases[METRIC_BASES_MAX])
{
    uint32_t count = 0;
    pthread_mutex_lock(&cache->lock);
    for (struct entry *e = cache->newest; e && count < METRIC_BASES_MAX; e = e->older)
        if (!listed(bases, count, e->shared)) bases[count++] = shared_metric_get(e->shared);
    for (uint32_t i = 0; i < cache->inherited_count && count < METRIC_BASES_MAX; i++)
        if (!listed(bases, count, cache->inherited[i])) bases[count++] = shared_metric_get(cache->inherited[i]);
    pthread_mutex_unlock(&cache->lock);
    return count;
}

void metric_cache_inherit(struct metric_cache *cache, struct metric_cache *before)
{
    struct shared_metric *bases[METRIC_BASES_MAX];
    uint32_t count = metric_cache_bases(before, bases);
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < count; i++) {
        size_t bytes = metric_bytes(bases[i]->metric);
        if (cache->inherited_count < METRIC_BASES_MAX && cache->bytes + bytes <= cache->bytes_max) {
            cache->inherited[cache->inherited_count++] = bases[i];
            cache->bytes += bytes;
        } else {
            shared_metric_release(bases[i]);
        }
    }
    pthread_mutex_unlock(&cache->lock);
}

void metric_cache_base_done(struct metric_cache *cache, const struct shared_metric *base)
{
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < cache->inherited_count; i++)
        if (cache->inherited[i] == base) {
            drop_inherited(cache, i);
            break;
        }
    pthread_mutex_unlock(&cache->lock);
}

struct shared_metric *shared_metric_get(struct shared_metric *m)
{
    atomic_fetch_add(&m->references, 1);
    return m;
}

void shared_metric_release(struct shared_metric *m)
{
    if (!m || atomic_fetch_sub(&m->references, 1) != 1) return;
    metric_free(m->metric);
    free(m);
}

struct metric_cache_figures metric_cache_figures(struct metric_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    struct metric_cache_figures f = {cache->bytes, cache->entries, cache->hits, cache->misses};
    pthread_mutex_unlock(&cache->lock);
    return f;
}
