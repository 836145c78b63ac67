/* Islands are what a plain flood finds: from every arc over every move that the text of the rules allows, once before and once
 * after, and the largest set whose members all reach each other is the mainland. */
#include "tests/property/oracle_graph.h"
#include "tests/property/route_world.h"

#include "routing/explain/islands.h"
#include "routing/network/network_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VEHICLES = 2 };
enum { OPEN = 1, COME_TO = 2, LEFT = 4, JOINED = 7 };

struct tally {
    uint32_t islands, roads, one_way, partial, gated, none;
};

/* ---- the plain flood -------------------------------------------------------------------------------------------- */

struct flood {
    const struct turn_graph *g;
    bool *open;   /* of a node */
    bool *over;   /* of a turn */
};

static void flood_from(const struct flood *f, bool *reached, bool backward)
{
    for (bool grown = true; grown;) {
        grown = false;
        for (arc_node u = 0; u < f->g->node_count; u++)
            for (turn_id t = f->g->first_out[u]; t < f->g->first_out[u + 1]; t++) {
                arc_node from = backward ? f->g->head[t] : u, to = backward ? u : f->g->head[t];
                if (!f->over[t] || !reached[from] || reached[to]) continue;
                reached[to] = grown = true;
            }
    }
}

static void judge_moves(const struct oracle_route *o, struct flood *f)
{
    const struct vehicle *vehicle = &o->request->vehicle;
    unsigned subject = (vehicle->gross_kg > 3500 ? TURN_LORRY : TURN_LIGHT) | (vehicle->hazmat ? TURN_HAZMAT : 0);
    int64_t at_ms = o->request->depart_ms + 1;
    for (arc_node u = 0; u < f->g->node_count; u++) f->open[u] = oracle_route_may(o, NO_ARC, f->g->node_arc[u], at_ms);
    for (arc_node u = 0; u < f->g->node_count; u++)
        for (turn_id t = f->g->first_out[u]; t < f->g->first_out[u + 1]; t++)
            f->over[t] = f->open[u] && f->open[f->g->head[t]] && !(f->g->forbidden_to[t] & subject) &&
                         oracle_route_may(o, f->g->node_arc[u], f->g->node_arc[f->g->head[t]], at_ms);
}

/* Marks the largest set of open nodes that all reach each other; false when two are equally large. */
static bool mainland(const struct flood *f, bool *in)
{
    uint32_t nodes = f->g->node_count, best = 0, equals = 0;
    bool *done = calloc(nodes, 1), *there = malloc(nodes), *back = malloc(nodes);
    memset(in, 0, nodes);
    for (arc_node v = 0; v < nodes; v++) {
        if (!f->open[v] || done[v]) continue;
        uint32_t size = 0;
        memset(there, 0, nodes), memset(back, 0, nodes);
        there[v] = back[v] = true;
        flood_from(f, there, false), flood_from(f, back, true);
        for (arc_node w = 0; w < nodes; w++) there[w] = there[w] && back[w], size += there[w], done[w] = done[w] || there[w];
        if (size == best) equals++;
        if (size <= best) continue;
        best = size, equals = 0;
        memcpy(in, there, nodes);
    }
    free(done), free(there), free(back);
    return best > 1 && equals == 0;
}

