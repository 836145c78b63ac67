/* A static, packed R-tree over boxes in the metric plane, each with a number of the caller's.
 *
 * Items are sorted along a Hilbert curve and packed into nodes of 16; the levels follow each other in one block of
 * memory without pointers, which can be written to a file and used again where it is mapped. Building is
 * deterministic: equal items in equal order give equal bytes (little-endian).
 * Source: I. Kamel, C. Faloutsos, "Hilbert R-tree", VLDB 1994 (packed form).
 *
 *   rtree_build(boxes, payloads, count, &tree, &err);
 *   rtree_search(&tree, &box, visit, context);
 *   rtree_clear(&tree);
 *
 * A tree is read-only after building: any number of threads may search it. */
#ifndef GEO_RTREE_H
#define GEO_RTREE_H

#include "geo/base/error.h"
#include "geo/point.h"

enum { RTREE_FAN = 16, RTREE_LEVELS_MAX = 9 };

struct rtree {
    const void *data; /* the block; aligned to 8 bytes */
    size_t size;
    /* views into it */
    const struct box_mm *boxes; /* items first, then each level, the root last */
    const uint32_t *payloads;   /* [item_count] */
    uint32_t item_count, level_count;
    uint32_t level_first[RTREE_LEVELS_MAX + 1]; /* level l is boxes[level_first[l]] .. boxes[level_first[l + 1]] */
    void *owned;                                /* data when built here, NULL when opened */
};

/** Builds a tree of `count` ≥ 0 items (at most 2^31); `payloads` NULL means 0, 1, 2, …. STATUS_TOO_LARGE,
 *  STATUS_NO_MEMORY. O(n log n); about 0.2 s for a million. */
MUST_USE enum status rtree_build(const struct box_mm *boxes, const uint32_t *payloads, size_t count,
                                 struct rtree *out, struct error *err);

/** Uses a block made by rtree_build (`data`, `size`) that the caller keeps alive and unchanged. Header and size are
 *  checked, boxes are not: a damaged block gives wrong answers but never reads outside. STATUS_CORRUPT. O(1). */
MUST_USE enum status rtree_open(const void *data, size_t size, struct rtree *out, struct error *err);

void rtree_clear(struct rtree *tree);

/** Calls `visit` with the payload of every item whose box meets `box`, in the tree's fixed order, until it returns
 *  false. */
void rtree_search(const struct rtree *tree, const struct box_mm *box,
                  bool (*visit)(void *context, uint32_t payload), void *context);

/* The same as a loop:
 *   struct rtree_cursor cursor;
 *   rtree_cursor_init(&cursor, &tree, &box);
 *   while (rtree_cursor_next(&cursor, &payload)) … */
struct rtree_cursor {
    const struct rtree *tree;
    struct box_mm box;
    uint32_t depth;
    struct {
        uint32_t level, next, end;
    } stack[RTREE_LEVELS_MAX + 1];
};

void rtree_cursor_init(struct rtree_cursor *cursor, const struct rtree *tree, const struct box_mm *box);
bool rtree_cursor_next(struct rtree_cursor *cursor, uint32_t *payload);

/* Working memory of rtree_nearest, one per thread, reused; all zero bytes is a valid empty one. */
struct rtree_heap {
    struct rtree_heap_entry *entries;
    size_t count, capacity;
};

void rtree_heap_clear(struct rtree_heap *heap);

/** Visits items in order of their exact squared distance from `p` (ties by payload), nearest first, as far as
 *  `max_mm`, until `visit` returns false.
 *
 *  `distance2` gives the exact squared distance in mm² of the item itself (a road, not its box), never less than its
 *  box's; UINT64_MAX means: leave it out. It is called once for each item whose turn could come.
 *  STATUS_NO_MEMORY. */
MUST_USE enum status rtree_nearest(const struct rtree *tree, struct point_mm p, int32_t max_mm,
                                   struct rtree_heap *heap, uint64_t (*distance2)(void *context, uint32_t payload),
                                   bool (*visit)(void *context, uint32_t payload, uint64_t distance2_mm2),
                                   void *context, struct error *err);

#endif
