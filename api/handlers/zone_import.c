#include "api/handlers/zone_import.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/rules.h"
#include "api/json/writer.h"
#include "api/parse/parse_rule.h"
#include "api/trial/lint.h"
#include "data/ogr/ogr_upload.h"
#include "data/rules/load_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const zone_import_keys[] = {"dry_run", "class", "class_field", "name_field", "rule", "layer", "encoding", "crs", NULL};

/* Refusals that are listed, and features that a dry run judges; beyond, only their number is said. */
enum { ERRORS_LISTED = 100, JUDGED_MAX = 200 };
#define IMPORT_ARENA_MAX ((size_t)512 << 20)

struct import {
    struct exchange *x;
    struct arena arena; /* of what is read: more than a request's own may hold */
    struct parse_setting setting;
    const char *class_code, *class_field, *name_field, *rule;
    bool mapped; /* properties are attributes of somebody's own */
    bool dry_run;
    json_t *document;
    struct rule_feature_in *features;
    size_t count, refused;
    struct lint_one judged[JUDGED_MAX]; /* of a dry run */
    size_t judged_count;
    struct buffer errors; /* elements of the member `errors` */
    struct write_actor actor;
    struct write_tx tx;
    struct buffer body;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* One feature is refused: noted, and the others are looked at all the same. */
static void note(struct import *m, size_t index, const struct error *err)
{
    struct json_writer w;
    if (m->refused++ >= ERRORS_LISTED) return;
    if (m->refused > 1) buffer_char(&m->errors, ',');
    writer_init(&w, &m->errors);
    writer_open_object(&w);
    writer_key(&w, "feature"), writer_integer(&w, (int64_t)index);
    writer_key(&w, "code"), writer_text(&w, status_code(err->status));
    writer_key(&w, "detail"), writer_text(&w, m->x->language == LANGUAGE_ZH ? err->zh : err->en);
    if (err->pointer[0]) writer_key(&w, "pointer"), writer_text(&w, err->pointer);
    const char *place = rule_error_place(m->document, err, &m->arena);
    if (place) writer_key(&w, "place"), writer_raw(&w, place, strlen(place));
    writer_close_object(&w);
}

/* ---- the request ------------------------------------------------------------------------------------------- */

static enum status read_keys(struct import *m, int *epsg, struct error *err)
{
    struct exchange *x = m->x;
    const char *dry = exchange_query(x, "dry_run"), *crs = exchange_query(x, "crs");
    m->class_code = exchange_query(x, "class");
    m->class_field = exchange_query(x, "class_field");
    m->name_field = exchange_query(x, "name_field");
    m->rule = exchange_query(x, "rule");
    if (dry && strcmp(dry, "true") != 0 && strcmp(dry, "false") != 0) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TYPE_BOOLEAN, "dry_run");
        error_pointer(err, "/dry_run");
        return STATUS_INVALID;
    }
    m->dry_run = dry && strcmp(dry, "true") == 0;
    *epsg = 0;
    if (crs == NULL) return STATUS_OK;
    const char *digits = strncmp(crs, "EPSG:", 5) == 0 ? crs + 5 : crs;
    if (strspn(digits, "0123456789") == strlen(digits) && strlen(digits) >= 4 && strlen(digits) <= 6) {
        *epsg = (int)strtol(digits, NULL, 10);
        return STATUS_OK;
    }
    error_set(err, STATUS_INVALID, MESSAGE_EPSG_CODE, "crs");
    error_pointer(err, "/crs");
    return STATUS_INVALID;
}

/* The file as a FeatureCollection. */
static enum status read_file(struct import *m, int epsg, struct error *err)
{
    struct exchange *x = m->x;
    const char *type = exchange_header(x, "content-type");
    bool zip = type && strncmp(type, "application/zip", 15) == 0, package = type && strncmp(type, "application/geopackage", 22) == 0;
    m->mapped = zip || package || m->class_code || m->class_field || m->name_field || m->rule;
    if (!zip && !package) return reader_parse(x->body, x->body_length, &m->document, err);
    const struct upload upload = {.format = zip ? UPLOAD_SHAPEFILE_ZIP : UPLOAD_GEOPACKAGE, .bytes = x->body, .length = x->body_length,
                                  .layer = exchange_query(x, "layer"), .encoding = exchange_query(x, "encoding"), .epsg = epsg};
    struct buffer text;
    buffer_init(&text, (size_t)256 << 20);
    enum status status = ogr_upload_read(&upload, &text, err);
    if (status == STATUS_OK) status = reader_parse(text.data, text.length, &m->document, err);
    buffer_clear(&text);
    return status;
}

