#include "routing/plan/checker.h"

#include "routing/constraint/leg_geometry.h"
#include "routing/network/network_build.h"
#include "routing/plan/avoided.h"
#include "routing/plan/checker_calls.h"
#include "routing/plan/checker_ground.h"

#include <stdlib.h>
#include <string.h>

enum { TURN_ROUND_MS = 20000, STATES_MAX = 64, CLOCK_SLACK_MS = 2000, BORDER_SLACK_MM = 2000 };

/* What zones near a road are about, for a vehicle. */
enum { NEAR_FORBIDS = 1 /* or perhaps: by where the leg ends */, NEAR_CAUTION = 2, NEAR_GATED = 4, NEAR_BITS = 3 };

/* Which rule of a zone applies to a vehicle, and of which kind those near a road are. Roads of one plan lie in the same zones, and
 * plans are for the same vehicles. */
struct rule_memo {
    const struct rules *rules; /* the ground's, which holds them */
    struct vehicle vehicle;
    uint32_t generation;       /* of what counts below; never 0 once begun */
    struct remembered {
        uint32_t generation, rule;
    } *zones;                  /* [zone_count] */
    uint32_t *roads;           /* [road_count] generation << NEAR_BITS | what is near */
};

struct checker {
    const struct base *base;
    struct ground ground;
    struct rule_memo rule;
    struct prepared *avoid;    /* of the request */
    node_id *areas[2];         /* [node_count] for light vehicles and lorries, made on first use: see areas_make */
    struct checker_offence offence;
};

const struct checker_offence *checker_last_offence(const struct checker *k)
{
    return &k->offence;
}

enum status checker_new(const struct base *base, struct checker **out, struct error *err)
{
    struct checker *k = calloc(1, sizeof *k);
    if (!k) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    k->base = base;
    enum status status = ground_init(&k->ground, base, err);
    if (status != STATUS_OK) {
        checker_free(k);
        return status;
    }
    *out = k;
    return STATUS_OK;
}

void checker_free(struct checker *k)
{
    if (!k) return;
    prepared_free(k->avoid);
    ground_clear(&k->ground);
    free(k->rule.zones);
    free(k->rule.roads);
    free(k->areas[0]);
    free(k->areas[1]);
    free(k);
}

/* ---- clock and credentials -------------------------------------------------------------------------------------------- */

struct checking {
    struct checker *k;
    const struct network *n;
    const struct rules_input *in;
    const struct route_request *request;
    const struct plan *plan;
    struct error *err;
    bool lorry;
    int tail;
    int64_t end_ms;          /* of the plan: credentials must last until then */
    int64_t left_at_home_ms; /* those that end by then are not taken along */
    /* of the leg */
    const struct leg *leg;
    uint32_t leg_index;
    int64_t start_ms; /* of driving */
    bool doubtful_clock, turned; /* round at the call it leaves */
    uint32_t closure;            /* that an offence is against */
    /* where an offence would be: at a point, or along an arc */
    int64_t at_ms;
    struct point_e7 point;
    arc_id at_arc;
    uint32_t at_mm;
    struct judgement *judgement; /* NULL: being late is an offence */
};

static enum status offence(struct checking *x, enum offence_kind kind, uint32_t arc, uint32_t zone)
{
    const char *what = offence_text(kind, LANGUAGE_EN);
    x->k->offence = (struct checker_offence){
        .kind = kind, .leg = x->leg_index, .zone = zone, .closure = x->closure, .at_ms = x->at_ms,
        .point = x->at_arc == NO_ARC ? x->point : leg_arc_point(x->n, x->at_arc, x->at_mm)};
    if (x->judgement)
        *x->judgement = (struct judgement){.kind = kind, .leg = x->leg_index, .arc = arc, .zone = zone,
                                           .closure = x->closure, .late_ms = x->judgement->late_ms};
    error_set(x->err, STATUS_CHECKER_DISAGREES, MESSAGE_CHECKER_DISAGREES);
    error_log(x->err, "checker: %s (leg %u, arc %u, zone %s)", what, x->leg_index, arc,
              zone < x->in->zone_count ? x->in->zones[zone].id : "-");
    return STATUS_CHECKER_DISAGREES;
}

/* What is looked at from now on happens there and then. */
static void stand(struct checking *x, int64_t at_ms, struct point_e7 point)
{
    x->at_ms = at_ms;
    x->point = point;
    x->at_arc = NO_ARC;
}

static void drive(struct checking *x, int64_t at_ms, arc_id a, uint32_t offset_mm)
{
    x->at_ms = at_ms;
    x->at_arc = a;
    x->at_mm = offset_mm;
}

static bool credential_holds(const struct checking *x, const char *code, int64_t max_age_s, int64_t at_ms)
{
    for (uint32_t i = 0; i < x->request->credential_count; i++) {
        const struct credential *c = &x->request->credentials[i];
        if (strcmp(c->type_code, code) != 0) continue;
        if (c->issued_ms == INT64_MIN && c->valid_from_ms == INT64_MIN && c->valid_until_ms == TIME_OPEN) continue; /* no date */
        if (c->valid_until_ms <= x->left_at_home_ms) continue;
        if (c->valid_from_ms != INT64_MIN && at_ms < c->valid_from_ms) continue;
        if (c->valid_until_ms != TIME_OPEN && (at_ms >= c->valid_until_ms || x->end_ms >= c->valid_until_ms)) continue;
        if (c->issued_ms != INT64_MIN && at_ms < c->issued_ms) continue;
        if (max_age_s > 0 && (c->issued_ms == INT64_MIN || at_ms - c->issued_ms > max_age_s * 1000)) continue;
        return true;
    }
    return false;
}

static bool type_holds(const struct checking *x, credential_type_index type, int64_t max_age_s, int64_t at_ms)
{
    const struct credential_type *t = &x->in->credential_types[type];
    return credential_holds(x, t->code, max_age_s ? max_age_s : t->default_max_age_s, at_ms);
}

static bool in_force(const struct checking *x, const struct schedule *a, const struct schedule *b,
                     const credential_type_index *exempt, uint32_t exempt_count, int64_t at_ms)
{
    if (!schedule_holds(a, &x->in->calendar, x->tail, at_ms)) return false;
    if (b && !schedule_holds(b, &x->in->calendar, x->tail, at_ms)) return false;
    for (uint32_t i = 0; i < exempt_count; i++)
        if (type_holds(x, exempt[i], 0, at_ms)) return false;
    return true;
}

