#include "routing/plan/avoided.h"

#include <stdlib.h>
#include <string.h>

struct road_boxes {
    struct box_mm *items;
    size_t count;
    struct box_mm all;
};

static bool boxes_of(const struct network *n, const struct plan *plan, struct road_boxes *out)
{
    size_t arcs = 0;
    for (uint32_t i = 0; i < plan->leg_count; i++) arcs += plan->legs[i].arc_count;
    *out = (struct road_boxes){.items = malloc((arcs + 1) * sizeof *out->items), .all = BOX_MM_EMPTY};
    for (uint32_t i = 0; out->items && i < plan->leg_count; i++)
        for (uint32_t k = 0; k < plan->legs[i].arc_count; k++) {
            const road_index road = n->arc_road[plan->legs[i].arcs[k]];
            const uint32_t first = n->road_first_shape[road];
            const struct box_mm box = box_mm_of(n->shape_plane + first, n->road_first_shape[road + 1] - first);
            out->items[out->count++] = box;
            out->all = box_mm_join(&out->all, &box);
        }
    return out->items != NULL;
}

static bool near(const struct road_boxes *roads, const struct box_mm *part)
{
    if (!box_mm_intersects(&roads->all, part)) return false;
    for (size_t i = 0; i < roads->count; i++)
        if (box_mm_intersects(&roads->items[i], part)) return true;
    return false;
}

/* Moves the parts that are near to the front and forgets the others. */
static void keep_near(struct multipolygon_mm *shape, const struct road_boxes *roads)
{
    uint32_t parts = 0, rings = 0, points = 0;
    for (uint32_t p = 0; p < shape->part_count; p++) {
        const uint32_t first_ring = shape->part_first_ring[p], end_ring = shape->part_first_ring[p + 1];
        const uint32_t first = shape->ring_first_point[first_ring], end = shape->ring_first_point[end_ring];
        const struct box_mm box = box_mm_of(shape->points + first, end - first);
        if (!near(roads, &box)) continue;
        shape->part_first_ring[parts++] = rings;
        for (uint32_t r = first_ring; r < end_ring; r++) shape->ring_first_point[rings++] = points + shape->ring_first_point[r] - first;
        memmove(shape->points + points, shape->points + first, (end - first) * sizeof *shape->points);
        points += end - first;
    }
    shape->part_first_ring[parts] = rings;
    shape->ring_first_point[rings] = points;
    shape->part_count = parts;
    shape->ring_count = rings;
    shape->point_count = points;
}

enum status avoided_prepare(struct geos *geos, struct projection *projection, const struct network *n,
                            const struct route_request *request, const struct plan *plan, struct prepared **out, struct error *err)
{
    struct multipolygon_mm plane = {0};
    struct road_boxes roads = {0};
    *out = NULL;
    enum status status = multipolygon_project(&request->avoid_area, projection, &plane, err);
    if (status == STATUS_OK && !boxes_of(n, plan, &roads)) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) keep_near(&plane, &roads);
    if (status == STATUS_OK && plane.part_count > 0) status = prepared_new(geos, &plane, out, err);
    free(roads.items);
    multipolygon_mm_clear(&plane);
    return status;
}
