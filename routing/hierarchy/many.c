#pragma GCC optimize("O3")
#include "routing/hierarchy/many.h"

#include "routing/hierarchy/vector.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The nodes that can lie on the way down to a target are the ancestors of the targets; they are numbered compactly, in
 * ascending rank. Sources go in batches of LANES. Each climbs alone and leaves its distances at the selected nodes it
 * has reached; then one sweep from the top down serves the whole batch: node v takes the minimum over its upward arcs
 * x -> v of the distance of x plus the weight of the arc, LANES sources at a time. */

enum { LANES = 16 };

struct selection {
    uint32_t *from;   /* [block_count] lowest selected rank of a block, NOTHING if none is */
    uint32_t *base;   /* [block_count] compact number of that rank */
    uint32_t *blocks; /* selected blocks, ascending */
    uint32_t block_count;
    uint32_t node_count;
};

struct climb {
    weight *distance; /* [node_count] by rank */
    bool *seen;       /* [block_count] */
    uint32_t *blocks;
    uint32_t block_count;
};

/* Everything of one call. */
struct sweep {
    const struct metric *metric;
    const struct many_places *sources, *targets;
    struct selection selection;
    struct climb climb;
    uint32_t *place; /* [width] */
    weight *table;   /* [selected nodes * LANES] */
};

static uint32_t place_first(const struct many_places *places, uint32_t i)
{
    return places->first ? places->first[i] : i;
}

static weight begin_with(const weight *initial, uint32_t entry)
{
    return initial ? initial[entry] : 0;
}

static void select_ancestors(const struct hierarchy *h, const struct many_places *targets, struct selection *out)
{
    memset(out->from, 0xff, h->block_count * sizeof *out->from);
    const uint32_t entries = place_first(targets, targets->count);
    for (uint32_t k = place_first(targets, 0); k < entries; k++)
        for (uint32_t rank = h->rank[targets->node[k]];;) {
            const uint32_t block = h->block_of[rank], known = out->from[block];
            if (known == NOTHING || rank < known) out->from[block] = rank;
            if (known != NOTHING || h->outer_first[block] == h->outer_first[block + 1]) break;
            rank = h->outer[h->outer_first[block]];
        }
    for (uint32_t block = 0; block < h->block_count; block++) {
        if (out->from[block] == NOTHING) continue;
        out->blocks[out->block_count++] = block;
        out->base[block] = out->node_count;
        out->node_count += h->block_first[block + 1] - out->from[block];
    }
}

static void relax_one(const struct sweep *sweep, uint32_t v, uint32_t arc, uint32_t head)
{
    weight *distance = sweep->climb.distance;
    const weight sum = weight_add(distance[v], sweep->metric->up[arc]);
    if (sum < distance[head]) distance[head] = sum;
}

/* Distances from one source at all its ancestors. */
static void climb_from(struct sweep *sweep, uint32_t source)
{
    const struct hierarchy *h = sweep->metric->hierarchy;
    struct climb *climb = &sweep->climb;
    const struct many_places *sources = sweep->sources;
    for (uint32_t k = place_first(sources, source); k < place_first(sources, source + 1); k++) {
        uint32_t rank = h->rank[sources->node[k]];
        const weight initial = begin_with(sources->initial, k);
        if (initial < climb->distance[rank]) climb->distance[rank] = initial;
        for (;;) {
            const uint32_t block = h->block_of[rank], last = h->block_first[block + 1] - 1;
            const uint32_t *outer = h->outer + h->outer_first[block];
            const uint32_t count = h->outer_first[block + 1] - h->outer_first[block];
            if (!climb->seen[block]) {
                climb->seen[block] = true;
                climb->blocks[climb->block_count++] = block;
            }
            for (uint32_t v = rank; v <= last; v++) {
                if (climb->distance[v] == WEIGHT_INFINITY) continue;
                const uint32_t arc = h->first_arc[v];
                for (uint32_t i = 0; i < last - v; i++) relax_one(sweep, v, arc + i, v + 1 + i);
                for (uint32_t i = 0; i < count; i++) relax_one(sweep, v, arc + (last - v) + i, outer[i]);
            }
            if (count == 0) break;
            rank = outer[0];
        }
    }
}

/* Moves what the climb found to lane `lane` of the selected nodes and forgets it. */
static void leave(struct sweep *sweep, uint32_t lane)
{
    const struct hierarchy *h = sweep->metric->hierarchy;
    const struct selection *selection = &sweep->selection;
    struct climb *climb = &sweep->climb;
    for (uint32_t i = 0; i < climb->block_count; i++) {
        const uint32_t block = climb->blocks[i], from = selection->from[block];
        for (uint32_t v = h->block_first[block]; v < h->block_first[block + 1]; v++) {
            if (from != NOTHING && v >= from)
                sweep->table[(size_t)(selection->base[block] + v - from) * LANES + lane] = climb->distance[v];
            climb->distance[v] = WEIGHT_INFINITY;
        }
        climb->seen[block] = false;
    }
    climb->block_count = 0;
}

VECTOR_INLINE void relax_lanes(weight *restrict to, const weight *restrict from, weight arc)
{
    for (uint32_t l = 0; l < LANES; l++) {
        const weight sum = from[l] + arc;
        to[l] = to[l] < sum ? to[l] : sum;
    }
}

