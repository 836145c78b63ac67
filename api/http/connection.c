#include "api/http/connection.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    READ_AHEAD_MAX = 64 * 1024,   /* bytes kept unread by us while a request is worked on */
    SKIP_MAX = 64 * 1024,         /* the body of a refused request is read over up to this size; beyond it we close */
    LINGER_MAX = 1024 * 1024,     /* bytes swallowed so that a refusal is not lost in a reset */
    LINGER_MS = 2000,
    RATE_GRACE_MS = 2000,
    FLUSH_AT = 256 * 1024, /* bytes of pipelined answers after which they are written before the next is made */
    OVER_MS = 500,   /* turns that are too long for less than this are a burst, not an overload */
    OVER_FACTOR = 10 /* times turn_ms is too long */
};

enum stage {
    STAGE_IDLE,   /* between requests, nothing read */
    STAGE_HEAD,   /* part of a head is there */
    STAGE_BODY,   /* part of a body is there */
    STAGE_SKIP,   /* reading over the body of a refused request */
    STAGE_BUSY,   /* a request is worked on */
    STAGE_STREAM, /* its answer goes out piece by piece */
    STAGE_LINGER, /* our side is closed, the client's bytes are swallowed */
};

struct http_connection {
    struct http_host *host;
    struct http_connection *next, *previous;
    struct bufferevent *bev;
    int fd;
    enum stage stage;
    bool processing, closing, lingering, broken, ended, draining, paused, wants_close, expects_continue;
    unsigned served;
    uint64_t body_left, body_received, lingered;
    int64_t deadline_ms, body_since_ms;
    void *request;
    char address[INET6_ADDRSTRLEN];
    struct http_parser parser;
};

static void process(struct http_connection *c);

int64_t http_host_now(struct http_host *host)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    host->now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return host->now_ms;
}

static void on_turn_end(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct http_host *host = context;
    int64_t now_ms = http_host_now(host);
    host->in_turn = false;
    if (host->overloaded) {
        host->overloaded = now_ms - host->shed_ms < OVER_MS;
        host->over_since_ms = 0;
    } else if (now_ms - host->turn_since_ms <= (int64_t)host->limits->turn_ms * OVER_FACTOR) {
        host->over_since_ms = 0;
    } else if (host->over_since_ms == 0) {
        host->over_since_ms = now_ms;
    } else if (now_ms - host->over_since_ms >= OVER_MS) {
        host->overloaded = true;
        host->shed_ms = now_ms;
    }
}

/* Callbacks of one look at the sockets stand in a queue; what is put behind the first of them ends the turn. */
static void turn_note(struct http_host *host)
{
    if (host->in_turn || host->limits->turn_ms == 0) return;
    host->in_turn = true;
    host->turn_since_ms = host->now_ms;
    event_active(host->turn_end, EV_TIMEOUT, 0);
}

bool http_host_overloaded(struct http_host *host)
{
    if (!host->overloaded || !host->in_turn) return false;
    if (host->now_ms - host->turn_since_ms <= (int64_t)host->limits->turn_ms) return false;
    host->shed_ms = host->now_ms;
    return true;
}

enum status http_host_init(struct http_host *host, struct event_base *base, const struct http_limits *limits,
                           const struct http_upper *upper, void *context)
{
    *host = (struct http_host){.base = base, .limits = limits, .upper = upper, .context = context};
    host->out = evbuffer_new();
    host->turn_end = event_new(base, -1, 0, on_turn_end, host);
    http_host_now(host);
    if (host->out && host->turn_end) return STATUS_OK;
    http_host_clear(host);
    return STATUS_NO_MEMORY;
}

/* Takes the connection out of the world. The request, if one is open, has been given up before. */
static void connection_free(struct http_connection *c)
{
    struct http_host *host = c->host;
    if (c->previous) c->previous->next = c->next;
    else host->connections = c->next;
    if (c->next) c->next->previous = c->previous;
    bufferevent_free(c->bev); /* closes the socket */
    free(c);
    host->count--;
    if (host->changed) host->changed(host->context);
}

static void connection_cut(struct http_connection *c)
{
    void *request = c->request;
    c->request = NULL;
    if (request) c->host->upper->gone(c->host->context, request);
    connection_free(c);
}

