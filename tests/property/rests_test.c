/* Rests against trying every way to put up to two of them between the calls, each asked of the planner as a stop: for the best plan,
 * and for the one with the least driving. */
#include "routing/planner/planner_route.h"
#include "tests/property/compare_route.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { AREAS = 5, REQUESTS = 8, REST_MS = 1200000, MORE_MAX = 2 };

/* As the planner counts it. */
static uint64_t cost_of(const struct plan *plan, const struct route_request *q, const struct route_world *w)
{
    struct oracle_route o = {.n = &w->f.network, .g = &w->f.turns, .rules = w->rules, .request = q};
    struct oracle_place places[CALLS_MAX + 1] = {{0}};
    uint64_t toll;
    if (q->prefer == PREFER_TIME) return plan->duration_ms;
    for (uint32_t i = 0; i < plan->waypoint_count; i++)
        places[i] = (struct oracle_place){.road = plan->waypoints[i].road, .offset_mm = plan->waypoints[i].offset_mm};
    return oracle_route_plan_cost(&o, places, plan, &toll);
}

/* The longest stretch of driving of a plan by its own figures. */
static uint32_t longest(const struct plan *plan, const struct route_request *q)
{
    uint32_t since = 0, most = 0;
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        uint32_t call = plan->waypoints[i + 1].call;
        since += plan->legs[i].drive_ms;
        if (since > most) most = since;
        if (plan->waypoints[i + 1].rest || (call < q->call_count && q->calls[call].service_ms >= REST_MS)) since = 0;
    }
    return most;
}

/* Zones that open to legs which end inside make a stop there another question; here they are closed or plain gated. */
static void world_settle(struct route_world *w, struct facility *areas, const struct world_options *options, uint64_t *random)
{
    static const char *const ids[AREAS] = {"rest 0", "rest 1", "rest 2", "rest 3", "rest 4"};
    struct oracle_place places[CALLS_MAX + 1];
    struct route_request q;
    uint32_t count;
    for (uint32_t z = 0; z < w->input.zone_count; z++)
        for (int k = 0; k < 2; k++) {
            if (w->zone_rules[z][k].kind == RULE_DESTINATION_ONLY) w->zone_rules[z][k].kind = RULE_CLOSED;
            w->zone_rules[z][k].transit_deny = false;
        }
    for (uint32_t i = 0; i < AREAS; i++) {
        while (!route_world_request(w, options, random, &q, places, &count)) continue;
        areas[i] = (struct facility){.id = ids[i], .kind = "rest_area", .name = ids[i], .name_en = ids[i],
                                     .point = q.calls[0].point, .uses = FACILITY_REST, .turning_place = q.calls[0].point.lon_e7 % 3 == 0};
    }
    w->input.facilities = areas;
    w->input.facility_count = AREAS;
    w->input.journeys = (struct journey_default){4 * 3600000, REST_MS, 0};
    route_world_publish(w);
}

/* Moves most of the places of rest onto a plan's own roads. */
static void areas_move(struct route_world *w, struct facility *areas, const struct plan *plan, uint64_t *random)
{
    const struct network *n = &w->f.network;
    for (uint32_t i = 0; i + 1 < AREAS; i++) {
        const struct leg *leg = &plan->legs[oracle_below(random, plan->leg_count)];
        road_index road = n->arc_road[leg->arcs[oracle_below(random, leg->arc_count)]];
        areas[i].point = spatial_point_at(n, road, oracle_below(random, n->road_length_mm[road] + 1));
    }
    route_world_publish(w);
}

/* What the planner's plan costs, if nobody drives too long on it; otherwise the one with the least driving. */
static uint64_t cost_within(struct planner *p, const struct route_world *w, const struct route_request *q, uint32_t limit_ms)
{
    static const enum preference none = PREFER_DRIVING + 1;
    uint64_t cost = UINT64_MAX;
    for (enum preference prefer = q->prefer; prefer != none && cost == UINT64_MAX; prefer = prefer == PREFER_DRIVING ? none : PREFER_DRIVING) {
        struct route_request asked = *q;
        struct error err = ERROR_INIT;
        struct arena arena;
        struct answer a;
        asked.prefer = prefer;
        arena_init(&arena, 64 << 20);
        bool found = planner_route(p, w->view, &asked, PLANNER_FULL, &arena, &a, &err) == STATUS_OK && a.cause == STATUS_OK;
        if (found && longest(a.plans[0], q) <= limit_ms) cost = cost_of(a.plans[0], q, w);
        arena_clear(&arena);
        if (!found) break;
    }
    return cost;
}

/* Least cost of a way with up to `more` rests put in at or after call `at`, not behind one at place of rest `last`: nobody rests
 * twice at one place, until a zone is over. */
