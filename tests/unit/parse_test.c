#include "api/parse/parse_route.h"
#include "api/parse/parse_table.h"
#include "api/parse/query_json.h"
#include "geo/base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct arena arena;
static struct crs_cache systems;
static struct geos *geos;
static const int64_t NOW_MS = INT64_C(1795132800001);

static enum status parse(const char *text, struct route_question *question, struct error *err)
{
    const struct parse_setting setting = {&arena, &systems, NOW_MS, LANGUAGE_ZH, geos, false, true, false, false};
    arena_reset(&arena);
    *err = (struct error)ERROR_INIT;
    return parse_route_text(text, strlen(text), &setting, question, err);
}

#define ENDS "\"origin\":{\"location\":[112.53,33.01]},\"destination\":{\"location\":[111.48,33.30]}"

static void only_origin_and_destination_are_needed(void **state)
{
    (void)state;
    struct route_question q;
    struct error err;
    assert_int_equal(parse("{" ENDS "}", &q, &err), STATUS_OK);
    const struct route_request *r = &q.route;
    assert_int_equal(r->call_count, 2);
    assert_int_equal(r->calls[0].point.lon_e7, 1125300000);
    assert_int_equal(r->calls[1].point.lat_e7, 333000000);
    assert_false(r->loop);
    assert_true(r->depart_ms == INT64_C(1795132801000));
    assert_int_equal(r->max_snap_mm, 500000);
    assert_int_equal(r->corridor_mm, 200000);
    assert_int_equal(r->prefer, PREFER_TIME);
    assert_int_equal(r->endpoints, ENDPOINTS_REJECT);
    assert_true(r->want_geometry && r->want_steps);
    assert_int_equal(q.form.geometry, GEOMETRY_GEOJSON);
    assert_string_equal(q.form.crs.name, "EPSG:4490");
    assert_true(q.demand.min_version == -1 && q.demand.max_age_ms == -1);
    assert_true(r->vehicle.gross_kg > 0 && r->vehicle.assumed != 0);
}

static void the_whole_request_is_read(void **state)
{
    (void)state;
    struct route_question q;
    struct error err;
    static const char text[] =
        "{\"origin\":{\"location\":[112.53,33.01],\"name\":\"南阳\"},\"stops\":[{\"location\":[112.9,32.7],"
        "\"service_s\":1800.5,\"side\":\"curb\",\"turning_place\":true}],\"destination\":{\"location\":[111.48,33.30],"
        "\"service_s\":3600},\"loop\":\"return\",\"base\":{\"location\":[112.6,33.1]},"
        "\"depart_at\":\"2026-11-20T08:00:00+08:00\",\"max_wait_s\":600,"
        "\"vehicle\":{\"class\":\"truck_6_axle\",\"height_m\":4.0,\"width_m\":2.55,\"length_m\":17.1,"
        "\"gross_weight_t\":49,\"axle_load_t\":10,\"axles\":6,\"hazmat\":true,\"plate\":\"豫R12345\",\"emission\":\"6\"},"
        "\"credentials\":[{\"type\":\"key_goods_pass\",\"number\":\"1\",\"valid_until\":\"2026-12-01T00:00:00+08:00\"},"
        "{\"type\":\"nucleic_acid\",\"issued_at\":\"2026-11-19T08:00:00+08:00\"}],"
        "\"avoid\":{\"polygons\":{\"type\":\"MultiPolygon\",\"coordinates\":[]},\"zones\":[\"z1\",\"z2\"],"
        "\"road_classes\":[\"ferry\",\"track\"],\"tolls\":true},\"prefer\":\"distance\",\"alternatives\":2,"
        "\"endpoints\":\"nearest_outside\",\"on_violation\":\"report\",\"geometry\":\"none\",\"steps\":false,"
        "\"min_rules_version\":418,\"max_rules_age_s\":1.5,\"as_of\":null,\"crs\":\"EPSG:4326\",\"max_snap_m\":100}";
    assert_int_equal(parse(text, &q, &err), STATUS_OK);
    const struct route_request *r = &q.route;
    assert_int_equal(r->call_count, 3);
    assert_string_equal(r->calls[0].name, "南阳");
    assert_int_equal(r->calls[1].service_ms, 1800500);
    assert_int_equal(r->calls[1].side, SIDE_CURB);
    assert_true(r->calls[1].turning_place);
    assert_true(r->loop && r->has_base);
    assert_int_equal(r->max_wait_ms, 600000);
    assert_int_equal(r->vehicle.height_mm, 4000);
    assert_int_equal(r->vehicle.width_mm, 2550);
    assert_int_equal(r->vehicle.gross_kg, 49000);
    assert_int_equal(r->vehicle.emission, EMISSION_6);
    assert_int_equal(r->vehicle.assumed, 0);
    assert_true(r->vehicle.hazmat);
    assert_int_equal(r->credential_count, 2);
    assert_true(r->credentials[0].issued_ms == INT64_MIN && r->credentials[1].valid_until_ms == TIME_OPEN);
    assert_int_equal(r->avoid_area.part_count, 0);
    assert_int_equal(r->avoid_zone_count, 2);
    assert_string_equal(r->avoid_zones[1], "z2");
    assert_int_equal(r->avoid_classes, 1u << ROAD_FERRY | 1u << ROAD_TRACK);
    assert_true(r->avoid_tolls && r->report_violations);
    assert_int_equal(r->prefer, PREFER_DISTANCE);
    assert_int_equal(r->alternatives, 2);
    assert_int_equal(r->endpoints, ENDPOINTS_NEAREST_OUTSIDE);
    assert_false(r->want_geometry || r->want_steps);
    assert_int_equal(r->corridor_mm, 0);
    assert_int_equal(r->max_snap_mm, 100000);
    assert_true(q.demand.min_version == 418 && q.demand.max_age_ms == 1500);
    assert_string_equal(q.form.crs.name, "EPSG:4326");
}

