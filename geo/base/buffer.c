#include "geo/base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *buffer, size_t maximum)
{
    *buffer = (struct buffer){.maximum = maximum};
}

void buffer_clear(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->maximum);
}

void buffer_reset(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = STATUS_OK;
    if (buffer->data) buffer->data[0] = '\0';
}

char *buffer_room(struct buffer *buffer, size_t length)
{
    if (buffer->failed) return NULL;
    if (length > buffer->maximum || buffer->length > buffer->maximum - length) {
        buffer->failed = STATUS_TOO_LARGE;
        return NULL;
    }
    size_t need = buffer->length + length + 1;
    if (need > buffer->capacity) {
        size_t want = buffer->capacity ? buffer->capacity * 2 : 256;
        if (want < need) want = need;
        if (want > buffer->maximum + 1) want = buffer->maximum + 1;
        char *data = realloc(buffer->data, want);
        if (data == NULL) {
            buffer->failed = STATUS_NO_MEMORY;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = want;
    }
    return buffer->data + buffer->length;
}

void buffer_bytes(struct buffer *buffer, const void *data, size_t length)
{
    char *room = buffer_room(buffer, length);
    if (room == NULL) return;
    if (length) memcpy(room, data, length);
    buffer->length += length;
    room[length] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_bytes(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char c)
{
    buffer_bytes(buffer, &c, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length >= 0) {
        char *room = buffer_room(buffer, (size_t)length);
        if (room) {
            vsnprintf(room, (size_t)length + 1, format, again);
            buffer->length += (size_t)length;
        }
    }
    va_end(again);
    va_end(arguments);
}

char *buffer_take(struct buffer *buffer, size_t *length)
{
    if (buffer->failed) return NULL;
    char *data = buffer->data;
    if (length) *length = buffer->length;
    buffer_init(buffer, buffer->maximum);
    return data;
}
