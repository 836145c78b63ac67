/* The question and the answer of the planner, as plain structs: what api parses into and encodes from. All strings
 * and arrays of a request belong to the caller; those of a plan live in the arena given to the planner. */
#ifndef ROUTING_ITINERARY_H
#define ROUTING_ITINERARY_H

#include "geo/base/arena.h"
#include "geo/base/error.h"
#include "geo/multipolygon.h"
#include "routing/network/network.h"
#include "routing/rules/rules.h"
#include "routing/rules/vehicle.h"

/* ---- request ----------------------------------------------------------------------------------------------- */

enum { CALLS_MAX = 64, CREDENTIALS_MAX = 32, AVOID_ZONES_MAX = 256 };

enum call_side { SIDE_ANY, SIDE_CURB }; /* CURB: arrive with the place on the right */

struct call {
    struct point_e7 point;
    const char *name;    /* or NULL */
    uint32_t service_ms; /* time spent there before going on */
    enum call_side side;
    bool turning_place;  /* the vehicle may turn round here */
};

struct credential {
    const char *type_code;
    const char *number;                /* or NULL */
    int64_t issued_ms;                 /* INT64_MIN if not given */
    int64_t valid_from_ms, valid_until_ms; /* INT64_MIN / TIME_OPEN if not given */
};

/** Whether it says at all when it holds; one that does not never holds. */
static inline bool credential_dated(const struct credential *c)
{
    return c->issued_ms != INT64_MIN || c->valid_from_ms != INT64_MIN || c->valid_until_ms != TIME_OPEN;
}

enum preference { PREFER_TIME, PREFER_DISTANCE, PREFER_COST,
                  PREFER_DRIVING /* time less inspections: nobody asks for it but rests (routing/search/rests.h) */ };
enum endpoint_policy { ENDPOINTS_REJECT, ENDPOINTS_NEAREST_OUTSIDE };

struct route_request {
    uint32_t call_count;  /* origin, stops …, destination; at least 2 */
    struct call calls[CALLS_MAX];
    bool loop;            /* return to the base after the last service time */
    bool has_base;
    struct call base;     /* default: the origin */
    int64_t depart_ms;
    uint32_t max_wait_ms;
    uint32_t stay_ms;      /* the vehicle must be free to stand at the end for so long; no part of the plan */
    bool rests;            /* the driver must rest: */
    uint32_t max_drive_ms, rest_ms; /* driving without a rest, and how long one is; 0: by the rules */
    struct vehicle vehicle; /* completed by vehicle_complete */
    uint32_t credential_count;
    struct credential credentials[CREDENTIALS_MAX];
    struct multipolygon avoid_area;     /* closed to this request; part_count 0 = none */
    uint32_t avoid_zone_count;
    const char *avoid_zones[AVOID_ZONES_MAX];
    road_class_mask avoid_classes;
    bool avoid_tolls;
    enum preference prefer;
    uint32_t alternatives;   /* 0..3 */
    enum endpoint_policy endpoints;
    bool report_violations;  /* on_violation: report */
    uint32_t max_snap_mm;
    uint32_t corridor_mm;    /* 0 = no corridor wanted */
    bool want_geometry, want_steps;
    uint32_t budget_settled; /* arc nodes a search may settle; 0 = default */
    /* set by the planner, by moments at which credentials end (0: neither): those that end by then are left at home, and
     * the journey must end before this */
    int64_t left_at_home_ms, end_before_ms;
    const bool *cancelled;   /* polled now and then; may be NULL; read atomically */
};

/* The limit of driving time that holds for a request. */
struct journey_limits {
    uint32_t max_drive_ms, rest_ms;
};

static inline struct journey_limits journey_limits_of(const struct route_request *request, const struct rules_input *input)
{
    return (struct journey_limits){request->max_drive_ms ? request->max_drive_ms : input->journeys.max_drive_ms,
                                   request->rest_ms ? request->rest_ms : input->journeys.rest_ms};
}

/* ---- plan --------------------------------------------------------------------------------------------------- */

enum leg_kind { LEG_ORIGIN, LEG_TRUNK, LEG_DESTINATION, LEG_RELAY, LEG_LAST_MILE };
const char *leg_kind_code(enum leg_kind kind);

struct waypoint {
    struct point_e7 requested, snapped;
    uint32_t distance_mm;
    road_index road;
    uint32_t offset_mm; /* along the road's geometry */
    uint32_t call;      /* index of the call in the request; call_count = the base; UINT32_MAX: a rest */
    uint32_t rest;      /* 0, or 1 + the index of the facility where the driver rests */
    bool moved;         /* endpoints: nearest_outside moved it */
    enum status refused; /* of a table: why the place cannot be used, and nothing but `requested` and `call` is set; else STATUS_OK */
};

