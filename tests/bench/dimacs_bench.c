/* Road graphs of the 9th DIMACS challenge (PACE format, no weights, no coordinates): times on a million nodes.
 *
 *   dimacs_bench [folder that holds dimacs/] [NY or FLA [turns]]      default: NY, FLA, FLA turn-expanded
 *
 * Weights are random in 1..10,000 (fixed seed), the same in both directions. */
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/query.h"

#include "tests/bench/stopwatch.h"
#include "tests/bench/turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERIES = 20000 };

static void must(enum status status, const struct error *err)
{
    if (status == STATUS_OK) return;
    printf("failed: %s %s\n", status_name(status), err->en);
    exit(1);
}

/* Reads "p sp nodes edges" or "p edge …" and lines of two node numbers from 1 on; both directions become edges. */
static int read_graph(const char *folder, const char *name, struct digraph *out, weight **weights)
{
    char command[1200], line[256];
    snprintf(command, sizeof command, "%s/dimacs/%s.gr.xz", folder, name);
    FILE *probe = fopen(command, "rb");
    if (probe == NULL) return 0;
    fclose(probe);
    snprintf(command, sizeof command, "xz -dc '%s/dimacs/%s.gr.xz'", folder, name);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL) return 0;
    unsigned nodes = 0, edges = 0;
    uint32_t *pairs = NULL;
    size_t count = 0;
    while (fgets(line, sizeof line, pipe)) {
        unsigned a, b;
        char kind[32];
        if (line[0] == 'c') continue;
        if (line[0] == 'p') {
            if (sscanf(line, "p %31s %u %u", kind, &nodes, &edges) != 3) abort();
            pairs = malloc(2 * ((size_t)edges + 1) * sizeof *pairs);
        } else if (pairs && count < edges && sscanf(line, "%u %u", &a, &b) == 2) {
            pairs[2 * count] = a - 1;
            pairs[2 * count++ + 1] = b - 1;
        }
    }
    pclose(pipe);
    if (pairs == NULL || count == 0) return 0;
    uint32_t *first_out = calloc(nodes + 2, sizeof *first_out), *head = malloc(2 * count * sizeof *head);
    *weights = malloc(2 * count * sizeof **weights);
    for (size_t i = 0; i < count; i++) first_out[pairs[2 * i] + 2]++, first_out[pairs[2 * i + 1] + 2]++;
    for (size_t v = 1; v <= nodes; v++) first_out[v + 1] += first_out[v];
    uint64_t state = 1;
    for (size_t i = 0; i < count; i++)
        for (int back = 0; back < 2; back++) {
            const uint32_t e = first_out[pairs[2 * i + (size_t)back] + 1]++;
            static weight value;
            if (!back) value = 1 + (weight)(stopwatch_random(&state) % 10000);
            head[e] = pairs[2 * i + 1 - (size_t)back];
            (*weights)[e] = value;
        }
    free(pairs);
    *out = (struct digraph){nodes, (uint32_t)(2 * count), first_out, head};
    return 1;
}