static bool zone_in_force(const struct checking *x, uint32_t zone, uint32_t rule, int64_t at_ms)
{
    const struct zone_rule *r = &x->in->zones[zone].rules[rule];
    return in_force(x, &x->in->zones[zone].schedule, &r->hours, r->exempt, r->exempt_count, at_ms);
}

/* The next moment after at_ms at which a zone's force may change. */
static int64_t zone_change(const struct checking *x, uint32_t zone, uint32_t rule, int64_t at_ms)
{
    const struct zone_rule *r = &x->in->zones[zone].rules[rule];
    int64_t a = schedule_next_change(&x->in->zones[zone].schedule, &x->in->calendar, x->tail, at_ms);
    int64_t b = schedule_next_change(&r->hours, &x->in->calendar, x->tail, at_ms);
    int64_t next = a < b ? a : b;
    for (uint32_t i = 0; r->exempt_count > 0 && i < x->request->credential_count; i++) {
        const struct credential *c = &x->request->credentials[i];
        for (uint32_t e = 0; e < r->exempt_count; e++) {
            int64_t age = x->in->credential_types[r->exempt[e]].default_max_age_s;
            int64_t moments[4] = {c->valid_from_ms, c->valid_until_ms, c->issued_ms,
                                  c->issued_ms != INT64_MIN && age > 0 ? c->issued_ms + age * 1000 + 1 : INT64_MIN};
            for (int m = 0; m < 4; m++)
                if (moments[m] > at_ms && moments[m] < next) next = moments[m];
        }
    }
    return next;
}

static bool class_open(const struct checking *x, const struct zone_rule *r, road_index road)
{
    if (r->kind == RULE_CLOSED || r->kind == RULE_CAUTION) return false;
    if (r->open_classes >> x->n->road_class[road] & 1) return true;
    return (r->open_classes >> ROAD_MOTORWAY & 1) && (x->n->road_flags[road] & ROAD_THROUGH_RAMP);
}

static enum status rule_memo_begin(struct checker *k, const struct vehicle *v, struct error *err)
{
    struct rule_memo *m = &k->rule;
    size_t zones = (size_t)k->ground.rules->input->zone_count + 1, roads = (size_t)k->base->network.road_count + 1;
    if (m->rules == k->ground.rules && memcmp(&m->vehicle, v, sizeof *v) == 0) return STATUS_OK;
    if (!m->roads) m->roads = calloc(roads, sizeof *m->roads);
    if (m->rules != k->ground.rules) {
        free(m->zones);
        m->zones = calloc(zones, sizeof *m->zones);
        m->rules = m->zones ? k->ground.rules : NULL;
    }
    if (!m->rules || !m->roads) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (++m->generation >> (32 - NEAR_BITS)) {
        memset(m->zones, 0, zones * sizeof *m->zones);
        memset(m->roads, 0, roads * sizeof *m->roads);
        m->generation = 1;
    }
    memcpy(&m->vehicle, v, sizeof *v);
    return STATUS_OK;
}

static uint32_t rule_of(const struct checking *x, uint32_t zone)
{
    const struct rule_memo *m = &x->k->rule;
    struct remembered *z = &m->zones[zone];
    if (z->generation != m->generation)
        *z = (struct remembered){m->generation, rules_zone_rule(&x->in->zones[zone], &x->request->vehicle)};
    return z->rule;
}

static bool avoided_by_name(const struct checking *x, uint32_t zone)
{
    for (uint32_t i = 0; i < x->request->avoid_zone_count; i++)
        if (strcmp(x->request->avoid_zones[i], x->in->zones[zone].id) == 0) return true;
    return false;
}

/* ground_findings of a road; none, if no zone near it has a rule of that kind for this vehicle and none is avoided by name. */
static enum status findings_of(struct checking *x, road_index road, uint32_t kind, size_t *first)
{
    const struct rule_memo *m = &x->k->rule;
    bool known = m->roads[road] >> NEAR_BITS == m->generation, named = x->request->avoid_zone_count > 0;
    *first = GROUND_NOTHING;
    if (known && !named && !(m->roads[road] & kind)) return STATUS_OK;
    enum status status = ground_findings(&x->k->ground, road, first, x->err);
    if (status != STATUS_OK || named) return status;
    if (!known) {
        uint32_t near = 0;
        for (const struct finding *f = x->k->ground.findings + *first; f->zone != UINT32_MAX; f++) {
            uint32_t rule = rule_of(x, f->zone);
            if (rule == UINT32_MAX) continue;
            enum rule_kind is = x->in->zones[f->zone].rules[rule].kind;
            near |= (is == RULE_CAUTION ? NEAR_CAUTION : NEAR_FORBIDS) | (is == RULE_GATED ? NEAR_GATED : 0u);
        }
        m->roads[road] = m->generation << NEAR_BITS | near;
    }
    if (!(m->roads[road] & kind)) *first = GROUND_NOTHING;
    return STATUS_OK;
}

/* ---- zones ---------------------------------------------------------------------------------------------------------------- */

/* Does the leg start or end inside, perhaps? */
static enum status touches_end(struct checking *x, uint32_t zone, bool *yes)
{
    const struct waypoint *ends[2] = {&x->plan->waypoints[x->leg->from], &x->plan->waypoints[x->leg->to]};
    *yes = false;
    for (int i = 0; i < 2 && !*yes; i++) {
        int place;
        enum status status = ground_place(&x->k->ground, zone, ends[i]->snapped, &place, x->err);
        if (status != STATUS_OK) return status;
        *yes = place > 0;
    }
    return STATUS_OK;
}

/* Is the part [from, to] of the arc, driven in [begin, end], in the zone while `rule` is in force? */
static enum status driven_in_force(struct checking *x, uint32_t zone, uint32_t rule, arc_id a, uint32_t from_mm,
                                   uint32_t to_mm, int64_t begin_ms, int64_t end_ms, bool always, bool *yes)
{
    *yes = false;
    for (int64_t at = begin_ms; at < end_ms && !*yes;) {
        int64_t change = always ? TIME_OPEN : zone_change(x, zone, rule, at), until = change < end_ms ? change : end_ms;
        if (always || zone_in_force(x, zone, rule, at)) {
            uint64_t span = (uint64_t)(end_ms - begin_ms), used = to_mm - from_mm;
            uint32_t p = from_mm + (uint32_t)(used * (uint64_t)(at - begin_ms) / span);
            uint32_t q = from_mm + (uint32_t)(used * (uint64_t)(until - begin_ms) / span);
            double longest;
            enum status status = ground_part(&x->k->ground, x->k->ground.shapes[zone].prepared, a, p, q, &longest, x->err);
            if (status != STATUS_OK) return status;
            *yes = longest > ground_threshold_m(&x->in->zones[zone]) + PREPARED_SLACK_M;
        }
        at = until;
    }
    return STATUS_OK;
}

