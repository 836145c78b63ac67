/* Every allocation of connecting, loading, copying and of the snapshot fails once: nothing crashes, nothing leaks, the
 * status says so, and the next attempt works.
 *
 * The program's own malloc takes the place of the C library's. The sanitizers bring their own: there the scenarios
 * only run through. */
#include "data/network/load_network.h"
#include "data/network/snapshot.h"
#include "data/pg/pg_copy.h"
#include "data/rules/load_rules.h"
#include "routing/hierarchy/order.h"
#include "tests/unit/failing_malloc.h"
#include "tests/unit/network_fixture.h"
#include "tests/unit/test_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct test_database db;
static bool there;
static struct pg *pg; /* of the scenarios that have one: made anew for each attempt */
static char file[64];

/* ---- scenarios: each cleans up after itself ------------------------------------------------------------------- */

static enum status connect_once(struct error *err)
{
    struct pg *mine = NULL;
    enum status status = pg_open(&mine, db.url, &PG_OPTIONS_COMMAND, NULL, err);
    pg_close(mine);
    return status;
}

static enum status read_rules(struct error *err)
{
    struct arena arena;
    struct rules_input rules;
    arena_init(&arena, RULES_BYTES_MAX);
    enum status status = load_rules(pg, &arena, &rules, err);
    arena_clear(&arena);
    return status;
}

static enum status read_network(struct error *err)
{
    struct network_builder *builder = NULL;
    struct load_network_report report;
    enum status status = network_builder_new(&builder, err);
    if (status == STATUS_OK) status = load_network(pg, builder, NULL, NULL, &report, err);
    network_builder_free(builder);
    return status;
}

static enum status copy_in(struct error *err)
{
    struct pg_copy_writer w;
    enum status status = pg_exec(pg, "BEGIN", err);
    if (status == STATUS_OK) status = pg_copy_write_begin(pg, "COPY road_node (id, geom) FROM STDIN (FORMAT binary)", &w, err);
    if (status == STATUS_OK) {
        for (int i = 0; i < 12000; i++) { /* more than one chunk */
            pg_write_row(&w, 2);
            pg_write_i64(&w, i);
            pg_write_point(&w, 112, 33);
        }
        status = pg_copy_write_end(&w, NULL, err);
        pg_copy_write_abort(&w);
    }
    pg_try(pg, "ROLLBACK");
    return status;
}

static enum status open_snapshot(struct error *err)
{
    struct base *base = NULL;
    enum status status = snapshot_open(file, &base, err);
    if (status == STATUS_OK) status = snapshot_write(file, &base->network, &base->turns, base->hierarchy, err);
    snapshot_close(base);
    return status;
}

/* ---- runner -------------------------------------------------------------------------------------------------- */

