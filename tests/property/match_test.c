/* Matching against routes that were driven: traces without noise are found again, traces with noise never cost more than
 * the truth does. */
#include "geo/geodesic.h"
#include "routing/constraint/leg_geometry.h"
#include "routing/match/match_judge.h"
#include "tests/property/compare_match.h"
#include "tests/property/oracle_graph.h"
#include "tests/property/oracle_match.h"
#include "tests/property/route_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TRACES = 8, ARCS_MAX = 64 };

static uint32_t rounds(uint32_t n)
{
    const char *scale = getenv("ROUNDS");
#if defined(__SANITIZE_ADDRESS__)
    n /= 3;
#endif
    return scale ? (uint32_t)strtoul(scale, NULL, 10) : n;
}

/* A drive: arcs that follow each other by lawful turns, by chance; never round on the spot. */
static uint32_t drive_make(const struct turn_graph *g, const struct network *n, uint64_t *random, arc_id *arcs)
{
    arc_id a = oracle_below(random, n->arc_count);
    uint32_t count = 0, most = 3 + oracle_below(random, ARCS_MAX - 4);
    for (arcs[count++] = a; count < most; arcs[count++] = a) {
        arc_id open[64];
        uint32_t opens = 0;
        for (turn_id t = g->first_out[a]; t < g->first_out[a + 1] && opens < 64; t++) {
            arc_id b = g->node_arc[g->head[t]];
            if (b != network_opposite(n, a) && !(g->forbidden_to[t])) open[opens++] = b;
        }
        if (opens == 0) break;
        a = open[oracle_below(random, opens)];
    }
    return count;
}

static void run(const char *name, struct world_options options, uint32_t count, uint32_t step_mm, uint32_t sigma_mm, bool noisy)
{
    uint64_t seed = oracle_seed(name);
    struct match_tally t = {0};
    for (uint32_t i = 0; i < (getenv("SEED") && !getenv("ROUNDS") ? 1 : count); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct projection *projection = NULL;
        route_world_make(&w, &options, &random);
        const struct network *n = &w.f.network;
        assert_int_equal(projection_open(n->projection, &projection, &err), STATUS_OK);
        for (uint32_t k = 0; k < TRACES; k++) {
            arc_id arcs[ARCS_MAX];
            uint32_t driven = drive_make(&w.f.turns, n, &random, arcs);
            match_compare(&w.base, projection, arcs, driven, step_mm, sigma_mm, noisy, &random, &t, seed + i);
        }
        projection_close(projection);
        route_world_clear(&w);
    }
    printf("%s: %u traces, %u matched whole, %u of %u positions on the arc they were driven on\n", name, t.traces, t.whole, t.right,
           t.positions);
}

static const struct world_options WORLD = {.zones = 1, .size_m = 5000, .nodes = 40, .roads = 70};

static void traces_without_noise_are_matched_whole_and_no_longer_than_driven(void **state)
{
    (void)state;
    run("match exact", WORLD, rounds(40), 150000, 5000, false);
}

static void sparse_traces_without_noise_cost_no_more_than_the_truth(void **state)
{
    (void)state;
    run("match sparse", WORLD, rounds(25), 700000, 5000, false);
}

static void traces_with_noise_cost_no_more_than_the_truth(void **state)
{
    (void)state;
    run("match noise", WORLD, rounds(40), 100000, 10000, true);
}

/* ---- the model itself ---------------------------------------------------------------------------------------------- */

enum { MODEL_POSITIONS = 40 };

