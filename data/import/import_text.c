#include "data/import/import_text.h"

#include <string.h>

/* Length of the character at p, 0 if it is none. */
static unsigned character(const unsigned char *p)
{
    unsigned n = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xf0 && *p < 0xf5 ? 4 : 0;

    for (unsigned i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

bool import_text_valid(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        unsigned n = character(p);

        if (!n) return false;
        p += n;
    }
    return true;
}

const char *import_text_keep(struct arena *arena, const char *text, size_t most, enum status *status)
{
    size_t length = 0;
    char *copy;

    if (!text || !import_text_valid(text)) return NULL;
    while (*text && (unsigned char)*text <= ' ') text++;
    while (text[length]) {
        unsigned n = character((const unsigned char *)text + length);

        if (length + n > most) break;
        length += n;
    }
    while (length && (unsigned char)text[length - 1] <= ' ') length--;
    if (!length) return NULL;
    copy = arena_take(arena, length + 1);
    if (!copy) {
        *status = STATUS_NO_MEMORY;
        return NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < length; i++) {
        char c = (unsigned char)text[i] < ' ' || text[i] == 127 ? ' ' : text[i];

        if (c != ' ' || copy[kept - 1] != ' ') copy[kept++] = c; /* text[0] is no blank */
    }
    copy[kept] = '\0';
    return copy;
}

void import_text_json(struct buffer *out, const char *text)
{
    buffer_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') buffer_char(out, '\\');
        if ((unsigned char)*text < ' ') buffer_printf(out, "\\u%04x", *text);
        else buffer_char(out, *text);
    }
    buffer_char(out, '"');
}
