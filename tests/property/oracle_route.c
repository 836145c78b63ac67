#include "tests/property/oracle_route.h"

#include "routing/network/network_build.h"

#include <math.h>
#include <stdio.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- when do rules hold ------------------------------------------------------------------------------------------------ */

static bool holds(const struct oracle_route *o, const struct schedule *s, int64_t at)
{
    return schedule_holds(s, &o->rules->input->calendar, vehicle_plate_tail(&o->request->vehicle), at);
}

static bool valid(const struct oracle_route *o, credential_type_index type, int64_t age_s, int64_t at, bool *any)
{
    const struct credential_type *t = &o->rules->input->credential_types[type];
    if (age_s == 0) age_s = t->default_max_age_s;
    for (uint32_t i = 0; i < o->request->credential_count; i++) {
        const struct credential *c = &o->request->credentials[i];
        if (strcmp(c->type_code, t->code) != 0) continue;
        if (any) *any = true;
        bool from = c->valid_from_ms == INT64_MIN || c->valid_from_ms <= at;
        bool until = c->valid_until_ms == TIME_OPEN || at < c->valid_until_ms;
        bool issued = c->issued_ms == INT64_MIN || c->issued_ms <= at;
        if (c->valid_from_ms == INT64_MIN && c->valid_until_ms == TIME_OPEN && c->issued_ms == INT64_MIN) continue;
        if (c->valid_until_ms <= o->left_at_home_ms) continue;
        bool young = age_s == 0 || (c->issued_ms != INT64_MIN && at <= c->issued_ms + age_s * 1000);
        if (from && until && issued && young) return true;
    }
    return false;
}

static bool exempt(const struct oracle_route *o, const credential_type_index *types, uint32_t count, int64_t at)
{
    for (uint32_t i = 0; i < count; i++)
        if (valid(o, types[i], 0, at, NULL)) return true;
    return false;
}

static bool zone_named(const struct oracle_route *o, uint32_t zone)
{
    for (uint32_t i = 0; i < o->request->avoid_zone_count; i++)
        if (strcmp(o->rules->input->zones[zone].id, o->request->avoid_zones[i]) == 0) return true;
    return false;
}

/* 2: it is for this vehicle; 1: for all that is known of it; 0: it is not. */
static int is_for(const struct subject *s, const struct vehicle *v)
{
    bool lorry = v->gross_kg > 3500, listed = s->plate_prefix_count == 0, carried = s->cargo_count == 0;
    for (uint32_t i = 0; i < s->plate_prefix_count; i++) listed = listed || strstr(v->plate, s->plate_prefixes[i]) == v->plate;
    for (uint32_t i = 0; i < s->cargo_count; i++) carried = carried || strcmp(v->cargo, s->cargos[i]) == 0;
    if (v->gross_kg < s->gross_min_kg || (s->gross_max_kg && v->gross_kg > s->gross_max_kg) || v->axles < s->axles_min ||
        (s->axles_max && v->axles > s->axles_max) || !carried)
        return 0;
    if ((s->hazmat != ANY && (s->hazmat == YES) != v->hazmat) || (s->lorry != ANY && (s->lorry == YES) != lorry) ||
        (s->livestock != ANY && (s->livestock == YES) != v->livestock))
        return 0;
    bool plate_open = s->plate_prefix_count && !v->plate[0], emission_open = s->emissions && v->emission == EMISSION_UNKNOWN;
    if (!plate_open && s->plate_prefix_count && listed == s->plate_prefixes_negated) return 0;
    if (s->emissions && !(s->emissions & 1u << v->emission) && !emission_open) return 0;
    return plate_open || (emission_open && !(s->emissions & 1u << v->emission)) ? 1 : 2;
}

/* The first that is for the vehicle; or the strictest of that and those before it that may be. */
static const struct zone_rule *rule_of(const struct oracle_route *o, uint32_t zone)
{
    const struct zone *z = &o->rules->input->zones[zone];
    const struct zone_rule *found = NULL;
    for (uint32_t i = 0; i < z->rule_count; i++) {
        int match = is_for(&z->rules[i].subject, &o->request->vehicle);
        if (match && (!found || z->rules[i].kind < found->kind)) found = &z->rules[i];
        if (match == 2) break;
    }
    return found;
}

/* The first moment after `at` at which some credential begins or ends, as far as it matters to exemptions. */
static int64_t credential_change(const struct oracle_route *o, int64_t at)
{
    int64_t next = TIME_OPEN;
    for (uint32_t i = 0; i < o->request->credential_count; i++) {
        const struct credential *c = &o->request->credentials[i];
        int64_t age = o->rules->input->credential_types[rules_credential_type(o->rules, c->type_code)].default_max_age_s;
        int64_t moments[4] = {c->valid_from_ms, c->issued_ms, c->valid_until_ms,
                              age && c->issued_ms != INT64_MIN ? c->issued_ms + age * 1000 + 1 : TIME_OPEN};
        for (int k = 0; k < 4; k++)
            if (moments[k] > at && moments[k] < next) next = moments[k];
    }
    return next;
}

static bool zone_on(const struct oracle_route *o, uint32_t zone, int64_t at)
{
    if (o->no_rules || (o->lifts.zones && o->lifts.zones[zone])) return false;
    if (zone_named(o, zone)) return true;
    const struct zone_rule *r = rule_of(o, zone);
    return r && holds(o, &o->rules->input->zones[zone].schedule, at) && holds(o, &r->hours, at) &&
           !exempt(o, r->exempt, r->exempt_count, at);
}

