/* The inverted index of plans against looking at every plan. `SEED=` replays. */
#include "routing/plan/plan_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ARCS = 200, PLANS = 300, LENGTH_MAX = 40 };

static uint64_t state_of_chance = 42;

static uint32_t chance(uint32_t below)
{
    state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state_of_chance >> 33) % below;
}

static void who_is_touched_is_who_uses_one_of_the_arcs(void **state)
{
    (void)state;
    static bool uses[PLANS][ARCS], alive[PLANS];
    struct error err = ERROR_INIT;
    struct plan_index *index;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    assert_int_equal(plan_index_new(ARCS, &index, &err), STATUS_OK);
    for (uint32_t p = 0; p < PLANS; p++) {
        arc_id arcs[LENGTH_MAX];
        uint32_t count = 0, slot, length = chance(LENGTH_MAX);
        for (uint32_t i = 0; i < length; i++) {
            arc_id a = chance(ARCS + 5); /* some that the network does not have */
            if (a < ARCS && uses[p][a]) continue;
            if (a < ARCS) uses[p][a] = true;
            arcs[count++] = a;
        }
        assert_int_equal(plan_index_add(index, arcs, count, &slot, &err), STATUS_OK);
        assert_int_equal(slot, p);
        alive[p] = true;
        if (chance(3) == 0) {
            uint32_t gone = chance(p + 1);
            plan_index_remove(index, gone);
            plan_index_remove(index, gone); /* a second time changes nothing */
            alive[gone] = false;
        }
        arc_id asked[10];
        uint32_t asked_count = chance(10), *slots, slot_count, at = 0, living = 0;
        for (uint32_t i = 0; i < asked_count; i++) asked[i] = chance(ARCS + 5);
        arena_reset(&arena);
        assert_int_equal(plan_index_touched(index, asked, asked_count, &arena, &slots, &slot_count, &err), STATUS_OK);
        for (uint32_t q = 0; q <= p; q++) {
            bool hit = false;
            for (uint32_t i = 0; i < asked_count; i++) hit |= alive[q] && asked[i] < ARCS && uses[q][asked[i]];
            if (hit) assert_int_equal(slots[at++], q);
            living += alive[q];
        }
        assert_int_equal(at, slot_count);
        assert_int_equal(plan_index_alive(index), living);
        assert_int_equal(plan_index_slots(index), p + 1);
    }
    assert_true(plan_index_bytes(index) > ARCS);
    plan_index_free(index);
    arena_clear(&arena);
}

int main(void)
{
    const char *seed = getenv("SEED");
    if (seed) state_of_chance = strtoull(seed, NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_is_touched_is_who_uses_one_of_the_arcs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
