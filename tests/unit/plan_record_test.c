/* Plans as bytes: what is read back is what was kept, judged under other rules, and damaged bytes are refused. */
#include "routing/plan/plan_record.h"
#include "tests/unit/planner_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct scene s;
static struct buffer record;

/* A plan through the gates of a zone, there and back, and its record. */
static void keep_a_plan(void)
{
    scene_init(&s, false);
    scene_zone(&s, "valley", RULE_GATED, 2200, -300, 2700, 300);
    scene_checkpoint(&s, "west", 2100, 0);
    scene_checkpoint(&s, "east", 2800, 0);
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    s.request.loop = true;
    s.request.calls[0].turning_place = s.request.calls[1].turning_place = true;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_true(s.answer.plans[0]->legs[0].gate_count > 0);
    buffer_init(&record, 1 << 20);
    plan_record_write(&record, s.rules->input, s.answer.plans[0]);
    assert_int_equal(record.failed, STATUS_OK);
}

static void let_go(void)
{
    buffer_clear(&record);
    scene_clear(&s);
}

static struct plan *read_back(void)
{
    struct plan *plan;
    assert_int_equal(plan_record_read(record.data, record.length, &s.base.network, s.view->rules->input, &s.arena, &plan, &s.err), STATUS_OK);
    return plan;
}

static struct judgement judge(const struct plan *plan)
{
    struct judgement j;
    assert_int_equal(planner_judge(s.planner, s.view, &s.request, plan, &j, &s.err), STATUS_OK);
    return j;
}

static void what_is_read_back_is_what_was_kept(void **state)
{
    (void)state;
    keep_a_plan();
    const struct plan *kept = s.answer.plans[0], *plan = read_back();
    struct buffer again;
    buffer_init(&again, 1 << 20);
    plan_record_write(&again, s.rules->input, plan);
    assert_int_equal(again.length, record.length);
    assert_memory_equal(again.data, record.data, record.length);
    assert_int_equal(plan->duration_ms, kept->duration_ms);
    assert_int_equal(plan->legs[1].arrive_ms, kept->legs[1].arrive_ms);
    assert_int_equal(judge(plan).kind, OFFENCE_NONE);
    assert_in_range(judge(plan).late_ms + 3000, 0, 6000);
    buffer_clear(&again);
    let_go();
}

static void a_plan_is_judged_by_rules_it_was_not_made_under(void **state)
{
    (void)state;
    keep_a_plan();
    s.input.checkpoint_count = 0;
    scene_publish(&s);
    struct judgement j = judge(read_back());
    assert_string_equal(offence_code(j.kind), "ungated");
    assert_int_equal(j.zone, 0);
    scene_zone(&s, "flood", RULE_CLOSED, 3200, -300, 3700, 300);
    scene_publish(&s);
    j = judge(read_back());
    assert_int_equal(j.kind, OFFENCE_ZONE);
    assert_string_equal(s.view->rules->input->zones[j.zone].id, "flood");
    let_go();
}

static void being_slower_than_planned_is_no_offence(void **state)
{
    (void)state;
    keep_a_plan();
    scene_zone(&s, "fog", RULE_CAUTION, 3200, -300, 3700, 300)->slow_permille = 5000;
    scene_publish(&s);
    struct judgement j = judge(read_back());
    assert_int_equal(j.kind, OFFENCE_NONE);
    assert_true(j.late_ms > 30000);
    let_go();
}

static void a_longer_inspection_makes_it_late(void **state)
{
    (void)state;
    keep_a_plan();
    const struct gate_passage *gate = &s.answer.plans[0]->legs[0].gates[0];
    struct checkpoint *c = &s.checkpoints[gate->checkpoint];
    c->normal_ms += 300000, c->green_ms += 300000;
    scene_publish(&s);
    const struct judgement j = judge(read_back());
    assert_int_equal(j.kind, OFFENCE_NONE);
    assert_true(j.late_ms > 290000);
    let_go();
}