static void every_bad_member_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pointer;
        enum status status;
    } rows[] = {
        {"[]", "", STATUS_INVALID},
        {"{}", "/origin", STATUS_MISSING_MEMBER},
        {"{\"origin\":{\"location\":[1,2]}}", "/destination", STATUS_MISSING_MEMBER},
        {"{" ENDS ",\"colour\":1}", "/colour", STATUS_UNKNOWN_MEMBER},
        {"{" ENDS ",\"steps\":true,\"steps\":true}", "/steps", STATUS_DUPLICATE_MEMBER},
        {"{" ENDS ",\"stops\":{}}", "/stops", STATUS_INVALID},
        {"{" ENDS ",\"stops\":[{}]}", "/stops/0/location", STATUS_MISSING_MEMBER},
        {"{" ENDS ",\"stops\":[{\"location\":[1,2],\"when\":1}]}", "/stops/0/when", STATUS_UNKNOWN_MEMBER},
        {"{" ENDS ",\"stops\":[{\"location\":[1,2],\"service_s\":-1}]}", "/stops/0/service_s", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"stops\":[{\"location\":[1]}]}", "/stops/0/location", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"stops\":[{\"location\":[1,\"2\"]}]}", "/stops/0/location/1", STATUS_INVALID},
        {"{" ENDS ",\"stops\":[{\"location\":[181,2]}]}", "/stops/0/location/0", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"stops\":[{\"location\":[33.0,112.5]}]}", "/stops/0/location/1", STATUS_OUT_OF_RANGE},
        {"{\"origin\":{\"location\":null},\"destination\":1}", "/origin/location", STATUS_INVALID},
        {"{" ENDS ",\"loop\":\"round\"}", "/loop", STATUS_INVALID},
        {"{" ENDS ",\"base\":{\"location\":[1,2]}}", "/base", STATUS_INVALID},
        {"{" ENDS ",\"depart_at\":\"tomorrow\"}", "/depart_at", STATUS_INVALID},
        {"{" ENDS ",\"depart_at\":\"2026-11-20T08:00:00\"}", "/depart_at", STATUS_INVALID},
        {"{" ENDS ",\"depart_at\":\"1999-11-20T08:00:00Z\"}", "/depart_at", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"depart_at\":1795132800}", "/depart_at", STATUS_INVALID},
        {"{" ENDS ",\"max_wait_s\":1e9}", "/max_wait_s", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"vehicle\":[]}", "/vehicle", STATUS_INVALID},
        {"{" ENDS ",\"vehicle\":{\"colour\":\"red\"}}", "/vehicle/colour", STATUS_UNKNOWN_MEMBER},
        {"{" ENDS ",\"vehicle\":{\"class\":\"spaceship\"}}", "/vehicle/class", STATUS_INVALID},
        {"{" ENDS ",\"vehicle\":{\"height_m\":\"4\"}}", "/vehicle/height_m", STATUS_INVALID},
        {"{" ENDS ",\"vehicle\":{\"height_m\":4000}}", "/vehicle/height_m", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"vehicle\":{\"axles\":2.5}}", "/vehicle/axles", STATUS_INVALID},
        {"{" ENDS ",\"vehicle\":{\"hazmat\":1}}", "/vehicle/hazmat", STATUS_INVALID},
        {"{" ENDS ",\"vehicle\":{\"emission\":\"7\"}}", "/vehicle/emission", STATUS_INVALID},
        {"{" ENDS ",\"vehicle\":{\"plate\":\"\"}}", "/vehicle/plate", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"credentials\":[{\"number\":\"1\"}]}", "/credentials/0/type", STATUS_MISSING_MEMBER},
        {"{" ENDS ",\"credentials\":[{\"type\":\"a\",\"number\":\"1\"}]}", "/credentials/0", STATUS_INVALID},
        {"{" ENDS ",\"credentials\":[{\"type\":\"a\",\"issued_at\":\"x\"}]}", "/credentials/0/issued_at", STATUS_INVALID},
        {"{" ENDS ",\"credentials\":[{\"type\":\"a\",\"valid_from\":\"2026-11-20T08:00:00Z\",\"valid_until\":\"2026-11-"
         "20T08:00:00Z\"}]}", "/credentials/0/valid_until", STATUS_INVALID},
        {"{" ENDS ",\"avoid\":{\"zone\":[]}}", "/avoid/zone", STATUS_UNKNOWN_MEMBER},
        {"{" ENDS ",\"avoid\":{\"zones\":[1]}}", "/avoid/zones/0", STATUS_INVALID},
        {"{" ENDS ",\"avoid\":{\"road_classes\":[\"lane\"]}}", "/avoid/road_classes/0", STATUS_INVALID},
        {"{" ENDS ",\"avoid\":{\"tolls\":null}}", "/avoid/tolls", STATUS_INVALID},
        {"{" ENDS ",\"prefer\":\"beauty\"}", "/prefer", STATUS_INVALID},
        {"{" ENDS ",\"alternatives\":4}", "/alternatives", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"endpoints\":\"guess\"}", "/endpoints", STATUS_INVALID},
        {"{" ENDS ",\"on_violation\":\"ignore\"}", "/on_violation", STATUS_INVALID},
        {"{" ENDS ",\"geometry\":\"wkt\"}", "/geometry", STATUS_INVALID},
        {"{" ENDS ",\"steps\":\"yes\"}", "/steps", STATUS_INVALID},
        {"{" ENDS ",\"corridor_m\":99999}", "/corridor_m", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"max_snap_m\":0}", "/max_snap_m", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"min_rules_version\":1.5}", "/min_rules_version", STATUS_INVALID},
        {"{" ENDS ",\"min_rules_version\":-1}", "/min_rules_version", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"max_rules_age_s\":-1}", "/max_rules_age_s", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"as_of\":true}", "/as_of", STATUS_INVALID},
        {"{" ENDS ",\"as_of\":1.5}", "/as_of", STATUS_INVALID},
        {"{" ENDS ",\"as_of\":-1}", "/as_of", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"as_of\":\"9999999999999999999\"}", "/as_of", STATUS_OUT_OF_RANGE},
        {"{" ENDS ",\"as_of\":7,\"min_rules_version\":7}", "/as_of", STATUS_INVALID},
        {"{" ENDS ",\"as_of\":7,\"store\":true}", "/as_of", STATUS_INVALID},
        {"{" ENDS ",\"as_of\":\"yesterday\"}", "/as_of", STATUS_INVALID},
        {"{" ENDS ",\"crs\":\"EPSG:999999\"}", "/crs", STATUS_INVALID},
        {"{" ENDS ",\"crs\":\"mars\"}", "/crs", STATUS_INVALID},
        {"{" ENDS ",\"crs\":4490}", "/crs", STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct route_question q;
        struct error err;
        enum status status = parse(rows[i].text, &q, &err);
        if (status != rows[i].status || err.status != status || strcmp(err.pointer, rows[i].pointer) != 0)
            fail_msg("%s\n gave %s at \"%s\": %s", rows[i].text, status_name(status), err.pointer, err.en);
        assert_true(err.zh[0] && err.en[0]);
        assert_true(status != STATUS_OUT_OF_RANGE || err.limit[0]);
    }
}

