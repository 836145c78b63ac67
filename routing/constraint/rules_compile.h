/* Rules compiled against one network: which arcs each zone controls, where its gates are, which arcs a closure
 * touches. Immutable, reference-counted, shared by all threads. How an area becomes arcs: zone_set.h; how a
 * checkpoint becomes gates: gates.h.
 *
 * Membership (semantics, section 2): an arc belongs to a zone's *area set* if a stretch of it longer than the larger
 * of 5 m and the zone's accuracy lies in the interior (geo/area.h decides, in integers). The *controlled set* of a
 * rule is the area set less the arcs of its open roads: a class test, so it is never stored. */
#ifndef ROUTING_RULES_COMPILE_H
#define ROUTING_RULES_COMPILE_H

#include "geo/base/error.h"
#include "routing/constraint/checkpoint_binding.h"
#include "routing/constraint/closure_binding.h"
#include "routing/constraint/zone_binding.h"
#include "routing/constraint/zone_index.h"
#include "routing/network/network.h"
#include "routing/network/spatial.h"
#include "routing/rules/rules.h"

/* One arc in one zone's area set, with the stretches inside, mm along the arc in travel direction. */
struct membership {
    uint32_t zone;
    uint32_t first_stretch, stretch_count; /* into rules.stretches */
};

struct stretch { uint32_t from_mm, until_mm; };

/* A gate arc of a zone's gated rules: the first arc inside the controlled set for entering, the last one inside for
 * leaving. An arc that crosses the border is inside; then the passage is where its stretch begins or ends. */
struct gate_arc {
    arc_id arc;
    uint32_t zone, checkpoint;
    uint8_t direction; /* GATE_ENTER or GATE_EXIT */
};

/* Checkpoints at which one arc may be left, or entered: so few that every choice of gates on a move can be looked at. */
enum { RULES_GATES_MAX = 12 };

struct rules {
    int64_t version, as_of_ms;
    const struct rules_input *input; /* the rules' own copy; everything a text needs is found there */

    /* area sets by arc: memberships of arc a are member[arc_first_member[a]] .. (sorted by zone) */
    const uint32_t *arc_first_member;
    const struct membership *member;
    const struct stretch *stretches;
    uint32_t member_count, stretch_count;

    /* area sets by zone: arcs of zone z are zone_arc[zone_first_arc[z]] .. (sorted) */
    const uint32_t *zone_first_arc;
    const arc_id *zone_arc;

    /* gate arcs sorted by (arc, zone, direction, checkpoint), and where each arc's begin */
    const struct gate_arc *gate_arcs;
    uint32_t gate_arc_count;
    const uint32_t *arc_first_gate;

    /* closures by arc */
    const uint32_t *arc_first_closure;
    const uint32_t *arc_closure; /* closure index */

    /* and arcs by closure: closure_arc[closure_first_arc[i]] .., as they are named, one perhaps twice */
    const uint32_t *closure_first_arc;
    const arc_id *closure_arc;

    /* Limits in force: the network's own arrays, or copies in which the register's rows stand in place of the source's.
     * An engine that reads the network's would not see a bridge that was posted this morning. */
    const uint32_t *road_limits; /* [road_count] row of `limits` */
    const uint32_t *limits;      /* [limits_count * LIMIT_COUNT], row 0 all zero */
    uint32_t limits_count;
    const uint16_t *road_flags;  /* [road_count] enum road_flag; ROAD_HAZMAT_NO as in force */

    /* What an operator must hear about, indices into the input: checkpoints of which a gate resolves to no arc, or
     * that tie no zone, or that list by hand an unknown arc or one that is no passage; closures that touch no arc or
     * list an unknown road. What is known of them binds all the same. */
    const uint32_t *dead_checkpoints;
    uint32_t dead_checkpoint_count;
    const uint32_t *dead_closures;
    uint32_t dead_closure_count;
    uint32_t dead_road_limit_count; /* entries of the register for roads that the network does not have */

    struct zone_index near;         /* where the zones are */
    struct zone_bindings *bindings; /* what they mean for whom; locks for itself, as do the next two */
    struct closure_bindings *closure_bindings;
    struct checkpoint_bindings *checkpoint_bindings;
};

/** The row of LIMIT_COUNT limits in force on a road. */
static inline const uint32_t *rules_limits(const struct rules *r, road_index road)
{
    return r->limits + (size_t)r->road_limits[road] * LIMIT_COUNT;
}

/** Compiles `input` (deep-copied). `previous` may be NULL; zones and checkpoints that did not change since (same
 *  content) are taken over from it if it is of the same network, so that a small change costs little. Any zone that
 *  cannot be compiled fails the whole (fail closed) and the error's log line names it. A zone away from the roads has no arcs. Of more
 *  than RULES_GATES_MAX checkpoints at one arc one way those beyond open nothing there and are among the dead. `n` and `spatial` are
 *  only used during the call, but the rules belong to that network.
 *
 *  Cost (tests/bench/network_bench): anew 0.1 ms for a zone over 60 roads; with `previous`, one changed zone among
 *  10,000 with 600,000 memberships takes 15 ms on a network of 400,000 arcs; a hundred zones take a millisecond. */
MUST_USE enum status rules_compile(const struct network *n, const struct spatial *spatial,
                                   const struct rules_input *input, const struct rules *previous,
                                   struct rules **out, struct error *err);

/** Reference counting; atomic. */
struct rules *rules_get(struct rules *r);
void rules_release(struct rules *r);

/** Index of a credential type by code, or NO_CREDENTIAL_TYPE. */
credential_type_index rules_credential_type(const struct rules *r, const char *code);

/** Index of a zone by id, or UINT32_MAX. */
uint32_t rules_zone(const struct rules *r, const char *id);

/** Whether arc `a` is in the area set of `zone`; then *m says where. */
bool rules_membership(const struct rules *r, arc_id a, uint32_t zone, const struct membership **m);

/** The rule of a zone that applies to this vehicle: its index, or UINT32_MAX if the zone does not bind it. It is the
 *  first whose subject surely matches; but of those before it that perhaps match (the request does not give plate or
 *  emission stage) and itself, the strictest: doubt closes the road. Strict in the order of enum rule_kind. */
uint32_t rules_zone_rule(const struct zone *z, const struct vehicle *v);

/** Whether an arc's class is open under a rule (motorway brings its through ramps). */
bool rules_arc_open(const struct network *n, const struct zone_rule *rule, arc_id a);

#endif
