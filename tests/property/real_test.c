/* Every kind of question against the oracle, on real roads: towns, mountains, motorways and ports of OpenStreetMap with their
 * oneways, turn restrictions, barriers and limits, and the trunk roads of Nanyang, under random rules.
 *
 *   real_test [folder of the real data]      default: environment DATA, as the Makefile has it
 *
 * Without that folder it says so and skips. A round's seed also chooses the network: SEED=s replays it; ONLY=*timed* runs the
 * tests of such names alone. */
#include "routing/planner/planner_route.h"
#include "tests/property/compare_explain.h"
#include "tests/property/compare_match.h"
#include "tests/property/compare_reach.h"
#include "tests/property/compare_route.h"
#include "tests/property/compare_table.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/real_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SOURCES_MAX = 16, LABELS = 100000, LABELS_WHOLE = 400000 };
enum { REQUESTS = 8, EXPLAINED = 4, ORIGINS = 2, TARGETS = 40, SIDE = 4, TRACES = 6, ARCS_MAX = 200 };

static struct real_source sources[SOURCES_MAX];
static uint32_t source_count;
static struct real_world world; /* large */

static const struct real_source *source_of(uint64_t seed)
{
    return &sources[seed % source_count];
}

/* What went wrong where: cmocka says the seed, this the network. */
static void begin(const char *name, uint64_t seed, const struct real_options *o, struct planner **p, uint64_t *random)
{
    struct error err = ERROR_INIT;
    *random = seed;
    if (getenv("SEED")) fprintf(stderr, "%s: seed %llu is %s\n", name, (unsigned long long)seed, source_of(seed)->name);
    real_world_make(&world, source_of(seed), o, random);
    assert_int_equal(planner_new(&world.w.base, p, &err), STATUS_OK);
}

static void end(struct planner *p)
{
    planner_free(p);
    real_world_clear(&world);
}

/* What is looked into for each request of a world; `places` as the oracle sees its calls. */
struct inquiry {
    struct planner *planner;
    struct route_request q;
    struct oracle_place places[CALLS_MAX + 1];
    uint32_t place_count, index; /* the how manieth of its world */
    uint64_t random, seed;
};

/* So many requests in the world of a seed, each to `look`. */
static void ask(const char *name, uint64_t seed, const struct real_options *o, uint32_t requests,
                void (*look)(struct inquiry *a, void *context), void *context)
{
    struct inquiry a = {.seed = seed};
    begin(name, seed, o, &a.planner, &a.random);
    for (a.index = 0; a.index < requests; a.index++)
        if (real_world_request(&world, &a.random, &a.q, a.places, &a.place_count)) look(&a, context);
    end(a.planner);
}

/* ---- routes, and refusals with their explanations ----------------------------------------------------------------- */

struct routing {
    enum preference prefer;
    uint32_t label_max;
    struct route_tally t;
};

static void look_at_route(struct inquiry *a, void *context)
{
    struct routing *r = context;
    a->q.prefer = r->prefer;
    route_compare(a->planner, &world.w, &a->q, a->places, a->place_count, r->label_max, &r->t, a->seed);
}

static void routes(const char *name, struct real_options o, enum preference prefer, uint32_t label_max, uint32_t count)
{
    uint64_t seed = oracle_seed(name);
    struct routing r = {.prefer = prefer, .label_max = label_max};
    count = oracle_rounds(count);
    for (uint32_t i = 0; oracle_goes_on(i, count, r.t.plans > 0 && r.t.none > 0 && (r.t.gates > 0 || o.drawn_turns)); i++)
        ask(name, seed + i, &o, REQUESTS, look_at_route, &r);
    const struct route_tally t = r.t;
    printf("%s: %u plans (%u by guided search, %u gates), %u without (%u times asked why); %u of %u comparisons too large, "
           "%u without a road\n", name, t.plans, t.second_tier, t.gates, t.none, t.lifted, t.skipped,
           t.plans + t.none + t.lifted + t.skipped, t.off);
    if (!getenv("SEED")) assert_true(t.plans > 0 && t.none > 0 && (t.gates > 0 || o.drawn_turns));
}

