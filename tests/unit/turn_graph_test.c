#include "tests/unit/network_fixture.h"

#include "routing/network/turn_cost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A crossing 0 with arms to the east 1, north 2, west 3, south 4; road i leads from 0 to i. */
static void crossing(struct fixture *f)
{
    fixture_init(f);
    fixture_node(f, 10, 0, 0);
    fixture_node(f, 1, 1000, 0);
    fixture_node(f, 2, 0, 1000);
    fixture_node(f, 3, -1000, 0);
    fixture_node(f, 4, 0, -1000);
    for (int i = 1; i <= 4; i++) FIXTURE_ROAD(f, .id = i, .from = 10, .to = i, .class = ROAD_PRIMARY);
}

static uint32_t cost(const struct fixture *f, int64_t from, int64_t to)
{
    turn_id t = fixture_turn_find(f, fixture_arc(f, from, true), fixture_arc(f, to, false));
    assert_int_not_equal(t, UINT32_MAX);
    return f->turns.cost_ms[t];
}

static bool may(const struct fixture *f, int64_t from, int64_t to, uint8_t subjects)
{
    turn_id t = fixture_turn_find(f, fixture_arc(f, from, true), fixture_arc(f, to, false));
    return t != UINT32_MAX && (f->turns.forbidden_to[t] & subjects) == 0;
}

static void turns_cost_by_their_angle(void **state)
{
    (void)state;
    struct fixture f;
    crossing(&f);
    fixture_node(&f, 5, 700, 100); /* a sharp arm, close to the eastern one */
    FIXTURE_ROAD(&f, .id = 5, .from = 10, .to = 5, .class = ROAD_PRIMARY);
    fixture_build(&f);
    assert_int_equal(cost(&f, 3, 1), 0);
    assert_int_equal(cost(&f, 3, 4), 2000);
    assert_int_equal(cost(&f, 3, 2), 4000);
    assert_int_equal(cost(&f, 5, 1), 6000); /* coming from 5 one drives west; 1 is sharp left */
    assert_int_equal(cost(&f, 1, 5), 3000);
    fixture_clear(&f);
}

static void signals_and_toll_booths_cost_and_bends_do_not(void **state)
{
    (void)state;
    struct fixture f;
    crossing(&f);
    fixture_node(&f, 6, 1000, 1000);
    FIXTURE_ROAD(&f, .id = 6, .from = 1, .to = 6, .class = ROAD_PRIMARY);
    fixture_node_flags(&f, 10, NODE_SIGNALS);
    fixture_node_flags(&f, 1, NODE_TOLL_BOOTH);
    fixture_build(&f);
    assert_int_equal(cost(&f, 3, 2), 4000 + 5000);
    turn_id t = fixture_turn_find(&f, fixture_arc(&f, 1, false), fixture_arc(&f, 6, false));
    assert_int_not_equal(t, UINT32_MAX);
    assert_int_equal(f.turns.cost_ms[t], 8000); /* left by 90°, but there is no other way to go */
    fixture_clear(&f);
}

static void turning_round_is_for_dead_ends_and_turning_places(void **state)
{
    (void)state;
    struct fixture f;
    crossing(&f);
    fixture_node(&f, 6, 2000, 0);
    FIXTURE_ROAD(&f, .id = 6, .from = 1, .to = 6, .class = ROAD_PRIMARY);
    fixture_node_flags(&f, 1, NODE_TURNING_PLACE);
    fixture_build(&f);
    arc_id out = fixture_arc(&f, 2, false), back = fixture_arc(&f, 2, true);
    assert_int_equal(fixture_turn_find(&f, back, out), UINT32_MAX); /* at the crossing */
    turn_id t = fixture_turn_find(&f, out, back);                   /* at the end of the road */
    assert_int_not_equal(t, UINT32_MAX);
    assert_int_equal(f.turns.cost_ms[t], 20000);
    assert_int_not_equal(fixture_turn_find(&f, fixture_arc(&f, 1, false), fixture_arc(&f, 1, true)), UINT32_MAX);
    assert_int_not_equal(fixture_turn_find(&f, fixture_arc(&f, 6, true), fixture_arc(&f, 6, false)), UINT32_MAX);
    fixture_clear(&f);
}