/* ---- features ---------------------------------------------------------------------------------------------- */

static const json_t *attribute(const json_t *properties, const char *field)
{
    const json_t *value = json_object_get(properties, field);
    return json_is_string(value) && json_string_length(value) > 0 ? value : NULL;
}

/* The properties that /v1/zones takes, from attributes of somebody's own. */
static enum status map_properties(const struct import *m, const json_t *theirs, json_t **out, struct error *err)
{
    static const char *const usual[] = {"name", "NAME", "Name", "名称"};
    const json_t *name = m->name_field ? attribute(theirs, m->name_field) : NULL;
    const json_t *class_code = m->class_field ? attribute(theirs, m->class_field) : NULL;
    for (size_t i = 0; !m->name_field && !name && i < sizeof usual / sizeof *usual; i++) name = attribute(theirs, usual[i]);
    if (name == NULL) return error_set(err, STATUS_INVALID, MESSAGE_UPLOAD_NO_NAME, m->name_field ? m->name_field : "name");
    if (class_code == NULL && m->class_code == NULL) return error_set(err, STATUS_INVALID, MESSAGE_UPLOAD_NO_CLASS);
    *out = json_pack("{s:O, s:s}", "name", name, "class", class_code ? json_string_value(class_code) : m->class_code);
    if (*out && m->rule && json_object_set_new(*out, "rules", json_pack("[{s:s}]", "rule", m->rule)) != 0) {
        json_decref(*out);
        *out = NULL;
    }
    return *out ? STATUS_OK : no_memory(err);
}

static enum status read_feature(struct import *m, const struct json_at *at, struct rule_feature_in *out, struct error *err)
{
    struct json_at member;
    json_t *properties = NULL, *crs = json_object_get(m->document, "crs");
    if (!json_is_object(at->value)) return reader_type(at, MESSAGE_JSON_TYPE_OBJECT, err);
    json_t *feature = json_copy(at->value); /* its members are shared */
    enum status status = feature ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK && m->mapped) {
        status = map_properties(m, reader_find(at, "properties", &member) ? member.value : NULL, &properties, err);
        if (status == STATUS_OK && json_object_set_new(feature, "properties", properties) != 0) status = no_memory(err);
    }
    if (status == STATUS_OK && crs && json_object_set(feature, "crs", crs) != 0) status = no_memory(err);
    struct json_at whole = {.value = feature, .up = at->up, .key = at->key, .index = at->index};
    if (status == STATUS_OK) status = parse_rule(&whole, DESK_ZONE, m->actor.scope, &m->setting, out, err);
    json_decref(feature);
    return status;
}

static enum status read_features(struct import *m, struct error *err)
{
    static const char *const members[] = {"type", "features", "crs", "name", NULL}, *const types[] = {"FeatureCollection", NULL};
    struct json_at root = {.value = m->document}, at;
    unsigned type;
    TRY(reader_members(&root, members, err));
    TRY(reader_require(&root, "type", &at, err));
    TRY(reader_choice(&at, types, &type, err));
    TRY(reader_require(&root, "features", &at, err));
    if (json_is_array(at.value) && json_array_size(at.value) == 0) {
        error_set(err, STATUS_INVALID, MESSAGE_UPLOAD_EMPTY);
        return reader_here(&at, err);
    }
    TRY(reader_array(&at, 1, UPLOAD_FEATURES_MAX, &m->count, err));
    m->features = arena_zero(&m->arena, m->count, sizeof *m->features);
    if (m->features == NULL) return no_memory(err);
    for (size_t i = 0; i < m->count; i++) {
        struct json_at feature = reader_element(&at, i);
        struct error refused = ERROR_INIT;
        enum status status = atomic_load(&m->x->cancelled) ? error_set(&refused, STATUS_CANCELLED, MESSAGE_INTERNAL)
                                                           : read_feature(m, &feature, &m->features[i], &refused);
        if (status_http(status) >= 500 || status == STATUS_CANCELLED) {
            *err = refused;
            return status;
        }
        if (status != STATUS_OK) note(m, i, &refused);
        exchange_charge(m->x, m->features[i].area.point_count);
    }
    return STATUS_OK;
}

/* ---- the transaction --------------------------------------------------------------------------------------- */

