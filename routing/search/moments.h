/* When vehicles that may not wait can be where: for each arc node bounds of the moments at which any label of the search (search.h,
 * SEARCH_ALL, not by time) can be there. A search that keeps everything looks at labels without number before it knows that there is no
 * way; where no move to a goal is open at any of these moments there is none.
 *
 * From below: as soon as who might wait anywhere. From above: what costs more than another at its node is not kept if it comes more
 * than SEARCH_DAWDLE_MS later. That there is another is sure along moves that are open, and take as long, at all moments between the
 * bound from below and a bound of its arrival: whatever outdoes it on the way costs no more and is no later. So one Dijkstra
 * by cost finds for each node a cost above which nothing is later than that; what may cost less, because some moves of cheaper ways
 * are open at some of their moments, spreads beside it as an interval of moments at a cost from below. */
#ifndef ROUTING_MOMENTS_H
#define ROUTING_MOMENTS_H

#include "routing/hierarchy/metric.h"
#include "routing/search/place.h"

struct moments; /* workspace of one thread: 32 bytes for each node of the turn graph while in use */

MUST_USE enum status moments_new(const struct base *base, struct moments **out, struct error *err);
void moments_free(struct moments *m);

/** Whether that can be said of the question: not by time, no leave to wait, nothing penalized or lifted. */
bool moments_do(const struct constraint *c);

/** From one place, under `c` for the leg that is set, moments_do; `metric` of its loose reading or a freer one. `c` and `from` are
 *  borrowed until the next. STATUS_NO_MEMORY; STATUS_CANCELLED when the request's flag is raised. O(moves of the network, twice). */
MUST_USE enum status moments_from(struct moments *m, const struct constraint *c, const struct metric *metric, const struct place *from,
                                  struct error *err);

/** Whether anybody may come to a place, under the same rules: false is proven. O(moves to it). */
bool moments_reach(const struct moments *m, const struct place *to);

#endif
