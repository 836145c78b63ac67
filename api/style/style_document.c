#include "api/style/style_document.h"

#include "api/json/reader.h"
#include "api/sheet/sheet_sprite.h"

#include <assert.h>
#include <jansson.h>
#include <stdarg.h>
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

/* ---- what stands for something ------------------------------------------------------------------------------- */

static void put_by_rule(const struct style_wish *wish, struct json_writer *w)
{
    static const char head[] = "\"match\",[\"get\",\"rule\"]";
    const struct sprite_hatch *hatch;
    char colour[16];
    writer_open_array(w);
    writer_raw(w, head, sizeof head - 1);
    for (unsigned i = 0; (hatch = sprite_hatch_at(i)) != NULL; i++) {
        snprintf(colour, sizeof colour, "#%06x", (unsigned)(wish->dark ? hatch->dark : hatch->light));
        writer_text(w, hatch->rule), writer_text(w, colour);
    }
    writer_text(w, colour_of(wish, "$ink_2"));
    writer_close_array(w);
}

static void put_json(struct json_writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put_json(struct json_writer *w, const char *format, ...)
{
    char text[200];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    assert(length > 0 && (size_t)length < sizeof text);
    writer_raw(w, text, (size_t)length);
}

/* Whether something binds at the moment: its span is in the tiles; what has hours besides is judged here and named. */
static void put_binding(const struct style_wish *wish, struct json_writer *w, const char *first, enum style_ruled what)
{
    long long at_s = (long long)(wish->at_ms / 1000);
    writer_open_array(w), writer_text(w, "all");
    put_json(w, "%s", first);
    put_json(w, "[\"<=\",[\"coalesce\",[\"get\",\"from_s\"],%lld],%lld]", at_s, at_s);
    put_json(w, "[\">\",[\"coalesce\",[\"get\",\"until_s\"],%lld],%lld]", at_s + 1, at_s);
    writer_open_array(w), writer_text(w, "any");
    put_json(w, "[\"!\",[\"has\",\"has_hours\"]]");
    writer_open_array(w), writer_text(w, "in");
    put_json(w, "[\"get\",\"id\"]");
    writer_open_array(w), writer_text(w, "literal"), writer_open_array(w);
    if (wish->in_hours) wish->in_hours(wish->context, what, wish->at_ms, w);
    for (int depth = 0; depth < 5; depth++) writer_close_array(w);
}

static void put_address(struct json_writer *w, const char *base, const char *path)
{
    struct buffer address;
    buffer_init(&address, 1 << 16);
    buffer_printf(&address, "%s%s", base, path);
    if (address.failed) w->out->failed = address.failed;
    else writer_text_bytes(w, address.data, address.length);
    buffer_clear(&address);
}

static void put_text(const struct style_wish *wish, struct json_writer *w, const char *text)
{
    const char *colour = colour_of(wish, text);
    if (colour) {
        writer_text(w, colour);
    } else if (strncmp(text, "$base", 5) == 0) {
        put_address(w, wish->base, text + 5);
    } else if (strcmp(text, "$sprite") == 0) {
        put_address(w, wish->base, wish->dark ? "/style/sprite-dark" : "/style/sprite");
    } else if (strcmp(text, "$title") == 0) {
        writer_text(w, wish->title);
    } else if (strcmp(text, "$by_rule") == 0) {
        put_by_rule(wish, w);
    } else if (strcmp(text, "$place_name") == 0) {
        put_json(w, wish->english ? "[\"coalesce\",[\"get\",\"name_en\"],[\"get\",\"name\"]]" : "[\"get\",\"name\"]");
    } else if (strcmp(text, "$zone_name") == 0) {
        put_json(w, "[\"concat\",[\"get\",\"name\"],\"\\n\",[\"get\",\"%s\"]]", wish->english ? "class_name_en" : "class_name");
    } else if (strcmp(text, "$zone_binds") == 0) {
        put_binding(wish, w, "[\"!\",[\"has\",\"draft\"]],[\"!=\",[\"get\",\"enabled\"],false]", STYLE_ZONES);
    } else if (strcmp(text, "$closure_binds") == 0) {
        put_binding(wish, w, "[\"!\",[\"has\",\"draft\"]]", STYLE_CLOSURES);
    } else if (strcmp(text, "$checkpoint_open") == 0) {
        put_binding(wish, w, "[\"==\",[\"get\",\"state\"],\"active\"]", STYLE_CHECKPOINTS);
    } else {
        writer_text(w, text);
    }
}

static bool is_wanted(const struct style_wish *wish, const json_t *layer)
{
    const char *type = json_string_value(json_object_get(layer, "type")), *source = json_string_value(json_object_get(layer, "source"));
    return (wish->labels || strcmp(type, "symbol") != 0) && (wish->plans || source == NULL || strcmp(source, "plans") != 0);
}

/* Not by json_dumps: without memory it may leave out a piece and say nothing. */
static void put(const struct style_wish *wish, struct json_writer *w, const json_t *value)
{
    const char *key;
    size_t i;
    json_t *member;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        writer_open_object(w);
        json_object_foreach((json_t *)value, key, member) writer_key(w, key), put(wish, w, member);
        writer_close_object(w);
        break;
    case JSON_ARRAY:
        writer_open_array(w);
        json_array_foreach(value, i, member) put(wish, w, member);
        writer_close_array(w);
        break;
    case JSON_STRING: put_text(wish, w, json_string_value(value)); break;
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
    writer_init(&w, out);
    put(wish, &w, style);
    json_decref(style);
    return !out->failed ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}
