#include "routing/hierarchy/contraction.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Neighbours of every node in rank numbers, towards one side (higher or lower) only, without duplicates or loops. */
struct neighbours {
    uint32_t *first; /* [node_count + 1] */
    uint32_t *list;
};

static void neighbours_clear(struct neighbours *neighbours)
{
    free(neighbours->first);
    free(neighbours->list);
    *neighbours = (struct neighbours){0};
}

/* The lower neighbours of every rank: for each edge, kept at its higher end, the lower end; each pair once. */
static bool lower_neighbours(struct neighbours *out, const struct digraph *graph, const uint32_t *rank)
{
    const uint32_t n = graph->node_count;
    out->first = calloc((size_t)n + 2, sizeof *out->first);
    out->list = malloc(((size_t)graph->arc_count + 1) * sizeof *out->list);
    uint32_t *seen = malloc(((size_t)n + 1) * sizeof *seen);
    if (out->first == NULL || out->list == NULL || seen == NULL) {
        free(seen);
        return false;
    }
    uint32_t *cursor = out->first + 1;
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t e = graph->first_out[v]; e < graph->first_out[v + 1]; e++) {
                const uint32_t a = rank[v], b = rank[graph->head[e]], high = a > b ? a : b;
                if (a == b) continue;
                if (fill)
                    out->list[cursor[high]++] = a ^ b ^ high;
                else
                    cursor[high + 1]++;
            }
        if (!fill)
            for (uint32_t v = 1; v <= n; v++) cursor[v] += cursor[v - 1];
    }
    /* most roads are two-way: drop the second of each pair */
    for (uint32_t v = 0; v < n; v++) seen[v] = NOTHING;
    uint32_t kept = 0, next = 0;
    for (uint32_t v = 0; v < n; v++) {
        uint32_t i = next;
        next = out->first[v + 1];
        out->first[v] = kept;
        for (; i < next; i++) {
            if (seen[out->list[i]] == v) continue;
            seen[out->list[i]] = v;
            out->list[kept++] = out->list[i];
        }
    }
    out->first[n] = kept;
    free(seen);
    return true;
}

/* The same pairs kept at their lower ends, under new names. */
static bool upper_neighbours(struct neighbours *out, uint32_t n, const struct neighbours *lower,
                             const uint32_t *renamed)
{
    out->first = calloc((size_t)n + 2, sizeof *out->first);
    out->list = malloc(((size_t)lower->first[n] + 1) * sizeof *out->list);
    if (out->first == NULL || out->list == NULL) return false;
    uint32_t *cursor = out->first + 1;
    for (uint32_t i = 0; i < lower->first[n]; i++) cursor[renamed[lower->list[i]] + 1]++;
    for (uint32_t v = 1; v <= n; v++) cursor[v] += cursor[v - 1];
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t i = lower->first[v]; i < lower->first[v + 1]; i++)
            out->list[cursor[renamed[lower->list[i]]]++] = renamed[v];
    return true;
}

/* The elimination tree of a chordal completion, without the completion: Liu's algorithm with path compression.
 * parent[v] = NOTHING at roots. */
static bool elimination_tree(uint32_t n, const struct neighbours *lower, uint32_t *parent)
{
    uint32_t *ancestor = malloc(((size_t)n + 1) * sizeof *ancestor);
    if (ancestor == NULL) return false;
    for (uint32_t v = 0; v < n; v++) {
        parent[v] = ancestor[v] = NOTHING;
        for (uint32_t i = lower->first[v]; i < lower->first[v + 1]; i++)
            for (uint32_t u = lower->list[i], next; u != v; u = next) {
                next = ancestor[u];
                ancestor[u] = v;
                if (next == NOTHING) {
                    parent[u] = v;
                    break;
                }
            }
    }
    free(ancestor);
    return true;
}

/* New ranks in postorder; the child with the largest subtree comes last, right before its parent, because it is the
 * one that may share a block with it. Parents have higher ranks than children before and after. */
static bool postorder(uint32_t n, const uint32_t *parent, uint32_t *renamed)
{
    uint32_t *size = malloc(((size_t)n + 1) * sizeof *size);
    uint32_t *heavy = malloc(((size_t)n + 1) * sizeof *heavy);
    uint32_t *cursor = malloc(((size_t)n + 1) * sizeof *cursor);
    if (size == NULL || heavy == NULL || cursor == NULL) {
        free(size);
        free(heavy);
        free(cursor);
        return false;
    }
    for (uint32_t v = 0; v < n; v++) {
        size[v] = 1;
        heavy[v] = NOTHING;
    }
    for (uint32_t v = 0; v < n; v++) {
        uint32_t p = parent[v];
        if (p == NOTHING) continue;
        size[p] += size[v];
        if (heavy[p] == NOTHING || size[v] > size[heavy[p]]) heavy[p] = v;
    }
    uint32_t top = 0; /* where the next root's subtree starts */
    for (uint32_t v = n; v-- > 0;) {
        uint32_t p = parent[v], start;
        if (p == NOTHING) {
            start = top;
            top += size[v];
        } else if (heavy[p] == v) {
            start = renamed[p] - size[v];
        } else {
            start = cursor[p];
            cursor[p] += size[v];
        }
        cursor[v] = start;
        renamed[v] = start + size[v] - 1;
    }
    free(size);
    free(heavy);
    free(cursor);
    return true;
}

