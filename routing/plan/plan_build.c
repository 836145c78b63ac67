#include "routing/plan/plan_build.h"

#include "geo/corridor.h"
#include "routing/constraint/leg_geometry.h"
#include "routing/plan/steps.h"

#include <stdio.h>
#include <string.h>

enum { LEG_GATES_MAX = 256, LEG_ZONES_MAX = 512, LEG_LIMITS_MAX = 96, WARNINGS_MAX = 64 };

/* Lists of the leg at hand are kept in scratch memory and copied to the answer when the leg is done. */
struct building {
    struct constraint *c;
    struct arena *arena;
    struct plan *plan;
    const struct journey *journey;
    struct leg *legs;
    struct gate_passage gates[LEG_GATES_MAX];
    struct zone_contact zones[LEG_ZONES_MAX];
    uint32_t zone_hop[LEG_ZONES_MAX]; /* the last hop of each contact */
    uint32_t live[LEG_ZONES_MAX], live_count; /* contacts that may go on: those of the hop at hand and the one before, ascending */
    struct limit_met limits[LEG_LIMITS_MAX];
    uint32_t gate_hop[LEG_GATES_MAX];
    struct warning warnings[WARNINGS_MAX];
    uint64_t toll_centifen;
    uint32_t leg;
    bool out_of_memory, endless;
    const char *full; /* the list that had no room, or NULL: then there is no plan, never a shortened one */
    uint32_t full_at;
};

static void list_full(struct building *b, const char *list, uint32_t most)
{
    b->full = list;
    b->full_at = most;
}

/* ---- warnings -------------------------------------------------------------------------------------------------------- */

static struct warning *warning_add(struct building *b, enum warning_kind kind, uint32_t subject)
{
    struct plan *plan = b->plan;
    for (uint32_t i = 0; i < plan->warning_count; i++)
        if (b->warnings[i].kind == kind && b->warnings[i].subject == subject) return NULL;
    if (plan->warning_count == WARNINGS_MAX) {
        list_full(b, "warnings", WARNINGS_MAX);
        return NULL;
    }
    struct warning *w = &b->warnings[plan->warning_count++];
    *w = (struct warning){.kind = kind, .subject = subject};
    return w;
}

static void warning_text(struct warning *w, enum message message, double value)
{
    message_format(w->zh, sizeof w->zh, message, LANGUAGE_ZH, value);
    message_format(w->en, sizeof w->en, message, LANGUAGE_EN, value);
}

static void assumed_warnings(struct building *b)
{
    static const struct {
        uint8_t bit;
        enum message message;
        double unit;
    } attributes[] = {
        {VEHICLE_HEIGHT, MESSAGE_ASSUMED_HEIGHT, 1000},         {VEHICLE_WIDTH, MESSAGE_ASSUMED_WIDTH, 1000},
        {VEHICLE_LENGTH, MESSAGE_ASSUMED_LENGTH, 1000},         {VEHICLE_GROSS, MESSAGE_ASSUMED_GROSS, 1000},
        {VEHICLE_AXLE_LOAD, MESSAGE_ASSUMED_AXLE_LOAD, 1000},   {VEHICLE_AXLES, MESSAGE_ASSUMED_AXLES, 1},
    };
    const struct vehicle *v = &b->c->request->vehicle;
    const uint32_t values[] = {v->height_mm, v->width_mm, v->length_mm, v->gross_kg, v->axle_load_kg, v->axles};
    for (uint32_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        if (!(v->assumed & attributes[i].bit)) continue;
        struct warning *w = warning_add(b, WARNING_ASSUMED_ATTRIBUTE, attributes[i].bit);
        if (w) warning_text(w, attributes[i].message, values[i] / attributes[i].unit);
    }
}

/* ---- what a hop adds --------------------------------------------------------------------------------------------------- */

