/* Which parts of the plane have nothing to do with the border of a shape: square cells in rows, a bit for each that the border
 * passes and one for each of the others that lies inside. Thousands of roads are asked about, most of them far from any border,
 * and a few words tell what area_clip would find out by a walk over its index.
 *
 *   area_cells_fill(&cells, &shape);                  // once for a shape
 *   area_cells_place(&cells, &near_box)               // AREA_BORDER: ask area_clip
 *
 * Cells are as small as AREA_CELLS_SIDE of them on a side allow; their width is a power of two, so points fall into them by a shift. */
#ifndef GEO_AREA_CELLS_H
#define GEO_AREA_CELLS_H

#include "geo/area.h"

enum { AREA_CELLS_SIDE = 512 };

struct area_cells {
    struct box_mm box; /* of the shape; the first cell begins at its least corner */
    int shift;         /* a cell is 2^shift mm wide */
    uint64_t border[AREA_CELLS_SIDE][AREA_CELLS_SIDE / 64], inside[AREA_CELLS_SIDE][AREA_CELLS_SIDE / 64];
};

/** At least one ring, rings closed. O(points + rows that their edges pass + rows). */
void area_cells_fill(struct area_cells *cells, const struct multipolygon_mm *shape);

/** AREA_INSIDE, AREA_OUTSIDE: no border comes into the box, and all of it lies so, as area_locate says for any point of it.
 *  AREA_BORDER: one may. O(cells that it covers). */
enum area_place area_cells_place(const struct area_cells *cells, const struct box_mm *box);

#endif
