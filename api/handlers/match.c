#include "api/handlers/match.h"

#include "api/encode/encode_match.h"
#include "api/handlers/common.h"
#include "api/parse/parse_match.h"
#include "routing/planner/planner_match.h"

#include <string.h>

#define DRIVEN_MAX ((size_t)256 << 20)

struct match_state {
    struct match_question question;
    struct rules_hold hold;
};

static void reply(struct exchange *x, const struct view *view, const struct match_question *q, const struct driven *driven,
                  struct arena *arena)
{
    struct buffer out;
    struct error err = ERROR_INIT;
    struct route_encoder encoder = {.view = view, .request = &q->constraints, .form = &q->form, .age = app_rules_age(x->app)};
    encode_decision(&encoder);
    buffer_init(&out, ANSWER_MAX);
    if (encode_driven(&out, &encoder, driven, arena, &err) == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

/* Asks the planner: on a worker. */
static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct app_local *local = x->local;
    struct match_state *state = x->user;
    struct match_question *q = &state->question;
    struct driven driven = {0};
    char name[CRS_NAME_SIZE];
    memcpy(name, q->form.crs.name, sizeof name);
    if (wire_crs_open(&local->systems, name, &q->form.crs, &err) != STATUS_OK) { /* of this thread */
        exchange_problem(x, &err);
        return;
    }
    struct view *view = handler_view_on_worker(x, &state->hold);
    if (view == NULL) return;
    struct arena arena; /* of roads and texts: more than an exchange's own has room for */
    arena_init(&arena, DRIVEN_MAX);
    q->constraints.cancelled = q->options.cancelled = handler_cancelled(x);
    enum status status = handler_check_names(view, &q->constraints, &err);
    if (status == STATUS_OK)
        status = planner_match(local->planner, view, &q->constraints, q->positions, q->count, &q->options, true, &arena,
                               &driven, &err);
    if (status == STATUS_OK && driven.match.matching_count == 0) status = error_set(&err, STATUS_NO_MATCH, MESSAGE_MATCH_NONE);
    exchange_charge(x, driven.match.settled + q->count);
    if (status == STATUS_OK) reply(x, view, q, &driven, &arena);
    else exchange_problem(x, &err);
    arena_clear(&arena);
    view_release(view);
}

static void hold_and_submit(struct exchange *x)
{
    struct match_state *state = x->user;
    handler_submit(x, &state->hold, hold_and_submit, work);
}

/* WOULD_BLOCK is left to the caller, any other failure is answered. */
static enum status parse(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct match_state *state = arena_zero(x->arena, 1, sizeof *state);
    struct parse_setting setting = handler_setting_past(x);
    x->user = state;
    enum status status = state ? parse_match_text(x->body, x->body_length, &setting, &state->question, &err)
                               : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) state->hold.demand = state->question.demand;
    else if (status != STATUS_WOULD_BLOCK) exchange_problem(x, &err);
    return status;
}

static void parse_and_work(struct exchange *x)
{
    if (parse(x) == STATUS_OK) work(x);
}

void match_post(struct exchange *x)
{
    if (!handler_ready(x)) return;
    enum status status = x->body_length > BODY_QUICK_MAX ? STATUS_WOULD_BLOCK : parse(x);
    if (status == STATUS_WOULD_BLOCK) exchange_submit(x, parse_and_work);
    else if (status == STATUS_OK) hold_and_submit(x);
}
