#include "api/handlers/tiles.h"

#include "api/handlers/common.h"
#include "api/handlers/rule_reads.h"
#include "api/json/writer.h"
#include "api/plan_keep.h"
#include "api/process/admit.h"
#include "api/public_url.h"
#include "data/maps/map_layers.h"
#include "data/maps/tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TILE_BYTES_MAX = 16 << 20, TAG_SIZE = 128, SOURCE_ZOOM_MAX = 14 };

/* A tile number: digits only, no leading zero. */
static bool tile_number(const char *text, unsigned *out)
{
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length > 7 || text[length] || (text[0] == '0' && length > 1)) return false;
    *out = (unsigned)strtoul(text, NULL, 10);
    return true;
}

static bool name_parse(const struct exchange *x, struct tile_name *name)
{
    name->layer = map_layer_find(exchange_param(x, "layer"));
    name->reader = rule_reader_of(x);
    if (exchange_caller(x)) name->owner = plan_reader_of(x);
    return name->layer && tile_number(exchange_param(x, "z"), &name->z) && tile_number(exchange_param(x, "x"), &name->x) &&
           tile_number(exchange_param(x, "y"), &name->y) && tile_exists(name->z, name->x, name->y);
}

/* Whose drafts or plans a tile shows is part of its tag: a browser that signs in must not keep the public one. */
static void tag_of(const struct tile_name *name, const char *version, char out[TAG_SIZE])
{
    char sight[TILE_SIGHT_SIZE];
    tile_sight(name, sight);
    snprintf(out, TAG_SIZE, "%s-%s%s%s", name->layer->name, version, sight[0] ? "-" : "", sight);
}

/* The version in If-None-Match if it holds one tag of ours and nothing else; NULL otherwise. */
static const char *known_version(struct exchange *x, const struct tile_name *name)
{
    const char *given = exchange_header(x, "if-none-match");
    char empty[TAG_SIZE], expected[TAG_SIZE], version[TILE_VERSION_SIZE];
    if (given == NULL || given[0] != '"') return NULL;
    tag_of(name, "", empty);
    size_t before = strlen(name->layer->name) + 2; /* the quote and the dash */
    size_t length = strlen(given), around = strlen(empty) + 2;
    if (length <= around || length - around >= sizeof version) return NULL;
    snprintf(version, sizeof version, "%.*s", (int)(length - around), given + before);
    tag_of(name, version, expected);
    return strncmp(given + 1, expected, strlen(expected)) == 0 && strcmp(given + 1 + strlen(expected), "\"") == 0
               ? arena_strdup(x->arena, version) : NULL;
}

static void tile_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct tile_name name = {0};
    struct buffer out;
    char version[TILE_VERSION_SIZE], tag[TAG_SIZE];
    const struct app_options *options = app_options_get(x->app);
    buffer_init(&out, TILE_BYTES_MAX);
    enum status status = STATUS_OK;
    if (!name_parse(x, &name)) status = error_set(&err, STATUS_NOT_FOUND, MESSAGE_NO_TILE);
    else if (name.layer->owned && exchange_caller(x) == NULL) status = error_set(&err, STATUS_UNAUTHORISED, MESSAGE_SIGN_IN);
    else if (options->reads == NULL) status = error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = tile_read(options->reads, options->tiles, &name, known_version(x, &name), version, &out, &err);
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
    } else {
        char sight[TILE_SIGHT_SIZE];
        tile_sight(&name, sight);
        tag_of(&name, version, tag);
        exchange_header_add(x, "Cache-Control", sight[0] ? "private, no-cache" : "no-cache"); /* ask each time: usually 304 */
        exchange_header_add(x, "Vary", "Authorization");
        if (exchange_not_modified(x, tag)) goto done;
        if (out.length) exchange_reply(x, 200, "application/vnd.mapbox-vector-tile", &out);
        else exchange_reply(x, 204, NULL, NULL);
    }
done:
    buffer_clear(&out);
}

void tile_read_any(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, tile_work);
}

/* ---- TileJSON ---------------------------------------------------------------------------------------------- */

static void write_fields(struct json_writer *w, const struct map_layer *layer)
{
    static const char *const types[] = {[MAP_TEXT] = "String", [MAP_NUMBER] = "Number", [MAP_BOOLEAN] = "Boolean"};
    writer_open_object(w);
    if (strcmp(layer->name, "roads") != 0) writer_key(w, "id"), writer_text(w, "String"); /* a road's is the feature's */
    for (unsigned i = 0; i < layer->field_count; i++) writer_key(w, layer->fields[i].name), writer_text(w, types[layer->fields[i].type]);
    if (layer->dated) {
        writer_key(w, "from_s"), writer_text(w, "Number");
        writer_key(w, "until_s"), writer_text(w, "Number");
        writer_key(w, "has_hours"), writer_text(w, "Boolean");
        writer_key(w, "draft"), writer_text(w, "Boolean");
    }
    writer_close_object(w);
}

static void write_vector_layer(struct json_writer *w, const struct map_layer *layer, const char *name)
{
    writer_open_object(w);
    writer_key(w, "id"), writer_text(w, name);
    writer_key(w, "fields"), write_fields(w, layer);
    writer_close_object(w);
}

void tile_json_read(struct exchange *x)
{
    struct error err = ERROR_INIT;
    if (!handler_ready(x)) return;
    const struct map_layer *layer = map_layer_find(exchange_param(x, "layer"));
    const char *base = public_url(x);
    const char *address = layer && base ? arena_printf(x->arena, "%s/tiles/%s/{z}/{x}/{y}.mvt", base, layer->name) : NULL;
    if (address == NULL) {
        if (layer) (void)error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        else (void)error_set(&err, STATUS_NOT_FOUND, MESSAGE_NO_TILE);
        exchange_problem(x, &err);
        return;
    }
    struct box_e7 extent = app_extent(x->app);
    struct buffer out;
    struct json_writer w;
    buffer_init(&out, 64 << 10);
    writer_init(&w, &out);
    writer_open_object(&w);
    writer_key(&w, "tilejson"), writer_text(&w, "3.0.0");
    writer_key(&w, "name"), writer_text(&w, x->language == LANGUAGE_EN ? layer->title_en : layer->title_zh);
    writer_key(&w, "attribution"), writer_text(&w, app_options_get(x->app)->attribution ? app_options_get(x->app)->attribution : "");
    writer_key(&w, "tiles"), writer_open_array(&w), writer_text(&w, address), writer_close_array(&w);
    writer_key(&w, "minzoom"), writer_integer(&w, layer->zoom_min);
    writer_key(&w, "maxzoom"), writer_integer(&w, SOURCE_ZOOM_MAX);
    writer_key(&w, "bounds"), writer_open_array(&w);
    writer_decimal(&w, extent.min_lon_e7, 7), writer_decimal(&w, extent.min_lat_e7, 7);
    writer_decimal(&w, extent.max_lon_e7, 7), writer_decimal(&w, extent.max_lat_e7, 7);
    writer_close_array(&w);
    writer_key(&w, "vector_layers"), writer_open_array(&w);
    write_vector_layer(&w, layer, layer->name);
    if (layer->areas) write_vector_layer(&w, layer, arena_printf(x->arena, "%s_names", layer->name));
    writer_close_array(&w);
    writer_close_object(&w);
    exchange_header_add(x, "Cache-Control", "no-cache");
    exchange_reply(x, 200, "application/json", &out);
    buffer_clear(&out);
}
