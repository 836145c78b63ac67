/* Networks of 1,500 km, where costs by distance are counted in centimetres, each move rounded by itself: plans, tables, orders and
 * reach against the oracle, which rounds by itself. */
#include "routing/planner/planner_order.h"
#include "routing/planner/planner_route.h"
#include "routing/planner/planner_table.h"
#include "tests/property/compare_reach.h"
#include "tests/property/compare_route.h"
#include "tests/property/compare_table.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { REQUESTS = 10, LABELS = 300000, SIDE = 5 };

static const struct world_options far_world = {.zones = 4, .closures = 2, .size_m = 1500000, .nodes = 30, .roads = 55};
static const struct world_options open_world = {.size_m = 1500000, .nodes = 30, .roads = 55}; /* where most orders have a plan */

static struct route_world w;
static struct planner *p;

static void world_make(const struct world_options *options, uint64_t *random)
{
    struct error err = ERROR_INIT;
    route_world_make(&w, options, random);
    assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
}

static void world_clear(void)
{
    planner_free(p);
    route_world_clear(&w);
}

static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer)
{
    uint64_t seed = oracle_seed(name);
    struct route_tally t = {0};
    for (uint32_t i = 0; oracle_goes_on(i, count, t.plans > 0 && t.none > 0); i++) {
        uint64_t random = seed + i;
        world_make(&options, &random);
        assert_int_equal(oracle_route_unit_mm(&w.f.network), options.size_m > 500000 ? 10 : 1);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.prefer = prefer;
            route_compare(p, &w, &q, places, place_count, LABELS, &t, seed + i);
        }
        world_clear();
    }
    printf("%s: %u plans (%u by guided search, %u gates), %u without, %u skipped\n", name, t.plans, t.second_tier, t.gates, t.none, t.skipped);
    if (!getenv("SEED")) assert_true(t.plans > 0 && t.none > 0);
}

static void plans_of_long_networks_cost_what_the_oracle_finds(void **state)
{
    (void)state;
    struct world_options tolls = far_world, timed = far_world;
    tolls.tolls = timed.timed = true;
    run("long distance", far_world, oracle_rounds(120), PREFER_DISTANCE);
    run("long distance timed", timed, oracle_rounds(40), PREFER_DISTANCE);
    run("long time", far_world, oracle_rounds(40), PREFER_TIME);
    run("long cost", tolls, oracle_rounds(40), PREFER_COST);
}

/* What changes only after the day that a first reading of the rules lasts: roads, zones and gates that open then, and credentials,
 * asked for or earning less inspection, that hold from then on. */
enum put_off { CLOSURES_END, ZONES_END, GATES_OPEN, CREDENTIALS_BEGIN, GREEN_BEGINS, PUT_OFF_COUNT };

static int64_t after_a_day(int64_t depart_ms, uint64_t *random)
{
    return depart_ms + 24 * 3600000 + (int64_t)oracle_below(random, 14 * 60) * 60000;
}

static void put_off_rules(enum put_off what, int64_t depart_ms, uint64_t *random)
{
    static const struct requirement pass = {.type = 0};
    static const struct requirement_group group = {1, &pass};
    static const credential_type_index green[1] = {0};
    for (uint32_t i = 0; i < w.input.closure_count && what == CLOSURES_END; i++) {
        w.closures[i].action = CLOSURE_CLOSED;
        w.closures[i].schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = after_a_day(depart_ms, random)};
    }
    for (uint32_t i = 0; i < w.input.zone_count && what == ZONES_END; i++) {
        w.zone_rules[i][0].kind = RULE_CLOSED;
        w.zones[i].schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = after_a_day(depart_ms, random)};
    }
    for (uint32_t i = 0; i < w.input.checkpoint_count && what >= GATES_OPEN; i++) {
        struct checkpoint *c = &w.checkpoints[i];
        c->opening = (struct schedule){.from_ms = what == GATES_OPEN ? after_a_day(depart_ms, random) : INT64_MIN, .until_ms = TIME_OPEN};
        c->group_count = what == CREDENTIALS_BEGIN, c->groups = &group;
        c->green_count = what == GREEN_BEGINS, c->green = green;
        c->normal_ms = 3600000, c->green_ms = what == GREEN_BEGINS ? 0 : 3600000;
    }
    route_world_publish(&w);
}

