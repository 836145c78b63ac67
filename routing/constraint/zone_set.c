#include "routing/constraint/zone_set.h"

#include "geo/area.h"
#include "geo/linear.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { LONGER_THAN_MM = 5000 };

/* One stretch of one road, in the road's own direction and measure. */
struct road_stretch {
    road_index road;
    uint32_t from_mm, until_mm;
};

/* A short road that is wholly inside. */
struct short_road {
    road_index road;
    node_id ends[2];
    bool joined;
};

struct gathering {
    const struct network *n;
    road_index *roads; /* candidates */
    struct road_stretch *found;
    struct short_road *shorts;
    node_id *inside; /* nodes at inside ends, a stack */
    size_t road_count, road_room, found_count, found_room, short_count, short_room, inside_count, inside_room;
    bool failed;
};

static bool room(struct gathering *g, void **items, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity) return true;
    size_t wanted = *capacity * 2 + 64;
    void *grown = realloc(*items, wanted * size);
    if (grown == NULL) {
        g->failed = true;
        return false;
    }
    *items = grown;
    *capacity = wanted;
    return true;
}

static void take_road(void *context, road_index road)
{
    struct gathering *g = context;
    if (room(g, (void **)&g->roads, &g->road_room, g->road_count, sizeof *g->roads)) g->roads[g->road_count++] = road;
}

static void take_inside(struct gathering *g, node_id node)
{
    if (room(g, (void **)&g->inside, &g->inside_room, g->inside_count, sizeof *g->inside))
        g->inside[g->inside_count++] = node;
}

static void take_stretch(struct gathering *g, road_index road, uint32_t from_mm, uint32_t until_mm)
{
    if (room(g, (void **)&g->found, &g->found_room, g->found_count, sizeof *g->found))
        g->found[g->found_count++] = (struct road_stretch){road, from_mm, until_mm};
}

/* The end nodes of a road; false if no direction of it may be travelled. */
static bool ends_of(const struct network *n, road_index road, node_id ends[2])
{
    arc_id forward = n->road_arc[2 * (size_t)road], backward = n->road_arc[2 * (size_t)road + 1];
    if (forward == NO_ARC && backward == NO_ARC) return false;
    ends[0] = forward != NO_ARC ? n->arc_tail[forward] : n->arc_head[backward];
    ends[1] = forward != NO_ARC ? n->arc_head[forward] : n->arc_tail[backward];
    return true;
}

static enum status clip_road(struct gathering *g, const struct area *area, const struct area_rule *rule,
                             road_index road, struct area_stretches *in, struct error *err)
{
    const struct network *n = g->n;
    uint32_t first = n->road_first_shape[road], count = n->road_first_shape[road + 1] - first;
    const struct point_mm *line = n->shape_plane + first;
    node_id ends[2];
    if (!ends_of(n, road, ends)) return STATUS_OK;
    int64_t length = linear_length_mm(line, count);
    if (length <= rule->longer_than_mm) {
        struct area_rule any = *rule;
        any.longer_than_mm = 0;
        enum status status = area_clip(area, line, count, &any, in, err);
        if (status != STATUS_OK) return status;
        if (in->count != 1 || in->items[0].from_mm != 0 || in->items[0].to_mm != length) return STATUS_OK;
        if (room(g, (void **)&g->shorts, &g->short_room, g->short_count, sizeof *g->shorts))
            g->shorts[g->short_count++] = (struct short_road){road, {ends[0], ends[1]}, false};
        return STATUS_OK;
    }
    enum status status = area_clip(area, line, count, rule, in, err);
    for (size_t i = 0; status == STATUS_OK && i < in->count; i++) {
        take_stretch(g, road, spatial_from_plane_mm(n, road, length, in->items[i].from_mm),
                     spatial_from_plane_mm(n, road, length, in->items[i].to_mm));
        if (in->items[i].from_mm == 0) take_inside(g, ends[0]);
        if (in->items[i].to_mm == length) take_inside(g, ends[1]);
    }
    return status;
}

struct short_end {
    node_id node;
    uint32_t index;
};

