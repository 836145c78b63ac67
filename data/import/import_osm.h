/* `baochang import region.osm.pbf`: an OpenStreetMap file becomes roads, in one transaction. */
#ifndef DATA_IMPORT_OSM_H
#define DATA_IMPORT_OSM_H

#include "data/import/import_report.h"
#include "data/pg/pg.h"

struct import_osm_options {
    const char *path;
    const char *source; /* name under which the roads are kept and replaced */
    bool replace_all;   /* roads of every other source as well */
    bool quiet;
};

/** Reads, cuts, stores. On failure nothing has changed. Errors: IO, INVALID (the file, with line or object), TOO_LARGE,
 *  NO_MEMORY, those of the database. Cost: linear; about 1 s for a city of 85,000 roads. */
MUST_USE enum status import_osm(struct pg *pg, const struct import_osm_options *options, struct import_report *report,
                                struct error *err);

#endif
