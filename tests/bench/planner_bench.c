/* What a plan costs on the demo prefecture: whole requests of several kinds, first ones after a change of rules. All of it runs on
 * one thread and is measured in processor time, so that what else the machine does tells little.
 *
 *   planner_bench [SCALE]      scale of the demo, default 1 (45,000 arcs) */
#include "geo/shape_union.h"
#include "routing/constraint/guide.h"
#include "routing/planner/planner_route.h"
#include "tests/bench/demo_base.h"
#include "tests/bench/stopwatch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 2000 };

static uint64_t random_state = 7;
static uint32_t below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % bound);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct kind {
    const char *name;
    bool geometry, steps, loop;
    uint32_t avoid;    /* polygons, */
    uint32_t radius_m; /* each as large as this and as wrinkled as a county; 0: diamonds of 3 to 9 km */
};

static void shape_room(struct multipolygon *m, uint32_t parts, uint32_t points)
{
    *m = (struct multipolygon){.part_count = parts, .ring_count = parts, .point_count = points * parts};
    m->part_first_ring = calloc(parts + 1, sizeof(uint32_t));
    m->ring_first_point = calloc(parts + 1, sizeof(uint32_t));
    m->points = calloc((size_t)m->point_count, sizeof *m->points);
    if (!m->part_first_ring || !m->ring_first_point || !m->points) abort();
    for (uint32_t i = 0; i <= parts; i++) m->part_first_ring[i] = i, m->ring_first_point[i] = points * i;
}

static void diamond(struct multipolygon *m, uint32_t parts, const struct network *n)
{
    shape_room(m, parts, 5);
    for (uint32_t i = 0; i < parts; i++) {
        struct point_e7 c = n->node_point[below(n->node_count)];
        int32_t r = 30000 + (int32_t)below(60000);
        struct point_e7 corner[5] = {{c.lon_e7 + r, c.lat_e7}, {c.lon_e7, c.lat_e7 + r}, {c.lon_e7 - r, c.lat_e7},
                                     {c.lon_e7, c.lat_e7 - r}, {c.lon_e7 + r, c.lat_e7}};
        memcpy(m->points + 5 * (size_t)i, corner, sizeof corner);
    }
}

/* Round, with a border of 600 points that goes in and out. */
static void county(struct multipolygon *m, uint32_t parts, uint32_t radius_m, const struct network *n)
{
    enum { POINTS = 600 };
    shape_room(m, parts, POINTS + 1);
    for (uint32_t i = 0; i < parts; i++) {
        struct point_e7 c = n->node_point[below(n->node_count)], *p = m->points + (size_t)i * (POINTS + 1);
        for (uint32_t k = 0; k < POINTS; k++) {
            double angle = 6.283185307179586 * k / POINTS, r = radius_m * (1 + 0.15 * sin(7 * angle) + 0.0001 * below(200));
            p[k] = (struct point_e7){c.lon_e7 + (int32_t)(r * 107 * cos(angle)), c.lat_e7 + (int32_t)(r * 90 * sin(angle))};
        }
        p[POINTS] = p[0];
    }
}

/* As a request has them: joined where they overlap. */
static void avoided(struct multipolygon *m, const struct kind *k, const struct network *n)
{
    struct error err = ERROR_INIT;
    struct geos *geos = NULL;
    struct multipolygon drawn;
    if (k->radius_m) county(&drawn, k->avoid, k->radius_m, n);
    else diamond(&drawn, k->avoid, n);
    struct multipolygon *each = calloc(k->avoid, sizeof *each);
    if (!each) abort();
    for (uint32_t i = 0; i < k->avoid; i++) {
        uint32_t points = drawn.ring_first_point[i + 1] - drawn.ring_first_point[i];
        shape_room(&each[i], 1, points);
        memcpy(each[i].points, drawn.points + drawn.ring_first_point[i], points * sizeof *each[i].points);
    }
    demo_must(geos_open(&geos, &err), &err);
    demo_must(shape_union(geos, each, k->avoid, m, &err), &err);
    geos_close(geos);
    for (uint32_t i = 0; i < k->avoid; i++) multipolygon_clear(&each[i]);
    free(each);
    multipolygon_clear(&drawn);
}

