#include "routing/search/place.h"

#include "geo/linear.h"

#include <string.h>

struct usable {
    const struct constraint *c;
    bool islands, forgive;
};

static bool arc_usable(const struct constraint *c, arc_id a, bool islands)
{
    if (a == NO_ARC || (!islands && c->n->arc_component[a] != 0)) return false;
    uint8_t access = (c->lorry ? c->n->arc_access_lorry : c->n->arc_access_light)[a];
    if (access == ACCESS_NO && !c->lift_arcs) return false;
    struct breach b[8];
    uint32_t count = constraint_arc_breaches(c, a, b, 8);
    for (uint32_t i = 0; i < count; i++)
        if (b[i].kind != CONFLICT_ACCESS || access == ACCESS_YES) return false; /* destination roads may be ends */
    for (uint32_t i = c->rules->arc_first_closure[a]; i < c->rules->arc_first_closure[a + 1]; i++) {
        const struct rule_force *s = constraint_closure(c, c->rules->arc_closure[i]);
        enum closure_action action = c->input->closures[c->rules->arc_closure[i]].action;
        if (s && s->const_on && (action == CLOSURE_CLOSED || action == CLOSURE_LIMIT)) return false;
    }
    return true;
}

static bool road_usable(const void *context, road_index road, uint32_t offset_mm)
{
    const struct usable *u = context;
    const struct constraint *c = u->c;
    arc_id forward = c->n->road_arc[2 * (size_t)road], backward = c->n->road_arc[2 * (size_t)road + 1];
    if (!arc_usable(c, forward, u->islands) && !arc_usable(c, backward, u->islands)) return false;
    if (u->forgive) return true;
    int64_t never = TIME_OPEN;
    struct road_position at = {road, offset_mm};
    if (!constraint_call_open(c, at, true, c->depart_ms, c->depart_ms, &never, NULL)) return false;
    return !c->avoid || !constraint_avoids(c, forward != NO_ARC ? forward : backward,
                                           forward != NO_ARC ? offset_mm : c->n->road_length_mm[road] - offset_mm,
                                           forward != NO_ARC ? offset_mm : c->n->road_length_mm[road] - offset_mm);
}

static enum status nearest(const struct usable *u, const struct spatial *spatial, struct projection *projection,
                           struct point_e7 at, uint32_t max_mm, struct road_place *out, uint32_t max_count,
                           uint32_t *count, struct point_mm *plane, struct error *err)
{
    if (projection_forward(projection, &at, 1, plane, NULL) != STATUS_OK)
        return error_set(err, STATUS_OUT_OF_RANGE, MESSAGE_CALL_OUTSIDE_NETWORK);
    *count = spatial_nearest(spatial, *plane, max_mm, road_usable, u, out, max_count);
    return STATUS_OK;
}

enum status place_nearest(const struct constraint *c, const struct spatial *spatial, struct projection *projection,
                          struct point_e7 at, uint32_t max_mm, bool islands, struct road_place *out, uint32_t max_count,
                          uint32_t *count, struct error *err)
{
    struct usable u = {c, islands, false};
    struct point_mm plane;
    return nearest(&u, spatial, projection, at, max_mm, out, max_count, count, &plane, err);
}

static void states_add(const struct constraint *c, struct place *p, arc_id a, uint32_t offset_mm)
{
    const struct turn_graph *g = c->g;
    p->starts[p->start_count++] = (struct leg_goal){a, offset_mm};
    p->states[p->state_count++] = (struct leg_goal){a, offset_mm};
    for (uint32_t i = g->first_copy[a]; i < g->first_copy[a + 1] && p->state_count < PLACE_STATES_MAX; i++)
        p->states[p->state_count++] = (struct leg_goal){g->copy[i], offset_mm};
}

/* On which side of its road the requested point lies, as one drives along the geometry. */
static int side_of(const struct network *n, road_index road, struct point_mm plane)
{
    struct linear_position position;
    linear_nearest(n->shape_plane + n->road_first_shape[road],
                   n->road_first_shape[road + 1] - n->road_first_shape[road], plane, &position);
    return position.side;
}

