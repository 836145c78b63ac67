#include "api/handlers/whatif.h"

#include "api/handlers/common.h"
#include "api/handlers/matrix.h"
#include "api/handlers/reach.h"
#include "api/handlers/route.h"
#include "api/parse/parse_changes.h"
#include "api/process/problem.h"
#include "api/trial/trial.h"

#include <string.h>

enum { SCENARIOS_MAX = 2 };

enum question_kind { QUESTION_ROUTE, QUESTION_MATRIX, QUESTION_REACH, QUESTION_COUNT };
static const char *const question_names[QUESTION_COUNT] = {"route", "matrix", "reach"};

struct scenario {
    const char *name;
    struct json_at at; /* of its changes */
    struct rule_changes changes;
};

struct whatif {
    struct exchange *x;
    struct rules_hold hold;
    enum question_kind kind;
    struct route_question route;
    struct table_question table;
    struct reach_question reach;
    uint32_t scenario_count;
    struct scenario scenarios[SCENARIOS_MAX];
    struct json_at root, list, elements[SCENARIOS_MAX]; /* what the scenarios' places hang from */
};

/* What one set of rules answers; for a route also the figures that are compared. */
struct outcome {
    bool planned;
    int64_t duration_ms, distance_mm;
};

/* ---- the request ------------------------------------------------------------------------------------------- */

static enum status read_question(struct whatif *q, const struct parse_setting *setting, struct error *err)
{
    struct json_at at, found;
    unsigned count = 0;
    for (int k = 0; k < QUESTION_COUNT; k++) {
        if (!reader_find(&q->root, question_names[k], &at)) continue;
        q->kind = (enum question_kind)k;
        found = at;
        count++;
    }
    if (count != 1) return error_set(err, STATUS_INVALID, MESSAGE_ONE_QUESTION, "route, matrix, reach");
    switch (q->kind) {
    case QUESTION_ROUTE:
        TRY(parse_route(&found, setting, &q->route, err));
        q->hold.demand = q->route.demand;
        if (!q->route.store || !reader_find(&found, "store", &at)) return STATUS_OK;
        error_set(err, STATUS_INVALID, MESSAGE_TRIAL_STORE);
        return reader_here(&at, err);
    case QUESTION_MATRIX:
        TRY(parse_table(&found, setting, &q->table, err));
        q->hold.demand = q->table.demand;
        return STATUS_OK;
    default:
        TRY(parse_reach(&found, setting, &q->reach, err));
        q->hold.demand = q->reach.demand;
        return STATUS_OK;
    }
}

static enum status read_scenario(struct whatif *q, const struct json_at *at, const struct parse_setting *setting, struct error *err)
{
    static const char *const members[] = {"name", "changes", NULL};
    struct scenario *s = &q->scenarios[q->scenario_count++];
    struct json_at name;
    TRY(reader_members(at, members, err));
    TRY(reader_require(at, "changes", &s->at, err));
    if (reader_find(at, "name", &name)) TRY(reader_text_dup(&name, 1, 200, setting->arena, &s->name, err));
    return parse_changes(&s->at, setting, &s->changes, err);
}