static void gates_add(struct building *b, struct leg *leg, uint32_t hop, const struct arc_use *use, uint32_t wait_ms,
                      const struct move_log *log)
{
    if (log->gates_full) list_full(b, "gates", MOVE_GATES_MAX);
    if (leg->gate_count + log->gate_count > LEG_GATES_MAX) list_full(b, "gates", LEG_GATES_MAX);
    for (uint32_t i = 0; i < log->gate_count && leg->gate_count < LEG_GATES_MAX; i++) {
        const struct gate_event *e = &log->gates[i];
        uint16_t *used = arena_copy(b->arena, e->credentials, sizeof e->credentials);
        if (!used) b->out_of_memory = true;
        b->gate_hop[leg->gate_count] = hop;
        b->gates[leg->gate_count++] = (struct gate_passage){
            .checkpoint = e->checkpoint, .zone = e->zone, .direction = e->direction, .at_ms = e->at_ms - (i == 0 ? wait_ms : 0),
            .wait_ms = i == 0 ? wait_ms : 0, .inspection_ms = e->inspection_ms, .green_channel = e->green,
            .credential_count = e->credential_count, .credentials = used, .offset_mm = leg->distance_mm + (e->at_end ? use->to_mm - use->from_mm : 0),
            .point = leg_arc_point(b->c->n, use->arc, e->at_end ? use->to_mm : use->from_mm)};
        if (i == 0) leg->wait_ms += wait_ms;
    }
}

/* Is zone `z` left where the leg ends, on `use`? */
static bool ends_outside(const struct constraint *c, uint32_t zone, const struct arc_use *use)
{
    const struct membership *m;
    bool starts, ends;
    return use->last && rules_membership(c->rules, use->arc, zone, &m) && constraint_controls(c, constraint_zone(c, zone), use->arc) &&
           passage_use_in(c, use, m, &starts, &ends) && !ends;
}

/* The vehicle waited here until the zone no longer asked for a gate: told as a passage without inspection. The gate is that
 * of the arc before, of this one, or at this one's end when the leg ends outside. */
static void wait_add(struct building *b, struct leg *leg, uint32_t hop, const struct arc_use *use, int64_t begin_ms,
                     const struct move *m, uint32_t wait_ms)
{
    enum { LEAVE, ENTER, END, SIDES };
    const struct rules *r = b->c->rules;
    const int64_t at_ms[SIDES] = {begin_ms, m->arrive_ms - m->drive_ms, m->arrive_ms};
    leg->wait_ms += wait_ms;
    for (int side = LEAVE; side < SIDES; side++) {
        arc_id a = side == LEAVE ? leg->arcs[hop - 1] : use->arc;
        enum gate_direction direction = side == ENTER ? GATE_ENTER : GATE_EXIT;
        for (uint32_t i = r->arc_first_gate[a]; i < r->arc_first_gate[a + 1] && leg->gate_count < LEG_GATES_MAX; i++) {
            uint32_t zone = r->gate_arcs[i].zone;
            const struct zone_state *z = constraint_zone(b->c, zone);
            int64_t never = TIME_OPEN;
            if (r->gate_arcs[i].direction != direction || !z->gated) continue;
            if (side == END && !ends_outside(b->c, zone, use)) continue;
            if (constraint_binds(b->c, z) && force_at(&constraint_force(b->c, z)->force, at_ms[side], &never))
                continue; /* not the one it waited for */
            b->gate_hop[leg->gate_count] = hop;
            b->gates[leg->gate_count++] = (struct gate_passage){
                .checkpoint = r->gate_arcs[i].checkpoint, .zone = zone, .direction = direction, .at_ms = at_ms[side] - wait_ms,
                .wait_ms = wait_ms, .offset_mm = leg->distance_mm + (side == END ? use->to_mm - use->from_mm : 0),
                .point = leg_arc_point(b->c->n, use->arc, side == END ? use->to_mm : use->from_mm)};
            return;
        }
    }
}

/* Length inside, and from where to where along the arc. */
static uint32_t inside_mm(const struct rules *r, const struct membership *m, const struct arc_use *use, uint32_t *first_mm,
                          uint32_t *last_mm)
{
    uint32_t sum = 0;
    *first_mm = *last_mm = use->from_mm;
    for (uint32_t i = 0; i < m->stretch_count; i++) {
        const struct stretch *s = &r->stretches[m->first_stretch + i];
        uint32_t from = s->from_mm > use->from_mm ? s->from_mm : use->from_mm;
        uint32_t until = s->until_mm < use->to_mm ? s->until_mm : use->to_mm;
        if (until <= from) continue;
        if (sum == 0) *first_mm = from;
        *last_mm = until;
        sum += until - from;
    }
    return sum;
}

