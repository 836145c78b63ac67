/* Parts that several requests share: places, the vehicle, credentials, what to keep away from, versions, CRS.
 *
 * Everything that is kept goes into the exchange's arena, so the JSON document can be let go as soon as parsing ends.
 * Errors name the member by JSON pointer; see api/json/reader.h. */
#ifndef API_PARSE_COMMON_H
#define API_PARSE_COMMON_H

#include "api/json/reader.h"
#include "api/wire/wire_crs.h"
#include "geo/base/arena.h"
#include "geo/geos.h"
#include "routing/constraint/itinerary.h"

#include <stdint.h>

enum { SNAP_DEFAULT_MM = 500000, SNAP_MAX_M = 20000 };

struct parse {
    struct arena *arena;
    struct crs_cache *systems; /* of this thread */
    struct geos *geos;         /* of this thread */
    int64_t now_ms; /* what depart_at is when it is not given */
    bool past;      /* as_of is honoured here */
    struct wire_crs crs;
};

/* What a question asks of the rules it is answered under. */
struct rules_demand {
    int64_t min_version; /* −1: any */
    int64_t max_age_ms;  /* of the last contact with the database: a strict caller; −1: any */
    struct rules_moment as_of; /* the rules of then */
};

#define RULES_DEMAND_ANY ((struct rules_demand){.min_version = -1, .max_age_ms = -1, .as_of = RULES_MOMENT_NOW})

/* Members that every question about routes takes; put them into the list given to reader_members. */
#define CONSTRAINT_MEMBERS                                                                                           \
    "vehicle", "credentials", "avoid", "depart_at", "endpoints", "max_snap_m", "min_rules_version",       \
    "max_rules_age_s", "as_of", "crs"

/** Reads `crs` (default EPSG:4490) into parse->crs: before any coordinate is read. */
MUST_USE enum status parse_crs(struct parse *parse, const struct json_at *object, struct error *err);

/** Reads [x, y] in the request's CRS. */
MUST_USE enum status parse_location(struct parse *parse, const struct json_at *at, struct point_e7 *out,
                                    struct error *err);

/** Reads {location, name, service_s, side, turning_place}. */
MUST_USE enum status parse_call(struct parse *parse, const struct json_at *at, struct call *out, struct error *err);

/** Reads {class, height_m, …} and completes it (routing/rules/vehicle.h). */
MUST_USE enum status parse_vehicle(struct parse *parse, const struct json_at *at, struct vehicle *out,
                                   struct error *err);

/** Reads [{type, number, …}] into the request's credentials. */
MUST_USE enum status parse_credentials(struct parse *parse, const struct json_at *at, struct route_request *out,
                                       struct error *err);

/** Reads `as_of`: an instant, a rules version (a whole number, or its digits as text), or null. Whether there are rules of
 *  then only the database knows. */
MUST_USE enum status parse_as_of(const struct json_at *at, struct rules_moment *out, struct error *err);

/** The same of text, as it stands in a query; without a pointer. */
MUST_USE enum status parse_as_of_text(const char *text, struct rules_moment *out, struct error *err);

/** Fills what CONSTRAINT_MEMBERS say (crs is read already), with defaults where they are absent. Without depart_at, a
 *  question as of an instant departs at that instant. */
MUST_USE enum status parse_constraints(struct parse *parse, const struct json_at *object, struct route_request *out,
                                       struct rules_demand *demand, struct error *err);

/** Reads a time within the years that a question may be about. */
MUST_USE enum status parse_moment(const struct json_at *at, int64_t *out_ms, struct error *err);

/** Seconds or metres with a fraction, as milliseconds or millimetres. */
MUST_USE enum status parse_milli(const struct json_at *at, double min, double max, uint32_t *out, struct error *err);

#endif
