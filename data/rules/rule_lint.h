/* What the database can say about a zone, checkpoint or closure before it binds. */
#ifndef DATA_RULE_LINT_H
#define DATA_RULE_LINT_H

#include "data/rules/rule_store.h"
#include "geo/base/arena.h"
#include "routing/rules/rules.h"

struct rule_finding {
    const char *code, *severity, *zh, *en;
    const char *place; /* GeoJSON geometry, or NULL */
};

/** Findings into an array of the arena, in a fixed order. Inside the transaction, changes that were not committed
 *  included. Cost: one look at each road and zone that touches a zone. */
MUST_USE enum status rule_lint(struct write_tx *tx, enum desk_kind kind, const char *id, struct arena *arena,
                               struct rule_finding **out, size_t *count, struct error *err);

/** All rules as they would be if these objects of one kind were approved, inside the transaction, which must then be undone. */
MUST_USE enum status rule_whatif(struct write_tx *tx, enum desk_kind kind, const char *const *ids, size_t count,
                                 struct arena *arena, struct rules_input *out, struct error *err);

#endif
