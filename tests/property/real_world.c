#include "tests/property/real_world.h"

#include "geo/geodesic.h"
#include "geo/projection.h"
#include "routing/hierarchy/order.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const int64_t NINE_MS = 1795104000000 + 9ll * 3600000; /* nine o'clock in Shanghai, of a day in November 2026 */

static void *must(void *memory)
{
    assert_non_null(memory);
    return memory;
}

/* ---- the network -------------------------------------------------------------------------------------------------- */

/* Whole roads, neighbour by neighbour from a random one. */
static uint32_t grow(const struct real_source *s, uint32_t first, uint32_t most, bool *in)
{
    uint32_t *queue = must(malloc((s->road_count + 1) * sizeof *queue)), count = 0, done = 0;
    queue[count++] = first;
    in[first] = true;
    for (; done < count && count < most; done++) {
        const int64_t ends[2] = {s->roads[queue[done]].from_node, s->roads[queue[done]].to_node};
        for (int e = 0; e < 2; e++)
            for (uint32_t i = s->first_at[ends[e]]; i < s->first_at[ends[e] + 1] && count < most; i++)
                if (!in[s->at[i]]) in[s->at[i]] = true, queue[count++] = s->at[i];
    }
    free(queue);
    return count;
}

static void make_network(struct real_world *r, const struct real_source *s, const struct real_options *o, uint64_t *random)
{
    struct fixture *f = &r->w.f;
    struct error err = ERROR_INIT;
    bool *in = must(calloc(s->road_count + 1, 1)), *met = must(calloc(s->node_count + 2, 1));
    uint64_t whom = *random;
    uint32_t first = oracle_below(random, s->road_count), most = o->roads_max < s->road_count ? o->roads_max : s->road_count;
    for (int tries = 0; tries < 20 && grow(s, first, most, in) < most / 2; tries++) { /* not on an island */
        memset(in, 0, s->road_count);
        first = oracle_below(random, s->road_count);
    }
    if (s->turn_count > 0 && o->drawn_turns && oracle_below(random, 4)) { /* where there are turn restrictions */
        first = (uint32_t)s->turns[oracle_below(random, s->turn_count)].from_road - 1;
        memset(in, 0, s->road_count);
        (void)grow(s, first, most, in);
    }
    r->focus = s->roads[first].shape[s->roads[first].shape_count / 2];
    fixture_init(f);
    for (uint32_t i = 0; i < s->road_count; i++) {
        if (!in[i] && o->roads_max < s->road_count) continue;
        struct road_row row = s->roads[i];
        if (o->tolls && row.class <= ROAD_PRIMARY_LINK) row.flags |= ROAD_TOLL;
        if (network_builder_road(f->builder, &row, &err) != STATUS_OK) fail_msg("%s road %u: %s", s->name, i, err.en);
        met[row.from_node] = met[row.to_node] = true;
    }
    for (uint32_t i = 0; i < s->node_count; i++)
        if (met[i + 1]) assert_int_equal(network_builder_node(f->builder, &s->nodes[i], &err), STATUS_OK);
    for (uint32_t i = 0; i < s->turn_count; i++) { /* the builder leaves out those whose roads are not there */
        struct turn_restriction_row row = s->turns[i];
        if (o->drawn_turns) row.subjects = (uint8_t)(1 + oracle_below(&whom, TURN_ALL));
        assert_int_equal(network_builder_turn(f->builder, &row, &err), STATUS_OK);
    }
    fixture_build(f);
    free(in);
    free(met);
}

static void make_base(struct route_world *w)
{
    struct error err = ERROR_INIT;
    const struct network *n = &w->f.network;
    w->base.network = w->f.network;
    w->base.turns = w->f.turns;
    assert_int_equal(spatial_new(&w->base.network, &w->base.spatial, &err), STATUS_OK);
    struct digraph g = {w->f.turns.node_count, w->f.turns.turn_count, w->f.turns.first_out, w->f.turns.head};
    uint32_t *order = must(malloc((g.node_count + 1) * sizeof *order));
    int32_t *lon = must(malloc((g.node_count + 1) * sizeof *lon)), *lat = must(malloc((g.node_count + 1) * sizeof *lat));
    for (uint32_t v = 0; v < g.node_count; v++) { /* as `prepare` does */
        struct point_e7 at = n->node_point[n->arc_head[w->f.turns.node_arc[v]]];
        lon[v] = at.lon_e7;
        lat[v] = at.lat_e7;
    }
    assert_int_equal(order_nested_dissection(&g, &(struct order_coordinates){lon, lat}, 1, order, &err), STATUS_OK);
    assert_int_equal(hierarchy_new(&g, order, &w->base.hierarchy, &err), STATUS_OK);
    free(order);
    free(lon);
    free(lat);
}

