#include "api/ogc/ogc_page.h"

#include "api/app.h"
#include "api/encode/encode_files.h"
#include "api/json/reader.h"
#include "api/ogc/ogc_query.h"
#include "api/public_url.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_POLICY "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

enum { COLUMNS_MAX = 40 };

struct page {
    struct buffer out;
    const struct exchange *x;
    const char *base;
};

static const char *word(const struct page *p, enum message message)
{
    return message_text(message, p->x->language);
}

static void put(struct page *p, const char *html)
{
    buffer_text(&p->out, html);
}

static void put_text(struct page *p, const char *text)
{
    encode_xml_text(&p->out, text ? text : "");
}

static void put_heading(struct page *p, enum message message)
{
    put(p, "<h2>"), put_text(p, word(p, message)), put(p, "</h2>\n");
}

static void put_link(struct page *p, const char *href, const char *text)
{
    put(p, "<a href=\""), put_text(p, href), put(p, "\">"), put_text(p, text), put(p, "</a>");
}

/* A value as a person reads it: texts and numbers plain, structures as JSON. */
static void put_value(struct page *p, const json_t *value)
{
    if (json_is_string(value)) {
        put_text(p, json_string_value(value));
    } else if (value && !json_is_null(value)) {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
        bool structure = json_is_object(value) || json_is_array(value);
        if (structure) put(p, "<code>");
        put_text(p, text);
        if (structure) put(p, "</code>");
        free(text);
    }
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* The link of that relation and, of several, to that type; NULL when there is none. */
static const char *link_of(const json_t *document, const char *rel, const char *type)
{
    size_t i;
    json_t *link;
    json_array_foreach(json_object_get(document, "links"), i, link) {
        if (strcmp(text_of(link, "rel"), rel) == 0 && (type == NULL || strcmp(text_of(link, "type"), type) == 0)) return text_of(link, "href");
    }
    return NULL;
}

/* ---- parts ------------------------------------------------------------------------------------------------- */

static void put_collections(struct page *p, const json_t *collections)
{
    size_t i;
    json_t *one;
    put(p, "<ul class=\"cards\">\n");
    json_array_foreach(collections, i, one) {
        const char *items = link_of(one, "items", "text/html"), *self = link_of(one, "self", NULL);
        put(p, "<li><h3>");
        if (self) put_link(p, self, text_of(one, "title"));
        put(p, "</h3><code>"), put_text(p, text_of(one, "id")), put(p, "</code><p>");
        if (items) put_link(p, items, word(p, MESSAGE_OGC_ITEMS));
        put(p, "</p></li>\n");
    }
    put(p, "</ul>\n");
}

/* MESSAGE_COUNT: without a heading. */
static void put_list(struct page *p, enum message heading, const json_t *texts)
{
    size_t i;
    json_t *one;
    if (heading != MESSAGE_COUNT) put_heading(p, heading);
    put(p, "<ul class=\"plain\">\n");
    json_array_foreach(texts, i, one) {
        put(p, "<li><code>"), put_value(p, one), put(p, "</code></li>\n");
    }
    put(p, "</ul>\n");
}

static void put_pairs(struct page *p, const json_t *object)
{
    const char *key;
    json_t *value;
    put(p, "<div class=\"wide\"><table>\n");
    json_object_foreach((json_t *)object, key, value) {
        put(p, "<tr><th scope=\"row\"><code>"), put_text(p, key), put(p, "</code></th><td>");
        put_value(p, value);
        put(p, "</td></tr>\n");
    }
    put(p, "</table></div>\n");
}

/* The columns of a table of features: every property that one of them has, in the order of first sight. Structures are
 * left to the page of each feature. */
static unsigned columns_of(const json_t *features, const char *columns[COLUMNS_MAX])
{
    unsigned count = 0;
    size_t i;
    const char *key;
    json_t *feature, *value;
    json_array_foreach(features, i, feature) {
        json_object_foreach(json_object_get(feature, "properties"), key, value) {
            if (json_is_object(value) || json_is_array(value)) continue;
            unsigned c = 0;
            while (c < count && strcmp(columns[c], key) != 0) c++;
            if (c == count && count < COLUMNS_MAX) columns[count++] = key;
        }
    }
    return count;
}

static void put_features(struct page *p, const json_t *document)
{
    const json_t *features = json_object_get(document, "features");
    const char *columns[COLUMNS_MAX], *next = link_of(document, "next", NULL), *items = link_of(document, "collection", NULL);
    unsigned count = columns_of(features, columns);
    char shown[120];
    size_t i;
    json_t *feature;
    message_format(shown, sizeof shown, MESSAGE_OGC_SHOWN, p->x->language, (long long)json_integer_value(json_object_get(document, "numberReturned")),
                   (long long)json_integer_value(json_object_get(document, "numberMatched")));
    put(p, "<p class=\"count\">");
    put_text(p, json_array_size(features) ? shown : word(p, MESSAGE_OGC_NOTHING));
    put(p, "</p>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\"><code>id</code></th>");
    for (unsigned c = 0; c < count; c++) put(p, "<th scope=\"col\"><code>"), put_text(p, columns[c]), put(p, "</code></th>");
    put(p, "</tr></thead>\n<tbody>\n");
    json_array_foreach(features, i, feature) {
        put(p, "<tr><th scope=\"row\">");
        if (items) { /* nothing that may stand there has a meaning in HTML */
            put(p, "<a href=\""), put_text(p, items), put(p, "/items/"), ogc_escape(&p->out, text_of(feature, "id")), put(p, "?f=html\">");
            put_text(p, text_of(feature, "id")), put(p, "</a>");
        }
        put(p, "</th>");
        for (unsigned c = 0; c < count; c++) {
            put(p, "<td>"), put_value(p, json_object_get(json_object_get(feature, "properties"), columns[c])), put(p, "</td>");
        }
        put(p, "</tr>\n");
    }
    put(p, "</tbody></table></div>\n");
    if (next) put(p, "<p class=\"next\">"), put_link(p, next, word(p, MESSAGE_OGC_NEXT)), put(p, "</p>\n");
}

static void put_feature(struct page *p, const json_t *feature)
{
    const json_t *geometry = json_object_get(feature, "geometry");
    put_pairs(p, json_object_get(feature, "properties"));
    put_heading(p, MESSAGE_OGC_GEOMETRY);
    put(p, "<details><summary>"), put_text(p, json_is_object(geometry) ? text_of(geometry, "type") : "–"), put(p, "</summary>");
    put_value(p, json_is_object(geometry) ? geometry : NULL);
    put(p, "</details>\n");
}

static void put_operations(struct page *p, const json_t *paths)
{
    const char *path, *method;
    json_t *item, *operation;
    put(p, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">"), put_text(p, word(p, MESSAGE_OGC_OPERATION)), put(p, "</th><th></th></tr></thead>\n<tbody>\n");
    json_object_foreach((json_t *)paths, path, item) {
        json_object_foreach(item, method, operation) {
            put(p, "<tr><th scope=\"row\"><code>"), put_text(p, method), put(p, " /ogc"), put_text(p, path), put(p, "</code></th><td>");
            put_text(p, text_of(operation, "summary"));
            put(p, "</td></tr>\n");
        }
    }
    put(p, "</tbody></table></div>\n");
}

static void put_links(struct page *p, const json_t *links)
{
    size_t i;
    json_t *link;
    if (json_array_size(links) == 0) return;
    put_heading(p, MESSAGE_OGC_LINKS);
    put(p, "<ul class=\"plain\">\n");
    json_array_foreach(links, i, link) {
        put(p, "<li>"), put_link(p, text_of(link, "href"), text_of(link, "title")), put(p, " <small>");
        put_text(p, text_of(link, "type")), put(p, "</small></li>\n");
    }
    put(p, "</ul>\n");
}

static void put_body(struct page *p, const json_t *document)
{
    const json_t *bbox = json_object_get(json_object_get(json_object_get(document, "extent"), "spatial"), "bbox");
    const char *description = text_of(document, "description");
    if (description[0]) put(p, "<p class=\"about\">"), put_text(p, description), put(p, "</p>\n");
    if (json_object_get(document, "collections")) put_collections(p, json_object_get(document, "collections"));
    if (json_object_get(document, "conformsTo")) put_list(p, MESSAGE_COUNT, json_object_get(document, "conformsTo"));
    if (json_object_get(document, "features")) put_features(p, document);
    else if (strcmp(text_of(document, "type"), "Feature") == 0) put_feature(p, document);
    else if (json_object_get(document, "properties")) put_pairs(p, json_object_get(document, "properties"));
    if (json_object_get(document, "paths")) put_operations(p, json_object_get(document, "paths"));
    if (bbox) put_heading(p, MESSAGE_OGC_EXTENT), put(p, "<p>"), put_value(p, json_array_get(bbox, 0)), put(p, "</p>\n");
    put_links(p, json_object_get(document, "links"));
    if (json_object_get(document, "crs") && !json_object_get(document, "collections")) put_list(p, MESSAGE_OGC_SYSTEMS, json_object_get(document, "crs"));
}

/* The way here: /ogc › collections › zones. */
static void put_way(struct page *p)
{
    struct buffer href;
    buffer_init(&href, 8 << 10);
    buffer_text(&href, p->base), buffer_text(&href, "/ogc");
    put(p, "<nav>"), put_link(p, arena_printf(p->x->arena, "%s/ogc?f=html", p->base), word(p, MESSAGE_OGC_TITLE));
    for (unsigned i = 1; i < p->x->target->segment_count && p->x->target->segment[i][0]; i++) {
        buffer_char(&href, '/'), ogc_escape(&href, p->x->target->segment[i]);
        put(p, " › ");
        put_link(p, arena_printf(p->x->arena, "%.*s?f=html", (int)href.length, href.data), p->x->target->segment[i]);
    }
    buffer_clear(&href);
    put(p, "</nav>\n");
}

void ogc_page_reply(struct exchange *x, const char *title, const char *document, size_t length)
{
    struct error err = ERROR_INIT;
    struct page p = {.x = x, .base = public_url(x)};
    json_t *root = NULL;
    const char *region = app_options_get(x->app)->name;
    buffer_init(&p.out, (size_t)96 << 20);
    if (p.base == NULL || reader_parse(document, length, &root, &err) != STATUS_OK) {
        if (err.status == STATUS_OK) error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        exchange_problem(x, &err);
        return;
    }
    put(&p, "<!doctype html>\n<html lang=\""), put(&p, x->language == LANGUAGE_EN ? "en" : "zh-CN"), put(&p, "\">\n<head><meta charset=\"utf-8\">");
    put(&p, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>"), put_text(&p, title), put(&p, "</title>");
    put(&p, "<link rel=\"stylesheet\" href=\""), put_text(&p, p.base), put(&p, "/console/ogc.css\">");
    put(&p, "<link rel=\"icon\" href=\""), put_text(&p, p.base), put(&p, "/console/icon.svg\"></head>\n<body>\n<header>");
    put_way(&p);
    put(&p, "<span>"), put_text(&p, region), put(&p, "</span></header>\n<main>\n<h1>"), put_text(&p, title), put(&p, "</h1>\n");
    put_body(&p, root);
    put(&p, "</main>\n</body>\n</html>\n");
    json_decref(root);
    exchange_header_add(x, "Content-Security-Policy", PAGE_POLICY);
    exchange_header_add(x, "X-Content-Type-Options", "nosniff");
    exchange_header_add(x, "Referrer-Policy", "no-referrer");
    exchange_reply(x, 200, "text/html; charset=utf-8", &p.out);
    buffer_clear(&p.out);
}
