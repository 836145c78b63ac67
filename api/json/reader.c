#include "api/json/reader.h"

#include "api/wire/time_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- where ------------------------------------------------------------------------------------------------- */

/* Appends one reference token, escaped as RFC 6901 asks. Returns the new length; never writes past size. */
static size_t pointer_token(char *out, size_t size, size_t length, const char *key)
{
    if (length + 1 < size) out[length++] = '/';
    for (const char *p = key; *p; p++) {
        const char *piece = *p == '~' ? "~0" : *p == '/' ? "~1" : NULL;
        size_t need = piece ? 2 : 1;
        if (length + need >= size) break;
        if (piece) memcpy(out + length, piece, 2);
        else out[length] = *p;
        length += need;
    }
    /* a character cut in two would make the problem document invalid */
    size_t end = length;
    while (end > 0 && ((unsigned char)out[end - 1] & 0xC0) == 0x80) end--;
    if (end > 0 && end < length + 1 && (unsigned char)out[end - 1] >= 0xC0) {
        unsigned char lead = (unsigned char)out[end - 1];
        size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (end - 1 + need > length) length = end - 1;
    }
    return length;
}

static size_t pointer_write(const struct json_at *at, char *out, size_t size)
{
    if (at->up == NULL) return 0;
    size_t length = pointer_write(at->up, out, size);
    char digits[24];
    if (at->key == NULL) snprintf(digits, sizeof digits, "%zu", at->index);
    return pointer_token(out, size, length, at->key ? at->key : digits);
}

void reader_pointer(const struct json_at *at, char *out, size_t size)
{
    if (size == 0) return;
    out[pointer_write(at, out, size)] = '\0';
}

enum status reader_here(const struct json_at *at, struct error *err)
{
    if (err == NULL) return STATUS_INVALID;
    reader_pointer(at, err->pointer, sizeof err->pointer);
    return err->status;
}

enum status reader_below(const struct json_at *at, struct error *err)
{
    if (err == NULL) return STATUS_INVALID;
    char prefix[sizeof err->pointer];
    reader_pointer(at, prefix, sizeof prefix);
    error_pointer_prefix(err, prefix);
    return err->status;
}

/* The last part of the pointer: how a sentence calls the value. */
static const char *name_of(const struct json_at *at, char *digits, size_t size)
{
    if (at->up == NULL) return "JSON";
    if (at->key) return at->key;
    char pointer[120];
    reader_pointer(at, pointer, sizeof pointer);
    snprintf(digits, size, "%s", pointer);
    return digits;
}

/* ---- the document ------------------------------------------------------------------------------------------ */

/* jansson says at which byte it gave up, not in which member. This walks the good part of the text before that byte
 * and keeps the names and indices that lead there. It need not judge: jansson has. */
struct trail {
    struct {
        bool array;
        size_t index;
        size_t key_start, key_length; /* in the text, still escaped; 0 length: none yet */
    } level[JSON_DEPTH_MAX + 1];
    size_t depth; /* levels open */
    size_t deepest;
};

static void trail_follow(struct trail *trail, const char *text, size_t until)
{
    *trail = (struct trail){0};
    bool expect_key = false;
    size_t open = 0; /* all brackets, also those too deep to be kept */
    for (size_t i = 0; i < until; i++) {
        char c = text[i];
        if (c == '"') {
            size_t start = i + 1;
            for (i = start; i < until && text[i] != '"'; i++)
                if (text[i] == '\\') i++;
            if (expect_key && trail->depth > 0) {
                size_t end = i < until ? i : until;
                trail->level[trail->depth - 1].key_start = start;
                trail->level[trail->depth - 1].key_length = end - start;
            }
        } else if (c == '{' || c == '[') {
            open++;
            if (open > trail->deepest) trail->deepest = open;
            if (open <= JSON_DEPTH_MAX) {
                trail->depth = open;
                memset(&trail->level[open - 1], 0, sizeof trail->level[0]);
                trail->level[open - 1].array = c == '[';
            }
            expect_key = c == '{';
        } else if (c == '}' || c == ']') {
            if (open > 0) open--;
            if (open < trail->depth) trail->depth = open;
            expect_key = false;
        } else if (c == ',') {
            if (open == trail->depth && trail->depth > 0) {
                if (trail->level[trail->depth - 1].array) trail->level[trail->depth - 1].index++;
                else expect_key = true;
            }
        } else if (c == ':') {
            expect_key = false;
        }
    }
}