/* Positions of a vehicle that turns wherever it likes, stands now and then, is too fast or pauses, and is seen elsewhere. */
static uint32_t wild_trace(const struct network *n, uint64_t *random, int64_t gap_ms, struct match_position *p)
{
    const bool timed = oracle_below(random, 5) > 0;
    const uint32_t sigma_mm = 3000 + oracle_below(random, 30000), speed_m_s = 10 + oracle_below(random, 60);
    arc_id a = oracle_below(random, n->arc_count);
    uint32_t at_mm = oracle_below(random, network_arc_length_mm(n, a)), count = 0;
    int64_t now_ms = 1800000000000;
    while (count < MODEL_POSITIONS) {
        struct point_e7 at = leg_arc_point(n, a, at_mm);
        at = geodesic_direct(at, oracle_below(random, 360), oracle_below(random, 2 * sigma_mm) / 1000.0);
        if (oracle_below(random, 15) == 0) at = geodesic_direct(at, oracle_below(random, 360), 100 + oracle_below(random, 2000));
        p[count++] = (struct match_position){.point = at, .at_ms = timed ? now_ms : MATCH_NO_TIME, .sigma_mm = sigma_mm};
        uint32_t step_mm = oracle_below(random, 4) ? 50000 + oracle_below(random, 400000) : oracle_below(random, 3 * sigma_mm);
        now_ms += oracle_below(random, 12) ? 1 + step_mm / speed_m_s : gap_ms - 1 + (int64_t)oracle_below(random, 3);
        for (at_mm += step_mm; at_mm > network_arc_length_mm(n, a);) {
            at_mm -= network_arc_length_mm(n, a);
            uint32_t first = n->node_first_arc[n->arc_head[a]], out = n->node_first_arc[n->arc_head[a] + 1] - first;
            if (out == 0) return count;
            a = first + oracle_below(random, out);
        }
    }
    return count;
}

/* What the pieces of a matching cost by the model. */
static uint64_t pieces_cost(const struct base *base, const struct match_answer *a, const struct matching *m, const struct match_position *p)
{
    uint64_t cost = 0;
    for (uint32_t k = 0, i = 0; k < m->point_count; k++) {
        const struct match_point *here = &a->points[m->positions[k]];
        const uint64_t d = here->distance_mm, sigma = p[m->positions[k]].sigma_mm;
        cost += d * d / sigma * MATCH_BETA_MM / (2 * sigma);
        if (k == 0) continue;
        const struct match_point *before = &a->points[m->positions[k - 1]];
        uint64_t mm = 0, straight = (uint64_t)geodesic_distance_mm(p[m->positions[k - 1]].point, p[m->positions[k]].point);
        assert_true(i < m->piece_count && m->pieces[i].leg == k - 1);
        const uint32_t first = i;
        for (; i < m->piece_count && m->pieces[i].leg == k - 1; i++) {
            mm += m->pieces[i].to_mm - m->pieces[i].from_mm;
            if (i > first) mm += oracle_match_turn_mm(base, m->pieces[i - 1].arc, m->pieces[i].arc);
        }
        if (i == first + 1 && before->offset_mm > here->offset_mm) mm = before->offset_mm - here->offset_mm; /* it stands */
        assert_int_equal(m->pieces[i - 1].arc, here->arc);
        assert_int_equal(m->pieces[i - 1].to_mm, here->offset_mm);
        cost += mm > straight ? mm - straight : straight - mm;
    }
    return cost;
}

