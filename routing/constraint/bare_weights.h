/* What the moves of a vehicle weigh while no rule is in force: no zone, closure, checkpoint, nothing lifted. Of that nearly all of
 * a request's weights consist (loose_make.h), and it depends on the network, the vehicle and a few words of the request, so it is
 * kept from version to version of the rules.
 *
 * Limits of roads live in the rules and may change with a version, so they are told by what they come to: `shut` says which roads
 * the vehicle's limits (or its dangerous goods) shut. Weights are found for the same bits, or for nearly the same: who takes
 * those must look at the roads that differ.
 *
 * One store for each network, shared by the views on it and bounded in bytes; the least recently used go first. Any number of
 * threads. */
#ifndef ROUTING_BARE_WEIGHTS_H
#define ROUTING_BARE_WEIGHTS_H

#include "geo/base/error.h"
#include "routing/hierarchy/digraph.h"
#include "routing/network/network.h"

struct bare_store;
struct constraint;

struct bare_weights {
    const weight *arcs;   /* [arc_count] loose_arc_weight */
    const weight *turns;  /* [turn_count] */
    const uint64_t *shut; /* [bare_shut_words] by road */
};

MUST_USE enum status bare_store_new(size_t bytes_max, struct bare_store **out, struct error *err);
struct bare_store *bare_store_get(struct bare_store *store);
void bare_store_release(struct bare_store *store);

static inline size_t bare_shut_words(const struct network *n)
{
    return (size_t)n->road_count / 64 + 1;
}

/** Fills shut[bare_shut_words] for a constraint. O(roads), a nanosecond each. */
void bare_shut(const struct constraint *c, uint64_t *shut);

/** Those of a constraint with a reference for the caller: of the same `shut`, or of one with at most `most` roads that differ; NULL
 *  if there are none. The nearest of the few used last. O(roads / 64) for each of those. */
struct bare_weights *bare_weights_find(struct bare_store *store, const struct constraint *c, const uint64_t *shut, uint32_t most);

/** Makes them, adds them to the store, with a reference for the caller; from some that are there if a quarter of the roads or fewer
 *  differ. `*out` NULL when they are too large to be kept: nothing was made. STATUS_NO_MEMORY. O(turns), or a copy and O(what differs). */
MUST_USE enum status bare_weights_make(struct bare_store *store, const struct constraint *c, const uint64_t *shut,
                                       struct bare_weights **out, struct error *err);
void bare_weights_release(struct bare_weights *weights);

struct bare_figures {
    size_t bytes, entries;
    uint64_t hits, misses, derived;
};
struct bare_figures bare_store_figures(struct bare_store *store);

#endif