/* ---- areas ------------------------------------------------------------------------------------------------- */

#define SQUARE(x, y) "[[" #x ",33],[" #y ",33],[" #y ",33.1],[" #x ",33.1],[" #x ",33]]"
#define POLYGON(x, y) "{\"type\":\"Polygon\",\"coordinates\":[" SQUARE(x, y) "]}"
#define FEATURE(geometry) "{\"type\":\"Feature\",\"properties\":null,\"geometry\":" geometry "}"

static enum status parse_avoid(const char *area, struct route_question *q, struct error *err)
{
    char *text = NULL;
    assert_true(asprintf(&text, "{" ENDS ",\"avoid\":{\"polygons\":%s}}", area) > 0);
    enum status status = parse(text, q, err);
    free(text);
    return status;
}

static void areas_come_in_four_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t parts, rings, points;
    } rows[] = {
        {POLYGON(112, 112.1), 1, 1, 5},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[112,33,5],[113,33,5],[112,34,5],[112,33,5]]]}", 1, 1, 4},
        {"{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE(112, 112.1) "],[" SQUARE(112.2, 112.3) "]]}", 2, 2, 10},
        {FEATURE(POLYGON(112, 112.1)), 1, 1, 5},
        {"{\"type\":\"FeatureCollection\",\"features\":[]}", 0, 0, 0},
        {"{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(POLYGON(112, 112.1)) "," FEATURE(POLYGON(112.2, 112.3)) "]}",
         2, 2, 10},
        /* these two overlap and become one */
        {"{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(POLYGON(112, 112.2)) "," FEATURE(POLYGON(112.1, 112.3)) "]}",
         1, 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct route_question q;
        struct error err;
        if (parse_avoid(rows[i].text, &q, &err) != STATUS_OK) fail_msg("%s: %s %s", rows[i].text, err.pointer, err.en);
        assert_int_equal(q.route.avoid_area.part_count, rows[i].parts);
        assert_int_equal(q.route.avoid_area.ring_count, rows[i].rings);
        if (rows[i].points) assert_int_equal(q.route.avoid_area.point_count, rows[i].points);
    }
}

