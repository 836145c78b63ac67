/* One version of the rules as a JSON document, so that whoever is given a plan can judge it without the database:
 * `baochang check --dump-rules`. Everything that binds is in it, and nothing about people or drafts. */
#ifndef API_RULES_WRITE_H
#define API_RULES_WRITE_H

#include "geo/base/buffer.h"
#include "routing/rules/rules.h"

#define RULES_FILE_FORMAT "baochang-rules-3"

/** Appends the document. Failures stay in out->failed. Read back by api/paper/rules_read.h; writing what was read gives the
 *  same bytes. */
void rules_write(struct buffer *out, const struct rules_input *in);

#endif
