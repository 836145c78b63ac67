#include "routing/constraint/passage.h"

#include "routing/rules/toll.h"

#include <string.h>

/* ---- working state of one move ---------------------------------------------------------------------------------- */

struct moving {
    const struct constraint *c;
    enum move_reading reading;
    struct move *m;
    struct move_log *log;
    int64_t begin_ms; /* the moment that change_ms is about */
    int64_t now_ms;
    uint32_t passed[MOVE_GATES_MAX]; /* checkpoints of this manoeuvre */
    uint32_t passed_count;
    bool lawful, ending;
};

/* A rule changes its answer at `at_ms` of the clock: that is so much later than the beginning. */
static void note_change(struct moving *x, int64_t clock_ms, int64_t at_ms)
{
    if (at_ms == TIME_OPEN) return;
    if (x->ending && at_ms < x->m->end_change_ms) x->m->end_change_ms = at_ms;
    int64_t change = x->begin_ms + (at_ms - clock_ms);
    if (change > x->begin_ms && change < x->m->change_ms) x->m->change_ms = change;
}

/* False: stop here. */
static bool note_breach(struct moving *x, struct breach breach)
{
    x->lawful = false;
    if (x->log && x->log->breach_count < MOVE_BREACHES_MAX) {
        bool known = false;
        for (uint32_t i = 0; i < x->log->breach_count && !known; i++) {
            const struct breach *b = &x->log->breaches[i];
            known = b->kind == breach.kind && b->zone == breach.zone && b->checkpoint == breach.checkpoint &&
                    b->closure == breach.closure && b->road == breach.road && b->limit_kind == breach.limit_kind;
        }
        if (!known) x->log->breaches[x->log->breach_count++] = breach;
    }
    return x->reading == MOVE_RELAX;
}

static struct breach breach_of(enum conflict_kind kind, enum status cause, uint32_t zone, uint32_t checkpoint,
                               uint32_t closure, road_index road)
{
    return (struct breach){.kind = kind, .cause = cause, .zone = zone, .checkpoint = checkpoint, .closure = closure,
                           .road = road};
}

static bool zone_binds(struct moving *x, const struct zone_state *z)
{
    const struct rule_force *f = constraint_force(x->c, z);
    if (x->reading == MOVE_LOOSE) return f->const_on;
    int64_t change = TIME_OPEN;
    bool binds = force_at(&f->force, x->now_ms, &change);
    note_change(x, x->now_ms, change);
    return binds;
}

/* ---- gates ------------------------------------------------------------------------------------------------------- */

/* Whether a group of requirements holds; then the credentials used are added to the event. */
static bool group_holds(struct moving *x, const struct requirement_group *group, struct gate_event *event, bool *expired)
{
    const struct credential_set *set = &x->c->credentials;
    event->credential_count = 0;
    for (uint32_t r = 0; r < group->requirement_count; r++) {
        bool met = false;
        for (uint32_t i = 0; i < set->count && !met; i++) {
            if (set->type[i] != group->requirements[r].type) continue;
            int64_t change = TIME_OPEN;
            met = credential_valid(set, i, group->requirements[r].max_age_s, x->now_ms, &change);
            note_change(x, x->now_ms, change);
            if (!met)
                *expired = true;
            else if (event->credential_count < 8)
                event->credentials[event->credential_count++] = (uint16_t)i;
        }
        if (!met) return false;
    }
    return true;
}

