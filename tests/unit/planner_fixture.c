#include "tests/unit/planner_fixture.h"

#include "routing/planner/planner_route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct credential_type types[] = {{"pass", "通行证", "pass", 0}, {"test", "检测", "test", 48 * 3600}};

static void draw_road(struct fixture *f)
{
    for (int i = 1; i <= 6; i++) fixture_node(f, i, (i - 1) * 1000, 0);
    for (int i = 1; i <= 5; i++)
        FIXTURE_ROAD(f, .id = 10 * i + i + 1, .from = i, .to = i + 1, .class = ROAD_PRIMARY, .ref = "G312");
}

static void draw_detour(struct fixture *f)
{
    draw_road(f);
    fixture_node(f, 7, 1000, 2000);
    fixture_node(f, 8, 4000, 2000);
    FIXTURE_ROAD(f, .id = 27, .from = 2, .to = 7, .class = ROAD_TERTIARY, .name = "北一路");
    FIXTURE_ROAD(f, .id = 78, .from = 7, .to = 8, .class = ROAD_TERTIARY, .name = "北环");
    FIXTURE_ROAD(f, .id = 58, .from = 8, .to = 5, .class = ROAD_TERTIARY, .name = "北二路");
}

void scene_init(struct scene *s, bool detour)
{
    scene_init_on(s, detour ? draw_detour : draw_road);
}

void scene_init_on(struct scene *s, void (*draw)(struct fixture *f))
{
    memset(s, 0, sizeof *s);
    fixture_init(&s->f);
    draw(&s->f);
    fixture_build(&s->f);
    scene_begin(s);
}

void scene_begin(struct scene *s)
{
    s->base.network = s->f.network;
    s->base.turns = s->f.turns;
    assert_int_equal(spatial_new(&s->base.network, &s->base.spatial, &s->err), STATUS_OK);
    struct digraph g = {s->f.turns.node_count, s->f.turns.turn_count, s->f.turns.first_out, s->f.turns.head};
    uint32_t *order = malloc(g.node_count * sizeof *order);
    assert_non_null(order);
    for (uint32_t i = 0; i < g.node_count; i++) order[i] = i;
    assert_int_equal(hierarchy_new(&g, order, &s->base.hierarchy, &s->err), STATUS_OK);
    free(order);
    s->input = (struct rules_input){.version = 1, .as_of_ms = SCENE_MORNING_MS, .credential_type_count = 2,
                                    .credential_types = types, .zones = s->zones, .checkpoints = s->checkpoints,
                                    .closures = s->closures};
    assert_int_equal(planner_new(&s->base, &s->planner, &s->err), STATUS_OK);
    arena_init(&s->arena, 64 << 20);
    scene_publish(s);
}

void scene_clear(struct scene *s)
{
    for (uint32_t i = 0; i < s->input.zone_count; i++) multipolygon_clear(&s->zones[i].area);
    planner_free(s->planner);
    view_release(s->view);
    rules_release(s->rules);
    arena_clear(&s->arena);
    hierarchy_free(s->base.hierarchy);
    spatial_free(s->base.spatial);
    fixture_clear(&s->f);
}

struct zone_rule *scene_zone(struct scene *s, const char *id, enum rule_kind kind, int32_t x0, int32_t y0, int32_t x1,
                             int32_t y1)
{
    uint32_t i = s->input.zone_count++;
    struct multipolygon m = {.part_count = 1, .ring_count = 1, .point_count = 5};
    m.part_first_ring = calloc(2, sizeof *m.part_first_ring);
    m.ring_first_point = calloc(2, sizeof *m.ring_first_point);
    m.points = calloc(5, sizeof *m.points);
    assert_true(m.part_first_ring && m.ring_first_point && m.points);
    m.part_first_ring[1] = 1;
    m.ring_first_point[1] = 5;
    m.points[0] = m.points[4] = fixture_point(x0, y0);
    m.points[1] = fixture_point(x1, y0);
    m.points[2] = fixture_point(x1, y1);
    m.points[3] = fixture_point(x0, y1);
    s->rules_of_zone[i] = (struct zone_rule){.subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX}, .kind = kind,
                                             .slow_permille = 2000, .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    s->zones[i] = (struct zone){.id = id, .name = id, .class_code = "test", .class_name_zh = "", .class_name_en = "",
                                .county = "", .document = "1", .authority = "a", .area = m, .rule_count = 1,
                                .rules = &s->rules_of_zone[i],
                                .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    return &s->rules_of_zone[i];
}

struct checkpoint *scene_checkpoint(struct scene *s, const char *id, int32_t x, int32_t y)
{
    uint32_t i = s->input.checkpoint_count++;
    s->gates[i] = (struct gate){.zone = s->input.zone_count - 1, .direction = GATE_BOTH};
    s->checkpoints[i] = (struct checkpoint){.id = id, .name = id, .point = fixture_point(x, y), .road_ref = "G312",
                                            .bearing_deg = -1, .reach_mm = 600000,
                                            .opening = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}, .normal_ms = 120000,
                                            .green_ms = 30000, .gate_count = 1, .gates = &s->gates[i]};
    return &s->checkpoints[i];
}

void scene_publish(struct scene *s)
{
    struct rules *rules = NULL;
    s->input.version++;
    if (rules_compile(&s->f.network, s->base.spatial, &s->input, NULL, &rules, &s->err) != STATUS_OK) fail_msg("%s", s->err.en);
    view_release(s->view);
    rules_release(s->rules);
    s->rules = rules;
    assert_int_equal(view_new(&s->base, rules, 64 << 20, &s->view, &s->err), STATUS_OK);
}

void scene_ask(struct scene *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    memset(&s->request, 0, sizeof s->request);
    s->request.call_count = 2;
    s->request.calls[0].point = fixture_point(x0, y0);
    s->request.calls[1].point = fixture_point(x1, y1);
    s->request.depart_ms = SCENE_MORNING_MS;
    s->request.max_snap_mm = 500000;
    memcpy(s->request.vehicle.class_code, "truck_6_axle", 13);
    assert_int_equal(vehicle_complete(&s->request.vehicle, &s->err), STATUS_OK);
}

enum status scene_route(struct scene *s)
{
    arena_reset(&s->arena);
    enum status status = planner_route(s->planner, s->view, &s->request, PLANNER_FULL, &s->arena, &s->answer, &s->err);
    if (status != STATUS_OK) fail_msg("%s: %s %s", status_code(status), s->err.en, s->err.log);
    return s->answer.cause;
}

bool scene_uses(const struct scene *s, uint32_t leg, int64_t road)
{
    const struct leg *l = &s->answer.plans[0]->legs[leg];
    for (uint32_t i = 0; i < l->arc_count; i++)
        if (s->f.network.road_source_id[s->f.network.arc_road[l->arcs[i]]] == road) return true;
    return false;
}
