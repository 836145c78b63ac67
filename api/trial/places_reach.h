/* Which places supplies can reach and vehicles can leave, before and after changed rules, by kind of vehicle.
 *
 * A place is reached when at least one county's seat has a lawful way to it for a vehicle of that class that leaves then,
 * within the usual distance from a road; it can be left when there is such a way from it to a seat. */
#ifndef API_PLACES_REACH_H
#define API_PLACES_REACH_H

#include "api/json/writer.h"
#include "api/process/exchange.h"
#include "data/plans/impact_store.h"
#include "data/rules/rule_store.h"
#include "routing/constraint/view.h"

enum { REACH_CLASSES = 3 };
enum reach_way { REACH_TO, REACH_FROM, REACH_WAYS };
extern const char *const reach_classes[REACH_CLASSES];        /* vehicle classes, as they are on the wire */
extern const enum message reach_class_names[REACH_CLASSES]; /* and for people */

/* The nearest seat in time, ms; UINT32_MAX: none. */
struct reach_times {
    uint32_t *before, *after; /* [count] */
};

struct places_reach {
    struct impact_place *places;
    uint32_t count;
    struct reach_times times[REACH_WAYS][REACH_CLASSES];
};

/** A vehicle of a class that leaves at `depart_ms` (0: now), in the arena. */
MUST_USE enum status reach_request(const char *class, int64_t depart_ms, struct arena *arena, struct route_request **out,
                                   struct error *err);

/** Asks for all places, or for the protected ones alone, leaving at `depart_ms` (0: now); everything in x->arena. On a
 *  worker. */
MUST_USE enum status places_reach(struct exchange *x, const struct view *before, const struct view *after, bool only_protected,
                                  int64_t depart_ms, struct places_reach *out, struct error *err);

/** Whether a class loses a way to or from a place, finds one, or needs a minute longer for one, or more. */
bool place_lost(const struct places_reach *r, uint32_t place);
bool place_gained(const struct places_reach *r, uint32_t place);
bool place_later(const struct places_reach *r, uint32_t place);

/** {id, kind, name, county, protected, location, vehicles: {class: "reachable" | "cut_off" | "opened" | "unreachable"},
 *  vehicles_back: the same for the way from it, later_s: {class: seconds}, later_back_s} */
void encode_place(struct json_writer *w, const struct places_reach *r, uint32_t place);

#endif
