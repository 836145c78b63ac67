/* One request and its answer: what a handler sees of the server.
 *
 * A handler runs on an event thread and must be quick (a couple of milliseconds). It does one of four things:
 *
 *   1. answers:      exchange_reply / exchange_reply_static / exchange_problem
 *   2. hands over:   exchange_submit(x, work)   → `work(x)` runs on a worker of the pool and answers from there
 *   3. waits:        token = exchange_park(x)   → later, from any thread, exchange_resume(server, token, again) makes
 *                                                 `again(x)` run on x's own event thread
 *   4. streams:      token = exchange_stream(x, …) → exchange_stream_write, now and whenever `again(x)` runs, until
 *                                                 exchange_stream_end or until the client leaves
 *
 *   static void zone_read(struct exchange *x)
 *   {
 *       struct error err = ERROR_INIT;
 *       struct buffer out;
 *       buffer_init(&out, 1 << 20);
 *       const char *id = exchange_param(x, "id");
 *       if (zone_encode(x->app, id, &out, &err) != STATUS_OK) exchange_problem(x, &err);
 *       else exchange_reply(x, 200, "application/json", &out);
 *       buffer_clear(&out);
 *   }
 *
 * After submitting or parking, the function must not touch x again. An answer goes out when the handler, or `work` on its
 * worker, has returned: until then x, what the request says, the arena and everything in it stay valid, also when the
 * client has left meanwhile: `x->cancelled` is then true, the work should stop early and still answer (the answer is
 * dropped). Exactly one answer is given to each exchange: who returns without any of the four answers 500 and is logged, a
 * second answer is an assert.
 *
 * Threads: x belongs to one thread at a time: its event thread, or, between exchange_submit and the return of `work`, the
 * worker. Only `cancelled` is shared. */
#ifndef API_EXCHANGE_H
#define API_EXCHANGE_H

#include "api/http/parser.h"
#include "api/http/target.h"
#include "api/process/router.h"
#include "geo/base/arena.h"
#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;
struct exchange_private;

struct exchange {
    /* the request; read only. Strings end in '\0' and hold no other one. */
    enum http_method method;          /* HTTP_GET also when the client sent HEAD */
    const struct route *route;
    const struct http_head *head;     /* headers: use exchange_header */
    const struct http_target *target; /* path and query: use exchange_param, exchange_query */
    const char *body;                 /* body_length bytes and a '\0' after them; "" without body */
    size_t body_length;
    char request_id[65];              /* [A-Za-z0-9._-], from the client if it was sane */
    enum language language;           /* Accept-Language, default zh */
    const char *address;              /* the client's address as text; never to be logged at info level */
    int64_t received_ms, deadline_ms; /* monotonic clock; the server answers 504 by itself at the deadline */

    /* for the handler */
    struct arena *arena; /* freed with the exchange; at most 64 MiB */
    void *user;          /* whatever the handler wants to find again in work or after parking */
    void *app;           /* what the server was started with */
    void *local;         /* workspace of the thread that is running: of the event thread, or of the worker */
    unsigned thread;     /* number of that thread, for metrics: event threads first, then workers */
    void *subject;       /* who is calling, set by the admit hook (see api/process/server.h), or NULL */
    uint64_t limit_key;  /* whose bucket pays: the address block's; the admit hook may set a key's own
                            (server_limit_key); 0: nobody's */
    atomic_bool cancelled; /* the client has left or the deadline is past: stop working */

    struct exchange_private *private;
};

/** The server that x came in by: for exchange_resume, server_metrics. */
struct server *exchange_server(const struct exchange *x);

/** Value of a path parameter of the matched pattern. Never NULL for a name in the pattern. */
const char *exchange_param(const struct exchange *x, const char *name);

/** Decoded value of a query key, or NULL when absent. The server has already refused unknown and duplicate keys. */
const char *exchange_query(const struct exchange *x, const char *key);

/** Value of a request header, name in lower case; NULL when absent. The first one when there are several. */
const char *exchange_header(const struct exchange *x, const char *name);

/** Adds a header to the answer, before it is given. `value` is copied; bytes below 0x20 and 0x7F are a programmer's
 *  error (assert) — never pass foreign text. Content-Type, Content-Length, Date, Connection and X-Request-Id are the
 *  server's. At most 16. */
