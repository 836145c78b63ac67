/* The rules as a bureau states them: zones, checkpoints with their gates, closures, credential types, calendar.
 *
 * The data folder fills a `struct rules_input` from one consistent read of the database; rules_compile.h turns it
 * into what the engine asks. Only rules that may bind now or later are in it: approved (or physical), not ended.
 * Strings and arrays live in the arena of whoever built the input; the compiled rules keep their own copies. */
#ifndef ROUTING_RULES_H
#define ROUTING_RULES_H

#include "geo/multipolygon.h"
#include "routing/network/network.h"
#include "routing/rules/schedule.h"
#include "routing/rules/toll.h"
#include "routing/rules/vehicle.h"

/* ---- credentials ---------------------------------------------------------------------------------------- */

struct credential_type {
    const char *code, *name_zh, *name_en;
    int64_t default_max_age_s; /* 0: judged by valid_until only */
};

typedef uint16_t credential_type_index; /* into rules_input.credential_types */
#define NO_CREDENTIAL_TYPE UINT16_MAX

struct requirement {
    credential_type_index type;
    int64_t max_age_s; /* 0 = any age; else issue time must not be older than this when passing */
};

/* Alternatives: one group must hold; in a group every requirement must hold. No group: nothing is asked. */
struct requirement_group {
    uint32_t requirement_count;
    const struct requirement *requirements;
};

/* ---- whom a rule binds ------------------------------------------------------------------------------------ */

enum tristate { ANY, YES, NO };

struct subject {
    uint32_t gross_min_kg, gross_max_kg; /* min ≤ gross ≤ max; a maximum of 0 or UINT32_MAX is open */
    uint32_t axles_min, axles_max;
    enum tristate hazmat, livestock, lorry;
    uint32_t emissions;      /* bit 1 << enum emission; 0 = all */
    uint32_t plate_prefix_count;
    const char *const *plate_prefixes; /* "豫R"; none = all */
    bool plate_prefixes_negated;       /* binds plates from elsewhere */
    uint32_t cargo_count;
    const char *const *cargos;         /* none = all */
};

/* ---- zones ------------------------------------------------------------------------------------------------ */

#define RULE_KIND_LIST(X)                                        \
    X(CLOSED,           "closed",           "封闭",    "closed")  \
    X(THROUGH_ONLY,     "through_only",     "只过不停", "through only, no stopping") \
    X(GATED,            "gated",            "卡点通行", "through checkpoints only")  \
    X(DESTINATION_ONLY, "destination_only", "仅限到达", "destination only")          \
    X(CAUTION,          "caution",          "谨慎通行", "caution")

enum rule_kind {
#define X(name, code, zh, en) RULE_##name,
    RULE_KIND_LIST(X)
#undef X
    RULE_KIND_COUNT
};
const char *rule_kind_code(enum rule_kind kind);
bool rule_kind_parse(const char *code, enum rule_kind *kind);

struct zone_rule {
    struct subject subject;
    enum rule_kind kind;
    road_class_mask open_classes; /* arcs of these classes are not in the controlled set; MOTORWAY brings through ramps */
    bool transit_deny;            /* gated: closed to a leg that neither starts nor ends inside */
    uint32_t slow_permille;       /* caution: travel time × this / 1000, ≥ 1000 */
    uint32_t exempt_count;
    const credential_type_index *exempt; /* whoever holds one, valid at that moment, is not bound */
    struct schedule hours;        /* beside the zone's own schedule */
};

struct zone {
    const char *id, *name, *class_code, *class_name_zh, *class_name_en, *county, *document, *authority;
    struct multipolygon area;
    uint32_t accuracy_mm;
    bool border_roads_inside;
    uint32_t layer_count; /* 0: roads on every layer */
    const int8_t *layers;
    struct schedule schedule;
    uint32_t rule_count;
    const struct zone_rule *rules; /* the first whose subject matches applies; see rules_zone_rule */
};

