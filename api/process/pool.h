/* Worker threads for what is too long for an event thread.
 *
 * The queue is bounded twice: by length, and by time. A job is refused on the spot when the wait it would meet,
 * estimated from the jobs ahead of it and how long jobs of their kind have taken lately, passes half of the queue
 * deadline; and when it is taken out after the whole of it, because the estimate was far off. So overload is answered within
 * microseconds and the work that is done is work whose client still waits. */
#ifndef API_POOL_H
#define API_POOL_H

#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct pool;

enum { POOL_KINDS = 65, POOL_KIND_BACKGROUND = 64 /* what answers nobody */ };

/** Embedded by whoever has work. The pool links it and owns it from pool_submit until it calls one of the two. */
struct pool_job {
    struct pool_job *next;
    int64_t queued_us;
    uint64_t estimate_us;
    unsigned kind; /* jobs of one kind take about as long; set by whoever submits, < POOL_KINDS */
    void (*run)(struct pool_job *job, void *workspace); /* on a worker, with that worker's workspace */
    void (*refused)(struct pool_job *job);              /* on a worker: it waited too long */
};

struct pool_options {
    unsigned workers, queue_length, queue_deadline_ms;
    void *(*workspace_new)(void *context, unsigned worker); /* on the calling thread of pool_new; may be NULL */
    void (*workspace_free)(void *context, void *workspace);
    void *context;
};

struct pool_figures {
    unsigned queued, running;
    uint64_t done, refused_full, refused_late;
    uint64_t ahead_us; /* what the queued jobs are expected to take */
};

/** Makes the workspaces. Threads start with pool_start. */
MUST_USE enum status pool_new(struct pool **out, const struct pool_options *options, struct error *err);
MUST_USE enum status pool_start(struct pool *pool, struct error *err);

/** False when the queue is full or too slow: the job is still the caller's. Any thread; does not block. */
MUST_USE bool pool_submit(struct pool *pool, struct pool_job *job);

/** Lets the workers finish what is queued and end. Returns at once. */
void pool_stop(struct pool *pool);

/** Waits for the workers until `deadline_ms` (monotonic clock); false when one still runs then. */
MUST_USE bool pool_join(struct pool *pool, int64_t deadline_ms);

/** After pool_join, or before pool_start. NULL is fine. */
void pool_free(struct pool *pool);

void pool_figures_get(struct pool *pool, struct pool_figures *out);

#endif
