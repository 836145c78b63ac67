/* Refuses a publication that would cut a protected place off or break a protected lane, unless it is forced with a reason.
 *
 * It does not matter what publishes: the act is done in a transaction that is undone, the rules that it left are compiled
 * like any others, and what supplies can reach under them is compared with what they can reach now. An act that begins to
 * bind later is judged at the moment from which all of it binds. No lock is held while that is worked out, so others may
 * change rules in between: this is a guard against mistakes, not a lock.
 *
 * What is a fact is not guarded: a physical closure, a bridge that is closed, a limit that is posted. */
#ifndef API_PLACES_GUARD_H
#define API_PLACES_GUARD_H

#include "api/process/exchange.h"
#include "data/pg/write_pool.h"

/** Does the act inside `tx`, as the real one will. */
typedef enum status guarded_act(void *context, struct write_tx *tx, struct error *err);

/** CONFLICT, with the places or lanes in its text and the pointer /force_reason, when the act would cut off a protected place
 *  that can be reached now, or break a protected lane that has a lawful way now. OK when it would not, when nothing is protected, and when the act itself fails: the caller does it
 *  again and says why. `name` is what the audit log would say. On a worker. */
MUST_USE enum status places_guard(struct exchange *x, const struct write_actor *actor, const char *name, guarded_act *act,
                                  void *context, struct error *err);

#endif