/* ---- the rules ---------------------------------------------------------------------------------------------------- */

static int32_t extent_m(const struct network *n)
{
    int64_t x = n->plane_extent.max_x_mm - (int64_t)n->plane_extent.min_x_mm;
    int64_t y = n->plane_extent.max_y_mm - (int64_t)n->plane_extent.min_y_mm;
    int64_t half = (x > y ? x : y) / 2000;
    return half < 100 ? 100 : (int32_t)half;
}

static struct point_e7 near_by(const struct real_world *r, uint64_t *random, int32_t most_m)
{
    return geodesic_direct(r->focus, oracle_below(random, 360), oracle_below(random, (uint32_t)most_m));
}

/* A star, now and then with a star cut out. */
struct multipolygon real_world_area(uint64_t *random, struct point_e7 at, int32_t radius_m)
{
    uint32_t rings = 1 + (oracle_below(random, 5) == 0), counts[2] = {4 + oracle_below(random, 12), 4 + oracle_below(random, 4)};
    struct multipolygon m = {.part_count = 1, .ring_count = rings};
    m.part_first_ring = must(calloc(2, sizeof *m.part_first_ring));
    m.ring_first_point = must(calloc(rings + 1, sizeof *m.ring_first_point));
    m.points = must(calloc(counts[0] + counts[1] + 2, sizeof *m.points));
    m.part_first_ring[1] = rings;
    for (uint32_t k = 0; k < rings; k++) {
        for (uint32_t i = 0; i < counts[k]; i++) {
            double out = radius_m * (0.6 + oracle_below(random, 400) / 1000.0) * (k ? 0.4 : 1);
            m.points[m.point_count++] = geodesic_direct(at, 360.0 * i / counts[k], out);
        }
        m.points[m.point_count] = m.points[m.ring_first_point[k]];
        m.ring_first_point[k + 1] = ++m.point_count;
    }
    return m;
}

/* Now and then for good, else something that changes in the minutes of the journeys. */
static struct schedule random_schedule(struct window *w, bool timed, uint64_t *random)
{
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    if (!timed || oracle_below(random, 4) == 0) return s;
    if (oracle_below(random, 2)) s.from_ms = NINE_MS + ((int64_t)oracle_below(random, 1200) - 200) * 1000;
    if (oracle_below(random, 2)) s.until_ms = NINE_MS + (int64_t)(60 + oracle_below(random, 1200)) * 1000;
    if (s.from_ms != INT64_MIN && s.until_ms != TIME_OPEN && s.until_ms <= s.from_ms)
        s.until_ms = s.from_ms + (int64_t)(20 + oracle_below(random, 600)) * 1000;
    if (oracle_below(random, 3) == 0) {
        uint16_t from = (uint16_t)(530 + oracle_below(random, 30));
        *w = (struct window){.weekdays = 0x7F, .day_kinds = 0x0F, .from_min = from,
                             .until_min = (uint16_t)(from + 2 + oracle_below(random, 20))};
        s.window_count = 1;
        s.windows = w;
    }
    return s;
}

static const struct credential_type types[WORLD_TYPES] = {
    {"pass", "通行证", "pass", 0}, {"test", "核酸", "test", 48 * 3600}, {"disinfection", "消毒", "disinfection", 0}};
static const credential_type_index type_index[WORLD_TYPES] = {0, 1, 2};

static struct subject everybody(void)
{
    return (struct subject){.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX};
}

/* A class of the network's own roads: that is what open roads are about. */
static road_class_mask some_class(const struct network *n, uint64_t *random)
{
    return 1u << n->road_class[oracle_below(random, n->road_count)];
}

