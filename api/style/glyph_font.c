#include "api/style/glyph_font.h"

#include <fontconfig/fontconfig.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

static bool same(const FcChar8 *a, const FcChar8 *b)
{
    return FcStrCmpIgnoreCase(a, b) == 0;
}

/* Whether `name` is "family style" of the pattern, in any of the languages that the font has names in. */
static bool is_styled(const FcPattern *font, const FcChar8 *name)
{
    FcChar8 *family, *style;
    for (int i = 0; FcPatternGetString(font, FC_FAMILY, i, &family) == FcResultMatch; i++) {
        size_t length = strlen((const char *)family);
        if (strlen((const char *)name) <= length || name[length] != ' ') continue;
        for (int j = 0; FcPatternGetString(font, FC_STYLE, j, &style) == FcResultMatch; j++) {
            if (!same(style, name + length + 1)) continue;
            FcChar8 *begun = (FcChar8 *)strndup((const char *)name, length);
            bool fits = begun != NULL && same(begun, family);
            free(begun);
            if (fits) return true;
        }
    }
    return false;
}

static bool has_name(const FcPattern *font, const char *object, const FcChar8 *name)
{
    FcChar8 *value;
    for (int i = 0; FcPatternGetString(font, object, i, &value) == FcResultMatch; i++)
        if (same(value, name)) return true;
    return false;
}

static int distance_to(const FcPattern *font, const char *object, int wanted)
{
    int value;
    return FcPatternGetInteger(font, object, 0, &value) == FcResultMatch ? abs(value - wanted) : 0;
}

/* 0: exactly this one; more: of this family, and how far from its regular face; INT_MAX: another font. */
static int unlikeness(const FcPattern *font, const FcChar8 *name)
{
    FcBool variable = FcFalse;
    (void)FcPatternGetBool(font, FC_VARIABLE, 0, &variable);
    if (variable) return INT_MAX; /* stands for a whole range of weights: its named instances are listed beside it */
    if (has_name(font, FC_FULLNAME, name) || is_styled(font, name)) return 0;
    if (!has_name(font, FC_FAMILY, name)) return INT_MAX;
    return 1 + distance_to(font, FC_WEIGHT, FC_WEIGHT_REGULAR) + distance_to(font, FC_SLANT, FC_SLANT_ROMAN) + distance_to(font, FC_WIDTH, FC_WIDTH_NORMAL);
}

static enum status take(const FcFontSet *set, const char *name, struct glyph_font *out, struct error *err)
{
    int least = INT_MAX;
    FcPattern *best = NULL;
    FcChar8 *file;
    for (int i = 0; i < set->nfont; i++) {
        int found = unlikeness(set->fonts[i], (const FcChar8 *)name);
        if (found < least) best = set->fonts[i], least = found;
    }
    if (best == NULL || FcPatternGetString(best, FC_FILE, 0, &file) != FcResultMatch) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_FONT, name);
    if (FcPatternGetInteger(best, FC_INDEX, 0, &out->index) != FcResultMatch) out->index = 0;
    struct stat facts;
    if (stat((const char *)file, &facts) != 0) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_FONT, name); /* removed since the list was made */
    const int64_t numbers[] = {out->index, facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
    out->identity = XXH3_64bits_withSeed(numbers, sizeof numbers, XXH3_64bits(file, strlen((const char *)file)));
    out->file = strdup((const char *)file);
    return out->file ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status glyph_font_find(const char *name, struct glyph_font *out, struct error *err)
{
    *out = (struct glyph_font){0};
    FcPattern *outlines = FcPatternBuild(NULL, FC_OUTLINE, FcTypeBool, FcTrue, (char *)NULL);
    FcObjectSet *wanted = FcObjectSetBuild(FC_FAMILY, FC_STYLE, FC_FULLNAME, FC_WEIGHT, FC_SLANT, FC_WIDTH, FC_VARIABLE, FC_FILE, FC_INDEX, (char *)NULL);
    FcFontSet *set = outlines && wanted ? FcFontList(NULL, outlines, wanted) : NULL;
    enum status status = set ? take(set, name, out, err) : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (set) FcFontSetDestroy(set);
    if (wanted) FcObjectSetDestroy(wanted);
    if (outlines) FcPatternDestroy(outlines);
    return status;
}

void glyph_font_clear(struct glyph_font *font)
{
    free(font->file);
    *font = (struct glyph_font){0};
}
