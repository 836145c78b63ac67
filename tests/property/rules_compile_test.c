/* Area sets against GEOS, against points along the roads, and compiling on top of an earlier version against compiling
 * anew; on random networks under random polygons. */
#include "geo/linear.h"
#include "geo/prepared.h"
#include "routing/constraint/rules_compile.h"
#include "tests/property/oracle_graph.h"
#include "tests/unit/network_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ZONES = 12, SIZE_M = 6000, CHECKPOINTS = 6 };

struct world {
    struct fixture f;
    struct spatial *spatial;
    struct zone zones[ZONES];
    struct zone_rule rules[ZONES];
    struct checkpoint checkpoints[CHECKPOINTS];
    struct gate gates[CHECKPOINTS];
    struct closure closure;
    struct road_direction closed[8];
    char ids[ZONES][8];
    struct rules_input input;
};

static int32_t place(uint64_t *random)
{
    return (int32_t)oracle_below(random, SIZE_M);
}

/* A star around a centre: a valid ring, with dents; often with a hole of the same kind inside. */
static struct multipolygon random_area(uint64_t *random)
{
    enum { POINTS_MAX = 24 };
    struct fixture_xy rings[2][POINTS_MAX];
    uint32_t counts[2] = {4 + oracle_below(random, POINTS_MAX - 4), 0};
    int32_t x = place(random), y = place(random), radius = 200 + (int32_t)oracle_below(random, 2500);
    if (oracle_below(random, 3) == 0) counts[1] = 4 + oracle_below(random, 8);
    for (int r = 0; r < 2; r++)
        for (uint32_t i = 0; i < counts[r]; i++) {
            double angle = 2 * 3.14159265358979 * i / counts[r];
            double out = r == 0 ? radius * (0.5 + oracle_below(random, 500) / 1000.0) : radius * 0.3;
            rings[r][i] = (struct fixture_xy){x + (int32_t)(out * cos(angle)), y + (int32_t)(out * sin(angle))};
        }
    struct multipolygon m = {.part_count = 1, .ring_count = counts[1] > 0 ? 2 : 1};
    m.point_count = counts[0] + 1 + (counts[1] > 0 ? counts[1] + 1 : 0);
    m.part_first_ring = calloc(2, sizeof *m.part_first_ring);
    m.ring_first_point = calloc(3, sizeof *m.ring_first_point);
    m.points = calloc(m.point_count, sizeof *m.points);
    assert_true(m.part_first_ring != NULL && m.ring_first_point != NULL && m.points != NULL);
    m.part_first_ring[1] = m.ring_count;
    uint32_t at = 0;
    for (uint32_t r = 0; r < m.ring_count; r++) {
        for (uint32_t i = 0; i <= counts[r]; i++) {
            struct fixture_xy p = rings[r][i % counts[r]];
            m.points[at++] = fixture_point(p.x_m, p.y_m);
        }
        m.ring_first_point[r + 1] = at;
    }
    return m;
}

static void random_zone(struct world *w, uint32_t i, uint64_t *random)
{
    multipolygon_clear(&w->zones[i].area);
    struct zone_rule *rule = (struct zone_rule *)(uintptr_t)w->zones[i].rules;
    const char *id = w->zones[i].id;
    *rule = (struct zone_rule){.kind = RULE_GATED, .open_classes = oracle_below(random, 2) ? 1u << ROAD_MOTORWAY : 0};
    w->zones[i] = (struct zone){.id = id, .area = random_area(random), .rule_count = 1, .rules = rule,
                                .accuracy_mm = oracle_below(random, 3) ? 0 : oracle_below(random, 60000)};
}

