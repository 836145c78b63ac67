#include "data/demo/demo_noding.h"

#include "data/demo/demo_crossings.h"
#include "data/demo/demo_random.h"
#include "data/import/road_defaults.h"

#include <stdlib.h>
#include <string.h>

enum { PURPOSE_BUILT = 60, PURPOSE_OVER };

/* A cut of one line: a junction, or the beginning and end of a structure. */
struct stretch {
    double from_m, until_m;
    enum demo_crossing crossing;
};

/* Open-addressing map from a position to a node. */
struct node_map {
    uint32_t *slots; /* node + 1 */
    size_t mask, used;
};

struct noding {
    struct demo_model *m;
    struct demo_meetings meetings;
    struct node_map map;
    bool *left_out; /* per line: optional and not built */
};

static size_t slot_of(const struct node_map *map, struct point_e7 p)
{
    return (size_t)demo_hash((uint32_t)p.lon_e7, 3, (uint32_t)p.lat_e7) & map->mask;
}

static enum status map_grow(struct noding *n, struct error *err)
{
    struct node_map bigger = {.mask = n->map.slots ? n->map.mask * 2 + 1 : 4095};

    bigger.slots = calloc(bigger.mask + 1, sizeof *bigger.slots);
    if (!bigger.slots) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t i = 0; i < n->m->node_count; i++) {
        size_t slot = slot_of(&bigger, n->m->nodes[i].point);

        while (bigger.slots[slot]) slot = (slot + 1) & bigger.mask;
        bigger.slots[slot] = (uint32_t)i + 1;
    }
    bigger.used = n->m->node_count;
    free(n->map.slots);
    n->map = bigger;
    return STATUS_OK;
}

static enum status node_at(struct noding *n, struct demo_point p, uint32_t *node, struct error *err)
{
    struct point_e7 position = demo_plane_to_e7(p);
    enum status s = STATUS_OK;
    size_t slot;

    if (!n->map.slots || n->map.used * 2 > n->map.mask) s = map_grow(n, err);
    if (s != STATUS_OK) return s;
    slot = slot_of(&n->map, position);
    for (; n->map.slots[slot]; slot = (slot + 1) & n->map.mask) {
        const struct demo_node *known = &n->m->nodes[n->map.slots[slot] - 1];

        if (known->point.lon_e7 != position.lon_e7 || known->point.lat_e7 != position.lat_e7) continue;
        *node = n->map.slots[slot] - 1;
        return STATUS_OK;
    }
    s = demo_add_node(n->m, (struct demo_node){.point = position}, err);
    if (s != STATUS_OK) return s;
    *node = (uint32_t)(n->m->node_count - 1);
    n->map.slots[slot] = *node + 1;
    n->map.used++;
    return STATUS_OK;
}

/* One road along a line from one place to another, the vertices between included. */
static enum status add_road(struct noding *n, uint32_t line_index, double from_m, struct demo_point from,
                            double until_m, struct demo_point until, enum demo_crossing crossing, struct error *err)
{
    struct demo_model *m = n->m;
    const struct demo_line line = m->lines[line_index];
    struct demo_road road = {.line = line_index, .class = line.class, .name = line.name, .ref = line.ref,
                             .forward = true, .backward = !line.oneway, .bridge = line.bridge, .toll = line.toll,
                             .layer = line.layer, .ramp = line.ramp, .station = line.station, .town = line.town,
                             .crossing = crossing, .lorry = ACCESS_YES, .light = ACCESS_YES,
                             .first_point = m->point_count,
                             .speed_kmh = road_default_speed_kmh(line.class, 0)};
    double along = 0;
    enum status s = node_at(n, from, &road.from, err);

    if (s == STATUS_OK) s = node_at(n, until, &road.to, err);
    if (s != STATUS_OK || road.from == road.to) return s; /* shorter than a centimetre */
    s = demo_add_point(m, from, err);
    for (size_t i = 1; s == STATUS_OK && i + 1 < line.point_count; i++) {
        along += demo_distance(m->points[line.first_point + i - 1], m->points[line.first_point + i]);
        if (along > from_m + 0.05 && along < until_m - 0.05) s = demo_add_point(m, m->points[line.first_point + i], err);
    }
    if (s == STATUS_OK) s = demo_add_point(m, until, err);
    road.point_count = m->point_count - road.first_point;
    if (crossing != DEMO_CROSSING_NONE) {
        bool over = crossing == DEMO_CROSSING_RIVER || demo_unit(m->seed, PURPOSE_OVER, m->road_count) < 0.6;

        road.bridge = over;
        road.layer = over ? 1 : -1;
    }
    return s == STATUS_OK ? demo_add_road(m, road, err) : s;
}

