/* The metric plane of a network: one transverse Mercator projection, coordinates in whole millimetres.
 *
 *   char text[PROJECTION_TEXT_MAX];
 *   projection_choose(&extent, text, sizeof text, &err);       // once, when the network is prepared; store it
 *   projection_open(text, &projection, &err);                  // once per thread
 *   projection_forward(projection, lonlat, count, plane, &err);
 *   projection_close(projection);
 *
 * The text names the CRS and a fixed origin in metres, so that x and y fit int32 (± 2,147 km):
 *
 *   "EPSG:4508 origin=640000,3670000"
 *   "+proj=tmerc +lon_0=6 +k=1 +x_0=500000 +ellps=GRS80 +units=m origin=510000,5520000"
 *
 * x = round((easting − origin easting) · 1000), y likewise: always easting first, whatever the authority's axis
 * order, and without zone prefix. Inside China (72–138° E, 15–55° N) and inside one 6-degree zone (half a degree
 * of overlap allowed) the zone of CGCS2000 / Gauss-Krüger is taken, EPSG:4502..4512 with central meridian 75 + 6k;
 * elsewhere the meridian is the extent's centre rounded to 3 degrees. The scale grows to 1.0012 three degrees
 * from the meridian, 1.012 at 1,000 km, 1.05 at 2,000 km; lengths of roads and plans are geodesic (geo/geodesic.h), the plane serves
 * predicates and what is measured beside a road: snapping, a zone's 5 m, the width of a corridor.
 *
 * All of China, 5,000 km from west to east, fits no plane of millimetres in 32 bits, whatever its projection; it would take another unit
 * in every predicate. Half of it does, or several provinces.
 *
 * A projection belongs to one thread at a time and holds its own PROJ context; PROJ's messages are not printed. */
#ifndef GEO_PROJECTION_H
#define GEO_PROJECTION_H

#include "geo/base/error.h"
#include "geo/point.h"

struct projection;

enum { PROJECTION_TEXT_MAX = 160 };

/** Writes the text of the plane for `extent` (valid box). STATUS_INVALID for a bad box, STATUS_OUT_OF_RANGE when
 *  the extent does not fit (wider than ± 2,000 km, or than 40° of longitude). `size` ≥ PROJECTION_TEXT_MAX. */
MUST_USE enum status projection_choose(const struct box *extent, char *text, size_t size, struct error *err);

/** Opens a plane from its text; exactly the forms above. STATUS_INVALID for any other, STATUS_NO_MEMORY. About
 *  0.1 ms. The caller owns `*out`. */
MUST_USE enum status projection_open(const char *text, struct projection **out, struct error *err);

void projection_close(struct projection *projection);

/** The text it was opened with. Borrowed. */
const char *projection_text_get(const struct projection *projection);

/** lon/lat → plane for `count` points; `in` and `out` may be the same memory. STATUS_OUT_OF_RANGE when a point
 *  cannot be shown in the plane (then `out` is undefined). About 0.5 µs a point. */
MUST_USE enum status projection_forward(struct projection *projection, const struct point_e7 *in, size_t count,
                                        struct point_mm *out, struct error *err);

/** Plane → lon/lat, the same rules. A point that came from projection_forward returns to within one e7 unit. */
MUST_USE enum status projection_inverse(struct projection *projection, const struct point_mm *in, size_t count,
                                        struct point_e7 *out, struct error *err);

#endif