static const struct real_options TURNS = {.roads_max = 200, .zones = 1, .closures = 1, .drawn_turns = true};
static const struct real_options PIECE = {.roads_max = 250, .zones = 4, .closures = 3, .posted = 6};
static const struct real_options PIECE_TIMED = {.roads_max = 200, .zones = 4, .closures = 3, .timed = true};
static const struct real_options PIECE_TOLLS = {.roads_max = 250, .zones = 3, .closures = 2, .posted = 4, .tolls = true};
static const struct real_options WHOLE = {.roads_max = 20000, .near_m = 600, .zones = 4, .closures = 3, .posted = 8};
static const struct real_options WHOLE_TIMED = {.roads_max = 20000, .near_m = 500, .zones = 4, .closures = 3, .timed = true};

static void plans_cost_what_the_oracle_finds_by_time(void **state)
{
    (void)state;
    routes("real routes", PIECE, PREFER_TIME, LABELS, 100);
    routes("real turns", TURNS, PREFER_TIME, LABELS, 80);
}

static void plans_cost_what_the_oracle_finds_by_distance(void **state)
{
    (void)state;
    routes("real distance", PIECE, PREFER_DISTANCE, LABELS, 60);
    routes("real distance timed", PIECE_TIMED, PREFER_DISTANCE, LABELS, 40);
}

static void plans_cost_what_the_oracle_finds_by_cost(void **state)
{
    (void)state;
    struct real_options timed = PIECE_TOLLS;
    timed.timed = true;
    routes("real cost", PIECE_TOLLS, PREFER_COST, LABELS, 60);
    routes("real cost timed", timed, PREFER_COST, LABELS, 40);
}

static void plans_cost_what_the_oracle_finds_while_rules_come_and_go(void **state)
{
    (void)state;
    routes("real timed", PIECE_TIMED, PREFER_TIME, LABELS, 100);
}

static void whole_networks_are_as_their_pieces(void **state)
{
    (void)state;
    routes("real whole", WHOLE, PREFER_TIME, LABELS_WHOLE, 12);
    routes("real whole timed", WHOLE_TIMED, PREFER_TIME, LABELS_WHOLE, 12);
}

/* ---- leave to wait ------------------------------------------------------------------------------------------------ */

struct waiting {
    enum preference prefer;
    struct wait_tally t;
};

static void look_at_wait(struct inquiry *a, void *context)
{
    struct waiting *w = context;
    a->q.prefer = w->prefer;
    wait_compare(a->planner, &world.w, &a->q, 60000 * (1 + oracle_below(&a->random, 10)), 30000, a->places, a->place_count, 20000, &w->t,
                 a->seed);
}

static void waits(const char *name, enum preference prefer, uint32_t count)
{
    static const struct real_options o = {.roads_max = 120, .zones = 4, .closures = 2, .timed = true};
    uint64_t seed = oracle_seed(name);
    struct waiting w = {.prefer = prefer};
    count = oracle_rounds(count);
    for (uint32_t i = 0; oracle_goes_on(i, count, w.t.waited > 0 && w.t.opened > 0); i++)
        ask(name, seed + i, &o, REQUESTS, look_at_wait, &w);
    const struct wait_tally t = w.t;
    printf("%s: %u plans, %u wait, %u only by waiting, %u none; %u too large, %u without a road\n", name, t.plans, t.waited, t.opened,
           t.none, t.skipped, t.off);
    if (!getenv("SEED")) assert_true(t.waited > 0 && t.opened > 0);
}

static void waiting_is_used_where_it_helps(void **state)
{
    (void)state;
    waits("real waits", PREFER_TIME, 40);
    waits("real waits distance", PREFER_DISTANCE, 20);
}

/* ---- what the signs say ------------------------------------------------------------------------------------------------------ */

/* A way in the turn graph from arc node `u` over the roads still to come, open to some of those whom the restriction binds. */
static bool way_over(const struct turn_restriction_row *row, arc_node u, uint32_t done)
{
    const struct network *n = &world.w.f.network;
    const struct turn_graph *g = &world.w.f.turns;
    road_index next = network_road_find(n, done < row->via_road_count ? row->via_roads[done] : row->to_road);
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++)
        if (n->arc_road[g->node_arc[g->head[t]]] == next && (g->forbidden_to[t] & row->subjects) != row->subjects &&
            (done == row->via_road_count || way_over(row, g->head[t], done + 1)))
            return true;
    return false;
}

