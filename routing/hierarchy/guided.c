#include "routing/hierarchy/guided.h"

#include "routing/hierarchy/potential.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

enum { STEPS_MAX = 1 << 21, CLOSED = 1, ON_WAY = 2, TARGET = 4, FLAGS = 8 };

struct end {
    uint32_t node;
    weight initial;
};

struct ends {
    struct end *items;
    uint32_t count, capacity;
};

/* A node on a cheapest way; in order of distance. */
struct way_node {
    uint32_t node, rank;
    weight distance;
    bool start, stop;          /* a source, a target is here and the way begins, ends with it */
    uint32_t to_here, onward;  /* the lowest that the highest node can be: of ways up to here, from here on; both with it */
    uint32_t between, stamp;   /* the same for ways from the stretch's first node, without that; whether it is known */
    uint32_t first_in, first_out; /* into edges: by head; by tail */
};

struct way_edge {
    uint32_t tail, head, edge; /* way nodes, by place */
};

struct stretch {
    uint32_t from, to;
};

struct guided {
    const struct hierarchy *hierarchy;
    struct guided_graph graph;
    const struct metric *guide;
    const weight *weights;
    struct potential *potential;
    weight *distance;     /* [node] */
    uint32_t *mark;       /* [node] generation * FLAGS + flags */
    uint32_t *place;      /* [node] among the way nodes, of those ON_WAY */
    uint32_t generation;
    struct ends sources, targets;
    uint64_t *heap;       /* key << 32 | node */
    size_t heap_count, heap_capacity;
    weight best;
    struct way_node *nodes;
    uint32_t node_count, node_capacity;
    struct way_edge *in, *out; /* [edge_count] by head, by tail */
    uint32_t edge_count, edge_capacity;
    struct stretch *stack;
    uint32_t stack_count, stack_capacity;
    uint32_t *path_nodes, *path_edges;
    uint32_t path_count, path_capacity;
    uint32_t stamp, steps;
};

enum status guided_new(const struct hierarchy *h, const struct guided_graph *graph, struct guided **out, struct error *err)
{
    struct guided *g = calloc(1, sizeof *g);
    if (g == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    const size_t n = (size_t)h->node_count + 1;
    g->hierarchy = h;
    g->graph = *graph;
    g->distance = malloc(n * sizeof *g->distance);
    g->mark = calloc(n, sizeof *g->mark);
    g->place = malloc(n * sizeof *g->place);
    enum status status = STATUS_NO_MEMORY;
    if (g->distance && g->mark && g->place) status = potential_new(h, &g->potential, err);
    else error_set(err, status, MESSAGE_NO_MEMORY);
    if (status != STATUS_OK) {
        guided_free(g);
        return status;
    }
    *out = g;
    return STATUS_OK;
}

void guided_free(struct guided *g)
{
    if (g == NULL) return;
    potential_free(g->potential);
    free(g->distance);
    free(g->mark);
    free(g->place);
    free(g->sources.items);
    free(g->targets.items);
    free(g->heap);
    free(g->nodes);
    free(g->in);
    free(g->out);
    free(g->stack);
    free(g->path_nodes);
    free(g->path_edges);
    free(g);
}

void guided_reset(struct guided *g, const struct metric *guide, const weight *weights)
{
    assert(guide->hierarchy == g->hierarchy);
    g->guide = guide;
    g->weights = weights;
    g->sources.count = g->targets.count = 0;
    g->heap_count = 0;
    g->node_count = g->edge_count = g->path_count = 0;
    g->best = WEIGHT_INFINITY;
    if (++g->generation == UINT32_MAX / FLAGS) { /* marks of long ago would seem new */
        for (uint32_t v = 0; v < g->hierarchy->node_count; v++) g->mark[v] = 0;
        g->generation = 1;
    }
    potential_reset(g->potential, guide);
}

/* The array with room for one more item of `size` bytes, or NULL (then it stays as it was). */
static void *grown(void *items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity) return items;
    const uint32_t more = *capacity ? *capacity * 2 : 64;
    void *moved = realloc(items, more * size);
    if (moved != NULL) *capacity = more;
    return moved;
}