static void place_set(const struct constraint *c, struct place *p, const struct road_place *found, struct point_mm plane)
{
    const struct network *n = c->n;
    p->at = (struct road_position){found->road, found->offset_mm};
    p->distance_mm = found->distance_mm;
    p->snapped = found->point;
    p->state_count = p->start_count = 0;
    arc_id forward = n->road_arc[2 * (size_t)found->road], backward = n->road_arc[2 * (size_t)found->road + 1];
    int side = p->call->side == SIDE_CURB ? side_of(n, found->road, plane) : 0;
    uint32_t length = n->road_length_mm[found->road];
    if (forward != NO_ARC && (side >= 0 || backward == NO_ARC)) states_add(c, p, forward, found->offset_mm);
    if (backward != NO_ARC && (side <= 0 || forward == NO_ARC)) states_add(c, p, backward, length - found->offset_mm);
}

/* The zone, or the avoided area, that forbids a call there. Of a zone of some layers the road decides that the point is at. */
static uint32_t zone_at(const struct constraint *c, const struct spatial *spatial, struct projection *projection, struct point_e7 at)
{
    const uint32_t zone = constraint_point_zone(c, at, NO_ROAD);
    const struct usable all = {c, true, true};
    struct road_place found;
    struct point_mm plane;
    if (zone >= c->input->zone_count || c->input->zones[zone].layer_count == 0) return zone;
    if (projection_forward(projection, &at, 1, &plane, NULL) != STATUS_OK ||
        spatial_nearest(spatial, plane, c->request->max_snap_mm, road_usable, &all, &found, 1) == 0)
        return zone;
    return constraint_point_zone(c, at, found.road);
}

enum status place_snap(const struct constraint *c, const struct spatial *spatial, struct projection *projection,
                       const struct call *call, uint32_t call_index, bool forgive, struct place *place,
                       struct breach *b, struct error *err)
{
    *place = (struct place){.call = call, .call_index = call_index};
    uint32_t max_mm = c->request->max_snap_mm, zone = UINT32_MAX, count = 0;
    if (!forgive) zone = zone_at(c, spatial, projection, call->point);
    if (zone != UINT32_MAX && c->request->endpoints == ENDPOINTS_REJECT) {
        bool avoided = zone == UINT32_MAX - 1 || constraint_zone(c, zone)->avoided;
        *b = (struct breach){.kind = avoided ? CONFLICT_AVOID : CONFLICT_ZONE, .cause = STATUS_DESTINATION_IN_CLOSED_ZONE,
                             .zone = zone == UINT32_MAX - 1 ? UINT32_MAX : zone, .checkpoint = UINT32_MAX,
                             .closure = UINT32_MAX, .road = NO_ROAD};
        return STATUS_DESTINATION_IN_CLOSED_ZONE;
    }
    struct usable u = {c, false, forgive};
    struct road_place found;
    struct point_mm plane;
    /* moving a call out of a zone may take it farther than a slip of the finger */
    uint32_t reach = zone != UINT32_MAX && max_mm < 50000000 ? 50000000 : max_mm;
    enum status status = nearest(&u, spatial, projection, call->point, reach, &found, 1, &count, &plane, err);
    if (status != STATUS_OK) return status;
    if (count == 0) {
        u.islands = true;
        count = spatial_nearest(spatial, plane, reach, road_usable, &u, &found, 1);
    }
    if (count == 0) {
        /* is there one within reach that only a zone forbids? */
        struct usable all = {c, true, true};
        int64_t never = TIME_OPEN;
        if (!forgive && spatial_nearest(spatial, plane, max_mm, road_usable, &all, &found, 1) > 0 &&
            !constraint_call_open(c, (struct road_position){found.road, found.offset_mm}, true, c->depart_ms,
                                  c->depart_ms, &never, b))
            return b->cause;
        struct usable any = {c, false, true};
        if (spatial_nearest(spatial, plane, 100000000, road_usable, &any, &found, 1) > 0) {
            error_set(err, STATUS_SNAP_TOO_FAR, MESSAGE_SNAP_TOO_FAR, found.distance_mm / 1000.0, max_mm / 1000.0);
            error_bounds(err, max_mm / 1000.0, found.distance_mm / 1000.0);
        } else {
            error_set(err, STATUS_SNAP_TOO_FAR, MESSAGE_SNAP_NOTHING, max_mm / 1000.0);
        }
        return STATUS_SNAP_TOO_FAR;
    }
    place->moved = zone != UINT32_MAX;
    place_set(c, place, &found, plane);
    return STATUS_OK;
}
