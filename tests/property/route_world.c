#include "tests/property/route_world.h"

#include "geo/projection.h"
#include "routing/hierarchy/order.h"
#include "tests/property/oracle_graph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const int64_t DAY_MS = 86400000;
static const int64_t MIDNIGHT_MS = 1795104000000; /* a Shanghai midnight in November 2026: a Friday begins */

struct multipolygon route_world_area(uint64_t *random, int32_t x_m, int32_t y_m, int32_t radius_m)
{
    uint32_t count = 4 + oracle_below(random, 8);
    struct multipolygon m = {.part_count = 1, .ring_count = 1, .point_count = count + 1};
    m.part_first_ring = calloc(2, sizeof *m.part_first_ring);
    m.ring_first_point = calloc(2, sizeof *m.ring_first_point);
    m.points = calloc(count + 1, sizeof *m.points);
    assert_true(m.part_first_ring && m.ring_first_point && m.points);
    m.part_first_ring[1] = 1;
    m.ring_first_point[1] = count + 1;
    for (uint32_t i = 0; i < count; i++) {
        double angle = 2 * 3.14159265358979 * i / count, out = radius_m * (0.6 + oracle_below(random, 400) / 1000.0);
        m.points[i] = fixture_point(x_m + (int32_t)(out * cos(angle)), y_m + (int32_t)(out * sin(angle)));
    }
    m.points[count] = m.points[0];
    return m;
}

static void *copy_of(const void *items, size_t bytes)
{
    void *copy = malloc(bytes);
    assert_non_null(copy);
    return memcpy(copy, items, bytes);
}

static struct multipolygon same_area(const struct multipolygon *a)
{
    struct multipolygon m = *a;
    m.part_first_ring = copy_of(a->part_first_ring, (a->part_count + 1) * sizeof *m.part_first_ring);
    m.ring_first_point = copy_of(a->ring_first_point, (a->ring_count + 1) * sizeof *m.ring_first_point);
    m.points = copy_of(a->points, a->point_count * sizeof *m.points);
    return m;
}

