/* Answers written from plans made by hand: what is in the struct is in the JSON, in both languages. */
#include "api/command/print_plan.h"
#include "api/encode/encode_osrm.h"
#include "api/encode/encode_route.h"
#include "api/encode/instructions.h"
#include "api/encode/plan_digest.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- a network of two roads, a zone with a checkpoint, and a plan over them --------------------------------- */

static const char text[] = "\0G312\0沪霍线\0\"quoted\"";
enum { AT_G312 = 1, AT_NAME = 6, AT_QUOTED = 16 };
static const int64_t node_ids[] = {11, 12, 13}, road_ids[] = {501, 502}, station[] = {0, 0};
static const struct point_e7 nodes[] = {{1125300000, 330100000}, {1125400000, 330100000}, {1125400000, 330200000}};
static const uint8_t classes[] = {ROAD_TRUNK, ROAD_RESIDENTIAL}, reversed[] = {0, 0};
static const uint32_t names[] = {AT_NAME, AT_QUOTED}, refs[] = {AT_G312, 0}, lengths[] = {934000, 1109000};
static const arc_id road_arcs[] = {0, NO_ARC, 1, NO_ARC};
static const node_id tails[] = {0, 1}, heads[] = {1, 2};
static const road_index arc_roads[] = {0, 1};
static const uint32_t times_ms[] = {60000, 120000};

static struct zone zones[] = {{.id = "z1", .name = "管控区", .class_code = "AD-EPI"}};
static struct checkpoint checkpoints[] = {{.id = "c1", .name = "一号卡口"}};
static struct closure closures[] = {{.id = "k1", .name = "施工"}};
static struct rules_input input = {.version = 418, .zone_count = 1, .checkpoint_count = 1, .closure_count = 1,
                                   .zones = zones, .checkpoints = checkpoints, .closures = closures};
static struct rules rules = {.version = 418, .as_of_ms = INT64_C(1795132800000), .input = &input};
static struct base base;
static struct view view = {.base = &base, .rules = &rules};

static const struct waypoint waypoints[] = {
    {.requested = {1125300001, 330100000}, .snapped = {1125300000, 330100000}, .distance_mm = 12345, .road = 0, .call = 0},
    {.requested = {1125400000, 330200000}, .snapped = {1125400000, 330200000}, .road = 1, .call = 1, .moved = true},
};
static const arc_id arcs[] = {0, 1};
static const struct step steps[] = {
    {.maneuver = MANEUVER_DEPART, .road = 0, .distance_mm = 934000, .duration_ms = 60000, .point_count = 2,
     .bearing_after_deg = 90},
    {.maneuver = MANEUVER_GATE, .road = 0, .first_point = 1, .point_count = 1, .gate = 0},
    {.maneuver = MANEUVER_LEFT, .road = 1, .distance_mm = 1109000, .duration_ms = 120000, .first_point = 1,
     .point_count = 2, .bearing_before_deg = 90},
    {.maneuver = MANEUVER_ARRIVE, .road = 1, .first_point = 2, .point_count = 1},
};
static const uint16_t used[] = {0};
static const struct gate_passage gates[] = {{.checkpoint = 0, .zone = 0, .direction = GATE_ENTER,
                                             .at_ms = INT64_C(1795132860000), .wait_ms = 5000, .inspection_ms = 30000,
                                             .green_channel = true, .credential_count = 1, .credentials = used,
                                             .point = {1125400000, 330100000}, .offset_mm = 934000}};
static const struct zone_contact contacts[] = {{.zone = 0, .kind = RULE_GATED, .enter_ms = INT64_C(1795132860000),
                                                .leave_ms = TIME_OPEN, .distance_mm = 1109000, .why = MESSAGE_JUDGED_AT_DEPARTURE}};
