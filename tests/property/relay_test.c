/* Relay against trying every transfer station, each vehicle's way asked of the planner by itself. */
#include "routing/planner/planner_route.h"
#include "routing/planner/relay.h"
#include "tests/property/compare_route.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { STATIONS = 6, REQUESTS = 8 };

static struct route_world w;

static void stations_place(struct facility *stations, const struct world_options *options, uint64_t *random)
{
    static const char *const ids[STATIONS] = {"station 0", "station 1", "station 2", "station 3", "station 4", "station 5"};
    struct oracle_place places[CALLS_MAX + 1];
    struct route_request q;
    uint32_t count;
    for (uint32_t i = 0; i < STATIONS; i++) {
        while (!route_world_request(&w, options, random, &q, places, &count)) continue;
        stations[i] = (struct facility){.id = ids[i], .kind = "transfer", .name = ids[i], .name_en = ids[i],
                                        .point = q.calls[0].point, .uses = i ? FACILITY_TRANSFER : FACILITY_REST};
    }
    w.input.facilities = stations;
    w.input.facility_count = STATIONS;
    w.input.journeys = (struct journey_default){4 * 3600000, 1200000, 600000};
    route_world_publish(&w);
}

/* One vehicle's way: what it costs, when it is there, and whether it may stand where it begins for so long before; false if there is
 * none. */
static bool part(struct planner *p, const struct route_request *q, uint32_t stood_ms, uint64_t *cost, int64_t *arrive_ms, bool *stands,
                 uint64_t seed)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer a;
    arena_init(&arena, 64 << 20);
    enum status status = planner_route(p, w.view, q, PLANNER_FULL, &arena, &a, &err);
    bool found = status == STATUS_OK && a.cause == STATUS_OK;
    if (status != STATUS_OK && status != STATUS_SNAP_TOO_FAR) fail_msg("seed %llu: %s", (unsigned long long)seed, err.en);
    if (found) {
        const struct plan *plan = a.plans[0];
        uint64_t toll = 0, spent = q->prefer == PREFER_DISTANCE ? plan->distance_mm : plan->duration_ms;
        struct oracle_place places[2] = {{0}};
        struct oracle_route o = {.n = &w.f.network, .g = &w.f.turns, .rules = w.rules, .request = q};
        for (uint32_t i = 0; i < 2; i++)
            places[i] = (struct oracle_place){.road = plan->waypoints[i].road, .offset_mm = plan->waypoints[i].offset_mm};
        *cost = q->prefer == PREFER_COST ? oracle_route_plan_cost(&o, places, plan, &toll) : spent;
        *arrive_ms = plan->legs[plan->leg_count - 1].arrive_ms;
        struct oracle_route standing = {.n = &w.f.network, .g = &w.f.turns, .rules = w.rules, .request = q, .left_at_home_ms = *arrive_ms};
        *stands = oracle_route_may_stop(&standing, &places[0], q->depart_ms - stood_ms, q->depart_ms);
        struct oracle_route staying = standing;
        if (!oracle_route_may_stop(&staying, &places[1], *arrive_ms, *arrive_ms + q->stay_ms))
            fail_msg("seed %llu: stays where it may not", (unsigned long long)seed);
    }
    arena_clear(&arena);
    return found;
}

struct relays {
    uint32_t asked, found, none, verdicts[RELAY_NO_WAY_ON + 1];
};

static void relay_compare(struct planner *p, const struct route_request *q, const struct relay *with, struct relays *t, uint64_t seed)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct relayed r;
    uint64_t best = UINT64_MAX, said = UINT64_MAX, out, in;
    const uint32_t hand_over_ms = with->has_hand_over ? with->hand_over_ms : w.input.journeys.hand_over_ms;
    const uint64_t rounding = q->prefer == PREFER_COST ? 400 : 0; /* four fen: tolls of plans are told in fen */
    int64_t at;
    bool stands;
    arena_init(&arena, 64 << 20);
    enum status status = relay_find(p, w.view, q, with, &arena, &r, &err);
    if (status != STATUS_OK) fail_msg("seed %llu: %s", (unsigned long long)seed, err.en);
    for (uint32_t k = 0; k < STATIONS; k++) {
        struct route_request outer = *q, inner = *q;
        if (!(w.input.facilities[k].uses & FACILITY_TRANSFER)) continue;
        outer.calls[1] = inner.calls[0] = (struct call){.point = w.input.facilities[k].point};
        enum relay_verdict verdict = RELAY_SERVES;
        outer.stay_ms = hand_over_ms;
        inner.vehicle = with->vehicle;
        inner.credential_count = with->credential_count;
        memcpy(inner.credentials, with->credentials, sizeof inner.credentials);
        if (!part(p, &outer, 0, &out, &at, &stands, seed)) verdict = RELAY_NO_WAY_TO;
        inner.depart_ms = at + hand_over_ms;
        if (verdict == RELAY_SERVES && !part(p, &inner, hand_over_ms, &in, &at, &stands, seed)) verdict = RELAY_NO_WAY_ON;
        if (verdict == RELAY_SERVES && !stands) verdict = RELAY_NO_STAY;
        uint32_t t_of = 0;
        while (t_of < r.trial_count && r.trials[t_of].facility != k) t_of++;
        if (t_of == r.trial_count || r.trials[t_of].verdict != verdict)
            fail_msg("seed %llu: station %u is said to be %s, it is %s", (unsigned long long)seed, k,
                     t_of < r.trial_count ? relay_verdict_code(r.trials[t_of].verdict) : "unknown", relay_verdict_code(verdict));
        t->verdicts[verdict]++;
        if (verdict != RELAY_SERVES) continue;
        uint64_t cost = q->prefer == PREFER_TIME ? (uint64_t)(at - q->depart_ms) : out + in;
        if (cost < best) best = cost;
        if (r.found && r.facility == k) said = cost;
    }
    if (r.found != (best != UINT64_MAX) || said > best + (best < UINT64_MAX ? rounding : 0))
        fail_msg("seed %llu: the best station costs %llu, the chosen one %llu", (unsigned long long)seed, (unsigned long long)best,
                 (unsigned long long)said);
    assert_int_equal(r.trial_count, STATIONS - 1);
    assert_int_equal(r.station_count, STATIONS - 1);
    if (r.found) {
        int64_t left = r.outer_plan->legs[0].arrive_ms + hand_over_ms;
        assert_int_equal(r.inner->depart_ms, left);
        assert_int_equal(r.inner_plan->legs[0].kind, LEG_RELAY);
        assert_true(r.inner_plan->legs[0].depart_ms >= left);
    }
    t->asked++;
    t->found += r.found;
    t->none += !r.found;
    arena_clear(&arena);
}

