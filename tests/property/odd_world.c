#include "tests/property/odd_world.h"

#include "geo/geodesic.h"
#include "geo/projection.h"
#include "tests/property/oracle_graph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const int64_t MIDNIGHT_MS = 1795104000000; /* a Friday begins */
static const int64_t MINUTE_MS = 60000;
static const char *const plates[] = {"", "豫R12340", "豫R1234A", "鄂F55551", "豫A00007挂"};

/* ---- rules -------------------------------------------------------------------------------------------------------- */

static struct subject some_subject(uint64_t *random)
{
    static const char *const prefixes[] = {"豫R"}, *const cargos[] = {"vegetables", "medicine"};
    struct subject s = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX};
    switch (oracle_below(random, 8)) {
    case 0: s.gross_min_kg = 4000 + oracle_below(random, 20000); break;
    case 1: s.axles_min = 3, s.axles_max = 4 + oracle_below(random, 2); break;
    case 2: s.hazmat = oracle_below(random, 2) ? YES : NO; break;
    case 3: s.lorry = oracle_below(random, 2) ? YES : NO; break;
    case 4: s.livestock = oracle_below(random, 2) ? YES : NO; break;
    case 5: s.emissions = 1u << EMISSION_3 | 1u << EMISSION_4; break;
    case 6: s.plate_prefix_count = 1, s.plate_prefixes = prefixes, s.plate_prefixes_negated = oracle_below(random, 2); break;
    default: s.cargo_count = 1 + oracle_below(random, 2), s.cargos = cargos; break;
    }
    return s;
}

/* One that ends at midnight and one that begins there, for some days and plates; now and then only one of them. */
static uint32_t some_windows(struct window *w, uint32_t most, uint64_t *random)
{
    uint8_t weekdays = oracle_below(random, 2) ? 0x7F : (uint8_t)(1 + oracle_below(random, 0x7F));
    uint8_t kinds = oracle_below(random, 2) ? 0x0F : (uint8_t)(1 + oracle_below(random, 0x0F));
    uint16_t tails = oracle_below(random, 3) ? 0 : (uint16_t)(1 + oracle_below(random, 0x3FF));
    w[0] = (struct window){weekdays, kinds, (uint16_t)(1380 + oracle_below(random, 59)), 1440, tails};
    struct window after = {weekdays, kinds, 0, (uint16_t)(1 + oracle_below(random, 90)), tails};
    if (most == 1 || oracle_below(random, 4) == 0) w[0] = oracle_below(random, 2) ? after : w[0];
    else w[1] = after;
    return most == 1 || w[0].from_min == 0 ? 1 : 2;
}

static void odd_zones(struct odd_world *o, uint64_t *random)
{
    struct route_world *w = &o->w;
    for (uint32_t i = 0; i < w->input.zone_count; i++) {
        struct zone_rule *r = w->zone_rules[i];
        struct schedule *s = &w->zones[i].schedule;
        s->windows = o->zone_windows[i];
        s->from_ms = oracle_below(random, 3) ? INT64_MIN : MIDNIGHT_MS + ((int64_t)oracle_below(random, 60) - 30) * MINUTE_MS;
        s->until_ms = TIME_OPEN;
        s->window_count = oracle_below(random, 3) ? 0 : some_windows(o->zone_windows[i], 2, random);
        r->hours.windows = o->rule_windows[i];
        r->hours.window_count = oracle_below(random, 3) ? 0 : some_windows(o->rule_windows[i], 2, random);
        if (oracle_below(random, 2)) continue;
        r[1] = r[0];
        r[0].subject = some_subject(random);
        if (r[1].kind != RULE_GATED) r[1].kind = (enum rule_kind)oracle_below(random, RULE_KIND_COUNT); /* gates are for those that are */
        if (oracle_below(random, 2)) r[1].subject = some_subject(random);
        if (oracle_below(random, 2)) r[1].hours.window_count = 0;
        w->zones[i].rule_count = 2;
    }
}