static void make_world(struct world *w, uint64_t *random)
{
    memset(w, 0, sizeof *w);
    fixture_init(&w->f);
    uint32_t nodes = 60, roads = 110;
    for (uint32_t i = 0; i < nodes; i++) {
        int32_t x = place(random), y = place(random);
        if (i > 0 && i % 5 == 0) { /* near the node before: short roads */
            x = w->f.node_at[i - 1].x_m + (int32_t)oracle_below(random, 8);
            y = w->f.node_at[i - 1].y_m;
        }
        fixture_node(&w->f, i, x, y);
    }
    for (uint32_t i = 0; i < roads; i++) {
        struct fixture_road road = {.id = i, .from = i % nodes, .to = i < nodes ? (i + 1) % nodes : oracle_below(random, nodes),
                                    .class = oracle_below(random, 4) ? ROAD_TERTIARY : ROAD_MOTORWAY,
                                    .oneway = oracle_below(random, 4) == 0};
        road.bend_count = oracle_below(random, 4);
        for (uint32_t k = 0; k < road.bend_count; k++) road.bends[k] = (struct fixture_xy){place(random), place(random)};
        fixture_road(&w->f, &road);
    }
    fixture_build(&w->f);
    struct error err = ERROR_INIT;
    assert_int_equal(spatial_new(&w->f.network, &w->spatial, &err), STATUS_OK);
    for (uint32_t i = 0; i < ZONES; i++) {
        snprintf(w->ids[i], sizeof w->ids[i], "z%u", oracle_below(random, 1000));
        w->zones[i].id = w->ids[i];
        w->zones[i].rules = &w->rules[i];
        random_zone(w, i, random);
    }
    for (uint32_t i = 0; i < CHECKPOINTS; i++) {
        w->gates[i] = (struct gate){.zone = oracle_below(random, ZONES), .direction = GATE_BOTH};
        w->checkpoints[i] = (struct checkpoint){.id = "p", .point = fixture_point(place(random), place(random)),
                                                .road_ref = "", .bearing_deg = -1, .reach_mm = 3000000, .gate_count = 1,
                                                .gates = &w->gates[i]};
    }
    for (uint32_t i = 0; i < 8; i++)
        w->closed[i] = (struct road_direction){oracle_below(random, roads + 2), oracle_below(random, 2)};
    w->closure = (struct closure){.id = "c", .arc_count = 8, .arcs = w->closed};
    w->input = (struct rules_input){.zone_count = ZONES, .zones = w->zones, .checkpoint_count = CHECKPOINTS,
                                    .checkpoints = w->checkpoints, .closure_count = 1, .closures = &w->closure};
}

static void clear_world(struct world *w)
{
    for (uint32_t i = 0; i < ZONES; i++) multipolygon_clear(&w->zones[i].area);
    spatial_free(w->spatial);
    fixture_clear(&w->f);
}

static struct rules *compile(const struct world *w, const struct rules *previous)
{
    struct error err = ERROR_INIT;
    struct rules *r = NULL;
    if (rules_compile(&w->f.network, w->spatial, &w->input, previous, &r, &err) != STATUS_OK) fail_msg("%s", err.en);
    return r;
}

/* Even-odd count by a ray, in doubles: right away from the border. Also the distance from the border. */
static bool inside(const struct multipolygon_mm *m, double x, double y, double *from_border_mm)
{
    bool in = false;
    *from_border_mm = HUGE_VAL;
    for (uint32_t r = 0; r < m->ring_count; r++)
        for (uint32_t i = m->ring_first_point[r]; i + 1 < m->ring_first_point[r + 1]; i++) {
            double ax = m->points[i].x_mm, ay = m->points[i].y_mm, bx = m->points[i + 1].x_mm, by = m->points[i + 1].y_mm;
            if ((ay > y) != (by > y) && x < ax + (y - ay) * (bx - ax) / (by - ay)) in = !in;
            double length2 = (bx - ax) * (bx - ax) + (by - ay) * (by - ay);
            double t = length2 > 0 ? ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2 : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            *from_border_mm = fmin(*from_border_mm, hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y));
        }
    return in;
}

/* Points along every arc: inside the polygon where a stretch says so, and no long run inside where none does. */
static void compare_points(const struct world *w, const struct rules *r, uint32_t zone,
                           const struct multipolygon_mm *plane, arc_id arc)
{
    const struct network *n = &w->f.network;
    road_index road = n->arc_road[arc];
    uint32_t first = n->road_first_shape[road], count = n->road_first_shape[road + 1] - first;
    const struct point_mm *line = n->shape_plane + first;
    int64_t length = linear_length_mm(line, count);
    const struct membership *m = NULL;
    bool member = rules_membership(r, arc, zone, &m);
    double longest = fmax(5000.0, w->zones[zone].accuracy_mm), step = 2000, run = 0, deepest = 0;
    uint32_t arc_length = n->road_length_mm[road];
    for (double at = 0; at < (double)arc_length; at += step) {
        uint32_t offset = (uint32_t)at;
        struct point_mm p = linear_point_at(
            line, count, spatial_to_plane_mm(n, road, length, n->arc_reversed[arc] ? arc_length - offset : offset), NULL);
        double border;
        bool is_in = inside(plane, p.x_mm, p.y_mm, &border), said = false;
        for (uint32_t i = 0; member && i < m->stretch_count; i++)
            said = said || (r->stretches[m->first_stretch + i].from_mm <= offset &&
                            offset <= r->stretches[m->first_stretch + i].until_mm);
        if (said) assert_true(is_in || border < 60); /* the cut edges follow lon/lat within centimetres */
        bool missed = is_in && border > 60 && !said;
        run = missed ? run + step : 0;
        deepest = missed ? fmax(deepest, border) : 0;
        if (run > longest + 2 * step && deepest > 600) /* nearer to the border all along, it would not count */
            fail_msg("zone %u arc %u: %.0f mm inside and not said", zone, arc, run);
    }
}

