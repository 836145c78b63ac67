#include "api/handlers/counties.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/rules.h"
#include "api/parse/parse_county.h"
#include "api/process/write_once.h"
#include "api/trial/drill.h"
#include "api/trial/places_guard.h"
#include "data/rules/load_rules.h"

#include <stdio.h>
#include <string.h>

const char *const county_list_keys[] = {"county", "state", "limit", "cursor", NULL};

/* ---- reading ----------------------------------------------------------------------------------------------- */

static enum status read_one(struct exchange *x, struct pg *pg, const char *scope, struct buffer *out, char *tag, struct error *err)
{
    return county_read(pg, exchange_param(x, "id"), scope, out, tag, err);
}

static enum status read_list(struct exchange *x, struct pg *pg, const char *scope, struct buffer *out, char *tag, struct error *err)
{
    unsigned limit;
    TRY(handler_limit(x, 100, 1000, &limit, err));
    tag[0] = '\0';
    return county_list(pg, scope, exchange_query(x, "county"), exchange_query(x, "state"), exchange_query(x, "cursor"), limit, out, err);
}

static void read_by(struct exchange *x, enum status (*how)(struct exchange *x, struct pg *pg, const char *scope, struct buffer *out,
                                                           char *tag, struct error *err))
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct pg *pg = NULL;
    char tag[DESK_TAG_SIZE];
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    const struct caller *caller = exchange_caller(x);
    buffer_init(&out, ANSWER_MAX);
    enum status status = pool && caller ? read_pool_take(pool, &pg, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) {
        status = how(x, pg, caller->key.county[0] ? caller->key.county : NULL, &out, tag, &err);
        read_pool_give(pool, pg);
    }
    if (status != STATUS_OK) exchange_problem(x, &err);
    else if (!tag[0] || !exchange_not_modified(x, tag)) exchange_reply(x, 200, "application/json", &out);
    buffer_clear(&out);
}

static void one_work(struct exchange *x)
{
    read_by(x, read_one);
}

static void list_work(struct exchange *x)
{
    read_by(x, read_list);
}

void county_plan_read(struct exchange *x)
{
    exchange_submit(x, one_work);
}

