#include "tests/unit/network_fixture.h"

#include "geo/geodesic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void arcs_are_numbered_by_tail_then_road_then_direction(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_grid(&f, 6, 5, 700, ROAD_TERTIARY);
    fixture_node(&f, 9000, 350, 5000);
    FIXTURE_ROAD(&f, .id = 5, .from = 4000, .to = 9000, .class = ROAD_TERTIARY, .oneway = true);
    FIXTURE_ROAD(&f, .id = 6, .from = 9000, .to = 9000, .class = ROAD_TERTIARY, .bend_count = 2,
                 .bends = {{500, 5100}, {200, 5100}});
    fixture_build(&f);
    const struct network *n = &f.network;
    assert_int_equal(n->node_count, 31);
    assert_int_equal(n->road_count, 5 * 5 + 4 * 6 + 2);
    assert_int_equal(n->arc_count, 2 * (5 * 5 + 4 * 6) + 1 + 2);
    for (arc_id a = 0; a < n->arc_count; a++) {
        assert_true(n->node_first_arc[n->arc_tail[a]] <= a && a < n->node_first_arc[n->arc_tail[a] + 1]);
        assert_int_equal(n->road_arc[2 * n->arc_road[a] + n->arc_reversed[a]], a);
        if (a == 0 || n->arc_tail[a] != n->arc_tail[a - 1]) continue;
        assert_true(n->arc_road[a] > n->arc_road[a - 1] ||
                    (n->arc_road[a] == n->arc_road[a - 1] && n->arc_reversed[a] && !n->arc_reversed[a - 1]));
    }
    for (road_index r = 1; r < n->road_count; r++) assert_true(n->road_source_id[r - 1] < n->road_source_id[r]);
    for (node_id v = 0; v < n->node_count; v++)
        for (uint32_t i = n->node_first_in[v]; i < n->node_first_in[v + 1]; i++)
            assert_int_equal(n->arc_head[n->in_arc[i]], v);
    assert_int_equal(n->node_first_in[n->node_count], n->arc_count);
    assert_int_equal(network_road_find(n, 7), NO_ROAD);
    assert_int_equal(network_opposite(n, fixture_arc(&f, 5, false)), NO_ARC);
    assert_int_equal(network_opposite(n, fixture_arc(&f, 6, false)), fixture_arc(&f, 6, true));
    fixture_clear(&f);
}

static void time_follows_from_geodesic_length_and_speed(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 3000, 4000);
    fixture_node(&f, 3, 0, 0);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2, .speed_kmh = 90);
    FIXTURE_ROAD(&f, .id = 2, .from = 1, .to = 3);
    fixture_build(&f);
    const struct network *n = &f.network;
    int64_t length = geodesic_distance_mm(fixture_point(0, 0), fixture_point(3000, 4000));
    assert_int_equal(n->road_length_mm[0], length);
    assert_true(length > 4990000 && length < 5010000);
    assert_int_equal(n->arc_time_ms[fixture_arc(&f, 1, false)], (length * 36 + 450) / 900);
    assert_int_equal(n->road_length_mm[1], 1); /* a road between two nodes at one place */
    assert_int_equal(n->arc_time_ms[fixture_arc(&f, 2, false)], 1);
    fixture_clear(&f);
}

static void names_and_limits_are_kept_once(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 1000, 0);
    for (int i = 0; i < 20; i++)
        FIXTURE_ROAD(&f, .id = i, .from = 1, .to = 2, .name = i % 2 ? "信臣路" : "北京路", .ref = i % 4 ? "G312" : NULL,
                     .limits = {[LIMIT_HEIGHT] = i % 2 ? 4200 : 0, [LIMIT_BRIDGE] = i % 2 ? 20000 : 0});
    fixture_build(&f);
    const struct network *n = &f.network;
    assert_int_equal(n->limits_count, 2);
    assert_int_equal(n->text_size, 1 + strlen("信臣路") + 1 + strlen("北京路") + 1 + strlen("G312") + 1);
    for (road_index r = 0; r < 20; r++) {
        assert_string_equal(network_road_name(n, r), r % 2 ? "信臣路" : "北京路");
        assert_string_equal(network_road_ref(n, r), r % 4 ? "G312" : "");
        assert_int_equal(network_limits(n, r)[LIMIT_HEIGHT], r % 2 ? 4200 : 0);
        assert_int_equal(network_limits(n, r)[LIMIT_BRIDGE], r % 2 ? 20000 : 0);
        assert_int_equal(network_limits(n, r)[LIMIT_WIDTH], 0);
    }
    fixture_clear(&f);
}

