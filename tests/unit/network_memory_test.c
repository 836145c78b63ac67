/* Every allocation of building a network, its index and its rules fails once: nothing crashes, nothing leaks, the
 * status says so, and the next attempt works.
 *
 * The program's own malloc takes the place of the C library's. The sanitizers bring their own: there the scenarios
 * only run through. Opening a projection is left out: PROJ allocates in C++. */
#include "geo/projection.h"
#include "routing/constraint/gates.h"
#include "routing/constraint/rules_compile.h"
#include "routing/constraint/zone_set.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/network_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- scenarios ---- */

static struct fixture f;
static struct spatial *spatial;
static struct rules_input input;
static struct rules *before;

static struct network_builder *rows_of_a_crossing(struct error *err, enum status *status)
{
    struct network_builder *b = NULL;
    *status = network_builder_new(&b, err);
    for (int64_t i = 0; i < 5 && *status == STATUS_OK; i++) {
        struct point_e7 shape[] = {fixture_point(0, 0), fixture_point((int32_t)(i % 3) * 900 - 800, (int32_t)i * 400 - 900)};
        struct road_row row = {.id = i, .from_node = 0, .to_node = i + 1, .forward = true, .backward = true,
                               .speed_forward_kmh = 60, .speed_backward_kmh = 60, .name = "甲", .ref = "G312",
                               .limits = {(uint32_t)i * 100}, .shape = shape, .shape_count = 2};
        *status = network_builder_road(b, &row, err);
    }
    if (*status == STATUS_OK) *status = network_builder_node(b, &(struct node_row){.id = 2, .flags = NODE_SIGNALS}, err);
    if (*status == STATUS_OK)
        *status = network_builder_turn(b, &(struct turn_restriction_row){.id = 1, .from_road = 1, .via_node = 0,
                                                                         .to_road = 2, .subjects = TURN_ALL}, err);
    return b;
}

static enum status taking_rows(void)
{
    struct error err = ERROR_INIT;
    enum status status;
    struct network_builder *b = rows_of_a_crossing(&err, &status);
    network_builder_free(b);
    return status;
}

static enum status indexing_roads(void)
{
    struct error err = ERROR_INIT;
    struct spatial *s = NULL;
    enum status status = spatial_new(&f.network, &s, &err);
    spatial_free(s);
    return status;
}

static struct projection *projection;

static enum status compiling_what_is_known(void)
{
    struct error err = ERROR_INIT;
    struct rules *r = NULL;
    enum status status = rules_compile(&f.network, spatial, &input, before, &r, &err);
    rules_release(r);
    return status;
}

static enum status compiling_a_zone_and_a_checkpoint(void)
{
    struct error err = ERROR_INIT;
    struct zone_set *sets[2] = {NULL, NULL};
    struct gate_set *gates = NULL;
    enum status status = STATUS_OK;
    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        status = zone_set_new(&f.network, spatial, projection, &input.zones[i], &sets[i], &err);
    if (status == STATUS_OK) assert_true(sets[0]->arc_count > 20);
    if (status == STATUS_OK)
        status = gate_set_new(&f.network, spatial, projection, &input, &input.checkpoints[0], sets, &gates, &err);
    if (status == STATUS_OK) assert_true(gates->count > 0);
    gate_set_release(gates);
    for (int i = 0; i < 2; i++) zone_set_release(sets[i]);
    return status;
}

/* Runs a scenario with its first allocation failing, then its second, … until none fails any more. */
static void exhaust(enum status (*scenario)(void))
{
    for (long n = 0;; n++) {
        long then = malloc_live();
        malloc_fail(n, FAIL_ONCE);
        enum status status = scenario();
        bool failed = malloc_heal();
        assert_int_equal(malloc_live(), then);
        if (!failed) {
            assert_int_equal(status, STATUS_OK);
            assert_true(n > 3 || !OWN_MALLOC);
            return;
        }
        /* qsort does without the block that it wanted */
        if (status != STATUS_NO_MEMORY && status != STATUS_TOO_LARGE && status != STATUS_OK)
            fail_msg("allocation %ld fails: %s", n, status_name(status));
    }
}

