#include "api/trial/lanes_impact.h"

#include "api/encode/encode_offence.h"
#include "api/handlers/common.h"
#include "api/parse/parse_common.h"
#include "api/wire/time_text.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 1000, DAY_MIN = 24 * 60 };
enum { MINUTE_MS = 60000, SHANGHAI_MIN = 8 * 60 };

enum status lanes_read_active(struct exchange *x, const struct plan_reader *reader, bool only_protected, struct lanes_impact *out,
                              struct error *err)
{
    struct read_pool *pool = app_options_get(x->app)->reads;
    struct pg *pg;
    *out = (struct lanes_impact){0};
    if (pool == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    TRY(read_pool_take(pool, &pg, err));
    enum status status = lanes_active(pg, reader, only_protected, x->arena, &out->lanes, &out->count, err);
    read_pool_give(pool, pg);
    return status;
}

/* The next time at or after `from_ms` that a clock in Shanghai shows `departs_min`; a whole second. */
static int64_t departure(int64_t from_ms, int departs_min)
{
    int64_t second_ms = (from_ms + 999) / 1000 * 1000;
    if (departs_min < 0) return second_ms;
    int64_t local_min = (second_ms + MINUTE_MS - 1) / MINUTE_MS + SHANGHAI_MIN;
    int64_t wait_min = (departs_min - local_min % DAY_MIN + DAY_MIN) % DAY_MIN;
    return (local_min - SHANGHAI_MIN + wait_min) * MINUTE_MS;
}

static enum status question_of(struct exchange *x, const struct lane *lane, int64_t depart_ms, struct arena *arena,
                               struct route_request **out, struct error *err)
{
    struct parse parse = {.arena = arena, .now_ms = depart_ms, .crs = WIRE_CRS_DEFAULT};
    struct route_request *r = arena_zero(arena, 1, sizeof *r);
    json_t *vehicle;
    if (r == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    TRY(reader_parse(lane->vehicle, strlen(lane->vehicle), &vehicle, err));
    struct json_at root = {.value = vehicle};
    enum status status = parse_vehicle(&parse, &root, &r->vehicle, err);
    json_decref(vehicle);
    if (status != STATUS_OK) return status;
    r->call_count = 2;
    r->calls[0].point = lane->origin;
    r->calls[1].point = lane->destination;
    r->loop = lane->loop;
    r->depart_ms = depart_ms;
    r->max_snap_mm = SNAP_DEFAULT_MM;
    r->cancelled = handler_cancelled(x);
    /* carried anew on every journey: as fresh as a rule may want them */
    for (uint32_t i = 0; i < lane->credential_count && i < CREDENTIALS_MAX; i++)
        r->credentials[r->credential_count++] = (struct credential){.type_code = lane->credentials[i], .issued_ms = depart_ms,
                                                                    .valid_from_ms = INT64_MIN, .valid_until_ms = TIME_OPEN};
    *out = r;
    return STATUS_OK;
}

enum status lanes_judge(struct exchange *x, const struct view *before, const struct view *after, bool relaxing, int64_t from_ms,
                        struct lanes_impact *lanes, struct error *err)
{
    struct app_local *local = x->local;
    struct arena arena;
    lanes->impacts = arena_zero(x->arena, (size_t)lanes->count + 1, sizeof *lanes->impacts);
    if (lanes->impacts == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    arena_init(&arena, (size_t)256 << 20);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < lanes->count && status == STATUS_OK; i++) {
        struct lane_impact *impact = &lanes->impacts[i];
        struct route_request *request = NULL;
        impact->lane = &lanes->lanes[i];
        impact->depart_ms = departure(from_ms, impact->lane->departs_min);
        arena_reset(&arena);
        status = question_of(x, impact->lane, impact->depart_ms, &arena, &request, err);
        if (status == STATUS_OK) {
            snprintf(impact->vehicle_class, sizeof impact->vehicle_class, "%s", request->vehicle.class_code);
            status = impact_journey(local->planner, before, after, request, relaxing, &arena, &impact->journey, err);
        }
        impact->journey.impact.plan = NULL; /* the arena is used again */
        exchange_charge(x, impact->journey.impact.settled + 100);
        if (status == STATUS_OK && atomic_load(&x->cancelled)) status = error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
    }
    arena_clear(&arena);
    return status;
}

bool lane_lost(const struct lane_impact *impact)
{
    return impact->journey.impact.kind == IMPACT_BROKEN && impact->journey.before == STATUS_OK;
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

static void encode_one(struct json_writer *w, const struct lane_impact *l, const struct view *after, enum language language)
{
    const struct impact *impact = &l->journey.impact;
    writer_open_object(w);
    writer_key(w, "id"), writer_text(w, l->lane->id);
    writer_key(w, "name"), writer_text(w, l->lane->name);
    writer_key(w, "company"), writer_text(w, l->lane->company);
    writer_key(w, "county"), writer_text(w, l->lane->county[0] ? l->lane->county : NULL);
    writer_key(w, "protected"), writer_boolean(w, l->lane->is_protected);
    writer_key(w, "vehicle_class"), writer_text(w, l->vehicle_class);
    writer_key(w, "depart_at"), writer_time(w, l->depart_ms);
    writer_key(w, "origin"), writer_point_e7(w, l->lane->origin);
    writer_key(w, "destination"), writer_point_e7(w, l->lane->destination);
    writer_key(w, "impact"), writer_text(w, l->journey.opened ? "opened" : impact_kind_code(impact->kind));
    if (impact->kind == IMPACT_DETOUR) {
        writer_key(w, "duration_s"), writer_milli(w, impact->duration_ms);
        writer_key(w, "distance_m"), writer_milli(w, impact->distance_mm);
    } else {
        writer_key(w, "code"), writer_text(w, status_code(l->journey.opened ? l->journey.before : impact->cause));
    }
    writer_key(w, "already"), writer_boolean(w, impact->already);
    writer_key(w, "why");
    if (impact->why.kind != OFFENCE_NONE) encode_offence(w, after, &impact->why, NULL, NULL, language);
    else writer_null(w);
    writer_close_object(w);
}

void lanes_encode(const struct lanes_impact *lanes, struct json_writer *w, const struct view *after, enum language language)
{
    uint32_t kinds[IMPACT_KIND_COUNT] = {0}, opened = 0, affected = 0;
    int64_t duration_ms = 0, distance_mm = 0;
    for (uint32_t i = 0; i < lanes->count; i++) {
        const struct journey_impact *j = &lanes->impacts[i].journey;
        if (j->opened) opened++;
        else kinds[j->impact.kind]++;
        if (j->impact.kind == IMPACT_DETOUR) duration_ms += j->impact.duration_ms, distance_mm += j->impact.distance_mm;
    }
    writer_key(w, "lanes"), writer_open_object(w);
    writer_key(w, "looked_at"), writer_integer(w, lanes->count);
    for (int k = 0; k < IMPACT_KIND_COUNT; k++) writer_key(w, impact_kind_code((enum impact_kind)k)), writer_integer(w, kinds[k]);
    writer_key(w, "opened"), writer_integer(w, opened);
    writer_key(w, "duration_s"), writer_milli(w, duration_ms);
    writer_key(w, "distance_m"), writer_milli(w, distance_mm);
    writer_close_object(w);
    writer_key(w, "lanes_affected"), writer_open_array(w);
    for (uint32_t i = 0; i < lanes->count; i++) {
        const struct journey_impact *j = &lanes->impacts[i].journey;
        if (j->impact.kind == IMPACT_UNAFFECTED && !j->opened) continue;
        if (affected++ < SHOWN_MAX) encode_one(w, &lanes->impacts[i], after, language);
    }
    writer_close_array(w);
    writer_key(w, "lanes_left_out"), writer_integer(w, affected > SHOWN_MAX ? affected - SHOWN_MAX : 0);
}
