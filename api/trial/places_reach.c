#include "api/trial/places_reach.h"

#include "api/handlers/common.h"
#include "api/wire/time_text.h"
#include "routing/planner/impact.h"

#include <stdio.h>
#include <string.h>

enum { LATER_MS = 60000 }; /* less than a minute is not a detour */

const char *const reach_classes[REACH_CLASSES] = {"light_truck", "truck_3_axle", "truck_6_axle"};
const enum message reach_class_names[REACH_CLASSES] = {MESSAGE_REACH_LIGHT_TRUCK, MESSAGE_REACH_TRUCK_3_AXLE, MESSAGE_REACH_TRUCK_6_AXLE};

static enum status read_places(struct exchange *x, bool only_protected, struct places_reach *out, struct error *err)
{
    struct read_pool *pool = app_options_get(x->app)->reads;
    struct pg *pg;
    if (pool == NULL) return error_set(err, STATUS_UNAVAILABLE, MESSAGE_DATABASE_AWAY);
    TRY(read_pool_take(pool, &pg, err));
    enum status status = impact_places(pg, only_protected, x->arena, &out->places, &out->count, err);
    read_pool_give(pool, pg);
    return status;
}

enum status reach_request(const char *class, int64_t depart_ms, struct arena *arena, struct route_request **out, struct error *err)
{
    struct route_request *r = arena_zero(arena, 1, sizeof *r);
    if (r == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    snprintf(r->vehicle.class_code, sizeof r->vehicle.class_code, "%s", class);
    r->depart_ms = ((depart_ms ? depart_ms : time_now_ms()) + 999) / 1000 * 1000;
    r->max_snap_mm = SNAP_DEFAULT_MM;
    *out = r;
    return vehicle_complete(&r->vehicle, err);
}

static enum status times_new(uint32_t count, struct arena *arena, struct reach_times *out, struct error *err)
{
    out->before = arena_zero(arena, (size_t)count + 1, sizeof *out->before);
    out->after = arena_zero(arena, (size_t)count + 1, sizeof *out->after);
    if (!out->before || !out->after) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    memset(out->before, 0xff, count * sizeof *out->before);
    memset(out->after, 0xff, count * sizeof *out->after);
    return STATUS_OK;
}

enum status places_reach(struct exchange *x, const struct view *before, const struct view *after, bool only_protected,
                         int64_t depart_ms, struct places_reach *out, struct error *err)
{
    struct app_local *local = x->local;
    *out = (struct places_reach){0};
    TRY(read_places(x, only_protected, out, err));
    uint32_t source_count = 0;
    struct call *calls = arena_zero(x->arena, (size_t)out->count + 1, sizeof *calls);
    if (calls == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < out->count; i++) {
        calls[i].point = out->places[i].point;
        source_count += out->places[i].source; /* they stand first */
    }
    bool anything = !only_protected || source_count < out->count;
    for (int k = 0; k < REACH_CLASSES; k++) {
        struct route_request *constraints = NULL;
        TRY(reach_request(reach_classes[k], depart_ms, x->arena, &constraints, err));
        constraints->cancelled = handler_cancelled(x);
        for (int way = 0; way < REACH_WAYS; way++) {
            struct reach_times *t = &out->times[way][k];
            TRY(times_new(out->count, x->arena, t, err));
            if (!anything) continue;
            bool back = way == REACH_FROM;
            TRY(impact_reach(local->planner, before, constraints, calls, source_count, calls, out->count, back, x->arena, t->before, err));
            TRY(impact_reach(local->planner, after, constraints, calls, source_count, calls, out->count, back, x->arena, t->after, err));
        }
    }
    exchange_charge(x, (uint64_t)2 * REACH_WAYS * REACH_CLASSES * source_count * out->count);
    return STATUS_OK;
}

/* ---- what became of a place -------------------------------------------------------------------------------- */

static bool any(const struct places_reach *r, uint32_t place, bool (*is)(uint32_t before_ms, uint32_t after_ms))
{
    for (int way = 0; way < REACH_WAYS; way++)
        for (int k = 0; k < REACH_CLASSES; k++)
            if (is(r->times[way][k].before[place], r->times[way][k].after[place])) return true;
    return false;
}

static bool is_lost(uint32_t before_ms, uint32_t after_ms)
{
    return before_ms != UINT32_MAX && after_ms == UINT32_MAX;
}

static bool is_gained(uint32_t before_ms, uint32_t after_ms)
{
    return before_ms == UINT32_MAX && after_ms != UINT32_MAX;
}

static bool is_later(uint32_t before_ms, uint32_t after_ms)
{
    return after_ms != UINT32_MAX && after_ms > before_ms && after_ms - before_ms >= LATER_MS;
}

bool place_lost(const struct places_reach *r, uint32_t place)
{
    return any(r, place, is_lost);
}

bool place_gained(const struct places_reach *r, uint32_t place)
{
    return any(r, place, is_gained);
}

bool place_later(const struct places_reach *r, uint32_t place)
{
    return any(r, place, is_later);
}

static void encode_way(struct json_writer *w, const struct places_reach *r, uint32_t place, enum reach_way way)
{
    static const char *const words[2][2] = {{"unreachable", "opened"}, {"cut_off", "reachable"}};
    writer_key(w, way == REACH_TO ? "vehicles" : "vehicles_back"), writer_open_object(w);
    for (int k = 0; k < REACH_CLASSES; k++) {
        const struct reach_times *t = &r->times[way][k];
        writer_key(w, reach_classes[k]), writer_text(w, words[t->before[place] != UINT32_MAX][t->after[place] != UINT32_MAX]);
    }
    writer_close_object(w);
    writer_key(w, way == REACH_TO ? "later_s" : "later_back_s"), writer_open_object(w);
    for (int k = 0; k < REACH_CLASSES; k++) {
        const struct reach_times *t = &r->times[way][k];
        if (!is_later(t->before[place], t->after[place])) continue;
        writer_key(w, reach_classes[k]), writer_milli(w, t->after[place] - t->before[place]);
    }
    writer_close_object(w);
}

void encode_place(struct json_writer *w, const struct places_reach *r, uint32_t place)
{
    const struct impact_place *p = &r->places[place];
    writer_open_object(w);
    writer_key(w, "id"), writer_text(w, p->id);
    writer_key(w, "kind"), writer_text(w, p->kind);
    writer_key(w, "name"), writer_text(w, p->name);
    writer_key(w, "county"), writer_text(w, p->county[0] ? p->county : NULL);
    writer_key(w, "protected"), writer_boolean(w, p->is_protected);
    writer_key(w, "location"), writer_point_e7(w, p->point);
    for (int way = 0; way < REACH_WAYS; way++) encode_way(w, r, place, (enum reach_way)way);
    writer_close_object(w);
}
