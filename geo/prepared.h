/* The checker's own way to ask whether a road runs through a zone: GEOS, and nothing of geo/area.h.
 *
 * "Trust, then verify": a plan that was found with area_clip's flags is checked here with other code, other
 * arithmetic and other data structures. So that honest rounding never makes a false alarm, an offence is called only
 * well inside: where the polygon, eroded by PREPARED_EROSION_M, holds a stretch of the road that is
 * PREPARED_SLACK_M longer than the threshold. Whatever is called an offence here is more than longer_than_mm long
 * and deeper than border_mm for area_clip; the converse does not hold, by design.
 *
 *   geos_open(&geos, &err);                                          // per thread
 *   prepared_new(geos, &shape_mm, &prepared, &err);                  // per zone and thread
 *   if (prepared_offends(prepared, line, count, 5.0)) … refuse the plan …
 *   prepared_free(prepared);
 *   geos_close(geos);                                                // after all that was made with it
 *
 * One thread at a time: GEOS builds its indexes on first use. */
#ifndef GEO_PREPARED_H
#define GEO_PREPARED_H

#include "geo/geos.h"

#define PREPARED_EROSION_M 1.0
#define PREPARED_SLACK_M 1.0

struct prepared;

/** Erodes and prepares. `geos` must outlive it; `shape` is copied. STATUS_INTERNAL when GEOS fails, STATUS_NO_MEMORY.
 *  About 1 µs a vertex, much more for shapes full of reflex corners. */
MUST_USE enum status prepared_new(struct geos *geos, const struct multipolygon_mm *shape, struct prepared **out,
                                  struct error *err);
void prepared_free(struct prepared *prepared);

/** The same of the polygon grown by PREPARED_EROSION_M: a line that it holds no stretch of is surely outside. */
MUST_USE enum status prepared_grown_new(struct geos *geos, const struct multipolygon_mm *shape, struct prepared **out,
                                        struct error *err);

/** The longest unbroken stretch, in metres, that the line has in the closed eroded (or grown) polygon; 0 when there is none.
 *  STATUS_INTERNAL when GEOS fails. A line that misses the box costs nanoseconds, one that misses the polygon or is
 *  all inside microseconds; every segment that crosses the border costs an overlay, about 0.1 µs a vertex of the
 *  polygon. */
MUST_USE enum status prepared_stretch(struct prepared *prepared, const struct point_mm *line, size_t count,
                                      double *longest_m, struct error *err);

/** Whether the line offends: longest stretch > threshold_m + PREPARED_SLACK_M. `threshold_m` is the zone's
 *  longer_than_mm / 1000, e.g. 5.0. True also when GEOS fails: doubt closes the road. */
MUST_USE bool prepared_offends(struct prepared *prepared, const struct point_mm *line, size_t count,
                               double threshold_m);

#endif
