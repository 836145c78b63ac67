/* Matching against routes that were driven: traces without noise are found again, traces with noise never cost more than
 * the truth does. */
#include "routing/match/match_judge.h"
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

/* ---- turns that are forbidden ------------------------------------------------------------------------------------- */

/* May the drive [first, last] be driven? By trying every way through the turn graph that has these arcs. */
static bool drivable(const struct turn_graph *g, uint8_t subject, arc_node u, const arc_id *arcs, uint32_t count)
{
    if (count == 0) return true;
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++)
        if (g->node_arc[g->head[t]] == arcs[0] && !(g->forbidden_to[t] & subject) && drivable(g, subject, g->head[t], arcs + 1, count - 1))
            return true;
    return false;
}

/* Arcs by chance, whatever the signs say: each forbidden turn is told, those over several roads too, and no other. */
static void forbidden_turns_are_told(void **state)
{
    (void)state;
    enum { DRIVE = 12 };
    const struct world_options options = {.zones = 1, .size_m = 40000, .nodes = 30, .roads = 60, .chains = 60};
    uint64_t seed = oracle_seed("match turns");
    uint32_t wrong = 0, over = 0, count = oracle_rounds(40);
    for (uint32_t i = 0; oracle_goes_on(i, count, wrong > 0 && over > 0); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        static struct constraint c;
        struct error err = ERROR_INIT;
        struct pieces pieces;
        struct arena arena;
        struct route_request q;
        struct oracle_place places[CALLS_MAX + 1];
        uint32_t place_count;
        route_world_make(&w, &options, &random);
        const struct network *n = &w.f.network;
        while (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
        arena_init(&arena, 64 << 20);
        assert_int_equal(pieces_init(&pieces, n, vehicle_is_lorry(&q.vehicle), &err), STATUS_OK);
        assert_int_equal(constraint_init(&c, &w.base, w.rules, &q, &pieces, q.depart_ms + 86400000, q.depart_ms + 4 * 86400000ll, NULL,
                                         &arena, &err), STATUS_OK);
        for (uint32_t k = 0; k < 20; k++) {
            arc_id arcs[DRIVE] = {oracle_below(&random, n->arc_count)};
            struct match_piece driven[DRIVE];
            struct match_position positions[2] = {{.at_ms = MATCH_NO_TIME}, {.at_ms = MATCH_NO_TIME}};
            const uint32_t ends[2] = {0, 1};
            uint32_t length = 1, from = 0, stretch_count, told = 0;
            const struct match_stretch *stretches;
            for (; length < DRIVE; length++) {
                node_id v = n->arc_head[arcs[length - 1]];
                uint32_t out = n->node_first_arc[v + 1] - n->node_first_arc[v];
                if (out == 0) break;
                arcs[length] = n->node_first_arc[v] + oracle_below(&random, out);
            }
            for (uint32_t a = 0; a < length; a++) driven[a] = (struct match_piece){arcs[a], 0, network_arc_length_mm(n, arcs[a]), 0};
            struct match_point points[2] = {{.arc = arcs[0]}, {.arc = arcs[length - 1], .offset_mm = driven[length - 1].to_mm}};
            const struct match_answer answer = {.point_count = 2, .points = points};
            const struct matching m = {.point_count = 2, .positions = ends, .piece_count = length, .pieces = driven};
            assert_int_equal(match_judge(&c, positions, &answer, &m, &arena, &stretches, &stretch_count, &err), STATUS_OK);
            for (uint32_t a = 1; a < length; a++) {
                bool open = drivable(&w.f.turns, c.subject, arcs[from], arcs + from + 1, a - from), said = false;
                for (uint32_t s = 0; s < stretch_count; s++) said = said || (stretches[s].first_piece == a && stretches[s].turn);
                if (open == said)
                    fail_msg("seed %llu drive %u: the turn into arc %u of the drive is %s", (unsigned long long)seed + i, k, a,
                             open ? "open, and called forbidden" : "forbidden, and nothing said");
                over += !open && drivable(&w.f.turns, c.subject, arcs[a - 1], arcs + a, 1);
                if (!open) from = a; /* it goes on as if it had begun there */
                told += said;
            }
            wrong += told;
        }
        constraint_done(&c);
        pieces_clear(&pieces);
        arena_clear(&arena);
        route_world_clear(&w);
    }
    printf("match turns: %u forbidden turns, %u of them over several roads\n", wrong, over);
    if (!getenv("SEED")) assert_true(wrong > 0 && over > 0);
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
        cmocka_unit_test(forbidden_turns_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
