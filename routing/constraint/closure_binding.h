/* What the closures of one version of the rules mean for one kind of vehicle at one time, as zone_binding.h does for zones.
 *
 * The same binding serves two requests if every subject of a closure says the same of their vehicles, they pass the same of the
 * limits that closures set, no closure begins or ends between their moments, and their credentials exempt from the same.
 * Any number of threads. */
#ifndef ROUTING_CLOSURE_BINDING_H
#define ROUTING_CLOSURE_BINDING_H

#include "routing/constraint/binding_cache.h"
#include "routing/constraint/rule_kinds.h"

#define CLOSURE_UNBOUND UINT32_MAX /* it is not about this vehicle, or not about this time */

struct closure_binding {
    struct binding binding;
    const uint32_t *force; /* [closure_count] CLOSURE_UNBOUND, FORCE_CLASS_ALWAYS or a class */
    struct force_classes classes;
};

struct closure_bindings; /* those of one version of the rules */

/** For the closures of `input`, which must outlive it. STATUS_NO_MEMORY. O(closures): 1 ms for 10,000. */
MUST_USE enum status closure_bindings_new(const struct rules_input *input, struct closure_bindings **out, struct error *err);
void closure_bindings_free(struct closure_bindings *all);

/** The binding for a vehicle and its credentials from `from_ms` to `until_ms`, with a reference for the caller; lives no longer
 *  than `all`. STATUS_NO_MEMORY. O(different subjects + log of the different limits), the first time O(closures). */
MUST_USE enum status closure_bindings_find(struct closure_bindings *all, const struct vehicle *v, const struct credential_set *credentials,
                                           int64_t from_ms, int64_t until_ms, struct closure_binding **out, struct error *err);
void closure_binding_release(struct closure_binding *binding);

/** A number that stands for all closures that bind all through, given which classes do (on[classes.count]): the same for
 *  another binding of the version that comes to the same, never for one that does not. 0 stands for none. STATUS_NO_MEMORY.
 *  O(classes), the first time O(closures). */
MUST_USE enum status closure_binding_number(struct closure_binding *binding, const bool *on, uint32_t *number, struct error *err);

#endif
