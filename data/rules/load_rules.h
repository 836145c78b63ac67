/* One version of the rules, read from the database in one snapshot (REPEATABLE READ) into flat structs.
 *
 * JSON, station ranges, road numbers and approvals are worked out by the views binding_* of the schema; what comes
 * here is columns. Anything that cannot be read fails the whole (fail closed): half the rules are worse than the rules
 * of a minute ago. */
#ifndef DATA_LOAD_RULES_H
#define DATA_LOAD_RULES_H

#include "data/pg/pg.h"
#include "geo/base/arena.h"
#include "routing/rules/rules.h"

/** Bytes that one set of rules may take in memory; 10,000 zones of 1,000 points take about 100 MB. */
#define RULES_BYTES_MAX ((size_t)1 << 30)

/** The version in force, without its rules. One index look-up. */
MUST_USE enum status load_rules_version(struct pg *pg, int64_t *version, struct error *err);

/** Whether the roads in the database are still those that the network of this version was prepared from. If not, what
 *  is resolved to roads (closures, gates set by hand) may not fit it. */
MUST_USE enum status load_network_is_current(struct pg *pg, const char *network_version, bool *current,
                                             struct error *err);

/** Reads the rules that bind now or later. Everything lies in `arena` (which the caller resets or clears). Errors: those
 *  of pg.h; CORRUPT when a row cannot be used (the text names it); NO_MEMORY. Some milliseconds for a prefecture. */
MUST_USE enum status load_rules(struct pg *pg, struct arena *arena, struct rules_input *out, struct error *err);

/** The same inside a transaction of the caller's, changes that were not committed included: for what-if questions. */
MUST_USE enum status load_rules_within(struct pg *pg, struct arena *arena, struct rules_input *out, struct error *err);

/** The rules as they would be under `changes` (JSON, see data/migrations/0018_trial.sql), of which nothing is written and
 *  for which nobody waits. As load_rules; INVALID when what is drawn would be refused. */
MUST_USE enum status load_rules_changed(struct pg *pg, const char *changes, struct arena *arena, struct rules_input *out,
                                        struct error *err);

/* What can be read apart from the rest. Zones with their rules; gates need zones and checkpoints. */
enum rules_part { RULES_CALENDAR, RULES_ZONES, RULES_CHECKPOINTS, RULES_GATES, RULES_CLOSURES, RULES_FACILITIES, RULES_JOURNEYS,
                  RULES_ROAD_LIMITS, RULES_TOLLS };

/** Reads one part of the rules in force into *out, inside a transaction of the caller's; the rest of *out is left alone, and its
 *  credential types must be there already. `only`: of zones, checkpoints and closures those with one of these ids (a text[] of the
 *  database); NULL: all. Gates are put into the checkpoints of *out, which must be the caller's own and have none. As load_rules. */
MUST_USE enum status load_rules_part(struct pg *pg, enum rules_part part, const char *only, struct arena *arena,
                                     struct rules_input *out, struct error *err);

/** Which version a moment means. Errors: OUT_OF_RANGE (the future), BEFORE_HISTORY, ROADS_CHANGED (what is resolved to roads
 *  cannot be resolved as it was); without a pointer. Index look-ups. */
MUST_USE enum status load_rules_moment(struct pg *pg, const struct rules_moment *moment, int64_t *version, struct error *err);

/** The rules as they were published at that moment, from their history; with them what may bind then or later. As load_rules;
 *  errors of load_rules_moment as well. Reads every row of the history: some milliseconds for each thousand versions of objects. */
MUST_USE enum status load_rules_past(struct pg *pg, const struct rules_moment *moment, struct arena *arena, struct rules_input *out,
                                     struct error *err);

/** Whether every id that the changes approve or lift is there for a reader (`desk`: draws or approves, in `scope` or, NULL,
 *  everywhere). `place` receives "" or where the first one stands that is not: "zone/lift/3". */
MUST_USE enum status load_changes_unknown(struct pg *pg, const char *changes, bool desk, const char *scope, char *place,
                                          size_t size, struct error *err);

#endif
