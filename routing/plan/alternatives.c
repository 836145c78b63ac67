#include "routing/plan/alternatives.h"

#include <string.h>

enum { PENALTY_MAX = 8, TRIES_MAX = 12 };

static void punish(const struct network *n, const struct plan *plan, uint8_t *penalty, bool on)
{
    for (uint32_t k = 0; k < plan->leg_count; k++)
        for (uint32_t i = 0; i < plan->legs[k].arc_count; i++) {
            arc_id a = plan->legs[k].arcs[i], back = network_opposite(n, a);
            if (!on) penalty[a] = 0;
            else if (penalty[a] < PENALTY_MAX) penalty[a]++;
            if (back != NO_ARC) penalty[back] = penalty[a];
        }
}

/* Which arcs some leg drives: those whose stamp is the number of the last question. */
struct marks {
    uint32_t *stamp; /* [arc] */
    uint32_t number;
};

static bool marks_make(struct marks *marks, const struct constraint *c)
{
    *marks = (struct marks){.stamp = arena_zero(c->arena, (size_t)c->n->arc_count + 1, sizeof *marks->stamp)};
    return marks->stamp != NULL;
}

static void mark(struct marks *marks, const struct plan *plan, uint32_t leg)
{
    for (uint32_t i = 0; leg < plan->leg_count && i < plan->legs[leg].arc_count; i++)
        marks->stamp[plan->legs[leg].arcs[i]] = marks->number;
}

static bool marked(const struct marks *marks, arc_id a)
{
    return marks->stamp[a] == marks->number;
}

/* Millimetres that `plan` drives on arcs of the same leg of `other`. */
static uint64_t shared_mm(const struct network *n, struct marks *marks, const struct plan *plan, const struct plan *other)
{
    uint64_t sum = 0;
    for (uint32_t k = 0; k < plan->leg_count; k++) {
        marks->number++;
        mark(marks, other, k);
        for (uint32_t i = 0; i < plan->legs[k].arc_count; i++)
            if (marked(marks, plan->legs[k].arcs[i])) sum += network_arc_length_mm(n, plan->legs[k].arcs[i]);
    }
    return sum;
}

/* What a plan costs under the preference, without what is done at its calls. */
static uint64_t plan_cost(const struct constraint *c, const struct plan *plan)
{
    if (c->request->prefer == PREFER_TIME) return plan->duration_ms;
    return passage_cost_of(c, plan->drive_ms, plan->distance_mm, (uint64_t)plan->toll_fen * 100);
}

static uint64_t leg_cost(const struct constraint *c, const struct leg *leg)
{
    return passage_cost_of(c, leg->drive_ms, leg->distance_mm, 0); /* tolls aside */
}

static bool welcome(const struct constraint *c, struct marks *marks, const struct answer *answer, const struct plan *plan)
{
    uint64_t best = plan_cost(c, answer->plans[0]), cost = plan_cost(c, plan);
    if (cost < best || cost > best + best / 2) return false;
    for (uint32_t i = 0; i < answer->plan_count; i++)
        if (shared_mm(c->n, marks, plan, answer->plans[i]) > plan->distance_mm * 7 / 10) return false;
    return true;
}

/* ---- local optimality ---------------------------------------------------------------------------------------------- */

/* A leg hop by hop. */
struct stretch_cost {
    struct arc_use use;
    uint64_t alone, after; /* loose cost of its drive; with the turn onto it, after the hop before */
    bool fresh;            /* no plan so far drives there */
};

static struct stretch_cost *leg_costs(const struct constraint *c, struct marks *marks, const struct journey_leg *leg,
                                      const struct answer *answer, uint32_t k)
{
    uint32_t n = leg->way.hop_count;
    struct stretch_cost *of = arena_zero(c->arena, n + 1, sizeof *of);
    marks->number++;
    for (uint32_t p = 0; p < answer->plan_count; p++) mark(marks, answer->plans[p], k);
    for (uint32_t i = 0; of && i < n; i++) {
        const struct hop *hop = &leg->way.hops[i];
        struct move m;
        of[i].use = i == 0 && n == 1 ? leg_only_use(c, &leg->seed, &leg->goal)
                    : i == 0         ? leg_first_use(c, &leg->seed)
                    : i + 1 == n     ? leg_last_use(c, &leg->goal)
                                     : arc_use_whole(c->n, c->g->node_arc[hop->node]);
        if (passage_move(c, NULL, 0, &of[i].use, c->depart_ms, MOVE_LOOSE, &m, NULL)) of[i].alone = passage_cost(c, &m);
        if (i > 0 && passage_move(c, &of[i - 1].use, hop->turn, &of[i].use, c->depart_ms, MOVE_LOOSE, &m, NULL))
            of[i].after = passage_cost(c, &m);
        of[i].fresh = !marked(marks, of[i].use.arc);
    }
    return of;
}

