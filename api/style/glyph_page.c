#include "api/style/glyph_page.h"

#include "api/json/reader.h"
#include "api/style/glyph_field.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_FONT_FORMATS_H
#include FT_OUTLINE_H

/* To be raised when the same fonts give other bytes: what clients keep is then fetched anew. */
enum { DRAWN_AS = 1 };

/* A letter of 24 pixels wider or higher than this is an ornament that no label has; it is left out. */
enum { BOX_MAX_PX = 240, FIELD_MAX = (BOX_MAX_PX + 2 * GLYPH_BORDER_PX) * (BOX_MAX_PX + 2 * GLYPH_BORDER_PX) };

static const float CURVE_ERROR_PX = 0.02F;

/* ---- the stack --------------------------------------------------------------------------------------------- */

static enum status find_all(char *names, struct glyph_stack *out, struct error *err)
{
    char *rest;
    out->identity = XXH3_64bits_withSeed(out->names, strlen(out->names), DRAWN_AS);
    for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        name += strspn(name, " ");
        if (out->count == GLYPH_STACK_MAX) return error_set(err, STATUS_INVALID, MESSAGE_FONT_STACK, GLYPH_STACK_MAX);
        struct glyph_font *font = &out->fonts[out->count];
        TRY(glyph_font_find(name, font, err));
        out->identity = XXH3_64bits_withSeed(&font->identity, sizeof font->identity, out->identity);
        out->count++;
    }
    return out->count ? STATUS_OK : error_set(err, STATUS_INVALID, MESSAGE_FONT_STACK, GLYPH_STACK_MAX);
}

enum status glyph_stack_find(const char *names, struct glyph_stack *out, struct error *err)
{
    *out = (struct glyph_stack){0};
    if (strlen(names) > GLYPH_NAMES_MAX) return error_set(err, STATUS_INVALID, MESSAGE_FONT_STACK, GLYPH_STACK_MAX);
    char parts[GLYPH_NAMES_MAX + 1];
    snprintf(out->names, sizeof out->names, "%s", names);
    snprintf(parts, sizeof parts, "%s", names);
    enum status status = find_all(parts, out, err);
    if (status != STATUS_OK) glyph_stack_clear(out);
    return status;
}

void glyph_stack_clear(struct glyph_stack *stack)
{
    for (unsigned i = 0; i < GLYPH_STACK_MAX; i++) glyph_font_clear(&stack->fonts[i]);
    stack->count = 0;
}

/* ---- an outline as edges ----------------------------------------------------------------------------------- */

struct tracing {
    struct glyph_edge *edges;
    size_t count, capacity;
    float scale; /* pixels to a unit of the font */
    float x, y;  /* the pen */
};

static int line_by(struct tracing *t, float x, float y)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity ? t->capacity * 2 : 1024;
        struct glyph_edge *edges = realloc(t->edges, capacity * sizeof *edges);
        if (edges == NULL) return FT_Err_Out_Of_Memory;
        t->edges = edges, t->capacity = capacity;
    }
    t->edges[t->count++] = (struct glyph_edge){t->x, t->y, x, y};
    t->x = x, t->y = y;
    return 0;
}

static int move_to(const FT_Vector *to, void *user)
{
    struct tracing *t = user;
    t->x = (float)to->x * t->scale, t->y = (float)to->y * t->scale;
    return 0;
}

static int line_to(const FT_Vector *to, void *user)
{
    struct tracing *t = user;
    return line_by(t, (float)to->x * t->scale, (float)to->y * t->scale);
}

/* Steps after which chords of a curve stay within the error: of the n-th step h = 1/n, error h²/8 of the second derivative. */
static int steps_of(float second_derivative)
{
    float steps = ceilf(sqrtf(second_derivative / (8 * CURVE_ERROR_PX)));
    return steps < 1 ? 1 : steps > 64 ? 64 : (int)steps;
}

static float bend(float a, float b, float c)
{
    return a - 2 * b + c;
}

