/* What closures and checkpoints mean for a request is what each says when it is asked by itself, by day-to-day reasoning that
 * shares nothing: subjects, limits, hours, exemptions, requirements with ages, green channels, what is lifted. Equal numbers and
 * signatures stand for equal meanings and only for them. */
#include "tests/property/oracle_graph.h"

#include "routing/constraint/conflict.h"
#include "routing/constraint/loose.h"
#include "routing/search/closed_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { CLOSURES = 60, CHECKPOINTS = 40, TYPES = 4, GROUPS = 12, ASKED = 20, THREADS = 3, KEPT = 200, SAMPLES = 12 };

static const int64_t HOUR = 3600000, START_MS = 1795104000000;

static const struct credential_type types[TYPES] = {{"A", "a", "a", 0}, {"B", "b", "b", 48 * 3600}, {"C", "c", "c", 0}, {"D", "d", "d", 12 * 3600}};
static const char *const henan[] = {"豫"}, *const cargos[] = {"coal", "milk"};

struct world {
    struct closure closures[CLOSURES];
    struct checkpoint checkpoints[CHECKPOINTS];
    struct requirement requirements[2 * GROUPS];
    struct requirement_group groups[GROUPS];
    credential_type_index lists[16];
    struct window windows[8];
    struct zone gated;
    struct zone_rule rule;
    struct rules_input input;
    struct rules rules;
};

static struct schedule random_schedule(const struct world *w, uint64_t *random)
{
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN};
    if (oracle_below(random, 3) == 0) s.from_ms = START_MS + ((int64_t)oracle_below(random, 300) - 150) * HOUR;
    if (oracle_below(random, 3) == 0) s.until_ms = START_MS + ((int64_t)oracle_below(random, 300) - 150) * HOUR;
    if (oracle_below(random, 4) == 0) s.windows = &w->windows[oracle_below(random, 7)], s.window_count = 1 + oracle_below(random, 2);
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

