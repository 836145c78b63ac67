#pragma GCC optimize("O3")
#include "routing/hierarchy/query.h"

#include "routing/hierarchy/climb.h"
#include "routing/hierarchy/pages.h"
#include "routing/hierarchy/unpack.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

/* Each side climbs the elimination tree from all its ends at once: the lowest rank that waits is taken from a heap
 * (nearly always of size one), its block is relaxed from there to its end, and the block's parent waits next. Every
 * head of an upward arc is an ancestor, so the nodes that a side touches are exactly those of the blocks it climbed. */

enum { LOOK_AHEAD = 16 };

struct end {
    uint32_t rank;
    weight initial;
};

struct side {
    weight *distance; /* [node_count] by rank */
    struct end *ends;
    uint32_t end_count, end_capacity;
    uint32_t *waiting; /* heap of ranks, lowest first */
    uint32_t waiting_count;
    struct climbed *climbed;
    uint32_t climbed_count;
};

struct query {
    const struct hierarchy *hierarchy;
    const struct metric *metric;
    struct side side[2]; /* from the sources, from the targets */
    weight *row;         /* distances of the outer heads of one block */
    weight best;
    uint32_t meeting;
    uint32_t permille; /* how much longer than the best way is still of interest */
    struct unpack_list stack, edges, nodes, climb; /* climb: slots and their lower ends, towards the source */
};

static bool side_init(struct side *side, const struct hierarchy *h)
{
    side->distance = pages_take((size_t)h->node_count + 1, sizeof *side->distance);
    side->climbed = malloc(((size_t)h->block_count + 1) * sizeof *side->climbed);
    if (side->distance == NULL || side->climbed == NULL) return false;
    for (uint32_t v = 0; v < h->node_count; v++) side->distance[v] = WEIGHT_INFINITY;
    return true;
}

