#include "geo/band_thin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 16, ROUNDS = 4, TOLERANCE = 66 /* part of the width */, CLEARANCE = 40 /* part of a step */ };

static const uint32_t NONE = UINT32_MAX;

struct vertex {
    int32_t x, y;         /* from the tile's corner */
    uint32_t before, after;
    double error_mm;      /* how far what was left out may lie from the edge to the next */
    bool gone;
};

struct band_thinner {
    struct vertex *vertices;
    uint32_t *in_bucket; /* vertices by bucket */
    size_t room;
    uint32_t bucket_first[BUCKETS * BUCKETS + 2];
};

struct band_thinner *band_thinner_new(void)
{
    return calloc(1, sizeof(struct band_thinner));
}

void band_thinner_free(struct band_thinner *t)
{
    if (!t) return;
    free(t->vertices);
    free(t->in_bucket);
    free(t);
}

static int bucket_at(int64_t offset_mm, int64_t side_mm)
{
    int64_t at = offset_mm * BUCKETS / side_mm;
    return at < 0 ? 0 : at >= BUCKETS ? BUCKETS - 1 : (int)at;
}

static void buckets_fill(struct band_thinner *t, uint32_t count, int64_t side_mm)
{
    memset(t->bucket_first, 0, sizeof t->bucket_first);
    for (uint32_t i = 0; i < count; i++)
        t->bucket_first[bucket_at(t->vertices[i].y, side_mm) * BUCKETS + bucket_at(t->vertices[i].x, side_mm) + 2]++;
    for (int k = 2; k < BUCKETS * BUCKETS + 2; k++) t->bucket_first[k] += t->bucket_first[k - 1];
    for (uint32_t i = 0; i < count; i++)
        t->in_bucket[t->bucket_first[bucket_at(t->vertices[i].y, side_mm) * BUCKETS + bucket_at(t->vertices[i].x, side_mm) + 1]++] = i;
}

static int64_t cross(const struct vertex *a, const struct vertex *b, const struct vertex *p)
{
    return ((int64_t)b->x - a->x) * ((int64_t)p->y - a->y) - ((int64_t)b->y - a->y) * ((int64_t)p->x - a->x);
}

static double distance_mm(const struct vertex *a, const struct vertex *b, const struct vertex *p)
{
    double dx = (double)b->x - a->x, dy = (double)b->y - a->y, px = (double)p->x - a->x, py = (double)p->y - a->y;
    double length2 = dx * dx + dy * dy, t = length2 > 0 ? (px * dx + py * dy) / length2 : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return sqrt((px - t * dx) * (px - t * dx) + (py - t * dy) * (py - t * dy));
}

static bool in_triangle(const struct vertex *a, const struct vertex *b, const struct vertex *c, const struct vertex *p)
{
    int64_t x = cross(a, b, p), y = cross(b, c, p), z = cross(c, a, p);
    return (x >= 0 && y >= 0 && z >= 0) || (x <= 0 && y <= 0 && z <= 0);
}

static int32_t least(int32_t a, int32_t b, int32_t c)
{
    int32_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Whether the edge from a to c may take the place of a, v, c. */
static bool free_of_others(const struct band_thinner *t, const struct vertex *a, const struct vertex *v, const struct vertex *c,
                           int64_t side_mm, int32_t clear_mm)
{
    int x0 = bucket_at((int64_t)least(a->x, v->x, c->x) - clear_mm, side_mm);
    int x1 = bucket_at(-(int64_t)least(-a->x, -v->x, -c->x) + clear_mm, side_mm);
    int y0 = bucket_at((int64_t)least(a->y, v->y, c->y) - clear_mm, side_mm);
    int y1 = bucket_at(-(int64_t)least(-a->y, -v->y, -c->y) + clear_mm, side_mm);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++)
            for (uint32_t k = t->bucket_first[y * BUCKETS + x]; k < t->bucket_first[y * BUCKETS + x + 1]; k++) {
                const struct vertex *p = &t->vertices[t->in_bucket[k]];
                if (p->gone || p == a || p == v || p == c) continue;
                if (in_triangle(a, v, c, p) || distance_mm(a, c, p) <= clear_mm) return false;
            }
    return true;
}