static void likeliest_ways_cost_what_the_model_says(void **state)
{
    (void)state;
    static const struct world_options options = {.zones = 1, .size_m = 5000, .nodes = 40, .roads = 70, .chains = 10, .bans = 10};
    static struct oracle_matching expected[MODEL_POSITIONS];
    uint64_t seed = oracle_seed("match model");
    uint32_t whole = 0, parts = 0, round = 0, dense = 0, count = oracle_rounds(30);
    for (uint32_t i = 0; oracle_goes_on(i, count, whole > 0 && parts > 0 && round > 0); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        struct error err = ERROR_INIT;
        struct projection *projection = NULL;
        route_world_make(&w, &options, &random);
        assert_int_equal(projection_open(w.f.network.projection, &projection, &err), STATUS_OK);
        for (uint32_t k = 0; k < TRACES; k++) {
            struct match_position p[MODEL_POSITIONS];
            struct match_options o = {.gap_ms = 60000, .tidy = oracle_below(&random, 2), .budget = UINT32_MAX};
            struct match_answer a;
            struct arena arena;
            const uint32_t positions = wild_trace(&w.f.network, &random, o.gap_ms, p);
            const uint32_t found = oracle_match(&w.base, projection, p, positions, &o, expected);
            if (found == UINT32_MAX) {
                dense++;
                continue;
            }
            arena_init(&arena, 16 << 20);
            assert_int_equal(match_run(&w.base, projection, p, positions, &o, &arena, &a, &err), STATUS_OK);
            if (a.matching_count != found)
                fail_msg("seed %llu trace %u: %u matchings, by the model %u", (unsigned long long)seed + i, k, a.matching_count, found);
            for (uint32_t m = 0; m < found; m++) {
                const struct matching *is = &a.matchings[m];
                if (is->point_count != expected[m].count ||
                    memcmp(is->positions, expected[m].positions, is->point_count * sizeof *is->positions) != 0)
                    fail_msg("seed %llu trace %u: matching %u is of other positions", (unsigned long long)seed + i, k, m);
                if (is->cost != expected[m].cost || pieces_cost(&w.base, &a, is, p) != is->cost)
                    fail_msg("seed %llu trace %u: matching %u costs %llu, its pieces %llu, by the model %llu", (unsigned long long)seed + i,
                             k, m, (unsigned long long)is->cost, (unsigned long long)pieces_cost(&w.base, &a, is, p),
                             (unsigned long long)expected[m].cost);
                assert_int_equal(is->confidence_permille, 1000ull * MATCH_BETA_MM / (MATCH_BETA_MM + is->cost / is->point_count));
                for (uint32_t n = 1; n < is->piece_count; n++)
                    round += is->pieces[n].arc == network_opposite(&w.f.network, is->pieces[n - 1].arc);
            }
            whole += found == 1 && expected[0].count == positions;
            parts += found > 1;
            arena_clear(&arena);
        }
        projection_close(projection);
        route_world_clear(&w);
    }
    printf("match model: %u traces matched whole, %u in parts, %u turned round, %u with too many roads near\n", whole, parts, round, dense);
    if (!getenv("SEED")) assert_true(whole > 0 && parts > 0 && round > 0);
}

/* ---- turns that are forbidden ------------------------------------------------------------------------------------- */

/* May the drive [first, last] be driven? By trying every way through the turn graph that has these arcs. */
static bool drivable(const struct turn_graph *g, uint8_t subject, arc_node u, const arc_id *arcs, uint32_t count)
{
    if (count == 0) return true;
    for (turn_id t = g->first_out[u]; t < g->first_out[u + 1]; t++)
        if (g->node_arc[g->head[t]] == arcs[0] && !(g->forbidden_to[t] & subject) && drivable(g, subject, g->head[t], arcs + 1, count - 1))
            return true;
    return false;
}

