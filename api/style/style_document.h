/* The map style for other programs: style.json of this folder with what only a request knows filled in.
 *
 * A text in it that begins with '$' stands for something: $base, $title, names in a language, a colour of the theme, whether a
 * rule binds at the moment that the style is made for. */
#ifndef API_STYLE_STYLE_DOCUMENT_H
#define API_STYLE_STYLE_DOCUMENT_H

#include "api/json/writer.h"
#include "geo/base/buffer.h"
#include "geo/base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum style_ruled { STYLE_ZONES, STYLE_CLOSURES, STYLE_CHECKPOINTS };

struct style_wish {
    bool english, labels, plans, dark;
    const char *base, *title; /* what addresses begin with; the name of the region */
    int64_t at_ms;            /* the moment whose rules are drawn */
    /* Writes the ids of what has hours and binds then, as texts; NULL: nothing has. */
    void (*in_hours)(const void *context, enum style_ruled what, int64_t at_ms, struct json_writer *w);
    const void *context;
};

/** Appends the style as JSON. NO_MEMORY, and then what was appended is of no use. Any thread. */
MUST_USE enum status style_document(const struct style_wish *wish, struct buffer *out, struct error *err);

#endif
