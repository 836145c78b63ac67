#include "api/handlers/ogc_routes.h"

#include "api/desk.h"
#include "api/handlers/common.h"
#include "api/handlers/route.h"
#include "api/handlers/rules.h"
#include "api/ogc/ogc_route.h"
#include "api/plan_keep.h"
#include "api/public_url.h"
#include "api/wire/time_text.h"
#include "data/plans/ogc_route_store.h"

#include <stdio.h>
#include <string.h>

#define GEOJSON "application/geo+json"

/* ---- computing --------------------------------------------------------------------------------------------- */

struct computing {
    struct exchange *x;
    const char *question, *name;
    size_t waypoints;
    bool wrapped;
    struct route_question route;
    struct route_encoder encoder;
    struct answer answer;
    struct buffer text, model;
};

static enum status read_definition(struct computing *c, struct error *err)
{
    struct exchange *x = c->x;
    const struct parse_setting setting = handler_setting(x);
    json_t *document;
    TRY(reader_parse(x->body, x->body_length, &document, err));
    struct json_at root = {.value = document};
    const json_t *inputs = json_object_get(document, "inputs");
    c->wrapped = inputs != NULL;
    enum status status = json_is_object(document) ? ogc_route_question(&root, x->arena, &c->question, &c->name, err)
                                                  : reader_type(&root, MESSAGE_JSON_TYPE_OBJECT, err);
    c->waypoints = json_array_size(json_object_get(json_object_get(inputs ? inputs : document, "waypoints"), "coordinates"));
    json_decref(document);
    if (status != STATUS_OK) return status;
    status = parse_route_text(c->question, strlen(c->question), &setting, &c->route, err);
    if (status != STATUS_OK) ogc_route_blame(err, c->waypoints, c->wrapped);
    return status;
}

/* A signed-in caller's route is kept, with what it was asked by. */
static enum status keep(struct computing *c, struct error *err)
{
    struct exchange *x = c->x;
    struct desk *desk = exchange_desk(x);
    struct write_actor actor = rule_actor(x);
    const struct plan_reader reader = plan_reader_of(x);
    const struct plan_belonging to = {.company = reader.company, .county = reader.county};
    struct write_tx tx = {0};
    if (desk == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    TRY(write_begin_aside(desk->writes, &actor, "store", &tx, err));
    enum status status = plan_keep(&tx, &c->encoder, c->answer.plans[0], &to, c->question, c->text.data, err);
    if (status == STATUS_OK) status = ogc_route_put(&tx, c->encoder.decision_id, c->name, x->body, err);
    if (status == STATUS_OK) status = write_commit(&tx, err);
    write_abort(&tx);
    return status;
}

static void reply(struct computing *c, const char *id, struct error *err)
{
    struct exchange *x = c->x;
    char now[TIME_TEXT_SIZE];
    time_format(time_now_ms() / 1000 * 1000, now);
    const char *base = public_url(x);
    if (base == NULL) (void)error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (base == NULL || ogc_route_model(c->text.data, c->text.length, c->name, base, id, now, &c->model, err) != STATUS_OK) {
        exchange_problem(x, err);
        return;
    }
    if (id) exchange_header_add(x, "Location", arena_printf(x->arena, "%s/ogc/routes/%s", base, id));
    exchange_header_add(x, "Content-Language", x->language == LANGUAGE_EN ? "en" : "zh-CN");
    exchange_reply(x, 200, GEOJSON, &c->model);
}

static void compute_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct rules_hold hold = RULES_HOLD_ANY;
    struct computing *c = arena_zero(x->arena, 1, sizeof *c);
    struct view *view;
    enum status status = c ? STATUS_OK : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status == STATUS_OK) c->x = x, status = read_definition(c, &err);
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
        return;
    }
    if ((view = handler_view_on_worker(x, &hold)) == NULL) return;
    buffer_init(&c->text, ANSWER_MAX);
    buffer_init(&c->model, ANSWER_MAX);
    status = route_answer(x, view, &c->route, PLANNER_FULL, &c->encoder, &c->answer, &c->text, &err);
    bool found = status == STATUS_OK, kept = exchange_caller(x) != NULL;
    if (found && kept) status = keep(c, &err);
    if (status == STATUS_OK) {
        reply(c, kept ? c->encoder.decision_id : NULL, &err);
    } else {
        ogc_route_blame(&err, c->waypoints, c->wrapped);
        exchange_problem_with(x, &err, !found && c->text.length ? c->text.data : NULL);
    }
    buffer_clear(&c->text);
    buffer_clear(&c->model);
    view_release(view);
}

void ogc_route_compute(struct exchange *x)
{
    if (handler_ready(x)) exchange_submit(x, compute_work);
}

/* ---- managing ---------------------------------------------------------------------------------------------- */

static struct pg *take(struct exchange *x, struct error *err)
{
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    struct pg *pg = NULL;
    if (pool == NULL) (void)error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    else if (read_pool_take(pool, &pg, err) != STATUS_OK) return NULL;
    return pg;
}

static void give(struct exchange *x, struct pg *pg)
{
    read_pool_give(app_options_get(x->app)->reads, pg);
}

struct listing {
    struct exchange *x;
    struct json_writer *w;
    const char *base;
};