static const struct limit_met limits[] = {
    {.kind = LIMIT_HEIGHT, .limit = 4200, .vehicle = 4000, .road = 0, .closure = UINT32_MAX},
    {.kind = LIMIT_AXLES, .limit = 6, .vehicle = 6, .assumed = true, .road = 1, .closure = 0}};
static const struct leg legs[] = {
    {.kind = LEG_TRUNK, .from = 0, .to = 1, .depart_ms = INT64_C(1795132800000), .arrive_ms = INT64_C(1795133015000),
     .distance_mm = 2043000, .drive_ms = 180000, .wait_ms = 5000, .arc_count = 2, .arcs = arcs, .point_count = 3,
     .points = nodes, .step_count = 4, .gate_count = 1, .zone_count = 1, .limit_count = 2, .steps = steps,
     .gates = gates, .zones = contacts, .limits = limits}};
static const struct warning warnings[] = {{.kind = WARNING_WAIT, .zh = "等待", .en = "waiting"}};
static const struct conflict conflicts[] = {
    {.kind = CONFLICT_ZONE, .cause = STATUS_DESTINATION_IN_CLOSED_ZONE, .zone = 0, .checkpoint = UINT32_MAX,
     .closure = UINT32_MAX, .road = 1, .point = {1125400000, 330200000}, .needed_zh = "解除", .needed_en = "lift it"},
    {.kind = CONFLICT_CREDENTIAL, .cause = STATUS_CREDENTIAL_MISSING, .zone = 0, .checkpoint = 0, .closure = UINT32_MAX,
     .road = NO_ROAD, .needed_zh = "通行证", .needed_en = "a pass"},
    {.kind = CONFLICT_LIMIT, .cause = STATUS_VEHICLE_LIMIT, .zone = UINT32_MAX, .checkpoint = UINT32_MAX,
     .closure = UINT32_MAX, .road = 0, .limit_kind = LIMIT_GROSS_WEIGHT, .limit = 20000, .vehicle = 49000,
     .needed_zh = "x", .needed_en = "x"},
};
static struct plan plan = {.waypoint_count = 2, .leg_count = 1, .warning_count = 1, .waypoints = waypoints, .legs = legs,
                           .warnings = warnings, .duration_ms = 215000, .drive_ms = 180000, .distance_mm = 2043000,
                           .toll_fen = 1250, .wait_ms = 5000, .issuable = true, .judged_at_departure = true};

static struct route_request request = {
    .call_count = 2, .calls = {{.name = "起点"}, {.name = NULL}}, .credential_count = 1, .credentials = {{.type_code = "pass"}}};

static struct route_encoder encoder_of(const struct wire_form *form)
{
    struct route_encoder encoder = {.view = &view, .request = &request, .form = form,
                                    .age = {.ready = true, .connected = true, .rejected = -1}};
    encode_decision(&encoder);
    return encoder;
}

static json_t *parsed(struct buffer *out)
{
    json_error_t bad;
    assert_int_equal(out->failed, STATUS_OK);
    json_t *value = json_loadb(out->data, out->length, JSON_REJECT_DUPLICATES, &bad);
    if (value == NULL) fail_msg("%s at %d: %s", bad.text, bad.position, out->data);
    buffer_clear(out);
    return value;
}

/* A value by path, "plans/0/legs/0/gates/0/name". */
static json_t *at(json_t *value, const char *path)
{
    char copy[200], *save = NULL;
    snprintf(copy, sizeof copy, "%s", path);
    for (char *part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
        value = json_is_array(value) ? json_array_get(value, (size_t)strtoul(part, NULL, 10)) : json_object_get(value, part);
        if (value == NULL) fail_msg("%s: no %s", path, part);
    }
    return value;
}

static void is_text(json_t *value, const char *path, const char *expected)
{
    const char *found = json_string_value(at(value, path));
    if (found == NULL || strcmp(found, expected) != 0) fail_msg("%s: %s", path, found ? found : "no text");
}