/* Does this checkpoint let the vehicle pass now? `*b` says why not. */
static bool checkpoint_passes(struct moving *x, uint32_t id, struct gate_event *event, struct breach *b)
{
    const struct constraint *c = x->c;
    bool lifted = constraint_checkpoint_lifted(c, id);
    const struct checkpoint *checkpoint = &c->input->checkpoints[id];
    *event = (struct gate_event){.checkpoint = id, .at_ms = x->now_ms, .inspection_ms = checkpoint->normal_ms};
    if (x->reading == MOVE_LOOSE) {
        event->inspection_ms = constraint_loose_inspection_ms(c, id);
        return lifted || constraint_checkpoint_loose(c, id);
    }
    if (!lifted) {
        int64_t change = TIME_OPEN;
        bool open = force_at(&constraint_opening(c, id)->force, x->now_ms, &change);
        note_change(x, x->now_ms, change);
        if (!open) {
            *b = breach_of(CONFLICT_GATE, STATUS_NO_OPEN_GATE, UINT32_MAX, id, UINT32_MAX, NO_ROAD);
            return false;
        }
        bool met = checkpoint->group_count == 0, expired = false;
        for (uint32_t k = 0; k < checkpoint->group_count && !met; k++)
            met = group_holds(x, &checkpoint->groups[k], event, &expired);
        if (!met) {
            *b = breach_of(CONFLICT_CREDENTIAL, expired ? STATUS_CREDENTIAL_EXPIRED_AT_GATE : STATUS_CREDENTIAL_MISSING,
                           UINT32_MAX, id, UINT32_MAX, NO_ROAD);
            return false;
        }
    }
    for (uint32_t k = 0; k < checkpoint->green_count && !event->green; k++)
        for (uint32_t i = 0; i < c->credentials.count && !event->green; i++) {
            if (c->credentials.type[i] != checkpoint->green[k]) continue;
            int64_t change = TIME_OPEN;
            event->green = credential_valid(&c->credentials, i, 0, x->now_ms, &change);
            note_change(x, x->now_ms, change);
            bool listed = false;
            for (uint32_t j = 0; j < event->credential_count; j++) listed = listed || event->credentials[j] == i;
            if (event->green && !listed && event->credential_count < 8)
                event->credentials[event->credential_count++] = (uint16_t)i;
        }
    if (event->green && checkpoint->green_ms < event->inspection_ms) event->inspection_ms = checkpoint->green_ms;
    return true;
}

/* Which of several gates costs least hangs on which are open: who finds the quicker one of a border shut may pass the next border at
 * the same checkpoint, for nothing. So the loose reading of rules that change counts no checkpoint twice that may have been passed. */
static bool counts_least(const struct moving *x)
{
    return x->reading == MOVE_LOOSE && x->c->varying;
}

static void note_passed(struct moving *x, uint32_t checkpoint)
{
    if (x->passed_count < MOVE_GATES_MAX) x->passed[x->passed_count++] = checkpoint;
}

/* Passes the border of a gated zone on arc `a`. False: stop. */
static bool gate_pass(struct moving *x, uint32_t zone, arc_id a, enum gate_direction direction)
{
    const struct constraint *c = x->c;
    if (constraint_zone_lifted(c, zone) || !zone_binds(x, constraint_zone(c, zone))) return true;
    const uint32_t before = x->passed_count;
    struct gate_event best, event;
    bool found = false, any = false;
    struct breach b, why = breach_of(CONFLICT_ZONE, STATUS_NO_OPEN_GATE, zone, UINT32_MAX, UINT32_MAX, NO_ROAD);
    for (uint32_t i = c->rules->arc_first_gate[a]; i < c->rules->arc_first_gate[a + 1]; i++) {
        const struct gate_arc *gate = &c->rules->gate_arcs[i];
        if (gate->zone != zone || !(gate->direction & direction)) continue;
        x->m->gate = true;
        if (!checkpoint_passes(x, gate->checkpoint, &event, &b)) {
            b.zone = zone;
            b.road = c->n->arc_road[a];
            if (!any || (why.kind == CONFLICT_GATE && b.kind == CONFLICT_CREDENTIAL)) why = b;
            any = true;
            continue;
        }
        bool again = counts_least(x) && before == MOVE_GATES_MAX;
        for (uint32_t k = 0; k < before; k++) again = again || x->passed[k] == gate->checkpoint;
        if (counts_least(x)) note_passed(x, gate->checkpoint);
        if (again) event.inspection_ms = 0;
        if (!found || event.inspection_ms < best.inspection_ms) best = event;
        found = true;
    }
    if (!found) {
        if (why.road == NO_ROAD) why.road = c->n->arc_road[a];
        return note_breach(x, why);
    }
    best.zone = zone;
    best.direction = direction;
    best.at_end = x->ending;
    if (!counts_least(x)) note_passed(x, best.checkpoint);
    if (x->log && x->log->gate_count < MOVE_GATES_MAX) x->log->gates[x->log->gate_count++] = best;
    x->m->inspection_ms += best.inspection_ms;
    x->now_ms += best.inspection_ms;
    return true;
}

/* ---- membership of used parts -------------------------------------------------------------------------------------- */

bool passage_use_in(const struct constraint *c, const struct arc_use *use, const struct membership *m, bool *starts_in,
                    bool *ends_in)
{
    const struct stretch *s = c->rules->stretches + m->first_stretch;
    uint32_t length = network_arc_length_mm(c->n, use->arc);
    bool in = false;
    *starts_in = *ends_in = false;
    for (uint32_t i = 0; i < m->stretch_count; i++) {
        bool used = s[i].until_mm > use->from_mm && s[i].from_mm < use->to_mm;
        if (use->from_mm == use->to_mm) used = s[i].from_mm <= use->from_mm && use->from_mm <= s[i].until_mm;
        if (!used) continue;
        if (!in) *starts_in = s[i].from_mm <= use->from_mm;
        *ends_in = s[i].until_mm >= use->to_mm || s[i].until_mm >= length;
        in = true;
    }
    return in;
}

