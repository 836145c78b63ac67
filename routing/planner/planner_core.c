#include "routing/planner/planner_core.h"

#include "routing/search/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void planner_begin(struct planner *p, const struct view *view, enum planner_mode mode)
{
    p->view = view;
    p->mode = mode;
    metric_supply_begin(&p->supply, view, mode == PLANNER_QUICK);
}

void planner_done(struct planner *p)
{
    metric_supply_done(&p->supply);
    for (uint32_t i = 0; i < p->binding_count; i++) rule_bindings_release(&p->bindings[i]);
    p->binding_count = 0;
    area_free(p->avoid.area);
    p->avoid.area = NULL;
    arena_reset(&p->scratch);
    if (p->search) search_settle(p->search);
}

/* ---- setting up a request ------------------------------------------------------------------------------------------------ */

enum status planner_avoid(struct planner *p, const struct route_request *request, struct avoid_area **out,
                          struct error *err)
{
    struct multipolygon_mm shape = {0};
    *out = NULL;
    if (request->avoid_area.part_count == 0) return STATUS_OK;
    if (!p->avoid.stamp) p->avoid.stamp = calloc((size_t)p->base->network.road_count + 1, sizeof *p->avoid.stamp);
    if (!p->avoid.cells) p->avoid.cells = malloc(sizeof *p->avoid.cells);
    if (!p->avoid.stamp || !p->avoid.cells) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (++p->avoid.generation == 0x7FFFFFFF) {
        memset(p->avoid.stamp, 0, ((size_t)p->base->network.road_count + 1) * sizeof *p->avoid.stamp);
        p->avoid.generation = 1;
    }
    enum status status = multipolygon_project(&request->avoid_area, p->projection, &shape, err);
    area_free(p->avoid.area); /* of an attempt before */
    p->avoid.area = NULL;
    if (status == STATUS_OK) status = area_new(&shape, &p->avoid.area, err);
    if (status == STATUS_OK) area_cells_fill(p->avoid.cells, &shape);
    multipolygon_mm_clear(&shape);
    if (status == STATUS_OK) *out = &p->avoid;
    return status;
}

int64_t planner_exact_ms(const struct base *base)
{
    const int64_t day = 24 * 3600 * 1000;
    return network_distance_unit_mm(&base->network) == 1 ? 4 * day : 16 * day;
}

static uint64_t services_ms(const struct route_request *request)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < request->call_count; i++) sum += request->calls[i].service_ms;
    return sum;
}

enum status planner_constrain(struct planner *p, const struct view *view, const struct route_request *request,
                              int64_t loose_ms, struct avoid_area *avoid, struct constraint *c, struct error *err)
{
    int64_t extra = (int64_t)services_ms(request) + request->max_wait_ms + request->stay_ms;
    const struct pieces *pieces = vehicle_is_lorry(&request->vehicle) ? &p->lorry : &p->light;
    assert(p->binding_count < PLANNER_ATTEMPTS_MAX);
    enum status status = constraint_init(c, view->base, view->rules, request, pieces, request->depart_ms + loose_ms + extra,
                                         request->depart_ms + planner_exact_ms(view->base) + extra, avoid, &p->scratch, err);
    if (status == STATUS_OK) p->bindings[p->binding_count++] = c->bindings; /* the constraint has no end of its own */
    return status;
}

static void call_pointer(struct error *err, const struct route_request *request, uint32_t i)
{
    if (i == 0)
        error_pointer(err, "/origin/location");
    else if (i == request->call_count)
        error_pointer(err, "/base/location");
    else if (i + 1 == request->call_count)
        error_pointer(err, "/destination/location");
    else
        error_pointer(err, "/stops/%u/location", i - 1);
}

enum status planner_places(struct planner *p, const struct route_request *request, struct journeying *x,
                           struct error *err)
{
    x->place_count = request->call_count + (request->loop ? 1 : 0);
    x->any_refused = false;
    for (uint32_t i = 0; i < x->place_count; i++) {
        const struct call *call = i < request->call_count ? &request->calls[i]
                                  : request->has_base     ? &request->base
                                                          : &request->calls[0];
        x->refused[i] = (struct breach){.cause = STATUS_OK, .zone = UINT32_MAX, .checkpoint = UINT32_MAX,
                                        .closure = UINT32_MAX, .road = NO_ROAD};
        enum status status = place_snap(&x->c, p->base->spatial, p->projection, call, i, false, &x->places[i],
                                        &x->refused[i], err);
        if (status == STATUS_DESTINATION_IN_CLOSED_ZONE || status == STATUS_ROAD_CLOSED) {
            x->any_refused = true;
            struct breach none;
            status = place_snap(&x->c, p->base->spatial, p->projection, call, i, true, &x->places[i], &none, err);
        }
        if (status != STATUS_OK) {
            call_pointer(err, request, i);
            return status;
        }
    }
    return STATUS_OK;
}

/* ---- the journey -------------------------------------------------------------------------------------------------------- */

enum status planner_find(struct planner *p, struct journeying *x, uint32_t budget, struct answer *answer, bool *late,
                         struct error *err)
{
    struct metric_source metrics = {.get = metric_supply_get, .meanwhile = metric_supply_meanwhile, .context = &p->supply};
    *late = false;
    enum status status = journey_loose(&x->c, p->query, &metrics, x->places, x->place_count, &x->journey, err);
    answer->tier |= 1;
    if (status != STATUS_OK || x->journey.cost == UINT64_MAX) return status;
    uint64_t cost;
    bool lawful;
    journey_replay(&x->c, x->places, &x->journey, MOVE_EXACT, NULL, &cost, &lawful);
    if (lawful && cost == x->journey.cost) {
        *late = x->c.varying && x->journey.legs[x->journey.leg_count - 1].arrive_ms > x->c.loose_until_ms;
        return STATUS_OK;
    }
    if (p->mode == PLANNER_QUICK) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
    answer->tier |= 2;
    return journey_search(&x->c, p->search, &metrics, x->places, x->place_count, budget, &answer->settled, &x->journey,
                          late, err);
}
