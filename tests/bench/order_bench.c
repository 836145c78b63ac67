/* Ordering the turn graph of the demo as `prepare` does, and what the order is worth: size, depth, customization, queries.
 *
 *   order_bench [SCALE]      default 1: 45,000 arcs; 30: a million */
#include "routing/hierarchy/query.h"
#include "routing/network/network_build.h"
#include "tests/bench/demo_base.h"
#include "tests/bench/stopwatch.h"

#include <stdio.h>
#include <stdlib.h>

enum { QUERIES = 20000 };

/* Least of several, so that neighbours on the machine count less. */
static struct metric *customize(const struct hierarchy *h, const weight *weights)
{
    struct error err = ERROR_INIT;
    struct metric *metric = NULL;
    double best = 0;
    for (int round = 0; round < 5; round++) {
        metric_free(metric);
        metric = NULL;
        const double start = stopwatch_cpu_us();
        demo_must(metric_new(h, weights, 1, &metric, &err), &err);
        const double taken = stopwatch_cpu_us() - start;
        if (round == 0 || taken < best) best = taken;
    }
    printf("  customize on one thread %.1f ms\n", best / 1e3);
    return metric;
}

static void report_queries(const struct hierarchy *h, const struct metric *metric)
{
    struct error err = ERROR_INIT;
    struct query *query = NULL;
    double *taken = malloc(QUERIES * sizeof *taken);
    uint64_t sum = 0;
    if (!taken) abort();
    demo_must(query_new(h, &query, &err), &err);
    for (int round = 0; round < 3; round++) {
        uint64_t state = 3;
        for (int i = 0; i < QUERIES; i++) {
            const uint32_t source = (uint32_t)(stopwatch_random(&state) % h->node_count);
            const uint32_t target = (uint32_t)(stopwatch_random(&state) % h->node_count);
            const double start = stopwatch_us();
            query_reset(query, metric);
            demo_must(query_source(query, source, 0), &err);
            demo_must(query_target(query, target, 0), &err);
            const weight best = query_run(query);
            const double now = stopwatch_us() - start;
            if (round == 0 || now < taken[i]) taken[i] = now;
            if (round == 0) sum += best;
        }
    }
    printf("  query p50 %.1f p99 %.1f us, mean %.2f (sum %llu: the same for any order)\n", stopwatch_quantile(taken, QUERIES, 0.5),
           stopwatch_quantile(taken, QUERIES, 0.99), stopwatch_mean(taken, QUERIES), (unsigned long long)sum);
    query_free(query);
    free(taken);
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct network network = {0};
    struct turn_graph turns = {0};
    struct hierarchy *h = NULL;
    demo_network_make(&network, &turns, argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1);
    const struct digraph graph = {turns.node_count, turns.turn_count, turns.first_out, turns.head};
    const size_t n = graph.node_count;
    uint32_t *order = malloc(n * sizeof *order);
    weight *weights = malloc(graph.arc_count * sizeof *weights);
    if (!order || !weights) abort();
    for (uint32_t t = 0; t < graph.arc_count; t++)
        weights[t] = turns.cost_ms[t] + network.arc_time_ms[turns.node_arc[turns.head[t]]];
    struct order_cells cells;
    demo_cells_make(&cells, &network, &turns);
    const double start = stopwatch_us(), start_cpu = stopwatch_cpu_us();
    demo_must(order_by_cells(&graph, &cells, 1, order, &err), &err);
    const double ordered = stopwatch_us() - start, ordered_cpu = stopwatch_cpu_us() - start_cpu;
    demo_must(hierarchy_new(&graph, order, &h, &err), &err);
    printf("%u arcs, %zu nodes, %u turns; order %.2f s (%.2f s of processor): %u arcs in %u blocks, depth %u, width %u, %.1f MB\n",
           network.arc_count, n, graph.arc_count, ordered / 1e6, ordered_cpu / 1e6, h->arc_count, h->block_count, h->depth, h->width,
           (double)hierarchy_save_size(h) / 1e6);
    struct metric *metric = customize(h, weights);
    report_queries(h, metric);
    metric_free(metric);
    hierarchy_free(h);
    network_clear(&network);
    turn_graph_clear(&turns);
    demo_cells_clear(&cells);
    free(order), free(weights);
    return 0;
}