static void measure(struct planner *p, const struct view *view, const struct kind *k)
{
    const struct network *n = &view->base->network;
    static double took[REQUESTS];
    struct error err = ERROR_INIT;
    struct arena arena;
    uint32_t plans = 0, second = 0;
    arena_init(&arena, 256 << 20);
    random_state = 7;
    uint32_t count = k->avoid ? REQUESTS / 10 : REQUESTS;
    struct multipolygon area = {0};
    if (k->avoid) avoided(&area, k, n);
    for (uint32_t i = 0; i < count; i++) {
        struct route_request q = {.call_count = 2, .depart_ms = 1795104000000, .max_snap_mm = 500000,
                                  .want_geometry = k->geometry, .want_steps = k->steps, .loop = k->loop};
        q.calls[0].point = n->node_point[below(n->node_count)];
        q.calls[1].point = n->node_point[below(n->node_count)];
        q.calls[1].turning_place = true;
        q.avoid_area = area;
        memcpy(q.vehicle.class_code, "truck_6_axle", 13);
        demo_must(vehicle_complete(&q.vehicle, &err), &err);
        struct answer a;
        double t = stopwatch_cpu_us();
        enum status status = planner_route(p, view, &q, PLANNER_FULL, &arena, &a, &err);
        took[i] = stopwatch_cpu_us() - t;
        if (status != STATUS_OK && status != STATUS_SNAP_TOO_FAR) demo_must(status, &err);
        if (status == STATUS_OK && a.cause != STATUS_OK && getenv("VERBOSE"))
            printf("  %s, %u conflicts, %u settled, %.0f us\n", status_code(a.cause), a.conflict_count, a.settled, took[i]);
        plans += status == STATUS_OK && a.cause == STATUS_OK;
        second += status == STATUS_OK && (a.tier & 2);
        arena_reset(&arena);
    }
    multipolygon_clear(&area);
    arena_clear(&arena);
    qsort(took, count, sizeof *took, by_value);
    printf("%-34s p50 %8.1f us  p95 %8.1f us  p99 %9.1f us   %u plans, %u guided\n", k->name, took[count / 2],
           took[count * 95 / 100], took[count * 99 / 100], plans, second);
}

/* One question's time, for a vehicle that no metric was made for or after rules that were changed. */
static double ask(struct planner *p, const struct view *view, const char *class, enum preference prefer)
{
    const struct network *n = &view->base->network;
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer a;
    struct route_request q = {.call_count = 2, .depart_ms = 1795104000000, .max_snap_mm = 500000, .prefer = prefer};
    arena_init(&arena, 256 << 20);
    q.calls[0].point = n->node_point[below(n->node_count)];
    q.calls[1].point = n->node_point[below(n->node_count)];
    snprintf(q.vehicle.class_code, sizeof q.vehicle.class_code, "%s", class);
    demo_must(vehicle_complete(&q.vehicle, &err), &err);
    double t = stopwatch_cpu_us();
    enum status status = planner_route(p, view, &q, PLANNER_FULL, &arena, &a, &err);
    double took = stopwatch_cpu_us() - t;
    if (status != STATUS_OK && status != STATUS_SNAP_TOO_FAR) demo_must(status, &err);
    arena_clear(&arena);
    return took;
}

/* Who makes metrics while questions are answered: here nobody, so that only the answer is timed. */
struct idle_workshop {
    struct metric *guide;
    uint32_t answered;
};

static const struct metric *guide_of(void *context, enum preference prefer)
{
    return prefer == PREFER_TIME ? ((struct idle_workshop *)context)->guide : NULL;
}

static bool begin_later(void *context, const struct view *view, struct metric_making *making)
{
    (void)context, (void)view, (void)making;
    return true;
}

static void count_answer(void *context)
{
    ((struct idle_workshop *)context)->answered++;
}

/* The first question of each kind of vehicle under a new version of the rules: one closed zone more, `zones` in all, with
 * the metrics of the version before at hand and without. */
