/* One square of the grid on which geo/band.c draws: distances of its nodes from the lines, the border between nodes
 * within and beyond the width, and which of the nodes within hang together.
 *
 * Node (i, j) of the grid lies at (i · step, j · step) of the plane, whatever the lines, so neighbouring tiles, which
 * share a row of nodes, compute the same numbers there and their pieces of border fit. */
#ifndef GEO_BAND_TILE_H
#define GEO_BAND_TILE_H

#include "geo/point.h"

#include <stddef.h>

enum { BAND_NODES = 128, BAND_CELLS = BAND_NODES - 1, BAND_WORDS = BAND_NODES / 64 };

struct band_segment {
    struct point_mm a, b; /* may be equal: a point */
};

/* A piece of border, the inside on its left. It enters and leaves its tile by an edge of the grid, or is a whole ring
 * (enter == leave, its first point not repeated). */
struct band_chain {
    uint64_t enter, leave; /* edges of the grid, named alike by the tiles on both sides */
    size_t first;          /* in points; both ends included */
    uint32_t count, label; /* label: of the nodes to its left */
};

/* What is drawn so far; lists grow as tiles add to them. */
struct band_border {
    int32_t width_mm, step_mm;
    struct point_mm *points;
    size_t point_count, point_room;
    struct band_chain *chains;
    size_t chain_count, chain_room;
    uint32_t *parent; /* [label_count] union-find over labels; label 0 stands for none */
    size_t label_count, label_room;
};

struct band_tile;

struct band_tile *band_tile_new(void); /* NULL when memory is out; about 1.2 MB */
void band_tile_free(struct band_tile *t);

/** Where the nodes of one row of tiles must be looked at for a segment: the x range of what lies within width + step of it
 *  between two heights, never less than needed. False when nothing is. */
bool band_reach(const struct band_border *b, const struct band_segment *s, double low_mm, double high_mm, double *min_mm,
                double *max_mm);

/** Brings a segment into the tile at (tx, ty), in units of BAND_CELLS nodes. Returns how many nodes it looked at. */
uint32_t band_tile_add(struct band_tile *t, const struct band_border *b, int32_t tx, int32_t ty, const struct band_segment *s);

/** Draws the border of the tile into `b`, empties the tile for the next. `west` and `south` hold the labels of the nodes
 *  that are shared with the tiles there ([BAND_NODES], from south to north, from west to east; NULL: nothing is within);
 *  `east` and `north` receive those for the next ones. False when memory is out. */
bool band_tile_draw(struct band_tile *t, struct band_border *b, int32_t tx, int32_t ty, const uint32_t *west,
                    const uint32_t *south, uint32_t *east, uint32_t *north);

/** The label that stands for all that hang together with this one. */
uint32_t band_label_root(const struct band_border *b, uint32_t label);

#endif
