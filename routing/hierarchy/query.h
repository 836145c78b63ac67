/* Shortest ways between two sets of nodes, by walking up the elimination tree from both ends.
 *
 *   query_reset(query, metric);
 *   query_source(query, a, 1200);  query_source(query, b, 0);      // node and weight to begin with
 *   query_target(query, c, 300);
 *   weight best = query_run(query);                                // WEIGHT_INFINITY: no way
 *   if (best < WEIGHT_INFINITY) query_path(query, &path, err);
 *
 * The answer is min over all pairs of (source weight + way + target weight). A way of no edges counts: a node that is
 * source and target gives the sum of its two weights.
 *
 * One way is chosen among those of equal weight by a total order that depends only on graph, node order and weights:
 * the lowest meeting rank; towards each end, the lowest rank to come from; the way that an arc stands for is its edge
 * of least id if one is as short, otherwise the lower triangle with the lowest middle. Where a node is named twice as
 * source the smaller weight wins, then the earlier. Threads, vector units and earlier queries have no part in it.
 * (With edges of weight 0 the way may pass a node twice.)
 *
 * One query object per thread; it may be used with any metric of its hierarchy. */
#ifndef ROUTING_QUERY_H
#define ROUTING_QUERY_H

#include "routing/hierarchy/metric.h"

struct query;

/** A way: nodes[0..edge_count] and the edges between them, borrowed until the query is next reset or freed. */
struct query_path {
    const uint32_t *nodes; /* edge_count + 1 graph nodes */
    const uint32_t *edges; /* edge_count graph edges */
    uint32_t edge_count;
    uint32_t source, target; /* which call of query_source / query_target since the reset, from 0 */
};

/** Most sources, and most targets, of one query. */
enum { QUERY_ENDS_MAX = 65536 };

/** A workspace of about 8 bytes per node. The hierarchy must outlive it. STATUS_NO_MEMORY. */
MUST_USE enum status query_new(const struct hierarchy *hierarchy, struct query **out, struct error *err);
void query_free(struct query *query);

/** Forgets the last query; O(nodes it touched). `metric` (of the same hierarchy) must live until the next reset. */
void query_reset(struct query *query, const struct metric *metric);

/** Adds an end. `node` < node_count, `initial` <= WEIGHT_INFINITY (which adds an end that never wins).
 *  STATUS_NO_MEMORY, STATUS_TOO_LARGE over QUERY_ENDS_MAX. */
MUST_USE enum status query_source(struct query *query, uint32_t node, weight initial);
MUST_USE enum status query_target(struct query *query, uint32_t node, weight initial);

/** The least weight, WEIGHT_INFINITY if there is no way or no end. O(arcs of the ancestors of all ends): microseconds.
 *  Once per reset. */
weight query_run(struct query *query);

/** The same, but keeps what leads to ways of up to (1000 + permille) / 1000 of the least weight, for query_meetings. */
weight query_run_within(struct query *query, uint32_t permille);

/** A node at which the ways up from sources and targets meet, and the least weight of a way through it (as far as it
 *  is up to this node and then down). */
struct query_meeting {
    uint32_t node;
    weight weight;
};

/** After query_run_within: the meetings of weight <= `limit`, at most `max` of them, by weight and then by rank; the
 *  first is that of query_path. These are the candidates for alternative routes (Abraham et al.: Alternative Routes in
 *  Road Networks, JEA 2013): what they share with the best way, and whether they are locally optimal, is for the
 *  caller to see. Returns how many. O(ancestors * log max). */
uint32_t query_meetings(const struct query *query, weight limit, struct query_meeting *out, uint32_t max);

/** The way through a meeting. STATUS_NO_MEMORY; STATUS_INTERNAL if `node` is none. */
MUST_USE enum status query_path_via(struct query *query, uint32_t node, struct query_path *out, struct error *err);

/** The way that query_run found; only after it returned less than WEIGHT_INFINITY. STATUS_NO_MEMORY. O(edges of the
 *  way), a little more the first time that a metric is asked for an arc. */
MUST_USE enum status query_path(struct query *query, struct query_path *out, struct error *err);

#endif
