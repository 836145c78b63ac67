/* The Luxembourg graph of RoutingKit: 100,000 reference answers computed by others, and times.
 *
 *   luxembourg_bench [folder that holds luxembourg_routingkit]      default: environment DATA
 *
 * 1. node-based graph, travel time and geographic distance: every reference answer must be met;
 * 2. turn-expanded: an arc becomes a node, a turn costs 2 s, a U-turn is allowed only at dead ends. */
#include "routing/hierarchy/many.h"
#include "routing/hierarchy/metric_update.h"
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/potential.h"
#include "routing/hierarchy/query.h"

#include "tests/bench/stopwatch.h"
#include "tests/bench/turns.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERIES = 100000, TURN_MS = 2000 };

struct place {
    double lon, lat;
};

static void *load(const char *folder, const char *name, size_t *count)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/luxembourg_routingkit/luxembourg_%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    void *data = malloc((size_t)size + 1);
    if (data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size) abort();
    fclose(file);
    *count = (size_t)size / 4;
    return data;
}

static void must(enum status status, const struct error *err)
{
    if (status == STATUS_OK) return;
    printf("failed: %s %s\n", status_name(status), err->en);
    exit(1);
}

static void report_paths(const struct hierarchy *h, const struct metric *metric, const uint32_t *source,
                         const uint32_t *target, size_t count, const char *what)
{
    struct error err = ERROR_INIT;
    struct query *query = NULL;
    struct query_path path;
    double *taken = malloc(count * sizeof *taken), *taken_path = malloc(count * sizeof *taken_path);
    uint64_t edges = 0, found = 0;
    must(query_new(h, &query, &err), &err);
    for (int warm = 1; warm >= 0; warm--) /* once to find the origins, once to measure */
        for (size_t i = 0; i < count; i++) {
            const double start = stopwatch_us();
            query_reset(query, metric);
            must(query_source(query, source[i], 0), &err);
            must(query_target(query, target[i], 0), &err);
            const weight best = query_run(query);
            const double ran = stopwatch_us();
            if (best < WEIGHT_INFINITY) {
                must(query_path(query, &path, &err), &err);
                edges += path.edge_count;
                found++;
            }
            taken[i] = ran - start;
            taken_path[i] = stopwatch_us() - start;
        }
    printf("  %s: query p50 %.1f p95 %.1f p99 %.1f us (mean %.1f); with path p50 %.1f p95 %.1f p99 %.1f us (mean %.1f), "
           "%.0f edges\n",
           what, stopwatch_quantile(taken, count, 0.5), stopwatch_quantile(taken, count, 0.95),
           stopwatch_quantile(taken, count, 0.99), stopwatch_mean(taken, count),
           stopwatch_quantile(taken_path, count, 0.5), stopwatch_quantile(taken_path, count, 0.95),
           stopwatch_quantile(taken_path, count, 0.99), stopwatch_mean(taken_path, count),
           found ? (double)edges / (double)found : 0.0);
    query_free(query);
    free(taken);
    free(taken_path);
}

static size_t check(const struct hierarchy *h, const struct metric *metric, const uint32_t *source,
                    const uint32_t *target, const uint32_t *reference, size_t count)
{
    struct error err = ERROR_INIT;
    struct query *query = NULL;
    size_t equal = 0;
    must(query_new(h, &query, &err), &err);
    for (size_t i = 0; i < count; i++) {
        query_reset(query, metric);
        must(query_source(query, source[i], 0), &err);
        must(query_target(query, target[i], 0), &err);
        equal += query_run(query) == reference[i];
    }
    query_free(query);
    return equal;
}

enum method { BY_NODES, BY_CELLS, BY_METIS };

