#include "api/handlers/ogc_features.h"

#include "api/handlers/common.h"
#include "api/handlers/openapi.h"
#include "api/handlers/rule_reads.h"
#include "api/ogc/ogc_page.h"
#include "api/ogc/ogc_query.h"
#include "api/plan_keep.h"
#include "api/process/admit.h"
#include "api/public_url.h"
#include "api/wire/time_text.h"
#include "data/maps/feature_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ogc_form_keys[] = {"f", NULL}, *const ogc_item_keys[] = {"crs", "f", NULL};
const char *const ogc_items_keys[] = {"*", NULL}; /* which depends on the collection */

#define JSON "application/json"
#define HTML "text/html"
#define GEOJSON "application/geo+json"
#define SCHEMA "application/schema+json"
#define OPENAPI_30 "application/vnd.oai.openapi+json;version=3.0"
#define OPENAPI_31 "application/vnd.oai.openapi+json;version=3.1"
#define QUERYABLES "http://www.opengis.net/def/rel/ogc/1.0/queryables"

enum { SLICE = 1000 };
#define PAGE_BYTES ((size_t)16 << 20) /* a page ends here, whatever its limit */

/* An answer on its way. */
struct reply {
    struct exchange *x;
    enum ogc_form form;
    const char *type;  /* of the JSON document */
    const char *title; /* of its page */
    const char *base;
    struct buffer out;
    struct json_writer w;
    struct error err;
};

static const char *word(const struct reply *r, enum message message)
{
    return message_text(message, r->x->language);
}

