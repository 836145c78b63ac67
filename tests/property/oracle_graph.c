#include "tests/property/oracle_graph.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t oracle_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint32_t oracle_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(oracle_random(state) % bound);
}

uint64_t oracle_seed(const char *test)
{
    const char *text = getenv("SEED") ? getenv("SEED") : getenv("SEED_BASE");
    uint64_t seed = text ? strtoull(text, NULL, 10) : ORACLE_SEED;
    printf("%s: SEED=%llu\n", test, (unsigned long long)seed);
    return seed;
}

uint32_t oracle_rounds(uint32_t count)
{
    const char *given = getenv("ROUNDS");
    if (given) return (uint32_t)strtoul(given, NULL, 10);
    if (getenv("SEED")) return 1;
#if defined(__SANITIZE_ADDRESS__)
    count = (count + 2) / 3;
#endif
    return count;
}

bool oracle_goes_on(uint32_t i, uint32_t count, bool met_all)
{
    return i < count || (!met_all && !getenv("SEED") && i < ORACLE_PATIENCE * count);
}

weight oracle_weight(uint64_t *state)
{
    switch (oracle_below(state, 12)) {
    case 0: return 0;
    case 1: return WEIGHT_INFINITY;
    case 2: return WEIGHT_INFINITY - 1 - oracle_below(state, 3); /* sums must saturate */
    case 3: return 1;
    default: return oracle_below(state, 1000);
    }
}

static void *must(void *memory)
{
    if (memory == NULL) abort();
    return memory;
}

void oracle_graph_init(struct oracle_graph *out, uint64_t *state, uint32_t nodes_max)
{
    const uint32_t n = 1 + oracle_below(state, nodes_max), shape = oracle_below(state, 4);
    const uint32_t side = 1 + n / (1 + oracle_below(state, 10));
    const uint32_t edges_max = n * 12 + 16;
    uint32_t *tail = must(malloc(edges_max * sizeof *tail)), *head = must(malloc(edges_max * sizeof *head));
    uint32_t count = 0;
    const uint32_t wanted = shape == 2 ? n * 6 : shape == 3 ? n / 2 : n * 2;
    if (shape == 0) { /* a grid with gaps */
        for (uint32_t v = 0; v < n; v++) {
            if (v + 1 < n && oracle_below(state, 8)) tail[count] = v, head[count++] = v + 1;
            if (v + 1 < n && oracle_below(state, 3)) tail[count] = v + 1, head[count++] = v;
            if (v + side < n && oracle_below(state, 8)) tail[count] = v, head[count++] = v + side;
            if (v + side < n && oracle_below(state, 3)) tail[count] = v + side, head[count++] = v;
        }
    } else {
        for (uint32_t i = 0; i < wanted; i++) tail[count] = oracle_below(state, n), head[count++] = oracle_below(state, n);
    }
    for (uint32_t i = oracle_below(state, 4); i > 0; i--) { /* loops and parallels */
        uint32_t v = oracle_below(state, n), u = oracle_below(state, n);
        tail[count] = v, head[count++] = v;
        tail[count] = v, head[count++] = u;
        tail[count] = v, head[count++] = u;
    }
    out->first_out = must(calloc((size_t)n + 2, sizeof *out->first_out));
    out->head = must(malloc(((size_t)count + 1) * sizeof *out->head));
    out->weight = must(malloc(((size_t)count + 1) * sizeof *out->weight));
    out->order = must(malloc((size_t)n * sizeof *out->order));
    for (uint32_t i = 0; i < count; i++) out->first_out[tail[i] + 2]++;
    for (uint32_t v = 1; v <= n; v++) out->first_out[v + 1] += out->first_out[v];
    for (uint32_t i = 0; i < count; i++) out->head[out->first_out[tail[i] + 1]++] = head[i];
    for (uint32_t i = 0; i < count; i++) out->weight[i] = oracle_weight(state);
    for (uint32_t v = 0; v < n; v++) out->order[v] = v;
    for (uint32_t v = n; v > 1; v--) {
        uint32_t i = oracle_below(state, v), keep = out->order[i];
        out->order[i] = out->order[v - 1];
        out->order[v - 1] = keep;
    }
    out->graph = (struct digraph){n, count, out->first_out, out->head};
    free(tail);
    free(head);
}

void oracle_graph_clear(struct oracle_graph *graph)
{
    free(graph->first_out);
    free(graph->head);
    free(graph->weight);
    free(graph->order);
}

/* Bellman and Ford would do; this is Dijkstra without a heap. */
void oracle_dijkstra(const struct oracle_graph *g, const weight *begin, int backward, weight *distance)
{
    const uint32_t n = g->graph.node_count;
    bool *settled = must(calloc(n, sizeof *settled));
    for (uint32_t v = 0; v < n; v++) distance[v] = begin[v];
    for (;;) {
        uint32_t next = NOTHING;
        for (uint32_t v = 0; v < n; v++)
            if (!settled[v] && distance[v] < WEIGHT_INFINITY && (next == NOTHING || distance[v] < distance[next]))
                next = v;
        if (next == NOTHING) break;
        settled[next] = true;
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t e = g->first_out[v]; e < g->first_out[v + 1]; e++) {
                const uint32_t from = backward ? g->head[e] : v, to = backward ? v : g->head[e];
                if (from != next) continue;
                uint64_t sum = (uint64_t)distance[next] + g->weight[e];
                if (sum < distance[to]) distance[to] = (weight)sum;
            }
    }
    free(settled);
}
