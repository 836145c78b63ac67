#include "routing/network/spatial.h"

#include "geo/linear.h"
#include "tests/unit/network_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t random_state = 20261121;

static uint32_t below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % bound);
}

static struct spatial *index_of(const struct fixture *f)
{
    struct error err = ERROR_INIT;
    struct spatial *s = NULL;
    assert_int_equal(spatial_new(&f->network, &s, &err), STATUS_OK);
    return s;
}

/* A place of the plan in the network's plane, through a node of it. */
static struct point_mm plane_of(const struct fixture *f, int64_t road)
{
    road_index r = network_road_find(&f->network, road);
    return f->network.shape_plane[f->network.road_first_shape[r]];
}

/* Roads of many shapes, some of them long, with many bends. */
static void random_roads(struct fixture *f, int count)
{
    fixture_init(f);
    for (int i = 0; i < 2 * count; i++) fixture_node(f, i, (int32_t)below(20000), (int32_t)below(20000));
    for (int i = 0; i < count; i++) {
        struct fixture_road road = {.id = i, .from = 2 * i, .to = i % 3 ? 2 * i + 1 : (int64_t)below((uint32_t)count)};
        struct fixture_xy at = f->node_at[2 * i];
        road.bend_count = below(FIXTURE_BENDS_MAX + 1);
        for (uint32_t k = 0; k < road.bend_count; k++) {
            at.x_m += (int32_t)below(400) - 200;
            at.y_m += (int32_t)below(400) - 200;
            road.bends[k] = at;
        }
        fixture_road(f, &road);
    }
    fixture_build(f);
}

struct seen {
    uint8_t *times;
};

static void see(void *context, road_index road)
{
    ((struct seen *)context)->times[road]++;
}

static void every_road_in_a_box_is_visited_once(void **state)
{
    (void)state;
    struct fixture f;
    random_roads(&f, 600);
    const struct network *n = &f.network;
    struct spatial *s = index_of(&f);
    uint8_t *times = calloc(n->road_count, 1);
    struct seen seen = {times};
    for (int round = 0; round < 300; round++) {
        struct point_mm a = n->shape_plane[below(n->shape_count)];
        int32_t side = (int32_t)below(3000000) + 1;
        struct box_mm box = {a.x_mm - (int32_t)below(1000), a.y_mm - (int32_t)below(1000), a.x_mm + side, a.y_mm + side};
        memset(times, 0, n->road_count);
        spatial_roads(s, box, see, &seen);
        for (road_index r = 0; r < n->road_count; r++) {
            bool inside = false;
            for (uint32_t i = n->road_first_shape[r]; i < n->road_first_shape[r + 1]; i++)
                inside = inside || box_mm_contains(&box, n->shape_plane[i]);
            assert_true(times[r] <= 1);
            if (inside) assert_int_equal(times[r], 1);
        }
    }
    free(times);
    spatial_free(s);
    fixture_clear(&f);
}

static bool not_divisible_by_three(const void *context, road_index road, uint32_t offset_mm)
{
    const struct network *n = context;
    assert_true(offset_mm <= n->road_length_mm[road]);
    return road % 3 != 0;
}

static void the_nearest_places_are_those_that_looking_at_every_road_finds(void **state)
{
    (void)state;
    struct fixture f;
    random_roads(&f, 500);
    const struct network *n = &f.network;
    struct spatial *s = index_of(&f);
    for (int round = 0; round < 400; round++) {
        struct point_mm at = n->shape_plane[below(n->shape_count)];
        at.x_mm += (int32_t)below(4000000) - 2000000;
        at.y_mm += (int32_t)below(4000000) - 2000000;
        uint32_t max_mm = below(3) ? below(500000) : below(40000000), wanted = 1 + below(8);
        struct road_place places[8];
        bool filter = below(2);
        uint32_t count =
            spatial_nearest(s, at, max_mm, filter ? not_divisible_by_three : NULL, n, places, wanted);

        uint32_t expected = 0; /* selection by looking at all, again and again */
        uint8_t taken[500] = {0};
        for (; expected < wanted; expected++) {
            road_index best = NO_ROAD;
            struct linear_position best_at = {0};
            for (road_index r = 0; r < n->road_count; r++) {
                struct linear_position p;
                uint32_t first = n->road_first_shape[r];
                if (taken[r] || (filter && r % 3 == 0)) continue;
                linear_nearest(n->shape_plane + first, n->road_first_shape[r + 1] - first, at, &p);
                if (p.distance2_mm2 > (uint64_t)max_mm * max_mm) continue;
                if (best != NO_ROAD && p.distance_mm >= best_at.distance_mm) continue;
                best = r;
                best_at = p;
            }
            if (best == NO_ROAD) break;
            taken[best] = 1;
            assert_true(expected < count);
            assert_int_equal(places[expected].road, best);
            assert_int_equal(places[expected].distance_mm, best_at.distance_mm);
            uint32_t first = n->road_first_shape[best];
            int64_t length = linear_length_mm(n->shape_plane + first, n->road_first_shape[best + 1] - first);
            assert_int_equal(places[expected].offset_mm, spatial_from_plane_mm(n, best, length, best_at.offset_mm));
        }
        assert_int_equal(count, expected);
    }
    spatial_free(s);
    fixture_clear(&f);
}

static void a_place_on_a_road_has_its_offset_distance_and_point(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f);
    fixture_node(&f, 1, 0, 0);
    fixture_node(&f, 2, 4000, 0);
    fixture_node(&f, 3, 1000, 300);
    fixture_node(&f, 4, 1000, 4000);
    FIXTURE_ROAD(&f, .id = 1, .from = 1, .to = 2, .bend_count = 1, .bends = {{2000, 0}});
    FIXTURE_ROAD(&f, .id = 2, .from = 3, .to = 4);
    fixture_build(&f);
    struct spatial *s = index_of(&f);
    struct road_place places[3];
    assert_int_equal(spatial_nearest(s, plane_of(&f, 2), 1000000, NULL, NULL, places, 3), 2);
    assert_int_equal(places[0].road, 1);
    assert_int_equal(places[0].distance_mm, 0);
    assert_int_equal(places[0].offset_mm, 0);
    assert_int_equal(places[1].road, 0);
    assert_true(places[1].distance_mm > 299000 && places[1].distance_mm < 301000);
    assert_true(places[1].offset_mm > 999000 && places[1].offset_mm < 1001000);
    struct point_e7 wanted = fixture_point(1000, 0), point = spatial_point_at(&f.network, 0, places[1].offset_mm);
    assert_true(abs(places[1].point.lon_e7 - wanted.lon_e7) < 20 && abs(places[1].point.lat_e7 - wanted.lat_e7) < 20);
    assert_true(abs(point.lon_e7 - places[1].point.lon_e7) <= 1 && abs(point.lat_e7 - places[1].point.lat_e7) <= 1);
    assert_int_equal(spatial_nearest(s, plane_of(&f, 2), 290000, NULL, NULL, places, 3), 1);
    assert_int_equal(spatial_nearest(s, plane_of(&f, 2), 290000, NULL, NULL, places, 0), 0);

    struct point_e7 end = spatial_point_at(&f.network, 0, UINT32_MAX), last = fixture_point(4000, 0);
    assert_true(point_e7_equal(end, last));
    spatial_free(s);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_road_in_a_box_is_visited_once),
        cmocka_unit_test(the_nearest_places_are_those_that_looking_at_every_road_finds),
        cmocka_unit_test(a_place_on_a_road_has_its_offset_distance_and_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
