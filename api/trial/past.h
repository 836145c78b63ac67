/* Views of the rules as they were at an earlier moment, and a few of them kept.
 *
 *   status = past_view(x, &moment, &view, &err);     // on a worker
 *   … planner_route(local->planner, view, …) …       // the checker judges by the same view
 *   view_release(view);
 *
 * The rules are read from their history (data/rules/load_rules.h), compiled on top of the current ones (what is the same is
 * taken over) and get a view of their own. Each question asks the database first which version its moment means and whether
 * the roads are still those of then; a version is compiled once and kept, at most PASTS_MAX of them, the least recently
 * used one goes first. Compiling is done by one worker at a time, so that what is being made is bounded as well.
 *
 * Memory: PASTS_MAX views, each with its rules and at most `metric_bytes_max` of metrics, and while one is made
 * RULES_BYTES_MAX at the most. */
#ifndef API_PAST_H
#define API_PAST_H

#include "api/process/exchange.h"
#include "routing/constraint/view.h"

enum { PASTS_MAX = 3 };

struct pasts;

/** `metric_bytes_max` is of each view. NO_MEMORY. */
MUST_USE enum status pasts_new(struct pasts **out, struct base *base, size_t metric_bytes_max, struct error *err);
void pasts_free(struct pasts *pasts);

/** The view of the rules at `moment`, with a reference of its own; the current one when that is what the moment means.
 *  Errors, with the pointer /as_of: OUT_OF_RANGE (the future), BEFORE_HISTORY, ROADS_CHANGED; UNAVAILABLE (no database, no
 *  rules yet), TOO_MANY_REQUESTS (too many wait for versions that are being compiled), CANCELLED. Blocks: workers only. */
MUST_USE enum status past_view(struct exchange *x, const struct rules_moment *moment, struct view **out, struct error *err);

#endif
