/* Result codes of every fallible function, declared once.
 *
 * STATUS_LIST is the single source of the code's name, the `code` member of a problem document and the HTTP
 * status a client sees. The texts a person reads are in messages.def, in Chinese and English. */
#ifndef GEO_BASE_STATUS_H
#define GEO_BASE_STATUS_H

/*        name                         wire code                       http */
#define STATUS_LIST(X)                                                        \
    X(OK,                          "ok",                           200)       \
    /* the caller's input */                                                  \
    X(INVALID,                     "invalid_value",                400)       \
    X(UNKNOWN_MEMBER,              "unknown_member",               400)       \
    X(DUPLICATE_MEMBER,            "duplicate_member",             400)       \
    X(MISSING_MEMBER,              "missing_member",               400)       \
    X(OUT_OF_RANGE,                "out_of_range",                 400)       \
    X(INVALID_GEOMETRY,            "invalid_geometry",             400)       \
    X(UNKNOWN_CREDENTIAL_TYPE,     "unknown_credential_type",      400)       \
    X(UNAUTHORISED,                "unauthorised",                 401)       \
    X(FORBIDDEN,                   "forbidden",                    403)       \
    X(NOT_FOUND,                   "not_found",                    404)       \
    X(METHOD_NOT_ALLOWED,          "method_not_allowed",           405)       \
    X(NOT_ACCEPTABLE,              "not_acceptable",               406)       \
    X(REQUEST_TIMEOUT,             "request_timeout",              408)       \
    X(CONFLICT,                    "conflict",                     409)       \
    X(RULES_VERSION_NOT_REACHED,   "rules_version_not_reached",    409)       \
    X(ROADS_CHANGED,               "roads_changed",                409)       \
    X(BEFORE_HISTORY,              "before_history",               409)       \
    X(LENGTH_REQUIRED,             "length_required",              411)       \
    X(PRECONDITION_FAILED,         "precondition_failed",          412)       \
    X(TOO_LARGE,                   "too_large",                    413)       \
    X(TARGET_TOO_LONG,             "target_too_long",              414)       \
    X(UNSUPPORTED_MEDIA_TYPE,      "unsupported_media_type",       415)       \
    X(RANGE_NOT_SATISFIABLE,       "range_not_satisfiable",        416)       \
    X(EXPECTATION_FAILED,          "expectation_failed",           417)       \
    X(ABOVE_CEILING,               "above_ceiling",                422)       \
    X(TOO_MANY_REQUESTS,           "too_many_requests",            429)       \
    X(HEAD_TOO_LARGE,              "head_too_large",               431)       \
    /* no lawful route (semantics, section 7) */                              \
    X(ORIGIN_IN_CLOSED_ZONE,       "origin_in_closed_zone",        422)       \
    X(STOP_IN_CLOSED_ZONE,         "stop_in_closed_zone",          422)       \
    X(DESTINATION_IN_CLOSED_ZONE,  "destination_in_closed_zone",   422)       \
    X(NO_OPEN_GATE,                "no_open_gate",                 422)       \
    X(CREDENTIAL_MISSING,          "credential_missing",           422)       \
    X(CREDENTIAL_EXPIRED_AT_GATE,  "credential_expired_at_gate",   422)       \
    X(VEHICLE_LIMIT,               "vehicle_limit",                422)       \
    X(TIME_WINDOW,                 "time_window",                  422)       \
    X(NO_REST_AREA,                "no_rest_area",                 422)       \
    X(ROAD_CLOSED,                 "road_closed",                  422)       \
    X(DISCONNECTED,                "disconnected",                 422)       \
    X(SNAP_TOO_FAR,                "snap_too_far",                 422)       \
    X(NO_MATCH,                    "no_match",                     422)       \
    X(SEARCH_BUDGET_EXCEEDED,      "search_budget_exceeded",       422)       \
    /* the service */                                                         \
    X(INTERNAL,                    "internal_error",               500)       \
    X(CHECKER_DISAGREES,           "checker_disagrees",            500)       \
    X(NOT_IMPLEMENTED,             "not_implemented",              501)       \
    X(UNAVAILABLE,                 "unavailable",                  503)       \
    X(RULES_STALE,                 "rules_stale",                  503)       \
    X(NO_MEMORY,                   "no_memory",                    503)       \
    X(TIMEOUT,                     "timeout",                      504)       \
    X(VERSION_NOT_SUPPORTED,       "version_not_supported",        505)       \
    /* never on the wire */                                                   \
    X(IO,                          "io_error",                     500)       \
    X(CORRUPT,                     "corrupt",                      500)       \
    X(CANCELLED,                   "cancelled",                    503)       \
    X(WOULD_BLOCK,                 "would_block",                  503)

enum status {
#define X(name, code, http) STATUS_##name,
    STATUS_LIST(X)
#undef X
    STATUS_COUNT
};

/** Marks a result that must be looked at. */
#define MUST_USE __attribute__((warn_unused_result))

/** The stable wire code, e.g. "no_open_gate". Never NULL. */
const char *status_code(enum status status);

/** The HTTP status that carries it. */
int status_http(enum status status);

/** The symbol without its prefix, e.g. "NO_OPEN_GATE", for logs. */
const char *status_name(enum status status);

#endif
