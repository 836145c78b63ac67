/* Fewer points for the border that one tile of a band has drawn. */
#ifndef GEO_BAND_THIN_H
#define GEO_BAND_THIN_H

#include "geo/band_tile.h"

struct band_thinner;

struct band_thinner *band_thinner_new(void); /* NULL when memory is out */
void band_thinner_free(struct band_thinner *t);

/** Leaves points out of the chains from `first_chain` on, all that lie in the square at `corner`, where none comes to lie
 *  farther than 1.5 % of the width from the border. Ends of chains stay, and so do the sides on which chains lie of
 *  each other: a point goes only if no other point lies in the triangle that it spans with its neighbours, nor near the
 *  edge that takes its place. False when memory is out. */
bool band_thin(struct band_thinner *t, struct band_border *b, size_t first_chain, int64_t corner_x_mm, int64_t corner_y_mm);

#endif
