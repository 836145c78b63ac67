/* Choice of order against trying them all, through the planner itself; and the bound below all orders. */
#include "routing/planner/planner_order.h"
#include "routing/planner/planner_route.h"
#include "routing/search/tour_bound.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { STOPS_MAX = 4, REQUESTS = 6, AREAS = 4, REST_MS = 1200000 };

/* A question whose places are plain, with so many calls. */
static void question_make(const struct route_world *w, const struct world_options *options, uint64_t *random, uint32_t calls,
                          struct route_request *q)
{
    struct oracle_place places[CALLS_MAX + 1];
    struct route_request more;
    uint32_t count;
    while (!route_world_request(w, options, random, q, places, &count)) continue;
    while (q->call_count < calls) {
        if (!route_world_request(w, options, random, &more, places, &count)) continue;
        q->calls[q->call_count] = more.calls[0];
        q->calls[q->call_count++].turning_place = oracle_below(random, 2) == 0;
    }
    if (oracle_below(random, 3) == 0) return;
    for (uint32_t i = 0; i < q->call_count; i++) q->calls[i].turning_place = true; /* or most have no plan at all */
}

/* UINT64_MAX: no lawful plan. False: there is no answer to compare with: a place is off the roads that this vehicle may use. */
static bool cost_of(struct planner *p, const struct route_world *w, const struct route_request *q, uint64_t seed, uint64_t *cost, bool *waits)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer a;
    arena_init(&arena, 64 << 20);
    enum status status = planner_route(p, w->view, q, PLANNER_FULL, &arena, &a, &err);
    if (status != STATUS_OK && status != STATUS_SNAP_TOO_FAR && !(q->rests && status == STATUS_SEARCH_BUDGET_EXCEEDED))
        fail_msg("seed %llu: %s: %s %s", (unsigned long long)seed, status_code(status), err.en, err.log);
    *cost = status != STATUS_OK || a.cause != STATUS_OK ? UINT64_MAX
            : q->prefer == PREFER_DISTANCE              ? a.plans[0]->distance_mm
                                                        : a.plans[0]->duration_ms;
    if (waits) *waits = *cost != UINT64_MAX && a.plans[0]->wait_ms > 0;
    arena_clear(&arena);
    return status == STATUS_OK;
}

/* The least cost over all orders of calls[at … last]. */
static bool try_all(struct planner *p, const struct route_world *w, struct route_request *q, uint32_t at, uint64_t seed,
                    uint64_t *best)
{
    uint32_t last = q->call_count - 2;
    if (at >= last) {
        uint64_t cost;
        if (!cost_of(p, w, q, seed, &cost, NULL)) return false;
        if (cost < *best) *best = cost;
        return true;
    }
    for (uint32_t i = at; i <= last; i++) {
        struct call kept = q->calls[at];
        q->calls[at] = q->calls[i], q->calls[i] = kept;
        bool good = try_all(p, w, q, at + 1, seed, best);
        kept = q->calls[at], q->calls[at] = q->calls[i], q->calls[i] = kept;
        if (!good) return false;
    }
    return true;
}

/* Places of rest, some of them turning places. */
static void areas_place(struct route_world *w, struct facility *areas, const struct world_options *options, uint64_t *random)
{
    static const char *const ids[AREAS] = {"rest 0", "rest 1", "rest 2", "rest 3"};
    struct oracle_place places[CALLS_MAX + 1];
    struct route_request q;
    uint32_t count;
    for (uint32_t i = 0; i < AREAS; i++) {
        while (!route_world_request(w, options, random, &q, places, &count)) continue;
        areas[i] = (struct facility){.id = ids[i], .kind = "rest_area", .name = ids[i], .name_en = ids[i], .point = q.calls[0].point,
                                     .uses = FACILITY_REST, .turning_place = oracle_below(random, 3) == 0};
    }
    w->input.facilities = areas;
    w->input.facility_count = AREAS;
    w->input.journeys = (struct journey_default){4 * 3600000, REST_MS, 0};
    route_world_publish(w);
}

/* Asks for rests: the limit is a part of what is driven in the order as asked, and most places of rest lie on its roads. */
static void must_rest(struct planner *p, struct route_world *w, struct facility *areas, struct route_request *q, uint64_t *random)
{
    const struct network *n = &w->f.network;
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer a;
    uint64_t drive_ms = 3600000;
    arena_init(&arena, 64 << 20);
    if (planner_route(p, w->view, q, PLANNER_FULL, &arena, &a, &err) == STATUS_OK && a.cause == STATUS_OK) {
        drive_ms = a.plans[0]->drive_ms;
        for (uint32_t i = 0; i + 1 < AREAS; i++) {
            const struct leg *leg = &a.plans[0]->legs[oracle_below(random, a.plans[0]->leg_count)];
            road_index road = n->arc_road[leg->arcs[oracle_below(random, leg->arc_count)]];
            areas[i].point = spatial_point_at(n, road, oracle_below(random, n->road_length_mm[road] + 1));
        }
        route_world_publish(w);
    }
    arena_clear(&arena);
    q->rests = true;
    q->max_drive_ms = (uint32_t)(drive_ms * (25 + oracle_below(random, 70)) / 100) + 1;
}

