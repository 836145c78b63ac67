/* A growable byte buffer with a declared maximum.
 *
 *   struct buffer out;
 *   buffer_init(&out, 8 << 20);
 *   buffer_text(&out, "{\"a\":");
 *   buffer_printf(&out, "%d}", 1);
 *   if (out.failed) …                  // sticky: write many times, look once
 *   buffer_clear(&out);
 *
 * Invariant: data[length] is '\0' whenever data is not NULL. After a failure (maximum reached or out of memory)
 * nothing more is added and `failed` says which. Not for sharing between threads. */
#ifndef GEO_BASE_BUFFER_H
#define GEO_BASE_BUFFER_H

#include "geo/base/status.h"

#include <stddef.h>

struct buffer {
    char *data;
    size_t length, capacity, maximum;
    enum status failed; /* STATUS_OK, STATUS_TOO_LARGE or STATUS_NO_MEMORY */
};

void buffer_init(struct buffer *buffer, size_t maximum);
void buffer_clear(struct buffer *buffer);

/** Forgets the content and any failure, keeps the memory. */
void buffer_reset(struct buffer *buffer);

void buffer_bytes(struct buffer *buffer, const void *data, size_t length);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Room for `length` more bytes at data+length, or NULL with `failed` set; the caller adds to `length`. */
MUST_USE char *buffer_room(struct buffer *buffer, size_t length);

/** Gives the memory (from malloc) to the caller and leaves the buffer empty. NULL if empty or failed. */
MUST_USE char *buffer_take(struct buffer *buffer, size_t *length);

#endif
