/* The audit log: reading it, and judging whether it was tampered with.
 *
 * Rows are written by triggers of the schema (0009), chained: hash = SHA-256(prev_hash, text of the row). The check here
 * computes texts and hashes on its own from the columns, so that functions changed in the database cannot make a bad
 * log look good. What a chain cannot see is its tail cut off: keep the head that a check gives, and give it to the
 * next. */
#ifndef DATA_AUDIT_H
#define DATA_AUDIT_H

#include "data/pg/pg.h"
#include "geo/base/buffer.h"

#include <stdint.h>

struct audit_head {
    int64_t seq;
    char hash[65]; /* hexadecimal */
};

/** Checks every row in one consistent read, a thousand at a time. `known` is a head "SEQ:HASH" from earlier, or NULL.
 *  CORRUPT names the first bad row and why; INVALID for a `known` that is none. Some 100,000 rows a second. */
MUST_USE enum status audit_verify(struct pg *pg, const char *known, struct audit_head *head, struct error *err);

/* What GET /v1/audit asks for; NULL or 0: any. */
struct audit_filter {
    const char *kind, *object, *actor;
    int64_t before_seq; /* cursor: only older rows */
    unsigned limit;     /* 1..1000 */
};

/** Appends {"rows":[…],"next":cursor or null}, newest first. */
MUST_USE enum status audit_page(struct pg *pg, const struct audit_filter *filter, struct buffer *out, struct error *err);

#endif
