/* Explanations against the oracle: the cut separates and is no larger than it must be; what each rule costs is the
 * difference between two answers of the oracle. */
#include "routing/planner/planner_explain.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include "routing/constraint/passage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { REQUESTS = 10, LABELS = 300000, CUTS_SHOWN = 64 };

static uint32_t rounds(uint32_t n)
{
    const char *scale = getenv("ROUNDS");
#if defined(__SANITIZE_ADDRESS__)
    n /= 3;
#endif
    return scale ? (uint32_t)strtoul(scale, NULL, 10) : n;
}

struct tally {
    uint32_t plans, none, skipped, rules, longer, cuts, arcs, inexact;
};

/* ---- rules set aside, the oracle's way ------------------------------------------------------------------------------ */

struct aside {
    bool zones[WORLD_ZONES], checkpoints[WORLD_CHECKPOINTS], closures[WORLD_CLOSURES], *roads;
    struct oracle_lifts lifts;
};

static void aside_none(struct aside *a, uint32_t road_count)
{
    memset(a->zones, 0, sizeof a->zones);
    memset(a->checkpoints, 0, sizeof a->checkpoints);
    memset(a->closures, 0, sizeof a->closures);
    memset(a->roads, 0, road_count);
    a->lifts = (struct oracle_lifts){a->zones, a->checkpoints, a->closures, a->roads, false};
}

static void aside_add(struct aside *a, const struct breach *b)
{
    if (b->kind == CONFLICT_GATE || b->kind == CONFLICT_CREDENTIAL) a->checkpoints[b->checkpoint] = true;
    else if (b->kind == CONFLICT_CLOSURE) a->closures[b->closure] = true;
    else if (b->zone != UINT32_MAX) a->zones[b->zone] = true;
    else if (b->kind == CONFLICT_AVOID) a->lifts.avoidances = true;
    else a->roads[b->road] = true;
}

/* The oracle's answer; or the lawful plan, which stays lawful, where the oracle's vehicle comes too early for a gate and may
 * not wait. */
static void same(const char *what, uint32_t rule, const struct detour_measure *m, struct oracle_route *o,
                 const struct aside *a, const struct oracle_place *places, uint32_t place_count, uint64_t lawful, uint64_t seed)
{
    o->lifts = a->lifts;
    uint64_t expected = oracle_route_cost(o, places, place_count);
    if (expected != UINT64_MAX - 1 && expected > lawful) expected = lawful;
    if (expected != UINT64_MAX - 1 && expected != m->cost)
        fail_msg("seed %llu: %s of rule %u: %llu, the oracle finds %llu", (unsigned long long)seed, what, rule,
                 (unsigned long long)m->cost, (unsigned long long)expected);
}

static void check_detour(const struct route_world *w, struct oracle_route o, const struct oracle_place *places,
                         uint32_t place_count, const struct explanation *e, struct tally *t, uint64_t seed)
{
    const struct detour *d = &e->detour;
    struct aside a = {.roads = calloc(w->f.network.road_count + 1, 1)};
    assert_non_null(d->plan);
    assert_false(d->plan->issuable);
    assert_true(d->unrestricted.cost <= d->lawful.cost);
    if (d->found <= DETOUR_RULES_MAX) assert_int_equal(d->together.cost, d->unrestricted.cost);
    for (uint32_t k = 0; k < d->rule_count; k++) {
        const struct detour_rule *r = &d->rules[k];
        assert_true(r->without.cost <= d->lawful.cost && r->only.cost >= d->together.cost);
        if (k > 0) assert_true(d->rules[k - 1].without.cost <= r->without.cost);
        aside_none(&a, w->f.network.road_count);
        aside_add(&a, &r->breach);
        same("without", k, &r->without, &o, &a, places, place_count, d->lawful.cost, seed);
        aside_none(&a, w->f.network.road_count);
        for (uint32_t i = 0; i < d->rule_count; i++)
            if (i != k) aside_add(&a, &d->rules[i].breach);
        same("only", k, &r->only, &o, &a, places, place_count, d->lawful.cost, seed);
    }
    aside_none(&a, w->f.network.road_count);
    for (uint32_t i = 0; i < d->rule_count; i++) aside_add(&a, &d->rules[i].breach);
    same("together", UINT32_MAX, &d->together, &o, &a, places, place_count, d->lawful.cost, seed);
    aside_none(&a, w->f.network.road_count);
    o.no_rules = true;
    same("unrestricted", UINT32_MAX, &d->unrestricted, &o, &a, places, place_count, UINT64_MAX, seed);
    t->rules += d->rule_count;
    t->longer += d->lawful.cost > d->unrestricted.cost;
    free(a.roads);
}

/* ---- the cut ------------------------------------------------------------------------------------------------------------ */

/* Every rule set aside and nothing but the cut closed: there must be no way through that leg. The oracle closes whole
 * arcs, so a cut arc that is closed in part only (where the leg begins or ends) cannot be asked about this way; nor a
 * later leg, which the oracle would begin in whatever direction suits it. */
