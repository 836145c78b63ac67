/* Tables with the ways themselves: for every pair of places the least weight and, along the very way that query_path gives for it,
 * sums that are counted edge by edge.
 *
 *   pairs_new(hierarchy, &pairs, err);
 *   pairs_targets(pairs, metric, &targets, count_edge, context, err);
 *   pairs_row(pairs, nodes, initials, entry_count, row, err);         // as often as wanted
 *
 * A query's way leads up from the source to the meeting node and down to the target. What lies before the meeting does not
 * depend on the target, what follows not on the source. So each place climbs once, a pair is a minimum over the nodes that both have
 * climbed, in vector registers, and its sums are those of two halves, each counted once for a place and a meeting. Arcs that many
 * ways share, which are those that stand for much, are unpacked once.
 *
 * One per thread. The metric is only read. */
#ifndef ROUTING_PAIRS_H
#define ROUTING_PAIRS_H

#include "routing/hierarchy/many.h"

struct pairs;

struct pair_sums {
    uint64_t first, second;
};

/** Adds what one edge counts. */
typedef void pairs_count_edge(void *context, uint32_t edge, struct pair_sums *sums);

struct pair {
    weight weight;          /* with the initial weights of both ends; WEIGHT_INFINITY: no way */
    uint32_t source, target; /* entries that the way begins and ends with: of the row from 0, of all targets */
    struct pair_sums sums;  /* of the edges between */
};

MUST_USE enum status pairs_new(const struct hierarchy *hierarchy, struct pairs **out, struct error *err);
void pairs_free(struct pairs *pairs);

/** Climbs from all targets. `metric`, `targets` and `context` are borrowed until the next call. O(targets · arcs of their ancestors);
 *  some 20 bytes for each ancestor of each. STATUS_NO_MEMORY. */
MUST_USE enum status pairs_targets(struct pairs *pairs, const struct metric *metric, const struct many_places *targets,
                                   pairs_count_edge *count_edge, void *context, struct error *err);

/** row[j] for the targets asked[0..asked_count): from the one source with these entries. STATUS_NO_MEMORY. Under a microsecond a
 *  pair once the halves are known. */
MUST_USE enum status pairs_row(struct pairs *pairs, const uint32_t *node, const weight *initial, uint32_t entry_count,
                               const uint32_t *asked, uint32_t asked_count, struct pair *row, struct error *err);

#endif