static double half_length(enum demo_line_kind kind)
{
    return kind == DEMO_RIVER ? 110 : 32;
}

/* Whether an optional line is worth its structures: few village bridges, more underpasses, none under ramps. */
static bool built(const struct noding *n, uint32_t line, const struct demo_line *other)
{
    double chance = other->kind == DEMO_RIVER ? 0.16 : other->class == ROAD_MOTORWAY_LINK ? 0 : 0.55;

    if (n->m->lines[line].class == ROAD_SECONDARY && chance > 0) chance += 0.3;
    return demo_unit(n->m->seed, PURPOSE_BUILT + (other->kind == DEMO_RIVER), line) < chance;
}

static void leave_out(struct noding *n)
{
    for (size_t i = 0; i < n->meetings.count; i++) {
        const struct demo_meeting *meeting = &n->meetings.items[i];
        const struct demo_line *other = &n->m->lines[meeting->other];

        if (n->m->lines[meeting->line].kind == DEMO_OPTIONAL && other->kind != DEMO_SURFACE &&
            other->kind != DEMO_OPTIONAL && !built(n, meeting->line, other))
            n->left_out[meeting->line] = true;
    }
}

struct cut {
    double along_m;
    struct demo_point point;
    bool junction;
};

static int compare_cuts(const void *a, const void *b)
{
    const struct cut *x = a, *y = b;

    return (x->along_m > y->along_m) - (x->along_m < y->along_m);
}

/* Cuts one line at its junctions and around its structures. `cuts` and `stretches` have room for all. */
static enum status node_surface(struct noding *n, uint32_t l, const struct demo_meeting *meetings, size_t count,
                                struct cut *cuts, struct stretch *stretches, struct error *err)
{
    const struct demo_line line = n->m->lines[l];
    const struct demo_point *points = n->m->points + line.first_point;
    double length = demo_path_length(points, line.point_count);
    size_t cut_count = 0, stretch_count = 0;
    enum status s = STATUS_OK;

    cuts[cut_count++] = (struct cut){0, points[0], true};
    cuts[cut_count++] = (struct cut){length, points[line.point_count - 1], true};
    for (size_t i = 0; i < count; i++) {
        const struct demo_line *other = &n->m->lines[meetings[i].other];

        if (n->left_out[meetings[i].other]) continue;
        if (other->kind == DEMO_SURFACE || other->kind == DEMO_OPTIONAL) {
            cuts[cut_count++] = (struct cut){meetings[i].along_m, meetings[i].point, true};
        } else if (meetings[i].along_m > 1 && meetings[i].along_m < length - 1) { /* not where it starts at a plaza */
            double half = half_length(other->kind);
            struct stretch st = {meetings[i].along_m - half, meetings[i].along_m + half,
                                 other->kind == DEMO_RIVER ? DEMO_CROSSING_RIVER : DEMO_CROSSING_EXPRESSWAY};

            if (stretch_count && st.from_m <= stretches[stretch_count - 1].until_m + 15)
                stretches[stretch_count - 1].until_m = st.until_m;
            else
                stretches[stretch_count++] = st;
        }
    }
    for (size_t i = 0; i < stretch_count; i++)
        for (int end = 0; end < 2; end++) {
            double at = end ? stretches[i].until_m : stretches[i].from_m;
            struct demo_point p, tangent;

            if (at <= 20 || at >= length - 20) continue;
            demo_path_at(points, line.point_count, at, &p, &tangent);
            cuts[cut_count++] = (struct cut){at, p, false};
        }
    qsort(cuts, cut_count, sizeof *cuts, compare_cuts);
    for (size_t i = 1, previous = 0; s == STATUS_OK && i < cut_count; i++) {
        double middle = (cuts[previous].along_m + cuts[i].along_m) / 2;
        enum demo_crossing crossing = DEMO_CROSSING_NONE;

        /* a structure's end close to a junction gives way to it */
        if (!cuts[i].junction && (cuts[i].along_m - cuts[previous].along_m < 12 ||
                                  (i + 1 < cut_count && cuts[i + 1].junction &&
                                   cuts[i + 1].along_m - cuts[i].along_m < 12)))
            continue;
        for (size_t k = 0; k < stretch_count; k++)
            if (middle > stretches[k].from_m && middle < stretches[k].until_m) crossing = stretches[k].crossing;
        s = add_road(n, l, cuts[previous].along_m, cuts[previous].point, cuts[i].along_m, cuts[i].point, crossing, err);
        previous = i;
    }
    return s;
}

