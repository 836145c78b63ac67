/* Metrics in the making: made once, by whoever comes first, and nobody waits for a thread that does not come. Run under the
 * thread sanitizer too. */
#include "routing/constraint/metric_making.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RING = 64, KEYS = 7, THREADS = 4, ROUNDS = 200 };

static struct hierarchy *h;
static struct metric_cache *cache;
static struct metric_makings *makings;

static int set_up(void **state)
{
    struct error err = ERROR_INIT;
    static uint32_t first_out[RING + 1], head[RING], order[RING];
    for (uint32_t v = 0; v < RING; v++) first_out[v] = v, head[v] = (v + 1) % RING, order[v] = v;
    first_out[RING] = RING;
    struct digraph g = {RING, RING, first_out, head};
    (void)state;
    return hierarchy_new(&g, order, &h, &err) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hierarchy_free(h);
    return 0;
}

static weight *weights_of(weight w)
{
    weight *weights = malloc(RING * sizeof *weights);
    assert_non_null(weights);
    for (uint32_t e = 0; e < RING; e++) weights[e] = w + e % 3;
    return weights;
}

static void open_cache(size_t bytes)
{
    struct error err = ERROR_INIT;
    assert_int_equal(metric_cache_new(bytes, &cache, &err), STATUS_OK);
    assert_int_equal(metric_makings_new(cache, &makings, &err), STATUS_OK);
}

static void close_cache(void)
{
    metric_makings_free(makings);
    metric_cache_free(cache);
}

static struct metric_making *begin(const char *signature, weight w, struct shared_metric **there)
{
    struct error err = ERROR_INIT;
    struct metric_making *making;
    assert_int_equal(metric_making_begin(makings, h, signature, strlen(signature), weights_of(w), there, &making, &err), STATUS_OK);
    return making;
}

static struct shared_metric *finish(struct metric_making *making)
{
    struct error err = ERROR_INIT;
    struct shared_metric *made = NULL;
    assert_int_equal(metric_making_finish(making, &made, &err), STATUS_OK);
    return made;
}

static void what_is_in_the_making_is_found_until_it_is_made(void **state)
{
    (void)state;
    struct shared_metric *there;
    open_cache(1 << 20);
    struct metric_making *a = begin("a", 7, &there);
    assert_non_null(a);
    assert_null(there);
    assert_null(metric_cache_find(cache, "a", 1));
    assert_null(metric_making_find(makings, "b", 1));
    struct metric_making *again = metric_making_find(makings, "a", 1), *begun = begin("a", 7, &there);
    assert_ptr_equal(a, again);
    assert_ptr_equal(a, begun);
    assert_null(there);
    assert_int_equal(metric_making_weights(a)[1], 8);
    struct shared_metric *made = finish(a), *same = finish(again);
    assert_ptr_equal(made, same);
    assert_int_equal(made->metric->edge[0], 7);
    assert_null(metric_making_find(makings, "a", 1));
    shared_metric_release(same);
    same = metric_cache_find(cache, "a", 1);
    assert_ptr_equal(made, same);
    shared_metric_release(same);
    assert_null(begin("a", 7, &same)); /* somebody who looked too early */
    assert_ptr_equal(made, same);
    shared_metric_release(same);
    shared_metric_release(made);
    metric_making_release(a);
    metric_making_release(again);
    metric_making_release(begun);
    close_cache();
}

static void a_metric_at_hand_with_the_same_weights_is_taken_at_once(void **state)
{
    (void)state;
    struct shared_metric *there, *made;
    open_cache(1 << 20);
    struct metric_making *a = begin("a", 7, &there);
    made = finish(a);
    metric_making_release(a);
    assert_null(begin("b", 7, &there));
    assert_ptr_equal(there, made);
    shared_metric_release(there);
    there = metric_cache_find(cache, "b", 1);
    assert_ptr_equal(there, made);
    shared_metric_release(there);
    shared_metric_release(made);
    close_cache();
}