/* Rules by hand: what is asked here needs neither roads nor arcs. */
static void world_make(struct world *w, uint64_t *random)
{
    struct error err = ERROR_INIT;
    static const uint32_t no_limits[LIMIT_COUNT];
    memset(w, 0, sizeof *w);
    for (uint32_t i = 0; i < 8; i++)
        w->windows[i] = (struct window){.weekdays = 1 + oracle_below(random, 127), .day_kinds = 0x0F,
                                        .from_min = (uint16_t)(60 * oracle_below(random, 12)), .until_min = (uint16_t)(60 * (13 + oracle_below(random, 11))),
                                        .plate_tails = oracle_below(random, 3) ? 0 : 0x21};
    for (uint32_t i = 0; i < 16; i++) w->lists[i] = (credential_type_index)oracle_below(random, TYPES);
    for (uint32_t i = 0; i < 2 * GROUPS; i++)
        w->requirements[i] = (struct requirement){(credential_type_index)oracle_below(random, TYPES), oracle_below(random, 2) ? 0 : 3600 * (1 + oracle_below(random, 40))};
    for (uint32_t i = 0; i < GROUPS; i++) w->groups[i] = (struct requirement_group){oracle_below(random, 3), &w->requirements[2 * i]};
    for (uint32_t i = 0; i < CLOSURES; i++) {
        struct closure *c = &w->closures[i];
        *c = (struct closure){.id = "c", .action = (enum closure_action)oracle_below(random, CLOSURE_ACTION_COUNT), .physical = oracle_below(random, 4) == 0,
                              .limit_kind = (enum limit_kind)oracle_below(random, LIMIT_COUNT), .subject = random_subject(random),
                              .schedule = random_schedule(w, random)};
        static const uint32_t values[LIMIT_COUNT] = {[LIMIT_HEIGHT] = 3900, [LIMIT_WIDTH] = 2500, [LIMIT_LENGTH] = 12000,
                                                     [LIMIT_GROSS_WEIGHT] = 18000, [LIMIT_AXLE_LOAD] = 9000, [LIMIT_AXLES] = 2, [LIMIT_BRIDGE] = 30999};
        c->limit_value = values[c->limit_kind] + oracle_below(random, 4);
        if (oracle_below(random, 3) == 0) c->exempt = &w->lists[oracle_below(random, 14)], c->exempt_count = 1 + oracle_below(random, 2);
    }
    for (uint32_t i = 0; i < CHECKPOINTS; i++) {
        struct checkpoint *k = &w->checkpoints[i];
        *k = (struct checkpoint){.id = "k", .opening = random_schedule(w, random), .normal_ms = 60000 * (1 + oracle_below(random, 3)),
                                 .green_ms = 30000 * (1 + oracle_below(random, 4))};
        if (oracle_below(random, 3)) k->groups = &w->groups[oracle_below(random, GROUPS - 1)], k->group_count = 1 + oracle_below(random, 2);
        if (oracle_below(random, 2)) k->green = &w->lists[oracle_below(random, 14)], k->green_count = 1 + oracle_below(random, 2);
    }
    w->rule = (struct zone_rule){.kind = RULE_GATED, .hours = {.from_ms = INT64_MIN, .until_ms = TIME_OPEN}};
    w->gated = (struct zone){.id = "z", .rules = &w->rule, .rule_count = 1, .schedule = w->rule.hours};
    w->input = (struct rules_input){.closures = w->closures, .closure_count = CLOSURES, .checkpoints = w->checkpoints,
                                    .checkpoint_count = CHECKPOINTS, .zones = &w->gated, .zone_count = 1,
                                    .credential_types = types, .credential_type_count = TYPES};
    w->rules = (struct rules){.input = &w->input, .limits = no_limits, .limits_count = 1};
    assert_int_equal(zone_bindings_new(&w->input, &w->rules.bindings, &err), STATUS_OK);
    assert_int_equal(closure_bindings_new(&w->input, &w->rules.closure_bindings, &err), STATUS_OK);
    assert_int_equal(checkpoint_bindings_new(&w->input, &w->rules.checkpoint_bindings, &err), STATUS_OK);
}

static void world_clear(struct world *w)
{
    zone_bindings_free(w->rules.bindings);
    closure_bindings_free(w->rules.closure_bindings);
    checkpoint_bindings_free(w->rules.checkpoint_bindings);
}

struct question {
    struct route_request request;
    int64_t loose_until_ms, until_ms;
    uint64_t dice; /* what is lifted, when is looked */
};

static void question_make(struct question *q, uint64_t *random)
{
    static const char *const plates[] = {"", "豫R12345", "鄂F00006", "豫RD0001"};
    struct error err = ERROR_INIT;
    memset(q, 0, sizeof *q);
    struct route_request *r = &q->request;
    r->vehicle = (struct vehicle){.axles = 2 + oracle_below(random, 5), .livestock = oracle_below(random, 3) == 0,
                                  .height_mm = 3898 + oracle_below(random, 8), .width_mm = 2498 + oracle_below(random, 7),
                                  .emission = (enum emission)(oracle_below(random, 3) ? EMISSION_5 : EMISSION_UNKNOWN)};
    snprintf(r->vehicle.plate, sizeof r->vehicle.plate, "%s", plates[oracle_below(random, 4)]);
    if (oracle_below(random, 2)) snprintf(r->vehicle.cargo, sizeof r->vehicle.cargo, "%s", cargos[oracle_below(random, 2)]);
    if (oracle_below(random, 3) == 0) r->vehicle.gross_kg = 3000 + oracle_below(random, 11000);
    if (oracle_below(random, 3) == 0) r->vehicle.gross_kg = 17998 + oracle_below(random, 8);
    assert_int_equal(vehicle_complete(&r->vehicle, &err), STATUS_OK);
    r->depart_ms = START_MS + (int64_t)oracle_below(random, 50) * HOUR;
    q->loose_until_ms = r->depart_ms + (int64_t)oracle_below(random, 40) * HOUR;
    q->until_ms = q->loose_until_ms + (int64_t)oracle_below(random, 80) * HOUR;
    r->credential_count = oracle_below(random, 5);
    for (uint32_t i = 0; i < r->credential_count; i++) {
        struct credential *c = &r->credentials[i];
        *c = (struct credential){.type_code = types[oracle_below(random, TYPES)].code, .valid_from_ms = INT64_MIN, .valid_until_ms = TIME_OPEN,
                                 .issued_ms = INT64_MIN};
        if (oracle_below(random, 4)) c->issued_ms = r->depart_ms + ((int64_t)oracle_below(random, 90) - 60) * HOUR;
        if (oracle_below(random, 2)) c->valid_from_ms = r->depart_ms + ((int64_t)oracle_below(random, 60) - 30) * HOUR;
        if (oracle_below(random, 2)) c->valid_until_ms = r->depart_ms + ((int64_t)oracle_below(random, 70) - 10) * HOUR;
    }
    if (oracle_below(random, 3) == 0) r->left_at_home_ms = r->depart_ms + (int64_t)oracle_below(random, 40) * HOUR;
    q->dice = oracle_random(random);
}

