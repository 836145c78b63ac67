/* Everything that binds one request, compiled once: the vehicle against the limits, the rules of each zone and closure
 * with the times at which they bind, what each checkpoint would say to these credentials, what the request avoids.
 *
 * Two readings of the same rules:
 *   exact   a rule is judged at the moment when the vehicle is there (routing/constraint/passage.h)
 *   loose   a rule counts only if it binds all through [depart, loose_until]; a gate counts as open if it is so at any
 *           moment of it. Every lawful plan that ends by then is lawful under the loose reading and no cheaper, so the
 *           metric of the loose reading gives lower bounds, and answers wherever time does not matter.
 *
 * Conventions (semantics.md leaves them to the engine; the oracle and the checker follow them too):
 *   - An arc is judged for the time that the vehicle is in each stretch of it that lies in the zone.
 *   - A gate stands at the start of the arc that enters and at the end of the arc that leaves. Where the leg itself ends
 *     outside, on the arc that leaves, the vehicle waits for it before that arc.
 *   - Of the first and the last arc of a leg only the used part counts; any used part inside the zone does.
 *   - A leg starts or ends inside a zone when its place does. */
#ifndef ROUTING_CONSTRAINT_H
#define ROUTING_CONSTRAINT_H

#include "geo/area_cells.h"
#include "geo/projection.h"
#include "routing/constraint/force.h"
#include "routing/constraint/rule_kinds.h"
#include "routing/constraint/view.h"

/* Pieces of roads that are open to destination traffic only, joined where they touch; computed once per network. */
struct pieces {
    uint32_t *of_arc; /* [arc_count] piece + 1, or 0; NULL when there are none */
    uint32_t count;
};

MUST_USE enum status pieces_init(struct pieces *p, const struct network *n, bool lorry, struct error *err);
void pieces_clear(struct pieces *p);

/* What it shares with others of its kind, each held. */
struct rule_bindings {
    struct zone_binding *zones;             /* NULL in the free reading */
    struct closure_binding *closures;       /* NULL there, and when there are none */
    struct checkpoint_binding *checkpoints; /* likewise */
};

/* Whether what some checkpoints ask for can be shown at some moment that can be asked for, of the loose interval. */
struct asking {
    bool ever, loose;
};

/* Checkpoints that let the vehicle pass whatever they ask, beside those whose bit is set. */
enum checkpoints_lifted { LIFTED_MARKED, LIFTED_USABLE /* that do so at some moment */, LIFTED_ALL };

/* What stands in the way on a move. The kinds say which other members count. */
struct breach {
    enum conflict_kind kind;
    enum status cause;
    uint32_t zone, checkpoint, closure;
    road_index road;
    enum limit_kind limit_kind;
};

enum { LIFTED_ROADS_MAX = 64 };

struct avoid_area {
    struct area *area;
    struct area_cells *cells; /* of the same shape */
    struct area_stretches stretches;
    uint32_t *stamp; /* [road_count] of the workspace: generation * 2 + in */
    uint32_t generation;
};

struct constraint {
    const struct network *n;
    const struct turn_graph *g;
    const struct rules *rules;
    const struct rules_input *input;
    const struct route_request *request;
    const struct pieces *pieces; /* of this kind of vehicle */
    struct credential_set credentials;
    struct arena *arena;
    uint8_t subject;        /* enum turn_subject mask of the vehicle */
    bool lorry, limited, capped;
    bool pieces_open;       /* loose reading of this leg: all pieces open (an endpoint lies in one) */
    uint32_t piece_from, piece_to; /* open to this leg; 0 = none */
    uint32_t toll_class;
    uint32_t unit_mm;       /* of costs by distance (network_distance_unit_mm) */
    int plate_tail;
    int64_t depart_ms, loose_until_ms, until_ms;
    uint8_t *row_fails;     /* [rules->limits_count] bit per limit_kind */
    struct rule_bindings bindings;
    const struct zone_state *zones;   /* of the binding; NULL: none binds. Ask constraint_zone */
    const struct rule_force *forces;  /* [classes.count] of the binding */
    const uint64_t *bound_arcs, *gated_arcs; /* of the binding; NULL: any may be. Ask constraint_arc_quiet, constraint_arc_gated */
    uint64_t *zone_lifted;            /* bits: by the explanation */
    uint64_t *zone_open;              /* bits: to the leg that is being looked at */
    struct avoided_zone {             /* named in avoid.zones, ascending: as if closed */
        uint32_t zone;
        struct zone_state state;
    } *avoided;
    uint32_t avoided_count;
    const uint32_t *closure_class;           /* of the binding; NULL: none binds. Ask constraint_closure */
    const struct rule_force *closure_forces; /* [classes.count] of that binding */
    const uint32_t *opening_class;           /* of the binding. Ask constraint_opening */
    const struct rule_force *openings;       /* [classes.count] of that binding */
    const struct checkpoint_classes *asks, *earns; /* of the version */
    const struct asking *asking;             /* [asks->count] */
    const bool *green;                       /* [earns->count] loose reading: its credential is valid at some moment */
    uint64_t *closure_lifted, *checkpoint_lifted; /* bits: by the explanation */
    enum checkpoints_lifted checkpoints_lifted;
    uint32_t *leg_zones;    /* zones with their bit in zone_open set now */
    uint32_t leg_zone_count;
    struct avoid_area *avoid; /* or NULL */
    road_index lifted_roads[LIFTED_ROADS_MAX];
    uint32_t lifted_count;
    bool rules_lifted;      /* a bit of zone_lifted, closure_lifted or checkpoint_lifted may be set */
    bool lift_avoid, lift_arcs; /* all that is avoided; all that binds arcs whatever the time */
    bool varying;           /* some rule may change under way */
    uint64_t dearest;       /* a way that costs as much or more is of no use to who asks; 0: any is */
    const uint8_t *penalty; /* [arc_count] halves of its cost that an arc is made dearer by (alternatives); NULL: none */
};

