/* Networks by hand for tests: nodes at whole metres from 112.5° E 33.0° N, roads between them with the attributes that
 * the test cares about.
 *
 *   struct fixture f;
 *   fixture_init(&f);
 *   fixture_node(&f, 1, 0, 0);
 *   fixture_node(&f, 2, 1000, 0);
 *   FIXTURE_ROAD(&f, .id = 12, .from = 1, .to = 2, .class = ROAD_PRIMARY, .oneway = true);
 *   fixture_build(&f);                       // asserts that it works
 *   arc_id a = fixture_arc(&f, 12, false);
 *   fixture_clear(&f);
 */
#ifndef TESTS_NETWORK_FIXTURE_H
#define TESTS_NETWORK_FIXTURE_H

#include "geo/multipolygon.h"
#include "routing/network/network_build.h"
#include "routing/network/turn_graph.h"

enum { FIXTURE_NODES_MAX = 20000, FIXTURE_BENDS_MAX = 16 };

struct fixture_xy {
    int32_t x_m, y_m;
};

struct fixture {
    struct network_builder *builder;
    struct network network;
    struct turn_graph turns;
    struct network_build_report report;
    uint32_t node_count;
    int64_t *node_id;
    struct fixture_xy *node_at;
    int32_t dense_m; /* lines get a point at least so often, as real ones do: a straight line on the map is none in the plane; 0: no more
                        than are given */
};

struct fixture_road {
    int64_t id, from, to;
    enum road_class class; /* default: motorway, the first */
    bool oneway;
    uint16_t speed_kmh; /* default 60 */
    uint8_t access_lorry, access_light;
    uint16_t flags;
    int8_t layer;
    const char *name, *ref;
    uint32_t limits[LIMIT_COUNT];
    int64_t station_id;
    uint32_t bend_count;
    struct fixture_xy bends[FIXTURE_BENDS_MAX]; /* between the ends */
};

void fixture_init(struct fixture *f);
void fixture_clear(struct fixture *f);
void fixture_node(struct fixture *f, int64_t id, int32_t x_m, int32_t y_m);
void fixture_node_flags(struct fixture *f, int64_t id, uint8_t flags);
void fixture_road(struct fixture *f, const struct fixture_road *road);
#define FIXTURE_ROAD(f, ...) fixture_road(f, &(struct fixture_road){__VA_ARGS__})

/** A turn restriction at a node. */
void fixture_turn(struct fixture *f, int64_t from_road, int64_t via_node, int64_t to_road, bool only, uint8_t subjects);
/** The same over roads. */
void fixture_turn_over(struct fixture *f, int64_t from_road, const int64_t *via, uint32_t via_count, int64_t to_road,
                       bool only, uint8_t subjects);

void fixture_build(struct fixture *f);

/** The arc of a road, which must exist. */
arc_id fixture_arc(const struct fixture *f, int64_t road, bool backward);
/** The turn between two arc nodes that stand for arcs themselves, or UINT32_MAX. */
turn_id fixture_turn_find(const struct fixture *f, arc_id from, arc_id to);

/** Where a point of the plan lies, as the network keeps it. */
struct point_e7 fixture_point(int32_t x_m, int32_t y_m);

/** columns × rows crossings, `step_m` apart, joined by two-way roads of `class`: node ids 1000 · row + column, road
 *  ids 10 · node (to the east) and 10 · node + 1 (to the north). Not built yet. */
void fixture_grid(struct fixture *f, int32_t columns, int32_t rows, int32_t step_m, enum road_class class);

/** A polygon of one ring, closed by itself, of whole metres; owned memory (multipolygon_clear). */
struct multipolygon fixture_area(const struct fixture_xy *ring, uint32_t count);
/** The rectangle between two corners. */
struct multipolygon fixture_box(int32_t x0_m, int32_t y0_m, int32_t x1_m, int32_t y1_m);

#endif
