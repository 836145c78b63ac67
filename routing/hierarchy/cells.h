/* A graph whose nodes are the arcs of a smaller one: each node lies between two cells, and neighbours have a cell in common. For
 * a turn graph cells are junctions; nothing here knows. */
#ifndef ROUTING_CELLS_H
#define ROUTING_CELLS_H

#include "routing/hierarchy/bisection.h"

/** Borrowed arrays. */
struct cells {
    uint32_t count;
    const uint32_t *tail, *head; /* by node: its two cells, in any order; they may be the same */
    const int32_t *x, *y;        /* by cell, or NULL */
};

/** Cells while nodes between them are contracted: some become one. */
struct cell_union {
    const struct cells *cells;
    uint32_t *root; /* by cell: towards the one that stands for it */
};

MUST_USE bool cell_union_init(struct cell_union *out, const struct cells *cells);
void cell_union_clear(struct cell_union *cells);

/** The cell that stands for `cell` now. */
uint32_t cell_union_find(struct cell_union *cells, uint32_t cell);

/** Lets `a` and `b`, neighbours of node `v`, have a cell in common, now that v goes and they become neighbours. */
void cell_union_bridge(struct cell_union *cells, uint32_t v, uint32_t a, uint32_t b);

/** The graph of the cells that some nodes touch, with these nodes as its edges. Owned memory. */
struct cell_piece {
    struct cell_graph graph;
    uint32_t *ends; /* 2 for each of the nodes, in their order: its cells, numbered as in `graph` */
    void *memory[6];
};

/** `nodes` [count] of `cells`; `local` [cells->count] is all NOTHING before and after. False if memory is out; clear it in any
 *  case. O(count). */
MUST_USE bool cell_piece_init(struct cell_piece *out, const struct cells *cells, const uint32_t *nodes, uint32_t count,
                              uint32_t *local);
void cell_piece_clear(struct cell_piece *piece);

#endif