static int conic_to(const FT_Vector *control, const FT_Vector *to, void *user)
{
    struct tracing *t = user;
    float x0 = t->x, y0 = t->y, x1 = (float)control->x * t->scale, y1 = (float)control->y * t->scale;
    float x2 = (float)to->x * t->scale, y2 = (float)to->y * t->scale;
    int steps = steps_of(2 * hypotf(bend(x0, x1, x2), bend(y0, y1, y2))), bad = 0;
    for (int i = 1; i <= steps && !bad; i++) {
        float u = (float)i / (float)steps, v = 1 - u;
        bad = i == steps ? line_by(t, x2, y2) : line_by(t, v * v * x0 + 2 * v * u * x1 + u * u * x2, v * v * y0 + 2 * v * u * y1 + u * u * y2);
    }
    return bad;
}

static int cubic_to(const FT_Vector *one, const FT_Vector *other, const FT_Vector *to, void *user)
{
    struct tracing *t = user;
    float x0 = t->x, y0 = t->y, x1 = (float)one->x * t->scale, y1 = (float)one->y * t->scale;
    float x2 = (float)other->x * t->scale, y2 = (float)other->y * t->scale, x3 = (float)to->x * t->scale, y3 = (float)to->y * t->scale;
    float bent = fmaxf(hypotf(bend(x0, x1, x2), bend(y0, y1, y2)), hypotf(bend(x1, x2, x3), bend(y1, y2, y3)));
    int steps = steps_of(6 * bent), bad = 0;
    for (int i = 1; i <= steps && !bad; i++) {
        float u = (float)i / (float)steps, v = 1 - u;
        float a = v * v * v, b = 3 * v * v * u, c = 3 * v * u * u, d = u * u * u;
        bad = i == steps ? line_by(t, x3, y3) : line_by(t, a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3);
    }
    return bad;
}

/* ---- protobuf ---------------------------------------------------------------------------------------------- */

static void put_varint(struct buffer *out, uint64_t value)
{
    for (; value >= 128; value >>= 7) buffer_char(out, (char)(value | 128));
    buffer_char(out, (char)value);
}

static void put_number(struct buffer *out, unsigned field, uint64_t value)
{
    put_varint(out, field << 3);
    put_varint(out, value);
}

static void put_signed(struct buffer *out, unsigned field, int value)
{
    put_number(out, field, value < 0 ? ((uint64_t)-value << 1) - 1 : (uint64_t)value << 1);
}

static void put_bytes(struct buffer *out, unsigned field, const void *data, size_t length)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, length);
    if (length) buffer_bytes(out, data, length);
}

/* ---- a page ------------------------------------------------------------------------------------------------ */

struct drawing {
    FT_Library library;
    FT_Face faces[GLYPH_STACK_MAX];
    bool may_overlap[GLYPH_STACK_MAX];
    struct tracing tracing;
    float *near;
    int *winding;
    uint8_t *field;
    struct buffer glyph, glyphs;
};

static enum status broken(FT_Error error, const struct glyph_font *font, struct error *err)
{
    if (FT_ERROR_BASE(error) == FT_Err_Out_Of_Memory) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    error_set(err, STATUS_INTERNAL, MESSAGE_FONT_BROKEN);
    error_log(err, "FreeType says 0x%02x of %s", (unsigned)error, font ? font->file : "itself");
    return STATUS_INTERNAL;
}

/* The unscaled outline as edges in pixels, y upwards. */
static enum status trace(struct drawing *d, FT_Face face, FT_UInt glyph, const struct glyph_font *font, struct error *err)
{
    static const FT_Outline_Funcs funcs = {move_to, line_to, conic_to, cubic_to, 0, 0};
    FT_Error error = FT_Load_Glyph(face, glyph, FT_LOAD_NO_SCALE | FT_LOAD_NO_BITMAP);
    d->tracing.count = 0;
    d->tracing.scale = (float)GLYPH_EM_PX / (float)face->units_per_EM;
    if (error == 0 && face->glyph->format == FT_GLYPH_FORMAT_OUTLINE) error = FT_Outline_Decompose(&face->glyph->outline, &funcs, &d->tracing);
    return error ? broken(error, font, err) : STATUS_OK;
}