static void bad_areas_are_refused_where_they_are_bad(void **state)
{
    (void)state;
#define AT "/avoid/polygons"
    static const struct {
        const char *text, *pointer;
        enum status status;
    } rows[] = {
        {"[]", AT, STATUS_INVALID},
        {"{}", AT "/type", STATUS_MISSING_MEMBER},
        {"{\"type\":\"Point\",\"coordinates\":[1,2]}", AT "/type", STATUS_INVALID},
        {"{\"type\":\"Polygon\"}", AT "/coordinates", STATUS_MISSING_MEMBER},
        {"{\"type\":\"Polygon\",\"coordinates\":[],\"crs\":1}", AT "/crs", STATUS_UNKNOWN_MEMBER},
        {"{\"type\":\"Polygon\",\"coordinates\":[]}", AT "/coordinates", STATUS_OUT_OF_RANGE},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[113,33],[112,33]]]}", NULL, STATUS_INVALID_GEOMETRY},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[113,33],[113,34],[112,34]]]}", NULL, STATUS_INVALID_GEOMETRY},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[113,33],[113],[112,33]]]}", AT "/coordinates/0/2",
         STATUS_INVALID_GEOMETRY},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[113,\"a\"],[113,34],[112,33]]]}", AT "/coordinates/0/1",
         STATUS_INVALID_GEOMETRY},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[300,33],[113,34],[112,33]]]}", AT "/coordinates/0/1",
         STATUS_INVALID_GEOMETRY},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[33,112],[33,113],[34,113],[33,112]]]}", AT "/coordinates/0/0",
         STATUS_INVALID_GEOMETRY},
        /* a bow tie */
        {"{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[113,34],[113,33],[112,34],[112,33]]]}", NULL,
         STATUS_INVALID_GEOMETRY},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\"}]}", AT "/features/0/geometry",
         STATUS_MISSING_MEMBER},
        {"{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(POLYGON(112, 112.1)) ","
         "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[112,33],[113,33],[113,99],[112,33]]]}}]}",
         AT "/features/1/geometry/coordinates/0/2", STATUS_INVALID_GEOMETRY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct route_question q;
        struct error err;
        enum status status = parse_avoid(rows[i].text, &q, &err);
        if (status != rows[i].status || (rows[i].pointer && strcmp(err.pointer, rows[i].pointer) != 0))
            fail_msg("%s\n gave %s at %s: %s", rows[i].text, status_name(status), err.pointer, err.en);
        assert_int_equal(strncmp(err.pointer, AT, strlen(AT)), 0);
    }
}

