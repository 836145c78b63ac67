#include "api/process/router.h"

#include "geo/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void handler(struct exchange *x)
{
    (void)x;
}

#define GET(pattern, name) {HTTP_GET, pattern, name, handler, .roles = ROLE_ANYONE}
static const struct route table[] = {
    GET("/", "root"),
    GET("/{path...}", "any"),
    GET("/v1/zones", "zones"),
    GET("/v1/zones/{id}", "zone"),
    {HTTP_DELETE, "/v1/zones/{id}", "zone_delete", handler, .roles = ROLE_PLANNER},
    {HTTP_POST, "/v1/zones/{id}/approve", "approve", handler, .roles = ROLE_APPROVER},
    {HTTP_POST, "/v1/route", "route", handler, .roles = ROLE_ANYONE, .media_type = "application/json", .max_body = 10},
    GET("/tiles/{layer}/{z}/{x}/{y}.mvt", "tile"),
    GET("/v1/passes/{no}/sheet.pdf", "sheet"),
    GET("/v1/passes/{no}", "pass"),
    GET("/v1/passes/latest", "latest"),
    GET("/assets/{file...}", "asset"),
    GET("/ogc/", "ogc"),
};
enum { ROWS = sizeof table / sizeof *table };

static struct router *router;
static struct arena arena;

static const char *find(enum http_method method, const char *path, struct route_match *match)
{
    struct http_target target;
    arena_reset(&arena);
    assert_int_equal(http_target_parse(&target, path, strlen(path), &arena, NULL), STATUS_OK);
    if (router_match(router, method, &target, &arena, match) != STATUS_OK) return "404";
    return match->route ? match->route->name : "405";
}

static void paths_lead_to_their_rows(void **state)
{
    (void)state;
    static const struct {
        const char *path, *name;
    } cases[] = {
        {"/", "root"},
        {"/v1/zones", "zones"},
        {"/v1/zones/7", "zone"},
        {"/v1/zones/", "any"},
        {"/v1/passes/9", "pass"},
        {"/v1/passes/latest", "latest"},
        {"/v1/passes/latest/sheet.pdf", "sheet"}, /* back from the literal to the parameter */
        {"/tiles/roads/1/2/3.mvt", "tile"},
        {"/tiles/roads/1/2/.mvt", "any"}, /* a parameter is not empty */
        {"/assets/js/a.js", "asset"},
        {"/ogc/", "ogc"},
        {"/ogc", "any"},
    };
    struct route_match match;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(find(HTTP_GET, cases[i].path, &match), cases[i].name);
    assert_string_equal(find(HTTP_HEAD, "/v1/zones", &match), "zones");
    assert_string_equal(find(HTTP_DELETE, "/v1/zones/7", &match), "zone_delete");
}

static void parameters_are_named(void **state)
{
    (void)state;
    struct route_match match;
    assert_string_equal(find(HTTP_GET, "/tiles/roads/1/2/3.mvt", &match), "tile");
    assert_int_equal(match.params.count, 4);
    assert_string_equal(match.params.name[3], "y");
    assert_string_equal(match.params.value[3], "3");
    assert_string_equal(match.params.value[0], "roads");
    assert_string_equal(find(HTTP_GET, "/assets/js/lib/a%20b.js", &match), "asset");
    assert_string_equal(match.params.value[0], "js/lib/a b.js");
}

static void a_wrong_method_knows_the_right_ones(void **state)
{
    (void)state;
    struct route_match match;
    assert_string_equal(find(HTTP_PUT, "/v1/zones/7", &match), "405");
    assert_int_equal(match.allowed, 1u << HTTP_GET | 1u << HTTP_HEAD | 1u << HTTP_DELETE);
    assert_string_equal(find(HTTP_HEAD, "/v1/route", &match), "405");
    assert_int_equal(match.allowed, 1u << HTTP_POST);
}

static void a_table_with_a_fault_does_not_start(void **state)
{
    (void)state;
    static const struct route faults[][2] = {
        {GET("v1", "a")},
        {GET("/a//b", "a")},
        {GET("/{}", "a")},
        {GET("/a{b}", "a")},
        {GET("/{a}{b}", "a")},
        {GET("/{a...}/b", "a")},
        {GET("/a", "Bad Name")},
        {GET("/a", "")},
        {GET("/a", "a"), GET("/b", "a")},
        {GET("/a", "a"), GET("/a", "b")},
        {GET("/{a}", "a"), {HTTP_DELETE, "/{b}", "b", handler, .roles = ROLE_ANYONE}},
        {{HTTP_GET, "/a", "a", handler, .roles = 0}},
        {{HTTP_GET, "/a", "a", NULL, .roles = ROLE_ANYONE}},
        {{HTTP_HEAD, "/a", "a", handler, .roles = ROLE_ANYONE}},
        {{HTTP_GET, "/a", "a", handler, .roles = ROLE_ANYONE, .media_type = "a/b", .max_body = 1}},
        {{HTTP_POST, "/a", "a", handler, .roles = ROLE_ANYONE, .media_type = "a/b"}},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct router *r = NULL;
        struct error err = ERROR_INIT;
        if (router_new(&r, faults[i], faults[i][1].pattern ? 2 : 1, &err) != STATUS_INVALID) fail_msg("fault %zu passed", i);
        assert_null(r);
    }
}

static int open_router(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return router_new(&router, table, ROWS, NULL) == STATUS_OK ? 0 : -1;
}

static int close_router(void **state)
{
    (void)state;
    router_free(router);
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_to_their_rows),
        cmocka_unit_test(parameters_are_named),
        cmocka_unit_test(a_wrong_method_knows_the_right_ones),
        cmocka_unit_test(a_table_with_a_fault_does_not_start),
    };
    return cmocka_run_group_tests_name("router", tests, open_router, close_router);
}
