#include "routing/search/journey.h"

#include "routing/search/closed_in.h"

#include <stdlib.h>
#include <string.h>

/* One way of arriving at a place. */
struct arrival {
    struct leg_way way;
    struct leg_seed seed; /* that the way began with */
    struct leg_goal goal;
};

struct layer {
    struct arrival *items;
    uint32_t count;
};

static bool by_time(const struct constraint *c)
{
    return c->request->prefer == PREFER_TIME;
}

uint32_t journey_leave(const struct constraint *c, const struct place *place, struct leg_goal at, struct leg_seed seed,
                       struct leg_seed *out)
{
    uint32_t count = 0;
    seed.node = at.node;
    seed.offset_mm = at.offset_mm;
    out[count++] = seed;
    for (uint32_t i = 0; place->call->turning_place && i < place->start_count; i++) {
        if (place->starts[i].node == c->g->node_arc[at.node]) continue;
        seed.node = place->starts[i].node;
        seed.offset_mm = place->starts[i].offset_mm;
        seed.extra_ms = JOURNEY_TURN_ROUND_MS;
        out[count++] = seed;
    }
    return count;
}

/* Seeds of a leg: the origin's starts, or what the arrivals before leave as. NULL when the arena is full. */
static struct leg_seed *seeds_of(const struct constraint *c, const struct place *place, const struct layer *before,
                                 uint32_t *count)
{
    uint32_t max = before ? before->count * (1 + place->start_count) : place->start_count;
    struct leg_seed *seeds = arena_zero(c->arena, max + 1, sizeof *seeds);
    *count = 0;
    if (!seeds) return NULL;
    if (!before) {
        for (uint32_t i = 0; i < place->start_count; i++)
            seeds[(*count)++] = (struct leg_seed){.node = place->starts[i].node, .offset_mm = place->starts[i].offset_mm,
                                                  .from = UINT32_MAX, .lo_ms = c->depart_ms, .hi_ms = c->depart_ms};
        return seeds;
    }
    uint32_t service = place->call->service_ms;
    for (uint32_t k = 0; k < before->count; k++) {
        const struct arrival *a = &before->items[k];
        struct leg_seed seed = {.from = k, .cost = a->way.cost, .lo_ms = a->way.lo_ms + service,
                                .hi_ms = a->way.hi_ms + service, .moved_ms = a->way.moved_ms + service};
        if (by_time(c)) seed.cost += service;
        *count += journey_leave(c, place, a->goal, seed, seeds + *count);
    }
    return seeds;
}

/* Walks back from the cheapest last arrival. */
static void journey_take(struct journey *j, const struct layer *layers, uint32_t leg_count)
{
    uint32_t at = 0;
    const struct layer *last = &layers[leg_count - 1];
    for (uint32_t i = 1; i < last->count; i++)
        if (last->items[i].way.cost < last->items[at].way.cost) at = i;
    j->cost = last->items[at].way.cost;
    j->leg_count = leg_count;
    for (uint32_t k = leg_count; k-- > 0;) {
        const struct arrival *a = &layers[k].items[at];
        j->legs[k] = (struct journey_leg){.seed = a->seed, .goal = a->goal, .way = a->way};
        at = a->seed.from;
    }
}

enum status journey_loose(struct constraint *c, struct query *query, const struct metric_source *metrics,
                          const struct place *places, uint32_t place_count, struct journey *j, struct error *err)
{
    struct layer layers[JOURNEY_LEGS_MAX] = {0};
    uint32_t legs = place_count - 1;
    j->cost = UINT64_MAX;
    for (uint32_t k = 0; k < legs; k++) {
        const struct place *to = &places[k + 1];
        uint32_t seed_count, rounds = k + 1 == legs ? 1 : to->state_count;
        struct leg_seed *seeds = seeds_of(c, &places[k], k ? &layers[k - 1] : NULL, &seed_count);
        struct arrival *items = arena_zero(c->arena, rounds, sizeof *items);
        if (!seeds || !items) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        layers[k].items = items;
        constraint_leg(c, places[k].at, to->at);
        const struct metric *metric;
        struct leg_guide guide;
        enum status status = metrics->meanwhile ? metrics->meanwhile(metrics->context, c, &metric, &guide, err)
                                                : metrics->get(metrics->context, c, &metric, err);
        if (status != STATUS_OK) return status;
        for (uint32_t r = 0; r < rounds; r++) { /* each state of a call on its own, the last together */
            const struct leg_goal *goals = k + 1 == legs ? to->states : &to->states[r];
            uint32_t goal_count = k + 1 == legs ? to->state_count : 1;
            struct leg_way way;
            if (!metric) {
                status = leg_guided(c, &guide, seeds, seed_count, goals, goal_count, &way, err);
                if (status == STATUS_WOULD_BLOCK) status = metrics->get(metrics->context, c, &metric, err);
            }
            if (status == STATUS_OK && metric)
                status = leg_loose(c, query, metric, seeds, seed_count, goals, goal_count, true, &way, err);
            if (status != STATUS_OK) return status;
            if (way.cost == UINT64_MAX) continue;
            items[layers[k].count++] = (struct arrival){.way = way, .seed = seeds[way.seed], .goal = goals[way.goal]};
        }
        if (layers[k].count == 0) return STATUS_OK;
    }
    journey_take(j, layers, legs);
    return STATUS_OK;
}

