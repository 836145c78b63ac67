/* A search round polygons that has another one from its goals beside it (routing/search/opposite.h) gives the plan that it gives alone:
 * byte for byte where no rule changes, else one that costs as much; and the same refusals. */
#include "routing/plan/plan_record.h"
#include "routing/planner/planner_core.h"
#include "routing/planner/planner_route.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { AREAS = 4 };

struct tally {
    uint32_t plans, refused, guided, fewer;
};

/* A star in each of some quarters, so none meets another. */
static struct multipolygon areas(uint64_t *random, int32_t size_m)
{
    struct multipolygon all = {0}, star[AREAS];
    uint32_t count = 0;
    for (int32_t i = 0; i < AREAS; i++) {
        if (count > 0 && oracle_below(random, 3) == 0) continue;
        const int32_t x = (2 * (i % 2) + 1) * size_m / 4, y = (2 * (i / 2) + 1) * size_m / 4;
        star[count++] = route_world_area(random, x, y, size_m / 12 + (int32_t)oracle_below(random, (uint32_t)size_m / 6));
    }
    for (uint32_t i = 0; i < count; i++) all.point_count += star[i].point_count;
    all.part_count = all.ring_count = count;
    all.part_first_ring = calloc(count + 1, sizeof *all.part_first_ring);
    all.ring_first_point = calloc(count + 1, sizeof *all.ring_first_point);
    all.points = calloc(all.point_count, sizeof *all.points);
    assert_true(all.part_first_ring && all.ring_first_point && all.points);
    for (uint32_t i = 0, points = 0; i < count; i++) {
        memcpy(all.points + points, star[i].points, star[i].point_count * sizeof *all.points);
        points += star[i].point_count;
        all.part_first_ring[i + 1] = i + 1;
        all.ring_first_point[i + 1] = points;
        multipolygon_clear(&star[i]);
    }
    return all;
}

static bool same_bytes(const struct route_world *w, const struct plan *a, const struct plan *b)
{
    struct buffer one, other;
    buffer_init(&one, 1 << 20);
    buffer_init(&other, 1 << 20);
    plan_record_write(&one, &w->input, a);
    plan_record_write(&other, &w->input, b);
    assert_true(!one.failed && !other.failed);
    const bool same = one.length == other.length && memcmp(one.data, other.data, one.length) == 0;
    buffer_clear(&one);
    buffer_clear(&other);
    return same;
}

static void check(const struct route_world *w, struct planner *p, const struct route_request *q, bool timed, struct tally *t)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer answer[3];
    enum status status[3];
    static const uint32_t after[3] = {UINT32_MAX, 1, 7};
    arena_init(&arena, 64 << 20);
    for (int i = 0; i < 3; i++) {
        assert_non_null(p->search);
        search_face_after(p->search, after[i]);
        status[i] = planner_route(p, w->view, q, PLANNER_FULL, &arena, &answer[i], &err);
    }
    for (int i = 1; i < 3; i++) {
        assert_int_equal(status[i], status[0]);
        if (status[0] != STATUS_OK) continue;
        const struct answer *a = &answer[0], *b = &answer[i];
        assert_int_equal(b->cause, a->cause);
        assert_int_equal(b->conflict_count, a->conflict_count);
        for (uint32_t k = 0; k < a->conflict_count; k++) {
            const struct conflict *x = &a->conflicts[k], *y = &b->conflicts[k];
            assert_true(x->kind == y->kind && x->zone == y->zone && x->checkpoint == y->checkpoint && x->closure == y->closure &&
                        x->road == y->road);
        }
        t->guided += (a->tier & 2) != 0;
        t->refused += a->cause != STATUS_OK;
        t->fewer += b->settled < a->settled;
        if (a->cause != STATUS_OK) continue;
        t->plans++;
        const struct plan *x = a->plans[0], *y = b->plans[0];
        if (!timed) assert_true(same_bytes(w, x, y));
        if (q->prefer == PREFER_TIME) assert_int_equal(y->duration_ms, x->duration_ms);
        if (q->prefer == PREFER_DISTANCE) assert_int_equal(y->distance_mm, x->distance_mm);
    }
    arena_clear(&arena);
}

static void worlds(const char *name, struct world_options options, bool timed)
{
    const uint64_t seed = oracle_seed(name);
    struct tally t = {0};
    options.timed = timed;
    for (uint32_t i = 0; oracle_goes_on(i, oracle_rounds(60), t.plans > 0 && t.refused > 0 && t.fewer > 0); i++) {
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        uint64_t random = seed + i;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        struct multipolygon area = areas(&random, options.size_m);
        for (uint32_t k = 0; k < 8; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.avoid_area = area;
            if (timed && k % 2) q.max_wait_ms = 30 * 60000;
            check(&w, p, &q, timed, &t);
        }
        multipolygon_clear(&area);
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u plans, %u refused, %u guided, %u with fewer labels\n", name, t.plans, t.refused, t.guided, t.fewer);
    if (!getenv("SEED")) assert_true(t.plans > 0 && t.refused > 0 && t.fewer > 0);
}

static const struct world_options plain = {.zones = 2, .closures = 2, .size_m = 40000, .nodes = 120, .roads = 220};
static const struct world_options even = {.zones = 1, .closures = 1, .size_m = 40000, .nodes = 144, .roads = 300, .even = true};

static void plans_are_the_same_bytes(void **state)
{
    (void)state;
    worlds("opposite", plain, false);
}

static void plans_are_the_same_bytes_where_many_ways_tie(void **state)
{
    (void)state;
    worlds("opposite even", even, false);
}

static void plans_cost_as_much_where_rules_change(void **state)
{
    (void)state;
    worlds("opposite timed", plain, true);
}

static void plans_cost_as_much_where_rules_change_and_ways_tie(void **state)
{
    (void)state;
    worlds("opposite timed even", even, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_the_same_bytes),
        cmocka_unit_test(plans_are_the_same_bytes_where_many_ways_tie),
        cmocka_unit_test(plans_cost_as_much_where_rules_change),
        cmocka_unit_test(plans_cost_as_much_where_rules_change_and_ways_tie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