static struct hierarchy *prepare(const struct digraph *graph, const struct order_coordinates *places, const struct order_cells *cells,
                                 enum method method, const char *what)
{
    struct error err = ERROR_INIT;
    struct hierarchy *h = NULL;
    uint32_t *order = malloc(graph->node_count * sizeof *order);
    double start = stopwatch_us();
    const double start_cpu = stopwatch_cpu_us();
    if (method == BY_METIS)
        must(order_metis(graph, 1, order, &err), &err);
    else if (method == BY_CELLS)
        must(order_by_cells(graph, cells, 1, order, &err), &err);
    else
        must(order_nested_dissection(graph, places, 1, order, &err), &err);
    const double ordered = stopwatch_us() - start, ordered_cpu = stopwatch_cpu_us() - start_cpu;
    start = stopwatch_us();
    must(hierarchy_new(graph, order, &h, &err), &err);
    const double built = stopwatch_us() - start;
    free(order);
    printf("%s: %u nodes, %u edges; order %.2f s (%.2f s of processor), build %.1f ms: %u arcs in %u blocks, depth %u, width %u, %.1f MB\n",
           what, graph->node_count, graph->arc_count, ordered / 1e6, ordered_cpu / 1e6, built / 1e3, h->arc_count, h->block_count,
           h->depth, h->width, (double)hierarchy_save_size(h) / 1e6);
    return h;
}

static struct metric *customize(const struct hierarchy *h, const weight *weights, const char *what)
{
    struct error err = ERROR_INIT;
    double best[3] = {0};
    struct metric *metric = NULL;
    for (unsigned threads = 1; threads <= 2; threads++)
        for (int round = 0; round < 7; round++) {
            metric_free(metric);
            metric = NULL;
            const double start = stopwatch_us();
            must(metric_new(h, weights, threads, &metric, &err), &err);
            const double taken = stopwatch_us() - start;
            if (round == 0 || taken < best[threads]) best[threads] = taken;
        }
    printf("  %s: customize %.1f ms on one thread, %.1f ms on two; metric %.1f MB\n", what, best[1] / 1e3, best[2] / 1e3,
           (double)metric_bytes(metric) / 1e6);
    return metric;
}

static const unsigned zone_counts[] = {1, 3, 10, 30, 100, 300};

/* Closes `zones` discs of 1 km around random places (edges whose tail lies inside), then opens them again. */
static void report_zones(const struct metric *metric, const struct place *tail, uint32_t edge_count, unsigned zones)
{
    struct error err = ERROR_INIT;
    struct metric *own = NULL;
    enum { ROUNDS = 41 };
    double taken[2 * ROUNDS];
    uint64_t changed = 0, state = 42;
    uint32_t *edges = malloc(edge_count * sizeof *edges);
    weight *weights = malloc(edge_count * sizeof *weights);
    must(metric_dup(metric, &own, &err), &err);
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = 0;
        struct place centre[1000];
        for (unsigned z = 0; z < zones; z++) centre[z] = tail[stopwatch_random(&state) % edge_count];
        for (uint32_t e = 0; e < edge_count; e++)
            for (unsigned z = 0; z < zones; z++) {
                const double x = (tail[e].lon - centre[z].lon) * 71500, y = (tail[e].lat - centre[z].lat) * 111200;
                if (x * x + y * y > 500.0 * 500.0) continue;
                edges[count++] = e;
                break;
            }
        for (int open = 0; open < 2; open++) {
            for (size_t i = 0; i < count; i++) weights[i] = open ? metric->edge[edges[i]] : WEIGHT_INFINITY;
            const double start = stopwatch_us();
            must(metric_update(own, edges, weights, count, &err), &err);
            taken[2 * round + open] = stopwatch_us() - start;
        }
        changed += count;
    }
    if (memcmp(own->up, metric->up, metric->hierarchy->arc_count * sizeof *own->up) != 0 ||
        memcmp(own->down, metric->down, metric->hierarchy->arc_count * sizeof *own->down) != 0) {
        printf("failed: zones closed and opened again leave another metric\n");
        exit(1);
    }
    printf("  take in or out %u zones of 1 km across (%.0f edges): p50 %.2f ms, p95 %.2f ms\n", zones,
           (double)changed / ROUNDS, stopwatch_quantile(taken, 2 * ROUNDS, 0.5) / 1e3,
           stopwatch_quantile(taken, 2 * ROUNDS, 0.95) / 1e3);
    metric_free(own);
    free(edges);
    free(weights);
}

