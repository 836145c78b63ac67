#include "geo/multipolygon.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_E7 = 90000, PROJECTED_POINTS_MAX = 4000000 };

void multipolygon_clear(struct multipolygon *shape)
{
    free(shape->part_first_ring);
    free(shape->ring_first_point);
    free(shape->points);
    *shape = (struct multipolygon){0};
}

void multipolygon_mm_clear(struct multipolygon_mm *shape)
{
    free(shape->part_first_ring);
    free(shape->ring_first_point);
    free(shape->points);
    *shape = (struct multipolygon_mm){0};
}

/* A copy of `size` bytes, at least one byte long so that NULL means only one thing. */
static void *copy(const void *data, size_t size)
{
    void *out = malloc(size + 1);
    if (out != NULL && size > 0) memcpy(out, data, size);
    return out;
}

enum status multipolygon_dup(const struct multipolygon *shape, struct multipolygon *out, struct error *err)
{
    *out = (struct multipolygon){0};
    if (shape->part_count == 0) return STATUS_OK;
    out->part_count = shape->part_count;
    out->ring_count = shape->ring_count;
    out->point_count = shape->point_count;
    out->part_first_ring = copy(shape->part_first_ring, sizeof *shape->part_first_ring * (shape->part_count + 1));
    out->ring_first_point = copy(shape->ring_first_point, sizeof *shape->ring_first_point * (shape->ring_count + 1));
    out->points = copy(shape->points, sizeof *shape->points * shape->point_count);
    if (out->part_first_ring != NULL && out->ring_first_point != NULL && out->points != NULL) return STATUS_OK;
    multipolygon_clear(out);
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

struct box_e7 multipolygon_box(const struct multipolygon *shape)
{
    return box_e7_of(shape->points, shape->point_count);
}

/* ---- into the plane ---- */

/* In how many pieces the edge a b is cut. */
static uint32_t pieces(struct point_e7 a, struct point_e7 b)
{
    int64_t lon = llabs((int64_t)b.lon_e7 - a.lon_e7), lat = llabs((int64_t)b.lat_e7 - a.lat_e7);
    int64_t longest = lon > lat ? lon : lat;
    return longest <= PIECE_E7 ? 1 : (uint32_t)((longest + PIECE_E7 - 1) / PIECE_E7);
}

static int32_t between(int32_t a, int32_t b, uint32_t k, uint32_t n)
{
    int64_t twice = 2 * ((int64_t)b - a) * k;
    return (int32_t)(a + (twice + (twice < 0 ? -(int64_t)n : (int64_t)n)) / (2 * (int64_t)n));
}

enum status multipolygon_project(const struct multipolygon *shape, struct projection *projection,
                                 struct multipolygon_mm *out, struct error *err)
{
    *out = (struct multipolygon_mm){0};
    struct point_e7 *cut = NULL;
    enum status status = STATUS_OK;
    if (shape->part_count == 0) return STATUS_OK;
    uint64_t total = 0;
    for (uint32_t r = 0; r < shape->ring_count; r++) {
        for (uint32_t i = shape->ring_first_point[r]; i + 1 < shape->ring_first_point[r + 1]; i++)
            total += pieces(shape->points[i], shape->points[i + 1]);
        total++;
    }
    if (total > PROJECTED_POINTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_POINTS, (unsigned)PROJECTED_POINTS_MAX);
    out->part_count = shape->part_count;
    out->ring_count = shape->ring_count;
    out->point_count = (uint32_t)total;
    out->part_first_ring = copy(shape->part_first_ring, sizeof *shape->part_first_ring * (shape->part_count + 1));
    out->ring_first_point = malloc(sizeof *out->ring_first_point * (shape->ring_count + 1));
    out->points = malloc(sizeof *out->points * total);
    cut = malloc(sizeof *cut * total);
    if (out->part_first_ring == NULL || out->ring_first_point == NULL || out->points == NULL || cut == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    uint32_t n = 0;
    for (uint32_t r = 0; r < shape->ring_count; r++) {
        out->ring_first_point[r] = n;
        uint32_t first = shape->ring_first_point[r], end = shape->ring_first_point[r + 1];
        for (uint32_t i = first; i + 1 < end; i++) {
            struct point_e7 a = shape->points[i], b = shape->points[i + 1];
            /* Neighbouring polygons run through a common edge in opposite directions: cut it the same way. */
            bool turned = b.lon_e7 < a.lon_e7 || (b.lon_e7 == a.lon_e7 && b.lat_e7 < a.lat_e7);
            uint32_t count = pieces(a, b);
            for (uint32_t k = 0; k < count; k++)
                cut[n++] = turned ? (struct point_e7){between(b.lon_e7, a.lon_e7, count - k, count),
                                                      between(b.lat_e7, a.lat_e7, count - k, count)}
                                  : (struct point_e7){between(a.lon_e7, b.lon_e7, k, count),
                                                      between(a.lat_e7, b.lat_e7, k, count)};
        }
        if (end > first) cut[n++] = shape->points[end - 1];
    }
    out->ring_first_point[shape->ring_count] = n;
    out->point_count = n;
    status = projection_forward(projection, cut, n, out->points, err);
done:
    free(cut);
    if (status != STATUS_OK) multipolygon_mm_clear(out);
    return status;
}

/* ---- building ---- */

struct multipolygon_builder {
    enum multipolygon_kind kind;
    struct multipolygon_limits limits;
    struct box expected;
    struct multipolygon shape; /* part_first_ring[p], ring_first_point[r] are set at the start of p and r */
    size_t part_capacity, ring_capacity, point_capacity;
};

struct multipolygon_builder *multipolygon_builder_new(enum multipolygon_kind kind,
                                                      const struct multipolygon_limits *limits)
{
    struct multipolygon_builder *builder = calloc(1, sizeof *builder);
    if (builder == NULL) return NULL;
    builder->kind = kind;
    builder->limits = *limits;
    if (limits->expected != NULL) {
        builder->expected = *limits->expected;
        builder->limits.expected = &builder->expected;
    }
    return builder;
}

void multipolygon_builder_free(struct multipolygon_builder *builder)
{
    if (builder == NULL) return;
    multipolygon_clear(&builder->shape);
    free(builder);
}

/* The array with room for `count + 2` elements (one more and the sentinel), or NULL. */
static void *grown(void *array, size_t count, size_t *capacity, size_t size)
{
    if (array != NULL && count + 2 <= *capacity) return array;
    size_t wanted = *capacity < 16 ? 16 : *capacity * 2;
    void *moved = realloc(array, wanted * size);
    if (moved != NULL) *capacity = wanted;
    return moved;
}

/* The current part and ring, counted from 0 (the last begun). */
static uint32_t current_part(const struct multipolygon_builder *builder)
{
    return builder->shape.part_count == 0 ? 0 : builder->shape.part_count - 1;
}

static uint32_t current_ring(const struct multipolygon_builder *builder)
{
    const struct multipolygon *shape = &builder->shape;
    if (shape->part_count == 0) return 0;
    uint32_t rings = shape->ring_count - shape->part_first_ring[shape->part_count - 1];
    return rings == 0 ? 0 : rings - 1;
}

static void point_at_part(const struct multipolygon_builder *builder, struct error *err)
{
    if (builder->kind == MULTIPOLYGON_KIND_POLYGON)
        error_pointer(err, "/coordinates");
    else
        error_pointer(err, "/coordinates/%u", current_part(builder));
}

static void point_at_ring(const struct multipolygon_builder *builder, struct error *err)
{
    if (builder->kind == MULTIPOLYGON_KIND_POLYGON)
        error_pointer(err, "/coordinates/%u", current_ring(builder));
    else
        error_pointer(err, "/coordinates/%u/%u", current_part(builder), current_ring(builder));
}

static void point_at_point(const struct multipolygon_builder *builder, struct error *err)
{
    const struct multipolygon *shape = &builder->shape;
    uint32_t point = shape->point_count - shape->ring_first_point[shape->ring_count - 1];
    if (builder->kind == MULTIPOLYGON_KIND_POLYGON)
        error_pointer(err, "/coordinates/%u/%u", current_ring(builder), point);
    else
        error_pointer(err, "/coordinates/%u/%u/%u", current_part(builder), current_ring(builder), point);
}

/* Checks the ring that is being left, if any. */
static enum status end_ring(struct multipolygon_builder *builder, struct error *err)
{
    const struct multipolygon *shape = &builder->shape;
    if (shape->ring_count == 0 || shape->part_first_ring[shape->part_count - 1] == shape->ring_count)
        return STATUS_OK;
    uint32_t first = shape->ring_first_point[shape->ring_count - 1], count = shape->point_count - first;
    enum status status = STATUS_OK;
    if (count < 4) {
        status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_RING_TOO_SHORT);
        error_bounds(err, 4, count);
    } else if (!point_e7_equal(shape->points[first], shape->points[shape->point_count - 1])) {
        status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_RING_NOT_CLOSED);
    }
    if (status != STATUS_OK) point_at_ring(builder, err);
    return status;
}

