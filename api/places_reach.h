/* Which places supplies can reach, before and after changed rules, by kind of vehicle.
 *
 * A place is reached when at least one county's seat has a lawful way to it for a vehicle of that class that leaves then,
 * within the usual distance from a road. */
#ifndef API_PLACES_REACH_H
#define API_PLACES_REACH_H

#include "api/exchange.h"
#include "api/json/writer.h"
#include "data/impact_store.h"
#include "data/rule_store.h"
#include "routing/view.h"

enum { REACH_CLASSES = 3 };
extern const char *const reach_classes[REACH_CLASSES]; /* names of vehicle classes */

struct places_reach {
    struct impact_place *places;
    uint32_t count;
    bool *before[REACH_CLASSES], *after[REACH_CLASSES]; /* [count] */
};

/** A vehicle of a class that leaves at `depart_ms` (0: now), in the arena. */
MUST_USE enum status reach_request(const char *class, int64_t depart_ms, struct arena *arena, struct route_request **out,
                                   struct error *err);

/** Asks for all places, or for the protected ones alone, leaving at `depart_ms` (0: now); everything in x->arena. On a
 *  worker. */
MUST_USE enum status places_reach(struct exchange *x, const struct view *before, const struct view *after, bool only_protected,
                                  int64_t depart_ms, struct places_reach *out, struct error *err);

/** Whether a class loses a place (or, `gained`, finds it). */
bool place_lost(const struct places_reach *r, uint32_t place);
bool place_gained(const struct places_reach *r, uint32_t place);

/** {id, kind, name, county, protected, vehicles: {class: "reachable" | "cut_off" | "opened" | "unreachable"}} */
void encode_place(struct json_writer *w, const struct places_reach *r, uint32_t place);

#endif
