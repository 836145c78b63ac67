#include "routing/network/turn_cost.h"

enum { NEAR_MM = 10000, SIGNALS_MS = 5000, TOLL_BOOTH_MS = 8000 };

static const uint32_t angle_ms[] = {
    [TURN_STRAIGHT] = 0,       [TURN_RIGHT] = 2000,      [TURN_LEFT] = 4000,
    [TURN_SHARP_RIGHT] = 3000, [TURN_SHARP_LEFT] = 6000, [TURN_ROUND] = 20000,
};

/* The i-th point of an arc's shape counted from its end at a node: from the head backwards (`head` true) or from the
 * tail onwards. */
static struct point_mm shape_from_node(const struct network *n, arc_id arc, bool head, uint32_t i)
{
    road_index road = n->arc_road[arc];
    bool from_last = head != (n->arc_reversed[arc] != 0);
    return n->shape_plane[from_last ? n->road_first_shape[road + 1] - 1 - i : n->road_first_shape[road] + i];
}

/* Vector from the node into the road: to the first point at least 10 m away, or to the farthest there is. */
static void away(const struct network *n, arc_id arc, bool head, int64_t *dx, int64_t *dy)
{
    road_index road = n->arc_road[arc];
    uint32_t count = n->road_first_shape[road + 1] - n->road_first_shape[road];
    struct point_mm node = shape_from_node(n, arc, head, 0);
    *dx = *dy = 0;
    for (uint32_t i = 1; i < count; i++) {
        struct point_mm p = shape_from_node(n, arc, head, i);
        int64_t x = (int64_t)p.x_mm - node.x_mm, y = (int64_t)p.y_mm - node.y_mm;
        if (x == 0 && y == 0) continue;
        *dx = x;
        *dy = y;
        if (x >= NEAR_MM || x <= -NEAR_MM || y >= NEAR_MM || y <= -NEAR_MM) return;
        if (x * x + y * y >= (int64_t)NEAR_MM * NEAR_MM) return;
    }
}

enum turn_angle turn_angle(const struct network *n, arc_id from, arc_id to)
{
    if (n->arc_road[from] == n->arc_road[to] && from != to) return TURN_ROUND;
    int64_t ux, uy, wx, wy;
    away(n, from, true, &ux, &uy);
    ux = -ux;
    uy = -uy;
    away(n, to, false, &wx, &wy);
    __int128 dot = (__int128)ux * wx + (__int128)uy * wy;
    __int128 cross = (__int128)ux * wy - (__int128)uy * wx;
    __int128 size = cross < 0 ? -cross : cross;
    if (dot >= size) return TURN_STRAIGHT; /* also when a road has no extent */
    if (dot < -size) return cross < 0 ? TURN_SHARP_RIGHT : TURN_SHARP_LEFT;
    return cross < 0 ? TURN_RIGHT : TURN_LEFT;
}

uint32_t turn_cost_ms(const struct network *n, arc_id from, arc_id to, uint32_t degree)
{
    uint8_t flags = n->node_flags[n->arc_head[from]];
    uint32_t cost = (flags & NODE_SIGNALS ? SIGNALS_MS : 0) + (flags & NODE_TOLL_BOOTH ? TOLL_BOOTH_MS : 0);
    enum turn_angle angle = turn_angle(n, from, to);
    if (angle == TURN_ROUND) return cost + angle_ms[TURN_ROUND];
    bool circling = n->road_flags[n->arc_road[from]] & n->road_flags[n->arc_road[to]] & ROAD_ROUNDABOUT;
    return degree <= 2 || circling ? cost : cost + angle_ms[angle];
}
