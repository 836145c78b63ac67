/* Token buckets in units of work, one per caller: refuses who has used up what flows in.
 *
 *   if (!limiter_admit(limiter, key, now_ms, &wait_s)) …429 with Retry-After: wait_s…
 *   … work …
 *   limiter_charge(limiter, key, units, now_ms);
 *
 * Admission asks only whether the bucket is above nothing; what the work has cost is taken afterwards, when it is
 * known, and may put the bucket into debt. So a caller never pays for a guess, and one expensive question delays its
 * next one by as long as it deserves.
 *
 * The table has a fixed size. A bucket that is full again says nothing, so it is the first to make room for a new
 * caller; when a set of buckets holds only debtors the one least in debt goes. Keys are hashed with a secret seed. */
#ifndef API_LIMITER_H
#define API_LIMITER_H

#include "geo/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limiter;

/** `rate` units flow in a second, at most `burst` are held; `callers` buckets are kept (rounded up to a power of two).
 *  Errors: NO_MEMORY. */
MUST_USE enum status limiter_new(struct limiter **out, uint64_t rate, uint64_t burst, size_t callers,
                                 struct error *err);
void limiter_free(struct limiter *limiter);

/** A key for any bytes that name a caller. 0 is never returned and stands for "not limited". */
uint64_t limiter_key(const struct limiter *limiter, const void *bytes, size_t length);

/** Whether `key` may begin something; if not, *wait_s says in how many seconds (at least 1). Any thread; some tens of
 *  nanoseconds. */
MUST_USE bool limiter_admit(struct limiter *limiter, uint64_t key, int64_t now_ms, unsigned *wait_s);

void limiter_charge(struct limiter *limiter, uint64_t key, uint64_t units, int64_t now_ms);

#endif
