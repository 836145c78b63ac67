/* The checker against planted offences: every lawful plan passes, and each kind of tampering with a plan, its vehicle or
 * the rules under it is caught. */
#include "geo/geodesic.h"
#include "routing/network/spatial.h"
#include "routing/plan/checker.h"
#include "routing/planner/planner_route.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { WORLDS = 240, REQUESTS = 12 };

enum offence {
    PLANTED_GATE_LEFT_OUT, PLANTED_GATE_CLOSED, PLANTED_CREDENTIALS_GONE, PLANTED_ZONE_ON_THE_WAY, PLANTED_ZONE_AT_THE_STOP,
    PLANTED_ARC_LEFT_OUT, PLANTED_LIMIT, PLANTED_ROAD_CLOSED, PLANTED_CLOCK, PLANTED_JOIN, PLANTED_AVOIDED_AREA,
    PLANTED_AVOIDED_CLASS, PLANTED_NO_STOPPING, PLANTED_SERVICE, PLANTED_TURNING_ROUND, PLANTED_GREEN_CHANNEL, PLANTED_OTHER_GATE,
    PLANTED_OLD_CREDENTIAL, PLANTED_HAZMAT, PLANTED_DESTINATION, PLANTED_TURN, PLANTED_THROUGH_TRAFFIC, PLANTED_SLOW_ZONE,
    PLANTED_UNKNOWN_SLOW_ZONE, PLANTED_GATE_AT_THE_END,
    PLANTED_CALL_LEFT_OUT, PLANTED_OTHER_CALL, PLANTED_OTHER_PLACE, PLANTED_OTHER_END, PLANTED_OTHER_SIDE, PLANTED_EARLY, PLANTED_WAIT,
    PLANTED_INSPECTION, PLANTED_OTHER_MOMENT, PLANTED_COUNT
};

static const char *const names[PLANTED_COUNT] = {"gate left out", "gate closed", "credentials gone", "zone on the way",
                                                 "zone at the stop", "arc left out", "limit", "road closed", "clock",
                                                 "join", "avoided area", "avoided class", "no stopping", "service", "turning round",
                                                 "green channel", "other gate", "old credential", "hazmat", "destination", "turn",
                                                 "through traffic", "slow zone", "unknown slow zone", "gate at the end left out",
                                                 "call left out", "other call", "other place", "other end", "other side", "early", "wait", "inspection", "other moment"};

struct scene {
    struct route_world *w;
    struct checker *checker;
    struct route_request q;
    struct plan plan;
    struct leg legs[8];
    struct waypoint waypoints[9];
    struct gate_passage gates[64];
    uint32_t caught[PLANTED_COUNT], planted[PLANTED_COUNT];
    uint64_t seed;
};

static void expect(struct scene *s, enum offence o, const struct view *view, const struct route_request *q,
                   const struct plan *plan)
{
    struct error err = ERROR_INIT;
    s->planted[o]++;
    enum status status = checker_verify(s->checker, view, q, plan, &err);
    if (status != STATUS_CHECKER_DISAGREES)
        fail_msg("seed %llu: %s: %s", (unsigned long long)s->seed, names[o], status_code(status));
    s->caught[o]++;
    assert_true(err.log[0] != 0);
}

static bool disagrees(const struct scene *s, const struct view *view, const struct route_request *q, const struct plan *plan)
{
    struct error err = ERROR_INIT;
    return checker_verify(s->checker, view, q, plan, &err) == STATUS_CHECKER_DISAGREES;
}

/* The same where it must be this offence and no other. */
static void expect_kind(struct scene *s, enum offence o, const struct route_request *q, const struct plan *plan, enum offence_kind kind)
{
    expect(s, o, s->w->view, q, plan);
    const enum offence_kind got = checker_last_offence(s->checker)->kind;
    if (got != kind) fail_msg("seed %llu: %s: %s", (unsigned long long)s->seed, names[o], offence_code(got));
}

