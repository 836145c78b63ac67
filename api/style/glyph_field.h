/* The distance field of a glyph: for every pixel how far its centre is from the nearest edge, inside or out.
 *
 * FreeType 2.12 makes such fields as well, but takes four milliseconds for a Chinese letter, a second for the 256 of a range, and
 * takes some pixels at corners for the wrong side. Here each edge only touches the pixels that it can be nearest to. */
#ifndef API_GLYPH_FIELD_H
#define API_GLYPH_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pixels, y upwards. */
struct glyph_edge {
    float x0, y0, x1, y1;
};

struct glyph_box {
    int left, bottom, right, top; /* whole pixels around the edges; left == right: nothing to be seen */
};

enum {
    GLYPH_EM_PX = 24,    /* what clients of glyph files expect: size, */
    GLYPH_BORDER_PX = 3, /* room around each box, */
    GLYPH_RADIUS_PX = 8, /* pixels between the values 255 and 0, a quarter of which (cutoff 0.25) lies inside */
};

struct glyph_box glyph_box_around(const struct glyph_edge *edges, size_t count);

/** Writes (width + 2 borders) × (height + 2 borders) bytes, rows from the top: 255 − 255 · (d / 8 + 0.25), d outwards. What the
 *  edges go round is inside by the nonzero rule; they form closed outlines. Where these overlap, which is looked for when they
 *  `may_overlap` or where a pixel shows it, what lies within another is no edge. `near` is scratch of as many floats, `winding` of
 *  as many ints. Cost: each edge by the pixels within six of it; looking for overlaps, edges squared besides. */
void glyph_field_draw(const struct glyph_edge *edges, size_t count, const struct glyph_box *box, bool may_overlap, float *near, int *winding, uint8_t *out);

#endif
