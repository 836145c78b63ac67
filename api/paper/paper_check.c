#include "api/paper/paper_check.h"

#include "routing/match/retrace.h"
#include "routing/network/spatial.h"

#include <stdlib.h>
#include <string.h>

enum { SNAP_SEARCH_MM = 60000000, PLACE_SLACK_E7 = 30 };

struct judging {
    const struct paper_judge *judge;
    const struct network *n;
    const struct route_request *request;
    const struct paper *paper;
    const struct paper_plan *p;
    struct projection *projection;
    struct waypoint *waypoints;
    struct leg *legs;
    bool twins; /* two roads lie on one another on the way: which was driven cannot be seen */
    struct paper_offence *offence;
    struct error *err;
};

static enum status guilty(struct judging *x, enum message what, uint32_t leg, int64_t at_ms, struct point_e7 point)
{
    x->offence->zh = message_text(what, LANGUAGE_ZH);
    x->offence->en = message_text(what, LANGUAGE_EN);
    x->offence->leg = leg;
    x->offence->at_ms = at_ms;
    x->offence->point = point;
    return error_set(x->err, STATUS_CHECKER_DISAGREES, what);
}

static enum status no_memory(struct judging *x)
{
    return error_set(x->err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

static bool close_to(struct point_e7 a, struct point_e7 b, uint32_t e7)
{
    return llabs((int64_t)a.lon_e7 - b.lon_e7) <= e7 && llabs((int64_t)a.lat_e7 - b.lat_e7) <= e7;
}

/* ---- calls ------------------------------------------------------------------------------------------------- */

static bool this_road(const void *context, road_index road, uint32_t offset_mm)
{
    (void)offset_mm;
    return road == *(const road_index *)context;
}

/* Each waypoint is the call asked for, put on the road it names at the place nearest to it. */
static enum status waypoints_take(struct judging *x)
{
    const struct route_request *q = x->request;
    const struct paper_plan *p = x->p;
    int64_t begin = p->leg_count ? p->legs[0].leg.depart_ms : q->depart_ms;
    uint32_t rests = 0;
    for (uint32_t i = 0; i < p->waypoint_count; i++) rests += p->waypoints[i].rest != 0;
    if (p->leg_count == 0 || p->waypoint_count != p->leg_count + 1 ||
        p->waypoint_count != q->call_count + (q->loop ? 1 : 0) + rests || p->waypoints[0].rest || p->waypoints[p->leg_count].rest)
        return guilty(x, MESSAGE_OFFENCE_CALLS, 0, begin, q->calls[0].point);
    x->waypoints = arena_zero(x->judge->arena, p->waypoint_count, sizeof *x->waypoints);
    if (!x->waypoints) return no_memory(x);
    const struct rules_input *in = x->judge->view->rules->input;
    for (uint32_t i = 0, next = 0; i < p->waypoint_count; i++) {
        const struct paper_waypoint *w = &p->waypoints[i];
        uint32_t number = w->rest ? UINT32_MAX : next++;
        const struct call *call = number < q->call_count ? &q->calls[number] : q->has_base ? &q->base : &q->calls[0];
        struct point_e7 asked = w->rest ? in->facilities[w->rest - 1].point : call->point;
        int64_t at = i ? p->legs[i - 1].leg.arrive_ms : begin;
        uint32_t leg = i ? i - 1 : 0, slack = x->paper->tolerance_e7 > PLACE_SLACK_E7 ? x->paper->tolerance_e7 : PLACE_SLACK_E7;
        struct point_mm plane;
        struct road_place found;
        if (!close_to(w->requested, asked, slack)) return guilty(x, MESSAGE_OFFENCE_CALLS, leg, at, w->requested);
        road_index road = network_road_find(x->n, w->road_id);
        if (road == NO_ROAD) return guilty(x, MESSAGE_OFFENCE_PLACE, leg, at, w->snapped);
        enum status status = projection_forward(x->projection, &asked, 1, &plane, x->err);
        if (status != STATUS_OK) return status;
        if (spatial_nearest(x->judge->view->base->spatial, plane, SNAP_SEARCH_MM, this_road, &road, &found, 1) == 0 ||
            !close_to(found.point, w->snapped, slack) || found.distance_mm != w->distance_mm ||
            (found.distance_mm > q->max_snap_mm && !w->moved) || (w->moved && q->endpoints != ENDPOINTS_NEAREST_OUTSIDE))
            return guilty(x, MESSAGE_OFFENCE_PLACE, leg, at, w->snapped);
        x->waypoints[i] = (struct waypoint){.requested = asked, .snapped = found.point, .distance_mm = found.distance_mm,
                                            .road = road, .offset_mm = found.offset_mm, .moved = w->moved, .rest = w->rest,
                                            .call = w->rest ? UINT32_MAX : number < q->call_count ? number : q->call_count};
    }
    return STATUS_OK;
}

/* ---- legs -------------------------------------------------------------------------------------------------- */

/* Which credential of the request a gate's type stands for: the first that was valid then. */
static uint16_t credential_used(const struct route_request *q, const char *type, int64_t at_ms, bool *known)
{
    uint16_t first = UINT16_MAX;
    for (uint16_t i = 0; i < q->credential_count; i++) {
        const struct credential *c = &q->credentials[i];
        if (strcmp(c->type_code, type) != 0) continue;
        if (first == UINT16_MAX) first = i;
        bool valid = credential_dated(c) && (c->valid_from_ms == INT64_MIN || at_ms >= c->valid_from_ms) &&
                     (c->valid_until_ms == TIME_OPEN || at_ms < c->valid_until_ms) &&
                     (c->issued_ms == INT64_MIN || at_ms >= c->issued_ms);
        if (valid) {
            *known = true;
            return i;
        }
    }
    *known = first != UINT16_MAX;
    return first;
}

static enum status gates_take(struct judging *x, uint32_t k)
{
    const struct paper_leg *from = &x->p->legs[k];
    struct gate_passage *gates = arena_zero(x->judge->arena, (size_t)from->leg.gate_count + 1, sizeof *gates);
    if (!gates) return no_memory(x);
    for (uint32_t i = 0; i < from->leg.gate_count; i++) {
        const struct paper_gate *g = &from->gates[i];
        uint16_t *used = arena_zero(x->judge->arena, (size_t)g->credential_count + 1, sizeof *used);
        if (!used) return no_memory(x);
        gates[i] = g->passage;
        gates[i].credential_count = g->credential_count;
        gates[i].credentials = used;
        for (uint32_t c = 0; c < g->credential_count; c++) {
            int64_t at = g->passage.at_ms + g->passage.wait_ms;
            bool known;
            used[c] = credential_used(x->request, g->credentials[c], at, &known);
            if (!known) return guilty(x, MESSAGE_OFFENCE_NO_CREDENTIAL, k, at, g->passage.point);
        }
    }
    x->legs[k].gates = gates;
    return STATUS_OK;
}

static enum status leg_take(struct judging *x, uint32_t k)
{
    const struct leg *told = &x->p->legs[k].leg;
    const struct waypoint *a = &x->waypoints[k], *b = &x->waypoints[k + 1];
    struct leg *leg = &x->legs[k];
    *leg = *told;
    if (told->from != k || told->to != k + 1 || told->point_count < 2)
        return guilty(x, MESSAGE_OFFENCE_CALLS, k, told->depart_ms, a->snapped);
    struct retrace_line line = {.points = told->points, .count = told->point_count, .tolerance_e7 = x->paper->tolerance_e7,
                                .from = {a->road, a->offset_mm}, .to = {b->road, b->offset_mm},
                                .begin = k ? x->legs[k - 1].arcs[x->legs[k - 1].arc_count - 1] : NO_ARC};
    struct retraced way;
    uint32_t stray;
    enum status status = retrace(x->n, &line, x->judge->arena, &way, &stray, x->err);
    if (status == STATUS_NOT_FOUND)
        return guilty(x, MESSAGE_OFFENCE_OFF_ROAD, k, told->depart_ms, told->points[stray < told->point_count ? stray : 0]);
    if (status != STATUS_OK) return status;
    x->twins = x->twins || way.twins;
    if (way.distance_mm != told->distance_mm) return guilty(x, MESSAGE_OFFENCE_SUMS, k, told->arrive_ms, b->snapped);
    leg->arcs = way.arcs;
    leg->arc_count = way.arc_count;
    leg->first_offset_mm = way.first_offset_mm;
    leg->last_offset_mm = way.last_offset_mm;
    struct zone_contact *zones = arena_copy(x->judge->arena, told->zones, ((size_t)told->zone_count + 1) * sizeof *zones);
    if (!zones) return no_memory(x);
    for (uint32_t i = 0; i < told->zone_count; i++)
        zones[i].rule = rules_zone_rule(&x->judge->view->rules->input->zones[zones[i].zone], &x->request->vehicle);
    leg->zones = zones;
    return gates_take(x, k);
}

/* ---- the whole --------------------------------------------------------------------------------------------- */

/* What the tariff asks for a leg, in hundredths of a fen. */
static uint64_t toll_of(const struct judging *x, const struct leg *leg)
{
    const struct toll_tariff *tolls = &x->judge->view->rules->input->tolls;
    uint32_t class = toll_class(&x->request->vehicle);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < leg->arc_count; i++) {
        uint32_t from = i == 0 ? leg->first_offset_mm : 0;
        uint32_t to = i + 1 == leg->arc_count ? leg->last_offset_mm : network_arc_length_mm(x->n, leg->arcs[i]);
        sum += toll_centifen(tolls, class, x->n, x->n->arc_road[leg->arcs[i]], to - from);
    }
    return sum;
}

/* What it says of the whole. */
static enum status sums_check(struct judging *x)
{
    const struct paper_plan *p = x->p;
    const struct leg *last = &x->legs[p->leg_count - 1];
    struct point_e7 end = x->waypoints[p->leg_count].snapped;
    uint64_t distance = 0, drive = 0, toll = 0;
    for (uint32_t k = 0; k < p->leg_count; k++) {
        const struct leg *leg = &x->legs[k];
        if (leg->arrive_ms < leg->depart_ms) return guilty(x, MESSAGE_OFFENCE_SUMS, k, leg->depart_ms, x->waypoints[k].snapped);
        distance += leg->distance_mm;
        drive += leg->drive_ms;
        toll += toll_of(x, leg);
    }
    if (distance != p->distance_mm || drive != p->drive_ms || last->arrive_ms - x->request->depart_ms != p->duration_ms)
        return guilty(x, MESSAGE_OFFENCE_SUMS, p->leg_count - 1, last->arrive_ms, end);
    if ((toll + 50) / 100 != p->toll_fen) return guilty(x, MESSAGE_OFFENCE_TOLL, p->leg_count - 1, last->arrive_ms, end);
    return STATUS_OK;
}

static enum status digest_check(struct judging *x, const struct plan *plan)
{
    char digest[PLAN_DIGEST_SIZE];
    plan_digest(x->judge->view, plan, digest);
    if (strcmp(digest, x->p->digest) == 0) return STATUS_OK;
    memcpy(x->offence->digest, digest, sizeof digest);
    return guilty(x, MESSAGE_OFFENCE_DIGEST, 0, x->legs[0].depart_ms, x->waypoints[0].snapped);
}

static enum status law_check(struct judging *x, const struct plan *plan)
{
    const struct paper_judge *judge = x->judge;
    enum status status = checker_verify(judge->checker, judge->view, x->request, plan, x->err);
    if (status != STATUS_CHECKER_DISAGREES) return status;
    const struct checker_offence *o = checker_last_offence(judge->checker);
    const struct rules_input *in = judge->view->rules->input;
    *x->offence = (struct paper_offence){.zh = offence_text(o->kind, LANGUAGE_ZH), .en = offence_text(o->kind, LANGUAGE_EN),
                                        .plan = x->offence->plan, .leg = o->leg, .at_ms = o->at_ms, .point = o->point};
    if (o->zone < in->zone_count) x->offence->rule = in->zones[o->zone].id;
    else if (o->closure < in->closure_count) x->offence->rule = in->closures[o->closure].id;
    return STATUS_CHECKER_DISAGREES;
}

static enum status judge_plan(struct judging *x)
{
    const struct paper_plan *p = x->p;
    enum status status = waypoints_take(x);
    if (status != STATUS_OK) return status;
    if (!p->issuable) return guilty(x, MESSAGE_OFFENCE_NOT_ISSUABLE, 0, p->legs[0].leg.depart_ms, x->waypoints[0].snapped);
    x->legs = arena_zero(x->judge->arena, p->leg_count, sizeof *x->legs);
    if (!x->legs) return no_memory(x);
    for (uint32_t k = 0; k < p->leg_count && status == STATUS_OK; k++) status = leg_take(x, k);
    if (status != STATUS_OK) return status;
    const struct plan plan = {.waypoint_count = p->waypoint_count, .leg_count = p->leg_count, .waypoints = x->waypoints,
                              .legs = x->legs, .duration_ms = p->duration_ms, .drive_ms = p->drive_ms,
                              .distance_mm = p->distance_mm, .toll_fen = p->toll_fen, .wait_ms = p->wait_ms,
                              .issuable = p->issuable};
    status = law_check(x, &plan);
    if (status == STATUS_OK) status = sums_check(x);
    return status == STATUS_OK ? digest_check(x, &plan) : status;
}

enum status paper_check(const struct paper_judge *judge, const struct route_request *request, const struct paper *paper,
                       struct paper_offence *offence, struct error *err)
{
    const struct view *view = judge->view;
    *offence = (struct paper_offence){0};
    if (strcmp(paper->network_version, view->base->network.version) != 0)
        return error_set(err, STATUS_CONFLICT, MESSAGE_PAPER_NETWORK, paper->network_version, view->base->network.version);
    if (paper->rules_version != view->rules->version)
        return error_set(err, STATUS_CONFLICT, MESSAGE_PAPER_RULES, (long long)paper->rules_version,
                         (long long)view->rules->version);
    struct judging x = {.judge = judge, .n = &view->base->network, .request = request, .paper = paper, .offence = offence,
                        .err = err};
    enum status status = projection_open(view->base->network.projection, &x.projection, err);
    for (uint32_t i = 0; i < paper->plan_count && status == STATUS_OK; i++) {
        offence->plan = i;
        x.p = &paper->plans[i];
        x.twins = false;
        status = judge_plan(&x);
        if (status == STATUS_CHECKER_DISAGREES && x.twins) status = error_set(err, STATUS_CONFLICT, MESSAGE_PAPER_TWINS);
    }
    projection_close(x.projection);
    return status;
}
