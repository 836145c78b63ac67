#include "routing/hierarchy/metric_update_blocks.h"

#include "routing/hierarchy/customization.h"
#include "routing/hierarchy/metric_update.h"

#include <stdlib.h>
#include <string.h>

/* Block by block. A block is filled anew if one of its edges has changed, or a row of a block below that sees it; if it comes
 * out as it was, nothing above hears of it. That takes more sums than going arc by arc (metric_update_arcs.c), but they are
 * taken in vector registers, and nothing is kept of what depends on what. */

static inline void mark(uint64_t *dirty, uint32_t block)
{
    dirty[block / 64] |= (uint64_t)1 << (block % 64);
}

/* Fills the block anew. Whether anything has changed. `before`: room for its weights, twice. */
static bool refill(struct metric *metric, struct customization_scratch *scratch, uint32_t block, weight *before)
{
    const struct hierarchy *h = metric->hierarchy;
    const uint32_t first = h->first_arc[h->block_first[block]];
    const size_t count = h->first_arc[h->block_first[block + 1]] - first, size = count * sizeof *before;
    memcpy(before, metric->up + first, size);
    memcpy(before + count, metric->down + first, size);
    customization_block(metric, scratch, block);
    /* an arc may come about in another way although no weight of its block is another */
    memset(metric->origin + 2 * (size_t)first, 0, 2 * count * sizeof *metric->origin);
    return memcmp(before, metric->up + first, size) != 0 || memcmp(before + count, metric->down + first, size) != 0;
}

enum status metric_update_blocks(struct metric *metric, const uint32_t *edges, const weight *weights, size_t count,
                                 struct error *err)
{
    const struct hierarchy *h = metric->hierarchy;
    struct customization_scratch scratch = {0};
    enum status status = metric_update_check(h, edges, weights, count, err);
    if (status != STATUS_OK) return status;
    uint64_t *dirty = calloc(h->block_count / 64 + 1, sizeof *dirty);
    weight *before = malloc((2 * (size_t)h->block_arcs + 1) * sizeof *before);
    if (!dirty || !before || !customization_scratch_init(&scratch, h)) {
        status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        const uint32_t slot = h->edge_slot[edges[i]];
        if (metric->edge[edges[i]] == weights[i]) continue;
        metric->edge[edges[i]] = weights[i];
        if (slot != NOTHING) mark(dirty, h->block_of[hierarchy_arc_low(h, slot / 2)]);
    }
    for (uint32_t word = 0; word <= h->block_count / 64; word++)
        while (dirty[word]) { /* a block sees only blocks after it */
            const uint32_t block = word * 64 + (uint32_t)__builtin_ctzll(dirty[word]);
            dirty[word] &= dirty[word] - 1;
            if (!refill(metric, &scratch, block, before)) continue;
            for (uint32_t i = h->outer_first[block]; i < h->outer_first[block + 1]; i++) mark(dirty, h->block_of[h->outer[i]]);
        }
done:
    customization_scratch_clear(&scratch);
    free(before);
    free(dirty);
    return status;
}
