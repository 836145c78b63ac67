#include "api/handlers/route.h"

#include "api/desk.h"
#include "api/encode/encode_route.h"
#include "api/handlers/common.h"
#include "api/handlers/rules.h"
#include "api/parse/parse_route.h"
#include "api/parse/query_json.h"
#include "api/plan_keep.h"
#include "api/public_url.h"
#include "routing/planner/planner_order.h"
#include "routing/planner/planner_route.h"

#include <string.h>

/* Kept in the arena from parsing to the answer. */
struct route_state {
    struct route_question question;
    struct rules_hold hold;
};

/* ---- keeping the plan -------------------------------------------------------------------------------------- */

static enum status keep(struct exchange *x, const struct route_encoder *encoder, const struct answer *answer,
                        const char *text, struct error *err)
{
    struct desk *desk = exchange_desk(x);
    struct write_actor actor = rule_actor(x);
    const struct plan_reader reader = plan_reader_of(x);
    const struct plan_belonging to = {.company = reader.company, .county = reader.county,
                                      .request_key = exchange_header(x, "idempotency-key")};
    struct write_tx tx = {0};
    TRY(write_begin_aside(desk->writes, &actor, "store", &tx, err));
    enum status status = plan_keep(&tx, encoder, answer->plans[0], &to, x->body, text, err);
    if (status == STATUS_OK) status = write_commit(&tx, err);
    write_abort(&tx);
    return status;
}

static void say_where(struct exchange *x, const char *id)
{
    public_location(x, arena_printf(x->arena, "/v1/plans/%s", id));
}

/* Whether the caller may keep plans, and whether this one is kept already under its Idempotency-Key: then it is answered
 * again. False: answered. */
static bool may_keep(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct stored_plan stored;
    enum status status = exchange_caller(x) == NULL ? error_set(&err, STATUS_UNAUTHORISED, MESSAGE_STORE_NEEDS_KEY)
                         : exchange_desk(x) == NULL ? error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY)
                                                    : plan_kept(x, &stored, &err);
    if (status == STATUS_UNAUTHORISED) error_pointer(&err, "/store");
    if (status == STATUS_NOT_FOUND) return true;
    if (status == STATUS_OK && strcmp(stored.request, x->body) != 0) status = error_set(&err, STATUS_CONFLICT, MESSAGE_KEY_USED);
    if (status == STATUS_OK) plan_reply_kept(x, 200, &stored);
    else exchange_problem(x, &err);
    return false;
}

/* ---- asking ------------------------------------------------------------------------------------------------ */

enum status route_answer(struct exchange *x, const struct view *view, struct route_question *question, enum planner_mode mode,
                         struct route_encoder *encoder, struct answer *answer, struct buffer *out, struct error *err)
{
    struct app_local *local = x->local;
    struct route_request *request = &question->route;
    TRY(handler_check_names(view, request, err));
    request->cancelled = handler_cancelled(x);
    struct tour order = {0};
    uint32_t settled = 0;
    if (question->optimise_order) TRY(planner_order(local->planner, view, request, &order, &settled, err));
    exchange_charge(x, settled);
    enum status status = planner_route(local->planner, view, request, mode, x->arena, answer, err);
    bool found = status == STATUS_OK && answer->cause == STATUS_OK;
    if (status == STATUS_CHECKER_DISAGREES) handler_count(x, COUNTER_CHECKER_DISAGREEMENTS);
    if (status != STATUS_OK && status_http(status) != 422) return status;
    *encoder = (struct route_encoder){.view = view, .request = request, .form = &question->form, .age = app_rules_age(x->app),
                                      .ordered = question->optimise_order, .order = order};
    encode_decision(encoder);
    exchange_charge(x, answer->settled + (uint64_t)request->avoid_area.point_count);
    handler_count(x, found ? COUNTER_PLANS : COUNTER_NO_ROUTE);
    struct relayed relayed = {.found = false};
    if (!found && question->relay && status == STATUS_OK) {
        TRY(relay_find(local->planner, view, request, question->relay, x->arena, &relayed, err));
        exchange_charge(x, relayed.settled);
    }
    if (found || relayed.found) {
        if (found) encode_answer(out, encoder, answer);
        else encode_relayed(out, encoder, &relayed, answer->cause);
        buffer_char(out, '\0'); /* so that it is a text as well */
        if (out->failed) return error_set(err, out->failed, MESSAGE_NO_MEMORY);
        out->length--;
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        encode_cause(answer->cause, err);
        status = answer->cause;
    }
    encode_no_plan(out, encoder, answer);
    if (relayed.tried) buffer_char(out, ','), encode_no_relay(out, encoder, &relayed);
    if (out->failed) buffer_reset(out); /* too much to say: the cause alone still helps */
    return status;
}

