/* The request of an OSRM v1 client: coordinates in the path and options in the query, judged the way OSRM judges them.
 *
 *   /route/v1/truck/112.53,33.01;112.9,32.7?steps=true&geometries=geojson
 *   /table/v1/truck/polyline(…)?sources=0&annotations=duration,distance
 *
 * What OSRM knows and this service cannot honour (bearings, fallback_speed, waypoints) is refused by name, never
 * ignored. `hints` are checked for their number and not used: they only ever save a look-up. */
#ifndef API_OSRM_QUERY_H
#define API_OSRM_QUERY_H

#include "api/http/target.h"
#include "geo/base/arena.h"
#include "routing/constraint/itinerary.h"

#include <stdbool.h>
#include <stdint.h>

#define OSRM_CODE_LIST(X)                                                                                            \
    X(OK, "Ok") X(INVALID_URL, "InvalidUrl") X(INVALID_OPTIONS, "InvalidOptions") X(INVALID_VALUE, "InvalidValue")   \
    X(INVALID_QUERY, "InvalidQuery") X(NO_SEGMENT, "NoSegment") X(NO_ROUTE, "NoRoute") X(NO_TABLE, "NoTable")        \
    X(NO_TRIPS, "NoTrips") X(NO_MATCH, "NoMatch")                                                                     \
    X(NOT_IMPLEMENTED, "NotImplemented") X(TOO_BIG, "TooBig")

enum osrm_code {
#define X(name, text) OSRM_##name,
    OSRM_CODE_LIST(X)
#undef X
};

const char *osrm_code_text(enum osrm_code code);

enum osrm_service { OSRM_ROUTE, OSRM_TABLE, OSRM_NEAREST, OSRM_TRIP, OSRM_MATCH };
enum osrm_end { OSRM_ANY, OSRM_FIRST, OSRM_LAST }; /* of a trip: any coordinate, or this one */
enum osrm_geometry { OSRM_POLYLINE, OSRM_POLYLINE6, OSRM_GEOJSON };
enum osrm_overview { OSRM_SIMPLIFIED, OSRM_FULL, OSRM_NONE };
enum osrm_annotation {
    OSRM_ANNOTATE_DURATION = 1 << 0, OSRM_ANNOTATE_DISTANCE = 1 << 1, OSRM_ANNOTATE_SPEED = 1 << 2,
    OSRM_ANNOTATE_WEIGHT = 1 << 3, OSRM_ANNOTATE_DATASOURCES = 1 << 4,
};

enum { OSRM_TABLE_SIDE_MAX = 1000, OSRM_NEAREST_MAX = 100, OSRM_ALTERNATIVES_MAX = 3, OSRM_SNAP_MM = 20000000 };

struct osrm_query {
    uint32_t count;
    struct call *calls;      /* [count], in the arena */
    uint32_t *radius_mm;     /* [count], UINT32_MAX: unlimited; NULL when none were given */
    struct vehicle vehicle;
    road_class_mask avoid_classes;
    bool avoid_tolls;
    bool hints;              /* generate_hints: the member is written (empty) */
    bool skip_waypoints;
    /* route */
    uint32_t alternatives;
    bool steps;
    unsigned annotations;    /* set of enum osrm_annotation */
    enum osrm_geometry geometry;
    enum osrm_overview overview;
    /* trip */
    bool roundtrip;
    enum osrm_end source, destination;
    /* table */
    uint32_t source_count, target_count;
    uint32_t *sources, *targets; /* indices into calls, in the arena */
    bool want_durations, want_distances;
    double scale;
    /* nearest */
    uint32_t number;
    /* match */
    int64_t *timestamps_s;   /* [count], ascending, in the arena; NULL when none were given */
    bool ignore_gaps, tidy;
};

/* What went wrong, in OSRM's words. */
struct osrm_fault {
    enum osrm_code code;
    char message[200];
};

/** Reads a request. `profile` and `coordinates` are the decoded path segments. False with *fault set, or with code OK
 *  when memory is out. */
MUST_USE bool osrm_query_parse(enum osrm_service service, const char *profile, const char *coordinates,
                               const struct http_target *target, struct arena *arena, struct osrm_query *out,
                               struct osrm_fault *fault);

#endif
