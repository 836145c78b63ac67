#include "geo/band.h"

#include "geo/band_thin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS_A_WIDTH = 10,
    LINE_SLACK = 100,            /* lines are thinned by this part of the width */
    HOLE = 10,                   /* holes below this part of the width's square are closed */
    PIECE_MAX_MM = 500000000,    /* longer segments are cut: the grid counts from their beginning in int32 */
    EDGE_MAX_MM = 2000000,       /* a straight edge of the plane bends by 5 cm in lon/lat over this length */
    LINE_POINTS_MAX = 10000000,
    POINTS_MAX = 4000000,
    PROJECTED_AT_ONCE = 65536,
};

struct ring {
    size_t first;
    uint32_t count, part;
    bool hole;
};

/* The labels of a tile's northern nodes, for the row of tiles after it. */
struct shared {
    int32_t tx;
    uint32_t labels[BAND_NODES];
};

struct band {
    struct band_border border;
    struct band_bounds *bounds;
    struct band_tile *tile;
    struct band_thinner *thinner;
    struct band_segment *segments;
    size_t segment_count, segment_room;
    int32_t row_least;           /* of tiles */
    uint32_t row_count;
    size_t *row_first;           /* [row_count + 1] */
    uint32_t *row_segment;       /* by row of tiles */
    uint64_t *entries;           /* of one row: tile, then segment */
    size_t entry_room;
    struct shared *before, *now; /* of two rows */
    size_t before_count, now_count, before_room, now_room;
    struct point_mm *ring_points;
    struct ring *rings;
    size_t ring_count;
    uint32_t part_count;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static bool cancelled(const struct band *b)
{
    return b->bounds->cancelled && __atomic_load_n(b->bounds->cancelled, __ATOMIC_RELAXED);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* ---- segments --------------------------------------------------------------------------------------------------------- */

static bool segment_add(struct band *b, struct point_mm from, struct point_mm to)
{
    int64_t dx = (int64_t)to.x_mm - from.x_mm, dy = (int64_t)to.y_mm - from.y_mm;
    int64_t longest = llabs(dx) > llabs(dy) ? llabs(dx) : llabs(dy), pieces = longest / PIECE_MAX_MM + 1;
    for (int64_t i = 0; i < pieces; i++) {
        if (b->segment_count == b->segment_room) {
            size_t more = b->segment_room ? 2 * b->segment_room : 4096;
            struct band_segment *grown = more <= UINT32_MAX ? realloc(b->segments, more * sizeof *grown) : NULL;
            if (!grown) return false;
            b->segments = grown;
            b->segment_room = more;
        }
        struct point_mm next = to;
        if (i + 1 < pieces)
            next = (struct point_mm){(int32_t)(from.x_mm + dx / pieces), (int32_t)(from.y_mm + dy / pieces)};
        b->segments[b->segment_count++] = (struct band_segment){from, next};
        from = next;
    }
    return true;
}

/* Points nearer than the slack to the one kept before them are left out, but for the last. */
static bool line_add(struct band *b, const struct point_mm *points, size_t count)
{
    int64_t slack = b->border.width_mm / LINE_SLACK;
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        int64_t dx = (int64_t)points[i].x_mm - points[kept].x_mm, dy = (int64_t)points[i].y_mm - points[kept].y_mm;
        if (i + 1 < count && llabs(dx) <= slack && llabs(dy) <= slack && dx * dx + dy * dy <= slack * slack) continue;
        if (!segment_add(b, points[kept], points[i])) return false;
        kept = i;
    }
    return count > 1 || segment_add(b, points[0], points[0]);
}

/* The rows of tiles that a segment concerns. A tile's last row of nodes is the next one's first. */
static void rows_of(const struct band *b, const struct band_segment *s, int64_t *first, int64_t *last)
{
    double far = (double)b->border.width_mm + b->border.step_mm + 2;
    double low = fmin(s->a.y_mm, s->b.y_mm) - far, high = fmax(s->a.y_mm, s->b.y_mm) + far;
    *first = floor_div((int64_t)floor(low / b->border.step_mm) - 1, BAND_CELLS);
    *last = floor_div((int64_t)ceil(high / b->border.step_mm), BAND_CELLS);
}

/* Sorts the segments by rows of tiles. */
static bool rows_sort(struct band *b)
{
    int64_t least = INT32_MAX, most = INT32_MIN, first, last;
    for (size_t i = 0; i < b->segment_count; i++) {
        rows_of(b, &b->segments[i], &first, &last);
        if (first < least) least = first;
        if (last > most) most = last;
    }
    b->row_least = (int32_t)least;
    b->row_count = (uint32_t)(most - least + 1);
    b->row_first = calloc((size_t)b->row_count + 2, sizeof *b->row_first);
    if (!b->row_first) return false;
    for (size_t i = 0; i < b->segment_count; i++) {
        rows_of(b, &b->segments[i], &first, &last);
        for (int64_t r = first; r <= last; r++) b->row_first[r - least + 2]++;
    }
    for (uint32_t r = 2; r < b->row_count + 2; r++) b->row_first[r] += b->row_first[r - 1];
    b->row_segment = malloc((b->row_first[b->row_count + 1] + 1) * sizeof *b->row_segment);
    if (!b->row_segment) return false;
    for (size_t i = 0; i < b->segment_count; i++) {
        rows_of(b, &b->segments[i], &first, &last);
        for (int64_t r = first; r <= last; r++) b->row_segment[b->row_first[r - least + 1]++] = (uint32_t)i;
    }
    return true;
}

/* ---- tiles -------------------------------------------------------------------------------------------------------------- */

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The tiles of a row that segments concern, in the upper half of each entry, sorted. */
static bool entries_make(struct band *b, uint32_t row, size_t *count)
{
    const double step = b->border.step_mm, side = step * BAND_CELLS, low = (b->row_least + (double)row) * side;
    *count = 0;
    for (size_t k = b->row_first[row]; k < b->row_first[row + 1]; k++) {
        double min_mm, max_mm;
        if (!band_reach(&b->border, &b->segments[b->row_segment[k]], low, low + side, &min_mm, &max_mm)) continue;
        int64_t first = floor_div((int64_t)ceil(min_mm / step) - 1, BAND_CELLS);
        int64_t last = floor_div((int64_t)floor(max_mm / step), BAND_CELLS);
        for (int64_t tx = first; tx <= last; tx++) {
            if (*count == b->entry_room) {
                size_t more = b->entry_room ? 2 * b->entry_room : 4096;
                uint64_t *grown = realloc(b->entries, more * sizeof *grown);
                if (!grown) return false;
                b->entries = grown;
                b->entry_room = more;
            }
            b->entries[(*count)++] = (uint64_t)(tx + ((int64_t)1 << 31)) << 32 | b->row_segment[k];
        }
    }
    if (*count) qsort(b->entries, *count, sizeof *b->entries, compare_u64);
    return true;
}

static enum status tile_draw(struct band *b, int32_t ty, const uint64_t *entries, size_t count,
                             const uint32_t *west, const uint32_t *south, uint32_t *east, struct error *err)
{
    int32_t tx = (int32_t)((int64_t)(entries[0] >> 32) - ((int64_t)1 << 31));
    if (cancelled(b)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
    for (size_t i = 0; i < count; i++) {
        uint32_t looked = band_tile_add(b->tile, &b->border, tx, ty, &b->segments[(uint32_t)entries[i]]);
        if (looked > b->bounds->steps) return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_AREA_BUDGET);
        b->bounds->steps -= looked;
    }
    if (b->now_count == b->now_room) {
        size_t more = b->now_room ? 2 * b->now_room : 64;
        struct shared *grown = realloc(b->now, more * sizeof *grown);
        if (!grown) return no_memory(err);
        b->now = grown;
        b->now_room = more;
    }
    struct shared *shared = &b->now[b->now_count++];
    shared->tx = tx;
    size_t first_chain = b->border.chain_count;
    int64_t side_mm = (int64_t)b->border.step_mm * BAND_CELLS;
    bool good = band_tile_draw(b->tile, &b->border, tx, ty, west, south, east, shared->labels) &&
                band_thin(b->thinner, &b->border, first_chain, tx * side_mm, ty * side_mm);
    return good ? STATUS_OK : no_memory(err);
}

static enum status row_draw(struct band *b, uint32_t row, struct error *err)
{
    uint32_t sides[2][BAND_NODES]; /* the eastern nodes of this tile and of the one before */
    size_t count, south = 0, tiles = 0;
    enum status status = STATUS_OK;
    if (!entries_make(b, row, &count)) return no_memory(err);
    for (size_t i = 0, end; i < count && status == STATUS_OK; i = end, tiles++) {
        for (end = i + 1; end < count && b->entries[end] >> 32 == b->entries[i] >> 32;) end++;
        int32_t tx = (int32_t)((int64_t)(b->entries[i] >> 32) - ((int64_t)1 << 31));
        while (south < b->before_count && b->before[south].tx < tx) south++;
        bool below = south < b->before_count && b->before[south].tx == tx;
        bool beside = b->now_count > 0 && b->now[b->now_count - 1].tx == tx - 1;
        status = tile_draw(b, b->row_least + (int32_t)row, b->entries + i, end - i, beside ? sides[(tiles + 1) % 2] : NULL,
                           below ? b->before[south].labels : NULL, sides[tiles % 2], err);
    }
    struct shared *swap = b->before;
    size_t room = b->before_room;
    b->before = b->now, b->before_count = b->now_count, b->before_room = b->now_room;
    b->now = swap, b->now_count = 0, b->now_room = room;
    return status;
}

static enum status tiles_draw(struct band *b, struct error *err)
{
    enum status status = STATUS_OK;
    b->tile = band_tile_new();
    b->thinner = band_thinner_new();
    if (!b->tile || !b->thinner || !rows_sort(b)) status = no_memory(err);
    for (uint32_t row = 0; row < b->row_count && status == STATUS_OK; row++) status = row_draw(b, row, err);
    return status;
}

/* ---- rings -------------------------------------------------------------------------------------------------------------- */

static int compare_chains(const void *a, const void *b)
{
    return compare_u64(&((const struct band_chain *)a)->enter, &((const struct band_chain *)b)->enter);
}

/* The chain that goes on where this one ends. */
static struct band_chain *chain_after(const struct band *b, const struct band_chain *chain)
{
    struct band_chain key = {.enter = chain->leave};
    return bsearch(&key, b->border.chains, b->border.chain_count, sizeof key, compare_chains);
}

/* Twice the signed area: positive against the clock. */
static double area2_mm2(const struct point_mm *points, uint32_t count)
{
    double sum = 0, x0 = points[0].x_mm, y0 = points[0].y_mm;
    for (uint32_t i = 1; i + 1 < count; i++)
        sum += (points[i].x_mm - x0) * (points[i + 1].y_mm - y0) - (points[i + 1].x_mm - x0) * (points[i].y_mm - y0);
    return sum;
}

/* Joins chains into rings. What hangs together has one ring against the clock, its shell; the others are its holes. */
static enum status rings_join(struct band *b, struct error *err)
{
    struct band_border *border = &b->border;
    const double hole2_mm2 = 2.0 * border->width_mm * border->width_mm / HOLE;
    size_t used = 0;
    uint32_t *part = malloc((border->label_count + 1) * sizeof *part);
    b->ring_points = malloc((border->point_count + 1) * sizeof *b->ring_points);
    b->rings = malloc((border->chain_count + 1) * sizeof *b->rings);
    if (!part || !b->ring_points || !b->rings) {
        free(part);
        return no_memory(err);
    }
    if (border->chain_count) qsort(border->chains, border->chain_count, sizeof *border->chains, compare_chains);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < border->chain_count; i++) {
        struct band_chain *begin = &border->chains[i], *c = begin;
        struct ring ring = {.first = used, .part = band_label_root(border, begin->label)};
        if (!begin->count) continue; /* taken */
        do {
            uint32_t points = c->enter == c->leave ? c->count : c->count - 1; /* the last is the next one's first */
            memcpy(b->ring_points + used, border->points + c->first, points * sizeof *b->ring_points);
            used += points;
            c->count = 0;
            if (c->enter == c->leave) break;
            c = chain_after(b, c);
        } while (c && c->count);
        if (!c || (c != begin && c->enter != c->leave)) status = error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        if (status != STATUS_OK) break;
        ring.count = (uint32_t)(used - ring.first);
        double area2 = area2_mm2(b->ring_points + ring.first, ring.count);
        ring.hole = area2 < 0;
        if (ring.hole && -area2 < hole2_mm2) continue;
        if (!ring.hole) part[ring.part] = b->part_count++;
        b->rings[b->ring_count++] = ring;
    }
    for (size_t i = 0; i < b->ring_count && status == STATUS_OK; i++) b->rings[i].part = part[b->rings[i].part];
    free(part);
    return status;
}