/* A copy of the plan whose legs may be changed. */
static void copy(struct scene *s, const struct plan *plan)
{
    s->plan = *plan;
    memcpy(s->legs, plan->legs, plan->leg_count * sizeof *s->legs);
    s->plan.legs = s->legs;
}

static uint32_t longest_leg(const struct plan *plan)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < plan->leg_count; i++)
        if (plan->legs[i].arc_count > plan->legs[best].arc_count) best = i;
    return best;
}

/* Is this passage one without which the checker can be sure? The zone is plainly outside before and inside after. */
static bool plain_passage(const struct scene *s, const struct leg *leg, const struct gate_passage *p)
{
    const struct network *n = &s->w->f.network;
    uint32_t at = 0;
    for (uint32_t i = 0; i + 1 < leg->arc_count; i++) {
        uint32_t length = network_arc_length_mm(n, leg->arcs[i]);
        at += i == 0 ? length - leg->first_offset_mm : length;
        if (at != p->offset_mm) continue;
        const struct membership *before, *after;
        bool a = rules_membership(s->w->rules, leg->arcs[i], p->zone, &before);
        bool b = rules_membership(s->w->rules, leg->arcs[i + 1], p->zone, &after);
        if (a == b || i + 2 == leg->arc_count || i == 0) return false;
        const struct membership *m = a ? before : after;
        const struct stretch *t = &s->w->rules->stretches[m->first_stretch];
        return t->until_mm - t->from_mm > 200000; /* a good stretch, not along the border */
    }
    return false;
}

/* The checkpoint of a passage becomes another. */
static void tamper_gate(struct scene *s, const struct plan *plan, const struct gate_passage *passage)
{
    struct checkpoint *c = &s->w->checkpoints[passage->checkpoint];
    const struct checkpoint was = *c;
    struct requirement young = {.type = 0, .max_age_s = 3600};
    const struct requirement_group group = {1, &young};
    struct route_request q = s->q;
    c->opening = (struct schedule){.from_ms = passage->at_ms + 3600000, .until_ms = TIME_OPEN};
    route_world_publish(s->w);
    expect(s, PLANTED_GATE_CLOSED, s->w->view, &s->q, plan);
    *c = was;
    c->group_count = 1;
    c->groups = &group;
    route_world_publish(s->w);
    q.credential_count = 1;
    q.credentials[0] = (struct credential){.type_code = "pass", .issued_ms = passage->at_ms - 7200000,
                                           .valid_from_ms = INT64_MIN, .valid_until_ms = TIME_OPEN};
    expect(s, PLANTED_OLD_CREDENTIAL, s->w->view, &q, plan);
    *c = was;
    c->gate_count = 0;
    route_world_publish(s->w);
    expect(s, PLANTED_OTHER_GATE, s->w->view, &s->q, plan);
    *c = was;
    c->normal_ms += 60000, c->green_ms += 60000;
    route_world_publish(s->w);
    if (passage->inspection_ms > 0) expect(s, PLANTED_INSPECTION, s->w->view, &s->q, plan);
    *c = was;
    if (passage->green_channel) {
        c->green_count = 0;
        route_world_publish(s->w);
        expect(s, PLANTED_GREEN_CHANNEL, s->w->view, &s->q, plan);
        *c = was;
    }
    route_world_publish(s->w);
}

