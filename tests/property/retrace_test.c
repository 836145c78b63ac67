/* The lines of plans traced back: to the same arcs, or to others that run over the very same points. */
#include "routing/planner/planner_route.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include "routing/constraint/leg_geometry.h"
#include "routing/match/retrace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { REQUESTS = 12 };

static uint32_t rounds(uint32_t n)
{
    const char *scale = getenv("ROUNDS");
#if defined(__SANITIZE_ADDRESS__)
    n /= 3;
#endif
    return scale ? (uint32_t)strtoul(scale, NULL, 10) : n;
}

static struct road_position position(const struct waypoint *w)
{
    return (struct road_position){w->road, w->offset_mm};
}

/* As the lines of an answer are rounded: to so many 1e-7 degrees. */
static struct point_e7 *rounded(const struct leg *leg, int32_t unit, struct arena *arena)
{
    struct point_e7 *points = arena_copy(arena, leg->points, leg->point_count * sizeof *points);
    assert_non_null(points);
    for (uint32_t i = 0; i < leg->point_count; i++) {
        points[i].lon_e7 = (points[i].lon_e7 + unit / 2) / unit * unit;
        points[i].lat_e7 = (points[i].lat_e7 + unit / 2) / unit * unit;
    }
    return points;
}

static void check_plan(const struct network *n, const struct plan *plan, struct arena *arena, uint64_t *random, uint64_t seed,
                       uint32_t *same, uint32_t *found)
{
    static const int32_t units[] = {1, 10, 100};
    for (uint32_t k = 0; k < plan->leg_count; k++) {
        const struct leg *leg = &plan->legs[k];
        int32_t unit = units[oracle_below(random, 3)];
        struct point_e7 *points = rounded(leg, unit, arena);
        struct retrace_line line = {.points = points, .count = leg->point_count, .tolerance_e7 = (uint32_t)unit / 2 + 1,
                                    .from = position(&plan->waypoints[k]), .to = position(&plan->waypoints[k + 1]),
                                    .begin = leg->arcs[0]};
        struct error err = ERROR_INIT;
        struct retraced way;
        uint32_t stray;
        if (retrace(n, &line, arena, &way, &stray, &err) != STATUS_OK)
            fail_msg("seed %llu: leg %u of %u points: %s", (unsigned long long)seed, k, leg->point_count, err.en);
        assert_int_equal(way.distance_mm, leg->distance_mm);
        bool equal = way.arc_count == leg->arc_count;
        for (uint32_t i = 0; i < way.arc_count && equal; i++) equal = way.arcs[i] == leg->arcs[i];
        if (!equal && !way.twins) fail_msg("seed %llu: leg %u: other arcs, and no twins", (unsigned long long)seed, k);
        (*found)++;
        *same += equal;
        if (leg->point_count < 3) continue;
        uint32_t moved = 1 + oracle_below(random, leg->point_count - 2); /* one point a kilometre away, or left out */
        points[moved].lat_e7 += 100000;
        if (retrace(n, &line, arena, &way, &stray, &err) != STATUS_NOT_FOUND || stray > moved)
            fail_msg("seed %llu: leg %u: point %u of %u moved is not seen (%u)", (unsigned long long)seed, k, moved,
                     leg->point_count, stray);
    }
}

static void lines_of_plans_are_traced_back_and_moved_ones_are_not(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("retrace");
    struct world_options options = {.zones = 2, .closures = 1, .size_m = 8000, .nodes = 30, .roads = 55};
    uint32_t same = 0, found = 0, count = rounds(120);
    for (uint32_t i = 0; i < (getenv("SEED") && !getenv("ROUNDS") ? 1 : count); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            struct arena arena;
            struct answer a;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.want_geometry = true;
            arena_init(&arena, 64 << 20);
            if (planner_route(p, w.view, &q, PLANNER_FULL, &arena, &a, &err) == STATUS_OK && a.cause == STATUS_OK)
                check_plan(&w.f.network, a.plans[0], &arena, &random, seed + i, &same, &found);
            arena_clear(&arena);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("retrace: %u legs, %u to the very arcs\n", found, same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_of_plans_are_traced_back_and_moved_ones_are_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
