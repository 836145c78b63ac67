#include "tests/property/compare_route.h"

#include "routing/planner/planner_route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t plan_cost(const struct plan *plan, const struct route_request *q, const struct oracle_route *o,
                          const struct oracle_place *places)
{
    uint64_t toll = 0;
    if (q->prefer == PREFER_COST) {
        uint64_t cost = oracle_route_plan_cost(o, places, plan, &toll);
        assert_int_equal(plan->toll_fen, (toll + 50) / 100);
        return cost;
    }
    if (q->prefer == PREFER_TIME) return plan->duration_ms;
    return oracle_route_unit_mm(o->n) == 1 ? plan->distance_mm : oracle_route_plan_cost(o, places, plan, &toll);
}

bool route_area_holds(const struct multipolygon *area, struct point_e7 p)
{
    bool inside = false;
    for (uint32_t r = 0; r < area->ring_count; r++)
        for (uint32_t i = area->ring_first_point[r]; i + 1 < area->ring_first_point[r + 1]; i++) {
            struct point_e7 a = area->points[i], b = area->points[i + 1];
            if ((a.lat_e7 > p.lat_e7) == (b.lat_e7 > p.lat_e7)) continue;
            double x = a.lon_e7 + ((double)p.lat_e7 - a.lat_e7) * ((double)b.lon_e7 - a.lon_e7) / ((double)b.lat_e7 - a.lat_e7);
            if (p.lon_e7 < x) inside = !inside;
        }
    return inside;
}

void route_show(const struct plan *plan, const struct route_world *w, const struct route_request *q)
{
    const struct network *n = &w->f.network;
    if (!getenv("SEED")) return;
    for (uint32_t i = 0; i < q->call_count; i++)
        fprintf(stderr, "call %u side %d turning place %d service %u\n", i, q->calls[i].side, q->calls[i].turning_place, q->calls[i].service_ms);
    fprintf(stderr, "gross %u axles %u hazmat %d avoid %x tolls %d zone %s credentials %u\n", q->vehicle.gross_kg, q->vehicle.axles, q->vehicle.hazmat, q->avoid_classes, q->avoid_tolls, q->avoid_zone_count ? q->avoid_zones[0] : "-", q->credential_count);
    for (uint32_t z = 0; z < w->input.zone_count; z++)
        fprintf(stderr, "zone %u rule %s open %x deny %d slow %u gross from %u exempt %u from %lld until %lld windows %u\n", z,
                rule_kind_code(w->zone_rules[z][0].kind), w->zone_rules[z][0].open_classes,
                w->zone_rules[z][0].transit_deny, w->zone_rules[z][0].slow_permille,
                w->zone_rules[z][0].subject.gross_min_kg, w->zone_rules[z][0].exempt_count,
                (long long)(w->zones[z].schedule.from_ms - q->depart_ms), (long long)(w->zones[z].schedule.until_ms - q->depart_ms),
                w->zones[z].schedule.window_count);
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        const struct leg *l = &plan->legs[i];
        fprintf(stderr, "leg %u from %u mm to %u mm, %lld ms, %u gates:", i, l->first_offset_mm, l->last_offset_mm,
                (long long)(l->arrive_ms - l->depart_ms), l->gate_count);
        for (uint32_t k = 0; k < l->arc_count; k++)
        {
            arc_id x = l->arcs[k];
            fprintf(stderr, " %u(road %u class %u len %u", x, n->arc_road[x], n->road_class[n->arc_road[x]],
                    network_arc_length_mm(n, x));
            for (uint32_t m = w->rules->arc_first_member[x]; m < w->rules->arc_first_member[x + 1]; m++)
                for (uint32_t j = 0; j < w->rules->member[m].stretch_count; j++)
                    fprintf(stderr, " z%u[%u,%u]", w->rules->member[m].zone,
                            w->rules->stretches[w->rules->member[m].first_stretch + j].from_mm,
                            w->rules->stretches[w->rules->member[m].first_stretch + j].until_mm);
            fprintf(stderr, ")");
        }
        fprintf(stderr, "\n");
    }
}

/* The area that a request avoids, as one more zone that it avoids by name. */
struct area_as_zone {
    struct zone zones[WORLD_ZONES];
    struct zone_rule rule;
    struct route_request q;
    struct rules *rules;
};

