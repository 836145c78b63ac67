/* Township and village roads: a jittered lattice thinned by hash.
 *
 * Every lattice point is joined to its right or upper neighbour (a random spanning tree) and, at times, to both;
 * some ends are cut off again. That gives a connected country with the degrees and the dead ends of one, planar
 * by construction, at any density, without looking at the whole. */
#ifndef DATA_DEMO_DEMO_VILLAGES_H
#define DATA_DEMO_DEMO_VILLAGES_H

#include "data/demo/demo_model.h"

MUST_USE enum status demo_draw_villages(struct demo_model *m, struct error *err);

/** Lattice spacing in metres. */
double demo_village_spacing_m(const struct demo_model *m);

#endif