static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer)
{
    uint64_t seed = oracle_seed(name);
    struct relays t = {0};
    for (uint32_t i = 0; oracle_goes_on(i, count, t.found > 0 && t.none > 0 && (!options.timed || t.verdicts[RELAY_NO_STAY] > 0)); i++) {
        uint64_t random = seed + i;
        struct facility stations[STATIONS];
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        route_world_make(&w, &options, &random);
        stations_place(stations, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q, other;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            while (!route_world_request(&w, &options, &random, &other, places, &place_count)) continue;
            struct relay with = {.vehicle = other.vehicle, .credential_count = other.credential_count,
                                 .has_hand_over = k % 2, .hand_over_ms = (options.timed ? 360000 : 60000) * oracle_below(&random, 60)};
            memcpy(with.credentials, other.credentials, sizeof with.credentials);
            q.prefer = prefer;
            q.call_count = 2;
            q.loop = false;
            q.calls[1].turning_place = false; /* the station is none */
            if (options.timed && k % 3 == 0) q.max_wait_ms = 1800000;
            relay_compare(p, &q, &with, &t, seed + i);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u asked, %u by a station, %u without one; stations: %u serve, %u no way to, %u no stay, %u no way on\n", name, t.asked,
           t.found, t.none, t.verdicts[0], t.verdicts[1], t.verdicts[2], t.verdicts[3]);
    if (!getenv("SEED")) assert_true(t.found > 0 && t.none > 0 && (!options.timed || t.verdicts[RELAY_NO_STAY] > 0));
}

static void no_other_station_is_better(void **state)
{
    (void)state;
    struct world_options options = {.zones = 4, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 60, .tolls = true};
    run("relay", options, oracle_rounds(40), PREFER_TIME);
    run("relay by distance", options, oracle_rounds(30), PREFER_DISTANCE);
    run("relay by cost", options, oracle_rounds(30), PREFER_COST);
}

static void no_other_station_is_better_under_rules_that_come_and_go(void **state)
{
    (void)state;
    run("relay timed", (struct world_options){.timed = true, .zones = 4, .closures = 1, .size_m = 60000, .nodes = 25, .roads = 45},
        oracle_rounds(30), PREFER_TIME);
}

static void no_other_station_is_better_across_a_country(void **state)
{
    (void)state;
    run("relay far", (struct world_options){.zones = 3, .closures = 1, .size_m = 1500000, .nodes = 30, .roads = 60}, oracle_rounds(30),
        PREFER_DISTANCE);
}

/* Who brings the goods comes when it may stay: against the oracle. */
static void who_must_stay_comes_when_that_is_allowed(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("relay stay");
    struct world_options options = {.timed = true, .zones = 4, .closures = 3, .size_m = 40000, .nodes = 25, .roads = 45};
    struct route_tally t = {0};
    for (uint32_t i = 0, count = oracle_rounds(40); i < count; i++) {
        uint64_t random = seed + i;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.prefer = k % 3 == 0 ? PREFER_DISTANCE : PREFER_TIME;
            q.stay_ms = 600000 * (1 + oracle_below(&random, 12));
            q.loop = false;
            route_compare(p, &w, &q, places, q.call_count, 400000, &t, seed + i);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("relay stay: %u plans, %u where there is none, %u skipped\n", t.plans, t.none, t.skipped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_other_station_is_better),
        cmocka_unit_test(no_other_station_is_better_under_rules_that_come_and_go),
        cmocka_unit_test(no_other_station_is_better_across_a_country),
        cmocka_unit_test(who_must_stay_comes_when_that_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
