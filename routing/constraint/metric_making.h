/* Metrics in the making: the weights are known, nobody has customized them yet, or somebody is at it.
 *
 *   status = metric_making_begin(makings, signature, size, weights, &shared, &making, err);  // `weights` taken
 *   if (making) …answer by the weights (routing/search/leg.h), or:
 *   status = metric_making_finish(making, &shared, err);
 *   metric_making_release(making);
 *
 * Whoever needs a metric that is in the making finishes it on the spot if no thread has begun, and waits for that thread if one
 * has. So nothing is made twice, and nobody ever waits for a thread that may not come: a making that waits in a queue is
 * finished by whoever asks first, and the queue's turn then finds it done.
 *
 * One for each view, beside its metric_cache. Any number of threads; whoever holds a making holds the view. */
#ifndef ROUTING_METRIC_MAKING_H
#define ROUTING_METRIC_MAKING_H

#include "routing/constraint/metric_cache.h"

#include <stdbool.h>

struct metric_makings;
struct metric_making;

MUST_USE enum status metric_makings_new(struct metric_cache *cache, struct metric_makings **out, struct error *err);

/** After the last making was released. */
void metric_makings_free(struct metric_makings *makings);

/** The making with this signature with a reference for the caller, or NULL. */
MUST_USE struct metric_making *metric_making_find(struct metric_makings *makings, const void *signature, size_t size);

/** Takes `weights[hierarchy->edge_count]` (malloc; freed on failure too). Either `*metric` (there meanwhile, or one at hand
 *  has the same weights) or `*making` (begun now, or by another thread before), each with a reference for the caller.
 *  STATUS_NO_MEMORY. O(weights) at most. */
MUST_USE enum status metric_making_begin(struct metric_makings *makings, const struct hierarchy *hierarchy,
                                         const void *signature, size_t size, weight *weights,
                                         struct shared_metric **metric, struct metric_making **making, struct error *err);

/** Whether this is its signature. */
bool metric_making_is(const struct metric_making *making, const void *signature, size_t size);

/** What it is made from; good as long as the making is held. */
const weight *metric_making_weights(const struct metric_making *making);

/** The metric, with a reference for the caller, in the cache under its signature: made now (metric_derive.h) or waited for as
 *  long as another thread is at it. Errors as metric_derive's. */
MUST_USE enum status metric_making_finish(struct metric_making *making, struct shared_metric **out, struct error *err);

/** Whether that is done, so that finishing it costs nothing. */
bool metric_making_done(const struct metric_making *making);

enum { METRIC_MAKINGS_HANDED_MAX = 16 };

enum metric_making_hand {
    METRIC_MAKING_YOURS,  /* the caller must see to it that another thread finishes it, or take it back */
    METRIC_MAKING_OTHERS, /* somebody has seen to it */
    METRIC_MAKING_FULL,   /* too many wait already: finish it */
};

/** To be asked before one does without the metric for now. Nanoseconds. */
enum metric_making_hand metric_making_hand(struct metric_making *making);

/** Nobody will finish it of his own accord: it is forgotten if no thread has begun. Who holds it may still finish it. */
void metric_making_take_back(struct metric_making *making);

struct metric_making *metric_making_get(struct metric_making *making);
void metric_making_release(struct metric_making *making);

#endif