static enum status zones_check(struct checking *x, arc_id a, uint32_t from_mm, uint32_t to_mm, int64_t begin_ms,
                               int64_t end_ms)
{
    road_index road = x->n->arc_road[a];
    size_t f;
    enum status status = findings_of(x, road, NEAR_FORBIDS, &f);
    if (status != STATUS_OK) return status;
    for (uint32_t z; (z = x->k->ground.findings[f].zone) != UINT32_MAX; f++) {
        const struct zone *zone = &x->in->zones[z];
        uint32_t rule = rule_of(x, z);
        bool named = avoided_by_name(x, z), denies = true, leg_dependent = false, yes;
        enum verdict v;
        if (!named) {
            if (rule == UINT32_MAX) continue;
            const struct zone_rule *r = &zone->rules[rule];
            denies = r->kind == RULE_CLOSED || r->kind == RULE_THROUGH_ONLY;
            leg_dependent = r->kind == RULE_DESTINATION_ONLY || (r->kind == RULE_GATED && r->transit_deny);
            if (!(denies || leg_dependent) || class_open(x, r, road)) continue;
        }
        if ((status = ground_verdict(&x->k->ground, road, f, &v, x->err)) != STATUS_OK) return status;
        if (v != VERDICT_IN) continue;
        if (!denies) {
            if ((status = touches_end(x, z, &yes)) != STATUS_OK) return status;
            if (yes) continue;
        }
        status = driven_in_force(x, z, rule, a, from_mm, to_mm, begin_ms, end_ms, named, &yes);
        if (status != STATUS_OK) return status;
        if (yes) return offence(x, OFFENCE_ZONE, a, z);
    }
    return STATUS_OK;
}

/* A stop on a road where a closure allows none, in either direction. */
static enum status stopping_check(struct checking *x, const struct waypoint *w, int64_t from_ms, int64_t until_ms)
{
    const struct rules *r = x->k->ground.rules;
    for (uint32_t way = 0; way < 2; way++) {
        arc_id a = x->n->road_arc[2 * (size_t)w->road + way];
        if (a == NO_ARC) continue;
        for (uint32_t i = r->arc_first_closure[a]; i < r->arc_first_closure[a + 1]; i++) {
            const struct closure *c = &x->in->closures[r->arc_closure[i]];
            uint32_t exempt = c->physical ? 0 : c->exempt_count;
            if (c->action != CLOSURE_NO_STOPPING || !subject_matches(&c->subject, &x->request->vehicle)) continue;
            bool forced = in_force(x, &c->schedule, NULL, c->exempt, exempt, from_ms);
            for (int64_t at = from_ms; !forced && at < until_ms;) {
                at = schedule_next_change(&c->schedule, &x->in->calendar, x->tail, at);
                forced = at < until_ms && in_force(x, &c->schedule, NULL, c->exempt, exempt, at);
            }
            if (forced) return x->closure = r->arc_closure[i], offence(x, OFFENCE_NO_STOPPING, NO_ARC, UINT32_MAX);
        }
    }
    return STATUS_OK;
}

/* A stop in a zone that allows none. Only a zone that the road runs through can hold a place on it. */
static enum status call_check(struct checking *x, const struct waypoint *w, int64_t from_ms, int64_t until_ms)
{
    size_t f;
    stand(x, from_ms, w->snapped);
    enum status status = findings_of(x, w->road, NEAR_FORBIDS, &f);
    if (status != STATUS_OK) return status;
    for (uint32_t z; (z = x->k->ground.findings[f].zone) != UINT32_MAX; f++) {
        uint32_t rule = rule_of(x, z);
        bool named = avoided_by_name(x, z);
        enum verdict v;
        if (!named && (rule == UINT32_MAX || (x->in->zones[z].rules[rule].kind != RULE_CLOSED &&
                                              x->in->zones[z].rules[rule].kind != RULE_THROUGH_ONLY)))
            continue;
        if ((status = ground_verdict(&x->k->ground, w->road, f, &v, x->err)) != STATUS_OK) return status;
        if (v != VERDICT_IN) continue;
        int place;
        status = ground_place(&x->k->ground, z, w->snapped, &place, x->err);
        if (status != STATUS_OK) return status;
        if (place < 2) continue;
        bool forced = named || zone_in_force(x, z, rule, from_ms);
        for (int64_t at = from_ms; !forced && at < until_ms;) {
            at = zone_change(x, z, rule, at);
            forced = at < until_ms && zone_in_force(x, z, rule, at);
        }
        if (forced) return offence(x, OFFENCE_STOP, NO_ARC, z);
    }
    return stopping_check(x, w, from_ms, until_ms);
}

/* ---- gates ------------------------------------------------------------------------------------------------------------------ */

/* One passage as the plan tells it: a gate of that zone, open, with what it asks. */
/* The passage at which who serves this border has inspected on the same move: at the same place, or at both ends of the last arc. */
static const struct gate_passage *inspected_before(const struct leg *leg, uint32_t gate)
{
    const struct gate_passage *p = &leg->gates[gate];
    const uint64_t last_mm = leg->last_offset_mm - (leg->arc_count == 1 ? leg->first_offset_mm : 0);
    for (uint32_t g = 0; g < gate; g++)
        if (leg->gates[g].checkpoint == p->checkpoint &&
            (leg->gates[g].offset_mm == p->offset_mm || leg->gates[g].offset_mm + last_mm >= leg->distance_mm))
            return &leg->gates[g];
    return NULL;
}

/* How long a passage takes beside waiting. One of which these rules know nothing, or that is not asked for any more: as it says. */
static uint32_t inspection_due(const struct checking *x, uint32_t gate)
{
    const struct gate_passage *p = &x->leg->gates[gate];
    if (p->checkpoint == UINT32_MAX) return p->inspection_ms;
    const struct checkpoint *c = &x->in->checkpoints[p->checkpoint];
    const uint32_t rule = rule_of(x, p->zone);
    if (rule == UINT32_MAX || !zone_in_force(x, p->zone, rule, p->at_ms + p->wait_ms)) return p->inspection_ms;
    if (p->inspection_ms == 0 && inspected_before(x->leg, gate)) return 0;
    return p->green_channel ? c->green_ms : c->normal_ms;
}

