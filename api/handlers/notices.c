#include "api/handlers/notices.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/rules.h"
#include "api/parse/parse_rule.h"
#include "api/process/write_once.h"
#include "api/trial/places_guard.h"
#include "api/wire/time_text.h"
#include "data/rules/notice_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSURES_MAX = 500 };

/* One notice on its way into drafts. */
struct reading {
    struct exchange *x;
    struct write_tx *tx;
    const char *text;
    size_t length;
    struct notice notice;
    const char *replaces;
    const char *effective, *day; /* range as the database writes it; first day */
    const char *authority, *jurisdiction;
    json_t *not_understood;
    struct {
        char id[DESK_ID_SIZE];
        const struct notice_item *item;
    } *made;
    unsigned made_count;
    struct write_once once;
    struct buffer body;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- the request ------------------------------------------------------------------------------------------- */

static enum status read_request(struct reading *r, const struct json_at *root, struct error *err)
{
    static const char *const members[] = {"text", "from", "until", "authority", "jurisdiction", "replaces", NULL};
    struct arena *arena = r->x->arena;
    struct json_at at;
    int64_t from_ms = time_now_ms() / 1000 * 1000, until_ms = 0;
    TRY(reader_members(root, members, err));
    TRY(reader_require(root, "text", &at, err));
    if (!json_is_string(at.value)) return reader_type(&at, MESSAGE_JSON_TYPE_STRING, err); /* line ends are wanted */
    r->length = json_string_length(at.value);
    r->text = arena_strdup(arena, json_string_value(at.value));
    if (r->text == NULL) return no_memory(err);
    if (r->length == 0) return reader_text(&at, 1, NOTICE_BYTES_MAX, &r->authority, err);
    if (strlen(r->text) != r->length) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_CONTROL, "text");
        return reader_here(&at, err);
    }
    enum status status = notice_read(r->text, r->length, arena, &r->notice, err);
    if (status != STATUS_OK) {
        (void)reader_here(&at, err);
        return status;
    }
    if (reader_find(root, "from", &at)) TRY(reader_time(&at, &from_ms, err));
    bool has_until = reader_find(root, "until", &at);
    if (has_until) TRY(reader_time(&at, &until_ms, err));
    if (has_until && until_ms <= from_ms) {
        error_set(err, STATUS_INVALID, MESSAGE_VALIDITY_ORDER);
        return reader_here(&at, err);
    }
    if (reader_find(root, "authority", &at)) TRY(reader_text_dup(&at, 1, 300, arena, &r->authority, err));
    if (reader_find(root, "jurisdiction", &at)) TRY(reader_text_dup(&at, 6, 20, arena, &r->jurisdiction, err));
    if (reader_find(root, "replaces", &at)) TRY(reader_text_dup(&at, 1, DESK_ID_SIZE - 1, arena, &r->replaces, err));
    char from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE] = "";
    time_format(from_ms, from);
    if (has_until) time_format(until_ms, until);
    r->effective = arena_printf(arena, has_until ? "[\"%s\",\"%s\")" : "[\"%s\",)", from, until);
    r->day = arena_printf(arena, "%.10s", from);
    return r->effective && r->day ? STATUS_OK : no_memory(err);
}

/* ---- what was not understood ------------------------------------------------------------------------------- */

static enum status doubt(struct reading *r, struct notice_span span, const char *reason, struct error *err)
{
    json_t *entry = json_pack("{s:i, s:i, s:s}", "begin", (int)span.begin, "end", (int)span.end, "reason", reason);
    if (entry == NULL || json_array_append_new(r->not_understood, entry) != 0) return no_memory(err);
    return STATUS_OK;
}

/* ---- closures ---------------------------------------------------------------------------------------------- */

static const char *words(const struct reading *r, struct notice_span span)
{
    return arena_printf(r->x->arena, "%.*s", (int)(span.end - span.begin), r->text + span.begin);
}

