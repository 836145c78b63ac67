/* Tiles in memory, by name and version: a table of fixed size within a bound on bytes.
 *
 *   struct tile_cache *cache;
 *   tile_cache_new(16 << 20, &cache, &err);
 *   if (!tile_cache_find(cache, "zones/9/415/206/", "418", &out)) { … tile_cache_keep(cache, …); }
 *   tile_cache_free(cache);
 *
 * A name has one place; another version of it, or another name that falls there, takes it over. When the bytes are used
 * up, those places go first whose turn it is (a hand that goes round). Nothing is ever answered under a version that was
 * not asked for. Any number of threads; the lock is held for a copy of the tile. */
#ifndef DATA_TILE_CACHE_H
#define DATA_TILE_CACHE_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>

enum { TILE_KEY_SIZE = 96 };

struct tile_cache;

/** `bytes_max` counts tiles, not the table (4,096 places, some 200 bytes each). 0 keeps only empty tiles. */
MUST_USE enum status tile_cache_new(size_t bytes_max, struct tile_cache **out, struct error *err);
void tile_cache_free(struct tile_cache *cache);

/** Whether the tile is there in that version; appends it. A cache that is NULL has nothing. */
bool tile_cache_find(struct tile_cache *cache, const char *key, const char *version, struct buffer *out);

/** Keeps a copy. One that is larger than an eighth of the bound, or for which there is no memory, is not kept. */
void tile_cache_keep(struct tile_cache *cache, const char *key, const char *version, const void *data, size_t length);

/** Bytes of the tiles that are kept. */
size_t tile_cache_bytes(struct tile_cache *cache);

#endif
