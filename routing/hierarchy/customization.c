#pragma GCC optimize("O3")
#include "routing/hierarchy/customization.h"

#include "routing/hierarchy/vector.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Customization goes over the blocks from the lowest to the highest. A block first pulls in what the blocks below say
 * about its rows, then closes its own triangles:
 *
 *   1. below: x of the block is an outer head of block s, at some position; every v of s and every head y beyond x
 *      make a lower triangle that may improve x-y by (x-v) + (v-y). The minimum over all v is taken first, on vectors,
 *      because the arcs from v to the heads y lie side by side; only then is it scattered to the places that these
 *      heads have in row x. Often even those are consecutive;
 *   2. inside: for nodes v < u of the block, row u is improved by (u-v) + row v. The tail of row v lists the same heads
 *      as row u, so this is one vector operation.
 *
 * To pull rather than push keeps the rows that are written in the nearest cache, and lets threads work side by side. */

/* Improves row x through the nodes of one block below that sees x at `position`. */
VECTOR_INLINE void pull_block(const struct hierarchy *h, weight *up, weight *down, struct customization_scratch *scratch, uint32_t x,
                              uint32_t below, uint32_t position)
{
    const uint32_t first = h->block_first[below], last = h->block_first[below + 1] - 1;
    const uint32_t *heads = h->outer + h->outer_first[below] + position + 1;
    const uint32_t rest = h->outer_first[below + 1] - h->outer_first[below] - position - 1;
    const uint32_t *place = scratch->place;
    weight *row_up = up + h->first_arc[x], *row_down = down + h->first_arc[x];
    if (rest == 0) return;
    if (first == last) {
        const uint32_t arc = h->first_arc[first] + position;
        const weight to_x = up[arc], from_x = down[arc];
        const weight *via_up = up + arc + 1, *via_down = down + arc + 1;
        for (uint32_t j = 0; j < rest; j++) {
            const uint32_t at = place[heads[j]] - x - 1;
            const weight sum_up = from_x + via_up[j], sum_down = to_x + via_down[j];
            const weight old_up = row_up[at], old_down = row_down[at];
            row_up[at] = old_up < sum_up ? old_up : sum_up;
            row_down[at] = old_down < sum_down ? old_down : sum_down;
        }
        return;
    }
    weight *best_up = scratch->up, *best_down = scratch->down;
    const uint32_t begin = place[heads[0]];
    const bool dense = place[heads[rest - 1]] - begin == rest - 1;
    if (dense) {
        best_up = row_up + (begin - x - 1);
        best_down = row_down + (begin - x - 1);
    } else {
        for (uint32_t j = 0; j < rest; j++) {
            const uint32_t at = place[heads[j]] - x - 1;
            best_up[j] = row_up[at];
            best_down[j] = row_down[at];
        }
    }
    for (uint32_t v = first; v <= last; v++) {
        const uint32_t arc = h->first_arc[v] + (last - v) + position;
        if (down[arc] < WEIGHT_INFINITY) vector_relax(best_up, down[arc], up + arc + 1, rest);
        if (up[arc] < WEIGHT_INFINITY) vector_relax(best_down, up[arc], down + arc + 1, rest);
    }
    if (dense) return;
    for (uint32_t j = 0; j < rest; j++) {
        const uint32_t at = place[heads[j]] - x - 1;
        row_up[at] = best_up[j];
        row_down[at] = best_down[j];
    }
}

VECTOR_INLINE void note_places(const struct hierarchy *h, uint32_t block, uint32_t *place)
{
    const uint32_t end = h->block_first[block + 1];
    const uint32_t *outer = h->outer + h->outer_first[block];
    const uint32_t count = h->outer_first[block + 1] - h->outer_first[block];
    for (uint32_t v = h->block_first[block]; v < end; v++) place[v] = v;
    for (uint32_t i = 0; i < count; i++) place[outer[i]] = end + i;
}

