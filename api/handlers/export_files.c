#include "api/handlers/export_files.h"

#include "api/app.h"
#include "api/background/export_jobs.h"
#include "api/encode/plan_export.h"
#include "api/handlers/common.h"
#include "api/handlers/rule_reads.h"
#include "api/json/writer.h"
#include "api/plan_keep.h"
#include "api/process/admit.h"
#include "api/public_url.h"
#include "api/wire/time_text.h"
#include "data/maps/export_layers.h"
#include "data/pg/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMATS "geojson, kml, gpx, gpkg, shp.zip, dxf, csv, fgb"
#define LAYERS "zones, checkpoints, closures, facilities, jurisdictions, roads"

bool export_file_is(const char *id)
{
    return strncmp(id, SPOOL_ID_PREFIX, strlen(SPOOL_ID_PREFIX)) == 0;
}

static struct export_jobs *jobs_of(const struct exchange *x)
{
    return x->app ? app_options_get(x->app)->exports : NULL;
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

/* A member that is a text, if it is there. */
static enum status read_text(const struct json_at *root, const char *name, char out[SPOOL_TEXT_SIZE], struct error *err)
{
    struct json_at at;
    if (!reader_find(root, name, &at)) return STATUS_OK;
    if (!json_is_string(at.value)) return reader_type(&at, MESSAGE_JSON_TYPE_STRING, err);
    const char *text = json_string_value(at.value);
    size_t length = strlen(text);
    if (length >= 1 && length < SPOOL_TEXT_SIZE && text[strcspn(text, "\n\r")] == '\0') {
        snprintf(out, SPOOL_TEXT_SIZE, "%s", text);
        return STATUS_OK;
    }
    (void)error_set(err, STATUS_INVALID, MESSAGE_JSON_LENGTH, name, (size_t)1, (size_t)SPOOL_TEXT_SIZE - 1);
    return reader_here(&at, err);
}

static enum status bad_member(struct error *err, const char *name)
{
    error_pointer(err, "/%s", name);
    return err->status;
}

static enum status check_choice(const char *name, const char *value, bool good, const char *words, struct error *err)
{
    if (value[0] == '\0' || good) return STATUS_OK;
    (void)error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, name, words);
    return bad_member(err, name);
}

static enum status read_box(const struct json_at *root, char out[SPOOL_TEXT_SIZE], struct error *err)
{
    struct json_at at;
    double side[4];
    size_t count;
    if (!reader_find(root, "bbox", &at)) return STATUS_OK;
    TRY(reader_array(&at, 4, 4, &count, err));
    for (size_t i = 0; i < 4; i++) {
        struct json_at one = reader_element(&at, i);
        TRY(reader_number(&one, i % 2 ? -90 : -180, i % 2 ? 90 : 180, &side[i], err));
    }
    if (side[0] > side[2] || side[1] > side[3]) {
        (void)error_set(err, STATUS_INVALID, MESSAGE_QUERY_BBOX);
        return reader_here(&at, err);
    }
    snprintf(out, SPOOL_TEXT_SIZE, "%.9f,%.9f,%.9f,%.9f", side[0], side[1], side[2], side[3]);
    return STATUS_OK;
}

/* What only the parts together can tell: a system that is known and that the format can hold, a filter that the layer has. */
static enum status check_together(const struct spool_job *job, struct error *err)
{
    struct export_options options = {.crs = job->crs};
    enum export_layer layer;
    struct export *e;
    int64_t at_ms;
    bool is_layer = export_layer_find(job->layer, &layer);
    TRY(check_choice("layer", job->layer, is_layer, LAYERS, err));
    TRY(check_choice("format", job->format, export_format_find(job->format, &options.format), FORMATS, err));
    TRY(check_choice("names", job->names, strcmp(job->names, "zh") == 0 || strcmp(job->names, "en") == 0, "zh, en", err));
    TRY(check_choice("encoding", job->encoding, strcmp(job->encoding, "utf-8") == 0 || strcmp(job->encoding, "gbk") == 0, "utf-8, gbk", err));
    if (job->at[0] && !time_parse(job->at, strlen(job->at), &at_ms)) {
        (void)error_set(err, STATUS_INVALID, MESSAGE_JSON_TIME, "at");
        return bad_member(err, "at");
    }
    bool timed = is_layer && layer <= LAYER_CLOSURES, has_state = timed || (is_layer && layer == LAYER_FACILITIES);
    const char *missing = job->at[0] && !timed ? "at" : job->filter_state[0] && !has_state ? "state" : job->bbox[0] && !is_layer ? "bbox" : NULL;
    if (missing) {
        (void)error_set(err, STATUS_INVALID, MESSAGE_EXPORT_NO_STATE, is_layer ? job->layer : "plan", missing);
        return bad_member(err, missing);
    }
    enum status status = export_open(&options, is_layer ? job->layer : "plan", &e, err);
    if (status == STATUS_INVALID) return bad_member(err, "crs");
    if (status == STATUS_OK) export_abort(e);
    return status;
}

