#include "api/encode/simplify.h"
#include "api/parse/osrm_query.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;

/* Parses "/service/v1/profile/coordinates?options". */
static bool parse(enum osrm_service service, const char *text, struct osrm_query *query, struct osrm_fault *fault)
{
    struct http_target target;
    struct error err = ERROR_INIT;
    arena_reset(&arena);
    if (http_target_parse(&target, text, strlen(text), &arena, &err) != STATUS_OK) fail_msg("%s: %s", text, err.en);
    assert_int_equal(target.segment_count, 4);
    return osrm_query_parse(service, target.segment[2], target.segment[3], &target, &arena, query, fault);
}

static void a_route_has_the_defaults_of_osrm(void **state)
{
    (void)state;
    struct osrm_query q;
    struct osrm_fault fault;
    assert_true(parse(OSRM_ROUTE, "/route/v1/truck/112.53,33.01;111.48,33.3", &q, &fault));
    assert_int_equal(q.count, 2);
    assert_int_equal(q.calls[1].point.lat_e7, 333000000);
    assert_int_equal(q.geometry, OSRM_POLYLINE);
    assert_int_equal(q.overview, OSRM_SIMPLIFIED);
    assert_true(!q.steps && q.annotations == 0 && q.alternatives == 0 && q.hints && q.radius_mm == NULL);
    assert_true(parse(OSRM_ROUTE, "/route/v1/driving/112.53,33.01;111.48,33.3.json?steps=true", &q, &fault));
    assert_true(q.steps);
    assert_true(parse(OSRM_ROUTE, "/route/v1/truck/polyline(ofp_Ik_vpAilAyu@te@g%60E)?overview=full", &q, &fault));
    assert_int_equal(q.count, 3);
    assert_int_equal(q.calls[0].point.lat_e7, 525170400); /* 52.517037,13.388860 in OSRM's own examples */
    assert_true(parse(OSRM_ROUTE, "/route/v1/truck_3_axle/1,2;3,4?radiuses=50;unlimited&approaches=curb;unrestricted&"
                      "hints=;&bearings=;&alternatives=3&geometries=geojson&annotations=duration,speed&exclude=motorway,"
                      "toll&continue_straight=default&generate_hints=false&skip_waypoints=true", &q, &fault));
    assert_int_equal(q.vehicle.axles, 3);
    assert_int_equal(q.radius_mm[0], 50000);
    assert_int_equal(q.radius_mm[1], UINT32_MAX);
    assert_int_equal(q.calls[0].side, SIDE_CURB);
    assert_int_equal(q.alternatives, 3);
    assert_int_equal(q.geometry, OSRM_GEOJSON);
    assert_int_equal(q.annotations, OSRM_ANNOTATE_DURATION | OSRM_ANNOTATE_SPEED);
    assert_int_equal(q.avoid_classes, 1u << ROAD_MOTORWAY | 1u << ROAD_MOTORWAY_LINK);
    assert_true(q.avoid_tolls && !q.hints && q.skip_waypoints);
}

