/* Every allocation of the engine below the roads fails once: nothing crashes, nothing leaks, the status says so, and
 * the next attempt works.
 *
 * The program's own malloc takes the place of the C library's. The sanitizers bring their own: there the scenario only
 * runs through. */
#include "routing/hierarchy/guided.h"
#include "routing/hierarchy/many.h"
#include "routing/hierarchy/pairs.h"
#include "routing/hierarchy/metric_update.h"
#include "routing/hierarchy/metric_update_arcs.h"
#include "routing/hierarchy/metric_update_blocks.h"
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/potential.h"
#include "routing/hierarchy/query.h"
#include "tests/unit/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SIDE = 24, NODES = SIDE * SIDE };

static uint32_t first_out[NODES + 1], heads[4 * NODES], order[NODES];
static weight weights[4 * NODES];
static struct digraph graph;

static void draw_grid(void)
{
    uint32_t count = 0;
    for (uint32_t v = 0; v < NODES; v++) {
        first_out[v] = count;
        if (v % SIDE) heads[count++] = v - 1;
        if (v % SIDE + 1 < SIDE) heads[count++] = v + 1;
        if (v >= SIDE) heads[count++] = v - SIDE;
        if (v + SIDE < NODES) heads[count++] = v + SIDE;
    }
    first_out[NODES] = count;
    for (uint32_t e = 0; e < count; e++) weights[e] = 1 + e * 7919 % 100;
    graph = (struct digraph){NODES, count, first_out, heads};
}

static enum status ask(const struct hierarchy *h, const struct metric *metric, struct error *err)
{
    struct query *query = NULL;
    struct query_path path;
    enum status status = query_new(h, &query, err);
    if (status != STATUS_OK) return status;
    query_reset(query, metric);
    for (uint32_t i = 0; i < 40 && status == STATUS_OK; i++) status = query_source(query, i, i * 1000);
    if (status == STATUS_OK) status = query_target(query, NODES - 1, 0);
    if (status == STATUS_OK) {
        assert_true(query_run(query) < WEIGHT_INFINITY);
        status = query_path(query, &path, err);
    }
    if (status == STATUS_OK) assert_int_equal(path.nodes[path.edge_count], NODES - 1);
    query_free(query);
    return status;
}

static enum status ask_guided(const struct hierarchy *h, const struct metric *guide, struct error *err)
{
    struct guided *guided = NULL;
    struct digraph_reverse reverse;
    struct query_path path;
    weight best;
    uint32_t budget = NODES;
    enum status status = digraph_reverse_init(&reverse, &graph, err);
    if (status != STATUS_OK) return status;
    const struct guided_graph both = {first_out, heads, reverse.first_out, reverse.head, reverse.edge};
    status = guided_new(h, &both, &guided, err);
    if (status == STATUS_OK) guided_reset(guided, guide, weights);
    for (uint32_t i = 0; i < 80 && status == STATUS_OK; i++) status = guided_source(guided, i, i * 1000);
    if (status == STATUS_OK) status = guided_target(guided, NODES - 1, 0);
    if (status == STATUS_OK) status = guided_run(guided, WEIGHT_INFINITY, &budget, &best, err);
    if (status == STATUS_OK) status = guided_path(guided, &path, err);
    if (status == STATUS_OK) assert_int_equal(path.nodes[path.edge_count], NODES - 1);
    guided_free(guided);
    digraph_reverse_clear(&reverse);
    return status;
}

static enum status ask_many(const struct metric *metric, struct error *err)
{
    static const uint32_t nodes[] = {0, 17, NODES - 1};
    const struct many_places places = {.count = 3, .node = nodes};
    weight out[9];
    return many_to_many(metric, &places, &places, out, err);
}

static void count_one(void *context, uint32_t edge, struct pair_sums *sums)
{
    (void)context, (void)edge;
    sums->first++;
}