static void is_number(json_t *value, const char *path, double expected)
{
    json_t *found = at(value, path);
    if (!json_is_number(found) || json_number_value(found) != expected)
        fail_msg("%s: %s", path, json_dumps(found, JSON_ENCODE_ANY));
}

static json_t *answer_in(const struct wire_form *form, struct rules_age age)
{
    struct buffer out;
    struct answer answer = {.plan_count = 1, .plans = {&plan}};
    struct route_encoder encoder = encoder_of(form);
    encoder.age = age;
    buffer_init(&out, 1 << 20);
    encode_answer(&out, &encoder, &answer);
    return parsed(&out);
}

static const struct rules_age CURRENT = {.ready = true, .connected = true, .version = 418, .rejected = -1};

/* ---- tests -------------------------------------------------------------------------------------------------- */

static void an_answer_says_everything_that_the_plan_holds(void **state)
{
    (void)state;
    const struct wire_form form = {.geometry = GEOMETRY_GEOJSON, .steps = true, .crs = WIRE_CRS_DEFAULT, .language = LANGUAGE_EN};
    json_t *a = answer_in(&form, CURRENT);
    is_text(a, "network_version", "0123456789abcdef");
    is_number(a, "rules_version", 418);
    is_text(a, "as_of", "2026-11-20T08:00:00+08:00");
    is_text(a, "crs", "EPSG:4490");
    assert_int_equal(json_string_length(at(a, "decision_id")), 32);
    assert_null(json_object_get(a, "rules_age_s"));
    is_number(a, "plans/0/duration_s", 215);
    is_number(a, "plans/0/toll_cny", 12.5);
    is_text(a, "plans/0/judged_at", "departure");
    assert_true(json_is_true(at(a, "plans/0/issuable")));
    is_text(a, "plans/0/waypoints/0/name", "起点");
    is_number(a, "plans/0/waypoints/0/requested/0", 112.5300001);
    is_number(a, "plans/0/waypoints/0/distance_m", 12.345);
    is_text(a, "plans/0/waypoints/0/road", "G312");
    is_number(a, "plans/0/waypoints/1/road_id", 502);
    assert_true(json_is_true(at(a, "plans/0/waypoints/1/moved")));
    is_text(a, "plans/0/legs/0/kind", "trunk");
    is_text(a, "plans/0/legs/0/arrive_at", "2026-11-20T08:03:35+08:00");
    is_number(a, "plans/0/legs/0/geometry/coordinates/2/1", 33.02);
    is_text(a, "plans/0/legs/0/steps/0/instruction", "Head east on G312 (沪霍线)");
    is_text(a, "plans/0/legs/0/steps/1/instruction", "Pass the checkpoint 一号卡口 into the controlled area");
    is_text(a, "plans/0/legs/0/steps/2/instruction", "Turn left onto \"quoted\"");
    is_text(a, "plans/0/legs/0/steps/3/instruction", "Arrive");
    is_text(a, "plans/0/legs/0/steps/2/maneuver/type", maneuver_code(MANEUVER_LEFT));
    is_text(a, "plans/0/legs/0/gates/0/checkpoint", "c1");
    is_text(a, "plans/0/legs/0/gates/0/zone", "z1");
    is_text(a, "plans/0/legs/0/gates/0/direction", "enter");
    is_text(a, "plans/0/legs/0/gates/0/at", "2026-11-20T08:01:00+08:00");
    is_number(a, "plans/0/legs/0/gates/0/inspection_s", 30);
    assert_true(json_is_true(at(a, "plans/0/legs/0/gates/0/green_channel")));
    is_text(a, "plans/0/legs/0/gates/0/credentials/0", "pass");
    is_text(a, "plans/0/legs/0/zones/0/rule", "gated");
    assert_true(json_is_null(at(a, "plans/0/legs/0/zones/0/leave_at")));
    is_text(a, "plans/0/legs/0/zones/0/why", message_text(MESSAGE_JUDGED_AT_DEPARTURE, LANGUAGE_EN));
    is_number(a, "plans/0/legs/0/limits/0/limit", 4.2);
    is_number(a, "plans/0/legs/0/limits/0/margin", 0.2);
    is_number(a, "plans/0/legs/0/limits/1/limit", 6);
    is_text(a, "plans/0/legs/0/limits/1/closure", "k1");
    assert_true(json_is_true(at(a, "plans/0/legs/0/limits/1/assumed")));
    assert_true(json_is_null(at(a, "plans/0/corridor")));
    is_text(a, "plans/0/warnings/0/text", "waiting");
    is_text(a, "plans/0/warnings/1/code", "judged_at_departure");
    assert_int_equal(json_array_size(at(a, "plans/0/violations")), 0);
    json_decref(a);
}

