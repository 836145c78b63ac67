/* Coordinates of other systems, at the edge: the house itself knows only EPSG:4490.
 *
 *   crs_open("EPSG:4547", &crs, &err);
 *   crs_to_base(crs, positions, count, &err);      // from the caller's system to EPSG:4490, in place
 *   crs_from_base(crs, positions, count, &err);    // and back
 *   crs_close(crs);
 *
 * Outside, the order is always x then y: longitude, latitude in degrees, or easting, northing in the unit of the
 * system (metres), whatever the authority's axis order; false eastings with a zone prefix (EPSG:4525: 37,500,000)
 * are part of the coordinates as the register has them.
 *
 * Names: "EPSG:n" for any two-dimensional geographic or projected system that PROJ can bring to CGCS2000 or WGS 84
 * by a known transformation (the two are equal at this accuracy: 4326 ≡ 4490), "gcj02" and "bd09". Xi'an 80 and
 * Beijing 54 are refused, because their true parameters are not public: a shift of 100 m would go unseen.
 *
 * A crs belongs to one thread at a time. */
#ifndef GEO_CRS_H
#define GEO_CRS_H

#include "geo/base/error.h"
#include "geo/point.h"

struct crs;

struct crs_position {
    double x, y; /* lon, lat or easting, northing */
};

/** STATUS_INVALID for an unknown or refused name, STATUS_NO_MEMORY. A few milliseconds for "EPSG:n" (the register is
 *  a database file): keep it open; 4490, 4326, gcj02 and bd09 cost nothing. */
MUST_USE enum status crs_open(const char *name, struct crs **out, struct error *err);
void crs_close(struct crs *crs);

/** The name it was opened with. Borrowed. */
const char *crs_name_get(const struct crs *crs);

/** Whether x and y are degrees. */
bool crs_is_geographic(const struct crs *crs);

/** Whether the register has the second axis first: latitude, longitude, or northing, easting. For interfaces that keep to
 *  the register's order; gcj02 and bd09 are in none. */
bool crs_is_flipped(const struct crs *crs);

/** Whether nothing has to be done (4490, 4326). */
bool crs_is_base(const struct crs *crs);

/** In place, all or nothing in meaning: on STATUS_OUT_OF_RANGE (a position that is not finite, or that the system
 *  cannot hold; the error's log names its index) the array is undefined. About 1 µs a position. */
MUST_USE enum status crs_to_base(struct crs *crs, struct crs_position *positions, size_t count, struct error *err);
MUST_USE enum status crs_from_base(struct crs *crs, struct crs_position *positions, size_t count,
                                   struct error *err);

#endif
