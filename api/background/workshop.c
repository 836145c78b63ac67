#include "api/background/workshop.h"

#include "api/process/metrics.h"
#include "api/process/server.h"
#include "routing/constraint/guide.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

enum { PREFERENCES = PREFER_COST + 1 };

struct order {
    struct order *next;
    struct view *view;            /* with a reference */
    struct metric_making *making; /* likewise; NULL: the guide of `prefer` */
    enum preference prefer;
};

struct workshop {
    const struct base *base;
    bool guides;           /* there is room for any */
    _Atomic(struct metric *) guide[PREFERENCES];
    atomic_bool asked[PREFERENCES]; /* it is made or will be */
    atomic_bool beginning; /* the first of them is not there yet, nor given up */
    pthread_mutex_t lock;
    struct server *server; /* from here on under the lock */
    struct order *first, **last;
    bool busy;             /* the job is the pool's */
    struct pool_job job;
};

static void run(struct pool_job *job, void *workspace);
static void refused(struct pool_job *job);

enum status workshop_new(struct workshop **out, const struct base *base, size_t metric_bytes_max, struct error *err)
{
    struct workshop *w = calloc(1, sizeof *w);
    if (!w) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    w->base = base;
    w->guides = base->hierarchy && metric_bytes_of(base->hierarchy) <= view_metric_bytes(metric_bytes_max);
    w->last = &w->first;
    w->job = (struct pool_job){.kind = POOL_KIND_BACKGROUND, .run = run, .refused = refused};
    pthread_mutex_init(&w->lock, NULL);
    *out = w;
    return STATUS_OK;
}

static void guide_drop(struct workshop *w, enum preference prefer)
{
    atomic_store(&w->asked[prefer], false);
    if (prefer == PREFER_TIME) atomic_store(&w->beginning, false);
}

/* Not to be: whoever asks does it himself. */
static void order_drop(struct workshop *w, struct order *o)
{
    if (o->making) metric_making_take_back(o->making);
    else guide_drop(w, o->prefer);
    metric_making_release(o->making);
    view_release(o->view);
    free(o);
}

void workshop_free(struct workshop *w)
{
    if (!w) return;
    while (w->first) {
        struct order *o = w->first;
        w->first = o->next;
        order_drop(w, o);
    }
    for (int i = 0; i < PREFERENCES; i++) metric_free(atomic_load(&w->guide[i]));
    pthread_mutex_destroy(&w->lock);
    free(w);
}

/* All that waits, taken out. With the lock held. */
static struct order *take_all(struct workshop *w)
{
    struct order *all = w->first;
    w->first = NULL;
    w->last = &w->first;
    return all;
}

static void drop_all(struct workshop *w, struct order *all)
{
    while (all) {
        struct order *next = all->next;
        order_drop(w, all);
        all = next;
    }
}

/* Sees to it that the pool has the job if something waits. With the lock held; what cannot be done is returned. */
static struct order *go_on(struct workshop *w)
{
    if (w->busy || !w->first) return NULL;
    w->busy = w->server && server_submit(w->server, &w->job);
    return w->busy ? NULL : take_all(w);
}

/* Takes the order over. False: the pool takes nothing, and the order was dropped with all that waited. */
static bool submit(struct workshop *w, struct order *o)
{
    pthread_mutex_lock(&w->lock);
    *w->last = o;
    w->last = &o->next;
    struct order *dropped = go_on(w);
    pthread_mutex_unlock(&w->lock);
    drop_all(w, dropped);
    return dropped == NULL;
}

/* ---- on a worker --------------------------------------------------------------------------------------------------------- */

static void guide_make(struct workshop *w, enum preference prefer)
{
    struct metric *guide = NULL;
    struct error err = ERROR_INIT;
    if (guide_new(w->base, prefer, &guide, &err) != STATUS_OK) {
        guide_drop(w, prefer);
        return;
    }
    atomic_store(&w->guide[prefer], guide);
    if (prefer == PREFER_TIME) atomic_store(&w->beginning, false);
}

static void fill(struct order *o, struct metrics *metrics)
{
    struct error err = ERROR_INIT;
    struct shared_metric *made = NULL;
    /* under rules that nobody can ask about any more it would be made for nothing */
    if (atomic_load(&o->view->references) == 1) metric_making_take_back(o->making);
    else if (!metric_making_done(o->making) && metric_making_finish(o->making, &made, &err) == STATUS_OK) metrics_count(metrics, METRICS_SHARED, COUNTER_CUSTOMIZED, 1);
    shared_metric_release(made);
    metric_making_release(o->making);
    view_release(o->view);
}

static void run(struct pool_job *job, void *workspace)
{
    struct workshop *w = (struct workshop *)(void *)((char *)job - offsetof(struct workshop, job));
    (void)workspace;
    pthread_mutex_lock(&w->lock);
    struct order *o = w->first;
    struct metrics *metrics = w->server ? server_metrics(w->server) : NULL;
    if (o) {
        w->first = o->next;
        if (!w->first) w->last = &w->first;
    }
    pthread_mutex_unlock(&w->lock);
    if (o && o->making) fill(o, metrics);
    else if (o) guide_make(w, o->prefer);
    free(o);
    pthread_mutex_lock(&w->lock);
    w->busy = false;
    struct order *dropped = go_on(w);
    pthread_mutex_unlock(&w->lock);
    drop_all(w, dropped);
}

static void refused(struct pool_job *job)
{
    struct workshop *w = (struct workshop *)(void *)((char *)job - offsetof(struct workshop, job));
    pthread_mutex_lock(&w->lock);
    w->busy = false;
    struct order *dropped = take_all(w);
    pthread_mutex_unlock(&w->lock);
    drop_all(w, dropped);
}

/* ---- for planners --------------------------------------------------------------------------------------------------------- */

static const struct metric *guide_of(void *context, enum preference prefer)
{
    struct workshop *w = context;
    const struct metric *guide = atomic_load(&w->guide[prefer]);
    if (guide || !w->guides || atomic_exchange(&w->asked[prefer], true)) return guide;
    struct order *o = calloc(1, sizeof *o);
    if (o) {
        o->prefer = prefer;
        (void)submit(w, o);
    } else {
        guide_drop(w, prefer);
    }
    return NULL;
}

static bool begin(void *context, const struct view *view, struct metric_making *making)
{
    struct order *o = calloc(1, sizeof *o);
    if (!o) return false;
    o->view = view_get((struct view *)(uintptr_t)view); /* const is what it points at, not who holds it */
    o->making = metric_making_get(making);
    return submit(context, o);
}

static void answered(void *context)
{
    struct workshop *w = context;
    pthread_mutex_lock(&w->lock);
    struct metrics *metrics = w->server ? server_metrics(w->server) : NULL;
    pthread_mutex_unlock(&w->lock);
    metrics_count(metrics, METRICS_SHARED, COUNTER_MEANWHILE, 1);
}

struct metric_maker workshop_maker(struct workshop *w)
{
    return (struct metric_maker){guide_of, begin, answered, w};
}

bool workshop_settled(const struct workshop *w)
{
    return !atomic_load(&w->beginning);
}

void workshop_server_set(struct workshop *w, struct server *server)
{
    pthread_mutex_lock(&w->lock);
    w->server = server;
    pthread_mutex_unlock(&w->lock);
    if (!server) return;
    atomic_store(&w->beginning, w->guides && !atomic_load(&w->guide[PREFER_TIME]));
    (void)guide_of(w, PREFER_TIME);
}
