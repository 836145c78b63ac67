/* What is worked out once for a kind of vehicle is what each zone says when it is asked by itself; equal numbers stand for
 * equal zones and only for them; and the index of zones leaves out none that is near. */
#include "tests/property/oracle_graph.h"

#include "routing/constraint/rules_compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ZONES = 60, RULES = 3, TYPES = 3, ASKED = 24, THREADS = 3, KEPT = 400 };

static const int64_t HOUR = 3600000, START_MS = 1795104000000;

static const struct credential_type types[TYPES] = {{"A", "a", "a", 0}, {"B", "b", "b", 48 * 3600}, {"C", "c", "c", 0}};
static const char *const henan[] = {"豫"}, *const cargos[] = {"coal", "milk"};
static const credential_type_index exempts[2] = {0, 1};

struct world {
    struct zone zones[ZONES];
    struct zone_rule rules[ZONES][RULES];
    struct window windows[8];
    struct rules_input input;
};

static struct schedule random_schedule(const struct world *w, uint64_t *random)
{
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    if (oracle_below(random, 3) == 0) s.from_ms = START_MS + ((int64_t)oracle_below(random, 300) - 150) * HOUR;
    if (oracle_below(random, 3) == 0) s.until_ms = START_MS + ((int64_t)oracle_below(random, 300) - 150) * HOUR;
    if (oracle_below(random, 6) == 0) s.windows = &w->windows[oracle_below(random, 7)], s.window_count = 1 + oracle_below(random, 2);
    return s;
}

static struct subject random_subject(uint64_t *random)
{
    struct subject s = {0};
    switch (oracle_below(random, 9)) {
    case 0: s.gross_min_kg = 12000; break;
    case 1: s.gross_max_kg = 31000; break;
    case 2: s.axles_min = 3; break;
    case 3: s.livestock = YES; break;
    case 4: s.lorry = NO; break;
    case 5: s.plate_prefixes = henan, s.plate_prefix_count = 1, s.plate_prefixes_negated = oracle_below(random, 2); break;
    case 6: s.cargos = cargos, s.cargo_count = 1 + oracle_below(random, 2); break;
    case 7: s.emissions = 1u << EMISSION_5 | 1u << EMISSION_6; break;
    default: break;
    }
    return s;
}

