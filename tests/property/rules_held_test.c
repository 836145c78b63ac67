/* Whatever changes, and however often it is looked at: what a connection holds of the rules is what a whole reading gives, byte for
 * byte. Random changes of everything that the rules are made of, several to a version and several versions to a reading. */
#include "api/paper/rules_write.h"
#include "data/rules/rules_held.h"
#include "tests/property/oracle_graph.h"
#include "tests/unit/test_database.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { STEPS = 40, IDS = 8 };

static struct test_database db;
static bool there;

static const char world[] =
    "INSERT INTO jurisdiction (code, name_zh, level) VALUES ('411321', '南召县', 'county');"
    "INSERT INTO toll_station (id, route, ordinal, name) SELECT g, 'G40', g * 10, 's' || g FROM generate_series(1, 5) g;"
    "INSERT INTO route_alias (alias, canonical) VALUES ('沪陕高速', 'G40');"
    "INSERT INTO road (id, geom, class, name, ref, from_node, to_node, forward, backward, speed_forward_kmh, speed_backward_kmh, ramp, station_id, bridge)"
    " SELECT g, ST_SetSRID(ST_MakeLine(ST_Point(112 + g * 0.01, 33), ST_Point(112.01 + g * 0.01, 33)), 4490), CASE WHEN g > 5 THEN 'motorway_link' ELSE 'trunk' END,"
    " 'r' || g, CASE WHEN g > 5 THEN NULL ELSE 'G312' END, g, g + 1, true, g <= 5, 60, 50, CASE WHEN g > 5 THEN 'entry' END, CASE WHEN g > 5 THEN g - 5 END, g <= 5"
    " FROM generate_series(1, 10) g;";

static const char clean[] =
    "DELETE FROM gate; DELETE FROM checkpoint; DELETE FROM zone; DELETE FROM closure; DELETE FROM facility; DELETE FROM road_limit;"
    "DELETE FROM calendar_day; DELETE FROM route_alias WHERE alias LIKE 'x%'; UPDATE zone_class SET enabled = true WHERE code = 'FL-CUT'";

static int setup(void **state)
{
    (void)state;
    there = test_database_open(&db);
    if (there) test_database_sql(&db, world);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (there) test_database_close(&db);
    return 0;
}

/* ---- changes -------------------------------------------------------------------------------------------------- */

#define APPROVED "'市政府', '宛政〔2026〕1号', '2026-01-01'"

/* Some ends lie within the second in which what binds until a day ago drops out. */
static const char *span_of(uint64_t *random)
{
    static char text[160];
    switch (oracle_below(random, 5)) {
    case 0: return "tstzrange('2026-01-01', '2030-01-01')";
    case 1: return "tstzrange('2020-01-01', '2021-01-01')";
    case 2:
        snprintf(text, sizeof text, "tstzrange('2020-01-01', now() - interval '1 day' + interval '%u milliseconds')", oracle_below(random, 400));
        return text;
    default: return "tstzrange('2026-01-01', NULL)";
    }
}

/* Ids that an array of the database has to escape. */
static const char *id_of(uint64_t *random, const char *kind)
{
    static const char *const middles[] = {"", "\"", "\\", ",{}", " 区", "NULL"};
    static char texts[4][64];
    static unsigned at;
    uint32_t n = oracle_below(random, IDS);
    char *text = texts[at++ % 4];
    snprintf(text, sizeof texts[0], "%s%s%u", kind, middles[n % 6], n);
    return text;
}

static const char *one_of(uint64_t *random, const char *a, const char *b, const char *c)
{
    uint32_t n = oracle_below(random, 3);
    return n == 0 ? a : n == 1 ? b : c;
}

static void zone_sql(uint64_t *random, char *sql, size_t size)
{
    const char *rules = one_of(random, "[{\"rule\":\"closed\"}]", "[{\"rule\":\"gated\",\"exempt\":[\"key_goods_pass\"],\"subject\":{\"cargo\":[\"coal\"]}}]",
                               "[{\"rule\":\"caution\",\"slow_factor\":1.5},{\"rule\":\"destination_only\"}]");
    snprintf(sql, size,
             "INSERT INTO zone (id, name, class_code, geom, effective, rules, jurisdiction, state, approving_authority, document_no, approved_at) VALUES"
             " ('%s', 'n%u', '%s', ST_Multi(ST_MakeEnvelope(112, 33, 112.%u, 33.1, 4490)), %s, '%s', %s, '%s', " APPROVED ")"
             " ON CONFLICT (id) DO UPDATE SET (name, geom, effective, rules, state) = (excluded.name, excluded.geom, excluded.effective, excluded.rules, excluded.state)",
             id_of(random, "z"), oracle_below(random, 99), one_of(random, "FL-CUT", "FL-CUT", "SEC"), 1 + oracle_below(random, 8), span_of(random), rules,
             one_of(random, "NULL", "'411321'", "NULL"), one_of(random, "approved", "approved", "lifted"));
}

