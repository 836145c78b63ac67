#include "data/network/snapshot_check.h"

#include "routing/hierarchy/digraph.h"
#include "routing/network/network_build.h"

#include <string.h>

/* first[0] = 0, ascending, first[count] = end. */
static bool is_offsets(const uint32_t *first, uint32_t count, uint32_t end)
{
    if (first[0] != 0 || first[count] != end) return false;
    for (uint32_t i = 0; i < count; i++)
        if (first[i] > first[i + 1]) return false;
    return true;
}

static bool all_below(const uint32_t *values, size_t count, uint32_t bound)
{
    /* one pass without a branch: the compiler makes vectors of it */
    uint32_t highest = 0;
    for (size_t i = 0; i < count; i++) highest = values[i] > highest ? values[i] : highest;
    return count == 0 || highest < bound;
}

static bool bytes_below(const uint8_t *values, size_t count, uint8_t bound)
{
    uint8_t highest = 0;
    for (size_t i = 0; i < count; i++) highest = values[i] > highest ? values[i] : highest;
    return count == 0 || highest < bound;
}

static bool points_valid(const struct point_e7 *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!point_e7_valid(points[i])) return false;
    return true;
}

static const char *arcs_fault(const struct network *n)
{
    if (!is_offsets(n->node_first_arc, n->node_count, n->arc_count)) return "node_first_arc";
    if (!is_offsets(n->node_first_in, n->node_count, n->arc_count)) return "node_first_in";
    if (!all_below(n->in_arc, n->arc_count, n->arc_count)) return "in_arc";
    if (!all_below(n->arc_head, n->arc_count, n->node_count)) return "arc_head";
    if (!all_below(n->arc_road, n->arc_count, n->road_count)) return "arc_road";
    if (!bytes_below(n->arc_reversed, n->arc_count, 2)) return "arc_reversed";
    if (!bytes_below(n->arc_access_lorry, n->arc_count, ACCESS_NO + 1)) return "arc_access_lorry";
    if (!bytes_below(n->arc_access_light, n->arc_count, ACCESS_NO + 1)) return "arc_access_light";
    for (node_id v = 0; v < n->node_count; v++) {
        for (arc_id a = n->node_first_arc[v]; a < n->node_first_arc[v + 1]; a++)
            if (n->arc_tail[a] != v) return "arc_tail";
        /* ascending within a node, so that none is there twice */
        for (uint32_t i = n->node_first_in[v]; i < n->node_first_in[v + 1]; i++)
            if (n->arc_head[n->in_arc[i]] != v || (i > n->node_first_in[v] && n->in_arc[i - 1] >= n->in_arc[i]))
                return "in_arc";
    }
    for (arc_id a = 0; a < n->arc_count; a++) {
        if (n->arc_time_ms[a] == 0 || n->arc_time_ms[a] >= WEIGHT_INFINITY) return "arc_time_ms";
        if (n->arc_speed_kmh[a] == 0 || n->arc_speed_kmh[a] > 1000) return "arc_speed_kmh";
        if (n->road_arc[2 * (size_t)n->arc_road[a] + n->arc_reversed[a]] != a) return "road_arc";
    }
    return NULL;
}

static const char *roads_fault(const struct network *n)
{
    if (!is_offsets(n->road_first_shape, n->road_count, n->shape_count)) return "road_first_shape";
    if (!bytes_below(n->road_class, n->road_count, ROAD_CLASS_COUNT)) return "road_class";
    if (!all_below(n->road_name, n->road_count, n->text_size)) return "road_name";
    if (!all_below(n->road_ref, n->road_count, n->text_size)) return "road_ref";
    if (!all_below(n->road_limits, n->road_count, n->limits_count)) return "road_limits";
    for (road_index r = 0; r < n->road_count; r++) {
        for (uint32_t side = 0; side < 2; side++) {
            arc_id a = n->road_arc[2 * (size_t)r + side];
            if (a == NO_ARC) continue;
            if (a >= n->arc_count || n->arc_road[a] != r || n->arc_reversed[a] != side) return "road_arc";
        }
        uint32_t points = n->road_first_shape[r + 1] - n->road_first_shape[r];
        if (points < 2 || points > UINT16_MAX) return "road_first_shape";
    }
    for (uint32_t kind = 0; kind < LIMIT_COUNT; kind++)
        if (n->limits[kind] != 0) return "limits";
    if (!points_valid(n->shape_point, n->shape_count)) return "shape_point";
    return NULL;
}

