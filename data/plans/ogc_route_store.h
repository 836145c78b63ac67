/* Names and definitions of the routes that OGC API - Routes manages; the plans themselves are in data/plans/plan_store.h. */
#ifndef DATA_OGC_ROUTE_STORE_H
#define DATA_OGC_ROUTE_STORE_H

#include "data/plans/plan_store.h"

enum { OGC_ROUTES_LISTED = 1000 };

/** Keeps what came with a plan that the same transaction keeps. */
MUST_USE enum status ogc_route_put(struct write_tx *tx, const char *plan, const char *name, const char *definition, struct error *err);

/** Forgets it, in the transaction that withdraws the plan. NOT_FOUND when the plan was not asked for this way. */
MUST_USE enum status ogc_route_forget(struct write_tx *tx, const char *plan, struct error *err);

/** Name and definition of a plan that the reader may see, in `arena`. NOT_FOUND. */
MUST_USE enum status ogc_route_load(struct pg *pg, const char *plan, const struct plan_reader *reader, struct arena *arena,
                                    const char **name, const char **definition, struct error *err);

/** Calls `each` for the reader's routes, newest first, at most OGC_ROUTES_LISTED. */
MUST_USE enum status ogc_route_list(struct pg *pg, const struct plan_reader *reader, void (*each)(void *context, const char *plan, const char *name),
                                    void *context, struct error *err);

#endif
