/* One GEOS context, its messages kept instead of printed, and the shapes that pass between GEOS and the house.
 *
 * Everything here belongs to one thread at a time: open one context per thread. Only files of geo/ use the
 * geometries; others hold the context to hand it to geo/validity.h, geo/prepared.h and geo/corridor.h. */
#ifndef GEO_GEOS_H
#define GEO_GEOS_H

#include "geo/base/error.h"
#include "geo/multipolygon.h"
#include "geo/point.h"

struct geos;

MUST_USE enum status geos_open(struct geos **out, struct error *err);
void geos_close(struct geos *geos);

/** The last message of GEOS in this context, "" when there was none. For logs. Borrowed. */
const char *geos_message(const struct geos *geos);

/* ---- for files of geo/ ---- */

struct GEOSContextHandle_HS;
struct GEOSGeom_t;

struct GEOSContextHandle_HS *geos_handle(const struct geos *geos);

/** STATUS_INTERNAL with GEOS's message in the log part, for an operation that threw. */
enum status geos_failed(const struct geos *geos, struct error *err);

/** New geometries, destroyed by the caller; NULL when memory is out or GEOS refuses. Coordinates are metres in the
 *  plane, or e7 units as they are: whole numbers, so nothing is lost. */
MUST_USE struct GEOSGeom_t *geos_line_m(struct geos *geos, const struct point_mm *points, size_t count);
MUST_USE struct GEOSGeom_t *geos_multipolygon_m(struct geos *geos, const struct multipolygon_mm *shape);
MUST_USE struct GEOSGeom_t *geos_multipolygon_e7(struct geos *geos, const struct multipolygon *shape);

#endif