static enum status passage_check(struct checking *x, uint32_t gate)
{
    const struct gate_passage *p = &x->leg->gates[gate];
    if (p->checkpoint == UINT32_MAX) return STATUS_OK; /* of other rules: no gate any more */
    const struct checkpoint *c = &x->in->checkpoints[p->checkpoint];
    int64_t at = p->at_ms + p->wait_ms;
    bool tied = false;
    stand(x, at, p->point);
    uint32_t rule = rule_of(x, p->zone);
    if (rule == UINT32_MAX || !zone_in_force(x, p->zone, rule, at)) return STATUS_OK; /* it waited until none was asked */
    for (uint32_t i = 0; i < c->gate_count; i++)
        tied = tied || (c->gates[i].zone == p->zone && (c->gates[i].direction & p->direction));
    if (!tied) return offence(x, OFFENCE_NO_GATE, NO_ARC, p->zone);
    /* two gates of one manoeuvre are passed one after the other: `at` is exact for each */
    if (!schedule_holds(&c->opening, &x->in->calendar, plate_tail_for_opening(x->tail), at))
        return offence(x, OFFENCE_GATE_CLOSED, NO_ARC, p->zone);
    bool met = c->group_count == 0;
    for (uint32_t g = 0; g < c->group_count && !met; g++) {
        met = true;
        for (uint32_t r = 0; r < c->groups[g].requirement_count && met; r++)
            met = type_holds(x, c->groups[g].requirements[r].type, c->groups[g].requirements[r].max_age_s, at);
    }
    if (!met) return offence(x, OFFENCE_CREDENTIAL, NO_ARC, p->zone);
    if (p->green_channel) {
        bool earned = false;
        for (uint32_t g = 0; g < c->green_count; g++) earned = earned || type_holds(x, c->green[g], 0, at);
        if (!earned) return offence(x, OFFENCE_GREEN_CHANNEL, NO_ARC, p->zone);
    }
    if (!x->judgement && p->inspection_ms != inspection_due(x, gate)) return offence(x, OFFENCE_INSPECTION, NO_ARC, p->zone);
    return STATUS_OK;
}

static bool has_passage(const struct leg *leg, uint32_t zone, enum gate_direction direction, uint64_t from_mm,
                        uint64_t until_mm)
{
    for (uint32_t i = 0; i < leg->gate_count; i++) {
        const struct gate_passage *p = &leg->gates[i];
        if (p->zone == zone && (p->direction & direction) && p->offset_mm >= from_mm && p->offset_mm <= until_mm)
            return true;
    }
    return false;
}

struct stretch_of_leg {
    arc_id arc;
    uint32_t from_mm, to_mm; /* along the arc */
    uint64_t at_mm;          /* of the leg at its start */
    int64_t begin_ms, end_ms;
};

/* VERDICT_IN, VERDICT_APART or VERDICT_DOUBT, which proves nothing. */
static enum status verdict_of(struct checking *x, uint32_t zone, const struct stretch_of_leg *s, enum verdict *v)
{
    road_index road = x->n->arc_road[s->arc];
    size_t f;
    *v = VERDICT_APART;
    enum status status = ground_findings(&x->k->ground, road, &f, x->err);
    if (status != STATUS_OK) return status;
    while (x->k->ground.findings[f].zone != UINT32_MAX && x->k->ground.findings[f].zone != zone) f++;
    if (x->k->ground.findings[f].zone == UINT32_MAX) return STATUS_OK;
    status = ground_verdict_surely(&x->k->ground, road, f, v, x->err);
    if (status != STATUS_OK || *v == VERDICT_APART) return status;
    const bool whole_in = *v == VERDICT_IN;
    if (s->to_mm - s->from_mm == network_arc_length_mm(x->n, s->arc)) return STATUS_OK;
    if (s->to_mm == s->from_mm) { /* a call on a junction: nothing is driven here that could be out or in */
        *v = VERDICT_DOUBT;
        return STATUS_OK;
    }
    /* Of a part, whatever is in counts for the engine: surely in is what is long enough, surely out what would be out if it
     * began and ended a little farther on. A call on the border may be found on either side of it. */
    struct prepared *shape = x->k->ground.shapes[zone].prepared, *grown;
    uint32_t length = network_arc_length_mm(x->n, s->arc);
    uint32_t from = s->from_mm > BORDER_SLACK_MM ? s->from_mm - BORDER_SLACK_MM : 0;
    uint32_t to = length - s->to_mm > BORDER_SLACK_MM ? s->to_mm + BORDER_SLACK_MM : length;
    double longest, around;
    status = ground_grown(&x->k->ground, zone, &grown, x->err);
    if (status == STATUS_OK) status = ground_part(&x->k->ground, shape, s->arc, s->from_mm, s->to_mm, &longest, x->err);
    if (status == STATUS_OK) status = ground_part(&x->k->ground, grown, s->arc, from, to, &around, x->err);
    if (status != STATUS_OK) return status;
    *v = longest > ground_threshold_m(&x->in->zones[zone]) + PREPARED_SLACK_M && whole_in ? VERDICT_IN
         : longest > 0 || around > 0                                                               ? VERDICT_DOUBT
                                                                                                   : VERDICT_APART;
    return STATUS_OK;
}

