#include "routing/hierarchy/hierarchy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The first bytes of a saved hierarchy. The arrays follow in the order of `place_arrays`, each aligned to 8. */
struct header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t node_count, block_count, edge_count, arc_count, outer_count, slot_count, depth, width;
    uint64_t size;
    uint64_t checksum; /* over everything, this field taken as 0 */
};

static const char MAGIC[8] = "BCHIERA";
enum { VERSION = 1, BYTE_ORDER_MARK = 0x01020304 };

_Static_assert(sizeof(struct header) == 64, "the header has no padding");
_Static_assert(sizeof(struct hierarchy_lower) == 8, "two words");

/* Points the arrays into `region` (NULL: only counts) and returns the size of it all. */
static size_t place_arrays(struct hierarchy *h, const void *region)
{
    const size_t n = h->node_count, b = h->block_count, o = h->outer_count, e = h->edge_count, s = h->slot_count;
    size_t offset = sizeof(struct header);
    const struct {
        const uint32_t **array;
        size_t length;
    } plan[] = {
        {&h->rank, n},
        {&h->node, n},
        {&h->first_arc, n + 1},
        {&h->block_of, n},
        {&h->block_first, b + 1},
        {&h->outer_first, b + 1},
        {&h->outer, o},
        {&h->lower_first, n + 1},
        {NULL, 2 * o},
        {&h->edge_head, e},
        {&h->edge_slot, e},
        {&h->slot_first, n + 1},
        {&h->slot_edge, s},
    };
    for (size_t i = 0; i < sizeof plan / sizeof plan[0]; i++) {
        const void *at = region ? (const char *)region + offset : NULL;
        if (plan[i].array)
            *plan[i].array = at;
        else
            h->lower = at;
        offset += (plan[i].length * sizeof(uint32_t) + 7) / 8 * 8;
    }
    return offset;
}

/* Four independent multiply-xor chains over words: catches damage, not malice (the structure is validated as well). */
static uint64_t checksum(const void *region, size_t size)
{
    const uint64_t *word = region;
    const size_t skip = offsetof(struct header, checksum) / sizeof(uint64_t);
    uint64_t lane[4] = {0x9E3779B97F4A7C15u, 0xC2B2AE3D27D4EB4Fu, 0x165667B19E3779F9u, 0x27D4EB2F165667C5u};
    for (size_t i = 0; i < size / sizeof *word; i++) {
        uint64_t value = i == skip ? 0 : word[i];
        lane[i % 4] = (lane[i % 4] ^ value) * 0x9FB21C651E98DF25u;
        lane[i % 4] ^= lane[i % 4] >> 29;
    }
    uint64_t sum = size;
    for (int i = 0; i < 4; i++) sum = ((sum ^ lane[i]) * 0xC2B2AE3D27D4EB4Fu) ^ (sum >> 31);
    return sum;
}

