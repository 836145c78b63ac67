#include "routing/hierarchy/metric_update.h"

#include "routing/hierarchy/customization.h"
#include "routing/hierarchy/metric_update_arcs.h"
#include "routing/hierarchy/metric_update_blocks.h"

#include <stdlib.h>

enum status metric_update_check(const struct hierarchy *h, const uint32_t *edges, const weight *weights, size_t count,
                                struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (edges[i] >= h->edge_count) return error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "edge");
        if (weights[i] > WEIGHT_INFINITY)
            return error_set(err, STATUS_INVALID, MESSAGE_WEIGHT_TOO_LARGE, edges[i], weights[i]);
    }
    return STATUS_OK;
}

static enum status update_all(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                              struct error *err)
{
    const size_t slots = 2 * (size_t)metric->hierarchy->arc_count + 1;
    enum status status = metric_update_check(metric->hierarchy, edges, weights, count, err);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < count; i++) metric->edge[edges[i]] = weights[i];
    free(metric->origin);
    metric->origin = calloc(slots, sizeof *metric->origin); /* fresh pages: cheaper than to clear the old ones */
    if (metric->origin == NULL || !customization_run(metric, 1))
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return STATUS_OK;
}

enum status metric_update(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                          struct error *err)
{
    const uint32_t all = metric->hierarchy->edge_count;
    if (count <= all / METRIC_UPDATE_ARCS_SHARE) return metric_update_arcs(metric, edges, weights, count, err);
    if (count <= all / METRIC_UPDATE_SHARE) return metric_update_blocks(metric, edges, weights, count, err);
    return update_all(metric, edges, weights, count, err);
}