static bool begin(struct reply *r, struct exchange *x, bool versions)
{
    *r = (struct reply){.x = x, .type = JSON, .title = message_text(MESSAGE_OGC_TITLE, x->language), .base = public_url(x)};
    buffer_init(&r->out, ANSWER_MAX);
    writer_init(&r->w, &r->out);
    if (ogc_form_read(x, versions, &r->form, &r->err) != STATUS_OK) return false;
    if (r->base == NULL) (void)error_set(&r->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return r->err.status == STATUS_OK;
}

static void finish(struct reply *r)
{
    struct exchange *x = r->x;
    if (r->err.status == STATUS_OK && r->out.failed) (void)error_set(&r->err, r->out.failed, MESSAGE_LIMIT_BYTES, "answer", r->out.maximum);
    if (r->err.status != STATUS_OK) {
        exchange_problem(x, &r->err);
    } else {
        exchange_header_add(x, "Vary", "Accept, Accept-Language, Authorization");
        exchange_header_add(x, "Cache-Control", exchange_caller(x) ? "private, no-cache" : "no-cache");
        exchange_header_add(x, "Content-Language", x->language == LANGUAGE_EN ? "en" : "zh-CN");
        if (r->form == OGC_HTML) ogc_page_reply(x, r->title, r->out.data, r->out.length);
        else exchange_reply(x, 200, r->type, &r->out);
    }
    buffer_clear(&r->out);
}

/* ---- links ------------------------------------------------------------------------------------------------- */

static void write_link(struct reply *r, const char *rel, const char *type, const char *href, const char *title)
{
    writer_open_object(&r->w);
    writer_key(&r->w, "href"), writer_text(&r->w, href);
    writer_key(&r->w, "rel"), writer_text(&r->w, rel);
    writer_key(&r->w, "type"), writer_text(&r->w, type);
    writer_key(&r->w, "title"), writer_text(&r->w, title);
    writer_close_object(&r->w);
}

/* The same in the head of the answer, where titles have no place. */
static void head_link(struct reply *r, const char *rel, const char *type, const char *href)
{
    const char *value = href ? arena_printf(r->x->arena, "<%s>; rel=\"%s\"; type=\"%s\"", href, rel, type) : NULL;
    if (value) exchange_header_add(r->x, "Link", value);
}

static const char *below(const struct reply *r, const char *path)
{
    return arena_printf(r->x->arena, "%s/ogc%s", r->base, path);
}

/* This document in both forms. */
static void write_forms(struct reply *r)
{
    bool html = r->form == OGC_HTML;
    const char *json = ogc_address(r->x, "f", "json"), *page = ogc_address(r->x, "f", "html");
    write_link(r, html ? "alternate" : "self", r->type, json, word(r, html ? MESSAGE_OGC_OTHER_FORM : MESSAGE_OGC_SELF));
    write_link(r, html ? "self" : "alternate", HTML, page, word(r, html ? MESSAGE_OGC_SELF : MESSAGE_OGC_OTHER_FORM));
    head_link(r, html ? "alternate" : "self", r->type, json);
    head_link(r, html ? "self" : "alternate", HTML, page);
}

/* ---- about the service ------------------------------------------------------------------------------------- */

static void landing_work(struct exchange *x)
{
    struct reply r;
    if (begin(&r, x, false)) {
        writer_open_object(&r.w);
        writer_key(&r.w, "title"), writer_text(&r.w, r.title);
        writer_key(&r.w, "description"), writer_text(&r.w, word(&r, MESSAGE_OGC_ABOUT));
        writer_key(&r.w, "links"), writer_open_array(&r.w);
        write_forms(&r);
        write_link(&r, "service-desc", OPENAPI_30, below(&r, "/api?f=json"), word(&r, MESSAGE_OGC_API));
        write_link(&r, "service-desc", OPENAPI_31, below(&r, "/api?f=openapi31"), word(&r, MESSAGE_OGC_API));
        write_link(&r, "service-doc", HTML, below(&r, "/api?f=html"), word(&r, MESSAGE_OGC_API));
        write_link(&r, "conformance", JSON, below(&r, "/conformance"), word(&r, MESSAGE_OGC_CONFORMANCE));
        write_link(&r, "data", JSON, below(&r, "/collections"), word(&r, MESSAGE_OGC_COLLECTIONS));
        write_link(&r, "http://www.opengis.net/def/rel/ogc/1.0/routes", JSON, below(&r, "/routes"), word(&r, MESSAGE_OGC_ROUTES));
        writer_close_array(&r.w);
        writer_close_object(&r.w);
    }
    finish(&r);
}

/* Classes that are met whole. Of Routes, `time` is not among them: a time of arrival is refused. */
static const char *const classes[] = {
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-routes-1/1.0.0-draft.1/conf/core",
    "http://www.opengis.net/spec/ogcapi-routes-1/1.0.0-draft.1/conf/manage-routes",
    "http://www.opengis.net/spec/ogcapi-routes-1/1.0.0-draft.1/conf/mode",
    "http://www.opengis.net/spec/ogcapi-routes-1/1.0.0-draft.1/conf/intermediate-waypoints",
    "http://www.opengis.net/spec/ogcapi-routes-1/1.0.0-draft.1/conf/height",
    "http://www.opengis.net/spec/ogcapi-routes-1/1.0.0-draft.1/conf/weight",
    "http://www.opengis.net/spec/ogcapi-routes-1/1.0.0-draft.1/conf/obstacles",
};

static void conformance_work(struct exchange *x)
{
    struct reply r;
    if (begin(&r, x, false)) {
        r.title = word(&r, MESSAGE_OGC_CONFORMANCE);
        writer_open_object(&r.w);
        writer_key(&r.w, "links"), writer_open_array(&r.w);
        write_forms(&r);
        writer_close_array(&r.w);
        writer_key(&r.w, "conformsTo"), writer_open_array(&r.w);
        for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) writer_text(&r.w, classes[i]);
        writer_close_array(&r.w);
        writer_close_object(&r.w);
    }
    finish(&r);
}

/* ---- the definition of the interface ----------------------------------------------------------------------- */

static bool is_visible(const struct exchange *x, const struct map_layer *layer)
{
    return !layer->owned || exchange_caller(x) != NULL;
}

static const char *schema_type(const struct map_field *field)
{
    return field->type == MAP_NUMBER ? "number" : field->type == MAP_BOOLEAN ? "boolean" : "string";
}

