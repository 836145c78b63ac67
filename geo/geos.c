#include "geo/geos.h"

#include <geos_c.h>
#include <stdio.h>
#include <stdlib.h>

struct geos {
    GEOSContextHandle_t handle;
    char message[200];
};

/* The handlers with user data get finished text, not a printf format as the older ones do. */
static void keep_message(const char *message, void *data)
{
    struct geos *geos = data;
    snprintf(geos->message, sizeof geos->message, "%s", message);
}

enum status geos_open(struct geos **out, struct error *err)
{
    *out = NULL;
    struct geos *geos = calloc(1, sizeof *geos);
    if (geos == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    geos->handle = GEOS_init_r();
    if (geos->handle == NULL) {
        free(geos);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    GEOSContext_setErrorMessageHandler_r(geos->handle, keep_message, geos);
    GEOSContext_setNoticeMessageHandler_r(geos->handle, keep_message, geos);
    *out = geos;
    return STATUS_OK;
}

void geos_close(struct geos *geos)
{
    if (geos == NULL) return;
    GEOS_finish_r(geos->handle);
    free(geos);
}

const char *geos_message(const struct geos *geos)
{
    return geos->message;
}

struct GEOSContextHandle_HS *geos_handle(const struct geos *geos)
{
    return geos->handle;
}

enum status geos_failed(const struct geos *geos, struct error *err)
{
    enum status status = error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    error_log(err, "geos: %s", geos->message);
    return status;
}

/* ---- shapes ---- */

struct source { /* one of the two */
    const struct point_mm *mm;
    const struct point_e7 *e7;
};

static GEOSCoordSequence *sequence(struct geos *geos, struct source from, size_t first, size_t count)
{
    GEOSCoordSequence *out = GEOSCoordSeq_create_r(geos->handle, (unsigned)count, 2);
    if (out == NULL) return NULL;
    for (size_t i = 0; i < count; i++) {
        double x = from.mm != NULL ? from.mm[first + i].x_mm / 1000.0 : from.e7[first + i].lon_e7;
        double y = from.mm != NULL ? from.mm[first + i].y_mm / 1000.0 : from.e7[first + i].lat_e7;
        if (!GEOSCoordSeq_setXY_r(geos->handle, out, (unsigned)i, x, y)) {
            GEOSCoordSeq_destroy_r(geos->handle, out);
            return NULL;
        }
    }
    return out;
}

GEOSGeometry *geos_line_m(struct geos *geos, const struct point_mm *points, size_t count)
{
    GEOSCoordSequence *coordinates = sequence(geos, (struct source){.mm = points}, 0, count);
    return coordinates == NULL ? NULL : GEOSGeom_createLineString_r(geos->handle, coordinates);
}

static void destroy_all(struct geos *geos, GEOSGeometry **items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) GEOSGeom_destroy_r(geos->handle, items[i]);
}

static GEOSGeometry *polygon(struct geos *geos, struct source from, const uint32_t *ring_first, uint32_t rings,
                             GEOSGeometry **scratch)
{
    for (uint32_t r = 0; r < rings; r++) {
        GEOSCoordSequence *coordinates = sequence(geos, from, ring_first[r], ring_first[r + 1] - ring_first[r]);
        scratch[r] = coordinates == NULL ? NULL : GEOSGeom_createLinearRing_r(geos->handle, coordinates);
        if (scratch[r] == NULL) {
            destroy_all(geos, scratch, r);
            return NULL;
        }
    }
    return GEOSGeom_createPolygon_r(geos->handle, scratch[0], scratch + 1, rings - 1); /* owns them, even on failure */
}

static GEOSGeometry *multipolygon(struct geos *geos, struct source from, uint32_t parts, const uint32_t *part_first,
                                  const uint32_t *ring_first)
{
    GEOSGeometry **polygons = calloc((size_t)parts + 1, sizeof(GEOSGeometry *)), *out = NULL;
    GEOSGeometry **rings = calloc((size_t)part_first[parts] + 1, sizeof(GEOSGeometry *));
    if (polygons == NULL || rings == NULL) goto done;
    for (uint32_t p = 0; p < parts; p++) {
        polygons[p] = polygon(geos, from, ring_first + part_first[p], part_first[p + 1] - part_first[p], rings);
        if (polygons[p] == NULL) {
            destroy_all(geos, polygons, p);
            goto done;
        }
    }
    out = GEOSGeom_createCollection_r(geos->handle, GEOS_MULTIPOLYGON, polygons, parts);
done:
    free(polygons);
    free(rings);
    return out;
}

GEOSGeometry *geos_multipolygon_m(struct geos *geos, const struct multipolygon_mm *shape)
{
    return multipolygon(geos, (struct source){.mm = shape->points}, shape->part_count, shape->part_first_ring,
                        shape->ring_first_point);
}

GEOSGeometry *geos_multipolygon_e7(struct geos *geos, const struct multipolygon *shape)
{
    return multipolygon(geos, (struct source){.e7 = shape->points}, shape->part_count, shape->part_first_ring,
                        shape->ring_first_point);
}
