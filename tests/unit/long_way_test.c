/* A way longer than 32 bits of millimetres: 5,700 km to and fro. Every sum of lengths is whole wherever it is told, kept or matched.
 *
 *   16 ═══ 15          900 km to the east and back again six times, 60 km north each time
 *          ...
 *    4 ─── 3
 *    1 ─── 2           */
#include "api/command/print_plan.h"
#include "api/encode/encode_match.h"
#include "api/encode/encode_route.h"
#include "api/encode/plan_digest.h"
#include "routing/plan/plan_record.h"
#include "routing/planner/planner_reach.h"
#include "routing/planner/planner_route.h"
#include "routing/planner/planner_table.h"
#include "tests/unit/planner_fixture.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS = 6, WIDE_M = 900000, APART_M = 60000 };

static struct scene s;
static uint16_t speed_kmh = 80;
static bool oneway;

static void draw(struct fixture *f)
{
    f->dense_m = 5000;
    for (int row = 0; row < ROWS; row++)
        for (int end = 0; end < 2; end++) fixture_node(f, 1 + 2 * row + end, (row + end) % 2 * WIDE_M, row * APART_M);
    for (int i = 1; i < 2 * ROWS; i++)
        FIXTURE_ROAD(f, .id = 100 + i, .from = i, .to = i + 1, .class = ROAD_TRUNK, .ref = "G312", .speed_kmh = speed_kmh, .oneway = oneway);
}

static void end_of(int32_t *x_m, int32_t *y_m)
{
    *x_m = (ROWS - 1) % 2 ? 1000 : WIDE_M - 1000;
    *y_m = (ROWS - 1) * APART_M;
}

/* From one end to the other, through a zone to be careful in that holds all of it and gates near the end. */
static void begin(enum preference prefer)
{
    int32_t x, y;
    scene_init_on(&s, draw);
    end_of(&x, &y);
    scene_zone(&s, "all of it", RULE_CAUTION, -60000, -60000, WIDE_M + 60000, ROWS * APART_M + 60000)->slow_permille = 1000;
    scene_zone(&s, "port", RULE_GATED, x - 20000, y - 20000, x + 40000, y + 20000);
    struct checkpoint *gate = scene_checkpoint(&s, "gate", x + 40000, y);
    gate->reach_mm = 10000000;
    scene_publish(&s);
    scene_ask(&s, 1000, 0, x, y);
    s.request.prefer = prefer;
    s.request.want_geometry = s.request.want_steps = true;
}

/* All roads, but for a kilometre at either end. */
static uint64_t whole_mm(void)
{
    uint64_t sum = 0;
    for (road_index r = 0; r < s.base.network.road_count; r++) sum += s.base.network.road_length_mm[r];
    return sum;
}

static void is_whole(uint64_t mm)
{
    assert_true(whole_mm() > UINT32_MAX + (uint64_t)1000000000);
    if (mm > whole_mm() || mm < whole_mm() - 3000000) fail_msg("%llu of %llu mm", (unsigned long long)mm, (unsigned long long)whole_mm());
}

static void plans_add_up_however_long_they_are(void **state)
{
    (void)state;
    for (enum preference prefer = PREFER_TIME; prefer <= PREFER_COST; prefer++) {
        begin(prefer);
        assert_int_equal(scene_route(&s), STATUS_OK);
        const struct plan *p = s.answer.plans[0];
        const struct leg *leg = &p->legs[0];
        uint64_t steps = 0;
        is_whole(p->distance_mm);
        assert_int_equal(leg->distance_mm, p->distance_mm);
        for (uint32_t i = 0; i < leg->step_count; i++) steps += leg->steps[i].distance_mm;
        assert_int_equal(steps, p->distance_mm);
        assert_int_equal(leg->zone_count, 2);
        assert_int_equal(leg->zones[0].distance_mm, p->distance_mm);
        assert_int_equal(leg->gate_count, 1);
        assert_true(leg->gates[0].offset_mm > UINT32_MAX);
        assert_int_equal(leg->gates[0].offset_mm, p->distance_mm - leg->last_offset_mm); /* at the start of the arc that enters */
        scene_clear(&s);
    }
}