/* What was understood of the file, and what an approver should hear of each before. */
static enum status judge_all(struct import *m, struct json_writer *w, struct error *err)
{
    struct view *view = app_view(m->x->local);
    struct buffer features;
    if (view == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_NO_VIEW_YET);
    buffer_init(&features, ANSWER_MAX);
    enum status status = lint_many(&m->tx, DESK_ZONE, m->judged, m->judged_count, view, m->x->language, &m->arena, &features, err);
    if (status == STATUS_OK) {
        writer_key(w, "features"), writer_raw(w, features.data, features.length);
        writer_key(w, "features_left_out"), writer_integer(w, (int64_t)(m->count - m->judged_count));
    }
    buffer_clear(&features);
    view_release(view);
    return status;
}

static enum status make_all(struct import *m, struct error *err)
{
    struct json_writer w;
    int64_t version = 0;
    writer_init(&w, &m->body);
    writer_open_object(&w);
    writer_key(&w, "zones"), writer_open_array(&w);
    for (size_t i = 0; i < m->count; i++) {
        struct error refused = ERROR_INIT;
        char id[DESK_ID_SIZE];
        enum status status = rule_put_apart(&m->tx, DESK_ZONE, &m->features[i].document, id, &refused);
        if (status_http(status) >= 500) {
            *err = refused;
            return status;
        }
        if (status != STATUS_OK) {
            if (refused.pointer[0]) {
                char below[sizeof refused.pointer];
                snprintf(below, sizeof below, "%s", refused.pointer);
                error_pointer(&refused, "/features/%zu%s", i, below);
            }
            note(m, i, &refused);
        } else if (!m->dry_run) {
            writer_text(&w, id);
        } else if (m->judged_count < JUDGED_MAX) {
            struct lint_one *one = &m->judged[m->judged_count++];
            *one = (struct lint_one){.id = arena_strdup(&m->arena, id), .feature = i};
            if (one->id == NULL) return no_memory(err);
        }
    }
    writer_close_array(&w);
    writer_key(&w, "count"), writer_integer(&w, (int64_t)m->count);
    if (m->dry_run) {
        if (m->refused == 0) TRY(judge_all(m, &w, err));
    } else {
        TRY(load_rules_version(m->tx.pg, &version, err));
        writer_key(&w, "rules_version"), writer_integer(&w, version);
    }
    writer_close_object(&w);
    return m->body.failed ? error_set(err, m->body.failed, MESSAGE_NO_MEMORY) : STATUS_OK;
}

static void reply_refused(struct import *m)
{
    struct error err = ERROR_INIT;
    struct buffer members;
    buffer_init(&members, ANSWER_MAX);
    (void)error_set(&err, STATUS_INVALID, MESSAGE_UPLOAD_REFUSED, m->refused);
    buffer_printf(&members, "\"refused\":%zu,\"errors\":[", m->refused);
    if (m->errors.data) buffer_text(&members, m->errors.data);
    buffer_char(&members, ']');
    exchange_problem_with(m->x, &err, members.failed || m->errors.failed ? NULL : members.data);
    buffer_clear(&members);
}

static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct import m = {.x = x, .setting = handler_setting(x)};
    int epsg;
    arena_init(&m.arena, IMPORT_ARENA_MAX);
    buffer_init(&m.errors, 4 << 20);
    buffer_init(&m.body, ANSWER_MAX);
    m.setting.arena = &m.arena;
    struct desk *desk = exchange_desk(x);
    enum status status = desk && exchange_caller(x) ? STATUS_OK : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) {
        m.actor = rule_actor(x);
        status = read_keys(&m, &epsg, &err);
    }
    if (status == STATUS_OK) status = read_file(&m, epsg, &err);
    if (status == STATUS_OK) status = read_features(&m, &err);
    bool good = status == STATUS_OK && m.refused == 0;
    if (good) status = write_begin(desk->writes, &m.actor, "import", &m.tx, &err);
    if (good && status == STATUS_OK) status = make_all(&m, &err);
    if (status == STATUS_OK && m.refused == 0 && !m.dry_run) status = write_commit(&m.tx, &err);
    write_abort(&m.tx);
    if (status != STATUS_OK) exchange_problem(x, &err);
    else if (m.refused > 0) reply_refused(&m);
    else exchange_reply(x, m.dry_run ? 200 : 201, "application/json", &m.body);
    json_decref(m.document);
    buffer_clear(&m.body);
    buffer_clear(&m.errors);
    arena_clear(&m.arena);
}

void zone_import(struct exchange *x)
{
    exchange_submit(x, work);
}
