/* Partial customization arc by arc: least work where few edges have changed. */
#ifndef ROUTING_METRIC_UPDATE_ARCS_H
#define ROUTING_METRIC_UPDATE_ARCS_H

#include "routing/hierarchy/metric.h"

/** metric_update (metric_update.h) in this way, however many edges there are. Cost: in proportion to the triangles at changed
 *  arcs, one sum after the other. */
MUST_USE enum status metric_update_arcs(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                                        struct error *err);

/** For metric_free. */
void metric_update_scratch_free(struct metric_update_scratch *scratch);

#endif
