/* Writing zones, checkpoints and closures: POST, PUT, DELETE, and the acts of their life. One set of handlers for all
 * three; the pattern of the route says which.
 *
 * Every one works on a worker, in one transaction: looks (404 outside the caller's county), compares If-Match, judges
 * whether the act is possible (data/rules/rule_store.h), acts, answers with the Feature, its ETag and the rules version that
 * the commit made: a question with that `min_rules_version` is answered under it. `Idempotency-Key` makes the answer
 * of a repeated request the first one's. `?dry_run=true` undoes everything and answers with what lint finds. */
#ifndef API_HANDLERS_RULES_H
#define API_HANDLERS_RULES_H

#include "api/process/exchange.h"
#include "data/rules/rule_store.h"

#include <jansson.h>

extern const char *const dry_run_keys[];

void rule_create(struct exchange *x);
void rule_replace(struct exchange *x);
void rule_delete(struct exchange *x);
void rule_submit(struct exchange *x);
void rule_approve(struct exchange *x);
void rule_reject(struct exchange *x);
void rule_lift(struct exchange *x);

/** Which of the three a route is about. */
enum desk_kind rule_kind_of(const struct exchange *x);

/** Where the geometry of `document` (a Feature or a FeatureCollection) is wrong, by the pointer of an INVALID_GEOMETRY, as
 *  GeoJSON in the arena; NULL where that cannot be told, and in another CRS. */
const char *rule_error_place(json_t *document, const struct error *err, struct arena *arena);

/** The caller as the actor of a transaction. */
struct write_actor rule_actor(const struct exchange *x);

#endif
