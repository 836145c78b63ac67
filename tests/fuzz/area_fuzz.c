/* Any rings and any road, on a grid small enough that they keep touching: stretches are in order, apart, inside the
 * road, longer than the threshold, the same when the road is driven the other way, and both ends of the indexed
 * ray casting agree with a plain count. */
#include "geo/area.h"
#include "geo/linear.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RINGS_MAX = 6, POINTS_MAX = 300, LINE_MAX = 12 };

struct bytes {
    const uint8_t *at, *end;
};

static unsigned take(struct bytes *in)
{
    return in->at == in->end ? 0 : *in->at++;
}

static struct point_mm take_point(struct bytes *in, int32_t scale)
{
    int32_t x = (int8_t)take(in), y = (int8_t)take(in);
    return (struct point_mm){x * scale, y * scale};
}

static bool plain_inside(const struct multipolygon_mm *shape, struct point_mm p, bool *border)
{
    bool inside = false;
    for (uint32_t r = 0; r < shape->ring_count; r++) {
        for (uint32_t i = shape->ring_first_point[r]; i + 1 < shape->ring_first_point[r + 1]; i++) {
            struct point_mm a = shape->points[i], b = shape->points[i + 1];
            if (linear_segment_distance2(a, b, p) == 0) {
                double c = ((double)b.x_mm - a.x_mm) * ((double)p.y_mm - a.y_mm) - ((double)b.y_mm - a.y_mm) * ((double)p.x_mm - a.x_mm);
                if (c == 0) *border = true;
            }
            if ((a.y_mm > p.y_mm) == (b.y_mm > p.y_mm)) continue;
            double c = ((double)b.x_mm - a.x_mm) * ((double)p.y_mm - a.y_mm) - ((double)b.y_mm - a.y_mm) * ((double)p.x_mm - a.x_mm);
            if ((c > 0) == (b.y_mm > a.y_mm)) inside = !inside;
        }
    }
    return inside;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int32_t scales[] = {1, 100, 499, 1000, 100000, 16000000};
    struct bytes in = {data, data + size};
    struct point_mm points[POINTS_MAX + RINGS_MAX], line[LINE_MAX], turned[LINE_MAX];
    uint32_t parts[RINGS_MAX + 1], rings[RINGS_MAX + 1], ring_count = 1 + take(&in) % RINGS_MAX, n = 0;
    unsigned mode = take(&in);
    int32_t scale = scales[mode / 2 % 6];
    size_t line_count = take(&in) % LINE_MAX;
    for (size_t i = 0; i < line_count; i++) line[i] = take_point(&in, scale);
    for (uint32_t r = 0; r < ring_count; r++) {
        uint32_t count = 3 + take(&in) % (POINTS_MAX / RINGS_MAX - 4);
        parts[r] = r;
        rings[r] = n;
        for (uint32_t i = 0; i < count; i++) points[n++] = take_point(&in, scale);
        points[n++] = points[rings[r]];
    }
    parts[ring_count] = ring_count;
    rings[ring_count] = n;
    struct multipolygon_mm shape = {ring_count, ring_count, n, parts, rings, points};
    struct area *area = NULL;
    if (area_new(&shape, &area, NULL) != STATUS_OK) return 0;
    struct area_rule rule = AREA_RULE_DEFAULT;
    rule.border = mode % 2 ? AREA_BORDER_INSIDE : AREA_BORDER_OUTSIDE;
    struct area_stretches there = AREA_STRETCHES_INIT, back = AREA_STRETCHES_INIT;
    for (size_t i = 0; i < line_count; i++) {
        turned[line_count - 1 - i] = line[i];
        bool border = false, inside = plain_inside(&shape, line[i], &border);
        enum area_place place = area_locate(area, line[i]);
        if (place != (border ? AREA_BORDER : inside ? AREA_INSIDE : AREA_OUTSIDE)) abort();
    }
    int64_t length = linear_length_mm(line, line_count);
    if (area_clip(area, line, line_count, &rule, &there, NULL) != STATUS_OK) abort();
    if (area_clip(area, turned, line_count, &rule, &back, NULL) != STATUS_OK) abort();
    for (size_t i = 0; i < there.count; i++) {
        if (there.items[i].to_mm - there.items[i].from_mm <= rule.longer_than_mm) abort();
        if (there.items[i].from_mm < 0 || there.items[i].to_mm > length) abort();
        if (i > 0 && there.items[i].from_mm <= there.items[i - 1].to_mm) abort();
    }
    /* rounding may lift a stretch over a threshold one way only when it is within 2 mm of it */
    if (there.count == back.count) {
        for (size_t i = 0; i < there.count; i++)
            if (llabs(there.items[i].from_mm - (length - back.items[there.count - 1 - i].to_mm)) > 2) abort();
    }
    area_stretches_clear(&there);
    area_stretches_clear(&back);
    area_free(area);
    return 0;
}
