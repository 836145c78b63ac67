/* A drill of a county's plan (演练): everything a switch would do, and nothing published.
 *
 * Inside a transaction that is undone, the plan is switched on, each member is looked at as before an approval, and the
 * rules are read as they would be. After that, outside of it, those rules are compiled into a view of their own and
 * every demand of the plan is routed under the rules in force and under those:
 *
 *   {"plan": …, "members": [{"kind", "id", "findings": [{"code", "severity", "message", "place"}]}],
 *    "demands": [{"name", "verdict", "now": {…}, "then": {…}}]}
 *
 * verdict: unaffected, detour (longer or dearer in time), eased, opened, broken (there is a way now, and none then),
 * impossible (neither). */
#ifndef API_DRILL_H
#define API_DRILL_H

#include "api/app.h"
#include "api/parse/parse_route.h"
#include "data/rules/county_store.h"

struct drill;

/** Switches plan `id` on (COUNTY_DRILL) inside `tx`, which the caller undoes afterwards, and reads what the rules would be. `view` is
 *  borrowed until drill_free. Errors: those of county_act_on. */
MUST_USE enum status drill_new(struct write_tx *tx, const char *id, const struct county_words *words, struct view *view,
                               const struct parse_setting *setting, struct drill **out, struct error *err);

/** Compiles, routes the demands on this thread's planner and writes the answer. No connection is held meanwhile. Cost:
 *  compiling all rules, and two questions a demand. */
MUST_USE enum status drill_write(struct drill *drill, struct app_local *local, const bool *cancelled, struct buffer *out,
                                 struct error *err);

void drill_free(struct drill *drill);

#endif
