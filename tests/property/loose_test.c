/* The weights that are begun from those of the vehicle alone are what they are when everything is worked out: every turn, under
 * rules of every kind that change from version to version, for any vehicle and whatever is lifted. */
#include "routing/constraint/conflict.h"
#include "routing/constraint/loose.h"
#include "routing/constraint/loose_make.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VERSIONS = 5, REQUESTS = 10, READINGS = 6, ARENA_MAX = 64 << 20 };

static const int64_t HOUR_MS = 3600000;

/* What must have come before: otherwise the test says nothing about it. */
struct tally {
    uint32_t light, readings, derived, begun, near, whole, free, lifted, gated_out, copies, closed, opened;
};

struct looking {
    struct route_world *w;
    struct bare_store *store;
    struct loose_room room;
    weight *arc_weight, *whole, *made;
    uint64_t *shut;
    uint64_t seed;
    uint32_t version;
    struct tally *t;
};

static struct road_position somewhere(const struct network *n, uint64_t *random)
{
    road_index road = oracle_below(random, n->road_count);
    return (struct road_position){road, oracle_below(random, n->road_length_mm[road] + 1)};
}

static void random_lifts(const struct looking *l, struct constraint *c, uint64_t *random)
{
    for (uint32_t left = oracle_below(random, 5); left > 0; left--) {
        struct breach b = {.zone = UINT32_MAX, .checkpoint = UINT32_MAX, .closure = UINT32_MAX, .road = NO_ROAD};
        switch (oracle_below(random, 6)) {
        case 0: b.kind = CONFLICT_ZONE, b.zone = oracle_below(random, c->input->zone_count); break;
        case 1: b.kind = CONFLICT_GATE, b.checkpoint = oracle_below(random, c->input->checkpoint_count); break;
        case 2: b.kind = CONFLICT_CLOSURE, b.closure = oracle_below(random, c->input->closure_count); break;
        case 3: b.kind = CONFLICT_AVOID; break;
        case 4: b.kind = CONFLICT_AVOID, b.zone = oracle_below(random, c->input->zone_count); break;
        default: b.kind = CONFLICT_LIMIT, b.road = oracle_below(random, c->n->road_count); break;
        }
        conflict_lift(c, &b, true);
        l->t->lifted++;
    }
}

/* What this reading is an instance of. */
static void count(const struct looking *l, const struct constraint *c, bool whole)
{
    const struct turn_graph *g = c->g;
    struct tally *t = l->t;
    t->readings++;
    t->whole += whole;
    t->light += !c->lorry;
    if (whole) return;
    bare_shut(c, l->shut);
    struct bare_weights *b = bare_weights_find(l->store, c, l->shut, c->n->road_count);
    t->begun += b != NULL;
    if (b && memcmp(b->shut, l->shut, bare_shut_words(c->n) * sizeof *l->shut) != 0) t->near++;
    for (arc_node u = 0; b && u < g->node_count; u++)
        for (turn_id k = g->first_out[u]; k < g->first_out[u + 1]; k++) {
            if (b->turns[k] == l->whole[k]) continue;
            const arc_id a = g->node_arc[u], to = g->node_arc[g->head[k]];
            t->gated_out += l->arc_weight[a] == NOTHING && l->arc_weight[to] == b->arcs[to];
            t->copies += g->head[k] >= g->arc_count;
            t->closed += l->whole[k] == WEIGHT_INFINITY;
            t->opened += b->turns[k] == WEIGHT_INFINITY;
        }
    bare_weights_release(b);
}

static void compare(struct looking *l, const struct constraint *c, struct loose_limits limits)
{
    struct error err = ERROR_INIT;
    const struct turn_graph *g = c->g;
    loose_weights(c, l->arc_weight, l->whole);
    count(l, c, limits.touched == 0);
    memset(l->made, 0xAB, g->turn_count * sizeof *l->made);
    assert_int_equal(loose_make(&l->room, l->store, c, limits, l->made, &err), STATUS_OK);
    for (arc_node u = 0; u < g->node_count; u++)
        for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++)
            if (l->made[t] != l->whole[t])
                fail_msg("seed %llu version %u: turn %u from arc %u to arc %u weighs %u, not %u", (unsigned long long)l->seed, l->version,
                         t, g->node_arc[u], g->node_arc[g->head[t]], l->made[t], l->whole[t]);
    assert_int_equal(l->room.touched.count, 0);
    for (uint32_t i = 0; i <= g->arc_count / 64; i++) assert_true(l->room.touched.bits[i] == 0);
}

