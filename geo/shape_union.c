#include "geo/shape_union.h"

#include <geos_c.h>
#include <stdlib.h>
#include <string.h>

/* ---- which belong together --------------------------------------------------------------------------------- */

struct order {
    struct box_e7 box;
    uint32_t shape;
};

static int by_west(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->box.min_lon_e7 != y->box.min_lon_e7) return x->box.min_lon_e7 < y->box.min_lon_e7 ? -1 : 1;
    return (x->shape > y->shape) - (x->shape < y->shape);
}

static uint32_t group_of(uint32_t *group, uint32_t shape)
{
    while (group[shape] != shape) shape = group[shape] = group[group[shape]];
    return shape;
}

/* Puts shapes whose boxes meet, directly or by way of others, into one group: group[i] becomes the least member's
 * index. Sweeps from west to east. */
static enum status groups_make(const struct multipolygon *shapes, uint32_t count, uint32_t *group, struct error *err)
{
    struct order *order = calloc(count, sizeof *order);
    if (order == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < count; i++) {
        order[i] = (struct order){multipolygon_box(&shapes[i]), i};
        group[i] = i;
    }
    qsort(order, count, sizeof *order, by_west);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = i + 1; k < count && order[k].box.min_lon_e7 <= order[i].box.max_lon_e7; k++) {
            if (order[k].box.min_lat_e7 > order[i].box.max_lat_e7 || order[i].box.min_lat_e7 > order[k].box.max_lat_e7)
                continue;
            uint32_t a = group_of(group, order[i].shape), b = group_of(group, order[k].shape);
            if (a < b) group[b] = a;
            else group[a] = b;
        }
    }
    for (uint32_t i = 0; i < count; i++) group[i] = group_of(group, i);
    free(order);
    return STATUS_OK;
}

/* ---- side by side ------------------------------------------------------------------------------------------ */

static enum status shape_room(struct multipolygon *out, size_t parts, size_t rings, size_t points, struct error *err)
{
    *out = (struct multipolygon){0};
    if (points <= UINT32_MAX && rings < UINT32_MAX) {
        out->part_first_ring = calloc(parts + 1, sizeof *out->part_first_ring);
        out->ring_first_point = calloc(rings + 1, sizeof *out->ring_first_point);
        out->points = calloc(points ? points : 1, sizeof *out->points);
    }
    if (out->part_first_ring && out->ring_first_point && out->points) return STATUS_OK;
    multipolygon_clear(out);
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static enum status side_by_side(const struct multipolygon *shapes, size_t count, struct multipolygon *out,
                                struct error *err)
{
    size_t parts = 0, rings = 0, points = 0;
    for (size_t i = 0; i < count; i++) {
        parts += shapes[i].part_count;
        rings += shapes[i].ring_count;
        points += shapes[i].point_count;
    }
    enum status status = shape_room(out, parts, rings, points, err);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < count; i++) {
        const struct multipolygon *s = &shapes[i];
        for (uint32_t p = 0; p < s->part_count; p++)
            out->part_first_ring[out->part_count + p] = out->ring_count + s->part_first_ring[p];
        for (uint32_t r = 0; r < s->ring_count; r++)
            out->ring_first_point[out->ring_count + r] = out->point_count + s->ring_first_point[r];
        memcpy(out->points + out->point_count, s->points, s->point_count * sizeof *s->points);
        out->part_count += s->part_count;
        out->ring_count += s->ring_count;
        out->point_count += s->point_count;
    }
    out->part_first_ring[out->part_count] = out->ring_count;
    out->ring_first_point[out->ring_count] = out->point_count;
    return STATUS_OK;
}

/* ---- overlaid ---------------------------------------------------------------------------------------------- */

/* Everything GEOS sees is in e7 units: whole numbers, which a double holds exactly. */
static GEOSGeometry *all_to_geos(struct geos *geos, const struct multipolygon *shapes, size_t count)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    unsigned made = 0;
    GEOSGeometry **items = calloc(count, sizeof(GEOSGeometry *)), *all = NULL;
    if (items == NULL) return NULL;
    while (made < count && (items[made] = geos_multipolygon_e7(geos, &shapes[made])) != NULL) made++;
    if (made == count)
        all = GEOSGeom_createCollection_r(handle, GEOS_GEOMETRYCOLLECTION, items, made); /* they are its own from here */
    else
        for (unsigned i = 0; i < made; i++) GEOSGeom_destroy_r(handle, items[i]);
    free(items);
    return all;
}

