/* However a client's bytes are cut into writes, the service understands the same requests and gives the same answers. */
#include "tests/fuzz/http_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t seed;

static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static size_t any_piece(void *context)
{
    uint64_t r = next(context);
    return r % 4 == 0 ? 1 : 1 + r / 4 % (r % 4 == 1 ? 400 : 17);
}

static size_t one_byte(void *context)
{
    (void)context;
    return 1;
}

/* A connection's worth of requests: good ones, now and then a spoilt one. */
static void make_session(uint64_t *random, struct buffer *out)
{
    static const char *const methods[] = {"GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PATCH"};
    for (uint64_t n = next(random) % 12; n > 0; n--) {
        unsigned method = (unsigned)(next(random) % 7);
        buffer_printf(out, "%s /%s%llu HTTP/1.%d\r\nHost: h\r\n", methods[method],
                      next(random) % 8 == 0 ? "refuse-early/" : "", (unsigned long long)(next(random) % 1000),
                      next(random) % 30 != 0);
        for (uint64_t h = next(random) % 4; h > 0; h--)
            buffer_printf(out, "X-%llu: %*s\r\n", (unsigned long long)h, (int)(next(random) % 50), "v");
        if (next(random) % 40 == 0) buffer_text(out, "Connection: close\r\n");
        size_t length = 0;
        if (method >= 4) {
            length = next(random) % 3 == 0 ? (size_t)(next(random) % 9000) : (size_t)(next(random) % 60);
            buffer_printf(out, "Content-Length: %zu\r\n", length);
            if (next(random) % 6 == 0) buffer_text(out, "Expect: 100-continue\r\n");
        }
        buffer_text(out, "\r\n");
        for (size_t i = 0; i < length; i++) buffer_char(out, (char)next(random));
        if (next(random) % 25 == 0 && out->length > 0)
            out->data[next(random) % out->length] = (char)next(random);
    }
    if (out->length > 0 && next(random) % 5 == 0) out->length -= next(random) % out->length; /* breaks off */
}

static void the_split_into_writes_does_not_matter(void **state)
{
    (void)state;
    uint64_t answered = 0;
    for (unsigned round = 0; round < 400; round++) {
        uint64_t random = seed + round;
        struct buffer session, whole, parts;
        buffer_init(&session, 1 << 20);
        buffer_init(&whole, 1 << 20);
        buffer_init(&parts, 1 << 20);
        make_session(&random, &session);
        session_run(session.data, session.length, NULL, NULL, &whole);
        session_run(session.data, session.length, round % 8 == 0 ? one_byte : any_piece, &random, &parts);
        if (whole.length != parts.length || (whole.length && memcmp(whole.data, parts.data, whole.length) != 0))
            fail_msg("seed %llu round %u:\nat once:\n%s\nin pieces:\n%s", (unsigned long long)seed, round, whole.data,
                     parts.data);
        answered += whole.length > 0;
        buffer_clear(&session);
        buffer_clear(&whole);
        buffer_clear(&parts);
    }
    assert_true(answered > 0); /* the sessions do say something */
}

int main(void)
{
    const char *given = getenv("SEED");
    seed = given ? strtoull(given, NULL, 10) : 20261127;
    printf("seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_split_into_writes_does_not_matter)};
    return cmocka_run_group_tests_name("http_split", tests, NULL, NULL);
}
