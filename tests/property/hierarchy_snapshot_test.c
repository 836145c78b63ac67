#include "routing/hierarchy/many.h"
#include "routing/hierarchy/metric_update_arcs.h"
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

enum { GRAPHS = 300, DAMAGES = 40, NODES_MAX = 40 };

static uint64_t seed;

/* Uses everything that reads a hierarchy; the answers do not matter, staying within bounds does. */
static void use(const struct hierarchy *h, const weight *weights, uint64_t *state)
{
    struct error err = ERROR_INIT;
    struct metric *metric = NULL;
    struct query *query = NULL;
    struct potential *potential = NULL;
    assert_int_equal(metric_new(h, weights, 1, &metric, &err), STATUS_OK);
    assert_int_equal(query_new(h, &query, &err), STATUS_OK);
    assert_int_equal(potential_new(h, &potential, &err), STATUS_OK);
    for (uint32_t round = 0; round < 3; round++) {
        const uint32_t source = oracle_below(state, h->node_count), target = oracle_below(state, h->node_count);
        struct query_path path;
        query_reset(query, metric);
        assert_int_equal(query_source(query, source, 0), STATUS_OK);
        assert_int_equal(query_target(query, target, 0), STATUS_OK);
        if (query_run(query) < WEIGHT_INFINITY && query_path(query, &path, &err) == STATUS_OK)
            for (uint32_t i = 0; i <= path.edge_count; i++) assert_true(path.nodes[i] < h->node_count);
        potential_reset(potential, metric);
        potential_target(potential, target, 0);
        (void)potential_get(potential, source);
        if (h->edge_count) {
            const uint32_t edge = oracle_below(state, h->edge_count);
            const weight other = oracle_weight(state);
            assert_int_equal(metric_update_arcs(metric, &edge, &other, 1, &err), STATUS_OK);
        }
    }
    weight cell;
    uint32_t node = oracle_below(state, h->node_count);
    const struct many_places places = {.count = 1, .node = &node};
    assert_int_equal(many_to_many(metric, &places, &places, &cell, &err), STATUS_OK);
    potential_free(potential);
    query_free(query);
    metric_free(metric);
}

static void what_is_saved_opens_as_it_was(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < GRAPHS; round++) {
        uint64_t state = seed + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        struct hierarchy *h = NULL, *opened = NULL;
        oracle_graph_init(&g, &state, NODES_MAX);
        assert_int_equal(hierarchy_new(&g.graph, g.order, &h, &err), STATUS_OK);
        const size_t size = hierarchy_save_size(h);
        void *region = malloc(size), *again = malloc(size);
        hierarchy_save(h, region);
        assert_int_equal(hierarchy_open(region, size, &opened, &err), STATUS_OK);
        hierarchy_save(opened, again);
        assert_memory_equal(region, again, size);
        struct metric *a = NULL, *b = NULL;
        assert_int_equal(metric_new(h, g.weight, 1, &a, &err), STATUS_OK);
        assert_int_equal(metric_new(opened, g.weight, 1, &b, &err), STATUS_OK);
        if (h->arc_count) assert_memory_equal(a->up, b->up, h->arc_count * sizeof *a->up);
        use(opened, g.weight, &state);
        metric_free(a);
        metric_free(b);
        hierarchy_free(opened);
        hierarchy_free(h);
        free(region);
        free(again);
        oracle_graph_clear(&g);
    }
}

/* Damage under a checksum that fits (a forged file, or a writer with a defect): it is refused, or it is harmless. */
static void a_forged_hierarchy_is_refused_or_stays_within_bounds(void **unused)
{
    (void)unused;
    uint32_t refused = 0, harmless = 0;
    for (uint32_t round = 0; round < GRAPHS; round++) {
        uint64_t state = seed + 500000 + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        struct hierarchy *h = NULL;
        oracle_graph_init(&g, &state, NODES_MAX);
        assert_int_equal(hierarchy_new(&g.graph, g.order, &h, &err), STATUS_OK);
        const size_t size = hierarchy_save_size(h), words = size / 4;
        uint32_t *region = malloc(size);
        for (uint32_t d = 0; d < DAMAGES; d++) {
            hierarchy_save(h, region);
            struct hierarchy forged = *h, *opened = NULL;
            forged.memory = region;
            for (uint32_t i = 1 + oracle_below(&state, 2); i > 0; i--) {
                uint32_t *word = &region[16 + oracle_below(&state, (uint32_t)words - 16)];
                switch (oracle_below(&state, 4)) {
                case 0: *word = (uint32_t)oracle_random(&state); break;
                case 1: *word += 1; break;
                case 2: *word -= 1; break;
                default: *word = oracle_below(&state, h->node_count + 2); break;
                }
            }
            hierarchy_seal(&forged);
            if (hierarchy_open(region, size, &opened, &err) != STATUS_OK) {
                refused++;
                continue;
            }
            harmless++;
            use(opened, g.weight, &state);
            hierarchy_free(opened);
        }
        free(region);
        hierarchy_free(h);
        oracle_graph_clear(&g);
    }
    printf("refused %u, harmless %u\n", refused, harmless);
    assert_true(refused > harmless); /* what is left are unused words and numbers put back as they were */
}

int main(void)
{
    seed = oracle_seed("hierarchy_snapshot");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_opens_as_it_was),
        cmocka_unit_test(a_forged_hierarchy_is_refused_or_stays_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
