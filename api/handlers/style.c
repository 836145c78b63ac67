#include "api/handlers/style.h"

#include "api/admit.h"
#include "api/handlers/common.h"
#include "api/json/reader.h"
#include "api/json/writer.h"
#include "api/public_url.h"
#include "api/sheet/sheet_sprite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

const char *const style_keys[] = {"lang", "labels", NULL};

/* Texts that begin with '$' are filled in here. */
__asm__(".section .rodata\n"
        ".global style_bytes, style_bytes_end\n"
        "style_bytes:\n"
        ".incbin \"api/style/style.json\"\n"
        "style_bytes_end:\n"
        ".byte 0\n"
        ".previous\n");
extern const char style_bytes[], style_bytes_end[];

struct wish {
    bool english, labels, plans;
    const char *base, *title;
};

static enum status bad_key(struct error *err, const char *key, const char *words)
{
    error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, key, words);
    error_pointer(err, "?%s", key);
    return err->status;
}

static enum status read_wish(const struct exchange *x, struct wish *out, struct error *err)
{
    const char *lang = exchange_query(x, "lang"), *labels = exchange_query(x, "labels"), *region = app_options_get(x->app)->name;
    *out = (struct wish){.english = lang ? strcmp(lang, "en") == 0 : x->language == LANGUAGE_EN, .labels = !labels || strcmp(labels, "true") == 0,
                         .plans = exchange_caller(x) != NULL, .base = public_url(x), .title = region && region[0] ? region : "baochang"};
    if (lang && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0) return bad_key(err, "lang", "zh, en");
    if (labels && strcmp(labels, "true") != 0 && strcmp(labels, "false") != 0) return bad_key(err, "labels", "true, false");
    return out->base ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- filling in -------------------------------------------------------------------------------------------- */

static json_t *by_rule(void)
{
    char colour[16];
    json_t *match = json_pack("[s, [s, s]]", "match", "get", "rule");
    const struct sprite_hatch *hatch;
    for (unsigned i = 0; (hatch = sprite_hatch_at(i)) != NULL; i++) {
        snprintf(colour, sizeof colour, "#%06x", (unsigned)hatch->colour);
        json_array_append_new(match, json_string(hatch->rule));
        json_array_append_new(match, json_string(colour));
    }
    json_array_append_new(match, json_string("#4d5a5c"));
    return match;
}

/* What stands for a text: a new reference. */
static json_t *meant(const struct wish *wish, const char *text)
{
    if (strncmp(text, "$base", 5) == 0) return json_sprintf("%s%s", wish->base, text + 5);
    if (strcmp(text, "$title") == 0) return json_string(wish->title);
    if (strcmp(text, "$by_rule") == 0) return by_rule();
    if (strcmp(text, "$place_name") == 0 && wish->english) return json_pack("[s, [s, s], [s, s]]", "coalesce", "get", "name_en", "get", "name");
    if (strcmp(text, "$place_name") == 0) return json_pack("[s, s]", "get", "name");
    if (strcmp(text, "$zone_name") == 0)
        return json_pack("[s, [s, s], s, [s, s]]", "concat", "get", "name", "\n", "get", wish->english ? "class_name_en" : "class_name");
    return json_string(text);
}

static void fill(const struct wish *wish, json_t *value)
{
    const char *key;
    size_t i;
    json_t *member;
    void *next;
    if (json_is_object(value)) {
        json_object_foreach_safe(value, next, key, member) {
            if (json_is_string(member) && json_string_value(member)[0] == '$') json_object_set_new(value, key, meant(wish, json_string_value(member)));
            else fill(wish, member);
        }
    } else {
        json_array_foreach(value, i, member) fill(wish, member);
    }
}

static bool is_wanted(const struct wish *wish, const json_t *layer)
{
    const char *type = json_string_value(json_object_get(layer, "type")), *source = json_string_value(json_object_get(layer, "source"));
    return (wish->labels || strcmp(type, "symbol") != 0) && (wish->plans || source == NULL || strcmp(source, "plans") != 0);
}

void style_read(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct wish wish;
    struct buffer out;
    json_t *style = NULL;
    if (!handler_ready(x)) return;
    buffer_init(&out, 1 << 20);
    enum status status = read_wish(x, &wish, &err);
    if (status == STATUS_OK) status = reader_parse(style_bytes, (size_t)(style_bytes_end - style_bytes), &style, &err);
    if (status == STATUS_OK) {
        json_t *layers = json_object_get(style, "layers");
        for (size_t i = json_array_size(layers); i-- > 0;)
            if (!is_wanted(&wish, json_array_get(layers, i))) json_array_remove(layers, i);
        if (!wish.plans) json_object_del(json_object_get(style, "sources"), "plans");
        fill(&wish, style);
        char *text = json_dumps(style, JSON_COMPACT | JSON_REAL_PRECISION(6));
        if (text) buffer_text(&out, text);
        else status = error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        free(text);
    }
    json_decref(style);
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
    } else {
        char tag[40];
        snprintf(tag, sizeof tag, "s%016llx", (unsigned long long)XXH3_64bits(out.data, out.length));
        exchange_header_add(x, "Cache-Control", wish.plans ? "private, no-cache" : "no-cache");
        exchange_header_add(x, "Vary", "Accept-Language, Authorization");
        if (!exchange_not_modified(x, tag)) exchange_reply(x, 200, "application/json", &out);
    }
    buffer_clear(&out);
}

/* ---- pictures ---------------------------------------------------------------------------------------------- */

static void write_index(unsigned scale, struct buffer *out)
{
    struct json_writer w;
    char name[40];
    const struct sprite_hatch *hatch;
    writer_init(&w, out);
    writer_open_object(&w);
    for (unsigned i = 0; (hatch = sprite_hatch_at(i)) != NULL; i++) {
        snprintf(name, sizeof name, "hatch-%s", hatch->rule);
        writer_key(&w, name), writer_open_object(&w);
        writer_key(&w, "x"), writer_integer(&w, i * SPRITE_SIZE * scale);
        writer_key(&w, "y"), writer_integer(&w, 0);
        writer_key(&w, "width"), writer_integer(&w, SPRITE_SIZE * scale);
        writer_key(&w, "height"), writer_integer(&w, SPRITE_SIZE * scale);
        writer_key(&w, "pixelRatio"), writer_integer(&w, scale);
        writer_close_object(&w);
    }
    writer_close_object(&w);
}

void style_sprite(struct exchange *x)
{
    static const char *const names[] = {"sprite.json", "sprite@2x.json", "sprite.png", "sprite@2x.png"};
    struct error err = ERROR_INIT;
    struct buffer out;
    unsigned which = 0;
    while (which < 4 && strcmp(names[which], exchange_param(x, "file")) != 0) which++;
    buffer_init(&out, 1 << 20);
    if (which == 4) (void)error_set(&err, STATUS_NOT_FOUND, MESSAGE_ASSET_NOT_FOUND);
    else if (which < 2) write_index(1 + which, &out);
    else if (sprite_png(which - 1, &out, &err) != STATUS_OK) buffer_clear(&out);
    if (err.status != STATUS_OK) {
        exchange_problem(x, &err);
    } else {
        exchange_header_add(x, "Cache-Control", "max-age=3600");
        exchange_reply(x, 200, which < 2 ? "application/json" : "image/png", &out);
    }
    buffer_clear(&out);
}