VECTOR_INLINE void close_inside(const struct hierarchy *h, uint32_t block, weight *up, weight *down)
{
    const uint32_t first = h->block_first[block], last = h->block_first[block + 1] - 1;
    const uint32_t outer_count = h->outer_first[block + 1] - h->outer_first[block];
    for (uint32_t v = first; v < last; v++) {
        const uint32_t row = h->first_arc[v];
        for (uint32_t u = v + 1; u <= last; u++) {
            const uint32_t arc = row + (u - v - 1), length = last - u + outer_count;
            const weight to_u = up[arc], from_u = down[arc];
            if (from_u < WEIGHT_INFINITY) vector_relax(up + h->first_arc[u], from_u, up + arc + 1, length);
            if (to_u < WEIGHT_INFINITY) vector_relax(down + h->first_arc[u], to_u, down + arc + 1, length);
        }
    }
}

/* ---- threads ---------------------------------------------------------------------------------------------- */

/* Below this many arcs a thread is not worth its start. */
enum { THREADS_MAX = 16, ARCS_PER_THREAD = 50000 };

/* Subtrees of the elimination tree are independent of each other, and in postorder each is a range of blocks. The tree
 * is cut into a *crown* and the subtrees below it, all small enough to be shared out evenly:
 *
 *   1. threads take ranges of nodes and fill in the edges' weights;
 *   2. threads take subtrees and customize them whole;
 *   3. threads take nodes of the crown and pull in what the subtrees say about their rows;
 *   4. one thread finishes the crown: a few separators, pulling from each other only.
 *
 * Every weight is a minimum over the same set of sums whoever takes them, so the result is the same. */
struct customization {
    const struct hierarchy *h;
    struct metric *metric;
    unsigned threads;
    bool *crown;          /* [block_count] */
    uint32_t *subtree;    /* first block of each and the block after its last */
    uint32_t subtree_count;
    uint32_t *crown_node; /* nodes of the crown */
    uint32_t crown_count;
    atomic_uint next_range, next_subtree, next_node;
    enum { TAKE_EDGES, SUBTREES, CROWN } phase;
};

struct customization_thread {
    struct customization *shared;
    struct customization_scratch scratch;
};

enum { RANGE_NODES = 4096, CROWN_NODES_AT_ONCE = 4, AHEAD = 16 };

/* Pulls rows [from, to) of a block from the blocks below that are (or are not) in the crown. */
VECTOR_CLONES static void pull_rows(const struct hierarchy *h, struct metric *metric, struct customization_scratch *scratch,
                                    uint32_t from, uint32_t to, const bool *crown, bool wanted)
{
    for (uint32_t x = from; x < to; x++)
        for (uint32_t i = h->lower_first[x]; i < h->lower_first[x + 1]; i++)
            if (crown[h->lower[i].block] == wanted)
                pull_block(h, metric->up, metric->down, scratch, x, h->lower[i].block, h->lower[i].position);
}

VECTOR_CLONES static void customize_blocks(const struct hierarchy *h, struct metric *metric, struct customization_scratch *scratch,
                                           uint32_t from, uint32_t to)
{
    for (uint32_t block = from; block < to; block++) {
        const uint32_t first = h->block_first[block], end = h->block_first[block + 1];
        if (h->lower_first[first] != h->lower_first[end]) {
            note_places(h, block, scratch->place);
            for (uint32_t x = first; x < end; x++)
                for (uint32_t i = h->lower_first[x]; i < h->lower_first[x + 1]; i++)
                    pull_block(h, metric->up, metric->down, scratch, x, h->lower[i].block, h->lower[i].position);
        }
        close_inside(h, block, metric->up, metric->down);
    }
}

VECTOR_CLONES static void finish_crown(const struct hierarchy *h, struct metric *metric, struct customization_scratch *scratch,
                                       const bool *crown)
{
    for (uint32_t block = 0; block < h->block_count; block++) {
        if (!crown[block]) continue;
        note_places(h, block, scratch->place);
        pull_rows(h, metric, scratch, h->block_first[block], h->block_first[block + 1], crown, true);
        close_inside(h, block, metric->up, metric->down);
    }
}

