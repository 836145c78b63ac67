/* Small balanced edge cuts, by the same lines and growing ends as separator.h, in a graph whose edges are what is to be ordered.
 *
 * A node of a turn graph is an arc between two junctions, and every turn happens at one. So a cut of the road graph, that parts
 * the junctions, parts the turn graph as well, with the arcs of the cut roads as separator (Buchhold, Wagner, Zeitz, Zündorf:
 * Customizable Contraction Hierarchies with Turn Costs, ATMOS 2020). The road graph has several times fewer nodes and edges,
 * its cuts count roads instead of arcs, and a maximum flow in it is found much sooner.
 *
 * The flow is that of Boykov and Kolmogorov (An Experimental Comparison of Min-Cut/Max-Flow Algorithms, PAMI 2004): a tree of
 * what the sources reach and one of what reaches the sinks are kept and mended from one unit of flow to the next, and, here,
 * from one step of the growing ends to the next. When no way is left they are the two minimum cuts. */
#ifndef ROUTING_BISECTION_H
#define ROUTING_BISECTION_H

#include "routing/hierarchy/lines.h"

/** What an entry of `adjacent` stands for: one edge or several parallel ones, seen from one of their ends. */
struct crossing {
    uint32_t onward, back; /* how much may still flow along it, and against it; at first both are the number of edges */
    uint32_t twin;         /* the entry at the other end */
};

/** An undirected graph without loops and parallel edges; `crossing` is written to. */
struct cell_graph {
    struct piece piece;
    struct crossing *crossing; /* one for each entry of piece.adjacent */
    const uint32_t *ends;      /* [node_count] edges that end there; one within the node counts twice */
    uint32_t edge_count;       /* with loops and parallel ones */
};

/** How often the ends grow, and how large they are then: shares of all nodes. */
enum { BISECTION_STEPS = 6 };
extern const double bisection_share[BISECTION_STEPS];

/** Working memory for graphs of up to `cells` nodes; reused. NULL if memory is out. */
struct bisection_workspace;
MUST_USE struct bisection_workspace *bisection_workspace_new(uint32_t cells);
void bisection_workspace_free(struct bisection_workspace *workspace);

/** Begins a graph of which `directions` lines will be tried. */
void bisection_begin(struct bisection_workspace *workspace, const struct cell_graph *graph, uint32_t directions, uint64_t seed);

/** The best cut along one line: fills side[node_count] with SEPARATOR_LEFT or SEPARATOR_RIGHT and returns what it scores
 *  (lines.h), edges being counted; not below `bound` if there is none better than that, and then side[] is not of use. Directions
 *  are tried in ascending order from 0. Depends on the graph, seed, `direction` and `bound` only. */
double bisection_try(struct bisection_workspace *workspace, const struct cell_graph *graph, uint32_t direction, double bound,
                     uint8_t *side);

#endif
