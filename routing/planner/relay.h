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

/* What came of a station that was looked at. */
enum relay_verdict {
    RELAY_SERVES,     /* though another may be better */
    RELAY_NO_WAY_TO,  /* no lawful way there for the vehicle that brings the goods, or it may not stand there for so long */
    RELAY_NO_STAY,    /* what takes over may not stand there meanwhile */
    RELAY_NO_WAY_ON,  /* no lawful way on for it */
};
const char *relay_verdict_code(enum relay_verdict verdict);

struct relay_trial {
    uint32_t facility;
    enum relay_verdict verdict;
    enum status cause; /* why that vehicle cannot call there; STATUS_OK: it could, but finds no lawful way */
};

enum { RELAY_STATIONS_MAX = 32 };

struct relayed {
    bool tried, found;
    uint32_t trial_count, station_count; /* stations looked at, those nearest first; that there are */
    struct relay_trial trials[RELAY_STATIONS_MAX];
    uint32_t facility;      /* the station */
    uint32_t hand_over_ms;
    struct route_request *outer, *inner; /* what each vehicle was asked, in `arena` */
    const struct plan *outer_plan, *inner_plan;
    uint32_t settled;
};

/** Where no direct trip is lawful: to the best active transfer station, over to another vehicle, and on from there. Best is
 *  the earliest end (or, preferring distance or cost, the least of both vehicles together), each vehicle going its own best
 *  way, then the station that is first by id. Both must be free to stand at the station while goods are handed over, under the
 *  rules for each (zones and closures; a station has no hours of its own, only a state): the first comes when it may stay, the
 *  other must be free to stand there then; that a later hour would suit the latter better is not looked for. Of more than RELAY_STATIONS_MAX stations those nearest to the line are tried.
 *  `request` has two calls and no loop; both plans are verified, each for its own vehicle. On a worker. */
MUST_USE enum status relay_find(struct planner *p, const struct view *view, const struct route_request *request,
                                const struct relay *relay, struct arena *arena, struct relayed *out, struct error *err);

#endif
