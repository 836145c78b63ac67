#include "data/maps/tile_cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { PLACES = 4096, VERSION_SIZE = 48, SHARE = 8 };

struct place {
    char key[TILE_KEY_SIZE]; /* "": free */
    char version[VERSION_SIZE];
    char *data;
    size_t length;
};

struct tile_cache {
    pthread_mutex_t lock;
    size_t bytes, bytes_max;
    unsigned hand;
    struct place places[PLACES];
};

enum status tile_cache_new(size_t bytes_max, struct tile_cache **out, struct error *err)
{
    struct tile_cache *cache = *out = calloc(1, sizeof *cache);
    if (cache == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    pthread_mutex_init(&cache->lock, NULL);
    cache->bytes_max = bytes_max;
    return STATUS_OK;
}

static void vacate(struct tile_cache *cache, struct place *place)
{
    cache->bytes -= place->length;
    free(place->data);
    *place = (struct place){0};
}

void tile_cache_free(struct tile_cache *cache)
{
    if (cache == NULL) return;
    for (unsigned i = 0; i < PLACES; i++) vacate(cache, &cache->places[i]);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct place *place_of(struct tile_cache *cache, const char *key)
{
    return &cache->places[XXH3_64bits(key, strlen(key)) % PLACES];
}

bool tile_cache_find(struct tile_cache *cache, const char *key, const char *version, struct buffer *out)
{
    if (cache == NULL) return false;
    pthread_mutex_lock(&cache->lock);
    struct place *place = place_of(cache, key);
    bool found = strcmp(place->key, key) == 0 && strcmp(place->version, version) == 0;
    if (found && place->length) buffer_bytes(out, place->data, place->length);
    pthread_mutex_unlock(&cache->lock);
    return found;
}

void tile_cache_keep(struct tile_cache *cache, const char *key, const char *version, const void *data, size_t length)
{
    if (cache == NULL || length > cache->bytes_max / SHARE || strlen(key) >= TILE_KEY_SIZE || strlen(version) >= VERSION_SIZE) return;
    char *copy = length ? malloc(length) : NULL;
    if (length && copy == NULL) return;
    if (length) memcpy(copy, data, length);
    pthread_mutex_lock(&cache->lock);
    struct place *place = place_of(cache, key);
    vacate(cache, place);
    while (cache->bytes + length > cache->bytes_max) vacate(cache, &cache->places[cache->hand++ % PLACES]);
    snprintf(place->key, sizeof place->key, "%s", key);
    snprintf(place->version, sizeof place->version, "%s", version);
    place->data = copy, place->length = length;
    cache->bytes += length;
    pthread_mutex_unlock(&cache->lock);
}

size_t tile_cache_bytes(struct tile_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    size_t bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}
