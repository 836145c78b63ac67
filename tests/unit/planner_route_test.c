/* Plans one can follow with a finger: the rules of semantics.md one by one. */
#include "routing/plan/checker.h"
#include "routing/planner/planner_reach.h"
#include "routing/planner/planner_route.h"
#include "routing/planner/planner_table.h"
#include "routing/search/search.h"
#include "tests/unit/planner_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct scene s;

static const struct leg *leg(uint32_t i)
{
    return &s.answer.plans[0]->legs[i];
}

static void a_plan_goes_straight_where_nothing_is_in_the_way(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_ask(&s, 500, 0, 4500, 0);
    s.request.want_geometry = s.request.want_steps = true;
    s.request.corridor_mm = 200000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    const struct plan *p = s.answer.plans[0];
    assert_true(p->issuable);
    assert_int_equal(p->leg_count, 1);
    assert_in_range(p->distance_mm, 3990000, 4010000);
    assert_int_equal(p->duration_ms, leg(0)->arrive_ms - SCENE_MORNING_MS);
    assert_in_range(p->duration_ms, 239000, 241000); /* 4 km at 60 km/h */
    assert_false(scene_uses(&s, 0, 78));
    assert_int_equal(leg(0)->point_count, 6);
    assert_int_equal(leg(0)->steps[0].maneuver, MANEUVER_DEPART);
    assert_int_equal(leg(0)->steps[leg(0)->step_count - 1].maneuver, MANEUVER_ARRIVE);
    assert_int_equal(leg(0)->step_count, 2); /* one road all along */
    uint64_t distance = 0, duration = 0;
    for (uint32_t i = 0; i < leg(0)->step_count; i++)
        distance += leg(0)->steps[i].distance_mm, duration += leg(0)->steps[i].duration_ms;
    assert_int_equal(distance, p->distance_mm);
    assert_int_equal(duration, p->duration_ms);
    assert_true(p->corridor.point_count > 10);
    assert_true(p->warning_count > 0); /* the height was assumed */
    scene_clear(&s);
}

static void a_closed_zone_is_gone_round(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_zone(&s, "flood", RULE_CLOSED, 2200, -300, 2700, 300);
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(scene_uses(&s, 0, 78));
    assert_false(scene_uses(&s, 0, 34));
    assert_int_equal(leg(0)->zone_count, 0);
    scene_clear(&s);
}

static void a_call_outside_on_a_road_that_runs_in_is_outside(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_zone(&s, "flood", RULE_CLOSED, 3500, -300, 6000, 300);
    scene_publish(&s);
    scene_ask(&s, 500, 0, 3300, 0); /* on the road from 4 to 5 … from 3000 m on, before the border at 3500 m */
    assert_int_equal(scene_route(&s), STATUS_OK);
    scene_ask(&s, 500, 0, 3700, 0);
    assert_int_equal(scene_route(&s), STATUS_DESTINATION_IN_CLOSED_ZONE);
    assert_int_equal(s.answer.conflict_count, 1);
    assert_int_equal(s.answer.conflicts[0].zone, 0);
    assert_non_null(s.answer.relaxed);
    assert_false(s.answer.relaxed->issuable);
    scene_ask(&s, 3700, 0, 500, 0);
    assert_int_equal(scene_route(&s), STATUS_ORIGIN_IN_CLOSED_ZONE);
    scene_ask(&s, 500, 0, 3700, 0);
    s.request.endpoints = ENDPOINTS_NEAREST_OUTSIDE;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(s.answer.plans[0]->waypoints[1].moved);
    assert_true(s.answer.plans[0]->waypoints[1].distance_mm > 200000);
    scene_clear(&s);
}

static void a_gated_zone_is_entered_through_its_open_gate_only(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_zone(&s, "epidemic", RULE_GATED, 2500, -3000, 6000, 3000);
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_NO_OPEN_GATE);
    assert_int_equal(s.answer.conflicts[0].kind, CONFLICT_ZONE);
    struct checkpoint *c = scene_checkpoint(&s, "west", 2300, 0);
    scene_publish(&s);
    assert_int_equal(s.rules->dead_checkpoint_count, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(leg(0)->gate_count, 1);
    assert_int_equal(leg(0)->gates[0].direction, GATE_ENTER);
    assert_int_equal(leg(0)->gates[0].inspection_ms, 120000);
    assert_in_range(s.answer.plans[0]->duration_ms, 359000, 361000);
    assert_int_equal(leg(0)->zone_count, 1);
    assert_int_equal(leg(0)->zones[0].why, MESSAGE_ZONE_THROUGH_GATES);
    /* closed when it would be there */
    c->opening.from_ms = SCENE_MORNING_MS + 600000;
    scene_publish(&s);
    assert_int_equal(scene_route(&s), STATUS_NO_OPEN_GATE);
    assert_int_equal(s.answer.conflicts[0].kind, CONFLICT_GATE);
    assert_int_equal(s.answer.conflict_count, 1);
    /* with leave to wait it goes in as soon as it opens */
    s.request.max_wait_ms = 900000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(s.answer.plans[0]->wait_ms > 0);
    assert_int_equal(leg(0)->gates[0].at_ms + leg(0)->gates[0].wait_ms, SCENE_MORNING_MS + 600000);
    scene_clear(&s);
}

/* By distance: the way round is 4 km longer and some seconds faster, and only who comes by it is through before the last road
 * closes. Less than the grain of arrivals is no reason to say that there is no way. */