static void too_many_vertices_are_refused(void **state)
{
    (void)state;
    struct buffer text;
    struct route_question q;
    struct error err;
    buffer_init(&text, 16 << 20);
    buffer_text(&text, "{\"type\":\"Polygon\",\"coordinates\":[[");
    for (int i = 0; i < 200001; i++) buffer_printf(&text, "[%d.%05d,33],", 112, i % 100000);
    buffer_text(&text, "[112,33]]]}");
    assert_int_equal(parse_avoid(text.data, &q, &err), STATUS_TOO_LARGE);
    assert_int_equal(strncmp(err.pointer, AT "/coordinates", strlen(AT "/coordinates")), 0);
    buffer_clear(&text);
}

/* ---- coordinate systems ------------------------------------------------------------------------------------ */

static void coordinates_come_in_the_system_that_is_named(void **state)
{
    (void)state;
    struct route_question q;
    struct error err;
    /* EPSG:4547 is CGCS2000 / 3-degree Gauss-Krüger CM 114E, 500 km false easting */
    assert_int_equal(parse("{\"origin\":{\"location\":[500000,3653000]},\"destination\":{\"location\":[510000,3653000]},"
                           "\"crs\":\"EPSG:4547\"}", &q, &err), STATUS_OK);
    assert_int_equal(q.route.calls[0].point.lon_e7, 1140000000);
    assert_in_range(q.route.calls[0].point.lat_e7, 329900000, 330100000);
    assert_false(q.form.crs.degrees);
    assert_int_equal(parse("{\"origin\":{\"location\":[500000,3653000]},\"destination\":{\"location\":[510000,3653000]},"
                           "\"crs\":\"EPSG:4547\",\"geometry\":\"polyline5\"}", &q, &err), STATUS_INVALID);
    assert_string_equal(err.pointer, "/geometry");
    assert_int_equal(parse("{" ENDS ",\"crs\":\"gcj02\"}", &q, &err), STATUS_OK);
    assert_in_range(abs(q.route.calls[0].point.lon_e7 - 1125300000), 10000, 100000);
    systems.quick = true;
    assert_int_equal(parse("{" ENDS ",\"crs\":\"EPSG:4508\"}", &q, &err), STATUS_WOULD_BLOCK);
    systems.quick = false;
}

/* ---- query ------------------------------------------------------------------------------------------------- */