struct gate_passage {
    uint32_t checkpoint, zone;      /* indices into the rules' input */
    enum gate_direction direction;  /* ENTER or EXIT */
    int64_t at_ms;                  /* arrival at the gate */
    uint32_t wait_ms, inspection_ms;
    bool green_channel;
    uint32_t credential_count;
    const uint16_t *credentials;    /* indices into the request's credentials: those used */
    struct point_e7 point;
    uint64_t offset_mm;             /* from the start of the leg */
};

struct zone_contact {
    uint32_t zone, rule;  /* rule: index into the zone's rules */
    enum rule_kind kind;
    int64_t enter_ms, leave_ms;
    uint64_t distance_mm;
    enum message why;     /* MESSAGE_ZONE_…: why that was allowed */
};

struct limit_met {
    enum limit_kind kind;
    uint32_t limit, vehicle; /* mm, kg, count */
    bool assumed;            /* the vehicle's value was not given */
    road_index road;
    uint32_t closure;        /* or UINT32_MAX: a posted limit of the road */
};

enum maneuver { MANEUVER_DEPART, MANEUVER_CONTINUE, MANEUVER_SLIGHT_RIGHT, MANEUVER_RIGHT, MANEUVER_SHARP_RIGHT,
                MANEUVER_UTURN, MANEUVER_SHARP_LEFT, MANEUVER_LEFT, MANEUVER_SLIGHT_LEFT, MANEUVER_ROUNDABOUT,
                MANEUVER_MERGE, MANEUVER_OFF_RAMP, MANEUVER_GATE, MANEUVER_ARRIVE };
const char *maneuver_code(enum maneuver maneuver);

struct step {
    enum maneuver maneuver;
    road_index road;
    uint64_t distance_mm;
    uint32_t duration_ms;
    uint32_t first_point, point_count; /* into the leg's points */
    int16_t bearing_before_deg, bearing_after_deg;
    uint32_t gate;                     /* MANEUVER_GATE: index into the leg's gates */
};

struct leg {
    enum leg_kind kind;
    uint32_t from, to; /* waypoint indices */
    int64_t depart_ms, arrive_ms;
    uint64_t distance_mm;
    uint32_t drive_ms, wait_ms;
    uint32_t arc_count;
    const arc_id *arcs;          /* in order; the first and last may be partial */
    uint32_t first_offset_mm;    /* where on the first arc the leg starts, in travel direction */
    uint32_t last_offset_mm;     /* where on the last arc it ends, in travel direction */
    uint32_t point_count;
    const struct point_e7 *points;
    uint32_t step_count, gate_count, zone_count, limit_count;
    const struct step *steps;
    const struct gate_passage *gates;
    const struct zone_contact *zones;
    const struct limit_met *limits;
};

enum warning_kind { WARNING_ASSUMED_ATTRIBUTE, WARNING_CAUTION_ZONE, WARNING_WAIT, WARNING_RULES_AGE, WARNING_MOVED_ENDPOINT,
                    WARNING_SPLIT_LEGS, WARNING_PLATE_UNKNOWN };
struct warning {
    enum warning_kind kind;
    uint32_t subject; /* attribute bit, zone index, waypoint index, … by kind */
    char zh[320], en[320];
};

/* A rule in the way. */
enum conflict_kind { CONFLICT_ZONE, CONFLICT_GATE, CONFLICT_CREDENTIAL, CONFLICT_LIMIT, CONFLICT_CLOSURE, CONFLICT_ACCESS,
                     CONFLICT_AVOID };
struct conflict {
    enum conflict_kind kind;
    enum status cause;           /* what this conflict alone would be called */
    uint32_t zone, checkpoint, closure; /* UINT32_MAX where it does not apply */
    road_index road;             /* NO_ROAD where it does not apply */
    enum limit_kind limit_kind;
    uint32_t limit, vehicle;
    struct point_e7 point;       /* where the relaxed route breaks it */
    char needed_zh[480], needed_en[480]; /* what would open it */
};

struct plan {
    uint32_t waypoint_count, leg_count, warning_count, violation_count;
    const struct waypoint *waypoints;
    const struct leg *legs;
    const struct warning *warnings;
    const struct conflict *violations; /* only of a plan that is not issuable */
    uint32_t duration_ms;              /* arrival at the end minus departure: driving, waiting, inspections, service */
    uint64_t distance_mm;
    uint32_t drive_ms, toll_fen, wait_ms;
    bool issuable;
    struct multipolygon corridor;
    bool judged_at_departure;          /* true where schedules were judged at departure only */
};

struct answer {
    uint32_t plan_count;
    struct plan *plans[4];
    /* no lawful plan: */
    enum status cause;        /* STATUS_OK when there is one */
    uint32_t conflict_count;
    const struct conflict *conflicts; /* irreducible: lifting them all opens a route, dropping one from the list does not */
    const struct plan *relaxed;       /* that route, issuable false; NULL when even that does not exist */
    uint32_t settled;         /* work done, for metrics */
    uint8_t tier;             /* 1 hierarchy, 2 guided search, both = 3 */
};

#endif
