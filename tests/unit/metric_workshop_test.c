/* Planners on several threads and the workers of a real pool, which make their metrics meanwhile, over views that come and
 * go. Run under the thread sanitizer too. */
#include "api/background/workshop.h"
#include "api/process/metrics.h"
#include "api/process/server.h"
#include "routing/planner/planner_route.h"
#include "tests/unit/planner_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum { THREADS = 3, KINDS = 5, ROUNDS = 40 };

static struct scene scene;
static uint32_t expected[KINDS]; /* how long it takes, by kind */

static struct route_request request_of(unsigned kind)
{
    struct route_request q = scene.request;
    q.vehicle.speed_limit_other_kmh = (uint16_t)(20 + 5 * kind);
    return q;
}

static uint32_t ask(struct planner *p, struct view *view, unsigned kind)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer a;
    struct route_request q = request_of(kind);
    arena_init(&arena, 16 << 20);
    uint32_t took = 0;
    if (planner_route(p, view, &q, PLANNER_FULL, &arena, &a, &err) == STATUS_OK && a.plan_count) took = a.plans[0]->duration_ms;
    arena_clear(&arena);
    return took;
}

struct asker {
    pthread_t thread;
    unsigned number;
    struct planner *planner;
    struct view *view;
    bool wrong;
};

static void *work(void *context)
{
    struct asker *a = context;
    for (unsigned i = 0; i < 2 * KINDS; i++) {
        unsigned kind = (i + a->number) % KINDS;
        if (ask(a->planner, a->view, kind) != expected[kind]) a->wrong = true;
    }
    view_release(a->view);
    return NULL;
}

static struct view *fresh_view(void)
{
    struct error err = ERROR_INIT;
    struct view *view = NULL;
    assert_int_equal(view_new(&scene.base, scene.rules, 64 << 20, &view, &err), STATUS_OK);
    return view;
}

struct stage {
    struct workshop *workshop;
    struct server *server;
    struct metrics *metrics;
};

static void stage_open(struct stage *s, unsigned workers)
{
    struct error err = ERROR_INIT;
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    options.port = 0;
    options.threads = 1;
    options.workers = workers;
    assert_int_equal(metrics_new(&s->metrics, 1 + workers, NULL, 0, &err), STATUS_OK);
    options.metrics = s->metrics;
    assert_int_equal(workshop_new(&s->workshop, &scene.base, 64 << 20, &err), STATUS_OK);
    assert_int_equal(server_open(&s->server, &options, &err), STATUS_OK);
    workshop_server_set(s->workshop, s->server);
}

static void stage_close(struct stage *s)
{
    server_stop(s->server);
    assert_true(server_join(s->server));
    workshop_server_set(s->workshop, NULL);
    server_close(s->server);
    workshop_free(s->workshop);
    metrics_free(s->metrics);
}

static void guide_await(struct stage *s, enum preference prefer)
{
    struct metric_maker maker = workshop_maker(s->workshop);
    while (!maker.guide(maker.context, prefer)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void planners_answer_while_workers_make_their_metrics(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct asker askers[THREADS];
    struct stage stage;
    stage_open(&stage, 2);
    assert_int_equal(server_start(stage.server, &err), STATUS_OK);
    const struct metric_maker maker = workshop_maker(stage.workshop);
    guide_await(&stage, PREFER_TIME);
    for (unsigned i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.number = i};
        assert_int_equal(planner_new(&scene.base, &askers[i].planner, &err), STATUS_OK);
        planner_maker_set(askers[i].planner, &maker);
    }
    for (int round = 0; round < ROUNDS; round++) {
        struct view *view = fresh_view();
        for (unsigned i = 0; i < THREADS; i++) {
            askers[i].view = view_get(view);
            assert_int_equal(pthread_create(&askers[i].thread, NULL, work, &askers[i]), 0);
        }
        view_release(view); /* whoever is last lets go of it: an asker or a worker */
        for (unsigned i = 0; i < THREADS; i++) pthread_join(askers[i].thread, NULL);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_false(askers[i].wrong);
        planner_free(askers[i].planner);
    }
    assert_true(metrics_sum(stage.metrics, COUNTER_MEANWHILE) > 0);
    stage_close(&stage);
}

static void a_pool_that_takes_nothing_leaves_the_making_to_who_asks(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct planner *planner = NULL;
    struct stage stage;
    stage_open(&stage, 1);
    assert_int_equal(server_start(stage.server, &err), STATUS_OK);
    const struct metric_maker maker = workshop_maker(stage.workshop);
    guide_await(&stage, PREFER_TIME);
    while (!workshop_settled(stage.workshop)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    server_stop(stage.server);
    assert_true(server_join(stage.server)); /* the workers have gone home */
    assert_int_equal(planner_new(&scene.base, &planner, &err), STATUS_OK);
    planner_maker_set(planner, &maker);
    struct view *view = fresh_view();
    for (unsigned kind = 0; kind < KINDS; kind++) assert_int_equal(ask(planner, view, kind), expected[kind]);
    assert_int_equal(metrics_sum(stage.metrics, COUNTER_MEANWHILE), 0);
    assert_int_equal(metric_cache_figures(view->metrics).entries, KINDS);
    view_release(view);
    planner_free(planner);
    stage_close(&stage);
}

static void what_still_waits_when_all_ends_is_let_go_of(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct planner *planner = NULL;
    struct stage stage;
    stage_open(&stage, 1); /* its workers never start: the guide by time waits in the queue */
    const struct metric_maker maker = workshop_maker(stage.workshop);
    assert_null(maker.guide(maker.context, PREFER_TIME));
    assert_false(workshop_settled(stage.workshop)); /* who asks now waits */
    assert_int_equal(planner_new(&scene.base, &planner, &err), STATUS_OK);
    planner_maker_set(planner, &maker);
    struct view *view = fresh_view();
    assert_int_equal(ask(planner, view, 0), expected[0]); /* no guide: made on the spot */
    struct metric_making *making;
    struct shared_metric *there;
    weight *weights = calloc(scene.base.turns.turn_count, sizeof *weights);
    assert_int_equal(metric_making_begin(view->makings, scene.base.hierarchy, "x", 1, weights, &there, &making, &err), STATUS_OK);
    assert_int_equal(metric_making_hand(making), METRIC_MAKING_YOURS);
    assert_true(maker.begin(maker.context, view, making));
    metric_making_release(making);
    view_release(view); /* the order has it still */
    planner_free(planner);
    workshop_server_set(stage.workshop, NULL);
    server_close(stage.server);
    workshop_free(stage.workshop);
    metrics_free(stage.metrics);
}

static int set_up(void **state)
{
    (void)state;
    scene_init(&scene, true);
    scene_publish(&scene);
    scene_ask(&scene, 100, 0, 4900, 0);
    for (unsigned kind = 0; kind < KINDS; kind++) expected[kind] = ask(scene.planner, scene.view, kind);
    return expected[0] > expected[KINDS - 1] && expected[KINDS - 1] > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    scene_clear(&scene);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planners_answer_while_workers_make_their_metrics),
        cmocka_unit_test(a_pool_that_takes_nothing_leaves_the_making_to_who_asks),
        cmocka_unit_test(what_still_waits_when_all_ends_is_let_go_of),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
