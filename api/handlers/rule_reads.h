/* Reading zones, checkpoints and closures from the register: one, a page of them, every version of one. What binds or
 * has bound is public; drafts are for the desk, each within its county. */
#ifndef API_HANDLERS_RULE_READS_H
#define API_HANDLERS_RULE_READS_H

#include "api/process/exchange.h"
#include "data/rules/rule_store.h"

extern const char *const rule_read_keys[];
extern const char *const zone_list_keys[], *const checkpoint_list_keys[], *const closure_list_keys[];

/** GET /v1/zones and so on: with state, county, class (kind, object), limit or cursor a page of the register; without
 *  them the layer that the map draws (api/handlers/layers.h). */
void rules_list(struct exchange *x);

/** GET /v1/zones/{id}: a Feature with ETag. */
void rule_read(struct exchange *x);

/** GET /v1/zones/{id}/history */
void rule_history_read(struct exchange *x);

/** What the caller may see beside what is public. */
struct rule_reader rule_reader_of(const struct exchange *x);

#endif
