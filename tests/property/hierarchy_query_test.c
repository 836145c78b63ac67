#include "routing/hierarchy/order.h"
#include "routing/hierarchy/potential.h"
#include "routing/hierarchy/query.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { GRAPHS = 1500, QUERIES = 12, NODES_MAX = 70 };

static uint64_t seed;

static struct hierarchy *build(const struct oracle_graph *g, uint64_t *state)
{
    struct error err = ERROR_INIT;
    struct hierarchy *h = NULL;
    if (oracle_below(state, 3) == 0) {
        uint32_t *order = malloc(g->graph.node_count * sizeof *order);
        assert_int_equal(order_nested_dissection(&g->graph, NULL, 7, order, &err), STATUS_OK);
        assert_int_equal(hierarchy_new(&g->graph, order, &h, &err), STATUS_OK);
        free(order);
    } else {
        assert_int_equal(hierarchy_new(&g->graph, g->order, &h, &err), STATUS_OK);
    }
    return h;
}

static void random_ends(uint64_t *state, uint32_t n, uint32_t *nodes, weight *initial, uint32_t *count)
{
    *count = 1 + (oracle_below(state, 3) ? 0 : oracle_below(state, 4));
    for (uint32_t i = 0; i < *count; i++) {
        nodes[i] = oracle_below(state, n);
        initial[i] = oracle_below(state, 2) ? 0 : oracle_weight(state);
    }
}

static void check_path(const struct oracle_graph *g, struct query *query, weight best, const uint32_t *sources,
                       const weight *source_weight, const uint32_t *targets, const weight *target_weight)
{
    struct error err = ERROR_INIT;
    struct query_path path;
    assert_int_equal(query_path(query, &path, &err), STATUS_OK);
    uint64_t sum = (uint64_t)source_weight[path.source] + target_weight[path.target];
    assert_int_equal(path.nodes[0], sources[path.source]);
    assert_int_equal(path.nodes[path.edge_count], targets[path.target]);
    for (uint32_t i = 0; i < path.edge_count; i++) {
        const uint32_t e = path.edges[i], v = path.nodes[i];
        assert_true(e >= g->first_out[v] && e < g->first_out[v + 1]);
        assert_int_equal(g->head[e], path.nodes[i + 1]);
        sum += g->weight[e];
    }
    assert_int_equal(sum, best);
}

static void distances_and_paths_equal_those_of_dijkstra(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < GRAPHS; round++) {
        uint64_t state = seed + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        oracle_graph_init(&g, &state, NODES_MAX);
        const uint32_t n = g.graph.node_count;
        struct hierarchy *h = build(&g, &state);
        struct metric *metric = NULL;
        struct query *query = NULL;
        assert_int_equal(metric_new(h, g.weight, 1, &metric, &err), STATUS_OK);
        assert_int_equal(query_new(h, &query, &err), STATUS_OK);
        weight *begin = malloc(n * sizeof *begin), *distance = malloc(n * sizeof *distance);
        for (uint32_t q = 0; q < QUERIES; q++) {
            uint32_t sources[8], targets[8], source_count, target_count;
            weight source_weight[8], target_weight[8];
            random_ends(&state, n, sources, source_weight, &source_count);
            random_ends(&state, n, targets, target_weight, &target_count);
            for (uint32_t v = 0; v < n; v++) begin[v] = WEIGHT_INFINITY;
            query_reset(query, metric);
            for (uint32_t i = 0; i < source_count; i++) {
                assert_int_equal(query_source(query, sources[i], source_weight[i]), STATUS_OK);
                if (source_weight[i] < begin[sources[i]]) begin[sources[i]] = source_weight[i];
            }
            weight expected = WEIGHT_INFINITY;
            oracle_dijkstra(&g, begin, 0, distance);
            for (uint32_t i = 0; i < target_count; i++) {
                assert_int_equal(query_target(query, targets[i], target_weight[i]), STATUS_OK);
                weight sum = weight_add(distance[targets[i]], target_weight[i]);
                if (sum < expected) expected = sum;
            }
            weight best = query_run(query);
            if (best != expected) fail_msg("round %u, query %u: %u, Dijkstra says %u", round, q, best, expected);
            if (best < WEIGHT_INFINITY)
                check_path(&g, query, best, sources, source_weight, targets, target_weight);
        }
        free(begin);
        free(distance);
        query_free(query);
        metric_free(metric);
        hierarchy_free(h);
        oracle_graph_clear(&g);
    }
}