/* Is the used part of an arc in the controlled set of a gated zone, and how does it start and end? */
static bool in_controlled(const struct constraint *c, const struct arc_use *use, uint32_t zone, bool *starts, bool *ends)
{
    const struct rules *r = c->rules;
    *starts = *ends = false;
    for (uint32_t i = r->arc_first_member[use->arc]; i < r->arc_first_member[use->arc + 1]; i++) {
        if (r->member[i].zone != zone) continue;
        if (!constraint_controls(c, constraint_zone(c, zone), use->arc)) return false;
        if (!use->first && !use->last) return *starts = *ends = true;
        return passage_use_in(c, use, &r->member[i], starts, ends);
    }
    return false;
}

/* Exits from zones of `u` that `v` is not in (v NULL: that u's used part ends outside of). */
static bool exits(struct moving *x, const struct arc_use *u, const struct arc_use *v)
{
    const struct rules *r = x->c->rules;
    if (!constraint_arc_gated(x->c, u->arc)) return true;
    for (uint32_t i = r->arc_first_member[u->arc]; i < r->arc_first_member[u->arc + 1]; i++) {
        uint32_t zone = r->member[i].zone;
        bool starts, ends, unused;
        const struct zone_state *z = constraint_zone(x->c, zone);
        if (!z->gated || !constraint_binds(x->c, z)) continue;
        if (!in_controlled(x->c, u, zone, &starts, &ends)) continue;
        bool out = v ? !in_controlled(x->c, v, zone, &unused, &unused) : !ends;
        if (out && !gate_pass(x, zone, u->arc, GATE_EXIT)) return false;
    }
    return true;
}

static bool enters(struct moving *x, const struct arc_use *u, const struct arc_use *v)
{
    const struct rules *r = x->c->rules;
    if (!constraint_arc_gated(x->c, v->arc)) return true;
    for (uint32_t i = r->arc_first_member[v->arc]; i < r->arc_first_member[v->arc + 1]; i++) {
        uint32_t zone = r->member[i].zone;
        bool starts, ends, unused;
        const struct zone_state *z = constraint_zone(x->c, zone);
        if (!z->gated || !constraint_binds(x->c, z)) continue;
        if (!in_controlled(x->c, v, zone, &starts, &ends)) continue;
        bool into = u ? !in_controlled(x->c, u, zone, &unused, &unused) : !starts;
        if (into && !gate_pass(x, zone, v->arc, GATE_ENTER)) return false;
    }
    return true;
}

/* Is there a gate at the border that the vehicle would pass on arc `a`, out of a zone that only `a` is in or into one, that
 * is asked for at the beginning of the move? */
static void gates_beside(struct moving *x, const struct arc_use *a, const struct arc_use *other, enum gate_direction direction)
{
    const struct rules *r = x->c->rules;
    for (uint32_t i = r->arc_first_gate[a->arc]; i < r->arc_first_gate[a->arc + 1]; i++) {
        uint32_t zone = r->gate_arcs[i].zone;
        const struct zone_state *z = constraint_zone(x->c, zone);
        bool unused;
        if (!(r->gate_arcs[i].direction & direction) || !z->gated || !constraint_binds(x->c, z) || constraint_zone_lifted(x->c, zone))
            continue;
        if (!in_controlled(x->c, a, zone, &unused, &unused) || in_controlled(x->c, other, zone, &unused, &unused)) continue;
        int64_t change = TIME_OPEN;
        if (force_at(&constraint_force(x->c, z)->force, x->begin_ms, &change)) x->m->gate = true;
        note_change(x, x->begin_ms, change);
    }
}

/* ---- driving along an arc ------------------------------------------------------------------------------------------- */