static enum status add_end(struct guided *g, struct ends *ends, uint32_t node, weight initial)
{
    assert(node < g->hierarchy->node_count && initial <= WEIGHT_INFINITY);
    if (ends->count == QUERY_ENDS_MAX) return STATUS_TOO_LARGE;
    struct end *items = grown(ends->items, ends->count, &ends->capacity, sizeof *items);
    if (items == NULL) return STATUS_NO_MEMORY;
    ends->items = items;
    items[ends->count++] = (struct end){node, initial};
    return STATUS_OK;
}

enum status guided_source(struct guided *g, uint32_t node, weight initial)
{
    return add_end(g, &g->sources, node, initial);
}

enum status guided_target(struct guided *g, uint32_t node, weight initial)
{
    return add_end(g, &g->targets, node, initial);
}

/* ---- marks ----------------------------------------------------------------------------------------------------------- */

static bool known(const struct guided *g, uint32_t node)
{
    return g->mark[node] / FLAGS == g->generation;
}

static bool is(const struct guided *g, uint32_t node, uint32_t flag)
{
    return known(g, node) && (g->mark[node] & flag) != 0;
}

/* A node that is met for the first time is infinitely far. */
static void meet(struct guided *g, uint32_t node)
{
    if (known(g, node)) return;
    g->mark[node] = g->generation * FLAGS;
    g->distance[node] = WEIGHT_INFINITY;
}

/* ---- the search ------------------------------------------------------------------------------------------------------ */

static bool heap_push(struct guided *g, weight key, uint32_t node)
{
    if (g->heap_count == g->heap_capacity) {
        const size_t more = g->heap_capacity ? g->heap_capacity * 2 : 1024;
        uint64_t *grown = realloc(g->heap, more * sizeof *grown);
        if (grown == NULL) return false;
        g->heap = grown;
        g->heap_capacity = more;
    }
    const uint64_t item = (uint64_t)key << 32 | node;
    size_t i = g->heap_count++;
    for (; i > 0 && g->heap[(i - 1) / 4] > item; i = (i - 1) / 4) g->heap[i] = g->heap[(i - 1) / 4];
    g->heap[i] = item;
    return true;
}

static uint64_t heap_pop(struct guided *g)
{
    const uint64_t least = g->heap[0], item = g->heap[--g->heap_count];
    const size_t count = g->heap_count;
    size_t i = 0;
    for (size_t child; (child = 4 * i + 1) < count; i = child) {
        const size_t end = child + 4 < count ? child + 4 : count;
        size_t first = child;
        for (size_t k = child + 1; k < end; k++)
            if (g->heap[k] < g->heap[first]) first = k;
        child = first;
        if (g->heap[child] >= item) break;
        g->heap[i] = g->heap[child];
    }
    g->heap[i] = item;
    return least;
}

/* Reaches a node at this distance if a way through it can weigh `bound` at most. False when memory is out. */
static bool reach(struct guided *g, uint32_t node, weight distance, weight bound)
{
    meet(g, node);
    if (distance >= g->distance[node]) return true;
    const weight key = weight_add(distance, potential_get(g->potential, node));
    if (key > bound) return true;
    g->distance[node] = distance;
    return heap_push(g, key, node);
}

enum status guided_run(struct guided *g, weight limit, uint32_t *budget, weight *best, struct error *err)
{
    weight bound = (limit < WEIGHT_INFINITY ? limit : WEIGHT_INFINITY) - 1; /* what a way may weigh */
    *best = WEIGHT_INFINITY;
    if (limit == 0) return STATUS_OK;
    for (uint32_t i = 0; i < g->targets.count; i++) {
        potential_target(g->potential, g->targets.items[i].node, g->targets.items[i].initial);
        meet(g, g->targets.items[i].node);
        g->mark[g->targets.items[i].node] |= TARGET;
    }
    for (uint32_t i = 0; i < g->sources.count; i++)
        if (!reach(g, g->sources.items[i].node, g->sources.items[i].initial, bound)) goto no_memory;
    while (g->heap_count > 0) {
        const uint64_t item = heap_pop(g);
        const uint32_t node = (uint32_t)item;
        if ((weight)(item >> 32) > bound) break;
        if (is(g, node, CLOSED)) continue;
        if (*budget == 0) return error_set(err, STATUS_WOULD_BLOCK, MESSAGE_WOULD_BLOCK);
        --*budget;
        g->mark[node] |= CLOSED;
        const weight here = g->distance[node];
        for (uint32_t i = 0; (g->mark[node] & TARGET) && i < g->targets.count; i++) {
            const struct end *target = &g->targets.items[i];
            const weight sum = weight_add(here, target->initial);
            if (target->node == node && sum <= bound) g->best = bound = sum;
        }
        for (uint32_t e = g->graph.first_out[node]; e < g->graph.first_out[node + 1]; e++) {
            const uint32_t head = g->graph.head[e];
            if (g->weights[e] == WEIGHT_INFINITY || is(g, head, CLOSED)) continue;
            if (!reach(g, head, weight_add(here, g->weights[e]), bound)) goto no_memory;
        }
    }
    *best = g->best;
    return STATUS_OK;
no_memory:
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}

