/* Answers in the shapes of OSRM v1. Durations and distances are what a plan's are: driving, waiting and inspections. */
#ifndef API_ENCODE_OSRM_H
#define API_ENCODE_OSRM_H

#include "api/parse/osrm_query.h"
#include "geo/base/buffer.h"
#include "routing/constraint/view.h"
#include "routing/match/match.h"

/** {"code":"Ok","routes":[…],"waypoints":[…]} of an answer with plans. */
void encode_osrm_route(struct buffer *out, const struct view *view, const struct osrm_query *query,
                       const struct answer *answer);

/** {"code":"Ok","trips":[…],"waypoints":[…]}: the waypoints as asked, each with its place in the trip. `at[i]` is the plan's
 *  waypoint of coordinate i. */
void encode_osrm_trip(struct buffer *out, const struct view *view, const struct osrm_query *query,
                      const struct answer *answer, const uint32_t *at);

/** {"code":"Ok","durations":…,"distances":…,"sources":…,"destinations":…}. Either array may be NULL. */
void encode_osrm_table(struct buffer *out, const struct view *view, const struct osrm_query *query,
                       const uint32_t *durations_ms, const uint64_t *distances_mm, const struct waypoint *sources,
                       const struct waypoint *targets);

/** {"code":"Ok","waypoints":[…]} of places found. */
void encode_osrm_nearest(struct buffer *out, const struct view *view, const struct osrm_query *query,
                         const struct waypoint *places, uint32_t count);

/** {"code":"Ok","matchings":[…],"tracepoints":[…]}. What is needed on the way goes to `arena`; false when it is full. */
MUST_USE bool encode_osrm_match(struct buffer *out, const struct view *view, const struct osrm_query *query,
                                const struct match_answer *answer, struct arena *arena);

/** {"code":…,"message":…}, with "reason": our own code when `reason` is not STATUS_OK. */
void encode_osrm_fault(struct buffer *out, enum osrm_code code, const char *message, enum status reason);

#endif
