#include "api/style/style_document.h"

#include "api/json/reader.h"
#include "api/json/writer.h"
#include "api/sheet/sheet_sprite.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

__asm__(".section .rodata\n"
        ".global style_bytes, style_bytes_end\n"
        "style_bytes:\n"
        ".incbin \"api/style/style.json\"\n"
        "style_bytes_end:\n"
        ".byte 0\n"
        ".previous\n");
extern const char style_bytes[], style_bytes_end[];

/* As the console's (api/console/console.css, js/style.js). */
static const struct {
    const char *name, *light, *dark;
} colours[] = {
    {"$land", "#f2f0ea", "#1b2223"},   {"$ground", "#ffffff", "#171d1e"},   {"$ink", "#1c2526", "#e8ecec"},
    {"$ink_2", "#4d5a5c", "#b0bbbc"},  {"$ink_3", "#6c797b", "#8f9b9d"},    {"$casing", "#d3cdbf", "#0f1415"},
    {"$minor", "#ffffff", "#2f3a3c"},  {"$medium", "#fff9e8", "#46524f"},   {"$major", "#e3c367", "#7d7046"},
    {"$motorway", "#e9a663", "#a4693a"}, {"$motorway_casing", "#b9783a", "#0f1415"}, {"$closed", "#c2410c", "#ff8a5c"},
    {"$gated", "#0067a5", "#6cb8f0"},  {"$plan", "#0b5563", "#5cc0cf"},     {"$broken", "#a4262c", "#ff8d85"},
};

static const char *colour_of(const struct style_wish *wish, const char *name)
{
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (strcmp(colours[i].name, name) == 0) return wish->dark ? colours[i].dark : colours[i].light;
    return NULL;
}

/* ---- filling in; NULL and false: memory is out --------------------------------------------------------------- */

static json_t *by_rule(const struct style_wish *wish)
{
    json_t *match = json_pack("[s, [s, s]]", "match", "get", "rule");
    const struct sprite_hatch *hatch;
    bool good = match != NULL;
    for (unsigned i = 0; good && (hatch = sprite_hatch_at(i)) != NULL; i++)
        good = json_array_append_new(match, json_string(hatch->rule)) == 0 &&
               json_array_append_new(match, json_sprintf("#%06x", (unsigned)(wish->dark ? hatch->dark : hatch->light))) == 0;
    good = good && json_array_append_new(match, json_string(colour_of(wish, "$ink_2"))) == 0;
    if (good) return match;
    json_decref(match);
    return NULL;
}

/* What stands for a text: a new reference. */
static json_t *meant(const struct style_wish *wish, const char *text)
{
    const char *colour = colour_of(wish, text);
    if (colour) return json_string(colour);
    if (strncmp(text, "$base", 5) == 0) return json_sprintf("%s%s", wish->base, text + 5);
    if (strcmp(text, "$sprite") == 0) return json_sprintf("%s/style/sprite%s", wish->base, wish->dark ? "-dark" : "");
    if (strcmp(text, "$title") == 0) return json_string(wish->title);
    if (strcmp(text, "$by_rule") == 0) return by_rule(wish);
    if (strcmp(text, "$place_name") == 0 && wish->english) return json_pack("[s, [s, s], [s, s]]", "coalesce", "get", "name_en", "get", "name");
    if (strcmp(text, "$place_name") == 0) return json_pack("[s, s]", "get", "name");
    if (strcmp(text, "$zone_name") == 0)
        return json_pack("[s, [s, s], s, [s, s]]", "concat", "get", "name", "\n", "get", wish->english ? "class_name_en" : "class_name");
    return json_string(text);
}

static bool stands_for(const json_t *value)
{
    return json_is_string(value) && json_string_value(value)[0] == '$';
}

static bool fill(const struct style_wish *wish, json_t *value)
{
    const char *key;
    size_t i;
    json_t *member;
    void *next;
    bool good = true;
    if (json_is_object(value)) {
        json_object_foreach_safe(value, next, key, member)
            good = good && (stands_for(member) ? json_object_set_new(value, key, meant(wish, json_string_value(member))) == 0 : fill(wish, member));
    } else {
        json_array_foreach(value, i, member)
            good = good && (stands_for(member) ? json_array_set_new(value, i, meant(wish, json_string_value(member))) == 0 : fill(wish, member));
    }
    return good;
}

static bool is_wanted(const struct style_wish *wish, const json_t *layer)
{
    const char *type = json_string_value(json_object_get(layer, "type")), *source = json_string_value(json_object_get(layer, "source"));
    return (wish->labels || strcmp(type, "symbol") != 0) && (wish->plans || source == NULL || strcmp(source, "plans") != 0);
}

/* Not by json_dumps: without memory it may leave out a piece and say nothing. */
static void put(struct json_writer *w, const json_t *value)
{
    const char *key;
    size_t i;
    json_t *member;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        writer_open_object(w);
        json_object_foreach((json_t *)value, key, member) writer_key(w, key), put(w, member);
        writer_close_object(w);
        break;
    case JSON_ARRAY:
        writer_open_array(w);
        json_array_foreach(value, i, member) put(w, member);
        writer_close_array(w);
        break;
    case JSON_STRING: writer_text(w, json_string_value(value)); break;
    case JSON_INTEGER: writer_integer(w, json_integer_value(value)); break;
    case JSON_REAL: writer_number(w, json_real_value(value), 6); break;
    case JSON_TRUE:
    case JSON_FALSE: writer_boolean(w, json_is_true(value)); break;
    case JSON_NULL: writer_null(w); break;
    }
}

enum status style_document(const struct style_wish *wish, struct buffer *out, struct error *err)
{
    json_t *style;
    TRY(reader_parse(style_bytes, (size_t)(style_bytes_end - style_bytes), &style, err));
    json_t *layers = json_object_get(style, "layers");
    for (size_t i = json_array_size(layers); i-- > 0;)
        if (!is_wanted(wish, json_array_get(layers, i))) (void)json_array_remove(layers, i); /* it is there, and nothing is allocated */
    if (!wish->plans) (void)json_object_del(json_object_get(style, "sources"), "plans");
    struct json_writer w;
    bool good = fill(wish, style);
    writer_init(&w, out);
    if (good) put(&w, style);
    json_decref(style);
    return good && !out->failed ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}
