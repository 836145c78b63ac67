#include "routing/constraint/metric_derive.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* a ring of four nodes */
static const uint32_t first_out[5] = {0, 1, 2, 3, 4}, head[4] = {1, 2, 3, 0}, order[4] = {0, 1, 2, 3};
static struct hierarchy *h;

static int make(void **state)
{
    struct error err = ERROR_INIT;
    struct digraph g = {4, 4, first_out, head};
    (void)state;
    return hierarchy_new(&g, order, &h, &err) == STATUS_OK ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    hierarchy_free(h);
    return 0;
}

static struct metric *metric_of(weight w)
{
    struct error err = ERROR_INIT;
    struct metric *m = NULL;
    weight weights[4] = {w, w, w, w};
    assert_int_equal(metric_new(h, weights, 1, &m, &err), STATUS_OK);
    return m;
}

static struct metric_cache *cache_for(uint32_t entries)
{
    struct error err = ERROR_INIT;
    struct metric_cache *cache = NULL;
    struct metric *one = metric_of(1);
    assert_int_equal(metric_cache_new((metric_bytes(one) + 64) * entries, &cache, &err), STATUS_OK);
    metric_free(one);
    return cache;
}

static void what_was_added_is_found_under_its_signature_only(void **state)
{
    (void)state;
    struct metric_cache *cache = cache_for(4);
    assert_null(metric_cache_find(cache, "a", 1));
    struct shared_metric *a = metric_cache_add(cache, "a", 1, metric_of(7));
    struct shared_metric *again = metric_cache_find(cache, "a", 1);
    assert_ptr_equal(a, again);
    assert_null(metric_cache_find(cache, "ab", 2));
    assert_null(metric_cache_find(cache, "b", 1));
    struct shared_metric *same = metric_cache_add(cache, "a", 1, metric_of(7)); /* made twice: the first one stays */
    assert_ptr_equal(a, same);
    assert_int_equal(metric_cache_figures(cache).entries, 1);
    shared_metric_release(a);
    shared_metric_release(again);
    shared_metric_release(same);
    metric_cache_free(cache);
}

static void the_least_recently_used_goes_first_and_lives_while_it_is_held(void **state)
{
    (void)state;
    struct metric_cache *cache = cache_for(2);
    struct shared_metric *a = metric_cache_add(cache, "a", 1, metric_of(1));
    shared_metric_release(metric_cache_add(cache, "b", 1, metric_of(2)));
    shared_metric_release(metric_cache_find(cache, "a", 1)); /* now b is the older */
    shared_metric_release(metric_cache_add(cache, "c", 1, metric_of(3)));
    assert_null(metric_cache_find(cache, "b", 1));
    shared_metric_release(metric_cache_add(cache, "d", 1, metric_of(4)));
    assert_null(metric_cache_find(cache, "a", 1));
    assert_int_equal(a->metric->edge[0], 1); /* thrown out, but still ours */
    assert_int_equal(metric_cache_figures(cache).entries, 2);
    shared_metric_release(a);
    metric_cache_free(cache);
}

static void one_too_large_to_keep_is_still_given(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct metric_cache *cache = NULL;
    assert_int_equal(metric_cache_new(16, &cache, &err), STATUS_OK);
    struct shared_metric *a = metric_cache_add(cache, "a", 1, metric_of(5));
    assert_non_null(a);
    assert_null(metric_cache_find(cache, "a", 1));
    shared_metric_release(a);
    metric_cache_free(cache);
}

static void *work(void *context)
{
    struct metric_cache *cache = context;
    for (int i = 0; i < 300; i++) {
        char key = (char)('a' + i % 7);
        struct shared_metric *m = metric_cache_find(cache, &key, 1);
        if (!m) m = metric_cache_add(cache, &key, 1, metric_of((weight)key));
        if (m->metric->edge[0] != (weight)key) return context;
        shared_metric_release(m);
    }
    return NULL;
}

static void threads_share_it(void **state)
{
    (void)state;
    struct metric_cache *cache = cache_for(4);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, cache), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_true(metric_cache_figures(cache).entries <= 4);
    metric_cache_free(cache);
}

/* ---- metrics from others ---- */

enum { RING = 256 };

static struct hierarchy *ring_new(void)
{
    static uint32_t ring_out[RING + 1], ring_head[RING], ring_order[RING];
    struct error err = ERROR_INIT;
    struct hierarchy *ring = NULL;
    for (uint32_t i = 0; i < RING; i++) {
        ring_out[i + 1] = i + 1;
        ring_head[i] = (i + 1) % RING;
        ring_order[i] = i * 77 % RING;
    }
    struct digraph g = {RING, RING, ring_out, ring_head};
    assert_int_equal(hierarchy_new(&g, ring_order, &ring, &err), STATUS_OK);
    return ring;
}

