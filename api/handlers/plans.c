#include "api/handlers/plans.h"

#include "api/desk.h"
#include "api/encode/encode_offence.h"
#include "api/handlers/common.h"
#include "api/handlers/route.h"
#include "api/handlers/rules.h"
#include "api/plan_keep.h"
#include "api/public_url.h"
#include "api/wire/time_text.h"
#include "data/pg/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const plan_list_keys[] = {"state", "limit", "cursor", NULL};
const char *const plan_check_keys[] = {"at", NULL};

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000, PAST_MS = 60000 /* clocks differ */ };

/* ---- reading ----------------------------------------------------------------------------------------------- */

static enum status bad_key(const char *key, enum message message, struct error *err)
{
    error_set(err, STATUS_INVALID, message, key);
    error_pointer(err, "/%s", key);
    return STATUS_INVALID;
}

static enum status filter_read(const struct exchange *x, struct plan_filter *filter, struct error *err)
{
    static const char *const states[] = {"active", "broken", "replaced"};
    *filter = (struct plan_filter){.state = exchange_query(x, "state"), .before = exchange_query(x, "cursor")};
    bool known = filter->state == NULL;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) known |= filter->state && strcmp(filter->state, states[i]) == 0;
    if (!known) {
        error_set(err, STATUS_INVALID, MESSAGE_JSON_CHOICE, "state", "active, broken, replaced");
        error_pointer(err, "/state");
        return STATUS_INVALID;
    }
    if (filter->before && (strlen(filter->before) > 18 || filter->before[0] == '\0' ||
                           filter->before[strspn(filter->before, "0123456789")] != '\0'))
        return bad_key("cursor", MESSAGE_QUERY_NUMBER, err);
    return handler_limit(x, LIMIT_DEFAULT, LIMIT_MAX, &filter->limit, err);
}

static void list_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct plan_filter filter;
    struct buffer out;
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    struct pg *pg;
    const struct plan_reader reader = plan_reader_of(x);
    buffer_init(&out, ANSWER_MAX);
    enum status status = pool ? filter_read(x, &filter, &err) : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = read_pool_take(pool, &pg, &err);
    if (status == STATUS_OK) {
        status = plan_list(pg, &reader, &filter, &out, &err);
        read_pool_give(pool, pg);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void plans_list(struct exchange *x)
{
    exchange_submit(x, list_work);
}

/* The members of `about`, then the question and the answer, both as they were. */
static void encode_stored(struct buffer *out, const struct stored_plan *plan)
{
    buffer_bytes(out, plan->about, strlen(plan->about) - 1); /* without its brace */
    buffer_text(out, ",\"request\":");
    buffer_text(out, plan->request);
    buffer_text(out, ",\"answer\":");
    buffer_bytes(out, plan->answer, plan->answer_length);
    buffer_char(out, '}');
}

static void read_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct stored_plan plan;
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    if (plan_of_caller(x, exchange_param(x, "id"), &plan, &err) != STATUS_OK) {
        exchange_problem(x, &err);
    } else if (!exchange_not_modified(x, plan.tag)) {
        encode_stored(&out, &plan);
        exchange_reply(x, 200, "application/json", &out);
    }
    buffer_clear(&out);
}

void plan_read(struct exchange *x)
{
    exchange_submit(x, read_work);
}

/* ---- checking ---------------------------------------------------------------------------------------------- */

static void reply_verdict(struct exchange *x, const struct stored_plan *stored, const struct view *view, int64_t depart_ms,
                          const char *verdict, const struct judgement *j)
{
    struct buffer out;
    struct json_writer w;
    buffer_init(&out, ANSWER_MAX);
    writer_init(&w, &out);
    writer_open_object(&w);
    writer_key(&w, "id"), writer_text(&w, stored->id);
    writer_key(&w, "verdict"), writer_text(&w, verdict);
    writer_key(&w, "state"), writer_text(&w, stored->state);
    writer_key(&w, "depart_at"), writer_time(&w, depart_ms);
    writer_key(&w, "network_version"), writer_text(&w, view->base->network.version);
    writer_key(&w, "rules_version"), writer_integer(&w, view->rules->version);
    writer_key(&w, "as_of"), writer_time(&w, view->rules->as_of_ms);
    if (j && j->kind == OFFENCE_NONE) writer_key(&w, "late_s"), writer_milli(&w, j->late_ms);
    writer_key(&w, "offence");
    if (j && j->kind != OFFENCE_NONE) encode_offence(&w, view, j, NULL, NULL, x->language);
    else writer_null(&w);
    writer_close_object(&w);
    exchange_reply(x, 200, "application/json", &out);
    buffer_clear(&out);
}