void http_host_clear(struct http_host *host)
{
    host->changed = NULL;
    while (host->connections) connection_cut(host->connections);
    if (host->out) evbuffer_free(host->out);
    if (host->turn_end) event_free(host->turn_end);
    host->out = NULL;
    host->turn_end = NULL;
}

static int64_t idle_deadline(const struct http_host *host)
{
    return host->now_ms + (host->stopping ? host->grace_ms : host->limits->idle_ms);
}

static void on_read(struct bufferevent *bev, void *context)
{
    (void)bev;
    struct http_connection *c = context;
    http_host_now(c->host);
    turn_note(c->host);
    process(c);
}

static void on_write(struct bufferevent *bev, void *context)
{
    (void)bev;
    struct http_connection *c = context;
    http_host_now(c->host);
    c->draining = false;
    if (c->stage == STAGE_IDLE) c->deadline_ms = idle_deadline(c->host);
    if (c->stage == STAGE_STREAM) {
        c->deadline_ms = INT64_MAX;
        c->host->upper->drained(c->host->context, c->request);
    }
    process(c);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    struct http_connection *c = context;
    http_host_now(c->host);
    c->ended = true;
    if ((what & BEV_EVENT_ERROR) || c->stage == STAGE_BUSY || c->stage == STAGE_STREAM || c->stage == STAGE_LINGER) {
        connection_cut(c);
        return;
    }
    process(c);
}

void http_host_accept(struct http_host *host, int fd, const struct sockaddr *peer)
{
    struct http_connection *c = calloc(1, sizeof *c);
    if (c) c->bev = bufferevent_socket_new(host->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (c == NULL || c->bev == NULL) {
        free(c);
        close(fd);
        return;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* fails only on sockets that need it not */
    if (peer && peer->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)peer)->sin_addr, c->address, sizeof c->address);
    else if (peer && peer->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)peer)->sin6_addr, c->address, sizeof c->address);
    c->host = host;
    c->fd = fd;
    c->next = host->connections;
    if (c->next) c->next->previous = c;
    host->connections = c;
    host->count++;
    host->accepted++;
    /* a client that connects and says nothing has no more time than one that says it slowly */
    c->deadline_ms = http_host_now(host) + host->limits->head_ms;
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
    if (bufferevent_enable(c->bev, EV_READ) != 0) connection_free(c);
}

struct evbuffer *http_connection_out(struct http_connection *c)
{
    return c->host->out;
}

const char *http_connection_address(const struct http_connection *c)
{
    return c->address;
}

bool http_connection_closes(const struct http_connection *c)
{
    bool skips_too_much = c->body_left > 0 && (c->body_left > SKIP_MAX || c->expects_continue);
    return c->wants_close || c->closing || c->host->stopping || c->served + 1 >= c->host->limits->requests_max ||
           skips_too_much;
}

void http_connection_stream(struct http_connection *c)
{
    assert(c->stage == STAGE_BUSY && c->request);
    /* a peer that has vanished without a word is noticed by what it does not acknowledge */
    unsigned patience_ms = c->host->limits->write_ms;
    setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
    c->stage = STAGE_STREAM;
    c->deadline_ms = INT64_MAX;
}

size_t http_connection_queued(const struct http_connection *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->bev));
}

void http_connection_break(struct http_connection *c)
{
    c->broken = true;
}

void http_connection_answered(struct http_connection *c, bool closes)
{
    c->request = NULL;
    c->served++;
    if (closes) {
        c->closing = true;
        if (c->body_left > 0) c->lingering = true;
        c->stage = STAGE_IDLE;
    } else if (c->body_left > 0) {
        c->stage = STAGE_SKIP;
        c->deadline_ms = c->host->now_ms + c->host->limits->body_ms;
    } else {
        c->stage = STAGE_IDLE;
        c->deadline_ms = idle_deadline(c->host);
    }
}

static void refuse(struct http_connection *c, enum status status, enum message message)
{
    bool without_body = c->stage == STAGE_HEAD && c->parser.target.length > 0 && c->parser.method == HTTP_HEAD;
    c->closing = c->lingering = true;
    c->stage = STAGE_IDLE;
    c->host->upper->refused(c->host->context, c, status, message, without_body);
}