/* Checks the part that is being left, if any. */
static enum status end_part(struct multipolygon_builder *builder, struct error *err)
{
    const struct multipolygon *shape = &builder->shape;
    if (shape->part_count == 0) return STATUS_OK;
    if (shape->part_first_ring[shape->part_count - 1] == shape->ring_count) {
        enum status status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_PART_EMPTY);
        point_at_part(builder, err);
        return status;
    }
    return end_ring(builder, err);
}

static enum status too_many(struct error *err, enum message message, uint32_t limit)
{
    enum status status = error_set(err, STATUS_TOO_LARGE, message, limit);
    error_bounds(err, limit, (double)limit + 1);
    error_pointer(err, "/coordinates");
    return status;
}

enum status multipolygon_builder_part(struct multipolygon_builder *builder, struct error *err)
{
    struct multipolygon *shape = &builder->shape;
    enum status status = end_part(builder, err);
    if (status != STATUS_OK) return status;
    assert(builder->kind == MULTIPOLYGON_KIND_MULTIPOLYGON || shape->part_count == 0);
    if (shape->part_count >= builder->limits.parts) return too_many(err, MESSAGE_TOO_MANY_PARTS, builder->limits.parts);
    uint32_t *moved = grown(shape->part_first_ring, shape->part_count, &builder->part_capacity, sizeof *moved);
    if (moved == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    shape->part_first_ring = moved;
    moved[shape->part_count++] = shape->ring_count;
    return STATUS_OK;
}

enum status multipolygon_builder_ring(struct multipolygon_builder *builder, struct error *err)
{
    struct multipolygon *shape = &builder->shape;
    assert(shape->part_count > 0);
    enum status status = end_ring(builder, err);
    if (status != STATUS_OK) return status;
    if (shape->ring_count >= builder->limits.rings) return too_many(err, MESSAGE_TOO_MANY_RINGS, builder->limits.rings);
    uint32_t *moved = grown(shape->ring_first_point, shape->ring_count, &builder->ring_capacity, sizeof *moved);
    if (moved == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    shape->ring_first_point = moved;
    moved[shape->ring_count++] = shape->point_count;
    return STATUS_OK;
}

static bool box_holds(const struct box *box, double lon_deg, double lat_deg)
{
    return lon_deg >= box->min_lon_deg && lon_deg <= box->max_lon_deg && lat_deg >= box->min_lat_deg &&
           lat_deg <= box->max_lat_deg;
}

/* Whether the two numbers make sense only the other way round. */
static bool looks_swapped(const struct box *expected, double lon_deg, double lat_deg)
{
    if (!point_valid((struct point){lat_deg, lon_deg})) return false;
    if (!point_valid((struct point){lon_deg, lat_deg})) return true;
    return expected != NULL && !box_holds(expected, lon_deg, lat_deg) && box_holds(expected, lat_deg, lon_deg);
}

enum status multipolygon_builder_point(struct multipolygon_builder *builder, double lon_deg, double lat_deg,
                                       struct error *err)
{
    struct multipolygon *shape = &builder->shape;
    assert(shape->part_count > 0 && shape->ring_count > shape->part_first_ring[shape->part_count - 1]);
    enum status status = STATUS_OK;
    if (!isfinite(lon_deg) || !isfinite(lat_deg)) {
        status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_NOT_A_NUMBER);
    } else if (looks_swapped(builder->limits.expected, lon_deg, lat_deg)) {
        status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_SWAPPED);
    } else if (!(lon_deg >= -180 && lon_deg <= 180)) {
        status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_LON_RANGE);
        error_bounds(err, lon_deg < 0 ? -180 : 180, lon_deg);
    } else if (!(lat_deg >= -90 && lat_deg <= 90)) {
        status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_LAT_RANGE);
        error_bounds(err, lat_deg < 0 ? -90 : 90, lat_deg);
    }
    if (status != STATUS_OK) {
        point_at_point(builder, err);
        return status;
    }
    if (shape->point_count >= builder->limits.points)
        return too_many(err, MESSAGE_TOO_MANY_POINTS, builder->limits.points);
    struct point_e7 *moved = grown(shape->points, shape->point_count, &builder->point_capacity, sizeof *moved);
    if (moved == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    shape->points = moved;
    moved[shape->point_count++] = point_to_e7((struct point){lon_deg, lat_deg});
    return STATUS_OK;
}

enum status multipolygon_builder_take(struct multipolygon_builder *builder, struct multipolygon *out,
                                      struct error *err)
{
    struct multipolygon *shape = &builder->shape;
    *out = (struct multipolygon){0};
    if (shape->part_count == 0) {
        enum status status = error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_POLYGON_EMPTY);
        error_pointer(err, "/coordinates");
        return status;
    }
    enum status status = end_part(builder, err);
    if (status != STATUS_OK) return status;
    shape->part_first_ring[shape->part_count] = shape->ring_count;
    shape->ring_first_point[shape->ring_count] = shape->point_count;
    *out = *shape;
    *shape = (struct multipolygon){0};
    builder->part_capacity = builder->ring_capacity = builder->point_capacity = 0;
    return STATUS_OK;
}
