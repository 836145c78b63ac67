/* An explanation as the JSON of POST /v1/explain. */
#ifndef API_ENCODE_EXPLAIN_H
#define API_ENCODE_EXPLAIN_H

#include "api/encode/encode_route.h"
#include "routing/planner/planner_explain.h"

/** The whole document: versions, lawful, code, summary; with a plan the plan and `detour`, without one conflicts,
 *  relaxed_plan and `cut` (a FeatureCollection). STATUS_NO_MEMORY. */
MUST_USE enum status encode_explanation(struct buffer *out, const struct route_encoder *encoder,
                                        const struct explanation *e, struct error *err);

#endif
