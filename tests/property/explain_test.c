/* Explanations against the oracle: the cut separates and is no larger than it must be; what each rule costs is the
 * difference between two answers of the oracle. */
#include "routing/planner/planner_explain.h"
#include "tests/property/compare_explain.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include "routing/constraint/passage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { REQUESTS = 10, LABELS = 300000 };

static uint32_t rounds(uint32_t n)
{
    const char *scale = getenv("ROUNDS");
#if defined(__SANITIZE_ADDRESS__)
    n /= 3;
#endif
    return scale ? (uint32_t)strtoul(scale, NULL, 10) : n;
}

/* Of a journey of one leg under rules that do not change (credentials that end on the way do): R and B by going round until nothing is new. */
static void check_arcs(struct constraint *c, const struct place *places, const struct cut *cut, uint64_t seed)
{
    const struct turn_graph *g = c->g;
    const struct network *n = c->n;
    bool *in = calloc(g->node_count, 1), *beyond = calloc(g->node_count, 1);
    struct move m;
    constraint_leg(c, places[0].at, places[1].at);
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < places[0].start_count; i++) {
            struct leg_seed seed_of = {.node = places[0].starts[i].node, .offset_mm = places[0].starts[i].offset_mm};
            struct arc_use use = leg_first_use(c, &seed_of);
            if (!passage_move(c, NULL, 0, &use, c->depart_ms, MOVE_EXACT, &m, NULL)) continue;
            for (turn_id t = g->first_out[seed_of.node]; t < g->first_out[seed_of.node + 1]; t++) {
                struct arc_use to = arc_use_whole(n, g->node_arc[g->head[t]]);
                if (in[g->head[t]] || (g->forbidden_to[t] & c->subject) || !passage_move(c, &use, t, &to, c->depart_ms, MOVE_EXACT, &m, NULL)) continue;
                more = in[g->head[t]] = true;
            }
        }
        for (arc_node u = 0; u < g->node_count; u++)
            for (turn_id t = g->first_out[u]; in[u] && t < g->first_out[u + 1]; t++) {
                struct arc_use use = arc_use_whole(n, g->node_arc[u]), to = arc_use_whole(n, g->node_arc[g->head[t]]);
                if (in[g->head[t]] || (g->forbidden_to[t] & c->subject) || !passage_move(c, &use, t, &to, c->depart_ms, MOVE_EXACT, &m, NULL)) continue;
                more = in[g->head[t]] = true;
            }
    }
    for (bool more = true; more;) {
        more = false;
        for (arc_node u = 0; u < g->node_count; u++)
            for (turn_id t = g->first_out[u]; !in[u] && !beyond[u] && t < g->first_out[u + 1]; t++) {
                bool leads = beyond[g->head[t]];
                if (g->forbidden_to[t] & c->subject) continue;
                for (uint32_t i = 0; i < places[1].state_count; i++) leads = leads || places[1].states[i].node == g->head[t];
                if (leads) more = beyond[u] = true;
            }
    }
    uint32_t reached = 0;
    for (arc_node u = 0; u < g->node_count; u++) reached += in[u];
    assert_int_equal(reached, cut->reached);
    for (uint32_t k = 0; k < cut->arc_count; k++) {
        const struct cut_arc *a = &cut->arcs[k];
        bool tail = false, head = false, first = false;
        for (arc_node v = 0; v < g->node_count; v++) {
            if (g->node_arc[v] != a->arc) continue;
            head = head || beyond[v];
            for (uint32_t i = 0; i < places[1].state_count; i++) head = head || places[1].states[i].node == v;
            for (uint32_t i = 0; i < places[0].start_count; i++) {
                first = first || places[0].starts[i].node == v;
                for (uint32_t t = g->first_in[v]; t < g->first_in[v + 1]; t++)
                    tail = tail || places[0].starts[i].node == g->tail[t];
            }
            for (uint32_t t = g->first_in[v]; t < g->first_in[v + 1]; t++) tail = tail || in[g->tail[t]];
        }
        if (!(tail || first) || !(head || first))
            fail_msg("seed %llu: arc %u of the cut: tail %d first %d head %d", (unsigned long long)seed, a->arc, tail, first, head);
        assert_true(a->breach_count > 0);
    }
    free(in);
    free(beyond);
}

