#include "api/handlers/compare.h"

#include "api/encode/encode_offence.h"
#include "api/encode/encode_route.h"
#include "api/handlers/common.h"
#include "routing/planner/planner_route.h"

#include <stdio.h>
#include <string.h>

enum { VARIANTS_MAX = 16, SENTENCE_SIZE = 600 };

#define PLANS_MAX ((size_t)256 << 20)

struct variant {
    const char *name;
    uint32_t index;
    bool own_credentials;
    struct route_question question;
    struct answer answer;
    const struct plan *plan; /* NULL: no lawful one */
};

struct compare {
    struct exchange *x;
    struct rules_hold hold;
    uint32_t count;
    struct variant *variants; /* [VARIANTS_MAX] */
};

/* ---- the request ------------------------------------------------------------------------------------------- */

/* The question with the variant's own members in it. */
static enum status read_variant(const struct json_at *question, const struct json_at *at, const struct parse_setting *setting,
                                struct variant *v, struct error *err)
{
    static const char *const members[] = {"name", "vehicle", "credentials", NULL};
    struct json_at name;
    TRY(reader_members(at, members, err));
    TRY(reader_require(at, "name", &name, err));
    TRY(reader_text_dup(&name, 1, 200, setting->arena, &v->name, err));
    json_t *merged = json_copy(question->value);
    if (merged == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = STATUS_OK;
    for (int i = 1; i < 3 && status == STATUS_OK; i++) {
        json_t *own = json_object_get(at->value, members[i]);
        if (own && i == 2) v->own_credentials = true;
        if (own && json_object_set(merged, members[i], own) != 0) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    if (status == STATUS_OK) {
        struct json_at root = *at;
        root.value = merged;
        status = parse_route(&root, setting, &v->question, err);
    }
    json_decref(merged);
    struct route_request *r = &v->question.route;
    r->want_geometry = r->want_steps = false;
    r->corridor_mm = 0;
    return status;
}

static enum status read_request(struct compare *c, const struct json_at *root, const struct parse_setting *setting, struct error *err)
{
    static const char *const members[] = {"question", "variants", NULL};
    struct json_at question, list;
    size_t count;
    TRY(reader_members(root, members, err));
    TRY(reader_require(root, "question", &question, err));
    TRY(parse_route(&question, setting, &c->variants[0].question, err)); /* so that its errors point there */
    TRY(reader_require(root, "variants", &list, err));
    TRY(reader_array(&list, 2, VARIANTS_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct json_at element = reader_element(&list, i);
        c->variants[i].index = (uint32_t)i;
        TRY(read_variant(&question, &element, setting, &c->variants[c->count++], err));
    }
    c->hold.demand = c->variants[0].question.demand;
    return STATUS_OK;
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

static const char *in(const struct variant *v, const char *zh, const char *en)
{
    return v->question.form.language == LANGUAGE_EN ? en : zh;
}

/* "38.0 km less, 25 min sooner, 30.50 yuan less than the first" */
static void say_difference(const struct variant *first, const struct variant *v, char *out, size_t size)
{
    double km = ((double)v->plan->distance_mm - (double)first->plan->distance_mm) / 1e6;
    double minutes = ((double)v->plan->duration_ms - first->plan->duration_ms) / 60000;
    double yuan = ((double)v->plan->toll_fen - first->plan->toll_fen) / 100;
    enum language language = v->question.form.language;
    if (v->plan->distance_mm == first->plan->distance_mm && v->plan->duration_ms == first->plan->duration_ms && yuan == 0) {
        snprintf(out, size, "%s", message_text(MESSAGE_COMPARE_SAME, language));
        return;
    }
    message_format(out, size, MESSAGE_COMPARE_DIFFERENCE, language, km < 0 ? -km : km,
                   message_text(km < 0 ? MESSAGE_COMPARE_LESS : MESSAGE_COMPARE_MORE, language), minutes < 0 ? -minutes : minutes,
                   message_text(minutes < 0 ? MESSAGE_COMPARE_SOONER : MESSAGE_COMPARE_LATER, language), yuan < 0 ? -yuan : yuan,
                   message_text(yuan < 0 ? MESSAGE_COMPARE_LESS : MESSAGE_COMPARE_MORE, language));
}

static void encode_difference(struct json_writer *w, const struct variant *first, const struct variant *v)
{
    char text[SENTENCE_SIZE];
    writer_key(w, "difference");
    if (!first->plan || !v->plan) {
        writer_null(w);
    } else {
        say_difference(first, v, text, sizeof text);
        writer_open_object(w);
        writer_key(w, "duration_s"), writer_milli(w, (int64_t)v->plan->duration_ms - first->plan->duration_ms);
        writer_key(w, "distance_m"), writer_milli(w, (int64_t)v->plan->distance_mm - (int64_t)first->plan->distance_mm);
        writer_key(w, "toll_cny"), writer_decimal(w, (int64_t)v->plan->toll_fen - first->plan->toll_fen, 2);
        writer_key(w, "text"), writer_text(w, text);
        writer_close_object(w);
    }
}

/* The first rule that stops `who` on the plan of `whose`; null if none does, or there is no plan. */
static enum status encode_stop(struct compare *c, struct json_writer *w, const struct view *view, const char *key,
                               const struct variant *who, const struct variant *whose, struct error *err)
{
    struct app_local *local = c->x->local;
    struct judgement j = {.kind = OFFENCE_NONE};
    writer_key(w, key);
    if (whose->plan) TRY(planner_judge(local->planner, view, &who->question.route, whose->plan, &j, err));
    if (j.kind == OFFENCE_NONE) writer_null(w);
    else encode_offence(w, view, &j, &who->question.route.vehicle, &who->question.form.crs, who->question.form.language);
    return STATUS_OK;
}

static void encode_gate_names(struct json_writer *w, const struct view *view, const struct variant *v)
{
    const struct rules_input *input = view->rules->input;
    writer_key(w, "gates"), writer_open_array(w);
    for (uint32_t k = 0; v->plan && k < v->plan->leg_count; k++)
        for (uint32_t i = 0; i < v->plan->legs[k].gate_count; i++) {
            const struct gate_passage *g = &v->plan->legs[k].gates[i];
            writer_open_object(w);
            writer_key(w, "checkpoint"), writer_text(w, input->checkpoints[g->checkpoint].id);
            writer_key(w, "name"), writer_text(w, input->checkpoints[g->checkpoint].name);
            writer_key(w, "direction"), writer_text(w, g->direction == GATE_ENTER ? "enter" : "exit");
            writer_key(w, "at"), writer_time(w, g->at_ms);
            writer_key(w, "inspection_s"), writer_milli(w, g->inspection_ms);
            writer_close_object(w);
        }
    writer_close_array(w);
}

static enum status encode_row(struct compare *c, struct json_writer *w, const struct view *view, const struct variant *v,
                              const struct error *cause, struct error *err)
{
    const struct variant *first = &c->variants[0];
    const struct plan *p = v->plan;
    struct route_encoder encoder = {.view = view, .request = &v->question.route, .form = &v->question.form};
    writer_open_object(w);
    writer_key(w, "name"), writer_text(w, v->name);
    writer_key(w, "code"), writer_text(w, p ? NULL : status_code(v->answer.cause));
    writer_key(w, "cause"), writer_text(w, p ? NULL : in(v, cause->zh, cause->en));
    if (p) {
        writer_key(w, "duration_s"), writer_milli(w, p->duration_ms);
        writer_key(w, "drive_s"), writer_milli(w, p->drive_ms);
        writer_key(w, "wait_s"), writer_milli(w, p->wait_ms);
        writer_key(w, "distance_m"), writer_milli(w, (int64_t)p->distance_mm);
        writer_key(w, "toll_cny"), writer_decimal(w, p->toll_fen, 2);
        encode_gate_names(w, view, v);
    } else {
        writer_key(w, "conflicts"), encode_conflicts(w, &encoder, v->answer.conflicts, v->answer.conflict_count);
    }
    if (v != first) {
        encode_difference(w, first, v);
        TRY(encode_stop(c, w, view, "first_stopped_by", first, v, err));
        TRY(encode_stop(c, w, view, "stopped_by", v, first, err));
    }
    writer_close_object(w);
    return STATUS_OK;
}

/* The planner's pointers are of a question: where in this document it has the member from. */
static enum status in_document(const struct variant *v, struct error *err)
{
    char prefix[32] = "/question";
    if (v->own_credentials && strncmp(err->pointer, "/credentials/", 13) == 0) snprintf(prefix, sizeof prefix, "/variants/%u", v->index);
    if (err->pointer[0] == '/') error_pointer_prefix(err, prefix);
    return err->status;
}

static enum status answer_all(struct compare *c, const struct view *view, struct arena *arena, struct buffer *out, struct error *err)
{
    struct app_local *local = c->x->local;
    const struct route_question *q = &c->variants[0].question;
    struct json_writer w;
    struct route_encoder encoder = {.view = view, .request = &q->route, .form = &q->form, .age = app_rules_age(c->x->app)};
    writer_init(&w, out);
    writer_open_object(&w);
    encode_decision(&encoder);
    encode_versions(&w, &encoder);
    writer_key(&w, "variants"), writer_open_array(&w);
    for (uint32_t i = 0; i < c->count; i++) {
        struct variant *v = &c->variants[i];
        struct error cause = ERROR_INIT;
        v->question.route.cancelled = handler_cancelled(c->x);
        if (handler_check_names(view, &v->question.route, err) != STATUS_OK) return in_document(v, err);
        enum status status = planner_route(local->planner, view, &v->question.route, PLANNER_FULL, arena, &v->answer, err);
        if (status != STATUS_OK && status_http(status) != 422) return in_document(v, err);
        exchange_charge(c->x, v->answer.settled + 1000);
        if (status != STATUS_OK) v->answer.cause = status, cause = *err, *err = (struct error)ERROR_INIT;
        else if (v->answer.cause != STATUS_OK) encode_cause(v->answer.cause, &cause);
        else v->plan = v->answer.plans[0];
        handler_count(c->x, v->plan ? COUNTER_PLANS : COUNTER_NO_ROUTE);
        TRY(encode_row(c, &w, view, v, &cause, err));
    }
    writer_close_array(&w);
    writer_close_object(&w);
    return out->failed ? error_set(err, out->failed, MESSAGE_NO_MEMORY) : STATUS_OK;
}

static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct parse_setting setting = handler_setting_past(x);
    setting.one_plan = setting.figures = true; /* only these are compared */
    struct compare *c = arena_zero(x->arena, 1, sizeof *c);
    struct view *view = NULL;
    struct arena arena; /* of plans: more than an exchange's own has room for */
    struct buffer out;
    json_t *document = NULL;
    buffer_init(&out, ANSWER_MAX);
    arena_init(&arena, PLANS_MAX);
    if (c) c->x = x, c->variants = arena_zero(&arena, VARIANTS_MAX, sizeof *c->variants);
    enum status status = c && c->variants ? reader_parse(x->body, x->body_length, &document, &err)
                                          : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) {
        struct json_at root = {.value = document};
        status = read_request(c, &root, &setting, &err);
    }
    if (status == STATUS_OK) {
        view = handler_view_on_worker(x, &c->hold);
        if (view == NULL) goto done; /* answered */
        status = answer_all(c, view, &arena, &out, &err);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
done:
    view_release(view);
    json_decref(document);
    arena_clear(&arena);
    buffer_clear(&out);
}

void compare_post(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, work);
}