static void a_longer_way_that_is_seconds_faster_is_taken_where_that_decides(void **state)
{
    static const struct road_direction slow[1] = {{34, false}}, last[1] = {{56, false}};
    const struct subject all = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX};
    (void)state;
    scene_init(&s, true);
    s.closures[0] = (struct closure){.id = "s", .name = "works", .cause = "", .document = "d", .authority = "a", .action = CLOSURE_SPEED,
                                     .limit_value = 11, .subject = all, .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN},
                                     .arc_count = 1, .arcs = slow};
    s.input.closure_count = 1;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4800, 0);
    s.request.calls[2] = s.request.calls[1];
    s.request.calls[1].point = fixture_point(4300, 0); /* where both ways come together */
    s.request.call_count = 3;
    assert_int_equal(scene_route(&s), STATUS_OK);
    uint32_t round_ms = s.answer.plans[0]->duration_ms;
    s.request.prefer = PREFER_DISTANCE;
    assert_int_equal(scene_route(&s), STATUS_OK);
    uint32_t straight_ms = s.answer.plans[0]->duration_ms;
    assert_in_range(straight_ms, round_ms + 2000, round_ms + SEARCH_GRAIN_MS - 1000);
    s.closures[1] = (struct closure){.id = "c", .name = "works", .cause = "", .document = "d", .authority = "a", .action = CLOSURE_CLOSED,
                                     .subject = all, .schedule = {.from_ms = SCENE_MORNING_MS + round_ms + 1000, .until_ms = TIME_OPEN},
                                     .arc_count = 1, .arcs = last};
    s.input.closure_count = 2;
    scene_publish(&s);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(s.answer.plans[0]->duration_ms, round_ms);
    scene_clear(&s);
}

/*   0 ── 1 ── 2 ══ 3 ── 4 ══ 5 ── 6   one way; by two roads from 2 to 3 and from 4 to 5, of which the second is longer: by 4 m, by 100 m */
static uint16_t second_kmh;

static void draw_two_choices(struct fixture *f)
{
    static const int32_t x[] = {-700, 300, 1000, 6000, 6500, 9500, 10500};
    for (int i = 0; i <= 6; i++) fixture_node(f, i, x[i], 0);
    for (int i = 0; i < 6; i++) FIXTURE_ROAD(f, .id = 10 * i + i + 1, .from = i, .to = i + 1, .class = ROAD_PRIMARY, .oneway = true);
    FIXTURE_ROAD(f, .id = 230, .from = 2, .to = 3, .class = ROAD_PRIMARY, .oneway = true, .speed_kmh = second_kmh, .bend_count = 1,
                 .bends = {{3500, 100}});
    FIXTURE_ROAD(f, .id = 450, .from = 4, .to = 5, .class = ROAD_PRIMARY, .oneway = true, .bend_count = 1, .bends = {{8000, 400}});
}

/* The shorter road of the second choice closes for hours, the longer one from or until some second. Only who comes by the longer one
 * of the first choice gets through, and that costs more than what is looked at first by one part in a hundred. */
static void check_two_choices(uint16_t kmh, int64_t from_ms, int64_t until_ms)
{
    second_kmh = kmh;
    scene_init_on(&s, draw_two_choices);
    scene_zone(&s, "short", RULE_CLOSED, 7900, -100, 8100, 100);
    s.zones[0].schedule.from_ms = SCENE_MORNING_MS + 60000;
    s.zones[0].schedule.until_ms = SCENE_MORNING_MS + 4 * 3600000;
    scene_zone(&s, "long", RULE_CLOSED, 7900, 200, 8100, 600);
    s.zones[1].schedule.from_ms = from_ms;
    s.zones[1].schedule.until_ms = until_ms;
    scene_publish(&s);
    scene_ask(&s, 200, 0, 500, 0);
    s.request.calls[2].point = fixture_point(10000, 0);
    s.request.call_count = 3;
    s.request.prefer = PREFER_DISTANCE;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(scene_uses(&s, 1, 230) && scene_uses(&s, 1, 450));
    scene_clear(&s);
}

static void who_comes_later_or_earlier_is_looked_for_beyond_what_is_looked_at_first(void **state)
{
    (void)state;
    check_two_choices(36, INT64_MIN, SCENE_MORNING_MS + 500000);                          /* three minutes later */
    check_two_choices(64, SCENE_MORNING_MS + 462000, SCENE_MORNING_MS + 4 * 3600000); /* seconds earlier */
}

/* A road runs out of the zone along its border: whether it still counts as inside is a matter of centimetres, and the checker,
 * which looks on with a metre to spare, must not miss the gate at the end of it. */
static void a_road_along_the_border_of_a_gated_zone_is_left_by_the_gate(void **state)
{
    static const struct fixture_xy ring[] = {{500, -300}, {2000, -300}, {2000, 0}, {3000, 0}, {3000, 300}, {500, 300}};
    (void)state;
    for (int inside = 0; inside < 2; inside++)
        for (int32_t in = -150; in <= 150; in += 10) { /* × 1.1 cm */
            scene_init(&s, false);
            scene_zone(&s, "epidemic", RULE_GATED, 0, 0, 1, 1);
            multipolygon_clear(&s.zones[0].area);
            s.zones[0].area = fixture_area(ring, 6);
            s.zones[0].area.points[2].lat_e7 -= in;
            s.zones[0].area.points[3].lat_e7 -= in;
            s.zones[0].border_roads_inside = inside;
            scene_checkpoint(&s, "east", 2500, 0);
            scene_publish(&s);
            scene_ask(&s, 1500, 0, 4500, 0);
            assert_int_equal(scene_route(&s), STATUS_OK);
            assert_int_equal(leg(0)->gate_count, 1);
            scene_clear(&s);
        }
}