static enum status at_read(const struct exchange *x, int64_t *at_ms, struct error *err)
{
    const char *at = exchange_query(x, "at");
    *at_ms = INT64_MIN;
    if (at == NULL) return STATUS_OK;
    if (!time_parse(at, strlen(at), at_ms)) return bad_key("at", MESSAGE_JSON_TIME, err);
    return STATUS_OK;
}

/* Judges one plan under the rules in force. *other: it is of another network and cannot be judged. */
static enum status judge(struct exchange *x, const struct stored_plan *stored, const struct view *view, int64_t depart_ms,
                         struct judgement *out, bool *other, struct error *err)
{
    struct app_local *local = x->local;
    struct parse_setting setting = handler_setting(x);
    struct route_question *question = arena_zero(x->arena, 1, sizeof *question);
    struct plan *plan;
    if (question == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = plan_recall(stored, view, depart_ms, x->arena, &plan, err);
    *other = status == STATUS_CONFLICT;
    if (status != STATUS_OK) return *other ? STATUS_OK : status;
    TRY(plan_question(stored, depart_ms, &setting, question, NULL, err));
    return planner_judge(local->planner, view, &question->route, plan, out, err);
}

static void check_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct stored_plan stored;
    struct rules_hold hold = RULES_HOLD_ANY;
    struct judgement j = {0};
    bool other = false;
    int64_t at_ms;
    enum status status = at_read(x, &at_ms, &err);
    if (status == STATUS_OK) status = plan_of_caller(x, exchange_param(x, "id"), &stored, &err);
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
        return;
    }
    if (at_ms != INT64_MIN && at_ms < time_now_ms() - PAST_MS) { /* a departure of then is judged by the rules of then */
        hold.demand.as_of.at_ms = at_ms;
        hold.as_of_pointer = "/at";
    }
    struct view *view = handler_view_on_worker(x, &hold);
    if (view == NULL) return;
    if (at_ms == INT64_MIN) at_ms = plan_departure(&stored, time_now_ms());
    status = judge(x, &stored, view, at_ms, &j, &other, &err);
    if (status != STATUS_OK) exchange_problem(x, &err);
    else reply_verdict(x, &stored, view, at_ms, other ? "other_network" : j.kind ? "unlawful" : "lawful", other ? NULL : &j);
    view_release(view);
}

void plan_check(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, check_work);
}

/* ---- changing ---------------------------------------------------------------------------------------------- */

/* Looks at the plan inside the transaction: there, as the caller saw it, and not settled yet. */
static enum status look(struct exchange *x, struct write_tx *tx, const char *id, const char *act, struct error *err)
{
    char state[PLAN_STATE_SIZE], tag[PLAN_TAG_SIZE];
    const struct plan_reader reader = plan_reader_of(x);
    TRY(plan_look(tx, id, &reader, state, tag, err));
    TRY(exchange_if_match(x, tag, err));
    if (strcmp(act, "replan") == 0 && strcmp(state, "active") != 0 && strcmp(state, "broken") != 0)
        return standing_forbids(err, state, act);
    return STATUS_OK;
}

static void delete_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct write_actor actor = rule_actor(x);
    struct write_tx tx = {0};
    const char *id = exchange_param(x, "id");
    enum status status = desk ? write_begin_aside(desk->writes, &actor, "withdraw", &tx, &err)
                              : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = look(x, &tx, id, "withdraw", &err);
    if (status == STATUS_OK) status = plan_withdraw(&tx, id, &err);
    if (status == STATUS_OK) status = write_commit(&tx, &err);
    write_abort(&tx);
    if (status == STATUS_OK) exchange_reply(x, 204, NULL, NULL);
    else exchange_problem(x, &err);
}

void plan_delete(struct exchange *x)
{
    exchange_submit(x, delete_work);
}