static void try_all(struct planner *p, const struct route_world *w, const struct route_request *q, uint32_t limit_ms, uint32_t at,
                    uint32_t more, uint32_t last, uint64_t *best)
{
    uint64_t cost = cost_within(p, w, q, limit_ms);
    if (cost < *best) *best = cost;
    for (uint32_t i = at; more > 0 && i < q->call_count; i++)
        for (uint32_t k = 0; k < AREAS; k++) {
            struct route_request with = *q;
            if (i == at && k == last) continue;
            memmove(&with.calls[i + 1], &with.calls[i], (q->call_count - i) * sizeof *q->calls);
            with.calls[i] = (struct call){.point = w->input.facilities[k].point, .service_ms = REST_MS,
                                          .turning_place = w->input.facilities[k].turning_place};
            with.call_count++;
            try_all(p, w, &with, limit_ms, i + 1, more - 1, k, best);
        }
}

/* `limited`: by what the rules say, every other time. */
static void run_from(const char *name, uint64_t seed, struct world_options options, uint32_t count, enum preference prefer, bool limited)
{
    /* a move is rounded by itself, so one that is parted by a stop may cost a unit more or less */
    const uint64_t rounding = prefer == PREFER_COST || (prefer == PREFER_DISTANCE && options.size_m > 500000) ? 2 * MORE_MAX : 0;
    uint32_t rested = 0, none = 0, compared = 0, given_up = 0;
    for (uint32_t i = 0; oracle_goes_on(i, count, count == 1 || (rested > 0 && none > 0)); i++) {
        uint64_t random = seed + i, world = seed + i;
        static struct route_world w;
        struct facility areas[AREAS];
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        route_world_make(&w, &options, &random);
        world_settle(&w, areas, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            struct arena arena;
            struct answer a;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.prefer = prefer;
            if (options.timed && k % 2) q.max_wait_ms = 1800000;
            q.loop = false; /* a rest on the way home would be a stop behind the destination */
            for (uint32_t c = 0; c < q.call_count; c++) q.calls[c].turning_place = false; /* a stop would lend it to itself */
            arena_init(&arena, 64 << 20);
            if (planner_route(p, w.view, &q, PLANNER_FULL, &arena, &a, &err) == STATUS_OK && a.cause == STATUS_OK) {
                uint32_t limit = longest(a.plans[0], &q) / 100 * (30 + oracle_below(&random, 65)) + 1;
                uint64_t best = UINT64_MAX;
                if (limited && k % 2) limit = w.input.journeys.max_drive_ms;
                areas_move(&w, areas, a.plans[0], &random);
                bool needed = longest(a.plans[0], &q) > limit; /* otherwise nobody rests, even if a zone were over by then */
                try_all(p, &w, &q, limit, 1, needed ? MORE_MAX : 0, AREAS, &best);
                q.rests = true;
                q.max_drive_ms = limit == w.input.journeys.max_drive_ms ? 0 : limit;
                enum status status = planner_route(p, w.view, &q, PLANNER_FULL, &arena, &a, &err);
                if (status == STATUS_SEARCH_BUDGET_EXCEEDED) { /* no answer is not a worse answer */
                    given_up++;
                    arena_clear(&arena);
                    continue;
                }
                if (status != STATUS_OK)
                    fail_msg("seed %llu request %u: %s %s", (unsigned long long)world, k, err.en, err.log);
                bool found = a.cause == STATUS_OK;
                if (!found && a.cause != STATUS_NO_REST_AREA)
                    fail_msg("seed %llu request %u: %s", (unsigned long long)world, k, status_code(a.cause));
                if (!found) assert_true(a.relaxed && !a.relaxed->issuable);
                if (found && longest(a.plans[0], &q) > limit) fail_msg("seed %llu: drives too long", (unsigned long long)world);
                uint64_t cost = found ? cost_of(a.plans[0], &q, &w) : UINT64_MAX;
                if (found && best + rounding < cost) route_show(a.plans[0], &w, &q);
                if (best < cost && best + rounding < cost)
                    fail_msg("seed %llu request %u: with rests %llu, by trying %llu", (unsigned long long)world, k,
                             (unsigned long long)cost, (unsigned long long)best);
                compared++;
                rested += found;
                none += !found;
            }
            arena_clear(&arena);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u compared, %u with rests, %u where there is none, %u past the budget\n", name, compared, rested, none, given_up);
    if (!getenv("SEED") && count > 1) assert_true(rested > 0 && none > 0);
}

static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer, bool limited)
{
    run_from(name, oracle_seed(name), options, count, prefer, limited);
}

static void no_way_to_rest_is_cheaper(void **state)
{
    (void)state;
    run("rests static", (struct world_options){.zones = 3, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 60},
        oracle_rounds(60), PREFER_TIME, false);
}

static void no_way_to_rest_is_shorter(void **state)
{
    (void)state;
    run("rests distance", (struct world_options){.zones = 3, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 60},
        oracle_rounds(60), PREFER_DISTANCE, false);
}

static void no_way_to_rest_costs_less(void **state)
{
    (void)state;
    run("rests cost", (struct world_options){.zones = 3, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 60, .tolls = true},
        oracle_rounds(40), PREFER_COST, false);
}

/* Four hours' driving and twenty minutes' rest, where costs by distance are counted in centimetres. */
static void no_way_to_rest_across_a_country_costs_less(void **state)
{
    (void)state;
    struct world_options far = {.zones = 3, .closures = 1, .size_m = 600000, .nodes = 30, .roads = 60, .tolls = true};
    run("rests far", far, oracle_rounds(40), PREFER_TIME, true);
    run("rests far distance", far, oracle_rounds(40), PREFER_DISTANCE, true);
    run("rests far cost", far, oracle_rounds(40), PREFER_COST, true);
}

/* Where the clock says something else than the loose reading; a drive may be as short as that says and still take longer. */
static void no_way_to_rest_costs_less_under_rules_that_come_and_go(void **state)
{
    (void)state;
    struct world_options timed = {.timed = true, .zones = 3, .closures = 1, .size_m = 60000, .nodes = 30, .roads = 60};
    run("rests timed", timed, oracle_rounds(60), PREFER_TIME, false);
    run("rests timed distance", timed, oracle_rounds(60), PREFER_DISTANCE, false);
}

/* The shortest way of a leg was past the limit by itself; by the clock it is closed, and the way that is open is longer and quicker. */
static void a_way_that_the_clock_chooses_may_have_less_driving(void **state)
{
    (void)state;
    struct world_options timed = {.timed = true, .zones = 3, .closures = 1, .size_m = 60000, .nodes = 30, .roads = 60};
    run_from("rests quicker by the clock", 1795924155, timed, 1, PREFER_DISTANCE, false);
}

/* Without a credential that ends there is no way at all; with it there is one, on which nobody can rest: that is the cause. */
static void who_cannot_rest_is_not_told_of_credentials(void **state)
{
    (void)state;
    static const uint64_t seeds[] = {4410006, 555512, 660578};
    struct world_options timed = {.timed = true, .zones = 3, .closures = 1, .size_m = 60000, .nodes = 30, .roads = 60};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) run_from("rests with credentials", seeds[i], timed, 1, PREFER_TIME, false);
}

