/* What comes out of the database is what was put in: rules, roads, COPY both ways, errors. */
#include "data/network/load_network.h"
#include "data/pg/pg_copy.h"
#include "data/rules/load_rules.h"
#include "routing/network/turn_graph.h"
#include "tests/unit/test_database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct test_database db;
static bool there;

#define APPROVED "'approved', '市政府', '宛政〔2026〕1号', '2026-01-01'"
#define SQUARE(x) "ST_Multi(ST_MakeEnvelope(" #x ", 33, " #x " + 0.1, 33.1, 4490))"

static const char world[] =
    "INSERT INTO jurisdiction (code, name_zh, level) VALUES ('411321', '南召县', 'county');"
    "INSERT INTO calendar_day VALUES ('2026-10-01', 'holiday'), ('2026-10-10', 'makeup_workday');"
    "INSERT INTO toll_station (id, route, ordinal, name) SELECT g, 'G40', g * 10, 's' || g FROM generate_series(1, 5) g;"
    "INSERT INTO route_alias (alias, canonical) VALUES ('沪陕高速', 'G40');"
    "INSERT INTO road (id, geom, class, name, ref, from_node, to_node, forward, backward, speed_forward_kmh, "
    "speed_backward_kmh, ramp, station_id, max_height_m, max_axles, hazmat, access_lorry_backward) VALUES "
    "(1, ST_SetSRID('LINESTRING(112 33, 112.01 33)'::geometry, 4490), 'trunk', '国道', 'G312;S103', 10, 11, true, true, 60, 50, NULL, NULL, 4.2, 6, 'no', 'destination'),"
    "(2, ST_SetSRID('LINESTRING(112.01 33, 112.02 33)'::geometry, 4490), 'motorway_link', NULL, NULL, 11, 12, true, false, 40, 40, 'entry', 2, NULL, NULL, 'yes', 'yes'),"
    "(3, ST_SetSRID('LINESTRING(112.02 33, 112.03 33)'::geometry, 4490), 'motorway_link', NULL, NULL, 12, 13, true, false, 40, 40, 'exit', 3, NULL, NULL, 'yes', 'yes'),"
    "(4, ST_SetSRID('LINESTRING(112.03 33, 112.01 33.01, 112 33)'::geometry, 4490), 'motorway', NULL, 'G40', 13, 10, true, false, 80, 80, NULL, NULL, NULL, NULL, 'yes', 'yes');"
    "INSERT INTO road_node (id, geom, turning_place, signals) VALUES (11, ST_SetSRID(ST_Point(112.01, 33), 4490), false, true), "
    "(12, ST_SetSRID(ST_Point(112.02, 33), 4490), false, false);"
    "INSERT INTO facility (id, kind, name, geom, state, turning_place) VALUES ('f', 'logistics_park', '物流园', ST_SetSRID(ST_Point(112.0201, 33), 4490), 'active', true);"
    "INSERT INTO turn_restriction (from_road, via_node, via_roads, to_road, kind, subjects, condition) VALUES "
    "(1, 11, '{}', 2, 'no', '{lorry,hazmat}', NULL), (1, NULL, '{2}', 3, 'only', '{light}', NULL), (1, 11, '{}', 2, 'no', '{light}', 'Mo-Fr');"
    /* zones: a, b bind; the others do not */
    "INSERT INTO zone (id, name, class_code, geom, accuracy_m, border_roads, layers, effective, windows, rules, jurisdiction, state, approving_authority, document_no, approved_at) VALUES "
    "('a', '甲', 'CT-TIME', ST_GeomFromText('MULTIPOLYGON(((112 33,112.1 33,112.1 33.1,112 33.1,112 33),(112.04 33.04,112.04 33.05,112.05 33.05,112.05 33.04,112.04 33.04)),((113 33,113.1 33,113 33.1,113 33)))', 4490),"
    " 12.5, 'inside', '{-1,0}', '[2026-01-01 00:00+08, 2030-01-01 00:00+08)', '[{\"from\":\"22:00\",\"until\":\"06:00\",\"weekdays\":[5,7]},{\"day_kinds\":[\"workday\",\"makeup_workday\"],\"plate_tails\":[1,6],\"from\":\"08:00\",\"until\":\"19:00\"}]',"
    " '[{\"rule\":\"gated\",\"subject\":{\"gross_t_min\":4.5,\"gross_t_max\":49,\"axles_min\":2,\"hazmat\":false,\"lorry\":true,\"emissions\":[\"3\",\"4\"],\"plate_prefixes_not\":[\"豫R\",\"豫A\"],\"cargo\":[\"coal\"]},\"transit\":\"deny\",\"exempt\":[\"relief_pass\",\"city_truck_pass\"]},"
    " {\"rule\":\"caution\",\"slow_factor\":1.25,\"windows\":[{\"from\":\"06:00\",\"until\":\"07:00\"}]}]', '411321', " APPROVED "),"
    "('b', '乙', 'FL-CUT', " SQUARE(112.2) ", 0, 'outside', NULL, '[2026-01-01 00:00+08,)', NULL, NULL, NULL, " APPROVED "),"
    "('draft', '丙', 'FL-CUT', " SQUARE(112.3) ", 0, 'outside', NULL, '[2026-01-01,)', NULL, NULL, NULL, 'draft', NULL, NULL, NULL),"
    "('over', '丁', 'FL-CUT', " SQUARE(112.4) ", 0, 'outside', NULL, '[2020-01-01, 2021-01-01)', NULL, NULL, NULL, " APPROVED "),"
    "('off', '戊', 'EP-LOW', " SQUARE(112.5) ", 0, 'outside', NULL, '[2026-01-01,)', NULL, NULL, NULL, " APPROVED ");"
    "INSERT INTO checkpoint (id, name, geom, road_ref, bearing_deg, reach_m, opening, effective, normal_s, green_s, requirements, green_credentials, state) VALUES "
    "('k1', '卡点', ST_SetSRID(ST_Point(112.1, 33.05), 4490), 'G312', 270, 800, '[{\"from\":\"06:00\",\"until\":\"22:00\"}]', '[2026-01-01 00:00+08,)', 90, 15,"
    " '[[{\"type\":\"nucleic_acid\"},{\"type\":\"key_goods_pass\"}],[{\"type\":\"disinfection\",\"max_age_s\":3600}]]', '{key_goods_pass}', 'active'),"
    "('k2', '关闭', ST_SetSRID(ST_Point(112.1, 33.06), 4490), NULL, NULL, 1000, NULL, '[2026-01-01 00:00+08,)', 90, 15, '[]', '{}', 'closed');"
    "INSERT INTO gate (zone_id, checkpoint_id, direction, arcs) VALUES ('a', 'k1', 'enter', '[{\"road\":1,\"backward\":true},{\"road\":4}]'), ('b', 'k1', 'both', NULL), ('draft', 'k1', 'both', NULL), ('a', 'k2', 'both', NULL);"
    "INSERT INTO closure (id, name, cause, action, physical, object, road_ids, heading, route, from_station, to_station, limit_kind, limit_value, subject, exempt, effective, state, approving_authority, document_no, approved_at) VALUES "
    "('snow', '禁止上站', '因降雪', 'entry_ban', false, 'toll_station_range', NULL, 'both', '沪陕高速', 's1', 's4', NULL, NULL, '{\"lorry\":true}', '{relief_pass}', '[2026-01-01 00:00+08,)', " APPROVED "),"
    "('washed', '水毁', NULL, 'closed', true, 'segment', '{1}', 'forward', NULL, NULL, NULL, NULL, NULL, NULL, '{}', '[2026-01-01 00:00+08,)', 'draft', NULL, NULL, NULL),"
    "('bridge', '危桥', NULL, 'limit', false, 'road', NULL, 'both', 'S103', NULL, NULL, 'gross_weight', 10.5, NULL, '{}', '[2026-01-01 00:00+08,)', " APPROVED "),"
    "('planned', '计划', NULL, 'closed', false, 'segment', '{1}', 'both', NULL, NULL, NULL, NULL, NULL, NULL, '{}', '[2026-01-01 00:00+08,)', 'submitted', NULL, NULL, NULL);";

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