static void after_changes(struct planner *p, struct planner *goes_on, struct idle_workshop *shop, struct base *base, uint32_t zones)
{
    enum { VERSIONS = 8 };
    static const char *const classes[] = {"truck_6_axle", "truck_2_axle", "light_truck", "van"};
    static double with[VERSIONS * 4], without[VERSIONS * 4], meanwhile[VERSIONS * 4], compile[VERSIONS];
    struct error err = ERROR_INIT;
    struct multipolygon area;
    struct rules *rules = NULL;
    struct view *view = NULL;
    uint32_t count = 0;
    random_state = 11;
    shop->answered = 0;
    struct zone *zone = calloc(zones + VERSIONS, sizeof *zone);
    struct zone_rule closed = {.kind = RULE_CLOSED, .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}}, other = closed;
    other.subject.livestock = YES; /* so many that bind this vehicle would leave no way anywhere */
    char (*ids)[16] = calloc(zones + VERSIONS, sizeof *ids);
    if (!zone || !ids) abort();
    for (uint32_t i = 0; i < zones + VERSIONS; i++) {
        diamond(&area, 1, &base->network);
        snprintf(ids[i], sizeof ids[i], "z%07u", i);
        zone[i] = (struct zone){.id = ids[i], .area = area, .rule_count = 1,
                                .rules = i < zones ? &other : &closed,
                                .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    }
    for (uint32_t v = 0; v < VERSIONS; v++) {
        struct rules_input input = {.version = 2 + v, .as_of_ms = 1795104000000, .zones = zone, .zone_count = zones + v};
        struct rules *next = NULL;
        struct view *fresh = NULL, *alone = NULL, *unmade = NULL;
        double t = stopwatch_cpu_us();
        demo_must(rules_compile(&base->network, base->spatial, &input, rules, &next, &err), &err);
        compile[v] = stopwatch_cpu_us() - t;
        demo_must(view_new(base, next, (size_t)1 << 30, &fresh, &err), &err);
        demo_must(view_new(base, next, (size_t)1 << 30, &alone, &err), &err);
        demo_must(view_new(base, next, (size_t)1 << 30, &unmade, &err), &err);
        if (view) view_inherit(fresh, view);
        bare_store_release(unmade->bare);
        unmade->bare = bare_store_get(fresh->bare); /* as a service has them, though no metric */
        for (uint32_t k = 0; k < 4; k++) {
            double took = ask(p, fresh, classes[k], PREFER_TIME);
            if (v == 0) continue;
            with[count] = took;
            uint64_t question = random_state;
            without[count] = ask(p, alone, classes[k], PREFER_TIME);
            random_state = question; /* the same places */
            meanwhile[count++] = ask(goes_on, unmade, classes[k], PREFER_TIME);
        }
        view_release(alone);
        view_release(unmade);
        view_release(view);
        rules_release(rules);
        view = fresh;
        rules = next;
    }
    qsort(with, count, sizeof *with, by_value);
    qsort(without, count, sizeof *without, by_value);
    qsort(meanwhile, count, sizeof *meanwhile, by_value);
    qsort(compile, VERSIONS, sizeof *compile, by_value);
    printf("first question after a change, %5u zones  p50 %6.1f ms  p95 %6.1f ms, with the metrics of before p50 %6.2f ms  p95 "
           "%6.2f ms, compile %6.2f ms\n", zones, without[count / 2] / 1e3, without[count * 95 / 100] / 1e3, with[count / 2] / 1e3,
           with[count * 95 / 100] / 1e3, compile[VERSIONS / 2] / 1e3);
    printf("  while its metric is in the making                p50 %6.2f ms  p95 %6.2f ms, %u of %u without waiting for it\n",
           meanwhile[count / 2] / 1e3, meanwhile[count * 95 / 100] / 1e3, shop->answered, count);
    static double again[REQUESTS];
    for (uint32_t i = 0; i < REQUESTS; i++) again[i] = ask(p, view, "truck_6_axle", PREFER_TIME);
    qsort(again, REQUESTS, sizeof *again, by_value);
    printf("one way under %5u stored zones         p50 %8.1f us  p95 %8.1f us\n", zones, again[REQUESTS / 2],
           again[REQUESTS * 95 / 100]);
    view_release(view);
    rules_release(rules);
    for (uint32_t i = 0; i < zones + VERSIONS; i++) multipolygon_clear(&zone[i].area);
    free(zone);
    free(ids);
}

/* The same with `count` closures stored (half of them for others, half speed limits) or so many checkpoints with hours and a
 * certificate to show. */
