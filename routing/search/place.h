/* Places: a call of the request put on the road network, as states of the turn graph in which a vehicle can stand
 * there (each direction, and each copy of the arc that remembers how it was reached). */
#ifndef ROUTING_PLACE_H
#define ROUTING_PLACE_H

#include "routing/search/leg.h"

enum { PLACE_STATES_MAX = 24 };

struct place {
    const struct call *call;
    uint32_t call_index;         /* call_count = the base */
    struct road_position at;
    uint32_t distance_mm;        /* from the requested point */
    struct point_e7 snapped;
    bool moved;
    uint32_t rest;               /* 0, or 1 + the facility where the driver rests */
    uint32_t state_count;
    struct leg_goal states[PLACE_STATES_MAX]; /* where a leg may end */
    uint32_t start_count;
    struct leg_goal starts[2];   /* where a journey may begin, or a vehicle that turned round goes on */
};

/** Snaps a call to the nearest road it may use (component 0 first), outside of zones that forbid calls all through.
 *  STATUS_SNAP_TOO_FAR (no road at all within reach), STATUS_OUT_OF_RANGE (outside the plane), or the status of the
 *  zone that forbids it with `*b` filled (status STATUS_DESTINATION_IN_CLOSED_ZONE whatever the call's part in the
 *  journey). `projection` is the caller's. `forgive`: ignore zones (for explanations). */
MUST_USE enum status place_snap(const struct constraint *c, const struct spatial *spatial, struct projection *projection,
                                const struct call *call, uint32_t call_index, bool forgive, struct place *place,
                                struct breach *b, struct error *err);

/** All usable places near a point, nearest first. */
MUST_USE enum status place_nearest(const struct constraint *c, const struct spatial *spatial,
                                   struct projection *projection, struct point_e7 at, uint32_t max_mm, bool islands,
                                   struct road_place *out, uint32_t max_count, uint32_t *count, struct error *err);

#endif
