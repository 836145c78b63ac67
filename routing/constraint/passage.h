/* One move: the manoeuvre from one arc to the next with the gates at it, and the drive along the next arc, judged by
 * every rule. Search, simulation, metric and explanation all move by this one function.
 *
 *   begin   from no arc: the vehicle starts on `v` (gates if it starts outside a zone and heads in)
 *   middle  turn u → v: exit gates at the end of u, the turn, entry gates at the start of v, the drive along v
 *   end     as middle or begin with v.last: also exit gates where the place lies beyond the zone
 *
 * The gates of all borders of a move are chosen together: those with which the vehicle is soonest at its end, then the lowest
 * checkpoints, border after border in the order of the zones. They are passed one after the other, each at its own moment. A
 * checkpoint that has inspected is not asked again on the same move: it lets through all borders that it serves. */
#ifndef ROUTING_PASSAGE_H
#define ROUTING_PASSAGE_H

#include "routing/constraint/constraint.h"

/* The part of an arc that a leg uses, mm along the arc in travel direction. */
struct arc_use {
    arc_id arc;
    uint32_t from_mm, to_mm;
    bool first, last; /* partial at the start, at the end */
};

static inline struct arc_use arc_use_whole(const struct network *n, arc_id a)
{
    return (struct arc_use){.arc = a, .from_mm = 0, .to_mm = network_arc_length_mm(n, a)};
}

struct move {
    int64_t arrive_ms;      /* at the end of the used part of v */
    int64_t change_ms;      /* the next start moment for which the outcome may differ; TIME_OPEN if never */
    int64_t end_change_ms;  /* when, by the clock, the gates at the end of the last arc may answer otherwise */
    uint32_t drive_ms, inspection_ms, turn_ms, length_mm, toll_centifen; /* drive_ms WEIGHT_INFINITY: that long or longer */
    bool gate;              /* a gate that is asked for stands at it: waiting is possible just before, whatever refuses it */
};

struct gate_event {
    uint32_t zone, checkpoint;
    enum gate_direction direction;
    int64_t at_ms;          /* when its checkpoint was asked */
    uint32_t inspection_ms; /* 0 also where that has inspected for a border before */
    bool green;
    bool at_end; /* of the last arc, not at its start */
    uint8_t credential_count;
    uint16_t credentials[8];
};

enum { MOVE_GATES_MAX = 16, MOVE_BREACHES_MAX = 24 };

/* What happened on a move; only filled when asked for. */
struct move_log {
    uint32_t gate_count, breach_count;
    bool gates_full; /* there are more */
    struct gate_event gates[MOVE_GATES_MAX]; /* of the arc's start before its end, in the order of inspection */
    struct breach breaches[MOVE_BREACHES_MAX];
};

enum move_reading {
    MOVE_EXACT, /* judged at the moments themselves */
    MOVE_LOOSE, /* loose reading, time does not matter (at_ms = depart) */
    MOVE_RELAX, /* as exact, but goes on when a rule is broken and logs all breaches */
};

/** Moves. `u` is NULL at the beginning; `turn` is ignored then. False if a rule forbids it: then m->change_ms says
 *  when to ask again, and with a log the first breach is in it. MOVE_RELAX: always true, breaches in the log, as few as any choice
 *  of gates leaves. O(zones at the two arcs), times the choices of gates, of which RULES_GATES_MAX leaves few. */
bool passage_move(const struct constraint *c, const struct arc_use *u, turn_id turn, const struct arc_use *v,
                  int64_t at_ms, enum move_reading reading, struct move *m, struct move_log *log);

/** What so much costs under the request's preference: milliseconds, c->unit_mm of length (rounded), or hundredths of a fen.
 *  Sums of any size; what is costed together may differ from the sum of its moves' costs by a unit or so for each. */
uint64_t passage_cost_of(const struct constraint *c, uint64_t ms, uint64_t length_mm, uint64_t toll_centifen);

/** The cost of a move, at most WEIGHT_INFINITY. */
weight passage_cost(const struct constraint *c, const struct move *m);

/** Whether the used part of an arc lies in a member's stretches, and whether it starts and ends there. */
bool passage_use_in(const struct constraint *c, const struct arc_use *use, const struct membership *m, bool *starts_in,
                    bool *ends_in);

#endif
