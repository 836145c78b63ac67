/* A strict, incremental parser of HTTP/1.1 request heads (RFC 9112), and the framing that follows from them.
 *
 * It repairs nothing. It takes the bytes from the first of the head on, as many as have come, and goes on where it
 * stopped last time; the first byte that cannot belong to a good head decides the answer, so that any split of the
 * bytes into writes gives the same result. It allocates nothing and knows no socket: the caller keeps the bytes.
 *
 *   struct http_parser parser;
 *   http_parser_init(&parser);
 *   for (;;) {
 *       switch (http_parser_run(&parser, bytes, length)) {    // bytes: the head from its beginning
 *       case HTTP_MORE: …wait…; continue;
 *       case HTTP_REFUSED: …answer parser.refusal and close…; break;
 *       case HTTP_DONE: http_head_bind(&head, &parser, bytes) …use head, drop parser.position bytes…; break;
 *       }
 *   }
 *
 * Refused, with the status the client sees: bare CR or LF, obsolete folding, blanks before the colon, control bytes,
 * NUL, non-token names, an empty or absolute target, versions other than 1.0 and 1.1, a missing or second Host, a
 * Content-Length that is not at most ten digits or comes twice, a body with a method that has none, any
 * Transfer-Encoding (411), a POST, PUT or PATCH without length (411), more than 64 headers or 16 KiB (431), a target of
 * more than 8 KiB (414), an expectation other than 100-continue (417), an unknown method (501). */
#ifndef API_HTTP_PARSER_H
#define API_HTTP_PARSER_H

#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_HEAD_MAX = 16 * 1024, HTTP_TARGET_MAX = 8 * 1024, HTTP_HEADERS_MAX = 64 };

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS, HTTP_METHODS };

/** "GET" … Never NULL. */
const char *http_method_name(enum http_method method);

enum http_progress { HTTP_MORE, HTTP_DONE, HTTP_REFUSED };

/** A stretch of the head, counted from its first byte. */
struct http_stretch {
    uint16_t start, length;
};

struct http_parser {
    unsigned state;
    size_t position; /* bytes looked at; after HTTP_DONE the length of the head */
    struct http_stretch method_text, target;
    enum http_method method;
    unsigned version_minor;
    unsigned header_count;
    struct http_stretch name[HTTP_HEADERS_MAX], value[HTTP_HEADERS_MAX];
    /* what the headers say about the message */
    uint64_t content_length;
    bool has_length, has_host, expects_continue, wants_close;
    unsigned seen; /* headers that may come once, as a set */
    /* after HTTP_REFUSED */
    enum status refusal;
    enum message reason; /* what to tell the client */
};

void http_parser_init(struct http_parser *parser);

/** Looks at the bytes not yet looked at. `head` is the whole head so far, `length` bytes, and may have moved since the
 *  last call; bytes after the end of the head are left alone. Cost: a few nanoseconds a byte. */
MUST_USE enum http_progress http_parser_run(struct http_parser *parser, const char *head, size_t length);

/** A parsed head over writable bytes of its own: strings ended by '\0' in place. */
struct http_head {
    enum http_method method;
    unsigned version_minor;
    const char *target;
    size_t target_length;
    uint64_t content_length;
    bool expects_continue, wants_close;
    unsigned header_count;
    const char *name[HTTP_HEADERS_MAX];  /* in lower case */
    const char *value[HTTP_HEADERS_MAX]; /* without blanks around it */
};

/** Fills `out` from a parser that is HTTP_DONE. `bytes` is a copy of the head (parser->position bytes) which the head
 *  writes into and points to from now on. */
void http_head_bind(struct http_head *out, const struct http_parser *parser, char *bytes);

/** First value of the header `name` (lower case), or NULL. */
const char *http_head_header(const struct http_head *head, const char *name);

#endif
