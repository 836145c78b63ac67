#include "api/process/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static atomic_int ran, refused, spaces;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nap_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void quick(struct pool_job *job, void *workspace)
{
    (void)job;
    assert_non_null(workspace);
    atomic_fetch_add(&ran, 1);
}

static void slow(struct pool_job *job, void *workspace)
{
    quick(job, workspace);
    nap_ms(60);
}

static void count_refusal(struct pool_job *job)
{
    (void)job;
    atomic_fetch_add(&refused, 1);
}

static void *space_new(void *context, unsigned worker)
{
    (void)context;
    (void)worker;
    atomic_fetch_add(&spaces, 1);
    return malloc(1);
}

static void space_free(void *context, void *workspace)
{
    (void)context;
    atomic_fetch_sub(&spaces, 1);
    free(workspace);
}

static struct pool *open_pool(unsigned workers, unsigned length, unsigned deadline_ms)
{
    struct pool *pool;
    const struct pool_options options = {.workers = workers, .queue_length = length, .queue_deadline_ms = deadline_ms,
                                         .workspace_new = space_new, .workspace_free = space_free};
    atomic_store(&ran, 0);
    atomic_store(&refused, 0);
    assert_int_equal(pool_new(&pool, &options, NULL), STATUS_OK);
    assert_int_equal(pool_start(pool, NULL), STATUS_OK);
    return pool;
}

static void close_pool(struct pool *pool)
{
    pool_stop(pool);
    assert_true(pool_join(pool, now_ms() + 5000));
    pool_free(pool);
    assert_int_equal(atomic_load(&spaces), 0);
}

static void every_job_is_run_once_before_the_pool_ends(void **state)
{
    (void)state;
    enum { JOBS = 2000 };
    struct pool *pool = open_pool(3, JOBS, 60000);
    struct pool_job *jobs = calloc(JOBS, sizeof *jobs);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct pool_job){.run = quick, .refused = count_refusal};
        assert_true(pool_submit(pool, &jobs[i]));
    }
    close_pool(pool);
    assert_int_equal(atomic_load(&ran), JOBS);
    assert_int_equal(atomic_load(&refused), 0);
    free(jobs);
}

static void a_full_queue_refuses_at_once(void **state)
{
    (void)state;
    struct pool *pool = open_pool(1, 2, 60000);
    struct pool_job jobs[4];
    for (int i = 0; i < 4; i++) jobs[i] = (struct pool_job){.run = slow, .refused = count_refusal};
    assert_true(pool_submit(pool, &jobs[0]));
    while (atomic_load(&ran) == 0) nap_ms(1);
    assert_true(pool_submit(pool, &jobs[1]));
    assert_true(pool_submit(pool, &jobs[2]));
    assert_false(pool_submit(pool, &jobs[3]));
    struct pool_figures figures;
    pool_figures_get(pool, &figures);
    assert_int_equal(figures.refused_full, 1);
    assert_int_equal(figures.queued, 2);
    assert_int_equal(figures.running, 1);
    close_pool(pool);
    assert_int_equal(atomic_load(&ran), 3);
}

static void a_job_that_waited_too_long_is_refused_and_the_next_is_not_taken(void **state)
{
    (void)state;
    struct pool *pool = open_pool(1, 100, 50);
    struct pool_job jobs[6];
    for (int i = 0; i < 6; i++) jobs[i] = (struct pool_job){.run = slow, .refused = count_refusal};
    assert_true(pool_submit(pool, &jobs[0]));
    assert_true(pool_submit(pool, &jobs[1])); /* nothing is known yet about how long jobs take */
    while (atomic_load(&refused) == 0) nap_ms(1);
    assert_int_equal(atomic_load(&ran), 1);
    /* until it is known how long these jobs take: about 60 ms, seen with a weight of an eighth */
    for (int i = 0; i < 40; i++) {
        jobs[2] = (struct pool_job){.run = slow, .refused = count_refusal};
        int before = atomic_load(&ran);
        assert_true(pool_submit(pool, &jobs[2])); /* nobody ahead of it: runs at once */
        while (atomic_load(&ran) == before) nap_ms(1);
        nap_ms(62);
    }
    atomic_store(&refused, 0);
    int before = atomic_load(&ran);
    assert_true(pool_submit(pool, &jobs[3]));
    while (atomic_load(&ran) == before) nap_ms(1);
    assert_true(pool_submit(pool, &jobs[4])); /* waits for at most one, which is not counted */
    assert_false(pool_submit(pool, &jobs[5])); /* one ahead of it in the queue, at nearly 60 ms: too long */
    jobs[5].kind = 7;
    assert_false(pool_submit(pool, &jobs[5])); /* what it is does not matter, what is ahead of it does */
    close_pool(pool);
}

static void after_a_stop_nothing_is_taken(void **state)
{
    (void)state;
    struct pool *pool = open_pool(1, 10, 1000);
    struct pool_job job = {.run = quick, .refused = count_refusal};
    pool_stop(pool);
    assert_false(pool_submit(pool, &job));
    close_pool(pool);
}

static void a_worker_that_does_not_end_is_reported(void **state)
{
    (void)state;
    struct pool *pool = open_pool(1, 10, 1000);
    struct pool_job job = {.run = slow, .refused = count_refusal};
    assert_true(pool_submit(pool, &job));
    while (atomic_load(&ran) == 0) nap_ms(1);
    pool_stop(pool);
    assert_false(pool_join(pool, now_ms() + 5));
    close_pool(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_run_once_before_the_pool_ends),
        cmocka_unit_test(a_full_queue_refuses_at_once),
        cmocka_unit_test(a_job_that_waited_too_long_is_refused_and_the_next_is_not_taken),
        cmocka_unit_test(after_a_stop_nothing_is_taken),
        cmocka_unit_test(a_worker_that_does_not_end_is_reported),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