static void rows_survive_every_failed_allocation(void **state)
{
    (void)state;
    exhaust(taking_rows);
}

static void an_index_survives_every_failed_allocation(void **state)
{
    (void)state;
    exhaust(indexing_roads);
}

static void compiling_survives_every_failed_allocation(void **state)
{
    (void)state;
    exhaust(compiling_what_is_known);
}

static void a_zone_and_a_checkpoint_survive_every_failed_allocation(void **state)
{
    (void)state;
    exhaust(compiling_a_zone_and_a_checkpoint);
}

/* Builds a network with the n-th allocation failing (−1: none, and counts them). */
static enum status build_failing(long n, long *count)
{
    struct error err = ERROR_INIT;
    enum status status;
    struct network made;
    struct turn_graph g;
    long then = malloc_live();
    struct network_builder *b = rows_of_a_crossing(&err, &status);
    assert_int_equal(status, STATUS_OK);
    malloc_fail(n, FAIL_ONCE);
    status = network_build(b, &made, &g, NULL, &err);
    if (count != NULL) *count = malloc_count();
    bool failed = malloc_heal();
    network_clear(&made);
    turn_graph_clear(&g);
    network_builder_free(b);
    if (n >= 0) assert_true(failed);
    if (n >= 0 && status == STATUS_NO_MEMORY) assert_int_equal(malloc_live(), then);
    return status;
}

/* PROJ's allocations are in the middle: the ones tried are from both ends until something else than our own answer
 * comes. */
static void a_network_survives_failed_allocations_before_and_after_the_projection(void **state)
{
    (void)state;
    if (!OWN_MALLOC) return;
    long total = 0, before_it = 0, after_it = 0;
    assert_int_equal(build_failing(-1, &total), STATUS_OK);
    while (before_it < 16 && build_failing(before_it, NULL) == STATUS_NO_MEMORY) before_it++;
    while (after_it < 18 && build_failing(total - 1 - after_it, NULL) == STATUS_NO_MEMORY) after_it++;
    assert_int_equal(before_it, 16);
    assert_int_equal(after_it, 18);
}

static int set_up(void **state)
{
    (void)state;
    static struct zone_rule rule = {.kind = RULE_GATED};
    static struct zone zones[2];
    static struct gate gates[] = {{.zone = 0, .direction = GATE_BOTH}};
    static struct checkpoint checkpoint = {.id = "p", .road_ref = "", .bearing_deg = -1, .reach_mm = 2000000,
                                           .gate_count = 1, .gates = gates};
    static struct road_direction closed[] = {{10, false}, {11, true}};
    static struct closure closure = {.id = "c", .arc_count = 2, .arcs = closed};
    fixture_init(&f);
    fixture_grid(&f, 6, 6, 400, ROAD_TERTIARY);
    fixture_build(&f);
    struct error err = ERROR_INIT;
    if (spatial_new(&f.network, &spatial, &err) != STATUS_OK) return -1;
    if (projection_open(f.network.projection, &projection, &err) != STATUS_OK) return -1;
    checkpoint.point = fixture_point(700, 0);
    for (int i = 0; i < 2; i++)
        zones[i] = (struct zone){.id = i ? "b" : "a", .area = fixture_box(500 + i, -100, 3000, 3000), .rule_count = 1,
                                 .rules = &rule};
    input = (struct rules_input){.zone_count = 2, .zones = zones, .checkpoint_count = 1, .checkpoints = &checkpoint,
                                 .closure_count = 1, .closures = &closure};
    return rules_compile(&f.network, spatial, &input, NULL, &before, &err) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < input.zone_count; i++) multipolygon_clear((struct multipolygon *)(uintptr_t)&input.zones[i].area);
    rules_release(before);
    projection_close(projection);
    spatial_free(spatial);
    fixture_clear(&f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_survive_every_failed_allocation),
        cmocka_unit_test(an_index_survives_every_failed_allocation),
        cmocka_unit_test(compiling_survives_every_failed_allocation),
        cmocka_unit_test(a_zone_and_a_checkpoint_survive_every_failed_allocation),
        cmocka_unit_test(a_network_survives_failed_allocations_before_and_after_the_projection),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