static enum status parse_query(const char *target_text, struct route_question *q, struct error *err)
{
    const struct parse_setting setting = {&arena, &systems, NOW_MS, LANGUAGE_ZH, geos, false, true, false, false};
    struct http_target target;
    json_t *document = NULL;
    arena_reset(&arena);
    *err = (struct error)ERROR_INIT;
    enum status status = http_target_parse(&target, target_text, strlen(target_text), &arena, err);
    if (status == STATUS_OK) status = query_to_json(&target, query_route_rows, &document, err);
    struct json_at root = {.value = document};
    if (status == STATUS_OK) status = parse_route(&root, &setting, q, err);
    json_decref(document);
    return status;
}

static void a_query_says_the_same_as_a_document(void **state)
{
    (void)state;
    static struct route_question a, b;
    struct error err;
    assert_int_equal(parse_query("/v1/route?origin=112.53,33.01&destination=111.48,33.30&stops=112.9,32.7;112.8,32.8"
                                 "&loop=return&base=112.6,33.1&depart_at=2026-11-20T08:00:00+08:00&vehicle.height_m=4.2"
                                 "&vehicle.hazmat=true&vehicle.class=truck_5_axle&avoid.road_classes=ferry,track"
                                 "&avoid.tolls=true&prefer=distance&steps=false&geometry=polyline6&max_snap_m=50",
                                 &a, &err), STATUS_OK);
    struct vehicle vehicle = a.route.vehicle;
    assert_int_equal(a.route.call_count, 4);
    assert_int_equal(a.route.calls[2].point.lat_e7, 328000000);
    assert_int_equal(vehicle.height_mm, 4200);
    assert_int_equal(vehicle.axles, 5);
    assert_int_equal(parse("{" ENDS ",\"stops\":[{\"location\":[112.9,32.7]},{\"location\":[112.8,32.8]}],\"loop\":\"return\","
                           "\"base\":{\"location\":[112.6,33.1]},\"depart_at\":\"2026-11-20T08:00:00+08:00\","
                           "\"vehicle\":{\"height_m\":4.2,\"hazmat\":true,\"class\":\"truck_5_axle\"},\"avoid\":{"
                           "\"road_classes\":[\"ferry\",\"track\"],\"tolls\":true},\"prefer\":\"distance\",\"steps\":false,"
                           "\"geometry\":\"polyline6\",\"max_snap_m\":50}", &b, &err), STATUS_OK);
    assert_memory_equal(&a, &b, sizeof a);

    assert_int_equal(parse_query("/r?origin=112.53,33.01&destination=111.48,33.30&credentials=key_goods_pass@2026-11-01T00:00:00+08:00;nucleic_acid@"
                                 "2026-11-20T06:00:00+08:00&avoid.zones=a,b", &a, &err), STATUS_OK);
    assert_int_equal(a.route.credential_count, 2);
    assert_string_equal(a.route.credentials[1].type_code, "nucleic_acid");
    assert_true(a.route.credentials[1].issued_ms == INT64_C(1795125600000));
    assert_int_equal(a.route.avoid_zone_count, 2);
}

static void bad_queries_name_the_member(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pointer;
    } rows[] = {
        {"origin=112.53", "/origin"},
        {"origin=112.53,33.01,5", "/origin"},
        {"origin=112.53,abc", "/origin"},
        {"origin=112.53,%2033.01", "/origin"},
        {"origin=1,2&destination=1,2&stops=1,2;", "/stops"},
        {"origin=1,2&destination=1,2&vehicle.height_m=four", "/vehicle/height_m"},
        {"origin=1,2&destination=1,2&vehicle.height_m=0x10", "/vehicle/height_m"},
        {"origin=1,2&destination=1,2&vehicle.hazmat=yes", "/vehicle/hazmat"},
        {"origin=1,2&destination=1,2&avoid.zones=a,,b", "/avoid/zones"},
        {"origin=1,2&destination=1,2&avoid.polygons=x", "/avoid/polygons"},
        {"origin=1,2&destination=1,200", "/destination/location/1"},
        {"origin=1,2", "/destination"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct route_question q;
        struct error err;
        char target[256];
        snprintf(target, sizeof target, "/v1/route?%s", rows[i].text);
        assert_int_not_equal(parse_query(target, &q, &err), STATUS_OK);
        if (strcmp(err.pointer, rows[i].pointer) != 0) fail_msg("%s: %s %s", rows[i].text, err.pointer, err.en);
    }
}