static void texts_follow_the_language_and_nothing_else_does(void **state)
{
    (void)state;
    struct wire_form form = {.geometry = GEOMETRY_NONE, .steps = true, .crs = WIRE_CRS_DEFAULT, .language = LANGUAGE_ZH};
    json_t *zh = answer_in(&form, CURRENT);
    is_text(zh, "plans/0/legs/0/steps/0/instruction", "沿 G312（沪霍线） 向东行驶");
    is_text(zh, "plans/0/legs/0/steps/1/instruction", "经检查点“一号卡口”驶入管控区");
    is_text(zh, "plans/0/warnings/0/text", "等待");
    assert_null(json_object_get(at(zh, "plans/0/legs/0"), "geometry"));
    form.language = LANGUAGE_EN;
    json_t *en = answer_in(&form, CURRENT);
    is_text(en, "plans/0/digest", json_string_value(at(zh, "plans/0/digest")));
    json_decref(zh);
    json_decref(en);
}

static void the_age_of_the_rules_shows_while_the_database_is_away(void **state)
{
    (void)state;
    const struct wire_form form = {.geometry = GEOMETRY_NONE, .crs = WIRE_CRS_DEFAULT, .language = LANGUAGE_EN};
    json_t *a = answer_in(&form, (struct rules_age){.ready = true, .contact_ms = 61500, .stale = true, .rejected = -1});
    is_number(a, "rules_age_s", 61);
    assert_true(json_is_true(at(a, "rules_stale")));
    is_text(a, "plans/0/warnings/2/code", "rules_age");
    json_decref(a);
}

static void a_refusal_lists_the_rules_in_the_way(void **state)
{
    (void)state;
    const struct wire_form form = {.geometry = GEOMETRY_POLYLINE5, .crs = WIRE_CRS_DEFAULT, .language = LANGUAGE_ZH};
    struct buffer out;
    struct plan relaxed = plan;
    relaxed.issuable = false;
    relaxed.violations = conflicts, relaxed.violation_count = 1;
    const struct answer answer = {.cause = STATUS_DESTINATION_IN_CLOSED_ZONE, .conflict_count = 3, .conflicts = conflicts,
                                  .relaxed = &relaxed};
    struct route_encoder encoder = encoder_of(&form);
    buffer_init(&out, 1 << 20);
    buffer_char(&out, '{');
    encode_no_plan(&out, &encoder, &answer);
    buffer_char(&out, '}');
    json_t *a = parsed(&out);
    is_text(a, "conflicts/0/rule", "zone");
    is_text(a, "conflicts/0/id", "z1");
    is_text(a, "conflicts/0/code", "destination_in_closed_zone");
    is_text(a, "conflicts/0/needed", "解除");
    is_number(a, "conflicts/0/location/1", 33.02);
    is_text(a, "conflicts/1/id", "c1");
    is_text(a, "conflicts/1/zone", "z1");
    is_text(a, "conflicts/2/id", "501");
    is_number(a, "conflicts/2/limit", 20);
    is_number(a, "conflicts/2/vehicle", 49);
    assert_true(json_is_false(at(a, "relaxed_plan/issuable")));
    is_text(a, "relaxed_plan/violations/0/id", "z1");
    is_text(a, "relaxed_plan/legs/0/geometry", "ognhEooymT?o}@o}@?");
    json_decref(a);
}

