#include "api/sheet/sheet_canvas.h"

#include <errno.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <qrencode.h>

static const double MM_PER_PT = 25.4 / 72;

const char *canvas_pick(const struct canvas *canvas, const char *zh, const char *en)
{
    return canvas->language == LANGUAGE_EN ? en : zh;
}

enum status canvas_open(struct canvas *canvas, cairo_t *cr, double units_mm, enum language language, struct error *err)
{
    *canvas = (struct canvas){.cr = cr, .language = language};
    cairo_scale(cr, units_mm, units_mm);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    canvas->layout = pango_cairo_create_layout(cr);
    PangoContext *context = pango_layout_get_context(canvas->layout);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    pango_cairo_context_set_resolution(context, 72); /* a point is a unit under the scale that text is drawn with */
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string(language == LANGUAGE_EN ? "en" : "zh-cn"));
    cairo_font_options_destroy(options);
    pango_layout_set_wrap(canvas->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(canvas->layout, FALSE);
    pango_layout_set_text(canvas->layout, "卡点通行", -1);
    if (pango_layout_get_unknown_glyphs_count(canvas->layout) == 0) return STATUS_OK;
    canvas_close(canvas);
    return error_set(err, STATUS_UNAVAILABLE, MESSAGE_SHEET_FONT);
}

void canvas_close(struct canvas *canvas)
{
    if (canvas->layout) g_object_unref(canvas->layout);
    canvas->layout = NULL;
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static void lay_out(struct canvas *canvas, const struct text_style *style, double width, const char *text)
{
    static const PangoAlignment alignments[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT};
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, "Noto Sans CJK SC,Noto Sans,sans-serif");
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, style->size_pt * PANGO_SCALE);
    pango_layout_set_font_description(canvas->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(canvas->layout, width > 0 ? (int)lround(width / MM_PER_PT * PANGO_SCALE) : -1);
    pango_layout_set_alignment(canvas->layout, alignments[style->align]);
    pango_layout_set_text(canvas->layout, text, -1);
}

/* Noto's lines are 1.45 em high, which is more than a table needs. */
static double line_height(const struct text_style *style)
{
    return style->size_pt * MM_PER_PT * 1.28;
}

double canvas_text_height(struct canvas *canvas, const struct text_style *style, double width, const char *text)
{
    lay_out(canvas, style, width, text);
    return pango_layout_get_line_count(canvas->layout) * line_height(style);
}

double canvas_text_width(struct canvas *canvas, const struct text_style *style, const char *text)
{
    int width, height;
    lay_out(canvas, style, 0, text);
    pango_layout_get_size(canvas->layout, &width, &height);
    return (double)width / PANGO_SCALE * MM_PER_PT;
}

/* One line with its baseline at the current point. */
static void show_line(struct canvas *canvas, const struct text_style *style, PangoLayoutLine *line)
{
    if (style->halo) {
        double x, y;
        cairo_get_current_point(canvas->cr, &x, &y);
        pango_cairo_layout_line_path(canvas->cr, line);
        canvas_colour(canvas, 0xFFFFFF, 0.9);
        cairo_set_line_width(canvas->cr, style->size_pt * 0.28);
        cairo_stroke(canvas->cr);
        cairo_move_to(canvas->cr, x, y);
    }
    canvas_colour(canvas, style->colour, 1);
    pango_cairo_show_layout_line(canvas->cr, line);
}

double canvas_text(struct canvas *canvas, const struct text_style *style, double x, double y, double width, const char *text)
{
    double height = canvas_text_height(canvas, style, width, text);
    if (canvas->dry) return height;
    cairo_save(canvas->cr);
    cairo_translate(canvas->cr, x, y);
    cairo_scale(canvas->cr, MM_PER_PT, MM_PER_PT);
    PangoLayoutIter *iter = pango_layout_get_iter(canvas->layout);
    int row = 0;
    do {
        PangoRectangle area;
        pango_layout_iter_get_line_extents(iter, NULL, &area);
        cairo_move_to(canvas->cr, (double)area.x / PANGO_SCALE, (row++ * line_height(style)) / MM_PER_PT + style->size_pt * 1.02);
        show_line(canvas, style, pango_layout_iter_get_line_readonly(iter));
    } while (pango_layout_iter_next_line(iter));
    pango_layout_iter_free(iter);
    cairo_restore(canvas->cr);
    return height;
}

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

void canvas_colour(struct canvas *canvas, uint32_t rgb, double alpha)
{
    cairo_set_source_rgba(canvas->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0, alpha);
}

void canvas_box(struct canvas *canvas, double x, double y, double width, double height, uint32_t fill)
{
    if (canvas->dry) return;
    cairo_rectangle(canvas->cr, x, y, width, height);
    canvas_colour(canvas, fill, 1);
    cairo_fill(canvas->cr);
}

void canvas_frame(struct canvas *canvas, double x, double y, double width, double height, double radius, uint32_t fill,
                  uint32_t edge, double edge_mm)
{
    if (canvas->dry) return;
    cairo_t *cr = canvas->cr;
    cairo_new_sub_path(cr);
    cairo_arc(cr, x + width - radius, y + radius, radius, -M_PI / 2, 0);
    cairo_arc(cr, x + width - radius, y + height - radius, radius, 0, M_PI / 2);
    cairo_arc(cr, x + radius, y + height - radius, radius, M_PI / 2, M_PI);
    cairo_arc(cr, x + radius, y + radius, radius, M_PI, M_PI * 1.5);
    cairo_close_path(cr);
    canvas_colour(canvas, fill, 1);
    if (edge_mm <= 0) {
        cairo_fill(cr);
        return;
    }
    cairo_fill_preserve(cr);
    canvas_colour(canvas, edge, 1);
    cairo_set_line_width(cr, edge_mm);
    cairo_stroke(cr);
}

void canvas_line(struct canvas *canvas, double x0, double y0, double x1, double y1, uint32_t rgb, double width_mm)
{
    if (canvas->dry) return;
    cairo_move_to(canvas->cr, x0, y0);
    cairo_line_to(canvas->cr, x1, y1);
    canvas_colour(canvas, rgb, 1);
    cairo_set_line_width(canvas->cr, width_mm);
    cairo_stroke(canvas->cr);
}

enum status canvas_code(struct canvas *canvas, double x, double y, double size, const char *text, struct error *err)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (code == NULL)
        return errno == ERANGE ? error_set(err, STATUS_TOO_LARGE, MESSAGE_SHEET_DOCUMENT, "decision_id")
                               : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    double module = size / code->width;
    for (int row = 0; row < code->width && !canvas->dry; row++)
        for (int column = 0; column < code->width;) {
            int begin = column; /* runs rather than modules: no seams between neighbours, a smaller file */
            while (column < code->width && code->data[row * code->width + column] & 1) column++;
            if (column > begin) cairo_rectangle(canvas->cr, x + begin * module, y + row * module, (column - begin) * module, module);
            else column++;
        }
    canvas_colour(canvas, INK, 1);
    cairo_fill(canvas->cr);
    QRcode_free(code);
    return STATUS_OK;
}
