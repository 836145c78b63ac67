/* Credentials must last until the journey ends (semantics, section 5), and when it ends hangs on what is shown at the gates.
 * So a question whose credentials end soon is asked several times: first with all, to end before the first of them does;
 * then with that one left at home, to end before the second; and in the end without any that ends while somebody may be
 * under way. Where time decides, the first that can be done is the best: what comes later ends later. */
#ifndef ROUTING_LASTING_H
#define ROUTING_LASTING_H

#include "routing/constraint/itinerary.h"

/** The moments after the departure, at most `horizon_ms` after it, at which credentials of the request end: ascending, each
 *  once. Their count; `ends` has room for CREDENTIALS_MAX. */
uint32_t lasting_ends(const struct route_request *request, int64_t horizon_ms, int64_t *ends);

/** Makes `request` the k-th of the `count` + 1 questions: what ends by then is left at home, what is taken along lasts. */
void lasting_question(struct route_request *request, const int64_t *ends, uint32_t count, uint32_t k);

struct lasting {
    /** Asks once, under `request`; `*cost` is UINT64_MAX when it cannot be done. `last`: nothing else will be tried, so that
     *  this is the one to be explained. */
    enum status (*attempt)(void *context, const struct route_request *request, bool last, uint64_t *cost, struct error *err);
    void *context;
    int64_t ends[CREDENTIALS_MAX]; /* of credentials, ascending; its own, like what follows */
    uint32_t count;
    struct route_request *request;
};

/** Asks as often as it takes; the attempt that gave the best is the last that is made. Credentials that end more than
 *  `horizon_ms` after the departure last in any case. The copies of the request that attempts see come from `arena`. An
 *  attempt's status ends it; else STATUS_NO_MEMORY. One attempt where nothing ends, else at most one for each moment at which
 *  something ends, and two more. */
MUST_USE enum status lasting_run(struct lasting *l, const struct route_request *request, int64_t horizon_ms, struct arena *arena,
                                 struct error *err);

#endif
