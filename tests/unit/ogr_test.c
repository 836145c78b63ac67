/* Road layers through GDAL/OGR: the mapping file, attributes, coordinate systems, noding. */
#include "data/ogr/ogr_noding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ogr_mapping mapping;
static struct ogr_lines lines;
static struct ogr_roads roads;
static struct import_report report;
static struct error err;

static int clear(void **state)
{
    (void)state;
    ogr_roads_clear(&roads);
    ogr_lines_clear(&lines);
    ogr_mapping_clear(&mapping);
    return 0;
}

/* GDAL's GeoJSON driver takes the document itself for a file name. */
static enum status read_layer(const char *ini, const char *features)
{
    static char document[8000];
    enum status s;

    clear(NULL);
    report = (struct import_report){0};
    err = (struct error)ERROR_INIT;
    snprintf(document, sizeof document, "{\"type\":\"FeatureCollection\",%s}", features);
    s = ogr_mapping_parse(ini, &mapping, &err);
    if (s == STATUS_OK) s = ogr_lines_read(document, &mapping, &report, &lines, &err);
    return s == STATUS_OK ? ogr_node_lines(&lines, mapping.tolerance_m, mapping.crossings, &report, &roads, &err) : s;
}

#define LINE(properties, coordinates) \
    "{\"type\":\"Feature\",\"properties\":{" properties "},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[" coordinates "]}}"
#define PLAIN "[fields]\nclass=class\n"

static void attributes_are_read_through_the_mapping(void **state)
{
    (void)state;
    assert_int_equal(read_layer("[fields]\nclass=等级\nname=名称\noneway=方向\nmax_height=限高\nmax_gross=限重\nlorry=货车\nbridge=桥长\nspeed=v\n"
                                "[class]\n国道=trunk\n[oneway]\n正=forward\n反=backward\n[access]\n禁行=no\n[units]\nlength=cm\nweight=kg\n",
                                "\"features\":[" LINE("\"等级\":\"国道\",\"名称\":\"沪霍线\",\"方向\":\"反\",\"限高\":450,\"限重\":\"30 t\",\"货车\":\"禁行\",\"桥长\":12.5,\"v\":40",
                                                      "[112,33],[112.01,33]") "," LINE("\"等级\":\"国道\",\"方向\":\"?\",\"限高\":0,\"限重\":20000,\"桥长\":0",
                                                                                       "[112.01,33],[112.02,33]") "]"),
                     STATUS_OK);
    assert_int_equal(lines.line_count, 2);
    assert_int_equal(lines.lines[0].class, ROAD_TRUNK);
    assert_string_equal(lines.lines[0].name, "沪霍线");
    assert_true(!lines.lines[0].forward && lines.lines[0].backward);
    assert_int_equal(lines.lines[0].limits[LIMIT_HEIGHT], 4500);
    assert_int_equal(lines.lines[0].limits[LIMIT_GROSS_WEIGHT], 30000); /* a unit in the value beats the mapping's */
    assert_int_equal(lines.lines[0].lorry, ACCESS_NO);
    assert_true(lines.lines[0].bridge && lines.lines[0].layer == 1);
    assert_int_equal(lines.lines[0].speed_kmh, 40);
    assert_true(lines.lines[1].forward && lines.lines[1].backward);
    assert_int_equal(lines.lines[1].limits[LIMIT_HEIGHT], 0);
    assert_int_equal(lines.lines[1].limits[LIMIT_GROSS_WEIGHT], 20000);
    assert_false(lines.lines[1].bridge);
    assert_int_equal(import_report_get(&report, "direction not mapped: taken as two-way"), 1);
}

static void values_that_are_not_mapped_are_reported_and_follow_the_default(void **state)
{
    (void)state;
    assert_int_equal(read_layer(PLAIN, "\"features\":[" LINE("\"class\":\"motorway\"", "[112,33],[112.01,33]") "," LINE("\"class\":\"goat path\"", "[112,33],[112,33.01]") "]"), STATUS_OK);
    assert_int_equal(lines.line_count, 1);
    assert_int_equal(import_report_get(&report, "no class: road left out"), 1);
    assert_int_equal(read_layer(PLAIN "[defaults]\nclass=track\n", "\"features\":[" LINE("\"class\":\"goat path\"", "[112,33],[112,33.01]") "]"), STATUS_OK);
    assert_int_equal(lines.lines[0].class, ROAD_TRACK);
    assert_int_equal(import_report_get(&report, "class not mapped: taken as the default class"), 1);
}

static void gauss_kruger_coordinates_arrive_in_degrees_longitude_first(void **state)
{
    (void)state;
    /* 112.5° E, 33° N in EPSG:4546 (3-degree zone, 111° E), easting 640160, northing 3654000 or so */
    assert_int_equal(read_layer(PLAIN, "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::4546\"}},\"features\":[" LINE(
                                           "\"class\":\"primary\"", "[640000,3654000],[641000,3654000]") "]"),
                     STATUS_OK);
    assert_in_range(lines.points[0].lon_e7, 1124000000, 1126000000);
    assert_in_range(lines.points[0].lat_e7, 329000000, 331000000);
    assert_true(lines.points[1].lon_e7 > lines.points[0].lon_e7);
}

static void positions_outside_of_the_earth_are_refused_with_a_hint(void **state)
{
    (void)state;
    assert_int_equal(read_layer(PLAIN, "\"features\":[" LINE("\"class\":\"primary\"", "[640000,3654000],[641000,3654000]") "]"), STATUS_INVALID);
    assert_non_null(strstr(err.en, "CRS"));
}

