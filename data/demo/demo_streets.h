/* Street grids inside the ring roads. Arterials reach the ring; minor streets end inside it.
 *
 * The prefecture city's grid carries the four named streets of the 2021 truck notice (domain.md §2.9), straight, so
 * that the ban's border runs along them exactly. */
#ifndef DATA_DEMO_DEMO_STREETS_H
#define DATA_DEMO_DEMO_STREETS_H

#include "data/demo/demo_model.h"

MUST_USE enum status demo_draw_streets(struct demo_model *m, struct error *err);

/** The block of the truck ban: south-west and north-east corners where its border streets cross. */
void demo_ban_corners(struct demo_point *south_west, struct demo_point *north_east);

#endif