/* Between an arc that is surely outside C of a gated zone and one that is surely inside, there is a gate. */
static enum status borders_check(struct checking *x, uint32_t zone, uint32_t rule, const struct stretch_of_leg *s,
                                 uint32_t count)
{
    const struct zone_rule *r = &x->in->zones[zone].rules[rule];
    int ends[2];
    enum verdict before = VERDICT_DOUBT;
    uint32_t since = 0; /* the last arc that was surely `before` */
    const struct waypoint *w = x->plan->waypoints;
    enum status status = ground_place(&x->k->ground, zone, w[x->leg->from].snapped, &ends[0], x->err);
    if (status == STATUS_OK) status = ground_place(&x->k->ground, zone, w[x->leg->to].snapped, &ends[1], x->err);
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < count; i++) {
        enum verdict v;
        drive(x, s[i].begin_ms, s[i].arc, s[i].from_mm);
        status = verdict_of(x, zone, &s[i], &v);
        if (status != STATUS_OK) return status;
        bool open = class_open(x, r, x->n->arc_road[s[i].arc]);
        if (open) v = VERDICT_APART;
        /* in force until the gates there, of other zones, are passed */
        if (i == 0 && v == VERDICT_IN && ends[0] == 0 && zone_in_force(x, zone, rule, x->start_ms) &&
            zone_change(x, zone, rule, x->start_ms) > s[0].begin_ms && !has_passage(x->leg, zone, GATE_ENTER, 0, s[0].at_mm))
            return offence(x, OFFENCE_UNGATED_START, s[i].arc, zone);
        if (v == VERDICT_DOUBT) continue;
        if (before != VERDICT_DOUBT && before != v) {
            enum gate_direction direction = v == VERDICT_IN ? GATE_ENTER : GATE_EXIT;
            /* in force all the while between the two: then there is no excuse */
            bool forced = zone_in_force(x, zone, rule, s[since].end_ms) &&
                          zone_change(x, zone, rule, s[since].end_ms) > s[i].begin_ms;
            if (forced && !has_passage(x->leg, zone, direction, s[since].at_mm, s[i].at_mm))
                return offence(x, v == VERDICT_IN ? OFFENCE_UNGATED_ENTRY : OFFENCE_UNGATED_EXIT, s[i].arc, zone);
        }
        before = v;
        since = i;
    }
    /* in force until the gates at the end, of other zones, are passed */
    if (count > 0 && before == VERDICT_IN && since == count - 1 && ends[1] == 0 &&
        zone_in_force(x, zone, rule, s[since].end_ms) && zone_change(x, zone, rule, s[since].end_ms) > x->leg->arrive_ms &&
        !has_passage(x->leg, zone, GATE_EXIT, s[since].at_mm, UINT64_MAX))
        return offence(x, OFFENCE_UNGATED_END, s[since].arc, zone);
    return STATUS_OK;
}

/* ---- roads -------------------------------------------------------------------------------------------------------------------- */

/* Nodes that roads for destination traffic join, directly or over others, have one number: the least of theirs. */
static enum status areas_make(struct checker *k, bool lorry, struct error *err)
{
    const struct network *n = &k->base->network;
    const uint8_t *access = lorry ? n->arc_access_lorry : n->arc_access_light;
    node_id *area = malloc(((size_t)n->node_count + 1) * sizeof *area);
    if (!area) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (node_id v = 0; v < n->node_count; v++) area[v] = v;
    for (arc_id a = 0; a < n->arc_count; a++) {
        node_id high = n->arc_tail[a], low = n->arc_head[a], swap;
        if (access[a] != ACCESS_DESTINATION) continue;
        while (area[high] != high) high = area[high];
        while (area[low] != low) low = area[low];
        if (low > high) swap = low, low = high, high = swap;
        area[high] = low;
        for (node_id v = n->arc_tail[a]; v != low; v = swap) swap = area[v], area[v] = low; /* so that chains stay short */
        for (node_id v = n->arc_head[a]; v != low; v = swap) swap = area[v], area[v] = low;
    }
    for (node_id v = 0; v < n->node_count; v++) area[v] = area[area[v]]; /* what a node hangs on has a lower number */
    k->areas[lorry] = area;
    return STATUS_OK;
}

/* Does the leg start or end in the area of roads for destination traffic that the arc is of? */
static enum status destination_area_touches(struct checking *x, arc_id a, bool *yes)
{
    const uint8_t *access = x->lorry ? x->n->arc_access_lorry : x->n->arc_access_light;
    const struct waypoint *w = x->plan->waypoints;
    enum status status = x->k->areas[x->lorry] ? STATUS_OK : areas_make(x->k, x->lorry, x->err);
    *yes = false;
    for (int e = 0; status == STATUS_OK && e < 2; e++)
        for (int way = 0; way < 2; way++) {
            arc_id end = x->n->road_arc[2 * (size_t)w[e ? x->leg->to : x->leg->from].road + way];
            const node_id *area = x->k->areas[x->lorry];
            *yes = *yes || (end != NO_ARC && access[end] == ACCESS_DESTINATION && area[x->n->arc_tail[end]] == area[x->n->arc_tail[a]]);
        }
    return status;
}

static enum status road_check(struct checking *x, arc_id a, int64_t begin_ms, int64_t end_ms)
{
    const struct network *n = x->n;
    const struct vehicle *v = &x->request->vehicle;
    road_index road = n->arc_road[a];
    uint8_t access = (x->lorry ? n->arc_access_lorry : n->arc_access_light)[a];
    bool open = access == ACCESS_YES;
    enum status status = access == ACCESS_DESTINATION ? destination_area_touches(x, a, &open) : STATUS_OK;
    if (status != STATUS_OK) return status;
    if (!open) return offence(x, OFFENCE_ACCESS, a, UINT32_MAX);
    const uint32_t *limits = rules_limits(x->k->ground.rules, road);
    const uint32_t values[LIMIT_COUNT] = {v->height_mm, v->width_mm, v->length_mm, v->gross_kg, v->axle_load_kg, v->axles,
                                          v->gross_kg};
    for (int i = 0; i < LIMIT_COUNT; i++)
        if (limits[i] > 0 && values[i] > limits[i]) return offence(x, OFFENCE_LIMIT, a, UINT32_MAX);
    if (v->hazmat && (x->k->ground.rules->road_flags[road] & ROAD_HAZMAT_NO)) return offence(x, OFFENCE_HAZMAT, a, UINT32_MAX);
    if ((x->request->avoid_classes >> n->road_class[road] & 1) ||
        (x->request->avoid_tolls && (n->road_flags[road] & ROAD_TOLL)))
        return offence(x, OFFENCE_AVOID, a, UINT32_MAX);
    const struct rules *r = x->k->ground.rules;
    for (uint32_t i = r->arc_first_closure[a]; i < r->arc_first_closure[a + 1]; i++) {
        const struct closure *c = &x->in->closures[r->arc_closure[i]];
        bool exit = n->road_flags[road] & ROAD_EXIT_RAMP, entry = n->road_flags[road] & ROAD_ENTRY_RAMP;
        bool hit = c->action == CLOSURE_CLOSED || (c->action == CLOSURE_ENTRY_BAN && (entry || !exit)) ||
                   (c->action == CLOSURE_EXIT_BAN && (exit || !entry)) ||
                   (c->action == CLOSURE_LIMIT && values[c->limit_kind] > c->limit_value);
        if (!hit || !subject_matches(&c->subject, v)) continue;
        uint32_t exempt = c->physical ? 0 : c->exempt_count;
        /* at its beginning and its end; a closure that comes and goes within one arc is below this check */
        if (in_force(x, &c->schedule, NULL, c->exempt, exempt, begin_ms) ||
            (end_ms > begin_ms && in_force(x, &c->schedule, NULL, c->exempt, exempt, end_ms - 1)))
            return x->closure = r->arc_closure[i], offence(x, OFFENCE_CLOSURE, a, UINT32_MAX);
    }
    return STATUS_OK;
}

