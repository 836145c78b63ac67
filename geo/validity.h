/* Whether a multi polygon is valid in the sense of the OGC, and if not, why and where. Nothing is ever repaired.
 *
 * Repair can be endless (hardening, "Geometry from outside"); the check takes microseconds to milliseconds:
 * n log n in the number of vertices. */
#ifndef GEO_VALIDITY_H
#define GEO_VALIDITY_H

#include "geo/geos.h"

struct multipolygon_fault {
    struct point_e7 at;         /* where it is wrong */
    uint32_t part, ring, point; /* the nearest vertex; ring within the part, point within the ring */
    const char *reason;         /* GEOS's words, static */
};

/** STATUS_OK, or STATUS_INVALID_GEOMETRY with the reason in both languages and the pointer of the nearest vertex
 *  (/coordinates/PART/RING/POINT, without PART when `kind` says so). `fault` (may be NULL) receives the place, which
 *  the texts leave out. STATUS_INTERNAL when GEOS itself fails: to be treated as invalid. */
MUST_USE enum status multipolygon_check(struct geos *geos, const struct multipolygon *shape,
                                        enum multipolygon_kind kind, struct multipolygon_fault *fault,
                                        struct error *err);

#endif