/* Does it hold at some moment of [from, until)? By steps from change to change. */
static bool zone_on_during(const struct oracle_route *o, uint32_t zone, int64_t from, int64_t until)
{
    if (zone_on(o, zone, from)) return true;
    if (!rule_of(o, zone) || until <= from) return false;
    const struct rules_input *in = o->rules->input;
    int tail = vehicle_plate_tail(&o->request->vehicle);
    for (int64_t at = from; at < until;) {
        int64_t a = schedule_next_change(&in->zones[zone].schedule, &in->calendar, tail, at);
        int64_t b = schedule_next_change(&rule_of(o, zone)->hours, &in->calendar, tail, at);
        int64_t next = a < b ? a : b;
        int64_t c = credential_change(o, at); /* an exemption may end */
        if (c < next) next = c;
        at = next;
        if (at < until && zone_on(o, zone, at)) return true;
    }
    return false;
}

static bool closure_on(const struct oracle_route *o, uint32_t id, int64_t at)
{
    const struct closure *c = &o->rules->input->closures[id];
    if (o->no_rules || (o->lifts.closures && o->lifts.closures[id])) return false;
    if (!is_for(&c->subject, &o->request->vehicle)) return false;
    return holds(o, &c->schedule, at) && (c->physical || !exempt(o, c->exempt, c->exempt_count, at));
}

static bool closure_on_during(const struct oracle_route *o, uint32_t id, int64_t from, int64_t until)
{
    const struct rules_input *in = o->rules->input;
    if (closure_on(o, id, from)) return true;
    for (int64_t at = from; at < until;) {
        int64_t a = schedule_next_change(&in->closures[id].schedule, &in->calendar, vehicle_plate_tail(&o->request->vehicle), at);
        int64_t b = credential_change(o, at);
        at = a < b ? a : b;
        if (at < until && closure_on(o, id, at)) return true;
    }
    return false;
}

/* ---- places in zones ------------------------------------------------------------------------------------------------------ */

struct used {
    arc_id arc;
    uint32_t from, to;
    bool end_part; /* first or last arc of a leg */
};

struct leg_ends {
    const struct oracle_place *from, *to;
};

static bool open_road(const struct oracle_route *o, const struct zone_rule *r, road_index road)
{
    if (r->kind == RULE_CLOSED || r->kind == RULE_CAUTION) return false;
    bool ramp = (r->open_classes & 1u << ROAD_MOTORWAY) && (o->n->road_flags[road] & ROAD_THROUGH_RAMP);
    return (r->open_classes & 1u << o->n->road_class[road]) || ramp;
}

/* Is the zone one of roads on this level? */
static bool on_level(const struct oracle_route *o, uint32_t zone, road_index road)
{
    const struct zone *z = &o->rules->input->zones[zone];
    bool yes = z->layer_count == 0;
    for (uint32_t i = 0; i < z->layer_count; i++) yes = yes || z->layers[i] == o->n->road_layer[road];
    return yes;
}

/* In the controlled set, the used part. */
static bool in_set(const struct oracle_route *o, uint32_t zone, const struct used *u, bool *start_in, bool *end_in)
{
    const struct membership *m;
    *start_in = *end_in = false;
    if (!on_level(o, zone, o->n->arc_road[u->arc]) || !rules_membership(o->rules, u->arc, zone, &m)) return false;
    const struct zone_rule *r = rule_of(o, zone);
    if (!zone_named(o, zone) && (!r || open_road(o, r, o->n->arc_road[u->arc]))) return false;
    bool any = false;
    uint32_t length = network_arc_length_mm(o->n, u->arc);
    if (!u->end_part) return *start_in = *end_in = true;
    for (uint32_t i = 0; i < m->stretch_count; i++) {
        struct stretch s = o->rules->stretches[m->first_stretch + i];
        bool part = u->from == u->to ? s.from_mm <= u->from && u->from <= s.until_mm : s.from_mm < u->to && u->from < s.until_mm;
        if (!part) continue;
        if (!any) *start_in = s.from_mm <= u->from;
        *end_in = s.until_mm >= u->to || s.until_mm >= length;
        any = true;
    }
    return any;
}

static bool place_in(const struct oracle_route *o, const struct oracle_place *p, uint32_t zone, bool with_open_roads)
{
    for (int way = 0; way < 2; way++) {
        arc_id a = o->n->road_arc[2 * p->road + way];
        const struct membership *m;
        if (a == NO_ARC || !on_level(o, zone, p->road) || !rules_membership(o->rules, a, zone, &m)) continue;
        if (!with_open_roads && rule_of(o, zone) && open_road(o, rule_of(o, zone), p->road)) continue;
        uint32_t length = o->n->road_length_mm[p->road], x = way ? length - p->offset_mm : p->offset_mm;
        for (uint32_t i = 0; i < m->stretch_count; i++) {
            struct stretch s = o->rules->stretches[m->first_stretch + i];
            bool after = s.from_mm < x || (x == 0 && s.from_mm == 0);
            bool before = x < s.until_mm || (x >= length && s.until_mm >= length);
            if (after && before) return true;
        }
    }
    return false;
}

/* ---- a call ------------------------------------------------------------------------------------------------------------------ */

bool oracle_route_may_stop(const struct oracle_route *o, const struct oracle_place *p, int64_t from, int64_t until)
{
    const struct rules_input *in = o->rules->input;
    for (uint32_t z = 0; z < in->zone_count; z++) {
        const struct zone_rule *r = rule_of(o, z);
        bool forbids = zone_named(o, z) || (r && (r->kind == RULE_CLOSED || r->kind == RULE_THROUGH_ONLY));
        if (forbids && place_in(o, p, z, true) && zone_on_during(o, z, from, until)) return false;
    }
    for (uint32_t i = 0; i < in->closure_count; i++) {
        if (in->closures[i].action != CLOSURE_NO_STOPPING) continue;
        for (uint32_t k = 0; k < in->closures[i].arc_count; k++)
            if (in->closures[i].arcs[k].road_id == o->n->road_source_id[p->road] &&
                o->n->road_arc[2 * p->road + in->closures[i].arcs[k].backward] != NO_ARC &&
                closure_on_during(o, i, from, until))
                return false;
    }
    return true;
}

