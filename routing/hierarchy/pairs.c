#pragma GCC optimize("O3")
#include "routing/hierarchy/pairs.h"

#include "routing/hierarchy/climb.h"
#include "routing/hierarchy/unpack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What is known of the way between a place and a node that it has climbed. */
struct half {
    struct pair_sums sums;
    uint32_t end; /* entry of the place; NOTHING: not yet looked at */
};

/* All that places have climbed, one place after the other. */
struct climbs {
    struct climbed *blocks; /* of a place ascending */
    uint32_t block_count, block_capacity;
    weight *distance;       /* [node_count], the nodes of one block after those of the block before */
    struct half *half;      /* likewise */
    size_t node_count, node_capacity;
};

/* The place at hand. */
struct climber {
    const struct climbed *blocks;
    uint32_t block_count;
    struct half *half; /* of the first node of the first block, then one after the other */
    const weight *weights;
    const uint32_t *node;
    const weight *initial;
    uint32_t first, end; /* entries */
    bool down;           /* towards the place */
};

/* The sums of arcs that were asked for, by slot. */
struct known_slot {
    uint32_t slot; /* + 1; 0: free */
    struct pair_sums sums;
};

struct pairs {
    const struct hierarchy *hierarchy;
    const struct metric *metric;
    struct many_places targets;
    pairs_count_edge *count_edge;
    void *context;
    weight *distance;  /* [node_count] by rank, WEIGHT_INFINITY but while a place climbs, or of the row's source */
    weight *row;       /* [width] */
    uint32_t *from;    /* [block_count] lowest rank that a place at hand climbs, NOTHING */
    struct climbs to, source;
    uint32_t *first_block; /* [targets + 1] into to.blocks */
    size_t *first_node;    /* [targets] into to.half */
    struct known_slot *known;
    uint32_t known_count, known_capacity; /* a power of two */
    struct unpack_list stack, edges, chain; /* chain: slots, their lower ends and halves, towards the place */
};

static void climbs_clear(struct climbs *c)
{
    free(c->blocks);
    free(c->distance);
    free(c->half);
}

void pairs_free(struct pairs *p)
{
    if (p == NULL) return;
    free(p->distance);
    free(p->row);
    free(p->from);
    climbs_clear(&p->to);
    climbs_clear(&p->source);
    free(p->first_block);
    free(p->first_node);
    free(p->known);
    free(p->stack.items);
    free(p->edges.items);
    free(p->chain.items);
    free(p);
}

enum status pairs_new(const struct hierarchy *h, struct pairs **out, struct error *err)
{
    struct pairs *p = calloc(1, sizeof *p);
    if (p == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    p->hierarchy = h;
    p->distance = malloc(((size_t)h->node_count + 1) * sizeof *p->distance);
    p->row = malloc(((size_t)h->width + 1) * sizeof *p->row);
    p->from = malloc(((size_t)h->block_count + 1) * sizeof *p->from);
    if (!p->distance || !p->row || !p->from) {
        pairs_free(p);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    for (uint32_t v = 0; v < h->node_count; v++) p->distance[v] = WEIGHT_INFINITY;
    for (uint32_t b = 0; b < h->block_count; b++) p->from[b] = NOTHING;
    *out = p;
    return STATUS_OK;
}

/* ---- climbing -------------------------------------------------------------------------------------------------------- */

static bool room(void *array, size_t wanted, size_t *capacity, size_t size)
{
    if (wanted <= *capacity) return true;
    const size_t more = wanted > 2 * *capacity ? wanted : 2 * *capacity;
    void *grown = realloc(*(void **)array, more * size);
    if (grown == NULL) return false;
    *(void **)array = grown;
    *capacity = more;
    return true;
}

static bool block_add(struct climbs *c, uint32_t block)
{
    size_t capacity = c->block_capacity;
    if (!room(&c->blocks, (size_t)c->block_count + 1, &capacity, sizeof *c->blocks)) return false;
    c->block_capacity = (uint32_t)capacity;
    c->blocks[c->block_count++] = (struct climbed){.block = block};
    return true;
}

static int by_block(const void *a, const void *b)
{
    const uint32_t x = ((const struct climbed *)a)->block, y = ((const struct climbed *)b)->block;
    return (x > y) - (x < y);
}

VECTOR_CLONES static void climb_blocks(const struct hierarchy *h, weight *distance, const weight *weights, weight *row,
                                       const struct climbed *blocks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) climb_block(h, distance, weights, row, blocks[i].block, blocks[i].from, WEIGHT_INFINITY);
}

/* Leaves the place's distances in p->distance, and its blocks and distances behind those that are in `c`. */
static enum status climb(struct pairs *p, struct climbs *c, const weight *weights, const uint32_t *node, const weight *initial,
                         uint32_t first, uint32_t end, struct error *err)
{
    const struct hierarchy *h = p->hierarchy;
    const uint32_t first_block = c->block_count;
    bool ok = true;
    for (uint32_t k = first; k < end && ok; k++) {
        const weight begin = initial ? initial[k] : 0;
        uint32_t rank = h->rank[node[k]];
        if (begin < p->distance[rank]) p->distance[rank] = begin;
        for (;;) {
            const uint32_t block = h->block_of[rank], known = p->from[block];
            if (known == NOTHING || rank < known) p->from[block] = rank;
            if (known == NOTHING && !block_add(c, block)) {
                p->from[block] = NOTHING;
                ok = false;
            }
            if (!ok || known != NOTHING || h->outer_first[block] == h->outer_first[block + 1]) break;
            rank = h->outer[h->outer_first[block]];
        }
    }
    struct climbed *blocks = c->blocks + first_block;
    const uint32_t count = c->block_count - first_block;
    size_t nodes = c->node_count, halves = c->node_capacity, distances = c->node_capacity;
    for (uint32_t i = 0; i < count; i++) {
        blocks[i].from = p->from[blocks[i].block];
        p->from[blocks[i].block] = NOTHING;
        nodes += h->block_first[blocks[i].block + 1] - blocks[i].from;
    }
    ok = ok && room(&c->half, nodes, &halves, sizeof *c->half) && room(&c->distance, nodes, &distances, sizeof *c->distance);
    if (!ok) {
        for (uint32_t k = first; k < end; k++) p->distance[h->rank[node[k]]] = WEIGHT_INFINITY;
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    c->node_capacity = distances;
    if (count) qsort(blocks, count, sizeof *blocks, by_block);
    climb_blocks(h, p->distance, weights, p->row, blocks, count);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t v = blocks[i].from; v < h->block_first[blocks[i].block + 1]; v++) {
            c->half[c->node_count].end = NOTHING;
            c->distance[c->node_count++] = p->distance[v];
        }
    return STATUS_OK;
}

/* The distances that `climb` left behind. */
static void forget(struct pairs *p, const struct climbed *blocks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t v = blocks[i].from; v < p->hierarchy->block_first[blocks[i].block + 1]; v++) p->distance[v] = WEIGHT_INFINITY;
}

