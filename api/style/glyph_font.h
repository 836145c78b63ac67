/* Finding the file of a font by its name, among those that the machine has (fontconfig). */
#ifndef API_GLYPH_FONT_H
#define API_GLYPH_FONT_H

#include "geo/base/error.h"

#include <stdint.h>

struct glyph_font {
    char *file;        /* owned */
    int index;         /* of the face in the file, as FreeType counts */
    uint64_t identity; /* changes when the file does */
};

/** By family ("Noto Sans CJK SC": its upright face nearest to regular), family and style ("Noto Sans CJK SC Bold") or full name,
 *  whatever the case of letters; the whole name must fit, nothing similar is taken. Cost: a walk over the machine's fonts.
 *  Errors: NOT_FOUND with the name, NO_MEMORY. Any thread. */
MUST_USE enum status glyph_font_find(const char *name, struct glyph_font *out, struct error *err);
void glyph_font_clear(struct glyph_font *font);

#endif