enum order_asking { PLAIN, WITH_RESTS, WITH_WAITS /* from ten minutes up */ };

static void run_from(const char *name, uint64_t seed, struct world_options options, uint32_t count, enum preference prefer,
                     enum order_asking asking)
{
    uint32_t orders = 0, rested = 0, given_up = 0, changed = 0, none = 0, driven = 0, waiting = 0;
    const bool rests = asking == WITH_RESTS, waits = asking == WITH_WAITS;
    for (uint32_t i = 0; oracle_goes_on(i, count, changed > 0 && none > 0 && (!waits || waiting > 0) && (!rests || rested > 0)); i++) {
        uint64_t random = seed + i, world = seed + i;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        struct facility areas[AREAS];
        route_world_make(&w, &options, &random);
        if (rests) areas_place(&w, areas, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q, all;
            struct tour tour;
            uint64_t best = UINT64_MAX, cost;
            uint32_t settled;
            bool plan_waits;
            question_make(&w, &options, &random, 4 + oracle_below(&random, STOPS_MAX - 1), &q);
            q.prefer = prefer;
            if (rests) must_rest(p, &w, areas, &q, &random);
            if (waits) q.max_wait_ms = 60000 * (10 + oracle_below(&random, 60));
            all = q;
            if (!try_all(p, &w, &all, 1, world, &best)) continue;
            enum status status = planner_order(p, w.view, &q, &tour, &settled, &err);
            given_up += status == STATUS_SEARCH_BUDGET_EXCEEDED;
            if (rests && status == STATUS_SEARCH_BUDGET_EXCEEDED) continue;
            if (status != STATUS_OK) fail_msg("seed %llu: %s %s", (unsigned long long)world, err.en, err.log);
            assert_true(cost_of(p, &w, &q, world, &cost, &plan_waits));
            if (!tour.exact || cost != best)
                fail_msg("seed %llu request %u: the best order costs %llu, the chosen one %llu", (unsigned long long)world, k,
                         (unsigned long long)best, (unsigned long long)cost);
            assert_int_equal(tour.found, best != UINT64_MAX);
            if (tour.found && (tour.cost != best || tour.bound != best))
                fail_msg("seed %llu request %u: costs %llu, said to be %llu, at least %llu", (unsigned long long)world, k,
                         (unsigned long long)best, (unsigned long long)tour.cost, (unsigned long long)tour.bound);
            orders++;
            if (rests && tour.found) {
                all = q, all.rests = false;
                assert_true(cost_of(p, &w, &all, world, &cost, NULL));
                rested += cost != tour.cost;
            }
            none += !tour.found;
            driven += tour.drives > 1;
            waiting += plan_waits;
            changed += tour.found && memcmp(tour.order, "\1\2\3\4", q.call_count - 2) != 0;
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u orders chosen, %u other than given, %u by several drives, %u without a plan, %u wait\n", name, orders, changed,
           driven, none, waiting);
    if (!getenv("SEED")) assert_true(changed > 0 && none > 0 && (!waits || waiting > 0) && (!rests || rested > 0));
    if (rests) printf("%s: %u with rests, %u past the budget\n", name, rested, given_up);
}

static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer)
{
    run_from(name, oracle_seed(name), options, count, prefer, PLAIN);
}

static void no_order_is_cheaper_than_the_chosen_one(void **state)
{
    (void)state;
    run("order static", (struct world_options){.zones = 3, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 60},
        oracle_rounds(60), PREFER_TIME);
}

static void no_order_is_cheaper_under_rules_that_come_and_go(void **state)
{
    (void)state;
    run("order timed", (struct world_options){.timed = true, .zones = 4, .closures = 1, .size_m = 60000, .nodes = 25, .roads = 45},
        oracle_rounds(40), PREFER_TIME);
}

/* A road that touches a zone of caution by less than counts: the checker took it for slowed, the planner did not, and from
 * there on it judged every rule at a wrong time. */
static void a_doubtful_border_does_not_bend_the_checkers_clock(void **state)
{
    (void)state;
    run_from("order doubtful border", 1795727451,
             (struct world_options){.timed = true, .zones = 4, .closures = 1, .size_m = 60000, .nodes = 25, .roads = 45}, 1, PREFER_TIME, PLAIN);
}

static void no_order_is_shorter_under_rules_that_come_and_go(void **state)
{
    (void)state;
    run("order timed distance",
        (struct world_options){.timed = true, .zones = 3, .closures = 1, .size_m = 60000, .nodes = 25, .roads = 45},
        oracle_rounds(30), PREFER_DISTANCE);
}

static void no_order_is_better_with_leave_to_wait(void **state)
{
    (void)state;
    struct world_options options = {.timed = true, .zones = 4, .closures = 1, .size_m = 40000, .nodes = 20, .roads = 36};
    run_from("order waiting", oracle_seed("order waiting"), options, oracle_rounds(30), PREFER_TIME, WITH_WAITS);
    run_from("order waiting distance", oracle_seed("order waiting distance"), options, oracle_rounds(20), PREFER_DISTANCE, WITH_WAITS);
}

