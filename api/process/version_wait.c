#include "api/process/version_wait.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { WAITERS_MAX = 1024 };

struct waiter {
    struct exchange_token token;
    void (*again)(struct exchange *x);
    int64_t version, until_ms; /* monotonic */
};

struct version_wait {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    struct server *server;
    int64_t reached;
    size_t count;
    bool stop;
    struct waiter waiters[WAITERS_MAX];
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Resumes whoever is due and returns the next deadline, or INT64_MAX. With the lock held: resuming does not block. */
static int64_t release_due(struct version_wait *wait, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < wait->count;) {
        struct waiter *w = &wait->waiters[i];
        if (w->version <= wait->reached || w->until_ms <= now_ms) {
            /* if this cannot be queued the exchange ends at its own deadline */
            if (exchange_resume(wait->server, w->token, w->again) == STATUS_NO_MEMORY) w->until_ms = now_ms + 50;
            else {
                *w = wait->waiters[--wait->count];
                continue;
            }
        }
        if (w->until_ms < next) next = w->until_ms;
        i++;
    }
    return next;
}

static void *watch(void *argument)
{
    struct version_wait *wait = argument;
    pthread_mutex_lock(&wait->lock);
    while (!wait->stop) {
        int64_t next = release_due(wait, monotonic_ms());
        if (next == INT64_MAX) {
            pthread_cond_wait(&wait->changed, &wait->lock);
        } else {
            struct timespec until = {.tv_sec = next / 1000, .tv_nsec = next % 1000 * 1000000};
            (void)pthread_cond_timedwait(&wait->changed, &wait->lock, &until);
        }
    }
    pthread_mutex_unlock(&wait->lock);
    return NULL;
}

enum status version_wait_new(struct version_wait **out, struct error *err)
{
    struct version_wait *wait = calloc(1, sizeof *wait);
    *out = NULL;
    if (wait == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    wait->reached = -1;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&wait->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&wait->lock, NULL);
    if (pthread_create(&wait->thread, NULL, watch, wait) != 0) {
        pthread_cond_destroy(&wait->changed);
        pthread_mutex_destroy(&wait->lock);
        free(wait);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    *out = wait;
    return STATUS_OK;
}

void version_wait_free(struct version_wait *wait)
{
    if (wait == NULL) return;
    pthread_mutex_lock(&wait->lock);
    wait->stop = true;
    pthread_cond_signal(&wait->changed);
    pthread_mutex_unlock(&wait->lock);
    pthread_join(wait->thread, NULL);
    pthread_cond_destroy(&wait->changed);
    pthread_mutex_destroy(&wait->lock);
    free(wait);
}

void version_wait_server_set(struct version_wait *wait, struct server *server)
{
    pthread_mutex_lock(&wait->lock);
    wait->server = server;
    if (server == NULL) wait->count = 0; /* their exchanges end with the server */
    pthread_mutex_unlock(&wait->lock);
}

enum status version_wait_add(struct version_wait *wait, struct exchange *x, int64_t version, uint32_t wait_ms,
                             void (*again)(struct exchange *x), struct error *err)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&wait->lock);
    if (wait->count == WAITERS_MAX || wait->server == NULL) {
        status = error_set(err, STATUS_TOO_MANY_REQUESTS, MESSAGE_WAITERS_FULL);
    } else {
        wait->waiters[wait->count++] = (struct waiter){
            .token = exchange_park(x), .again = again, .version = version, .until_ms = monotonic_ms() + wait_ms};
        pthread_cond_signal(&wait->changed);
    }
    pthread_mutex_unlock(&wait->lock);
    return status;
}

void version_wait_reached(struct version_wait *wait, int64_t version)
{
    pthread_mutex_lock(&wait->lock);
    if (version > wait->reached) wait->reached = version;
    pthread_cond_signal(&wait->changed);
    pthread_mutex_unlock(&wait->lock);
}