/* Blocks and outer heads as they are found; grown as needed. */
struct blocks {
    uint32_t *block_first, *outer_first, *outer, *block_of;
    uint32_t count;
    size_t outer_count, outer_capacity;
    uint64_t arc_count;
};

static void blocks_clear(struct blocks *blocks)
{
    free(blocks->block_first);
    free(blocks->outer_first);
    free(blocks->outer);
    free(blocks->block_of);
}

static bool blocks_finish(struct blocks *blocks, uint32_t first, uint32_t end, const uint32_t *heads, size_t count)
{
    if (blocks->outer_count + count > DIGRAPH_EDGES_MAX) return false;
    if (blocks->outer_count + count > blocks->outer_capacity) {
        size_t capacity = (blocks->outer_count + count) * 2;
        uint32_t *outer = realloc(blocks->outer, capacity * sizeof *outer);
        if (outer == NULL) return false;
        blocks->outer = outer;
        blocks->outer_capacity = capacity;
    }
    const uint64_t size = end - first;
    blocks->arc_count += size * (size - 1) / 2 + size * count;
    if (count) memcpy(blocks->outer + blocks->outer_count, heads, count * sizeof *heads);
    blocks->block_first[blocks->count] = first;
    blocks->outer_first[blocks->count] = (uint32_t)blocks->outer_count;
    for (uint32_t v = first; v < end; v++) blocks->block_of[v] = blocks->count;
    blocks->count++;
    blocks->outer_count += count;
    return true;
}

