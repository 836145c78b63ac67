/* The layers of the database as files: which columns, which rows, page by page. */
#ifndef DATA_EXPORT_LAYERS_H
#define DATA_EXPORT_LAYERS_H

#include "data/ogr/ogr_export.h"
#include "data/rules/rule_store.h"

enum export_layer { LAYER_ZONES, LAYER_CHECKPOINTS, LAYER_CLOSURES, LAYER_FACILITIES, LAYER_JURISDICTIONS, LAYER_ROADS, LAYER_COUNT };

/** "zones", …; false for a name that is none. */
MUST_USE bool export_layer_find(const char *name, enum export_layer *out);
const char *export_layer_name(enum export_layer layer);

struct export_filter {
    const double *bbox; /* west, south, east, north; NULL: everywhere */
    const char *at;     /* RFC 3339: in effect at that moment; NULL: whatever is kept. Zones, checkpoints and closures */
    const char *state;  /* NULL: any */
};

/** Writes every row of a layer that `reader` may see into `e`, in the order of their ids. Memory for one page of rows at a
 *  time. `cancelled` (may be NULL) is looked at between pages. Errors: those of export_feature, CANCELLED, of pg.h. */
MUST_USE enum status export_layer_rows(struct pg *pg, enum export_layer layer, const struct rule_reader *reader,
                                       const struct export_filter *filter, const bool *cancelled, struct export *e, struct error *err);

#endif
