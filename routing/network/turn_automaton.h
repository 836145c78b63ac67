/* Turn restrictions over several roads as an automaton on arcs.
 *
 * A restriction is a sequence of arcs s0 … sk. `no`: after s0 … s(k−1) never sk. `only`: after s0 … si nothing but
 * s(i+1), for every i < k; several `only` with the same beginning s0 … si allow each of their next arcs. What a
 * vehicle may do next depends on the longest beginning of a restriction that it has just driven, so the states are
 * the beginnings of two arcs and more (the copies of arcs) and, for everybody else, the arcs themselves. As in Aho and Corasick
 * (1975): `fail` leads from a beginning to the next shorter one that was driven too, and all on that way bind.
 *
 * States < arc_count are arcs. The others are sorted by their last arc. States that no vehicle can reach are left
 * out. Used while a network is built; read-only after turn_automaton_init. */
#ifndef ROUTING_TURN_AUTOMATON_H
#define ROUTING_TURN_AUTOMATON_H

#include "geo/base/error.h"
#include "routing/network/network.h"

enum { TURN_SEQUENCE_MAX = 10 };

struct turn_sequence {
    uint8_t count;    /* 2 .. TURN_SEQUENCE_MAX arcs; each turn among them exists */
    bool only;
    uint8_t subjects; /* enum turn_subject mask */
    arc_id arcs[TURN_SEQUENCE_MAX];
};

struct turn_state {
    uint32_t parent; /* state of the beginning without the last arc */
    uint32_t fail;
    arc_id arc;      /* the last arc */
};

struct turn_child {
    uint32_t state;
    arc_id next;
    uint32_t child;
};

struct turn_order { /* what a state says about a next arc */
    uint32_t state;
    arc_id next;
    uint8_t no, only;
};

struct turn_automaton {
    uint32_t arc_count, copy_count;
    struct turn_state *states; /* of copies: state arc_count + i is states[i] */
    struct turn_child *children; /* sorted by (state, next) */
    size_t child_count;
    struct turn_order *orders; /* sorted by (state, next) */
    size_t order_count;
};

/** Sorts `sequences` in place (the order of rows does not matter). STATUS_NO_MEMORY, STATUS_TOO_LARGE. O(n log n).
 *  Clear with turn_automaton_clear, also after failure. */
MUST_USE enum status turn_automaton_init(struct turn_automaton *out, uint32_t arc_count,
                                         struct turn_sequence *sequences, size_t count, struct error *err);
void turn_automaton_clear(struct turn_automaton *automaton);

/** The state after driving `next` in `state`. */
uint32_t turn_automaton_next(const struct turn_automaton *automaton, uint32_t state, arc_id next);

/** Subjects (mask) to whom `next` is forbidden in `state`. */
uint8_t turn_automaton_forbidden(const struct turn_automaton *automaton, uint32_t state, arc_id next);

/** Every vehicle is a lorry or not; a turn forbidden to both does not exist. */
bool turn_forbidden_to_all(uint8_t mask);

#endif