static void records_of_long_plans_are_read_back(void **state)
{
    (void)state;
    struct buffer record, again;
    struct plan *plan;
    begin(PREFER_TIME);
    assert_int_equal(scene_route(&s), STATUS_OK);
    const struct plan *kept = s.answer.plans[0];
    assert_true(plan_is_long(kept));
    buffer_init(&record, 1 << 20), buffer_init(&again, 1 << 20);
    plan_record_write(&record, s.rules->input, kept);
    assert_memory_equal(record.data, "bcplan2", 8);
    assert_int_equal(plan_record_read(record.data, record.length, &s.base.network, s.rules->input, &s.arena, &plan, &s.err), STATUS_OK);
    assert_int_equal(plan->distance_mm, kept->distance_mm);
    assert_int_equal(plan->legs[0].distance_mm, kept->legs[0].distance_mm);
    assert_int_equal(plan->legs[0].gates[0].offset_mm, kept->legs[0].gates[0].offset_mm);
    plan_record_write(&again, s.rules->input, plan);
    assert_int_equal(again.length, record.length);
    assert_memory_equal(again.data, record.data, record.length);
    struct judgement j;
    assert_int_equal(planner_judge(s.planner, s.view, &s.request, plan, &j, &s.err), STATUS_OK);
    assert_int_equal(j.kind, OFFENCE_NONE);
    for (size_t length = 0; length < record.length; length++) {
        char *cut = malloc(length + 1);
        memcpy(cut, record.data, length);
        assert_int_equal(plan_record_read(cut, length, &s.base.network, s.rules->input, &s.arena, &plan, &s.err), STATUS_CORRUPT);
        free(cut);
    }
    memset(record.data + 16, 0xFF, 8); /* a length that is none: nothing is reckoned from it */
    assert_int_equal(plan_record_read(record.data, record.length, &s.base.network, s.rules->input, &s.arena, &plan, &s.err), STATUS_CORRUPT);
    buffer_clear(&record), buffer_clear(&again);
    scene_clear(&s);
}

static void digests_of_long_plans_count_every_bit(void **state)
{
    (void)state;
    char digest[PLAN_DIGEST_SIZE], other[PLAN_DIGEST_SIZE];
    begin(PREFER_TIME);
    assert_int_equal(scene_route(&s), STATUS_OK);
    struct plan plan = *s.answer.plans[0];
    struct leg leg = plan.legs[0];
    struct zone_contact zones[2] = {leg.zones[0], leg.zones[1]};
    plan.legs = &leg;
    leg.zones = zones;
    plan_digest(s.view, &plan, digest);
    for (int what = 0; what < 3; what++) {
        uint64_t *mm = what == 0 ? &plan.distance_mm : what == 1 ? &leg.distance_mm : &zones[0].distance_mm;
        *mm += (uint64_t)1 << 32;
        plan_digest(s.view, &plan, other);
        assert_string_not_equal(digest, other);
        *mm -= (uint64_t)1 << 32;
    }
    plan_digest(s.view, &plan, other);
    assert_string_equal(digest, other);
    scene_clear(&s);
}

static void answers_and_prints_say_all_of_it(void **state)
{
    (void)state;
    const struct wire_form form = {.geometry = GEOMETRY_GEOJSON, .steps = true, .crs = WIRE_CRS_DEFAULT, .language = LANGUAGE_EN};
    struct buffer out;
    char km[40];
    json_error_t bad;
    begin(PREFER_DISTANCE);
    assert_int_equal(scene_route(&s), STATUS_OK);
    const struct plan *plan = s.answer.plans[0];
    struct route_encoder encoder = {.view = s.view, .request = &s.request, .form = &form, .age = {.ready = true, .connected = true, .rejected = -1}};
    encode_decision(&encoder);
    buffer_init(&out, 16 << 20);
    encode_answer(&out, &encoder, &s.answer);
    json_t *answer = json_loadb(out.data, out.length, 0, &bad), *told = json_array_get(json_object_get(answer, "plans"), 0);
    json_t *leg = json_array_get(json_object_get(told, "legs"), 0);
    assert_true(json_number_value(json_object_get(told, "distance_m")) == (double)plan->distance_mm / 1000);
    assert_true(json_number_value(json_object_get(leg, "distance_m")) == (double)plan->distance_mm / 1000);
    assert_true(json_number_value(json_object_get(json_array_get(json_object_get(leg, "zones"), 0), "distance_m")) == (double)plan->distance_mm / 1000);
    assert_true(json_number_value(json_object_get(json_array_get(json_object_get(leg, "gates"), 0), "offset_m")) > 4294968);
    json_decref(answer);
    buffer_clear(&out);
    buffer_init(&out, 16 << 20);
    print_plan(&out, s.view, &s.request, plan, LANGUAGE_EN);
    snprintf(km, sizeof km, "%llu.%llu km", (unsigned long long)(plan->distance_mm / 1000000), (unsigned long long)(plan->distance_mm / 100000 % 10));
    assert_non_null(strstr(out.data, km));
    buffer_clear(&out);
    scene_clear(&s);
}

