/* A request target, decoded and routed. */
#include "api/http/target.h"
#include "api/process/router.h"
#include "geo/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void handler(struct exchange *x)
{
    (void)x;
}

static const struct route table[] = {
    {HTTP_GET, "/", "root", handler, .roles = ROLE_ANYONE},
    {HTTP_GET, "/v1/zones/{id}", "zone", handler, .roles = ROLE_ANYONE},
    {HTTP_GET, "/tiles/{layer}/{z}/{x}/{y}.mvt", "tile", handler, .roles = ROLE_ANYONE},
    {HTTP_GET, "/a/{rest...}", "rest", handler, .roles = ROLE_ANYONE},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct router *router;
    if (router == NULL && router_new(&router, table, sizeof table / sizeof *table, NULL) != STATUS_OK) abort();
    struct arena arena;
    arena_init(&arena, 1 << 20);
    char *copy = malloc(size ? size : 1);
    if (copy == NULL) return 0;
    if (size) memcpy(copy, data, size);
    struct http_target target;
    struct error err = ERROR_INIT;
    if (http_target_parse(&target, copy, size, &arena, &err) == STATUS_OK) {
        for (unsigned i = 0; i < target.segment_count; i++) {
            const char *s = target.segment[i];
            if (strchr(s, '/') || strcmp(s, ".") == 0 || strcmp(s, "..") == 0) abort();
            for (; *s; s++)
                if ((unsigned char)*s < 0x20 || *s == 0x7F) abort();
        }
        for (unsigned i = 0; i < target.key_count; i++)
            if (http_target_query(&target, target.key[i]) != target.value[i]) abort();
        struct route_match match;
        if (router_match(router, HTTP_GET, &target, &arena, &match) == STATUS_OK && match.route == NULL) abort();
        static const char *const allowed[] = {"at", NULL};
        (void)!http_target_check(&target, allowed, &err);
    } else if (err.status == STATUS_OK || err.en[0] == '\0') {
        abort();
    }
    free(copy);
    arena_clear(&arena);
    return 0;
}