static void ends_within_the_tolerance_become_one_node(void **state)
{
    const char *features = "\"features\":[" LINE("\"class\":\"primary\"", "[112,33],[112.01,33]") "," LINE("\"class\":\"primary\"", "[112.010004,33.000003],[112.02,33]") "]";

    (void)state;
    assert_int_equal(read_layer(PLAIN "[source]\ntolerance_m=1\n", features), STATUS_OK); /* half a metre apart */
    assert_int_equal(roads.node_count, 3);
    assert_int_equal(roads.roads[0].to, roads.roads[1].from);
    assert_memory_equal(&roads.points[roads.roads[1].first_point], &roads.nodes[roads.roads[1].from], sizeof(struct point_e7));
    assert_int_equal(read_layer(PLAIN "[source]\ntolerance_m=0.1\n", features), STATUS_OK);
    assert_int_equal(roads.node_count, 4);
}

static void crossings_become_junctions_on_one_layer_only_and_when_asked(void **state)
{
    const char *flat = "\"features\":[" LINE("\"class\":\"primary\"", "[112,33],[112.02,33]") "," LINE("\"class\":\"primary\"", "[112.01,32.99],[112.01,33.01]") "]";
    const char *over = "\"features\":[" LINE("\"class\":\"primary\",\"l\":0", "[112,33],[112.02,33]") "," LINE("\"class\":\"primary\",\"l\":1", "[112.01,32.99],[112.01,33.01]") "]";
    const char *touch = "\"features\":[" LINE("\"class\":\"primary\"", "[112,33],[112.02,33]") "," LINE("\"class\":\"primary\"", "[112.01,32.99],[112.01,33.000001]") "]";

    (void)state;
    assert_int_equal(read_layer(PLAIN, flat), STATUS_OK);
    assert_int_equal(roads.road_count, 2);
    assert_int_equal(read_layer(PLAIN "[source]\ncrossings=yes\n", flat), STATUS_OK);
    assert_int_equal(roads.road_count, 4);
    assert_int_equal(roads.node_count, 5);
    assert_int_equal(read_layer("[fields]\nclass=class\nlayer=l\n[source]\ncrossings=yes\n", over), STATUS_OK);
    assert_int_equal(roads.road_count, 2);
    assert_int_equal(read_layer(PLAIN "[source]\ncrossings=yes\n", touch), STATUS_OK);
    assert_int_equal(roads.road_count, 3);
    assert_int_equal(roads.node_count, 4);
    for (size_t r = 0; r < roads.road_count; r++) {
        const struct ogr_road *road = &roads.roads[r];

        assert_true(road->from != road->to);
        assert_memory_equal(&roads.points[road->first_point], &roads.nodes[road->from], sizeof(struct point_e7));
        assert_memory_equal(&roads.points[road->first_point + road->point_count - 1], &roads.nodes[road->to], sizeof(struct point_e7));
    }
}

static void loops_become_two_roads_and_points_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(read_layer(PLAIN, "\"features\":[" LINE("\"class\":\"primary\"", "[112,33],[112.01,33],[112.01,33.01],[112,33]") ","
                                       "{\"type\":\"Feature\",\"properties\":{\"class\":\"primary\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[112,33]}},"
                                       "{\"type\":\"Feature\",\"properties\":{\"class\":\"primary\"},\"geometry\":null}," LINE("\"class\":\"primary\"", "[112,33],[112,33]") "]"),
                     STATUS_OK);
    assert_int_equal(roads.road_count, 2);
    assert_true(roads.roads[0].from != roads.roads[0].to);
    assert_int_equal(import_report_get(&report, "not a line: left out"), 1);
    assert_int_equal(import_report_get(&report, "no geometry: left out"), 1);
    assert_int_equal(import_report_get(&report, "line without length: left out"), 1);
}

static void mistakes_in_the_mapping_name_the_line(void **state)
{
    static const struct {
        const char *ini;
        int line;
    } cases[] = {{"[fields]\nclass=class\ncolour=c\n", 3},      {"[class]\n国道=highway\n", 2},  {"[class]\na=trunk\na=primary\n", 3},
                 {"[source]\ntolerance_m=wide\n", 2},           {"[source]\ncrs=mars\n", 2},     {"[oneway]\nF=sideways\n", 2},
                 {"[units]\nlength=ell\n", 2},                  {"[surprise]\na=b\n", 2},        {"[source]\nno equals sign\n", 2}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char says[32];

        snprintf(says, sizeof says, "line %d ", cases[i].line);
        assert_int_equal(read_layer(cases[i].ini, "\"features\":[]"), STATUS_INVALID);
        if (!strstr(err.en, says)) fail_msg("\"%s\" does not name %s", err.en, says);
    }
    assert_int_equal(read_layer("[fields]\nclass=kind\n", "\"features\":[" LINE("\"class\":\"primary\"", "[112,33],[112.01,33]") "]"), STATUS_INVALID);
    assert_non_null(strstr(err.en, "\"kind\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(attributes_are_read_through_the_mapping, clear),
        cmocka_unit_test_teardown(values_that_are_not_mapped_are_reported_and_follow_the_default, clear),
        cmocka_unit_test_teardown(gauss_kruger_coordinates_arrive_in_degrees_longitude_first, clear),
        cmocka_unit_test_teardown(positions_outside_of_the_earth_are_refused_with_a_hint, clear),
        cmocka_unit_test_teardown(ends_within_the_tolerance_become_one_node, clear),
        cmocka_unit_test_teardown(crossings_become_junctions_on_one_layer_only_and_when_asked, clear),
        cmocka_unit_test_teardown(loops_become_two_roads_and_points_are_left_out, clear),
        cmocka_unit_test_teardown(mistakes_in_the_mapping_name_the_line, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
