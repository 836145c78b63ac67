/* A customized metric: for one set of edge weights, the weight of every arc of the hierarchy in both directions, such
 * that the shortest way between any two nodes goes up and then down (basic customization: all lower triangles hold).
 *
 * Immutable once made, except by metric_update (metric_update.h) on a copy that nobody else reads; share it between
 * threads. Who owns it counts the references. The hierarchy must outlive it. */
#ifndef ROUTING_METRIC_H
#define ROUTING_METRIC_H

#include "routing/hierarchy/hierarchy.h"

#include <stdatomic.h>

struct metric_update_scratch;

struct metric {
    const struct hierarchy *hierarchy;
    weight *up;   /* [arc_count] from the lower end to the higher */
    weight *down; /* [arc_count] from the higher end to the lower */
    weight *edge; /* [edge_count] the weights it was made from */
    /* [2 * arc_count] by slot: how its weight came about (see unpack.h). Found when first asked for and kept, with
     * relaxed atomics: every thread finds the same value. */
    _Atomic uint64_t *origin;
    struct metric_update_scratch *scratch; /* kept between updates */
};

/** Customizes `weights[edge_count]` (each <= WEIGHT_INFINITY; copied) on up to `threads` threads (0 or 1: only this
 *  one). The result is the same for any number of threads. STATUS_INVALID for a larger weight, STATUS_NO_MEMORY.
 *  Cost: proportional to the lower triangles; 175,000 nodes and 390,000 edges in about 20 ms. */
MUST_USE enum status metric_new(const struct hierarchy *hierarchy, const weight *weights, unsigned threads,
                                struct metric **out, struct error *err);
void metric_free(struct metric *metric);

/** A copy that metric_update may change. STATUS_NO_MEMORY. */
MUST_USE enum status metric_dup(const struct metric *metric, struct metric **out, struct error *err);

/** Gives back all that a potential does not look at: no query, no update, no copy any more. */
void metric_strip(struct metric *metric);

/** Bytes held. */
size_t metric_bytes(const struct metric *metric);

/** What any metric of this hierarchy holds. */
size_t metric_bytes_of(const struct hierarchy *hierarchy);

#endif
