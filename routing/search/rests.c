#include "routing/search/rests.h"

#include "routing/rules/facilities.h"

#include <string.h>

#define NO_WAY UINT64_MAX

enum { LABELS_MAX = 1 << 19, NONE = 0xFFFFFFFF };

/* ---- how long is driven ------------------------------------------------------------------------------------------------- */

static void measure(void *context, uint32_t leg, uint32_t hop, const struct arc_use *use, int64_t begin_ms,
                    const struct move *m, const struct move_log *log)
{
    (void)hop, (void)use, (void)begin_ms, (void)log;
    ((uint32_t *)context)[leg] += m->drive_ms + m->turn_ms;
}

static bool rests_at(const struct place *place, struct journey_limits limits)
{
    return place->call->service_ms >= limits.rest_ms;
}

uint32_t rests_longest_drive(struct constraint *c, const struct place *places, struct journey *j, struct journey_limits limits)
{
    uint32_t driven[JOURNEY_LEGS_MAX] = {0}, since = 0, longest = 0;
    struct journey_visitor visitor = {measure, driven};
    uint64_t cost;
    bool lawful;
    journey_replay(c, places, j, MOVE_EXACT, &visitor, &cost, &lawful);
    for (uint32_t k = 0; k < j->leg_count; k++) {
        since += driven[k] + j->legs[k].seed.extra_ms;
        if (since > longest) longest = since;
        if (k + 1 < j->leg_count && rests_at(&places[k + 1], limits)) since = 0;
    }
    return longest;
}

/* ---- where one may rest --------------------------------------------------------------------------------------------------- */

/* Snaps a facility as a stop of that length; false: one may not rest there. */
static enum status area_snap(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits, uint32_t facility,
                             struct call *stop, struct place *place, bool *may, struct error *err)
{
    const struct facility *f = &c->input->facilities[facility];
    struct breach refused;
    struct error aside = ERROR_INIT;
    *stop = (struct call){.point = f->point, .name = f->name, .service_ms = limits.rest_ms, .turning_place = f->turning_place};
    enum status status = place_snap(c, tools->spatial, tools->projection, stop, UINT32_MAX, false, place, &refused, &aside);
    *may = status == STATUS_OK && !place->moved;
    if (status == STATUS_NO_MEMORY) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (!*may) return STATUS_OK;
    constraint_leg(c, place->at, place->at);
    *may = c->leg_zone_count == 0;
    place->rest = facility + 1;
    return STATUS_OK;
}

/* Appends the places of rest behind those of the calls. */
static enum status areas_snap(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits,
                              struct place *places, uint32_t *count, struct error *err)
{
    uint32_t candidate_count, calls = *count;
    struct point_e7 points[CALLS_MAX + 1];
    for (uint32_t i = 0; i < calls; i++) points[i] = places[i].snapped;
    const uint32_t *candidate = facilities_near(c->input, FACILITY_REST, points, calls, RESTS_AREAS_MAX, c->arena, &candidate_count);
    struct call *stops = arena_zero(c->arena, RESTS_AREAS_MAX, sizeof *stops);
    if (!candidate || !stops) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < candidate_count; i++) {
        bool may;
        enum status status = area_snap(c, tools, limits, candidate[i], &stops[i], &places[*count], &may, err);
        if (status != STATUS_OK) return status;
        *count += may;
    }
    return STATUS_OK;
}

/* Is the arc slowed down by a zone of caution that only a part of it lies in? */
static bool slowed_in_part(const struct constraint *c, arc_id a)
{
    const struct rules *r = c->rules;
    for (uint32_t i = r->arc_first_member[a]; i < r->arc_first_member[a + 1]; i++) {
        const struct membership *m = &r->member[i];
        const struct zone_state *z = constraint_zone(c, m->zone);
        const struct stretch *s = &r->stretches[m->first_stretch];
        bool whole = m->stretch_count == 1 && s->from_mm == 0 && s->until_mm >= network_arc_length_mm(c->n, a);
        if (!whole && z->kind == RULE_CAUTION && z->slow_permille > 1000 && constraint_binds(c, z)) return true;
    }
    return false;
}

/* Can a way with a rest there be cheaper than the one without? A road for destination traffic is open to a leg that ends on it and
 * closed to one that goes by; a road that caution slows down is not slowed where a leg begins or ends beside the zone; and at a
 * turning place the vehicle may turn round. */