/* Ones, and `changed` weights of `value`. */
static struct shared_metric *derived(struct metric_cache *cache, const struct hierarchy *ring, const char *signature,
                                     uint32_t changed, weight value)
{
    struct error err = ERROR_INIT;
    struct shared_metric *m = NULL;
    struct metric *fresh = NULL;
    weight weights[RING];
    for (uint32_t i = 0; i < RING; i++) weights[i] = i < changed ? value : 1;
    assert_int_equal(metric_derive(cache, ring, weights, signature, strlen(signature), &m, &err), STATUS_OK);
    assert_int_equal(metric_new(ring, weights, 1, &fresh, &err), STATUS_OK);
    assert_memory_equal(m->metric->edge, fresh->edge, RING * sizeof *fresh->edge);
    assert_memory_equal(m->metric->up, fresh->up, ring->arc_count * sizeof *fresh->up);
    assert_memory_equal(m->metric->down, fresh->down, ring->arc_count * sizeof *fresh->down);
    metric_free(fresh);
    return m;
}

static struct metric_cache *roomy(void)
{
    struct error err = ERROR_INIT;
    struct metric_cache *cache = NULL;
    assert_int_equal(metric_cache_new(16 << 20, &cache, &err), STATUS_OK);
    return cache;
}

static void a_metric_made_from_another_equals_one_made_anew(void **state)
{
    (void)state;
    struct hierarchy *ring = ring_new();
    struct metric_cache *first = roomy(), *second = roomy();
    struct shared_metric *plain = derived(first, ring, "plain", 0, 1), *same = derived(first, ring, "same", 0, 1);
    assert_ptr_equal(plain, same); /* no weight differs */
    metric_cache_inherit(second, first);
    assert_null(metric_cache_find(second, "plain", 5)); /* not by signature: rules have changed */
    struct shared_metric *kept = derived(second, ring, "plain", 0, 1);
    assert_ptr_equal(plain, kept);
    shared_metric_release(derived(second, ring, "few", 3, 9));
    shared_metric_release(derived(second, ring, "closed", 3, WEIGHT_INFINITY));
    shared_metric_release(derived(second, ring, "many", RING / 2, 9));
    metric_cache_free(first);
    shared_metric_release(derived(second, ring, "again", 2, 5));
    shared_metric_release(plain);
    shared_metric_release(same);
    shared_metric_release(kept);
    metric_cache_free(second);
    hierarchy_free(ring);
}

static void what_is_inherited_goes_first_and_is_counted(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct metric_cache *before = cache_for(4), *cache = cache_for(2);
    for (char key = 'a'; key < 'e'; key++) shared_metric_release(metric_cache_add(before, &key, 1, metric_of((weight)key)));
    metric_cache_inherit(cache, before);
    struct shared_metric *bases[METRIC_BASES_MAX];
    assert_int_equal(metric_cache_bases(cache, bases), 2); /* the bound on bytes */
    assert_int_equal(bases[0]->metric->edge[0], 'd');
    assert_int_equal(bases[1]->metric->edge[0], 'c');
    shared_metric_release(bases[0]);
    shared_metric_release(bases[1]);
    weight weights[4] = {'x', 'x', 'x', 'x'};
    for (const char *key = "xyz"; *key; key++) {
        struct shared_metric *m = NULL;
        weights[0] = (weight)*key;
        assert_int_equal(metric_derive(cache, h, weights, key, 1, &m, &err), STATUS_OK);
        shared_metric_release(m);
    }
    assert_int_equal(metric_cache_figures(cache).entries, 2);
    assert_int_equal(metric_cache_bases(cache, bases), 2); /* nothing inherited is left */
    shared_metric_release(bases[0]);
    shared_metric_release(bases[1]);
    metric_cache_free(cache);
    metric_cache_free(before);
}

struct deriving {
    struct metric_cache *cache;
    const struct hierarchy *ring;
};

static void *derive_many(void *context)
{
    struct deriving *d = context;
    for (uint32_t i = 0; i < 60; i++) {
        char key[8] = {(char)('a' + i % 9), 0};
        shared_metric_release(derived(d->cache, d->ring, key, i % 9, 3));
    }
    return NULL;
}

/* Readers make metrics in the new cache while the old one is still asked. */
static void threads_derive_from_the_same_bases(void **state)
{
    (void)state;
    struct hierarchy *ring = ring_new();
    struct metric_cache *before = roomy(), *after = roomy();
    shared_metric_release(derived(before, ring, "a", 0, 3));
    pthread_t threads[4];
    struct deriving jobs[4];
    metric_cache_inherit(after, before);
    for (int i = 0; i < 4; i++) {
        jobs[i] = (struct deriving){.cache = i % 2 ? after : before, .ring = ring};
        assert_int_equal(pthread_create(&threads[i], NULL, derive_many, &jobs[i]), 0);
    }
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(metric_cache_figures(after).entries, 9);
    metric_cache_free(after);
    metric_cache_free(before);
    hierarchy_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_under_its_signature_only),
        cmocka_unit_test(the_least_recently_used_goes_first_and_lives_while_it_is_held),
        cmocka_unit_test(one_too_large_to_keep_is_still_given),
        cmocka_unit_test(threads_share_it),
        cmocka_unit_test(a_metric_made_from_another_equals_one_made_anew),
        cmocka_unit_test(what_is_inherited_goes_first_and_is_counted),
        cmocka_unit_test(threads_derive_from_the_same_bases),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
