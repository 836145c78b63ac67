/* Partial customization block by block: more sums than arc by arc, but in vector registers. */
#ifndef ROUTING_METRIC_UPDATE_BLOCKS_H
#define ROUTING_METRIC_UPDATE_BLOCKS_H

#include "routing/hierarchy/metric.h"

/** metric_update (metric_update.h) in this way, however many edges there are. Cost: what customizing the changed blocks costs, at
 *  most a little more than customizing anew. */
MUST_USE enum status metric_update_blocks(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                                          struct error *err);

#endif