static void take_edges(struct metric *metric, uint32_t from, uint32_t to)
{
    const struct hierarchy *h = metric->hierarchy;
    for (uint32_t a = h->first_arc[from]; a < h->first_arc[to]; a++)
        metric->up[a] = metric->down[a] = WEIGHT_INFINITY;
    for (uint32_t i = h->slot_first[from]; i < h->slot_first[to]; i++) {
        if (i + AHEAD < h->slot_count) { /* edges lie in the graph's order, not in ours: each is a wait for memory */
            __builtin_prefetch(&h->edge_slot[h->slot_edge[i + AHEAD]]);
            __builtin_prefetch(&metric->edge[h->slot_edge[i + AHEAD]]);
        }
        const uint32_t edge = h->slot_edge[i], slot = h->edge_slot[edge];
        weight *place = (slot & 1 ? metric->down : metric->up) + slot / 2;
        if (metric->edge[edge] < *place) *place = metric->edge[edge];
    }
}

static void share_ranges(struct customization *all)
{
    const struct hierarchy *h = all->h;
    for (;;) {
        const uint64_t from = (uint64_t)atomic_fetch_add(&all->next_range, 1) * RANGE_NODES;
        if (from >= h->node_count) return;
        take_edges(all->metric, (uint32_t)from,
                   h->node_count - from < RANGE_NODES ? h->node_count : (uint32_t)from + RANGE_NODES);
    }
}

static void share_crown(struct customization *all, struct customization_scratch *scratch)
{
    uint32_t noted = NOTHING;
    for (;;) {
        const uint64_t first = (uint64_t)atomic_fetch_add(&all->next_node, 1) * CROWN_NODES_AT_ONCE;
        for (uint64_t i = first; i < first + CROWN_NODES_AT_ONCE; i++) {
            if (i >= all->crown_count) return;
            const uint32_t x = all->crown_node[i], block = all->h->block_of[x];
            if (block != noted) note_places(all->h, noted = block, scratch->place);
            pull_rows(all->h, all->metric, scratch, x, x + 1, all->crown, false);
        }
    }
}

/* What one thread does in a phase: whatever nobody has taken yet. */
static void *take_part(void *argument)
{
    struct customization_thread *own = argument;
    struct customization *all = own->shared;
    switch (all->phase) {
    case TAKE_EDGES: share_ranges(all); break;
    case SUBTREES:
        for (uint32_t i; (i = atomic_fetch_add(&all->next_subtree, 1)) < all->subtree_count;)
            customize_blocks(all->h, all->metric, &own->scratch, all->subtree[2 * i], all->subtree[2 * i + 1]);
        break;
    case CROWN: share_crown(all, &own->scratch); break;
    }
    return NULL;
}

/* Runs the phase on this thread and as many others as can be started. */
static void run_phase(struct customization *all, struct customization_thread *own, int phase)
{
    pthread_t thread[THREADS_MAX];
    unsigned started = 1;
    all->phase = phase;
    while (started < all->threads && pthread_create(&thread[started], NULL, take_part, &own[started]) == 0) started++;
    take_part(&own[0]);
    while (--started > 0) pthread_join(thread[started], NULL);
}

/* What a block costs, roughly: its triangles. */
static uint64_t block_cost(const struct hierarchy *h, uint32_t block)
{
    const uint64_t size = h->block_first[block + 1] - h->block_first[block];
    const uint64_t heads = h->outer_first[block + 1] - h->outer_first[block] + size;
    return size * heads * heads + 16;
}

