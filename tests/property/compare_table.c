#include "tests/property/compare_table.h"

#include "routing/constraint/lasting.h"
#include "routing/planner/impact.h"
#include "routing/planner/planner_route.h"
#include "routing/planner/planner_table.h"
#include "tests/property/compare_route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SIDE_MAX = 16 };

/* How soon from any of the calls to each, and from each to any: what stands in the table. */
static void soonest_is_the_least(struct planner *p, const struct route_world *w, const struct route_request *q, const struct call *calls,
                                 uint32_t side, const uint32_t *table, unsigned long long seed)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (int back = 0; back < 2; back++) {
        uint32_t soonest[16];
        assert_true(side <= 16);
        assert_int_equal(impact_reach(p, w->view, q, calls, side, calls, side, back, &arena, soonest, &err), STATUS_OK);
        for (uint32_t k = 0; k < side; k++) {
            uint32_t least = UINT32_MAX;
            for (uint32_t i = 0; i < side; i++) {
                uint32_t cell = table[back ? k * side + i : i * side + k];
                if (cell < least && i != k) least = cell;
            }
            struct call others[16];
            uint32_t count = 0, without[1];
            for (uint32_t i = 0; i < side; i++)
                if (i != k) others[count++] = calls[i];
            assert_int_equal(impact_reach(p, w->view, q, others, count, &calls[k], 1, back, &arena, without, &err), STATUS_OK);
            if (without[0] != least)
                fail_msg("seed %llu: soonest %s %u: %u, in the table %u", seed, back ? "from" : "to", k, without[0], least);
            if (table[k * side + k] < least) least = table[k * side + k];
            if (soonest[k] != least)
                fail_msg("seed %llu: soonest %s %u, itself too: %u, in the table %u", seed, back ? "from" : "to", k, soonest[k], least);
        }
    }
    arena_clear(&arena);
}

/* Time and length, of the very way that the planner takes. Where credentials end, the table holds on to the first place that a
 * call was put on, and a route does not. */
void table_says_what_the_route_says(struct planner *p, const struct route_world *w, const struct route_request *q,
                                           const struct call *from, const struct call *to, uint32_t ms, uint64_t mm,
                                           unsigned long long seed)
{
    int64_t ends[CREDENTIALS_MAX];
    struct arena arena;
    struct answer answer;
    struct error err = ERROR_INIT;
    struct route_request one = *q;
    if (lasting_ends(q, 4 * 86400000ll, ends) > 0) return;
    one.call_count = 2;
    one.loop = one.has_base = false;
    one.alternatives = 0;
    one.calls[0] = *from;
    one.calls[1] = *to;
    one.calls[0].service_ms = one.calls[1].service_ms = 0;
    arena_init(&arena, 64 << 20);
    enum status status = planner_route(p, w->view, &one, PLANNER_BRIEF, &arena, &answer, &err);
    bool found = status == STATUS_OK && answer.cause == STATUS_OK;
    if (found ? ms != answer.plans[0]->duration_ms || mm != answer.plans[0]->distance_mm : status == STATUS_OK && ms != UINT32_MAX)
        fail_msg("seed %llu: table %u ms %llu mm, route %s %s %u ms %llu mm", seed, ms, (unsigned long long)mm, status_code(status), status_code(answer.cause),
                 found ? (unsigned)answer.plans[0]->duration_ms : 0, found ? (unsigned long long)answer.plans[0]->distance_mm : 0);
    arena_clear(&arena);
}

void table_compare(struct planner *p, const struct route_world *w, const struct route_request *q, const struct call *calls,
                   const struct oracle_place *at, uint32_t side, uint32_t label_max, struct table_tally *count, uint64_t seed)
{
    struct error err = ERROR_INIT;
    int64_t ends[CREDENTIALS_MAX];
    uint32_t pairwise[SIDE_MAX * SIDE_MAX], swept[SIDE_MAX * SIDE_MAX];
    uint64_t distances[SIDE_MAX * SIDE_MAX];
    struct waypoint snapped[SIDE_MAX];
    assert_true(side <= SIDE_MAX);
    assert_int_equal(planner_table(p, w->view, q, calls, side, calls, side, pairwise, distances, snapped, NULL, &err), STATUS_OK);
    assert_int_equal(planner_table(p, w->view, q, calls, side, calls, side, swept, NULL, NULL, NULL, &err), STATUS_OK);
    if (q->prefer == PREFER_TIME) soonest_is_the_least(p, w, q, calls, side, pairwise, (unsigned long long)seed);
    for (uint32_t a = 0; a < side; a++)
        for (uint32_t b = 0; b < side; b++) {
            if (pairwise[a * side + b] != swept[a * side + b])
                fail_msg("seed %llu: %u to %u: %u pair by pair, %u by one sweep", (unsigned long long)seed, a, b,
                         pairwise[a * side + b], swept[a * side + b]);
            count->cells++;
            bool there = true;
            for (int k = 0; k < 2; k++) {
                const struct waypoint *s = &snapped[k ? b : a];
                const struct oracle_place *o = &at[k ? b : a];
                there = there && s->distance_mm != UINT32_MAX && s->road == o->road && s->offset_mm == o->offset_mm;
            }
            if (q->prefer != PREFER_TIME) {
                table_says_what_the_route_says(p, w, q, &calls[a], &calls[b], pairwise[a * side + b],
                                               distances[a * side + b], (unsigned long long)seed);
                continue;
            }
            if (!there && swept[a * side + b] == UINT32_MAX) continue;
            struct oracle_place pair[2] = {at[a], at[b]};
            pair[0].service_ms = pair[1].service_ms = 0;
            struct oracle_route o = {.n = &w->f.network, .g = &w->f.turns, .rules = w->rules, .request = q,
                                     .dawdle_ms = 300000, .grain_ms = 30000, .label_max = label_max};
            uint64_t expected = oracle_route_cost(&o, pair, 2);
            count->skipped += expected == UINT64_MAX - 1;
            if (expected == UINT64_MAX) expected = UINT32_MAX; /* as a table says it */
            if (expected != UINT64_MAX - 1 && expected != swept[a * side + b]) {
                struct arena arena;
                struct answer answer;
                arena_init(&arena, 64 << 20);
                struct route_request one = *q;
                one.call_count = 2;
                one.loop = false;
                one.calls[0] = calls[a];
                one.calls[1] = calls[b];
                enum status status = planner_route(p, w->view, &one, PLANNER_FULL, &arena, &answer, &err);
                if (status == STATUS_OK && answer.cause == STATUS_OK) route_show(answer.plans[0], w, &one);
                fail_msg("seed %llu: %u to %u: %llu by the oracle, %u in the table, %s %s %u as a route",
                         (unsigned long long)seed, a, b, (unsigned long long)expected, swept[a * side + b],
                         status_code(status), err.log,
                         status == STATUS_OK && answer.cause == STATUS_OK ? answer.plans[0]->duration_ms : 0);
            }
            table_says_what_the_route_says(p, w, q, &calls[a], &calls[b], pairwise[a * side + b], distances[a * side + b],
                                           (unsigned long long)seed);
            if (swept[a * side + b] != UINT32_MAX) count->ways++, count->ending += lasting_ends(q, 86400000, ends) > 0;
        }
}