static void checkpoint_sql(uint64_t *random, char *sql, size_t size)
{
    snprintf(sql, size,
             "INSERT INTO checkpoint (id, name, geom, effective, normal_s, requirements, green_credentials, state) VALUES"
             " ('%s', 'n', ST_SetSRID(ST_Point(112.1, 33.05), 4490), %s, %u, '%s', '%s', '%s')"
             " ON CONFLICT (id) DO UPDATE SET (effective, normal_s, requirements, state) = (excluded.effective, excluded.normal_s, excluded.requirements, excluded.state)",
             id_of(random, "k"), span_of(random), 10 + oracle_below(random, 90),
             one_of(random, "[]", "[[{\"type\":\"nucleic_acid\"}]]", "[[{\"type\":\"key_goods_pass\"},{\"type\":\"disinfection\",\"max_age_s\":3600}]]"),
             one_of(random, "{}", "{key_goods_pass}", "{}"), one_of(random, "active", "active", "closed"));
}

static void closure_sql(uint64_t *random, char *sql, size_t size)
{
    const char *place = one_of(random, "'toll_station_range', NULL, '沪陕高速', 's1', 's4'", "'segment', '{1,2}', NULL, NULL, NULL", "'road', NULL, 'G312', NULL, NULL");
    bool stations = place[1] == 't';
    snprintf(sql, size,
             "INSERT INTO closure (id, name, action, object, road_ids, route, from_station, to_station, physical, effective, state, approving_authority,"
             " document_no, approved_at) VALUES ('%s', 'n%u', '%s', %s, %s, %s, '%s', " APPROVED ")"
             " ON CONFLICT (id) DO UPDATE SET (name, effective, state) = (excluded.name, excluded.effective, excluded.state)",
             id_of(random, "c"), oracle_below(random, 99), stations ? "entry_ban" : "closed", place, stations ? "false" : one_of(random, "true", "false", "false"),
             span_of(random), one_of(random, "approved", "approved", "draft"));
}

