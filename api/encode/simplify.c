#include "api/encode/simplify.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

double simplify_tolerance(const struct point_e7 *points, size_t count)
{
    enum { PIXELS = 2000 };
    struct box_e7 box = box_e7_of(points, count);
    if (count == 0) return 0;
    double width = (double)box.max_lon_e7 - box.min_lon_e7, height = (double)box.max_lat_e7 - box.min_lat_e7;
    return (width > height ? width : height) / PIXELS;
}

/* Square of the distance of p from the segment a b, longitudes scaled. */
static double distance_squared(struct point_e7 p, struct point_e7 a, struct point_e7 b, double scale)
{
    double dx = ((double)b.lon_e7 - a.lon_e7) * scale, dy = (double)b.lat_e7 - a.lat_e7;
    double px = ((double)p.lon_e7 - a.lon_e7) * scale, py = (double)p.lat_e7 - a.lat_e7;
    double square = dx * dx + dy * dy;
    double along = square > 0 ? (px * dx + py * dy) / square : 0;
    along = along < 0 ? 0 : along > 1 ? 1 : along;
    px -= along * dx, py -= along * dy;
    return px * px + py * py;
}

struct span {
    size_t first, last;
};

void simplify_line(const struct point_e7 *points, size_t count, double tolerance_e7, struct point_e7 *out,
                   size_t *out_count)
{
    bool *keep = count > 2 ? calloc(count, sizeof *keep) : NULL;
    /* each span that waits covers points of its own, so there are never more than half as many */
    struct span *stack = count > 2 ? malloc((count / 2 + 1) * sizeof *stack) : NULL;
    if (keep == NULL || stack == NULL) {
        memcpy(out, points, count * sizeof *points);
        *out_count = count;
        free(keep);
        free(stack);
        return;
    }
    double scale = cos(points[0].lat_e7 * 1e-7 * 3.14159265358979323846 / 180), limit = tolerance_e7 * tolerance_e7;
    size_t depth = 0, kept = 0;
    keep[0] = keep[count - 1] = true;
    stack[depth++] = (struct span){0, count - 1};
    while (depth) {
        struct span span = stack[--depth];
        double worst = limit;
        size_t split = 0;
        for (size_t i = span.first + 1; i < span.last; i++) {
            double d = distance_squared(points[i], points[span.first], points[span.last], scale);
            if (d > worst) worst = d, split = i;
        }
        if (split == 0) continue;
        keep[split] = true;
        if (split - span.first > 1) stack[depth++] = (struct span){span.first, split};
        if (span.last - split > 1) stack[depth++] = (struct span){split, span.last};
    }
    for (size_t i = 0; i < count; i++)
        if (keep[i]) out[kept++] = points[i];
    *out_count = kept;
    free(keep);
    free(stack);
}