static enum message why_allowed(const struct constraint *c, uint32_t zone, arc_id a, int64_t from_ms, int64_t until_ms)
{
    const struct zone_state *z = constraint_zone(c, zone);
    const struct zone_rule *rule = &c->input->zones[zone].rules[z->rule];
    int64_t never = TIME_OPEN;
    if (constraint_zone_lifted(c, zone)) return MESSAGE_ZONE_LIFTED;
    if (!constraint_binds(c, z) || !force_meets(&constraint_force(c, z)->force, from_ms, 0, until_ms - from_ms, &never))
        return rule->exempt_count > 0 && schedule_holds(&c->input->zones[zone].schedule, &c->input->calendar,
                                                       c->plate_tail, from_ms) &&
                       schedule_holds(&rule->hours, &c->input->calendar, c->plate_tail, from_ms)
                   ? MESSAGE_ZONE_EXEMPT
                   : MESSAGE_ZONE_NOT_IN_FORCE;
    if (z->kind == RULE_CAUTION) return MESSAGE_ZONE_CAUTION;
    if (!constraint_controls(c, z, a)) return MESSAGE_ZONE_OPEN_ROAD;
    return z->kind == RULE_GATED ? MESSAGE_ZONE_THROUGH_GATES : MESSAGE_ZONE_DESTINATION;
}

static void zone_warning(struct building *b, enum warning_kind kind, uint32_t zone, enum message message)
{
    struct warning *w = warning_add(b, kind, zone);
    if (!w) return;
    message_format(w->zh, sizeof w->zh, message, LANGUAGE_ZH, b->c->input->zones[zone].name);
    message_format(w->en, sizeof w->en, message, LANGUAGE_EN, b->c->input->zones[zone].name);
}

static void zones_add(struct building *b, struct leg *leg, uint32_t hop, const struct arc_use *use, int64_t arc_begin_ms,
                      int64_t arc_end_ms)
{
    const struct constraint *c = b->c;
    const struct rules *r = c->rules;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < b->live_count; i++)
        if (b->zone_hop[b->live[i]] + 1 >= hop) b->live[kept++] = b->live[i];
    b->live_count = hop == 0 ? 0 : kept;
    for (uint32_t i = r->arc_first_member[use->arc]; i < r->arc_first_member[use->arc + 1]; i++) {
        uint32_t zone = r->member[i].zone, l = b->live_count, k;
        const struct zone_state *z = constraint_zone(c, zone);
        uint32_t first = 0, last = 0, mm = z->rule == UINT32_MAX ? 0 : inside_mm(r, &r->member[i], use, &first, &last);
        if (mm == 0) continue;
        uint64_t took = (uint64_t)(arc_end_ms - arc_begin_ms), used = use->to_mm - use->from_mm;
        int64_t begin_ms = arc_begin_ms + (int64_t)(took * (first - use->from_mm) / used);
        int64_t end_ms = arc_begin_ms + (int64_t)(took * (last - use->from_mm) / used);
        enum message why = why_allowed(c, zone, use->arc, begin_ms, end_ms);
        while (l > 0 && !(b->zones[b->live[l - 1]].zone == zone && b->zones[b->live[l - 1]].why == why)) l--;
        if (l > 0) {
            k = b->live[l - 1] + 1;
        } else {
            if (leg->zone_count == LEG_ZONES_MAX) {
                list_full(b, "zones", LEG_ZONES_MAX);
                continue;
            }
            k = ++leg->zone_count;
            b->live[b->live_count++] = k - 1;
            b->zones[k - 1] = (struct zone_contact){.zone = zone, .rule = z->rule, .kind = (enum rule_kind)z->kind,
                                                    .enter_ms = begin_ms, .why = why};
            if (why == MESSAGE_ZONE_CAUTION) zone_warning(b, WARNING_CAUTION_ZONE, zone, MESSAGE_PASSES_CAUTION);
            if (why != MESSAGE_ZONE_NOT_IN_FORCE && constraint_zone_by_unknown_plate(c, zone))
                zone_warning(b, WARNING_PLATE_UNKNOWN, zone, MESSAGE_PLATE_UNKNOWN);
        }
        b->zones[k - 1].leave_ms = end_ms;
        b->zones[k - 1].distance_mm += mm;
        b->zone_hop[k - 1] = hop;
    }
}