/* Is the vehicle in the zone's stretches while the zone binds? */
static bool stays_while_bound(struct moving *x, const struct arc_use *use, const struct membership *m,
                              const struct zone_state *z, uint32_t drive_ms)
{
    const struct rule_force *f = constraint_force(x->c, z);
    if (x->reading == MOVE_LOOSE && !f->const_on) return false;
    const struct stretch *s = x->c->rules->stretches + m->first_stretch;
    uint32_t used_mm = use->to_mm - use->from_mm;
    bool met = false;
    for (uint32_t i = 0; i < m->stretch_count; i++) {
        uint32_t from = s[i].from_mm > use->from_mm ? s[i].from_mm : use->from_mm;
        uint32_t until = s[i].until_mm < use->to_mm ? s[i].until_mm : use->to_mm;
        if (from > until || (from == until && used_mm > 0)) continue;
        if (x->reading == MOVE_LOOSE) return true;
        int64_t begin = used_mm ? (int64_t)((uint64_t)drive_ms * (from - use->from_mm) / used_mm) : 0;
        int64_t end = used_mm ? (int64_t)((uint64_t)drive_ms * (until - use->from_mm) / used_mm) : 0;
        int64_t change = TIME_OPEN;
        met = force_meets(&f->force, x->now_ms, begin, end, &change) || met;
        note_change(x, x->now_ms, change);
    }
    return met;
}

static bool closure_hits(const struct constraint *c, const struct closure *closure, arc_id a)
{
    uint16_t flags = c->n->road_flags[c->n->arc_road[a]];
    switch (closure->action) {
    case CLOSURE_CLOSED:
    case CLOSURE_LIMIT: return true;
    case CLOSURE_ENTRY_BAN: return (flags & ROAD_ENTRY_RAMP) || !(flags & ROAD_EXIT_RAMP);
    case CLOSURE_EXIT_BAN: return (flags & ROAD_EXIT_RAMP) || !(flags & ROAD_ENTRY_RAMP);
    default: return false;
    }
}

/* How long the drive takes now: caution zones and speed limits by closure count where they bind at its beginning. */
static uint32_t drive_time(struct moving *x, const struct arc_use *use)
{
    const struct constraint *c = x->c;
    const struct rules *r = c->rules;
    uint32_t length = network_arc_length_mm(c->n, use->arc), used = use->to_mm - use->from_mm;
    uint64_t full = constraint_arc_ms(c, use->arc);
    for (uint32_t i = r->arc_first_closure[use->arc]; i < r->arc_first_closure[use->arc + 1]; i++) {
        const struct closure *closure = &c->input->closures[r->arc_closure[i]];
        const struct rule_force *s = constraint_closure(c, r->arc_closure[i]);
        if (!s || closure->action != CLOSURE_SPEED || closure->limit_value == 0) continue;
        int64_t change = TIME_OPEN;
        bool on = x->reading == MOVE_LOOSE ? s->const_on : force_at(&s->force, x->now_ms, &change);
        note_change(x, x->now_ms, change);
        uint64_t slow = (uint64_t)length * 18 / (5 * (uint64_t)closure->limit_value);
        if (on && slow > full) full = slow;
    }
    uint32_t permille = 1000, end = constraint_arc_quiet(c, use->arc) ? 0 : r->arc_first_member[use->arc + 1];
    for (uint32_t i = r->arc_first_member[use->arc]; i < end; i++) {
        uint32_t zone = r->member[i].zone;
        const struct zone_state *z = constraint_zone(c, zone);
        bool unused;
        if (!constraint_binds(c, z) || z->kind != RULE_CAUTION || constraint_zone_lifted(c, zone) || z->slow_permille <= permille) continue;
        if ((use->first || use->last) && !passage_use_in(c, use, &r->member[i], &unused, &unused)) continue;
        if (zone_binds(x, z)) permille = z->slow_permille;
    }
    full = full * permille / 1000;
    if (length > 0 && used < length) full = full * used / length;
    return full < WEIGHT_INFINITY ? (uint32_t)full : WEIGHT_INFINITY;
}

