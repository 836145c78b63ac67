/* The request target in origin form: path segments and query, percent-decoded exactly once.
 *
 * Refused (400): anything not starting with '/', bytes outside RFC 3986's path and query characters, broken or
 * truncated escapes, escapes of NUL and control bytes and, in the path, of '/', text that is not UTF-8 after decoding,
 * dot segments in any spelling, empty segments (`//`), a key without name or without '=', a key given twice, too many
 * segments or keys. A '+' is a '+': times with an offset need no escape, and a blank is %20. */
#ifndef API_HTTP_TARGET_H
#define API_HTTP_TARGET_H

#include "geo/base/error.h"

#include <stddef.h>

struct arena;

enum { TARGET_SEGMENTS_MAX = 16, TARGET_KEYS_MAX = 48 };

struct http_target {
    unsigned segment_count; /* "/" has none; "/a/" has "a" and "" */
    const char *segment[TARGET_SEGMENTS_MAX];
    unsigned key_count;
    const char *key[TARGET_KEYS_MAX];
    const char *value[TARGET_KEYS_MAX];
};

/** Takes `text` (length bytes) apart; strings are made in `arena`. Errors: INVALID with the reason, DUPLICATE_MEMBER
 *  naming the key, TOO_LARGE, NO_MEMORY. */
MUST_USE enum status http_target_parse(struct http_target *out, const char *text, size_t length, struct arena *arena,
                                       struct error *err);

/** Value of a key, or NULL. */
const char *http_target_query(const struct http_target *target, const char *key);

/** Looks whether every key is one of `allowed` (up to NULL; NULL itself: none is; "*": any, the handler looks for
 *  itself). Errors: UNKNOWN_MEMBER naming the
 *  first that is not. */
MUST_USE enum status http_target_check(const struct http_target *target, const char *const *allowed,
                                       struct error *err);

#endif
