/* The guided way against the metric's, edge for edge: whatever the guide, among however many ways of equal weight. */
#include "routing/hierarchy/guided.h"
#include "routing/hierarchy/order.h"
#include "tests/property/oracle_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { GRAPHS = 1200, QUERIES = 12, NODES_MAX = 70, SIDE_MAX = 14 };

static uint64_t seed;

struct tally {
    uint32_t ways, none, left, edges, tied;
};

/* Weights of a kind: as in the graph, a few different ones, all equal. `positive` leaves out 0. */
static void weights_draw(struct oracle_graph *g, uint64_t *state, uint32_t kinds, bool positive)
{
    for (uint32_t e = 0; e < g->graph.arc_count; e++) {
        if (kinds) g->weight[e] = 1 + oracle_below(state, kinds);
        if (positive && g->weight[e] == 0) g->weight[e] = 1;
    }
}

/* A square of equal streets, both ways. */
static void grid_make(struct oracle_graph *g, uint64_t *state)
{
    const uint32_t side = 2 + oracle_below(state, SIDE_MAX - 1), n = side * side;
    *g = (struct oracle_graph){.first_out = calloc(n + 1, sizeof(uint32_t)), .head = calloc(4 * n, sizeof(uint32_t)),
                               .weight = calloc(4 * n, sizeof(weight)), .order = calloc(n, sizeof(uint32_t))};
    uint32_t count = 0;
    for (uint32_t v = 0; v < n; v++) {
        g->first_out[v] = count;
        if (v % side > 0) g->head[count++] = v - 1;
        if (v % side + 1 < side) g->head[count++] = v + 1;
        if (v >= side) g->head[count++] = v - side;
        if (v + side < n) g->head[count++] = v + side;
    }
    g->first_out[n] = count;
    for (uint32_t v = 0; v < n; v++) g->order[v] = v;
    for (uint32_t v = n; v > 1; v--) {
        const uint32_t i = oracle_below(state, v), keep = g->order[i];
        g->order[i] = g->order[v - 1];
        g->order[v - 1] = keep;
    }
    g->graph = (struct digraph){n, count, g->first_out, g->head};
    weights_draw(g, state, 1 + oracle_below(state, 2), true);
}

struct pair {
    struct query *query;
    struct guided *guided;
};

static void ends_draw(struct pair *p, uint64_t *state, uint32_t n, uint32_t kinds, bool source)
{
    for (uint32_t i = 1 + (oracle_below(state, 2) ? 0 : oracle_below(state, 6)); i > 0; i--) {
        const uint32_t node = oracle_below(state, n);
        const weight initial = oracle_below(state, 2) ? 0 : kinds ? oracle_below(state, kinds + 2) : oracle_weight(state);
        if (source) {
            assert_int_equal(query_source(p->query, node, initial), STATUS_OK);
            assert_int_equal(guided_source(p->guided, node, initial), STATUS_OK);
        } else {
            assert_int_equal(query_target(p->query, node, initial), STATUS_OK);
            assert_int_equal(guided_target(p->guided, node, initial), STATUS_OK);
        }
    }
}

static void same_way(const struct query_path *a, const struct query_path *b, uint32_t round)
{
    bool same = a->edge_count == b->edge_count && a->source == b->source && a->target == b->target;
    for (uint32_t i = 0; same && i < a->edge_count; i++) same = a->edges[i] == b->edges[i] && a->nodes[i] == b->nodes[i];
    if (!same || a->nodes[a->edge_count] != b->nodes[a->edge_count]) fail_msg("round %u: another way", round);
}

/* Whether the way by the metric of another order is another one: then there are several. */
static bool tied(const struct query_path *way, struct query *other)
{
    struct error err = ERROR_INIT;
    struct query_path path;
    if (query_run(other) == WEIGHT_INFINITY || query_path(other, &path, &err) != STATUS_OK) return false;
    if (path.edge_count != way->edge_count) return true;
    for (uint32_t i = 0; i < path.edge_count; i++)
        if (path.edges[i] != way->edges[i]) return true;
    return false;
}

