/* Tables on networks by hand, where random worlds hardly ever come: each says what the route says. */
#include "routing/planner/planner_route.h"
#include "routing/planner/planner_table.h"
#include "tests/unit/planner_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct scene s;

enum { MINUTE = 60000, ARCS_MAX = 8 };

static struct road_direction closed[ARCS_MAX];

static void takes(int64_t road, uint32_t minutes)
{
    uint32_t *ms = (uint32_t *)(uintptr_t)s.f.network.arc_time_ms; /* the fixture's own */
    ms[fixture_arc(&s.f, road, false)] = ms[fixture_arc(&s.f, road, true)] = minutes * MINUTE;
}

/* Minutes after the departure. */
static void closes(int64_t road, int from, int until)
{
    uint32_t i = s.input.closure_count++;
    closed[2 * i] = (struct road_direction){road, false};
    closed[2 * i + 1] = (struct road_direction){road, true};
    s.closures[i] = (struct closure){.id = i == 0 ? "a" : i == 1 ? "b" : "c", .name = "works", .cause = "", .document = "d", .authority = "a",
                                     .action = CLOSURE_CLOSED, .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX},
                                     .schedule = {.from_ms = SCENE_MORNING_MS + (int64_t)from * MINUTE,
                                                  .until_ms = SCENE_MORNING_MS + (int64_t)until * MINUTE},
                                     .arc_count = 2, .arcs = closed + 2 * i};
}

static void table_is_route(uint32_t minutes, uint32_t metres)
{
    uint32_t duration;
    uint64_t distance;
    assert_int_equal(planner_table(s.planner, s.view, &s.request, &s.request.calls[0], 1, &s.request.calls[1], 1, &duration, &distance, NULL,
                                   NULL, &s.err), STATUS_OK);
    if (scene_route(&s) != STATUS_OK) {
        assert_int_equal(minutes, 0);
        assert_int_equal(duration, UINT32_MAX);
        return;
    }
    assert_int_equal(duration, s.answer.plans[0]->duration_ms);
    assert_int_equal(distance, s.answer.plans[0]->distance_mm);
    assert_in_range(duration, minutes * MINUTE - MINUTE, minutes * MINUTE + MINUTE);
    if (metres) assert_in_range(distance, metres * 1000 - 50000, metres * 1000 + 50000);
}

/*   s ── 1 ──────── 20 ──────── 2 ── t      minutes; the direct road is closed for hours
 *        └─ 70 ─ 3 ─ 5 ─ 4 ─ 1 ─┘           3-4 until 65 minutes from now, t from 85
 *                └ 12 ─ 5 ─ 12 ─┘ (to 4)    */
static void two_ways_round(void)
{
    memset(&s, 0, sizeof s);
    fixture_init(&s.f);
    static const struct { int32_t x, y; } at[] = {{0, 0}, {1000, 0}, {8000, 0}, {3000, 2000}, {6000, 2000}, {4500, 4000}, {9000, 0}};
    static const int64_t ends[][2] = {{0, 1}, {1, 2}, {1, 3}, {3, 4}, {3, 5}, {5, 4}, {4, 2}, {2, 6}};
    for (uint32_t i = 0; i < sizeof at / sizeof *at; i++) fixture_node(&s.f, i, at[i].x, at[i].y);
    for (uint32_t i = 0; i < sizeof ends / sizeof *ends; i++)
        FIXTURE_ROAD(&s.f, .id = 10 * ends[i][0] + ends[i][1] + 100, .from = ends[i][0], .to = ends[i][1], .class = ROAD_PRIMARY);
    fixture_build(&s.f);
    takes(101, 2), takes(112, 20), takes(113, 70), takes(134, 5), takes(135, 12), takes(154, 12), takes(142, 1), takes(126, 2);
    scene_begin(&s);
    scene_ask(&s, 500, 0, 8500, 0);
}

/* The rules are read for the next hour, in which the road 3-4 is closed; what comes there later is not bound by that. */
static void nothing_is_refuted_by_times_beyond_the_hours_that_were_read(void **state)
{
    (void)state;
    two_ways_round();
    closes(112, -60, 480);
    closes(134, -60, 65);
    closes(126, 85, 480);
    scene_publish(&s);
    table_is_route(78, 0);
    scene_clear(&s);
}

/* As it closes earlier, only who waits for the road 3-4 to open comes too late. */
static void who_waits_may_come_too_late(void **state)
{
    (void)state;
    two_ways_round();
    closes(112, -60, 480);
    closes(134, -60, 90);
    closes(126, 94, 480);
    scene_publish(&s);
    table_is_route(0, 0);
    s.request.max_wait_ms = 30 * MINUTE; /* ready at 3 at 90, there at 97 */
    table_is_route(0, 0);
    s.closures[2].schedule.from_ms += 10 * MINUTE;
    scene_publish(&s);
    table_is_route(97, 0);
    s.request.prefer = PREFER_DISTANCE;
    table_is_route(97, 0);
    s.request.max_wait_ms = 0;
    table_is_route(97, 0); /* round by 5 */
    scene_clear(&s);
}

/* By distance a longer way may come before the rule begins, and another may come when it is over. */
static void by_distance_who_comes_sooner_or_later_may_pass(void **state)
{
    (void)state;
    two_ways_round();
    takes(135, 2), takes(154, 2); /* round by 5 is longer, and a minute faster */
    closes(112, -60, 480);
    closes(142, 76, 480);
    scene_publish(&s);
    s.request.prefer = PREFER_DISTANCE;
    table_is_route(0, 0); /* at 4 after 75 minutes by 5, and the road takes one more: 76 */
    s.closures[1].schedule.from_ms += MINUTE / 2;
    scene_publish(&s);
    table_is_route(77, 0);
    s.closures[1].schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = SCENE_MORNING_MS + 78 * MINUTE};
    scene_publish(&s);
    takes(135, 4), takes(154, 4); /* and now three minutes slower */
    view_release(s.view);
    assert_int_equal(view_new(&s.base, s.rules, 64 << 20, &s.view, &s.err), STATUS_OK);
    table_is_route(81, 0);
    scene_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_refuted_by_times_beyond_the_hours_that_were_read),
        cmocka_unit_test(who_waits_may_come_too_late),
        cmocka_unit_test(by_distance_who_comes_sooner_or_later_may_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