static void ask(struct looking *l, const struct world_options *o, const struct pieces pieces[2], uint64_t *random)
{
    struct route_request q;
    struct oracle_place places[CALLS_MAX + 1];
    uint32_t place_count;
    struct arena arena;
    struct error err = ERROR_INIT;
    struct constraint c, free;
    route_world_request(l->w, o, random, &q, places, &place_count);
    if (oracle_below(random, 3) == 0) q.vehicle = (struct vehicle){.axles = 2, .gross_kg = 2500, .hazmat = oracle_below(random, 2)};
    assert_int_equal(vehicle_complete(&q.vehicle, &err), STATUS_OK);
    q.prefer = (enum preference)oracle_below(random, 3);
    if (oracle_below(random, 4) == 0) q.vehicle.speed_limit_expressway_kmh = (uint16_t)(40 + oracle_below(random, 60));
    if (oracle_below(random, 4) == 0) q.vehicle.speed_limit_other_kmh = (uint16_t)(20 + oracle_below(random, 60));
    if (oracle_below(random, 4) == 0) q.avoid_classes = 1u << ROAD_TRUNK;
    arena_init(&arena, ARENA_MAX);
    int64_t lasts_ms = oracle_below(random, 3) ? 0 : (int64_t)oracle_below(random, 5) * HOUR_MS;
    assert_int_equal(constraint_init(&c, &l->w->base, l->w->rules, &q, &pieces[vehicle_is_lorry(&q.vehicle)], q.depart_ms + lasts_ms,
                                     q.depart_ms + 48 * HOUR_MS, NULL, &arena, &err), STATUS_OK);
    for (uint32_t k = 0; k < READINGS; k++) {
        const struct network *n = &l->w->base.network;
        struct loose_limits limits = {oracle_below(random, 12) ? n->arc_count : 0, oracle_below(random, 3) ? 0 : n->road_count};
        constraint_leg(&c, somewhere(n, random), somewhere(n, random));
        if (k >= READINGS / 2) random_lifts(l, &c, random);
        compare(l, &c, limits);
        if (oracle_below(random, 5) == 0) {
            assert_int_equal(constraint_free_reading(&c, &free, &err), STATUS_OK);
            compare(l, &free, limits);
            l->t->free++;
        }
        conflict_restore(&c);
    }
    constraint_done(&c);
    arena_clear(&arena);
}

/* Another version: a few rules of every kind are others. */
static void change(struct route_world *w, const struct world_options *o, uint64_t *random)
{
    struct zone_rule *rule = w->zone_rules[oracle_below(random, o->zones)];
    struct closure *closure = &w->closures[oracle_below(random, o->closures)];
    struct checkpoint *checkpoint = &w->checkpoints[oracle_below(random, WORLD_CHECKPOINTS)];
    switch (oracle_below(random, 6)) {
    case 0: rule->kind = (enum rule_kind)oracle_below(random, RULE_KIND_COUNT); break;
    case 1: rule->transit_deny = !rule->transit_deny, rule->open_classes ^= 1u << ROAD_MOTORWAY; break;
    case 2: closure->action = oracle_below(random, 2) ? CLOSURE_CLOSED : CLOSURE_SPEED; break;
    case 3:
        for (uint32_t k = 0; k < 3; k++) w->closed[closure - w->closures][k].road_id = 100 + oracle_below(random, o->roads);
        break;
    case 4: checkpoint->normal_ms = 60000 * oracle_below(random, 10), checkpoint->group_count = 0; break;
    default: break;
    }
    for (uint32_t i = 0; i < o->posted && oracle_below(random, 2); i++) {
        w->posted[i].limits[LIMIT_HEIGHT] = oracle_below(random, 2) ? 3000 + 500 * oracle_below(random, 5) : 0;
        w->posted[i].hazmat_no = oracle_below(random, 3) == 0;
    }
    if (o->tolls && oracle_below(random, 2)) route_world_tariff(w, random);
    route_world_publish(w);
}

static void looking_init(struct looking *l, struct route_world *w, struct bare_store *store, uint64_t seed, struct tally *t)
{
    const struct turn_graph *g = &w->base.turns;
    *l = (struct looking){.w = w, .store = bare_store_get(store), .seed = seed, .t = t};
    l->arc_weight = malloc((g->arc_count + 1) * sizeof(weight));
    l->whole = malloc((g->turn_count + 1) * sizeof(weight));
    l->made = malloc((g->turn_count + 1) * sizeof(weight));
    l->shut = malloc(bare_shut_words(&w->base.network) * sizeof *l->shut);
    assert_true(l->arc_weight && l->whole && l->made && l->shut);
}

static void looking_clear(struct looking *l)
{
    bare_store_release(l->store);
    loose_room_clear(&l->room);
    free(l->arc_weight), free(l->whole), free(l->made), free(l->shut);
}

