#include "routing/plan/checker_calls.h"

#include "routing/network/spatial.h"

#include <math.h>
#include <stdlib.h>

enum { PLACE_SLACK_MM = 1000, WAIT_SLACK_MS = 1000 };

/* How far a road that is straight in the plane lies beside one that is straight in degrees, at most: between the tropics and 55
 * degrees by its length squared over eight radii of the Earth, times the tangent of the latitude. */
static double slack_mm(uint32_t road_length_mm)
{
    return PLACE_SLACK_MM + (double)road_length_mm * road_length_mm / 3.4e10;
}

struct calls_checking {
    struct projection *projection;
    const struct network *n;
    const struct rules_input *in;
    const struct route_request *request;
    const struct plan *plan;
    struct calls_offence *out;
    struct error *err;
};

static const struct call *call_of(const struct route_request *q, uint32_t number)
{
    if (number < q->call_count) return &q->calls[number];
    return q->has_base ? &q->base : &q->calls[0];
}

static void found(struct calls_checking *x, enum offence_kind kind, uint32_t waypoint)
{
    const struct leg *before = waypoint ? &x->plan->legs[waypoint - 1] : &x->plan->legs[0];
    if (x->out->kind != OFFENCE_NONE) return;
    *x->out = (struct calls_offence){.kind = kind, .leg = waypoint ? waypoint - 1 : 0,
                                     .at_ms = waypoint ? before->arrive_ms : before->depart_ms,
                                     .point = x->plan->waypoints[waypoint].snapped};
}

/* The calls as asked, one after another, with rests only between them. */
static void order_check(struct calls_checking *x)
{
    const struct plan *p = x->plan;
    const uint32_t all = x->request->call_count + (x->request->loop ? 1 : 0);
    uint32_t next = 0;
    for (uint32_t i = 0; i < p->waypoint_count; i++) {
        const struct waypoint *w = &p->waypoints[i];
        if (w->rest && next > 0 && next < all) continue;
        if (w->rest || next == all || w->call != next || !point_e7_equal(w->requested, call_of(x->request, next)->point)) {
            found(x, OFFENCE_CALLS, i);
            return;
        }
        next++;
    }
    if (next < all) found(x, OFFENCE_CALLS, p->leg_count);
}

static bool road_is_at(const struct calls_checking *x, const struct waypoint *w, arc_id a, uint32_t along_mm)
{
    if (a >= x->n->arc_count || x->n->arc_road[a] != w->road) return false;
    const uint32_t length = x->n->road_length_mm[w->road];
    return along_mm == (x->n->arc_reversed[a] ? length - w->offset_mm : w->offset_mm);
}

static double length_of(const double v[2])
{
    return hypot(v[0], v[1]);
}

/* The way the road runs here, as one drives along it, before and behind the place. */
static enum status bearings(struct calls_checking *x, const struct waypoint *w, arc_id a, double before[2], double behind[2])
{
    const uint32_t length = x->n->road_length_mm[w->road], step = 500;
    const uint32_t from = w->offset_mm > step ? w->offset_mm - step : 0, to = length - w->offset_mm > step ? w->offset_mm + step : length;
    const struct point_e7 line[3] = {spatial_point_at(x->n, w->road, from), spatial_point_at(x->n, w->road, w->offset_mm),
                                     spatial_point_at(x->n, w->road, to)};
    struct point_mm plane[3];
    enum status status = projection_forward(x->projection, line, 3, plane, x->err);
    if (status != STATUS_OK) return status;
    const int sign = x->n->arc_reversed[a] ? -1 : 1;
    before[0] = (double)sign * (plane[1].x_mm - plane[0].x_mm), before[1] = (double)sign * (plane[1].y_mm - plane[0].y_mm);
    behind[0] = (double)sign * (plane[2].x_mm - plane[1].x_mm), behind[1] = (double)sign * (plane[2].y_mm - plane[1].y_mm);
    return STATUS_OK;
}

/* Plainly to the left: by more than 30 degrees from straight on and straight back. */
static bool on_the_left(const double way[2], const double aside[2])
{
    const double size = length_of(way) * length_of(aside);
    return size == 0 || way[0] * aside[1] - way[1] * aside[0] > 0.5 * size;
}

