/* The server with handlers of its own over loopback sockets: workers, parking, cancelling, overload, stopping. */
#include "api/process/server.h"

#include "api/process/metrics.h"
#include "geo/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- handlers --------------------------------------------------------------------------------------------------- */

struct fixture {
    struct server *server;
    struct metrics *metrics;
    atomic_int started, cancelled, finished, echoed, locals;
    _Atomic uint64_t token_generation;
    _Atomic uint32_t token_thread, token_index;
};

static void echo(struct exchange *x)
{
    atomic_fetch_add(&((struct fixture *)x->app)->echoed, 1);
    struct buffer out;
    buffer_init(&out, 1 << 24);
    const char *times = exchange_query(x, "times");
    buffer_printf(&out, "%s|%zu|", exchange_param(x, "name"), x->body_length);
    for (long n = times ? strtol(times, NULL, 10) : 1; n > 0; n--) buffer_bytes(&out, x->body, x->body_length);
    exchange_header_add(x, "X-Echo", "yes");
    exchange_reply(x, 200, "text/plain", &out);
    buffer_clear(&out);
}

static void work_echo(struct exchange *x)
{
    exchange_submit(x, echo);
}

static void nap_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Works for ?ms= or until it is told to stop. */
static void slow_work(struct exchange *x)
{
    struct fixture *f = x->app;
    atomic_fetch_add(&f->started, 1);
    const char *ms = exchange_query(x, "ms");
    for (long left = ms ? strtol(ms, NULL, 10) : 100; left > 0; left -= 2) {
        if (atomic_load(&x->cancelled)) {
            atomic_fetch_add(&f->cancelled, 1);
            break;
        }
        nap_ms(2);
    }
    atomic_fetch_add(&f->finished, 1);
    exchange_reply_static(x, 200, "text/plain", "slow", 4);
}

static void slow(struct exchange *x)
{
    exchange_submit(x, slow_work);
}

static void again(struct exchange *x)
{
    exchange_reply_static(x, 200, "text/plain", x->user, strlen(x->user));
}

static void park(struct exchange *x)
{
    static char text[] = "resumed";
    struct fixture *f = x->app;
    x->user = text;
    struct exchange_token token = exchange_park(x);
    atomic_store(&f->token_thread, token.thread);
    atomic_store(&f->token_index, token.index);
    atomic_store(&f->token_generation, token.generation);
    atomic_fetch_add(&f->started, 1);
}

static void silent(struct exchange *x)
{
    (void)x;
}

static void silent_worker(struct exchange *x)
{
    exchange_submit(x, silent);
}

/* Goes on with what is in the arena after it has answered. */
static void linger_work(struct exchange *x)
{
    struct fixture *f = x->app;
    int *mine = arena_zero(x->arena, 1, sizeof *mine);
    exchange_reply_static(x, 200, "text/plain", "lingered", 8);
    nap_ms(30);
    ++*mine;
    atomic_fetch_add(&f->finished, *mine);
}

static void linger(struct exchange *x)
{
    exchange_submit(x, linger_work);
}

static void tagged(struct exchange *x)
{
    if (exchange_not_modified(x, "v7")) return;
    exchange_reply_static(x, 200, "text/plain", "content", 7);
}

static void too_long(struct exchange *x)
{
    struct buffer out;
    buffer_init(&out, 4);
    buffer_text(&out, "does not fit");
    exchange_reply(x, 200, "text/plain", &out);
    buffer_clear(&out);
}

/* Holds its event thread up, as a handler that computes does. */
static void hold(struct exchange *x)
{
    nap_ms(2);
    exchange_reply_static(x, 200, "text/plain", "held", 4);
}

/* Streams ?ms= pieces of 64 KiB as fast as they are taken, then goes on with whatever the test resumes it for. */
struct flood {
    long left;
    struct fixture *fixture;
};

static void flood_more(struct exchange *x)
{
    static const char piece[65536];
    struct flood *flood = x->user;
    while (flood->left > 0 && exchange_stream_queued(x) == 0) {
        exchange_stream_write(x, piece, sizeof piece);
        if (--flood->left % 4 == 0) break;
    }
    if (flood->left > 0 && exchange_resume(exchange_server(x),
                                           (struct exchange_token){atomic_load(&flood->fixture->token_thread),
                                                                   atomic_load(&flood->fixture->token_index),
                                                                   atomic_load(&flood->fixture->token_generation)},
                                           flood_more) != STATUS_OK)
        exchange_stream_end(x, true);
}