/* Two zones with one border; the first has no gate there and is over in ten minutes, the second has one. The road behind the
 * vehicle closes meanwhile, so it cannot wait where it came from. */
static void one_may_wait_at_a_gate_for_the_end_of_another_zone(void **state)
{
    (void)state;
    static const struct road_direction behind[1] = {{23, false}};
    scene_init(&s, false);
    scene_zone(&s, "county", RULE_GATED, 2500, -3000, 6000, 3000);
    s.zones[0].schedule.until_ms = SCENE_MORNING_MS + 600000;
    scene_zone(&s, "epidemic", RULE_GATED, 2500, -3000, 6000, 3000);
    scene_checkpoint(&s, "west", 2300, 0);
    s.closures[0] = (struct closure){.id = "c", .name = "works", .cause = "", .document = "d", .authority = "a", .action = CLOSURE_CLOSED,
                                     .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX},
                                     .schedule = {.from_ms = SCENE_MORNING_MS + 120000, .until_ms = TIME_OPEN}, .arc_count = 1, .arcs = behind};
    s.input.closure_count = 1;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_NO_OPEN_GATE);
    s.request.max_wait_ms = 900000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_in_range(leg(0)->depart_ms, SCENE_MORNING_MS, SCENE_MORNING_MS + 60000); /* as late as the works allow */
    assert_int_equal(leg(0)->gate_count, 1);
    assert_int_equal(leg(0)->gates[0].zone, 1);
    assert_int_equal(leg(0)->gates[0].at_ms + leg(0)->gates[0].wait_ms, SCENE_MORNING_MS + 600000);
    scene_clear(&s);
}

/* Two zones with one border: five minutes at a checkpoint for the first alone and six at one for both are eleven; six will do. */
static void the_gates_of_borders_that_meet_are_chosen_together(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_zone(&s, "county", RULE_GATED, 2500, -3000, 6000, 3000);
    scene_checkpoint(&s, "quick", 2300, 0)->normal_ms = 300000;
    scene_zone(&s, "epidemic", RULE_GATED, 2500, -3000, 6000, 3000);
    struct gate both[2] = {{.zone = 0, .direction = GATE_BOTH}, {.zone = 1, .direction = GATE_BOTH}};
    struct checkpoint *shared = scene_checkpoint(&s, "shared", 2300, 0);
    shared->normal_ms = 360000;
    shared->gates = both;
    shared->gate_count = 2;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    s.request.want_steps = true;
    for (int timed = 0; timed < 2; timed++) {
        assert_int_equal(scene_route(&s), STATUS_OK);
        assert_int_equal(leg(0)->gate_count, 2);
        for (uint32_t i = 0; i < 2; i++) {
            assert_int_equal(leg(0)->gates[i].zone, i);
            assert_int_equal(leg(0)->gates[i].checkpoint, 1);
            assert_int_equal(leg(0)->gates[i].inspection_ms, i ? 0 : 360000);
            assert_int_equal(leg(0)->gates[i].at_ms, leg(0)->gates[0].at_ms);
        }
        uint32_t told = 0;
        for (uint32_t i = 0; i < leg(0)->step_count; i++) told += leg(0)->steps[i].maneuver == MANEUVER_GATE;
        assert_int_equal(told, 1);
        shared->opening.until_ms = leg(0)->gates[0].at_ms + 1000; /* it is asked once, when the vehicle comes */
        scene_publish(&s);
    }
    shared->opening.until_ms = leg(0)->gates[0].at_ms; /* shut: the second zone has no other */
    scene_publish(&s);
    assert_int_equal(scene_route(&s), STATUS_NO_OPEN_GATE);
    assert_int_equal(s.answer.conflicts[0].checkpoint, 1);
    scene_clear(&s);
}

static void what_a_gate_asks_is_judged_when_passing(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_zone(&s, "epidemic", RULE_GATED, 2500, -3000, 6000, 3000);
    struct checkpoint *c = scene_checkpoint(&s, "west", 2300, 0);
    static const credential_type_index green[1] = {0};
    s.requirements[0] = (struct requirement){1, 24 * 3600};
    s.groups[0] = (struct requirement_group){1, &s.requirements[0]};
    c->group_count = 1;
    c->groups = &s.groups[0];
    c->green = green;
    c->green_count = 1;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_CREDENTIAL_MISSING);
    s.request.credential_count = 1;
    s.request.credentials[0] = (struct credential){.type_code = "test", .issued_ms = SCENE_MORNING_MS - 24 * 3600000 + 60000,
                                                   .valid_from_ms = INT64_MIN, .valid_until_ms = TIME_OPEN};
    assert_int_equal(scene_route(&s), STATUS_CREDENTIAL_EXPIRED_AT_GATE); /* good at departure, too old at the gate */
    s.request.credentials[0].issued_ms += 600000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(leg(0)->gates[0].credential_count, 1);
    assert_false(leg(0)->gates[0].green_channel);
    s.request.credential_count = 2;
    s.request.credentials[1] = (struct credential){.type_code = "pass", .issued_ms = INT64_MIN, .valid_from_ms = INT64_MIN,
                                                   .valid_until_ms = TIME_OPEN};
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_false(leg(0)->gates[0].green_channel); /* a pass that does not say when it holds */
    s.request.credentials[1].valid_until_ms = SCENE_MORNING_MS + 86400000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(leg(0)->gates[0].green_channel);
    assert_int_equal(leg(0)->gates[0].inspection_ms, 30000);
    s.request.credentials[1].type_code = "nonsense";
    assert_int_equal(planner_route(s.planner, s.view, &s.request, PLANNER_FULL, &s.arena, &s.answer, &s.err),
                     STATUS_UNKNOWN_CREDENTIAL_TYPE);
    assert_string_equal(s.err.pointer, "/credentials/1/type");
    scene_clear(&s);
}

