#include "routing/journey.h"

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
        j->blocked_leg = k;
        constraint_leg(c, places[k].at, to->at);
        const struct metric *metric;
        enum status status = metrics->get(metrics->context, c, &metric, err);
        if (status != STATUS_OK) return status;
        for (uint32_t r = 0; r < rounds; r++) { /* each state of a call on its own, the last together */
            const struct leg_goal *goals = k + 1 == legs ? to->states : &to->states[r];
            struct leg_way way;
            status = leg_loose(c, query, metric, seeds, seed_count, goals, k + 1 == legs ? to->state_count : 1, true,
                               &way, err);
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

/* One pass over all legs in one mode. */
static enum status pass(struct constraint *c, struct search *search, const struct metric_source *metrics,
                        const struct place *places, uint32_t place_count, enum search_mode mode, uint32_t budget,
                        uint32_t *settled, struct journey *j, bool *loosens, bool *late, struct error *err)
{
    struct layer layers[JOURNEY_LEGS_MAX] = {0};
    uint32_t legs = place_count - 1;
    j->cost = UINT64_MAX;
    for (uint32_t k = 0; k < legs; k++) {
        const struct place *to = &places[k + 1];
        bool final = k + 1 == legs;
        uint32_t seed_count, rounds = final ? 1 : to->state_count;
        struct leg_seed *seeds = seeds_of(c, &places[k], k ? &layers[k - 1] : NULL, &seed_count);
        struct arrival *items = arena_zero(c->arena, final ? 1 : (size_t)rounds * SEARCH_WAYS_MAX, sizeof *items);
        if (!seeds || !items) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        layers[k].items = items;
        j->blocked_leg = k;
        constraint_leg(c, places[k].at, to->at);
        const struct metric *metric;
        enum status status = metrics->get(metrics->context, c, &metric, err);
        if (status != STATUS_OK) return status;
        struct search_stop stop = {.origin = k == 0, .last = final, .from = places[k].at, .to = to->at,
                                   .service_ms = final ? 0 : to->call->service_ms};
        for (uint32_t r = 0; r < rounds; r++) {
            const struct leg_goal *goals = final ? to->states : &to->states[r];
            struct search_result result;
            status = search_run(search, c, metric, &stop, seeds, seed_count, goals, final ? to->state_count : 1, mode,
                                !final, budget, settled, &result, err);
            if (status != STATUS_OK) return status;
            *loosens = *loosens || result.loosens;
            *late = *late || result.late;
            for (uint32_t i = 0; i < result.way_count; i++) {
                struct leg_way *way = &result.ways[i];
                items[layers[k].count++] =
                    (struct arrival){.way = *way, .seed = seeds[way->seed], .goal = goals[way->goal]};
                if (final) break;
            }
        }
        if (layers[k].count == 0) return STATUS_OK;
    }
    journey_take(j, layers, legs);
    choose_times(j, places);
    return STATUS_OK;
}

enum status journey_search(struct constraint *c, struct search *search, const struct metric_source *metrics,
                           const struct place *places, uint32_t place_count, uint32_t budget, uint32_t *settled,
                           struct journey *j, bool *late, struct error *err)
{
    bool loosens = false;
    *late = false;
    enum status status = pass(c, search, metrics, places, place_count, SEARCH_EARLIEST, budget, settled, j, &loosens,
                              late, err);
    if (status != STATUS_OK || !loosens) return status;
    bool again = false;
    return pass(c, search, metrics, places, place_count, SEARCH_ALL, budget, settled, j, &again, late, err);
}

enum status journey_relaxed(struct constraint *c, struct search *search, const struct metric_source *metrics,
                            const struct place *places, uint32_t place_count, uint32_t budget, uint32_t *settled,
                            struct journey *j, struct error *err)
{
    bool loosens = false, late = false;
    return pass(c, search, metrics, places, place_count, SEARCH_RELAXED, budget, settled, j, &loosens, &late, err);
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
        if (!constraint_call_open(c, places[k + 1].at, false, now, now + service, &never, NULL)) *lawful = false;
        now += service;
    }
    *cost = by_time(c) ? (uint64_t)(now - c->depart_ms) : spent;
}
