#include "api/ogc/ogc_query.h"

#include "api/json/reader.h"
#include "api/public_url.h"
#include "api/wire/time_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static enum status blame(struct error *err, const char *key)
{
    error_pointer(err, "?%s", key);
    return err->status;
}

/* ---- f and Accept ------------------------------------------------------------------------------------------ */

/* How much a client likes a type, in thousandths: q of the range in Accept that is nearest to it; −1 where none is. */
static int liking(const char *accept, const char *type)
{
    int found = -1, nearness = 0;
    size_t front = strcspn(type, "/") + 1;
    for (const char *p = accept; *p;) {
        p += strspn(p, " \t,");
        size_t length = strcspn(p, ","), name = strcspn(p, ";, \t");
        int near = name == strlen(type) && strncasecmp(p, type, name) == 0             ? 3
                   : name == front + 1 && p[front] == '*' && strncasecmp(p, type, front) == 0 ? 2
                   : name == 3 && strncmp(p, "*/*", 3) == 0                            ? 1
                                                                                       : 0;
        if (near > nearness) {
            int q = 1000;
            for (size_t i = name; i + 2 < length; i++)
                if (p[i] == 'q' && p[i + 1] == '=') q = (int)(strtod(p + i + 2, NULL) * 1000);
            found = q;
            nearness = near;
        }
        p += length;
    }
    return found;
}

enum status ogc_form_read(const struct exchange *x, bool versions, enum ogc_form *out, struct error *err)
{
    const char *f = exchange_query(x, "f"), *accept = exchange_header(x, "accept");
    *out = OGC_JSON;
    if (f == NULL) {
        if (accept == NULL) return STATUS_OK;
        int html = liking(accept, "text/html"), json = liking(accept, "application/json"), geo = liking(accept, "application/geo+json");
        if (versions && strstr(accept, "openapi+json") && strstr(accept, "version=3.1")) *out = OGC_OPENAPI_31;
        else if (html > 0 && html > json && html > geo) *out = OGC_HTML;
        return STATUS_OK;
    }
    if (strcmp(f, "json") == 0) return STATUS_OK;
    if (strcmp(f, "html") == 0) *out = OGC_HTML;
    else if (versions && strcmp(f, "openapi31") == 0) *out = OGC_OPENAPI_31;
    else {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, "f", versions ? "json, html, openapi31" : "json, html");
        return blame(err, "f");
    }
    return STATUS_OK;
}

/* ---- items ------------------------------------------------------------------------------------------------- */

static enum status check_keys(const struct exchange *x, const struct map_layer *layer, struct error *err)
{
    const char *known[8 + MAP_FIELDS_MAX] = {"bbox", "bbox-crs", "crs", "datetime", "limit", "cursor", "f"};
    unsigned count = 7;
    for (unsigned i = 0; i < layer->field_count; i++) known[count++] = layer->fields[i].name;
    known[count] = NULL;
    return http_target_check(x->target, known, err);
}

static enum status bad_time(struct error *err)
{
    error_set(err, STATUS_INVALID, MESSAGE_OGC_DATETIME);
    return blame(err, "datetime");
}

/* One end of an interval: NULL where it is open. */
static bool read_end(struct arena *arena, const char *text, size_t length, const char **out, int64_t *ms)
{
    *out = NULL;
    if (length == 0 || (length == 2 && strncmp(text, "..", 2) == 0)) return true;
    if (!time_parse(text, length, ms)) return false;
    return (*out = arena_printf(arena, "%.*s", (int)length, text)) != NULL;
}

static enum status read_times(const struct exchange *x, struct ogc_query *q, struct error *err)
{
    const char *text = exchange_query(x, "datetime"), *slash = text ? strchr(text, '/') : NULL;
    int64_t from_ms = INT64_MIN, until_ms = INT64_MAX;
    if (text == NULL) return STATUS_OK;
    q->timed = true;
    if (slash == NULL) {
        if (!time_parse(text, strlen(text), &from_ms)) return bad_time(err);
        q->from = q->until = text;
        return STATUS_OK;
    }
    if (!read_end(x->arena, text, (size_t)(slash - text), &q->from, &from_ms) || !read_end(x->arena, slash + 1, strlen(slash + 1), &q->until, &until_ms))
        return bad_time(err);
    return from_ms <= until_ms ? STATUS_OK : bad_time(err);
}

/* More than the most is the most, as the standard says; what is no count is an error. */
static enum status read_limit(const struct exchange *x, unsigned *out, struct error *err)
{
    const char *text = exchange_query(x, "limit");
    *out = OGC_LIMIT_DEFAULT;
    if (text == NULL) return STATUS_OK;
    size_t digits = strspn(text, "0123456789");
    unsigned long value = digits > 0 && digits <= 18 && text[digits] == '\0' ? strtoul(text, NULL, 10) : 0;
    if (value == 0) {
        error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_JSON_RANGE, "limit", 1.0, (double)OGC_LIMIT_MAX);
        return blame(err, "limit");
    }
    *out = value > OGC_LIMIT_MAX ? OGC_LIMIT_MAX : (unsigned)value;
    return STATUS_OK;
}

