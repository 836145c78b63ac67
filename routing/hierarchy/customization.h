/* Customization: from the weights of the edges to the weights of all arcs (metric.h). */
#ifndef ROUTING_CUSTOMIZATION_H
#define ROUTING_CUSTOMIZATION_H

#include "routing/hierarchy/metric.h"

#include <stdbool.h>

/** Fills metric->up and metric->down from metric->edge, on this thread and up to `threads` - 1 others; the result is
 *  the same for any number. False if memory is out. O(lower triangles). */
MUST_USE bool customization_run(struct metric *metric, unsigned threads);

/* What customizing single blocks needs. */
struct customization_scratch {
    uint32_t *place;   /* [node_count] of head y of the block at hand: its index in row x is place[y] - x - 1 */
    weight *up, *down; /* [width] */
};

/** False if memory is out; customization_scratch_clear all the same. */
MUST_USE bool customization_scratch_init(struct customization_scratch *scratch, const struct hierarchy *hierarchy);
void customization_scratch_clear(struct customization_scratch *scratch);

/** Fills the rows of one block from metric->edge and the rows of the blocks below it. */
void customization_block(struct metric *metric, struct customization_scratch *scratch, uint32_t block);

#endif