/* ---- matrix and snap --------------------------------------------------------------------------------------- */

static void matrices_and_snaps_are_read(void **state)
{
    (void)state;
    const struct parse_setting setting = {&arena, &systems, NOW_MS, LANGUAGE_EN, geos, false, true, false, false};
    static struct table_question t;
    struct snap_question s;
    struct error err = ERROR_INIT;
    static const char matrix[] = "{\"sources\":[[112,33],{\"location\":[112.5,33]}],\"targets\":[[113,33]],"
                                 "\"annotations\":[\"distances\"],\"vehicle\":{\"class\":\"van\"}}";
    assert_int_equal(parse_table_text(matrix, strlen(matrix), &setting, &t, &err), STATUS_OK);
    assert_int_equal(t.source_count, 2);
    assert_int_equal(t.target_count, 1);
    assert_true(t.want_distances && !t.want_durations);
    static const char square[] = "{\"sources\":[[112,33],[113,33],[114,33]]}";
    assert_int_equal(parse_table_text(square, strlen(square), &setting, &t, &err), STATUS_OK);
    assert_int_equal(t.target_count, 3);
    assert_true(t.want_distances && t.want_durations);
    assert_true(t.constraints.prefer == PREFER_TIME && t.constraints.max_wait_ms == 0);
    static const char patient[] = "{\"sources\":[[112,33]],\"prefer\":\"cost\",\"max_wait_s\":90.5}";
    assert_int_equal(parse_table_text(patient, strlen(patient), &setting, &t, &err), STATUS_OK);
    assert_true(t.constraints.prefer == PREFER_COST && t.constraints.max_wait_ms == 90500);
    static const char hasty[] = "{\"sources\":[[112,33]],\"prefer\":\"speed\"}";
    assert_int_equal(parse_table_text(hasty, strlen(hasty), &setting, &t, &err), STATUS_INVALID);
    assert_string_equal(err.pointer, "/prefer");
    static const char none[] = "{\"sources\":[]}";
    assert_int_equal(parse_table_text(none, strlen(none), &setting, &t, &err), STATUS_OUT_OF_RANGE);
    assert_string_equal(err.pointer, "/sources");
    struct buffer big;
    buffer_init(&big, 1 << 20);
    buffer_text(&big, "{\"sources\":[[112,33]");
    for (int i = 0; i < 1000; i++) buffer_text(&big, ",[112,33]");
    buffer_text(&big, "]}");
    assert_int_equal(parse_table_text(big.data, big.length, &setting, &t, &err), STATUS_TOO_LARGE);
    assert_string_equal(err.limit, "1000000");
    buffer_clear(&big);

    static const char snap[] = "{\"location\":[112,33],\"number\":3,\"max_snap_m\":50}";
    assert_int_equal(parse_snap_text(snap, strlen(snap), &setting, &s, &err), STATUS_OK);
    assert_int_equal(s.number, 3);
    assert_int_equal(s.max_snap_mm, 50000);
    static const char both[] = "{\"location\":[112,33],\"locations\":[]}";
    assert_int_equal(parse_snap_text(both, strlen(both), &setting, &s, &err), STATUS_INVALID);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    return geos_open(&geos, NULL) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    crs_cache_clear(&systems);
    geos_close(geos);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_origin_and_destination_are_needed),
        cmocka_unit_test(the_whole_request_is_read),
        cmocka_unit_test(every_bad_member_is_named),
        cmocka_unit_test(areas_come_in_four_forms),
        cmocka_unit_test(bad_areas_are_refused_where_they_are_bad),
        cmocka_unit_test(too_many_vertices_are_refused),
        cmocka_unit_test(coordinates_come_in_the_system_that_is_named),
        cmocka_unit_test(a_query_says_the_same_as_a_document),
        cmocka_unit_test(bad_queries_name_the_member),
        cmocka_unit_test(matrices_and_snaps_are_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
