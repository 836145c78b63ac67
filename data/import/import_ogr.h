/* `baochang import roads.shp --mapping=roads.ini`: a bureau's road layer becomes roads, in one transaction. */
#ifndef DATA_IMPORT_OGR_H
#define DATA_IMPORT_OGR_H

#include "data/import/import_report.h"
#include "data/pg/pg.h"

struct import_ogr_options {
    const char *path, *mapping; /* mapping may be NULL: then the layer's `class` attribute must use our words */
    const char *source;
    bool replace_all;
    bool quiet;
};

/** Reads, transforms to EPSG:4490, nodes, stores. On failure nothing has changed. Errors: IO, INVALID (file, mapping with
 *  its line, CRS), TOO_LARGE, NO_MEMORY, those of the database. */
MUST_USE enum status import_ogr(struct pg *pg, const struct import_ogr_options *options, struct import_report *report,
                                struct error *err);

#endif