static void run_world(const struct world_options *o, uint64_t seed, struct tally *t)
{
    static struct route_world w;
    uint64_t random = seed;
    struct error err = ERROR_INIT;
    struct pieces pieces[2];
    struct bare_store *store;
    struct looking l;
    route_world_make(&w, o, &random);
    for (int lorry = 0; lorry < 2; lorry++) assert_int_equal(pieces_init(&pieces[lorry], &w.base.network, lorry, &err), STATUS_OK);
    static const size_t bounds[] = {1 << 20, 12000, 100}; /* all are kept; a few; none */
    assert_int_equal(bare_store_new(bounds[oracle_below(&random, 8) / 3], &store, &err), STATUS_OK);
    looking_init(&l, &w, store, seed, t);
    for (; l.version < VERSIONS; l.version++) {
        if (l.version > 0) change(&w, o, &random);
        for (uint32_t k = 0; k < REQUESTS; k++) ask(&l, o, pieces, &random);
    }
    t->derived += (uint32_t)bare_store_figures(store).derived;
    looking_clear(&l);
    bare_store_release(store);
    pieces_clear(&pieces[0]), pieces_clear(&pieces[1]);
    route_world_clear(&w);
}

/* ---- threads ------------------------------------------------------------------------------------------------------------ */

enum { THREADS = 3 };

struct thread {
    struct looking l;
    struct tally tally;
    const struct world_options *options;
    const struct pieces *pieces;
};

static void *ask_all(void *context)
{
    struct thread *t = context;
    uint64_t random = t->l.seed; /* the same questions in each thread */
    for (uint32_t k = 0; k < 4 * REQUESTS; k++) ask(&t->l, t->options, t->pieces, &random);
    return NULL;
}

/* Cmocka's failures end the process from any thread; what matters here are the races between them. */
static void threads_may_share_what_is_kept(void **state)
{
    (void)state;
    static const struct world_options options = {.zones = 5, .closures = 3, .size_m = 40000, .nodes = 40, .roads = 75, .chains = 20};
    static struct route_world w;
    uint64_t seed = oracle_seed("loose threads"), random = seed;
    struct error err = ERROR_INIT;
    struct pieces pieces[2];
    struct bare_store *store;
    struct thread *t = calloc(THREADS, sizeof *t);
    pthread_t ids[THREADS];
    assert_non_null(t);
    route_world_make(&w, &options, &random);
    for (int lorry = 0; lorry < 2; lorry++) assert_int_equal(pieces_init(&pieces[lorry], &w.base.network, lorry, &err), STATUS_OK);
    assert_int_equal(bare_store_new(20000, &store, &err), STATUS_OK); /* some are thrown out while others use them */
    for (uint32_t i = 0; i < THREADS; i++) {
        t[i] = (struct thread){.options = &options, .pieces = pieces};
        looking_init(&t[i].l, &w, store, seed, &t[i].tally);
        assert_int_equal(pthread_create(&ids[i], NULL, ask_all, &t[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
        looking_clear(&t[i].l);
    }
    struct bare_figures f = bare_store_figures(store);
    assert_true(f.bytes <= 20000 && f.hits > 0 && f.misses > f.entries);
    bare_store_release(store);
    pieces_clear(&pieces[0]), pieces_clear(&pieces[1]);
    free(t);
    route_world_clear(&w);
}

static void weights_begun_from_the_vehicle_are_those_worked_out_whole(void **state)
{
    (void)state;
    static const struct world_options kinds[] = {
        {.zones = 5, .closures = 3, .size_m = 40000, .nodes = 40, .roads = 75, .chains = 20},
        {.zones = 3, .closures = 3, .size_m = 40000, .nodes = 60, .roads = 110, .posted = 10, .chains = 20},
        {.zones = 6, .closures = 2, .size_m = 40000, .nodes = 40, .roads = 75, .timed = true, .tolls = true, .posted = 6, .chains = 20},
        {.zones = 4, .closures = 3, .size_m = 30000, .nodes = 49, .roads = 80, .even = true},
    };
    uint64_t seed = oracle_seed("loose");
    struct tally t = {0};
    uint32_t rounds = oracle_rounds(80);
    bool all = false;
    for (uint32_t i = 0; oracle_goes_on(i, rounds, all); i++) {
        run_world(&kinds[(seed + i) % (sizeof kinds / sizeof *kinds)], seed + i, &t);
        all = t.light && t.derived && t.begun && t.near && t.whole && t.free && t.lifted && t.gated_out && t.copies && t.closed && t.opened;
    }
    printf("loose: %u readings (%u of light vehicles), %u begun from another (%u with other limits; %u made from such), %u whole, %u free, %u lifts; turns that differ: %u closed, "
           "%u opened, %u out of gated zones, %u into copies\n", t.readings, t.light, t.begun, t.near, t.derived, t.whole, t.free, t.lifted,
           t.closed, t.opened, t.gated_out, t.copies);
    if (!getenv("SEED")) assert_true(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_begun_from_the_vehicle_are_those_worked_out_whole),
        cmocka_unit_test(threads_may_share_what_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