/* ---- by the clock -------------------------------------------------------------------------------------------------- */

/* From the arrival backwards: every move as late as the next allows, so that waiting is done as early as possible, at
 * the origin rather than at a gate. */
static void choose_times(struct journey *j, const struct place *places)
{
    int64_t arrive = j->legs[j->leg_count - 1].way.lo_ms;
    for (uint32_t k = j->leg_count; k-- > 0;) {
        struct journey_leg *leg = &j->legs[k];
        leg->arrive_ms = arrive;
        for (uint32_t i = leg->way.hop_count; i-- > 0;) {
            struct hop *hop = &leg->way.hops[i];
            int64_t begin = arrive - hop->shift_ms;
            int64_t there = begin < hop->parent_hi_ms ? begin : hop->parent_hi_ms;
            hop->wait_ms = i > 0 ? (uint32_t)(begin - there) : 0;
            if (i == 0) there = begin;
            arrive = there;
        }
        leg->begin_ms = arrive;
        arrive -= leg->seed.extra_ms;
        if (k > 0) { /* the moment of arriving at the call before */
            int64_t latest = j->legs[k - 1].way.hi_ms, service = places[k].call->service_ms;
            int64_t at = arrive - service < latest ? arrive - service : latest;
            leg->wait_ms = (uint32_t)(arrive - service - at);
            arrive = at;
        } else {
            leg->wait_ms = (uint32_t)(arrive - leg->seed.lo_ms);
        }
    }
}

/* What bounds a search that is not by time. `behind` NULL: nothing. */
struct bound {
    const uint64_t (*behind)[PLACE_STATES_MAX]; /* [place][state] the least that the rest of the journey costs from there */
    uint64_t most;                              /* that the whole journey may cost */
    bool cut;                                   /* something was left out because it would have cost more */
};

static bool items_add(const struct constraint *c, struct layer *layer, const struct search_result *found, uint32_t take,
                      const struct leg_seed *seeds, const struct leg_goal *goals)
{
    struct arrival *items = arena_zero(c->arena, layer->count + take, sizeof *items);
    if (!items) return false;
    if (layer->count > 0) memcpy(items, layer->items, layer->count * sizeof *items);
    layer->items = items;
    for (uint32_t i = 0; i < take; i++) {
        struct leg_way *way = &found->ways[i];
        items[layer->count++] = (struct arrival){.way = *way, .seed = seeds[way->seed], .goal = goals[way->goal]};
    }
    return true;
}

