#include "api/parse/parse_area.h"

#include "geo/shape_union.h"
#include "geo/validity.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURES_MAX = 10000 };

/* What has been read so far: one shape for each feature. */
struct shapes {
    struct multipolygon *items; /* malloc */
    size_t count;
    uint32_t points, rings, parts; /* over all of them */
};

static void shapes_clear(struct shapes *shapes)
{
    for (size_t i = 0; i < shapes->count; i++) multipolygon_clear(&shapes->items[i]);
    free(shapes->items);
    *shapes = (struct shapes){0};
}

/* ---- one geometry ------------------------------------------------------------------------------------------ */

static enum status parse_ring(struct parse *parse, const struct json_at *at, struct multipolygon_builder *builder,
                              const struct json_at *geometry, struct error *err)
{
    size_t count;
    TRY(reader_array(at, 0, SIZE_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        json_t *position = json_array_get(at->value, i);
        size_t numbers = json_array_size(position); /* 0 when it is no array */
        const json_t *x = json_array_get(position, 0), *y = json_array_get(position, 1);
        if (numbers < 2 || numbers > 3 || !json_is_number(x) || !json_is_number(y) ||
            (numbers == 3 && !json_is_number(json_array_get(position, 2)))) {
            struct json_at element = reader_element(at, i);
            error_set(err, STATUS_INVALID_GEOMETRY, MESSAGE_GEOJSON_POSITION);
            (void)reader_here(&element, err);
            return STATUS_INVALID_GEOMETRY;
        }
        double lon = json_number_value(x), lat = json_number_value(y);
        if (!parse->crs.identity) {
            struct point_e7 point;
            enum status status = wire_crs_in(&parse->crs, lon, lat, &point, err);
            if (status != STATUS_OK) {
                struct json_at element = reader_element(at, i);
                (void)reader_here(&element, err);
                return status;
            }
            struct point degrees = point_from_e7(point);
            lon = degrees.lon_deg, lat = degrees.lat_deg;
        }
        enum status status = multipolygon_builder_point(builder, lon, lat, err);
        if (status != STATUS_OK) {
            (void)reader_below(geometry, err);
            return status;
        }
    }
    return STATUS_OK;
}

static enum status parse_part(struct parse *parse, const struct json_at *at, struct multipolygon_builder *builder,
                              const struct json_at *geometry, struct error *err)
{
    size_t rings;
    TRY(reader_array(at, 1, SIZE_MAX, &rings, err));
    enum status status = multipolygon_builder_part(builder, err);
    for (size_t i = 0; i < rings && status == STATUS_OK; i++) {
        struct json_at ring = reader_element(at, i);
        status = multipolygon_builder_ring(builder, err);
        if (status != STATUS_OK) break;
        TRY(parse_ring(parse, &ring, builder, geometry, err));
    }
    if (status != STATUS_OK) (void)reader_below(geometry, err);
    return status;
}

/* Reads the coordinates of one Polygon or MultiPolygon into *out (malloc). */
static enum status parse_coordinates(struct parse *parse, const struct json_at *geometry, bool multi,
                                     const struct multipolygon_limits *limits, struct multipolygon *out,
                                     struct error *err)
{
    struct json_at at;
    TRY(reader_require(geometry, "coordinates", &at, err));
    size_t count;
    TRY(reader_array(&at, 0, SIZE_MAX, &count, err));
    if (multi && count == 0) return STATUS_OK; /* nothing to keep away from */
    struct multipolygon_builder *builder = multipolygon_builder_new(
        multi ? MULTIPOLYGON_KIND_MULTIPOLYGON : MULTIPOLYGON_KIND_POLYGON, limits);
    if (builder == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = STATUS_OK;
    if (multi) {
        for (size_t i = 0; i < count && status == STATUS_OK; i++) {
            struct json_at part = reader_element(&at, i);
            status = parse_part(parse, &part, builder, geometry, err);
        }
    } else {
        status = parse_part(parse, &at, builder, geometry, err);
    }
    if (status == STATUS_OK) {
        status = multipolygon_builder_take(builder, out, err);
        if (status != STATUS_OK) (void)reader_below(geometry, err);
    }
    multipolygon_builder_free(builder);
    return status;
}

static enum status parse_geometry(struct parse *parse, const struct json_at *at,
                                  const struct multipolygon_limits *limits, struct shapes *shapes, struct error *err)
{
    static const char *const members[] = {"type", "coordinates", "bbox", NULL};
    static const char *const types[] = {"Polygon", "MultiPolygon", NULL};
    struct json_at type_at;
    unsigned type;
    TRY(reader_members(at, members, err));
    TRY(reader_require(at, "type", &type_at, err));
    TRY(reader_choice(&type_at, types, &type, err));

    /* the caps hold for all features together */
    struct multipolygon_limits left = *limits;
    left.points -= shapes->points;
    left.rings -= shapes->rings;
    left.parts -= shapes->parts;
    struct multipolygon *shape = &shapes->items[shapes->count];
    *shape = (struct multipolygon){0};
    TRY(parse_coordinates(parse, at, type == 1, &left, shape, err));
    if (shape->part_count == 0) return STATUS_OK;
    shapes->count++;
    shapes->points += shape->point_count;
    shapes->rings += shape->ring_count;
    shapes->parts += shape->part_count;
    enum multipolygon_kind kind = type == 1 ? MULTIPOLYGON_KIND_MULTIPOLYGON : MULTIPOLYGON_KIND_POLYGON;
    enum status status = multipolygon_check(parse->geos, shape, kind, NULL, err);
    if (status != STATUS_OK) (void)reader_below(at, err);
    return status;
}

static enum status parse_feature(struct parse *parse, const struct json_at *at,
                                 const struct multipolygon_limits *limits, struct shapes *shapes, struct error *err)
{
    static const char *const members[] = {"type", "geometry", "properties", "id", "bbox", NULL};
    static const char *const types[] = {"Feature", NULL};
    struct json_at member;
    unsigned type;
    TRY(reader_members(at, members, err));
    TRY(reader_require(at, "type", &member, err));
    TRY(reader_choice(&member, types, &type, err));
    TRY(reader_require(at, "geometry", &member, err));
    return parse_geometry(parse, &member, limits, shapes, err);
}

static enum status parse_any(struct parse *parse, const struct json_at *at, const struct multipolygon_limits *limits,
                             struct shapes *shapes, struct error *err)
{
    static const char *const types[] = {"Polygon", "MultiPolygon", "Feature", "FeatureCollection", NULL};
    struct json_at member;
    unsigned type;
    if (!json_is_object(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_OBJECT, err);
    TRY(reader_require(at, "type", &member, err));
    TRY(reader_choice(&member, types, &type, err));
    size_t count = 1;
    if (type == 3) {
        static const char *const members[] = {"type", "features", "name", "bbox", NULL};
        TRY(reader_members(at, members, err));
        TRY(reader_require(at, "features", &member, err));
        TRY(reader_array(&member, 0, FEATURES_MAX, &count, err));
    }
    shapes->items = calloc(count ? count : 1, sizeof *shapes->items);
    if (shapes->items == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (type == 2) return parse_feature(parse, at, limits, shapes, err);
    if (type < 2) return parse_geometry(parse, at, limits, shapes, err);
    for (size_t i = 0; i < count; i++) {
        struct json_at feature = reader_element(&member, i);
        TRY(parse_feature(parse, &feature, limits, shapes, err));
    }
    return STATUS_OK;
}

/* ---- all of them ------------------------------------------------------------------------------------------- */

static enum status to_arena(struct arena *arena, const struct multipolygon *shape, struct multipolygon *out,
                            struct error *err)
{
    *out = *shape;
    out->part_first_ring =
        arena_copy(arena, shape->part_first_ring, ((size_t)shape->part_count + 1) * sizeof *shape->part_first_ring);
    out->ring_first_point =
        arena_copy(arena, shape->ring_first_point, ((size_t)shape->ring_count + 1) * sizeof *shape->ring_first_point);
    out->points = arena_copy(arena, shape->points, (size_t)shape->point_count * sizeof *shape->points);
    if (out->part_first_ring && out->ring_first_point && out->points) return STATUS_OK;
    *out = (struct multipolygon){0};
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status parse_area(struct parse *parse, const struct json_at *at, const struct multipolygon_limits *limits,
                       struct multipolygon *out, struct error *err)
{
    struct shapes shapes = {0};
    struct multipolygon joined = {0};
    *out = (struct multipolygon){0};
    assert(parse->geos != NULL);
    enum status status = parse_any(parse, at, limits, &shapes, err);
    if (status != STATUS_OK || shapes.count == 0) goto done;
    if (shapes.count == 1) {
        status = to_arena(parse->arena, &shapes.items[0], out, err);
        goto done;
    }
    /* inside is by even-odd count over all rings, so features that overlap must be joined first: otherwise the
     * ground which two of them cover would count as open */
    status = shape_union(parse->geos, shapes.items, shapes.count, &joined, err);
    if (status != STATUS_OK) {
        (void)reader_below(at, err);
        goto done;
    }
    status = to_arena(parse->arena, &joined, out, err);
done:
    multipolygon_clear(&joined);
    shapes_clear(&shapes);
    return status;
}