static void area_as_zone(struct area_as_zone *x, const struct route_world *w, const struct route_request *q, struct oracle_route *o)
{
    struct rules_input input = w->input;
    struct error err = ERROR_INIT;
    x->rules = NULL;
    if (q->avoid_area.part_count == 0) return;
    assert_true(input.zone_count < WORLD_ZONES && q->avoid_zone_count < AVOID_ZONES_MAX);
    memcpy(x->zones, w->zones, sizeof x->zones);
    x->rule = (struct zone_rule){.subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX}, .kind = RULE_CLOSED,
                                 .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    x->zones[input.zone_count++] = (struct zone){.id = "area", .name = "area", .class_code = "test", .class_name_zh = "", .class_name_en = "",
        .county = "", .document = "d", .authority = "a", .area = q->avoid_area, .schedule = x->rule.hours, .rule_count = 1, .rules = &x->rule};
    input.zones = x->zones;
    x->q = *q;
    x->q.avoid_zones[x->q.avoid_zone_count++] = "area";
    assert_int_equal(rules_compile(&w->f.network, w->base.spatial, &input, NULL, &x->rules, &err), STATUS_OK);
    o->rules = x->rules;
    o->request = &x->q;
}

/* A zone that forbids calls forbids a point in its polygon, though the road beside it counts as outside; the oracle knows roads
 * only. */
static bool point_refused(const struct route_world *w, const struct route_request *q, const struct answer *a)
{
    if (a->conflict_count == 0 || (a->conflicts[0].zone == UINT32_MAX && a->conflicts[0].kind != CONFLICT_AVOID)) return false;
    if (a->cause != STATUS_DESTINATION_IN_CLOSED_ZONE && a->cause != STATUS_ORIGIN_IN_CLOSED_ZONE && a->cause != STATUS_STOP_IN_CLOSED_ZONE)
        return false;
    const struct multipolygon *area = a->conflicts[0].zone == UINT32_MAX ? &q->avoid_area : &w->zones[a->conflicts[0].zone].area;
    for (uint32_t i = 0; i < q->call_count; i++)
        if (route_area_holds(area, q->calls[i].point)) return true;
    return q->has_base && route_area_holds(area, q->base.point);
}

/* What decides first names the cause (semantics, section 2): a call that may not be made, what is washed away, limits and access,
 * closures, zones, gates and credentials, what the request avoids. */
static int rank_of(const struct route_world *w, const struct conflict *c)
{
    if (c->cause == STATUS_ORIGIN_IN_CLOSED_ZONE || c->cause == STATUS_STOP_IN_CLOSED_ZONE || c->cause == STATUS_DESTINATION_IN_CLOSED_ZONE)
        return 0;
    if (c->kind == CONFLICT_CLOSURE) return w->input.closures[c->closure].physical ? 1 : 3;
    if (c->kind == CONFLICT_LIMIT || c->kind == CONFLICT_ACCESS) return 2;
    return c->kind == CONFLICT_ZONE ? 4 : c->kind == CONFLICT_AVOID ? 6 : 5;
}

static void check_cause(const struct route_world *w, const struct route_request *q, const struct answer *a, uint64_t seed)
{
    int first = INT32_MAX;
    bool named = false;
    for (uint32_t i = 0; i < a->conflict_count; i++) {
        const struct conflict *c = &a->conflicts[i];
        const int rank = rank_of(w, c);
        if (rank < first) first = rank, named = false;
        named = named || (rank == first && c->cause == a->cause);
        bool meant = rank != 0; /* a call at that place that is called so */
        for (uint32_t k = 0; k < q->call_count && !meant; k++) {
            enum status cause = k == 0 ? STATUS_ORIGIN_IN_CLOSED_ZONE
                                : k + 1 == q->call_count ? STATUS_DESTINATION_IN_CLOSED_ZONE : STATUS_STOP_IN_CLOSED_ZONE;
            meant = c->cause == cause && point_e7_equal(c->point, q->calls[k].point);
        }
        if (!meant && !(q->has_base && c->cause == STATUS_ORIGIN_IN_CLOSED_ZONE && point_e7_equal(c->point, q->base.point)))
            fail_msg("seed %llu: conflict %u is called %s, and lies at no such call", (unsigned long long)seed, i, status_code(c->cause));
    }
    if (a->conflict_count > 0 && !named && (a->relaxed || first == 0)) /* else there is no way even without rules */
        fail_msg("seed %llu: the cause is %s, which is not what decides first", (unsigned long long)seed, status_code(a->cause));
}

/* Is the answer's explanation what it says: lifting all opens a way, leaving one in place does not? With leave to wait the oracle
 * tries some waits only, so a way that it does not find proves nothing. */
