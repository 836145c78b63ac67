#include "api/process/event_thread.h"

#include "api/http/cors.h"
#include "api/http/fields.h"
#include "api/http/listener.h"
#include "api/process/client_address.h"
#include "api/process/limiter.h"
#include "api/process/metrics.h"
#include "api/process/problem.h"
#include "geo/base/log.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    COPY_MAX = 8 * 1024,        /* bodies up to this are copied behind the head, larger ones are lent to the buffer */
    ARENA_MAX = 64 << 20,
    ANSWER_HEAD_MAX = 64 * 1024,
    IDLE_GRACE_MS = 1000,       /* how long idle connections may still ask while we stop */
    SWEEP_US = 250 * 1000,
    SLOTS_MAX = 1 << 20,
    WARM_SLOTS = 256,           /* exchanges at one time whose memory is kept for the next */
    REQUEST_UNITS = 100,        /* what a request costs before it asks for anything */
    BYTES_PER_UNIT = 64         /* of body read and answer written */
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- slots ------------------------------------------------------------------------------------------------- */

static struct exchange *slot_take(struct event_thread *thread)
{
    struct exchange *x = thread->free_slots;
    if (x == NULL) {
        if (thread->slot_count == SLOTS_MAX) return NULL;
        if ((thread->slot_count & (thread->slot_count - 1)) == 0) { /* grows at powers of two */
            size_t room = thread->slot_count ? 2 * (size_t)thread->slot_count : 1;
            struct slot **grown = realloc(thread->slots, room * sizeof *grown);
            if (grown == NULL) return NULL;
            thread->slots = grown;
        }
        struct slot *slot = calloc(1, sizeof *slot);
        if (slot == NULL) return NULL;
        slot->x.private = &slot->private;
        slot->private.thread = thread;
        slot->private.index = thread->slot_count;
        slot->private.generation = 1;
        arena_init(&slot->private.arena, ARENA_MAX);
        thread->slots[thread->slot_count++] = slot;
        x = &slot->x;
    } else {
        thread->free_slots = x->private->next_free;
    }
    thread->open++;
    atomic_store_explicit(&thread->exchanges, thread->open, memory_order_relaxed);
    return x;
}

static void slot_release(struct exchange *x)
{
    struct exchange_private *p = x->private;
    struct event_thread *thread = p->thread;
    if (x->limit_key && p->charged && thread->server->limiter)
        limiter_charge(thread->server->limiter, x->limit_key, p->charged, thread->host.now_ms);
    p->charged = 0;
    assert(p->state != EXCHANGE_FREE && !p->handed);
    if (p->state == EXCHANGE_STREAMING) p->stream.left(x);
    free(p->answer.memory);
    p->answer.memory = NULL;
    p->answer.extra_count = 0;
    if (p->body_counted) atomic_fetch_sub_explicit(&thread->server->body_bytes, p->body_counted, memory_order_relaxed);
    p->body_counted = 0;
    buffer_clear(&p->body);
    if (thread->open > WARM_SLOTS) arena_clear(&p->arena); /* a crowd leaves no memory behind */
    else arena_reset(&p->arena);
    p->connection = NULL;
    p->state = EXCHANGE_FREE;
    p->generation++;
    p->next_free = thread->free_slots;
    thread->free_slots = x;
    thread->open--;
    atomic_store_explicit(&thread->exchanges, thread->open, memory_order_relaxed);
}

/* ---- answers ----------------------------------------------------------------------------------------------- */

static const char *reason_phrase(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "-";
    }
}