/* ---- a border ------------------------------------------------------------------------------------------------------------------ */

static bool ask(const struct oracle_route *o, uint32_t id, int64_t at, int64_t *inspection)
{
    const struct checkpoint *c = &o->rules->input->checkpoints[id];
    if (!o->lifts.checkpoints || !o->lifts.checkpoints[id]) {
        bool content = c->group_count == 0;
        int tail = vehicle_plate_tail(&o->request->vehicle); /* one that is not known opens nothing */
        if (!schedule_holds(&c->opening, &o->rules->input->calendar, tail < 0 ? PLATE_TAIL_NONE : tail, at)) return false;
        for (uint32_t g = 0; g < c->group_count; g++) {
            bool all = true;
            for (uint32_t r = 0; r < c->groups[g].requirement_count; r++)
                all = all && valid(o, c->groups[g].requirements[r].type, c->groups[g].requirements[r].max_age_s, at, NULL);
            content = content || all;
        }
        if (!content) return false;
    }
    *inspection = c->normal_ms;
    for (uint32_t i = 0; i < c->green_count; i++)
        if (valid(o, c->green[i], 0, at, NULL) && c->green_ms < *inspection) *inspection = c->green_ms;
    return true;
}

/* ---- along an arc ----------------------------------------------------------------------------------------------------------------- */

static bool piece_joined(const struct oracle_route *o, const uint8_t *access, arc_id a, road_index end)
{
    /* do destination arcs lead from the end's road to this arc? flood over nodes */
    const struct network *n = o->n;
    bool *node = calloc(n->node_count, 1);
    node_id *stack = malloc((n->node_count + 1) * sizeof *stack);
    uint32_t count = 0;
    for (int way = 0; way < 2; way++) {
        arc_id e = n->road_arc[2 * end + way];
        if (e == NO_ARC || access[e] != ACCESS_DESTINATION) continue;
        const node_id ends[2] = {n->arc_tail[e], n->arc_head[e]};
        for (int k = 0; k < 2; k++)
            if (!node[ends[k]]) node[ends[k]] = true, stack[count++] = ends[k];
    }
    while (count > 0) {
        node_id at = stack[--count];
        for (arc_id i = n->node_first_arc[at]; i < n->node_first_arc[at + 1]; i++)
            if (access[i] == ACCESS_DESTINATION && !node[n->arc_head[i]]) node[n->arc_head[i]] = true, stack[count++] = n->arc_head[i];
        for (uint32_t i = n->node_first_in[at]; i < n->node_first_in[at + 1]; i++) {
            arc_id e = n->in_arc[i];
            if (access[e] == ACCESS_DESTINATION && !node[n->arc_tail[e]]) node[n->arc_tail[e]] = true, stack[count++] = n->arc_tail[e];
        }
    }
    bool joined = node[n->arc_tail[a]] && node[n->arc_head[a]];
    free(node);
    free(stack);
    return joined;
}

static bool road_open(const struct oracle_route *o, arc_id a, const struct leg_ends *leg)
{
    const struct network *n = o->n;
    const struct vehicle *v = &o->request->vehicle;
    road_index road = n->arc_road[a];
    if (o->no_rules) return true;
    if (!o->lifts.roads || !o->lifts.roads[road]) {
        const uint8_t *access = v->gross_kg > 3500 ? n->arc_access_lorry : n->arc_access_light;
        if (access[a] == ACCESS_NO) return false;
        if (access[a] == ACCESS_DESTINATION && (!leg || (!piece_joined(o, access, a, leg->from->road) &&
                                                         !piece_joined(o, access, a, leg->to->road))))
            return false;
        const uint32_t *limit = network_limits(n, road);
        bool hazmat_no = n->road_flags[road] & ROAD_HAZMAT_NO;
        for (uint32_t i = 0; i < o->rules->input->road_limit_count; i++) { /* the register's word stands before the source's */
            const struct road_limit *r = &o->rules->input->road_limits[i];
            if (r->road_id == n->road_source_id[road]) limit = r->limits, hazmat_no = r->hazmat_no;
        }
        if (limit[LIMIT_HEIGHT] && v->height_mm > limit[LIMIT_HEIGHT]) return false;
        if (limit[LIMIT_WIDTH] && v->width_mm > limit[LIMIT_WIDTH]) return false;
        if (limit[LIMIT_LENGTH] && v->length_mm > limit[LIMIT_LENGTH]) return false;
        if (limit[LIMIT_GROSS_WEIGHT] && v->gross_kg > limit[LIMIT_GROSS_WEIGHT]) return false;
        if (limit[LIMIT_AXLE_LOAD] && v->axle_load_kg > limit[LIMIT_AXLE_LOAD]) return false;
        if (limit[LIMIT_AXLES] && v->axles > limit[LIMIT_AXLES]) return false;
        if (limit[LIMIT_BRIDGE] && v->gross_kg > limit[LIMIT_BRIDGE]) return false;
        if (v->hazmat && hazmat_no) return false;
    }
    if (o->lifts.avoidances) return true;
    return !(o->request->avoid_classes & 1u << n->road_class[road]) &&
           !(o->request->avoid_tolls && (n->road_flags[road] & ROAD_TOLL));
}

