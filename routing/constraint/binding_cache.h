/* Bindings: what some rules of one version mean for one kind of request, found by a key that says the kind, shared by all
 * requests of it, the least recently used thrown out first.
 *
 * And numbers for what of a binding counts: those that come to the same list of words, by whatever binding, have the same number.
 *
 *   struct binding is the first member of what the caller makes.
 *   binding_cache_find(cache, key, size)  → there already, or
 *   … make it …, binding_cache_keep(cache, made, key, size, bytes)
 *   binding_release(binding)
 *
 * Any number of threads. */
#ifndef ROUTING_BINDING_CACHE_H
#define ROUTING_BINDING_CACHE_H

#include "geo/base/error.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum { BINDING_LISTS_MAX = 64, BINDING_NUMBERS_MAX = 8, BINDING_SLOTS = 256 };

struct binding_cache;

/* Which number stands for a binding of which this counts. */
struct binding_numbered {
    uint32_t number, note;
    void *counts;
};

struct binding {
    struct binding_cache *cache;
    struct binding *newer, *older, *next; /* next: in its slot */
    uint32_t references;                  /* with the lock held */
    uint64_t hash;
    size_t key_size, bytes;
    unsigned char *key;
    struct binding_numbered numbers[BINDING_NUMBERS_MAX]; /* the last used first */
    uint32_t number_count;
};

/* What a number stands for. Numbers are not given twice, so one that was forgotten does no harm. */
struct binding_list {
    uint32_t number;
    uint64_t hash;
    size_t count;
    uint32_t *words;
};

struct binding_cache {
    pthread_mutex_t lock;
    void (*clear)(struct binding *binding); /* frees what the caller made, itself included */
    struct binding *newest, *oldest;
    struct binding *slots[BINDING_SLOTS]; /* by hash */
    uint32_t count;
    size_t bytes;
    struct binding_list lists[BINDING_LISTS_MAX]; /* the last used first */
    uint32_t list_count, next_number;
};

void binding_cache_init(struct binding_cache *cache, void (*clear)(struct binding *binding));
/** Nobody may hold a binding of it any more. */
void binding_cache_clear(struct binding_cache *cache);

/** The binding of a key, with a reference for the caller, or NULL. O(size) expected. */
struct binding *binding_cache_find(struct binding_cache *cache, const void *key, size_t size);

/** Takes one that was made for a key (copied), of so many bytes; returns it, or the one that another thread has kept meanwhile,
 *  with a reference for the caller. NULL when memory is out: then it is cleared. */
MUST_USE struct binding *binding_cache_keep(struct binding_cache *cache, struct binding *made, const void *key, size_t size,
                                            size_t bytes);
void binding_release(struct binding *binding); /* NULL: nothing happens */

/* Writes what counts as words (malloc) and a note about it. NULL when memory is out. */
typedef uint32_t *binding_words(const struct binding *binding, const void *counts, size_t *count, uint32_t *note);

/** The number for a binding of which `counts` (size bytes, the same for all bindings of one key) counts: the same for another
 *  binding of the cache that comes to the same words, never for one that does not. 0 stands for no words. STATUS_NO_MEMORY.
 *  O(size), the first time what `words` takes. */
MUST_USE enum status binding_number(struct binding *binding, const void *counts, size_t size, binding_words *words, uint32_t *number,
                                    uint32_t *note, struct error *err);

#endif
