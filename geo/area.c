#include "geo/area.h"

#include "geo/linear.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide; /* products of two coordinate differences (33 bits and a sign each) */

enum { FAN = 8, LEVELS_MAX = 12, NEAR_RUNS_MAX = 32 };

struct area {
    uint32_t point_count;
    uint32_t level_count;
    uint32_t level_first[LEVELS_MAX + 1]; /* into nodes; level 0 has one node per FAN edges */
    struct point_mm *points;              /* all rings one after the other, each closed; edge v joins v and v + 1 */
    uint32_t *ring_of;                    /* [point_count]; where it changes there is no edge */
    uint32_t *ring_first;                 /* [ring_count] */
    struct box_mm *nodes;                 /* boxes of FAN^(level + 1) consecutive edges */
    struct box_mm box;
    double surface_m2;
};

/* ---- vectors ---- */

struct vector {
    int64_t x, y;
};

static struct vector between(struct point_mm a, struct point_mm b)
{
    return (struct vector){(int64_t)b.x_mm - a.x_mm, (int64_t)b.y_mm - a.y_mm};
}

static wide cross(struct vector u, struct vector v)
{
    return (wide)u.x * v.y - (wide)u.y * v.x;
}

static wide dot(struct vector u, struct vector v)
{
    return (wide)u.x * v.x + (wide)u.y * v.y;
}

static int sign(wide value)
{
    return (value > 0) - (value < 0);
}

/* ---- building ---- */

static bool is_edge(const struct area *area, uint32_t v)
{
    return area->ring_of[v] == area->ring_of[v + 1];
}

static double ring_m2(const struct point_mm *points, uint32_t first, uint32_t end)
{
    wide twice = 0;
    for (uint32_t i = first; i + 1 < end; i++)
        twice += cross(between(points[first], points[i]), between(points[first], points[i + 1]));
    return fabs((double)twice) / 2e6;
}

static void build_index(struct area *area)
{
    uint32_t edges = area->point_count - 1;
    for (uint32_t n = 0; n < area->level_first[1]; n++) {
        struct box_mm box = BOX_MM_EMPTY;
        for (uint32_t v = n * FAN; v < (n + 1) * FAN && v < edges; v++) {
            if (!is_edge(area, v)) continue;
            box_mm_add(&box, area->points[v]);
            box_mm_add(&box, area->points[v + 1]);
        }
        area->nodes[n] = box;
    }
    for (uint32_t level = 1; level < area->level_count; level++) {
        uint32_t child = area->level_first[level - 1], children_end = area->level_first[level];
        for (uint32_t n = area->level_first[level]; n < area->level_first[level + 1]; n++) {
            area->nodes[n] = BOX_MM_EMPTY;
            for (int k = 0; k < FAN && child < children_end; k++, child++)
                area->nodes[n] = box_mm_join(&area->nodes[n], &area->nodes[child]);
        }
    }
}

/* Parts come in any order, and the index wants neighbours one after the other: by the Z curve through the middles of their
 * boxes. Inside is by even-odd count, so their order decides nothing else. */
struct placed_part {
    uint32_t part, code;
};

static uint32_t spread_bits(uint32_t v) /* bit i of 16 to bit 2 i */
{
    v = (v | v << 8) & 0x00FF00FF;
    v = (v | v << 4) & 0x0F0F0F0F;
    v = (v | v << 2) & 0x33333333;
    return (v | v << 1) & 0x55555555;
}

static uint32_t step_of_16_bits(int64_t at, int64_t from, int64_t to)
{
    return to > from ? (uint32_t)((at - from) * 65535 / (to - from)) : 0;
}

static int by_code(const void *left, const void *right)
{
    const struct placed_part *a = left, *b = right;
    if (a->code != b->code) return a->code < b->code ? -1 : 1;
    return (a->part > b->part) - (a->part < b->part);
}

