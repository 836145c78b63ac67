/* Is a plan that somebody was given lawful under these rules? Judged from its drawing and its times: the lines are traced
 * back to roads (routing/match/retrace.h), and the geometric checker (routing/plan/checker.h) drives along them by its own clock.
 * Nothing that found the plan is believed or used. */
#ifndef API_PAPER_CHECK_H
#define API_PAPER_CHECK_H

#include "api/paper/paper.h"
#include "api/parse/parse_route.h"
#include "routing/plan/checker.h"

/* The first offence. */
struct paper_offence {
    const char *zh, *en;
    uint32_t plan, leg;
    int64_t at_ms;
    struct point_e7 point;
    const char *rule;      /* id of the zone or closure, or NULL */
    char digest[PLAN_DIGEST_SIZE]; /* what the digest would have to be, where that is the offence; otherwise "" */
};

struct paper_judge {
    const struct view *view;
    struct checker *checker;
    struct arena *arena;
};

/** STATUS_OK: every plan of the paper is lawful for this request. STATUS_CHECKER_DISAGREES: `*offence` is the first that
 *  is not, and why. CONFLICT: made on another network or under another version of the rules, or it would
 *  be unlawful but for a second road of the same geometry that it may have used: nothing can be said.
 *  Other errors: it could not be judged. */
MUST_USE enum status paper_check(const struct paper_judge *judge, const struct route_request *request, const struct paper *paper,
                                struct paper_offence *offence, struct error *err);

#endif
