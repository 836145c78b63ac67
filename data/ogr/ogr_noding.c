#include "data/ogr/ogr_noding.h"

#include "geo/rtree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPE_MAX = 60000 };
static const double metres_per_e7 = 0.011131949; /* of latitude; longitude times the cosine */

struct segment {
    uint32_t line;
    uint32_t index; /* of its first point in the line */
};

struct cut {
    uint32_t line, index;
    double t;
    struct point_e7 point;
};

struct noding {
    struct ogr_lines *lines;
    struct ogr_roads *out;
    double cosine, tolerance_m;
    uint32_t *slots; /* grid of nodes: node + 1 */
    size_t mask;
    struct cut *cuts;
    size_t cut_count, cut_capacity;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

void ogr_roads_clear(struct ogr_roads *roads)
{
    free(roads->roads);
    free(roads->nodes);
    free(roads->points);
    *roads = (struct ogr_roads){0};
}

static void *room(void *data, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity ? *capacity * 2 : 1024;
    void *bigger;

    if (count < *capacity) return data;
    bigger = realloc(data, wanted * size);
    if (bigger) *capacity = wanted;
    return bigger;
}

static double distance_m(const struct noding *n, struct point_e7 a, struct point_e7 b)
{
    double x = ((double)b.lon_e7 - a.lon_e7) * metres_per_e7 * n->cosine, y = ((double)b.lat_e7 - a.lat_e7) * metres_per_e7;

    return sqrt(x * x + y * y);
}

/* ---- nodes: a hash of grid cells as large as the tolerance ---------------------------------------------------- */

static int64_t cell(const struct noding *n, int32_t v)
{
    double size = n->tolerance_m / (metres_per_e7 * n->cosine); /* large enough in both directions */

    return size < 1 ? v : (int64_t)floor(v / size);
}

static size_t slot_of(const struct noding *n, int64_t x, int64_t y)
{
    uint64_t z = (uint64_t)x * 0x9e3779b97f4a7c15U ^ (uint64_t)y * 0xc2b2ae3d27d4eb4fU;

    return (size_t)(z ^ (z >> 31)) & n->mask;
}

static enum status grow(struct noding *n, struct error *err)
{
    size_t mask = n->slots ? n->mask * 2 + 1 : 8191;
    uint32_t *slots = calloc(mask + 1, sizeof *slots);

    if (!slots) return no_memory(err);
    free(n->slots);
    n->slots = slots;
    n->mask = mask;
    for (uint32_t i = 0; i < n->out->node_count; i++) {
        size_t slot = slot_of(n, cell(n, n->out->nodes[i].lon_e7), cell(n, n->out->nodes[i].lat_e7));

        while (slots[slot]) slot = (slot + 1) & mask;
        slots[slot] = i + 1;
    }
    return STATUS_OK;
}

/* The first node within the tolerance, or a new one. */
static enum status node_at(struct noding *n, struct point_e7 p, uint32_t *node, struct error *err)
{
    int64_t x = cell(n, p.lon_e7), y = cell(n, p.lat_e7);
    uint32_t best = UINT32_MAX;
    void *bigger;
    size_t slot;
    enum status s = STATUS_OK;

    if (!n->slots || n->out->node_count * 2 > n->mask) s = grow(n, err);
    if (s != STATUS_OK) return s;
    for (int64_t cx = x - 1; cx <= x + 1; cx++)
        for (int64_t cy = y - 1; cy <= y + 1; cy++)
            for (slot = slot_of(n, cx, cy); n->slots[slot]; slot = (slot + 1) & n->mask) {
                uint32_t i = n->slots[slot] - 1;

                if (i < best && distance_m(n, p, n->out->nodes[i]) <= n->tolerance_m) best = i;
            }
    if (best != UINT32_MAX) {
        *node = best;
        return STATUS_OK;
    }
    bigger = room(n->out->nodes, &n->out->node_capacity, n->out->node_count, sizeof *n->out->nodes);
    if (!bigger || n->out->node_count >= UINT32_MAX - 1) return no_memory(err);
    n->out->nodes = bigger;
    *node = (uint32_t)n->out->node_count;
    n->out->nodes[n->out->node_count++] = p;
    for (slot = slot_of(n, x, y); n->slots[slot]; slot = (slot + 1) & n->mask) {}
    n->slots[slot] = *node + 1;
    return STATUS_OK;
}

/* ---- crossings -------------------------------------------------------------------------------------------------- */

static struct point_e7 *points_of(const struct noding *n, uint32_t line)
{
    return n->lines->points + n->lines->lines[line].first_point;
}

static enum status add_cut(struct noding *n, uint32_t line, uint32_t index, double t, struct point_e7 point, struct error *err)
{
    void *bigger = room(n->cuts, &n->cut_capacity, n->cut_count, sizeof *n->cuts);

