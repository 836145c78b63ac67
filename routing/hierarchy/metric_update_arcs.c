#pragma GCC optimize("O3")
#include "routing/hierarchy/metric_update_arcs.h"

#include "routing/hierarchy/metric_update.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Arc by arc. Nodes with arcs to mend are taken in ascending rank, so that everything below is final when a node's turn comes.
 * A row is kept as it was before its first change. When the turn of node v comes,
 *
 *   1. slots of v that have lost what held them up (an edge or a triangle whose sum was their weight) are computed
 *      anew from edges and lower triangles;
 *   2. for each pair of heads x < y of v with a changed arc, the sum of the triangle before and after is compared with
 *      the weight of x-y: a smaller sum lowers it at once, a lost support marks it for step 1 in x's turn.
 *
 * Most changes die out quickly, because most triangles hold nothing up. */

enum { LOST_UP = 1, LOST_DOWN = 2 };

struct metric_update_scratch {
    uint32_t *row_of;  /* [node_count] offset of the kept row + 1, 0: none */
    uint64_t *waiting; /* bit set of ranks */
    uint64_t *summary; /* which words of `waiting` are not 0 */
    uint32_t *touched; /* [node_count] ranks with a kept row */
    uint32_t touched_count;
    uint32_t *rows; /* kept rows: up, down, lost; each as long as the row */
    size_t rows_used, rows_capacity;
    uint32_t *place, *changed, *lost; /* [width] */
    weight *fresh_up, *fresh_down;    /* [width] */
};

void metric_update_scratch_free(struct metric_update_scratch *scratch)
{
    if (scratch == NULL) return;
    free(scratch->row_of);
    free(scratch->waiting);
    free(scratch->summary);
    free(scratch->touched);
    free(scratch->rows);
    free(scratch->place);
    free(scratch->changed);
    free(scratch->lost);
    free(scratch->fresh_up);
    free(scratch->fresh_down);
    free(scratch);
}

static struct metric_update_scratch *scratch_new(const struct hierarchy *h)
{
    const size_t n = (size_t)h->node_count + 1, w = (size_t)h->width + 1;
    struct metric_update_scratch *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->row_of = calloc(n, sizeof *s->row_of);
    s->waiting = calloc(n / 64 + 1, sizeof *s->waiting);
    s->summary = calloc(n / 4096 + 1, sizeof *s->summary);
    s->touched = malloc(n * sizeof *s->touched);
    s->place = malloc(w * sizeof *s->place);
    s->changed = malloc(w * sizeof *s->changed);
    s->lost = malloc(w * sizeof *s->lost);
    s->fresh_up = malloc(w * sizeof *s->fresh_up);
    s->fresh_down = malloc(w * sizeof *s->fresh_down);
    if (s->row_of && s->waiting && s->summary && s->touched && s->place && s->changed && s->lost && s->fresh_up &&
        s->fresh_down)
        return s;
    metric_update_scratch_free(s);
    return NULL;
}

/* Keeps the row of a node as it is, once, and lets the node wait for its turn. */
static bool touch(struct metric *metric, uint32_t rank)
{
    struct metric_update_scratch *s = metric->scratch;
    const struct hierarchy *h = metric->hierarchy;
    if (s->row_of[rank] != 0) return true;
    const uint32_t first = h->first_arc[rank], length = h->first_arc[rank + 1] - first;
    if (s->rows_used + 3 * (size_t)length >= s->rows_capacity) {
        size_t capacity = (s->rows_used + 3 * (size_t)length + 1024) * 2;
        if (capacity > UINT32_MAX) return false;
        uint32_t *rows = realloc(s->rows, capacity * sizeof *rows);
        if (rows == NULL) return false;
        s->rows = rows;
        s->rows_capacity = capacity;
    }
    uint32_t *row = s->rows + s->rows_used;
    memcpy(row, metric->up + first, length * sizeof *row);
    memcpy(row + length, metric->down + first, length * sizeof *row);
    memset(row + 2 * (size_t)length, 0, length * sizeof *row);
    s->row_of[rank] = (uint32_t)s->rows_used + 1;
    s->rows_used += 3 * (size_t)length;
    s->touched[s->touched_count++] = rank;
    s->waiting[rank / 64] |= (uint64_t)1 << (rank % 64);
    s->summary[rank / 4096] |= (uint64_t)1 << (rank / 64 % 64);
    return true;
}

