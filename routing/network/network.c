#include "routing/network/network.h"

#include <stdlib.h>
#include <string.h>

enum { PLACE_ALIGN = 64 };

static const struct {
    const char *code, *zh;
} classes[] = {
#define X(name, code, zh) {code, zh},
    ROAD_CLASS_LIST(X)
#undef X
}, kinds[] = {
#define X(name, code, zh, unit) {code, zh},
    LIMIT_LIST(X)
#undef X
};

const char *road_class_code(enum road_class class)
{
    return (unsigned)class < ROAD_CLASS_COUNT ? classes[class].code : "";
}

const char *road_class_zh(enum road_class class)
{
    return (unsigned)class < ROAD_CLASS_COUNT ? classes[class].zh : "";
}

bool road_class_parse(const char *code, enum road_class *class)
{
    for (unsigned i = 0; i < ROAD_CLASS_COUNT; i++) {
        if (strcmp(classes[i].code, code) != 0) continue;
        *class = (enum road_class)i;
        return true;
    }
    return false;
}

bool road_class_is_link(enum road_class class)
{
    switch (class) {
    case ROAD_MOTORWAY_LINK:
    case ROAD_TRUNK_LINK:
    case ROAD_PRIMARY_LINK:
    case ROAD_SECONDARY_LINK:
    case ROAD_TERTIARY_LINK: return true;
    default: return false;
    }
}

const char *limit_kind_code(enum limit_kind kind)
{
    return (unsigned)kind < LIMIT_COUNT ? kinds[kind].code : "";
}

const char *limit_kind_zh(enum limit_kind kind)
{
    return (unsigned)kind < LIMIT_COUNT ? kinds[kind].zh : "";
}

void network_clear(struct network *n)
{
    free(n->memory);
    memset(n, 0, sizeof *n);
}

size_t network_place(struct network *n, void *memory)
{
    size_t at = 0;
#define X(type, name, count)                                                 \
    if (memory != NULL) n->name = (const type *)((const char *)memory + at); \
    at += (((size_t)(count) * sizeof(type)) + PLACE_ALIGN - 1) / PLACE_ALIGN * PLACE_ALIGN;
    NETWORK_ARRAYS(X)
#undef X
    return at;
}

road_index network_road_find(const struct network *n, int64_t source_id)
{
    uint32_t low = 0, high = n->road_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (n->road_source_id[middle] < source_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n->road_count && n->road_source_id[low] == source_id ? low : NO_ROAD;
}

static bool is_ordinary(const struct network *n, arc_id arc)
{
    enum road_class class = (enum road_class)n->road_class[n->arc_road[arc]];
    return class != ROAD_MOTORWAY && !road_class_is_link(class);
}

bool network_node_is_ordinary(const struct network *n, node_id node)
{
    for (arc_id arc = n->node_first_arc[node]; arc < n->node_first_arc[node + 1]; arc++)
        if (is_ordinary(n, arc)) return true;
    for (uint32_t i = n->node_first_in[node]; i < n->node_first_in[node + 1]; i++)
        if (is_ordinary(n, n->in_arc[i])) return true;
    return false;
}

uint32_t network_distance_unit_mm(const struct network *n)
{
    const uint64_t near_mm = 500000000;
    const struct box_mm *box = &n->plane_extent;
    if (box_mm_is_empty(box)) return 1;
    uint64_t x = (uint64_t)((int64_t)box->max_x_mm - box->min_x_mm), y = (uint64_t)((int64_t)box->max_y_mm - box->min_y_mm);
    return x > near_mm || y > near_mm || x * x + y * y > near_mm * near_mm ? 10 : 1;
}
