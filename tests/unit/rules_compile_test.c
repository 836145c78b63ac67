#include "routing/constraint/rules_compile.h"

#include "tests/unit/network_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { OPEN_MOTORWAYS = 1u << ROAD_MOTORWAY };

static struct spatial *index_of(const struct fixture *f)
{
    struct error err = ERROR_INIT;
    struct spatial *s = NULL;
    assert_int_equal(spatial_new(&f->network, &s, &err), STATUS_OK);
    return s;
}

static struct rules *compile(const struct fixture *f, const struct rules_input *input, const struct rules *previous)
{
    struct error err = ERROR_INIT;
    struct rules *r = NULL;
    struct spatial *s = index_of(f);
    if (rules_compile(&f->network, s, input, previous, &r, &err) != STATUS_OK) fail_msg("%s", err.en);
    spatial_free(s);
    return r;
}

/* Compiles one zone. */
static struct rules *compile_zone(const struct fixture *f, const struct zone *zone)
{
    struct rules_input input = {.version = 7, .as_of_ms = 8, .zone_count = 1, .zones = zone};
    return compile(f, &input, NULL);
}

static bool about(uint32_t value_mm, uint32_t expected_m)
{
    return value_mm > expected_m * 1000 - 2000 && value_mm < expected_m * 1000 + 2000;
}

/* A road 1 from west to east over 4 km in two halves, and a zone over the middle two kilometres. */
static void line(struct fixture *f)
{
    fixture_init(f);
    fixture_node(f, 1, 0, 0);
    fixture_node(f, 2, 2000, 0);
    fixture_node(f, 3, 4000, 0);
    FIXTURE_ROAD(f, .id = 1, .from = 1, .to = 2, .class = ROAD_PRIMARY, .ref = "G312");
    FIXTURE_ROAD(f, .id = 2, .from = 2, .to = 3, .class = ROAD_PRIMARY, .ref = "G312;S103");
}

static void an_arc_that_crosses_the_border_counts_from_the_crossing_point(void **state)
{
    (void)state;
    struct fixture f;
    line(&f);
    fixture_build(&f);
    struct zone z = {.id = "z", .area = fixture_box(1000, -500, 3500, 500)};
    struct rules *r = compile_zone(&f, &z);
    const struct membership *m;
    assert_int_equal(r->version, 7);
    assert_int_equal(r->as_of_ms, 8);
    assert_int_equal(r->member_count, 4);
    assert_int_equal(r->zone_first_arc[1], 4);
    assert_true(rules_membership(r, fixture_arc(&f, 1, false), 0, &m));
    assert_int_equal(m->stretch_count, 1);
    assert_true(about(r->stretches[m->first_stretch].from_mm, 1000));
    assert_int_equal(r->stretches[m->first_stretch].until_mm, f.network.road_length_mm[0]);
    assert_true(rules_membership(r, fixture_arc(&f, 1, true), 0, &m));
    assert_int_equal(r->stretches[m->first_stretch].from_mm, 0);
    assert_true(about(r->stretches[m->first_stretch].until_mm, 1000));
    assert_true(rules_membership(r, fixture_arc(&f, 2, true), 0, &m));
    assert_true(about(r->stretches[m->first_stretch].from_mm, 500));
    assert_int_equal(rules_zone(r, "z"), 0);
    assert_int_equal(rules_zone(r, "y"), UINT32_MAX);
    rules_release(r);
    multipolygon_clear(&z.area);
    fixture_clear(&f);
}

static void a_road_that_only_dips_in_or_runs_along_the_border_is_outside(void **state)
{
    (void)state;
    struct fixture f;
    line(&f);
    fixture_node(&f, 4, 2000, 503);
    fixture_node(&f, 5, 2000, 2000);
    fixture_node(&f, 6, 1000, 500);
    fixture_node(&f, 7, 3500, 500);
    FIXTURE_ROAD(&f, .id = 4, .from = 4, .to = 5, .class = ROAD_PRIMARY); /* begins 3 m inside */
    FIXTURE_ROAD(&f, .id = 6, .from = 6, .to = 7, .class = ROAD_PRIMARY); /* the border itself */
    fixture_build(&f);
    struct zone z = {.id = "z", .area = fixture_box(1000, -500, 3500, 506)};
    struct rules *r = compile_zone(&f, &z);
    assert_false(rules_membership(r, fixture_arc(&f, 4, false), 0, NULL));
    assert_true(rules_membership(r, fixture_arc(&f, 6, false), 0, NULL));
    rules_release(r);
    multipolygon_clear(&z.area);

    z.area = fixture_box(1000, -500, 3500, 500);
    r = compile_zone(&f, &z);
    assert_false(rules_membership(r, fixture_arc(&f, 6, false), 0, NULL));
    rules_release(r);
    z.border_roads_inside = true;
    r = compile_zone(&f, &z);
    assert_true(rules_membership(r, fixture_arc(&f, 6, false), 0, NULL));
    rules_release(r);
    z.border_roads_inside = false;
    z.accuracy_mm = 1600000; /* known to 1.6 km only: no road is surely in */
    r = compile_zone(&f, &z);
    assert_int_equal(r->member_count, 0);
    rules_release(r);
    multipolygon_clear(&z.area);
    fixture_clear(&f);
}

