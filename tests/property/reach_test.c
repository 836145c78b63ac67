/* Reach against the oracle of routes: a position is in a contour exactly if the oracle finds a leg there within its
 * limit; and the area holds every position that is. */
#include "routing/planner/planner_reach.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ORIGINS = 4, TARGETS = 60, LABELS = 300000 };

struct tally {
    uint32_t in, out, never, refused, inexact, inside_missed;
};

static bool holds(const struct reach_contour *contour, const struct network *n, road_index road, uint32_t offset_mm)
{
    for (uint32_t i = 0; i < contour->part_count; i++) {
        const struct reach_part *p = &contour->parts[i];
        assert_true(p->from_mm < p->to_mm && p->to_mm <= network_arc_length_mm(n, p->arc));
        if (i > 0 && p[-1].arc == p->arc) assert_true(p[-1].to_mm < p->from_mm);
        if (i > 0) assert_true(p[-1].arc <= p->arc);
        if (n->arc_road[p->arc] != road) continue;
        uint32_t at = n->arc_reversed[p->arc] ? n->road_length_mm[road] - offset_mm : offset_mm;
        if (p->from_mm <= at && at <= p->to_mm) return true;
    }
    return false;
}

static bool area_holds(const struct multipolygon *area, struct point_e7 p)
{
    bool inside = false;
    for (uint32_t r = 0; r < area->ring_count; r++)
        for (uint32_t i = area->ring_first_point[r]; i + 1 < area->ring_first_point[r + 1]; i++) {
            struct point_e7 a = area->points[i], b = area->points[i + 1];
            if ((a.lat_e7 > p.lat_e7) == (b.lat_e7 > p.lat_e7)) continue;
            double x = a.lon_e7 + ((double)p.lat_e7 - a.lat_e7) * ((double)b.lon_e7 - a.lon_e7) / ((double)b.lat_e7 - a.lat_e7);
            if (p.lon_e7 < x) inside = !inside;
        }
    return inside;
}

/* Where the place itself lies in a zone a call may be refused although the road beside it is outside. */
static bool in_a_zone(const struct route_world *w, struct point_e7 p)
{
    for (uint32_t z = 0; z < w->input.zone_count; z++) {
        enum rule_kind kind = w->zone_rules[z][0].kind;
        if ((kind == RULE_CLOSED || kind == RULE_THROUGH_ONLY) && area_holds(&w->zones[z].area, p)) return true;
    }
    return false;
}

static void compare(struct planner *p, const struct route_world *w, struct route_request *q, struct oracle_place origin,
                    uint64_t *random, struct tally *t, uint64_t seed)
{
    const struct network *n = &w->f.network;
    struct error err = ERROR_INIT;
    struct arena arena;
    struct reach_answer a = {.contour_count = 3};
    bool by_distance = q->prefer == PREFER_DISTANCE;
    for (uint32_t k = 0; k < 3; k++)
        a.contours[k].limit = (by_distance ? 20000000 : 1200000) * (k + 1) + oracle_below(random, 1000000);
    arena_init(&arena, 64 << 20);
    q->call_count = 2;
    q->loop = false;
    q->calls[0].service_ms = q->calls[1].service_ms = 0;
    origin.service_ms = 0;
    enum status status = planner_reach(p, w->view, q, &q->calls[0], by_distance, 200000, &arena, &a, &err);
    bool refused = status == STATUS_SNAP_TOO_FAR || status == STATUS_ORIGIN_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED ||
                   status == STATUS_TIME_WINDOW || status == STATUS_VEHICLE_LIMIT || status == STATUS_NO_OPEN_GATE ||
                   status == STATUS_CREDENTIAL_MISSING || status == STATUS_CREDENTIAL_EXPIRED_AT_GATE;
    if (refused) {
        t->refused++;
        if (status == STATUS_SNAP_TOO_FAR || in_a_zone(w, q->calls[0].point)) goto done;
        assert_true(strlen(err.en) > 30 && strlen(err.zh) > 30); /* says what is needed */
        a.exact = true;
    } else if (status != STATUS_OK) fail_msg("seed %llu: %s: %s %s", (unsigned long long)seed, status_code(status), err.en, err.log);
    t->inexact += !refused && !a.exact; /* where nothing was to be reached at all, nothing is */
    for (uint32_t i = 0; i < TARGETS; i++) {
        road_index road = oracle_below(random, n->road_count);
        uint32_t offset = oracle_below(random, n->road_length_mm[road] + 1);
        struct oracle_place places[2] = {origin, {.road = road, .offset_mm = offset}};
        struct oracle_route o = {.n = n, .g = &w->f.turns, .rules = w->rules, .request = q,
                                 .dawdle_ms = 5 * 60 * 1000, .grain_ms = 30 * 1000, .label_max = LABELS};
        uint64_t expected = oracle_route_cost(&o, places, 2);
        if (expected == UINT64_MAX - 1) continue;
        t->never += expected == UINT64_MAX;
        for (uint32_t k = 0; k < 3; k++) {
            bool in = holds(&a.contours[k], n, road, offset), should = expected <= a.contours[k].limit;
            if (in != should && (a.exact || in))
                fail_msg("seed %llu: road %u at %u mm is %s contour %u, the oracle needs %llu of %u (exact %d)",
                         (unsigned long long)seed, road, offset, in ? "in" : "not in", k, (unsigned long long)expected,
                         a.contours[k].limit, a.exact);
            t->in += in;
            t->out += !in;
            if (in && !area_holds(&a.contours[k].area, spatial_point_at(n, road, offset)))
                fail_msg("seed %llu: road %u at %u mm is not in the area of contour %u", (unsigned long long)seed, road,
                         offset, k);
        }
    }
done:
    reach_answer_clear(&a);
    arena_clear(&arena);
}

/* `once`: a world that was got wrong once, before the others; 0: none. */
static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer, uint64_t once)
{
    uint64_t seed = oracle_seed(name);
    uint32_t first = once ? 1 : 0;
    struct tally t = {0};
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
            compare(p, &w, &q, places[0], &random, &t, round_seed);
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
        cmocka_unit_test(a_search_that_is_cut_short_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