/* The head is whole: hands it up and sets out to read the body. */
static void head_done(struct http_connection *c, struct evbuffer *in, const char *bytes)
{
    struct http_host *host = c->host;
    c->body_left = c->parser.content_length;
    c->body_received = 0;
    c->wants_close = c->parser.wants_close;
    c->expects_continue = c->parser.expects_continue;
    size_t head_length = c->parser.position;
    bool body_is_here = evbuffer_get_length(in) > head_length;
    /* the request counts as open from here on, so that an answer given by head() finds its place */
    enum http_take take = host->upper->head(host->context, c, &c->parser, bytes, &c->request);
    evbuffer_drain(in, head_length);
    if (take == HTTP_ANSWERED) return;
    if (c->expects_continue && !body_is_here) {
        static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
        evbuffer_add(host->out, text, sizeof text - 1);
    }
    c->expects_continue = false; /* the body comes now */
    c->stage = STAGE_BODY;
    c->body_since_ms = host->now_ms;
    c->deadline_ms = host->now_ms + host->limits->body_ms;
}

/* One step of the state machine. False: it cannot go on without more bytes, an answer, or room to write. */
static bool step(struct http_connection *c, struct evbuffer *in, unsigned *turn)
{
    struct http_host *host = c->host;
    size_t length = evbuffer_get_length(in);
    switch (c->stage) {
    case STAGE_IDLE:
        if (length == 0) return false;
        if (*turn == host->limits->pipelined_max) {
            bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
            return false;
        }
        ++*turn;
        http_parser_init(&c->parser);
        c->stage = STAGE_HEAD;
        c->body_left = 0;
        c->wants_close = c->expects_continue = false;
        if (c->served > 0) c->deadline_ms = host->now_ms + host->limits->head_ms;
        return true;

    case STAGE_HEAD: {
        const char *bytes = (const char *)evbuffer_pullup(in, length < HTTP_HEAD_MAX ? (ev_ssize_t)length : HTTP_HEAD_MAX);
        if (bytes == NULL) {
            c->broken = true;
            return false;
        }
        switch (http_parser_run(&c->parser, bytes, length)) {
        case HTTP_MORE: return false;
        case HTTP_REFUSED: refuse(c, c->parser.refusal, c->parser.reason); return false;
        case HTTP_DONE: head_done(c, in, bytes); return true;
        }
        return false;
    }

    case STAGE_BODY: {
        size_t part = length < c->body_left ? length : (size_t)c->body_left;
        if (part > 0) {
            c->body_left -= part;
            c->body_received += part;
            if (!host->upper->body(host->context, c->request, in, part)) return true;
        }
        if (c->body_left > 0) return false;
        c->stage = STAGE_BUSY;
        int64_t deadline_ms = INT64_MAX;
        host->upper->complete(host->context, c->request, &deadline_ms);
        if (c->stage == STAGE_BUSY) c->deadline_ms = deadline_ms;
        return c->stage != STAGE_BUSY;
    }

    case STAGE_SKIP: {
        size_t part = length < c->body_left ? length : (size_t)c->body_left;
        evbuffer_drain(in, part);
        c->body_left -= part;
        if (c->body_left > 0) return false;
        c->stage = STAGE_IDLE;
        c->deadline_ms = idle_deadline(host);
        return true;
    }

    case STAGE_BUSY: return false;

    case STAGE_STREAM: /* nothing that comes now is a request of this connection */
    case STAGE_LINGER:
        c->lingered += length;
        evbuffer_drain(in, length);
        if (c->lingered > LINGER_MAX) c->broken = true;
        return false;
    }
    return false;
}

/* Writes what has been answered in this turn: directly when nothing is queued before it, which saves two system calls
 * and a loop turn; what the socket does not take goes to the bufferevent. */
static void flush(struct http_connection *c)
{
    struct evbuffer *out = c->host->out;
    if (evbuffer_get_length(out) == 0) return;
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) == 0) {
        int written;
        do written = evbuffer_write(out, c->fd);
        while (written < 0 && errno == EINTR);
        if (written < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            evbuffer_drain(out, evbuffer_get_length(out));
            c->broken = true;
            return;
        }
    }
    if (evbuffer_get_length(out) == 0) return;
    if (bufferevent_write_buffer(c->bev, out) != 0) {
        evbuffer_drain(out, evbuffer_get_length(out));
        c->broken = true;
        return;
    }
    bool waits = c->draining;
    c->draining = true;
    if (c->stage == STAGE_STREAM) { /* who keeps something queued must not live on what is added */
        if (!waits) c->deadline_ms = c->host->now_ms + c->host->limits->write_ms;
        return;
    }
    /* a request that is worked on meanwhile (100 Continue was all we wrote) keeps its own deadline */
    if (c->stage != STAGE_BUSY && c->stage != STAGE_BODY)
        c->deadline_ms = c->host->now_ms + c->host->limits->write_ms;
}

