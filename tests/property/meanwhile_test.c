/* Answers while the metric is in the making against answers with it: the same bytes, on worlds where nearly every question
 * has many cheapest ways, whoever makes the metric and whenever. */
#include "geo/base/buffer.h"
#include "routing/constraint/guide.h"
#include "routing/plan/plan_record.h"
#include "routing/planner/planner_route.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { REQUESTS = 12, HELD_MAX = 4096, PREFERENCES = 3 };

/* Takes makings over and finishes them, forgets them or lets them lie, as luck will have it. */
struct workshop {
    struct metric *guides[PREFERENCES];
    struct metric_making *held[HELD_MAX];
    uint32_t held_count, answered, begun, refused;
    uint64_t random;
};

static const struct metric *guide_of(void *context, enum preference prefer)
{
    return ((struct workshop *)context)->guides[prefer];
}

static bool begin(void *context, const struct view *view, struct metric_making *making)
{
    struct workshop *w = context;
    (void)view;
    if (oracle_below(&w->random, 8) == 0 || w->held_count == HELD_MAX) {
        w->refused++;
        return false;
    }
    w->begun++;
    w->held[w->held_count++] = metric_making_get(making);
    return true;
}

static void answered(void *context)
{
    ((struct workshop *)context)->answered++;
}

static void workshop_open(struct workshop *w, const struct base *base, uint64_t random)
{
    struct error err = ERROR_INIT;
    *w = (struct workshop){.random = random};
    for (int i = 0; i < PREFERENCES; i++) assert_int_equal(guide_new(base, (enum preference)i, &w->guides[i], &err), STATUS_OK);
}

/* Deals with some of what is held, or with all. */
static void workshop_work(struct workshop *w, bool all)
{
    struct error err = ERROR_INIT;
    while (w->held_count > 0 && (all || oracle_below(&w->random, 3))) {
        struct metric_making *making = w->held[--w->held_count];
        struct shared_metric *made = NULL;
        if (oracle_below(&w->random, 4)) assert_int_equal(metric_making_finish(making, &made, &err), STATUS_OK);
        else metric_making_take_back(making);
        shared_metric_release(made);
        metric_making_release(making);
    }
}

static void workshop_close(struct workshop *w)
{
    workshop_work(w, true);
    for (int i = 0; i < PREFERENCES; i++) metric_free(w->guides[i]);
}

/* All of an answer that a client can see. */
static void answer_bytes(struct buffer *out, const struct rules_input *input, const struct answer *a)
{
    buffer_bytes(out, &a->cause, sizeof a->cause);
    buffer_bytes(out, &a->plan_count, sizeof a->plan_count);
    buffer_bytes(out, &a->settled, sizeof a->settled);
    buffer_bytes(out, &a->tier, sizeof a->tier);
    buffer_bytes(out, &a->conflict_count, sizeof a->conflict_count);
    for (uint32_t i = 0; i < a->conflict_count; i++) {
        const struct conflict *c = &a->conflicts[i];
        const uint32_t words[] = {(uint32_t)c->kind, (uint32_t)c->cause, c->zone, c->checkpoint, c->closure, c->road};
        buffer_bytes(out, words, sizeof words);
    }
    for (uint32_t i = 0; i < a->plan_count; i++) plan_record_write(out, input, a->plans[i]);
    if (a->relaxed) plan_record_write(out, input, a->relaxed);
}

struct tally {
    uint32_t compared, plans, answered, refused;
};

static void compare(struct planner *waits, struct planner *goes_on, const struct route_world *w, struct view *mine,
                    struct view *theirs, const struct route_request *q, struct tally *t, uint64_t seed, uint32_t k)
{
    struct arena one, two;
    struct answer a, b;
    struct error err = ERROR_INIT, other = ERROR_INIT;
    struct buffer left, right;
    buffer_init(&left, 1 << 20);
    buffer_init(&right, 1 << 20);
    arena_init(&one, 64 << 20);
    arena_init(&two, 64 << 20);
    const enum status status = planner_route(waits, mine, q, PLANNER_FULL, &one, &a, &err);
    if (planner_route(goes_on, theirs, q, PLANNER_FULL, &two, &b, &other) != status)
        fail_msg("seed %llu request %u: another status: %s %s", (unsigned long long)seed, k, err.en, other.en);
    if (status == STATUS_OK) {
        answer_bytes(&left, &w->input, &a);
        answer_bytes(&right, &w->input, &b);
        assert_false(left.failed || right.failed);
        if (left.length != right.length || memcmp(left.data, right.data, left.length) != 0)
            fail_msg("seed %llu request %u: other bytes", (unsigned long long)seed, k);
        t->plans += a.plan_count;
    }
    t->compared++;
    arena_clear(&one);
    arena_clear(&two);
    buffer_clear(&left);
    buffer_clear(&right);
}