/* Every `no` restriction over roads: no way leads over them all, whatever was driven before. */
static uint32_t check_signs_over_roads(const struct real_source *s, uint64_t seed)
{
    const struct network *n = &world.w.f.network;
    const struct turn_graph *g = &world.w.f.turns;
    uint32_t checked = 0;
    for (uint32_t i = 0; i < s->turn_count; i++) {
        const struct turn_restriction_row *row = &s->turns[i];
        bool there = row->via_road_count > 0 && !row->only && network_road_find(n, row->from_road) != NO_ROAD && network_road_find(n, row->to_road) != NO_ROAD;
        for (uint32_t k = 0; k < row->via_road_count; k++) there = there && network_road_find(n, row->via_roads[k]) != NO_ROAD;
        for (arc_node u = 0; there && u < g->node_count; u++) {
            if (n->road_source_id[n->arc_road[g->node_arc[u]]] != row->from_road) continue;
            checked++;
            if (way_over(row, u, 0))
                fail_msg("seed %llu: %s: restriction %lld does not bind", (unsigned long long)seed, s->name, (long long)row->id);
        }
    }
    return checked;
}

/* Every restriction over one node, as its row says it, looked for in the turn graph: the oracle of routes has that graph from
 * the same builder as the engine. No turn that is forbidden by a `no` row, or that leaves an `only` row (and what shares its
 * beginning) aside, is there for whom it binds. */
static uint32_t check_signs(const struct real_source *s, uint64_t seed)
{
    const struct network *n = &world.w.f.network;
    const struct turn_graph *g = &world.w.f.turns;
    uint32_t checked = 0;
    for (uint32_t i = 0; i < s->turn_count; i++) {
        const struct turn_restriction_row *row = &s->turns[i];
        road_index from = network_road_find(n, row->from_road), to = network_road_find(n, row->to_road);
        if (row->via_road_count > 0 || from == NO_ROAD || to == NO_ROAD) continue;
        for (arc_node u = 0; u < g->node_count; u++) {
            arc_id a = g->node_arc[u];
            if (n->arc_road[a] != from || n->node_source_id[n->arc_head[a]] != row->via_node) continue;
            bool joins = false;
            for (arc_id b = n->node_first_arc[n->arc_head[a]]; b < n->node_first_arc[n->arc_head[a] + 1]; b++)
                joins = joins || n->arc_road[b] == to;
            for (turn_id t = g->first_out[u]; joins && t < g->first_out[u + 1]; t++) {
                road_index next = n->arc_road[g->node_arc[g->head[t]]];
                bool allowed = row->only ? next == to : next != to;
                for (uint32_t k = 0; row->only && !allowed && k < s->turn_count; k++) /* another way on from the same beginning */
                    allowed = s->turns[k].only && s->turns[k].from_road == row->from_road && s->turns[k].via_node == row->via_node &&
                              (s->turns[k].subjects & row->subjects) && network_road_find(n, s->turns[k].to_road) == next;
                checked++;
                if (!allowed && (g->forbidden_to[t] & row->subjects) != row->subjects)
                    fail_msg("seed %llu: %s: restriction %lld does not bind the turn from road %lld to road %lld", (unsigned long long)seed,
                             s->name, (long long)row->id, (long long)row->from_road, (long long)n->road_source_id[next]);
            }
        }
    }
    return checked;
}

static void signs_bind_whom_they_are_for(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("real signs");
    struct real_options o = {.roads_max = 20000, .near_m = 500, .zones = 1};
    uint32_t checked = 0, over = 0, count = oracle_rounds(source_count);
    for (uint32_t i = 0; oracle_goes_on(i, count < source_count ? count : source_count, checked > 0 && over > 0); i++) {
        uint64_t random;
        struct planner *p = NULL;
        begin("real signs", seed + i, &o, &p, &random);
        checked += check_signs(source_of(seed + i), seed + i);
        over += check_signs_over_roads(source_of(seed + i), seed + i);
        end(p);
    }
    printf("real signs: %u turns looked at, %u beginnings of ways over several roads\n", checked, over);
    if (!getenv("SEED")) assert_true(checked > 0 && over > 0);
}

/* ---- who comes too early ------------------------------------------------------------------------------------------ */

/* When the plan's first leg is at the end of its arc k, by the network's own times: near enough to put something there. */
static int64_t moment_at(const struct leg *leg, uint32_t k)
{
    const struct network *n = &world.w.f.network;
    int64_t t = leg->depart_ms;
    for (uint32_t i = 1; i <= k; i++) t += n->arc_time_ms[leg->arcs[i]];
    return t;
}