/* Nothing else changes, so that the longer reading differs in this alone. */
static void plans_come_when_what_is_put_off_is_there(void **state)
{
    (void)state;
    const struct world_options options = {.zones = 3, .closures = 3, .size_m = 1500000, .nodes = 30, .roads = 45};
    uint64_t seed = oracle_seed("long put off");
    struct route_tally t = {0};
    uint32_t late[PUT_OFF_COUNT] = {0}, count = oracle_rounds(300);
    for (uint32_t i = 0; oracle_goes_on(i, count, late[0] && late[1] && late[2] && late[3] && late[4]); i++) {
        const enum put_off what = (enum put_off)(i % PUT_OFF_COUNT);
        uint64_t random = seed + i;
        world_make(&options, &random);
        for (uint32_t z = 0; z < options.zones && what != CLOSURES_END; z++) w.zone_rules[z][0].exempt_count = 0;
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count, plans = t.plans;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            if (k == 0) put_off_rules(what, q.depart_ms, &random);
            q.vehicle.speed_limit_expressway_kmh = 30, q.vehicle.speed_limit_other_kmh = 20; /* it is days under way */
            q.credential_count = what == CREDENTIALS_BEGIN || what == GREEN_BEGINS;
            q.credentials[0] = (struct credential){.type_code = "pass", .issued_ms = INT64_MIN, .valid_until_ms = TIME_OPEN,
                                                   .valid_from_ms = after_a_day(q.depart_ms, &random)};
            route_compare(p, &w, &q, places, place_count, LABELS, &t, seed + i);
            late[what] += t.plans > plans;
        }
        world_clear();
    }
    printf("long put off: %u plans (%u by guided search, %u gates), %u without, %u skipped\n", t.plans, t.second_tier, t.gates, t.none, t.skipped);
    if (!getenv("SEED")) assert_true(t.plans > 0 && t.none > 0);
}

/* `found` calls with a place that is clear. */
static uint32_t calls_find(const struct world_options *options, uint64_t *random, struct route_request *q, struct call *calls, struct oracle_place *at)
{
    struct oracle_place places[CALLS_MAX + 1];
    struct route_request other;
    uint32_t place_count, found = 0;
    if (!route_world_request(&w, options, random, q, places, &place_count)) return 0;
    q->credential_count = 0;
    for (int tries = 0; tries < 120 && found < SIDE; tries++) {
        if (!route_world_request(&w, options, random, &other, places, &place_count)) continue;
        calls[found] = other.calls[0];
        at[found++] = places[0];
    }
    return found;
}

/* Lengths alone are asked for: by one sweep where its costs are millimetres, else as lengths and times together. */
static void tables_of_lengths_alone_say_what_routes_say(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("long table");
    struct table_tally count = {0};
    uint32_t ways = 0, long_ways = 0, rounds = oracle_rounds(60);
    for (uint32_t i = 0; oracle_goes_on(i, rounds, ways > 0 && long_ways > 0); i++) {
        uint64_t random = seed + i;
        struct world_options options = far_world;
        struct route_request q;
        struct call calls[SIDE];
        struct oracle_place at[SIDE];
        uint64_t alone[SIDE * SIDE], both[SIDE * SIDE];
        uint32_t durations[SIDE * SIDE];
        struct error err = ERROR_INIT;
        if (i % 3 == 2) options.size_m = 40000;
        options.timed = i % 4 >= 2;
        world_make(&options, &random);
        if (calls_find(&options, &random, &q, calls, at) == SIDE) {
            q.prefer = i % 2 ? PREFER_TIME : PREFER_DISTANCE;
            table_compare(p, &w, &q, calls, at, SIDE, LABELS, &count, seed + i);
            assert_int_equal(planner_table(p, w.view, &q, calls, SIDE, calls, SIDE, NULL, alone, NULL, NULL, &err), STATUS_OK);
            assert_int_equal(planner_table(p, w.view, &q, calls, SIDE, calls, SIDE, durations, both, NULL, NULL, &err), STATUS_OK);
            for (uint32_t k = 0; k < SIDE * SIDE; k++) {
                if (alone[k] != both[k] || (both[k] == UINT64_MAX) != (durations[k] == UINT32_MAX))
                    fail_msg("seed %llu: cell %u: %llu mm alone, %llu mm with %u ms", (unsigned long long)(seed + i), k,
                             (unsigned long long)alone[k], (unsigned long long)both[k], durations[k]);
                ways += alone[k] != UINT64_MAX;
                long_ways += alone[k] != UINT64_MAX && alone[k] > INT32_MAX;
            }
        }
        world_clear();
    }
    printf("long table: %u ways, %u over 2,147 km; %u cells compared\n", ways, long_ways, count.cells);
    if (!getenv("SEED")) assert_true(ways > 0 && long_ways > 0);
}