/* One change of something. What the schema refuses is no change. */
static void change_sql(uint64_t *random, char *sql, size_t size)
{
    switch (oracle_below(random, 26)) {
    case 0: case 1: case 2: case 3: zone_sql(random, sql, size); return;
    case 4: case 5: checkpoint_sql(random, sql, size); return;
    case 6: case 7: case 8: closure_sql(random, sql, size); return;
    case 9: snprintf(sql, size, "DELETE FROM zone WHERE id = '%s'", id_of(random, "z")); return;
    case 10: snprintf(sql, size, "DELETE FROM checkpoint WHERE id = '%s'", id_of(random, "k")); return;
    case 11: snprintf(sql, size, "DELETE FROM closure WHERE id = '%s'", id_of(random, "c")); return;
    case 12: case 13:
        snprintf(sql, size, "INSERT INTO gate (zone_id, checkpoint_id, direction, arcs) VALUES ('%s', '%s', '%s', '[{\"road\":1}]')", id_of(random, "z"),
                 id_of(random, "k"), one_of(random, "enter", "leave", "both"));
        return;
    case 14: snprintf(sql, size, "DELETE FROM gate WHERE zone_id = '%s'", id_of(random, "z")); return;
    case 15: snprintf(sql, size, "UPDATE zone SET name = name || 'x' WHERE id = '%s'", id_of(random, "z")); return;
    case 16:
        snprintf(sql, size, "INSERT INTO road_limit (road, max_height_m, bridge_state) VALUES (%u, 3.5, '%s') ON CONFLICT (road) DO UPDATE SET bridge_state = excluded.bridge_state",
                 1 + oracle_below(random, 10), one_of(random, "open", "closed", "closed"));
        return;
    case 17: snprintf(sql, size, "DELETE FROM road_limit WHERE road = %u", 1 + oracle_below(random, 10)); return;
    case 18:
        snprintf(sql, size, "INSERT INTO facility (id, kind, name, geom, state) VALUES ('f%u', 'rest_area', 'f', ST_SetSRID(ST_Point(112, 33), 4490), 'active')"
                 " ON CONFLICT (id) DO UPDATE SET state = '%s'", oracle_below(random, IDS), one_of(random, "active", "closed", "standby"));
        return;
    case 19: snprintf(sql, size, "INSERT INTO calendar_day VALUES ('2026-10-%02u', 'holiday') ON CONFLICT (day) DO UPDATE SET kind = 'workday'", 1 + oracle_below(random, 28)); return;
    case 20: snprintf(sql, size, "DELETE FROM calendar_day"); return;
    case 21: snprintf(sql, size, "UPDATE toll_rate SET cny_per_km = 0.%02u WHERE vehicle_class = 3", oracle_below(random, 99)); return;
    case 22: snprintf(sql, size, "UPDATE journey_default SET rest = interval '%u minutes'", 20 + oracle_below(random, 9)); return;
    case 23: snprintf(sql, size, "%s", one_of(random, "UPDATE zone_class SET enabled = NOT enabled WHERE code = 'FL-CUT'", "UPDATE jurisdiction SET name_zh = name_zh || 'x' WHERE code = '411321'",
                                              "UPDATE credential_type SET default_max_age = COALESCE(default_max_age, interval '1 hour') + interval '1 second' WHERE code = 'nucleic_acid'")); return;
    case 24:
        if (oracle_below(random, 2)) snprintf(sql, size, "INSERT INTO credential_type (code, name_zh, name_en) VALUES ('a%" PRIu64 "', 'a', 'a')", *random % 1000000);
        else snprintf(sql, size, "INSERT INTO route_alias (alias, canonical) VALUES ('x%" PRIu64 "', 'G40')", *random % 1000000);
        return;
    default: snprintf(sql, size, "%s", one_of(random, "UPDATE road SET backward = NOT backward WHERE id = 2", "UPDATE toll_station SET ordinal = ordinal + 1000 WHERE name = 's2' AND ordinal < 9000",
                                              "UPDATE road SET ref = CASE ref WHEN 'G312' THEN 'G313' ELSE 'G312' END WHERE id = 3")); return;
    }
}

static void commit_changes(uint64_t *random)
{
    char sql[2048];
    struct error err = ERROR_INIT;
    test_database_sql(&db, "BEGIN");
    for (uint32_t n = 1 + oracle_below(random, 3); n > 0; n--) {
        change_sql(random, sql, sizeof sql);
        test_database_sql(&db, "SAVEPOINT s");
        if (pg_exec(db.owner, sql, &err) != STATUS_OK) test_database_sql(&db, "ROLLBACK TO s");
    }
    test_database_sql(&db, "COMMIT");
}

/* ---- both readings -------------------------------------------------------------------------------------------- */

static char *dump(const struct rules_input *input)
{
    struct buffer out;
    buffer_init(&out, (size_t)64 << 20);
    rules_write(&out, input);
    buffer_char(&out, '\0');
    assert_int_equal(out.failed, STATUS_OK);
    char *text = strdup(out.data);
    buffer_clear(&out);
    return text;
}