static void a_zone_for_destinations_lets_in_who_has_business_there(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_zone(&s, "town", RULE_DESTINATION_ONLY, 1500, -300, 3500, 300);
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(scene_uses(&s, 0, 78)); /* round it */
    scene_ask(&s, 500, 0, 2500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(leg(0)->zones[0].why, MESSAGE_ZONE_DESTINATION);
    scene_clear(&s);
}

static void through_only_keeps_to_the_open_road(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_zone(&s, "snow", RULE_THROUGH_ONLY, 1500, -300, 3500, 3000)->open_classes = 1u << ROAD_PRIMARY;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(leg(0)->zones[0].why, MESSAGE_ZONE_OPEN_ROAD);
    scene_ask(&s, 500, 0, 2500, 0); /* no stop, not even on the open road */
    assert_int_equal(scene_route(&s), STATUS_DESTINATION_IN_CLOSED_ZONE);
    scene_clear(&s);
}

static void caution_slows_and_warns(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_zone(&s, "fog", RULE_CAUTION, 2000, -300, 3000, 300);
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_in_range(s.answer.plans[0]->duration_ms, 299000, 301000); /* one of four kilometres at half speed */
    bool warned = false;
    for (uint32_t i = 0; i < s.answer.plans[0]->warning_count; i++)
        warned = warned || s.answer.plans[0]->warnings[i].kind == WARNING_CAUTION_ZONE;
    assert_true(warned);
    scene_clear(&s);
}

/* In at two places of one road, out between them. */
static void a_zone_that_is_left_and_entered_again_is_told_twice(void **state)
{
    (void)state;
    static const int32_t at[9][2] = {{1200, -300}, {1800, -300}, {1800, 300}, {3200, 300}, {3200, -300},
                                     {3800, -300}, {3800, 600},  {1200, 600}, {1200, -300}};
    scene_init(&s, false);
    scene_zone(&s, "fog", RULE_CAUTION, 0, 0, 1, 1);
    struct multipolygon *area = &s.zones[0].area;
    area->points = realloc(area->points, 9 * sizeof *area->points);
    assert_non_null(area->points);
    for (int i = 0; i < 9; i++) area->points[i] = fixture_point(at[i][0], at[i][1]);
    area->ring_first_point[1] = area->point_count = 9;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(leg(0)->zone_count, 2);
    for (int i = 0; i < 2; i++) assert_in_range(leg(0)->zones[i].distance_mm, 595000, 605000);
    assert_true(leg(0)->zones[0].leave_ms < leg(0)->zones[1].enter_ms);
    scene_clear(&s);
}

/* It binds no lorry without animals, and no other is near: only its name says that it counts. */
static void a_zone_avoided_by_name_counts_for_plan_and_checker_whomever_it_is_for(void **state)
{
    (void)state;
    struct checker *checker = NULL;
    scene_init(&s, true);
    scene_zone(&s, "market", RULE_CLOSED, 2200, -300, 2700, 300)->subject.livestock = YES;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(scene_uses(&s, 0, 34));
    assert_int_equal(checker_new(&s.base, &checker, &s.err), STATUS_OK);
    for (int round = 0; round < 2; round++) { /* what is remembered of the first is not what the second asks */
        s.request.avoid_zone_count = 0;
        assert_int_equal(checker_verify(checker, s.view, &s.request, s.answer.plans[0], &s.err), STATUS_OK);
        s.request.avoid_zones[s.request.avoid_zone_count++] = "market";
        assert_int_equal(checker_verify(checker, s.view, &s.request, s.answer.plans[0], &s.err), STATUS_CHECKER_DISAGREES);
    }
    s.request.vehicle.livestock = true;
    s.request.avoid_zone_count = 0;
    assert_int_equal(checker_verify(checker, s.view, &s.request, s.answer.plans[0], &s.err), STATUS_CHECKER_DISAGREES);
    s.request.vehicle.livestock = false;
    s.request.avoid_zone_count = 1;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_false(scene_uses(&s, 0, 34));
    checker_free(checker);
    scene_clear(&s);
}

/* In past one gate with a pass, a call inside, and back home: it must last until then. */
static void a_credential_lasts_until_the_journey_ends(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_zone(&s, "epidemic", RULE_GATED, 2500, -3000, 6000, 300);
    struct checkpoint *west = scene_checkpoint(&s, "west", 2300, 0);
    s.requirements[0] = (struct requirement){0, 0};
    s.groups[0] = (struct requirement_group){1, &s.requirements[0]};
    west->group_count = 1;
    west->groups = &s.groups[0];
    s.gates[0].direction = GATE_ENTER;
    scene_checkpoint(&s, "north", 4000, 400)->road_ref = ""; /* out by another road, where nothing is asked */
    s.gates[1].direction = GATE_EXIT;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 3500, 0);
    s.request.loop = true;
    s.request.calls[1].service_ms = 600000;
    s.request.calls[1].turning_place = true;
    s.request.credential_count = 1;
    s.request.credentials[0] = (struct credential){.type_code = "pass", .issued_ms = INT64_MIN,
                                                   .valid_from_ms = SCENE_MORNING_MS - 3600000, .valid_until_ms = TIME_OPEN};
    assert_int_equal(scene_route(&s), STATUS_OK);
    struct route_request *q = &s.request;
    int64_t end = q->depart_ms + s.answer.plans[0]->duration_ms;
    for (uint32_t i = 0; i < 2; i++) {
        for (uint32_t k = 0; k < leg(i)->gate_count; k++)
            assert_true(leg(i)->gates[k].checkpoint == i && leg(i)->gates[k].at_ms < end - 60000);
        assert_true(leg(i)->gate_count > 0);
    }
    q->credentials[0].valid_until_ms = end + 1;
    assert_int_equal(scene_route(&s), STATUS_OK);
    q->credentials[0].valid_until_ms = end; /* good at every gate, but not on arrival */
    assert_int_equal(scene_route(&s), STATUS_CREDENTIAL_EXPIRED_AT_GATE);
    assert_false(s.answer.relaxed->issuable);
    /* and the checker, of a plan made when it lasted */
    struct checker *checker = NULL;
    q->credentials[0].valid_until_ms = end + 1;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(checker_new(&s.base, &checker, &s.err), STATUS_OK);
    assert_int_equal(checker_verify(checker, s.view, q, s.answer.plans[0], &s.err), STATUS_OK);
    q->credentials[0].valid_until_ms = end;
    assert_int_equal(checker_verify(checker, s.view, q, s.answer.plans[0], &s.err), STATUS_CHECKER_DISAGREES);
    assert_int_equal(checker_last_offence(checker)->kind, OFFENCE_CREDENTIAL);
    checker_free(checker);
    /* one way: the table and what can be reached say the same */
    q->loop = false;
    q->calls[1].service_ms = 0;
    q->credentials[0].valid_until_ms = TIME_OPEN;
    assert_int_equal(scene_route(&s), STATUS_OK);
    uint32_t duration = s.answer.plans[0]->duration_ms, table, got[2];
    for (uint32_t i = 0; i < 2; i++) {
        struct reach_answer reach = {.contour_count = 1, .contours = {{.limit = duration + 5000}}};
        q->credentials[0].valid_until_ms = q->depart_ms + duration + 1 - i;
        assert_int_equal(planner_table(s.planner, s.view, q, &q->calls[0], 1, &q->calls[1], 1, &table, NULL, NULL, NULL, &s.err),
                         STATUS_OK);
        assert_int_equal(table, i == 0 ? duration : UINT32_MAX);
        assert_int_equal(planner_reach(s.planner, s.view, q, &q->calls[0], false, 0, &s.arena, &reach, &s.err), STATUS_OK);
        got[i] = 0;
        for (uint32_t k = 0; k < reach.contours[0].part_count; k++)
            got[i] += reach.contours[0].parts[k].to_mm - reach.contours[0].parts[k].from_mm;
    }
    assert_true(got[0] > got[1] && got[1] > 0); /* where one comes to as the credential ends is not reached */
    scene_clear(&s);
}

