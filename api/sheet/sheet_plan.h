/* A plan as a sheet shows it, read from the document that POST /v1/route answered with: so that a plan that was kept can be
 * printed years later, and what is printed is what was answered. Everything lies in the arena that it was read into.
 *
 * Texts are cut at SHEET_TEXT_MAX bytes, visibly, and lose control and direction characters: a name must not be able to
 * rearrange a permit. */
#ifndef API_SHEET_SHEET_PLAN_H
#define API_SHEET_SHEET_PLAN_H

#include "api/wire/wire_crs.h"
#include "geo/base/arena.h"
#include "geo/base/error.h"
#include "geo/point.h"
#include "routing/rules/rules.h"

enum { SHEET_TEXT_MAX = 240, SHEET_ROWS_MAX = 2000, SHEET_POINTS_MAX = 2000000 };

struct sheet_call {
    const char *name, *road; /* name: "" when it has none */
    struct point_e7 point;
    double distance_m;
    bool moved, rest; /* rest: the driver rests there; no call */
};

struct sheet_gate {
    const char *name, *zone_name, *credentials;
    bool enter, green;
    int64_t at_ms;
    double inspection_s, wait_s;
    struct point_e7 point;
};

struct sheet_zone {
    const char *id, *name, *why;
    enum rule_kind kind;
    double distance_m;
    int64_t enter_ms, leave_ms; /* leave: INT64_MAX when it ends inside */
};

struct sheet_limit {
    const char *kind, *name, *road;
    double limit, vehicle;
    bool assumed;
};

struct sheet_leg {
    const char *kind;
    uint32_t from, to;
    int64_t depart_ms, arrive_ms;
    double distance_m, drive_s, wait_s;
    uint32_t point_count, gate_count, zone_count, limit_count;
    const struct point_e7 *points; /* none when the answer had no geometry */
    const struct sheet_gate *gates;
    const struct sheet_zone *zones;
    const struct sheet_limit *limits;
};

struct sheet_plan {
    const char *decision_id, *digest, *network_version;
    int64_t rules_version, as_of_ms;
    double duration_s, distance_m, toll_cny;
    bool issuable;
    uint32_t call_count, leg_count, warning_count;
    const struct sheet_call *calls;
    const struct sheet_leg *legs;
    const char *const *warnings;
};

/** Reads plan `index` of an answer. Its coordinates may be in any CRS that the answer names. INVALID (no such document, no
 *  such plan), TOO_LARGE (rows or points above the limits), NO_MEMORY. */
MUST_USE enum status sheet_plan_read(const char *answer, size_t length, uint32_t index, struct crs_cache *systems,
                                     struct arena *arena, struct sheet_plan *out, struct error *err);

/** A copy that is safe to print, see above. NULL text gives "". NULL when memory is out. */
MUST_USE const char *sheet_text(struct arena *arena, const char *text);

#endif
