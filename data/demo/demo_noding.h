/* From lines to roads: junctions where surface lines meet, structures where they cross what they cannot meet.
 *
 * Surface lines are cut where they cross or touch (within a metre, taking the existing end as the meeting point).
 * Crossing an expressway, a ramp or the river makes a bridge or underpass: a road of its own between two plain nodes,
 * unless the line is optional and the hash of the line says that nobody built one. Parts that end up joined to
 * nothing else are left out. Nodes are identified by their position in 1e-7 degrees, so that drawing the same point
 * twice is what makes a junction. */
#ifndef DATA_DEMO_DEMO_NODING_H
#define DATA_DEMO_DEMO_NODING_H

#include "data/demo/demo_model.h"

/** Fills roads and nodes from lines. Cost: near-linear (a uniform grid), under 2 s for a million arcs. */
MUST_USE enum status demo_node_lines(struct demo_model *m, struct error *err);

#endif