static void date_refresh(struct event_thread *thread)
{
    time_t now = time(NULL);
    if (now == thread->date_second) return;
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(thread->date, sizeof thread->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    thread->date_second = now;
}

struct answer_head {
    int status;
    const char *content_type, *request_id;
    size_t length;
    bool closes;
    bool endless; /* a stream: no length, the end of the connection ends it */
    const struct exchange_answer *extra; /* or NULL */
    const char *origin;                  /* of the page that may read it, or NULL */
};

/* The head of an answer, in thread->head. */
static void head_make(struct event_thread *thread, const struct answer_head *answer)
{
    struct buffer *out = &thread->head;
    buffer_reset(out);
    date_refresh(thread);
    char line[64];
    snprintf(line, sizeof line, "HTTP/1.1 %d ", answer->status);
    buffer_text(out, line);
    buffer_text(out, reason_phrase(answer->status));
    buffer_text(out, "\r\nDate: ");
    buffer_text(out, thread->date);
    buffer_text(out, "\r\nX-Request-Id: ");
    buffer_text(out, answer->request_id);
    if (answer->content_type) {
        buffer_text(out, "\r\nX-Content-Type-Options: nosniff\r\nContent-Type: ");
        buffer_text(out, answer->content_type);
    }
    if (answer->status != 204 && answer->status != 304 && !answer->endless) {
        snprintf(line, sizeof line, "\r\nContent-Length: %zu", answer->length);
        buffer_text(out, line);
    }
    if (answer->closes) buffer_text(out, "\r\nConnection: close");
    for (unsigned i = 0; answer->extra && i < answer->extra->extra_count; i++) {
        buffer_text(out, "\r\n");
        buffer_text(out, answer->extra->extra_name[i]);
        buffer_text(out, ": ");
        buffer_text(out, answer->extra->extra_value[i]);
    }
    const char *origins = thread->server->options.cors_origins;
    if (origins && strcmp(origins, "*") != 0) buffer_text(out, "\r\nVary: Origin");
    if (answer->origin) {
        buffer_text(out, "\r\nAccess-Control-Allow-Origin: ");
        buffer_text(out, answer->origin);
        buffer_text(out, "\r\nAccess-Control-Expose-Headers: " CORS_ANSWER_HEADERS);
    }
    buffer_text(out, "\r\n\r\n");
}

/* The page that may read the answer to x, or NULL. */
static const char *reader_of(const struct exchange *x)
{
    const struct exchange_private *p = x->private;
    return cors_origin(p->thread->server->options.cors_origins, http_head_header(&p->head, "origin"));
}

static void record(struct event_thread *thread, const char *request_id, const char *method, const struct route *route,
                   int status, int64_t since_us, uint64_t bytes)
{
    struct server *server = thread->server;
    uint64_t us = (uint64_t)(now_us() - since_us);
    metrics_request(server->options.metrics, thread->number,
                    route ? router_index(server->router, route) : SIZE_MAX, status, us, bytes);
    if (thread->log)
        access_log_add(thread->log, &(struct access_line){.request_id = request_id,
                                                          .method = method,
                                                          .route = route ? route->name : "none",
                                                          .status = status,
                                                          .us = us,
                                                          .bytes = bytes});
}

static void release_memory(const void *data, size_t length, void *memory)
{
    (void)data;
    (void)length;
    free(memory);
}

/* Writes the answer that stands in the slot to the connection and gives the slot back. */
static void answer_write(struct exchange *x)
{
    struct exchange_private *p = x->private;
    struct event_thread *thread = p->thread;
    struct http_connection *c = p->connection;
    struct exchange_answer *answer = &p->answer;
    assert(p->state == EXCHANGE_ANSWERED);
    p->charged += (x->body_length + answer->length) / BYTES_PER_UNIT;
    if (c == NULL) {
        slot_release(x);
        return;
    }
    struct evbuffer *out = http_connection_out(c);
    bool bodiless = p->head_only || answer->status == 204 || answer->status == 304;
    struct answer_head head = {.status = answer->status,
                               .content_type = answer->content_type,
                               .request_id = x->request_id,
                               .length = answer->length,
                               .closes = http_connection_closes(c),
                               .extra = answer,
                               .origin = reader_of(x)};
    head_make(thread, &head);
    bool whole = thread->head.failed == STATUS_OK && evbuffer_add(out, thread->head.data, thread->head.length) == 0;
    if (whole && !bodiless && answer->length > 0) {
        if (answer->length <= COPY_MAX) {
            whole = evbuffer_add(out, answer->data, answer->length) == 0;
        } else {
            whole = evbuffer_add_reference(out, answer->data, answer->length, answer->memory ? release_memory : NULL,
                                           answer->memory) == 0;
            if (whole) answer->memory = NULL;
        }
    }
    /* half an answer must not look like one: the connection is cut short */
    if (!whole) evbuffer_drain(out, evbuffer_get_length(out));
    record(thread, x->request_id, p->head_only ? "HEAD" : http_method_name(x->method), x->route, answer->status,
           p->received_us, bodiless ? 0 : answer->length);
    bool closes = head.closes || !whole;
    slot_release(x);
    http_connection_answered(c, closes);
}

void event_thread_stream(struct exchange *x, const char *content_type)
{
    struct exchange_private *p = x->private;
    struct event_thread *thread = p->thread;
    struct answer_head head = {.status = 200, .content_type = content_type, .request_id = x->request_id,
                               .closes = true, .endless = true, .extra = &p->answer, .origin = reader_of(x)};
    if (p->connection == NULL) return;
    http_connection_stream(p->connection);
    head_make(thread, &head);
    p->stream_ends = p->head_only;
    if (thread->head.failed != STATUS_OK ||
        evbuffer_add(http_connection_out(p->connection), thread->head.data, thread->head.length) != 0)
        p->stream_ends = p->stream_cut = true;
}

/* Ends a stream that has been told to. */
static void stream_look(struct exchange *x)
{
    struct exchange_private *p = x->private;
    struct http_connection *c = p->connection;
    if (p->state != EXCHANGE_STREAMING || !p->stream_ends || c == NULL) return;
    if (p->stream_cut) {
        http_connection_break(c); /* the slot is given back when the connection goes */
        return;
    }
    record(p->thread, x->request_id, p->head_only ? "HEAD" : http_method_name(x->method), x->route, 200, p->received_us, p->streamed);
    p->charged += p->streamed / BYTES_PER_UNIT;
    slot_release(x);
    http_connection_answered(c, true);
}

/* Lets the owner of a stream write, on the event thread. */
static void stream_run(struct exchange *x, void (*write_more)(struct exchange *x))
{
    struct exchange_private *p = x->private;
    x->local = p->thread->local;
    if (!p->stream_ends) write_more(x);
    stream_look(x);
}

/* Runs a handler and does what it left undone. The connection's turn is not over when this returns. */
static void run(struct exchange *x, void (*handler)(struct exchange *x))
{
    struct exchange_private *p = x->private;
    struct event_thread *thread = p->thread;
    p->state = EXCHANGE_RUNNING;
    x->local = thread->local;
    x->thread = thread->number;
    thread->outcome = OUTCOME_NONE;
    handler(x);
    if (thread->outcome == OUTCOME_NONE) exchange_silent(x);
    if (thread->outcome == OUTCOME_ANSWERED) answer_write(x);
    else if (thread->outcome == OUTCOME_STREAMED) stream_look(x);
}

/* ---- what the connections ask for (struct http_upper) -------------------------------------------------------- */

static void make_request_id(struct event_thread *thread, char *out)
{
    /* splitmix64 (Steele, Lea, Flood 2014) from a random start: unique in practice, not secret */
    uint64_t z = (thread->id_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    static const char digits[] = "0123456789abcdef";
    for (int i = 15; i >= 0; i--, z >>= 4) out[i] = digits[z & 15];
    out[16] = '\0';
}

static void allow_header(struct exchange *x, const char *name, unsigned allowed)
{
    char list[80];
    size_t n = 0;
    for (unsigned m = 0; m < HTTP_METHODS; m++)
        if (allowed & (1u << m)) n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", http_method_name(m));
    exchange_header_add(x, name, list);
}

/* Who pays for a request: the block of the client's address. A trusted proxy that names nobody is the machine itself. */
static void identify(struct exchange *x, struct http_connection *c)
{
    struct exchange_private *p = x->private;
    struct server *server = p->thread->server;
    const char *peer = http_connection_address(c);
    char client[INET6_ADDRSTRLEN];
    const char *address = peer;
    x->limit_key = 0;
    bool trusted = server->options.trusted_proxies && client_address_listed(peer, server->options.trusted_proxies);
    if (trusted) {
        address = client_address_forwarded(http_head_header(&p->head, "x-forwarded-for"), client, sizeof client);
        if (address == NULL) address = peer;
        else trusted = false;
    }
    x->address = arena_strdup(&p->arena, address);
    if (x->address == NULL) x->address = "";
    unsigned char block[8];
    if (server->limiter && !trusted) {
        size_t length = client_address_block(address, block);
        if (length) x->limit_key = limiter_key(server->limiter, block, length);
    }
}

/* Refuses at once what could only be answered late, and who has used up what is due to them. */
static enum status load_check(struct exchange *x, struct error *err)
{
    struct exchange_private *p = x->private;
    struct server *server = p->thread->server;
    if (x->route->urgent) {
        x->limit_key = 0;
        return STATUS_OK;
    }
    if (http_host_overloaded(&p->thread->host)) {
        metrics_count(server->options.metrics, p->thread->number, COUNTER_BUSY, 1);
        return error_set(err, STATUS_UNAVAILABLE, MESSAGE_QUEUE_FULL);
    }
    unsigned wait_s;
    if (server->limiter == NULL || limiter_admit(server->limiter, x->limit_key, p->thread->host.now_ms, &wait_s)) {
        p->charged = REQUEST_UNITS;
        return STATUS_OK;
    }
    metrics_count(server->options.metrics, p->thread->number, COUNTER_LIMITED, 1);
    char seconds[16];
    snprintf(seconds, sizeof seconds, "%u", wait_s);
    exchange_header_add(x, "Retry-After", seconds);
    return error_set(err, STATUS_TOO_MANY_REQUESTS, MESSAGE_LIMITED, wait_s);
}

/* A browser's question before a page of another origin may ask. It carries no key, and does nothing. */
static bool is_preflight(const struct exchange *x)
{
    return x->method == HTTP_OPTIONS && http_head_header(&x->private->head, "access-control-request-method") != NULL && reader_of(x) != NULL;
}

/* Everything about a request that its head decides. OK without a route: a preflight, to be answered at once. */
static enum status head_check(struct exchange *x, struct error *err)
{
    struct exchange_private *p = x->private;
    struct server *server = p->thread->server;
    const struct http_head *head = &p->head;
    enum status status = http_target_parse(&p->target, head->target, head->target_length, &p->arena, err);
    if (status != STATUS_OK) return status;
    status = router_match(server->router, head->method, &p->target, &p->arena, &p->match);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? error_set(err, status, MESSAGE_PATH_UNKNOWN)
                                          : error_set(err, status, MESSAGE_NO_MEMORY);
    const struct route *route = x->route = p->match.route;
    if (route == NULL && is_preflight(x)) {
        allow_header(x, "Access-Control-Allow-Methods", p->match.allowed);
        exchange_header_add(x, "Access-Control-Allow-Headers", CORS_REQUEST_HEADERS);
        exchange_header_add(x, "Access-Control-Max-Age", CORS_MAX_AGE);
        return STATUS_OK;
    }
    if (route == NULL) {
        allow_header(x, "Allow", p->match.allowed);
        return error_set(err, STATUS_METHOD_NOT_ALLOWED, MESSAGE_METHOD_WRONG);
    }
    status = server->options.admit ? server->options.admit(x, err)
             : route->roles & ROLE_ANONYMOUS ? STATUS_OK
                                             : error_set(err, STATUS_UNAUTHORISED, MESSAGE_SIGN_IN);
    if (status == STATUS_OK) status = load_check(x, err);
    if (status != STATUS_OK) return status;
    status = http_target_check(&p->target, route->query, err);
    if (status != STATUS_OK || head->content_length == 0) return status;
    if (route->media_type == NULL) return error_set(err, STATUS_UNSUPPORTED_MEDIA_TYPE, MESSAGE_BODY_UNWANTED);
    if (!http_media_type_is(http_head_header(head, "content-type"), route->media_type))
        return error_set(err, STATUS_UNSUPPORTED_MEDIA_TYPE, MESSAGE_BODY_TYPE, route->media_type);
    if (head->content_length > route->max_body) {
        status = error_set(err, STATUS_TOO_LARGE, MESSAGE_BODY_LARGE, route->max_body);
        error_bounds(err, (double)route->max_body, (double)head->content_length);
    }
    return status;
}

static void refused(void *context, struct http_connection *c, enum status status, enum message message,
                    bool without_body)
{
    struct event_thread *thread = context;
    char request_id[17];
    make_request_id(thread, request_id);
    struct error err = ERROR_INIT;
    (void)error_set(&err, status, message);
    struct buffer body;
    buffer_init(&body, 4096);
    problem_encode(&body, &err, thread->server->options.language, request_id, NULL);
    struct answer_head head = {.status = status_http(status),
                               .content_type = "application/problem+json",
                               .request_id = request_id,
                               .length = body.length,
                               .closes = true};
    head_make(thread, &head);
    struct evbuffer *out = http_connection_out(c);
    if (thread->head.failed == STATUS_OK && body.failed == STATUS_OK) {
        evbuffer_add(out, thread->head.data, thread->head.length);
        if (!without_body) evbuffer_add(out, body.data, body.length);
    }
    metrics_count(thread->server->options.metrics, thread->number, COUNTER_BAD_REQUESTS, 1);
    record(thread, request_id, "-", NULL, head.status, now_us(), body.length);
    buffer_clear(&body);
}

static enum http_take on_head(void *context, struct http_connection *c, const struct http_parser *parser,
                              const char *bytes, void **request)
{
    struct event_thread *thread = context;
    struct exchange *x = slot_take(thread);
    char *copy = x ? arena_copy(&x->private->arena, bytes, parser->position) : NULL;
    if (copy == NULL) {
        if (x) {
            x->private->state = EXCHANGE_READING;
            slot_release(x);
        }
        refused(thread, c, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY, false);
        http_connection_answered(c, true);
        return HTTP_ANSWERED;
    }
    struct exchange_private *p = x->private;
    http_head_bind(&p->head, parser, copy);
    p->state = EXCHANGE_READING;
    p->connection = c;
    p->head_only = p->head.method == HTTP_HEAD;
    p->received_us = now_us();
    p->target.segment_count = p->target.key_count = 0;
    p->match = (struct route_match){0};
    buffer_init(&p->body, p->head.content_length);

    x->method = p->head_only ? HTTP_GET : p->head.method;
    x->route = NULL;
    x->head = &p->head;
    x->target = &p->target;
    x->body = "";
    x->body_length = 0;
    const char *id = http_head_header(&p->head, "x-request-id");
    if (http_request_id_is_sane(id)) snprintf(x->request_id, sizeof x->request_id, "%s", id);
    else make_request_id(thread, x->request_id);
    x->language = http_accept_language(http_head_header(&p->head, "accept-language"), thread->server->options.language);
    identify(x, c);
    x->received_ms = p->received_us / 1000;
    x->deadline_ms = x->received_ms + thread->server->options.request_ms;
    x->arena = &p->arena;
    x->user = NULL;
    x->app = thread->server->options.app;
    x->local = thread->local;
    x->thread = thread->number;
    x->subject = NULL;
    atomic_store_explicit(&x->cancelled, false, memory_order_relaxed);

    struct error err = ERROR_INIT;
    p->state = EXCHANGE_RUNNING;
    enum status status = head_check(x, &err);
    if (status != STATUS_OK || x->route == NULL) {
        if (status == STATUS_OK) exchange_reply(x, 204, NULL, NULL);
        else exchange_problem(x, &err);
        answer_write(x);
        return HTTP_ANSWERED;
    }
    p->state = EXCHANGE_READING;
    *request = x;
    return HTTP_TAKE_BODY;
}

static bool on_body(void *context, void *request, struct evbuffer *in, size_t length)
{
    struct event_thread *thread = context;
    struct exchange *x = request;
    struct exchange_private *p = x->private;
    size_t held = atomic_fetch_add_explicit(&thread->server->body_bytes, length, memory_order_relaxed);
    p->body_counted += length;
    struct error err = ERROR_INIT;
    char *room = NULL;
    if (held + length > thread->server->options.bodies_max) {
        (void)error_set(&err, STATUS_UNAVAILABLE, MESSAGE_BODIES_FULL);
        metrics_count(thread->server->options.metrics, thread->number, COUNTER_BUSY, 1);
    } else {
        room = buffer_room(&p->body, length);
        if (room == NULL) (void)error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    if (room == NULL) {
        evbuffer_drain(in, length);
        p->state = EXCHANGE_RUNNING;
        exchange_problem(x, &err);
        answer_write(x);
        return false;
    }
    evbuffer_remove(in, room, length);
    p->body.length += length;
    room[length] = '\0';
    return true;
}

static void on_complete(void *context, void *request, int64_t *deadline_ms)
{
    (void)context;
    struct exchange *x = request;
    struct exchange_private *p = x->private;
    if (p->body.data) {
        x->body = p->body.data;
        x->body_length = p->body.length;
    }
    *deadline_ms = x->deadline_ms;
    run(x, x->route->handler);
}

static void on_gone(void *context, void *request)
{
    struct event_thread *thread = context;
    struct exchange *x = request;
    struct exchange_private *p = x->private;
    p->connection = NULL;
    atomic_store_explicit(&x->cancelled, true, memory_order_relaxed);
    if (!p->handed && p->state == EXCHANGE_STREAMING) { /* that is how streams end; what a worker has is none */
        record(thread, x->request_id, http_method_name(x->method), x->route, 200, p->received_us, p->streamed);
        p->charged += p->streamed / BYTES_PER_UNIT;
    } else {
        metrics_count(thread->server->options.metrics, thread->number, COUNTER_CLIENT_LEFT, 1);
    }
    if (!p->handed) slot_release(x);
}

static void on_drained(void *context, void *request)
{
    (void)context;
    struct exchange *x = request;
    stream_run(x, x->private->stream.more);
}

static void on_late(void *context, struct http_connection *c, void *request)
{
    struct event_thread *thread = context;
    struct exchange *x = request;
    struct exchange_private *p = x->private;
    metrics_count(thread->server->options.metrics, thread->number, COUNTER_LATE, 1);
    atomic_store_explicit(&x->cancelled, true, memory_order_relaxed);
    struct error err = ERROR_INIT;
    (void)error_set(&err, STATUS_TIMEOUT, MESSAGE_ANSWER_SLOW);
    if (!p->handed) {
        p->state = EXCHANGE_RUNNING;
        exchange_problem(x, &err);
        answer_write(x);
        return;
    }
    /* a worker has the exchange: answer without it, and let its answer fall on the floor */
    p->connection = NULL;
    struct buffer body;
    buffer_init(&body, 4096);
    problem_encode(&body, &err, x->language, x->request_id, NULL);
    struct answer_head head = {.status = status_http(STATUS_TIMEOUT),
                               .content_type = "application/problem+json",
                               .request_id = x->request_id,
                               .length = body.length,
                               .closes = http_connection_closes(c)};
    head_make(thread, &head);
    bool whole = thread->head.failed == STATUS_OK && body.failed == STATUS_OK;
    if (whole) {
        evbuffer_add(http_connection_out(c), thread->head.data, thread->head.length);
        if (!p->head_only) evbuffer_add(http_connection_out(c), body.data, body.length);
    }
    record(thread, x->request_id, http_method_name(x->method), x->route, head.status, p->received_us, body.length);
    buffer_clear(&body);
    http_connection_answered(c, head.closes || !whole);
}

static const struct http_upper upper = {.head = on_head,
                                        .body = on_body,
                                        .complete = on_complete,
                                        .refused = refused,
                                        .gone = on_gone,
                                        .drained = on_drained,
                                        .late = on_late};

/* ---- messages and time ----------------------------------------------------------------------------------------- */

void event_thread_wake(struct event_thread *thread)
{
    uint64_t one = 1;
    ssize_t ignored; /* EAGAIN means that it is awake already */
    do ignored = write(thread->inbox_fd, &one, sizeof one);
    while (ignored < 0 && errno == EINTR);
}

void event_thread_post(struct event_thread *thread, struct thread_message *message)
{
    message->next = NULL;
    pthread_mutex_lock(&thread->inbox_lock);
    bool was_empty = thread->inbox_first == NULL;
    *thread->inbox_last = message;
    thread->inbox_last = &message->next;
    /* woken under the lock: the thread cannot have ended and been freed in between */
    if (was_empty) event_thread_wake(thread);
    pthread_mutex_unlock(&thread->inbox_lock);
}

static struct thread_message *inbox_take(struct event_thread *thread)
{
    pthread_mutex_lock(&thread->inbox_lock);
    struct thread_message *messages = thread->inbox_first;
    thread->inbox_first = NULL;
    thread->inbox_last = &thread->inbox_first;
    pthread_mutex_unlock(&thread->inbox_lock);
    return messages;
}

static void end_if_done(struct event_thread *thread)
{
    if (thread->stop_seen && thread->host.count == 0 && thread->open == 0) event_base_loopbreak(thread->base);
}

static void message_handle(struct event_thread *thread, const struct thread_message *message)
{
    if (message->index >= thread->slot_count) return;
    struct exchange *x = &thread->slots[message->index]->x;
    struct exchange_private *p = x->private;
    if (p->generation != message->generation) return; /* over: somebody is late */
    struct http_connection *c = p->connection;
    if (message->again == NULL) {
        p->handed = false;
        answer_write(x);
    } else if (p->state == EXCHANGE_PARKED && !p->handed) {
        run(x, message->again);
    } else if (p->state == EXCHANGE_STREAMING) {
        stream_run(x, message->again);
    } else {
        return;
    }
    if (c) http_connection_continue(c);
}

static void stop_look(struct event_thread *thread)
{
    if (thread->stop_seen || !atomic_load(&thread->server->stopping)) return;
    thread->stop_seen = true;
    for (unsigned i = 0; i < thread->listener_count; i++) http_listener_stop(thread->listeners[i]);
    http_host_stop(&thread->host, IDLE_GRACE_MS);
    for (uint32_t i = 0; i < thread->slot_count; i++) {
        struct exchange_private *p = &thread->slots[i]->private;
        struct http_connection *c = p->connection;
        if (p->handed || p->state != EXCHANGE_STREAMING || c == NULL) continue; /* the state of what is handed over is a worker's */
        p->stream_ends = true;
        stream_look(&thread->slots[i]->x);
        http_connection_continue(c);
    }
}

static void on_inbox(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    struct event_thread *thread = context;
    uint64_t count;
    ssize_t ignored = read(fd, &count, sizeof count);
    (void)ignored;
    http_host_now(&thread->host);
    for (struct thread_message *message = inbox_take(thread), *next; message; message = next) {
        next = message->next; /* an answer's message lives in its slot, which handling gives back */
        bool allocated = message->again != NULL;
        message_handle(thread, message);
        if (allocated) free(message);
    }
    stop_look(thread);
    end_if_done(thread);
}

static void count_connections(struct event_thread *thread)
{
    metrics_count(thread->server->options.metrics, thread->number, COUNTER_CONNECTIONS,
                  thread->host.accepted - thread->accepted);
    thread->accepted = thread->host.accepted;
    atomic_store_explicit(&thread->connections, thread->host.count, memory_order_relaxed);
}

static void on_sweep(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct event_thread *thread = context;
    http_host_sweep(&thread->host);
    atomic_store_explicit(&thread->turned_ms, thread->host.now_ms, memory_order_relaxed);
    count_connections(thread);
    if (thread->log) access_log_flush(thread->log);
    stop_look(thread);
    if (thread->stop_seen && thread->host.now_ms >= atomic_load(&thread->server->stop_deadline_ms)) {
        log_event(LOG_WARN, "stop_cut", "connections=%u requests=%u", thread->host.count, thread->open);
        atomic_store(&thread->server->cut, true);
        event_base_loopbreak(thread->base);
        return;
    }
    end_if_done(thread);
}

static void on_changed(void *context)
{
    struct event_thread *thread = context;
    for (unsigned i = 0; i < thread->listener_count; i++) http_listener_check(thread->listeners[i]);
    end_if_done(thread);
}

void *event_thread_main(void *context)
{
    struct event_thread *thread = context;
    event_base_loop(thread->base, EVLOOP_NO_EXIT_ON_EMPTY);
    http_host_clear(&thread->host);
    if (thread->log) access_log_flush(thread->log);
    return NULL;
}

enum status event_thread_init(struct event_thread *thread, struct server *server, unsigned number, const int *fds,
                              unsigned fd_count, bool owned, struct error *err)
{
    *thread = (struct event_thread){.server = server, .number = number, .inbox_fd = -1};
    thread->inbox_last = &thread->inbox_first;
    pthread_mutex_init(&thread->inbox_lock, NULL);
    buffer_init(&thread->head, ANSWER_HEAD_MAX);
    if (getrandom(&thread->id_state, sizeof thread->id_state, 0) != (ssize_t)sizeof thread->id_state)
        thread->id_state = (uint64_t)now_us();
    struct event_config *config = event_config_new();
    if (config) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK); /* a base belongs to one thread */
        thread->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    if (thread->base == NULL) goto failed;
    if (http_host_init(&thread->host, thread->base, &server->limits, &upper, thread) != STATUS_OK) goto failed;
    thread->host.changed = on_changed;
    atomic_store(&thread->turned_ms, thread->host.now_ms);
    thread->host.count_max = (server->options.connections_max + server->thread_count - 1) / server->thread_count;
    thread->inbox_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (thread->inbox_fd < 0) goto failed;
    thread->inbox_event = event_new(thread->base, thread->inbox_fd, EV_READ | EV_PERSIST, on_inbox, thread);
    thread->sweep_event = event_new(thread->base, -1, EV_PERSIST, on_sweep, thread);
    if (thread->inbox_event == NULL || thread->sweep_event == NULL) goto failed;
    if (event_add(thread->inbox_event, NULL) != 0) goto failed;
    if (event_add(thread->sweep_event, &(struct timeval){.tv_usec = SWEEP_US}) != 0) goto failed;
    if (server->options.access_log && (thread->log = calloc(1, sizeof *thread->log)) == NULL) goto failed;
    if (server->options.local_new) {
        thread->local = server->options.local_new(server->options.app, number);
        if (thread->local == NULL) goto failed;
    }
    for (unsigned i = 0; i < fd_count && i < LISTENERS_MAX; i++) {
        if (http_listener_new(&thread->listeners[i], thread->base, &thread->host, fds[i], owned) != STATUS_OK) goto failed;
        thread->listener_count++;
    }
    return STATUS_OK;

failed:
    event_thread_clear(thread);
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

void event_thread_clear(struct event_thread *thread)
{
    if (thread->server == NULL) return;
    thread->stop_seen = false;
    http_host_clear(&thread->host);
    for (unsigned i = 0; i < thread->listener_count; i++) http_listener_free(thread->listeners[i]);
    thread->listener_count = 0;
    for (struct thread_message *message = thread->inbox_first, *next; message; message = next) {
        next = message->next;
        if (message->again) free(message);
        else thread->slots[message->index]->private.handed = false;
    }
    for (uint32_t i = 0; i < thread->slot_count; i++) {
        struct slot *slot = thread->slots[i];
        if (slot->private.state != EXCHANGE_FREE) slot_release(&slot->x);
        arena_clear(&slot->private.arena);
        free(slot);
    }
    free(thread->slots);
    if (thread->inbox_event) event_free(thread->inbox_event);
    if (thread->sweep_event) event_free(thread->sweep_event);
    if (thread->inbox_fd >= 0) close(thread->inbox_fd);
    if (thread->base) event_base_free(thread->base);
    if (thread->local && thread->server->options.local_free)
        thread->server->options.local_free(thread->server->options.app, thread->local);
    free(thread->log);
    buffer_clear(&thread->head);
    pthread_mutex_destroy(&thread->inbox_lock);
    thread->server = NULL;
}