static enum status make_closure(struct reading *r, const struct notice_item *item, const struct notice_place *place,
                                const char *action, const char *subject, struct error *err)
{
    bool single = strcmp(place->from, place->to) == 0;
    const char *said = words(r, item->item), *cause = words(r, item->cause), *towards = words(r, item->towards);
    if (r->made_count == CLOSURES_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_NOTICE_ITEMS, CLOSURES_MAX);
    if (said == NULL || cause == NULL || towards == NULL) return no_memory(err);
    const char *name = arena_printf(r->x->arena, "%s %s %s", place->route, said, action[1] == 'n' ? "禁止上站" : "禁止下站");
    /* a closure of stations cannot say a direction: the drawer must see that it acts on both */
    const char *note = item->towards.end > item->towards.begin
                           ? arena_printf(r->x->arena, "公告限往%s方向，本管制对两个方向生效，请人工核定", towards) : NULL;
    json_t *columns = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s*, s:s, s:s*, s:s*, s:s*}", "name", name ? name : "", "cause",
                                cause[0] ? cause : "-", "action", action, "object", single ? "toll_station" : "toll_station_range",
                                "route", place->route, "from_station", place->from, "to_station", single ? NULL : place->to,
                                "effective", r->effective, "authority", r->authority, "jurisdiction",
                                r->jurisdiction ? r->jurisdiction : r->tx->actor->scope, "note", note);
    if (columns && subject) json_object_set_new(columns, "subject", json_pack("{s:b}", subject, 1));
    char *text = columns ? json_dumps(columns, JSON_COMPACT) : NULL;
    json_decref(columns);
    if (text == NULL) return no_memory(err);
    const struct rule_document document = {.columns = text, .jurisdiction = r->jurisdiction};
    enum status status = rule_put(r->tx, DESK_CLOSURE, NULL, &document, r->made[r->made_count].id, err);
    free(text);
    r->made[r->made_count++].item = item;
    if (status != STATUS_OK && strcmp(err->pointer, "/properties/jurisdiction") == 0) error_pointer(err, "/jurisdiction");
    return status;
}

/* One draft for each pair of what is forbidden and to whom. */
static enum status make_item(struct reading *r, const struct notice_item *item, struct error *err)
{
    static const struct {
        unsigned scope;
        const char *subject;
    } subjects[] = {{NOTICE_LORRIES, "lorry"}, {NOTICE_HAZMAT, "hazmat"}};
    static const struct {
        unsigned action;
        const char *name;
    } actions[] = {{NOTICE_ENTRY, "entry_ban"}, {NOTICE_EXIT, "exit_ban"}};
    struct notice_place place;
    TRY(notice_resolve(r->tx, r->text, item, r->day, &place, err));
    if (!place.road_known) return doubt(r, item->road, "road_unknown", err);
    if (!place.from_known) TRY(doubt(r, item->from, "station_unknown", err));
    if (!place.to_known && item->to.begin != item->from.begin) TRY(doubt(r, item->to, "station_unknown", err));
    if (!place.from_known || !place.to_known) return STATUS_OK;
    if ((item->scope & (NOTICE_ALL_VEHICLES | NOTICE_LORRIES | NOTICE_HAZMAT)) == 0)
        return doubt(r, item->item, "buses_only", err); /* understood, and no matter for freight */
    for (size_t a = 0; a < sizeof actions / sizeof *actions; a++) {
        if ((item->action & actions[a].action) == 0) continue;
        if (item->scope & NOTICE_ALL_VEHICLES) {
            TRY(make_closure(r, item, &place, actions[a].name, NULL, err));
            continue;
        }
        for (size_t s = 0; s < sizeof subjects / sizeof *subjects; s++)
            if (item->scope & subjects[s].scope)
                TRY(make_closure(r, item, &place, actions[a].name, subjects[s].subject, err));
    }
    return STATUS_OK;
}

static enum status make_all(void *context, struct error *err)
{
    struct reading *r = context;
    static const char *const doubts[] = {[NOTICE_NO_HEAD] = "no_head", [NOTICE_HEAD_UNCLEAR] = "head_unclear",
                                         [NOTICE_LINE_UNCLEAR] = "line_unclear", [NOTICE_ITEM_UNCLEAR] = "item_unclear"};
    char notice[DESK_ID_SIZE];
    r->made = arena_zero(r->x->arena, CLOSURES_MAX, sizeof *r->made);
    if (r->made == NULL) return no_memory(err);
    for (uint32_t i = 0; i < r->notice.rest_count; i++)
        TRY(doubt(r, r->notice.rest[i].span, doubts[r->notice.rest[i].doubt], err));
    for (uint32_t i = 0; i < r->notice.item_count; i++) TRY(make_item(r, &r->notice.items[i], err));
    char *not_understood = json_dumps(r->not_understood, JSON_COMPACT);
    if (not_understood == NULL) return no_memory(err);
    enum status status = notice_create(r->tx, r->text, r->replaces, not_understood, notice, err);
    free(not_understood);
    for (unsigned i = 0; status == STATUS_OK && i < r->made_count; i++)
        status = notice_link(r->tx, notice, r->made[i].id, r->made[i].item, err);
    if (status != STATUS_OK) return status;
    snprintf(r->once.answer.object, sizeof r->once.answer.object, "%s", notice);
    r->once.answer.status = 201;
    return notice_read_json(r->tx->pg, notice, r->tx->actor->scope, &r->body, err);
}