static json_t *value_of(const char *text, enum map_field_type type)
{
    if (type == MAP_TEXT) return json_string(text);
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    bool good = type == MAP_NUMBER ? json_is_number(value) : json_is_boolean(value);
    if (!good) json_decref(value);
    return good ? value : NULL;
}

static enum status read_properties(const struct exchange *x, const struct map_layer *layer, struct ogc_query *q, struct error *err)
{
    json_t *wanted = json_object();
    enum status status = wanted ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (unsigned i = 0; status == STATUS_OK && i < layer->field_count; i++) {
        const struct map_field *field = &layer->fields[i];
        const char *text = exchange_query(x, field->name);
        if (text == NULL) continue;
        json_t *value = value_of(text, field->type);
        if (value && json_object_set_new(wanted, field->name, value) == 0) continue;
        (void)error_set(err, STATUS_INVALID, field->type == MAP_NUMBER ? MESSAGE_JSON_TYPE_NUMBER : MESSAGE_JSON_TYPE_BOOLEAN, field->name);
        status = blame(err, field->name);
    }
    if (status == STATUS_OK && json_object_size(wanted) > 0) {
        char *text = json_dumps(wanted, JSON_COMPACT);
        q->properties = text ? arena_strdup(x->arena, text) : NULL;
        free(text);
        if (q->properties == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    json_decref(wanted);
    return status;
}

static bool whole_number(const char **at, int64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoll(*at, &end, 10);
    bool good = end != *at && errno == 0 && *end == '.' && **at != ' ' && **at != '+';
    *at = end + 1;
    return good;
}

/* matched.place.id */
static enum status read_cursor(const struct exchange *x, struct ogc_query *q, struct error *err)
{
    const char *text = exchange_query(x, "cursor");
    if (text == NULL) return STATUS_OK;
    const char *at = text;
    q->goes_on = true;
    if (whole_number(&at, &q->matched) && q->matched >= 0 && whole_number(&at, &q->after.place)) {
        q->after.id = at;
        return STATUS_OK;
    }
    error_set(err, STATUS_INVALID, MESSAGE_OGC_CURSOR);
    return blame(err, "cursor");
}

static enum status read_area(const struct exchange *x, struct crs_cache *systems, struct ogc_query *q, struct error *err)
{
    const char *bbox = exchange_query(x, "bbox");
    struct ogc_crs crs;
    struct buffer wkt;
    TRY(ogc_crs_open(systems, "bbox-crs", exchange_query(x, "bbox-crs"), &crs, err));
    if (bbox == NULL) return STATUS_OK;
    buffer_init(&wkt, 64 << 10);
    enum status status = ogc_crs_area(&crs, bbox, &wkt, err);
    buffer_char(&wkt, '\0');
    q->area = status == STATUS_OK && !wkt.failed ? arena_strdup(x->arena, wkt.data) : NULL;
    buffer_clear(&wkt);
    return status == STATUS_OK && q->area == NULL ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY) : status;
}

enum status ogc_query_read(const struct exchange *x, struct crs_cache *systems, const struct map_layer *layer, struct ogc_query *out,
                           struct error *err)
{
    *out = (struct ogc_query){0};
    TRY(check_keys(x, layer, err));
    TRY(read_area(x, systems, out, err));
    TRY(read_times(x, out, err));
    TRY(read_limit(x, &out->limit, err));
    TRY(read_cursor(x, out, err));
    TRY(read_properties(x, layer, out, err));
    return ogc_crs_open(systems, "crs", exchange_query(x, "crs"), &out->crs, err);
}

/* ---- addresses --------------------------------------------------------------------------------------------- */

void ogc_escape(struct buffer *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:,";
    for (const char *p = text; *p; p++) {
        if (strchr(plain, *p)) buffer_char(out, *p);
        else buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
    }
}

static void add_pair(struct buffer *out, bool *first, const char *key, const char *value)
{
    buffer_char(out, *first ? '?' : '&');
    *first = false;
    ogc_escape(out, key);
    buffer_char(out, '=');
    ogc_escape(out, value);
}

const char *ogc_address(const struct exchange *x, const char *key, const char *value)
{
    struct buffer out;
    const char *base = public_url(x);
    bool first = true, found = false;
    buffer_init(&out, 64 << 10);
    if (base) buffer_text(&out, base);
    for (unsigned i = 0; i < x->target->segment_count; i++) {
        if (x->target->segment[i][0] == '\0') continue; /* "/ogc/" is "/ogc" */
        buffer_char(&out, '/');
        ogc_escape(&out, x->target->segment[i]);
    }
    for (unsigned i = 0; i < x->target->key_count; i++) {
        bool it = key && strcmp(x->target->key[i], key) == 0;
        found |= it;
        if (!it) add_pair(&out, &first, x->target->key[i], x->target->value[i]);
        else if (value) add_pair(&out, &first, key, value);
    }
    if (key && value && !found) add_pair(&out, &first, key, value);
    buffer_char(&out, '\0');
    const char *address = base && !out.failed ? arena_strdup(x->arena, out.data) : NULL;
    buffer_clear(&out);
    return address;
}

const char *ogc_cursor(const struct exchange *x, int64_t matched, const struct feature_row *last)
{
    return arena_printf(x->arena, "%lld.%lld.%s", (long long)matched, (long long)last->place, last->id);
}
