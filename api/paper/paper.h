/* A plan as somebody was given it: the JSON of an answer of POST /v1/route, read back into numbers. What it claims is not
 * believed here, only read; api/paper/paper_check.h judges it. */
#ifndef API_PAPER_H
#define API_PAPER_H

#include "api/encode/plan_digest.h"
#include "api/parse/parse_common.h"
#include "routing/rules/rules.h"

enum { PAPER_PLANS_MAX = 16, PAPER_CREDENTIALS_MAX = 8 };

struct paper_waypoint {
    struct point_e7 requested, snapped;
    int64_t road_id;
    uint32_t distance_mm;
    bool moved;
    uint32_t rest;       /* 0, or 1 + the index of the facility where the driver rests */
};

struct paper_gate {
    struct gate_passage passage; /* but its credentials */
    uint32_t credential_count;
    const char *credentials[PAPER_CREDENTIALS_MAX]; /* types */
};

struct paper_leg {
    struct leg leg;              /* but arcs, offsets and gates */
    const struct paper_gate *gates;
};

struct paper_plan {
    uint64_t distance_mm;
    uint32_t duration_ms, drive_ms, wait_ms, toll_fen;
    bool issuable;
    char digest[PLAN_DIGEST_SIZE];
    uint32_t waypoint_count, leg_count;
    const struct paper_waypoint *waypoints;
    const struct paper_leg *legs;
};

struct paper {
    const char *network_version;
    int64_t rules_version;
    uint32_t tolerance_e7;       /* how far the format of its lines may have moved a coordinate */
    uint32_t plan_count;
    struct paper_plan plans[PAPER_PLANS_MAX];
};

/** The versions alone, for choosing the rules. */
MUST_USE enum status paper_versions(const struct json_at *answer, struct arena *arena, struct paper *out, struct error *err);

/** Reads the document of an answer with plans. Checkpoints and zones are looked up in `in`; one that is not there is an
 *  error, as is a plan without geometry. Everything goes to `arena`. */
MUST_USE enum status paper_read(const struct json_at *answer, const struct rules_input *in, struct crs_cache *systems,
                                struct arena *arena, struct paper *out, struct error *err);

/** Puts the stops of `request` into the order that an answer to optimise_order names in `order`; nothing when it names none.
 *  Any order is lawful: whether it is the best is not asked. */
MUST_USE enum status paper_order(const struct json_at *answer, struct route_request *request, struct error *err);

#endif
