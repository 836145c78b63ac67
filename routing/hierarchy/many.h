/* Distances between many sources and many targets at once (RPHAST: Delling, Goldberg, Werneck 2011, on the customized
 * hierarchy): the ancestors of all targets are swept top-down once per batch of sources, a vector of sources wide. */
#ifndef ROUTING_MANY_H
#define ROUTING_MANY_H

#include "routing/hierarchy/metric.h"

/** Places, each of one or more nodes with weights to begin or end with: place i has the entries
 *  first[i] <= k < first[i + 1]. Borrowed. */
struct many_places {
    uint32_t count;
    const uint32_t *first;   /* count + 1, or NULL when place i is just entry i */
    const uint32_t *node;
    const weight *initial; /* NULL: all zero */
};

/** Most entries of the result. */
#define MANY_CELLS_MAX ((size_t)64 * 1024 * 1024)

/** out[i * targets->count + j] = min over entries of source i and target j of (initial + way + initial), or
 *  WEIGHT_INFINITY. STATUS_TOO_LARGE over MANY_CELLS_MAX, STATUS_NO_MEMORY. Cost: 1,000 x 1,000 on 175,000 nodes in
 *  well under a second. Any thread; the metric is only read. */
MUST_USE enum status many_to_many(const struct metric *metric, const struct many_places *sources,
                                  const struct many_places *targets, weight *out, struct error *err);

#endif