/* ---- by day-to-day reasoning ---- */

static bool valid_at(const struct question *q, credential_type_index type, int64_t max_age_s, int64_t at)
{
    if (max_age_s == 0) max_age_s = types[type].default_max_age_s;
    for (uint32_t i = 0; i < q->request.credential_count; i++) {
        const struct credential *c = &q->request.credentials[i];
        bool dated = c->issued_ms != INT64_MIN || c->valid_from_ms != INT64_MIN || c->valid_until_ms != TIME_OPEN;
        if (strcmp(c->type_code, types[type].code) != 0 || !dated || c->valid_until_ms <= q->request.left_at_home_ms) continue;
        if (at < c->valid_from_ms || at >= c->valid_until_ms || (c->issued_ms != INT64_MIN && at < c->issued_ms)) continue;
        if (max_age_s > 0 && (c->issued_ms == INT64_MIN || at > c->issued_ms + max_age_s * 1000)) continue;
        return true;
    }
    return false;
}

/* All that changes here changes on the hour or a millisecond after it. */
static bool valid_sometime(const struct question *q, credential_type_index type, int64_t max_age_s, int64_t until)
{
    for (int64_t at = q->request.depart_ms; at <= until; at += HOUR)
        if (valid_at(q, type, max_age_s, at)) return true;
    return false;
}

static bool met_sometime(const struct question *q, const struct checkpoint *k, int64_t until)
{
    bool met = k->group_count == 0;
    for (uint32_t g = 0; g < k->group_count && !met; g++) {
        met = true;
        for (uint32_t r = 0; r < k->groups[g].requirement_count; r++)
            met = met && valid_sometime(q, k->groups[g].requirements[r].type, k->groups[g].requirements[r].max_age_s, until);
    }
    return met;
}

static bool open_sometime(const struct world *w, const struct question *q, const struct checkpoint *k, int64_t until)
{
    int tail = vehicle_plate_tail(&q->request.vehicle);
    if (tail == PLATE_TAIL_UNKNOWN) tail = PLATE_TAIL_NONE;
    for (int64_t at = q->request.depart_ms; at <= until; at += HOUR)
        if (schedule_holds(&k->opening, &w->input.calendar, tail, at)) return true;
    return false;
}

