#include "routing/hierarchy/hierarchy.h"
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* 0 -1-> 1 -1-> 2 -1-> 3, a slower parallel edge 0 -5-> 1, a loop at 2, an island 4 */
static const uint32_t first_out[] = {0, 2, 3, 5, 5, 5}, heads[] = {1, 1, 2, 2, 3};
static const weight weights[] = {1, 5, 1, 0, 1};
static const struct digraph line = {5, 5, first_out, heads};
static const uint32_t order[] = {1, 4, 2, 0, 3};

static struct hierarchy *build(void)
{
    struct hierarchy *h = NULL;
    struct error err = ERROR_INIT;
    assert_int_equal(hierarchy_new(&line, order, &h, &err), STATUS_OK);
    return h;
}

static void a_way_is_reported_with_its_nodes_edges_and_ends(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct hierarchy *h = build();
    struct metric *metric = NULL;
    struct query *query = NULL;
    struct query_path path;
    assert_int_equal(metric_new(h, weights, 1, &metric, &err), STATUS_OK);
    assert_int_equal(query_new(h, &query, &err), STATUS_OK);
    query_reset(query, metric);
    assert_int_equal(query_source(query, 4, 0), STATUS_OK);
    assert_int_equal(query_source(query, 0, 10), STATUS_OK);
    assert_int_equal(query_target(query, 3, 4), STATUS_OK);
    assert_int_equal(query_run(query), 17);
    assert_int_equal(query_path(query, &path, &err), STATUS_OK);
    assert_int_equal(path.edge_count, 3);
    const uint32_t nodes[] = {0, 1, 2, 3}, edges[] = {0, 2, 4};
    assert_memory_equal(path.nodes, nodes, sizeof nodes);
    assert_memory_equal(path.edges, edges, sizeof edges);
    assert_int_equal(path.source, 1);
    assert_int_equal(path.target, 0);
    query_free(query);
    metric_free(metric);
    hierarchy_free(h);
}

static void a_node_that_is_source_and_target_has_an_empty_way(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct hierarchy *h = build();
    struct metric *metric = NULL;
    struct query *query = NULL;
    struct query_path path;
    assert_int_equal(metric_new(h, weights, 1, &metric, &err), STATUS_OK);
    assert_int_equal(query_new(h, &query, &err), STATUS_OK);
    query_reset(query, metric);
    assert_int_equal(query_source(query, 2, 3), STATUS_OK);
    assert_int_equal(query_target(query, 2, 4), STATUS_OK);
    assert_int_equal(query_run(query), 7);
    assert_int_equal(query_path(query, &path, &err), STATUS_OK);
    assert_int_equal(path.edge_count, 0);
    assert_int_equal(path.nodes[0], 2);
    query_reset(query, metric);
    assert_int_equal(query_run(query), WEIGHT_INFINITY);
    query_reset(query, metric);
    assert_int_equal(query_source(query, 3, 0), STATUS_OK);
    assert_int_equal(query_target(query, 0, 0), STATUS_OK);
    assert_int_equal(query_run(query), WEIGHT_INFINITY);
    query_free(query);
    metric_free(metric);
    hierarchy_free(h);
}

static void a_graph_of_no_nodes_and_one_of_one_node_are_graphs(void **state)
{
    (void)state;
    const uint32_t zeros[] = {0, 0};
    for (uint32_t n = 0; n < 2; n++) {
        struct error err = ERROR_INIT;
        const struct digraph graph = {n, 0, zeros, zeros};
        uint32_t own[1] = {0};
        struct hierarchy *h = NULL;
        struct metric *metric = NULL;
        assert_int_equal(order_nested_dissection(&graph, NULL, 1, own, &err), STATUS_OK);
        assert_int_equal(hierarchy_new(&graph, own, &h, &err), STATUS_OK);
        assert_int_equal(metric_new(h, weights, 1, &metric, &err), STATUS_OK);
        metric_free(metric);
        hierarchy_free(h);
    }
}

static void what_is_no_graph_or_no_order_is_refused(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct hierarchy *h = NULL;
    struct metric *metric = NULL;
    const uint32_t twice[] = {1, 4, 2, 0, 0}, far[] = {1, 4, 2, 0, 5}, bad_heads[] = {1, 1, 2, 2, 5};
    const uint32_t falling[] = {0, 2, 1, 5, 5, 5};
    const struct digraph bad_head = {5, 5, first_out, bad_heads}, bad_first = {5, 5, falling, heads};
    assert_int_equal(hierarchy_new(&line, twice, &h, &err), STATUS_INVALID);
    assert_int_equal(hierarchy_new(&line, far, &h, &err), STATUS_INVALID);
    assert_int_equal(hierarchy_new(&bad_head, order, &h, &err), STATUS_INVALID);
    assert_int_equal(hierarchy_new(&bad_first, order, &h, &err), STATUS_INVALID);
    assert_null(h);
    h = build();
    const weight heavy[] = {1, 5, 1, 0, WEIGHT_INFINITY + 1};
    assert_int_equal(metric_new(h, heavy, 1, &metric, &err), STATUS_INVALID);
    assert_null(metric);
    hierarchy_free(h);
}

static void a_saved_hierarchy_opens_as_it_was_and_no_damaged_byte_passes(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct hierarchy *h = build(), *opened = NULL;
    const size_t size = hierarchy_save_size(h);
    unsigned char *region = malloc(size + 8), *again = malloc(size);
    hierarchy_save(h, region);
    assert_int_equal(hierarchy_open(region, size, &opened, &err), STATUS_OK);
    assert_int_equal(opened->arc_count, h->arc_count);
    hierarchy_save(opened, again);
    assert_memory_equal(region, again, size);
    hierarchy_free(opened);
    opened = NULL;
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            region[i] ^= (unsigned char)(1 << bit);
            assert_int_equal(hierarchy_open(region, size, &opened, &err), STATUS_CORRUPT);
            region[i] ^= (unsigned char)(1 << bit);
        }
    for (size_t short_size = 0; short_size < size; short_size++)
        assert_int_equal(hierarchy_open(region, short_size, &opened, &err), STATUS_CORRUPT);
    assert_int_equal(hierarchy_open(region, size + 8, &opened, &err), STATUS_CORRUPT);
    assert_null(opened);
    free(region);
    free(again);
    hierarchy_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_way_is_reported_with_its_nodes_edges_and_ends),
        cmocka_unit_test(a_node_that_is_source_and_target_has_an_empty_way),
        cmocka_unit_test(a_graph_of_no_nodes_and_one_of_one_node_are_graphs),
        cmocka_unit_test(what_is_no_graph_or_no_order_is_refused),
        cmocka_unit_test(a_saved_hierarchy_opens_as_it_was_and_no_damaged_byte_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
