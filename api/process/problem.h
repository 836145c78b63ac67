/* An error as an RFC 9457 problem document. */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

/** Appends the document: type, title, status, detail, code, and where set pointer, limit, actual; request_id; then
 *  `members` (JSON text without braces, or NULL) unchanged. Foreign text is escaped; what is not UTF-8 becomes U+FFFD.
 *  Limit and actual are written as numbers when they are numbers. */
void problem_encode(struct buffer *out, const struct error *err, enum language language, const char *request_id,
                    const char *members);

#endif