/* Everything is written and the connection is to close. */
static void finish(struct http_connection *c)
{
    if (!c->lingering || c->ended) {
        connection_free(c);
        return;
    }
    shutdown(c->fd, SHUT_WR);
    c->stage = STAGE_LINGER;
    c->deadline_ms = c->host->now_ms + LINGER_MS;
    struct evbuffer *in = bufferevent_get_input(c->bev);
    evbuffer_drain(in, evbuffer_get_length(in));
}

/* Stops reading while more than enough lies unread, and goes on when it has been used up. (bufferevent's own high
 * watermark does the same but crashes when it has no memory to be set up.) */
static void pace(struct http_connection *c, const struct evbuffer *in)
{
    bool full = evbuffer_get_length(in) > READ_AHEAD_MAX;
    if (full == c->paused || c->ended || c->broken) return;
    c->paused = full;
    int result = full ? bufferevent_disable(c->bev, EV_READ) : bufferevent_enable(c->bev, EV_READ);
    if (result != 0) c->broken = true;
}

static void process(struct http_connection *c)
{
    if (c->processing) return;
    c->processing = true;
    struct evbuffer *in = bufferevent_get_input(c->bev);
    unsigned turn = 0;
    while (!c->closing && !c->broken && !c->draining && step(c, in, &turn))
        if (evbuffer_get_length(c->host->out) > FLUSH_AT) flush(c);
    if (c->stage == STAGE_LINGER && !c->broken) step(c, in, &turn);
    flush(c);
    pace(c, in);
    c->processing = false;
    if (c->broken) {
        connection_cut(c);
    } else if (!c->draining && c->stage != STAGE_LINGER) {
        bool more_is_here = c->stage == STAGE_IDLE && evbuffer_get_length(in) > 0;
        if (c->closing) finish(c);
        else if (c->ended && !more_is_here) connection_cut(c);
    }
}

void http_connection_continue(struct http_connection *c)
{
    process(c);
}

static void expire(struct http_connection *c)
{
    struct http_host *host = c->host;
    if (c->draining) {
        connection_cut(c);
        return;
    }
    switch (c->stage) {
    case STAGE_IDLE:
    case STAGE_SKIP:
    case STAGE_LINGER: connection_cut(c); return;
    case STAGE_HEAD: refuse(c, STATUS_REQUEST_TIMEOUT, MESSAGE_HEAD_SLOW); break;
    case STAGE_BODY: {
        void *request = c->request;
        c->request = NULL;
        host->upper->gone(host->context, request);
        refuse(c, STATUS_REQUEST_TIMEOUT, MESSAGE_BODY_SLOW);
        break;
    }
    case STAGE_BUSY: host->upper->late(host->context, c, c->request); break;
    case STAGE_STREAM: break; /* only while draining */
    }
    process(c);
}

static bool too_slow(const struct http_connection *c)
{
    int64_t elapsed_ms = c->host->now_ms - c->body_since_ms;
    if (c->stage != STAGE_BODY || elapsed_ms <= RATE_GRACE_MS) return false;
    return c->body_received * 1000 < (uint64_t)(elapsed_ms - RATE_GRACE_MS) * c->host->limits->body_rate_min;
}

void http_host_sweep(struct http_host *host)
{
    http_host_now(host);
    for (struct http_connection *c = host->connections, *next; c; c = next) {
        next = c->next;
        if (host->now_ms >= c->deadline_ms || too_slow(c)) expire(c);
    }
}

void http_host_stop(struct http_host *host, unsigned grace_ms)
{
    host->stopping = true;
    host->grace_ms = grace_ms;
    http_host_now(host);
    for (struct http_connection *c = host->connections; c; c = c->next)
        if (c->stage == STAGE_IDLE && !c->draining && c->deadline_ms > idle_deadline(host))
            c->deadline_ms = idle_deadline(host);
}
