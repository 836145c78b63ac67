/* A layer that somebody sent over HTTP, read through GDAL/OGR: a shapefile in a zip archive, or a GeoPackage.
 *
 * Only the driver of the format that was announced is asked, and what an archive would unpack to is added up before
 * anything is unpacked. Everything stays in memory. */
#ifndef DATA_OGR_OGR_UPLOAD_H
#define DATA_OGR_OGR_UPLOAD_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

enum upload_format { UPLOAD_SHAPEFILE_ZIP, UPLOAD_GEOPACKAGE };

enum { UPLOAD_FEATURES_MAX = 5000, UPLOAD_POINTS_MAX = 500000 };
#define UPLOAD_UNPACKED_MAX ((uint64_t)256 << 20)

struct upload {
    enum upload_format format;
    const void *bytes; /* borrowed */
    size_t length;
    const char *layer;    /* NULL: the only one */
    const char *encoding; /* of a shapefile's texts, e.g. GBK; NULL: as its .cpg says */
    int epsg;             /* of a layer that has no CRS; 0: none */
};

/** Appends a GeoJSON FeatureCollection in EPSG:4490 whose properties are the attributes of the layer: texts, numbers and
 *  booleans; those that are not set are left out. Nothing is dropped or repaired: a feature without a geometry has null.
 *  Errors: INVALID (not such a file, several layers and none named, no CRS, text that is not UTF-8), TOO_LARGE, NO_MEMORY. On a
 *  worker; any number at once. */
MUST_USE enum status ogr_upload_read(const struct upload *upload, struct buffer *out, struct error *err);

#endif