/* Closes an arc of the plan, or a stretch of ground around it, until a bit after the vehicle would be there (now and then from
 * just before on): who comes later by another way is let pass, so first come is not first served. */
static void close_in_front(const struct leg *leg, uint64_t *random)
{
    struct route_world *w = &world.w;
    const struct network *n = &w->f.network;
    uint32_t k = leg->arc_count / 4 + oracle_below(random, leg->arc_count / 2 + 1);
    if (k >= leg->arc_count) k = leg->arc_count - 1;
    arc_id a = leg->arcs[k];
    struct schedule s = {.from_ms = INT64_MIN, .until_ms = moment_at(leg, k) + ((int64_t)oracle_below(random, 200) - 20) * 1000};
    if (oracle_below(random, 4) == 0) s = (struct schedule){.from_ms = s.until_ms - 60000, .until_ms = TIME_OPEN};
    if (oracle_below(random, 2)) {
        w->closures[0].action = CLOSURE_CLOSED;
        w->closures[0].physical = true;
        w->closures[0].schedule = s;
        w->closures[0].arc_count = 1;
        w->closed[0][0] = (struct road_direction){n->road_source_id[n->arc_road[a]], n->arc_reversed[a]};
    } else {
        struct point_e7 at = spatial_point_at(n, n->arc_road[a], n->road_length_mm[n->arc_road[a]] / 2);
        multipolygon_clear(&w->zones[0].area);
        w->zones[0].area = real_world_area(random, at, 10 + (int32_t)(n->road_length_mm[n->arc_road[a]] / 2000));
        w->zones[0].schedule = s;
        w->zone_rules[0][0].kind = RULE_CLOSED;
        w->zone_rules[0][0].subject.gross_min_kg = w->zone_rules[0][0].exempt_count = 0;
    }
    route_world_publish(w);
}

struct early {
    struct route_tally t;
    uint32_t late;
};

static void look_at_early(struct inquiry *a, void *context)
{
    struct early *e = context;
    struct error err = ERROR_INIT;
    struct arena arena;
    struct answer answer;
    a->q.credential_count = 0;
    a->q.prefer = a->index % 3 == 0 ? PREFER_DISTANCE : PREFER_TIME;
    arena_init(&arena, 64 << 20);
    if (planner_route(a->planner, world.w.view, &a->q, PLANNER_FULL, &arena, &answer, &err) == STATUS_OK && answer.cause == STATUS_OK &&
        answer.plans[0]->legs[0].arc_count > 2) {
        close_in_front(&answer.plans[0]->legs[0], &a->random);
        route_compare(a->planner, &world.w, &a->q, a->places, a->place_count, LABELS, &e->t, a->seed);
        struct oracle_route oracle = {.n = &world.w.f.network, .g = &world.w.f.turns, .rules = world.w.rules, .request = &a->q,
                                      .dawdle_ms = 5 * 60 * 1000, .grain_ms = 30 * 1000, .label_max = LABELS};
        uint64_t best = oracle_route_cost(&oracle, a->places, a->place_count);
        oracle.dawdle_ms = 0; /* only the first to be on an arc */
        e->late += best < oracle_route_cost(&oracle, a->places, a->place_count);
    }
    arena_clear(&arena);
}

static void first_come_is_not_first_served(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("real early");
    struct early e = {.late = 0};
    uint32_t count = oracle_rounds(150);
    struct real_options o = {.roads_max = 150, .zones = 1, .closures = 1, .timed = true};
    for (uint32_t i = 0; oracle_goes_on(i, count, e.late > 0); i++) ask("real early", seed + i, &o, REQUESTS, look_at_early, &e);
    const struct route_tally t = e.t;
    const uint32_t late = e.late;
    printf("real early: %u plans (%u by guided search), %u only or better by coming later, %u without (%u times asked why); "
           "%u of %u comparisons too large\n", t.plans, t.second_tier, late, t.none, t.lifted, t.skipped,
           t.plans + t.none + t.lifted + t.skipped);
    if (!getenv("SEED")) assert_true(late > 0);
}

/* ---- tables ------------------------------------------------------------------------------------------------------- */

