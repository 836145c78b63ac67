#include "routing/network/spatial.h"

#include "geo/linear.h"

#include <stdlib.h>
#include <string.h>

/* A piece is a run of a road's segments: short enough that its box says where it is, long enough that there are not
 * too many. */
enum { PIECE_SEGMENTS = 8, PIECE_EXTENT_MM = 400000, RADIUS_FIRST_MM = 60000 };

struct spatial {
    const struct network *n;
    struct rtree tree;          /* payload: piece */
    uint32_t *road_first_piece; /* [road_count + 1] */
    uint32_t *piece_first;      /* [piece_count] first shape point; the last is the next piece's first */
    road_index *piece_road;     /* [piece_count] */
};

/* One past the last shape point of a piece that begins at `first`. */
static uint32_t piece_end(const struct network *n, uint32_t first, uint32_t road_end)
{
    struct box_mm box = BOX_MM_EMPTY;
    box_mm_add(&box, n->shape_plane[first]);
    uint32_t at = first + 1;
    for (; at < road_end; at++) {
        if (at - first > PIECE_SEGMENTS) break;
        struct box_mm grown = box;
        box_mm_add(&grown, n->shape_plane[at]);
        int64_t extent = (int64_t)grown.max_x_mm - grown.min_x_mm + grown.max_y_mm - grown.min_y_mm;
        if (extent > PIECE_EXTENT_MM && at > first + 1) break;
        box = grown;
    }
    return at;
}

/* Walks the pieces of all roads; with `boxes` NULL it only counts. */
static uint32_t cut(const struct network *n, struct spatial *s, struct box_mm *boxes)
{
    uint32_t count = 0;
    for (road_index r = 0; r < n->road_count; r++) {
        if (boxes != NULL) s->road_first_piece[r] = count;
        uint32_t end = n->road_first_shape[r + 1];
        for (uint32_t at = n->road_first_shape[r]; at + 1 < end; count++) {
            uint32_t next = piece_end(n, at, end);
            if (boxes != NULL) {
                boxes[count] = box_mm_of(n->shape_plane + at, next - at);
                s->piece_first[count] = at;
                s->piece_road[count] = r;
            }
            at = next - 1;
        }
    }
    if (boxes != NULL) s->road_first_piece[n->road_count] = count;
    return count;
}