/* Whoever is exempt from caution is faster than a plan made without the credential. It is lawful all the same: one that ends may be
 * left at home, as the planner does where that helps. */
static void the_checker_lets_a_credential_that_ends_be_left_at_home(void **state)
{
    (void)state;
    static const credential_type_index pass = 0;
    struct checker *checker = NULL;
    scene_init(&s, true);
    struct zone_rule *rule = scene_zone(&s, "fog", RULE_CAUTION, 2000, -300, 3000, 300);
    rule->exempt = &pass, rule->exempt_count = 1, rule->slow_permille = 2000;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    struct route_request *q = &s.request;
    q->credential_count = 1;
    q->credentials[0] = (struct credential){.type_code = "pass", .issued_ms = INT64_MIN, .valid_from_ms = SCENE_MORNING_MS - 3600000,
                                            .valid_until_ms = SCENE_MORNING_MS + 36000000};
    assert_int_equal(checker_new(&s.base, &checker, &s.err), STATUS_OK);
    assert_int_equal(checker_verify(checker, s.view, q, s.answer.plans[0], &s.err), STATUS_OK);
    q->end_before_ms = q->credentials[0].valid_until_ms; /* the planner's own question, with all of them */
    assert_int_equal(checker_verify(checker, s.view, q, s.answer.plans[0], &s.err), STATUS_CHECKER_DISAGREES);
    assert_int_equal(checker_last_offence(checker)->kind, OFFENCE_CLOCK);
    q->end_before_ms = 0, q->left_at_home_ms = q->credentials[0].valid_until_ms;
    assert_int_equal(checker_verify(checker, s.view, q, s.answer.plans[0], &s.err), STATUS_OK);
    checker_free(checker);
    scene_clear(&s);
}

