#include "routing/hierarchy/pairs.h"
#include "routing/hierarchy/query.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { GRAPHS = 1500, NODES_MAX = 60, PLACES_MAX = 12, ENTRIES_MAX = 4 };

static uint64_t seed;

struct drawn {
    uint32_t first[PLACES_MAX + 1], node[PLACES_MAX * ENTRIES_MAX];
    weight initial[PLACES_MAX * ENTRIES_MAX];
    struct many_places places;
};

static void draw(struct drawn *out, uint64_t *state, uint32_t nodes)
{
    uint32_t at = 0;
    out->places = (struct many_places){1 + oracle_below(state, PLACES_MAX - 1), out->first, out->node, out->initial};
    for (uint32_t i = 0; i < out->places.count; i++) {
        out->first[i] = at;
        for (uint32_t k = oracle_below(state, ENTRIES_MAX + 1); k > 0; k--) {
            out->node[at] = oracle_below(state, nodes);
            out->initial[at++] = oracle_below(state, 3) ? oracle_below(state, 6) : 0;
        }
    }
    out->first[out->places.count] = at;
}

/* Which edges were taken, not only how many. */
static void count_edge(void *context, uint32_t edge, struct pair_sums *sums)
{
    ++*(uint64_t *)context;
    sums->first += 1;
    sums->second += ((uint64_t)edge + 1) * ((uint64_t)edge + 1) * 2654435761u;
}

static void check_row(const struct metric *metric, struct query *query, const struct drawn *sources, uint32_t i, const struct drawn *targets,
                      const struct pair *row, const uint32_t *asked, uint32_t asked_count, uint32_t round, uint32_t *ways)
{
    struct error err = ERROR_INIT;
    uint64_t unused = 0;
    for (uint32_t n = 0; n < asked_count; n++) {
        const uint32_t j = asked[n];
        query_reset(query, metric);
        for (uint32_t k = sources->first[i]; k < sources->first[i + 1]; k++)
            assert_int_equal(query_source(query, sources->node[k], sources->initial[k]), STATUS_OK);
        for (uint32_t k = targets->first[j]; k < targets->first[j + 1]; k++)
            assert_int_equal(query_target(query, targets->node[k], targets->initial[k]), STATUS_OK);
        const weight best = query_run(query);
        assert_int_equal(row[n].weight, best);
        if (best == WEIGHT_INFINITY) continue;
        struct query_path path;
        struct pair_sums sums = {0, 0};
        assert_int_equal(query_path(query, &path, &err), STATUS_OK);
        for (uint32_t e = 0; e < path.edge_count; e++) count_edge(&unused, path.edges[e], &sums);
        if (row[n].sums.first != sums.first || row[n].sums.second != sums.second || row[n].source != path.source ||
            row[n].target - targets->first[j] != path.target)
            fail_msg("round %u: from %u to %u: another way of the same weight than the query's", round, i, j);
        ++*ways;
    }
}

/* Weights small enough that many ways tie; `zero`: some edges cost nothing. */
static void pairs_in_graph(uint32_t round, uint32_t *ways, uint64_t *edges)
{
    uint64_t state = seed + round;
    struct error err = ERROR_INIT;
    struct oracle_graph g;
    struct hierarchy *h = NULL;
    struct pairs *pairs = NULL;
    struct query *query = NULL;
    oracle_graph_init(&g, &state, NODES_MAX);
    for (uint32_t e = 0; e < g.graph.arc_count && round % 3; e++)
        if (g.weight[e] < WEIGHT_INFINITY) g.weight[e] = 1 + g.weight[e] % 4;
    for (uint32_t e = 0; e < g.graph.arc_count && round % 3 == 0; e++) g.weight[e] += g.weight[e] == 0;
    assert_int_equal(hierarchy_new(&g.graph, g.order, &h, &err), STATUS_OK);
    assert_int_equal(pairs_new(h, &pairs, &err), STATUS_OK);
    assert_int_equal(query_new(h, &query, &err), STATUS_OK);
    for (int again = 0; again < 2; again++) { /* one that is used once more remembers nothing */
        struct metric *metric = NULL;
        struct drawn sources, targets;
        if (again)
            for (uint32_t e = 0; e < g.graph.arc_count; e++)
                if (oracle_below(&state, 2)) g.weight[e] = 1 + oracle_below(&state, 5);
        assert_int_equal(metric_new(h, g.weight, 1, &metric, &err), STATUS_OK);
        draw(&sources, &state, g.graph.node_count);
        draw(&targets, &state, g.graph.node_count);
        assert_int_equal(pairs_targets(pairs, metric, &targets.places, count_edge, edges, &err), STATUS_OK);
        for (uint32_t i = 0; i < sources.places.count; i++) {
            struct pair row[PLACES_MAX];
            uint32_t asked[PLACES_MAX], count = 0;
            for (uint32_t j = 0; j < targets.places.count; j++)
                if (oracle_below(&state, 4)) asked[count++] = j;
            assert_int_equal(pairs_row(pairs, sources.node + sources.first[i], sources.initial + sources.first[i],
                                       sources.first[i + 1] - sources.first[i], asked, count, row, &err), STATUS_OK);
            check_row(metric, query, &sources, i, &targets, row, asked, count, round, ways);
        }
        metric_free(metric);
    }
    query_free(query);
    pairs_free(pairs);
    hierarchy_free(h);
    oracle_graph_clear(&g);
}

static void pairs_name_the_ways_that_queries_name(void **unused)
{
    (void)unused;
    uint32_t ways = 0;
    uint64_t edges = 0;
    for (uint32_t round = 0; round < GRAPHS; round++) pairs_in_graph(round, &ways, &edges);
    printf("hierarchy_pairs: %u ways, %llu edges counted\n", ways, (unsigned long long)edges);
    assert_true(ways > 1000);
}

int main(void)
{
    seed = oracle_seed("hierarchy_pairs");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_name_the_ways_that_queries_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