static bool rest_opens(const struct constraint *c, const struct place *place)
{
    const struct network *n = c->n;
    const uint8_t *access = vehicle_is_lorry(&c->request->vehicle) ? n->arc_access_lorry : n->arc_access_light;
    if (place->call->turning_place) return true;
    for (uint32_t way = 0; way < 2; way++) {
        arc_id a = n->road_arc[2 * (size_t)place->at.road + way];
        if (a != NO_ARC && (access[a] == ACCESS_DESTINATION || slowed_in_part(c, a))) return true;
    }
    return false;
}

enum status rests_opening(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits, struct place *out,
                          uint32_t *count, struct error *err)
{
    struct call *stops = arena_zero(c->arena, RESTS_OPENING_MAX, sizeof *stops), stop;
    *count = 0;
    if (!stops) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t i = 0; i < c->input->facility_count && *count <= RESTS_OPENING_MAX; i++) {
        struct place place;
        bool may = (c->input->facilities[i].uses & FACILITY_REST) != 0;
        enum status status = may ? area_snap(c, tools, limits, i, &stop, &place, &may, err) : STATUS_OK;
        if (status != STATUS_OK) return status;
        if (!may || !rest_opens(c, &place)) continue;
        if (*count < RESTS_OPENING_MAX) {
            stops[*count] = stop;
            out[*count] = place;
            out[*count].call = &stops[*count];
        }
        ++*count;
    }
    return STATUS_OK;
}

/* ---- legs between states --------------------------------------------------------------------------------------------------- */

struct rest_leg {
    uint64_t cost;      /* with what standing at its beginning costs */
    uint32_t drive_ms;
    struct leg_seed seed;
    struct leg_way way;
};

/* The two ways between two states that are looked at. */
struct rest_ways {
    struct rest_leg cheap; /* cost NO_WAY: there is none */
    struct rest_leg quick; /* the least driving; cost NO_WAY: the cheapest has no more */
};

struct resting {
    struct constraint *c;
    const struct rests_tools *tools;
    struct journey_limits limits;
    struct place places[CALLS_MAX + 1 + RESTS_AREAS_MAX];
    bool opens[CALLS_MAX + 1 + RESTS_AREAS_MAX]; /* [place] see rest_opens */
    uint32_t call_count, place_count, state_count;
    uint32_t first_state[CALLS_MAX + 2 + RESTS_AREAS_MAX]; /* state 0: the origin with all its starts */
    struct rest_ways **legs; /* [state * place_count + place] to each state of that place; NULL: not asked yet */
    uint64_t *ahead;         /* [calls done * state_count + state] to the end: of that call, and of places of rest that open something */
    struct route_request quick; /* the same question, of driving */
    /* labels */
    struct label *labels;
    uint32_t label_count, *heap, heap_count;
    uint32_t *first;        /* [calls done * state_count + state] settled labels */
    bool every;             /* way of putting rests is kept, also those that are loosely no better than another */
};

struct label {
    uint64_t cost, bound, way; /* way: digest of the places so far */
    uint32_t driven_ms, parent, next, place, state, calls, depth;
    const struct rest_leg *leg;
};

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a == NO_WAY || b == NO_WAY ? NO_WAY : a + b;
}

/* What a way costs under the preference and how long is driven on it, by the loose reading. */
static void leg_weigh(const struct constraint *c, struct rest_leg *leg, struct leg_goal goal)
{
    const struct leg_way *way = &leg->way;
    struct arc_use before;
    leg->drive_ms = leg->seed.extra_ms;
    leg->cost = leg_extra_cost(c, leg->seed.extra_ms);
    for (uint32_t i = 0; i < way->hop_count; i++) {
        bool last = i + 1 == way->hop_count;
        struct arc_use use = i == 0 ? (last ? leg_only_use(c, &leg->seed, &goal) : leg_first_use(c, &leg->seed))
                             : last ? leg_last_use(c, &goal)
                                    : arc_use_whole(c->n, c->g->node_arc[way->hops[i].node]);
        struct move m;
        if (passage_move(c, i ? &before : NULL, way->hops[i].turn, &use, c->depart_ms, MOVE_LOOSE, &m, NULL)) {
            leg->drive_ms += m.drive_ms + m.turn_ms;
            leg->cost += passage_cost(c, &m);
        }
        before = use;
    }
}

