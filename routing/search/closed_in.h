/* What closes the goals of a search in: how many rules that always hold must be broken to reach them from an arc node, found
 * backwards from the goals. A search that has looked at many arcs without arriving asks: if the goals are closed in by less
 * than it has looked at already, it knows that there is no way from outside (or, where rules may be broken, how many every
 * way from outside breaks at least).
 *
 * Rules that come and go count as absent and gates that may open at some moment as open, so what is left outside is outside
 * at any moment. */
#ifndef ROUTING_CLOSED_IN_H
#define ROUTING_CLOSED_IN_H

#include "routing/hierarchy/potential.h"
#include "routing/search/leg.h"

struct closed_in; /* workspace of one thread */

MUST_USE enum status closed_in_new(const struct base *base, struct closed_in **out, struct error *err);
void closed_in_free(struct closed_in *x);

/** The rules of `c` that hold at any moment from `from_ms` on that can be asked for, for the leg that is set; arrays from c's arena.
 *  From c->depart_ms on its loose reading is theirs too, with inspections as short as they can be: a bound from below for any
 *  moment. STATUS_NO_MEMORY. O(force classes + checkpoint classes). */
MUST_USE enum status closed_in_rules(const struct constraint *c, int64_t from_ms, struct constraint *out, struct error *err);

/* Only arc nodes from whose end it is at most `most` to the goals are looked back to: where those moments count before which nobody
 * can be there. Moves from farther away may begin sooner: they count as open where the rules `always` do not close them. */
struct closed_in_near {
    struct potential *potential;
    weight most;
    const struct constraint *always;
};

/** How many rules the move begins to break: what `u` breaks already and `v` goes on breaking is not counted. */
uint32_t closed_in_new_breaches(const struct constraint *c, const struct arc_use *u, const struct move_log *log);

/** Looks back from the goals over at most some `most` arc nodes under `rules` (closed_in_rules), over moves that break nothing. `near`
 *  may be NULL: whatever the distance; what leads farther back is not the end.
 *  True: it came to an end: where closed_in_reached_from says no, nothing that begins there arrives.
 *  O(moves between those nodes). */
bool closed_in_find(struct closed_in *x, const struct constraint *rules, const struct leg_goal *goals, uint32_t goal_count,
                    uint32_t most, const struct closed_in_near *near);
bool closed_in_looked_at(const struct closed_in *x, arc_node u);
bool closed_in_reached_from(const struct closed_in *x, const struct leg_goal *goals, uint32_t goal_count, arc_node seed);

/** The same where rules may be broken: the least number of rules that every way from outside what it has looked at begins to
 *  break. Until the next call closed_in_level is a lower bound for any arc node, and no greater than the breaches that a move
 *  begins and the level behind it (consistent). */
uint32_t closed_in_levels(struct closed_in *x, const struct constraint *rules, const struct leg_goal *goals, uint32_t goal_count,
                          uint32_t most, const struct closed_in_near *near);
uint32_t closed_in_level(const struct closed_in *x, arc_node u);

#endif