static void connection_new(void)
{
    struct error err = ERROR_INIT;
    if (pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
}

static void every_failure(enum status (*scenario)(struct error *err), bool connected)
{
    struct error err = ERROR_INIT;
    if (connected) connection_new();
    if (scenario(&err) != STATUS_OK) fail_msg("%s %s", err.en, err.log); /* also fills caches of the libraries */
    pg_close(pg);
    pg = NULL;
#if OWN_MALLOC
    for (long n = 0;; n++) {
        err = (struct error)ERROR_INIT;
        long blocks = malloc_live();
        if (connected) connection_new();
        malloc_fail(n, FAIL_ONCE);
        enum status status = scenario(&err);
        bool failed = malloc_heal();
        pg_close(pg);
        pg = NULL;
        if (malloc_live() != blocks) fail_msg("allocation %ld: %ld blocks are left", n, malloc_live() - blocks);
        if (!failed) {
            assert_int_equal(status, STATUS_OK);
            print_message("%ld allocations\n", n);
            return;
        }
        if (status == STATUS_OK) continue; /* something that could be done without */
        if (err.status == STATUS_OK || err.en[0] == '\0') fail_msg("allocation %ld: no reason is given", n);
    }
#endif
}

static void connecting(void **state)
{
    (void)state;
    if (!there) skip();
    every_failure(connect_once, false);
}

static void loading_rules(void **state)
{
    (void)state;
    if (!there) skip();
    every_failure(read_rules, true);
}

static void loading_a_network(void **state)
{
    (void)state;
    if (!there) skip();
    every_failure(read_network, true);
}

static void copying(void **state)
{
    (void)state;
    if (!there) skip();
    every_failure(copy_in, true);
}

static void the_snapshot(void **state)
{
    (void)state;
    every_failure(open_snapshot, false);
}

static const char world[] =
    "INSERT INTO calendar_day VALUES ('2026-10-01', 'holiday');"
    "INSERT INTO road (id, geom, class, from_node, to_node, forward, backward, speed_forward_kmh, speed_backward_kmh) "
    "SELECT g, ST_SetSRID(ST_MakeLine(ST_Point(112 + g * 0.01, 33), ST_Point(112.01 + g * 0.01, 33)), 4490), 'primary', g, g + 1, "
    "true, true, 60, 60 FROM generate_series(1, 20) g;"
    "INSERT INTO turn_restriction (from_road, via_node, to_road, kind) VALUES (1, 2, 2, 'no');"
    "INSERT INTO zone (id, name, class_code, geom, layers, windows, rules, state, approving_authority, document_no, approved_at) VALUES "
    "('z', 'z', 'SEC', ST_Multi(ST_MakeEnvelope(112, 33, 112.1, 33.1, 4490)), '{0}', '[{\"weekdays\":[1]}]', "
    "'[{\"rule\":\"gated\",\"exempt\":[\"relief_pass\"],\"subject\":{\"plate_prefixes\":[\"豫R\"],\"cargo\":[\"coal\"]}}]', 'approved', 'a', 'b', now());"
    "INSERT INTO checkpoint (id, name, geom, requirements, green_credentials, state) VALUES ('k', 'k', ST_SetSRID(ST_Point(112.05, 33), 4490), "
    "'[[{\"type\":\"nucleic_acid\"}]]', '{relief_pass}', 'active');"
    "INSERT INTO gate (zone_id, checkpoint_id, arcs) VALUES ('z', 'k', '[{\"road\":1}]');"
    "INSERT INTO closure (id, name, action, object, physical, road_ids) VALUES ('c', 'c', 'closed', 'segment', true, '{3}');";

static int setup(void **state)
{
    (void)state;
    struct fixture f;
    struct error err = ERROR_INIT;
    struct hierarchy *hierarchy = NULL;
    there = test_database_open(&db);
    if (there) test_database_sql(&db, world);
    snprintf(file, sizeof file, "/tmp/baochang-memory.%d", (int)getpid());
    fixture_init(&f);
    fixture_grid(&f, 4, 3, 200, ROAD_PRIMARY);
    fixture_build(&f);
    const struct digraph graph = {f.turns.node_count, f.turns.turn_count, f.turns.first_out, f.turns.head};
    uint32_t *order = malloc(graph.node_count * sizeof *order);
    bool made = order != NULL && order_nested_dissection(&graph, NULL, 1, order, &err) == STATUS_OK &&
                hierarchy_new(&graph, order, &hierarchy, &err) == STATUS_OK &&
                snapshot_write(file, &f.network, &f.turns, hierarchy, &err) == STATUS_OK;
    free(order);
    hierarchy_free(hierarchy);
    fixture_clear(&f);
    return made ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    pg_close(pg);
    unlink(file);
    if (there) test_database_close(&db);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connecting),
        cmocka_unit_test(loading_rules),
        cmocka_unit_test(loading_a_network),
        cmocka_unit_test(copying),
        cmocka_unit_test(the_snapshot),
    };
    return cmocka_run_group_tests_name("data memory", tests, setup, teardown);
}
