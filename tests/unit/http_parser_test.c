#include "api/http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct outcome {
    enum http_progress progress;
    struct http_parser parser;
};

/* A copy of its exact length on the heap, so that the sanitizer sees one byte too many. */
static struct outcome run(const char *text, size_t length)
{
    struct outcome outcome;
    char *copy = malloc(length ? length : 1);
    memcpy(copy, text, length);
    http_parser_init(&outcome.parser);
    outcome.progress = http_parser_run(&outcome.parser, copy, length);
    free(copy);
    return outcome;
}

static struct outcome run_text(const char *text)
{
    return run(text, strlen(text));
}

static void a_plain_request_is_taken_apart(void **state)
{
    (void)state;
    char text[] = "POST /v1/route?a=1 HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 12\r\n"
                  "X-Empty:\r\nUser-Agent: \t curl/8 \t \r\nConnection: keep-alive, Close\r\n\r\nbody";
    struct outcome o = run_text(text);
    assert_int_equal(o.progress, HTTP_DONE);
    assert_int_equal(o.parser.position, strlen(text) - 4);
    struct http_head head;
    http_head_bind(&head, &o.parser, text);
    assert_int_equal(head.method, HTTP_POST);
    assert_string_equal(head.target, "/v1/route?a=1");
    assert_int_equal(head.version_minor, 1);
    assert_int_equal(head.content_length, 12);
    assert_true(head.wants_close);
    assert_false(head.expects_continue);
    assert_int_equal(head.header_count, 5);
    assert_string_equal(http_head_header(&head, "user-agent"), "curl/8");
    assert_string_equal(http_head_header(&head, "x-empty"), "");
    assert_null(http_head_header(&head, "x-absent"));
}

