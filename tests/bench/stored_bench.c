/* What rules cost a question that are stored and do not concern it: the same questions under few and under many of one kind.
 *
 *   stored_bench                        all kinds, 10, 1,000 and 10,000 of each
 *   stored_bench KIND COUNT [QUESTIONS] one of them, after as many questions to grow warm; for instruction counts under
 *                                       valgrind --tool=callgrind --toggle-collect=measured_question */
#include "routing/planner/planner_route.h"
#include "tests/bench/demo_base.h"
#include "tests/bench/stopwatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS = 1000, HOURS = 40 };

static const int64_t DEPART_MS = 1795104000000;

static const char *const kinds[] = {
    "zones",              /* some 1,200 m across, for livestock: 10,000 of them cover much of the demo */
    "zones-small",        /* some 40 m across: a road meets few however many there are */
    "zones-elsewhere",    /* as large as the first, but away from the roads */
    "zones-binding",      /* as large as the first, for all and open to all: a road is in several that count */
    "closures",           /* half for livestock, half speed limits: other ways than without */
    "closures-others",    /* all for livestock */
    "closures-hours",     /* of 40 kinds of hours, half for livestock, some with an exemption */
    "checkpoints",        /* with hours and a certificate to show */
    "checkpoints-varied", /* of 40 kinds of hours, asking for this or that */
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static uint64_t state;
static uint32_t below(uint32_t bound)
{
    return (uint32_t)(stopwatch_random(&state) % bound);
}

struct stored {
    struct zone *zones;
    struct zone_rule rule;
    struct closure *closures;
    struct checkpoint *checkpoints;
    struct road_direction *arcs;
    struct multipolygon *areas;
    char (*ids)[16];
    struct window windows[HOURS];
    struct rules_input input;
};

static const struct credential_type types[2] = {{"test", "检测", "test", 48 * 3600}, {"pass", "通行证", "pass", 0}};
static const struct requirement test_asked[1] = {{0, 0}}, pass_asked[1] = {{1, 0}};
static const struct requirement_group asked[2] = {{1, test_asked}, {1, pass_asked}};
static const credential_type_index pass[1] = {1};

static void diamond(struct multipolygon *m, struct point_e7 c, int32_t r)
{
    *m = (struct multipolygon){.part_count = 1, .ring_count = 1, .point_count = 5};
    m->part_first_ring = calloc(2, sizeof(uint32_t));
    m->ring_first_point = calloc(2, sizeof(uint32_t));
    m->points = calloc(5, sizeof *m->points);
    if (!m->part_first_ring || !m->ring_first_point || !m->points) abort();
    m->part_first_ring[1] = 1;
    m->ring_first_point[1] = 5;
    const struct point_e7 corner[5] = {{c.lon_e7 + r, c.lat_e7}, {c.lon_e7, c.lat_e7 + r}, {c.lon_e7 - r, c.lat_e7},
                                       {c.lon_e7, c.lat_e7 - r}, {c.lon_e7 + r, c.lat_e7}};
    memcpy(m->points, corner, sizeof corner);
}

static void stored_make(struct stored *s, const char *kind, uint32_t count, const struct network *n)
{
    const struct schedule always = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    bool zones = strncmp(kind, "zones", 5) == 0, closures = strncmp(kind, "closures", 8) == 0, small = strcmp(kind, "zones-small") == 0;
    bool elsewhere = strcmp(kind, "zones-elsewhere") == 0, binding = strcmp(kind, "zones-binding") == 0;
    bool others = strcmp(kind, "closures-others") == 0;
    bool hours = strcmp(kind, "closures-hours") == 0, varied = strcmp(kind, "checkpoints-varied") == 0;
    *s = (struct stored){.zones = calloc(count + 1, sizeof *s->zones), .closures = calloc(count + 1, sizeof *s->closures),
                         .checkpoints = calloc(count + 1, sizeof *s->checkpoints), .arcs = calloc(count + 1, sizeof *s->arcs),
                         .areas = calloc(count + 1, sizeof *s->areas), .ids = calloc(count + 1, sizeof *s->ids),
                         .rule = {.kind = RULE_CLOSED, .hours = always, .subject = {.livestock = YES}}};
    if (binding) s->rule = (struct zone_rule){.kind = RULE_DESTINATION_ONLY, .open_classes = (road_class_mask)~0u, .hours = always};
    if (!s->zones || !s->closures || !s->checkpoints || !s->arcs || !s->areas || !s->ids) abort();
    for (uint32_t i = 0; i < HOURS; i++)
        s->windows[i] = (struct window){.weekdays = 0x7F, .day_kinds = 0x0F, .from_min = (uint16_t)(300 + 5 * i), .until_min = 1140};
    state = 13;
    for (uint32_t i = 0; i < count; i++) {
        struct point_e7 at = n->node_point[below(n->node_count)];
        uint32_t size = below(60000);
        if (elsewhere) at.lon_e7 += 50000000;
        snprintf(s->ids[i], sizeof s->ids[i], "r%07u", i);
        s->arcs[i] = (struct road_direction){n->road_source_id[below(n->road_count)], false};
        if (zones) diamond(&s->areas[i], at, small ? 2000 : 30000 + (int32_t)size);
        s->zones[i] = (struct zone){.id = s->ids[i], .area = s->areas[i], .rule_count = 1, .rules = &s->rule, .schedule = always};
        s->closures[i] = (struct closure){.id = s->ids[i], .name = s->ids[i], .cause = "", .document = "", .authority = "",
                                          .action = CLOSURE_SPEED, .limit_value = 40, .schedule = always, .arc_count = 1, .arcs = &s->arcs[i],
                                          .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX, .livestock = i % 2 || others ? YES : ANY}};
        if (hours) {
            s->closures[i].schedule.window_count = 1;
            s->closures[i].schedule.windows = &s->windows[i % HOURS];
            if (i % 3 == 0) s->closures[i].exempt_count = 1, s->closures[i].exempt = pass;
        }
        s->checkpoints[i] = (struct checkpoint){.id = s->ids[i], .name = s->ids[i], .point = at, .road_ref = "", .bearing_deg = -1,
                                                .reach_mm = 1000000, .opening = always, .normal_ms = 120000, .group_count = 1, .groups = asked};
        s->checkpoints[i].opening.window_count = 1;
        s->checkpoints[i].opening.windows = &s->windows[varied ? i % HOURS : 24];
        if (varied && i % 2) s->checkpoints[i].group_count = 2, s->checkpoints[i].green_count = 1, s->checkpoints[i].green = pass;
    }
    s->input = (struct rules_input){.version = 2, .as_of_ms = DEPART_MS, .credential_type_count = 2, .credential_types = types,
                                    .zones = s->zones, .closures = s->closures, .checkpoints = s->checkpoints,
                                    .zone_count = zones ? count : 0, .closure_count = closures ? count : 0,
                                    .checkpoint_count = zones || closures ? 0 : count};
}

