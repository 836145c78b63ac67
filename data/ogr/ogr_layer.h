/* A road layer read through GDAL/OGR: lines in EPSG:4490 with their attributes, as a mapping file explains them. */
#ifndef DATA_OGR_OGR_LAYER_H
#define DATA_OGR_OGR_LAYER_H

#include "data/import/import_report.h"
#include "data/ogr/ogr_mapping.h"
#include "geo/point.h"

enum { OGR_LINES_MAX = 40000000, OGR_POINTS_MAX = 500000000 };

struct ogr_line {
    size_t first_point;
    uint32_t point_count;     /* at least 2, no two neighbours equal */
    enum road_class class;
    const char *name, *ref, *id; /* in the arena, or NULL */
    bool forward, backward, bridge, tunnel, toll, hazmat_no, roundabout;
    enum access lorry, light;
    int8_t layer;
    uint16_t speed_kmh;
    uint32_t limits[LIMIT_COUNT];
};

struct ogr_lines {
    struct arena arena;
    struct ogr_line *lines;
    size_t line_count, line_capacity;
    struct point_e7 *points;
    size_t point_count, point_capacity;
};

/** Opens and reads the file (Shapefile, GeoPackage, GeoJSON: what the installed GDAL knows, vector drivers only). Errors:
 *  INVALID (not such a file, no such layer or attribute, no CRS known, positions outside of the earth after the
 *  transformation), TOO_LARGE, NO_MEMORY. Features that are left out are counted. Not for two threads at once (GDAL's
 *  error handler). */
MUST_USE enum status ogr_lines_read(const char *path, const struct ogr_mapping *mapping, struct import_report *report,
                                    struct ogr_lines *out, struct error *err);
void ogr_lines_clear(struct ogr_lines *lines);

#endif