/* The rule of one's own that the checker keeps: it refuses what drives too long, and rests that are none. */
static void the_checker_counts_hours_and_looks_at_rests(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("rests checker"), random = seed;
    struct world_options options = {.size_m = 40000, .nodes = 30, .roads = 70};
    uint32_t caught = 0;
    for (uint32_t i = 0; i < 200 && caught == 0; i++) {
        static struct route_world w;
        struct facility areas[AREAS];
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        struct route_request q;
        struct oracle_place places[CALLS_MAX + 1];
        uint32_t place_count;
        struct arena arena;
        struct answer a;
        route_world_make(&w, &options, &random);
        world_settle(&w, areas, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        arena_init(&arena, 64 << 20);
        while (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
        if (planner_route(p, w.view, &q, PLANNER_FULL, &arena, &a, &err) == STATUS_OK && a.cause == STATUS_OK) {
            q.rests = true;
            q.max_drive_ms = longest(a.plans[0], &q) / 4 * 3 + 1;
            struct judgement j;
            areas_move(&w, areas, a.plans[0], &random);
            assert_int_equal(planner_judge(p, w.view, &q, a.plans[0], &j, &err), STATUS_OK);
            assert_int_equal(j.kind, OFFENCE_DRIVING_TIME);
            enum status status = planner_route(p, w.view, &q, PLANNER_FULL, &arena, &a, &err);
            if (status != STATUS_SEARCH_BUDGET_EXCEEDED) assert_int_equal(status, STATUS_OK);
            for (uint32_t k = 1; status == STATUS_OK && a.cause == STATUS_OK && k < a.plans[0]->leg_count; k++) {
                struct waypoint *stop = (struct waypoint *)(uintptr_t)&a.plans[0]->waypoints[k];
                if (!stop->rest) continue;
                areas[stop->rest - 1].uses = 0; /* the facility closes */
                route_world_publish(&w);
                assert_int_equal(planner_judge(p, w.view, &q, a.plans[0], &j, &err), STATUS_OK);
                assert_int_equal(j.kind, OFFENCE_REST);
                caught++;
                break;
            }
        }
        arena_clear(&arena);
        planner_free(p);
        route_world_clear(&w);
    }
    if (!getenv("SEED")) assert_true(caught > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_way_to_rest_is_cheaper),
        cmocka_unit_test(no_way_to_rest_is_shorter),
        cmocka_unit_test(no_way_to_rest_costs_less),
        cmocka_unit_test(no_way_to_rest_across_a_country_costs_less),
        cmocka_unit_test(no_way_to_rest_costs_less_under_rules_that_come_and_go),
        cmocka_unit_test(a_way_that_the_clock_chooses_may_have_less_driving),
        cmocka_unit_test(who_cannot_rest_is_not_told_of_credentials),
        cmocka_unit_test(the_checker_counts_hours_and_looks_at_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