static enum status read_request(struct whatif *q, const struct parse_setting *setting, struct error *err)
{
    static const char *const members[] = {"route", "matrix", "reach", "changes", "scenarios", NULL};
    struct json_at at;
    size_t count;
    TRY(reader_members(&q->root, members, err));
    TRY(read_question(q, setting, err));
    bool one = reader_find(&q->root, "changes", &at), several = reader_find(&q->root, "scenarios", &q->list);
    if (one && several) {
        error_set(err, STATUS_INVALID, MESSAGE_EITHER_OR, "changes", "scenarios");
        return reader_here(&at, err);
    }
    if (!several) {
        TRY(reader_require(&q->root, "changes", &q->scenarios[0].at, err));
        q->scenario_count = 1;
        return parse_changes(&q->scenarios[0].at, setting, &q->scenarios[0].changes, err);
    }
    TRY(reader_array(&q->list, 1, SCENARIOS_MAX, &count, err));
    for (size_t i = 0; i < count; i++) {
        q->elements[i] = reader_element(&q->list, i);
        TRY(read_scenario(q, &q->elements[i], setting, err));
    }
    return STATUS_OK;
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

static enum status ask(struct whatif *q, const struct view *view, struct buffer *out, struct outcome *outcome, struct error *err)
{
    struct route_encoder encoder;
    struct answer answer = {0};
    if (q->kind == QUESTION_MATRIX) return matrix_answer(q->x, view, &q->table, out, err);
    if (q->kind == QUESTION_REACH) return reach_document(q->x, view, &q->reach, out, err);
    enum status status = route_answer(q->x, view, &q->route, PLANNER_FULL, &encoder, &answer, out, err);
    if (status == STATUS_OK)
        *outcome = (struct outcome){true, answer.plans[0]->duration_ms, (int64_t)answer.plans[0]->distance_mm};
    return status;
}

/* {"status": 200, "answer": {…}} or {"status": 422, "problem": {…}}, without the closing brace. What only these rules
 * refuse (a zone to keep away from that they do not have) is their answer; what is out of our hands ends the whole. */
static enum status answer_under(struct whatif *q, const struct view *view, struct json_writer *w, struct outcome *outcome,
                                struct error *err)
{
    struct exchange *x = q->x;
    struct buffer text;
    struct error why = ERROR_INIT;
    buffer_init(&text, ANSWER_MAX);
    *outcome = (struct outcome){0};
    enum status status = ask(q, view, &text, outcome, &why);
    int http = status == STATUS_OK ? 200 : status_http(status);
    if (text.failed) status = error_set(err, text.failed, MESSAGE_NO_MEMORY);
    else if (http >= 500 || http == 429) *err = why;
    else {
        struct buffer problem;
        buffer_init(&problem, ANSWER_MAX);
        writer_key(w, "status"), writer_integer(w, http);
        if (http == 200) {
            writer_key(w, "answer"), writer_raw(w, text.data, text.length);
        } else {
            problem_encode(&problem, &why, x->language, x->request_id, text.length ? text.data : NULL);
            if (problem.length && problem.data[problem.length - 1] == '\n') problem.length--;
            writer_key(w, "problem"), writer_raw(w, problem.data, problem.length);
        }
        status = problem.failed ? error_set(err, problem.failed, MESSAGE_NO_MEMORY) : STATUS_OK;
        buffer_clear(&problem);
    }
    buffer_clear(&text);
    return status;
}

static enum status write_scenarios(struct whatif *q, struct view *const views[], const struct outcome *before,
                                   struct json_writer *w, struct error *err)
{
    writer_key(w, "scenarios"), writer_open_array(w);
    for (uint32_t i = 0; i < q->scenario_count; i++) {
        struct outcome after;
        writer_open_object(w);
        writer_key(w, "name"), writer_text(w, q->scenarios[i].name);
        writer_key(w, "digest"), writer_text(w, q->scenarios[i].changes.digest);
        TRY(answer_under(q, views[i], w, &after, err));
        writer_key(w, "difference");
        if (before->planned && after.planned) {
            writer_open_object(w);
            writer_key(w, "duration_s"), writer_milli(w, after.duration_ms - before->duration_ms);
            writer_key(w, "distance_m"), writer_milli(w, after.distance_mm - before->distance_mm);
            writer_close_object(w);
        } else {
            writer_null(w);
        }
        writer_close_object(w);
    }
    writer_close_array(w);
    return STATUS_OK;
}

/* All under one version: the views of the scenarios are made first, and made again if the rules changed meanwhile. */
static enum status views_make(struct whatif *q, struct view **current, struct view *views[], struct error *err)
{
    for (int attempt = 0; attempt < 3; attempt++) {
        bool same = true;
        for (uint32_t i = 0; i < q->scenario_count; i++) {
            view_release(views[i]);
            views[i] = NULL;
            TRY(trial_view(q->x, &q->scenarios[i].changes, &q->scenarios[i].at, current, &views[i], err));
        }
        for (uint32_t i = 0; i < q->scenario_count; i++) same &= views[i]->rules->version == (*current)->rules->version;
        if (same) return STATUS_OK;
    }
    return error_set(err, STATUS_CONFLICT, MESSAGE_RULES_MOVING);
}

static enum status answer_all(struct whatif *q, struct view **current, struct view *views[], struct buffer *out, struct error *err)
{
    struct json_writer w;
    struct outcome before;
    TRY(views_make(q, current, views, err));
    writer_init(&w, out);
    writer_open_object(&w);
    writer_key(&w, "network_version"), writer_text(&w, (*current)->base->network.version);
    writer_key(&w, "rules_version"), writer_integer(&w, (*current)->rules->version);
    writer_key(&w, "as_of"), writer_time(&w, (*current)->rules->as_of_ms);
    writer_key(&w, "current"), writer_open_object(&w);
    TRY(answer_under(q, *current, &w, &before, err));
    writer_close_object(&w);
    TRY(write_scenarios(q, views, &before, &w, err));
    writer_close_object(&w);
    return STATUS_OK;
}

static void work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct parse_setting setting = handler_setting(x);
    struct whatif *q = arena_zero(x->arena, 1, sizeof *q);
    struct view *current = NULL, *views[SCENARIOS_MAX] = {0};
    json_t *document = NULL;
    struct buffer out;
    buffer_init(&out, ANSWER_MAX);
    enum status status = q ? reader_parse(x->body, x->body_length, &document, &err) : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) {
        q->x = x;
        q->root = (struct json_at){.value = document};
        status = read_request(q, &setting, &err);
    }
    if (status == STATUS_OK) {
        current = handler_view_on_worker(x, &q->hold);
        if (current == NULL) goto done; /* answered */
        for (uint32_t i = 0; i < q->scenario_count; i++) exchange_charge(x, q->scenarios[i].changes.point_count);
        status = answer_all(q, &current, views, &out, &err);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
done:
    for (int i = 0; i < SCENARIOS_MAX; i++) view_release(views[i]);
    view_release(current);
    json_decref(document);
    buffer_clear(&out);
}

void whatif_post(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, work);
}
