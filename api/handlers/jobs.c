#include "api/handlers/jobs.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/export_files.h"
#include "api/handlers/rules.h"
#include "api/plan_keep.h"
#include "api/process/write_once.h"
#include "data/plans/job_store.h"

#include <stdio.h>
#include <string.h>

const char *const job_result_keys[] = {"limit", "cursor", NULL};

enum { RESULTS_DEFAULT = 200, RESULTS_MAX = 1000 };

static void finish(struct exchange *x, enum status status, int code, struct buffer *out, const struct error *err)
{
    if (status == STATUS_OK) exchange_reply(x, code, "application/json", out);
    else exchange_problem(x, err);
    buffer_clear(out);
}

/* ---- reading ----------------------------------------------------------------------------------------------- */

enum { KIND_EXPORT = 2 };

enum reading { READ_LIST, READ_ONE, READ_RESULTS };

static void read_some(struct exchange *x, enum reading what)
{
    struct error err = ERROR_INIT;
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    const struct plan_reader reader = plan_reader_of(x);
    struct buffer out;
    struct pg *pg = NULL;
    unsigned limit = 0;
    buffer_init(&out, ANSWER_MAX);
    if (what == READ_ONE && export_file_is(exchange_param(x, "id"))) {
        finish(x, export_file_read(x, exchange_param(x, "id"), &out, &err), 200, &out, &err);
        return;
    }
    enum status status = pool ? handler_limit(x, RESULTS_DEFAULT, RESULTS_MAX, &limit, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = read_pool_take(pool, &pg, &err);
    if (status == STATUS_OK) {
        status = what == READ_LIST  ? job_list(pg, &reader, &out, &err)
                 : what == READ_ONE ? job_read(pg, exchange_param(x, "id"), &reader, &out, &err)
                                    : job_results(pg, exchange_param(x, "id"), &reader, exchange_query(x, "cursor"), limit, &out, &err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK && what == READ_LIST) status = export_files_list(x, &out, &err);
    finish(x, status, 200, &out, &err);
}

static void list_work(struct exchange *x)
{
    read_some(x, READ_LIST);
}

static void one_work(struct exchange *x)
{
    read_some(x, READ_ONE);
}

static void results_work(struct exchange *x)
{
    read_some(x, READ_RESULTS);
}

void jobs_get(struct exchange *x)
{
    exchange_submit(x, list_work);
}

void job_get(struct exchange *x)
{
    exchange_submit(x, one_work);
}

void job_results_get(struct exchange *x)
{
    exchange_submit(x, results_work);
}

/* ---- starting and cancelling ------------------------------------------------------------------------------- */

static const char *const kinds[] = {"check", "replan", "export", NULL}, *const choices[] = {"due", "all", NULL};

static enum status read_wish(struct exchange *x, unsigned *kind, unsigned *plans, struct spool_job *wanted, struct error *err)
{
    static const char *const members[] = {"kind", "plans", NULL};
    struct json_at at;
    json_t *document;
    *kind = *plans = 0;
    TRY(reader_parse(x->body, x->body_length, &document, err));
    struct json_at root = {.value = document};
    const char *name = json_string_value(json_object_get(document, "kind"));
    bool is_export = name && strcmp(name, kinds[KIND_EXPORT]) == 0;
    enum status status = is_export ? export_file_wish(x, &root, wanted, err) : reader_members(&root, members, err);
    if (status == STATUS_OK) status = reader_require(&root, "kind", &at, err);
    if (status == STATUS_OK) status = reader_choice(&at, kinds, kind, err);
    if (status == STATUS_OK && reader_find(&root, "plans", &at)) status = reader_choice(&at, choices, plans, err);
    json_decref(document);
    return status;
}

/* A job on its way. */
struct errand {
    struct exchange *x;
    struct desk *desk;
    struct write_actor actor;
    struct plan_reader reader;
    struct write_tx tx;
    struct write_once once;
    struct spool_job wanted; /* of an export */
    unsigned kind, plans;
    struct buffer body;
};

/* The file of an export is made beside the database: it is begun last, so that a key whose answer is not kept has begun none or, at
 * the worst, one that nobody asks for. */
static enum status start(void *context, struct error *err)
{
    struct errand *e = context;
    struct kept_answer *answer = &e->once.answer;
    char made[JOB_ID_SIZE];
    answer->status = 201;
    if (e->kind == KIND_EXPORT) {
        TRY(export_file_start(e->x, &e->wanted, err));
        snprintf(answer->object, sizeof answer->object, "%s", e->wanted.id);
        return export_file_read(e->x, e->wanted.id, &e->body, err);
    }
    TRY(job_start(e->tx.pg, kinds[e->kind], choices[e->plans], &e->reader, e->actor.holder, -1, made, err));
    snprintf(answer->object, sizeof answer->object, "%s", made);
    return job_read(e->tx.pg, made, &e->reader, &e->body, err);
}

static enum status begin(struct errand *e, const char *act, struct error *err)
{
    e->desk = exchange_desk(e->x);
    e->actor = rule_actor(e->x);
    e->reader = plan_reader_of(e->x);
    if (e->desk == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    return write_begin_aside(e->desk->writes, &e->actor, act, &e->tx, err);
}

static void post_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct errand e = {.x = x};
    buffer_init(&e.body, ANSWER_MAX);
    enum status status = write_once_key(x, &e.once, &err);
    if (status == STATUS_OK) status = read_wish(x, &e.kind, &e.plans, &e.wanted, &err);
    if (status == STATUS_OK) status = begin(&e, "start", &err);
    if (status == STATUS_OK) status = write_once_transact(x, &e.once, &e.tx, false, start, &e, &e.body, &err);
    if (status == STATUS_OK) write_once_reply(x, &e.once, "/v1/jobs", "application/json", &e.body);
    else exchange_problem(x, &err);
    buffer_clear(&e.body);
}

static void cancel_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct errand e = {.x = x};
    const char *id = exchange_param(x, "id");
    enum status status;
    buffer_init(&e.body, ANSWER_MAX);
    if (export_file_is(id)) {
        status = export_file_cancel(x, id, &err);
        if (status == STATUS_OK) status = export_file_read(x, id, &e.body, &err);
    } else {
        status = begin(&e, "cancel", &err);
        if (status == STATUS_OK) status = job_cancel(&e.tx, id, &e.reader, &err);
        if (status == STATUS_OK) status = job_read(e.tx.pg, id, &e.reader, &e.body, &err);
        if (status == STATUS_OK) status = write_commit(&e.tx, &err);
        write_abort(&e.tx);
    }
    finish(x, status, 200, &e.body, &err);
}

void job_post(struct exchange *x)
{
    exchange_submit(x, post_work);
}

void job_cancel_post(struct exchange *x)
{
    exchange_submit(x, cancel_work);
}