/* Keeps the tightest of each kind, and those within a tenth of the limit. */
static void limit_add(struct building *b, struct leg *leg, enum limit_kind kind, uint32_t limit, road_index road,
                      uint32_t closure)
{
    const struct vehicle *v = &b->c->request->vehicle;
    static const uint8_t bits[LIMIT_COUNT] = {VEHICLE_HEIGHT, VEHICLE_WIDTH, VEHICLE_LENGTH, VEHICLE_GROSS,
                                              VEHICLE_AXLE_LOAD, VEHICLE_AXLES, VEHICLE_GROSS};
    uint32_t value = vehicle_value(v, kind);
    struct limit_met met = {kind, limit, value, (v->assumed & bits[kind]) != 0, road, closure};
    bool close = value <= limit && (uint64_t)(limit - value) * 10 <= limit;
    uint32_t tightest = UINT32_MAX;
    for (uint32_t i = 0; i < leg->limit_count; i++) {
        if (b->limits[i].kind != kind) continue;
        if (b->limits[i].limit == limit && b->limits[i].road == road && b->limits[i].closure == closure) return;
        if (tightest == UINT32_MAX || b->limits[i].limit < b->limits[tightest].limit) tightest = i;
    }
    if (tightest != UINT32_MAX && !close) {
        if (limit < b->limits[tightest].limit) b->limits[tightest] = met;
        return;
    }
    if (tightest != UINT32_MAX) { /* one that was only the tightest so far gives way */
        uint32_t far = b->limits[tightest].limit;
        if (limit < far && (value > far || (uint64_t)(far - value) * 10 > far)) {
            b->limits[tightest] = met;
            return;
        }
    }
    if (leg->limit_count < LEG_LIMITS_MAX) b->limits[leg->limit_count++] = met;
    else list_full(b, "limits", LEG_LIMITS_MAX);
}

static void limits_add(struct building *b, struct leg *leg, const struct arc_use *use, int64_t begin_ms, int64_t end_ms)
{
    const struct constraint *c = b->c;
    road_index road = c->n->arc_road[use->arc];
    if (c->rules->road_limits[road] != 0) {
        const uint32_t *row = rules_limits(c->rules, road);
        for (uint32_t k = 0; k < LIMIT_COUNT; k++)
            if (row[k] > 0) limit_add(b, leg, (enum limit_kind)k, row[k], road, UINT32_MAX);
    }
    for (uint32_t i = c->rules->arc_first_closure[use->arc]; i < c->rules->arc_first_closure[use->arc + 1]; i++) {
        uint32_t id = c->rules->arc_closure[i];
        const struct closure *closure = &c->input->closures[id];
        int64_t from = closure->schedule.from_ms, until = closure->schedule.until_ms;
        if (closure->action != CLOSURE_LIMIT || until <= begin_ms || from > end_ms) continue;
        if (subject_matches(&closure->subject, &c->request->vehicle))
            limit_add(b, leg, closure->limit_kind, closure->limit_value, road, id);
    }
}

