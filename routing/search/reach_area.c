#include "routing/search/reach_area.h"

#include "routing/constraint/leg_geometry.h"

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

/* Lines of the plane, one after another. */
struct lines {
    struct point_mm *points;
    size_t used, room, *first, count;
};

static bool lines_room(struct lines *l, size_t more)
{
    if (l->used + more <= l->room) return true;
    size_t room = 2 * (l->used + more) + 1024;
    struct point_mm *grown = realloc(l->points, room * sizeof *grown);
    if (!grown) return false;
    l->points = grown;
    l->room = room;
    return true;
}

/* What of one part is to be drawn; roads that are reached from end to end are in the plane already. */
static enum status part_add(const struct network *n, struct projection *projection, const struct reach_part *part,
                            struct point_e7 **points, size_t *room, struct lines *l, struct error *err)
{
    road_index road = n->arc_road[part->arc];
    uint32_t first = n->road_first_shape[road];
    size_t count = n->road_first_shape[road + 1] - first;
    enum status status = STATUS_OK;
    if (part->from_mm == 0 && part->to_mm == network_arc_length_mm(n, part->arc)) {
        if (!lines_room(l, count)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        memcpy(l->points + l->used, n->shape_plane + first, count * sizeof *l->points);
    } else {
        if ((status = reach_part_points(n, part, points, room, &count, err)) != STATUS_OK) return status;
        if (!lines_room(l, count)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        status = projection_forward(projection, *points, count, l->points + l->used, err);
    }
    l->first[l->count++] = l->used;
    l->used += count;
    return status;
}

enum status reach_area_make(const struct network *n, struct projection *projection, uint32_t width_mm,
                            struct band_bounds *bounds, struct reach_contour *contour, struct error *err)
{
    struct point_e7 *points = NULL;
    size_t room = 0;
    enum status status = STATUS_OK;
    struct lines l = {.first = malloc(((size_t)contour->part_count + 1) * sizeof *l.first)};
    contour->area = (struct multipolygon){0};
    if (!l.first) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < contour->part_count && status == STATUS_OK; i++)
        if (!shown_already(n, contour, i)) status = part_add(n, projection, &contour->parts[i], &points, &room, &l, err);
    l.first[l.count] = l.used;
    if (status == STATUS_OK)
        status = band_make(projection, l.points, l.first, l.count, width_mm, bounds, &contour->area, err);
    free(points);
    free(l.points);
    free(l.first);
    return status;
}
