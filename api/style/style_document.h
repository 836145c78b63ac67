/* The map style for other programs: style.json of this folder with what only a request knows filled in.
 *
 * A text in it that begins with '$' stands for something: $base, $title, names in a language, a colour of the theme. */
#ifndef API_STYLE_STYLE_DOCUMENT_H
#define API_STYLE_STYLE_DOCUMENT_H

#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>

struct style_wish {
    bool english, labels, plans, dark;
    const char *base, *title; /* what addresses begin with; the name of the region */
};

/** Appends the style as JSON. NO_MEMORY, and then what was appended is of no use. Any thread. */
MUST_USE enum status style_document(const struct style_wish *wish, struct buffer *out, struct error *err);

#endif
