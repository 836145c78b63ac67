/* Customization: from the weights of the edges to the weights of all arcs (metric.h). */
#ifndef ROUTING_CUSTOMIZATION_H
#define ROUTING_CUSTOMIZATION_H

#include "routing/hierarchy/metric.h"

#include <stdbool.h>

/** Fills metric->up and metric->down from metric->edge, on this thread and up to `threads` - 1 others; the result is
 *  the same for any number. False if memory is out. O(lower triangles). */
MUST_USE bool customization_run(struct metric *metric, unsigned threads);

#endif
