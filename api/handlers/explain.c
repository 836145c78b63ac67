#include "api/handlers/explain.h"

#include "api/encode/encode_explain.h"
#include "api/handlers/asked.h"
#include "routing/planner/planner_explain.h"

#include <stddef.h>

#define EXPLANATION_MAX ((size_t)256 << 20)

static enum status answer(struct exchange *x, const struct view *view, void *question, struct buffer *out, struct error *err)
{
    struct app_local *local = x->local;
    struct route_question *q = question;
    struct explanation e = {0};
    struct arena arena; /* of plans and texts: more than an exchange's own has room for */
    arena_init(&arena, EXPLANATION_MAX);
    q->route.cancelled = handler_cancelled(x);
    enum status status = handler_check_names(view, &q->route, err);
    if (status == STATUS_OK) status = planner_explain(local->planner, view, &q->route, &arena, &e, err);
    exchange_charge(x, e.answer.settled + (uint64_t)q->route.avoid_area.point_count);
    struct route_encoder encoder = {.view = view, .request = &q->route, .form = &q->form, .age = app_rules_age(x->app)};
    encode_decision(&encoder);
    if (status == STATUS_OK) status = encode_explanation(out, &encoder, &e, err);
    arena_clear(&arena);
    return status;
}

static enum status read(struct exchange *x, const struct parse_setting *setting, void *question, struct error *err)
{
    struct parse_setting one = *setting;
    one.one_plan = true;
    return parse_route_text(x->body, x->body_length, &one, question, err);
}

void explain_post(struct exchange *x)
{
    static const struct asked_kind asked = {.size = sizeof(struct route_question), .demand = offsetof(struct route_question, demand),
                                            .form = offsetof(struct route_question, form), .read = read, .answer = answer};
    asked_post(x, &asked);
}