static void post_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct write_tx tx = {0};
    struct write_actor actor;
    struct reading r = {.x = x, .tx = &tx, .not_understood = json_array()};
    json_t *document = NULL;
    buffer_init(&r.body, ANSWER_MAX);
    enum status status = r.not_understood ? STATUS_OK : no_memory(&err);
    if (status == STATUS_OK && (desk == NULL || exchange_caller(x) == NULL))
        status = error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = write_once_key(x, &r.once, &err);
    if (status == STATUS_OK) status = reader_parse(x->body, x->body_length, &document, &err);
    if (status == STATUS_OK) status = read_request(&r, &(struct json_at){.value = document}, &err);
    if (status == STATUS_OK) {
        actor = rule_actor(x);
        status = write_begin(desk->writes, &actor, "create", &tx, &err);
    }
    if (status == STATUS_OK) status = write_once_transact(x, &r.once, &tx, false, make_all, &r, &r.body, &err);
    if (status == STATUS_OK) write_once_reply(x, &r.once, "/v1/notices", "application/json", &r.body);
    else exchange_problem(x, &err);
    json_decref(document);
    json_decref(r.not_understood);
    buffer_clear(&r.body);
}

void notice_post(struct exchange *x)
{
    exchange_submit(x, post_work);
}

/* ---- reading and acting ------------------------------------------------------------------------------------ */

static void get_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct pg *pg = NULL;
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    const struct caller *caller = exchange_caller(x);
    buffer_init(&out, ANSWER_MAX);
    enum status status = pool ? read_pool_take(pool, &pg, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) {
        status = notice_read_json(pg, exchange_param(x, "id"), caller->key.county[0] ? caller->key.county : NULL, &out, &err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void notice_get(struct exchange *x)
{
    exchange_submit(x, get_work);
}

/* An act on a notice on its way through. */
struct errand {
    struct exchange *x;
    const char *id;
    enum desk_act act;
    struct rule_words said;
    struct write_actor actor;
    struct write_tx tx;
    struct write_once once;
    struct buffer body;
};

/* All closures of the notice at once, as the guard tries it. */
static enum status try_approve(void *context, struct write_tx *tx, struct error *err)
{
    const struct errand *e = context;
    return notice_act_on(tx, e->id, DESK_APPROVE, &e->said, err);
}

static enum status act_and_describe(void *context, struct error *err)
{
    struct errand *e = context;
    TRY(notice_act_on(&e->tx, e->id, e->act, &e->said, err));
    snprintf(e->once.answer.object, sizeof e->once.answer.object, "%s", e->id);
    e->once.answer.status = 200;
    return notice_read_json(e->tx.pg, e->id, e->actor.scope, &e->body, err);
}

static void act(struct exchange *x, enum desk_act act_)
{
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct errand e = {.x = x, .id = exchange_param(x, "id"), .act = act_};
    json_t *document = NULL;
    buffer_init(&e.body, ANSWER_MAX);
    enum status status = STATUS_OK;
    if (desk == NULL || exchange_caller(x) == NULL) {
        status = error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    } else {
        e.actor = rule_actor(x);
        status = write_once_key(x, &e.once, &err);
    }
    if (status == STATUS_OK && (act_ == DESK_APPROVE || x->body_length > 0)) {
        status = reader_parse(x->body, x->body_length, &document, &err);
        if (status == STATUS_OK)
            status = parse_rule_words(&(struct json_at){.value = document}, act_, x->arena, &e.said, &err);
    }
    if (status == STATUS_OK && act_ == DESK_APPROVE && e.said.force_reason == NULL)
        status = places_guard(x, &e.actor, desk_act_name(act_), try_approve, &e, &err);
    if (status == STATUS_OK) status = write_begin(desk->writes, &e.actor, desk_act_name(act_), &e.tx, &err);
    if (status == STATUS_OK) status = write_once_transact(x, &e.once, &e.tx, false, act_and_describe, &e, &e.body, &err);
    if (status == STATUS_OK) write_once_reply(x, &e.once, "/v1/notices", "application/json", &e.body);
    else exchange_problem(x, &err);
    json_decref(document);
    buffer_clear(&e.body);
}

HANDLER_ON_WORKER(notice_submit, act, DESK_SUBMIT)
HANDLER_ON_WORKER(notice_approve, act, DESK_APPROVE)
HANDLER_ON_WORKER(notice_lift, act, DESK_LIFT)
