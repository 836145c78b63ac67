/* What the checkpoints of one version of the rules have in common: the hours at which they are open, what they ask for, what
 * earns the green channel. A request works each different one out once.
 *
 * What is asked for is the same for everybody. A binding says which hours count between two moments: checkpoints that are open
 * or closed all the while are together in one class, so it serves all requests between whose moments none opens or closes for good.
 * Any number of threads. */
#ifndef ROUTING_CHECKPOINT_BINDING_H
#define ROUTING_CHECKPOINT_BINDING_H

#include "routing/constraint/binding_cache.h"
#include "routing/constraint/rule_kinds.h"

struct checkpoint_binding {
    struct binding binding;
    const uint32_t *opening; /* [checkpoint_count] FORCE_CLASS_ALWAYS or a class; its force says when it is open */
    struct force_classes classes;
};

/* The checkpoints grouped by what is written in them: those of one class ask for the same, or reward the same. */
struct checkpoint_classes {
    uint32_t count;
    uint32_t *of;    /* [checkpoint_count] its class */
    uint32_t *first; /* [count] the first checkpoint of a class, which stands for all */
};

struct checkpoint_bindings; /* those of one version of the rules */

/** For the checkpoints of `input`, which must outlive it. STATUS_NO_MEMORY. O(checkpoints): 1 ms for 10,000. */
MUST_USE enum status checkpoint_bindings_new(const struct rules_input *input, struct checkpoint_bindings **out, struct error *err);
void checkpoint_bindings_free(struct checkpoint_bindings *all);

/** By what they ask for (groups of requirements), and by what earns the green channel. Borrowed. */
const struct checkpoint_classes *checkpoint_bindings_asking(const struct checkpoint_bindings *all);
const struct checkpoint_classes *checkpoint_bindings_green(const struct checkpoint_bindings *all);

/** The binding from `from_ms` to `until_ms`, with a reference for the caller; lives no longer than `all`. STATUS_NO_MEMORY.
 *  O(log of the moments), the first time O(checkpoints). */
MUST_USE enum status checkpoint_bindings_find(struct checkpoint_bindings *all, int64_t from_ms, int64_t until_ms,
                                              struct checkpoint_binding **out, struct error *err);
void checkpoint_binding_release(struct checkpoint_binding *binding);

/** A number that stands for the checkpoints that may let a vehicle pass and for how long each inspects, given which classes
 *  are open, met and earned: counts[classes.count + asking count + green count], in this order. The same for another binding of the
 *  version that comes to the same, never for one that does not. 0 stands for none. STATUS_NO_MEMORY. O(classes), the
 *  first time O(checkpoints). */
MUST_USE enum status checkpoint_binding_number(struct checkpoint_binding *binding, const bool *counts, uint32_t *number, struct error *err);

/** How long one inspects. */
static inline uint32_t checkpoint_inspection_ms(const struct checkpoint *k, bool green)
{
    return green && k->green_ms < k->normal_ms ? k->green_ms : k->normal_ms;
}

#endif