static void make_zones(struct real_world *r, const struct real_options *o, uint64_t *random)
{
    struct route_world *w = &r->w;
    for (uint32_t i = 0; i < o->zones; i++) {
        snprintf(w->ids[i], sizeof w->ids[i], "z%u", i);
        int32_t radius = r->near_m / 16 + (int32_t)oracle_below(random, (uint32_t)r->near_m / 3);
        enum rule_kind kind = oracle_below(random, 3) == 0 ? RULE_GATED : (enum rule_kind)oracle_below(random, RULE_KIND_COUNT);
        struct zone_rule *z = &w->zone_rules[i][0];
        *z = (struct zone_rule){.subject = everybody(), .kind = kind, .transit_deny = oracle_below(random, 4) == 0,
                                .slow_permille = 1000 + 100 * oracle_below(random, 20),
                                .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
        for (uint32_t k = oracle_below(random, 3); k > 0; k--) z->open_classes |= some_class(&w->f.network, random);
        if (oracle_below(random, 6) == 0) z->subject.gross_min_kg = 20000;
        if (oracle_below(random, 6) == 0) z->exempt = &type_index[2], z->exempt_count = 1;
        w->zones[i] = (struct zone){.id = w->ids[i], .name = w->ids[i], .class_code = "test", .class_name_zh = "",
                                    .class_name_en = "", .county = "", .document = "d", .authority = "a",
                                    .area = real_world_area(random, near_by(r, random, r->near_m), radius),
                                    .accuracy_mm = 1000 * oracle_below(random, 12),
                                    .border_roads_inside = oracle_below(random, 4) == 0,
                                    .schedule = random_schedule(&w->windows[i], o->timed, random), .rule_count = 1, .rules = z};
    }
    w->input.zone_count = o->zones;
    w->input.zones = w->zones;
}

/* Roads that lie partly in the zone: there it is entered and left. */
static uint32_t crossing(const struct route_world *w, uint32_t z, arc_id *arcs, uint32_t most)
{
    const struct network *n = &w->f.network;
    uint32_t count = 0;
    for (uint32_t i = w->rules->zone_first_arc[z]; i < w->rules->zone_first_arc[z + 1] && count < most; i++) {
        arc_id a = w->rules->zone_arc[i];
        const struct membership *m;
        if (rules_arc_open(n, &w->zone_rules[z][0], a) || !rules_membership(w->rules, a, z, &m)) continue;
        const struct stretch *s = &w->rules->stretches[m->first_stretch];
        if (s[0].from_mm > 0 || s[m->stretch_count - 1].until_mm < network_arc_length_mm(n, a)) arcs[count++] = a;
    }
    return count;
}

/* By hand on up to two roads, in their directions; or where it stands, as a bureau draws it. */
static void make_gate(struct route_world *w, uint32_t i, uint32_t zone, uint64_t *random)
{
    enum { CROSSING_MAX = 512 };
    const struct network *n = &w->f.network;
    struct checkpoint *c = &w->checkpoints[i];
    arc_id arcs[CROSSING_MAX];
    uint32_t count = crossing(w, zone, arcs, CROSSING_MAX);
    if (count == 0 || c->gate_count == 2) return;
    struct gate *gate = &w->gates[i][c->gate_count];
    struct road_direction *list = w->gate_arcs[i][c->gate_count];
    *gate = (struct gate){.zone = zone, .direction = oracle_below(random, 4) ? GATE_BOTH : 1 + oracle_below(random, 2)};
    arc_id a = arcs[oracle_below(random, count)];
    if (c->gate_count == 0) c->point = spatial_point_at(n, n->arc_road[a], n->road_length_mm[n->arc_road[a]] / 2);
    c->gate_count++;
    if (oracle_below(random, 3) == 0) return;
    gate->arcs = list;
    for (int k = 0; k < 2; k++, a = arcs[oracle_below(random, count)]) {
        if (k == 1 && n->arc_road[a] == network_road_find(n, list[0].road_id)) break;
        list[gate->arc_count++] = (struct road_direction){n->road_source_id[n->arc_road[a]], n->arc_reversed[a]};
        if (network_opposite(n, a) != NO_ARC)
            list[gate->arc_count++] = (struct road_direction){n->road_source_id[n->arc_road[a]], !n->arc_reversed[a]};
    }
}

static void make_checkpoints(struct real_world *r, const struct real_options *o, uint64_t *random)
{
    struct route_world *w = &r->w;
    for (uint32_t i = 0; i < WORLD_CHECKPOINTS; i++) {
        struct checkpoint *c = &w->checkpoints[i];
        snprintf(w->names[i], sizeof w->names[i], "p%u", i);
        *c = (struct checkpoint){.id = w->names[i], .name = w->names[i], .point = r->focus, .road_ref = "", .bearing_deg = -1,
                                 .reach_mm = 100000 + oracle_below(random, 900000),
                                 .opening = random_schedule(&w->windows[WORLD_ZONES + i], o->timed, random),
                                 .normal_ms = 15000 * oracle_below(random, 10), .gates = w->gates[i]};
        c->green_ms = c->normal_ms / 4;
        if (oracle_below(random, 2)) c->green_count = 1, c->green = &type_index[oracle_below(random, WORLD_TYPES)];
        if (oracle_below(random, 3) == 0) {
            w->requirements[i][0] = (struct requirement){(credential_type_index)oracle_below(random, WORLD_TYPES),
                                                         oracle_below(random, 2) ? 0 : 3600 * (1 + oracle_below(random, 24))};
            w->requirements[i][1] = (struct requirement){(credential_type_index)oracle_below(random, WORLD_TYPES), 0};
            w->groups[i][0] = (struct requirement_group){1, &w->requirements[i][0]};
            w->groups[i][1] = (struct requirement_group){1 + oracle_below(random, 2), w->requirements[i]};
            c->group_count = 1 + oracle_below(random, 2);
            c->groups = w->groups[i];
        }
        uint32_t first = oracle_below(random, o->zones + !o->zones), before = UINT32_MAX;
        for (uint32_t k = 0; k < o->zones; k++) { /* the next that is gated, and perhaps one more */
            uint32_t z = (first + k) % o->zones;
            if (w->zone_rules[z][0].kind != RULE_GATED || (before != UINT32_MAX && oracle_below(random, 3))) continue;
            make_gate(w, i, z, random);
            before = z;
        }
    }
    w->input.checkpoint_count = WORLD_CHECKPOINTS;
    w->input.checkpoints = w->checkpoints;
}

static road_index some_road(const struct real_world *r, struct projection *projection, uint64_t *random)
{
    struct error err = ERROR_INIT;
    struct point_e7 at = near_by(r, random, r->near_m);
    struct point_mm plane;
    struct road_place found[4];
    assert_int_equal(projection_forward(projection, &at, 1, &plane, &err), STATUS_OK);
    uint32_t count = spatial_nearest(r->w.base.spatial, plane, 100000000, NULL, NULL, found, 4);
    return count ? found[oracle_below(random, count)].road : oracle_below(random, r->w.f.network.road_count);
}

/* A few arcs one after the other, one direction each, as a closed stretch is. */
static void make_closures(struct real_world *r, const struct real_options *o, struct projection *projection, uint64_t *random)
{
    struct route_world *w = &r->w;
    const struct network *n = &w->f.network;
    for (uint32_t i = 0; i < o->closures; i++) {
        static const enum closure_action actions[] = {CLOSURE_CLOSED, CLOSURE_CLOSED, CLOSURE_LIMIT, CLOSURE_SPEED,
                                                      CLOSURE_NO_STOPPING};
        enum closure_action action = actions[oracle_below(random, 5)];
        struct closure *c = &w->closures[i];
        snprintf(w->closure_ids[i], sizeof w->closure_ids[i], "c%u", i);
        *c = (struct closure){.id = w->closure_ids[i], .name = w->closure_ids[i], .cause = "", .document = "d", .authority = "a",
                              .action = action, .physical = oracle_below(random, 2), .limit_kind = LIMIT_GROSS_WEIGHT,
                              .limit_value = action == CLOSURE_SPEED ? 10 : 3500 + 500 * oracle_below(random, 30),
                              .subject = everybody(), .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN},
                              .arcs = w->closed[i]};
        if (o->timed && oracle_below(random, 4)) {
            c->schedule.from_ms = NINE_MS + ((int64_t)oracle_below(random, 900) - 300) * 1000;
            c->schedule.until_ms = c->schedule.from_ms + (int64_t)(20 + oracle_below(random, 900)) * 1000;
        }
        road_index road = some_road(r, projection, random);
        arc_id a = n->road_arc[2 * road] != NO_ARC ? n->road_arc[2 * road] : n->road_arc[2 * road + 1];
        for (uint32_t k = 0; k < 3 && a != NO_ARC; k++) {
            w->closed[i][c->arc_count++] = (struct road_direction){n->road_source_id[n->arc_road[a]], n->arc_reversed[a]};
            uint32_t first = n->node_first_arc[n->arc_head[a]], count = n->node_first_arc[n->arc_head[a] + 1] - first;
            a = count ? first + oracle_below(random, count) : NO_ARC;
            for (uint32_t j = 0; j < c->arc_count; j++)
                if (a != NO_ARC && w->closed[i][j].road_id == n->road_source_id[n->arc_road[a]]) a = NO_ARC;
        }
    }
    w->input.closure_count = o->closures;
    w->input.closures = w->closures;
}

