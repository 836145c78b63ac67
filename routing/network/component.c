#include "routing/network/component.h"

#include "routing/network/network_build.h"
#include "routing/network/turn_cost.h"

#include <stdlib.h>
#include <string.h>

#define UNSEEN UINT32_MAX

struct frame {
    uint32_t node, next_turn;
};

struct lorry {
    const struct network *n;
    const struct turn_graph *g;
};

static bool lorry_may(const void *context, arc_node node, turn_id turn)
{
    const struct lorry *l = context;
    if (turn != NO_TURN) return (l->g->forbidden_to[turn] & TURN_LORRY) == 0;
    return l->n->arc_access_lorry[l->g->node_arc[node]] != ACCESS_NO;
}

/* Tarjan's algorithm with its own stack. parts[node] = component in order of completion; returns their number. */
static uint32_t strong_parts(const struct turn_graph *g, component_may *may, const void *context, uint32_t *parts, uint32_t *index,
                             uint32_t *low, uint32_t *open, struct frame *frames)
{
    uint32_t part_count = 0, seen = 0, open_count = 0;
    for (uint32_t v = 0; v < g->node_count; v++) index[v] = parts[v] = UNSEEN;
    for (uint32_t root = 0; root < g->node_count; root++) {
        if (index[root] != UNSEEN) continue;
        uint32_t depth = 0;
        frames[depth++] = (struct frame){root, g->first_out[root]};
        index[root] = low[root] = seen++;
        open[open_count++] = root;
        while (depth > 0) {
            struct frame *top = &frames[depth - 1];
            uint32_t v = top->node;
            if (top->next_turn < g->first_out[v + 1] && may(context, v, NO_TURN)) {
                turn_id t = top->next_turn++;
                uint32_t w = g->head[t];
                if (!may(context, v, t) || !may(context, w, NO_TURN)) continue;
                if (index[w] == UNSEEN) {
                    index[w] = low[w] = seen++;
                    open[open_count++] = w;
                    frames[depth++] = (struct frame){w, g->first_out[w]};
                } else if (parts[w] == UNSEEN && index[w] < low[v]) {
                    low[v] = index[w];
                }
                continue;
            }
            if (low[v] == index[v]) {
                uint32_t w;
                do {
                    w = open[--open_count];
                    parts[w] = part_count;
                } while (w != v);
                part_count++;
            }
            depth--;
            if (depth > 0 && low[v] < low[frames[depth - 1].node]) low[frames[depth - 1].node] = low[v];
        }
    }
    return part_count;
}

struct size_of_part {
    uint32_t arcs, least_arc, part;
};

static int larger_first(const void *left, const void *right)
{
    const struct size_of_part *a = left, *b = right;
    if (a->arcs != b->arcs) return a->arcs > b->arcs ? -1 : 1;
    if (a->least_arc != b->least_arc) return a->least_arc < b->least_arc ? -1 : 1;
    return (a->part > b->part) - (a->part < b->part);
}

/* Sorts the parts by their number of arcs and renames them in parts[]. */
static void rank_parts(const struct turn_graph *g, uint32_t *parts, uint32_t part_count, struct size_of_part *sizes,
                       uint32_t *rank)
{
    for (uint32_t p = 0; p < part_count; p++) sizes[p] = (struct size_of_part){0, UINT32_MAX, p};
    for (uint32_t v = g->node_count; v-- > 0;) { /* a copy counts like the arc it is driven instead of */
        struct size_of_part *size = &sizes[parts[v]];
        size->arcs++;
        if (g->node_arc[v] < size->least_arc) size->least_arc = g->node_arc[v];
    }
    qsort(sizes, part_count, sizeof *sizes, larger_first);
    for (uint32_t i = 0; i < part_count; i++) rank[sizes[i].part] = i;
    for (uint32_t v = 0; v < g->node_count; v++) parts[v] = rank[parts[v]];
}

enum status component_mark(const struct network *n, const struct turn_graph *g, uint32_t *component, uint32_t *count,
                           struct error *err)
{
    return component_mark_where(n, g, lorry_may, &(struct lorry){n, g}, component, count, err);
}

