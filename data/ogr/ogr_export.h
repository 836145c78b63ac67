/* Files for other people's maps, written through GDAL/OGR, in memory.
 *
 *   struct export *e;
 *   export_open(&options, "zones", &e, &err);
 *   for (…) export_feature(e, &zone_sheet, geometry_json, values, &err);
 *   export_close(e, &out, &err);         // the bytes of the file; or export_abort(e)
 *
 * A sheet says what one kind of feature has. Formats that hold one shape to a table (Shapefile) get a table for each
 * shape, formats without tables (GeoJSON, CSV, FlatGeobuf) hold all sheets in one, with the columns of the first; so only
 * formats with tables take several sheets. A shapefile's columns have ten bytes: their short names are used, and a
 * table in the archive explains them. */
#ifndef DATA_OGR_OGR_EXPORT_H
#define DATA_OGR_OGR_EXPORT_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>

enum export_format {
    EXPORT_GEOJSON, EXPORT_KML, EXPORT_GPX, EXPORT_GPKG, EXPORT_SHP_ZIP, EXPORT_DXF, EXPORT_CSV, EXPORT_FGB, EXPORT_FORMAT_COUNT
};

/** "geojson", "kml", "gpx", "gpkg", "shp.zip", "dxf", "csv", "fgb": also the ending of a file. */
const char *export_format_name(enum export_format format);
const char *export_format_media_type(enum export_format format);
MUST_USE bool export_format_find(const char *name, enum export_format *out);

enum export_type { EXPORT_TEXT, EXPORT_INTEGER, EXPORT_REAL, EXPORT_BOOLEAN };

struct export_field {
    const char *en, *zh;
    const char *brief; /* for dbf: at most 10 ASCII characters */
    enum export_type type;
};

/* One kind of feature. Static. */
struct export_sheet {
    const char *name, *zh; /* of the table */
    const struct export_field *fields;
    unsigned field_count;
};

enum { EXPORT_FIELDS_MAX = 40, EXPORT_FEATURES_MAX = 500000 };
#define EXPORT_BYTES_MAX ((size_t)256 << 20)

struct export_options {
    enum export_format format;
    const char *crs; /* "EPSG:4490", "EPSG:n", "gcj02", "bd09" (geo/crs.h) */
    bool zh_names;   /* Chinese names of columns and tables, where the format can hold them */
    bool gbk;        /* texts of a shapefile in GBK; otherwise UTF-8 */
};

struct export;

/** `options` are copied. Errors: INVALID (unknown CRS; one that the format cannot hold: KML and GPX are in degrees of
 *  WGS 84), NO_MEMORY. On a worker: a CRS may have to be opened. One export belongs to one thread. */
MUST_USE enum status export_open(const struct export_options *options, const char *name, struct export **out, struct error *err);

/** `geometry`: GeoJSON in EPSG:4490, or NULL. `values`: one text for each field, NULL where it is not set; numbers in
 *  digits, booleans "true" or "false". TOO_LARGE beyond the limits. */
MUST_USE enum status export_feature(struct export *e, const struct export_sheet *sheet, const char *geometry, const char *const *values,
                                    struct error *err);

/** Finishes the file and appends it; frees `e`, also after an error. A file without features is whole and empty. */
MUST_USE enum status export_close(struct export *e, struct buffer *out, struct error *err);
void export_abort(struct export *e);

#endif
