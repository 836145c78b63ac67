/* Text from foreign files on its way into the database: valid UTF-8, bounded, quoted for JSON. */
#ifndef DATA_IMPORT_TEXT_H
#define DATA_IMPORT_TEXT_H

#include "geo/base/arena.h"
#include "geo/base/buffer.h"

#include <stdbool.h>

/** Whether a text is valid UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool import_text_valid(const char *text);

/** A copy in the arena of at most `most` bytes, cut between characters, blanks trimmed and control characters made
 *  blanks. *status (sticky) becomes NO_MEMORY when the arena is full; NULL then, for an empty or an invalid text. */
const char *import_text_keep(struct arena *arena, const char *text, size_t most, enum status *status);

/** Appends a JSON string literal; control characters are escaped. */
void import_text_json(struct buffer *out, const char *text);

#endif