static void questions(struct pair *p, struct query *other, const struct metric *metric, const struct metric *other_metric,
                      const struct metric *guide, const struct oracle_graph *g, uint64_t *state, uint32_t kinds, uint32_t round,
                      struct tally *t)
{
    struct error err = ERROR_INIT;
    for (uint32_t q = 0; q < QUERIES; q++) {
        uint32_t budget = UINT32_MAX;
        weight found;
        struct query_path by_metric, by_guide;
        query_reset(p->query, metric);
        guided_reset(p->guided, guide, g->weight);
        query_reset(other, other_metric);
        const uint64_t ends = *state;
        ends_draw(p, state, g->graph.node_count, kinds, true);
        ends_draw(p, state, g->graph.node_count, kinds, false);
        const weight best = query_run(p->query);
        const weight limit = oracle_below(state, 4) ? WEIGHT_INFINITY : best < WEIGHT_INFINITY ? best + oracle_below(state, 2) : 7;
        assert_int_equal(guided_run(p->guided, limit, &budget, &found, &err), STATUS_OK);
        if (found != (best < limit ? best : WEIGHT_INFINITY)) fail_msg("round %u: %u, the metric says %u", round, found, best);
        t->none += best == WEIGHT_INFINITY;
        if (found == WEIGHT_INFINITY) continue;
        const enum status status = guided_path(p->guided, &by_guide, &err);
        if (status == STATUS_WOULD_BLOCK) {
            t->left++;
            continue;
        }
        assert_int_equal(status, STATUS_OK);
        assert_int_equal(query_path(p->query, &by_metric, &err), STATUS_OK);
        same_way(&by_metric, &by_guide, round);
        t->ways++;
        t->edges += by_guide.edge_count;
        /* the same ends under another order */
        uint64_t again = ends;
        struct pair twice = {other, p->guided};
        guided_reset(p->guided, guide, g->weight);
        ends_draw(&twice, &again, g->graph.node_count, kinds, true);
        ends_draw(&twice, &again, g->graph.node_count, kinds, false);
        t->tied += tied(&by_metric, other);
    }
}

static void run_graph(struct oracle_graph *g, uint64_t *state, uint32_t kinds, uint32_t round, struct tally *t)
{
    struct error err = ERROR_INIT;
    struct hierarchy *h = NULL, *other_hierarchy = NULL;
    struct metric *metric = NULL, *guide = NULL, *other_metric = NULL;
    struct query *other = NULL;
    struct pair p = {0};
    struct digraph_reverse reverse;
    const uint32_t n = g->graph.node_count;
    uint32_t *order = malloc(n * sizeof *order);
    weight *freer = malloc(((size_t)g->graph.arc_count + 1) * sizeof *freer);
    assert_non_null(order);
    assert_non_null(freer);
    assert_int_equal(order_nested_dissection(&g->graph, NULL, 7, order, &err), STATUS_OK);
    const bool dissected = oracle_below(state, 2);
    assert_int_equal(hierarchy_new(&g->graph, dissected ? order : g->order, &h, &err), STATUS_OK);
    assert_int_equal(hierarchy_new(&g->graph, dissected ? g->order : order, &other_hierarchy, &err), STATUS_OK);
    const uint32_t much = oracle_below(state, 4);
    for (uint32_t e = 0; e < g->graph.arc_count; e++) {
        freer[e] = g->weight[e];
        if (much && oracle_below(state, 2)) freer[e] = much == 1 ? freer[e] - freer[e] / 4 : oracle_below(state, freer[e] + 1);
    }
    assert_int_equal(metric_new(h, g->weight, 1, &metric, &err), STATUS_OK);
    assert_int_equal(metric_new(h, freer, 1, &guide, &err), STATUS_OK);
    assert_int_equal(metric_new(other_hierarchy, g->weight, 1, &other_metric, &err), STATUS_OK);
    assert_int_equal(digraph_reverse_init(&reverse, &g->graph, &err), STATUS_OK);
    const struct guided_graph graph = {g->first_out, g->head, reverse.first_out, reverse.head, reverse.edge};
    assert_int_equal(query_new(h, &p.query, &err), STATUS_OK);
    assert_int_equal(query_new(other_hierarchy, &other, &err), STATUS_OK);
    assert_int_equal(guided_new(h, &graph, &p.guided, &err), STATUS_OK);
    questions(&p, other, metric, other_metric, guide, g, state, kinds, round, t);
    guided_free(p.guided);
    query_free(p.query);
    query_free(other);
    digraph_reverse_clear(&reverse);
    metric_free(metric);
    metric_free(guide);
    metric_free(other_metric);
    hierarchy_free(h);
    hierarchy_free(other_hierarchy);
    oracle_graph_clear(g);
    free(order);
    free(freer);
}

