/* What changed in the rules, version by version: what listeners are told, and the list of versions. */
#ifndef DATA_RULE_EVENTS_H
#define DATA_RULE_EVENTS_H

#include "data/pg/pg.h"
#include "geo/base/buffer.h"

#include <stdint.h>

/** Calls `take` for each version after `after` up to `last`, oldest first, with its event as JSON: {"rules_version",
 *  "committed_at", "changed_count", "changed":[{"kind","id","act"}]}. Stops at the first status that is not OK and
 *  returns it. Otherwise errors of pg.h. */
MUST_USE enum status rule_events_read(struct pg *pg, int64_t after, int64_t last,
                                      enum status (*take)(void *context, int64_t version, const char *event), void *context,
                                      struct error *err);

/** Appends {"rules_version", "versions":[{"rules_version", "committed_at"}], "next"}: newest first, those below `before`
 *  (0: from the newest), at most `limit`; `next` is the `before` of the next page or null. */
MUST_USE enum status rule_versions_list(struct pg *pg, int64_t before, unsigned limit, struct buffer *out, struct error *err);

#endif