/* Cuts the tree. The crown is every block whose subtree costs more than a small share of everything. */
static bool share_out(struct customization *all)
{
    const struct hierarchy *h = all->h;
    enum { SHARES = 8 };
    uint64_t *cost = malloc(((size_t)h->block_count + 1) * sizeof *cost), total = 0;
    uint32_t *start = malloc(((size_t)h->block_count + 1) * sizeof *start); /* first block of the subtree */
    if (cost == NULL || start == NULL) {
        free(cost);
        free(start);
        return false;
    }
    for (uint32_t b = 0; b < h->block_count; b++) cost[b] = 0, start[b] = b;
    for (uint32_t b = 0; b < h->block_count; b++) {
        const uint64_t own = block_cost(h, b);
        cost[b] += own;
        total += own;
        if (h->outer_first[b] == h->outer_first[b + 1]) continue;
        const uint32_t parent = h->block_of[h->outer[h->outer_first[b]]];
        cost[parent] += cost[b];
        if (start[b] < start[parent]) start[parent] = start[b];
    }
    const uint64_t limit = total / (all->threads * SHARES) + 1;
    for (uint32_t b = 0; b < h->block_count; b++) {
        all->crown[b] = cost[b] > limit;
        if (all->crown[b]) {
            for (uint32_t v = h->block_first[b]; v < h->block_first[b + 1]; v++) all->crown_node[all->crown_count++] = v;
            continue;
        }
        const uint32_t outer = h->outer_first[b];
        if (outer < h->outer_first[b + 1] && cost[h->block_of[h->outer[outer]]] <= limit) continue;
        all->subtree[2 * all->subtree_count] = start[b];
        all->subtree[2 * all->subtree_count++ + 1] = b + 1;
    }
    free(cost);
    free(start);
    return true;
}

void customization_scratch_clear(struct customization_scratch *scratch)
{
    free(scratch->place);
    free(scratch->up);
    free(scratch->down);
}

bool customization_scratch_init(struct customization_scratch *scratch, const struct hierarchy *h)
{
    scratch->place = malloc(((size_t)h->node_count + 1) * sizeof *scratch->place);
    scratch->up = malloc(((size_t)h->width + 1) * sizeof *scratch->up);
    scratch->down = malloc(((size_t)h->width + 1) * sizeof *scratch->down);
    return scratch->place && scratch->up && scratch->down;
}

void customization_block(struct metric *metric, struct customization_scratch *scratch, uint32_t block)
{
    const struct hierarchy *h = metric->hierarchy;
    take_edges(metric, h->block_first[block], h->block_first[block + 1]);
    customize_blocks(h, metric, scratch, block, block + 1);
}

bool customization_run(struct metric *metric, unsigned threads)
{
    const struct hierarchy *h = metric->hierarchy;
    struct customization all = {.h = h, .metric = metric};
    struct customization_thread own[THREADS_MAX] = {0};
    bool ok = false;
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    if (threads > h->arc_count / ARCS_PER_THREAD) threads = h->arc_count / ARCS_PER_THREAD;
    all.threads = threads < 1 ? 1 : threads;
    for (unsigned t = 0; t < all.threads; t++) {
        own[t].shared = &all;
        if (!customization_scratch_init(&own[t].scratch, h)) goto done;
    }
    if (all.threads == 1) {
        take_edges(metric, 0, h->node_count);
        customize_blocks(h, metric, &own[0].scratch, 0, h->block_count);
        ok = true;
        goto done;
    }
    all.crown = malloc(((size_t)h->block_count + 1) * sizeof *all.crown);
    all.subtree = malloc(2 * ((size_t)h->block_count + 1) * sizeof *all.subtree);
    all.crown_node = malloc(((size_t)h->node_count + 1) * sizeof *all.crown_node);
    if (!all.crown || !all.subtree || !all.crown_node || !share_out(&all)) goto done;
    run_phase(&all, own, TAKE_EDGES);
    run_phase(&all, own, SUBTREES);
    run_phase(&all, own, CROWN);
    finish_crown(h, metric, &own[0].scratch, all.crown);
    ok = true;
done:
    for (unsigned t = 0; t < all.threads; t++) customization_scratch_clear(&own[t].scratch);
    free(all.crown);
    free(all.subtree);
    free(all.crown_node);
    return ok;
}
