/* The demo prefecture: big enough, connected, deterministic, and made as the description says. */
#include "data/demo/demo.h"
#include "data/demo/demo_random.h"
#include "data/demo/demo_territory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct demo_model model;

static int make_model(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    demo_model_init(&model, DEMO_SEED, 1);
    return demo_generate(&model, &err) == STATUS_OK ? 0 : -1;
}

static int drop_model(void **state)
{
    (void)state;
    demo_model_clear(&model);
    return 0;
}

static uint64_t digest(const struct demo_model *m)
{
    uint64_t d = 1;

    for (size_t i = 0; i < m->road_count; i++) {
        const struct demo_road *r = &m->roads[i];

        if (r->dropped) continue;
        d = demo_hash(d, r->class, (uint64_t)r->from << 32 | r->to);
        d = demo_hash(d, (uint64_t)r->lorry << 8 | r->bridge, (uint64_t)r->limits[LIMIT_BRIDGE] << 32 | r->limits[LIMIT_HEIGHT]);
        for (size_t k = 0; k < r->point_count; k++) {
            struct point_e7 p = demo_plane_to_e7(m->points[r->first_point + k]);

            d = demo_hash(d, (uint32_t)p.lon_e7, (uint32_t)p.lat_e7);
        }
    }
    return d;
}

static size_t arcs_of(const struct demo_model *m)
{
    size_t arcs = 0;

    for (size_t i = 0; i < m->road_count; i++)
        if (!m->roads[i].dropped) arcs += (size_t)m->roads[i].forward + m->roads[i].backward;
    return arcs;
}

static void demo_has_twenty_thousand_arcs_at_scale_one(void **state)
{
    (void)state;
    assert_true(arcs_of(&model) >= 20000);
    assert_int_equal(model.lines[0].kind, DEMO_SURFACE);
}

static void arcs_grow_with_the_scale(void **state)
{
    struct demo_model four;
    struct error err = ERROR_INIT;

    (void)state;
    demo_model_init(&four, DEMO_SEED, 4);
    assert_int_equal(demo_generate(&four, &err), STATUS_OK);
    assert_true(arcs_of(&four) > 2.5 * (double)arcs_of(&model));
    demo_model_clear(&four);
}

static void same_seed_gives_the_same_prefecture_and_another_seed_another(void **state)
{
    struct demo_model again;
    struct error err = ERROR_INIT;

    (void)state;
    demo_model_init(&again, DEMO_SEED, 1);
    assert_int_equal(demo_generate(&again, &err), STATUS_OK);
    assert_true(digest(&again) == digest(&model));
    demo_model_clear(&again);
    demo_model_init(&again, DEMO_SEED + 1, 1);
    assert_int_equal(demo_generate(&again, &err), STATUS_OK);
    assert_true(digest(&again) != digest(&model));
    demo_model_clear(&again);
}

/* Nodes reached from `start` along lorry arcs, forwards or backwards. */
static size_t reach(const struct demo_model *m, const uint32_t *first, const uint32_t *items, uint32_t start, bool back,
                    bool *seen)
{
    uint32_t *queue = malloc((m->node_count + 1) * sizeof *queue);
    size_t head = 0, tail = 0;

    assert_non_null(queue);
    memset(seen, 0, m->node_count);
    seen[start] = true;
    queue[tail++] = start;
    while (head < tail) {
        uint32_t node = queue[head++];

        for (uint32_t i = first[node]; i < first[node + 1]; i++) {
            const struct demo_road *r = &m->roads[items[i]];
            bool along = r->from == node ? (back ? r->backward : r->forward) : (back ? r->forward : r->backward);
            uint32_t other = r->from == node ? r->to : r->from;

            if (along && r->lorry != ACCESS_NO && !seen[other]) {
                seen[other] = true;
                queue[tail++] = other;
            }
        }
    }
    free(queue);
    return tail;
}

