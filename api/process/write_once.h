/* Idempotency-Key: the answer of a request that is repeated is the first one's.
 *
 *   TRY(write_once_key(x, &once, err));                                        // before the transaction
 *   status = write_begin(…, &tx, err);
 *   if (status == STATUS_OK) status = write_once_transact(x, &once, &tx, false, act, context, &body, err);
 *   if (status == STATUS_OK) write_once_reply(x, &once, location, type, &body);
 *
 * or, where a transaction is more than that, write_once_find first in it and write_once_keep last. */
#ifndef API_WRITE_ONCE_H
#define API_WRITE_ONCE_H

#include "api/process/exchange.h"
#include "data/rules/rule_store.h"

struct write_once {
    const char *key; /* or NULL: every request is a new one */
    bool replayed;
    struct kept_answer answer;
};

/** Reads the header. INVALID when it is too long or empty. */
MUST_USE enum status write_once_key(const struct exchange *x, struct write_once *once, struct error *err);

/** Looks whether the key was answered before; if so, the body is appended. CONFLICT when it was used for another request. */
MUST_USE enum status write_once_find(const struct exchange *x, struct write_once *once, struct write_tx *tx, struct buffer *body,
                                     struct error *err);

/** Keeps the answer, in the transaction of what it answers. Nothing without a key or when it was answered before. */
MUST_USE enum status write_once_keep(struct write_once *once, struct write_tx *tx, struct buffer *body, struct error *err);

/** Everything between BEGIN and COMMIT: `act` writes, describes into `body` and sets once->answer, unless the request was answered
 *  before; the answer is kept, and the transaction committed or, with `undo`, undone. It is over afterwards, whatever the result. */
MUST_USE enum status write_once_transact(struct exchange *x, struct write_once *once, struct write_tx *tx, bool undo,
                                         enum status (*act)(void *context, struct error *err), void *context, struct buffer *body,
                                         struct error *err);

/** Answers with the status, ETag and, where something was made (201), the Location under `folder`. */
void write_once_reply(struct exchange *x, const struct write_once *once, const char *folder, const char *type, struct buffer *body);

#endif