void exchange_header_add(struct exchange *x, const char *name, const char *value);

/** Answers with `body`, whose memory is taken (the buffer is left empty and can be cleared or used again). A failed
 *  buffer answers 500 or 503 instead. `content_type` is static text. Without a body (204): type NULL, body NULL. */
void exchange_reply(struct exchange *x, int http_status, const char *content_type, struct buffer *body);

/** The same with memory that outlives the server (assets in the program), not copied. */
void exchange_reply_static(struct exchange *x, int http_status, const char *content_type, const void *data,
                           size_t length);

/** Answers with an RFC 9457 problem document: type, title, status, detail, code and, where set, pointer, limit,
 *  actual; request_id. Text by Accept-Language. `err->status` STATUS_OK counts as INTERNAL. `err->log` goes to the
 *  log only. */
void exchange_problem(struct exchange *x, const struct error *err);

/** The same with further members: `members` is JSON text such as "\"conflicts\":[…]", put in unchanged, or NULL. */
void exchange_problem_with(struct exchange *x, const struct error *err, const char *members);

/** Conditional read. Sets `ETag: "tag"` on the answer; when If-None-Match has it, answers 304 and returns true (the
 *  handler is done). `tag` is without quotes, [A-Za-z0-9._-]. */
MUST_USE bool exchange_not_modified(struct exchange *x, const char *tag);

/** Conditional write. OK when there is no If-Match or it has `tag`; PRECONDITION_FAILED otherwise. */
MUST_USE enum status exchange_if_match(const struct exchange *x, const char *tag, struct error *err);

/** Moves the exchange to the worker pool, where `work(x)` runs and must answer. When the queue is full, or the
 *  request waits in it longer than the queue deadline, the server answers 503 with Retry-After by itself and `work`
 *  is not run. If the client leaves before a worker took it, `work` is not run either. */
void exchange_submit(struct exchange *x, void (*work)(struct exchange *x));

/** Adds to what this exchange has cost its caller, in units of work: arcs settled, matrix cells, vertices read. The
 *  server adds a basic charge for each request. */
void exchange_charge(struct exchange *x, uint64_t units);

/** Names an exchange across threads and across its end. */
struct exchange_token {
    uint32_t thread, index;
    uint64_t generation;
};

/** Keeps the exchange open without a worker, e.g. until a rules version is reached. If nobody resumes it before its
 *  deadline the server answers 504. */
MUST_USE struct exchange_token exchange_park(struct exchange *x);

/* An answer that has no end yet, such as server-sent events. */
struct exchange_stream_hooks {
    void (*more)(struct exchange *x); /* all that was written has been taken by the client; event thread */
    void (*left)(struct exchange *x); /* the stream is over, for whatever reason; the last thing that is called */
};

/** Begins an answer of status 200 that goes on until exchange_stream_end; its end is the end of the connection. On the
 *  event thread, instead of answering. A client that does not take what is queued within the write deadline is cut
 *  off, and at a stop of the server the stream ends. After HEAD nothing is written and it ends by itself. */
MUST_USE struct exchange_token exchange_stream(struct exchange *x, const char *content_type,
                                               const struct exchange_stream_hooks *hooks);

/** Queues a piece. On x's event thread: right after exchange_stream, in hooks.more, or in `again` of exchange_resume,
 *  which may be called for a stream any number of times. When memory is out the stream is cut. */
void exchange_stream_write(struct exchange *x, const void *data, size_t length);

/** Bytes that the client has not taken yet. */
size_t exchange_stream_queued(const struct exchange *x);

/** Ends the stream once what is queued has been taken, or, with `cut`, at once. x may not be touched afterwards. */
void exchange_stream_end(struct exchange *x, bool cut);

/** Makes `again(x)` run on the exchange's event thread, once. Does nothing when the exchange is over (client left,
 *  deadline, resumed already): state it needs belongs into x->arena or behind x->user, so nothing has to be freed.
 *  Any thread; does not block. Errors: NO_MEMORY. */
MUST_USE enum status exchange_resume(struct server *server, struct exchange_token token,
                                     void (*again)(struct exchange *x));

#endif