static bool drive(const struct oracle_route *o, const struct used *u, const struct leg_ends *leg, int64_t *t)
{
    const struct rules_input *in = o->rules->input;
    const struct network *n = o->n;
    road_index road = n->arc_road[u->arc];
    uint64_t length = n->road_length_mm[road], used = u->to - u->from, ms = n->arc_time_ms[u->arc], slow = 1000;
    bool unused;
    if (!road_open(o, u->arc, leg)) return false;
    uint64_t cap = n->road_class[road] == ROAD_MOTORWAY || n->road_class[road] == ROAD_MOTORWAY_LINK
                       ? o->request->vehicle.speed_limit_expressway_kmh
                       : o->request->vehicle.speed_limit_other_kmh;
    if (cap && n->arc_speed_kmh[u->arc] > cap && length * 18 / (5 * cap) > ms) ms = length * 18 / (5 * cap);
    for (uint32_t i = 0; i < in->closure_count; i++) {
        if (in->closures[i].action != CLOSURE_SPEED || !closure_on(o, i, *t)) continue;
        for (uint32_t k = 0; k < in->closures[i].arc_count; k++)
            if (in->closures[i].arcs[k].road_id == n->road_source_id[road] &&
                in->closures[i].arcs[k].backward == (bool)n->arc_reversed[u->arc] &&
                length * 18 / (5 * in->closures[i].limit_value) > ms)
                ms = length * 18 / (5 * in->closures[i].limit_value);
    }
    for (uint32_t z = 0; z < in->zone_count; z++) {
        const struct zone_rule *r = rule_of(o, z);
        if (!r || zone_named(o, z) || r->kind != RULE_CAUTION || r->slow_permille <= slow) continue;
        if (in_set(o, z, u, &unused, &unused) && zone_on(o, z, *t)) slow = r->slow_permille;
    }
    ms = ms * slow / 1000;
    if (used < length) ms = ms * used / length;
    for (uint32_t i = 0; i < in->closure_count; i++) {
        const struct closure *c = &in->closures[i];
        uint16_t flags = n->road_flags[road];
        bool acts = c->action == CLOSURE_CLOSED ||
                    (c->action == CLOSURE_ENTRY_BAN && ((flags & ROAD_ENTRY_RAMP) || !(flags & ROAD_EXIT_RAMP))) ||
                    (c->action == CLOSURE_EXIT_BAN && ((flags & ROAD_EXIT_RAMP) || !(flags & ROAD_ENTRY_RAMP))) ||
                    (c->action == CLOSURE_LIMIT && vehicle_value(&o->request->vehicle, c->limit_kind) > c->limit_value);
        for (uint32_t k = 0; acts && k < c->arc_count; k++)
            if (c->arcs[k].road_id == n->road_source_id[road] && c->arcs[k].backward == (bool)n->arc_reversed[u->arc] &&
                closure_on_during(o, i, *t, *t + (int64_t)ms))
                return false;
    }
    for (uint32_t z = 0; z < in->zone_count; z++) {
        const struct zone_rule *r = rule_of(o, z);
        const struct membership *m;
        bool denied = zone_named(o, z) || (r && (r->kind == RULE_CLOSED || r->kind == RULE_THROUGH_ONLY));
        if (!denied && r && (r->kind == RULE_DESTINATION_ONLY || (r->kind == RULE_GATED && r->transit_deny)))
            denied = !leg || (!place_in(o, leg->from, z, false) && !place_in(o, leg->to, z, false));
        if (!denied || !in_set(o, z, u, &unused, &unused) || !rules_membership(o->rules, u->arc, z, &m)) continue;
        for (uint32_t i = 0; i < m->stretch_count; i++) {
            struct stretch s = o->rules->stretches[m->first_stretch + i];
            uint64_t a = s.from_mm > u->from ? s.from_mm : u->from, b = s.until_mm < u->to ? s.until_mm : u->to;
            if (a > b || (a == b && used > 0)) continue;
            int64_t enter = *t + (int64_t)(used ? ms * (a - u->from) / used : 0);
            int64_t leave = *t + (int64_t)(used ? ms * (b - u->from) / used : 0);
            if (zone_on_during(o, z, enter, leave)) return false;
        }
    }
    *t += (int64_t)ms;
    return true;
}

static bool gated(const struct oracle_route *o, uint32_t zone)
{
    const struct zone_rule *r = rule_of(o, zone);
    return r && r->kind == RULE_GATED && !zone_named(o, zone) && !o->no_rules;
}

enum { BORDERS = 64, BY_EXIT = 0, BY_ENTRY, BY_END };

struct crossing {
    const struct oracle_route *o;
    const struct used *v;
    const struct leg_ends *leg;
    uint32_t turn_ms, count, met[BORDERS];
    struct {
        uint32_t zone, when;
        arc_id arc;
    } borders[BORDERS];
    int64_t best; /* INT64_MAX: nobody gets through */
};

static void crosses(struct crossing *x, uint32_t zone, uint32_t when, arc_id arc)
{
    assert(x->count < BORDERS);
    x->borders[x->count].zone = zone;
    x->borders[x->count].when = when;
    x->borders[x->count++].arc = arc;
}

/* Is there a gate of checkpoint `who` at the border? */
static bool serves(const struct crossing *x, uint32_t border, uint32_t who)
{
    const struct rules *r = x->o->rules;
    bool found = false;
    for (uint32_t i = 0; i < r->gate_arc_count; i++)
        found = found || (r->gate_arcs[i].arc == x->borders[border].arc && r->gate_arcs[i].zone == x->borders[border].zone &&
                          r->gate_arcs[i].checkpoint == who &&
                          r->gate_arcs[i].direction == (x->borders[border].when == BY_ENTRY ? GATE_ENTER : GATE_EXIT));
    return found;
}

/* Every way to choose who inspects, border after border; whoever has is met again for nothing. */
static void cross(struct crossing *x, uint32_t when, uint32_t border, uint32_t met, int64_t t)
{
    if (border == x->count || x->borders[border].when != when) {
        if (when == BY_EXIT) t += x->turn_ms;
        if (when == BY_ENTRY && !drive(x->o, x->v, x->leg, &t)) return;
        if (when != BY_END) cross(x, when + 1, border, met, t);
        else if (t < x->best) x->best = t;
        return;
    }
    bool through = !zone_on(x->o, x->borders[border].zone, t);
    for (uint32_t i = 0; i < met; i++) through = through || serves(x, border, x->met[i]);
    if (through) {
        cross(x, when, border + 1, met, t);
        return;
    }
    for (uint32_t who = 0; who < x->o->rules->input->checkpoint_count; who++) {
        int64_t takes;
        if (!serves(x, border, who) || !ask(x->o, who, t, &takes)) continue;
        x->met[met] = who;
        cross(x, when, border + 1, met + 1, t + takes);
    }
}

