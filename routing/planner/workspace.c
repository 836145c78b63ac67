#include "routing/planner/workspace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum status planner_new(const struct base *base, struct planner **out, struct error *err)
{
    struct planner *p = calloc(1, sizeof *p);
    if (!p) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    p->base = p->supply.base = base;
    arena_init(&p->scratch, SCRATCH_MAX);
    enum status status = query_new(base->hierarchy, &p->query, err);
    if (status == STATUS_OK) status = search_new(base, &p->search, err);
    if (status == STATUS_OK) status = projection_open(base->network.projection, &p->projection, err);
    if (status == STATUS_OK) status = geos_open(&p->geos, err);
    if (status == STATUS_OK) status = checker_new(base, &p->checker, err);
    if (status == STATUS_OK) status = pieces_init(&p->lorry, &base->network, true, err);
    if (status == STATUS_OK) status = pieces_init(&p->light, &base->network, false, err);
    if (status != STATUS_OK) {
        planner_free(p);
        return status;
    }
    *out = p;
    return STATUS_OK;
}

void planner_maker_set(struct planner *p, const struct metric_maker *maker)
{
    p->supply.maker = *maker;
}

void planner_begin(struct planner *p, const struct view *view, enum planner_mode mode)
{
    p->view = view;
    p->mode = mode;
    metric_supply_begin(&p->supply, view, mode == PLANNER_QUICK);
}

void planner_done(struct planner *p)
{
    metric_supply_done(&p->supply);
    for (uint32_t i = 0; i < p->binding_count; i++) zone_binding_release(p->bindings[i]);
    p->binding_count = 0;
    area_free(p->avoid.area);
    p->avoid.area = NULL;
    arena_reset(&p->scratch);
    if (p->search) search_settle(p->search);
}

void planner_free(struct planner *p)
{
    if (!p) return;
    planner_done(p);
    query_free(p->query);
    search_free(p->search);
    checker_free(p->checker);
    geos_close(p->geos);
    projection_close(p->projection);
    pieces_clear(&p->lorry);
    pieces_clear(&p->light);
    arena_clear(&p->scratch);
    area_stretches_clear(&p->avoid.stretches);
    free(p->avoid.stamp);
    metric_supply_clear(&p->supply);
    free(p->penalty);
    table_tree_free(p->tree);
    free(p);
}

/* ---- setting up a request ------------------------------------------------------------------------------------------------ */

enum status planner_avoid(struct planner *p, const struct route_request *request, struct avoid_area **out,
                              struct error *err)
{
    struct multipolygon_mm shape = {0};
    *out = NULL;
    if (request->avoid_area.part_count == 0) return STATUS_OK;
    if (!p->avoid.stamp) p->avoid.stamp = calloc((size_t)p->base->network.road_count + 1, sizeof *p->avoid.stamp);
    if (!p->avoid.stamp) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (++p->avoid.generation == 0x7FFFFFFF) {
        memset(p->avoid.stamp, 0, ((size_t)p->base->network.road_count + 1) * sizeof *p->avoid.stamp);
        p->avoid.generation = 1;
    }
    enum status status = multipolygon_project(&request->avoid_area, p->projection, &shape, err);
    if (status == STATUS_OK) status = area_new(&shape, &p->avoid.area, err);
    multipolygon_mm_clear(&shape);
    if (status == STATUS_OK) *out = &p->avoid;
    return status;
}

static uint64_t services_ms(const struct route_request *request)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < request->call_count; i++) sum += request->calls[i].service_ms;
    return sum;
}

enum status planner_constraint(struct planner *p, const struct view *view, const struct route_request *request,
                                   int64_t loose_ms, struct avoid_area *avoid, struct constraint *c, struct error *err)
{
    int64_t extra = (int64_t)services_ms(request) + request->max_wait_ms;
    const struct pieces *pieces = vehicle_is_lorry(&request->vehicle) ? &p->lorry : &p->light;
    assert(p->binding_count < ATTEMPTS_MAX);
    enum status status = constraint_init(c, view->base, view->rules, request, pieces, request->depart_ms + loose_ms + extra,
                                         request->depart_ms + EXACT_MS + extra, avoid, &p->scratch, err);
    if (status == STATUS_OK) p->bindings[p->binding_count++] = c->binding; /* the constraint has no end of its own */
    return status;
}