/* ---- the shape ------------------------------------------------------------------------------------------------------------ */

static int compare_rings(const void *a, const void *b)
{
    const struct ring *x = a, *y = b;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    if (x->hole != y->hole) return x->hole ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Pieces that the edge after a point is cut into. */
static uint32_t pieces_of(struct point_mm p, struct point_mm q)
{
    double length = hypot((double)q.x_mm - p.x_mm, (double)q.y_mm - p.y_mm);
    return (uint32_t)(length / EDGE_MAX_MM) + 1;
}

static struct point_mm next_of(const struct band *b, const struct ring *ring, uint32_t i)
{
    return b->ring_points[ring->first + (i + 1 < ring->count ? i + 1 : 0)];
}

/* All rings in the plane, one after another, each closed and its long edges cut. */
static void rings_write(const struct band *b, struct point_mm *plane)
{
    for (size_t r = 0; r < b->ring_count; r++) {
        const struct ring *ring = &b->rings[r];
        for (uint32_t i = 0; i < ring->count; i++) {
            struct point_mm p = b->ring_points[ring->first + i], q = next_of(b, ring, i);
            uint32_t pieces = pieces_of(p, q);
            for (uint32_t k = 0; k < pieces; k++)
                *plane++ = (struct point_mm){round_to_i32(p.x_mm + ((double)q.x_mm - p.x_mm) * k / pieces),
                                             round_to_i32(p.y_mm + ((double)q.y_mm - p.y_mm) * k / pieces)};
        }
        *plane++ = b->ring_points[ring->first];
    }
}

/* Sorts the rings, makes room for them, and counts them and their points. */
static enum status shape_make(struct band *b, struct multipolygon *out, struct error *err)
{
    size_t points = 0;
    if (b->ring_count) qsort(b->rings, b->ring_count, sizeof *b->rings, compare_rings);
    if (b->ring_count > POINTS_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_RINGS, (unsigned)POINTS_MAX);
    out->part_first_ring = calloc((size_t)b->part_count + 1, sizeof *out->part_first_ring);
    out->ring_first_point = calloc(b->ring_count + 1, sizeof *out->ring_first_point);
    if (!out->part_first_ring || !out->ring_first_point) return no_memory(err);
    for (size_t r = 0; r < b->ring_count; r++) {
        const struct ring *ring = &b->rings[r];
        if (!ring->hole) out->part_first_ring[out->part_count++] = (uint32_t)r;
        out->ring_first_point[r] = (uint32_t)points;
        for (uint32_t i = 0; i < ring->count; i++)
            points += pieces_of(b->ring_points[ring->first + i], next_of(b, ring, i));
        points++;
        if (points > POINTS_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_POINTS, (unsigned)POINTS_MAX);
    }
    out->part_first_ring[out->part_count] = out->ring_count = (uint32_t)b->ring_count;
    out->ring_first_point[out->ring_count] = out->point_count = (uint32_t)points;
    out->points = malloc((points + 1) * sizeof *out->points);
    return out->points ? STATUS_OK : no_memory(err);
}

static enum status shape_project(struct band *b, struct projection *projection, struct multipolygon *out, struct error *err)
{
    struct point_mm *plane = malloc(((size_t)out->point_count + 1) * sizeof *plane);
    enum status status = STATUS_OK;
    if (!plane) return no_memory(err);
    rings_write(b, plane);
    for (uint32_t i = 0; i < out->point_count && status == STATUS_OK; i += PROJECTED_AT_ONCE) {
        uint32_t some = out->point_count - i < PROJECTED_AT_ONCE ? out->point_count - i : PROJECTED_AT_ONCE;
        if (cancelled(b)) status = error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        else status = projection_inverse(projection, plane + i, some, out->points + i, err);
    }
    free(plane);
    return status;
}

static enum status draw(struct band *b, struct projection *projection, const struct point_mm *points, const size_t *first,
                        size_t count, struct multipolygon *out, struct error *err)
{
    enum status status;
    for (size_t i = 0; i < count; i++)
        if (!line_add(b, points + first[i], first[i + 1] - first[i])) return no_memory(err);
    if ((status = tiles_draw(b, err)) != STATUS_OK) return status;
    if ((status = rings_join(b, err)) != STATUS_OK) return status;
    if ((status = shape_make(b, out, err)) != STATUS_OK) return status;
    return shape_project(b, projection, out, err);
}

enum status band_make(struct projection *projection, const struct point_mm *points, const size_t *first, size_t count,
                      uint32_t width_mm, struct band_bounds *bounds, struct multipolygon *out, struct error *err)
{
    struct band b = {.bounds = bounds};
    *out = (struct multipolygon){0};
    if (width_mm < BAND_WIDTH_MIN_MM || width_mm > BAND_WIDTH_MAX_MM) {
        enum status status = error_set(err, STATUS_INVALID, MESSAGE_AREA_WIDTH);
        error_bounds(err, (width_mm < BAND_WIDTH_MIN_MM ? BAND_WIDTH_MIN_MM : BAND_WIDTH_MAX_MM) / 1000.0, width_mm / 1000.0);
        return status;
    }
    if (count == 0) return STATUS_OK;
    if (first[count] > LINE_POINTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_LINE_POINTS, (size_t)LINE_POINTS_MAX);
    b.border.width_mm = (int32_t)width_mm;
    b.border.step_mm = (int32_t)(width_mm / STEPS_A_WIDTH);
    enum status status = draw(&b, projection, points, first, count, out, err);
    if (status != STATUS_OK) multipolygon_clear(out);
    band_tile_free(b.tile);
    band_thinner_free(b.thinner);
    free(b.border.points);
    free(b.border.chains);
    free(b.border.parent);
    free(b.segments);
    free(b.row_first);
    free(b.row_segment);
    free(b.entries);
    free(b.before);
    free(b.now);
    free(b.ring_points);
    free(b.rings);
    return status;
}