static void check_explanation(const struct route_world *w, struct oracle_route o, const struct oracle_place *places,
                              uint32_t place_count, const struct answer *a, struct route_tally *t, uint64_t seed)
{
    bool zones[WORLD_ZONES], checkpoints[WORLD_CHECKPOINTS], closures[WORLD_CLOSURES], *roads;
    roads = calloc(o.n->road_count, 1);
    o.without_ending = true;
    if (!a->relaxed) { /* not even without any rule; or only for who comes more than five minutes later */
        if (a->cause == STATUS_TIME_WINDOW && a->conflict_count == 0) o.dawdle_ms = 86400000;
        else o.no_rules = true;
        uint64_t cost = oracle_route_cost(&o, places, place_count);
        if (!o.no_rules && cost == UINT64_MAX) fail_msg("seed %llu: not even later is there a way", (unsigned long long)seed);
        if (o.no_rules && cost < UINT64_MAX - 1) fail_msg("seed %llu: no way without any rule, the oracle finds %llu", (unsigned long long)seed,
                                            (unsigned long long)cost);
        t->skipped += cost == UINT64_MAX - 1;
        t->lifted++;
        free(roads);
        return;
    }
    for (uint32_t kept = 0; kept <= a->conflict_count; kept++) {
        memset(zones, 0, sizeof zones);
        memset(checkpoints, 0, sizeof checkpoints);
        memset(closures, 0, sizeof closures);
        memset(roads, 0, o.n->road_count);
        o.lifts = (struct oracle_lifts){zones, checkpoints, closures, roads, false};
        for (uint32_t i = 0; i < a->conflict_count; i++) {
            const struct conflict *c = &a->conflicts[i];
            if (i == kept) continue;
            if (c->kind == CONFLICT_GATE || c->kind == CONFLICT_CREDENTIAL) checkpoints[c->checkpoint] = true;
            else if (c->zone != UINT32_MAX) zones[c->zone] = true;
            else if (c->closure != UINT32_MAX) closures[c->closure] = true;
            else if (c->kind == CONFLICT_AVOID) o.lifts.avoidances = zones[w->input.zone_count % WORLD_ZONES] = true; /* with the area */
            else roads[c->road] = true;
        }
        uint64_t cost = oracle_route_cost(&o, places, place_count);
        t->lifted++;
        if (cost == UINT64_MAX - 1) {
            t->skipped++;
            continue;
        }
        bool open = cost != UINT64_MAX;
        bool wrong = open != (kept == a->conflict_count) && (open || !o.wait_step_ms);
        if (wrong && getenv("SEED")) {
            for (uint32_t i = 0; i < a->conflict_count; i++)
                fprintf(stderr, "conflict kind %d cause %s zone %d checkpoint %d closure %d road %d: %s\n", a->conflicts[i].kind,
                        status_code(a->conflicts[i].cause), (int)a->conflicts[i].zone, (int)a->conflicts[i].checkpoint,
                        (int)a->conflicts[i].closure, (int)a->conflicts[i].road, a->conflicts[i].needed_en);
            for (uint32_t i = 0; i < place_count; i++) fprintf(stderr, "place road %u offset %u\n", places[i].road, places[i].offset_mm);
            if (a->relaxed) route_show(a->relaxed, w, o.request);
        }
        if (wrong)
            fail_msg("seed %llu: lifting all but conflict %u of %u (kind %d zone %d checkpoint %d closure %d road %d) %s, cause %s",
                     (unsigned long long)seed, kept, a->conflict_count,
                     kept < a->conflict_count ? (int)a->conflicts[kept].kind : -1,
                     kept < a->conflict_count ? (int)a->conflicts[kept].zone : -1,
                     kept < a->conflict_count ? (int)a->conflicts[kept].checkpoint : -1,
                     kept < a->conflict_count ? (int)a->conflicts[kept].closure : -1,
                     kept < a->conflict_count ? (int)a->conflicts[kept].road : -1, open ? "opens a way" : "opens none",
                     status_code(a->cause));
    }
    free(roads);
}