/* A position on a road, as a leg's end. */
struct road_position {
    road_index road;
    uint32_t offset_mm; /* along the road's geometry */
};

/** Compiles. Arrays come from `arena`, which must outlive it. `loose_until_ms` bounds the loose reading, `until_ms` the
 *  moments that can be asked for exactly. STATUS_UNKNOWN_CREDENTIAL_TYPE, STATUS_INVALID (unknown zone to avoid),
 *  STATUS_NO_MEMORY. O(different subjects, hours, exemptions and requirements): the zones, closures and checkpoints themselves are
 *  walked over only by the first request of a kind (routing/constraint/zone_binding.h, closure_binding.h, checkpoint_binding.h);
 *  besides, a few bits for each are cleared. Holds references until constraint_done. */
MUST_USE enum status constraint_init(struct constraint *c, const struct base *base, const struct rules *rules,
                                     const struct route_request *request, const struct pieces *pieces,
                                     int64_t loose_until_ms, int64_t until_ms, struct avoid_area *avoid,
                                     struct arena *arena, struct error *err);

/** Lets go of what it shares with others; its copies must not be used any more. All zero bytes: nothing happens. */
void constraint_done(struct constraint *c);

/** The same for bindings that were taken over from a constraint. */
void rule_bindings_release(struct rule_bindings *bindings);

/** The same request with every rule lifted but turn restrictions: the lower bound of any lifting. Shares `c`'s arena. */
MUST_USE enum status constraint_free_reading(const struct constraint *c, struct constraint *out, struct error *err);

/** Whether two constraints of the same request under the same rules read the rules alike in the loose reading, though theirs do
 *  not last equally long: then what was found out under one holds for the other. O(classes). */
bool constraint_reads_alike(const struct constraint *a, const struct constraint *b);

/** Sets what depends on where the leg starts and ends. */
void constraint_leg(struct constraint *c, struct road_position from, struct road_position to);

/** Full travel time of an arc for this vehicle, without rules that change with time. */
uint32_t constraint_arc_ms(const struct constraint *c, arc_id a);

/** Whether an arc may be used at all, as far as neither place in it nor time matter: vehicle limits, access, what the
 *  request avoids. `loose` opens all destination pieces where the leg has one. The first breach goes to `*b` (may be
 *  NULL). */
bool constraint_arc_open(const struct constraint *c, arc_id a, bool loose, struct breach *b);

/** All breaches of that kind, at most `max`. */
uint32_t constraint_arc_breaches(const struct constraint *c, arc_id a, struct breach *b, uint32_t max);

/** Whether an arc lies in the avoided area with the part [from, to] (mm along the arc). */
bool constraint_avoids(const struct constraint *c, arc_id a, uint32_t from_mm, uint32_t to_mm);

static inline bool constraint_bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> i % 64 & 1;
}

/** What a zone means for this request. O(1), or O(log) of the zones to avoid. */
const struct zone_state *constraint_avoided(const struct constraint *c, uint32_t zone); /* NULL: not named */
extern const struct zone_state constraint_no_zone;

static inline const struct zone_state *constraint_zone(const struct constraint *c, uint32_t zone)
{
    const struct zone_state *avoided = c->avoided_count ? constraint_avoided(c, zone) : NULL;
    return avoided ? avoided : c->zones ? &c->zones[zone] : &constraint_no_zone;
}

/** False unless an arc surely lies in no zone that may bind this request, true unless it surely lies in none that is gated and may:
 *  so that stored zones which mean nothing to it are not looked at where they lie. O(1). */
static inline bool constraint_arc_quiet(const struct constraint *c, arc_id a)
{
    return c->bound_arcs && !constraint_bit(c->bound_arcs, a);
}

static inline bool constraint_arc_gated(const struct constraint *c, arc_id a)
{
    return !c->gated_arcs || constraint_bit(c->gated_arcs, a);
}