static void tamper_gates(struct scene *s, const struct plan *plan)
{
    for (uint32_t k = 0; k < plan->leg_count; k++) {
        const struct leg *leg = &plan->legs[k];
        for (uint32_t g = 0; g < leg->gate_count; g++) {
            const struct checkpoint *c = &s->w->checkpoints[leg->gates[g].checkpoint];
            bool same = false; /* the same border twice? */
            for (uint32_t i = 0; i < leg->gate_count; i++)
                same = same || (i != g && leg->gates[i].zone == leg->gates[g].zone);
            copy(s, plan);
            memcpy(s->gates, leg->gates, leg->gate_count * sizeof *s->gates);
            memmove(&s->gates[g], &s->gates[g + 1], (leg->gate_count - g - 1) * sizeof *s->gates);
            s->legs[k].gates = s->gates;
            s->legs[k].gate_count--;
            s->legs[k].arrive_ms -= leg->gates[g].inspection_ms; /* so that it is not the clock that tells */
            bool at_end = leg->gates[g].offset_mm == leg->distance_mm && leg->gates[g].direction == GATE_EXIT && leg->gates[g].wait_ms == 0;
            if (!same && plain_passage(s, leg, &leg->gates[g])) expect(s, PLANTED_GATE_LEFT_OUT, s->w->view, &s->q, &s->plan);
            else if (!same && at_end && k + 1 == plan->leg_count && disagrees(s, s->w->view, &s->q, &s->plan))
                s->planted[PLANTED_GATE_AT_THE_END]++, s->caught[PLANTED_GATE_AT_THE_END]++; /* where it ends plainly outside */
            if (c->group_count > 0) {
                struct route_request without = s->q;
                without.credential_count = 0;
                if (disagrees(s, s->w->view, &without, plan)) /* the zone itself may exempt; then it need not ask */
                    expect(s, PLANTED_CREDENTIALS_GONE, s->w->view, &without, plan);
            }
            copy(s, plan);
            memcpy(s->gates, leg->gates, leg->gate_count * sizeof *s->gates);
            s->legs[k].gates = s->gates;
            s->gates[g].at_ms -= 600000;
            if (disagrees(s, s->w->view, &s->q, &s->plan)) s->planted[PLANTED_OTHER_MOMENT]++, s->caught[PLANTED_OTHER_MOMENT]++; /* where no border of caution is near */
            tamper_gate(s, plan, &leg->gates[g]);
        }
    }
}

static struct box_e7 box_around(struct point_e7 at, int32_t radius_e7)
{
    return (struct box_e7){at.lon_e7 - radius_e7, at.lat_e7 - radius_e7, at.lon_e7 + radius_e7, at.lat_e7 + radius_e7};
}

static void box_ring(struct box_e7 b, struct point_e7 ring[5])
{
    const struct point_e7 corners[5] = {{b.min_lon_e7, b.min_lat_e7}, {b.max_lon_e7, b.min_lat_e7}, {b.max_lon_e7, b.max_lat_e7},
                                        {b.min_lon_e7, b.max_lat_e7}, {b.min_lon_e7, b.min_lat_e7}};
    memcpy(ring, corners, sizeof corners);
}

static void tamper_zone(struct scene *s, const struct plan *plan, struct box_e7 box, enum offence o, enum rule_kind kind)
{
    struct zone *zone = &s->w->zones[s->w->input.zone_count++];
    struct zone_rule *rule = s->w->zone_rules[s->w->input.zone_count - 1];
    struct point_e7 ring[5];
    uint32_t rings[2] = {0, 5}, parts[2] = {0, 1};
    box_ring(box, ring);
    *rule = (struct zone_rule){.subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX}, .kind = kind, .slow_permille = 3000,
                               .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    *zone = s->w->zones[0];
    zone->id = "planted";
    zone->rules = rule;
    zone->rule_count = 1;
    zone->schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    zone->area = (struct multipolygon){1, 1, 5, parts, rings, ring};
    route_world_publish(s->w);
    struct rules *r = s->w->rules;
    for (uint32_t i = 0; o == PLANTED_UNKNOWN_SLOW_ZONE && i < r->arc_first_member[s->w->f.network.arc_count]; i++)
        if (r->member[i].zone + 1 == s->w->input.zone_count) /* the compiler has overlooked what lies in it */
            ((struct membership *)(uintptr_t)&r->member[i])->stretch_count = 0;
    if (kind != RULE_CAUTION) expect(s, o, s->w->view, &s->q, plan);
    else if (disagrees(s, s->w->view, &s->q, plan)) s->planted[o]++, s->caught[o]++; /* where its border is plain */
    memset(&zone->area, 0, sizeof zone->area);
    s->w->input.zone_count--;
    route_world_publish(s->w);
}

