#include "tests/property/compare_explain.h"

#include "routing/planner/planner_explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { CUTS_SHOWN = 64 };

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
 * not wait. With leave to wait it tries some waits only: there is nothing worse than what they give. */
static void same(const char *what, uint32_t rule, const struct detour_measure *m, struct oracle_route *o,
                 const struct aside *a, const struct oracle_place *places, uint32_t place_count, uint64_t lawful,
                 struct explain_tally *t, uint64_t seed)
{
    o->lifts = a->lifts;
    uint64_t expected = oracle_route_cost(o, places, place_count);
    t->measured++;
    t->skipped += expected == UINT64_MAX - 1;
    if (expected != UINT64_MAX - 1 && expected > lawful) expected = lawful;
    if (o->wait_step_ms && m->cost < expected) return;
    if (expected != UINT64_MAX - 1 && expected != m->cost)
        fail_msg("seed %llu: %s of rule %u: %llu, the oracle finds %llu", (unsigned long long)seed, what, rule,
                 (unsigned long long)m->cost, (unsigned long long)expected);
}

static void check_detour(const struct route_world *w, struct oracle_route o, const struct oracle_place *places,
                         uint32_t place_count, const struct explanation *e, struct explain_tally *t, uint64_t seed)
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
        same("without", k, &r->without, &o, &a, places, place_count, d->lawful.cost, t, seed);
        aside_none(&a, w->f.network.road_count);
        for (uint32_t i = 0; i < d->rule_count; i++)
            if (i != k) aside_add(&a, &d->rules[i].breach);
        same("only", k, &r->only, &o, &a, places, place_count, d->lawful.cost, t, seed);
    }
    aside_none(&a, w->f.network.road_count);
    for (uint32_t i = 0; i < d->rule_count; i++) aside_add(&a, &d->rules[i].breach);
    same("together", UINT32_MAX, &d->together, &o, &a, places, place_count, d->lawful.cost, t, seed);
    aside_none(&a, w->f.network.road_count);
    o.no_rules = true;
    same("unrestricted", UINT32_MAX, &d->unrestricted, &o, &a, places, place_count, UINT64_MAX, t, seed);
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

static void check_cut(const struct route_world *w, struct oracle_route o, const struct oracle_place *places,
                      const struct explanation *e, struct explain_tally *t, uint64_t seed)
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

void explain_compare(struct planner *p, const struct route_world *w, const struct route_request *q, const struct oracle_place *places,
                     uint32_t place_count, uint32_t label_max, struct explain_tally *t, uint64_t seed)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct explanation e;
    arena_init(&arena, 256 << 20);
    enum status status = planner_explain(p, w->view, q, &arena, &e, &err);
    struct oracle_route o = {.n = &w->f.network, .g = &w->f.turns, .rules = w->rules, .request = q,
                             .dawdle_ms = 5 * 60 * 1000, .grain_ms = 30 * 1000, .label_max = label_max};
    if (q->max_wait_ms) o.dawdle_ms = o.grain_ms = 0, o.wait_step_ms = 5 * 60 * 1000;
    if (status == STATUS_SNAP_TOO_FAR) t->off++;
    else if (status != STATUS_OK) fail_msg("seed %llu: %s: %s %s", (unsigned long long)seed, status_code(status), err.en, err.log);
    else if (e.answer.cause == STATUS_OK) check_detour(w, o, places, place_count, &e, t, seed), t->plans++;
    else check_cut(w, o, places, &e, t, seed), t->none++;
    arena_clear(&arena);
}