static bool binds_at(const struct world *w, const struct question *q, const struct closure *c, int64_t at)
{
    const struct vehicle *v = &q->request.vehicle;
    if (subject_match(&c->subject, v) == SUBJECT_NO) return false;
    if (c->action == CLOSURE_LIMIT && vehicle_value(v, c->limit_kind) <= c->limit_value) return false;
    if (!schedule_holds(&c->schedule, &w->input.calendar, vehicle_plate_tail(v), at)) return false;
    for (uint32_t e = 0; e < c->exempt_count && !c->physical; e++)
        if (valid_at(q, c->exempt[e], 0, at)) return false;
    return true;
}

/* What counts for the loose reading. */
struct summary {
    uint32_t closure_number, checkpoint_number;
    uint8_t closure_on[CLOSURES];
    uint32_t inspection[CHECKPOINTS]; /* + 1 of those that may let it pass */
    uint8_t lifted_closure[CLOSURES], lifted_checkpoint[CHECKPOINTS];
    size_t size;
    uint32_t signature[160];
};

static void numbers_of(const struct constraint *c, struct arena *arena, struct summary *sum)
{
    struct error err = ERROR_INIT;
    const struct closure_binding *b = c->bindings.closures;
    const struct checkpoint_binding *k = c->bindings.checkpoints;
    bool *on = arena_zero(arena, b->classes.count, sizeof *on);
    bool *counts = arena_zero(arena, k->classes.count + c->asks->count + c->earns->count, sizeof *counts);
    assert_true(on && counts);
    for (uint32_t i = 0; i < b->classes.count; i++) on[i] = c->closure_forces[i].const_on;
    for (uint32_t i = 0; i < k->classes.count; i++) counts[i] = c->openings[i].sometime;
    for (uint32_t i = 0; i < c->asks->count; i++) counts[k->classes.count + i] = c->asking[i].loose;
    for (uint32_t i = 0; i < c->earns->count; i++) counts[k->classes.count + c->asks->count + i] = c->green[i];
    assert_int_equal(closure_binding_number(c->bindings.closures, on, &sum->closure_number, &err), STATUS_OK);
    assert_int_equal(checkpoint_binding_number(c->bindings.checkpoints, counts, &sum->checkpoint_number, &err), STATUS_OK);
}

static void closures_check(const struct world *w, const struct question *q, const struct constraint *c, uint64_t *random, struct summary *sum)
{
    for (uint32_t i = 0; i < CLOSURES; i++) {
        const struct rule_force *f = constraint_closure(c, i);
        bool through = true, ever = false;
        for (int64_t at = q->request.depart_ms; at <= q->until_ms; at += HOUR) {
            int64_t never = TIME_OPEN;
            bool on = binds_at(w, q, &w->closures[i], at);
            ever = ever || on;
            if (at <= q->loose_until_ms) through = through && on && (at == q->loose_until_ms || binds_at(w, q, &w->closures[i], at + 1));
            if (at < q->until_ms || on) assert_int_equal(f && force_at(&f->force, at, &never), on);
        }
        for (uint32_t k = 0; k < SAMPLES; k++) {
            int64_t never = TIME_OPEN, at = q->request.depart_ms + (int64_t)(oracle_random(random) % (uint64_t)(q->until_ms - q->request.depart_ms + 1));
            assert_int_equal(f && force_at(&f->force, at, &never), binds_at(w, q, &w->closures[i], at));
        }
        if (ever) assert_non_null(f);
        if (f) assert_true(f->ever);
        assert_int_equal(f && f->const_on, through);
        sum->closure_on[i] = through;
    }
}

