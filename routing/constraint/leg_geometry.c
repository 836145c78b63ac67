#include "routing/constraint/leg_geometry.h"

#include "geo/linear.h"
#include "routing/network/spatial.h"

struct point_e7 leg_arc_point(const struct network *n, arc_id a, uint32_t offset_mm)
{
    road_index road = n->arc_road[a];
    uint32_t length = n->road_length_mm[road];
    return spatial_point_at(n, road, n->arc_reversed[a] ? length - offset_mm : offset_mm);
}

/* Appends the shape points strictly between two offsets along the arc. */
static uint32_t inner_points(const struct network *n, arc_id a, uint32_t from_mm, uint32_t to_mm, struct point_e7 *out)
{
    road_index road = n->arc_road[a];
    uint32_t first = n->road_first_shape[road], count = n->road_first_shape[road + 1] - first, written = 0;
    const struct point_mm *plane = n->shape_plane + first;
    uint32_t length = n->road_length_mm[road];
    bool reversed = n->arc_reversed[a];
    if (from_mm == 0 && to_mm == length) {
        for (uint32_t i = 1; i + 1 < count; i++)
            out[written++] = n->shape_point[first + (reversed ? count - 1 - i : i)];
        return written;
    }
    int64_t whole = linear_length_mm(plane, count), at = 0;
    if (reversed) { /* the same part, along the road */
        uint32_t swap = length - to_mm;
        to_mm = length - from_mm;
        from_mm = swap;
    }
    for (uint32_t i = 1; i + 1 < count; i++) {
        at += linear_segment_mm(plane[i - 1], plane[i]);
        uint32_t offset = spatial_from_plane_mm(n, road, whole, at);
        if (offset > from_mm && offset < to_mm) out[written++] = n->shape_point[first + i];
    }
    for (uint32_t i = 0; reversed && i < written / 2; i++) {
        struct point_e7 swap = out[i];
        out[i] = out[written - 1 - i];
        out[written - 1 - i] = swap;
    }
    return written;
}

bool leg_points(const struct network *n, struct leg *leg, struct arena *arena, uint32_t *first_point)
{
    size_t most = 2;
    for (uint32_t i = 0; i < leg->arc_count; i++) {
        road_index road = n->arc_road[leg->arcs[i]];
        most += n->road_first_shape[road + 1] - n->road_first_shape[road];
    }
    struct point_e7 *points = arena_take(arena, most * sizeof *points);
    if (!points) return false;
    uint32_t count = 0;
    points[count++] = leg_arc_point(n, leg->arcs[0], leg->first_offset_mm);
    for (uint32_t i = 0; i < leg->arc_count; i++) {
        arc_id a = leg->arcs[i];
        uint32_t length = network_arc_length_mm(n, a);
        uint32_t from = i == 0 ? leg->first_offset_mm : 0;
        uint32_t to = i + 1 == leg->arc_count ? leg->last_offset_mm : length;
        first_point[i] = count - 1;
        count += inner_points(n, a, from, to, points + count);
        points[count] = to == length ? n->node_point[n->arc_head[a]] : leg_arc_point(n, a, to);
        if (!point_e7_equal(points[count], points[count - 1]) || (i + 1 == leg->arc_count && count == 1)) count++;
    }
    first_point[leg->arc_count] = count - 1;
    leg->points = points;
    leg->point_count = count;
    return true;
}