/* From u (NULL: the start) over a turn of `turn_ms` along v. */
static bool step(const struct oracle_route *o, const struct used *u, uint32_t turn_ms, const struct used *v,
                 const struct leg_ends *leg, bool ends, int64_t *t)
{
    struct crossing x = {.o = o, .v = v, .leg = leg, .turn_ms = turn_ms, .best = INT64_MAX};
    bool s, e, unused;
    for (uint32_t z = 0; u && z < o->rules->input->zone_count; z++)
        if (gated(o, z) && in_set(o, z, u, &unused, &unused) && !in_set(o, z, v, &unused, &unused)) crosses(&x, z, BY_EXIT, u->arc);
    for (uint32_t z = 0; z < o->rules->input->zone_count; z++) {
        if (!gated(o, z) || !in_set(o, z, v, &s, &e)) continue;
        bool was_in = u ? in_set(o, z, u, &unused, &unused) : s;
        if (!was_in) crosses(&x, z, BY_ENTRY, v->arc);
    }
    for (uint32_t z = 0; ends && z < o->rules->input->zone_count; z++)
        if (gated(o, z) && in_set(o, z, v, &s, &e) && !e) crosses(&x, z, BY_END, v->arc);
    cross(&x, BY_EXIT, 0, 0, *t);
    *t = x.best;
    return x.best != INT64_MAX;
}

bool oracle_route_may(const struct oracle_route *o, arc_id a, arc_id b, int64_t at_ms)
{
    struct used u = {a, 0, a == NO_ARC ? 0 : network_arc_length_mm(o->n, a), false}, v = {b, 0, network_arc_length_mm(o->n, b), false};
    return a == NO_ARC ? drive(o, &v, NULL, &at_ms) : step(o, &u, 0, &v, NULL, false, &at_ms);
}

bool oracle_route_stops(const struct oracle_route *o, const struct oracle_place *place, int64_t at_ms)
{
    bool open = false;
    for (int way = 0; way < 2 && !open; way++) {
        const arc_id a = o->n->road_arc[2 * place->road + way];
        const uint32_t at_mm = way ? o->n->road_length_mm[place->road] - place->offset_mm : place->offset_mm;
        open = a != NO_ARC && oracle_route_drives(o, place, place, NO_ARC, 0, 0, a, at_mm, at_mm, true, true, at_ms);
    }
    return open && oracle_route_may_stop(o, place, at_ms, at_ms);
}

bool oracle_route_drives(const struct oracle_route *o, const struct oracle_place *from, const struct oracle_place *to, arc_id a,
                         uint32_t a_from_mm, uint32_t turn_ms, arc_id b, uint32_t from_mm, uint32_t to_mm, bool first, bool last, int64_t at_ms)
{
    const uint32_t length = a == NO_ARC ? 0 : network_arc_length_mm(o->n, a);
    const struct used u = {a, a_from_mm, length, a_from_mm > 0}, v = {b, from_mm, to_mm, first || last};
    const struct leg_ends ends = {from, to};
    return step(o, a == NO_ARC ? NULL : &u, turn_ms, &v, &ends, last, &at_ms);
}

/* ---- the search ----------------------------------------------------------------------------------------------------------------- */

enum label_kind { AT_START, ON_WAY, AT_PLACE };

struct label {
    int64_t t;
    uint64_t cost, waited;
    uint32_t leg, node, offset;
    uint8_t kind;
};

struct queue {
    struct label *items;
    size_t count, capacity;
};

static bool before(const struct label *a, const struct label *b)
{
    return a->cost != b->cost ? a->cost < b->cost : a->t < b->t;
}

static void push(struct queue *q, struct label l)
{
    if (q->count == q->capacity) {
        q->capacity = q->capacity ? 2 * q->capacity : 1024;
        q->items = realloc(q->items, q->capacity * sizeof *q->items);
    }
    size_t i = q->count++;
    while (i > 0 && before(&l, &q->items[(i - 1) / 2])) q->items[i] = q->items[(i - 1) / 2], i = (i - 1) / 2;
    q->items[i] = l;
}

static struct label pop(struct queue *q)
{
    struct label top = q->items[0], l = q->items[--q->count];
    size_t i = 0;
    for (;;) {
        size_t k = 2 * i + 1;
        if (k >= q->count) break;
        if (k + 1 < q->count && before(&q->items[k + 1], &q->items[k])) k++;
        if (!before(&q->items[k], &l)) break;
        q->items[i] = q->items[k];
        i = k;
    }
    q->items[i] = l;
    return top;
}

struct seen {
    struct { int64_t t; uint64_t waited, cost; } *items;
    size_t count, capacity;
    int64_t first;
};

struct running {
    const struct oracle_route *o;
    const struct oracle_place *places;
    uint32_t place_count;
    struct queue queue;
};

/* What the tariff asks for a part of an arc, in hundredths of a fen. */
static uint64_t toll_on(const struct oracle_route *o, const struct used *v)
{
    const struct vehicle *vehicle = &o->request->vehicle;
    road_index road = o->n->arc_road[v->arc];
    bool small = vehicle->gross_kg < 4500 && (vehicle->length_mm < 6000 || (vehicle->assumed & VEHICLE_LENGTH));
    uint32_t class = vehicle->axles > 6 ? 6 : vehicle->axles > 2 ? vehicle->axles : small ? 1 : 2;
    if (!(o->n->road_flags[road] & ROAD_TOLL)) return 0;
    return (uint64_t)(v->to - v->from) * o->rules->input->tolls.centifen_per_km[o->n->road_class[road]][class] / 1000000;
}

