#include "data/pg/reason.h"

#include <stdio.h>
#include <string.h>

enum { PIECES_MAX = 8, DEPTH_MAX = 4 };

static const struct {
    const char *en, *zh;
} reasons[] = {
#define REASON(en, zh) {en, zh},
#include "data/pg/reasons.def"
#undef REASON
};

/* What stood for a placeholder. */
struct piece {
    const char *text;
    size_t length;
    bool reason; /* to be translated in turn */
};

struct text {
    char *data;
    size_t length, size;
};

static void put(struct text *out, const char *data, size_t length)
{
    size_t room = out->size - 1 - out->length, whole = length;
    if (length > room) {
        whole = room;
        while (whole > 0 && ((unsigned char)data[whole] & 0xc0) == 0x80) whole--; /* between characters */
    }
    memcpy(out->data + out->length, data, whole);
    out->length += whole;
    out->data[out->length] = '\0';
}

/* {} or {*}; `{"type"…}` of a text is none. */
static size_t placeholder(const char *at)
{
    return strncmp(at, "{}", 2) == 0 ? 2 : strncmp(at, "{*}", 3) == 0 ? 3 : 0;
}

/* Whether `text` is the template with something in its placeholders: the shortest for each, going back where that fails. */
static bool fits(const char *template, const char *text, struct piece *pieces, size_t count)
{
    for (; *template; template++, text++) {
        size_t length = placeholder(template);
        if (length > 0) {
            if (count == PIECES_MAX) return false;
            for (size_t taken = 0;; taken++) {
                pieces[count] = (struct piece){text, taken, length == 3};
                if (fits(template + length, text + taken, pieces, count + 1)) return true;
                if (text[taken] == '\0') return false;
            }
        }
        if (*template != *text) return false;
    }
    return *text == '\0';
}

static bool translate(const char *en, size_t length, struct text *out, int depth);

static void fill(const char *zh, const struct piece *pieces, struct text *out, int depth)
{
    size_t next = 0;
    while (*zh) {
        size_t plain = strcspn(zh, "{"), mark = placeholder(zh + plain);
        put(out, zh, plain);
        zh += plain;
        if (*zh == '\0') return;
        if (mark == 0 && zh[1] >= '1' && zh[1] <= '9' && zh[2] == '}') {
            put(out, pieces[zh[1] - '1'].text, pieces[zh[1] - '1'].length);
            zh += 3;
        } else if (mark == 0) {
            put(out, zh++, 1);
        } else {
            const struct piece *p = &pieces[next++];
            if (!p->reason || depth == DEPTH_MAX || !translate(p->text, p->length, out, depth + 1)) put(out, p->text, p->length);
            zh += mark;
        }
    }
}

static bool translate(const char *en, size_t length, struct text *out, int depth)
{
    char text[1024];
    struct piece pieces[PIECES_MAX];
    if (length >= sizeof text) return false;
    memcpy(text, en, length);
    text[length] = '\0';
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (!fits(reasons[i].en, text, pieces, 0)) continue;
        fill(reasons[i].zh, pieces, out, depth);
        return true;
    }
    return false;
}

bool reason_translate(const char *en, char *out, size_t size)
{
    struct text text = {.data = out, .size = size};
    out[0] = '\0';
    if (translate(en, strlen(en), &text, 0)) return true;
    put(&text, en, strlen(en));
    return false;
}
