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
    uint32_t broken;  /* rules, so far */
    bool ending;
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
    x->broken++;
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

/* ---- gates, chosen together ------------------------------------------------------------------------------------------ */

/* The borders of a move come one after the other: out of zones of u, into zones of v, and at the end of the leg out of zones of v. */
enum stage { STAGE_EXITS, STAGE_ENTRIES, STAGE_END };

struct border {
    enum stage stage;
    uint32_t member; /* where to look for it, and then the one after it */
    uint32_t zone;
    arc_id arc;
    enum gate_direction direction;
};

/* Whom the vehicle has met at the borders so far, the last first. */
struct met {
    const struct met *before;
    struct gate_event event;
};

struct choosing {
    struct moving *x;
    const struct arc_use *u, *v;
    int64_t least_drive_ms;
    bool found, refused, turned_away; /* some choice is lawful, some is not, some because it found no gate at a border */
    uint32_t broken;                  /* rules, by the best choice */
    struct move best;
    struct move_log *kept;            /* of the best choice, or of the first if there is none; only with a log */
};

/* The next border of this stage. */
static bool border_next(const struct choosing *g, struct border *b)
{
    const struct constraint *c = g->x->c;
    const struct rules *r = c->rules;
    const bool entering = b->stage == STAGE_ENTRIES;
    const struct arc_use *in = b->stage == STAGE_EXITS ? g->u : g->v, *other = b->stage == STAGE_EXITS ? g->v : entering ? g->u : NULL;
    if (!in || (b->stage == STAGE_END && !in->last) || !constraint_arc_gated(c, in->arc)) return false;
    for (uint32_t end = r->arc_first_member[in->arc + 1]; b->member < end;) {
        const uint32_t zone = r->member[b->member++].zone;
        const struct zone_state *z = constraint_zone(c, zone);
        bool starts, ends, unused;
        if (!z->gated || !constraint_binds(c, z) || constraint_zone_lifted(c, zone) || !in_controlled(c, in, zone, &starts, &ends))
            continue;
        if (other ? in_controlled(c, other, zone, &unused, &unused) : entering ? starts : ends) continue;
        b->zone = zone;
        b->arc = in->arc;
        b->direction = entering ? GATE_ENTER : GATE_EXIT;
        return true;
    }
    return false;
}

static struct border border_first(const struct choosing *g, enum stage stage)
{
    const struct arc_use *in = stage == STAGE_EXITS ? g->u : g->v;
    return (struct border){.stage = stage, .member = in ? g->x->c->rules->arc_first_member[in->arc] : 0};
}

/* Events in the order in which the staff was met, for those who serve a second border: of the arc's start before its end. */
static void log_order(struct move_log *log)
{
    for (uint32_t i = 1; i < log->gate_count; i++) {
        const struct gate_event e = log->gates[i];
        uint32_t at = i;
        for (; at > 0 && log->gates[at - 1].at_end == e.at_end && log->gates[at - 1].at_ms > e.at_ms; at--)
            log->gates[at] = log->gates[at - 1];
        log->gates[at] = e;
    }
}

static void log_event(struct moving *x, const struct border *b, struct gate_event *event)
{
    event->zone = b->zone;
    event->direction = b->direction;
    event->at_end = x->ending;
    if (!x->log) return;
    if (x->log->gate_count < MOVE_GATES_MAX) x->log->gates[x->log->gate_count++] = *event;
    else x->log->gates_full = true;
}

/* A choice is at its end: the best so far? */
static void choice_done(struct choosing *g)
{
    struct moving *x = g->x;
    if (g->found && (x->broken > g->broken || (x->broken == g->broken && x->now_ms >= g->best.arrive_ms))) return;
    g->found = true;
    g->broken = x->broken;
    g->best = *x->m;
    g->best.arrive_ms = x->now_ms;
    if (x->log) *g->kept = *x->log;
}

static void choice_refused(struct choosing *g, bool border)
{
    if (!g->found && !g->refused && g->x->log) *g->kept = *g->x->log;
    g->refused = true;
    g->turned_away = g->turned_away || border;
}

/* Nothing that a choice comes to from here on can be better than the best. What is looked at no more is as much worse at any other
 * moment, as long as all that was looked at says the same. */
static bool choice_hopeless(const struct choosing *g, enum stage stage)
{
    const struct moving *x = g->x;
    if (!g->found || x->broken < g->broken) return false;
    return x->broken > g->broken || x->now_ms + (stage == STAGE_END ? 0 : g->least_drive_ms) >= g->best.arrive_ms;
}

/* One who has inspected the vehicle and serves this border, too. */
static const struct met *met_again(const struct constraint *c, const struct border *b, const struct met *met)
{
    if (!met) return NULL;
    for (uint32_t i = c->rules->arc_first_gate[b->arc]; i < c->rules->arc_first_gate[b->arc + 1]; i++) {
        const struct gate_arc *gate = &c->rules->gate_arcs[i];
        if (gate->zone != b->zone || !(gate->direction & b->direction)) continue;
        for (const struct met *m = met; m; m = m->before)
            if (m->event.checkpoint == gate->checkpoint) return m;
    }
    return NULL;
}

static void choose(struct choosing *g, struct border b, const struct met *met);