static void a_zone_with_layers_takes_only_roads_on_them(void **state)
{
    (void)state;
    struct fixture f;
    line(&f);
    fixture_node(&f, 11, 0, 100);
    fixture_node(&f, 12, 4000, 100);
    FIXTURE_ROAD(&f, .id = 11, .from = 11, .to = 12, .layer = 1, .flags = ROAD_BRIDGE);
    fixture_build(&f);
    struct zone z = {.id = "z", .area = fixture_box(1000, -500, 3500, 500)};
    struct rules *r = compile_zone(&f, &z);
    assert_true(rules_membership(r, fixture_arc(&f, 11, false), 0, NULL));
    rules_release(r);
    z.layer_count = 1;
    z.layers = (int8_t[]){0};
    r = compile_zone(&f, &z);
    assert_false(rules_membership(r, fixture_arc(&f, 11, false), 0, NULL));
    assert_true(rules_membership(r, fixture_arc(&f, 1, false), 0, NULL));
    rules_release(r);
    multipolygon_clear(&z.area);
    fixture_clear(&f);
}

/* Joints of a junction are no holes in a zone, but a short way that only touches it stays outside. */
static void short_roads_in_the_middle_of_a_zone_belong_to_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 2000, 0);
    fixture_node(&f, 3, 2003, 0);
    fixture_node(&f, 4, 2006, 0);
    fixture_node(&f, 5, 4000, 0);
    fixture_node(&f, 6, 500, 1001);
    fixture_node(&f, 7, 500, 1004);
    fixture_node(&f, 8, 500, 1008);
    fixture_node(&f, 9, 500, 3000);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2);
    FIXTURE_ROAD(&f, .id = 2, .from = 2, .to = 3);
    FIXTURE_ROAD(&f, .id = 3, .from = 3, .to = 4, .oneway = true);
    FIXTURE_ROAD(&f, .id = 4, .from = 4, .to = 5);
    FIXTURE_ROAD(&f, .id = 5, .from = 6, .to = 7); /* inside, but hanging on a road that is not */
    FIXTURE_ROAD(&f, .id = 6, .from = 7, .to = 8);
    FIXTURE_ROAD(&f, .id = 7, .from = 8, .to = 9);
    fixture_build(&f);
    struct zone z = {.id = "z", .area = fixture_box(-1000, -1000, 5000, 1006)};
    struct rules *r = compile_zone(&f, &z);
    const struct membership *m;
    assert_true(rules_membership(r, fixture_arc(&f, 2, false), 0, &m));
    assert_int_equal(r->stretches[m->first_stretch].from_mm, 0);
    assert_int_equal(r->stretches[m->first_stretch].until_mm, f.network.road_length_mm[1]);
    assert_true(rules_membership(r, fixture_arc(&f, 3, false), 0, NULL));
    assert_false(rules_membership(r, fixture_arc(&f, 5, false), 0, NULL));
    assert_false(rules_membership(r, fixture_arc(&f, 6, false), 0, NULL));
    assert_false(rules_membership(r, fixture_arc(&f, 7, false), 0, NULL));
    rules_release(r);
    multipolygon_clear(&z.area);
    fixture_clear(&f);
}