static void tables_say_what_routes_and_the_oracle_say(void **state)
{
    (void)state;
    uint64_t seed = oracle_seed("real tables");
    struct table_tally t = {0};
    uint32_t count = oracle_rounds(60);
    for (uint32_t i = 0; oracle_goes_on(i, count, t.ways > 0 && t.ending > 0); i++) {
        uint64_t random, draw = (seed + i) / source_count; /* the network goes by the seed, too */
        struct planner *p = NULL;
        struct real_options o = draw % 2 ? PIECE_TIMED : PIECE;
        struct route_request q, other;
        struct oracle_place at[SIDE], places[CALLS_MAX + 1];
        struct call calls[SIDE];
        uint32_t place_count, found = 0;
        begin("real tables", seed + i, &o, &p, &random);
        bool asked = real_world_request(&world, &random, &q, places, &place_count);
        if (!o.timed) q.credential_count = 0; /* which would make gates depend on time */
        if (draw % 4 == 3) q.prefer = PREFER_DISTANCE;
        for (int tries = 0; tries < 40 && found < SIDE; tries++) {
            if (!real_world_request(&world, &random, &other, places, &place_count)) continue;
            calls[found] = other.calls[0];
            at[found++] = places[0];
        }
        if (asked && found == SIDE) table_compare(p, &world.w, &q, calls, at, SIDE, LABELS, &t, seed + i);
        end(p);
    }
    printf("real tables: %u cells, %u ways, %u while credentials end; %u cells too large\n", t.cells, t.ways, t.ending, t.skipped);
    if (!getenv("SEED")) assert_true(t.ways > 0 && t.ending > 0);
}

/* ---- explanations ------------------------------------------------------------------------------------------------- */

struct explaining {
    enum preference prefer;
    struct explain_tally t;
};

static void look_at_explanation(struct inquiry *a, void *context)
{
    struct explaining *e = context;
    a->q.prefer = e->prefer;
    for (uint32_t c = 0; c < a->q.credential_count; c++) a->q.credentials[c].valid_until_ms = TIME_OPEN;
    explain_compare(a->planner, &world.w, &a->q, a->places, a->place_count, LABELS, &e->t, a->seed);
}

static void explained(const char *name, struct real_options o, enum preference prefer, uint32_t count)
{
    uint64_t seed = oracle_seed(name);
    struct explaining e = {.prefer = prefer};
    count = oracle_rounds(count);
    for (uint32_t i = 0; oracle_goes_on(i, count, e.t.longer > 0 && e.t.cuts > 0); i++)
        ask(name, seed + i, &o, EXPLAINED, look_at_explanation, &e);
    const struct explain_tally t = e.t;
    printf("%s: %u plans, %u longer than without rules, %u rules weighed; %u without a plan, %u cuts of %u arcs, %u not exact; "
           "%u of %u comparisons too large, %u without a road\n", name, t.plans, t.longer, t.rules, t.none, t.cuts, t.arcs,
           t.inexact, t.skipped, t.measured, t.off);
    if (!getenv("SEED")) assert_true(t.longer > 0 && t.cuts > 0);
}

static void rules_cost_what_the_oracle_says(void **state)
{
    (void)state;
    explained("real explain", PIECE, PREFER_TIME, 40);
    explained("real explain distance", PIECE, PREFER_DISTANCE, 20);
    explained("real explain timed", PIECE_TIMED, PREFER_TIME, 30);
}

/* ---- reach -------------------------------------------------------------------------------------------------------- */

struct reaching {
    enum preference prefer;
    uint32_t unit;
    struct reach_tally t;
};

static void look_at_reach(struct inquiry *a, void *context)
{
    struct reaching *r = context;
    a->q.prefer = r->prefer;
    reach_compare(a->planner, &world.w, &a->q, a->places[0], r->unit, TARGETS, LABELS, &a->random, &r->t, a->seed);
}

static void reached(const char *name, struct real_options o, enum preference prefer, uint32_t unit, uint32_t count)
{
    uint64_t seed = oracle_seed(name);
    struct reaching r = {.prefer = prefer, .unit = unit};
    count = oracle_rounds(count);
    for (uint32_t i = 0; oracle_goes_on(i, count, r.t.in > 0 && r.t.out > 0 && r.t.never > 0); i++)
        ask(name, seed + i, &o, ORIGINS, look_at_reach, &r);
    const struct reach_tally t = r.t;
    printf("%s: %u positions in, %u out (%u never), %u origins refused, %u answers not exact; %u positions too far\n", name, t.in,
           t.out, t.never, t.refused, t.inexact, t.skipped);
    if (!getenv("SEED")) assert_true(t.in > 0 && t.out > 0 && t.never > 0);
}

