#include "routing/constraint/metric_making.h"

#include "routing/constraint/metric_derive.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum state { WAITING, RUNNING, DONE };

struct metric_making {
    struct metric_makings *makings;
    struct metric_making *next;    /* of those that can be found */
    atomic_uint references;        /* the list's is one */
    bool listed, handed;           /* as below: under the lock */
    enum state state;
    enum status status;            /* when done */
    struct shared_metric *metric;  /* when done and OK */
    const struct hierarchy *hierarchy;
    weight *weights;
    size_t size;
    unsigned char signature[];
};

struct metric_makings {
    struct metric_cache *cache;
    pthread_mutex_t lock;
    pthread_cond_t done;
    struct metric_making *first;
    unsigned handed;
};

enum status metric_makings_new(struct metric_cache *cache, struct metric_makings **out, struct error *err)
{
    struct metric_makings *makings = calloc(1, sizeof *makings);
    if (!makings) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    makings->cache = cache;
    pthread_mutex_init(&makings->lock, NULL);
    pthread_cond_init(&makings->done, NULL);
    *out = makings;
    return STATUS_OK;
}

static void making_free(struct metric_making *m)
{
    shared_metric_release(m->metric);
    free(m->weights);
    free(m);
}

void metric_makings_free(struct metric_makings *makings)
{
    if (!makings) return;
    while (makings->first) {
        struct metric_making *m = makings->first;
        makings->first = m->next;
        making_free(m);
    }
    pthread_cond_destroy(&makings->done);
    pthread_mutex_destroy(&makings->lock);
    free(makings);
}

struct metric_making *metric_making_get(struct metric_making *m)
{
    atomic_fetch_add(&m->references, 1);
    return m;
}

void metric_making_release(struct metric_making *m)
{
    if (m && atomic_fetch_sub(&m->references, 1) == 1) making_free(m);
}

/* With the lock held. The caller has a reference of his own. */
static void unlist(struct metric_making *m)
{
    struct metric_makings *makings = m->makings;
    if (m->handed) makings->handed--;
    m->handed = false;
    if (!m->listed) return;
    struct metric_making **at = &makings->first;
    while (*at != m) at = &(*at)->next;
    *at = m->next;
    m->listed = false;
    atomic_fetch_sub(&m->references, 1);
}

bool metric_making_is(const struct metric_making *m, const void *signature, size_t size)
{
    return m->size == size && memcmp(m->signature, signature, size) == 0;
}

/* With the lock held. */
static struct metric_making *find(struct metric_makings *makings, const void *signature, size_t size)
{
    struct metric_making *m = makings->first;
    while (m && !metric_making_is(m, signature, size)) m = m->next;
    return m ? metric_making_get(m) : NULL;
}

struct metric_making *metric_making_find(struct metric_makings *makings, const void *signature, size_t size)
{
    pthread_mutex_lock(&makings->lock);
    struct metric_making *m = find(makings, signature, size);
    pthread_mutex_unlock(&makings->lock);
    return m;
}

enum status metric_making_begin(struct metric_makings *makings, const struct hierarchy *hierarchy, const void *signature,
                                size_t size, weight *weights, struct shared_metric **metric, struct metric_making **making,
                                struct error *err)
{
    *making = NULL;
    *metric = metric_share_same(makings->cache, hierarchy, weights, signature, size);
    struct metric_making *m = *metric ? NULL : malloc(sizeof *m + size);
    if (!m) {
        free(weights);
        return *metric ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    *m = (struct metric_making){.makings = makings, .hierarchy = hierarchy, .weights = weights, .size = size};
    memcpy(m->signature, signature, size);
    atomic_init(&m->references, 1); /* the caller's */
    pthread_mutex_lock(&makings->lock);
    *making = find(makings, signature, size);
    /* one that is done is in the cache before it is off the list */
    if (!*making) *metric = metric_cache_find(makings->cache, signature, size);
    if (!*making && !*metric) {
        m->next = makings->first;
        m->listed = true;
        makings->first = metric_making_get(m);
        *making = m;
        m = NULL;
    }
    pthread_mutex_unlock(&makings->lock);
    metric_making_release(m);
    return STATUS_OK;
}

const weight *metric_making_weights(const struct metric_making *m)
{
    return m->weights;
}

bool metric_making_done(const struct metric_making *m)
{
    pthread_mutex_lock(&m->makings->lock);
    const bool done = m->state == DONE;
    pthread_mutex_unlock(&m->makings->lock);
    return done;
}

enum status metric_making_finish(struct metric_making *m, struct shared_metric **out, struct error *err)
{
    struct metric_makings *makings = m->makings;
    enum status status = STATUS_OK;
    *out = NULL;
    pthread_mutex_lock(&makings->lock);
    while (m->state == RUNNING) pthread_cond_wait(&makings->done, &makings->lock);
    if (m->state == WAITING) {
        struct shared_metric *made = NULL;
        m->state = RUNNING;
        pthread_mutex_unlock(&makings->lock);
        status = metric_derive(makings->cache, m->hierarchy, m->weights, m->signature, m->size, &made, err);
        pthread_mutex_lock(&makings->lock);
        m->state = DONE;
        m->status = status;
        m->metric = made;
        unlist(m);
        pthread_cond_broadcast(&makings->done);
    } else if (m->status != STATUS_OK) {
        status = error_set(err, m->status, m->status == STATUS_NO_MEMORY ? MESSAGE_NO_MEMORY : MESSAGE_INTERNAL);
    }
    if (status == STATUS_OK) *out = shared_metric_get(m->metric);
    pthread_mutex_unlock(&makings->lock);
    return status;
}

enum metric_making_hand metric_making_hand(struct metric_making *m)
{
    struct metric_makings *makings = m->makings;
    enum metric_making_hand hand = METRIC_MAKING_OTHERS;
    pthread_mutex_lock(&makings->lock);
    if (m->state == WAITING && !m->handed) {
        hand = makings->handed < METRIC_MAKINGS_HANDED_MAX ? METRIC_MAKING_YOURS : METRIC_MAKING_FULL;
        m->handed = hand == METRIC_MAKING_YOURS;
        makings->handed += m->handed;
    }
    pthread_mutex_unlock(&makings->lock);
    return hand;
}

void metric_making_take_back(struct metric_making *m)
{
    struct metric_makings *makings = m->makings;
    pthread_mutex_lock(&makings->lock);
    if (m->state == WAITING) unlist(m);
    pthread_mutex_unlock(&makings->lock);
}