static void every_cause_has_a_text(void **state)
{
    (void)state;
    for (int s = STATUS_ORIGIN_IN_CLOSED_ZONE; s <= STATUS_SEARCH_BUDGET_EXCEEDED; s++) {
        struct error err = ERROR_INIT;
        if (s == STATUS_NO_MATCH) continue; /* of positions, not of a plan */
        encode_cause(s, &err);
        if (err.status != (enum status)s || err.zh[0] == '\0' || err.en[0] == '\0') fail_msg("%s", status_name(s));
    }
    struct error err = ERROR_INIT;
    encode_cause(STATUS_IO, &err);
    assert_int_equal(err.status, STATUS_INTERNAL);
}

static void the_digest_changes_with_every_part_of_the_journey(void **state)
{
    (void)state;
    char first[PLAN_DIGEST_SIZE], other[PLAN_DIGEST_SIZE];
    plan_digest(&view, &plan, first);
    plan_digest(&view, &plan, other);
    assert_string_equal(first, other);
    assert_int_equal(strlen(first), 71);
    struct leg leg = legs[0];
    struct plan changed = plan;
    changed.legs = &leg;
    plan_digest(&view, &changed, other);
    assert_string_equal(first, other);
#define CHANGES(field, value)                                                                                        \
    do {                                                                                                             \
        leg = legs[0];                                                                                               \
        leg.field = value;                                                                                           \
        plan_digest(&view, &changed, other);                                                                         \
        assert_string_not_equal(first, other);                                                                       \
    } while (0)
    CHANGES(depart_ms, 1);
    CHANGES(arc_count, 1);
    CHANGES(first_offset_mm, 1);
    CHANGES(gate_count, 0);
    CHANGES(zone_count, 0);
    leg = legs[0];
    rules.version = 419;
    plan_digest(&view, &plan, other);
    rules.version = 418;
    assert_string_not_equal(first, other);
}

static void osrm_gets_its_own_shape(void **state)
{
    (void)state;
    struct osrm_query query = {.hints = true, .steps = true, .geometry = OSRM_GEOJSON, .overview = OSRM_FULL, .count = 2,
                               .annotations = OSRM_ANNOTATE_DURATION | OSRM_ANNOTATE_DISTANCE};
    struct answer answer = {.plan_count = 1, .plans = {&plan}};
    struct buffer out;
    buffer_init(&out, 1 << 20);
    encode_osrm_route(&out, &view, &query, &answer);
    json_t *a = parsed(&out);
    is_text(a, "code", "Ok");
    is_number(a, "routes/0/duration", 215);
    is_number(a, "routes/0/distance", 2043);
    assert_int_equal(json_array_size(at(a, "routes/0/geometry/coordinates")), 3);
    is_text(a, "routes/0/legs/0/steps/0/maneuver/type", "depart");
    is_text(a, "routes/0/legs/0/steps/2/maneuver/modifier", "left");
    is_number(a, "routes/0/legs/0/steps/2/intersections/0/bearings/0", 270);
    is_text(a, "routes/0/legs/0/steps/0/ref", "G312");
    is_text(a, "routes/0/legs/0/summary", "\"quoted\", G312");
    assert_int_equal(json_array_size(at(a, "routes/0/legs/0/annotation/duration")), 2);
    double sum = json_number_value(at(a, "routes/0/legs/0/annotation/duration/0")) +
                 json_number_value(at(a, "routes/0/legs/0/annotation/duration/1"));
    assert_true(sum > 179.99 && sum < 180.01);
    is_text(a, "waypoints/0/hint", "");
    json_decref(a);

    const uint32_t cells[] = {0, UINT32_MAX, 1500, 0};
    query.source_count = query.target_count = 2, query.scale = 2;
    encode_osrm_table(&out, &view, &query, cells, NULL, waypoints, waypoints);
    a = parsed(&out);
    assert_true(json_is_null(at(a, "durations/0/1")));
    is_number(a, "durations/1/0", 3);
    assert_null(json_object_get(a, "distances"));
    json_decref(a);

    encode_osrm_nearest(&out, &view, &query, waypoints, 2);
    a = parsed(&out);
    is_number(a, "waypoints/1/nodes/0", 12);
    json_decref(a);

    encode_osrm_fault(&out, OSRM_NO_ROUTE, "x", STATUS_NO_OPEN_GATE);
    a = parsed(&out);
    is_text(a, "code", "NoRoute");
    is_text(a, "reason", "no_open_gate");
    json_decref(a);
}