/* The plan must be there for the caller, and be one that can be drawn; what becomes of it until it is made, the job says. */
static enum status check_plan(struct exchange *x, const struct spool_job *job, struct error *err)
{
    struct stored_plan plan;
    enum status status = plan_of_caller(x, job->plan, &plan, err);
    if (status == STATUS_OK) status = plan_export_check(plan.answer, plan.answer_length, err);
    return status == STATUS_NOT_FOUND || status == STATUS_CONFLICT ? bad_member(err, "plan") : status;
}

enum status export_file_wish(struct exchange *x, const struct json_at *root, struct spool_job *out, struct error *err)
{
    static const char *const members[] = {"kind", "plan", "layer", "format", "crs", "names", "encoding", "bbox", "at", "state", NULL};
    const struct rule_reader reader = rule_reader_of(x);
    const struct caller *caller = exchange_caller(x);
    struct json_at at;
    *out = (struct spool_job){.desk = reader.desk, .created_ms = time_now_ms(), .crs = "EPSG:4490"};
    snprintf(out->actor, sizeof out->actor, "%s", caller->key.id);
    snprintf(out->holder, sizeof out->holder, "%s", caller->key.holder);
    snprintf(out->scope, sizeof out->scope, "%s", reader.scope ? reader.scope : "");
    TRY(reader_members(root, members, err));
    snprintf(out->role, sizeof out->role, "%s", caller->key.role);
    snprintf(out->company, sizeof out->company, "%s", caller->key.company);
    TRY(read_text(root, "plan", out->plan, err));
    if (!out->plan[0]) TRY(reader_require(root, "layer", &at, err));
    TRY(reader_require(root, "format", &at, err));
    TRY(read_text(root, "layer", out->layer, err));
    if (out->plan[0] && out->layer[0]) {
        (void)error_set(err, STATUS_INVALID, MESSAGE_EITHER_OR, "plan", "layer");
        return bad_member(err, "plan");
    }
    TRY(read_text(root, "format", out->format, err));
    TRY(read_text(root, "crs", out->crs, err));
    TRY(read_text(root, "names", out->names, err));
    TRY(read_text(root, "encoding", out->encoding, err));
    TRY(read_text(root, "at", out->at, err));
    TRY(read_text(root, "state", out->filter_state, err));
    TRY(read_box(root, out->bbox, err));
    TRY(check_together(out, err));
    return out->plan[0] ? check_plan(x, out, err) : STATUS_OK;
}

