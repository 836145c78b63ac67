/* Rows of a table where nothing changes with time: time and length of every cell, along the very ways that routes take, from the
 * hierarchy alone (pairs.h). Where several ways cost the same it says what the route says; table_tree.h must ask the planner then. */
#ifndef ROUTING_TABLE_PAIRS_H
#define ROUTING_TABLE_PAIRS_H

#include "routing/search/table_tree.h"

struct table_pairs; /* workspace of one thread: 4 bytes for each node of the turn graph, 24 for each ancestor of each target */

MUST_USE enum status table_pairs_new(const struct base *base, struct table_pairs **out, struct error *err);
void table_pairs_free(struct table_pairs *t);

/** Whether legs as the one that `c` looks at are such: no rule may change under way, and all that binds is in the loose reading. */
bool table_pairs_do(const struct constraint *c);

/** As table_tree_targets; `by_time` is the metric of the same question by time, `metric` itself where time is preferred. */
MUST_USE enum status table_pairs_targets(struct table_pairs *t, const struct constraint *c, const struct metric *metric,
                                         const struct metric *by_time, const struct place *places, const uint32_t *targets,
                                         uint32_t target_count, struct error *err);

/** As table_tree_row. Cells are TABLE_LAWFUL, TABLE_NO_WAY, or TABLE_UNSURE where the planner must be asked. */
MUST_USE enum status table_pairs_row(struct table_pairs *t, const struct place *source, const uint32_t *asked, uint32_t asked_count,
                                     struct table_cell *cells, struct error *err);

#endif