static void area_sets_agree_with_geos_and_with_points_along_the_roads(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("rules_compile membership");
    struct error err = ERROR_INIT;
    uint32_t members = 0, offences = 0;
    for (int round = 0; round < 8; round++) {
        static struct world w;
        make_world(&w, &random);
        const struct network *n = &w.f.network;
        struct rules *r = compile(&w, NULL);
        struct projection *projection = NULL;
        struct geos *geos = NULL;
        assert_int_equal(projection_open(n->projection, &projection, &err), STATUS_OK);
        assert_int_equal(geos_open(&geos, &err), STATUS_OK);
        for (uint32_t z = 0; z < ZONES; z++) {
            struct multipolygon_mm plane = {0};
            struct prepared *prepared = NULL;
            assert_int_equal(multipolygon_project(&w.zones[z].area, projection, &plane, &err), STATUS_OK);
            assert_int_equal(prepared_new(geos, &plane, &prepared, &err), STATUS_OK);
            double threshold_m = fmax(5.0, w.zones[z].accuracy_mm / 1000.0);
            for (arc_id a = 0; a < n->arc_count; a++) {
                road_index road = n->arc_road[a];
                uint32_t first = n->road_first_shape[road], count = n->road_first_shape[road + 1] - first;
                bool member = rules_membership(r, a, z, NULL);
                bool offends = prepared_offends(prepared, n->shape_plane + first, count, threshold_m);
                if (offends) assert_true(member);
                members += member;
                offences += offends;
                if (a % 6 == 0) compare_points(&w, r, z, &plane, a);
            }
            prepared_free(prepared);
            multipolygon_mm_clear(&plane);
        }
        geos_close(geos);
        projection_close(projection);
        rules_release(r);
        clear_world(&w);
    }
    assert_true(members > 1000 && offences > members / 2); /* GEOS looks a metre further in, no more */
}

static void the_arrays_by_arc_and_by_zone_say_the_same(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("rules_compile arrays");
    for (int round = 0; round < 15; round++) {
        static struct world w;
        make_world(&w, &random);
        const struct network *n = &w.f.network;
        struct rules *r = compile(&w, NULL);
        uint32_t total = 0;
        for (arc_id a = 0; a < n->arc_count; a++)
            for (uint32_t i = r->arc_first_member[a]; i < r->arc_first_member[a + 1]; i++, total++) {
                const struct membership *m = &r->member[i], *mirror;
                assert_true(i == r->arc_first_member[a] || r->member[i - 1].zone < m->zone);
                assert_true(m->stretch_count > 0);
                for (uint32_t k = 0; k < m->stretch_count; k++) {
                    const struct stretch *s = &r->stretches[m->first_stretch + k];
                    assert_true(s->from_mm < s->until_mm && s->until_mm <= network_arc_length_mm(n, a));
                    assert_true(k == 0 || s[-1].until_mm <= s->from_mm);
                }
                bool listed = false;
                for (uint32_t k = r->zone_first_arc[m->zone]; k < r->zone_first_arc[m->zone + 1]; k++)
                    listed = listed || r->zone_arc[k] == a;
                assert_true(listed);
                arc_id back = network_opposite(n, a);
                if (back == NO_ARC) continue;
                assert_true(rules_membership(r, back, m->zone, &mirror));
                assert_int_equal(mirror->stretch_count, m->stretch_count);
                assert_int_equal(r->stretches[mirror->first_stretch + mirror->stretch_count - 1].until_mm +
                                     r->stretches[m->first_stretch].from_mm,
                                 network_arc_length_mm(n, a));
            }
        assert_int_equal(total, r->member_count);
        assert_int_equal(r->zone_first_arc[ZONES], total);
        for (uint32_t i = 0; i < r->gate_arc_count; i++) { /* every gate is a passage of its zone's border */
            const struct gate_arc *g = &r->gate_arcs[i];
            assert_true(rules_membership(r, g->arc, g->zone, NULL));
            assert_false(rules_arc_open(n, &w.zones[g->zone].rules[0], g->arc));
        }
        rules_release(r);
        clear_world(&w);
    }
}

