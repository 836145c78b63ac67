#include "geo/rtree.h"

#include <stdlib.h>
#include <string.h>

struct header {
    char magic[8];
    uint32_t item_count, fan;
    uint64_t size;
    uint64_t reserved;
};

static const char MAGIC[8] = {'B', 'C', 'R', 'T', 'R', 'E', 'E', '1'};

enum { ITEMS_MAX = 0x7FFFFFFF };

/* ---- layout: header, boxes of all levels, payloads ---- */

/* Fills in the levels and returns the number of boxes. */
static uint64_t layout(uint32_t item_count, struct rtree *tree)
{
    tree->item_count = item_count;
    tree->level_count = 0;
    tree->level_first[0] = 0;
    uint64_t total = 0;
    if (item_count == 0) return 0;
    for (uint64_t n = item_count;; n = (n + RTREE_FAN - 1) / RTREE_FAN) {
        total += n;
        tree->level_first[++tree->level_count] = (uint32_t)total;
        if (n <= RTREE_FAN) return total;
    }
}

static uint64_t block_size(uint64_t box_count, uint64_t item_count)
{
    uint64_t payload_bytes = (item_count * sizeof(uint32_t) + 7) / 8 * 8;
    return sizeof(struct header) + box_count * sizeof(struct box_mm) + payload_bytes;
}

static void attach(struct rtree *tree, const void *data, size_t size, uint64_t box_count)
{
    const unsigned char *bytes = data;
    tree->data = data;
    tree->size = size;
    tree->boxes = (const void *)(bytes + sizeof(struct header));
    tree->payloads = (const void *)(bytes + sizeof(struct header) + box_count * sizeof(struct box_mm));
}

enum status rtree_open(const void *data, size_t size, struct rtree *out, struct error *err)
{
    *out = (struct rtree){0};
    struct header header;
    if (size < sizeof header || ((uintptr_t)data & 7) != 0) goto corrupt;
    memcpy(&header, data, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof MAGIC) != 0 || header.fan != RTREE_FAN || header.item_count > ITEMS_MAX ||
        header.size != size)
        goto corrupt;
    uint64_t box_count = layout(header.item_count, out);
    if (block_size(box_count, header.item_count) != size) goto corrupt;
    attach(out, data, size, box_count);
    return STATUS_OK;
corrupt:
    *out = (struct rtree){0};
    return error_set(err, STATUS_CORRUPT, MESSAGE_INDEX_CORRUPT);
}

void rtree_clear(struct rtree *tree)
{
    free(tree->owned);
    *tree = (struct rtree){0};
}

/* ---- building ---- */

/* Position of (x, y) on the Hilbert curve of order 16; x, y < 65,536. */
static uint32_t hilbert(uint32_t x, uint32_t y)
{
    uint32_t d = 0;
    for (uint32_t s = 1u << 15; s > 0; s >>= 1) {
        uint32_t rx = (x & s) != 0, ry = (y & s) != 0;
        d += s * s * ((3 * rx) ^ ry);
        if (ry == 0) {
            if (rx == 1) {
                x = 0xFFFF - x;
                y = 0xFFFF - y;
            }
            uint32_t swap = x;
            x = y;
            y = swap;
        }
    }
    return d;
}

/* Centre of [low, high] on a scale of 0..65535 over [minimum, maximum]. */
static uint32_t scaled(int32_t low, int32_t high, int32_t minimum, int32_t maximum)
{
    uint64_t twice = (uint64_t)(((int64_t)low - minimum) + ((int64_t)high - minimum));
    uint64_t width = 2 * (uint64_t)((int64_t)maximum - minimum);
    return width == 0 ? 0 : (uint32_t)(twice * 65535 / width);
}

struct keyed {
    uint32_t key, index;
};

/* Stable, so that equal keys keep the caller's order: two passes of 16 bits. */
static bool sort_keyed(struct keyed *items, struct keyed *spare, size_t count)
{
    uint32_t *starts = malloc(65536 * sizeof *starts);
    if (starts == NULL) return false;
    for (int shift = 0; shift < 32; shift += 16) {
        memset(starts, 0, 65536 * sizeof *starts);
        for (size_t i = 0; i < count; i++) starts[items[i].key >> shift & 0xFFFF]++;
        uint32_t sum = 0;
        for (size_t d = 0; d < 65536; d++) {
            uint32_t n = starts[d];
            starts[d] = sum;
            sum += n;
        }
        for (size_t i = 0; i < count; i++) spare[starts[items[i].key >> shift & 0xFFFF]++] = items[i];
        struct keyed *swap = items;
        items = spare;
        spare = swap;
    }
    free(starts);
    return true; /* an even number of passes: the result is in the first array */
}

