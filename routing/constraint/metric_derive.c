#include "routing/constraint/metric_derive.h"

#include "routing/hierarchy/metric_update.h"
#include "routing/hierarchy/metric_update_arcs.h"

#include <stdlib.h>

enum { CHUNK = 4096 };

/* How many weights differ, counted no further than just beyond `most`. */
static uint32_t differing(const weight *a, const weight *b, uint32_t count, uint32_t most)
{
    uint32_t sum = 0;
    for (uint32_t first = 0; first < count && sum <= most; first += CHUNK) {
        const uint32_t end = count - first < CHUNK ? count : first + CHUNK;
        for (uint32_t e = first; e < end; e++) sum += a[e] != b[e];
    }
    return sum;
}

/* A copy of `base` with the weights that differ. */
static enum status mended(const struct metric *base, const weight *weights, uint32_t changed, struct metric **out,
                          struct error *err)
{
    const uint32_t edge_count = base->hierarchy->edge_count;
    struct metric *copy = NULL;
    uint32_t *edges = malloc(changed * sizeof *edges);
    weight *values = malloc(changed * sizeof *values);
    enum status status = edges && values ? metric_dup(base, &copy, err)
                                         : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) {
        uint32_t count = 0;
        for (uint32_t e = 0; e < edge_count; e++) {
            if (base->edge[e] == weights[e]) continue;
            edges[count] = e;
            values[count++] = weights[e];
        }
        status = metric_update(copy, edges, values, count, err);
    }
    free(edges);
    free(values);
    if (status != STATUS_OK) {
        metric_free(copy);
        return status;
    }
    metric_update_scratch_free(copy->scratch); /* nobody changes it again */
    copy->scratch = NULL;
    *out = copy;
    return STATUS_OK;
}

enum status metric_derive(struct metric_cache *cache, const struct hierarchy *hierarchy, const weight *weights,
                          const void *signature, size_t size, struct shared_metric **out, struct error *err)
{
    struct shared_metric *bases[METRIC_BASES_MAX], *nearest = NULL;
    uint32_t base_count = metric_cache_bases(cache, bases), least = hierarchy->edge_count / METRIC_UPDATE_SHARE;
    for (uint32_t i = 0; i < base_count; i++) {
        uint32_t count = differing(bases[i]->metric->edge, weights, hierarchy->edge_count, least);
        if (count > least || (nearest && count == least)) continue;
        nearest = bases[i];
        least = count;
        if (count == 0) break;
    }
    enum status status = STATUS_OK;
    *out = NULL;
    if (nearest && least == 0) {
        *out = metric_cache_share(cache, signature, size, nearest);
    } else {
        struct metric *metric;
        status = nearest ? mended(nearest->metric, weights, least, &metric, err)
                         : metric_new(hierarchy, weights, 1, &metric, err);
        if (status == STATUS_OK) *out = metric_cache_add(cache, signature, size, metric);
    }
    if (status == STATUS_OK && !*out) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK && nearest) metric_cache_base_done(cache, nearest);
    for (uint32_t i = 0; i < base_count; i++) shared_metric_release(bases[i]);
    return status;
}

struct shared_metric *metric_share_same(struct metric_cache *cache, const struct hierarchy *hierarchy, const weight *weights,
                                        const void *signature, size_t size)
{
    struct shared_metric *bases[METRIC_BASES_MAX], *found = NULL;
    uint32_t base_count = metric_cache_bases(cache, bases);
    for (uint32_t i = 0; i < base_count && !found; i++) {
        if (differing(bases[i]->metric->edge, weights, hierarchy->edge_count, 0) > 0) continue;
        found = metric_cache_share(cache, signature, size, bases[i]);
        if (found) metric_cache_base_done(cache, bases[i]);
    }
    for (uint32_t i = 0; i < base_count; i++) shared_metric_release(bases[i]);
    return found;
}