static void one_strong_component_holds_98_percent_of_lorry_arcs(void **state)
{
    uint32_t *first = calloc(model.node_count + 2, sizeof *first);
    uint32_t *items = malloc((2 * model.road_count + 1) * sizeof *items);
    bool *forth = malloc(model.node_count + 1), *back = malloc(model.node_count + 1);
    size_t lorry = 0, joined = 0;
    uint32_t start = UINT32_MAX;

    (void)state;
    assert_true(first && items && forth && back);
    for (size_t r = 0; r < model.road_count; r++)
        if (!model.roads[r].dropped) {
            first[model.roads[r].from]++;
            first[model.roads[r].to]++;
            if (model.roads[r].class == ROAD_TRUNK && start == UINT32_MAX) start = model.roads[r].from;
        }
    for (size_t n = 0, sum = 0; n <= model.node_count; n++) {
        sum += first[n];
        first[n] = (uint32_t)sum;
    }
    for (size_t r = model.road_count; r-- > 0;)
        if (!model.roads[r].dropped) {
            items[--first[model.roads[r].from]] = (uint32_t)r;
            items[--first[model.roads[r].to]] = (uint32_t)r;
        }
    reach(&model, first, items, start, false, forth);
    reach(&model, first, items, start, true, back);
    for (size_t r = 0; r < model.road_count; r++) {
        const struct demo_road *road = &model.roads[r];
        size_t arcs = (size_t)road->forward + road->backward;

        if (road->dropped || road->lorry == ACCESS_NO) continue;
        lorry += arcs;
        if (forth[road->from] && back[road->from] && forth[road->to] && back[road->to]) joined += arcs;
    }
    assert_true(lorry > 20000);
    assert_true((double)joined >= 0.98 * (double)lorry);
    free(first);
    free(items);
    free(forth);
    free(back);
}

static void every_station_has_entry_and_exit_ramps_with_booths(void **state)
{
    (void)state;
    assert_true(model.station_count >= 50);
    for (uint32_t s = 0; s < model.station_count; s++) {
        unsigned entries = 0, exits = 0, booths = 0;

        for (size_t r = 0; r < model.road_count; r++) {
            const struct demo_road *road = &model.roads[r];

            if (road->dropped || road->station != s + 1) continue;
            assert_int_equal(road->class, ROAD_MOTORWAY_LINK);
            entries += road->ramp == DEMO_RAMP_ENTRY;
            exits += road->ramp == DEMO_RAMP_EXIT;
            booths += model.nodes[road->to].toll_booth;
        }
        assert_true(entries >= 2);
        assert_true(exits >= 2);
        assert_int_equal(booths, 2);
    }
}

static void stations_are_numbered_in_order_along_their_road(void **state)
{
    (void)state;
    for (size_t s = 1; s < model.station_count; s++)
        if (strcmp(model.stations[s].route, model.stations[s - 1].route) == 0)
            assert_int_equal(model.stations[s].ordinal, model.stations[s - 1].ordinal + 1);
        else
            assert_int_equal(model.stations[s].ordinal, 1);
}

static void motorways_meet_ordinary_roads_only_through_ramps(void **state)
{
    bool *motorway = calloc(model.node_count + 1, 1);

    (void)state;
    assert_non_null(motorway);
    for (size_t r = 0; r < model.road_count; r++)
        if (model.roads[r].class == ROAD_MOTORWAY) {
            assert_true(model.roads[r].forward && !model.roads[r].backward);
            motorway[model.roads[r].from] = motorway[model.roads[r].to] = true;
        }
    for (size_t r = 0; r < model.road_count; r++)
        if (model.roads[r].class > ROAD_MOTORWAY_LINK && !model.roads[r].dropped)
            assert_false(motorway[model.roads[r].from] || motorway[model.roads[r].to]);
    free(motorway);
}

static void carriageways_are_never_cut_too_short(void **state)
{
    (void)state;
    for (size_t r = 0; r < model.road_count; r++)
        if (model.roads[r].class == ROAD_MOTORWAY)
            assert_true(demo_path_length(model.points + model.roads[r].first_point, model.roads[r].point_count) > 100);
}

static void roads_begin_and_end_at_their_nodes(void **state)
{
    (void)state;
    for (size_t r = 0; r < model.road_count; r++) {
        const struct demo_road *road = &model.roads[r];
        struct point_e7 a = demo_plane_to_e7(model.points[road->first_point]);
        struct point_e7 b = demo_plane_to_e7(model.points[road->first_point + road->point_count - 1]);

        assert_true(road->point_count >= 2);
        assert_memory_equal(&a, &model.nodes[road->from].point, sizeof a);
        assert_memory_equal(&b, &model.nodes[road->to].point, sizeof b);
        assert_true(road->from != road->to);
    }
}

static void river_has_few_crossings_and_some_are_weak(void **state)
{
    unsigned crossings = 0, weak = 0, strong = 0;

    (void)state;
    for (size_t r = 0; r < model.road_count; r++) {
        const struct demo_road *road = &model.roads[r];

        if (road->dropped || road->crossing != DEMO_CROSSING_RIVER) continue;
        crossings++;
        assert_true(road->bridge);
        if (road->limits[LIMIT_BRIDGE] >= 10000 && road->limits[LIMIT_BRIDGE] <= 30000) weak++;
        if (!road->limits[LIMIT_BRIDGE]) strong++;
    }
    assert_in_range(crossings, 8, 60);
    assert_true(weak >= 3);
    assert_true(strong >= 3);
}

