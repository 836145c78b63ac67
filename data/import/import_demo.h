/* `baochang import --demo`: generates the schematic prefecture and stores it in one transaction. */
#ifndef DATA_IMPORT_DEMO_H
#define DATA_IMPORT_DEMO_H

#include "data/import/import_report.h"
#include "data/pg/pg.h"

struct import_demo_options {
    uint64_t seed;
    unsigned scale;   /* 1 .. DEMO_SCALE_MAX; about 45,000 arcs at 1, 1.5 million at 50 */
    bool replace_all; /* every road and rule of every source first */
    bool quiet;       /* no progress on standard error */
};

/** Replaces what an earlier demo stored. Errors: OUT_OF_RANGE for the scale, those of the database, NO_MEMORY. On
 *  failure nothing has changed. */
MUST_USE enum status import_demo(struct pg *pg, const struct import_demo_options *options,
                                 struct import_report *report, struct error *err);

#endif