static int compare_ends(const void *left, const void *right)
{
    const struct short_end *a = left, *b = right;
    if (a->node != b->node) return a->node < b->node ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Joins short roads to what is inside already, from node to node. */
static void join_shorts(struct gathering *g)
{
    if (g->short_count == 0 || g->inside_count == 0) return;
    size_t end_count = 2 * g->short_count;
    struct short_end *ends = malloc(end_count * sizeof *ends);
    if (ends == NULL) {
        g->failed = true;
        return;
    }
    for (size_t i = 0; i < end_count; i++)
        ends[i] = (struct short_end){g->shorts[i / 2].ends[i % 2], (uint32_t)(i / 2)};
    qsort(ends, end_count, sizeof *ends, compare_ends);
    while (g->inside_count > 0 && !g->failed) {
        node_id node = g->inside[--g->inside_count];
        size_t low = 0, high = end_count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (ends[middle].node < node)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < end_count && ends[low].node == node; low++) {
            struct short_road *s = &g->shorts[ends[low].index];
            if (s->joined) continue;
            s->joined = true;
            take_stretch(g, s->road, 0, g->n->road_length_mm[s->road]);
            take_inside(g, s->ends[0]);
            take_inside(g, s->ends[1]);
        }
    }
    free(ends);
}

/* ---- from roads to arcs ---- */

struct arc_part {
    arc_id arc;
    uint32_t from_mm, until_mm;
};

static int compare_parts(const void *left, const void *right)
{
    const struct arc_part *a = left, *b = right;
    if (a->arc != b->arc) return a->arc < b->arc ? -1 : 1;
    return (a->from_mm > b->from_mm) - (a->from_mm < b->from_mm);
}

static enum status make_set(const struct gathering *g, struct zone_set *set, struct error *err)
{
    const struct network *n = g->n;
    size_t count = 0, most = 2 * g->found_count;
    struct arc_part *parts = malloc((most + 1) * sizeof *parts);
    if (parts == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t i = 0; i < g->found_count; i++) {
        const struct road_stretch *s = &g->found[i];
        arc_id forward = n->road_arc[2 * (size_t)s->road], backward = n->road_arc[2 * (size_t)s->road + 1];
        uint32_t length = n->road_length_mm[s->road];
        if (s->from_mm >= s->until_mm) continue;
        if (forward != NO_ARC) parts[count++] = (struct arc_part){forward, s->from_mm, s->until_mm};
        if (backward != NO_ARC) parts[count++] = (struct arc_part){backward, length - s->until_mm, length - s->from_mm};
    }
    qsort(parts, count, sizeof *parts, compare_parts);
    set->arcs = malloc((count + 1) * sizeof *set->arcs);
    set->first_stretch = malloc((count + 1) * sizeof *set->first_stretch);
    set->stretches = malloc((count + 1) * sizeof *set->stretches);
    if (set->arcs == NULL || set->first_stretch == NULL || set->stretches == NULL) {
        free(parts);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || parts[i].arc != parts[i - 1].arc) {
            set->arcs[set->arc_count] = parts[i].arc;
            set->first_stretch[set->arc_count++] = (uint32_t)i;
        }
        set->stretches[i] = (struct stretch){parts[i].from_mm, parts[i].until_mm};
    }
    set->first_stretch[set->arc_count] = (uint32_t)count;
    free(parts);
    return STATUS_OK;
}

/* A zone that cannot be shown in the plane is no harm if it is nowhere near the roads. */
static bool far_away(const struct network *n, const struct multipolygon *area)
{
    struct box_e7 roads = box_e7_of(n->shape_point, n->shape_count), zone = multipolygon_box(area);
    return zone.min_lon_e7 > roads.max_lon_e7 || zone.max_lon_e7 < roads.min_lon_e7 ||
           zone.min_lat_e7 > roads.max_lat_e7 || zone.max_lat_e7 < roads.min_lat_e7;
}