/* A place asked for at the kerb lies on the right where the vehicle comes to it. */
static enum status side_check(struct calls_checking *x, uint32_t waypoint, arc_id a)
{
    const struct waypoint *w = &x->plan->waypoints[waypoint];
    double before[2], behind[2];
    struct point_mm plane[2];
    const struct point_e7 ends[2] = {w->snapped, w->requested};
    if (w->rest || call_of(x->request, w->call)->side != SIDE_CURB || network_opposite(x->n, a) == NO_ARC) return STATUS_OK;
    enum status status = bearings(x, w, a, before, behind);
    if (status == STATUS_OK) status = projection_forward(x->projection, ends, 2, plane, x->err);
    if (status != STATUS_OK) return status;
    const double aside[2] = {(double)(plane[1].x_mm - plane[0].x_mm), (double)(plane[1].y_mm - plane[0].y_mm)};
    if (length_of(aside) > PLACE_SLACK_MM && on_the_left(before, aside) && on_the_left(behind, aside)) found(x, OFFENCE_SIDE, waypoint);
    return STATUS_OK;
}

/* It lies on its road, no farther from what was asked than allowed, and the legs end and begin there. */
static enum status place_check(struct calls_checking *x, uint32_t waypoint)
{
    const struct plan *p = x->plan;
    const struct waypoint *w = &p->waypoints[waypoint];
    const struct leg *to = waypoint ? &p->legs[waypoint - 1] : NULL, *from = waypoint < p->leg_count ? &p->legs[waypoint] : NULL;
    if (w->road >= x->n->road_count || w->offset_mm > x->n->road_length_mm[w->road] ||
        (to && !road_is_at(x, w, to->arcs[to->arc_count - 1], to->last_offset_mm)) ||
        (from && !road_is_at(x, w, from->arcs[0], from->first_offset_mm))) {
        found(x, OFFENCE_PLACE, waypoint);
        return STATUS_OK;
    }
    const struct point_e7 points[3] = {w->requested, w->snapped, spatial_point_at(x->n, w->road, w->offset_mm)};
    struct point_mm plane[3];
    enum status status = projection_forward(x->projection, points, 3, plane, x->err);
    if (status != STATUS_OK) return status;
    const double slack = slack_mm(x->n->road_length_mm[w->road]);
    const double far = hypot((double)(plane[1].x_mm - plane[0].x_mm), (double)(plane[1].y_mm - plane[0].y_mm));
    const double off = hypot((double)(plane[2].x_mm - plane[1].x_mm), (double)(plane[2].y_mm - plane[1].y_mm));
    const bool moved = w->moved && x->request->endpoints == ENDPOINTS_NEAREST_OUTSIDE;
    if (off > PLACE_SLACK_MM || (w->moved && !moved) || (!moved && far > x->request->max_snap_mm * 1.01 + slack)) found(x, OFFENCE_PLACE, waypoint);
    return side_check(x, waypoint, to ? to->arcs[to->arc_count - 1] : from->arcs[0]);
}

/* Not before the departure, not before the work is done, and waiting in all no longer than there is leave for. */
static void times_check(struct calls_checking *x)
{
    const struct plan *p = x->plan;
    int64_t waited = 0, free_ms = x->request->depart_ms;
    for (uint32_t k = 0; k < p->leg_count; k++) {
        const struct leg *leg = &p->legs[k];
        const struct waypoint *w = &p->waypoints[k + 1];
        if (leg->depart_ms < free_ms) {
            found(x, k ? OFFENCE_SERVICE : OFFENCE_EARLY, k);
            return;
        }
        waited += leg->depart_ms - free_ms;
        for (uint32_t i = 0; i < leg->gate_count; i++) waited += leg->gates[i].wait_ms;
        free_ms = leg->arrive_ms + (w->rest                                ? journey_limits_of(x->request, x->in).rest_ms
                                    : k + 1 < p->leg_count && w->call < x->request->call_count ? x->request->calls[w->call].service_ms
                                                                                              : 0);
    }
    if (waited > (int64_t)x->request->max_wait_ms + WAIT_SLACK_MS) found(x, OFFENCE_WAIT, p->leg_count);
}

enum status checker_calls(struct projection *projection, const struct network *n, const struct rules_input *input,
                          const struct route_request *request, const struct plan *plan, struct calls_offence *out, struct error *err)
{
    *out = (struct calls_offence){.kind = OFFENCE_NONE};
    struct calls_checking x = {projection, n, input, request, plan, out, err};
    enum status status = STATUS_OK;
    order_check(&x);
    for (uint32_t i = 0; i < plan->waypoint_count && status == STATUS_OK && out->kind == OFFENCE_NONE; i++) status = place_check(&x, i);
    if (status == STATUS_OK && out->kind == OFFENCE_NONE) times_check(&x);
    return status;
}
