/* The turn graph against a driver who remembers everything: on random small networks with random turn restrictions,
 * the lawful sequences of arcs are the same, for every kind of vehicle. */
#include "tests/property/oracle_graph.h"
#include "tests/unit/network_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { LENGTH_MAX = 6, RULES_MAX = 12 };

struct rule {
    int64_t roads[10];
    uint32_t count;
    int64_t via_node;
    bool only;
    uint8_t subjects;
};

struct world {
    struct fixture f;
    struct rule rules[RULES_MAX];
    uint32_t rule_count;
    uint32_t compared;
};

/* ---- the oracle: straight from the rows ---- */

static bool joined(const struct network *n, arc_id a, arc_id b)
{
    if (n->arc_head[a] != n->arc_tail[b]) return false;
    bool back = n->arc_road[a] == n->arc_road[b] && a != b;
    uint32_t ends = 0;
    for (arc_id c = 0; c < n->arc_count; c++) { /* a two-way road is counted twice at each of its ends */
        uint32_t times = network_opposite(n, c) == NO_ARC ? 2 : 1;
        if (n->arc_head[c] == n->arc_head[a]) ends += times;
        if (n->arc_tail[c] == n->arc_head[a]) ends += times;
    }
    return !back || ends == 2 || (n->node_flags[n->arc_head[a]] & NODE_TURNING_PLACE) != 0;
}

/* Is arc `a` road i of the rule? */
static bool on_road(const struct network *n, const struct rule *r, uint32_t i, arc_id a)
{
    return n->road_source_id[n->arc_road[a]] == r->roads[i];
}

/* Can the rule's chain be driven to its end, when `a` is its road i? */
static bool completes(const struct network *n, const struct rule *r, uint32_t i, arc_id a)
{
    if (i + 1 == r->count) return true;
    for (arc_id b = 0; b < n->arc_count; b++)
        if (on_road(n, r, i + 1, b) && joined(n, a, b) && completes(n, r, i + 1, b)) return true;
    return false;
}

static bool at_via(const struct network *n, const struct rule *r, arc_id a)
{
    return r->count > 2 || n->node_source_id[n->arc_head[a]] == r->via_node;
}

/* May `next` follow `history` for a subject? */
static bool lawful(const struct world *w, const arc_id *history, uint32_t length, arc_id next, uint8_t subject)
{
    const struct network *n = &w->f.network;
    if (!joined(n, history[length - 1], next)) return false;
    for (uint32_t part = 1; part <= length; part++) { /* the last `part` arcs are the beginning of a rule */
        const arc_id *driven = history + length - part;
        bool bound = false, allowed = false;
        for (uint32_t i = 0; i < w->rule_count; i++) {
            const struct rule *r = &w->rules[i];
            if (!(r->subjects & subject) || part >= r->count || !at_via(n, r, driven[0])) continue;
            bool begins = true;
            for (uint32_t k = 0; k < part; k++) begins = begins && on_road(n, r, k, driven[k]);
            if (!begins || !completes(n, r, part - 1, driven[part - 1])) continue;
            bool next_is = on_road(n, r, part, next) && completes(n, r, part, next);
            if (r->only) {
                bound = true;
                allowed = allowed || next_is;
            } else if (part + 1 == r->count && next_is) {
                return false;
            }
        }
        if (bound && !allowed) return false;
    }
    return true;
}

static bool lawful_for(const struct world *w, const arc_id *history, uint32_t length, arc_id next, uint8_t subjects)
{
    for (int bit = 1; bit <= TURN_HAZMAT; bit <<= 1)
        if ((subjects & bit) && !lawful(w, history, length, next, (uint8_t)bit)) return false;
    return true;
}

/* Walks both at once; the sets of sequences are equal if the sets of next arcs are, everywhere. */
static void compare(struct world *w, arc_node node, arc_id *history, uint32_t length, uint8_t subjects)
{
    const struct network *n = &w->f.network;
    const struct turn_graph *g = &w->f.turns;
    assert_int_equal(g->node_arc[node], history[length - 1]);
    if (length == LENGTH_MAX || w->compared > 60000) return;
    for (arc_id next = 0; next < n->arc_count; next++) {
        arc_node reached = UINT32_MAX;
        for (turn_id t = g->first_out[node]; t < g->first_out[node + 1]; t++) {
            if (g->node_arc[g->head[t]] != next || (g->forbidden_to[t] & subjects) != 0) continue;
            assert_int_equal(reached, UINT32_MAX); /* one turn for one way on */
            reached = g->head[t];
        }
        bool expected = lawful_for(w, history, length, next, subjects);
        if (expected != (reached != UINT32_MAX)) {
            fprintf(stderr, "subjects %u, after", subjects);
            for (uint32_t i = 0; i < length; i++) fprintf(stderr, " %u", history[i]);
            fprintf(stderr, " arc %u should be %s\n", next, expected ? "lawful" : "forbidden");
        }
        assert_int_equal(expected, reached != UINT32_MAX);
        w->compared++;
        if (reached == UINT32_MAX) continue;
        history[length] = next;
        compare(w, reached, history, length + 1, subjects);
    }
}