enum status rtree_build(const struct box_mm *boxes, const uint32_t *payloads, size_t count, struct rtree *out,
                        struct error *err)
{
    *out = (struct rtree){0};
    struct keyed *order = NULL, *spare = NULL;
    unsigned char *block = NULL;
    struct rtree tree = {0};
    enum status status = STATUS_OK;
    if (count > ITEMS_MAX) return error_set(err, STATUS_TOO_LARGE, MESSAGE_TOO_MANY_ITEMS);
    uint64_t box_count = layout((uint32_t)count, &tree);
    uint64_t size = block_size(box_count, count);
    order = malloc((count + 1) * sizeof *order);
    spare = malloc((count + 1) * sizeof *spare);
    block = malloc(size);
    if (order == NULL || spare == NULL || block == NULL) goto no_memory;

    struct box_mm extent = BOX_MM_EMPTY;
    for (size_t i = 0; i < count; i++) extent = box_mm_join(&extent, &boxes[i]);
    for (size_t i = 0; i < count; i++) {
        order[i].index = (uint32_t)i;
        order[i].key = hilbert(scaled(boxes[i].min_x_mm, boxes[i].max_x_mm, extent.min_x_mm, extent.max_x_mm),
                               scaled(boxes[i].min_y_mm, boxes[i].max_y_mm, extent.min_y_mm, extent.max_y_mm));
    }
    if (!sort_keyed(order, spare, count)) goto no_memory;

    struct header header = {.item_count = (uint32_t)count, .fan = RTREE_FAN, .size = size};
    memcpy(header.magic, MAGIC, sizeof MAGIC);
    memcpy(block, &header, sizeof header);
    struct box_mm *nodes = (void *)(block + sizeof header);
    uint32_t *numbers = (void *)(block + sizeof header + box_count * sizeof *nodes);
    for (size_t i = 0; i < count; i++) {
        nodes[i] = boxes[order[i].index];
        numbers[i] = payloads == NULL ? order[i].index : payloads[order[i].index];
    }
    if (count % 2 != 0) numbers[count] = 0; /* the padding is part of the file */
    for (uint32_t level = 1; level < tree.level_count; level++) {
        uint32_t child = tree.level_first[level - 1], children_end = tree.level_first[level];
        for (uint32_t n = tree.level_first[level]; n < tree.level_first[level + 1]; n++) {
            nodes[n] = BOX_MM_EMPTY;
            for (int k = 0; k < RTREE_FAN && child < children_end; k++, child++)
                nodes[n] = box_mm_join(&nodes[n], &nodes[child]);
        }
    }
    attach(&tree, block, size, box_count);
    tree.owned = block;
    block = NULL;
    *out = tree;
    goto done;
no_memory:
    status = error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
done:
    free(order);
    free(spare);
    free(block);
    return status;
}

/* ---- searching ---- */

static uint32_t level_size(const struct rtree *tree, uint32_t level)
{
    return tree->level_first[level + 1] - tree->level_first[level];
}

/* The children of node `index` of `level` are index·16 … in the level below. */
static void children(const struct rtree *tree, uint32_t level, uint32_t index, uint32_t *first, uint32_t *end)
{
    uint32_t size = level_size(tree, level - 1);
    *first = index * RTREE_FAN;
    *end = size - *first < RTREE_FAN ? size : *first + RTREE_FAN;
}

void rtree_cursor_init(struct rtree_cursor *cursor, const struct rtree *tree, const struct box_mm *box)
{
    cursor->tree = tree;
    cursor->box = *box;
    cursor->depth = 0;
    if (tree->item_count == 0) return;
    cursor->depth = 1;
    cursor->stack[0].level = tree->level_count - 1;
    cursor->stack[0].next = 0;
    cursor->stack[0].end = level_size(tree, tree->level_count - 1);
}

bool rtree_cursor_next(struct rtree_cursor *cursor, uint32_t *payload)
{
    const struct rtree *tree = cursor->tree;
    while (cursor->depth > 0) {
        uint32_t top = cursor->depth - 1, level = cursor->stack[top].level;
        const struct box_mm *boxes = tree->boxes + tree->level_first[level];
        uint32_t i = cursor->stack[top].next, end = cursor->stack[top].end;
        while (i < end && !box_mm_intersects(&boxes[i], &cursor->box)) i++;
        cursor->stack[top].next = i + 1;
        if (i >= end) {
            cursor->depth--;
            continue;
        }
        if (level == 0) {
            *payload = tree->payloads[i];
            return true;
        }
        cursor->depth++;
        cursor->stack[top + 1].level = level - 1;
        children(tree, level, i, &cursor->stack[top + 1].next, &cursor->stack[top + 1].end);
    }
    return false;
}

