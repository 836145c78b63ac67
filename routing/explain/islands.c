#include "routing/explain/islands.h"

#include "routing/constraint/loose.h"
#include "routing/network/component.h"

#include <stdlib.h>
#include <string.h>

/* What is looked at for one vehicle under one set of rules. */
struct look {
    const struct turn_graph *g;
    struct constraint c;
    weight *arc_weight, *weights; /* [arc_count], [turn_count] */
};

static bool arc_may(const struct look *l, arc_id a)
{
    return l->arc_weight[a] < WEIGHT_INFINITY;
}

/* In a gated zone the cost depends on the move; the arc itself is open unless something else closes it: another zone that it
 * lies in as well, a closure, a limit. */
static void mark_gated(struct look *l)
{
    for (arc_id a = 0; a < l->c.n->arc_count; a++) {
        struct move m;
        const struct arc_use whole = arc_use_whole(l->c.n, a);
        if (l->arc_weight[a] == NOTHING)
            l->arc_weight[a] = passage_move(&l->c, NULL, 0, &whole, l->c.depart_ms, MOVE_LOOSE, &m, NULL) ? 0 : WEIGHT_INFINITY;
    }
}

static bool move_may(const void *context, arc_node node, turn_id turn)
{
    const struct look *l = context;
    return turn == NO_TURN ? arc_may(l, l->g->node_arc[node]) : l->weights[turn] < WEIGHT_INFINITY;
}

/* Room for a search of the turn graph, both ways. */
struct reach {
    turn_id *first_in;    /* [node_count + 1] */
    arc_node *tail;       /* [turn_count] of the turns into a node */
    turn_id *in;          /* [turn_count] which they are */
    arc_node *queue;      /* [node_count] */
    uint8_t *to, *from;   /* [node_count] come to from the main part; lead back to it */
};

static void reach_clear(struct reach *r)
{
    free(r->first_in), free(r->tail), free(r->in), free(r->queue), free(r->to), free(r->from);
}

static bool reach_init(struct reach *r, const struct turn_graph *g)
{
    size_t nodes = (size_t)g->node_count + 1, turns = (size_t)g->turn_count + 1;
    *r = (struct reach){calloc(nodes + 1, sizeof *r->first_in), malloc(turns * sizeof *r->tail), malloc(turns * sizeof *r->in),
                        malloc(nodes * sizeof *r->queue), malloc(nodes), malloc(nodes)};
    if (!r->first_in || !r->tail || !r->in || !r->queue || !r->to || !r->from) return false;
    for (turn_id t = 0; t < g->turn_count; t++) r->first_in[g->head[t] + 1]++;
    for (arc_node v = 0; v < g->node_count; v++) r->first_in[v + 1] += r->first_in[v];
    for (arc_node v = 0; v < g->node_count; v++)
        for (turn_id t = g->first_out[v]; t < g->first_out[v + 1]; t++) {
            turn_id at = r->first_in[g->head[t]]++;
            r->tail[at] = v, r->in[at] = t;
        }
    for (arc_node v = g->node_count; v > 0; v--) r->first_in[v] = r->first_in[v - 1];
    r->first_in[0] = 0;
    return true;
}

/* All that the marked nodes lead to, or, backward, that leads to them. */
static void spread(const struct look *l, const struct reach *r, const uint32_t *component, bool backward, uint8_t *marked)
{
    const struct turn_graph *g = l->g;
    uint32_t count = 0;
    for (arc_node v = 0; v < g->node_count; v++) {
        marked[v] = component[g->node_arc[v]] == 0 && move_may(l, v, NO_TURN);
        if (marked[v]) r->queue[count++] = v;
    }
    for (uint32_t i = 0; i < count; i++) {
        arc_node v = r->queue[i];
        turn_id first = backward ? r->first_in[v] : g->first_out[v], end = backward ? r->first_in[v + 1] : g->first_out[v + 1];
        for (turn_id at = first; at < end; at++) {
            arc_node w = backward ? r->tail[at] : g->head[at];
            if (marked[w] || !move_may(l, v, backward ? r->in[at] : at) || !move_may(l, w, NO_TURN)) continue;
            marked[w] = 1;
            r->queue[count++] = w;
        }
    }
}

enum { ROAD_OPEN = 1, ROAD_COME_TO = 2, ROAD_LEFT = 4, ROAD_JOINED = ROAD_OPEN | ROAD_COME_TO | ROAD_LEFT };

/* Of each road, whether a vehicle may drive it, come to it from the part of the network that all comes from and goes to,
 * and leave for there: in one direction or the other, for who has stopped there may set out either way. */
static enum status look_at(const struct base *base, const struct rules *rules, const struct route_request *request,
                           const struct pieces *pieces, struct look *l, const struct reach *r, struct arena *arena, uint8_t *roads,
                           uint32_t *component, struct error *err)
{
    const struct network *n = &base->network;
    l->g = &base->turns;
    enum status status = constraint_init(&l->c, base, rules, request, pieces, request->depart_ms + 1, request->depart_ms + 1, NULL, arena, err);
    if (status != STATUS_OK) return status;
    l->c.checkpoints_lifted = LIFTED_ALL;
    loose_weights(&l->c, l->arc_weight, l->weights);
    mark_gated(l);
    status = component_mark_where(n, &base->turns, move_may, l, component, NULL, err);
    if (status == STATUS_OK) {
        spread(l, r, component, false, r->to);
        spread(l, r, component, true, r->from);
        memset(roads, 0, n->road_count);
        for (arc_node v = 0; v < l->g->node_count; v++) {
            arc_id a = l->g->node_arc[v];
            roads[n->arc_road[a]] |= (uint8_t)((arc_may(l, a) ? ROAD_OPEN : 0) | (r->to[v] ? ROAD_COME_TO : 0) | (r->from[v] ? ROAD_LEFT : 0));
        }
    }
    constraint_done(&l->c);
    return status;
}

