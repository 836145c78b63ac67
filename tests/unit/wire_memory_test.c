/* Every allocation of reading a request fails once: nothing crashes, nothing leaks, and no failure is taken for an
 * answer.
 *
 * The program's own malloc takes the place of the C library's, for jansson and GEOS too. The sanitizers bring their
 * own: there the scenarios only run through. */
#include "api/encode/simplify.h"
#include "api/parse/osrm_query.h"
#include "api/parse/parse_route.h"
#include "api/parse/parse_table.h"
#include "api/parse/query_json.h"
#include "api/sheet/sheet_plan.h"
#include "api/style/style_document.h"
#include "tests/unit/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct geos *geos; /* made before anything fails */

/* Runs a scenario with its first allocation failing, then its second, … until none fails any more; once alone, and once
 * with all that follow it. jansson says of some of its failures that the text is wrong; GEOS may lose a block of its own
 * (then `exact` is false). */
static void exhaust_how(const char *name, enum status (*scenario)(struct arena *arena), bool exact, enum malloc_failing how)
{
    for (long n = 0;; n++) {
        struct arena arena;
        long before = malloc_live();
        arena_init(&arena, 16 << 20);
        malloc_fail(n, how);
        enum status status = scenario(&arena);
        bool failed = malloc_heal();
        arena_clear(&arena);
        if (!failed) {
            if (status != STATUS_OK) fail_msg("%s: %s when nothing fails", name, status_name(status));
            if (OWN_MALLOC) assert_true(n > 0);
            return;
        }
        /* qsort may do without a block that it wanted */
        if (status != STATUS_NO_MEMORY && status != STATUS_INVALID && status != STATUS_INTERNAL && status != STATUS_OK)
            fail_msg("%s: allocation %ld fails: %s", name, n, status_name(status));
        if (exact && malloc_live() != before) fail_msg("%s: allocation %ld fails: %ld blocks leak", name, n, malloc_live() - before);
    }
}

static void exhaust(const char *name, enum status (*scenario)(struct arena *arena), bool exact)
{
    exhaust_how(name, scenario, exact, FAIL_ONCE);
    exhaust_how(name, scenario, exact, FAIL_ON);
}

#define ENDS "\"origin\":{\"location\":[112.53,33.01],\"name\":\"南阳\"},\"destination\":{\"location\":[111.48,33.30]}"
#define RING(x, y) "[[" #x ",33],[" #y ",33],[" #y ",33.1],[" #x ",33.1],[" #x ",33]]"
#define FEATURE(x, y)                                                                                                \
    "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" RING(x, y) "]}}"

static enum status read_request(const char *text, struct arena *arena)
{
    struct route_question *q = arena_zero(arena, 1, sizeof *q);
    struct crs_cache systems = {0};
    struct error err = ERROR_INIT;
    const struct parse_setting setting = {arena, &systems, 0, LANGUAGE_ZH, geos, false, false, false, false};
    enum status status = q ? parse_route_text(text, strlen(text), &setting, q, &err) : STATUS_NO_MEMORY;
    crs_cache_clear(&systems);
    return status;
}

static enum status request(struct arena *arena)
{
    return read_request("{" ENDS ",\"stops\":[{\"location\":[112.9,32.7]}],\"vehicle\":{\"class\":\"truck_3_axle\"},"
                        "\"credentials\":[{\"type\":\"a\",\"number\":\"1\",\"issued_at\":\"2026-11-20T08:00:00Z\"}],\"avoid\":{\"zones\":[\"z\"]},\"crs\":\"gcj02\"}",
                        arena);
}

static enum status areas(struct arena *arena)
{
    return read_request("{" ENDS ",\"avoid\":{\"polygons\":{\"type\":\"FeatureCollection\",\"features\":[" FEATURE(112, 112.2) ","
                        FEATURE(112.1, 112.3) "]}}}", arena);
}

static enum status query(struct arena *arena)
{
    static const char text[] = "/v1/route?origin=112.53,33.01&destination=111.48,33.3&stops=1,2;3,4&vehicle.height_m=4&"
                               "credentials=a@2026-11-20T08:00:00Z;b@2026-11-20T08:00:00Z&avoid.zones=a,b";
    struct http_target target;
    struct error err = ERROR_INIT;
    json_t *document = NULL;
    enum status status = http_target_parse(&target, text, sizeof text - 1, arena, &err);
    if (status == STATUS_OK) status = query_to_json(&target, query_route_rows, &document, &err);
    json_decref(document);
    return status;
}

static enum status matrix(struct arena *arena)
{
    static const char text[] = "{\"sources\":[[112,33],{\"location\":[112.5,33]}],\"targets\":[[113,33]]}";
    struct table_question *q = arena_zero(arena, 1, sizeof *q);
    struct crs_cache systems = {0};
    struct error err = ERROR_INIT;
    const struct parse_setting setting = {arena, &systems, 0, LANGUAGE_ZH, geos, false, false, false, false};
    return q ? parse_table_text(text, sizeof text - 1, &setting, q, &err) : STATUS_NO_MEMORY;
}