static void a_plan_prints_for_people(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 1 << 16);
    print_plan(&out, &view, &request, &plan, LANGUAGE_EN);
    assert_int_equal(out.failed, STATUS_OK);
    static const char *const parts[] = {"2.0 km, 4 min", "tolls 12.50 CNY", "11-20 08:00 → 11-20 08:03", "enter 管控区: 一号卡口",
                                        "green channel", "[gated]", "height 4.20 m (4.00 m)", "! waiting"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(out.data, parts[i])) fail_msg("no \"%s\" in:\n%s", parts[i], out.data);
    buffer_reset(&out);
    const struct answer answer = {.cause = STATUS_NO_OPEN_GATE, .conflict_count = 3, .conflicts = conflicts, .relaxed = &plan};
    print_no_plan(&out, &view, &answer, LANGUAGE_ZH);
    assert_non_null(strstr(out.data, "no_open_gate"));
    assert_non_null(strstr(out.data, "一号卡口"));
    buffer_clear(&out);
}

static void an_answer_that_is_too_long_fails_and_stays_failed(void **state)
{
    (void)state;
    const struct wire_form form = {.geometry = GEOMETRY_GEOJSON, .steps = true, .crs = WIRE_CRS_DEFAULT};
    struct answer answer = {.plan_count = 1, .plans = {&plan}};
    struct route_encoder encoder = encoder_of(&form);
    struct buffer out;
    buffer_init(&out, 100000);
    encode_answer(&out, &encoder, &answer);
    size_t whole = out.length;
    buffer_clear(&out);
    for (size_t most = 0; most < whole; most += 7) {
        buffer_init(&out, most);
        encode_answer(&out, &encoder, &answer);
        assert_int_equal(out.failed, STATUS_TOO_LARGE);
        buffer_clear(&out);
    }
}

static int set_up(void **state)
{
    (void)state;
    base.network = (struct network){
        .node_count = 3, .arc_count = 2, .road_count = 2, .version = "0123456789abcdef", .node_source_id = node_ids,
        .node_point = nodes, .arc_tail = tails, .arc_head = heads, .arc_road = arc_roads, .arc_reversed = reversed,
        .arc_time_ms = times_ms, .road_arc = road_arcs, .road_source_id = road_ids, .road_class = classes,
        .road_length_mm = lengths, .road_name = names, .road_ref = refs, .road_station_id = station, .text = text};
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_says_everything_that_the_plan_holds),
        cmocka_unit_test(texts_follow_the_language_and_nothing_else_does),
        cmocka_unit_test(the_age_of_the_rules_shows_while_the_database_is_away),
        cmocka_unit_test(a_refusal_lists_the_rules_in_the_way),
        cmocka_unit_test(every_cause_has_a_text),
        cmocka_unit_test(the_digest_changes_with_every_part_of_the_journey),
        cmocka_unit_test(osrm_gets_its_own_shape),
        cmocka_unit_test(a_plan_prints_for_people),
        cmocka_unit_test(an_answer_that_is_too_long_fails_and_stays_failed),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
