#include "routing/constraint/zone_index.h"

#include <stdlib.h>

static struct box_mm as_tree_box(struct box_e7 box)
{
    return (struct box_mm){box.min_lon_e7, box.min_lat_e7, box.max_lon_e7, box.max_lat_e7};
}

enum status zone_index_init(struct zone_index *index, const struct zone *zones, uint32_t count, struct error *err)
{
    struct box_mm *boxes = malloc(((size_t)count + 1) * sizeof *boxes);
    *index = (struct zone_index){0};
    if (boxes == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t z = 0; z < count; z++) boxes[z] = as_tree_box(multipolygon_box(&zones[z].area));
    enum status status = rtree_build(boxes, NULL, count, &index->tree, err);
    free(boxes);
    return status;
}

void zone_index_clear(struct zone_index *index)
{
    rtree_clear(&index->tree);
}

void zone_index_near(const struct zone_index *index, struct box_e7 box, bool (*visit)(void *context, uint32_t zone),
                     void *context)
{
    struct box_mm wanted = as_tree_box(box);
    rtree_search(&index->tree, &wanted, visit, context);
}

void zone_list_clear(struct zone_list *list)
{
    free(list->zone);
    *list = (struct zone_list){0};
}

static int compare_zones(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

bool zone_index_list(const struct zone_index *index, struct box_e7 box, struct zone_list *list)
{
    const struct box_mm wanted = as_tree_box(box);
    struct rtree_cursor cursor;
    uint32_t zone;
    list->count = 0;
    rtree_cursor_init(&cursor, &index->tree, &wanted);
    while (rtree_cursor_next(&cursor, &zone)) {
        if (list->count == list->capacity) {
            size_t capacity = list->capacity ? 2 * list->capacity : 64;
            uint32_t *grown = realloc(list->zone, capacity * sizeof *grown);
            if (grown == NULL) return false;
            list->zone = grown;
            list->capacity = capacity;
        }
        list->zone[list->count++] = zone;
    }
    if (list->count > 1) qsort(list->zone, list->count, sizeof *list->zone, compare_zones);
    return true;
}

struct box_e7 zone_index_box(const struct point_e7 *points, size_t count)
{
    enum { LEAST_E7 = 10000, SHARE = 50 }; /* 100 m; 1 km on 50 km */
    struct box_e7 box = box_e7_of(points, count);
    if (box.min_lon_e7 > box.max_lon_e7) return box;
    int64_t wide = (int64_t)box.max_lon_e7 - box.min_lon_e7, high = (int64_t)box.max_lat_e7 - box.min_lat_e7;
    int64_t by = LEAST_E7 + (wide > high ? wide : high) / SHARE;
    int64_t west = box.min_lon_e7 - by, east = box.max_lon_e7 + by, south = box.min_lat_e7 - by, north = box.max_lat_e7 + by;
    return (struct box_e7){(int32_t)(west > -LON_E7_MAX ? west : -LON_E7_MAX), (int32_t)(south > -LAT_E7_MAX ? south : -LAT_E7_MAX),
                           (int32_t)(east < LON_E7_MAX ? east : LON_E7_MAX), (int32_t)(north < LAT_E7_MAX ? north : LAT_E7_MAX)};
}