static struct placed_part *parts_placed(const struct multipolygon_mm *shape, const struct box_mm *all)
{
    struct placed_part *parts = malloc(((size_t)shape->part_count + 1) * sizeof *parts);
    for (uint32_t p = 0; parts && p < shape->part_count; p++) {
        uint32_t ring = shape->part_first_ring[p], first = shape->ring_first_point[ring];
        struct box_mm box = box_mm_of(shape->points + first, shape->ring_first_point[ring + 1] - first);
        int64_t x = ((int64_t)box.min_x_mm + box.max_x_mm) / 2, y = ((int64_t)box.min_y_mm + box.max_y_mm) / 2;
        parts[p] = (struct placed_part){p, spread_bits(step_of_16_bits(x, all->min_x_mm, all->max_x_mm)) |
                                               spread_bits(step_of_16_bits(y, all->min_y_mm, all->max_y_mm)) << 1};
    }
    if (parts) qsort(parts, shape->part_count, sizeof *parts, by_code);
    return parts;
}

/* The points of one part behind those that are there. */
static void part_add(struct area *area, const struct multipolygon_mm *shape, uint32_t part, uint32_t *rings, uint32_t *points)
{
    for (uint32_t r = shape->part_first_ring[part]; r < shape->part_first_ring[part + 1]; r++) {
        uint32_t first = shape->ring_first_point[r], end = shape->ring_first_point[r + 1];
        assert(end > first && point_mm_equal(shape->points[first], shape->points[end - 1]));
        memcpy(area->points + *points, shape->points + first, (end - first) * sizeof *area->points);
        area->ring_first[*rings] = *points;
        for (; first < end; first++) area->ring_of[(*points)++] = *rings;
        ++*rings;
    }
}