static enum status ask_pairs(const struct metric *metric, struct error *err)
{
    static const uint32_t nodes[] = {0, 17, NODES - 1}, asked[] = {0, 1, 2};
    const struct many_places places = {.count = 3, .node = nodes};
    struct pairs *pairs = NULL;
    struct pair row[3];
    enum status status = pairs_new(metric->hierarchy, &pairs, err);
    if (status == STATUS_OK) status = pairs_targets(pairs, metric, &places, count_one, NULL, err);
    if (status == STATUS_OK) status = pairs_row(pairs, nodes, NULL, 2, asked, 3, row, err);
    if (status == STATUS_OK) assert_true(row[2].weight < WEIGHT_INFINITY && row[2].sums.first > 0);
    pairs_free(pairs);
    return status;
}

/* An order by cells: four roads side by side from each cell of a row to the next. */
static enum status order_roads(struct error *err)
{
    enum { ROADS = 4, CELLS = 50, ARCS = ROADS * (CELLS - 1) };
    static uint32_t first[ARCS + 1], to[ROADS * ARCS], tail[ARCS], head[ARCS], by_rank[ARCS];
    uint32_t count = 0;
    for (uint32_t a = 0; a < ARCS; a++) {
        tail[a] = a / ROADS, head[a] = a / ROADS + 1;
        first[a] = count;
        for (uint32_t k = 0; k < ROADS && a / ROADS + 2 < CELLS; k++) to[count++] = (a / ROADS + 1) * ROADS + k;
    }
    first[ARCS] = count;
    const struct digraph roads = {ARCS, count, first, to};
    return order_by_cells(&roads, &(struct order_cells){CELLS, tail, head, NULL, NULL}, 1, by_rank, err);
}

static enum status scenario(struct error *err)
{
    struct hierarchy *h = NULL, *opened = NULL;
    struct metric *metric = NULL, *copy = NULL;
    struct potential *potential = NULL;
    void *region = NULL;
    const uint32_t edges[] = {1, 2, 3};
    const weight closed[] = {WEIGHT_INFINITY, WEIGHT_INFINITY, 0};
    enum status status = order_roads(err);
    if (status == STATUS_OK) status = order_nested_dissection(&graph, NULL, 1, order, err);
    if (status == STATUS_OK) status = hierarchy_new(&graph, order, &h, err);
    if (status != STATUS_OK) goto done;
    region = malloc(hierarchy_save_size(h));
    if (region == NULL) {
        status = STATUS_NO_MEMORY;
        goto done;
    }
    hierarchy_save(h, region);
    status = hierarchy_open(region, hierarchy_save_size(h), &opened, err);
    if (status == STATUS_OK) status = metric_new(opened, weights, 2, &metric, err);
    if (status == STATUS_OK) status = metric_dup(metric, &copy, err);
    if (status == STATUS_OK) status = metric_update_arcs(copy, edges, closed, 3, err);
    if (status == STATUS_OK) status = metric_update_blocks(copy, edges, weights, 3, err);
    if (status == STATUS_OK) status = metric_update(copy, first_out, weights, NODES, err); /* many: anew */
    if (status == STATUS_OK) status = ask(opened, metric, err);
    if (status == STATUS_OK) status = ask_guided(opened, metric, err);
    if (status == STATUS_OK) status = ask_many(metric, err);
    if (status == STATUS_OK) status = ask_pairs(metric, err);
    if (status == STATUS_OK) status = potential_new(opened, &potential, err);
    if (status == STATUS_OK) {
        potential_reset(potential, metric);
        potential_target(potential, 5, 0);
        assert_true(potential_get(potential, NODES - 1) < WEIGHT_INFINITY);
    }
done:
    potential_free(potential);
    metric_free(copy);
    metric_free(metric);
    hierarchy_free(opened);
    hierarchy_free(h);
    free(region);
    return status;
}

static void every_allocation_may_fail_once(void **unused)
{
    (void)unused;
    draw_grid();
    for (long n = 0;; n++) {
        const long before = malloc_live();
        struct error err = ERROR_INIT;
        malloc_fail(n, FAIL_ONCE);
        const enum status status = scenario(&err);
        bool failed = malloc_heal();
        assert_int_equal(malloc_live(), before);
        if (!failed) {
            assert_int_equal(status, STATUS_OK);
            assert_true(!OWN_MALLOC || n > 110);
            break;
        }
        assert_int_equal(status, STATUS_NO_MEMORY);
        if (n % 16 == 0) assert_int_equal(scenario(&err), STATUS_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