static void a_rest_is_kept_by_the_facility_where_it_is(void **state)
{
    (void)state;
    static struct facility area;
    scene_init(&s, false);
    area = (struct facility){.id = "layby", .name = "layby", .name_en = "layby", .uses = FACILITY_REST, .point = fixture_point(2500, 0)};
    s.input.facilities = &area;
    s.input.facility_count = 1;
    scene_publish(&s);
    scene_ask(&s, 500, 0, 4500, 0);
    assert_int_equal(scene_route(&s), STATUS_OK);
    s.request.rests = true;
    s.request.rest_ms = 1200000;
    s.request.max_drive_ms = s.answer.plans[0]->duration_ms - 1000;
    assert_int_equal(scene_route(&s), STATUS_OK);
    assert_int_equal(s.answer.plans[0]->leg_count, 2);
    buffer_init(&record, 1 << 20);
    plan_record_write(&record, s.rules->input, s.answer.plans[0]);
    assert_int_equal(record.failed, STATUS_OK);
    assert_int_equal(read_back()->waypoints[1].rest, 1);
    assert_int_equal(read_back()->waypoints[0].rest, 0);
    assert_int_equal(judge(read_back()).kind, OFFENCE_NONE);
    area.id = "another";
    scene_publish(&s);
    assert_int_equal(read_back()->waypoints[1].rest, UINT32_MAX);
    assert_int_equal(judge(read_back()).kind, OFFENCE_REST);
    area.id = "layby";
    area.uses = 0;
    scene_publish(&s);
    assert_int_equal(judge(read_back()).kind, OFFENCE_REST);
    let_go();
}

static void a_plan_moves_as_a_whole(void **state)
{
    (void)state;
    keep_a_plan();
    const struct plan *kept = s.answer.plans[0];
    struct plan *plan = read_back();
    plan_record_move(plan, kept->legs[0].depart_ms + 3600000);
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        assert_int_equal(plan->legs[i].arrive_ms - kept->legs[i].arrive_ms, 3600000);
        for (uint32_t g = 0; g < plan->legs[i].gate_count; g++)
            assert_int_equal(plan->legs[i].gates[g].at_ms - kept->legs[i].gates[g].at_ms, 3600000);
    }
    let_go();
}

static void each_arc_is_listed_once_in_order(void **state)
{
    (void)state;
    uint32_t count;
    keep_a_plan();
    const arc_id *arcs = plan_record_arcs(s.answer.plans[0], &s.arena, &count);
    assert_non_null(arcs);
    assert_true(count > 4);
    for (uint32_t i = 1; i < count; i++) assert_true(arcs[i - 1] < arcs[i]);
    let_go();
}

static void damaged_bytes_are_refused_or_stay_within_the_network(void **state)
{
    (void)state;
    struct plan *plan;
    keep_a_plan();
    for (size_t length = 0; length < record.length; length++) { /* exactly so long, so that a sanitizer sees any byte beyond */
        char *cut = malloc(length + 1);
        memcpy(cut, record.data, length);
        assert_int_equal(plan_record_read(cut, length, &s.base.network, s.rules->input, &s.arena, &plan, &s.err), STATUS_CORRUPT);
        free(cut);
    }
    for (size_t at = 0; at < record.length; at++) {
        for (int bit = 0; bit < 8; bit++) {
            record.data[at] = (char)(record.data[at] ^ 1 << bit);
            if (plan_record_read(record.data, record.length, &s.base.network, s.rules->input, &s.arena, &plan, &s.err) == STATUS_OK) {
                struct judgement j;
                (void)!planner_judge(s.planner, s.view, &s.request, plan, &j, &s.err);
            }
            record.data[at] = (char)(record.data[at] ^ 1 << bit);
        }
    }
    let_go();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_back_is_what_was_kept),
        cmocka_unit_test(a_plan_is_judged_by_rules_it_was_not_made_under),
        cmocka_unit_test(being_slower_than_planned_is_no_offence),
        cmocka_unit_test(a_longer_inspection_makes_it_late),
        cmocka_unit_test(a_rest_is_kept_by_the_facility_where_it_is),
        cmocka_unit_test(a_plan_moves_as_a_whole),
        cmocka_unit_test(each_arc_is_listed_once_in_order),
        cmocka_unit_test(damaged_bytes_are_refused_or_stay_within_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