/* Among parts that lie nowhere near, one of them with a hole. */
static void tamper_avoided(struct scene *s, const struct plan *plan, struct box_e7 box)
{
    struct route_request q = s->q;
    struct point_e7 points[20], ring[5];
    uint32_t rings[5] = {0, 5, 10, 15, 20}, parts[4] = {0, 2, 3, 4};
    box_ring(box, ring);
    const struct point_e7 at = {box.min_lon_e7 + (box.max_lon_e7 - box.min_lon_e7) / 2, box.min_lat_e7 + (box.max_lat_e7 - box.min_lat_e7) / 2};
    for (uint32_t i = 0; i < 20; i++) {
        int32_t away = i < 10 ? 9000000 : i < 15 ? 0 : -9000000, small = i >= 5 && i < 10 ? 2 : 1;
        points[i] = (struct point_e7){at.lon_e7 + away + (ring[i % 5].lon_e7 - at.lon_e7) / small, at.lat_e7 + (ring[i % 5].lat_e7 - at.lat_e7) / small};
    }
    q.avoid_area = (struct multipolygon){3, 4, 20, parts, rings, points};
    expect(s, PLANTED_AVOIDED_AREA, s->w->view, &q, plan);
}

/* Caution on a whole road, away from where the leg begins and ends: of roads that are driven in part the checker is not sure. */
static void tamper_slow(struct scene *s, const struct plan *plan, road_index road)
{
    const struct network *n = &s->w->f.network;
    const uint32_t first = n->road_first_shape[road];
    struct box_e7 box = box_e7_of(n->shape_point + first, n->road_first_shape[road + 1] - first);
    box.min_lon_e7 -= 20000, box.min_lat_e7 -= 20000, box.max_lon_e7 += 20000, box.max_lat_e7 += 20000;
    tamper_zone(s, plan, box, PLANTED_SLOW_ZONE, RULE_CAUTION);
    tamper_zone(s, plan, box, PLANTED_UNKNOWN_SLOW_ZONE, RULE_CAUTION);
}

/* A closure of one road for good: for all but whoever shows the credential that lifts it. */
static void tamper_closure(struct scene *s, const struct plan *plan, enum closure_action action, struct road_direction arc, enum offence o)
{
    static const credential_type_index pass[1] = {0};
    const struct closure was = s->w->closures[0];
    struct closure *c = &s->w->closures[0];
    struct route_request q = s->q;
    c->action = action;
    c->physical = true;
    c->schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    c->arc_count = 1;
    c->arcs = &arc;
    c->exempt_count = 1;
    c->exempt = pass;
    route_world_publish(s->w);
    q.credentials[0] = (struct credential){.type_code = "pass", .issued_ms = q.depart_ms - 60000, .valid_from_ms = INT64_MIN,
                                           .valid_until_ms = TIME_OPEN};
    if (q.credential_count == 0) q.credential_count = 1, expect(s, o, s->w->view, &q, plan); /* what is physical no credential lifts */
    expect(s, o, s->w->view, &s->q, plan);
    *c = was;
    route_world_publish(s->w);
}

/* What the plan does at its calls. */
static void tamper_calls(struct scene *s, const struct plan *plan)
{
    const struct network *n = &s->w->f.network;
    for (uint32_t k = 0; k < plan->waypoint_count; k++) {
        const struct waypoint *w = &plan->waypoints[k];
        for (uint32_t way = 0; way < 2; way++)
            if (n->road_arc[2 * w->road + way] != NO_ARC)
                tamper_closure(s, plan, CLOSURE_NO_STOPPING, (struct road_direction){n->road_source_id[w->road], way}, PLANTED_NO_STOPPING);
        if (k == 0 || k >= plan->leg_count) continue;
        struct route_request q = s->q;
        q.calls[w->call].service_ms += 1000 + plan->legs[k].wait_ms;
        expect(s, PLANTED_SERVICE, s->w->view, &q, plan);
        const struct leg *before = &plan->legs[k - 1];
        q = s->q;
        q.calls[w->call].turning_place = false;
        if (plan->legs[k].arcs[0] != before->arcs[before->arc_count - 1]) expect(s, PLANTED_TURNING_ROUND, s->w->view, &q, plan);
    }
}

