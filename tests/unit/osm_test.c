/* OpenStreetMap input: reading XML, cutting ways into roads, tags, barriers, turn restrictions, contradictions. */
#include "data/osm/osm_build.h"
#include "data/osm/osm_xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct import_report report;
static struct osm_collection collection;
static struct osm_built built;
static struct error err;

static int clear(void **state)
{
    (void)state;
    osm_built_clear(&built);
    osm_collection_clear(&collection);
    return 0;
}

/* Runs the whole way from XML to roads. */
static enum status read_document(const char *xml)
{
    struct osm_handlers handlers;
    enum status s;

    clear(NULL);
    report = (struct import_report){0};
    err = (struct error)ERROR_INIT;
    osm_collection_init(&collection, &report);
    handlers = osm_collect_roads(&collection);
    s = osm_xml_parse("test.osm", xml, strlen(xml), &handlers, &err);
    if (s == STATUS_OK) s = osm_collect_prepare(&collection, &err);
    handlers = osm_collect_nodes(&collection);
    if (s == STATUS_OK) s = osm_xml_parse("test.osm", xml, strlen(xml), &handlers, &err);
    return s == STATUS_OK ? osm_build(&collection, &built, &err) : s;
}

/* Nodes 1..9 on a line to the east, 11..19 one step north of them. */
#define NODES                                                                                                              \
    "<node id='1' lon='112.01' lat='33'/><node id='2' lon='112.02' lat='33'/><node id='3' lon='112.03' lat='33'/>"         \
    "<node id='4' lon='112.04' lat='33'/><node id='5' lon='112.05' lat='33'/><node id='6' lon='112.06' lat='33'/>"         \
    "<node id='11' lon='112.01' lat='33.01'/><node id='12' lon='112.02' lat='33.01'/><node id='13' lon='112.03' lat='33.01'/>" \
    "<node id='14' lon='112.04' lat='33.01'/>"
#define WAY(id, refs, tags) "<way id='" #id "'>" refs tags "</way>"
#define ND(n) "<nd ref='" #n "'/>"
#define TAG(k, v) "<tag k='" k "' v='" v "'/>"

static const struct osm_road *road_of(int64_t way)
{
    for (size_t w = 0; w < collection.way_count; w++)
        if (collection.ways[w].id == way) return &collection.ways[w].road;
    fail_msg("way %lld was not kept", (long long)way);
    return NULL;
}

static void way_is_cut_where_another_uses_its_node(void **state)
{
    (void)state;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2) ND(3), TAG("highway", "primary"))
                                       WAY(2, ND(2) ND(12), TAG("highway", "secondary")) "</osm>"),
                     STATUS_OK);
    assert_int_equal(built.road_count, 3);
    assert_int_equal(built.node_count, 4);
    assert_int_equal(built.roads[0].to, built.roads[1].from);
    assert_int_equal(built.roads[2].from, built.roads[0].to);
}

static void order_and_foreign_attributes_of_the_file_do_not_matter(void **state)
{
    uint32_t from, to;

    (void)state;
    assert_int_equal(read_document("<?xml version='1.0'?><osm generator='x'><note>n</note>"
                                   "<way uid='1' visible='true' id='2' odd='y'>" ND(2) ND(12) TAG("highway", "secondary") "<odd/></way>"
                                   WAY(1, ND(1) ND(2) ND(3), TAG("highway", "primary")) NODES "</osm>"),
                     STATUS_OK);
    assert_int_equal(built.road_count, 3);
    from = built.roads[1].from;
    to = built.roads[1].to;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2) ND(3), TAG("highway", "primary"))
                                       WAY(2, ND(2) ND(12), TAG("highway", "secondary")) "</osm>"),
                     STATUS_OK);
    assert_int_equal(built.roads[1].from, from);
    assert_int_equal(built.roads[1].to, to);
}