/* One way to each state of a place, by the loose reading under the constraint's request; `seeds` leave a place at no cost. */
static enum status ways_find(struct resting *r, const struct leg_seed *seeds, uint32_t seed_count, const struct place *goal,
                             bool quick, struct rest_ways *out, struct error *err)
{
    struct constraint *c = r->c;
    const struct route_request *asked = c->request;
    const struct metric *metric;
    if (quick) c->request = &r->quick;
    enum status status = r->tools->metrics->get(r->tools->metrics->context, c, &metric, err);
    for (uint32_t k = 0; k < goal->state_count && status == STATUS_OK; k++) {
        struct rest_leg *leg = quick ? &out[k].quick : &out[k].cheap;
        leg->cost = NO_WAY;
        status = leg_loose(c, r->tools->query, metric, seeds, seed_count, &goal->states[k], 1, true, &leg->way, err);
        if (status != STATUS_OK || leg->way.cost == NO_WAY) continue;
        leg->seed = seeds[leg->way.seed];
        c->request = asked;
        leg_weigh(c, leg, goal->states[k]);
        if (quick) c->request = &r->quick;
    }
    c->request = asked;
    return status;
}

static enum status legs_from(struct resting *r, uint32_t place, uint32_t state, uint32_t to, struct rest_ways **out,
                             struct error *err)
{
    struct rest_ways **slot = &r->legs[(size_t)state * r->place_count + to];
    struct constraint *c = r->c;
    const struct place *from = &r->places[place], *goal = &r->places[to];
    *out = *slot;
    if (*slot) return STATUS_OK;
    struct rest_ways *legs = arena_zero(c->arena, goal->state_count, sizeof *legs);
    if (!legs) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct leg_seed seeds[JOURNEY_LEAVES_MAX] = {0};
    uint32_t seed_count = 0;
    if (place == 0)
        for (; seed_count < from->start_count; seed_count++)
            seeds[seed_count] = (struct leg_seed){.node = from->starts[seed_count].node,
                                                  .offset_mm = from->starts[seed_count].offset_mm, .from = NONE};
    else
        seed_count = journey_leave(c, from, from->states[state - r->first_state[place]], (struct leg_seed){0}, seeds);
    constraint_leg(c, from->at, goal->at);
    enum status status = ways_find(r, seeds, seed_count, goal, false, legs, err);
    if (status == STATUS_OK) status = ways_find(r, seeds, seed_count, goal, true, legs, err);
    const uint64_t standing = c->request->prefer == PREFER_TIME && place > 0 ? from->call->service_ms : 0;
    for (uint32_t k = 0; k < goal->state_count && status == STATUS_OK; k++) {
        struct rest_ways *w = &legs[k];
        if (w->cheap.cost == NO_WAY || w->quick.drive_ms >= w->cheap.drive_ms) w->quick.cost = NO_WAY;
        w->cheap.cost = plus(w->cheap.cost, standing);
        w->quick.cost = plus(w->quick.cost, standing);
    }
    if (status == STATUS_OK) *out = *slot = legs;
    return status;
}

/* The least that the rest of the journey costs from a state with so many calls done, given `ahead` of the next call and, behind
 * that, of the places of rest that open something: past all others no way is cheaper than the one that does not stop there. */
static enum status least_ahead(struct resting *r, uint32_t place, uint32_t state, uint32_t calls, uint64_t *least, struct error *err)
{
    *least = NO_WAY;
    for (uint32_t to = calls + 1; to < r->place_count; to = to < r->call_count ? r->call_count : to + 1) {
        const uint64_t *ahead = r->ahead + (size_t)(to < r->call_count ? to : calls) * r->state_count + r->first_state[to];
        struct rest_ways *legs;
        if (to >= r->call_count && !r->opens[to]) continue;
        enum status status = legs_from(r, place, state, to, &legs, err);
        if (status != STATUS_OK) return status;
        for (uint32_t k = 0; k < r->places[to].state_count; k++) {
            uint64_t cost = plus(legs[k].cheap.cost, ahead[k]);
            if (cost < *least) *least = cost;
        }
    }
    return STATUS_OK;
}