enum status query_new(const struct hierarchy *h, struct query **out, struct error *err)
{
    struct query *query = calloc(1, sizeof *query);
    if (query == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    query->hierarchy = h;
    query->row = malloc(((size_t)h->width + 1) * sizeof *query->row);
    if (query->row == NULL || !side_init(&query->side[0], h) || !side_init(&query->side[1], h)) {
        query_free(query);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    query->best = WEIGHT_INFINITY;
    *out = query;
    return STATUS_OK;
}

void query_free(struct query *query)
{
    if (query == NULL) return;
    for (int s = 0; s < 2; s++) {
        free(query->side[s].distance);
        free(query->side[s].climbed);
        free(query->side[s].ends);
        free(query->side[s].waiting);
    }
    free(query->row);
    free(query->stack.items);
    free(query->edges.items);
    free(query->nodes.items);
    free(query->climb.items);
    free(query);
}

void query_reset(struct query *query, const struct metric *metric)
{
    const struct hierarchy *h = query->hierarchy;
    assert(metric->hierarchy == h);
    query->metric = metric;
    query->best = WEIGHT_INFINITY;
    query->meeting = NOTHING;
    for (int s = 0; s < 2; s++) {
        struct side *side = &query->side[s];
        for (uint32_t i = 0; i < side->end_count; i++) side->distance[side->ends[i].rank] = WEIGHT_INFINITY;
        for (uint32_t i = 0; i < side->climbed_count; i++)
            for (uint32_t v = side->climbed[i].from; v < h->block_first[side->climbed[i].block + 1]; v++)
                side->distance[v] = WEIGHT_INFINITY;
        side->end_count = side->waiting_count = side->climbed_count = 0;
    }
}

static enum status add_end(struct query *query, struct side *side, uint32_t node, weight initial)
{
    const struct hierarchy *h = query->hierarchy;
    assert(node < h->node_count && initial <= WEIGHT_INFINITY);
    if (side->end_count == QUERY_ENDS_MAX) return STATUS_TOO_LARGE;
    if (side->end_count == side->end_capacity) {
        uint32_t capacity = side->end_capacity ? side->end_capacity * 2 : 16;
        struct end *ends = realloc(side->ends, capacity * sizeof *ends);
        if (ends) side->ends = ends;
        uint32_t *waiting = realloc(side->waiting, capacity * sizeof *waiting);
        if (waiting) side->waiting = waiting;
        if (ends == NULL || waiting == NULL) return STATUS_NO_MEMORY;
        side->end_capacity = capacity;
    }
    const uint32_t rank = h->rank[node];
    side->ends[side->end_count++] = (struct end){rank, initial};
    if (initial < side->distance[rank]) side->distance[rank] = initial;
    uint32_t i = side->waiting_count++;
    for (; i > 0 && side->waiting[(i - 1) / 2] > rank; i = (i - 1) / 2) side->waiting[i] = side->waiting[(i - 1) / 2];
    side->waiting[i] = rank;
    return STATUS_OK;
}

enum status query_source(struct query *query, uint32_t node, weight initial)
{
    return add_end(query, &query->side[0], node, initial);
}

enum status query_target(struct query *query, uint32_t node, weight initial)
{
    return add_end(query, &query->side[1], node, initial);
}

/* Replaces the lowest waiting rank by `rank`, or removes it when that is NOTHING. */
static void waiting_replace(struct side *side, uint32_t rank)
{
    uint32_t *heap = side->waiting;
    if (rank == NOTHING) {
        rank = heap[--side->waiting_count];
        if (side->waiting_count == 0) return;
    }
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < side->waiting_count; i = child) {
        if (child + 1 < side->waiting_count && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= rank) break;
        heap[i] = heap[child];
    }
    heap[i] = rank;
}

/* Notes that `block` is climbed from the lowest waiting rank and lets its parent wait instead. */
static uint32_t climb(const struct hierarchy *h, struct side *side, uint32_t block)
{
    const uint32_t from = side->waiting[0], end = h->block_first[block + 1];
    const uint32_t outer = h->outer_first[block];
    side->climbed[side->climbed_count++] = (struct climbed){block, from, side->distance + from};
    waiting_replace(side, outer < h->outer_first[block + 1] ? h->outer[outer] : NOTHING);
    while (side->waiting_count && side->waiting[0] < end) waiting_replace(side, NOTHING);
    return from;
}

/* From which distance on a node is of no use. A way of exactly the best weight is not, unless longer ones are. */
static weight useless_from(const struct query *query)
{
    if (query->permille == 0 || query->best == WEIGHT_INFINITY) return query->best;
    const uint64_t limit = (uint64_t)query->best * (1000 + query->permille) / 1000 + 1;
    return limit < WEIGHT_INFINITY ? (weight)limit : WEIGHT_INFINITY;
}

/* Asks for the memory of the lowest blocks above each end before the climb needs it. The upper ones are in some cache
 * from the query before; the lower ones are not, and without this each of their five arrays would be waited for in
 * turn, because each says where to look in the next. */
static void look_ahead(const struct query *query)
{
    const struct hierarchy *h = query->hierarchy;
    const weight *weights[2] = {query->metric->up, query->metric->down};
    uint32_t block[2][LOOK_AHEAD], count[2] = {0};
    for (int s = 0; s < 2; s++) {
        if (query->side[s].waiting_count == 0) continue;
        for (uint32_t b = h->block_of[query->side[s].waiting[0]]; b != NOTHING && count[s] < LOOK_AHEAD;
             b = h->block_parent[b]) {
            block[s][count[s]++] = b;
            __builtin_prefetch(&h->block_first[b]);
            __builtin_prefetch(&h->outer_first[b]);
        }
    }
    for (int s = 0; s < 2; s++)
        for (uint32_t i = 0; i < count[s]; i++) {
            __builtin_prefetch(&h->first_arc[h->block_first[block[s][i]]]);
            __builtin_prefetch(&h->outer[h->outer_first[block[s][i]]]);
        }
    for (int s = 0; s < 2; s++)
        for (uint32_t i = 0; i < count[s]; i++) {
            const uint32_t first = h->block_first[block[s][i]];
            const weight *row = weights[s] + h->first_arc[first];
            __builtin_prefetch(row);
            __builtin_prefetch(row + 16);
            __builtin_prefetch(&query->side[s].distance[first]);
        }
}

VECTOR_CLONES static void climb_both(struct query *query)
{
    const struct hierarchy *h = query->hierarchy;
    struct side *side = query->side;
    const weight *weights[2] = {query->metric->up, query->metric->down};
    while (side[0].waiting_count && side[1].waiting_count) {
        const int lower = side[1].waiting[0] < side[0].waiting[0];
        const uint32_t block = h->block_of[side[lower].waiting[0]];
        const uint32_t end = h->block_first[block + 1];
        const bool both = side[!lower].waiting[0] < end;
        const weight bound = useless_from(query);
        const uint32_t from = climb(h, &side[lower], block);
        if (!both) { /* only this side's ends lie below: nothing can meet here */
            climb_block(h, side[lower].distance, weights[lower], query->row, block, from, bound);
            continue;
        }
        const uint32_t other_from = climb(h, &side[!lower], block);
        climb_block(h, side[lower].distance, weights[lower], query->row, block, from, bound);
        climb_block(h, side[!lower].distance, weights[!lower], query->row, block, other_from, bound);
        const uint32_t first = from > other_from ? from : other_from;
        const weight *a = side[0].distance, *b = side[1].distance;
        const weight least = vector_least_sum(query->best, a + first, b + first, end - first);
        if (least >= query->best) continue;
        query->best = least;
        query->meeting = first;
        while (a[query->meeting] + b[query->meeting] != least) query->meeting++;
    }
}

weight query_run(struct query *query)
{
    return query_run_within(query, 0);
}

weight query_run_within(struct query *query, uint32_t permille)
{
    query->permille = permille;
    look_ahead(query);
    climb_both(query);
    /* one side ran out in another tree; note what the other has touched further up, for the reset */
    for (int s = 0; s < 2; s++)
        while (query->side[s].waiting_count)
            climb(query->hierarchy, &query->side[s], query->hierarchy->block_of[query->side[s].waiting[0]]);
    return query->best;
}

static bool meeting_less(const struct hierarchy *h, const struct query_meeting *a, const struct query_meeting *b)
{
    return a->weight != b->weight ? a->weight < b->weight : h->rank[a->node] < h->rank[b->node];
}

uint32_t query_meetings(const struct query *query, weight limit, struct query_meeting *out, uint32_t max)
{
    const struct hierarchy *h = query->hierarchy;
    const struct side *side = &query->side[0];
    uint32_t count = 0; /* `out` is kept sorted: `max` is a handful */
    if (limit >= WEIGHT_INFINITY) limit = WEIGHT_INFINITY - 1;
    for (uint32_t i = 0; i < side->climbed_count; i++)
        for (uint32_t v = side->climbed[i].from; v < h->block_first[side->climbed[i].block + 1]; v++) {
            const struct query_meeting here = {h->node[v], side->distance[v] + query->side[1].distance[v]};
            if (here.weight > limit || (count == max && (max == 0 || !meeting_less(h, &here, &out[max - 1])))) continue;
            uint32_t at = count < max ? count++ : max - 1;
            for (; at > 0 && meeting_less(h, &here, &out[at - 1]); at--) out[at] = out[at - 1];
            out[at] = here;
        }
    return count;
}

/* The first of the ends at `rank` that begins with exactly its distance, NOTHING if the way comes from below. */
static uint32_t end_at(const struct side *side, uint32_t rank)
{
    for (uint32_t i = 0; i < side->end_count; i++)
        if (side->ends[i].rank == rank && side->ends[i].initial == side->distance[rank]) return i;
    return NOTHING;
}

static struct climb_step step_before(const struct side *side, const struct hierarchy *h, const weight *weights, uint32_t at)
{
    return climb_before(h, side->climbed, side->climbed_count, weights, at, side->distance[at]);
}

enum status query_path(struct query *query, struct query_path *out, struct error *err)
{
    assert(query->best < WEIGHT_INFINITY);
    return query_path_via(query, query->hierarchy->node[query->meeting], out, err);
}

enum status query_path_via(struct query *query, uint32_t node, struct query_path *out, struct error *err)
{
    const struct hierarchy *h = query->hierarchy;
    const uint32_t meeting = h->rank[node];
    const struct metric *metric = query->metric;
    uint32_t source, target;
    enum status status = STATUS_OK;
    if (query->side[0].distance[meeting] + query->side[1].distance[meeting] >= WEIGHT_INFINITY)
        return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
    query->edges.count = query->nodes.count = query->climb.count = 0;
    /* from the meeting node down to the source, kept; then unpacked in the other direction */
    for (uint32_t at = meeting; (source = end_at(&query->side[0], at)) == NOTHING;) {
        const struct climb_step below = step_before(&query->side[0], h, metric->up, at);
        if (below.rank == NOTHING) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        if (!unpack_list_push(&query->climb, below.arc * 2) || !unpack_list_push(&query->climb, below.rank)) goto no_memory;
        at = below.rank;
    }
    for (size_t i = query->climb.count; i > 0; i -= 2) {
        status = unpack_slot(metric, query->climb.items[i - 1], query->climb.items[i - 2], &query->stack,
                             &query->edges, err);
        if (status != STATUS_OK) return status;
    }
    for (uint32_t at = meeting; (target = end_at(&query->side[1], at)) == NOTHING;) {
        const struct climb_step below = step_before(&query->side[1], h, metric->down, at);
        if (below.rank == NOTHING) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        status = unpack_slot(metric, below.rank, below.arc * 2 + 1, &query->stack, &query->edges, err);
        if (status != STATUS_OK) return status;
        at = below.rank;
    }
    if (!unpack_list_push(&query->nodes, h->node[query->side[0].ends[source].rank])) goto no_memory;
    for (size_t i = 0; i < query->edges.count; i++)
        if (!unpack_list_push(&query->nodes, h->edge_head[query->edges.items[i]])) goto no_memory;
    *out = (struct query_path){
        .nodes = query->nodes.items,
        .edges = query->edges.items,
        .edge_count = (uint32_t)query->edges.count,
        .source = source,
        .target = target,
    };
    return STATUS_OK;
no_memory:
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}