static inline const struct rule_force *constraint_force(const struct constraint *c, const struct zone_state *z)
{
    return &c->forces[z->force];
}

/** Whether it binds at any moment that can be asked for, and (the loose reading) all through. */
static inline bool constraint_binds(const struct constraint *c, const struct zone_state *z)
{
    return z->bound && c->forces[z->force].ever;
}

static inline bool constraint_binds_throughout(const struct constraint *c, const struct zone_state *z)
{
    return z->bound && c->forces[z->force].const_on;
}

static inline bool constraint_zone_lifted(const struct constraint *c, uint32_t zone)
{
    return constraint_bit(c->zone_lifted, zone);
}

/** Lifts or sets again a rule, by its bit in one of the three arrays. */
static inline void constraint_lift(struct constraint *c, uint64_t *bits, uint32_t i, bool on)
{
    bits[i / 64] = (bits[i / 64] & ~((uint64_t)1 << i % 64)) | (uint64_t)on << i % 64;
    c->rules_lifted = c->rules_lifted || on;
}

static inline bool constraint_zone_open(const struct constraint *c, uint32_t zone)
{
    return constraint_bit(c->zone_open, zone);
}

/** When a closure binds; NULL: at no moment that can be asked for, or it is lifted. O(1). */
static inline const struct rule_force *constraint_closure(const struct constraint *c, uint32_t closure)
{
    uint32_t class = c->closure_class ? c->closure_class[closure] : CLOSURE_UNBOUND;
    if (class == CLOSURE_UNBOUND || !c->closure_forces[class].ever || constraint_bit(c->closure_lifted, closure)) return NULL;
    return &c->closure_forces[class];
}

/** When a checkpoint is open. O(1). */
static inline const struct rule_force *constraint_opening(const struct constraint *c, uint32_t checkpoint)
{
    return &c->openings[c->opening_class[checkpoint]];
}

/** Whether it may let this vehicle pass at some moment that can be asked for, and (the loose reading) of the interval. */
static inline bool constraint_checkpoint_ever(const struct constraint *c, uint32_t checkpoint)
{
    return constraint_opening(c, checkpoint)->ever && c->asking[c->asks->of[checkpoint]].ever;
}

static inline bool constraint_checkpoint_loose(const struct constraint *c, uint32_t checkpoint)
{
    return constraint_opening(c, checkpoint)->sometime && c->asking[c->asks->of[checkpoint]].loose;
}

static inline bool constraint_checkpoint_lifted(const struct constraint *c, uint32_t checkpoint)
{
    if (c->checkpoints_lifted == LIFTED_ALL || constraint_bit(c->checkpoint_lifted, checkpoint)) return true;
    return c->checkpoints_lifted == LIFTED_USABLE && constraint_checkpoint_ever(c, checkpoint);
}

/** How long it inspects in the loose reading. */
static inline uint32_t constraint_loose_inspection_ms(const struct constraint *c, uint32_t checkpoint)
{
    return checkpoint_inspection_ms(&c->input->checkpoints[checkpoint], c->green[c->earns->of[checkpoint]]);
}

/** Whether the area set's member belongs to the controlled set of the zone's rule. */
static inline bool constraint_controls(const struct constraint *c, const struct zone_state *z, arc_id a)
{
    if (z->open == 0) return true;
    road_index road = c->n->arc_road[a];
    if (z->open >> c->n->road_class[road] & 1) return false;
    return !((z->open >> ROAD_MOTORWAY & 1) && (c->n->road_flags[road] & ROAD_THROUGH_RAMP));
}

/** Whether a position lies inside a zone's area (a stretch of the road there). */
bool constraint_inside(const struct constraint *c, struct road_position at, const struct membership **m, uint32_t k);

/** A zone or closure that forbids a call there: zones by the position's stretches, closures that forbid stopping or
 *  the road. `loose`: those that do so all through; otherwise at any moment of [from, until], and `*change_ms` is
 *  lowered to the next shift of both moments for which the answer may differ (relative to from_ms). */
bool constraint_call_open(const struct constraint *c, struct road_position at, bool loose, int64_t from_ms,
                          int64_t until_ms, int64_t *change_ms, struct breach *b);

/** Whether a zone or closure goes by the last digit of the plate, and the request does not give it: then it counts. */
bool constraint_zone_by_unknown_plate(const struct constraint *c, uint32_t zone);
bool constraint_closure_by_unknown_plate(const struct constraint *c, uint32_t closure);

/** The first zone (or the avoided area: UINT32_MAX - 1) whose polygon holds a requested point and that forbids calls all
 *  through the loose interval; UINT32_MAX if none. `beside`: the road that the point is at, then zones of other layers do not count;
 *  or NO_ROAD. */
uint32_t constraint_point_zone(const struct constraint *c, struct point_e7 point, road_index beside);

#endif