enum status area_new(const struct multipolygon_mm *shape, struct area **out, struct error *err)
{
    assert(shape->ring_count >= 1 && shape->point_count >= 4);
    *out = NULL;
    struct area *area = calloc(1, sizeof *area);
    if (area == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    area->point_count = shape->point_count;
    uint32_t total = 0;
    for (uint32_t n = (shape->point_count - 1 + FAN - 1) / FAN;; n = (n + FAN - 1) / FAN) {
        total += n;
        area->level_first[++area->level_count] = total;
        if (n <= FAN) break;
    }
    area->points = malloc(sizeof *area->points * shape->point_count);
    area->ring_of = malloc(sizeof *area->ring_of * shape->point_count);
    area->ring_first = malloc(sizeof *area->ring_first * shape->ring_count);
    area->nodes = malloc(sizeof *area->nodes * total);
    area->box = box_mm_of(shape->points, shape->point_count);
    struct placed_part *parts = parts_placed(shape, &area->box);
    if (area->points == NULL || area->ring_of == NULL || area->ring_first == NULL || area->nodes == NULL || parts == NULL) {
        free(parts);
        area_free(area);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    uint32_t rings = 0, points = 0;
    for (uint32_t p = 0; p < shape->part_count; p++) part_add(area, shape, parts[p].part, &rings, &points);
    free(parts);
    assert(rings == shape->ring_count && points == shape->point_count);
    for (uint32_t p = 0; p < shape->part_count; p++) {
        for (uint32_t r = shape->part_first_ring[p]; r < shape->part_first_ring[p + 1]; r++) {
            double m2 = ring_m2(shape->points, shape->ring_first_point[r], shape->ring_first_point[r + 1]);
            area->surface_m2 += r == shape->part_first_ring[p] ? m2 : -m2;
        }
    }
    build_index(area);
    *out = area;
    return STATUS_OK;
}

void area_free(struct area *area)
{
    if (area == NULL) return;
    free(area->points);
    free(area->ring_of);
    free(area->ring_first);
    free(area->nodes);
    free(area);
}

struct box_mm area_box(const struct area *area)
{
    return area->box;
}

double area_surface_m2(const struct area *area)
{
    return area->surface_m2;
}

/* ---- walking the index: nodes top down, in the order of the edges ---- */

struct walk {
    const struct area *area;
    uint32_t depth;
    struct {
        uint32_t level, next, end; /* node numbers within the level */
    } stack[LEVELS_MAX];
};

static void walk_init(struct walk *walk, const struct area *area)
{
    uint32_t top = area->level_count - 1;
    walk->area = area;
    walk->depth = 1;
    walk->stack[0].level = top;
    walk->stack[0].next = 0;
    walk->stack[0].end = area->level_first[top + 1] - area->level_first[top];
}

/* The next node's box, or NULL at the end. The walk then stands on it. */
static const struct box_mm *walk_next(struct walk *walk, uint32_t *level, uint32_t *node)
{
    while (walk->depth > 0) {
        uint32_t top = walk->depth - 1;
        if (walk->stack[top].next == walk->stack[top].end) {
            walk->depth--;
            continue;
        }
        *level = walk->stack[top].level;
        *node = walk->stack[top].next++;
        return &walk->area->nodes[walk->area->level_first[*level] + *node];
    }
    return NULL;
}

/* Visits the children of `node` next. `level` > 0. */
static void walk_into(struct walk *walk, uint32_t level, uint32_t node)
{
    const struct area *area = walk->area;
    uint32_t size = area->level_first[level] - area->level_first[level - 1];
    uint32_t first = node * FAN;
    walk->stack[walk->depth].level = level - 1;
    walk->stack[walk->depth].next = first;
    walk->stack[walk->depth].end = size - first < FAN ? size : first + FAN;
    walk->depth++;
}

/* The edges under a node. */
static void node_edges(const struct area *area, uint32_t level, uint32_t node, uint32_t *first, uint32_t *end)
{
    uint64_t span = FAN;
    for (uint32_t l = 0; l < level; l++) span *= FAN;
    uint64_t last = ((uint64_t)node + 1) * span, edges = area->point_count - 1;
    *first = (uint32_t)(node * span);
    *end = (uint32_t)(last < edges ? last : edges);
}

/* ---- locating ---- */

/* A point a hair's breadth from `at`: first along `along`, then, infinitely less, to its left or right. All ties of
 * the ray casting are settled by it, so that no input is degenerate. */
struct hair {
    struct point_mm at;
    struct vector along;
    int side; /* +1 left, −1 right */
};

/* Whether q is on or under the horizontal line through the hair. */
static bool is_below(const struct hair *hair, struct point_mm q)
{
    if (q.y_mm != hair->at.y_mm) return q.y_mm < hair->at.y_mm;
    if (hair->along.y != 0) return hair->along.y > 0;
    return hair->along.x * hair->side > 0; /* the left of (x, 0) is (0, x) */
}

/* Whether the ray from the hair towards +x crosses the edge a b, whose ends are on different sides of it. */
static bool ray_crosses(const struct hair *hair, struct point_mm a, struct point_mm b, bool a_below)
{
    if (a.x_mm > hair->at.x_mm && b.x_mm > hair->at.x_mm) return true;
    if (a.x_mm < hair->at.x_mm && b.x_mm < hair->at.x_mm) return false;
    struct vector edge = between(a, b);
    int turn = sign(cross(edge, between(a, hair->at)));
    if (turn == 0) turn = sign(cross(edge, hair->along));
    if (turn == 0) turn = sign(dot(edge, hair->along)) * hair->side; /* cross(e, left of d) = dot(e, d) */
    return a_below ? turn > 0 : turn < 0; /* left of an edge that goes up: the edge is to the right */
}

static bool on_edge(struct point_mm a, struct point_mm b, struct point_mm p)
{
    if ((a.x_mm < p.x_mm && b.x_mm < p.x_mm) || (a.x_mm > p.x_mm && b.x_mm > p.x_mm) ||
        (a.y_mm < p.y_mm && b.y_mm < p.y_mm) || (a.y_mm > p.y_mm && b.y_mm > p.y_mm))
        return false;
    return cross(between(a, b), between(a, p)) == 0;
}

/* Whether the run of edges [first, end), all to the right of the hair, crosses the ray an odd number of times: a
 * chain does if its two ends are on different sides, a whole ring never does. */
static bool run_parity(const struct area *area, const struct hair *hair, uint32_t first, uint32_t end)
{
    const struct point_mm *points = area->points;
    uint32_t ring = area->ring_of[first], last_ring = area->ring_of[end];
    if (ring == last_ring) return is_below(hair, points[first]) != is_below(hair, points[end]);
    /* The first ring's chain ends where that ring began; the last one's begins at its first point. */
    bool parity = is_below(hair, points[first]) != is_below(hair, points[area->ring_first[ring]]);
    return parity ^ (is_below(hair, points[area->ring_first[last_ring]]) != is_below(hair, points[end]));
}

/* Whether the hair is inside; `*touches` is set when `at` itself is on the border. */
static bool hair_is_inside(const struct area *area, const struct hair *hair, bool *touches)
{
    struct point_mm p = hair->at;
    struct walk walk;
    uint32_t level = 0, node = 0, first, end;
    bool inside = false;
    const struct box_mm *box;
    if (!box_mm_contains(&area->box, p)) return false;
    walk_init(&walk, area);
    while ((box = walk_next(&walk, &level, &node)) != NULL) {
        if (box->max_x_mm < p.x_mm || box->min_y_mm > p.y_mm || box->max_y_mm < p.y_mm) continue;
        if (box->min_x_mm > p.x_mm) {
            node_edges(area, level, node, &first, &end);
            inside ^= run_parity(area, hair, first, end);
            continue;
        }
        if (level > 0) {
            walk_into(&walk, level, node);
            continue;
        }
        node_edges(area, 0, node, &first, &end);
        for (uint32_t v = first; v < end; v++) {
            if (!is_edge(area, v)) continue;
            struct point_mm a = area->points[v], b = area->points[v + 1];
            if (on_edge(a, b, p)) *touches = true;
            bool a_below = is_below(hair, a);
            if (a_below != is_below(hair, b)) inside ^= ray_crosses(hair, a, b, a_below);
        }
    }
    return inside;
}

enum area_place area_locate(const struct area *area, struct point_mm point)
{
    struct hair hair = {point, {1, 0}, 1};
    bool touches = false, inside = hair_is_inside(area, &hair, &touches);
    return touches ? AREA_BORDER : inside ? AREA_INSIDE : AREA_OUTSIDE;
}

/* ---- clipping ---- */

/* A place on a segment where the side of it towards the polygon's inside changes. */
struct event {
    int64_t at_mm;
    bool left, right;
};

struct area_work {
    struct event *events;
    size_t event_count, event_capacity;
    struct area_stretch *near; /* where the line is within border_mm of an edge */
    size_t near_count, near_capacity;
};

void area_stretches_clear(struct area_stretches *stretches)
{
    free(stretches->items);
    if (stretches->work != NULL) {
        free(stretches->work->events);
        free(stretches->work->near);
        free(stretches->work);
    }
    *stretches = AREA_STRETCHES_INIT;
}

/* The array with room for one more element of `size` bytes, or NULL (then the array stays as it was). */
static void *grown(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) return array;
    size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
    void *moved = realloc(array, wanted * size);
    if (moved != NULL) *capacity = wanted;
    return moved;
}

/* Adds a stretch, joined to the one before when they meet. */
static bool add_stretch(struct area_stretch **items, size_t *count, size_t *capacity, int64_t from_mm, int64_t to_mm)
{
    if (from_mm >= to_mm) return true;
    if (*count > 0 && (*items)[*count - 1].to_mm >= from_mm && (*items)[*count - 1].from_mm <= from_mm) {
        if (to_mm > (*items)[*count - 1].to_mm) (*items)[*count - 1].to_mm = to_mm;
        return true;
    }
    struct area_stretch *moved = grown(*items, *count, capacity, sizeof *moved);
    if (moved == NULL) return false;
    *items = moved;
    moved[(*count)++] = (struct area_stretch){from_mm, to_mm};
    return true;
}

struct segment {
    struct point_mm from, to;
    struct vector along;
    struct box_mm box, near_box;
    int64_t start_mm, length_mm;
    double length; /* not rounded */
};

static void segment_init(struct segment *s, struct point_mm from, struct point_mm to, int64_t start_mm,
                         int32_t border_mm)
{
    s->from = from;
    s->to = to;
    s->along = between(from, to);
    s->box = BOX_MM_EMPTY;
    box_mm_add(&s->box, from);
    box_mm_add(&s->box, to);
    s->near_box = box_mm_grow(&s->box, border_mm);
    s->start_mm = start_mm;
    s->length_mm = linear_segment_mm(from, to);
    double x = (double)s->along.x, y = (double)s->along.y;
    s->length = sqrt(x * x + y * y);
}

/* Notes where the segment crosses the edge a b. Seen from the line moved a hair to the left, a point on the line is
 * to the right, and the other way round: so touching, passing through a vertex and running along an edge need no
 * case of their own. */
static bool note_crossing(struct area_work *work, const struct segment *s, struct point_mm a, struct point_mm b,
                          bool *touches_end)
{
    if (on_edge(a, b, s->to)) *touches_end = true;
    int side_a = sign(cross(s->along, between(s->from, a))), side_b = sign(cross(s->along, between(s->from, b)));
    if (side_a == side_b) return true;
    bool left = (side_a > 0) != (side_b > 0), right = (side_a < 0) != (side_b < 0);
    struct vector edge = between(a, b);
    wide numerator = cross(between(s->from, a), edge), denominator = cross(s->along, edge);
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    if (numerator <= 0 || numerator >= denominator) return true; /* the ends belong to the hair at the start */
    struct event *events = grown(work->events, work->event_count, &work->event_capacity, sizeof *events);
    if (events == NULL) return false;
    work->events = events;
    int64_t at_mm = (int64_t)((2 * numerator * s->length_mm + denominator) / (2 * denominator));
    events[work->event_count++] = (struct event){at_mm, left, right};
    return true;
}

struct span {
    double from, to;
};

/* Narrows `span` to where lower ≤ c + m·t ≤ upper. */
static void narrow(struct span *span, double c, double m, double lower, double upper)
{
    if (m == 0) {
        if (c < lower || c > upper) span->to = -INFINITY;
        return;
    }
    double t0 = (lower - c) / m, t1 = (upper - c) / m;
    if (t0 > t1) {
        double swap = t0;
        t0 = t1;
        t1 = swap;
    }
    if (t0 > span->from) span->from = t0;
    if (t1 < span->to) span->to = t1;
}

/* Notes where the segment is within border_mm of the edge a b: a line meets a capsule (a disc around each end and a
 * rectangle between) in one interval. Doubles with correctly rounded operations only: the last bit is the same on
 * every machine, and a millimetre more or less of border zone decides nothing that matters. */
static bool note_nearness(struct area_work *work, const struct segment *s, struct point_mm a, struct point_mm b,
                          int32_t border_mm)
{
    double r = (double)border_mm, from = INFINITY, to = -INFINITY;
    double ux = (double)s->along.x / s->length, uy = (double)s->along.y / s->length;
    struct point_mm ends[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        struct vector v = between(s->from, ends[i]);
        double along = ux * (double)v.x + uy * (double)v.y, across = ux * (double)v.y - uy * (double)v.x;
        if (across < -r || across > r) continue;
        double half = sqrt(r * r - across * across);
        if (along - half < from) from = along - half;
        if (along + half > to) to = along + half;
    }
    struct vector edge = between(a, b), back = between(a, s->from);
    double ex = (double)edge.x, ey = (double)edge.y, edge_length = sqrt(ex * ex + ey * ey);
    if (edge_length > 0) {
        ex = ex / edge_length;
        ey = ey / edge_length;
        double bx = (double)back.x, by = (double)back.y;
        struct span span = {0, s->length};
        narrow(&span, ex * bx + ey * by, ex * ux + ey * uy, 0, edge_length);
        narrow(&span, ex * by - ey * bx, ex * uy - ey * ux, -r, r);
        if (span.from <= span.to) {
            if (span.from < from) from = span.from;
            if (span.to > to) to = span.to;
        }
    }
    double measure = (double)s->length_mm / s->length; /* to offsets, which count rounded lengths */
    from = from * measure;
    to = to * measure;
    if (from < 0) from = 0;
    if (to > (double)s->length_mm) to = (double)s->length_mm;
    if (!(from <= to)) return true;
    struct area_stretch *near = grown(work->near, work->near_count, &work->near_capacity, sizeof *near);
    if (near == NULL) return false;
    work->near = near;
    near[work->near_count++] =
        (struct area_stretch){s->start_mm + (int64_t)floor(from), s->start_mm + (int64_t)ceil(to)};
    return true;
}

/* The runs of FAN edges whose boxes a line comes near, in the order of the edges. */
struct near_runs {
    uint32_t count;
    uint32_t run[NEAR_RUNS_MAX];
    bool more; /* than there is room for */
};

static void find_near_runs(const struct area *area, const struct box_mm *near_box, struct near_runs *out)
{
    struct walk walk;
    uint32_t level = 0, node = 0;
    const struct box_mm *box;
    out->count = 0;
    out->more = false;
    walk_init(&walk, area);
    while ((box = walk_next(&walk, &level, &node)) != NULL) {
        if (!box_mm_intersects(box, near_box)) continue;
        if (level > 0) {
            walk_into(&walk, level, node);
            continue;
        }
        if (out->count == NEAR_RUNS_MAX) {
            out->more = true;
            return;
        }
        out->run[out->count++] = node;
    }
}

/* What the segment has to do with the edges of one run. */
static bool note_run(const struct area *area, struct area_work *work, const struct segment *s, uint32_t run, int32_t border_mm,
                     bool *touches_end)
{
    uint32_t first, end;
    node_edges(area, 0, run, &first, &end);
    for (uint32_t v = first; v < end; v++) {
        if (!is_edge(area, v)) continue;
        struct point_mm a = area->points[v], b = area->points[v + 1];
        struct box_mm edge_box = BOX_MM_EMPTY;
        box_mm_add(&edge_box, a);
        box_mm_add(&edge_box, b);
        if (!box_mm_intersects(&edge_box, &s->near_box)) continue;
        if (box_mm_intersects(&edge_box, &s->box) && !note_crossing(work, s, a, b, touches_end)) return false;
        if (!note_nearness(work, s, a, b, border_mm)) return false;
    }
    return true;
}

/* Finds what the segment has to do with the edges near it: those of the line's runs, if these are all. */
static bool note_edges(const struct area *area, struct area_work *work, const struct segment *s, const struct near_runs *runs,
                       int32_t border_mm, bool *touches_end)
{
    struct walk walk;
    uint32_t level = 0, node = 0;
    const struct box_mm *box;
    for (uint32_t i = 0; !runs->more && i < runs->count; i++)
        if (box_mm_intersects(&area->nodes[runs->run[i]], &s->near_box) &&
            !note_run(area, work, s, runs->run[i], border_mm, touches_end))
            return false;
    if (!runs->more) return true;
    walk_init(&walk, area);
    while ((box = walk_next(&walk, &level, &node)) != NULL) {
        if (!box_mm_intersects(box, &s->near_box)) continue;
        if (level > 0) walk_into(&walk, level, node);
        else if (!note_run(area, work, s, node, border_mm, touches_end)) return false;
    }
    return true;
}

static int compare_events(const void *a, const void *b)
{
    int64_t x = ((const struct event *)a)->at_mm, y = ((const struct event *)b)->at_mm;
    return (x > y) - (x < y);
}

static int compare_stretches(const void *a, const void *b)
{
    const struct area_stretch *x = a, *y = b;
    if (x->from_mm != y->from_mm) return x->from_mm > y->from_mm ? 1 : -1;
    return (x->to_mm > y->to_mm) - (x->to_mm < y->to_mm);
}

static void sort_events(struct event *events, size_t count)
{
    if (count > 16) {
        qsort(events, count, sizeof *events, compare_events);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct event moved = events[i];
        size_t j = i;
        for (; j > 0 && events[j - 1].at_mm > moved.at_mm; j--) events[j] = events[j - 1];
        events[j] = moved;
    }
}

/* Sorts and joins in place; returns the new count. */
static size_t join(struct area_stretch *items, size_t count)
{
    if (count < 2) return count;
    qsort(items, count, sizeof *items, compare_stretches);
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        if (items[i].from_mm > items[kept].to_mm)
            items[++kept] = items[i];
        else if (items[i].to_mm > items[kept].to_mm)
            items[kept].to_mm = items[i].to_mm;
    }
    return kept + 1;
}