static void what_is_doubtful_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
    } cases[] = {
        {"GET / HTTP/1.1\nHost: a\n\n", STATUS_INVALID},                               /* bare LF */
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\n\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", STATUS_INVALID},                   /* bare CR */
        {"GET / HTTP/1.1\rHost: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\n\rx", STATUS_INVALID},
        {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},                     /* empty line first */
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},                        /* two blanks */
        {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", STATUS_INVALID},
        {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET /\r\nHost: a\r\n\r\n", STATUS_INVALID},                                  /* HTTP/0.9 */
        {"GET / http/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", STATUS_VERSION_NOT_SUPPORTED},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", STATUS_VERSION_NOT_SUPPORTED},
        {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", STATUS_VERSION_NOT_SUPPORTED},
        {"GET / HTTP/1.a\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1./\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/a.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"PUT / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_LENGTH_REQUIRED},
        {"PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_LENGTH_REQUIRED},
        {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continui\r\n\r\n", STATUS_EXPECTATION_FAILED},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a{b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a;b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a`b\r\n\r\n", STATUS_INVALID},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", STATUS_NOT_IMPLEMENTED},
        {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},                 /* absolute form */
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_NOT_IMPLEMENTED},
        {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_NOT_IMPLEMENTED},
        {"get / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_NOT_IMPLEMENTED},
        {"GETGETGETGETGETGET / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET /\x7F HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\n\r\n", STATUS_INVALID},                                    /* no Host */
        {"GET / HTTP/1.0\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", STATUS_INVALID},              /* two Hosts */
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", STATUS_INVALID},                        /* blank before the colon */
        {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", STATUS_INVALID},           /* folding */
        {"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nX\xC3\xA9: b\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: \x7F\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\n\r\n", STATUS_LENGTH_REQUIRED},
        {"POST / HTTP/1.0\r\nHost: a\r\n\r\n", STATUS_LENGTH_REQUIRED},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", STATUS_LENGTH_REQUIRED},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", STATUS_LENGTH_REQUIRED},
        {"GET / HTTP/1.1\r\nHost: a\r\ntransfer-ENCODING: identity\r\n\r\n", STATUS_LENGTH_REQUIRED},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3 3\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12345678901\r\n\r\n", STATUS_INVALID},
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", STATUS_INVALID},    /* body with GET */
        {"HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", STATUS_INVALID},
        {"DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", STATUS_INVALID},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 200-ok\r\n\r\n", STATUS_EXPECTATION_FAILED},
        {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o = run_text(cases[i].text);
        if (o.progress != HTTP_REFUSED || o.parser.refusal != cases[i].status)
            fail_msg("case %zu: %s: progress %d, status %s", i, cases[i].text, o.progress, status_name(o.parser.refusal));
        assert_int_not_equal(o.parser.reason, 0);
    }
}

static void a_nul_byte_is_refused_wherever_it_stands(void **state)
{
    (void)state;
    const char text[] = "GET /abc HTTP/1.1\r\nHost: abc\r\nX-Y: z\r\n\r\n";
    for (size_t at = 0; at < sizeof text - 1; at++) {
        char broken[sizeof text];
        memcpy(broken, text, sizeof text);
        broken[at] = '\0';
        assert_int_equal(run(broken, sizeof text - 1).progress, HTTP_REFUSED);
    }
}

static void what_is_allowed_passes(void **state)
{
    (void)state;
    static const char *const good[] = {
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: Az_09-z.Z\r\n\r\n",
        "GET /a HTTP/1.1\r\nhOST:a\r\nX-Name: \xE8\xB1\xAB\r\n\r\n", /* opaque bytes in a value */
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\nExpect: weird\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nAccept: a\r\nAccept: b\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (run_text(good[i]).progress != HTTP_DONE) fail_msg("refused: %s", good[i]);
    assert_true(run_text(good[0]).parser.wants_close);
    assert_true(run_text(good[7]).parser.expects_continue);
    assert_false(run_text(good[8]).parser.expects_continue);
}

static void only_the_word_close_closes(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool closes;
    } cases[] = {
        {"close", true},       {"CLOSE", true},         {"a,close", true},  {"a, close ,b", true}, {"a\t,\tclose\tb", true},
        {",,close,", true},    {"closed", false},       {"clos", false},    {"xclose", false},     {"keep-alive", false},
        {"", false},           {"other, words", false}, {" , ,", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\nConnection: %s\r\n\r\n", cases[i].value);
        struct outcome o = run_text(text);
        if (o.progress != HTTP_DONE || o.parser.wants_close != cases[i].closes) fail_msg("%s", cases[i].value);
    }
}

static void a_host_has_at_most_255_bytes(void **state)
{
    (void)state;
    char host[300], text[400];
    memset(host, 'h', sizeof host);
    for (int length = 255; length <= 256; length++) {
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %.*s\r\n\r\n", length, host);
        assert_int_equal(run_text(text).progress, length == 255 ? HTTP_DONE : HTTP_REFUSED);
    }
}

static void methods_have_names(void **state)
{
    (void)state;
    assert_string_equal(http_method_name(HTTP_PATCH), "PATCH");
    assert_string_equal(http_method_name(HTTP_METHODS), "?");
}

/* "GET /aaa… HTTP/1.1", Host, `headers` more headers, and padding up to `size` bytes in all (0: none). */
static char *head_make(size_t target, unsigned headers, size_t size, size_t *length)
{
    char *text = malloc(64 * 1024), *w = text;
    w += snprintf(w, 64, "GET /");
    memset(w, 'a', target - 1);
    w += target - 1;
    w += snprintf(w, 64, " HTTP/1.1\r\nHost: a\r\n");
    for (unsigned i = 0; i < headers; i++) w += snprintf(w, 64, "X-%u: y\r\n", i);
    if (size) {
        w += snprintf(w, 64, "X-Pad: ");
        while ((size_t)(w - text) < size - 4) *w++ = 'p';
        w += snprintf(w, 64, "\r\n");
        w += snprintf(w, 64, "\r\n");
    } else {
        w += snprintf(w, 64, "\r\n");
    }
    *length = (size_t)(w - text);
    return text;
}

static enum status verdict(size_t target, unsigned headers, size_t size)
{
    size_t length;
    char *text = head_make(target, headers, size, &length);
    struct outcome o = run(text, length);
    free(text);
    return o.progress == HTTP_DONE ? STATUS_OK : o.progress == HTTP_MORE ? STATUS_WOULD_BLOCK : o.parser.refusal;
}

static void limits_are_kept_to_the_byte(void **state)
{
    (void)state;
    assert_int_equal(verdict(HTTP_TARGET_MAX, 0, 0), STATUS_OK);
    assert_int_equal(verdict(HTTP_TARGET_MAX + 1, 0, 0), STATUS_TARGET_TOO_LONG);
    assert_int_equal(verdict(1, HTTP_HEADERS_MAX - 1, 0), STATUS_OK);
    assert_int_equal(verdict(1, HTTP_HEADERS_MAX, 0), STATUS_HEAD_TOO_LARGE);
    assert_int_equal(verdict(1, 0, HTTP_HEAD_MAX), STATUS_OK);
    assert_int_equal(verdict(1, 0, HTTP_HEAD_MAX + 1), STATUS_HEAD_TOO_LARGE);
    assert_int_equal(verdict(1, 0, 40000), STATUS_HEAD_TOO_LARGE);
    assert_int_equal(verdict(20000, 0, 0), STATUS_TARGET_TOO_LONG);
}

static void an_unfinished_head_asks_for_more_at_every_length(void **state)
{
    (void)state;
    static const char text[] = "PATCH /a/b?c=d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y z \r\n\r\n";
    for (size_t length = 0; length < sizeof text - 1; length++)
        assert_int_equal(run(text, length).progress, HTTP_MORE);
    assert_int_equal(run(text, sizeof text - 1).progress, HTTP_DONE);
}

static void a_verdict_stays(void **state)
{
    (void)state;
    const char *bad = "GET / HTTP/1.1\nX";
    struct http_parser parser;
    http_parser_init(&parser);
    assert_int_equal(http_parser_run(&parser, bad, strlen(bad)), HTTP_REFUSED);
    assert_int_equal(http_parser_run(&parser, bad, strlen(bad)), HTTP_REFUSED);
    const char *good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    http_parser_init(&parser);
    assert_int_equal(http_parser_run(&parser, good, strlen(good)), HTTP_DONE);
    assert_int_equal(http_parser_run(&parser, good, strlen(good)), HTTP_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_request_is_taken_apart),
        cmocka_unit_test(what_is_doubtful_is_refused),
        cmocka_unit_test(a_nul_byte_is_refused_wherever_it_stands),
        cmocka_unit_test(what_is_allowed_passes),
        cmocka_unit_test(only_the_word_close_closes),
        cmocka_unit_test(a_host_has_at_most_255_bytes),
        cmocka_unit_test(methods_have_names),
        cmocka_unit_test(limits_are_kept_to_the_byte),
        cmocka_unit_test(an_unfinished_head_asks_for_more_at_every_length),
        cmocka_unit_test(a_verdict_stays),
    };
    return cmocka_run_group_tests_name("http_parser", tests, NULL, NULL);
}