/* ---- the nodes on cheapest ways -------------------------------------------------------------------------------------- */

static bool node_add(struct guided *g, uint32_t node)
{
    if (g->mark[node] & ON_WAY) return true;
    struct way_node *nodes = grown(g->nodes, g->node_count, &g->node_capacity, sizeof *nodes);
    if (nodes == NULL) return false;
    g->nodes = nodes;
    g->mark[node] |= ON_WAY;
    g->nodes[g->node_count++] = (struct way_node){.node = node, .rank = g->hierarchy->rank[node],
                                                  .distance = g->distance[node]};
    return true;
}

static int by_distance(const void *left, const void *right)
{
    const struct way_node *a = left, *b = right;
    if (a->distance != b->distance) return a->distance < b->distance ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Room for one more edge in both lists. */
static bool edge_room(struct guided *g)
{
    uint32_t capacity = g->edge_capacity;
    struct way_edge *in = grown(g->in, g->edge_count, &capacity, sizeof *in);
    if (in == NULL) return false;
    g->in = in;
    struct way_edge *out = grown(g->out, g->edge_count, &g->edge_capacity, sizeof *out);
    if (out == NULL) return false;
    g->out = out;
    return true;
}

/* Backwards from the targets over edges that are tight. */
static enum status nodes_collect(struct guided *g)
{
    for (uint32_t i = 0; i < g->targets.count; i++) {
        const struct end *target = &g->targets.items[i];
        if (!is(g, target->node, CLOSED) || weight_add(g->distance[target->node], target->initial) != g->best) continue;
        if (!node_add(g, target->node)) return STATUS_NO_MEMORY;
        for (uint32_t k = 0; k < g->node_count; k++)
            if (g->nodes[k].node == target->node) g->nodes[k].stop = true;
    }
    for (uint32_t at = 0; at < g->node_count; at++) {
        const uint32_t head = g->nodes[at].node;
        for (uint32_t i = g->graph.first_in[head]; i < g->graph.first_in[head + 1]; i++) {
            const uint32_t tail = g->graph.tail[i], edge = g->graph.in_edge[i];
            if (!is(g, tail, CLOSED) || g->weights[edge] == WEIGHT_INFINITY ||
                g->distance[tail] + g->weights[edge] != g->distance[head])
                continue;
            if (g->weights[edge] == 0 || ++g->steps > STEPS_MAX) return STATUS_WOULD_BLOCK;
            if (!node_add(g, tail) || !edge_room(g)) return STATUS_NO_MEMORY;
            g->in[g->edge_count++] = (struct way_edge){tail, head, edge}; /* graph nodes until all are known */
        }
    }
    return STATUS_OK;
}

/* Sorts nodes by distance and edges by head and by tail. */
static void nodes_arrange(struct guided *g)
{
    qsort(g->nodes, g->node_count, sizeof *g->nodes, by_distance);
    for (uint32_t i = 0; i < g->node_count; i++) g->place[g->nodes[i].node] = i;
    for (uint32_t e = 0; e < g->edge_count; e++) {
        struct way_edge *edge = &g->in[e];
        *edge = (struct way_edge){g->place[edge->tail], g->place[edge->head], edge->edge};
        g->nodes[edge->tail].first_out++;
        g->nodes[edge->head].first_in++;
    }
    uint32_t in = 0, out = 0;
    for (uint32_t i = 0; i < g->node_count; i++) { /* ends for now; filling from there makes them beginnings */
        g->nodes[i].first_in = in += g->nodes[i].first_in;
        g->nodes[i].first_out = out += g->nodes[i].first_out;
    }
    for (uint32_t e = g->edge_count; e-- > 0;) g->out[--g->nodes[g->in[e].tail].first_out] = g->in[e];
    for (uint32_t i = g->node_count; i-- > 0;) { /* by tail is known: from that by head */
        const uint32_t end = i + 1 < g->node_count ? g->nodes[i + 1].first_out : g->edge_count;
        for (uint32_t e = end; e-- > g->nodes[i].first_out;) g->in[--g->nodes[g->out[e].head].first_in] = g->out[e];
    }
    for (uint32_t i = 0; i < g->sources.count; i++) {
        const struct end *source = &g->sources.items[i];
        if (is(g, source->node, ON_WAY) && g->distance[source->node] == source->initial)
            g->nodes[g->place[source->node]].start = true;
    }
}

static uint32_t in_end(const struct guided *g, uint32_t i)
{
    return i + 1 < g->node_count ? g->nodes[i + 1].first_in : g->edge_count;
}

static uint32_t out_end(const struct guided *g, uint32_t i)
{
    return i + 1 < g->node_count ? g->nodes[i + 1].first_out : g->edge_count;
}

static uint32_t higher(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* ---- the choice among them ------------------------------------------------------------------------------------------- */

/* The rank of the best predecessor of a way node that is no start. */
static uint32_t lowest_before(const struct guided *g, uint32_t at)
{
    uint32_t lowest = NOTHING;
    for (uint32_t e = g->nodes[at].first_in; e < in_end(g, at); e++)
        if (g->nodes[g->in[e].tail].to_here < lowest) lowest = g->nodes[g->in[e].tail].to_here;
    return lowest;
}

static uint32_t lowest_after(const struct guided *g, uint32_t at)
{
    uint32_t lowest = NOTHING;
    for (uint32_t e = g->nodes[at].first_out; e < out_end(g, at); e++)
        if (g->nodes[g->out[e].head].onward < lowest) lowest = g->nodes[g->out[e].head].onward;
    return lowest;
}

static uint32_t place_of(const struct guided *g, uint32_t rank)
{
    return g->place[g->hierarchy->node[rank]];
}

static bool push(struct guided *g, uint32_t from, uint32_t to)
{
    struct stretch *stack = grown(g->stack, g->stack_count, &g->stack_capacity, sizeof *stack);
    if (stack == NULL) return false;
    g->stack = stack;
    stack[g->stack_count++] = (struct stretch){from, to};
    return true;
}

static bool path_add(struct guided *g, uint32_t edge, uint32_t head)
{
    uint32_t capacity = g->path_capacity;
    uint32_t *edges = grown(g->path_edges, g->path_count, &capacity, sizeof *edges);
    if (edges == NULL) return false;
    g->path_edges = edges;
    if (g->path_nodes == NULL || capacity != g->path_capacity) { /* one node more than edges */
        uint32_t *nodes = realloc(g->path_nodes, ((size_t)capacity + 1) * sizeof *nodes);
        if (nodes == NULL) return false;
        g->path_nodes = nodes;
    }
    g->path_capacity = capacity;
    g->path_edges[g->path_count++] = edge;
    g->path_nodes[g->path_count] = head;
    return true;
}

/* The edge of least id from one way node to another, NOTHING if there is none. */
static uint32_t edge_between(const struct guided *g, uint32_t from, uint32_t to)
{
    uint32_t least = NOTHING;
    for (uint32_t e = g->nodes[to].first_in; e < in_end(g, to); e++)
        if (g->in[e].tail == from && g->in[e].edge < least) least = g->in[e].edge;
    return least;
}

/* The lowest that the highest node between two can be, given that no edge joins them. */
static uint32_t middle_between(struct guided *g, uint32_t from, uint32_t to)
{
    uint32_t stamp = ++g->stamp;
    g->nodes[from].stamp = stamp;
    g->nodes[from].between = 0;
    for (uint32_t i = from + 1; i <= to; i++) {
        struct way_node *node = &g->nodes[i];
        uint32_t lowest = NOTHING;
        for (uint32_t e = node->first_in; e < in_end(g, i); e++, g->steps++) {
            const struct way_node *tail = &g->nodes[g->in[e].tail];
            if (tail->stamp == stamp && tail->between < lowest) lowest = tail->between;
        }
        if (i == to) return lowest;
        if (lowest == NOTHING) continue; /* not on a way from there */
        node->stamp = stamp;
        node->between = higher(lowest, node->rank);
    }
    return NOTHING;
}

/* Adds the edges of what is on the stack, uppermost first. */
static enum status stretches_take(struct guided *g)
{
    while (g->stack_count > 0) {
        const struct stretch s = g->stack[--g->stack_count];
        const uint32_t edge = edge_between(g, s.from, s.to);
        if (edge != NOTHING) {
            if (!path_add(g, edge, g->nodes[s.to].node)) return STATUS_NO_MEMORY;
            continue;
        }
        const uint32_t rank = middle_between(g, s.from, s.to);
        if (rank == NOTHING) return STATUS_INTERNAL;
        if (g->steps > STEPS_MAX) return STATUS_WOULD_BLOCK;
        if (!push(g, place_of(g, rank), s.to) || !push(g, s.from, place_of(g, rank))) return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

static enum status way_choose(struct guided *g, uint32_t *first, uint32_t *last)
{
    uint32_t meeting = NOTHING;
    for (uint32_t i = 0; i < g->node_count; i++) {
        struct way_node *node = &g->nodes[i];
        node->to_here = node->start ? node->rank : higher(node->rank, lowest_before(g, i));
        if (node->stop && node->to_here < meeting) meeting = node->to_here;
    }
    for (uint32_t i = g->node_count; i-- > 0;)
        g->nodes[i].onward = g->nodes[i].stop ? g->nodes[i].rank : higher(g->nodes[i].rank, lowest_after(g, i));
    if (meeting == NOTHING) return STATUS_INTERNAL;
    g->stack_count = 0;
    *first = *last = place_of(g, meeting);
    while (!g->nodes[*first].start) { /* the stretch next to the source comes to lie uppermost */
        const uint32_t before = place_of(g, lowest_before(g, *first));
        if (!push(g, before, *first)) return STATUS_NO_MEMORY;
        *first = before;
    }
    enum status status = stretches_take(g);
    while (status == STATUS_OK && !g->nodes[*last].stop) {
        const uint32_t after = place_of(g, lowest_after(g, *last));
        if (!push(g, *last, after)) return STATUS_NO_MEMORY;
        *last = after;
        status = stretches_take(g);
    }
    return status;
}

/* The first of the ends at a node with this initial weight. */
static uint32_t end_at(const struct ends *ends, uint32_t node, weight initial)
{
    for (uint32_t i = 0; i < ends->count; i++)
        if (ends->items[i].node == node && ends->items[i].initial == initial) return i;
    return NOTHING;
}

enum status guided_path(struct guided *g, struct query_path *out, struct error *err)
{
    uint32_t first = 0, last = 0;
    assert(g->best < WEIGHT_INFINITY);
    g->node_count = g->edge_count = g->path_count = 0;
    g->stamp = g->steps = 0;
    enum status status = nodes_collect(g);
    if (status == STATUS_OK) {
        nodes_arrange(g);
        status = way_choose(g, &first, &last);
    }
    if (status == STATUS_OK && g->path_nodes == NULL) { /* a way of no edges */
        g->path_nodes = malloc(((size_t)g->path_capacity + 1) * sizeof *g->path_nodes);
        if (g->path_nodes == NULL) status = STATUS_NO_MEMORY;
    }
    if (status != STATUS_OK)
        return error_set(err, status, status == STATUS_NO_MEMORY   ? MESSAGE_NO_MEMORY
                                      : status == STATUS_WOULD_BLOCK ? MESSAGE_WOULD_BLOCK
                                                                     : MESSAGE_INTERNAL);
    g->path_nodes[0] = g->nodes[first].node;
    *out = (struct query_path){
        .nodes = g->path_nodes,
        .edges = g->path_edges,
        .edge_count = g->path_count,
        .source = end_at(&g->sources, g->nodes[first].node, g->nodes[first].distance),
        .target = end_at(&g->targets, g->nodes[last].node, g->best - g->nodes[last].distance),
    };
    return STATUS_OK;
}
