/* The routes table and how a path finds its row.
 *
 * A route is declared once, as data; everything the server must know before it runs the handler (method, body cap,
 * media type, allowed query keys, who may) stands in its row:
 *
 *   static const char *const zone_keys[] = {"crs", "at", NULL};
 *   static const struct route routes[] = {
 *       {HTTP_GET, "/v1/zones/{id}", "zone_read", zone_read, .query = zone_keys, .roles = ROLE_ANYONE},
 *       {HTTP_POST, "/v1/route", "route", route_post, .media_type = "application/json", .max_body = 1 << 20,
 *        .roles = ROLE_ANYONE},
 *   };
 *
 * Patterns: a segment is literal (`zones`), a parameter (`{id}`), a parameter with a literal tail (`{y}.mvt`), or, last
 * only, the rest of the path (`{path...}`, one segment or more, joined by '/'). Literal beats tail beats parameter
 * beats rest, with backtracking, so the order of rows does not matter. Two rows of one pattern and method are refused
 * when the router is made, and so is a row without roles. */
#ifndef API_ROUTER_H
#define API_ROUTER_H

#include "api/http/parser.h"
#include "api/http/target.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct exchange;

/** Who may call; a set. Rows name everyone who may, nothing is implied. */
enum role {
    ROLE_ANONYMOUS = 1 << 0,
    ROLE_VIEWER = 1 << 1,
    ROLE_COMPANY = 1 << 2,
    ROLE_OFFICER = 1 << 3,
    ROLE_PLANNER = 1 << 4,
    ROLE_APPROVER = 1 << 5,
    ROLE_ADMIN = 1 << 6,
    ROLE_ANYONE = (1 << 7) - 1,
    ROLE_SIGNED_IN = ROLE_ANYONE & ~ROLE_ANONYMOUS
};

struct route {
    enum http_method method;                /* HTTP_GET answers HEAD as well */
    const char *pattern;                    /* "/v1/zones/{id}" */
    const char *name;                       /* in metrics and logs: [a-z0-9_]+, one per row */
    void (*handler)(struct exchange *x);    /* on the event thread; see api/process/exchange.h */
    const char *const *query;               /* allowed keys up to NULL; NULL: no query string at all */
    const char *media_type;                 /* of the request body; several with '|' between; NULL: no body is taken */
    size_t max_body;                        /* bytes; 413 above */
    unsigned roles;                         /* enum role, never 0 */
    bool urgent;                            /* answered also while the server is overloaded, and never limited */
};

enum { ROUTE_PARAMS_MAX = 8 };

/** Parameters of a matched path. Names belong to the router, values to the target (or the arena for a rest). */
struct route_params {
    unsigned count;
    const char *name[ROUTE_PARAMS_MAX];
    const char *value[ROUTE_PARAMS_MAX];
};

/** Where a path leads: the rows of one pattern, by method. */
struct route_match {
    const struct route *route;     /* NULL when the path exists and the method does not */
    unsigned allowed;              /* set of 1 << enum http_method that the path answers, HEAD included */
    struct route_params params;
};

struct router;
struct arena;

/** Builds the tree over `count` rows, which must outlive it. Errors: INVALID naming the row (pattern, duplicate, no
 *  roles, no handler), NO_MEMORY. */
MUST_USE enum status router_new(struct router **out, const struct route *routes, size_t count, struct error *err);
void router_free(struct router *router);

/** Finds `target`'s path. NOT_FOUND when no row has it; OK with `out->route` NULL when only the method is wrong.
 *  Cost: some comparisons per segment. Any thread. */
MUST_USE enum status router_match(const struct router *router, enum http_method method,
                                  const struct http_target *target, struct arena *arena, struct route_match *out);

/** Number of the row in the table given to router_new. */
size_t router_index(const struct router *router, const struct route *route);

#endif
