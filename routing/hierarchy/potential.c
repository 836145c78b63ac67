#pragma GCC optimize("O3")
#include "routing/hierarchy/potential.h"

#include "routing/hierarchy/vector.h"

#include <assert.h>
#include <stdlib.h>

enum status potential_new(const struct hierarchy *h, struct potential **out, struct error *err)
{
    const size_t n = (size_t)h->node_count + 1, b = (size_t)h->block_count + 1;
    struct potential *potential = calloc(1, sizeof *potential);
    if (potential == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    potential->hierarchy = h;
    potential->value = malloc(n * sizeof *potential->value);
    potential->below = malloc(n * sizeof *potential->below);
    potential->known = malloc(b * sizeof *potential->known);
    potential->climbed = malloc(b * sizeof *potential->climbed);
    potential->stack = malloc(b * sizeof *potential->stack);
    potential->row = malloc(((size_t)h->width + 1) * sizeof *potential->row);
    if (!potential->value || !potential->below || !potential->known || !potential->climbed || !potential->stack ||
        !potential->row) {
        potential_free(potential);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    for (size_t v = 0; v < n; v++) {
        potential->value[v] = POTENTIAL_UNKNOWN;
        potential->below[v] = WEIGHT_INFINITY;
    }
    *out = potential;
    return STATUS_OK;
}

void potential_free(struct potential *potential)
{
    if (potential == NULL) return;
    free(potential->value);
    free(potential->below);
    free(potential->known);
    free(potential->climbed);
    free(potential->stack);
    free(potential->row);
    free(potential);
}

static void forget(struct potential *potential)
{
    const struct hierarchy *h = potential->hierarchy;
    for (size_t i = 0; i < potential->known_count; i++)
        for (uint32_t v = h->block_first[potential->known[i]]; v < h->block_first[potential->known[i] + 1]; v++)
            potential->value[v] = POTENTIAL_UNKNOWN;
    for (size_t i = 0; i < potential->climbed_count; i++)
        for (uint32_t v = h->block_first[potential->climbed[i]]; v < h->block_first[potential->climbed[i] + 1]; v++)
            potential->below[v] = WEIGHT_INFINITY;
    potential->known_count = potential->climbed_count = 0;
}

void potential_reset(struct potential *potential, const struct metric *metric)
{
    assert(metric->hierarchy == potential->hierarchy);
    forget(potential);
    potential->climb = metric->down;
    potential->sweep = metric->up;
}

void potential_reset_from(struct potential *potential, const struct metric *metric)
{
    assert(metric->hierarchy == potential->hierarchy);
    forget(potential);
    potential->climb = metric->up;
    potential->sweep = metric->down;
}

/* A block that a target climbs has a finite value afterwards at its last node, unless all of it is infinite; so it is
 * listed at most once if it is listed exactly when it has its first finite value. */
static int any_below(const struct potential *potential, uint32_t block)
{
    const struct hierarchy *h = potential->hierarchy;
    for (uint32_t v = h->block_first[block]; v < h->block_first[block + 1]; v++)
        if (potential->below[v] < WEIGHT_INFINITY) return 1;
    return 0;
}

void potential_target(struct potential *potential, uint32_t node, weight initial)
{
    const struct hierarchy *h = potential->hierarchy;
    weight *below = potential->below;
    const weight *climb = potential->climb;
    assert(node < h->node_count && initial <= WEIGHT_INFINITY && potential->known_count == 0);
    uint32_t rank = h->rank[node];
    if (initial >= below[rank]) return;
    if (!any_below(potential, h->block_of[rank])) potential->climbed[potential->climbed_count++] = h->block_of[rank];
    below[rank] = initial;
    for (;;) {
        const uint32_t block = h->block_of[rank], last = h->block_first[block + 1] - 1;
        const uint32_t *outer = h->outer + h->outer_first[block];
        const uint32_t count = h->outer_first[block + 1] - h->outer_first[block];
        for (uint32_t v = rank; v <= last; v++) {
            if (below[v] == WEIGHT_INFINITY) continue;
            const weight *arc = climb + h->first_arc[v];
            vector_relax(below + v + 1, below[v], arc, last - v);
            for (uint32_t i = 0; i < count; i++) {
                const weight sum = weight_add(below[v], arc[last - v + i]);
                if (sum >= below[outer[i]]) continue;
                const uint32_t other = h->block_of[outer[i]];
                if (below[outer[i]] == WEIGHT_INFINITY && !any_below(potential, other))
                    potential->climbed[potential->climbed_count++] = other;
                below[outer[i]] = sum;
            }
        }
        if (count == 0) return;
        rank = outer[0];
    }
}

VECTOR_CLONES static void compute_block(struct potential *potential, uint32_t from, uint32_t end)
{
    const struct hierarchy *h = potential->hierarchy;
    const uint32_t block = h->block_of[from], last = h->block_first[block + 1] - 1;
    const uint32_t *outer = h->outer + h->outer_first[block];
    const uint32_t count = h->outer_first[block + 1] - h->outer_first[block];
    weight *restrict value = potential->value, *restrict row = potential->row;
    for (uint32_t i = 0; i < count; i++) row[i] = value[outer[i]];
    for (uint32_t v = end; v-- > from;) {
        const weight *arc = potential->sweep + h->first_arc[v];
        weight best = vector_least_sum(potential->below[v], value + v + 1, arc, last - v);
        value[v] = vector_least_sum(best, row, arc + (last - v), count);
    }
}

weight potential_compute(struct potential *potential, uint32_t rank)
{
    const struct hierarchy *h = potential->hierarchy;
    size_t depth = 0;
    for (uint32_t at = rank; at != NOTHING && potential->value[at] == POTENTIAL_UNKNOWN;) {
        const uint32_t block = h->block_of[at], outer = h->outer_first[block];
        potential->stack[depth++] = at;
        if (potential->value[h->block_first[block + 1] - 1] != POTENTIAL_UNKNOWN) break; /* the rest is known */
        potential->known[potential->known_count++] = block;
        at = outer < h->outer_first[block + 1] ? h->outer[outer] : NOTHING;
    }
    while (depth > 0) {
        const uint32_t from = potential->stack[--depth];
        uint32_t end = from + 1;
        while (end < h->block_first[h->block_of[from] + 1] && potential->value[end] == POTENTIAL_UNKNOWN) end++;
        compute_block(potential, from, end);
    }
    return potential->value[rank];
}