static void write_link(const struct listing *l, const char *rel, const char *type, const char *id, const char *title)
{
    struct json_writer *w = l->w;
    const char *href = arena_printf(l->x->arena, "%s/ogc/routes%s%s", l->base, id ? "/" : "", id ? id : "");
    if (href == NULL) w->out->failed = STATUS_NO_MEMORY;
    writer_open_object(w);
    writer_key(w, "rel"), writer_text(w, rel);
    writer_key(w, "type"), writer_text(w, type);
    writer_key(w, "href"), writer_text(w, href);
    writer_key(w, "title"), writer_text(w, title);
    writer_close_object(w);
}

static void list_one(void *context, const char *plan, const char *name)
{
    write_link(context, "item", GEOJSON, plan, name[0] ? name : plan);
}

static void list_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    struct json_writer w;
    const struct plan_reader reader = plan_reader_of(x);
    buffer_init(&out, ANSWER_MAX);
    writer_init(&w, &out);
    struct pg *pg = take(x, &err);
    enum status status = STATUS_UNAVAILABLE;
    struct listing l = {.x = x, .w = &w, .base = public_url(x)};
    if (pg && l.base == NULL) {
        status = error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        give(x, pg);
    } else if (pg) {
        writer_open_object(&w);
        writer_key(&w, "links"), writer_open_array(&w);
        write_link(&l, "self", "application/json", NULL, "this document");
        status = ogc_route_list(pg, &reader, list_one, &l, &err);
        writer_close_array(&w);
        writer_close_object(&w);
        give(x, pg);
        if (status == STATUS_OK && out.failed) status = error_set(&err, out.failed, MESSAGE_NO_MEMORY);
    }
    if (status == STATUS_OK) exchange_reply(x, 200, "application/json", &out);
    else exchange_problem(x, &err);
    buffer_clear(&out);
}

void ogc_routes_list(struct exchange *x)
{
    exchange_submit(x, list_work);
}

static enum status load(struct exchange *x, const char **name, const char **definition, struct error *err)
{
    const struct plan_reader reader = plan_reader_of(x);
    struct pg *pg = take(x, err);
    if (pg == NULL) return err->status;
    enum status status = ogc_route_load(pg, exchange_param(x, "id"), &reader, x->arena, name, definition, err);
    give(x, pg);
    return status;
}

static void read_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct stored_plan plan;
    struct buffer out;
    const char *name, *definition;
    char created[TIME_TEXT_SIZE];
    buffer_init(&out, ANSWER_MAX);
    enum status status = load(x, &name, &definition, &err);
    if (status == STATUS_OK) status = plan_of_caller(x, exchange_param(x, "id"), &plan, &err);
    if (status == STATUS_OK) {
        json_t *about = json_loads(plan.about, 0, NULL);
        const char *at = json_string_value(json_object_get(about, "created_at"));
        snprintf(created, sizeof created, "%s", at ? at : "");
        json_decref(about);
        const char *base = public_url(x);
        status = base ? ogc_route_model(plan.answer, plan.answer_length, name, base, plan.id, created, &out, &err)
                      : error_set(&err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    if (status != STATUS_OK) {
        exchange_problem(x, &err);
    } else if (!exchange_not_modified(x, plan.tag)) {
        exchange_header_add(x, "Content-Language", plan.english ? "en" : "zh-CN");
        exchange_reply(x, 200, GEOJSON, &out);
    }
    buffer_clear(&out);
}

void ogc_route_read(struct exchange *x)
{
    exchange_submit(x, read_work);
}

static void definition_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct buffer out;
    const char *name, *definition;
    buffer_init(&out, ANSWER_MAX);
    if (load(x, &name, &definition, &err) == STATUS_OK) {
        buffer_text(&out, definition);
        exchange_reply(x, 200, "application/json", &out);
    } else {
        exchange_problem(x, &err);
    }
    buffer_clear(&out);
}

void ogc_route_definition(struct exchange *x)
{
    exchange_submit(x, definition_work);
}

static void delete_work(struct exchange *x)
{
    struct error err = ERROR_INIT;
    struct desk *desk = exchange_desk(x);
    struct write_actor actor = rule_actor(x);
    const struct plan_reader reader = plan_reader_of(x);
    const char *id = exchange_param(x, "id");
    char state[PLAN_STATE_SIZE], tag[PLAN_TAG_SIZE];
    struct write_tx tx = {0};
    enum status status = desk ? write_begin_aside(desk->writes, &actor, "withdraw", &tx, &err)
                              : error_set(&err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    if (status == STATUS_OK) status = plan_look(&tx, id, &reader, state, tag, &err);
    if (status == STATUS_OK) status = exchange_if_match(x, tag, &err);
    if (status == STATUS_OK) status = ogc_route_forget(&tx, id, &err);
    if (status == STATUS_OK) status = plan_withdraw(&tx, id, &err);
    if (status == STATUS_OK) status = write_commit(&tx, &err);
    write_abort(&tx);
    if (status == STATUS_OK) exchange_reply(x, 204, NULL, NULL);
    else exchange_problem(x, &err);
}

void ogc_route_delete(struct exchange *x)
{
    exchange_submit(x, delete_work);
}