static uint32_t next_waiting(struct metric_update_scratch *s, uint32_t word, uint32_t words)
{
    for (; word < words; word++) {
        if (s->summary[word] == 0) continue;
        const uint32_t at = word * 64 + (uint32_t)__builtin_ctzll(s->summary[word]);
        const uint32_t rank = at * 64 + (uint32_t)__builtin_ctzll(s->waiting[at]);
        s->waiting[at] &= s->waiting[at] - 1;
        if (s->waiting[at] == 0) s->summary[word] &= s->summary[word] - 1;
        return rank;
    }
    return NOTHING;
}

static inline weight saturated(weight sum)
{
    return sum < WEIGHT_INFINITY ? sum : WEIGHT_INFINITY;
}

static inline void forget_origin(struct metric *metric, uint32_t slot)
{
    atomic_store_explicit(&metric->origin[slot], 0, memory_order_relaxed);
}

/* Something that gave `before` at a slot of node `rank` (arc index `index` in its row) gives `after` now. */
static inline bool offer(struct metric *metric, uint32_t rank, uint32_t index, bool down, weight before, weight after)
{
    const uint32_t arc = metric->hierarchy->first_arc[rank] + index;
    weight *place = (down ? metric->down : metric->up) + arc;
    const bool lower = after < *place, lost = before == *place && after > before;
    if (!lower && !lost) {
        if (after == *place) forget_origin(metric, arc * 2 + down);
        return true;
    }
    forget_origin(metric, arc * 2 + down);
    if (!touch(metric, rank)) return false;
    if (lower) {
        *place = after;
        return true;
    }
    const uint32_t length = metric->hierarchy->first_arc[rank + 1] - metric->hierarchy->first_arc[rank];
    metric->scratch->rows[metric->scratch->row_of[rank] - 1 + 2 * length + index] |= down ? LOST_DOWN : LOST_UP;
    return true;
}

/* Step 1. */
static void recompute(struct metric *metric, uint32_t rank, const uint32_t *lost_row)
{
    const struct hierarchy *h = metric->hierarchy;
    struct metric_update_scratch *s = metric->scratch;
    const uint32_t first = h->first_arc[rank], length = h->first_arc[rank + 1] - first;
    const uint32_t own = h->block_of[rank], inner = h->block_first[own + 1] - 1 - rank;
    const uint32_t *own_outer = h->outer + h->outer_first[own];
    const weight *up = metric->up, *down = metric->down;
    uint32_t count = 0;
    for (uint32_t k = 0; k < length; k++) {
        if (lost_row[k] == 0) continue;
        s->lost[count++] = k;
        s->fresh_up[k] = s->fresh_down[k] = WEIGHT_INFINITY;
    }
    if (count == 0) return;
    for (uint32_t i = h->slot_first[rank]; i < h->slot_first[rank + 1]; i++) {
        const uint32_t edge = h->slot_edge[i], slot = h->edge_slot[edge], k = slot / 2 - first;
        if (lost_row[k] == 0) continue;
        weight *fresh = (slot & 1 ? s->fresh_down : s->fresh_up) + k;
        if (metric->edge[edge] < *fresh) *fresh = metric->edge[edge];
    }
    for (uint32_t i = h->lower_first[rank]; i < h->lower_first[rank + 1]; i++) {
        const uint32_t block = h->lower[i].block, position = h->lower[i].position;
        const uint32_t *outer = h->outer + h->outer_first[block];
        const uint32_t outer_count = h->outer_first[block + 1] - h->outer_first[block];
        const uint32_t block_first = h->block_first[block], last = h->block_first[block + 1] - 1;
        uint32_t j = position + 1;
        for (uint32_t l = 0; l < count && j < outer_count; l++) {
            const uint32_t k = s->lost[l], head = k < inner ? rank + 1 + k : own_outer[k - inner];
            while (j < outer_count && outer[j] < head) j++;
            if (j == outer_count || outer[j] != head) continue;
            for (uint32_t v = block_first; v <= last; v++) {
                const uint32_t a = h->first_arc[v] + (last - v) + position, b = a - position + j;
                const weight sum_up = down[a] + up[b], sum_down = down[b] + up[a];
                if (sum_up < s->fresh_up[k]) s->fresh_up[k] = sum_up;
                if (sum_down < s->fresh_down[k]) s->fresh_down[k] = sum_down;
            }
        }
    }
    for (uint32_t v = h->block_first[own]; v < rank; v++) {
        const uint32_t a = h->first_arc[v] + (rank - v - 1);
        for (uint32_t l = 0; l < count; l++) {
            const uint32_t k = s->lost[l], b = a + 1 + k;
            const weight sum_up = down[a] + up[b], sum_down = down[b] + up[a];
            if (sum_up < s->fresh_up[k]) s->fresh_up[k] = sum_up;
            if (sum_down < s->fresh_down[k]) s->fresh_down[k] = sum_down;
        }
    }
    for (uint32_t l = 0; l < count; l++) {
        const uint32_t k = s->lost[l];
        if (lost_row[k] & LOST_UP) metric->up[first + k] = s->fresh_up[k];
        if (lost_row[k] & LOST_DOWN) metric->down[first + k] = s->fresh_down[k];
    }
}