static void version_depends_on_content_and_not_on_the_order_of_rows(void **state)
{
    (void)state;
    char versions[4][33];
    for (int run = 0; run < 4; run++) {
        struct fixture f;
        fixture_init(&f);
        for (int i = 0; i < 40; i++) fixture_node(&f, i, (i * 7919) % 5000, (i * 104729) % 5000);
        for (int i = 0; i < 80; i++) {
            int k = run == 1 ? 79 - i : run == 2 ? (i * 37) % 80 : i;
            FIXTURE_ROAD(&f, .id = k, .from = (k * 11) % 40, .to = (k * 17 + 3) % 40, .oneway = k % 3 == 0,
                         .name = k % 2 ? "甲" : "乙", .limits = {[LIMIT_HEIGHT] = (uint32_t)(k % 5) * 1000},
                         .speed_kmh = run == 3 && k == 70 ? 61 : 60);
        }
        for (int i = 0; i < 40; i++) {
            int k = run == 1 ? 39 - i : run == 2 ? (i * 11) % 40 : i;
            fixture_node_flags(&f, k, k % 4 == 0 ? NODE_SIGNALS : 0);
            fixture_turn_over(&f, k, (int64_t[]){(k + 13) % 80}, 1, (k + 29) % 80, k % 5 == 0, TURN_ALL);
            fixture_turn(&f, k, (k * 17 + 3) % 40, (k + 7) % 80, k % 5 == 0, TURN_ALL);
        }
        fixture_build(&f);
        assert_int_equal(strlen(f.network.version), 32);
        memcpy(versions[run], f.network.version, 33);
        fixture_clear(&f);
    }
    assert_string_equal(versions[0], versions[1]);
    assert_string_equal(versions[0], versions[2]);
    assert_string_not_equal(versions[0], versions[3]);
}

static void roads_that_nobody_can_leave_are_islands(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_grid(&f, 4, 4, 500, ROAD_TERTIARY);
    fixture_node(&f, 9001, 3000, 0);
    fixture_node(&f, 9002, 4000, 0);
    fixture_node(&f, 9003, 5000, 0);
    fixture_node(&f, 9004, 800, 800);
    FIXTURE_ROAD(&f, .id = 2, .from = 3, .to = 9001, .oneway = true);    /* leads away and never back */
    FIXTURE_ROAD(&f, .id = 3, .from = 9002, .to = 9003);                 /* on its own */
    FIXTURE_ROAD(&f, .id = 4, .from = 1001, .to = 9004, .access_lorry = ACCESS_NO);
    FIXTURE_ROAD(&f, .id = 5, .from = 1001, .to = 9004, .access_lorry = ACCESS_DESTINATION);
    fixture_build(&f);
    const struct network *n = &f.network;
    assert_int_equal(n->arc_component[fixture_arc(&f, 0, false)], 0);
    assert_int_equal(n->arc_component[fixture_arc(&f, 20020, false)], 0);
    assert_int_not_equal(n->arc_component[fixture_arc(&f, 2, false)], 0);
    assert_int_equal(n->arc_component[fixture_arc(&f, 3, false)], n->arc_component[fixture_arc(&f, 3, true)]);
    assert_int_equal(n->arc_component[fixture_arc(&f, 3, true)], 1); /* two arcs: the largest island */
    assert_int_not_equal(n->arc_component[fixture_arc(&f, 4, false)], 0);
    assert_int_not_equal(n->arc_component[fixture_arc(&f, 4, false)], n->arc_component[fixture_arc(&f, 4, true)]);
    /* 9004 has two roads, so nobody may turn round there, and a lorry that drives in by 5 cannot leave */
    assert_int_not_equal(n->arc_component[fixture_arc(&f, 5, false)], 0);
    assert_int_equal(f.report.islands, 1 + 1 + 2 + 2);
    assert_int_equal(f.report.island_arcs, 1 + 2 + 2 + 2);
    fixture_clear(&f);
}