static void one_is_told_to_have_it_made_and_no_more_than_some_at_a_time(void **state)
{
    (void)state;
    struct metric_making *all[METRIC_MAKINGS_HANDED_MAX + 1];
    struct shared_metric *there;
    open_cache(1 << 20);
    for (int i = 0; i <= METRIC_MAKINGS_HANDED_MAX; i++) {
        char name[8] = {(char)('a' + i), 0};
        all[i] = begin(name, (weight)(10 + i), &there);
        assert_int_equal(metric_making_hand(all[i]), i < METRIC_MAKINGS_HANDED_MAX ? METRIC_MAKING_YOURS : METRIC_MAKING_FULL);
        assert_int_equal(metric_making_hand(all[i]), i < METRIC_MAKINGS_HANDED_MAX ? METRIC_MAKING_OTHERS : METRIC_MAKING_FULL);
    }
    shared_metric_release(finish(all[0])); /* room for one */
    assert_int_equal(metric_making_hand(all[0]), METRIC_MAKING_OTHERS); /* it is done */
    assert_int_equal(metric_making_hand(all[METRIC_MAKINGS_HANDED_MAX]), METRIC_MAKING_YOURS);
    metric_making_take_back(all[1]); /* and for another */
    assert_null(metric_making_find(makings, "b", 1));
    struct metric_making *anew = begin("b", 11, &there);
    assert_ptr_not_equal(anew, all[1]);
    assert_int_equal(metric_making_hand(anew), METRIC_MAKING_YOURS);
    struct shared_metric *made = finish(all[1]), *same = finish(anew); /* both can be finished, and are one */
    assert_ptr_equal(made, same);
    shared_metric_release(made);
    shared_metric_release(same);
    metric_making_release(anew);
    for (int i = 0; i <= METRIC_MAKINGS_HANDED_MAX; i++) metric_making_release(all[i]); /* the list keeps what is not done */
    close_cache();
}

static void one_that_is_too_large_for_the_cache_is_given_to_all_who_wait(void **state)
{
    (void)state;
    struct shared_metric *there;
    open_cache(16);
    struct metric_making *a = begin("a", 7, &there), *again = metric_making_find(makings, "a", 1);
    struct shared_metric *made = finish(a), *same = finish(again);
    assert_ptr_equal(made, same);
    assert_null(metric_cache_find(cache, "a", 1));
    shared_metric_release(made);
    shared_metric_release(same);
    metric_making_release(a);
    metric_making_release(again);
    close_cache();
}

/* ---- threads ---- */

struct worker {
    pthread_t thread;
    unsigned number;
    bool takes_back;
    const struct metric *seen[KEYS]; /* under each signature */
    bool wrong;
};

static struct shared_metric *ask(struct worker *w, const char *key, weight weigh, unsigned luck)
{
    struct shared_metric *there = metric_cache_find(cache, key, 1);
    if (there) return there;
    struct metric_making *making = metric_making_find(makings, key, 1);
    if (!making) making = begin(key, weigh, &there);
    if (!making) return there;
    if (metric_making_weights(making)[0] != weigh) w->wrong = true;
    if (metric_making_hand(making) == METRIC_MAKING_YOURS && w->takes_back && luck % 3 == 0) metric_making_take_back(making);
    there = finish(making);
    metric_making_release(making);
    return there;
}

static void *work(void *context)
{
    struct worker *w = context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned k = (i * (w->takes_back ? 5 : 1) + w->number * (w->takes_back ? 3 : 0)) % KEYS;
        char key[2] = {(char)('a' + k), 0};
        weight weigh = 100 * (k + 1);
        struct shared_metric *m = ask(w, key, weigh, i + w->number);
        if (!m || m->metric->edge[0] != weigh || m->metric->edge[1] != weigh + 1) w->wrong = true;
        if (m && w->seen[k] && w->seen[k] != m->metric && !w->takes_back) w->wrong = true;
        if (m) w->seen[k] = m->metric;
        shared_metric_release(m);
    }
    return NULL;
}

static void run(struct worker workers[THREADS], bool takes_back)
{
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.number = i, .takes_back = takes_back};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_false(workers[i].wrong);
    }
}

static void threads_make_each_metric_once(void **state)
{
    (void)state;
    struct worker workers[THREADS];
    for (int round = 0; round < 20; round++) {
        open_cache(1 << 20);
        run(workers, false);
        for (unsigned k = 0; k < KEYS; k++)
            for (unsigned i = 1; i < THREADS; i++) assert_ptr_equal(workers[i].seen[k], workers[0].seen[k]);
        close_cache();
    }
}

static void threads_take_back_and_throw_out_without_harm(void **state)
{
    (void)state;
    struct worker workers[THREADS];
    struct error err = ERROR_INIT;
    struct metric *one;
    weight *weights = weights_of(1);
    assert_int_equal(metric_new(h, weights, 1, &one, &err), STATUS_OK);
    open_cache((metric_bytes(one) + 64) * 3);
    metric_free(one);
    free(weights);
    run(workers, true);
    close_cache();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_the_making_is_found_until_it_is_made),
        cmocka_unit_test(a_metric_at_hand_with_the_same_weights_is_taken_at_once),
        cmocka_unit_test(one_is_told_to_have_it_made_and_no_more_than_some_at_a_time),
        cmocka_unit_test(one_that_is_too_large_for_the_cache_is_given_to_all_who_wait),
        cmocka_unit_test(threads_make_each_metric_once),
        cmocka_unit_test(threads_take_back_and_throw_out_without_harm),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
