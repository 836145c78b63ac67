/* Letters for map labels: fields held to pictures that FreeType draws, files to what a client reads. Fonts are those of the machine. */
#include "api/style/glyph_field.h"
#include "api/style/glyph_page.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <ft2build.h>
#include FT_FREETYPE_H

static const char FONT[] = "Noto Sans CJK SC";
static atomic_bool never;

struct letter {
    unsigned code, width, height, advance;
    int left, top;
    const uint8_t *field;
    size_t field_length;
};

static uint64_t varint(const uint8_t **at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return value;
    }
}

static int unzigzag(uint64_t value)
{
    return value & 1 ? -(int)((value + 1) >> 1) : (int)(value >> 1);
}

/* The letters of a file by what is last of their code; absent ones have code 0. */
static void read_file(const struct buffer *file, struct letter out[GLYPH_PAGE], char *name, char *range)
{
    const uint8_t *at = (const uint8_t *)file->data, *end = at + file->length;
    memset(out, 0, GLYPH_PAGE * sizeof *out);
    assert_int_equal(varint(&at), 1 << 3 | 2);
    uint64_t whole = varint(&at);
    assert_int_equal(whole, end - at);
    while (at < end) {
        uint64_t tag = varint(&at), length = varint(&at);
        assert_int_equal(tag & 7, 2);
        if (tag >> 3 == 1) snprintf(name, 400, "%.*s", (int)length, (const char *)at);
        if (tag >> 3 == 2) snprintf(range, 40, "%.*s", (int)length, (const char *)at);
        if (tag >> 3 != 3) {
            at += length;
            continue;
        }
        struct letter letter = {0};
        for (const uint8_t *stop = at + length; at < stop;) {
            unsigned field = (unsigned)varint(&at);
            uint64_t value = varint(&at);
            switch (field) {
            case 1 << 3: letter.code = (unsigned)value; break;
            case 2 << 3 | 2: letter.field = at, letter.field_length = value, at += value; break;
            case 3 << 3: letter.width = (unsigned)value; break;
            case 4 << 3: letter.height = (unsigned)value; break;
            case 5 << 3: letter.left = unzigzag(value); break;
            case 6 << 3: letter.top = unzigzag(value); break;
            case 7 << 3: letter.advance = (unsigned)value; break;
            default: fail_msg("field %u", field);
            }
        }
        assert_int_equal(letter.field_length, letter.width ? (letter.width + 6) * (letter.height + 6) : 0);
        out[letter.code % GLYPH_PAGE] = letter;
    }
    assert_ptr_equal(at, end);
}

static void write_file(const char *names, unsigned first, struct buffer *file)
{
    struct error err = ERROR_INIT;
    struct glyph_stack stack;
    buffer_init(file, GLYPH_PAGE_BYTES_MAX);
    assert_int_equal(glyph_stack_find(names, &stack, &err), STATUS_OK);
    assert_int_equal(glyph_page_write(&stack, first, &never, file, &err), STATUS_OK);
    glyph_stack_clear(&stack);
}

/* Distances by looking at every pixel around, in a picture that FreeType draws eight times as large. (Its own distance fields
 * have pixels inside that are outside, at some corners.) Outwards, in pixels of the letter. */
enum { FINE = 8 };
static double distance_in_picture(const FT_Bitmap *picture, int x, int y)
{
    const int reach = 6 * FINE + 1; /* the sample is at the corner of four pixels */
    double in = reach, out = reach;
    for (int v = y - reach; v < y + reach; v++) {
        for (int u = x - reach; u < x + reach; u++) {
            bool inside = u >= 0 && v >= 0 && u < (int)picture->width && v < (int)picture->rows && picture->buffer[v * picture->pitch + u] >= 128;
            double d = hypot(u + 0.5 - x, v + 0.5 - y);
            if (inside) in = fmin(in, d);
            else out = fmin(out, d);
        }
    }
    return (in > 1 ? in - 0.5 : out > 1 ? 0.5 - out : 0) / FINE;
}

