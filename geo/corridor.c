#include "geo/corridor.h"

#include "geo/validity.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>

enum { LINE_POINTS_MAX = 1000000, TRIES = 4, QUARTER_CHORDS = 4 };

#define THINNING 0.02     /* of the width */
#define HOLE 0.1          /* of the width's square */
#define LONGEST_EDGE_M 2000.0 /* a straight edge of the plane bends by 5 cm in lon/lat over this length */

/* One ring of GEOS into the builder. */
static enum status add_ring(struct geos *geos, struct projection *projection, const GEOSGeometry *ring,
                            struct multipolygon_builder *builder, struct error *err)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    struct point_mm *plane = NULL;
    struct point_e7 *lonlat = NULL;
    enum status status = multipolygon_builder_ring(builder, err);
    if (status != STATUS_OK) return status;
    const GEOSCoordSequence *coordinates = GEOSGeom_getCoordSeq_r(handle, ring);
    unsigned count = 0;
    if (coordinates == NULL || !GEOSCoordSeq_getSize_r(handle, coordinates, &count)) return geos_failed(geos, err);
    plane = malloc(((size_t)count + 1) * sizeof *plane);
    lonlat = malloc(((size_t)count + 1) * sizeof *lonlat);
    if (plane == NULL || lonlat == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    for (unsigned i = 0; i < count; i++) {
        double x, y;
        if (!GEOSCoordSeq_getXY_r(handle, coordinates, i, &x, &y)) {
            status = geos_failed(geos, err);
            goto done;
        }
        plane[i] = (struct point_mm){round_to_i32(x * 1000), round_to_i32(y * 1000)};
    }
    status = projection_inverse(projection, plane, count, lonlat, err);
    for (unsigned i = 0; status == STATUS_OK && i < count; i++) {
        struct point p = point_from_e7(lonlat[i]);
        status = multipolygon_builder_point(builder, p.lon_deg, p.lat_deg, err);
    }
done:
    free(plane);
    free(lonlat);
    return status;
}

static enum status to_shape(struct geos *geos, struct projection *projection, const GEOSGeometry *band, double hole_m2,
                            struct multipolygon *out, struct error *err)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    struct multipolygon_limits limits = {.points = LINE_POINTS_MAX, .rings = LINE_POINTS_MAX, .parts = LINE_POINTS_MAX};
    struct multipolygon_builder *builder = multipolygon_builder_new(MULTIPOLYGON_KIND_MULTIPOLYGON, &limits);
    if (builder == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = STATUS_OK;
    int parts = GEOSGetNumGeometries_r(handle, band);
    for (int p = 0; p < parts && status == STATUS_OK; p++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(handle, band, p);
        int holes = part == NULL ? -1 : GEOSGetNumInteriorRings_r(handle, part);
        if (holes < 0) {
            status = geos_failed(geos, err);
            break;
        }
        status = multipolygon_builder_part(builder, err);
        for (int r = -1; r < holes && status == STATUS_OK; r++) {
            const GEOSGeometry *ring =
                r < 0 ? GEOSGetExteriorRing_r(handle, part) : GEOSGetInteriorRingN_r(handle, part, r);
            if (ring == NULL) {
                status = geos_failed(geos, err);
                break;
            }
            if (r >= 0) {
                GEOSGeometry *copy = GEOSGeom_clone_r(handle, ring);
                GEOSGeometry *hole = copy == NULL ? NULL : GEOSGeom_createPolygon_r(handle, copy, NULL, 0);
                double m2 = 0;
                bool ok = hole != NULL && GEOSArea_r(handle, hole, &m2) == 1;
                GEOSGeom_destroy_r(handle, hole);
                if (!ok) {
                    status = geos_failed(geos, err);
                    break;
                }
                if (m2 < hole_m2) continue;
            }
            status = add_ring(geos, projection, ring, builder, err);
        }
    }
    if (status == STATUS_OK) status = multipolygon_builder_take(builder, out, err);
    multipolygon_builder_free(builder);
    return status;
}

/* The band in the plane, or NULL. */
static GEOSGeometry *buffer(struct geos *geos, const GEOSGeometry *line, double width_m)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    GEOSGeometry *band = GEOSBuffer_r(handle, line, width_m, QUARTER_CHORDS);
    if (band == NULL) return NULL;
    GEOSGeometry *cut = GEOSDensify_r(handle, band, LONGEST_EDGE_M);
    GEOSGeom_destroy_r(handle, band);
    return cut;
}

enum status corridor_make(struct geos *geos, struct projection *projection, const struct point_e7 *line, size_t count,
                          double width_m, struct multipolygon *out, struct error *err)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    GEOSGeometry *whole = NULL, *thin = NULL;
    struct point_mm *plane = NULL;
    *out = (struct multipolygon){0};
    if (!(width_m >= 1 && width_m <= 10000)) {
        enum status status = error_set(err, STATUS_INVALID, MESSAGE_CORRIDOR_WIDTH);
        error_bounds(err, width_m < 1 ? 1 : 10000, width_m);
        return status;
    }
    if (count == 0) return error_set(err, STATUS_INVALID, MESSAGE_LINE_TOO_SHORT);
    if (count > LINE_POINTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_LINE_POINTS, (size_t)LINE_POINTS_MAX);
    plane = malloc(count * sizeof *plane);
    if (plane == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = projection_forward(projection, line, count, plane, err);
    if (status != STATUS_OK) goto done;
    size_t distinct = 1;
    while (distinct < count && point_mm_equal(plane[distinct], plane[0])) distinct++;
    if (distinct == count)
        whole = GEOSGeom_createPointFromXY_r(handle, plane[0].x_mm / 1000.0, plane[0].y_mm / 1000.0);
    else
        whole = geos_line_m(geos, plane, count);
    if (whole != NULL) thin = GEOSSimplify_r(handle, whole, width_m * THINNING);
    if (thin != NULL && GEOSisEmpty_r(handle, thin) != 0) { /* a loop so small that nothing was left of it */
        GEOSGeom_destroy_r(handle, thin);
        thin = GEOSGeom_clone_r(handle, whole);
    }
    if (thin == NULL) {
        status = geos_failed(geos, err);
        goto done;
    }
    /* Rounding to e7 may bring an edge onto a vertex: then a band a little narrower is tried. */
    for (int i = 0; i < TRIES; i++) {
        double narrowed_m = width_m * (1 - 0.001 * i);
        GEOSGeometry *band = buffer(geos, thin, narrowed_m);
        if (band == NULL) {
            status = geos_failed(geos, err);
            goto done;
        }
        status = to_shape(geos, projection, band, width_m * width_m * HOLE, out, err);
        GEOSGeom_destroy_r(handle, band);
        if (status != STATUS_OK) goto done;
        status = multipolygon_check(geos, out, MULTIPOLYGON_KIND_MULTIPOLYGON, NULL, err);
        if (status == STATUS_OK) goto done;
        multipolygon_clear(out);
    }
    status = geos_failed(geos, err); /* not the caller's fault, whatever the check has said */
done:
    if (status != STATUS_OK) multipolygon_clear(out);
    free(plane);
    GEOSGeom_destroy_r(handle, thin);
    GEOSGeom_destroy_r(handle, whole);
    return status;
}