static void stored_clear(struct stored *s)
{
    for (uint32_t i = 0; i < s->input.zone_count; i++) multipolygon_clear(&s->areas[i]);
    free(s->zones);
    free(s->closures);
    free(s->checkpoints);
    free(s->arcs);
    free(s->areas);
    free(s->ids);
}

/* Of its own name, for callgrind. */
__attribute__((noinline)) enum status measured_question(struct planner *p, const struct view *view, const struct route_request *q,
                                                        struct arena *arena, struct answer *a, struct error *err);
enum status measured_question(struct planner *p, const struct view *view, const struct route_request *q, struct arena *arena,
                              struct answer *a, struct error *err)
{
    return planner_route(p, view, q, PLANNER_FULL, arena, a, err);
}

static void run(struct base *base, const char *kind, uint32_t count, uint32_t questions)
{
    static double took[QUESTIONS];
    struct error err = ERROR_INIT;
    struct stored s;
    struct rules *rules = NULL;
    struct view *view = NULL;
    struct planner *p = NULL;
    struct arena arena;
    uint32_t plans = 0;
    const struct network *n = &base->network;
    stored_make(&s, kind, count, n);
    double t = stopwatch_cpu_us();
    demo_must(rules_compile(n, base->spatial, &s.input, NULL, &rules, &err), &err);
    double compile = stopwatch_cpu_us() - t, first = 0;
    demo_must(view_new(base, rules, (size_t)1 << 30, &view, &err), &err);
    demo_must(planner_new(base, &p, &err), &err);
    arena_init(&arena, 256 << 20);
    for (int warm = 1; warm >= 0; warm--) {
        state = 17 + (uint64_t)warm;
        for (uint32_t i = 0; i < questions; i++) {
            struct answer a;
            struct route_request q = {.call_count = 2, .depart_ms = DEPART_MS, .max_snap_mm = 500000};
            q.calls[0].point = n->node_point[below(n->node_count)];
            q.calls[1].point = n->node_point[below(n->node_count)];
            snprintf(q.vehicle.class_code, sizeof q.vehicle.class_code, "truck_6_axle");
            demo_must(vehicle_complete(&q.vehicle, &err), &err);
            t = stopwatch_cpu_us();
            enum status status = warm ? planner_route(p, view, &q, PLANNER_FULL, &arena, &a, &err)
                                      : measured_question(p, view, &q, &arena, &a, &err);
            took[i] = stopwatch_cpu_us() - t;
            if (warm && i == 0) first = took[0];
            if (status != STATUS_OK && status != STATUS_SNAP_TOO_FAR) demo_must(status, &err);
            plans += !warm && status == STATUS_OK && a.cause == STATUS_OK;
            arena_reset(&arena);
        }
    }
    printf("%6u %-20s compile %7.2f ms, first question %7.2f ms, then p50 %7.1f us  mean %7.1f us   %u plans of %u\n", count, kind,
           compile / 1e3, first / 1e3, stopwatch_quantile(took, questions, 0.5), stopwatch_mean(took, questions), plans, questions);
    arena_clear(&arena);
    planner_free(p);
    view_release(view);
    rules_release(rules);
    stored_clear(&s);
}

int main(int argc, char **argv)
{
    static struct base base;
    static const uint32_t counts[] = {10, 1000, 10000};
    setvbuf(stdout, NULL, _IOLBF, 0);
    demo_base_make(&base, 1);
    if (argc > 2) {
        uint32_t questions = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : QUESTIONS;
        run(&base, argv[1], (uint32_t)strtoul(argv[2], NULL, 10), questions < QUESTIONS ? questions : QUESTIONS);
    }
    for (size_t k = 0; argc < 3 && k < KIND_COUNT; k++)
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) run(&base, kinds[k], counts[i], QUESTIONS);
    demo_base_clear(&base);
    return 0;
}