static void odd_closures(struct odd_world *o, uint64_t *random)
{
    static const credential_type_index passes[2] = {0, 1};
    struct route_world *w = &o->w;
    const struct network *n = &w->f.network;
    uint16_t *flags = (uint16_t *)(uintptr_t)n->road_flags; /* the fixture's own */
    for (road_index r = 0; r < n->road_count; r++) {
        uint32_t ramp = oracle_below(random, 6);
        if (ramp < 2) flags[r] |= ramp ? ROAD_ENTRY_RAMP : ROAD_EXIT_RAMP;
        if (oracle_below(random, 8) == 0) flags[r] |= ROAD_THROUGH_RAMP;
    }
    for (uint32_t i = 0; i < w->input.closure_count; i++) {
        struct closure *c = &w->closures[i];
        if (oracle_below(random, 2)) c->action = oracle_below(random, 2) ? CLOSURE_ENTRY_BAN : CLOSURE_EXIT_BAN;
        if (c->action == CLOSURE_LIMIT && oracle_below(random, 2)) c->limit_kind = LIMIT_AXLES, c->limit_value = 2 + oracle_below(random, 4);
        if (oracle_below(random, 2)) c->subject = some_subject(random);
        if (oracle_below(random, 2)) c->exempt = passes, c->exempt_count = 1 + oracle_below(random, 2);
        c->schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN, .windows = &o->closure_windows[i]};
        if (oracle_below(random, 2)) c->schedule.window_count = some_windows(&o->closure_windows[i], 1, random);
    }
}

/* Bridges, tunnels, and zones that are of some levels only; an area for requests to avoid. Draws of its own. */
static void odd_levels(struct odd_world *o, const struct world_options *options, uint64_t random)
{
    static const int8_t levels[] = {-1, 0, 1, 2};
    struct route_world *w = &o->w;
    int8_t *layer = (int8_t *)(uintptr_t)w->f.network.road_layer; /* the fixture's own */
    for (road_index r = 0; r < w->f.network.road_count; r++) layer[r] = oracle_below(&random, 3) ? 0 : levels[oracle_below(&random, 4)];
    for (uint32_t i = 0; i < w->input.zone_count; i++) {
        if (oracle_below(&random, 2)) continue;
        w->zones[i].layers = levels + oracle_below(&random, 3);
        w->zones[i].layer_count = 1 + oracle_below(&random, 2);
    }
    assert_true(w->input.zone_count < WORLD_ZONES);
    w->zones[WORLD_ZONES - 1].area = route_world_area(&random, (int32_t)oracle_below(&random, (uint32_t)options->size_m),
                                                      (int32_t)oracle_below(&random, (uint32_t)options->size_m), options->size_m / 6);
}