    if (!bigger) return no_memory(err);
    n->cuts = bigger;
    n->cuts[n->cut_count++] = (struct cut){line, index, t, point};
    return STATUS_OK;
}

/* Place of p along ab, 0..1, and its distance from the segment. */
static double along(const struct noding *n, struct point_e7 p, struct point_e7 a, struct point_e7 b, double *away_m)
{
    double dx = ((double)b.lon_e7 - a.lon_e7) * n->cosine, dy = (double)b.lat_e7 - a.lat_e7;
    double px = ((double)p.lon_e7 - a.lon_e7) * n->cosine, py = (double)p.lat_e7 - a.lat_e7;
    double d2 = dx * dx + dy * dy, t = d2 > 0 ? (px * dx + py * dy) / d2 : 0;

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    px -= t * dx;
    py -= t * dy;
    *away_m = sqrt(px * px + py * py) * metres_per_e7;
    return t;
}

static enum status meet(struct noding *n, struct segment s, struct segment o, struct error *err)
{
    const struct point_e7 *a = points_of(n, s.line) + s.index, *c = points_of(n, o.line) + o.index;
    const struct ogr_line *sl = &n->lines->lines[s.line], *ol = &n->lines->lines[o.line];
    bool s_ends[2] = {s.index == 0, s.index + 2 == sl->point_count}, o_ends[2] = {o.index == 0, o.index + 2 == ol->point_count};
    double rx = (double)a[1].lon_e7 - a[0].lon_e7, ry = (double)a[1].lat_e7 - a[0].lat_e7;
    double qx = (double)c[1].lon_e7 - c[0].lon_e7, qy = (double)c[1].lat_e7 - c[0].lat_e7;
    double det = rx * qy - ry * qx, px = (double)c[0].lon_e7 - a[0].lon_e7, py = (double)c[0].lat_e7 - a[0].lat_e7, t, u, away;
    bool touched = false;
    enum status status = STATUS_OK;

    for (int e = 0; e < 2; e++) { /* an end of one on the other */
        if (s_ends[e]) {
            t = along(n, a[e], c[0], c[1], &away);
            if (away <= n->tolerance_m) {
                touched = true;
                if (status == STATUS_OK) status = add_cut(n, o.line, o.index, t, a[e], err);
            }
        }
        if (o_ends[e]) {
            t = along(n, c[e], a[0], a[1], &away);
            if (away <= n->tolerance_m) {
                touched = true;
                if (status == STATUS_OK) status = add_cut(n, s.line, s.index, t, c[e], err);
            }
        }
    }
    if (touched || det == 0 || status != STATUS_OK || sl->layer != ol->layer) return status;
    t = (px * qy - py * qx) / det;
    u = (px * ry - py * rx) / det;
    if (t < 0 || t > 1 || u < 0 || u > 1) return STATUS_OK;
    const struct point_e7 p = {(int32_t)llround(a[0].lon_e7 + t * rx), (int32_t)llround(a[0].lat_e7 + t * ry)};

    status = add_cut(n, s.line, s.index, t, p, err);
    return status == STATUS_OK ? add_cut(n, o.line, o.index, u, p, err) : status;
}

static struct box_mm box_of(const struct noding *n, struct segment s, int32_t margin)
{
    const struct point_e7 *p = points_of(n, s.line) + s.index;