static enum status draw(struct drawing *d, const struct glyph_stack *stack, unsigned code, struct error *err)
{
    FT_UInt glyph = 0;
    unsigned which = 0;
    while (which < stack->count && (glyph = FT_Get_Char_Index(d->faces[which], code)) == 0) which++;
    if (glyph == 0) return STATUS_OK;
    FT_Face face = d->faces[which];
    TRY(trace(d, face, glyph, &stack->fonts[which], err));
    struct glyph_box box = glyph_box_around(d->tracing.edges, d->tracing.count);
    int width = box.right - box.left, height = box.top - box.bottom;
    float advance = roundf((float)face->glyph->metrics.horiAdvance * d->tracing.scale);
    if (width > BOX_MAX_PX || height > BOX_MAX_PX || advance < 0) return STATUS_OK;

    struct buffer *out = &d->glyph;
    buffer_reset(out);
    put_number(out, 1, code);
    if (width > 0 && height > 0) {
        glyph_field_draw(d->tracing.edges, d->tracing.count, &box, d->may_overlap[which], d->near, d->winding, d->field);
        put_bytes(out, 2, d->field, (size_t)(width + 2 * GLYPH_BORDER_PX) * (size_t)(height + 2 * GLYPH_BORDER_PX));
    } else {
        width = height = 0;
    }
    put_number(out, 3, (uint64_t)width);
    put_number(out, 4, (uint64_t)height);
    put_signed(out, 5, width ? box.left : 0);
    put_signed(out, 6, width ? box.top - GLYPH_TOP_PX : 0);
    put_number(out, 7, (uint64_t)advance);
    if (!out->failed) put_bytes(&d->glyphs, 3, out->data, out->length);
    return out->failed || d->glyphs.failed ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY) : STATUS_OK;
}

static enum status open_all(struct drawing *d, const struct glyph_stack *stack, struct error *err)
{
    d->near = malloc(FIELD_MAX * sizeof *d->near);
    d->winding = malloc(FIELD_MAX * sizeof *d->winding);
    d->field = malloc(FIELD_MAX);
    if (!d->near || !d->winding || !d->field) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    FT_Error error = FT_Init_FreeType(&d->library);
    if (error) return broken(error, NULL, err);
    for (unsigned i = 0; i < stack->count; i++) {
        error = FT_New_Face(d->library, stack->fonts[i].file, stack->fonts[i].index, &d->faces[i]);
        if (error) return broken(error, &stack->fonts[i], err);
        if (!FT_IS_SCALABLE(d->faces[i])) return broken(FT_Err_Invalid_File_Format, &stack->fonts[i], err);
        d->may_overlap[i] = strcmp(FT_Get_Font_Format(d->faces[i]), "CFF") != 0; /* TrueType puts letters together from parts */
    }
    return STATUS_OK;
}

enum status glyph_page_write(const struct glyph_stack *stack, unsigned first, const atomic_bool *cancelled, struct buffer *out, struct error *err)
{
    struct drawing d = {0};
    struct buffer head;
    char range[32];
    buffer_init(&d.glyph, FIELD_MAX + 128);
    buffer_init(&d.glyphs, GLYPH_PAGE_BYTES_MAX - 1024);
    buffer_init(&head, 1024);
    enum status status = open_all(&d, stack, err);
    for (unsigned code = first; status == STATUS_OK && code < first + GLYPH_PAGE; code++)
        status = atomic_load(cancelled) ? error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED) : draw(&d, stack, code, err);
    if (status != STATUS_OK) goto done;

    snprintf(range, sizeof range, "%u-%u", first, first + GLYPH_PAGE - 1);
    put_bytes(&head, 1, stack->names, strlen(stack->names));
    put_bytes(&head, 2, range, strlen(range));
    put_varint(out, 1 << 3 | 2);
    put_varint(out, head.length + d.glyphs.length);
    if (!head.failed) buffer_bytes(out, head.data, head.length);
    if (d.glyphs.length) buffer_bytes(out, d.glyphs.data, d.glyphs.length);
    if (head.failed || out->failed) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);

done:
    for (unsigned i = 0; i < stack->count; i++)
        if (d.faces[i]) FT_Done_Face(d.faces[i]);
    if (d.library) FT_Done_FreeType(d.library);
    free(d.tracing.edges);
    free(d.near), free(d.winding), free(d.field);
    buffer_clear(&d.glyph), buffer_clear(&d.glyphs), buffer_clear(&head);
    return status;
}
