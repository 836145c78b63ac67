#include "api/http/listener.h"

#include "api/http/connection.h"
#include "geo/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, INHERITED_FIRST = 3, INHERITED_MAX = 64, DRAIN_MAX = BACKLOG };

static const struct timeval pause_time = {.tv_usec = 100000};

struct http_listener {
    struct evconnlistener *listener;
    struct http_host *host;
    struct event *resume;
    bool full, starved, owned;
    int64_t complained_ms;
    int fd;
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool address_parse(const char *text, unsigned port, union address *out, socklen_t *length)
{
    memset(out, 0, sizeof *out);
    if (port > 65535) return false;
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        *length = sizeof out->v4;
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)port);
        *length = sizeof out->v6;
        return true;
    }
    return false;
}

enum status http_listen(const char *address, unsigned *port, bool shared, int *out, struct error *err)
{
    union address at;
    socklen_t length;
    if (!address_parse(address, *port, &at, &length))
        return error_set(err, STATUS_INVALID, MESSAGE_LISTEN_FAILED, address, *port, strerror(EINVAL));
    int on = 1;
    int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) goto failed;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) goto failed;
    if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) goto failed;
    if (at.any.sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int));
    if (bind(fd, &at.any, length) != 0 || listen(fd, BACKLOG) != 0) goto failed;
    if (getsockname(fd, &at.any, &length) != 0) goto failed;
    *port = ntohs(at.any.sa_family == AF_INET ? at.v4.sin_port : at.v6.sin6_port);
    *out = fd;
    return STATUS_OK;

failed:;
    int why = errno;
    if (fd >= 0) close(fd);
    return error_set(err, STATUS_IO, MESSAGE_LISTEN_FAILED, address, *port, strerror(why));
}

unsigned http_listen_inherited(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    unsigned long count = 0;
    if (pid && fds && strtoul(pid, NULL, 10) == (unsigned long)getpid()) count = strtoul(fds, NULL, 10);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (count > INHERITED_MAX) count = INHERITED_MAX;
    for (int fd = INHERITED_FIRST; fd < INHERITED_FIRST + (int)count; fd++) {
        int accepting = 0;
        socklen_t length = sizeof accepting;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &length) != 0 || !accepting)
            return (unsigned)(fd - INHERITED_FIRST);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
    return (unsigned)count;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int length,
                      void *context)
{
    (void)listener;
    (void)length;
    struct http_listener *l = context;
    http_host_accept(l->host, fd, peer);
    if (l->host->count >= l->host->count_max && !l->full) {
        l->full = true;
        evconnlistener_disable(l->listener);
    }
}

/* Out of descriptors or kernel memory: accept would fail again at once, for ever. */
static void on_error(struct evconnlistener *listener, void *context)
{
    (void)listener;
    struct http_listener *l = context;
    int why = errno;
    int64_t now_ms = http_host_now(l->host);
    if (l->complained_ms == 0 || now_ms - l->complained_ms >= 1000) {
        char quoted[128];
        log_event(LOG_WARN, "accept_paused", "reason=%s connections=%u", log_quote(quoted, sizeof quoted, strerror(why)),
                  l->host->count);
        l->complained_ms = now_ms;
    }
    l->starved = true;
    evconnlistener_disable(l->listener);
    evtimer_add(l->resume, &pause_time);
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct http_listener *l = context;
    l->starved = false;
    if (!l->full && l->listener) evconnlistener_enable(l->listener);
}

enum status http_listener_new(struct http_listener **out, struct event_base *base, struct http_host *host, int fd,
                              bool owned)
{
    struct http_listener *l = calloc(1, sizeof *l);
    if (l == NULL) return STATUS_NO_MEMORY;
    l->host = host;
    l->fd = fd;
    l->owned = owned;
    l->resume = evtimer_new(base, on_resume, l);
    /* backlog 0: the socket listens already */
    l->listener = evconnlistener_new(base, on_accept, l, LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (l->resume == NULL || l->listener == NULL) {
        l->owned = false; /* the caller keeps it after a failure */
        http_listener_free(l);
        return STATUS_NO_MEMORY;
    }
    evconnlistener_set_error_cb(l->listener, on_error);
    *out = l;
    return STATUS_OK;
}

void http_listener_stop(struct http_listener *l)
{
    if (l->listener == NULL) return;
    evconnlistener_free(l->listener);
    l->listener = NULL;
    if (!l->owned) return;
    for (unsigned n = 0; n < DRAIN_MAX && l->host->count < l->host->count_max; n++) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int fd = accept4(l->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0) break;
        http_host_accept(l->host, fd, (const struct sockaddr *)&peer);
    }
    close(l->fd);
    l->owned = false;
}

void http_listener_free(struct http_listener *l)
{
    if (l == NULL) return;
    if (l->listener) evconnlistener_free(l->listener);
    if (l->resume) event_free(l->resume);
    if (l->owned) close(l->fd);
    free(l);
}

void http_listener_check(struct http_listener *l)
{
    if (!l->full || l->host->count >= l->host->count_max) return;
    l->full = false;
    if (!l->starved && l->listener) evconnlistener_enable(l->listener);
}