static void a_zone_far_from_the_roads_has_no_arcs_and_one_without_shape_fails_the_whole(void **state)
{
    (void)state;
    struct fixture f;
    line(&f);
    fixture_build(&f);
    struct zone zones[] = {{.id = "near", .area = fixture_box(1000, -500, 3500, 500)}, {.id = "far", .area = fixture_box(0, 0, 9, 9)}};
    for (uint32_t i = 0; i < 5; i++) zones[1].area.points[i].lon_e7 -= 1900000000; /* America */
    struct rules_input input = {.zone_count = 2, .zones = zones};
    struct rules *r = compile(&f, &input, NULL), *none = NULL;
    assert_int_equal(r->zone_first_arc[2] - r->zone_first_arc[1], 0);
    rules_release(r);
    multipolygon_clear(&zones[1].area);
    struct error err = ERROR_INIT;
    struct spatial *s = index_of(&f);
    assert_int_equal(rules_compile(&f.network, s, &input, NULL, &none, &err), STATUS_INVALID_GEOMETRY);
    assert_null(none);
    assert_non_null(strstr(err.log, "far"));
    spatial_free(s);
    multipolygon_clear(&zones[0].area);
    fixture_clear(&f);
}

static void compiled_rules_keep_their_own_copy_of_the_input(void **state)
{
    (void)state;
    struct fixture f;
    line(&f);
    fixture_build(&f);
    char id[] = "zone-1", code[] = "PASS", prefix[] = "豫R", tag[] = "coal";
    const char *prefixes[] = {prefix}, *cargos[] = {tag};
    struct window window = {.weekdays = 1, .day_kinds = 1, .from_min = 1, .until_min = 2};
    credential_type_index exempt[] = {0};
    struct requirement requirement = {.type = 0, .max_age_s = 172800};
    struct requirement_group group = {1, &requirement};
    struct credential_type type = {.code = code, .default_max_age_s = 5};
    struct zone_rule rule = {.kind = RULE_GATED, .subject = {.plate_prefix_count = 1, .plate_prefixes = prefixes, .cargo_count = 1, .cargos = cargos},
                             .exempt_count = 1, .exempt = exempt, .hours = {.window_count = 1, .windows = &window}};
    struct zone z = {.id = id, .area = fixture_box(1000, -500, 3500, 500), .rule_count = 1, .rules = &rule};
    struct checkpoint c = {.id = id, .group_count = 1, .groups = &group, .green_count = 1, .green = exempt};
    uint8_t kinds[] = {DAY_HOLIDAY};
    struct rules_input input = {.calendar = {5, 1, kinds}, .credential_type_count = 1, .credential_types = &type,
                                .zone_count = 1, .zones = &z, .checkpoint_count = 1, .checkpoints = &c};
    struct rules *r = compile(&f, &input, NULL);
    memset(id, 'x', sizeof id - 1);
    memset(code, 'x', sizeof code - 1);
    memset(prefix, 'x', sizeof prefix - 1);
    memset(tag, 'x', sizeof tag - 1);
    window.from_min = 99;
    exempt[0] = 99;
    requirement.max_age_s = 99;
    kinds[0] = 99;
    rule.kind = RULE_CAUTION;
    multipolygon_clear(&z.area);
    z.rule_count = 0;
    const struct zone *copy = &r->input->zones[0];
    assert_string_equal(copy->id, "zone-1");
    assert_string_equal(copy->name, "");
    assert_int_equal(copy->area.point_count, 5);
    assert_true(point_e7_equal(copy->area.points[4], fixture_point(1000, -500)));
    assert_int_equal(copy->rules[0].kind, RULE_GATED);
    assert_string_equal(copy->rules[0].subject.plate_prefixes[0], "豫R");
    assert_string_equal(copy->rules[0].subject.cargos[0], "coal");
    assert_int_equal(copy->rules[0].exempt[0], 0);
    assert_int_equal(copy->rules[0].hours.windows[0].from_min, 1);
    assert_int_equal(r->input->checkpoints[0].groups[0].requirements[0].max_age_s, 172800);
    assert_int_equal(r->input->checkpoints[0].green[0], 0);
    assert_int_equal(r->input->calendar.kind[0], DAY_HOLIDAY);
    assert_int_equal(rules_credential_type(r, "PASS"), 0);
    assert_int_equal(rules_credential_type(r, "xxxx"), NO_CREDENTIAL_TYPE);
    struct rules *again = rules_get(r);
    rules_release(r);
    assert_string_equal(again->input->zones[0].id, "zone-1");
    rules_release(again);
    fixture_clear(&f);
}

