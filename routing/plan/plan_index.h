/* Which plans use an arc: an inverted index, so that "who is touched at all" costs as much as its answer, not as much as
 * there are plans.
 *
 *   struct plan_index *index;
 *   plan_index_new(network.arc_count, &index, &err);
 *   plan_index_add(index, arcs, count, &slot, &err);
 *   …
 *   plan_index_touched(index, zone_arcs, zone_arc_count, &arena, &slots, &slot_count, &err);
 *
 * Four bytes for each arc of each plan. A slot that was removed is not used again; when more than half are gone, whoever
 * keeps the index makes a new one. One writer at a time and no reader meanwhile; readers among themselves are free. */
#ifndef ROUTING_PLAN_INDEX_H
#define ROUTING_PLAN_INDEX_H

#include "geo/base/arena.h"
#include "geo/base/error.h"
#include "routing/network/network.h"

struct plan_index;

MUST_USE enum status plan_index_new(uint32_t arc_count, struct plan_index **out, struct error *err);
void plan_index_free(struct plan_index *index);

/** Takes a plan in by its arcs (each once; those that the network does not have are left out). Slots count from 0. */
MUST_USE enum status plan_index_add(struct plan_index *index, const arc_id *arcs, uint32_t count, uint32_t *slot,
                                    struct error *err);

/** Forgets a plan. */
void plan_index_remove(struct plan_index *index, uint32_t slot);

/** Slots handed out so far, and how many of them are still in. */
uint32_t plan_index_slots(const struct plan_index *index);
uint32_t plan_index_alive(const struct plan_index *index);

/** Memory it takes. */
size_t plan_index_bytes(const struct plan_index *index);

/** The plans that use at least one of `arcs`, ascending, in `arena`. NO_MEMORY. */
MUST_USE enum status plan_index_touched(const struct plan_index *index, const arc_id *arcs, uint32_t count,
                                        struct arena *arena, uint32_t **slots, uint32_t *slot_count, struct error *err);

#endif
