/* Where it is said that nobody comes to a place at any moment, the oracle finds no way there. */
#include "routing/constraint/loose.h"
#include "routing/search/moments.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { SIDE = 9, LABELS = 300000 };

struct tally {
    uint32_t pairs, ways, never, loose_never, unsaid; /* never: by that; of which the loose reading knows a way; none, and not said */
};

/* Does the loose reading lead from one place to the other? */
static bool loose_way(const struct constraint *c, const weight *weights, const struct place *from, const struct place *to)
{
    const struct turn_graph *g = c->g;
    bool *seen = calloc(g->node_count, sizeof *seen), found = false;
    arc_node *queue = malloc(g->node_count * sizeof *queue);
    uint32_t count = 0;
    assert_true(seen && queue);
    for (uint32_t i = 0; i < from->start_count; i++)
        if (!seen[from->starts[i].node]) seen[from->starts[i].node] = true, queue[count++] = from->starts[i].node;
    for (uint32_t done = 0; done < count; done++)
        for (turn_id t = g->first_out[queue[done]]; t < g->first_out[queue[done] + 1]; t++)
            if (weights[t] < WEIGHT_INFINITY && !seen[g->head[t]]) seen[g->head[t]] = true, queue[count++] = g->head[t];
    for (uint32_t k = 0; k < to->state_count; k++) found = found || seen[to->states[k].node];
    free(seen), free(queue);
    return found;
}

struct looking {
    struct route_world *w;
    struct moments *moments;
    struct constraint *c;
    const struct route_request *q;
    weight *arcs, *turns;
    uint64_t seed;
    struct tally *t;
};

static void check(struct looking *l, const struct place *from, const struct place *to, const struct oracle_place pair[2])
{
    struct error err = ERROR_INIT;
    const struct metric metric = {.edge = l->turns};
    constraint_leg(l->c, from->at, to->at);
    if (!moments_do(l->c)) return;
    loose_weights(l->c, l->arcs, l->turns);
    assert_int_equal(moments_from(l->moments, l->c, &metric, from, &err), STATUS_OK);
    const bool comes = moments_reach(l->moments, to);
    struct oracle_route o = {.n = &l->w->f.network, .g = &l->w->f.turns, .rules = l->w->rules, .request = l->q, .dawdle_ms = 300000,
                             .grain_ms = 30000, .label_max = LABELS};
    const uint64_t cost = oracle_route_cost(&o, pair, 2);
    if (!comes && cost < UINT64_MAX - 1)
        fail_msg("seed %llu: nobody comes from %u to %u, but at a cost of %llu", (unsigned long long)l->seed, from->call_index, to->call_index,
                 (unsigned long long)cost);
    l->t->pairs++;
    l->t->ways += cost < UINT64_MAX - 1;
    l->t->never += !comes;
    l->t->loose_never += !comes && loose_way(l->c, l->turns, from, to);
    l->t->unsaid += comes && cost == UINT64_MAX;
}

static void run_world(const struct world_options *options, enum preference prefer, uint64_t seed, struct tally *t)
{
    static struct route_world w;
    uint64_t random = seed;
    struct error err = ERROR_INIT;
    struct projection *projection = NULL;
    struct route_request q, other;
    struct oracle_place at[SIDE], places[CALLS_MAX + 1];
    struct place snapped[SIDE];
    struct call calls[SIDE];
    struct pieces pieces;
    struct constraint c;
    struct breach none;
    struct arena arena;
    uint32_t place_count, found = 0;
    route_world_make(&w, options, &random);
    struct looking l = {.w = &w, .c = &c, .q = &q, .seed = seed, .t = t};
    l.arcs = malloc((w.base.turns.arc_count + 1) * sizeof *l.arcs);
    l.turns = malloc((w.base.turns.turn_count + 1) * sizeof *l.turns);
    assert_true(l.arcs && l.turns);
    assert_int_equal(projection_open(w.f.network.projection, &projection, &err), STATUS_OK);
    assert_int_equal(moments_new(&w.base, &l.moments, &err), STATUS_OK);
    arena_init(&arena, 64 << 20);
    if (route_world_request(&w, options, &random, &q, places, &place_count)) {
        q.prefer = prefer;
        q.max_wait_ms = 0;
        q.credential_count = 0;
        q.call_count = 2;
        assert_int_equal(pieces_init(&pieces, &w.f.network, vehicle_is_lorry(&q.vehicle), &err), STATUS_OK);
        assert_int_equal(constraint_init(&c, &w.base, w.rules, &q, &pieces, q.depart_ms + 86400000, q.depart_ms + 4 * 86400000ll, NULL, &arena,
                                         &err), STATUS_OK);
        for (uint32_t tries = 0; tries < 4 * SIDE && found < SIDE; tries++) {
            if (!route_world_request(&w, options, &random, &other, places, &place_count)) continue;
            calls[found] = other.calls[0];
            calls[found].service_ms = 0;
            if (place_snap(&c, w.base.spatial, projection, &calls[found], found, false, &snapped[found], &none, &err) != STATUS_OK ||
                snapped[found].at.road != places[0].road || snapped[found].at.offset_mm != places[0].offset_mm)
                continue;
            at[found] = places[0];
            at[found++].service_ms = 0;
        }
        for (uint32_t a = 0; a < found; a++)
            for (uint32_t b = 0; b < found; b++) check(&l, &snapped[a], &snapped[b], (struct oracle_place[2]){at[a], at[b]});
        constraint_done(&c);
        pieces_clear(&pieces);
    }
    arena_clear(&arena);
    moments_free(l.moments);
    projection_close(projection);
    free(l.arcs), free(l.turns);
    route_world_clear(&w);
}

static void run(const char *name, struct world_options options, enum preference prefer)
{
    const uint64_t seed = oracle_seed(name);
    struct tally t = {0};
    for (uint32_t i = 0; oracle_goes_on(i, oracle_rounds(60), t.loose_never > 0 && t.ways > 0); i++) run_world(&options, prefer, seed + i, &t);
    printf("%s: %u pairs, %u with a way, to %u nobody comes (the loose reading knows a way to %u of them); %u more without\n", name, t.pairs, t.ways,
           t.never, t.loose_never, t.unsaid);
    if (!getenv("SEED")) assert_true(t.loose_never > 0 && t.ways > 0);
}

static void where_nobody_comes_there_is_no_way(void **state)
{
    (void)state;
    const struct world_options shaken = {.timed = true, .zones = 5, .closures = 2, .size_m = 60000, .nodes = 40, .roads = 70};
    struct world_options even = shaken, level = shaken, late = shaken, tolls = shaken;
    even.even = level.level = late.late = tolls.tolls = true;
    run("moments by distance", shaken, PREFER_DISTANCE);
    run("moments by distance even", even, PREFER_DISTANCE);
    run("moments by distance level", level, PREFER_DISTANCE);
    run("moments by distance late", late, PREFER_DISTANCE);
    run("moments by cost", tolls, PREFER_COST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(where_nobody_comes_there_is_no_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