static void closures_are_found_by_arc_and_unknown_roads_are_reported(void **state)
{
    (void)state;
    struct fixture f;
    line(&f);
    fixture_build(&f);
    struct road_direction both[] = {{1, false}, {1, true}, {1, false}}, mixed[] = {{1, false}, {99, false}},
                          nowhere[] = {{98, true}};
    struct closure closures[] = {{.id = "a", .arc_count = 3, .arcs = both}, {.id = "b", .arc_count = 2, .arcs = mixed},
                                 {.id = "c", .arc_count = 1, .arcs = nowhere}, {.id = "d"}};
    struct rules_input input = {.closure_count = 4, .closures = closures};
    struct rules *r = compile(&f, &input, NULL);
    arc_id forward = fixture_arc(&f, 1, false), backward = fixture_arc(&f, 1, true);
    assert_int_equal(r->arc_first_closure[forward + 1] - r->arc_first_closure[forward], 2);
    assert_int_equal(r->arc_closure[r->arc_first_closure[forward]], 0);
    assert_int_equal(r->arc_closure[r->arc_first_closure[forward] + 1], 1);
    assert_int_equal(r->arc_first_closure[backward + 1] - r->arc_first_closure[backward], 1);
    assert_int_equal(r->arc_first_closure[f.network.arc_count], 3);
    assert_int_equal(r->dead_closure_count, 3);
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(r->dead_closures[i], i + 1);
    rules_release(r);
    fixture_clear(&f);
}

static void the_first_rule_whose_subject_surely_matches_applies_unless_doubt_brings_a_stricter_one(void **state)
{
    (void)state;
    static const char *const local[] = {"豫R"};
    struct zone_rule rules[] = {
        {.kind = RULE_CAUTION, .subject = {.plate_prefix_count = 1, .plate_prefixes = local}},
        {.kind = RULE_CLOSED, .subject = {.emissions = 1u << EMISSION_3}},
        {.kind = RULE_GATED, .subject = {.gross_min_kg = 12000}},
        {.kind = RULE_CLOSED},
    };
    struct zone z = {.rule_count = 4, .rules = rules};
    struct vehicle v = {.gross_kg = 30000, .plate = "鄂A11111", .emission = EMISSION_6};
    assert_int_equal(rules_zone_rule(&z, &v), 2);
    v.emission = EMISSION_3;
    assert_int_equal(rules_zone_rule(&z, &v), 1);
    v.emission = EMISSION_UNKNOWN;
    assert_int_equal(rules_zone_rule(&z, &v), 1);
    snprintf(v.plate, sizeof v.plate, "豫R11111");
    assert_int_equal(rules_zone_rule(&z, &v), 0);
    v.plate[0] = '\0';
    assert_int_equal(rules_zone_rule(&z, &v), 1);
    z.rule_count = 1;
    snprintf(v.plate, sizeof v.plate, "鄂A11111");
    assert_int_equal(rules_zone_rule(&z, &v), UINT32_MAX);
}

/* ---- gates ---- */

struct gate_case {
    struct zone_rule rule;
    struct zone zone;
    struct gate gate;
    struct checkpoint checkpoint;
};

static void gate_case(struct gate_case *c, struct multipolygon area, int32_t x_m, int32_t y_m)
{
    *c = (struct gate_case){.rule = {.kind = RULE_GATED, .open_classes = OPEN_MOTORWAYS}};
    c->zone = (struct zone){.id = "z", .area = area, .rule_count = 1, .rules = &c->rule};
    c->gate = (struct gate){.zone = 0, .direction = GATE_BOTH};
    c->checkpoint = (struct checkpoint){.id = "p", .point = fixture_point(x_m, y_m), .road_ref = "", .bearing_deg = -1,
                                        .reach_mm = 1000000, .gate_count = 1, .gates = &c->gate};
}

static struct rules *compile_gates(const struct fixture *f, struct gate_case *c)
{
    struct rules_input input = {.zone_count = 1, .zones = &c->zone, .checkpoint_count = 1, .checkpoints = &c->checkpoint};
    return compile(f, &input, NULL);
}

static bool has_gate(const struct rules *r, arc_id arc, uint8_t direction)
{
    for (uint32_t i = r->arc_first_gate[arc]; i < r->arc_first_gate[arc + 1]; i++)
        if (r->gate_arcs[i].arc == arc && r->gate_arcs[i].direction == direction) return true;
    return false;
}

