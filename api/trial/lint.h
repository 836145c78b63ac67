/* The answer of a dry run: what would happen, and what an approver should hear before.
 *
 *   {"would_be": Feature, "findings": [{"code", "severity": "error|warning|info", "message", "pointer", "place": GeoJSON}]}
 *
 * From the database: approval, slivers, tolerance, structures. From compiling the rules as if it were approved: a zone
 * that controls no road, gates that resolve to no arc, closures that touch none, hours that never come, and islands:
 * roads that are open themselves and that a kind of vehicle could no longer come to or leave. */
#ifndef API_LINT_H
#define API_LINT_H

#include "api/app.h"
#include "api/json/writer.h"
#include "data/rules/rule_lint.h"

/** Appends the answer for an object that the transaction has just made; undoes the transaction as soon as it has read what
 *  it needs, so that nobody waits for the rest, and the caller must do so too. `view` gives the network; NULL: what needs
 *  it is left out and a finding says so. Cost: loading and compiling all rules and looking for islands, some hundred
 *  milliseconds for a prefecture. */
MUST_USE enum status lint(struct write_tx *tx, enum desk_kind kind, const char *id, const struct view *view,
                          enum language language, struct arena *arena, struct buffer *out, struct error *err);

/** The findings about one object of many that a transaction has changed, as an array: `found` by rule_lint, and what
 *  `rules`, compiled from those changes, show. */
void lint_member(struct json_writer *w, enum desk_kind kind, const char *id, const struct rule_finding *found, size_t count,
                 const struct rules *rules, enum language language);

/* One of several new objects, and its place in what was sent. */
struct lint_one {
    const char *id;
    size_t feature;
};

/** Appends [{"feature", "would_be", "findings"}, …] for objects that the transaction has just made, judged as if all of them
 *  were approved; undoes the transaction. Islands are not looked for. Cost: that of loading and compiling the rules once,
 *  and a look at the roads of each. */
MUST_USE enum status lint_many(struct write_tx *tx, enum desk_kind kind, const struct lint_one *ones, size_t count,
                               const struct view *view, enum language language, struct arena *arena, struct buffer *out,
                               struct error *err);

/** Appends the answer for what could not even be read or stored: one finding made of the error. `place` is a GeoJSON
 *  geometry or NULL. */
void lint_refused(const struct error *err, enum language language, const char *place, struct buffer *out);

#endif