/* A motorway 1 → 2 → 3 → 4, another 11 → 12 → 13; ramp 2 → 21 → 12 joins them, 3 → 31 leads to a toll plaza, from
 * where 31 → 32 → 12 leads onto the other one, and 31 → 39 to the town. */
static void ramps_between_motorways_are_through_ramps_and_those_to_a_toll_plaza_are_not(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 1000, 0);
    fixture_node(&f, 3, 2000, 0);
    fixture_node(&f, 4, 3000, 0);
    fixture_node(&f, 11, 1500, 2000);
    fixture_node(&f, 12, 2500, 2000);
    fixture_node(&f, 13, 3500, 2000);
    fixture_node(&f, 21, 1800, 1000);
    fixture_node(&f, 31, 2300, 800);
    fixture_node(&f, 32, 2400, 1400);
    fixture_node(&f, 39, 2800, 800);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2, .oneway = true);
    FIXTURE_ROAD(&f, .id = 2, .from = 2, .to = 3, .oneway = true);
    FIXTURE_ROAD(&f, .id = 3, .from = 3, .to = 4, .oneway = true);
    FIXTURE_ROAD(&f, .id = 11, .from = 11, .to = 12, .oneway = true);
    FIXTURE_ROAD(&f, .id = 12, .from = 12, .to = 13, .oneway = true);
    FIXTURE_ROAD(&f, .id = 20, .from = 2, .to = 21, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 21, .from = 21, .to = 12, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 30, .from = 3, .to = 31, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 31, .from = 31, .to = 32, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 32, .from = 32, .to = 12, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 39, .from = 31, .to = 39, .class = ROAD_TRUNK);
    fixture_node_flags(&f, 31, NODE_TOLL_BOOTH);
    fixture_build(&f);
    const struct network *n = &f.network;
    for (road_index r = 0; r < n->road_count; r++)
        assert_int_equal((n->road_flags[r] & ROAD_THROUGH_RAMP) != 0,
                         n->road_source_id[r] == 20 || n->road_source_id[r] == 21);
    fixture_clear(&f);
}

static void a_link_that_only_turns_back_at_its_foot_is_not_a_through_ramp(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 1000, 0);
    fixture_node(&f, 3, 3000, 0);
    fixture_node(&f, 4, 4000, 0);
    fixture_node(&f, 5, 2000, 3000);
    fixture_node(&f, 6, 2000, 4000);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2, .oneway = true);
    FIXTURE_ROAD(&f, .id = 2, .from = 2, .to = 3, .oneway = true);
    FIXTURE_ROAD(&f, .id = 3, .from = 3, .to = 4, .oneway = true);
    FIXTURE_ROAD(&f, .id = 4, .from = 2, .to = 5, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 5, .from = 5, .to = 3, .class = ROAD_MOTORWAY_LINK, .oneway = true);
    FIXTURE_ROAD(&f, .id = 6, .from = 5, .to = 6, .class = ROAD_MOTORWAY_LINK);
    fixture_build(&f);
    for (road_index r = 0; r < f.network.road_count; r++)
        assert_int_equal(f.network.road_flags[r] & ROAD_THROUGH_RAMP, 0);
    fixture_clear(&f);
}