/* Where the distances of blocks lie, once no more are added: arrays do not move any longer. */
static void place_distances(const struct hierarchy *h, struct climbs *c)
{
    const weight *at = c->distance;
    for (uint32_t i = 0; i < c->block_count; i++) {
        c->blocks[i].distance = at;
        at += h->block_first[c->blocks[i].block + 1] - c->blocks[i].from;
    }
}

enum status pairs_targets(struct pairs *p, const struct metric *metric, const struct many_places *targets, pairs_count_edge *count_edge,
                          void *context, struct error *err)
{
    enum status status = STATUS_OK;
    p->metric = metric;
    p->targets = *targets;
    p->count_edge = count_edge;
    p->context = context;
    p->to.block_count = p->known_count = 0;
    p->to.node_count = 0;
    if (p->known) memset(p->known, 0, p->known_capacity * sizeof *p->known);
    free(p->first_block);
    free(p->first_node);
    p->first_block = malloc(((size_t)targets->count + 1) * sizeof *p->first_block);
    p->first_node = malloc(((size_t)targets->count + 1) * sizeof *p->first_node);
    if (!p->first_block || !p->first_node) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    for (uint32_t j = 0; j < targets->count && status == STATUS_OK; j++) {
        p->first_block[j] = p->to.block_count;
        p->first_node[j] = p->to.node_count;
        status = climb(p, &p->to, metric->down, targets->node, targets->initial, targets->first ? targets->first[j] : j,
                       targets->first ? targets->first[j + 1] : j + 1, err);
        if (status == STATUS_OK) forget(p, p->to.blocks + p->first_block[j], p->to.block_count - p->first_block[j]);
    }
    if (status != STATUS_OK) return status;
    p->first_block[targets->count] = p->to.block_count;
    place_distances(p->hierarchy, &p->to);
    return STATUS_OK;
}

/* ---- sums ------------------------------------------------------------------------------------------------------------ */

static struct known_slot *slot_find(const struct pairs *p, uint32_t slot)
{
    const uint32_t mask = p->known_capacity - 1;
    uint32_t i = (slot * 2654435769u >> 7) & mask;
    while (p->known[i].slot != 0 && p->known[i].slot != slot + 1) i = (i + 1) & mask;
    return &p->known[i];
}

static bool slots_grow(struct pairs *p)
{
    struct known_slot *old = p->known;
    const uint32_t count = p->known_capacity, capacity = count ? 2 * count : 4096;
    struct known_slot *grown = calloc(capacity, sizeof *grown);
    if (grown == NULL) return false;
    p->known = grown;
    p->known_capacity = capacity;
    for (uint32_t i = 0; i < count; i++)
        if (old[i].slot != 0) *slot_find(p, old[i].slot - 1) = old[i];
    free(old);
    return true;
}