/* Is each window that has something new in it the cheapest way between its ends? A window begins with the drive along a hop
 * and goes on for `window` after it; the next begins half of that later. */
static enum status leg_optimal(const struct constraint *c, struct query *query, const struct metric *metric,
                               const struct journey_leg *leg, const struct stretch_cost *of, uint64_t window, bool *yes,
                               struct error *err)
{
    uint32_t n = leg->way.hop_count;
    for (uint32_t from = 0, to = 0; *yes && to + 1 < n;) {
        uint64_t cost = 0, gone = 0;
        bool fresh = false;
        for (to = from; to + 1 < n && cost + of[to + 1].after <= window; to++) {
            cost += of[to + 1].after;
            fresh = fresh || of[to + 1].fresh;
        }
        if (fresh) {
            struct leg_seed begin = {.node = leg->way.hops[from].node, .offset_mm = from ? 0 : leg->seed.offset_mm};
            struct leg_goal end = {leg->way.hops[to].node, of[to].use.to_mm};
            struct leg_way way;
            enum status status = leg_loose(c, query, metric, &begin, 1, &end, 1, false, &way, err);
            if (status != STATUS_OK) return status;
            *yes = way.cost >= of[from].alone + cost;
        }
        uint32_t next = from + 1;
        while (next < to && (gone += of[next].after) < window / 2) next++;
        from = next;
        if (to < from) to = from;
    }
    return STATUS_OK;
}

static enum status locally_optimal(struct constraint *c, const struct alternatives_tools *tools, struct marks *marks,
                                   const struct place *places, const struct journey *j, const struct answer *answer, bool *yes, struct error *err)
{
    enum status status = STATUS_OK;
    *yes = true;
    for (uint32_t k = 0; k < j->leg_count && *yes && status == STATUS_OK; k++) {
        const struct metric *metric;
        constraint_leg(c, places[k].at, places[k + 1].at);
        status = tools->metrics->get(tools->metrics->context, c, &metric, err);
        const struct stretch_cost *of = leg_costs(c, marks, &j->legs[k], answer, k);
        if (status == STATUS_OK && !of) status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        if (status == STATUS_OK) status = leg_optimal(c, tools->query, metric, &j->legs[k], of, leg_cost(c, &answer->plans[0]->legs[k]) / 2, yes, err);
    }
    return status;
}

/* ---- smoothing ------------------------------------------------------------------------------------------------------ */

/* The middle of the longest stretch that no plan so far drives; 0: there is none. */
static uint32_t middle_of_fresh(const struct stretch_cost *of, uint32_t n)
{
    uint64_t longest = 0;
    uint32_t middle = 0;
    for (uint32_t from = 1; from + 1 < n;) {
        uint64_t cost = 0, half = 0;
        uint32_t to = from, m = from;
        for (; to + 1 < n && of[to].fresh; to++) cost += of[to].after;
        for (; m + 1 < to && half + of[m].after < cost / 2; m++) half += of[m].after;
        if (cost > longest) longest = cost, middle = m;
        from = to + 1;
    }
    return middle;
}

/* Drives the leg anew by way of one of its hops, as cheaply as it can on either side of it. `*yes` false: it cannot. */
static enum status leg_through(const struct constraint *c, struct query *query, const struct metric *metric, struct journey_leg *leg,
                               uint32_t via, uint64_t via_alone, bool *yes, struct error *err)
{
    arc_node node = leg->way.hops[via].node;
    struct leg_goal at = {node, network_arc_length_mm(c->n, c->g->node_arc[node])};
    struct leg_seed on = {.node = node};
    struct leg_way there, back;
    enum status status = leg_loose(c, query, metric, &leg->seed, 1, &at, 1, true, &there, err);
    if (status == STATUS_OK) status = leg_loose(c, query, metric, &on, 1, &leg->goal, 1, true, &back, err);
    *yes = status == STATUS_OK && there.cost != UINT64_MAX && back.cost != UINT64_MAX;
    if (!*yes) return status;
    uint32_t count = there.hop_count + back.hop_count - 1;
    struct hop *hops = arena_zero(c->arena, count, sizeof *hops);
    if (!hops) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    memcpy(hops, there.hops, there.hop_count * sizeof *hops);
    memcpy(hops + there.hop_count, back.hops + 1, (back.hop_count - 1) * sizeof *hops);
    leg->way = (struct leg_way){.cost = there.cost + back.cost - via_alone, .hop_count = count, .hops = hops};
    return STATUS_OK;
}

