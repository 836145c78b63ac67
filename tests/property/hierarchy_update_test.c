#include "routing/hierarchy/metric_update.h"
#include "routing/hierarchy/metric_update_arcs.h"
#include "routing/hierarchy/metric_update_blocks.h"
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/query.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { GRAPHS = 1500, UPDATES = 8, NODES_MAX = 80 };

static uint64_t seed;

/* The same ways, not only the same weights: origins must not survive what they came from. */
static void check_ways(const struct hierarchy *h, const struct metric *a, const struct metric *b, uint64_t *state)
{
    struct error err = ERROR_INIT;
    struct query *query[2];
    struct query_path path[2];
    const struct metric *metric[2] = {a, b};
    for (int i = 0; i < 2; i++) assert_int_equal(query_new(h, &query[i], &err), STATUS_OK);
    for (int q = 0; q < 6; q++) {
        const uint32_t from = oracle_below(state, h->node_count), to = oracle_below(state, h->node_count);
        weight best[2];
        for (int i = 0; i < 2; i++) {
            query_reset(query[i], metric[i]);
            assert_int_equal(query_source(query[i], from, 0), STATUS_OK);
            assert_int_equal(query_target(query[i], to, 0), STATUS_OK);
            best[i] = query_run(query[i]);
            if (best[i] < WEIGHT_INFINITY) assert_int_equal(query_path(query[i], &path[i], &err), STATUS_OK);
        }
        assert_int_equal(best[0], best[1]);
        if (best[0] == WEIGHT_INFINITY) continue;
        assert_int_equal(path[0].edge_count, path[1].edge_count);
        if (path[0].edge_count)
            assert_memory_equal(path[0].edges, path[1].edges, path[0].edge_count * sizeof(uint32_t));
    }
    query_free(query[0]);
    query_free(query[1]);
}

static void an_updated_metric_equals_one_made_anew(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < GRAPHS; round++) {
        uint64_t state = seed + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        oracle_graph_init(&g, &state, NODES_MAX);
        if (round % 3 == 0)
            for (uint32_t e = 0; e < g.graph.arc_count; e++) g.weight[e] %= 4; /* ties */
        if (g.graph.arc_count == 0) {
            oracle_graph_clear(&g);
            continue;
        }
        struct hierarchy *h = NULL;
        struct metric *first = NULL, *updated = NULL;
        if (round % 2) assert_int_equal(order_nested_dissection(&g.graph, NULL, 3, g.order, &err), STATUS_OK);
        assert_int_equal(hierarchy_new(&g.graph, g.order, &h, &err), STATUS_OK);
        assert_int_equal(metric_new(h, g.weight, 1, &first, &err), STATUS_OK);
        assert_int_equal(metric_dup(first, &updated, &err), STATUS_OK);
        for (uint32_t u = 0; u < UPDATES; u++) {
            uint32_t edges[32], count = 1 + oracle_below(&state, 20);
            weight weights[32];
            const uint32_t kind = oracle_below(&state, 4);
            for (uint32_t i = 0; i < count; i++) {
                edges[i] = oracle_below(&state, g.graph.arc_count);
                weights[i] = kind == 0   ? WEIGHT_INFINITY
                             : kind == 1 ? first->edge[edges[i]]
                             : kind == 2 ? oracle_below(&state, 4)
                                         : oracle_weight(&state);
                g.weight[edges[i]] = weights[i];
            }
            check_ways(h, updated, updated, &state); /* so that origins are known before they go wrong */
            switch (oracle_below(&state, 5)) {
            case 0: assert_int_equal(metric_update(updated, edges, weights, count, &err), STATUS_OK); break;
            case 1:
            case 2: assert_int_equal(metric_update_arcs(updated, edges, weights, count, &err), STATUS_OK); break;
            default: assert_int_equal(metric_update_blocks(updated, edges, weights, count, &err), STATUS_OK); break;
            }
            struct metric *anew = NULL;
            assert_int_equal(metric_new(h, g.weight, 1, &anew, &err), STATUS_OK);
            for (uint32_t a = 0; a < h->arc_count; a++)
                if (anew->up[a] != updated->up[a] || anew->down[a] != updated->down[a])
                    fail_msg("round %u, update %u, arc %u: %u %u, anew %u %u", round, u, a, updated->up[a],
                             updated->down[a], anew->up[a], anew->down[a]);
            assert_memory_equal(anew->edge, updated->edge, h->edge_count * sizeof *anew->edge);
            check_ways(h, updated, anew, &state);
            metric_free(anew);
        }
        metric_free(first);
        metric_free(updated);
        hierarchy_free(h);
        oracle_graph_clear(&g);
    }
}

static void an_update_that_is_refused_changes_nothing(void **unused)
{
    (void)unused;
    uint64_t state = seed;
    struct error err = ERROR_INIT;
    struct oracle_graph g;
    struct hierarchy *h = NULL;
    struct metric *metric = NULL, *before = NULL;
    do oracle_graph_init(&g, &state, NODES_MAX);
    while (g.graph.arc_count < 4 && (oracle_graph_clear(&g), 1));
    assert_int_equal(hierarchy_new(&g.graph, g.order, &h, &err), STATUS_OK);
    assert_int_equal(metric_new(h, g.weight, 1, &metric, &err), STATUS_OK);
    assert_int_equal(metric_dup(metric, &before, &err), STATUS_OK);
    const uint32_t edges[] = {0, 1, g.graph.arc_count}, fine[] = {0, 1};
    const weight weights[] = {5, 5, 5}, heavy[] = {5, WEIGHT_INFINITY + 1};
    assert_int_equal(metric_update(metric, edges, weights, 3, &err), STATUS_INVALID);
    assert_int_equal(metric_update(metric, fine, heavy, 2, &err), STATUS_INVALID);
    assert_memory_equal(metric->up, before->up, h->arc_count * sizeof *before->up);
    assert_memory_equal(metric->edge, before->edge, h->edge_count * sizeof *before->edge);
    metric_free(metric);
    metric_free(before);
    hierarchy_free(h);
    oracle_graph_clear(&g);
}

int main(void)
{
    seed = oracle_seed("hierarchy_update");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_updated_metric_equals_one_made_anew),
        cmocka_unit_test(an_update_that_is_refused_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