enum status component_mark_where(const struct network *n, const struct turn_graph *g, component_may *may, const void *context,
                                 uint32_t *component, uint32_t *count, struct error *err)
{
    enum status status = STATUS_OK;
    size_t room = (size_t)g->node_count + 1;
    uint32_t *parts = malloc(room * sizeof *parts), *index = malloc(room * sizeof *index);
    uint32_t *low = malloc(room * sizeof *low), *open = malloc(room * sizeof *open);
    struct frame *frames = malloc(room * sizeof *frames);
    struct size_of_part *sizes = malloc(room * sizeof *sizes);
    if (parts == NULL || index == NULL || low == NULL || open == NULL || frames == NULL || sizes == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    uint32_t part_count = strong_parts(g, may, context, parts, index, low, open, frames);
    rank_parts(g, parts, part_count, sizes, index);

    /* An arc takes the best part among itself and its copies; then the numbers that are left are closed up. */
    for (arc_id arc = 0; arc < n->arc_count; arc++) {
        uint32_t best = parts[arc];
        for (uint32_t c = g->first_copy[arc]; c < g->first_copy[arc + 1]; c++)
            if (parts[g->copy[c]] < best) best = parts[g->copy[c]];
        component[arc] = best;
    }
    memset(low, 0, room * sizeof *low);
    for (arc_id arc = 0; arc < n->arc_count; arc++) low[component[arc]] = 1;
    uint32_t used = 0;
    for (uint32_t p = 0; p < part_count; p++) index[p] = low[p] ? used++ : 0;
    for (arc_id arc = 0; arc < n->arc_count; arc++) component[arc] = index[component[arc]];
    if (count != NULL) *count = used;
done:
    free(parts);
    free(index);
    free(low);
    free(open);
    free(frames);
    free(sizes);
    return status;
}

/* A link that a way between motorways may use without leaving them. */
static bool joins(const struct network *n, arc_id arc)
{
    road_index road = n->arc_road[arc];
    return n->road_class[road] == ROAD_MOTORWAY_LINK && (n->road_flags[road] & (ROAD_ENTRY_RAMP | ROAD_EXIT_RAMP)) == 0;
}

static bool goes_on(const struct network *n, arc_id from, arc_id to)
{
    node_id via = n->arc_head[from];
    if ((n->node_flags[via] & NODE_TOLL_BOOTH) != 0 || network_node_is_ordinary(n, via)) return false;
    enum turn_angle angle = turn_angle(n, from, to);
    return angle == TURN_STRAIGHT || angle == TURN_RIGHT || angle == TURN_LEFT;
}

enum { SEEN_FORWARD = 1, SEEN_BACKWARD = 2 };

/* Marks with `bit` the links that are reached from motorways (or, backwards, from which motorways are reached). */
static void flood(const struct network *n, const struct turn_graph *g, bool backward, uint8_t bit, uint8_t *seen,
                  uint32_t *stack)
{
    uint32_t depth = 0;
    for (uint32_t v = 0; v < g->node_count; v++) {
        if (n->road_class[n->arc_road[g->node_arc[v]]] != ROAD_MOTORWAY) continue;
        seen[v] |= bit;
        stack[depth++] = v;
    }
    while (depth > 0) {
        uint32_t v = stack[--depth];
        uint32_t first = backward ? g->first_in[v] : g->first_out[v];
        uint32_t last = backward ? g->first_in[v + 1] : g->first_out[v + 1];
        for (uint32_t i = first; i < last; i++) {
            uint32_t w = backward ? g->tail[i] : g->head[i];
            if ((seen[w] & bit) != 0 || !joins(n, g->node_arc[w])) continue;
            arc_id from = g->node_arc[backward ? w : v], to = g->node_arc[backward ? v : w];
            if (!goes_on(n, from, to)) continue;
            seen[w] |= bit;
            stack[depth++] = w;
        }
    }
}

enum status component_through_ramps(const struct network *n, const struct turn_graph *g, uint16_t *road_flags,
                                    struct error *err)
{
    enum status status = STATUS_OK;
    uint8_t *seen = calloc((size_t)g->node_count + 1, 1);
    uint32_t *stack = malloc(((size_t)g->node_count + 1) * sizeof *stack);
    if (seen == NULL || stack == NULL) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    flood(n, g, false, SEEN_FORWARD, seen, stack);
    flood(n, g, true, SEEN_BACKWARD, seen, stack);
    for (uint32_t v = 0; v < g->node_count; v++)
        if (seen[v] == (SEEN_FORWARD | SEEN_BACKWARD) && joins(n, g->node_arc[v]))
            road_flags[n->arc_road[g->node_arc[v]]] |= ROAD_THROUGH_RAMP;
done:
    free(seen);
    free(stack);
    return status;
}