/* Penalties bend a way where nothing but they ask for it. What is new in it is worth keeping, not the bends: each leg is
 * driven anew through the middle of its longest new stretch, and judged by the clock. `*yes`: that is lawful. */
static enum status smooth(struct constraint *c, const struct alternatives_tools *tools, struct marks *marks,
                          const struct place *places, const struct answer *answer, struct journey *j, bool *yes, struct error *err)
{
    enum status status = STATUS_OK;
    *yes = true;
    for (uint32_t k = 0; k < j->leg_count && *yes && status == STATUS_OK; k++) {
        const struct metric *metric;
        constraint_leg(c, places[k].at, places[k + 1].at);
        const struct stretch_cost *of = leg_costs(c, marks, &j->legs[k], answer, k);
        if (!of) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        uint32_t via = middle_of_fresh(of, j->legs[k].way.hop_count);
        status = tools->metrics->get(tools->metrics->context, c, &metric, err);
        if (status == STATUS_OK && via) status = leg_through(c, tools->query, metric, &j->legs[k], via, of[via].alone, yes, err);
        j->legs[k].wait_ms = 0;
    }
    if (status == STATUS_OK && *yes) journey_replay(c, places, j, MOVE_EXACT, NULL, &j->cost, yes);
    return status;
}

/* ---- one after the other --------------------------------------------------------------------------------------------- */

/* The journey as a plan, taken if it keeps the promise. */
static enum status offer(struct constraint *c, const struct alternatives_tools *tools, struct marks *marks,
                         const struct place *places, uint32_t place_count, struct journey *j, struct arena *arena, struct answer *answer, struct plan **plan,
                         bool *taken, struct error *err)
{
    bool optimal = false;
    *taken = false;
    enum status status = plan_build(c, &tools->plan, places, place_count, j, MOVE_EXACT, arena, plan, err);
    if (status != STATUS_OK || !welcome(c, marks, answer, *plan)) return status;
    status = locally_optimal(c, tools, marks, places, j, answer, &optimal, err);
    if (status != STATUS_OK || !optimal) return status;
    status = tools->verify(tools->context, *plan, err);
    *taken = status == STATUS_OK;
    if (*taken) answer->plans[answer->plan_count++] = *plan;
    return status;
}

enum status alternatives_add(struct constraint *c, const struct alternatives_tools *tools, const struct place *places,
                             uint32_t place_count, struct arena *arena, struct answer *answer, struct error *err)
{
    struct journey *j = arena_zero(c->arena, 1, sizeof *j);
    struct plan *seen[TRIES_MAX];
    uint32_t wanted = c->request->alternatives < 3 ? c->request->alternatives : 3, seen_count = 0;
    struct marks marks;
    if (!j || !marks_make(&marks, c)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    enum status status = STATUS_OK;
    struct plan *plan = answer->plans[0];
    for (uint32_t tries = 0; tries < 3 * wanted && answer->plan_count <= wanted; tries++) {
        bool late, taken, lawful;
        punish(c->n, plan, tools->penalty, true);
        seen[seen_count++] = plan;
        c->penalty = tools->penalty;
        status = journey_search(c, tools->search, tools->metrics, places, place_count, tools->budget, &answer->settled, j,
                                &late, err);
        c->penalty = NULL;
        if (status != STATUS_OK || j->cost == UINT64_MAX) break;
        status = offer(c, tools, &marks, places, place_count, j, arena, answer, &plan, &taken, err);
        if (status == STATUS_OK && !taken) {
            struct plan *smoother;
            status = smooth(c, tools, &marks, places, answer, j, &lawful, err);
            if (status == STATUS_OK && lawful) {
                status = offer(c, tools, &marks, places, place_count, j, arena, answer, &smoother, &taken, err);
                if (taken) plan = smoother;
            }
        }
        if (status != STATUS_OK) break;
    }
    for (uint32_t i = 0; i < seen_count; i++) punish(c->n, seen[i], tools->penalty, false);
    return status == STATUS_SEARCH_BUDGET_EXCEEDED ? STATUS_OK : status;
}