/* Every meeting is a way of its weight, the best comes first, and a wider search loses nothing. */
static void meetings_are_ways_and_the_best_comes_first(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < 400; round++) {
        uint64_t state = seed + 3000000 + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        oracle_graph_init(&g, &state, NODES_MAX);
        struct hierarchy *h = build(&g, &state);
        struct metric *metric = NULL;
        struct query *query = NULL;
        assert_int_equal(metric_new(h, g.weight, 1, &metric, &err), STATUS_OK);
        assert_int_equal(query_new(h, &query, &err), STATUS_OK);
        for (uint32_t q = 0; q < QUERIES; q++) {
            const uint32_t source = oracle_below(&state, g.graph.node_count);
            const uint32_t target = oracle_below(&state, g.graph.node_count), permille = oracle_below(&state, 800);
            const weight none = 0;
            struct query_meeting all[NODES_MAX], few[3];
            weight best[2];
            uint32_t first[2] = {0}, count = 0;
            for (int within = 0; within < 2; within++) {
                query_reset(query, metric);
                assert_int_equal(query_source(query, source, 0), STATUS_OK);
                assert_int_equal(query_target(query, target, 0), STATUS_OK);
                best[within] = within ? query_run_within(query, permille) : query_run(query);
                if (best[within] == WEIGHT_INFINITY) continue;
                const weight limit = weight_add(best[within], best[within] / 1000 * permille);
                count = query_meetings(query, limit, all, NODES_MAX);
                assert_true(count > 0);
                assert_int_equal(all[0].weight, best[within]);
                first[within] = all[0].node;
            }
            assert_int_equal(best[0], best[1]);
            if (best[1] == WEIGHT_INFINITY) continue;
            assert_int_equal(first[0], first[1]);
            const uint32_t some = query_meetings(query, all[count - 1].weight, few, 3);
            assert_int_equal(some, count < 3 ? count : 3);
            assert_memory_equal(few, all, some * sizeof *few);
            for (uint32_t i = 0; i < count; i++) {
                struct query_path path;
                uint64_t sum = 0;
                assert_true(i == 0 || all[i - 1].weight <= all[i].weight);
                assert_int_equal(query_path_via(query, all[i].node, &path, &err), STATUS_OK);
                for (uint32_t k = 0; k < path.edge_count; k++) sum += g.weight[path.edges[k]];
                assert_int_equal(sum, all[i].weight);
                assert_int_equal(path.nodes[0], source);
                assert_int_equal(path.nodes[path.edge_count], target);
            }
            check_path(&g, query, best[1], &source, &none, &target, &none);
        }
        query_free(query);
        metric_free(metric);
        hierarchy_free(h);
        oracle_graph_clear(&g);
    }
}

static void potentials_equal_exact_distances(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < GRAPHS; round++) {
        uint64_t state = seed + 1000000 + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        oracle_graph_init(&g, &state, NODES_MAX);
        const uint32_t n = g.graph.node_count;
        struct hierarchy *h = build(&g, &state);
        struct metric *metric = NULL;
        struct potential *potential = NULL;
        assert_int_equal(metric_new(h, g.weight, 1, &metric, &err), STATUS_OK);
        assert_int_equal(potential_new(h, &potential, &err), STATUS_OK);
        weight *begin = malloc(n * sizeof *begin), *distance = malloc(n * sizeof *distance);
        for (uint32_t q = 0; q < 4; q++) {
            uint32_t targets[8], count;
            weight initial[8];
            random_ends(&state, n, targets, initial, &count);
            for (uint32_t v = 0; v < n; v++) begin[v] = WEIGHT_INFINITY;
            const bool from = oracle_below(&state, 3) == 0;
            if (from)
                potential_reset_from(potential, metric);
            else
                potential_reset(potential, metric);
            for (uint32_t i = 0; i < count; i++) {
                potential_target(potential, targets[i], initial[i]);
                if (initial[i] < begin[targets[i]]) begin[targets[i]] = initial[i];
            }
            oracle_dijkstra(&g, begin, !from, distance);
            for (uint32_t i = 0; i < n; i++) {
                uint32_t v = q == 3 ? i : oracle_below(&state, n);
                weight value = potential_get(potential, v);
                if (value != distance[v])
                    fail_msg("round %u: potential of %u is %u, Dijkstra says %u", round, v, value, distance[v]);
            }
        }
        free(begin);
        free(distance);
        potential_free(potential);
        metric_free(metric);
        hierarchy_free(h);
        oracle_graph_clear(&g);
    }
}

static void the_same_question_gives_the_same_path_after_other_questions(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < 200; round++) {
        uint64_t state = seed + 2000000 + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        oracle_graph_init(&g, &state, NODES_MAX);
        for (uint32_t e = 0; e < g.graph.arc_count; e++) g.weight[e] %= 3; /* many ties */
        const uint32_t n = g.graph.node_count;
        struct hierarchy *h = build(&g, &state);
        struct metric *metric[2];
        struct query *query[2];
        struct query_path path[2];
        for (int i = 0; i < 2; i++) {
            assert_int_equal(metric_new(h, g.weight, 1, &metric[i], &err), STATUS_OK);
            assert_int_equal(query_new(h, &query[i], &err), STATUS_OK);
        }
        for (uint32_t q = 0; q < 20; q++) { /* [1] has answered others before; [0] is fresh each time */
            uint32_t from = oracle_below(&state, n), to = oracle_below(&state, n);
            weight best[2];
            metric_free(metric[0]);
            assert_int_equal(metric_new(h, g.weight, 1, &metric[0], &err), STATUS_OK);
            for (int i = 0; i < 2; i++) {
                query_reset(query[i], metric[i]);
                assert_int_equal(query_source(query[i], from, 0), STATUS_OK);
                assert_int_equal(query_target(query[i], to, 0), STATUS_OK);
                best[i] = query_run(query[i]);
                if (best[i] < WEIGHT_INFINITY)
                    assert_int_equal(query_path(query[i], &path[i], &err), STATUS_OK);
            }
            assert_int_equal(best[0], best[1]);
            if (best[0] == WEIGHT_INFINITY) continue;
            assert_int_equal(path[0].edge_count, path[1].edge_count);
            assert_memory_equal(path[0].nodes, path[1].nodes, (path[0].edge_count + 1) * sizeof(uint32_t));
            if (path[0].edge_count)
                assert_memory_equal(path[0].edges, path[1].edges, path[0].edge_count * sizeof(uint32_t));
        }
        for (int i = 0; i < 2; i++) {
            metric_free(metric[i]);
            query_free(query[i]);
        }
        hierarchy_free(h);
        oracle_graph_clear(&g);
    }
}

int main(void)
{
    seed = oracle_seed("hierarchy_query");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_and_paths_equal_those_of_dijkstra),
        cmocka_unit_test(meetings_are_ways_and_the_best_comes_first),
        cmocka_unit_test(potentials_equal_exact_distances),
        cmocka_unit_test(the_same_question_gives_the_same_path_after_other_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
