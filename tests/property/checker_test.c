/* The checker against planted offences: every lawful plan passes, and each kind of tampering with a plan, its vehicle or
 * the rules under it is caught. */
#include "routing/plan/checker.h"
#include "routing/planner/planner_route.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

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
    PLANTED_AVOIDED_CLASS, PLANTED_COUNT
};

static const char *const names[PLANTED_COUNT] = {"gate left out", "gate closed", "credentials gone", "zone on the way",
                                                 "zone at the stop", "arc left out", "limit", "road closed", "clock",
                                                 "join", "avoided area", "avoided class"};

struct scene {
    struct route_world *w;
    struct checker *checker;
    struct route_request q;
    struct plan plan;
    struct leg legs[8];
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

static void tamper_gates(struct scene *s, const struct plan *plan)
{
    for (uint32_t k = 0; k < plan->leg_count; k++) {
        const struct leg *leg = &plan->legs[k];
        for (uint32_t g = 0; g < leg->gate_count; g++) {
            const struct checkpoint *c = &s->w->checkpoints[leg->gates[g].checkpoint];
            bool same = false; /* the same border twice? */
            for (uint32_t i = 0; i < leg->gate_count; i++)
                same = same || (i != g && leg->gates[i].zone == leg->gates[g].zone);
            if (!same && plain_passage(s, leg, &leg->gates[g])) {
                copy(s, plan);
                memcpy(s->gates, leg->gates, leg->gate_count * sizeof *s->gates);
                memmove(&s->gates[g], &s->gates[g + 1], (leg->gate_count - g - 1) * sizeof *s->gates);
                s->legs[k].gates = s->gates;
                s->legs[k].gate_count--;
                s->legs[k].arrive_ms -= leg->gates[g].inspection_ms; /* so that it is not the clock that tells */
                expect(s, PLANTED_GATE_LEFT_OUT, s->w->view, &s->q, &s->plan);
            }
            if (c->group_count > 0) {
                struct route_request without = s->q;
                without.credential_count = 0;
                struct error err = ERROR_INIT; /* the zone itself may exempt; then it need not ask */
                if (checker_verify(s->checker, s->w->view, &without, plan, &err) == STATUS_CHECKER_DISAGREES)
                    expect(s, PLANTED_CREDENTIALS_GONE, s->w->view, &without, plan);
            }
            struct checkpoint was = *c;
            s->w->checkpoints[leg->gates[g].checkpoint].opening =
                (struct schedule){.from_ms = leg->gates[g].at_ms + 3600000, .until_ms = TIME_OPEN};
            route_world_publish(s->w);
            expect(s, PLANTED_GATE_CLOSED, s->w->view, &s->q, plan);
            s->w->checkpoints[leg->gates[g].checkpoint] = was;
            route_world_publish(s->w);
        }
    }
}

/* A small closed zone around a point of the way. */
static void tamper_zone(struct scene *s, const struct plan *plan, struct point_e7 at, enum offence o, int32_t radius_e7)
{
    struct zone *zone = &s->w->zones[s->w->input.zone_count++];
    struct zone_rule *rule = s->w->zone_rules[s->w->input.zone_count - 1];
    struct point_e7 ring[5] = {{at.lon_e7 - radius_e7, at.lat_e7 - radius_e7}, {at.lon_e7 + radius_e7, at.lat_e7 - radius_e7},
                               {at.lon_e7 + radius_e7, at.lat_e7 + radius_e7}, {at.lon_e7 - radius_e7, at.lat_e7 + radius_e7},
                               {at.lon_e7 - radius_e7, at.lat_e7 - radius_e7}};
    uint32_t rings[2] = {0, 5}, parts[2] = {0, 1};
    *rule = (struct zone_rule){.subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX}, .kind = RULE_CLOSED,
                               .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    *zone = s->w->zones[0];
    zone->id = "planted";
    zone->rules = rule;
    zone->rule_count = 1;
    zone->schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    zone->area = (struct multipolygon){1, 1, 5, parts, rings, ring};
    route_world_publish(s->w);
    expect(s, o, s->w->view, &s->q, plan);
    memset(&zone->area, 0, sizeof zone->area);
    s->w->input.zone_count--;
    route_world_publish(s->w);
    if (o != PLANTED_ZONE_ON_THE_WAY) return;
    struct route_request q = s->q;
    /* among parts that lie nowhere near, one of them with a hole */
    struct point_e7 points[20];
    uint32_t many_rings[5] = {0, 5, 10, 15, 20}, many_parts[4] = {0, 2, 3, 4};
    for (uint32_t i = 0; i < 20; i++) {
        int32_t away = i < 10 ? 9000000 : i < 15 ? 0 : -9000000, small = i >= 5 && i < 10 ? 2 : 1;
        points[i] = (struct point_e7){at.lon_e7 + away + (ring[i % 5].lon_e7 - at.lon_e7) / small, at.lat_e7 + (ring[i % 5].lat_e7 - at.lat_e7) / small};
    }
    q.avoid_area = (struct multipolygon){3, 4, 20, many_parts, many_rings, points};
    expect(s, PLANTED_AVOIDED_AREA, s->w->view, &q, plan);
}

static void tamper(struct scene *s, const struct plan *plan)
{
    const struct network *n = &s->w->f.network;
    uint32_t k = longest_leg(plan);
    const struct leg *leg = &plan->legs[k];
    tamper_gates(s, plan);
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
    tamper_zone(s, plan, spatial_point_at(n, road, n->road_length_mm[road] / 2), PLANTED_ZONE_ON_THE_WAY, 20000);
    tamper_zone(s, plan, plan->waypoints[leg->to].snapped, PLANTED_ZONE_AT_THE_STOP, 20000);
    struct closure was = s->w->closures[0];
    struct road_direction arc = {n->road_source_id[road], n->arc_reversed[a]};
    s->w->closures[0].action = CLOSURE_CLOSED;
    s->w->closures[0].schedule = (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    s->w->closures[0].arc_count = 1;
    s->w->closures[0].arcs = &arc;
    route_world_publish(s->w);
    expect(s, PLANTED_ROAD_CLOSED, s->w->view, &s->q, plan);
    s->w->closures[0] = was;
    route_world_publish(s->w);
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
