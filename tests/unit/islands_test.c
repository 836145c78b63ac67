/* Islands that one can see on the drawing: 5 ── 6 hangs on the rest by road 56 alone, everything else lies on a ring. */
#include "routing/explain/islands.h"
#include "tests/unit/planner_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct scene s;
static struct rules *before;
static struct island *islands;
static uint32_t count;
static struct road_direction arcs[4];

/* Compares what is published now with what was published when this was begun, for a light truck and a heavy one. */
static void find(void)
{
    struct route_request light = {.vehicle = {.class_code = "light_truck"}, .depart_ms = SCENE_MORNING_MS};
    struct route_request heavy = {.vehicle = {.class_code = "truck_6_axle"}, .depart_ms = SCENE_MORNING_MS};
    const struct route_request *requests[] = {&light, &heavy};
    assert_int_equal(vehicle_complete(&light.vehicle, &s.err), STATUS_OK);
    assert_int_equal(vehicle_complete(&heavy.vehicle, &s.err), STATUS_OK);
    arena_reset(&s.arena);
    if (islands_find(&s.base, before, s.rules, requests, 2, &s.arena, &islands, &count, &s.err) != STATUS_OK) fail_msg("%s", s.err.en);
}

static void begin(bool detour)
{
    scene_init(&s, detour);
    before = rules_get(s.rules);
}

static void end(void)
{
    rules_release(before);
    scene_clear(&s);
}

static struct closure *closing(int64_t road, bool both)
{
    arcs[0] = (struct road_direction){road, false}, arcs[1] = (struct road_direction){road, true};
    s.closures[0] = (struct closure){.id = "c", .name = "c", .cause = "", .document = "", .authority = "", .action = CLOSURE_CLOSED,
                                     .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX},
                                     .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}, .arc_count = both ? 2 : 1, .arcs = arcs};
    s.input.closure_count = 1;
    return &s.closures[0];
}

static bool holds(const struct island *island, int64_t road)
{
    for (uint32_t i = 0; i < island->road_count; i++)
        if (s.base.network.road_source_id[island->roads[i]] == road) return true;
    return false;
}

static void nothing_changed_makes_no_island(void **state)
{
    (void)state;
    begin(true);
    find();
    assert_int_equal(count, 0);
    end();
}

static void what_lies_behind_a_closed_road_is_an_island_and_the_road_itself_is_not(void **state)
{
    (void)state;
    begin(false);
    closing(45, true);
    scene_publish(&s);
    find();
    assert_int_equal(count, 1);
    assert_int_equal(islands[0].road_count, 1);
    assert_true(holds(&islands[0], 56));
    assert_in_range(islands[0].length_mm, 990000, 1010000);
    assert_int_equal(islands[0].vehicles, 3);
    end();
}

static void a_way_round_leaves_no_island(void **state)
{
    (void)state;
    begin(true);
    closing(34, true);
    scene_publish(&s);
    find();
    assert_int_equal(count, 0);
    end();
}

static void a_road_that_can_be_left_and_not_come_to_is_an_island_too(void **state)
{
    (void)state;
    begin(false);
    closing(45, false);
    scene_publish(&s);
    find();
    assert_int_equal(count, 1);
    assert_true(holds(&islands[0], 56));
    end();
}

static void a_limit_makes_an_island_for_those_it_stops(void **state)
{
    (void)state;
    begin(false);
    struct closure *c = closing(45, true);
    c->action = CLOSURE_LIMIT;
    c->limit_kind = LIMIT_GROSS_WEIGHT;
    c->limit_value = 20000;
    scene_publish(&s);
    find();
    assert_int_equal(count, 1);
    assert_int_equal(islands[0].vehicles, 2); /* the heavy one */
    end();
}

static void a_closed_zone_is_no_island_and_a_gated_one_is_until_it_has_a_gate(void **state)
{
    (void)state;
    begin(true);
    struct zone_rule *rule = scene_zone(&s, "z", RULE_CLOSED, 4200, -300, 6000, 300);
    scene_publish(&s);
    find();
    assert_int_equal(count, 0); /* 56 lies in it */
    rule->kind = RULE_GATED;
    scene_publish(&s);
    find();
    assert_int_equal(count, 1);
    assert_true(holds(&islands[0], 56));
    scene_checkpoint(&s, "k", 4200, 0);
    scene_publish(&s);
    find();
    assert_int_equal(count, 0);
    end();
}

static void what_does_not_bind_then_makes_none(void **state)
{
    (void)state;
    begin(false);
    closing(45, true)->schedule.from_ms = SCENE_MORNING_MS + 60000;
    scene_publish(&s);
    find();
    assert_int_equal(count, 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changed_makes_no_island),
        cmocka_unit_test(what_lies_behind_a_closed_road_is_an_island_and_the_road_itself_is_not),
        cmocka_unit_test(a_way_round_leaves_no_island),
        cmocka_unit_test(a_road_that_can_be_left_and_not_come_to_is_an_island_too),
        cmocka_unit_test(a_limit_makes_an_island_for_those_it_stops),
        cmocka_unit_test(a_closed_zone_is_no_island_and_a_gated_one_is_until_it_has_a_gate),
        cmocka_unit_test(what_does_not_bind_then_makes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