static enum status osrm(struct arena *arena)
{
    static const char text[] = "/table/v1/truck/polyline(ofp_Ik_vpAilAyu@te@g%60E)?sources=0;1&radiuses=1;2;unlimited";
    struct http_target target;
    struct osrm_query q;
    struct osrm_fault fault = {.code = OSRM_OK};
    struct error err = ERROR_INIT;
    enum status status = http_target_parse(&target, text, sizeof text - 1, arena, &err);
    if (status != STATUS_OK) return status;
    if (osrm_query_parse(OSRM_TABLE, target.segment[2], target.segment[3], &target, arena, &q, &fault)) return STATUS_OK;
    return fault.code == OSRM_OK ? STATUS_NO_MEMORY : STATUS_INVALID;
}

static enum status sheet(struct arena *arena)
{
    static const char text[] =
        "{\"network_version\":\"n\",\"rules_version\":7,\"decision_id\":\"d\",\"crs\":\"gcj02\",\"plans\":[{\"digest\":\"x\",\"waypoints\":["
        "{\"snapped\":[112.53,33.01],\"name\":\"南阳\"},{\"snapped\":[112.54,33.01]}],\"legs\":[{\"kind\":\"trunk\",\"from\":0,\"to\":1,"
        "\"geometry\":{\"coordinates\":[[112.53,33.01],[112.54,33.01]]},\"zones\":[{\"rule\":\"gated\",\"name\":\"z\"}],"
        "\"gates\":[{\"name\":\"g\",\"credentials\":[\"a\",\"b\"],\"location\":[112.53,33.01]}],\"limits\":[{\"kind\":\"height\"}]}],"
        "\"warnings\":[{\"text\":\"t\"}]}]}";
    struct crs_cache systems = {0};
    struct sheet_plan plan;
    struct error err = ERROR_INIT;
    enum status status = sheet_plan_read(text, sizeof text - 1, 0, &systems, arena, &plan, &err);
    crs_cache_clear(&systems);
    return status;
}

static enum status thinned(struct arena *arena)
{
    static struct point_e7 line[100], thin[100];
    size_t count = 0;
    (void)arena;
    for (int i = 0; i < 100; i++) line[i] = (struct point_e7){i * 1000, i % 7 * 1000};
    simplify_line(line, 100, 10, thin, &count);
    assert_true(count >= 2 && thin[count - 1].lon_e7 == 99000);
    return malloc_failed() ? STATUS_NO_MEMORY : STATUS_OK;
}

/* ---- the map style -------------------------------------------------------------------------------------------- */

extern const char style_bytes[], style_bytes_end[]; /* api/style/style_document.c */

static enum status style(struct buffer *out)
{
    static const struct style_wish wish = {.english = true, .labels = true, .plans = true, .dark = true, .base = "http://127.0.0.1:8080", .title = "南阳", .at_ms = 1800000000000};
    struct error err = ERROR_INIT;
    buffer_init(out, 1 << 20);
    return style_document(&wish, out, &err);
}

/* Half a style is none: what is called good is the whole. From behind the reading of the file on: jansson loses bytes of a text,
 * or itself, where there is no room for a longer one. */
static void a_style_is_whole_or_refused(void **state)
{
    struct error err = ERROR_INIT;
    struct buffer whole, out;
    json_t *document;
    (void)state;
    malloc_fail(-1, FAIL_ONCE);
    assert_int_equal(reader_parse(style_bytes, (size_t)(style_bytes_end - style_bytes), &document, &err), STATUS_OK);
    long read = malloc_count(), refused = 0;
    json_decref(document);
    assert_int_equal(style(&whole), STATUS_OK);
    for (long n = read;; n++) {
        long before = malloc_live();
        malloc_fail(n, n % 2 ? FAIL_ON : FAIL_ONCE);
        enum status status = style(&out);
        bool failed = malloc_heal();
        if (status == STATUS_OK) assert_true(out.length == whole.length && memcmp(out.data, whole.data, whole.length) == 0);
        else assert_int_equal(status, STATUS_NO_MEMORY);
        buffer_clear(&out);
        assert_int_equal(malloc_live(), before);
        refused += status != STATUS_OK;
        if (!failed) break;
    }
    if (OWN_MALLOC) assert_true(refused >= 10); /* the answer as it grows, and each address */
    buffer_clear(&whole);
}

static void reading_survives_the_failure_of_any_allocation(void **state)
{
    (void)state;
    exhaust("request", request, true);
    exhaust("query", query, true);
    exhaust("matrix", matrix, true);
    exhaust("osrm", osrm, true);
    exhaust("sheet", sheet, true);
    exhaust("thinned", thinned, true);
    exhaust("areas", areas, false);
}

static int open_geos(void **state)
{
    (void)state;
    return geos_open(&geos, NULL) == STATUS_OK ? 0 : -1;
}

static int close_geos(void **state)
{
    (void)state;
    geos_close(geos);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reading_survives_the_failure_of_any_allocation),
                                       cmocka_unit_test(a_style_is_whole_or_refused)};
    return cmocka_run_group_tests_name("wire_memory", tests, open_geos, close_geos);
}