/* ---- rules ------------------------------------------------------------------------------------------------- */

static struct arena arena;
static struct rules_input rules;

static void load(void)
{
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    arena_clear(&arena);
    arena_init(&arena, RULES_BYTES_MAX);
    assert_int_equal(pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, &err), STATUS_OK); /* as the service's role */
    if (load_rules(pg, &arena, &rules, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
    pg_close(pg);
}

static const char *type_code(credential_type_index t)
{
    return rules.credential_types[t].code;
}

static void only_rules_that_may_bind_are_loaded(void **state)
{
    (void)state;
    if (!there) skip();
    load();
    assert_int_equal(rules.version, test_database_number(&db, "SELECT version FROM rules_state"));
    assert_int_equal(rules.zone_count, 2);
    assert_string_equal(rules.zones[0].id, "a");
    assert_string_equal(rules.zones[1].id, "b");
    assert_int_equal(rules.checkpoint_count, 1);
    assert_int_equal(rules.closure_count, 3); /* bridge, snow, washed: a physical one needs no approval */
    arena_clear(&arena);
}

static void a_zone_comes_with_all_its_attributes(void **state)
{
    (void)state;
    if (!there) skip();
    load();
    const struct zone *z = &rules.zones[0];
    assert_string_equal(z->name, "甲");
    assert_string_equal(z->class_code, "CT-TIME");
    assert_string_equal(z->class_name_zh, "城市货车限时");
    assert_string_equal(z->county, "南召县");
    assert_string_equal(z->document, "宛政〔2026〕1号");
    assert_string_equal(z->authority, "市政府");
    assert_int_equal(z->accuracy_mm, 12500);
    assert_true(z->border_roads_inside);
    assert_int_equal(z->layer_count, 2);
    assert_int_equal(z->layers[0], -1);
    assert_int_equal(z->layers[1], 0);
    assert_int_equal(z->area.part_count, 2);
    assert_int_equal(z->area.ring_count, 3);
    assert_int_equal(z->area.point_count, 5 + 5 + 4);
    assert_int_equal(z->area.points[2].lon_e7, 1121000000);
    assert_int_equal(z->area.points[2].lat_e7, 331000000);
    assert_int_equal(z->schedule.from_ms, 1767196800000); /* 2026-01-01 00:00 +08:00 */
    assert_int_equal(z->schedule.until_ms, 1893427200000);
    assert_int_equal(rules.zones[1].schedule.until_ms, TIME_OPEN);
    assert_int_equal(rules.zones[1].schedule.window_count, 0);
    arena_clear(&arena);
}

static void windows_past_midnight_become_two(void **state)
{
    (void)state;
    if (!there) skip();
    load();
    const struct schedule *s = &rules.zones[0].schedule;
    assert_int_equal(s->window_count, 3);
    const struct window expected[] = {
        {.weekdays = 0x50, .day_kinds = 0x0F, .from_min = 1320, .until_min = 1440},               /* Friday, Sunday */
        {.weekdays = 0x21, .day_kinds = 0x0F, .from_min = 0, .until_min = 360},                   /* Saturday, Monday */
        {.weekdays = 0x7F, .day_kinds = 1 << DAY_WORKDAY | 1 << DAY_MAKEUP_WORKDAY, .from_min = 480, .until_min = 1140,
         .plate_tails = 1 << 1 | 1 << 6}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(s->windows[i].weekdays, expected[i].weekdays);
        assert_int_equal(s->windows[i].day_kinds, expected[i].day_kinds);
        assert_int_equal(s->windows[i].from_min, expected[i].from_min);
        assert_int_equal(s->windows[i].until_min, expected[i].until_min);
        assert_int_equal(s->windows[i].plate_tails, expected[i].plate_tails);
    }
    arena_clear(&arena);
}

static void rules_come_in_order_with_their_subjects(void **state)
{
    (void)state;
    if (!there) skip();
    load();
    const struct zone *z = &rules.zones[0];
    assert_int_equal(z->rule_count, 2);
    const struct zone_rule *r = &z->rules[0];
    assert_int_equal(r->kind, RULE_GATED);
    assert_int_equal(r->subject.gross_min_kg, 4500);
    assert_int_equal(r->subject.gross_max_kg, 49000);
    assert_int_equal(r->subject.axles_min, 2);
    assert_int_equal(r->subject.axles_max, UINT32_MAX);
    assert_int_equal(r->subject.hazmat, NO);
    assert_int_equal(r->subject.lorry, YES);
    assert_int_equal(r->subject.livestock, ANY);
    assert_int_equal(r->subject.emissions, 1 << EMISSION_3 | 1 << EMISSION_4);
    assert_int_equal(r->subject.plate_prefix_count, 2);
    assert_true(r->subject.plate_prefixes_negated);
    assert_int_equal(r->subject.cargo_count, 1);
    assert_string_equal(r->subject.cargos[0], "coal");
    assert_int_equal(r->open_classes, 1u << ROAD_MOTORWAY); /* the default of gated */
    assert_true(r->transit_deny);
    assert_int_equal(r->exempt_count, 2);
    assert_string_equal(type_code(r->exempt[0]), "city_truck_pass");
    assert_string_equal(type_code(r->exempt[1]), "relief_pass");
    assert_int_equal(r->hours.window_count, 0);
    assert_int_equal(z->rules[1].kind, RULE_CAUTION);
    assert_int_equal(z->rules[1].slow_permille, 1250);
    assert_int_equal(z->rules[1].open_classes, 0);
    assert_int_equal(z->rules[1].hours.window_count, 1);
    assert_int_equal(z->rules[1].subject.gross_max_kg, UINT32_MAX);
    /* left out on insert: the default of the class */
    assert_int_equal(rules.zones[1].rule_count, 1);
    assert_int_equal(rules.zones[1].rules[0].kind, RULE_CLOSED);
    arena_clear(&arena);
}

static void checkpoints_come_with_requirements_and_gates(void **state)
{
    (void)state;
    if (!there) skip();
    load();
    const struct checkpoint *c = &rules.checkpoints[0];
    assert_string_equal(c->id, "k1");
    assert_string_equal(c->road_ref, "G312");
    assert_int_equal(c->bearing_deg, 270);
    assert_int_equal(c->reach_mm, 800000);
    assert_int_equal(c->normal_ms, 90000);
    assert_int_equal(c->green_ms, 15000);
    assert_int_equal(c->point.lon_e7, 1121000000);
    assert_int_equal(c->opening.window_count, 1);
    assert_int_equal(c->group_count, 2);
    assert_int_equal(c->groups[0].requirement_count, 2);
    assert_string_equal(type_code(c->groups[0].requirements[0].type), "nucleic_acid");
    assert_int_equal(c->groups[0].requirements[0].max_age_s, 48 * 3600); /* of the type */
    assert_string_equal(type_code(c->groups[0].requirements[1].type), "key_goods_pass");
    assert_int_equal(c->groups[0].requirements[1].max_age_s, 0);
    assert_int_equal(c->groups[1].requirement_count, 1);
    assert_int_equal(c->groups[1].requirements[0].max_age_s, 3600);
    assert_int_equal(c->green_count, 1);
    assert_int_equal(c->gate_count, 2); /* not the one of a draft zone */
    assert_int_equal(c->gates[0].zone, 0);
    assert_int_equal(c->gates[0].direction, GATE_ENTER);
    assert_int_equal(c->gates[0].arc_count, 2);
    assert_int_equal(c->gates[0].arcs[0].road_id, 1);
    assert_true(c->gates[0].arcs[0].backward);
    assert_int_equal(c->gates[0].arcs[1].road_id, 4);
    assert_false(c->gates[0].arcs[1].backward);
    assert_int_equal(c->gates[1].zone, 1);
    assert_int_equal(c->gates[1].direction, GATE_BOTH);
    assert_int_equal(c->gates[1].arc_count, 0);
    arena_clear(&arena);
}

static void closures_are_resolved_to_directed_roads(void **state)
{
    (void)state;
    if (!there) skip();
    load();
    const struct closure *bridge = &rules.closures[0], *snow = &rules.closures[1], *washed = &rules.closures[2];
    assert_string_equal(bridge->id, "bridge"); /* S103 is one of two numbers of road 1, which runs both ways */
    assert_int_equal(bridge->action, CLOSURE_LIMIT);
    assert_int_equal(bridge->limit_kind, LIMIT_GROSS_WEIGHT);
    assert_int_equal(bridge->limit_value, 10500);
    assert_int_equal(bridge->arc_count, 2);
    assert_string_equal(snow->id, "snow"); /* from s1 to s4: the entry ramp of s2, not the exit of s3 */
    assert_int_equal(snow->action, CLOSURE_ENTRY_BAN);
    assert_string_equal(snow->cause, "因降雪");
    assert_int_equal(snow->subject.lorry, YES);
    assert_int_equal(snow->exempt_count, 1);
    assert_int_equal(snow->arc_count, 1);
    assert_int_equal(snow->arcs[0].road_id, 2);
    assert_string_equal(washed->id, "washed");
    assert_true(washed->physical);
    assert_int_equal(washed->arc_count, 1); /* heading: forward */
    assert_false(washed->arcs[0].backward);
    arena_clear(&arena);
}

static void days_without_a_row_go_by_weekday(void **state)
{
    (void)state;
    if (!there) skip();
    load();
    const struct calendar *c = &rules.calendar;
    assert_int_equal(c->first_day, 20727); /* 2026-10-01, a Thursday */
    assert_int_equal(c->day_count, 10);
    const uint8_t expected[] = {DAY_HOLIDAY, DAY_WORKDAY, DAY_WEEKEND, DAY_WEEKEND, DAY_WORKDAY, DAY_WORKDAY, DAY_WORKDAY,
                                DAY_WORKDAY, DAY_WORKDAY, DAY_MAKEUP_WORKDAY};
    assert_memory_equal(c->kind, expected, sizeof expected);
    arena_clear(&arena);
}

/* ---- network ----------------------------------------------------------------------------------------------- */

static void roads_become_a_network(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    struct network_builder *builder = NULL;
    struct load_network_report report;
    struct network n = {0};
    struct turn_graph g = {0};
    struct network_build_report built;
    assert_int_equal(network_builder_new(&builder, &err), STATUS_OK);
    if (load_network(db.owner, builder, NULL, NULL, &report, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
    assert_int_equal(report.roads, 4);
    assert_int_equal(report.turns, 2);
    assert_int_equal(report.turns_conditional, 1);
    if (network_build(builder, &n, &g, &built, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
    assert_int_equal(n.arc_count, 5);
    assert_int_equal(n.node_count, 4);
    road_index r = 0;
    while (r < n.road_count && n.road_source_id[r] != 1) r++;
    assert_true(r < n.road_count);
    assert_string_equal(network_road_ref(&n, r), "G312;S103");
    assert_string_equal(network_road_name(&n, r), "国道");
    assert_int_equal(n.road_class[r], ROAD_TRUNK);
    assert_true(n.road_flags[r] & ROAD_HAZMAT_NO);
    assert_int_equal(network_limits(&n, r)[LIMIT_HEIGHT], 4200);
    assert_int_equal(network_limits(&n, r)[LIMIT_AXLES], 6);
    assert_int_equal(network_limits(&n, r)[LIMIT_WIDTH], 0);
    assert_int_equal(n.arc_speed_kmh[n.road_arc[2 * r]], 60);
    assert_int_equal(n.arc_speed_kmh[n.road_arc[2 * r + 1]], 50);
    assert_int_equal(n.arc_access_lorry[n.road_arc[2 * r + 1]], ACCESS_DESTINATION);
    for (node_id v = 0; v < n.node_count; v++) {
        if (n.node_source_id[v] == 11) assert_true(n.node_flags[v] & NODE_SIGNALS);
        if (n.node_source_id[v] == 12) assert_true(n.node_flags[v] & NODE_TURNING_PLACE); /* the logistics park beside it */
    }
    network_builder_free(builder);
    network_clear(&n);
    turn_graph_clear(&g);
}

/* ---- COPY and errors --------------------------------------------------------------------------------------- */

static void copy_carries_every_type_there_and_back(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    struct pg_copy_writer w;
    uint64_t rows = 0;
    test_database_sql(&db, "CREATE TEMP TABLE types (a bool, b int2, c int4, d int8, e float4, f float8, g text, h jsonb, "
                           "i bigint[], j text[], k geometry, l text)");
    assert_int_equal(pg_copy_write_begin(db.owner, "COPY types FROM STDIN (FORMAT binary)", &w, &err), STATUS_OK);
    for (int i = 0; i < 20000; i++) {
        pg_write_row(&w, 12);
        pg_write_bool(&w, i % 2);
        pg_write_i16(&w, (int16_t)-i);
        pg_write_i32(&w, -i);
        pg_write_i64(&w, INT64_MIN + i);
        pg_write_f32(&w, (float)i / 4);
        pg_write_f64(&w, -i / 8.0);
        pg_write_text(&w, "路\\N\t");
        pg_write_jsonb(&w, "{\"a\": [1]}");
        pg_write_i64_array(&w, (const int64_t[]){i, -1}, (uint32_t)(i % 3));
        pg_write_text_array(&w, (const char *const[]){"x", ""}, 2);
        pg_write_line(&w, (const double[][2]){{112, 33}, {112.5, 33.25}}, 2);
        pg_write_null(&w);
    }
    if (pg_copy_write_end(&w, &rows, &err) != STATUS_OK) fail_msg("%s %s", err.en, err.log);
    assert_int_equal(rows, 20000);
    assert_int_equal(test_database_number(&db, "SELECT count(*) FROM types WHERE g = E'路\\\\N\\t' AND h = '{\"a\":[1]}' AND "
                                               "j = '{x,\"\"}' AND ST_AsEWKT(k) = 'SRID=4490;LINESTRING(112 33,112.5 33.25)' "
                                               "AND cardinality(i) = abs(c) % 3 AND l IS NULL AND e = -c / 4::float4 AND f = c / 8::float8"), 20000);
    struct pg_copy_reader r;
    bool more;
    int n = 0;
    assert_int_equal(pg_copy_read_begin(db.owner, "COPY (SELECT a, b, c, d, e, f, g, i, l FROM types ORDER BY c DESC) TO STDOUT (FORMAT binary)", 9, &r, &err), STATUS_OK);
    while (pg_copy_read_row(&r, &more, &err) == STATUS_OK && more) {
        struct pg_array a;
        assert_int_equal(pg_field_bool(&r.fields[0]), n % 2);
        assert_int_equal(pg_field_i64(&r.fields[1]), -n);
        assert_int_equal(pg_field_i64(&r.fields[2]), -n);
        assert_true(pg_field_i64(&r.fields[3]) == INT64_MIN + n);
        assert_true(pg_field_f64(&r.fields[4]) == n / 4.0);
        assert_true(pg_field_f64(&r.fields[5]) == -n / 8.0);
        assert_true(pg_field_is(&r.fields[6], "路\\N\t"));
        assert_true(pg_array_parse(r.fields[7].bytes, r.fields[7].length, &a));
        assert_int_equal(a.count, n % 3);
        if (a.count) assert_int_equal(pg_array_i64(&a), n);
        assert_null(r.fields[8].bytes);
        n++;
    }
    pg_copy_read_end(&r);
    assert_int_equal(n, 20000);
    test_database_sql(&db, "DROP TABLE types");
}

static void a_refused_copy_says_why_and_leaves_the_connection_usable(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    struct pg_copy_writer w;
    assert_int_equal(pg_copy_write_begin(db.owner, "COPY calendar_day FROM STDIN (FORMAT binary)", &w, &err), STATUS_OK);
    for (int i = 0; i < 100000; i++) { /* long enough that the refusal comes while we write */
        pg_write_row(&w, 2);
        pg_write_i32(&w, 10000 + i % 1000);
        pg_write_text(&w, "no such kind");
    }
    enum status status = pg_copy_write_end(&w, NULL, &err);
    assert_int_equal(status, STATUS_INVALID);
    assert_non_null(strstr(err.en, "calendar_day_kind_check"));
    assert_true(pg_alive(db.owner));
    assert_int_equal(test_database_number(&db, "SELECT 7::bigint"), 7);
}

static void errors_of_the_server_are_told_apart(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    assert_int_equal(pg_exec(db.owner, "INSERT INTO calendar_day VALUES ('2026-10-01', 'holiday')", &err), STATUS_CONFLICT);
    assert_int_equal(pg_exec(db.owner, "INSERT INTO calendar_day VALUES ('2026-10-02', 'x')", &err), STATUS_INVALID);
    assert_string_equal(pg_sqlstate(db.owner), "23514");
    assert_int_equal(pg_exec(db.owner, "SELECT 1/0", &err), STATUS_INVALID);
    assert_int_equal(pg_exec(db.owner, "SELECT no_such_column", &err), STATUS_INTERNAL);
    assert_null(strstr(err.en, "no_such_column")); /* only the log may hold it */
    assert_non_null(strstr(err.log, "no_such_column"));
    assert_int_equal(pg_exec(db.owner, "SET statement_timeout = 50; SELECT pg_sleep(5)", &err), STATUS_TIMEOUT);
    test_database_sql(&db, "SET statement_timeout = 0");
    struct pg *pg = NULL;
    bool lasting = false;
    struct pg_options options = PG_OPTIONS_COMMAND;
    options.connect_timeout_ms = 500;
    char url[500];
    snprintf(url, sizeof url, "%s dbname=nowhere", db.url);
    assert_int_equal(pg_open(&pg, url, &options, &lasting, &err), STATUS_UNAVAILABLE);
    assert_true(lasting);
    assert_int_equal(pg_open(&pg, "host=/nowhere", &options, &lasting, &err), STATUS_UNAVAILABLE);
    assert_false(lasting);
    assert_int_equal(pg_open(&pg, "no such thing", &options, &lasting, &err), STATUS_INVALID);
    assert_true(lasting);
    assert_null(pg);
}

static int64_t kept_value(const char *value, int *columns)
{
    struct error err = ERROR_INIT;
    struct pg_result rows;
    if (pg_query_kept(db.owner, "SELECT k.* FROM kept_things k WHERE k.id = $1::int", 1, &value, &rows, &err) != STATUS_OK) {
        pg_result_clear(&rows);
        return -1;
    }
    int64_t at = rows.count == 1 ? pg_i64(&rows, 0, 0) : 0;
    *columns = rows.column_count;
    pg_result_clear(&rows);
    return at;
}

static void a_kept_statement_comes_back_after_its_table_has_changed(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    int columns = 0;
    test_database_sql(&db, "CREATE TEMP TABLE kept_things (id int); INSERT INTO kept_things VALUES (7), (8)");
    for (int i = 0; i < 8; i++) assert_int_equal(kept_value(i % 2 ? "7" : "8", &columns), i % 2 ? 7 : 8);
    assert_int_equal(kept_value("9", &columns), 0);
    test_database_sql(&db, "ALTER TABLE kept_things ADD COLUMN more text");
    test_database_sql(&db, "BEGIN");
    assert_int_equal(kept_value("7", &columns), -1); /* another result than it was made for, and the transaction is lost */
    assert_int_equal(kept_value("7", &columns), -1);
    pg_try(db.owner, "ROLLBACK");
    assert_int_equal(kept_value("7", &columns), 7);
    assert_int_equal(columns, 2);
    assert_int_equal(pg_query_kept(db.owner, "SELECT no_such_column", 0, NULL, NULL, &err), STATUS_INTERNAL);
    assert_non_null(strstr(err.log, "no_such_column"));
    assert_int_equal(pg_query_kept(db.owner, "SELECT 1 / $1::int", 1, (const char *[]){"0"}, NULL, &err), STATUS_INVALID);
    assert_int_equal(kept_value("7", &columns), 7);
    pg_try(db.owner, "DEALLOCATE ALL"); /* under its feet: the next one fails, then all is well */
    assert_int_equal(kept_value("7", &columns), -1);
    assert_int_equal(kept_value("7", &columns), 7);
    static char many[40][32]; /* more than are kept */
    for (int i = 0; i < 40; i++) {
        struct pg_result rows;
        snprintf(many[i], sizeof many[i], "SELECT %d::int", i);
        assert_int_equal(pg_query_kept(db.owner, many[i], 0, NULL, &rows, &err), STATUS_OK);
        assert_int_equal(pg_i64(&rows, 0, 0), i);
        pg_result_clear(&rows);
    }
    test_database_sql(&db, "DROP TABLE kept_things");
}

static void the_service_may_not_change_tables_or_history(void **state)
{
    (void)state;
    if (!there) skip();
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    assert_int_equal(pg_open(&pg, db.url, &PG_OPTIONS_COMMAND, NULL, &err), STATUS_OK);
    static const char *const forbidden[] = {
        "CREATE TABLE mine (a int)", "DROP TABLE zone", "ALTER TABLE zone DISABLE TRIGGER ALL",
        "ALTER TABLE zone ADD COLUMN x int", "UPDATE rules_state SET version = 1", "DELETE FROM zone_history",
        "UPDATE zone_history SET name = 'x'", "DELETE FROM rules_version", "DELETE FROM schema_version",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CALL rules_track('facility')",
        "TRUNCATE zone CASCADE", "CREATE SCHEMA other", "SET ROLE baochang_owner"};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (pg_exec(pg, forbidden[i], &err) == STATUS_OK) fail_msg("%s is allowed", forbidden[i]);
    assert_int_equal(pg_exec(pg, "UPDATE zone SET note = 'by the service'", &err), STATUS_OK);
    pg_close(pg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_rules_that_may_bind_are_loaded),
        cmocka_unit_test(a_zone_comes_with_all_its_attributes),
        cmocka_unit_test(windows_past_midnight_become_two),
        cmocka_unit_test(rules_come_in_order_with_their_subjects),
        cmocka_unit_test(checkpoints_come_with_requirements_and_gates),
        cmocka_unit_test(closures_are_resolved_to_directed_roads),
        cmocka_unit_test(days_without_a_row_go_by_weekday),
        cmocka_unit_test(roads_become_a_network),
        cmocka_unit_test(copy_carries_every_type_there_and_back),
        cmocka_unit_test(a_refused_copy_says_why_and_leaves_the_connection_usable),
        cmocka_unit_test(errors_of_the_server_are_told_apart),
        cmocka_unit_test(a_kept_statement_comes_back_after_its_table_has_changed),
        cmocka_unit_test(the_service_may_not_change_tables_or_history),
    };
    return cmocka_run_group_tests_name("load", tests, setup, teardown);
}
