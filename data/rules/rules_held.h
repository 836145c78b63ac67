/* The rules that a connection holds: read whole once, and after that only what changed since.
 *
 *   struct rules_held *held;
 *   rules_held_new(&held, &err);
 *   for each notification:
 *       rules_held_read(held, pg, &input, &err);      // whole the first time
 *   rules_held_forget(held);                          // a new connection: whatever is held may have been missed or undone
 *
 * What it gives is what a whole reading at the same moment would have given, byte for byte. The history says which zones,
 * checkpoints, closures and registers changed (rules_changed in data/migrations/0034_rules_changed.sql); of those whose end is near,
 * which drop out by time alone, the database is asked as well. Where everything hangs on what changed (a class of zones, a type of
 * credential, a station or name of a road, a jurisdiction, the roads themselves), everything is read again, in the same snapshot.
 *
 * A change of one zone among thousands then costs the reading of that zone and of the gates. Not for sharing between threads. */
#ifndef DATA_RULES_HELD_H
#define DATA_RULES_HELD_H

#include "data/rules/load_rules.h"

struct rules_held;

/** NO_MEMORY. */
MUST_USE enum status rules_held_new(struct rules_held **out, struct error *err);
void rules_held_free(struct rules_held *held);

/** The next reading is a whole one. */
void rules_held_forget(struct rules_held *held);

/** The rules in force. *out is borrowed until the next call. Errors: those of load_rules, after which the next reading is whole. */
MUST_USE enum status rules_held_read(struct rules_held *held, struct pg *pg, const struct rules_input **out, struct error *err);

struct rules_held_figures {
    uint64_t whole, parts; /* readings of either kind */
    uint64_t rows;         /* zones, checkpoints and closures that were asked for by id */
    size_t bytes;          /* in memory now */
};
struct rules_held_figures rules_held_figures(const struct rules_held *held);

#endif
