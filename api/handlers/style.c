#include "api/handlers/style.h"

#include "api/handlers/common.h"
#include "api/json/writer.h"
#include "api/process/admit.h"
#include "api/public_url.h"
#include "api/sheet/sheet_sprite.h"
#include "api/style/style_document.h"
#include "api/wire/time_text.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

const char *const style_keys[] = {"lang", "labels", "theme", "at", NULL};

enum { MINUTE_MS = 60000, STYLE_BYTES_MAX = 4 << 20 };

static enum status bad_key(struct error *err, const char *key, const char *words)
{
    error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, key, words);
    error_pointer(err, "?%s", key);
    return err->status;
}

static enum status read_wish(const struct exchange *x, struct style_wish *out, struct error *err)
{
    const char *lang = exchange_query(x, "lang"), *labels = exchange_query(x, "labels"), *theme = exchange_query(x, "theme"), *at = exchange_query(x, "at");
    const char *region = app_options_get(x->app)->name;
    *out = (struct style_wish){.english = lang ? strcmp(lang, "en") == 0 : x->language == LANGUAGE_EN, .labels = !labels || strcmp(labels, "true") == 0,
                         .plans = exchange_caller(x) != NULL, .dark = theme && strcmp(theme, "dark") == 0, .base = public_url(x), .title = region && region[0] ? region : "baochang"};
    if (lang && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0) return bad_key(err, "lang", "zh, en");
    if (labels && strcmp(labels, "true") != 0 && strcmp(labels, "false") != 0) return bad_key(err, "labels", "true, false");
    if (theme && strcmp(theme, "light") != 0 && !out->dark) return bad_key(err, "theme", "light, dark");
    out->at_ms = time_now_ms() / MINUTE_MS * MINUTE_MS; /* so that the tag stands for a while */
    if (at && !time_parse(at, strlen(at), &out->at_ms)) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "at");
        error_pointer(err, "?at");
        return err->status;
    }
    return out->base ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* What has hours and binds then, of one kind. */
static void in_hours(const void *rules, enum style_ruled what, int64_t at_ms, struct json_writer *w)
{
    const struct rules_input *input = rules;
    uint32_t count = what == STYLE_ZONES ? input->zone_count : what == STYLE_CLOSURES ? input->closure_count : input->checkpoint_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct schedule *schedule = what == STYLE_ZONES ? &input->zones[i].schedule : what == STYLE_CLOSURES ? &input->closures[i].schedule : &input->checkpoints[i].opening;
        int tail = what == STYLE_CHECKPOINTS ? PLATE_TAIL_NONE : PLATE_TAIL_UNKNOWN;
        if (schedule->window_count == 0 || !schedule_holds(schedule, &input->calendar, tail, at_ms)) continue;
        writer_text(w, what == STYLE_ZONES ? input->zones[i].id : what == STYLE_CLOSURES ? input->closures[i].id : input->checkpoints[i].id);
    }
}

void style_read(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct rules_hold hold = RULES_HOLD_ANY;
    struct style_wish wish;
    struct buffer out;
    if (!handler_ready(x)) return;
    struct view *view = handler_view(x, &hold, style_read);
    if (view == NULL) return;
    buffer_init(&out, STYLE_BYTES_MAX);
    enum status status = read_wish(x, &wish, &err);
    wish.in_hours = in_hours, wish.context = view->rules->input;
    if (status == STATUS_OK) status = style_document(&wish, &out, &err);
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
    view_release(view);
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
    enum { FILES = 8 };
    static const char *const names[FILES] = {"sprite.json", "sprite@2x.json", "sprite.png", "sprite@2x.png",
                                             "sprite-dark.json", "sprite-dark@2x.json", "sprite-dark.png", "sprite-dark@2x.png"};
    struct error err = ERROR_INIT;
    struct buffer out;
    unsigned which = 0;
    while (which < FILES && strcmp(names[which], exchange_param(x, "file")) != 0) which++;
    bool dark = which >= FILES / 2, picture = which % 4 >= 2;
    buffer_init(&out, 1 << 20);
    if (which == FILES) (void)error_set(&err, STATUS_NOT_FOUND, MESSAGE_ASSET_NOT_FOUND);
    else if (!picture) write_index(1 + which % 2, &out);
    else if (sprite_png(1 + which % 2, dark, &out, &err) != STATUS_OK) buffer_clear(&out);
    if (err.status != STATUS_OK) {
        exchange_problem(x, &err);
    } else {
        exchange_header_add(x, "Cache-Control", "max-age=3600");
        exchange_reply(x, 200, picture ? "image/png" : "application/json", &out);
    }
    buffer_clear(&out);
}
