#include "data/rules/notice.h"

#include <string.h>

/* The text as characters, blanks taken out and punctuation made one: what the grammar is written in. Each keeps the
 * bytes that it came from. */
struct letter {
    uint32_t code;
    uint32_t begin, end;
};

struct reader {
    const struct letter *letters;
    uint32_t count;
    struct arena *arena;
    struct notice_item *items;
    struct notice_rest *rest;
    uint32_t item_count, rest_count;
    bool full; /* more than NOTICE_ITEMS_MAX */

    bool has_head;
    struct notice_span head, cause, district;
    unsigned scope;
    enum notice_action action;
};

/* ---- letters ------------------------------------------------------------------------------------------------ */

/* Length of the character at `text`, 0 if it is none. */
static unsigned decode(const unsigned char *text, size_t left, uint32_t *code)
{
    if (text[0] < 0x80) {
        *code = text[0];
        return text[0] == 0 ? 0 : 1;
    }
    unsigned length = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    if (text[0] < 0xC2 || text[0] > 0xF4 || left < length) return 0;
    uint32_t value = text[0] & (0x7Fu >> length);
    for (unsigned i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (text[i] & 0x3Fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return 0;
    *code = value;
    return length;
}

/* 0: not a letter of the grammar (a blank). */
static uint32_t fold(uint32_t code)
{
    if (code >= 0xFF01 && code <= 0xFF5E) code -= 0xFEE0; /* full-width forms */
    switch (code) {
    case ' ': case '\t': case '\r': case 0x3000: case 0xA0: case 0xFEFF: case 0x200B: return 0;
    case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2500: case 0x2212: case '~':
    case 0x301C: return '-';
    case 0xFE30: return ':';
    case 0x3002: case '\n': return ';'; /* a full stop or a line end closes what a semicolon closes */
    case '[': case 0x3014: return 0x3010;
    case ']': case 0x3015: return 0x3011;
    default: return code;
    }
}

static enum status letters_make(const char *text, size_t length, struct arena *arena, struct reader *r,
                                struct error *err)
{
    struct letter *letters = arena_take(arena, (length + 1) * sizeof *letters);
    if (letters == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint32_t count = 0;
    for (size_t i = 0; i < length;) {
        uint32_t code;
        unsigned bytes = decode((const unsigned char *)text + i, length - i, &code);
        if (bytes == 0) return error_set(err, STATUS_INVALID, MESSAGE_NOTICE_UTF8, (unsigned)i);
        uint32_t folded = fold(code);
        /* 至 and 到 between stations read as a dash; in a station's name they do not occur */
        if (folded == 0x81F3 || folded == 0x5230) folded = '-';
        /* dashes come in pairs: —— */
        bool again = folded == '-' && count > 0 && letters[count - 1].code == '-';
        if (folded && !again) letters[count++] = (struct letter){folded, (uint32_t)i, (uint32_t)i + bytes};
        i += bytes;
    }
    r->letters = letters;
    r->count = count;
    return STATUS_OK;
}

static struct notice_span span_of(const struct reader *r, uint32_t from, uint32_t until)
{
    if (from >= until) return (struct notice_span){0, 0};
    return (struct notice_span){r->letters[from].begin, r->letters[until - 1].end};
}

/* Whether `word` stands at `at` before `until`; returns how many letters it has, or 0. */
static uint32_t match(const struct reader *r, uint32_t at, uint32_t until, const char *word)
{
    const unsigned char *p = (const unsigned char *)word;
    uint32_t n = 0;
    while (*p) {
        uint32_t code;
        unsigned bytes = decode(p, strlen((const char *)p), &code);
        if (at + n >= until || r->letters[at + n].code != code) return 0;
        p += bytes;
        n++;
    }
    return n;
}

/* First place of `word` in [from, until), or `until`. */
static uint32_t find(const struct reader *r, uint32_t from, uint32_t until, const char *word)
{
    for (uint32_t i = from; i < until; i++)
        if (match(r, i, until, word)) return i;
    return until;
}

static uint32_t find_code(const struct reader *r, uint32_t from, uint32_t until, uint32_t code)
{
    while (from < until && r->letters[from].code != code) from++;
    return from;
}

/* ---- results ------------------------------------------------------------------------------------------------ */

static void doubt(struct reader *r, uint32_t from, uint32_t until, enum notice_doubt why)
{
    if (from >= until) return;
    if (r->rest_count == NOTICE_ITEMS_MAX) {
        r->full = true;
        return;
    }
    r->rest[r->rest_count++] = (struct notice_rest){span_of(r, from, until), why};
}

/* ---- a head ------------------------------------------------------------------------------------------------- */

/* 所有车辆, 货车, …: sets a bit of `scope` and returns the letters it took, 0 if it is none. */
static uint32_t scope_word(const struct reader *r, uint32_t at, uint32_t until, unsigned *scope)
{
    static const struct {
        const char *word;
        unsigned scope;
    } words[] = {
        {"所有车辆", NOTICE_ALL_VEHICLES},      {"一切车辆", NOTICE_ALL_VEHICLES},
        {"危险品运输车辆", NOTICE_HAZMAT},      {"危险化学品运输车辆", NOTICE_HAZMAT},
        {"危化品运输车辆", NOTICE_HAZMAT},      {"危险货物运输车辆", NOTICE_HAZMAT},
        {"危险品运输车", NOTICE_HAZMAT},        {"危化品车辆", NOTICE_HAZMAT},
        {"货运车辆", NOTICE_LORRIES},           {"货车", NOTICE_LORRIES},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        uint32_t n = match(r, at, until, words[i].word);
        if (n) {
            *scope |= words[i].scope;
            return n;
        }
    }
    /* 七座(含七座)?以上客车 */
    uint32_t n = at;
    unsigned seats = 0;
    if (match(r, n, until, "七") || match(r, n, until, "7")) seats = NOTICE_BUSES_7;
    if (match(r, n, until, "九") || match(r, n, until, "9")) seats = NOTICE_BUSES_9;
    if (!seats) return 0;
    n++;
    uint32_t taken = match(r, n, until, "座");
    if (!taken) return 0;
    n += taken;
    if (n < until && r->letters[n].code == '(') {
        uint32_t close = find_code(r, n, until, ')');
        if (close == until || !match(r, n + 1, close, "含")) return 0;
        n = close + 1;
    } else if (match(r, n, until, "含")) {
        uint32_t above = find(r, n, until, "以上");
        if (above == until || above - n > 4) return 0;
        n = above;
    }
    taken = match(r, n, until, "及以上");
    if (!taken) taken = match(r, n, until, "以上");
    if (!taken) return 0;
    n += taken;
    taken = match(r, n, until, "大型客车");
    if (!taken) taken = match(r, n, until, "客车");
    if (!taken) return 0;
    *scope |= seats;
    return n + taken - at;
}

/* [from, until) up to the colon: number? 因 cause , 禁止 scope action 的路段有. Whether it is a head; a head that is
 * unclear forbids nothing and what follows it is not understood either. */
static bool head_read(struct reader *r, uint32_t from, uint32_t until)
{
    uint32_t forbid = find(r, from, until, "禁止");
    if (forbid == until) return false;
    r->has_head = false;
    uint32_t because = find(r, from, forbid, "因");
    uint32_t cause_from = because < forbid ? because + 1 : forbid, cause_until = forbid;
    while (cause_until > cause_from && (r->letters[cause_until - 1].code == ',')) cause_until--;
    /* before 因 only a number and its point may stand */
    for (uint32_t i = from; i < because; i++) {
        uint32_t c = r->letters[i].code;
        if (!((c >= '0' && c <= '9') || c == '.' || c == 0x3001 || c == ')' || c == '(')) {
            doubt(r, from, until, NOTICE_HEAD_UNCLEAR);
            return true;
        }
    }
    uint32_t at = forbid + 2;
    unsigned scope = 0;
    for (;;) {
        uint32_t n = scope_word(r, at, until, &scope);
        if (n == 0) break;
        at += n;
        n = match(r, at, until, "以及");
        if (!n) n = match(r, at, until, "及");
        if (!n) n = match(r, at, until, "和");
        if (!n) n = match(r, at, until, "、");
        if (!n) n = match(r, at, until, "与");
        if (n == 0) break;
        at += n;
    }
    enum notice_action action = 0;
    uint32_t n = match(r, at, until, "上下站");
    if (n) action = NOTICE_BOTH;
    else if ((n = match(r, at, until, "上站")) != 0) action = NOTICE_ENTRY;
    else if ((n = match(r, at, until, "下站")) != 0) action = NOTICE_EXIT;
    at += n;
    at += match(r, at, until, "的");
    uint32_t kind = match(r, at, until, "路段");
    if (!kind) kind = match(r, at, until, "收费站");
    at += kind;
    n = match(r, at, until, "有");
    if (!n) n = match(r, at, until, "为");
    at += n;
    if (scope == 0 || action == 0 || at != until) {
        doubt(r, from, until, NOTICE_HEAD_UNCLEAR);
        return true;
    }
    r->has_head = true;
    r->head = span_of(r, from, until);
    r->cause = span_of(r, cause_from, cause_until);
    r->scope = scope;
    r->action = action;
    return true;
}

/* ---- a line ------------------------------------------------------------------------------------------------- */

/* A station's name in [from, until): without 收费站 or 站 at its end; empty if there is nothing left or if letters
 * stand in it that no name has. */
static struct notice_span station(const struct reader *r, uint32_t from, uint32_t until)
{
    static const char *const tails[] = {"收费站", "站"};
    for (int i = 0; i < 2; i++) {
        uint32_t n = i == 0 ? 3 : 1;
        if (until - from > n && match(r, until - n, until, tails[i]) == n) {
            until -= n;
            break;
        }
    }
    if (until - from > 16) return (struct notice_span){0, 0};
    for (uint32_t i = from; i < until; i++) {
        uint32_t c = r->letters[i].code;
        bool word = (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= '0' && c <= '9') ||
                    (c >= 'A' && c <= 'Z') || c == 0xB7;
        if (!word) return (struct notice_span){0, 0};
    }
    return span_of(r, from, until);
}

static void item_read(struct reader *r, struct notice_span road, uint32_t from, uint32_t until)
{
    if (from >= until) return;
    struct notice_item item = {.head = r->head, .cause = r->cause, .district = r->district, .road = road,
                               .scope = r->scope, .action = r->action, .item = span_of(r, from, until)};
    uint32_t end = until;
    /* (往…方向) */
    if (r->letters[end - 1].code == ')') {
        uint32_t open = find_code(r, from, end, '(');
        uint32_t name = open + 1 + (open < end ? match(r, open + 1, end - 1, "往") : 0);
        uint32_t direction = open < end ? find(r, name, end - 1, "方向") : end;
        if (open >= end || name != open + 2 || direction + 2 != end - 1 || direction == name) {
            doubt(r, from, until, NOTICE_ITEM_UNCLEAR);
            return;
        }
        item.towards = span_of(r, name, direction);
        end = open;
    }
    uint32_t dash = find_code(r, from, end, '-');
    if (end - from == 2 && match(r, from, end, "全线") == 2) {
        item.from = item.to = (struct notice_span){0, 0};
    } else {
        item.from = station(r, from, dash);
        item.to = dash < end ? station(r, dash + 1, end) : item.from;
        if (item.from.end == 0 || item.to.end == 0) {
            doubt(r, from, until, NOTICE_ITEM_UNCLEAR);
            return;
        }
    }
    if (r->item_count == NOTICE_ITEMS_MAX) {
        r->full = true;
        return;
    }
    r->items[r->item_count++] = item;
}

/* road 高速 : items. */
static void line_read(struct reader *r, uint32_t from, uint32_t until)
{
    uint32_t colon = find_code(r, from, until, ':');
    uint32_t fast = find(r, from, colon, "高速");
    uint32_t after = fast + 2 + (fast < colon ? match(r, fast + 2, colon, "公路") : 0);
    if (colon == until || fast == colon || fast == from || after != colon) {
        doubt(r, from, until, NOTICE_LINE_UNCLEAR);
        return;
    }
    if (!r->has_head) {
        doubt(r, from, until, NOTICE_NO_HEAD);
        return;
    }
    struct notice_span road = span_of(r, from, fast);
    uint32_t begin = colon + 1;
    for (uint32_t i = begin; i <= until; i++) {
        bool parted = i == until || r->letters[i].code == 0x3001 || r->letters[i].code == ',';
        if (!parted) continue;
        item_read(r, road, begin, i);
        begin = i + 1;
    }
}

/* A piece between two ends of sentence. */
static void sentence_read(struct reader *r, uint32_t from, uint32_t until)
{
    while (from < until) {
        if (r->letters[from].code == 0x3010) { /* 【…】 */
            uint32_t close = find_code(r, from, until, 0x3011);
            if (close == until) break;
            r->district = span_of(r, from + 1, close);
            from = close + 1;
            from += from < until && r->letters[from].code == ':';
            continue;
        }
        uint32_t colon = find_code(r, from, until, ':');
        if (!head_read(r, from, colon)) break;
        r->district = (struct notice_span){0, 0};
        from = colon < until ? colon + 1 : until;
    }
    if (from < until) line_read(r, from, until);
}

enum status notice_read(const char *text, size_t length, struct arena *arena, struct notice *out, struct error *err)
{
    if (length > NOTICE_BYTES_MAX) {
        (void)error_set(err, STATUS_TOO_LARGE, MESSAGE_LIMIT_BYTES, "text", (size_t)NOTICE_BYTES_MAX);
        error_bounds(err, NOTICE_BYTES_MAX, (double)length);
        return STATUS_TOO_LARGE;
    }
    struct reader r = {.arena = arena};
    enum status status = letters_make(text, length, arena, &r, err);
    if (status != STATUS_OK) return status;
    /* an item or a doubt takes two letters at least */
    uint32_t most = r.count / 2 + 2 < NOTICE_ITEMS_MAX ? r.count / 2 + 2 : NOTICE_ITEMS_MAX;
    r.items = arena_zero(arena, NOTICE_ITEMS_MAX < most ? NOTICE_ITEMS_MAX : most, sizeof *r.items);
    r.rest = arena_zero(arena, NOTICE_ITEMS_MAX, sizeof *r.rest);
    if (r.items == NULL || r.rest == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t from = 0, i = 0; i <= r.count; i++) {
        if (i < r.count && r.letters[i].code != ';') continue;
        sentence_read(&r, from, i);
        from = i + 1;
    }
    if (r.full) {
        (void)error_set(err, STATUS_TOO_LARGE, MESSAGE_NOTICE_ITEMS, NOTICE_ITEMS_MAX);
        return STATUS_TOO_LARGE;
    }
    *out = (struct notice){r.item_count, r.rest_count, r.items, r.rest};
    return STATUS_OK;
}