void rtree_search(const struct rtree *tree, const struct box_mm *box, bool (*visit)(void *context, uint32_t payload),
                  void *context)
{
    struct rtree_cursor cursor;
    uint32_t payload;
    rtree_cursor_init(&cursor, tree, box);
    while (rtree_cursor_next(&cursor, &payload))
        if (!visit(context, payload)) return;
}

/* ---- nearest first ---- */

/* At equal keys nodes come before items and items of unknown distance before known ones, so that a tie between
 * items is settled by payload only when all of them are on the heap. */
enum { KIND_NODE, KIND_ITEM, KIND_READY };

struct rtree_heap_entry {
    uint64_t key;
    uint32_t id; /* node index, or payload */
    uint16_t kind, level;
};

void rtree_heap_clear(struct rtree_heap *heap)
{
    free(heap->entries);
    *heap = (struct rtree_heap){0};
}

static bool before(const struct rtree_heap_entry *a, const struct rtree_heap_entry *b)
{
    if (a->key != b->key) return a->key < b->key;
    if (a->kind != b->kind) return a->kind < b->kind;
    return a->id < b->id;
}

static bool heap_push(struct rtree_heap *heap, struct rtree_heap_entry entry)
{
    if (heap->count == heap->capacity) {
        size_t capacity = heap->capacity == 0 ? 256 : heap->capacity * 2;
        struct rtree_heap_entry *grown = realloc(heap->entries, capacity * sizeof *grown);
        if (grown == NULL) return false;
        heap->entries = grown;
        heap->capacity = capacity;
    }
    size_t i = heap->count++;
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!before(&entry, &heap->entries[parent])) break;
        heap->entries[i] = heap->entries[parent];
        i = parent;
    }
    heap->entries[i] = entry;
    return true;
}

static struct rtree_heap_entry heap_pop(struct rtree_heap *heap)
{
    struct rtree_heap_entry least = heap->entries[0], last = heap->entries[--heap->count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= heap->count) break;
        if (child + 1 < heap->count && before(&heap->entries[child + 1], &heap->entries[child])) child++;
        if (!before(&heap->entries[child], &last)) break;
        heap->entries[i] = heap->entries[child];
        i = child;
    }
    if (heap->count > 0) heap->entries[i] = last;
    return least;
}

/* Squared distance of p to a box, or UINT64_MAX when farther than max_mm on one axis (so squares fit). */
static uint64_t box_distance2(const struct box_mm *box, struct point_mm p, int32_t max_mm)
{
    int64_t dx = 0, dy = 0;
    if (p.x_mm < box->min_x_mm) dx = (int64_t)box->min_x_mm - p.x_mm;
    if (p.x_mm > box->max_x_mm) dx = (int64_t)p.x_mm - box->max_x_mm;
    if (p.y_mm < box->min_y_mm) dy = (int64_t)box->min_y_mm - p.y_mm;
    if (p.y_mm > box->max_y_mm) dy = (int64_t)p.y_mm - box->max_y_mm;
    if (dx > max_mm || dy > max_mm) return UINT64_MAX;
    return (uint64_t)(dx * dx) + (uint64_t)(dy * dy);
}

enum status rtree_nearest(const struct rtree *tree, struct point_mm p, int32_t max_mm, struct rtree_heap *heap,
                          uint64_t (*distance2)(void *context, uint32_t payload),
                          bool (*visit)(void *context, uint32_t payload, uint64_t distance2_mm2), void *context,
                          struct error *err)
{
    heap->count = 0;
    if (tree->item_count == 0 || max_mm < 0) return STATUS_OK;
    uint64_t limit = (uint64_t)max_mm * (uint64_t)max_mm;
    uint32_t level = tree->level_count - 1, first = 0, end = level_size(tree, level);
    for (;;) {
        const struct box_mm *boxes = tree->boxes + tree->level_first[level];
        for (uint32_t i = first; i < end; i++) {
            uint64_t key = box_distance2(&boxes[i], p, max_mm);
            if (key > limit) continue;
            struct rtree_heap_entry entry = {key, level == 0 ? tree->payloads[i] : i,
                                             level == 0 ? KIND_ITEM : KIND_NODE, (uint16_t)level};
            if (!heap_push(heap, entry)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        }
        for (;;) {
            if (heap->count == 0) return STATUS_OK;
            struct rtree_heap_entry entry = heap_pop(heap);
            if (entry.kind == KIND_NODE) {
                level = (uint32_t)entry.level - 1;
                children(tree, entry.level, entry.id, &first, &end);
                break;
            }
            if (entry.kind == KIND_READY) {
                if (!visit(context, entry.id, entry.key)) return STATUS_OK;
                continue;
            }
            entry.key = distance2(context, entry.id);
            entry.kind = KIND_READY;
            if (entry.key > limit) continue;
            if (!heap_push(heap, entry)) return error_set(err, STATUS_NO_MEMORY, MESSAGE_NO_MEMORY);
        }
    }
}
