/* National and provincial roads, ring roads, the river, and the connectors of toll stations.
 *
 * Which counties a numbered road links is public (domain.md §4.5); its course here is schematic. */
#ifndef DATA_DEMO_DEMO_SURFACE_H
#define DATA_DEMO_DEMO_SURFACE_H

#include "data/demo/demo_expressway.h"

/** Ring roads, numbered roads outside them, and the river. */
MUST_USE enum status demo_draw_surface(struct demo_model *m, struct error *err);

/** From every plaza to the nearest numbered road. */
MUST_USE enum status demo_draw_connectors(struct demo_model *m, const struct demo_plaza *plazas, size_t count,
                                          struct error *err);

/** The river's middle line. Appends to `out`. */
MUST_USE enum status demo_river(struct demo_path *out, struct error *err);

/** Draws the parts of a line that lie outside every ring road (each part as a copy of `line`). */
MUST_USE enum status demo_draw_outside(struct demo_model *m, struct demo_line line, const struct demo_point *points,
                                       size_t count, struct error *err);

#endif
