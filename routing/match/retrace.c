#include "routing/match/retrace.h"

#include "routing/constraint/leg_geometry.h"

#include <stdlib.h>

enum { STEPS_MIN = 100000, STEPS_PER_POINT = 16 };

struct tracing {
    const struct network *n;
    const struct retrace_line *line;
    struct arena *arena;
    arc_id *arcs;      /* the way so far */
    uint32_t *at;      /* [depth] the line's point that the arc begins at */
    arc_id *next;      /* [depth] the arc to try next */
    uint32_t capacity;
    uint32_t farthest; /* point reached by any way */
    uint64_t steps;
};

static bool near(const struct tracing *x, uint32_t i, struct point_e7 p)
{
    int64_t lon = (int64_t)x->line->points[i].lon_e7 - p.lon_e7, lat = (int64_t)x->line->points[i].lat_e7 - p.lat_e7;
    return llabs(lon) <= x->line->tolerance_e7 && llabs(lat) <= x->line->tolerance_e7;
}

/* The points of an arc from its first on: the line's point at its end, or UINT32_MAX if the line goes elsewhere. */
static uint32_t follow(struct tracing *x, arc_id a, uint32_t at)
{
    const struct network *n = x->n;
    road_index road = n->arc_road[a];
    uint32_t first = n->road_first_shape[road], count = n->road_first_shape[road + 1] - first;
    struct point_e7 before = n->node_point[n->arc_tail[a]];
    for (uint32_t i = 1; i < count; i++) {
        struct point_e7 p = n->shape_point[first + (n->arc_reversed[a] ? count - 1 - i : i)];
        if (i + 1 == count) p = n->node_point[n->arc_head[a]];
        if (i + 1 == count && point_e7_equal(p, before)) break; /* drawn once */
        if (++at >= x->line->count || !near(x, at, p)) {
            if (at > x->farthest && at < x->line->count) x->farthest = at;
            return UINT32_MAX;
        }
        before = p;
    }
    if (at > x->farthest) x->farthest = at;
    return at;
}

/* Where along an arc a position lies. */
static uint32_t offset_on(const struct network *n, arc_id a, struct road_position at)
{
    return n->arc_reversed[a] ? n->road_length_mm[at.road] - at.offset_mm : at.offset_mm;
}

/* Does a part of an arc look like the line from point `at` on? Then the line's point at its end. */
static enum status part(struct tracing *x, arc_id a, uint32_t from_mm, uint32_t to_mm, uint32_t at, uint32_t *end,
                        struct error *err)
{
    uint32_t first_point[2];
    struct leg leg = {.arc_count = 1, .arcs = &a, .first_offset_mm = from_mm, .last_offset_mm = to_mm};
    *end = UINT32_MAX;
    if (!leg_points(x->n, &leg, x->arena, first_point)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    /* two points in one place are drawn once */
    uint32_t count = leg.point_count == 2 && point_e7_equal(leg.points[0], leg.points[1]) ? 1 : leg.point_count;
    for (uint32_t i = 0; i < count; i++)
        if (at + i >= x->line->count || !near(x, at + i, leg.points[i])) {
            if (at + i > x->farthest && at + i < x->line->count) x->farthest = at + i;
            return STATUS_OK;
        }
    *end = at + count - 1;
    if (*end > x->farthest) x->farthest = *end;
    return STATUS_OK;
}

static bool ends(const struct tracing *x, uint32_t at)
{
    /* a line of one point is drawn as two */
    return at + 1 == x->line->count || (at == 0 && x->line->count == 2 && near(x, 1, x->line->points[0]));
}

/* From the end of arcs[0] on, depth first, lower arcs first. */
static enum status search(struct tracing *x, uint32_t at, uint32_t *count, struct error *err)
{
    const struct network *n = x->n;
    uint64_t most = STEPS_MIN + (uint64_t)STEPS_PER_POINT * x->line->count;
    uint32_t depth = 1;
    x->at[1] = at;
    x->next[1] = n->node_first_arc[n->arc_head[x->arcs[0]]];
    *count = 0;
    while (depth > 0) {
        node_id node = n->arc_head[x->arcs[depth - 1]];
        arc_id a = x->next[depth];
        if (++x->steps > most) return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, (unsigned)most);
        if (a == n->node_first_arc[node + 1]) {
            depth--;
            continue;
        }
        x->next[depth]++;
        if (n->arc_road[a] == x->line->to.road) {
            uint32_t end;
            enum status status = part(x, a, 0, offset_on(n, a, x->line->to), x->at[depth], &end, err);
            if (status != STATUS_OK) return status;
            if (end != UINT32_MAX && ends(x, end)) {
                x->arcs[depth] = a;
                *count = depth + 1;
                return STATUS_OK;
            }
        }
        uint32_t end = follow(x, a, x->at[depth]);
        if (end == UINT32_MAX || depth + 2 >= x->capacity) continue;
        x->arcs[depth++] = a;
        x->at[depth] = end;
        x->next[depth] = n->node_first_arc[n->arc_head[a]];
    }
    return STATUS_OK;
}

