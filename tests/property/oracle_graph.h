/* Random digraphs and a Dijkstra that is slow and obviously right, for the tests of the graph-level engine. */
#ifndef TESTS_PROPERTY_ORACLE_GRAPH_H
#define TESTS_PROPERTY_ORACLE_GRAPH_H

#include "routing/hierarchy/digraph.h"

#include <stdbool.h>

/** splitmix64; the state is the seed. */
uint64_t oracle_random(uint64_t *state);

/** Uniform below `bound` (> 0). */
uint32_t oracle_below(uint64_t *state, uint32_t bound);

/** The seed of this run: environment SEED (replays a failure), else SEED_BASE (`make soak` takes the clock), else always
 *  the same, so that a change is judged by its own merits and not by the luck of the draw. Printed. */
enum { ORACLE_SEED = 20261127 };
uint64_t oracle_seed(const char *test);

/** How many rounds a random test runs: `count` (a third of it under ASan), or as many as ROUNDS says; one when SEED
 *  replays a failure. */
uint32_t oracle_rounds(uint32_t count);

/** Whether to run round `i`: the first `count`, and then more for as long as the test has not met every kind of case
 *  that it is about. So a seed that brings few of them makes the test longer and never red, and a test whose cases have
 *  become so rare that ORACLE_PATIENCE times the rounds do not bring them fails by its own assertion at the end. */
enum { ORACLE_PATIENCE = 100 };
bool oracle_goes_on(uint32_t i, uint32_t count, bool met_all);

/** Owned arrays with a view on them. */
struct oracle_graph {
    struct digraph graph;
    uint32_t *first_out, *head;
    weight *weight;  /* arc_count */
    uint32_t *order; /* a random permutation of the nodes */
};

/** A random graph of 1..nodes_max nodes. Shapes vary with the seed: grid-like, sparse random, dense, a forest with
 *  several components; self loops, parallel edges, weights of 0 and of WEIGHT_INFINITY occur in all of them. */
void oracle_graph_init(struct oracle_graph *out, uint64_t *state, uint32_t nodes_max);
void oracle_graph_clear(struct oracle_graph *graph);

/** A random weight as in the graphs: mostly small, sometimes 0, sometimes infinite. */
weight oracle_weight(uint64_t *state);

/** distance[v] = least of begin[u] + way from u to v; begin is WEIGHT_INFINITY where nothing begins. `backward`:
 *  ways from v to u instead. */
void oracle_dijkstra(const struct oracle_graph *graph, const weight *begin, int backward, weight *distance);

#endif
