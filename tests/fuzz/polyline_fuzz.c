/* Any text as an encoded polyline: refused, or written again byte for byte. */
#include "geo/polyline.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct point_e7 *points = malloc(size / 2 * sizeof *points + 1);
    if (points == NULL) return 0;
    for (int precision = 5; precision <= 6; precision++) {
        size_t count = 0;
        if (polyline_decode((const char *)data, size, precision, points, size / 2, &count, &err) != STATUS_OK) continue;
        struct buffer out;
        buffer_init(&out, 1 << 20);
        polyline_encode(&out, points, count, precision);
        if (out.failed == STATUS_OK && (out.length != size || (size > 0 && memcmp(out.data, data, size) != 0))) abort();
        buffer_clear(&out);
    }
    free(points);
    return 0;
}