static void flood_left(struct exchange *x)
{
    struct flood *flood = x->user;
    atomic_fetch_add(&flood->fixture->finished, 1);
}

static void flood(struct exchange *x)
{
    static const struct exchange_stream_hooks hooks = {.more = flood_more, .left = flood_left};
    const char *ms = exchange_query(x, "ms");
    struct flood *flood = arena_take(x->arena, sizeof *flood);
    *flood = (struct flood){.left = ms ? strtol(ms, NULL, 10) : 0, .fixture = x->app};
    x->user = flood;
    struct exchange_token token = exchange_stream(x, "text/plain", &hooks);
    atomic_store(&flood->fixture->token_thread, token.thread);
    atomic_store(&flood->fixture->token_index, token.index);
    atomic_store(&flood->fixture->token_generation, token.generation);
    exchange_stream_write(x, "begun\n", 6);
    atomic_fetch_add(&flood->fixture->started, 1);
    flood_more(x);
}

static void stream_word(struct exchange *x)
{
    exchange_stream_write(x, "word\n", 5);
}

static void stream_last_word(struct exchange *x)
{
    exchange_stream_write(x, "last\n", 5);
    exchange_stream_end(x, false);
}

static void dear(struct exchange *x)
{
    exchange_charge(x, 1000);
    exchange_reply_static(x, 200, "text/plain", "dear", 4);
}

static void *local_new(void *app, unsigned thread)
{
    (void)thread;
    struct fixture *f = app;
    atomic_fetch_add(&f->locals, 1);
    return malloc(1);
}

static void local_free(void *app, void *local)
{
    struct fixture *f = app;
    atomic_fetch_sub(&f->locals, 1);
    free(local);
}

static const char *const echo_keys[] = {"times", NULL};
static const char *const slow_keys[] = {"ms", NULL};
static const struct route routes[] = {
    {HTTP_POST, "/echo/{name}", "echo", echo, .query = echo_keys, .media_type = "text/plain|application/json",
     .max_body = 100000, .roles = ROLE_ANYONE},
    {HTTP_PUT, "/worker/{name}", "work", work_echo, .query = echo_keys, .media_type = "text/plain", .max_body = 100000,
     .roles = ROLE_ANYONE},
    {HTTP_POST, "/act", "act", silent, .roles = ROLE_ANYONE},
    {HTTP_GET, "/slow", "slow", slow, .query = slow_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/park", "park", park, .roles = ROLE_ANYONE},
    {HTTP_GET, "/silent", "silent", silent, .roles = ROLE_ANYONE},
    {HTTP_GET, "/silent-worker", "silent_worker", silent_worker, .roles = ROLE_ANYONE},
    {HTTP_GET, "/linger", "linger", linger, .roles = ROLE_ANYONE},
    {HTTP_GET, "/tagged", "tagged", tagged, .roles = ROLE_ANYONE},
    {HTTP_GET, "/too-long", "too_long", too_long, .roles = ROLE_ANYONE},
    {HTTP_GET, "/hold", "hold", hold, .roles = ROLE_ANYONE},
    {HTTP_GET, "/dear", "dear", dear, .roles = ROLE_ANYONE},
    {HTTP_GET, "/flood", "flood", flood, .query = slow_keys, .roles = ROLE_ANYONE},
    {HTTP_GET, "/urgent", "urgent", tagged, .roles = ROLE_ANYONE, .urgent = true},
    {HTTP_GET, "/secret", "secret", tagged, .roles = ROLE_ADMIN},
};

/* ---- a client ----------------------------------------------------------------------------------------------------- */

static int dial(const struct fixture *f)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server_port(f->server))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    size_t length = strlen(text), at = 0;
    while (at < length) {
        ssize_t n = send(fd, text + at, length - at, MSG_NOSIGNAL);
        if (n < 0) break;
        at += (size_t)n;
    }
}