static void checkpoints_check(const struct world *w, const struct question *q, const struct constraint *c, uint64_t *random, struct summary *sum)
{
    int tail = plate_tail_for_opening(vehicle_plate_tail(&q->request.vehicle));
    for (uint32_t i = 0; i < CHECKPOINTS; i++) {
        const struct checkpoint *k = &w->checkpoints[i];
        const struct force *opening = &constraint_opening(c, i)->force;
        bool loose = met_sometime(q, k, q->loose_until_ms) && open_sometime(w, q, k, q->loose_until_ms), green = false;
        for (uint32_t g = 0; g < k->green_count; g++) green = green || valid_sometime(q, k->green[g], 0, q->loose_until_ms);
        uint32_t inspection = green && k->green_ms < k->normal_ms ? k->green_ms : k->normal_ms;
        for (uint32_t s = 0; s < SAMPLES; s++) {
            int64_t never = TIME_OPEN, at = q->request.depart_ms + (int64_t)(oracle_random(random) % (uint64_t)(q->until_ms - q->request.depart_ms + 1));
            assert_int_equal(force_at(opening, at, &never), schedule_holds(&k->opening, &w->input.calendar, tail, at));
        }
        assert_int_equal(constraint_checkpoint_loose(c, i), loose);
        assert_int_equal(constraint_loose_inspection_ms(c, i), inspection);
        assert_false(constraint_checkpoint_lifted(c, i));
        if (met_sometime(q, k, q->until_ms) && open_sometime(w, q, k, q->until_ms)) assert_true(constraint_checkpoint_ever(c, i));
        if (!met_sometime(q, k, q->until_ms)) assert_false(constraint_checkpoint_ever(c, i));
        if (opening->flip_count == 0 && !opening->initial) assert_false(constraint_checkpoint_ever(c, i));
        if (loose) sum->inspection[i] = inspection + 1;
    }
}

/* Lifts a few, and looks that these and no others are. */
static void lifts_check(struct constraint *c, uint64_t *random, struct summary *sum)
{
    uint32_t count = oracle_below(random, 5);
    for (uint32_t i = 0; i < count; i++) {
        struct breach b = {.zone = UINT32_MAX, .closure = UINT32_MAX, .checkpoint = UINT32_MAX, .kind = oracle_below(random, 2) ? CONFLICT_CLOSURE : CONFLICT_GATE};
        bool on = oracle_below(random, 4) > 0;
        if (b.kind == CONFLICT_CLOSURE) sum->lifted_closure[b.closure = oracle_below(random, CLOSURES)] = on;
        else sum->lifted_checkpoint[b.checkpoint = oracle_below(random, CHECKPOINTS)] = on;
        conflict_lift(c, &b, on);
    }
    for (uint32_t i = 0; i < CLOSURES; i++) {
        if (sum->lifted_closure[i]) assert_null(constraint_closure(c, i));
        sum->lifted_closure[i] = sum->lifted_closure[i] && sum->closure_on[i];
    }
    for (uint32_t i = 0; i < CHECKPOINTS; i++) {
        assert_int_equal(constraint_checkpoint_lifted(c, i), sum->lifted_checkpoint[i]);
        if (sum->inspection[i]) sum->lifted_checkpoint[i] = 0; /* it makes no difference */
        if (sum->lifted_checkpoint[i]) sum->inspection[i] = constraint_loose_inspection_ms(c, i) + 1;
    }
}

/* Without what comes and goes, and without rules at all. */
static void readings_check(const struct constraint *c)
{
    struct error err = ERROR_INIT;
    struct constraint steady, open;
    assert_int_equal(closed_in_rules(c, c->depart_ms, &steady, &err), STATUS_OK);
    assert_int_equal(constraint_free_reading(c, &open, &err), STATUS_OK);
    for (uint32_t i = 0; i < CLOSURES; i++) {
        const struct rule_force *f = constraint_closure(c, i), *s = constraint_closure(&steady, i);
        assert_int_equal(s != NULL, f && f->force.flip_count == 0);
        assert_null(constraint_closure(&open, i));
    }
    for (uint32_t i = 0; i < CHECKPOINTS; i++) {
        int64_t never = TIME_OPEN;
        assert_int_equal(constraint_checkpoint_lifted(&steady, i), constraint_checkpoint_ever(c, i) || constraint_checkpoint_lifted(c, i));
        assert_false(force_at(&constraint_opening(&steady, i)->force, c->depart_ms, &never));
        assert_int_equal(constraint_loose_inspection_ms(&steady, i),
                         c->input->checkpoints[i].green_count && c->input->checkpoints[i].green_ms < c->input->checkpoints[i].normal_ms
                             ? c->input->checkpoints[i].green_ms
                             : c->input->checkpoints[i].normal_ms);
    }
}

