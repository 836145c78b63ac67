/* The query of an OGC API - Features request, and addresses that say the same again.
 *
 *   bbox, bbox-crs, crs, datetime, limit, cursor, f, and for each property that the collection can be chosen by its name
 *
 * Every other key is an error that names it. */
#ifndef API_OGC_QUERY_H
#define API_OGC_QUERY_H

#include "api/ogc/ogc_crs.h"
#include "api/process/exchange.h"
#include "data/maps/feature_store.h"
#include "data/maps/map_layers.h"

enum { OGC_LIMIT_DEFAULT = 100, OGC_LIMIT_MAX = 10000 };

enum ogc_form { OGC_JSON, OGC_HTML, OGC_OPENAPI_31 };

/** The form that `f` names ("json", "html"; "openapi31" where `versions`), else the better liked in Accept; JSON when it
 *  does not care. INVALID naming f. */
MUST_USE enum status ogc_form_read(const struct exchange *x, bool versions, enum ogc_form *out, struct error *err);

struct ogc_query {
    struct ogc_crs crs;
    const char *area, *from, *until, *properties; /* for struct feature_choice */
    bool timed;
    unsigned limit;
    bool goes_on; /* there was a cursor */
    struct feature_after after;
    int64_t matched; /* with a cursor: what was counted for the first page */
};

/** Reads the query of /items in x->arena. INVALID, UNKNOWN_MEMBER. On a worker. */
MUST_USE enum status ogc_query_read(const struct exchange *x, struct crs_cache *systems, const struct map_layer *layer, struct ogc_query *out,
                                    struct error *err);

/** This request's own address, with `key` set to `value` instead of what it had (NULL: as it is; value NULL: left out).
 *  Whatever the client wrote is escaped. In x->arena; NULL: memory is out. */
const char *ogc_address(const struct exchange *x, const char *key, const char *value);

/** Appends a text as it may stand in a segment of a path or in a query. */
void ogc_escape(struct buffer *out, const char *text);

/** The cursor of the page behind `last`. */
const char *ogc_cursor(const struct exchange *x, int64_t matched, const struct feature_row *last);

#endif
