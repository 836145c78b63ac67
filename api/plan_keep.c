#include "api/plan_keep.h"

#include "api/app.h"
#include "api/encode/plan_digest.h"
#include "api/process/admit.h"
#include "api/public_url.h"
#include "api/wire/time_text.h"
#include "routing/plan/plan_record.h"

#include <stdlib.h>
#include <string.h>

struct plan_reader plan_reader_of(const struct exchange *x)
{
    const struct caller *caller = exchange_caller(x);
    return (struct plan_reader){.key = caller->key.id, .role = caller->key.role,
                                .company = caller->key.company[0] ? caller->key.company : NULL,
                                .county = caller->key.county[0] ? caller->key.county : NULL};
}

enum status plan_of_caller(struct exchange *x, const char *id, struct stored_plan *out, struct error *err)
{
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    struct pg *pg;
    if (pool == NULL || exchange_caller(x) == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    const struct plan_reader reader = plan_reader_of(x);
    TRY(read_pool_take(pool, &pg, err));
    enum status status = plan_load(pg, id, &reader, x->arena, out, err);
    read_pool_give(pool, pg);
    return status;
}

enum status plan_kept(struct exchange *x, struct stored_plan *out, struct error *err)
{
    const char *key = exchange_header(x, "idempotency-key");
    struct read_pool *pool = x->app ? app_options_get(x->app)->reads : NULL;
    struct pg *pg;
    if (key == NULL) return error_set(err, STATUS_NOT_FOUND, MESSAGE_NO_OBJECT);
    if (key[0] == '\0' || strlen(key) > 200) return error_set(err, STATUS_INVALID, MESSAGE_KEY_LENGTH);
    if (pool == NULL || exchange_caller(x) == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    const struct plan_reader reader = plan_reader_of(x);
    TRY(read_pool_take(pool, &pg, err));
    enum status status = plan_load_by_key(pg, &reader, key, x->arena, out, err);
    read_pool_give(pool, pg);
    return status;
}

void plan_reply_kept(struct exchange *x, int http_status, const struct stored_plan *kept)
{
    struct buffer out;
    buffer_init(&out, PLAN_ANSWER_MAX + 1);
    buffer_bytes(&out, kept->answer, kept->answer_length);
    public_location(x, arena_printf(x->arena, "/v1/plans/%s", kept->id));
    exchange_reply(x, http_status, "application/json", &out);
    buffer_clear(&out);
}

/* ---- keeping ----------------------------------------------------------------------------------------------- */

/* The line of a plan as WKT, leg by leg; NULL where it does not move. */
static const char *route_of(const struct plan *plan, struct buffer *out)
{
    bool any = false;
    for (uint32_t l = 0; l < plan->leg_count; l++) {
        const struct leg *leg = &plan->legs[l];
        if (leg->point_count < 2) continue;
        buffer_text(out, any ? ",(" : "MULTILINESTRING((");
        for (uint32_t i = 0; i < leg->point_count; i++)
            buffer_printf(out, "%s%.7f %.7f", i ? "," : "", leg->points[i].lon_e7 / 1e7, leg->points[i].lat_e7 / 1e7);
        buffer_char(out, ')');
        any = true;
    }
    if (any) buffer_text(out, ")");
    buffer_char(out, '\0');
    return any && !out->failed ? out->data : NULL;
}

enum status plan_keep(struct write_tx *tx, const struct route_encoder *encoder, const struct plan *plan,
                      const struct plan_belonging *to, const char *request, const char *text, struct error *err)
{
    const struct rules *rules = encoder->view->rules;
    char digest[PLAN_DIGEST_SIZE];
    struct buffer record, line;
    struct arena arena;
    if (strlen(text) > PLAN_ANSWER_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_STORE_TOO_LARGE, PLAN_ANSWER_MAX);
    plan_digest(encoder->view, plan, digest);
    buffer_init(&record, PLAN_ANSWER_MAX);
    buffer_init(&line, 4 * PLAN_ANSWER_MAX);
    arena_init(&arena, PLAN_ANSWER_MAX);
    struct plan_new made = {
        .id = encoder->decision_id, .request_key = to->request_key, .replaces = to->replaces, .company = to->company,
        .county = to->county, .network_version = encoder->view->base->network.version, .digest = digest,
        .vehicle_class = encoder->request->vehicle.class_code,
        .language = encoder->form->language == LANGUAGE_EN ? "en" : "zh", .rules_version = rules->version,
        .as_of_ms = rules->as_of_ms, .depart_ms = plan->legs[0].depart_ms,
        .arrive_ms = plan->legs[plan->leg_count - 1].arrive_ms, .duration_ms = plan->duration_ms,
        .distance_mm = plan->distance_mm, .request = request, .answer = text};
    plan_record_write(&record, rules->input, plan);
    made.record = record.data;
    made.record_length = record.length;
    made.route = route_of(plan, &line);
    made.arcs = plan_record_arcs(plan, &arena, &made.arc_count);
    enum status status = made.arcs == NULL ? error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY)
                         : record.failed || line.failed ? error_set(err, STATUS_TOO_LARGE, MESSAGE_STORE_TOO_LARGE, PLAN_ANSWER_MAX)
                                           : plan_store_put(tx, &made, err);
    buffer_clear(&record);
    buffer_clear(&line);
    arena_clear(&arena);
    return status;
}

/* ---- and back ---------------------------------------------------------------------------------------------- */

enum status plan_question(const struct stored_plan *stored, int64_t depart_ms, const struct parse_setting *setting,
                          struct route_question *out, const char **request, struct error *err)
{
    char departure[TIME_TEXT_SIZE];
    json_t *document;
    time_format(depart_ms == INT64_MIN ? stored->depart_ms : depart_ms, departure);
    TRY(reader_parse(stored->request, strlen(stored->request), &document, err));
    enum status status = STATUS_OK;
    json_object_del(document, "min_rules_version");
    json_object_del(document, "max_rules_age_s");
    if (json_object_set_new(document, "depart_at", json_string(departure)) != 0)
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct json_at root = {.value = document};
    struct parse_setting journeys = *setting;
    journeys.journeys = true;
    if (status == STATUS_OK) status = parse_route(&root, &journeys, out, err);
    if (status == STATUS_OK && request) {
        char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15));
        *request = text ? arena_strdup(setting->arena, text) : NULL;
        free(text);
        if (*request == NULL) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    json_decref(document);
    return status;
}

int64_t plan_departure(const struct stored_plan *stored, int64_t now_ms)
{
    return stored->depart_ms >= now_ms ? stored->depart_ms : (now_ms + 999) / 1000 * 1000;
}

enum status plan_recall(const struct stored_plan *stored, const struct view *view, int64_t depart_ms, struct arena *arena,
                        struct plan **out, struct error *err)
{
    const struct network *n = &view->base->network;
    if (strcmp(stored->network_version, n->version) != 0)
        return error_set(err, STATUS_CONFLICT, MESSAGE_PLAN_OTHER_NETWORK, stored->network_version, n->version);
    TRY(plan_record_read(stored->record, stored->record_length, n, view->rules->input, arena, out, err));
    plan_record_move(*out, depart_ms);
    return STATUS_OK;
}
