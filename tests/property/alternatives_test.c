/* Alternatives against their promise: bounded, different, lawful, and nowhere a detour that a plain search would cut short. */
#include "routing/planner/planner_route.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include "routing/constraint/passage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { REQUESTS = 10 };

/* By distance in millimetres, whatever costs are counted in. */
static uint64_t cost_of(const struct plan *plan, const struct route_request *q)
{
    return q->prefer == PREFER_DISTANCE ? plan->distance_mm : plan->duration_ms;
}

/* By how much the sum of moves that are rounded one by one may differ from that. */
static uint64_t rounding(const struct constraint *c, const struct plan *plan)
{
    uint64_t moves = 0;
    for (uint32_t k = 0; k < plan->leg_count; k++) moves += plan->legs[k].arc_count;
    return c->request->prefer == PREFER_DISTANCE ? moves * c->unit_mm / 2 : 0;
}

static bool drives(const struct plan *plan, uint32_t leg, arc_id a)
{
    if (leg >= plan->leg_count) return false;
    for (uint32_t i = 0; i < plan->legs[leg].arc_count; i++)
        if (plan->legs[leg].arcs[i] == a) return true;
    return false;
}

static void check_different(const struct network *n, const struct answer *a, uint32_t which, uint64_t seed)
{
    const struct plan *plan = a->plans[which];
    for (uint32_t other = 0; other < which; other++) {
        uint64_t shared = 0;
        for (uint32_t k = 0; k < plan->leg_count; k++)
            for (uint32_t i = 0; i < plan->legs[k].arc_count; i++)
                if (drives(a->plans[other], k, plan->legs[k].arcs[i])) shared += network_arc_length_mm(n, plan->legs[k].arcs[i]);
        /* whole arcs are counted, of those at calls a part is driven */
        if (shared > (uint64_t)plan->distance_mm * 7 / 10 + 1)
            fail_msg("seed %llu: plan %u shares %llu of %u mm with plan %u", (unsigned long long)seed, which,
                     (unsigned long long)shared, plan->distance_mm, other);
    }
}

/* ---- no short cuts --------------------------------------------------------------------------------------------------- */

/* The arc nodes of a leg: where via-way restrictions have made copies of an arc, the one that its predecessor leads to. */
static bool nodes_of(const struct constraint *c, const struct leg *leg, arc_node *node, turn_id *turn)
{
    const struct turn_graph *g = c->g;
    node[0] = leg->arcs[0];
    for (uint32_t i = 1; i < leg->arc_count; i++) {
        bool found = false;
        for (turn_id t = g->first_out[node[i - 1]]; t < g->first_out[node[i - 1] + 1] && !found; t++) {
            if (g->node_arc[g->head[t]] != leg->arcs[i] || (g->forbidden_to[t] & c->subject)) continue;
            node[i] = g->head[t];
            turn[i] = t;
            found = true;
        }
        if (!found) return false; /* the journey came onto a copy of the first arc */
    }
    return true;
}

static uint64_t step(const struct constraint *c, arc_node u, turn_id t, arc_node v)
{
    struct arc_use from = arc_use_whole(c->n, c->g->node_arc[u]), to = arc_use_whole(c->n, c->g->node_arc[v]);
    struct move m;
    if ((c->g->forbidden_to[t] & c->subject) || !passage_move(c, &from, t, &to, c->depart_ms, MOVE_EXACT, &m, NULL)) return UINT64_MAX;
    return passage_cost(c, &m);
}

/* From the end of one arc to the end of another, by going round until nothing gets better. */
static uint64_t least(const struct constraint *c, arc_node from, arc_node to)
{
    const struct turn_graph *g = c->g;
    uint64_t *at = malloc(g->node_count * sizeof *at), answer;
    for (arc_node v = 0; v < g->node_count; v++) at[v] = UINT64_MAX;
    at[from] = 0;
    for (bool more = true; more;) {
        more = false;
        for (arc_node u = 0; u < g->node_count; u++)
            for (turn_id t = g->first_out[u]; at[u] != UINT64_MAX && t < g->first_out[u + 1]; t++) {
                uint64_t cost = step(c, u, t, g->head[t]);
                if (cost == UINT64_MAX || at[u] + cost >= at[g->head[t]]) continue;
                at[g->head[t]] = at[u] + cost;
                more = true;
            }
    }
    answer = at[to];
    free(at);
    return answer;
}

/* Stretches of up to a quarter of the first plan's leg, where they are not on a plan before this one. */
static uint32_t check_stretches(const struct constraint *c, const struct answer *a, uint32_t which, uint32_t k, uint64_t quarter,
                                uint64_t seed)
{
    const struct leg *leg = &a->plans[which]->legs[k];
    arc_node node[512];
    turn_id turn[512];
    uint32_t checked = 0;
    if (leg->arc_count < 4 || leg->arc_count > 512 || !nodes_of(c, leg, node, turn)) return 0;
    for (uint32_t from = 1; from + 2 < leg->arc_count; from++) {
        uint64_t cost = 0, next;
        uint32_t to = from;
        bool fresh = false;
        for (; to + 2 < leg->arc_count; to++, cost += next) {
            next = step(c, node[to], turn[to + 1], node[to + 1]);
            if (next == UINT64_MAX) return checked; /* a zone that is open to this leg by its exact ends */
            if (cost + next > quarter) break;
            bool old = false;
            for (uint32_t other = 0; other < a->plan_count; other++) old = old || (other < which && drives(a->plans[other], k, leg->arcs[to + 1]));
            fresh = fresh || !old;
        }
        if (to == from || !fresh) continue;
        uint64_t best = least(c, node[from], node[to]);
        if (best < cost)
            fail_msg("seed %llu: plan %u, leg %u: arcs %u to %u cost %llu, %llu would do", (unsigned long long)seed, which, k, from, to,
                     (unsigned long long)cost, (unsigned long long)best);
        checked++;
    }
    return checked;
}

