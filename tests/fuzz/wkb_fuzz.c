/* Any bytes as EWKB: refused, or read to something that is written and read again unchanged. */
#include "geo/wkb.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct multipolygon_limits limits = {.points = 5000, .rings = 500, .parts = 100};
    struct multipolygon shape, again;
    struct error err = ERROR_INIT;
    struct buffer out;
    buffer_init(&out, 1 << 20);
    if (wkb_read_multipolygon(data, size, &limits, &shape, &err) == STATUS_OK) {
        wkb_write_multipolygon(&out, &shape);
        if (out.failed != STATUS_OK) abort();
        if (wkb_read_multipolygon((const unsigned char *)out.data, out.length, &limits, &again, &err) != STATUS_OK) abort();
        if (again.point_count != shape.point_count || again.ring_count != shape.ring_count ||
            memcmp(again.points, shape.points, shape.point_count * sizeof *shape.points) != 0)
            abort();
        multipolygon_clear(&again);
        multipolygon_clear(&shape);
    }
    struct point_e7 *line = malloc(size / 16 * sizeof *line + 1);
    size_t count = 0;
    if (line != NULL && wkb_read_line(data, size, line, size / 16, &count, &err) == STATUS_OK) {
        buffer_reset(&out);
        wkb_write_line(&out, line, count);
        if (wkb_read_line((const unsigned char *)out.data, out.length, line, size / 16, &count, &err) != STATUS_OK) abort();
    }
    free(line);
    struct point_e7 point;
    if (wkb_read_point(data, size, &point, &err) == STATUS_OK && !point_e7_valid(point)) abort();
    buffer_clear(&out);
    return 0;
}
