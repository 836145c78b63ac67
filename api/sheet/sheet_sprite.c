#include "api/sheet/sheet_sprite.h"

#include <cairo/cairo.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct sprite_hatch hatches[] = {
    {"closed", 0xC2410C, 0xFF8A5C}, {"gated", 0x0067A5, 0x6CB8F0}, {"through_only", 0x7B3F9E, 0xC99BE6},
    {"destination_only", 0x8F6500, 0xE9B949}, {"caution", 0x686C00, 0xC9CF4A},
};
enum { HATCHES = sizeof hatches / sizeof *hatches };

const struct sprite_hatch *sprite_hatch_at(unsigned index)
{
    return index < HATCHES ? &hatches[index] : NULL;
}

static void set_colour(cairo_t *cr, uint32_t rgb, double alpha)
{
    cairo_set_source_rgba(cr, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0, alpha);
}

/* Three strokes, so that the picture goes on seamlessly into its neighbours. */
static void diagonals(cairo_t *cr, bool up)
{
    for (int shift = -SPRITE_SIZE; shift <= SPRITE_SIZE; shift += SPRITE_SIZE) {
        cairo_move_to(cr, shift, up ? SPRITE_SIZE : 0);
        cairo_line_to(cr, shift + SPRITE_SIZE, up ? 0 : SPRITE_SIZE);
    }
}

static void draw(cairo_t *cr, const struct sprite_hatch *hatch, bool dark)
{
    const char *rule = hatch->rule;
    uint32_t colour = dark ? hatch->dark : hatch->light;
    cairo_rectangle(cr, 0, 0, SPRITE_SIZE, SPRITE_SIZE);
    cairo_clip(cr);
    set_colour(cr, colour, 0.14);
    cairo_paint(cr);
    set_colour(cr, colour, 0.8);
    cairo_set_line_width(cr, 1.3);
    if (strcmp(rule, "closed") == 0 || strcmp(rule, "gated") == 0) diagonals(cr, true);
    if (strcmp(rule, "closed") == 0 || strcmp(rule, "destination_only") == 0) diagonals(cr, false);
    if (strcmp(rule, "through_only") == 0) {
        cairo_move_to(cr, SPRITE_SIZE / 2.0, 0);
        cairo_line_to(cr, SPRITE_SIZE / 2.0, SPRITE_SIZE);
    }
    cairo_stroke(cr);
    for (int i = 0; strcmp(rule, "caution") == 0 && i < 2; i++) {
        cairo_arc(cr, 4 + 8 * i, 4 + 8 * i, 1.5, 0, 2 * M_PI);
        cairo_fill(cr);
    }
}

static cairo_status_t take(void *out, const unsigned char *data, unsigned length)
{
    buffer_bytes(out, data, length);
    return CAIRO_STATUS_SUCCESS;
}

enum status sprite_png(unsigned scale, bool dark, struct buffer *out, struct error *err)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)(HATCHES * SPRITE_SIZE * scale), (int)(SPRITE_SIZE * scale));
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, scale, scale);
    for (unsigned i = 0; i < HATCHES; i++) {
        cairo_save(cr);
        cairo_translate(cr, i * SPRITE_SIZE, 0);
        draw(cr, &hatches[i], dark);
        cairo_restore(cr);
    }
    bool good = cairo_status(cr) == CAIRO_STATUS_SUCCESS && cairo_surface_write_to_png_stream(surface, take, out) == CAIRO_STATUS_SUCCESS && !out->failed;
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return good ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}
