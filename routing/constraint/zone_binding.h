/* What the zones of one version of the rules mean for one kind of vehicle at one time, worked out once and shared by all
 * requests that mean the same, so that a request costs nothing for zones that do not concern it.
 *
 * The same binding serves two requests if every subject of the rules says the same of their vehicles (subject_match), no
 * zone begins or ends between their moments, and their credentials exempt from the same. What changes while a request is
 * looked at (a zone by the hour, one that begins tomorrow, a credential that expires) is left open as a *force class*:
 * each request works these out for itself, once for all zones that share a schedule.
 *
 *   zone_bindings_find(rules->bindings, &vehicle, &credentials, depart_ms, until_ms, &binding, &err);
 *   … binding->zones[z] … one force for each of binding->classes …
 *   zone_binding_release(binding);
 *
 * Any number of threads. */
#ifndef ROUTING_ZONE_BINDING_H
#define ROUTING_ZONE_BINDING_H

#include "routing/constraint/binding_cache.h"
#include "routing/constraint/rule_kinds.h"

struct zone_state {
    bool bound;         /* a rule of it applies to this vehicle, perhaps (its force says when) */
    bool avoided;       /* named in avoid.zones: no arc of the area */
    bool forbids;       /* closed, through_only, avoided */
    bool leg_dependent; /* destination_only, gated without transit */
    bool gated;
    uint8_t kind;       /* enum rule_kind */
    road_class_mask open;
    uint32_t rule;      /* UINT32_MAX: no rule of it is about this vehicle */
    uint32_t slow_permille;
    uint32_t force;     /* FORCE_CLASS_ALWAYS or a class */
};

struct zone_binding {
    struct binding binding;
    const struct zone_state *zones; /* [zone_count] */
    struct force_classes classes;
    /* Bits [arc_count]: arcs in a zone that is bound, in one that is bound and gated; NULL where no arcs are known. */
    const uint64_t *bound_arcs, *gated_arcs;
};

struct zone_bindings; /* those of one version of the rules, the least recently used thrown out first */

/** For the zones of `input`, which must outlive it. STATUS_NO_MEMORY. O(zones): 1 ms for 10,000. */
MUST_USE enum status zone_bindings_new(const struct rules_input *input, struct zone_bindings **out, struct error *err);
void zone_bindings_free(struct zone_bindings *all);

/** Tells where the zones are: arcs of zone z are zone_arc[zone_first_arc[z]] .. , of arc_count in all. Borrowed, to outlive it.
 *  Before the first binding is asked for. */
void zone_bindings_arcs(struct zone_bindings *all, const uint32_t *zone_first_arc, const arc_id *zone_arc, uint32_t arc_count);

/** The binding for a vehicle and its credentials from `from_ms` to `until_ms`, with a reference for the caller; lives as
 *  long as that, and no longer than `all`. STATUS_NO_MEMORY. O(different subjects of the rules), the first time O(zones + arcs in them). */
MUST_USE enum status zone_bindings_find(struct zone_bindings *all, const struct vehicle *v, const struct credential_set *credentials,
                                        int64_t from_ms, int64_t until_ms, struct zone_binding **out, struct error *err);
void zone_binding_release(struct zone_binding *binding);

/** A number that stands for all zones that bind all through and for what they say, given which classes do (on[classes.count]);
 *  the same for another binding of the version that comes to the same, never for one that does not. 0 stands for none.
 *  `*gated`: one of them is gated. STATUS_NO_MEMORY. O(classes), the first time O(zones). */
MUST_USE enum status zone_binding_number(struct zone_binding *binding, const bool *on, uint32_t *number, bool *gated,
                                         struct error *err);

#endif