const char *network_fault(const struct network *n)
{
    if (n->node_count > DIGRAPH_NODES_MAX || n->arc_count > DIGRAPH_EDGES_MAX || n->road_count > ROADS_MAX ||
        n->shape_count > SHAPE_POINTS_MAX)
        return "counts";
    if (n->limits_count == 0 || n->text_size == 0) return "counts";
    if (memchr(n->projection, '\0', sizeof n->projection) == NULL) return "projection";
    if (strnlen(n->version, sizeof n->version) != 32 || strspn(n->version, "0123456789abcdef") != 32) return "version";
    if (n->text[0] != '\0' || n->text[n->text_size - 1] != '\0') return "text";
    if (!points_valid(n->node_point, n->node_count)) return "node_point";
    const char *fault = arcs_fault(n);
    return fault ? fault : roads_fault(n);
}

const char *turn_graph_fault(const struct turn_graph *g, const struct network *n)
{
    if (g->arc_count != n->arc_count || g->node_count < g->arc_count || g->node_count > DIGRAPH_NODES_MAX ||
        g->turn_count > DIGRAPH_EDGES_MAX)
        return "turn counts";
    if (!is_offsets(g->first_out, g->node_count, g->turn_count)) return "first_out";
    if (!is_offsets(g->first_in, g->node_count, g->turn_count)) return "first_in";
    if (!is_offsets(g->first_copy, g->arc_count, g->node_count - g->arc_count)) return "first_copy";
    if (!all_below(g->head, g->turn_count, g->node_count)) return "turn head";
    if (!all_below(g->tail, g->turn_count, g->node_count)) return "turn tail";
    if (!all_below(g->in_turn, g->turn_count, g->turn_count)) return "in_turn";
    if (!all_below(g->cost_ms, g->turn_count, WEIGHT_INFINITY)) return "turn cost";
    if (!bytes_below(g->forbidden_to, g->turn_count, TURN_ALL + 1)) return "forbidden_to";
    if (!all_below(g->node_arc, g->node_count, g->arc_count)) return "node_arc";
    for (arc_node v = 0; v < g->arc_count; v++)
        if (g->node_arc[v] != v) return "node_arc";
    for (arc_id a = 0; a < g->arc_count; a++)
        for (uint32_t i = g->first_copy[a]; i < g->first_copy[a + 1]; i++)
            if (g->copy[i] < g->arc_count || g->copy[i] >= g->node_count || g->node_arc[g->copy[i]] != a)
                return "copy";
    for (arc_node v = 0; v < g->node_count; v++) {
        node_id at = n->arc_head[g->node_arc[v]];
        for (turn_id t = g->first_out[v]; t < g->first_out[v + 1]; t++) {
            if (t > g->first_out[v] && g->head[t - 1] > g->head[t]) return "turn head";
            if (n->arc_tail[g->node_arc[g->head[t]]] != at) return "turn between arcs that do not meet";
        }
        for (uint32_t i = g->first_in[v]; i < g->first_in[v + 1]; i++) {
            turn_id t = g->in_turn[i];
            if (g->head[t] != v || t < g->first_out[g->tail[i]] || t >= g->first_out[g->tail[i] + 1])
                return "in_turn";
            if (i > g->first_in[v] && g->in_turn[i - 1] >= t) return "in_turn";
        }
    }
    return NULL;
}