/* ---- random worlds ---- */

static void make_world(struct world *w, uint64_t *random)
{
    memset(w, 0, sizeof *w);
    fixture_init(&w->f);
    uint32_t nodes = 3 + oracle_below(random, 5), roads = nodes + oracle_below(random, 8);
    int64_t from[20], to[20];
    for (uint32_t i = 0; i < nodes; i++) {
        fixture_node(&w->f, i, (int32_t)oracle_below(random, 3000), (int32_t)oracle_below(random, 3000));
        if (oracle_below(random, 5) == 0) fixture_node_flags(&w->f, i, NODE_TURNING_PLACE);
    }
    for (uint32_t i = 0; i < roads; i++) {
        from[i] = i < nodes ? i : oracle_below(random, nodes);
        to[i] = i + 1 < nodes ? i + 1 : oracle_below(random, nodes);
        FIXTURE_ROAD(&w->f, .id = i, .from = from[i], .to = to[i], .oneway = oracle_below(random, 4) == 0);
    }
    uint32_t wanted = oracle_below(random, RULES_MAX);
    for (uint32_t k = 0; k < wanted; k++) {
        struct rule *r = &w->rules[w->rule_count];
        int64_t at = oracle_below(random, nodes);
        uint32_t length = 2 + oracle_below(random, 4);
        *r = (struct rule){.only = oracle_below(random, 3) == 0,
                           .subjects = oracle_below(random, 2) ? TURN_ALL : (uint8_t)(1 + oracle_below(random, 7))};
        for (uint32_t tries = 0; r->count < length && tries < 200; tries++) { /* a walk over roads that join */
            uint32_t road = oracle_below(random, roads);
            if (oracle_below(random, 40) != 0 && from[road] != at && to[road] != at) continue;
            at = from[road] == at ? to[road] : from[road];
            if (r->count == 0) r->via_node = at;
            r->roads[r->count++] = road;
        }
        if (r->count < 2) continue;
        if (r->count == 2)
            fixture_turn(&w->f, r->roads[0], r->via_node, r->roads[1], r->only, r->subjects);
        else
            fixture_turn_over(&w->f, r->roads[0], r->roads + 1, r->count - 2, r->roads[r->count - 1], r->only,
                              r->subjects);
        w->rule_count++;
    }
    fixture_build(&w->f);
}

static void lawful_sequences_of_arcs_are_those_of_a_driver_who_remembers_everything(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("turn_graph");
    static const uint8_t vehicles[] = {TURN_LORRY, TURN_LIGHT, TURN_LORRY | TURN_HAZMAT, TURN_LIGHT | TURN_HAZMAT};
    uint32_t copies = 0;
    for (uint32_t round = 0; oracle_goes_on(round, 400, copies > 0); round++) { /* the hard cases are to occur */
        static struct world w;
        make_world(&w, &random);
        copies += w.f.turns.node_count - w.f.turns.arc_count;
        for (size_t v = 0; v < sizeof vehicles; v++)
            for (arc_id a = 0; a < w.f.network.arc_count; a++) {
                arc_id history[LENGTH_MAX] = {a};
                w.compared = 0;
                compare(&w, a, history, 1, vehicles[v]);
            }
        fixture_clear(&w.f);
    }
    assert_true(copies > 0);
}

static void arrays_of_a_turn_graph_agree_with_each_other(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("turn_graph arrays");
    for (int round = 0; round < 300; round++) {
        static struct world w;
        make_world(&w, &random);
        const struct turn_graph *g = &w.f.turns;
        assert_int_equal(g->first_out[0], 0);
        assert_int_equal(g->first_out[g->node_count], g->turn_count);
        assert_int_equal(g->first_in[g->node_count], g->turn_count);
        assert_int_equal(g->first_copy[g->arc_count], g->node_count - g->arc_count);
        for (arc_node v = 0; v < g->node_count; v++) {
            for (turn_id t = g->first_out[v]; t < g->first_out[v + 1]; t++) {
                assert_true(t == g->first_out[v] || g->head[t - 1] < g->head[t]);
                assert_int_not_equal(g->forbidden_to[t] & 3, 3);
            }
            for (uint32_t i = g->first_in[v]; i < g->first_in[v + 1]; i++) {
                assert_int_equal(g->head[g->in_turn[i]], v);
                assert_true(g->first_out[g->tail[i]] <= g->in_turn[i] && g->in_turn[i] < g->first_out[g->tail[i] + 1]);
            }
            if (v >= g->arc_count) assert_true(g->first_in[v + 1] > g->first_in[v]); /* no copy in vain */
        }
        for (arc_id a = 0; a < g->arc_count; a++)
            for (uint32_t i = g->first_copy[a]; i < g->first_copy[a + 1]; i++)
                assert_int_equal(g->node_arc[g->copy[i]], a);
        fixture_clear(&w.f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lawful_sequences_of_arcs_are_those_of_a_driver_who_remembers_everything),
        cmocka_unit_test(arrays_of_a_turn_graph_agree_with_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