static void check_separates(const struct route_world *w, struct oracle_route o, const struct oracle_place *places,
                            const struct cut *cut, uint64_t seed)
{
    const struct network *n = &w->f.network;
    struct road_direction arcs[CUTS_SHOWN];
    if (cut->total > CUTS_SHOWN || cut->leg > 0) return;
    for (uint32_t i = 0; i < cut->arc_count; i++) {
        const struct cut_arc *a = &cut->arcs[i];
        if (a->to_mm - a->from_mm != network_arc_length_mm(n, a->arc)) return;
        arcs[i] = (struct road_direction){n->road_source_id[n->arc_road[a->arc]], n->arc_reversed[a->arc]};
    }
    struct closure closure = {.id = "cut", .name = "cut", .cause = "", .document = "", .authority = "", .physical = true,
                              .action = CLOSURE_CLOSED, .subject = {.gross_max_kg = UINT32_MAX, .axles_max = UINT32_MAX},
                              .schedule = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}, .arc_count = cut->arc_count,
                              .arcs = arcs};
    struct rules_input input = w->input;
    struct rules *rules;
    struct error err = ERROR_INIT;
    bool zones[WORLD_ZONES], *roads = malloc(n->road_count + 1);
    memset(zones, 1, sizeof zones);
    memset(roads, 1, n->road_count + 1);
    input.closure_count = 1;
    input.closures = &closure;
    assert_int_equal(rules_compile(n, w->base.spatial, &input, NULL, &rules, &err), STATUS_OK);
    o.rules = rules;
    o.lifts = (struct oracle_lifts){.zones = zones, .roads = roads, .avoidances = true};
    struct oracle_place pair[2] = {places[cut->leg], places[cut->leg + 1]};
    if (oracle_route_cost(&o, pair, 2) < UINT64_MAX - 1)
        fail_msg("seed %llu: a way round the cut of leg %u (%u arcs)", (unsigned long long)seed, cut->leg, cut->total);
    rules_release(rules);
    free(roads);
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

static void check_cut(const struct route_world *w, struct oracle_route o, const struct oracle_place *places,
                      const struct explanation *e, struct tally *t, uint64_t seed)
{
    const struct cut *cut = &e->cut;
    t->inexact += !cut->exact;
    if (cut->leg == UINT32_MAX || !e->answer.relaxed) return;
    t->cuts++;
    t->arcs += cut->total;
    assert_true(cut->total > 0);
    check_separates(w, o, places, cut, seed);
}

/* ---- the two together ------------------------------------------------------------------------------------------------------ */

static void compare(struct planner *p, const struct route_world *w, const struct route_request *q,
                    const struct oracle_place *places, uint32_t place_count, struct tally *t, uint64_t seed)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct explanation e;
    arena_init(&arena, 256 << 20);
    enum status status = planner_explain(p, w->view, q, &arena, &e, &err);
    struct oracle_route o = {.n = &w->f.network, .g = &w->f.turns, .rules = w->rules, .request = q,
                             .dawdle_ms = 5 * 60 * 1000, .grain_ms = 30 * 1000, .label_max = LABELS};
    if (status == STATUS_SNAP_TOO_FAR) t->skipped++;
    else if (status != STATUS_OK) fail_msg("seed %llu: %s: %s %s", (unsigned long long)seed, status_code(status), err.en, err.log);
    else if (e.answer.cause == STATUS_OK) check_detour(w, o, places, place_count, &e, t, seed), t->plans++;
    else check_cut(w, o, places, &e, t, seed), t->none++;
    arena_clear(&arena);
}

static void run(const char *name, struct world_options options, uint32_t count, enum preference prefer)
{
    uint64_t seed = oracle_seed(name);
    struct tally t = {0};
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
            /* what rules cost is said for the credentials that the plan was made with: here none ends under way */
            for (uint32_t c = 0; c < q.credential_count; c++) q.credentials[c].valid_until_ms = TIME_OPEN;
            compare(p, &w, &q, places, place_count, &t, round_seed);
        }
        planner_free(p);
        route_world_clear(&w);
    }
    printf("%s: %u plans, %u longer than without rules, %u rules weighed; %u without a plan, %u cuts of %u arcs, "
           "%u not exact; %u skipped\n", name, t.plans, t.longer, t.rules, t.none, t.cuts, t.arcs, t.inexact, t.skipped);
}

static void rules_cost_what_the_oracle_says_where_time_does_not_matter(void **state)
{
    (void)state;
    run("explain static", (struct world_options){.zones = 5, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 55},
        rounds(60), PREFER_TIME);
    run("explain posted", (struct world_options){.zones = 2, .closures = 1, .size_m = 40000, .nodes = 30, .roads = 55, .posted = 16},
        rounds(30), PREFER_TIME);
}

static void rules_cost_what_the_oracle_says_by_distance(void **state)
{
    (void)state;
    run("explain distance", (struct world_options){.zones = 4, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 55},
        rounds(40), PREFER_DISTANCE);
}

static void rules_cost_what_the_oracle_says_where_they_come_and_go(void **state)
{
    (void)state;
    run("explain timed",
        (struct world_options){.timed = true, .zones = 5, .closures = 2, .size_m = 60000, .nodes = 25, .roads = 40},
        rounds(60), PREFER_TIME);
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
        cmocka_unit_test(each_arc_of_a_cut_lies_between_what_is_reached_and_the_destination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