/* The sums along what a slot stands for. */
static enum status slot_sums(struct pairs *p, uint32_t low, uint32_t slot, struct pair_sums *out, struct error *err)
{
    if (2 * p->known_count >= p->known_capacity && !slots_grow(p)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    struct known_slot *known = slot_find(p, slot);
    if (known->slot == 0) {
        p->edges.count = 0;
        enum status status = unpack_slot(p->metric, low, slot, &p->stack, &p->edges, err);
        if (status != STATUS_OK) return status;
        *known = (struct known_slot){.slot = slot + 1};
        p->known_count++;
        for (size_t i = 0; i < p->edges.count; i++) p->count_edge(p->context, p->edges.items[i], &known->sums);
    }
    *out = known->sums;
    return STATUS_OK;
}

static struct half *half_at(const struct climber *c, uint32_t rank)
{
    uint32_t left = 0, right = c->block_count;
    while (left + 1 < right) {
        const uint32_t middle = left + (right - left) / 2;
        if (c->blocks[middle].from <= rank)
            left = middle;
        else
            right = middle;
    }
    return c->half + (c->blocks[left].distance - c->blocks[0].distance) + (rank - c->blocks[left].from);
}

/* The first entry at the node that begins with exactly its distance, as a query chooses it. */
static uint32_t end_at(const struct pairs *p, const struct climber *c, uint32_t rank, weight distance)
{
    for (uint32_t k = c->first; k < c->end; k++)
        if (p->hierarchy->rank[c->node[k]] == rank && (c->initial ? c->initial[k] : 0) == distance) return k;
    return NOTHING;
}

/* Between the place and a node at `distance` from it: the way is followed down to what is known, then counted back up. */
static enum status half_get(struct pairs *p, const struct climber *c, uint32_t rank, weight distance, struct half *out, struct error *err)
{
    p->chain.count = 0;
    uint32_t at = rank;
    struct half *half;
    while ((half = half_at(c, at))->end == NOTHING) {
        const uint32_t end = end_at(p, c, at, distance);
        if (end != NOTHING) {
            *half = (struct half){.end = end};
            break;
        }
        const struct climb_step below = climb_before(p->hierarchy, c->blocks, c->block_count, c->weights, at, distance);
        if (below.rank == NOTHING) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        if (!unpack_list_push(&p->chain, below.arc * 2 + c->down) || !unpack_list_push(&p->chain, below.rank) || !unpack_list_push(&p->chain, at))
            return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        at = below.rank;
        distance = below.distance;
    }
    struct half sum = *half;
    for (size_t i = p->chain.count; i > 0; i -= 3) {
        struct pair_sums more = {0, 0};
        enum status status = slot_sums(p, p->chain.items[i - 2], p->chain.items[i - 3], &more, err);
        if (status != STATUS_OK) return status;
        sum.sums.first += more.first;
        sum.sums.second += more.second;
        *half_at(c, p->chain.items[i - 1]) = sum;
    }
    *out = sum;
    return STATUS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* The least weight over the nodes that both have climbed, and the lowest of those that give it. */
VECTOR_CLONES static weight meet(const struct hierarchy *h, const weight *distance, const struct climbed *blocks, uint32_t count,
                                 uint32_t *meeting, weight *to_target)
{
    weight best = WEIGHT_INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t from = blocks[i].from, length = h->block_first[blocks[i].block + 1] - from;
        const weight *a = distance + from, *b = blocks[i].distance;
        const weight least = vector_least_sum(best, a, b, length);
        if (least >= best) continue;
        best = least;
        uint32_t k = 0;
        while (a[k] + b[k] != least) k++;
        *meeting = from + k;
        *to_target = b[k];
    }
    return best;
}

enum status pairs_row(struct pairs *p, const uint32_t *node, const weight *initial, uint32_t entry_count, const uint32_t *asked,
                      uint32_t asked_count, struct pair *row, struct error *err)
{
    const struct hierarchy *h = p->hierarchy;
    const struct many_places *targets = &p->targets;
    p->source.block_count = 0;
    p->source.node_count = 0;
    enum status status = climb(p, &p->source, p->metric->up, node, initial, 0, entry_count, err);
    if (status != STATUS_OK) return status;
    place_distances(h, &p->source);
    const struct climber source = {p->source.blocks, p->source.block_count, p->source.half, p->metric->up, node, initial, 0, entry_count, false};
    for (uint32_t i = 0; i < asked_count && status == STATUS_OK; i++) {
        const uint32_t j = asked[i], first = p->first_block[j];
        const struct climber target = {p->to.blocks + first, p->first_block[j + 1] - first, p->to.half + p->first_node[j], p->metric->down,
                                       targets->node, targets->initial, targets->first ? targets->first[j] : j,
                                       targets->first ? targets->first[j + 1] : j + 1, true};
        uint32_t meeting = NOTHING;
        weight behind = 0;
        row[i] = (struct pair){.weight = meet(h, p->distance, target.blocks, target.block_count, &meeting, &behind)};
        if (meeting == NOTHING) continue;
        struct half before, after;
        status = half_get(p, &source, meeting, p->distance[meeting], &before, err);
        if (status == STATUS_OK) status = half_get(p, &target, meeting, behind, &after, err);
        if (status != STATUS_OK) break;
        row[i].source = before.end;
        row[i].target = after.end;
        row[i].sums = (struct pair_sums){before.sums.first + after.sums.first, before.sums.second + after.sums.second};
    }
    forget(p, p->source.blocks, p->source.block_count);
    return status;
}