static void assert_same_rules(const struct network *n, const struct rules *a, const struct rules *b)
{
    uint32_t arcs = n->arc_count;
    assert_int_equal(a->member_count, b->member_count);
    assert_int_equal(a->stretch_count, b->stretch_count);
    assert_int_equal(a->gate_arc_count, b->gate_arc_count);
    assert_int_equal(a->dead_checkpoint_count, b->dead_checkpoint_count);
    assert_memory_equal(a->arc_first_member, b->arc_first_member, (arcs + 1) * sizeof(uint32_t));
    assert_memory_equal(a->member, b->member, a->member_count * sizeof *a->member);
    assert_memory_equal(a->stretches, b->stretches, a->stretch_count * sizeof *a->stretches);
    assert_memory_equal(a->zone_first_arc, b->zone_first_arc, (a->input->zone_count + 1) * sizeof(uint32_t));
    assert_memory_equal(a->zone_arc, b->zone_arc, a->member_count * sizeof *a->zone_arc);
    for (uint32_t i = 0; i < a->gate_arc_count; i++) {
        assert_int_equal(a->gate_arcs[i].arc, b->gate_arcs[i].arc);
        assert_int_equal(a->gate_arcs[i].zone, b->gate_arcs[i].zone);
        assert_int_equal(a->gate_arcs[i].checkpoint, b->gate_arcs[i].checkpoint);
        assert_int_equal(a->gate_arcs[i].direction, b->gate_arcs[i].direction);
    }
    assert_memory_equal(a->arc_first_gate, b->arc_first_gate, (arcs + 1) * sizeof(uint32_t));
    assert_memory_equal(a->arc_first_closure, b->arc_first_closure, (arcs + 1) * sizeof(uint32_t));
    assert_memory_equal(a->dead_checkpoints, b->dead_checkpoints, a->dead_checkpoint_count * sizeof(uint32_t));
}

static void compiling_on_an_earlier_version_gives_what_compiling_anew_gives(void **state)
{
    (void)state;
    uint64_t random = oracle_seed("rules_compile incremental");
    struct error err = ERROR_INIT;
    for (int round = 0; round < 25; round++) {
        static struct world w;
        make_world(&w, &random);
        struct rules *current = compile(&w, NULL);
        for (int change = 0; change < 14; change++) {
            uint32_t i = oracle_below(&random, ZONES), k = oracle_below(&random, CHECKPOINTS);
            uint32_t last = w.input.zone_count - 1;
            struct zone kept = w.zones[i];
            switch (oracle_below(&random, 9)) {
            case 0: random_zone(&w, i, &random); break;
            case 1: w.zones[i].border_roads_inside = !w.zones[i].border_roads_inside; break;
            case 2: w.zones[i].accuracy_mm = oracle_below(&random, 50000); break;
            case 3: w.rules[i].open_classes ^= 1u << ROAD_MOTORWAY; break;
            case 6: /* one less, in the middle */
                if (last < 2 || i >= last) break;
                memmove(&w.zones[i], &w.zones[i + 1], (ZONES - 1 - i) * sizeof kept);
                w.zones[ZONES - 1] = kept;
                w.input.zone_count--;
                break;
            case 7: /* one more, in the middle */
                if (last + 1 == ZONES) break;
                kept = w.zones[ZONES - 1];
                memmove(&w.zones[i + 1], &w.zones[i], (ZONES - 1 - i) * sizeof kept);
                w.zones[i] = kept;
                w.input.zone_count++;
                break;
            case 8: /* another order, and two zones alike */
                w.zones[i] = w.zones[0];
                w.zones[0] = kept;
                w.zones[1].accuracy_mm = 0;
                multipolygon_clear(&w.zones[1].area);
                assert_int_equal(multipolygon_dup(&w.zones[0].area, &w.zones[1].area, &err), STATUS_OK);
                break;
            case 4: w.gates[k].zone = oracle_below(&random, ZONES); break;
            default: w.checkpoints[k].reach_mm = oracle_below(&random, 4000000); break;
            }
            struct rules *next = compile(&w, current), *anew = compile(&w, NULL);
            assert_same_rules(&w.f.network, next, anew);
            rules_release(anew);
            rules_release(current);
            current = next;
        }
        rules_release(current);
        clear_world(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(area_sets_agree_with_geos_and_with_points_along_the_roads),
        cmocka_unit_test(the_arrays_by_arc_and_by_zone_say_the_same),
        cmocka_unit_test(compiling_on_an_earlier_version_gives_what_compiling_anew_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
