#include "api/handlers/jobs.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/export_files.h"
#include "api/handlers/rules.h"
#include "api/plan_keep.h"
#include "data/plans/job_store.h"

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

static void finish_export(struct exchange *x, enum status status, int code, const char *id, struct buffer *out, struct error *err)
{
    if (status == STATUS_OK) status = export_file_read(x, id, out, err);
    if (status == STATUS_OK && code == 201) exchange_header_add(x, "Location", arena_printf(x->arena, "/v1/jobs/%s", id));
    finish(x, status, code, out, err);
}

/* Starts one (`id` NULL) or cancels one. */
static void change(struct exchange *x, const char *id)
{
    struct spool_job wanted = {0};
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct write_actor actor = rule_actor(x);
    const struct plan_reader reader = plan_reader_of(x);
    struct write_tx tx = {0};
    struct buffer out;
    unsigned kind = 0, plans = 0;
    char made[JOB_ID_SIZE];
    buffer_init(&out, ANSWER_MAX);
    enum status status = desk ? STATUS_OK : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (id && export_file_is(id)) {
        finish_export(x, export_file_cancel(x, id, &err), 200, id, &out, &err);
        return;
    }
    if (status == STATUS_OK && id == NULL) status = read_wish(x, &kind, &plans, &wanted, &err);
    if (status == STATUS_OK && id == NULL && kind == KIND_EXPORT) {
        finish_export(x, export_file_start(x, &wanted, &err), 201, wanted.id, &out, &err);
        return;
    }
    if (status == STATUS_OK) status = write_begin_aside(desk->writes, &actor, id ? "cancel" : "start", &tx, &err);
    if (status == STATUS_OK)
        status = id ? job_cancel(&tx, id, &reader, &err) : job_start(tx.pg, kinds[kind], choices[plans], &reader, actor.holder, -1, made, &err);
    if (status == STATUS_OK) status = job_read(tx.pg, id ? id : made, &reader, &out, &err);
    if (status == STATUS_OK) status = write_commit(&tx, &err);
    write_abort(&tx);
    if (status == STATUS_OK && id == NULL) exchange_header_add(x, "Location", arena_printf(x->arena, "/v1/jobs/%s", made));
    finish(x, status, id ? 200 : 201, &out, &err);
}

static void post_work(struct exchange *x)
{
    change(x, NULL);
}

static void cancel_work(struct exchange *x)
{
    change(x, exchange_param(x, "id"));
}

void job_post(struct exchange *x)
{
    exchange_submit(x, post_work);
}

void job_cancel_post(struct exchange *x)
{
    exchange_submit(x, cancel_work);
}