/* Reads until `answers` whole answers are there, the peer closes, or five seconds pass. */
static char *hear(int fd, int answers)
{
    struct buffer in;
    buffer_init(&in, 128 << 20);
    size_t at = 0;
    while (answers > 0) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, 5000) <= 0) break;
        char *room = buffer_room(&in, 65536);
        ssize_t n = recv(fd, room, 65536, 0);
        if (n <= 0) break;
        in.length += (size_t)n;
        in.data[in.length] = '\0';
        for (;;) {
            char *end = strstr(in.data + at, "\r\n\r\n");
            if (end == NULL) break;
            char *length = strstr(in.data + at, "Content-Length: ");
            size_t body = length && length < end ? strtoul(length + 16, NULL, 10) : 0;
            if (strncmp(in.data + at, "HTTP/1.1 1", 10) == 0) body = 0;
            if ((size_t)(in.data + in.length - end - 4) < body) break;
            at = (size_t)(end - in.data) + 4 + body;
            answers--;
        }
    }
    size_t length;
    char *taken = buffer_take(&in, &length);
    return taken ? taken : strdup("");
}

static void expect(struct fixture *f, const char *request, const char *status, const char *contains)
{
    int fd = dial(f);
    say(fd, request);
    char *answer = hear(fd, 1);
    close(fd);
    if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, 3) != 0 || strstr(answer, contains) == NULL)
        fail_msg("asked:\n%s\nexpected %s and %s, got:\n%s", request, status, contains, answer);
    free(answer);
}

static bool eventually(atomic_int *value, int at_least)
{
    for (int i = 0; i < 2500 && atomic_load(value) < at_least; i++) nap_ms(2);
    return atomic_load(value) >= at_least;
}

static struct fixture *start(struct server_options *changes)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct error err = ERROR_INIT;
    struct server_options options = *changes;
    options.port = 0;
    if (options.threads == 0) options.threads = 2;
    if (options.workers == 0) options.workers = 2;
    options.access_log = false;
    options.routes = routes;
    options.route_count = sizeof routes / sizeof *routes;
    options.app = f;
    options.local_new = local_new;
    options.local_free = local_free;
    assert_int_equal(metrics_new(&f->metrics, 2 + options.workers, routes, options.route_count, &err), STATUS_OK);
    options.metrics = f->metrics;
    if (server_open(&f->server, &options, &err) != STATUS_OK) fail_msg("%s", err.en);
    assert_int_equal(server_start(f->server, &err), STATUS_OK);
    return f;
}

static void stop(struct fixture *f)
{
    server_stop(f->server);
    assert_true(server_join(f->server));
    server_close(f->server);
    assert_int_equal(atomic_load(&f->locals), 0);
    metrics_free(f->metrics);
    free(f);
}

/* ---- tests -------------------------------------------------------------------------------------------------------- */

