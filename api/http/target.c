#include "api/http/target.h"

#include "geo/base/arena.h"

#include <stdbool.h>
#include <string.h>

/* Where a byte may stand unescaped: RFC 3986 pchar, and '/' '?' in a query. '/' in a path is split off before. */
static bool is_plain(unsigned char c, bool in_query)
{
    static const char punctuation[] = "-._~!$&'()*+,;=:@";
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    if (c == '/' || c == '?') return in_query;
    return c != '\0' && strchr(punctuation, c) != NULL;
}

static int hex(unsigned char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Well-formed UTF-8 (Unicode table 3-7): no overlong forms, no surrogates. */
static bool is_utf8(const unsigned char *s, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned char c = s[i];
        size_t more = c < 0x80 ? 0 : c >= 0xC2 && c <= 0xDF ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c <= 0xF4 ? 3 : 9;
        if (more == 9 || length - i <= more) return false;
        unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
        unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
        for (size_t k = 1; k <= more; k++) {
            if (s[i + k] < low || s[i + k] > high) return false;
            low = 0x80;
            high = 0xBF;
        }
        i += more + 1;
    }
    return true;
}

/* Decodes text[from, to) behind *cursor, ends it with '\0' and moves *cursor on. */
static enum status decode(const char *text, size_t from, size_t to, bool in_query, char **cursor, const char **out,
                          struct error *err)
{
    char *start = *cursor, *w = start;
    bool escaped = false;
    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '%') {
            int high = i + 2 < to ? hex((unsigned char)text[i + 1]) : -1;
            int low = i + 2 < to ? hex((unsigned char)text[i + 2]) : -1;
            int value = high < 0 || low < 0 ? -1 : high * 16 + low;
            if (value < 0x20 || value == 0x7F || (value == '/' && !in_query))
                return error_set(err, STATUS_INVALID, MESSAGE_TARGET_ESCAPE, i);
            *w++ = (char)value;
            escaped = true;
            i += 2;
        } else if (is_plain(c, in_query)) {
            *w++ = (char)c;
        } else {
            return error_set(err, STATUS_INVALID, MESSAGE_TARGET_BYTE, i);
        }
    }
    if (escaped && !is_utf8((const unsigned char *)start, (size_t)(w - start)))
        return error_set(err, STATUS_INVALID, MESSAGE_TARGET_UTF8);
    *w++ = '\0';
    *out = start;
    *cursor = w;
    return STATUS_OK;
}

static size_t find(const char *text, size_t from, size_t to, char c)
{
    const char *at = from < to ? memchr(text + from, c, to - from) : NULL;
    return at ? (size_t)(at - text) : to;
}

static enum status take_path(struct http_target *out, const char *text, size_t length, char **cursor,
                             struct error *err)
{
    size_t at = 1;
    if (length == 1) return STATUS_OK;
    for (;;) {
        size_t end = find(text, at, length, '/');
        if (end == at && end < length) return error_set(err, STATUS_INVALID, MESSAGE_TARGET_EMPTY);
        if (out->segment_count == TARGET_SEGMENTS_MAX)
            return error_set(err, STATUS_INVALID, MESSAGE_TARGET_SEGMENTS, TARGET_SEGMENTS_MAX);
        const char *segment = NULL;
        enum status status = decode(text, at, end, false, cursor, &segment, err);
        if (status != STATUS_OK) return status;
        if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
            return error_set(err, STATUS_INVALID, MESSAGE_TARGET_DOTS);
        out->segment[out->segment_count++] = segment;
        if (end == length) return STATUS_OK;
        at = end + 1;
    }
}

static enum status take_query(struct http_target *out, const char *text, size_t at, size_t length, char **cursor,
                              struct error *err)
{
    if (at == length) return STATUS_OK;
    for (;;) {
        size_t end = find(text, at, length, '&');
        size_t equals = find(text, at, end, '=');
        if (equals == at || equals == end) return error_set(err, STATUS_INVALID, MESSAGE_QUERY_FORM);
        if (out->key_count == TARGET_KEYS_MAX)
            return error_set(err, STATUS_INVALID, MESSAGE_TARGET_KEYS, TARGET_KEYS_MAX);
        const char *key = NULL, *value = NULL;
        enum status status = decode(text, at, equals, true, cursor, &key, err);
        if (status == STATUS_OK) status = decode(text, equals + 1, end, true, cursor, &value, err);
        if (status != STATUS_OK) return status;
        if (http_target_query(out, key)) {
            status = error_set(err, STATUS_DUPLICATE_MEMBER, MESSAGE_QUERY_TWICE, key);
            error_pointer(err, "?%s", key);
            return status;
        }
        out->key[out->key_count] = key;
        out->value[out->key_count++] = value;
        if (end == length) return STATUS_OK;
        at = end + 1;
    }
}

enum status http_target_parse(struct http_target *out, const char *text, size_t length, struct arena *arena,
                              struct error *err)
{
    out->segment_count = out->key_count = 0;
    if (length == 0 || text[0] != '/') return error_set(err, STATUS_INVALID, MESSAGE_HTTP_TARGET_FORM);
    /* decoding never lengthens: each part is at most its text, and its end mark takes its delimiter's place */
    char *cursor = arena_take(arena, length + 2);
    if (cursor == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    size_t question = find(text, 0, length, '?');
    enum status status = take_path(out, text, question, &cursor, err);
    if (status == STATUS_OK && question < length)
        status = take_query(out, text, question + 1, length, &cursor, err);
    return status;
}

const char *http_target_query(const struct http_target *target, const char *key)
{
    for (unsigned i = 0; i < target->key_count; i++)
        if (strcmp(target->key[i], key) == 0) return target->value[i];
    return NULL;
}

enum status http_target_check(const struct http_target *target, const char *const *allowed, struct error *err)
{
    for (unsigned i = 0; i < target->key_count; i++) {
        bool known = false;
        for (const char *const *key = allowed; key && *key && !known; key++)
            known = strcmp(*key, target->key[i]) == 0 || strcmp(*key, "*") == 0;
        if (known) continue;
        enum status status = error_set(err, STATUS_UNKNOWN_MEMBER, MESSAGE_QUERY_UNKNOWN, target->key[i]);
        error_pointer(err, "?%s", target->key[i]);
        return status;
    }
    return STATUS_OK;
}
