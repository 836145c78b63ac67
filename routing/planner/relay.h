/* Relay: goods change vehicles at a transfer station, because the one they came in may not go where they must. */
#ifndef ROUTING_RELAY_H
#define ROUTING_RELAY_H

#include "routing/planner/planner.h"

/* What takes over at a transfer station. */
struct relay {
    struct vehicle vehicle; /* completed by vehicle_complete */
    uint32_t credential_count;
    struct credential credentials[CREDENTIALS_MAX];
    uint32_t hand_over_ms;
    bool has_hand_over;     /* otherwise as the rules say */
};

struct relayed {
    bool found;
    uint32_t facility;      /* the station */
    uint32_t hand_over_ms;
    struct route_request *outer, *inner; /* what each vehicle was asked, in `arena` */
    const struct plan *outer_plan, *inner_plan;
    uint32_t settled;
};

enum { RELAY_STATIONS_MAX = 32 };

/** Where no direct trip is lawful: to the best active transfer station, over to another vehicle, and on from there. Best is
 *  the earliest end (or, preferring distance or cost, the least of both vehicles together), each vehicle going its own best
 *  way, then the station that is first by id. Of more than RELAY_STATIONS_MAX stations those nearest to the line are tried.
 *  `request` has two calls and no loop; both plans are verified, each for its own vehicle. On a worker. */
MUST_USE enum status relay_find(struct planner *p, const struct view *view, const struct route_request *request,
                                const struct relay *relay, struct arena *arena, struct relayed *out, struct error *err);

#endif