static void there_are_limits_bans_and_turn_restrictions(void **state)
{
    unsigned low = 0, narrow = 0, banned = 0, hazmat = 0, tunnels = 0, only = 0;

    (void)state;
    for (size_t r = 0; r < model.road_count; r++) {
        low += model.roads[r].limits[LIMIT_HEIGHT] && model.roads[r].limits[LIMIT_HEIGHT] < 4000;
        narrow += model.roads[r].limits[LIMIT_WIDTH] > 0;
        banned += model.roads[r].lorry == ACCESS_NO;
        hazmat += model.roads[r].hazmat_no;
        tunnels += model.roads[r].tunnel;
    }
    for (size_t t = 0; t < model.turn_count; t++) {
        const struct demo_turn *turn = &model.turns[t];
        const struct demo_road *from = &model.roads[turn->from_road], *to = &model.roads[turn->to_road];

        only += turn->only;
        assert_true(from->from == turn->via_node || from->to == turn->via_node);
        assert_true(to->from == turn->via_node || to->to == turn->via_node);
    }
    assert_true(low > 20 && narrow > 20 && banned > 50 && hazmat > 5 && tunnels > 5);
    assert_true(model.turn_count > 100 && only > 5);
}

static double ring_area(const struct demo_path *ring)
{
    double area = 0;

    for (size_t i = 0; i < ring->count; i++) {
        const struct demo_point *a = &ring->points[i], *b = &ring->points[(i + 1) % ring->count];

        area += a->x_m * b->y_m - b->x_m * a->y_m;
    }
    return area / 2;
}

static void counties_hold_their_seats_and_leave_no_gap_between_neighbours(void **state)
{
    struct demo_path rings[DEMO_SEATS] = {{0}};
    struct error err = ERROR_INIT;
    size_t inner = 0, shared = 0;

    (void)state;
    for (unsigned c = 0; c < DEMO_SEATS; c++) {
        assert_int_equal(demo_county_ring(c, &rings[c], &err), STATUS_OK);
        assert_true(ring_area(&rings[c]) > 2e8);
        for (unsigned s = 0; s < DEMO_SEATS; s++)
            assert_int_equal(demo_ring_contains(rings[c].points, rings[c].count, demo_seat_point(s)), s == c);
    }
    /* every side is either shared with exactly one neighbour, run the other way, or lies on the outline */
    for (unsigned c = 0; c < DEMO_SEATS; c++)
        for (size_t i = 0; i < rings[c].count; i++) {
            struct demo_point a = rings[c].points[i], b = rings[c].points[(i + 1) % rings[c].count];
            struct demo_point middle = {(a.x_m + b.x_m) / 2, (a.y_m + b.y_m) / 2};
            unsigned partners = 0;

            for (unsigned o = 0; o < DEMO_SEATS; o++)
                for (size_t k = 0; o != c && k < rings[o].count; k++) {
                    struct demo_point p = rings[o].points[k], q = rings[o].points[(k + 1) % rings[o].count];

                    partners += p.x_m == b.x_m && p.y_m == b.y_m && q.x_m == a.x_m && q.y_m == a.y_m;
                }
            assert_true(partners <= 1);
            shared += partners;
            inner += partners == 0 && demo_county_of(demo_point_add(middle, demo_right(demo_direction(a, b)), 3000)) != c &&
                     demo_territory_contains(demo_point_add(middle, demo_right(demo_direction(a, b)), 3000));
        }
    assert_true(shared > 200);
    assert_int_equal(inner, 0);
    for (unsigned c = 0; c < DEMO_SEATS; c++) demo_path_clear(&rings[c]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo_has_twenty_thousand_arcs_at_scale_one),
        cmocka_unit_test(arcs_grow_with_the_scale),
        cmocka_unit_test(same_seed_gives_the_same_prefecture_and_another_seed_another),
        cmocka_unit_test(one_strong_component_holds_98_percent_of_lorry_arcs),
        cmocka_unit_test(every_station_has_entry_and_exit_ramps_with_booths),
        cmocka_unit_test(stations_are_numbered_in_order_along_their_road),
        cmocka_unit_test(motorways_meet_ordinary_roads_only_through_ramps),
        cmocka_unit_test(carriageways_are_never_cut_too_short),
        cmocka_unit_test(roads_begin_and_end_at_their_nodes),
        cmocka_unit_test(river_has_few_crossings_and_some_are_weak),
        cmocka_unit_test(there_are_limits_bans_and_turn_restrictions),
        cmocka_unit_test(counties_hold_their_seats_and_leave_no_gap_between_neighbours),
    };

    return cmocka_run_group_tests(tests, make_model, drop_model);
}