    return (struct box_mm){(p[0].lon_e7 < p[1].lon_e7 ? p[0].lon_e7 : p[1].lon_e7) - margin,
                           (p[0].lat_e7 < p[1].lat_e7 ? p[0].lat_e7 : p[1].lat_e7) - margin,
                           (p[0].lon_e7 > p[1].lon_e7 ? p[0].lon_e7 : p[1].lon_e7) + margin,
                           (p[0].lat_e7 > p[1].lat_e7 ? p[0].lat_e7 : p[1].lat_e7) + margin};
}

static int compare_cuts(const void *x, const void *y)
{
    const struct cut *a = x, *b = y;

    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    if (a->index != b->index) return a->index < b->index ? -1 : 1;
    if (a->t != b->t) return a->t < b->t ? -1 : 1;
    if (a->point.lon_e7 != b->point.lon_e7) return a->point.lon_e7 < b->point.lon_e7 ? -1 : 1;
    return (a->point.lat_e7 > b->point.lat_e7) - (a->point.lat_e7 < b->point.lat_e7);
}

static enum status find_crossings(struct noding *n, struct error *err)
{
    size_t count = 0, at = 0;
    struct segment *segments;
    struct box_mm *boxes;
    struct rtree tree = {0};
    int32_t margin = (int32_t)ceil(n->tolerance_m / (metres_per_e7 * n->cosine)) + 1;
    enum status s;

    for (size_t l = 0; l < n->lines->line_count; l++) count += n->lines->lines[l].point_count - 1;
    segments = malloc((count + 1) * sizeof *segments);
    boxes = malloc((count + 1) * sizeof *boxes);
    s = segments && boxes && count < UINT32_MAX / 2 ? STATUS_OK : no_memory(err);
    for (uint32_t l = 0; s == STATUS_OK && l < n->lines->line_count; l++)
        for (uint32_t i = 0; i + 1 < n->lines->lines[l].point_count; i++) {
            segments[at] = (struct segment){l, i};
            boxes[at] = box_of(n, segments[at], 0);
            at++;
        }
    if (s == STATUS_OK) s = rtree_build(boxes, NULL, count, &tree, err);
    for (uint32_t i = 0; s == STATUS_OK && i < count; i++) {
        struct box_mm box = box_of(n, segments[i], margin);
        struct rtree_cursor cursor;
        uint32_t k;

        rtree_cursor_init(&cursor, &tree, &box);
        while (s == STATUS_OK && rtree_cursor_next(&cursor, &k))
            if (k > i && segments[i].line != segments[k].line) s = meet(n, segments[i], segments[k], err);
    }
    rtree_clear(&tree);
    free(segments);
    free(boxes);
    if (s == STATUS_OK && n->cut_count) qsort(n->cuts, n->cut_count, sizeof *n->cuts, compare_cuts);
    return s;
}

/* ---- roads ------------------------------------------------------------------------------------------------------ */

static enum status add_point(struct ogr_roads *out, size_t first, struct point_e7 p, struct error *err)
{
    void *bigger;

    if (out->point_count > first && memcmp(&out->points[out->point_count - 1], &p, sizeof p) == 0) return STATUS_OK;
    bigger = room(out->points, &out->point_capacity, out->point_count, sizeof *out->points);
    if (!bigger) return no_memory(err);
    out->points = bigger;
    out->points[out->point_count++] = p;
    return STATUS_OK;
}

/* Ends the road under way at `p` and begins the next one there. */
static enum status end_road(struct noding *n, struct ogr_road *road, struct point_e7 p, struct import_report *report, struct error *err)
{
    struct ogr_roads *out = n->out;
    void *bigger;
    enum status s = node_at(n, p, &road->to, err);