static void find_places(const struct sweep *sweep, uint32_t block)
{
    const struct hierarchy *h = sweep->metric->hierarchy;
    const struct selection *selection = &sweep->selection;
    for (uint32_t i = h->outer_first[block], k = 0; i < h->outer_first[block + 1]; i++, k++) {
        const uint32_t other = h->block_of[h->outer[i]];
        sweep->place[k] = selection->base[other] + h->outer[i] - selection->from[other];
    }
}

VECTOR_CLONES static void sweep_down(const struct sweep *sweep)
{
    const struct hierarchy *h = sweep->metric->hierarchy;
    const struct selection *selection = &sweep->selection;
    weight *table = sweep->table;
    for (uint32_t b = selection->block_count; b-- > 0;) {
        const uint32_t block = selection->blocks[b], last = h->block_first[block + 1] - 1;
        const uint32_t count = h->outer_first[block + 1] - h->outer_first[block], from = selection->from[block];
        find_places(sweep, block);
        for (uint32_t v = last + 1; v-- > from;) {
            weight here[LANES];
            weight *at = table + (size_t)(selection->base[block] + v - from) * LANES;
            const weight *arc = sweep->metric->down + h->first_arc[v];
            memcpy(here, at, sizeof here);
            for (uint32_t i = 0; i < last - v; i++) relax_lanes(here, at + (size_t)(i + 1) * LANES, arc[i]);
            arc += last - v;
            for (uint32_t i = 0; i < count; i++)
                if (arc[i] < WEIGHT_INFINITY) relax_lanes(here, table + (size_t)sweep->place[i] * LANES, arc[i]);
            memcpy(at, here, sizeof here);
        }
    }
}

static void collect(const struct sweep *sweep, uint32_t lane, weight *row)
{
    const struct hierarchy *h = sweep->metric->hierarchy;
    const struct many_places *targets = sweep->targets;
    for (uint32_t j = 0; j < targets->count; j++) {
        weight best = WEIGHT_INFINITY;
        for (uint32_t k = place_first(targets, j); k < place_first(targets, j + 1); k++) {
            const uint32_t rank = h->rank[targets->node[k]], block = h->block_of[rank];
            const size_t at =
                (size_t)(sweep->selection.base[block] + rank - sweep->selection.from[block]) * LANES + lane;
            const weight sum = weight_add(sweep->table[at], begin_with(targets->initial, k));
            if (sum < best) best = sum;
        }
        row[j] = best;
    }
}

static void sweep_clear(struct sweep *sweep)
{
    free(sweep->selection.from);
    free(sweep->selection.base);
    free(sweep->selection.blocks);
    free(sweep->climb.distance);
    free(sweep->climb.seen);
    free(sweep->climb.blocks);
    free(sweep->place);
    free(sweep->table);
}

static bool sweep_init(struct sweep *sweep)
{
    const struct hierarchy *h = sweep->metric->hierarchy;
    const size_t n = (size_t)h->node_count + 1, b = (size_t)h->block_count + 1;
    struct selection *selection = &sweep->selection;
    struct climb *climb = &sweep->climb;
    selection->from = malloc(b * sizeof *selection->from);
    selection->base = malloc(b * sizeof *selection->base);
    selection->blocks = malloc(b * sizeof *selection->blocks);
    climb->distance = malloc(n * sizeof *climb->distance);
    climb->seen = calloc(b, sizeof *climb->seen);
    climb->blocks = malloc(b * sizeof *climb->blocks);
    sweep->place = malloc(((size_t)h->width + 1) * sizeof *sweep->place);
    if (!selection->from || !selection->base || !selection->blocks || !climb->distance || !climb->seen ||
        !climb->blocks || !sweep->place)
        return false;
    for (size_t v = 0; v < n; v++) climb->distance[v] = WEIGHT_INFINITY;
    select_ancestors(h, sweep->targets, selection);
    sweep->table = aligned_alloc(64, ((size_t)selection->node_count + 1) * LANES * sizeof *sweep->table);
    return sweep->table != NULL;
}

enum status many_to_many(const struct metric *metric, const struct many_places *sources,
                         const struct many_places *targets, weight *out, struct error *err)
{
    struct sweep sweep = {.metric = metric, .sources = sources, .targets = targets};
    const size_t cells = (size_t)sources->count * targets->count;
    enum status status = STATUS_OK;
    if (cells > MANY_CELLS_MAX)
        return error_set(err, STATUS_TOO_LARGE, MESSAGE_MATRIX_TOO_LARGE, cells, MANY_CELLS_MAX);
    if (cells == 0) return STATUS_OK;
    if (!sweep_init(&sweep)) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    for (uint32_t first = 0; first < sources->count; first += LANES) {
        const uint32_t lanes = sources->count - first < LANES ? sources->count - first : LANES;
        const size_t length = (size_t)sweep.selection.node_count * LANES;
        for (size_t i = 0; i < length; i++) sweep.table[i] = WEIGHT_INFINITY;
        for (uint32_t lane = 0; lane < lanes; lane++) {
            climb_from(&sweep, first + lane);
            leave(&sweep, lane);
        }
        sweep_down(&sweep);
        for (uint32_t lane = 0; lane < lanes; lane++)
            collect(&sweep, lane, out + (size_t)(first + lane) * targets->count);
    }
done:
    sweep_clear(&sweep);
    return status;
}
