#include "tests/bench/turns.h"

#include <stdlib.h>

bool turns_init(struct turns *out, const struct digraph *graph, const uint32_t *tail, const weight *weights,
                weight turn_cost)
{
    const uint32_t m = graph->arc_count;
    uint64_t count = 0;
    for (uint32_t a = 0; a < m; a++) count += graph->first_out[graph->head[a] + 1] - graph->first_out[graph->head[a]];
    *out = (struct turns){
        .first_out = malloc(((size_t)m + 1) * sizeof *out->first_out),
        .head = malloc((count + 1) * sizeof *out->head),
        .weight = malloc((count + 1) * sizeof *out->weight),
    };
    if (!out->first_out || !out->head || !out->weight) {
        turns_clear(out);
        return false;
    }
    uint32_t at = 0;
    for (uint32_t a = 0; a < m; a++) {
        const uint32_t v = graph->head[a], before = at;
        out->first_out[a] = at;
        for (uint32_t b = graph->first_out[v]; b < graph->first_out[v + 1]; b++) {
            if (graph->head[b] == tail[a]) continue;
            out->head[at] = b;
            out->weight[at++] = turn_cost + weights[b];
        }
        const bool dead_end = at == before;
        for (uint32_t b = graph->first_out[v]; dead_end && b < graph->first_out[v + 1]; b++) {
            out->head[at] = b;
            out->weight[at++] = turn_cost + weights[b];
        }
    }
    out->first_out[m] = at;
    out->graph = (struct digraph){m, at, out->first_out, out->head};
    return true;
}

void turns_clear(struct turns *turns)
{
    free(turns->first_out);
    free(turns->head);
    free(turns->weight);
}
