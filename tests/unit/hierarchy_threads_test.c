/* What runs in threads, so that it can run under TSan: parallel customization, and queries that share a metric. */
#include "routing/hierarchy/order.h"
#include "routing/hierarchy/query.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SIDE = 120, NODES = SIDE * SIDE, ASKERS = 4, QUESTIONS = 60 };

static struct hierarchy *h;
static weight *weights;

static uint32_t random_below(uint64_t *state, uint32_t bound)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % bound;
}

static int build(void **unused)
{
    (void)unused;
    struct error err = ERROR_INIT;
    uint32_t *first = malloc((NODES + 1) * sizeof *first), *head = malloc(4 * NODES * sizeof *head), count = 0;
    uint32_t *order = malloc(NODES * sizeof *order);
    uint64_t state = 1;
    if (!first || !head || !order) return -1;
    for (uint32_t v = 0; v < NODES; v++) {
        first[v] = count;
        if (v % SIDE) head[count++] = v - 1;
        if (v % SIDE + 1 < SIDE) head[count++] = v + 1;
        if (v >= SIDE) head[count++] = v - SIDE;
        if (v + SIDE < NODES) head[count++] = v + SIDE;
    }
    first[NODES] = count;
    weights = malloc(count * sizeof *weights);
    if (!weights) return -1;
    for (uint32_t e = 0; e < count; e++) weights[e] = random_below(&state, 12);
    const struct digraph graph = {NODES, count, first, head};
    if (order_nested_dissection(&graph, NULL, 1, order, &err) != STATUS_OK) return -1;
    if (hierarchy_new(&graph, order, &h, &err) != STATUS_OK) return -1;
    free(first);
    free(head);
    free(order);
    return 0;
}

static int clear(void **unused)
{
    (void)unused;
    hierarchy_free(h);
    free(weights);
    return 0;
}

static void a_metric_is_the_same_for_any_number_of_threads(void **unused)
{
    (void)unused;
    struct error err = ERROR_INIT;
    struct metric *one = NULL;
    assert_true(h->arc_count > 150000); /* enough for three threads */
    assert_int_equal(metric_new(h, weights, 1, &one, &err), STATUS_OK);
    for (unsigned threads = 2; threads <= 5; threads++) {
        struct metric *many = NULL;
        assert_int_equal(metric_new(h, weights, threads, &many, &err), STATUS_OK);
        assert_memory_equal(one->up, many->up, h->arc_count * sizeof *one->up);
        assert_memory_equal(one->down, many->down, h->arc_count * sizeof *one->down);
        metric_free(many);
    }
    metric_free(one);
}

struct asker {
    const struct metric *metric;
    uint64_t digest;
    int failed;
};

/* The same questions by every thread, on one metric whose origins nobody has found yet. */
static void *ask(void *argument)
{
    struct asker *asker = argument;
    struct error err = ERROR_INIT;
    struct query *query = NULL;
    struct query_path path;
    uint64_t state = 99;
    if (query_new(h, &query, &err) != STATUS_OK) {
        asker->failed = 1;
        return NULL;
    }
    for (int i = 0; i < QUESTIONS; i++) {
        query_reset(query, asker->metric);
        asker->failed |= query_source(query, random_below(&state, NODES), 0) != STATUS_OK;
        asker->failed |= query_target(query, random_below(&state, NODES), 0) != STATUS_OK;
        asker->digest = asker->digest * 31 + query_run(query);
        asker->failed |= query_path(query, &path, &err) != STATUS_OK;
        for (uint32_t k = 0; k < path.edge_count; k++) asker->digest = asker->digest * 31 + path.edges[k];
    }
    query_free(query);
    return NULL;
}

static void threads_that_share_a_metric_find_the_same_ways(void **unused)
{
    (void)unused;
    struct error err = ERROR_INIT;
    struct metric *metric = NULL;
    pthread_t thread[ASKERS];
    struct asker asker[ASKERS + 1] = {0};
    assert_int_equal(metric_new(h, weights, 2, &metric, &err), STATUS_OK);
    for (int i = 0; i < ASKERS; i++) {
        asker[i].metric = metric;
        assert_int_equal(pthread_create(&thread[i], NULL, ask, &asker[i]), 0);
    }
    for (int i = 0; i < ASKERS; i++) pthread_join(thread[i], NULL);
    asker[ASKERS].metric = metric;
    ask(&asker[ASKERS]);
    for (int i = 0; i <= ASKERS; i++) {
        assert_false(asker[i].failed);
        assert_true(asker[i].digest == asker[0].digest);
    }
    metric_free(metric);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_metric_is_the_same_for_any_number_of_threads),
        cmocka_unit_test(threads_that_share_a_metric_find_the_same_ways),
    };
    return cmocka_run_group_tests(tests, build, clear);
}
