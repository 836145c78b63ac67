/* Printed sheets: what a document may hold, what is done to hostile texts, and that a huge plan ends in an error. */
#include "api/sheet/sheet.h"

#include "tests/unit/planner_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct scene scene;
static struct arena arena;
static struct crs_cache systems;
static struct error err;

/* An answer with `stops` calls between origin and destination, and as many legs. */
static void document(struct buffer *out, unsigned stops, const char *geometry, const char *name)
{
    struct point_e7 a = fixture_point(0, 0), b = fixture_point(2000, 0);
    buffer_init(out, 64 << 20);
    buffer_text(out, "{\"network_version\":\"n\",\"rules_version\":7,\"as_of\":\"2026-11-20T08:00:00+08:00\",\"decision_id\":\"d\",\"crs\":\"EPSG:4490\","
                     "\"plans\":[{\"duration_s\":60,\"distance_m\":2000,\"toll_cny\":0,\"issuable\":true,\"digest\":\"sha256:0\",\"waypoints\":[");
    for (unsigned i = 0; i < stops + 2; i++) {
        const struct point_e7 p = i % 2 ? b : a;
        buffer_printf(out, "%s{\"snapped\":[%.7f,%.7f],\"road\":\"G312\",\"name\":\"%s\"}", i ? "," : "", p.lon_e7 * 1e-7, p.lat_e7 * 1e-7, name);
    }
    buffer_text(out, "],\"legs\":[");
    for (unsigned i = 0; i < stops + 1; i++)
        buffer_printf(out, "%s{\"kind\":\"trunk\",\"from\":%u,\"to\":%u,\"depart_at\":\"2026-11-20T08:00:00+08:00\","
                           "\"arrive_at\":\"2026-11-20T08:01:00+08:00\",\"distance_m\":2000,\"geometry\":%s,"
                           "\"gates\":[{\"name\":\"甲\",\"zone_name\":\"乙\",\"direction\":\"enter\",\"at\":\"2026-11-20T08:00:30+08:00\","
                           "\"inspection_s\":30,\"credentials\":[\"pass\"],\"location\":[%.7f,%.7f]}],"
                           "\"zones\":[{\"zone\":\"z\",\"name\":\"乙\",\"rule\":\"gated\",\"why\":\"w\"}],\"limits\":[]}",
                      i ? "," : "", i, i + 1, geometry, a.lon_e7 * 1e-7, a.lat_e7 * 1e-7);
    buffer_text(out, "],\"warnings\":[{\"text\":\"t\"}]}]}");
}

static enum status read_document(unsigned stops, const char *geometry, const char *name, struct sheet_plan *plan)
{
    struct buffer text;
    document(&text, stops, geometry, name);
    enum status status = sheet_plan_read(text.data, text.length, 0, &systems, &arena, plan, &err);
    buffer_clear(&text);
    return status;
}

static enum status draw(const struct sheet_plan *plan, enum sheet_form form, struct buffer *out)
{
    const struct sheet_job job = {.plan = plan, .ground = {.network = &scene.base.network, .schematic = true}, .language = LANGUAGE_EN};
    buffer_init(out, 64 << 20);
    return sheet_write(&job, form, out, &err);
}

static void a_document_is_read_as_it_was_answered(void **state)
{
    (void)state;
    struct sheet_plan plan;
    assert_int_equal(read_document(1, "null", "南召", &plan), STATUS_OK);
    assert_int_equal(plan.call_count, 3);
    assert_int_equal(plan.leg_count, 2);
    assert_int_equal(plan.rules_version, 7);
    assert_string_equal(plan.calls[1].name, "南召");
    assert_true(plan.legs[0].gates[0].enter);
    assert_int_equal(plan.legs[1].zones[0].kind, RULE_GATED);
    assert_string_equal(plan.warnings[0], "t");
}