static void tell(const char *what, const struct tally *t)
{
    printf("%s: %u ways of %u edges, of %u another order takes another, %u left to the metric, %u without\n", what, t->ways, t->edges,
           t->tied, t->left, t->none);
}

static void the_guided_way_is_that_of_the_metric(void **unused)
{
    (void)unused;
    struct tally t = {0};
    for (uint32_t round = 0; oracle_goes_on(round, oracle_rounds(GRAPHS), t.ways && t.tied && t.left && t.none); round++) {
        uint64_t state = seed + round;
        struct oracle_graph g;
        oracle_graph_init(&g, &state, NODES_MAX);
        const uint32_t kinds = oracle_below(&state, 3) * oracle_below(&state, 3);
        weights_draw(&g, &state, kinds, kinds > 0 || oracle_below(&state, 2));
        run_graph(&g, &state, kinds, round, &t);
    }
    tell("graphs", &t);
    if (!getenv("SEED")) assert_true(t.ways && t.tied && t.left && t.none);
}

static void nor_does_a_grid_of_equal_streets_tell_them_apart(void **unused)
{
    (void)unused;
    struct tally t = {0};
    for (uint32_t round = 0; oracle_goes_on(round, oracle_rounds(GRAPHS / 6), t.ways && t.tied); round++) {
        uint64_t state = seed + 1000000 + round;
        struct oracle_graph g;
        grid_make(&g, &state);
        run_graph(&g, &state, 1, round, &t);
    }
    tell("grids", &t);
    if (!getenv("SEED")) assert_true(t.tied > t.ways / 4 && t.left == 0);
}

static void a_search_over_its_budget_leaves_the_question_to_the_metric(void **unused)
{
    (void)unused;
    uint64_t state = seed + 7;
    struct error err = ERROR_INIT;
    struct oracle_graph g;
    struct hierarchy *h = NULL;
    struct metric *metric = NULL;
    struct guided *guided = NULL;
    struct digraph_reverse reverse;
    grid_make(&g, &state);
    const uint32_t last = g.graph.node_count - 1;
    assert_int_equal(hierarchy_new(&g.graph, g.order, &h, &err), STATUS_OK);
    assert_int_equal(metric_new(h, g.weight, 1, &metric, &err), STATUS_OK);
    assert_int_equal(digraph_reverse_init(&reverse, &g.graph, &err), STATUS_OK);
    const struct guided_graph graph = {g.first_out, g.head, reverse.first_out, reverse.head, reverse.edge};
    assert_int_equal(guided_new(h, &graph, &guided, &err), STATUS_OK);
    for (uint32_t budget = 1; budget < 3; budget++) {
        uint32_t left = budget;
        weight best;
        guided_reset(guided, metric, g.weight);
        assert_int_equal(guided_source(guided, 0, 0), STATUS_OK);
        assert_int_equal(guided_target(guided, last, 0), STATUS_OK);
        assert_int_equal(guided_run(guided, WEIGHT_INFINITY, &left, &best, &err), STATUS_WOULD_BLOCK);
        assert_int_equal(left, 0);
    }
    guided_free(guided);
    digraph_reverse_clear(&reverse);
    metric_free(metric);
    hierarchy_free(h);
    oracle_graph_clear(&g);
}

int main(void)
{
    seed = oracle_seed("hierarchy_guided");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_guided_way_is_that_of_the_metric),
        cmocka_unit_test(nor_does_a_grid_of_equal_streets_tell_them_apart),
        cmocka_unit_test(a_search_over_its_budget_leaves_the_question_to_the_metric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
