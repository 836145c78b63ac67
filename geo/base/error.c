#include "geo/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const texts[MESSAGE_COUNT][2] = {
#define MESSAGE(name, zh, en) {zh, en},
#include "geo/base/messages.def"
#undef MESSAGE
};

const char *message_text(enum message message, enum language language)
{
    if ((unsigned)message >= MESSAGE_COUNT) message = MESSAGE_INTERNAL;
    return texts[message][language == LANGUAGE_EN];
}

/* vsnprintf may cut a Chinese character in two: take the broken tail away, so that JSON stays valid. */
static void format_utf8(char *out, size_t size, const char *format, va_list arguments)
{
    int wanted = vsnprintf(out, size, format, arguments);
    if (wanted < 0) {
        out[0] = '\0';
        return;
    }
    if ((size_t)wanted < size) return;
    size_t end = size - 1;
    size_t start = end;
    while (start > 0 && ((unsigned char)out[start - 1] & 0xC0) == 0x80) start--;
    if (start == 0) return;
    unsigned char lead = (unsigned char)out[start - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (start - 1 + need > end) out[start - 1] = '\0';
}

void message_format(char *out, size_t size, enum message message, enum language language, ...)
{
    va_list arguments;
    va_start(arguments, language);
    format_utf8(out, size, message_text(message, language), arguments);
    va_end(arguments);
}

enum status error_set(struct error *err, enum status status, enum message message, ...)
{
    if (err == NULL) return status;
    memset(err, 0, sizeof *err);
    err->status = status;
    err->message = message;
    va_list arguments, again;
    va_start(arguments, message);
    va_copy(again, arguments);
    format_utf8(err->zh, sizeof err->zh, message_text(message, LANGUAGE_ZH), arguments);
    format_utf8(err->en, sizeof err->en, message_text(message, LANGUAGE_EN), again);
    va_end(again);
    va_end(arguments);
    return status;
}

void error_pointer(struct error *err, const char *format, ...)
{
    if (err == NULL) return;
    va_list arguments;
    va_start(arguments, format);
    format_utf8(err->pointer, sizeof err->pointer, format, arguments);
    va_end(arguments);
}

void error_pointer_prefix(struct error *err, const char *prefix)
{
    if (err == NULL) return;
    char joined[sizeof err->pointer + 64];
    snprintf(joined, sizeof joined, "%s%s", prefix, err->pointer);
    snprintf(err->pointer, sizeof err->pointer, "%.*s", (int)sizeof err->pointer - 1, joined);
}

void error_bounds(struct error *err, double limit, double actual)
{
    if (err == NULL) return;
    snprintf(err->limit, sizeof err->limit, "%.16g", limit);
    snprintf(err->actual, sizeof err->actual, "%.16g", actual);
}

void error_log(struct error *err, const char *format, ...)
{
    if (err == NULL) return;
    va_list arguments;
    va_start(arguments, format);
    format_utf8(err->log, sizeof err->log, format, arguments);
    va_end(arguments);
}