static void tables_say_what_routes_say(void **state)
{
    (void)state;
    for (enum preference prefer = PREFER_TIME; prefer <= PREFER_COST; prefer++) {
        uint32_t ms[4], ms_alone[4];
        uint64_t mm[4], mm_alone[4];
        begin(prefer);
        const struct call *calls = s.request.calls;
        assert_int_equal(planner_table(s.planner, s.view, &s.request, calls, 2, calls, 2, ms, mm, NULL, NULL, &s.err), STATUS_OK);
        assert_int_equal(planner_table(s.planner, s.view, &s.request, calls, 2, calls, 2, ms_alone, NULL, NULL, NULL, &s.err), STATUS_OK);
        assert_int_equal(planner_table(s.planner, s.view, &s.request, calls, 2, calls, 2, NULL, mm_alone, NULL, NULL, &s.err), STATUS_OK);
        assert_int_equal(scene_route(&s), STATUS_OK);
        assert_int_equal(ms[1], s.answer.plans[0]->duration_ms);
        assert_int_equal(mm[1], s.answer.plans[0]->distance_mm);
        assert_memory_equal(ms, ms_alone, sizeof ms);
        assert_memory_equal(mm, mm_alone, sizeof mm);
        is_whole(mm[1]), is_whole(mm[2]);
        scene_clear(&s);
    }
}

/* A zone far ahead that binds for thirty hours, and is over when one comes there: a day's reading would say that nothing leads there. */
static void tables_see_what_is_over_after_days(void **state)
{
    (void)state;
    for (enum preference prefer = PREFER_TIME; prefer <= PREFER_COST; prefer++) {
        int32_t x, y;
        begin(prefer);
        end_of(&x, &y);
        scene_zone(&s, "flood", RULE_CLOSED, WIDE_M / 2 - 20000, y - 20000, WIDE_M / 2 + 20000, y + 20000);
        s.zones[s.input.zone_count - 1].schedule.until_ms = SCENE_MORNING_MS + (int64_t)30 * 3600 * 1000;
        scene_publish(&s);
        assert_int_equal(scene_route(&s), STATUS_OK);
        uint32_t duration;
        uint64_t distance;
        assert_int_equal(planner_table(s.planner, s.view, &s.request, &s.request.calls[0], 1, &s.request.calls[1], 1, &duration, &distance, NULL,
                                       NULL, &s.err), STATUS_OK);
        assert_int_equal(duration, s.answer.plans[0]->duration_ms);
        assert_int_equal(distance, s.answer.plans[0]->distance_mm);
        scene_clear(&s);
    }
}

static void a_length_is_reached_to_the_millimetre(void **state)
{
    (void)state;
    struct reach_answer a = {.contour_count = 1, .contours = {{.limit = 3000000000u}}};
    begin(PREFER_DISTANCE);
    assert_int_equal(planner_reach(s.planner, s.view, &s.request, &s.request.calls[0], true, 0, &s.arena, &a, &s.err), STATUS_OK);
    uint64_t forward = 0;
    for (uint32_t i = 0; i < a.contours[0].part_count; i++) {
        const struct reach_part *part = &a.contours[0].parts[i];
        if (!s.base.network.arc_reversed[part->arc]) forward += part->to_mm - part->from_mm;
    }
    assert_int_equal(forward, 3000000000u + (uint64_t)a.origin.offset_mm); /* and from the near end: there it may turn round */
    reach_answer_clear(&a);
    scene_clear(&s);
}