/* Expects exactly these gates, given as (road, backward, direction); `dead`: the checkpoint is reported. */
struct expected_gate {
    int64_t road;
    bool backward;
    uint8_t direction;
};

static void expect_gates(const struct fixture *f, struct gate_case *c, bool dead, uint32_t count,
                         const struct expected_gate *expected)
{
    struct rules *r = compile_gates(f, c);
    for (uint32_t i = 0; i < count; i++)
        assert_true(has_gate(r, fixture_arc(f, expected[i].road, expected[i].backward), expected[i].direction));
    assert_int_equal(r->gate_arc_count, count);
    assert_int_equal(r->dead_checkpoint_count, dead);
    rules_release(r);
}
#define EXPECT_GATES(f, c, dead, count, ...) expect_gates(f, c, dead, count, (struct expected_gate[]){__VA_ARGS__})

static void a_checkpoint_gates_the_arcs_where_its_road_crosses_the_border(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    line(&f);
    fixture_build(&f);
    gate_case(&c, fixture_box(1000, -500, 9000, 500), 1400, 30);
    EXPECT_GATES(&f, &c, false, 2, {1, false, GATE_ENTER}, {1, true, GATE_EXIT});
    c.checkpoint.reach_mm = 350000; /* the border is 400 m away */
    EXPECT_GATES(&f, &c, true, 0, {0, false, 0});
    c.checkpoint.reach_mm = 450000;
    c.checkpoint.bearing_deg = 100; /* eastwards: into the zone only */
    EXPECT_GATES(&f, &c, false, 1, {1, false, GATE_ENTER});
    c.gate.direction = GATE_EXIT;
    EXPECT_GATES(&f, &c, true, 0, {0, false, 0});
    c.checkpoint.bearing_deg = 280;
    EXPECT_GATES(&f, &c, false, 1, {1, true, GATE_EXIT});
    c.checkpoint.road_ref = "S103"; /* begins 600 m on */
    EXPECT_GATES(&f, &c, true, 0, {0, false, 0});
    c.checkpoint.reach_mm = 1100000; /* is reached now, and its road goes on as G312 */
    EXPECT_GATES(&f, &c, false, 1, {1, true, GATE_EXIT});
    c.checkpoint.road_ref = "G40";
    EXPECT_GATES(&f, &c, true, 0, {0, false, 0});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

static void a_border_at_a_node_is_passed_by_the_first_and_last_arc_inside(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    line(&f);
    fixture_build(&f);
    gate_case(&c, fixture_box(1998, -500, 9000, 500), 1700, 10); /* two metres of road 1 are inside: it is outside */
    EXPECT_GATES(&f, &c, false, 2, {2, false, GATE_ENTER}, {2, true, GATE_EXIT});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

static void a_checkpoint_without_bearing_gates_both_carriageways(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 2000, 0);
    fixture_node(&f, 3, 0, 30);
    fixture_node(&f, 4, 2000, 30);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2, .class = ROAD_TRUNK, .ref = "G312", .oneway = true);
    FIXTURE_ROAD(&f, .id = 2, .from = 4, .to = 3, .class = ROAD_TRUNK, .ref = "G312", .oneway = true);
    fixture_build(&f);
    gate_case(&c, fixture_box(1000, -500, 9000, 500), 900, -5);
    c.checkpoint.road_ref = "G312";
    EXPECT_GATES(&f, &c, false, 2, {1, false, GATE_ENTER}, {2, false, GATE_EXIT});
    c.checkpoint.bearing_deg = 90;
    EXPECT_GATES(&f, &c, false, 1, {1, false, GATE_ENTER});
    c.checkpoint.bearing_deg = 270;
    EXPECT_GATES(&f, &c, false, 1, {2, false, GATE_EXIT});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

/* A motorway through the zone, open; at the exit 2 a ramp to the plaza at 5, from there G312 to the town 6. */
static void a_checkpoint_on_a_ramp_gates_the_exit_from_an_open_motorway(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 2000, 0);
    fixture_node(&f, 3, 3500, 0);
    fixture_node(&f, 4, 5000, 0);
    fixture_node(&f, 5, 2700, 500);
    fixture_node(&f, 6, 2700, 3000);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2, .ref = "G40", .oneway = true);
    FIXTURE_ROAD(&f, .id = 2, .from = 2, .to = 3, .ref = "G40", .oneway = true);
    FIXTURE_ROAD(&f, .id = 3, .from = 3, .to = 4, .ref = "G40", .oneway = true);
    FIXTURE_ROAD(&f, .id = 5, .from = 2, .to = 5, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 6, .from = 5, .to = 3, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 7, .from = 5, .to = 6, .class = ROAD_PRIMARY, .ref = "G312");
    fixture_node_flags(&f, 5, NODE_TOLL_BOOTH);
    fixture_build(&f);
    gate_case(&c, fixture_box(-1000, -1000, 9000, 9000), 2600, 440);
    c.checkpoint.road_ref = "G40"; /* the ramp has no number of its own */
    EXPECT_GATES(&f, &c, false, 1, {5, false, GATE_ENTER});
    c.checkpoint.point = fixture_point(2900, 380); /* on the entry ramp */
    EXPECT_GATES(&f, &c, false, 1, {6, false, GATE_EXIT});
    c.rule.open_classes |= 1u << ROAD_MOTORWAY_LINK; /* now the border is at the plaza */
    EXPECT_GATES(&f, &c, false, 1, {7, true, GATE_EXIT});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

