#include "routing/reach_area.h"

#include "routing/leg_geometry.h"

#include <stdlib.h>
#include <string.h>

enum status reach_part_points(const struct network *n, const struct reach_part *part, struct point_e7 **points,
                              size_t *room, size_t *count, struct error *err)
{
    road_index road = n->arc_road[part->arc];
    size_t most = (size_t)n->road_first_shape[road + 1] - n->road_first_shape[road] + 4;
    if (most > *room) {
        struct point_e7 *grown = realloc(*points, 2 * most * sizeof *grown);
        if (!grown) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        *points = grown;
        *room = 2 * most;
    }
    struct leg leg = {.arc_count = 1, .arcs = &part->arc, .first_offset_mm = part->from_mm, .last_offset_mm = part->to_mm};
    struct arena arena;
    uint32_t first_point[2];
    arena_init(&arena, most * sizeof **points + 65536);
    bool good = leg_points(n, &leg, &arena, first_point);
    if (good) {
        memcpy(*points, leg.points, leg.point_count * sizeof **points);
        *count = leg.point_count;
    }
    arena_clear(&arena);
    return good ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* The opposite direction of the same arc is reached whole, too, and comes first: its line serves both. */
static bool shown_already(const struct network *n, const struct reach_contour *contour, uint32_t index)
{
    const struct reach_part *part = &contour->parts[index];
    arc_id other = network_opposite(n, part->arc);
    if (other == NO_ARC || other > part->arc) return false;
    size_t low = 0, high = contour->part_count;
    while (low < high) { /* the first part of that arc */
        size_t middle = low + (high - low) / 2;
        if (contour->parts[middle].arc < other) low = middle + 1;
        else high = middle;
    }
    const struct reach_part *twin = &contour->parts[low];
    return low < contour->part_count && twin->arc == other && twin->from_mm == 0 &&
           twin->to_mm == network_arc_length_mm(n, other);
}

enum status reach_area_make(const struct network *n, struct geos *geos, struct projection *projection,
                            uint32_t width_mm, struct reach_contour *contour, struct error *err)
{
    struct point_e7 *points = NULL;
    struct point_mm *plane = NULL;
    size_t room = 0, plane_room = 0, used = 0, lines = 0, *first;
    enum status status = STATUS_OK;
    contour->area = (struct multipolygon){0};
    first = malloc(((size_t)contour->part_count + 1) * sizeof *first);
    if (!first) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < contour->part_count; i++) {
        size_t count;
        if (shown_already(n, contour, i)) continue;
        if ((status = reach_part_points(n, &contour->parts[i], &points, &room, &count, err)) != STATUS_OK) goto done;
        if (used + count + 1 > plane_room) {
            size_t more = 2 * (used + count) + 1024;
            struct point_mm *grown = realloc(plane, more * sizeof *grown);
            if (!grown) {
                status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
                goto done;
            }
            plane = grown;
            plane_room = more;
        }
        if ((status = projection_forward(projection, points, count, plane + used, err)) != STATUS_OK) goto done;
        first[lines++] = used;
        used += count;
        if (count == 1) { /* both ends fall on one point of the grid */
            plane[used] = plane[used - 1];
            plane[used++].x_mm++;
        }
    }
    first[lines] = used;
    status = corridor_lines(geos, projection, plane, first, lines, width_mm / 1000.0, &contour->area, err);
done:
    free(points);
    free(plane);
    free(first);
    return status;
}