/* The call aside from its road, to be reached with it on the right or, unlawfully, on the left. */
static void tamper_side(struct scene *s, const struct plan *plan, uint32_t k)
{
    const struct network *n = &s->w->f.network;
    const struct waypoint *w = &plan->waypoints[k];
    const arc_id a = k ? plan->legs[k - 1].arcs[plan->legs[k - 1].arc_count - 1] : plan->legs[0].arcs[0];
    struct route_request q = s->q;
    if (network_opposite(n, a) == NO_ARC || w->call >= q.call_count || (k == 0 && q.loop)) return; /* of a loop it is the last call, too */
    const uint32_t at = w->offset_mm < 5000 ? 0 : w->offset_mm - 5000;
    double bearing = geodesic_bearing_deg(spatial_point_at(n, w->road, at), spatial_point_at(n, w->road, at + 5000));
    if (n->arc_reversed[a]) bearing += 180;
    q.calls[w->call].side = SIDE_CURB;
    q.max_snap_mm = 50000;
    for (int left = 0; left < 2; left++) {
        q.calls[w->call].point = geodesic_direct(w->snapped, fmod(bearing + (left ? 270 : 90), 360), 20);
        s->waypoints[k].requested = q.calls[w->call].point;
        if (left) expect_kind(s, PLANTED_OTHER_SIDE, &q, &s->plan, OFFENCE_SIDE);
        else assert_false(disagrees(s, s->w->view, &q, &s->plan));
    }
    s->waypoints[k] = *w;
}

/* What the plan says of what was asked. */
static void tamper_question(struct scene *s, const struct plan *plan)
{
    const struct network *n = &s->w->f.network;
    struct route_request q = s->q;
    copy(s, plan);
    memcpy(s->waypoints, plan->waypoints, plan->waypoint_count * sizeof *s->waypoints);
    s->plan.waypoints = s->waypoints;
    for (uint32_t k = 0; k < plan->waypoint_count; k++) {
        const struct waypoint *w = &plan->waypoints[k];
        q = s->q;
        if (w->call < q.call_count) {
            q.calls[w->call].point.lon_e7 += 100;
            expect_kind(s, PLANTED_OTHER_CALL, &q, plan, OFFENCE_CALLS);
        }
        s->waypoints[k].snapped.lat_e7 += 5000;
        expect(s, PLANTED_OTHER_PLACE, s->w->view, &s->q, &s->plan); /* perhaps in a zone */
        s->waypoints[k] = *w;
        if (n->road_length_mm[w->road] > 0) {
            s->waypoints[k].offset_mm += w->offset_mm > 0 ? -1 : 1;
            expect_kind(s, PLANTED_OTHER_END, &s->q, &s->plan, OFFENCE_PLACE);
            s->waypoints[k] = *w;
        }
        tamper_side(s, plan, k);
    }
    q = s->q;
    for (uint32_t i = q.call_count++; i > 1; i--) q.calls[i] = q.calls[i - 1];
    expect(s, PLANTED_CALL_LEFT_OUT, s->w->view, &q, plan);
    q = s->q;
    q.depart_ms = plan->legs[0].depart_ms + 1000;
    expect_kind(s, PLANTED_EARLY, &q, plan, OFFENCE_EARLY);
    q = s->q;
    q.depart_ms -= (int64_t)q.max_wait_ms - plan->wait_ms + 2000;
    expect_kind(s, PLANTED_WAIT, &q, plan, OFFENCE_WAIT);
}

/* Does the road touch neither the one where the leg begins nor that where it ends? */
static bool lies_apart(const struct network *n, const struct plan *plan, const struct leg *leg, road_index road)
{
    const road_index ends[2] = {plan->waypoints[leg->from].road, plan->waypoints[leg->to].road};
    for (int e = 0; e < 2; e++)
        for (uint32_t way = 0; way < 2; way++) {
            arc_id a = n->road_arc[2 * ends[e] + way], b = n->road_arc[2 * road] != NO_ARC ? n->road_arc[2 * road] : n->road_arc[2 * road + 1];
            if (a == NO_ARC) continue;
            if (ends[e] == road || n->arc_tail[a] == n->arc_tail[b] || n->arc_tail[a] == n->arc_head[b] ||
                n->arc_head[a] == n->arc_tail[b] || n->arc_head[a] == n->arc_head[b])
                return false;
        }
    return true;
}

