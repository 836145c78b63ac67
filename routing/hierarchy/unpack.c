#include "routing/hierarchy/unpack.h"

#include <assert.h>
#include <stdlib.h>

/* An origin in one word: 0 not yet known; EDGE | edge id; otherwise the two arcs from the middle node, to the lower
 * end (low half) and to the higher end (high half, never 0: arc to the higher end comes after another). */
#define ORIGIN_EDGE ((uint64_t)1 << 63)

bool unpack_list_push(struct unpack_list *list, uint32_t value)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 1024;
        uint32_t *items = realloc(list->items, capacity * sizeof *items);
        if (items == NULL) return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = value;
    return true;
}

static weight slot_weight(const struct metric *metric, uint32_t slot)
{
    return (slot & 1 ? metric->down : metric->up)[slot / 2];
}

/* The edge of least id whose weight is that of the slot, NOTHING if there is none. */
static uint32_t edge_of_slot(const struct metric *metric, uint32_t low, uint32_t slot, weight want)
{
    const struct hierarchy *h = metric->hierarchy;
    for (uint32_t i = h->slot_first[low]; i < h->slot_first[low + 1]; i++) {
        const uint32_t edge = h->slot_edge[i];
        if (h->edge_slot[edge] == slot && metric->edge[edge] == want) return edge;
    }
    return NOTHING;
}

/* The lower triangle with the lowest middle that gives the slot its weight. The candidates are the nodes of the blocks
 * below that see both ends, and the nodes before `low` in its own block. */
static uint64_t triangle_of_slot(const struct metric *metric, uint32_t low, uint32_t slot, weight want)
{
    const struct hierarchy *h = metric->hierarchy;
    const uint32_t high = hierarchy_arc_head(h, low, slot / 2), own = h->block_of[low];
    /* up: low -> middle -> high; down: high -> middle -> low */
    const weight *to_low = slot & 1 ? metric->up : metric->down, *to_high = slot & 1 ? metric->down : metric->up;
    for (uint32_t i = h->lower_first[low]; i < h->lower_first[low + 1]; i++) {
        const uint32_t block = h->lower[i].block, position = h->lower[i].position;
        const uint32_t *outer = h->outer + h->outer_first[block];
        const uint32_t count = h->outer_first[block + 1] - h->outer_first[block];
        if (outer[count - 1] < high) continue;
        uint32_t left = position + 1, right = count;
        while (left < right) {
            uint32_t middle = left + (right - left) / 2;
            if (outer[middle] < high)
                left = middle + 1;
            else
                right = middle;
        }
        if (left == count || outer[left] != high) continue;
        const uint32_t last = h->block_first[block + 1] - 1;
        for (uint32_t v = h->block_first[block]; v <= last; v++) {
            const uint32_t a = h->first_arc[v] + (last - v) + position, b = a - position + left;
            if (to_low[a] + to_high[b] == want) return (uint64_t)b << 32 | a;
        }
    }
    for (uint32_t v = h->block_first[own]; v < low; v++) {
        const uint32_t a = h->first_arc[v] + (low - v - 1), b = a + 1 + (slot / 2 - h->first_arc[low]);
        if (to_low[a] + to_high[b] == want) return (uint64_t)b << 32 | a;
    }
    return 0;
}

static uint64_t find_origin(const struct metric *metric, uint32_t low, uint32_t slot)
{
    const weight want = slot_weight(metric, slot);
    if (low == NOTHING) low = hierarchy_arc_low(metric->hierarchy, slot / 2);
    const uint32_t edge = edge_of_slot(metric, low, slot, want);
    uint64_t origin = edge != NOTHING ? ORIGIN_EDGE | edge : triangle_of_slot(metric, low, slot, want);
    atomic_store_explicit(&metric->origin[slot], origin, memory_order_relaxed);
    return origin;
}

enum status unpack_slot(const struct metric *metric, uint32_t low, uint32_t slot, struct unpack_list *stack,
                        struct unpack_list *edges, struct error *err)
{
    stack->count = 0;
    for (;;) {
        uint64_t origin = atomic_load_explicit(&metric->origin[slot], memory_order_relaxed);
        if (origin == 0) origin = find_origin(metric, low, slot);
        low = NOTHING;
        if (origin & ORIGIN_EDGE) {
            if (!unpack_list_push(edges, (uint32_t)origin)) goto no_memory;
            if (stack->count == 0) return STATUS_OK;
            slot = stack->items[--stack->count];
            continue;
        }
        assert(origin != 0);
        if (origin == 0) return error_set(err, STATUS_INTERNAL, MESSAGE_INTERNAL);
        /* up: down to the middle, then up to the higher end; down: the other way round */
        const uint32_t to_low = (uint32_t)origin * 2, to_high = (uint32_t)(origin >> 32) * 2;
        if (!unpack_list_push(stack, slot & 1 ? to_low : to_high)) goto no_memory;
        slot = slot & 1 ? to_high + 1 : to_low + 1;
    }
no_memory:
    return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
}
