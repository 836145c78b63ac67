/* Paper: drawing in millimetres, text in points, whatever the surface behind it. On a `dry` canvas everything is measured
 * and nothing is drawn, which is how a sheet finds out its pages before it draws them.
 *
 *   struct canvas canvas;
 *   TRY(canvas_open(&canvas, cr, 72 / 25.4, LANGUAGE_ZH, &err));          // units of the surface in a millimetre
 *   y += canvas_text(&canvas, &(struct text_style){.size_pt = 9}, 12, y, 80, "…");
 *   canvas_close(&canvas);
 *
 * Texts are plain (never markup) and wrap; fonts are those of fonts-noto-cjk. Glyphs are placed without hinting, so that
 * the same text takes the same room on every surface. One thread at a time; Pango keeps a font map for each thread. */
#ifndef API_SHEET_SHEET_CANVAS_H
#define API_SHEET_SHEET_CANVAS_H

#include "geo/base/error.h"

#include <cairo/cairo.h>
#include <stdbool.h>
#include <stdint.h>

struct _PangoLayout;

struct canvas {
    cairo_t *cr; /* borrowed; its unit is the millimetre from here on */
    struct _PangoLayout *layout;
    enum language language;
    bool dry;
};

enum text_align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

struct text_style {
    double size_pt;
    bool bold;
    uint32_t colour; /* 0xRRGGBB */
    enum text_align align;
    bool halo; /* a white edge around the letters, on maps */
};

#define INK 0x1C2426u
#define INK_FAINT 0x5D686Bu
#define RULE_LINE 0xC9D0D2u

/** UNAVAILABLE when there is no font for Chinese. */
MUST_USE enum status canvas_open(struct canvas *canvas, cairo_t *cr, double units_mm, enum language language, struct error *err);
void canvas_close(struct canvas *canvas);

/** Draws wrapped text in a box of this width, top left at x, y. Returns its height, mm. Width 0: one line, however long. */
double canvas_text(struct canvas *canvas, const struct text_style *style, double x, double y, double width, const char *text);

/** Height alone, and the width of one line. */
double canvas_text_height(struct canvas *canvas, const struct text_style *style, double width, const char *text);
double canvas_text_width(struct canvas *canvas, const struct text_style *style, const char *text);

void canvas_colour(struct canvas *canvas, uint32_t rgb, double alpha);
void canvas_box(struct canvas *canvas, double x, double y, double width, double height, uint32_t fill);
void canvas_frame(struct canvas *canvas, double x, double y, double width, double height, double radius, uint32_t fill,
                  uint32_t edge, double edge_mm);
void canvas_line(struct canvas *canvas, double x0, double y0, double x1, double y1, uint32_t rgb, double width_mm);

/** A QR code (ISO/IEC 18004, level M) of `text` in a square. NO_MEMORY, TOO_LARGE. */
MUST_USE enum status canvas_code(struct canvas *canvas, double x, double y, double size, const char *text, struct error *err);

/** The text of the canvas's language; may be the format of a printf. */
const char *canvas_pick(const struct canvas *canvas, const char *zh, const char *en)
    __attribute__((format_arg(2), format_arg(3)));

#endif