static int by_road(const void *a, const void *b)
{
    const struct road_limit *x = a, *y = b;
    return (x->road_id > y->road_id) - (x->road_id < y->road_id);
}

static void make_posted(struct real_world *r, const struct real_options *o, struct projection *projection, uint64_t *random)
{
    struct route_world *w = &r->w;
    uint32_t count = 0;
    for (uint32_t i = 0; i < o->posted; i++) {
        struct road_limit l = {.road_id = w->f.network.road_source_id[some_road(r, projection, random)],
                               .hazmat_no = oracle_below(random, 4) == 0};
        bool again = false;
        for (uint32_t k = 0; k < count; k++) again = again || w->posted[k].road_id == l.road_id;
        if (again) continue;
        if (oracle_below(random, 2)) l.limits[LIMIT_HEIGHT] = 3000 + 500 * oracle_below(random, 4);
        if (oracle_below(random, 2)) l.limits[LIMIT_BRIDGE] = 5000 * (1 + oracle_below(random, 9));
        if (oracle_below(random, 4) == 0) l.limits[LIMIT_AXLES] = 2 + oracle_below(random, 5);
        w->posted[count++] = l;
    }
    qsort(w->posted, count, sizeof *w->posted, by_road);
    w->input.road_limits = w->posted;
    w->input.road_limit_count = count;
}

