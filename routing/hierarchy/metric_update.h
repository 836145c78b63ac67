/* Partial customization: after a few edges have changed, mend only the arcs that depend on them. */
#ifndef ROUTING_METRIC_UPDATE_H
#define ROUTING_METRIC_UPDATE_H

#include "routing/hierarchy/metric.h"

/** With more than one edge in so many changed, everything is customized anew, because that is cheaper then (measured,
 *  see routing/README.md). */
enum { METRIC_UPDATE_SHARE = 32 };

/** Gives `edges[i]` the weight `weights[i]` for i < count and mends every arc that depends on them: the result equals
 *  metric_new with the same weights, bit by bit, and the same ways are found. If an edge is named twice the last one
 *  holds. Nobody else may use the metric meanwhile. STATUS_INVALID for an unknown edge or a weight that is too large,
 *  with nothing changed; after STATUS_NO_MEMORY only metric_free is allowed. Cost: proportional to the triangles at
 *  changed arcs, and never much more than a new customization on one thread. */
MUST_USE enum status metric_update(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                                   struct error *err);

/** The same, never anew: for tests and measurements. */
MUST_USE enum status metric_update_partial(struct metric *metric, const uint32_t *edges, const weight *weights,
                                           size_t count, struct error *err);

/** For metric_free. */
void metric_update_scratch_free(struct metric_update_scratch *scratch);

#endif