static void check(const struct world *w, const struct question *q, struct summary *sum)
{
    static const struct base base;
    static const struct pieces none;
    struct error err = ERROR_INIT;
    struct arena arena;
    struct constraint c, longer;
    uint64_t random = q->dice;
    arena_init(&arena, 16 << 20);
    memset(sum, 0, sizeof *sum);
    assert_int_equal(constraint_init(&c, &base, &w->rules, &q->request, &none, q->loose_until_ms, q->until_ms, NULL, &arena, &err), STATUS_OK);
    closures_check(w, q, &c, &random, sum);
    checkpoints_check(w, q, &c, &random, sum);
    numbers_of(&c, &arena, sum);
    assert_int_equal(constraint_init(&longer, &base, &w->rules, &q->request, &none, q->loose_until_ms + (int64_t)oracle_below(&random, 20) * HOUR,
                                     q->until_ms, NULL, &arena, &err), STATUS_OK);
    if (constraint_reads_alike(&c, &longer)) {
        struct summary other = {0};
        numbers_of(&longer, &arena, &other);
        assert_int_equal(other.closure_number, sum->closure_number);
        assert_int_equal(other.checkpoint_number, sum->checkpoint_number);
    }
    readings_check(&c);
    lifts_check(&c, &random, sum);
    readings_check(&c);
    const void *signature = loose_signature(&c, &sum->size);
    assert_true(signature && sum->size <= sizeof sum->signature);
    memcpy(sum->signature, signature, sum->size);
    conflict_restore(&c);
    for (uint32_t i = 0; i < CHECKPOINTS; i++) assert_false(constraint_checkpoint_lifted(&c, i));
    for (uint32_t i = 0; i < CLOSURES; i++) assert_false(constraint_bit(c.closure_lifted, i));
    constraint_done(&c);
    constraint_done(&longer);
    arena_clear(&arena);
}

static bool same_meaning(const struct summary *a, const struct summary *b)
{
    return memcmp(a->closure_on, b->closure_on, sizeof a->closure_on) == 0 && memcmp(a->inspection, b->inspection, sizeof a->inspection) == 0 &&
           memcmp(a->lifted_closure, b->lifted_closure, sizeof a->lifted_closure) == 0;
}

static void what_is_shared_is_what_each_says_by_itself(void **state)
{
    (void)state;
    struct summary *sums = malloc(KEPT * sizeof *sums);
    struct question *asked = malloc(ASKED * sizeof *asked), *q = malloc(sizeof *q);
    assert_true(sums && asked && q);
    uint32_t equal = 0, different = 0, alike = 0;
    uint64_t seed = oracle_seed("rule_binding");
    uint32_t round_count = oracle_rounds(12);
    for (uint32_t i = 0; i < round_count; i++) {
        uint64_t random = seed + i;
        struct world w;
        world_make(&w, &random);
        for (uint32_t k = 0; k < ASKED; k++) question_make(&asked[k], &random);
        for (uint32_t k = 0; k < KEPT; k++) { /* the same ones again and again, between new ones of the same vehicles */
            *q = asked[oracle_below(&random, ASKED)];
            if (oracle_below(&random, 3) == 0) q->until_ms += HOUR * oracle_below(&random, 20);
            if (oracle_below(&random, 3)) q->dice = oracle_random(&random);
            check(&w, q, &sums[k]);
            for (uint32_t b = k > 40 ? k - 40 : 0; b < k; b++) {
                struct summary *x = &sums[k], *y = &sums[b];
                bool closures = memcmp(x->closure_on, y->closure_on, sizeof x->closure_on) == 0;
                assert_int_equal(x->closure_number == y->closure_number, closures);
                bool signature = x->size == y->size && memcmp(x->signature, y->signature, x->size) == 0;
                if (signature) assert_true(same_meaning(x, y));
                alike += signature;
                equal += closures;
                different += !closures;
            }
        }
        world_clear(&w);
    }
    free(sums);
    free(asked);
    free(q);
    printf("rule bindings: %u equal pairs, %u different; %u signatures alike\n", equal, different, alike);
    assert_true(equal > 0 && different > 0 && alike > 0);
}