/* Follows the turn graph; the set of arc nodes that the vehicle may be on. */
struct states {
    arc_node node[STATES_MAX];
    uint32_t count;
};

static void states_of_arc(const struct turn_graph *g, arc_id a, struct states *s)
{
    s->count = 0;
    s->node[s->count++] = a;
    for (uint32_t i = g->first_copy[a]; i < g->first_copy[a + 1] && s->count < STATES_MAX; i++)
        s->node[s->count++] = g->copy[i];
}

static bool states_step(const struct turn_graph *g, uint8_t subject, arc_id to, struct states *s, uint32_t *cost_ms)
{
    struct states next = {.count = 0};
    *cost_ms = UINT32_MAX;
    for (uint32_t i = 0; i < s->count; i++)
        for (turn_id t = g->first_out[s->node[i]]; t < g->first_out[s->node[i] + 1]; t++) {
            if (g->node_arc[g->head[t]] != to || (g->forbidden_to[t] & subject)) continue;
            if (next.count < STATES_MAX) next.node[next.count++] = g->head[t];
            if (g->cost_ms[t] < *cost_ms) *cost_ms = g->cost_ms[t];
        }
    *s = next;
    return next.count > 0;
}

/* Is a part of the arc in the zone, by the stretches that the compiler found? */
static bool part_in(const struct rules *r, const struct membership *m, uint32_t from_mm, uint32_t to_mm)
{
    const struct stretch *s = r->stretches + m->first_stretch;
    for (uint32_t i = 0; i < m->stretch_count; i++)
        if (from_mm == to_mm ? s[i].from_mm <= from_mm && from_mm <= s[i].until_mm : s[i].until_mm > from_mm && s[i].from_mm < to_mm)
            return true;
    return false;
}

static bool cautions(const struct checking *x, uint32_t zone)
{
    uint32_t rule = rule_of(x, zone);
    return rule != UINT32_MAX && x->in->zones[zone].rules[rule].kind == RULE_CAUTION && !avoided_by_name(x, zone);
}

/* The slowest of the zones of caution in force counts. */
static void slow_down(const struct checking *x, uint32_t zone, int64_t at_ms, uint64_t *permille)
{
    if (!cautions(x, zone)) return;
    uint32_t rule = rule_of(x, zone);
    uint64_t slow = x->in->zones[zone].rules[rule].slow_permille;
    if (slow > *permille && zone_in_force(x, zone, rule, at_ms)) *permille = slow;
}

/* Own clock: what the arc takes at this moment, to the millisecond, each of its steps rounded down: a vehicle may come to a border in the
 * last one before the zone begins. */