/* Positions along all of it, each within reach of the one before. */
static void a_long_drive_is_matched_whole(void **state)
{
    (void)state;
    static struct match_position positions[4096];
    struct match_options options = {.gap_ms = INT64_MAX, .budget = 10000000};
    struct driven driven;
    uint32_t count = 0;
    begin(PREFER_TIME);
    assert_int_equal(scene_route(&s), STATUS_OK);
    const struct leg *leg = &s.answer.plans[0]->legs[0];
    for (uint32_t i = 0; i < leg->point_count && count < 4096; i += 2) positions[count++] = (struct match_position){.point = leg->points[i], .at_ms = MATCH_NO_TIME, .sigma_mm = 10000};
    uint64_t planned = leg->distance_mm;
    assert_int_equal(planner_match(s.planner, s.view, &s.request, positions, count, &options, false, &s.arena, &driven, &s.err), STATUS_OK);
    assert_int_equal(driven.match.matching_count, 1);
    uint64_t matched = driven.match.matchings[0].distance_mm;
    assert_true(matched <= planned && matched > planned - 30000000);
    struct leg *legs = matching_legs(&s.base.network, &driven.match.matchings[0], &s.arena);
    assert_non_null(legs);
    uint64_t sum = 0;
    for (uint32_t i = 0; i + 1 < driven.match.matchings[0].point_count; i++) sum += legs[i].distance_mm;
    assert_int_equal(sum, matched);
    scene_clear(&s);
}

/* At 8 km/h it takes 29 days: more than a weight holds by time, not by distance; at 4 km/h two months, which no plan does. */
static void what_cannot_be_reckoned_is_said_to_be_too_long(void **state)
{
    (void)state;
    static const struct {
        uint16_t kmh;
        enum preference prefer;
        enum status status;
        enum message message;
    } cases[] = {{8, PREFER_TIME, STATUS_TOO_LARGE, MESSAGE_WAY_TOO_LONG}, {8, PREFER_DISTANCE, STATUS_OK, MESSAGE_NO_MEMORY},
                 {8, PREFER_COST, STATUS_OK, MESSAGE_NO_MEMORY}, {4, PREFER_TIME, STATUS_TOO_LARGE, MESSAGE_WAY_TOO_LONG},
                 {4, PREFER_DISTANCE, STATUS_TOO_LARGE, MESSAGE_PLAN_TOO_LONG}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error expected = ERROR_INIT;
        speed_kmh = cases[i].kmh;
        begin(cases[i].prefer);
        enum status status = planner_route(s.planner, s.view, &s.request, PLANNER_FULL, &s.arena, &s.answer, &s.err);
        if (status != cases[i].status || (status == STATUS_OK && s.answer.cause != STATUS_OK))
            fail_msg("case %zu: %s %s %s", i, status_code(status), status_code(s.answer.cause), s.err.en);
        if (status != STATUS_OK) {
            (void)error_set(&expected, status, cases[i].message);
            assert_string_equal(s.err.en, expected.en);
        } else {
            is_whole(s.answer.plans[0]->distance_mm);
            assert_true(s.answer.plans[0]->duration_ms > INT32_MAX);
        }
        scene_clear(&s);
    }
    speed_kmh = 80;
}

static void places_that_no_road_joins_are_still_disconnected(void **state)
{
    (void)state;
    oneway = true;
    begin(PREFER_DISTANCE);
    struct call there = s.request.calls[1];
    assert_int_equal(scene_route(&s), STATUS_OK);
    s.request.calls[1] = s.request.calls[0], s.request.calls[0] = there;
    assert_int_equal(scene_route(&s), STATUS_DISCONNECTED);
    s.request.call_count = 3; /* there and back */
    s.request.calls[2] = s.request.calls[0], s.request.calls[0] = s.request.calls[1], s.request.calls[1] = s.request.calls[2];
    s.request.calls[2] = s.request.calls[0];
    s.request.calls[1].turning_place = true;
    assert_int_equal(scene_route(&s), STATUS_DISCONNECTED);
    scene_clear(&s);
    oneway = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_add_up_however_long_they_are),
        cmocka_unit_test(records_of_long_plans_are_read_back),
        cmocka_unit_test(digests_of_long_plans_count_every_bit),
        cmocka_unit_test(answers_and_prints_say_all_of_it),
        cmocka_unit_test(tables_say_what_routes_say),
        cmocka_unit_test(tables_see_what_is_over_after_days),
        cmocka_unit_test(a_length_is_reached_to_the_millimetre),
        cmocka_unit_test(a_long_drive_is_matched_whole),
        cmocka_unit_test(what_cannot_be_reckoned_is_said_to_be_too_long),
        cmocka_unit_test(places_that_no_road_joins_are_still_disconnected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