/* Checkpoints without what is lifted, which a number does not know of. */
static void equal_numbers_of_checkpoints_are_equal_checkpoints(void **state)
{
    (void)state;
    static const struct base base;
    static const struct pieces none;
    struct error err = ERROR_INIT;
    uint64_t random = oracle_seed("rule_binding");
    struct question *q = malloc(sizeof *q);
    struct summary *sums = malloc(KEPT * sizeof *sums);
    uint32_t equal = 0, different = 0;
    assert_true(q && sums);
    for (uint32_t i = 0; i < oracle_rounds(12); i++) {
        struct world w;
        world_make(&w, &random);
        for (uint32_t k = 0; k < KEPT; k++) {
            struct constraint c;
            struct arena arena;
            arena_init(&arena, 16 << 20);
            question_make(q, &random);
            if (oracle_below(&random, 3)) q->request.credential_count = 0, q->request.depart_ms = START_MS, q->loose_until_ms = q->until_ms = START_MS + 30 * HOUR;
            memset(&sums[k], 0, sizeof sums[k]);
            assert_int_equal(constraint_init(&c, &base, &w.rules, &q->request, &none, q->loose_until_ms, q->until_ms, NULL, &arena, &err), STATUS_OK);
            checkpoints_check(&w, q, &c, &random, &sums[k]);
            numbers_of(&c, &arena, &sums[k]);
            constraint_done(&c);
            arena_clear(&arena);
            for (uint32_t b = k > 40 ? k - 40 : 0; b < k; b++) {
                bool same = memcmp(sums[k].inspection, sums[b].inspection, sizeof sums[k].inspection) == 0;
                assert_int_equal(sums[k].checkpoint_number == sums[b].checkpoint_number, same);
                equal += same;
                different += !same;
            }
        }
        world_clear(&w);
    }
    free(q);
    free(sums);
    assert_true(equal > 0 && different > 0);
}

struct thread {
    const struct world *w;
    const struct question *asked;
    struct summary *sums;
};

static void *ask_all(void *context)
{
    struct thread *t = context;
    for (uint32_t k = 0; k < ASKED; k++) check(t->w, &t->asked[k], &t->sums[k]);
    return NULL;
}

static void threads_that_ask_at_once_hear_the_same(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("rule_binding");
    struct world w;
    struct question *asked = malloc(ASKED * sizeof *asked);
    struct summary *sums = calloc(THREADS * ASKED, sizeof *sums);
    struct thread t[THREADS];
    pthread_t ids[THREADS];
    assert_true(asked && sums);
    world_make(&w, &random);
    for (uint32_t k = 0; k < ASKED; k++) question_make(&asked[k], &random);
    for (uint32_t i = 0; i < THREADS; i++) {
        t[i] = (struct thread){&w, asked, sums + (size_t)i * ASKED};
        assert_int_equal(pthread_create(&ids[i], NULL, ask_all, &t[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(ids[i], NULL), 0);
    for (uint32_t i = 1; i < THREADS; i++) assert_memory_equal(t[i].sums, t[0].sums, ASKED * sizeof *sums);
    world_clear(&w);
    free(asked);
    free(sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shared_is_what_each_says_by_itself),
        cmocka_unit_test(equal_numbers_of_checkpoints_are_equal_checkpoints),
        cmocka_unit_test(threads_that_ask_at_once_hear_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