static void report_potential(const struct hierarchy *h, const struct metric *metric, const uint32_t *target,
                             size_t count)
{
    struct error err = ERROR_INIT;
    struct potential *potential = NULL;
    uint64_t sum = 0;
    must(potential_new(h, &potential, &err), &err);
    double start = stopwatch_us();
    for (size_t i = 0; i < count; i++) {
        potential_reset(potential, metric);
        potential_target(potential, target[i], 0);
        sum += potential_get(potential, target[(i + 1) % count]);
    }
    const double one = (stopwatch_us() - start) / (double)count;
    start = stopwatch_us();
    potential_reset(potential, metric);
    potential_target(potential, target[0], 0);
    for (uint32_t v = 0; v < h->node_count; v++) sum += potential_get(potential, v);
    printf("  potential: set a target and ask for one node %.1f us; for all nodes %.2f ms (sum %llu)\n", one,
           (stopwatch_us() - start) / 1e3, (unsigned long long)sum);
    potential_free(potential);
}

static void report_matrix(const struct metric *metric, const uint32_t *source, const uint32_t *target, uint32_t side)
{
    struct error err = ERROR_INIT;
    const struct many_places sources = {.count = side, .node = source}, targets = {.count = side, .node = target};
    weight *out = malloc((size_t)side * side * sizeof *out);
    const double start = stopwatch_us();
    must(many_to_many(metric, &sources, &targets, out, &err), &err);
    printf("  matrix of %u x %u: %.1f ms\n", side, side, (stopwatch_us() - start) / 1e3);
    free(out);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : getenv("DATA");
    size_t n = 0, m = 0, count = 0;
    uint32_t *first_out = folder ? load(folder, "first_out", &n) : NULL;
    if (first_out == NULL) {
        printf("luxembourg_bench: skipped, no luxembourg_routingkit folder under '%s'\n", folder ? folder : "");
        return 0;
    }
    n--;
    uint32_t *head = load(folder, "head", &m), *time = load(folder, "travel_time", &m);
    uint32_t *length = load(folder, "geo_distance", &m);
    float *lat = load(folder, "latitude", &count), *lon = load(folder, "longitude", &count);
    uint32_t *source = load(folder, "source_node", &count), *target = load(folder, "target_node", &count);
    uint32_t *by_time = load(folder, "query_reference_travel_time_length", &count);
    uint32_t *by_length = load(folder, "query_reference_geo_distance_length", &count);
    if (!head || !time || !length || !lat || !lon || !source || !target || !by_time || !by_length) abort();

    const struct digraph graph = {(uint32_t)n, (uint32_t)m, first_out, head};
    int32_t *lon_e7 = malloc(m * sizeof *lon_e7), *lat_e7 = malloc(m * sizeof *lat_e7);
    uint32_t *tail = malloc(m * sizeof *tail);
    struct place *tail_place = malloc(m * sizeof *tail_place);
    for (uint32_t v = 0; v < n; v++) {
        lon_e7[v] = (int32_t)lround(lon[v] * 1e7), lat_e7[v] = (int32_t)lround(lat[v] * 1e7);
        for (uint32_t e = first_out[v]; e < first_out[v + 1]; e++) {
            tail[e] = v;
            tail_place[e] = (struct place){lon[v], lat[v]};
        }
    }
    struct order_coordinates coordinates = {lon_e7, lat_e7};
    struct hierarchy *h = prepare(&graph, &coordinates, NULL, BY_NODES, "node-based");
    struct metric *metric = customize(h, length, "distance");
    size_t equal = check(h, metric, source, target, by_length, count);
    printf("  geo_distance: %zu of %zu reference answers match\n", equal, count);
    int failed = equal != count;
    metric_free(metric);
    metric = customize(h, time, "travel time");
    equal = check(h, metric, source, target, by_time, count);
    printf("  travel_time: %zu of %zu reference answers match\n", equal, count);
    failed |= equal != count;
    report_paths(h, metric, source, target, count, "travel time");
    malloc_trim(0); /* what ordering and the tries before have freed */
    printf("  resident now %.1f MB, at most %.1f MB (with the input, %.1f MB of it the answers to check)\n",
           stopwatch_resident_now_mb(), stopwatch_resident_mb(), (double)count * 16 / 1e6);
    report_potential(h, metric, target, 1000);
    report_matrix(metric, source, target, 1000);
    for (size_t i = 0; i < sizeof zone_counts / sizeof *zone_counts; i++) report_zones(metric, tail_place, (uint32_t)m, zone_counts[i]);
    metric_free(metric);
    hierarchy_free(h);

    struct turns turns;
    if (!turns_init(&turns, &graph, tail, time, TURN_MS)) abort();
    const struct digraph expanded = turns.graph;
    const uint32_t *turn_first = turns.first_out, *turn_head = turns.head;
    const weight *turn = turns.weight;
    int32_t *arc_lon = malloc(m * sizeof *arc_lon), *arc_lat = malloc(m * sizeof *arc_lat);
    struct place *turn_place = malloc(expanded.arc_count * sizeof *turn_place);
    for (uint32_t a = 0; a < m; a++) {
        arc_lon[a] = (int32_t)(((int64_t)lon_e7[tail[a]] + lon_e7[head[a]]) / 2);
        arc_lat[a] = (int32_t)(((int64_t)lat_e7[tail[a]] + lat_e7[head[a]]) / 2);
        for (uint32_t e = turn_first[a]; e < turn_first[a + 1]; e++) turn_place[e] = tail_place[turn_head[e]];
    }
    const struct order_cells cells = {(uint32_t)n, tail, head, lon_e7, lat_e7}, placeless = {(uint32_t)n, tail, head, NULL, NULL};
    h = prepare(&expanded, NULL, &cells, BY_CELLS, "turn-expanded");
    metric = customize(h, turn, "travel time");
    uint64_t state = 7;
    for (size_t i = 0; i < count; i++) {
        source[i] = (uint32_t)(stopwatch_random(&state) % m);
        target[i] = (uint32_t)(stopwatch_random(&state) % m);
    }
    report_paths(h, metric, source, target, count, "travel time");
    malloc_trim(0); /* what ordering and the tries before have freed */
    printf("  resident now %.1f MB, at most %.1f MB (with the input, %.1f MB of it the answers to check)\n",
           stopwatch_resident_now_mb(), stopwatch_resident_mb(), (double)count * 16 / 1e6);
    report_potential(h, metric, target, 1000);
    report_matrix(metric, source, target, 1000);
    for (size_t i = 0; i < sizeof zone_counts / sizeof *zone_counts; i++) report_zones(metric, turn_place, expanded.arc_count, zone_counts[i]);
    metric_free(metric);
    hierarchy_free(h);

    coordinates = (struct order_coordinates){arc_lon, arc_lat};
    h = prepare(&expanded, &coordinates, NULL, BY_NODES, "turn-expanded, ordered as any graph");
    metric = customize(h, turn, "travel time");
    report_paths(h, metric, source, target, count, "travel time");
    metric_free(metric);
    hierarchy_free(h);
    h = prepare(&expanded, NULL, NULL, BY_METIS, "turn-expanded, ordered by METIS");
    metric = customize(h, turn, "travel time");
    report_paths(h, metric, source, target, count, "travel time");
    metric_free(metric);
    hierarchy_free(h);
    h = prepare(&expanded, NULL, &placeless, BY_CELLS, "turn-expanded, ordered without coordinates");
    hierarchy_free(h);
    free(first_out), free(head), free(time), free(length), free(lat), free(lon), free(source), free(target);
    free(by_time), free(by_length), free(lon_e7), free(lat_e7), free(tail), free(tail_place), free(arc_lon), free(arc_lat), free(turn_place);
    turns_clear(&turns);
    return failed;
}