uint32_t oracle_route_unit_mm(const struct network *n)
{
    int32_t west = INT32_MAX, east = INT32_MIN, south = INT32_MAX, north = INT32_MIN;
    for (uint32_t i = 0; i < n->shape_count; i++) {
        const struct point_mm *p = &n->shape_plane[i];
        if (p->x_mm < west) west = p->x_mm;
        if (p->x_mm > east) east = p->x_mm;
        if (p->y_mm < south) south = p->y_mm;
        if (p->y_mm > north) north = p->y_mm;
    }
    return n->shape_count && hypot((double)east - west, (double)north - south) > 500e6 ? 10 : 1;
}

static uint64_t length_of(const struct oracle_route *o, const struct used *v)
{
    uint64_t mm = v->to - v->from, unit = o->unit_mm;
    return mm / unit + (2 * (mm % unit) >= unit);
}

/* A drive that sets out at `at` and arrives at `t`, by a vehicle that was there from `from` on. */
static uint64_t cost_of(const struct oracle_route *o, uint64_t cost, int64_t from, int64_t at, int64_t t, const struct used *v)
{
    switch (o->request->prefer) {
    case PREFER_TIME: return cost + (uint64_t)(t - from);
    case PREFER_DISTANCE: return cost + (v ? length_of(o, v) : 0);
    case PREFER_COST: case PREFER_DRIVING: break; /* the last: only the planner asks itself for it */
    }
    if (!v) return cost + (uint64_t)(t - at) / 3;
    return cost + (uint64_t)(t - at) / 3 + (uint64_t)(v->to - v->from) * 3 / 100 + toll_on(o, v);
}

/* May the place be reached, or left at the beginning, in the direction of that arc? */
static bool on_its_side(const struct oracle_route *o, const struct oracle_place *p, arc_id a)
{
    return p->side == 0 || network_opposite(o->n, a) == NO_ARC || (p->side > 0) == !o->n->arc_reversed[a];
}

/* Does the leg end on the far side of a gate that is asked for at the end of v? For that one the vehicle waits before v. */
static bool gate_behind(const struct oracle_route *o, const struct used *u, uint32_t turn_ms, const struct used *v,
                        const struct leg_ends *leg, int64_t at)
{
    bool unused, inside;
    if (!step(o, u, turn_ms, v, leg, false, &at)) return false;
    for (uint32_t i = 0; i < o->rules->gate_arc_count; i++) {
        const struct gate_arc *g = &o->rules->gate_arcs[i];
        if (g->arc == v->arc && g->direction == GATE_EXIT && gated(o, g->zone) && zone_on(o, g->zone, at) &&
            in_set(o, g->zone, v, &unused, &inside) && !inside)
            return true;
    }
    return false;
}

/* The part of an arc of its road that is used up to a place. */
static struct used use_to(const struct oracle_route *o, const struct oracle_place *p, arc_id a)
{
    return (struct used){a, 0, o->n->arc_reversed[a] ? network_arc_length_mm(o->n, a) - p->offset_mm : p->offset_mm, true};
}

static void arrive(struct running *x, const struct label *from, const struct used *u, uint32_t turn_ms, arc_node node,
                   const struct leg_ends *leg, int64_t at)
{
    /* onto the last arc: every place state at that node */
    const struct oracle_route *o = x->o;
    uint32_t k = from->leg + 1;
    arc_id a = o->g->node_arc[node];
    if (o->n->arc_road[a] != leg->to->road || !on_its_side(o, leg->to, a)) return;
    struct used v = use_to(o, leg->to, a);
    if (!u) {
        if (from->offset > v.to) return;
        v.from = from->offset;
    }
    int64_t t = at;
    if (!step(o, u, turn_ms, &v, leg, true, &t) || (o->end_before_ms && t >= o->end_before_ms)) return;
    int64_t stay = k + 1 < x->place_count ? leg->to->service_ms : o->request->stay_ms;
    if (!oracle_route_may_stop(o, leg->to, t, t + stay)) return;
    struct label l = {.t = t, .cost = cost_of(o, from->cost, from->t, at, t, &v), .waited = from->waited + (uint64_t)(at - from->t),
                      .leg = k, .node = node, .offset = v.to, .kind = AT_PLACE};
    push(&x->queue, l);
}

static void go_on(struct running *x, const struct label *from, const struct used *u, uint32_t turn_ms, arc_node node,
                  const struct leg_ends *leg, int64_t at)
{
    const struct oracle_route *o = x->o;
    arc_id a = o->g->node_arc[node];
    struct used v = {a, u ? 0 : from->offset, network_arc_length_mm(o->n, a), u == NULL};
    int64_t t = at;
    if (!step(o, u, turn_ms, &v, leg, false, &t) || (o->end_before_ms && t >= o->end_before_ms)) return;
    struct label l = {.t = t, .cost = cost_of(o, from->cost, from->t, at, t, &v), .waited = from->waited + (uint64_t)(at - from->t),
                      .leg = from->leg, .node = node, .offset = u ? 0 : from->offset + 1, .kind = ON_WAY};
    push(&x->queue, l);
}

/* Is there a gate on the way from u to v that is asked for? Only there, and before leaving a place, may a vehicle wait. */
static bool gate_between(const struct oracle_route *o, const struct used *u, const struct used *v, int64_t at)
{
    bool unused;
    for (uint32_t i = 0; i < o->rules->gate_arc_count; i++) {
        const struct gate_arc *g = &o->rules->gate_arcs[i];
        if (!gated(o, g->zone) || !zone_on(o, g->zone, at)) continue;
        bool a = in_set(o, g->zone, u, &unused, &unused), b = in_set(o, g->zone, v, &unused, &unused);
        if (a && !b && g->arc == u->arc && g->direction == GATE_EXIT) return true;
        if (!a && b && g->arc == v->arc && g->direction == GATE_ENTER) return true;
    }
    return false;
}

