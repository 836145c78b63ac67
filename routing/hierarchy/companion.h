/* A second quantity along the shortest ways of a metric, for questions such as "time and distance of each pair": for
 * every arc of the hierarchy the least second weight among the ways that give the arc its (first) weight. So pairs of
 * weights are compared first by the metric, then by the second, and the result does not depend on which of several
 * equal ways is unpacked. */
#ifndef ROUTING_COMPANION_H
#define ROUTING_COMPANION_H

#include "routing/hierarchy/metric.h"

/** Immutable once made; share it between threads. The metric must outlive it and not be updated meanwhile. */
struct companion {
    const struct metric *metric;
    weight *up, *down; /* [arc_count] as in the metric; WEIGHT_INFINITY where the metric is infinite */
};

/** From `second[edge_count]` (each <= WEIGHT_INFINITY, in any unit; sums saturate there). STATUS_INVALID for a larger
 *  weight, STATUS_NO_MEMORY. Cost: as metric_new on one thread. */
MUST_USE enum status companion_new(const struct metric *metric, const weight *second, struct companion **out,
                                   struct error *err);
void companion_free(struct companion *companion);

/** Bytes held. */
size_t companion_bytes(const struct companion *companion);

#endif