    if (s != STATUS_OK) return s;
    p = out->nodes[road->to];
    s = add_point(out, road->first_point, p, err);
    if (s != STATUS_OK) return s;
    road->point_count = (uint32_t)(out->point_count - road->first_point);
    if (road->point_count < 2 || (road->from == road->to && road->point_count < 3)) {
        out->point_count = road->first_point;
        if (n->lines->lines[road->line].point_count == 2 && road->from == road->to)
            import_report_count(report, "line shorter than the tolerance: left out", "line %u", road->line + 1);
    } else {
        if (road->from == road->to) { /* a loop becomes two roads */
            struct ogr_road half = *road;
            uint32_t middle = road->point_count / 2;
            size_t first = out->point_count;

            s = node_at(n, out->points[road->first_point + middle], &half.to, err);
            half.point_count = middle + 1;
            out->points[road->first_point + middle] = out->nodes[half.to];
            for (uint32_t i = middle; s == STATUS_OK && i < road->point_count; i++) s = add_point(out, first, out->points[road->first_point + i], err);
            if (s != STATUS_OK) return s;
            bigger = room(out->roads, &out->road_capacity, out->road_count, sizeof *out->roads);
            if (!bigger) return no_memory(err);
            out->roads = bigger;
            if (half.to != half.from) out->roads[out->road_count++] = half;
            road->from = half.to;
            road->first_point = first;
            road->point_count = (uint32_t)(out->point_count - first);
        }
        bigger = room(out->roads, &out->road_capacity, out->road_count, sizeof *out->roads);
        if (!bigger) return no_memory(err);
        out->roads = bigger;
        if (road->from != road->to && road->point_count >= 2) out->roads[out->road_count++] = *road;
    }
    *road = (struct ogr_road){.line = road->line, .from = road->to, .first_point = out->point_count};
    return add_point(out, road->first_point, p, err);
}

static enum status split(struct noding *n, uint32_t l, const struct cut *cuts, size_t count, struct import_report *report, struct error *err)
{
    const struct ogr_line *line = &n->lines->lines[l];
    const struct point_e7 *points = points_of(n, l);
    struct ogr_road road = {.line = l, .first_point = n->out->point_count};
    size_t next = 0;
    enum status s = node_at(n, points[0], &road.from, err);

    if (s == STATUS_OK) s = add_point(n->out, road.first_point, n->out->nodes[road.from], err);
    for (uint32_t i = 0; s == STATUS_OK && i + 1 < line->point_count; i++) {
        for (; s == STATUS_OK && next < count && cuts[next].index == i; next++) s = end_road(n, &road, cuts[next].point, report, err);
        if (s != STATUS_OK) break;
        if (i + 2 == line->point_count || n->out->point_count - road.first_point >= SHAPE_MAX) s = end_road(n, &road, points[i + 1], report, err);
        else s = add_point(n->out, road.first_point, points[i + 1], err);
    }
    if (s == STATUS_OK) n->out->point_count = road.first_point; /* the beginning of a road that does not follow */
    return s;
}

enum status ogr_node_lines(struct ogr_lines *lines, double tolerance_m, bool crossings, struct import_report *report,
                           struct ogr_roads *out, struct error *err)
{
    struct noding n = {.lines = lines, .out = out, .tolerance_m = tolerance_m, .cosine = 1};
    size_t at = 0;
    double mean = 0;
    uint32_t node;
    enum status s = STATUS_OK;

    *out = (struct ogr_roads){0};
    for (size_t i = 0; i < lines->point_count; i++) mean += lines->points[i].lat_e7 / 1e7 / (double)lines->point_count;
    n.cosine = cos(mean * 3.14159265358979323846 / 180);
    if (n.cosine < 0.01) n.cosine = 0.01;
    for (uint32_t l = 0; s == STATUS_OK && l < lines->line_count; l++) { /* ends first: they name the nodes */
        struct point_e7 *p = points_of(&n, l);

        s = node_at(&n, p[0], &node, err);
        if (s == STATUS_OK) p[0] = out->nodes[node];
        if (s == STATUS_OK) s = node_at(&n, p[lines->lines[l].point_count - 1], &node, err);
        if (s == STATUS_OK) p[lines->lines[l].point_count - 1] = out->nodes[node];
    }
    if (s == STATUS_OK && crossings) s = find_crossings(&n, err);
    for (uint32_t l = 0; s == STATUS_OK && l < lines->line_count; l++) {
        size_t end = at;

        while (end < n.cut_count && n.cuts[end].line == l) end++;
        s = split(&n, l, n.cuts + at, end - at, report, err);
        at = end;
    }
    free(n.slots);
    free(n.cuts);
    return s;
}