/* All gates of a border by turns. False: none lets the vehicle pass, `*why` says why. */
static bool choose_gate(struct choosing *g, const struct border *b, const struct met *met, struct breach *why)
{
    struct moving *x = g->x;
    const struct constraint *c = x->c;
    const struct moving before = *x;
    const uint32_t gates = x->log ? x->log->gate_count : 0, breaches = x->log ? x->log->breach_count : 0;
    const uint32_t inspected_ms = x->m->inspection_ms;
    bool any = false, asked = false;
    *why = breach_of(CONFLICT_ZONE, STATUS_NO_OPEN_GATE, b->zone, UINT32_MAX, UINT32_MAX, c->n->arc_road[b->arc]);
    for (uint32_t i = c->rules->arc_first_gate[b->arc]; i < c->rules->arc_first_gate[b->arc + 1]; i++) {
        const struct gate_arc *gate = &c->rules->gate_arcs[i];
        if (gate->zone != b->zone || !(gate->direction & b->direction)) continue;
        struct met here = {.before = met};
        struct breach not;
        x->m->gate = true;
        if (!checkpoint_passes(x, gate->checkpoint, &here.event, &not)) {
            not.zone = b->zone;
            not.road = c->n->arc_road[b->arc];
            if (!asked || (why->kind == CONFLICT_GATE && not.kind == CONFLICT_CREDENTIAL)) *why = not;
            asked = true;
            continue;
        }
        any = true;
        x->now_ms += here.event.inspection_ms;
        x->m->inspection_ms += here.event.inspection_ms;
        if (!choice_hopeless(g, b->stage)) {
            log_event(x, b, &here.event);
            choose(g, *b, &here);
        }
        *x = before;
        x->m->inspection_ms = inspected_ms;
        if (x->log) x->log->gate_count = gates, x->log->breach_count = breaches;
    }
    return any;
}

/* Goes on past border after border; whoever called undoes it. */
static void choose(struct choosing *g, struct border b, const struct met *met)
{
    struct moving *x = g->x;
    for (;;) {
        if (!border_next(g, &b)) {
            switch (b.stage) {
            case STAGE_EXITS: x->now_ms += x->m->turn_ms; break;
            case STAGE_ENTRIES:
                if (!drive(x, g->v)) {
                    choice_refused(g, false);
                    return;
                }
                x->ending = true;
                break;
            case STAGE_END: choice_done(g); return;
            }
            b = border_first(g, b.stage + 1);
            continue;
        }
        if (!zone_binds(x, constraint_zone(x->c, b.zone))) continue;
        const struct met *again = met_again(x->c, &b, met);
        struct breach why;
        if (again) {
            struct gate_event event = again->event;
            event.inspection_ms = 0;
            log_event(x, &b, &event);
        } else if (choose_gate(g, &b, met, &why)) {
            return;
        } else if (!note_breach(x, why)) {
            choice_refused(g, true);
            return;
        }
    }
}

/* A move on which there may be borders of gated zones. False: no choice of gates is lawful. */
static bool move_by_gates(struct moving *x, const struct arc_use *u, const struct arc_use *v)
{
    struct move *m = x->m;
    struct move_log kept;
    struct choosing g = {.x = x, .u = u, .v = v, .kept = &kept};
    const uint32_t length = network_arc_length_mm(x->c->n, v->arc), used = v->to_mm - v->from_mm;
    g.least_drive_ms = constraint_arc_ms(x->c, v->arc);
    if (length > 0 && used < length) g.least_drive_ms = g.least_drive_ms * used / length;
    choose(&g, border_first(&g, STAGE_EXITS), NULL);
    if (x->log) *x->log = kept;
    if (!g.found) {
        if (u && g.turned_away && x->reading == MOVE_EXACT) { /* refused at one border, it may wait at the gate of another: both are here */
            gates_beside(x, u, v, GATE_EXIT);
            gates_beside(x, v, u, GATE_ENTER);
        }
        m->arrive_ms = x->now_ms;
        return false;
    }
    g.best.gate = m->gate;
    g.best.change_ms = m->change_ms;
    g.best.end_change_ms = m->end_change_ms;
    *m = g.best;
    if (x->log) log_order(x->log);
    return true;
}

bool passage_move(const struct constraint *c, const struct arc_use *u, turn_id turn, const struct arc_use *v,
                  int64_t at_ms, enum move_reading reading, struct move *m, struct move_log *log)
{
    struct moving x = {.c = c, .reading = reading, .m = m, .log = log, .begin_ms = at_ms, .now_ms = at_ms};
    *m = (struct move){.change_ms = TIME_OPEN, .end_change_ms = TIME_OPEN};
    if (log) log->gate_count = log->breach_count = 0, log->gates_full = false;
    if (u) {
        if (c->g->forbidden_to[turn] & c->subject) return false;
        m->turn_ms = c->g->cost_ms[turn];
    }
    bool lawful;
    if ((u && constraint_arc_gated(c, u->arc)) || constraint_arc_gated(c, v->arc)) {
        lawful = move_by_gates(&x, u, v);
    } else {
        x.now_ms += m->turn_ms;
        lawful = drive(&x, v);
        m->arrive_ms = x.now_ms;
    }
    if (reading == MOVE_EXACT && c->request->end_before_ms && m->arrive_ms >= c->request->end_before_ms) return false;
    return reading == MOVE_RELAX || lawful;
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
    uint32_t inspection_ms = c->request->prefer == PREFER_DRIVING ? 0 : m->inspection_ms;
    uint64_t cost = passage_cost_of(c, (uint64_t)m->drive_ms + inspection_ms + m->turn_ms, m->length_mm, m->toll_centifen);
    return cost < WEIGHT_INFINITY ? (weight)cost : WEIGHT_INFINITY;
}
