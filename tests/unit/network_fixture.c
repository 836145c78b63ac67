#include "tests/unit/network_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { LON_E7 = 1125000000, LAT_E7 = 330000000, SHAPE_MAX = 1024 };

void fixture_init(struct fixture *f)
{
    struct error err = ERROR_INIT;
    memset(f, 0, sizeof *f);
    f->node_id = calloc(FIXTURE_NODES_MAX, sizeof *f->node_id);
    f->node_at = calloc(FIXTURE_NODES_MAX, sizeof *f->node_at);
    assert_non_null(f->node_id);
    assert_non_null(f->node_at);
    assert_int_equal(network_builder_new(&f->builder, &err), STATUS_OK);
}

void fixture_clear(struct fixture *f)
{
    network_builder_free(f->builder);
    network_clear(&f->network);
    turn_graph_clear(&f->turns);
    free(f->node_id);
    free(f->node_at);
    memset(f, 0, sizeof *f);
}

struct point_e7 fixture_point(int32_t x_m, int32_t y_m)
{
    /* 93,464 m and 110,904 m to a degree at 33° N, as whole numbers so that every machine has the same network */
    return (struct point_e7){LON_E7 + (int32_t)((int64_t)x_m * 10000000 / 93464),
                             LAT_E7 + (int32_t)((int64_t)y_m * 10000000 / 110904)};
}

static struct fixture_xy place_of(const struct fixture *f, int64_t id)
{
    for (uint32_t i = f->node_count; i-- > 0;)
        if (f->node_id[i] == id) return f->node_at[i];
    fail_msg("no node %lld", (long long)id);
    return (struct fixture_xy){0, 0};
}

void fixture_node(struct fixture *f, int64_t id, int32_t x_m, int32_t y_m)
{
    assert_true(f->node_count < FIXTURE_NODES_MAX);
    f->node_id[f->node_count] = id;
    f->node_at[f->node_count++] = (struct fixture_xy){x_m, y_m};
}

void fixture_node_flags(struct fixture *f, int64_t id, uint8_t flags)
{
    struct error err = ERROR_INIT;
    struct node_row row = {.id = id, .flags = flags};
    assert_int_equal(network_builder_node(f->builder, &row, &err), STATUS_OK);
}

static void line_to(const struct fixture *f, struct fixture_xy *at, struct fixture_xy to, struct point_e7 *shape, uint32_t *count)
{
    int64_t x = (int64_t)to.x_m - at->x_m, y = (int64_t)to.y_m - at->y_m, far = llabs(x) > llabs(y) ? llabs(x) : llabs(y);
    int64_t parts = f->dense_m > 0 ? far / f->dense_m + 1 : 1;
    assert_true(*count + (uint32_t)parts <= SHAPE_MAX);
    for (int64_t i = 1; i <= parts; i++)
        shape[(*count)++] = fixture_point((int32_t)(at->x_m + x * i / parts), (int32_t)(at->y_m + y * i / parts));
    *at = to;
}

void fixture_road(struct fixture *f, const struct fixture_road *road)
{
    struct error err = ERROR_INIT;
    struct point_e7 shape[SHAPE_MAX];
    uint32_t count = 0;
    struct fixture_xy at = place_of(f, road->from), to = place_of(f, road->to);
    shape[count++] = fixture_point(at.x_m, at.y_m);
    for (uint32_t i = 0; i < road->bend_count; i++) line_to(f, &at, road->bends[i], shape, &count);
    line_to(f, &at, to, shape, &count);
    uint16_t speed = road->speed_kmh == 0 ? 60 : road->speed_kmh;
    struct road_row row = {.id = road->id, .from_node = road->from, .to_node = road->to, .class = road->class,
                           .name = road->name, .ref = road->ref, .forward = true, .backward = !road->oneway,
                           .speed_forward_kmh = speed, .speed_backward_kmh = speed,
                           .access_lorry_forward = road->access_lorry, .access_lorry_backward = road->access_lorry,
                           .access_light_forward = road->access_light, .access_light_backward = road->access_light,
                           .flags = road->flags, .layer = road->layer, .station_id = road->station_id,
                           .shape = shape, .shape_count = count};
    memcpy(row.limits, road->limits, sizeof row.limits);
    enum status status = network_builder_road(f->builder, &row, &err);
    if (status != STATUS_OK) fail_msg("road %lld: %s", (long long)road->id, err.en);
}