/* The fewest points of a chain: a ring stays one, and the chains that a border drawn in two tiles consists of may not both
 * become the same stretch of the side between them. */
static uint32_t fewest(const struct band_thinner *t, uint32_t first, uint32_t last, bool ring)
{
    const struct vertex *a = &t->vertices[first], *b = &t->vertices[last];
    return ring ? 4 : a->x == b->x || a->y == b->y ? 3 : 2;
}

/* One round over a chain: points that may go within the tolerance do, never two neighbours. Returns how many went. */
static uint32_t chain_round(struct band_thinner *t, uint32_t first, uint32_t spare, double tolerance_mm, int64_t side_mm,
                            int32_t clear_mm)
{
    uint32_t went = 0;
    for (uint32_t i = t->vertices[first].after; i != NONE && i != first && went < spare;) {
        struct vertex *v = &t->vertices[i];
        uint32_t next = v->after;
        if (next == NONE) break;
        struct vertex *a = &t->vertices[v->before], *c = &t->vertices[next];
        double error_mm = fmax(a->error_mm, v->error_mm) + distance_mm(a, c, v);
        i = next;
        if (error_mm > tolerance_mm || !free_of_others(t, a, v, c, side_mm, clear_mm)) continue;
        a->after = next;
        c->before = v->before;
        a->error_mm = error_mm;
        v->gone = true;
        went++;
        if (next != first) i = c->after;
    }
    return went;
}

static bool room_make(struct band_thinner *t, size_t count)
{
    if (count <= t->room) return true;
    struct vertex *vertices = realloc(t->vertices, 2 * count * sizeof *vertices);
    if (vertices) t->vertices = vertices;
    uint32_t *in_bucket = realloc(t->in_bucket, 2 * count * sizeof *in_bucket);
    if (in_bucket) t->in_bucket = in_bucket;
    if (!vertices || !in_bucket) return false;
    t->room = 2 * count;
    return true;
}

bool band_thin(struct band_thinner *t, struct band_border *b, size_t first_chain, int64_t corner_x_mm, int64_t corner_y_mm)
{
    if (first_chain == b->chain_count) return true;
    const size_t base = b->chains[first_chain].first;
    const uint32_t count = (uint32_t)(b->point_count - base);
    const int64_t side_mm = (int64_t)b->step_mm * BAND_CELLS;
    if (!room_make(t, count)) return false;
    for (size_t k = first_chain; k < b->chain_count; k++) {
        const struct band_chain *c = &b->chains[k];
        bool ring = c->enter == c->leave;
        uint32_t first = (uint32_t)(c->first - base);
        for (uint32_t i = first; i < first + c->count; i++) {
            struct point_mm p = b->points[base + i];
            t->vertices[i] = (struct vertex){.x = (int32_t)(p.x_mm - corner_x_mm), .y = (int32_t)(p.y_mm - corner_y_mm),
                                             .before = i - 1, .after = i + 1};
        }
        t->vertices[first].before = ring ? first + c->count - 1 : NONE;
        t->vertices[first + c->count - 1].after = ring ? first : NONE;
    }
    buckets_fill(t, count, side_mm);
    for (size_t k = first_chain; k < b->chain_count; k++) {
        const struct band_chain *c = &b->chains[k];
        uint32_t first = (uint32_t)(c->first - base), least_count = fewest(t, first, first + c->count - 1, c->enter == c->leave);
        uint32_t spare = c->count > least_count ? c->count - least_count : 0;
        for (int round = ROUNDS - 1; round >= 0; round--) /* what matters least goes first */
            spare -= chain_round(t, first, spare, (double)b->width_mm / TOLERANCE / (1 << round), side_mm, b->step_mm / CLEARANCE);
    }
    size_t used = base;
    for (size_t k = first_chain; k < b->chain_count; k++) {
        struct band_chain *c = &b->chains[k];
        size_t first = c->first - base, old = c->count;
        c->first = used;
        for (size_t i = first; i < first + old; i++)
            if (!t->vertices[i].gone) b->points[used++] = b->points[base + i];
        c->count = (uint32_t)(used - c->first);
    }
    b->point_count = used;
    return true;
}
