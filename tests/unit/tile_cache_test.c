#include "data/maps/tile_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct tile_cache *cache_of(size_t bytes)
{
    struct error err = ERROR_INIT;
    struct tile_cache *cache;
    assert_int_equal(tile_cache_new(bytes, &cache, &err), STATUS_OK);
    return cache;
}

static bool has(struct tile_cache *cache, const char *key, const char *version, const char *text)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    bool found = tile_cache_find(cache, key, version, &out);
    if (found) assert_int_equal(out.length, strlen(text));
    if (found && out.length) assert_memory_equal(out.data, text, out.length);
    buffer_clear(&out);
    return found;
}

static void a_tile_is_found_in_its_version_only(void **state)
{
    (void)state;
    struct tile_cache *cache = cache_of(1 << 10);
    tile_cache_keep(cache, "zones/1/0/0/", "7", "abc", 3);
    assert_true(has(cache, "zones/1/0/0/", "7", "abc"));
    assert_false(has(cache, "zones/1/0/0/", "8", ""));
    assert_false(has(cache, "zones/1/0/0/*", "7", ""));
    tile_cache_keep(cache, "zones/1/0/0/", "8", "", 0);
    assert_false(has(cache, "zones/1/0/0/", "7", ""));
    assert_true(has(cache, "zones/1/0/0/", "8", ""));
    assert_int_equal(tile_cache_bytes(cache), 0);
    tile_cache_free(cache);
}

static void bytes_stay_within_their_bound_and_what_is_found_is_right(void **state)
{
    (void)state;
    enum { BOUND = 4000 };
    struct tile_cache *cache = cache_of(BOUND);
    char key[32], text[400];
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "roads/%d", i % 700);
        int length = snprintf(text, sizeof text, "%0*d", 1 + i % 300, i % 700);
        tile_cache_keep(cache, key, i % 2 ? "1" : "2", text, (size_t)length);
        assert_true(tile_cache_bytes(cache) <= BOUND);
        assert_true(has(cache, key, i % 2 ? "1" : "2", text));
    }
    tile_cache_free(cache);
}

static void a_tile_above_its_share_is_not_kept(void **state)
{
    (void)state;
    struct tile_cache *cache = cache_of(80);
    tile_cache_keep(cache, "a", "1", "01234567890", 11);
    assert_false(has(cache, "a", "1", ""));
    tile_cache_keep(cache, "a", "1", "0123456789", 10);
    assert_true(has(cache, "a", "1", "0123456789"));
    tile_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tile_is_found_in_its_version_only),
        cmocka_unit_test(bytes_stay_within_their_bound_and_what_is_found_is_right),
        cmocka_unit_test(a_tile_above_its_share_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
