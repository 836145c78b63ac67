/* Matching against routes that were driven: traces without noise are found again, traces with noise never cost more than
 * the truth does. */
#include "tests/property/compare_match.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { TRACES = 8, ARCS_MAX = 64 };

static uint32_t rounds(uint32_t n)
{
    const char *scale = getenv("ROUNDS");
#if defined(__SANITIZE_ADDRESS__)
    n /= 3;
#endif
    return scale ? (uint32_t)strtoul(scale, NULL, 10) : n;
}

/* A drive: arcs that follow each other by lawful turns, by chance; never round on the spot. */
static uint32_t drive_make(const struct turn_graph *g, const struct network *n, uint64_t *random, arc_id *arcs)
{
    arc_id a = oracle_below(random, n->arc_count);
    uint32_t count = 0, most = 3 + oracle_below(random, ARCS_MAX - 4);
    for (arcs[count++] = a; count < most; arcs[count++] = a) {
        arc_id open[64];
        uint32_t opens = 0;
        for (turn_id t = g->first_out[a]; t < g->first_out[a + 1] && opens < 64; t++) {
            arc_id b = g->node_arc[g->head[t]];
            if (b != network_opposite(n, a) && !(g->forbidden_to[t])) open[opens++] = b;
        }
        if (opens == 0) break;
        a = open[oracle_below(random, opens)];
    }
    return count;
}

static void run(const char *name, struct world_options options, uint32_t count, uint32_t step_mm, uint32_t sigma_mm, bool noisy)
{
    uint64_t seed = oracle_seed(name);
    struct match_tally t = {0};
    for (uint32_t i = 0; i < (getenv("SEED") && !getenv("ROUNDS") ? 1 : count); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct projection *projection = NULL;
        route_world_make(&w, &options, &random);
        const struct network *n = &w.f.network;
        assert_int_equal(projection_open(n->projection, &projection, &err), STATUS_OK);
        for (uint32_t k = 0; k < TRACES; k++) {
            arc_id arcs[ARCS_MAX];
            uint32_t driven = drive_make(&w.f.turns, n, &random, arcs);
            match_compare(&w.base, projection, arcs, driven, step_mm, sigma_mm, noisy, &random, &t, seed + i);
        }
        projection_close(projection);
        route_world_clear(&w);
    }
    printf("%s: %u traces, %u matched whole, %u of %u positions on the arc they were driven on\n", name, t.traces, t.whole, t.right,
           t.positions);
}

static const struct world_options WORLD = {.zones = 1, .size_m = 5000, .nodes = 40, .roads = 70};

static void traces_without_noise_are_matched_whole_and_no_longer_than_driven(void **state)
{
    (void)state;
    run("match exact", WORLD, rounds(40), 150000, 5000, false);
}

static void sparse_traces_without_noise_cost_no_more_than_the_truth(void **state)
{
    (void)state;
    run("match sparse", WORLD, rounds(25), 700000, 5000, false);
}

static void traces_with_noise_cost_no_more_than_the_truth(void **state)
{
    (void)state;
    run("match noise", WORLD, rounds(40), 100000, 10000, true);
}

/* On roads of hundreds of kilometres; a way round of three kilometres is looked for between any two positions. */
static void traces_across_a_country_are_matched(void **state)
{
    (void)state;
    static const struct world_options far = {.zones = 1, .size_m = 1500000, .nodes = 40, .roads = 70};
    run("match far", far, rounds(6), 3000000, 5000, false);
    run("match far noise", far, rounds(6), 2500000, 10000, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_without_noise_are_matched_whole_and_no_longer_than_driven),
        cmocka_unit_test(sparse_traces_without_noise_cost_no_more_than_the_truth),
        cmocka_unit_test(traces_with_noise_cost_no_more_than_the_truth),
        cmocka_unit_test(traces_across_a_country_are_matched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