static void positions_within_reach_are_those_the_oracle_reaches(void **state)
{
    (void)state;
    reached("real reach", PIECE, PREFER_TIME, 60000, 30);
    reached("real reach distance", PIECE, PREFER_DISTANCE, 400000, 20);
    reached("real reach timed", PIECE_TIMED, PREFER_TIME, 60000, 20);
}

/* ---- matching ----------------------------------------------------------------------------------------------------- */

struct driving {
    uint32_t step_mm, sigma_mm;
    bool noisy;
    struct match_tally t;
};

/* The drive is a plan's: it may turn where it may, and nowhere else. */
static void look_at_drive(struct inquiry *a, void *context)
{
    struct driving *d = context;
    struct error err = ERROR_INIT;
    struct projection *projection = NULL;
    struct arena arena;
    struct answer answer;
    assert_int_equal(projection_open(world.w.f.network.projection, &projection, &err), STATUS_OK);
    arena_init(&arena, 64 << 20);
    enum status status = planner_route(a->planner, world.w.view, &a->q, PLANNER_FULL, &arena, &answer, &err);
    for (uint32_t l = 0; status == STATUS_OK && answer.cause == STATUS_OK && l < answer.plans[0]->leg_count; l++) {
        const struct leg *leg = &answer.plans[0]->legs[l];
        if (leg->arc_count <= ARCS_MAX)
            match_compare(&world.w.base, projection, leg->arcs, leg->arc_count, d->step_mm, d->sigma_mm, d->noisy, &a->random, &d->t, a->seed);
    }
    arena_clear(&arena);
    projection_close(projection);
}

static void matched(const char *name, uint32_t count, uint32_t step_mm, uint32_t sigma_mm, bool noisy)
{
    uint64_t seed = oracle_seed(name);
    struct driving d = {.step_mm = step_mm, .sigma_mm = sigma_mm, .noisy = noisy};
    struct real_options o = {.roads_max = 2000, .zones = 1};
    count = oracle_rounds(count);
    for (uint32_t i = 0; oracle_goes_on(i, count, d.t.whole > 0); i++) ask(name, seed + i, &o, TRACES, look_at_drive, &d);
    const struct match_tally t = d.t;
    printf("%s: %u drives, %u matched whole, %u of %u positions on the arc they were driven on\n", name, t.traces, t.whole, t.right,
           t.positions);
    if (!getenv("SEED")) assert_true(t.whole > 0 && t.right * 10ull >= t.positions * 8ull);
}

static void what_was_driven_is_matched(void **state)
{
    (void)state;
    matched("real match", 20, 60000, 5000, false);
    matched("real match sparse", 20, 300000, 5000, false);
    matched("real match noise", 20, 50000, 8000, true);
}

static void real_networks_are_there(void **state)
{
    (void)state;
    skip();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_bind_whom_they_are_for),
        cmocka_unit_test(plans_cost_what_the_oracle_finds_by_time),
        cmocka_unit_test(plans_cost_what_the_oracle_finds_by_distance),
        cmocka_unit_test(plans_cost_what_the_oracle_finds_by_cost),
        cmocka_unit_test(plans_cost_what_the_oracle_finds_while_rules_come_and_go),
        cmocka_unit_test(first_come_is_not_first_served),
        cmocka_unit_test(waiting_is_used_where_it_helps),
        cmocka_unit_test(whole_networks_are_as_their_pieces),
        cmocka_unit_test(tables_say_what_routes_and_the_oracle_say),
        cmocka_unit_test(rules_cost_what_the_oracle_says),
        cmocka_unit_test(positions_within_reach_are_those_the_oracle_reaches),
        cmocka_unit_test(what_was_driven_is_matched),
    };
    const struct CMUnitTest nothing[] = {cmocka_unit_test(real_networks_are_there)};
    if (getenv("ONLY")) cmocka_set_test_filter(getenv("ONLY"));
    const char *folder = argc > 1 ? argv[1] : getenv("DATA");
    for (uint32_t i = 0; i < real_source_count() && source_count < SOURCES_MAX; i++)
        source_count += real_source_open(&sources[source_count], folder, i);
    if (source_count == 0) printf("real: no road networks in '%s' (DATA=…): SKIPPED\n", folder ? folder : "");
    int failed = source_count ? cmocka_run_group_tests(tests, NULL, NULL) : cmocka_run_group_tests(nothing, NULL, NULL);
    for (uint32_t i = 0; i < source_count; i++) real_source_close(&sources[i]);
    return failed;
}
