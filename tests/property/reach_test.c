/* Reach against the oracle of routes: a position is in a contour exactly if the oracle finds a leg there within its
 * limit; and the area holds every position that is. */
#include "routing/planner/planner_reach.h"
#include "tests/property/compare_reach.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ORIGINS = 4, TARGETS = 60, LABELS = 300000 };

/* `once`: a world that was got wrong once, before the others; 0: none. */
static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer, uint64_t once)
{
    uint64_t seed = oracle_seed(name);
    uint32_t first = once ? 1 : 0;
    struct reach_tally t = {0};
    for (uint32_t i = 0; oracle_goes_on(i, count + first, t.in > 0 && t.out > 0 && t.never > 0); i++) {
        uint64_t round_seed = i < first ? once : seed + i - first, random = round_seed;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < ORIGINS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.prefer = prefer;
            uint32_t unit = prefer == PREFER_DISTANCE ? 20000000 : 1200000; /* for 40 km */
            reach_compare(p, &w, &q, places[0], options.size_m > 500000 ? 36 * unit : unit, TARGETS, LABELS, &random, &t, round_seed);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u positions in, %u out (%u never), %u origins refused, %u answers not exact\n", name, t.in, t.out, t.never,
           t.refused, t.inexact);
    if (!getenv("SEED")) assert_true(t.in > 0 && t.out > 0 && t.never > 0);
}

static void positions_within_a_time_are_those_the_oracle_reaches(void **state)
{
    (void)state;
    run("reach static", (struct world_options){.zones = 5, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 55},
        oracle_rounds(60), PREFER_TIME, 0);
}

static void positions_within_a_length_are_those_the_oracle_reaches(void **state)
{
    (void)state;
    run("reach distance", (struct world_options){.zones = 4, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 55},
        oracle_rounds(40), PREFER_DISTANCE, 0);
}

/* Where rules change meanwhile and the answer does not say exact, it may be too small, never too large. */
static void under_rules_that_come_and_go_nothing_unlawful_is_reached(void **state)
{
    (void)state;
    run("reach timed",
        (struct world_options){.timed = true, .zones = 5, .closures = 2, .size_m = 40000, .nodes = 25, .roads = 40},
        oracle_rounds(60), PREFER_TIME, 1795753315); /* comes by while stopping is forbidden, and past it */
    run("reach shared", (struct world_options){.shared = true, .timed = true, .zones = 2, .closures = 1, .size_m = 30000, .nodes = 16, .roads = 30},
        oracle_rounds(40), PREFER_TIME, 0);
}

/* Turns are forbidden to some, one by one and over several roads: arcs have copies. */
static void no_turn_is_taken_that_is_forbidden(void **state)
{
    (void)state;
    const struct world_options options = {.zones = 5, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 60, .chains = 40, .bans = 10};
    run("reach turns", options, oracle_rounds(40), PREFER_TIME, 0);
    run("reach turns distance", options, oracle_rounds(20), PREFER_DISTANCE, 0);
}

static void positions_within_days_are_those_the_oracle_reaches(void **state)
{
    (void)state;
    struct world_options far = {.zones = 5, .closures = 2, .size_m = 1500000, .nodes = 25, .roads = 40}, timed = far;
    timed.timed = true;
    run("reach far", far, oracle_rounds(6), PREFER_TIME, 0);
    run("reach far timed", timed, oracle_rounds(8), PREFER_TIME, 0);
}

static void a_search_that_is_cut_short_says_so(void **state)
{
    (void)state;
    uint64_t random = 7;
    struct world_options options = {.size_m = 40000, .nodes = 30, .roads = 55};
    static struct route_world w;
    struct error err = ERROR_INIT;
    struct planner *p = NULL;
    struct route_request q;
    struct oracle_place places[CALLS_MAX + 1];
    uint32_t place_count;
    struct arena arena;
    route_world_make(&w, &options, &random);
    assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
    struct reach_answer a = {.contour_count = 1, .contours = {{.limit = 7200000}}};
    arena_init(&arena, 4 << 20);
    do { /* an origin from which one comes far */
        while (!route_world_request(&w, &options, &random, &q, places, &place_count)) {}
    } while (planner_reach(p, w.view, &q, &q.calls[0], false, 0, &arena, &a, &err) != STATUS_OK || a.settled < 10);
    q.budget_settled = 3;
    assert_int_equal(planner_reach(p, w.view, &q, &q.calls[0], false, 0, &arena, &a, &err), STATUS_SEARCH_BUDGET_EXCEEDED);
    bool cancelled = true;
    q.budget_settled = 0;
    q.cancelled = &cancelled;
    assert_int_equal(planner_reach(p, w.view, &q, &q.calls[0], false, 200000, &arena, &a, &err), STATUS_CANCELLED);
    reach_answer_clear(&a);
    arena_clear(&arena);
    planner_free(p);
    route_world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_within_a_time_are_those_the_oracle_reaches),
        cmocka_unit_test(positions_within_a_length_are_those_the_oracle_reaches),
        cmocka_unit_test(under_rules_that_come_and_go_nothing_unlawful_is_reached),
        cmocka_unit_test(no_turn_is_taken_that_is_forbidden),
        cmocka_unit_test(positions_within_days_are_those_the_oracle_reaches),
        cmocka_unit_test(a_search_that_is_cut_short_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