static struct schedule always(void)
{
    return (struct schedule){.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
}

/* Begins, or ends, some minutes after a table's window that opens at the requests' departures. */
static struct schedule late_schedule(uint64_t *random)
{
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    int64_t *edge = oracle_below(random, 3) ? &s.until_ms : &s.from_ms;
    *edge = MIDNIGHT_MS + WORLD_BASE_H * 3600000ll + 3600000ll * (1 << oracle_below(random, 3)) + 60000 * (int64_t)(1 + oracle_below(random, 40));
    return s;
}

/* Now and then for good, else something that changes around the time of the journeys. */
static struct schedule random_schedule(struct window *w, bool timed, uint64_t *random)
{
    struct schedule s = always();
    if (!timed || oracle_below(random, 3) == 0) return s;
    int64_t base = MIDNIGHT_MS + WORLD_BASE_H * 3600000;
    if (oracle_below(random, 2)) s.from_ms = base + ((int64_t)oracle_below(random, 120) - 40) * 60000;
    if (oracle_below(random, 2)) s.until_ms = base + (int64_t)(20 + oracle_below(random, 120)) * 60000;
    if (s.from_ms != INT64_MIN && s.until_ms != TIME_OPEN && s.until_ms <= s.from_ms) s.until_ms = s.from_ms + 1800000;
    if (oracle_below(random, 2)) {
        uint16_t from = (uint16_t)((WORLD_BASE_H - 1) * 60 + oracle_below(random, 150));
        *w = (struct window){.weekdays = 0x7F, .day_kinds = 0x0F, .from_min = from,
                             .until_min = (uint16_t)(from + 10 + oracle_below(random, 120))};
        s.window_count = 1;
        s.windows = w;
    }
    return s;
}

static struct subject everybody(void)
{
    return (struct subject){.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX};
}

/* Every street of the grid, all alike (or, level, alike in time) but for a few that are closed to lorries. */
static void make_even_network(struct route_world *w, const struct world_options *o, uint64_t *random)
{
    uint32_t side = 1, id = 100;
    while ((side + 1) * (side + 1) <= o->nodes) side++;
    fixture_init(&w->f);
    const int32_t step = o->size_m / (int32_t)side, shake = o->level && !o->even ? step / 3 : 1;
    for (uint32_t i = 0; i < side * side; i++)
        fixture_node(&w->f, i, (int32_t)(i % side) * step + (shake > 1 ? (int32_t)oracle_below(random, (uint32_t)shake) : 0),
                     (int32_t)(i / side) * step + (shake > 1 ? (int32_t)oracle_below(random, (uint32_t)shake) : 0));
    for (uint32_t i = 0; i < side * side; i++)
        for (uint32_t way = 0; way < 2; way++) {
            if (way ? i + side >= side * side : i % side + 1 == side) continue;
            struct fixture_road road = {.id = id++, .from = i, .to = way ? i + side : i + 1, .class = ROAD_TRUNK, .speed_kmh = 60};
            if (oracle_below(random, 20) == 0) road.access_lorry = ACCESS_DESTINATION;
            fixture_road(&w->f, &road);
        }
    fixture_build(&w->f);
    uint32_t *ms = (uint32_t *)(uintptr_t)w->f.network.arc_time_ms; /* the fixture's own */
    for (arc_id a = 0; o->level && a < w->f.network.arc_count; a++) ms[a] = 60000 * (2 + oracle_below(random, 3) / 2 * 2);
}

/* Ways over three roads that follow each other, forbidden to some, so that there are copies of arcs. Draws of its own. */
static void make_chains(struct route_world *w, const struct world_options *o, const uint32_t (*ends)[2], uint64_t random)
{
    for (uint32_t i = 0; i < 200 * o->chains; i++) {
        uint32_t via = oracle_below(&random, o->roads), a = oracle_below(&random, o->roads), b = oracle_below(&random, o->roads);
        bool in = ends[a][0] == ends[via][0] || ends[a][1] == ends[via][0], out = ends[b][0] == ends[via][1] || ends[b][1] == ends[via][1];
        int64_t over[1] = {100 + via};
        if (!in || !out || a == via || b == via || a == b) continue;
        fixture_turn_over(&w->f, 100 + a, over, 1, 100 + b, false, (uint8_t)(1 + oracle_below(&random, TURN_ALL)));
    }
}

/* Turns from one road into the next, forbidden to all or some. Draws of its own. */
static void make_bans(struct route_world *w, const struct world_options *o, const uint32_t (*ends)[2], uint64_t random)
{
    for (uint32_t i = 0; i < 40 * o->bans; i++) {
        uint32_t a = oracle_below(&random, o->roads), b = oracle_below(&random, o->roads), k = oracle_below(&random, 2);
        if (a == b || (ends[b][0] != ends[a][k] && ends[b][1] != ends[a][k])) continue;
        fixture_turn(&w->f, 100 + a, ends[a][k], 100 + b, false, oracle_below(&random, 2) ? TURN_ALL : (uint8_t)(1 + oracle_below(&random, TURN_ALL)));
    }
}

/* No road is longer than a network takes (1,073 km): one that would be goes straight, or only to the next crossing. */
static void shorten(const struct fixture *f, uint32_t columns, struct fixture_road *road)
{
    const struct fixture_xy *a = &f->node_at[road->from], *b = &f->node_at[road->to], *bend = road->bends;
    if (road->bend_count && hypot(a->x_m - bend->x_m, a->y_m - bend->y_m) + hypot(b->x_m - bend->x_m, b->y_m - bend->y_m) > 1e6)
        road->bend_count = 0;
    if (hypot(a->x_m - b->x_m, a->y_m - b->y_m) > 1e6)
        road->to = road->from < columns ? road->from + columns : road->from - columns, road->bend_count = 0;
}

static void make_network(struct route_world *w, const struct world_options *o, uint64_t *random)
{
    fixture_init(&w->f);
    if (o->size_m > 500000) w->f.dense_m = 5000;
    uint32_t columns = 1;
    while (columns * columns < o->nodes) columns++;
    for (uint32_t i = 0; i < o->nodes; i++) { /* a shaken grid */
        int32_t step = o->size_m / (int32_t)columns;
        fixture_node(&w->f, i, (int32_t)(i % columns) * step + (int32_t)oracle_below(random, (uint32_t)step * 2 / 3),
                     (int32_t)(i / columns) * step + (int32_t)oracle_below(random, (uint32_t)step * 2 / 3));
        if (oracle_below(random, 8) == 0) fixture_node_flags(&w->f, i, NODE_TURNING_PLACE);
    }
    uint32_t (*ends)[2] = calloc((size_t)o->roads + 1, sizeof *ends);
    assert_non_null(ends);
    for (uint32_t i = 0; i < o->roads; i++) {
        uint32_t from = oracle_below(random, o->nodes), to = from;
        while (to == from || to >= o->nodes)
            to = oracle_below(random, 6) == 0 ? oracle_below(random, o->nodes)
                 : oracle_below(random, 2)    ? from + 1
                                              : from + columns;
        if (i < o->nodes - 1) from = i, to = i % columns + 1 < columns || i + columns >= o->nodes ? i + 1 : i + columns;
        ends[i][0] = from, ends[i][1] = to;
        struct fixture_road road = {.id = 100 + i, .from = from, .to = to, .oneway = oracle_below(random, 6) == 0,
                                    .speed_kmh = (uint16_t)(40 + oracle_below(random, 50))};
        road.class = oracle_below(random, 4) == 0 ? ROAD_MOTORWAY : (enum road_class)(ROAD_TRUNK + 2 * oracle_below(random, 3));
        if (oracle_below(random, 10) == 0) road.access_lorry = ACCESS_DESTINATION;
        if (oracle_below(random, 25) == 0) road.access_lorry = ACCESS_NO;
        if (oracle_below(random, 6) == 0) {
            road.limits[LIMIT_HEIGHT] = 3000 + 500 * oracle_below(random, 5);
            road.limits[LIMIT_GROSS_WEIGHT] = 10000 * (1 + oracle_below(random, 6));
        }
        if (oracle_below(random, 12) == 0) road.flags |= ROAD_HAZMAT_NO;
        if (oracle_below(random, 8) == 0) road.flags |= ROAD_TOLL;
        if (o->tolls && road.class == ROAD_MOTORWAY) road.flags |= ROAD_TOLL;
        if (oracle_below(random, 3) == 0) {
            road.bend_count = 1;
            road.bends[0] = (struct fixture_xy){(int32_t)oracle_below(random, (uint32_t)o->size_m),
                                                (int32_t)oracle_below(random, (uint32_t)o->size_m)};
        }
        if (o->size_m > 500000) shorten(&w->f, columns, &road), ends[i][1] = (uint32_t)road.to;
        fixture_road(&w->f, &road);
    }
    for (uint32_t i = 0; i < o->roads / 6; i++) {
        int64_t via[1] = {100 + oracle_below(random, o->roads)};
        int64_t a = 100 + oracle_below(random, o->roads), b = 100 + oracle_below(random, o->roads);
        if (a == b || a == via[0] || b == via[0]) continue;
        if (oracle_below(random, 2))
            fixture_turn(&w->f, a, oracle_below(random, o->nodes), b, false, TURN_ALL);
        else
            fixture_turn_over(&w->f, a, via, 1, b, false, TURN_ALL);
    }
    make_chains(w, o, (const uint32_t (*)[2])ends, *random);
    make_bans(w, o, (const uint32_t (*)[2])ends, *random);
    free(ends);
    fixture_build(&w->f);
}

static void make_base(struct route_world *w)
{
    struct error err = ERROR_INIT;
    w->base.network = w->f.network;
    w->base.turns = w->f.turns;
    assert_int_equal(spatial_new(&w->base.network, &w->base.spatial, &err), STATUS_OK);
    struct digraph g = {w->f.turns.node_count, w->f.turns.turn_count, w->f.turns.first_out, w->f.turns.head};
    uint32_t *order = malloc((g.node_count + 1) * sizeof *order);
    for (uint32_t i = 0; i < g.node_count; i++) order[i] = (i * 7919u) % g.node_count;
    if (g.node_count % 7919 == 0)
        for (uint32_t i = 0; i < g.node_count; i++) order[i] = i;
    assert_int_equal(hierarchy_new(&g, order, &w->base.hierarchy, &err), STATUS_OK);
    free(order);
}

void route_world_publish(struct route_world *w)
{
    struct error err = ERROR_INIT;
    struct rules *rules = NULL;
    w->input.version++;
    if (rules_compile(&w->f.network, w->base.spatial, &w->input, NULL, &rules, &err) != STATUS_OK) fail_msg("%s", err.en);
    struct view *before = w->view;
    assert_int_equal(view_new(&w->base, rules, 64 << 20, &w->view, &err), STATUS_OK);
    if (before) view_inherit(w->view, before);
    view_release(before);
    rules_release(w->rules);
    w->rules = rules;
}

/* Another zone whose border a gate's arcs are at, too: that of the same shape. */
static void make_shared_gate(struct route_world *w, struct checkpoint *c, uint32_t i, uint32_t zone)
{
    const struct gate *before = &w->gates[i][0];
    struct gate *gate = &w->gates[i][1];
    if (c->gate_count != 1 || (zone ^ 1) >= w->input.zone_count) return;
    *gate = (struct gate){.zone = zone ^ 1, .direction = GATE_BOTH, .arcs = w->gate_arcs[i][1], .arc_count = before->arc_count};
    memcpy(w->gate_arcs[i][1], before->arcs, before->arc_count * sizeof *before->arcs);
    c->gate_count = 2;
}

/* Gates on arcs by which C can be entered or left. */
static void make_gates(struct route_world *w, const struct world_options *o, uint64_t *random)
{
    const struct network *n = &w->f.network;
    for (uint32_t i = 0; i < WORLD_CHECKPOINTS; i++) {
        struct checkpoint *c = &w->checkpoints[i];
        snprintf(w->names[i], sizeof w->names[i], "p%u", i);
        *c = (struct checkpoint){.id = w->names[i], .name = w->names[i], .point = fixture_point(0, 0), .road_ref = "",
                                 .bearing_deg = -1, .reach_mm = 1000000,
                                 .opening = random_schedule(&w->windows[WORLD_ZONES + i], o->timed, random),
                                 .normal_ms = 60000 * oracle_below(random, 10), .gates = w->gates[i]};
        c->green_ms = c->normal_ms / 4;
        static const credential_type_index types[WORLD_TYPES] = {0, 1, 2};
        if (oracle_below(random, 2)) c->green_count = 1, c->green = &types[oracle_below(random, WORLD_TYPES)];
        if (oracle_below(random, 3) == 0) {
            w->requirements[i][0] = (struct requirement){(credential_type_index)oracle_below(random, WORLD_TYPES),
                                                         oracle_below(random, 2) ? 0 : 3600 * (1 + oracle_below(random, 24))};
            w->requirements[i][1] = (struct requirement){(credential_type_index)oracle_below(random, WORLD_TYPES), 0};
            w->groups[i][0] = (struct requirement_group){1, &w->requirements[i][0]};
            w->groups[i][1] = (struct requirement_group){1 + oracle_below(random, 2), w->requirements[i]};
            c->group_count = 1 + oracle_below(random, 2);
            c->groups = w->groups[i];
        }
        uint32_t gate_zones[2] = {oracle_below(random, WORLD_ZONES), oracle_below(random, WORLD_ZONES)};
        if (o->shared) gate_zones[0] %= w->input.zone_count;
        for (uint32_t g = 0; g < (o->shared ? 1 : 2) && w->rules; g++) {
            uint32_t z = gate_zones[g];
            if ((g == 1 && z == gate_zones[0]) || w->zone_rules[z][0].kind != RULE_GATED || z >= w->input.zone_count) continue;
            struct gate *gate = &w->gates[i][c->gate_count];
            *gate = (struct gate){.zone = z, .direction = GATE_BOTH, .arcs = w->gate_arcs[i][c->gate_count]};
            uint32_t first = w->rules->zone_first_arc[z], count = w->rules->zone_first_arc[z + 1] - first;
            for (uint32_t k = 0; k < 30 && count > 0 && gate->arc_count < 4; k++) {
                arc_id a = w->rules->zone_arc[first + oracle_below(random, o->shared && count > 20 ? 20 : count)];
                const struct membership *m;
                bool border = false;
                if (rules_arc_open(n, &w->zone_rules[z][0], a)) continue;
                if (rules_membership(w->rules, a, z, &m))
                    border = w->rules->stretches[m->first_stretch].from_mm > 0 ||
                             w->rules->stretches[m->first_stretch + m->stretch_count - 1].until_mm < network_arc_length_mm(n, a);
                if (border)
                    w->gate_arcs[i][c->gate_count][gate->arc_count++] =
                        (struct road_direction){n->road_source_id[n->arc_road[a]], n->arc_reversed[a]};
            }
            if (gate->arc_count > 0) c->gate_count++;
        }
        if (o->shared && oracle_below(random, 2)) make_shared_gate(w, c, i, gate_zones[0]);
    }
    w->input.checkpoint_count = WORLD_CHECKPOINTS;
    w->input.checkpoints = w->checkpoints;
}

static const struct credential_type types[WORLD_TYPES] = {
    {"pass", "通行证", "pass", 0}, {"test", "核酸", "test", 48 * 3600}, {"disinfection", "消毒", "disinfection", 0}};

/* Limits looser and tighter than the network's, and one of a road that is not there. Draws of its own: worlds without are
 * the same as ever. */
static void make_posted(struct route_world *w, const struct world_options *o, uint64_t random)
{
    uint32_t road = oracle_below(&random, 4);
    for (uint32_t i = 0; i < o->posted; i++, road += 1 + oracle_below(&random, o->roads / o->posted)) {
        struct road_limit *l = &w->posted[i];
        *l = (struct road_limit){.road_id = i + 1 == o->posted ? 1000000 : 100 + road, .hazmat_no = oracle_below(&random, 4) == 0};
        if (oracle_below(&random, 2)) l->limits[LIMIT_HEIGHT] = 3000 + 500 * oracle_below(&random, 5);
        if (oracle_below(&random, 2)) l->limits[LIMIT_BRIDGE] = 10000 * (1 + oracle_below(&random, 6));
        if (oracle_below(&random, 4) == 0) l->limits[LIMIT_AXLES] = 2 + oracle_below(&random, 5);
    }
    w->input.road_limits = w->posted;
    w->input.road_limit_count = o->posted;
}

void route_world_tariff(struct route_world *w, uint64_t *random)
{
    for (int road = 0; road < ROAD_CLASS_COUNT; road++)
        for (int class = 1; class <= TOLL_CLASS_MAX; class++)
            w->input.tolls.centifen_per_km[road][class] =
                oracle_below(random, 4) ? oracle_below(random, 60000) : oracle_below(random, TOLL_RATE_MAX + 1);
}

void route_world_make(struct route_world *w, const struct world_options *o, uint64_t *random)
{
    memset(w, 0, sizeof *w);
    if (o->even || o->level) make_even_network(w, o, random);
    else make_network(w, o, random);
    make_base(w);
    static const credential_type_index exempting[1] = {2};
    for (uint32_t i = 0; i < o->zones; i++) {
        snprintf(w->ids[i], sizeof w->ids[i], "z%u", i);
        int32_t radius = (int32_t)(o->size_m / 12 + (int32_t)oracle_below(random, (uint32_t)o->size_m / 4));
        struct zone_rule *r = &w->zone_rules[i][0];
        enum rule_kind kind = oracle_below(random, 2) ? RULE_GATED : (enum rule_kind)oracle_below(random, RULE_KIND_COUNT);
        *r = (struct zone_rule){.subject = everybody(), .kind = kind, .transit_deny = oracle_below(random, 4) == 0,
                                .open_classes = oracle_below(random, 2) ? 1u << ROAD_MOTORWAY : 0,
                                .slow_permille = 1000 + 100 * oracle_below(random, 20), .hours = always()};
        if (o->shared) r->kind = RULE_GATED, r->transit_deny = false;
        if (oracle_below(random, 6) == 0) r->subject.gross_min_kg = 20000;
        if (oracle_below(random, 6) == 0) r->exempt = exempting, r->exempt_count = 1;
        w->zones[i] = (struct zone){.id = w->ids[i], .name = w->ids[i], .class_code = "test", .class_name_zh = "",
                                    .class_name_en = "", .county = "", .document = "d", .authority = "a",
                                    .area = route_world_area(random, (int32_t)oracle_below(random, (uint32_t)o->size_m),
                                                             (int32_t)oracle_below(random, (uint32_t)o->size_m), radius),
                                    .schedule = o->late ? late_schedule(random) : random_schedule(&w->windows[i], o->timed, random),
                                    .rule_count = 1, .rules = r};
        if (o->shared && i % 2) {
            multipolygon_clear(&w->zones[i].area);
            w->zones[i].area = same_area(&w->zones[i - 1].area);
            r->open_classes = w->zone_rules[i - 1][0].open_classes;
        }
    }
    for (uint32_t i = 0; i < o->closures; i++) {
        snprintf(w->closure_ids[i], sizeof w->closure_ids[i], "c%u", i);
        static const enum closure_action actions[] = {CLOSURE_CLOSED, CLOSURE_LIMIT, CLOSURE_SPEED, CLOSURE_NO_STOPPING};
        enum closure_action action = actions[oracle_below(random, 4)];
        struct window *unused = &w->windows[0];
        w->closures[i] = (struct closure){.id = w->closure_ids[i], .name = w->closure_ids[i], .cause = "", .document = "d",
                                          .authority = "a", .action = action, .physical = oracle_below(random, 2),
                                          .limit_kind = LIMIT_GROSS_WEIGHT,
                                          .limit_value = action == CLOSURE_SPEED ? 20 : 30000, .subject = everybody(),
                                          .schedule = always(), .arc_count = 3, .arcs = w->closed[i]};
        (void)unused;
        if (o->timed && oracle_below(random, 2))
            w->closures[i].schedule.until_ms = MIDNIGHT_MS + WORLD_BASE_H * 3600000 + (int64_t)oracle_below(random, 90) * 60000;
        for (uint32_t k = 0; k < 3; k++)
            w->closed[i][k] = (struct road_direction){100 + oracle_below(random, o->roads), oracle_below(random, 2)};
    }
    w->input = (struct rules_input){.credential_type_count = WORLD_TYPES, .credential_types = types,
                                    .zone_count = o->zones, .zones = w->zones, .closure_count = o->closures,
                                    .closures = w->closures};
    if (o->posted) make_posted(w, o, *random);
    uint64_t rates = *random; /* draws of its own */
    if (o->tolls) route_world_tariff(w, &rates);
    route_world_publish(w);
    make_gates(w, o, random);
    route_world_publish(w);
}

void route_world_clear(struct route_world *w)
{
    view_release(w->view);
    rules_release(w->rules);
    for (uint32_t i = 0; i < WORLD_ZONES; i++) multipolygon_clear(&w->zones[i].area);
    spatial_free(w->base.spatial);
    hierarchy_free(w->base.hierarchy);
    fixture_clear(&w->f);
}

static void random_credentials(struct route_request *q, bool timed, uint64_t *random)
{
    q->credential_count = oracle_below(random, 4);
    for (uint32_t i = 0; i < q->credential_count; i++) {
        struct credential *c = &q->credentials[i];
        *c = (struct credential){.type_code = types[oracle_below(random, WORLD_TYPES)].code, .issued_ms = INT64_MIN,
                                 .valid_from_ms = i == 2 ? INT64_MIN : q->depart_ms - DAY_MS, .valid_until_ms = TIME_OPEN};
        if (oracle_below(random, 2)) c->issued_ms = q->depart_ms - (int64_t)oracle_below(random, 60) * 3600000;
        if (timed && oracle_below(random, 2)) c->valid_until_ms = q->depart_ms + (int64_t)oracle_below(random, 90) * 60000;
    }
}

bool route_world_request(const struct route_world *w, const struct world_options *o, uint64_t *random,
                         struct route_request *q, struct oracle_place *places, uint32_t *place_count)
{
    const struct network *n = &w->f.network;
    struct error err = ERROR_INIT;
    memset(q, 0, sizeof *q);
    memset(places, 0, 4 * sizeof *places);
    q->depart_ms = MIDNIGHT_MS + WORLD_BASE_H * 3600000 + (o->timed ? (int64_t)oracle_below(random, 30) * 60000 : 0);
    q->vehicle = (struct vehicle){.axles = 2 + oracle_below(random, 5), .hazmat = oracle_below(random, 4) == 0};
    if (oracle_below(random, 2)) q->vehicle.gross_kg = 4000 + oracle_below(random, 12000);
    assert_int_equal(vehicle_complete(&q->vehicle, &err), STATUS_OK);
    q->call_count = oracle_below(random, 3) ? 2 : 2 + oracle_below(random, 2);
    q->loop = oracle_below(random, 3) == 0;
    q->max_snap_mm = 3000;
    q->prefer = PREFER_TIME;
    if (oracle_below(random, 8) == 0) q->avoid_classes = 1u << ROAD_MOTORWAY;
    if (oracle_below(random, 8) == 0) q->avoid_tolls = true;
    if (oracle_below(random, 8) == 0 && w->input.zone_count > 0) {
        q->avoid_zone_count = 1;
        q->avoid_zones[0] = w->ids[oracle_below(random, w->input.zone_count)];
    }
    random_credentials(q, o->timed, random);
    struct projection *projection = NULL;
    assert_int_equal(projection_open(n->projection, &projection, &err), STATUS_OK);
    bool clear = true;
    *place_count = q->call_count + q->loop;
    for (uint32_t i = 0; i < *place_count; i++) {
        if (i == q->call_count) {
            places[i] = places[0];
            continue;
        }
        road_index road = oracle_below(random, n->road_count);
        uint32_t offset = oracle_below(random, n->road_length_mm[road] + 1);
        if (oracle_below(random, 5) == 0 && i > 0) road = places[i - 1].road, offset = oracle_below(random, n->road_length_mm[road] + 1);
        q->calls[i].point = spatial_point_at(n, road, offset);
        q->calls[i].service_ms = oracle_below(random, 3) * 600000;
        q->calls[i].turning_place = oracle_below(random, 3) == 0;
        struct point_mm plane;
        struct road_place found[2];
        assert_int_equal(projection_forward(projection, &q->calls[i].point, 1, &plane, &err), STATUS_OK);
        uint32_t count = spatial_nearest(w->base.spatial, plane, q->max_snap_mm, NULL, NULL, found, 2);
        clear = clear && count == 1;
        if (count > 0)
            places[i] = (struct oracle_place){found[0].road, found[0].offset_mm, q->calls[i].turning_place,
                                              q->calls[i].service_ms, 0};
    }
    projection_close(projection);
    return clear;
}
