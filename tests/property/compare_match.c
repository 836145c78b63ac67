#include "tests/property/compare_match.h"

#include "geo/geodesic.h"
#include "routing/constraint/leg_geometry.h"
#include "routing/match/match.h"
#include "tests/property/oracle_graph.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { TRACE_MAX = 512 };

/* What the truth costs by the same measure; its positions must be among the candidates. */
struct truth {
    arc_id arc[TRACE_MAX];
    uint32_t offset_mm[TRACE_MAX];
    uint64_t driven_mm[TRACE_MAX]; /* since the beginning */
    uint32_t count;
};

static double normal(uint64_t *random)
{
    double u = (1 + oracle_below(random, 1000000)) / 1000001.0, v = oracle_below(random, 1000000) / 1000000.0;
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979 * v);
}

/* Positions every so often along the drive; with noise of `sigma_mm`. */
static void trace_make(const struct network *n, const arc_id *arcs, uint32_t arc_count, uint32_t step_mm, uint32_t sigma_mm,
                       bool noisy, uint64_t *random, struct match_position *positions, struct truth *t)
{
    uint64_t driven = 0, next = 1000;
    *t = (struct truth){0};
    for (uint32_t i = 0; i < arc_count; i++) {
        uint32_t length = network_arc_length_mm(n, arcs[i]);
        for (; next < driven + length && t->count < TRACE_MAX; next += step_mm) {
            uint32_t offset = (uint32_t)(next - driven);
            struct point_e7 at = leg_arc_point(n, arcs[i], offset);
            if (noisy) at = geodesic_direct(at, oracle_below(random, 360), fabs(normal(random)) * sigma_mm / 1000.0);
            positions[t->count] = (struct match_position){.point = at, .at_ms = 1800000000000 + (int64_t)next / 15, .sigma_mm = sigma_mm};
            t->arc[t->count] = arcs[i];
            t->offset_mm[t->count] = offset;
            t->driven_mm[t->count++] = next;
        }
        driven += length;
    }
}

/* By the roads that were driven: the true positions instead of the nearest, which cost no less than the best candidates
 * of the same arcs but for the millimetres of rounding. */
static uint64_t truth_cost(const struct match_position *p, const struct truth *t, const struct network *n)
{
    uint64_t cost = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        uint64_t d = (uint64_t)geodesic_distance_mm(p[i].point, leg_arc_point(n, t->arc[i], t->offset_mm[i]));
        cost += d * d / p[i].sigma_mm * MATCH_BETA_MM / (2ull * p[i].sigma_mm);
        if (i == 0) continue;
        uint64_t straight = (uint64_t)geodesic_distance_mm(p[i - 1].point, p[i].point), road = t->driven_mm[i] - t->driven_mm[i - 1];
        cost += road > straight ? road - straight : straight - road;
    }
    return cost;
}

static void check_shape(const struct network *n, const struct match_answer *a, const struct match_position *p)
{
    for (uint32_t k = 0; k < a->matching_count; k++) {
        const struct matching *m = &a->matchings[k];
        uint64_t sum = 0;
        assert_true(m->point_count >= 2 && m->confidence_permille <= 1000);
        for (uint32_t i = 0; i < m->piece_count; i++) {
            const struct match_piece *piece = &m->pieces[i], *before = i ? piece - 1 : NULL;
            assert_true(piece->from_mm <= piece->to_mm && piece->to_mm <= network_arc_length_mm(n, piece->arc));
            sum += piece->to_mm - piece->from_mm;
            if (!before) continue;
            assert_true(piece->leg == before->leg || piece->leg == before->leg + 1);
            if (match_goes_on(before, piece)) continue;
            assert_int_equal(piece->leg, before->leg);
            assert_int_equal(n->arc_tail[piece->arc], n->arc_head[before->arc]);
            assert_int_equal(piece->from_mm, 0);
            assert_int_equal(before->to_mm, network_arc_length_mm(n, before->arc));
        }
        assert_true(sum == m->distance_mm);
        for (uint32_t i = 0; i < m->point_count; i++) {
            const struct match_point *at = &a->points[m->positions[i]];
            assert_true(at->matched && at->matching == k && at->index == i);
            assert_true(llabs((int64_t)geodesic_distance_mm(at->snapped, p[m->positions[i]].point) - at->distance_mm) < 2000);
        }
    }
}

void match_compare(const struct base *base, struct projection *projection, const arc_id *arcs, uint32_t arc_count, uint32_t step_mm,
                   uint32_t sigma_mm, bool noisy, uint64_t *random, struct match_tally *tally, uint64_t seed)
{
    static struct match_position p[TRACE_MAX];
    static struct truth t;
    struct arena arena;
    struct match_answer a, again;
    const struct network *n = &base->network;
    struct error err = ERROR_INIT;
    struct match_options o = {.gap_ms = INT64_MAX, .budget = UINT32_MAX};
    trace_make(n, arcs, arc_count, step_mm, sigma_mm, noisy, random, p, &t);
    if (t.count < 3) return;
    arena_init(&arena, 64 << 20);
    if (match_run(base, projection, p, t.count, &o, &arena, &a, &err) != STATUS_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.en);
    assert_int_equal(match_run(base, projection, p, t.count, &o, &arena, &again, &err), STATUS_OK);
    assert_int_equal(a.matching_count, again.matching_count);
    check_shape(n, &a, p);
    tally->traces++;
    tally->positions += t.count;
    for (uint32_t q = 0; q < t.count; q++) tally->right += a.points[q].matched && a.points[q].arc == t.arc[q];
    bool all = a.matching_count == 1 && a.matchings[0].point_count == t.count;
    tally->whole += all;
    if (all) { /* the likeliest costs no more than the truth, but for rounding: an offset is out by up to 0.1 % of its arc */
        uint64_t slack = (uint64_t)t.count * 2000 + t.driven_mm[t.count - 1] / 500;
        assert_true(a.matchings[0].cost == again.matchings[0].cost);
        if (a.matchings[0].cost > truth_cost(p, &t, n) + slack)
            fail_msg("seed %llu trace %u: %llu for the likeliest, %llu for the truth", (unsigned long long)seed, tally->traces,
                     (unsigned long long)a.matchings[0].cost, (unsigned long long)truth_cost(p, &t, n));
        if (!noisy && a.matchings[0].distance_mm > t.driven_mm[t.count - 1] - t.driven_mm[0] + slack)
            fail_msg("seed %llu trace %u: longer than what was driven", (unsigned long long)seed, tally->traces);
    } else if (!noisy) { /* without noise every position is on its road: nothing may be left out */
        fail_msg("seed %llu trace %u: %u matchings, the first of %u points of %u", (unsigned long long)seed, tally->traces,
                 a.matching_count, a.matching_count ? a.matchings[0].point_count : 0, t.count);
    }
    arena_clear(&arena);
}
