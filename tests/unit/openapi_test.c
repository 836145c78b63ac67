#include "api/handlers/openapi.h"
#include "api/routes.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static json_t *document;

/* A pattern as OpenAPI writes it: the rest of a path is a parameter too. */
static void path_of(const struct route *route, char *out, size_t size)
{
    snprintf(out, size, "%s", route->pattern);
    char *dots = strstr(out, "...");
    if (dots) memmove(dots, dots + 3, strlen(dots + 3) + 1);
}

static json_t *operation_of(const struct route *route)
{
    char path[120], method[16];
    path_of(route, path, sizeof path);
    snprintf(method, sizeof method, "%s", http_method_name(route->method));
    for (char *p = method; *p; p++) *p = (char)(*p | 0x20);
    return json_object_get(json_object_get(json_object_get(document, "paths"), path), method);
}

static bool has_parameter(const json_t *operation, const char *in, const char *name)
{
    size_t i;
    json_t *parameter;
    json_array_foreach(json_object_get(operation, "parameters"), i, parameter) {
        if (strcmp(json_string_value(json_object_get(parameter, "in")), in) == 0 &&
            strcmp(json_string_value(json_object_get(parameter, "name")), name) == 0)
            return true;
    }
    return false;
}

static void every_route_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < app_route_count; i++) {
        const struct route *route = &app_routes[i];
        const json_t *operation = operation_of(route);
        if (operation == NULL) fail_msg("%s %s is not described", http_method_name(route->method), route->pattern);
        assert_string_equal(json_string_value(json_object_get(operation, "operationId")), route->name);
        const json_t *body = json_object_get(operation, "requestBody");
        assert_int_equal(body != NULL, route->media_type != NULL);
        for (const char *type = route->media_type; body && type; type = strchr(type, '|') ? strchr(type, '|') + 1 : NULL) {
            char one[60];
            snprintf(one, sizeof one, "%.*s", (int)strcspn(type, "|"), type);
            assert_non_null(json_object_get(json_object_get(body, "content"), one));
        }
        for (const char *const *key = route->query; key && *key; key++)
            if (strcmp(*key, "*") != 0 && !has_parameter(operation, "query", *key))
                fail_msg("%s: the key %s is not described", route->name, *key);
        for (const char *open = strchr(route->pattern, '{'); open; open = strchr(open + 1, '{')) {
            char name[40];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(open + 1, "}."), open + 1);
            if (!has_parameter(operation, "path", name)) fail_msg("%s: {%s} is not described", route->name, name);
        }
    }
}

static void nothing_is_described_that_is_not_there(void **state)
{
    (void)state;
    const char *path, *method;
    json_t *item, *operation;
    json_object_foreach(json_object_get(document, "paths"), path, item) {
        json_object_foreach(item, method, operation) {
            const struct route *found = NULL;
            for (size_t i = 0; i < app_route_count && !found; i++)
                if (operation_of(&app_routes[i]) == operation) found = &app_routes[i];
            if (found == NULL) fail_msg("%s %s is described and not there", method, path);
            size_t i;
            json_t *parameter;
            json_array_foreach(json_object_get(operation, "parameters"), i, parameter) {
                const char *name = json_string_value(json_object_get(parameter, "name"));
                if (strcmp(json_string_value(json_object_get(parameter, "in")), "query") != 0) continue;
                bool taken = false;
                for (const char *const *key = found->query; key && *key; key++)
                    taken |= strcmp(*key, "*") == 0 || strcmp(*key, name) == 0;
                if (!taken) fail_msg("%s: the key %s is described and not taken", found->name, name);
            }
        }
    }
}

/* Every "$ref" leads somewhere. */
static void follow(const json_t *value)
{
    const char *key;
    size_t i;
    json_t *member;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)value, key, member) {
            if (strcmp(key, "$ref") == 0) {
                static const char prefix[] = "#/components/schemas/";
                const char *target = json_string_value(member);
                assert_int_equal(strncmp(target, prefix, sizeof prefix - 1), 0);
                const json_t *schemas = json_object_get(json_object_get(document, "components"), "schemas");
                if (!json_object_get(schemas, target + sizeof prefix - 1)) fail_msg("%s leads nowhere", target);
            } else {
                follow(member);
            }
        }
    }
    json_array_foreach(value, i, member) follow(member);
}

static void every_reference_leads_somewhere(void **state)
{
    (void)state;
    follow(document);
}

static int set_up(void **state)
{
    (void)state;
    size_t length;
    json_error_t bad;
    const char *text = openapi_document(&length);
    document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &bad);
    if (document == NULL) fprintf(stderr, "openapi.json: %s (line %d)\n", bad.text, bad.line);
    return document ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
        cmocka_unit_test(nothing_is_described_that_is_not_there),
        cmocka_unit_test(every_reference_leads_somewhere),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