static void compare(FT_Face face, const struct letter *letter)
{
    assert_int_equal(FT_Load_Char(face, letter->code, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP), 0);
    assert_int_equal(letter->advance, (unsigned)lround((double)face->glyph->linearHoriAdvance / 65536 / FINE));
    if (letter->width == 0) return;
    assert_int_equal(FT_Render_Glyph(face->glyph, FT_RENDER_MODE_NORMAL), 0);
    const FT_Bitmap *picture = &face->glyph->bitmap;
    int left = face->glyph->bitmap_left, top = face->glyph->bitmap_top, bottom = top - (int)picture->rows, right = left + (int)picture->width;
    int box_top = letter->top + GLYPH_TOP_PX;
    assert_int_equal(letter->left, (int)floor((double)left / FINE));
    assert_int_equal(box_top, (int)ceil((double)top / FINE));
    assert_in_range(letter->left + (int)letter->width - (int)ceil((double)right / FINE) + 1, 1, 2); /* what covers less than a fine pixel */
    assert_in_range(box_top - (int)letter->height - (int)floor((double)bottom / FINE) + 1, 0, 1);
    double sum = 0;
    for (int y = 0; y < (int)letter->height + 6; y++) {
        for (int x = 0; x < (int)letter->width + 6; x++) {
            int u = (letter->left - GLYPH_BORDER_PX + x) * FINE + FINE / 2 - left, v = top - (box_top + GLYPH_BORDER_PX - y) * FINE + FINE / 2;
            double expected = fmax(0, fmin(255, 255 - 255 * (distance_in_picture(picture, u, v) / 8 + 0.25)));
            int value = letter->field[y * ((int)letter->width + 6) + x];
            sum += fabs(expected - value);
            if (fabs(expected - value) > 12) fail_msg("U+%04X has %d at %d,%d and should have %g", letter->code, value, x, y, expected); /* three fine pixels */
        }
    }
    assert_true(sum / ((letter->width + 6) * (letter->height + 6)) < 1.5); /* three eighths of one */
}

static void fields_and_advances_are_those_of_the_letters_that_freetype_draws(void **state)
{
    (void)state;
    static const struct {
        const char *font;
        unsigned first, step;
    } pages[] = {{"Noto Sans CJK SC", 0, 4}, {"Noto Sans CJK SC", 0x5300, 16}, {"Noto Sans CJK SC Bold", 0x9F00, 23}, {"DejaVu Sans", 0x100, 13}, {"Noto Sans CJK SC", 0xFF00, 19}};
    for (unsigned i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct error err = ERROR_INIT;
        struct glyph_font font;
        struct buffer file;
        struct letter letters[GLYPH_PAGE];
        char name[400] = "", range[40] = "";
        FT_Library library;
        FT_Face face;
        write_file(pages[i].font, pages[i].first, &file);
        read_file(&file, letters, name, range);
        assert_string_equal(name, pages[i].font);
        assert_int_equal(glyph_font_find(pages[i].font, &font, &err), STATUS_OK);
        assert_int_equal(FT_Init_FreeType(&library), 0);
        assert_int_equal(FT_New_Face(library, font.file, font.index, &face), 0);
        assert_int_equal(FT_Set_Pixel_Sizes(face, 0, GLYPH_EM_PX * FINE), 0);
        unsigned there = 0;
        for (unsigned j = 0; j < GLYPH_PAGE; j++) {
            assert_int_equal(letters[j].field_length || letters[j].advance, FT_Get_Char_Index(face, pages[i].first + j) != 0);
            if (j % pages[i].step || letters[j].advance == 0) continue;
            assert_int_equal(letters[j].code, pages[i].first + j);
            compare(face, &letters[j]);
            there++;
        }
        assert_true(there >= 9);
        FT_Done_Face(face);
        FT_Done_FreeType(library);
        glyph_font_clear(&font);
        buffer_clear(&file);
    }
}

static void a_square_has_the_distances_that_one_expects(void **state)
{
    (void)state;
    /* 10 × 10 pixels from (2, −3), once around with the clock and once against it */
    static const struct glyph_edge squares[2][4] = {{{2, -3, 2, 7}, {2, 7, 12, 7}, {12, 7, 12, -3}, {12, -3, 2, -3}},
                                                    {{2, -3, 12, -3}, {12, -3, 12, 7}, {12, 7, 2, 7}, {2, 7, 2, -3}}};
    for (unsigned s = 0; s < 2; s++) {
        struct glyph_box box = glyph_box_around(squares[s], 4);
        float near[256];
        int winding[256];
        uint8_t out[256];
        assert_true(box.left == 2 && box.bottom == -3 && box.right == 12 && box.top == 7);
        glyph_field_draw(squares[s], 4, &box, s == 1, near, winding, out);
        for (int y = 0; y < 16; y++) {
            for (int x = 0; x < 16; x++) {
                double px = x - 3 + 0.5, py = y - 3 + 0.5; /* from the square's corner */
                double out_x = fmax(fmax(-px, px - 10), 0), out_y = fmax(fmax(-py, py - 10), 0);
                double d = out_x > 0 || out_y > 0 ? hypot(out_x, out_y) : -fmin(fmin(px, 10 - px), fmin(py, 10 - py));
                assert_int_equal(out[y * 16 + x], (int)fmax(0, fmin(255, round(255 - 255 * (d / 8 + 0.25)))));
            }
        }
    }
    assert_int_equal(glyph_box_around(NULL, 0).right, 0);
}

