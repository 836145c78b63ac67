/* What the tree of a row (table_tree.h) does not tell, because the cheapest ways by the loose reading break rules by the clock: a
 * rule that begins while vehicles are under way lays a shadow over what lies in it and behind it.
 *
 * Where time decides, the tree knows when a vehicle can first be at each arc outside of the shadow. From there the arcs in the
 * shadow are driven to by the clock, soonest first (Dijkstra), once for all places in it: when one can first be there, or that
 * nobody ever can. That is the whole truth as long as coming later never helps: no move that is refused would be allowed, and none
 * would arrive sooner, for as long after the first moment as a vehicle may dawdle (search.h). Where one would, or where waiting
 * is allowed, nothing is said. */
#ifndef ROUTING_TABLE_SHADOW_H
#define ROUTING_TABLE_SHADOW_H

#include "routing/search/heap.h"
#include "routing/search/table_tree.h"

struct table_shadow; /* workspace of one thread: 4 bytes for each node of the turn graph, and 56 for each in a shadow */

MUST_USE enum status table_shadow_new(const struct base *base, struct table_shadow **out, struct error *err);
void table_shadow_free(struct table_shadow *s);

/** Begins the row from `source`, of which `tree` is the tree at hand, under `c`; all borrowed until the next. */
void table_shadow_begin(struct table_shadow *s, struct table_tree *tree, const struct constraint *c, const struct place *source);

/** Decides a cell that the tree calls TABLE_NO_WAY or TABLE_BROKEN, if it can: TABLE_LAWFUL, TABLE_REFUTED, or TABLE_UNSURE where
 *  ways tie. `place` must not lie beside the source (the tree calls that unsure). Time must be preferred. STATUS_NO_MEMORY.
 *  O(the shadow), once for all places in it. */
MUST_USE enum status table_shadow_cell(struct table_shadow *s, const struct place *place, struct table_cell *cell, struct error *err);

#endif