static void run_world(const struct world_options *options, uint64_t seed, struct tally *t)
{
    uint64_t random = seed;
    static struct route_world w;
    static struct workshop shop;
    struct error err = ERROR_INIT;
    struct planner *waits = NULL, *goes_on = NULL;
    route_world_make(&w, options, &random);
    workshop_open(&shop, &w.base, seed);
    const struct metric_maker maker = {guide_of, begin, answered, &shop};
    assert_int_equal(planner_new(&w.base, &waits, &err), STATUS_OK);
    assert_int_equal(planner_new(&w.base, &goes_on, &err), STATUS_OK);
    planner_maker_set(goes_on, &maker);
    struct view *theirs = NULL;
    assert_int_equal(view_new(&w.base, w.rules, 64 << 20, &theirs, &err), STATUS_OK);
    for (uint32_t k = 0; k < REQUESTS; k++) {
        struct route_request q;
        struct oracle_place places[CALLS_MAX + 1];
        uint32_t place_count;
        (void)route_world_request(&w, options, &random, &q, places, &place_count); /* ambiguous places are fine here */
        q.prefer = (enum preference)oracle_below(&random, PREFERENCES);
        if (oracle_below(&random, 4) == 0) q.alternatives = 2;
        if (oracle_below(&random, 3) == 0) q.vehicle.speed_limit_other_kmh = (uint16_t)(30 + oracle_below(&random, 60));
        if (oracle_below(&random, 4) == 0) { /* a view that nobody has asked yet */
            workshop_work(&shop, true);
            view_release(theirs);
            assert_int_equal(view_new(&w.base, w.rules, 64 << 20, &theirs, &err), STATUS_OK);
        }
        compare(waits, goes_on, &w, w.view, theirs, &q, t, seed, k);
        workshop_work(&shop, false);
    }
    t->answered += shop.answered;
    t->refused += shop.refused;
    workshop_close(&shop);
    view_release(theirs);
    planner_free(waits);
    planner_free(goes_on);
    route_world_clear(&w);
}

static void run(const char *name, struct world_options options, uint32_t count)
{
    uint64_t seed = oracle_seed(name);
    struct tally t = {0};
    for (uint32_t i = 0; oracle_goes_on(i, count, t.plans > 0 && t.answered > 0 && t.refused > 0); i++)
        run_world(&options, seed + i, &t);
    printf("%s: %u compared, %u plans, %u answered before the metric was there\n", name, t.compared, t.plans, t.answered);
    if (!getenv("SEED")) assert_true(t.plans > 0 && t.answered > t.compared / 20 && t.refused > 0);
}

static void answers_are_the_same_in_a_town_of_equal_streets(void **state)
{
    (void)state;
    run("meanwhile even", (struct world_options){.even = true, .zones = 2, .closures = 2, .size_m = 20000, .nodes = 100, .roads = 180},
        oracle_rounds(150));
}

static void answers_are_the_same_among_all_kinds_of_rules(void **state)
{
    (void)state;
    run("meanwhile", (struct world_options){.zones = 4, .closures = 2, .size_m = 40000, .nodes = 40, .roads = 70, .tolls = true},
        oracle_rounds(150));
}

/* Costs by distance are centimetres there, in the guide too. */
static void answers_are_the_same_on_long_networks(void **state)
{
    (void)state;
    run("meanwhile long", (struct world_options){.zones = 2, .closures = 2, .size_m = 1500000, .nodes = 40, .roads = 70}, oracle_rounds(60));
}

static void answers_are_the_same_while_rules_come_and_go(void **state)
{
    (void)state;
    run("meanwhile timed",
        (struct world_options){.timed = true, .zones = 4, .closures = 2, .size_m = 40000, .nodes = 30, .roads = 50}, oracle_rounds(100));
    run("meanwhile even timed",
        (struct world_options){.even = true, .timed = true, .zones = 3, .closures = 2, .size_m = 20000, .nodes = 64, .roads = 112},
        oracle_rounds(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_the_same_in_a_town_of_equal_streets),
        cmocka_unit_test(answers_are_the_same_among_all_kinds_of_rules),
        cmocka_unit_test(answers_are_the_same_on_long_networks),
        cmocka_unit_test(answers_are_the_same_while_rules_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
