/* The server over system calls that are interrupted, come back empty-handed, or do a byte of what they were asked for.
 * Works by standing in for them in this program, libevent's calls included. */
#include "api/process/server.h"

#include "geo/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_bool faulty;
static atomic_uint rolls, faults;
static unsigned seed;
static _Thread_local bool spared; /* the client's own thread */

/* 0: as usual; 1: EINTR; 2: EAGAIN; 3: short */
static unsigned roll(void)
{
    if (spared || !atomic_load(&faulty)) return 0;
    unsigned r = (atomic_fetch_add(&rolls, 1) + seed) * 2654435761u;
    unsigned kind = (r >> 16) % 8;
    if (kind > 3) kind = 0;
    if (kind) atomic_fetch_add(&faults, 1);
    return kind;
}

static ssize_t vector(long call, int fd, const struct iovec *parts, int count)
{
    switch (roll()) {
    case 1: errno = EINTR; return -1;
    case 2: errno = EAGAIN; return -1;
    case 3: {
        struct iovec first = {parts[0].iov_base, parts[0].iov_len > 7 ? 7 : parts[0].iov_len};
        return syscall(call, fd, &first, 1);
    }
    default: return syscall(call, fd, parts, count);
    }
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
    return vector(SYS_readv, fd, parts, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return vector(SYS_writev, fd, parts, count);
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    unsigned kind = roll();
    if (kind) {
        static const int why[] = {0, EINTR, EAGAIN, ECONNABORTED};
        errno = why[kind];
        return -1;
    }
    return (int)syscall(SYS_accept4, fd, address, length, flags);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
    if (roll() == 1) {
        errno = EINTR;
        return -1;
    }
    return (int)syscall(SYS_epoll_wait, fd, events, most, timeout);
}

/* ---- a server and a client ------------------------------------------------------------------------------------------ */

static void echo(struct exchange *x)
{
    struct buffer out;
    buffer_init(&out, 1 << 24);
    for (int i = 0; i < 40; i++) buffer_bytes(&out, x->body, x->body_length);
    exchange_reply(x, 200, "text/plain", &out);
    buffer_clear(&out);
}

static void work(struct exchange *x)
{
    exchange_submit(x, echo);
}

static const struct route routes[] = {
    {HTTP_POST, "/echo", "echo", echo, .media_type = "text/plain", .max_body = 100000, .roles = ROLE_ANYONE},
    {HTTP_POST, "/work", "work", work, .media_type = "text/plain", .max_body = 100000, .roles = ROLE_ANYONE},
};

/* One connection: two requests at once, and whether both answers are what they must be, to the byte. */
static void session(unsigned port, unsigned size, char letter)
{
    static char request[40000], answer[4 << 20];
    size_t length = 0, got = 0, at = 0;
    for (int i = 0; i < 2; i++) {
        length += (size_t)snprintf(request + length, 300, "POST /%s HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n%s"
                                   "Content-Length: %u\r\n\r\n", i ? "work" : "echo", i ? "Connection: close\r\n" : "", size);
        memset(request + length, letter + i, size);
        length += size;
    }
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, request, length, MSG_NOSIGNAL), length);
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 10000), 1);
        ssize_t n = recv(fd, answer + got, sizeof answer - got - 1, 0);
        assert_true(n >= 0);
        if (n == 0) break;
        got += (size_t)n;
    }
    close(fd);
    answer[got] = '\0';
    for (int i = 0; i < 2; i++) {
        assert_int_equal(strncmp(answer + at, "HTTP/1.1 200 OK\r\n", 17), 0);
        char *body = strstr(answer + at, "\r\n\r\n");
        assert_non_null(body);
        body += 4;
        const char same[2] = {(char)(letter + i), '\0'};
        assert_int_equal(strspn(body, same), (size_t)size * 40);
        at = (size_t)(body - answer) + (size_t)size * 40;
    }
    assert_int_equal(at, got);
}

static void answers_are_whole_over_system_calls_that_are_not(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct server *server;
    struct error err = ERROR_INIT;
    options.port = 0;
    options.threads = options.workers = 1;
    options.access_log = false;
    options.routes = routes;
    options.route_count = sizeof routes / sizeof *routes;
    spared = true;
    assert_int_equal(server_open(&server, &options, &err), STATUS_OK);
    assert_int_equal(server_start(server, &err), STATUS_OK);
    atomic_store(&faulty, true);
    for (unsigned i = 0; i < 60; i++) session(server_port(server), i % 3 == 0 ? 12000 : 1 + i * 17, (char)('a' + i % 20));
    server_stop(server);
    assert_true(server_join(server));
    server_close(server);
    print_message("%u calls of %u went wrong\n", atomic_load(&faults), atomic_load(&rolls));
    assert_true(atomic_load(&faults) > 0);
}

int main(void)
{
    const char *given = getenv("SEED");
    seed = given ? (unsigned)strtoul(given, NULL, 10) : 20261127;
    printf("seed %u\n", seed);
    log_level_set(LOG_ERROR);
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_whole_over_system_calls_that_are_not)};
    return cmocka_run_group_tests_name("server_faults", tests, NULL, NULL);
}
