/* Coordinates at the wire: the CRS a request names, and the way between it and the e7 degrees of CGCS2000 used inside.
 *
 * Opening a system of the register takes milliseconds and belongs to one thread, so each thread keeps the last few in a
 * cache of its own. An event thread opens only those that cost nothing (4490, 4326, gcj02, bd09) and says WOULD_BLOCK
 * for the others: the request then goes to a worker. */
#ifndef API_WIRE_CRS_H
#define API_WIRE_CRS_H

#include "geo/base/error.h"
#include "geo/crs.h"
#include "geo/point.h"

#include <stdbool.h>
#include <stddef.h>

enum { CRS_CACHE_SIZE = 8, CRS_NAME_SIZE = 24 };

struct crs_cache {
    bool quick;       /* of an event thread */
    unsigned count;
    unsigned long clock;
    struct {
        struct crs *crs;
        unsigned long used;
    } entries[CRS_CACHE_SIZE];
};

/** All zero bytes are a valid empty cache. */
void crs_cache_clear(struct crs_cache *cache);

struct wire_crs {
    char name[CRS_NAME_SIZE]; /* as it is repeated in the answer, e.g. "EPSG:4490", "gcj02" */
    bool identity;            /* nothing to do */
    bool degrees;             /* longitude and latitude, not metres */
    struct crs *crs;          /* borrowed from the cache of this thread; NULL when identity */
};

#define WIRE_CRS_DEFAULT ((struct wire_crs){.name = "EPSG:4490", .identity = true, .degrees = true})

/** Finds or opens a system by name. INVALID for what is not known or refused (geo/crs.h), WOULD_BLOCK. What *out
 *  borrows is good until the next CRS_CACHE_SIZE opens on this thread, so until the end of the request. */
MUST_USE enum status wire_crs_open(struct crs_cache *cache, const char *name, struct wire_crs *out,
                                   struct error *err);

/** From the outside in. OUT_OF_RANGE when the point is not on the earth. */
MUST_USE enum status wire_crs_in(const struct wire_crs *crs, double x, double y, struct point_e7 *out,
                                 struct error *err);

/** From the inside out. */
MUST_USE enum status wire_crs_out(const struct wire_crs *crs, struct point_e7 point, double *x, double *y,
                                  struct error *err);

#endif
