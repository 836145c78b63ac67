/* A connection of api/http over a socket pair, for fuzzing and for the property that the split of the bytes into
 * writes does not matter. The layer above answers each request with one line that says what it understood. */
#ifndef TESTS_FUZZ_HTTP_SESSION_H
#define TESTS_FUZZ_HTTP_SESSION_H

#include "api/http/connection.h"
#include "geo/base/buffer.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct session_request {
    struct http_connection *connection;
    char line[HTTP_TARGET_MAX + 64];
    uint64_t body_length, body_hash;
};

static enum http_take session_head(void *context, struct http_connection *c, const struct http_parser *parser,
                                   const char *bytes, void **request)
{
    (void)context;
    struct session_request *r = calloc(1, sizeof *r);
    char *copy = malloc(parser->position);
    assert(r && copy);
    memcpy(copy, bytes, parser->position);
    struct http_head head;
    http_head_bind(&head, parser, copy);
    r->connection = c;
    snprintf(r->line, sizeof r->line, "%s %s %u", http_method_name(head.method), head.target, head.header_count);
    free(copy);
    if (strstr(r->line, "refuse-early")) { /* an answer before the body is read */
        bool closes = http_connection_closes(c);
        evbuffer_add_printf(http_connection_out(c), "early %s%s\n", r->line, closes ? " close" : "");
        free(r);
        http_connection_answered(c, closes);
        return HTTP_ANSWERED;
    }
    *request = r;
    return HTTP_TAKE_BODY;
}

static bool session_body(void *context, void *request, struct evbuffer *in, size_t length)
{
    (void)context;
    struct session_request *r = request;
    for (; length > 0; length--) {
        unsigned char byte;
        evbuffer_remove(in, &byte, 1);
        r->body_hash = (r->body_hash ^ byte) * 0x100000001B3u;
        r->body_length++;
    }
    return true;
}

static void session_complete(void *context, void *request, int64_t *deadline_ms)
{
    (void)context;
    (void)deadline_ms;
    struct session_request *r = request;
    bool closes = http_connection_closes(r->connection);
    evbuffer_add_printf(http_connection_out(r->connection), "%s %llu %llx%s\n", r->line,
                        (unsigned long long)r->body_length, (unsigned long long)r->body_hash, closes ? " close" : "");
    http_connection_answered(r->connection, closes);
    free(r);
}

static void session_refused(void *context, struct http_connection *c, enum status status, enum message message,
                            bool without_body)
{
    (void)context;
    evbuffer_add_printf(http_connection_out(c), "refused %s %d%s\n", status_code(status), (int)message,
                        without_body ? " head" : "");
}

static void session_gone(void *context, void *request)
{
    (void)context;
    free(request);
}

static void session_late(void *context, struct http_connection *c, void *request)
{
    (void)context;
    (void)c;
    (void)request;
    abort(); /* nothing is answered later here */
}

static const struct http_upper session_upper = {.head = session_head,
                                                .body = session_body,
                                                .complete = session_complete,
                                                .refused = session_refused,
                                                .gone = session_gone,
                                                .late = session_late};

static void session_take(int fd, struct buffer *out)
{
    char part[4096];
    ssize_t n;
    while ((n = read(fd, part, sizeof part)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) buffer_bytes(out, part, (size_t)n);
}

/* Sends `length` bytes in pieces of cut(context) bytes (NULL: at once) and gathers what comes back, without interim
 * answers, whose sending depends on timing by design. */
static void session_run(const char *bytes, size_t length, size_t (*cut)(void *context), void *context,
                        struct buffer *out)
{
    static const struct http_limits limits = {
        .head_ms = 60000, .body_ms = 60000, .idle_ms = 60000, .write_ms = 60000, .requests_max = 40, .pipelined_max = 4};
    struct event_base *base = event_base_new();
    struct http_host host;
    int fds[2];
    assert(base && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    assert(http_host_init(&host, base, &limits, &session_upper, NULL) == STATUS_OK);
    host.count_max = 1;
    http_host_accept(&host, fds[0], NULL);
    size_t sent = 0;
    bool broken = false;
    for (unsigned idle = 0; idle < 3;) {
        if (sent < length && !broken) {
            size_t piece = cut ? cut(context) : length;
            if (piece > length - sent) piece = length - sent;
            ssize_t n = send(fds[1], bytes + sent, piece, MSG_NOSIGNAL);
            if (n > 0) sent += (size_t)n;
            else if (errno != EAGAIN && errno != EINTR) broken = true;
            if (sent == length || broken) shutdown(fds[1], SHUT_WR);
            idle = 0;
        } else {
            idle++;
        }
        for (int turn = 0; turn < 3; turn++) event_base_loop(base, EVLOOP_NONBLOCK);
        size_t before = out->length;
        session_take(fds[1], out);
        if (out->length != before) idle = 0;
    }
    http_host_clear(&host);
    event_base_free(base);
    session_take(fds[1], out);
    close(fds[1]);
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    for (char *at; out->data && (at = strstr(out->data, interim));) {
        memmove(at, at + sizeof interim - 1, strlen(at + sizeof interim - 1) + 1);
        out->length -= sizeof interim - 1;
    }
}

#endif