static uint32_t root(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i) {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    return i;
}

/* Drops every road outside the largest connected part, and their nodes. */
static enum status drop_islands(struct demo_model *m, struct error *err)
{
    uint32_t *parents = malloc((m->node_count + 1) * sizeof *parents), best = 0;
    uint32_t *sizes = calloc(m->node_count + 1, sizeof *sizes);
    enum status s = parents && sizes ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);

    for (uint32_t i = 0; s == STATUS_OK && i < m->node_count; i++) parents[i] = i;
    for (size_t r = 0; s == STATUS_OK && r < m->road_count; r++) {
        uint32_t a = root(parents, m->roads[r].from), b = root(parents, m->roads[r].to);

        if (a != b) parents[a < b ? b : a] = a < b ? a : b;
    }
    for (size_t r = 0; s == STATUS_OK && r < m->road_count; r++) sizes[root(parents, m->roads[r].from)]++;
    for (uint32_t i = 1; s == STATUS_OK && i < m->node_count; i++)
        if (sizes[i] > sizes[best]) best = i;
    for (size_t r = 0; s == STATUS_OK && r < m->road_count; r++)
        m->roads[r].dropped = root(parents, m->roads[r].from) != best;
    for (uint32_t i = 0; s == STATUS_OK && i < m->node_count; i++) m->nodes[i].dropped = root(parents, i) != best;
    free(parents);
    free(sizes);
    return s;
}

enum status demo_node_lines(struct demo_model *m, struct error *err)
{
    struct noding n = {.m = m};
    struct cut *cuts = NULL;
    struct stretch *stretches = NULL;
    size_t most = 0, at = 0;
    enum status s = demo_meetings_find(m, &n.meetings, err);

    if (s != STATUS_OK) goto done;
    for (size_t i = 0, run = 0; i < n.meetings.count; i++) {
        run = i && n.meetings.items[i].line == n.meetings.items[i - 1].line ? run + 1 : 1;
        if (run > most) most = run;
    }
    n.left_out = calloc(m->line_count + 1, sizeof *n.left_out);
    cuts = malloc((2 * most + 2) * sizeof *cuts);
    stretches = malloc((most + 1) * sizeof *stretches);
    if (!n.left_out || !cuts || !stretches) {
        s = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    leave_out(&n);
    for (uint32_t l = 0; s == STATUS_OK && l < m->line_count; l++) {
        size_t end = at;

        while (end < n.meetings.count && n.meetings.items[end].line == l) end++;
        if (m->lines[l].kind == DEMO_EXPRESSWAY) {
            const struct demo_line line = m->lines[l];
            double length = demo_path_length(m->points + line.first_point, line.point_count);

            s = add_road(&n, l, 0, m->points[line.first_point], length,
                         m->points[line.first_point + line.point_count - 1], DEMO_CROSSING_NONE, err);
            if (s == STATUS_OK && line.booth_at_end) m->nodes[m->roads[m->road_count - 1].to].toll_booth = true;
        } else if (m->lines[l].kind != DEMO_RIVER && !n.left_out[l]) {
            s = node_surface(&n, l, n.meetings.items + at, end - at, cuts, stretches, err);
        }
        at = end;
    }
    if (s == STATUS_OK) s = drop_islands(m, err);
done:
    free(n.meetings.items);
    free(n.map.slots);
    free(n.left_out);
    free(cuts);
    free(stretches);
    return s;
}