static void a_rule_by_the_last_digit_binds_who_does_not_give_it(void **state)
{
    (void)state;
    static const struct window tails[] = {
        {.weekdays = 0x7F, .day_kinds = 0x0F, .until_min = 1440, .plate_tails = 1 << 1 | 1 << 6}};
    scene_init(&s, false);
    scene_zone(&s, "tails", RULE_CLOSED, 2200, -300, 2700, 300)->hours =
        (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN, .window_count = 1, .windows = tails};
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_ROAD_CLOSED);
    assert_non_null(strstr(s.answer.conflicts[0].needed_en, "plate"));
    snprintf(s.request.vehicle.plate, sizeof s.request.vehicle.plate, "豫R12346");
    assert_int_equal(scene_route(&s), STATUS_ROAD_CLOSED);
    assert_null(strstr(s.answer.conflicts[0].needed_en, "plate"));
    snprintf(s.request.vehicle.plate, sizeof s.request.vehicle.plate, "豫R12345");
    assert_int_equal(scene_route(&s), STATUS_OK);
    /* hours that open are the other way round */
    s.rules_of_zone[0] = (struct zone_rule){.kind = RULE_GATED, .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN},
                                            .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX}};
    scene_checkpoint(&s, "west", 2100, 0)->opening =
        (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN, .window_count = 1, .windows = tails};
    scene_publish(&s);
    scene_ask(&s, 500, 0, 2500, 0);
    assert_int_equal(scene_route(&s), STATUS_NO_OPEN_GATE);
    snprintf(s.request.vehicle.plate, sizeof s.request.vehicle.plate, "豫R12346");
    assert_int_equal(scene_route(&s), STATUS_OK);
    scene_clear(&s);
}

/* A road along the border, a little farther in each time: where geometry cannot tell, the checker's clock must not go its
 * own way (there would be no plan). */
static void a_road_at_the_border_of_caution_has_one_clock(void **state)
{
    (void)state;
    uint32_t slowed = 0, count = 0;
    for (int32_t in = -300; in <= 300; in += 10, count++) { /* × 1.1 cm */
        scene_init(&s, false);
        scene_zone(&s, "fog", RULE_CAUTION, 2000, 0, 3000, 300);
        for (int i = 0; i < 5; i++) s.zones[0].area.points[i].lat_e7 -= in;
        scene_zone(&s, "smoke", RULE_CAUTION, 1900, -300, 2600, 0)->slow_permille = 1500;
        for (int i = 0; i < 5; i++) s.zones[1].area.points[i].lat_e7 += in;
        scene_publish(&s);
        scene_ask(&s, 500, 0, 4500, 0);
        assert_int_equal(scene_route(&s), STATUS_OK);
        slowed += s.answer.plans[0]->duration_ms > 250000;
        scene_clear(&s);
    }
    assert_true(slowed > 0 && slowed < count);
}

static void a_rule_is_judged_when_the_vehicle_is_there(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_zone(&s, "works", RULE_CLOSED, 2200, -300, 2700, 300);
    s.zones[0].schedule.until_ms = SCENE_MORNING_MS + 100000; /* it comes to 2200 m after 102 s */
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(leg(0)->zones[0].why, MESSAGE_ZONE_NOT_IN_FORCE);
    s.zones[0].schedule.until_ms += 900000; /* longer than a way round the block would take */
    scene_publish(&s);
    assert_int_equal(scene_route(&s), STATUS_TIME_WINDOW);
    s.request.max_wait_ms = 1200000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_in_range(s.answer.plans[0]->wait_ms, 897000, 899000);
    scene_clear(&s);
}

static void for_destinations_only(int64_t road)
{
    for (int way = 0; way < 2; way++)
        ((uint8_t *)(uintptr_t)s.base.network.arc_access_lorry)[fixture_arc(&s.f, road, way)] = ACCESS_DESTINATION;
}

/* The checker, told afterwards: who has business in one area has none in the next. */
static void roads_for_destinations_are_open_to_their_own(void **state)
{
    (void)state;
    struct checker *checker = NULL;
    scene_init(&s, false);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    static const struct {
        int64_t road;
        enum status expected;
    } stages[] = {{12, STATUS_OK}, {34, STATUS_CHECKER_DISAGREES}, {23, STATUS_OK}}; /* 23 joins the two */
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        for_destinations_only(stages[i].road);
        assert_int_equal(checker_new(&s.base, &checker, &s.err), STATUS_OK);
        assert_int_equal(checker_verify(checker, s.view, &s.request, s.answer.plans[0], &s.err), stages[i].expected);
        if (stages[i].expected != STATUS_OK) assert_int_equal(checker_last_offence(checker)->kind, OFFENCE_ACCESS);
        checker_free(checker);
    }
    scene_clear(&s);
}

static void a_vehicle_goes_on_as_it_arrived_unless_it_may_turn(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_ask(&s, 500, 0, 3500, 0);
    s.request.loop = true;
    s.request.calls[1].service_ms = 600000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    const struct plan *p = s.answer.plans[0];
    assert_int_equal(p->leg_count, 2);
    assert_int_equal(leg(0)->arcs[leg(0)->arc_count - 1], leg(1)->arcs[0]);
    assert_in_range(p->distance_mm, 8990000, 9010000); /* to the end of the road and back, before the call or after it */
    assert_int_equal(leg(1)->depart_ms, leg(0)->arrive_ms + 600000);
    s.request.calls[1].turning_place = true;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_in_range(s.answer.plans[0]->distance_mm, 5990000, 6010000);
    scene_clear(&s);
}

static void the_kerb_side_decides_from_where_a_place_is_reached(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_ask(&s, 500, 0, 2500, 40); /* north of the road: on the left of one that drives east */
    assert_int_equal(scene_route(&s), STATUS_OK);
    uint64_t direct = s.answer.plans[0]->distance_mm;
    s.request.calls[1].side = SIDE_CURB;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(s.answer.plans[0]->distance_mm > direct + 1000000);
    scene_clear(&s);
}

static void a_target_behind_the_start_needs_a_real_loop(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_ask(&s, 2700, 0, 2300, 0);
    assert_int_equal(scene_route(&s), STATUS_OK); /* the vehicle may set off either way */
    assert_in_range(s.answer.plans[0]->distance_mm, 399000, 401000);
    s.request.calls[0].side = SIDE_CURB;
    s.request.calls[0].point = fixture_point(2700, -30); /* south: it stands towards the east */
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(s.answer.plans[0]->distance_mm > 3000000);
    scene_clear(&s);
}