static int compare_ranks(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort_ranks(uint32_t *list, size_t count)
{
    if (count > 24) {
        qsort(list, count, sizeof *list, compare_ranks);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint32_t value = list[i];
        size_t j = i;
        for (; j > 0 && list[j - 1] > value; j--) list[j] = list[j - 1];
        list[j] = value;
    }
}

/* Contracts all nodes in order. The heads of v are its own higher neighbours and those of its children in the tree;
 * a node that adds nothing to what its last child sees joins that child's block. */
static bool contract(uint32_t n, const struct neighbours *upper, const uint32_t *parent, struct blocks *out)
{
    bool ok = false;
    uint32_t *sibling = malloc(((size_t)n + 1) * sizeof *sibling), *child = malloc(((size_t)n + 1) * sizeof *child);
    uint32_t *mark = malloc(((size_t)n + 1) * sizeof *mark);
    uint32_t *heads = malloc(((size_t)n + 1) * sizeof *heads), *extra = malloc(((size_t)n + 1) * sizeof *extra);
    out->block_first = malloc(((size_t)n + 1) * sizeof *out->block_first);
    out->outer_first = malloc(((size_t)n + 1) * sizeof *out->outer_first);
    out->block_of = malloc(((size_t)n + 1) * sizeof *out->block_of);
    if (!sibling || !child || !mark || !heads || !extra || !out->block_first || !out->outer_first || !out->block_of)
        goto done;
    for (uint32_t v = 0; v < n; v++) child[v] = mark[v] = NOTHING;
    for (uint32_t v = n; v-- > 0;) { /* so that children hang in ascending order */
        if (parent[v] == NOTHING) continue;
        sibling[v] = child[parent[v]];
        child[parent[v]] = v;
    }
    uint32_t first = 0;  /* of the open block */
    uint32_t *seen = heads; /* heads of v - 1, ascending */
    size_t count = 0;
    for (uint32_t v = 0; v < n; v++) {
        const bool follows = v > 0 && parent[v - 1] == v;
        uint32_t *base = seen; /* what v sees through v - 1 */
        size_t base_count = count, extra_count = 0;
        if (follows) {
            base++;
            base_count--;
            for (size_t i = 0; i < base_count; i++) mark[base[i]] = v;
        } else {
            if (v > 0 && !blocks_finish(out, first, v, seen, count)) goto done;
            first = v;
            base_count = 0;
        }
        mark[v] = v;
        for (uint32_t i = upper->first[v]; i < upper->first[v + 1]; i++)
            if (mark[upper->list[i]] != v) mark[extra[extra_count++] = upper->list[i]] = v;
        for (uint32_t c = child[v]; c != NOTHING; c = sibling[c]) {
            if (follows && c == v - 1) continue;
            const uint32_t b = out->block_of[c]; /* c ends its block: its parent is not the next rank */
            const size_t end = b + 1 < out->count ? out->outer_first[b + 1] : out->outer_count;
            for (size_t i = out->outer_first[b]; i < end; i++)
                if (mark[out->outer[i]] != v) mark[extra[extra_count++] = out->outer[i]] = v;
        }
        if (follows && extra_count * (v - first) > CONTRACTION_SLACK) {
            if (!blocks_finish(out, first, v, seen, count)) goto done;
            first = v;
        }
        if (extra_count == 0) {
            seen = base;
            count = base_count;
            continue;
        }
        /* merge from behind, into the front of the buffer: base lies there already, perhaps one place on */
        sort_ranks(extra, extra_count);
        memmove(heads, base, base_count * sizeof *heads);
        count = base_count + extra_count;
        for (size_t i = base_count, j = extra_count, k = count; j > 0;)
            heads[--k] = i > 0 && heads[i - 1] > extra[j - 1] ? heads[--i] : extra[--j];
        seen = heads;
    }
    if (n > 0 && !blocks_finish(out, first, n, seen, count)) goto done;
    ok = true;
done:
    free(sibling);
    free(child);
    free(mark);
    free(heads);
    free(extra);
    return ok;
}

static void fill_topology(struct hierarchy *h, const struct blocks *blocks)
{
    const uint32_t n = h->node_count;
    uint32_t *first_arc = (uint32_t *)h->first_arc, *lower_first = (uint32_t *)h->lower_first;
    struct hierarchy_lower *lower = (struct hierarchy_lower *)h->lower;
    memcpy((uint32_t *)h->block_of, blocks->block_of, n * sizeof(uint32_t));
    memcpy((uint32_t *)h->block_first, blocks->block_first, blocks->count * sizeof(uint32_t));
    ((uint32_t *)h->block_first)[blocks->count] = n;
    memcpy((uint32_t *)h->outer_first, blocks->outer_first, blocks->count * sizeof(uint32_t));
    ((uint32_t *)h->outer_first)[blocks->count] = h->outer_count;
    if (h->outer_count) memcpy((uint32_t *)h->outer, blocks->outer, h->outer_count * sizeof(uint32_t));
    uint32_t arc = 0;
    for (uint32_t b = 0; b < h->block_count; b++) {
        const uint32_t outer_count = h->outer_first[b + 1] - h->outer_first[b];
        for (uint32_t v = h->block_first[b]; v < h->block_first[b + 1]; v++) {
            first_arc[v] = arc;
            uint32_t degree = h->block_first[b + 1] - 1 - v + outer_count;
            if (degree > h->width) h->width = degree;
            arc += degree;
        }
    }
    first_arc[n] = arc;
    /* where each node is an outer head: counting sort, blocks ascending */
    for (uint32_t i = 0; i < h->outer_count; i++) lower_first[h->outer[i] + 1]++;
    for (uint32_t v = 0; v < n; v++) lower_first[v + 1] += lower_first[v];
    for (uint32_t b = h->block_count; b-- > 0;) /* backwards, so that the offsets come out shifted in place */
        for (uint32_t i = h->outer_first[b + 1]; i-- > h->outer_first[b];)
            lower[--lower_first[h->outer[i] + 1]] = (struct hierarchy_lower){b, i - h->outer_first[b]};
    for (uint32_t v = 0; v < n; v++) lower_first[v] = lower_first[v + 1];
    lower_first[n] = h->outer_count;
}

static bool fill_depth(struct hierarchy *h)
{
    uint32_t *depth = malloc(((size_t)h->block_count + 1) * sizeof *depth);
    if (depth == NULL) return false;
    for (uint32_t b = h->block_count; b-- > 0;) {
        depth[b] = h->block_first[b + 1] - h->block_first[b];
        if (h->outer_first[b] < h->outer_first[b + 1]) {
            const uint32_t head = h->outer[h->outer_first[b]], parent = h->block_of[head];
            depth[b] += depth[parent] - (head - h->block_first[parent]);
        }
        if (depth[b] > h->depth) h->depth = depth[b];
    }
    free(depth);
    return true;
}

static void fill_edges(struct hierarchy *h, const struct digraph *graph)
{
    const uint32_t n = h->node_count;
    uint32_t *edge_slot = (uint32_t *)h->edge_slot, *edge_head = (uint32_t *)h->edge_head;
    uint32_t *slot_first = (uint32_t *)h->slot_first, *slot_edge = (uint32_t *)h->slot_edge;
    /* by lower end first (counting sort), the higher end and the direction left in edge_slot meanwhile … */
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t e = graph->first_out[v]; e < graph->first_out[v + 1]; e++) {
            const uint32_t a = h->rank[v], b = h->rank[graph->head[e]];
            edge_head[e] = graph->head[e];
            edge_slot[e] = a == b ? NOTHING : a < b ? b * 2 : a * 2 + 1;
            if (a != b) slot_first[(a < b ? a : b) + 1]++;
        }
    for (uint32_t v = 0; v < n; v++) slot_first[v + 1] += slot_first[v];
    for (uint32_t v = n; v-- > 0;)
        for (uint32_t e = graph->first_out[v + 1]; e-- > graph->first_out[v];) {
            if (edge_slot[e] == NOTHING) continue;
            const uint32_t low = edge_slot[e] & 1 ? h->rank[graph->head[e]] : h->rank[v];
            slot_edge[--slot_first[low + 1]] = e;
        }
    for (uint32_t v = 0; v < n; v++) slot_first[v] = slot_first[v + 1];
    slot_first[n] = h->slot_count;
    /* … so that arcs are looked up row by row; edges ascend already, a stable sort by slot does the rest */
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t i = slot_first[v]; i < slot_first[v + 1]; i++) {
            const uint32_t edge = slot_edge[i];
            edge_slot[edge] = hierarchy_arc_find(h, v, edge_slot[edge] / 2) * 2 + (edge_slot[edge] & 1);
            uint32_t j = i;
            for (; j > slot_first[v] && edge_slot[slot_edge[j - 1]] > edge_slot[edge]; j--)
                slot_edge[j] = slot_edge[j - 1];
            slot_edge[j] = edge;
        }
}