static void wrong_rows_are_refused_by_their_id(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct network_builder *b = NULL;
    struct network n;
    struct turn_graph g;
    struct point_e7 line[] = {fixture_point(0, 0), fixture_point(1000, 0), fixture_point(1000, 2)};
    struct road_row good = {.id = 77, .from_node = 1, .to_node = 2, .forward = true, .speed_forward_kmh = 50,
                            .shape = line, .shape_count = 2};
    assert_int_equal(network_builder_new(&b, &err), STATUS_OK);
#define REFUSED(...)                                                                       \
    do {                                                                                   \
        struct road_row row = good;                                                        \
        __VA_ARGS__;                                                                       \
        assert_int_equal(network_builder_road(b, &row, &err), STATUS_INVALID);             \
        assert_non_null(strstr(err.en, "77"));                                             \
        assert_non_null(strstr(err.zh, "77"));                                             \
    } while (0)
    REFUSED(row.shape_count = 1);
    REFUSED(row.speed_forward_kmh = 0);
    REFUSED(row.speed_forward_kmh = 131);
    REFUSED(row.backward = true);
    REFUSED(row.class = ROAD_CLASS_COUNT);
    REFUSED(row.access_light_backward = 3);
    REFUSED(row.flags = ROAD_THROUGH_RAMP);
    REFUSED(row.limits[LIMIT_AXLES] = 101);
    REFUSED(struct point_e7 bad[2] = {line[0]}; bad[1] = (struct point_e7){1800000001, 0}; row.shape = bad);

    struct network_build_report report;
    assert_int_equal(network_build(b, &n, &g, &report, &err), STATUS_INVALID); /* no road at all */

    assert_int_equal(network_builder_road(b, &good, &err), STATUS_OK);
    assert_int_equal(network_builder_road(b, &good, &err), STATUS_OK);
    assert_int_equal(network_build(b, &n, &g, &report, &err), STATUS_INVALID);
    assert_non_null(strstr(err.en, "77"));

    struct road_row apart = good; /* its node 2 is two metres from the other's */
    apart.id = 78;
    apart.from_node = 2;
    apart.to_node = 3;
    apart.shape = &line[2];
    struct point_e7 elsewhere[] = {line[2], fixture_point(5000, 0)};
    apart.shape = elsewhere;
    assert_int_equal(network_builder_road(b, &good, &err), STATUS_OK);
    assert_int_equal(network_builder_road(b, &apart, &err), STATUS_OK);
    assert_int_equal(network_build(b, &n, &g, &report, &err), STATUS_INVALID);
    assert_non_null(strstr(err.en, "77"));
    assert_non_null(strstr(err.en, "78"));

    struct turn_restriction_row turn = {.id = 5, .via_road_count = 9, .subjects = TURN_ALL};
    assert_int_equal(network_builder_turn(b, &turn, &err), STATUS_INVALID);
    turn = (struct turn_restriction_row){.id = 5};
    assert_int_equal(network_builder_turn(b, &turn, &err), STATUS_INVALID);
    network_builder_free(b);
}

static void a_network_can_be_placed_elsewhere_by_its_list_of_arrays(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_grid(&f, 3, 3, 500, ROAD_TERTIARY);
    fixture_build(&f);
    struct network copy = f.network;
    size_t size = network_place(&copy, NULL);
    void *memory = aligned_alloc(64, size);
    assert_non_null(memory);
    memcpy(memory, f.network.memory, size);
    network_place(&copy, memory);
    assert_ptr_not_equal(copy.arc_head, f.network.arc_head);
    assert_memory_equal(copy.arc_head, f.network.arc_head, copy.arc_count * sizeof *copy.arc_head);
    assert_memory_equal(copy.text, f.network.text, copy.text_size);
    free(memory);
    fixture_clear(&f);
}

static void road_classes_are_found_by_their_code(void **state)
{
    (void)state;
    for (int c = 0; c < ROAD_CLASS_COUNT; c++) {
        enum road_class class = ROAD_CLASS_COUNT;
        assert_true(road_class_parse(road_class_code((enum road_class)c), &class));
        assert_int_equal(class, c);
        assert_true(road_class_zh(class)[0] != '\0');
    }
    enum road_class class;
    assert_false(road_class_parse("Motorway", &class));
    assert_string_equal(limit_kind_code(LIMIT_BRIDGE), "bridge");
    assert_string_equal(limit_kind_zh(LIMIT_HEIGHT), "限高");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arcs_are_numbered_by_tail_then_road_then_direction),
        cmocka_unit_test(time_follows_from_geodesic_length_and_speed),
        cmocka_unit_test(names_and_limits_are_kept_once),
        cmocka_unit_test(version_depends_on_content_and_not_on_the_order_of_rows),
        cmocka_unit_test(roads_that_nobody_can_leave_are_islands),
        cmocka_unit_test(ramps_between_motorways_are_through_ramps_and_those_to_a_toll_plaza_are_not),
        cmocka_unit_test(a_link_that_only_turns_back_at_its_foot_is_not_a_through_ramp),
        cmocka_unit_test(wrong_rows_are_refused_by_their_id),
        cmocka_unit_test(a_network_can_be_placed_elsewhere_by_its_list_of_arrays),
        cmocka_unit_test(road_classes_are_found_by_their_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
