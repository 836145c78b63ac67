#include "api/handlers/rules.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/parse/parse_rule.h"
#include "api/process/write_once.h"
#include "api/trial/lint.h"
#include "api/trial/places_guard.h"
#include "data/rules/load_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const dry_run_keys[] = {"dry_run", NULL};

enum desk_kind rule_kind_of(const struct exchange *x)
{
    const char *segment = x->target->segment_count > 1 ? x->target->segment[1] : "";
    return strcmp(segment, "checkpoints") == 0 ? DESK_CHECKPOINT : strcmp(segment, "closures") == 0 ? DESK_CLOSURE : DESK_ZONE;
}

struct write_actor rule_actor(const struct exchange *x)
{
    const struct caller *caller = exchange_caller(x);
    return (struct write_actor){.id = caller->key.id, .holder = caller->key.holder, .role = caller->key.role,
                                .scope = caller->key.county[0] ? caller->key.county : NULL, .request = x->request_id};
}

/* One write on its way through. */
struct errand {
    struct exchange *x;
    enum desk_kind kind;
    enum desk_act act;
    bool dry_run;
    const char *id;          /* of the path, or NULL for a new one */
    struct rule_feature_in in;
    struct rule_words words;
    struct write_actor actor;
    struct write_tx tx;
    struct buffer body;
    struct write_once once;
    const char *place; /* GeoJSON of where the geometry is wrong, or NULL */
};

/* ---- before the transaction -------------------------------------------------------------------------------- */

/* Only for plain degrees: others would need to be converted. */
const char *rule_error_place(json_t *document, const struct error *err, struct arena *arena)
{
    if (err->status != STATUS_INVALID_GEOMETRY || json_object_get(document, "crs")) return NULL;
    json_t *at = document;
    for (const char *p = err->pointer; *p == '/' && at;) {
        char token[64];
        size_t length = strcspn(p + 1, "/");
        snprintf(token, sizeof token, "%.*s", (int)length, p + 1);
        at = json_is_array(at) ? json_array_get(at, strtoul(token, NULL, 10)) : json_object_get(at, token);
        p += 1 + length;
    }
    json_t *lon = json_array_get(at, 0), *lat = json_array_get(at, 1);
    if (!json_is_number(lon) || !json_is_number(lat)) return NULL;
    return arena_printf(arena, "{\"type\":\"Point\",\"coordinates\":[%.7f,%.7f]}", json_number_value(lon), json_number_value(lat));
}

static enum status read_body(struct errand *e, struct error *err)
{
    struct exchange *x = e->x;
    bool feature = e->act == DESK_CREATE || e->act == DESK_REPLACE;
    if (e->act == DESK_DELETE || (!feature && e->act != DESK_APPROVE && x->body_length == 0)) return STATUS_OK;
    json_t *document;
    TRY(reader_parse(x->body, x->body_length, &document, err));
    struct json_at root = {.value = document};
    struct parse_setting setting = handler_setting(x);
    enum status status = feature ? parse_rule(&root, e->kind, e->actor.scope, &setting, &e->in, err)
                                 : parse_rule_words(&root, e->act, x->arena, &e->words, err);
    if (status != STATUS_OK) e->place = rule_error_place(document, err, x->arena);
    json_decref(document);
    if (status == STATUS_OK) exchange_charge(x, e->in.area.point_count);
    return status;
}

static enum status read_head(struct errand *e, struct error *err)
{
    const char *dry = exchange_query(e->x, "dry_run");
    if (dry && strcmp(dry, "true") != 0 && strcmp(dry, "false") != 0) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_TYPE_BOOLEAN, "dry_run");
        error_pointer(err, "/dry_run");
        return STATUS_INVALID;
    }
    e->dry_run = dry && strcmp(dry, "true") == 0;
    if (e->dry_run) return STATUS_OK;
    return write_once_key(e->x, &e->once, err);
}

/* ---- inside it --------------------------------------------------------------------------------------------- */