static void positions_within_a_length_are_those_the_oracle_reaches(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("long reach");
    struct reach_tally t = {0};
    uint32_t rounds = oracle_rounds(25);
    for (uint32_t i = 0; oracle_goes_on(i, rounds, t.in > 0 && t.out > 0); i++) {
        uint64_t random = seed + i;
        world_make(&far_world, &random);
        for (uint32_t k = 0; k < 3; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            if (!route_world_request(&w, &far_world, &random, &q, places, &place_count)) continue;
            q.prefer = PREFER_DISTANCE;
            reach_compare(p, &w, &q, places[0], 900000000, 40, LABELS, &random, &t, seed + i);
        }
        world_clear();
    }
    printf("long reach: %u positions in, %u out (%u never), %u origins refused\n", t.in, t.out, t.never, t.refused);
    if (!getenv("SEED")) assert_true(t.in > 0 && t.out > 0);
}

/* What a plan costs by distance as the planner counts; UINT64_MAX: there is none. */
static uint64_t counted(const struct route_request *q, const struct answer *a)
{
    struct oracle_route o = {.n = &w.f.network, .g = &w.f.turns, .rules = w.rules, .request = q};
    struct oracle_place places[CALLS_MAX + 1] = {{0}};
    uint64_t toll;
    if (a->cause != STATUS_OK) return UINT64_MAX;
    const struct plan *plan = a->plans[0];
    for (uint32_t i = 0; i < plan->waypoint_count; i++)
        places[i] = (struct oracle_place){.road = plan->waypoints[i].road, .offset_mm = plan->waypoints[i].offset_mm,
                                          .turning_place = i < q->call_count && q->calls[i].turning_place};
    return oracle_route_plan_cost(&o, places, plan, &toll);
}

/* Three stops, six orders: what the chosen one is said to cost is what its plan does, and none costs less. */
static void orders_of_long_networks_are_the_cheapest(void **state)
{
    (void)state;
    static const uint8_t orders[6][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    uint64_t seed = oracle_seed("long order");
    uint32_t chosen = 0, rounds = oracle_rounds(250);
    for (uint32_t i = 0; oracle_goes_on(i, rounds, chosen > 0); i++) {
        uint64_t random = seed + i, best = UINT64_MAX;
        struct route_request q;
        struct call calls[SIDE];
        struct oracle_place at[SIDE];
        struct answer a;
        struct arena arena;
        struct tour tour;
        struct error err = ERROR_INIT;
        uint32_t settled;
        bool off = false;
        world_make(&open_world, &random);
        arena_init(&arena, 64 << 20);
        if (calls_find(&open_world, &random, &q, calls, at) == SIDE) {
            q.prefer = PREFER_DISTANCE;
            q.call_count = SIDE;
            q.loop = false;
            for (uint32_t k = 0; k < SIDE; k++) calls[k].turning_place = true;
            for (uint32_t o = 0; o < 6 && !off; o++) {
                memcpy(q.calls, calls, sizeof calls);
                for (uint32_t k = 0; k < 3; k++) q.calls[1 + k] = calls[orders[o][k]];
                arena_reset(&arena);
                off = planner_route(p, w.view, &q, PLANNER_BRIEF, &arena, &a, &err) != STATUS_OK; /* a place that is off the roads */
                uint64_t cost = off ? UINT64_MAX : counted(&q, &a);
                if (cost < best) best = cost;
            }
            memcpy(q.calls, calls, sizeof calls);
            if (!off) {
                assert_int_equal(planner_order(p, w.view, &q, &tour, &settled, &err), STATUS_OK);
                assert_int_equal(tour.found, best != UINT64_MAX);
                if (tour.found && (tour.cost != best || tour.bound != best))
                    fail_msg("seed %llu: the best order costs %llu, the chosen one is said to cost %llu", (unsigned long long)(seed + i),
                             (unsigned long long)best, (unsigned long long)tour.cost);
                chosen += tour.found;
            }
        }
        arena_clear(&arena);
        world_clear();
    }
    printf("long order: %u orders\n", chosen);
    if (!getenv("SEED")) assert_true(chosen > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_of_long_networks_cost_what_the_oracle_finds),
        cmocka_unit_test(plans_come_when_what_is_put_off_is_there),
        cmocka_unit_test(tables_of_lengths_alone_say_what_routes_say),
        cmocka_unit_test(positions_within_a_length_are_those_the_oracle_reaches),
        cmocka_unit_test(orders_of_long_networks_are_the_cheapest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