void fixture_turn_over(struct fixture *f, int64_t from_road, const int64_t *via, uint32_t via_count, int64_t to_road,
                       bool only, uint8_t subjects)
{
    struct error err = ERROR_INIT;
    struct turn_restriction_row row = {.id = 1, .from_road = from_road, .to_road = to_road, .via_roads = via,
                                       .via_road_count = via_count, .only = only, .subjects = subjects};
    assert_int_equal(network_builder_turn(f->builder, &row, &err), STATUS_OK);
}

void fixture_turn(struct fixture *f, int64_t from_road, int64_t via_node, int64_t to_road, bool only, uint8_t subjects)
{
    struct error err = ERROR_INIT;
    struct turn_restriction_row row = {.id = 1, .from_road = from_road, .via_node = via_node, .to_road = to_road,
                                       .only = only, .subjects = subjects};
    assert_int_equal(network_builder_turn(f->builder, &row, &err), STATUS_OK);
}

void fixture_build(struct fixture *f)
{
    struct error err = ERROR_INIT;
    enum status status = network_build(f->builder, &f->network, &f->turns, &f->report, &err);
    if (status != STATUS_OK) fail_msg("%s", err.en);
}

arc_id fixture_arc(const struct fixture *f, int64_t road, bool backward)
{
    road_index index = network_road_find(&f->network, road);
    assert_int_not_equal(index, NO_ROAD);
    arc_id arc = f->network.road_arc[2 * (size_t)index + backward];
    assert_int_not_equal(arc, NO_ARC);
    return arc;
}

turn_id fixture_turn_find(const struct fixture *f, arc_id from, arc_id to)
{
    for (turn_id t = f->turns.first_out[from]; t < f->turns.first_out[from + 1]; t++)
        if (f->turns.node_arc[f->turns.head[t]] == to) return t;
    return UINT32_MAX;
}

void fixture_grid(struct fixture *f, int32_t columns, int32_t rows, int32_t step_m, enum road_class class)
{
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < columns; x++) fixture_node(f, 1000 * y + x, x * step_m, y * step_m);
    for (int32_t y = 0; y < rows; y++)
        for (int32_t x = 0; x < columns; x++) {
            int64_t id = 1000 * y + x;
            if (x + 1 < columns) FIXTURE_ROAD(f, .id = 10 * id, .from = id, .to = id + 1, .class = class);
            if (y + 1 < rows) FIXTURE_ROAD(f, .id = 10 * id + 1, .from = id, .to = id + 1000, .class = class);
        }
}

struct multipolygon fixture_area(const struct fixture_xy *ring, uint32_t count)
{
    struct multipolygon m = {.part_count = 1, .ring_count = 1, .point_count = count + 1};
    m.part_first_ring = calloc(2, sizeof *m.part_first_ring);
    m.ring_first_point = calloc(2, sizeof *m.ring_first_point);
    m.points = calloc(count + 1, sizeof *m.points);
    assert_non_null(m.part_first_ring);
    assert_non_null(m.ring_first_point);
    assert_non_null(m.points);
    m.part_first_ring[1] = 1;
    m.ring_first_point[1] = count + 1;
    for (uint32_t i = 0; i <= count; i++) m.points[i] = fixture_point(ring[i % count].x_m, ring[i % count].y_m);
    return m;
}

struct multipolygon fixture_box(int32_t x0_m, int32_t y0_m, int32_t x1_m, int32_t y1_m)
{
    return fixture_area((struct fixture_xy[]){{x0_m, y0_m}, {x1_m, y0_m}, {x1_m, y1_m}, {x0_m, y1_m}}, 4);
}
