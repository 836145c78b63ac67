/* What was driven as the JSON of POST /v1/match. */
#ifndef API_ENCODE_MATCH_H
#define API_ENCODE_MATCH_H

#include "api/encode/encode_route.h"
#include "routing/planner/planner_match.h"

/** The legs of a matching as those of a plan: arcs, ends, points, driving time as the network has it. In `arena`; NULL when
 *  it is full. */
MUST_USE struct leg *matching_legs(const struct network *n, const struct matching *m, struct arena *arena);

/** The whole document. STATUS_NO_MEMORY. */
MUST_USE enum status encode_driven(struct buffer *out, const struct route_encoder *encoder, const struct driven *driven,
                                   struct arena *arena, struct error *err);

#endif