/* What each road is under one set of rules. */
static bool look(const struct oracle_route *o, uint8_t *roads)
{
    const struct turn_graph *g = o->g;
    uint32_t nodes = g->node_count;
    struct flood f = {g, calloc(nodes, 1), calloc(g->turn_count + 1, 1)};
    bool *in = malloc(nodes), *to = malloc(nodes), *from = malloc(nodes), *arc_in = calloc(o->n->arc_count, 1);
    judge_moves(o, &f);
    bool clear = mainland(&f, in);
    for (arc_node v = 0; v < nodes; v++) arc_in[g->node_arc[v]] |= in[v]; /* a copy of an arc is the arc */
    for (arc_node v = 0; v < nodes; v++) to[v] = from[v] = f.open[v] && arc_in[g->node_arc[v]];
    flood_from(&f, to, false), flood_from(&f, from, true);
    memset(roads, 0, o->n->road_count);
    for (arc_node v = 0; v < nodes; v++)
        roads[o->n->arc_road[g->node_arc[v]]] |= (uint8_t)((f.open[v] ? OPEN : 0) | (to[v] ? COME_TO : 0) | (from[v] ? LEFT : 0));
    free(f.open), free(f.over), free(in), free(to), free(from), free(arc_in);
    return clear;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static bool touch(const struct network *n, road_index a, road_index b)
{
    for (int i = 0; i < 4; i++) {
        arc_id x = n->road_arc[2 * (size_t)a + i / 2], y = n->road_arc[2 * (size_t)b + i % 2];
        if (x == NO_ARC || y == NO_ARC) continue;
        node_id ends[2] = {n->arc_tail[x], n->arc_head[x]};
        for (int k = 0; k < 2; k++)
            if (ends[k] == n->arc_tail[y] || ends[k] == n->arc_head[y]) return true;
    }
    return false;
}

/* The island that begins with road `first` must be among those that were found. */
static void check_island(const struct network *n, const uint32_t *lost, road_index first, bool *told, const struct island *found, uint32_t count,
                         uint64_t seed, struct tally *t)
{
    bool *mine = calloc(n->road_count, 1);
    uint64_t length_mm = 0;
    uint32_t vehicles = 0, roads = 0;
    mine[first] = true;
    for (bool grown = true; grown;) {
        grown = false;
        for (road_index a = 0; a < n->road_count; a++)
            for (road_index b = 0; b < n->road_count; b++)
                if (mine[a] && !mine[b] && lost[b] && touch(n, a, b)) mine[b] = grown = true;
    }
    for (road_index r = 0; r < n->road_count; r++)
        if (mine[r]) told[r] = true, length_mm += n->road_length_mm[r], vehicles |= lost[r], roads++;
    const struct island *island = NULL;
    for (uint32_t i = 0; i < count; i++)
        if (found[i].road_count && found[i].roads[0] == first) island = &found[i];
    if (!island || island->road_count != roads || island->length_mm != length_mm || island->vehicles != vehicles)
        fail_msg("seed %llu: an island of %u roads from road %u was %s", (unsigned long long)seed, roads, first, island ? "told otherwise" : "not found");
    for (uint32_t i = 0; i < island->road_count; i++) assert_true(mine[island->roads[i]]);
    t->islands++, t->roads += roads;
    t->partial += vehicles != (1u << VEHICLES) - 1;
    free(mine);
}

static void check(const struct route_world *w, const struct rules *before, const struct route_request *requests, uint64_t seed, struct tally *t)
{
    const struct network *n = &w->f.network;
    const struct route_request *asked[VEHICLES] = {&requests[0], &requests[1]};
    uint32_t *lost = calloc(n->road_count, sizeof *lost), count, wanted = 0;
    uint8_t *then = malloc(n->road_count), *now = malloc(n->road_count);
    bool *told = calloc(n->road_count, 1), lifted[WORLD_CHECKPOINTS], clear = true;
    struct error err = ERROR_INIT;
    struct island *found;
    struct arena arena;
    memset(lifted, true, sizeof lifted);
    for (uint32_t i = 0; i < VEHICLES; i++) {
        struct oracle_route o = {.n = n, .g = &w->base.turns, .rules = before, .request = &requests[i], .lifts = {.checkpoints = lifted},
                                 .left_at_home_ms = INT64_MIN};
        clear = look(&o, then) && clear;
        o.rules = w->rules;
        clear = look(&o, now) && clear;
        for (road_index r = 0; r < n->road_count; r++) {
            if (then[r] != JOINED || !(now[r] & OPEN) || now[r] == JOINED) continue;
            lost[r] |= 1u << i;
            t->one_way += (now[r] & (COME_TO | LEFT)) != 0;
        }
    }
    arena_init(&arena, 64 << 20);
    if (clear) { /* else it is a matter of taste which part is the mainland */
        if (islands_find(&w->base, before, w->rules, asked, VEHICLES, &arena, &found, &count, &err) != STATUS_OK) fail_msg("%s", err.en);
        for (road_index r = 0; r < n->road_count; r++)
            if (lost[r] && !told[r]) wanted++, check_island(n, lost, r, told, found, count, seed, t);
        if (wanted != count) fail_msg("seed %llu: %u islands, found %u", (unsigned long long)seed, wanted, count);
        for (uint32_t i = 1; i < count; i++) assert_true(found[i - 1].length_mm >= found[i].length_mm);
        t->none += count == 0;
        for (uint32_t i = 0; count && i < w->input.zone_count; i++) t->gated += w->zones[i].rules[0].kind == RULE_GATED;
    }
    arena_clear(&arena);
    free(lost), free(then), free(now), free(told);
}

static void islands_are_what_a_plain_flood_finds(void **state)
{
    (void)state;
    const uint64_t seed = oracle_seed("islands");
    struct tally t = {0};
    for (uint32_t i = 0; oracle_goes_on(i, oracle_rounds(80), t.one_way > 0 && t.partial > 0 && t.gated > 0 && t.none > 0); i++) {
        struct world_options options = {.zones = WORLD_ZONES, .closures = WORLD_CLOSURES, .size_m = 3000, .nodes = 30, .roads = 45 + (uint32_t)((seed + i) % 30), .posted = (uint32_t)((seed + i) % 5)};
        struct oracle_place places[CALLS_MAX + 1];
        struct route_request requests[VEHICLES];
        enum rule_kind kinds[WORLD_ZONES][2];
        struct route_world w;
        uint64_t random = seed + i;
        uint32_t place_count, ready = 0, closures;
        route_world_make(&w, &options, &random);
        for (uint32_t k = 0; k < 40 && ready < VEHICLES; k++) ready += route_world_request(&w, &options, &random, &requests[ready], places, &place_count);
        /* before: some of the zones warn only, and no road is closed */
        for (uint32_t z = 0; z < w.input.zone_count; z++)
            for (uint32_t k = 0; k < w.zones[z].rule_count; k++) {
                kinds[z][k] = w.zone_rules[z][k].kind;
                if ((random >> z) & 1) w.zone_rules[z][k].kind = RULE_CAUTION;
            }
        closures = w.input.closure_count;
        w.input.closure_count = 0;
        route_world_publish(&w);
        struct rules *before = rules_get(w.rules);
        for (uint32_t z = 0; z < w.input.zone_count; z++)
            for (uint32_t k = 0; k < w.zones[z].rule_count; k++) w.zone_rules[z][k].kind = kinds[z][k];
        w.input.closure_count = closures;
        route_world_publish(&w);
        if (ready == VEHICLES) check(&w, before, requests, seed + i, &t);
        rules_release(before);
        route_world_clear(&w);
    }
    printf("islands: %u of %u roads, %u of a road that leads one way, %u for one vehicle alone, %u with gated zones, %u worlds without\n", t.islands,
           t.roads, t.one_way, t.partial, t.gated, t.none);
    if (!getenv("SEED")) assert_true(t.one_way > 0 && t.partial > 0 && t.gated > 0 && t.none > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(islands_are_what_a_plain_flood_finds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
