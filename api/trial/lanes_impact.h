/* What changed rules do to the lanes of enterprises: each is compared with itself, before and after.
 *
 *   lanes_read(x, &reader, false, &lanes, &err);                       // reader NULL: everybody's
 *   lanes_judge(x, before, after, relaxing, from_ms, &lanes, &err);
 *   lanes_encode(&lanes, &w, after, x->language);
 *
 * A lane is judged at its next time of departure at or after `from_ms`, the moment from which all that is new binds. */
#ifndef API_LANES_IMPACT_H
#define API_LANES_IMPACT_H

#include "api/json/writer.h"
#include "api/process/exchange.h"
#include "data/registers/lane_store.h"
#include "routing/planner/impact.h"

/* One of them. Texts of `why` are those of the two views, which must outlive it. */
struct lane_impact {
    const struct lane *lane;
    int64_t depart_ms;
    char vehicle_class[24];
    struct journey_impact journey; /* its plan is let go: only kinds, numbers and the reason stay */
};

struct lanes_impact {
    struct lane *lanes;
    struct lane_impact *impacts; /* of each lane, once judged */
    uint32_t count;
};

/** Reads the active lanes into x->arena. UNAVAILABLE, TOO_LARGE above LANES_MAX. On a worker. */
MUST_USE enum status lanes_read_active(struct exchange *x, const struct plan_reader *reader, bool only_protected,
                                       struct lanes_impact *out, struct error *err);

/** Judges them all. CANCELLED when the client has left; errors of the planner that are no cause. On a worker. */
MUST_USE enum status lanes_judge(struct exchange *x, const struct view *before, const struct view *after, bool relaxing, int64_t from_ms,
                                 struct lanes_impact *lanes, struct error *err);

/** Members `lanes` (counts), `lanes_affected` and `lanes_left_out` of the object that is open. */
void lanes_encode(const struct lanes_impact *lanes, struct json_writer *w, const struct view *after, enum language language);

/** Whether the changes break it: there was a lawful way before. */
bool lane_lost(const struct lane_impact *impact);

#endif
