#include "api/places_reach.h"

#include "api/handlers/common.h"
#include "api/time_text.h"
#include "routing/impact.h"

#include <stdio.h>
#include <string.h>

const char *const reach_classes[REACH_CLASSES] = {"light_truck", "truck_3_axle", "truck_6_axle"};

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
        out->before[k] = arena_zero(x->arena, (size_t)out->count + 1, sizeof(bool));
        out->after[k] = arena_zero(x->arena, (size_t)out->count + 1, sizeof(bool));
        if (!out->before[k] || !out->after[k]) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        if (!anything) continue;
        TRY(reach_request(reach_classes[k], depart_ms, x->arena, &constraints, err));
        constraints->cancelled = handler_cancelled(x);
        TRY(impact_reach(local->planner, before, constraints, calls, source_count, calls, out->count, x->arena, out->before[k], err));
        TRY(impact_reach(local->planner, after, constraints, calls, source_count, calls, out->count, x->arena, out->after[k], err));
    }
    exchange_charge(x, (uint64_t)2 * REACH_CLASSES * source_count * out->count);
    return STATUS_OK;
}

bool place_lost(const struct places_reach *r, uint32_t place)
{
    for (int k = 0; k < REACH_CLASSES; k++)
        if (r->before[k][place] && !r->after[k][place]) return true;
    return false;
}

bool place_gained(const struct places_reach *r, uint32_t place)
{
    for (int k = 0; k < REACH_CLASSES; k++)
        if (!r->before[k][place] && r->after[k][place]) return true;
    return false;
}

void encode_place(struct json_writer *w, const struct places_reach *r, uint32_t place)
{
    static const char *const words[2][2] = {{"unreachable", "opened"}, {"cut_off", "reachable"}};
    const struct impact_place *p = &r->places[place];
    writer_open_object(w);
    writer_key(w, "id"), writer_text(w, p->id);
    writer_key(w, "kind"), writer_text(w, p->kind);
    writer_key(w, "name"), writer_text(w, p->name);
    writer_key(w, "county"), writer_text(w, p->county[0] ? p->county : NULL);
    writer_key(w, "protected"), writer_boolean(w, p->is_protected);
    writer_key(w, "location"), writer_point_e7(w, p->point);
    writer_key(w, "vehicles"), writer_open_object(w);
    for (int k = 0; k < REACH_CLASSES; k++)
        writer_key(w, reach_classes[k]), writer_text(w, words[r->before[k][place]][r->after[k][place]]);
    writer_close_object(w);
    writer_close_object(w);
}
