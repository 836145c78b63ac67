/* Weights of a reading made from those of another that differs from it on a few arcs.
 *
 *      ──►──┐   turn in: anew       ┌──►──  turn out: anew if `a` lies in a gated zone
 *           ├──►──── a ────►────────┤
 *      ──►──┘                       └──►──
 */
#ifndef ROUTING_LOOSE_PATCH_H
#define ROUTING_LOOSE_PATCH_H

#include "routing/constraint/touched.h"

/** `weights[turn_count]` are those of a reading that says the same of all arcs that are not touched, and in which no arc lies in a
 *  gated zone; `others[arc_count]` is what its arcs weigh (loose_arc_weight). Works out anew what differs in c's reading. `own[arc_count]`
 *  receives what touched arcs weigh; it may be `others`. O(turns in and out of touched arcs), and a look at each arc's bit. */
void loose_patch(const struct constraint *c, const struct touched_arcs *touched, weight *own, const weight *others, weight *weights);

#endif