/* One pass over all legs in one mode. */
static enum status pass(struct constraint *c, struct search *search, const struct metric_source *metrics,
                        const struct place *places, uint32_t place_count, enum search_mode mode, struct bound *bound,
                        uint32_t budget, uint32_t *settled, struct journey *j, struct search_doubt *doubt, bool *late, struct error *err)
{
    struct layer layers[JOURNEY_LEGS_MAX] = {0};
    uint32_t legs = place_count - 1;
    j->cost = UINT64_MAX;
    for (uint32_t k = 0; k < legs; k++) {
        const struct place *to = &places[k + 1];
        bool final = k + 1 == legs;
        bool together = final || bound->behind; /* all states of the call; else each on its own */
        uint32_t seed_count, rounds = together ? 1 : to->state_count;
        struct leg_seed *seeds = seeds_of(c, &places[k], k ? &layers[k - 1] : NULL, &seed_count);
        if (!seeds) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        constraint_leg(c, places[k].at, to->at);
        const struct metric *metric;
        enum status status = metrics->get(metrics->context, c, &metric, err);
        if (status != STATUS_OK) return status;
        struct search_stop stop = {.origin = k == 0, .last = final, .from = places[k].at, .to = to->at,
                                   .service_ms = final ? c->request->stay_ms : to->call->service_ms};
        for (uint32_t r = 0; r < rounds; r++) {
            const struct leg_goal *goals = &to->states[r];
            const uint64_t *behind = bound->behind && !final ? bound->behind[k + 1] : NULL;
            struct search_result result;
            status = search_run(search, c, metric, &stop, seeds, seed_count, goals, together ? to->state_count : 1, mode, !final,
                                behind, bound->most, budget, settled, &result, err);
            if (status != STATUS_OK) return status;
            search_note(&doubt->later, result.doubt.later);
            search_note(&doubt->thinned, result.doubt.thinned);
            search_note(&doubt->early, result.doubt.early);
            *late = *late || result.late;
            bound->cut = bound->cut || result.cut;
            uint32_t take = final && result.way_count > 1 ? 1 : result.way_count;
            if (take > 0 && !items_add(c, &layers[k], &result, take, seeds, goals))
                return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        }
        if (layers[k].count == 0) return STATUS_OK;
    }
    journey_take(j, layers, legs);
    choose_times(j, places);
    return STATUS_OK;
}

/* From the end backwards: the least that the rest can cost from each state of each call, by the loose reading. `*least`: of
 * the whole journey, UINT64_MAX if there is none. */
static enum status bounds_of(struct constraint *c, struct search *search, const struct metric_source *metrics,
                             const struct place *places, uint32_t place_count, uint64_t (*behind)[PLACE_STATES_MAX],
                             uint64_t *least, struct error *err)
{
    *least = UINT64_MAX;
    for (uint32_t k = place_count - 1; k-- > 0;) {
        const struct place *from = &places[k], *to = &places[k + 1];
        const struct metric *metric;
        constraint_leg(c, from->at, to->at);
        enum status status = metrics->get(metrics->context, c, &metric, err);
        if (status != STATUS_OK) return status;
        search_aim(search, c, metric, to->states, to->state_count, k + 2 < place_count ? behind[k + 1] : NULL);
        for (uint32_t i = 0; i < (k ? from->state_count : from->start_count); i++) {
            struct leg_seed leaves[JOURNEY_LEAVES_MAX];
            uint32_t count = 1;
            uint64_t best = UINT64_MAX;
            if (k) count = journey_leave(c, from, from->states[i], (struct leg_seed){0}, leaves);
            else leaves[0] = (struct leg_seed){.node = from->starts[i].node, .offset_mm = from->starts[i].offset_mm};
            for (uint32_t n = 0; n < count; n++) {
                uint64_t cost = search_bound(search, &leaves[n]);
                if (cost < best) best = cost;
            }
            if (k) behind[k][i] = best;
            else if (best < *least) *least = best;
        }
    }
    return STATUS_OK;
}

/* The same under the rules that always hold, each state by a search of its own: for metrics of the free reading, which say nothing
 * of what rules cost. Without that a call that nothing comes to, or leaves, is found out only when every way to the calls before
 * it is known. Time goes by one search for each state, most of them along the way only. */