static void closures_bind_and_limits_are_met_with_their_margin(void **state)
{
    (void)state;
    scene_init(&s, true);
    static const struct road_direction arcs[2] = {{34, false}, {34, true}};
    s.closures[0] = (struct closure){.id = "c", .name = "bridge", .cause = "", .document = "", .authority = "",
                                     .action = CLOSURE_LIMIT, .limit_kind = LIMIT_GROSS_WEIGHT, .limit_value = 50000,
                                     .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX},
                                     .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}, .arc_count = 2, .arcs = arcs};
    s.input.closure_count = 1;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(leg(0)->limit_count, 1);
    assert_int_equal(leg(0)->limits[0].limit, 50000);
    assert_int_equal(leg(0)->limits[0].vehicle, 49000);
    assert_int_equal(leg(0)->limits[0].closure, 0);
    s.closures[0].limit_value = 48999;
    scene_publish(&s);
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(scene_uses(&s, 0, 78));
    scene_clear(&s);
}

/* What is found out about hours is found out once for rules that have the same; exemptions are another matter. */
static void closures_with_the_same_hours_part_by_their_exemptions(void **state)
{
    (void)state;
    static const struct road_direction bridge[1] = {{34, false}}, detour[1] = {{78, false}};
    static const struct window day[1] = {{.weekdays = 0x7F, .day_kinds = 0x0F, .from_min = 420, .until_min = 1140}};
    static const credential_type_index pass[1] = {0};
    const struct closure closed = {.id = "a", .name = "bridge", .cause = "", .document = "", .authority = "", .action = CLOSURE_CLOSED,
                                   .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX},
                                   .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN, .window_count = 1, .windows = day},
                                   .arc_count = 1, .arcs = bridge};
    scene_init(&s, true);
    s.closures[0] = s.closures[1] = closed;
    s.closures[1].id = "b";
    s.closures[1].arcs = detour;
    s.closures[1].exempt_count = 1;
    s.closures[1].exempt = pass;
    s.input.closure_count = 2;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_TIME_WINDOW);
    s.request.credential_count = 1;
    s.request.credentials[0] = (struct credential){.type_code = "pass", .issued_ms = INT64_MIN,
                                                   .valid_from_ms = SCENE_MORNING_MS - 3600000, .valid_until_ms = TIME_OPEN};
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(scene_uses(&s, 0, 78));
    s.closures[1].physical = true; /* no credential opens it */
    scene_publish(&s);
    assert_int_equal(scene_route(&s), STATUS_TIME_WINDOW);
    scene_clear(&s);
}

static void a_quick_answer_is_given_only_when_it_costs_nothing(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(planner_route(s.planner, s.view, &s.request, PLANNER_QUICK, &s.arena, &s.answer, &s.err),
                     STATUS_WOULD_BLOCK);
    assert_int_equal(scene_route(&s), STATUS_OK);
    uint32_t duration = s.answer.plans[0]->duration_ms;
    assert_int_equal(planner_route(s.planner, s.view, &s.request, PLANNER_QUICK, &s.arena, &s.answer, &s.err), STATUS_OK);
    assert_int_equal(s.answer.plans[0]->duration_ms, duration);
    assert_int_equal(s.answer.tier, 1);
    scene_clear(&s);
}

static void a_table_says_what_the_routes_say(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_zone(&s, "flood", RULE_CLOSED, 2200, -300, 2700, 300);
    scene_publish(&s);
    scene_ask(&s, 0, 0, 1, 1);
    struct call calls[3] = {{.point = fixture_point(500, 0)}, {.point = fixture_point(4500, 0)}, {.point = fixture_point(2500, 0)}};
    uint32_t durations[9];
    uint64_t distances[9];
    struct waypoint from[3], to[3];
    assert_int_equal(planner_table(s.planner, s.view, &s.request, calls, 3, calls, 3, durations, distances, from, to, &s.err),
                     STATUS_OK);
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t k = 0; k < 2; k++) {
            s.request.calls[0] = calls[i];
            s.request.calls[1] = calls[k];
            assert_int_equal(scene_route(&s), STATUS_OK);
            assert_int_equal(durations[3 * i + k], s.answer.plans[0]->duration_ms);
            assert_int_equal(distances[3 * i + k], s.answer.plans[0]->distance_mm);
        }
    assert_int_equal(durations[2], UINT32_MAX); /* inside the zone */
    uint32_t swept[9]; /* the same by one sweep, as nothing depends on time or on the pair */
    assert_int_equal(planner_table(s.planner, s.view, &s.request, calls, 3, calls, 3, swept, NULL, NULL, NULL, &s.err),
                     STATUS_OK);
    assert_memory_equal(swept, durations, sizeof swept);
    assert_int_equal(to[2].road, NO_ROAD);
    scene_clear(&s);
}

static void what_is_too_far_is_said_with_the_distance(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_ask(&s, 500, 0, 2500, 800);
    assert_int_equal(planner_route(s.planner, s.view, &s.request, PLANNER_FULL, &s.arena, &s.answer, &s.err),
                     STATUS_SNAP_TOO_FAR);
    assert_string_equal(s.err.pointer, "/destination/location");
    assert_true(strtod(s.err.actual, NULL) > 790 && strtod(s.err.actual, NULL) < 810);
    struct waypoint near[4];
    uint32_t count;
    assert_int_equal(planner_snap(s.planner, s.view, &s.request.vehicle, fixture_point(2500, 30), 600000, near, 4, &count,
                                  &s.err), STATUS_OK);
    assert_true(count >= 1);
    assert_in_range(near[0].distance_mm, 29000, 31000);
    scene_clear(&s);
}

