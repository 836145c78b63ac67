/* Any bytes as a rules file: refused, or read; and what is read is written and read again the same. */
#include "api/paper/rules_read.h"
#include "api/paper/rules_write.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct geos *geos;

static bool read_and_write(const char *text, size_t length, struct buffer *out)
{
    struct arena arena;
    struct rules_input in;
    struct error err = ERROR_INIT;
    arena_init(&arena, 64 << 20);
    bool good = rules_read(text, length, &arena, geos, &in, &err) == STATUS_OK;
    if (good) rules_write(out, &in);
    arena_clear(&arena);
    return good && out->failed == STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer first, second;
    buffer_init(&first, 64 << 20);
    buffer_init(&second, 64 << 20);
    if (geos == NULL && geos_open(&geos, NULL) != STATUS_OK) abort();
    if (read_and_write((const char *)data, size, &first)) {
        if (!read_and_write(first.data, first.length, &second)) abort();
        if (first.length != second.length || memcmp(first.data, second.data, first.length) != 0) abort();
    }
    buffer_clear(&first);
    buffer_clear(&second);
    return 0;
}
