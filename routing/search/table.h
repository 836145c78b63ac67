/* Tables by one batched sweep instead of pair by pair, where one metric answers for all pairs: nothing changes with time,
 * nothing depends on where a leg starts or ends, and only the preference's own quantity is asked for. */
#ifndef ROUTING_TABLE_H
#define ROUTING_TABLE_H

#include "routing/hierarchy/many.h"
#include "routing/search/place.h"

/** Whether all pairs of these places share one metric under `c`. `there[i]` false: no such place. O(places). */
bool table_uniform(const struct constraint *c, const struct place *places, const bool *there, uint32_t count);

/** costs[i * target_count + k]: the cost of the loose reading's cheapest way from source i to target k, UINT32_MAX if
 *  there is none. `places` are the sources, then the targets. `metric` is that of the loose reading. STATUS_TOO_LARGE,
 *  STATUS_NO_MEMORY. */
MUST_USE enum status table_costs(const struct constraint *c, const struct metric *metric, const struct place *places,
                                 const bool *there, uint32_t source_count, uint32_t target_count, uint32_t *costs,
                                 struct error *err);

#endif
