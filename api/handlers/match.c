#include "api/handlers/match.h"

#include "api/encode/encode_match.h"
#include "api/handlers/asked.h"
#include "api/parse/parse_match.h"
#include "routing/planner/planner_match.h"

#include <stddef.h>

#define DRIVEN_MAX ((size_t)256 << 20)

static enum status answer(struct exchange *x, const struct view *view, void *question, struct buffer *out, struct error *err)
{
    struct app_local *local = x->local;
    struct match_question *q = question;
    struct driven driven = {0};
    struct arena arena; /* of roads and texts: more than an exchange's own has room for */
    arena_init(&arena, DRIVEN_MAX);
    q->constraints.cancelled = q->options.cancelled = handler_cancelled(x);
    enum status status = handler_check_names(view, &q->constraints, err);
    if (status == STATUS_OK)
        status = planner_match(local->planner, view, &q->constraints, q->positions, q->count, &q->options, true, &arena,
                               &driven, err);
    if (status == STATUS_OK && driven.match.matching_count == 0) status = error_set(err, STATUS_NO_MATCH, MESSAGE_MATCH_NONE);
    exchange_charge(x, driven.match.settled + q->count);
    struct route_encoder encoder = {.view = view, .request = &q->constraints, .form = &q->form, .age = app_rules_age(x->app)};
    encode_decision(&encoder);
    if (status == STATUS_OK) status = encode_driven(out, &encoder, &driven, &arena, err);
    arena_clear(&arena);
    return status;
}

static enum status read(struct exchange *x, const struct parse_setting *setting, void *question, struct error *err)
{
    return parse_match_text(x->body, x->body_length, setting, question, err);
}

void match_post(struct exchange *x)
{
    static const struct asked_kind asked = {.size = sizeof(struct match_question), .demand = offsetof(struct match_question, demand),
                                            .form = offsetof(struct match_question, form), .read = read, .answer = answer};
    asked_post(x, &asked);
}
