#include "routing/hierarchy/metric.h"

#include "routing/hierarchy/customization.h"
#include "routing/hierarchy/metric_update_arcs.h"
#include "routing/hierarchy/pages.h"

#include <stdlib.h>
#include <string.h>

static struct metric *metric_allocate(const struct hierarchy *h)
{
    struct metric *metric = calloc(1, sizeof *metric);
    if (metric == NULL) return NULL;
    metric->hierarchy = h;
    metric->up = pages_take((size_t)h->arc_count + 1, sizeof *metric->up);
    metric->down = pages_take((size_t)h->arc_count + 1, sizeof *metric->down);
    metric->edge = malloc(((size_t)h->edge_count + 1) * sizeof *metric->edge);
    metric->origin = calloc(2 * (size_t)h->arc_count + 1, sizeof *metric->origin); /* 0: not yet known */
    if (metric->up && metric->down && metric->edge && metric->origin) return metric;
    metric_free(metric);
    return NULL;
}

enum status metric_new(const struct hierarchy *h, const weight *weights, unsigned threads, struct metric **out,
                       struct error *err)
{
    for (uint32_t e = 0; e < h->edge_count; e++)
        if (weights[e] > WEIGHT_INFINITY)
            return error_set(err, STATUS_INVALID, MESSAGE_WEIGHT_TOO_LARGE, e, weights[e]);
    struct metric *metric = metric_allocate(h);
    if (metric == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (h->edge_count) memcpy(metric->edge, weights, h->edge_count * sizeof *weights);
    if (!customization_run(metric, threads)) {
        metric_free(metric);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    *out = metric;
    return STATUS_OK;
}

void metric_free(struct metric *metric)
{
    if (metric == NULL) return;
    free(metric->up);
    free(metric->down);
    free(metric->edge);
    free(metric->origin);
    metric_update_scratch_free(metric->scratch);
    free(metric);
}

enum status metric_dup(const struct metric *metric, struct metric **out, struct error *err)
{
    const struct hierarchy *h = metric->hierarchy;
    struct metric *copy = metric_allocate(h);
    if (copy == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (h->arc_count) memcpy(copy->up, metric->up, h->arc_count * sizeof *copy->up);
    if (h->arc_count) memcpy(copy->down, metric->down, h->arc_count * sizeof *copy->down);
    if (h->edge_count) memcpy(copy->edge, metric->edge, h->edge_count * sizeof *copy->edge);
    *out = copy; /* origins are found again as they are needed */
    return STATUS_OK;
}

void metric_strip(struct metric *metric)
{
    free(metric->edge);
    free(metric->origin);
    metric_update_scratch_free(metric->scratch);
    metric->edge = NULL;
    metric->origin = NULL;
    metric->scratch = NULL;
}

size_t metric_bytes_of(const struct hierarchy *h)
{
    const struct metric *metric = NULL;
    return sizeof *metric + h->arc_count * (2 * sizeof *metric->up + 2 * sizeof *metric->origin) +
           h->edge_count * sizeof *metric->edge;
}

size_t metric_bytes(const struct metric *metric)
{
    return metric_bytes_of(metric->hierarchy);
}
