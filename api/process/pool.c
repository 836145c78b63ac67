#include "api/process/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct worker {
    struct pool *pool;
    pthread_t thread;
    bool started, joined;
    void *workspace;
};

struct pool {
    struct pool_options options;
    pthread_mutex_t lock;
    pthread_cond_t wake, ended;
    unsigned alive; /* workers that have not ended */
    struct pool_job *first, **last;
    bool stopping;
    struct pool_figures figures;
    uint64_t lately_us[POOL_KINDS]; /* how long a job of the kind takes */
    struct worker workers[];
};

enum { WORKERS_MAX = 1024 };

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

enum status pool_new(struct pool **out, const struct pool_options *options, struct error *err)
{
    if (options->workers == 0 || options->workers > WORKERS_MAX)
        return error_set(err, STATUS_INVALID, MESSAGE_OPTION_BOUNDS, "workers", 1LL, (long long)WORKERS_MAX);
    struct pool *pool = calloc(1, sizeof *pool + options->workers * sizeof pool->workers[0]);
    if (pool == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    pool->options = *options;
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (unsigned i = 0; i < options->workers; i++) {
        struct worker *worker = &pool->workers[i];
        worker->pool = pool;
        if (options->workspace_new == NULL) continue;
        worker->workspace = options->workspace_new(options->context, i);
        if (worker->workspace == NULL) {
            pool_free(pool);
            return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        }
    }
    *out = pool;
    return STATUS_OK;
}

/* With the lock held. */
static struct pool_job *take(struct pool *pool)
{
    struct pool_job *job = pool->first;
    pool->first = job->next;
    if (pool->first == NULL) pool->last = &pool->first;
    pool->figures.queued--;
    pool->figures.ahead_us -= job->estimate_us;
    return job;
}

/* A mean that comes down quickly and goes up slowly: one job that took long (a metric to be built, a page fault) must
 * not have the next hundred refused; what waits too long all the same is found out at the end of its wait. */
static void note_length(uint64_t *lately_us, uint64_t took_us)
{
    if (took_us < *lately_us) *lately_us -= (*lately_us - took_us + 3) / 4;
    else *lately_us += (took_us - *lately_us) / 8;
}

static void *worker_main(void *context)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->first == NULL && !pool->stopping) pthread_cond_wait(&pool->wake, &pool->lock);
        if (pool->first == NULL) break;
        struct pool_job *job = take(pool);
        int64_t start_us = now_us();
        unsigned kind = job->kind;
        bool late = start_us - job->queued_us > (int64_t)pool->options.queue_deadline_ms * 1000;
        if (late) pool->figures.refused_late++;
        else pool->figures.running++;
        pthread_mutex_unlock(&pool->lock);
        if (late) job->refused(job);
        else job->run(job, worker->workspace);
        pthread_mutex_lock(&pool->lock);
        if (late) continue;
        uint64_t took_us = (uint64_t)(now_us() - start_us);
        pool->figures.running--;
        pool->figures.done++;
        note_length(&pool->lately_us[kind], took_us);
    }
    pool->alive--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

enum status pool_start(struct pool *pool, struct error *err)
{
    for (unsigned i = 0; i < pool->options.workers; i++) {
        struct worker *worker = &pool->workers[i];
        pthread_mutex_lock(&pool->lock);
        worker->started = pthread_create(&worker->thread, NULL, worker_main, worker) == 0;
        pool->alive += worker->started;
        pthread_mutex_unlock(&pool->lock);
        if (!worker->started) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    return STATUS_OK;
}

bool pool_submit(struct pool *pool, struct pool_job *job)
{
    assert(job->kind < POOL_KINDS);
    job->next = NULL;
    job->queued_us = now_us();
    pthread_mutex_lock(&pool->lock);
    struct pool_figures *f = &pool->figures;
    uint64_t wait_us = f->ahead_us / pool->options.workers;
    bool taken = !pool->stopping && f->queued < pool->options.queue_length &&
                 wait_us * 2 <= (uint64_t)pool->options.queue_deadline_ms * 1000;
    if (taken) {
        *pool->last = job;
        pool->last = &job->next;
        job->estimate_us = pool->lately_us[job->kind];
        f->ahead_us += job->estimate_us;
        f->queued++;
        pthread_cond_signal(&pool->wake);
    } else {
        f->refused_full++;
    }
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

void pool_stop(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
}

bool pool_join(struct pool *pool, int64_t deadline_ms)
{
    struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    pthread_mutex_lock(&pool->lock);
    while (pool->alive > 0 && pthread_cond_timedwait(&pool->ended, &pool->lock, &until) != ETIMEDOUT) continue;
    bool all = pool->alive == 0;
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; all && i < pool->options.workers; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->started && !worker->joined) pthread_join(worker->thread, NULL);
        worker->joined = true;
    }
    return all;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL) return;
    for (unsigned i = 0; i < pool->options.workers; i++)
        if (pool->workers[i].workspace && pool->options.workspace_free)
            pool->options.workspace_free(pool->options.context, pool->workers[i].workspace);
    pthread_cond_destroy(&pool->ended);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void pool_figures_get(struct pool *pool, struct pool_figures *out)
{
    pthread_mutex_lock(&pool->lock);
    *out = pool->figures;
    pthread_mutex_unlock(&pool->lock);
}
