#include "geo/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 16 * 1024, LARGEST_CHUNK = 4 * 1024 * 1024 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t size, used;
    max_align_t data[];
};

void arena_init(struct arena *arena, size_t maximum)
{
    *arena = (struct arena){.maximum = maximum};
}

void arena_clear(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks, *older; chunk; chunk = older) {
        older = chunk->older;
        free(chunk);
    }
    arena->chunks = NULL;
    arena->used = 0;
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *chunk = arena->chunks;
    while (chunk && chunk->older) {
        struct arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    if (chunk) chunk->used = 0;
    arena->chunks = chunk;
    arena->used = 0;
}

void *arena_take(struct arena *arena, size_t size)
{
    const size_t unit = sizeof(max_align_t);
    if (size > SIZE_MAX - unit) return NULL;
    size = (size + unit - 1) / unit * unit;
    if (size > arena->maximum || arena->used > arena->maximum - size) return NULL;
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t want = chunk ? chunk->size * 2 : FIRST_CHUNK;
        if (want > LARGEST_CHUNK) want = LARGEST_CHUNK;
        if (want < size) want = size;
        chunk = malloc(sizeof *chunk + want);
        if (chunk == NULL) return NULL;
        *chunk = (struct arena_chunk){.older = arena->chunks, .size = want};
        arena->chunks = chunk;
    }
    void *taken = (char *)chunk->data + chunk->used;
    chunk->used += size;
    arena->used += size;
    return taken;
}

void *arena_zero(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    void *taken = arena_take(arena, count * size);
    if (taken) memset(taken, 0, count * size);
    return taken;
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    void *taken = arena_take(arena, size);
    if (taken && size) memcpy(taken, data, size);
    return taken;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *taken = length < 0 ? NULL : arena_take(arena, (size_t)length + 1);
    if (taken) vsnprintf(taken, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return taken;
}