/* Step 2. `kept` is an offset, because touching other rows may move them all. */
static bool propagate(struct metric *metric, uint32_t rank, size_t kept)
{
    const struct hierarchy *h = metric->hierarchy;
    struct metric_update_scratch *s = metric->scratch;
    const uint32_t first = h->first_arc[rank], length = h->first_arc[rank + 1] - first;
    const uint32_t block = h->block_of[rank], inner = h->block_first[block + 1] - 1 - rank;
    const uint32_t *outer = h->outer + h->outer_first[block];
    const weight *up = metric->up + first, *down = metric->down + first;
    uint32_t count = 0;
    for (uint32_t k = 0; k < length; k++)
        if (up[k] != s->rows[kept + k] || down[k] != s->rows[kept + length + k]) {
            s->changed[count++] = k;
            forget_origin(metric, (first + k) * 2);
            forget_origin(metric, (first + k) * 2 + 1);
        }
    uint32_t next = 0; /* first changed beyond i, at or after which all j are tried when i itself is unchanged */
    uint32_t other_end = 0;
    for (uint32_t i = 0; i < length && next < count; i++) {
        const bool all = s->changed[next] == i;
        if (all) next++;
        const uint32_t x = i < inner ? rank + 1 + i : outer[i - inner];
        if (i >= inner && x >= other_end) {
            const uint32_t other = h->block_of[x];
            other_end = h->block_first[other + 1];
            hierarchy_places(h, other, outer, i - inner, length - inner, s->place);
        }
        for (uint32_t l = next, j = i + 1;; j++) {
            if (!all) {
                if (l == count) break;
                j = s->changed[l++];
            } else if (j >= length) {
                break;
            }
            const uint32_t index = i < inner ? j - i - 1 : s->place[j - inner] - x - 1;
            const weight *old_up = s->rows + kept, *old_down = old_up + length;
            const weight before_up = saturated(old_down[i] + old_up[j]), after_up = saturated(down[i] + up[j]);
            const weight before_down = saturated(old_down[j] + old_up[i]), after_down = saturated(down[j] + up[i]);
            if (before_up != after_up && !offer(metric, x, index, false, before_up, after_up)) return false;
            if (before_down != after_down && !offer(metric, x, index, true, before_down, after_down)) return false;
        }
    }
    return true;
}

static bool mend(struct metric *metric)
{
    const struct hierarchy *h = metric->hierarchy;
    struct metric_update_scratch *s = metric->scratch;
    const uint32_t words = h->node_count / 4096 + 1;
    for (uint32_t rank = 0; (rank = next_waiting(s, rank / 4096, words)) != NOTHING;) {
        const uint32_t length = h->first_arc[rank + 1] - h->first_arc[rank];
        const size_t kept = s->row_of[rank] - 1;
        recompute(metric, rank, s->rows + kept + 2 * (size_t)length);
        if (!propagate(metric, rank, kept)) return false;
    }
    return true;
}

enum status metric_update_arcs(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                               struct error *err)
{
    const struct hierarchy *h = metric->hierarchy;
    enum status status = metric_update_check(h, edges, weights, count, err);
    if (status != STATUS_OK) return status;
    if (metric->scratch == NULL) metric->scratch = scratch_new(h);
    struct metric_update_scratch *s = metric->scratch;
    if (s == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        const weight before = metric->edge[edges[i]], after = weights[i];
        const uint32_t slot = h->edge_slot[edges[i]];
        metric->edge[edges[i]] = after;
        if (slot == NOTHING || before == after) continue;
        const uint32_t low = hierarchy_arc_low(h, slot / 2);
        forget_origin(metric, slot);
        ok = offer(metric, low, slot / 2 - h->first_arc[low], slot & 1, before, after);
    }
    if (ok) ok = mend(metric);
    for (uint32_t i = 0; i < s->touched_count; i++) s->row_of[s->touched[i]] = 0;
    s->touched_count = 0;
    s->rows_used = 0;
    return ok ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}