static void a_plan_that_breaks_a_rule_is_given_only_on_request(void **state)
{
    (void)state;
    scene_init(&s, false);
    scene_zone(&s, "flood", RULE_CLOSED, 2200, -300, 2700, 300);
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_ROAD_CLOSED);
    s.request.report_violations = true;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_false(s.answer.plans[0]->issuable);
    assert_int_equal(s.answer.plans[0]->violation_count, 1);
    scene_clear(&s);
}

static void what_a_view_keeps_stays_within_its_bound(void **state)
{
    (void)state;
    scene_init(&s, true);
    const size_t most = 20 * metric_bytes_of(s.base.hierarchy);
    struct view *view = NULL;
    assert_int_equal(view_new(&s.base, s.rules, most, &view, &s.err), STATUS_OK);
    view_release(s.view);
    s.view = view;
    size_t fullest = 0;
    for (uint32_t kmh = 20; kmh < 90; kmh++) { /* vehicles that have nothing in common */
        scene_ask(&s, 500, 0, 4500, 0);
        s.request.vehicle.speed_limit_other_kmh = kmh;
        assert_int_equal(scene_route(&s), STATUS_OK);
        const size_t metrics = metric_cache_figures(view->metrics).bytes, bare = bare_store_figures(view->bare).bytes;
        assert_true(metrics > 0 && bare > 0);
        assert_true(metrics + bare <= most);
        if (metrics + bare > fullest) fullest = metrics + bare;
    }
    assert_true(fullest > most / 4 * 3);
    scene_clear(&s);
}

static void an_alternative_is_another_lawful_way(void **state)
{
    (void)state;
    scene_init(&s, true);
    scene_ask(&s, 500, 0, 4500, 0);
    s.request.alternatives = 2;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(s.answer.plan_count, 1); /* round by the north is too long for one */
    scene_ask(&s, 1500, 0, 4500, 0);
    scene_zone(&s, "fog", RULE_CAUTION, 2000, -300, 3900, 300)->slow_permille = 2500;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    s.request.alternatives = 2;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(s.answer.plan_count, 2);
    assert_true(s.answer.plans[0]->duration_ms <= s.answer.plans[1]->duration_ms);
    assert_true(s.answer.plans[1]->issuable);
    assert_int_not_equal(s.answer.plans[0]->distance_mm, s.answer.plans[1]->distance_mm);
    scene_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_goes_straight_where_nothing_is_in_the_way),
        cmocka_unit_test(a_closed_zone_is_gone_round),
        cmocka_unit_test(a_call_outside_on_a_road_that_runs_in_is_outside),
        cmocka_unit_test(a_gated_zone_is_entered_through_its_open_gate_only),
        cmocka_unit_test(a_longer_way_that_is_seconds_faster_is_taken_where_that_decides),
        cmocka_unit_test(who_comes_later_or_earlier_is_looked_for_beyond_what_is_looked_at_first),
        cmocka_unit_test(a_road_along_the_border_of_a_gated_zone_is_left_by_the_gate),
        cmocka_unit_test(one_may_wait_at_a_gate_for_the_end_of_another_zone),
        cmocka_unit_test(the_gates_of_borders_that_meet_are_chosen_together),
        cmocka_unit_test(what_a_gate_asks_is_judged_when_passing),
        cmocka_unit_test(a_zone_for_destinations_lets_in_who_has_business_there),
        cmocka_unit_test(through_only_keeps_to_the_open_road),
        cmocka_unit_test(caution_slows_and_warns),
        cmocka_unit_test(a_zone_that_is_left_and_entered_again_is_told_twice),
        cmocka_unit_test(a_zone_avoided_by_name_counts_for_plan_and_checker_whomever_it_is_for),
        cmocka_unit_test(a_credential_lasts_until_the_journey_ends),
        cmocka_unit_test(the_checker_lets_a_credential_that_ends_be_left_at_home),
        cmocka_unit_test(a_rule_by_the_last_digit_binds_who_does_not_give_it),
        cmocka_unit_test(a_road_at_the_border_of_caution_has_one_clock),
        cmocka_unit_test(a_rule_is_judged_when_the_vehicle_is_there),
        cmocka_unit_test(roads_for_destinations_are_open_to_their_own),
        cmocka_unit_test(a_vehicle_goes_on_as_it_arrived_unless_it_may_turn),
        cmocka_unit_test(the_kerb_side_decides_from_where_a_place_is_reached),
        cmocka_unit_test(a_target_behind_the_start_needs_a_real_loop),
        cmocka_unit_test(closures_bind_and_limits_are_met_with_their_margin),
        cmocka_unit_test(closures_with_the_same_hours_part_by_their_exemptions),
        cmocka_unit_test(a_quick_answer_is_given_only_when_it_costs_nothing),
        cmocka_unit_test(a_table_says_what_the_routes_say),
        cmocka_unit_test(what_is_too_far_is_said_with_the_distance),
        cmocka_unit_test(a_plan_that_breaks_a_rule_is_given_only_on_request),
        cmocka_unit_test(what_a_view_keeps_stays_within_its_bound),
        cmocka_unit_test(an_alternative_is_another_lawful_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