/** Whether roads on this layer can be in the zone. */
static inline bool zone_has_layer(const struct zone *z, int8_t layer)
{
    bool has = z->layer_count == 0;
    for (uint32_t i = 0; i < z->layer_count && !has; i++) has = z->layers[i] == layer;
    return has;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------ */

enum gate_direction { GATE_ENTER = 1, GATE_EXIT = 2, GATE_BOTH = 3 };

/* An arc named by hand: road and direction. */
struct road_direction {
    int64_t road_id;
    bool backward;
};

struct gate {
    uint32_t zone;               /* index into zones */
    enum gate_direction direction;
    uint32_t arc_count;          /* 0: derived from the checkpoint's place */
    const struct road_direction *arcs;
};

struct checkpoint {
    const char *id, *name;
    struct point_e7 point;
    const char *road_ref;        /* approach: number or name of its road, or "" for the nearest */
    int16_t bearing_deg;         /* approach direction 0..359, or −1 for both */
    uint32_t reach_mm;
    struct schedule opening;
    uint32_t normal_ms, green_ms; /* inspection times */
    uint32_t group_count;
    const struct requirement_group *groups;
    uint32_t green_count;
    const credential_type_index *green; /* any one of these, valid when passing, earns the green channel */
    uint32_t gate_count;
    const struct gate *gates;
};

/* ---- closures ---------------------------------------------------------------------------------------------- */

#define CLOSURE_ACTION_LIST(X) \
    X(CLOSED, "closed") X(ENTRY_BAN, "entry_ban") X(EXIT_BAN, "exit_ban") X(LIMIT, "limit") \
    X(SPEED, "speed_limit") X(NO_STOPPING, "no_stopping")

enum closure_action {
#define X(name, code) CLOSURE_##name,
    CLOSURE_ACTION_LIST(X)
#undef X
    CLOSURE_ACTION_COUNT
};
const char *closure_action_code(enum closure_action action);

struct closure {
    const char *id, *name, *cause, *document, *authority;
    enum closure_action action;
    bool physical;                /* binds at once; no credential opens it */
    enum limit_kind limit_kind;   /* LIMIT */
    uint32_t limit_value;         /* mm, kg, count; SPEED: km/h */
    struct subject subject;
    struct schedule schedule;
    uint32_t exempt_count;
    const credential_type_index *exempt;
    uint32_t arc_count;           /* resolved by the data folder: roads, station ramps */
    const struct road_direction *arcs;
};

/* ---- limits of roads ---------------------------------------------------------------------------------------- */

/* What the register says of one road, in place of all that the network has from its source: looser as well as tighter. */
struct road_limit {
    int64_t road_id;
    uint32_t limits[LIMIT_COUNT]; /* mm, kg, count; 0 = no limit */
    bool hazmat_no;
};

/* ---- facilities ---------------------------------------------------------------------------------------------- */

enum facility_use { FACILITY_REST = 1, FACILITY_TRANSFER = 2 };

/* A place that may serve a journey: an active one where drivers may rest, or where goods may change vehicles. */
struct facility {
    const char *id, *kind, *name, *name_en;
    struct point_e7 point;
    uint32_t uses; /* set of enum facility_use */
    bool turning_place;
};

/* What a request that gives no number of its own gets. */
struct journey_default {
    uint32_t max_drive_ms, rest_ms; /* driving without a rest; how long a rest is */
    uint32_t hand_over_ms;          /* of goods at a transfer station */
};

/* ---- when -------------------------------------------------------------------------------------------------- */

/* Which rules: those in force, those of a version, or those that were in force at an instant. At most one is set. */
struct rules_moment {
    int64_t version; /* −1: not by version */
    int64_t at_ms;   /* INT64_MIN: not by instant */
};

#define RULES_MOMENT_NOW ((struct rules_moment){-1, INT64_MIN})

static inline bool rules_moment_is_past(const struct rules_moment *m)
{
    return m->version >= 0 || m->at_ms != INT64_MIN;
}

/* ---- all of them ------------------------------------------------------------------------------------------- */

struct rules_input {
    int64_t version;     /* rules_version */
    int64_t as_of_ms;    /* commit time of that version */
    struct calendar calendar;
    uint32_t credential_type_count, zone_count, checkpoint_count, closure_count;
    const struct credential_type *credential_types;
    const struct zone *zones;
    const struct checkpoint *checkpoints;
    const struct closure *closures;
    uint32_t facility_count;
    const struct facility *facilities; /* by id */
    struct journey_default journeys;
    uint32_t road_limit_count;
    const struct road_limit *road_limits; /* by road, each once */
    struct toll_tariff tolls;
};

enum subject_match { SUBJECT_NO, SUBJECT_PERHAPS, SUBJECT_YES };

/** Whether a filter matches a vehicle: everything that is set must. SUBJECT_PERHAPS when it hangs on the plate or the
 *  emission stage and the request does not say. A cargo that is not given is none of those listed. */
enum subject_match subject_match(const struct subject *s, const struct vehicle *v);

/** Doubt closes the road: true unless the filter surely does not match. For filters of what restricts. */
bool subject_matches(const struct subject *s, const struct vehicle *v);

#endif
