#include "api/trial/drill.h"

#include "api/encode/encode_route.h"
#include "api/handlers/common.h"
#include "api/json/writer.h"
#include "api/trial/lint.h"
#include "data/rules/load_rules.h"
#include "routing/constraint/rules_compile.h"
#include "routing/planner/planner_route.h"

#include <stdlib.h>
#include <string.h>

struct looked_at {
    const struct county_member *member;
    struct rule_finding *found;
    size_t count;
};

struct drill {
    const struct parse_setting *setting;
    struct view *view;
    struct arena arena; /* of the rules that were read */
    struct rules_input input;
    struct looked_at *members;
    size_t member_count;
    struct buffer plan;
};

static bool desk_kind_of(const char *name, enum desk_kind *out)
{
    for (int k = 0; k < DESK_KIND_COUNT; k++)
        if (strcmp(desk_kind_name((enum desk_kind)k), name) == 0) {
            *out = (enum desk_kind)k;
            return true;
        }
    return false;
}

/* ---- inside the transaction -------------------------------------------------------------------------------- */

static enum status look_at_members(struct drill *d, struct write_tx *tx, const char *id, struct error *err)
{
    struct county_member *members;
    TRY(county_active_members(tx, id, d->setting->arena, &members, &d->member_count, err));
    d->members = arena_zero(d->setting->arena, d->member_count + 1, sizeof *d->members);
    if (d->members == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (size_t i = 0; i < d->member_count; i++) {
        enum desk_kind kind;
        d->members[i].member = &members[i];
        if (!desk_kind_of(members[i].kind, &kind)) continue;
        TRY(rule_lint(tx, kind, members[i].id, d->setting->arena, &d->members[i].found, &d->members[i].count, err));
    }
    return STATUS_OK;
}

enum status drill_new(struct write_tx *tx, const char *id, const struct county_words *words, struct view *view,
                      const struct parse_setting *setting, struct drill **out, struct error *err)
{
    struct drill *d = calloc(1, sizeof *d);
    *out = NULL;
    if (d == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    d->setting = setting;
    d->view = view;
    arena_init(&d->arena, RULES_BYTES_MAX);
    buffer_init(&d->plan, ANSWER_MAX);
    enum status status = county_act_on(tx, id, COUNTY_DRILL, words, err);
    if (status == STATUS_OK) status = look_at_members(d, tx, id, err);
    if (status == STATUS_OK) status = load_rules_within(tx->pg, &d->arena, &d->input, err);
    if (status == STATUS_OK) status = county_read(tx->pg, id, tx->actor->scope, &d->plan, NULL, err);
    if (status == STATUS_OK) *out = d;
    else drill_free(d);
    return status;
}

void drill_free(struct drill *d)
{
    if (d == NULL) return;
    arena_clear(&d->arena);
    buffer_clear(&d->plan);
    free(d);
}

/* ---- outside it -------------------------------------------------------------------------------------------- */

struct outcome {
    bool found;
    enum status cause;
    uint64_t distance_mm;
    uint32_t duration_ms, toll_fen, gates;
};

/* One demand under one set of rules. What cannot be asked (too far from any road, over the budget) is its cause. */
static enum status ask(struct app_local *local, const struct view *view, const struct route_request *request,
                       struct outcome *out, struct error *err)
{
    struct arena arena;
    struct answer answer = {0};
    struct error failed = ERROR_INIT;
    arena_init(&arena, (size_t)256 << 20);
    enum status status = handler_check_names(view, request, &failed);
    if (status == STATUS_OK) status = planner_route(local->planner, view, request, PLANNER_FULL, &arena, &answer, &failed);
    *out = (struct outcome){.found = status == STATUS_OK && answer.cause == STATUS_OK, .cause = status == STATUS_OK ? answer.cause : status};
    if (out->found) {
        const struct plan *plan = answer.plans[0];
        out->duration_ms = plan->duration_ms;
        out->distance_mm = plan->distance_mm;
        out->toll_fen = plan->toll_fen;
        for (uint32_t i = 0; i < plan->leg_count; i++) out->gates += plan->legs[i].gate_count;
    }
    arena_clear(&arena);
    if (status == STATUS_OK || status_http(status) == 422 || status_http(status) == 400) return STATUS_OK;
    *err = failed;
    return status;
}

static void write_outcome(struct json_writer *w, const char *key, const struct outcome *o)
{
    writer_key(w, key), writer_open_object(w);
    writer_key(w, "code"), writer_text(w, o->found ? "ok" : status_code(o->cause));
    if (o->found) {
        writer_key(w, "duration_s"), writer_milli(w, o->duration_ms);
        writer_key(w, "distance_m"), writer_milli(w, (int64_t)o->distance_mm);
        writer_key(w, "toll_cny"), writer_decimal(w, o->toll_fen, 2);
        writer_key(w, "gates"), writer_integer(w, o->gates);
    }
    writer_close_object(w);
}

static const char *verdict_of(const struct outcome *now, const struct outcome *then)
{
    if (!now->found) return then->found ? "opened" : "impossible";
    if (!then->found) return "broken";
    if (then->duration_ms == now->duration_ms) return "unaffected";
    return then->duration_ms > now->duration_ms ? "detour" : "eased";
}

static enum status write_demands(struct drill *d, struct app_local *local, const struct view *then, const bool *cancelled,
                                 struct json_writer *w, struct error *err)
{
    json_t *plan = json_loadb(d->plan.data, d->plan.length, 0, NULL);
    enum status status = plan ? STATUS_OK : error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    struct json_at root = {.value = json_object_get(plan, "demands")};
    writer_key(w, "demands"), writer_open_array(w);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(root.value); i++) {
        struct json_at element = reader_element(&root, i), request = {.value = json_object_get(element.value, "request"), .up = &element, .key = "request"};
        struct route_question question;
        struct outcome before, after;
        status = parse_route(&request, d->setting, &question, err);
        if (status != STATUS_OK) break;
        question.route.want_geometry = question.route.want_steps = false;
        question.route.corridor_mm = question.route.alternatives = 0;
        question.route.cancelled = cancelled;
        status = ask(local, d->view, &question.route, &before, err);
        if (status == STATUS_OK) status = ask(local, then, &question.route, &after, err);
        if (status != STATUS_OK) break;
        writer_open_object(w);
        writer_key(w, "name"), writer_text(w, json_string_value(json_object_get(element.value, "name")));
        writer_key(w, "verdict"), writer_text(w, verdict_of(&before, &after));
        write_outcome(w, "now", &before);
        write_outcome(w, "then", &after);
        writer_close_object(w);
    }
    writer_close_array(w);
    json_decref(plan);
    return status;
}

static void write_members(struct drill *d, const struct rules *rules, struct json_writer *w)
{
    writer_key(w, "members"), writer_open_array(w);
    for (size_t i = 0; i < d->member_count; i++) {
        enum desk_kind kind;
        const struct looked_at *m = &d->members[i];
        if (!desk_kind_of(m->member->kind, &kind)) continue;
        writer_open_object(w);
        writer_key(w, "kind"), writer_text(w, m->member->kind);
        writer_key(w, "id"), writer_text(w, m->member->id);
        writer_key(w, "findings");
        lint_member(w, kind, m->member->id, m->found, m->count, rules, d->setting->language);
        writer_close_object(w);
    }
    writer_close_array(w);
}

enum status drill_write(struct drill *d, struct app_local *local, const bool *cancelled, struct buffer *out, struct error *err)
{
    const struct base *base = d->view->base;
    struct json_writer w;
    struct rules *rules = NULL;
    struct view *then = NULL;
    enum status status = rules_compile(&base->network, base->spatial, &d->input, d->view->rules, &rules, err);
    if (status == STATUS_OK) status = view_new(d->view->base, rules, app_options_get(local->app)->metric_bytes_max, &then, err);
    if (status == STATUS_OK) view_inherit(then, d->view);
    if (status == STATUS_OK) {
        writer_init(&w, out);
        writer_open_object(&w);
        writer_key(&w, "plan"), writer_raw(&w, d->plan.data, d->plan.length);
        write_members(d, rules, &w);
        status = write_demands(d, local, then, cancelled, &w, err);
        writer_close_object(&w);
    }
    if (then) view_release(then);
    rules_release(rules);
    if (status == STATUS_OK && out->failed) status = error_set(err, out->failed, MESSAGE_NO_MEMORY);
    return status;
}