/* `waits`: with leave to wait, from ten minutes up. */
static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer, bool waits)
{
    uint64_t seed = oracle_seed(name);
    struct explain_tally t = {0};
    for (uint32_t i = 0; i < (getenv("SEED") && !getenv("ROUNDS") ? 1 : count); i++) {
        uint64_t round_seed = seed + i, random = round_seed;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct planner *p = NULL;
        route_world_make(&w, &options, &random);
        assert_int_equal(planner_new(&w.base, &p, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place places[CALLS_MAX + 1];
            uint32_t place_count;
            if (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
            q.prefer = prefer;
            if (waits) q.max_wait_ms = 60000 * (10 + oracle_below(&random, 60));
            /* what rules cost is said for the credentials that the plan was made with: here none ends under way */
            for (uint32_t c = 0; c < q.credential_count; c++) q.credentials[c].valid_until_ms = TIME_OPEN;
            explain_compare(p, &w, &q, places, place_count, LABELS, &t, round_seed);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u plans, %u longer than without rules, %u rules weighed; %u without a plan, %u cuts of %u arcs, "
           "%u not exact; %u skipped\n", name, t.plans, t.longer, t.rules, t.none, t.cuts, t.arcs, t.inexact, t.skipped + t.off);
}

static void rules_cost_what_the_oracle_says_where_time_does_not_matter(void **state)
{
    (void)state;
    run("explain static", (struct world_options){.zones = 5, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 55},
        rounds(60), PREFER_TIME, false);
    run("explain posted", (struct world_options){.zones = 2, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 55, .posted = 16},
        rounds(30), PREFER_TIME, false);
    run("explain shared", (struct world_options){.shared = true, .zones = 2, .closures = 1, .size_m = 30000, .nodes = 16, .roads = 30},
        rounds(40), PREFER_TIME, false);
}

static void rules_cost_what_the_oracle_says_by_distance(void **state)
{
    (void)state;
    run("explain distance", (struct world_options){.zones = 4, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 55},
        rounds(40), PREFER_DISTANCE, false);
}

static void rules_cost_what_the_oracle_says_where_they_come_and_go(void **state)
{
    (void)state;
    run("explain timed",
        (struct world_options){.timed = true, .zones = 5, .closures = 2, .size_m = 60000, .nodes = 25, .roads = 40},
        rounds(60), PREFER_TIME, false);
}

static void rules_cost_no_more_than_the_oracle_says_where_one_may_wait(void **state)
{
    (void)state;
    struct world_options timed = {.timed = true, .zones = 4, .closures = 1, .size_m = 40000, .nodes = 20, .roads = 32};
    run("explain waiting", timed, rounds(30), PREFER_TIME, true);
    run("explain waiting by distance", timed, rounds(30), PREFER_DISTANCE, true);
}

/* Networks of 1,500 km: costs by distance are counted in centimetres, rules read sixteen days ahead. */
static void rules_cost_what_the_oracle_says_across_a_country(void **state)
{
    (void)state;
    struct world_options far = {.zones = 4, .closures = 2, .size_m = 1500000, .nodes = 30, .roads = 55}, timed = far;
    timed.timed = true;
    run("explain far", far, rounds(20), PREFER_TIME, false);
    run("explain far distance", far, rounds(30), PREFER_DISTANCE, false);
    run("explain far timed", timed, rounds(20), PREFER_DISTANCE, false);
}

/* The parts of the engine put together by hand, so that the constraint of the cut can be looked into. */
static void each_arc_of_a_cut_lies_between_what_is_reached_and_the_destination(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("explain cut");
    struct world_options options = {.zones = 5, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 50};
    uint32_t cuts = 0, count = rounds(60);
    for (uint32_t i = 0; i < (getenv("SEED") && !getenv("ROUNDS") ? 1 : count); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        static struct constraint c;
        static struct place places[2];
        struct error err = ERROR_INIT;
        struct pieces pieces;
        struct projection *projection = NULL;
        route_world_make(&w, &options, &random);
        assert_int_equal(projection_open(w.f.network.projection, &projection, &err), STATUS_OK);
        for (uint32_t k = 0; k < REQUESTS; k++) {
            struct route_request q;
            struct oracle_place at[CALLS_MAX + 1];
            uint32_t place_count, settled = 0;
            struct arena arena;
            struct breach none;
            struct cut cut;
            if (!route_world_request(&w, &options, &random, &q, at, &place_count)) continue;
            arena_init(&arena, 64 << 20);
            assert_int_equal(pieces_init(&pieces, &w.f.network, vehicle_is_lorry(&q.vehicle), &err), STATUS_OK);
            assert_int_equal(constraint_init(&c, &w.base, w.rules, &q, &pieces, q.depart_ms + 86400000, q.depart_ms + 4 * 86400000ll,
                                             NULL, &arena, &err), STATUS_OK);
            bool there = true;
            for (uint32_t e = 0; e < 2; e++)
                there = there && place_snap(&c, w.base.spatial, projection, &q.calls[e ? q.call_count - 1 : 0], e, true,
                                            &places[e], &none, &err) == STATUS_OK;
            if (there) {
                assert_int_equal(cut_find(&c, places, 2, UINT32_MAX, &arena, &cut, &settled, &err), STATUS_OK);
                if (cut.leg == 0 && !c.varying) check_arcs(&c, places, &cut, seed + i), cuts++;
            }
            constraint_done(&c);
            pieces_clear(&pieces);
            arena_clear(&arena);
        }
        projection_close(projection);
        route_world_clear(&w);
    }
    printf("explain cut: %u cuts looked into\n", cuts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_cost_what_the_oracle_says_where_time_does_not_matter),
        cmocka_unit_test(rules_cost_what_the_oracle_says_by_distance),
        cmocka_unit_test(rules_cost_what_the_oracle_says_where_they_come_and_go),
        cmocka_unit_test(rules_cost_no_more_than_the_oracle_says_where_one_may_wait),
        cmocka_unit_test(rules_cost_what_the_oracle_says_across_a_country),
        cmocka_unit_test(each_arc_of_a_cut_lies_between_what_is_reached_and_the_destination),
    };
    if (getenv("ONLY")) cmocka_set_test_filter(getenv("ONLY"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