static void a_restriction_binds_its_subjects_only(void **state)
{
    (void)state;
    struct fixture f;
    crossing(&f);
    fixture_turn(&f, 3, 10, 2, false, TURN_LORRY);
    fixture_turn(&f, 4, 10, 2, true, TURN_HAZMAT);
    fixture_turn(&f, 1, 10, 2, false, TURN_LORRY | TURN_LIGHT);
    fixture_build(&f);
    assert_false(may(&f, 3, 2, TURN_LORRY));
    assert_true(may(&f, 3, 2, TURN_LIGHT));
    assert_true(may(&f, 4, 1, TURN_LORRY));
    assert_false(may(&f, 4, 1, TURN_LORRY | TURN_HAZMAT));
    assert_true(may(&f, 4, 2, TURN_LORRY | TURN_HAZMAT));
    /* what nobody may do does not exist */
    assert_int_equal(fixture_turn_find(&f, fixture_arc(&f, 1, true), fixture_arc(&f, 2, false)), UINT32_MAX);
    assert_int_equal(f.turns.node_count, f.turns.arc_count); /* no copies for restrictions at nodes */
    assert_int_equal(f.report.turn_restrictions_used, 3);
    fixture_clear(&f);
}

static void several_only_rows_from_one_road_allow_each_of_their_ways(void **state)
{
    (void)state;
    struct fixture f;
    crossing(&f);
    fixture_turn(&f, 3, 10, 2, true, TURN_ALL);
    fixture_turn(&f, 3, 10, 1, true, TURN_ALL);
    fixture_build(&f);
    assert_true(may(&f, 3, 2, TURN_LORRY));
    assert_true(may(&f, 3, 1, TURN_LORRY));
    assert_false(may(&f, 3, 4, TURN_LORRY));
    fixture_clear(&f);
}

/* Two crossings 1 and 2 on a road, side roads a (left) and b (right) at each: from 1a over the middle never to 2a. */
static void a_restriction_over_a_road_remembers_where_one_came_from(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_node(&f, 0, -1000, 0);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 100, 0);
    fixture_node(&f, 3, 1000, 0);
    fixture_node(&f, 4, 0, 1000);
    fixture_node(&f, 5, 100, 1000);
    FIXTURE_ROAD(&f, .id = 1, .from = 0, .to = 1);
    FIXTURE_ROAD(&f, .id = 2, .from = 1, .to = 2);
    FIXTURE_ROAD(&f, .id = 3, .from = 2, .to = 3);
    FIXTURE_ROAD(&f, .id = 4, .from = 4, .to = 1);
    FIXTURE_ROAD(&f, .id = 5, .from = 2, .to = 5);
    fixture_turn_over(&f, 4, (int64_t[]){2}, 1, 5, false, TURN_ALL);
    fixture_build(&f);
    const struct turn_graph *g = &f.turns;
    arc_id middle = fixture_arc(&f, 2, false), north = fixture_arc(&f, 5, false);
    assert_int_equal(g->node_count, g->arc_count + 1);
    assert_int_equal(g->first_copy[middle + 1] - g->first_copy[middle], 1);
    arc_node copy = g->copy[g->first_copy[middle]];
    assert_int_equal(g->node_arc[copy], middle);
    assert_int_equal(g->first_in[copy + 1] - g->first_in[copy], 1);
    assert_int_equal(g->tail[g->first_in[copy]], fixture_arc(&f, 4, false));
    assert_int_equal(g->first_out[copy + 1] - g->first_out[copy], 1);
    assert_int_equal(g->head[g->first_out[copy]], fixture_arc(&f, 3, false));
    assert_int_not_equal(fixture_turn_find(&f, middle, north), UINT32_MAX);
    assert_int_equal(g->head[fixture_turn_find(&f, fixture_arc(&f, 1, false), middle)], middle);
    fixture_clear(&f);
}

static void restrictions_that_fit_nowhere_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    crossing(&f);
    fixture_turn(&f, 3, 10, 99, false, TURN_ALL);                       /* no such road */
    fixture_turn(&f, 3, 1, 2, false, TURN_ALL);                         /* does not meet there */
    fixture_turn(&f, 3, 10, 3, true, TURN_ALL);                         /* turning round is not lawful there */
    fixture_turn_over(&f, 3, (int64_t[]){1}, 1, 2, false, TURN_ALL);    /* not a chain */
    fixture_build(&f);
    assert_int_equal(f.report.turn_restrictions_used, 0);
    assert_int_equal(f.report.turn_restrictions_unresolved, 4);
    assert_true(may(&f, 3, 2, TURN_LORRY));
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_cost_by_their_angle),
        cmocka_unit_test(signals_and_toll_booths_cost_and_bends_do_not),
        cmocka_unit_test(turning_round_is_for_dead_ends_and_turning_places),
        cmocka_unit_test(a_restriction_binds_its_subjects_only),
        cmocka_unit_test(several_only_rows_from_one_road_allow_each_of_their_ways),
        cmocka_unit_test(a_restriction_over_a_road_remembers_where_one_came_from),
        cmocka_unit_test(restrictions_that_fit_nowhere_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
