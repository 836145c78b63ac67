/* An error as a value on the caller's stack.
 *
 * What a client may see (the two texts, the JSON pointer, the limit and the actual value) is kept apart from
 * what only a log may hold. A function that fails fills the error once, where it knows most, and every caller
 * passes it on untouched.
 *
 *   struct error err = ERROR_INIT;
 *   if (ring_check(ring, &err) != STATUS_OK) goto done;     // err already says which vertex, in both languages
 */
#ifndef GEO_BASE_ERROR_H
#define GEO_BASE_ERROR_H

#include "geo/base/status.h"

#include <stddef.h>

enum message {
#define MESSAGE(name, zh, en) MESSAGE_##name,
#include "geo/base/messages.def"
#undef MESSAGE
    MESSAGE_COUNT
};

enum language { LANGUAGE_ZH, LANGUAGE_EN };

struct error {
    enum status status;
    enum message message;
    char zh[400];      /* for a person, Chinese; no position, plate or key */
    char en[400];      /* the same in English */
    char pointer[120]; /* JSON pointer of the offending member, or "" */
    char limit[40];    /* the limit that was passed, or "" */
    char actual[40];   /* the value that passed it, or "" */
    char log[240];     /* only for the log; may name internals */
};

#define ERROR_INIT {0}

/** The unformatted text of a message. Never NULL. */
const char *message_text(enum message message, enum language language);

/** Writes a message with its arguments into `out` (size bytes), cut at a whole character where it does not fit. */
void message_format(char *out, size_t size, enum message message, enum language language, ...);

/** Sets status and both texts (printf arguments of the catalogue entry) and returns `status`, so that a caller
 *  writes `return error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_X, …)`. `err` may be NULL. Clears pointer, limit,
 *  actual and log. Long values are cut at a UTF-8 boundary. */
enum status error_set(struct error *err, enum status status, enum message message, ...);

/** Adds the member the error is about, printf-style, e.g. "/avoid/polygons/coordinates/%zu". */
void error_pointer(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Puts `prefix` in front of the pointer, so that a parser of a part need not know where it sits. */
void error_pointer_prefix(struct error *err, const char *prefix);

/** Adds limit and actual value as numbers. */
void error_bounds(struct error *err, double limit, double actual);

/** Adds a line for the log only. */
void error_log(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
