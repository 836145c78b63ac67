/* What the tree of a row (table_tree.h) does not tell, because the cheapest ways by the loose reading break rules by the clock: a
 * rule that begins while vehicles are under way, or holds for some hours, lays a shadow over what lies in it and behind it.
 *
 * Outside of the shadow the tree knows the first label of each arc (table_label.h). From there the arcs in the shadow are driven
 * to by the clock, cheapest first (Dijkstra), once for all places in it: what one can first be there by, or that nobody ever
 * can. That is the whole truth where no other label finds open, cheaper or faster what the first one finds closed: by time one that
 * is later, otherwise one that is dearer and earlier, too. Where one might, all that follows is vague: no more is known than what
 * it costs at least. That is enough wherever something known costs less. What is left in the end is the planner's. */
#ifndef ROUTING_TABLE_SHADOW_H
#define ROUTING_TABLE_SHADOW_H

#include "routing/search/table_tree.h"

struct table_shadow; /* workspace of one thread: 4 bytes for each node of the turn graph, and 100 for each in a shadow */

MUST_USE enum status table_shadow_new(const struct base *base, struct table_shadow **out, struct error *err);
void table_shadow_free(struct table_shadow *s);

/* The row at hand, of which `tree` is the tree. All borrowed until the next. */
struct table_row {
    struct table_tree *tree;
    const struct constraint *c;
    const struct metric *metric;
    const struct place *source;
    bool whole;                  /* the loose reading lasts as long as any journey: what it forbids nobody does */
    const struct constraint *by_time; /* where not time is preferred: the same question by time, for the same leg, and its metric; */
    const struct metric *time;        /* when one can first be at a place counts then. May be NULL */
    uint32_t arcs_max;                /* a shadow that makes them more is not driven through: not worth it for so few cells */
};

void table_shadow_begin(struct table_shadow *s, const struct table_row *row);

/** Decides a cell that the tree calls TABLE_NO_WAY, TABLE_BROKEN or (unless time is preferred) TABLE_TIED, if it can: TABLE_LAWFUL,
 *  TABLE_REFUTED, or TABLE_TIED where ways tie. `place` must not lie beside the source (the tree calls that unsure).
 *  STATUS_NO_MEMORY; STATUS_CANCELLED when the request's flag is raised. O(the shadow), once for all places in it. */
MUST_USE enum status table_shadow_cell(struct table_shadow *s, const struct place *place, struct table_cell *cell, struct error *err);

#endif