/* Arcs by chance, whatever the signs say: each forbidden turn is told, those over several roads too, and no other. */
static void forbidden_turns_are_told(void **state)
{
    (void)state;
    enum { DRIVE = 12 };
    const struct world_options options = {.zones = 1, .size_m = 40000, .nodes = 30, .roads = 60, .chains = 60};
    uint64_t seed = oracle_seed("match turns");
    uint32_t wrong = 0, over = 0, count = oracle_rounds(40);
    for (uint32_t i = 0; oracle_goes_on(i, count, wrong > 0 && over > 0); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        static struct constraint c;
        struct error err = ERROR_INIT;
        struct pieces pieces;
        struct arena arena;
        struct route_request q;
        struct oracle_place places[CALLS_MAX + 1];
        uint32_t place_count;
        route_world_make(&w, &options, &random);
        const struct network *n = &w.f.network;
        while (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
        arena_init(&arena, 64 << 20);
        assert_int_equal(pieces_init(&pieces, n, vehicle_is_lorry(&q.vehicle), &err), STATUS_OK);
        assert_int_equal(constraint_init(&c, &w.base, w.rules, &q, &pieces, q.depart_ms + 86400000, q.depart_ms + 4 * 86400000ll, NULL,
                                         &arena, &err), STATUS_OK);
        for (uint32_t k = 0; k < 20; k++) {
            arc_id arcs[DRIVE] = {oracle_below(&random, n->arc_count)};
            struct match_piece driven[DRIVE];
            struct match_position positions[2] = {{.at_ms = MATCH_NO_TIME}, {.at_ms = MATCH_NO_TIME}};
            const uint32_t ends[2] = {0, 1};
            uint32_t length = 1, from = 0, stretch_count, told = 0;
            const struct match_stretch *stretches;
            for (; length < DRIVE; length++) {
                node_id v = n->arc_head[arcs[length - 1]];
                uint32_t out = n->node_first_arc[v + 1] - n->node_first_arc[v];
                if (out == 0) break;
                arcs[length] = n->node_first_arc[v] + oracle_below(&random, out);
            }
            for (uint32_t a = 0; a < length; a++) driven[a] = (struct match_piece){arcs[a], 0, network_arc_length_mm(n, arcs[a]), 0};
            struct match_point points[2] = {{.arc = arcs[0]}, {.arc = arcs[length - 1], .offset_mm = driven[length - 1].to_mm}};
            const struct match_answer answer = {.point_count = 2, .points = points};
            const struct matching m = {.point_count = 2, .positions = ends, .piece_count = length, .pieces = driven};
            assert_int_equal(match_judge(&c, positions, &answer, &m, &arena, &stretches, &stretch_count, &err), STATUS_OK);
            for (uint32_t a = 1; a < length; a++) {
                bool open = drivable(&w.f.turns, c.subject, arcs[from], arcs + from + 1, a - from), said = false;
                for (uint32_t s = 0; s < stretch_count; s++) said = said || (stretches[s].first_piece == a && stretches[s].turn);
                if (open == said)
                    fail_msg("seed %llu drive %u: the turn into arc %u of the drive is %s", (unsigned long long)seed + i, k, a,
                             open ? "open, and called forbidden" : "forbidden, and nothing said");
                over += !open && drivable(&w.f.turns, c.subject, arcs[a - 1], arcs + a, 1);
                if (!open) from = a; /* it goes on as if it had begun there */
                told += said;
            }
            wrong += told;
        }
        constraint_done(&c);
        pieces_clear(&pieces);
        arena_clear(&arena);
        route_world_clear(&w);
    }
    printf("match turns: %u forbidden turns, %u of them over several roads\n", wrong, over);
    if (!getenv("SEED")) assert_true(wrong > 0 && over > 0);
}

/* ---- what is judged ------------------------------------------------------------------------------------------------ */

enum { JUDGED_ARCS = 12, JUDGED_POINTS = 5, JUDGED_PIECES = JUDGED_ARCS + JUDGED_POINTS };

/* A drive between positions somewhere on its arcs, reported at such moments; each part of an arc between two is a piece. */
struct driven {
    arc_id arcs[ARCS_MAX];
    uint32_t arc_count, piece_count;
    struct match_piece pieces[JUDGED_PIECES];
    int64_t begin_ms[JUDGED_PIECES + 1];
    struct match_position positions[JUDGED_POINTS];
    struct match_point points[JUDGED_POINTS];
};

static void driven_make(struct driven *d, const struct network *n, int64_t depart_ms, uint64_t *random)
{
    uint64_t whole_mm = 0, at_mm[JUDGED_POINTS];
    if (d->arc_count > JUDGED_ARCS) d->arc_count = JUDGED_ARCS;
    for (uint32_t i = 0; i < d->arc_count; i++) whole_mm += network_arc_length_mm(n, d->arcs[i]);
    for (uint32_t k = 0; k < JUDGED_POINTS; k++)
        at_mm[k] = whole_mm / JUDGED_POINTS * k + oracle_below(random, (uint32_t)(whole_mm / JUDGED_POINTS));
    d->piece_count = 0;
    for (uint32_t k = 0; k < JUDGED_POINTS; k++)
        d->positions[k] = (struct match_position){.at_ms = k ? d->positions[k - 1].at_ms + 1 + (int64_t)(at_mm[k] - at_mm[k - 1]) / 17 : depart_ms};
    uint64_t before_mm = 0; /* where the arc begins */
    for (uint32_t i = 0, k = 0; i < d->arc_count; before_mm += network_arc_length_mm(n, d->arcs[i]), i++) {
        const uint32_t length = network_arc_length_mm(n, d->arcs[i]);
        uint32_t from = 0;
        for (; k < JUDGED_POINTS && at_mm[k] <= before_mm + length; k++) {
            const uint32_t to = (uint32_t)(at_mm[k] - before_mm);
            d->points[k] = (struct match_point){.arc = d->arcs[i], .offset_mm = to};
            if (k > 0) d->pieces[d->piece_count++] = (struct match_piece){d->arcs[i], from, to, k - 1};
            from = to;
        }
        if (k > 0 && k < JUDGED_POINTS) d->pieces[d->piece_count++] = (struct match_piece){d->arcs[i], from, length, k - 1};
    }
    for (uint32_t i = 0; i < d->piece_count; i++) { /* when the vehicle was at its beginning: as far as it had driven of its leg */
        const uint32_t leg = d->pieces[i].leg;
        uint64_t driven_mm = 0;
        for (uint32_t k = 0; k < i; k++) driven_mm += d->pieces[k].leg == leg ? d->pieces[k].to_mm - d->pieces[k].from_mm : 0;
        const int64_t from = d->positions[leg].at_ms, to = d->positions[leg + 1].at_ms;
        d->begin_ms[i] = from + (int64_t)((uint64_t)(to - from) * driven_mm / (at_mm[leg + 1] - at_mm[leg] + (at_mm[leg + 1] == at_mm[leg])));
    }
    d->begin_ms[d->piece_count] = d->positions[JUDGED_POINTS - 1].at_ms;
}

/* Each piece is in a stretch of those that are as lawful as it is; and the stretches tell times and lengths of their pieces. */
static void stretches_check(const struct driven *d, const struct match_stretch *s, uint32_t count, uint64_t seed)
{
    uint32_t next = 0;
    for (uint32_t k = 0; k < count; next += s[k].piece_count, k++) {
        uint64_t mm = 0;
        assert_int_equal(s[k].first_piece, next);
        for (uint32_t i = 0; i < s[k].piece_count; i++) mm += d->pieces[next + i].to_mm - d->pieces[next + i].from_mm;
        assert_true(mm == s[k].distance_mm);
        const int64_t off_ms = llabs(s[k].begin_ms - d->begin_ms[next]) + llabs(s[k].end_ms - d->begin_ms[next + s[k].piece_count]);
        if (off_ms > 2) fail_msg("seed %llu: stretch %u is not told at its time", (unsigned long long)seed, k);
    }
    assert_int_equal(next, d->piece_count);
}

static void drives_are_judged_at_the_moments_they_were_driven(void **state)
{
    (void)state;
    const struct world_options options = {.timed = true, .zones = 5, .closures = 3, .size_m = 40000, .nodes = 30, .roads = 60, .chains = 20};
    uint64_t seed = oracle_seed("match judged");
    uint32_t lawful = 0, broken = 0, several = 0, count = oracle_rounds(60);
    for (uint32_t i = 0; oracle_goes_on(i, count, lawful > 0 && broken > 0 && several > 0); i++) {
        uint64_t random = seed + i;
        static struct route_world w;
        static struct constraint c;
        struct error err = ERROR_INIT;
        struct pieces pieces;
        struct arena arena;
        struct route_request q;
        struct oracle_place places[CALLS_MAX + 1];
        uint32_t place_count;
        route_world_make(&w, &options, &random);
        const struct network *n = &w.f.network;
        const struct turn_graph *g = &w.f.turns;
        while (!route_world_request(&w, &options, &random, &q, places, &place_count)) continue;
        arena_init(&arena, 64 << 20);
        assert_int_equal(pieces_init(&pieces, n, vehicle_is_lorry(&q.vehicle), &err), STATUS_OK);
        assert_int_equal(constraint_init(&c, &w.base, w.rules, &q, &pieces, q.depart_ms + 86400000, q.depart_ms + 4 * 86400000ll, NULL,
                                         &arena, &err), STATUS_OK);
        const struct oracle_route o = {.n = n, .g = g, .rules = w.rules, .request = &q};
        for (uint32_t k = 0; k < 20; k++) {
            struct driven d;
            const uint32_t chosen[JUDGED_POINTS] = {0, 1, 2, 3, 4};
            const struct match_stretch *s;
            uint32_t stretch_count, at = 0;
            d.arc_count = drive_make(g, n, &random, d.arcs);
            driven_make(&d, n, q.depart_ms, &random);
            const struct match_answer answer = {.point_count = JUDGED_POINTS, .points = d.points};
            const struct matching m = {.point_count = JUDGED_POINTS, .positions = chosen, .piece_count = d.piece_count, .pieces = d.pieces};
            assert_int_equal(match_judge(&c, d.positions, &answer, &m, &arena, &s, &stretch_count, &err), STATUS_OK);
            stretches_check(&d, s, stretch_count, seed + i);
            several += stretch_count > 1;
            struct oracle_place ends[2];
            for (uint32_t e = 0; e < 2; e++) {
                const struct match_point *p = &d.points[e ? JUDGED_POINTS - 1 : 0];
                const road_index road = n->arc_road[p->arc];
                ends[e] = (struct oracle_place){.road = road, .offset_mm = n->arc_reversed[p->arc] ? n->road_length_mm[road] - p->offset_mm : p->offset_mm};
            }
            for (uint32_t first = 0, end, before = UINT32_MAX; first < d.piece_count; before = first, first = end) {
                bool turned = false, told;
                uint32_t turn_ms = 0;
                for (end = first + 1; end < d.piece_count && match_goes_on(&d.pieces[end - 1], &d.pieces[end]);) end++;
                while (at + 1 < stretch_count && s[at + 1].first_piece <= first) at++;
                turned = s[at].turn && s[at].first_piece == first; /* forbidden_turns_are_told looks at those */
                for (arc_node u = 0; before != UINT32_MAX && u < g->node_count; u++)
                    for (turn_id t = g->first_out[u]; g->node_arc[u] == d.pieces[before].arc && t < g->first_out[u + 1]; t++)
                        if (g->node_arc[g->head[t]] == d.pieces[first].arc && !(g->forbidden_to[t] & c.subject)) turn_ms = g->cost_ms[t];
                const bool alone = before == UINT32_MAX || turned;
                told = s[at].conflict_count == 0;
                const bool may = oracle_route_drives(&o, &ends[0], &ends[1], alone ? NO_ARC : d.pieces[before].arc,
                                                     alone ? 0 : d.pieces[before].from_mm, alone ? 0 : turn_ms, d.pieces[first].arc,
                                                     d.pieces[first].from_mm, d.pieces[end - 1].to_mm, before == UINT32_MAX, end == d.piece_count, d.begin_ms[first]);
                if (may != told)
                    fail_msg("seed %llu drive %u: piece %u is %s, and judged otherwise", (unsigned long long)seed + i, k, first,
                             may ? "lawful" : "not lawful");
                lawful += may, broken += !may;
            }
        }
        constraint_done(&c);
        pieces_clear(&pieces);
        arena_clear(&arena);
        route_world_clear(&w);
    }
    printf("match judged: %u parts lawful, %u not, %u drives of several stretches\n", lawful, broken, several);
    if (!getenv("SEED")) assert_true(lawful > 0 && broken > 0 && several > 0);
}

/* On roads of hundreds of kilometres; a way round of three kilometres is looked for between any two positions. */
static void traces_across_a_country_are_matched(void **state)
{
    (void)state;
    static const struct world_options far = {.zones = 1, .size_m = 1500000, .nodes = 40, .roads = 70};
    run("match far", far, rounds(6), 3000000, 5000, false);
    run("match far noise", far, rounds(6), 2500000, 10000, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_without_noise_are_matched_whole_and_no_longer_than_driven),
        cmocka_unit_test(sparse_traces_without_noise_cost_no_more_than_the_truth),
        cmocka_unit_test(traces_with_noise_cost_no_more_than_the_truth),
        cmocka_unit_test(traces_across_a_country_are_matched),
        cmocka_unit_test(likeliest_ways_cost_what_the_model_says),
        cmocka_unit_test(forbidden_turns_are_told),
        cmocka_unit_test(drives_are_judged_at_the_moments_they_were_driven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
