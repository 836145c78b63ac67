/* Bytes of a whole connection: sent at once and in pieces, both must be understood alike. The first byte seeds the
 * pieces. */
#include "tests/fuzz/http_session.h"

struct random {
    uint32_t state;
};

static size_t piece(void *context)
{
    struct random *r = context;
    r->state = r->state * 1664525u + 1013904223u;
    return 1 + (r->state >> 24) % ((r->state >> 16 & 7) == 0 ? 200 : 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 40000) return 0;
    struct random random = {.state = data[0]};
    struct buffer whole, parts;
    buffer_init(&whole, 1 << 20);
    buffer_init(&parts, 1 << 20);
    session_run((const char *)data + 1, size - 1, NULL, NULL, &whole);
    session_run((const char *)data + 1, size - 1, piece, &random, &parts);
    if (whole.length != parts.length || (whole.length && memcmp(whole.data, parts.data, whole.length) != 0)) {
        fprintf(stderr, "at once:\n%s\nin pieces:\n%s\n", whole.data ? whole.data : "", parts.data ? parts.data : "");
        abort();
    }
    buffer_clear(&whole);
    buffer_clear(&parts);
    return 0;
}