void real_world_make(struct real_world *r, const struct real_source *s, const struct real_options *o, uint64_t *random)
{
    struct route_world *w = &r->w;
    struct error err = ERROR_INIT;
    struct projection *projection = NULL;
    memset(r, 0, sizeof *r);
    make_network(r, s, o, random);
    make_base(w);
    int32_t most = extent_m(&w->f.network);
    r->near_m = o->near_m && o->near_m < most ? o->near_m : most;
    r->timed = o->timed;
    assert_int_equal(projection_open(w->f.network.projection, &projection, &err), STATUS_OK);
    w->input.credential_type_count = WORLD_TYPES;
    w->input.credential_types = types;
    make_zones(r, o, random);
    make_closures(r, o, projection, random);
    make_posted(r, o, projection, random);
    if (o->tolls) route_world_tariff(w, random);
    route_world_publish(w);
    make_checkpoints(r, o, random);
    route_world_publish(w);
    projection_close(projection);
}

void real_world_clear(struct real_world *r)
{
    route_world_clear(&r->w);
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

/* Of any size; often just as high or heavy as some road of the network lets pass, or a bit more. */
static void random_vehicle(const struct network *n, struct vehicle *v, uint64_t *random)
{
    struct error err = ERROR_INIT;
    *v = (struct vehicle){.axles = 2 + oracle_below(random, 5), .hazmat = oracle_below(random, 4) == 0};
    if (oracle_below(random, 4) == 0) *v = (struct vehicle){.axles = 2, .gross_kg = 2000 + oracle_below(random, 1500)};
    else if (oracle_below(random, 2)) v->gross_kg = 4000 + oracle_below(random, 12000);
    if (oracle_below(random, 2)) v->height_mm = 2000 + oracle_below(random, 2000);
    if (oracle_below(random, 2) && n->limits_count > 1) {
        const uint32_t *row = n->limits + (size_t)(1 + oracle_below(random, n->limits_count - 1)) * LIMIT_COUNT;
        uint32_t more = oracle_below(random, 2);
        if (row[LIMIT_HEIGHT] >= 1500 && row[LIMIT_HEIGHT] < 4500) v->height_mm = row[LIMIT_HEIGHT] + more;
        if (row[LIMIT_GROSS_WEIGHT] >= 2000 && row[LIMIT_GROSS_WEIGHT] < 40000) v->gross_kg = row[LIMIT_GROSS_WEIGHT] + more;
    }
    if (vehicle_complete(v, &err) != STATUS_OK) {
        *v = (struct vehicle){.axles = 3};
        assert_int_equal(vehicle_complete(v, &err), STATUS_OK);
    }
}

static void random_credentials(struct route_request *q, bool timed, uint64_t *random)
{
    q->credential_count = oracle_below(random, 4);
    for (uint32_t i = 0; i < q->credential_count; i++) {
        struct credential *c = &q->credentials[i];
        *c = (struct credential){.type_code = types[oracle_below(random, WORLD_TYPES)].code, .issued_ms = INT64_MIN,
                                 .valid_from_ms = i == 2 ? INT64_MIN : q->depart_ms - 86400000, .valid_until_ms = TIME_OPEN};
        if (oracle_below(random, 2)) c->issued_ms = q->depart_ms - (int64_t)oracle_below(random, 60) * 3600000;
        if (timed && oracle_below(random, 2)) c->valid_until_ms = q->depart_ms + (int64_t)oracle_below(random, 900) * 1000;
    }
}

/* A place that is on one road only, within reach of snapping. */
static bool random_place(const struct real_world *r, struct projection *projection, uint64_t *random, struct route_request *q,
                         struct call *call, struct oracle_place *place)
{
    const struct network *n = &r->w.f.network;
    struct error err = ERROR_INIT;
    const uint8_t *access = vehicle_is_lorry(&q->vehicle) ? n->arc_access_lorry : n->arc_access_light;
    for (int tries = 0; tries < 30; tries++) {
        road_index road = some_road(r, projection, random);
        arc_id a = n->road_arc[2 * road] != NO_ARC ? n->road_arc[2 * road] : n->road_arc[2 * road + 1];
        uint32_t offset = oracle_below(random, n->road_length_mm[road] + 1);
        struct point_mm plane;
        struct road_place found[2];
        if (a == NO_ARC || (access[a] == ACCESS_NO && oracle_below(random, 8))) continue;
        *call = (struct call){.point = spatial_point_at(n, road, offset), .service_ms = oracle_below(random, 3) * 60000,
                              .turning_place = oracle_below(random, 3) == 0};
        assert_int_equal(projection_forward(projection, &call->point, 1, &plane, &err), STATUS_OK);
        if (spatial_nearest(r->w.base.spatial, plane, q->max_snap_mm, NULL, NULL, found, 2) != 1) continue;
        *place = (struct oracle_place){found[0].road, found[0].offset_mm, call->turning_place, call->service_ms, 0};
        return true;
    }
    return false;
}

bool real_world_request(const struct real_world *r, uint64_t *random, struct route_request *q, struct oracle_place *places,
                        uint32_t *place_count)
{
    const struct network *n = &r->w.f.network;
    struct error err = ERROR_INIT;
    struct projection *projection = NULL;
    memset(q, 0, sizeof *q);
    memset(places, 0, 4 * sizeof *places);
    q->depart_ms = NINE_MS + (r->timed ? (int64_t)oracle_below(random, 600) * 1000 : 0);
    random_vehicle(n, &q->vehicle, random);
    q->call_count = oracle_below(random, 3) ? 2 : 2 + oracle_below(random, 2);
    q->loop = oracle_below(random, 3) == 0;
    q->max_snap_mm = 3000;
    q->prefer = PREFER_TIME;
    if (oracle_below(random, 8) == 0) q->avoid_classes = some_class(n, random);
    if (oracle_below(random, 8) == 0) q->avoid_tolls = true;
    if (oracle_below(random, 8) == 0 && r->w.input.zone_count > 0) {
        q->avoid_zone_count = 1;
        q->avoid_zones[0] = r->w.ids[oracle_below(random, r->w.input.zone_count)];
    }
    random_credentials(q, r->timed, random);
    assert_int_equal(projection_open(n->projection, &projection, &err), STATUS_OK);
    bool found = true;
    *place_count = q->call_count + q->loop;
    for (uint32_t i = 0; i < q->call_count && found; i++)
        found = random_place(r, projection, random, q, &q->calls[i], &places[i]);
    if (q->loop) places[q->call_count] = places[0];
    projection_close(projection);
    return found;
}
