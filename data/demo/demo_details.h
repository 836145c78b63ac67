/* What makes the demo's roads matter to a lorry: weak bridges, low underpasses, narrow roads, tunnels, streets without
 * lorries, turn restrictions, signals, turning places. All by hash of the road, so all stable under a seed. */
#ifndef DATA_DEMO_DEMO_DETAILS_H
#define DATA_DEMO_DEMO_DETAILS_H

#include "data/demo/demo_model.h"

MUST_USE enum status demo_add_details(struct demo_model *m, struct error *err);

#endif