struct replanning {
    struct exchange *x;
    struct stored_plan old;
    struct route_question question;
    struct answer answer;
    struct buffer text;
    const char *request;
};

static enum status departure_read(struct replanning *r, int64_t *out, bool *asked, struct error *err)
{
    static const char *const members[] = {"depart_at", NULL};
    struct exchange *x = r->x;
    struct json_at at;
    json_t *document;
    *out = plan_departure(&r->old, time_now_ms());
    *asked = false;
    if (x->body_length == 0) return STATUS_OK;
    TRY(reader_parse(x->body, x->body_length, &document, err));
    struct json_at root = {.value = document};
    enum status status = reader_members(&root, members, err);
    if (status == STATUS_OK && reader_find(&root, "depart_at", &at)) *asked = true, status = reader_time(&at, out, err);
    json_decref(document);
    return status;
}

/* Keeps the new plan and says so in the old one: both or neither. */
static enum status exchange_plans(struct replanning *r, const struct route_encoder *encoder, struct error *err)
{
    struct exchange *x = r->x;
    struct desk *desk = exchange_desk(x);
    struct write_actor actor = rule_actor(x);
    struct write_tx tx = {0};
    const struct stored_plan *old = &r->old;
    const struct plan_belonging to = {.company = old->company[0] ? old->company : NULL,
                                      .county = old->county[0] ? old->county : NULL, .replaces = old->id,
                                      .request_key = exchange_header(x, "idempotency-key")};
    enum status status = desk ? write_begin_aside(desk->writes, &actor, "replan", &tx, err)
                              : error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = look(x, &tx, old->id, "replan", err);
    if (status == STATUS_OK) status = plan_keep(&tx, encoder, r->answer.plans[0], &to, r->request, r->text.data, err);
    if (status == STATUS_OK) status = plan_replace(&tx, old->id, encoder->decision_id, err);
    if (status == STATUS_OK) status = write_commit(&tx, err);
    write_abort(&tx);
    return status;
}

static void replan(struct replanning *r, struct view *view)
{
    struct exchange *x = r->x;
    struct error err = ERROR_INIT;
    struct route_encoder encoder;
    enum status status = route_answer(x, view, &r->question, PLANNER_FULL, &encoder, &r->answer, &r->text, &err);
    bool found = status == STATUS_OK;
    if (found) status = exchange_plans(r, &encoder, &err);
    if (status == STATUS_OK) {
        public_location(x, arena_printf(x->arena, "/v1/plans/%s", encoder.decision_id));
        exchange_reply(x, 201, "application/json", &r->text);
    } else {
        exchange_problem_with(x, &err, !found && r->text.length ? r->text.data : NULL);
    }
}

/* Whether it was done already under this Idempotency-Key: then it is answered again. */
static enum status replanned(struct replanning *r, bool asked, int64_t depart_ms, bool *answered, struct error *err)
{
    struct stored_plan kept;
    *answered = false;
    enum status status = plan_kept(r->x, &kept, err);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK) return status;
    if (strcmp(kept.replaces, r->old.id) != 0 || (asked && kept.depart_ms != depart_ms))
        return error_set(err, STATUS_CONFLICT, MESSAGE_KEY_USED);
    plan_reply_kept(r->x, 201, &kept);
    *answered = true;
    return STATUS_OK;
}

static void replan_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct rules_hold hold = RULES_HOLD_ANY;
    struct parse_setting setting = handler_setting(x);
    struct replanning *r = arena_zero(x->arena, 1, sizeof *r);
    int64_t depart_ms;
    bool asked, answered = false;
    enum status status = r ? STATUS_OK : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) r->x = x, status = plan_of_caller(x, exchange_param(x, "id"), &r->old, &err);
    if (status == STATUS_OK) status = departure_read(r, &depart_ms, &asked, &err);
    if (status == STATUS_OK) status = replanned(r, asked, depart_ms, &answered, &err);
    if (answered) return;
    if (status == STATUS_OK) status = plan_question(&r->old, depart_ms, &setting, &r->question, &r->request, &err);
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
        return;
    }
    struct view *view = handler_view_on_worker(x, &hold);
    if (view == NULL) return;
    buffer_init(&r->text, ANSWER_MAX);
    replan(r, view);
    buffer_clear(&r->text);
    view_release(view);
}

void plan_replan(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, replan_work);
}
