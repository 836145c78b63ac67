/* One HTTP/1.1 connection on a bufferevent, and what the connections of one event thread share.
 *
 * This layer knows bytes, deadlines and framing. What a request means is for the layer above, which gives five
 * functions (struct http_upper) and calls back two:
 *
 *   bytes → head(…) → [body(…)…] → complete(…) → … → http_connection_out + http_connection_answered
 *
 * Requests of a connection are worked on one at a time, so that answers keep their order. While one is worked on the
 * socket is still read (up to 64 KiB ahead), so that a client that leaves is noticed at once: gone(…). End of input
 * while a request is worked on counts as leaving; end of input after complete requests that are answered on the spot
 * does not (a client may close its sending side and read the answers).
 *
 * An answer may also be a stream: complete(…) calls http_connection_stream instead of answering; what is put into
 * http_connection_out from then on goes out piece by piece until http_connection_answered. The end of a stream is the
 * end of its connection.
 *
 * Deadlines are absolute, not renewed by activity: head, body (with a minimum rate besides), work, write. A sweep four
 * times a second enforces them. What is queued of a stream must be taken within the write deadline, all of it. Everything here runs on the host's own thread. */
#ifndef API_HTTP_CONNECTION_H
#define API_HTTP_CONNECTION_H

#include "api/http/parser.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct evbuffer;
struct event;
struct http_connection;
struct sockaddr;

struct http_limits {
    unsigned head_ms, body_ms, idle_ms, write_ms;
    unsigned body_rate_min; /* bytes a second, after the first two seconds */
    unsigned requests_max, pipelined_max;
    unsigned turn_ms; /* see http_host_overloaded; 0: never overloaded */
};

enum http_take { HTTP_TAKE_BODY, HTTP_ANSWERED };

/** What the layer above does. `context` is the host's. No function may free the connection. */
struct http_upper {
    /** A head is complete: `bytes` is parser->position long and must be copied. Either takes the request, sets
     *  *request and returns HTTP_TAKE_BODY (also when there is none), or answers it and returns HTTP_ANSWERED. */
    enum http_take (*head)(void *context, struct http_connection *c, const struct http_parser *parser,
                           const char *bytes, void **request);
    /** `length` bytes of the body stand at the front of `in`; removes them. False: it has answered (refusal). */
    bool (*body)(void *context, void *request, struct evbuffer *in, size_t length);
    /** The request is whole. Answers now or later; sets *deadline_ms for the latter. */
    void (*complete)(void *context, void *request, int64_t *deadline_ms);
    /** Writes a refusal to http_connection_out; the connection is closed after it. No request is open. */
    void (*refused)(void *context, struct http_connection *c, enum status status, enum message message,
                    bool without_body);
    /** The client has left, or the connection is cut: the request will not be answered. */
    void (*gone)(void *context, void *request);
    /** Everything that was queued of a stream has been taken: more may be written. May be NULL without streams. */
    void (*drained)(void *context, void *request);
    /** The deadline of a request being worked on is past. Answers it, or detaches it and writes an answer. */
    void (*late)(void *context, struct http_connection *c, void *request);
};

/** What the connections of one thread share. Embedded in the event thread. */
struct http_host {
    struct event_base *base;
    const struct http_limits *limits;
    const struct http_upper *upper;
    void *context;
    struct evbuffer *out; /* answers of the connection that is being worked on, written at once */
    struct http_connection *connections;
    unsigned count, count_max;
    uint64_t accepted;
    int64_t now_ms;            /* monotonic, of this turn of the loop */
    bool stopping;             /* every answer closes its connection */
    unsigned grace_ms;         /* for idle connections, while stopping */
    struct event *turn_end;    /* runs after everything that one look at the sockets has found */
    bool in_turn;
    bool overloaded;
    int64_t turn_since_ms;
    int64_t over_since_ms; /* since when turns have been far too long, 0: they are not */
    int64_t shed_ms;       /* when something was last refused for overload */
    void (*changed)(void *context); /* count went down: the listener may go on */
};

MUST_USE enum status http_host_init(struct http_host *host, struct event_base *base, const struct http_limits *limits,
                                    const struct http_upper *upper, void *context);
/** Cuts every connection and frees what the host owns. */
void http_host_clear(struct http_host *host);

/** Takes an accepted, non-blocking socket; closes it when there is no memory. */
void http_host_accept(struct http_host *host, int fd, const struct sockaddr *peer);

/** Enforces deadlines. Call a few times a second. Cost: linear in the number of connections. */
void http_host_sweep(struct http_host *host);

/** Lets idle connections end within `grace_ms`, others after their answer. */
void http_host_stop(struct http_host *host, unsigned grace_ms);

/** Whether what is read now should be refused. The host counts as overloaded once turns of the loop (everything one
 *  look at the sockets has found) have kept taking ten times turn_ms for half a second; a crowd that is merely large
 *  waits for its turn. From then on the rest of each turn past turn_ms is refused, which keeps the wait of everybody at
 *  about turn_ms and the work done that whose client still waits, until for half a second nothing had to be. */
bool http_host_overloaded(struct http_host *host);

/** Refreshes and returns host->now_ms. */
int64_t http_host_now(struct http_host *host);

/** Where the answer's bytes go. */
struct evbuffer *http_connection_out(struct http_connection *c);

/** True when the connection will be closed after this answer, so that it must say so. */
bool http_connection_closes(const struct http_connection *c);

/** The answer of the open request stands complete in http_connection_out. `closes` must be true if
 *  http_connection_closes was, and may be true otherwise. */
void http_connection_answered(struct http_connection *c, bool closes);

/** From inside complete(…): the answer to the open request is a stream. Its head stands in http_connection_out and says
 *  that the connection closes. There is no deadline but the one for writing. */
void http_connection_stream(struct http_connection *c);

/** Bytes of a stream that the client has not taken yet. */
size_t http_connection_queued(const struct http_connection *c);

/** Gives a stream up: the connection is cut, and gone(…) called, at the next http_connection_continue. */
void http_connection_break(struct http_connection *c);

/** After an answer that was given outside of the five functions: writes it and goes on with what was read ahead.
 *  The connection may be gone afterwards. */
void http_connection_continue(struct http_connection *c);

/** The peer's address as text. */
const char *http_connection_address(const struct http_connection *c);

#endif