static void mistakes_get_the_codes_of_osrm(void **state)
{
    (void)state;
    static const struct {
        enum osrm_service service;
        const char *text, *code;
    } rows[] = {
        {OSRM_ROUTE, "/route/v1/truck/1,2", "InvalidOptions"},
        {OSRM_ROUTE, "/route/v1/spaceship/1,2;3,4", "InvalidUrl"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,x", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;nan,4", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;0x3,4", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4;", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;181,4", "InvalidValue"},
        {OSRM_ROUTE, "/route/v1/truck/33,112;33,113", "InvalidValue"},
        {OSRM_ROUTE, "/route/v1/truck/polyline(!!)", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/polyline(ofp_I", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?steps=yes", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?geometries=wkt", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?overview=true", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?annotations=colour", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?annotations=nodes", "InvalidOptions"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?radiuses=5", "InvalidOptions"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?radiuses=5;-1", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?bearings=1,2;", "InvalidOptions"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?hints=a", "InvalidOptions"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?approaches=left;right", "InvalidQuery"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?exclude=colour", "InvalidValue"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?waypoints=0;1", "InvalidOptions"},
        {OSRM_ROUTE, "/route/v1/truck/1,2;3,4?number=1", "InvalidQuery"},
        {OSRM_NEAREST, "/nearest/v1/truck/1,2;3,4", "InvalidOptions"},
        {OSRM_NEAREST, "/nearest/v1/truck/1,2?number=0", "InvalidOptions"},
        {OSRM_NEAREST, "/nearest/v1/truck/1,2?number=x", "InvalidQuery"},
        {OSRM_NEAREST, "/nearest/v1/truck/1,2?number=101", "TooBig"},
        {OSRM_TABLE, "/table/v1/truck/1,2;3,4?sources=2", "InvalidOptions"},
        {OSRM_TABLE, "/table/v1/truck/1,2;3,4?sources=a", "InvalidQuery"},
        {OSRM_TABLE, "/table/v1/truck/1,2;3,4?destinations=0;1;1", "InvalidOptions"},
        {OSRM_TABLE, "/table/v1/truck/1,2;3,4?annotations=speed", "InvalidQuery"},
        {OSRM_TABLE, "/table/v1/truck/1,2;3,4?fallback_speed=10", "InvalidOptions"},
        {OSRM_TABLE, "/table/v1/truck/1,2;3,4?scale_factor=0", "InvalidOptions"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct osrm_query q;
        struct osrm_fault fault;
        if (parse(rows[i].service, rows[i].text, &q, &fault)) fail_msg("%s was taken", rows[i].text);
        if (strcmp(osrm_code_text(fault.code), rows[i].code) != 0)
            fail_msg("%s: %s %s", rows[i].text, osrm_code_text(fault.code), fault.message);
        assert_true(fault.message[0]);
    }
    struct osrm_query q;
    struct osrm_fault fault;
    char many[1024] = "/route/v1/truck/1,2";
    for (int i = 0; i < CALLS_MAX; i++) strncat(many, ";1,2", sizeof many - strlen(many) - 1);
    assert_false(parse(OSRM_ROUTE, many, &q, &fault));
    assert_string_equal(osrm_code_text(fault.code), "TooBig");
}

static void tables_take_sides(void **state)
{
    (void)state;
    struct osrm_query q;
    struct osrm_fault fault;
    assert_true(parse(OSRM_TABLE, "/table/v1/truck/1,2;3,4;5,6", &q, &fault));
    assert_true(q.source_count == 3 && q.target_count == 3 && q.want_durations && !q.want_distances);
    assert_true(parse(OSRM_TABLE, "/table/v1/truck/1,2;3,4;5,6?sources=2&destinations=0;1&annotations=distance&"
                      "scale_factor=1.5", &q, &fault));
    assert_true(q.source_count == 1 && q.sources[0] == 2 && q.target_count == 2 && q.targets[1] == 1);
    assert_true(q.want_distances && !q.want_durations && q.scale == 1.5);
}

static void a_simplified_line_stays_near(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static struct point_e7 line[COUNT], thin[COUNT];
    for (int i = 0; i < COUNT; i++)
        line[i] = (struct point_e7){1120000000 + i * 1000, 330000000 + (int32_t)lround(300000 * sin(i / 200.0))};
    size_t count = 0;
    double tolerance = simplify_tolerance(line, COUNT);
    simplify_line(line, COUNT, tolerance, thin, &count);
    assert_in_range(count, 10, COUNT / 4);
    assert_memory_equal(&thin[0], &line[0], sizeof *line);
    assert_memory_equal(&thin[count - 1], &line[COUNT - 1], sizeof *line);
    /* longitudes only grow here, so each point has one piece of the thin line above or below it */
    size_t k = 0;
    for (int i = 0; i < COUNT; i++) {
        while (k + 2 < count && thin[k + 1].lon_e7 < line[i].lon_e7) k++;
        double t = (double)(line[i].lon_e7 - thin[k].lon_e7) / (thin[k + 1].lon_e7 - thin[k].lon_e7);
        double lat = thin[k].lat_e7 + t * (thin[k + 1].lat_e7 - thin[k].lat_e7);
        assert_true(fabs(lat - line[i].lat_e7) < tolerance * 4); /* vertical is at most a few times perpendicular here */
    }
    simplify_line(line, 1, tolerance, thin, &count);
    assert_int_equal(count, 1);
    simplify_line(line, 2, tolerance, thin, &count);
    assert_int_equal(count, 2);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_has_the_defaults_of_osrm),
        cmocka_unit_test(mistakes_get_the_codes_of_osrm),
        cmocka_unit_test(tables_take_sides),
        cmocka_unit_test(a_simplified_line_stays_near),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
