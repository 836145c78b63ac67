#include "api/handlers/exports.h"

#include "api/encode/plan_export.h"
#include "api/handlers/common.h"
#include "api/handlers/layers.h"
#include "api/handlers/rule_reads.h"
#include "api/plan_keep.h"
#include "api/wire/time_text.h"
#include "data/maps/export_layers.h"

#include <stdio.h>
#include <string.h>

const char *const export_layer_keys[] = {"bbox", "at", "state", "crs", "names", "encoding", NULL};
const char *const export_plan_keys[] = {"crs", "names", "encoding", NULL};

#define FORMATS "geojson, kml, gpx, gpkg, shp.zip, dxf, csv, fgb"

static enum status bad_key(struct error *err, const char *key)
{
    error_pointer(err, "/%s", key);
    return err->status;
}

/* One of two words; the first when the key is absent. */
static enum status read_choice(const struct exchange *x, const char *key, const char *first, const char *second, bool *is_second, struct error *err)
{
    const char *text = exchange_query(x, key);
    char both[64];
    *is_second = text && strcmp(text, second) == 0;
    if (text == NULL || *is_second || strcmp(text, first) == 0) return STATUS_OK;
    snprintf(both, sizeof both, "%s, %s", first, second);
    error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, key, both);
    return bad_key(err, key);
}

static enum status read_options(const struct exchange *x, const char *format, struct export_options *out, struct error *err)
{
    const char *crs = exchange_query(x, "crs");
    bool english;
    *out = (struct export_options){.crs = crs ? crs : "EPSG:4490"};
    if (!export_format_find(format, &out->format)) return error_set(err, STATUS_NOT_FOUND, MESSAGE_EXPORT_FORMAT, FORMATS);
    TRY(read_choice(x, "encoding", "utf-8", "gbk", &out->gbk, err));
    TRY(read_choice(x, "names", "zh", "en", &english, err));
    out->zh_names = !english;
    return STATUS_OK;
}

static void reply(struct exchange *x, const char *name, enum export_format format, struct buffer *out)
{
    exchange_header_add(x, "Content-Disposition",
                        arena_printf(x->arena, "attachment; filename=\"%s.%s\"", name, export_format_name(format)));
    exchange_reply(x, 200, export_format_media_type(format), out);
}

/* ---- layers ------------------------------------------------------------------------------------------------ */

struct layer_request {
    enum export_layer layer;
    struct export_options options;
    struct export_filter filter;
    double sides[4];
};

static enum status read_layer(const struct exchange *x, struct layer_request *r, struct error *err)
{
    const char *file = exchange_param(x, "file"), *dot = strchr(file, '.'), *bbox = exchange_query(x, "bbox");
    char name[40];
    int64_t at_ms;
    snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - file) : 39, file);
    if (!export_layer_find(name, &r->layer)) return error_set(err, STATUS_NOT_FOUND, MESSAGE_EXPORT_LAYER, name);
    TRY(read_options(x, dot ? dot + 1 : "", &r->options, err));
    r->filter = (struct export_filter){.at = exchange_query(x, "at"), .state = exchange_query(x, "state")};
    bool timed = r->layer <= LAYER_CLOSURES, has_state = timed || r->layer == LAYER_FACILITIES;
    const char *missing = r->filter.at && !timed ? "at" : r->filter.state && !has_state ? "state" : NULL;
    if (missing) {
        error_set(err, STATUS_INVALID, MESSAGE_EXPORT_NO_STATE, name, missing);
        return bad_key(err, missing);
    }
    if (r->filter.at && !time_parse(r->filter.at, strlen(r->filter.at), &at_ms)) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "at");
        return bad_key(err, "at");
    }
    if (bbox == NULL) return STATUS_OK;
    struct box box;
    TRY(bbox_parse(bbox, &box, err));
    r->sides[0] = box.min_lon_deg, r->sides[1] = box.min_lat_deg, r->sides[2] = box.max_lon_deg, r->sides[3] = box.max_lat_deg;
    r->filter.bbox = r->sides;
    return STATUS_OK;
}

static enum status write_layer(struct exchange *x, const struct layer_request *r, struct buffer *out, struct error *err)
{
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    const struct rule_reader reader = rule_reader_of(x);
    struct export *e = NULL;
    struct pg *pg = NULL;
    if (pool == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    enum status status = export_open(&r->options, export_layer_name(r->layer), &e, err);
    if (status == STATUS_INVALID) return bad_key(err, "crs");
    if (status != STATUS_OK) return status;
    status = read_pool_take(pool, &pg, err);
    if (status == STATUS_OK) {
        status = export_layer_rows(pg, r->layer, &reader, &r->filter, handler_cancelled(x), e, err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) return export_close(e, out, err);
    export_abort(e);
    return status;
}

static void layer_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct layer_request r = {0};
    struct buffer out;
    buffer_init(&out, EXPORT_BYTES_MAX);
    enum status status = read_layer(x, &r, &err);
    if (status == STATUS_OK) status = write_layer(x, &r, &out, &err);
    exchange_charge(x, out.length / 10);
    if (status == STATUS_OK) reply(x, export_layer_name(r.layer), r.options.format, &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void layer_export(struct exchange *x)
{
    exchange_submit(x, layer_work);
}

/* ---- plans ------------------------------------------------------------------------------------------------- */

static void plan_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct stored_plan plan;
    struct export_options options;
    struct export *e = NULL;
    struct buffer out;
    const char *segment = x->target->segment[2], *dot = strchr(segment, '.');
    buffer_init(&out, EXPORT_BYTES_MAX);
    enum status status = read_options(x, dot ? dot + 1 : "", &options, &err);
    if (status == STATUS_OK) status = plan_of_caller(x, exchange_param(x, "id"), &plan, &err);
    if (status == STATUS_OK && export_open(&options, "plan", &e, &err) != STATUS_OK)
        status = err.status == STATUS_INVALID ? bad_key(&err, "crs") : err.status;
    if (status == STATUS_OK) {
        status = plan_export(plan.request, plan.answer, plan.answer_length, e, &err);
        if (status == STATUS_OK) status = export_close(e, &out, &err);
        else export_abort(e);
    }
    if (status == STATUS_OK) reply(x, arena_printf(x->arena, "plan-%s", plan.id), options.format, &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void plan_file(struct exchange *x)
{
    exchange_submit(x, plan_work);
}
