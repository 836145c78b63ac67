/* A bump allocator: everything made for one request is freed at once.
 *
 *   struct arena arena;
 *   arena_init(&arena, 64 << 20);              // declared maximum
 *   char *name = arena_strdup(&arena, text);   // NULL when the maximum is reached or memory is out
 *   arena_reset(&arena);                       // keeps the first chunk for the next request
 *   arena_clear(&arena);
 *
 * Not for sharing between threads. Memory is aligned for any type and not zeroed unless asked. */
#ifndef GEO_BASE_ARENA_H
#define GEO_BASE_ARENA_H

#include "geo/base/status.h"

#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t used;                /* bytes handed out since the last reset */
    size_t maximum;             /* bytes it may hand out between two resets */
};

void arena_init(struct arena *arena, size_t maximum);
void arena_clear(struct arena *arena);
void arena_reset(struct arena *arena);

/** `size` bytes, or NULL. Cost: constant, amortised. */
MUST_USE void *arena_take(struct arena *arena, size_t size);

/** `count` zeroed elements of `size` bytes, or NULL (also on overflow). */
MUST_USE void *arena_zero(struct arena *arena, size_t count, size_t size);

/** A copy of `size` bytes, or NULL. */
MUST_USE void *arena_copy(struct arena *arena, const void *data, size_t size);

/** A copy of a string, or NULL. */
MUST_USE char *arena_strdup(struct arena *arena, const char *text);

/** printf into the arena, or NULL. */
MUST_USE char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
