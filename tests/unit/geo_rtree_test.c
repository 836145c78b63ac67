#include "geo/rtree.h"
#include "tests/unit/geo_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct box_mm *random_boxes(size_t count, int32_t extent, int32_t size)
{
    struct box_mm *boxes = malloc((count + 1) * sizeof *boxes);
    assert_non_null(boxes);
    for (size_t i = 0; i < count; i++) {
        int32_t x = random_bits() % extent - extent / 2, y = random_bits() % extent - extent / 2;
        boxes[i] = (struct box_mm){x, y, x + random_bits() % size, y + random_bits() % size};
    }
    return boxes;
}

static const size_t counts[] = {0, 1, 2, 15, 16, 17, 255, 256, 257, 3000};

static void a_search_finds_exactly_what_a_scan_finds(void **state)
{
    (void)state;
    random_seed(3);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t n = counts[c];
        struct box_mm *boxes = random_boxes(n, 100000, 3000);
        uint32_t *payloads = malloc((n + 1) * sizeof *payloads);
        char *seen = malloc(n + 1);
        for (size_t i = 0; i < n; i++) payloads[i] = (uint32_t)(n - 1 - i);
        struct rtree tree;
        assert_int_equal(rtree_build(boxes, payloads, n, &tree, NULL), STATUS_OK);
        for (int q = 0; q < 200; q++) {
            int32_t x = random_bits() % 110000 - 55000, y = random_bits() % 110000 - 55000;
            struct box_mm box = {x, y, x + random_bits() % 20000, y + random_bits() % 20000};
            memset(seen, 0, n + 1);
            struct rtree_cursor cursor;
            uint32_t payload;
            rtree_cursor_init(&cursor, &tree, &box);
            while (rtree_cursor_next(&cursor, &payload)) {
                assert_true(payload < n && !seen[payload]);
                seen[payload] = 1;
            }
            for (size_t i = 0; i < n; i++) assert_int_equal(seen[payloads[i]], box_mm_intersects(&boxes[i], &box));
        }
        rtree_clear(&tree);
        free(seen);
        free(payloads);
        free(boxes);
    }
}

struct tally {
    int found, most;
};

static bool count_up(void *context, uint32_t payload)
{
    struct tally *tally = context;
    (void)payload;
    return ++tally->found < tally->most;
}

static void a_search_stops_when_it_is_told_to(void **state)
{
    (void)state;
    random_seed(6);
    struct box_mm *boxes = random_boxes(500, 1000, 10), all = {-2000, -2000, 2000, 2000}, none = BOX_MM_EMPTY;
    struct rtree tree;
    assert_int_equal(rtree_build(boxes, NULL, 500, &tree, NULL), STATUS_OK);
    struct tally tally = {0, 1000};
    rtree_search(&tree, &all, count_up, &tally);
    assert_int_equal(tally.found, 500);
    tally = (struct tally){0, 7};
    rtree_search(&tree, &all, count_up, &tally);
    assert_int_equal(tally.found, 7);
    tally = (struct tally){0, 1000};
    rtree_search(&tree, &none, count_up, &tally);
    assert_int_equal(tally.found, 0);
    rtree_clear(&tree);
    free(boxes);
}

struct nearest {
    const struct box_mm *boxes;
    struct point_mm p;
    uint64_t found[4000];
    uint32_t ids[4000];
    size_t count, stop;
};

static uint64_t centre_distance2(void *context, uint32_t id)
{
    struct nearest *n = context;
    const struct box_mm *b = &n->boxes[id];
    int64_t dx = (int64_t)n->p.x_mm - (b->min_x_mm + (b->max_x_mm - b->min_x_mm) / 2);
    int64_t dy = (int64_t)n->p.y_mm - (b->min_y_mm + (b->max_y_mm - b->min_y_mm) / 2);
    return (uint64_t)(dx * dx + dy * dy);
}