static void each_letter_comes_from_the_first_font_that_has_it(void **state)
{
    (void)state;
    struct buffer one, other, both;
    struct letter letters[2][GLYPH_PAGE], mixed[GLYPH_PAGE];
    char name[400] = "", range[40] = "";
    write_file("DejaVu Sans", 0x4E00, &one);
    write_file(FONT, 0x4E00, &other);
    write_file("DejaVu Sans,Noto Sans CJK SC", 0x4E00, &both);
    read_file(&one, letters[0], name, range);
    read_file(&other, letters[1], name, range);
    read_file(&both, mixed, name, range);
    assert_string_equal(name, "DejaVu Sans,Noto Sans CJK SC");
    assert_string_equal(range, "19968-20223");
    assert_int_equal(letters[0][0].code, 0);      /* no Chinese in it: a file with no letters, not an error */
    assert_int_equal(letters[1][0].code, 0x4E00); /* 一 */
    for (unsigned i = 0; i < GLYPH_PAGE; i++) {
        const struct letter *expected = letters[0][i].code ? &letters[0][i] : &letters[1][i];
        assert_int_equal(mixed[i].code, expected->code);
        assert_int_equal(mixed[i].field_length, expected->field_length);
        if (expected->field_length) assert_memory_equal(mixed[i].field, expected->field, expected->field_length);
    }
    buffer_clear(&one), buffer_clear(&other), buffer_clear(&both);
}

static void names_are_a_family_a_style_or_nothing_at_all(void **state)
{
    (void)state;
    static const char *const regular[] = {"Noto Sans CJK SC", "noto sans cjk sc", "Noto Sans CJK SC Regular"};
    static const char *const wrong[] = {"Noto Sans CJK", "Noto Sans CJK SC Bol", "sans-serif", "/etc/passwd", "", "Noto Sans CJK SC  Bold"};
    struct error err = ERROR_INIT;
    struct glyph_font first, font;
    assert_int_equal(glyph_font_find(FONT, &first, &err), STATUS_OK);
    for (unsigned i = 0; i < sizeof regular / sizeof *regular; i++) {
        assert_int_equal(glyph_font_find(regular[i], &font, &err), STATUS_OK);
        assert_string_equal(font.file, first.file);
        assert_int_equal(font.index, first.index);
        assert_int_equal(font.identity, first.identity);
        glyph_font_clear(&font);
    }
    assert_int_equal(glyph_font_find("Noto Sans CJK SC Bold", &font, &err), STATUS_OK);
    assert_string_not_equal(font.file, first.file);
    glyph_font_clear(&font);
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_int_equal(glyph_font_find(wrong[i], &font, &err), STATUS_NOT_FOUND);
    glyph_font_clear(&first);

    struct glyph_stack stack, same;
    assert_int_equal(glyph_stack_find("Noto Sans CJK SC,Nowhere", &stack, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.en, "Nowhere"));
    assert_int_equal(glyph_stack_find(",", &stack, &err), STATUS_INVALID);
    assert_int_equal(glyph_stack_find("DejaVu Sans,DejaVu Sans,DejaVu Sans,DejaVu Sans,DejaVu Sans", &stack, &err), STATUS_INVALID);
    assert_int_equal(glyph_stack_find("DejaVu Sans, Noto Sans CJK SC", &stack, &err), STATUS_OK);
    assert_int_equal(glyph_stack_find("Noto Sans CJK SC,DejaVu Sans", &same, &err), STATUS_OK);
    assert_int_not_equal(stack.identity, same.identity);
    glyph_stack_clear(&stack), glyph_stack_clear(&same);
}

static void drawing_stops_when_nobody_waits(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct glyph_stack stack;
    struct buffer out;
    atomic_bool gone = true;
    buffer_init(&out, GLYPH_PAGE_BYTES_MAX);
    assert_int_equal(glyph_stack_find(FONT, &stack, &err), STATUS_OK);
    assert_int_equal(glyph_page_write(&stack, 0, &gone, &out, &err), STATUS_CANCELLED);
    assert_int_equal(out.length, 0);
    buffer_init(&out, 1000); /* and where there is no room, that is said */
    assert_int_equal(glyph_page_write(&stack, 0, &never, &out, &err), STATUS_NO_MEMORY);
    glyph_stack_clear(&stack);
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_advances_are_those_of_the_letters_that_freetype_draws),
        cmocka_unit_test(a_square_has_the_distances_that_one_expects),
        cmocka_unit_test(each_letter_comes_from_the_first_font_that_has_it),
        cmocka_unit_test(names_are_a_family_a_style_or_nothing_at_all),
        cmocka_unit_test(drawing_stops_when_nobody_waits),
    };
    return cmocka_run_group_tests_name("glyph", tests, NULL, NULL);
}
