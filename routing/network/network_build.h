/* Rows in, network out. The data folder reads rows from PostGIS (or a file) into a builder; nothing else makes a
 * network. Rows may come in any order; the result depends on their content only. */
#ifndef ROUTING_NETWORK_BUILD_H
#define ROUTING_NETWORK_BUILD_H

#include "geo/base/error.h"
#include "routing/network/network.h"

struct network_builder;

struct road_row {
    int64_t id, from_node, to_node;
    enum road_class class;
    const char *name, *ref;   /* UTF-8 or NULL */
    bool forward, backward;   /* directions of travel */
    uint16_t speed_forward_kmh, speed_backward_kmh; /* a lorry's; 1..130 */
    uint8_t access_lorry_forward, access_lorry_backward, access_light_forward, access_light_backward; /* enum access */
    uint16_t flags;           /* enum road_flag, without THROUGH_RAMP, which is computed */
    int8_t layer;
    int64_t station_id;
    uint32_t limits[LIMIT_COUNT];
    const struct point_e7 *shape;
    uint32_t shape_count; /* 2..65,535 */
};

struct node_row {
    int64_t id;
    uint8_t flags; /* NODE_TURNING_PLACE | NODE_SIGNALS | NODE_TOLL_BOOTH */
};

/* Whom a turn restriction binds. */
enum turn_subject { TURN_LORRY = 1 << 0, TURN_LIGHT = 1 << 1, TURN_HAZMAT = 1 << 2, TURN_ALL = 7 };

/* from → via → to, where via is a node (via_road_count 0) or a chain of roads (via_node is not looked at).
 *
 * `only`: who has driven `from` may go on over the via roads to `to` and nowhere else, at each of their joints; turning
 * round counts as elsewhere. Several `only` rows that share their beginning (the same arcs up to the joint) allow each
 * of their ways on, as signs for "straight on" and "right" at one place do; those that do not all bind. Where the ids
 * fit several sequences of directed roads (a road that touches both ends of the next) each of them is meant. */
struct turn_restriction_row {
    int64_t id, from_road, via_node, to_road;
    const int64_t *via_roads;
    uint32_t via_road_count; /* at most 8 */
    bool only;
    uint8_t subjects; /* enum turn_subject */
};

enum { ROADS_MAX = 40000000, SHAPE_POINTS_MAX = 500000000 };

MUST_USE enum status network_builder_new(struct network_builder **out, struct error *err);
void network_builder_free(struct network_builder *b);

/** Each copies what it is given and refuses what is wrong in the row itself, by its id: fewer than two points, a point,
 *  limit, speed, class or access out of range. STATUS_INVALID, STATUS_TOO_LARGE, STATUS_NO_MEMORY. */
MUST_USE enum status network_builder_road(struct network_builder *b, const struct road_row *row, struct error *err);
MUST_USE enum status network_builder_node(struct network_builder *b, const struct node_row *row, struct error *err);
MUST_USE enum status network_builder_turn(struct network_builder *b, const struct turn_restriction_row *row,
                                          struct error *err);

struct turn_graph; /* routing/network/turn_graph.h */

/* What the builder had to leave out, for the report of `prepare`. */
struct network_build_report {
    uint32_t turn_restrictions_used, turn_restrictions_unresolved; /* a road or node missing, or not connected */
    uint32_t islands, island_arcs;
};

/** Builds the network and its turn graph; the builder is empty afterwards, also after an error. What rows say about
 *  each other is checked here: duplicate ids, an end point more than a metre away from another road's at the same
 *  node; a turn restriction whose roads are missing or do not join is counted and left out. A node without a road is
 *  left out. STATUS_INVALID, STATUS_OUT_OF_RANGE (extent), STATUS_TOO_LARGE, STATUS_NO_MEMORY. `report` may be NULL.
 *  Cost: O(n log n), about 3 s for a million arcs, most of it geodesic lengths. */
MUST_USE enum status network_build(struct network_builder *b, struct network *out, struct turn_graph *turns,
                                   struct network_build_report *report, struct error *err);

#endif