static void world_make(struct world *w, uint64_t *random)
{
    memset(w, 0, sizeof *w);
    for (uint32_t i = 0; i < 8; i++)
        w->windows[i] = (struct window){.weekdays = 1 + oracle_below(random, 127), .day_kinds = 0x0F,
                                        .from_min = (uint16_t)(60 * oracle_below(random, 12)), .until_min = (uint16_t)(60 * (13 + oracle_below(random, 11))),
                                        .plate_tails = oracle_below(random, 3) ? 0 : 0x21};
    for (uint32_t i = 0; i < ZONES; i++) {
        for (uint32_t r = 0; r < RULES; r++) {
            struct zone_rule *rule = &w->rules[i][r];
            *rule = (struct zone_rule){.subject = random_subject(random), .kind = (enum rule_kind)oracle_below(random, RULE_KIND_COUNT),
                                       .open_classes = oracle_below(random, 2), .transit_deny = oracle_below(random, 2),
                                       .slow_permille = 1000 + 250 * oracle_below(random, 3),
                                       .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
            if (oracle_below(random, 4) == 0) rule->hours = random_schedule(w, random);
            if (oracle_below(random, 4) == 0) rule->exempt = exempts, rule->exempt_count = 1 + oracle_below(random, 2);
        }
        w->zones[i] = (struct zone){.id = "z", .rules = w->rules[i], .rule_count = oracle_below(random, RULES + 1)};
        w->zones[i].schedule = random_schedule(w, random);
    }
    w->input = (struct rules_input){.zones = w->zones, .zone_count = ZONES, .credential_types = types, .credential_type_count = TYPES};
}

struct question {
    struct route_request request;
    int64_t until_ms;
    int tail;
};

static void question_make(struct question *q, uint64_t *random)
{
    static const char *const plates[] = {"", "豫R12345", "鄂F00006", "豫RD0001"};
    struct error err = ERROR_INIT;
    memset(q, 0, sizeof *q);
    struct route_request *r = &q->request;
    r->vehicle = (struct vehicle){.axles = 2 + oracle_below(random, 5), .livestock = oracle_below(random, 3) == 0,
                                  .emission = (enum emission)(oracle_below(random, 3) ? EMISSION_5 : EMISSION_UNKNOWN)};
    snprintf(r->vehicle.plate, sizeof r->vehicle.plate, "%s", plates[oracle_below(random, 4)]);
    if (oracle_below(random, 2)) snprintf(r->vehicle.cargo, sizeof r->vehicle.cargo, "%s", cargos[oracle_below(random, 2)]);
    if (oracle_below(random, 3) == 0) r->vehicle.gross_kg = 3000 + oracle_below(random, 11000);
    assert_int_equal(vehicle_complete(&r->vehicle, &err), STATUS_OK);
    r->depart_ms = START_MS + (int64_t)oracle_below(random, 50) * HOUR;
    q->until_ms = r->depart_ms + (int64_t)oracle_below(random, 100) * HOUR;
    q->tail = vehicle_plate_tail(&r->vehicle);
    r->credential_count = oracle_below(random, 3);
    for (uint32_t i = 0; i < r->credential_count; i++)
        r->credentials[i] = (struct credential){.type_code = types[oracle_below(random, TYPES)].code, .valid_from_ms = INT64_MIN,
                                                .issued_ms = r->depart_ms - (int64_t)oracle_below(random, 60) * HOUR,
                                                .valid_until_ms = r->depart_ms + (int64_t)oracle_below(random, 60) * HOUR};
}

static bool same_force(const struct force *a, const struct force *b)
{
    return a->initial == b->initial && a->flip_count == b->flip_count &&
           (a->flip_count == 0 || memcmp(a->flips, b->flips, a->flip_count * sizeof *a->flips) == 0);
}

/* What binds all through, as the loose reading sees it. */
struct summary {
    uint32_t number;
    uint8_t words[ZONES][8];
};

/* Asks each zone by itself and compares. */
static void check(const struct world *w, struct zone_bindings *all, const struct question *q, struct summary *sum)
{
    struct error err = ERROR_INIT;
    struct arena arena;
    struct credential_set set;
    struct zone_binding *b = NULL;
    arena_init(&arena, 16 << 20);
    assert_int_equal(credential_set_init(&set, &w->input, &q->request, &err), STATUS_OK);
    assert_int_equal(zone_bindings_find(all, &q->request.vehicle, &set, q->request.depart_ms, q->until_ms, &b, &err), STATUS_OK);
    bool *on = arena_zero(&arena, b->classes.count, sizeof *on), gated, any_gated = false;
    assert_non_null(on);
    on[FORCE_CLASS_ALWAYS] = true;
    memset(sum, 0, sizeof *sum);
    for (uint32_t i = 0; i < ZONES; i++) {
        const struct zone *zone = &w->zones[i];
        const struct zone_state *z = &b->zones[i];
        struct force alone, shared = {.initial = true};
        uint32_t rule = rules_zone_rule(zone, &q->request.vehicle);
        assert_int_equal(z->rule, rule);
        assert_false(z->avoided);
        if (rule == UINT32_MAX) {
            assert_false(z->bound);
            continue;
        }
        const struct zone_rule *r = &zone->rules[rule];
        assert_int_equal(force_init(&alone, &zone->schedule, &r->hours, &w->input.calendar, q->tail, r->exempt, r->exempt_count, &set,
                                    q->request.depart_ms, q->until_ms, &arena), STATUS_OK);
        if (z->force != FORCE_CLASS_ALWAYS) {
            const struct force_class *c = &b->classes.items[z->force];
            assert_int_equal(force_init(&shared, c->schedule, c->hours, &w->input.calendar, q->tail, c->exempt, c->exempt_count, &set,
                                        q->request.depart_ms, q->until_ms, &arena), STATUS_OK);
        }
        bool bound = alone.flip_count > 0 || alone.initial, through = false;
        if (!z->bound) assert_false(bound);
        if (z->bound) assert_true(same_force(&alone, &shared));
        if (z->bound) on[z->force] = through = force_throughout(&shared, q->request.depart_ms, q->until_ms);
        assert_int_equal(z->kind, r->kind);
        assert_int_equal(z->gated, r->kind == RULE_GATED);
        assert_int_equal(z->forbids, r->kind == RULE_CLOSED || r->kind == RULE_THROUGH_ONLY);
        assert_int_equal(z->leg_dependent, r->kind == RULE_DESTINATION_ONLY || (r->kind == RULE_GATED && r->transit_deny));
        assert_int_equal(z->open, r->kind == RULE_CLOSED || r->kind == RULE_CAUTION ? 0 : r->open_classes);
        assert_int_equal(z->slow_permille, r->kind == RULE_CAUTION ? r->slow_permille : 1000);
        if (!through) continue;
        any_gated = any_gated || z->gated;
        const uint8_t words[8] = {1, z->kind, z->gated, z->forbids, z->leg_dependent, (uint8_t)z->open, (uint8_t)(z->slow_permille / 10)};
        memcpy(sum->words[i], words, sizeof words);
    }
    assert_int_equal(zone_binding_number(b, on, &sum->number, &gated, &err), STATUS_OK);
    assert_int_equal(gated, any_gated);
    zone_binding_release(b);
    arena_clear(&arena);
}

static void what_is_shared_is_what_each_zone_says_by_itself(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct summary *sums = malloc(KEPT * sizeof *sums);
    assert_non_null(sums);
    uint32_t equal = 0, different = 0;
    uint64_t seed = oracle_seed("zone_binding");
    uint32_t round_count = oracle_rounds(40);
    for (uint32_t i = 0; i < round_count; i++) {
        uint64_t random = seed + i;
        struct world w;
        struct zone_bindings *all;
        struct question asked[ASKED];
        world_make(&w, &random);
        assert_int_equal(zone_bindings_new(&w.input, &all, &err), STATUS_OK);
        for (uint32_t k = 0; k < ASKED; k++) question_make(&asked[k], &random);
        for (uint32_t k = 0; k < KEPT; k++) { /* the same ones again and again, between new ones of the same vehicles */
            struct question q = asked[oracle_below(&random, ASKED)];
            if (oracle_below(&random, 3) == 0) q.until_ms += HOUR * oracle_below(&random, 20);
            check(&w, all, &q, &sums[k]);
            for (uint32_t b = k > 40 ? k - 40 : 0; b < k; b++) {
                bool same = memcmp(sums[k].words, sums[b].words, sizeof sums[k].words) == 0;
                assert_int_equal(sums[k].number == sums[b].number, same);
                equal += same;
                different += !same;
            }
        }
        zone_bindings_free(all);
    }
    free(sums);
    printf("zone bindings: %u equal pairs, %u different\n", equal, different);
    assert_true(equal > 0 && different > 0);
}

struct thread {
    const struct world *w;
    struct zone_bindings *all;
    const struct question *asked;
    struct summary sums[ASKED];
};

static void *ask_all(void *context)
{
    struct thread *t = context;
    for (uint32_t k = 0; k < ASKED; k++) check(t->w, t->all, &t->asked[k], &t->sums[k]);
    return NULL;
}

static void threads_that_ask_at_once_hear_the_same(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    uint64_t random = oracle_seed("zone_binding");
    struct world w;
    struct zone_bindings *all;
    struct question asked[ASKED];
    struct thread *t = calloc(THREADS, sizeof *t);
    pthread_t ids[THREADS];
    assert_non_null(t);
    world_make(&w, &random);
    assert_int_equal(zone_bindings_new(&w.input, &all, &err), STATUS_OK);
    for (uint32_t k = 0; k < ASKED; k++) question_make(&asked[k], &random);
    for (uint32_t i = 0; i < THREADS; i++) {
        t[i] = (struct thread){.w = &w, .all = all, .asked = asked};
        assert_int_equal(pthread_create(&ids[i], NULL, ask_all, &t[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(ids[i], NULL), 0);
    for (uint32_t i = 1; i < THREADS; i++) assert_memory_equal(t[i].sums, t[0].sums, sizeof t[0].sums);
    zone_bindings_free(all);
    free(t);
}

static bool mark(void *context, uint32_t zone)
{
    bool *found = context;
    assert_false(found[zone]); /* once each */
    found[zone] = true;
    return true;
}

static void the_index_finds_each_zone_whose_box_is_met(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    uint64_t random = oracle_seed("zone_binding");
    for (uint32_t i = 0; i < oracle_rounds(40); i++) {
        static struct zone zones[ZONES];
        static struct point_e7 points[ZONES][4];
        static uint32_t firsts[2] = {0, 1}, ends[2] = {0, 4};
        struct zone_index index;
        uint32_t count = oracle_below(&random, ZONES + 1);
        for (uint32_t z = 0; z < count; z++) {
            for (uint32_t k = 0; k < 3; k++)
                points[z][k] = (struct point_e7){1120000000 + (int32_t)oracle_below(&random, 5000000), 330000000 + (int32_t)oracle_below(&random, 5000000)};
            points[z][3] = points[z][0];
            zones[z] = (struct zone){.area = {1, 1, 4, firsts, ends, points[z]}};
        }
        assert_int_equal(zone_index_init(&index, zones, count, &err), STATUS_OK);
        for (uint32_t k = 0; k < 50; k++) {
            bool found[ZONES] = {false};
            struct zone_list list = {0};
            struct point_e7 line[2];
            for (uint32_t e = 0; e < 2; e++)
                line[e] = (struct point_e7){1119000000 + (int32_t)oracle_below(&random, 7000000), 329000000 + (int32_t)oracle_below(&random, 7000000)};
            if (oracle_below(&random, 2)) line[1] = line[0];
            struct box_e7 exact = box_e7_of(line, 2), box = oracle_below(&random, 2) ? exact : zone_index_box(line, 2);
            zone_index_near(&index, box, mark, found);
            assert_true(zone_index_list(&index, box, &list));
            for (size_t at = 0; at < list.count; at++) assert_true(found[list.zone[at]] && (at == 0 || list.zone[at - 1] < list.zone[at]));
            size_t listed = list.count;
            zone_list_clear(&list);
            for (uint32_t z = 0; z < count; z++) {
                struct box_e7 own = multipolygon_box(&zones[z].area);
                bool meets = own.min_lon_e7 <= box.max_lon_e7 && box.min_lon_e7 <= own.max_lon_e7 && own.min_lat_e7 <= box.max_lat_e7 &&
                             box.min_lat_e7 <= own.max_lat_e7;
                assert_int_equal(found[z], meets);
                listed -= meets;
            }
            assert_int_equal(listed, 0);
            assert_true(box.min_lon_e7 <= exact.min_lon_e7 && box.max_lat_e7 >= exact.max_lat_e7);
        }
        zone_index_clear(&index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shared_is_what_each_zone_says_by_itself),
        cmocka_unit_test(threads_that_ask_at_once_hear_the_same),
        cmocka_unit_test(the_index_finds_each_zone_whose_box_is_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