/* A ramp down from an open motorway to a crossing with G312, and up again beyond it. */
static void whoever_leaves_a_ramp_may_turn_either_way(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 1000, 0);
    fixture_node(&f, 3, 3000, 0);
    fixture_node(&f, 4, 4000, 0);
    fixture_node(&f, 5, 2000, -100);
    fixture_node(&f, 6, 2000, -2000);
    fixture_node(&f, 7, 2000, 2000);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2, .ref = "G40", .oneway = true);
    FIXTURE_ROAD(&f, .id = 2, .from = 2, .to = 3, .ref = "G40", .oneway = true);
    FIXTURE_ROAD(&f, .id = 3, .from = 3, .to = 4, .ref = "G40", .oneway = true);
    FIXTURE_ROAD(&f, .id = 4, .from = 2, .to = 5, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 5, .from = 5, .to = 3, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 6, .from = 5, .to = 6, .class = ROAD_TRUNK, .ref = "G312");
    FIXTURE_ROAD(&f, .id = 7, .from = 5, .to = 7, .class = ROAD_TRUNK, .ref = "G312");
    fixture_build(&f);
    for (road_index r = 0; r < f.network.road_count; r++) /* down and up again is leaving the motorway */
        assert_int_equal(f.network.road_flags[r] & ROAD_THROUGH_RAMP, 0);
    gate_case(&c, fixture_box(-1000, -9000, 9000, 9000), 1900, -80);
    EXPECT_GATES(&f, &c, false, 1, {4, false, GATE_ENTER});
    c.rule.open_classes |= 1u << ROAD_MOTORWAY_LINK;
    EXPECT_GATES(&f, &c, false, 2, {6, false, GATE_ENTER}, {7, false, GATE_ENTER});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