/* With rests, each order in its plan: turning places for rest among them, at which a way may be shorter than one that goes by. */
static void no_order_with_its_rests_is_cheaper(void **state)
{
    (void)state;
    struct world_options fixed = {.zones = 1, .size_m = 40000, .nodes = 30, .roads = 90};
    struct world_options timed = {.timed = true, .zones = 2, .closures = 1, .size_m = 60000, .nodes = 25, .roads = 70};
    run_from("order with rests", oracle_seed("order with rests"), fixed, oracle_rounds(20), PREFER_TIME, WITH_RESTS);
    run_from("order with rests distance", oracle_seed("order with rests distance"), fixed, oracle_rounds(15), PREFER_DISTANCE, WITH_RESTS);
    run_from("order with rests timed", oracle_seed("order with rests timed"), timed, oracle_rounds(15), PREFER_TIME, WITH_RESTS);
}

/* More stops than are ordered exactly: what is said to be the cost is it, and the bound lies below. */
static void many_stops_are_put_in_an_order_whose_gap_is_stated(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("order many"), random = seed;
    struct world_options options = {.size_m = 60000, .nodes = 40, .roads = 120};
    struct error err = ERROR_INIT;
    for (uint32_t i = 0, count = oracle_rounds(6); i < count; i++) {
        static struct route_world w;
        struct planner *p = NULL;
        struct route_request q;
        struct tour tour;
        uint64_t given, cost;
        uint32_t settled;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        question_make(&w, &options, &random, 30, &q);
        q.vehicle = (struct vehicle){.axles = 2, .gross_kg = 3000, .height_mm = 2000, .width_mm = 2000, .length_mm = 5000};
        assert_int_equal(vehicle_complete(&q.vehicle, &err), STATUS_OK);
        q.avoid_classes = 0;
        q.avoid_tolls = false;
        q.max_snap_mm = 20000000;
        if (cost_of(p, &w, &q, seed, &given, NULL)) {
            assert_int_equal(planner_order(p, w.view, &q, &tour, &settled, &err), STATUS_OK);
            assert_true(cost_of(p, &w, &q, seed, &cost, NULL));
            if (tour.found && (cost != tour.cost || tour.bound > cost || tour.bound == 0))
                fail_msg("seed %llu: %llu, said %llu, at least %llu", (unsigned long long)seed, (unsigned long long)cost,
                         (unsigned long long)tour.cost, (unsigned long long)tour.bound);
            printf("order many: given %.0f s, chosen %.0f s, at least %.0f s\n", (double)given / 1e3, (double)cost / 1e3,
                   (double)tour.bound / 1e3);
        }
        planner_free(p);
        route_world_clear(&w);
    }
}

static uint64_t best_row(const uint64_t *edge, uint32_t count, uint32_t at, uint32_t visited)
{
    if (visited == (1u << (count - 1)) - 1) return edge[at * count + count - 1];
    uint64_t best = UINT64_MAX;
    for (uint32_t k = 1; k + 1 < count; k++) {
        if (visited >> k & 1) continue;
        uint64_t cost = edge[at * count + k] + best_row(edge, count, k, visited | 1u << k);
        if (cost < best) best = cost;
    }
    return best;
}

static void the_bound_is_below_every_row_and_often_meets_the_best(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("tour bound"), random = seed;
    uint64_t gaps = 0, count = oracle_rounds(200);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t edge[64];
        uint32_t n = 3 + oracle_below(&random, 5);
        struct arena arena;
        arena_init(&arena, 1 << 20);
        for (uint32_t a = 0; a < n; a++)
            for (uint32_t b = 0; b <= a; b++) edge[a * n + b] = edge[b * n + a] = 1000 + oracle_below(&random, 100000);
        uint64_t best = best_row(edge, n, 0, 1), bound = tour_bound(edge, n, best + oracle_below(&random, 1000), &arena);
        if (bound > best) fail_msg("seed %llu: bound %llu, best %llu", (unsigned long long)seed, (unsigned long long)bound, (unsigned long long)best);
        gaps += (best - bound) * 1000 / best;
        arena_clear(&arena);
    }
    printf("tour bound: %.1f per mille below the best on average\n", (double)gaps / (double)count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_order_is_cheaper_than_the_chosen_one),
        cmocka_unit_test(no_order_is_cheaper_under_rules_that_come_and_go),
        cmocka_unit_test(a_doubtful_border_does_not_bend_the_checkers_clock),
        cmocka_unit_test(no_order_is_shorter_under_rules_that_come_and_go),
        cmocka_unit_test(no_order_is_better_with_leave_to_wait),
        cmocka_unit_test(no_order_with_its_rests_is_cheaper),
        cmocka_unit_test(many_stops_are_put_in_an_order_whose_gap_is_stated),
        cmocka_unit_test(the_bound_is_below_every_row_and_often_meets_the_best),
    };
    if (getenv("ONLY")) cmocka_set_test_filter(getenv("ONLY"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
