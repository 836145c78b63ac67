/* Glyph files for map clients: 256 letters of a stack of fonts as distance fields, in the protobuf that MapLibre reads.
 *
 *   struct glyph_stack stack;
 *   if (glyph_stack_find("Noto Sans CJK SC,DejaVu Sans", &stack, &err) == STATUS_OK) {
 *       … stack.identity in the ETag …
 *       status = glyph_page_write(&stack, 0x4E00, &cancelled, &out, &err);
 *       glyph_stack_clear(&stack);
 *   }
 *
 * The message (field: type), all lengths in pixels of a letter 24 high:
 *
 *   file   1: stack
 *   stack  1: name   2: range "0-255"   3: glyph, repeated
 *   glyph  1: code point  2: field (api/style/glyph_field.h)  3: width  4: height  (of the box without its border)
 *          5: left of the box from the pen  6: its top, from a line 27 above the baseline  7: advance
 *
 * Field 6 has no better definition than what clients do with it: MapLibre draws letters of its own beside fetched ones with 27.5.
 * All fonts have the same line here, so that letters of two fonts stand on one baseline. */
#ifndef API_GLYPH_PAGE_H
#define API_GLYPH_PAGE_H

#include "api/style/glyph_font.h"
#include "geo/base/buffer.h"

#include <stdatomic.h>

enum { GLYPH_PAGE = 256, GLYPH_LAST_PAGE = 65280, GLYPH_STACK_MAX = 4, GLYPH_NAMES_MAX = 300, GLYPH_TOP_PX = 27, GLYPH_PAGE_BYTES_MAX = 4 << 20 };

struct glyph_stack {
    struct glyph_font fonts[GLYPH_STACK_MAX];
    unsigned count;
    char names[GLYPH_NAMES_MAX + 1]; /* as they were asked for */
    uint64_t identity;               /* of the names, the files and the way they are drawn */
};

/** `names` separated by commas. Errors: NOT_FOUND with the first name that is no installed font's, INVALID when there are none or too
 *  many, NO_MEMORY. Any thread. */
MUST_USE enum status glyph_stack_find(const char *names, struct glyph_stack *out, struct error *err);
void glyph_stack_clear(struct glyph_stack *stack);

/** Appends the file of the code points first … first + 255. Each letter is taken from the first font that has it; one that none
 *  has is left out. Cost: some 40 ms for Chinese. Errors: NO_MEMORY, CANCELLED, INTERNAL when a font's file cannot be read (the log
 *  says which). Any thread: nothing is shared. */
MUST_USE enum status glyph_page_write(const struct glyph_stack *stack, unsigned first, const atomic_bool *cancelled, struct buffer *out, struct error *err);

#endif