/* A side road ends at a road that lies in the zone. */
static void a_road_that_ends_at_the_border_is_gated_into_both_arms(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    line(&f);
    fixture_node(&f, 9, 2000, -3000);
    FIXTURE_ROAD(&f, .id = 9, .from = 9, .to = 2, .class = ROAD_TERTIARY, .name = "乡道");
    fixture_build(&f);
    gate_case(&c, fixture_box(-9000, -2, 9000, 9000), 2010, -300);
    EXPECT_GATES(&f, &c, false, 4, {1, true, GATE_ENTER}, {2, false, GATE_ENTER}, {1, false, GATE_EXIT},
                 {2, true, GATE_EXIT});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

static void gates_by_hand_must_be_passages_and_are_reported_otherwise(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    line(&f);
    fixture_build(&f);
    gate_case(&c, fixture_box(1000, -500, 3000, 500), 90000, 90000);
    struct road_direction good[] = {{1, false}, {2, false}}, unknown[] = {{1, false}, {77, false}};
    c.gate.arcs = good;
    c.gate.arc_count = 2;
    EXPECT_GATES(&f, &c, false, 2, {1, false, GATE_ENTER}, {2, false, GATE_EXIT});
    c.gate.direction = GATE_ENTER; /* road 2 does not lead in that way */
    EXPECT_GATES(&f, &c, true, 1, {1, false, GATE_ENTER});
    c.gate.arcs = unknown;
    EXPECT_GATES(&f, &c, true, 1, {1, false, GATE_ENTER});
    c.checkpoint.gate_count = 0;
    EXPECT_GATES(&f, &c, true, 0, {0, false, 0});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

static void a_zone_that_is_not_gated_has_no_gates(void **state)
{
    (void)state;
    struct fixture f;
    struct gate_case c;
    line(&f);
    fixture_build(&f);
    gate_case(&c, fixture_box(1000, -500, 9000, 500), 1400, 30);
    c.rule.kind = RULE_CLOSED;
    EXPECT_GATES(&f, &c, true, 0, {0, false, 0});
    multipolygon_clear(&c.zone.area);
    fixture_clear(&f);
}

static void more_checkpoints_at_an_arc_than_can_be_chosen_among_open_nothing_and_are_told_of(void **state)
{
    (void)state;
    enum { MANY = RULES_GATES_MAX + 1 };
    struct fixture f;
    line(&f);
    fixture_build(&f);
    static const struct road_direction arcs[2] = {{1, false}, {1, true}};
    struct zone_rule rule = {.kind = RULE_GATED};
    struct zone zones[2] = {{.id = "z", .area = fixture_box(1000, -500, 3500, 500), .rule_count = 1, .rules = &rule}};
    struct gate gates[2] = {{.zone = 0, .direction = GATE_BOTH, .arc_count = 2, .arcs = arcs},
                            {.zone = 1, .direction = GATE_BOTH, .arc_count = 2, .arcs = arcs}};
    struct checkpoint checkpoints[MANY];
    char ids[MANY][8];
    zones[1] = zones[0];
    zones[1].id = "y";
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(ids[i], sizeof ids[i], "c%u", i);
        checkpoints[i] = (struct checkpoint){.id = ids[i], .point = fixture_point(1000, 0), .road_ref = "", .bearing_deg = -1,
                                             .reach_mm = 1000000, .gate_count = 2, .gates = gates};
    }
    struct rules_input input = {.zone_count = 2, .zones = zones, .checkpoint_count = RULES_GATES_MAX, .checkpoints = checkpoints};
    struct rules *r = compile(&f, &input, NULL); /* as many are for two zones */
    const uint32_t all = r->gate_arc_count;
    assert_int_equal(r->dead_checkpoint_count, 0);
    rules_release(r);
    input.checkpoint_count = MANY;
    r = compile(&f, &input, NULL);
    assert_int_equal(r->gate_arc_count, all);
    for (uint32_t i = 0; i < all; i++) assert_true(r->gate_arcs[i].checkpoint < RULES_GATES_MAX);
    assert_int_equal(r->dead_checkpoint_count, 1);
    assert_int_equal(r->dead_checkpoints[0], RULES_GATES_MAX);
    rules_release(r);
    multipolygon_clear(&zones[0].area);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arc_that_crosses_the_border_counts_from_the_crossing_point),
        cmocka_unit_test(a_road_that_only_dips_in_or_runs_along_the_border_is_outside),
        cmocka_unit_test(a_zone_with_layers_takes_only_roads_on_them),
        cmocka_unit_test(short_roads_in_the_middle_of_a_zone_belong_to_it),
        cmocka_unit_test(a_zone_far_from_the_roads_has_no_arcs_and_one_without_shape_fails_the_whole),
        cmocka_unit_test(compiled_rules_keep_their_own_copy_of_the_input),
        cmocka_unit_test(closures_are_found_by_arc_and_unknown_roads_are_reported),
        cmocka_unit_test(the_first_rule_whose_subject_surely_matches_applies_unless_doubt_brings_a_stricter_one),
        cmocka_unit_test(a_checkpoint_gates_the_arcs_where_its_road_crosses_the_border),
        cmocka_unit_test(a_border_at_a_node_is_passed_by_the_first_and_last_arc_inside),
        cmocka_unit_test(a_checkpoint_without_bearing_gates_both_carriageways),
        cmocka_unit_test(a_checkpoint_on_a_ramp_gates_the_exit_from_an_open_motorway),
        cmocka_unit_test(whoever_leaves_a_ramp_may_turn_either_way),
        cmocka_unit_test(a_road_that_ends_at_the_border_is_gated_into_both_arms),
        cmocka_unit_test(gates_by_hand_must_be_passages_and_are_reported_otherwise),
        cmocka_unit_test(a_zone_that_is_not_gated_has_no_gates),
        cmocka_unit_test(more_checkpoints_at_an_arc_than_can_be_chosen_among_open_nothing_and_are_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