static char *dump_whole(struct pg *pg)
{
    struct error err = ERROR_INIT;
    struct rules_input input;
    struct arena arena;
    arena_init(&arena, RULES_BYTES_MAX);
    if (load_rules(pg, &arena, &input, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
    char *text = dump(&input);
    arena_clear(&arena);
    return text;
}

static char *dump_held(struct rules_held *held, struct pg *pg)
{
    struct error err = ERROR_INIT;
    const struct rules_input *input;
    if (rules_held_read(held, pg, &input, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
    return dump(input);
}

static void compare(struct rules_held *held, struct pg *pg, uint64_t world_seed, int step)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        char *before = dump_whole(pg), *mine = dump_held(held, pg), *after = dump_whole(pg);
        bool still = strcmp(before, after) == 0, same = strcmp(before, mine) == 0;
        if (still && !same) {
            size_t at = 0;
            while (before[at] == mine[at]) at++;
            fail_msg("seed %llu step %d: whole …%.200s\nheld …%.200s", (unsigned long long)world_seed, step, before + (at > 60 ? at - 60 : 0),
                     mine + (at > 60 ? at - 60 : 0));
        }
        free(before), free(mine), free(after);
        if (still) return; /* otherwise something dropped out by the clock meanwhile */
    }
    fail_msg("seed %llu step %d: never still", (unsigned long long)world_seed, step);
}

static void what_is_held_is_what_a_whole_reading_gives(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    struct rules_held *held = NULL;
    uint64_t seed = oracle_seed("rules held");
    assert_int_equal(pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, &err), STATUS_OK);
    assert_int_equal(rules_held_new(&held, &err), STATUS_OK);
    uint32_t rounds = oracle_rounds(3);
    for (uint32_t i = 0; i < rounds; i++) {
        uint64_t random = seed + i;
        test_database_sql(&db, clean);
        compare(held, pg, seed + i, -1);
        for (int step = 0; step < STEPS; step++) {
            for (uint32_t n = 1 + oracle_below(&random, 3); n > 0; n--) commit_changes(&random);
            compare(held, pg, seed + i, step);
        }
    }
    struct rules_held_figures figures = rules_held_figures(held);
    assert_true(figures.parts > figures.whole && figures.whole > 1 && figures.rows > 0); /* both ways were walked */
    rules_held_free(held);
    pg_close(pg);
}

static void a_change_of_one_zone_is_read_alone_and_what_was_forgotten_is_read_whole(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    struct rules_held *held = NULL;
    test_database_sql(&db, clean);
    test_database_sql(&db, "INSERT INTO zone (id, name, class_code, geom, effective, state, approving_authority, document_no, approved_at) SELECT 'many' || g, 'n', 'FL-CUT',"
                           " ST_Multi(ST_MakeEnvelope(112, 33, 112.1, 33.1, 4490)), '[2026-01-01,)', 'approved', " APPROVED " FROM generate_series(1, 50) g");
    assert_int_equal(pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, &err), STATUS_OK);
    assert_int_equal(rules_held_new(&held, &err), STATUS_OK);
    compare(held, pg, 0, 0);
    assert_int_equal(rules_held_figures(held).whole, 1);
    test_database_sql(&db, "UPDATE zone SET name = 'other' WHERE id = 'many7'");
    compare(held, pg, 0, 1);
    struct rules_held_figures figures = rules_held_figures(held);
    assert_int_equal(figures.whole, 1);
    assert_int_equal(figures.rows, 1);
    compare(held, pg, 0, 2); /* nothing changed */
    assert_int_equal(rules_held_figures(held).rows, 1);
    rules_held_forget(held);
    compare(held, pg, 0, 3);
    assert_int_equal(rules_held_figures(held).whole, 2);
    rules_held_free(held);
    pg_close(pg);
}

/* What was replaced is let go: the memory does not grow with the number of changes. */
static void many_changes_do_not_fill_the_memory(void **state)
{
    (void)state;
    if (!there) skip();
    enum { CHANGES = 60 };
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    struct rules_held *held = NULL;
    test_database_sql(&db, clean);
    test_database_sql(&db, "INSERT INTO zone (id, name, class_code, geom, effective, state, approving_authority, document_no, approved_at) SELECT 'large', 'n', 'FL-CUT',"
                           " ST_Multi(ST_Buffer(ST_SetSRID(ST_Point(112, 33), 4490), 0.1, 25000)), '[2026-01-01,)', 'approved', " APPROVED);
    assert_int_equal(pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, &err), STATUS_OK);
    assert_int_equal(rules_held_new(&held, &err), STATUS_OK);
    for (int i = 0; i < CHANGES; i++) {
        char sql[200];
        const struct rules_input *input;
        snprintf(sql, sizeof sql, "UPDATE zone SET name = 'n%d' WHERE id = 'large'", i); /* 100,000 points, 0.8 MB each time */
        test_database_sql(&db, sql);
        if (rules_held_read(held, pg, &input, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
        snprintf(sql, sizeof sql, "n%d", i);
        assert_string_equal(input->zones[0].name, sql);
    }
    compare(held, pg, 0, CHANGES);
    assert_int_equal(rules_held_figures(held).whole, 1);
    assert_true(rules_held_figures(held).bytes < (size_t)24 << 20);
    rules_held_free(held);
    pg_close(pg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_is_what_a_whole_reading_gives),
        cmocka_unit_test(a_change_of_one_zone_is_read_alone_and_what_was_forgotten_is_read_whole),
        cmocka_unit_test(many_changes_do_not_fill_the_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