void odd_world_make(struct odd_world *o, const struct world_options *options, uint64_t *random)
{
    struct route_world *w = &o->w;
    memset(o->day_kinds, 0, sizeof o->day_kinds);
    route_world_make(w, options, random);
    odd_zones(o, random);
    odd_closures(o, random);
    if (options->levels) odd_levels(o, options, *random);
    for (uint32_t i = 0; i < WORLD_CHECKPOINTS; i++) {
        struct schedule *s = &w->checkpoints[i].opening;
        *s = (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN, .windows = &o->gate_windows[i]};
        if (oracle_below(random, 3) == 0) s->window_count = some_windows(&o->gate_windows[i], 1, random);
    }
    for (int i = 0; i < 6; i++) o->day_kinds[i] = (uint8_t)oracle_below(random, 4);
    w->input.calendar = (struct calendar){.first_day = (int32_t)((MIDNIGHT_MS + 8 * 3600000) / 86400000) - 2, .day_count = 6, .kind = o->day_kinds};
    route_world_publish(w);
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

/* The call beside its road, to the left or right, to be reached with it on the right: farther than a straight line on the map is from
 * one in the plane. */
static void put_aside(const struct network *n, struct call *call, struct oracle_place *place, bool right)
{
    uint32_t at = place->offset_mm < 5000 ? 0 : place->offset_mm - 5000;
    struct point_e7 before = spatial_point_at(n, place->road, at), after = spatial_point_at(n, place->road, at + 5000);
    call->point = geodesic_direct(call->point, fmod(geodesic_bearing_deg(before, after) + (right ? 90 : 270), 360), 20);
    call->side = SIDE_CURB;
    place->side = right ? 1 : -1;
}

/* Where it is put on the roads now; false if that is not plain. */
static bool snap(const struct odd_world *o, struct projection *projection, const struct call *call, uint32_t max_mm, struct oracle_place *place)
{
    struct point_mm plane;
    struct road_place found[2];
    struct error err = ERROR_INIT;
    assert_int_equal(projection_forward(projection, &call->point, 1, &plane, &err), STATUS_OK);
    if (spatial_nearest(o->w.base.spatial, plane, max_mm, NULL, NULL, found, 2) != 1) return false;
    *place = (struct oracle_place){.road = found[0].road, .offset_mm = found[0].offset_mm, .turning_place = call->turning_place,
                                   .service_ms = call->service_ms, .side = place->side};
    return true;
}

bool odd_world_request(const struct odd_world *o, const struct world_options *options, uint64_t *random, struct route_request *q,
                       struct oracle_place *places, uint32_t *place_count)
{
    const struct network *n = &o->w.f.network;
    struct route_request other;
    struct oracle_place elsewhere[CALLS_MAX + 1];
    uint32_t count;
    struct error err = ERROR_INIT;
    bool clear = route_world_request(&o->w, options, random, q, places, place_count);
    q->max_snap_mm = 40000;
    q->depart_ms = MIDNIGHT_MS + ((int64_t)oracle_below(random, 40) - 20) * MINUTE_MS - oracle_below(random, 2);
    for (uint32_t i = 0; i < q->credential_count; i++) /* they were drawn for another departure */
        q->credentials[i].valid_from_ms = INT64_MIN, q->credentials[i].issued_ms = q->depart_ms - (int64_t)oracle_below(random, 60) * 3600000;
    for (uint32_t i = 0; i < q->credential_count; i++)
        q->credentials[i].valid_until_ms = oracle_below(random, 2) ? TIME_OPEN : MIDNIGHT_MS + (int64_t)oracle_below(random, 60) * MINUTE_MS;
    snprintf(q->vehicle.plate, sizeof q->vehicle.plate, "%s", plates[oracle_below(random, sizeof plates / sizeof *plates)]);
    q->vehicle.emission = (enum emission)oracle_below(random, EMISSION_NEW_ENERGY + 1);
    q->vehicle.livestock = oracle_below(random, 4) == 0;
    if (oracle_below(random, 2)) snprintf(q->vehicle.cargo, sizeof q->vehicle.cargo, "%s", oracle_below(random, 2) ? "vegetables" : "coal");
    if (oracle_below(random, 4) == 0) q->vehicle.gross_kg = 3000, q->vehicle.axle_load_kg = 2000, q->vehicle.axles = 2;
    if (oracle_below(random, 3) == 0) q->vehicle.speed_limit_expressway_kmh = 60, q->vehicle.speed_limit_other_kmh = 45;
    assert_int_equal(vehicle_complete(&q->vehicle, &err), STATUS_OK);
    if (oracle_below(random, 4) == 0) { /* two calls in one place, or the end where it began */
        uint32_t at = q->call_count - 1, as = oracle_below(random, at);
        q->calls[at].point = q->calls[as].point;
    }
    if (options->levels && q->depart_ms / MINUTE_MS % 3 == 0) q->avoid_area = o->w.zones[WORLD_ZONES - 1].area;
    if (q->loop && oracle_below(random, 2) && route_world_request(&o->w, options, random, &other, elsewhere, &count)) {
        q->has_base = true;
        q->base = other.calls[0];
    }
    struct projection *projection = NULL;
    assert_int_equal(projection_open(n->projection, &projection, &err), STATUS_OK);
    for (uint32_t i = 0; i < *place_count && clear; i++) {
        struct call *call = i < q->call_count ? &q->calls[i] : q->has_base ? &q->base : &q->calls[0];
        bool again = call == &q->calls[0] && i > 0;
        if (again) places[i] = places[0];
        else clear = snap(o, projection, call, q->max_snap_mm, &places[i]);
        if (!clear || again || oracle_below(random, 4)) continue;
        const uint32_t was_mm = places[i].offset_mm;
        put_aside(n, call, &places[i], oracle_below(random, 2));
        clear = snap(o, projection, call, q->max_snap_mm, &places[i]) && llabs((int64_t)places[i].offset_mm - was_mm) < 1000; /* no bend */
    }
    projection_close(projection);
    return clear;
}