static enum status arc_time(struct checking *x, arc_id a, uint32_t from_mm, uint32_t to_mm, int64_t at_ms, int64_t *ms)
{
    const struct network *n = x->n;
    road_index road = n->arc_road[a];
    const struct vehicle *v = &x->request->vehicle;
    uint64_t length = n->road_length_mm[road];
    uint64_t full = n->arc_time_ms[a], permille = 1000;
    uint32_t cap = n->road_class[road] <= ROAD_MOTORWAY_LINK ? v->speed_limit_expressway_kmh : v->speed_limit_other_kmh;
    if (cap > 0 && n->arc_speed_kmh[a] > cap && length * 18 / (5 * (uint64_t)cap) > full) full = length * 18 / (5 * (uint64_t)cap);
    const struct rules *r = x->k->ground.rules;
    for (uint32_t i = r->arc_first_closure[a]; i < r->arc_first_closure[a + 1]; i++) {
        const struct closure *c = &x->in->closures[r->arc_closure[i]];
        if (c->action != CLOSURE_SPEED || c->limit_value == 0 || !subject_matches(&c->subject, v)) continue;
        if (!in_force(x, &c->schedule, NULL, c->exempt, c->physical ? 0 : c->exempt_count, at_ms)) continue;
        if (length * 18 / (5 * (uint64_t)c->limit_value) > full) full = length * 18 / (5 * (uint64_t)c->limit_value);
    }
    for (uint32_t i = r->arc_first_member[a]; i < r->arc_first_member[a + 1]; i++)
        if (cautions(x, r->member[i].zone) && part_in(r, &r->member[i], from_mm, to_mm)) slow_down(x, r->member[i].zone, at_ms, &permille);
    size_t f;
    enum status status = findings_of(x, road, NEAR_CAUTION, &f);
    if (status != STATUS_OK) return status;
    for (uint32_t z; (z = x->k->ground.findings[f].zone) != UINT32_MAX; f++) {
        enum verdict verdict;
        if (!cautions(x, z)) continue;
        if ((status = ground_verdict(&x->k->ground, road, f, &verdict, x->err)) != STATUS_OK) return status;
        if (verdict == VERDICT_IN && to_mm - from_mm == length) slow_down(x, z, at_ms, &permille);
        else if (verdict > VERDICT_OUT) x->doubtful_clock = true;
    }
    full = full * permille / 1000;
    *ms = (int64_t)(length > 0 ? full * (to_mm - from_mm) / length : full);
    return STATUS_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------ */

/* Passes a gate, and looks whether that is when the plan says: before the turn; one who need not ask again has asked when it did. */
static enum status pass(struct checking *x, uint32_t gate, uint32_t wait_ms, uint32_t turn_ms, int64_t *now)
{
    const struct gate_passage *p = &x->leg->gates[gate], *before = p->inspection_ms == 0 ? inspected_before(x->leg, gate) : NULL;
    *now += wait_ms;
    const int64_t late_ms = p->at_ms + p->wait_ms - *now, slack_ms = CLOCK_SLACK_MS + x->leg->arc_count;
    const bool in_time = late_ms <= slack_ms && late_ms >= -slack_ms - (int64_t)turn_ms;
    if (!x->judgement && !x->doubtful_clock && !in_time && !(before && before->at_ms + before->wait_ms == p->at_ms + p->wait_ms)) {
        stand(x, *now, p->point);
        return offence(x, OFFENCE_CLOCK, NO_ARC, p->zone);
    }
    *now += inspection_due(x, gate);
    return STATUS_OK;
}

static enum status leg_check(struct checking *x, struct states *states, struct stretch_of_leg *s)
{
    const struct leg *leg = x->leg;
    const struct turn_graph *g = &x->k->base->turns;
    uint8_t subject = (uint8_t)((x->lorry ? TURN_LORRY : TURN_LIGHT) | (x->request->vehicle.hazmat ? TURN_HAZMAT : 0));
    int64_t now = x->start_ms = leg->depart_ms + (x->turned ? TURN_ROUND_MS : 0);
    uint64_t driven = 0;
    uint32_t gate = 0, turn_ms = 0;
    enum status status;
    x->doubtful_clock = false;
    for (uint32_t i = 0; i < leg->arc_count; i++) {
        arc_id a = leg->arcs[i];
        if (a >= x->n->arc_count) return offence(x, OFFENCE_UNKNOWN_ARC, a, UINT32_MAX);
        uint32_t length = network_arc_length_mm(x->n, a);
        uint32_t from = i == 0 ? leg->first_offset_mm : 0, to = i + 1 == leg->arc_count ? leg->last_offset_mm : length;
        if (from > to || to > length) return offence(x, OFFENCE_NO_PART, a, UINT32_MAX);
        drive(x, now, a, from);
        if (i > 0) {
            if (!states_step(g, subject, a, states, &turn_ms)) return offence(x, OFFENCE_TURN, a, UINT32_MAX);
            now += turn_ms;
        }
        for (; gate < leg->gate_count && leg->gates[gate].offset_mm <= driven; gate++)
            if ((status = pass(x, gate, leg->gates[gate].wait_ms, turn_ms, &now)) != STATUS_OK) return status;
        if (i > 0 && i + 1 == leg->arc_count) /* for a gate at the very end the vehicle waits before the last arc */
            for (uint32_t late = gate; late < leg->gate_count; late++) now += leg->gates[late].wait_ms;
        int64_t ms;
        if ((status = arc_time(x, a, from, to, now, &ms)) != STATUS_OK) return status;
        s[i] = (struct stretch_of_leg){a, from, to, driven, now, now + ms};
        if ((status = road_check(x, a, now, now + ms)) != STATUS_OK) return status;
        if ((status = zones_check(x, a, from, to, now, now + ms)) != STATUS_OK) return status;
        if (x->k->avoid) {
            double longest;
            if ((status = ground_part(&x->k->ground, x->k->avoid, a, from, to, &longest, x->err)) != STATUS_OK) return status;
            if (longest > 5.0 + PREPARED_SLACK_M) return offence(x, OFFENCE_AVOID_AREA, a, UINT32_MAX);
        }
        now += ms;
        driven += to - from;
    }
    for (; gate < leg->gate_count; gate++)
        if ((status = pass(x, gate, leg->arc_count > 1 ? 0 : leg->gates[gate].wait_ms, 0, &now)) != STATUS_OK) return status;
    stand(x, leg->arrive_ms, x->plan->waypoints[leg->to].snapped);
    if (x->judgement) {
        if (x->leg_index == 0 || now - leg->arrive_ms > x->judgement->late_ms) x->judgement->late_ms = now - leg->arrive_ms;
    } else if (!x->doubtful_clock && llabs(now - leg->arrive_ms) > CLOCK_SLACK_MS + leg->arc_count)
        return offence(x, OFFENCE_CLOCK, NO_ARC, UINT32_MAX);
    for (uint32_t i = 0; i < leg->gate_count; i++)
        if ((status = passage_check(x, i)) != STATUS_OK) return status;
    uint32_t done[64], done_count = 0; /* gated zones that some arc is surely in, each once */
    for (uint32_t i = 0; i < leg->arc_count; i++) {
        road_index road = x->n->arc_road[leg->arcs[i]];
        size_t f;
        if ((status = findings_of(x, road, NEAR_GATED, &f)) != STATUS_OK) return status;
        for (uint32_t z; (z = x->k->ground.findings[f].zone) != UINT32_MAX; f++) {
            uint32_t rule = rule_of(x, z);
            if (rule == UINT32_MAX || x->in->zones[z].rules[rule].kind != RULE_GATED || avoided_by_name(x, z)) continue;
            bool known = false;
            enum verdict v;
            for (uint32_t k = 0; k < done_count && !known; k++) known = done[k] == z;
            if (known) continue;
            if ((status = ground_verdict(&x->k->ground, road, f, &v, x->err)) != STATUS_OK) return status;
            if (v != VERDICT_IN) continue;
            if (done_count < 64) done[done_count++] = z;
            if ((status = borders_check(x, z, rule, s, leg->arc_count)) != STATUS_OK) return status;
        }
    }
    return STATUS_OK;
}

/* The leg goes on from where and how the one before arrived, or turned round at a turning place. */
static enum status join_check(struct checking *x, const struct leg *before, struct states *states)
{
    const struct leg *leg = x->leg;
    const struct network *n = x->n;
    arc_id from = before->arcs[before->arc_count - 1], to = leg->arcs[0];
    const struct waypoint *w = &x->plan->waypoints[leg->from];
    bool turning_place = w->rest ? w->rest <= x->in->facility_count && x->in->facilities[w->rest - 1].turning_place
                                 : w->call < x->request->call_count && x->request->calls[w->call].turning_place;
    if (from == to && before->last_offset_mm == leg->first_offset_mm) return STATUS_OK;
    bool round = to == network_opposite(n, from) &&
                 before->last_offset_mm + leg->first_offset_mm == network_arc_length_mm(n, from);
    if (!round || !turning_place) return offence(x, OFFENCE_JOIN, to, UINT32_MAX);
    states_of_arc(&x->k->base->turns, to, states);
    states->count = 1;
    x->turned = true;
    return STATUS_OK;
}

/* What must be stood at a waypoint. */
static int64_t service_due(const struct checking *x, uint32_t waypoint)
{
    const struct waypoint *w = &x->plan->waypoints[waypoint];
    if (waypoint == 0 || waypoint == x->plan->leg_count) return 0;
    if (w->rest) return journey_limits_of(x->request, x->in).rest_ms;
    return w->call < x->request->call_count ? x->request->calls[w->call].service_ms : 0;
}

/* A rest: at a facility that is there for it, and asked for. How far from it the vehicle stands is as for calls (checker_calls.h). */
static enum status rest_check(struct checking *x, const struct waypoint *w)
{
    const struct facility *f = w->rest && w->rest <= x->in->facility_count ? &x->in->facilities[w->rest - 1] : NULL;
    if (w->rest == 0) return STATUS_OK;
    if (!x->request->rests || !f || !(f->uses & FACILITY_REST) || !point_e7_equal(f->point, w->requested))
        return offence(x, OFFENCE_REST, NO_ARC, UINT32_MAX);
    return STATUS_OK;
}

/* Driving is all time on the way but waiting and inspections. */
static enum status driving_check(struct checking *x)
{
    struct journey_limits limits = journey_limits_of(x->request, x->in);
    int64_t since = 0;
    for (uint32_t i = 0; x->request->rests && i < x->plan->leg_count; i++) {
        x->leg = &x->plan->legs[i];
        x->leg_index = i;
        since += x->leg->arrive_ms - x->leg->depart_ms - x->leg->wait_ms;
        for (uint32_t g = 0; g < x->leg->gate_count; g++) since -= x->leg->gates[g].inspection_ms;
        if (since > limits.max_drive_ms) return offence(x, OFFENCE_DRIVING_TIME, NO_ARC, UINT32_MAX);
        if (service_due(x, i + 1) >= limits.rest_ms) since = 0;
    }
    return STATUS_OK;
}

/* It does what was asked. */
static enum status question_check(struct checking *x)
{
    struct calls_offence o;
    enum status status = checker_calls(x->k->ground.projection, x->n, x->in, x->request, x->plan, &o, x->err);
    if (status != STATUS_OK || o.kind == OFFENCE_NONE) return status;
    x->leg_index = o.leg;
    stand(x, o.at_ms, o.point);
    return offence(x, o.kind, NO_ARC, UINT32_MAX);
}

static enum status check(struct checker *k, const struct view *view, const struct route_request *request,
                         int64_t left_at_home_ms, const struct plan *plan, struct judgement *judgement, struct error *err)
{
    enum status status = ground_use(&k->ground, view->rules, err);
    if (status == STATUS_OK) status = rule_memo_begin(k, &request->vehicle, err);
    else k->rule.rules = NULL; /* they are let go, others may come to lie there */
    if (status != STATUS_OK) return status;
    struct checking x = {.k = k, .n = &k->base->network, .in = k->ground.rules->input, .request = request, .plan = plan,
                         .err = err, .tail = vehicle_plate_tail(&request->vehicle), .closure = UINT32_MAX,
                         .judgement = judgement, .at_arc = NO_ARC,
                         .left_at_home_ms = left_at_home_ms};
    x.lorry = request->vehicle.gross_kg > 3500;
    struct states states = {0};
    struct stretch_of_leg *stretches = NULL;
    if (plan->leg_count == 0 || plan->waypoint_count != plan->leg_count + 1)
        return offence(&x, OFFENCE_NO_LEGS, NO_ARC, UINT32_MAX);
    uint32_t most = 0;
    for (uint32_t i = 0; i < plan->leg_count; i++) {
        if (plan->legs[i].arc_count == 0 || plan->legs[i].from != i || plan->legs[i].to != i + 1)
            return offence(&x, OFFENCE_BAD_LEG, NO_ARC, UINT32_MAX);
        if (plan->legs[i].arc_count > most) most = plan->legs[i].arc_count;
    }
    x.end_ms = plan->legs[plan->leg_count - 1].arrive_ms;
    if (request->avoid_area.part_count > 0) {
        status = avoided_prepare(k->ground.geos, k->ground.projection, &k->base->network, request, plan, &k->avoid, err);
        if (status != STATUS_OK) return status;
    }
    stretches = malloc(most * sizeof *stretches);
    if (!stretches) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    for (uint32_t i = 0; i < plan->leg_count && status == STATUS_OK; i++) {
        x.leg = &plan->legs[i];
        x.leg_index = i;
        x.turned = false;
        stand(&x, x.leg->depart_ms, plan->waypoints[i].snapped);
        if (i == 0) {
            states.node[0] = x.leg->arcs[0];
            states.count = 1;
        } else if ((status = join_check(&x, &plan->legs[i - 1], &states)) != STATUS_OK) {
            break;
        }
        int64_t service = service_due(&x, i + 1);
        if ((status = rest_check(&x, &plan->waypoints[i + 1])) != STATUS_OK) break;
        if (i == 0) status = call_check(&x, &plan->waypoints[0], x.leg->depart_ms, x.leg->depart_ms);
        if (status == STATUS_OK)
            status = call_check(&x, &plan->waypoints[i + 1], x.leg->arrive_ms,
                                x.leg->arrive_ms + (i + 1 < plan->leg_count ? service : request->stay_ms));
        if (status == STATUS_OK) status = leg_check(&x, &states, stretches);
    }
    if (status == STATUS_OK) status = driving_check(&x);
    if (status == STATUS_OK) status = question_check(&x);
done:
    free(stretches);
    prepared_free(k->avoid);
    k->avoid = NULL;
    return status;
}

/* Nobody has to take along all credentials, and who is exempt from a zone of caution may come too early to where rules end. A
 * question of the planner's says which are left at home; of others each choice of those that end first is tried. A plan that
 * keeps to none is told what it does wrong with all. */
static enum status check_taking(struct checker *k, const struct view *view, const struct route_request *request,
                                const struct plan *plan, struct judgement *judgement, struct error *err)
{
    enum status status = check(k, view, request, request->left_at_home_ms, plan, judgement, err);
    if (status != STATUS_CHECKER_DISAGREES || request->left_at_home_ms != 0 || request->end_before_ms != 0 || plan->leg_count == 0)
        return status;
    const struct checker_offence offence = k->offence;
    for (uint32_t i = 0; i < request->credential_count; i++) {
        const int64_t until_ms = request->credentials[i].valid_until_ms;
        struct judgement other = {.arc = NO_ARC, .zone = UINT32_MAX, .closure = UINT32_MAX};
        struct error aside = ERROR_INIT;
        if (until_ms == TIME_OPEN || until_ms <= plan->legs[plan->leg_count - 1].arrive_ms) continue; /* counts for nothing anyway */
        enum status without = check(k, view, request, until_ms, plan, judgement ? &other : NULL, &aside);
        if (without == STATUS_CHECKER_DISAGREES) continue;
        if (without == STATUS_OK && judgement) *judgement = other;
        if (err) *err = aside;
        return without;
    }
    k->offence = offence;
    return status;
}

enum status checker_verify(struct checker *k, const struct view *view, const struct route_request *request,
                           const struct plan *plan, struct error *err)
{
    return check_taking(k, view, request, plan, NULL, err);
}

enum status checker_judge(struct checker *k, const struct view *view, const struct route_request *request,
                          const struct plan *plan, struct judgement *out, struct error *err)
{
    *out = (struct judgement){.arc = NO_ARC, .zone = UINT32_MAX, .closure = UINT32_MAX};
    enum status status = check_taking(k, view, request, plan, out, err);
    return status == STATUS_CHECKER_DISAGREES ? STATUS_OK : status;
}
