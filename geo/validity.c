#include "geo/validity.h"

#include <geos_c.h>
#include <math.h>
#include <string.h>

/* GEOS 3.11, operation/valid/TopologyValidationError.cpp */
static const struct {
    const char *reason;
    enum message message;
} reasons[] = {
    {"Self-intersection", MESSAGE_SELF_INTERSECTION},
    {"Ring Self-intersection", MESSAGE_RING_SELF_INTERSECTION},
    {"Hole lies outside shell", MESSAGE_HOLE_OUTSIDE},
    {"Holes are nested", MESSAGE_HOLES_NESTED},
    {"Interior is disconnected", MESSAGE_INTERIOR_DISCONNECTED},
    {"Nested shells", MESSAGE_SHELLS_NESTED},
    {"Duplicate Rings", MESSAGE_RINGS_DUPLICATE},
    {"Too few points in geometry component", MESSAGE_RING_COLLAPSED},
};

/* The vertex nearest to (x, y) in e7 units. */
static void nearest_vertex(const struct multipolygon *shape, double x, double y, struct multipolygon_fault *fault)
{
    double best = INFINITY;
    for (uint32_t p = 0; p < shape->part_count; p++) {
        for (uint32_t r = shape->part_first_ring[p]; r < shape->part_first_ring[p + 1]; r++) {
            for (uint32_t i = shape->ring_first_point[r]; i < shape->ring_first_point[r + 1]; i++) {
                double dx = shape->points[i].lon_e7 - x, dy = shape->points[i].lat_e7 - y;
                if (!(dx * dx + dy * dy < best)) continue;
                best = dx * dx + dy * dy;
                fault->part = p;
                fault->ring = r - shape->part_first_ring[p];
                fault->point = i - shape->ring_first_point[r];
            }
        }
    }
}

enum status multipolygon_check(struct geos *geos, const struct multipolygon *shape, enum multipolygon_kind kind,
                               struct multipolygon_fault *fault, struct error *err)
{
    GEOSContextHandle_t handle = geos_handle(geos);
    GEOSGeometry *geometry = NULL, *place = NULL;
    char *reason = NULL;
    enum status status = STATUS_OK;
    struct multipolygon_fault found = {.reason = "unknown"};
    enum message message = MESSAGE_INVALID_POLYGON;
    double x = 0, y = 0;

    geometry = geos_multipolygon_e7(geos, shape);
    if (geometry == NULL) {
        status = geos_failed(geos, err);
        goto done;
    }
    char valid = GEOSisValidDetail_r(handle, geometry, 0, &reason, &place);
    if (valid == 1) goto done;
    if (valid != 0) {
        status = geos_failed(geos, err);
        goto done;
    }
    if (place != NULL && GEOSGeomGetX_r(handle, place, &x) == 1 && GEOSGeomGetY_r(handle, place, &y) == 1) {
        found.at = (struct point_e7){round_to_i32(x), round_to_i32(y)};
        nearest_vertex(shape, x, y, &found);
    }
    for (size_t i = 0; reason != NULL && i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(reason, reasons[i].reason) != 0) continue;
        found.reason = reasons[i].reason;
        message = reasons[i].message;
    }
    status = error_set(err, STATUS_INVALID_GEOMETRY, message);
    if (kind == MULTIPOLYGON_KIND_POLYGON)
        error_pointer(err, "/coordinates/%u/%u", found.ring, found.point);
    else
        error_pointer(err, "/coordinates/%u/%u/%u", found.part, found.ring, found.point);
    error_log(err, "geos: %s", reason != NULL ? reason : "no reason");
    if (fault != NULL) *fault = found;
done:
    GEOSFree_r(handle, reason);
    GEOSGeom_destroy_r(handle, place);
    GEOSGeom_destroy_r(handle, geometry);
    return status;
}