/* Asks the planner under `view` (the reference is taken over) and answers. WOULD_BLOCK: nothing was answered. */
static enum status ask(struct exchange *x, struct view *view, enum planner_mode mode)
{
    struct route_state *state = x->user;
    struct route_encoder encoder;
    struct error err = ERROR_INIT;
    struct answer answer = {0};
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    enum status status = route_answer(x, view, &state->question, mode, &encoder, &answer, &out, &err);
    bool found = status == STATUS_OK;
    if (found && state->question.store) {
        status = keep(x, &encoder, &answer, out.data, &err);
        if (status == STATUS_OK) say_where(x, encoder.decision_id);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else if (!found && status_http(status) == 422) exchange_problem_with(x, &err, out.length ? out.data : NULL);
    else if (status != STATUS_WOULD_BLOCK || mode == PLANNER_FULL) exchange_problem(x, &err);
    buffer_clear(&out);
    view_release(view);
    return status;
}

static void work(struct exchange *x)
{
    struct route_state *state = x->user;
    struct app_local *local = x->local;
    struct wire_crs *crs = &state->question.form.crs;
    struct error err = ERROR_INIT;
    char name[CRS_NAME_SIZE];
    memcpy(name, crs->name, sizeof name);
    if (wire_crs_open(&local->systems, name, crs, &err) != STATUS_OK) { /* the one in it may be the event thread's */
        exchange_problem(x, &err);
        return;
    }
    if (state->question.store && !may_keep(x)) return;
    struct view *view = handler_view_on_worker(x, &state->hold);
    if (view) (void)ask(x, view, PLANNER_FULL);
}

static void try_quickly(struct exchange *x)
{
    struct route_state *state = x->user;
    struct view *view = handler_view(x, &state->hold, try_quickly);
    if (view == NULL) return;
    if (ask(x, view, PLANNER_QUICK) == STATUS_WOULD_BLOCK) exchange_submit(x, work);
}

static enum status parse_get(struct exchange *x, const struct parse_setting *setting, struct route_question *out,
                             struct error *err)
{
    json_t *document;
    TRY(query_to_json(x->target, query_route_rows, &document, err));
    struct json_at root = {.value = document};
    enum status status = parse_route(&root, setting, out, err);
    json_decref(document);
    return status;
}

/* Parses the body or the query. WOULD_BLOCK is left to the caller, any other failure is answered. */
static enum status parse(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct route_state *state = arena_zero(x->arena, 1, sizeof *state);
    struct parse_setting setting = handler_setting_past(x);
    enum status status;
    setting.journeys = true;
    x->user = state;
    if (state == NULL) status = error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    else if (x->method == HTTP_GET) status = parse_get(x, &setting, &state->question, &err);
    else status = parse_route_text(x->body, x->body_length, &setting, &state->question, &err);
    if (status == STATUS_OK) state->hold.demand = state->question.demand;
    else if (status != STATUS_WOULD_BLOCK) exchange_problem(x, &err);
    return status;
}

static void parse_and_work(struct exchange *x)
{
    if (parse(x) == STATUS_OK) work(x);
}

void route_any(struct exchange *x)
{
    if (!handler_ready(x)) return;
    enum status status = x->body_length > BODY_QUICK_MAX ? STATUS_WOULD_BLOCK : parse(x);
    if (status == STATUS_WOULD_BLOCK) exchange_submit(x, parse_and_work);
    if (status != STATUS_OK) return;
    const struct route_question *q = &((struct route_state *)x->user)->question;
    if (q->store || q->optimise_order || handler_wants_past(&((struct route_state *)x->user)->hold)) exchange_submit(x, work);
    else try_quickly(x);
}
