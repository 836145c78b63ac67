/* The way that query.h finds, before there is a metric: from the weights of the edges alone, by A* with the potentials of
 * another metric (the guide) whose weights are nowhere larger.
 *
 *   guided_reset(guided, guide, weights);
 *   guided_source(guided, a, 1200);  guided_target(guided, c, 300);
 *   if (guided_run(guided, limit, &budget, &best, err) == STATUS_OK && best < WEIGHT_INFINITY) guided_path(guided, &path, err);
 *
 * The least weight anybody can find. Which of several ways of that weight query.h takes is a rule about ranks, and what it says
 * of them needs no hierarchy. An arc x - y of a metric stands for the cheapest way between x and y over nodes of lower rank
 * than both. So two climbs meet at m on a cheapest way if and only if m is the highest node of some cheapest way, and
 *
 *   meeting       = the lowest that the highest node of a cheapest way can be
 *   predecessor   = the lowest that the highest node before it can be, on a cheapest way that reaches it
 *   middle        = the lowest that the highest node between two nodes can be; an edge has none, so it comes first
 *
 * Each is the bottleneck of a graph without circles: the nodes on cheapest ways, the edges between them that are on one, in
 * order of distance. The search goes on until all of these nodes are settled. The same bytes as query.h's, whatever the
 * guide (property test hierarchy_guided). Where an edge of weight 0 lies on a cheapest way there is no such order; that is left
 * to a metric, as is what passes the budget.
 *
 * One object per thread. */
#ifndef ROUTING_GUIDED_H
#define ROUTING_GUIDED_H

#include "routing/hierarchy/query.h"

struct guided;

/** A graph and its reverse; borrowed arrays as in struct digraph and struct digraph_reverse. */
struct guided_graph {
    const uint32_t *first_out, *head;
    const uint32_t *first_in, *tail, *in_edge;
};

/** A workspace of about 20 bytes per node. Hierarchy and arrays must outlive it. STATUS_NO_MEMORY. */
MUST_USE enum status guided_new(const struct hierarchy *hierarchy, const struct guided_graph *graph, struct guided **out,
                                struct error *err);
void guided_free(struct guided *guided);

/** Begins anew. `guide` (no edge dearer than in `weights`) and `weights[edge_count]` must live until the next reset. */
void guided_reset(struct guided *guided, const struct metric *guide, const weight *weights);

/** As query_source and query_target. All sources and targets before guided_run. */
MUST_USE enum status guided_source(struct guided *guided, uint32_t node, weight initial);
MUST_USE enum status guided_target(struct guided *guided, uint32_t node, weight initial);

/** The least weight, WEIGHT_INFINITY if there is no way of less than `limit`. What was settled is taken from `*budget`.
 *  STATUS_WOULD_BLOCK when that does not last: then only a metric can tell. STATUS_NO_MEMORY. Once per reset. */
MUST_USE enum status guided_run(struct guided *guided, weight limit, uint32_t *budget, weight *best, struct error *err);

/** The way that query_path gives, borrowed until the next reset; only after guided_run found one. STATUS_WOULD_BLOCK where only
 *  a metric can tell. STATUS_NO_MEMORY. O(edges on cheapest ways · log) in practice, bounded. */
MUST_USE enum status guided_path(struct guided *guided, struct query_path *out, struct error *err);

#endif
