/* POST /v1/zones/import: many zones from one file, all of them as drafts or none.
 *
 * A GeoJSON FeatureCollection, a shapefile in a zip archive, or a GeoPackage. A FeatureCollection whose features are as
 * /v1/zones takes them needs nothing more; otherwise `name_field`, `class_field` and `class` say where names and classes
 * are, and `rule` which rule they get (without it, the defaults of the class). Every feature that is refused is named
 * in `errors`, with its reason. `?dry_run=true` says the same and leaves nothing. */
#ifndef API_HANDLERS_ZONE_IMPORT_H
#define API_HANDLERS_ZONE_IMPORT_H

#include "api/process/exchange.h"

extern const char *const zone_import_keys[];

void zone_import(struct exchange *x);

#endif