static void visit(void *context, uint32_t k, uint32_t hop, const struct arc_use *use, int64_t begin_ms,
                  const struct move *m, const struct move_log *log)
{
    struct building *b = context;
    struct leg *leg = &b->legs[k];
    const struct journey_leg *from = &b->journey->legs[k];
    if (hop == 0) {
        arc_id *arcs = arena_zero(b->arena, from->way.hop_count, sizeof *arcs);
        if (!arcs) b->out_of_memory = true;
        *leg = (struct leg){.from = k, .to = k + 1, .depart_ms = begin_ms - from->seed.extra_ms, .arcs = arcs,
                            .arc_count = from->way.hop_count, .first_offset_mm = use->from_mm,
                            .drive_ms = from->seed.extra_ms};
    }
    if (b->out_of_memory) return;
    memcpy((void *)(uintptr_t)&leg->arcs[hop], &use->arc, sizeof use->arc);
    int64_t end_ms = m->arrive_ms;
    uint32_t wait_ms = from->way.hops[hop].wait_ms;
    gates_add(b, leg, hop, use, wait_ms, log);
    if (wait_ms > 0 && hop > 0 && log->gate_count == 0) wait_add(b, leg, hop, use, begin_ms, m, wait_ms);
    zones_add(b, leg, hop, use, end_ms - m->drive_ms, end_ms);
    limits_add(b, leg, use, end_ms - m->drive_ms, end_ms);
    b->endless = b->endless || m->drive_ms >= WEIGHT_INFINITY;
    leg->distance_mm += m->length_mm;
    leg->drive_ms += m->drive_ms + m->turn_ms;
    b->toll_centifen += m->toll_centifen;
    if (hop + 1 < leg->arc_count) return;
    leg->last_offset_mm = use->to_mm;
    leg->arrive_ms = end_ms;
    if (leg->gate_count) leg->gates = arena_copy(b->arena, b->gates, leg->gate_count * sizeof *b->gates);
    if (leg->zone_count) leg->zones = arena_copy(b->arena, b->zones, leg->zone_count * sizeof *b->zones);
    if (leg->limit_count) leg->limits = arena_copy(b->arena, b->limits, leg->limit_count * sizeof *b->limits);
    if ((leg->gate_count && !leg->gates) || (leg->zone_count && !leg->zones) || (leg->limit_count && !leg->limits))
        b->out_of_memory = true;
    const struct route_request *request = b->c->request;
    if (b->out_of_memory || !(request->want_geometry || request->want_steps || request->corridor_mm > 0)) return;
    uint32_t *first_point = arena_zero(b->arena, leg->arc_count + 1, sizeof *first_point);
    if (!first_point || !leg_points(b->c->n, leg, b->arena, first_point)) {
        b->out_of_memory = true;
        return;
    }
    if (request->want_steps && !steps_make(b->c, leg, first_point, b->gate_hop, b->arena)) b->out_of_memory = true;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

/* By its calls: a rest on the way does not make another leg of it. */
static enum leg_kind kind_of(const struct route_request *request, const struct place *places, uint32_t part, uint32_t part_count)
{
    uint32_t leg = part, leg_count = part_count;
    for (uint32_t i = 1; i < part_count; i++) leg_count -= places[i].rest != 0;
    for (uint32_t i = 1; i <= part; i++) leg -= places[i].rest != 0;
    uint32_t out = request->call_count - 1; /* the legs before the return */
    if (leg >= out || out <= 1 || leg_count <= 1) return LEG_TRUNK;
    return leg == 0 ? LEG_ORIGIN : leg + 1 == out ? LEG_DESTINATION : LEG_TRUNK;
}

static enum status corridor_add(struct building *b, const struct plan_tools *tools, struct error *err)
{
    struct plan *plan = b->plan;
    uint32_t count = 0;
    for (uint32_t k = 0; k < plan->leg_count; k++) count += plan->legs[k].point_count;
    struct point_e7 *line = arena_take(b->arena, (count + 1) * sizeof *line);
    if (!line) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    count = 0;
    for (uint32_t k = 0; k < plan->leg_count; k++)
        for (uint32_t i = 0; i < plan->legs[k].point_count; i++) line[count++] = plan->legs[k].points[i];
    struct multipolygon made = {0};
    enum status status = corridor_make(tools->geos, tools->projection, line, count, b->c->request->corridor_mm / 1000.0,
                                       &made, err);
    if (status != STATUS_OK) return status;
    struct multipolygon *to = &plan->corridor; /* in the arena, as everything else of a plan */
    *to = made;
    to->part_first_ring = arena_copy(b->arena, made.part_first_ring, (made.part_count + 1) * sizeof *made.part_first_ring);
    to->ring_first_point = arena_copy(b->arena, made.ring_first_point, (made.ring_count + 1) * sizeof *made.ring_first_point);
    to->points = arena_copy(b->arena, made.points, (made.point_count + 1) * sizeof *made.points);
    multipolygon_clear(&made);
    if (!to->part_first_ring || !to->ring_first_point || !to->points)
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    return STATUS_OK;
}

static void journey_warnings(struct building *b, const struct place *places, uint32_t place_count,
                             const struct journey *j)
{
    uint64_t wait = 0;
    assumed_warnings(b);
    for (uint32_t i = 0; i < place_count; i++) {
        if (!places[i].moved) continue;
        struct warning *w = warning_add(b, WARNING_MOVED_ENDPOINT, i);
        if (w) warning_text(w, MESSAGE_CALL_MOVED, places[i].distance_mm / 1000.0);
    }
    for (uint32_t k = 0; k < j->leg_count; k++) wait += j->legs[k].wait_ms + b->legs[k].wait_ms;
    b->plan->wait_ms = (uint32_t)wait;
    struct warning *w = wait > 0 ? warning_add(b, WARNING_WAIT, (uint32_t)(wait / 1000)) : NULL;
    if (w) warning_text(w, MESSAGE_WAITS, (double)wait / 60000);
}

enum status plan_build(struct constraint *c, const struct plan_tools *tools, const struct place *places,
                       uint32_t place_count, struct journey *j, enum move_reading reading, struct arena *arena,
                       struct plan **out, struct error *err)
{
    struct plan *plan = arena_zero(arena, 1, sizeof *plan);
    struct building *b = arena_take(c->arena, sizeof *b); /* its long lists are written before they are read */
    struct leg *legs = arena_zero(arena, j->leg_count, sizeof *legs);
    struct waypoint *waypoints = arena_zero(arena, place_count, sizeof *waypoints);
    if (!plan || !b || !legs || !waypoints) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    b->c = c;
    b->arena = arena;
    b->plan = plan;
    b->journey = j;
    b->legs = legs;
    b->toll_centifen = 0;
    b->leg = 0;
    b->live_count = 0;
    b->out_of_memory = b->endless = false;
    b->full = NULL;
    struct journey_visitor visitor = {visit, b};
    uint64_t cost;
    bool lawful;
    journey_replay(c, places, j, reading, &visitor, &cost, &lawful);
    if (b->out_of_memory) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < place_count; i++)
        waypoints[i] = (struct waypoint){.requested = places[i].call->point, .snapped = places[i].snapped,
                                         .distance_mm = places[i].distance_mm, .road = places[i].at.road,
                                         .offset_mm = places[i].at.offset_mm, .call = places[i].call_index,
                                         .moved = places[i].moved, .rest = places[i].rest};
    *plan = (struct plan){.waypoint_count = place_count, .leg_count = j->leg_count, .waypoints = waypoints, .legs = legs,
                          .issuable = lawful && reading == MOVE_EXACT, .warning_count = plan->warning_count};
    journey_warnings(b, places, place_count, j);
    if (b->full) return error_set(err, STATUS_TOO_LARGE, MESSAGE_PLAN_TOO_LARGE, b->full, b->full_at);
    int64_t duration_ms = legs[j->leg_count - 1].arrive_ms - c->depart_ms; /* no other time of a plan is longer */
    if (b->endless || duration_ms > (int64_t)PLAN_DAYS_MAX * 24 * 3600 * 1000)
        return error_set(err, STATUS_TOO_LARGE, MESSAGE_PLAN_TOO_LONG);
    for (uint32_t k = 0; k < j->leg_count; k++) {
        legs[k].kind = kind_of(c->request, places, k, j->leg_count);
        plan->drive_ms += legs[k].drive_ms;
        plan->distance_mm += legs[k].distance_mm;
    }
    plan->duration_ms = (uint32_t)duration_ms;
    plan->toll_fen = (uint32_t)((b->toll_centifen + 50) / 100);
    if (plan->warning_count) {
        plan->warnings = arena_copy(arena, b->warnings, plan->warning_count * sizeof *b->warnings);
        if (!plan->warnings) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    *out = plan;
    return c->request->corridor_mm > 0 ? corridor_add(b, tools, err) : STATUS_OK;
}

/* ---- breaches ------------------------------------------------------------------------------------------------------------- */

struct breaching {
    const struct constraint *c;
    struct broken *out;
    uint32_t count, max;
};

static void visit_breaches(void *context, uint32_t k, uint32_t hop, const struct arc_use *use, int64_t begin_ms,
                           const struct move *m, const struct move_log *log)
{
    (void)k, (void)hop, (void)begin_ms, (void)m;
    struct breaching *x = context;
    for (uint32_t i = 0; i < log->breach_count; i++) {
        const struct breach *b = &log->breaches[i];
        bool known = false;
        for (uint32_t n = 0; n < x->count && !known; n++) {
            const struct breach *o = &x->out[n].breach;
            known = o->kind == b->kind && o->zone == b->zone && o->checkpoint == b->checkpoint &&
                    o->closure == b->closure &&
                    (b->zone != UINT32_MAX || b->closure != UINT32_MAX ||
                     (o->road == b->road && o->limit_kind == b->limit_kind));
        }
        if (known || x->count == x->max) continue;
        x->out[x->count++] = (struct broken){*b, leg_arc_point(x->c->n, use->arc, use->from_mm)};
    }
}

uint32_t plan_breaches(struct constraint *c, const struct place *places, struct journey *j, struct broken *out,
                       uint32_t max)
{
    struct breaching x = {c, out, 0, max};
    struct journey_visitor visitor = {visit_breaches, &x};
    uint64_t cost;
    bool lawful;
    journey_replay(c, places, j, MOVE_RELAX, &visitor, &cost, &lawful);
    return x.count;
}
