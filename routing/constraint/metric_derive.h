/* A metric for given weights, made from the one at hand that is most like it.
 *
 *   struct shared_metric *shared;
 *   status = metric_derive(cache, hierarchy, weights, signature, size, &shared, &err);
 *   … shared->metric …
 *   shared_metric_release(shared);
 *
 * Compared are weights, not rules: whatever the reason why two metrics are alike (a rule changed that touches few roads,
 * a rule that does not bind this vehicle, another vehicle under the same limits), the cheapest way is found. The result
 * equals metric_new bit by bit, so no answer depends on what was at hand. */
#ifndef ROUTING_METRIC_DERIVE_H
#define ROUTING_METRIC_DERIVE_H

#include "routing/constraint/metric_cache.h"

/** Makes the metric for `weights[edge_count]` and adds it to the cache under the signature; the caller gets a reference.
 *  No weight differs from those of a metric at hand: that one is shared. One in METRIC_UPDATE_SHARE or fewer differ: a
 *  copy is mended. Else customized anew on this thread. Any number of threads. STATUS_INVALID for a weight that is too
 *  large, STATUS_NO_MEMORY. */
MUST_USE enum status metric_derive(struct metric_cache *cache, const struct hierarchy *hierarchy, const weight *weights,
                                   const void *signature, size_t size, struct shared_metric **out, struct error *err);

/** The metric at hand with these very weights, shared under the signature too, with a reference for the caller; NULL if there is
 *  none (or no memory). O(metrics at hand) where the first weights tell. */
MUST_USE struct shared_metric *metric_share_same(struct metric_cache *cache, const struct hierarchy *hierarchy,
                                                 const weight *weights, const void *signature, size_t size);

#endif