/* The ways that begin on one arc of the first road. */
static enum status begin(struct tracing *x, arc_id a, uint32_t *count, struct error *err)
{
    const struct network *n = x->n;
    uint32_t from = offset_on(n, a, x->line->from), end;
    *count = 0;
    if (x->line->to.road == x->line->from.road && offset_on(n, a, x->line->to) >= from) {
        enum status status = part(x, a, from, offset_on(n, a, x->line->to), 0, &end, err);
        if (status != STATUS_OK) return status;
        if (end != UINT32_MAX && ends(x, end)) {
            x->arcs[0] = a;
            *count = 1;
            return STATUS_OK;
        }
    }
    enum status status = part(x, a, from, network_arc_length_mm(n, a), 0, &end, err);
    if (status != STATUS_OK || end == UINT32_MAX) return status;
    x->arcs[0] = a;
    return search(x, end, count, err);
}

/* Does another arc between the same nodes run over the very same points? */
static bool has_twin(const struct network *n, arc_id a)
{
    uint32_t count = n->road_first_shape[n->arc_road[a] + 1] - n->road_first_shape[n->arc_road[a]];
    const struct point_e7 *points = n->shape_point + n->road_first_shape[n->arc_road[a]];
    for (arc_id b = n->node_first_arc[n->arc_tail[a]]; b < n->node_first_arc[n->arc_tail[a] + 1]; b++) {
        road_index road = n->arc_road[b];
        const struct point_e7 *other = n->shape_point + n->road_first_shape[road];
        if (b == a || n->arc_head[b] != n->arc_head[a] || n->road_first_shape[road + 1] - n->road_first_shape[road] != count)
            continue;
        bool same = true;
        for (uint32_t i = 0; i < count && same; i++)
            same = point_e7_equal(points[i], other[n->arc_reversed[a] == n->arc_reversed[b] ? i : count - 1 - i]);
        if (same) return true;
    }
    return false;
}

/* Along the arc that the leg before arrived on, or in the direction that takes fewer arcs. */
static enum status choose(struct tracing *x, uint32_t *count, struct error *err)
{
    const struct network *n = x->n;
    arc_id *best = NULL;
    *count = 0;
    if (x->line->begin != NO_ARC && n->arc_road[x->line->begin] == x->line->from.road) {
        enum status status = begin(x, x->line->begin, count, err);
        if (status != STATUS_OK || *count > 0) return status;
    }
    for (uint32_t way = 0; way < 2; way++) {
        arc_id a = n->road_arc[2 * (size_t)x->line->from.road + way];
        uint32_t found;
        if (a == NO_ARC) continue;
        enum status status = begin(x, a, &found, err);
        if (status != STATUS_OK) return status;
        if (found == 0 || (*count > 0 && found >= *count)) continue;
        best = arena_copy(x->arena, x->arcs, found * sizeof *best);
        if (!best) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        *count = found;
    }
    if (best) x->arcs = best;
    return STATUS_OK;
}

enum status retrace(const struct network *n, const struct retrace_line *line, struct arena *arena, struct retraced *out,
                    uint32_t *stray, struct error *err)
{
    /* an arc takes a point, or none where its ends lie in one place: those are rare */
    struct tracing x = {.n = n, .line = line, .arena = arena, .capacity = 2 * line->count + 64};
    uint32_t count = 0;
    *out = (struct retraced){0};
    x.arcs = arena_take(arena, x.capacity * sizeof *x.arcs);
    x.at = arena_take(arena, x.capacity * sizeof *x.at);
    x.next = arena_take(arena, x.capacity * sizeof *x.next);
    if (!x.arcs || !x.at || !x.next) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = choose(&x, &count, err);
    if (status != STATUS_OK) return status;
    *stray = x.farthest;
    if (count == 0) return error_set(err, STATUS_NOT_FOUND, MESSAGE_LINE_LEAVES_ROADS, x.farthest);
    out->arcs = x.arcs;
    out->arc_count = count;
    out->first_offset_mm = offset_on(n, x.arcs[0], line->from);
    out->last_offset_mm = offset_on(n, x.arcs[count - 1], line->to);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = i == 0 ? out->first_offset_mm : 0;
        uint32_t to = i + 1 == count ? out->last_offset_mm : network_arc_length_mm(n, x.arcs[i]);
        out->distance_mm += to - from;
        out->twins = out->twins || has_twin(n, x.arcs[i]);
    }
    return STATUS_OK;
}