static void what_is_no_answer_is_refused(void **state)
{
    static const char *const documents[] = {
        "", "[]", "{}", "{\"plans\":[]}", "{\"plans\":[{}]}", "{\"plans\":[{\"waypoints\":[{},{}],\"legs\":[{}]}]}",
        "{\"plans\":7}", "{\"crs\":\"moon\",\"plans\":[{}]}",
        "{\"plans\":[{\"waypoints\":[{\"snapped\":[112,33]},{\"snapped\":[112,33]}],\"legs\":[{\"from\":0,\"to\":9}]}]}",
        "{\"plans\":[{\"waypoints\":[{\"snapped\":[112,33]},{\"snapped\":[112,333]}],\"legs\":[{\"from\":0,\"to\":1}]}]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct sheet_plan plan;
        enum status status = sheet_plan_read(documents[i], strlen(documents[i]), 0, &systems, &arena, &plan, &err);
        if (status == STATUS_OK) fail_msg("taken: %s", documents[i]);
        assert_true(err.en[0] != '\0');
    }
    struct sheet_plan plan;
    assert_int_equal(read_document(0, "\"_p~iF~ps|U_ulLnnqC\"", "", &plan), STATUS_INVALID); /* a line somewhere else */
}

static void texts_cannot_rearrange_a_sheet(void **state)
{
    (void)state;
    assert_string_equal(sheet_text(&arena, "a\nb\x7F\xE2\x80\xAEgnp\xE2\x81\xA7\xC2\x85" "z"), "a b  gnp  z");
    assert_string_equal(sheet_text(&arena, "南召 “县”…"), "南召 “县”…");
    assert_string_equal(sheet_text(&arena, NULL), "");
    char longest[SHEET_TEXT_MAX * 2 + 1];
    for (size_t i = 0; i + 3 < sizeof longest; i += 3) memcpy(longest + i, "路", 4);
    const char *cut = sheet_text(&arena, longest);
    assert_true(strlen(cut) <= SHEET_TEXT_MAX + 3);
    assert_string_equal(cut + strlen(cut) - 3, "…");
}

static void the_same_job_gives_the_same_bytes_in_every_form(void **state)
{
    (void)state;
    struct sheet_plan plan;
    assert_int_equal(read_document(1, "null", "<&\\\"'>", &plan), STATUS_OK);
    for (int form = SHEET_PDF; form <= SHEET_PNG; form++) {
        struct buffer first, second;
        assert_int_equal(draw(&plan, (enum sheet_form)form, &first), STATUS_OK);
        assert_int_equal(draw(&plan, (enum sheet_form)form, &second), STATUS_OK);
        assert_true(first.length > 1000);
        assert_int_equal(first.length, second.length);
        assert_memory_equal(first.data, second.data, first.length);
        buffer_clear(&first);
        buffer_clear(&second);
    }
}

static void a_huge_plan_ends_in_an_error_and_not_in_a_cut_sheet(void **state)
{
    (void)state;
    struct sheet_plan plan;
    struct buffer out;
    assert_int_equal(read_document(SHEET_ROWS_MAX, "null", "", &plan), STATUS_TOO_LARGE);
    char name[SHEET_TEXT_MAX + 1]; /* takes six lines of its column */
    for (size_t i = 0; i + 3 < sizeof name; i += 3) memcpy(name + i, "路", 4);
    assert_int_equal(read_document(480, "null", name, &plan), STATUS_OK);
    assert_int_equal(draw(&plan, SHEET_PNG, &out), STATUS_TOO_LARGE);
    buffer_clear(&out);
    assert_int_equal(draw(&plan, SHEET_PDF, &out), STATUS_TOO_LARGE);
    buffer_clear(&out);
    assert_int_equal(read_document(1, "null", "", &plan), STATUS_OK);
    const struct sheet_job job = {.plan = &plan, .ground = {.network = &scene.base.network}};
    buffer_init(&out, 5000);
    assert_int_equal(sheet_write(&job, SHEET_PDF, &out, &err), STATUS_TOO_LARGE);
    buffer_clear(&out);
}

static int set_up(void **state)
{
    (void)state;
    scene_init(&scene, true);
    arena_init(&arena, 256 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    crs_cache_clear(&systems);
    scene_clear(&scene);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_read_as_it_was_answered),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(texts_cannot_rearrange_a_sheet),
        cmocka_unit_test(the_same_job_gives_the_same_bytes_in_every_form),
        cmocka_unit_test(a_huge_plan_ends_in_an_error_and_not_in_a_cut_sheet),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