static enum status bounds_tighten(struct constraint *c, struct search *search, const struct metric_source *metrics,
                                  const struct place *places, uint32_t place_count, uint32_t budget, uint32_t *settled,
                                  uint64_t (*behind)[PLACE_STATES_MAX], uint64_t *least, struct error *err)
{
    const struct leg_seed any = {.lo_ms = c->depart_ms, .hi_ms = c->depart_ms};
    for (uint32_t k = place_count - 1; k-- > 0;) {
        const struct place *from = &places[k], *to = &places[k + 1];
        const uint64_t *next = k + 2 < place_count ? behind[k + 1] : NULL;
        const struct search_stop stop = {.origin = k == 0, .last = !next, .from = from->at, .to = to->at,
                                         .service_ms = next ? to->call->service_ms : c->request->stay_ms};
        const struct metric *metric;
        struct constraint always;
        constraint_leg(c, from->at, to->at);
        enum status status = metrics->get(metrics->context, c, &metric, err);
        if (status == STATUS_OK) status = closed_in_rules(c, c->depart_ms, &always, err);
        bool leads_on = !next;
        for (uint32_t i = 0; next && i < to->state_count; i++) leads_on = leads_on || next[i] != UINT64_MAX;
        for (uint32_t i = 0; status == STATUS_OK && i < (k ? from->state_count : from->start_count); i++) {
            struct leg_seed leaves[JOURNEY_LEAVES_MAX] = {any};
            uint32_t count = 1;
            uint64_t rest = UINT64_MAX;
            if (k) count = journey_leave(c, from, from->states[i], any, leaves);
            else leaves[0].node = from->starts[i].node, leaves[0].offset_mm = from->starts[i].offset_mm;
            if (leads_on)
                status = search_least(search, &always, metric, &stop, leaves, count, to->states, to->state_count, next, budget, settled,
                                      &rest, err);
            if (k) behind[k][i] = rest;
            else if (i == 0 || rest < *least) *least = rest;
        }
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* Might a journey that costs at least so much be as good as the best so far, of `cost`? Beyond the bound it is left out for now. */
static bool might_be_best(uint64_t least, uint64_t cost, struct bound *bound)
{
    if (least == UINT64_MAX) return false;
    bound->cut = bound->cut || least > bound->most;
    return least <= cost && least <= bound->most;
}

/* Where nothing was found, and nearly all of the network looked at for that: can anybody come there at any moment? */
static enum status comes_there(struct constraint *c, struct search *search, const struct metric_source *metrics, const struct place *places,
                               uint32_t looked, bool *comes, struct error *err)
{
    enum { NETWORK_SHARE = 4 };
    const struct metric *metric;
    struct moments *moments;
    *comes = true;
    if (!moments_do(c) || looked < c->g->node_count / NETWORK_SHARE) return STATUS_OK;
    constraint_leg(c, places[0].at, places[1].at);
    enum status status = metrics->get(metrics->context, c, &metric, err);
    if (status == STATUS_OK) status = search_moments(search, &moments, err);
    if (status == STATUS_OK) status = moments_from(moments, c, metric, &places[0], err);
    if (status == STATUS_OK) *comes = moments_reach(moments, &places[1]);
    return status;
}

/* As few labels as will do: first those that are earlier by the grain than all cheaper ones, then, where that is in doubt, all that
 * are earlier, then all. What can only lead to a journey that is dearer than the one that was found is no doubt. Nothing costs less
 * than `least`. */
static enum status passes(struct constraint *c, struct search *search, const struct metric_source *metrics, const struct place *places,
                          uint32_t place_count, struct bound *bound, uint64_t least, uint32_t budget, uint32_t *settled, struct journey *j,
                          bool *late, struct error *err)
{
    static const enum search_mode modes[] = {SEARCH_EARLIEST, SEARCH_FINE, SEARCH_ALL};
    const uint32_t before = *settled;
    bool later = false, earlier = true; /* might be better */
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof modes / sizeof *modes && status == STATUS_OK; i++) {
        if (modes[i] == SEARCH_FINE && (later || !earlier)) continue;
        if (modes[i] == SEARCH_ALL && !later) break;
        if (i > 0 && j->cost < bound->most && !by_time(c)) bound->most = j->cost;
        struct search_doubt doubt = SEARCH_NO_DOUBT;
        status = pass(c, search, metrics, places, place_count, modes[i], bound, budget, settled, j, &doubt, late, err);
        later = might_be_best(doubt.later, j->cost, bound);
        earlier = might_be_best(doubt.thinned > doubt.early ? doubt.thinned : doubt.early, j->cost, bound);
        if (j->cost <= least) break;
        bool comes = true;
        if (status == STATUS_OK && i == 0 && j->cost == UINT64_MAX && place_count == 2 && (later || earlier))
            status = comes_there(c, search, metrics, places, *settled - before, &comes, err);
        if (!comes) break;
    }
    return status;
}

/* By distance or cost, with calls. A dearer way to a call may be the better one where it is earlier, so all that are earlier
 * by the grain are carried along; over several legs they are hundreds and thousands, nearly all of which come to nothing.
 * No journey costs less than the ways of its legs by the loose reading, so one is looked for first among those that cost
 * little more than that: what is found there is the cheapest of all, and what would have cost more need not be known. Only
 * if nothing is found is more allowed. Ways that are dearer and later as well are looked at where some rule would let them
 * pass, and only such as cost no more than what was found without them. */
static enum status search_within(struct constraint *c, struct search *search, const struct metric_source *metrics,
                                 const struct place *places, uint32_t place_count, uint32_t budget, uint32_t *settled,
                                 struct journey *j, bool *late, struct error *err)
{
    static const uint32_t more_permille[] = {1, 2, 5, 10, 20, 50, 200, UINT32_MAX};
    uint64_t (*behind)[PLACE_STATES_MAX] = arena_zero(c->arena, place_count, sizeof *behind);
    uint64_t least;
    if (!behind) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = bounds_of(c, search, metrics, places, place_count, behind, &least, err);
    if (status == STATUS_OK && metrics->free && least != UINT64_MAX)
        status = bounds_tighten(c, search, metrics, places, place_count, budget, settled, behind, &least, err);
    j->cost = UINT64_MAX;
    if (status != STATUS_OK || least == UINT64_MAX) return status;
    for (size_t i = 0; i < sizeof more_permille / sizeof *more_permille; i++) {
        struct bound bound = {(const uint64_t (*)[PLACE_STATES_MAX])behind, UINT64_MAX, false};
        if (more_permille[i] != UINT32_MAX) bound.most = least + least / 1000 * more_permille[i];
        status = passes(c, search, metrics, places, place_count, &bound, least, budget, settled, j, late, err);
        if (status != STATUS_OK || j->cost != UINT64_MAX || !bound.cut) break;
    }
    return status;
}

enum status journey_search(struct constraint *c, struct search *search, const struct metric_source *metrics,
                           const struct place *places, uint32_t place_count, uint32_t budget, uint32_t *settled,
                           struct journey *j, bool *late, struct error *err)
{
    struct bound none = {NULL, UINT64_MAX, false};
    *late = false;
    if (place_count > 2 && (!by_time(c) || c->penalty))
        return search_within(c, search, metrics, places, place_count, budget, settled, j, late, err);
    return passes(c, search, metrics, places, place_count, &none, 0, budget, settled, j, late, err);
}

enum status journey_relaxed(struct constraint *c, struct search *search, const struct metric_source *metrics,
                            const struct place *places, uint32_t place_count, uint32_t budget, uint32_t *settled,
                            struct journey *j, struct error *err)
{
    struct bound none = {NULL, UINT64_MAX, false};
    struct search_doubt doubt = SEARCH_NO_DOUBT;
    bool late = false;
    return pass(c, search, metrics, places, place_count, SEARCH_RELAXED, &none, budget, settled, j, &doubt, &late, err);
}

void journey_replay(struct constraint *c, const struct place *places, struct journey *j, enum move_reading reading,
                    const struct journey_visitor *visitor, uint64_t *cost, bool *lawful)
{
    int64_t now = c->depart_ms;
    uint64_t spent = 0;
    struct move_log log;
    *lawful = true;
    for (uint32_t k = 0; k < j->leg_count; k++) {
        struct journey_leg *leg = &j->legs[k];
        constraint_leg(c, places[k].at, places[k + 1].at);
        int64_t never = TIME_OPEN, service = k + 1 < j->leg_count ? places[k + 1].call->service_ms : 0;
        now += leg->wait_ms + (int64_t)leg->seed.extra_ms;
        spent += leg_extra_cost(c, leg->seed.extra_ms);
        leg->begin_ms = now;
        if (!constraint_call_open(c, places[k].at, false, now, now, &never, NULL)) *lawful = false;
        struct arc_use before;
        for (uint32_t i = 0; i < leg->way.hop_count; i++) {
            const struct hop *hop = &leg->way.hops[i];
            bool last = i + 1 == leg->way.hop_count;
            struct arc_use use = i == 0 ? (last ? leg_only_use(c, &leg->seed, &leg->goal) : leg_first_use(c, &leg->seed))
                                 : last ? leg_last_use(c, &leg->goal)
                                        : arc_use_whole(c->n, c->g->node_arc[hop->node]);
            struct move m;
            now += hop->wait_ms;
            if (!passage_move(c, i ? &before : NULL, hop->turn, &use, now, reading, &m, visitor ? &log : NULL))
                *lawful = false;
            if (!*lawful && !visitor) return;
            if (visitor && reading == MOVE_RELAX && log.breach_count > 0) *lawful = false;
            if (visitor) visitor->hop(visitor->context, k, i, &use, now, &m, &log);
            spent += passage_cost(c, &m);
            now = m.arrive_ms;
            before = use;
        }
        leg->arrive_ms = now;
        int64_t stay = k + 1 < j->leg_count ? service : c->request->stay_ms;
        if (!constraint_call_open(c, places[k + 1].at, false, now, now + stay, &never, NULL)) *lawful = false;
        now += service;
    }
    *cost = by_time(c) ? (uint64_t)(now - c->depart_ms) : spent;
}
