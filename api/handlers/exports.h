/* GET /v1/export/{layer}.{format} and /v1/plans/{id}.{format}: files for other people's maps.
 *
 * Formats: geojson, kml, gpx, gpkg, shp.zip, dxf, csv, fgb. `crs` takes any EPSG code that PROJ knows, gcj02 and bd09;
 * `names=zh|en` the language of the columns; `encoding=utf-8|gbk` that of a shapefile. What is not public is in the file
 * only for who may see it. A file that would be too large is refused, never cut off. On workers. */
#ifndef API_HANDLERS_EXPORTS_H
#define API_HANDLERS_EXPORTS_H

#include "api/process/exchange.h"

extern const char *const export_layer_keys[];
extern const char *const export_plan_keys[];

void layer_export(struct exchange *x);
void plan_file(struct exchange *x);

#endif