/* The operation of /collections/{id}/items for one collection, with what it can be chosen by. 0, or −1: memory is out. */
static int add_items(json_t *paths, const struct map_layer *layer)
{
    char path[80], id[60];
    json_t *item = json_deep_copy(json_object_get(paths, "/collections/{id}/items")), *get = json_object_get(item, "get");
    json_t *parameters = json_object_get(get, "parameters");
    snprintf(path, sizeof path, "/collections/%s/items", layer->name);
    snprintf(id, sizeof id, "ogc_items_%s", layer->name);
    for (size_t i = json_array_size(parameters); i-- > 0;) {
        const char *name = json_string_value(json_object_get(json_array_get(parameters, i), "name"));
        if (name && strcmp(name, "id") == 0) json_array_remove(parameters, i);
    }
    int failed = json_object_set_new(get, "operationId", json_string(id));
    for (unsigned i = 0; i < layer->field_count; i++)
        failed |= json_array_append_new(parameters, json_pack("{s:s, s:s, s:{s:s}}", "name", layer->fields[i].name, "in", "query", "schema", "type",
                                                              schema_type(&layer->fields[i])));
    return failed | json_object_set_new(paths, path, item);
}

static void api_work(struct exchange *x)
{
    struct reply r;
    if (begin(&r, x, true)) {
        size_t length;
        const char *text = ogc_openapi_document(r.form == OGC_OPENAPI_31, &length);
        json_t *document = json_loadb(text, length, 0, NULL), *paths = json_object_get(document, "paths");
        const struct map_layer *layer;
        int failed = document == NULL;
        for (size_t i = 0; (layer = map_layer_at(i)) != NULL && !failed; i++)
            if (is_visible(x, layer)) failed |= add_items(paths, layer);
        char *made = failed ? NULL : json_dumps(document, JSON_COMPACT);
        if (made) buffer_text(&r.out, made);
        else (void)error_set(&r.err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        free(made);
        json_decref(document);
        r.type = r.form == OGC_OPENAPI_31 ? OPENAPI_31 : OPENAPI_30;
        r.title = word(&r, MESSAGE_OGC_API);
    }
    finish(&r);
}

/* ---- collections ------------------------------------------------------------------------------------------- */

/* What a request reads with, and whose eyes it has. */
struct reading {
    struct rule_reader reader;
    struct plan_reader owner;
    struct feature_choice choice;
    struct pg *pg;
};

static enum status open_reading(struct reply *r, const struct map_layer *layer, struct reading *out)
{
    struct exchange *x = r->x;
    struct read_pool *pool = app_options_get(x->app)->reads;
    out->reader = rule_reader_of(x);
    if (exchange_caller(x)) out->owner = plan_reader_of(x);
    out->choice = (struct feature_choice){.layer = layer ? layer->name : NULL, .reader = &out->reader, .owner = exchange_caller(x) ? &out->owner : NULL};
    out->pg = NULL;
    if (pool == NULL) return error_set(&r->err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    return read_pool_take(pool, &out->pg, &r->err);
}

static void close_reading(struct reply *r, struct reading *reading)
{
    if (reading->pg) read_pool_give(app_options_get(r->x->app)->reads, reading->pg);
}

/* The collection that the path names. NOT_FOUND; UNAUTHORISED for plans without a key. */
static const struct map_layer *layer_of(struct reply *r)
{
    const struct map_layer *layer = map_layer_find(exchange_param(r->x, "id"));
    if (layer == NULL) (void)error_set(&r->err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    else if (!is_visible(r->x, layer)) (void)error_set(&r->err, STATUS_UNAUTHORISED, MESSAGE_SIGN_IN);
    return r->err.status == STATUS_OK ? layer : NULL;
}

static const char *title_of(const struct reply *r, const struct map_layer *layer)
{
    return r->x->language == LANGUAGE_EN ? layer->title_en : layer->title_zh;
}

/* Roads are too many to be looked through for it: theirs is the network's. */
static void write_extent(struct reply *r, struct reading *reading, const struct map_layer *layer)
{
    struct feature_extent extent = {0};
    const struct box_e7 network = app_extent(r->x->app);
    reading->choice.layer = layer->name;
    if (strcmp(layer->name, "roads") == 0)
        extent = (struct feature_extent){true, {network.min_lon_e7 / 1e7, network.min_lat_e7 / 1e7, network.max_lon_e7 / 1e7, network.max_lat_e7 / 1e7}};
    else if (feature_extent(reading->pg, &reading->choice, &extent, &r->err) != STATUS_OK) return;
    if (!extent.known) return;
    writer_key(&r->w, "extent"), writer_open_object(&r->w);
    writer_key(&r->w, "spatial"), writer_open_object(&r->w);
    writer_key(&r->w, "bbox"), writer_open_array(&r->w), writer_open_array(&r->w);
    for (int i = 0; i < 4; i++) writer_number(&r->w, extent.sides[i], 7);
    writer_close_array(&r->w), writer_close_array(&r->w);
    writer_close_object(&r->w), writer_close_object(&r->w);
}

static void write_systems(struct reply *r)
{
    char uri[OGC_CRS_URI_SIZE];
    writer_key(&r->w, "crs"), writer_open_array(&r->w);
    for (size_t i = 0; ogc_crs_at(i, uri); i++) writer_text(&r->w, uri);
    writer_close_array(&r->w);
}

static void write_collection(struct reply *r, struct reading *reading, const struct map_layer *layer, bool alone)
{
    const char *self = arena_printf(r->x->arena, "%s/ogc/collections/%s", r->base, layer->name);
    const char *title = title_of(r, layer);
    if (self == NULL) (void)error_set(&r->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (self == NULL) return;
    writer_open_object(&r->w);
    writer_key(&r->w, "id"), writer_text(&r->w, layer->name);
    writer_key(&r->w, "title"), writer_text(&r->w, title);
    writer_key(&r->w, "links"), writer_open_array(&r->w);
    if (alone) write_forms(r);
    else write_link(r, "self", r->form == OGC_HTML ? HTML : JSON, arena_printf(r->x->arena, "%s?f=%s", self, r->form == OGC_HTML ? "html" : "json"), title);
    write_link(r, "items", GEOJSON, arena_printf(r->x->arena, "%s/items?f=json", self), word(r, MESSAGE_OGC_ITEMS));
    write_link(r, "items", HTML, arena_printf(r->x->arena, "%s/items?f=html", self), word(r, MESSAGE_OGC_ITEMS));
    write_link(r, QUERYABLES, SCHEMA, arena_printf(r->x->arena, "%s/queryables?f=json", self), word(r, MESSAGE_OGC_QUERYABLES));
    writer_close_array(&r->w);
    write_extent(r, reading, layer);
    writer_key(&r->w, "itemType"), writer_text(&r->w, "feature");
    write_systems(r);
    writer_key(&r->w, "storageCrs"), writer_text(&r->w, OGC_CRS_STORAGE);
    writer_close_object(&r->w);
}

static void collections_work(struct exchange *x)
{
    struct reply r;
    struct reading reading = {0};
    const struct map_layer *layer;
    if (begin(&r, x, false) && open_reading(&r, NULL, &reading) == STATUS_OK) {
        r.title = word(&r, MESSAGE_OGC_COLLECTIONS);
        writer_open_object(&r.w);
        writer_key(&r.w, "links"), writer_open_array(&r.w);
        write_forms(&r);
        writer_close_array(&r.w);
        writer_key(&r.w, "collections"), writer_open_array(&r.w);
        for (size_t i = 0; (layer = map_layer_at(i)) != NULL && r.err.status == STATUS_OK; i++)
            if (is_visible(x, layer)) write_collection(&r, &reading, layer, false);
        writer_close_array(&r.w);
        write_systems(&r);
        writer_close_object(&r.w);
    }
    close_reading(&r, &reading);
    finish(&r);
}

static void collection_work(struct exchange *x)
{
    struct reply r;
    struct reading reading = {0};
    const struct map_layer *layer = begin(&r, x, false) ? layer_of(&r) : NULL;
    if (layer && open_reading(&r, layer, &reading) == STATUS_OK) {
        r.title = title_of(&r, layer);
        write_collection(&r, &reading, layer, true);
    }
    close_reading(&r, &reading);
    finish(&r);
}

static void queryables_work(struct exchange *x)
{
    struct reply r;
    const struct map_layer *layer = begin(&r, x, false) ? layer_of(&r) : NULL;
    if (layer) {
        r.type = SCHEMA;
        r.title = word(&r, MESSAGE_OGC_QUERYABLES);
        writer_open_object(&r.w);
        writer_key(&r.w, "$schema"), writer_text(&r.w, "https://json-schema.org/draft/2020-12/schema");
        writer_key(&r.w, "$id"), writer_text(&r.w, ogc_address(x, "f", NULL));
        writer_key(&r.w, "type"), writer_text(&r.w, "object");
        writer_key(&r.w, "title"), writer_text(&r.w, title_of(&r, layer));
        writer_key(&r.w, "properties"), writer_open_object(&r.w);
        for (unsigned i = 0; i < layer->field_count; i++) {
            writer_key(&r.w, layer->fields[i].name), writer_open_object(&r.w);
            writer_key(&r.w, "type"), writer_text(&r.w, schema_type(&layer->fields[i]));
            writer_close_object(&r.w);
        }
        writer_close_object(&r.w);
        writer_key(&r.w, "additionalProperties"), writer_boolean(&r.w, false);
        writer_close_object(&r.w);
    }
    finish(&r);
}

/* ---- features ---------------------------------------------------------------------------------------------- */

static void head_crs(struct reply *r, const struct ogc_crs *crs)
{
    const char *value = arena_printf(r->x->arena, "<%s>", crs->uri);
    if (value) exchange_header_add(r->x, "Content-Crs", value);
}

/* A feature up to its last member, whose object stays open. */
static enum status write_feature(struct reply *r, const struct ogc_crs *crs, const struct feature_row *row)
{
    writer_open_object(&r->w);
    writer_key(&r->w, "type"), writer_text(&r->w, "Feature");
    writer_key(&r->w, "id"), writer_text(&r->w, row->id);
    writer_key(&r->w, "geometry");
    enum status status = ogc_crs_geometry(crs, row->geometry, &r->w, &r->err);
    writer_key(&r->w, "properties"), writer_raw(&r->w, row->properties, strlen(row->properties));
    return status;
}

/* Where a page has got to. */
struct progress {
    unsigned written;
    struct feature_after after;
    bool more;
};

/* A slice of the page, looking one row ahead. */
static enum status write_slice(struct reply *r, struct reading *reading, const struct ogc_query *q, struct progress *p)
{
    struct pg_result rows = {0};
    struct feature_row row = {0};
    unsigned want = q->limit - p->written < SLICE ? q->limit - p->written : SLICE;
    enum status status = feature_page(reading->pg, &reading->choice, p->after.id ? &p->after : NULL, want + 1, &rows, &r->err);
    unsigned count = status != STATUS_OK ? 0 : (unsigned)rows.count < want ? (unsigned)rows.count : want, i = 0;
    p->more = count > 0 && (unsigned)rows.count > want;
    for (; i < count && status == STATUS_OK && r->out.length < PAGE_BYTES; i++) {
        feature_row(&rows, (int)i, &row);
        status = write_feature(r, &q->crs, &row);
        writer_close_object(&r->w);
    }
    p->more |= i < count;
    p->written += i;
    if (i > 0) p->after = (struct feature_after){row.place, arena_strdup(r->x->arena, row.id)};
    if (status == STATUS_OK && i > 0 && p->after.id == NULL) status = error_set(&r->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    pg_result_clear(&rows);
    return status;
}

static enum status write_features(struct reply *r, struct reading *reading, const struct ogc_query *q, struct progress *p)
{
    enum status status = STATUS_OK;
    *p = (struct progress){.after = q->after};
    writer_key(&r->w, "features"), writer_open_array(&r->w);
    do {
        if (atomic_load(&r->x->cancelled)) status = error_set(&r->err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        else status = write_slice(r, reading, q, p);
    } while (status == STATUS_OK && p->more && p->written < q->limit && r->out.length < PAGE_BYTES);
    writer_close_array(&r->w);
    return status;
}

static void write_items(struct reply *r, struct reading *reading, const struct map_layer *layer, const struct ogc_query *q)
{
    struct exchange *x = r->x;
    struct progress p;
    char now[TIME_TEXT_SIZE];
    int64_t matched = q->matched;
    if (!q->goes_on && feature_count(reading->pg, &reading->choice, &matched, &r->err) != STATUS_OK) return;
    writer_open_object(&r->w);
    writer_key(&r->w, "type"), writer_text(&r->w, "FeatureCollection");
    if (write_features(r, reading, q, &p) != STATUS_OK) return;
    time_format(time_now_ms() / 1000 * 1000, now);
    writer_key(&r->w, "timeStamp"), writer_text(&r->w, now);
    writer_key(&r->w, "numberMatched"), writer_integer(&r->w, matched);
    writer_key(&r->w, "numberReturned"), writer_integer(&r->w, p.written);
    writer_key(&r->w, "links"), writer_open_array(&r->w);
    write_forms(r);
    if (p.more) {
        const struct feature_row last = {.place = p.after.place, .id = p.after.id};
        const char *next = ogc_address(x, "cursor", ogc_cursor(x, matched, &last)), *type = r->form == OGC_HTML ? HTML : GEOJSON;
        write_link(r, "next", type, next, word(r, MESSAGE_OGC_NEXT));
        head_link(r, "next", type, next);
    }
    write_link(r, "collection", JSON, arena_printf(x->arena, "%s/ogc/collections/%s", r->base, layer->name), title_of(r, layer));
    writer_close_array(&r->w);
    writer_close_object(&r->w);
    head_crs(r, &q->crs);
    exchange_charge(x, r->out.length / 10);
}

static void items_work(struct exchange *x)
{
    struct reply r;
    struct ogc_query q;
    struct reading reading = {0};
    struct app_local *local = x->local;
    const struct map_layer *layer = begin(&r, x, false) ? layer_of(&r) : NULL;
    if (layer && ogc_query_read(x, &local->systems, layer, &q, &r.err) == STATUS_OK && open_reading(&r, layer, &reading) == STATUS_OK) {
        r.type = GEOJSON;
        r.title = title_of(&r, layer);
        reading.choice.area = q.area, reading.choice.properties = q.properties;
        reading.choice.timed = q.timed, reading.choice.from = q.from, reading.choice.until = q.until;
        write_items(&r, &reading, layer, &q);
    }
    close_reading(&r, &reading);
    finish(&r);
}

static void item_work(struct exchange *x)
{
    struct reply r;
    struct ogc_crs crs;
    struct reading reading = {0};
    struct pg_result rows = {0};
    struct app_local *local = x->local;
    const struct map_layer *layer = begin(&r, x, false) ? layer_of(&r) : NULL;
    if (layer && ogc_crs_open(&local->systems, "crs", exchange_query(x, "crs"), &crs, &r.err) == STATUS_OK &&
        open_reading(&r, layer, &reading) == STATUS_OK && feature_find(reading.pg, &reading.choice, exchange_param(x, "fid"), &rows, &r.err) == STATUS_OK) {
        struct feature_row row;
        feature_row(&rows, 0, &row);
        r.type = GEOJSON;
        r.title = arena_printf(x->arena, "%s %s", title_of(&r, layer), row.id);
        if (r.title && write_feature(&r, &crs, &row) == STATUS_OK) {
            writer_key(&r.w, "links"), writer_open_array(&r.w);
            write_forms(&r);
            write_link(&r, "collection", JSON, arena_printf(x->arena, "%s/ogc/collections/%s", r.base, layer->name), title_of(&r, layer));
            writer_close_array(&r.w);
            writer_close_object(&r.w);
            head_crs(&r, &crs);
        }
        if (r.title == NULL) (void)error_set(&r.err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    pg_result_clear(&rows);
    close_reading(&r, &reading);
    finish(&r);
}

/* ---- on event threads -------------------------------------------------------------------------------------- */

#define ON_A_WORKER(name, work)                                                                                      \
    void name(struct exchange *x)                                                                                    \
    {                                                                                                                \
        if (handler_ready(x)) exchange_submit(x, work);                                                              \
    }

ON_A_WORKER(ogc_landing, landing_work)
ON_A_WORKER(ogc_conformance, conformance_work)
ON_A_WORKER(ogc_api, api_work)
ON_A_WORKER(ogc_collections, collections_work)
ON_A_WORKER(ogc_collection, collection_work)
ON_A_WORKER(ogc_queryables, queryables_work)
ON_A_WORKER(ogc_items, items_work)
ON_A_WORKER(ogc_item, item_work)