enum status export_file_start(const struct exchange *x, struct spool_job *job, struct error *err)
{
    struct export_jobs *jobs = jobs_of(x);
    if (jobs == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_SPOOL_OFF);
    TRY(spool_put(export_jobs_folder(jobs), job, err));
    export_jobs_wake(jobs);
    return STATUS_OK;
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

static bool is_for(const struct exchange *x, const struct spool_job *job)
{
    const struct caller *caller = exchange_caller(x);
    return caller && (caller->role == ROLE_ADMIN || strcmp(caller->key.id, job->actor) == 0);
}

static enum status find(const struct exchange *x, const char *id, struct spool_job *out, struct error *err)
{
    struct export_jobs *jobs = jobs_of(x);
    if (jobs == NULL) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    TRY(spool_get(export_jobs_folder(jobs), id, out, err));
    return is_for(x, out) ? STATUS_OK : error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
}

static void write_text(struct json_writer *w, const char *key, const char *text)
{
    if (text[0]) writer_key(w, key), writer_text(w, text);
}

static void write_job(struct json_writer *w, const struct exchange *x, const struct spool_job *job)
{
    bool over = job->state != SPOOL_RUNNING, done = job->state == SPOOL_DONE;
    writer_open_object(w);
    writer_key(w, "id"), writer_text(w, job->id);
    writer_key(w, "kind"), writer_text(w, "export");
    writer_key(w, "state"), writer_text(w, spool_state_name(job->state));
    writer_key(w, "holder"), writer_text(w, job->holder);
    writer_key(w, "automatic"), writer_boolean(w, false);
    write_text(w, "plan", job->plan), write_text(w, "layer", job->layer), write_text(w, "format", job->format), write_text(w, "crs", job->crs);
    write_text(w, "names", job->names), write_text(w, "encoding", job->encoding), write_text(w, "at", job->at);
    write_text(w, "filter_state", job->filter_state);
    if (job->bbox[0]) {
        writer_key(w, "bbox"), writer_open_array(w);
        for (const char *p = job->bbox; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) writer_number(w, strtod(p, NULL), 9);
        writer_close_array(w);
    }
    writer_key(w, "created_at"), writer_time(w, job->created_ms);
    writer_key(w, "finished_at");
    if (over) writer_time(w, job->finished_ms);
    else writer_null(w);
    writer_key(w, "total"), writer_integer(w, 1);
    writer_key(w, "done"), writer_integer(w, done);
    if (done) writer_key(w, "bytes"), writer_integer(w, job->bytes);
    if (done) writer_key(w, "file"), writer_text(w, public_path(x, arena_printf(x->arena, "/v1/jobs/%s/file", job->id)));
    if (over) writer_key(w, "expires_at"), writer_time(w, export_jobs_expiry(jobs_of(x), job->finished_ms));
    write_text(w, "code", job->code);
    writer_close_object(w);
}

enum status export_file_read(const struct exchange *x, const char *id, struct buffer *out, struct error *err)
{
    struct spool_job job;
    struct json_writer w;
    TRY(find(x, id, &job, err));
    writer_init(&w, out);
    write_job(&w, x, &job);
    return out->failed ? error_set(err, out->failed, MESSAGE_NO_MEMORY) : STATUS_OK;
}

enum status export_file_cancel(const struct exchange *x, const char *id, struct error *err)
{
    struct spool_job job;
    TRY(find(x, id, &job, err));
    return spool_end(export_jobs_folder(jobs_of(x)), &job, SPOOL_CANCELLED, 0, NULL, time_now_ms(), err);
}

struct listing {
    const struct exchange *x;
    struct spool_job *jobs;
    unsigned count;
};

static bool list_one(void *context, const struct spool_job *job)
{
    struct listing *l = context;
    if (is_for(l->x, job)) l->jobs[l->count++] = *job;
    return l->count < SPOOL_OPEN_MAX;
}

static int by_age(const void *a, const void *b)
{
    const struct spool_job *p = a, *q = b;
    return p->created_ms != q->created_ms ? (p->created_ms < q->created_ms ? 1 : -1) : strcmp(p->id, q->id);
}

enum status export_files_list(const struct exchange *x, struct buffer *out, struct error *err)
{
    enum { SHOWN = 100 };
    struct export_jobs *jobs = jobs_of(x);
    struct listing l = {.x = x};
    if (jobs == NULL) return STATUS_OK;
    for (const char *end = "}]"; *end; end++) { /* of {"jobs":[…]} */
        while (out->length > 0 && out->data[out->length - 1] == ' ') out->length--;
        if (out->length == 0 || out->data[out->length - 1] != *end) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        out->length--;
    }
    struct json_writer w = {.out = out, .follows = out->length > 0 && out->data[out->length - 1] == '}'};
    l.jobs = calloc(SPOOL_OPEN_MAX, sizeof *l.jobs);
    if (l.jobs == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = spool_each(export_jobs_folder(jobs), list_one, &l, err);
    if (status == STATUS_OK) {
        qsort(l.jobs, l.count, sizeof *l.jobs, by_age);
        for (unsigned i = 0; i < l.count && i < SHOWN; i++) write_job(&w, x, &l.jobs[i]);
        buffer_text(out, "]}");
        if (out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    }
    free(l.jobs);
    return status;
}

/* ---- the file ---------------------------------------------------------------------------------------------- */

static bool digits_of(const char **text, uint64_t *out)
{
    size_t length = strspn(*text, "0123456789");
    if (length == 0 || length > 18) return false;
    *out = strtoull(*text, NULL, 10);
    *text += length;
    return true;
}

enum range { RANGE_NONE, RANGE_PART, RANGE_OUTSIDE };

/* One range of bytes (RFC 9110, 14.1.2); several, or what is none, count as not asked for. */
static enum range read_range(const struct exchange *x, const char *tag, uint64_t size, uint64_t *from, uint64_t *until)
{
    const char *text = exchange_header(x, "range"), *unless = exchange_header(x, "if-range");
    char quoted[SPOOL_ID_SIZE + 2];
    snprintf(quoted, sizeof quoted, "\"%s\"", tag);
    if (text == NULL || strncmp(text, "bytes=", 6) != 0 || (unless && strcmp(unless, quoted) != 0)) return RANGE_NONE;
    text += 6;
    *until = size;
    bool suffix = *text == '-';
    if (suffix) text++;
    if (!digits_of(&text, from)) return RANGE_NONE;
    if (suffix) {
        if (*text) return RANGE_NONE;
        if (*from == 0 || size == 0) return RANGE_OUTSIDE;
        *from = *from >= size ? 0 : size - *from;
        return RANGE_PART;
    }
    if (*text++ != '-') return RANGE_NONE;
    if (*text) {
        uint64_t last;
        if (!digits_of(&text, &last) || *text || last < *from) return RANGE_NONE;
        if (last < size) *until = last + 1;
    }
    return *from < size ? RANGE_PART : RANGE_OUTSIDE;
}

static enum status reply_file(struct exchange *x, const struct spool_job *job, struct buffer *out, struct error *err)
{
    enum export_format format;
    uint64_t size = (uint64_t)job->bytes, from = 0, until = size;
    if (job->state != SPOOL_DONE) return standing_forbids(err, spool_state_name(job->state), "file");
    if (!export_format_find(job->format, &format)) return error_set(err, STATUS_CORRUPT, MESSAGE_EXPORT_FAILED);
    exchange_header_add(x, "Accept-Ranges", "bytes");
    exchange_header_add(x, "Cache-Control", "private, no-cache");
    if (exchange_not_modified(x, job->id)) return STATUS_OK;
    enum range range = read_range(x, job->id, size, &from, &until);
    if (range == RANGE_NONE) from = 0, until = size;
    if (range == RANGE_OUTSIDE) {
        exchange_header_add(x, "Content-Range", arena_printf(x->arena, "bytes */%llu", (unsigned long long)size));
        return error_set(err, STATUS_RANGE_NOT_SATISFIABLE, MESSAGE_RANGE_OUTSIDE, (long long)size);
    }
    TRY(spool_read(export_jobs_folder(jobs_of(x)), job->id, from, (size_t)(until - from), out, err));
    if (range == RANGE_PART)
        exchange_header_add(x, "Content-Range",
                            arena_printf(x->arena, "bytes %llu-%llu/%llu", (unsigned long long)from, (unsigned long long)until - 1, (unsigned long long)size));
    exchange_header_add(x, "Content-Disposition", arena_printf(x->arena, "attachment; filename=\"%s%s.%s\"", job->plan[0] ? "plan-" : "",
                                                              job->plan[0] ? job->plan : job->layer, export_format_name(format)));
    exchange_reply(x, range == RANGE_PART ? 206 : 200, export_format_media_type(format), out);
    return STATUS_OK;
}

static void file_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct spool_job job;
    struct buffer out;
    buffer_init(&out, EXPORT_BYTES_MAX);
    enum status status = find(x, exchange_param(x, "id"), &job, &err);
    if (status == STATUS_OK) status = reply_file(x, &job, &out, &err);
    if (status != STATUS_OK) exchange_problem(x, &err);
    buffer_clear(&out);
}

void export_file_get(struct exchange *x)
{
    exchange_submit(x, file_work);
}
