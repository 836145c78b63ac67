#include "routing/hierarchy/order.h"

#include "routing/hierarchy/dissection.h"
#include "routing/hierarchy/metis_order.h"

#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 8 };

/* The undirected simple graph: each pair of neighbours once in both lists, no loops. */
static enum status undirected(const struct digraph *graph, uint32_t **first_out, uint32_t **adjacent, struct error *err)
{
    const uint32_t n = graph->node_count;
    struct digraph_reverse reverse = {0};
    uint32_t *first = NULL, *list = NULL;
    uint32_t *seen = NULL;
    enum status status = digraph_reverse_init(&reverse, graph, err);
    if (status != STATUS_OK) return status;
    first = malloc(((size_t)n + 1) * sizeof *first);
    list = malloc((2 * (size_t)graph->arc_count + 1) * sizeof *list);
    seen = malloc(((size_t)n + 1) * sizeof *seen);
    if (first == NULL || list == NULL || seen == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    for (uint32_t v = 0; v < n; v++) seen[v] = NOTHING;
    uint32_t count = 0;
    for (uint32_t v = 0; v < n; v++) {
        first[v] = count;
        seen[v] = v;
        for (uint32_t e = graph->first_out[v]; e < graph->first_out[v + 1]; e++)
            if (seen[graph->head[e]] != v) seen[list[count++] = graph->head[e]] = v;
        for (uint32_t e = reverse.first_out[v]; e < reverse.first_out[v + 1]; e++)
            if (seen[reverse.head[e]] != v) seen[list[count++] = reverse.head[e]] = v;
    }
    first[n] = count;
    *first_out = first;
    *adjacent = list;
    first = list = NULL;
done:
    digraph_reverse_clear(&reverse);
    free(first);
    free(list);
    free(seen);
    return status;
}

static unsigned thread_count(void)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

enum status order_nested_dissection(const struct digraph *graph, const struct order_coordinates *coordinates,
                                    uint32_t seed, uint32_t *order, struct error *err)
{
    uint32_t *first = NULL, *adjacent = NULL;
    enum status status = digraph_check(graph, err);
    if (status != STATUS_OK) return status;
    status = undirected(graph, &first, &adjacent, err);
    if (status != STATUS_OK) goto done;
    const struct piece piece = {
        .node_count = graph->node_count,
        .first = first,
        .adjacent = adjacent,
        .x = coordinates ? coordinates->lon_e7 : NULL,
        .y = coordinates ? coordinates->lat_e7 : NULL,
    };
    status = dissection_order(&piece, NULL, thread_count(), seed, order, err);
done:
    free(first);
    free(adjacent);
    return status;
}

static enum status check_cells(const struct digraph *graph, const struct order_cells *cells, struct error *err)
{
    for (uint32_t v = 0; v < graph->node_count; v++)
        if (cells->tail[v] >= cells->cell_count || cells->head[v] >= cells->cell_count)
            return error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "cells");
    for (uint32_t v = 0; v < graph->node_count; v++)
        for (uint32_t e = graph->first_out[v]; e < graph->first_out[v + 1]; e++) {
            const uint32_t u = graph->head[e], tail = cells->tail[u], head = cells->head[u];
            if (cells->head[v] != tail && cells->head[v] != head && cells->tail[v] != tail && cells->tail[v] != head)
                return error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "cells");
        }
    return STATUS_OK;
}

enum status order_by_cells(const struct digraph *graph, const struct order_cells *cells, uint32_t seed, uint32_t *order,
                           struct error *err)
{
    uint32_t *first = NULL, *adjacent = NULL;
    enum status status = digraph_check(graph, err);
    if (status == STATUS_OK) status = check_cells(graph, cells, err);
    if (status != STATUS_OK) return status;
    status = undirected(graph, &first, &adjacent, err);
    if (status != STATUS_OK) goto done;
    const struct piece piece = {.node_count = graph->node_count, .first = first, .adjacent = adjacent};
    const struct cells between = {cells->cell_count, cells->tail, cells->head, cells->lon_e7, cells->lat_e7};
    status = dissection_order(&piece, &between, thread_count(), seed, order, err);
done:
    free(first);
    free(adjacent);
    return status;
}

enum status order_metis(const struct digraph *graph, uint32_t seed, uint32_t *order, struct error *err)
{
    uint32_t *first = NULL, *adjacent = NULL;
    enum status status = digraph_check(graph, err);
    if (status != STATUS_OK) return status;
    status = undirected(graph, &first, &adjacent, err);
    if (status != STATUS_OK) goto done;
    const struct piece piece = {.node_count = graph->node_count, .first = first, .adjacent = adjacent};
    status = metis_order(&piece, seed, order, err);
done:
    free(first);
    free(adjacent);
    return status;
}
