/* Partial customization: after a few edges have changed, mend only the arcs that depend on them. */
#ifndef ROUTING_METRIC_UPDATE_H
#define ROUTING_METRIC_UPDATE_H

#include "routing/hierarchy/metric.h"

/** Up to one edge in METRIC_UPDATE_ARCS_SHARE changed: arc by arc; up to one in METRIC_UPDATE_SHARE: block by block; more:
 *  everything anew. Where each is cheapest: measured, see routing/README.md. */
enum { METRIC_UPDATE_ARCS_SHARE = 500, METRIC_UPDATE_SHARE = 8 };

/** Gives `edges[i]` the weight `weights[i]` for i < count and mends every arc that depends on them: the result equals
 *  metric_new with the same weights, bit by bit, and the same ways are found. If an edge is named twice the last one
 *  holds. Nobody else may use the metric meanwhile. STATUS_INVALID for an unknown edge or a weight that is too large,
 *  with nothing changed; after STATUS_NO_MEMORY only metric_free is allowed. Cost: proportional to the triangles at
 *  changed arcs or in changed blocks, and never much more than a new customization on one thread. */
MUST_USE enum status metric_update(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                                   struct error *err);

/** STATUS_INVALID for an unknown edge or a weight that is too large. */
MUST_USE enum status metric_update_check(const struct hierarchy *hierarchy, const uint32_t *edges, const weight *weights,
                                         size_t count, struct error *err);

#endif
