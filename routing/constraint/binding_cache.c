#include "routing/constraint/binding_cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { BYTES_MAX = 32 << 20, BINDINGS_MAX = 1024 };

void binding_cache_init(struct binding_cache *cache, void (*clear)(struct binding *binding))
{
    *cache = (struct binding_cache){.clear = clear, .next_number = 1};
    pthread_mutex_init(&cache->lock, NULL);
}

/* ---- keeping; the following with the lock held ---- */

static void let_go(struct binding *b)
{
    if (--b->references > 0) return;
    for (uint32_t i = 0; i < b->number_count; i++) free(b->numbers[i].counts);
    free(b->key);
    b->cache->clear(b);
}

static void list_out(struct binding_cache *cache, struct binding *b)
{
    *(b->newer ? &b->newer->older : &cache->newest) = b->older;
    *(b->older ? &b->older->newer : &cache->oldest) = b->newer;
}

static struct binding **slot_of(struct binding_cache *cache, uint64_t hash)
{
    return &cache->slots[hash % BINDING_SLOTS];
}

/* Out of the cache; who holds a reference keeps it. */
static void forget(struct binding_cache *cache, struct binding *b)
{
    struct binding **at = slot_of(cache, b->hash);
    while (*at != b) at = &(*at)->next;
    *at = b->next;
    list_out(cache, b);
    cache->bytes -= b->bytes;
    cache->count--;
    let_go(b);
}

static void list_in(struct binding_cache *cache, struct binding *b)
{
    b->newer = NULL;
    b->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = b;
    cache->newest = b;
}

static struct binding *known(struct binding_cache *cache, uint64_t hash, const void *key, size_t size)
{
    struct binding *b = *slot_of(cache, hash);
    while (b && (b->hash != hash || b->key_size != size || memcmp(b->key, key, size) != 0)) b = b->next;
    if (!b) return NULL;
    if (b != cache->newest) {
        list_out(cache, b);
        list_in(cache, b);
    }
    b->references++;
    return b;
}

void binding_cache_clear(struct binding_cache *cache)
{
    while (cache->oldest) forget(cache, cache->oldest);
    for (uint32_t i = 0; i < cache->list_count; i++) free(cache->lists[i].words);
    pthread_mutex_destroy(&cache->lock);
}

struct binding *binding_cache_find(struct binding_cache *cache, const void *key, size_t size)
{
    uint64_t hash = XXH3_64bits(key, size);
    pthread_mutex_lock(&cache->lock);
    struct binding *b = known(cache, hash, key, size);
    pthread_mutex_unlock(&cache->lock);
    return b;
}

struct binding *binding_cache_keep(struct binding_cache *cache, struct binding *made, const void *key, size_t size, size_t bytes)
{
    unsigned char *copy = malloc(size + 1);
    made->cache = cache;
    made->references = 1;
    made->number_count = 0;
    made->key = copy;
    made->key_size = size;
    made->bytes = bytes + size + sizeof *made;
    if (!copy) {
        let_go(made);
        return NULL;
    }
    memcpy(copy, key, size);
    made->hash = XXH3_64bits(key, size);
    pthread_mutex_lock(&cache->lock);
    struct binding *theirs = known(cache, made->hash, key, size); /* meanwhile */
    if (theirs) {
        let_go(made);
        made = theirs;
    } else {
        while (cache->oldest && (cache->bytes + made->bytes > BYTES_MAX || cache->count >= BINDINGS_MAX)) forget(cache, cache->oldest);
        list_in(cache, made);
        struct binding **slot = slot_of(cache, made->hash);
        made->next = *slot;
        *slot = made;
        cache->count++;
        cache->bytes += made->bytes;
        made->references++; /* the cache's */
    }
    pthread_mutex_unlock(&cache->lock);
    return made;
}

void binding_release(struct binding *binding)
{
    if (!binding) return;
    struct binding_cache *cache = binding->cache;
    pthread_mutex_lock(&cache->lock);
    let_go(binding);
    pthread_mutex_unlock(&cache->lock);
}

/* ---- numbers ---- */

/* The number of a list, new if it is; takes the words. With the lock held. */
static uint32_t number_of(struct binding_cache *cache, uint32_t *words, size_t count)
{
    struct binding_list l = {.hash = XXH3_64bits(words, count * sizeof *words), .count = count, .words = words};
    uint32_t i = 0;
    if (count == 0) {
        free(words);
        return 0;
    }
    while (i < cache->list_count && (cache->lists[i].hash != l.hash || cache->lists[i].count != count ||
                                     memcmp(cache->lists[i].words, words, count * sizeof *words) != 0))
        i++;
    if (i < cache->list_count) {
        l = cache->lists[i];
        free(words);
    } else {
        l.number = cache->next_number++;
        if (cache->list_count == BINDING_LISTS_MAX)
            free(cache->lists[--i].words);
        else
            cache->list_count++;
    }
    memmove(&cache->lists[1], &cache->lists[0], i * sizeof l);
    cache->lists[0] = l;
    return l.number;
}

enum status binding_number(struct binding *binding, const void *counts, size_t size, binding_words *words, uint32_t *number,
                           uint32_t *note, struct error *err)
{
    struct binding_cache *cache = binding->cache;
    bool found = false;
    pthread_mutex_lock(&cache->lock);
    for (uint32_t i = 0; i < binding->number_count && !found; i++) {
        if (memcmp(binding->numbers[i].counts, counts, size) != 0) continue;
        struct binding_numbered n = binding->numbers[i];
        memmove(&binding->numbers[1], &binding->numbers[0], i * sizeof n);
        binding->numbers[0] = n;
        *number = n.number;
        *note = n.note;
        found = true;
    }
    pthread_mutex_unlock(&cache->lock);
    if (found) return STATUS_OK;
    size_t count;
    struct binding_numbered n = {.counts = malloc(size + 1)};
    uint32_t *list = n.counts ? words(binding, counts, &count, &n.note) : NULL;
    if (!list) {
        free(n.counts);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    memcpy(n.counts, counts, size);
    *note = n.note;
    pthread_mutex_lock(&cache->lock);
    *number = n.number = number_of(cache, list, count);
    if (binding->number_count == BINDING_NUMBERS_MAX)
        free(binding->numbers[BINDING_NUMBERS_MAX - 1].counts);
    else
        binding->number_count++;
    memmove(&binding->numbers[1], &binding->numbers[0], (binding->number_count - 1) * sizeof n);
    binding->numbers[0] = n;
    pthread_mutex_unlock(&cache->lock);
    return STATUS_OK;
}
