/* The geometric checker: trust, then verify. It looks at a finished plan the way an inspector with a map would, by
 * geometry (GEOS) and clock against the rules in force, never by the arc sets that found the plan. */
#ifndef ROUTING_CHECKER_H
#define ROUTING_CHECKER_H

#include "routing/constraint/itinerary.h"
#include "routing/constraint/offence.h"
#include "routing/constraint/view.h"

/* The first thing found unlawful, with when and where the vehicle would do it. */
struct checker_offence {
    enum offence_kind kind;
    uint32_t leg, zone, closure; /* zone, closure: indices into the rules' input, or UINT32_MAX */
    int64_t at_ms;
    struct point_e7 point;
};

struct checker; /* of one thread: holds prepared zone geometry, by rules version */

MUST_USE enum status checker_new(const struct base *base, struct checker **out, struct error *err);
void checker_free(struct checker *c);

/** STATUS_OK: lawful. STATUS_CHECKER_DISAGREES: err->log names leg, arc, zone and rule (no positions). Checks: legs
 *  join; every used stretch of every arc against every zone in force at that time for this vehicle and its
 *  credentials, of which it may leave some at home; every border passage of a gated zone at an open gate with what it asks; closures; vehicle limits;
 *  access; avoid areas; calls inside; and that it does what was asked (checker_calls.h). */
MUST_USE enum status checker_verify(struct checker *c, const struct view *view, const struct route_request *request,
                                    const struct plan *plan, struct error *err);

/** After STATUS_CHECKER_DISAGREES: what it was about. */
const struct checker_offence *checker_last_offence(const struct checker *c);

/* How a plan stands under rules that it was perhaps not made under. */
struct judgement {
    enum offence_kind kind; /* the first offence; OFFENCE_NONE: lawful */
    uint32_t leg;
    arc_id arc;             /* NO_ARC where it is none */
    uint32_t zone, closure; /* indices into the rules' input, or UINT32_MAX */
    int64_t late_ms;        /* how much later than planned it comes to the end of a leg, the largest of all; < 0: earlier */
};

/** The same for a plan that was made under other rules (routing/plan/plan_record.h): what it does wrong is the answer, not an
 *  error, and being late or early is no offence. A gate whose checkpoint is no longer there counts as time only. */
MUST_USE enum status checker_judge(struct checker *c, const struct view *view, const struct route_request *request,
                                   const struct plan *plan, struct judgement *out, struct error *err);

#endif