/* Both sides' states just after the start of a segment. */
static void start_state(const struct area *area, const struct segment *s, bool *left, bool *right)
{
    struct hair hair = {s->from, s->along, 1};
    bool touches = false;
    *left = hair_is_inside(area, &hair, &touches);
    *right = *left;
    if (!touches) return;
    hair.side = -1;
    *right = hair_is_inside(area, &hair, &touches);
}

/* All interior stretches of the line into out->items and all nearness into work->near. */
static bool trace(const struct area *area, const struct point_mm *line, size_t count, const struct near_runs *runs,
                  int32_t border_mm, struct area_stretches *out)
{
    struct area_work *work = out->work;
    bool known = false, left = false, right = false;
    int64_t start_mm = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (point_mm_equal(line[i], line[i + 1])) continue;
        struct segment s;
        segment_init(&s, line[i], line[i + 1], start_mm, border_mm);
        start_mm += s.length_mm;
        if (!box_mm_intersects(&s.near_box, &area->box)) {
            known = true;
            left = right = false;
            continue;
        }
        if (!known) start_state(area, &s, &left, &right);
        bool touches_end = false;
        work->event_count = 0;
        if (!note_edges(area, work, &s, runs, border_mm, &touches_end)) return false;
        sort_events(work->events, work->event_count);
        int64_t since_mm = 0;
        for (size_t e = 0; e <= work->event_count; e++) {
            int64_t at_mm = e < work->event_count ? work->events[e].at_mm : s.length_mm;
            if (left && right &&
                !add_stretch(&out->items, &out->count, &out->capacity, s.start_mm + since_mm, s.start_mm + at_mm))
                return false;
            since_mm = at_mm;
            if (e == work->event_count) break;
            left ^= work->events[e].left;
            right ^= work->events[e].right;
        }
        known = !touches_end; /* at a border vertex the next segment starts on other sides */
        assert(!known || left == right);
    }
    return true;
}