static void directions_follow_oneway_roundabouts_and_motorways(void **state)
{
    (void)state;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2), TAG("highway", "primary") TAG("oneway", "-1"))
                                       WAY(2, ND(2) ND(3), TAG("highway", "motorway")) WAY(3, ND(3) ND(4), TAG("highway", "motorway") TAG("oneway", "no"))
                                           WAY(4, ND(4) ND(5), TAG("highway", "tertiary") TAG("junction", "roundabout"))
                                               WAY(5, ND(5) ND(6), TAG("highway", "tertiary") TAG("oneway", "reversible"))
                                                   WAY(6, ND(11) ND(12), TAG("highway", "tertiary") TAG("oneway", "sideways"))
                                                       WAY(7, ND(12) ND(13), TAG("highway", "tertiary") TAG("oneway", "yes") TAG("oneway:hgv", "no")) "</osm>"),
                     STATUS_OK);
    assert_true(!road_of(1)->forward && road_of(1)->backward);
    assert_true(road_of(2)->forward && !road_of(2)->backward);
    assert_true(road_of(3)->forward && road_of(3)->backward);
    assert_true(road_of(4)->roundabout && !road_of(4)->backward);
    assert_int_equal(collection.way_count, 6);
    assert_int_equal(import_report_get(&report, "reversible: left out, its direction changes"), 1);
    assert_true(road_of(6)->forward && road_of(6)->backward);
    assert_int_equal(import_report_get(&report, "oneway not understood: taken as the default of the class"), 1);
    assert_true(road_of(7)->backward);
}

static void limits_take_the_strictest_tag_and_unknown_ones_are_kept_as_text(void **state)
{
    const struct osm_road *r;

    (void)state;
    assert_int_equal(
        read_document("<osm>" NODES WAY(1, ND(1) ND(2),
                                        TAG("highway", "primary") TAG("maxheight", "4.5") TAG("maxheight:physical", "4.2 m")
                                            TAG("maxweight", "20") TAG("maxweight:hgv", "12") TAG("maxaxleload", "8 t") TAG("hazmat", "no")
                                                TAG("maxspeed", "60") TAG("maxspeed:hgv", "40") TAG("layer", "2"))
                          WAY(2, ND(2) ND(3), TAG("highway", "primary") TAG("bridge", "yes") TAG("maxweight", "30"))
                              WAY(3, ND(3) ND(4), TAG("highway", "primary") TAG("maxheight", "low") TAG("maxspeed:conditional", "30 @ (snow)"))
                                  WAY(4, ND(4) ND(5), TAG("highway", "primary") TAG("maxheight", "below_default") TAG("maxwidth", "default")) "</osm>"),
        STATUS_OK);
    r = road_of(1);
    assert_int_equal(r->limits[LIMIT_HEIGHT], 4200);
    assert_int_equal(r->limits[LIMIT_GROSS_WEIGHT], 12000);
    assert_int_equal(r->limits[LIMIT_AXLE_LOAD], 8000);
    assert_true(r->hazmat_no);
    assert_int_equal(r->speed_kmh[0], 40);
    assert_int_equal(r->layer, 2);
    r = road_of(2);
    assert_int_equal(r->limits[LIMIT_BRIDGE], 30000);
    assert_int_equal(r->limits[LIMIT_GROSS_WEIGHT], 0);
    assert_int_equal(r->layer, 1);
    r = road_of(3);
    assert_int_equal(r->limits[LIMIT_HEIGHT], 0);
    assert_non_null(strstr(r->tags_json, "\"maxheight\":\"low\""));
    assert_non_null(strstr(r->tags_json, "30 @ (snow)"));
    assert_int_equal(import_report_get(&report, "limit not understood: no limit taken, text kept in tags"), 1);
    assert_int_equal(road_of(4)->limits[LIMIT_HEIGHT], 3999);
    assert_int_equal(road_of(4)->limits[LIMIT_WIDTH], 0);
}

static void special_access_beats_general_and_direction_beats_both(void **state)
{
    (void)state;
    assert_int_equal(
        read_document("<osm>" NODES WAY(1, ND(1) ND(2), TAG("highway", "primary") TAG("access", "no") TAG("hgv", "designated"))
                          WAY(2, ND(2) ND(3), TAG("highway", "primary") TAG("hgv", "no"))
                              WAY(3, ND(3) ND(4), TAG("highway", "primary") TAG("hgv:forward", "no") TAG("hgv", "delivery"))
                                  WAY(4, ND(4) ND(5), TAG("highway", "primary") TAG("goods", "no"))
                                      WAY(5, ND(5) ND(6), TAG("highway", "primary") TAG("vehicle", "no"))
                                          WAY(6, ND(11) ND(12), TAG("highway", "primary") TAG("hgv", "perhaps"))
                                              WAY(7, ND(12) ND(13), TAG("highway", "track")) "</osm>"),
        STATUS_OK);
    assert_true(road_of(1)->access.lorry[0] == ACCESS_YES && road_of(1)->access.light[0] == ACCESS_NO);
    assert_true(road_of(2)->access.lorry[1] == ACCESS_NO && road_of(2)->access.light[1] == ACCESS_YES);
    assert_true(road_of(3)->access.lorry[0] == ACCESS_NO && road_of(3)->access.lorry[1] == ACCESS_DESTINATION);
    assert_int_equal(import_report_get(&report, "closed to lorries and light vehicles: left out"), 2); /* goods=no, vehicle=no */
    assert_int_equal(road_of(6)->access.lorry[0], ACCESS_NO);
    assert_true(import_report_get(&report, "access value not known: taken as no") > 0);
    assert_int_equal(road_of(7)->access.lorry[0], ACCESS_DESTINATION);
}