static enum status act(struct errand *e, struct error *err)
{
    char made[DESK_ID_SIZE];
    if (e->id) {
        struct desk_state state;
        TRY(rule_look(&e->tx, e->kind, e->id, &state, err));
        TRY(exchange_if_match(e->x, state.tag, err));
        TRY(rule_may(&state, e->kind, e->act, err));
    }
    if (e->act == DESK_CREATE || e->act == DESK_REPLACE) {
        TRY(rule_put(&e->tx, e->kind, e->id, &e->in.document, made, err));
        e->id = arena_strdup(e->x->arena, made);
        if (e->id == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    } else {
        TRY(rule_act(&e->tx, e->kind, e->id, e->act, &e->words, err));
    }
    snprintf(e->once.answer.object, sizeof e->once.answer.object, "%s", e->id);
    return STATUS_OK;
}

/* The act as the guard tries it: what it would do to the rules, not to this errand. */
static enum status try_act(void *context, struct write_tx *tx, struct error *err)
{
    const struct errand *e = context;
    struct desk_state state;
    TRY(rule_look(tx, e->kind, e->id, &state, err));
    TRY(rule_may(&state, e->kind, e->act, err));
    return rule_act(tx, e->kind, e->id, e->act, &e->words, err);
}

/* What begins to bind may cut a place off, and so may a checkpoint that is taken away. */
static bool is_guarded(const struct errand *e)
{
    return e->words.force_reason == NULL && (e->act == DESK_APPROVE || (e->act == DESK_LIFT && e->kind == DESK_CHECKPOINT));
}

static enum status describe(struct errand *e, struct error *err)
{
    e->once.answer.status = e->act == DESK_CREATE && !e->dry_run ? 201 : 200;
    if (e->dry_run) {
        struct app_local *local = e->x->local;
        struct view *view = app_view(local);
        enum status status = lint(&e->tx, e->kind, e->id, view, e->x->language, e->x->arena, &e->body, err);
        if (view) view_release(view);
        return status;
    }
    if (e->act == DESK_DELETE) {
        int64_t version = 0;
        enum status status = load_rules_version(e->tx.pg, &version, err);
        if (status == STATUS_OK) buffer_printf(&e->body, "{\"rules_version\":%lld}", (long long)version);
        return status;
    }
    const struct rule_reader reader = {.desk = true, .scope = e->actor.scope};
    return rule_feature(e->tx.pg, e->kind, e->id, &reader, -1, &e->body, e->once.answer.tag, err);
}

static enum status act_and_describe(void *context, struct error *err)
{
    struct errand *e = context;
    TRY(act(e, err));
    return describe(e, err);
}

static void answer(struct errand *e)
{
    bool feature = e->act != DESK_DELETE && !e->dry_run;
    const char *folder = arena_printf(e->x->arena, "/v1/%ss", desk_kind_name(e->kind));
    write_once_reply(e->x, &e->once, folder, feature ? "application/geo+json" : "application/json", &e->body);
}

/* A dry run answers what it was asked: what is wrong with the drawing is its finding. */
static void refuse(struct errand *e, const struct error *err)
{
    struct exchange *x = e->x;
    if (e->dry_run && (err->status == STATUS_INVALID_GEOMETRY || err->status == STATUS_ABOVE_CEILING)) {
        buffer_reset(&e->body);
        lint_refused(err, x->language, e->place, &e->body);
        exchange_reply(x, 200, "application/json", &e->body);
    } else {
        exchange_problem_with(x, err, e->place ? arena_printf(x->arena, "\"place\":%s", e->place) : NULL);
    }
}

static void run(struct exchange *x, enum desk_act act_)
{
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct errand e = {.x = x, .kind = rule_kind_of(x), .act = act_, .id = act_ == DESK_CREATE ? NULL : exchange_param(x, "id")};
    buffer_init(&e.body, ANSWER_MAX);
    enum status status = STATUS_OK;
    if (desk == NULL || exchange_caller(x) == NULL) {
        status = error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    } else {
        e.actor = rule_actor(x);
        status = read_head(&e, &err);
    }
    if (status == STATUS_OK) status = read_body(&e, &err);
    if (status == STATUS_OK && is_guarded(&e)) status = places_guard(x, &e.actor, desk_act_name(act_), try_act, &e, &err);
    if (status == STATUS_OK) status = write_begin(desk->writes, &e.actor, desk_act_name(e.act), &e.tx, &err);
    if (status == STATUS_OK) status = write_once_transact(x, &e.once, &e.tx, e.dry_run, act_and_describe, &e, &e.body, &err);
    if (status == STATUS_OK) answer(&e);
    else refuse(&e, &err);
    buffer_clear(&e.body);
}

/* ---- on workers, because the database is waited for ----------------------------------------------------------- */

HANDLER_ON_WORKER(rule_create, run, DESK_CREATE)
HANDLER_ON_WORKER(rule_replace, run, DESK_REPLACE)
HANDLER_ON_WORKER(rule_delete, run, DESK_DELETE)
HANDLER_ON_WORKER(rule_submit, run, DESK_SUBMIT)
HANDLER_ON_WORKER(rule_approve, run, DESK_APPROVE)
HANDLER_ON_WORKER(rule_reject, run, DESK_REJECT)
HANDLER_ON_WORKER(rule_lift, run, DESK_LIFT)