/* Appends a ring; false when GEOS fails. The arrays have been sized by count_parts. */
static bool ring_from_geos(GEOSContextHandle_t geos, const GEOSGeometry *ring, struct multipolygon *out)
{
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq_r(geos, ring);
    unsigned size = 0;
    if (sequence == NULL || !GEOSCoordSeq_getSize_r(geos, sequence, &size)) return false;
    out->ring_first_point[out->ring_count++] = out->point_count;
    for (unsigned i = 0; i < size; i++) {
        double x, y;
        if (!GEOSCoordSeq_getXY_r(geos, sequence, i, &x, &y)) return false;
        out->points[out->point_count++] = (struct point_e7){round_to_i32(x), round_to_i32(y)};
    }
    return true;
}

static enum status from_geos(GEOSContextHandle_t geos, const GEOSGeometry *joined, struct multipolygon *out,
                             struct error *err)
{
    int polygons = GEOSGetNumGeometries_r(geos, joined), points = GEOSGetNumCoordinates_r(geos, joined);
    size_t parts = 0, rings = 0;
    for (int i = 0; i < polygons; i++) {
        const GEOSGeometry *g = GEOSGetGeometryN_r(geos, joined, i);
        if (g == NULL || GEOSGeomTypeId_r(geos, g) != GEOS_POLYGON) continue; /* lines left by collapsed slivers */
        int holes = GEOSGetNumInteriorRings_r(geos, g);
        if (holes < 0) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        parts++;
        rings += 1 + (size_t)holes;
    }
    if (points <= 0 || parts == 0) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    enum status status = shape_room(out, parts, rings, (size_t)points, err);
    if (status != STATUS_OK) return status;
    bool good = true;
    for (int i = 0; i < polygons && good; i++) {
        const GEOSGeometry *g = GEOSGetGeometryN_r(geos, joined, i);
        if (GEOSGeomTypeId_r(geos, g) != GEOS_POLYGON) continue;
        out->part_first_ring[out->part_count++] = out->ring_count;
        const GEOSGeometry *shell = GEOSGetExteriorRing_r(geos, g);
        good = shell && ring_from_geos(geos, shell, out);
        int holes = GEOSGetNumInteriorRings_r(geos, g);
        for (int k = 0; k < holes && good; k++) {
            const GEOSGeometry *hole = GEOSGetInteriorRingN_r(geos, g, k);
            good = hole && ring_from_geos(geos, hole, out);
        }
    }
    out->part_first_ring[out->part_count] = out->ring_count;
    out->ring_first_point[out->ring_count] = out->point_count;
    if (good) return STATUS_OK;
    multipolygon_clear(out);
    return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
}

/* Overlays some shapes into empty *out. */
static enum status overlay(struct geos *geos, const struct multipolygon *shapes, size_t count, struct multipolygon *out,
                           struct error *err)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    GEOSGeometry *all = all_to_geos(geos, shapes, count);
    GEOSGeometry *joined = all ? GEOSUnaryUnionPrec_r(handle, all, 1.0) : NULL;
    enum status status = joined ? from_geos(handle, joined, out, err) : geos_failed(geos, err);
    GEOSGeom_destroy_r(handle, joined);
    GEOSGeom_destroy_r(handle, all);
    return status;
}

enum status shape_union(struct geos *geos, const struct multipolygon *shapes, size_t count, struct multipolygon *out,
                        struct error *err)
{
    *out = (struct multipolygon){0};
    if (count > UINT32_MAX / 2) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint32_t *group = calloc(count, sizeof *group), total = (uint32_t)count, piece_count = 0;
    struct multipolygon *members = calloc(count, sizeof *members); /* borrowed, of one group at a time */
    struct multipolygon *pieces = calloc(count, sizeof *pieces);   /* one for each group: borrowed or made */
    bool *made = calloc(count, sizeof *made);
    uint32_t *next = calloc(count, sizeof *next), *last = calloc(count, sizeof *last);
    enum status status = STATUS_OK;
    if (!group || !members || !pieces || !made || !next || !last) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    status = groups_make(shapes, total, group, err);
    if (status != STATUS_OK) goto done;
    for (uint32_t i = 0; i < total; i++) { /* members of a group as a list; the least comes first */
        next[i] = last[i] = i;
        if (group[i] != i) next[last[group[i]]] = i, last[group[i]] = i;
    }
    for (uint32_t i = 0; i < total && status == STATUS_OK; i++) {
        if (group[i] != i) continue;
        uint32_t size = 0;
        for (uint32_t k = i;; k = next[k]) {
            members[size++] = shapes[k];
            if (next[k] == k) break;
        }
        if (size == 1) {
            pieces[piece_count++] = shapes[i];
        } else {
            status = overlay(geos, members, size, &pieces[piece_count], err);
            made[piece_count] = status == STATUS_OK;
            piece_count += status == STATUS_OK;
        }
    }
    if (status == STATUS_OK) status = side_by_side(pieces, piece_count, out, err);
done:
    for (uint32_t i = 0; i < piece_count; i++)
        if (made[i]) multipolygon_clear(&pieces[i]);
    free(group);
    free(members);
    free(pieces);
    free(made);
    free(next);
    free(last);
    return status;
}