static void barrier_gives_each_side_a_dead_end_and_one_for_lorries_a_restriction(void **state)
{
    (void)state;
    assert_int_equal(read_document("<osm><node id='1' lon='112.01' lat='33'/><node id='2' lon='112.02' lat='33'>" TAG("barrier", "bollard") "</node>"
                                   "<node id='3' lon='112.03' lat='33'/><node id='4' lon='112.04' lat='33'>" TAG("barrier", "gate") TAG("hgv", "no") "</node>"
                                   "<node id='5' lon='112.05' lat='33'/><node id='6' lon='112.06' lat='33'>" TAG("barrier", "gate") "</node>"
                                   "<node id='7' lon='112.07' lat='33'/>" WAY(1, ND(1) ND(2) ND(3) ND(4) ND(5) ND(6) ND(7), TAG("highway", "residential")) "</osm>"),
                     STATUS_OK);
    assert_int_equal(built.road_count, 3); /* the open gate does not cut */
    assert_int_equal(built.node_count, 5);
    assert_true(built.roads[0].to != built.roads[1].from);
    assert_int_equal(built.roads[1].to, built.roads[2].from);
    assert_int_equal(built.turn_count, 2);
    assert_true(built.turns[0].lorry && !built.turns[0].light && !built.turns[0].only);
    assert_int_equal(built.turns[0].via_node, built.roads[1].to);
}

static void missing_nodes_cut_the_way_and_are_counted(void **state)
{
    (void)state;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2) ND(99) ND(3) ND(4) ND(98), TAG("highway", "primary")) "</osm>"), STATUS_OK);
    assert_int_equal(built.road_count, 2);
    assert_true(built.roads[0].to != built.roads[1].from);
    assert_int_equal(import_report_get(&report, "node of a way is not in the file: way cut there"), 2);
}

static void ring_becomes_two_roads_so_that_none_ends_where_it_begins(void **state)
{
    (void)state;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2) ND(12) ND(11) ND(1), TAG("highway", "tertiary") TAG("junction", "roundabout"))
                                       WAY(2, ND(2) ND(3), TAG("highway", "tertiary")) "</osm>"),
                     STATUS_OK);
    for (size_t r = 0; r < built.road_count; r++) assert_true(built.roads[r].from != built.roads[r].to);
    assert_int_equal(built.road_count, 3);
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2) ND(12) ND(11) ND(1), TAG("highway", "tertiary")) "</osm>"), STATUS_OK);
    assert_int_equal(built.road_count, 2);
}

#define CROSS                                                                                                    \
    WAY(1, ND(1) ND(2), TAG("highway", "primary")) WAY(2, ND(2) ND(3), TAG("highway", "primary"))               \
    WAY(3, ND(2) ND(12), TAG("highway", "secondary")) WAY(4, ND(12) ND(13), TAG("highway", "secondary"))
#define MEMBER(type, ref, role) "<member type='" type "' ref='" #ref "' role='" role "'/>"

static const struct osm_built_turn *only_turn(void)
{
    assert_int_equal(built.turn_count, 1);
    return &built.turns[0];
}