static bool note(void *context, uint32_t id, uint64_t distance2)
{
    struct nearest *n = context;
    n->found[n->count] = distance2;
    n->ids[n->count++] = id;
    return n->count < n->stop;
}

static int by_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void nearest_items_come_in_order_with_ties_by_number(void **state)
{
    (void)state;
    random_seed(5);
    struct rtree_heap heap = {0};
    static struct nearest n;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        /* a coarse grid, so that there are many ties */
        size_t count = counts[c];
        struct box_mm *boxes = random_boxes(count, 60, 1);
        struct rtree tree;
        assert_int_equal(rtree_build(boxes, NULL, count, &tree, NULL), STATUS_OK);
        for (int q = 0; q < 50; q++) {
            n.boxes = boxes;
            n.p = (struct point_mm){random_bits() % 80 - 40, random_bits() % 80 - 40};
            n.count = 0;
            n.stop = 4000;
            int32_t max = 10 + random_bits() % 60;
            assert_int_equal(rtree_nearest(&tree, n.p, max, &heap, centre_distance2, note, &n, NULL), STATUS_OK);
            uint64_t expected[4000];
            size_t m = 0;
            for (size_t i = 0; i < count; i++) {
                uint64_t d = centre_distance2(&n, (uint32_t)i);
                if (d <= (uint64_t)max * (uint64_t)max) expected[m++] = d;
            }
            qsort(expected, m, sizeof *expected, by_u64);
            assert_int_equal(n.count, m);
            for (size_t i = 0; i < m; i++) {
                assert_int_equal(n.found[i], expected[i]);
                if (i > 0 && n.found[i] == n.found[i - 1]) assert_true(n.ids[i] > n.ids[i - 1]);
            }
            if (m > 3) {
                n.count = 0;
                n.stop = 3;
                assert_int_equal(rtree_nearest(&tree, n.p, max, &heap, centre_distance2, note, &n, NULL), STATUS_OK);
                assert_int_equal(n.count, 3);
            }
        }
        rtree_clear(&tree);
        free(boxes);
    }
    rtree_heap_clear(&heap);
}

static void a_block_opens_again_and_a_damaged_one_is_refused(void **state)
{
    (void)state;
    random_seed(9);
    struct box_mm *boxes = random_boxes(1001, INT32_MAX, 1000);
    struct rtree built, again, opened;
    assert_int_equal(rtree_build(boxes, NULL, 1001, &built, NULL), STATUS_OK);
    assert_int_equal(rtree_build(boxes, NULL, 1001, &again, NULL), STATUS_OK);
    assert_int_equal(built.size, again.size);
    assert_memory_equal(built.data, again.data, built.size);
    assert_int_equal(rtree_open(built.data, built.size, &opened, NULL), STATUS_OK);
    assert_int_equal(opened.item_count, 1001);
    assert_ptr_equal(opened.boxes, built.boxes);
    assert_int_equal(rtree_open(built.data, built.size - 8, &opened, NULL), STATUS_CORRUPT);
    assert_int_equal(rtree_open(built.data, 8, &opened, NULL), STATUS_CORRUPT);
    assert_int_equal(rtree_open((const char *)built.data + 1, built.size - 1, &opened, NULL), STATUS_CORRUPT);
    unsigned char *damaged = malloc(built.size);
    for (size_t at = 0; at < 24; at++) {
        memcpy(damaged, built.data, built.size);
        damaged[at] ^= 0x40;
        assert_int_equal(rtree_open(damaged, built.size, &opened, NULL), STATUS_CORRUPT);
    }
    free(damaged);
    rtree_clear(&built);
    rtree_clear(&again);
    free(boxes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_finds_exactly_what_a_scan_finds),
        cmocka_unit_test(a_search_stops_when_it_is_told_to),
        cmocka_unit_test(nearest_items_come_in_order_with_ties_by_number),
        cmocka_unit_test(a_block_opens_again_and_a_damaged_one_is_refused),
    };
    return cmocka_run_group_tests_name("geo_rtree", tests, NULL, NULL);
}