/* `cells`: NULL unless the graph is turn-expanded. */
static void measure(const char *name, const struct digraph *graph, const weight *weights, const struct order_cells *cells)
{
    struct error err = ERROR_INIT;
    struct hierarchy *h = NULL;
    struct metric *metric = NULL;
    struct query *query = NULL;
    struct query_path path;
    uint32_t *order = malloc(graph->node_count * sizeof *order);
    double start = stopwatch_us();
    const double start_cpu = stopwatch_cpu_us();
    if (cells)
        must(order_by_cells(graph, cells, 1, order, &err), &err);
    else
        must(order_nested_dissection(graph, NULL, 1, order, &err), &err);
    const double ordered = stopwatch_us() - start, ordered_cpu = stopwatch_cpu_us() - start_cpu;
    start = stopwatch_us();
    must(hierarchy_new(graph, order, &h, &err), &err);
    printf("%s: %u nodes, %u edges; order %.2f s (%.2f s of processor), build %.2f s: %u arcs in %u blocks, depth %u, width %u, %.1f MB\n",
           name, graph->node_count, graph->arc_count, ordered / 1e6, ordered_cpu / 1e6, (stopwatch_us() - start) / 1e6, h->arc_count,
           h->block_count, h->depth, h->width, (double)hierarchy_save_size(h) / 1e6);
    free(order);
    for (unsigned threads = 1; threads <= 2; threads++) {
        double best = 0;
        for (int round = 0; round < 4; round++) {
            metric_free(metric);
            start = stopwatch_us();
            must(metric_new(h, weights, threads, &metric, &err), &err);
            const double taken = stopwatch_us() - start;
            if (round == 0 || taken < best) best = taken;
        }
        printf("  customize on %u thread(s): %.1f ms\n", threads, best / 1e3);
    }
    must(query_new(h, &query, &err), &err);
    double *taken = malloc(QUERIES * sizeof *taken), *taken_path = malloc(QUERIES * sizeof *taken_path);
    uint64_t edges = 0;
    for (int warm = 1; warm >= 0; warm--) {
        uint64_t state = 3;
        for (int i = 0; i < QUERIES; i++) {
            const uint32_t source = (uint32_t)(stopwatch_random(&state) % graph->node_count);
            const uint32_t target = (uint32_t)(stopwatch_random(&state) % graph->node_count);
            start = stopwatch_us();
            query_reset(query, metric);
            must(query_source(query, source, 0), &err);
            must(query_target(query, target, 0), &err);
            const weight best = query_run(query);
            taken[i] = stopwatch_us() - start;
            if (best < WEIGHT_INFINITY) {
                must(query_path(query, &path, &err), &err);
                edges += path.edge_count;
            }
            taken_path[i] = stopwatch_us() - start;
        }
        printf("  %s query p50 %.1f p95 %.1f p99 %.1f us; with path p50 %.1f p95 %.1f p99 %.1f us\n",
               warm ? "first time:" : "again:     ", stopwatch_quantile(taken, QUERIES, 0.5),
               stopwatch_quantile(taken, QUERIES, 0.95), stopwatch_quantile(taken, QUERIES, 0.99),
               stopwatch_quantile(taken_path, QUERIES, 0.5), stopwatch_quantile(taken_path, QUERIES, 0.95),
               stopwatch_quantile(taken_path, QUERIES, 0.99));
    }
    printf("  %.0f edges a path; resident now %.0f MB, at most %.0f MB\n", (double)edges / 2 / QUERIES,
           stopwatch_resident_now_mb(), stopwatch_resident_mb());
    query_free(query);
    metric_free(metric);
    hierarchy_free(h);
    free(taken), free(taken_path);
}

static void run(const char *folder, const char *name, int turn_expanded)
{
    struct digraph graph;
    weight *weights;
    if (!read_graph(folder, name, &graph, &weights)) {
        printf("dimacs_bench: skipped, no dimacs/%s.gr.xz under '%s' (or no xz)\n", name, folder);
        return;
    }
    if (turn_expanded) {
        char title[64];
        struct turns turns;
        uint32_t *tail = malloc(graph.arc_count * sizeof *tail);
        for (uint32_t v = 0; v < graph.node_count; v++)
            for (uint32_t e = graph.first_out[v]; e < graph.first_out[v + 1]; e++) tail[e] = v;
        if (!turns_init(&turns, &graph, tail, weights, 2000)) abort();
        snprintf(title, sizeof title, "%s, turn-expanded", name);
        const struct order_cells cells = {graph.node_count, tail, graph.head, NULL, NULL};
        measure(title, &turns.graph, turns.weight, &cells);
        turns_clear(&turns);
        free(tail);
    } else {
        measure(name, &graph, weights, NULL);
    }
    free((void *)graph.first_out), free((void *)graph.head), free(weights);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : getenv("DATA");
    if (folder == NULL) folder = "";
    if (argc > 2) {
        run(folder, argv[2], argc > 3 && strcmp(argv[3], "turns") == 0);
    } else {
        run(folder, "NY", 0);
        run(folder, "FLA", 0);
        run(folder, "FLA", 1);
    }
    return 0;
}