static void restriction_through_a_node_binds_whom_it_names(void **state)
{
    const struct osm_built_turn *t;

    (void)state;
    assert_int_equal(read_document("<osm>" NODES CROSS "<relation id='1'>" MEMBER("way", 1, "from") MEMBER("node", 2, "via") MEMBER("way", 3, "to")
                                       TAG("type", "restriction") TAG("restriction", "no_left_turn") TAG("except", "bus; hgv") "</relation></osm>"),
                     STATUS_OK);
    t = only_turn();
    assert_true(!t->only && !t->lorry && t->light && !t->hazmat && !t->condition);
    assert_int_equal(t->from, 0);
    assert_int_equal(t->to, 2);
    assert_int_equal(t->via_node, built.roads[0].to);
    assert_int_equal(read_document("<osm>" NODES CROSS "<relation id='1'>" MEMBER("way", 1, "from") MEMBER("node", 2, "via") MEMBER("way", 2, "to")
                                       TAG("type", "restriction") TAG("restriction:hgv", "only_straight_on") "</relation></osm>"),
                     STATUS_OK);
    t = only_turn();
    assert_true(t->only && t->lorry && !t->light);
    assert_int_equal(read_document("<osm>" NODES CROSS "<relation id='1'>" MEMBER("way", 1, "from") MEMBER("node", 2, "via") MEMBER("way", 2, "to")
                                       TAG("type", "restriction") TAG("restriction:conditional", "no_straight_on @ (Mo-Fr 07:00-19:00)") "</relation></osm>"),
                     STATUS_OK);
    assert_string_equal(only_turn()->condition, "(Mo-Fr 07:00-19:00)");
    assert_int_equal(read_document("<osm>" NODES CROSS "<relation id='1'>" MEMBER("way", 1, "from") MEMBER("node", 2, "via") MEMBER("way", 2, "to")
                                       TAG("type", "restriction") TAG("restriction", "no_straight_on") TAG("except", "motor_vehicle") "</relation></osm>"),
                     STATUS_OK);
    assert_int_equal(built.turn_count, 0);
}

static void restriction_through_ways_becomes_a_chain_of_roads(void **state)
{
    const struct osm_built_turn *t;

    (void)state;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2), TAG("highway", "primary"))
                                       WAY(2, ND(4) ND(3) ND(2), TAG("highway", "primary")) WAY(3, ND(4) ND(14), TAG("highway", "primary"))
                                           WAY(5, ND(3) ND(13), TAG("highway", "tertiary")) "<relation id='1'>" MEMBER("way", 1, "from")
                                               MEMBER("way", 2, "via") MEMBER("way", 3, "to") TAG("type", "restriction") TAG("restriction", "no_u_turn") "</relation></osm>"),
                     STATUS_OK);
    t = only_turn();
    assert_int_equal(t->via_road_count, 2); /* way 2 is cut at node 3 and run against its direction */
    assert_int_equal(built.roads[t->via_roads[0]].to, built.roads[t->from].to);
    assert_int_equal(built.roads[t->via_roads[1]].from, built.roads[t->to].from);
}

static void restrictions_that_make_no_sense_are_counted_and_left_out(void **state)
{
    (void)state;
    assert_int_equal(
        read_document("<osm>" NODES CROSS "<relation id='1'>" MEMBER("way", 1, "from") MEMBER("node", 2, "via") MEMBER("way", 4, "to")
                          TAG("type", "restriction") TAG("restriction", "no_left_turn") "</relation>"
                      "<relation id='2'>" MEMBER("way", 1, "from") MEMBER("way", 3, "to") TAG("type", "restriction") TAG("restriction", "no_left_turn") "</relation>"
                      "<relation id='3'>" MEMBER("way", 1, "from") MEMBER("node", 2, "via") MEMBER("way", 77, "to") TAG("type", "restriction")
                          TAG("restriction", "no_left_turn") "</relation>"
                      "<relation id='4'>" MEMBER("way", 1, "from") MEMBER("node", 2, "via") MEMBER("way", 3, "to") TAG("type", "restriction")
                          TAG("restriction", "no_fun") "</relation></osm>"),
        STATUS_OK);
    assert_int_equal(built.turn_count, 0);
    assert_int_equal(import_report_get(&report, "turn restriction whose members do not meet: left out"), 1);
    assert_int_equal(import_report_get(&report, "turn restriction without from, via and to: left out"), 1);
    assert_int_equal(import_report_get(&report, "turn restriction names a way or node that is no road of the file: left out"), 1);
    assert_int_equal(import_report_get(&report, "turn restriction not understood: left out"), 1);
}