/* `waits`: with leave to wait, from ten minutes up. Under rules that come and go no stretches are looked into. */
static void run_from(const char *name, uint64_t seed, struct world_options options, uint32_t count, enum preference prefer, bool waits)
{
    uint32_t plans = 0, more = 0, checked = 0, waiting = 0;
    for (uint32_t i = 0; oracle_goes_on(i, count, more > 0 && (options.timed || checked > 0) && (!waits || waiting > 0)); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        static struct constraint c;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            struct arena arena;
            struct answer a;
            struct pieces pieces;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.prefer = prefer;
            q.alternatives = 3;
            if (waits) q.max_wait_ms = 60000 * (10 + oracle_below(&random, 60));
            arena_init(&arena, 64 << 20);
            enum status status = planner_route(p, w.view, &q, PLANNER_FULL, &arena, &a, &err);
            if (status != STATUS_OK && status != STATUS_SNAP_TOO_FAR)
                fail_msg("seed %llu: %s: %s %s", (unsigned long long)seed + i, status_code(status), err.en, err.log);
            if (status == STATUS_OK && a.cause == STATUS_OK) {
                plans++;
                more += a.plan_count - 1;
                assert_int_equal(pieces_init(&pieces, &w.f.network, vehicle_is_lorry(&q.vehicle), &err), STATUS_OK);
                assert_int_equal(constraint_init(&c, &w.base, w.rules, &q, &pieces, q.depart_ms + 86400000, q.depart_ms + 4 * 86400000ll,
                                                 NULL, &arena, &err), STATUS_OK);
                for (uint32_t n = 1; n < a.plan_count; n++) {
                    uint64_t best = cost_of(a.plans[0], &q), other = cost_of(a.plans[n], &q);
                    uint64_t slack = rounding(&c, a.plans[0]) + rounding(&c, a.plans[n]);
                    if (other + slack < best || other > best + best / 2 + slack)
                        fail_msg("seed %llu: plan %u costs %llu, the first %llu", (unsigned long long)seed + i, n, (unsigned long long)other,
                                 (unsigned long long)best);
                    check_different(&w.f.network, &a, n, seed + i);
                    assert_true(a.plans[n]->wait_ms <= q.max_wait_ms);
                    waiting += a.plans[n]->wait_ms > 0;
                    for (uint32_t leg = 0; leg < a.plans[n]->leg_count && !c.varying; leg++) {
                        constraint_leg(&c, (struct road_position){a.plans[n]->waypoints[leg].road, 0},
                                       (struct road_position){a.plans[n]->waypoints[leg + 1].road, 0});
                        const struct leg *first = &a.plans[0]->legs[leg];
                        uint64_t whole = prefer == PREFER_DISTANCE ? first->distance_mm / c.unit_mm : first->drive_ms;
                        checked += check_stretches(&c, &a, n, leg, whole / 4, seed + i);
                    }
                }
                constraint_done(&c);
                pieces_clear(&pieces);
            }
            arena_clear(&arena);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u questions, %u alternatives, %u stretches looked into, %u wait\n", name, plans, more, checked, waiting);
    if (!getenv("SEED")) assert_true(more > 0 && (options.timed || checked > 0) && (!waits || waiting > 0));
}

static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer)
{
    run_from(name, oracle_seed(name), options, count, prefer, false);
}

static void no_alternative_has_a_short_cut(void **state)
{
    (void)state;
    run("alternatives", (struct world_options){.zones = 3, .closures = 1, .size_m = 40000, .nodes = 60, .roads = 120}, oracle_rounds(60),
        PREFER_TIME);
}

static void no_alternative_by_distance_has_a_short_cut(void **state)
{
    (void)state;
    run("alternatives by distance", (struct world_options){.zones = 3, .closures = 1, .size_m = 40000, .nodes = 60, .roads = 120},
        oracle_rounds(60), PREFER_DISTANCE);
}

/* Where costs by distance are counted in centimetres. */
static void no_alternative_across_a_country_has_a_short_cut(void **state)
{
    (void)state;
    struct world_options far = {.zones = 3, .closures = 1, .size_m = 1500000, .nodes = 60, .roads = 120};
    run("alternatives far", far, oracle_rounds(20), PREFER_TIME);
    run("alternatives far by distance", far, oracle_rounds(40), PREFER_DISTANCE);
}

/* The checker says that each is lawful; that it waits no longer than it may, and is no better than the first, is said here. */
static void alternatives_wait_as_long_as_they_may(void **state)
{
    (void)state;
    struct world_options timed = {.timed = true, .zones = 4, .closures = 1, .size_m = 40000, .nodes = 40, .roads = 80};
    /* got wrong once: a slower way is there when a zone is over, more than five minutes after the fastest, and was an alternative to
     * a plan that it is better than */
    run_from("alternatives better", 640001002, timed, 1, PREFER_TIME, true);
    run_from("alternatives waiting", oracle_seed("alternatives waiting"), timed, oracle_rounds(60), PREFER_TIME, true);
    run_from("alternatives waiting by distance", oracle_seed("alternatives waiting by distance"), timed, oracle_rounds(40),
             PREFER_DISTANCE, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_alternative_has_a_short_cut),
        cmocka_unit_test(no_alternative_by_distance_has_a_short_cut),
        cmocka_unit_test(no_alternative_across_a_country_has_a_short_cut),
        cmocka_unit_test(alternatives_wait_as_long_as_they_may),
    };
    if (getenv("ONLY")) cmocka_set_test_filter(getenv("ONLY"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