void route_compare(struct planner *p, const struct route_world *w, const struct route_request *q, const struct oracle_place *places,
                   uint32_t place_count, uint32_t label_max, struct route_tally *t, uint64_t seed)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer a;
    arena_init(&arena, 64 << 20);
    enum status status = planner_route(p, w->view, q, PLANNER_FULL, &arena, &a, &err);
    if (status == STATUS_SNAP_TOO_FAR) {
        t->off++;
        arena_clear(&arena);
        return;
    }
    if (status != STATUS_OK) fail_msg("seed %llu: %s: %s %s", (unsigned long long)seed, status_code(status), err.en, err.log);
    struct oracle_route o = {.n = &w->f.network, .g = &w->f.turns, .rules = w->rules, .request = q,
                             .dawdle_ms = 5 * 60 * 1000, .grain_ms = 30 * 1000, .label_max = label_max};
    static struct area_as_zone area;
    area_as_zone(&area, w, q, &o);
    uint64_t expected = oracle_route_cost(&o, places, place_count);
    if (expected == UINT64_MAX - 1) {
        t->skipped++;
    } else if (a.cause == STATUS_OK) {
        t->plans++;
        t->second_tier += (a.tier & 2) != 0;
        for (uint32_t i = 0; i < a.plans[0]->leg_count; i++) t->gates += a.plans[0]->legs[i].gate_count;
        if (plan_cost(a.plans[0], q, &o, places) != expected) route_show(a.plans[0], w, q);
        if (plan_cost(a.plans[0], q, &o, places) != expected)
            fail_msg("seed %llu: planner %llu, oracle %llu (tier %u)", (unsigned long long)seed,
                     (unsigned long long)plan_cost(a.plans[0], q, &o, places), (unsigned long long)expected, a.tier);
    } else {
        if (point_refused(w, q, &a) && expected != UINT64_MAX) {
            t->off++;
            rules_release(area.rules);
            arena_clear(&arena);
            return;
        }
        t->none++;
        if (expected != UINT64_MAX)
            fail_msg("seed %llu: planner says %s, oracle finds %llu", (unsigned long long)seed, status_code(a.cause),
                     (unsigned long long)expected);
        check_cause(w, q, &a, seed);
        check_explanation(w, o, places, place_count, &a, t, seed);
    }
    rules_release(area.rules);
    arena_clear(&arena);
}

void wait_compare(struct planner *p, const struct route_world *w, struct route_request *q, uint32_t max_wait_ms, uint32_t step_ms,
                  const struct oracle_place *places, uint32_t place_count, uint32_t label_max, struct wait_tally *t, uint64_t seed)
{
    struct oracle_route o = {.n = &w->f.network, .g = &w->f.turns, .rules = w->rules, .request = q, .wait_step_ms = step_ms,
                             .label_max = label_max};
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer at_once, later;
    struct route_tally explained = {0};
    static struct area_as_zone area;
    arena_init(&arena, 64 << 20);
    enum status status = planner_route(p, w->view, q, PLANNER_FULL, &arena, &at_once, &err);
    q->max_wait_ms = max_wait_ms;
    if (status == STATUS_OK) status = planner_route(p, w->view, q, PLANNER_FULL, &arena, &later, &err);
    if (status == STATUS_SNAP_TOO_FAR || (status == STATUS_OK && point_refused(w, q, &later))) {
        t->off++;
    } else {
        if (status != STATUS_OK) fail_msg("seed %llu: %s %s", (unsigned long long)seed, err.en, err.log);
        area_as_zone(&area, w, q, &o);
        uint64_t expected = oracle_route_cost(&o, places, place_count);
        uint64_t without = at_once.cause == STATUS_OK ? plan_cost(at_once.plans[0], q, &o, places) : UINT64_MAX;
        uint64_t with = later.cause == STATUS_OK ? plan_cost(later.plans[0], q, &o, places) : UINT64_MAX;
        if (with > without) fail_msg("seed %llu: worse with leave to wait", (unsigned long long)seed);
        if (expected != UINT64_MAX - 1 && with > expected && later.cause == STATUS_OK) route_show(later.plans[0], w, q);
        if (expected != UINT64_MAX - 1 && with > expected)
            fail_msg("seed %llu: %llu with leave to wait, the oracle finds %llu", (unsigned long long)seed, (unsigned long long)with,
                     (unsigned long long)expected);
        t->skipped += expected == UINT64_MAX - 1;
        t->plans += with != UINT64_MAX;
        t->none += with == UINT64_MAX;
        if (with == UINT64_MAX) check_explanation(w, o, places, place_count, &later, &explained, seed);
        t->waited += with != UINT64_MAX && later.plans[0]->wait_ms > 0;
        t->opened += with != UINT64_MAX && without == UINT64_MAX;
        if (with != UINT64_MAX) assert_true(later.plans[0]->wait_ms <= max_wait_ms);
        rules_release(area.rules);
    }
    arena_clear(&arena);
}