static enum status ahead_fill(struct resting *r, struct error *err)
{
    uint32_t last = r->call_count - 1;
    enum status status = STATUS_OK;
    memset(r->ahead, 0xFF, (size_t)r->call_count * r->state_count * sizeof *r->ahead);
    for (uint32_t i = r->call_count; i < r->place_count; i++) r->opens[i] = rest_opens(r->c, &r->places[i]);
    for (uint32_t s = r->first_state[last]; s < r->first_state[last + 1]; s++) r->ahead[(size_t)last * r->state_count + s] = 0;
    for (uint32_t i = last; i-- > 0;) {
        uint64_t *ahead = r->ahead + (size_t)i * r->state_count, least;
        for (bool changed = true; changed;) { /* from one to the next, until none is nearer to the end */
            changed = false;
            for (uint32_t a = r->call_count; a < r->place_count; a++)
                for (uint32_t s = r->first_state[a]; r->opens[a] && s < r->first_state[a + 1]; s++) {
                    if ((status = least_ahead(r, a, s, i, &least, err)) != STATUS_OK) return status;
                    changed = changed || least < ahead[s];
                    ahead[s] = least;
                }
        }
        for (uint32_t s = r->first_state[i]; s < r->first_state[i + 1]; s++)
            if ((status = least_ahead(r, i, s, i, &ahead[s], err)) != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* ---- labels ------------------------------------------------------------------------------------------------------------------ */

static bool label_before(const struct resting *r, uint32_t a, uint32_t b)
{
    const struct label *x = &r->labels[a], *y = &r->labels[b];
    if (x->bound != y->bound) return x->bound < y->bound;
    return x->depth != y->depth ? x->depth < y->depth : a < b; /* no more stops than need be */
}

static void heap_push(struct resting *r, uint32_t item)
{
    uint32_t i = r->heap_count++;
    for (; i > 0 && label_before(r, item, r->heap[(i - 1) / 2]); i = (i - 1) / 2) r->heap[i] = r->heap[(i - 1) / 2];
    r->heap[i] = item;
}

static uint32_t heap_pop(struct resting *r)
{
    uint32_t top = r->heap[0], item = r->heap[--r->heap_count], i = 0;
    for (uint32_t child; (child = 2 * i + 1) < r->heap_count; i = child) {
        if (child + 1 < r->heap_count && label_before(r, r->heap[child + 1], r->heap[child])) child++;
        if (!label_before(r, r->heap[child], item)) break;
        r->heap[i] = r->heap[child];
    }
    r->heap[i] = item;
    return top;
}

static bool dominated(const struct resting *r, const struct label *l)
{
    for (uint32_t i = r->first[(size_t)l->calls * r->state_count + l->state]; i != NONE; i = r->labels[i].next)
        if (r->labels[i].cost <= l->cost && r->labels[i].driven_ms <= l->driven_ms &&
            (!r->every || r->labels[i].way == l->way))
            return true;
    return false;
}

static enum status label_add(struct resting *r, struct label l, struct error *err)
{
    if (r->label_count == LABELS_MAX)
        return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, (unsigned)LABELS_MAX);
    r->labels[r->label_count] = l;
    heap_push(r, r->label_count++);
    return STATUS_OK;
}

/* Between two calls nobody rests twice at one place, but perhaps on its other side. */
static bool rested_there(const struct resting *r, uint32_t index, uint32_t state)
{
    for (uint32_t i = index; i != NONE && r->labels[i].place >= r->call_count; i = r->labels[i].parent)
        if (r->labels[i].state == state) return true;
    return false;
}

/* Goes on from a label to a state of a place, by a leg that costs so much and has so much driving in it, or more. */
static enum status go_by(struct resting *r, uint32_t index, uint32_t to, uint32_t state, const struct rest_leg *leg,
                         uint32_t drive_ms, struct error *err)
{
    const struct label from = r->labels[index];
    bool call = to < r->call_count;
    if (leg->cost == NO_WAY || drive_ms > r->limits.max_drive_ms - from.driven_ms) return STATUS_OK;
    struct label l = {.cost = from.cost + leg->cost, .way = (from.way + to + 1) * 0x9E3779B97F4A7C15u,
                      .driven_ms = from.driven_ms + drive_ms, .parent = index, .place = to, .state = state,
                      .calls = from.calls + call, .depth = from.depth + 1, .leg = leg};
    if (rests_at(&r->places[to], r->limits)) l.driven_ms = 0;
    if (dominated(r, &l) || rested_there(r, index, l.state)) return STATUS_OK;
    uint64_t ahead = r->ahead[(size_t)l.calls * r->state_count + l.state];
    if (!call && !r->opens[to]) {
        enum status status = least_ahead(r, to, l.state, l.calls, &ahead, err);
        if (status != STATUS_OK) return status;
    }
    if (ahead == NO_WAY) return STATUS_OK;
    l.bound = l.cost + ahead;
    return label_add(r, l, err);
}

/* Goes on from a label to a place: by each of both ways, or by no way in particular. */
static enum status go_to(struct resting *r, uint32_t index, uint32_t to, struct error *err)
{
    struct rest_ways *legs;
    enum status status = legs_from(r, r->labels[index].place, r->labels[index].state, to, &legs, err);
    for (uint32_t k = 0; k < r->places[to].state_count && status == STATUS_OK; k++) {
        const struct rest_leg *cheap = &legs[k].cheap, *quick = &legs[k].quick;
        uint32_t state = r->first_state[to] + k;
        if (r->every) {
            status = go_by(r, index, to, state, cheap, quick->cost == NO_WAY ? cheap->drive_ms : quick->drive_ms, err);
            continue;
        }
        status = go_by(r, index, to, state, cheap, cheap->drive_ms, err);
        if (status == STATUS_OK) status = go_by(r, index, to, state, quick, quick->drive_ms, err);
    }
    return status;
}

/* ---- a way through ------------------------------------------------------------------------------------------------------------- */

struct found {
    uint64_t cost; /* of the best so far; until there is one, what it must cost less than */
    uint32_t drives;
    uint64_t driven[RESTS_DRIVES_MAX]; /* ways to put rests that the clock was asked about */
    bool otherwise; /* the clock said something else than the loose reading */
    struct journey *trial;
    struct place *stops;
    /* the best so far: the caller's */
    struct journey *j;
    struct place *places;
    uint32_t *place_count;
};

/* Takes the trial if it is the best so far and nobody drives too long; `*within`: nobody does. */
static void take(struct resting *r, struct found *found, uint32_t count, bool *within)
{
    *within = rests_longest_drive(r->c, found->stops, found->trial, r->limits) <= r->limits.max_drive_ms;
    if (!*within || found->trial->cost >= found->cost) return;
    found->cost = found->trial->cost;
    *found->j = *found->trial;
    memcpy(found->places, found->stops, count * sizeof *found->stops);
    *found->place_count = count;
}

/* The cheapest journey by the clock through these places, or if somebody drives too long on it the one with the least driving. */
static enum status drive(struct resting *r, struct found *found, uint32_t count, uint64_t way, struct error *err)
{
    bool within = false, lawful;
    for (uint32_t i = 0; i < found->drives; i++)
        if (found->driven[i] == way) return STATUS_OK;
    if (found->drives == RESTS_DRIVES_MAX)
        return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, (unsigned)RESTS_DRIVES_MAX);
    found->driven[found->drives++] = way;
    enum status status = r->tools->drive(r->tools->context, found->stops, count, found->trial, err);
    if (status != STATUS_OK || found->trial->cost == NO_WAY) return status;
    take(r, found, count, &within);
    if (within) return STATUS_OK;
    const struct route_request *asked = r->c->request;
    r->c->request = &r->quick;
    status = r->tools->drive(r->tools->context, found->stops, count, found->trial, err);
    r->c->request = asked;
    if (status != STATUS_OK || found->trial->cost == NO_WAY) return status;
    journey_replay(r->c, found->stops, found->trial, MOVE_EXACT, NULL, &found->trial->cost, &lawful);
    if (lawful) take(r, found, count, &within);
    return STATUS_OK;
}

/* Judges the way to a label at the end by the clock; takes it if it is lawful and the best so far. */
static enum status judge(struct resting *r, uint32_t index, struct found *found, struct error *err)
{
    uint32_t count = r->labels[index].depth + 1, at = index;
    struct journey *trial = found->trial;
    uint64_t cost;
    bool lawful, within = false;
    trial->leg_count = count - 1;
    for (uint32_t k = count; k-- > 0; at = r->labels[at].parent) {
        const struct label *l = &r->labels[at];
        found->stops[k] = r->places[l->place];
        if (k > 0)
            trial->legs[k - 1] = (struct journey_leg){.seed = l->leg->seed, .way = l->leg->way,
                                                      .goal = found->stops[k].states[l->state - r->first_state[l->place]]};
    }
    trial->cost = r->labels[index].cost;
    journey_replay(r->c, found->stops, trial, MOVE_EXACT, NULL, &cost, &lawful);
    if (lawful && cost == trial->cost) take(r, found, count, &within);
    if (within) return STATUS_OK;
    found->otherwise = true;
    return r->every ? drive(r, found, count, r->labels[index].way, err) : STATUS_OK;
}

static bool cancelled(const struct constraint *c)
{
    return c->request->cancelled && __atomic_load_n(c->request->cancelled, __ATOMIC_RELAXED);
}

/* Takes ways in rising order of their bound until none can be better than the best found. */
static enum status search(struct resting *r, bool every, struct found *found, struct error *err)
{
    size_t slots = (size_t)r->call_count * r->state_count;
    memset(r->first, 0xFF, slots * sizeof *r->first);
    r->label_count = r->heap_count = 0;
    r->every = every;
    enum status status = label_add(r, (struct label){.parent = NONE, .bound = r->ahead[0]}, err);
    while (status == STATUS_OK && r->heap_count > 0 && r->labels[r->heap[0]].bound < found->cost) {
        if (cancelled(r->c)) return error_set(err, STATUS_CANCELLED, MESSAGE_CANCELLED);
        uint32_t index = heap_pop(r);
        struct label *l = &r->labels[index];
        if (l->calls + 1 == r->call_count) {
            status = judge(r, index, found, err);
            if (found->otherwise && !every) break;
            continue;
        }
        if (dominated(r, l)) continue;
        uint32_t *first = &r->first[(size_t)l->calls * r->state_count + l->state];
        l->next = *first;
        *first = index;
        if (l->depth == CALLS_MAX) continue;
        uint32_t next = l->calls + 1;
        status = go_to(r, index, next, err);
        for (uint32_t a = r->call_count; a < r->place_count && status == STATUS_OK; a++) status = go_to(r, index, a, err);
    }
    return status;
}

enum status rests_find(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits, uint64_t most,
                       struct place *places, uint32_t *place_count, struct journey *j, bool *found, struct error *err)
{
    struct resting *r = arena_zero(c->arena, 1, sizeof *r);
    *found = false;
    if (!r) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    r->c = c;
    r->tools = tools;
    r->limits = limits;
    r->quick = *c->request;
    r->quick.prefer = PREFER_DRIVING;
    r->call_count = r->place_count = *place_count;
    memcpy(r->places, places, *place_count * sizeof *places);
    enum status status = areas_snap(c, tools, limits, r->places, &r->place_count, err);
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < r->place_count; i++) {
        r->first_state[i] = r->state_count;
        r->state_count += i == 0 ? 1 : r->places[i].state_count;
    }
    r->first_state[r->place_count] = r->state_count;
    size_t slots = (size_t)r->call_count * r->state_count;
    r->legs = arena_zero(c->arena, (size_t)r->state_count * r->place_count, sizeof *r->legs);
    r->ahead = arena_take(c->arena, slots * sizeof *r->ahead);
    r->labels = arena_take(c->arena, LABELS_MAX * sizeof *r->labels);
    r->heap = arena_take(c->arena, LABELS_MAX * sizeof *r->heap);
    r->first = arena_take(c->arena, slots * sizeof *r->first);
    if (!r->legs || !r->ahead || !r->labels || !r->heap || !r->first) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct found *best = arena_zero(c->arena, 1, sizeof *best);
    if (best) *best = (struct found){.cost = most, .j = j, .places = places, .place_count = place_count};
    if (best) best->trial = arena_take(c->arena, sizeof *best->trial), best->stops = arena_take(c->arena, (CALLS_MAX + 1) * sizeof *best->stops);
    if (!best || !best->trial || !best->stops) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    status = ahead_fill(r, err);
    if (status != STATUS_OK || r->ahead[0] == NO_WAY) return status;
    status = search(r, false, best, err);
    if (status == STATUS_OK && best->otherwise) status = search(r, true, best, err);
    *found = best->cost < most;
    return status;
}