static void repeated_objects_are_kept_once_and_contradicting_ones_refused(void **state)
{
    (void)state;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2), TAG("highway", "primary")) WAY(1, ND(1) ND(2), TAG("highway", "primary"))
                                   "<node id='1' lon='112.01' lat='33'/></osm>"),
                     STATUS_OK);
    assert_int_equal(built.road_count, 1);
    assert_int_equal(import_report_get(&report, "object repeated with the same content: kept once"), 2);
    assert_int_equal(read_document("<osm>" NODES WAY(17, ND(1) ND(2), TAG("highway", "primary")) WAY(17, ND(1) ND(3), TAG("highway", "primary")) "</osm>"),
                     STATUS_INVALID);
    assert_non_null(strstr(err.en, "way 17"));
    assert_int_equal(read_document("<osm>" NODES "<node id='2' lon='112.5' lat='33'/>" WAY(1, ND(1) ND(2), TAG("highway", "primary")) "</osm>"),
                     STATUS_INVALID);
    assert_non_null(strstr(err.en, "node 2"));
}

static void nonsense_ends_the_reading_and_names_the_place(void **state)
{
    static const struct {
        const char *xml, *says;
    } cases[] = {
        {"<osm><node id='1' lon='212' lat='33'/></osm>", "node 1"},
        {"<osm><node id='x' lon='112' lat='33'/></osm>", "line 1"},
        {"<osm>\n<node id='1' lat='33'/></osm>", "line 2"},
        {"<osm><node id='1' lon='0x10' lat='33'/></osm>", "lon and lat"},
        {"<osm><way id='1'><nd ref='a'/></way></osm>", "line 1"},
        {"<osm><way id='1'><tag k='highway'/></way></osm>", "tag"},
        {"<osm>\n\n<node id='1' lon='1' lat='1'>", "line 3"},
        {"<osmChange><modify/></osmChange>", "<osm>"},
        {"<!DOCTYPE osm [<!ENTITY a 'b'>]><osm/>", "document type"},
        {"not xml", "line 1"},
        {"", "line 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (read_document(cases[i].xml) != STATUS_INVALID) fail_msg("accepted: %s", cases[i].xml);
        if (!strstr(err.en, cases[i].says)) fail_msg("\"%s\" does not name \"%s\"", err.en, cases[i].says);
    }
}

static void chinese_names_are_preferred_and_ferries_take_their_timetable(void **state)
{
    (void)state;
    assert_int_equal(read_document("<osm>" NODES WAY(1, ND(1) ND(2), TAG("highway", "trunk") TAG("name", "G312 Road") TAG("name:zh", " 沪霍线 ") TAG("ref", "G312"))
                                       WAY(2, ND(2) ND(12), TAG("route", "ferry") TAG("motor_vehicle", "yes") TAG("duration", "00:30"))
                                           WAY(3, ND(3) ND(13), TAG("route", "ferry")) "</osm>"),
                     STATUS_OK);
    assert_string_equal(road_of(1)->name, "沪霍线");
    assert_string_equal(road_of(1)->ref, "G312");
    assert_int_equal(road_of(2)->class, ROAD_FERRY);
    assert_int_equal(built.roads[1].speed_kmh[0], 2); /* 1.1 km in half an hour */
    assert_int_equal(collection.way_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(way_is_cut_where_another_uses_its_node, clear),
        cmocka_unit_test_teardown(order_and_foreign_attributes_of_the_file_do_not_matter, clear),
        cmocka_unit_test_teardown(directions_follow_oneway_roundabouts_and_motorways, clear),
        cmocka_unit_test_teardown(limits_take_the_strictest_tag_and_unknown_ones_are_kept_as_text, clear),
        cmocka_unit_test_teardown(special_access_beats_general_and_direction_beats_both, clear),
        cmocka_unit_test_teardown(barrier_gives_each_side_a_dead_end_and_one_for_lorries_a_restriction, clear),
        cmocka_unit_test_teardown(missing_nodes_cut_the_way_and_are_counted, clear),
        cmocka_unit_test_teardown(ring_becomes_two_roads_so_that_none_ends_where_it_begins, clear),
        cmocka_unit_test_teardown(restriction_through_a_node_binds_whom_it_names, clear),
        cmocka_unit_test_teardown(restriction_through_ways_becomes_a_chain_of_roads, clear),
        cmocka_unit_test_teardown(restrictions_that_make_no_sense_are_counted_and_left_out, clear),
        cmocka_unit_test_teardown(repeated_objects_are_kept_once_and_contradicting_ones_refused, clear),
        cmocka_unit_test_teardown(nonsense_ends_the_reading_and_names_the_place, clear),
        cmocka_unit_test_teardown(chinese_names_are_preferred_and_ferries_take_their_timetable, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
