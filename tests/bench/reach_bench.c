/* What reach costs on the demo prefecture, in processor time: the search, and the area of each limit.
 *
 *   reach_bench [SCALE [WIDTH_M]]      scale of the demo, default 1 (45,000 arcs); width of the area, default 200 */
#include "routing/planner/planner_reach.h"
#include "routing/search/reach_area.h"
#include "tests/bench/demo_base.h"
#include "tests/bench/stopwatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t minutes[] = {10, 30, 60, 120};
enum { LIMITS = sizeof minutes / sizeof *minutes };

static enum status ask(struct planner *p, const struct view *view, uint32_t limit_ms, uint32_t width_mm, struct arena *arena,
                       struct reach_answer *answer, struct error *err)
{
    struct route_request q = {.call_count = 2, .depart_ms = 1795104000000, .max_snap_mm = 500000};
    struct call origin = {.point = {1125300000, 330000000}}; /* the prefecture's seat */
    memcpy(q.vehicle.class_code, "truck_6_axle", 13);
    demo_must(vehicle_complete(&q.vehicle, err), err);
    *answer = (struct reach_answer){.contour_count = 1, .contours = {{.limit = limit_ms}}};
    return planner_reach(p, view, &q, &origin, false, width_mm, arena, answer, err);
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    static struct base base;
    struct rules *rules = NULL;
    struct view *view = NULL;
    struct planner *p = NULL;
    struct arena arena;
    uint32_t width_mm = 1000 * (argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 200);
    setvbuf(stdout, NULL, _IOLBF, 0);
    demo_base_make(&base, argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1);
    struct rules_input input = {.version = 1, .as_of_ms = 1795104000000};
    demo_must(rules_compile(&base.network, base.spatial, &input, NULL, &rules, &err), &err);
    demo_must(view_new(&base, rules, (size_t)1 << 30, &view, &err), &err);
    demo_must(planner_new(&base, &p, &err), &err);
    arena_init(&arena, (size_t)1 << 30);
    for (int k = 0; k < LIMITS; k++) {
        struct reach_answer a;
        double start = stopwatch_cpu_us();
        demo_must(ask(p, view, minutes[k] * 60000, 0, &arena, &a, &err), &err);
        double search_us = stopwatch_cpu_us() - start;
        reach_answer_clear(&a);
        start = stopwatch_cpu_us();
        demo_must(ask(p, view, minutes[k] * 60000, width_mm, &arena, &a, &err), &err);
        double whole_us = stopwatch_cpu_us() - start;
        const struct multipolygon *area = &a.contours[0].area;
        printf("%3u min: %6u stretches, search %7.1f ms, area %8.1f ms (%u parts, %u rings, %u points)\n", minutes[k],
               a.contours[0].part_count, search_us / 1e3, (whole_us - search_us) / 1e3, area->part_count, area->ring_count,
               area->point_count);
        reach_answer_clear(&a);
        arena_reset(&arena);
    }
    arena_clear(&arena);
    planner_free(p);
    view_release(view);
    rules_release(rules);
    demo_base_clear(&base);
    return 0;
}
