/* The flat query of a GET as the JSON document that the POST would have had, so that both are judged by one parser:
 *
 *   origin=112.53,33.01&stops=112.9,32.7;112.8,32.8&vehicle.height_m=4.2&avoid.zones=a,b&credentials=pass;
 *   nucleic_acid@2026-11-20T06:00:00+08:00
 *
 * A name with dots is a path of members. What stands after the name depends on the row's kind. */
#ifndef API_QUERY_JSON_H
#define API_QUERY_JSON_H

#include "api/http/target.h"
#include "geo/base/error.h"

#include <jansson.h>

enum query_kind {
    QUERY_TEXT,        /* string */
    QUERY_NUMBER,      /* JSON number */
    QUERY_BOOLEAN,     /* true | false */
    QUERY_POINT,       /* x,y → [x, y] */
    QUERY_CALL,        /* x,y → {"location": [x, y]} */
    QUERY_CALLS,       /* x,y;x,y → [{"location": …}, …] */
    QUERY_TEXTS,       /* a,b → ["a", "b"] */
    QUERY_CREDENTIALS, /* type@issued;… → [{"type": …, "issued_at": …}] */
    QUERY_JSON,        /* a value in JSON: GeoJSON in avoid.polygons */
};

struct query_row {
    const char *name;
    enum query_kind kind;
};

/** Builds the document from the keys of `target` that `rows` (up to a NULL name) know; the server has refused others.
 *  The caller owns *out. Errors: INVALID naming the member by the pointer it has in the document, NO_MEMORY. */
MUST_USE enum status query_to_json(const struct http_target *target, const struct query_row *rows, json_t **out,
                                   struct error *err);

/* Names taken by GET /v1/route and GET /v1/snap, and the same as lists for the routes table. */
extern const struct query_row query_route_rows[], query_snap_rows[];
extern const char *const query_route_keys[], *const query_snap_keys[];

#endif
