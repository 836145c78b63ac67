/* A search from the goals of a leg towards its seeds, beside the one that goes forwards: A* over the loose reading and what the
 * request avoids, so what it finds is the least that the rest of the way from an arc node can cost, and where no rule changes it is
 * what it does cost. A search forwards that knows nothing of the polygons of its request floods all that lies before a pocket in which
 * the goals are; from inside, the pocket is small.
 *
 * Who runs both says whether a node is worth going on from. One object per thread. */
#ifndef ROUTING_OPPOSITE_H
#define ROUTING_OPPOSITE_H

#include "routing/hierarchy/potential.h"
#include "routing/search/heap.h"
#include "routing/search/leg.h"

struct opposite {
    const struct base *base;
    const struct constraint *c;
    struct potential *potential; /* how far it is from the seeds at least */
    struct heap heap;
    uint32_t *stamp; /* [node_count] generation * 2, + 1 when settled */
    uint64_t *rest;  /* [node_count] what costs from the end of the arc to a goal, if stamped */
    turn_id *next;   /* [node_count] the turn by which it goes on */
    uint32_t generation;
};

/** 20 bytes an arc node and a potential's. STATUS_NO_MEMORY. */
MUST_USE enum status opposite_new(const struct base *base, struct opposite **out, struct error *err);
void opposite_free(struct opposite *o);

/** Begins. `metric` belongs to c's loose reading or to a freer one. Then first the sources: nodes that a way may begin with, at what
 *  cost, less than WEIGHT_INFINITY; and then nodes from whose end a goal is reached by a turn. False: no memory. */
void opposite_begin(struct opposite *o, const struct constraint *c, const struct metric *metric);
void opposite_source(struct opposite *o, arc_node v, weight cost);
MUST_USE bool opposite_goal(struct opposite *o, arc_node v, turn_id turn, uint64_t cost);

/** The least that a way costs, source to goal, which goes by a node that is not settled; UINT64_MAX if there is none. Drops what is out
 *  of date. */
uint64_t opposite_least(struct opposite *o);

/** Settles the next node; opposite_least was not UINT64_MAX. */
arc_node opposite_settle(struct opposite *o);

/** Goes on from a settled node, unless the request avoids its arc. False: no memory. */
MUST_USE bool opposite_expand(struct opposite *o, arc_node v);

static inline bool opposite_settled(const struct opposite *o, arc_node v)
{
    return o->stamp[v] == 2 * o->generation + 1;
}

/** What is known so far of the rest of the way from a node's end; UINT64_MAX: nothing. Exact when it is settled. */
static inline uint64_t opposite_rest(const struct opposite *o, arc_node v)
{
    return o->stamp[v] >> 1 == o->generation ? o->rest[v] : UINT64_MAX;
}

#endif