static void trail_pointer(const struct trail *trail, const char *text, char *out, size_t size)
{
    size_t length = 0;
    for (size_t d = 0; d < trail->depth; d++) {
        char token[64];
        if (trail->level[d].array) {
            snprintf(token, sizeof token, "%zu", trail->level[d].index);
        } else {
            if (trail->level[d].key_length == 0) break;
            size_t n = trail->level[d].key_length;
            if (n >= sizeof token) n = sizeof token - 1;
            memcpy(token, text + trail->level[d].key_start, n);
            token[n] = '\0';
        }
        length = pointer_token(out, size, length, token);
    }
    out[length] = '\0';
}

/* Only of text that parsed, or whose bad byte is far away: bytes from outside may stand in a pointer. */
static bool text_is_printable_utf8(const char *text)
{
    json_t *value = json_string(text);
    if (value == NULL) return false;
    json_decref(value);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F) return false;
    return true;
}

static enum status too_deep(size_t depth, struct error *err)
{
    error_set(err, STATUS_TOO_LARGE, MESSAGE_JSON_DEPTH, JSON_DEPTH_MAX);
    error_bounds(err, JSON_DEPTH_MAX, (double)depth);
    return STATUS_TOO_LARGE;
}

/* What jansson minds, in our words. */
static void parse_failure(enum json_error_code code, const json_error_t *bad, bool empty, const char *pointer, struct error *err)
{
    int line = bad->line > 0 ? bad->line : 1, column = bad->column > 0 ? bad->column : 0;
    const char *key = strrchr(pointer, '/');
    key = key ? key + 1 : "JSON";
    switch (code) {
    case json_error_duplicate_key: error_set(err, STATUS_DUPLICATE_MEMBER, MESSAGE_JSON_DUPLICATE, key); break;
    case json_error_numeric_overflow: error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_OVERFLOW); break;
    case json_error_invalid_utf8: error_set(err, STATUS_INVALID, MESSAGE_JSON_UTF8, line, column); break;
    case json_error_null_character:
    case json_error_null_byte_in_key: error_set(err, STATUS_INVALID, MESSAGE_JSON_CONTROL, key); break;
    default: error_set(err, STATUS_INVALID, empty ? MESSAGE_JSON_EMPTY : MESSAGE_JSON_SYNTAX, line, column);
    }
}

enum status reader_parse(const char *text, size_t length, json_t **out, struct error *err)
{
    struct trail trail;
    *out = NULL;
    json_error_t bad;
    json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &bad);
    if (value == NULL) {
        enum json_error_code code = json_error_code(&bad);
        /* where an allocation fails inside it, jansson often says nothing at all */
        if (code == json_error_out_of_memory || bad.text[0] == '\0') return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        size_t until = bad.position > 0 && (size_t)bad.position <= length ? (size_t)bad.position : length;
        trail_follow(&trail, text, until);
        char pointer[120];
        trail_pointer(&trail, text, pointer, sizeof pointer);
        if (!text_is_printable_utf8(pointer)) pointer[0] = '\0';
        if (code == json_error_stack_overflow) return too_deep(trail.deepest, err);
        parse_failure(code, &bad, length == 0, pointer, err);
        error_pointer(err, "%s", pointer);
        error_log(err, "json code=%d", (int)code);
        return err ? err->status : STATUS_INVALID;
    }
    /* containers only: a scalar has no depth, and the common small request is scanned in a microsecond */
    trail_follow(&trail, text, length);
    if (trail.deepest > JSON_DEPTH_MAX) {
        json_decref(value);
        return too_deep(trail.deepest, err);
    }
    *out = value;
    return STATUS_OK;
}

/* ---- containers -------------------------------------------------------------------------------------------- */

enum status reader_type(const struct json_at *at, enum message kind, struct error *err)
{
    char digits[120];
    error_set(err, STATUS_INVALID, kind, name_of(at, digits, sizeof digits));
    (void)reader_here(at, err);
    return STATUS_INVALID;
}

enum status reader_members(const struct json_at *object, const char *const *names, struct error *err)
{
    if (!json_is_object(object->value)) return reader_type(object, MESSAGE_JSON_TYPE_OBJECT, err);
    const char *key;
    json_t *value;
    json_object_foreach(object->value, key, value) {
        const char *const *name = names;
        while (*name && strcmp(*name, key) != 0) name++;
        if (*name) continue;
        struct json_at at = {.value = value, .up = object, .key = key};
        char shown[64];
        snprintf(shown, sizeof shown, "%.40s", key);
        error_set(err, STATUS_UNKNOWN_MEMBER, MESSAGE_JSON_UNKNOWN, text_is_printable_utf8(shown) ? shown : "?");
        (void)reader_here(&at, err);
        if (err && !text_is_printable_utf8(err->pointer)) (void)reader_here(object, err);
        return STATUS_UNKNOWN_MEMBER;
    }
    return STATUS_OK;
}

bool reader_find(const struct json_at *object, const char *name, struct json_at *out)
{
    json_t *value = json_object_get(object->value, name);
    if (value == NULL) return false;
    *out = (struct json_at){.value = value, .up = object, .key = name};
    return true;
}

