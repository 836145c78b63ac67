#include "api/handlers/glyphs.h"

#include "api/handlers/common.h"
#include "api/http/fields.h"
#include "api/json/reader.h"
#include "api/style/glyph_page.h"
#include "data/maps/tile_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Work units of drawing one range. */
enum { DRAW_CHARGE = 50000, TAG_SIZE = 24 };

static enum status range_read(const char *text, unsigned *first, struct error *err)
{
    char right[32];
    size_t digits = strspn(text, "0123456789");
    *first = digits > 0 && digits <= 5 ? (unsigned)strtoul(text, NULL, 10) : 1;
    snprintf(right, sizeof right, "%u-%u", *first, *first + GLYPH_PAGE - 1);
    if (*first % GLYPH_PAGE == 0 && *first <= GLYPH_LAST_PAGE && strcmp(text, right) == 0) return STATUS_OK;
    return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_GLYPH_RANGE);
}

static enum status fetch(struct exchange *x, const struct glyph_stack *stack, const char *tag, unsigned first, struct buffer *out, struct error *err)
{
    struct tile_cache *cache = app_options_get(x->app)->glyphs;
    char key[TILE_KEY_SIZE];
    snprintf(key, sizeof key, "%s/%u", tag, first);
    if (tile_cache_find(cache, key, tag, out)) return STATUS_OK;
    exchange_charge(x, DRAW_CHARGE);
    TRY(glyph_page_write(stack, first, &x->cancelled, out, err));
    tile_cache_keep(cache, key, tag, out->data, out->length);
    return STATUS_OK;
}

static void read_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct glyph_stack stack = {0};
    struct buffer out;
    unsigned first;
    char tag[TAG_SIZE];
    buffer_init(&out, GLYPH_PAGE_BYTES_MAX);
    enum status status = range_read(exchange_param(x, "range"), &first, &err);
    if (status == STATUS_OK) status = glyph_stack_find(exchange_param(x, "fontstack"), &stack, &err);
    if (status == STATUS_OK) {
        snprintf(tag, sizeof tag, "g%016llx", (unsigned long long)stack.identity);
        const char *known = exchange_header(x, "if-none-match");
        if (known == NULL || !http_tags_have(known, tag, true)) status = fetch(x, &stack, tag, first, &out, &err);
    }
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
    } else {
        exchange_header_add(x, "Cache-Control", "max-age=86400");
        if (!exchange_not_modified(x, tag)) exchange_reply(x, 200, "application/x-protobuf", &out);
    }
    glyph_stack_clear(&stack);
    buffer_clear(&out);
}

void glyphs_read(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, read_work);
}