/* Keeps the interior stretches that are long and deep enough. */
static void keep_deep(struct area_stretches *out, int64_t longer_than_mm)
{
    const struct area_work *work = out->work;
    size_t kept = 0, n = 0;
    for (size_t i = 0; i < out->count; i++) {
        struct area_stretch stretch = out->items[i];
        if (stretch.to_mm - stretch.from_mm <= longer_than_mm) continue;
        while (n < work->near_count && work->near[n].to_mm < stretch.to_mm && work->near[n].to_mm <= stretch.from_mm)
            n++;
        /* `near` is joined: all of the stretch is near the border only if one interval covers it. */
        if (n < work->near_count && work->near[n].from_mm <= stretch.from_mm && work->near[n].to_mm >= stretch.to_mm)
            continue;
        out->items[kept++] = stretch;
    }
    out->count = kept;
}

/* Joins nearness to the interior and keeps what is long enough. */
static bool keep_with_border(struct area_stretches *out, int64_t longer_than_mm)
{
    const struct area_work *work = out->work;
    for (size_t i = 0; i < work->near_count; i++) {
        struct area_stretch *items = grown(out->items, out->count, &out->capacity, sizeof *items);
        if (items == NULL) return false;
        out->items = items;
        items[out->count++] = work->near[i];
    }
    out->count = join(out->items, out->count);
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i].to_mm - out->items[i].from_mm > longer_than_mm) out->items[kept++] = out->items[i];
    out->count = kept;
    return true;
}