/* The network itself, under the plan's longest leg. */
static void tamper_network(struct scene *s, const struct plan *plan, const struct leg *leg, uint32_t middle)
{
    const struct network *n = &s->w->f.network;
    const struct turn_graph *g = &s->w->f.turns;
    const arc_id a = leg->arcs[middle];
    struct error err = ERROR_INIT;
    uint8_t *access = (uint8_t *)(uintptr_t)(vehicle_is_lorry(&s->q.vehicle) ? n->arc_access_lorry : n->arc_access_light); /* the fixture's own */
    uint8_t *forbidden = (uint8_t *)(uintptr_t)g->forbidden_to;
    struct checker *anew;
    if (lies_apart(n, plan, leg, n->arc_road[a])) { /* and joins no other such road */
        uint8_t *kept = malloc(n->arc_count);
        memcpy(kept, access, n->arc_count);
        for (arc_id b = 0; b < n->arc_count; b++)
            if (access[b] == ACCESS_DESTINATION) access[b] = ACCESS_YES;
        access[a] = ACCESS_DESTINATION;
        assert_int_equal(checker_new(&s->w->base, &anew, &err), STATUS_OK);
        assert_int_equal(checker_verify(anew, s->w->view, &s->q, plan, &err), STATUS_CHECKER_DISAGREES);
        s->planted[PLANTED_DESTINATION]++, s->caught[PLANTED_DESTINATION]++;
        checker_free(anew);
        memcpy(access, kept, n->arc_count);
        free(kept);
    }
    uint8_t *kept = malloc((size_t)g->turn_count + 1);
    memcpy(kept, forbidden, g->turn_count);
    for (arc_node u = 0; u < g->node_count; u++)
        for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++)
            if (g->node_arc[u] == leg->arcs[middle - 1] && g->node_arc[g->head[t]] == a) forbidden[t] = TURN_ALL;
    expect(s, PLANTED_TURN, s->w->view, &s->q, plan);
    memcpy(forbidden, kept, g->turn_count);
    free(kept);
}

