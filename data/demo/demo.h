/* The demo of Nanyang (示意): a schematic prefecture made from a seed and a scale, no map file involved.
 *
 *   struct demo_model m;
 *   demo_model_init(&m, DEMO_SEED, 1);
 *   if (demo_generate(&m, &err) == STATUS_OK) …      // roads, nodes, turns, stations
 *   demo_model_clear(&m);
 *
 * Scale 1 has more than 20,000 arcs; arcs grow about linearly with the scale. The same seed and scale give the same
 * prefecture, byte for byte, on any machine. */
#ifndef DATA_DEMO_DEMO_H
#define DATA_DEMO_DEMO_H

#include "data/demo/demo_model.h"

enum { DEMO_SEED = 411300 };

/** Draws, nodes and details everything of an initialised model. Cost: linear, about 1 s per million arcs. Errors: out
 *  of memory. */
MUST_USE enum status demo_generate(struct demo_model *m, struct error *err);

#endif