enum status spatial_new(const struct network *n, struct spatial **out, struct error *err)
{
    enum status status = STATUS_OK;
    struct box_mm *boxes = NULL;
    *out = NULL;
    struct spatial *s = calloc(1, sizeof *s);
    if (s == NULL) goto no_memory;
    s->n = n;
    uint32_t count = cut(n, s, NULL);
    boxes = malloc((count + 1) * sizeof *boxes);
    s->road_first_piece = malloc(((size_t)n->road_count + 1) * sizeof *s->road_first_piece);
    s->piece_first = malloc((count + 1) * sizeof *s->piece_first);
    s->piece_road = malloc((count + 1) * sizeof *s->piece_road);
    if (boxes == NULL || s->road_first_piece == NULL || s->piece_first == NULL || s->piece_road == NULL)
        goto no_memory;
    cut(n, s, boxes);
    status = rtree_build(boxes, NULL, count, &s->tree, err);
    free(boxes);
    if (status != STATUS_OK) {
        spatial_free(s);
        return status;
    }
    *out = s;
    return STATUS_OK;
no_memory:
    free(boxes);
    spatial_free(s);
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

void spatial_free(struct spatial *s)
{
    if (s == NULL) return;
    rtree_clear(&s->tree);
    free(s->road_first_piece);
    free(s->piece_first);
    free(s->piece_road);
    free(s);
}

/* The points of a piece. */
static const struct point_mm *piece_points(const struct spatial *s, uint32_t piece, uint32_t *count)
{
    road_index road = s->piece_road[piece];
    uint32_t first = s->piece_first[piece];
    uint32_t last = piece + 1 < s->road_first_piece[road + 1] ? s->piece_first[piece + 1]
                                                               : s->n->road_first_shape[road + 1] - 1;
    *count = last - first + 1;
    return s->n->shape_plane + first;
}

static bool piece_meets(const struct spatial *s, uint32_t piece, const struct box_mm *box)
{
    uint32_t count;
    const struct point_mm *points = piece_points(s, piece, &count);
    struct box_mm own = box_mm_of(points, count);
    return box_mm_intersects(&own, box);
}

/* Whether this is the road's first piece in the box: so each road is reported once without remembering any. */
static bool first_of_road(const struct spatial *s, uint32_t piece, const struct box_mm *box)
{
    for (uint32_t p = s->road_first_piece[s->piece_road[piece]]; p < piece; p++)
        if (piece_meets(s, p, box)) return false;
    return true;
}

void spatial_roads(const struct spatial *s, struct box_mm box, void (*visit)(void *context, road_index road),
                   void *context)
{
    struct rtree_cursor cursor;
    uint32_t piece;
    rtree_cursor_init(&cursor, &s->tree, &box);
    while (rtree_cursor_next(&cursor, &piece))
        if (first_of_road(s, piece, &box)) visit(context, s->piece_road[piece]);
}

/* ---- offsets ---- */

/* a · b / c to the nearest; all ≥ 0, c > 0 */
static int64_t scale(int64_t a, int64_t b, int64_t c)
{
    return (int64_t)(((__int128)a * b + c / 2) / c);
}

uint32_t spatial_from_plane_mm(const struct network *n, road_index road, int64_t plane_length_mm, int64_t plane_mm)
{
    if (plane_length_mm <= 0 || plane_mm <= 0) return 0;
    if (plane_mm >= plane_length_mm) return n->road_length_mm[road];
    return (uint32_t)scale(plane_mm, n->road_length_mm[road], plane_length_mm);
}

int64_t spatial_to_plane_mm(const struct network *n, road_index road, int64_t plane_length_mm, uint32_t offset_mm)
{
    if (offset_mm >= n->road_length_mm[road]) return plane_length_mm;
    return scale(offset_mm, plane_length_mm, n->road_length_mm[road]);
}

/* The point `along` mm into a segment that is `length` mm long in the plane. */
static struct point_e7 between(struct point_e7 a, struct point_e7 b, int64_t along, int64_t length)
{
    if (length <= 0 || along <= 0) return a;
    if (along >= length) return b;
    int64_t dx = (int64_t)b.lon_e7 - a.lon_e7, dy = (int64_t)b.lat_e7 - a.lat_e7;
    return (struct point_e7){(int32_t)(a.lon_e7 + (dx < 0 ? -scale(-dx, along, length) : scale(dx, along, length))),
                             (int32_t)(a.lat_e7 + (dy < 0 ? -scale(-dy, along, length) : scale(dy, along, length)))};
}

static struct point_e7 point_on(const struct network *n, road_index road, int64_t plane_mm)
{
    uint32_t at = n->road_first_shape[road], last = n->road_first_shape[road + 1] - 1;
    for (; at + 1 < last; at++) {
        int64_t length = linear_segment_mm(n->shape_plane[at], n->shape_plane[at + 1]);
        if (plane_mm <= length) return between(n->shape_point[at], n->shape_point[at + 1], plane_mm, length);
        plane_mm -= length;
    }
    return between(n->shape_point[at], n->shape_point[at + 1], plane_mm,
                   linear_segment_mm(n->shape_plane[at], n->shape_plane[at + 1]));
}

static int64_t plane_length(const struct network *n, road_index road)
{
    uint32_t first = n->road_first_shape[road];
    return linear_length_mm(n->shape_plane + first, n->road_first_shape[road + 1] - first);
}

struct point_e7 spatial_point_at(const struct network *n, road_index road, uint32_t offset_mm)
{
    return point_on(n, road, spatial_to_plane_mm(n, road, plane_length(n, road), offset_mm));
}

/* ---- nearest ---- */

/* The road's nearest position among its pieces in the box, the first of which is `piece`. */
static void nearest_on_road(const struct spatial *s, uint32_t piece, const struct box_mm *box, struct point_mm at,
                            struct linear_position *best, uint32_t *best_piece)
{
    road_index road = s->piece_road[piece];
    best->distance2_mm2 = UINT64_MAX;
    for (uint32_t p = piece; p < s->road_first_piece[road + 1]; p++) {
        if (p > piece && !piece_meets(s, p, box)) continue;
        uint32_t count;
        struct linear_position here;
        const struct point_mm *points = piece_points(s, p, &count);
        linear_nearest(points, count, at, &here);
        if (here.distance2_mm2 >= best->distance2_mm2) continue;
        *best = here;
        *best_piece = p;
    }
}

struct candidates {
    struct road_place *places;
    uint32_t count, max_count;
};

static bool comes_before(const struct road_place *place, uint32_t distance_mm, road_index road)
{
    return place->distance_mm != distance_mm ? place->distance_mm < distance_mm : place->road < road;
}

/* Puts a place into the sorted list if there is room for it or it pushes another out. */
static void keep(struct candidates *c, const struct road_place *place)
{
    uint32_t at = c->count;
    while (at > 0 && !comes_before(&c->places[at - 1], place->distance_mm, place->road)) at--;
    if (at == c->max_count) return;
    uint32_t end = c->count < c->max_count ? c->count++ : c->count - 1;
    memmove(&c->places[at + 1], &c->places[at], (end - at) * sizeof *c->places);
    c->places[at] = *place;
}

uint32_t spatial_nearest(const struct spatial *s, struct point_mm at, uint32_t max_mm,
                         bool (*usable)(const void *context, road_index road, uint32_t offset_mm),
                         const void *context, struct road_place *places, uint32_t max_count)
{
    const struct network *n = s->n;
    struct candidates found = {.places = places, .max_count = max_count};
    if (max_count == 0) return 0;
    if (max_mm > INT32_MAX) max_mm = INT32_MAX;
    for (uint64_t wide = RADIUS_FIRST_MM;; wide *= 4) {
        uint32_t radius = wide < max_mm ? (uint32_t)wide : max_mm, piece;
        struct box_mm point = {at.x_mm, at.y_mm, at.x_mm, at.y_mm};
        struct box_mm box = box_mm_grow(&point, (int32_t)radius);
        struct rtree_cursor cursor;
        found.count = 0;
        rtree_cursor_init(&cursor, &s->tree, &box);
        while (rtree_cursor_next(&cursor, &piece)) {
            if (!first_of_road(s, piece, &box)) continue;
            struct linear_position position;
            uint32_t on_piece = piece;
            nearest_on_road(s, piece, &box, at, &position, &on_piece);
            if (position.distance2_mm2 > (uint64_t)radius * radius) continue; /* a nearer piece may lie outside */
            road_index road = s->piece_road[piece];
            uint32_t distance = (uint32_t)position.distance_mm;
            if (found.count == max_count && comes_before(&places[max_count - 1], distance, road)) continue;
            uint32_t first = n->road_first_shape[road];
            int64_t along = position.offset_mm +
                            linear_length_mm(n->shape_plane + first, s->piece_first[on_piece] - first + 1);
            uint32_t offset = spatial_from_plane_mm(n, road, plane_length(n, road), along);
            if (usable != NULL && !usable(context, road, offset)) continue;
            keep(&found, &(struct road_place){road, offset, distance, point_on(n, road, along)});
        }
        if (found.count == max_count || radius == max_mm) return found.count;
    }
}
