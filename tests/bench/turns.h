/* The turn-expanded graph of the benchmarks: an arc becomes a node; from a to b if a ends where b begins, unless b turns
 * back where another way leads on. (The program's own turn graph is routing/network/turn_graph.h; this one is the plain one that
 * others publish figures for.) */
#ifndef TESTS_BENCH_TURNS_H
#define TESTS_BENCH_TURNS_H

#include "routing/hierarchy/digraph.h"

#include <stdbool.h>

struct turns {
    struct digraph graph;
    uint32_t *first_out, *head;
    weight *weight; /* turn cost + weight of the arc that the turn leads into */
};

/** `tail` and `weights` by arc of `graph`. False if memory is out. */
MUST_USE bool turns_init(struct turns *out, const struct digraph *graph, const uint32_t *tail, const weight *weights,
                         weight turn_cost);
void turns_clear(struct turns *turns);

#endif
