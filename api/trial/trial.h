/* Private views of the rules under changes that are never published, and a few of them kept.
 *
 *   struct view *view;
 *   status = trial_view(x, &changes, root, &current, &view, &err);     // on a worker; *current is what it is compared with
 *   … planner_route(local->planner, view, …) …
 *   view_release(view);
 *
 * The rules are read with the changes in their place (data/rules/load_rules.h), compiled on top of the current ones (what did
 * not change is taken over) and get a view of their own. Views are kept by the digest of the changes and the version
 * of the rules, at most TRIALS_MAX of them, the least recently used one goes first; the metrics of each are bounded like those of the current view: with less, three
 * kinds of vehicles in turn would make each metric anew for every plan. */
#ifndef API_TRIAL_H
#define API_TRIAL_H

#include "api/parse/parse_changes.h"
#include "api/process/exchange.h"
#include "routing/constraint/view.h"

enum { TRIALS_MAX = 3 };

struct trials;

/** `metric_bytes_max` is of each view. NO_MEMORY. */
MUST_USE enum status trials_new(struct trials **out, struct base *base, size_t metric_bytes_max, struct error *err);
void trials_free(struct trials *trials);

/** The view under `changes` for the rules of *current, with a reference of its own. When the database is already ahead of
 *  *current, that is exchanged for the newer view, so that both are of one version. `root` is where the changes stand in
 *  the request, for pointers. Errors: NOT_FOUND (an id that is not there, or not for this caller), INVALID,
 *  ABOVE_CEILING…, as publishing would; UNAVAILABLE, CONFLICT when the rules keep changing. */
MUST_USE enum status trial_view(struct exchange *x, const struct rule_changes *changes, const struct json_at *root,
                                struct view **current, struct view **out, struct error *err);

/** The view of rules that a transaction of the caller's left behind and undid, made like the others and kept by nobody. */
MUST_USE enum status trial_compile(struct exchange *x, const struct rules_input *input, const struct view *current, struct view **out,
                                   struct error *err);

#endif
