#include "routing/planner/planner.h"

#include "geo/geos.h"
#include "routing/constraint/zone_set.h"
#include "routing/planner/planner_core.h"

#include <stdlib.h>

enum status planner_new(const struct base *base, struct planner **out, struct error *err)
{
    struct planner *p = calloc(1, sizeof *p);
    if (!p) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    p->base = p->supply.base = base;
    arena_init(&p->scratch, PLANNER_SCRATCH_MAX);
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
    free(p->avoid.cells);
    metric_supply_clear(&p->supply);
    free(p->penalty);
    table_tree_free(p->tree);
    table_pairs_free(p->pairs);
    table_shadow_free(p->shadow);
    free(p);
}

enum status planner_judge(struct planner *p, const struct view *view, const struct route_request *request,
                          const struct plan *plan, struct judgement *out, struct error *err)
{
    return checker_judge(p->checker, view, request, plan, out, err);
}

enum status planner_area_arcs(struct planner *p, const struct multipolygon *area, struct arena *arena, arc_id **arcs,
                              uint32_t *count, struct error *err)
{
    const struct zone zone = {.id = "", .area = *area};
    struct zone_set *set;
    enum status status = zone_set_new(&p->base->network, p->base->spatial, p->projection, &zone, &set, err);
    if (status != STATUS_OK) return status;
    *count = set->arc_count;
    *arcs = arena_copy(arena, set->arcs, set->arc_count * sizeof **arcs);
    zone_set_release(set);
    return *arcs || *count == 0 ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- snapping ------------------------------------------------------------------------------------------------------------- */

enum { SNAPS_MAX = 100 };

enum status planner_snap(struct planner *p, const struct view *view, const struct vehicle *vehicle, struct point_e7 at,
                         uint32_t max_mm, struct waypoint *out, uint32_t max_count, uint32_t *count, struct error *err)
{
    struct constraint c;
    struct road_place found[SNAPS_MAX];
    struct route_request *request = arena_zero(&p->scratch, 1, sizeof *request);
    if (!request) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    request->vehicle = *vehicle;
    request->depart_ms = view->rules->as_of_ms;
    if (max_count > SNAPS_MAX) max_count = SNAPS_MAX;
    enum status status = planner_constrain(p, view, request, 0, NULL, &c, err);
    if (status == STATUS_OK)
        status = place_nearest(&c, p->base->spatial, p->projection, at, max_mm, true, found, max_count, count, err);
    for (uint32_t i = 0; status == STATUS_OK && i < *count; i++)
        out[i] = (struct waypoint){.requested = at, .snapped = found[i].point, .distance_mm = found[i].distance_mm,
                                   .road = found[i].road, .offset_mm = found[i].offset_mm};
    planner_done(p);
    return status;
}