enum status zone_set_new(const struct network *n, const struct spatial *spatial, struct projection *projection,
                         const struct zone *zone, struct zone_set **out, struct error *err)
{
    struct gathering g = {.n = n};
    struct multipolygon_mm plane = {0};
    struct area *area = NULL;
    struct area_stretches in = AREA_STRETCHES_INIT;
    enum status status = STATUS_OK;
    *out = NULL;
    struct zone_set *set = calloc(1, sizeof *set);
    if (set == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    set->references = 1;
    set->digest = zone_set_digest(zone);
    if (zone->area.part_count == 0 || zone->area.ring_count == 0) {
        status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_ZONE_UNUSABLE, zone->id);
        goto done;
    }
    status = multipolygon_project(&zone->area, projection, &plane, err);
    if (status == STATUS_OUT_OF_RANGE && far_away(n, &zone->area)) {
        status = make_set(&g, set, err); /* empty */
        goto done;
    }
    if (status != STATUS_OK || (status = area_new(&plane, &area, err)) != STATUS_OK) goto done;

    struct area_rule rule = AREA_RULE_DEFAULT;
    rule.longer_than_mm = LONGER_THAN_MM;
    if (zone->accuracy_mm > LONGER_THAN_MM)
        rule.longer_than_mm = zone->accuracy_mm < INT32_MAX ? (int32_t)zone->accuracy_mm : INT32_MAX;
    if (zone->border_roads_inside) rule.border = AREA_BORDER_INSIDE;
    struct box_mm own = area_box(area), box = box_mm_grow(&own, rule.border_mm);
    spatial_roads(spatial, box, take_road, &g);
    for (size_t i = 0; i < g.road_count && status == STATUS_OK && !g.failed; i++)
        if (zone_has_layer(zone, n->road_layer[g.roads[i]])) status = clip_road(&g, area, &rule, g.roads[i], &in, err);
    if (status == STATUS_OK) {
        join_shorts(&g);
        status = g.failed ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY) : make_set(&g, set, err);
    }
done:
    area_stretches_clear(&in);
    area_free(area);
    multipolygon_mm_clear(&plane);
    free(g.roads);
    free(g.found);
    free(g.shorts);
    free(g.inside);
    if (status != STATUS_OK) {
        zone_set_release(set);
        return status;
    }
    *out = set;
    return STATUS_OK;
}

struct zone_digest zone_set_digest(const struct zone *zone)
{
    const struct multipolygon *m = &zone->area;
    uint32_t numbers[] = {m->part_count, m->ring_count, m->point_count, zone->accuracy_mm, zone->border_roads_inside,
                          zone->layer_count};
    XXH128_hash_t h = XXH3_128bits(numbers, sizeof numbers);
    if (m->part_count > 0) {
        XXH128_hash_t more[] = {
            h,
            XXH3_128bits(m->part_first_ring, (m->part_count + 1) * sizeof *m->part_first_ring),
            XXH3_128bits(m->ring_first_point, (m->ring_count + 1) * sizeof *m->ring_first_point),
            XXH3_128bits(m->points, m->point_count * sizeof *m->points),
        };
        h = XXH3_128bits(more, sizeof more);
    }
    if (zone->layer_count > 0) {
        XXH128_hash_t more[] = {h, XXH3_128bits(zone->layers, zone->layer_count * sizeof *zone->layers)};
        h = XXH3_128bits(more, sizeof more);
    }
    return (struct zone_digest){h.high64, h.low64};
}

struct zone_set *zone_set_get(struct zone_set *set)
{
    __atomic_add_fetch(&set->references, 1, __ATOMIC_RELAXED);
    return set;
}

void zone_set_release(struct zone_set *set)
{
    if (set == NULL || __atomic_sub_fetch(&set->references, 1, __ATOMIC_ACQ_REL) > 0) return;
    free(set->arcs);
    free(set->first_stretch);
    free(set->stretches);
    free(set);
}

uint32_t zone_set_find(const struct zone_set *set, arc_id arc)
{
    uint32_t low = 0, high = set->arc_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (set->arcs[middle] < arc)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->arc_count && set->arcs[low] == arc ? low : UINT32_MAX;
}
