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
        const struct facility *f = &c->input->facilities[candidate[i]];
        struct place *place = &places[*count];
        struct breach refused;
        struct error aside = ERROR_INIT;
        stops[i] = (struct call){.point = f->point, .name = f->name, .service_ms = limits.rest_ms};
        enum status status = place_snap(c, tools->spatial, tools->projection, &stops[i], UINT32_MAX, false, place, &refused, &aside);
        if (status == STATUS_NO_MEMORY) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        if (status != STATUS_OK || place->moved) continue;
        constraint_leg(c, place->at, place->at);
        if (c->leg_zone_count > 0) continue;
        place->rest = candidate[i] + 1;
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

struct resting {
    struct constraint *c;
    const struct rests_tools *tools;
    struct journey_limits limits;
    struct place places[CALLS_MAX + 1 + RESTS_AREAS_MAX];
    uint32_t call_count, place_count, state_count;
    uint32_t first_state[CALLS_MAX + 2 + RESTS_AREAS_MAX]; /* state 0: the origin with all its starts */
    struct rest_leg **legs; /* [state * place_count + place] to each state of that place; NULL: not asked yet */
    uint64_t *ahead;        /* [state of a call] to the end without rests */
    /* labels */
    struct label *labels;
    uint32_t label_count, *heap, heap_count;
    uint32_t *first;        /* [calls done * state_count + state] settled labels */
    bool opens;             /* see rest_opens_road */
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

static uint32_t driven_loosely(const struct constraint *c, const struct rest_leg *leg, struct leg_goal goal)
{
    const struct leg_way *way = &leg->way;
    uint32_t sum = leg->seed.extra_ms;
    struct arc_use before;
    for (uint32_t i = 0; i < way->hop_count; i++) {
        bool last = i + 1 == way->hop_count;
        struct arc_use use = i == 0 ? (last ? leg_only_use(c, &leg->seed, &goal) : leg_first_use(c, &leg->seed))
                             : last ? leg_last_use(c, &goal)
                                    : arc_use_whole(c->n, c->g->node_arc[way->hops[i].node]);
        struct move m;
        if (passage_move(c, i ? &before : NULL, way->hops[i].turn, &use, c->depart_ms, MOVE_LOOSE, &m, NULL))
            sum += m.drive_ms + m.turn_ms;
        before = use;
    }
    return sum;
}

static enum status legs_from(struct resting *r, uint32_t place, uint32_t state, uint32_t to, struct rest_leg **out,
                             struct error *err)
{
    struct rest_leg **slot = &r->legs[(size_t)state * r->place_count + to];
    struct constraint *c = r->c;
    const struct place *from = &r->places[place], *goal = &r->places[to];
    *out = *slot;
    if (*slot) return STATUS_OK;
    struct rest_leg *legs = arena_zero(c->arena, goal->state_count, sizeof *legs);
    if (!legs) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct leg_seed seeds[JOURNEY_LEAVES_MAX] = {0};
    uint32_t seed_count = 0;
    if (place == 0)
        for (; seed_count < from->start_count; seed_count++)
            seeds[seed_count] = (struct leg_seed){.node = from->starts[seed_count].node,
                                                  .offset_mm = from->starts[seed_count].offset_mm, .from = NONE};
    else
        seed_count = journey_leave(c, from, from->states[state - r->first_state[place]], (struct leg_seed){0}, seeds);
    const struct metric *metric;
    constraint_leg(c, from->at, goal->at);
    enum status status = r->tools->metrics->get(r->tools->metrics->context, c, &metric, err);
    for (uint32_t k = 0; k < goal->state_count && status == STATUS_OK; k++) {
        struct rest_leg *leg = &legs[k];
        status = leg_loose(c, r->tools->query, metric, seeds, seed_count, &goal->states[k], 1, true, &leg->way, err);
        leg->cost = leg->way.cost;
        if (status != STATUS_OK || leg->cost == NO_WAY) continue;
        leg->seed = seeds[leg->way.seed];
        leg->drive_ms = driven_loosely(c, leg, goal->states[k]);
        if (c->request->prefer == PREFER_TIME && place > 0) leg->cost += from->call->service_ms;
    }
    if (status == STATUS_OK) *out = *slot = legs;
    return status;
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

/* Can a way with a rest be cheaper than the one without? A road for destination traffic is open to a leg that ends on it and closed to
 * one that goes by; a road that caution slows down is not slowed where a leg begins or ends beside the zone. */
static bool rest_opens_road(const struct resting *r)
{
    const struct network *n = r->c->n;
    const uint8_t *access = vehicle_is_lorry(&r->c->request->vehicle) ? n->arc_access_lorry : n->arc_access_light;
    for (uint32_t i = r->call_count; i < r->place_count; i++)
        for (uint32_t way = 0; way < 2; way++) {
            arc_id a = n->road_arc[2 * (size_t)r->places[i].at.road + way];
            if (a != NO_ARC && (access[a] == ACCESS_DESTINATION || slowed_in_part(r->c, a))) return true;
        }
    return false;
}

static enum status ahead_fill(struct resting *r, struct error *err)
{
    uint32_t last = r->call_count - 1;
    r->opens = rest_opens_road(r);
    if (r->opens) return STATUS_OK; /* 0 everywhere */
    for (uint32_t s = r->first_state[last]; s < r->first_state[last + 1]; s++) r->ahead[s] = 0;
    for (uint32_t i = last; i-- > 0;)
        for (uint32_t s = r->first_state[i]; s < r->first_state[i + 1]; s++) {
            struct rest_leg *legs;
            enum status status = legs_from(r, i, s, i + 1, &legs, err);
            if (status != STATUS_OK) return status;
            r->ahead[s] = NO_WAY;
            for (uint32_t k = 0; k < r->places[i + 1].state_count; k++) {
                uint64_t cost = plus(legs[k].cost, r->ahead[r->first_state[i + 1] + k]);
                if (cost < r->ahead[s]) r->ahead[s] = cost;
            }
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

/* Goes on from a label to a place. */
static enum status go_to(struct resting *r, uint32_t index, uint32_t to, struct error *err)
{
    const struct label from = r->labels[index];
    const struct place *place = &r->places[to];
    struct rest_leg *legs, *after = NULL;
    enum status status = legs_from(r, from.place, from.state, to, &legs, err);
    bool call = to < r->call_count;
    for (uint32_t k = 0; k < place->state_count && status == STATUS_OK; k++) {
        const struct rest_leg *leg = &legs[k];
        if (leg->cost == NO_WAY || leg->drive_ms > r->limits.max_drive_ms - from.driven_ms) continue;
        struct label l = {.cost = from.cost + leg->cost, .way = (from.way + to + 1) * 0x9E3779B97F4A7C15u, .driven_ms = from.driven_ms + leg->drive_ms, .parent = index, .place = to,
                          .state = r->first_state[to] + k, .calls = from.calls + call, .depth = from.depth + 1, .leg = leg};
        if (rests_at(place, r->limits)) l.driven_ms = 0;
        if (dominated(r, &l) || rested_there(r, index, l.state)) continue;
        uint64_t ahead = NO_WAY;
        if (r->opens) {
            ahead = 0;
        } else if (call) {
            ahead = r->ahead[l.state];
        } else {
            uint32_t next = l.calls + 1;
            if ((status = legs_from(r, to, l.state, next, &after, err)) != STATUS_OK) return status;
            for (uint32_t n = 0; n < r->places[next].state_count; n++) {
                uint64_t cost = plus(after[n].cost, r->ahead[r->first_state[next] + n]);
                if (cost < ahead) ahead = cost;
            }
        }
        if (ahead == NO_WAY) continue;
        l.bound = l.cost + ahead;
        status = label_add(r, l, err);
    }
    return status;
}

/* ---- a way through ------------------------------------------------------------------------------------------------------------- */

struct found {
    uint64_t cost; /* NO_WAY: none yet */
    uint32_t drives;
    bool otherwise; /* the clock said something else than the loose reading */
};

/* Judges the way to a label at the end by the clock; takes it if it is lawful and the best so far. */
static enum status judge(struct resting *r, uint32_t index, struct found *found, struct journey *trial, struct place *stops,
                         struct place *places, uint32_t *place_count, struct journey *j, struct error *err)
{
    uint32_t count = r->labels[index].depth + 1, at = index;
    uint64_t cost;
    bool lawful;
    trial->leg_count = count - 1;
    for (uint32_t k = count; k-- > 0; at = r->labels[at].parent) {
        const struct label *l = &r->labels[at];
        stops[k] = r->places[l->place];
        if (k > 0)
            trial->legs[k - 1] = (struct journey_leg){.seed = l->leg->seed, .way = l->leg->way,
                                                      .goal = stops[k].states[l->state - r->first_state[l->place]]};
    }
    trial->cost = r->labels[index].cost;
    journey_replay(r->c, stops, trial, MOVE_EXACT, NULL, &cost, &lawful);
    found->drives++;
    if (!lawful || cost != trial->cost) {
        found->otherwise = true;
        enum status status = r->tools->drive(r->tools->context, stops, count, trial, err);
        if (status != STATUS_OK || trial->cost == NO_WAY) return status;
    }
    if (trial->cost >= found->cost) return STATUS_OK;
    if (rests_longest_drive(r->c, stops, trial, r->limits) > r->limits.max_drive_ms) { /* no longer or dearer by the clock, but slower */
        found->otherwise = true;
        return STATUS_OK;
    }
    found->cost = trial->cost;
    *j = *trial;
    memcpy(places, stops, count * sizeof *stops);
    *place_count = count;
    return STATUS_OK;
}

/* Takes ways in rising order of their bound until none can be better than the best found. */
static enum status search(struct resting *r, bool every, struct found *found, struct journey *trial, struct place *stops,
                          struct place *places, uint32_t *place_count, struct journey *j, struct error *err)
{
    size_t slots = (size_t)r->call_count * r->state_count;
    memset(r->first, 0xFF, slots * sizeof *r->first);
    r->label_count = r->heap_count = 0;
    r->every = every;
    enum status status = label_add(r, (struct label){.parent = NONE, .bound = r->ahead[0]}, err);
    while (status == STATUS_OK && r->heap_count > 0 && r->labels[r->heap[0]].bound < found->cost) {
        if (found->drives == RESTS_DRIVES_MAX)
            return error_set(err, STATUS_SEARCH_BUDGET_EXCEEDED, MESSAGE_SEARCH_BUDGET, (unsigned)RESTS_DRIVES_MAX);
        uint32_t index = heap_pop(r);
        struct label *l = &r->labels[index];
        if (l->calls + 1 == r->call_count) {
            status = judge(r, index, found, trial, stops, places, place_count, j, err);
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

enum status rests_find(struct constraint *c, const struct rests_tools *tools, struct journey_limits limits,
                       struct place *places, uint32_t *place_count, struct journey *j, bool *found, struct error *err)
{
    struct resting *r = arena_zero(c->arena, 1, sizeof *r);
    *found = false;
    if (!r) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    r->c = c;
    r->tools = tools;
    r->limits = limits;
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
    r->ahead = arena_zero(c->arena, r->state_count, sizeof *r->ahead);
    r->labels = arena_take(c->arena, LABELS_MAX * sizeof *r->labels);
    r->heap = arena_take(c->arena, LABELS_MAX * sizeof *r->heap);
    r->first = arena_take(c->arena, slots * sizeof *r->first);
    if (!r->legs || !r->ahead || !r->labels || !r->heap || !r->first) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct journey *trial = arena_take(c->arena, sizeof *trial);
    struct place *stops = arena_take(c->arena, (CALLS_MAX + 1) * sizeof *stops);
    if (!trial || !stops) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    status = ahead_fill(r, err);
    if (status != STATUS_OK || r->ahead[0] == NO_WAY) return status;
    struct found best = {.cost = NO_WAY};
    status = search(r, false, &best, trial, stops, places, place_count, j, err);
    if (status == STATUS_OK && best.otherwise) status = search(r, true, &best, trial, stops, places, place_count, j, err);
    *found = best.cost != NO_WAY;
    return status;
}
