/* Every allocation that the server makes while it serves fails once: nothing crashes, nothing leaks, and the next
 * client is served. Works by standing in for malloc; where a sanitizer already does, only the scenario itself is run,
 * without failures. */
#include "api/process/server.h"

#include "geo/base/log.h"
#include "tests/unit/failing_malloc.h"

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
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a server and a client ------------------------------------------------------------------------------------------ */

static void echo(struct exchange *x)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    for (int i = 0; i < 20; i++) buffer_bytes(&out, x->body, x->body_length);
    exchange_header_add(x, "X-Name", exchange_param(x, "name"));
    exchange_reply(x, 200, "text/plain", &out);
    buffer_clear(&out);
}

static void work(struct exchange *x)
{
    exchange_submit(x, echo);
}

static void again(struct exchange *x)
{
    exchange_reply_static(x, 200, "text/plain", "resumed", 7);
}

static void park(struct exchange *x)
{
    struct server *server = exchange_server(x);
    struct exchange_token token = exchange_park(x);
    if (exchange_resume(server, token, again) != STATUS_OK) {
        /* it waits for its deadline then, which the options below keep short */
    }
}

static const struct route routes[] = {
    {HTTP_POST, "/echo/{name}", "echo", echo, .media_type = "text/plain", .max_body = 100000, .roles = ROLE_ANYONE},
    {HTTP_POST, "/worker/{name}", "work", work, .media_type = "text/plain", .max_body = 100000, .roles = ROLE_ANYONE},
    {HTTP_GET, "/park", "park", park, .roles = ROLE_ANYONE},
};

static int dial(unsigned port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Asks and reads until the peer closes or says nothing for a while; whether the last answer was a good one. */
static bool ask(unsigned port, const char *request, size_t length)
{
    static char answer[1 << 20];
    size_t got = 0;
    int fd = dial(port);
    ssize_t n = send(fd, request, length, MSG_NOSIGNAL);
    bool good = n == (ssize_t)length;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (good && got < sizeof answer - 1 && poll(&wait, 1, 3000) > 0) {
        n = recv(fd, answer + got, sizeof answer - 1 - got, 0);
        if (n <= 0) break;
        got += (size_t)n;
    }
    answer[got] = '\0';
    close(fd);
    return good && strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0;
}

static bool scenario(unsigned port)
{
    static char request[12000];
    int n = snprintf(request, sizeof request,
                     "POST /echo/first HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc"
                     "GET /park HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /nowhere?a=1 HTTP/1.1\r\nHost: a\r\n\r\n"
                     "POST /worker/second HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                     "Content-Length: 9000\r\n\r\n");
    memset(request + n, 'z', 9000);
    return ask(port, request, (size_t)n + 9000);
}

static void every_allocation_may_fail_once(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.port = 0;
    options.threads = options.workers = 1;
    options.request_ms = 100;
    options.access_log = false;
    options.routes = routes;
    options.route_count = sizeof routes / sizeof *routes;
    malloc_spared = true; /* the client's own thread */
    long at_first = 0, failures = 0, survived = 0;
    for (long k = 1;; k++) {
        struct server *server;
        struct error err = ERROR_INIT;
        long before = malloc_live();
        assert_int_equal(server_open(&server, &options, &err), STATUS_OK);
        assert_int_equal(server_start(server, &err), STATUS_OK);
        unsigned port = server_port(server);
        malloc_fail(k - 1, FAIL_ONCE);
        bool good = scenario(port);
        bool failed = malloc_heal();
        failures += failed;
        survived += good;
        assert_true(scenario(port)); /* the next client is served in full */
        server_stop(server);
        assert_true(server_join(server));
        server_close(server);
        long grown = malloc_live() - before;
        if (k == 1) at_first = grown; /* what libraries make once and keep */
        else if (grown > 0) fail_msg("failing allocation %ld leaks %ld blocks (first round kept %ld)", k, grown, at_first);
        if (!failed) {
            assert_true(good);
            break;
        }
        assert_true(k < 2000);
    }
    print_message("%ld allocations failed, %ld times the client did not even notice\n", failures, survived - 1);
    assert_true(!OWN_MALLOC || failures >= 20);
}

int main(void)
{
    log_level_set(LOG_ERROR);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail_once)};
    return cmocka_run_group_tests_name("server_memory", tests, NULL, NULL);
}
