#include "routing/hierarchy/digraph.h"

#include <stdlib.h>

enum status digraph_check(const struct digraph *graph, struct error *err)
{
    if (graph->node_count > DIGRAPH_NODES_MAX || graph->arc_count > DIGRAPH_EDGES_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "size");
    if (graph->first_out[0] != 0 || graph->first_out[graph->node_count] != graph->arc_count)
        return error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "first_out");
    for (uint32_t v = 0; v < graph->node_count; v++)
        if (graph->first_out[v] > graph->first_out[v + 1])
            return error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "first_out");
    for (uint32_t e = 0; e < graph->arc_count; e++)
        if (graph->head[e] >= graph->node_count)
            return error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "head");
    return STATUS_OK;
}

enum status digraph_reverse_init(struct digraph_reverse *out, const struct digraph *graph, struct error *err)
{
    const size_t n = graph->node_count, m = graph->arc_count;
    *out = (struct digraph_reverse){
        .first_out = calloc(n + 2, sizeof *out->first_out),
        .head = malloc((m + 1) * sizeof *out->head),
        .edge = malloc((m + 1) * sizeof *out->edge),
    };
    if (out->first_out == NULL || out->head == NULL || out->edge == NULL) {
        digraph_reverse_clear(out);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    uint32_t *cursor = out->first_out + 1; /* becomes the offsets once everything is placed */
    for (size_t e = 0; e < m; e++) cursor[graph->head[e] + 1]++;
    for (size_t v = 1; v <= n; v++) cursor[v] += cursor[v - 1];
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t e = graph->first_out[v]; e < graph->first_out[v + 1]; e++) {
            uint32_t place = cursor[graph->head[e]]++;
            out->head[place] = v;
            out->edge[place] = e;
        }
    return STATUS_OK;
}

void digraph_reverse_clear(struct digraph_reverse *reverse)
{
    free(reverse->first_out);
    free(reverse->head);
    free(reverse->edge);
    *reverse = (struct digraph_reverse){0};
}