static void follow(struct running *x, const struct label *l)
{
    const struct oracle_route *o = x->o;
    struct leg_ends leg = {&x->places[l->leg], &x->places[l->leg + 1]};
    uint8_t subject = (uint8_t)((o->request->vehicle.gross_kg > 3500 ? TURN_LORRY : TURN_LIGHT) |
                                (o->request->vehicle.hazmat ? TURN_HAZMAT : 0));
    uint64_t left = o->wait_step_ms ? o->request->max_wait_ms - l->waited : 0, step_ms = o->wait_step_ms + !o->wait_step_ms;
    struct used u = {o->g->node_arc[l->node], 0, 0, l->offset > 0};
    u.to = network_arc_length_mm(o->n, u.arc);
    if (l->offset > 0) u.from = l->offset - 1; /* the leg's first arc */
    for (uint64_t wait = 0; l->kind == AT_START && wait <= left; wait += step_ms) {
        int64_t at = l->t + (int64_t)wait;
        if (!oracle_route_may_stop(o, leg.from, at, at)) continue;
        arrive(x, l, NULL, 0, l->node, &leg, at);
        go_on(x, l, NULL, 0, l->node, &leg, at);
    }
    for (turn_id t = o->g->first_out[l->node]; l->kind == ON_WAY && t < o->g->first_out[l->node + 1]; t++) {
        if (o->g->forbidden_to[t] & subject) continue;
        const arc_id a = o->g->node_arc[o->g->head[t]];
        const struct used whole = {a, 0, network_arc_length_mm(o->n, a), false}, last = use_to(o, leg.to, a);
        const bool gate = gate_between(o, &u, &whole, l->t);
        const bool last_gate = o->n->arc_road[a] == leg.to->road && left > 0 &&
                               (gate_between(o, &u, &last, l->t) || gate_behind(o, &u, o->g->cost_ms[t], &last, &leg, l->t));
        for (uint64_t wait = 0; wait <= (gate || last_gate ? left : 0); wait += step_ms) {
            if (last_gate || wait == 0) arrive(x, l, &u, o->g->cost_ms[t], o->g->head[t], &leg, l->t + (int64_t)wait);
            if (gate || wait == 0) go_on(x, l, &u, o->g->cost_ms[t], o->g->head[t], &leg, l->t + (int64_t)wait);
        }
    }
}

static void leave(struct running *x, const struct label *l)
{
    const struct oracle_route *o = x->o;
    const struct oracle_place *p = &x->places[l->leg];
    struct label s = *l;
    s.kind = AT_START;
    s.t += p->service_ms;
    s.cost = cost_of(o, l->cost, l->t, s.t, s.t, NULL); /* serving costs time alone */
    push(&x->queue, s);
    arc_id a = o->g->node_arc[l->node], back = network_opposite(o->n, a);
    if (!p->turning_place || back == NO_ARC || !on_its_side(o, p, back)) return;
    s.node = back;
    s.offset = network_arc_length_mm(o->n, a) - l->offset;
    s.t += 20000;
    s.cost = cost_of(o, s.cost, s.t - 20000, s.t - 20000, s.t, NULL);
    push(&x->queue, s);
}

static bool accept(const struct oracle_route *o, struct seen *s, const struct label *l)
{
    int64_t driven = l->t - (int64_t)l->waited;
    if (s->count == 0) s->first = driven;
    bool by_time = o->request->prefer == PREFER_TIME;
    if (by_time && driven > s->first + (int64_t)o->dawdle_ms) return false;
    for (size_t i = 0; i < s->count; i++) {
        if (by_time && s->items[i].t == l->t && s->items[i].waited <= l->waited) return false;
        if (by_time && o->grain_ms && s->items[i].t <= l->t && l->t < s->items[i].t + (int64_t)o->grain_ms) return false;
        if (by_time) continue;
        /* Of what is dearer and later by more than five minutes of driving only that counts which the cheaper one cannot have waited as
         * little and as long as (search.h): what it can is known to a step of waiting. */
        const int64_t longer = (int64_t)l->waited - (int64_t)s->items[i].waited;
        if (llabs(longer) <= (int64_t)o->wait_step_ms && s->items[i].cost < l->cost &&
            l->t - s->items[i].t - longer > (int64_t)(o->dawdle_ms ? o->dawdle_ms : 5 * 60 * 1000))
            return false;
        if (longer != 0) continue;
        /* what is not cheaper must be there at another moment, and a dearer one not much later */
        int64_t after = l->t - s->items[i].t;
        if (after >= 0 && after < (int64_t)(o->grain_ms ? o->grain_ms : 1)) return false;
        if (s->items[i].cost < l->cost && after > (int64_t)o->dawdle_ms) return false;
    }
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 4;
        s->items = realloc(s->items, s->capacity * sizeof *s->items);
    }
    s->items[s->count].t = l->t;
    s->items[s->count].waited = l->waited;
    s->items[s->count++].cost = l->cost;
    return true;
}