static void requests_reach_their_handlers(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    expect(f, "POST /echo/%E5%8D%97 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", "200",
           "\r\n\r\n南|5|hello");
    expect(f, "PUT /worker/w HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", "200",
           "X-Echo: yes");
    expect(f, "POST /echo/a HTTP/1.1\r\nHost: a\r\nX-Request-Id: my-own-id-1\r\nContent-Length: 0\r\n\r\n", "200",
           "X-Request-Id: my-own-id-1\r\n");
    expect(f, "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "415", "unsupported_media_type");
    expect(f, "POST /act HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "415", "unsupported_media_type");
    expect(f, "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 100001\r\n\r\n", "413",
           "\"limit\":100000");
    expect(f, "POST /echo/a?time=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "400", "\"pointer\":\"?time\"");
    expect(f, "GET /echo/a HTTP/1.1\r\nHost: a\r\n\r\n", "405", "Allow: POST\r\n");
    expect(f, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", "404", "没有这个地址");
    expect(f, "GET /nothing HTTP/1.1\r\nHost: a\r\nAccept-Language: en\r\n\r\n", "404", "nothing at this path");
    expect(f, "GET /secret HTTP/1.1\r\nHost: a\r\n\r\n", "401", "WWW-Authenticate: Bearer\r\n");
    expect(f, "GET /silent HTTP/1.1\r\nHost: a\r\n\r\n", "500", "internal_error");
    expect(f, "GET /silent-worker HTTP/1.1\r\nHost: a\r\n\r\n", "500", "internal_error");
    expect(f, "GET /too-long HTTP/1.1\r\nHost: a\r\n\r\n", "500", "internal_error");
    expect(f, "GET /tagged HTTP/1.1\r\nHost: a\r\n\r\n", "200", "ETag: \"v7\"\r\n");
    expect(f, "GET /tagged HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"v6\", W/\"v7\"\r\n\r\n", "304", "ETag: \"v7\"\r\n");
    assert_int_equal(metrics_sum(f->metrics, COUNTER_HANDLER_SILENT), 2);
    stop(f);
}

static void large_answers_arrive_whole(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    char request[1200];
    int n = snprintf(request, sizeof request, "PUT /worker/big?times=10000 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                                              "Content-Length: 1000\r\n\r\n");
    memset(request + n, 'z', 1000);
    request[n + 1000] = '\0';
    say(fd, request);
    nap_ms(50); /* the socket fills up before we read */
    char *answer = hear(fd, 1);
    char *body = strstr(answer, "\r\n\r\n") + 4;
    assert_int_equal(strlen(body), strlen("big|1000|") + 10000 * 1000);
    assert_int_equal(strspn(body + strlen("big|1000|"), "z"), 10000 * 1000);
    free(answer);
    close(fd);
    stop(f);
}

static void pipelined_answers_keep_their_order(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    struct buffer all;
    buffer_init(&all, 1 << 20);
    enum { REQUESTS = 200 };
    for (int i = 0; i < REQUESTS; i++)
        buffer_printf(&all, "%s /%s/n%d HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc",
                      i % 3 ? "POST" : "PUT", i % 3 ? "echo" : "worker", i);
    int fd = dial(f);
    say(fd, all.data);
    char *answers = hear(fd, REQUESTS), *at = answers;
    for (int i = 0; i < REQUESTS; i++) {
        char mark[32];
        snprintf(mark, sizeof mark, "\r\n\r\nn%d|3|abc", i);
        at = strstr(at, mark);
        assert_non_null(at);
    }
    free(answers);
    close(fd);
    buffer_clear(&all);
    stop(f);
}

static void a_client_that_leaves_cancels_its_work(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    say(fd, "GET /slow?ms=20000 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(eventually(&f->started, 1));
    close(fd);
    assert_true(eventually(&f->cancelled, 1));
    assert_true(eventually(&f->finished, 1));
    expect(f, "GET /slow?ms=1 HTTP/1.1\r\nHost: a\r\n\r\n", "200", "slow");
    stop(f);
}

static void a_request_past_its_deadline_is_answered_504(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.request_ms = 300;
    struct fixture *f = start(&options);
    int fd = dial(f);
    say(fd, "GET /slow?ms=20000 HTTP/1.1\r\nHost: a\r\n\r\n");
    char *answer = hear(fd, 1);
    assert_non_null(strstr(answer, "HTTP/1.1 504 "));
    free(answer);
    assert_true(eventually(&f->cancelled, 1));
    say(fd, "GET /slow?ms=1 HTTP/1.1\r\nHost: a\r\n\r\n"); /* the connection goes on */
    answer = hear(fd, 1);
    assert_non_null(strstr(answer, "HTTP/1.1 200 "));
    free(answer);
    close(fd);
    expect(f, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n", "504", "timeout");
    stop(f);
}

/* The memory of an exchange may be the next one's as soon as its answer is out. */
static void an_answer_goes_out_when_its_worker_is_done_with_the_exchange(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct fixture *f = start(&options);
    for (int i = 1; i <= 3; i++) {
        expect(f, "GET /linger HTTP/1.1\r\nHost: a\r\n\r\n", "200", "lingered");
        assert_int_equal(atomic_load(&f->finished), i);
    }
    stop(f);
}

static struct exchange_token token_of(struct fixture *f)
{
    return (struct exchange_token){atomic_load(&f->token_thread), atomic_load(&f->token_index),
                                   atomic_load(&f->token_generation)};
}

static void a_parked_request_goes_on_when_it_is_resumed(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    say(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(eventually(&f->started, 1));
    struct exchange_token token = token_of(f);
    assert_int_equal(exchange_resume(f->server, token, again), STATUS_OK);
    assert_int_equal(exchange_resume(f->server, token, again), STATUS_OK); /* too late: nothing happens */
    char *answer = hear(fd, 1);
    assert_non_null(strstr(answer, "resumed"));
    free(answer);

    say(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(eventually(&f->started, 2));
    struct exchange_token gone = token_of(f);
    assert_true(gone.generation != token.generation);
    close(fd);
    nap_ms(50);
    assert_int_equal(exchange_resume(f->server, gone, again), STATUS_OK); /* the client has left: nothing happens */
    expect(f, "GET /slow?ms=1 HTTP/1.1\r\nHost: a\r\n\r\n", "200", "slow");
    stop(f);
}

static void overload_is_refused_at_once(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.workers = 1;
    options.queue_length = 2;
    struct fixture *f = start(&options);
    int busy[3], more;
    for (int i = 0; i < 3; i++) {
        busy[i] = dial(f);
        say(busy[i], "GET /slow?ms=600 HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i == 0) assert_true(eventually(&f->started, 1));
    }
    nap_ms(50);
    more = dial(f);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    say(more, "GET /slow?ms=600 HTTP/1.1\r\nHost: a\r\n\r\n");
    char *answer = hear(more, 1);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_non_null(strstr(answer, "HTTP/1.1 503 "));
    assert_non_null(strstr(answer, "Retry-After: 1\r\n"));
    assert_true((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 200);
    free(answer);
    for (int i = 0; i < 3; i++) {
        answer = hear(busy[i], 1);
        assert_true(strstr(answer, " 200 OK") || strstr(answer, " 503 "));
        free(answer);
        close(busy[i]);
    }
    close(more);
    stop(f);
}

struct hammer {
    struct fixture *fixture;
    int64_t until_ms;
    unsigned good, refused, other;
};

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *hammer_main(void *context)
{
    struct hammer *h = context;
    int fd = dial(h->fixture);
    for (int64_t before = clock_ms(); before < h->until_ms; before = clock_ms()) {
        say(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
        char *answer = hear(fd, 1);
        if (strstr(answer, " 200 OK")) {
            h->good++;
        } else if (strstr(answer, " 503 ") && strstr(answer, "Retry-After")) {
            h->refused++;
            nap_ms(10); /* as Retry-After asks, though sooner */
        } else {
            h->other++;
        }
        free(answer);
    }
    close(fd);
    return NULL;
}

/* Good answers a second with so many clients. */
static unsigned hammer_good(struct fixture *f, unsigned clients, int64_t time_ms, unsigned *refused)
{
    enum { CLIENTS_MAX = 64 };
    pthread_t threads[CLIENTS_MAX];
    struct hammer hammers[CLIENTS_MAX];
    unsigned good = 0;
    for (unsigned i = 0; i < clients; i++) {
        hammers[i] = (struct hammer){.fixture = f, .until_ms = clock_ms() + time_ms};
        assert_int_equal(pthread_create(&threads[i], NULL, hammer_main, &hammers[i]), 0);
    }
    nap_ms(time_ms / 2);
    expect(f, "GET /urgent HTTP/1.1\r\nHost: a\r\n\r\n", "200", "content");
    for (unsigned i = 0; i < clients; i++) {
        pthread_join(threads[i], NULL);
        good += hammers[i].good;
        *refused += hammers[i].refused;
        assert_int_equal(hammers[i].other, 0);
    }
    return (unsigned)(good * 1000 / time_ms);
}

static void an_event_thread_under_overload_answers_what_it_can_and_refuses_the_rest(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.turn_ms = 5; /* overloaded from turns of 50 ms on, which 40 clients at 2 ms each make */
    options.threads = 1;
    options.requests_per_connection_max = 1000000;
    struct fixture *f = start(&options);
    unsigned refused = 0;
    unsigned peak = hammer_good(f, 10, 1000, &refused); /* a crowd, and no overload */
    assert_int_equal(refused, 0);
    unsigned good = hammer_good(f, 60, 3000, &refused);
    print_message("at capacity %u/s, under overload %u/s and %u refused\n", peak, good, refused);
    assert_true(refused > 0);
    assert_true(good > 0); /* about all of the peak on a machine that does nothing else: tests/bench/overload_bench.py */
    stop(f);
}

static void a_caller_pays_for_its_work_and_nobody_elses(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.rate_units = 10;
    options.rate_burst = 1500;
    struct fixture *f = start(&options);
    const char *first = "GET /dear HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n";
    expect(f, first, "200", "dear");
    expect(f, first, "200", "dear"); /* 1100 of 1500 used before, 700 in debt now */
    expect(f, first, "429", "too_many_requests");
    expect(f, first, "429", "Retry-After: 7");
    expect(f, "GET /urgent HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n", "200", "content");
    expect(f, "GET /dear HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.77\r\n\r\n", "429", "code"); /* same block */
    expect(f, "GET /dear HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.101.1\r\n\r\n", "200", "dear");
    for (int i = 0; i < 5; i++) expect(f, "GET /dear HTTP/1.1\r\nHost: a\r\n\r\n", "200", "dear"); /* the machine itself */
    stop(f);

    options.trusted_proxies = ""; /* now the header is anybody's word, and the peer pays */
    f = start(&options);
    expect(f, first, "200", "dear");
    expect(f, first, "200", "dear");
    expect(f, "GET /dear HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n", "429", "code");
    stop(f);
}

static struct exchange_token flood_token(struct fixture *f)
{
    return (struct exchange_token){atomic_load(&f->token_thread), atomic_load(&f->token_index), atomic_load(&f->token_generation)};
}

/* Reads until `text` has come or the peer has closed; whether it came. */
static bool hear_text(int fd, const char *text)
{
    char in[4096];
    size_t length = 0;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (length < sizeof in - 1 && poll(&wait, 1, 5000) > 0) {
        ssize_t n = recv(fd, in + length, 1, 0);
        if (n <= 0) return false;
        in[++length] = '\0';
        if (length >= strlen(text) && strcmp(in + length - strlen(text), text) == 0) return true;
    }
    return false;
}

static void a_stream_is_written_piece_by_piece_until_its_end(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    say(fd, "GET /flood HTTP/1.1\r\nHost: a\r\n\r\nGET /tagged HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear_text(fd, "Connection: close\r\n\r\nbegun\n"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(exchange_resume(f->server, flood_token(f), stream_word), STATUS_OK);
        assert_true(hear_text(fd, "word\n"));
    }
    assert_int_equal(exchange_resume(f->server, flood_token(f), stream_last_word), STATUS_OK);
    assert_int_equal(exchange_resume(f->server, flood_token(f), stream_word), STATUS_OK); /* too late, and no harm */
    assert_true(hear_text(fd, "last\n"));
    assert_false(hear_text(fd, "content")); /* what was sent after the request of a stream is no request */
    assert_int_equal(atomic_load(&f->finished), 1);
    close(fd);
    expect(f, "HEAD /flood HTTP/1.1\r\nHost: a\r\n\r\n", "200", "text/plain");
    assert_true(eventually(&f->finished, 2));
    stop(f);
}

static void a_listener_that_leaves_gives_its_stream_back(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    say(fd, "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear_text(fd, "begun\n"));
    close(fd);
    assert_true(eventually(&f->finished, 1));
    assert_int_equal(metrics_sum(f->metrics, COUNTER_CLIENT_LEFT), 0);
    stop(f);
}

static void a_listener_that_does_not_read_is_cut_off(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.write_ms = 300;
    struct fixture *f = start(&options);
    int slow_fd = dial(f);
    say(slow_fd, "GET /flood?ms=100000 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(eventually(&f->finished, 1)); /* 6 GB are not written, and not kept for it either */
    expect(f, "GET /tagged HTTP/1.1\r\nHost: a\r\n\r\n", "200", "content");
    close(slow_fd);
    stop(f);
}

static void a_stop_ends_streams(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    say(fd, "GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(hear_text(fd, "begun\n"));
    server_stop(f->server);
    assert_false(hear_text(fd, "never"));
    close(fd);
    assert_int_equal(atomic_load(&f->finished), 1);
    stop(f);
}

static void bodies_together_are_capped(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.bodies_max = 1000;
    struct fixture *f = start(&options);
    char request[4096];
    int n = snprintf(request, sizeof request,
                     "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 2000\r\n\r\n");
    memset(request + n, 'z', 2000);
    request[n + 2000] = '\0';
    expect(f, request, "503", "unavailable");
    memcpy(strstr(request, "2000"), "0500", 4);
    request[n + 500] = '\0';
    expect(f, request, "200", "a|500|zzz");
    stop(f);
}

static void a_body_that_comes_too_slowly_is_refused(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.body_ms = 700;
    struct fixture *f = start(&options);
    int fd = dial(f);
    say(fd, "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n");
    int64_t since = clock_ms();
    bool answered = false;
    for (int i = 0; i < 100 && !answered; i++) { /* drips on, which does not help an absolute deadline */
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        answered = poll(&wait, 1, 50) > 0;
        if (!answered) say(fd, "x");
    }
    int64_t took = clock_ms() - since;
    char *answer = hear(fd, 1);
    assert_non_null(strstr(answer, "HTTP/1.1 408 "));
    assert_true(answered && took >= 600);
    free(answer);
    close(fd);
    stop(f);

    options.body_ms = 60000;
    options.body_rate_min = 100000; /* counted after two seconds */
    f = start(&options);
    fd = dial(f);
    say(fd, "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nabc");
    since = clock_ms();
    answer = hear(fd, 1);
    took = clock_ms() - since;
    assert_non_null(strstr(answer, "HTTP/1.1 408 "));
    assert_true(took >= 1900 && took < 60000); /* by the rate, not by the deadline */
    free(answer);
    close(fd);
    stop(f);
}

static void a_client_that_waits_for_continue_is_told_to_go_on(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    say(fd, "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    char *interim = hear(fd, 1);
    assert_string_equal(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "abc");
    char *answer = hear(fd, 1);
    assert_non_null(strstr(answer, "a|3|abc"));
    free(interim);
    free(answer);
    say(fd, "POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    answer = hear(fd, 1); /* not wanted: the verdict comes at once */
    assert_non_null(strstr(answer, "HTTP/1.1 415 "));
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    free(answer);
    close(fd);
    stop(f);
}

static void a_client_that_reads_ahead_of_nothing_is_not_buffered_without_end(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    say(fd, "GET /slow?ms=700 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(eventually(&f->started, 1));
    /* while it is worked on, far more is sent than is kept */
    char *flood = malloc(1 << 20);
    memset(flood, 'x', 1 << 20);
    size_t sent = 0;
    for (int i = 0; i < 200; i++) {
        ssize_t n = send(fd, flood, 1 << 20, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) sent += (size_t)n;
        else nap_ms(2);
    }
    assert_true(sent < (size_t)40 << 20); /* what the kernel holds at both ends, and our 64 KiB */
    free(flood);
    char *answer = hear(fd, 1);
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK"));
    assert_true(eventually(&f->finished, 1));
    assert_int_equal(atomic_load(&f->cancelled), 0);
    free(answer);
    close(fd);
    stop(f);
}

static void a_stop_finishes_what_is_in_flight(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f), idle = dial(f);
    say(idle, "GET /slow?ms=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    free(hear(idle, 1));
    say(fd, "GET /slow?ms=400 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(eventually(&f->started, 2));
    assert_true(server_accepting(f->server));
    server_stop(f->server);
    assert_false(server_accepting(f->server));
    say(idle, "GET /slow?ms=1 HTTP/1.1\r\nHost: a\r\n\r\n"); /* still answered, and told that it is the last */
    char *last = hear(idle, 1);
    assert_non_null(strstr(last, "Connection: close\r\n"));
    free(last);
    char *answer = hear(fd, 1);
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK"));
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    free(answer);
    close(fd);
    close(idle);
    stop(f);
}

static void a_stop_lets_a_slow_client_take_its_answer(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    char request[1200];
    int n = snprintf(request, sizeof request, "POST /echo/big?times=16000 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                                              "Content-Length: 1000\r\n\r\n");
    memset(request + n, 'z', 1000);
    request[n + 1000] = '\0';
    say(fd, request);
    nap_ms(100);
    server_stop(f->server);
    nap_ms(1800); /* longer than idle connections are given */
    char *answer = hear(fd, 1);
    assert_int_equal(strlen(strstr(answer, "\r\n\r\n") + 4), strlen("big|1000|") + 16000 * 1000);
    free(answer);
    close(fd);
    stop(f);
}

static void pipelined_large_answers_are_made_one_after_the_other(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    int fd = dial(f);
    char request[1200];
    int n = snprintf(request, sizeof request, "POST /echo/big?times=4000 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                                              "Content-Length: 1000\r\n\r\n");
    memset(request + n, 'z', 1000);
    request[n + 1000] = '\0';
    for (int i = 0; i < 20; i++) say(fd, request);
    nap_ms(200);
    assert_in_range(atomic_load(&f->echoed), 1, 8); /* what the sockets do not hold has not been made yet */
    char *answers = hear(fd, 20);
    assert_true(strlen(answers) > (size_t)20 * 4000 * 1000);
    assert_int_equal(atomic_load(&f->echoed), 20);
    free(answers);
    close(fd);
    stop(f);
}

static void a_stop_cuts_off_at_the_last_moment(void **state)
{
    (void)state;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.stop_ms = 300;
    struct fixture *f = start(&options);
    int fd = dial(f);
    say(fd, "GET /slow?ms=20000 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(eventually(&f->started, 1));
    stop(f);
    close(fd);
}

struct storm {
    struct fixture *fixture;
    unsigned seed;
};

/* A client that asks, leaves in the middle, or asks slowly; whatever it gets must be whole. */
static void *storm_main(void *context)
{
    struct storm *storm = context;
    unsigned r = storm->seed;
    for (int i = 0; i < 60; i++) {
        r = r * 1664525u + 1013904223u;
        int fd = dial(storm->fixture);
        const char *request = r >> 28 < 5   ? "GET /slow?ms=4 HTTP/1.1\r\nHost: a\r\n\r\n"
                              : r >> 28 < 8 ? "GET /park HTTP/1.1\r\nHost: a\r\n\r\n"
                                            : "PUT /worker/a HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                                              "Content-Length: 3\r\n\r\nabc";
        say(fd, request);
        if (r >> 28 >= 5 && r >> 28 < 8) {
            nap_ms(1);
            (void)!exchange_resume(storm->fixture->server, token_of(storm->fixture), again);
        } else if ((r >> 20 & 3) != 0) {
            free(hear(fd, 1));
        }
        close(fd);
    }
    return NULL;
}

static void many_clients_that_come_and_go_do_no_harm(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    enum { CLIENTS = 6 };
    pthread_t threads[CLIENTS];
    struct storm storms[CLIENTS];
    for (unsigned i = 0; i < CLIENTS; i++) {
        storms[i] = (struct storm){f, i * 7919 + 1};
        assert_int_equal(pthread_create(&threads[i], NULL, storm_main, &storms[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++) pthread_join(threads[i], NULL);
    expect(f, "GET /slow?ms=1 HTTP/1.1\r\nHost: a\r\n\r\n", "200", "slow");
    stop(f);
}

static void a_port_in_use_is_an_error(void **state)
{
    (void)state;
    struct fixture *f = start(&(struct server_options)SERVER_OPTIONS_DEFAULT);
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct server *second;
    struct error err = ERROR_INIT;
    options.port = server_port(f->server);
    options.routes = routes;
    options.route_count = 1;
    assert_int_equal(server_open(&second, &options, &err), STATUS_IO);
    options.port = 0;
    options.address = "localhost"; /* not numeric: no look-ups here */
    assert_int_equal(server_open(&second, &options, &err), STATUS_INVALID);
    stop(f);
}

int main(void)
{
    log_level_set(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_reach_their_handlers),
        cmocka_unit_test(large_answers_arrive_whole),
        cmocka_unit_test(pipelined_answers_keep_their_order),
        cmocka_unit_test(a_client_that_leaves_cancels_its_work),
        cmocka_unit_test(a_request_past_its_deadline_is_answered_504),
        cmocka_unit_test(an_answer_goes_out_when_its_worker_is_done_with_the_exchange),
        cmocka_unit_test(a_parked_request_goes_on_when_it_is_resumed),
        cmocka_unit_test(overload_is_refused_at_once),
        cmocka_unit_test(an_event_thread_under_overload_answers_what_it_can_and_refuses_the_rest),
        cmocka_unit_test(a_caller_pays_for_its_work_and_nobody_elses),
        cmocka_unit_test(a_stream_is_written_piece_by_piece_until_its_end),
        cmocka_unit_test(a_listener_that_leaves_gives_its_stream_back),
        cmocka_unit_test(a_listener_that_does_not_read_is_cut_off),
        cmocka_unit_test(a_stop_ends_streams),
        cmocka_unit_test(bodies_together_are_capped),
        cmocka_unit_test(a_body_that_comes_too_slowly_is_refused),
        cmocka_unit_test(a_client_that_waits_for_continue_is_told_to_go_on),
        cmocka_unit_test(a_client_that_reads_ahead_of_nothing_is_not_buffered_without_end),
        cmocka_unit_test(a_stop_finishes_what_is_in_flight),
        cmocka_unit_test(a_stop_lets_a_slow_client_take_its_answer),
        cmocka_unit_test(pipelined_large_answers_are_made_one_after_the_other),
        cmocka_unit_test(a_stop_cuts_off_at_the_last_moment),
        cmocka_unit_test(many_clients_that_come_and_go_do_no_harm),
        cmocka_unit_test(a_port_in_use_is_an_error),
    };
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
