#include "routing/hierarchy/dissection.h"
#include "routing/hierarchy/hierarchy.h"
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/separator.h"
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

enum { GRAPHS = 150, NODES_MAX = 900 };

static uint64_t seed;

static void *must(void *memory)
{
    assert_non_null(memory);
    return memory;
}

/* The undirected simple graph below a digraph, in its own arrays. */
struct simple {
    struct piece piece;
    uint32_t *first, *adjacent;
};

static void simple_init(struct simple *out, const struct digraph *graph)
{
    const uint32_t n = graph->node_count;
    bool *joined = must(calloc((size_t)n * n, sizeof *joined));
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t e = graph->first_out[v]; e < graph->first_out[v + 1]; e++)
            if (graph->head[e] != v)
                joined[(size_t)v * n + graph->head[e]] = joined[(size_t)graph->head[e] * n + v] = true;
    out->first = must(malloc((n + 1) * sizeof *out->first));
    out->adjacent = must(malloc((2 * (size_t)graph->arc_count + 1) * sizeof *out->adjacent));
    uint32_t count = 0;
    for (uint32_t v = 0; v < n; v++) {
        out->first[v] = count;
        for (uint32_t u = 0; u < n; u++)
            if (joined[(size_t)v * n + u]) out->adjacent[count++] = u;
    }
    out->first[n] = count;
    out->piece = (struct piece){.node_count = n, .first = out->first, .adjacent = out->adjacent};
    free(joined);
}

static void simple_clear(struct simple *simple)
{
    free(simple->first);
    free(simple->adjacent);
}

static void check_permutation(const uint32_t *order, uint32_t n)
{
    bool *seen = must(calloc((size_t)n + 1, sizeof *seen));
    for (uint32_t r = 0; r < n; r++) {
        assert_true(order[r] < n);
        assert_false(seen[order[r]]);
        seen[order[r]] = true;
    }
    free(seen);
}

static void orders_are_permutations_and_separators_separate(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < GRAPHS; round++) {
        uint64_t state = seed + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        struct simple simple;
        oracle_graph_init(&g, &state, NODES_MAX);
        const uint32_t n = g.graph.node_count;
        simple_init(&simple, &g.graph);
        uint32_t *order = must(malloc(n * sizeof *order));
        assert_int_equal(order_nested_dissection(&g.graph, NULL, 5, order, &err), STATUS_OK);
        check_permutation(order, n);
        assert_int_equal(order_metis(&g.graph, 5, order, &err), STATUS_OK);
        check_permutation(order, n);

        struct separator_workspace *workspace = must(separator_workspace_new(n));
        uint8_t *side = must(malloc(n));
        int32_t *x = must(malloc(n * sizeof *x)), *y = must(malloc(n * sizeof *y));
        for (uint32_t v = 0; v < n; v++) {
            x[v] = (int32_t)oracle_random(&state);
            y[v] = (int32_t)oracle_random(&state);
        }
        if (round % 2) simple.piece.x = x, simple.piece.y = y;
        /* a piece need not be connected for the cut to be one */
        separator_find(workspace, &simple.piece, 1 + round % 5, seed, side);
        for (uint32_t v = 0; v < n; v++) {
            assert_true(side[v] <= SEPARATOR_CUT);
            for (uint32_t e = simple.first[v]; e < simple.first[v + 1]; e++)
                assert_false(side[v] == SEPARATOR_LEFT && side[simple.adjacent[e]] == SEPARATOR_RIGHT);
        }
        separator_workspace_free(workspace);
        free(side);
        free(x);
        free(y);
        free(order);
        simple_clear(&simple);
        oracle_graph_clear(&g);
    }
}

/* A square grid: its best separators are known to be about as wide as its side. */
static void a_grid_is_cut_along_its_side_and_threads_change_nothing(void **unused)
{
    (void)unused;
    enum { SIDE = 110, N = SIDE * SIDE };
    uint32_t *first = must(malloc((N + 1) * sizeof *first)), *head = must(malloc(4 * N * sizeof *head));
    uint32_t *order[3], count = 0;
    for (uint32_t v = 0; v < N; v++) {
        first[v] = count;
        if (v % SIDE) head[count++] = v - 1;
        if (v % SIDE + 1 < SIDE) head[count++] = v + 1;
        if (v >= SIDE) head[count++] = v - SIDE;
        if (v + SIDE < N) head[count++] = v + SIDE;
    }
    first[N] = count;
    const struct piece piece = {.node_count = N, .first = first, .adjacent = head};
    const struct digraph graph = {N, count, first, head};
    struct error err = ERROR_INIT;
    struct hierarchy *h = NULL;
    for (unsigned t = 0; t < 3; t++) {
        order[t] = must(malloc(N * sizeof *order[t]));
        assert_int_equal(dissection_order(&piece, NULL, t + 1, 11, order[t], &err), STATUS_OK);
        assert_memory_equal(order[t], order[0], N * sizeof **order);
    }
    check_permutation(order[0], N);
    assert_int_equal(hierarchy_new(&graph, order[0], &h, &err), STATUS_OK);
    /* perfect dissection: SIDE at the top, halved in both directions in turn: 1 + 1 + 1/2 + 1/2 + … = 4 sides deep */
    assert_true(h->depth < 6 * SIDE);
    hierarchy_free(h);
    for (unsigned t = 0; t < 3; t++) free(order[t]);
    free(first);
    free(head);
}

/* A chain is contracted in rounds, so its tree must be about as deep as its logarithm. */
static void a_long_chain_makes_a_shallow_tree(void **unused)
{
    (void)unused;
    enum { N = 4096 };
    uint32_t *first = must(malloc((N + 1) * sizeof *first)), *head = must(malloc(2 * N * sizeof *head));
    uint32_t *order = must(malloc(N * sizeof *order)), count = 0;
    for (uint32_t v = 0; v < N; v++) {
        first[v] = count;
        if (v) head[count++] = v - 1;
        if (v + 1 < N) head[count++] = v + 1;
    }
    first[N] = count;
    const struct digraph graph = {N, count, first, head};
    struct error err = ERROR_INIT;
    struct hierarchy *h = NULL;
    assert_int_equal(order_nested_dissection(&graph, NULL, 1, order, &err), STATUS_OK);
    check_permutation(order, N);
    assert_int_equal(hierarchy_new(&graph, order, &h, &err), STATUS_OK);
    assert_true(h->depth <= 30);
    hierarchy_free(h);
    free(first);
    free(head);
    free(order);
}

int main(void)
{
    seed = oracle_seed("hierarchy_order");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_permutations_and_separators_separate),
        cmocka_unit_test(a_grid_is_cut_along_its_side_and_threads_change_nothing),
        cmocka_unit_test(a_long_chain_makes_a_shallow_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
