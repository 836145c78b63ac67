/* A plain search over sequences of arcs, every rule looked up the long way, straight from the text of the rules: what
 * the planner must agree with. Shares no code with the engine's evaluation of constraints. Slow, for small networks. */
#ifndef TESTS_ORACLE_ROUTE_H
#define TESTS_ORACLE_ROUTE_H

#include "routing/constraint/itinerary.h"
#include "routing/constraint/rules_compile.h"
#include "routing/network/turn_graph.h"

struct oracle_place {
    road_index road;
    uint32_t offset_mm; /* along the road */
    bool turning_place;
    uint32_t service_ms;
    int8_t side; /* of its road as drawn, on which it lies and is to be reached from: 1 right, -1 left, 0 any */
};

/* Rules to be ignored. NULL: none. */
struct oracle_lifts {
    const bool *zones, *checkpoints, *closures, *roads;
    bool avoidances;
};

struct oracle_route {
    const struct network *n;
    const struct turn_graph *g;
    const struct rules *rules;
    const struct route_request *request;
    struct oracle_lifts lifts;
    bool no_rules;         /* only the network and its turn restrictions */
    uint32_t dawdle_ms;    /* how much later than the first a vehicle may be on an arc */
    uint32_t grain_ms;     /* less than this after one that was there before counts as the same; without waiting only */
    uint32_t wait_step_ms; /* waits tried in these steps; 0: none */
    uint32_t label_max;    /* give up (UINT64_MAX - 1) past so many */
    bool without_ending;      /* credentials that end some time are all left at home, as in explanations */
    bool any_credentials;     /* by time too the best of all choices of what to leave at home counts, not the first that leads there */
    bool in_mm;               /* lengths are not rounded, whatever the network */
    int64_t left_at_home_ms, end_before_ms; /* its own, and: */
    uint32_t unit_mm;
};

/** What costs by distance count in: centimetres, to which each move is rounded by itself, where the network's extent is more than
 *  500 km across. */
uint32_t oracle_route_unit_mm(const struct network *n);

/** The least cost of a lawful journey through the places, UINT64_MAX if there is none. */
uint64_t oracle_route_cost(const struct oracle_route *o, const struct oracle_place *places, uint32_t place_count);

/** Whether a vehicle that neither comes from nor goes to any place may be on the whole of arc `b` at a moment, or, with `a`, come
 *  there from the whole of arc `a`. Turn restrictions and rules that change within the drive are not looked at. */
bool oracle_route_may(const struct oracle_route *o, arc_id a, arc_id b, int64_t at_ms);

/** Whether a vehicle may stand at a place all through [from, until). */
bool oracle_route_may_stop(const struct oracle_route *o, const struct oracle_place *p, int64_t from, int64_t until);

/** Whether a vehicle on its way between two places may come from arc `a`, driven to its end from `a_from_mm` on (NO_ARC: it begins),
 *  over a turn of `turn_ms` along `b` from `from_mm` to `to_mm` at a moment; `first`, `last`: its way begins or ends there. Turn restrictions are not looked at. */
bool oracle_route_drives(const struct oracle_route *o, const struct oracle_place *from, const struct oracle_place *to, arc_id a,
                         uint32_t a_from_mm, uint32_t turn_ms, arc_id b, uint32_t from_mm, uint32_t to_mm, bool first, bool last, int64_t at_ms);

/** Whether a vehicle may stand at a place at a moment. */
bool oracle_route_stops(const struct oracle_route *o, const struct oracle_place *place, int64_t at_ms);

/** What driving a plan costs under the preference but time, and its tolls; UINT64_MAX if it is unlawful whichever
 *  credentials that end are left at home. */
uint64_t oracle_route_plan_cost(const struct oracle_route *o, const struct oracle_place *places, const struct plan *plan,
                                uint64_t *toll_centifen);

#endif
