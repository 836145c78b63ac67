/* Coordinate reference systems as OGC interfaces name them, by URI, with coordinates in the order of the register:
 * CRS84 is longitude, latitude; EPSG:4490 and 4326 are latitude, longitude; grids of CGCS2000 are northing, easting.
 *
 *   struct ogc_crs crs;
 *   ogc_crs_open(&local->systems, "crs", exchange_query(x, "crs"), &crs, &err);
 *   ogc_crs_geometry(&crs, row.geometry, &writer, &err);
 *
 * The list is finite, as the standard wants it: what every country uses, and the Gauss-Krüger grids of CGCS2000. */
#ifndef API_OGC_CRS_H
#define API_OGC_CRS_H

#include "api/json/writer.h"
#include "api/wire/wire_crs.h"

enum { OGC_CRS_URI_SIZE = 64 };

struct ogc_crs {
    char uri[OGC_CRS_URI_SIZE];
    struct wire_crs wire;
    bool flipped; /* the second axis is written first */
};

/** URI number `index` of the list, CRS84 first; false behind the last. */
MUST_USE bool ogc_crs_at(size_t index, char uri[OGC_CRS_URI_SIZE]);

/** What the data is kept in. */
#define OGC_CRS_STORAGE "http://www.opengis.net/def/crs/EPSG/0/4490"

/** `uri` NULL: CRS84. INVALID naming `key` for what is not in the list. On a worker: a system may have to be opened. */
MUST_USE enum status ogc_crs_open(struct crs_cache *cache, const char *key, const char *uri, struct ogc_crs *out, struct error *err);

/** Writes a GeoJSON geometry of longitude and latitude (NULL: null) as one value in that system. */
MUST_USE enum status ogc_crs_geometry(const struct ogc_crs *crs, const char *geojson, struct json_writer *w, struct error *err);

/** Appends a bbox of four or six numbers in that system as WKT in EPSG:4490. One that crosses the antimeridian (its west
 *  beyond its east, in degrees) becomes two parts; edges of a grid are followed. INVALID. */
MUST_USE enum status ogc_crs_area(const struct ogc_crs *crs, const char *bbox, struct buffer *wkt, struct error *err);

#endif