/* ---- islands from roads -------------------------------------------------------------------------------------- */

static uint32_t root_of(uint32_t *parent, uint32_t x)
{
    while (parent[x] != x) x = parent[x] = parent[parent[x]];
    return x;
}

static int longer_first(const void *left, const void *right)
{
    const struct island *a = left, *b = right;
    if (a->length_mm != b->length_mm) return a->length_mm > b->length_mm ? -1 : 1;
    return (a->roads[0] > b->roads[0]) - (a->roads[0] < b->roads[0]);
}

/* Roads that meet at a node hang together. `lost`: by road, the vehicles that it is lost for. */
static enum status gather(const struct network *n, const uint32_t *lost, struct arena *arena, struct island **out,
                          uint32_t *count, struct error *err)
{
    uint32_t road_count = 0, island_count = 0, placed = 0;
    for (road_index r = 0; r < n->road_count; r++) road_count += lost[r] != 0;
    *count = 0;
    uint32_t *parent = malloc(((size_t)n->node_count + 1) * sizeof *parent), *of_node = malloc(((size_t)n->node_count + 1) * sizeof *of_node);
    struct island *islands = arena_zero(arena, (size_t)road_count + 1, sizeof *islands);
    road_index *roads = arena_zero(arena, (size_t)road_count + 1, sizeof *roads);
    enum status status = parent && of_node && islands && roads ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    if (status != STATUS_OK) goto done;
    for (node_id v = 0; v < n->node_count; v++) parent[v] = v, of_node[v] = UINT32_MAX;
    for (arc_id a = 0; a < n->arc_count; a++)
        if (lost[n->arc_road[a]]) parent[root_of(parent, n->arc_tail[a])] = root_of(parent, n->arc_head[a]);
    for (int pass = 0; pass < 2; pass++) {
        for (road_index r = 0; r < n->road_count; r++) {
            if (lost[r] == 0) continue;
            arc_id a = n->road_arc[2 * (size_t)r] != NO_ARC ? n->road_arc[2 * (size_t)r] : n->road_arc[2 * (size_t)r + 1];
            uint32_t root = root_of(parent, n->arc_tail[a]);
            if (of_node[root] == UINT32_MAX) of_node[root] = island_count++;
            struct island *island = &islands[of_node[root]];
            if (pass == 1) roads[(size_t)(island->roads - roads) + island->road_count] = r;
            island->road_count++;
            island->length_mm += pass ? n->road_length_mm[r] : 0;
            island->vehicles |= lost[r];
        }
        for (uint32_t i = 0; pass == 0 && i < island_count; i++) {
            islands[i].roads = roads + placed;
            placed += islands[i].road_count;
            islands[i].road_count = 0;
        }
    }
    qsort(islands, island_count, sizeof *islands, longer_first);
    *out = islands;
    *count = island_count;
done:
    free(parent);
    free(of_node);
    return status;
}

enum status islands_find(const struct base *base, const struct rules *before, const struct rules *after,
                         const struct route_request *const *requests, uint32_t request_count, struct arena *arena,
                         struct island **out, uint32_t *count, struct error *err)
{
    const struct network *n = &base->network;
    size_t arcs = (size_t)n->arc_count + 1;
    struct pieces pieces[2] = {{0}, {0}}; /* light, lorry */
    struct look l = {.arc_weight = malloc(arcs * sizeof *l.arc_weight),
                     .weights = malloc(((size_t)base->turns.turn_count + 1) * sizeof *l.weights)};
    struct reach r;
    uint32_t *component = malloc(arcs * sizeof *component), *lost = calloc((size_t)n->road_count + 1, sizeof *lost);
    uint8_t *now = malloc((size_t)n->road_count + 1), *then = malloc((size_t)n->road_count + 1);
    enum status status = STATUS_OK;
    *out = NULL;
    *count = 0;
    if (!reach_init(&r, &base->turns) || !l.arc_weight || !l.weights || !component || !lost || !now || !then)
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (int k = 0; k < 2 && status == STATUS_OK; k++) status = pieces_init(&pieces[k], n, k == 1, err);
    for (uint32_t i = 0; i < request_count && status == STATUS_OK; i++) {
        const struct pieces *mine = &pieces[vehicle_is_lorry(&requests[i]->vehicle)];
        status = look_at(base, before, requests[i], mine, &l, &r, arena, then, component, err);
        if (status == STATUS_OK) status = look_at(base, after, requests[i], mine, &l, &r, arena, now, component, err);
        for (road_index road = 0; status == STATUS_OK && road < n->road_count; road++)
            if (then[road] == ROAD_JOINED && (now[road] & ROAD_OPEN) && now[road] != ROAD_JOINED) lost[road] |= 1u << i;
    }
    if (status == STATUS_OK) status = gather(n, lost, arena, out, count, err);
    for (int k = 0; k < 2; k++) pieces_clear(&pieces[k]);
    reach_clear(&r);
    free(l.arc_weight);
    free(l.weights);
    free(component);
    free(lost);
    free(now);
    free(then);
    return status;
}