enum status area_clip(const struct area *area, const struct point_mm *line, size_t count, const struct area_rule *rule,
                      struct area_stretches *out, struct error *err)
{
    out->count = 0;
    if (count < 2) return STATUS_OK;
    struct box_mm box = box_mm_of(line, count), near_box = box_mm_grow(&box, rule->border_mm);
    if (!box_mm_intersects(&near_box, &area->box)) return STATUS_OK;
    struct near_runs runs;
    find_near_runs(area, &near_box, &runs);
    if (runs.count == 0) {
        /* No border here: all of it is where its first point is. */
        int64_t length_mm = 0;
        if (area_locate(area, line[0]) != AREA_INSIDE) return STATUS_OK;
        length_mm = linear_length_mm(line, count);
        if (length_mm > rule->longer_than_mm &&
            !add_stretch(&out->items, &out->count, &out->capacity, 0, length_mm))
            goto no_memory;
        return STATUS_OK;
    }
    if (out->work == NULL && (out->work = calloc(1, sizeof *out->work)) == NULL) goto no_memory;
    out->work->near_count = 0;
    if (!trace(area, line, count, &runs, rule->border_mm, out)) goto no_memory;
    out->work->near_count = join(out->work->near, out->work->near_count);
    if (rule->border == AREA_BORDER_OUTSIDE)
        keep_deep(out, rule->longer_than_mm);
    else if (!keep_with_border(out, rule->longer_than_mm))
        goto no_memory;
    return STATUS_OK;
no_memory:
    out->count = 0;
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status area_meets(const struct area *area, const struct point_mm *line, size_t count,
                       const struct area_rule *rule, struct area_stretches *work, bool *meets, struct error *err)
{
    *meets = false;
    enum status status = area_clip(area, line, count, rule, work, err);
    if (status == STATUS_OK) *meets = work->count > 0;
    return status;
}
