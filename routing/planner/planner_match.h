/* Positions back to roads, and whether that was lawful. */
#ifndef ROUTING_PLANNER_MATCH_H
#define ROUTING_PLANNER_MATCH_H

#include "routing/match/match_judge.h"
#include "routing/planner/planner.h"

/* The roads that were driven, and whether that was lawful. */
struct driven {
    struct match_answer match;
    const struct match_stretch **stretches; /* [matching_count]: of each matching, in driving order; NULL: not judged */
    uint32_t *stretch_count;
};

/** Matches positions to roads and, with `judge`, judges each matching under the request's constraints (its own calls are
 *  ignored; its depart_ms must be the time of the first position, where they have times) and the rules of `view`. Errors
 *  as match_run. On a worker. */
MUST_USE enum status planner_match(struct planner *p, const struct view *view, const struct route_request *constraints,
                                   const struct match_position *positions, uint32_t count,
                                   const struct match_options *options, bool judge, struct arena *arena,
                                   struct driven *out, struct error *err);

#endif
