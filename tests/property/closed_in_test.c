/* What is found backwards from the goals of a leg is a bound: no move breaks fewer rules than the levels at its ends part by,
 * and where nothing may be broken, no move leads in from outside. */
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include "routing/search/closed_in.h"
#include "routing/search/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

struct tally {
    uint32_t moves, raised, closed, outside;
};

/* Every move of the graph and every last one to a goal, at some moments. */
static void check_levels(struct closed_in *x, const struct constraint *c, const struct place *to, uint64_t *random, struct tally *t)
{
    const struct turn_graph *g = c->g;
    for (arc_node u = 0; u < g->node_count; u++) {
        const struct arc_use from = arc_use_whole(c->n, g->node_arc[u]);
        for (turn_id turn = g->first_out[u]; turn < g->first_out[u + 1]; turn++) {
            arc_node v = g->head[turn];
            struct move m;
            struct move_log log;
            int64_t at_ms = c->depart_ms + (int64_t)oracle_below(random, 48) * 1800000;
            const struct arc_use whole = arc_use_whole(c->n, g->node_arc[v]);
            if (g->forbidden_to[turn] & c->subject) continue;
            for (uint32_t k = 0; k < to->state_count; k++) {
                const struct arc_use last = leg_last_use(c, &to->states[k]);
                if (to->states[k].node == v && passage_move(c, &from, turn, &last, at_ms, MOVE_RELAX, &m, &log))
                    assert_true(closed_in_level(x, u) <= closed_in_new_breaches(c, &from, &log));
            }
            if (!passage_move(c, &from, turn, &whole, at_ms, MOVE_RELAX, &m, &log)) continue;
            assert_true(closed_in_level(x, u) <= closed_in_new_breaches(c, &from, &log) + closed_in_level(x, v));
            t->moves++;
            t->raised += closed_in_level(x, u) > closed_in_level(x, v);
        }
    }
}

static void check_closed(struct closed_in *x, const struct constraint *c, const struct place *to, uint64_t *random, struct tally *t)
{
    const struct turn_graph *g = c->g;
    t->closed++;
    for (arc_node u = 0; u < g->node_count; u++) {
        if (closed_in_looked_at(x, u)) continue;
        t->outside += !closed_in_reached_from(x, to->states, to->state_count, u);
        const struct arc_use from = arc_use_whole(c->n, g->node_arc[u]);
        for (turn_id turn = g->first_out[u]; turn < g->first_out[u + 1]; turn++) {
            struct move m;
            int64_t at_ms = c->depart_ms + (int64_t)oracle_below(random, 48) * 1800000;
            const struct arc_use whole = arc_use_whole(c->n, g->node_arc[g->head[turn]]);
            if (passage_move(c, &from, turn, &whole, at_ms, MOVE_EXACT, &m, NULL)) assert_false(closed_in_looked_at(x, g->head[turn]));
            for (uint32_t k = 0; k < to->state_count; k++) {
                const struct arc_use last = leg_last_use(c, &to->states[k]);
                if (to->states[k].node == g->head[turn]) assert_false(passage_move(c, &from, turn, &last, at_ms, MOVE_EXACT, &m, NULL));
            }
        }
    }
}

static void levels_are_bounds(void **state)
{
    (void)state;
    const uint64_t seed = oracle_seed("closed_in");
    struct tally t = {0};
    for (uint32_t i = 0; oracle_goes_on(i, oracle_rounds(30), t.raised > 0 && t.outside > 0); i++) {
        struct world_options options = {.timed = i % 2, .zones = 5, .closures = 3, .size_m = 4000, .nodes = 40, .roads = 70};
        struct error err = ERROR_INIT;
        struct route_world w;
        struct closed_in *x;
        struct projection *projection = NULL;
        uint64_t random = seed + i;
        route_world_make(&w, &options, &random);
        assert_int_equal(projection_open(w.f.network.projection, &projection, &err), STATUS_OK);
        assert_int_equal(closed_in_new(&w.base, &x, &err), STATUS_OK);
        for (uint32_t k = 0; k < 6; k++) {
            struct route_request q;
            struct oracle_place at[CALLS_MAX + 1];
            struct place from, to;
            struct pieces pieces;
            struct constraint c, always;
            struct breach none;
            struct arena arena;
            uint32_t place_count;
            if (!route_world_request(&w, &options, &random, &q, at, &place_count)) continue;
            arena_init(&arena, 64 << 20);
            assert_int_equal(pieces_init(&pieces, &w.f.network, vehicle_is_lorry(&q.vehicle), &err), STATUS_OK);
            assert_int_equal(constraint_init(&c, &w.base, w.rules, &q, &pieces, q.depart_ms + 86400000, q.depart_ms + 4 * 86400000ll,
                                             NULL, &arena, &err), STATUS_OK);
            if (place_snap(&c, w.base.spatial, projection, &q.calls[0], 0, true, &from, &none, &err) == STATUS_OK &&
                place_snap(&c, w.base.spatial, projection, &q.calls[1], 1, true, &to, &none, &err) == STATUS_OK) {
                constraint_leg(&c, from.at, to.at);
                assert_int_equal(closed_in_rules(&c, c.depart_ms, &always, &err), STATUS_OK);
                uint32_t most = oracle_below(&random, 2) ? c.g->node_count : oracle_below(&random, 60);
                closed_in_levels(x, &always, to.states, to.state_count, most, NULL);
                check_levels(x, &c, &to, &random, &t);
                if (closed_in_find(x, &always, to.states, to.state_count, most, NULL)) check_closed(x, &c, &to, &random, &t);
            }
            constraint_done(&c);
            pieces_clear(&pieces);
            arena_clear(&arena);
        }
        closed_in_free(x);
        projection_close(projection);
        route_world_clear(&w);
    }
    printf("closed in: %u moves, %u over a border, %u closed regions with %u arc nodes outside\n", t.moves, t.raised, t.closed, t.outside);
    assert_true(t.raised > 0 && t.outside > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(levels_are_bounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