enum status hierarchy_new(const struct digraph *graph, const uint32_t *order, struct hierarchy **out,
                          struct error *err)
{
    struct neighbours lower = {0}, upper = {0};
    struct blocks blocks = {0};
    struct hierarchy *h = NULL;
    enum status status = digraph_check(graph, err);
    if (status != STATUS_OK) return status;
    const uint32_t n = graph->node_count;
    uint32_t *rank = malloc(((size_t)n + 1) * sizeof *rank), *parent = malloc(((size_t)n + 1) * sizeof *parent);
    uint32_t *renamed = malloc(((size_t)n + 1) * sizeof *renamed);
    uint32_t *parent_renamed = malloc(((size_t)n + 1) * sizeof *parent_renamed);
    if (rank == NULL || parent == NULL || renamed == NULL || parent_renamed == NULL) goto no_memory;
    for (uint32_t v = 0; v < n; v++) rank[v] = NOTHING;
    for (uint32_t r = 0; r < n; r++) {
        if (order[r] >= n || rank[order[r]] != NOTHING) {
            status = error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "order");
            goto done;
        }
        rank[order[r]] = r;
    }
    if (!lower_neighbours(&lower, graph, rank) || !elimination_tree(n, &lower, parent) ||
        !postorder(n, parent, renamed) || !upper_neighbours(&upper, n, &lower, renamed))
        goto no_memory;
    neighbours_clear(&lower);
    for (uint32_t v = 0; v < n; v++) rank[v] = renamed[rank[v]];
    for (uint32_t v = 0; v < n; v++)
        parent_renamed[renamed[v]] = parent[v] == NOTHING ? NOTHING : renamed[parent[v]];
    if (!contract(n, &upper, parent_renamed, &blocks)) goto no_memory;
    neighbours_clear(&upper);
    if (blocks.arc_count > DIGRAPH_EDGES_MAX || blocks.outer_count > DIGRAPH_EDGES_MAX) {
        status = error_set(err, STATUS_INVALID, MESSAGE_GRAPH_INVALID, "too many shortcuts");
        goto done;
    }
    struct hierarchy counts = {
        .node_count = n,
        .block_count = blocks.count,
        .edge_count = graph->arc_count,
        .arc_count = (uint32_t)blocks.arc_count,
        .outer_count = (uint32_t)blocks.outer_count,
    };
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t e = graph->first_out[v]; e < graph->first_out[v + 1]; e++)
            counts.slot_count += graph->head[e] != v;
    status = hierarchy_allocate(&counts, &h, err);
    if (status != STATUS_OK) goto done;
    memcpy((uint32_t *)h->rank, rank, n * sizeof *rank);
    for (uint32_t v = 0; v < n; v++) ((uint32_t *)h->node)[rank[v]] = v;
    fill_topology(h, &blocks);
    if (!fill_depth(h)) goto no_memory;
    fill_edges(h, graph);
    hierarchy_seal(h);
    status = hierarchy_derive(h, err);
    if (status != STATUS_OK) goto done;
    *out = h;
    h = NULL;
    goto done;
no_memory:
    status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
done:
    hierarchy_free(h);
    neighbours_clear(&lower);
    neighbours_clear(&upper);
    blocks_clear(&blocks);
    free(rank);
    free(parent);
    free(renamed);
    free(parent_renamed);
    return status;
}