enum status reader_require(const struct json_at *object, const char *name, struct json_at *out, struct error *err)
{
    if (reader_find(object, name, out)) return STATUS_OK;
    struct json_at missing = {.up = object, .key = name};
    error_set(err, STATUS_MISSING_MEMBER, MESSAGE_JSON_MISSING, name);
    (void)reader_here(&missing, err);
    return STATUS_MISSING_MEMBER;
}

enum status reader_array(const struct json_at *at, size_t min, size_t max, size_t *count, struct error *err)
{
    if (!json_is_array(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_ARRAY, err);
    size_t size = json_array_size(at->value);
    if (size < min || size > max) {
        char digits[120];
        if (min == max) error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_COUNT_EXACT, name_of(at, digits, sizeof digits), min);
        else error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_COUNT, name_of(at, digits, sizeof digits), min, max);
        (void)reader_here(at, err);
        error_bounds(err, (double)(size < min ? min : max), (double)size);
        return STATUS_OUT_OF_RANGE;
    }
    *count = size;
    return STATUS_OK;
}

struct json_at reader_element(const struct json_at *array, size_t index)
{
    return (struct json_at){.value = json_array_get(array->value, index), .up = array, .index = index};
}

/* ---- scalars ----------------------------------------------------------------------------------------------- */

static enum status range(const struct json_at *at, double min, double max, double value, struct error *err)
{
    char digits[120];
    error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_RANGE, name_of(at, digits, sizeof digits), min, max);
    (void)reader_here(at, err);
    error_bounds(err, value < min ? min : max, value);
    return STATUS_OUT_OF_RANGE;
}

enum status reader_number(const struct json_at *at, double min, double max, double *out, struct error *err)
{
    if (!json_is_number(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_NUMBER, err);
    double value = json_number_value(at->value);
    if (!isfinite(value)) return reader_type(at, MESSAGE_JSON_TYPE_NUMBER, err);
    if (value < min || value > max) return range(at, min, max, value, err);
    *out = value;
    return STATUS_OK;
}

enum status reader_integer(const struct json_at *at, int64_t min, int64_t max, int64_t *out, struct error *err)
{
    if (!json_is_integer(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_INTEGER, err);
    int64_t value = json_integer_value(at->value);
    if (value < min || value > max) return range(at, (double)min, (double)max, (double)value, err);
    *out = value;
    return STATUS_OK;
}

enum status reader_boolean(const struct json_at *at, bool *out, struct error *err)
{
    if (!json_is_boolean(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_BOOLEAN, err);
    *out = json_is_true(at->value);
    return STATUS_OK;
}

enum status reader_text(const struct json_at *at, size_t min, size_t max, const char **out, struct error *err)
{
    if (!json_is_string(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_STRING, err);
    const char *text = json_string_value(at->value);
    size_t length = json_string_length(at->value);
    if (length < min || length > max) {
        char digits[120];
        error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_LENGTH, name_of(at, digits, sizeof digits), min, max);
        (void)reader_here(at, err);
        error_bounds(err, (double)(length < min ? min : max), (double)length);
        return STATUS_OUT_OF_RANGE;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != 0x7F) continue;
        char digits[120];
        error_set(err, STATUS_INVALID, MESSAGE_JSON_CONTROL, name_of(at, digits, sizeof digits));
        (void)reader_here(at, err);
        return STATUS_INVALID;
    }
    *out = text;
    return STATUS_OK;
}

enum status reader_text_dup(const struct json_at *at, size_t min, size_t max, struct arena *arena, const char **out,
                            struct error *err)
{
    const char *text;
    TRY(reader_text(at, min, max, &text, err));
    *out = arena_strdup(arena, text);
    return *out ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

enum status reader_choice(const struct json_at *at, const char *const *codes, unsigned *out, struct error *err)
{
    if (!json_is_string(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_STRING, err);
    const char *text = json_string_value(at->value);
    for (unsigned i = 0; codes[i]; i++) {
        if (strcmp(codes[i], text) == 0) {
            *out = i;
            return STATUS_OK;
        }
    }
    char list[320] = "", digits[120];
    for (unsigned i = 0; codes[i]; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", codes[i]);
    }
    error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, name_of(at, digits, sizeof digits), list);
    (void)reader_here(at, err);
    return STATUS_INVALID;
}

enum status reader_time(const struct json_at *at, int64_t *out_ms, struct error *err)
{
    if (!json_is_string(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_STRING, err);
    if (time_parse(json_string_value(at->value), json_string_length(at->value), out_ms)) return STATUS_OK;
    char digits[120];
    error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, name_of(at, digits, sizeof digits));
    (void)reader_here(at, err);
    return STATUS_INVALID;
}