/* False: stop. */
static bool drive(struct moving *x, const struct arc_use *v)
{
    const struct constraint *c = x->c;
    const struct rules *r = c->rules;
    arc_id a = v->arc;
    road_index road = c->n->arc_road[a];
    struct breach b[8];
    uint32_t ms = drive_time(x, v);
    if (x->reading == MOVE_RELAX) {
        uint32_t count = constraint_arc_breaches(c, a, b, 8);
        for (uint32_t i = 0; i < count; i++)
            if (!note_breach(x, b[i])) return false;
    } else if (!constraint_arc_open(c, a, x->reading == MOVE_LOOSE, x->log ? b : NULL)) {
        if (x->log) return note_breach(x, b[0]);
        return false;
    }
    if (x->reading != MOVE_LOOSE && c->avoid && constraint_avoids(c, a, v->from_mm, v->to_mm) &&
        !note_breach(x, breach_of(CONFLICT_AVOID, STATUS_ROAD_CLOSED, UINT32_MAX, UINT32_MAX, UINT32_MAX, road)))
        return false;
    for (uint32_t i = r->arc_first_closure[a]; i < r->arc_first_closure[a + 1]; i++) {
        uint32_t id = r->arc_closure[i];
        const struct rule_force *s = constraint_closure(c, id);
        if (!s || !closure_hits(c, &c->input->closures[id], a)) continue;
        int64_t change = TIME_OPEN;
        bool hit = x->reading == MOVE_LOOSE ? s->const_on : force_meets(&s->force, x->now_ms, 0, ms, &change);
        note_change(x, x->now_ms, change);
        enum status cause = c->input->closures[id].action == CLOSURE_LIMIT ? STATUS_VEHICLE_LIMIT
                            : s->force.flip_count                          ? STATUS_TIME_WINDOW
                                                                           : STATUS_ROAD_CLOSED;
        if (hit && !note_breach(x, breach_of(CONFLICT_CLOSURE, cause, UINT32_MAX, UINT32_MAX, id, road))) return false;
    }
    uint32_t end = constraint_arc_quiet(c, a) ? 0 : r->arc_first_member[a + 1];
    for (uint32_t i = r->arc_first_member[a]; i < end; i++) {
        const struct membership *member = &r->member[i];
        const struct zone_state *z = constraint_zone(c, member->zone);
        if (!constraint_binds(c, z) || constraint_zone_lifted(c, member->zone) ||
            !(z->forbids || (z->leg_dependent && !constraint_zone_open(c, member->zone))))
            continue;
        if (!constraint_controls(c, z, a)) continue;
        bool unused;
        if ((v->first || v->last) && !passage_use_in(c, v, member, &unused, &unused)) continue;
        if (!stays_while_bound(x, v, member, z, ms)) continue;
        enum conflict_kind kind = z->avoided ? CONFLICT_AVOID : CONFLICT_ZONE;
        enum status cause = constraint_force(c, z)->force.flip_count ? STATUS_TIME_WINDOW : STATUS_ROAD_CLOSED;
        if (!note_breach(x, breach_of(kind, cause, member->zone, UINT32_MAX, UINT32_MAX, road))) return false;
    }
    x->m->drive_ms = ms;
    x->m->length_mm = v->to_mm - v->from_mm;
    x->m->toll_centifen = toll_centifen(&c->input->tolls, c->toll_class, c->n, road, x->m->length_mm);
    x->now_ms += ms;
    return true;
}

bool passage_move(const struct constraint *c, const struct arc_use *u, turn_id turn, const struct arc_use *v,
                  int64_t at_ms, enum move_reading reading, struct move *m, struct move_log *log)
{
    struct moving x = {.c = c, .reading = reading, .m = m, .log = log, .begin_ms = at_ms, .now_ms = at_ms,
                       .lawful = true};
    *m = (struct move){.change_ms = TIME_OPEN, .end_change_ms = TIME_OPEN};
    if (log) log->gate_count = log->breach_count = 0;
    bool going;
    if (u) {
        if (c->g->forbidden_to[turn] & c->subject) return false;
        going = exits(&x, u, v);
        m->turn_ms = c->g->cost_ms[turn];
        x.now_ms += m->turn_ms;
    } else {
        going = true;
    }
    going = going && enters(&x, u, v);
    if (!going && u && reading == MOVE_EXACT) { /* refused at one border, it may wait at the gate of another: both are here */
        gates_beside(&x, u, v, GATE_EXIT);
        gates_beside(&x, v, u, GATE_ENTER);
    }
    going = going && drive(&x, v);
    x.ending = true;
    if (going && v->last) going = exits(&x, v, NULL);
    m->arrive_ms = x.now_ms;
    if (reading == MOVE_EXACT && c->request->end_before_ms && m->arrive_ms >= c->request->end_before_ms) return false;
    return reading == MOVE_RELAX || (going && x.lawful);
}

uint64_t passage_cost_of(const struct constraint *c, uint64_t ms, uint64_t length_mm, uint64_t toll_centifen)
{
    switch (c->request->prefer) {
    case PREFER_DISTANCE: return c->unit_mm == 1 ? length_mm : (length_mm + c->unit_mm / 2) / c->unit_mm;
    case PREFER_COST: return ms / 3 + length_mm * 3 / 100 + toll_centifen; /* 120 yuan an hour, 3 yuan a kilometre, tolls */
    default: return ms;
    }
}

weight passage_cost(const struct constraint *c, const struct move *m)
{
    uint64_t cost = passage_cost_of(c, (uint64_t)m->drive_ms + m->inspection_ms + m->turn_ms, m->length_mm, m->toll_centifen);
    return cost < WEIGHT_INFINITY ? (weight)cost : WEIGHT_INFINITY;
}
