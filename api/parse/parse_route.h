/* The body of POST /v1/route (and, by way of api/parse/query_json.h, the query of GET /v1/route) as the planner's question.
 *
 * Defaults: loop none, depart_at now, max_wait_s 0, endpoints reject, on_violation fail, prefer time, alternatives 0,
 * geometry geojson, steps true, max_snap_m 500, corridor_m 200 (0 when no geometry is asked for: whoever wants only
 * figures does not pay for a buffer), crs EPSG:4490. */
#ifndef API_PARSE_ROUTE_H
#define API_PARSE_ROUTE_H

#include "api/parse/parse_common.h"
#include "routing/planner/relay.h"

enum geometry_format { GEOMETRY_GEOJSON, GEOMETRY_POLYLINE5, GEOMETRY_POLYLINE6, GEOMETRY_NONE };

/* How the answer is to be written. */
struct wire_form {
    enum geometry_format geometry;
    bool steps;
    struct wire_crs crs;
    enum language language;
};

struct route_question {
    struct route_request route;
    struct rules_demand demand;
    struct wire_form form;
    bool store; /* keep the plan: api/plan_keep.h */
    const struct relay *relay; /* NULL, or what takes over where no direct trip is lawful */
    bool optimise_order; /* choose the order of the stops first: routing/search/tour.h */
};

/* Where a question is read: what it is kept in and what it needs to know. */
struct parse_setting {
    struct arena *arena;
    struct crs_cache *systems; /* of this thread */
    int64_t now_ms;
    enum language language;
    struct geos *geos; /* of this thread; making one can end the process when memory is out, so it is not made here */
    bool journeys; /* optimise_order and rests are honoured here; elsewhere they are refused by name */
    bool past;     /* as_of is honoured here; elsewhere it is refused by name */
    bool one_plan; /* of one lawful plan that is not kept: store, alternatives and on_violation are refused by name */
    bool figures;  /* of its figures alone: so are geometry, steps and corridor_m, unless they ask for none */
};

/** Reads a document. Everything *out points to is in the arena. `now_ms` is the departure when none is given; it is
 *  rounded up to a whole second. WOULD_BLOCK on an event thread when the CRS takes time to open: ask again on a
 *  worker. Cost: 5 µs for a small request. */
MUST_USE enum status parse_route(const struct json_at *root, const struct parse_setting *setting,
                                 struct route_question *out, struct error *err);

/** `prefer` and `max_wait_s`, which tables take too. */
MUST_USE enum status parse_preference(const struct json_at *root, struct route_request *out, struct error *err);

/** The same as parse_route from text. */
MUST_USE enum status parse_route_text(const char *text, size_t length, const struct parse_setting *setting,
                                      struct route_question *out, struct error *err);

#endif
