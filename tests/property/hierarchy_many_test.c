#include "routing/hierarchy/many.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { GRAPHS = 600, NODES_MAX = 60, PLACES_MAX = 40 };

static uint64_t seed;

struct drawn {
    uint32_t first[PLACES_MAX + 1], node[PLACES_MAX * 3];
    weight initial[PLACES_MAX * 3];
    struct many_places places;
};

static void draw(struct drawn *out, uint64_t *state, uint32_t nodes)
{
    out->places = (struct many_places){oracle_below(state, PLACES_MAX), out->first, out->node, out->initial};
    const bool plain = oracle_below(state, 3) == 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i < out->places.count; i++) {
        out->first[i] = at;
        for (uint32_t k = plain ? 1 : oracle_below(state, 4); k > 0; k--) {
            out->node[at] = oracle_below(state, nodes);
            out->initial[at++] = plain ? 0 : oracle_weight(state);
        }
    }
    out->first[out->places.count] = at;
    if (plain) out->places.first = NULL, out->places.initial = NULL;
}

static void a_matrix_equals_one_dijkstra_per_source(void **unused)
{
    (void)unused;
    for (uint32_t round = 0; round < GRAPHS; round++) {
        uint64_t state = seed + round;
        struct error err = ERROR_INIT;
        struct oracle_graph g;
        struct hierarchy *h = NULL;
        struct metric *metric = NULL;
        oracle_graph_init(&g, &state, NODES_MAX);
        const uint32_t n = g.graph.node_count;
        assert_int_equal(hierarchy_new(&g.graph, g.order, &h, &err), STATUS_OK);
        assert_int_equal(metric_new(h, g.weight, 1, &metric, &err), STATUS_OK);
        struct drawn sources, targets;
        draw(&sources, &state, n);
        draw(&targets, &state, n);
        weight *out = malloc(((size_t)sources.places.count * targets.places.count + 1) * sizeof *out);
        assert_int_equal(many_to_many(metric, &sources.places, &targets.places, out, &err), STATUS_OK);
        weight *begin = malloc(n * sizeof *begin), *distance = malloc(n * sizeof *distance);
        for (uint32_t i = 0; i < sources.places.count; i++) {
            for (uint32_t v = 0; v < n; v++) begin[v] = WEIGHT_INFINITY;
            for (uint32_t k = sources.first[i]; k < sources.first[i + 1]; k++)
                if (sources.initial[k] < begin[sources.node[k]]) begin[sources.node[k]] = sources.initial[k];
            oracle_dijkstra(&g, begin, 0, distance);
            for (uint32_t j = 0; j < targets.places.count; j++) {
                weight expected = WEIGHT_INFINITY;
                for (uint32_t k = targets.first[j]; k < targets.first[j + 1]; k++) {
                    const weight sum = weight_add(distance[targets.node[k]], targets.initial[k]);
                    if (sum < expected) expected = sum;
                }
                assert_int_equal(out[(size_t)i * targets.places.count + j], expected);
            }
        }
        free(out);
        free(begin);
        free(distance);
        metric_free(metric);
        hierarchy_free(h);
        oracle_graph_clear(&g);
    }
}

int main(void)
{
    seed = oracle_seed("hierarchy_many");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_matrix_equals_one_dijkstra_per_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