static uint64_t cost_once(const struct oracle_route *o, const struct oracle_place *places, uint32_t place_count)
{
    struct running x = {.o = o, .places = places, .place_count = place_count};
    size_t states = (size_t)place_count * o->g->node_count * 2;
    struct seen *seen = calloc(states, sizeof *seen);
    uint64_t best = UINT64_MAX;
    uint32_t labels = 0;
    bool show = getenv("SHOW");
    for (int way = 0; way < 2; way++) {
        arc_id a = o->n->road_arc[2 * places[0].road + way];
        if (a == NO_ARC || !on_its_side(o, &places[0], a)) continue;
        uint32_t length = o->n->road_length_mm[places[0].road];
        struct label l = {.t = o->request->depart_ms, .node = a, .kind = AT_START,
                          .offset = way ? length - places[0].offset_mm : places[0].offset_mm};
        push(&x.queue, l);
    }
    while (x.queue.count > 0) {
        struct label l = pop(&x.queue);
        if (show)
            fprintf(stderr, "label kind %u leg %u node %u offset %u t %lld\n", l.kind, l.leg, l.node, l.offset,
                    (long long)(l.t - o->request->depart_ms));
        if (++labels > o->label_max) {
            best = UINT64_MAX - 1;
            break;
        }
        if (l.kind == AT_PLACE && l.leg + 1 == place_count) {
            best = l.cost;
            break;
        }
        if (l.kind == AT_PLACE || (l.kind == ON_WAY && l.offset == 0)) {
            struct seen *s = &seen[((size_t)l.leg * o->g->node_count + l.node) * 2 + (l.kind == AT_PLACE)];
            if (!accept(o, s, &l)) continue;
        }
        if (l.kind == AT_PLACE)
            leave(&x, &l);
        else
            follow(&x, &l);
    }
    for (size_t i = 0; i < states; i++) free(seen[i].items);
    free(seen);
    free(x.queue.items);
    return best;
}

/* Every credential that ends at some moment: is it taken along (then the journey must end before), or left at home? Those
 * that end earlier are the first to be left. */
uint64_t oracle_route_cost(const struct oracle_route *given, const struct oracle_place *places, uint32_t place_count)
{
    struct oracle_route o = *given;
    const struct route_request *q = o.request;
    uint64_t best = UINT64_MAX;
    o.unit_mm = o.in_mm ? 1 : oracle_route_unit_mm(o.n);
    for (int64_t left = q->depart_ms;;) {
        int64_t next = TIME_OPEN;
        for (uint32_t i = 0; i < q->credential_count; i++)
            if (q->credentials[i].valid_until_ms > left && q->credentials[i].valid_until_ms < next) next = q->credentials[i].valid_until_ms;
        o.left_at_home_ms = left;
        o.end_before_ms = next == TIME_OPEN ? 0 : next;
        bool last = next == TIME_OPEN;
        uint64_t cost = o.without_ending && !last ? UINT64_MAX : cost_once(&o, places, place_count);
        if (cost == UINT64_MAX - 1) return cost;
        if (cost < best) best = cost;
        if (last || (best != UINT64_MAX && q->prefer == PREFER_TIME && !o.any_credentials)) return best;
        left = next;
    }
}

/* ---- what a plan costs -------------------------------------------------------------------------------------------------------- */

static uint32_t turn_between(const struct oracle_route *o, arc_id from, arc_id to)
{
    for (arc_node u = 0; u < o->g->node_count; u++)
        for (turn_id t = o->g->first_out[u]; o->g->node_arc[u] == from && t < o->g->first_out[u + 1]; t++)
            if (o->g->node_arc[o->g->head[t]] == to) return o->g->cost_ms[t];
    return UINT32_MAX;
}

static uint64_t drive_plan(const struct oracle_route *o, const struct oracle_place *places, const struct plan *plan, uint64_t *toll)
{
    uint64_t cost = 0;
    *toll = 0;
    for (uint32_t k = 0; k < plan->leg_count; k++) {
        const struct leg *leg = &plan->legs[k];
        const struct leg_ends ends = {&places[k], &places[k + 1]};
        int64_t t = leg->depart_ms;
        if (k > 0 && plan->legs[k - 1].arcs[plan->legs[k - 1].arc_count - 1] != leg->arcs[0]) {
            cost = cost_of(o, cost, t, t, t + 20000, NULL);
            t += 20000;
        }
        struct used u = {0};
        uint64_t driven = 0;
        uint32_t gate = 0;
        for (uint32_t i = 0; i < leg->arc_count; i++) {
            bool first = i == 0, last = i + 1 == leg->arc_count;
            struct used v = {leg->arcs[i], first ? leg->first_offset_mm : 0,
                             last ? leg->last_offset_mm : network_arc_length_mm(o->n, leg->arcs[i]), first || last};
            uint32_t turn_ms = first ? 0 : turn_between(o, u.arc, v.arc);
            /* before the turn, for a gate at the very end before the last arc */
            for (; i > 0 && gate < leg->gate_count && (last || leg->gates[gate].offset_mm <= driven); gate++) t += leg->gates[gate].wait_ms;
            int64_t at = t;
            driven += v.to - v.from;
            if (turn_ms == UINT32_MAX || !step(o, first ? NULL : &u, turn_ms, &v, &ends, last, &t)) return UINT64_MAX;
            cost = cost_of(o, cost, at, at, t, &v);
            *toll += toll_on(o, &v);
            u = v;
        }
    }
    return cost;
}

uint64_t oracle_route_plan_cost(const struct oracle_route *given, const struct oracle_place *places, const struct plan *plan,
                                uint64_t *toll_centifen)
{
    struct oracle_route o = *given;
    const struct route_request *q = o.request;
    int64_t arrive_ms = plan->legs[plan->leg_count - 1].arrive_ms;
    uint64_t best = UINT64_MAX;
    o.unit_mm = o.in_mm ? 1 : oracle_route_unit_mm(o.n);
    for (uint32_t i = 0; i <= q->credential_count; i++) {
        uint64_t toll;
        o.left_at_home_ms = i == 0 ? q->depart_ms : q->credentials[i - 1].valid_until_ms;
        bool lasts = o.left_at_home_ms != TIME_OPEN;
        for (uint32_t k = 0; k < q->credential_count; k++)
            lasts = lasts && (q->credentials[k].valid_until_ms <= o.left_at_home_ms || q->credentials[k].valid_until_ms > arrive_ms);
        uint64_t cost = lasts ? drive_plan(&o, places, plan, &toll) : UINT64_MAX;
        if (cost < best) best = cost, *toll_centifen = toll;
    }
    return best;
}