static void with_stored(struct planner *p, struct base *base, uint32_t count, bool checkpoints)
{
    enum { VERSIONS = 8 };
    static const struct window day[1] = {{.weekdays = 0x7F, .day_kinds = 0x0F, .from_min = 420, .until_min = 1140}};
    static const struct credential_type types[1] = {{"test", "检测", "test", 48 * 3600}};
    static const struct requirement asked[1] = {{0, 0}};
    static const struct requirement_group group[1] = {{1, asked}};
    static double first[VERSIONS], compile[VERSIONS], again[REQUESTS];
    const struct schedule always = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    struct error err = ERROR_INIT;
    struct rules *rules = NULL;
    struct view *view = NULL;
    uint32_t most = count + VERSIONS;
    struct closure *closure = calloc(most, sizeof *closure);
    struct checkpoint *checkpoint = calloc(most, sizeof *checkpoint);
    struct road_direction *arcs = calloc(most, sizeof *arcs);
    char (*ids)[16] = calloc(most, sizeof *ids);
    if (!closure || !checkpoint || !arcs || !ids) abort();
    random_state = 13;
    for (uint32_t i = 0; i < most; i++) {
        snprintf(ids[i], sizeof ids[i], "r%07u", i);
        arcs[i] = (struct road_direction){base->network.road_source_id[below(base->network.road_count)], false};
        closure[i] = (struct closure){.id = ids[i], .name = ids[i], .cause = "", .document = "", .authority = "", .action = CLOSURE_SPEED,
                                      .limit_value = 40, .schedule = always, .arc_count = 1, .arcs = &arcs[i],
                                      .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX, .livestock = i % 2 ? YES : ANY}};
        checkpoint[i] = (struct checkpoint){.id = ids[i], .name = ids[i], .point = base->network.node_point[below(base->network.node_count)],
                                            .road_ref = "", .bearing_deg = -1, .reach_mm = 1000000, .opening = always, .normal_ms = 120000,
                                            .group_count = 1, .groups = group};
        checkpoint[i].opening.window_count = 1;
        checkpoint[i].opening.windows = day;
    }
    for (uint32_t v = 0; v < VERSIONS; v++) {
        struct rules_input input = {.version = 2 + v, .as_of_ms = 1795104000000, .credential_type_count = 1, .credential_types = types,
                                    .closures = closure, .closure_count = checkpoints ? 0 : count + v,
                                    .checkpoints = checkpoint, .checkpoint_count = checkpoints ? count + v : 0};
        struct rules *next = NULL;
        struct view *fresh = NULL;
        double t = stopwatch_us();
        demo_must(rules_compile(&base->network, base->spatial, &input, rules, &next, &err), &err);
        compile[v] = stopwatch_us() - t;
        demo_must(view_new(base, next, (size_t)1 << 30, &fresh, &err), &err);
        if (view) view_inherit(fresh, view);
        first[v] = ask(p, fresh, "truck_6_axle", PREFER_TIME);
        view_release(view);
        rules_release(rules);
        view = fresh;
        rules = next;
    }
    for (uint32_t i = 0; i < REQUESTS; i++) again[i] = ask(p, view, "truck_6_axle", PREFER_TIME);
    qsort(first, VERSIONS, sizeof *first, by_value);
    qsort(compile, VERSIONS, sizeof *compile, by_value);
    qsort(again, REQUESTS, sizeof *again, by_value);
    printf("%5u %-11s  compile %6.2f ms, first question %6.2f ms, then p50 %8.1f us  p95 %8.1f us\n", count,
           checkpoints ? "checkpoints" : "closures", compile[VERSIONS / 2] / 1e3, first[VERSIONS / 2] / 1e3, again[REQUESTS / 2],
           again[REQUESTS * 95 / 100]);
    view_release(view);
    rules_release(rules);
    free(closure);
    free(checkpoint);
    free(arcs);
    free(ids);
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    static struct base base;
    struct rules *rules = NULL;
    struct view *view = NULL;
    struct planner *p = NULL, *goes_on = NULL;
    struct idle_workshop shop = {0};
    const struct metric_maker maker = {guide_of, begin_later, count_answer, &shop};
    setvbuf(stdout, NULL, _IOLBF, 0);
    demo_base_make(&base, argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1);
    struct rules_input input = {.version = 1, .as_of_ms = 1795104000000};
    demo_must(rules_compile(&base.network, base.spatial, &input, NULL, &rules, &err), &err);
    demo_must(view_new(&base, rules, (size_t)1 << 30, &view, &err), &err);
    demo_must(planner_new(&base, &p, &err), &err);
    static const struct kind kinds[] = {
        {.name = "one way, no geometry"},
        {.name = "one way, no geometry (again)"},
        {.name = "one way, geometry", .geometry = true},
        {.name = "one way, geometry and steps", .geometry = true, .steps = true},
        {.name = "there and back", .loop = true},
        {.name = "round 10 polygons", .avoid = 10},
        {.name = "round 100 polygons", .avoid = 100},
        {.name = "round 8 counties, 10 km radius", .avoid = 8, .radius_m = 10000},
        {.name = "round 8 counties, 18 km radius", .avoid = 8, .radius_m = 18000},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) measure(p, view, &kinds[i]);
    demo_must(planner_new(&base, &goes_on, &err), &err);
    planner_maker_set(goes_on, &maker);
    double t = stopwatch_cpu_us();
    demo_must(guide_new(&base, PREFER_TIME, &shop.guide, &err), &err);
    printf("a guide %38s %8.1f ms\n", "", (stopwatch_cpu_us() - t) / 1e3);
    static const uint32_t stored[] = {10, 1000, 10000};
    for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) after_changes(p, goes_on, &shop, &base, stored[i]);
    planner_free(goes_on);
    metric_free(shop.guide);
    for (int checkpoints = 0; checkpoints < 2; checkpoints++)
        for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) with_stored(p, &base, stored[i], checkpoints);
    planner_free(p);
    view_release(view);
    rules_release(rules);
    demo_base_clear(&base);
    return 0;
}