void counties_read(struct exchange *x)
{
    exchange_submit(x, list_work);
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

/* One write on its way through. */
struct errand {
    struct exchange *x;
    const char *id;       /* of the path, or NULL for a new plan */
    const char *document; /* a plan, or NULL */
    struct county_words words;
    struct write_actor actor;
    struct write_tx tx;
    struct parse_setting setting;
    enum county_act act;
    struct write_once once;
    struct buffer body;
};

static enum status open_errand(struct errand *e, struct exchange *x, struct error *err)
{
    *e = (struct errand){.x = x, .setting = handler_setting(x)};
    buffer_init(&e->body, ANSWER_MAX);
    if (exchange_desk(x) == NULL || exchange_caller(x) == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    e->actor = rule_actor(x);
    return write_once_key(x, &e->once, err);
}

/* Reads the body with `parse`, which keeps nothing of the document. */
static enum status read_plan(struct errand *e, struct error *err)
{
    json_t *document = NULL;
    TRY(reader_parse(e->x->body, e->x->body_length, &document, err));
    enum status status = parse_county(&(struct json_at){.value = document}, e->actor.scope, &e->setting, &e->document, err);
    json_decref(document);
    return status;
}

static enum status read_words(struct errand *e, bool documented, bool switching, struct error *err)
{
    json_t *document = NULL;
    if (e->x->body_length == 0 && !documented) return STATUS_OK;
    TRY(reader_parse(e->x->body, e->x->body_length, &document, err));
    enum status status = parse_county_words(&(struct json_at){.value = document}, documented, switching, &e->setting, &e->words, err);
    json_decref(document);
    return status;
}

static enum status look(struct errand *e, struct error *err)
{
    char tag[DESK_TAG_SIZE];
    if (e->id == NULL) return STATUS_OK;
    TRY(county_look(&e->tx, e->id, tag, err));
    return exchange_if_match(e->x, tag, err);
}

static enum status put_and_describe(void *context, struct error *err)
{
    struct errand *e = context;
    TRY(look(e, err));
    TRY(county_put(&e->tx, e->id, e->document, e->once.answer.object, err));
    e->once.answer.status = e->id ? 200 : 201;
    return county_read(e->tx.pg, e->once.answer.object, e->actor.scope, &e->body, e->once.answer.tag, err);
}

/* The transaction of an errand, and its answer. */
static void close_errand(struct errand *e, enum status status, const char *act, enum status (*act_and_describe)(void *context, struct error *err),
                         struct error *err)
{
    struct exchange *x = e->x;
    if (status == STATUS_OK) status = write_begin(exchange_desk(x)->writes, &e->actor, act, &e->tx, err);
    if (status == STATUS_OK) status = write_once_transact(x, &e->once, &e->tx, false, act_and_describe, e, &e->body, err);
    if (status == STATUS_OK) write_once_reply(x, &e->once, "/v1/county-plans", "application/json", &e->body);
    else exchange_problem(x, err);
    buffer_clear(&e->body);
}

static void put(struct exchange *x, const char *id)
{
    struct error err = ERROR_INIT;
    struct errand e;
    enum status status = open_errand(&e, x, &err);
    e.id = id;
    if (status == STATUS_OK) status = read_plan(&e, &err);
    close_errand(&e, status, id ? "replace" : "create", put_and_describe, &err);
}

/* The whole switch, as the guard tries it. */
static enum status try_activate(void *context, struct write_tx *tx, struct error *err)
{
    const struct errand *e = context;
    char tag[DESK_TAG_SIZE];
    TRY(county_look(tx, e->id, tag, err));
    return county_act_on(tx, e->id, COUNTY_ACTIVATE, &e->words, err);
}

static enum status act_and_describe(void *context, struct error *err)
{
    struct errand *e = context;
    int64_t version = 0;
    TRY(look(e, err));
    TRY(county_act_on(&e->tx, e->id, e->act, &e->words, err));
    snprintf(e->once.answer.object, sizeof e->once.answer.object, "%s", e->id);
    e->once.answer.status = 200;
    if (e->act != COUNTY_DELETE) return county_read(e->tx.pg, e->id, e->actor.scope, &e->body, e->once.answer.tag, err);
    TRY(load_rules_version(e->tx.pg, &version, err));
    buffer_printf(&e->body, "{\"rules_version\":%lld}", (long long)version);
    return STATUS_OK;
}

static void act(struct exchange *x, enum county_act act_)
{
    struct error err = ERROR_INIT;
    struct errand e;
    bool switching = act_ == COUNTY_ACTIVATE || act_ == COUNTY_STAND_DOWN;
    enum status status = open_errand(&e, x, &err);
    e.id = exchange_param(x, "id");
    e.act = act_;
    if (status == STATUS_OK && act_ != COUNTY_DELETE) status = read_words(&e, switching || act_ == COUNTY_APPROVE, switching, &err);
    if (status == STATUS_OK && act_ == COUNTY_ACTIVATE && e.words.said.force_reason == NULL)
        status = places_guard(x, &e.actor, county_act_name(act_), try_activate, &e, &err);
    close_errand(&e, status, county_act_name(act_), act_and_describe, &err);
}

/* ---- the drill --------------------------------------------------------------------------------------------- */

static void drill_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct errand e;
    struct drill *drill = NULL;
    struct view *view = NULL;
    struct rules_hold hold = RULES_HOLD_ANY;
    enum status status = open_errand(&e, x, &err);
    e.id = exchange_param(x, "id");
    if (status == STATUS_OK) status = read_words(&e, false, true, &err);
    if (status == STATUS_OK && (view = handler_view_on_worker(x, &hold)) == NULL) {
        buffer_clear(&e.body);
        return; /* answered */
    }
    if (status == STATUS_OK) status = write_begin(exchange_desk(x)->writes, &e.actor, "drill", &e.tx, &err);
    if (status == STATUS_OK) status = look(&e, &err);
    struct county_words words = e.words;
    words.said.authority = words.said.authority ? words.said.authority : "演练"; /* undone with the transaction */
    words.said.document_no = words.said.document_no ? words.said.document_no : "演练";
    if (status == STATUS_OK) status = drill_new(&e.tx, e.id, &words, view, &e.setting, &drill, &err);
    write_abort(&e.tx);
    if (status == STATUS_OK) status = drill_write(drill, x->local, handler_cancelled(x), &e.body, &err);
    drill_free(drill);
    if (view) view_release(view);
    /* that it was drilled is a fact of its own, noted when the drill is over */
    if (status == STATUS_OK) status = write_begin(exchange_desk(x)->writes, &e.actor, "drill", &e.tx, &err);
    if (status == STATUS_OK) status = county_note_drill(&e.tx, e.id, &e.words, &err);
    if (status == STATUS_OK) status = write_commit(&e.tx, &err);
    write_abort(&e.tx);
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &e.body);
    else exchange_problem(x, &err);
    buffer_clear(&e.body);
}

void county_drill(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, drill_work);
}

/* ---- on workers, because the database is waited for ----------------------------------------------------------- */

static void create_work(struct exchange *x)
{
    put(x, NULL);
}

static void replace_work(struct exchange *x)
{
    put(x, exchange_param(x, "id"));
}

void county_create(struct exchange *x)
{
    exchange_submit(x, create_work);
}

void county_replace(struct exchange *x)
{
    exchange_submit(x, replace_work);
}

HANDLER_ON_WORKER(county_delete, act, COUNTY_DELETE)
HANDLER_ON_WORKER(county_submit, act, COUNTY_SUBMIT)
HANDLER_ON_WORKER(county_approve, act, COUNTY_APPROVE)
HANDLER_ON_WORKER(county_reject, act, COUNTY_REJECT)
HANDLER_ON_WORKER(county_retire, act, COUNTY_RETIRE)
HANDLER_ON_WORKER(county_activate, act, COUNTY_ACTIVATE)
HANDLER_ON_WORKER(county_stand_down, act, COUNTY_STAND_DOWN)