static void tamper(struct scene *s, const struct plan *plan)
{
    const struct network *n = &s->w->f.network;
    uint32_t k = longest_leg(plan);
    const struct leg *leg = &plan->legs[k];
    tamper_gates(s, plan);
    tamper_calls(s, plan);
    tamper_question(s, plan);
    copy(s, plan);
    s->legs[k].arrive_ms -= 20000 + leg->arc_count * 10;
    bool caution = false; /* whose border decides how long a road takes: the checker allows for doubt there */
    for (uint32_t z = 0; z < s->w->input.zone_count; z++) caution = caution || s->w->zone_rules[z][0].kind == RULE_CAUTION;
    if (!caution) expect(s, PLANTED_CLOCK, s->w->view, &s->q, &s->plan);
    if (plan->leg_count > 1) {
        copy(s, plan);
        s->legs[1].first_offset_mm += s->legs[1].first_offset_mm > 0 ? -1 : 1;
        if (s->legs[1].arc_count > 1) expect(s, PLANTED_JOIN, s->w->view, &s->q, &s->plan);
    }
    if (leg->arc_count < 4) return;
    uint32_t middle = leg->arc_count / 2;
    copy(s, plan);
    arc_id *arcs = malloc(leg->arc_count * sizeof *arcs);
    memcpy(arcs, leg->arcs, leg->arc_count * sizeof *arcs);
    memmove(&arcs[middle], &arcs[middle + 1], (leg->arc_count - middle - 1) * sizeof *arcs);
    s->legs[k].arcs = arcs;
    s->legs[k].arc_count--;
    expect(s, PLANTED_ARC_LEFT_OUT, s->w->view, &s->q, &s->plan);
    free(arcs);
    arc_id a = leg->arcs[middle];
    road_index road = n->arc_road[a];
    struct route_request q = s->q;
    q.avoid_classes = 1u << n->road_class[road];
    expect(s, PLANTED_AVOIDED_CLASS, s->w->view, &q, plan);
    for (uint32_t i = 0; i < leg->arc_count; i++) {
        uint32_t height = rules_limits(s->w->rules, n->arc_road[leg->arcs[i]])[LIMIT_HEIGHT];
        if (height == 0) continue;
        q = s->q;
        q.vehicle.height_mm = height + 1;
        expect(s, PLANTED_LIMIT, s->w->view, &q, plan);
        break;
    }
    const struct box_e7 on_way = box_around(spatial_point_at(n, road, n->road_length_mm[road] / 2), 20000);
    tamper_zone(s, plan, on_way, PLANTED_ZONE_ON_THE_WAY, RULE_CLOSED);
    tamper_avoided(s, plan, on_way);
    tamper_zone(s, plan, box_around(plan->waypoints[leg->to].snapped, 20000), PLANTED_ZONE_AT_THE_STOP, RULE_CLOSED);
    tamper_zone(s, plan, box_around(plan->waypoints[leg->from].snapped, 20000), PLANTED_ZONE_AT_THE_STOP, RULE_THROUGH_ONLY);
    if (lies_apart(n, plan, leg, road) && n->road_length_mm[road] < 20000000) { /* straight in degrees and in the plane part by less than the box */
        tamper_zone(s, plan, box_around(spatial_point_at(n, road, n->road_length_mm[road] / 2), 2000), PLANTED_THROUGH_TRAFFIC,
                    RULE_DESTINATION_ONLY);
        if (!caution) tamper_slow(s, plan, road);
    }
    tamper_closure(s, plan, CLOSURE_CLOSED, (struct road_direction){n->road_source_id[road], n->arc_reversed[a]}, PLANTED_ROAD_CLOSED);
    for (uint32_t i = 0; i < leg->arc_count && !s->q.vehicle.hazmat; i++) {
        if (!(s->w->rules->road_flags[n->arc_road[leg->arcs[i]]] & ROAD_HAZMAT_NO)) continue;
        q = s->q;
        q.vehicle.hazmat = true;
        expect(s, PLANTED_HAZMAT, s->w->view, &q, plan);
        break;
    }
    tamper_network(s, plan, leg, middle);
}

static bool planted_all(const struct scene *s)
{
    for (int o = 0; o < PLANTED_COUNT; o++)
        if (s->planted[o] == 0) return false;
    return true;
}

static void planted_offences_are_caught(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("checker");
    struct world_options options = {.timed = true, .zones = 4, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 55, .posted = 8};
    static struct scene s;
    uint32_t worlds = oracle_rounds(WORLDS);
    memset(&s, 0, sizeof s);
    for (uint32_t i = 0; oracle_goes_on(i, worlds, planted_all(&s)); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        s.seed = seed + i;
        s.w = &w;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        assert_int_equal(checker_new(&w.base, &s.checker, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            struct arena arena;
            struct answer a;
            if (!route_world_request(&w, &options, &random, &s.q, places, &place_count)) continue;
            arena_init(&arena, 64 << 20);
            if (planner_route(p, w.view, &s.q, PLANNER_FULL, &arena, &a, &err) == STATUS_OK && a.cause == STATUS_OK) {
                if (checker_verify(s.checker, w.view, &s.q, a.plans[0], &err) != STATUS_OK) fail_msg("%s", err.log);
                tamper(&s, a.plans[0]);
            }
            arena_clear(&arena);
        }
        planner_free(p);
        checker_free(s.checker);
        route_world_clear(&w);
    }
    printf("checker:");
    for (int o = 0; o < PLANTED_COUNT; o++) printf(" %s %u", names[o], s.caught[o]);
    printf("\n");
    if (!getenv("SEED")) assert_true(planted_all(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted_offences_are_caught)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
