/* Strict reading of JSON that came from outside.
 *
 * A `struct json_at` is a value and the way to it, a list on the caller's stack, so that an error names the bad
 * member by JSON pointer and a good document costs nothing for that:
 *
 *   json_t *document;
 *   TRY(reader_parse(text, length, &document, err));        // no duplicate member anywhere, nothing after the value
 *   struct json_at root = {.value = document}, at;
 *   static const char *const members[] = {"location", "service_s", NULL};
 *   TRY(reader_members(&root, members, err));               // an object, and nothing but these
 *   if (reader_find(&root, "service_s", &at)) TRY(reader_number(&at, 0, 86400, &service_s, err));
 *   json_decref(document);
 *
 * Errors: INVALID (wrong type or form), UNKNOWN_MEMBER, DUPLICATE_MEMBER, MISSING_MEMBER, OUT_OF_RANGE (with limit and
 * actual), TOO_LARGE, NO_MEMORY. null is a value of its own: it is wrong wherever it is not asked for.
 *
 * Nothing here keeps state; any thread, each with its own document. */
#ifndef API_JSON_READER_H
#define API_JSON_READER_H

#include "geo/base/arena.h"
#include "geo/base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Passes a failure on. For parsers, which hold nothing that would have to be freed on the way out. */
#define TRY(call)                                                                                                    \
    do {                                                                                                             \
        enum status try_status = (call);                                                                             \
        if (try_status != STATUS_OK) return try_status;                                                              \
    } while (0)

struct json_at {
    json_t *value;            /* borrowed from the document */
    const struct json_at *up; /* NULL: the document itself */
    const char *key;          /* name of the member; NULL: element `index` of an array */
    size_t index;
};

/** Deepest nesting that is read. GeoJSON in a request needs ten. */
enum { JSON_DEPTH_MAX = 32 };

/* The largest whole number that every reader of JSON holds exactly. */
#define JSON_WHOLE_MAX INT64_C(9007199254740991)

/** Parses a whole document. The caller owns *out (json_decref). The error of a bad or duplicate member points to it;
 *  one of syntax gives line and column. */
MUST_USE enum status reader_parse(const char *text, size_t length, json_t **out, struct error *err);

/** Writes the JSON pointer of `at`, cut to `size`. */
void reader_pointer(const struct json_at *at, char *out, size_t size);

/** Puts the pointer of `at` into an error made elsewhere; returns its status. */
enum status reader_here(const struct json_at *at, struct error *err);

/** The same, in front of the pointer which the error has already. */
enum status reader_below(const struct json_at *at, struct error *err);

/** An object that has no members but `names` (up to NULL). */
MUST_USE enum status reader_members(const struct json_at *object, const char *const *names, struct error *err);

/** Finds a member of an object; false when it is absent. */
MUST_USE bool reader_find(const struct json_at *object, const char *name, struct json_at *out);

/** Finds a member that must be there. */
MUST_USE enum status reader_require(const struct json_at *object, const char *name, struct json_at *out,
                                    struct error *err);

/** An array of min..max elements. */
MUST_USE enum status reader_array(const struct json_at *at, size_t min, size_t max, size_t *count, struct error *err);

/** Element of an array that reader_array has accepted. */
struct json_at reader_element(const struct json_at *array, size_t index);

/** A number, min ≤ value ≤ max. */
MUST_USE enum status reader_number(const struct json_at *at, double min, double max, double *out, struct error *err);

/** A number without fraction; 1.0 is not one. */
MUST_USE enum status reader_integer(const struct json_at *at, int64_t min, int64_t max, int64_t *out,
                                    struct error *err);

MUST_USE enum status reader_boolean(const struct json_at *at, bool *out, struct error *err);

/** A string of min..max bytes without control characters, borrowed from the document. */
MUST_USE enum status reader_text(const struct json_at *at, size_t min, size_t max, const char **out,
                                 struct error *err);

/** The same, copied into `arena`. */
MUST_USE enum status reader_text_dup(const struct json_at *at, size_t min, size_t max, struct arena *arena,
                                     const char **out, struct error *err);

/** A string that is one of `codes` (up to NULL): its place in the list. */
MUST_USE enum status reader_choice(const struct json_at *at, const char *const *codes, unsigned *out,
                                   struct error *err);

/** An RFC 3339 time with offset, as milliseconds since 1970-01-01T00:00Z. */
MUST_USE enum status reader_time(const struct json_at *at, int64_t *out_ms, struct error *err);

/** A wrong type: says what it must be. `kind` is one of the MESSAGE_JSON_TYPE_… texts. */
enum status reader_type(const struct json_at *at, enum message kind, struct error *err);

#endif
