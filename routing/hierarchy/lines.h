/* What the flows of a separator begin with: the nodes of a piece lined up in some direction, the ends of the line, and what a
 * cut is worth (separator.h and bisection.h tell how it is used). */
#ifndef ROUTING_LINES_H
#define ROUTING_LINES_H

#include "routing/hierarchy/digraph.h"

#include <stdbool.h>

/** An undirected simple graph: every neighbour in both lists. Borrowed arrays. */
struct piece {
    uint32_t node_count;
    const uint32_t *first;    /* node_count + 1 */
    const uint32_t *adjacent; /* first[node_count] */
    const int32_t *x, *y;     /* node_count each, in the same unit, or NULL */
};

enum separator_side { SEPARATOR_LEFT, SEPARATOR_RIGHT, SEPARATOR_CUT };

struct lines {
    const double *share;   /* borrowed: of all nodes, at each end, ascending; less than a half */
    uint32_t steps;        /* how often the ends grow */
    uint64_t *line;        /* position << 32 | node */
    uint32_t *distance[2]; /* in edges, from two far nodes */
    uint32_t *queue;
    uint32_t far[3];       /* nodes far from each other */
    uint64_t random;
    uint32_t by_place;     /* how many of the lines come from coordinates */
};

/** Room for pieces of up to `nodes` nodes. False if memory is out; lines_clear in any case. */
MUST_USE bool lines_init(struct lines *lines, uint32_t nodes, const double *share, uint32_t steps);
void lines_clear(struct lines *lines);

/** Begins a piece of which `directions` lines will be asked for. */
void lines_begin(struct lines *lines, const struct piece *piece, uint32_t directions, uint64_t seed);

/** Lines up: afterwards the first lines_end_count entries of `line` are one end, the last as many the other, for every
 *  step. Directions are asked for in ascending order from 0. O(nodes + edges). */
void lines_up(struct lines *lines, const struct piece *piece, uint32_t direction);

/** Nodes at each end of a line of `n` nodes; they may overlap if there are fewer than three. */
uint32_t lines_end_count(const struct lines *lines, uint32_t n, uint32_t step);

/** Distances in edges from `from` into distance[], UINT32_MAX where it does not lead; returns the farthest node. */
uint32_t lines_flood(const struct piece *piece, uint32_t from, uint32_t *distance, uint32_t *queue);

/** What a cut costs for what it gains; less is better, infinite if one side is empty. A tree over n nodes is taken to be
 *  n^0.35 deep, so cutting it into parts makes the average node gain the difference to the depth of its part. */
double lines_score(uint32_t left, uint32_t right, uint32_t cut);

/** No cut of at least this size scores less, unless it is a good part of the piece: a bound to give up at. */
double lines_score_least(uint32_t cut);

#endif