enum status hierarchy_allocate(const struct hierarchy *counts, struct hierarchy **out, struct error *err)
{
    struct hierarchy *h = malloc(sizeof *h);
    if (h == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *h = *counts;
    h->derived = NULL;
    h->memory = calloc(1, place_arrays(h, NULL));
    if (h->memory == NULL) {
        free(h);
        return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    }
    h->region = h->memory;
    place_arrays(h, h->region);
    *out = h;
    return STATUS_OK;
}

void hierarchy_seal(struct hierarchy *h)
{
    struct header *header = h->memory;
    *header = (struct header){
        .version = VERSION,
        .byte_order = BYTE_ORDER_MARK,
        .node_count = h->node_count,
        .block_count = h->block_count,
        .edge_count = h->edge_count,
        .arc_count = h->arc_count,
        .outer_count = h->outer_count,
        .slot_count = h->slot_count,
        .depth = h->depth,
        .width = h->width,
        .size = hierarchy_save_size(h),
    };
    memcpy(header->magic, MAGIC, sizeof header->magic);
    header->checksum = checksum(h->memory, header->size);
}

void hierarchy_free(struct hierarchy *h)
{
    if (h == NULL) return;
    free(h->memory);
    free(h->derived);
    free(h);
}

enum status hierarchy_derive(struct hierarchy *h, struct error *err)
{
    const size_t steps = h->arc_count / HIERARCHY_ARC_STEP + 1;
    uint32_t *derived = malloc((h->block_count + steps) * sizeof *derived);
    if (derived == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    uint32_t *parent = derived, *low = derived + h->block_count, rank = 0;
    h->block_arcs = 0;
    for (uint32_t b = 0; b < h->block_count; b++) {
        const uint32_t arcs = h->first_arc[h->block_first[b + 1]] - h->first_arc[h->block_first[b]];
        parent[b] = h->outer_first[b] < h->outer_first[b + 1] ? h->block_of[h->outer[h->outer_first[b]]] : NOTHING;
        if (arcs > h->block_arcs) h->block_arcs = arcs;
    }
    for (size_t i = 0; i < steps; i++) {
        while (rank + 1 < h->node_count && h->first_arc[rank + 1] <= i * HIERARCHY_ARC_STEP) rank++;
        low[i] = rank;
    }
    h->derived = derived;
    h->block_parent = parent;
    h->arc_low = low;
    return STATUS_OK;
}

size_t hierarchy_save_size(const struct hierarchy *h)
{
    struct hierarchy copy = *h;
    return place_arrays(&copy, NULL);
}

void hierarchy_save(const struct hierarchy *h, void *region)
{
    memcpy(region, h->region, hierarchy_save_size(h));
}

/* first[0] = 0, ascending, first[count] = total */
static bool offsets_valid(const uint32_t *first, size_t count, uint32_t total)
{
    if (first[0] != 0 || first[count] != total) return false;
    for (size_t i = 0; i < count; i++)
        if (first[i] > first[i + 1]) return false;
    return true;
}

static bool blocks_valid(const struct hierarchy *h)
{
    if (!offsets_valid(h->block_first, h->block_count, h->node_count)) return false;
    if (!offsets_valid(h->outer_first, h->block_count, h->outer_count)) return false;
    uint32_t arc = 0, width = 0;
    for (uint32_t b = 0; b < h->block_count; b++) {
        const uint32_t first = h->block_first[b], end = h->block_first[b + 1];
        const uint32_t outer_count = h->outer_first[b + 1] - h->outer_first[b];
        if (first == end) return false;
        for (uint32_t v = first; v < end; v++) {
            uint32_t degree = end - 1 - v + outer_count;
            if (h->block_of[v] != b || h->first_arc[v] != arc || degree > h->arc_count - arc) return false;
            if (degree > width) width = degree;
            arc += degree;
        }
        for (uint32_t i = h->outer_first[b], previous = end - 1; i < h->outer_first[b + 1]; i++) {
            if (h->outer[i] <= previous || h->outer[i] >= h->node_count) return false;
            previous = h->outer[i];
        }
    }
    return arc == h->arc_count && h->first_arc[h->node_count] == arc && width == h->width;
}

/* The defining property: the outer heads of a block, but for its parent, are heads of the parent. Everything above
 * walks that way, and merges lists by it. */
static bool tree_valid(const struct hierarchy *h, uint32_t *depth)
{
    uint32_t deepest = 0;
    for (uint32_t b = h->block_count; b-- > 0;) {
        const uint32_t *outer = h->outer + h->outer_first[b], *outer_end = h->outer + h->outer_first[b + 1];
        depth[b] = h->block_first[b + 1] - h->block_first[b];
        if (outer < outer_end) {
            const uint32_t parent = h->block_of[outer[0]], parent_last = h->block_first[parent + 1] - 1;
            const uint32_t *at = h->outer + h->outer_first[parent], *at_end = h->outer + h->outer_first[parent + 1];
            depth[b] += depth[parent] - (outer[0] - h->block_first[parent]);
            while (outer < outer_end && *outer <= parent_last) outer++;
            for (; outer < outer_end; outer++, at++) {
                while (at < at_end && *at < *outer) at++;
                if (at == at_end || *at != *outer) return false;
            }
        }
        if (depth[b] > deepest) deepest = depth[b];
    }
    return deepest == h->depth;
}

static bool lower_valid(const struct hierarchy *h)
{
    if (!offsets_valid(h->lower_first, h->node_count, h->outer_count)) return false;
    for (uint32_t v = 0; v < h->node_count; v++)
        for (uint32_t i = h->lower_first[v]; i < h->lower_first[v + 1]; i++) {
            const struct hierarchy_lower *lower = &h->lower[i];
            if (lower->block >= h->block_count || (i > h->lower_first[v] && lower[-1].block >= lower->block))
                return false;
            const uint32_t first = h->outer_first[lower->block], count = h->outer_first[lower->block + 1] - first;
            if (lower->position >= count || h->outer[first + lower->position] != v) return false;
        }
    return true;
}

static bool edges_valid(const struct hierarchy *h)
{
    if (!offsets_valid(h->slot_first, h->node_count, h->slot_count)) return false;
    uint32_t loops = 0;
    for (uint32_t e = 0; e < h->edge_count; e++) {
        if (h->edge_head[e] >= h->node_count) return false;
        if (h->edge_slot[e] == NOTHING)
            loops++;
        else if (h->edge_slot[e] / 2 >= h->arc_count)
            return false;
    }
    if (loops + h->slot_count != h->edge_count) return false;
    for (uint32_t v = 0; v < h->node_count; v++)
        for (uint32_t i = h->slot_first[v]; i < h->slot_first[v + 1]; i++) {
            if (h->slot_edge[i] >= h->edge_count) return false;
            const uint32_t slot = h->edge_slot[h->slot_edge[i]];
            if (slot == NOTHING || slot / 2 < h->first_arc[v] || slot / 2 >= h->first_arc[v + 1]) return false;
            const uint32_t high = hierarchy_arc_head(h, v, slot / 2);
            if (h->rank[h->edge_head[h->slot_edge[i]]] != (slot & 1 ? v : high)) return false;
            if (i == h->slot_first[v]) continue;
            const uint32_t before = h->edge_slot[h->slot_edge[i - 1]];
            if (before > slot || (before == slot && h->slot_edge[i - 1] >= h->slot_edge[i])) return false;
        }
    return true;
}

static enum status corrupt(struct error *err, const char *what)
{
    return error_set(err, STATUS_CORRUPT, MESSAGE_HIERARCHY_CORRUPT, what);
}

static enum status validate(const struct hierarchy *h, struct error *err)
{
    for (uint32_t r = 0; r < h->node_count; r++)
        if (h->node[r] >= h->node_count || h->rank[h->node[r]] != r) return corrupt(err, "rank");
    if (!blocks_valid(h)) return corrupt(err, "block");
    uint32_t *depth = malloc(((size_t)h->block_count + 1) * sizeof *depth);
    if (depth == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    bool valid = tree_valid(h, depth);
    free(depth);
    if (!valid) return corrupt(err, "tree");
    if (!lower_valid(h)) return corrupt(err, "lower");
    if (!edges_valid(h)) return corrupt(err, "edge");
    return STATUS_OK;
}

enum status hierarchy_open(const void *region, size_t size, struct hierarchy **out, struct error *err)
{
    const struct header *header = region;
    if (size < sizeof *header || (uintptr_t)region % 8 != 0) return corrupt(err, "size");
    if (memcmp(header->magic, MAGIC, sizeof MAGIC) != 0 || header->byte_order != BYTE_ORDER_MARK)
        return corrupt(err, "magic");
    if (header->version != VERSION) return corrupt(err, "version");
    if (header->node_count > DIGRAPH_NODES_MAX || header->edge_count > DIGRAPH_EDGES_MAX ||
        header->arc_count > DIGRAPH_EDGES_MAX || header->outer_count > header->arc_count ||
        header->block_count > header->node_count || header->slot_count > header->edge_count)
        return corrupt(err, "counts");
    struct hierarchy *h = malloc(sizeof *h);
    if (h == NULL) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
    *h = (struct hierarchy){
        .node_count = header->node_count,
        .block_count = header->block_count,
        .edge_count = header->edge_count,
        .arc_count = header->arc_count,
        .outer_count = header->outer_count,
        .slot_count = header->slot_count,
        .depth = header->depth,
        .width = header->width,
        .region = region,
    };
    enum status status;
    if (place_arrays(h, region) != size || header->size != size)
        status = corrupt(err, "size");
    else if (checksum(region, size) != header->checksum)
        status = corrupt(err, "checksum");
    else
        status = validate(h, err);
    if (status == STATUS_OK) status = hierarchy_derive(h, err);
    if (status != STATUS_OK) {
        hierarchy_free(h);
        return status;
    }
    *out = h;
    return STATUS_OK;
}

uint32_t hierarchy_arc_find(const struct hierarchy *h, uint32_t low, uint32_t high)
{
    const uint32_t block = h->block_of[low], last = h->block_first[block + 1] - 1;
    if (high <= low) return NOTHING;
    if (high <= last) return h->first_arc[low] + (high - low - 1);
    const uint32_t *outer = h->outer + h->outer_first[block];
    uint32_t left = 0, right = h->outer_first[block + 1] - h->outer_first[block];
    const uint32_t count = right;
    while (left < right) {
        uint32_t middle = left + (right - left) / 2;
        if (outer[middle] < high)
            left = middle + 1;
        else
            right = middle;
    }
    return left < count && outer[left] == high ? h->first_arc[low] + (last - low) + left : NOTHING;
}
